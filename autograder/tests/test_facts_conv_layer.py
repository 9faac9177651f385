"""The lectures' numbers of unit 06, by the solution's functions, with Keras, SciPy, TensorFlow and scikit-image as witnesses."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import block_reduce

from convcourse.pictures import conv_layer as course
from tests.solved import solutions_of

unit = solutions_of("06_conv_layer")
conv3, half = course.conv3, ("pool", 2, 2)
TOY = [conv3(10), conv3(10), half, conv3(10), conv3(20), half, conv3(10), conv3(20), half, ("dense", 10)]
VGG16 = [
    *[conv3(64), conv3(64), half, conv3(128), conv3(128), half, conv3(256), conv3(256), conv3(256), half],
    *[conv3(512), conv3(512), conv3(512), half] * 2,
    *[("dense", 4096), ("dense", 4096), ("dense", 1000)],
]
few = settings(max_examples=40, deadline=None, derandomize=True)
sides = st.integers(1, 4)


@st.composite
def layers(draw):
    """images, weights, bias, stride, padding of a random layer that fits."""
    krow, kcol, channels, filters, batch = (draw(sides) for _ in range(5))
    stride, padding = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    rows, cols = (max(1, kernel - 2 * padding) + draw(st.integers(0, 6)) for kernel in (krow, kcol))
    random = np.random.default_rng(draw(st.integers(0, 999)))
    images, weights = random.normal(size=(batch, rows, cols, channels)), random.normal(size=(krow, kcol, channels, filters))
    return images, weights, random.normal(size=filters), stride, padding


def padded(images, padding):
    return np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))


@few
@given(layers())
def test_a_layer_is_what_keras_and_scipy_compute(layer):
    import keras

    images, weights, bias, stride, padding = layer
    ours = unit["conv2d_multi"](*layer)
    by_keras = keras.ops.conv(padded(images, padding), weights, strides=stride, padding="valid", data_format="channels_last")
    np.testing.assert_allclose(ours, np.asarray(by_keras) + bias, rtol=1e-4, atol=1e-4)
    image, kernel = padded(images, padding)[-1], weights[..., -1]
    channels = [scipy.signal.correlate2d(image[..., n], kernel[..., n], mode="valid") for n in range(image.shape[2])]
    np.testing.assert_allclose(ours[-1, :, :, -1], sum(channels)[::stride, ::stride] + bias[-1], atol=1e-9)


@few
@given(layers(), st.integers(1, 3), st.integers(1, 3))
def test_pooling_is_what_keras_computes(layer, size, stride):
    import keras

    images = padded(layer[0], 1)  # at least 3 × 3
    for ours, theirs in (("max_pool2d", keras.ops.max_pool), ("avg_pool2d", keras.ops.average_pool)):
        by_keras = theirs(images, size, strides=stride, padding="valid", data_format="channels_last")
        np.testing.assert_allclose(unit[ours](images, size, stride), np.asarray(by_keras), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        unit["global_avg_pool"](images), np.asarray(keras.layers.GlobalAveragePooling2D()(images)), atol=1e-6
    )


def test_pooling_side_by_side_is_scikit_images_block_reduce():
    images = np.random.default_rng(0).normal(size=(2, 6, 9, 4))
    for name, function in (("max_pool2d", np.max), ("avg_pool2d", np.mean)):
        np.testing.assert_allclose(unit[name](images, 3, 3), block_reduce(images, (1, 3, 3, 1), function))


@pytest.mark.parametrize("overlapping", [False, True])
@pytest.mark.parametrize("pseudo_random", [False, True])
def test_fractional_pooling_is_tensorflows_between_the_same_bounds(overlapping, pseudo_random):
    import tensorflow as tf

    images = np.random.default_rng(1).normal(size=(2, 11, 14, 3)) - 1
    theirs, rows, cols = tf.nn.fractional_max_pool(images, [1.0, 1.4, 1.7, 1.0], pseudo_random, overlapping, seed=3)
    ours = unit["fractional_max_pool"](images, rows.numpy(), cols.numpy(), overlapping)
    np.testing.assert_array_equal(ours, theirs.numpy())


def test_bounds_in_equal_steps_give_ordinary_pooling():
    images = np.random.default_rng(1).normal(size=(2, 6, 8, 3))
    ours = unit["fractional_max_pool"](images, np.arange(0, 7, 2), np.arange(0, 9, 2), False)
    np.testing.assert_array_equal(ours, unit["max_pool2d"](images, 2, 2))


@pytest.mark.parametrize("n", [1, 3, 5])
def test_normalisation_is_tensorflows(n):
    import tensorflow as tf

    maps = np.random.default_rng(2).normal(size=(2, 3, 4, 9)).astype(np.float32) * 50
    theirs = tf.nn.local_response_normalization(maps, depth_radius=n // 2, bias=2.0, alpha=1e-4, beta=0.75)
    np.testing.assert_allclose(unit["local_response_norm"](maps, 2.0, 1e-4, 0.75, n), theirs.numpy(), rtol=1e-5)


@few
@given(layers())
def test_the_three_racers_and_the_solution_agree(layer):
    images, weights, bias, _, _ = layer
    images = padded(images, 2)
    right = unit["conv2d_multi"](images, weights, 0 * bias, 1, 0)
    for racer, _ in course.RACERS.values():
        np.testing.assert_allclose(racer(images, weights), right, atol=1e-9)


def test_ten_5x5_filters_on_32x32x3_keep_the_size_and_have_760_parameters():
    result = unit["conv2d_multi"](np.zeros((1, 32, 32, 3)), np.zeros((5, 5, 3, 10)), np.zeros(10), 1, 2)
    assert result.shape == (1, 32, 32, 10)
    assert unit["layer_parameters"](("conv", 10, 5, 1, 2), (32, 32, 3)) == 760


def test_the_toy_nets_parameters_are_the_lectures_and_keras():
    import keras

    table = unit["network_table"]((32, 32, 3), TOY)
    assert [int(number) for number in table[:, 4] if number] == [280, 910, 910, 1820, 1810, 1820, 3210]
    assert table[:, 3].tolist() == [10240, 10240, 2560, 2560, 5120, 1280, 640, 1280, 320, 10]
    model = keras.Sequential([keras.Input((32, 32, 3))])
    for kind, number, *_ in TOY:
        if kind == "conv":
            model.add(keras.layers.Conv2D(number, 3, padding="same"))
        elif kind == "pool":
            model.add(keras.layers.MaxPooling2D(2))
        else:
            model.add(keras.layers.Flatten())
            model.add(keras.layers.Dense(number))
    assert model.count_params() == table[:, 4].sum()


def test_vgg16s_table_line_by_line():
    table = unit["network_table"]((224, 224, 3), VGG16)
    biases = [layer[1] if layer[0] != "pool" else 0 for layer in VGG16]
    assert (table[:, 4] - biases).tolist() == [
        *[1728, 36864, 0, 73728, 147456, 0, 294912, 589824, 589824, 0],
        *[1179648, 2359296, 2359296, 0, 2359296, 2359296, 2359296, 0],
        *[102760448, 16777216, 4096000],
    ]
    thousands = [3200, 3200, 800, 1600, 1600, 400, 800, 800, 800, 200, 400, 400, 400, 100, 100, 100, 100, 25, 4, 4, 1]
    np.testing.assert_allclose(table[:, 3] / 1000, thousands, rtol=0.03)
    assert table[:, 4].sum() == 138_357_544


def test_the_lines_of_vgg16_do_not_add_up_to_the_24_million_printed_below_them():
    table = unit["network_table"]((224, 224, 3), VGG16)
    assert table[:, 3].sum() + 224 * 224 * 3 == 15_237_608
    assert round(table[:2, 3].sum() / 15_237_608, 2) == 0.42  # most memory early
    assert round(table[-3:, 4].sum() / 138_357_544, 2) == 0.89  # most parameters in the dense layers


@pytest.mark.parametrize(("depth", "seen"), [(1, 3), (2, 5), (3, 7)])
def test_receptive_fields_of_3x3_layers_by_formula_and_by_measurement(depth, seen):
    assert unit["receptive_field"]([(3, 1)] * depth) == seen
    spread = np.zeros((1, 15, 15, 1))
    spread[0, 7, 7] = 1
    for _ in range(depth):
        spread = unit["conv2d_multi"](spread, np.ones((3, 3, 1, 1)), np.zeros(1), 1, 1)
    assert np.count_nonzero(spread) == seen**2


@few
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), min_size=1, max_size=3))
def test_a_receptive_field_is_as_many_pixels_as_change_one_unit(layers):
    """A map exactly as large as the field gives one unit; it moves with every pixel, and one pixel less leaves none."""
    seen = unit["receptive_field"](layers)
    line = np.zeros((seen, 1, seen, 1)) + np.eye(seen)[:, None, :, None]  # image n has a one at pixel n
    for kernel, stride in layers:
        line = unit["conv2d_multi"](line, np.ones((1, kernel, 1, 1)), np.zeros(1), stride, 0)
    assert line.shape[2] == 1
    touched = np.count_nonzero(line)
    assert touched == seen or any(stride > kernel for kernel, stride in layers)  # such strides skip pixels inside
    assert line[0] > 0
    assert line[-1] > 0


def test_three_3x3_layers_need_27_c_squared_weights_and_one_7x7_49():
    count, C = unit["layer_parameters"], 64
    assert 3 * (count(conv3(C), (56, 56, C)) - C) == 27 * C**2
    assert count(("conv", C, 7, 1, 3), (56, 56, C)) - C == 49 * C**2
