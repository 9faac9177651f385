"""A function that is right but for a helper: the panel says so, from what the helper was really given."""

import os
import time

import numpy as np
import pytest

from convcourse.check import check, verdict_of
from convcourse.exercises import find_exercise
from tests.test_apart import in_a_cell

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")

STACK = """
def stack(image, features, layers):
    maps = image[None]
    for word in layers:
        if word == "conv":
            maps = conv_layer(maps, features)
        elif word == "relu":
            maps = relu(maps)
        else:
            maps = np.stack([max_pool(one, 2) for one in maps])
    return maps
"""
RIGHT = {name: find_exercise(name).oracle for name in ("conv_layer", "relu", "max_pool")}


def relu(image):
    """Right for an image or a signal; of several maps only the first two come out right."""
    image = np.array(image, dtype=float)
    rows = image if image.ndim < 3 else image[:2]
    rows[rows < 0] = 0
    return image


def max_pool(image, size):
    return RIGHT["max_pool"](image, size)[::-1]


def test_a_helper_that_passes_and_is_wrong_for_what_it_is_given():
    assert check(relu).verdict.status == "passed"
    found = verdict_of(in_a_cell("stack", STACK, **RIGHT | {"relu": relu}), find_exercise("stack"))
    assert found.help == "located"
    assert found.statement.startswith("With the course's own `relu` in place of yours every case that you see comes out right.")
    assert "Look at what your `relu` gives for `image=<float64 array of shape (4, " in found.statement
    assert found.leans_on == ()


def test_a_helper_that_does_not_pass_is_named_too_and_what_it_was_given():
    found = verdict_of(in_a_cell("stack", STACK, **RIGHT | {"max_pool": max_pool}), find_exercise("stack"))
    assert "the course's own `max_pool` in place of yours" in found.statement
    assert "your `max_pool` gives for `image=" in found.statement
    assert found.leans_on == ("max_pool",)


def test_two_helpers_are_named_together():
    found = verdict_of(in_a_cell("stack", STACK, **RIGHT | {"relu": relu, "max_pool": max_pool}), find_exercise("stack"))
    assert "the course's own `relu` and `max_pool`" in found.statement or "own `max_pool` and `relu`" in found.statement


def test_no_helper_is_blamed_for_a_slip_of_the_function():
    slip = STACK.replace("max_pool(one, 2)", "max_pool(one, 2)[::-1]")
    assert verdict_of(in_a_cell("stack", slip, **RIGHT), find_exercise("stack")).statement.startswith("Line 9, ")
    both = verdict_of(in_a_cell("stack", slip, **RIGHT | {"relu": relu}), find_exercise("stack"))
    assert "course's own" not in both.statement


def test_a_helper_of_a_helper_and_one_called_by_keyword_are_found():
    source = STACK.replace("max_pool(one, 2)", "pooled(one)") + "\n\ndef pooled(one):\n    return max_pool(size=2, image=one)\n"
    found = verdict_of(in_a_cell("stack", source, **RIGHT | {"relu": relu}), find_exercise("stack"))
    assert "the course's own `relu` in place of yours" in found.statement


def test_a_helper_may_be_any_object_that_can_be_called():
    class Pool(dict):  # has no hash
        def __call__(self, image, size):
            return max_pool(image, size)

    found = verdict_of(in_a_cell("stack", STACK, **RIGHT | {"max_pool": Pool()}), find_exercise("stack"))
    assert "the course's own `max_pool` in place of yours" in found.statement
    assert found.leans_on == ("max_pool",)


def test_the_notebooks_variables_stay_as_they_are():
    function = in_a_cell("stack", STACK, **RIGHT | {"relu": relu})
    before = dict(function.__globals__)
    verdict_of(function, find_exercise("stack"))
    assert function.__globals__ == before


@pytest.mark.parametrize(
    "helper",
    [
        "def conv1d_full(signal, kernel):\n    return conv1d_valid(signal, kernel)",
        "def conv1d_full(signal, kernel):\n    while len(signal) == 2:\n        pass\n    return np.convolve(signal, kernel)",
    ],
    ids=["two that call each other", "one without an end"],
)
def test_a_helper_that_goes_on_and_on_keeps_nobody_waiting(helper):
    source = f"{helper}\n\ndef conv1d_valid(signal, kernel):\n    return conv1d_full(np.append(signal, [0, 0, 0]), kernel)[1:]\n"
    begun = time.monotonic()
    assert verdict_of(in_a_cell("conv1d_valid", source), find_exercise("conv1d_valid")).status == "wrong"
    assert time.monotonic() - begun < 20
