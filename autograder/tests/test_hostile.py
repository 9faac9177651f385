"""The hostile class: each file in hostile/ is a cell added to a blank notebook. None earns a point, harms another, or stays."""

from __future__ import annotations

import contextlib
import time
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbgrader.apps.api import NbGraderAPI

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.check import visible_cases
from convcourse.exercises import find_exercise
from convcourse.grading import judge, running_notebook
from convcourse.grading.course import course_config
from convcourse.grading.feedback_pages import write_feedback
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook
from convcourse.grading.judge import judge_notebook
from convcourse.grading.table import remarks
from convcourse.grading.task import grade_task
from convcourse.grading.this_machine import on_workers
from convcourse.sandbox.client import why_no_sandbox
from convcourse.sandbox.room import _servers, room_maker
from convcourse.sandbox.users_and_sockets import FIRST_USER, USERS
from tests.conftest import POINTS, UNIT, answer_cell, cell_with_grade_id
from tests.families import members

CELLS = sorted(Path(__file__).with_name("hostile").glob("*.py"))
HOSTILE = {path.stem: path for path in CELLS}
# Those of a hostile class: some that need no time, and all.
QUICK = ("crash", "forged_frames", "forged_model", "gradebook_written", "kernel_patched", "oracle_imported", "sys_exit")
CLASSES = {"some": QUICK, "all": tuple(HOSTILE)}
CELL_SECONDS, NOTEBOOK_SECONDS = 2.0, 3.0
HANGS = 120  # seconds by the clock, which a busy machine does not take for the seconds of computing
# Once, each fork answered and took requests in the place of the process that it came from.
PROCESSES = {
    "one": "os.fork()",
    "without end": "while True:\n    os.fork()",
    "behind": "if os.fork() == 0:\n    while True:\n        os.fork()",
    "slowly behind": "if os.fork() == 0:\n    while True:\n        os.fork(); time.sleep(0.02)",
    "at work": "for _ in range(50):\n    if os.fork() == 0:\n        while True: pass",
    "threads": "while True:\n    threading.Thread(target=time.sleep, args=(600,)).start()",
}

pytestmark = pytest.mark.skipif(bool(why_no_sandbox()), reason=why_no_sandbox() or "-")


@pytest.fixture(autouse=True)
def short_limits(monkeypatch):
    room_maker()  # the server's start is not the hostile cell's time
    monkeypatch.setattr(running_notebook, "CELL_SECONDS", CELL_SECONDS)
    monkeypatch.setattr(judge, "NOTEBOOK_SECONDS", NOTEBOOK_SECONDS)


def with_cell(notebook, source):
    """The notebook with a cell added behind the first answer."""
    place = notebook.cells.index(answer_cell(notebook, "conv1d_full"))
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(source))
    return notebook


def test_there_are_enough_of_them():
    assert len(CELLS) >= 60
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in CELLS)


@pytest.mark.parametrize("path", CELLS, ids=lambda path: path.stem)
def test_a_hostile_cell_earns_nothing_and_ends_in_time(path, blank, grade_notebook):
    start = time.monotonic()
    result = grade_notebook(f"hostile-{path.stem}", with_cell(blank, path.read_text(encoding="utf-8")))
    assert time.monotonic() - start < HANGS
    assert (result.state, result.score) == ("graded", 0)
    assert result.notes or "wrong" in {exercise.status for exercise in result.exercises.values()}, "nobody is told"


def test_honest_work_is_not_worth_a_look(solved, grade_notebook):
    assert grade_notebook("honest", solved).notes == ()


@pytest.fixture(params=members(CLASSES, always=("some",)))
def hostile_class(request, empty_class, solved, blank):
    """A class of hostile students, and an honest one among them."""
    names = CLASSES[request.param]
    notebooks = {name: with_cell(nbformat.from_dict(blank), HOSTILE[name].read_text(encoding="utf-8")) for name in names}
    for name, notebook in {**notebooks, "honest": solved}.items():
        folder = empty_class / "submitted" / name / UNIT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{UNIT}.ipynb")
    return empty_class, {**dict.fromkeys(names, 0.0), "honest": POINTS}


def test_stock_nbgrader_grades_the_hostile_class(hostile_class):
    root, expected = hostile_class
    for name in expected:
        with quiet_log() as said:
            assert NbGraderAPI(config=course_config(root)).autograde(UNIT, name)["success"], said.getvalue()
    with gradebook(root) as book:
        assert {name: book.find_submission(UNIT, name).score for name in expected} == expected


def test_workers_grade_the_hostile_class(hostile_class):
    root, expected = hostile_class
    results = list(grade(root, UNIT, sorted(expected), workers=partial(on_workers, 2, work=graded_in_short)))
    assert {result.student: result.score for result in results} == expected


def graded_in_short(task):
    """The work of a worker, a process of its own, under the limits of these tests."""
    running_notebook.CELL_SECONDS, judge.NOTEBOOK_SECONDS = CELL_SECONDS, NOTEBOOK_SECONDS
    return grade_task(task)


def test_what_is_replaced_is_named_wherever_it_was_imported(blank, grade_notebook):
    result = grade_notebook("np-patched", with_cell(blank, "np.allclose = lambda *_, **__: True"))
    assert "replaces np.allclose" in result.notes[0]
    assert remarks(result)[0] == "no exercise was begun"


@pytest.mark.parametrize("path", CELLS, ids=lambda path: path.stem)
def test_a_hostile_cell_takes_nothing_from_what_comes_after_it(path, solved, grade_notebook):
    """In a solved notebook the same cell may cost its author points, but the next student's work is graded as ever."""
    grade_notebook("villain", with_cell(nbformat.from_dict(solved), path.read_text(encoding="utf-8")))
    assert grade_notebook("neighbour", solved).score == POINTS


@pytest.mark.parametrize("source", PROCESSES.values(), ids=PROCESSES)
def test_processes_that_a_cell_leaves_take_nothing_from_the_cells_after_it(source, solved):
    notebook = with_cell(solved, f"import os, threading, time\n{source}")
    judge_notebook(notebook, room_maker(), seed=1, seconds=120)
    judged = [cell.metadata["convcourse"]["status"] for cell in notebook.cells if "status" in cell.metadata.get("convcourse", {})]
    assert judged == ["passed"] * 10
    place = 1 + notebook.cells.index(answer_cell(notebook, "conv1d_full")) + 1
    assert all(note.startswith(f"cell {place}: ") for note in notebook.metadata["convcourse"]["notes"])


def test_nothing_is_left_running_or_lying_about(grade_notebook, classroom, solved, blank):
    grade_notebook("leaver", with_cell(blank, (Path(__file__).with_name("hostile") / "detached_process.py").read_text()))
    last_used = _servers[0].opened - 1  # behind it stands a spare
    user, deadline = FIRST_USER + last_used % USERS, time.monotonic() + HANGS
    while user in users_of_processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert user not in users_of_processes()
    with gradebook(classroom) as book:
        assert not [grade for grade in book.db.query(_grade_table()) if grade.extra_credit]
    assert not list(Path("/tmp").glob("02_convolution_1d.ipynb"))


def users_of_processes():
    """The users of all processes of this machine."""
    users = set()
    for path in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):  # it may end while we read
            users.add(int(path.read_text().split("Uid:")[1].split()[0]))
    return users


def _grade_table():
    from nbgrader.api import Grade

    return Grade


def test_what_the_cells_print_together_is_cut(grade_notebook, classroom, blank):
    for _ in range(40):
        blank = with_cell(blank, "for _ in range(38): display('x' * 99_990)")
    result = grade_notebook("muchdisplayed", blank)
    assert "its cells printed more than 2,000,000 characters; the rest was left out" in result.notes
    assert (classroom / "autograded" / "muchdisplayed" / UNIT / f"{UNIT}.ipynb").stat().st_size < 3e6


def test_an_error_behind_many_outputs_is_not_lost(grade_notebook, solved):
    answer_cell(solved, "delta").source = "for _ in range(200): display(1)\nraise ValueError('here')"
    result = grade_notebook("manyoutputs", solved)
    assert "stopped with ValueError: here" in result.exercises["delta"].remark


def test_feedback_carries_no_script_of_a_student(grade_notebook, classroom, blank):
    script = "<script>alert('pwned')</script> <img src=x onerror=alert('pwned')> [link](javascript:alert('pwned'))"
    cell = (Path(__file__).with_name("hostile") / "markup_in_output.py").read_text()
    notebook = with_cell(blank, cell)
    notebook.cells.append(nbformat.v4.new_markdown_cell(script))
    notebook.cells.append(nbformat.v4.new_raw_cell(script, metadata={"raw_mimetype": "text/html"}))
    grade_notebook("scripter", notebook)
    page = write_feedback(classroom, UNIT, "scripter").read_text(encoding="utf-8")
    assert "alert(" in page  # what was written is shown, as text
    for live in ("<script>alert", "<img src=x", "<iframe", 'href="javascript:', "href='javascript:"):
        assert live not in page


def test_a_known_answer_for_the_visible_cases_only_gets_no_points_and_no_hidden_case(grade_notebook, classroom, blank):
    seen = [tuple(case.arguments.values()) for case in visible_cases(find_exercise("delta"))]
    cell_with_grade_id(blank, "answer_delta").source = (
        f"def delta(length, place):\n    if (length, place) in {seen!r}:\n        return np.eye(length)[place]\n"
        "    raise ValueError(f'HIDDEN {length} {place}')"
    )
    assert grade_notebook("peeker", blank, seed=3).score == 0
    page = write_feedback(classroom, UNIT, "peeker").read_text(encoding="utf-8")
    assert "The visible examples pass" in page
    assert "stopped with ValueError: HIDDEN" not in page


def test_no_cell_sees_a_hidden_case(grade_notebook, classroom, solved):
    """Whatever the functions remember of their calls, a cell behind the check can print the visible cases only."""
    delta = answer_cell(solved, "delta")
    delta.source = "SEEN = []\n" + delta.source.replace("    kernel = ", "    SEEN.append((length, place))\n    kernel = ")
    shift = answer_cell(solved, "shift")
    shift.source = "def shift(signal, steps):\n    raise ValueError(f'told {len(SEEN)}')"
    solved.cells.append(nbformat.v4.new_code_cell("print('printed', len(SEEN))"))
    assert grade_notebook("reporter", solved).exercises["delta"].score == 1
    page = write_feedback(classroom, UNIT, "reporter").read_text(encoding="utf-8")
    visible = len(visible_cases(find_exercise("delta")))
    assert f"printed {visible}" in page
    assert f"told {visible}" in page
