"""The VGG nets against the paper's tables, keras.applications and the lecture's counts; LRN against TensorFlow."""

import re

import numpy as np
import pytest

from convcourse.judging.models import packed, rebuilt
from convcourse.nets.count import count_depth, count_macs

keras = pytest.importorskip("keras")
from convcourse.nets.lrn import local_response_norm  # noqa: E402
from convcourse.nets.vgg import ERRORS, PUBLISHED, column, vgg, vgg_block, vgg_features  # noqa: E402
from convcourse.pictures.resnet import shapes_only  # noqa: E402

# Exact counts, as far as libraries print them (torchvision's vgg11, 13, 16, 19 and keras.applications).
PARAMETERS = {
    "VGG A": 132_863_336,
    "VGG A-LRN": 132_863_336,
    "VGG B": 133_047_848,
    "VGG C": 133_638_952,
    "VGG D": 138_357_544,
    "VGG E": 143_667_240,
}


@pytest.fixture(autouse=True)
def _forget_models():
    yield
    keras.backend.clear_session()


@pytest.mark.parametrize("net", PUBLISHED, ids=lambda net: net.name)
def test_the_papers_nets_have_the_published_size(net):
    with shapes_only():  # the weights of one take half a gigabyte
        model = net.build()
    assert model.count_params() == PARAMETERS[net.name]
    assert f"{model.count_params() / 1e6:.0f} M" == net.parameters
    assert sum(len(weight.shape) > 1 for weight in model.weights) == net.depth
    if "LRN" not in net.name:  # count_depth loses its thread at operations that are no layers
        assert count_depth(model) == net.depth
    assert model.output_shape == (None, 1000)
    if net.macs:
        assert count_macs(model) / 1e9 == pytest.approx(float(net.macs.split()[0]), rel=4e-3)
    if net.name == "VGG D":
        assert count_macs(model) == 15_470_264_320


@pytest.mark.parametrize(("name", "theirs"), [("D", "VGG16"), ("E", "VGG19")])
def test_same_weights_give_the_outputs_of_keras_applications(name, theirs):
    reference = getattr(keras.applications, theirs)(weights=None, input_shape=(32, 32, 3), classes=7)
    # As large as He et al. 2015 advise, so that the signal arrives. The same layers come in the same order.
    generator = np.random.default_rng(0)
    weights = [
        generator.normal(0, (2 / max(1, np.prod(w.shape[:-1]))) ** 0.5 if w.ndim > 1 else 0.1, w.shape).astype(np.float32)
        for w in reference.get_weights()
    ]
    reference.set_weights(weights)
    ours = vgg(column(name), (32, 32, 3), 7)
    ours.set_weights(weights)
    images = generator.normal(size=(2, 32, 32, 3)).astype(np.float32)
    expected = np.asarray(reference(images))
    assert np.ptp(expected[0]) > 0.05
    np.testing.assert_allclose(ours(images), expected, atol=1e-4)


def test_column_d_is_five_blocks():
    images = keras.Input((32, 32, 3))
    x = images
    for filters, convolutions in [(4, 2), (8, 2), (16, 3), (32, 3), (32, 3)]:
        x = vgg_block(x, filters, convolutions)
    blocks = keras.Model(images, x)
    thin = [re.sub(r"-(\d+)", lambda number: f"-{int(number[1]) // 16}", entry) for entry in column("D")]
    read = keras.Model(images, vgg_features(images, thin))
    assert [w.shape for w in blocks.weights] == [w.shape for w in read.weights]
    read.set_weights(blocks.get_weights())
    probe = np.random.default_rng(1).normal(size=(1, 32, 32, 3)).astype(np.float32)
    np.testing.assert_allclose(blocks(probe), read(probe), atol=1e-6)


def test_the_columns_have_the_papers_number_of_layers():
    for name, depth, *_ in ERRORS:
        assert sum(entry.startswith("conv") for entry in column(name)) + 3 == depth
        assert column(name).count("maxpool") == 5
    assert [entry for entry in column("C") if entry.startswith("conv1-")] == ["conv1-256", "conv1-512", "conv1-512"]
    assert column("A-LRN")[:3] == ["conv3-64", "LRN", "maxpool"]


@pytest.mark.parametrize(("size", "k", "alpha", "beta"), [(5, 2.0, 1e-4, 0.75), (3, 1.0, 0.5, 0.5), (7, 2.0, 1e-2, 1.0)])
def test_lrn_agrees_with_tensorflow(size, k, alpha, beta):
    tensorflow = pytest.importorskip("tensorflow")
    x = np.random.default_rng(2).normal(scale=20, size=(2, 5, 4, 9)).astype(np.float32)
    expected = tensorflow.nn.local_response_normalization(x, depth_radius=size // 2, bias=k, alpha=alpha, beta=beta)
    np.testing.assert_allclose(local_response_norm(x, size, k, alpha, beta), expected, rtol=1e-5)


def test_a_model_with_lrn_travels():
    images = keras.Input((6, 5, 8))
    model = keras.Model(images, local_response_norm(images))
    probe = 30 * np.random.default_rng(3).normal(size=(1, 6, 5, 8)).astype(np.float32)
    np.testing.assert_allclose(rebuilt(packed(model))(probe), local_response_norm(probe), rtol=1e-6)
