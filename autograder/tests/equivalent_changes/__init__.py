"""Changes of solutions that are right too, on every input that the text allows: one file for each unit.

Each has EQUIVALENT: exercise -> {"line before  →  line after", as `python -m tests.strength` prints it: why}.
"""

from __future__ import annotations

import importlib
import importlib.util

from convcourse.exercises import module_of

SAME_AXIS = "the same axis or place, counted from the end"
A_LIST = "a list of the same numbers"
ONE_AXIS = "there is one axis only"
SYMMETRIC = "the order does not matter"
OVERWRITTEN = "every number is written afterwards"
FROM_ZERO = "adding to 0"
INDEPENDENT = "the lines do not depend on each other"
ALIAS = "both names hold the same"
SAME_SHAPE = "both are as large"
OTHER_TYPE = "the same numbers of another type"
SIZE_LEFT_OPEN = "NumPy takes any negative number for the size that is left open"
OUT_OF_REACH = "not right, but no case can tell: cases are plain data"
UNDEFINED = "undefined memory, which may hold the right numbers by luck"  # the one reason for which a change may fail, too


def has_list(unit: str) -> bool:
    return importlib.util.find_spec(module_of(unit, __name__)) is not None


def equivalent_changes(unit: str) -> dict[str, dict[str, str]]:
    """The lists of a unit's exercises; none for a unit without a file."""
    if not has_list(unit):
        return {}
    found: dict[str, dict[str, str]] = importlib.import_module(module_of(unit, __name__)).EQUIVALENT
    return found
