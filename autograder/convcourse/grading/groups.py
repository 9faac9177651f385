"""Students who hand in together, from groups.csv in the class's folder.

    group,student,unit
    Group 3,ada,
    Group 3,ben,
    Group 4,ben,05_xo_toy_net      from here on a row for each unit in which ben is in another group

A row without a unit holds for all units in which the student has no row of their own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from convcourse.errors import CourseError
from convcourse.grading.gradebook import known_students
from convcourse.grading.lms.archive import folded
from convcourse.texts import text_of

FILE = "groups.csv"
Groups = Mapping[str, tuple[str, ...]]


def groups_of(root: Path, unit: str) -> dict[str, tuple[str, ...]]:
    """Name of a group -> its members for this unit. Raises CourseError for a file that cannot be used."""
    path = root / FILE
    rows = list(csv.DictReader(StringIO(text_of(path).removeprefix("\ufeff"), newline="")))
    if rows and not {"group", "student"} <= rows[0].keys():
        raise CourseError(f"{path}: the first line must name the columns group, student and, if you like, unit")
    always: dict[str, str] = {}
    here: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        group, student, only = ((row.get(column) or "").strip() for column in ("group", "student", "unit"))
        if not group or not student:
            raise CourseError(f"{path}, line {number}: a group and a student are needed")
        if only in ("", unit):
            chosen = here if only else always
            if chosen.setdefault(student, group) != group:
                raise CourseError(f"{path}, line {number}: {student} is in {chosen[student]} and in {group}")
    found: dict[str, list[str]] = {}
    for student, group in {**always, **here}.items():
        found.setdefault(group, []).append(student)
    if found and (unknown := sorted({*always, *here} - known_students(root))):
        raise CourseError(f"{path}: {', '.join(unknown)} not in the class list; add them with `convcourse students`")
    return {group: tuple(sorted(students)) for group, students in found.items()}


def members_of(name: str, groups: Groups, students: set[str]) -> tuple[str, ...]:
    """The members, if this is the name of a group or "ada+zoe"; else none."""
    for group, members in groups.items():
        if folded(group) == folded(name):
            return members
    named = tuple(part.strip() for part in name.split("+"))
    return named if len(named) > 1 and name not in students and students.issuperset(named) else ()
