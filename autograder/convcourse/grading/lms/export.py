"""Files that learning-management systems import. docs/lms.md says how each system uses them, with sources."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from convcourse.errors import CourseError
from convcourse.grading.export import Grades, as_text, export_csv, grades_of
from convcourse.grading.gradebook import gradebook
from convcourse.grading.lms.roster import person_of, read_roster
from convcourse.grading.lms.system import OwnFile, System
from convcourse.grading.lms.systems import SPREADSHEET, SYSTEMS

NAMES = ("first_name", "last_name", "sortable_name")
CALLS = "(|!"  # what a formula needs to do more than to compute


@dataclass(frozen=True)
class Exported:
    """A file for a system: its text, its encoding, and notes for the instructor."""

    text: str
    encoding: str
    notes: list[str]

    def as_bytes(self) -> bytes:
        return self.text.encode(self.encoding)


def export(root: Path, to: str, roster: Path | None = None) -> Exported:
    """The grades of the class in `root` in one of FORMATS. A unit without any grade is not exported to a system.

    roster: a gradebook file from the system. The export then uses its students and columns, and keeps a score from
    this file where we have none. Raises CourseError if the file is no gradebook file.
    """
    system = None if to == SPREADSHEET else SYSTEMS[to]
    own = system.own_file if system else None
    if roster and not own:
        raise CourseError(f"{to} needs no gradebook file of its own; leave --roster out")
    with gradebook(root) as book:
        grades = grades_of(book)
    if system is None:
        return Exported(export_csv(root), "utf-8-sig", grades.notes)  # without the byte order mark Excel misreads umlauts
    grades = replace(grades, possible=grades.begun)
    rows, notes = _with_roster(grades, system, own, roster) if roster and own else _of_class_list(grades, system)
    if system.last_column:
        heading, cell = system.last_column
        rows = [[*row, cell if number else heading] for number, row in enumerate(rows)]
    odd = [person.id for person in grades.people if _read_back(person.id) != person.id]
    marked = [f"{', '.join(odd)}: is a formula, so an apostrophe stands before it; enter these by hand"] if odd else []
    return Exported(_table(rows, system.delimiter), system.encoding, [*grades.notes, *notes, *marked])


def _of_class_list(grades: Grades, system: System) -> tuple[list[list[str]], list[str]]:
    """The rows of the file with our students and our unit names, and notes."""
    headings = [system.heading.format(unit=unit, points=points) for unit, points in grades.possible.items()]
    rows = [[*system.columns, *headings], *_points(system, len(system.columns), grades.possible.values())]
    for person in grades.people:
        who = [_cell(getattr(person, name), name in NAMES) if name else "" for name in system.columns.values()]
        scores = (grades.scores.get((person.id, unit)) for unit in grades.possible)
        rows.append([*who, *("" if score is None else _number(score) for score in scores)])
    return rows, system.notes(grades.people)


def _with_roster(grades: Grades, system: System, own: OwnFile, file: Path) -> tuple[list[list[str]], list[str]]:
    """The rows of the file with the students and columns of the system's own file, and notes."""
    roster = read_roster(file, system, own, grades.possible)
    notes = [f"{unit}: no column of this name in {file.name}; left out" for unit in grades.possible if unit not in roster.columns]
    points = (grades.possible[unit] for unit in roster.columns)
    rows = [[*roster.kept, *roster.columns.values()], *_points(system, len(roster.kept), points)]
    left = [person.id for person in grades.people]
    for row in roster.rows:
        person = person_of(row, own, grades.people)
        who = [_cell(row.get(name, ""), name in own.name) for name in roster.kept]
        if person is None or person.id not in left:
            why = f"a second row of {person.id}" if person else "fits nobody in the class list, or more than one"
            notes.append(f"{', '.join(cell for cell in who if cell)}: {why}; left out")
            continue
        left.remove(person.id)
        cells = [(grades.scores.get((person.id, unit)), row.get(heading, "")) for unit, heading in roster.columns.items()]
        rows.append([*who, *(_read_back(theirs) if ours is None else _number(ours) for ours, theirs in cells)])
    notes += [f"{student}: not in {file.name}; left out" for student in left]
    return rows, notes


def _points(system: System, width: int, points: Iterable[float]) -> list[list[str]]:
    """The row with the units' points after `width` columns, if the system needs it."""
    blank = [""] * (width - 1)
    return [[system.points_row, *blank, *map(_number, points)]] if system.points_row else []


def _cell(value: str, is_name: bool) -> str:
    """A name is for people. By all else of a student the system finds its row again."""
    return as_text(value) if is_name else _read_back(value)


def _read_back(value: str) -> str:
    """A cell that the system reads back: unchanged, unless it is a formula that calls something. No system's ids look so."""
    return as_text(value) if any(sign in value for sign in CALLS) else value


def _number(score: float) -> str:
    """The score with two decimal places, as Canvas shows and compares scores."""
    return f"{score:.2f}"


def _table(rows: Iterable[list[str]], delimiter: str) -> str:
    table = StringIO()
    csv.writer(table, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return table.getvalue()
