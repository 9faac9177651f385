"""Unit 08's facts: the lecture's two nets, Keras's zeros, and the relatives of Conv2D, on the solution's functions."""

import os
import platform
import subprocess
import sys

import keras
import numpy as np
import pytest
import skimage.data
from keras import layers
from scipy.signal import convolve2d, correlate, correlate2d

from convcourse.exercises.image_filters import COLOR_WEIGHTS, GX
from convcourse.judging.models import packed, rebuilt
from convcourse.pictures.keras_conv2d import keras_zeros, on_other_backends
from tests.solved import solutions_of

unit = solutions_of("08_keras_conv2d")
random = np.random.default_rng(8)


def run(layer, images, *weights):
    layer.build(images.shape)
    layer.set_weights(weights)
    return keras.ops.convert_to_numpy(layer(images.astype("float32")))


def gauss():
    bell = np.exp(-(np.arange(-4, 5) ** 2) / 8)
    return np.outer(bell, bell) / bell.sum() ** 2


def test_the_gradient_net_has_20_parameters_and_takes_512_to_510():
    model = unit["gradient_model"](512, 512)
    assert model.count_params() == 20
    assert model.output_shape == (None, 510, 510, 2)
    assert [tuple(weight.shape) for weight in model.weights] == [(3, 3, 1, 2), (2,)]


def test_with_sobels_weights_it_gives_both_gradients_of_the_photograph():
    camera = skimage.data.camera() / 255
    model = unit["set_sobel_weights"](unit["gradient_model"](512, 512))
    gradients = model.predict(camera[None, :, :, None], verbose=0)[0]
    for channel, kernel in enumerate((GX, GX.T)):
        np.testing.assert_allclose(gradients[..., channel], correlate2d(camera, kernel, mode="valid"), atol=1e-5)


def test_the_colour_net_has_976_parameters_and_takes_368_by_487_to_360_by_479():
    model = unit["color_model"]((368, 487, 3), gauss(), COLOR_WEIGHTS)
    assert model.count_params() == 976
    assert model.output_shape == (None, 360, 479, 4)
    # The slide's 488 columns would not give the slide's 479.
    assert unit["color_model"]((368, 488, 3), gauss(), COLOR_WEIGHTS).output_shape == (None, 360, 480, 4)


def test_the_suit_is_red_the_flag_is_blue_and_grey_is_nothing():
    photo = skimage.data.astronaut() / 255
    model = unit["color_model"](photo.shape, gauss(), COLOR_WEIGHTS)
    answers = model.predict(np.stack([photo, np.full(photo.shape, 0.7)]), verbose=0)
    red, green, blue, _ = answers[0, 350, 60]  # the sleeve
    assert red > 0 > max(green, blue)
    assert np.abs(answers[1]).max() < 1e-5


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("size", [7, 8, 9, 12])
def test_the_zeros_are_where_keras_puts_them(size, kernel, stride):
    assert tuple(unit["same_padding_amounts"](size, kernel, stride)) == keras_zeros(size, kernel, stride)


def test_same_is_symmetric_for_odd_kernels_with_stride_1_only():
    amounts = unit["same_padding_amounts"]
    assert amounts(512, 3, 1) == (1, 1)
    assert amounts(512, 3, 2) == (0, 1)
    assert amounts(224, 7, 2) == (2, 3)  # ResNet's first layer has 3 and 3 in PyTorch
    assert amounts(512, 4, 1) == (1, 2)
    assert amounts(225, 3, 2) == (1, 1)


def test_scipys_odd_zero_stands_behind_as_keras_does_or_in_front():
    row, kernel = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 10.0]])
    ours = unit["numpy_equals_keras"](row[None, ..., None], kernel[..., None, None], np.zeros(1), (1, 1), "same")
    np.testing.assert_allclose(ours.ravel(), [21, 32, 3])
    np.testing.assert_allclose(correlate2d(row, kernel, mode="same").ravel(), [21, 32, 3])
    np.testing.assert_allclose(correlate(row, kernel, mode="same").ravel(), [10, 21, 32])
    np.testing.assert_allclose(convolve2d(row, np.flip(kernel), mode="same").ravel(), [10, 21, 32])


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 2), (3, 1), (2, 5)])
@pytest.mark.parametrize("size", [(3, 3), (4, 2), (1, 5), (1, 1)])
def test_the_numpy_layer_is_keras_to_1e_5(size, strides, padding):
    images, kernels, bias = (random.normal(size=shape) for shape in ((2, 11, 14, 3), (*size, 3, 4), 4))
    ours = unit["numpy_equals_keras"](images, kernels, bias, strides, padding)
    theirs = run(layers.Conv2D(4, size, strides, padding), images, kernels, bias)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-5 * np.abs(ours).max()


RUN_TO_THE_DETOUR = """
import nbformat
from convcourse.settings import SOLUTIONS
names = {}
for cell in nbformat.read(SOLUTIONS / "08_keras_conv2d/08_keras_conv2d.ipynb", as_version=4).cells:
    if cell.cell_type == "code":
        exec(cell.source.replace("%pip", "pass  #"), names)
        if "UnimplementedError:" in cell.source:
            break
"""


@pytest.mark.parametrize("onednn", ["0", "1"])
def test_channels_first_is_the_same_layer_and_no_accident_where_tensorflow_lacks_it(onednn):
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": onednn, "MPLBACKEND": "Agg"}
    ran = subprocess.run([sys.executable, "-c", RUN_TO_THE_DETOUR], env=environment, capture_output=True, text=True, check=True)
    assert "by the detour:  (1, 3, 368, 487) → (1, 4, 360, 479)" in ran.stdout
    either = ("(1, 4, 360, 479) the same to 1e-5: True", "directly:       this TensorFlow cannot, on this processor")
    assert sum(words in ran.stdout for words in either) == 1
    if platform.machine() == "x86_64":
        assert either[int(onednn == "0")] in ran.stdout


@pytest.mark.parametrize("multiplier", [1, 2, 3])
def test_depthwise_is_a_convolution_with_zeros(multiplier):
    images, depthwise = random.normal(size=(2, 7, 8, 3)), random.normal(size=(3, 2, 3, multiplier))
    weights = unit["depthwise_from_conv"](depthwise)
    ordinary = run(layers.Conv2D(3 * multiplier, (3, 2), use_bias=False), images, weights)
    theirs = run(layers.DepthwiseConv2D((3, 2), depth_multiplier=multiplier, use_bias=False), images, depthwise)
    np.testing.assert_allclose(ordinary, theirs, atol=1e-5)
    assert np.count_nonzero(weights) == depthwise.size


def test_the_colour_filters_are_separable_259_parameters_for_976():
    images = random.normal(size=(1, 20, 22, 3))
    layer = layers.SeparableConv2D(4, 9)
    depth, point = np.repeat(gauss()[:, :, None, None], 3, axis=2), COLOR_WEIGHTS.T[None, None]
    model = unit["color_model"]((20, 22, 3), gauss(), COLOR_WEIGHTS)
    np.testing.assert_allclose(run(layer, images, depth, point, np.zeros(4)), model.predict(images, verbose=0), atol=1e-5)
    assert layer.count_params() == 259
    assert 9 * 64 * 128 == 73_728
    assert 9 * 64 + 64 * 128 == 8_768


def test_dilated_is_a_kernel_with_gaps():
    row = np.arange(1.0, 7.0).reshape(1, 1, 6, 1)
    layer = layers.Conv2D(1, (1, 3), dilation_rate=(1, 2), use_bias=False)
    assert run(layer, row, np.array([1, 2, 3]).reshape(1, 3, 1, 1)).ravel().tolist() == [22, 28]


def test_transposed_stamps_and_is_the_transpose():
    stamp = layers.Conv2DTranspose(1, (1, 3), strides=(1, 2), use_bias=False)
    kernel = np.array([1, 2, 3]).reshape(1, 3, 1, 1)
    stamped = run(stamp, np.array([1, 10]).reshape(1, 1, 2, 1), kernel).ravel()
    assert stamped.tolist() == [1, 2, 13, 20, 30]
    a, b, w = (random.normal(size=shape) for shape in ((1, 9, 9, 1), (1, 4, 4, 1), (3, 3, 1, 1)))
    smaller = run(layers.Conv2D(1, 3, strides=2, use_bias=False), a, w)
    larger = run(layers.Conv2DTranspose(1, 3, strides=2, use_bias=False), b, w)
    np.testing.assert_allclose(np.sum(smaller * b), np.sum(a * larger), rtol=1e-4)


def test_a_kernel_of_4_with_stride_2_stamps_evenly_inside():
    counts = run(layers.Conv2DTranspose(1, 4, strides=2, use_bias=False), np.ones((1, 5, 5, 1)), np.ones((4, 4, 1, 1)))
    assert np.unique(counts[0, 2:-2, 2:-2, 0]).tolist() == [4]


def test_the_examples_models_written_by_hand_are_what_keras_packs():
    from convcourse.exercises.keras_conv2d import set_sobel_weights

    for case in set_sobel_weights.examples:
        given = case.arguments["model"]
        again = packed(rebuilt(given))
        assert all(map(np.array_equal, given.weights, again.weights))


def test_a_backend_that_is_not_installed_is_skipped_with_a_word(monkeypatch, capsys):
    monkeypatch.setattr("convcourse.pictures.keras_conv2d.find_spec", lambda name: None)
    assert on_other_backends("") == {}
    assert capsys.readouterr().out.count("skipped: not installed") == 2
