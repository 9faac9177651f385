"""The small nets, and the large ones made of small convolutions: counts, and the same outputs as Keras's."""

import keras
import numpy as np
import pytest

from convcourse.data import data_file
from convcourse.nets import mobilenet, nasnet, shufflenet, squeezenet, xception
from convcourse.nets.count import count_depth, count_macs, layer_macs
from convcourse.nets.inception_resnet_v2 import inception_resnet_v2


@pytest.fixture(autouse=True)
def memory():
    yield
    keras.backend.clear_session()


def largest_difference(ours, theirs, side):
    """Of the outputs on random images with the same weights; both list them in the same order."""
    assert [tuple(w.shape) for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    generator = np.random.default_rng(0)
    # Batch norms that have just been made would hide a missing one.
    theirs.set_weights([w + (w.ndim == 1) * generator.uniform(0, 0.1, w.shape).astype("float32") for w in theirs.get_weights()])
    ours.set_weights(theirs.get_weights())
    images = generator.normal(size=(2, side, side, 3)).astype("float32")
    return float(np.abs(ours(images) - theirs(images)).max())


def test_mobilenet_is_keras_mobilenet():
    ours = mobilenet.mobilenet(mobilenet.TABLE, mobilenet.FIRST)
    assert ours.count_params() == 4_253_864
    assert count_depth(ours) == 28
    assert round(count_macs(ours) / 1e6) == 569
    # Keras's last layer is a 1 × 1 convolution where ours is dense: the same numbers, otherwise arranged.
    theirs = keras.applications.MobileNet(weights=None)
    ours.set_weights([w.reshape(v.shape) for w, v in zip(theirs.get_weights(), ours.weights, strict=True)])
    images = np.random.default_rng(0).normal(size=(2, 224, 224, 3)).astype("float32")
    np.testing.assert_allclose(ours(images), theirs(images), atol=1e-4)


@pytest.mark.parametrize(("width", "parameters"), [(0.75, 2.6), (0.5, 1.3), (0.25, 0.5)])
def test_the_width_multiplier_gives_the_papers_counts(width, parameters):
    model = mobilenet.mobilenet(mobilenet.TABLE, mobilenet.FIRST, width=width)
    assert round(sum(int(np.prod(w.shape)) for w in model.trainable_weights) / 1e6, 1) == parameters


def test_xception_is_keras_xception():
    ours, theirs = xception.xception(input_shape=(71, 71, 3)), keras.applications.Xception(weights=None, input_shape=(71, 71, 3))
    assert ours.count_params() == theirs.count_params() == 22_910_480
    assert largest_difference(ours, theirs, 71) < 1e-4


def test_inception_resnet_v2_is_keras_one():
    ours = inception_resnet_v2((75, 75, 3))
    theirs = keras.applications.InceptionResNetV2(weights=None, input_shape=(75, 75, 3))
    assert ours.count_params() == theirs.count_params() == 55_873_736
    assert largest_difference(ours, theirs, 75) < 1e-4


def test_nasnet_mobile_is_keras_nasnet_mobile():
    ours, theirs = nasnet.nasnet(), keras.applications.NASNetMobile(weights=None)
    assert ours.count_params() == theirs.count_params() == 5_326_716
    assert round(count_macs(ours) / 1e6) == pytest.approx(564, rel=0.02)
    assert largest_difference(ours, theirs, 224) < 1e-4


@pytest.mark.parametrize(("groups", "millions"), [(1, 143), (2, 140), (3, 137), (4, 133), (8, 137)])
def test_shufflenets_convolutions_cost_what_the_paper_says(groups, millions):
    model = shufflenet.shufflenet(shufflenet.TABLE[groups], groups)
    classifier = layer_macs(model.layers[-1])
    assert classifier == shufflenet.TABLE[groups][-1] * 1000
    assert round((count_macs(model) - classifier) / 1e6) == millions


def test_shuffled_channels_take_one_of_each_group_in_turn():
    x = keras.Input((1, 1, 6))
    shuffle = keras.Model(x, shufflenet.channel_shuffle(x, 2))
    assert np.ravel(shuffle(np.arange(6.0).reshape(1, 1, 1, 6))).tolist() == [0, 3, 1, 4, 2, 5]


@pytest.mark.parametrize(("version", "parameters"), [("1.0", 1_248_424), ("1.1", 1_235_496)])
def test_squeezenet_has_the_published_parameters(version, parameters):
    assert squeezenet.squeezenet(squeezenet.TABLE[version]).count_params() == parameters


def test_squeezenet_with_its_weights_knows_a_cat_and_a_cup():
    import json

    import skimage.data
    from skimage.transform import resize

    model = squeezenet.load_squeezenet(data_file("squeezenet_v1_1_imagenet.npz"))
    names = json.loads(data_file("imagenet_class_index.json").read_text())
    photographs = [middle_square(photo) for photo in (skimage.data.chelsea(), skimage.data.coffee())]
    images = np.stack(
        [resize(photo, (227, 227), preserve_range=True)[..., ::-1] - (103.939, 116.779, 123.68) for photo in photographs]
    )
    probabilities = np.asarray(model(images.astype("float32")))
    assert [names[str(k)][1] for k in probabilities.argmax(axis=1)] == ["tabby", "espresso"]
    assert probabilities.max(axis=1) == pytest.approx([0.40, 0.98], abs=0.05)


def middle_square(photo):
    side = min(photo.shape[:2])
    row, col = ((length - side) // 2 for length in photo.shape[:2])
    return photo[row : row + side, col : col + side]
