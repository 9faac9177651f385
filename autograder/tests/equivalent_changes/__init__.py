"""Changes of right answers that are right too, on every input that the text allows: one file for each unit.

Each has EQUIVALENT for the solutions: exercise -> {"line before  →  line after", as `python -m tests.strength` prints it: why},
and may have EQUIVALENT_OF_OTHERS for the other right answers. "line before  ⇄" stands for every exchange of two things there.
What `equivalent_kinds.py` recognises need not be listed.
"""

from __future__ import annotations

import importlib
import importlib.util

from convcourse.exercises import module_of

ARROW = "  →  "
EXCHANGE = "  ⇄"

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
GIVEN_FLOATS = "the numbers are floats already"
PRODUCT_ONLY = "only their product counts"
NO_REST = "the division leaves no rest"
ONE_BACK = "`Concatenate` gives a single tensor back"
KERAS_DEFAULT = "it is so where nothing is said"
RELU_TWICE = "a ReLU behind a ReLU changes nothing"
POOL_STEPS = "a pooling goes on by its own size where nothing is said"
OUT_OF_REACH = "not right, but no case can tell: cases are plain data"
TOLD_BY_EXAMPLES = "not right; it shows in an example, which counts at grading, and seldom in the hidden cases"
UNDEFINED = "undefined memory, which may hold the right numbers by luck"  # the one reason for which a change may fail, too


def has_list(unit: str) -> bool:
    return importlib.util.find_spec(module_of(unit, __name__)) is not None


def equivalent_changes(unit: str, others: bool = False) -> dict[str, dict[str, str]]:
    """The lists of a unit's exercises; none for a unit without a file. others: of the other right answers."""
    if not has_list(unit):
        return {}
    module = importlib.import_module(module_of(unit, __name__))
    found: dict[str, dict[str, str]] = getattr(module, "EQUIVALENT_OF_OTHERS", {}) if others else module.EQUIVALENT
    return found
