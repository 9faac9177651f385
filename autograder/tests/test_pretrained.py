"""The nets trained by others: the right weights in the right layers, and a clear word when they are not there."""

import keras
import numpy as np
import pytest
from keras.applications.vgg16 import preprocess_input

from convcourse import pretrained


def test_squeezenet_names_the_photographs():
    model, names = pretrained.load_squeezenet_imagenet(), pretrained.imagenet_names()
    photographs = pretrained.photographs(227)
    guesses = np.asarray(model(preprocess_input(np.stack(list(photographs.values())))))
    best = dict(zip(photographs, (names[place] for place in guesses.argmax(axis=1)), strict=True))
    assert (best["cat"], best["cup"], best["motorcycle"]) == ("tabby", "espresso", "motor scooter")


def test_imagenet_has_a_thousand_names():
    names = pretrained.imagenet_names()
    assert len(names) == 1000
    assert (names[0], names[281], names[999]) == ("tench", "tabby", "toilet tissue")


@pytest.mark.skipif(pretrained.vgg16_base_file() is None, reason=pretrained.HOW_TO_GET_VGG16)
def test_the_base_of_vgg16_has_its_layers_and_real_weights():
    base = pretrained.load_vgg16_base((64, 64, 3))
    assert base.count_params() == 14_714_688  # 138,357,544 less the three fully connected layers
    assert base.output_shape == (None, 2, 2, 512)
    kernel = np.asarray(base.get_layer("block1_conv1").kernel)
    neighbours = np.mean(kernel[:, :-1] * kernel[:, 1:]) / np.mean(kernel**2)
    assert neighbours > 0.2  # trained filters are smooth; random ones have 0
    image = preprocess_input(pretrained.photographs(64)["cat"][None])
    middle = np.asarray(keras.Model(base.input, base.get_layer("block4_conv2").output)(image))
    assert middle.shape == (1, 8, 8, 512)
    assert 0.4 < np.mean(middle == 0) < 0.95


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(pretrained, "vgg16_base_file", lambda: None)
    with pytest.raises(FileNotFoundError, match="pip install"):
        pretrained.load_vgg16_base()
