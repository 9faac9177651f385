"""Small functions of an array whose slopes an exercise asks for. They travel to the student's process by their names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def sum_of_squares(x: np.ndarray) -> float:
    """Σ xᵢ²"""
    return float(np.sum(np.square(x)))


def weighted_sines(x: np.ndarray) -> float:
    """Σ i·sin(xᵢ), i counted from 1 in reading order."""
    return float(np.arange(1, np.size(x) + 1) @ np.sin(np.ravel(x)))


def log_of_sum(x: np.ndarray) -> float:
    """ln Σ exp(xᵢ)"""
    return float(np.log(np.sum(np.exp(x))))


def product_of_neighbours(x: np.ndarray) -> float:
    """Σ xᵢ·xᵢ₊₁, in reading order."""
    flat = np.ravel(x)
    return float(flat[:-1] @ flat[1:])


LOSSES: dict[str, Callable[[np.ndarray], float]] = {
    function.__name__: function for function in (sum_of_squares, weighted_sines, log_of_sum, product_of_neighbours)
}
