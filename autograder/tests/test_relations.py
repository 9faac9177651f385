"""Each rule of hints on numbers that can be checked by eye, and none where it is not so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcourse.judging.relations import relation

A, B = np.array([1.5, -2.25, 4.0, 0.5, 7.25]), np.array([3.5, 0.25, -1.0, 2.75, 6.5])
M, N = A[:4].reshape(2, 2) + 0.125, np.arange(12.0).reshape(3, 4) ** 2 + 1
BIG = np.arange(36.0).reshape(6, 6) ** 1.5 + 1


def said(*failing, **arguments):
    return relation([(right, got, arguments) for right, got in failing], 1e-5)


def of(change, *rights):
    return said(*((right, change(right)) for right in rights))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: -x, "All numbers have the wrong sign."),
        (np.abs, "absolute values"),
        (lambda x: np.maximum(x, 0), "Where a negative number is expected, yours is 0."),
        (np.trunc, "cut to whole numbers"),
        (np.floor, "rounded down"),
        (lambda x: 0.25 * x, "All your numbers are 1/4 times the expected ones."),
        (lambda x: x * x.sum(), "times a factor, which differs from case to case"),
        (lambda x: x + 2, "All your numbers are 2 larger than the expected ones."),
        (np.square, "the squares of the expected ones"),
        (lambda x: 1 - x, "1 minus the expected ones"),
        (np.degrees, "All your numbers are 57.3 times the expected ones."),
        (lambda x: x[::-1], "in reverse order"),
        (lambda x: np.append(x, 9), "one too many along its length, at the end; the rest is right"),
        (lambda x: x[1:], "one too few along its length, at the beginning; the rest is right"),
        (lambda x: x[:, None], "an axis of length 1 too many"),
        (lambda x: x.sum(), "Your result is the sum of the expected one along axis 0"),
        (lambda x: np.append([9], x[:-1]), "one place too late along its length"),
        (lambda x: x[[1, 0, 2, 4, 3]], "These are the expected numbers, at other places."),
        (lambda x: np.append(x[:-1], 9), "Only the last number is wrong."),
        (lambda x: 0 * x, "All your numbers are 0."),
        (lambda x: np.where(x < 0, x - 1, x), "wrong exactly where a negative number is expected"),
        (lambda x: np.where(np.arange(5) == 2, np.nan, x), "only those that are nan or inf"),
    ],
)
def test_a_relation_is_said(change, words):
    assert words in of(change, A, B)


STRANGE = (
    np.zeros(0),
    np.zeros((0, 5)),
    np.zeros((3, 0, 2)),
    1j,
    np.full(5, 1j),
    np.full(5, np.nan),
    np.ones((1,) * 30),
    [[1], [1, 2]],
)


@pytest.mark.parametrize("right", [np.array(2.0), np.array(3), A, N], ids=["number", "whole", "row", "table"])
@pytest.mark.parametrize("got", STRANGE, ids=repr)
def test_nothing_that_an_answer_gives_stops_the_judge(right, got):
    for others in ([], [(right, right + 1)], [(right, got)]):
        for weak in (False, True):
            assert isinstance(relation([(right, got, {"x": A}), *((*other, {"x": B}) for other in others)], 1e-5, weak), str)


def test_a_factor_or_a_difference_is_named_by_an_argument():
    cases = [(A, 3 * A, {"width": 3}), (B, 5 * B, {"width": 5})]
    assert relation(cases, 1e-5) == "All your numbers are `width` times the expected ones."
    cases = [(np.array(7.0), np.array(5.0), {"bias": 2.0}), (np.array(1.0), np.array(0.5), {"bias": 0.5})]
    assert relation(cases, 1e-5) == "All your numbers are smaller than the expected ones by `bias`."


def test_two_lengths_that_agree_with_an_argument_may_do_so_by_accident():
    cases = [(np.ones((3, 2)), np.ones((3, n)), {"maps": np.ones((n, 7))}) for n in (1, 4, 5)]
    assert relation(cases, 1e-5) == "Along the columns (axis 1) your result always has `maps.shape[0]` numbers."
    assert "maps" not in relation(cases[:2], 1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.T, "Rows and columns are exchanged"),
        (lambda x: x[::-1], "reverse order along the rows (axis 0)"),
        (lambda x: x[[2, 0, 1, *range(3, len(x))]], "the expected numbers, in another order along the rows (axis 0)."),
        (lambda x: x[:, ::-1], "reverse order along the columns (axis 1)"),
        (lambda x: np.vstack([x[:1] + 1, x[1:]]), "Only the first row is wrong."),
        (lambda x: np.pad(x[1:-1, 1:-1], 1), "Only the border is wrong; the middle is right."),
        (lambda x: x[:-1, :-1], "one too few along the rows (axis 0) and along the columns (axis 1), at the end"),
    ],
)
def test_a_relation_of_an_image_is_said(change, words):
    assert words in of(change, BIG, BIG + 0.5 * BIG[::-1] ** 1.1)


def test_truth_values_and_indices():
    right = np.array([True, False, True, True])
    assert said((right, ~right)) == "Every answer is the opposite."
    assert "False where True is expected" in said((right, right & np.array([True, True, False, False])))
    assert "a mask of True and False" in said(
        (np.array([0, 2]), np.array([True, False, True])), (np.array([1]), np.array([False, True]))
    )


def test_of_several_results_the_wrong_one_is_told_and_what_it_is():
    assert said(((A, B), (B, A))) == "The two results are exchanged."
    assert said(((A, B), (A, 2 * B))) == "Only result 2 of 2 is wrong. All your numbers are 2 times the expected ones."
    several = relation([((A, B), (A, 2 * B), {}), ((B, A), (B, 2 * A), {})], 1e-5, names=("means", "labels"))
    assert several == "Only “labels” is wrong. All your numbers are 2 times the expected ones."


def test_one_number_alone_proves_nothing():
    assert said((np.array(3.0), np.array(6.0))) == ""


@given(st.lists(st.floats(-100, 100), min_size=6, max_size=6), st.lists(st.floats(-100, 100), min_size=6, max_size=6))
def test_what_is_said_of_a_factor_is_so(right, got):
    words = said((np.array(right), np.array(got)))
    if words.startswith("All your numbers are ") and words.endswith(" times the expected ones."):
        assert np.linalg.matrix_rank(np.array([right, got]), tol=1e-4) <= 1
