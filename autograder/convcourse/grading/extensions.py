"""Give students more time for a unit, as an extension of nbgrader, which its own late penalties and ours read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from nbgrader.api import MissingEntry

from convcourse.errors import CourseError
from convcourse.grading.gradebook import gradebook, known_students
from convcourse.grading.zones import class_zone, shown

LENGTH = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>w|d|h|min)?")
UNITS = {"w": "weeks", "d": "days", "h": "hours", "min": "minutes"}


def extend(root: Path, unit: str, students: Sequence[str], by: str) -> Iterator[str]:
    """Set the extension of each student, and yield a line on it. An earlier one is replaced.

    Work that has come already gets its new penalty when it is graded again, which `grade` does by itself.
    Raises CourseError for an unknown student, a unit without a due date, and what is no length of time.
    """
    length = _length(by)
    if unknown := sorted(set(students) - known_students(root)):
        raise CourseError(f"{', '.join(unknown)}: not in the class list; add them with `convcourse students`")
    with gradebook(root) as book:
        try:
            due = book.find_assignment(unit).duedate
        except MissingEntry:
            due = None
        if due is None:
            raise CourseError(f"{unit} has no due date; set it with `convcourse release {unit} --due TIME`")
        for student in students:
            with book.db.no_autoflush:
                book.update_or_create_submission(unit, student)
            book.grant_extension(unit, student, minutes=length.total_seconds() / 60)
            yield f"{student}: due {shown(due + length, class_zone(root))}" + ("" if length else ", the extension is taken back")


def _length(by: str) -> timedelta:
    found = LENGTH.fullmatch(by.strip())
    number = float(found["number"]) if found else 0.0
    if not found or (number and not found["unit"]) or number > 10_000:
        raise CourseError(f"'{by}' is no length of time; write it as 2d, 36h, 90min or 1w")
    return timedelta(**{UNITS[found["unit"] or "min"]: number})
