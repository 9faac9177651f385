"""The nets of 2015 to 2022: with the weights of keras.applications they give its outputs."""

from functools import partial

import keras
import numpy as np
import pytest

from convcourse.nets import fcn, highway, regnet
from convcourse.nets.convnext import convnext
from convcourse.nets.efficientnet import efficientnet
from convcourse.nets.efficientnet_v2 import efficientnet_v2_s
from convcourse.nets.mobilenet_v2 import mobilenet_v2
from convcourse.nets.mobilenet_v3 import LARGE, SMALL, divisible, mobilenet_v3
from convcourse.nets.preact_resnet import preact_cifar_resnet, preact_resnet
from convcourse.nets.senet import squeeze_excite
from convcourse.nets.unet import unet
from convcourse.nets.wide_resnet import wide_resnet
from tests.families import members

# Our net, its name in keras.applications, and the first layer there that is no preparation of the images.
PEERS = {
    "MobileNetV2": (mobilenet_v2, "MobileNetV2", "Conv1"),
    "MobileNetV3-Large": (partial(mobilenet_v3, LARGE, 1280), "MobileNetV3Large", "conv"),
    "MobileNetV3-Small": (partial(mobilenet_v3, SMALL, 1024), "MobileNetV3Small", "conv"),
    "EfficientNet-B0": (partial(efficientnet, "B0"), "EfficientNetB0", "stem_conv_pad"),
    "EfficientNetV2-S": (efficientnet_v2_s, "EfficientNetV2S", "stem_conv"),
    "ResNet-50V2": (partial(preact_resnet, 50), "ResNet50V2", "conv1_pad"),
    "ConvNeXt-T": (partial(convnext, "T"), "ConvNeXtTiny", "convnext_tiny_stem"),
}
SIDE = 64


@pytest.fixture(autouse=True)
def forget_the_nets():
    yield
    keras.backend.clear_session()


@pytest.mark.parametrize("name", members(PEERS, always=["MobileNetV3-Small", "ConvNeXt-T"]))
def test_with_the_weights_of_keras_applications_the_outputs_are_the_same(name):
    build, peer, first = PEERS[name]
    theirs = getattr(keras.applications, peer)(weights=None, input_shape=(SIDE, SIDE, 3))
    ours = build(input_shape=(SIDE, SIDE, 3))
    copy_random_weights(theirs, ours)
    prepared = keras.Model(theirs.input, theirs.get_layer(first).input)
    images = images_of(2, np.random.default_rng(1))
    for model in (theirs, ours):  # the softmax of a random net is nearly flat, and would hide differences
        model.layers[-1].activation = keras.activations.linear
    expected, got = np.asarray(theirs(images)), np.asarray(ours(prepared(images)))
    loudest = np.abs(expected).max()
    assert np.abs(expected[0] - expected[1]).max() > 0.01 * loudest  # else any two nets would agree
    np.testing.assert_allclose(got, expected, atol=1e-4 * loudest, rtol=0)


def copy_random_weights(theirs, ours):
    """Layer by layer, in the order in which both make them; a 1 × 1 convolution and a dense layer hold the same numbers."""
    generator = np.random.default_rng(0)
    layers = [layer for layer in theirs.layers if not isinstance(layer, keras.layers.Normalization)]
    for weight in (weight for layer in layers for weight in layer.weights if len(weight.shape) == 1):
        # Norms and layer scales that have just been made would hide a missing one.
        weight.assign(weight + generator.uniform(0, 0.2, weight.shape).astype("float32"))
    for layer in layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # one pass gives it the statistics of these images; else a deep net's signal dies or explodes
    theirs(images_of(8, generator), training=True)
    values = [np.asarray(weight) for layer in layers for weight in layer.weights]
    assert [np.squeeze(value).shape for value in values] == [np.squeeze(weight).shape for weight in ours.weights]
    ours.set_weights([value.reshape(weight.shape) for value, weight in zip(values, ours.weights, strict=True)])


def images_of(count, generator):
    return generator.uniform(0, 255, (count, SIDE, SIDE, 3)).astype("float32")


def test_a_map_that_is_the_same_everywhere_is_multiplied_by_one_factor():
    x = keras.Input((4, 4, 6))
    model = keras.Model(x, squeeze_excite(x, 2))
    out = np.asarray(model(np.ones((1, 4, 4, 6), "float32")))
    assert out.shape == (1, 4, 4, 6)
    assert np.allclose(out, out[:, :1, :1])
    assert np.all((out > 0) & (out < 1))


@pytest.mark.parametrize(("number", "right"), [(4, 8), (18, 24), (22, 24), (32 * 1.4, 48), (64, 64), (17.8, 24)])
def test_numbers_of_maps_are_multiples_of_eight_and_never_a_tenth_too_small(number, right):
    assert divisible(number) == right
    assert right % 8 == 0
    assert right >= 0.9 * number


def test_a_highway_block_with_closed_gates_carries_its_input():
    x = keras.Input((5, 5, 4))
    model = keras.Model(x, highway.highway_block(x))
    gate = next(layer for layer in model.layers if "sigmoid" in str(getattr(layer, "activation", "")))
    gate.bias.assign(np.full(4, -100.0))
    image = np.random.default_rng(0).normal(size=(1, 5, 5, 4)).astype("float32")
    np.testing.assert_allclose(model(image), image, atol=1e-6)


@pytest.mark.parametrize(("build", "rule"), [(wide_resnet, "6n [+] 4"), (preact_cifar_resnet, "9n [+] 2")])
def test_a_depth_that_does_not_come_out_even_is_refused(build, rule):
    with pytest.raises(ValueError, match=rule):
        build(21, *[1] * (build is wide_resnet))


def test_regnets_widths_are_those_of_the_paper():
    """Its figure 15: depths 1, 2, 7, 12 and widths 32, 64, 160, 400 for 400 million multiply-adds."""
    assert regnet.stages(*regnet.TABLE["X-400MF"]) == [(32, 1, 16), (64, 2, 16), (160, 7, 16), (400, 12, 16)]
    for depth, *rest in regnet.TABLE.values():
        stages = regnet.stages(depth, *rest)
        assert sum(blocks for _, blocks, _ in stages) == depth
        assert all(filters % group == 0 for filters, _, group in stages)
        assert [filters for filters, _, _ in stages] == sorted(filters for filters, _, _ in stages)


@pytest.mark.parametrize(("side", "out"), [(572, 388), (188, 4), (204, 20)])
def test_unet_gives_the_sides_of_its_figure(side, out):
    with keras.StatelessScope(initialize_variables=False):
        model = unet((side, side, 1))
    assert model.output.shape == (None, out, out, 2)


@pytest.mark.parametrize("stride", fcn.SKIPS)
def test_fcn_scores_every_pixel_of_an_image_of_any_sides(stride):
    with keras.StatelessScope(initialize_variables=False):
        model = fcn.fcn(stride, (70, 95, 3))
    assert model.output.shape == (None, 70, 95, 21)


def test_what_interpolates_keeps_a_flat_map_flat_and_a_ramp_a_ramp():
    x = keras.Input((6, 6, 2))
    model = keras.Model(x, fcn.upsampled(x, 2, 4))
    rows = np.arange(6, dtype="float32")[None, :, None, None] + np.zeros((1, 6, 6, 2), "float32")
    flat, ramp = np.asarray(model(np.ones_like(rows))), np.asarray(model(rows))
    inside = slice(4, -4)  # at the borders zeros from outside are mixed in
    np.testing.assert_allclose(flat[0, inside, inside], 1, atol=1e-6)
    np.testing.assert_allclose(np.diff(ramp[0, inside, inside], axis=0), 0.25, atol=1e-6)
