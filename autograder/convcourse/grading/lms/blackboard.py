"""Blackboard. It finds a student by Username, and a column by the number after the bar. Only Blackboard knows this number."""

from __future__ import annotations

import re

from convcourse.grading.lms.system import OwnFile, System

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
)
