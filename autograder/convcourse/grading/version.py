"""The version of all that a score depends on besides the submission and the unit."""

from __future__ import annotations

import hashlib
from functools import cache

import convcourse
from convcourse import imports
from convcourse.exercises import UNITS

# Sources that no score depends on. All others count: grading too much again is harmless, too little is not.
NO_MATTER = ("authoring/book/", "authoring/notebooks/", "operations/", "pictures/")


@cache
def course_version(unit: str) -> str:
    """The package's version and a hash of its source: the judge's, and of exercises this unit's and those that it imports.

    A unit of the instructor's own may use exercises of any unit, so all of them count there.
    """
    digest = hashlib.sha256()
    used = imports.modules_behind([f"convcourse.exercises.{unit[3:]}", "convcourse.grading.judge"])
    for path in sorted(imports.PACKAGE.rglob("*.py")):
        place = path.relative_to(imports.PACKAGE)
        others = place.parts[0] == "exercises" and unit in UNITS and path not in used
        if not place.as_posix().startswith(NO_MATTER) and not others:
            digest.update(f"{place.as_posix()}\0".encode() + path.read_bytes())
    return f"{convcourse.__version__}+{digest.hexdigest()[:16]}"
