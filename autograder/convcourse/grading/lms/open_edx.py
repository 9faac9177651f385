"""Open edX: reads the archive of an Open Response Assessment. It imports no scores of such work, so we write none.

[1]Week 2, [1]Convolution, [1]Hand in/[1] - ada - 02_convolution_1d.ipynb
"""

from __future__ import annotations

import re

from convcourse.grading.lms.system import Sent, System

NAME = re.compile(r"\[\w+\] - (?P<login>.+?) - (?P<file>.+)")
TYPED = re.compile(r"prompt_\d+\.txt")


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    found = NAME.fullmatch(parts[-1]) if len(parts) <= 2 else None
    if not found:
        return None
    return Sent(OPEN_EDX, "", "", found["file"], typed=bool(TYPED.fullmatch(found["file"])), login=found["login"])


OPEN_EDX = System(
    name="openedx",
    title="Open edX",
    sent_as=_sent_as,
    beside=("submissions.csv", "downloads.csv"),
)
