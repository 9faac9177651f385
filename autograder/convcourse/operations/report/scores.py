"""Read a whole class's data from the gradebook for the report. Each function makes one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import func

from convcourse.grading.gradebook import query_grades, query_submissions

HAS_SCORE = Grade.auto_score.isnot(None) | Grade.manual_score.isnot(None)


@dataclass(frozen=True)
class Score:
    """The points that count in one exercise. waiting: a person must give the points or review them."""

    score: float
    waiting: bool


@dataclass(frozen=True)
class Paper:
    """A submission's lateness and its penalty."""

    seconds_late: float
    penalty: float


def unit_scores(book: Gradebook, unit: str) -> dict[str, dict[str, Score]]:
    """Student -> grade id -> the score that counts, for all graded students; a whole class in one query."""
    columns = (SubmittedAssignment.student_id, BaseCell.name, Grade.score, Grade.needs_manual_grade, HAS_SCORE)
    rows = query_grades(book, *columns).filter(Assignment.name == unit)
    found: dict[str, dict[str, Score]] = {}
    begun: set[str] = set()
    for student, name, score, waiting, has_score in rows:
        found.setdefault(student, {})[name] = Score(float(score), bool(waiting))
        begun |= {student} if has_score else set()
    return {student: scores for student, scores in found.items() if student in begun}


def papers(book: Gradebook, unit: str) -> dict[str, Paper]:
    """Student -> lateness of the work, and its penalty."""
    due: datetime | None = book.find_assignment(unit).duedate
    submission = SubmittedAssignment
    columns = (submission.student_id, submission.timestamp, submission.extension, SubmittedNotebook.late_submission_penalty)
    rows = query_submissions(book, *columns).filter(Assignment.name == unit)
    found = {}
    for student, handed_in, extension, penalty in rows:
        late = (handed_in - due - (extension or timedelta())).total_seconds() if handed_in and due else 0.0
        found[student] = Paper(max(0.0, late), float(penalty or 0.0))
    return found


def shares_elsewhere(book: Gradebook, unit: str) -> dict[str, float]:
    """Student -> share of the points, mean over the student's other graded units."""
    possible = {assignment.name: float(assignment.max_score) for assignment in book.assignments}
    rows = (
        query_grades(book, SubmittedAssignment.student_id, Assignment.name, func.sum(Grade.score))
        .filter(Assignment.name != unit, HAS_SCORE)
        .group_by(SubmittedAssignment.student_id, Assignment.name)
    )
    shares: dict[str, list[float]] = {}
    for student, name, score in rows:
        if possible[name]:
            shares.setdefault(student, []).append(float(score) / possible[name])
    return {student: sum(each) / len(each) for student, each in shares.items()}
