"""A class of unit 02 for the tests of grading: released once, its submissions made from the solution."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from errno import EACCES
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from convcourse.grading.grade import Result, grade
from convcourse.grading.release import release
from convcourse.grading.submission import grade_id
from convcourse.grading.task import Judged, Task, grade_task
from convcourse.sandbox.cheap_models import make_models_cheap
from convcourse.sandbox.client import why_no_sandbox
from convcourse.settings import COURSE, SOLUTIONS
from tests.made_once import made_once

UNIT, POINTS = "02_convolution_1d", 15
os.environ["CONVCOURSE_OFFLINE"] = "1"  # unit 17 would fetch 528 MB where there is a connection
if "PYTEST_XDIST_WORKER" in os.environ:  # a core for each worker: their threads would only wait for each other
    for threads in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[threads] = "1"
needs_sandbox = pytest.mark.skipif(bool(why_no_sandbox()), reason=why_no_sandbox())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of an exercise one after the other: they share its cases and its oracle, which are worked out once."""
    places: dict[tuple[str, str], int] = {}

    def place(item: pytest.Item) -> int:
        asked = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        shared = asked["exercise"].name if "exercise" in asked else ""
        return places.setdefault((item.path.stem, shared), len(places))

    items.sort(key=place)


def judged_once(tasks: Iterable[Task]) -> Iterator[tuple[Task, Judged]]:
    """Grade with this in the place of workers where all submissions are the same: one is judged."""
    judged = None
    for task in tasks:
        judged = judged or grade_task(task)
        yield task, judged


@pytest.fixture
def cheap_models(monkeypatch) -> None:
    """Models cost as little as in a room: most of those that a test builds are never run."""
    from keras.src.backend.tensorflow.core import Variable
    from keras.src.backend.tensorflow.trackable import KerasAutoTrackable

    monkeypatch.setattr(KerasAutoTrackable, "__setattr__", KerasAutoTrackable.__setattr__)
    monkeypatch.setattr(Variable, "_initialize_with_initializer", Variable._initialize_with_initializer)  # put back at the end
    make_models_cheap()


@pytest.fixture(scope="session")
def book_and_cache(tmp_path_factory) -> Path:
    """The folders `book`, the whole book with unit 02, and `executed`, the notebook behind it. Only to be looked at."""
    from convcourse.authoring.book.write import write_site

    def write(folder: Path) -> None:
        write_site(folder / "book", [UNIT], say=lambda _: None, cache=folder / "executed")

    return made_once(tmp_path_factory, "site", write)


@pytest.fixture(scope="session")
def book(book_and_cache) -> Path:
    return book_and_cache / "book"


@pytest.fixture(scope="session")
def released(tmp_path_factory) -> Path:
    """A class in which unit 02 is released, and nobody is. Only to be copied: a release takes seconds."""
    root = tmp_path_factory.mktemp("released")
    release(root, UNIT)
    return root


@pytest.fixture(scope="session")
def classroom(tmp_path_factory, released) -> Path:
    """A class in which unit 02 is released; tests use students of their own."""
    root = tmp_path_factory.mktemp("class")
    shutil.copy(released / "gradebook.db", root)
    return root


@pytest.fixture
def empty_class(tmp_path, released) -> Path:
    """A class of the test's own, in which unit 02 is released."""
    shutil.copy(released / "gradebook.db", tmp_path)
    return tmp_path


@pytest.fixture
def solved() -> NotebookNode:
    return nbformat.read(SOLUTIONS / UNIT / f"{UNIT}.ipynb", as_version=4)


@pytest.fixture
def blank() -> NotebookNode:
    return nbformat.read(COURSE / UNIT / f"{UNIT}.ipynb", as_version=4)


@pytest.fixture
def grade_notebook(classroom) -> Callable[..., Result]:
    """Hand a notebook (or raw text) in for a student, and grade it."""

    def hand_in(student: str, notebook: NotebookNode | str, seed: int | None = None) -> Result:
        path = classroom / "submitted" / student / UNIT / f"{UNIT}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook if isinstance(notebook, str) else nbformat.writes(notebook), encoding="utf-8")
        return next(grade(classroom, UNIT, [student], seed, again=True))

    return hand_in


@pytest.fixture
def lock(monkeypatch) -> Callable[[Path], None]:
    """Let nobody open a file any more, root neither."""
    opened, locked = Path.open, set()

    def open_unless_locked(self: Path, *arguments, **named):
        if self in locked:
            raise PermissionError(EACCES, os.strerror(EACCES), str(self))
        return opened(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", open_unless_locked)
    return locked.add


def answer_cell(notebook: NotebookNode, name: str) -> NotebookNode:
    """The cell in which a student answers the exercise `name`."""
    return cell_with_grade_id(notebook, f"answer_{name}")


def cell_with_grade_id(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if grade_id(cell) == name)
