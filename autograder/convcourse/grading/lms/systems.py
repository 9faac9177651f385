"""The supported learning-management systems: one file each. Add a new system here and in docs/lms.md."""

from __future__ import annotations

from collections.abc import Iterable

from convcourse.grading.lms.blackboard import BLACKBOARD
from convcourse.grading.lms.brightspace import BRIGHTSPACE
from convcourse.grading.lms.canvas import CANVAS
from convcourse.grading.lms.google_classroom import GOOGLE_CLASSROOM
from convcourse.grading.lms.gradescope import GRADESCOPE
from convcourse.grading.lms.ilias import ILIAS
from convcourse.grading.lms.moodle import MOODLE
from convcourse.grading.lms.open_edx import OPEN_EDX
from convcourse.grading.lms.sakai import SAKAI

# A name is read by the first that knows it; the least certain form comes last.
ALL = (CANVAS, MOODLE, BLACKBOARD, BRIGHTSPACE, SAKAI, GRADESCOPE, OPEN_EDX, ILIAS, GOOGLE_CLASSROOM)
SYSTEMS = {system.name: system for system in ALL}
SPREADSHEET = "csv"  # for no system: `grading/export.py` writes it
FORMATS = (SPREADSHEET, *(name for name, system in SYSTEMS.items() if system.columns))


def either(words: Iterable[str]) -> str:
    """The words as a list for readers: a, b or c."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
