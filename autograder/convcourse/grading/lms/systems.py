"""The supported learning-management systems: one file each. Add a new system here and in docs/lms.md."""

from __future__ import annotations

from collections.abc import Iterable

from convcourse.grading.lms.blackboard import BLACKBOARD
from convcourse.grading.lms.canvas import CANVAS
from convcourse.grading.lms.moodle import MOODLE

SYSTEMS = {system.name: system for system in (CANVAS, MOODLE, BLACKBOARD)}
SPREADSHEET = "csv"  # for no system: `grading/export.py` writes it
FORMATS = (SPREADSHEET, *SYSTEMS)


def either(words: Iterable[str]) -> str:
    """The words as a list for readers: a, b or c."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
