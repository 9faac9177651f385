"""Errors that students meet, in words that say what to do."""

import numpy as np
import pytest

from convcourse.judging.calling import answer
from convcourse.judging.compare import difference
from convcourse.judging.said import in_words


def halved(w):
    w /= 2
    return w


def endless(w):
    return endless(w)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (halved, "an array of whole numbers cannot take fractions in place"),
        (endless, "calls itself again and again"),
        (lambda w: None + w, "there is None where numbers are needed"),
    ],
)
def test_an_error_is_said_in_words(function, words):
    given = answer(function, {"w": np.array([1, 2])})
    assert words in in_words(given.error, given.message)


def test_keras_names_the_kind_of_layer():
    keras = pytest.importorskip("keras")
    given = answer(lambda w: keras.layers.Conv2D(2, 3)(keras.Input((4, 4))), {"w": 1})
    assert in_words(given.error, given.message) == (
        "a layer of the kind conv2d needs a tensor with 4 axes (the batch counts), and was given one with 3."
    )


def test_other_errors_stay_as_they_are():
    assert in_words("IndexError", "list index out of range") == "list index out of range"


def test_what_is_not_finished_is_told():
    async def later():
        return 1

    waiting = later()
    assert "without `async`" in difference(np.array([1, 2]), waiting, 1e-5)
    waiting.close()
    assert "collect them in a list" in difference(np.array([1, 2]), (n for n in (1, 2)), 1e-5)
