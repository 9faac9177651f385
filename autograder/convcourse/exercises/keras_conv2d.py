"""Unit 08: one Keras layer whose weights you set, and the same numbers by NumPy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.linalg
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.exercises.cases import fractions, whole
from convcourse.exercises.image_filters import COLOR_WEIGHTS, GX
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import ModelFacts, PackedModel, model_facts, rebuilt

if TYPE_CHECKING:
    import keras


def _one_layer(shape: tuple[int, ...], num_filters: int, kernel_size: Any, **options: Any) -> keras.Model:
    import keras

    return keras.Sequential([keras.Input(shape), keras.layers.Conv2D(num_filters, kernel_size, **options)])


# --- gradient_model ----------------------------------------------------------------------------


def _gradient_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows = int(generator.integers(8, 11))
    yield Case({"rows": rows, "cols": rows + int(generator.integers(1, 6))}, "model")


def _gradient_facts(rows: int, cols: int, num_filters: int = 2, kernel: int = 3, **options: Any) -> ModelFacts:
    return model_facts(_one_layer((rows, cols, 1), num_filters, kernel, **options))


gradient_model = Exercise(
    name="gradient_model",
    title="A net of one layer",
    points={"model": 2},
    minutes=10,
    difficulty=1,
    oracle=lambda rows, cols: _gradient_facts(rows, cols),
    examples=(
        Case({"rows": 12, "cols": 9}, "model", "2 · (3·3·1 + 1) = 20 parameters", known=20),
        Case({"rows": 64, "cols": 64}, "model"),
    ),
    cases=_gradient_cases,
    hints=(
        "A model begins with `keras.Input((rows, cols, channels))`; the batch is not named. How many channels has a grey image?",
        "`layers.Conv2D(num_filters, kernel_size)`: without padding, stride 1 and with bias, unless told otherwise.",
        "`keras.Sequential([keras.Input((rows, cols, 1)), layers.Conv2D(…)])` with two numbers to fill in.",
    ),
)


@gradient_model.mistake('With padding="same" no pixel is lost. Here the output is two rows and columns smaller.')
def gradient_model_padded(rows, cols):
    return _gradient_facts(rows, cols, padding="same")


@gradient_model.mistake("`Conv2D(3, 2)` makes 3 filters of 2 × 2. The number of filters comes first: 2 filters of 3 × 3.")
def gradient_model_arguments_exchanged(rows, cols):
    return _gradient_facts(rows, cols, 3, 2)


@gradient_model.mistake("One filter gives one channel. Two gradients need two filters.")
def gradient_model_one_filter(rows, cols):
    return _gradient_facts(rows, cols, 1)


@gradient_model.mistake("18 weights and no bias. Leave `use_bias` as it is: each filter has one bias.")
def gradient_model_without_bias(rows, cols):
    return _gradient_facts(rows, cols, use_bias=False)


@gradient_model.mistake("A ReLU would throw away every negative gradient. A `Conv2D` has no activation unless told.")
def gradient_model_with_relu(rows, cols):
    return _gradient_facts(rows, cols, activation="relu")


@gradient_model.mistake("Rows and columns are exchanged in the input's shape.")
def gradient_model_turned(rows, cols):
    return _gradient_facts(cols, rows)


# --- set_sobel_weights -------------------------------------------------------------------------


def _gradient_net(rows: int, cols: int, generator: np.random.Generator, used: bool) -> PackedModel:
    """One Conv2D with two filters 3 × 3, written as Keras stores it: the examples are made without importing Keras."""
    steps = [
        {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, rows, cols, 1]}},
        {"module": "keras.layers", "class_name": "Conv2D", "config": {"filters": 2, "kernel_size": [3, 3]}},
    ]
    weights = generator.normal(scale=0.3, size=(3, 3, 1, 2))
    bias = generator.uniform(0.5, 2, size=2) if used else np.zeros(2)
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "gradients", "layers": steps}}
    return PackedModel(json.dumps(config), [weights.astype(np.float32), bias.astype(np.float32)])


def _sobel_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = int(generator.integers(5, 9)), 9
    yield Case({"model": _gradient_net(rows, cols, generator, used=True)}, "weights", "its biases are not 0")


def _sobel_facts(model: Any, weights: np.ndarray | None, keep_bias: bool = False) -> ModelFacts:
    model = rebuilt(model) if isinstance(model, PackedModel) else model
    if weights is not None:
        model.set_weights([weights, model.get_weights()[1] if keep_bias else np.zeros(2)])
    return model_facts(model, own_weights=True)


_EXAMPLE = np.random.default_rng(8)

set_sobel_weights = Exercise(
    name="set_sobel_weights",
    title="Set the weights yourself",
    points={"weights": 2},
    minutes=12,
    difficulty=2,
    oracle=lambda model: _sobel_facts(model, np.einsum("kij->ijk", [GX, GX.T])[:, :, None]),
    examples=(
        Case({"model": _gradient_net(8, 7, _EXAMPLE, used=False)}, "weights", "a fresh model", known=20),
        Case({"model": _gradient_net(7, 9, _EXAMPLE, used=True)}, "weights", "its biases are not 0", known=20),
    ),
    cases=_sobel_cases,
    hints=(
        "`W, b = model.get_weights()` gives the kernels, shape (3, 3, 1, 2), and the biases, shape (2,), as copies.",
        "The axes of W are kernel row, kernel column, input channel, filter. So filter 0 is `W[:, :, 0, 0]`.",
        "Fill both filters, make b zero, then `model.set_weights([W, b])` and `return model`.",
    ),
    seconds=20.0,
)


def _as_filters(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.stack([first, second], axis=-1)[:, :, None, :]


@set_sobel_weights.mistake("The kernels are right, but the biases are still what they were. Set both: `set_weights([W, b])`.")
def sobel_bias_kept(model):
    return _sobel_facts(model, _as_filters(GX, GX.T), keep_bias=True)


@set_sobel_weights.mistake(
    "The model is unchanged. `get_weights` gives copies: after you have changed them, hand them back with `set_weights`."
)
def sobel_in_a_copy(model):
    return _sobel_facts(model, None)


@set_sobel_weights.mistake("All gradients have the wrong sign: the kernels are flipped. Keras does not reverse them; nor do you.")
def sobel_reversed(model):
    return _sobel_facts(model, _as_filters(np.flip(GX), np.flip(GX.T)))


@set_sobel_weights.mistake("The two filters are exchanged. Filter 0 is Gx, filter 1 is its transpose.")
def sobel_exchanged(model):
    return _sobel_facts(model, _as_filters(GX.T, GX))


@set_sobel_weights.mistake(
    "`reshape` mixed the two kernels up: it keeps the order of the numbers in memory. Set `W[:, :, 0, 0]` and `W[:, :, 0, 1]`."
)
def sobel_reshaped(model):
    return _sobel_facts(model, np.array([GX, GX.T]).reshape(3, 3, 1, 2))


@set_sobel_weights.mistake("Both filters are Gx. The second must be its transpose, `Gx.T`.")
def sobel_twice_the_same(model):
    return _sobel_facts(model, _as_filters(GX, GX))


# --- color_model -------------------------------------------------------------------------------


def _lecture_kernel() -> np.ndarray:
    bell = np.exp(-(np.arange(-4.0, 5.0) ** 2) / 8)
    return np.outer(bell, bell) / bell.sum() ** 2


def _color_cases(generator: np.random.Generator) -> Iterator[Case]:
    size, channels = (int(generator.integers(7, 10)), 11), int(generator.integers(2, 4))
    G, C = fractions(generator, 2, 3), fractions(generator, 4, channels)
    yield Case({"image_shape": (*size, channels), "G": G, "C": C}, "net")


def _color_facts(image_shape: Any, weights: np.ndarray, **options: Any) -> ModelFacts:
    model = _one_layer(tuple(image_shape), weights.shape[3], weights.shape[:2], **options)
    model.set_weights([weights, np.zeros(weights.shape[3])][: len(model.get_weights())])
    return model_facts(model, own_weights=True)


def _bank(G: np.ndarray, C: np.ndarray) -> np.ndarray:
    return np.einsum("ij,lk->ijkl", G, C)


color_model = Exercise(
    name="color_model",
    title="Four filters for colour",
    points={"net": 3},
    minutes=15,
    difficulty=2,
    oracle=lambda image_shape, G, C: _color_facts(image_shape, _bank(G, C)),
    examples=(
        Case(
            {"image_shape": (40, 30, 3), "G": _lecture_kernel(), "C": COLOR_WEIGHTS},
            "net",
            "the lecture's filters: 9·9·3·4 + 4",
            known=976,
        ),
        Case(
            {"image_shape": (6, 7, 2), "G": np.array([[1.0, 2.0, 4.0]]), "C": np.array([[1.0, -1.0]])},
            "net",
            "a kernel that is not square",
            known=7,
        ),
    ),
    cases=_color_cases,
    hints=(
        "The number of filters is `len(C)`, the size of the kernel is `G.shape`, and the input's shape is given.",
        "W[i, j, k, l] = G[i, j] · C[l, k]: give G two axes of length 1 behind, and multiply with `C.T`.",
        "G = [[2]] and C = [[1, 0, −1]]: one filter with the weights 2, 0, −2, an array of shape (1, 1, 3, 1). There "
        "is one bias for each filter.",
    ),
    seconds=20.0,
)


@color_model.mistake(
    "C is turned by `reshape`, which mixes up its numbers. C[filter, channel] becomes [channel, filter] by `C.T`."
)
def color_model_reshaped(image_shape, G, C):
    return _color_facts(image_shape, G[:, :, None, None] * C.reshape(C.shape[::-1]))


@color_model.mistake('With padding="same" nothing is lost at the border. Here only whole windows count.')
def color_model_padded(image_shape, G, C):
    return _color_facts(image_shape, _bank(G, C), padding="same")


@color_model.mistake("972 of 976 for the lecture's filters: the biases are missing. Keep them, and set them to 0.")
def color_model_without_bias(image_shape, G, C):
    return _color_facts(image_shape, _bank(G, C), use_bias=False)


@color_model.mistake("A ReLU throws the negative answers away. Leave the activation out.")
def color_model_with_relu(image_shape, G, C):
    return _color_facts(image_shape, _bank(G, C), activation="relu")


@color_model.mistake("G lies the wrong way round in the layer. Keras does not reverse, so put G in as it is.")
def color_model_reversed(image_shape, G, C):
    return _color_facts(image_shape, _bank(np.flip(G), C))


# --- same_padding_amounts ----------------------------------------------------------------------

BY_ONE, BY_MORE = "stride 1", "larger strides"


def _amount_cases(generator: np.random.Generator) -> Iterator[Case]:
    # Odd and even kernels, windows that end with the axis and that do not, kernels shorter than a step and longer than the axis.
    steps = int(generator.integers(4, 12))
    for kernel in (2 * int(generator.integers(1, 4)), 2 * int(generator.integers(1, 4)) + 1):
        yield Case({"size": int(generator.integers(9, 40)), "kernel": kernel, "stride": 1}, BY_ONE)
        yield Case({"size": 2 * steps, "kernel": kernel + 1, "stride": 2}, BY_MORE)
        yield Case({"size": 3 * steps + 1, "kernel": kernel + 2, "stride": 3}, BY_MORE)
    yield Case({"size": 5 * steps, "kernel": int(generator.integers(1, 4)), "stride": 5}, BY_MORE, "steps longer than the kernel")
    yield Case({"size": int(generator.integers(1, 4)), "kernel": 7, "stride": 1}, BY_ONE, "a kernel longer than the axis")


def _amounts_oracle(size, kernel, stride):
    """Add zeros one by one until the last window, which begins below `size`, has room."""
    starts, before, after = range(0, size, stride), 0, 0
    while starts[-1] + kernel > size + before + after:
        before, after = (before, after + 1) if before == after else (before + 1, after)
    return before, after


same_padding_amounts = Exercise(
    name="same_padding_amounts",
    title="How many zeros, and where",
    results=("before", "after"),
    points={BY_ONE: 1, BY_MORE: 2},
    minutes=15,
    difficulty=2,
    oracle=_amounts_oracle,
    examples=(
        Case({"size": 512, "kernel": 3, "stride": 1}, BY_ONE, known=(1, 1)),
        Case({"size": 6, "kernel": 4, "stride": 1}, BY_ONE, "an even kernel", known=(1, 2)),
        Case({"size": 6, "kernel": 3, "stride": 2}, BY_MORE, "windows begin at 0, 2, 4", known=(0, 1)),
        Case({"size": 7, "kernel": 3, "stride": 2}, BY_MORE, known=(1, 1)),
        Case({"size": 7, "kernel": 1, "stride": 2}, BY_MORE, "nothing is missing", known=(0, 0)),
        Case({"size": 8, "kernel": 1, "stride": 2}, BY_MORE, "the last pixel is never seen", known=(0, 0)),
    ),
    cases=_amount_cases,
    hints=(
        "First the number of windows: size/stride, rounded up.",
        "From the first window's begin to the last window's end: (windows − 1) · stride + kernel pixels. How many more is that than size?",
        "Size 6, kernel 3, stride 2: three windows reach over 2 · 2 + 3 = 7 pixels, so one zero is missing: none "
        "before, one after. Kernel 1 with stride 2 lacks nothing: the number is never below 0.",
    ),
)


@same_padding_amounts.mistake(
    "You put (kernel − 1)/2 zeros on each side. Keras counts how many are missing, which depends on the stride."
)
def amounts_symmetric(size, kernel, stride):
    return (kernel - 1) // 2, (kernel - 1) // 2


@same_padding_amounts.mistake(
    "Right for stride 1. With a larger stride fewer zeros are needed: the last window begins at (windows − 1) · stride."
)
def amounts_as_for_stride_1(size, kernel, stride):
    return (kernel - 1) // 2, kernel // 2


@same_padding_amounts.mistake("The odd zero goes behind: before = total // 2.")
def amounts_more_in_front(size, kernel, stride):
    return _amounts_oracle(size, kernel, stride)[::-1]


def _halves(total):
    return total // 2, total - total // 2


@same_padding_amounts.mistake("When the stride jumps over the end, the total comes out negative. It must be at least 0.")
def amounts_below_zero(size, kernel, stride):
    return _halves((-(-size // stride) - 1) * stride + kernel - size)


@same_padding_amounts.mistake("The number of windows is size/stride rounded *up*: -(-size // stride), or `math.ceil`.")
def amounts_windows_rounded_down(size, kernel, stride):
    return _halves(max((size // stride - 1) * stride + kernel - size, 0))


# --- to_channels_first -------------------------------------------------------------------------


def _first_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows = int(generator.integers(2, 4))
    yield Case({"images": generator.integers(0, 256, size=(2, rows, 5, 6)).astype(np.uint8)}, "images")
    yield Case({"images": fractions(generator, 3, 5, rows + 3, 4)}, "images")
    yield Case({"images": fractions(generator, 1, 4, 3, 1)}, "images", "one image, one channel")


to_channels_first = Exercise(
    name="to_channels_first",
    title="Channels to the front",
    points={"images": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda images: np.einsum("brcn->bnrc", images),
    examples=(
        Case(
            {"images": np.array([[[[1, 10], [2, 20], [3, 30]], [[4, 40], [5, 50], [6, 60]]]])},
            "images",
            "one image, two rows, three columns, two channels",
            known=[[[[1, 2, 3], [4, 5, 6]], [[10, 20, 30], [40, 50, 60]]]],
        ),
    ),
    cases=_first_cases,
    hints=(
        "Axes now: 0 batch, 1 rows, 2 columns, 3 channels. In which order do you want them?",
        "`np.transpose(images, order)` takes the old axes' numbers in their new order.",
        "Shape (10, 28, 20, 3) must become (10, 3, 28, 20). The old axis 3 stands at place 1; rows stay before columns.",
    ),
)


@to_channels_first.mistake(
    "The shape is right, the numbers are not: `reshape` cuts the same row of numbers anew. Axes are moved by `transpose`."
)
def first_by_reshape(images):
    batch, rows, cols, channels = images.shape
    return images.reshape(batch, channels, rows, cols)


@to_channels_first.mistake("You exchanged axes 1 and 3, so rows and columns are exchanged too. Rows stay before columns.")
def first_by_swapping(images):
    return np.swapaxes(images, 1, 3)


@to_channels_first.mistake("The channels stand before the batch. The batch stays in front; channels come second.")
def first_before_the_batch(images):
    return np.moveaxis(images, -1, 0)


@to_channels_first.mistake("`.T` turns all four axes round. Only the channels move.")
def first_all_turned(images):
    return images.T


# --- numpy_equals_keras ------------------------------------------------------------------------

VALID, SAME = "valid", "same"


def _layer_cases(generator: np.random.Generator) -> Iterator[Case]:
    extra = int(generator.integers(0, 2))
    for images, weights, strides, padding in (
        (fractions(generator, 2, 7 + extra, 10, 3), fractions(generator, 3, 2, 3, 4), (2, 3), VALID),
        (fractions(generator, 2, 7, 8 + 2 * extra, 2), fractions(generator, 3, 4, 2, 3), (2, 1), SAME),
        (generator.integers(0, 9, size=(1, 7 + extra, 8, 3)), fractions(generator, 2, 5, 3, 2), (1, 3), SAME),
        (fractions(generator, 1, 8, 7, 2), fractions(generator, 1, 2, 2, 2), (2, 3), SAME),
        (fractions(generator, 2, 6, 4, 1), fractions(generator, 1, 1, 1, 3), (2, 3), VALID),
        (fractions(generator, 1, 2, 3, 2), fractions(generator, 4, 5, 2, 1), (1, 1), SAME),
    ):
        bias = np.round(generator.uniform(1, 2, size=weights.shape[3]), 2)
        yield Case({"images": images, "weights": weights, "bias": bias, "strides": strides, "padding": padding}, padding)


def _keras_layer(images, weights, bias, strides, padding):
    import keras

    given = np.asarray(images, np.float32), np.asarray(weights, np.float32)
    result = keras.ops.conv(*given, strides=tuple(strides), padding=padding, data_format="channels_last")
    return np.asarray(keras.ops.convert_to_numpy(result), float) + bias


numpy_equals_keras = Exercise(
    name="numpy_equals_keras",
    title="The same layer in NumPy",
    points={VALID: 1, SAME: 2},
    minutes=25,
    difficulty=3,
    oracle=_keras_layer,
    examples=(
        Case(
            {
                "images": np.array([[[[1, 1], [2, 0], [3, 1]]]]),
                "weights": np.array([[[[1], [3]], [[2], [4]]]]),
                "bias": np.array([1]),
                "strides": (1, 1),
                "padding": VALID,
            },
            VALID,
            "1·1 + 2·2 and 3·1 + 4·0 and 1; 1·2 + 2·3 and 3·0 + 4·1 and 1",
            known=[[[[9.0], [13.0]]]],
        ),
        Case(
            {
                "images": np.arange(1, 7).reshape(1, 1, 6, 1),
                "weights": np.array([1, 10, 100]).reshape(1, 3, 1, 1),
                "bias": np.array([0.5]),
                "strides": (1, 2),
                "padding": SAME,
            },
            SAME,
            "a zero is missing after the 6",
            known=[[[[321.5], [543.5], [65.5]]]],
        ),
    ),
    cases=_layer_cases,
    hints=(
        'For "same", get the zeros for rows and for columns from `same_padding_amounts`, and put them on with `np.pad` (none on batch and channels).',
        "Then it is Unit 6's layer: output row i, column j looks at the window that begins at row i · strides[0], column j · strides[1].",
        "For each i and j: `np.tensordot(window, weights, axes=3) + bias`, where `window` is cut out of all images of the batch at once.",
    ),
    forbidden=("conv", "conv2d", "convolution"),
)


def _by_windows(images, weights, bias, strides, zeros):
    padded = np.pad(images, ((0, 0), *zeros, (0, 0)))
    windows = sliding_window_view(padded, weights.shape[:2], axis=(1, 2))[:, :: strides[0], :: strides[1]]
    return np.einsum("bijnkl,klnm->bijm", windows, weights) + bias


def _zeros(images, weights, strides, padding, amounts=_amounts_oracle):
    if padding == VALID:
        return [(0, 0), (0, 0)]
    return [amounts(*numbers) for numbers in zip(images.shape[1:3], weights.shape[:2], strides, strict=True)]


@numpy_equals_keras.mistake(
    "The shapes fit, but the zeros are those of stride 1. Ask `same_padding_amounts`, with the stride, for rows and for columns."
)
def numpy_layer_padded_as_for_stride_1(images, weights, bias, strides, padding):
    zeros = _zeros(images, weights, strides, padding, amounts_as_for_stride_1)
    return _by_windows(images, weights, bias, strides, zeros)


@numpy_equals_keras.mistake("The zeros before and after are exchanged. Keras puts the odd one behind.")
def numpy_layer_more_zeros_in_front(images, weights, bias, strides, padding):
    return _by_windows(images, weights, bias, strides, _zeros(images, weights, strides, padding, amounts_more_in_front))


@numpy_equals_keras.mistake('`padding` has no effect. With "same" zeros are put around each image first.')
def numpy_layer_never_padded(images, weights, bias, strides, padding):
    return _by_windows(images, weights, bias, strides, _zeros(images, weights, strides, VALID))


@numpy_equals_keras.mistake("This is convolution with reversal. Keras lays the kernels on as they are.")
def numpy_layer_with_reversal(images, weights, bias, strides, padding):
    zeros = _zeros(images, weights, strides, padding)
    return _by_windows(images, weights[::-1, ::-1], bias, strides, zeros)


@numpy_equals_keras.mistake("The bias is missing: add bias[m] to channel m.")
def numpy_layer_without_bias(images, weights, bias, strides, padding):
    return _by_windows(images, weights, 0, strides, _zeros(images, weights, strides, padding))


@numpy_equals_keras.mistake("The strides are exchanged: the first is for rows, the second for columns.")
def numpy_layer_strides_exchanged(images, weights, bias, strides, padding):
    return _by_windows(images, weights, bias, strides[::-1], _zeros(images, weights, strides[::-1], padding))


# --- depthwise_from_conv -----------------------------------------------------------------------

ONE, SEVERAL = "one kernel a channel", "several kernels a channel"


def _depthwise_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"depthwise": fractions(generator, 2, 3, int(generator.integers(2, 5)), 1)}, ONE)
    yield Case({"depthwise": generator.integers(1, 10, size=(3, 2, 3, 2))}, SEVERAL)
    yield Case({"depthwise": fractions(generator, 1, 2, 2, 3)}, SEVERAL, "fractions")
    yield Case({"depthwise": fractions(generator, 2, 2, 1, 2)}, SEVERAL, "one channel")


def _depthwise_oracle(depthwise):
    """At every place of the kernel a matrix of blocks on the diagonal, one block a channel."""
    table = np.asarray(depthwise, float)
    blocks = [scipy.linalg.block_diag(*[row[None] for row in place]) for place in table.reshape(-1, *table.shape[2:])]
    return np.reshape(blocks, (*table.shape[:2], *blocks[0].shape))


depthwise_from_conv = Exercise(
    name="depthwise_from_conv",
    title="Depthwise is a convolution with zeros",
    points={ONE: 1, SEVERAL: 1},
    minutes=15,
    difficulty=3,
    oracle=_depthwise_oracle,
    examples=(
        Case(
            {"depthwise": np.array([[[[1], [3]], [[2], [4]]]])},
            ONE,
            "channel 0 has the kernel [1, 2], channel 1 has [3, 4]",
            known=[[[[1.0, 0.0], [0.0, 3.0]], [[2.0, 0.0], [0.0, 4.0]]]],
        ),
        Case(
            {"depthwise": np.array([[[[1.0, 2.0], [3.0, 4.0]]]])},
            SEVERAL,
            "two kernels of one number for each channel",
            known=[[[[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 3.0, 4.0]]]],
        ),
    ),
    cases=_depthwise_cases,
    hints=(
        "Begin with zeros of shape (krow, kcol, channels, channels · multiplier). Most of them stay.",
        "Loop over the channels n and the kernels q of each. Which filter is it, and which input channel does it look at?",
        "Two channels, multiplier 2: the kernels of channel 1 belong to the filters 2 and 3. Their weights for "
        "channel 0 stay zero.",
    ),
)


@depthwise_from_conv.mistake(
    "Every filter looks at every channel. A depthwise filter sees its own channel only: all its other weights are 0."
)
def depthwise_sees_every_channel(depthwise):
    krow, kcol, channels, multiplier = depthwise.shape
    return np.repeat(depthwise.reshape(krow, kcol, 1, channels * multiplier), channels, axis=2)


@depthwise_from_conv.mistake(
    "The filters are in another order. First all kernels of channel 0, then all of channel 1: filter n · multiplier + q."
)
def depthwise_filters_in_other_order(depthwise):
    krow, kcol, channels, multiplier = depthwise.shape
    weights = _depthwise_oracle(depthwise).reshape(krow, kcol, channels, channels, multiplier)
    return np.swapaxes(weights, 3, 4).reshape(krow, kcol, channels, -1)


@depthwise_from_conv.mistake("Only the first kernel of each channel is used. There are `multiplier` kernels a channel.")
def depthwise_first_kernel_only(depthwise):
    return _depthwise_oracle(depthwise[..., :1])


@depthwise_from_conv.mistake("The last two axes are exchanged: W[k1, k2, input channel, filter].")
def depthwise_channels_exchanged(depthwise):
    return np.swapaxes(_depthwise_oracle(depthwise), 2, 3)


@depthwise_from_conv.mistake(
    "The fractions are lost. An array made with `dtype=int` cuts them off; make it with `np.zeros(...)`."
)
def depthwise_in_integers(depthwise):
    return np.trunc(_depthwise_oracle(depthwise))


# --- dilated_kernel ----------------------------------------------------------------------------


def _dilated_cases(generator: np.random.Generator) -> Iterator[Case]:
    for dilation, shape in ((1, (2, 3)), (2, (3, 2)), (int(generator.integers(3, 6)), (2, 4))):
        kernel = generator.integers(1, 10, size=shape) * generator.choice([-1, 1], size=shape)
        yield Case({"kernel": kernel, "dilation": dilation}, "kernel")


def _one_gap_too_many(kernel, dilation):
    step = dilation + 1
    rows, cols = step * (np.array(kernel.shape) - 1) + 1
    spread = np.zeros((rows, cols))
    spread[::step, ::step] = kernel
    return spread


def _dilated(kernel, dilation):
    """Each number in the corner of a block of zeros; what lies behind the last number is cut off."""
    corner = np.zeros((dilation, dilation))
    corner[0, 0] = 1
    rows, cols = (dilation * (side - 1) + 1 for side in kernel.shape)
    return np.kron(kernel, corner)[:rows, :cols]


dilated_kernel = Exercise(
    name="dilated_kernel",
    title="Repair: one gap too many",
    points={"kernel": 1},
    minutes=6,
    difficulty=1,
    oracle=_dilated,
    given=_one_gap_too_many,
    examples=(
        Case({"kernel": np.array([[1, 2, 3]]), "dilation": 2}, "kernel", "the kernel of the text", known=[[1, 0, 2, 0, 3]]),
        Case({"kernel": np.array([[1, 2], [3, 4]]), "dilation": 1}, "kernel", "an ordinary kernel", known=[[1, 2], [3, 4]]),
    ),
    cases=_dilated_cases,
    hints=(
        "Which dilation has an ordinary convolution? And what does the function make of a kernel then?",
        "With dilation d the numbers lie on every d-th pixel: from one number to the next it is d pixels.",
        "[1, 2, 3] with dilation 2: the numbers lie at the places 0, 2 and 4. So there is *one* zero between two numbers, and the kernel reaches over 5 pixels.",
    ),
)


@dilated_kernel.mistake(
    "After the last number there are zeros now. The kernel ends with a number: it reaches over d · (K − 1) + 1 pixels."
)
def dilated_with_zeros_behind(kernel, dilation):
    return np.kron(kernel, np.eye(1, dilation**2).reshape(dilation, dilation))


@dilated_kernel.mistake("Each number fills its whole block. Only one pixel of it has the number, the others are 0.")
def dilated_by_blocks(kernel, dilation):
    rows, cols = (dilation * (side - 1) + 1 for side in kernel.shape)
    return np.kron(kernel, np.ones((dilation, dilation)))[:rows, :cols]


@dilated_kernel.mistake("There is one zero between two numbers, whatever the dilation. It is right for dilation 2 only.")
def dilated_always_by_two(kernel, dilation):
    return _dilated(kernel, 2)


@dilated_kernel.mistake("Only the columns are pulled apart. Do the same with the rows.")
def dilated_along_rows_only(kernel, dilation):
    return _dilated(kernel, dilation)[::dilation]


@dilated_kernel.mistake("The kernel stays as it was: nothing is pulled apart.")
def dilated_not_at_all(kernel, dilation):
    return kernel


# --- design_dilations --------------------------------------------------------------------------


def _dilation_cases(generator: np.random.Generator) -> Iterator[Case]:
    for most in generator.permutation([2, 3, 4, 5])[:3].tolist():
        yield Case({"field": 2 ** (most + 1) - 1 - 2 * int(generator.integers(0, most - 1)), "most": most}, "layers")


def _dilations_miss(result, field, most):
    if len(result) > most:
        return f"Your list has {len(result)} layers; at most {most} is asked."
    dilations = [whole(number) for number in result]
    if not all(1 <= dilation <= 100 for dilation in dilations):
        return "Dilations from 1 to 100 are asked."
    seen = {0}
    for dilation in dilations:
        seen = {place + step for place in seen for step in (-dilation, 0, dilation)}
    reach = next(place for place in range(1000) if place not in seen)  # the nearest pixel that is never seen
    return "" if 2 * reach - 1 >= field else f"One unit sees {2 * reach - 1} pixels without a gap; {field} are asked."


design_dilations = Exercise(
    name="design_dilations",
    title="Design: see far without gaps",
    points={"layers": 1},
    minutes=10,
    difficulty=2,
    oracle=lambda field, most: [2**layer for layer in range(most)],
    meets=_dilations_miss,
    examples=(
        Case(
            {"field": 7, "most": 2},
            "layers",
            "the first sees −1, 0, 1; the second sets three such groups side by side",
            known=[1, 2],
        ),
        Case({"field": 15, "most": 3}, "layers"),
    ),
    cases=_dilation_cases,
    hints=(
        "Two layers with dilation 2 see the distances −4, −2, 0, 2, 4. Which pixels does nobody look at? Which layer must be there?",
        "When some layers see 2n + 1 pixels without a gap, a new layer sets three such pieces side by side, d apart. How large may d be so that they still touch?",
        "Dilations 1, 2 see −3 … 3, 7 pixels. A third layer with 4 sets such pieces at −4, 0 and 4, which overlap: −7 … 7. With 8 the pieces "
        "−11 … −5 and −3 … 3 would leave out −4.",
    ),
)


@design_dilations.mistake("With dilation 1 each layer adds 2 pixels only. Let the dilations grow.")
def dilations_all_one(field, most):
    return [1] * most


@design_dilations.mistake(
    "The same dilation in all layers sees every second pixel only: there are gaps. One layer must have dilation 1."
)
def dilations_all_two(field, most):
    return [2] * most


@design_dilations.mistake("Your dilations begin with 2, so all distances are even. Begin with 1.")
def dilations_from_two(field, most):
    return [2 ** (layer + 1) for layer in range(most)]


@design_dilations.mistake("You multiply by 4, so the pieces no longer touch, and there are gaps between them.")
def dilations_by_four(field, most):
    return [min(4**layer, 100) for layer in range(most)]


@design_dilations.mistake("More layers than allowed. Let the dilation grow faster than by adding 1.")
def dilations_one_more_layer(field, most):
    return [1] * ((field - 1) // 2)


EXERCISES: tuple[Exercise, ...] = (
    gradient_model,
    set_sobel_weights,
    color_model,
    same_padding_amounts,
    to_channels_first,
    numpy_equals_keras,
    depthwise_from_conv,
    dilated_kernel,
    design_dilations,
)
