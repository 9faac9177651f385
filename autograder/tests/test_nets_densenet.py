"""DenseNet: counts as published, and the same outputs as keras.applications with the same weights."""

import numpy as np
import pytest

from convcourse.nets.count import count_depth, count_macs, flat_layers
from tests.families import members

keras = pytest.importorskip("keras")
from convcourse.nets.densenet import EPSILON, PUBLISHED, TABLE, bn_relu_conv, dense_layer, densenet, transition  # noqa: E402

TRAINED = {"DenseNet-121": 7_978_856, "DenseNet-169": 14_149_480, "DenseNet-201": 20_013_928}
WITH_STATISTICS = {"DenseNet-121": 8_062_504, "DenseNet-169": 14_307_880, "DenseNet-201": 20_242_984}
PRINTED = {published.name: published for published in PUBLISHED}
COUNTED = {"BatchNormalization", "ReLU", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D"}


@pytest.fixture(autouse=True)
def _forget_the_nets():
    yield
    keras.backend.clear_session()


def trained(model):
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def what_the_lecture_counts_too(model):
    """The reason that is given for the difference: batch norms twice, ReLUs and poolings once a number."""
    sizes = [(type(layer).__name__, int(np.prod(layer.output.shape[1:]))) for layer in flat_layers(model)]
    return sum({"BatchNormalization": 2}.get(name, 1) * size for name, size in sizes if name in COUNTED)


# The larger nets are held against the arithmetic in test_facts_densenet.py.
@pytest.mark.parametrize("name", members(["DenseNet-121", "DenseNet-169", "DenseNet-201"], always=["DenseNet-121"]))
def test_counts_are_published_and_outputs_are_those_of_keras_applications(name):
    published = PRINTED[name]
    ours = published.build()
    assert trained(ours) == TRAINED[name]
    assert ours.count_params() == WITH_STATISTICS[name]
    assert published.parameters == f"{trained(ours) / 1e6:.2f} M"
    assert count_depth(ours) == published.depth
    assert published.macs == f"{(count_macs(ours) + what_the_lecture_counts_too(ours)) / 1e9:.2f} G"

    theirs = getattr(keras.applications, name.replace("-", ""))(weights=None)
    norms = [layer for layer in theirs.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert {layer.epsilon for layer in norms} == {EPSILON}
    random = np.random.default_rng(15)
    # Both make their layers in the same order, so the lists of weights correspond one to one.
    # Scales, shifts and statistics are moved off 1 and 0, and the classifier is made louder, so that every number counts.
    weights = [w + random.uniform(0, 0.2, w.shape) if w.ndim == 1 else w for w in theirs.get_weights()]
    weights[-2] = 10 * weights[-2]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    images = random.normal(size=(1, 224, 224, 3)).astype(np.float32)
    expected = keras.ops.convert_to_numpy(theirs(images))
    assert expected.max() > 10 * expected.min()  # the classes differ, or equality would say little
    np.testing.assert_allclose(keras.ops.convert_to_numpy(ours(images)), expected, atol=1e-4 * expected.max())


def test_every_row_of_the_table_is_published_and_all_but_one_are_as_deep_as_their_name_says():
    assert [net.name for net in PUBLISHED][:4] == list(TABLE)
    depths = {name: 1 + 2 * sum(blocks) + 3 + 1 for name, blocks in TABLE.items()}
    assert depths == {"DenseNet-121": 121, "DenseNet-169": 169, "DenseNet-201": 201, "DenseNet-264": 265}


def test_blocks_take_any_sides_and_channels():
    x = keras.Input((9, 6, 7))
    assert bn_relu_conv(x, 5, 3).shape == (None, 9, 6, 5)
    assert dense_layer(x, 4).shape == (None, 9, 6, 4)
    assert transition(x).shape == (None, 4, 3, 3)
    assert densenet((28, 20, 1), classes=4, blocks=(2, 3), growth=3).output.shape == (None, 4)
