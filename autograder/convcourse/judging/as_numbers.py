"""A result as an array of numbers, looked at before NumPy makes an array of it."""

from __future__ import annotations

from typing import Any

import numpy as np

NUMBERS = "biufc"  # kinds of dtypes


def as_numbers(value: Any) -> np.ndarray | None:
    """The value as an array of numbers; None if it is something else.

    NumPy would make a list of one long and many short texts an array in which all are as long as the longest.
    Raises ValueError for a list that is not regular.
    """
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting.extend(one)
        elif isinstance(one, str | bytes | dict):
            return None
    array = np.asarray(value)
    return array if array.dtype.kind in NUMBERS else None
