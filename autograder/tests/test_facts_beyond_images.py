"""Kim's published counts, the lecture's rule of thumb, and what unit 21 promises, by the solution's functions."""

import keras
import numpy as np
import pytest
import scipy.signal

from convcourse.pictures import beyond_images as course
from tests.solved import solutions_of

unit = solutions_of("21_beyond_images")


def test_kims_net_for_film_reviews_has_360_902_parameters_beside_its_word_vectors():
    embedding, convolutions, dense = unit["kim_parameters"](18_765, 300, [3, 4, 5], 100, 2)
    assert (embedding, convolutions, dense) == (5_629_500, 360_300, 602)
    assert embedding / (embedding + convolutions + dense) == pytest.approx(14 / 15, abs=0.01)


def test_keras_counts_the_same():
    net = unit["kim_net"](40, 200, 16, [3, 4, 5], 32, 0.5, 2)
    assert net.count_params() == sum(unit["kim_parameters"](200, 16, [3, 4, 5], 32, 2))


def test_there_are_10_605_sentences_with_ratings_from_minus_4_to_4():
    texts, ratings = course.load_reviews()
    assert len(texts) == len(ratings) == 10_605
    assert -4 <= ratings.min() < -3
    assert 3 < ratings.max() <= 4
    assert (np.abs(ratings) >= 0.5).sum() == 10_072


def test_a_filter_of_two_words_is_an_and():
    words = {"it": (0, 0), "is": (0, 0), "not": (1, 0), "good": (0, 1)}
    answers = unit["conv_over_words"](np.array([words[w] for w in ("it", "is", "not", "good")]), np.eye(2)[:, :, None], [-1])
    assert answers.ravel().tolist() == [0, 0, 1]
    values, places = unit["max_over_time"](answers[None], np.array([4]), 2)
    assert (values.item(), places.item()) == (1, 2)


def test_a_convolution_over_words_is_keras_conv1d():
    generator = np.random.default_rng(0)
    vectors, kernels, bias = (generator.normal(size=size).astype("float32") for size in ((9, 4), (3, 4, 5), 5))
    layer = keras.layers.Conv1D(5, 3, activation="relu")
    layer.build((None, 9, 4))
    layer.set_weights([kernels, bias])
    expected = np.asarray(layer(vectors[None]))[0]
    np.testing.assert_allclose(unit["conv_over_words"](vectors, kernels, bias), expected, atol=1e-5)


def test_the_spectrogram_is_scipys():
    sound, window = course.spoken_tones(1, seed=1)[0][0], np.hanning(513)[:-1]
    *_, image = scipy.signal.spectrogram(sound, window=window, noverlap=384, detrend=False, scaling="spectrum", mode="magnitude")
    np.testing.assert_allclose(unit["spectrogram"](sound, window, 128), image * window.sum(), atol=1e-3)
    assert image.shape == (257, 37)


def test_the_inverse_order_brings_the_picture_back():
    digits = course.digits_anywhere(seed=7)[0][:5]
    order = np.random.default_rng(1).permutation(14 * 14)
    shuffled = unit["permute_pixels"](digits, order)
    np.testing.assert_array_equal(unit["permute_pixels"](shuffled, np.argsort(order)), digits)


def test_a_dense_net_has_a_twin_for_shuffled_pictures():
    keras.utils.set_random_seed(3)
    net, order = course.dense_net(), np.random.default_rng(2).permutation(14 * 14)
    digits = course.digits_anywhere(seed=7)[0][:20]
    before = np.asarray(net(digits))
    first = next(layer for layer in net.layers if layer.weights)
    first.kernel.assign(unit["permuted_weights"](np.asarray(first.kernel), order))
    after = np.asarray(net(unit["permute_pixels"](digits, order)))
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_shuffling_hurts_the_convolutional_net_and_not_the_dense_one():
    digits, labels, test_digits, test_labels = course.digits_anywhere(seed=7)
    generator = np.random.default_rng(14)
    generator.permutation(14)  # the notebook's order of columns
    order = generator.permutation(14 * 14)
    right = {}
    for name, build, rate in (("convolutional", course.conv_net, 4e-3), ("dense", course.dense_net, 2e-3)):
        trainer = course.Trainer(build, rate)
        for places in (np.arange(14 * 14), order):
            images, test_images = (unit["permute_pixels"](part, places) for part in (digits, test_digits))
            curve = trainer.run((images, labels), (test_images, test_labels), epochs=8, seeds=range(3))
            right[name, places is order] = curve[:, -1].mean()
    # Measured with any three of the seeds 0 to 3, with and without oneDNN: the differences are
    # .45 to .49, .36 to .39, .07 to .11 and 0 to .01.
    assert right["convolutional", False] > right["convolutional", True] + 0.42
    assert right["convolutional", False] > right["dense", False] + 0.33
    assert right["dense", True] > right["convolutional", True] + 0.04
    assert abs(right["dense", False] - right["dense", True]) < 0.03


def test_a_small_net_hears_nearly_all_tones():
    fade = np.hanning(513)[:-1]
    parts = []
    for count, seed in ((900, 1), (300, 2)):
        sounds, tones = course.spoken_tones(count, seed)
        pictures = np.array([np.log1p(unit["spectrogram"](sound, fade, 128)[:64]) for sound in sounds], "float32") - 2
        parts.append((pictures, tones))
    curve = course.Trainer(course.sound_net, rate=5e-3, batch_size=32).run(*parts, epochs=7, seeds=[0])
    assert curve[0, -1] > 0.96  # with 600 syllables and the seeds 0 to 3, with and without oneDNN: .985 to .998
