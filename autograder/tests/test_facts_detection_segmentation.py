"""Boxes, sliding nets, stamps and label maps: the facts of unit 22, by the solution's functions."""

import keras
import numpy as np
import pytest
from keras import layers
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.data import digit_form
from convcourse.pictures.detection_segmentation import digit_windows, products, shape_images, train, window_classifier
from tests.solved import solutions_of

unit = solutions_of("22_detection_segmentation")


def test_a_sixth_of_two_boxes_is_shared():
    shared = unit["iou_many"](np.array([0, 0, 4, 6]), np.array([[2, 3, 5, 9], [0, 0, 4, 6], [4, 6, 8, 9]]))
    np.testing.assert_allclose(shared, [1 / 6, 1, 0])


def test_two_boxes_that_share_half_have_an_iou_of_a_third():
    assert unit["iou_many"](np.array([0, 0, 4, 4]), np.array([[0, 2, 4, 6]])) == pytest.approx(1 / 3)


def test_suppression_is_tensorflows():
    import tensorflow as tf

    generator = np.random.default_rng(3)
    corners = generator.integers(0, 40, size=(60, 2))
    boxes = np.hstack([corners, corners + generator.integers(6, 20, size=(60, 2))])
    scores = generator.permutation(60) / 60
    theirs = tf.image.non_max_suppression(boxes.astype("float32"), scores, 60, iou_threshold=0.3)
    assert np.array_equal(unit["non_max_suppression"](boxes, scores, 0.3), theirs)


@pytest.mark.parametrize(("kernel", "stride"), [((3, 3), 2), ((2, 2), 2), ((4, 3), 2), ((5, 1), 3), ((1, 2), 3)])
def test_stamps_are_kerass_transposed_convolution(kernel, stride):
    maps = np.random.default_rng(0).normal(size=(4, 5, 3))
    layer = layers.Conv2DTranspose(2, kernel, stride)
    right = np.asarray(layer(maps[None].astype("float32")))[0]
    np.testing.assert_allclose(unit["transposed_conv"](maps, np.asarray(layer.kernel), stride), right, atol=1e-5)
    assert right.shape[:2] == tuple(n * stride + max(k - stride, 0) for n, k in zip((4, 5), kernel, strict=True))


@pytest.fixture(scope="module")
def classifier():
    windows, classes = digit_windows(9_000, seed=0)
    keras.utils.set_random_seed(0)
    return train(window_classifier(), windows, classes, 5, 64, 3e-3, "classifier")


def test_the_sliding_net_gives_each_windows_scores(classifier):
    form, _ = digit_form(seed=2, size=96, count=5)
    pixels = (form / 16).astype("float32")[:, :80]
    scores = np.asarray(unit["fully_convolutional"](classifier)(pixels[None, ..., None]))[0]
    crops = sliding_window_view(pixels, (12, 12))[::2, ::2]
    assert scores.shape == (43, 35, 11)
    one_by_one = np.asarray(classifier(crops.reshape(-1, 12, 12, 1)))
    np.testing.assert_allclose(scores.reshape(-1, 11), one_by_one, atol=1e-4)


def test_sliding_saves_six_of_seven_products():
    each, whole = products(12, 1) * 251**2, products(512, 251**2)
    assert each.sum() == 16_434_692_864
    assert whole.sum() == 2_521_988_864


def test_nearly_every_digit_of_a_form_is_found(classifier):
    net = unit["fully_convolutional"](classifier)
    form, written = digit_form(seed=2)
    best = np.asarray(net((form / 16).astype("float32")[None, ..., None]))[0, ..., :10].max(axis=-1)
    corners = 2 * np.argwhere(best >= 0.5)
    boxes = np.hstack([corners, corners + 12])
    kept = unit["non_max_suppression"](boxes, best[best >= 0.5], 0.2)
    found = np.c_[boxes[kept], np.zeros(len(kept), dtype=int)]
    truth = np.array([(row - 2, col - 2, row + 10, col + 10, 0) for row, col, _ in written])
    precision, recall = unit["precision_recall"](found, truth, 0.5)
    # Measured with several seeds, with and without oneDNN: 4.2 to 4.6 boxes a digit, all digits found, nothing else.
    assert len(boxes) > 3.5 * len(kept)
    assert min(precision, recall) > 0.96


def test_background_everywhere_is_worth_little():
    _, labels = shape_images(40, seed=2)
    each, mean = unit["class_iou"](labels, np.zeros_like(labels), 4)
    assert each[0] > 0.7
    assert mean == pytest.approx(each[0] / 4)


def test_the_u_net_has_23_convolutional_layers_and_turns_572_pixels_into_388():
    net = unit["unet"]((64, 64, 1), 2, (2, 4, 8, 16, 32), True)
    assert sum("Conv2D" in type(layer).__name__ for layer in net.layers) == 23
    side = 572
    for _ in range(4):
        side = (side - 4) // 2
    for _ in range(4):
        side = 2 * (side - 4)
    assert side - 4 == 388


def test_parameters_of_the_two_nets():
    counts = [unit["unet"]((28, 28, 1), 4, (8, 16, 32), skips).count_params() for skips in (True, False)]
    assert counts == [29_828, 26_948]
    assert counts[0] - counts[1] == 9 * (16 * 16 + 8 * 8)  # what the skips add to the first convolution of each step up
