"""The instructor's report on a unit, reports/UNIT.html, and the same as a table, reports/UNIT.csv."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from convcourse.errors import CourseError
from convcourse.grading.export import as_text
from convcourse.operations.report.data import Handed, Unit, outcome, read_unit
from convcourse.operations.report.page import page

COLUMNS = ("student", "exercise", "score", "max_score", "status", "mistake", "remark", "submission_seconds", "seconds_late")


def write_report(root: Path, unit: str) -> tuple[Path, Path]:
    """Write both files and return their paths. Raises NotReleased, and ValueError if no student is graded."""
    known = read_unit(root, unit)
    if not known.graded:
        raise CourseError(f"nobody has been graded in {unit} yet: run `convcourse grade {unit}` first")
    folder = root / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    html, table = folder / f"{unit}.html", folder / f"{unit}.csv"
    html.write_text(page(known, datetime.now(UTC)), encoding="utf-8")
    table.write_text(report_csv(known), encoding="utf-8")
    return html, table


def report_csv(unit: Unit) -> str:
    """A line for each student and exercise. Scores do not include the late penalty. They are blank for ungraded students.

    The seconds are for the whole submission, and blank if they were not stored.
    """
    table = StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for handed in unit.handed:
        writer.writerows(_lines(unit, handed))
    return table.getvalue()


def _lines(unit: Unit, handed: Handed) -> list[list[str]]:
    seconds = "" if handed.seconds is None else f"{handed.seconds:.3f}"
    late = f"{handed.result.seconds_late:.0f}" if handed.graded else ""
    lines = []
    for asked in unit.asked:
        start = [as_text(handed.student), asked.name]
        if not handed.graded:
            remark = "; ".join(handed.result.notes)
            lines.append([*start, "", f"{asked.max_score:g}", handed.result.state, "", as_text(remark), "", ""])
            continue
        one = handed.result.exercises[asked.name]
        points = [f"{one.score:g}", f"{one.max_score:g}"]
        lines.append([*start, *points, outcome(asked, handed), one.mistake, as_text(one.remark), seconds, late])
    return lines
