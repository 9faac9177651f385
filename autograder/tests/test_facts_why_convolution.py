"""The lectures' numbers of unit 01, by the solution's functions."""

import numpy as np
import pytest

from tests.solved import solutions_of

unit = solutions_of("01_why_convolution")


def test_a_200_by_200_image_fully_connected_to_40000_units_takes_1_6_billion_weights():
    assert unit["dense_weights"](200 * 200, 40_000) == 1_600_000_000


def test_four_10_by_10_filters_at_each_site_take_16_million():
    assert unit["locally_connected_weights"](200, 200, 10, 10, 1, 4) == 16_000_000


def test_the_same_filters_shared_take_400():
    assert unit["conv_weights"](10, 10, 1, 4, use_bias=False) == 400


def test_lenets_first_layer_has_150_weights_and_6_biases_where_dense_would_have_4_8_million():
    assert unit["conv_weights"](5, 5, 1, 6, use_bias=False) == 150
    assert unit["conv_weights"](5, 5, 1, 6, use_bias=True) == 156
    assert unit["dense_weights"](32 * 32, 6 * 28 * 28) == 4_816_896


def test_z_is_the_product_of_lengths_and_the_cosine():
    w, x = np.array([3.0, 4.0]), np.array([2.0, 0.0])
    assert unit["linear_unit"](x, w, 1.0) == pytest.approx(5 * 2 * (3 / 5) + 1.0)
