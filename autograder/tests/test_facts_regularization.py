"""Unit 10: what dropping, normalising, changing and averaging do, by the solution's functions."""

from itertools import pairwise

import keras
import numpy as np
import pytest
import scipy.ndimage
import skimage.data
from keras import layers
from sklearn.decomposition import PCA

from convcourse.pictures.regularization import Trainer, centre, make_snapshots, measure, score
from tests.solved import solutions_of

unit = solutions_of("10_regularization")


def generator():
    return np.random.default_rng(5)


# --- dropout and DropConnect ----------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.75])
def test_inverted_dropout_keeps_the_mean_and_adds_the_variance_of_theory(rate):
    x = 3.0
    y = unit["dropout"](np.full(400_000, x), rate, generator().random(400_000), True)
    variance = x**2 * rate / (1 - rate)
    assert y.mean() == pytest.approx(x, abs=4 * np.sqrt(variance / y.size))
    assert y.var() == pytest.approx(variance, rel=0.02)
    np.testing.assert_allclose(np.unique(y), [0, x / (1 - rate)])


def test_another_throw_gives_another_mask_and_inference_gives_none():
    x, dice = np.ones(100), generator()
    masks = [unit["dropout"](x, 0.5, dice.random(100), True) for _ in range(3)]
    assert all((one != other).any() for one, other in pairwise(masks))
    np.testing.assert_array_equal(unit["dropout"](x, 0.5, dice.random(100), False), x)


def test_dropconnect_has_the_mean_and_the_variance_of_theory():
    x, weights, rate = np.array([1.0, 2.0, 3.0]), np.array([[1.0, 0.5, 2.0], [3.0, 1.0, 0.25]]), 0.3
    dice = generator()
    a = np.array([unit["dropconnect"](x, weights, rate, dice.random((2, 3)), True) for _ in range(40_000)])
    mean, variance = (1 - rate) * weights @ x, rate * (1 - rate) * (weights**2 @ x**2)  # all sums are positive: f changes nothing
    assert np.all(np.abs(a.mean(axis=0) - mean) < 4 * np.sqrt(variance / len(a)))
    np.testing.assert_allclose(a.var(axis=0), variance, rtol=0.03)
    assert len(np.unique(a, axis=0)) > 30  # 2^6 masks, some of which coincide
    np.testing.assert_allclose(unit["dropconnect"](x, weights, rate, dice.random((2, 3)), False), mean)


def test_dropconnect_by_whole_units_is_dropout():
    dice = generator()
    x, weights, u = dice.random(5), dice.normal(size=(7, 5)), dice.random(7)
    whole = unit["dropconnect"](x, weights, 0.4, np.repeat(u[:, None], 5, axis=1), True)
    np.testing.assert_allclose(whole, 0.6 * unit["dropout"](np.maximum(weights @ x, 0), 0.4, u, True))


def test_dropconnect_and_dropout_on_mnist_as_the_lecture_quotes_them():
    """Mean error of five nets and error of their vote, for no drop, dropout and DropConnect."""
    table = {
        "ReLU": ((1.62, 1.40), (1.28, 1.20), (1.20, 1.12)),
        "sigmoid": ((1.78, 1.74), (1.38, 1.36), (1.55, 1.48)),
        "tanh": ((1.65, 1.49), (1.58, 1.55), (1.36, 1.35)),
    }
    best = {neuron: int(np.argmin([mean for mean, _ in rows])) for neuron, rows in table.items()}
    assert best == {"ReLU": 2, "sigmoid": 1, "tanh": 2}
    assert all(vote < mean for rows in table.values() for mean, vote in rows)


# --- small weights ------------------------------------------------------------------------------


def test_keras_l2_is_half_the_papers_decay_and_its_max_norm_works_on_columns():
    weights = np.array([[3.0, 0.3], [4.0, 0.4]], dtype=np.float32)
    assert float(keras.regularizers.L2(0.00025)(weights)) == pytest.approx(0.0005 / 2 * np.sum(weights**2))
    limited = weights * np.minimum(1, 1 / np.linalg.norm(weights, axis=0))
    np.testing.assert_allclose(limited, [[0.6, 0.3], [0.8, 0.4]], rtol=1e-6)
    np.testing.assert_allclose(keras.constraints.MaxNorm(1.0)(weights), limited, rtol=1e-5)


# --- batch normalisation ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(6, 3), (4, 5, 2, 3)])
def test_batch_norm_agrees_with_keras_in_both_modes_over_several_batches(shape):
    dice = generator()
    gamma, beta = np.array([0.5, 1.0, 2.0]), np.array([1.0, -1.0, 0.0])
    mean, variance = np.zeros(3), np.ones(3)
    layer = layers.BatchNormalization(momentum=0.8, epsilon=1e-3, dtype="float64")
    layer.build(shape)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    for _ in range(4):
        x = dice.normal(2, 3, size=shape)
        y, mean, variance = unit["batch_norm_forward"](x, gamma, beta, mean, variance, True, 0.8, 1e-3)
        np.testing.assert_allclose(layer(x, training=True), y, atol=1e-6)
    np.testing.assert_allclose(layer.moving_mean, mean, atol=1e-6)
    np.testing.assert_allclose(layer.moving_variance, variance, atol=1e-6)
    x = dice.normal(size=shape)
    y = unit["batch_norm_forward"](x, gamma, beta, mean, variance, False, 0.8, 1e-3)[0]
    np.testing.assert_allclose(layer(x, training=False), y, atol=1e-6)


def test_a_normalised_batch_has_mean_beta_and_deviation_gamma():
    x = generator().normal(7, 3, size=(50, 4, 4, 2))
    gamma, beta = np.array([2.0, 0.5]), np.array([-1.0, 3.0])
    y = unit["batch_norm_forward"](x, gamma, beta, np.zeros(2), np.ones(2), True, 0.9, 0.0)[0]
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), beta)
    np.testing.assert_allclose(y.std(axis=(0, 1, 2)), gamma)


# --- changed pictures ---------------------------------------------------------------------------


def test_alexnets_views_are_2178_not_2048():
    places = [(top, left) for top in range(256) for left in range(256) if top + 224 <= 256 and left + 224 <= 256]
    assert 2 * len(places) == 2178
    assert 2 * 32 * 32 == 2048


def test_every_view_is_a_piece_of_its_image():
    dice = generator()
    images = dice.random((20, 9, 12, 3))
    tops, lefts, flips = dice.integers(0, 4, 20), dice.integers(0, 5, 20), dice.random(20) < 0.5
    views = unit["random_crop_flip"](images, (6, 8), tops, lefts, flips)
    assert views.shape == (20, 6, 8, 3)
    for view, image, top, left, flip in zip(views, images, tops, lefts, flips, strict=True):
        np.testing.assert_array_equal(np.fliplr(view) if flip else view, image[top : top + 6, left : left + 8])


def test_pca_colour_moves_along_the_eigenvectors_by_alpha_lambda():
    photo = skimage.data.coffee() / 255
    by_sklearn = PCA(3).fit(photo.reshape(-1, 3))
    values, vectors = by_sklearn.explained_variance_, by_sklearn.components_.T
    assert values / values.sum() == pytest.approx([0.888, 0.104, 0.007], abs=0.001)
    for number in range(3):
        alphas = np.where(np.arange(3) == number, 0.1, 0)
        shift = unit["pca_color"](photo, values, vectors, alphas) - photo
        assert np.ptp(shift, axis=(0, 1)).max() < 1e-12  # the same everywhere
        np.testing.assert_allclose(shift[0, 0], 0.1 * values[number] * vectors[:, number], atol=1e-12)
        assert np.linalg.norm(shift[0, 0]) == pytest.approx(0.1 * values[number])


def test_pca_colour_depends_on_the_scale_of_the_pixels():
    photo, alphas = skimage.data.coffee()[::8, ::8], np.array([0.1, 0, 0])
    share = []
    for scale in (1, 255):
        pixels = photo.reshape(-1, 3) * (scale / 255)
        values, vectors = np.linalg.eigh(np.cov(pixels.T))
        moved = unit["pca_color"](pixels[None], values[::-1], vectors[:, ::-1], alphas) - pixels
        share.append(np.linalg.norm(moved[0, 0]) / scale)
    assert share[0] < 0.02
    assert share[1] == pytest.approx(255 * share[0])


def test_a_cast_does_not_wrap_round():
    image = np.full((2, 2, 3), 250, dtype=np.uint8)
    casted = unit["color_cast"](image, np.array([True, False, True]), np.array([20, 20, -20]))
    assert casted[0, 0].tolist() == [255, 250, 230]
    assert (image + np.uint8(20))[0, 0, 0] == 14  # the mistake to avoid


def test_a_vignette_is_whole_in_the_middle_symmetric_and_darkest_in_the_corners():
    factor = unit["vignette"](np.ones((41, 61)), 0.4, 0.7)
    assert factor[20, 30] == 1
    assert (factor == 1).mean() > 0.2
    assert factor[0, 0] == pytest.approx(0.3) == factor.min()
    np.testing.assert_allclose(factor, np.rot90(factor, 2))
    np.testing.assert_allclose(factor, factor[:, ::-1])
    row = factor[20, 30:]
    assert np.all(np.diff(row) <= 1e-12)


# --- asking many times ----------------------------------------------------------------------------


def test_the_ten_crops_of_alexnet_lie_where_they_should():
    rows, cols = np.mgrid[:256, :256]
    crops = unit["ten_crop"](np.stack([rows, cols], axis=-1), (224, 224))
    assert crops.shape == (10, 224, 224, 2)
    starts = [(0, 0), (0, 32), (32, 0), (32, 32), (16, 16)]
    assert [tuple(crop[0, 0]) for crop in crops[:5]] == starts
    assert [tuple(crop[0, -1]) for crop in crops[5:]] == starts  # mirrored: the left edge is at the right
    assert [tuple(crop[-1, 0] - crop[0, 0]) for crop in crops[:5]] == [(223, 0)] * 5


def test_the_mean_of_probabilities_hears_a_sure_voice_that_a_vote_does_not():
    views = np.array([[[[0.6, 0.4]], [[0.6, 0.4]], [[0.0, 1.0]]]])
    means, labels = unit["average_predictions"](views)
    np.testing.assert_allclose(means, [[0.4, 0.6]])
    assert labels.tolist() == [1]
    assert np.bincount(views.argmax(axis=-1).ravel()).argmax() == 0


def test_googlenets_table_of_models_and_crops():
    errors = {(1, 1): 10.07, (1, 10): 9.15, (1, 144): 7.89, (7, 1): 8.09, (7, 10): 7.62, (7, 144): 6.67}
    assert [models * crops for models, crops in errors] == [1, 10, 144, 7, 70, 1008]
    assert 4 * 3 * 6 * 2 == 144
    gains = [round(error - errors[1, 1], 2) for error in errors.values()]
    assert gains == [0, -0.92, -2.18, -1.98, -2.45, -3.40]  # the lecture, and the paper, print −3.45 for the last


# --- the experiment -------------------------------------------------------------------------------


def little_net():
    dense = [layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10)]
    return keras.Sequential([layers.Input((18, 18, 1)), layers.Conv2D(8, 5, strides=2, activation="relu"), *dense])


def some_views(images, dice):
    tops, lefts = dice.integers(0, 3, size=(2, len(images)))
    return unit["random_crop_flip"](images, (18, 18), tops, lefts, dice.random(len(images)) < 0.5)


def test_snapshots_are_as_promised_and_the_same_each_time():
    data = make_snapshots()
    assert data.images.shape == (300, 20, 20, 1)
    assert data.validation_images.shape == data.test_images.shape == (2000, 20, 20, 1)
    assert np.bincount(data.validation_labels).tolist() == [200] * 10
    assert np.bincount(data.labels).tolist() == [30] * 10
    np.testing.assert_array_equal(data.images, make_snapshots().images)
    middles = [scipy.ndimage.center_of_mass(image[:, :, 0].clip(0.2)) for image in data.images]
    assert np.ptp(middles, axis=0).min() > 2  # they are not centred


def test_the_net_learns_by_heart_and_more_views_help(capsys):
    data = make_snapshots()
    nothing = measure("nothing", little_net, data, seeds=(0, 1))
    views = measure("views", little_net, data, some_views, seeds=(0, 1))
    assert nothing.last[:, 0].min() > 0.97
    assert nothing.last[:, 1].max() < 0.63  # nine seeds, with oneDNN and without: 0.54 to 0.59
    assert nothing.last[:, 3].mean() > 1.3 * nothing.curves[:, :, 3].min(axis=1).mean()  # the loss on new pictures climbs
    assert np.all(views.last[:, 1] > nothing.last[:, 1] + 0.05)  # the same runs: 0.07 to 0.12
    assert "nothing" in capsys.readouterr().out
    for model, numbers in zip(views.models, views.last, strict=True):
        assert score(model, *data[2:4])[0] == pytest.approx(numbers[1])


def test_both_ways_to_train_give_the_same_net():
    data = make_snapshots()
    keras.utils.set_random_seed(3)
    one, other = little_net(), little_net()
    other.set_weights(one.get_weights())
    fast, plain = Trainer(one, 0.005), Trainer(other, 0.005)
    plain._run = plain._plain_loop()
    for train in (fast, plain):
        train(centre(data.images[:180]), data.labels[:180])
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)
