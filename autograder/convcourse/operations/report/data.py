"""The data of a unit's report: all results that grading has stored. This module grades nothing.

The gradebook has the scores that count, autograded/ the answers and the judge's notes, and reports/UNIT/ the seconds.
So the report includes work that stock nbgrader or the Formgrader has graded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade, is_solution

from convcourse.authoring.own_course import own_unit
from convcourse.grading.class_folder import TIMESTAMP, ClassFolder, notebook_in
from convcourse.grading.course import course_config
from convcourse.grading.grade import students_to_grade
from convcourse.grading.gradebook import gradebook
from convcourse.grading.groups import groups_of
from convcourse.grading.rebuild import released_text
from convcourse.grading.remembered import Remembered, remembered
from convcourse.grading.result import ExerciseResult, Result
from convcourse.grading.submission import Unreadable, grade_id, read_submission
from convcourse.grading.table import condensed
from convcourse.grading.unusual_code import worth_a_look
from convcourse.judging.exercise import Exercise
from convcourse.operations.report.scores import Paper, Score, papers, shares_elsewhere, unit_scores
from convcourse.texts import clean, lines, text_of

OUTCOMES = ("right", "partly", "wrong", "not done", "to mark")


@dataclass(frozen=True)
class Asked:
    """A graded cell of the unit. exercise: None for plain assert cells, and for answers that people mark.

    answer: grade id of its answer cell. blank: that cell as released.
    published: that cell in the solved notebook, if there is one.
    """

    name: str
    max_score: float
    answer: str
    blank: str
    published: str
    exercise: Exercise | None

    @property
    def title(self) -> str:
        return self.exercise.title if self.exercise else "a test cell of your own"


@dataclass(frozen=True)
class Handed:
    """A student's work on the unit. result.state may also be "not graded"; result.score is without the penalty.

    answers: exercise -> source of its answer cell. seconds: time of grading, None if it was not stored.
    waiting: exercises that wait for manual points. changed: handed in again since the last grading.
    elsewhere: the student's share of the points in the other units, None if none of them is graded.
    """

    result: Result
    answers: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    penalty: float = 0.0
    waiting: tuple[str, ...] = ()
    changed: bool = False
    elsewhere: float | None = None

    @property
    def student(self) -> str:
        return self.result.student

    @property
    def graded(self) -> bool:
        return self.result.state == "graded"

    @property
    def points(self) -> float:
        """The points that count, as `convcourse export` gives them."""
        return max(0.0, (self.result.score or 0.0) - self.penalty)


@dataclass(frozen=True)
class Unit:
    """A unit as the class did it. feedback: students who have a feedback page. groups: who hand in together."""

    name: str
    asked: tuple[Asked, ...]
    handed: tuple[Handed, ...]
    feedback: frozenset[str]
    groups: tuple[frozenset[str], ...] = ()

    @property
    def max_score(self) -> float:
        return sum(asked.max_score for asked in self.asked)

    @property
    def graded(self) -> list[Handed]:
        return [handed for handed in self.handed if handed.graded]


def outcome(asked: Asked, handed: Handed) -> str:
    """One of OUTCOMES. A cell without a note of the judge is not done if its answer is unchanged."""
    exercise = handed.result.exercises[asked.name]
    if exercise.score >= asked.max_score:
        return "right"
    if exercise.score > 0:
        return "partly"
    if asked.name in handed.waiting:
        return "to mark"
    untouched = handed.answers.get(asked.name, "").strip() == asked.blank.strip()
    return "not done" if exercise.status == "not done" or (not exercise.status and untouched) else "wrong"


def read_unit(root: Path, unit: str) -> Unit:
    """All data on a unit in the class in `root`. Raises NotReleased."""
    students = students_to_grade(root, unit)
    config = course_config(root).CourseDirectory
    release = nbformat.v4.reads(released_text(unit, root / config.release_directory))
    solved = _graded_notebook(root / config.source_directory / unit / f"{unit}.ipynb")
    memory = remembered(root, unit)
    with gradebook(root) as book:
        asked = _asked(root, unit, book, release, solved)
        scores, dates, elsewhere = unit_scores(book, unit), papers(book, unit), shares_elsewhere(book, unit)
    handed = []
    for student in students:
        if student in scores:
            paper, known = dates[student], memory.get(student)
            handed.append(_graded(root, unit, student, asked, scores[student], paper, known, release, elsewhere.get(student)))
        else:
            handed.append(_not_graded(root, unit, student))
    feedback = {path.parent.parent.name for path in (root / "feedback").glob(f"*/{unit}/{unit}.html")}
    groups = tuple(map(frozenset, groups_of(root, unit).values()))
    return Unit(unit, asked, tuple(handed), frozenset(feedback), groups)


def _asked(root: Path, unit: str, book: Gradebook, release: NotebookNode, solved: NotebookNode | None) -> tuple[Asked, ...]:
    """The graded cells in the notebook's order.

    Its answer cell is `answer_NAME`, or the cell of the function that it calls, or else the last answer cell before it.
    """
    points = {cell.name: float(cell.max_score) for cell in book.find_notebook(unit, unit).grade_cells}
    own = own_unit(root, unit)
    answers = {grade_id(cell): cell.source for cell in release.cells if is_solution(cell)}
    published = {grade_id(cell): cell.source for cell in solved.cells if is_solution(cell)} if solved else {}
    asked, before = [], ""
    for cell in release.cells:
        name = grade_id(cell)
        before = name if is_solution(cell) else before
        if is_grade(cell) and name in points:
            called = (key for key in answers if re.search(rf"\b{re.escape(key.removeprefix('answer_'))}\(", cell.source))
            answer = f"answer_{name}" if f"answer_{name}" in answers else next(called, before)
            ours = cell.source.strip() == f"check({name})"
            blank, key = answers.get(answer, ""), published.get(answer, "")
            asked.append(Asked(name, points[name], answer, blank, key, own.find(name) if ours else None))
    return tuple(asked)


def _graded(
    root: Path, unit: str, student: str, asked: tuple[Asked, ...], scores: Mapping[str, Score], paper: Paper,
    known: Remembered | None, release: NotebookNode, elsewhere: float | None,
) -> Handed:  # fmt: skip
    submitted, graded = ClassFolder(root).submitted(student, unit), ClassFolder(root).autograded(student, unit)
    notebook = _graded_notebook(notebook_in(graded))
    cells = {grade_id(cell): cell for cell in notebook.cells} if notebook else {}
    if notebook is None:
        notes = [f"{notebook_in(graded)} is missing or damaged; `convcourse grade {unit} --student {student}` makes it anew"]
    else:
        notes = list(notebook.metadata.get("convcourse", {}).get("notes", ()))
        if not any(note.startswith("worth a look") for note in notes):
            notes += worth_a_look(notebook, release)  # stock nbgrader does not look for this
    changed = text_of(submitted / TIMESTAMP) not in ("", text_of(graded / TIMESTAMP))
    if changed:
        notes.append("handed in again since it was graded")
    exercises = {}
    for one in asked:
        said = cells[one.name].metadata.get("convcourse", {}) if one.name in cells else {}
        score = scores[one.name].score if one.name in scores else 0.0
        exercises[one.name] = ExerciseResult.noted(score, one.max_score, said)
    total = sum(exercise.score for exercise in exercises.values())
    possible = sum(one.max_score for one in asked)
    result = Result(student, unit, "graded", total, possible, paper.seconds_late, 0.0, condensed(lines(*notes)), exercises)
    return Handed(
        result,
        answers={one.name: cells[one.answer].source for one in asked if one.answer in cells},
        seconds=known.result.seconds if known else None,
        penalty=paper.penalty,
        waiting=tuple(name for name, score in scores.items() if score.waiting),
        changed=changed,
        elsewhere=elsewhere,
    )


def _not_graded(root: Path, unit: str, student: str) -> Handed:
    """The reason why this student has no scores, from the file and the log only."""
    path, name = notebook_in(ClassFolder(root).submitted(student, unit)), clean(student)  # it may be the name of any folder
    try:
        read_submission(path)
        failed = _failure(root, unit, name)
        state, note = ("failed", failed) if failed else ("not graded", "handed in, and not graded yet")
    except FileNotFoundError:
        state, note = "missing", "nothing handed in"
    except Unreadable as error:
        state, note = "unreadable", str(error)
    except OSError as error:
        state, note = "failed", f"{path} could not be read: {error.strerror}"
    return Handed(Result(name, unit, state, notes=lines(note)))


def _failure(root: Path, unit: str, student: str) -> str:
    """The message of the log's last line on this student, if it reports a failure."""
    begins = f"{student} failed: "
    lines = [line[20:] for line in text_of(ClassFolder(root).report(unit) / "grading.log").splitlines()]
    last = next((line for line in reversed(lines) if line.startswith(f"{student} ")), "")
    return last.removeprefix(begins) if last.startswith(begins) else ""


def _graded_notebook(path: Path) -> NotebookNode | None:
    """A notebook that we wrote; None if it is missing or damaged."""
    try:
        notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        return notebook if isinstance(notebook.cells, list) else None
    except (OSError, ValueError, AttributeError):
        return None
