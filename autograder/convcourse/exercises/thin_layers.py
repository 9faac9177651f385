"""Unit 26: nets of thin layers. Xception's flows and ShuffleNet's units, whole."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from convcourse.exercises.cases import fractions, whole
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import Symbolic, block_facts, model_facts

# --- as_one_kernel -----------------------------------------------------------------------------


def _kernel_cases(generator: np.random.Generator) -> Iterator[Case]:
    for rows, cols, channels, filters in ((3, 2, 2, 4), (2, 3, 4, 3)):
        depthwise, pointwise = fractions(generator, rows, cols, channels), fractions(generator, channels, filters)
        yield Case({"depthwise": depthwise, "pointwise": pointwise}, "kernel")


def _one_kernel(depthwise, pointwise):
    return np.einsum("uvc,cm->uvcm", depthwise, pointwise)


as_one_kernel = Exercise(
    name="as_one_kernel",
    title="Two thin layers as one",
    points={"kernel": 1},
    minutes=8,
    difficulty=1,
    oracle=_one_kernel,
    examples=(
        Case(
            {"depthwise": np.array([[[1.0, 2.0], [-1.0, 3.0]]]), "pointwise": np.array([[10.0, 1.0, 0.0], [5.0, 0.0, -1.0]])},
            "kernel",
            "kernels (1, −1) and (2, 3); each is taken three times, times a number",
            known=[[[[10.0, 1.0, 0.0], [10.0, 0.0, -2.0]], [[-10.0, -1.0, 0.0], [15.0, 0.0, -3.0]]]],
        ),
    ),
    cases=_kernel_cases,
    hints=(
        "Write down what comes out of the depthwise part at one place, and put it into the formula of the pointwise part.",
        "Filter m is a sum over the channels, of pointwise weight times depthwise result. Each pixel of channel c has met one number of either.",
        "In the example, pixel 0 of channel 1 meets 2 in the depthwise part. Filter 0 takes 5 times channel 1: together 10. "
        "So each of the four axes stays; nothing is summed over.",
    ),
)


@as_one_kernel.mistake(
    "You have summed over the channels. Each channel's pixels keep weights of their own: the result has four axes."
)
def one_kernel_summed(depthwise, pointwise):
    return np.einsum("uvc,cm->uvm", depthwise, pointwise)


@as_one_kernel.mistake("The two numbers that a pixel meets one after the other are multiplied, not added.")
def one_kernel_added(depthwise, pointwise):
    return depthwise[..., None] + pointwise


@as_one_kernel.mistake("All channels have the first channel's kernel here. Channel c has `depthwise[:, :, c]`.")
def one_kernel_of_one_channel(depthwise, pointwise):
    return _one_kernel(np.repeat(depthwise[..., :1], depthwise.shape[2], axis=2), pointwise)


@as_one_kernel.mistake("The kernels are turned round. Layers do not turn them, and nothing turns here.")
def one_kernel_turned(depthwise, pointwise):
    return _one_kernel(depthwise[::-1, ::-1], pointwise)


@as_one_kernel.mistake("The last two axes are exchanged: first the channels that come in, then the filters.")
def one_kernel_filters_first(depthwise, pointwise):
    return np.swapaxes(_one_kernel(depthwise, pointwise), 2, 3)


# --- middle_module -----------------------------------------------------------------------------


def conv_norm(x, filters, kernel, stride=1, padding="valid"):
    """The set-up cell's convolution without bias, and batch normalisation."""
    from keras import layers

    x = layers.Conv2D(filters, kernel, strides=stride, padding=padding, use_bias=False)(x)
    return layers.BatchNormalization()(x)


def separable_norm(x, filters):
    """The set-up cell's separable convolution without bias, and batch normalisation."""
    from keras import layers

    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def _rectified(x):
    from keras import layers

    return layers.ReLU()(x)


def _middle_cases(generator: np.random.Generator) -> Iterator[Case]:
    channels, inside = (int(number) for number in generator.permutation([3, 4, 5])[:2])
    rows, cols = (int(side) for side in generator.permutation([4, 5, 6])[:2])
    yield Case({"x": Symbolic((rows, cols, channels)), "filters": (inside, channels)}, "module")


def _shortcut_after_the_relu(x, filters):
    from keras import layers

    x = layers.ReLU()(x)
    shortcut = x
    for number, count in enumerate(filters):
        if number > 0:
            x = layers.ReLU()(x)
        x = separable_norm(x, count)
    return layers.Add()([shortcut, x])


def _middle(x, filters, after=False, relu=True, shortcut=True, last=False, join="Add"):
    """The module as students mend it; each mistake changes one thing."""
    from keras import layers

    branch = x
    for count in filters:
        branch = _rectified(branch) if relu and not after else branch
        branch = separable_norm(branch, count)
        branch = _rectified(branch) if relu and after else branch
    total = getattr(layers, join)()([branch, x]) if shortcut else branch
    return _rectified(total) if last else total


def _middle_oracle(x, filters):
    from keras import layers, ops

    def make(t):
        branch = t
        for count in filters:
            convolution = layers.SeparableConv2D(count, (3, 3), padding="same", use_bias=False)
            branch = layers.BatchNormalization()(convolution(ops.relu(branch)))
        return t + branch

    return block_facts(make, x)


middle_module = Exercise(
    name="middle_module",
    title="Repair: a shortcut that loses half",
    points={"module": 2},
    minutes=10,
    difficulty=2,
    oracle=cache(_middle_oracle),
    given=_shortcut_after_the_relu,
    examples=(
        Case(
            {"x": Symbolic((5, 6, 4)), "filters": (4,)}, "module", "36 + 16 weights and a norm of 16 numbers", known=36 + 16 + 16
        ),
        Case(
            {"x": Symbolic((4, 6, 3)), "filters": (5, 2, 3)},
            "module",
            "27 + 15 and 20; 45 + 10 and 8; 18 + 6 and 12",
            known=27 + 15 + 20 + 45 + 10 + 8 + 18 + 6 + 12,
        ),
    ),
    cases=_middle_cases,
    hints=(
        "The branches of the figure are silent. What should a module do with x, then, and which line does something else?",
        "The first ReLU belongs to the branch. Which name holds x itself when the sum is made?",
        "x = −2, and the branch adds 0: the module should give −2. The code overwrites x with max(−2, 0) = 0 first, keeps that "
        "as its shortcut, and gives 0. Keep −2 under a name before anything happens to it.",
    ),
)


@middle_module.mistake("Now nothing is added. The module's own x belongs into the sum.")
def middle_without_shortcut(x, filters):
    return block_facts(lambda t: _middle(t, filters, shortcut=False), x)


@middle_module.mistake(
    "The ReLU stands after each convolution now. In Xception it stands before, so the branch may also take away."
)
def middle_relu_after(x, filters):
    return block_facts(lambda t: _middle(t, filters, after=True), x)


@middle_module.mistake("All ReLUs are gone. They stand before each convolution of the branch.")
def middle_without_relu(x, filters):
    return block_facts(lambda t: _middle(t, filters, relu=False), x)


@middle_module.mistake("The sum is rectified. A middle module ends with the sum; the next one rectifies in its own branch.")
def middle_rectified_sum(x, filters):
    return block_facts(lambda t: _middle(t, filters, last=True), x)


@middle_module.mistake("x and the branch are laid side by side. They are added.")
def middle_side_by_side(x, filters):
    return block_facts(lambda t: _middle(t, filters, join="Concatenate"), x)


# --- shrinking_module --------------------------------------------------------------------------


def _shrinking(x, filters, after=False, early=True, norm=True, pool="MaxPooling2D", size=3, join="Add", last=False):
    """The module as students write it; each mistake changes one thing."""
    from keras import layers

    source, branch = x if early else _rectified(x), x
    for count in filters:
        branch = branch if after else _rectified(branch)
        branch = separable_norm(branch, count)
        branch = _rectified(branch) if after else branch
    branch = getattr(layers, pool)(size, strides=2, padding="same")(branch)
    projection = layers.Conv2D(filters[-1], 1, strides=2, use_bias=False)(source)
    short = layers.BatchNormalization()(projection) if norm else projection
    total = getattr(layers, join)()([branch, short])
    return _rectified(total) if last else total


def _shrinking_oracle(x, filters):
    from keras import layers, ops

    def make(t):
        branch = t
        for count in filters:
            convolution = layers.SeparableConv2D(count, (3, 3), padding="same", use_bias=False)
            branch = layers.BatchNormalization()(convolution(ops.relu(branch)))
        branch = layers.MaxPool2D((3, 3), (2, 2), "same")(branch)
        # A 1 × 1 kernel with stride 2 reads every second pixel: the mean of 1 × 1 keeps the same ones.
        short = layers.Conv2D(filters[-1], (1, 1), use_bias=False)(layers.AveragePooling2D(1, 2)(t))
        return layers.BatchNormalization()(short) + branch

    return block_facts(make, x)


def _shrinking_cases(generator: np.random.Generator) -> Iterator[Case]:
    channels, *filters = generator.permutation([2, 3, 4, 5]).tolist()
    rows, cols = generator.permutation([5, 6, 7])[:2].tolist()
    yield Case({"x": Symbolic((rows, cols, channels)), "filters": tuple(filters)}, "module")


shrinking_module = Exercise(
    name="shrinking_module",
    title="A module that shrinks",
    points={"module": 3},
    minutes=15,
    difficulty=2,
    oracle=cache(_shrinking_oracle),
    examples=(
        Case(
            {"x": Symbolic((6, 5, 2)), "filters": (3, 4)},
            "module",
            "18 + 6 and 12; 27 + 12 and 16; shortcut 8 and 16",
            known=18 + 6 + 12 + 27 + 12 + 16 + 8 + 16,
        ),
        Case({"x": Symbolic((7, 6, 3)), "filters": (3,)}, "module", "27 + 9 and 12; shortcut 9 and 12", known=69),
    ),
    cases=_shrinking_cases,
    hints=(
        "Two ways lead from x to the sum. Write the shortcut first: `conv_norm` can do it in one call.",
        "The branch is the middle module's, with pooling at its end. Both ways must end with the same shape.",
        "Maps of 7 × 6 × 2, filters (3, 4): the branch goes 7 × 6 × 3, 7 × 6 × 4, and the pooling makes 4 × 3 × 4. So the shortcut "
        "has to make 4 × 3 × 4 out of 7 × 6 × 2, too. Which kernel, which stride, how many filters?",
    ),
)


@shrinking_module.mistake("Your shortcut reads what the branch's first ReLU gives. It reads x itself.")
def shrinking_shortcut_after_the_relu(x, filters):
    return block_facts(lambda t: _shrinking(t, filters, early=False), x)


@shrinking_module.mistake("The shortcut has no batch normalisation. `conv_norm` has both.")
def shrinking_without_norm(x, filters):
    return block_facts(lambda t: _shrinking(t, filters, norm=False), x)


@shrinking_module.mistake("The ReLU stands after each convolution. It stands before.")
def shrinking_relu_after(x, filters):
    return block_facts(lambda t: _shrinking(t, filters, after=True), x)


@shrinking_module.mistake("You take means. The branch ends with the largest of 3 × 3 pixels.")
def shrinking_by_means(x, filters):
    return block_facts(lambda t: _shrinking(t, filters, pool="AveragePooling2D"), x)


@shrinking_module.mistake("Your pooling sees 2 × 2 pixels. It sees 3 × 3, with stride 2.")
def shrinking_by_2x2(x, filters):
    return block_facts(lambda t: _shrinking(t, filters, size=2), x)


@shrinking_module.mistake("The two ways are laid side by side. They are added.")
def shrinking_side_by_side(x, filters):
    return block_facts(lambda t: _shrinking(t, filters, join="Concatenate"), x)


@shrinking_module.mistake("The sum is rectified. The module ends with the sum.")
def shrinking_rectified_sum(x, filters):
    return block_facts(lambda t: _shrinking(t, filters, last=True), x)


# --- xception ----------------------------------------------------------------------------------


def _flows(first: int, second: int, narrow: int, wide: int, middle: int, leaving: int = 1) -> dict[str, tuple[Any, ...]]:
    return {
        "stem": (first, second),
        "entry": ((narrow, wide),) * 2,
        "middle": ((narrow, wide),) * middle,
        "exit": ((wide, narrow),) * leaving,
        "last": (second, first),
    }


def _xception_cases(generator: np.random.Generator) -> Iterator[Case]:
    first, second, narrow, wide = generator.permutation([2, 3, 4, 5]).tolist()
    flows = _flows(first, second, narrow, wide, middle=2, leaving=2)
    rows, cols = generator.permutation([40, 43, 46])[:2].tolist()  # so large that 2 × 2 pixels are left for the mean
    yield Case({"flows": flows, "input_shape": (rows, cols, 3), "classes": int(generator.integers(3, 6))}, "net")


def _xception(
    flows,
    input_shape,
    classes,
    padding="valid",
    stride=2,
    stem_relu=True,
    last_relu=True,
    mean="GlobalAveragePooling2D",
    activation="softmax",
    leave_out="",
):
    """A net as students build it; each mistake changes one thing."""
    import keras
    from keras import layers

    images = x = keras.Input(input_shape)
    for filters, step in zip(flows["stem"], (stride, 1), strict=True):
        x = conv_norm(x, filters, 3, step, padding)
        x = _rectified(x) if stem_relu else x
    for name in ("entry", "middle", "exit"):
        for filters in flows[name] if name != leave_out else ():
            x = _middle(x, filters) if name == "middle" else _shrinking(x, filters)
    for filters in flows["last"]:
        x = separable_norm(x, filters)
        x = _rectified(x) if last_relu else x
    x = getattr(layers, mean)()(x)
    return model_facts(keras.Model(images, layers.Dense(classes, activation=activation)(x)))


def _xception_oracle(flows, input_shape, classes):
    import keras
    from keras import layers, ops

    def separable(t, filters):
        return layers.BatchNormalization()(layers.SeparableConv2D(filters, (3, 3), padding="same", use_bias=False)(t))

    def residual(t, filters, shrinks):
        branch = t
        for count in filters:
            branch = separable(ops.relu(branch), count)
        if not shrinks:
            return t + branch
        short = layers.BatchNormalization()(layers.Conv2D(filters[-1], (1, 1), (2, 2), use_bias=False)(t))
        return short + layers.MaxPool2D((3, 3), (2, 2), "same")(branch)

    images = keras.Input(input_shape)
    (first, second), x = flows["stem"], images
    x = ops.relu(layers.BatchNormalization()(layers.Conv2D(first, (3, 3), (2, 2), use_bias=False)(x)))
    x = ops.relu(layers.BatchNormalization()(layers.Conv2D(second, (3, 3), use_bias=False)(x)))
    for name in ("entry", "middle", "exit"):
        for filters in flows[name]:
            x = residual(x, filters, name != "middle")
    for filters in flows["last"]:
        x = ops.relu(separable(x, filters))
    return model_facts(keras.Model(images, layers.Softmax()(layers.Dense(classes)(ops.mean(x, axis=(1, 2))))))


xception = Exercise(
    name="xception",
    title="Xception",
    points={"net": 3},
    minutes=20,
    difficulty=2,
    oracle=_xception_oracle,
    seconds=30.0,  # each case builds and tries a whole net
    examples=(
        Case(
            {
                "flows": {"stem": (2, 3), "entry": ((4, 4),), "middle": ((4,),), "exit": ((4, 5),), "last": (6,)},
                "input_shape": (21, 24, 1),
                "classes": 3,
            },
            "net",
            "stem 26 + 66; entry 55 + 68 + 28; middle 68; exit 68 + 76 + 40; last 99; classes 21",
            known=26 + 66 + 55 + 68 + 28 + 68 + 68 + 76 + 40 + 99 + 21,
        ),
        Case(
            {"flows": _flows(3, 2, 4, 5, 2), "input_shape": (23, 22, 3), "classes": 4},
            "net",
            "two entry modules, two middle ones",
            known=93 + 62 + (42 + 76 + 30) + (81 + 76 + 45) + 2 * (81 + 76) + (90 + 81 + 36) + (52 + 36) + 16,
        ),
    ),
    cases=_xception_cases,
    hints=(
        "Six steps: input, two convolutions, entry, middle and exit flow, the last convolutions, mean and classes.",
        "A loop for each flow, with one call in it. Which flows shrink the maps?",
        "Images of 21 × 24: the first convolution leaves 10 × 11, the second 8 × 9, the first module 4 × 5. If your maps are larger, "
        'the two ordinary convolutions have padding "same". The separable ones at the end are followed by a ReLU; those in modules '
        "bring their own.",
    ),
)


@xception.mistake("Your first two convolutions keep the border. They have no padding.")
def xception_padded_stem(flows, input_shape, classes):
    return _xception(flows, input_shape, classes, padding="same")


@xception.mistake("The first convolution has stride 2.")
def xception_without_stride(flows, input_shape, classes):
    return _xception(flows, input_shape, classes, stride=1)


@xception.mistake("The first two convolutions are not followed by a ReLU.")
def xception_linear_stem(flows, input_shape, classes):
    return _xception(flows, input_shape, classes, stem_relu=False)


@xception.mistake("The last separable convolutions are not followed by a ReLU.")
def xception_linear_end(flows, input_shape, classes):
    return _xception(flows, input_shape, classes, last_relu=False)


@xception.mistake("You flatten the maps. Take the mean of each.")
def xception_flattened(flows, input_shape, classes):
    return _xception(flows, input_shape, classes, mean="Flatten")


@xception.mistake("The last layer has no softmax, so its outputs are no probabilities.")
def xception_without_softmax(flows, input_shape, classes):
    return _xception(flows, input_shape, classes, activation=None)


@xception.mistake("The middle flow is missing.")
def xception_without_middle(flows, input_shape, classes):
    return _xception(flows, input_shape, classes, leave_out="middle")


@xception.mistake("The exit flow's module, which shrinks the maps once more, is missing.")
def xception_without_exit(flows, input_shape, classes):
    return _xception(flows, input_shape, classes, leave_out="exit")


# --- channel_shuffle ---------------------------------------------------------------------------


def _shuffle_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = generator.permutation([3, 4, 5])[:2].tolist()
    groups, each = generator.permutation([2, 3, 4, 5])[:2].tolist()
    yield Case({"x": Symbolic((rows, cols, groups * each)), "groups": groups}, "shuffle")


def _in_order(x, order):
    """The block that brings channels into an order."""
    from keras import layers, ops

    return block_facts(lambda t: layers.Concatenate()([ops.split(t, t.shape[-1], axis=-1)[k] for k in order(t.shape[-1])]), x)


def _shuffle_oracle(x, groups):
    return _in_order(x, lambda channels: sorted(range(channels), key=lambda k: k % (channels // groups)))


channel_shuffle = Exercise(
    name="channel_shuffle",
    title="Shuffle the channels",
    points={"shuffle": 2},
    minutes=10,
    difficulty=2,
    oracle=cache(_shuffle_oracle),
    examples=(
        Case({"x": Symbolic((4, 3, 6)), "groups": 2}, "shuffle", "new order 0, 3, 1, 4, 2, 5; no parameters", known=0),
        Case({"x": Symbolic((3, 4, 12)), "groups": 3}, "shuffle", "new order 0, 4, 8, 1, 5, 9, …", known=0),
    ),
    cases=_shuffle_cases,
    hints=(
        "Write the channels of each group as a line of a small table. You read it column by column.",
        "So make two axes of the channels' axis, `(groups, channels // groups)`, exchange them, and make one of them again.",
        "Twelve channels, three groups: three lines of four. Read by columns: 0, 4, 8, 1, 5, 9 … In Keras, `Reshape` makes the "
        "table and unmakes it, and `Permute` exchanges its axes (it counts from 1, as the batch is 0). `x.shape[1:]` has the "
        "sizes.",
    ),
)


@channel_shuffle.mistake("Your channels keep their order. Between the two reshapes, exchange the two new axes.")
def shuffle_nothing(x, groups):
    return _in_order(x, lambda channels: range(channels))


@channel_shuffle.mistake(
    "You deal the other way round. Channels of one group lie side by side, so the first reshape gives "
    "(rows, cols, groups, channels // groups)."
)
def shuffle_back(x, groups):
    return _in_order(x, lambda channels: sorted(range(channels), key=lambda k: k % groups))


@channel_shuffle.mistake("You turn the channels round. Deal them instead: one of each group, then again one of each.")
def shuffle_reverse(x, groups):
    return _in_order(x, lambda channels: range(channels)[::-1])


@channel_shuffle.mistake("You exchange places with channels. Rows and cols stay the first axes, only the last two are exchanged.")
def shuffle_places(x, groups):
    from keras import layers

    def make(t):
        rows, cols, channels = t.shape[1:]
        t = layers.Permute((4, 3, 1, 2))(layers.Reshape((rows, cols, groups, channels // groups))(t))
        return layers.Reshape((rows, cols, channels))(t)

    return block_facts(make, x)


# --- shuffle_unit ------------------------------------------------------------------------------

ADDED, JOINED = "stride 1", "stride 2"


def _shuffled(x, groups):
    from keras import ops

    return ops.take(x, sorted(range(x.shape[-1]), key=lambda k: k % (x.shape[-1] // groups)), axis=-1)


def _unit(
    x,
    filters,
    groups,
    stride,
    first_groups=None,
    thin=4,
    shuffle="between",
    relu=("first", "last"),
    last_groups=None,
    obey=True,
    pool="AveragePooling2D",
    swap=False,
    all_new=False,
    bias=False,
    first_stride=1,
):
    """The unit, with the ways in which students change it."""
    from keras import layers

    def conv_norm(t, count, parts, step=1):
        return layers.BatchNormalization()(layers.Conv2D(count, 1, strides=step, groups=parts, use_bias=bias)(t))

    new = filters if stride == 1 or all_new else filters - x.shape[-1]
    y = conv_norm(x, filters // thin, (first_groups if obey else None) or groups, first_stride)
    y = _rectified(y) if "first" in relu else y
    y = _shuffled(y, groups) if shuffle == "between" else y
    y = layers.DepthwiseConv2D(3, strides=stride // first_stride, padding="same", use_bias=bias)(y)
    y = layers.BatchNormalization()(y)
    y = _rectified(y) if "middle" in relu else y
    y = _shuffled(y, groups) if shuffle == "late" else y
    y = conv_norm(y, new, last_groups or groups)
    y = _rectified(y) if "branch" in relu else y
    if stride == 1:
        y = x + y
    else:
        short = getattr(layers, pool)(3, strides=stride, padding="same")(x)
        y = layers.Concatenate()([y, short] if swap else [short, y])
    return _rectified(y) if "last" in relu else y


def _unit_arguments(
    channels: int, filters: int, groups: int, stride: int, first_groups: int | None, rows: int = 5, cols: int = 6
) -> dict[str, Any]:
    x = Symbolic((rows, cols, channels))
    return {"x": x, "filters": filters, "groups": groups, "stride": stride, "first_groups": first_groups}


def _unit_cases(generator: np.random.Generator) -> Iterator[Case]:
    # Six thin channels, in two or three groups: a shuffle is neither itself nor none when it is done backwards.
    groups = int(generator.integers(2, 4))
    rows, cols = generator.permutation([5, 6, 7])[:2].tolist()
    yield Case(_unit_arguments(24, 24, groups, 1, None, rows, cols), ADDED)
    yield Case(_unit_arguments(12, 24, groups, 2, None, rows, cols), JOINED)
    yield Case(_unit_arguments(6, 24, groups, 2, 1, rows, cols), JOINED, "the first convolution in one group")


def _unit_oracle(x, filters, groups, stride, first_groups):
    return block_facts(lambda t: _unit(t, filters, groups, stride, first_groups), x)


shuffle_unit = Exercise(
    name="shuffle_unit",
    title="ShuffleNet's unit, both kinds",
    points={ADDED: 2, JOINED: 2},
    minutes=25,
    difficulty=3,
    oracle=cache(_unit_oracle),
    examples=(
        Case(
            _unit_arguments(24, 24, 2, 1, None),
            ADDED,
            "72 and 24 first, 54 and 24 depthwise, 72 and 96 at the end",
            known=72 + 24 + 54 + 24 + 72 + 96,
        ),
        Case(
            _unit_arguments(12, 24, 3, 2, None),
            JOINED,
            "12 of the 24 maps are new: 24 and 24, 54 and 24, 24 and 48",
            known=24 + 24 + 54 + 24 + 24 + 48,
        ),
        Case(
            _unit_arguments(6, 24, 2, 2, 1),
            JOINED,
            "first convolution in one group: 36 and 24, 54 and 24, 54 and 72",
            known=36 + 24 + 54 + 24 + 54 + 72,
        ),
    ),
    cases=_unit_cases,
    hints=(
        "Follow the left column of the figure first. Then ask what is different on the right: two things on the shortcut, one in the branch.",
        "With stride 2 the shortcut's maps stay in the result. How many maps has the branch to add, so that there are `filters` in all?",
        "From 12 maps to 24 with three groups and stride 2: the first 1 × 1 makes 24 / 4 = 6 maps, and each of its filters reads "
        "12 / 3 = 4 channels, 24 weights. The last one makes 24 − 12 = 12 maps, and each filter reads 6 / 3 = 2 channels, 24 weights. "
        "`layers.Conv2D` has an argument `groups`. Between them stand a ReLU, your shuffle, and a depthwise convolution with the stride.",
    ),
)


def _unit_mistake(x, arguments, **how):
    return block_facts(lambda t: _unit(t, *arguments, **how), x)


@shuffle_unit.mistake("The channels are not shuffled, so the groups never meet. Shuffle after the first ReLU.")
def unit_without_shuffle(x, *arguments):
    return _unit_mistake(x, arguments, shuffle="never")


@shuffle_unit.mistake("You shuffle after the depthwise convolution. It is done before.")
def unit_shuffles_late(x, *arguments):
    return _unit_mistake(x, arguments, shuffle="late")


@shuffle_unit.mistake("There is a ReLU after the depthwise convolution. As in Xception, none stands there.")
def unit_relu_in_the_middle(x, *arguments):
    return _unit_mistake(x, arguments, relu=("first", "middle", "last"))


@shuffle_unit.mistake("The ReLU after the first convolution is missing.")
def unit_without_first_relu(x, *arguments):
    return _unit_mistake(x, arguments, relu=("last",))


@shuffle_unit.mistake("The ReLU at the end, after sum or concatenation, is missing.")
def unit_without_last_relu(x, *arguments):
    return _unit_mistake(x, arguments, relu=("first",))


@shuffle_unit.mistake("The branch goes through a ReLU before it meets the shortcut. Only what comes after is rectified.")
def unit_rectified_branch(x, *arguments):
    return _unit_mistake(x, arguments, relu=("first", "branch", "last"))


@shuffle_unit.mistake("The last 1 × 1 convolution reads all channels. It has `groups` groups, too.")
def unit_last_ungrouped(x, *arguments):
    return _unit_mistake(x, arguments, last_groups=1)


@shuffle_unit.mistake("`first_groups` has no effect. It says the groups of the first convolution, where it is given.")
def unit_ignores_first_groups(x, *arguments):
    return _unit_mistake(x, arguments, obey=False)


@shuffle_unit.mistake("The first convolution makes as many maps as the unit. It makes a quarter of them.")
def unit_not_thin(x, *arguments):
    return _unit_mistake(x, arguments, thin=1)


@shuffle_unit.mistake("With stride 2 the result has too many maps. The shortcut's count, too: the branch adds the rest.")
def unit_all_new(x, *arguments):
    return _unit_mistake(x, arguments, all_new=True)


@shuffle_unit.mistake("The shortcut's maps stand first, then the new ones.")
def unit_new_maps_first(x, *arguments):
    return _unit_mistake(x, arguments, swap=True)


@shuffle_unit.mistake("The shortcut takes the largest of 3 × 3 pixels. It takes their mean.")
def unit_with_the_largest(x, *arguments):
    return _unit_mistake(x, arguments, pool="MaxPooling2D")


@shuffle_unit.mistake("Your convolutions have biases. The norms after them have their own: `use_bias=False`.")
def unit_with_biases(x, *arguments):
    return _unit_mistake(x, arguments, bias=True)


@shuffle_unit.mistake("The stride is in the first convolution, which then drops three pixels of four. The depthwise one has it.")
def unit_strides_early(x, filters, groups, stride, first_groups):
    return _unit_mistake(x, (filters, groups, stride, first_groups), first_stride=stride)


# --- shufflenet --------------------------------------------------------------------------------


def _shufflenet_cases(generator: np.random.Generator) -> Iterator[Case]:
    groups = int(generator.integers(2, 4))
    units = tuple(generator.permutation([1, 2]).tolist())
    rows, cols = generator.permutation([15, 16, 20])[:2].tolist()
    arguments = {"stages": (48, 72), "groups": groups, "units": units}
    yield Case({**arguments, "input_shape": (rows, cols, 3), "classes": int(generator.integers(3, 6))}, "net")


def _shufflenet(
    stages,
    groups,
    units,
    input_shape,
    classes,
    pool=True,
    first_groups=1,
    each_stage=False,
    late=False,
    more=0,
    mean="GlobalAveragePooling2D",
    activation="softmax",
    stem_relu=True,
):
    """The net, with the ways in which students change it."""
    import keras
    from keras import layers

    images = keras.Input(input_shape)
    x = layers.BatchNormalization()(layers.Conv2D(24, 3, strides=2, padding="same", use_bias=False)(images))
    x = _rectified(x) if stem_relu else x
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x) if pool else x
    for stage, (filters, count) in enumerate(zip(stages, units, strict=True)):
        for unit in range(count + more):
            first = first_groups if unit == 0 and (stage == 0 or each_stage) else None
            x = _unit(x, filters, groups, 2 if unit == 0 else 1, first)
    x = getattr(layers, mean)()(x)
    return model_facts(keras.Model(images, layers.Dense(classes, activation=activation)(x)))


shufflenet = Exercise(
    name="shufflenet",
    title="ShuffleNet from its units",
    points={"net": 3},
    minutes=15,
    difficulty=2,
    oracle=_shufflenet,
    seconds=30.0,  # each case builds and tries a whole net
    examples=(
        Case(
            {"stages": (48,), "groups": 2, "units": (1,), "input_shape": (16, 16, 3), "classes": 5},
            "net",
            "stem 648 + 96; unit 288 + 48, 108 + 48, 144 + 96; classes 245",
            known=648 + 96 + 288 + 48 + 108 + 48 + 144 + 96 + 245,
        ),
        Case(
            {"stages": (48, 72), "groups": 3, "units": (2, 1), "input_shape": (16, 20, 1), "classes": 4},
            "net",
            "two units, then one",
            known=(216 + 96)
            + (288 + 48 + 108 + 48 + 96 + 96)
            + (192 + 48 + 108 + 48 + 192 + 192)
            + (288 + 72 + 162 + 72 + 144 + 96)
            + 292,
        ),
    ),
    cases=_shufflenet_cases,
    hints=(
        "Input, convolution with norm and ReLU, pooling, then two loops, one inside the other; mean and classes.",
        "In each stage only the first unit has stride 2. `shuffle_unit` takes care of sum or concatenation. In the whole net one unit is special: which?",
        "Stages (48, 72) with units (2, 1): shuffle units with 48 filters and stride 2, 48 and stride 1, 72 and stride 2. "
        "The first of them reads 24 maps, so its first convolution is in one group; the third one's is in `groups` groups again.",
    ),
)


@shufflenet.mistake("The pooling after the first convolution is missing.")
def shufflenet_without_pooling(stages, groups, units, input_shape, classes):
    return _shufflenet(stages, groups, units, input_shape, classes, pool=False)


@shufflenet.mistake("The very first 1 × 1 convolution of the units has only 24 channels to read: it is in one group.")
def shufflenet_first_grouped(stages, groups, units, input_shape, classes):
    return _shufflenet(stages, groups, units, input_shape, classes, first_groups=None)


@shufflenet.mistake(
    "The first unit of each stage has one group in its first convolution. Only the very first unit of the net has."
)
def shufflenet_each_stage_ungrouped(stages, groups, units, input_shape, classes):
    return _shufflenet(stages, groups, units, input_shape, classes, each_stage=True)


@shufflenet.mistake("Each stage has a unit too many: the one with stride 2 counts.")
def shufflenet_with_a_unit_more(stages, groups, units, input_shape, classes):
    return _shufflenet(stages, groups, units, input_shape, classes, more=1)


@shufflenet.mistake("The first convolution is not followed by a ReLU.")
def shufflenet_linear_stem(stages, groups, units, input_shape, classes):
    return _shufflenet(stages, groups, units, input_shape, classes, stem_relu=False)


@shufflenet.mistake("You flatten the maps. Take the mean of each.")
def shufflenet_flattened(stages, groups, units, input_shape, classes):
    return _shufflenet(stages, groups, units, input_shape, classes, mean="Flatten")


@shufflenet.mistake("The last layer has no softmax, so its outputs are no probabilities.")
def shufflenet_without_softmax(stages, groups, units, input_shape, classes):
    return _shufflenet(stages, groups, units, input_shape, classes, activation=None)


# --- wide_unit ---------------------------------------------------------------------------------


def _unit_work(filters: int, groups: int, side: int) -> int:
    """Multiply-adds of a unit with stride 1 on maps of side × side."""
    thin = filters // 4
    return side**2 * (2 * filters * thin // groups + 9 * thin)


def _heard(filters: int, groups: int) -> int:
    """Of how many groups of x the least informed map of the branch hears, after the shuffle."""
    groups_of = np.arange(filters // 4).reshape(groups, -1)  # which group has made each thin map
    groups_of = (groups_of // groups_of.shape[1]).T.reshape(groups, -1)
    return min(len(set(part.tolist())) for part in groups_of)


def _wide_cases(generator: np.random.Generator) -> Iterator[Case]:
    for groups in generator.permutation([3, 4, 5, 6])[:2].tolist():
        filters = 4 * groups * (groups + int(generator.integers(0, 2)))
        side = int(generator.integers(5, 15))
        yield Case({"filters": filters, "side": side, "work": int(1.02 * _unit_work(filters, groups, side))}, "unit")


def _wide_oracle(filters, side, work):
    affordable = [
        (_unit_work(wide, groups, side), wide, groups)
        for groups in range(1, 12)
        for wide in range(4 * groups * max(groups, -(-filters // (4 * groups))), filters + 8 * groups, 4 * groups)
    ]
    return min(affordable)[1:]


def _wide_misses(result, filters, side, work):
    wide, groups = (whole(number) for number in result)
    if not (1 <= groups <= 1000 and 4 <= wide <= 4000):
        return f"A unit has 1 to 1000 groups and 4 to 4000 filters; yours has {groups} and {wide}."
    if wide < filters:
        return f"There are {wide} filters; at least {filters} are asked."
    if wide % (4 * groups):
        return f"A quarter of {wide} filters cannot be dealt into {groups} equal groups."
    heard = _heard(wide, groups)
    if heard < groups:
        return f"Some map of the branch hears of {heard} of the {groups} groups only; all are asked."
    spent = _unit_work(wide, groups, side)
    return f"The unit needs {spent:,} multiply-adds; at most {work:,} are allowed." if spent > work else ""


wide_unit = Exercise(
    name="wide_unit",
    title="Design: as wide as you can pay for",
    points={"unit": 1},
    minutes=12,
    difficulty=2,
    oracle=_wide_oracle,
    meets=_wide_misses,
    examples=(
        Case(
            {"filters": 60, "side": 10, "work": 70_000},
            "unit",
            "60 filters in three groups need 73,500; 64 in four groups need 65,600",
            known=(64, 4),
        ),
        Case({"filters": 240, "side": 28, "work": 5_000_000}, "unit", "as wide as a stage of ShuffleNet"),
    ),
    cases=_wide_cases,
    hints=(
        "Write the unit's work as a formula first, of filters and groups. Which way does it fall?",
        "More groups are cheaper. What stops you? Look how many channels a group has between the two 1 × 1 convolutions, and from how many groups these came.",
        "48 filters, 4 groups: 12 thin channels, three a group. After the shuffle a group's three channels come from three "
        "of the four groups; the fourth is never heard. 64 filters in 4 groups have four a group: all are heard. You may try all numbers of groups.",
    ),
)


@wide_unit.mistake("One group reads everything and pays for it. More groups divide the work of both 1 × 1 convolutions.")
def wide_in_one_group(filters, side, work):
    return 4 * -(-filters // 4), 1


@wide_unit.mistake("With so many groups each has a single thin channel, and hears of one group only.")
def wide_in_most_groups(filters, side, work):
    return 4 * (filters // 4), filters // 4


@wide_unit.mistake("You have saved filters. The unit is to be at least as wide as asked.")
def wide_but_thin(filters, side, work):
    return filters // 2 // 4 * 4, 1


@wide_unit.mistake("Your groups divide the filters. They must divide the thin maps inside, a quarter of them.")
def wide_undivided(filters, side, work):
    return filters + 2, 2


EXERCISES: tuple[Exercise, ...] = (
    as_one_kernel,
    middle_module,
    shrinking_module,
    xception,
    channel_shuffle,
    shuffle_unit,
    shufflenet,
    wide_unit,
)
