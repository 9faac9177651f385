"""The learning-management systems that we know: one file each. A new one gets its place here, and in docs/lms.md."""

from __future__ import annotations

from collections.abc import Iterable

from convcourse.grading.lms.blackboard import BLACKBOARD
from convcourse.grading.lms.canvas import CANVAS
from convcourse.grading.lms.moodle import MOODLE

SYSTEMS = {system.name: system for system in (CANVAS, MOODLE, BLACKBOARD)}
SPREADSHEET = "csv"  # for no system: `grading/export.py` writes it
FORMATS = (SPREADSHEET, *SYSTEMS)


def either(words: Iterable[str]) -> str:
    """The words as one reads them aloud: a, b or c."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
