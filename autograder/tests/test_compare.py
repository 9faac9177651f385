"""What a student is told about a result that differs."""

import numpy as np
import pytest

from convcourse.judging.compare import difference

RIGHT = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])


@pytest.mark.parametrize("got", [RIGHT, RIGHT.tolist(), RIGHT.astype(np.float32), RIGHT + 1e-7, tuple(map(tuple, RIGHT))])
def test_right_answers_of_any_kind_pass(got):
    assert difference(RIGHT, got, 1e-5) == ""


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (None, "returned None. Did you forget `return`?"),
        (RIGHT.T, "Rows and columns are exchanged"),
        (np.zeros((0, 3)), "empty"),
        (5.0, "got a single number"),
        (RIGHT * [[1, 1, 1], [1, np.nan, 1]], "1 of 6 numbers is not finite"),
        (RIGHT + np.array([[0, 0, 1], [0, 0, 0]]), "1 of 6 numbers is different, the first at index (0, 2)"),
        (RIGHT + 1, "All 6 numbers are different"),
        ("text", "Expected an array of numbers of shape (2, 3), got a str"),
        ([[1, 2], [3]], "got something of type list"),
        (np.array([object()]), "got a ndarray"),
    ],
)
def test_the_message_says_how_it_differs(got, words):
    assert words in difference(RIGHT, got, 1e-5)


def test_texts_become_no_array():
    """NumPy would give each of them the length of the longest: here four gigabytes."""
    assert "Expected an array of numbers" in difference(RIGHT, ["x" * 1_000_000, *[""] * 1_000], 1e-5)
    assert "Expected an array of numbers" in difference(RIGHT, [[1.0, 2.0], ["x" * 1_000_000] * 2], 1e-5)


def test_integers_and_truth_values_must_be_exact():
    assert difference(np.array(1_600_000_000), 1_600_000_000.0, 1e-5) == ""
    assert difference(np.array(1_600_000_000), 1_600_000_001, 1e-5) != ""
    assert difference(np.array([True, False]), [1, 0], 1e-5) == ""
    assert difference(np.array([4, -7]), [4 + 1e-12, -7.0], 1e-5) == ""  # by way of a Fourier transform
    assert difference(np.array([4, -7]), [4.001, -7.0], 1e-5) != ""
    assert difference(np.array([4, -7]), [np.nan, -7.0], 1e-5) != ""
    assert difference(np.array([True, False, True]), [False, True, False], 1e-5) != ""


def test_several_results_are_compared_one_by_one():
    assert difference((RIGHT, RIGHT), [RIGHT, RIGHT], 1e-5) == ""
    assert difference((RIGHT, RIGHT), np.stack([RIGHT, RIGHT]), 1e-5) == ""
    assert difference((RIGHT, RIGHT), (RIGHT, -RIGHT), 1e-5).startswith("Result 2 of 2: ")


def test_the_wrong_one_of_several_results_is_called_by_its_name():
    assert difference((1, 2), (1, 3), 1e-5, ("loss", "gradient")) == "“gradient”: The number is different."
    size = ((5, 6, 4), 120)
    assert difference(size, ((5, 6, 3), 90), 1e-5, (("rows", "cols", "channels"), "product")) == (
        "“channels”: The number is different."
    )
    assert difference(size, ((5, 6), 90), 1e-5, (("rows", "cols", "channels"), "product")) == (
        "Result 1 of 2: Expected 3 results (a tuple), got 2."
    )
    assert "Expected 2 results" in difference((RIGHT, RIGHT), RIGHT[None], 1e-5)
