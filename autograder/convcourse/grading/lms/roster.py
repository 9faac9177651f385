"""The gradebook file that Canvas or Blackboard gives: who is in it, and which of its columns are our units.

Only that file knows the numbers by which the system finds a student and a column again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from convcourse.errors import CourseError
from convcourse.grading.gradebook import Person
from convcourse.grading.lms.archive import folded, names_of

TITLE = re.compile(r"(?P<title>.*?)\s*(?:\(\d+\)|\[Total Pts.*)?")
# Of the columns that say who it is, what they hold of our class list; the surest first.
WHO: dict[str, dict[str, tuple[str, ...]]] = {
    "canvas": {"ID": ("lms_user_id",), "SIS Login ID": ("id", "email"), "SIS User ID": ("id",)},
    "blackboard": {"Username": ("id", "email"), "Student ID": ("lms_user_id", "id")},
}
NAMES = {"canvas": ["Student"], "blackboard": ["Last Name", "First Name"]}
NEEDED = {"canvas": ["Student", "ID", "Section"], "blackboard": ["Last Name", "First Name", "Username"]}
KEPT = {
    "canvas": ["Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section"],
    "blackboard": ["Last Name", "First Name", "Username", "Student ID"],
}


@dataclass(frozen=True)
class Roster:
    """kept: the columns that say who it is. columns: unit -> its heading. rows: of students, heading -> cell."""

    kept: list[str]
    columns: dict[str, str]
    rows: list[dict[str, str]]


def read_roster(file: Path, system: str, units: Iterable[str]) -> Roster:
    """What a system's gradebook file says. Raises CourseError when it is none."""
    table = _read_table(file)
    header = [cell.strip() for cell in table[0]] if table else []
    if missing := [name for name in NEEDED[system] if name not in header]:
        raise CourseError(f"{file.name} is not the gradebook of {system}: its first line has no column '{missing[0]}'")
    titles = {folded(TITLE.fullmatch(name)["title"]): name for name in reversed(header)}  # type: ignore[index]
    columns = {unit: titles[folded(unit)] for unit in units if folded(unit) in titles}
    rows = [dict(zip(header, cells, strict=False)) for cells in table[1:]]
    known = [row for row in rows if any(row.get(name, "").strip() for name in NEEDED[system]) and not _is_points(row)]
    return Roster([name for name in header if name in KEPT[system]], columns, known)


def person_of(row: dict[str, str], system: str, people: list[Person]) -> Person | None:
    """Whose row it is; None when it cannot be told."""
    for column, fields in WHO[system].items():
        value = row.get(column, "").strip()
        found = [p for p in people if value and value in {getattr(p, name) for name in fields}]
        if len(found) == 1:
            return found[0]
    name = folded("".join(row.get(column, "") for column in NAMES[system]))
    found = [p for p in people if name and name in names_of(p)]
    return found[0] if len(found) == 1 else None


def _is_points(row: dict[str, str]) -> bool:
    return "Points Possible" in row.get("Student", "")


def _read_table(file: Path) -> list[list[str]]:
    """Comma, semicolon or tab; UTF-8, UTF-16, or what Excel on Windows makes of it."""
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    return list(csv.reader(text.splitlines(), delimiter=max(",;\t", key=first.count)))
