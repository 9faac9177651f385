"""Kinds of changes that count as right: each where it is right, and the nearest one where it is not."""

import ast

import numpy as np
import pytest

from convcourse.judging.change import made
from convcourse.judging.changes import changes
from convcourse.judging.exercise import Case
from tests import equivalent_changes as listed
from tests import equivalent_kinds as kinds

LINE, SQUARE, TALL, WHOLE = np.array([1.5, 2.5, 4.0]), np.eye(2), np.ones((3, 2)), np.array([3, 1, 2])


def reason(body, changed, *arguments):
    """Why `changed` in the place of the function's one line that differs is right, as the kinds see it."""
    (function,) = ast.parse("def answer(x, y=None):\n" + "".join(f"    {line}\n" for line in body.split("; "))).body
    cases = [
        Case({"x": given} if not isinstance(given, tuple) else dict(zip("xy", given, strict=True)), "") for given in arguments
    ]
    for change in changes(function):
        with made(change):
            found = ast.unparse(function)
        if changed in found:
            return kinds.kind_of(change, function, {"np": np}, cases)
    raise ValueError(f"no change gives {changed}")


@pytest.mark.parametrize(
    ("body", "changed", "arguments", "why"),
    [
        ("return x.sum()", "x.sum(axis=0)", [LINE], listed.SAME_AXIS),
        ("return x.sum()", "x.sum(axis=0)", [TALL], ""),
        ("return np.max(x, axis=1)", "axis=-1", [TALL], listed.SAME_AXIS),
        ("return np.max(x, axis=1)", "axis=-1", [np.ones((2, 2, 2))], ""),
        ("return x.shape[1]", "x.shape[-1]", [TALL], listed.SAME_AXIS),
        ("return x.shape[1]", "x.shape[-1]", [TALL, np.ones((2, 2, 2))], ""),
        ("return x.reshape(2, -1)", "x.reshape(2, -2)", [SQUARE], listed.SIZE_LEFT_OPEN),
        ("return np.minimum(x, 1)", "np.minimum(1, x)", [LINE], listed.SYMMETRIC),
        ("return np.subtract(x, 1)", "np.subtract(1, x)", [LINE], ""),
        ("return x @ y", "y @ x", [(LINE, LINE)], listed.SYMMETRIC),
        ("return x @ y", "y @ x", [(SQUARE, SQUARE)], ""),
        ("return (x - 1) ** 2", "(1 - x) ** 2", [LINE], kinds.SIGN_LOST),
        ("return (x - 1) ** 3", "(1 - x) ** 3", [LINE], ""),
        ("return list(x)", "return x", [LINE], listed.A_LIST),
        ("return x.astype(float)", "return x", [LINE], ""),  # the cases have no whole numbers
        ("return x.astype(float)", "return x", [LINE, WHOLE], listed.OTHER_TYPE),
        ("return np.sqrt(x).astype(float)", "return np.sqrt(x)", [LINE], listed.OTHER_TYPE),
        ("return np.zeros(2, dtype=float) + x[0]", "np.zeros(2)", [LINE], listed.OTHER_TYPE),
        ("return np.zeros_like(x, dtype=float)", "np.zeros_like(x)", [LINE], ""),
        ("return np.zeros_like(x, dtype=float)", "np.zeros_like(x)", [WHOLE], listed.OTHER_TYPE),
        ("return int(x[0])", "return x[0]", [WHOLE], listed.OTHER_TYPE),
        ("return int(x[0])", "return x[0]", [LINE], ""),
        ("z = np.zeros(2); z[:] = x[:2]; return z", "np.ones(2)", [LINE], listed.OVERWRITTEN),
        ("z = np.zeros(2); z[:] = x[:2]; return z", "z[:] += x[:2]", [LINE], listed.FROM_ZERO),
        ("z = x * 2; return len(x) + z[0]", "len(z)", [LINE], listed.SAME_SHAPE),
        ("return len(x)", "len(y)", [(TALL, LINE)], ""),  # as long as each other by chance: one size only
        ("return [a * b for a, b in zip(x, y, strict=True)]", "strict=False", [(LINE, LINE)], kinds.ONLY_A_GUARD),
        ("return np.concatenate([x, x], axis=0)", "np.concatenate([x, x])", [TALL], kinds.DEFAULT),
        ("return np.concatenate([x, x], axis=1)", "np.concatenate([x, x])", [TALL], ""),
        ("return x * (x > 0)", "x >= 0", [LINE], kinds.ZERO),
        ("return 2 * (x > 0)", "x >= 0", [LINE], ""),
        ("return x > 1e-9", "x >= 1e-09", [LINE], kinds.HAIR),
        ("return x > 1", "x >= 1", [LINE], ""),
        ("return x @ y / 2", "x @ (y / 2)", [(LINE, LINE)], kinds.PRODUCT),
        ("return x / 2 * y", "x / (2 * y)", [(LINE, 1)], ""),
        ("return layers.Conv2D(8, 1)(x)", "padding='same'", [SQUARE], kinds.ONE_PIXEL),
        ("return layers.Conv2D(8, (1, 1), padding='same')(x)", "padding='valid'", [SQUARE], kinds.ONE_PIXEL),
        ("return layers.Conv2D(8, 3)(x)", "padding='same'", [SQUARE], ""),
        ("return layers.MaxPooling2D(1)(x)", "padding='same'", [SQUARE], ""),
        ("return layers.Concatenate(axis=-1)(x)", "layers.Concatenate(axis=1)", [SQUARE], ""),
        ("return x.sum(axis=1, keepdims=True)", "x.sum(axis=1)", [TALL], kinds.SIDE_OF_ONE),
    ],
)
def test_a_change_is_right_by_its_kind(body, changed, arguments, why):
    assert reason(body, changed, *arguments) == why


def test_lines_that_have_nothing_to_do_with_each_other_may_change_places():
    swapped = "b.append(2)\n    a.append(1)"
    assert reason("a = []; b = []; a.append(1); b.append(2); return a + b", swapped, LINE) == listed.INDEPENDENT
    assert reason("a = []; b = a; a.append(1); a.append(2); return b", "a.append(2)\n    a.append(1)", LINE) == ""


def test_a_line_may_be_worked_out_again_and_again():
    looped = "for n in range(2):\n        k = len(x)"
    assert reason("k = len(x); z = 0; k = len(x)\n    for n in range(2):\n        z += k; return z", looped, LINE) == kinds.AGAIN
    assert reason("z = 0; k = z\n    for n in range(2):\n        z += k + 1; return z", "range(2):\n        k = z", LINE) == ""
