"""Exact statements about wrong results that hold in every failing case: the rules of hints. None of them guesses a cause.

A rule is a function from the failing pairs to a sentence, or to "" when it does not hold. To add one:

- It checks all that it uses: equal shapes (`pair.same_shape`), the number of axes, and enough numbers (`_told`: one number
  proves nothing). It must hold in all failing pairs. `_everywhere` asks whether a change of the student's result is right.
  `_made_of` asks whether the result is a change of the expected one. `_axis` and `_thing` give the words for an axis.
- In RULES the more special statement stands before the more general one.
- In tests/test_relations.py add an example, and one near miss of which nothing is said. Run it and tests/test_check.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np

from convcourse.judging.as_numbers import as_numbers
from convcourse.judging.compare import result_name, wrong_places
from convcourse.judging.exercise import Names


@dataclass(frozen=True, eq=False)
class Pair:
    """A failing case: what was expected and what came, as arrays, the call's arguments, and the allowed error."""

    right: np.ndarray
    got: np.ndarray
    arguments: Mapping[str, Any]
    tolerance: float

    @property
    def same_shape(self) -> bool:
        return self.right.shape == self.got.shape

    def is_right(self, other: Any) -> bool:
        """Does another array have the expected numbers?"""
        other = np.asarray(other)
        return other.shape == self.right.shape and not wrong_places(self.right, other, self.tolerance).any()

    def is_got(self, other: Any) -> bool:
        """Does an array, made from the expected one, have the numbers that came?"""
        other = np.asarray(other, dtype=float)
        return other.shape == self.got.shape and not wrong_places(other, self.got, max(self.tolerance, 1e-7)).any()


Rule = Callable[[Sequence[Pair]], str]


def relation(
    failing: Sequence[tuple[Any, Any, Mapping[str, Any]]], tolerance: float, weak: bool = False, names: Names = ()
) -> str:
    """The first rule that holds for all failing cases, as a sentence to the student; "" when none does.

    failing: expected result, student's result and arguments of each case that failed without an error.
    weak: of the rules that say less. names: of several results.
    """
    if not failing:
        return ""
    if all(isinstance(right, tuple) for right, _, _ in failing):
        return "" if weak else _of_several(failing, tolerance, names)
    pairs = [_pair(*case, tolerance) for case in failing]
    if any(pair is None for pair in pairs):
        return ""
    return _first([pair for pair in pairs if pair is not None], WEAK if weak else RULES)


def _first(pairs: Sequence[Pair], rules: Sequence[Rule]) -> str:
    with np.errstate(all="ignore"):
        return next(filter(None, (rule(pairs) for rule in rules)), "")


def _pair(right: Any, got: Any, arguments: Mapping[str, Any], tolerance: float) -> Pair | None:
    try:
        expected, array = as_numbers(right), as_numbers(got)
    except ValueError:  # a ragged list
        return None
    if expected is None or array is None:
        return None
    if array.dtype.kind == "c" and expected.dtype.kind != "c":  # neither larger nor smaller
        return None
    return Pair(expected, array, arguments, tolerance)


def _of_several(failing: Sequence[tuple[Any, Any, Mapping[str, Any]]], tolerance: float, names: Names) -> str:
    """Of functions with several results: which are wrong, whether two are exchanged, and what the wrong one is."""
    count = len(failing[0][0])
    rows = []
    for right, got, arguments in failing:
        if not isinstance(got, tuple | list) or len(got) != count or len(right) != count:
            return ""
        pairs = [_pair(one, other, arguments, tolerance) for one, other in zip(right, got, strict=True)]
        if any(pair is None for pair in pairs):
            return ""
        rows.append([pair for pair in pairs if pair is not None])
    for order in permutations(range(count)) if 1 < count < 5 else ():
        if list(order) != sorted(order) and all(row[i].is_right(row[j].got) for row in rows for i, j in enumerate(order)):
            return "The results are the right ones in another order." if count > 2 else "The two results are exchanged."
    wrong = [[not pair.is_right(pair.got) for pair in row] for row in rows]
    places = [place for place in range(count) if any(row[place] for row in wrong)]
    if len(places) == 1:
        (place,) = places
        words = _first([row[place] for row, bad in zip(rows, wrong, strict=True) if bad[place]], (*RULES, *WEAK))
        only = f"Only {result_name(place, count, names)} is wrong."
        return f"{only} {words}" if words else only
    for place in places:
        if words := _first([row[place] for row, bad in zip(rows, wrong, strict=True) if bad[place]], (*RULES, *WEAK)):
            name = result_name(place, count, names)
            return f"{name[0].upper()}{name[1:]}: {words[0].lower()}{words[1:]}"
    return ""


# --- rules about numbers in the same shape -----------------------------------------------------


def _told(pairs: Sequence[Pair]) -> int:
    """How many different numbers the failing cases hold: one alone proves no relation."""
    return len({float(abs(number)) for pair in pairs for number in np.unique(pair.right)[:50]})


def _everywhere(pairs: Sequence[Pair], change: Callable[[Pair], Any], least: int = 2) -> bool:
    """Would `change` of the student's result make every failing case right?"""
    return all(pair.same_shape for pair in pairs) and _told(pairs) >= least and all(pair.is_right(change(pair)) for pair in pairs)


def _made_of(pairs: Sequence[Pair], change: Callable[[np.ndarray], Any], least: int = 2) -> bool:
    """Is every result that came what `change` makes of the expected one?"""
    enough = all(pair.same_shape for pair in pairs) and _told(pairs) >= least
    return enough and all(pair.is_got(change(pair.right)) for pair in pairs)


def not_finite(pairs: Sequence[Pair]) -> str:
    bad = [~np.isfinite(pair.got) for pair in pairs]
    if not all(pair.same_shape and marks.any() and np.isfinite(pair.right).all() for pair, marks in zip(pairs, bad, strict=True)):
        return ""
    if all(marks.all() for marks in bad):
        return ""
    rest = all(not (wrong_places(p.right, p.got, p.tolerance) & ~marks).any() for p, marks in zip(pairs, bad, strict=True))
    return "All other numbers are right: only those that are nan or inf are wrong." if rest else ""


def argument_itself(pairs: Sequence[Pair]) -> str:
    names = set.intersection(*({name for name, value in p.arguments.items() if _equals_argument(p, value)} for p in pairs))
    return f"You return `{sorted(names)[0]}` as it was given." if names and _told(pairs) > 1 else ""


def _equals_argument(pair: Pair, value: Any) -> bool:
    array = _numbers(value)
    return array is not None and array.shape == pair.got.shape and bool((array == pair.got).all())


def _numbers(value: Any) -> np.ndarray | None:
    """An argument as an array of numbers, or None when it is something else."""
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged list
        return None
    return array if array.dtype.kind in "biuf" else None


def always_the_same(pairs: Sequence[Pair]) -> str:
    """One result whatever the arguments, where the expected ones differ."""
    first = pairs[0]
    if len(pairs) < 3 or not all(p.got.shape == first.got.shape and np.array_equal(p.got, first.got) for p in pairs):
        return ""
    if len({pair.right.tobytes() for pair in pairs}) < 2:
        return ""
    return f"You give {first.got} each time." if first.got.size == 1 else "You give the same result each time."


def quantity_itself(pairs: Sequence[Pair]) -> str:
    """A single number that is a size, or the largest number, or the like, of an argument."""
    if len(pairs) < 2 or any(pair.got.ndim or pair.right.ndim or pair.right.dtype.kind == "b" for pair in pairs):
        return ""
    numbers = [float(pair.got) for pair in pairs]
    name = "" if _by_accident(numbers) else _named_by(pairs, numbers)
    return f"The number that you give is {name}." if name else ""


def argument_in_it(pairs: Sequence[Pair]) -> str:
    """The student's array is the expected one plus, minus, times or divided by an argument, number by number."""
    if not all(pair.same_shape and pair.right.dtype.kind != "b" and pair.right.size > 1 for pair in pairs):
        return ""
    for name in pairs[0].arguments:
        given = [_numbers(pair.arguments.get(name)) for pair in pairs]
        arrays = [array for array in given if array is not None and array.ndim and array.size > 1]
        if len(arrays) < len(pairs) or not all(_fits_on(array, p.right) for array, p in zip(arrays, pairs, strict=True)):
            continue
        for made, words in (
            (np.add, "the expected ones plus"),
            (np.subtract, "the expected ones minus"),
            (np.multiply, "the expected ones times"),
            (np.divide, "the expected ones divided by"),
        ):
            if all(pair.is_got(made(pair.right, array.astype(float))) for array, pair in zip(arrays, pairs, strict=True)):
                return f"Your numbers are {words} those of `{name}`."
    return ""


def _fits_on(array: np.ndarray, right: np.ndarray) -> bool:
    try:
        return np.broadcast_shapes(array.shape, right.shape) == right.shape
    except ValueError:
        return False


def sign(pairs: Sequence[Pair]) -> str:
    if not _everywhere(pairs, lambda p: -p.got.astype(float), 1) or any(p.right.dtype.kind == "b" for p in pairs):
        return ""
    return "All numbers have the wrong sign." if sum(p.right.size for p in pairs) > 1 else ""


def absolute(pairs: Sequence[Pair]) -> str:
    return "You give absolute values: where a negative number is expected, yours is positive." if _made_of(pairs, np.abs) else ""


def clipped(pairs: Sequence[Pair]) -> str:
    if any(p.right.dtype.kind == "b" for p in pairs):
        return ""
    if _made_of(pairs, lambda right: np.maximum(right, 0)):
        return "The positive numbers are right. Where a negative number is expected, yours is 0."
    if _everywhere(pairs, lambda p: np.maximum(p.got, 0)):
        return "The positive numbers are right. Where 0 is expected, yours is negative."
    return ""


CUT: tuple[tuple[Callable[[np.ndarray], Any], str], ...] = (
    (np.trunc, "cut to whole numbers: 2.7 became 2 and −2.7 became −2"),
    (np.rint, "rounded to whole numbers"),
    (np.floor, "rounded down to whole numbers"),
    (np.ceil, "rounded up to whole numbers"),
)


def whole(pairs: Sequence[Pair]) -> str:
    if any(pair.right.dtype.kind != "f" for pair in pairs):
        return ""
    for made, words in CUT:
        if _made_of(pairs, made):
            return f"Your numbers are the expected ones, {words}."
    for digits in range(1, 7):
        if _made_of(pairs, partial(np.round, decimals=digits), 3):
            return f"Your numbers are the expected ones, rounded to {digits} digits after the point."
    return ""


def factor(pairs: Sequence[Pair]) -> str:
    """All numbers are c times the expected ones; c is one number, or an argument, or a size of one."""
    found = [_factor(pair) for pair in pairs]
    if any(c is None for c in found) or _told(pairs) < 2 or any(pair.right.dtype.kind == "b" for pair in pairs):
        return ""
    factors = [float(c) for c in found if c is not None]
    if np.allclose(factors, factors[0], rtol=1e-5):
        return f"All your numbers are {_as_words(factors[0])} times the expected ones." if abs(factors[0]) > 1e-9 else ""
    for power, words in ((1, "{} times the expected ones"), (-1, "the expected ones divided by {}")):
        if name := _named_by(pairs, [c**power if c else np.inf for c in factors]):
            return f"All your numbers are {words.format(name)}."
    if all(pair.right.size > 2 for pair in pairs):
        shown = ", ".join(_as_words(c) for c in factors[:3])
        return (
            f"Within each case all your numbers are the expected ones times a factor, which differs from case to case: {shown}."
        )
    return ""


def _factor(pair: Pair) -> float | None:
    """The one factor from the expected numbers to the student's, or None."""
    if not pair.same_shape or pair.right.size == 0:
        return None
    right, got = pair.right.astype(float).ravel(), pair.got.astype(float).ravel()
    largest = int(np.argmax(np.abs(right)))
    if not np.isfinite(got).all() or abs(right[largest]) < 1e-9:
        return None
    c = got[largest] / right[largest]
    return c if np.allclose(got, c * right, rtol=1e-6, atol=1e-7 * abs(got).max() + 1e-12) else None


def offset(pairs: Sequence[Pair]) -> str:
    """All numbers are off by c; c is one number, or an argument, or a size of one."""
    if not all(pair.same_shape and pair.right.size and pair.right.dtype.kind != "b" for pair in pairs) or _told(pairs) < 2:
        return ""
    gaps = [pair.got.astype(float) - pair.right.astype(float) for pair in pairs]
    scale = [max(1.0, float(np.abs(pair.right).max())) for pair in pairs]
    if not all(np.isfinite(gap).all() and np.ptp(gap) <= 1e-6 * size for gap, size in zip(gaps, scale, strict=True)):
        return ""
    means = [float(gap.mean()) for gap in gaps]
    direction = "larger" if means[0] > 0 else "smaller"
    if np.allclose(means, means[0], atol=1e-6):
        return (
            f"All your numbers are {_as_words(abs(means[0]))} {direction} than the expected ones."
            if len(pairs) > 1 or pairs[0].right.size > 2
            else ""
        )
    if len({gap > 0 for gap in means}) == 1 and (name := _named_by(pairs, [abs(gap) for gap in means])):
        return f"All your numbers are {direction} than the expected ones by {name}."
    for power in (1, -1):
        if name := _named_by(pairs, [power * gap for gap in means]):
            return f"The expected numbers are yours {'minus' if power > 0 else 'plus'} {name}."
    if all(pair.right.size > 2 for pair in pairs):
        return "Within each case all your numbers are off by the same amount, which differs from case to case."
    return ""


def _named_by(pairs: Sequence[Pair], numbers: Sequence[float]) -> str:
    """What these numbers, one for each case, are: an argument, a sum of its numbers, or one of its sizes; "" if nothing."""
    if len(pairs) < 2 or np.ptp(numbers) < 1e-9:
        return ""
    known = [dict(_quantities(pair.arguments)) for pair in pairs]
    for name in known[0]:
        if all(name in one and np.isclose(one[name], number, rtol=1e-6) for one, number in zip(known, numbers, strict=True)):
            return name
    return ""


def _by_accident(numbers: Sequence[float]) -> bool:
    """Are they two whole numbers at most, which agree with some size by accident?"""
    return len(set(numbers)) < 3 and all(number.is_integer() for number in numbers)


def _quantities(arguments: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Numbers that are known of the arguments, with their names."""
    for name, value in arguments.items():
        if isinstance(value, bool | str):
            continue
        if isinstance(value, int | float | np.number):
            yield f"`{name}`", float(value)
            yield f"`{name}²`", float(value) ** 2
        elif isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.size:
            yield from ((f"`{name}.shape[{axis}]`", float(size)) for axis, size in enumerate(value.shape) if value.ndim > 1)
            yield (f"`len({name})`" if value.ndim == 1 else f"`{name}.size`"), float(value.size)
            yield f"the sum of `{name}`", float(value.sum())
            yield f"the mean of `{name}`", float(value.mean())
            yield f"the largest number of `{name}`", float(value.max())
            yield f"the norm of `{name}`", float(np.linalg.norm(value))
        elif isinstance(value, list | tuple):
            yield f"`len({name})`", float(len(value))


def function_of(pairs: Sequence[Pair]) -> str:
    """One well-known function stands between the expected numbers and the student's."""
    if any(pair.right.dtype.kind == "b" for pair in pairs):
        return ""
    for made, words in (
        (np.square, "the squares of the expected ones"),
        (np.sqrt, "the square roots of the expected ones"),
        (lambda right: 1 / right, "1 divided by the expected ones"),
        (lambda right: 1 - right, "1 minus the expected ones"),
        (np.log, "the logarithms of the expected ones"),
        (np.exp, "the exponentials of the expected ones"),
        (np.degrees, "in degrees; radians are expected"),
        (np.radians, "in radians; degrees are expected"),
        (lambda right: right / np.log(2), "taken with the logarithm to base 2"),
    ):
        if _made_of(pairs, made, 3):
            return f"All your numbers are {words}."
    return ""


def complement(pairs: Sequence[Pair]) -> str:
    if _size(pairs) < 3 or not all(pair.right.dtype.kind == "b" and pair.same_shape for pair in pairs):
        return ""
    return "Every answer is the opposite." if all((pair.right == (pair.got == 0)).all() for pair in pairs) else ""


def _size(pairs: Sequence[Pair]) -> int:
    return sum(pair.right.size for pair in pairs)


# --- rules about where numbers stand -----------------------------------------------------------


def flipped(pairs: Sequence[Pair]) -> str:
    axes = pairs[0].right.ndim
    if not all(pair.right.ndim == axes and pair.same_shape for pair in pairs) or axes == 0 or _told(pairs) < 2:
        return ""
    for axis in range(axes):
        if all(pair.is_right(np.flip(pair.got, axis)) for pair in pairs):
            along = f" along {_axis(axis, axes)}" if axes > 1 else ""
            return f"The numbers are right but in reverse order{along}."
    every = all(pair.is_right(np.flip(pair.got)) for pair in pairs)
    return "The numbers are right but in reverse order along every axis." if every else ""


def exchanged_axes(pairs: Sequence[Pair]) -> str:
    axes = pairs[0].right.ndim
    if axes < 2 or axes > 5 or not all(pair.right.ndim == pair.got.ndim == axes for pair in pairs) or _told(pairs) < 2:
        return ""
    for order in permutations(range(axes)):
        if list(order) != sorted(order) and all(pair.is_right(np.transpose(pair.got, order)) for pair in pairs):
            if axes == 2:
                return "Rows and columns are exchanged: yours is the transpose of the expected result."
            return (
                f"The numbers are right, but the axes are in another order: transposed to {order} yours is the expected result."
            )
    return ""


def shifted(pairs: Sequence[Pair]) -> str:
    """By some places along an axis; what comes in at the end is left out of the comparison."""
    axes = pairs[0].right.ndim
    if not all(pair.same_shape and pair.right.ndim == axes for pair in pairs) or axes == 0 or _told(pairs) < 3:
        return ""
    for axis in range(axes):
        if min(pair.right.shape[axis] for pair in pairs) < 3:
            continue
        along = _axis(axis, axes)
        for late, words in ((1, "late"), (-1, "early")):
            for steps, count in ((1, "one place"), (2, "two places")):
                if all(_is_shifted(pair, axis, late * steps) for pair in pairs):
                    return f"Your numbers are right but stand {count} too {words} along {along}."
            furthest = [range(1, (pair.right.shape[axis] + 1) // 2) for pair in pairs]
            if all(any(_is_shifted(p, axis, late * s) for s in steps) for p, steps in zip(pairs, furthest, strict=True)):
                return f"Your numbers are right but stand too {words} along {along}; how far depends on the case."
    return ""


def _is_shifted(pair: Pair, axis: int, steps: int) -> bool:
    size = pair.right.shape[axis]
    if steps > 0:
        right, got = pair.right.take(range(size - steps), axis), pair.got.take(range(steps, size), axis)
    else:
        right, got = pair.right.take(range(-steps, size), axis), pair.got.take(range(size + steps), axis)
    varied = right.size > 1 and np.ptp(right.astype(float)) > 0
    return bool(varied and not wrong_places(right, got, pair.tolerance).any())


def other_order(pairs: Sequence[Pair]) -> str:
    if not all(pair.same_shape and pair.right.size > 2 for pair in pairs) or _told(pairs) < 2 or len(pairs) < 2:
        return ""
    axes = pairs[0].right.ndim
    for axis in range(axes) if axes > 1 and all(pair.right.ndim == axes for pair in pairs) else ():
        if all(_same_numbers(pair, axis) for pair in pairs):
            return f"These are the expected numbers, in another order along {_axis(axis, axes)}."
    return "These are the expected numbers, at other places." if all(map(_same_numbers, pairs)) else ""


def _same_numbers(pair: Pair, axis: int | None = None) -> bool:
    """Are they the same at whatever places: in all, or in each line along an axis?"""
    return not wrong_places(np.sort(pair.right, axis), np.sort(pair.got, axis), pair.tolerance).any()


def only_some_places(pairs: Sequence[Pair]) -> str:
    """Wrong numbers stand at one end of an axis only, at the border only, or everywhere but at one end."""
    axes = pairs[0].right.ndim
    if axes == 0 or not all(pair.same_shape and pair.right.ndim == axes for pair in pairs):
        return ""
    wrong = [wrong_places(pair.right, pair.got, pair.tolerance) for pair in pairs]
    for axis in range(axes):
        lengths = [marks.shape[axis] for marks in wrong]
        if min(lengths) < 2 or max(lengths) < 3:
            continue
        moved = [np.moveaxis(marks, axis, 0) for marks in wrong]
        ends = (("first", slice(0, 1), slice(1, None)), ("last", slice(-1, None), slice(0, -1)))
        for end, _, rest in ends:
            if not any(marks[rest].any() for marks in moved):
                return f"Only the {end} {_thing(axis, axes)} is wrong."
        for end, here, rest in ends:
            if not any(marks[here].any() for marks in moved) and all(marks[rest].all() for marks in moved):
                return f"Only the {end} {_thing(axis, axes)} is right."
    for axis in range(axes):
        if min(marks.shape[axis] for marks in wrong) >= 4:
            moved = [np.moveaxis(marks, axis, 0) for marks in wrong]
            if not any(marks[1:-1].any() for marks in moved):
                return f"Only the first and the last {_thing(axis, axes)} are wrong."
    if axes == 2 and all(min(marks.shape) > 4 for marks in wrong):
        for width in (1, 2):
            if not any(marks[width:-width, width:-width].any() for marks in wrong):
                return "Only the border is wrong; the middle is right."
    return ""


def only_some_numbers(pairs: Sequence[Pair]) -> str:
    """The wrong numbers are those whose expected value is 0, or negative, or not 0."""
    if not all(pair.same_shape and pair.right.ndim for pair in pairs):
        return ""
    right = np.concatenate([pair.right.ravel().astype(float) for pair in pairs])
    wrong = np.concatenate([wrong_places(pair.right, pair.got, pair.tolerance).ravel() for pair in pairs])
    got = np.concatenate([pair.got.ravel().astype(float) for pair in pairs])
    if pairs[0].right.dtype.kind == "b":
        for marks, words in ((right == 1, ("False", "True")), (right == 0, ("True", "False"))):
            if wrong.sum() > 1 and marks[wrong].all():
                return f"Every wrong answer is {words[0]} where {words[1]} is expected; no answer is wrongly {words[1]}."
        return ""
    expected = {"0": right == 0, "a negative number": right < 0, "a positive number": right > 0}
    for number, marks in expected.items():
        if 1 < marks.sum() < right.size and (marks == wrong).all():
            return f"The numbers are wrong exactly where {number} is expected."
    if wrong.sum() > 2 and (got[wrong] == 0).all() and (got[~wrong] != 0).any():
        return "Wherever your number is wrong, it is 0."
    if _size(pairs) > 4 and (got == 0).all():
        return "All your numbers are 0."
    same = all(np.ptp(pair.got.astype(float)) == 0 for pair in pairs)
    return "Within each case all your numbers are the same." if same and all(p.right.size > 2 for p in pairs) else ""


def larger_or_smaller(pairs: Sequence[Pair]) -> str:
    """A single number that is always too large or too small; a result that is always too long or too short."""
    if len(pairs) < 3 or any(pair.right.ndim != pair.got.ndim for pair in pairs):
        return ""
    axes = pairs[0].right.ndim
    if any(pair.right.ndim != axes or pair.right.dtype.kind == "b" for pair in pairs):
        return ""
    if axes == 0:
        gaps = np.array([float(pair.got) - float(pair.right) for pair in pairs])
        return _always(gaps, "your number is too large", "your number is too small")
    for axis in range(axes):
        gaps = np.array([pair.got.shape[axis] - pair.right.shape[axis] for pair in pairs])
        along = _axis(axis, axes)
        if words := _always(gaps, f"your result is too long along {along}", f"your result is too short along {along}"):
            return words
    return ""


def _always(gaps: np.ndarray, above: str, below: str) -> str:
    return (
        f"In every failing case {above}." if (gaps > 0).all() else f"In every failing case {below}." if (gaps < 0).all() else ""
    )


# --- rules about shapes ------------------------------------------------------------------------


def one_more_or_less(pairs: Sequence[Pair]) -> str:
    """One or two too many or too few along an axis, and at which end."""
    axes = pairs[0].right.ndim
    if axes == 0 or not all(pair.right.ndim == pair.got.ndim == axes for pair in pairs):
        return ""
    gaps = {tuple(np.subtract(pair.got.shape, pair.right.shape).tolist()) for pair in pairs}
    if len(gaps) != 1:
        return ""
    (gap,) = gaps
    if not any(gap) or max(map(abs, gap)) > 2:
        return ""
    places = [axis for axis in range(axes) if gap[axis]]
    if len({gap[axis] for axis in places}) > 1:
        return ""
    more, count = gap[places[0]] > 0, "one" if abs(gap[places[0]]) == 1 else "two"
    along = " and along ".join(_axis(axis, axes) for axis in places)
    words = f"Your result has {count} too {'many' if more else 'few'} along {along}"
    for front in (True, False):
        if all(_fits(pair, places, front) for pair in pairs):
            return f"{words}, at the {'beginning' if front else 'end'}; the rest is right."
    return f"{words} in every failing case."


def _fits(pair: Pair, places: Sequence[int], front: bool) -> bool:
    """Are the common numbers right when what is too much or missing stands at one end?"""
    right, got = pair.right, pair.got
    for axis in places:
        size = min(right.shape[axis], got.shape[axis])
        right, got = (
            array.take(range(array.shape[axis] - size, array.shape[axis]) if front else range(size), axis)
            for array in (right, got)
        )
    return right.size > 0 and not wrong_places(right, got, pair.tolerance).any()


def axis_more_or_less(pairs: Sequence[Pair]) -> str:
    for pair in pairs:
        if pair.right.size != pair.got.size or pair.right.shape == pair.got.shape:
            return ""
        if not pair.is_right(pair.got.reshape(pair.right.shape)):
            return ""
    first = pairs[0]
    if first.got.ndim > first.right.ndim and [n for n in first.got.shape if n > 1] == [n for n in first.right.shape if n > 1]:
        return "The numbers are right, but your result has an axis of length 1 too many."
    if first.got.ndim < first.right.ndim and [n for n in first.got.shape if n > 1] == [n for n in first.right.shape if n > 1]:
        return "The numbers are right, but an axis of length 1 is missing."
    return "The numbers and their order are right, but not the shape."


def reduced_or_not(pairs: Sequence[Pair]) -> str:
    """The result still has an axis to be summed or averaged over, or has lost one."""
    if not all(pair.got.size and pair.right.size for pair in pairs):  # nothing has no maximum
        return ""
    for axis in range(min(pair.got.ndim for pair in pairs)):
        for made, words in ((np.sum, "sum"), (np.mean, "mean"), (np.max, "maximum")):
            if all(pair.got.ndim == pair.right.ndim + 1 and pair.is_right(made(pair.got, axis=axis)) for pair in pairs):
                return f"The {words} of your result along axis {axis} is the expected result."
    if all(pair.got.ndim > pair.right.ndim == 0 for pair in pairs):
        for made, words in ((np.sum, "sum"), (np.mean, "mean"), (np.max, "maximum")):
            if all(pair.is_right(made(pair.got)) for pair in pairs):
                return f"The {words} of all your numbers is the expected number."
    for axis in range(min(pair.right.ndim for pair in pairs)):
        for made, words in ((np.sum, "sum"), (np.mean, "mean"), (np.max, "maximum")):
            if all(pair.got.ndim == pair.right.ndim - 1 and pair.is_got(made(pair.right, axis=axis)) for pair in pairs):
                return f"Your result is the {words} of the expected one along axis {axis}: that axis should stay."
    return ""


def mask_or_indices(pairs: Sequence[Pair]) -> str:
    if any(pair.right.ndim != 1 or pair.got.ndim != 1 for pair in pairs):
        return ""
    kinds = {(pair.right.dtype.kind, pair.got.dtype.kind) for pair in pairs}
    if kinds <= {("i", "b"), ("u", "b")} and all(np.array_equal(np.flatnonzero(p.got), p.right) for p in pairs):
        return "You give a mask of True and False; the indices of the True ones are expected."
    if kinds <= {("b", "i"), ("b", "u")} and all(np.array_equal(np.flatnonzero(p.right), p.got) for p in pairs):
        return "You give indices; a mask of True and False is expected."
    return ""


def part_of_it(pairs: Sequence[Pair]) -> str:
    """The expected numbers are a part of the student's, or the other way round."""
    axes = pairs[0].right.ndim
    if axes not in (1, 2) or not all(p.right.ndim == p.got.ndim == axes and not p.same_shape for p in pairs):
        return ""
    if max(p.right.size for p in pairs) > 1 and all(_contains(pair.got, pair.right, pair.tolerance) for pair in pairs):
        return "Your result holds the expected numbers, and more beside them: cut it to the right part."
    if max(p.got.size for p in pairs) > 1 and all(p.got.size and _contains(p.right, p.got, p.tolerance) for p in pairs):
        return "Your result is a part of the expected one: numbers at the ends are missing."
    return ""


def _contains(large: np.ndarray, small: np.ndarray, tolerance: float) -> bool:
    if any(one < other for one, other in zip(large.shape, small.shape, strict=True)) or large.size > 2000:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(large, small.shape)
    return any(not wrong_places(small, windows[place], tolerance).any() for place in np.ndindex(windows.shape[: small.ndim]))


def length_of_an_argument(pairs: Sequence[Pair]) -> str:
    """Along an axis the length is always wrong, and is always a known one: that of an argument."""
    axes = pairs[0].right.ndim
    if axes == 0 or not all(pair.right.ndim == pair.got.ndim == axes for pair in pairs):
        return ""
    for axis in range(axes):
        if all(pair.got.shape[axis] != pair.right.shape[axis] for pair in pairs):
            lengths = [float(pair.got.shape[axis]) for pair in pairs]
            name = "" if _by_accident(lengths) else _named_by(pairs, lengths)
            if name and "the " not in name:
                return f"Along {_axis(axis, axes)} your result always has {name} numbers."
    return ""


def which_lengths(pairs: Sequence[Pair]) -> str:
    """Along some axes the length is always right, along the others always wrong."""
    axes = pairs[0].right.ndim
    if axes < 2 or not all(pair.right.ndim == pair.got.ndim == axes for pair in pairs):
        return ""
    same = np.array([np.equal(pair.got.shape, pair.right.shape) for pair in pairs])
    always, never = same.all(axis=0), ~same.any(axis=0)
    if not (always | never).all() or not always.any() or not never.any():
        return ""
    right, wrong = (" and ".join(_axis(axis, axes) for axis in map(int, np.flatnonzero(marks))) for marks in (always, never))
    return f"The length along {right} is right, the length along {wrong} is not."


def shape_of_an_argument(pairs: Sequence[Pair]) -> str:
    """The wrong shape is that of an argument."""
    if any(pair.same_shape for pair in pairs) or len({pair.got.shape for pair in pairs}) < 2:
        return ""
    names = set.intersection(*(_of_this_shape(pair) for pair in pairs))
    return f"Your result always has the shape of `{sorted(names)[0]}`." if names else ""


def _of_this_shape(pair: Pair) -> set[str]:
    return {name for name, value in pair.arguments.items() if isinstance(value, np.ndarray) and value.shape == pair.got.shape}


# --- words -------------------------------------------------------------------------------------


def _as_words(number: float) -> str:
    for bottom in (1, 2, 3, 4, 8, 9, 16):
        top = number * bottom
        if abs(top - round(top)) < 1e-6 and abs(top) < 1000:
            return f"{round(top)}" if bottom == 1 else f"{round(top)}/{bottom}"
    return f"{number:.4g}"


def _axis(axis: int, axes: int) -> str:
    if axes == 1:
        return "its length"
    return f"axis {axis}" if axes != 2 else ("the rows (axis 0)", "the columns (axis 1)")[axis]


def _thing(axis: int, axes: int) -> str:
    if axes == 1:
        return "number"
    return ("row", "column")[axis] if axes == 2 else f"index along axis {axis}"


RULES: tuple[Rule, ...] = (
    mask_or_indices,
    argument_itself,
    quantity_itself,
    always_the_same,
    not_finite,
    sign,
    complement,
    absolute,
    clipped,
    whole,
    factor,
    offset,
    function_of,
    argument_in_it,
    flipped,
    exchanged_axes,
    one_more_or_less,
    axis_more_or_less,
    reduced_or_not,
    part_of_it,
    only_some_places,
    shifted,
    other_order,
    only_some_numbers,
    shape_of_an_argument,
    length_of_an_argument,
)
# They say less: what holds of a part of the cases is worth more.
WEAK: tuple[Rule, ...] = (which_lengths, larger_or_smaller)
