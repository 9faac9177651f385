"""The lectures' and the paper's numbers of unit 14, by the solution's functions, with a plain NumPy block as witness."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from convcourse.pictures import resnet as picture
from tests.solved import solutions_of

keras = pytest.importorskip("keras")
layers = keras.layers
unit = solutions_of("14_resnet")
TABLE = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3]}


def model_of(block, shape, *arguments):
    x = keras.Input(shape)
    return keras.Model(x, unit[block](x, *arguments))


def with_random_weights(model, seed=0):
    generator = np.random.default_rng(seed)
    model.set_weights([generator.uniform(0.2, 1.0, w.shape) - 0.5 * (w.ndim > 1) for w in model.get_weights()])
    return model


def test_the_lectures_two_blocks_cost_73_7_and_69_6_thousand():
    count = unit["block_parameters"]
    assert count("basic", 64, 64) == 64 * 3 * 3 * 64 + 64 * 3 * 3 * 64 == 73_728
    assert count("bottleneck", 256, 64) == 64 * 1 * 1 * 256 + 64 * 3 * 3 * 64 + 256 * 1 * 1 * 64 == 69_632
    assert count("basic", 256, 256) == 1_179_648
    assert round(count("basic", 256, 256) / count("bottleneck", 256, 64)) == 17


@pytest.mark.parametrize(("kind", "channels"), [("basic", 64), ("bottleneck", 256)])
def test_the_counted_weights_are_those_of_the_blocks(kind, channels):
    with picture.shapes_only():
        model = model_of(f"{kind}_block", (8, 8, channels), 64, 1)
    assert sum(int(np.prod(w.shape)) for w in model.weights if w.name == "kernel") == unit["block_parameters"](kind, channels, 64)


@pytest.mark.parametrize("depth", TABLE)
def test_a_net_is_called_by_its_depth(depth):
    assert unit["resnet_depth"]("basic" if depth < 50 else "bottleneck", TABLE[depth]) == depth


@pytest.mark.parametrize(("n", "depth"), [(3, 20), (5, 32), (7, 44), (9, 56), (18, 110), (200, 1202)])
def test_the_nets_for_cifar_have_6n_plus_2_layers(n, depth):
    assert unit["resnet_depth"]("basic", [n] * 3) == 6 * n + 2 == depth


def test_a_basic_block_is_what_numpy_computes():
    block = with_random_weights(model_of("basic_block", (6, 5, 2), 3, 2))
    x = np.random.default_rng(1).normal(size=(6, 5, 2))

    def normed(maps, name):
        gamma, beta, mean, variance = block.get_layer(name).get_weights()
        return gamma * (maps - mean) / np.sqrt(variance + 1e-5) + beta

    def conv(maps, name, stride):
        kernel = block.get_layer(name).get_weights()[0]
        padded = np.pad(maps, [(kernel.shape[0] // 2,) * 2] * 2 + [(0, 0)])
        sums = [
            sum(correlate2d(padded[..., c], kernel[..., c, f], mode="valid") for c in range(kernel.shape[2]))
            for f in range(kernel.shape[3])
        ]
        return np.stack(sums, axis=-1)[::stride, ::stride]

    # The layers in the order in which the block adds them: two of the branch, then the projection.
    first, second, third = sorted(layer.name for layer in block.layers if isinstance(layer, layers.Conv2D))
    norms = sorted(layer.name for layer in block.layers if isinstance(layer, layers.BatchNormalization))
    branch = normed(conv(np.maximum(normed(conv(x, first, 2), norms[0]), 0), second, 1), norms[1])
    expected = np.maximum(branch + normed(conv(x, third, 2), norms[2]), 0)
    np.testing.assert_allclose(np.asarray(block(x[None].astype(np.float32)))[0], expected, atol=1e-4)


def test_identity_shortcuts_cost_nothing():
    x = keras.Input((8, 8, 16))
    assert unit["shortcut"](x, 16, 1) is x
    assert model_of("basic_block", (8, 8, 16), 16, 1).count_params() == 2 * (9 * 16 * 16 + 4 * 16)


@pytest.mark.parametrize(("block", "channels"), [("basic_block", 3), ("bottleneck_block", 12), ("resnext_block", 12)])
def test_a_zero_residual_is_the_identity_behind_its_relu(block, channels):
    arguments = (6, 1, 3) if block == "resnext_block" else (3, 1)
    model = with_random_weights(model_of(block, (5, 7, channels), *arguments))
    x = np.random.default_rng(0).normal(size=(2, 5, 7, channels)).astype(np.float32)
    assert not np.allclose(np.asarray(model(x)), np.maximum(x, 0))
    (norm,) = picture.branch_norms(model)
    np.testing.assert_array_equal(np.asarray(unit["zero_residual"](model, norm)(x)), np.maximum(x, 0))


def test_a_resnext_block_costs_as_much_as_a_bottleneck():
    with picture.shapes_only():
        model = model_of("resnext_block", (8, 8, 256), 128, 1)
    weights = sum(int(np.prod(w.shape)) for w in model.weights if w.name == "kernel")
    assert weights == 32 * (256 * 4 + 3 * 3 * 4 * 4 + 4 * 256) == 70_144


def test_the_students_builder_makes_resnet_50():
    with picture.shapes_only():
        net = unit["residual_net"]("bottleneck", ((64, 3), (128, 4), (256, 6), (512, 3)), 64, (224, 224, 3), 1000)
    assert sum(int(np.prod(w.shape)) for w in net.trainable_weights) == 25_557_032


def test_the_pictures_costs_are_those_of_the_nets():
    from convcourse.nets.count import count_macs
    from convcourse.nets.resnet import COLUMNS, TABLE, resnet

    for depth in (34, 50):
        with picture.shapes_only():
            net = resnet(depth)
        costs = list(picture._stage_costs(depth, COLUMNS, TABLE))
        outside = 112**2 * 49 * 3 * 64 + net.output_shape[-1] * (512 if depth < 50 else 2048)
        assert sum(cost[3] for cost in costs) + outside == count_macs(net)


@pytest.mark.parametrize(("depth", "heaviest"), [(18, 3), (34, 3), (50, 3), (101, 2), (152, 2)])
def test_most_weights_are_at_the_end_only_in_the_smaller_nets(depth, heaviest):
    from convcourse.nets.resnet import COLUMNS, TABLE

    weights = [cost[2] for cost in picture._stage_costs(depth, COLUMNS, TABLE)]
    assert np.argmax(weights) == heaviest


def test_leaving_out_a_plain_block_is_a_net_without_it():
    from convcourse.nets.resnet import conv_norm, plain_block

    def stack(blocks):
        images = keras.Input((8, 8, 1))
        x = layers.ReLU()(conv_norm(images, 4, 3, 2))
        for _ in range(blocks):
            x = plain_block(x, 4, 1)
        return keras.Model(images, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(x)))

    whole = with_random_weights(stack(3))
    weights, size = whole.get_weights(), 10  # a block: two kernels and two norms of four
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1)).astype(np.float32)
    for block in range(3):
        less = stack(2)
        less.set_weights(weights[: 5 + size * block] + weights[5 + size * (block + 1) :])
        np.testing.assert_allclose(np.asarray(picture.without_plain_block(whole, block, x)), np.asarray(less(x)), atol=1e-6)
