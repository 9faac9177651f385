"""Blackboard. It finds a student by Username, and a column by the number after the bar. Only Blackboard knows this number.

In its archive, a receipt for each attempt, and the files:

    gradebook_CS101_02_convolution_1d_ada_attempt_2026-11-03-23-59-58.txt
    gradebook_CS101_02_convolution_1d_ada_attempt_2026-11-03-23-59-58_02_convolution_1d.ipynb
"""

from __future__ import annotations

import re
from datetime import datetime

from convcourse.grading.lms.system import OwnFile, Sent, System

NAME = re.compile(r"(?P<login>.+)_attempt_(?P<time>\d{4}(?:-\d{2}){5})(?:_(?P<file>.+)|\.txt)")


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    found = NAME.fullmatch(parts[0]) if len(parts) == 1 else None
    if not found:
        return None
    try:
        time = datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S")
    except ValueError:  # no such day or hour
        return None
    file = found["file"] or ""
    return Sent(BLACKBOARD, "", "", file, typed=not file, login=found["login"], handed_in=time)


BLACKBOARD = System(
    name="blackboard",
    title="Blackboard",
    columns={"Last Name": "last_name", "First Name": "first_name", "Username": "id", "Student ID": "lms_user_id"},
    heading="{unit} [Total Pts: {points:g} Score]",
    delimiter="\t",  # as Excel writes and reads it
    encoding="utf-16",
    notes=lambda people: ["Blackboard makes new columns of text from this; give --roster the file that it lets you download"],
    own_file=OwnFile(
        who={"Username": ("id", "email"), "Student ID": ("lms_user_id", "id")},
        name=("Last Name", "First Name"),
        needed=("Last Name", "First Name", "Username"),
        behind_title=re.compile(r"\[Total Pts.*"),
    ),
    sent_as=_sent_as,
    login_is_last=True,
    receipts=True,
)
