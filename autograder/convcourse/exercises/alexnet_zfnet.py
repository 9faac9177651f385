"""Unit 11: AlexNet in two towers and in one, and what ZFNet mended."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from convcourse.exercises.cases import fractions, whole
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import Symbolic, block_facts, model_facts

LIBRARY_NORMS = ("local_response_normalization", "local_response_norm")
# The paper's net: conv has filters, kernel, stride, zeros, groups; pool has window, stride, zeros.
TWO_TOWERS = [
    ("conv", 96, 11, 4, 0, 1),
    ("lrn",),
    ("pool", 3, 2, 0),
    ("conv", 256, 5, 1, 2, 2),
    ("lrn",),
    ("pool", 3, 2, 0),
    ("conv", 384, 3, 1, 1, 1),
    ("conv", 384, 3, 1, 1, 2),
    ("conv", 256, 3, 1, 1, 2),
    ("pool", 3, 2, 0),
]
WINDOWS = [row[-3:] if row[0] == "pool" else row[2:5] for row in TWO_TOWERS if row[0] != "lrn"]

# --- alexnet_sizes -----------------------------------------------------------------------------


def _sizes(side, windows, padded=True, both=True, tiles=False):
    """By counting: lay the windows down one after the other. The keywords make the usual mistakes."""
    result = []
    for kernel, stride, zeros in windows:
        side += (2 * zeros if both else zeros) if padded else 0
        places = len(range(0, side - kernel + 1, kernel if tiles else stride))
        unseen = side - ((places - 1) * (kernel if tiles else stride) + kernel)
        result.append((places, unseen))
        side = places
    return result


def _telling(side: int, windows: list[tuple[int, int, int]]) -> bool:
    """All three windows fit for every way of counting, and the mistakes differ."""
    ways = (_sizes, sizes_rounded_up, sizes_rounded, sizes_one_short, sizes_without_zeros, sizes_zeros_once)
    more = (sizes_without_overlap, sizes_always_of_the_image, sizes_with_the_whole_rest)
    results = [way(side, windows) for way in (*ways, *more)]
    fits = all(places > 0 for result in results for places, _ in result)
    return fits and len({str(result) for result in results}) == len(results) and any(unseen for _, unseen in results[0])


def _size_cases(generator: np.random.Generator) -> Iterator[Case]:
    found = 0
    while found < 2:
        windows = [
            (int(generator.integers(4, 8)), int(generator.integers(2, 4)), int(generator.integers(1, 3))),
            (int(generator.integers(3, 5)), 2, int(generator.integers(0, 2))),
            (3, 1, 1),
        ]
        side = int(generator.integers(40, 120))
        if _telling(side, windows):
            found += 1
            yield Case({"side": side, "windows": windows}, "sizes")


alexnet_sizes = Exercise(
    name="alexnet_sizes",
    title="Does it fit?",
    points={"sizes": 2},
    minutes=10,
    difficulty=1,
    oracle=_sizes,
    examples=(
        Case({"side": 227, "windows": [(11, 4, 0), (3, 2, 0)]}, "sizes", "(227 − 11)/4 + 1 = 55", known=[(55, 0), (27, 0)]),
        Case({"side": 224, "windows": [(11, 4, 0)]}, "sizes", "213 is no multiple of 4: one pixel is left over", known=[(54, 1)]),
        Case({"side": 224, "windows": [(11, 4, 2)]}, "sizes", "two zeros on each side: 228 pixels", known=[(55, 1)]),
    ),
    cases=_size_cases,
    hints=(
        "How far can a window move on an axis of side + 2 · zeros pixels?",
        "The room is side + 2 · zeros − kernel. Divide it by the stride: the quotient counts the moves.",
        "Side 10, kernel 3, stride 4, no zeros: the room is 7, which is one move and 3 pixels over. The new side is "
        "2. `divmod(7, 4)` is (1, 3).",
    ),
)


@alexnet_sizes.mistake("You rounded up. A window that hangs over the edge does not count: use `//`.")
def sizes_rounded_up(side, windows):
    result = []
    for kernel, stride, zeros in windows:
        unseen = (side + 2 * zeros - kernel) % stride
        side = -(-(side + 2 * zeros - kernel) // stride) + 1
        result.append((side, unseen))
    return result


@alexnet_sizes.mistake("You rounded to the nearest number. A window that hangs over the edge does not count: use `//`.")
def sizes_rounded(side, windows):
    result = []
    for kernel, stride, zeros in windows:
        moves = (side + 2 * zeros - kernel) / stride
        unseen = (side + 2 * zeros - kernel) % stride
        side = round(moves) + 1
        result.append((side, unseen))
    return result


@alexnet_sizes.mistake("The sides are right. What is left over is the rest of side + 2 · zeros − kernel, not of the whole axis.")
def sizes_with_the_whole_rest(side, windows):
    places = [places for places, _ in _sizes(side, windows)]
    before = [side, *places[:-1]]
    rests = [(s + 2 * zeros) % stride for s, (_, stride, zeros) in zip(before, windows, strict=True)]
    return list(zip(places, rests, strict=True))


@alexnet_sizes.mistake("One place is missing: the first window lies at the very edge, so it is … // stride + 1.")
def sizes_one_short(side, windows):
    result = []
    for kernel, stride, zeros in windows:
        places, unseen = divmod(side + 2 * zeros - kernel, stride)
        result.append((places, unseen))
        side = places
    return result


@alexnet_sizes.mistake("The zeros are missing: they make the axis longer, on both sides.")
def sizes_without_zeros(side, windows):
    return _sizes(side, windows, padded=False)


@alexnet_sizes.mistake("The zeros stand on each side: the axis grows by 2 · zeros.")
def sizes_zeros_once(side, windows):
    return _sizes(side, windows, both=False)


@alexnet_sizes.mistake("Each layer starts from the image. It gets what the layer before it left.")
def sizes_always_of_the_image(side, windows):
    return [_sizes(side, [window])[0] for window in windows]


@alexnet_sizes.mistake("Your windows lie side by side. They move on by the stride, which may be smaller than the kernel.")
def sizes_without_overlap(side, windows):
    return _sizes(side, windows, tiles=True)


@alexnet_sizes.mistake("Return pairs: the new side, and how many pixels no window reaches.")
def sizes_alone(side, windows):
    return [places for places, _ in _sizes(side, windows)]


# --- lrn ---------------------------------------------------------------------------------------


def _lrn_cases(generator: np.random.Generator) -> Iterator[Case]:
    shape = tuple(generator.permutation([3, 4]).tolist())
    size = int(generator.choice([3, 5]))
    k, alpha, beta = (round(float(generator.uniform(*ends)), 2) for ends in ((1.5, 2.5), (0.2, 0.5), (0.5, 0.8)))
    x = Symbolic((*shape, size + int(generator.integers(4, 7))))
    yield Case({"x": x, "size": size, "k": k, "alpha": alpha, "beta": beta}, "numbers")
    few = Symbolic((*shape, size - 1))  # fewer channels than a sum takes
    yield Case({"x": few, "size": size, "k": k, "alpha": alpha, "beta": beta}, "numbers")


def _normed(x, size, k, alpha, beta, squared=True, axis=-1, wrap=False, span=None):
    """A sum over a band of channels; the keywords make the usual mistakes."""
    from keras import ops

    values = x * x if squared else ops.abs(x)
    count, half = x.shape[axis], size // 2 if span is None else span
    offsets = range(-half, half + 1)
    band = sum(np.roll(np.eye(count), offset, axis=0) if wrap else np.eye(count, k=offset) for offset in offsets)
    total = ops.einsum("brci,ij->brcj" if axis == -1 else "brin,ij->brjn", values, np.asarray(band, "float32"))
    return x / (k + alpha * total) ** beta


def _lrn_oracle(x, size, k, alpha, beta):
    return block_facts(lambda t: _normed(t, size, k, alpha, beta), x)


lrn = Exercise(
    name="lrn",
    title="Lateral inhibition, on tensors",
    points={"numbers": 2},
    minutes=15,
    difficulty=2,
    oracle=_lrn_oracle,
    examples=(
        Case(
            {"x": Symbolic((2, 3, 8)), "size": 5, "k": 2.0, "alpha": 1e-4, "beta": 0.75},
            "numbers",
            "AlexNet's constants; nothing to learn: 0 parameters",
            known=0,
        ),
        Case({"x": Symbolic((2, 3, 7)), "size": 3, "k": 1.0, "alpha": 1.0, "beta": 1.0}, "numbers", "simple constants", known=0),
    ),
    cases=_lrn_cases,
    hints=(
        "A sum over some channels is a matrix product: x² (…, channels) times a matrix of zeros and ones (channels, channels).",
        "The matrix has a one at (j, i) where |j − i| ≤ size // 2. With `places = np.arange(x.shape[-1])`, the table of differences is `places[:, None] - places`.",
        '`keras.ops.matmul(x * x, near.astype("float32"))` gives all sums. Operators `+`, `*`, `/`, `**` work on tensors.',
    ),
    forbidden=LIBRARY_NORMS,
)


def _made(function, x):
    """What a mistake makes of a tensor; or of a Symbolic, as facts."""
    return block_facts(function, x) if isinstance(x, Symbolic) else function(x)


@lrn.mistake("You divide α by the size, as PyTorch and Caffe do. AlexNet's formula takes α times the plain sum.")
def lrn_divides_alpha(x, size, k, alpha, beta):
    return _made(lambda t: _normed(t, size, k, alpha / size, beta), x)


@lrn.mistake("The power β is missing: (k + α Σ a²)^β.")
def lrn_without_power(x, size, k, alpha, beta):
    return _made(lambda t: _normed(t, size, k, alpha, 1.0), x)


@lrn.mistake("You sum over all channels. Only `size` neighbours count, channel i in their middle.")
def lrn_over_all_channels(x, size, k, alpha, beta):
    from keras import ops

    return _made(lambda t: t / (k + alpha * ops.sum(t * t, axis=-1, keepdims=True)) ** beta, x)


@lrn.mistake("You add up sizes. Their squares are wanted.")
def lrn_without_squares(x, size, k, alpha, beta):
    return _made(lambda t: _normed(t, size, k, alpha, beta, squared=False), x)


@lrn.mistake("`size` counts all channels of a sum: size // 2 on each side, and channel i itself.")
def lrn_size_on_each_side(x, size, k, alpha, beta):
    return _made(lambda t: _normed(t, size, k, alpha, beta, span=size), x)


@lrn.mistake("You sum over neighbouring pixels. The neighbours are channels, the last axis.")
def lrn_over_pixels(x, size, k, alpha, beta):
    return _made(lambda t: _normed(t, size, k, alpha, beta, axis=-2), x)


@lrn.mistake("The first channel counts the last as a neighbour. At the ends a sum has fewer terms; nothing wraps.")
def lrn_wraps_around(x, size, k, alpha, beta):
    return _made(lambda t: _normed(t, size, k, alpha, beta, wrap=True), x)


@lrn.mistake("You return one over the denominator. Multiply by x.")
def lrn_denominator(x, size, k, alpha, beta):
    return _made(lambda t: _normed(t, size, k, alpha, beta) / t, x)


@lrn.mistake("You sum over a square of neighbouring pixels. The neighbours are channels: the same pixel, other maps.")
def lrn_over_a_square(x, size, k, alpha, beta):
    from keras import ops

    return _made(lambda t: t / (k + alpha * size**2 * ops.average_pool(t * t, size, 1, "same")) ** beta, x)


@lrn.mistake("Your function uses 2, 0.0001 and 0.75 whatever it is given. Use the arguments k, alpha and beta.")
def lrn_with_alexnets_constants(x, size, k, alpha, beta):
    return _made(lambda t: _normed(t, size, 2.0, 1e-4, 0.75), x)


@lrn.mistake("Each channel is divided by its own square alone. Add the squares of its neighbours.")
def lrn_without_neighbours(x, size, k, alpha, beta):
    return _made(lambda t: _normed(t, size, k, alpha, beta, span=0), x)


@lrn.mistake("The power β stands over the sum only. It belongs to the whole bracket (k + α Σ a²).")
def lrn_with_k_outside_the_power(x, size, k, alpha, beta):
    return _made(lambda t: t / (k + t / _normed(t, size, 0.0, alpha, beta)), x)


@lrn.mistake("You take the mean of the squares. The formula has their sum: α · Σ a².")
def lrn_of_the_mean(x, size, k, alpha, beta):
    from keras import ops

    return _made(lambda t: t / (k + alpha * ops.mean(t * t, axis=-1, keepdims=True)) ** beta, x)


# --- grouped_conv ------------------------------------------------------------------------------


def _grouped_cases(generator: np.random.Generator) -> Iterator[Case]:
    groups = int(generator.choice([2, 3]))
    rows, cols = generator.permutation([7, 9, 10])[:2].tolist()
    arguments = {
        "x": Symbolic((rows, cols, 2 * groups)),
        "filters": groups * int(generator.choice([3, 4])),
        "kernel": 3,
        "stride": 2,
        "groups": groups,
    }
    yield Case(arguments, "maps")


def _channels(x, group, groups, by_turns=False):
    from keras import ops

    places = np.arange(x.shape[-1])
    mine = places % groups if by_turns else places * groups // len(places)
    return ops.take(x, np.flatnonzero(mine == group).tolist(), axis=-1)


def _towers(x, filters, kernel, stride, groups, take=None, relu=True, padding="valid", join="Concatenate", share=1, back=False):
    """Towers from slices; the keywords make the usual mistakes."""
    from keras import layers

    parts = [take(x, g) for g in range(groups)] if take else [_channels(x, g, groups) for g in range(groups)]
    activation = "relu" if relu else None
    towers = [layers.Conv2D(filters // share, kernel, stride, padding, activation=activation)(part) for part in parts]
    if groups == 1:
        return towers[0]
    return getattr(layers, join)()(towers[::-1] if back else towers)


def _grouped_oracle(x, filters, kernel, stride, groups):
    return block_facts(lambda t: _towers(t, filters, kernel, stride, groups, share=groups), x)


grouped_conv = Exercise(
    name="grouped_conv",
    title="A convolution in towers",
    points={"maps": 2},
    minutes=12,
    difficulty=2,
    oracle=_grouped_oracle,
    examples=(
        Case(
            {"x": Symbolic((6, 8, 4)), "filters": 6, "kernel": 3, "stride": 1, "groups": 2},
            "maps",
            "two towers with (9·2 + 1)·3 = 57 parameters each",
            known=114,
        ),
        Case(
            {"x": Symbolic((7, 6, 4)), "filters": 6, "kernel": 3, "stride": 2, "groups": 1},
            "maps",
            "one tower is an ordinary layer: (9·4 + 1)·6",
            known=222,
        ),
    ),
    cases=_grouped_cases,
    hints=(
        "Three steps: cut, convolve each part, put together.",
        "`keras.ops.split(x, groups, axis=-1)` gives the parts; each gets a `layers.Conv2D` of its own.",
        "In the loop a new Conv2D with ReLU and `filters // groups` filters is called on the part; its result goes into a list. `keras.ops.concatenate(…, axis=-1)` joins the list.",
    ),
)


@grouped_conv.mistake("All filters see all channels. Cut the channels into `groups` parts first.")
def grouped_in_one(x, filters, kernel, stride, groups):
    return _made(lambda t: _towers(t, filters, kernel, stride, 1), x)


@grouped_conv.mistake("Each tower has all the filters, so you give too many maps. A tower has filters // groups.")
def grouped_all_filters_each(x, filters, kernel, stride, groups):
    return _made(lambda t: _towers(t, filters, kernel, stride, groups), x)


@grouped_conv.mistake("Each tower sees all channels. Give it its own part only.")
def grouped_sees_all(x, filters, kernel, stride, groups):
    return _made(lambda t: _towers(t, filters, kernel, stride, groups, take=lambda u, g: u, share=groups), x)


@grouped_conv.mistake("One layer does the work of all towers. Each tower has its own weights: make it in the loop.")
def grouped_one_layer_for_all(x, filters, kernel, stride, groups):
    from keras import layers, ops

    def make(tensor):
        layer = layers.Conv2D(filters // groups, kernel, stride, activation="relu")
        return layers.Concatenate()([layer(part) for part in ops.split(tensor, groups, axis=-1)])

    return _made(make, x)


@grouped_conv.mistake("The channels are dealt out in turns. A tower takes neighbouring channels: the first tower the first part.")
def grouped_by_turns(x, filters, kernel, stride, groups):
    return block_facts(
        lambda t: _towers(t, filters, kernel, stride, groups, take=lambda u, g: u[..., g::groups], share=groups), x
    )


@grouped_conv.mistake("The ReLU is missing.")
def grouped_linear(x, filters, kernel, stride, groups):
    return _made(lambda t: _towers(t, filters, kernel, stride, groups, relu=False, share=groups), x)


@grouped_conv.mistake("You add the towers. Put their maps side by side, along the channels.")
def grouped_added(x, filters, kernel, stride, groups):
    return _made(lambda t: _towers(t, filters, kernel, stride, groups, join="Add", share=groups), x)


@grouped_conv.mistake("The last tower's maps come first. Keep the order of the channels.")
def grouped_in_reverse(x, filters, kernel, stride, groups):
    return _made(lambda t: _towers(t, filters, kernel, stride, groups, share=groups, back=True), x)


@grouped_conv.mistake("You padded. Zeros are not this layer's business here: every window lies inside.")
def grouped_same(x, filters, kernel, stride, groups):
    return _made(lambda t: _towers(t, filters, kernel, stride, groups, padding="same", share=groups), x)


@grouped_conv.mistake("You return a list with the maps of each tower. Put them together into one tensor, along the channels.")
def grouped_not_joined(x, filters, kernel, stride, groups):
    return block_facts(
        lambda t: [_towers(_channels(t, g, groups), filters // groups, kernel, stride, 1) for g in range(groups)], x
    )


@grouped_conv.mistake("Only the first tower's maps come out. Every part of the channels has its tower.")
def grouped_first_tower(x, filters, kernel, stride, groups):
    return _made(lambda t: _towers(_channels(t, 0, groups), filters // groups, kernel, stride, 1), x)


@grouped_conv.mistake("The maps stand one below the other. Put them together along the channels: `axis=-1`.")
def grouped_joined_along_rows(x, filters, kernel, stride, groups):
    from keras import ops

    return _made(
        lambda t: ops.concatenate(
            [_towers(_channels(t, g, groups), filters // groups, kernel, stride, 1) for g in range(groups)], axis=1
        ),
        x,
    )


# --- alexnet -----------------------------------------------------------------------------------


def _small_table(generator: np.random.Generator) -> list[tuple[Any, ...]]:
    """Every kind of row, small; no zeros as many as groups or as the stride, and other ones than Keras's "same"."""
    first, second = (2 * generator.permutation([2, 3, 4])[:2]).tolist()
    return [
        ("conv", first, 5, 2, 1, 1),
        ("lrn",),
        ("conv", second, 3, 1, 3, 2),
        ("pool", 3, 2, 1),
    ]


def _small_net(generator: np.random.Generator) -> dict[str, Any]:
    # Even sides: the first convolution's "same" would have one place more. 28 are enough for those who forget the zeros.
    rows, cols = (2 * generator.permutation([14, 16, 18])[:2]).tolist()  # the last maps are not square either
    units = tuple(generator.permutation([5, 6, 7])[:2].tolist())
    return {
        "table": _small_table(generator),
        "units": units,
        "input_shape": (rows, cols, int(generator.integers(1, 4))),
        "classes": int(generator.integers(3, 5)),
    }


def _net_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case(_small_net(generator), "net")
    rows = int(generator.integers(4, 8))
    yield Case({"table": [("pool", 3, 2, 1)], "units": (), "input_shape": (rows, 6, 2), "classes": 3}, "net", "no hidden layer")


def _net(
    table,
    units,
    input_shape,
    classes,
    relu="relu",
    rate=0.5,
    last="softmax",
    pad="zeros",
    skip=(),
    grouped=True,
    step=None,
    early=False,
    pooling="MaxPooling2D",
    framed=("conv", "pool"),
    dropouts=None,
):
    """A net as students build it; each mistake changes one thing."""
    import keras
    from keras import layers

    images = x = keras.Input(input_shape)
    for kind, *numbers in table:
        if kind in skip:
            continue
        if kind == "lrn":
            x = _normed(x, 5, 2.0, 1e-4, 0.75)
            continue
        kernel, stride, zeros = numbers if kind == "pool" else numbers[1:4]
        padding = "same" if pad == "same" and zeros else "valid"
        if pad == "zeros" and zeros and kind in framed:
            x = layers.ZeroPadding2D(zeros)(x)
        if kind == "pool":
            x = getattr(layers, pooling)(kernel, step or stride, padding)(x)
        else:
            groups = numbers[4] if grouped else 1
            x = _towers(x, numbers[0], kernel, stride, groups, padding=padding, share=groups)
    x = layers.Flatten()(x)
    for place, size in enumerate(units):
        dropped = rate and (dropouts is None or place < dropouts)
        x = layers.Dropout(rate)(x) if dropped and early else x
        x = layers.Dense(size, activation=relu)(x)
        x = layers.Dropout(rate)(x) if dropped and not early else x
    return model_facts(keras.Model(images, layers.Dense(classes, activation=last)(x)))


def _net_oracle(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes)


alexnet = Exercise(
    name="alexnet",
    title="The net from its table",
    points={"net": 3},
    minutes=20,
    difficulty=3,
    oracle=_net_oracle,
    examples=(
        Case(
            {
                "table": [("conv", 4, 3, 2, 0, 1), ("pool", 3, 2, 0), ("conv", 6, 3, 1, 1, 2)],
                "units": (7,),
                "input_shape": (15, 15, 1),
                "classes": 3,
            },
            "net",
            "(9 + 1)·4 + 2·(9·2 + 1)·3 + (54 + 1)·7 + (7 + 1)·3 = 40 + 114 + 385 + 24",
            known=563,
        ),
        Case(
            {"table": [("conv", 4, 5, 2, 1, 1), ("lrn",)], "units": (), "input_shape": (10, 8, 1), "classes": 3},
            "net",
            "no fully connected layer between: (25 + 1)·4 + (48 + 1)·3",
            known=251,
        ),
    ),
    cases=_net_cases,
    hints=(
        "A loop `for kind, *numbers in …` gives the kind of a row and the list of its numbers.",
        "A `conv` row has five numbers: unpack them, frame x with `layers.ZeroPadding2D`, then call your `grouped_conv`. Pooling has three, and a frame too.",
        'After the loop: Flatten; for each of `units` a Dense with ReLU and a Dropout(0.5); at the end `layers.Dense(classes, activation="softmax")` and `keras.Model(images, …)`.',
    ),
)


@alexnet.mistake("Your maps are too small: the zeros of the table are missing. `layers.ZeroPadding2D(zeros)`.")
def net_without_zeros(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, pad="none")


@alexnet.mistake(
    'You wrote `padding="same"`. With a stride, Keras puts its zeros elsewhere (unit 8): use `layers.ZeroPadding2D(zeros)`.'
)
def net_with_same(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, pad="same")


@alexnet.mistake("The last number of a conv row is lost: the convolutions with 2 groups have too many weights.")
def net_without_groups(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, grouped=False)


@alexnet.mistake("The rows `lrn` are skipped. Call your `lrn(x)` there, with its default constants.")
def net_without_lrn(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, skip=("lrn",))


@alexnet.mistake(
    "Your pooling windows lie side by side. They overlap: the stride stands in the table, and Keras takes the window's size if you leave it out."
)
def net_pools_by_threes(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, step=3)


@alexnet.mistake("After each fully connected layer of `units` comes `layers.Dropout(0.5)`.")
def net_without_dropout(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, rate=0)


@alexnet.mistake("Dropout stands before each fully connected layer of `units`. It belongs after it.")
def net_with_early_dropout(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, early=True)


@alexnet.mistake('The last layer gives any numbers. Probabilities need `activation="softmax"`.')
def net_without_softmax(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, last=None)


@alexnet.mistake("The fully connected layers of `units` have no ReLU.")
def net_with_linear_units(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, relu=None)


@alexnet.mistake("The rows `pool` are average pooling. AlexNet takes the maximum of each window.")
def net_with_average_pooling(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, pooling="AveragePooling2D")


@alexnet.mistake("The zeros of the rows `pool` are missing. A pooling layer has a frame of zeros too, as the table says.")
def net_pools_without_zeros(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, framed=("conv",))


@alexnet.mistake("There is only one Dropout. One comes after each of the fully connected layers of `units`.")
def net_with_one_dropout(table, units, input_shape, classes):
    return _net(table, units, input_shape, classes, dropouts=1)


# --- alexnet_parameters ------------------------------------------------------------------------


def _shapes(table, input_shape):
    """Rows, cols and channels behind each row of a table, and of the image before it."""
    shapes = [tuple(input_shape)]
    for kind, *numbers in table:
        rows, cols, channels = shapes[-1]
        if kind != "lrn":
            window = tuple(numbers if kind == "pool" else numbers[1:4])
            rows, cols = (_sizes(side, [window])[0][0] for side in (rows, cols))
            channels = channels if kind == "pool" else numbers[0]
        shapes.append((rows, cols, channels))
    return shapes


def _parameter_oracle(table, units, input_shape, classes):
    """From the shapes of the weights' arrays."""
    shapes, counts = _shapes(table, input_shape), []
    for (kind, *numbers), before, after in zip(table, shapes, shapes[1:], strict=False):
        if kind == "conv":
            kernel, groups = numbers[1], numbers[4]
            counts.append(int(np.prod((kernel, kernel, before[2] // groups, after[2]))) + after[2])
    sizes = [int(np.prod(shapes[-1])), *units, classes]
    return counts + [a * b + b for a, b in itertools.pairwise(sizes)]


PAPERS_COUNT = [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000]


def _parameter_cases(generator: np.random.Generator) -> Iterator[Case]:
    for _ in range(2):
        yield Case(_small_net(generator), "counts")
    table = [("conv", 4, 3, 1, 0, 1), ("lrn",), ("conv", 6, 3, 1, 1, 2)]  # no pooling behind it that rounds down
    yield Case({**_small_net(generator), "table": table, "input_shape": (7, 9, 2)}, "counts")


alexnet_parameters = Exercise(
    name="alexnet_parameters",
    title="Sixty million",
    points={"counts": 2},
    minutes=15,
    difficulty=2,
    oracle=_parameter_oracle,
    examples=(
        Case(
            {
                "table": [("conv", 4, 3, 2, 0, 1), ("pool", 3, 2, 0), ("conv", 6, 3, 1, 1, 2)],
                "units": (7,),
                "input_shape": (15, 15, 1),
                "classes": 3,
            },
            "counts",
            "the little net of the exercise before",
            known=[40, 114, 385, 24],
        ),
        Case(
            {"table": TWO_TOWERS, "units": (4096, 4096), "input_shape": (227, 227, 3), "classes": 1000},
            "counts",
            "AlexNet in two towers",
            known=PAPERS_COUNT,
        ),
    ),
    cases=_parameter_cases,
    hints=(
        "Walk through the table and keep rows, cols and channels up to date. `lrn` changes nothing.",
        "A convolution has (kernel² · channels // groups + 1) · filters parameters. Rows and cols follow from your `alexnet_sizes`, or from its formula.",
        "The first fully connected layer sees rows · cols · channels numbers. Each layer of n units adds (numbers before + 1) · n, and hands n numbers on; the output layer comes last.",
    ),
)


def _count(table, units, input_shape, classes, bias=1, groups=True, twice=False, zeros=True, last=True, flat=True, up=False):
    """Counting as students do it; each mistake changes one thing."""
    rows, cols, channels = input_shape
    counts = []
    for kind, *numbers in table:
        if kind == "lrn":
            continue
        kernel, stride, frame = numbers if kind == "pool" else numbers[1:4]
        frame = frame if zeros else 0
        more = stride - 1 if up else 0
        rows, cols = ((side + 2 * frame - kernel + more) // stride + 1 for side in (rows, cols))
        if kind == "conv":
            share = numbers[4] if groups else 1
            counts.append(kernel**2 * channels // share * numbers[0] // (share if twice else 1) + bias * numbers[0])
            channels = numbers[0]
    before = rows * cols * channels if flat else channels
    for size in (*units, classes) if last else units:
        counts.append((before + bias) * size)
        before = size
    return counts


@alexnet_parameters.mistake("Every filter of yours sees all channels. With groups it sees channels // groups of them.")
def parameters_without_groups(table, units, input_shape, classes):
    return _count(table, units, input_shape, classes, groups=False)


@alexnet_parameters.mistake("You count one tower only. All towers together have `filters` filters; divide the channels only.")
def parameters_of_one_tower(table, units, input_shape, classes):
    return _count(table, units, input_shape, classes, twice=True)


@alexnet_parameters.mistake("The biases are missing: one for each filter and each unit.")
def parameters_without_biases(table, units, input_shape, classes):
    return _count(table, units, input_shape, classes, bias=0)


@alexnet_parameters.mistake("Your maps are too small for the first fully connected layer: zeros on both sides.")
def parameters_without_zeros(table, units, input_shape, classes):
    return _count(table, units, input_shape, classes, zeros=False)


@alexnet_parameters.mistake("The last layer is missing: one unit for each of the classes.")
def parameters_without_output(table, units, input_shape, classes):
    return _count(table, units, input_shape, classes, last=False)


@alexnet_parameters.mistake("The first fully connected layer has a weight for every place of every map: rows · cols · channels.")
def parameters_of_channels_only(table, units, input_shape, classes):
    return _count(table, units, input_shape, classes, flat=False)


@alexnet_parameters.mistake("Return a list with one number for each layer that has weights; the notebook adds them up.")
def parameters_in_one(table, units, input_shape, classes):
    return sum(_count(table, units, input_shape, classes))


@alexnet_parameters.mistake("You rounded the sides up. A window that hangs over the edge does not count.")
def parameters_rounded_up(table, units, input_shape, classes):
    return _count(table, units, input_shape, classes, up=True)


@alexnet_parameters.mistake("The rows `pool` are left out. They make the maps smaller for the first fully connected layer.")
def parameters_without_pooling(table, units, input_shape, classes):
    return _count([row for row in table if row[0] != "pool"], units, input_shape, classes)


# --- alexnet_initial ---------------------------------------------------------------------------

FIVE_AND_ONE = [(1, 1, 1, 1)] * 5 + [(1, 2), (2, 1)]
# The first standard normal numbers of NumPy's default generator with seed 0.
FIRST_NORMAL = (0.12573022, -0.13210486, 0.64042265, 0.10490012, -0.53566937, 0.36159505, 1.30400005, 0.94708096, -0.70373524)


def _initial_cases(generator: np.random.Generator) -> Iterator[Case]:
    filters = generator.integers(2, 5, size=5).tolist()
    sides = generator.integers(1, 4, size=5).tolist()
    channels = [2, *filters[:-1]]
    shapes: list[tuple[int, ...]] = [(k, k + 1, c, f) for k, c, f in zip(sides, channels, filters, strict=True)]
    units = [3 * filters[-1], *generator.integers(2, 6, size=int(generator.integers(3, 5))).tolist()]
    yield Case({"shapes": shapes + list(itertools.pairwise(units)), "seed": int(generator.integers(1, 1000))}, "arrays")


def _initial(shapes, seed, spread=0.01, ones=None, output=0.0, fresh=False, draw="normal"):
    """All numbers drawn at once and cut; the keywords make the usual mistakes."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    generator = np.random.default_rng(seed)
    if fresh:
        numbers = [spread * np.random.default_rng(seed).standard_normal(size) for size in sizes]
    elif draw == "normal":
        numbers = np.split(spread * generator.standard_normal(sum(sizes)), np.cumsum(sizes)[:-1])
    else:
        numbers = [generator.uniform(-spread, spread, size) for size in sizes]
    ones = ones if ones is not None else [1, 3, 4, *range(5, len(shapes) - 1)]
    arrays: list[np.ndarray] = []
    for place, (shape, part) in enumerate(zip(shapes, numbers, strict=True)):
        value = 1.0 if place in ones else 0.0
        arrays += [part.reshape(shape), np.full(shape[-1], output if place == len(shapes) - 1 else value)]
    return tuple(arrays)


def _initial_oracle(shapes, seed):
    return _initial(shapes, seed)


_KNOWN_KERNELS = [np.array(FIRST_NORMAL[n]).reshape(1, 1, 1, 1) / 100 for n in range(5)]

alexnet_initial = Exercise(
    name="alexnet_initial",
    title="How it starts",
    points={"arrays": 2},
    minutes=10,
    difficulty=2,
    oracle=_initial_oracle,
    examples=(
        Case(
            {"shapes": FIVE_AND_ONE, "seed": 0},
            "arrays",
            "five convolutions of one number each, and two fully connected layers",
            known=(
                *(part for kernel, b in zip(_KNOWN_KERNELS, (0.0, 1.0, 0.0, 1.0, 1.0), strict=True) for part in (kernel, [b])),
                *(np.array([FIRST_NORMAL[5:7]]) / 100, [1.0, 1.0]),
                *(np.array([[n] for n in FIRST_NORMAL[7:9]]) / 100, [0.0]),
            ),
        ),
    ),
    cases=_initial_cases,
    hints=(
        "One generator: `np.random.default_rng(seed)`, made before the loop. One loop over the shapes, with `enumerate`.",
        "`generator.normal(0, 0.01, shape)` is a kernel; its biases are as many as the last number of the shape.",
        "The value is 1 where the place (from 0) is 1, 3 or 4, and from 5 up to the last but one; else 0. `np.full(shape[-1], value)`.",
    ),
)


@alexnet_initial.mistake(
    "These are the slide's biases: 0 in layers 2, 4 and 5. The paper has 1 there, 0 in layers 1 and 3, and 0 for the output."
)
def initial_as_on_the_slide(shapes, seed):
    return _initial(shapes, seed, ones=range(5, len(shapes)), output=1.0)


@alexnet_initial.mistake("Your weights are ten times too large: 0.01 is the standard deviation, not the variance.")
def initial_with_variance(shapes, seed):
    return _initial(shapes, seed, spread=0.1)


@alexnet_initial.mistake(
    "You put the ones into the third and the fifth convolution. The paper counts from 1: layers 2, 4, 5 have the places 1, 3, 4."
)
def initial_counting_from_zero(shapes, seed):
    return _initial(shapes, seed, ones=[2, 4, *range(5, len(shapes) - 1)])


@alexnet_initial.mistake("The output layer's biases are 1. Only the hidden fully connected layers start with 1.")
def initial_output_too(shapes, seed):
    return _initial(shapes, seed, output=1.0)


@alexnet_initial.mistake("All biases are 0. Which ones does the paper set to 1, and why?")
def initial_without_biases(shapes, seed):
    return _initial(shapes, seed, ones=())


@alexnet_initial.mistake("All biases are 1. Layers 1 and 3 and the output layer start with 0.")
def initial_with_ones(shapes, seed):
    return _initial(shapes, seed, ones=range(len(shapes)), output=1.0)


@alexnet_initial.mistake("Each kernel begins with the same numbers. Make the generator once, before the loop, and go on drawing.")
def initial_same_numbers(shapes, seed):
    return _initial(shapes, seed, fresh=True)


@alexnet_initial.mistake("These numbers are uniform. Draw them with `generator.normal`.")
def initial_uniform(shapes, seed):
    return _initial(shapes, seed, draw="uniform")


@alexnet_initial.mistake(
    "First come all your kernels, then all biases. The order wanted: a layer's kernel, its biases, the next layer."
)
def initial_kernels_first(shapes, seed):
    arrays = _initial(shapes, seed)
    return arrays[::2] + arrays[1::2]


@alexnet_initial.mistake("The fully connected layers' biases are all 0. The hidden ones start with 1, as the paper says.")
def initial_without_dense_ones(shapes, seed):
    return _initial(shapes, seed, ones=(1, 3, 4))


@alexnet_initial.mistake("The numbers have the standard deviation 1. The paper's is 0.01.")
def initial_with_deviation_one(shapes, seed):
    return _initial(shapes, seed, spread=1.0)


# --- aliased_frequency ---------------------------------------------------------------------------


def _aliased(frequency, stride):
    """The lowest wave with the same samples: the cosine forgets the rest."""
    turn = 2 * np.pi * stride
    return float(np.arccos(np.clip(np.cos(turn * frequency), -1, 1)) / turn)


def _alias_cases(generator: np.random.Generator) -> Iterator[Case]:
    stride = int(generator.integers(3, 7))
    for low, high in ((0.15, 0.4), (0.6, 0.9), (1.15, 1.4), (1.6, 1.9)):  # turns from sample to sample
        yield Case({"frequency": float(generator.uniform(low, high)) / stride, "stride": stride}, "frequency")
    yield Case({"frequency": float(generator.uniform(0.95, 0.99)), "stride": stride}, "frequency")  # almost a turn a pixel


aliased_frequency = Exercise(
    name="aliased_frequency",
    title="What a stride makes of stripes",
    points={"frequency": 1},
    minutes=8,
    difficulty=2,
    oracle=_aliased,
    examples=(
        Case({"frequency": 0.23, "stride": 4}, "frequency", "0.92 turns a step look like 0.08 the other way", known=0.02),
        Case({"frequency": 0.23, "stride": 2}, "frequency", "0.46 turns a step: less than half a turn, no harm", known=0.23),
        Case({"frequency": 0.3, "stride": 4}, "frequency", "1.2 turns a step look like 0.2", known=0.05),
    ),
    cases=_alias_cases,
    hints=(
        "From one sample to the next the wave makes frequency · stride turns. Whole turns cannot be seen.",
        "Take away the nearest whole number of turns: what is left lies between −½ and ½. Its sign cannot be seen either.",
        "f = 0.3, stride 2: 0.6 turns, nearest whole number 1, left −0.4. So the samples show 0.4/2 = 0.2 cycles a pixel.",
    ),
)


@aliased_frequency.mistake("This is the true frequency. With more than half a turn a step, the samples show a slower wave.")
def aliased_not_at_all(frequency, stride):
    return frequency


@aliased_frequency.mistake("You drop whole turns, but 0.92 of a turn forwards looks like 0.08 backwards: take the shorter way.")
def aliased_without_folding(frequency, stride):
    return (frequency * stride) % 1 / stride


@aliased_frequency.mistake("The wave seems to run backwards there, but a frequency has no sign: take the absolute value.")
def aliased_with_sign(frequency, stride):
    return frequency - round(frequency * stride) / stride


@aliased_frequency.mistake("This counts cycles from sample to sample. Divide by the stride: cycles per pixel.")
def aliased_per_sample(frequency, stride):
    return _aliased(frequency, stride) * stride


@aliased_frequency.mistake("A wave that is too fast does not stop at the limit. It comes back as a slower one: that is aliasing.")
def aliased_cut_off(frequency, stride):
    return min(frequency, 1 / (2 * stride))


@aliased_frequency.mistake("You take whole turns from the frequency itself. First count the turns from one sample to the next.")
def aliased_before_the_stride(frequency, stride):
    return abs(frequency - round(frequency)) / stride


@aliased_frequency.mistake("You always give what is missing to one turn. Take the distance to the nearest whole number of turns.")
def aliased_always_backwards(frequency, stride):
    return abs(1 - frequency * stride) / stride


# --- thinned_row ---------------------------------------------------------------------------------


def _thinned_cases(generator: np.random.Generator) -> Iterator[Case]:
    for width, stride in ((2, 3), (4, 2), (3, 4)):
        row = fractions(generator, int(generator.integers(20, 26)))
        yield Case({"row": row, "width": width, "stride": stride}, "samples")


def _thinned_before_the_mean(row, width, stride):
    kept = row[::stride]
    return np.convolve(kept, np.ones(width) / width, mode="valid")


thinned_row = Exercise(
    name="thinned_row",
    title="Repair: stripes from nowhere",
    points={"samples": 1},
    minutes=8,
    difficulty=2,
    oracle=lambda row, width, stride: np.lib.stride_tricks.sliding_window_view(row, width)[::stride].mean(axis=1),
    given=_thinned_before_the_mean,
    examples=(
        Case(
            {"row": np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0]), "width": 2, "stride": 2},
            "samples",
            "the finest stripes: each window has a mean of 0",
            known=[0.0, 0.0, 0.0],
        ),
        Case(
            {"row": np.array([4.0, 2.0, 0.0, 2.0, 4.0, 6.0, 8.0]), "width": 3, "stride": 2},
            "samples",
            "windows that begin at 0, 2 and 4",
            known=[2.0, 2.0, 6.0],
        ),
    ),
    cases=_thinned_cases,
    hints=(
        "Work the first example by hand beside the code. What is left of the stripes after the first line?",
        "Once the samples are taken, the false wave is in them like a true one. Nothing that comes later can tell the two apart.",
        "Stripes 1, −1, 1, −1: every second number is 1, 1, and their mean is 1. The means of neighbours are 0, 0, 0, and every second of these is 0, 0.",
    ),
)


@thinned_row.mistake("Nothing is smoothed now, so the false wave is as strong as the true one. The means are wanted.")
def thinned_without_means(row, width, stride):
    return row[: len(row) - width + 1 : stride]


@thinned_row.mistake("These are all the means. Keep only those of windows that begin at 0, stride, 2 · stride, …")
def thinned_not_at_all(row, width, stride):
    return np.convolve(row, np.ones(width) / width, mode="valid")


@thinned_row.mistake("Your windows move on by their own width. They move on by the stride.")
def thinned_by_the_width(row, width, stride):
    return np.convolve(row, np.ones(width) / width, mode="valid")[::width]


@thinned_row.mistake("At the ends zeros from outside are counted. Only windows that lie wholly inside the row are wanted.")
def thinned_with_the_ends(row, width, stride):
    return np.convolve(row, np.ones(width) / width, mode="same")[::stride]


@thinned_row.mistake("These are sums. The mean of a window is its sum divided by `width`.")
def thinned_sums(row, width, stride):
    return np.convolve(row, np.ones(width), mode="valid")[::stride]


# --- first_layer ---------------------------------------------------------------------------------


def _first_layer_cases(generator: np.random.Generator) -> Iterator[Case]:
    for stride in generator.permutation([2, 3, 4])[:2].tolist():
        side = int(generator.integers(150, 300))
        frequency = round(float(generator.uniform(0.51 / (stride + 1), 0.5 / stride)), 3)
        yield Case({"side": side, "frequency": frequency, "places": side // stride + 1}, "layer")


def _first_layer(side, frequency, places):
    """The largest honest stride, and the first kernel that fits without zeros."""
    stride = int(0.5 / frequency)
    kernel = next(kernel for kernel in range(max(3, stride), 12) if (side - kernel) % stride == 0)
    return kernel, stride, 0


def _first_layer_misses(result, side, frequency, places):
    kernel, stride, zeros = map(whole, result)
    if stride < 1 or not 3 <= kernel <= 11 or not 0 <= zeros < kernel:
        return f"The kernel has 3 to 11 pixels, the stride is 1 or more, the zeros are fewer than the kernel's pixels; yours are {kernel}, {stride}, {zeros}."
    if stride > 0.5 / frequency:
        return f"Stride {stride} shows waves up to {0.5 / stride:.3g} cycles a pixel truly; {frequency:g} is asked."
    moves, unseen = divmod(side + 2 * zeros - kernel, stride)
    if unseen:
        return f"Pixels at the edge that no window reaches: {unseen}; 0 are allowed."
    if kernel < stride:
        return f"Between two windows {stride - kernel} pixels are skipped; 0 are allowed."
    return f"There are {moves + 1} windows; at most {places} are allowed." if moves + 1 > places else ""


first_layer = Exercise(
    name="first_layer",
    title="Design: an honest first layer",
    points={"layer": 1},
    minutes=12,
    difficulty=2,
    oracle=_first_layer,
    meets=_first_layer_misses,
    examples=(
        Case(
            {"side": 224, "frequency": 0.23, "places": 113},
            "layer",
            "ZFNet's images: stride 2 shows waves up to 0.25",
            known=(6, 2, 0),
        ),
        Case({"side": 227, "frequency": 0.12, "places": 57}, "layer", "here AlexNet's stride is honest", known=(11, 4, 0)),
    ),
    cases=_first_layer_cases,
    hints=(
        "Three numbers, one after the other. The frequency decides about the stride, the stride about the kernel.",
        "A stride S keeps waves up to 1/(2S). Take the largest that is honest: it has the fewest windows.",
        "Side 20, frequency 0.15: 1/(2 · 0.15) = 3.3, so the stride is 3. Without zeros 20 − kernel must be a multiple of 3: the kernel may be 5 or 8.",
    ),
)


@first_layer.mistake("This is AlexNet's layer whatever is asked. Work out the stride from the frequency first.")
def layer_of_alexnet(side, frequency, places):
    return 11, 4, 0


@first_layer.mistake("This is ZFNet's layer whatever is asked. Work out the stride from the frequency first.")
def layer_of_zfnet(side, frequency, places):
    return 7, 2, 0


@first_layer.mistake("Stride 1 shows everything, but it has too many windows. Take the largest stride that is honest.")
def layer_at_every_pixel(side, frequency, places):
    return 3, 1, 0


@first_layer.mistake(
    "You take one sample for each whole wave. A wave needs two or more: the stride is 1/(2 · frequency) at most."
)
def layer_with_one_sample_a_wave(side, frequency, places):
    stride = int(1 / frequency)
    return next(((kernel, stride, 0) for kernel in range(max(3, stride), 12) if (side - kernel) % stride == 0), (11, stride, 0))


@first_layer.mistake(
    "The stride is right. But the windows must end at the very edge: choose the kernel, or zeros, so that the division has no rest."
)
def layer_with_a_rest(side, frequency, places):
    stride = int(0.5 / frequency)
    return next(kernel for kernel in range(max(3, stride), 12) if (side - kernel) % stride), stride, 0


EXERCISES: tuple[Exercise, ...] = (
    alexnet_sizes,
    lrn,
    grouped_conv,
    alexnet,
    alexnet_parameters,
    alexnet_initial,
    aliased_frequency,
    thinned_row,
    first_layer,
)
