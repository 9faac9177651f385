"""What holds for every net of the library: a second counter agrees, its picture shows all of it, it runs and it learns."""

import inspect
from functools import cache

import keras
import numpy as np
import pytest
from keras import layers
from rich.console import Console
from typer.testing import CliRunner

from convcourse.nets import table
from convcourse.nets.count import count_macs, flat_layers
from convcourse.nets.table import published_nets
from convcourse.operations.command_line import app, the_course
from convcourse.pictures.architecture import architecture_figure, blocks_of
from tests.families import members

NETS = {net.name: net for net in published_nets()}
SMALLEST = 80  # pixels a side that every net for photographs can take
# One net of each kind. The others differ from one of these only by the numbers in its table.
ALWAYS = (
    "AlexNet, two towers", "AlexNet, one tower", "DenseNet-121", "GoogLeNet", "Inception-ResNet-v2", "Inception v3",
    "LeNet-5, 1998", "LeNet-5, all pairs connected", "MobileNet 0.25", "NASNet-A Mobile", "NIN (CIFAR-10)", "ResNet-18",
    "ResNet-50", "ResNet-20 (CIFAR-10)", "plain net, 18 layers", "ResNeXt-50 (32×4d)", "ShuffleNet, 1 groups",
    "ShuffleNet, 3 groups", "SqueezeNet 1.1", "VGG A-LRN", "Xception", "ZFNet",
)  # fmt: skip
# TensorFlow has no quick gradient for convolutions in groups: half a minute for two steps.
SLOW_TO_LEARN = ("ResNeXt-50 (32×4d)", "ShuffleNet, 3 groups")

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's profiler has warned of its own retirement for years


@pytest.mark.parametrize("name", members(NETS, ALWAYS))
def test_it_runs_at_its_published_input_and_is_counted_and_drawn_whole(name):
    model = NETS[name].build()
    image = np.random.default_rng(1).random((1, *model.inputs[0].shape[1:]), dtype=np.float32)
    probabilities = np.asarray(model(image, training=False))
    assert probabilities.shape == (1, model.outputs[0].shape[1])
    assert probabilities.sum() == pytest.approx(1, abs=1e-4) or name.startswith("LeNet-5, 1998")
    assert count_macs(model) == profiled_macs(model) + sum(grouped_macs(*grouping(layer)) for layer in flat_layers(model))
    assert sum(block.parameters for block in blocks_of(model)) == model.count_params()
    _, words = architecture_figure(model, name)
    assert f"{model.count_params():,} parameters" in words
    keras.backend.clear_session()


@pytest.mark.parametrize("name", members(NETS, set(ALWAYS) - set(SLOW_TO_LEARN)))
def test_it_learns_a_few_images_at_a_reduced_size(name):
    keras.utils.set_random_seed(1)
    published = NETS[name].build
    rows, _, channels = inspect.signature(published).parameters["input_shape"].default
    side = min(rows, SMALLEST)
    model = published(input_shape=(side, side, channels), classes=10)
    images = np.random.default_rng(1).normal(size=(4, side, side, channels)).astype("float32")
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", run_eagerly=True)
    before = [np.array(weight) for weight in model.trainable_weights]

    def loss_of_step():
        return float(model.train_on_batch(images, np.array([0, 1, 2, 3])))

    first = loss_of_step()
    assert any(loss_of_step() < first for _ in range(2))  # dropout may hide what one step has learnt
    moved = [np.any(np.array(weight) != old) for weight, old in zip(model.trainable_weights, before, strict=True)]
    assert all(moved)
    keras.backend.clear_session()


def test_the_table_says_what_was_counted_what_was_printed_and_why_they_differ(monkeypatch):
    monkeypatch.setattr(table, "published_nets", lambda: [NETS["LeNet-5, 1998"], NETS["ResNet-20 (CIFAR-10)"]])
    monkeypatch.setattr(the_course, "console", Console(width=180))
    said = CliRunner().invoke(app, ["nets"]).output
    rows = {
        row.split("│")[1].strip(): [entry.strip() for entry in row.split("│")[2:-1]] for row in said.splitlines() if "│" in row
    }
    assert rows["LeNet-5, 1998"][:6] == ["32×32×1", "60,850", "60,850", "60,000 (+1.4%)", "328 K", "–"]
    assert rows["ResNet-20 (CIFAR-10)"][:4] == ["32×32×3", "269,722", "271,098", "0.27 M ✔"]
    assert " 1  our output layer learns 850 parameters" in said


def profiled_macs(model):
    """Multiply-adds of one image by TensorFlow's own profiler, which counts two operations for each.

    What local response normalisation does (a tensordot) is left out, as papers do. Convolutions in groups are
    compiled as a whole, and the profiler cannot look into them.
    """
    import tensorflow as tf
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
        if kind.startswith(("convolution", "depthwise", "separable_conv2d", "MatMul")) and "Tensordot" not in part.name:
            operations += part.float_ops
    return operations // 2


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
