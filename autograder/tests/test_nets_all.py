"""What holds for every net of the library: a second counter agrees, its picture shows all of it, it runs and it learns."""

import inspect
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from unittest.mock import Mock

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from rich.console import Console
from typer.testing import CliRunner

from convcourse.errors import CourseError
from convcourse.nets import alexnet, lenet, table
from convcourse.nets.count import count_macs, flat_layers
from convcourse.nets.table import disagrees, families, kept_rows, published_nets
from convcourse.operations.command_line import app, the_course
from convcourse.pictures.architecture import architecture_figure
from convcourse.pictures.net_blocks import blocks_of
from tests.families import members

NETS = {net.name: net for net in published_nets()}
FAMILY = {net.name: module for module in families() for net in module.PUBLISHED}
ROWS = {row.name: row for row in kept_rows()}
SMALLEST = 80  # pixels a side that every net for photographs can take
# One net of each kind. The others differ from one of these only by the numbers in its table.
ALWAYS = (
    "AlexNet, two towers", "AlexNet, one tower", "DenseNet-121", "GoogLeNet", "Inception-ResNet-v2", "Inception v3",
    "LeNet-5, 1998", "LeNet-5, all pairs connected", "MobileNet 0.25", "NASNet-A Mobile", "NIN (CIFAR-10)", "ResNet-18",
    "ResNet-50", "ResNet-20 (CIFAR-10)", "plain net, 18 layers", "ResNeXt-50 (32×4d)", "ShuffleNet, 1 groups",
    "ShuffleNet, 3 groups", "SqueezeNet 1.1", "VGG A-LRN", "Xception", "ZFNet",
    "Highway, 10 layers of 16", "MobileNetV3-Small", "ShuffleNet v2 0.5",
)  # fmt: skip
# TensorFlow has no quick gradient for convolutions in groups: half a minute for two steps. The others have the most layers.
SLOW_TO_LEARN = ("ResNeXt-50 (32×4d)", "ShuffleNet, 3 groups", "Inception-ResNet-v2", "NASNet-A Mobile")
# U-Net loses four pixels at every pair of convolutions.
SMALLEST_OF = {"U-Net": 188}
RATES = {"ViT-B/16": 1e-5}  # a transformer jumps away at the rate of the others
# Half a minute to some minutes each, and they differ from FCN-8s, ResNet-164 and RegNetY-400MF by a few numbers only.
NOT_TAUGHT = (
    "FCN-32s (VGG16)", "FCN-16s (VGG16)", "Pre-activation ResNet-1001 (CIFAR-10)",
    *(name for name in NETS if name.startswith("RegNet") and name != "RegNetY-400MF"),
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's profiler has warned of its own retirement for years


@pytest.mark.parametrize("name", members(NETS, ALWAYS))
def test_it_runs_at_its_published_input_and_is_counted_and_drawn_whole(name):
    model = NETS[name].build()
    image = np.random.default_rng(1).random((1, *model.inputs[0].shape[1:]), dtype=np.float32)
    probabilities = np.asarray(model(image, training=False))
    assert probabilities.shape == (1, *model.outputs[0].shape[1:])
    assert probabilities.sum(axis=-1) == pytest.approx(1, abs=1e-4) or name.startswith("LeNet-5, 1998")
    unseen = sum(grouped_macs(*grouping(layer)) + meetings(layer) + transposed_macs(layer) for layer in flat_layers(model))
    assert count_macs(model) == profiled_macs(model) + unseen
    assert table.row(FAMILY[name], NETS[name], model) == ROWS[name], "run `convcourse nets --write`"
    assert sum(block.parameters for block in blocks_of(model)) == model.count_params()
    _, words = architecture_figure(model, name)
    assert f"{model.count_params():,} parameters" in words
    keras.backend.clear_session()


@pytest.mark.parametrize("name", members([name for name in NETS if name not in NOT_TAUGHT], set(ALWAYS) - set(SLOW_TO_LEARN)))
def test_it_learns_a_few_images_at_a_reduced_size(name):
    keras.utils.set_random_seed(1)
    published = NETS[name].build
    rows, _, channels = inspect.signature(published).parameters["input_shape"].default
    side = min(rows, SMALLEST_OF.get(name, SMALLEST))
    model = published(input_shape=(side, side, channels), classes=10)
    images = np.random.default_rng(1).normal(size=(4, side, side, channels)).astype("float32")
    labels = np.broadcast_to(np.arange(4).reshape(4, *[1] * (model.outputs[0].ndim - 2)), (4, *model.outputs[0].shape[1:-1]))

    def loss():
        return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, model(images, training=True)))

    with tf.GradientTape() as tape:
        first = loss()
    gradients = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(first, model.trainable_weights)]
    assert all(map(np.any, gradients))
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        weight.assign_sub(RATES.get(name, 1e-3) * keras.ops.sign(gradient))  # as Adam's first step, in a tenth of its time
    assert any(loss() < first for _ in range(3))  # dropout may hide what the step has learnt
    keras.backend.clear_session()


def test_the_file_of_counts_has_every_net_and_what_was_printed_of_it():
    printed = [(net.name, net.parameters, net.macs, net.depth, net.source, net.reason) for net in NETS.values()]
    assert [
        (row.name, row.printed_parameters, row.printed_macs, row.printed_depth, row.source, row.reason) for row in ROWS.values()
    ] == printed, "run `convcourse nets --write`"
    errors = [(net.top1, net.top5, net.protocol) for net in NETS.values()]
    assert [(row.top1, row.top5, row.protocol) for row in ROWS.values()] == errors, "run `convcourse nets --write`"


@pytest.mark.parametrize("name", NETS)
def test_what_disagrees_has_a_reason_and_what_was_measured_says_how(name):
    row = ROWS[name]
    assert row.reason or not disagrees(row)
    assert bool(row.protocol) == (row.top1 is not None or row.top5 is not None)
    assert row.source


def test_a_number_that_disagrees_is_found():
    right = ROWS["ResNet-20 (CIFAR-10)"]
    assert not disagrees(right)
    for wrong in ({"printed_parameters": "0.28 M"}, {"printed_macs": "1 G"}, {"printed_depth": 21}):
        assert disagrees(replace(right, **wrong))


def test_counting_draws_no_weights(monkeypatch):
    monkeypatch.setattr(table, "families", lambda: [alexnet])
    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", drawn := Mock(side_effect=AssertionError("drawn")))
    assert [row.name for row in table.rows(lambda name: "one tower" in name)] == ["AlexNet, one tower"]
    assert not drawn.called


def printed_at(width, monkeypatch, *arguments):
    monkeypatch.setattr(the_course, "console", Console(width=width))
    result = CliRunner().invoke(app, ["nets", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_table_says_what_was_counted_what_was_printed_and_why_they_differ(monkeypatch):
    said = printed_at(220, monkeypatch)
    lines = [re.split("  +", line.strip()) for line in said.splitlines()]
    rows = {name: entries for name, *entries in lines if name in NETS}
    assert list(rows) == list(NETS)
    assert rows["LeNet-5, 1998"][:7] == ["1998", "32×32×1", "60,850", "60,850", "60,000 (+1.4%)", "328 K", "–"]
    assert rows["ResNet-20 (CIFAR-10)"][1:5] == ["32×32×3", "269,722", "271,098", "0.27 M ✔"]
    assert rows["plain net, 34 layers"][8:11] == ["28.54 %", "–", "10 crops of 224"]
    assert rows["ResNet-34"][8:11] == ["26.7 %", "8.58 %", "1 crop of 224"]
    assert "our output layer learns 850 parameters" in said


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_narrow_terminal_shows_every_number_whole(width, monkeypatch):
    said = printed_at(width, monkeypatch)
    assert "…" not in said
    words = set(said.replace(";", " ").replace(",\n", "\n").split())
    for row in ROWS.values():
        assert f"{row.trainable:,}" in words
        assert {word.rstrip(",;") for word in row.name.split()} <= {word.rstrip(",;") for word in words}


def test_a_part_of_a_name_chooses_nets_and_a_name_of_none_is_refused(monkeypatch):
    said = printed_at(80, monkeypatch, "lenet-5")
    assert "LeNet-5, 1998" in said
    assert "source: LeCun, Bottou, Bengio and Haffner 1998, section II.B" in said
    assert "ResNet" not in said
    with pytest.raises(CourseError, match="no net has 'ResNet-51' in its name"):
        CliRunner().invoke(app, ["nets", "ResNet-51"], catch_exceptions=False)


def test_counting_again_says_so_where_the_file_is_wrong(monkeypatch):
    monkeypatch.setattr(table, "families", lambda: [lenet])
    assert "not what is kept" not in printed_at(100, monkeypatch, "--live", "1998")
    monkeypatch.setattr(table, "kept_rows", lambda: [replace(ROWS["LeNet-5, 1998"], macs=1)])
    assert "not what is kept" in printed_at(100, monkeypatch, "--live", "1998")


def test_the_table_needs_no_keras():
    """It is there in two seconds, because nothing large is imported."""
    code = "import sys; from convcourse.nets.table import kept_rows; kept_rows(); print('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def profiled_macs(model):
    """Multiply-adds of one image by TensorFlow's own profiler, which counts two operations for each.

    What local response normalisation does (a tensordot) is left out, as papers do. Convolutions in groups are
    compiled as a whole, and the profiler cannot look into them; of attention it sees the dense layers only. For transposed
    convolutions it takes the output's sides over the stride as the input's, which they are only without a border.
    """
    from tensorflow.compat.v1 import profiler

    shape = (1, *model.inputs[0].shape[1:])
    graph = tf.function(lambda x: model(x, training=False)).get_concrete_function(tf.TensorSpec(shape, "float32")).graph
    options = profiler.ProfileOptionBuilder(profiler.ProfileOptionBuilder.float_operation()).with_empty_output().build()
    parts = [profiler.profile(graph, cmd="scope", options=options)]
    operations = 0
    while parts:
        part = parts.pop()
        parts += part.children
        kind = part.name.rpartition("/")[2]
        costly = kind.startswith(("convolution", "depthwise", "separable_conv2d", "MatMul"))
        if costly and ("Tensordot" not in part.name or "dense" in part.name):
            operations += part.float_ops
    return operations // 2


def meetings(layer):
    """Multiply-adds of attention beside its dense layers: every token with every other, for the weights and for the mean."""
    if type(layer).__name__ != "MultiHeadAttention":
        return 0
    _, tokens, hidden = layer.output.shape
    return 2 * tokens**2 * hidden


def transposed_macs(layer):
    """Multiply-adds of a transposed convolution: those of the convolution that leads back from its output to its input."""
    if type(layer).__name__ != "Conv2DTranspose":
        return 0
    images = keras.Input(layer.output.shape[1:])
    back = layers.Conv2D(layer.input.shape[-1], layer.kernel_size, layer.strides, use_bias=False)(images)
    assert back.shape == layer.input.shape
    return profiled_macs(keras.Model(images, back))


def grouping(layer):
    """What `grouped_macs` needs of a layer."""
    if getattr(layer, "groups", 1) == 1 or type(layer).__name__ != "Conv2D":
        return ((), 0, (), (), "", 1)
    return (tuple(layer.input.shape[1:]), layer.filters, layer.kernel_size, layer.strides, layer.padding, layer.groups)


@cache
def grouped_macs(input_shape, filters, kernel_size, strides, padding, groups):
    """Multiply-adds of a convolution in groups, by the profiler, from as many single convolutions."""
    if groups == 1:
        return 0
    images = keras.Input(input_shape)
    parts = keras.ops.split(images, groups, axis=-1)
    maps = [layers.Conv2D(filters // groups, kernel_size, strides, padding, use_bias=False)(part) for part in parts]
    return profiled_macs(keras.Model(images, layers.Concatenate()(maps)))
