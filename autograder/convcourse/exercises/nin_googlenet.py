"""Unit 13: 1×1 convolutions, Network in Network, and the Inception module with its costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.signal

from convcourse.exercises.cases import fractions, whole
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import Symbolic, block_facts

# --- mix_maps ----------------------------------------------------------------------------------


def _mix_cases(generator: np.random.Generator) -> Iterator[Case]:
    for channels, filters in ((2, 3), (3, 3), (4, 2)):
        rows, cols = generator.permutation([2, 3, 4, 5])[:2].tolist()
        yield Case({"x": fractions(generator, channels, rows, cols), "W": fractions(generator, channels, filters)}, "maps")


def _mixed_after_a_reshape(x, W):
    channels, rows, cols = x.shape
    pixels = x.reshape(rows * cols, channels)
    return (pixels @ W).T.reshape(-1, rows, cols)


mix_maps = Exercise(
    name="mix_maps",
    title="Repair: nine astronauts",
    points={"maps": 1},
    minutes=8,
    difficulty=2,
    oracle=lambda x, W: np.einsum("crs,cm->mrs", x, W),
    given=_mixed_after_a_reshape,
    examples=(
        Case(
            {"x": np.array([[[1.0, 2.0]], [[10.0, 20.0]]]), "W": np.array([[1.0, 1.0], [1.0, -1.0]])},
            "maps",
            "two pixels, (1, 10) and (2, 20): their sums and differences",
            known=[[[11.0, 22.0]], [[-9.0, -18.0]]],
        ),
        Case(
            {"x": np.arange(12.0).reshape(3, 2, 2), "W": np.array([[1.0], [0.0], [0.0]])},
            "maps",
            "a filter that hands on the first channel",
            known=[[[0.0, 1.0], [2.0, 3.0]]],
        ),
    ),
    cases=_mix_cases,
    hints=(
        "Print `pixels` for the first example. A row should be a pixel with its two channels.",
        "`reshape` never moves a number: it reads all numbers in the order in which they lie, and breaks the lines at other places.",
        "In the first example the numbers lie in the order 1, 2, 10, 20, channel by channel. Rows of two make (1, 2) and (10, 20), which are no pixels. "
        "Lay them out as channels × pixels first, and turn that table.",
    ),
)


@mix_maps.mistake(
    "Going in is right. Coming out, turn the table before you cut it into maps: its rows are pixels, and maps are wanted."
)
def mixed_and_torn_at_the_end(x, W):
    channels, rows, cols = x.shape
    return (x.reshape(channels, -1).T @ W).reshape(-1, rows, cols)


@mix_maps.mistake("`x.T` turns all three axes, so the pixels come column by column, and the result is put together row by row.")
def mixed_column_by_column(x, W):
    channels, rows, cols = x.shape
    return (x.T.reshape(-1, channels) @ W).T.reshape(-1, rows, cols)


@mix_maps.mistake("You return the channels last. Here they come first: (filters, rows, cols).")
def mixed_channels_last(x, W):
    return np.moveaxis(x, 0, -1) @ W


@mix_maps.mistake("Each filter gets every channel with the same weight. Use the columns of W.")
def mixed_without_weights(x, W):
    return np.repeat(x.sum(axis=0)[None], W.shape[1], axis=0)


# --- conv_cost ---------------------------------------------------------------------------------

STRIDE_1, STRIDE_2 = "stride 1", "larger strides"
FIVE_BY_FIVE = {"shape": (28, 28, 192), "num_filters": 32, "kernel": (5, 5), "stride": 1}
FIRST_LAYER = {"shape": (224, 224, 3), "num_filters": 64, "kernel": (7, 7), "stride": 2}


def _whole(generator: np.random.Generator, low: int, high: int) -> int:
    return int(generator.integers(low, high))


def _conv_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, stride in ((STRIDE_1, 1), (STRIDE_2, 2), (STRIDE_2, 3)):
        # Sides that no stride divides, rows ≠ cols, kernel rows ≠ kernel cols, channels ≠ filters.
        shape = (6 * _whole(generator, 2, 5) + 1, 6 * _whole(generator, 5, 8) + 1, _whole(generator, 2, 7))
        kernel = (_whole(generator, 2, 4), _whole(generator, 5, 8))
        yield Case({"shape": shape, "num_filters": _whole(generator, 8, 20), "kernel": kernel, "stride": stride}, part)


def _conv_oracle(shape, num_filters, kernel, stride):
    weights = np.zeros((*kernel, shape[2], num_filters))
    places = np.zeros(shape[:2])[::stride, ::stride]
    return weights.size, weights.size * places.size


conv_cost = Exercise(
    name="conv_cost",
    title="What a convolution costs",
    results=("weights", "products"),
    points={STRIDE_1: 1, STRIDE_2: 1},
    minutes=8,
    difficulty=1,
    oracle=_conv_oracle,
    examples=(
        Case(FIVE_BY_FIVE, STRIDE_1, "the lecture's: 153,600 weights and 120 M products", known=(153_600, 120_422_400)),
        Case(FIRST_LAYER, STRIDE_2, "GoogLeNet's first layer", known=(9_408, 118_013_952)),
        Case(
            {"shape": (5, 7, 2), "num_filters": 3, "kernel": (1, 4), "stride": 2},
            STRIDE_2,
            "3 · 4 places of 24 weights",
            known=(24, 288),
        ),
    ),
    cases=_conv_cases,
    hints=(
        "How many numbers has one filter? It reaches through all channels.",
        "Each weight is used once at each place of the output.",
        "With stride 2, 7 rows and 6 columns have ⌈7 / 2⌉ = 4 and ⌈6 / 2⌉ = 3 places, 12 in all. So 90 weights make 12 · 90 = "
        "1,080 products.",
    ),
)


@conv_cost.mistake("A filter reaches through all channels of the input. Multiply by the number of channels too.")
def cost_of_one_map(shape, num_filters, kernel, stride):
    weights, products = _conv_oracle(shape, num_filters, kernel, stride)
    return weights // shape[2], products // shape[2]


@conv_cost.mistake("You added the biases. Here they are left out, as in the paper's table.")
def cost_with_biases(shape, num_filters, kernel, stride):
    weights, products = _conv_oracle(shape, num_filters, kernel, stride)
    return weights + num_filters, products


@conv_cost.mistake("The products are done at the places of the output: a stride leaves places out.")
def cost_at_every_input_place(shape, num_filters, kernel, stride):
    weights, _ = _conv_oracle(shape, num_filters, kernel, stride)
    return weights, weights * shape[0] * shape[1]


@conv_cost.mistake("With padding same, a side of n has ⌈n / stride⌉ places. You rounded down: 5 rows at stride 2 give 3, not 2.")
def cost_rounds_down(shape, num_filters, kernel, stride):
    weights, _ = _conv_oracle(shape, num_filters, kernel, stride)
    return weights, weights * (shape[0] // stride) * (shape[1] // stride)


@conv_cost.mistake("The kernel need not be square. Use its rows and its columns.")
def cost_of_square_kernels(shape, num_filters, kernel, stride):
    return _conv_oracle(shape, num_filters, (kernel[0], kernel[0]), stride)


@conv_cost.mistake("You counted the places of mode valid. With padding same every place of the image counts.")
def cost_in_valid_mode(shape, num_filters, kernel, stride):
    weights, _ = _conv_oracle(shape, num_filters, kernel, stride)
    rows, cols = ((side - size) // stride + 1 for side, size in zip(shape, kernel, strict=False))
    return weights, weights * rows * cols


@conv_cost.mistake("You divide by the stride once. It thins out rows and columns: both sides.")
def cost_divided_by_stride_once(shape, num_filters, kernel, stride):
    weights, _ = _conv_oracle(shape, num_filters, kernel, 1)
    return weights, math.ceil(weights * shape[0] * shape[1] / stride)


# --- reduced_cost ------------------------------------------------------------------------------


def _reduced_cases(generator: np.random.Generator) -> Iterator[Case]:
    shape = (_whole(generator, 5, 9), _whole(generator, 10, 15), _whole(generator, 20, 40))
    kernel = (_whole(generator, 2, 4), _whole(generator, 5, 8))
    numbers = {"num_reduce": _whole(generator, 3, 9), "num_filters": _whole(generator, 10, 19)}
    yield Case({"shape": shape, **numbers, "kernel": kernel}, "counts")


def _reduced_oracle(shape, num_reduce, num_filters, kernel):
    weights = np.zeros((shape[2], num_reduce)).size + np.zeros((num_reduce, *kernel, num_filters)).size
    return weights, weights * np.zeros(shape[:2]).size


reduced_cost = Exercise(
    name="reduced_cost",
    title="The same with a reduction in front",
    results=("weights", "products"),
    points={"counts": 1},
    minutes=6,
    difficulty=1,
    oracle=_reduced_oracle,
    examples=(
        Case(
            {"shape": (28, 28, 192), "num_reduce": 16, "num_filters": 32, "kernel": (5, 5)},
            "counts",
            "the lecture's: 15,872 weights and 12.4 M products",
            known=(15_872, 12_443_648),
        ),
        Case(
            {"shape": (2, 3, 10), "num_reduce": 2, "num_filters": 4, "kernel": (1, 3)},
            "counts",
            "20 + 24 weights at 6 places",
            known=(44, 264),
        ),
    ),
    cases=_reduced_cases,
    hints=(
        "Two convolutions, one after the other. You have a function for the cost of one.",
        "What is the shape that the second convolution gets? The rows and columns stay, the channels do not.",
        "From 28 × 28 × 192 with 16 filters 1×1: the first costs as a 1×1 on 192 channels, the second gets 28 × 28 × 16. Add "
        "weights to weights and products to products.",
    ),
)


@reduced_cost.mistake("The 1×1 convolution costs something too. Add its weights and products.")
def reduced_without_the_reduction(shape, num_reduce, num_filters, kernel):
    return _conv_oracle((*shape[:2], num_reduce), num_filters, kernel, 1)


@reduced_cost.mistake(
    "The second convolution no longer sees all channels: it sees the `num_reduce` maps that the first one made."
)
def reduced_but_all_channels(shape, num_reduce, num_filters, kernel):
    weights = shape[2] * (num_reduce + math.prod(kernel) * num_filters)
    return weights, weights * shape[0] * shape[1]


@reduced_cost.mistake("The 1×1 convolution comes first. The wide one sees its `num_reduce` maps only.")
def reduced_afterwards(shape, num_reduce, num_filters, kernel):
    weights = num_filters * (math.prod(kernel) * shape[2] + num_reduce)
    return weights, weights * shape[0] * shape[1]


@reduced_cost.mistake("Two layers one after the other: their costs add. You multiplied them.")
def reduced_multiplied(shape, num_reduce, num_filters, kernel):
    weights = shape[2] * num_reduce * num_reduce * math.prod(kernel) * num_filters
    return weights, weights * shape[0] * shape[1]


@reduced_cost.mistake("The first convolution is 1×1. You gave it the wide kernel as well.")
def reduced_with_the_wide_kernel(shape, num_reduce, num_filters, kernel):
    weights = kernel[0] * kernel[1] * (shape[2] * num_reduce + num_reduce * num_filters)
    return weights, weights * shape[0] * shape[1]


@reduced_cost.mistake("You added the biases. Here they are left out, as in the paper's table.")
def reduced_with_biases(shape, num_reduce, num_filters, kernel):
    weights, products = _reduced_oracle(shape, num_reduce, num_filters, kernel)
    return weights + num_reduce + num_filters, products


# --- mlpconv -----------------------------------------------------------------------------------


def _layers() -> Any:
    from keras import layers

    return layers


def _mlpconv_steps(
    num_filters: Sequence[int], size: int, stride: int, padding: str, last: str = "relu", inner: str = "relu"
) -> list[Any]:
    layers = _layers()
    activations = [inner] * (len(num_filters) - 1) + [last]
    steps = [layers.Conv2D(num_filters[0], (size, size), (stride, stride), padding, activation=activations[0])]
    pairs = zip(num_filters[1:], activations[1:], strict=True)
    return steps + [layers.Conv2D(number, (1, 1), padding="same", activation=activation) for number, activation in pairs]


def _through(x: Any, steps: list) -> Any:
    for step in steps:
        x = step(x)
    return x


def _mlpconv(x, num_filters, size, stride, padding):
    return _through(x, _mlpconv_steps(num_filters, size, stride, padding))


def _mlpconv_cases(generator: np.random.Generator) -> Iterator[Case]:
    num_filters = tuple(int(n) for n in generator.permutation(np.arange(3, 9))[: _whole(generator, 2, 5)])
    x = Symbolic((9, 12, _whole(generator, 1, 4)))
    padding = ("same", "valid")[_whole(generator, 0, 2)]
    yield Case({"x": x, "num_filters": num_filters, "size": 3, "stride": 2, "padding": padding}, "block")


mlpconv = Exercise(
    name="mlpconv",
    title="A small network at every place",
    points={"block": 2},
    minutes=10,
    difficulty=1,
    oracle=lambda *arguments: block_facts(_mlpconv, *arguments),
    examples=(
        Case(
            {"x": Symbolic((8, 8, 3)), "num_filters": (192, 160, 96), "size": 5, "stride": 1, "padding": "same"},
            "block",
            "Network in Network's first: 14,592 + 30,880 + 15,456 parameters",
            known=60_928,
        ),
        Case(
            {"x": Symbolic((7, 10, 2)), "num_filters": (4, 3), "size": 3, "stride": 2, "padding": "valid"},
            "block",
            "one 1×1 only: (18 · 4 + 4) + (4 · 3 + 3)",
            known=91,
        ),
    ),
    cases=_mlpconv_cases,
    hints=(
        "One `Conv2D` with the given size, stride and padding; then a `Conv2D` of size 1 for each further number.",
        "`activation='relu'` in every one of them. How many 1×1s there are, `num_filters` says: loop over it.",
        "For (192, 160, 96): a convolution with 192 filters, then two 1×1s with 160 and 96. The first number is used apart from "
        "the others, `num_filters[1:]`; size, stride and padding belong to it alone.",
    ),
)


@mlpconv.mistake("The last 1×1 convolution has a ReLU too.")
def mlpconv_without_last_relu(x, num_filters, size, stride, padding):
    return _through(x, _mlpconv_steps(num_filters, size, stride, padding, last="linear"))


@mlpconv.mistake("Without ReLU between them the layers melt into a single linear one. Every convolution has its own.")
def mlpconv_without_inner_relu(x, num_filters, size, stride, padding):
    return _through(x, _mlpconv_steps(num_filters, size, stride, padding, inner="linear"))


@mlpconv.mistake("Only the first convolution looks around. All others are 1×1.")
def mlpconv_all_kernels_wide(x, num_filters, size, stride, padding):
    layers = _layers()
    x = layers.Conv2D(num_filters[0], size, strides=stride, padding=padding, activation="relu")(x)
    for number in num_filters[1:]:
        x = layers.Conv2D(number, size, padding="same", activation="relu")(x)
    return x


@mlpconv.mistake("The stride belongs to the first convolution only; the 1×1s keep the size.")
def mlpconv_stride_in_every_layer(x, num_filters, size, stride, padding):
    layers = _layers()
    x = layers.Conv2D(num_filters[0], size, strides=stride, padding=padding, activation="relu")(x)
    for number in num_filters[1:]:
        x = layers.Conv2D(number, 1, strides=stride, activation="relu")(x)
    return x


@mlpconv.mistake("Hand `padding` on to the first convolution; without it Keras uses valid.")
def mlpconv_ignores_padding(x, num_filters, size, stride, padding):
    return _mlpconv(x, num_filters, size, stride, "valid")


# --- global_average_head -----------------------------------------------------------------------


def _head(x, classes):
    import keras

    maps = _layers().Conv2D(classes, (1, 1), padding="same")(x)
    return keras.ops.softmax(keras.ops.mean(maps, axis=(1, 2)), axis=-1)


def _head_cases(generator: np.random.Generator) -> Iterator[Case]:
    shape = (_whole(generator, 3, 6), _whole(generator, 6, 9), _whole(generator, 3, 8))
    yield Case({"x": Symbolic(shape), "classes": _whole(generator, 3, 8)}, "head")


global_average_head = Exercise(
    name="global_average_head",
    title="A head without dense layers",
    points={"head": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda *arguments: block_facts(_head, *arguments),
    examples=(
        Case({"x": Symbolic((4, 5, 6)), "classes": 3}, "head", "6 · 3 weights and 3 biases", known=21),
        Case({"x": Symbolic((8, 8, 192)), "classes": 10}, "head", "Network in Network on CIFAR-10", known=1_930),
    ),
    cases=_head_cases,
    hints=(
        "Three layers: a convolution, a pooling, a softmax.",
        "The convolution has size 1 and as many filters as there are classes; the pooling is `GlobalAveragePooling2D`.",
        "From 6 × 5 × 8 to 3 classes: maps 6 × 5 × 3, then 3 means, then 3 probabilities. The softmax is a layer of its own, "
        "after the means.",
    ),
)


@global_average_head.mistake("This is the old head: `Flatten` and `Dense`. Make one map for each class and take its mean.")
def head_flattens(x, classes):
    layers = _layers()
    return layers.Dense(classes, activation="softmax")(layers.Flatten()(x))


@global_average_head.mistake("You took the softmax at every place and then the mean. The mean of the maps comes first.")
def head_softmax_before_mean(x, classes):
    layers = _layers()
    return layers.GlobalAveragePooling2D()(layers.Conv2D(classes, 1, activation="softmax")(x))


@global_average_head.mistake("You took each map's maximum. Its mean is wanted: `GlobalAveragePooling2D`.")
def head_takes_maximum(x, classes):
    layers = _layers()
    return layers.Softmax()(layers.GlobalMaxPooling2D()(layers.Conv2D(classes, 1)(x)))


@global_average_head.mistake("The softmax is missing: the numbers should be probabilities.")
def head_without_softmax(x, classes):
    layers = _layers()
    return layers.GlobalAveragePooling2D()(layers.Conv2D(classes, 1)(x))


@global_average_head.mistake("No ReLU on the class maps here: a place may also speak against a class.")
def head_rectifies_maps(x, classes):
    layers = _layers()
    return layers.Softmax()(layers.GlobalAveragePooling2D()(layers.Conv2D(classes, 1, activation="relu")(x)))


# --- inception ---------------------------------------------------------------------------------


def _conv(filters: int, size: int, activation: str = "relu") -> list:
    return [_layers().Conv2D(filters, (size, size), padding="same", activation=activation)]


def _side_by_side(x: Any, *branches: list) -> Any:
    return _layers().concatenate([_through(x, branch) for branch in branches], axis=-1)


def _pool() -> list:
    return [_layers().MaxPooling2D((3, 3), strides=(1, 1), padding="same")]


def _inception(x, numbers):
    n1, r3, n3, r5, n5, pool = numbers
    wide = [_conv(r3, 1) + _conv(n3, 3), _conv(r5, 1) + _conv(n5, 5)]
    return _side_by_side(x, _conv(n1, 1), *wide, _pool() + _conv(pool, 1))


def _six(generator: np.random.Generator) -> tuple[int, ...]:
    """Six different numbers, so that every exchange of columns shows."""
    return tuple(int(n) for n in generator.permutation(np.arange(1, 9))[:6])


def _inception_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"x": Symbolic((6, 9, _whole(generator, 3, 7))), "numbers": _six(generator)}, "module")


inception = Exercise(
    name="inception",
    title="The Inception module",
    points={"module": 3},
    minutes=15,
    difficulty=2,
    oracle=lambda *arguments: block_facts(_inception, *arguments),
    examples=(
        Case(
            {"x": Symbolic((6, 8, 4)), "numbers": (2, 3, 4, 1, 2, 3)},
            "module",
            "10 + (15 + 112) + (5 + 52) + 15 parameters",
            known=209,
        ),
        Case(
            {"x": Symbolic((7, 5, 192)), "numbers": (64, 96, 128, 16, 32, 32)},
            "module",
            "row 3a: 163,328 weights and 368 biases",
            known=163_696,
        ),
    ),
    cases=_inception_cases,
    hints=(
        "Four branches start from the same `x`; at the end `layers.Concatenate()` takes the list of their tensors.",
        "All of them keep rows and columns: `padding='same'`, and the pooling has `strides=1` (Keras would take 3).",
        "A small helper for a `Conv2D` with padding same and ReLU saves typing. A branch with a reduction uses it twice: 96 "
        "filters 1×1 on `x`, then 128 filters 3×3 on their maps. In the last branch it reads the pooled maps.",
    ),
)


@inception.mistake("The 1×1 reductions have a ReLU too: all convolutions of the module have one.")
def inception_reduces_without_relu(x, numbers):
    n1, r3, n3, r5, n5, pool = numbers
    wide = [_conv(r3, 1, "linear") + _conv(n3, 3), _conv(r5, 1, "linear") + _conv(n5, 5)]
    return _side_by_side(x, _conv(n1, 1), *wide, _pool() + _conv(pool, 1))


@inception.mistake("In the last branch the pooling comes first and the 1×1 convolution after it.")
def inception_projects_before_pooling(x, numbers):
    n1, r3, n3, r5, n5, pool = numbers
    wide = [_conv(r3, 1) + _conv(n3, 3), _conv(r5, 1) + _conv(n5, 5)]
    return _side_by_side(x, _conv(n1, 1), *wide, _conv(pool, 1) + _pool())


@inception.mistake("The module pools by the maximum, not by the mean.")
def inception_averages(x, numbers):
    n1, r3, n3, r5, n5, pool = numbers
    wide = [_conv(r3, 1) + _conv(n3, 3), _conv(r5, 1) + _conv(n5, 5)]
    average = [_layers().AveragePooling2D(3, strides=1, padding="same")]
    return _side_by_side(x, _conv(n1, 1), *wide, average + _conv(pool, 1))


@inception.mistake("The branches are right, but in another order. Wanted: 1×1, 3×3, 5×5, pool.")
def inception_other_order(x, numbers):
    n1, r3, n3, r5, n5, pool = numbers
    wide = [_conv(r5, 1) + _conv(n5, 5), _conv(r3, 1) + _conv(n3, 3)]
    return _side_by_side(x, _conv(n1, 1), *wide, _pool() + _conv(pool, 1))


@inception.mistake("This is the naive module. Put the 1×1 reductions before 3×3 and 5×5, and one after the pooling.")
def inception_naive(x, numbers):
    n1, _, n3, _, n5, _ = numbers
    return _side_by_side(x, _conv(n1, 1), _conv(n3, 3), _conv(n5, 5), _pool())


@inception.mistake("You exchanged columns: the table gives '#3×3 reduce' before '#3×3', and '#5×5 reduce' before '#5×5'.")
def inception_exchanges_columns(x, numbers):
    n1, r3, n3, r5, n5, pool = numbers
    return _inception(x, (n1, n3, r3, n5, r5, pool))


# --- inception_cost ----------------------------------------------------------------------------


def _kernels(channels: int, numbers: Sequence[int]) -> list[tuple[int, ...]]:
    n1, r3, n3, r5, n5, pool = numbers
    return [(1, channels, n1), (1, channels, r3), (9, r3, n3), (1, channels, r5), (25, r5, n5), (1, channels, pool)]


def _module_cost(shape, numbers):
    weights = sum(np.zeros(kernel).size for kernel in _kernels(shape[2], numbers))
    return weights, weights * np.zeros(shape[:2]).size


def _module_cost_cases(generator: np.random.Generator) -> Iterator[Case]:
    # More channels than 1×1, 3×3 and 5×5 filters together, so that every mix-up of channels shows.
    shape = (_whole(generator, 5, 9), _whole(generator, 10, 15), _whole(generator, 30, 50))
    yield Case({"shape": shape, "numbers": _six(generator)}, "counts")


inception_cost = Exercise(
    name="inception_cost",
    title="A row of the table, counted",
    results=("weights", "products"),
    points={"counts": 2},
    minutes=8,
    difficulty=2,
    oracle=_module_cost,
    examples=(
        Case(
            {"shape": (28, 28, 192), "numbers": (64, 96, 128, 16, 32, 32)},
            "counts",
            "row 3a, printed as 159K and 128M",
            known=(163_328, 128_049_152),
        ),
        Case(
            {"shape": (2, 3, 4), "numbers": (2, 3, 4, 1, 2, 3)},
            "counts",
            "8 + 12 + 108 + 4 + 50 + 12 weights at 6 places",
            known=(194, 1_164),
        ),
        Case(
            {"shape": (28, 28, 256), "numbers": (128, 64, 192, 64, 96, 64)},
            "counts",
            "the lecture's module: 271 million instead of 854",
            known=(346_112, 271_351_808),
        ),
    ),
    cases=_module_cost_cases,
    hints=(
        "Four branches; their costs add up. The pooling itself has no weights and no products.",
        "Two of the branches are `conv_cost` of a 1×1, the other two are `reduced_cost`.",
        "The pool projection costs `conv_cost(shape, projection, (1, 1), 1)`: pooling with stride 1 changes no shape.",
    ),
)


@inception_cost.mistake("This is the cost without reductions. The 3×3 and the 5×5 see the reduced maps only.")
def module_cost_without_reductions(shape, numbers):
    n1, _, n3, _, n5, pool = numbers
    weights = shape[2] * (n1 + 9 * n3 + 25 * n5 + pool)
    return weights, weights * shape[0] * shape[1]


@inception_cost.mistake("The 1×1 convolution after the pooling is missing.")
def module_cost_without_projection(shape, numbers):
    return _module_cost(shape, (*numbers[:5], 0))


@inception_cost.mistake("The pooling branch starts from the module's input, so its 1×1 convolution sees the input's channels.")
def module_cost_projects_what_is_joined(shape, numbers):
    n1, _, n3, _, n5, pool = numbers
    weights = sum(math.prod(kernel) for kernel in _kernels(shape[2], numbers)[:-1]) + (n1 + n3 + n5) * pool
    return weights, weights * shape[0] * shape[1]


@inception_cost.mistake("You added the biases. Here they are left out, as in the paper's table.")
def module_cost_with_biases(shape, numbers):
    weights, products = _module_cost(shape, numbers)
    return weights + sum(numbers), products


@inception_cost.mistake("You counted the 5×5 kernels as 3×3.")
def module_cost_of_small_kernels(shape, numbers):
    kernels = [(min(size, 9), *maps) for size, *maps in _kernels(shape[2], numbers)]
    weights = sum(math.prod(kernel) for kernel in kernels)
    return weights, weights * shape[0] * shape[1]


@inception_cost.mistake("You exchanged columns: the table gives '#3×3 reduce' before '#3×3', and '#5×5 reduce' before '#5×5'.")
def module_cost_exchanges_columns(shape, numbers):
    n1, r3, n3, r5, n5, pool = numbers
    return _module_cost(shape, (n1, n3, r3, n5, r5, pool))


# --- googlenet_body ----------------------------------------------------------------------------

SIMPLE, MODULES = "convolutions and pools", "Inception modules"


def _body(
    x: Any,
    table: Any,
    padding: str = "same",
    pool: str = "MaxPooling2D",
    reduce: str = "relu",
    strides: bool = True,
    early: bool = False,
    patch: Any = None,
) -> Any:
    layers = _layers()
    for row in table:
        if row[0] == "max pool":
            size, stride = patch or row[1]
            x = getattr(layers, pool)(size, strides=stride, padding=padding)(x)
        elif row[0] == "convolution":
            size, stride = row[1]
            for number in row[4][:1] if row[4] else ():
                x = x if reduce == "none" else _through(x, _conv(number, 1, reduce))
                x = x[:, ::stride, ::stride] if early else x
            x = layers.Conv2D(row[2][2], size, strides=stride if strides else 1, padding="same", activation="relu")(x)
        else:
            x = _inception(x, row[4])
    return x


def _row(kind: str, shape: tuple[int, int], maps: int, patch: Any = None, numbers: Any = None) -> tuple[Any, ...]:
    depth = 0 if kind == "max pool" else 1 if patch and not numbers else 2
    return (kind, patch, (*shape, maps), depth, numbers, "", "")


def _simple_table(maps: Sequence[int], reduce: int, stride: int = 1) -> tuple[tuple[Any, ...], ...]:
    """Convolution 5×5/2, pool 3×3/2, convolution 3×3 with a reduction: for images of 16×20."""
    shape = (4, 5) if stride == 1 else (2, 3)
    first, second = maps
    return (
        _row("convolution", (8, 10), first, (5, 2)),
        _row("max pool", (4, 5), first, (3, 2)),
        _row("convolution", shape, second, (3, stride), (reduce, second)),
    )


def _module_table(first: int, numbers: Sequence[int], patch: int = 3) -> tuple[tuple[Any, ...], ...]:
    """Convolution 3×3/2, a module, a pool with stride 2: for images of 8×12."""
    joined = numbers[0] + numbers[2] + numbers[4] + numbers[5]
    return (
        _row("convolution", (4, 6), first, (3, 2)),
        _row("inception 3a", (4, 6), joined, None, tuple(numbers)),
        _row("max pool", (2, 3), joined, (patch, 2)),
    )


def _body_cases(generator: np.random.Generator) -> Iterator[Case]:
    maps = tuple(int(n) for n in generator.permutation(np.arange(3, 9))[:3])
    yield Case({"x": Symbolic((16, 20, 2)), "table": _simple_table(maps[:2], maps[2], stride=2)}, SIMPLE)
    table = _module_table(_whole(generator, 3, 7), _six(generator), patch=2)
    yield Case({"x": Symbolic((8, 12, 3)), "table": table}, MODULES)


googlenet_body = Exercise(
    name="googlenet_body",
    title="A net from its table",
    points={SIMPLE: 1, MODULES: 2},
    minutes=20,
    difficulty=3,
    oracle=lambda *arguments: block_facts(_body, *arguments),
    examples=(
        Case(
            {"x": Symbolic((16, 20, 2)), "table": _simple_table((4, 6), 3)},
            SIMPLE,
            "(50 · 4 + 4) + (4 · 3 + 3) + (27 · 6 + 6) parameters",
            known=387,
        ),
        Case(
            {"x": Symbolic((8, 12, 3)), "table": _module_table(4, (2, 3, 4, 1, 2, 3))},
            MODULES,
            "(27 · 4 + 4) + 209 parameters",
            known=321,
        ),
    ),
    cases=_body_cases,
    hints=(
        "A loop over the rows, and in it three kinds: the first word of the row decides.",
        "Unpack a row: `for kind, patch, output, depth, numbers, *_ in table:`. A convolution's filters are `output[-1]`.",
        "The third row has (64, 192): a 1×1 to 64 maps, then a 3×3 to 192, each with ReLU. The first row has None there: it "
        'begins with its 7×7. Where a row has numbers and its kind is "inception (…)", all six go to your `inception`.',
    ),
)


@googlenet_body.mistake("A convolution row with numbers has a 1×1 convolution before it: its filters stand under '#3×3 reduce'.")
def body_without_the_reduction(x, table):
    return _body(x, table, reduce="none")


@googlenet_body.mistake("The 1×1 convolution before the 3×3 has a ReLU too.")
def body_reduces_without_relu(x, table):
    return _body(x, table, reduce="linear")


@googlenet_body.mistake("The pools have padding same: 112 becomes 56 only so.")
def body_pools_valid(x, table):
    return _body(x, table, padding="valid")


@googlenet_body.mistake("The rows say 'max pool': take the maximum.")
def body_pools_by_the_mean(x, table):
    return _body(x, table, pool="AveragePooling2D")


@googlenet_body.mistake("The second number of (patch, stride) is the stride of the convolution. Hand it on.")
def body_ignores_the_stride(x, table):
    return _body(x, table, strides=False)


@googlenet_body.mistake(
    "The stride belongs to the convolution of the row. The 1×1 before it looks at every place: it has stride 1."
)
def body_reduces_with_the_stride(x, table):
    return _body(x, table, early=True)


@googlenet_body.mistake("All your pools are 3×3 with stride 2. Each row has its own patch and stride.")
def body_pools_by_threes(x, table):
    return _body(x, table, patch=(3, 2))


@googlenet_body.mistake(
    "Every row starts from the image again, and only the last one counts. Write `x = …` so that the rows follow each other."
)
def body_starts_again_in_every_row(x, table):
    return _body(x, table[-1:])


# --- factorised_cost ---------------------------------------------------------------------------


def _factorised_cases(generator: np.random.Generator) -> Iterator[Case]:
    for length in (2, 3):
        rows = [_whole(generator, 2, 5) for _ in range(length)]
        cols = [_whole(generator, 5, 8) for _ in range(length)]
        yield Case({"channels": _whole(generator, 3, 12), "kernels": tuple(zip(rows, cols, strict=True))}, "chain")


def _chain_oracle(channels, kernels):
    window, weights = np.ones((1, 1)), 0
    for kernel in kernels:
        # What a chain of kernels sees is as large as their convolution (mode full).
        window = scipy.signal.convolve2d(window, np.ones(kernel))
        weights += np.zeros((*kernel, channels, channels)).size
    return weights, window.shape


factorised_cost = Exercise(
    name="factorised_cost",
    title="One window from smaller kernels",
    results=("weights", ("rows", "cols")),
    points={"chain": 2},
    minutes=10,
    difficulty=2,
    oracle=_chain_oracle,
    examples=(
        Case({"channels": 64, "kernels": ((3, 3), (3, 3))}, "chain", "two 3×3 see 5×5", known=(73_728, (5, 5))),
        Case({"channels": 1, "kernels": ((1, 7), (7, 1))}, "chain", "14 weights see 7×7", known=(14, (7, 7))),
        Case({"channels": 2, "kernels": ((2, 5),)}, "chain", "a single kernel", known=(40, (2, 5))),
    ),
    cases=_factorised_cases,
    hints=(
        "A layer from C channels to C channels with a kernel of r × c has r · c · C · C weights. The layers' weights add up.",
        "One place of the last layer sees r × c places below it. Each of those sees r' × c' of the layer before.",
        "Start with a window of 1 × 1; a kernel (r, c) adds r − 1 rows and c − 1 columns.",
    ),
)


@factorised_cost.mistake(
    "The window is too large. A further kernel of k rows adds k − 1 rows, since it starts from one: two 3×3 see 5×5, not 6×6."
)
def chain_adds_sides(channels, kernels):
    return _chain_oracle(channels, kernels)[0], tuple(sum(side) for side in zip(*kernels, strict=True))


@factorised_cost.mistake("These are the weights between one map and one map. There are channels × channels such pairs.")
def chain_of_one_map(channels, kernels):
    weights, window = _chain_oracle(channels, kernels)
    return weights // channels**2, window


@factorised_cost.mistake("Each layer has `channels` filters, and each of them reaches through `channels` maps.")
def chain_counts_channels_once(channels, kernels):
    weights, window = _chain_oracle(channels, kernels)
    return weights // channels, window


@factorised_cost.mistake("The window of a chain is larger than its largest kernel: every kernel adds its side less one.")
def chain_takes_the_largest(channels, kernels):
    return _chain_oracle(channels, kernels)[0], tuple(max(side) for side in zip(*kernels, strict=True))


@factorised_cost.mistake("Rows and columns of the window are exchanged.")
def chain_exchanges_rows_and_cols(channels, kernels):
    weights, (rows, cols) = _chain_oracle(channels, kernels)
    return weights, (cols, rows)


@factorised_cost.mistake("The sides of the kernels are multiplied in your window. Every kernel adds its side less one.")
def chain_multiplies_sides(channels, kernels):
    weights, _ = _chain_oracle(channels, kernels)
    return weights, (math.prod(rows for rows, _ in kernels), math.prod(cols for _, cols in kernels))


@factorised_cost.mistake("The layers stand one after the other: their weights are added, not multiplied.")
def chain_multiplies_weights(channels, kernels):
    _, window = _chain_oracle(channels, kernels)
    return math.prod(rows * cols for rows, cols in kernels) * channels**2, window


@factorised_cost.mistake("The window is one too small on each side. Before the first kernel it is a single place: start with 1.")
def chain_starts_at_zero(channels, kernels):
    weights, (rows, cols) = _chain_oracle(channels, kernels)
    return weights, (rows - 1, cols - 1)


# --- thrifty_module ------------------------------------------------------------------------------


def _module_weights(channels, numbers):
    n1, reduce3, n3, reduce5, n5, projection = numbers
    return channels * (n1 + reduce3 + reduce5 + projection) + 9 * reduce3 * n3 + 25 * reduce5 * n5


def _thrifty(channels, maps, weights):
    few, part = channels // 8, maps // 8
    return maps - 6 * part, few, 4 * part, few, part, part


def _thrifty_cases(generator: np.random.Generator) -> Iterator[Case]:
    for _ in range(2):
        channels, maps = (8 * generator.permutation(np.arange(5, 40))[:2]).tolist()
        least = _module_weights(channels, _thrifty(channels, maps, 0))
        yield Case({"channels": channels, "maps": maps, "weights": int(1.1 * least)}, "module")


def _thrifty_misses(result, channels, maps, weights):
    numbers = n1, reduce3, n3, reduce5, n5, projection = [whole(number) for number in result]
    if n1 + n3 + n5 + projection != maps:
        return f"The four branches give {n1 + n3 + n5 + projection} maps together; {maps} are asked."
    if 2 * n3 < maps:
        return f"The 3×3 branch gives {n3} of {maps} maps; half of them or more are asked."
    if 8 * min(n1, n5, projection) < maps:
        return f"The smallest branch gives {min(n1, n5, projection)} maps; an eighth of {maps} or more is asked."
    if 8 * min(reduce3, reduce5) < channels:
        return f"The smaller reduction keeps {min(reduce3, reduce5)} of {channels} channels; an eighth or more is asked."
    spent = _module_weights(channels, numbers)
    return f"The module has {spent:,} weights; at most {weights:,} are allowed." if spent > weights else ""


thrifty_module = Exercise(
    name="thrifty_module",
    title="Design: a thrifty module",
    points={"module": 1},
    minutes=10,
    difficulty=2,
    oracle=_thrifty,
    meets=_thrifty_misses,
    examples=(
        Case(
            {"channels": 64, "maps": 64, "weights": 7000},
            "module",
            "64·(16 + 8 + 8 + 8) + 9·8·32 + 25·8·8 = 6,464 weights",
            known=(16, 8, 32, 8, 8, 8),
        ),
        Case({"channels": 192, "maps": 256, "weights": 76_000}, "module"),
    ),
    cases=_thrifty_cases,
    hints=(
        "Begin with everything as small as it is allowed to be. How many maps are still missing then?",
        "Compare what one more map costs in each branch: `channels` weights in the 1×1, but 9 or 25 weights for each map of the reduction elsewhere.",
        "With 80 channels a reduction needs 10 filters. One more map of the 5×5 branch then costs 25 · 10 = 250 weights, of the 3×3 branch 90, of the 1×1 branch 80.",
    ),
)


@thrifty_module.mistake("Your reductions reduce nothing: they hand on as many maps as come in. An eighth is enough.")
def thrifty_without_reduction(channels, maps, weights):
    n1, _, n3, _, n5, projection = _thrifty(channels, maps, weights)
    return n1, channels, n3, channels, n5, projection


@thrifty_module.mistake("You halve the maps before the large kernels. That is not enough: an eighth is allowed.")
def thrifty_by_halves(channels, maps, weights):
    n1, _, n3, _, n5, projection = _thrifty(channels, maps, weights)
    return n1, channels // 2, n3, channels // 2, n5, projection


@thrifty_module.mistake("A single map cannot carry what the channels say. Each reduction needs an eighth of the channels.")
def thrifty_through_one_map(channels, maps, weights):
    n1, _, n3, _, n5, projection = _thrifty(channels, maps, weights)
    return n1, 1, n3, 1, n5, projection


@thrifty_module.mistake(
    "All branches give a quarter. The 3×3 branch should give half of the maps, and the expensive 5×5 branch few."
)
def thrifty_in_quarters(channels, maps, weights):
    return maps // 4, channels // 8, maps // 4, channels // 8, maps // 4, maps - 3 * (maps // 4)


@thrifty_module.mistake("The maps of the pooling branch are not in your sum: four branches are joined.")
def thrifty_forgets_the_pooling(channels, maps, weights):
    n1, *others, projection = _thrifty(channels, maps, weights)
    return n1 + projection, *others, projection


EXERCISES: tuple[Exercise, ...] = (
    mix_maps,
    conv_cost,
    reduced_cost,
    mlpconv,
    global_average_head,
    inception,
    inception_cost,
    thrifty_module,
    googlenet_body,
    factorised_cost,
)
