"""Read a learning-management system's gradebook file: its students, and the columns of our units.

Only this file has the numbers by which the system finds a student and a column again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from convcourse.errors import CourseError
from convcourse.grading.gradebook import Person
from convcourse.grading.lms.archive import folded, names_of
from convcourse.grading.lms.system import OwnFile, System


@dataclass(frozen=True)
class Roster:
    """kept: the columns that identify a student. columns: unit -> its heading. rows: of students, heading -> cell."""

    kept: list[str]
    columns: dict[str, str]
    rows: list[dict[str, str]]


def read_roster(file: Path, system: System, own: OwnFile, units: Iterable[str]) -> Roster:
    """Parse a system's gradebook file. Raises CourseError if the file is no gradebook file."""
    table = _read_table(file)
    header = [cell.strip() for cell in table[0]] if table else []
    if missing := [name for name in own.needed if name not in header]:
        raise CourseError(f"{file.name} is not the gradebook of {system.name}: its first line has no column '{missing[0]}'")
    titles = {folded(own.behind_title.sub("", name)): name for name in reversed(header)}
    columns = {unit: titles[folded(unit)] for unit in units if folded(unit) in titles}
    rows = [dict(zip(header, cells, strict=False)) for cells in table[1:]]
    points = system.points_row.strip()
    students = [row for row in rows if not (points and points in row.get(own.name[0], ""))]
    known = [row for row in students if any(row.get(name, "").strip() for name in own.needed)]
    return Roster([name for name in header if name in {*system.columns, *own.kept}], columns, known)


def person_of(row: dict[str, str], own: OwnFile, people: list[Person]) -> Person | None:
    """The student of a row; None if no student can be identified."""
    for column, fields in own.who.items():
        value = row.get(column, "").strip().removeprefix(own.before_cell)
        found = [p for p in people if value and value in {getattr(p, name) for name in fields}]
        if len(found) == 1:
            return found[0]
    name = folded("".join(row.get(column, "") for column in own.name))
    found = [p for p in people if name and name in names_of(p)]
    return found[0] if len(found) == 1 else None


def _read_table(file: Path) -> list[list[str]]:
    """Read a table with commas, semicolons or tabs, in UTF-8, UTF-16, or Excel's encoding on Windows."""
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    return list(csv.reader(text.splitlines(), delimiter=max(",;\t", key=first.count)))
