"""Late days that students have asked for, from late_days.csv in the class's folder.

student,unit,days
ada,05_xo_toy_net,2
ben,05_xo_toy_net,0      ben keeps his days for another unit
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from convcourse.errors import CourseError
from convcourse.texts import text_of

FILE = "late_days.csv"


def asked_days(root: Path) -> dict[str, dict[str, int]]:
    """Student -> unit -> days. A later line replaces an earlier one. Raises CourseError for a file that cannot be used."""
    path = root / FILE
    rows = list(csv.DictReader(StringIO(text_of(path).removeprefix("\ufeff"), newline="")))
    if rows and not {"student", "unit", "days"} <= rows[0].keys():
        raise CourseError(f"{path}: the first line must name the columns student, unit and days")
    found: dict[str, dict[str, int]] = {}
    for number, row in enumerate(rows, start=2):
        student, unit, days = ((row[column] or "").strip() for column in ("student", "unit", "days"))
        if not student or not unit or not days.isdecimal():
            raise CourseError(f"{path}, line {number}: a student, a unit and a whole number of days are needed")
        found.setdefault(student, {})[unit] = int(days)
    return found
