"""Read the class's grades from the gradebook and write them as CSV.

Also an nbgrader exporter: `nbgrader export --exporter=convcourse.grading.export.CsvExporter`. `lms/export.py` writes
the files for learning-management systems.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from nbgrader.api import Assignment, Grade, Gradebook, SubmittedAssignment
from nbgrader.plugins import ExportPlugin
from traitlets import Integer

from convcourse.grading.course import course_config
from convcourse.grading.gradebook import COLUMNS, Person, gradebook, people_in, query_grades
from convcourse.grading.whole_files import write_whole
from convcourse.texts import straight

NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]\d+)?", re.ASCII)
# At the beginning of a cell, and where a spreadsheet that separates by semicolons or tabs begins another. Japanese
# spreadsheets read the wide signs too.
FORMULA = re.compile(r"((?:^|[;\t\r\n])\s*)(?=[=+\-@＝＋－＠])")


class CsvExporter(ExportPlugin):
    """Writes the grades as CSV, with correct quotes, and blanks for missing work."""

    drop_lowest = Integer(0, min=0, help="How many of a student's lowest units do not count in the total.").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        write_whole(Path(self.to or "grades.csv"), grades_csv(gradebook, self.drop_lowest))


@dataclass(frozen=True)
class Grades:
    """The grades to export.

    possible: unit -> points. scores: (student, unit) -> points after the late penalty; a missing key means not
    graded. notes: a line for each score that is not exported.
    """

    people: list[Person]
    possible: dict[str, float]
    scores: dict[tuple[str, str], float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def begun(self) -> dict[str, float]:
        """Unit -> points, for the units with at least one grade."""
        graded = {unit for _, unit in self.scores}
        return {unit: points for unit, points in self.possible.items() if unit in graded}


def grades_of(book: Gradebook) -> Grades:
    """All grades of a class, except submissions with a part that still waits for a mark by hand."""
    units = sorted(assignment.name for assignment in book.assignments)
    grades = Grades(people_in(book), {unit: book.find_assignment(unit).max_score for unit in units})
    for unit in units:
        penalties = penalties_of(book, unit)
        for student, parts in sorted(_parts(book, unit).items()):
            waiting = sum(part.auto is None and part.manual is None and part.possible > 0 for part in parts)
            if not waiting:
                total = sum(part.score for part in parts)
                grades.scores[student, unit] = max(0.0, total - penalties.get(student, 0.0))
            elif waiting < len(parts):
                count = "1 part waits" if waiting == 1 else f"{waiting} parts wait"
                grades.notes.append(f"{student}, {unit}: {count} for a mark by hand; left blank")
    return grades


@dataclass(frozen=True)
class Part:
    """A graded cell: the automatic score, the manual score or None, the score that counts, and the points."""

    auto: float | None
    manual: float | None
    score: float
    possible: float


def _parts(book: Gradebook, unit: str) -> dict[str, list[Part]]:
    columns = (SubmittedAssignment.student_id, Grade.auto_score, Grade.manual_score, Grade.score, Grade.max_score)
    rows = query_grades(book, *columns).filter(Assignment.name == unit)
    found: dict[str, list[Part]] = {}
    for student, auto, manual, score, possible in rows:
        found.setdefault(student, []).append(Part(auto, manual, score, possible))
    return found


def penalties_of(book: Gradebook, unit: str) -> dict[str, float]:
    """Student -> points of the late penalty."""
    submissions = book.db.query(SubmittedAssignment).join(Assignment).filter(Assignment.name == unit)
    return {submission.student_id: float(submission.late_submission_penalty or 0.0) for submission in submissions}


def export_csv(root: Path) -> str:
    """The grades of the class in `root`."""
    with gradebook(root) as book:
        return grades_csv(book, CsvExporter(config=course_config(root)).drop_lowest)


def grades_csv(book: Gradebook, drop_lowest: int = 0) -> str:
    """One line for each student: the score of each unit (after the late penalty, blank if not graded), then the sum.

    With `drop_lowest`, the sum covers only the units that count, and the possible points of these units are beside it.
    """
    grades = grades_of(book)
    total = [f"total without the lowest {drop_lowest}", "of"] if drop_lowest else ["total"]
    rows = [[*COLUMNS, *(f"{unit} (of {points:g})" for unit, points in grades.possible.items()), *total]]
    for person in grades.people:
        scores = [grades.scores.get((person.id, unit)) for unit in grades.possible]
        counts = counting(grades, person.id, drop_lowest)
        reached = sum(grades.scores.get((person.id, unit), 0.0) for unit in counts)
        sums = [f"{reached:g}", f"{sum(counts.values()):g}"] if drop_lowest else [f"{reached:g}"]
        details = [getattr(person, name) for name in COLUMNS]
        rows.append([*details, *("" if score is None else f"{score:g}" for score in scores), *sums])
    return as_csv(rows)


def counting(grades: Grades, student: str, drop_lowest: int) -> Mapping[str, float]:
    """Unit -> points, for the units that count for a student. The units with the student's smallest shares do not count.

    A unit without any grade does not count and is not dropped. If only this student has no grade in it, the share is 0.
    """
    begun = grades.begun
    share = {unit: grades.scores.get((student, unit), 0.0) / (points or 1.0) for unit, points in begun.items()}
    dropped = set(sorted(begun, key=lambda unit: share[unit])[: min(drop_lowest, len(begun) - 1)])  # at least one counts
    return {unit: points for unit, points in begun.items() if unit not in dropped}


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """A table for people and their spreadsheets."""
    table = StringIO()
    csv.writer(table, lineterminator="\n").writerows([as_text(cell) for cell in row] for row in rows)
    return table.getvalue()


def as_text(value: str) -> str:
    """A cell that a spreadsheet reads as text, as it is: an apostrophe before what begins like a formula. Numbers stay."""
    return value if NUMBER.fullmatch(value) else FORMULA.sub(r"\1'", straight(value))
