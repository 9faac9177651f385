"""LeNet-5, AlexNet and ZFNet against the papers' numbers, the lecture's counts, and layers put together in another way."""

import numpy as np
import pytest

from convcourse.judging.models import packed, rebuilt
from convcourse.nets.count import count_depth, count_macs

keras = pytest.importorskip("keras")
from convcourse.pictures.resnet import shapes_only  # noqa: E402

layers = keras.layers

from convcourse.nets import alexnet as alex  # noqa: E402
from convcourse.nets import lenet, zfnet  # noqa: E402
from convcourse.nets.table import agrees  # noqa: E402

random = np.random.default_rng(2012)


@pytest.fixture(autouse=True)
def _forget_models():
    yield
    keras.backend.clear_session()


def sketched(build):
    with shapes_only():
        return build()


def draw_weights(model):
    """Numbers of a size with which the signal arrives; biases too."""
    shapes = [weight.shape for weight in model.weights]
    spreads = [(2 / max(1, np.prod(shape[:-1]))) ** 0.5 if len(shape) > 1 else 0.1 for shape in shapes]
    model.set_weights([random.normal(0, spread, shape) for shape, spread in zip(shapes, spreads, strict=True)])


def maps_of(model):
    return [tuple(layer.output.shape[1:]) for layer in model.layers if isinstance(layer, layers.Conv2D | layers.MaxPooling2D)]


def test_alexnet_in_two_towers_has_the_papers_layers():
    model = sketched(alex.PUBLISHED[0].build)
    assert model.count_params() == 60_965_224
    kernels = [tuple(weight.shape) for weight in model.weights if len(weight.shape) == 4]
    tower = [(5, 5, 48, 128), (3, 3, 256, 384), (3, 3, 192, 192), (3, 3, 192, 128)]
    assert kernels == [(11, 11, 3, 96), *tower[:1] * 2, tower[1], *tower[2:3] * 2, *tower[3:] * 2]
    assert model.inputs[0].shape == (None, 227, 227, 3)
    assert maps_of(model)[0] == (55, 55, 96)
    assert maps_of(model)[-1] == (6, 6, 256)
    assert count_macs(model) == 724_406_816


def test_alexnet_in_one_tower_is_torchvisions():
    model = sketched(alex.PUBLISHED[1].build)
    assert model.count_params() == 61_100_840
    assert agrees(alex.PUBLISHED[1].parameters, model.count_params())
    assert maps_of(model) == [
        *((55, 55, 64), (27, 27, 64), (27, 27, 192), (13, 13, 192)),
        *((13, 13, 384), (13, 13, 256), (13, 13, 256), (6, 6, 256)),
    ]
    assert count_macs(model) == 714_188_480
    assert count_macs(model) / 1e9 == pytest.approx(0.72, rel=0.01)


def test_zfnet_has_the_maps_of_the_papers_drawing():
    model = sketched(zfnet.PUBLISHED[0].build)
    assert [side for side, _, _ in maps_of(model)] == [110, 55, 26, 13, 13, 13, 13, 6]
    assert model.count_params() == 62_357_608


@pytest.mark.parametrize("net", [*alex.PUBLISHED, *zfnet.PUBLISHED], ids=lambda net: net.name)
def test_eight_layers_lie_one_behind_the_other(net):
    rows = {"AlexNet, two towers": alex.TWO_TOWERS, "AlexNet, one tower": alex.ONE_TOWER, "ZFNet": zfnet.TABLE}[net.name]
    assert sum(row[0] == "conv" for row in rows) + 3 == net.depth == 8


def test_without_its_fully_connected_layers_alexnet_loses_four_fifths():
    model = sketched(lambda: alex.alexnet(alex.TWO_TOWERS, units=()))
    assert model.count_params() == 11_551_080
    assert 1 - model.count_params() / 60_965_224 == pytest.approx(0.81, abs=0.005)


def test_same_weights_give_the_same_as_a_grouped_layer_of_keras():
    images = keras.Input((9, 8, 6))
    towers = keras.Model(images, alex.grouped_conv(images, 12, 3, 2, 3))
    draw_weights(towers)
    weights = towers.get_weights()
    theirs = layers.Conv2D(12, 3, 2, groups=3, activation="relu")
    theirs.build((None, 9, 8, 6))
    theirs.set_weights([np.concatenate(weights[::2], axis=-1), np.concatenate(weights[1::2])])
    probe = random.normal(size=(2, 9, 8, 6)).astype(np.float32)
    np.testing.assert_allclose(towers(probe), theirs(probe), atol=1e-5)


def test_same_weights_give_the_same_as_one_tower_written_out_as_in_the_lecture():
    """The lecture's listing of torchvision's net, layer by layer, at 67 × 67 pixels, where its last maps have one pixel."""
    ours = alex.alexnet(alex.ONE_TOWER, (30, 20), (67, 67, 3), 7)
    pad, pool, drop = layers.ZeroPadding2D, layers.MaxPool2D, layers.Dropout
    theirs = keras.Sequential(
        [
            keras.Input((67, 67, 3)),
            *(pad(2), layers.Conv2D(64, 11, 4), layers.ReLU(), pool(3, 2)),
            *(layers.Conv2D(192, 5, padding="same"), layers.ReLU(), pool(3, 2)),
            *(layers.Conv2D(384, 3, padding="same"), layers.ReLU()),
            *(layers.Conv2D(256, 3, padding="same"), layers.ReLU()),
            *(layers.Conv2D(256, 3, padding="same"), layers.ReLU(), pool(3, 2), layers.Flatten()),
            *(drop(0.5), layers.Dense(30), layers.ReLU(), drop(0.5), layers.Dense(20), layers.ReLU()),
            *(layers.Dense(7), layers.Softmax()),
        ]
    )
    draw_weights(ours)
    theirs.set_weights(ours.get_weights())
    probe = random.normal(size=(2, 67, 67, 3)).astype(np.float32)
    expected = np.asarray(theirs(probe))
    assert np.ptp(expected[0]) > 0.01
    np.testing.assert_allclose(ours(probe), expected, atol=1e-4)


def test_a_small_net_in_towers_travels():
    table = (("conv", 4, 5, 2, 1, 1), ("lrn",), ("pool", 3, 2, 1), ("conv", 6, 3, 1, 1, 2))
    model = alex.alexnet(table, (5,), (17, 15, 2), 3)
    probe = random.normal(size=(2, 17, 15, 2)).astype(np.float32)
    np.testing.assert_allclose(rebuilt(packed(model))(probe), model(probe), atol=1e-6)


def test_lenet5_counts_with_all_pairs_and_with_the_papers_table():
    today = lenet.lenet5()
    assert today.count_params() == 61_706
    assert count_depth(today) == 5
    paper = lenet.lenet5_1998()
    assert paper.count_params() == 60_000 + 84 * 10 + 10
    assert sum(line.count("X") for line in lenet.TABLE.split()) == 60


def test_a_connection_that_is_missing_is_a_kernel_of_zeros():
    images = keras.Input((14, 14, 6))
    sparse = keras.Model(images, lenet.sparse_conv(images, 5, lenet.TABLE.split()))
    draw_weights(sparse)
    kernel, bias = np.zeros((5, 5, 6, 16)), np.zeros(16)
    for m, (column, own, own_bias) in enumerate(
        zip(zip(*lenet.TABLE.split(), strict=True), sparse.get_weights()[::2], sparse.get_weights()[1::2], strict=True)
    ):
        kernel[:, :, [sign == "X" for sign in column], m], bias[m] = own[..., 0], own_bias[0]
    dense = layers.Conv2D(16, 5)
    dense.build((None, 14, 14, 6))
    dense.set_weights([kernel, bias])
    probe = random.normal(size=(1, 14, 14, 6)).astype(np.float32)
    np.testing.assert_allclose(sparse(probe), dense(probe), atol=1e-4)
