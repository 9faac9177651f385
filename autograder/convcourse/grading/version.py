"""The version of all code on which a score depends, except the submission and the unit."""

from __future__ import annotations

from functools import cache

import convcourse
from convcourse import imports
from convcourse.exercises import UNITS, module_of

# No score depends on these sources. All others count, because grading too much is harmless and grading too little is not.
NO_MATTER = ("authoring/book/", "authoring/notebooks/", "operations/", "pictures/")


@cache
def course_version(unit: str) -> str:
    """The package's version and a hash of its source: the judge, this unit's exercises, and the exercises that they import.

    An instructor's own unit may use exercises of any unit, so all exercises count there.
    """
    by_import = ("exercises",) if unit in UNITS else ()
    sources = imports.sources_behind([module_of(unit), "convcourse.grading.judge"], by_import, NO_MATTER)
    return f"{convcourse.__version__}+{imports.digest_of(sources, imports.PACKAGE)}"
