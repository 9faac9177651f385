"""Unit 14: blocks that add to what they are given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from convcourse.exercises.cases import fractions, whole
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import ModelFacts, PackedModel, Symbolic, block_facts, model_facts, rebuilt

IDENTITY, PROJECTION = "identity shortcut", "projection"


def _conv_norm(
    x: Any,
    filters: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    bias: bool = False,
    epsilon: float = 1e-5,
    momentum: float = 0.99,
) -> Any:
    """The witness: convolve at every place, then keep each stride-th pixel.

    momentum: Keras's, by which any other is as good; only `conv_norm` itself is held to its 0.9.
    """
    from keras import layers

    x = layers.Conv2D(filters, kernel, padding="same", use_bias=bias, groups=groups)(x)
    x = layers.AveragePooling2D(1, strides=stride)(x) if stride > 1 else x
    return layers.BatchNormalization(epsilon=epsilon, momentum=momentum)(x)


def _block(
    x: Any,
    sizes: Sequence[tuple[int, int]],
    stride: int,
    strided: int = 0,
    groups: Sequence[int] = (1, 1, 1),
    between: bool = True,
    end: str = "add, ReLU",
    always_project: bool = False,
    look_at: str = "both",
) -> Any:
    """A block from its layers' (filters, kernel), with the ways in which students change it."""
    from keras import layers

    branch = x
    for place, (filters, kernel) in enumerate(sizes):
        branch = _conv_norm(branch, filters, kernel, stride if place == strided else 1, groups[place])
        if between and place < len(sizes) - 1:
            branch = layers.Activation("relu")(branch)
    relu = layers.Activation("relu")
    if end == "ReLU":
        return relu(branch)
    width = sizes[-1][0]
    fits = (stride == 1 or look_at == "channels") and (x.shape[-1] == width or look_at == "stride")
    short = x if fits and not always_project else _conv_norm(x, width, 1, stride)
    if end == "ReLU, add":
        return short + relu(branch)
    if end == "ReLU, add, ReLU":
        return layers.Activation("relu")(short + relu(branch))
    if end == "multiply":
        return relu(short * branch)
    return short + branch if end == "add" else relu(short + branch)


# --- conv_norm ---------------------------------------------------------------------------------


def _brick(channels: int, filters: int, kernel: int, stride: int, groups: int, side: int = 8) -> dict[str, Any]:
    x = Symbolic((side, side - 2, channels))
    return {"x": x, "filters": filters, "kernel": kernel, "stride": stride, "groups": groups}


def _brick_cases(generator: np.random.Generator) -> Iterator[Case]:
    def pick(low: int, high: int) -> int:
        return int(generator.integers(low, high))

    # Even sides: there Keras's "same" pads on the right and below only when the stride is 2.
    yield Case(_brick(2 * pick(2, 4), 2 * pick(2, 5), 5, 1, 1), "stride 1")
    yield Case(_brick(4 * pick(1, 3), 4 * pick(1, 4), 3, 2, 4), "stride 2")
    yield Case(_brick(2 * pick(1, 3), 2 * pick(2, 4), 1, 1, 2), "stride 1", "a 1×1")


conv_norm = Exercise(
    name="conv_norm",
    title="The brick",
    points={"stride 1": 1, "stride 2": 1},
    minutes=12,
    difficulty=2,
    oracle=lambda x, filters, kernel, stride, groups: block_facts(
        lambda x: _conv_norm(x, filters, kernel, stride, groups, momentum=0.9), x
    ),
    examples=(
        Case(_brick(6, 4, 3, 1, 1), "stride 1", "9 · 6 · 4 + 4 · 4 = 232 parameters", known=232),
        Case(_brick(3, 5, 3, 2, 1), "stride 2", "8×6 becomes 4×3", known=9 * 3 * 5 + 4 * 5),
        Case(_brick(4, 6, 1, 2, 1, side=7), "stride 2", "a 1×1 needs no zeros; 7×5 becomes 4×3", known=4 * 6 + 4 * 6),
        Case(_brick(6, 4, 3, 1, 2), "stride 1", "two groups: 9 · 3 · 4 + 4 · 4", known=9 * 3 * 4 + 4 * 4),
    ),
    cases=_brick_cases,
    hints=(
        "Up to three layers: zeros around the maps, the convolution, batch normalisation.",
        "`layers.ZeroPadding2D(kernel // 2)` puts equally many zeros on all four sides. Then Conv2D needs no padding of its own.",
        "A 3 × 3 kernel with stride 2 on 6 × 6: zeros make it 8 × 8, and (8 − 3) // 2 + 1 = 3 places are left. A 1 × 1 kernel "
        "needs no zeros. Hand stride and groups on; leave the bias out; the numbers of the normalisation are in the docstring.",
    ),
)


@conv_norm.mistake(
    'Right for stride 1. With stride 2, padding="same" puts zeros on the right and below only, so the kernel sits one '
    "pixel off. Put kernel // 2 zeros on all sides with ZeroPadding2D first."
)
def brick_with_same_padding(x, filters, kernel, stride, groups):
    def brick(x):
        from keras import layers

        x = layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False, groups=groups)(x)
        return layers.BatchNormalization(epsilon=1e-5)(x)

    return block_facts(brick, x)


@conv_norm.mistake(
    "The convolution has a bias. Batch normalisation takes the mean away, and the bias with it: say `use_bias=False`."
)
def brick_with_bias(x, filters, kernel, stride, groups):
    return block_facts(lambda x: _conv_norm(x, filters, kernel, stride, groups, bias=True), x)


@conv_norm.mistake("There is a ReLU at the end. The brick ends with batch normalisation; the blocks place the ReLUs.")
def brick_with_relu(x, filters, kernel, stride, groups):
    def brick(x):
        from keras import layers

        return layers.ReLU()(_conv_norm(x, filters, kernel, stride, groups))

    return block_facts(brick, x)


@conv_norm.mistake("Keras adds 1e-3 to the variance unless told otherwise. Here it is `epsilon=1e-5`.")
def brick_with_kerass_epsilon(x, filters, kernel, stride, groups):
    return block_facts(lambda x: _conv_norm(x, filters, kernel, stride, groups, epsilon=1e-3), x)


@conv_norm.mistake(
    "All but one number is right: the batch norm's momentum. It is to be 0.9; Keras takes 0.99 unless told otherwise."
)
def brick_with_kerass_momentum(x, filters, kernel, stride, groups):
    return block_facts(lambda x: _conv_norm(x, filters, kernel, stride, groups), x)


@conv_norm.mistake("The sides shrink. kernel // 2 zeros are wanted on each side, so that only the stride shrinks.")
def brick_without_padding(x, filters, kernel, stride, groups):
    def brick(x):
        from keras import layers

        x = layers.Conv2D(filters, kernel, strides=stride, use_bias=False, groups=groups)(x)
        return layers.BatchNormalization(epsilon=1e-5)(x)

    return block_facts(brick, x)


@conv_norm.mistake("The argument `groups` has no effect. Hand it on to Conv2D.")
def brick_forgets_groups(x, filters, kernel, stride, groups):
    return block_facts(lambda x: _conv_norm(x, filters, kernel, stride), x)


# --- shortcut ----------------------------------------------------------------------------------


def _maps(channels: int, filters: int, stride: int) -> dict[str, Any]:
    return {"x": Symbolic((8, 6, channels)), "filters": filters, "stride": stride}


def _shortcut_cases(generator: np.random.Generator) -> Iterator[Case]:
    channels = int(generator.integers(3, 7))
    yield Case(_maps(channels, channels, 1), IDENTITY)
    yield Case(_maps(channels, channels - 1, 1), PROJECTION)  # fewer; the examples have more
    yield Case(_maps(channels, channels, 2), PROJECTION)


def _short(x: Any, filters: int, stride: int) -> Any:
    return x if (x.shape[-1], stride) == (filters, 1) else _conv_norm(x, filters, 1, stride)


shortcut = Exercise(
    name="shortcut",
    title="What is added",
    points={IDENTITY: 1, PROJECTION: 1},
    minutes=8,
    difficulty=1,
    oracle=lambda x, filters, stride: block_facts(_short, x, filters, stride),
    examples=(
        Case(_maps(4, 4, 1), IDENTITY, "fits: no parameters", known=0),
        Case(_maps(4, 6, 2), PROJECTION, "4 · 6 + 4 · 6 parameters", known=48),
        Case(_maps(5, 5, 2), PROJECTION, "the channels fit, the sides do not", known=45),
        Case(_maps(3, 4, 1), PROJECTION, "the sides fit, the channels do not", known=28),
    ),
    cases=_shortcut_cases,
    hints=(
        "x can be added as it is only if rows, columns and channels are those of the branch.",
        "The number of channels of a tensor is `x.shape[-1]`.",
        "Maps of 8 × 8 × 16 and 16 filters: with stride 1 return x itself; with stride 2 the branch gives 4 × 4 × 16, so x does "
        "not fit although its channels do. Your brick makes a projection, if its kernel is 1 and it gets the stride.",
    ),
)


@shortcut.mistake("You project even where x fits. There the shortcut is x itself and costs no parameter.")
def shortcut_always_projects(x, filters, stride):
    return block_facts(lambda x: _conv_norm(x, filters, 1, stride), x)


@shortcut.mistake("With stride 2 the branch has half the sides, so x does not fit even if its channels do. Look at both.")
def shortcut_looks_at_channels_only(x, filters, stride):
    return block_facts(lambda x: x if x.shape[-1] == filters else _conv_norm(x, filters, 1, stride), x)


@shortcut.mistake("With stride 1 x may still have the wrong number of channels. Look at both.")
def shortcut_looks_at_stride_only(x, filters, stride):
    return block_facts(lambda x: x if stride == 1 else _conv_norm(x, filters, 1, stride), x)


@shortcut.mistake("The projection has no batch normalisation. Use your `conv_norm`.")
def shortcut_without_norm(x, filters, stride):
    def project(x):
        from keras import layers

        return layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x)

    return block_facts(lambda x: x if (x.shape[-1], stride) == (filters, 1) else project(x), x)


@shortcut.mistake("The projection is a 1×1 convolution: it mixes channels and leaves the neighbours alone.")
def shortcut_with_a_3x3(x, filters, stride):
    return block_facts(lambda x: x if (x.shape[-1], stride) == (filters, 1) else _conv_norm(x, filters, 3, stride), x)


# --- basic_block -------------------------------------------------------------------------------


def _block_cases(expansion: int) -> Any:
    """Stride 2 although the channels fit; the other kinds of shortcut are in the examples."""

    def cases(generator: np.random.Generator) -> Iterator[Case]:
        filters = int(generator.integers(2, 6))
        yield Case(_maps(expansion * filters, filters, 2), "block")

    return cases


def _basic(x: PackedModel, filters: int, stride: int, **changes: Any) -> ModelFacts:
    return block_facts(lambda x: _block(x, [(filters, 3), (filters, 3)], stride, **changes), x)


basic_block = Exercise(
    name="basic_block",
    title="The basic block",
    points={"block": 2},
    minutes=15,
    difficulty=2,
    oracle=_basic,
    examples=(
        Case(_maps(4, 4, 1), "block", "two layers of 9·4·4 + 4·4", known=2 * (9 * 4 * 4 + 4 * 4)),
        Case(
            _maps(3, 5, 2),
            "block",
            "9·3·5 + 9·5·5 + 3·5, and 4·5 for each of three norms",
            known=9 * 3 * 5 + 9 * 5 * 5 + 3 * 5 + 3 * 20,
        ),
        Case(_maps(5, 3, 1), "block", "stride 1, and the channels do not fit", known=9 * 5 * 3 + 9 * 9 + 5 * 3 + 3 * 12),
    ),
    cases=_block_cases(1),
    hints=(
        "Keep x: you need it twice, for the branch and for the shortcut. Give the branch a name of its own.",
        "The branch: `conv_norm` with the stride, ReLU, `conv_norm` without. No ReLU after the second.",
        "At one place x is 2 and the branch gives −3: the sum is −1, and after the ReLU 0. With a ReLU before the sum it would "
        "be 2: the branch could never take away. `layers.Add()` takes a list of two tensors.",
    ),
)


@basic_block.mistake("This is the plain block: nothing is added. Add the shortcut before the last ReLU.")
def basic_without_shortcut(x, filters, stride):
    return _basic(x, filters, stride, end="ReLU")


@basic_block.mistake(
    "Your branch goes through a ReLU before the sum. Then it can only add, never take away. First the sum, then the ReLU."
)
def basic_relu_before_the_sum(x, filters, stride):
    return _basic(x, filters, stride, end="ReLU, add")


@basic_block.mistake("The sum is right, but the ReLU after it is missing.")
def basic_without_last_relu(x, filters, stride):
    return _basic(x, filters, stride, end="add")


@basic_block.mistake("The stride is in the second convolution. It belongs to the first.")
def basic_stride_in_the_second(x, filters, stride):
    return _basic(x, filters, stride, strided=1)


@basic_block.mistake("There is no ReLU between the two convolutions. Without it they are one linear map.")
def basic_without_inner_relu(x, filters, stride):
    return _basic(x, filters, stride, between=False)


@basic_block.mistake("With stride 1 x may still have the wrong number of channels, and then it needs a projection too.")
def basic_projects_with_strides_only(x, filters, stride):
    return _basic(x, filters, stride, look_at="stride")


@basic_block.mistake("With stride 2 the branch has half the sides, so x needs a projection even if its channels fit.")
def basic_projects_for_channels_only(x, filters, stride):
    return _basic(x, filters, stride, look_at="channels")


@basic_block.mistake("Your shortcut has parameters even where x fits. Use `shortcut`, which returns x itself there.")
def basic_always_projects(x, filters, stride):
    return _basic(x, filters, stride, always_project=True)


@basic_block.mistake("Your branch goes through a ReLU before the sum, too. Only the sum does.")
def basic_relu_on_both_sides_of_the_sum(x, filters, stride):
    return _basic(x, filters, stride, end="ReLU, add, ReLU")


@basic_block.mistake("Branch and shortcut are multiplied. They are added.")
def basic_multiplied(x, filters, stride):
    return _basic(x, filters, stride, end="multiply")


@basic_block.mistake("The stride has no effect. Hand it to the first convolution and to the shortcut.")
def basic_without_stride(x, filters, stride):
    return _basic(x, filters, 1)


# --- zero_residual -----------------------------------------------------------------------------


def _trained_block(channels: int, filters: int, seed: int, last: str = "norm_2") -> dict[str, Any]:
    """A basic block with weights as after training, written as Keras stores it: the examples need no import of Keras."""
    places = {"x": channels}
    steps = []

    def tensor(name: str) -> dict[str, Any]:
        shape = [None, 6, 5, places[name]]
        return {"class_name": "__keras_tensor__", "config": {"shape": shape, "dtype": "float32", "keras_history": [name, 0, 0]}}

    def add(kind: str, name: str, sources: Sequence[str], **options: Any) -> None:
        given = [tensor(source) for source in sources]
        nodes = [{"args": [given if len(given) > 1 else given[0]], "kwargs": {}}] if given else []
        config = {**options, "name": name}
        steps.append({"module": "keras.layers", "class_name": kind, "config": config, "name": name, "inbound_nodes": nodes})
        places.setdefault(name, filters)

    add("InputLayer", "x", [], batch_shape=[None, 6, 5, channels])
    add("Conv2D", "conv_1", ["x"], filters=filters, kernel_size=[3, 3], padding="same", use_bias=False)
    add("BatchNormalization", "norm_1", ["conv_1"], epsilon=1e-5)
    add("ReLU", "relu_1", ["norm_1"])
    add("Conv2D", "conv_2", ["relu_1"], filters=filters, kernel_size=[3, 3], padding="same", use_bias=False)
    projection = channels != filters
    if projection:
        add("Conv2D", "conv_0", ["x"], filters=filters, kernel_size=[1, 1], use_bias=False)
    add("BatchNormalization", last, ["conv_2"], epsilon=1e-5)
    if projection:
        add("BatchNormalization", "norm_0", ["conv_0"], epsilon=1e-5)
    add("Add", "sum", [last, "norm_0" if projection else "x"])
    add("ReLU", "relu", ["sum"])
    graph = {"name": "block", "layers": steps, "input_layers": ["x", 0, 0], "output_layers": ["relu", 0, 0]}
    config = {"module": "keras.src.models.functional", "class_name": "Functional", "config": graph}
    shapes: list[tuple[int, ...]] = [(3, 3, channels, filters), *[(filters,)] * 4, (3, 3, filters, filters)]
    shapes += [(1, 1, channels, filters)] * projection + [(filters,)] * (8 if projection else 4)
    generator = np.random.default_rng(seed)
    # Positive numbers: a variance must be, and so nothing of what is emptied goes unseen after a ReLU.
    weights = [generator.uniform(0.3, 1.2, size=shape).astype(np.float32) for shape in shapes]
    return {"model": PackedModel(json.dumps(config), weights), "name": last}


def _zero_cases(generator: np.random.Generator) -> Iterator[Case]:
    filters = int(generator.integers(3, 6))
    yield Case(_trained_block(filters + 1, filters, int(generator.integers(1000)), last="end_of_branch"), "block")


def _emptied(model: Any, names: Sequence[str], which: Sequence[str]) -> ModelFacts:
    """The facts of the model after some weights of the named layers are set to zero."""
    built = rebuilt(model) if isinstance(model, PackedModel) else model
    for layer in built.layers:
        for weight in layer.weights:
            if layer.name in names and weight.name in which:
                weight.assign(np.zeros(weight.shape))
    return model_facts(built, own_weights=True)


zero_residual = Exercise(
    name="zero_residual",
    title="A branch that says nothing",
    points={"block": 2},
    minutes=10,
    difficulty=2,
    oracle=lambda model, name: _emptied(model, [name], ["gamma", "beta"]),
    examples=(
        Case(_trained_block(3, 3, 1), "block", "identity shortcut: only max(x, 0) is left", known=2 * (9 * 3 * 3 + 4 * 3)),
        Case(_trained_block(4, 3, 2), "block", "with a projection", known=9 * 4 * 3 + 9 * 3 * 3 + 4 * 3 + 3 * 4 * 3),
    ),
    cases=_zero_cases,
    hints=(
        "`model.get_layer(name)` gives the layer. It computes γ · (x − mean) / √(variance + ε) + β.",
        "Its weights are `layer.gamma`, `layer.beta`, `layer.moving_mean`, `layer.moving_variance`. Which two must be 0 so that the result is 0?",
        "A weight gets new numbers by `assign`, with an array of its own shape. Mean and variance may stay: with γ = 0 and β = "
        "0 the result is 0 · (…) + 0.",
    ),
)


@zero_residual.mistake("γ is zero, but the norm still adds its β. In a trained block β is not zero: empty both.")
def zero_gamma_only(model, name):
    return _emptied(model, [name], ["gamma"])


@zero_residual.mistake("Only β is zero. The factor γ must be zero, too.")
def zero_beta_only(model, name):
    return _emptied(model, [name], ["beta"])


@zero_residual.mistake("The model's weights have not changed. Call `assign` on the layer's `gamma` and `beta`.")
def zero_nothing(model, name):
    return _emptied(model, [], [])


@zero_residual.mistake("You emptied other norms as well, those of the projection too. Only the layer called `name` is to change.")
def zero_every_norm(model, name):
    return _emptied(model, ["norm_0", "norm_1", name], ["gamma", "beta", "moving_mean"])


@zero_residual.mistake(
    "You emptied the mean instead of γ. Mean and variance are what the norm takes away and divides by; γ and β are what it puts in their place."
)
def zero_the_statistics(model, name):
    return _emptied(model, [name], ["moving_mean", "beta"])


# --- block_parameters --------------------------------------------------------------------------


def _count_cases(generator: np.random.Generator) -> Iterator[Case]:
    for kind in ("basic", "bottleneck"):
        filters = int(generator.integers(5, 60))
        channels = filters * 4 + int(generator.integers(1, 40))
        yield Case({"kind": kind, "channels": channels, "filters": filters}, kind)


def _kernels(kind: str, channels: int, filters: int) -> list[tuple[int, int, int, int]]:
    if kind == "basic":
        return [(3, 3, channels, filters), (3, 3, filters, filters)]
    return [(1, 1, channels, filters), (3, 3, filters, filters), (1, 1, filters, 4 * filters)]


def _weights(kernels: Sequence[Sequence[int]], per_map: int = 0) -> int:
    return sum(int(np.prod(kernel)) + per_map * kernel[-1] for kernel in kernels)


block_parameters = Exercise(
    name="block_parameters",
    title="What a block costs",
    points={"basic": 1, "bottleneck": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda kind, channels, filters: _weights(_kernels(kind, channels, filters)),
    examples=(
        Case({"kind": "basic", "channels": 64, "filters": 64}, "basic", "the lecture's 73.7 K", known=73_728),
        Case({"kind": "bottleneck", "channels": 256, "filters": 64}, "bottleneck", "the lecture's 69.6 K", known=69_632),
        Case({"kind": "bottleneck", "channels": 64, "filters": 64}, "bottleneck", "the first of ResNet-50", known=57_344),
    ),
    cases=_count_cases,
    hints=(
        "A convolution has kernel² · maps in · maps out weights.",
        "Basic: 3×3 from channels to filters, 3×3 from filters to filters.",
        "A bottleneck from 8 maps with 2 filters: 8 · 2 = 16, then 9 · 2 · 2 = 36, then 2 · 8 = 16, together 68. The last 8 are "
        "four times the filters, whatever came in.",
    ),
)


@block_parameters.mistake(
    "Every layer of yours reads `channels` maps. Only the first does; each later one reads what the one before it made."
)
def count_every_layer_reads_x(kind, channels, filters):
    return _weights([(*kernel[:2], channels, kernel[3]) for kernel in _kernels(kind, channels, filters)])


@block_parameters.mistake("You counted biases. These convolutions have none: batch normalisation follows.")
def count_with_biases(kind, channels, filters):
    return _weights(_kernels(kind, channels, filters), per_map=1)


@block_parameters.mistake("You counted batch normalisation. Only the weights of the convolutions are asked for.")
def count_with_norms(kind, channels, filters):
    return _weights(_kernels(kind, channels, filters), per_map=4)


@block_parameters.mistake("The last 1×1 of a bottleneck makes 4 · filters maps, not `filters`.")
def count_without_expansion(kind, channels, filters):
    return _weights([(*kernel[:3], filters) for kernel in _kernels(kind, channels, filters)])


@block_parameters.mistake(
    "Your last layer makes `channels` maps. A branch ends with `filters` maps (basic) or 4 · filters (bottleneck), "
    "whatever came in; the shortcut has to fit."
)
def count_back_to_channels(kind, channels, filters):
    *first, last = _kernels(kind, channels, filters)
    return _weights([*first, (*last[:3], channels)])


# --- bottleneck_block --------------------------------------------------------------------------


def _bottleneck(x: PackedModel, filters: int, stride: int, **changes: Any) -> ModelFacts:
    width = changes.pop("width", 4 * filters)
    kernel = changes.pop("kernel", 1)
    sizes = [(filters, kernel), (filters, 3), (width, kernel)]
    return block_facts(lambda x: _block(x, sizes, stride, **{"strided": 1, **changes}), x)


bottleneck_block = Exercise(
    name="bottleneck_block",
    title="The bottleneck block",
    points={"block": 2},
    minutes=12,
    difficulty=2,
    oracle=_bottleneck,
    examples=(
        Case(
            _maps(8, 2, 1),
            "block",
            "8·2 + 9·2·2 + 2·8 weights, 4 · (2 + 2 + 8) of the norms",
            known=8 * 2 + 9 * 4 + 2 * 8 + 4 * 12,
        ),
        Case(
            _maps(5, 2, 2),
            "block",
            "5·2 + 9·2·2 + 2·8 + 5·8, norms 4 · (2 + 2 + 8 + 8)",
            known=5 * 2 + 9 * 4 + 2 * 8 + 5 * 8 + 4 * 20,
        ),
        Case(
            _maps(2, 2, 1),
            "block",
            "the first block of ResNet-50, small: 2 maps become 8, with stride 1",
            known=2 * 2 + 9 * 4 + 2 * 8 + 2 * 8 + 4 * 20,
        ),
    ),
    cases=_block_cases(4),
    hints=(
        "Three bricks: 1×1, 3×3, 1×1. A ReLU after the first two; none after the third.",
        "The shortcut must have as many maps as the branch: 4 · filters.",
        "From 12 maps with 3 filters and stride 2: 12 → 3 maps at full size, 3 → 3 at half size, 3 → 12. So the shortcut must "
        "give 12 maps at half size, too; only then add, and only then the last ReLU.",
    ),
)


@bottleneck_block.mistake(
    "The stride is in the first 1×1, as in Keras's ResNet50. Such a layer never looks at three of four pixels; "
    "here the stride belongs to the 3×3."
)
def bottleneck_stride_in_the_first(x, filters, stride):
    return _bottleneck(x, filters, stride, strided=0)


@bottleneck_block.mistake(
    "The block returns `filters` maps. Its last 1×1 opens up again, to 4 · filters, and the shortcut must fit that."
)
def bottleneck_without_expansion(x, filters, stride):
    return _bottleneck(x, filters, stride, width=filters)


@bottleneck_block.mistake("With stride 1 x may still have the wrong number of channels, and then it needs a projection too.")
def bottleneck_projects_with_strides_only(x, filters, stride):
    return _bottleneck(x, filters, stride, look_at="stride")


@bottleneck_block.mistake("Your branch goes through a ReLU before the sum. First the sum, then the ReLU.")
def bottleneck_relu_before_the_sum(x, filters, stride):
    return _bottleneck(x, filters, stride, end="ReLU, add")


@bottleneck_block.mistake("All your kernels are 3×3. The first and the last are 1×1: that is the saving.")
def bottleneck_of_three_3x3(x, filters, stride):
    return _bottleneck(x, filters, stride, kernel=3)


@bottleneck_block.mistake("A ReLU follows the first and the second normalisation.")
def bottleneck_without_inner_relus(x, filters, stride):
    return _bottleneck(x, filters, stride, between=False)


@bottleneck_block.mistake("This is the plain block: nothing is added. Add the shortcut before the last ReLU.")
def bottleneck_without_shortcut(x, filters, stride):
    return _bottleneck(x, filters, stride, end="ReLU")


@bottleneck_block.mistake("Your branch goes through a ReLU before the sum, too. Only the sum does.")
def bottleneck_relu_on_both_sides_of_the_sum(x, filters, stride):
    return _bottleneck(x, filters, stride, end="ReLU, add, ReLU")


@bottleneck_block.mistake("The sum is right, but the ReLU after it is missing.")
def bottleneck_without_last_relu(x, filters, stride):
    return _bottleneck(x, filters, stride, end="add")


@bottleneck_block.mistake("The stride has no effect. Hand it to the 3×3 and to the shortcut.")
def bottleneck_without_stride(x, filters, stride):
    return _bottleneck(x, filters, 1)


# --- resnet_depth ------------------------------------------------------------------------------


def _depth_cases(generator: np.random.Generator) -> Iterator[Case]:
    for kind in ("basic", "bottleneck"):
        repeats = [int(n) for n in generator.integers(2, 12, size=int(generator.integers(3, 5)))]
        yield Case({"kind": kind, "repeats": repeats}, kind)


def _layers_in(kind: str) -> int:
    return {"basic": 2, "bottleneck": 3}[kind]


resnet_depth = Exercise(
    name="resnet_depth",
    title="Why it is called ResNet-50",
    points={"basic": 1, "bottleneck": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda kind, repeats: int(np.dot([1, _layers_in(kind), 1], [1, sum(repeats), 1])),
    examples=(
        Case({"kind": "basic", "repeats": [2, 2, 2, 2]}, "basic", "the smallest of the table", known=18),
        Case({"kind": "bottleneck", "repeats": [3, 4, 6, 3]}, "bottleneck", known=50),
        Case({"kind": "bottleneck", "repeats": [3, 8, 36, 3]}, "bottleneck", "the winner of 2015", known=152),
        Case({"kind": "basic", "repeats": [9, 9, 9]}, "basic", "for CIFAR-10, n = 9: 6n + 2", known=56),
    ),
    cases=_depth_cases,
    hints=(
        "Follow the longest path from image to probabilities and count convolutions and dense layers.",
        "One layer in the stem, one dense layer at the end, and between them the blocks.",
        "Basic blocks [1, 2]: 1 for the stem, 3 blocks of 2, 1 dense layer: 8. What changes for a bottleneck?",
    ),
)


@resnet_depth.mistake("Two layers are missing: the stem's convolution and the dense layer at the end.")
def depth_of_blocks_only(kind, repeats):
    return _layers_in(kind) * sum(repeats)


@resnet_depth.mistake("You counted the projections. They are beside the branch, not after it: they make the net no deeper.")
def depth_with_projections(kind, repeats):
    return 2 + _layers_in(kind) * sum(repeats) + len(repeats) - (kind == "basic")


@resnet_depth.mistake("You counted blocks. A basic block has two layers, a bottleneck three.")
def depth_counts_blocks(kind, repeats):
    return 2 + sum(repeats)


@resnet_depth.mistake("A bottleneck has three layers one after the other, not two.")
def depth_always_two_a_block(kind, repeats):
    return 2 + 2 * sum(repeats)


@resnet_depth.mistake("Poolings have no weights and do not count.")
def depth_with_poolings(kind, repeats):
    return 4 + _layers_in(kind) * sum(repeats)


@resnet_depth.mistake("A basic block has two layers one after the other, not three.")
def depth_always_three_a_block(kind, repeats):
    return 2 + 3 * sum(repeats)


@resnet_depth.mistake("You took one block for each stage. `repeats` says how many there are: take their sum.")
def depth_of_one_block_a_stage(kind, repeats):
    return 2 + _layers_in(kind) * len(repeats)


@resnet_depth.mistake("One layer too few. Besides the blocks there are the stem's convolution and the dense layer at the end.")
def depth_with_one_end(kind, repeats):
    return 1 + _layers_in(kind) * sum(repeats)


# --- residual_net ------------------------------------------------------------------------------


def _net_arguments(kind: str, stages: Sequence[tuple[int, int]], classes: int) -> dict[str, Any]:
    return {"kind": kind, "stages": tuple(stages), "stem": 3, "input_shape": (32, 40, 2), "classes": classes}


def _net_cases(generator: np.random.Generator) -> Iterator[Case]:
    # Small, for each case builds two nets. The example has the other kind of block.
    stages = ((2, 1), (int(generator.integers(3, 7)), 2))
    yield Case(_net_arguments("bottleneck", stages, int(generator.integers(3, 8))), "net")


def _net(
    kind: str,
    stages: Sequence[tuple[int, int]],
    stem: int,
    input_shape: tuple[int, int, int],
    classes: int,
    strides: str = "first of later stages",
    flat: bool = False,
    stem_relu: bool = True,
    pool: str = "padded",
    activation: str | None = "softmax",
) -> ModelFacts:
    import keras
    from keras import layers

    images = keras.Input(input_shape)
    x = _conv_norm(images, stem, 7, 2)
    x = layers.Activation("relu")(x) if stem_relu else x
    if pool == "padded" and not stem_relu:  # then zeros are not the least, and count
        x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    elif pool == "padded":  # the largest of each 3 × 3 around every second pixel
        x = layers.AveragePooling2D(1, strides=2)(layers.MaxPooling2D(3, strides=1, padding="same")(x))
    elif pool == "same":
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    elif pool == "without zeros":
        x = layers.MaxPooling2D(3, strides=2)(x)
    for stage, (filters, blocks) in enumerate(stages):
        for place in range(blocks):
            halve = {"first of later stages": stage > 0 and place == 0, "first": place == 0, "later": stage > 0, "none": False}
            halve["last of later stages"] = stage > 0 and place == blocks - 1
            sizes = [(filters, 3)] * 2 if kind == "basic" else [(filters, 1), (filters, 3), (4 * filters, 1)]
            x = _block(x, sizes, 2 if halve[strides] else 1, strided=int(kind != "basic"))
    x = layers.Flatten()(x) if flat else layers.GlobalAveragePooling2D()(x)
    return model_facts(keras.Model(images, layers.Dense(classes, activation=activation)(x)))


residual_net = Exercise(
    name="residual_net",
    title="A net from a column of the table",
    points={"net": 3},
    minutes=20,
    difficulty=3,
    oracle=_net,
    examples=(
        Case(
            _net_arguments("basic", ((3, 1), (4, 2)), 5),
            "net",
            "306 + 186 + 312 + 320 + 25 parameters: stem, three blocks, dense",
            known=(49 * 2 * 3 + 12) + (2 * 81 + 24) + (9 * 12 + 9 * 16 + 12 + 48) + (2 * 144 + 32) + 25,
        ),
    ),
    cases=_net_cases,
    hints=(
        "Stem: `conv_norm` 7×7 with stride 2, ReLU, `ZeroPadding2D(1)`, `MaxPooling2D(3, strides=2)`.",
        "Two loops: over the stages (with their number, from `enumerate`), and over the blocks of a stage.",
        "The stride is 2 if the stage's number is above 0 and the block is the first of its stage. `BLOCKS[kind]` is the function to call.",
    ),
)


@residual_net.mistake(
    "The first stage halves the sides, but the max pooling before it has just done so. Stride 2 begins with the second stage."
)
def net_halves_in_the_first_stage(*arguments):
    return _net(*arguments, strides="first")


@residual_net.mistake(
    "Every block of the later stages halves the sides. Only the first of a stage does; the others have stride 1."
)
def net_halves_in_every_block(*arguments):
    return _net(*arguments, strides="later")


@residual_net.mistake("All blocks have stride 1. The first block of each stage but the first has stride 2.")
def net_never_halves(*arguments):
    return _net(*arguments, strides="none")


@residual_net.mistake("The maps are flattened. A global average leaves one number a map, whatever the sides.")
def net_flattens(*arguments):
    return _net(*arguments, flat=True)


@residual_net.mistake("The ReLU after the stem's convolution is missing; `conv_norm` has none.")
def net_stem_without_relu(*arguments):
    return _net(*arguments, stem_relu=False)


@residual_net.mistake(
    'padding="same" puts the zeros on the right and below only. Put one row of zeros on all sides first: ZeroPadding2D(1).'
)
def net_pools_off_centre(*arguments):
    return _net(*arguments, pool="same")


@residual_net.mistake("The last layer gives no probabilities: its activation is softmax.")
def net_without_softmax(*arguments):
    return _net(*arguments, activation=None)


@residual_net.mistake("There are no zeros around the maps before the stem's max pooling: `ZeroPadding2D(1)`.")
def net_pools_without_zeros(*arguments):
    return _net(*arguments, pool="without zeros")


@residual_net.mistake("The max pooling of the stem is missing.")
def net_without_pooling(*arguments):
    return _net(*arguments, pool="none")


@residual_net.mistake("The last block of a stage has the stride. It belongs to the first.")
def net_halves_in_the_last_block(*arguments):
    return _net(*arguments, strides="last of later stages")


# --- resnext_block -----------------------------------------------------------------------------


def _grouped_maps(channels: int, filters: int, stride: int, groups: int) -> dict[str, Any]:
    return {"x": Symbolic((8, 6, channels)), "filters": filters, "stride": stride, "groups": groups}


def _resnext_cases(generator: np.random.Generator) -> Iterator[Case]:
    groups = int(generator.integers(2, 4))
    filters = 2 * groups
    # x can be cut into groups, too, so that a 1×1 with groups is possible.
    yield Case(_grouped_maps(2 * filters, filters, 2, groups), "block")


def _resnext(x: PackedModel, filters: int, stride: int, groups: int, **changes: Any) -> ModelFacts:
    width = changes.pop("width", 2 * filters)
    options = {"strided": 1, "groups": changes.pop("in_groups", (1, groups, 1)), **changes}
    return block_facts(lambda x: _block(x, [(filters, 1), (filters, 3), (width, 1)], stride, **options), x)


resnext_block = Exercise(
    name="resnext_block",
    title="Many paths: the ResNeXt block",
    points={"block": 2},
    minutes=10,
    difficulty=2,
    oracle=_resnext,
    examples=(
        Case(
            _grouped_maps(8, 4, 1, 2),
            "block",
            "8·4 + 9·2·4 + 4·8 weights, 4 · (4 + 4 + 8) of the norms",
            known=8 * 4 + 9 * 2 * 4 + 4 * 8 + 4 * 16,
        ),
        Case(
            _grouped_maps(6, 6, 2, 3),
            "block",
            "6·6 + 9·2·6 + 6·12 + 6·12, norms 4 · (6 + 6 + 12 + 12)",
            known=6 * 6 + 9 * 2 * 6 + 2 * 6 * 12 + 4 * 36,
        ),
        Case(
            _grouped_maps(6, 4, 1, 2),
            "block",
            "stride 1, and 6 maps become 8",
            known=6 * 4 + 9 * 2 * 4 + 4 * 8 + 6 * 8 + 4 * (4 + 4 + 8 + 8),
        ),
    ),
    cases=_resnext_cases,
    hints=(
        "Start from your bottleneck block. Two things change.",
        "The 3×3 gets `groups`; your `conv_norm` knows that argument.",
        "With 6 filters in 3 groups from 12 maps: 6 maps inside, 2 in each group, and 12 at the end. Branch and shortcut must "
        "agree on this last number, and it is no longer four times the filters.",
    ),
)


@resnext_block.mistake("This is a bottleneck without groups. Hand `groups` on to the 3×3.")
def resnext_without_groups(x, filters, stride, groups):
    return _resnext(x, filters, stride, groups, in_groups=(1, 1, 1))


@resnext_block.mistake("You grouped the 1×1 layers as well. Then no path ever learns of another: only the 3×3 is grouped.")
def resnext_groups_everywhere(x, filters, stride, groups):
    return _resnext(x, filters, stride, groups, in_groups=(groups,) * 3)


@resnext_block.mistake("The last 1×1 makes 2 · filters maps here, not 4: the inside is twice as wide.")
def resnext_four_times_as_wide(x, filters, stride, groups):
    return _resnext(x, filters, stride, groups, width=4 * filters)


@resnext_block.mistake("The stride is in the first 1×1. It belongs to the grouped 3×3.")
def resnext_stride_in_the_first(x, filters, stride, groups):
    return _resnext(x, filters, stride, groups, strided=0)


@resnext_block.mistake(
    "Your 3×3 has as many groups as filters: that is a depthwise convolution. There are `groups` groups of several filters."
)
def resnext_one_filter_a_group(x, filters, stride, groups):
    return _resnext(x, filters, stride, groups, in_groups=(1, filters, 1))


@resnext_block.mistake("A ReLU follows the first and the second normalisation.")
def resnext_without_inner_relus(x, filters, stride, groups):
    return _resnext(x, filters, stride, groups, between=False)


@resnext_block.mistake("The sum is right, but the ReLU after it is missing.")
def resnext_without_last_relu(x, filters, stride, groups):
    return _resnext(x, filters, stride, groups, end="add")


@resnext_block.mistake("This is the plain block: nothing is added. Add the shortcut before the last ReLU.")
def resnext_without_shortcut(x, filters, stride, groups):
    return _resnext(x, filters, stride, groups, end="ReLU")


@resnext_block.mistake("Your branch goes through a ReLU before the sum. First the sum, then the ReLU.")
def resnext_relu_before_the_sum(x, filters, stride, groups):
    return _resnext(x, filters, stride, groups, end="ReLU, add")


@resnext_block.mistake("The inside is `groups` times too wide. `filters` counts the maps of all groups together.")
def resnext_groups_times_as_wide(x, filters, stride, groups):
    inside, outside = groups * filters, 2 * filters
    return block_facts(lambda x: _block(x, [(inside, 1), (inside, 3), (outside, 1)], stride, strided=1, groups=(1, groups, 1)), x)


# --- residual_stack ------------------------------------------------------------------------------


def _stack_cases(generator: np.random.Generator) -> Iterator[Case]:
    for inside in (3, 5):
        shapes = [(4, inside), (inside, 4)]
        weights = [tuple(generator.integers(-2, 3, size=shape).astype(float) for shape in shapes) for _ in range(2)]
        yield Case({"x": generator.integers(-3, 6, size=(3, 4)).astype(float), "weights": weights}, "signal")
    yield Case({"x": fractions(generator, 3, 4), "weights": weights}, "signal", "fractions")


def _rectified_before_the_sum(x, weights):
    for W1, W2 in weights:
        branch = np.maximum(x @ W1, 0)
        branch = np.maximum(branch @ W2, 0)
        x = branch + x
    return x


def _stack_of_blocks(x, weights, inner=True, last=True, before=False, own=True, shortcut=True):
    """With einsum and where; the keywords make the usual mistakes."""
    signal = first = np.asarray(x, float)
    for W1, W2 in weights:
        branch = np.einsum("nc,ch->nh", signal, W1)
        branch = np.where(branch > 0, branch, 0) if inner else branch
        branch = np.einsum("nh,hc->nc", branch, W2)
        branch = np.where(branch > 0, branch, 0) if before else branch
        total = branch + (signal if own else first) * shortcut
        signal = np.where(total > 0, total, 0) if last else total
    return signal


residual_stack = Exercise(
    name="residual_stack",
    title="Repair: a stack that only grows",
    points={"signal": 1},
    minutes=8,
    difficulty=2,
    oracle=_stack_of_blocks,
    given=_rectified_before_the_sum,
    examples=(
        Case(
            {"x": np.array([[2.0, 1.0]]), "weights": [(np.eye(2), np.array([[-1.0, 0.0], [0.0, 1.0]]))]},
            "signal",
            "one block: F = (−2, 1) is added to x = (2, 1)",
            known=[[0.0, 2.0]],
        ),
        Case(
            {"x": np.array([[1.0, 3.0]]), "weights": [(np.eye(2), -np.eye(2))]}, "signal", "F takes all away", known=[[0.0, 0.0]]
        ),
    ),
    cases=_stack_cases,
    hints=(
        "Work the first example by hand beside the code. Which number should the branch have taken away?",
        "The two ReLUs of a block are in other places. Compare the code with the figure above, arrow by arrow.",
        "In the first example the branch gives (−2, 1). The code cuts that to (0, 1), and the sum is (2, 2). With −2 in the sum it would be (0, 2).",
    ),
)


@residual_stack.mistake("Now nothing is rectified after the sum. A block ends with a ReLU.")
def stack_without_last_relu(x, weights):
    return _stack_of_blocks(x, weights, last=False)


@residual_stack.mistake("The branch is still rectified before the sum, so it cannot take anything away.")
def stack_rectified_twice(x, weights):
    return _stack_of_blocks(x, weights, before=True)


@residual_stack.mistake("The ReLU inside the branch is gone: two matrices in a row are one matrix.")
def stack_without_inner_relu(x, weights):
    return _stack_of_blocks(x, weights, inner=False)


@residual_stack.mistake("Each block adds the first x. A shortcut goes around one block: it adds what that block was given.")
def stack_adds_the_first_x(x, weights):
    return _stack_of_blocks(x, weights, own=False)


@residual_stack.mistake("The shortcut is gone. The sum is what makes the block residual.")
def stack_without_shortcut(x, weights):
    return _stack_of_blocks(x, weights, shortcut=False)


# --- deep_for_less -------------------------------------------------------------------------------


def _branch_weights(kind, repeats):
    """Weights of all branches, where 64 maps come in and the stages have 64, 128, 256 and 512 filters."""
    channels, total = 64, 0
    for filters, blocks in zip((64, 128, 256, 512), repeats, strict=True):
        out, inside = (filters, 9 * filters**2) if kind == "basic" else (4 * filters, 13 * filters**2)
        into = 9 * filters if kind == "basic" else filters
        total += into * channels + inside + (blocks - 1) * (into * out + inside)
        channels = out
    return total


def _deep(depth, weights):
    kind, each = ("basic", 2) if depth % 2 == 0 else ("bottleneck", 3)
    return kind, [(depth - 2) // each - 6, 2, 2, 2]


def _deep_cases(generator: np.random.Generator) -> Iterator[Case]:
    for depth in (2 + 2 * int(generator.choice([13, 14, 16, 17, 19])), 2 + 3 * int(generator.choice([13, 15, 17, 33]))):
        least = _branch_weights(*_deep(depth, 0))
        yield Case({"depth": depth, "weights": -(-least // 100_000) * 100_000}, "table")


def _deep_misses(result, depth, weights):
    kind, repeats = result
    if kind not in ("basic", "bottleneck"):
        return "The kind is `basic` or `bottleneck`."
    repeats = [whole(number) for number in repeats]
    if len(repeats) != 4 or min(repeats) < 2:
        return f"Each of the four stages needs two blocks or more; yours have {str(repeats)[:40]}."
    layers = 2 + (2 if kind == "basic" else 3) * sum(repeats)
    if layers != depth:
        return f"The net has {layers} layers; {depth} are asked."
    spent = _branch_weights(kind, repeats)
    return f"The branches have {spent:,} weights; at most {weights:,} are allowed." if spent > weights else ""


deep_for_less = Exercise(
    name="deep_for_less",
    title="Design: deep for few weights",
    points={"table": 1},
    minutes=10,
    difficulty=2,
    oracle=_deep,
    meets=_deep_misses,
    examples=(
        Case(
            {"depth": 18, "weights": 11_000_000},
            "table",
            "ResNet-18: 147,456 + 516,096 + 2,064,384 + 8,257,536 = 10,985,472 weights",
            known=("basic", [2, 2, 2, 2]),
        ),
        Case({"depth": 29, "weights": 11_300_000}, "table"),
    ),
    cases=_deep_cases,
    hints=(
        "First the kind: how many layers do the branches have together, and by what can that be divided?",
        "Then the stages: a stage has twice the filters of the one before. How many times as many weights has one of its blocks?",
        "20 layers: 18 are in the branches, nine basic blocks of 2. Eight are needed for two in each stage; the ninth costs 73,728 weights in the first stage and 4,718,592 in the last.",
    ),
)


@deep_for_less.mistake("Your blocks are always basic. With an odd depth only bottlenecks, of three layers each, come out even.")
def deep_with_basic_blocks(depth, weights):
    return "basic", [(depth - 2) // 2 - 6, 2, 2, 2]


@deep_for_less.mistake("The stem and the dense layer count too: two layers are not in the blocks.")
def deep_without_stem_and_end(depth, weights):
    kind, each = ("basic", 2) if depth % 2 == 0 else ("bottleneck", 3)
    return kind, [depth // each - 6, 2, 2, 2]


@deep_for_less.mistake(
    "Your stages are equally deep. A block of a later stage has four times the weights: put the blocks in front."
)
def deep_in_equal_stages(depth, weights):
    kind, (first, *_) = _deep(depth, weights)
    blocks = first + 6
    return kind, [blocks - 3 * (blocks // 4), *[blocks // 4] * 3]


@deep_for_less.mistake("The blocks are in the last stage, where they cost most. Put them in the first.")
def deep_at_the_end(depth, weights):
    kind, repeats = _deep(depth, weights)
    return kind, repeats[::-1]


@deep_for_less.mistake("Each stage needs two blocks.")
def deep_with_single_blocks(depth, weights):
    kind, (first, *_) = _deep(depth, weights)
    return kind, [first + 3, 1, 1, 1]


EXERCISES: tuple[Exercise, ...] = (
    conv_norm,
    residual_stack,
    shortcut,
    basic_block,
    zero_residual,
    block_parameters,
    bottleneck_block,
    resnet_depth,
    deep_for_less,
    residual_net,
    resnext_block,
)
