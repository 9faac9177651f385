"""Compare a result with the expected one: equal within a tolerance, or a sentence that says how it differs."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcourse.judging.as_numbers import as_numbers
from convcourse.judging.exercise import Names
from convcourse.judging.models import KERAS_EPSILON, KERAS_MOMENTUM, ModelFacts

# What a function gives that does not come to its end at once.
LAZY = {
    "coroutine": " Write `def` without `async`.",
    "generator": " A function with `yield` gives its numbers one by one: collect them in a list, and return that.",
    "map": " Make a list of it: `list(map(…))`.",
    "zip": " Make a list of it: `list(zip(…))`.",
}
MODEL_TOLERANCE = 1e-4  # what models give may be off by so much at least, of the largest number
WHOLE = 1e-6  # a number so near to an integer is that integer


def difference(expected: Any, got: Any, tolerance: float, names: Names = ()) -> str:
    """How `got` differs from `expected`, in words for the student; empty when it is right. names: of several results.

    Lists, tuples, Python numbers and any float or integer dtype are accepted where an array is expected.
    Truth values must be exact. A float within 1e-6 of an integer is that integer. Where floats are expected, they may be off
    by `tolerance` times the largest expected value.
    """
    if isinstance(expected, tuple):
        return _tuple_difference(expected, got, tolerance, names)
    if got is None:
        return "It returned None. Did you forget `return`?"
    if isinstance(expected, ModelFacts):
        return _model_difference(expected, got, tolerance)
    if isinstance(expected, str):
        return "" if isinstance(got, str) and got == expected else f"Expected the text '{expected}'."
    right = np.asarray(expected)
    try:
        array = as_numbers(got)
    except Exception:
        return f"Expected {_kind(right)}, got something of type {type(got).__name__}."
    if array is None:
        return f"Expected {_kind(right)}, got {_type_name(got)}.{LAZY.get(type(got).__name__, '')}"
    if array.shape != right.shape:
        return _shape_difference(right, array)
    return _value_difference(right, array, tolerance)


def result_name(number: int, count: int, names: Names) -> str:
    """What a result is called, as a text says it; the first is 0."""
    name = names[number] if number < len(names) else ""
    return f"“{name}”" if isinstance(name, str) and name else f"result {number + 1} of {count}"


def _tuple_difference(expected: tuple[Any, ...], got: Any, tolerance: float, names: Names) -> str:
    if got is None:
        return f"It returned None; expected {len(expected)} results. Did you forget `return`?"
    is_stack = isinstance(got, np.ndarray) and got.ndim > 0
    if not isinstance(got, tuple | list) and not is_stack:
        return f"Expected {len(expected)} results (a tuple), got {_type_name(got)}."
    if len(got) != len(expected):
        return f"Expected {len(expected)} results (a tuple), got {len(got)}."
    for number, (right, part) in enumerate(zip(expected, got, strict=True)):
        inner = names[number] if number < len(names) else ""
        message = difference(right, part, tolerance, inner if isinstance(inner, tuple) else ())
        if message and isinstance(inner, tuple) and message.startswith("“"):
            return message  # the name says which one it is
        if message:
            name = result_name(number, len(expected), names)
            return f"{name[0].upper()}{name[1:]}: {message}"
    return ""


def _model_difference(expected: ModelFacts, got: Any, tolerance: float) -> str:
    """From the outside in: shapes, counts, weights, what shows in training only, and at last the numbers."""
    if not isinstance(got, ModelFacts):
        return f"Expected a Keras model, got {_type_name(got)}."
    if got.input_shapes != expected.input_shapes:
        return f"The model's input should have shape {expected.input_shapes}; yours has {got.input_shapes}."
    if got.output_shapes != expected.output_shapes:
        return f"The model's output should have shape {expected.output_shapes}; yours has {got.output_shapes}."
    if got.parameters != expected.parameters:
        return f"The model should have {expected.parameters:,} parameters; yours has {got.parameters:,}."
    if got.weights != expected.weights:
        return f"The number of parameters is right, but not their shapes. Yours: {', '.join(got.weights)}."
    if got.trainable != expected.trainable:
        return f"Training should change {expected.trainable:,} parameters; in yours it changes {got.trainable:,}."
    if got.habits != expected.habits:
        return f"In training it should have {_listed(expected.habits)}; yours has {_listed(got.habits)}."
    if set(expected.momenta) - {KERAS_MOMENTUM} and got.momenta != expected.momenta:
        asked = ", ".join(f"{momentum:g}" for momentum in sorted(set(expected.momenta)))
        return (
            f"The moving means should move with momentum {asked}; yours with {_listed(tuple(map('{:g}'.format, got.momenta)))}."
        )
    if set(expected.epsilons) - {KERAS_EPSILON} and not _nearly(expected.epsilons, got.epsilons):
        asked = ", ".join(f"{epsilon:g}" for epsilon in sorted(set(expected.epsilons)))
        return (
            f"The batch norms should add {asked} to the variance; yours add {_listed(tuple(map('{:g}'.format, got.epsilons)))}."
        )
    for right, array in zip(expected.outputs, got.outputs, strict=True):
        if array.shape != right.shape:  # open sides say None in both models' output_shapes
            return f"For an image of the check, the output should have shape {right.shape[1:]}; yours has {array.shape[1:]}."
        if gives_other_numbers(right, array, tolerance):
            return "With the same numbers in all weights, the model gives another output."
    for number, right in enumerate(expected.dropped or ()):
        if gives_other_numbers(right, (got.dropped or got.outputs)[number], tolerance):
            return "The layers and their order are right but for dropout: it stands at another place."
    if expected.before_softmax and got.before_softmax:  # who writes the softmax by hand has none to leave out
        for right, array in zip(expected.before_softmax, got.before_softmax, strict=True):
            if gives_other_numbers(right, array, tolerance):
                return "The outputs agree, but in front of the softmax the model gives other numbers."
    for number, right in enumerate(expected.own_outputs or ()):
        if got.own_outputs is None or gives_other_numbers(right, got.own_outputs[number], tolerance):
            return "The model is built right, but its weights are other ones."
    return ""


def gives_other_numbers(right: np.ndarray, array: np.ndarray, tolerance: float = MODEL_TOLERANCE) -> bool:
    """Does a model give other numbers for one of the images? Each has its own size, and so its own tolerance."""
    images = zip(right, array, strict=True)
    return any(wrong_places(one, other, max(tolerance, MODEL_TOLERANCE)).any() for one, other in images)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "nothing such as dropout or weight decay"


def _nearly(asked: tuple[float, ...], given: tuple[float, ...]) -> bool:
    """1e-5 and 1.001e-5 are the same to every reader."""
    return len(asked) == len(given) and all(abs(mine - right) <= 0.1 * right for right, mine in zip(asked, given, strict=True))


def _shape_difference(right: np.ndarray, array: np.ndarray) -> str:
    if right.ndim == 0:
        return f"Expected a single number, got an array of shape {array.shape}."
    if array.ndim == 0:
        return f"Expected an array of shape {right.shape}, got a single number."
    message = f"Expected shape {right.shape}, got {array.shape}."
    if array.size == 0:
        message += " Your result is empty."
    elif array.ndim == right.ndim == 2 and array.shape == right.shape[::-1]:
        message += " Rows and columns are exchanged."
    return message


def _value_difference(right: np.ndarray, array: np.ndarray, tolerance: float) -> str:
    wrong = wrong_places(right, array, tolerance)
    if not wrong.any():
        return ""
    finite = np.isfinite(array) | ~np.isfinite(right)
    if not finite.all():
        return f"{_of(int((~finite).sum()), array.size)} not finite (nan or inf)."
    if right.ndim == 0:
        return "The number is different."
    message = f"{_of(int(wrong.sum()), right.size)} different"
    if right.size > 1:
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        message += f", the first at index {first[0] if len(first) == 1 else first}"
    return f"{message}."


def wrong_places(expected: Any, got: Any, tolerance: float) -> np.ndarray:
    """Boolean array, True where the numbers differ; both have the same shape."""
    right, array = np.asarray(expected), np.asarray(got)
    if right.dtype.kind == "b" or (right.dtype.kind in "iu" and array.dtype.kind in "biu"):
        return np.asarray(right != array)
    if right.dtype.kind in "iu":
        return np.asarray(~(np.abs(array - right.astype(float)) <= WHOLE))
    largest = float(np.max(np.abs(right[np.isfinite(right)]), initial=0.0))
    return ~np.isclose(array, right, rtol=0.0, atol=max(tolerance * largest, 1e-9), equal_nan=True)


def _kind(right: np.ndarray) -> str:
    return "a single number" if right.ndim == 0 else f"an array of numbers of shape {right.shape}"


def _type_name(got: Any) -> str:
    return "a list that is not a regular array of numbers" if isinstance(got, list) else f"a {type(got).__name__}"


def _of(count: int, total: int) -> str:
    if total == 1:
        return "The only number is"
    return f"All {total} numbers are" if count == total else f"{count} of {total} numbers {'is' if count == 1 else 'are'}"
