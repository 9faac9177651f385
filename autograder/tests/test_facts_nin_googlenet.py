"""The lectures' and the papers' numbers of unit 13, by the solution's functions."""

import numpy as np
import pytest

from tests.solved import solutions_of

unit = solutions_of("13_nin_googlenet")
conv_cost, reduced_cost, inception_cost = (unit[name] for name in ("conv_cost", "reduced_cost", "inception_cost"))


def test_a_reduction_makes_the_lectures_branch_ten_times_cheaper():
    assert conv_cost((28, 28, 192), 32, (5, 5), 1) == (153_600, 120_422_400)
    assert reduced_cost((28, 28, 192), 16, 32, (5, 5)) == (15_872, 12_443_648)
    parts = conv_cost((28, 28, 192), 16, (1, 1), 1)[0], conv_cost((28, 28, 16), 32, (5, 5), 1)[0]
    assert parts == (3_072, 12_800)


def test_the_detour_pays_up_to_154_filters():
    direct = conv_cost((28, 28, 192), 32, (5, 5), 1)[1]
    assert [reduced_cost((28, 28, 192), n, 32, (5, 5))[1] < direct for n in (154, 155)] == [True, False]


def test_the_naive_module_hands_on_527_k_numbers_not_529_k():
    assert 28 * 28 * (128 + 192 + 96 + 256) == 526_848
    naive = [conv_cost((28, 28, 256), n, (k, k), 1)[1] for k, n in ((1, 128), (3, 192), (5, 96))]
    assert round(sum(naive) / 1e6) == 854
    assert round(inception_cost((28, 28, 256), (128, 64, 192, 64, 96, 64))[1] / 1e6) == 271


def counted_rows():
    """(name, weights, products, printed params, printed ops) of the rows of table 1 that have some."""
    googlenet = pytest.importorskip("convcourse.nets.googlenet")
    shape = (224, 224, 3)
    for kind, patch, output, _, numbers, params, ops in googlenet.TABLE:
        size, stride = patch or (1, 1)
        if kind.startswith("inception"):
            cost = inception_cost(shape, numbers)
        elif numbers:
            cost = reduced_cost(shape, numbers[0], output[-1], (size, size))
        else:
            cost = conv_cost(shape, output[-1], (size, size), stride)
        if params:
            yield kind, *cost, float(params[:-1]) * 1024, float(ops[:-1]) * 1e6
        shape = output


def test_table_1_prints_the_products_of_all_rows_but_two():
    off = [name for name, _, products, _, ops in counted_rows() if abs(products - ops) > 1e6]
    assert off == ["convolution", "inception 5a"]


def test_table_1_prints_some_weights_wrong():
    off = {name: weights / params for name, weights, _, params, _ in counted_rows() if abs(weights / params - 1) > 0.015}
    assert sorted(off) == ["convolution", "inception 4c", "inception 4d", "inception 5a", "inception 5b"]
    assert round(off["inception 4c"], 2) == 1.07


def test_nine_times_fewer_parameters_than_alexnet_not_twelve():
    total = sum(row[1] for row in counted_rows())
    assert total == 6_990_272
    assert round(61_100_840 / total, 1) == 8.7
    assert round(61_100_840 / (total - 1_024_000), 1) == 10.2


def test_a_separable_first_layer_would_fit_the_print():
    weights = 7 * 7 * 3 * 8 + 24 * 64
    assert (weights, round(weights * 112 * 112 / 1e6)) == (2_712, 34)


@pytest.mark.parametrize(
    ("large", "small", "saved"),
    [
        ([(5, 5)], [(3, 3)] * 2, 0.28),
        ([(7, 7)], [(1, 7), (7, 1)], 0.71),
        ([(3, 3)], [(1, 3), (3, 1)], 0.33),
        ([(7, 7)], [(3, 3)] * 3, 0.45),
    ],
)
def test_chains_see_the_same_window_for_less(large, small, saved):
    (before, window), (after, same) = (unit["factorised_cost"](192, kernels) for kernels in (large, small))
    assert window == same == large[0]
    assert round(1 - after / before, 2) == saved


def test_a_mean_and_a_linear_layer_may_change_places():
    random = np.random.default_rng(0)
    maps, weights = random.normal(size=(7, 5, 6)), random.normal(size=(6, 4))
    np.testing.assert_allclose((maps @ weights).mean(axis=(0, 1)), maps.mean(axis=(0, 1)) @ weights)


def test_the_branch_of_question_4():
    assert reduced_cost((7, 7, 832), 192, 384, (3, 3))[0] == 823_296
