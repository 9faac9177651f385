"""The lectures' facts of unit 04, by the solution's functions."""

import numpy as np
import pytest
import skimage.data
import skimage.filters

from convcourse.exercises.image_filters import COLOR_WEIGHTS, GX
from tests.solved import solutions_of

unit = solutions_of("04_image_filters")


def test_sobels_kernels_are_the_lectures():
    gx, gy = unit["sobel_kernels"](np.array([1, 2, 1]), np.array([1, 0, -1]))
    assert np.array_equal(gx, GX)
    assert np.array_equal(gy, [[1, 2, 1], [0, 0, 0], [-1, -2, -1]])


def test_a_photograph_of_512_gives_edges_of_510():
    assert [gradient.shape for gradient in unit["gradient_images"](skimage.data.camera())] == [(510, 510)] * 2


def test_white_to_black_from_left_to_right_is_positive_and_a_constant_image_gives_zero():
    white_to_black = np.repeat([[200, 200, 0, 0]], 3, axis=0).astype(np.uint8)
    assert (unit["gradient_images"](white_to_black)[0] > 0).all()
    assert (unit["gradient_images"](white_to_black[:, ::-1])[0] < 0).all()
    assert all((gradient == 0).all() for gradient in unit["gradient_images"](np.full((5, 6), 77, dtype=np.uint8)))


def test_strength_is_scikit_images_sobel_up_to_its_scale():
    image = skimage.data.camera()[::4, ::4].astype(float)
    strength, _ = unit["edge_magnitude_direction"](*unit["gradient_images"](image))
    np.testing.assert_allclose(strength / np.sqrt(32), skimage.filters.sobel(image)[1:-1, 1:-1], atol=1e-9)


def test_the_lectures_colour_bank_has_972_weights_and_no_answer_to_grey():
    bank = unit["color_filter_bank"](unit["gauss_kernel"](9, 9, 2), COLOR_WEIGHTS)
    assert bank.shape == (9, 9, 3, 4)
    assert bank.size == 972
    np.testing.assert_allclose(bank.sum(axis=(0, 1, 2)), 0, atol=1e-12)


def test_gauss_agrees_with_scikit_images_gaussian_of_a_point():
    point = np.zeros((9, 9))
    point[4, 4] = 1
    spread = skimage.filters.gaussian(point, sigma=1, truncate=4, mode="constant")
    np.testing.assert_allclose(unit["gauss_kernel"](9, 9, 1), spread, atol=1e-7)


@pytest.mark.parametrize("angle", [0.0, 0.7, 2.0])
def test_gabor_is_scikit_images_up_to_its_scale(angle):
    theirs = skimage.filters.gabor_kernel(1 / 6, theta=angle, sigma_x=2, sigma_y=2, n_stds=3)
    ours = unit["gabor_kernel"](theirs.shape[0], 6, angle, 2, 0) if theirs.shape[0] == theirs.shape[1] else None
    assert ours is not None
    np.testing.assert_allclose(ours, theirs.real * 2 * np.pi * 4, atol=1e-9)


def test_a_complex_cell_does_not_mind_the_phase():
    even, odd = (unit["gabor_kernel"](21, 8, 0, 4, phase) for phase in (0, np.pi / 2))
    columns = np.arange(21) - 10
    answers = [
        unit["complex_cell"](np.tile(np.cos(2 * np.pi * columns / 8 + shift), (21, 1)), even, odd).item()
        for shift in np.linspace(0, 6, 20)
    ]
    assert max(answers) / min(answers) < 1.02
