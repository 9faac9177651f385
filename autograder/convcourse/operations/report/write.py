"""The instructor's report on a unit, reports/UNIT.html, and the same as a table, reports/UNIT.csv."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from convcourse.errors import CourseError
from convcourse.grading.export import as_csv
from convcourse.grading.whole_files import write_whole
from convcourse.operations.report.data import Handed, Unit, outcome, read_unit
from convcourse.operations.report.page import page
from convcourse.texts import straight

COLUMNS = ("student", "exercise", "score", "max_score", "status", "mistake", "remark", "submission_seconds", "seconds_late")


def write_report(root: Path, unit: str) -> tuple[Path, Path]:
    """Write both files and return their paths. Raises NotReleased, and ValueError if no student is graded."""
    known = read_unit(root, unit)
    if not known.graded:
        raise CourseError(f"nobody has been graded in {unit} yet: run `convcourse grade {unit}` first")
    folder = root / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    html, table = folder / f"{unit}.html", folder / f"{unit}.csv"
    write_whole(html, straight(page(known, datetime.now(UTC))))
    write_whole(table, report_csv(known))
    return html, table


def report_csv(unit: Unit) -> str:
    """A line for each student and exercise. Scores do not include the late penalty. They are blank for ungraded students.

    The seconds are for the whole submission, and blank if they were not stored.
    """
    return as_csv([COLUMNS, *(line for handed in unit.handed for line in _lines(unit, handed))])


def _lines(unit: Unit, handed: Handed) -> list[list[str]]:
    seconds = "" if handed.seconds is None else f"{handed.seconds:.3f}"
    late = f"{handed.result.seconds_late:.0f}" if handed.graded else ""
    lines = []
    for asked in unit.asked:
        start = [handed.student, asked.name]
        if not handed.graded:
            remark = "; ".join(handed.result.notes)
            lines.append([*start, "", f"{asked.max_score:g}", handed.result.state, "", remark, "", ""])
            continue
        one = handed.result.exercises[asked.name]
        points = [f"{one.score:g}", f"{one.max_score:g}"]
        lines.append([*start, *points, outcome(asked, handed), one.mistake, one.remark, seconds, late])
    return lines
