"""Which cases fail: an exact separation of the failing cases from the right ones, by what the arguments are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from convcourse.judging.exercise import Case

LEAST = 2  # cases on each side: with fewer any feature separates


def pattern(cases: Sequence[Case], failed: Sequence[bool]) -> str:
    """A sentence on what all failing cases, and no right ones, have in common; "" when nothing simple does."""
    wrong, right = sum(failed), len(failed) - sum(failed)
    if wrong < LEAST or right < LEAST:
        return ""
    features = [dict(_features(case.arguments)) for case in cases]
    for name in dict.fromkeys(name for known in features for name in known):
        marks = [known.get(name) for known in features]
        if None not in marks and [bool(mark) for mark in marks] == list(failed):
            return f"The {wrong} cases that fail are those with {name}; all {right} others are right."
    parts = {case.part for case, bad in zip(cases, failed, strict=True) if bad}
    if len(parts) == 1 and all(bad == (case.part in parts) for case, bad in zip(cases, failed, strict=True)):
        return f"All {wrong} cases of the part “{parts.pop()}” fail; all {right} others are right."
    return ""


def _features(arguments: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Simple things that are so or not so of a case's arguments, the simplest first."""
    numbers, lengths = {}, {}
    for name, value in arguments.items():
        if isinstance(value, bool | np.bool_):
            yield from ((f"`{name}={mark}`", bool(value) == mark) for mark in (True, False))
        elif isinstance(value, str) or value is None:
            yield f"`{name}={value!r}`", True
        elif isinstance(value, int | float | np.number):
            numbers[name] = float(value)
            yield from _of_number(name, float(value))
        elif isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            lengths[name] = value.size
            yield from _of_array(name, value)
        elif isinstance(value, list | tuple):
            lengths[name] = len(value)
            yield f"an empty `{name}`", len(value) == 0
            yield f"more than one item in `{name}`", len(value) > 1
            yield f"one item in `{name}`", len(value) == 1
    for known in (numbers, lengths):
        for one in known:
            for other in known:
                sized = "`{}` longer than `{}`" if known is lengths else "`{}` larger than `{}`"
                if one != other:
                    yield sized.format(one, other), known[one] > known[other]
                if one < other:
                    equal = "as many numbers in `{}` as in `{}`" if known is lengths else "`{}` equal to `{}`"
                    yield equal.format(one, other), known[one] == known[other]
                    unequal = "other numbers of elements in `{}` and `{}`" if known is lengths else "`{}` and `{}` unequal"
                    yield unequal.format(one, other), known[one] != known[other]


def _of_number(name: str, value: float) -> Iterator[tuple[str, bool]]:
    yield f"`{name}` above 1", value > 1
    yield f"`{name}` = 1", value == 1
    yield f"`{name}` = 0", value == 0
    yield f"`{name}` not 0", value != 0
    yield f"a negative `{name}`", value < 0
    yield f"a positive `{name}`", value > 0
    if value == int(value):
        yield f"an even `{name}`", value % 2 == 0
        yield f"an odd `{name}`", value % 2 == 1
    yield f"a fraction as `{name}`", value != int(value)
    yield from ((f"`{name}` above {bound}", value > bound) for bound in (2, 3, 4, 5))


def _of_array(name: str, value: np.ndarray) -> Iterator[tuple[str, bool]]:
    axes = value.ndim
    yield f"an empty `{name}`", value.size == 0
    for axis, size in enumerate(value.shape):
        along = f"along axis {axis} of `{name}`" if axes > 1 else f"in `{name}`"
        yield f"more than one {along}", size > 1
        yield f"one {along}", size == 1
        yield f"an even number {along}", size % 2 == 0
        yield f"an odd number {along}", size % 2 == 1
    for axis in range(axes - 1):
        first, second = value.shape[axis : axis + 2]
        one, other = ("rows", "columns") if axes == 2 else (f"numbers along axis {axis}", f"along axis {axis + 1}")
        yield f"as many {one} as {other} in `{name}`", first == second
        yield f"not as many {one} as {other} in `{name}`", first != second
        yield f"more {one} than {other} in `{name}`", first > second
        yield f"fewer {one} than {other} in `{name}`", first < second
    yield from ((f"{count} axes of `{name}`", axes == count) for count in (1, 2, 3, 4))
    yield f"whole numbers in `{name}`", value.dtype.kind in "iu"
    yield f"floats in `{name}`", value.dtype.kind == "f"
    if value.size and value.dtype.kind in "iuf":
        yield f"a negative number in `{name}`", bool((value < 0).any())
        yield f"no positive number in `{name}`", bool((value <= 0).all())
        yield f"a 0 in `{name}`", bool((value == 0).any())
        yield f"equal numbers in `{name}`", len(np.unique(value)) < value.size
        yield f"numbers above 100 in `{name}`", bool((np.abs(value) > 100).any())
        yield f"nothing but one number in `{name}`", bool(value.min() == value.max())
