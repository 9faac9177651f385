"""What the cases of several units draw."""

from __future__ import annotations

from typing import Any

import numpy as np


def fractions(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers around 0 with two digits: short to read, and a result that is kept in integers shows."""
    return generator.normal(size=shape).round(2)


def whole(number: Any) -> int:
    """A number of a student's design as an int. Raises an error if it is none, or not whole."""
    if int(number) != number:
        raise ValueError(f"{number} is not whole")
    return int(number)
