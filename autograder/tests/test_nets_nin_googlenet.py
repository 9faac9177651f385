"""NIN, GoogLeNet and Inception v3: the published counts, and the same numbers as keras.applications."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from convcourse.nets import googlenet, inception_v3, nin  # noqa: E402
from convcourse.nets.count import count_depth, count_macs  # noqa: E402


@pytest.fixture(autouse=True)
def leave_no_nets_behind():
    yield
    keras.backend.clear_session()


def test_nin_has_the_parameters_of_the_authors_configurations():
    assert nin.nin().count_params() == 966_986
    net = nin.nin_imagenet((96, 64, 3))  # the count does not depend on the image's size
    assert net.count_params() == 7_595_176
    assert count_depth(net) == 12
    assert "Dense" not in {type(layer).__name__ for layer in net.layers}


def test_googlenet_has_the_published_shapes_depth_and_count():
    net = googlenet.googlenet()
    outputs = [layer.output.shape[1:] for layer in net.layers if type(layer).__name__ == "Concatenate"]
    assert outputs == [row[2] for row in googlenet.TABLE if row[0].startswith("inception")]
    assert net.output.shape == (None, 1000)
    assert net.count_params() == 6_998_552  # as Caffe's bvlc_googlenet
    assert sum(row[3] for row in googlenet.TABLE) == 22
    assert count_macs(net) == 1_582_671_872


def test_googlenet_is_22_layers_deep(monkeypatch):
    monkeypatch.setattr(googlenet, "local_response_norm", lambda x: x)  # an operation, no layer
    assert count_depth(googlenet.googlenet()) == 22


def test_the_papers_columns_add_up():
    params = sum(float(row[5].rstrip("K")) for row in googlenet.TABLE if row[5])
    ops = sum(float(row[6].rstrip("M")) for row in googlenet.TABLE if row[6])
    assert round(params) == 6798  # nearly 7.0 M with K = 1,024
    assert ops == 1502  # the text: "1.5 billion multiply-adds"


def test_auxiliary_heads_nearly_double_the_weights():
    net = googlenet.googlenet(auxiliary=True)
    assert net.count_params() == 13_378_280
    assert [tuple(output.shape) for output in net.outputs] == [(None, 1000)] * 3


def test_inception_v3_is_kerass_with_the_same_weights_and_outputs():
    shape = (107, 139, 3)
    ours = inception_v3.inception_v3(shape)
    theirs = keras.applications.InceptionV3(weights=None, input_shape=shape)
    assert ours.count_params() == theirs.count_params() == 23_851_784
    # Both graphs have one shape, so Keras sorts their layers, and so their weights, alike.
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
    ours.set_weights(theirs.get_weights())
    images = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    np.testing.assert_allclose(ours(images), theirs(images), atol=1e-4)


def test_inception_v3_has_torchvisions_count_and_macs():
    net = inception_v3.inception_v3(auxiliary=True, scale=True)
    statistics = sum(int(np.prod(weight.shape)) for weight in net.non_trainable_weights)
    assert net.count_params() - statistics == 27_161_264  # 27.16 M in the 2020 lecture
    small = inception_v3.inception_v3((224, 224, 3))
    assert count_depth(small) == 48
    # The lecture prints 2.85 G; it counts normalisation too.
    assert count_macs(small) == 2_837_921_120


def convolution_and_norm(channels, filters, size):
    """Parameters of torchvision's convolutions: no bias, a scale and a shift for each map."""
    return size**2 * channels * filters + 2 * filters


def test_torchvisions_googlenet_has_3x3_for_5x5_norms_for_biases_and_without_weights_two_heads():
    """Its documentation gives 6,624,904 for the weights; the class as it is called without weights has twice as many."""
    channels, total = 3, 0
    for kind, patch, output, _, numbers, *_ in googlenet.BODY:
        if kind == "convolution":
            if numbers:
                total += convolution_and_norm(channels, numbers[0], 1)
                channels = numbers[0]
            total += convolution_and_norm(channels, output[-1], patch[0])
        elif kind.startswith("inception"):
            n1, reduce3, n3, reduce5, n5, projection = numbers
            total += sum(convolution_and_norm(channels, filters, 1) for filters in (n1, reduce3, reduce5, projection))
            total += convolution_and_norm(reduce3, n3, 3) + convolution_and_norm(reduce5, n5, 3)
        channels = output[-1]
    total += 1000 * (channels + 1)
    assert total == 6_624_904
    after = {kind: output[-1] for kind, _, output, *_ in googlenet.BODY}
    dense = 1024 * (4 * 4 * 128 + 1) + 1000 * (1024 + 1)
    heads = sum(convolution_and_norm(after[place], 128, 1) + dense for place in googlenet.AUXILIARY_AFTER)
    assert total + heads == 13_004_888
    reason = googlenet.PUBLISHED[0].reason
    assert f"{total:,}" in reason
    assert f"{total + heads:,}" in reason
