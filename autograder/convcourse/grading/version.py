"""The version of all that a score depends on besides the submission and the unit."""

from __future__ import annotations

from functools import cache

import convcourse
from convcourse import imports
from convcourse.exercises import UNITS, module_of

# Sources that no score depends on. All others count: grading too much again is harmless, too little is not.
NO_MATTER = ("authoring/book/", "authoring/notebooks/", "operations/", "pictures/")


@cache
def course_version(unit: str) -> str:
    """The package's version and a hash of its source: the judge's, and of exercises this unit's and those that it imports.

    A unit of the instructor's own may use exercises of any unit, so all of them count there.
    """
    by_import = ("exercises",) if unit in UNITS else ()
    sources = imports.sources_behind([module_of(unit), "convcourse.grading.judge"], by_import, NO_MATTER)
    return f"{convcourse.__version__}+{imports.digest_of(sources, imports.PACKAGE)}"
