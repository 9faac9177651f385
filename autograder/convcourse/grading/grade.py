"""Grade a unit: every submission on its own, so that a bad one costs nobody else anything."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import is_grade

from convcourse.grading.attempts import worth_a_look
from convcourse.grading.course import course_config
from convcourse.grading.gradebook import gradebook, is_released, known_students, record, timestamp_of
from convcourse.grading.judge import fresh_seed, judge_notebook
from convcourse.grading.rebuild import locked_sources, rebuild, released_notebook
from convcourse.grading.submission import Unreadable, read_submission
from convcourse.sandbox.room import Room, room_maker


@dataclass(frozen=True)
class ExerciseResult:
    """One graded cell: points, and what the judge noted (empty for plain assert cells)."""

    score: float
    max_score: float
    status: str = ""
    mistake: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one student's submission.

    state: "graded", "unreadable", "failed" (nbgrader gave up) or "missing".
    notes: one line each for the instructor.
    """

    student: str
    unit: str
    state: str
    score: float | None = None
    max_score: float | None = None
    seconds_late: float = 0.0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    exercises: dict[str, ExerciseResult] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class NotReleased(LookupError):
    """The unit is not in this class's gradebook."""


def students_to_grade(root: Path, unit: str) -> list[str]:
    """Students in the class list, and those with a folder in submitted/. Raises NotReleased."""
    if not is_released(root, unit):
        raise NotReleased(f"{unit} has not been released to this class: run `convcourse release {unit}` first")
    submitted = {path.parent.name for path in (root / "submitted").glob(f"*/{unit}")}
    return sorted(known_students(root) | submitted)


def grade(root: Path, unit: str, students: list[str], seed: int | None = None) -> Iterator[Result]:
    """Grade these students one after the other, yielding each result as it is reached.

    seed: of the hidden cases; drawn anew for each student unless given.
    """
    open_room = room_maker()
    config = course_config(root)
    release = released_notebook(unit, root / config.CourseDirectory.release_directory)
    penalties = AssignLatePenalties(config=config)
    with gradebook(root) as book:
        hidden = locked_sources(book, unit, unit)
        for student in students:
            start = perf_counter()
            try:
                result = _grade_one(book, root, unit, student, release, hidden, open_room, fresh_seed() if seed is None else seed)
                if result.seconds_late > 0:
                    names = {"student": student, "assignment": unit, "notebook": unit, "db_url": config.CourseDirectory.db_url}
                    penalties.preprocess(new_notebook(), {"nbgrader": names})
            except Exception as error:  # one student's trouble must never stop the class
                book.db.rollback()
                note = f"could not be graded ({type(error).__name__}: {error}); please report this"
                result = Result(student, unit, "failed", notes=(note,))
            yield replace(result, seconds=perf_counter() - start)


def _grade_one(
    book: Gradebook,
    root: Path,
    unit: str,
    student: str,
    release: NotebookNode,
    hidden: Mapping[str, str],
    open_room: Callable[[], Room],
    seed: int,
) -> Result:
    path = root / "submitted" / student / unit / f"{unit}.ipynb"
    if not path.exists():
        others = sorted(p.name for p in path.parent.glob("*")) if path.parent.exists() else []
        note = f"no {unit}.ipynb among {', '.join(others)}: run `convcourse collect`" if others else "nothing submitted"
        return Result(student, unit, "missing", notes=(note,))
    try:
        submitted = read_submission(path)
    except Unreadable as error:
        return Result(student, unit, "unreadable", notes=(str(error),))
    notebook, _ = rebuild(submitted, release, hidden)
    judge_notebook(notebook, open_room, seed)
    notebook.metadata["convcourse"]["notes"].extend(worth_a_look(notebook, release))
    folder = root / "autograded" / student / unit
    _write_autograded(notebook, folder, path.parent / "timestamp.txt")
    submission = record(book, unit, student, notebook, timestamp_of(folder / "timestamp.txt"))
    return _result(submission, notebook)


def _write_autograded(notebook: NotebookNode, folder: Path, timestamp: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{folder.name}.ipynb")
    if timestamp.exists():
        shutil.copy(timestamp, folder)


def _result(submission: SubmittedAssignment, notebook: NotebookNode) -> Result:
    """The scores as the gradebook has them, with what the judge noted."""
    judged = {c.metadata.nbgrader["grade_id"]: c.metadata.get("convcourse", {}) for c in notebook.cells if is_grade(c)}
    grades = {grade.name: grade for part in submission.notebooks for grade in part.grades}
    exercises = {
        name: ExerciseResult(
            score=grades[name].score,
            max_score=grades[name].max_score,
            **{key: judged[name].get(key, "") for key in ("status", "mistake", "remark")},
        )
        for name in judged
    }
    return Result(
        submission.student.id,
        submission.assignment.name,
        "graded",
        score=sum(e.score for e in exercises.values()),
        max_score=sum(e.max_score for e in exercises.values()),
        seconds_late=submission.total_seconds_late,
        notes=tuple(notebook.metadata["convcourse"]["notes"]),
        exercises=exercises,
    )
