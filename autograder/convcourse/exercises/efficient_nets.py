"""Unit 16: efficient nets. Separable and grouped convolutions, fire modules, searched cells, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np

from convcourse.exercises.cases import fractions, whole
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import Symbolic, block_facts, model_facts

# --- separable_cost ----------------------------------------------------------------------------


def _cost_cases(generator: np.random.Generator) -> Iterator[Case]:
    channels, filters = generator.permutation([5, 8, 12, 20])[:2].tolist()
    rows, cols = generator.permutation([6, 7, 9, 14])[:2].tolist()
    sizes = {"kernel": int(generator.choice([3, 5, 7])), "channels": channels, "filters": filters}
    yield Case({**sizes, "rows": rows, "cols": cols}, "cost")


def _cost_oracle(kernel, channels, filters, rows, cols):
    weights = np.zeros((kernel, kernel, channels)).size + np.zeros((channels, filters)).size
    return weights, np.zeros((rows, cols)).size * weights, 1 / filters + 1 / kernel**2


separable_cost = Exercise(
    name="separable_cost",
    title="What two thin layers cost",
    results=("weights", "multiply-adds", "share"),
    points={"cost": 2},
    minutes=10,
    difficulty=1,
    oracle=_cost_oracle,
    examples=(
        Case(
            {"kernel": 3, "channels": 2, "filters": 4, "rows": 5, "cols": 6},
            "cost",
            "18 + 8 weights at 30 places; the ordinary layer has 72 weights",
            known=(26, 780, 26 / 72),
        ),
        Case(
            {"kernel": 3, "channels": 512, "filters": 512, "rows": 14, "cols": 14},
            "cost",
            "a layer of MobileNet",
            known=(266_752, 52_283_392, 1 / 512 + 1 / 9),
        ),
    ),
    cases=_cost_cases,
    hints=(
        "Count the depthwise part and the pointwise part on their own, then add.",
        "Depthwise: kernel² · channels weights. Pointwise: channels · filters. Each is used at rows · cols places.",
        "The ordinary layer has kernel² · channels · filters weights, at the same places. The share is the quotient.",
    ),
)


@separable_cost.mistake("Your share is larger than 1. It is the separable layer's work divided by the ordinary one's.")
def cost_share_inverted(kernel, channels, filters, rows, cols):
    weights, work, share = _cost_oracle(kernel, channels, filters, rows, cols)
    return weights, work, 1 / share


@separable_cost.mistake("Each weight is used once at every place: multiply by rows · cols for the multiply-adds.")
def cost_at_one_place(kernel, channels, filters, rows, cols):
    weights, _, share = _cost_oracle(kernel, channels, filters, rows, cols)
    return weights, weights, share


@separable_cost.mistake(
    "The depthwise part has one kernel for each channel that comes in, not for each filter: kernel² · channels."
)
def cost_depthwise_for_each_filter(kernel, channels, filters, rows, cols):
    weights = kernel**2 * filters + channels * filters
    return weights, weights * rows * cols, weights / (kernel**2 * channels * filters)


@separable_cost.mistake("The two parts come one after the other: their weights are added, not multiplied.")
def cost_multiplied(kernel, channels, filters, rows, cols):
    weights = (kernel**2 * channels) * (channels * filters)
    return weights, weights * rows * cols, channels


@separable_cost.mistake("You count biases. These layers have none; batch normalisation does their work.")
def cost_with_biases(kernel, channels, filters, rows, cols):
    weights = (kernel**2 + 1) * channels + (channels + 1) * filters
    return weights, weights * rows * cols, weights / ((kernel**2 * channels + 1) * filters)


@separable_cost.mistake("You count the depthwise part alone. The pointwise part has channels · filters weights besides.")
def cost_depthwise_only(kernel, channels, filters, rows, cols):
    weights = kernel**2 * channels
    return weights, weights * rows * cols, weights / (kernel**2 * channels * filters)


@separable_cost.mistake("You count the pointwise part alone. The depthwise part has kernel² · channels weights besides.")
def cost_pointwise_only(kernel, channels, filters, rows, cols):
    weights = channels * filters
    return weights, weights * rows * cols, weights / (kernel**2 * channels * filters)


@separable_cost.mistake("A kernel has `kernel` rows and `kernel` columns: kernel² numbers, not `kernel`.")
def cost_of_one_row(kernel, channels, filters, rows, cols):
    weights = kernel * channels + channels * filters
    return weights, weights * rows * cols, weights / (kernel**2 * channels * filters)


# --- separable_block ---------------------------------------------------------------------------


def _block_cases(generator: np.random.Generator) -> Iterator[Case]:
    channels, filters = generator.permutation([2, 3, 4, 5])[:2].tolist()
    rows, cols = generator.permutation([7, 8, 10])[:2].tolist()
    yield Case({"x": Symbolic((rows, cols, channels)), "filters": filters, "stride": int(generator.integers(1, 3))}, "block")


def _framed(sides, kernel, stride):
    """The zeros of "same" padding, for layers that have none of their own."""
    totals = [max(0, (-(-side // stride) - 1) * stride + kernel - side) for side in sides]
    return [(total // 2, total - total // 2) for total in totals]


def _norm_relu6(x, largest=6.0):
    from keras import layers, ops

    return ops.minimum(ops.relu(layers.BatchNormalization()(x)), largest)


def _block_oracle(x, filters, stride):
    from keras import layers

    def make(tensor):
        tensor = layers.ZeroPadding2D(_framed(tensor.shape[1:3], 3, stride))(tensor)
        tensor = _norm_relu6(layers.DepthwiseConv2D((3, 3), (stride, stride), use_bias=False)(tensor))
        return _norm_relu6(layers.Conv2D(filters, (1, 1), use_bias=False)(tensor))

    return block_facts(make, x)


separable_block = Exercise(
    name="separable_block",
    title="A separable block",
    points={"block": 2},
    minutes=10,
    difficulty=2,
    oracle=cache(_block_oracle),
    examples=(
        Case(
            {"x": Symbolic((8, 6, 3)), "filters": 4, "stride": 1},
            "block",
            "27 + 12 for the depthwise part and its norm, 12 + 16 for the pointwise one",
            known=67,
        ),
        Case({"x": Symbolic((7, 6, 2)), "filters": 5, "stride": 2}, "block", "seven rows give four", known=56),
        Case({"x": Symbolic((5, 6, 3)), "filters": 3, "stride": 1}, "block", "as many maps as before", known=27 + 12 + 9 + 12),
    ),
    cases=_block_cases,
    hints=(
        "Four steps: depthwise convolution, norm_relu6, pointwise convolution, norm_relu6.",
        "`layers.DepthwiseConv2D` has one kernel for each channel: it needs no number of filters. Which of the two convolutions "
        "gets the stride?",
        "From 3 channels to 4: 27 weights, a norm of 12 numbers, 12 weights, a norm of 16: 67. If you get 74, there are biases. "
        "The second convolution is an ordinary one with a kernel of side 1.",
    ),
)


@separable_block.mistake(
    "`SeparableConv2D` does both parts at once. Here a batch normalisation and a ReLU6 come between: use two layers."
)
def block_in_one_layer(x, filters, stride):
    from keras import layers

    return block_facts(lambda t: _norm_relu6(layers.SeparableConv2D(filters, 3, stride, padding="same", use_bias=False)(t)), x)


@separable_block.mistake("That is an ordinary convolution. The first part is a `layers.DepthwiseConv2D`.")
def block_with_ordinary_convolution(x, filters, stride):
    from keras import layers

    return block_facts(lambda t: _norm_relu6(layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)(t)), x)


def _separable(x, filters, stride, bias=False, late=False, between=True, first=False, padding="same", largest=6.0):
    """The block as students write it; each mistake changes one thing."""
    from keras import layers

    deep = layers.DepthwiseConv2D(3, strides=1 if late else stride, padding=padding, use_bias=bias)
    point = layers.Conv2D(filters, 1, strides=stride if late else 1, use_bias=bias)
    for number, layer in enumerate((point, deep) if first else (deep, point)):
        x = layer(x)
        x = _norm_relu6(x, largest) if between or number else layers.BatchNormalization()(x)
    return x


@separable_block.mistake("The parts are exchanged: first depthwise 3 × 3, then pointwise 1 × 1.")
def block_pointwise_first(x, filters, stride):
    return block_facts(lambda t: _separable(t, filters, stride, first=True), x)


@separable_block.mistake("Your convolutions have biases. The norm after them has its own: `use_bias=False`.")
def block_with_biases(x, filters, stride):
    return block_facts(lambda t: _separable(t, filters, stride, bias=True), x)


@separable_block.mistake("The stride belongs to the depthwise convolution, so that the pointwise one has less to do.")
def block_strides_late(x, filters, stride):
    return block_facts(lambda t: _separable(t, filters, stride, late=True), x)


@separable_block.mistake("There is no ReLU6 between the two convolutions. Call `norm_relu6` after each.")
def block_linear_between(x, filters, stride):
    return block_facts(lambda t: _separable(t, filters, stride, between=False), x)


@separable_block.mistake("Your ReLUs have no upper end. ReLU6 stops at 6: call `norm_relu6`.")
def block_with_plain_relus(x, filters, stride):
    return block_facts(lambda t: _separable(t, filters, stride, largest=math.inf), x)


@separable_block.mistake("You add x where it fits. MobileNet's first blocks have no shortcut: return what the two parts make.")
def block_with_shortcut(x, filters, stride):
    def make(t):
        made = _separable(t, filters, stride)
        return t + made if stride == 1 and t.shape[-1] == filters else made

    return block_facts(make, x)


@separable_block.mistake('Your maps lose their border. Keep it with `padding="same"`.')
def block_without_frame(x, filters, stride):
    return block_facts(lambda t: _separable(t, filters, stride, padding="valid"), x)


# --- mobilenet ---------------------------------------------------------------------------------


def _net_cases(generator: np.random.Generator) -> Iterator[Case]:
    # More than a half is left over, so that rounding down is not rounding.
    width, sizes = ((0.75, [5, 9, 13, 17]), (0.25, [11, 15, 19, 23]))[generator.integers(2)]
    filters = generator.permutation(sizes).tolist()
    yield Case(
        {
            "table": ((1, filters[0]), (2, filters[1])),
            "first": filters[2],
            "input_shape": (int(generator.choice([8, 10])), 12, 3),
            "classes": int(generator.integers(3, 6)),
            "width": width,
        },
        "net",
    )


def _net_oracle(table, first, input_shape, classes, width):
    import keras
    from keras import layers

    def norm():
        return [layers.BatchNormalization(), layers.ReLU(max_value=6.0)]

    steps = [layers.Conv2D(math.floor(first * width), (3, 3), (2, 2), "same", use_bias=False), *norm()]
    for stride, filters in table:
        steps += [layers.DepthwiseConv2D((3, 3), (stride, stride), "same", use_bias=False), *norm()]
        steps += [layers.Conv2D(math.floor(filters * width), (1, 1), use_bias=False), *norm()]
    head = [layers.GlobalAveragePooling2D(), layers.Dense(classes), layers.Softmax()]
    return model_facts(keras.Sequential([keras.Input(input_shape), *steps, *head]))


mobilenet = Exercise(
    name="mobilenet",
    title="A net from its table, as wide as you like",
    points={"net": 3},
    minutes=15,
    difficulty=2,
    oracle=cache(_net_oracle),
    examples=(
        Case(
            {"table": ((2, 8),), "first": 4, "input_shape": (8, 6, 3), "classes": 5, "width": 1.0},
            "net",
            "108 + 16 first, 36 + 16 depthwise, 32 + 32 pointwise, (8 + 1)·5 at the end",
            known=285,
        ),
        Case(
            {"table": ((2, 8),), "first": 4, "input_shape": (8, 6, 3), "classes": 5, "width": 0.5},
            "net",
            "half as wide: 54 + 8, 18 + 8, 8 + 16, (4 + 1)·5",
            known=137,
        ),
    ),
    cases=_net_cases,
    hints=(
        "Input, first convolution with norm_relu6, a separable_block for each line of the table, mean of each map, classes.",
        "A loop over the table, and in it one call of `separable_block` with `int(filters * width)`.",
        "With `first` = 7 and width 0.5 the first convolution has int(3.5) = 3 filters. At the end, 5 × 5 × 8 maps become 8 "
        "means (Unit 13) and then the classes; the model leads from the images to these.",
    ),
)


def _net(
    table,
    first,
    input_shape,
    classes,
    width,
    thin_first=True,
    stride=2,
    mean="GlobalAveragePooling2D",
    last="softmax",
    norm=True,
    whole=int,
    thin_head=False,
    largest=6.0,
):
    """A net as students build it; each mistake changes one thing."""
    import keras
    from keras import layers

    images = keras.Input(input_shape)
    filters = whole(first * width) if thin_first else first
    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(images)
    x = _norm_relu6(x, largest) if norm else x
    for step, filters in table:
        x = _separable(x, whole(filters * width), step, largest=largest)
    x = getattr(layers, mean)()(x)
    outputs = whole(classes * width) if thin_head else classes
    return model_facts(keras.Model(images, layers.Dense(outputs, activation=last)(x)))


@mobilenet.mistake("Your net is always as wide as its table. Multiply each number of filters: `int(filters * width)`.")
def net_always_wide(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, 1.0)


@mobilenet.mistake("The first convolution is not made thinner. The multiplier counts for it too: `int(first * width)`.")
def net_wide_at_first(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, width, thin_first=False)


@mobilenet.mistake("You rounded the numbers of filters to the nearest. `int(filters * width)` rounds down.")
def net_rounds_the_width(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, width, whole=round)


@mobilenet.mistake("The first convolution takes every second pixel: `strides=2`.")
def net_first_stride_one(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, width, stride=1)


@mobilenet.mistake("You flatten the maps. MobileNet takes the mean of each: `layers.GlobalAveragePooling2D()`.")
def net_flattened(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, width, mean="Flatten")


@mobilenet.mistake('The last layer gives any numbers. Probabilities need `activation="softmax"`.')
def net_without_softmax(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, width, last=None)


@mobilenet.mistake("The first convolution has a batch normalisation and a ReLU6 too: `norm_relu6`.")
def net_first_without_norm(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, width, norm=False)


@mobilenet.mistake("Your ReLUs have no upper end. ReLU6 stops at 6: `norm_relu6`, and `separable_block` with its own.")
def net_with_plain_relus(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, width, largest=math.inf)


@mobilenet.mistake("The number of classes is made smaller as well. The multiplier counts for convolutions only.")
def net_with_a_thin_head(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, width, thin_head=True)


@mobilenet.mistake("You take the largest of each map. MobileNet takes the mean: `layers.GlobalAveragePooling2D()`.")
def net_of_maxima(table, first, input_shape, classes, width):
    return _net(table, first, input_shape, classes, width, mean="GlobalMaxPooling2D")


# --- count_macs --------------------------------------------------------------------------------

CONVOLUTIONS, WHOLE = "convolutions", "whole nets"
MOBILENET = (
    [("conv", 3, 2, 32, 1)]
    + [
        entry
        for stride, before, filters in (
            *[(1, 32, 64), (2, 64, 128), (1, 128, 128), (2, 128, 256), (1, 256, 256), (2, 256, 512)],
            *[(1, 512, 512)] * 5,
            *[(2, 512, 1024), (1, 1024, 1024)],
        )
        for entry in (("conv", 3, stride, before, before), ("conv", 1, 1, filters, 1))
    ]
    + [("mean",), ("dense", 1000)]
)


def _count_cases(generator: np.random.Generator) -> Iterator[Case]:
    shape = (int(generator.integers(6, 9)) * 2 + 1, int(generator.integers(3, 6)) * 4 + 1, 3)
    groups = int(generator.choice([2, 3]))
    filters = 6 * int(generator.integers(2, 4))
    convolutions = [("conv", 3, 2, 12, 1), ("conv", 5, 1, 12, 12), ("conv", 1, 1, filters, groups)]
    yield Case({"net": convolutions, "input_shape": shape}, CONVOLUTIONS)
    head = [("dense", int(generator.integers(7, 12))), ("dense", 5)]
    yield Case({"net": [convolutions[0], ("pool", 2), convolutions[2], ("mean",), *head], "input_shape": shape}, WHOLE)
    yield Case({"net": [convolutions[0], ("pool", 2), convolutions[2], *head], "input_shape": shape}, WHOLE, "no mean")
    net = [("pool", 2), ("conv", 3, 1, 4, 1), ("pool", 2), ("dense", 8)]
    larger = (shape[0] + 1, shape[1] + 1, 3)  # both even, to be rounded down if anybody adds 1
    yield Case({"net": net, "input_shape": larger}, WHOLE, "a single dense layer, right after a pooling")


def _count_oracle(net, input_shape):
    maps, work, weights = np.zeros(input_shape, dtype=bool), 0, 0
    for kind, *numbers in net:
        if kind == "mean":
            maps = maps[:1, :1]
        elif kind == "pool":
            maps = maps[:: numbers[0], :: numbers[0]]
        elif kind == "dense":
            kernels = np.zeros((maps.size, numbers[0]))
            maps = np.zeros((1, 1, numbers[0]), dtype=bool)
            work, weights = work + kernels.size, weights + kernels.size
        else:
            kernel, stride, filters, groups = numbers
            kernels = np.zeros((filters, kernel, kernel, maps.shape[2] // groups))
            maps = np.repeat(maps[::stride, ::stride, :1], filters, axis=2)
            work, weights = work + kernels[0].size * maps.size, weights + kernels.size
    return work, weights


count_macs = Exercise(
    name="count_macs",
    title="Count a net without building it",
    results=("multiply-adds", "weights"),
    points={CONVOLUTIONS: 1, WHOLE: 1},
    minutes=20,
    difficulty=2,
    oracle=_count_oracle,
    examples=(
        Case(
            {"net": [("conv", 3, 2, 32, 1)], "input_shape": (224, 224, 3)},
            CONVOLUTIONS,
            "112 · 112 places, 9·3·32 weights",
            known=(10_838_016, 864),
        ),
        Case(
            {"net": [("conv", 1, 1, 60, 3)], "input_shape": (28, 28, 240)},
            CONVOLUTIONS,
            "three groups: each filter reads 80 of 240 channels",
            known=(3_763_200, 4_800),
        ),
        Case({"net": [("pool", 2), ("dense", 4)], "input_shape": (5, 6, 2)}, WHOLE, "3 · 3 · 2 numbers are left", known=(72, 72)),
        Case({"net": MOBILENET, "input_shape": (224, 224, 3)}, WHOLE, "MobileNet", known=(568_740_352, 4_209_088)),
    ),
    cases=_count_cases,
    hints=(
        "Walk through the entries, and keep rows, cols and channels up to date, and two sums.",
        "A convolution has kernel² · (channels // groups) · filters weights, each used at the rows · cols places of its result.",
        "Rounded up: `-(-rows // stride)`. The mean makes rows and cols 1, so a dense layer has rows · cols · channels · units weights, "
        "each used once. After it rows and cols are 1, channels are its units.",
    ),
)


def _count(net, input_shape, grouped=1, up=True, strides=True, follow=True, places=True, before=False, flat=True, mean=True):
    """Counting as students do it; each mistake changes one thing."""
    rows, cols, channels = input_shape
    work = weights = 0
    for kind, *numbers in net:
        if kind == "mean":
            rows, cols = (1, 1) if mean else (rows, cols)
        elif kind == "dense":
            number = (rows * cols if flat else 1) * channels * numbers[0]
            work, weights = work + number, weights + number
            rows, cols, channels = 1, 1, numbers[0]
        else:
            kernel, stride, filters, groups = (1, *numbers, 0, 1) if kind == "pool" else numbers
            old = rows * cols
            if strides:
                rows, cols = (-(-rows // stride), -(-cols // stride)) if up else (rows // stride, cols // stride)
            number = kernel**2 * channels * filters // groups**grouped
            weights += number
            work += number * (1 if not places else old if before else rows * cols)
            channels = filters if filters and follow else channels
    return work, weights


@count_macs.mistake("The two are exchanged: multiply-adds first, then weights.")
def macs_exchanged(net, input_shape):
    return _count(net, input_shape)[::-1]


@count_macs.mistake("Each weight of a convolution is used at every place of its result: multiply by rows · cols.")
def macs_of_one_place(net, input_shape):
    return _count(net, input_shape, places=False)


@count_macs.mistake("You leave out the groups. In G groups each filter reads only channels / G.")
def macs_without_groups(net, input_shape):
    return _count(net, input_shape, grouped=0)


@count_macs.mistake("You divide by the groups twice. Each filter reads channels / G, but there are as many filters as before.")
def macs_grouped_twice(net, input_shape):
    return _count(net, input_shape, grouped=2)


@count_macs.mistake("You count the places of the layer's input. A stride of 2 leaves a quarter of them: count after it.")
def macs_before_the_stride(net, input_shape):
    return _count(net, input_shape, before=True)


@count_macs.mistake("Strides and pooling make rows and cols smaller for all layers after them.")
def macs_never_smaller(net, input_shape):
    return _count(net, input_shape, strides=False)


@count_macs.mistake('With "same" padding a side of 5 and stride 2 gives 3: round up, `-(-rows // stride)`.')
def macs_rounding_down(net, input_shape):
    return _count(net, input_shape, up=False)


@count_macs.mistake("Without a mean before it, a dense layer reads every place: rows · cols · channels numbers.")
def macs_dense_of_channels(net, input_shape):
    return _count(net, input_shape, flat=False)


@count_macs.mistake("The next layer reads the maps that this one makes: its number of channels is the number of filters here.")
def macs_of_the_same_channels(net, input_shape):
    return _count(net, input_shape, follow=False)


@count_macs.mistake("A multiply-add counts once. You count the multiplication and the addition apart.")
def macs_counted_twice(net, input_shape):
    work, weights = _count(net, input_shape)
    return 2 * work, weights


@count_macs.mistake("After a mean each map is one number: rows and cols are 1 for the dense layer.")
def macs_mean_changes_nothing(net, input_shape):
    return _count(net, input_shape, mean=False)


# --- fire --------------------------------------------------------------------------------------


def _fire_cases(generator: np.random.Generator) -> Iterator[Case]:
    squeeze, expand, channels = generator.permutation([2, 3, 4, 5])[:3].tolist()
    rows, cols = generator.permutation([5, 6, 7])[:2].tolist()
    yield Case({"x": Symbolic((rows, cols, channels)), "squeeze": squeeze, "expand": expand}, "fire")


def _fire_oracle(x, squeeze, expand):
    from keras import layers

    def make(t):
        thin = layers.ReLU()(layers.Conv2D(squeeze, (1, 1))(t))
        wide = layers.Conv2D(expand, (3, 3))(layers.ZeroPadding2D(1)(thin))
        return layers.ReLU()(layers.Concatenate(axis=-1)([layers.Conv2D(expand, (1, 1))(thin), wide]))

    return block_facts(make, x)


fire = Exercise(
    name="fire",
    title="The fire module",
    points={"fire": 2},
    minutes=10,
    difficulty=1,
    oracle=cache(_fire_oracle),
    examples=(
        Case({"x": Symbolic((8, 6, 5)), "squeeze": 2, "expand": 3}, "fire", "(5 + 1)·2 + (2 + 1)·3 + (18 + 1)·3", known=78),
        Case({"x": Symbolic((5, 7, 3)), "squeeze": 1, "expand": 2}, "fire", "4 + 4 + 20", known=28),
    ),
    cases=_fire_cases,
    hints=(
        "Three convolutions: one thin, then two that both read its maps.",
        "All three have a ReLU and must keep rows and cols. Which of them needs padding for that?",
        "5 channels, squeeze 2, expand 3: 5 → 2 maps, and from these 2 once 3 maps by 1 × 1, once 3 by 3 × 3. Side by side they "
        "are 6. `layers.Concatenate()` takes a list, in the order of the result.",
    ),
)


def _fire(t, squeeze, expand, thin="relu", wide="relu", swap=False, add=False, bare=False, sizes=(1, 3)):
    """The module as students write it; each mistake changes one thing."""
    from keras import layers

    small = layers.Conv2D(squeeze, 1, activation=thin)(t)
    ones = layers.Conv2D(expand, sizes[0], padding="same", activation=wide)(t if bare else small)
    threes = layers.Conv2D(expand, sizes[1], padding="same", activation=wide)(small)
    return (layers.Add() if add else layers.Concatenate())([threes, ones] if swap else [ones, threes])


@fire.mistake("The maps are right, their order is not: those of the 1 × 1 filters come first.")
def fire_exchanged(x, squeeze, expand):
    return block_facts(lambda t: _fire(t, squeeze, expand, swap=True), x)


@fire.mistake("The squeeze layer has no ReLU. Each of the three convolutions has one.")
def fire_with_linear_squeeze(x, squeeze, expand):
    return block_facts(lambda t: _fire(t, squeeze, expand, thin=None), x)


@fire.mistake("The expand layers have no ReLU. Each of the three convolutions has one.")
def fire_with_linear_expand(x, squeeze, expand):
    return block_facts(lambda t: _fire(t, squeeze, expand, wide=None), x)


@fire.mistake("You add the two stacks of maps. They are laid side by side: `layers.Concatenate()`.")
def fire_added(x, squeeze, expand):
    return block_facts(lambda t: _fire(t, squeeze, expand, add=True), x)


@fire.mistake("Your 1 × 1 filters read x itself. Both expand layers read the squeezed maps.")
def fire_half_squeezed(x, squeeze, expand):
    return block_facts(lambda t: _fire(t, squeeze, expand, bare=True), x)


@fire.mistake("Your three convolutions are in a row. The two expand layers are side by side: both read the squeezed maps.")
def fire_in_a_row(x, squeeze, expand):
    from keras import layers

    def make(t):
        for filters, kernel in ((squeeze, 1), (expand, 1), (2 * expand, 3)):
            t = layers.Conv2D(filters, kernel, padding="same", activation="relu")(t)
        return t

    return block_facts(make, x)


@fire.mistake("Both expand layers have 3 × 3 kernels. One of them has 1 × 1.")
def fire_of_two_3x3(x, squeeze, expand):
    return block_facts(lambda t: _fire(t, squeeze, expand, sizes=(3, 3)), x)


@fire.mistake("Both expand layers have 1 × 1 kernels. One of them has 3 × 3.")
def fire_of_two_1x1(x, squeeze, expand):
    return block_facts(lambda t: _fire(t, squeeze, expand, sizes=(1, 1)), x)


# --- nas_cell ----------------------------------------------------------------------------------


def _operate(t, kind, filters, stride):
    """One operation by its name, as the lesson gives it."""
    from keras import layers

    if kind == "id":
        return t
    if kind.startswith("sep"):
        for step in (stride, 1):
            convolution = layers.SeparableConv2D(filters, int(kind[3:]), step, padding="same", use_bias=False)
            t = layers.BatchNormalization()(convolution(layers.ReLU()(t)))
        return t
    pool = {"avg3": layers.AvgPool2D, "max3": layers.MaxPool2D}[kind]
    return pool((3, 3), (stride, stride), "same")(t)


def _cell_cases(generator: np.random.Generator) -> Iterator[Case]:
    filters = int(generator.integers(3, 5))
    side = Symbolic((*generator.permutation([6, 7, 8])[:2].tolist(), filters))
    first, second = generator.permutation(["avg3", "max3"]).tolist()
    # Where one input is a sum and the other is not, each operation needs a stride of its own.
    pairs = (("sep3", "h", first, "p"), (second, 1, first, "h"), (second, "p", first, 1))
    cell = {"h": side, "p": side, "filters": filters}
    yield Case({**cell, "pairs": pairs, "output": (3, 1, 2), "stride": int(generator.integers(1, 4))}, "cell")
    short = (("sep3", "p", first, "h"), (second, "h", "sep3", 1))
    yield Case({**cell, "pairs": short, "output": ("h", 2, "p"), "stride": 1}, "cell", "both inputs are laid beside the sums")


def _cell_oracle(h, p, filters, pairs, output, stride):
    def make(last, before):
        known = {"h": last, "p": before}

        def value(name):
            if name not in known:
                left, left_input, right, right_input = pairs[name - 1]
                known[name] = way(left, left_input) + way(right, right_input)
            return known[name]

        def way(kind, source):
            return _operate(value(source), kind, filters, stride if isinstance(source, str) else 1)

        from keras import ops

        return ops.concatenate([value(name) for name in output], axis=-1)

    return block_facts(make, h, p)


SMALL_PAIRS = (("sep3", "h", "id", "p"), ("avg3", "p", "max3", 1))
nas_cell = Exercise(
    name="nas_cell",
    title="A cell from its table",
    points={"cell": 3},
    minutes=20,
    difficulty=3,
    oracle=cache(_cell_oracle),
    examples=(
        Case(
            {
                **{"h": Symbolic((6, 5, 4)), "p": Symbolic((6, 5, 4)), "filters": 4},
                **{"pairs": SMALL_PAIRS, "output": ("p", 2, 1), "stride": 1},
            },
            "cell",
            "only sep3 has parameters: twice 36 + 16 + 16",
            known=136,
        ),
        Case(
            {
                **{"h": Symbolic((6, 5, 4)), "p": Symbolic((6, 5, 4)), "filters": 4},
                **{"pairs": (("sep3", "h", "max3", "p"), ("max3", "p", "avg3", 1)), "output": (2, 1), "stride": 2},
            },
            "cell",
            "with stride 2",
            known=136,
        ),
    ),
    cases=_cell_cases,
    hints=(
        'Keep the tensors in a dict with the keys "h" and "p", and put each new sum into it under its number.',
        "For each line, call `nas_operation` on the left and on the right input. The stride is 1 when the input is a number.",
        "`enumerate(pairs, start=1)` numbers the lines; `layers.Add()` adds; `layers.Concatenate()` joins `parts[name]` for each name of `output`.",
    ),
)


def _cell(h, p, filters, pairs, output, stride, swap=False, always=0, left_only=False, sort=False, join="Add"):
    """The cell as students write it; each mistake changes one thing."""
    from keras import layers

    parts = {"h": p, "p": h} if swap else {"h": h, "p": p}
    for number, (left, left_input, right, right_input) in enumerate(pairs, start=1):
        right_input = left_input if left_only else right_input
        ways = [
            _operate(parts[source], kind, filters, always or (stride if source in ("h", "p") else 1))
            for kind, source in ((left, left_input), (right, right_input))
        ]
        parts[number] = getattr(layers, join)()(ways)
    return layers.Concatenate()([parts[name] for name in (sorted(output, key=str) if sort else output)])


def _cell_mistake(h, p, arguments, **how):
    return block_facts(lambda last, before: _cell(last, before, *arguments, **how), h, p)


@nas_cell.mistake("h and p are exchanged: h is the last cell's output, p the one before it.")
def cell_inputs_exchanged(h, p, *arguments):
    return _cell_mistake(h, p, arguments, swap=True)


@nas_cell.mistake("Operations on h and p have the stride of the cell; yours always have 1.")
def cell_without_stride(h, p, *arguments):
    return _cell_mistake(h, p, arguments, always=1)


@nas_cell.mistake("Both operations of a line read the left input. The right one has an input of its own.")
def cell_both_from_the_left(h, p, *arguments):
    return _cell_mistake(h, p, arguments, left_only=True)


@nas_cell.mistake("The parts of the output are in another order than `output` says.")
def cell_output_sorted(h, p, *arguments):
    return _cell_mistake(h, p, arguments, sort=True)


@nas_cell.mistake("The two ways of a line are added, not multiplied.")
def cell_multiplied(h, p, *arguments):
    return _cell_mistake(h, p, arguments, join="Multiply")


@nas_cell.mistake("The two ways of a line are added, not laid side by side. Only the output joins maps.")
def cell_of_joined_lines(h, p, *arguments):
    return _cell_mistake(h, p, arguments, join="Concatenate")


# --- depthwise -----------------------------------------------------------------------------------


def _depthwise_cases(generator: np.random.Generator) -> Iterator[Case]:
    for side, channels in ((3, 2), (2, 4)):
        rows, cols = generator.permutation([4, 5, 6])[:2].tolist()
        yield Case(
            {"x": fractions(generator, rows, cols, channels), "kernels": fractions(generator, side, side, channels)}, "maps"
        )


def _sums_over_the_channels(x, kernels):
    (rows, cols, channels), side = x.shape, len(kernels)
    maps = np.zeros((rows - side + 1, cols - side + 1, channels))
    for i, j in np.ndindex(maps.shape[:2]):
        maps[i, j] = np.sum(x[i : i + side, j : j + side] * kernels)
    return maps


def _depthwise(x, kernels):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[:2], axis=(0, 1))
    return np.einsum("ijcuv,uvc->ijc", windows, kernels)


depthwise = Exercise(
    name="depthwise",
    title="Repair: three times the same map",
    points={"maps": 1},
    minutes=7,
    difficulty=1,
    oracle=_depthwise,
    given=_sums_over_the_channels,
    examples=(
        Case(
            {"x": np.array([[[1.0, 10.0], [2.0, 20.0]]]), "kernels": np.array([[[3.0, -1.0]]])},
            "maps",
            "kernels 1 × 1: channel 0 times 3, channel 1 times −1",
            known=[[[3.0, -10.0], [6.0, -20.0]]],
        ),
        Case(
            {"x": np.ones((3, 2, 2)), "kernels": np.ones((2, 2, 2))}, "maps", "sums of four ones", known=np.full((2, 1, 2), 4.0)
        ),
    ),
    cases=_depthwise_cases,
    hints=(
        "How many numbers should be written into `maps[i, j]`, and how many does the sum give?",
        "A window times `kernels` has the shape (side, side, channels). Which of its axes are the neighbourhood?",
        "In the first example, place (0, 0), the products are 3 and −10. The code adds them and writes −7 twice. They belong to different channels.",
    ),
)


@depthwise.mistake("All channels share one kernel. Channel c has the kernel `kernels[:, :, c]` of its own.")
def depthwise_with_one_kernel(x, kernels):
    return _depthwise(x, np.repeat(kernels[..., :1], kernels.shape[2], axis=2))


@depthwise.mistake("These are means. The products of a channel are added up.")
def depthwise_means(x, kernels):
    return _depthwise(x, kernels) / kernels[..., 0].size


@depthwise.mistake("The channels are still mixed: you divide their sum by their number. Each channel has a sum of its own.")
def depthwise_mean_of_the_channels(x, kernels):
    return _sums_over_the_channels(x, kernels) / x.shape[2]


@depthwise.mistake("The kernels are turned round. Deep learning's layers do not turn them (Unit 3).")
def depthwise_turned(x, kernels):
    return _depthwise(x, kernels[::-1, ::-1])


# --- look_and_mix --------------------------------------------------------------------------------


def _mix_cases(generator: np.random.Generator) -> Iterator[Case]:
    for _ in range(2):
        channels, field = 2 * int(generator.integers(4, 21)), int(generator.choice([5, 7, 9]))
        filters = channels * int(generator.choice([2, 3]))
        weights = int(1.1 * (field**2 * channels + channels * filters))
        yield Case({"channels": channels, "filters": filters, "field": field, "weights": weights}, "layers")


def _heard(before, filters, groups):
    """Which channels of the input each filter depends on; before: the same for each map that it may read, a row each."""
    parts = before.reshape(groups, -1, before.shape[1]).any(axis=1)
    return np.repeat(parts, filters // groups, axis=0)


def _mix_misses(result, channels, filters, field, weights):
    layers = [tuple(whole(number) for number in layer) for layer in result]
    if not 1 <= len(layers) <= 8:
        return f"1 to 8 layers are allowed; yours are {len(layers)}."
    heard, seen, spent = np.eye(channels, dtype=bool), 1, 0
    for kernel, maps, groups in layers:
        if not (1 <= kernel <= 31 and channels <= maps <= 1000 and groups >= 1):
            return f"A layer has a kernel of 1 to 31, {channels} to 1000 filters and 1 group or more; yours has {kernel}, {maps} and {groups}."
        if len(heard) % groups or maps % groups:
            return f"{groups} groups do not divide {len(heard)} maps and {maps} filters."
        seen, spent = seen + kernel - 1, spent + kernel**2 * (len(heard) // groups) * maps
        heard = _heard(heard, maps, groups)
    if len(heard) != filters:
        return f"The last layer has {len(heard)} filters; {filters} are asked."
    if seen < field:
        return f"A unit sees {seen} × {seen} pixels; {field} × {field} are asked."
    fewest = int(heard.sum(axis=1).min())
    if fewest < channels:
        return f"Some map depends on {fewest} of the {channels} channels only; all are asked."
    return f"There are {spent:,} weights; at most {weights:,} are allowed." if spent > weights else ""


look_and_mix = Exercise(
    name="look_and_mix",
    title="Design: look far, mix all",
    points={"layers": 1},
    minutes=10,
    difficulty=2,
    oracle=lambda channels, filters, field, weights: [(3, channels, channels)] * ((field - 1) // 2) + [(1, filters, 1)],
    meets=_mix_misses,
    examples=(
        Case(
            {"channels": 4, "filters": 8, "field": 5, "weights": 140},
            "layers",
            "looking costs 25 · 4 = 100 weights, mixing 4 · 8 = 32",
            known=[(5, 4, 4), (1, 8, 1)],
        ),
        Case({"channels": 32, "filters": 64, "field": 9, "weights": 5100}, "layers"),
    ),
    cases=_mix_cases,
    hints=(
        "An ordinary layer does two things at once. Can two layers do one each?",
        "Which layer sees a neighbourhood for the fewest weights? Which number of groups has it?",
        "6 channels, 12 filters, field 3: one ordinary layer has 9 · 6 · 12 = 648 weights. With 6 groups and 6 filters looking costs 9 · 6 = 54; only mixing is left to do.",
    ),
)


@look_and_mix.mistake("An ordinary layer looks and mixes at once, and pays field² · channels · filters. Split it in two.")
def mix_in_one_layer(channels, filters, field, weights):
    return [(field, filters, 1)]


@look_and_mix.mistake("Your groups never meet: each map hears of half of the channels only. Let the last layer read all.")
def mix_in_two_groups(channels, filters, field, weights):
    return [(field, channels, channels), (1, filters, 2)]


@look_and_mix.mistake("A depthwise layer only looks. No map hears of more than one channel.")
def mix_without_mixing(channels, filters, field, weights):
    return [(field, filters, channels)]


@look_and_mix.mistake("A 1 × 1 layer only mixes. It sees a single pixel.")
def mix_without_looking(channels, filters, field, weights):
    return [(1, filters, 1)]


@look_and_mix.mistake("You press all channels into one map. No layer may have fewer filters than there are channels.")
def mix_through_one_map(channels, filters, field, weights):
    return [(1, 1, 1), (field, 1, 1), (1, filters, 1)]


EXERCISES: tuple[Exercise, ...] = (
    separable_cost,
    depthwise,
    separable_block,
    mobilenet,
    count_macs,
    look_and_mix,
    fire,
    nas_cell,
)
