"""Moodle. It asks the user to match columns with its fields, and stops at the first unknown student.

In its archive, with and without folders:

    Ada Lovelace_815_assignsubmission_file_/02_convolution_1d.ipynb
    Ada Lovelace_815_assignsubmission_file_02_convolution_1d.ipynb

Moodle draws a new number for each assignment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convcourse.grading.lms.system import Sent, System

if TYPE_CHECKING:
    from convcourse.grading.gradebook import Person

NAME = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?")


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    found = NAME.fullmatch(parts[0])
    if not found:
        return None
    file = parts[-1] if len(parts) > 1 else found["file"] or ""
    return Sent(MOODLE, found["name"], found["number"], file, typed=found["kind"] != "file")


def _notes(people: list[Person]) -> list[str]:
    without = [person.id for person in people if not person.email]
    return [f"{', '.join(without)}: no e-mail address; let Moodle identify users by Username or ID number"] if without else []


MOODLE = System(
    name="moodle",
    title="Moodle",
    columns={
        "First name": "first_name",
        "Last name": "last_name",
        "Username": "id",
        "ID number": "lms_user_id",
        "Email address": "email",
    },
    notes=_notes,
    sent_as=_sent_as,
)
