"""Unit 15: what the curriculum, the lecture and the paper say of DenseNets, on the solution's functions."""

import keras
import numpy as np
import pytest

from convcourse.nets.densenet import PUBLISHED, TABLE
from tests.solved import solutions_of

solved = solutions_of("15_densenet")
input_maps, count_connections = solved["input_maps"], solved["count_connections"]
densenet_parameters = solved["densenet_parameters"]


def test_layer_l_reads_k0_and_k_times_l_minus_1_maps():
    assert [input_maps(layer, 64, 32) for layer in range(1, 7)] == [64, 96, 128, 160, 192, 224]


@pytest.mark.parametrize("num_layers", range(1, 30))
def test_a_block_has_as_many_connections_as_its_layers_have_sources(num_layers):
    assert count_connections((num_layers,)) == num_layers * (num_layers + 1) // 2
    # Each source is a group of maps that a layer reads.
    assert count_connections((num_layers,)) == sum(input_maps(layer, 1, 1) for layer in range(1, num_layers + 1))


def test_densenet_121_has_58_dense_layers_with_535_connections():
    assert (sum(TABLE["DenseNet-121"]), count_connections(TABLE["DenseNet-121"])) == (58, 535)


@pytest.mark.parametrize(
    ("name", "trained", "with_statistics"),
    [
        ("DenseNet-121", 7_978_856, 8_062_504),
        ("DenseNet-169", 14_149_480, 14_307_880),
        ("DenseNet-201", 20_013_928, 20_242_984),
        ("DenseNet-264", 33_337_704, 33_736_232),
    ],
)
def test_parameters_of_every_row_of_the_table(name, trained, with_statistics):
    assert densenet_parameters(TABLE[name], 32, 1000) == (trained, with_statistics)
    printed = next(net for net in PUBLISHED if net.name == name).parameters
    assert printed in ("", f"{trained / 1e6:.2f} M")


def test_the_wide_net_has_28_68_million():
    assert densenet_parameters((6, 12, 36, 24), 48, 1000)[0] == 28_681_000


def test_a_bottleneck_pays_beyond_7_2_times_the_growth_rate():
    growth = 10
    sizes = {maps: weights_of(solved["dense_layer"], maps, growth) for maps in (71, 72, 73)}
    plain = {maps: 9 * maps * growth for maps in sizes}
    assert sizes[71] > plain[71]
    assert sizes[72] == plain[72]
    assert sizes[73] < plain[73]


def weights_of(layer, maps, growth):
    x = keras.Input((4, 4, maps))
    model = keras.Model(x, layer(x, growth))
    return sum(int(np.prod(weight.shape)) for weight in model.weights if weight.name == "kernel")


def test_mean_and_1x1_convolution_may_change_places():
    x = keras.Input((6, 8, 5))
    convolution = keras.layers.Conv2D(3, 1, use_bias=False)
    pool = keras.layers.AveragePooling2D(2)
    image = np.random.default_rng(0).normal(size=(2, 6, 8, 5)).astype(np.float32)
    one, other = keras.Model(x, pool(convolution(x))), keras.Model(x, convolution(pool(x)))
    np.testing.assert_allclose(one(image), other(image), atol=1e-6)


def test_the_table_s_first_row_makes_the_maps_that_the_lesson_names():
    net = solved["densenet"]((64, 32, 3), 10, TABLE["DenseNet-121"], 32)
    pools = [layer for layer in net.layers if isinstance(layer, keras.layers.AveragePooling2D)]
    assert [pool.output.shape[-1] for pool in pools] == [128, 256, 512]
    assert net.layers[-2].output.shape == (None, 1024)
    assert net.count_params() == densenet_parameters(TABLE["DenseNet-121"], 32, 10)[1]
