"""Find parts of a solution in the student's notebook."""

from __future__ import annotations

import json
import re

REGION = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)
# A short line such as `return z` reveals nothing. A line of this length or more is the author's own work.
SHORTEST_TELLING_LINE = 16


def solution_lines(script: str) -> list[str]:
    """The lines inside the solution and hidden-test regions of a percent script, stripped, in order."""
    return [line.strip() for region in REGION.finditer(script) for line in region.group(2).splitlines() if line.strip()]


def leaks(script: str, released: str) -> list[str]:
    """Long solution lines and region marks that are in a released notebook (its JSON text).

    A line that the script shows outside its regions (in a worked example) is no leak.
    """
    shown = REGION.sub("", script)
    text = "\n".join("".join(cell["source"]) for cell in json.loads(released)["cells"])
    telling = [line for line in solution_lines(script) if len(line) >= SHORTEST_TELLING_LINE and line not in shown]
    marks = ["### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS"]
    return [line for line in [*telling, *marks] if line in text]
