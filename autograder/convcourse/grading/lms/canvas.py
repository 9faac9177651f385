"""Canvas. It finds a student by ID, else by login, else by name. It finds an assignment by its name.

In its archive:

    lovelaceada_LATE_4711_90210_02_convolution_1d-1.ipynb
"""

from __future__ import annotations

import re

from convcourse.grading.lms.system import OwnFile, Sent, System

# Moodle's names may have such numbers too, if a student puts them into a file's name.
NAME = re.compile(
    r"(?!.+_\d+_assignsubmission_[a-z]+(?:_|$))"
    r"(?:(?P<name>(?!LATE_|anon_).+?)_)?(?P<late>LATE_)?(?:(?P<number>\d+)|anon_\w+?)_"
    r"(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<typed>text|link)\.html)"
)


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    found = NAME.fullmatch(parts[0]) if len(parts) == 1 else None
    if not found:
        return None
    late, attachment, typed = bool(found["late"]), int(found["attachment"] or 0), bool(found["typed"])
    return Sent(CANVAS, found["name"] or "", found["number"] or "", found["file"] or "", late, attachment, typed)


CANVAS = System(
    name="canvas",
    title="Canvas",
    columns={"Student": "sortable_name", "ID": "lms_user_id", "SIS User ID": "", "SIS Login ID": "id", "Section": ""},
    points_row="    Points Possible",
    own_file=OwnFile(
        who={"ID": ("lms_user_id",), "SIS Login ID": ("id", "email"), "SIS User ID": ("id",)},
        name=("Student",),
        needed=("Student", "ID", "Section"),
        behind_title=re.compile(r"\(\d+\)$"),
        kept=("Integration ID", "Root Account"),
    ),
    sent_as=_sent_as,
    resubmission=re.compile(r"-(\d+)(?=\.\w+$)"),
    knows_by_number=True,
)
