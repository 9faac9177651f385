"""`convcourse new-unit`: template files of a unit with one working exercise, for an author to replace."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from convcourse.errors import CourseError
from convcourse.exercises import UNITS

NAME = re.compile(r"(\d\d)_([a-z][a-z0-9_]*)")
# The destination of each template, relative to the project's folder.
FILES = {
    "exercises": "autograder/convcourse/exercises/{name}.py",
    "pictures": "autograder/convcourse/pictures/{name}.py",
    "lesson": "solutions/{unit}/{unit}.py",
    "right_answers": "autograder/tests/right_answers/{name}.py",
}


def new_unit(root: Path, unit: str) -> list[Path]:
    """Write the files of a unit such as "24_edges" into the project in `root`, and return their paths.

    Raises CourseError if the name is no valid unit name, or if the unit or one of its files exists already.
    """
    said = NAME.fullmatch(unit)
    if said is None:
        raise CourseError(f"'{unit}' cannot be a unit: its name is a number of two digits and a word, as in 24_edges")
    number, name = said.groups()
    if taken := [other for other in UNITS if other[:2] == number or other[3:] == name]:
        raise CourseError(f"there is a unit '{taken[0]}' already; the last one is {UNITS[-1]}")
    paths = {kind: root / place.format(unit=unit, name=name) for kind, place in FILES.items()}
    if there := [path for path in paths.values() if path.exists()]:
        raise CourseError(f"{there[0]} is there already")
    words = {"unit": unit, "number": number, "name": name, "title": name.replace("_", " ").capitalize()}
    templates = Environment(loader=PackageLoader(__name__, "."), undefined=StrictUndefined, keep_trailing_newline=True)
    for kind, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(templates.get_template(f"{kind}.py.jinja").render(words), encoding="utf-8")
    return list(paths.values())
