"""Let nbgrader compute a student's late penalties again, in all units: a late day spent on one is not there for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import or_
from sqlalchemy.orm import Query

from convcourse.grading.gradebook import query_submissions
from convcourse.grading.late import LatePolicy, late_work
from convcourse.texts import Line, lines, many

ROUNDING = 1e-9


@dataclass(frozen=True)
class Penalties:
    """A student's late penalties. points: unit -> points that are taken off. notes: what changed in other units."""

    points: dict[str, float]
    notes: tuple[Line, ...] = ()


def with_late_work(book: Gradebook) -> set[str]:
    """The students for whom a penalty may have to be set or removed."""
    return {student for (student,) in _concerned(book, SubmittedAssignment.student_id)}


def take_off(book: Gradebook, student: str, unit: str, penalties: AssignLatePenalties) -> Penalties:
    """Set the late penalties of all of a student's graded units, as nbgrader's preprocessor sets that of one.

    The notes say which days are spent on `unit`, and what changed in other units.
    """
    points, notes = {}, []
    for submission in _concerned(book, SubmittedAssignment).filter(SubmittedAssignment.student_id == student).all():
        notebook, name = submission.notebooks[0], submission.name
        book.db.refresh(notebook)  # its score may have been written through another connection
        before = notebook.late_submission_penalty or 0.0
        penalties.gradebook, penalties.assignment_id = book, name  # what plug-ins read
        penalties.init_plugin()
        late = submission.total_seconds_late
        penalty = penalties.plugin_inst.late_submission_penalty(student, notebook.score, late) if late else None
        points[name] = min(max(0.0, penalty or 0.0), notebook.score)
        notebook.late_submission_penalty = points[name] or None
        if name != unit and abs(points[name] - before) > ROUNDING:
            notes.append(f"{name}: the late penalty is {points[name]:g} now, it was {before:g}")
    book.db.commit()
    if points:
        policy = LatePolicy(config=penalties.config)
        spent = policy.spent(student, late_work(book, student))
        if spent.get(unit):
            notes.insert(0, f"{many(spent[unit], 'late day')} spent, {policy.days_for_the_term - sum(spent.values())} left")
    return Penalties(points, lines(*notes))


def _concerned(book: Gradebook, column: Any) -> Query[Any]:
    late = SubmittedAssignment.timestamp > Assignment.duedate
    return query_submissions(book, column).filter(or_(late, SubmittedNotebook.late_submission_penalty > 0))
