"""Files that learning-management systems import. docs/lms.md says what each does with them, and where that is written."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from convcourse.errors import CourseError
from convcourse.grading.export import Grades, as_text, export_csv, grades_of
from convcourse.grading.gradebook import Person, gradebook
from convcourse.grading.lms.roster import WHO, person_of, read_roster


@dataclass(frozen=True)
class Exported:
    """A file for a system: its text, how it is encoded, and what the instructor should know about it."""

    text: str
    encoding: str
    notes: list[str]

    def as_bytes(self) -> bytes:
        return self.text.encode(self.encoding)


def export(root: Path, system: str, roster: Path | None = None) -> Exported:
    """The grades of the class in `root` for one of SYSTEMS. A unit in which nobody has a grade goes to none of them.

    roster: the gradebook file of Canvas or Blackboard. Students and columns are then written as they are there, and a
    score that stands there stays where we have none. Raises CourseError for a file that is none.
    """
    if roster and system not in WHO:
        raise CourseError(f"{system} needs no gradebook file of its own; leave --roster out")
    with gradebook(root) as book:
        grades = grades_of(book)
    if system == "csv":
        return Exported(export_csv(root), "utf-8-sig", grades.notes)  # without the mark Excel misreads umlauts
    graded = {unit for _, unit in grades.scores}
    grades = replace(grades, possible={unit: points for unit, points in grades.possible.items() if unit in graded})
    text, encoding, notes = _with_roster(grades, system, roster) if roster else _WRITERS[system](grades)
    odd = [person.id for person in grades.people if as_text(person.id) != person.id]
    marked = [f"{', '.join(odd)}: begins like a formula, so an apostrophe stands before it; enter these by hand"] if odd else []
    return Exported(text, encoding, [*grades.notes, *notes, *marked])


def _canvas(grades: Grades) -> tuple[str, str, list[str]]:
    """Canvas finds a student by ID, else by login, else by name; an assignment by its name."""
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *grades.possible]
    possible = ["    Points Possible", "", "", "", "", *(_number(points) for points in grades.possible.values())]
    rows = [[_sortable(p), p.lms_user_id, "", p.id, "", *_scores(grades, p)] for p in grades.people]
    return _table([header, possible, *rows], _DELIMITERS["canvas"]), _ENCODINGS["canvas"], []


def _moodle(grades: Grades) -> tuple[str, str, list[str]]:
    """Moodle asks which of its fields a column is, and stops at the first student whom it does not know."""
    header = ["First name", "Last name", "Username", "ID number", "Email address", *grades.possible]
    rows = [[p.first_name, p.last_name, p.id, p.lms_user_id, p.email, *_scores(grades, p)] for p in grades.people]
    without = [person.id for person in grades.people if not person.email]
    notes = [f"{', '.join(without)}: no e-mail address; let Moodle identify users by Username or ID number"] if without else []
    return _table([header, *rows], ","), "utf-8", notes


def _blackboard(grades: Grades) -> tuple[str, str, list[str]]:
    """Blackboard finds a student by Username, and a column by the number after the bar, which only Blackboard knows."""
    columns = [f"{unit} [Total Pts: {points:g} Score]" for unit, points in grades.possible.items()]
    header = ["Last Name", "First Name", "Username", "Student ID", *columns]
    rows = [[p.last_name, p.first_name, p.id, p.lms_user_id, *_scores(grades, p)] for p in grades.people]
    notes = ["Blackboard makes new columns of text from this; give --roster the file that it lets you download"]
    return _table([header, *rows], _DELIMITERS["blackboard"]), _ENCODINGS["blackboard"], notes


# Blackboard writes and reads tabs and UTF-16, as Excel does.
_DELIMITERS, _ENCODINGS = {"canvas": ",", "blackboard": "\t"}, {"canvas": "utf-8", "blackboard": "utf-16"}
_WRITERS: dict[str, Callable[[Grades], tuple[str, str, list[str]]]] = {
    "canvas": _canvas,
    "moodle": _moodle,
    "blackboard": _blackboard,
}
SYSTEMS = ("csv", *_WRITERS)


def _with_roster(grades: Grades, system: str, file: Path) -> tuple[str, str, list[str]]:
    """For Canvas or Blackboard, with the students and the columns of their own file."""
    roster = read_roster(file, system, grades.possible)
    notes = [f"{unit}: no column of this name in {file.name}; left out" for unit in grades.possible if unit not in roster.columns]
    rows = [[*roster.kept, *roster.columns.values()]]
    if system == "canvas":
        points = [_number(grades.possible[unit]) for unit in roster.columns]
        rows.append(["    Points Possible", *[""] * (len(roster.kept) - 1), *points])
    left = [person.id for person in grades.people]
    for row in roster.rows:
        person = person_of(row, system, grades.people)
        who = [row.get(name, "") for name in roster.kept]
        if person is None or person.id not in left:
            why = f"a second row of {person.id}" if person else "fits nobody in the class list, or more than one"
            notes.append(f"{', '.join(cell for cell in who if cell)}: {why}; left out")
            continue
        left.remove(person.id)
        cells = [(grades.scores.get((person.id, unit)), row.get(heading, "")) for unit, heading in roster.columns.items()]
        rows.append([*who, *(theirs if ours is None else _number(ours) for ours, theirs in cells)])
    notes += [f"{student}: not in {file.name}; left out" for student in left]
    return _table(rows, _DELIMITERS[system]), _ENCODINGS[system], notes


def _sortable(person: Person) -> str:
    return ", ".join(part for part in (person.last_name, person.first_name) if part) or person.id


def _scores(grades: Grades, person: Person) -> list[str]:
    scores = (grades.scores.get((person.id, unit)) for unit in grades.possible)
    return ["" if score is None else _number(score) for score in scores]


def _number(score: float) -> str:
    """With two places, as Canvas shows and compares scores."""
    return f"{score:.2f}"


def _table(rows: Iterable[list[str]], delimiter: str) -> str:
    table = StringIO()
    csv.writer(table, delimiter=delimiter, lineterminator="\r\n").writerows([as_text(cell) for cell in row] for row in rows)
    return table.getvalue()
