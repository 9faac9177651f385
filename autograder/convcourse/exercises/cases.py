"""What the cases of several units draw."""

from __future__ import annotations

import numpy as np


def fractions(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers around 0 with two digits: short to read, and a result that is kept in integers shows."""
    return generator.normal(size=shape).round(2)
