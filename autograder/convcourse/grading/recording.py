"""Write what was judged: the gradebook first, then autograded/UNIT under another name, the log, and the line that lets the next
run skip unchanged work. Last the folder gets its name. Without it, the next run grades the submission again.

Many students' scores go into the gradebook in one transaction. If one student's cannot be written, each goes alone.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import nbformat
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution
from sqlalchemy import insert

from convcourse.errors import CourseError, MachineTrouble
from convcourse.grading.class_folder import SECRET, TIMESTAMP, ClassFolder, notebook_in
from convcourse.grading.gradebook import query_grades, timestamp_of
from convcourse.grading.machine_trouble import in_words, lost
from convcourse.grading.penalties import Penalties
from convcourse.grading.remembered import Remembered, log, remember
from convcourse.grading.result import ExerciseResult, Result
from convcourse.grading.submission import Unreadable, grade_id
from convcourse.grading.task import Judged, Task
from convcourse.grading.whole_files import fresh_folder, remove_folder
from convcourse.texts import lines

MOST_TOGETHER, SECONDS_TOGETHER = 100, 0.5
Done = tuple[Task, Judged]


def together(done: Iterable[Done]) -> Generator[list[Done], None, None]:
    """What was judged in groups: one alone, and then what comes within half a second, at most a hundred."""
    group, last = list[Done](), -SECONDS_TOGETHER
    trouble = None
    try:
        for one in done:
            group.append(one)
            if len(group) == MOST_TOGETHER or time.monotonic() - last >= SECONDS_TOGETHER:
                yield group
                group, last = [], time.monotonic()
    except CourseError as error:  # the cluster is gone; what it has done counts
        trouble = error
    if group:
        yield group
    if trouble:
        raise trouble


def not_recorded(root: Path) -> str:
    return f"nothing can be recorded in {root}"


@dataclass(frozen=True)
class Recorder:
    """What is the same for all students of a run.

    place: the class's folder when the run began. prints: student -> fingerprint of the work. late: the students whose
    penalties may have to be set or removed. take_off: sets a student's late penalties.
    """

    book: Gradebook
    root: Path
    place: os.stat_result
    unit: str
    prints: Mapping[str, str]
    late: set[str]
    take_off: Callable[[Gradebook, str], Penalties]


def settle(recorder: Recorder, group: Sequence[Done]) -> Iterator[tuple[str, Result | MachineTrouble]]:
    """Write the results of these tasks, and yield each student with the result, or with the machine's trouble.

    Raises MachineTrouble if the class's folder is gone.
    """
    start = perf_counter()
    if trouble := lost(recorder.root, recorder.place):
        raise trouble  # a write would make the folder anew
    works: list[_Work] = []
    for task, judged in group:
        if judged.state == "graded":
            try:
                handed_in = timestamp_of(_submitted(recorder, task) / TIMESTAMP)
                works.append(_Work(task, judged, nbformat.v4.reads(judged.notebook), handed_in))
            except Exception as error:
                yield task.student, _outcome(recorder, task, error)
        else:
            none = Result(task.student, task.unit, judged.state, notes=lines(judged.note))
            yield task.student, MachineTrouble(judged.note) if judged.state == "no machine" else none
    if not works:
        return
    try:
        record(recorder.book, recorder.unit, works)
        results = _results(recorder.book, recorder.unit, works)
        recorder.book.db.commit()  # no transaction stays open while the next submissions run
    except Exception as error:
        recorder.book.db.rollback()
        if len(works) == 1 or in_words(error):
            yield from ((work.student, _outcome(recorder, work.task, error)) for work in works)
        else:
            for work in works:
                yield from settle(recorder, [(work.task, work.judged)])
        return
    each = (perf_counter() - start) / len(works)
    for work, (result, auto) in zip(works, results, strict=True):
        try:
            yield work.task.student, _put_away(recorder, work, replace(result, seconds=work.judged.seconds + each), auto)
        except Exception as error:  # one student's error must never stop the class
            recorder.book.db.rollback()
            yield work.task.student, _outcome(recorder, work.task, error)


@dataclass(frozen=True)
class _Work:
    """A judged submission, and when it was handed in (UTC, without a zone)."""

    task: Task
    judged: Judged
    notebook: NotebookNode
    handed_in: datetime | None

    @property
    def student(self) -> str:
        return self.task.student


def _put_away(recorder: Recorder, work: _Work, result: Result, auto: dict[str, float | None]) -> Result:
    """What follows when the gradebook has the scores. Returns the result with its late penalty."""
    late = work.student in recorder.late or result.seconds_late > 0  # else an old penalty may have to be removed
    penalties = recorder.take_off(recorder.book, work.student) if late else Penalties({})
    folder = ClassFolder(recorder.root).autograded(work.student, recorder.unit)
    fresh = _write_autograded(folder, work.judged.notebook, _submitted(recorder, work.task) / TIMESTAMP)
    remove_folder(folder, first=notebook_in(folder))
    told = with_penalty(result, penalties)
    log(recorder.root, told)
    remember(recorder.root, Remembered(recorder.prints[work.student], work.task.seed, auto, result))
    fresh.rename(folder)
    return told


def with_penalty(result: Result, penalties: Penalties) -> Result:
    """The result with the penalty as it is now. An instructor may have changed marks, and other work may have spent late days."""
    return replace(result, penalty=penalties.points.get(result.unit, 0.0), notes=(*result.notes, *penalties.notes))


def _submitted(recorder: Recorder, task: Task) -> Path:
    return ClassFolder(recorder.root).submitted(task.student, task.unit)


def _outcome(recorder: Recorder, task: Task, error: Exception) -> Result | MachineTrouble:
    """What is said of a student whose result could not be written."""
    if isinstance(error, Unreadable):
        return Result(task.student, task.unit, "failed", notes=lines(str(error)))
    if words := in_words(error):
        return MachineTrouble(f"{not_recorded(recorder.root)}: {words}")
    note = f"could not be recorded ({type(error).__name__}: {error}); please report this"
    return Result(task.student, task.unit, "failed", notes=lines(note))


def _write_autograded(folder: Path, notebook: str, timestamp: Path) -> Path:
    """Write the contents of `folder` into a temporary folder, so that no partial folder is read as a complete one."""
    fresh = fresh_folder(folder)
    (fresh / notebook_in(folder).name).write_text(notebook, encoding="utf-8")
    for file in (timestamp, timestamp.with_name(SECRET)):
        if file.exists():
            shutil.copy(file, fresh)
    return fresh


def record(book: Gradebook, unit: str, works: Sequence[_Work]) -> None:
    """Write the scores of autograded notebooks, in one transaction, as nbgrader's own preprocessors would.

    Manual scores and comments stay. A grade with a manual score is marked for another review.
    """
    students = [work.student for work in works]
    with _one_transaction(book):
        submissions = book.db.query(SubmittedAssignment).join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        earlier = submissions.filter(Assignment.name == unit, SubmittedAssignment.student_id.in_(students))
        before = {submission.student_id: submission for submission in earlier}
        _add(book, unit, [work for work in works if work.student not in before])
        for work in works:
            if work.student in before:
                _update(before[work.student], work)


def _add(book: Gradebook, unit: str, works: Sequence[_Work]) -> None:
    """Add first submissions, with what `Gradebook.add_submission` makes for each, and the scores. By tables, for speed."""
    assignment = book.find_assignment(unit)
    listed = {student for (student,) in book.db.query(Student.id).filter(Student.id.in_([work.student for work in works]))}
    rows: dict[type, list[dict[str, Any]]] = {table: [] for table in _TABLES}
    rows[Student] = [{"id": work.student} for work in works if work.student not in listed]
    for work in works:
        submission, scores, comments = uuid4().hex, _scores(work.notebook), _comments(work.notebook)
        of_student = {"assignment_id": assignment.id, "student_id": work.student, "timestamp": work.handed_in}
        rows[SubmittedAssignment].append({"id": submission, **of_student})
        for notebook in assignment.notebooks:
            graded = uuid4().hex
            rows[SubmittedNotebook].append({"id": graded, "assignment_id": submission, "notebook_id": notebook.id})
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                score = scores.get(cell.name)
                place = {"cell_id": cell.id, "notebook_id": graded}
                rows[Grade].append({**place, "auto_score": score, "needs_manual_grade": score is None})
            for cell in (*notebook.solution_cells, *notebook.task_cells):
                rows[Comment].append({"cell_id": cell.id, "notebook_id": graded, "auto_comment": comments.get(cell.name)})
    for table, values in rows.items():
        if values:
            book.db.execute(insert(table), values)


_TABLES = (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)


def _update(submission: SubmittedAssignment, work: _Work) -> None:
    """Change a submission that the gradebook has."""
    submission.timestamp = work.handed_in
    scores, comments = _scores(work.notebook), _comments(work.notebook)
    for graded in submission.notebooks:
        for grade in graded.grades:
            if grade.name in scores:
                grade.auto_score = scores[grade.name]
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        for comment in graded.comments:
            if comment.name in comments:
                comment.auto_comment = comments[comment.name]


def _scores(notebook: NotebookNode) -> dict[str, float | None]:
    """Grade id -> automatic score; None for what is marked by hand."""
    return {grade_id(cell): determine_grade(cell)[0] for cell in notebook.cells if is_grade(cell)}


def _comments(notebook: NotebookNode) -> dict[str, str | None]:
    return {
        grade_id(cell): "No response." if cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) else None
        for cell in notebook.cells
        if is_solution(cell)
    }


@contextmanager
def _one_transaction(book: Gradebook) -> Iterator[None]:
    """nbgrader's functions commit one by one. Inside the block they only flush. The end of the block commits everything."""
    session = book.db()
    session.commit = session.flush
    try:
        yield
    finally:
        del session.commit
    session.commit()


def _results(book: Gradebook, unit: str, works: Sequence[_Work]) -> list[tuple[Result, dict[str, float | None]]]:
    """Each student's scores from the gradebook, with the judge's notes; and the automatic scores."""
    students = [work.student for work in works]
    columns = (SubmittedAssignment, BaseCell.name, Grade.auto_score, Grade.score, Grade.max_score)
    rows = query_grades(book, *columns).filter(Assignment.name == unit, SubmittedAssignment.student_id.in_(students))
    found: dict[str, dict[str, Any]] = {student: {} for student in students}
    seconds_late: dict[str, float] = {}
    for submission, name, *numbers in rows:
        found[submission.student_id][name] = numbers
        seconds_late[submission.student_id] = submission.total_seconds_late
    results = []
    for work in works:
        grades = found[work.student]
        judged = {grade_id(cell): cell.metadata.get("convcourse", {}) for cell in work.notebook.cells if is_grade(cell)}
        exercises = {}
        for name, note in judged.items():
            _, score, possible = grades[name]
            exercises[name] = ExerciseResult.noted(score, possible, note)
        result = Result(
            work.student,
            unit,
            "graded",
            score=sum(exercise.score for exercise in exercises.values()),
            max_score=sum(exercise.max_score for exercise in exercises.values()),
            seconds_late=seconds_late.get(work.student, 0.0),
            notes=lines(*work.notebook.metadata["convcourse"]["notes"]),
            exercises=exercises,
        )
        results.append((result, {name: numbers[0] for name, numbers in grades.items()}))
    return results
