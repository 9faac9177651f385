"""ResNet and ResNeXt against the papers' tables, torchvision's printed numbers and keras.applications."""

import numpy as np
import pytest

from convcourse.judging.models import packed, rebuilt
from convcourse.nets.count import count_depth, count_macs, flat_layers

keras = pytest.importorskip("keras")
from convcourse.nets import resnet as library  # noqa: E402
from convcourse.nets import resnext as next_library  # noqa: E402
from convcourse.pictures.resnet import shapes_only  # noqa: E402

DEPTHS = (18, 34, 50, 101, 152)


@pytest.fixture(autouse=True)
def _forget_models():
    yield
    keras.backend.clear_session()


def without_weights(build, *arguments):
    """A net whose weights take no memory: half a gigabyte for the largest."""
    with shapes_only():
        return build(*arguments)


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.fixture(scope="module")
def five():
    return {depth: without_weights(library.resnet, depth) for depth in DEPTHS}


@pytest.fixture(scope="module")
def kerass():
    return {depth: without_weights(library.keras_resnet, depth) for depth in (50, 101, 152)}


def test_torchvisions_parameters_and_the_papers_depth(five):
    counts = [trainable(five[depth]) for depth in DEPTHS]
    assert counts == [11_689_512, 21_797_672, 25_557_032, 44_549_160, 60_192_808]
    assert [count_depth(net) for net in five.values()] == list(DEPTHS)
    assert all(net.output_shape == (None, 1000) for net in five.values())


def test_the_sides_and_blocks_of_table_1(five):
    for depth, net in five.items():
        outputs = [layer.output.shape[1:] for layer in net.layers if type(layer).__name__ == "Add"]
        place = library.COLUMNS.index(depth)
        wide = 1 if depth < 50 else 4
        expected = [(row[0], row[0], wide * row[1]) for row in library.TABLE.values() for _ in range(row[place])]
        assert outputs == expected


def test_multiply_adds_here_in_the_2020_lecture_and_in_the_paper(five, kerass):
    ours = [count_macs(net) for net in five.values()]
    assert ours == [1_814_073_344, 3_663_761_408, 4_089_184_256, 7_801_405_440, 11_513_626_624]
    # The lecture's counter adds two operations a number for batch normalisation and one for ReLU, pooling and bias.
    assert [round(lecture_operations(net) / 1e9, 2) for net in five.values()] == [1.82, 3.68, 4.12, 7.85, 11.58]
    # The paper's bottlenecks have their stride in the first 1×1, and it cuts what is behind the first decimal.
    strided_first = [count_macs(net) / 1e9 for net in kerass.values()]
    assert strided_first == pytest.approx([3.858, 7.570, 11.282], abs=1e-3)
    assert [round(number, 1) for number in strided_first[1:]] == [7.6, 11.3]
    assert [int(number / 1e8) / 10 for number in (ours[0], ours[1], strided_first[0] * 1e9)] == [1.8, 3.6, 3.8]


def lecture_operations(net):
    total = count_macs(net) + 1000
    for layer in flat_layers(net):
        kind, numbers = type(layer).__name__, int(np.prod(layer.output.shape[1:]))
        if kind == "BatchNormalization":
            total += 2 * numbers
        elif kind == "ReLU":
            total += numbers
        elif kind in ("MaxPooling2D", "GlobalAveragePooling2D"):
            total += int(np.prod(layer.input.shape[1:]))
    return total


def test_plain_nets_are_the_same_without_shortcuts():
    for depth, parameters in ((18, 11_515_688), (34, 21_623_848)):
        plain, net = (without_weights(build, depth) for build in (library.plain_net, library.resnet))
        kinds = [type(layer).__name__ for layer in plain.layers]
        assert "Add" not in kinds
        assert trainable(plain) == parameters
        assert count_depth(plain) == depth
        # Only the three projections are missing, with their norms.
        assert trainable(net) - trainable(plain) == sum(a * 2 * a + 4 * a for a in (64, 128, 256))
    assert count_macs(plain) == pytest.approx(3.6e9, rel=0.02)


@pytest.mark.parametrize(
    ("depth", "printed"), [(20, "0.27"), (32, "0.46"), (44, "0.66"), (56, "0.85"), (110, "1.7"), (1202, "19.4")]
)
def test_the_nets_for_cifar(depth, printed):
    if depth == 1202:  # too long to build: every further block of each stage adds the same
        short, longer = (trainable(without_weights(library.cifar_resnet, size)) for size in (8, 14))
        parameters = short + 199 * (longer - short)
    else:
        net = without_weights(library.cifar_resnet, depth)
        assert count_depth(net) == depth
        parameters = trainable(net)
    decimals = len(printed.partition(".")[2])
    assert f"{parameters / 1e6:.{decimals}f}" == printed


def test_a_depth_that_is_not_6n_plus_2_is_refused():
    with pytest.raises(ValueError, match="6n"):
        library.cifar_resnet(21)


def test_a_shortcut_without_parameters_takes_every_second_pixel_and_adds_zeros():
    maps = keras.Input((6, 8, 3))
    block = keras.Model(maps, library.padded_shortcut(maps, 5, 2))
    x = np.random.default_rng(0).normal(size=(2, 6, 8, 3)).astype(np.float32)
    assert block.count_params() == 0
    result = np.asarray(block(x))
    np.testing.assert_array_equal(result[..., :3], x[:, ::2, ::2])
    assert not result[..., 3:].any()


@pytest.mark.parametrize(("depth", "parameters", "macs"), [(50, 25_028_904, 4.2), (101, 44_177_704, 8.0)])
def test_resnext(depth, parameters, macs):
    net = without_weights(next_library.resnext, depth)
    assert trainable(net) == parameters
    assert count_depth(net) == depth
    assert round(count_macs(net) / 1e9, 1) == macs
    outputs = [layer.output.shape[1:] for layer in net.layers if type(layer).__name__ == "Add"]
    place = {50: 3, 101: 4}[depth]
    assert outputs == [(row[0], row[0], row[2]) for row in next_library.TABLE.values() for _ in range(row[place])]


def test_a_grouped_block_is_many_paths_added_up():
    """Figure 3 of the ResNeXt paper: 1×1, grouped 3×3 and 1×1 are the sum of C narrow branches."""
    generator = np.random.default_rng(1)
    groups, width, channels = 4, 2, 6
    x = generator.normal(size=(1, 5, 7, channels))
    narrow = generator.normal(size=(1, 1, channels, groups * width))
    grouped = generator.normal(size=(3, 3, width, groups * width))
    wide = generator.normal(size=(1, 1, groups * width, 10))

    def conv(maps, kernel):
        return keras.ops.conv(maps, kernel, padding="same", data_format="channels_last")

    relu = keras.ops.relu
    whole = conv(relu(conv(relu(conv(x, narrow)), grouped)), wide)
    parts = [slice(path * width, (path + 1) * width) for path in range(groups)]
    paths = [conv(relu(conv(relu(conv(x, narrow[..., p])), grouped[..., p])), wide[:, :, p]) for p in parts]
    np.testing.assert_allclose(np.asarray(whole), np.sum([np.asarray(path) for path in paths], axis=0), rtol=1e-3, atol=1e-3)


def test_same_weights_give_the_outputs_of_keras_applications():
    reference = keras.applications.ResNet50(weights=None, input_shape=(40, 56, 3), classes=7)
    ours = library.keras_resnet(50, (40, 56, 3), 7)
    # Built in the same order from the same kinds of layers, so the weights come in the same order.
    assert [w.shape for w in ours.weights] == [w.shape for w in reference.weights]
    generator = np.random.default_rng(50)
    weights = []
    for variable in reference.weights:
        if "kernel" in variable.name:
            numbers = generator.normal(0, (2 / np.prod(variable.shape[:-1])) ** 0.5, variable.shape)
        elif variable.name in ("gamma", "moving_variance"):
            low = 0.2 if variable.name == "gamma" else 0.8  # branches that add little, so that the sums stay small
            numbers = generator.uniform(low, low + 0.2, variable.shape)
        else:
            numbers = generator.normal(0, 0.1, variable.shape)
        weights.append(numbers.astype(np.float32))
    reference.set_weights(weights)
    ours.set_weights(weights)
    images = generator.normal(size=(2, 40, 56, 3)).astype(np.float32)
    images[1] *= 5  # so that the two answers differ
    expected = np.asarray(reference(images))
    assert np.ptp(expected[0]) > 0.05
    assert np.abs(expected[0] - expected[1]).max() > 1e-3
    np.testing.assert_allclose(np.asarray(ours(images)), expected, atol=1e-4)


def test_kerass_variant_counts_statistics_and_biases_too(five, kerass):
    assert [net.count_params() for net in kerass.values()] == [25_636_712, 44_707_176, 60_419_944]
    for depth, theirs in kerass.items():
        maps = sum(weight.shape[0] for weight in five[depth].weights if weight.name == "gamma")
        assert five[depth].count_params() == trainable(five[depth]) + 2 * maps
        assert theirs.count_params() == trainable(five[depth]) + 3 * maps


def test_small_nets_run_and_can_be_rebuilt():
    image = np.random.default_rng(3).normal(size=(1, 32, 40, 3)).astype(np.float32)
    for net in (
        library.residual_net("bottleneck", ((4, 1), (8, 2)), 8, (32, 40, 3), 5),
        library.cifar_resnet(8, (32, 40, 3), 5),
    ):
        result = np.asarray(net(image))
        assert result.shape == (1, 5)
        assert result.sum() == pytest.approx(1)
        np.testing.assert_allclose(np.asarray(rebuilt(packed(net))(image)), result, atol=1e-6)


def test_published_lists_every_net_once():
    names = [net.name for net in (*library.PUBLISHED, *next_library.PUBLISHED)]
    assert len(set(names)) == len(names) == 15
