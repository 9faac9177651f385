"""Brightspace (D2L). It finds a student by OrgDefinedId or Username, and a grade item by the text before "Points Grade".

In its archive, with folders or without:

    397063-2557369 - Ada Lovelace - Nov 3, 2026 1159 PM/02_convolution_1d.ipynb
    397063-2557369 - Ada Lovelace - Nov 3, 2026 1159 PM - 02_convolution_1d.ipynb
"""

from __future__ import annotations

import re
from datetime import datetime

from convcourse.grading.lms.system import OwnFile, Sent, System

NAME = re.compile(
    r"(?P<number>\d+)-\d+ - (?P<name>.+?) - (?P<time>[A-Z][a-z]{2} \d{1,2}, \d{4} \d{3,4} [AP]M)(?: - (?P<file>.+))?"
)


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    found = NAME.fullmatch(parts[0])
    if not found:
        return None
    day, clock, half = found["time"].rsplit(" ", 2)
    time = datetime.strptime(f"{day} {clock.zfill(4)} {half}", "%b %d, %Y %I%M %p")
    file = parts[-1] if len(parts) > 1 else found["file"] or ""
    return Sent(BRIGHTSPACE, found["name"], found["number"], file, handed_in=time)


BRIGHTSPACE = System(
    name="brightspace",
    title="Brightspace",
    columns={
        "OrgDefinedId": "lms_user_id",
        "Username": "id",
        "Last Name": "last_name",
        "First Name": "first_name",
        "Email": "email",
    },
    heading="{unit} Points Grade <Numeric MaxPoints:{points:g}>",
    last_column=("End-of-Line Indicator", "#"),
    own_file=OwnFile(
        who={"OrgDefinedId": ("lms_user_id", "id"), "Username": ("id", "email"), "Email": ("email",)},
        name=("Last Name", "First Name"),
        needed=("End-of-Line Indicator",),
        behind_title=re.compile(r"Points Grade.*"),
        before_cell="#",  # keeps a spreadsheet from reading a number
    ),
    sent_as=_sent_as,
    beside=("index.html",),
)
