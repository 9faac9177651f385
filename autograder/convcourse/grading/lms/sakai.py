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
FEEDBACK, TIME = "Feedback Attachment(s)", "timestamp.txt"


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    found = NAME.fullmatch(parts[0])
    if not found:
        return None
    own = len(parts) == 2 or FEEDBACK in parts  # Sakai's own; a student's files are a folder further down
    file = "" if (own and parts[-1] != TIME) or len(parts) < 2 else parts[-1]
    return Sent(SAKAI, found["name"], "", file, login=found["login"], tells=parts[1:] == (TIME,))


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
    tells_more=(TIME, _told),
)
