"""Unit 18: unpooling undoes pooling, the deconvnet without its ReLU is the gradient, a Gram matrix forgets places."""

import keras
import numpy as np
import tensorflow as tf

from convcourse.pictures import visualizing as picture
from convcourse.pretrained import photographs
from tests.solved import solutions_of

unit = solutions_of("18_visualizing")
pool, unpool, rule = unit["max_pool_with_switches"], unit["unpool_with_switches"], unit["backward_rule"]


def test_pooling_after_unpooling_is_the_identity():
    maps = np.random.default_rng(0).random((6, 10, 3))
    pooled, switches = pool(maps, 2, 2)
    np.testing.assert_array_equal(pool(unpool(pooled, switches, 6, 10), 2, 2)[0], pooled)


def test_with_the_gate_of_the_way_up_the_deconvnet_is_the_gradient():
    net = picture.open_squeezenet()
    image = picture.to_net(photographs(67)["cat"])
    top, kept = picture.forward(picture.chain_of(net, 5), image, pool)
    signal = np.random.default_rng(1).normal(size=top.shape).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(image[None]))
        y = picture.after_fire(net, 5)(x)
    slope = tape.gradient(y, x, output_gradients=signal[None])[0].numpy()
    ours = {
        name: picture.backward(picture.chain_of(net, 5), kept, signal, unpool, rule, name) for name in ("gradient", "deconvnet")
    }
    assert np.abs(ours["gradient"] - slope).max() < 1e-3 * np.abs(slope).max()
    assert np.abs(ours["deconvnet"] - slope).max() > 0.1 * np.abs(slope).max()


def test_a_gram_matrix_does_not_know_where_things_are():
    generator = np.random.default_rng(2)
    maps = generator.normal(size=(4, 5, 3))
    shuffled = generator.permutation(maps.reshape(20, 3)).reshape(5, 4, 3)
    np.testing.assert_allclose(unit["gram_matrix"](maps), unit["gram_matrix"](shuffled))


def missing(shape):
    raise FileNotFoundError


def test_a_connection_brings_vgg16_to_the_painter_where_no_package_does(monkeypatch):
    asked = []
    monkeypatch.setattr(picture, "load_vgg16_base", missing)
    monkeypatch.setattr(picture, "has_connection", lambda patience: True)
    monkeypatch.setattr(picture.keras.applications, "VGG16", lambda **how: asked.append(how) or keras.Sequential())
    assert picture.open_vgg16().trainable is False
    assert asked == [{"include_top": False, "input_shape": (None, None, 3)}]


def test_without_package_and_connection_there_is_no_vgg16(monkeypatch):
    monkeypatch.setattr(picture, "load_vgg16_base", missing)
    monkeypatch.setattr(picture, "has_connection", lambda patience: False)
    assert picture.open_vgg16() is None


def test_a_download_of_the_painter_that_breaks_off_is_no_disaster(monkeypatch, capsys):
    def breaks(**how):
        raise TimeoutError("the line went dead")

    monkeypatch.setattr(picture, "load_vgg16_base", missing)
    monkeypatch.setattr(picture, "has_connection", lambda patience: True)
    monkeypatch.setattr(picture.keras.applications, "VGG16", breaks)
    assert picture.open_vgg16() is None
    assert "could not be loaded (TimeoutError)" in capsys.readouterr().out
