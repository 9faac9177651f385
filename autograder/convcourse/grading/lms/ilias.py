"""ILIAS: reads its archive of an exercise. It imports marks by a status file of its own only, which we do not write.

Lovelace_Ada_ada_1815/02_convolution_1d.ipynb
Team 7/Lovelace_Ada_ada_1815/02_convolution_1d.ipynb
"""

from __future__ import annotations

import re

from convcourse.grading.lms.system import Sent, System

NAME = re.compile(r"(?P<name>[^_\d]+_[^_\d]+)_(?P<login>[^_]+)_(?P<number>\d+)")


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    in_a_team = len(parts) > 1 and re.fullmatch(r"Team[ _]\d+", parts[0])
    found = NAME.fullmatch(parts[1 if in_a_team else 0])
    return Sent(ILIAS, found["name"], found["number"], parts[-1], login=found["login"]) if found else None


ILIAS = System(
    name="ilias",
    title="ILIAS",
    sent_as=_sent_as,
    beside=("status.csv", "status.xlsx", "status.xls"),
)
