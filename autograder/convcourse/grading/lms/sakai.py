"""Sakai. It finds a student by Student ID, and makes a new gradebook item for a title that it does not know.

In its archive, below a folder named after the assignment:

    Lovelace, Ada(ada)/Submission attachment(s)/02_convolution_1d.ipynb
    Lovelace, Ada(ada)/timestamp.txt                                     2026-11-03T22:59:58Z
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from convcourse.grading.lms.system import OwnFile, Sent, System

NAME = re.compile(r"(?P<name>[^()]*,[^()]*)\((?P<login>[^()]+)\)")
FEEDBACK = "Feedback Attachment(s)"


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    found = NAME.fullmatch(parts[0])
    if not found:
        return None
    file = "" if FEEDBACK in parts else parts[-1] if len(parts) > 1 else ""
    return Sent(SAKAI, found["name"], "", file, login=found["login"])


def _told(sent: Sent, raw: bytes) -> list[Sent]:
    """Raises ValueError."""
    return [replace(sent, handed_in=datetime.fromisoformat(raw.decode().strip()))]


SAKAI = System(
    name="sakai",
    title="Sakai",
    columns={"Student ID": "id", "Student Name": "sortable_name"},
    heading="{unit} [{points:g}]",
    own_file=OwnFile(
        who={"Student ID": ("id", "lms_user_id")},
        name=("Student Name",),
        needed=("Student ID", "Student Name"),
        behind_title=re.compile(r"\[[\d.]+\]$"),
    ),
    sent_as=_sent_as,
    beside=("grades.csv", "grades.xls", "grades.xlsx"),
    tells_more=("timestamp.txt", _told),
)
