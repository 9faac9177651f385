"""Student code never sees the class's folder, wherever it lies."""

import ast
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import jupytext
import pytest

from convcourse.exercises import UNITS
from convcourse.grading.grade import grade
from convcourse.grading.task import Task, grade_task
from convcourse.grading.version import course_version
from convcourse.sandbox import sight
from convcourse.sandbox.room import room_maker
from convcourse.sandbox.sight import HIDDEN, PACKAGE, SHOWN, InSight, needed_places, refuse_in_sight
from convcourse.settings import SOLUTIONS
from tests.conftest import UNIT, needs_sandbox


@pytest.fixture(params=["/opt", "/usr/local", "/usr/share", "/srv", "/home", str(Path.home())])
def class_elsewhere(request):
    """A class's folder with a gradebook, in a place where classes are kept."""
    root = Path(request.param, f"class-{uuid4().hex}")
    try:
        root.mkdir()
    except OSError as error:
        pytest.skip(f"{root}: {error.strerror}")
    root.chmod(0o777)
    (root / "gradebook.db").write_text("Ada: 12")
    (root / "gradebook.db").chmod(0o666)
    yield root
    shutil.rmtree(root)


@needs_sandbox
def test_a_room_does_not_see_the_class(class_elsewhere):
    refuse_in_sight(class_elsewhere)
    room = room_maker()()
    try:
        outputs, trouble = room.run(f"open({str(class_elsewhere / 'gradebook.db')!r}).read()", 20)
        assert (trouble, outputs[-1].get("ename")) == ("", "FileNotFoundError")
    finally:
        room.close()


def imported_at_once(nodes):
    """What code imports as soon as it runs: not in its functions, and not for types only."""
    for node in nodes:
        if isinstance(node, ast.With | ast.Try):
            yield from imported_at_once(node.body)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def files_needed(source, found):
    """The package's files that some code needs, and that those need."""
    for name in imported_at_once(ast.parse(source).body):
        place = PACKAGE.parent.joinpath(*name.split("."))
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.exists() and file not in found:
                found.add(file)
                files_needed(file.read_text(encoding="utf-8"), found)
    return found


@pytest.mark.parametrize("unit", UNITS)
def test_a_set_up_cell_needs_nothing_that_a_room_hides(unit):
    cells = jupytext.read(SOLUTIONS / unit / f"{unit}.py").cells
    source = next(cell.source for cell in cells if "setup" in cell.metadata)
    files = {file.relative_to(PACKAGE).as_posix() for file in files_needed(source, set())}
    assert "check.py" in files
    assert [file for file in files if file.split("/")[0] in HIDDEN and file not in SHOWN] == []


def test_a_class_in_sight_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "lib" / "class").mkdir(parents=True)
    with pytest.raises(InSight, match=r"lib/class lies in .*lib, which student code can read: move the class"):
        next(grade(tmp_path / "lib" / "class", UNIT, ["ada"]))
    refuse_in_sight(tmp_path)  # beside what Python needs nothing is seen


def test_a_class_that_links_into_what_is_seen_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sight, "SYSTEM", (tmp_path / "system",))
    (tmp_path / "system" / "submitted").mkdir(parents=True)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "submitted").symlink_to(tmp_path / "system" / "submitted")
    with pytest.raises(InSight, match="class/submitted lies in"):
        refuse_in_sight(tmp_path / "class")


def test_no_needed_place_lies_in_another():
    places = needed_places()
    assert not [place for place in places for other in places if place != other and place.is_relative_to(other)]
    assert not {Path("/usr"), Path("/usr/local"), Path("/opt"), Path.home()} & set(places)


def test_a_worker_that_sees_the_class_grades_nothing(tmp_path, monkeypatch):
    """On a shared disk a worker's Python may lie around the class, and the head's beside it."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "lib" / "class").mkdir(parents=True)
    version = course_version(UNIT)
    task = Task("ada", UNIT, b"", "", {}, 1, version, root=str(tmp_path / "lib" / "class"))
    judged = grade_task(task)
    assert (judged.state, "student code can read: move the class" in judged.note) == ("no machine", True)
    assert grade_task(replace(task, root=str(tmp_path / "not here"))).state != "no machine"
