"""The lectures' numbers of unit 03, by the solution's functions, and SciPy and scikit-image as independent witnesses."""

import numpy as np
import pytest
import scipy.signal
from skimage.feature import match_template

from convcourse.data import digit_form, training_digits
from tests.solved import solutions_of

unit = solutions_of("03_convolution_2d")


def test_the_lectures_cross_equals_its_own_flip():
    cross = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
    assert np.array_equal(unit["flip2d"](cross), cross)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "places"),
    [
        (32, 7, 1, 0, 26),
        (32, 7, 5, 0, 6),
        (32, 7, 2, 0, 13),
        (32, 5, 3, 0, 10),
        (7, 3, 1, 1, 7),
        (32, 5, 1, 0, 28),
        (28, 5, 1, 0, 24),
    ],
)
def test_output_sizes(size, kernel, stride, padding, places):
    assert unit["conv_output_size"](size, kernel, stride, padding) == places
    result = unit["conv2d_strided"](np.zeros((size, size)), np.zeros((kernel, kernel)), stride, padding)
    assert result.shape == (places, places)


@pytest.mark.parametrize("kernel", [1, 3, 5, 7, 9, 11])
def test_padding_by_half_keeps_the_size(kernel):
    assert unit["conv_output_size"](40, kernel, 1, (kernel - 1) // 2) == 40


def test_with_reversal_is_what_scipy_calls_convolution():
    random = np.random.default_rng(0)
    image, kernel = random.normal(size=(9, 12)), random.normal(size=(3, 4))
    for mode, ours in (("valid", unit["conv2d_valid"](image, kernel, True)), ("full", unit["conv2d_full"](image, kernel))):
        np.testing.assert_allclose(ours, scipy.signal.convolve2d(image, kernel, mode=mode))


def test_the_score_is_scikit_images_template_matching():
    random = np.random.default_rng(0)
    image, template = random.normal(size=(20, 30)), random.normal(size=(4, 6))
    np.testing.assert_allclose(unit["normalized_correlation"](image, template), match_template(image, template), atol=1e-9)


def test_every_3_of_the_form_scores_high_with_the_mean_3():
    form, written = digit_form(seed=2)
    samples, kinds = training_digits()
    scores = unit["normalized_correlation"](form, samples[kinds == 3].mean(axis=0))
    found = unit["locate_digit"](scores, 0.6, 4)
    for row, col, digit in written:
        if digit == 3:
            assert np.abs(np.asarray(found) - (row, col)).max(axis=1).min() <= 2


def test_no_digit_of_the_form_is_among_those_that_templates_are_made_from():
    form, written = digit_form(seed=1, count=20)
    samples, _ = training_digits()
    inked = [form[row : row + 8, col : col + 8] for row, col, _ in written]
    assert all(np.abs(patch - samples).mean(axis=(1, 2)).min() > 0.5 for patch in inked)
