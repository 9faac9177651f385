"""The facts of unit 28: its cases by hand, what the bundled vectors say, and that two channels with one kernel are a sum."""

import keras
import numpy as np
import pytest

from convcourse.data import load_word_vectors
from convcourse.pictures import word_vectors as picture
from tests.solved import solutions_of

unit = solutions_of("28_word_vectors")
words, table = load_word_vectors()
number = {word: row for row, word in enumerate(words)}


def nearest(word, count):
    return [words[row] for row in unit["nearest_words"](number[word], table, count)]


def test_words_and_vectors_belong_together():
    assert len(words) == len(set(words)) == len(table) == 9820
    assert words[:3] == ["the", "of", "to"]
    assert nearest("monday", 4) == ["tuesday", "thursday", "wednesday", "friday"]


def test_cosines_worked_by_hand():
    cat, dog, pet, the = np.array([[4, 3], [3, 4], [0, 5], [15, -8]])
    assert picture.cosine(cat, dog) == pytest.approx(0.96)
    assert picture.cosine(cat, pet) == pytest.approx(0.6)
    assert picture.cosine(cat, the) == pytest.approx(36 / 85)
    man, king, woman, queen = np.array([[3, 4], [4, 5], [0, 5], [2, 5]])
    assert picture.cosine(king - man + woman, woman) == pytest.approx(0.986, abs=1e-3)
    assert picture.cosine(king - man + woman, queen) == pytest.approx(0.977, abs=1e-3)


def test_long_vectors_win_by_the_dot_product():
    scores = table @ table[number["good"]]
    scores[number["good"]] = -np.inf
    assert {words[row] for row in np.argsort(-scores)[:3]} == {"we", "you", "my"}
    assert nearest("dull", 3) == ["boring", "dour", "dreary"]


def test_a_filter_made_from_two_words_tells_38_of_40_others():
    kernel, bias = unit["tell_apart"](table[number["good"]], table[number["bad"]])
    praise, blame = ([number[word] for word in some] for some in (picture.PRAISE, picture.BLAME))
    assert sum(table[praise] @ kernel + bias > 0) == 18
    assert sum(table[blame] @ kernel + bias < 0) == 20


def test_not_is_cut_as_a_word_of_its_own():
    cut = picture.words_of("It isn't good; I can't, and won't!")
    assert " ".join(cut) == "it is not good i can not and will not !"


def test_with_200_sentences_five_of_six_different_test_words_are_new():
    sentences, _, train, test = picture.reviews()
    asked = {word for n in test for word in sentences[n]}
    for seed in range(3):
        drawn = np.random.default_rng(seed).permutation(train)[:200]
        known = {word for n in drawn for word in sentences[n]}
        assert len(asked - known) / len(asked) == pytest.approx(5 / 6, abs=0.02)


def test_two_channels_with_one_kernel_are_the_sum_of_the_vectors():
    frozen, trained = np.random.default_rng(0).normal(size=(2, 1, 6, 3)).astype("float32")
    convolution = keras.layers.Conv1D(2, 3, use_bias=False)
    both = convolution(frozen) + convolution(trained)
    np.testing.assert_allclose(both, convolution(frozen + trained), atol=1e-5)
