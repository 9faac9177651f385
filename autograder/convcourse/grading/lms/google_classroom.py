"""Google Classroom: reads the folder of an assignment in Google Drive, downloaded as a zip. It imports no scores; we write none.

Ada Lovelace - 02_convolution_1d.ipynb
"""

from __future__ import annotations

import re

from convcourse.grading.lms.system import Sent, System

NAME = re.compile(r"(?P<name>[^\d_/]+?) - (?P<file>.+\.ipynb(?:\.\w+)?)", re.IGNORECASE)


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    found = NAME.fullmatch(parts[0]) if len(parts) == 1 else None
    return Sent(GOOGLE_CLASSROOM, found["name"], "", found["file"]) if found else None


GOOGLE_CLASSROOM = System(
    name="classroom",
    title="Google Classroom",
    sent_as=_sent_as,
)
