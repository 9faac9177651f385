"""The class's grades as CSV. Also an nbgrader exporter: `nbgrader export --exporter=convcourse.grading.export.CsvExporter`."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from convcourse.grading.gradebook import COLUMNS, gradebook


class CsvExporter(ExportPlugin):
    """Properly quoted, with missing work left blank."""

    def export(self, gradebook: Gradebook) -> None:
        Path(self.to or "grades.csv").write_text(grades_csv(gradebook), encoding="utf-8")


def export_csv(root: Path) -> str:
    """The grades of the class in `root`."""
    with gradebook(root) as book:
        return grades_csv(book)


def grades_csv(book: Gradebook) -> str:
    """One line a student; for each unit the score (with late penalty), blank where nothing was graded; then the sum."""
    units = sorted(assignment.name for assignment in book.assignments)
    possible = {unit: book.find_assignment(unit).max_score for unit in units}
    table = StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow([*COLUMNS, *(f"{unit} (of {possible[unit]:g})" for unit in units), "total"])
    for student in sorted(book.students, key=lambda s: s.id):
        scores = [_score(book, unit, student.id) for unit in units]
        total = sum(score for score in scores if score is not None)
        person = [_as_text(getattr(student, name) or "") for name in COLUMNS]
        writer.writerow([*person, *("" if score is None else f"{score:g}" for score in scores), f"{total:g}"])
    return table.getvalue()


def _score(book: Gradebook, unit: str, student: str) -> float | None:
    try:
        submission = book.find_submission(unit, student)
    except MissingEntry:
        return None
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    if all(grade.auto_score is None and grade.manual_score is None for grade in grades):
        return None
    penalty = sum(notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks)
    return max(0.0, float(submission.score) - penalty)


def _as_text(value: str) -> str:
    """A name that begins like a formula must stay a name when a spreadsheet opens the file."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
