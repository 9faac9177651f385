"""Unit 06: the convolutional layer, pooling, normalisation, and what they cost."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.exercises.cases import fractions
from convcourse.judging.exercise import Case, Exercise

# Libraries' layers, and course code of the race: the whole answer in one call.
LAYERS = ("conv", "conv2d", "convolution", "conv_by_loops", "conv_by_windows", "conv_by_im2col")


def _whole(generator: np.random.Generator, *shape: int) -> np.ndarray:
    return generator.integers(-9, 10, size=shape)


# --- channels_last -----------------------------------------------------------------------------


def _channel_cases(generator: np.random.Generator) -> Iterator[Case]:
    for shape in ((2, 3, 4, 5), (1, 2, 5, 3)):
        yield Case({"images": generator.permutation(math.prod(shape)).reshape(shape)}, "images")


def _cut_anew(images):
    batch, channels, rows, cols = images.shape
    return images.reshape(batch, rows, cols, channels)


channels_last = Exercise(
    name="channels_last",
    title="Repair: a picture in shreds",
    points={"images": 1},
    minutes=6,
    difficulty=1,
    oracle=lambda images: np.stack([images[:, channel] for channel in range(images.shape[1])], axis=-1),
    given=_cut_anew,
    examples=(
        Case(
            {"images": np.array([[[[1, 2, 3]], [[10, 20, 30]]]])},
            "images",
            "one image of 1 × 3 pixels with two channels",
            known=[[[[1, 10], [2, 20], [3, 30]]]],
        ),
    ),
    cases=_channel_cases,
    hints=(
        "Which two numbers of the example belong to its first pixel? Which two does the function put there?",
        "`reshape` keeps the numbers in their order, 1, 2, 3, 10, 20, 30, and cuts the row into pairs: 1 and 2 become one pixel.",
        "The numbers have to change places, so the *axes* must move: axis 1 goes to the end. For a matrix `transpose(1, 0)` lists the old axes in their new order; "
        "write such a list for four axes.",
    ),
)


@channels_last.mistake(
    "The channels are last now, but rows and columns are exchanged: the picture lies on its side. Keep their order."
)
def channels_turned(images):
    return images.swapaxes(1, 3)


@channels_last.mistake("The batch has moved as well. Only the channels change their place.")
def channels_batch_last(images):
    return np.moveaxis(images, 0, -1)


@channels_last.mistake("The channels come in the opposite order: red has become blue. Keep their order.")
def channels_reversed(images):
    return np.moveaxis(images, 1, -1)[..., ::-1]


@channels_last.mistake("You moved the last axis to the second place. Here the second axis moves to the last place.")
def channels_moved_back(images):
    return np.moveaxis(images, -1, 1)


# --- conv2d_multi ------------------------------------------------------------------------------

ONE, STRIDE_PADDING, BATCH = "one image", "stride and padding", "a batch"
HAND_IMAGE = np.stack([[[1, 2, 0], [0, 1, 3]], [[2, 0, 1], [1, 1, 0]]], axis=-1)[None]
HAND_WEIGHTS = np.stack([[[1, 0], [0, 2]], [[0, 1], [-1, 0]]], axis=-1)[..., None]


def _layer(generator: np.random.Generator, part: str, batch: int, stride: int, padding: int) -> Case:
    """Rows ≠ cols, krow ≠ kcol, and as many channels as filters never: exchanged axes show."""
    channels = int(generator.integers(2, 4))
    filters = 5 - channels
    rows = int(generator.integers(5, 8))
    cols = rows + int(generator.integers(2, 4))
    bias = generator.uniform(1, 5, size=filters).round(2) * generator.choice([-1, 1], size=filters)
    arguments = {
        "images": _whole(generator, batch, rows, cols, channels),
        "weights": fractions(generator, 3, 2, channels, filters),
        "bias": bias,
        "stride": stride,
        "padding": padding,
    }
    return Case(arguments, part)


def _layer_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield _layer(generator, ONE, 1, 1, 0)
    yield _layer(generator, STRIDE_PADDING, 1, 2, 0)
    yield _layer(generator, STRIDE_PADDING, 1, 3, int(generator.integers(1, 3)))  # a step longer than the kernel is wide
    yield _layer(generator, BATCH, int(generator.integers(2, 4)), 1, 2)  # the frame is wider than a step
    yield _layer(generator, BATCH, 2, 2, 2)
    # Taller than wide, bytes, and a kernel as large as the padded image.
    tall = {"images": generator.integers(0, 256, size=(1, 6, 4, 1)).astype(np.uint8), "weights": fractions(generator, 2, 3, 1, 2)}
    yield Case({**tall, "bias": np.array([3, -2]), "stride": 1, "padding": 0}, ONE, "bytes")
    whole = {"images": fractions(generator, 2, 3, 2, 2), "weights": generator.integers(1, 9, size=(5, 4, 2, 1))}
    yield Case({**whole, "bias": np.array([0.5]), "stride": 3, "padding": 1}, BATCH, "a single place")
    thin = {"images": _whole(generator, 1, 5, 8, 3), "weights": fractions(generator, 1, 1, 3, 2), "bias": np.array([1, -4])}
    yield Case({**thin, "stride": 2, "padding": 0}, STRIDE_PADDING, "a kernel of one pixel, steps longer than it")


def _layer_oracle(images, weights, bias, stride, padding):
    """SciPy's sliding correlation over rows, columns and channels, for one image and one filter at a time."""
    frame = ((padding, padding), (padding, padding), (0, 0))
    maps = [
        [
            scipy.signal.correlate(np.pad(np.asarray(image, float), frame), kernel, mode="valid", method="direct")[..., 0]
            for kernel in np.moveaxis(np.asarray(weights, float), -1, 0)
        ]
        for image in np.asarray(images)
    ]
    return np.moveaxis(np.array(maps), 1, -1)[:, ::stride, ::stride] + np.asarray(bias)


conv2d_multi = Exercise(
    name="conv2d_multi",
    title="A convolutional layer",
    points={ONE: 1, STRIDE_PADDING: 1, BATCH: 1},
    minutes=25,
    difficulty=3,
    oracle=_layer_oracle,
    examples=(
        Case(
            {"images": HAND_IMAGE, "weights": HAND_WEIGHTS, "bias": np.array([1]), "stride": 1, "padding": 0},
            ONE,
            "worked by hand",
            known=[[[[3.0], [9.0]]]],
        ),
        Case(
            {
                "images": np.array([[1, 2], [3, 4], [5, 6]])[None, :, :, None],
                "weights": np.array([[[[1, 0]], [[0, 1]]]]),
                "bias": np.array([0, 10]),
                "stride": 2,
                "padding": 1,
            },
            STRIDE_PADDING,
            "one filter picks the left pixel, one the right",
            known=[[[[0.0, 10.0], [0.0, 10.0]], [[0.0, 13.0], [4.0, 10.0]], [[0.0, 10.0], [0.0, 10.0]]]],
        ),
        Case(
            {
                "images": np.array([[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]]),
                "weights": np.array([[[[1], [-10]]]]),
                "bias": np.array([0.5]),
                "stride": 1,
                "padding": 0,
            },
            BATCH,
            "two images, a 1 × 1 kernel: it mixes the channels of each pixel",
            known=[[[[-18.5], [-36.5]]], [[[-54.5], [-72.5]]]],
        ),
    ),
    cases=_layer_cases,
    forbidden=LAYERS,
    hints=(
        "Pad the two middle axes only: `np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))`. Then find the "
        "output's rows and columns with `output_size`.",
        "Two loops over i and j are enough. The window `padded[:, top : top + krow, left : left + kcol, :]` holds the same place of all images at once.",
        "`np.tensordot(window, weights, axes=3)` sums over the last three axes of the window and the first three of the weights. It gives "
        "(batch, num_filters): what belongs into `result[:, i, j, :]`, but for the bias.",
    ),
)


def _layer_fast(images, weights, bias, stride, padding):
    padded = np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("bijnkl,klnm->bijm", windows[:, ::stride, ::stride], weights) + bias


@conv2d_multi.mistake("The bias is missing. Add `bias[m]` to every number of map m.")
def layer_without_bias(images, weights, bias, stride, padding):
    return _layer_fast(images, weights, 0 * bias, stride, padding)


@conv2d_multi.mistake("You flip the kernels. A layer computes convolution without reversal: lay the weights on as they are.")
def layer_with_reversal(images, weights, bias, stride, padding):
    return _layer_fast(images, weights[::-1, ::-1], bias, stride, padding)


@conv2d_multi.mistake("The bias is added once for each input channel. Add up all channels first, then add the bias once.")
def layer_bias_for_each_channel(images, weights, bias, stride, padding):
    return _layer_fast(images, weights, bias * images.shape[3], stride, padding)


@conv2d_multi.mistake(
    "Only channel 0 of the images is used. The sum runs over all channels: a filter has weights for each of them."
)
def layer_first_channel_only(images, weights, bias, stride, padding):
    return _layer_fast(images[..., :1], weights[:, :, :1], bias, stride, padding)


@conv2d_multi.mistake("The stride has no effect. The window of output (i, j) starts at row i · stride, column j · stride.")
def layer_ignores_stride(images, weights, bias, stride, padding):
    return _layer_fast(images, weights, bias, 1, padding)


@conv2d_multi.mistake("There is no padding. Put `padding` zeros on all four sides of each image first.")
def layer_ignores_padding(images, weights, bias, stride, padding):
    return _layer_fast(images, weights, bias, stride, 0)


@conv2d_multi.mistake(
    "There are as many columns as rows in your result. The number of output columns follows from the images' columns and `kcol`."
)
def layer_for_squares(images, weights, bias, stride, padding):
    rows = (images.shape[1] + 2 * padding - weights.shape[0]) // stride + 1
    return _layer_fast(images, weights, bias, stride, padding)[:, :, :rows]


@conv2d_multi.mistake("Only the first image of the batch comes out. The first axis of the result is the batch.")
def layer_first_image_only(images, weights, bias, stride, padding):
    return _layer_fast(images[:1], weights, bias, stride, padding)


@conv2d_multi.mistake(
    "The fractions are lost. `np.zeros_like(images)` keeps the images' integer type; make the result with `np.zeros(...)`."
)
def layer_keeps_integers(images, weights, bias, stride, padding):
    return _layer_fast(images, weights, bias, stride, padding).astype(images.dtype)


@conv2d_multi.mistake("There are zeros around the channels or the batch as well. Pad rows and columns only.")
def layer_pads_every_axis(images, weights, bias, stride, padding):
    padded = np.pad(images, ((0, 0), (padding, padding), (padding, padding), (padding, padding)))
    return _layer_fast(padded[..., : images.shape[-1]], weights, bias, stride, 0)


@conv2d_multi.mistake("The zeros stand on one side only. Put `padding` zeros on all four sides.")
def layer_pads_behind(images, weights, bias, stride, padding):
    padded = np.pad(images, ((0, 0), (0, 2 * padding), (0, 2 * padding), (0, 0)))
    return _layer_fast(padded, weights, bias, stride, 0)


# --- max_pool2d and avg_pool2d -----------------------------------------------------------------

SIDE_BY_SIDE, OVERLAPPING = "side by side", "overlapping"
POOL_EXAMPLE = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])[None, :, :, None]


def _pool_cases(generator: np.random.Generator) -> Iterator[Case]:
    """Mostly negative numbers, a last step that never fits, and once more rows of windows than a window has."""
    for part, size, stride, rows in ((SIDE_BY_SIDE, 2, 2, 7), (OVERLAPPING, 3, 2, 6), (SIDE_BY_SIDE, 3, 3, 7)):
        shape = (2, rows, rows + int(generator.integers(2, 5)), int(generator.integers(2, 4)))
        images = generator.integers(-9, 3, size=shape) if part == OVERLAPPING else generator.normal(-1, 1, size=shape).round(2)
        yield Case({"images": images, "size": size, "stride": stride}, part)
    images = fractions(generator, 1, 6, 4, 2) - 1
    apart = fractions(generator, 1, 9, 8, 2) - 1
    yield Case({"images": apart, "size": 2, "stride": 3}, SIDE_BY_SIDE, "gaps between the windows")
    yield Case({"images": images, "size": 4, "stride": 1}, OVERLAPPING, "windows as wide as the images")


def _pool_oracle(filtered: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Pick from a map filtered at every pixel those windows that lie inside."""
    rows, cols = filtered.shape[1:3]
    row_places = np.arange(0, rows - size + 1, stride) + size // 2
    col_places = np.arange(0, cols - size + 1, stride) + size // 2
    return filtered[:, row_places][:, :, col_places]


def _max_oracle(images, size, stride):
    return _pool_oracle(scipy.ndimage.maximum_filter(np.asarray(images), size=(1, size, size, 1)), size, stride)


def _avg_oracle(images, size, stride):
    filtered = scipy.ndimage.uniform_filter(np.asarray(images, float), size=(1, size, size, 1))
    return _pool_oracle(filtered, size, stride)


max_pool2d = Exercise(
    name="max_pool2d",
    title="Max pooling",
    points={SIDE_BY_SIDE: 1, OVERLAPPING: 1},
    minutes=12,
    difficulty=2,
    oracle=_max_oracle,
    examples=(
        Case({"images": POOL_EXAMPLE, "size": 2, "stride": 2}, SIDE_BY_SIDE, "the table above", known=[[[[6], [8]], [[3], [4]]]]),
        Case({"images": POOL_EXAMPLE, "size": 3, "stride": 1}, OVERLAPPING, known=[[[[7], [8]], [[7], [8]]]]),
        Case(
            {"images": np.array([-5.0, -2.0, -3.0, -7.0]).reshape(1, 2, 2, 1), "size": 2, "stride": 2},
            SIDE_BY_SIDE,
            "all numbers below zero",
            known=[[[[-2.0]]]],
        ),
    ),
    cases=_pool_cases,
    forbidden=("max_pool", "max_pool2d", "pool"),
    hints=(
        "The loop is that of `conv2d_multi`; only what happens to the window is different.",
        "The window `images[:, top : top + size, left : left + size, :]` has four axes. Over which two do you take the maximum?",
        "A window of shape (batch, 2, 2, channels) becomes (batch, channels). `max` accepts a pair of axes.",
    ),
)


def _windows(images: np.ndarray, size: int, stride: int) -> np.ndarray:
    return sliding_window_view(images, (size, size), axis=(1, 2))[:, ::stride, ::stride]


@max_pool2d.mistake("The window moves by its own size. It must move by `stride`, so that windows can overlap.")
def pool_ignores_stride(images, size, stride):
    return _windows(images, size, size).max(axis=(4, 5))


@max_pool2d.mistake("You take the maximum over the channels too. Each channel is pooled by itself.")
def pool_over_channels(images, size, stride):
    return _windows(images, size, stride).max(axis=(3, 4, 5))


@max_pool2d.mistake(
    "Where all numbers are negative you return 0. Do not start the search for the largest at 0; take `window.max(...)`."
)
def pool_never_below_zero(images, size, stride):
    return np.maximum(0, _windows(images, size, stride).max(axis=(4, 5)))


@max_pool2d.mistake(
    "You pool a window that hangs over the edge. Here only whole windows count: round down, as `output_size` does."
)
def pool_with_ragged_edge(images, size, stride):
    rows, cols = (math.ceil((length - size) / stride) + 1 for length in images.shape[1:3])
    result = np.zeros((images.shape[0], rows, cols, images.shape[3]))
    for i, j in np.ndindex(rows, cols):
        part = images[:, i * stride : i * stride + size, j * stride : j * stride + size]
        result[:, i, j] = part.max(axis=(1, 2))
    return result


@max_pool2d.mistake("This is the mean of each window. The maximum is wanted.")
def pool_takes_the_mean(images, size, stride):
    return _windows(images, size, stride).mean(axis=(4, 5))


@max_pool2d.mistake("There are as many columns as rows in your result. Count the places along the columns separately.")
def pool_for_squares(images, size, stride):
    places = (images.shape[1] - size) // stride + 1
    return _windows(images, size, stride).max(axis=(4, 5))[:, :, :places]


@max_pool2d.mistake("The window moves by one pixel always. It moves by `stride`.")
def pool_steps_by_one(images, size, stride):
    return _windows(images, size, 1).max(axis=(4, 5))


@max_pool2d.mistake("You pool over the batch too. Each image is pooled by itself: rows and columns are the axes 1 and 2.")
def pool_over_the_batch(images, size, stride):
    return _windows(images, size, stride).max(axis=(0, 4, 5))


@max_pool2d.mistake("You take the maximum over the channels too, and all channels get it. Each channel is pooled by itself.")
def pool_over_channels_for_each(images, size, stride):
    pooled = _windows(images, size, stride).max(axis=(3, 4, 5))
    return np.repeat(pooled[..., None], images.shape[3], axis=3)


avg_pool2d = Exercise(
    name="avg_pool2d",
    title="Average pooling",
    points={"numbers": 1},
    minutes=4,
    difficulty=1,
    oracle=_avg_oracle,
    examples=(
        Case(
            {"images": POOL_EXAMPLE, "size": 2, "stride": 2},
            "numbers",
            "the table above",
            known=[[[[3.25], [5.25]], [[2.0], [2.0]]]],
        ),
        Case(
            {"images": np.array([[[[1], [2], [4]], [[3], [6], [8]]]]), "size": 2, "stride": 1},
            "numbers",
            known=[[[[3.0], [5.0]]]],
        ),
    ),
    cases=lambda generator: (Case(case.arguments, "numbers") for case in _pool_cases(generator)),
    forbidden=("avg_pool", "avg_pool2d", "average_pool", "pool"),
    hints=(
        "One word of `max_pool2d` changes.",
        "`window.mean(axis=(1, 2))` gives (batch, channels).",
        "The window 1, 2 / 3, 5 gives 2.75. Integers come in and fractions go out: look at the type of your result.",
    ),
)


@avg_pool2d.mistake("The window moves by its own size. It must move by `stride`.")
def avg_ignores_stride(images, size, stride):
    return _windows(images, size, size).mean(axis=(4, 5))


@avg_pool2d.mistake("This is the sum of each window. Divide by the number of its pixels.")
def avg_is_a_sum(images, size, stride):
    return _windows(images, size, stride).sum(axis=(4, 5))


@avg_pool2d.mistake("You divide by `size`. A window has size · size pixels.")
def avg_divides_by_the_side(images, size, stride):
    return _windows(images, size, stride).sum(axis=(4, 5)) / size


@avg_pool2d.mistake("The fractions are lost: the mean of whole numbers is not whole. Make the result with `np.zeros(...)`.")
def avg_in_integers(images, size, stride):
    return np.trunc(_windows(images, size, stride).mean(axis=(4, 5)))


@avg_pool2d.mistake("You average over the channels too. Each channel is pooled by itself.")
def avg_over_channels(images, size, stride):
    return _windows(images, size, stride).mean(axis=(3, 4, 5))


@avg_pool2d.mistake("You average over the channels too, and all channels get it. Each channel is pooled by itself.")
def avg_over_channels_for_each(images, size, stride):
    pooled = _windows(images, size, stride).mean(axis=(3, 4, 5))
    return np.repeat(pooled[..., None], images.shape[3], axis=3)


@avg_pool2d.mistake("This is the largest number of each window. The mean is wanted.")
def avg_takes_the_largest(images, size, stride):
    return _windows(images, size, stride).max(axis=(4, 5))


@avg_pool2d.mistake("You divide by 4 always. A window has size · size pixels.")
def avg_over_four(images, size, stride):
    return _windows(images, size, stride).sum(axis=(4, 5)) / 4


# --- fractional_max_pool -----------------------------------------------------------------------

DISJOINT = "disjoint regions"
OVERLAP = "overlapping regions"


def _bounds(generator: np.random.Generator, number: int, least: int) -> np.ndarray:
    """From 0 on, in steps of `least` and `least` + 1, at least one of each."""
    steps = np.append(generator.integers(least, least + 2, size=number - 2), (least, least + 1))
    return np.append(0, np.cumsum(generator.permutation(steps)))


def _fractional_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, overlapping in ((DISJOINT, False), (OVERLAP, True)):
        for least in (1, 2):
            rows, cols = _bounds(generator, 3, least), _bounds(generator, 4, least)
            shape = (2, int(rows[-1]), int(cols[-1]), 2)  # neither as many channels as rows of regions nor as columns
            images = _whole(generator, *shape) - 6 if least == 1 else generator.normal(-1, 1, size=shape).round(2)
            yield Case({"images": images, "row_bounds": rows, "col_bounds": cols, "overlapping": overlapping}, part)
        one = {"images": fractions(generator, 1, 4, 3, 3) - 2, "row_bounds": np.array([0, 4]), "col_bounds": np.array([0, 2, 3])}
        yield Case({**one, "overlapping": overlapping}, part, "a single row of regions")


def _reduce(images: np.ndarray, bounds: np.ndarray, overlapping: bool, axis: int) -> np.ndarray:
    pooled = np.maximum.reduceat(images, bounds[:-1], axis=axis)
    if overlapping:  # every region but the last also has the first line of the next one
        lines = [slice(None)] * images.ndim
        lines[axis] = slice(0, -1)
        pooled[tuple(lines)] = np.maximum(pooled[tuple(lines)], images.take(bounds[1:-1], axis=axis))
    return pooled


def _fractional_oracle(images, row_bounds, col_bounds, overlapping):
    rows, cols = np.asarray(row_bounds), np.asarray(col_bounds)
    return _reduce(_reduce(np.array(images), rows, overlapping, 1), cols, overlapping, 2)


FIVE = np.array([[1, 2, 3, 4, 0], [5, 6, 7, 8, 1], [9, 1, 2, 3, 4]])[None, :, :, None]

fractional_max_pool = Exercise(
    name="fractional_max_pool",
    title="Fractional max pooling",
    points={DISJOINT: 1, OVERLAP: 1},
    minutes=15,
    difficulty=2,
    oracle=_fractional_oracle,
    examples=(
        Case(
            {"images": FIVE, "row_bounds": np.array([0, 2, 3]), "col_bounds": np.array([0, 1, 3, 5]), "overlapping": False},
            DISJOINT,
            "columns in regions of 1, 2 and 2",
            known=[[[[5], [7], [8]], [[9], [2], [4]]]],
        ),
        Case(
            {"images": FIVE, "row_bounds": np.array([0, 2, 3]), "col_bounds": np.array([0, 1, 3, 5]), "overlapping": True},
            OVERLAP,
            "the same bounds",
            known=[[[[9], [8], [8]], [[9], [3], [4]]]],
        ),
    ),
    cases=_fractional_cases,
    forbidden=("fractional_max_pool", "fractional_max_pool2d"),
    hints=(
        "With five bounds there are four regions. The loops run over regions, not over pixels.",
        "Region (i, j) is `images[:, row_bounds[i] : row_bounds[i + 1], col_bounds[j] : col_bounds[j + 1]]`.",
        "For overlapping regions add 1 to both ends. A slice that reaches beyond the image is cut off by itself. `True` counts as 1: `row_bounds[i + 1] + overlapping`.",
    ),
)


@fractional_max_pool.mistake(
    "`overlapping` has no effect. When it is True, a region also holds the first row and the first column of its neighbours."
)
def fractional_never_overlaps(images, row_bounds, col_bounds, overlapping):
    return _fractional_oracle(images, row_bounds, col_bounds, False)


@fractional_max_pool.mistake("The regions always overlap. Without `overlapping`, region i ends before row `row_bounds[i + 1]`.")
def fractional_always_overlaps(images, row_bounds, col_bounds, overlapping):
    return _fractional_oracle(images, row_bounds, col_bounds, True)


@fractional_max_pool.mistake("The regions overlap in their rows only. The columns need one more as well.")
def fractional_overlaps_rows_only(images, row_bounds, col_bounds, overlapping):
    return _reduce(_reduce(images.copy(), row_bounds, overlapping, 1), col_bounds, False, 2)


@fractional_max_pool.mistake("Row bounds and column bounds are exchanged. Axis 1 of the images holds the rows.")
def fractional_exchanges_bounds(images, row_bounds, col_bounds, overlapping):
    turned = np.zeros((images.shape[0], len(col_bounds) - 1, len(row_bounds) - 1, images.shape[3]))
    for i, j in np.ndindex(*turned.shape[1:3]):
        part = images[:, col_bounds[i] : col_bounds[i + 1] + overlapping, row_bounds[j] : row_bounds[j + 1] + overlapping]
        turned[:, i, j] = part.max(axis=(1, 2), initial=-np.inf)
    return turned


@fractional_max_pool.mistake("Where all numbers are negative you return 0. Take the maximum of the region itself.")
def fractional_never_below_zero(images, row_bounds, col_bounds, overlapping):
    return np.maximum(0, _fractional_oracle(images, row_bounds, col_bounds, overlapping))


@fractional_max_pool.mistake("You return the top left pixel of each region. Its largest number is wanted.")
def fractional_first_corner(images, row_bounds, col_bounds, overlapping):
    return images[:, row_bounds[:-1]][:, :, col_bounds[:-1]]


@fractional_max_pool.mistake("You take the maximum over the channels too. Each channel is pooled by itself.")
def fractional_over_channels(images, row_bounds, col_bounds, overlapping):
    return _fractional_oracle(images, row_bounds, col_bounds, overlapping).max(axis=3)


@fractional_max_pool.mistake("You take the maximum over the channels too, and all channels get it. Each is pooled by itself.")
def fractional_over_channels_for_each(images, row_bounds, col_bounds, overlapping):
    pooled = _fractional_oracle(images, row_bounds, col_bounds, overlapping).max(axis=3, keepdims=True)
    return np.repeat(pooled, images.shape[3], axis=3)


@fractional_max_pool.mistake("This is the mean of each region. Its largest number is wanted.")
def fractional_mean(images, row_bounds, col_bounds, overlapping):
    more = int(overlapping)
    return np.stack(
        [
            np.stack(
                [
                    images[:, top : bottom + more, left : right + more].mean(axis=(1, 2))
                    for left, right in itertools.pairwise(map(int, col_bounds))
                ],
                axis=1,
            )
            for top, bottom in itertools.pairwise(map(int, row_bounds))
        ],
        axis=1,
    )


# --- global_avg_pool ---------------------------------------------------------------------------


def _global_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows = int(generator.integers(3, 6))
    yield Case({"images": _whole(generator, 3, rows, rows + 2, 4)}, "numbers")
    yield Case({"images": fractions(generator, 2, rows + 1, rows, 5)}, "numbers")
    yield Case({"images": fractions(generator, 1, 1, 3, 2) + 2}, "numbers", "one image of one row")


global_avg_pool = Exercise(
    name="global_avg_pool",
    title="One number for each channel",
    points={"numbers": 1},
    minutes=3,
    difficulty=1,
    oracle=lambda images: np.einsum("bijn->bn", np.asarray(images, float)) / (images.shape[1] * images.shape[2]),
    examples=(
        Case({"images": POOL_EXAMPLE}, "numbers", "one image, one channel", known=[[3.125]]),
        Case({"images": np.array([[[[1, 10], [2, 20]]], [[[3, 0], [4, 5]]]])}, "numbers", known=[[1.5, 15.0], [3.5, 2.5]]),
    ),
    cases=_global_cases,
    hints=(
        "Two of the four axes disappear. Which?",
        "Axis 1 holds the rows, axis 2 the columns.",
        "Shape (10, 7, 7, 64) becomes (10, 64). `mean` accepts a pair of axes.",
    ),
)


@global_avg_pool.mistake("You average over the channels too. One number for each image *and* each channel is wanted.")
def global_over_channels(images):
    return images.mean(axis=(1, 2, 3))


@global_avg_pool.mistake("You average over the batch. The images have nothing to do with each other.")
def global_over_the_batch(images):
    return images.mean(axis=(0, 1, 2))


@global_avg_pool.mistake("This is the sum. Divide by the number of pixels, rows · cols.")
def global_sum(images):
    return images.sum(axis=(1, 2))


@global_avg_pool.mistake("This is the maximum of each map. The mean is wanted.")
def global_max(images):
    return images.max(axis=(1, 2))


@global_avg_pool.mistake("You average over the rows only. The columns must go too.")
def global_one_axis_left(images):
    return images.mean(axis=1)


@global_avg_pool.mistake("The fractions are lost. Divide with `/`, and keep the result in floats.")
def global_in_integers(images):
    return np.trunc(images.mean(axis=(1, 2)))


@global_avg_pool.mistake("The axes of length 1 are left. The result has two axes: (batch, channels).")
def global_keeps_axes(images):
    return images.mean(axis=(1, 2), keepdims=True)


# --- local_response_norm -----------------------------------------------------------------------


def _norm_cases(generator: np.random.Generator) -> Iterator[Case]:
    for n, make in ((3, _whole), (5, fractions)):
        maps = make(generator, 2, 2, 3, n + 4)
        k, alpha, beta = (round(float(generator.uniform(*ends)), 2) for ends in ((1.2, 2.5), (0.1, 0.5), (0.4, 0.9)))
        yield Case({"maps": maps, "k": k, "alpha": alpha, "beta": beta, "n": n}, "numbers")
    alone = {"maps": generator.integers(2, 9, size=(1, 1, 2, 3)), "k": k, "alpha": alpha, "beta": beta, "n": 1}
    yield Case(alone, "numbers", "each channel by itself")


def _norm_with(maps, k, alpha, beta, n):
    squares = scipy.ndimage.convolve1d(np.asarray(maps, float) ** 2, np.ones(n), axis=-1, mode="constant")
    return maps / (k + alpha * squares) ** beta


local_response_norm = Exercise(
    name="local_response_norm",
    title="Neighbours damp each other",
    points={"numbers": 2},
    minutes=15,
    difficulty=2,
    oracle=_norm_with,
    examples=(
        Case(
            {"maps": np.array([[[[1.0, 2.0, 3.0]]]]), "k": 1.0, "alpha": 1.0, "beta": 1.0, "n": 3},
            "numbers",
            "worked by hand",
            known=[[[[1 / 6, 2 / 15, 3 / 14]]]],
        ),
        Case(
            {"maps": np.array([[[[100, 0, 0, 50, 200, 10, 0]]]]), "k": 2.0, "alpha": 1e-4, "beta": 0.75, "n": 5},
            "numbers",
            "one pixel, with the constants of AlexNet",
        ),
    ),
    cases=_norm_cases,
    forbidden=("local_response_normalization", "lrn"),
    hints=(
        "Square everything first. Then, for channel i, add up the squares from channel max(0, i − n // 2) to channel min(N − 1, i + n // 2).",
        "One loop over the channels: `squares[..., first:end].sum(axis=-1)` takes all pixels of all images at once.",
        "n = 3, channel 0: its neighbours are −1 and 1, and there is no −1. So the slice must not begin before 0. "
        "Beyond the last channel it may end: NumPy cuts it.",
    ),
)


@local_response_norm.mistake(
    "The first channel counts the last as its neighbour. Negative indices and `np.roll` wrap around: stop at channel 0 and at the last."
)
def norm_wraps_around(maps, k, alpha, beta, n):
    squares = sum(np.roll(maps**2, step, axis=-1) for step in range(-(n // 2), n // 2 + 1))
    return maps / (k + alpha * squares) ** beta


@local_response_norm.mistake("You sum over all channels. Only the n channels around channel i count.")
def norm_over_all_channels(maps, k, alpha, beta, n):
    return maps / (k + alpha * np.sum(maps**2, axis=-1, keepdims=True)) ** beta


@local_response_norm.mistake(
    "You divide α by n, as Caffe and PyTorch do. AlexNet's formula, and TensorFlow, take α times the plain sum."
)
def norm_divides_alpha(maps, k, alpha, beta, n):
    return _norm_with(maps, k, alpha / n, beta, n)


@local_response_norm.mistake("You take n channels on each side. n counts them all: n // 2 on each side and channel i itself.")
def norm_n_on_each_side(maps, k, alpha, beta, n):
    return _norm_with(maps, k, alpha, beta, 2 * n + 1)


@local_response_norm.mistake(
    "Channel i + n // 2 is left out. The end of a slice is not included: `[i - n // 2 : i + n // 2 + 1]`."
)
def norm_stops_one_early(maps, k, alpha, beta, n):
    kernel = np.ones(n)
    kernel[0] = 0  # the channel i + n // 2 is left out
    squares = scipy.ndimage.convolve1d(maps.astype(float) ** 2, kernel, axis=-1, mode="constant")
    return maps / (k + alpha * squares) ** beta


@local_response_norm.mistake("You add up the values. Their squares are wanted.")
def norm_without_squares(maps, k, alpha, beta, n):
    total = scipy.ndimage.convolve1d(np.abs(maps.astype(float)), np.ones(n), axis=-1, mode="constant")
    return maps / (k + alpha * total) ** beta


@local_response_norm.mistake("The power β is missing in the denominator: (k + α Σ a²)^β.")
def norm_without_power(maps, k, alpha, beta, n):
    return _norm_with(maps, k, alpha, 1.0, n)


@local_response_norm.mistake("You sum over neighbouring pixels. The neighbours are the channels of the same pixel.")
def norm_along_the_row(maps, k, alpha, beta, n):
    squares = scipy.ndimage.convolve1d(maps.astype(float) ** 2, np.ones(n), axis=2, mode="constant")
    return maps / (k + alpha * squares) ** beta


@local_response_norm.mistake("Only channel i itself is in your sum. Its neighbours count as well.")
def norm_of_one_channel(maps, k, alpha, beta, n):
    return maps / (k + alpha * maps.astype(float) ** 2) ** beta


# --- receptive_field ---------------------------------------------------------------------------

STRIDE_ONE, STRIDES = "stride 1", "with strides"


def _field_cases(generator: np.random.Generator) -> Iterator[Case]:
    kernels = generator.choice([2, 3, 5, 7], size=int(generator.integers(2, 5)))
    yield Case({"layers": [(int(kernel), 1) for kernel in kernels]}, STRIDE_ONE)
    middle = [
        (int(kernel), int(stride))
        for kernel, stride in zip(generator.choice([3, 5], 2), generator.choice([2, 3], 2), strict=True)
    ]
    first, last = int(generator.choice([5, 7, 11])), int(generator.choice([2, 3]))
    yield Case({"layers": [(first, int(generator.choice([2, 4]))), *middle, (last, 1)]}, STRIDES)
    yield Case({"layers": [(first, 1)]}, STRIDE_ONE, "a single layer")
    yield Case({"layers": [(1, 2), (last, 3), (1, 1), (first, 2)]}, STRIDES, "some 1 × 1")


def _field_oracle(layers):
    """Walk back from one unit of the output: `seen` units of a layer need (seen − 1) · stride + kernel below."""
    seen = 1
    for kernel, stride in reversed(layers):
        seen = (seen - 1) * stride + kernel
    return seen


receptive_field = Exercise(
    name="receptive_field",
    title="What one unit sees",
    points={STRIDE_ONE: 1, STRIDES: 1},
    minutes=12,
    difficulty=2,
    oracle=_field_oracle,
    examples=(
        Case({"layers": [(3, 1), (3, 1)]}, STRIDE_ONE, "two 3 × 3", known=5),
        Case({"layers": [(3, 1), (3, 1), (3, 1)]}, STRIDE_ONE, "three 3 × 3", known=7),
        Case({"layers": [(3, 2), (3, 1)]}, STRIDES, "the first with stride 2", known=7),
        Case({"layers": [(2, 2), (2, 2), (3, 1)]}, STRIDES, "two poolings, then a 3 × 3", known=12),
    ),
    cases=_field_cases,
    hints=(
        "With stride 1 each layer adds kernel − 1 pixels to what a unit sees.",
        "Keep two numbers: what a unit sees (at first 1), and how many pixels lie between neighbouring units, the jump (at first 1).",
        "Kernel 3 with stride 2, then kernel 3. The first layer sees 3 pixels, and its units stand 2 apart. The "
        "second adds 2 units, so 4 pixels: 7.",
    ),
)


def _field(layers: Sequence[tuple[int, int]], jump_after: Callable[[int, int], int]) -> int:
    seen, jump = 1, 1
    for kernel, stride in layers:
        seen += (kernel - 1) * jump
        jump = jump_after(jump, stride)
    return seen


@receptive_field.mistake("Right for stride 1. After a stride of 2, neighbouring units stand two pixels apart.")
def field_ignores_strides(layers):
    return _field(layers, lambda jump, stride: 1)


@receptive_field.mistake("You use the stride of the layer just below only. The strides of all layers below multiply.")
def field_last_stride_only(layers):
    return _field(layers, lambda jump, stride: stride)


@receptive_field.mistake("You add the strides up. Two strides of 2 put neighbours four pixels apart: they multiply.")
def field_adds_strides(layers):
    return _field(layers, lambda jump, stride: jump + stride - 1)


@receptive_field.mistake(
    "A layer's own stride does not widen what one of its own units sees. Add (kernel − 1) · jump first, then multiply the jump."
)
def field_own_stride_first(layers):
    seen, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        seen += (kernel - 1) * jump
    return seen


@receptive_field.mistake("You add the kernels. Each adds only kernel − 1 new pixels: the field of two 3 × 3 is 5.")
def field_sums_kernels(layers):
    return sum(kernel for kernel, _ in layers)


@receptive_field.mistake("You multiply the kernels. Windows of neighbouring units overlap, so the field grows by adding.")
def field_multiplies_kernels(layers):
    return math.prod(kernel for kernel, _ in layers)


@receptive_field.mistake("Always one too few. Before the first layer a unit is the pixel itself: start with 1.")
def field_starts_at_zero(layers):
    return _field_oracle(layers) - 1


@receptive_field.mistake(
    "You multiply all that was seen by the stride. Each kernel adds (kernel − 1) times the strides below it."
)
def field_grows_by_strides(layers):
    seen = 1
    for kernel, stride in layers:
        seen = (seen + kernel - 1) * stride
    return seen


# --- design_stack ------------------------------------------------------------------------------


def _stack_cases(generator: np.random.Generator) -> Iterator[Case]:
    for low, high in ((23, 31), (32, 48), (49, 64)):
        field = int(generator.integers(low, high))
        yield Case({"field": field, "most": 450 * field}, "stack")


def _stack_misses(result, field, most):
    if not 1 <= len(result) <= 50:
        return f"Your list has {len(result)} layers; from 1 to 50 are allowed."
    layers = [tuple(map(operator.index, layer)) for layer in result]
    for kernel, stride in layers:
        if not 1 <= stride <= kernel <= 100:
            return f"One of your layers has kernel {kernel} and stride {stride}; 1 ≤ stride ≤ kernel ≤ 100 is asked."
    if (thinner := math.prod(stride for _, stride in layers)) > 4:
        return f"Your strides multiply to {thinner}; at most 4 is asked."
    if (seen := _field_oracle(layers)) < field:
        return f"Your stack sees {seen} pixels; {field} or more are asked."
    weights = sum(kernel**2 * (16 if number else 3) * 16 for number, (kernel, _) in enumerate(layers))
    return f"Your stack sees {seen} pixels with {weights:,} weights; at most {most:,} are asked." if weights > most else ""


def _threes(strides, field):
    """3 × 3 layers with these strides, and then as many with stride 1 as the field needs."""
    layers = [(3, stride) for stride in strides]
    while _field_oracle(layers) < field:
        layers.append((3, 1))
    return layers


design_stack = Exercise(
    name="design_stack",
    title="Design: see far with few weights",
    points={"stack": 1},
    minutes=12,
    difficulty=2,
    oracle=lambda field, most: _threes((2, 2), field),
    meets=_stack_misses,
    examples=(
        Case(
            {"field": 31, "most": 20_000},
            "stack",
            "432 + 4 · 2,304 = 9,648 weights will do",
            known=[(3, 2), (3, 2), (3, 1), (3, 1), (3, 1)],
        ),
    ),
    cases=_stack_cases,
    hints=(
        "What do fifteen 3 × 3 layers with stride 1 see, and what do they cost? And a single kernel of 31?",
        "Every layer after a stride of 2 reaches twice as far for the same weights. So where should the strides stand?",
        "Two layers with stride 2 see 7 pixels, and every 3 × 3 after them adds 2 · 4 = 8. `receptive_field` tells when you have enough: "
        "go on until it does.",
    ),
)


@design_stack.mistake("Without strides each 3 × 3 adds only 2 pixels, which costs too many weights.")
def stack_without_strides(field, most):
    return _threes((), field)


@design_stack.mistake("One large kernel costs kernel² weights. Many small ones see as far for less.")
def stack_of_one_kernel(field, most):
    return [(field, 1)]


@design_stack.mistake("Your strides stand last, where no layer comes after them to profit. Put them first.")
def stack_with_strides_last(field, most):
    return [*_threes((), field - 6), (3, 2), (3, 2)]


@design_stack.mistake("All strides together make the map too thin: two of them may be 2, the others 1.")
def stack_of_strides_only(field, most):
    layers = [(3, 2)]
    while _field_oracle(layers) < field:
        layers.append((3, 2))
    return layers


# --- layer_parameters --------------------------------------------------------------------------

Layer = Sequence[Any]
Shape = tuple[int, int, int]
CONV_POOL, DENSE_LOCAL = "convolution and pooling", "dense and locally connected"


def _shape(generator: np.random.Generator) -> Shape:
    rows = int(generator.integers(9, 15))
    return rows, rows + int(generator.integers(1, 6)), int(generator.integers(2, 9))


def _window_layer(generator: np.random.Generator, kind: str, stride: int) -> Layer:
    return (kind, int(generator.integers(3, 20)), int(generator.choice([3, 5])), stride, int(generator.integers(1, 3)))


def _parameter_cases(generator: np.random.Generator) -> Iterator[Case]:
    for layer, part in (
        (_window_layer(generator, "conv", 2), CONV_POOL),
        (("pool", 3, 2), CONV_POOL),
        (("dense", int(generator.integers(3, 20))), DENSE_LOCAL),
        (_window_layer(generator, "local", 2), DENSE_LOCAL),
        (("conv", int(generator.integers(3, 20)), 1, 1, 0), CONV_POOL),
    ):
        yield Case({"layer": layer, "shape": _shape(generator)}, part)
    units = int(generator.integers(3, 20))
    yield Case({"layer": ("dense", units), "shape": (1, 1, units + 1)}, DENSE_LOCAL, "after another dense layer")


def _places(length: int, kernel: int, stride: int, padding: int) -> int:
    return len(range(0, length + 2 * padding - kernel + 1, stride))


def _output_shape(layer: Layer, shape: Shape) -> Shape:
    kind, number, *rest = layer
    if kind == "dense":
        return 1, 1, number
    kernel, stride, padding = (number, rest[0], 0) if kind == "pool" else rest
    rows, cols = (_places(length, kernel, stride, padding) for length in shape[:2])
    return rows, cols, shape[2] if kind == "pool" else number


def _parameters_oracle(layer, shape):
    """The sizes of the arrays that hold the layer's weights and biases."""
    kind, number, *rest = layer
    if kind == "pool":
        return 0
    if kind == "dense":
        return math.prod((*shape, number)) + number
    one_place = math.prod((rest[0], rest[0], shape[2], number)) + number
    return one_place if kind == "conv" else one_place * math.prod(_output_shape(layer, shape)[:2])


layer_parameters = Exercise(
    name="layer_parameters",
    title="Count the parameters",
    points={CONV_POOL: 1, DENSE_LOCAL: 1},
    minutes=12,
    difficulty=2,
    oracle=_parameters_oracle,
    examples=(
        Case({"layer": ("conv", 10, 5, 1, 2), "shape": (32, 32, 3)}, CONV_POOL, "ten 5 × 5 on 32 × 32 × 3", known=760),
        Case({"layer": ("pool", 2, 2), "shape": (16, 16, 20)}, CONV_POOL, "nothing to learn", known=0),
        Case({"layer": ("dense", 10), "shape": (4, 4, 20)}, DENSE_LOCAL, "the toy net's last layer", known=3210),
        Case({"layer": ("local", 2, 3, 1, 0), "shape": (4, 5, 1)}, DENSE_LOCAL, "2 × 3 places with (9 + 1) · 2 each", known=120),
    ),
    cases=_parameter_cases,
    hints=(
        "Take the layer apart first: `kind, *numbers = layer`. Then one `if` for each kind.",
        "A filter has kernel · kernel · channels weights and one bias. A dense unit has rows · cols · channels weights and one bias.",
        "For \"local\" multiply the convolution's number by the output's rows and columns, `output_size(rows, kernel, stride, padding)` and the same for the columns.",
    ),
)


def _biases(layer: Layer, shape: Shape) -> int:
    if layer[0] == "pool":
        return 0
    return math.prod(_output_shape(layer, shape)) if layer[0] == "local" else layer[1]


@layer_parameters.mistake("The biases are missing: one for each filter, for each unit of a dense layer.")
def parameters_without_biases(layer, shape):
    return _parameters_oracle(layer, shape) - _biases(layer, shape)


@layer_parameters.mistake("There is one bias in all. Each filter, and each unit of a dense layer, has its own.")
def parameters_with_one_bias(layer, shape):
    return parameters_without_biases(layer, shape) + (layer[0] != "pool")


@layer_parameters.mistake("A filter has kernel · kernel weights for *each* input channel: multiply by `shape[2]`.")
def parameters_without_channels(layer, shape):
    flat = shape if layer[0] == "dense" else (*shape[:2], 1)
    return _parameters_oracle(layer, flat)


@layer_parameters.mistake("A dense layer sees every number of its input: rows · cols · channels of them, not the channels alone.")
def parameters_dense_not_flat(layer, shape):
    return _parameters_oracle(layer, (1, 1, shape[2]) if layer[0] == "dense" else shape)


@layer_parameters.mistake("You share the weights of a locally connected layer. It has a set of its own at each output place.")
def parameters_local_shared(layer, shape):
    return _parameters_oracle(("conv", *layer[1:]) if layer[0] == "local" else layer, shape)


@layer_parameters.mistake(
    "You count a set of weights for each *input* pixel. A locally connected layer has one for each *output* place: use `output_size`."
)
def parameters_local_at_every_pixel(layer, shape):
    if layer[0] == "local":
        return _parameters_oracle(("conv", *layer[1:]), shape) * shape[0] * shape[1]
    return _parameters_oracle(layer, shape)


@layer_parameters.mistake("A pooling layer has nothing to learn: 0 parameters.")
def parameters_of_the_pool(layer, shape):
    return layer[1] ** 2 * shape[2] if layer[0] == "pool" else _parameters_oracle(layer, shape)


@layer_parameters.mistake("A filter has one bias, not one for each input channel.")
def parameters_with_a_bias_a_channel(layer, shape):
    kind, number, *_ = layer
    return _parameters_oracle(layer, shape) + (number * (shape[2] - 1) if kind == "conv" else 0)


@layer_parameters.mistake("A convolution shares its weights: they count once, not at every output place.")
def parameters_conv_at_every_place(layer, shape):
    return _parameters_oracle(("local", *layer[1:]) if layer[0] == "conv" else layer, shape)


# --- layer_memory ------------------------------------------------------------------------------


def _memory_cases(generator: np.random.Generator) -> Iterator[Case]:
    # An odd travel (size + 2 · padding − kernel) on one axis, so that rounding shows.
    for layer, part in (
        (("conv", int(generator.integers(9, 20)), 3, 2, 1), CONV_POOL),
        (("pool", 3, 2), CONV_POOL),
        (("dense", int(generator.integers(3, 20))), DENSE_LOCAL),
        (("local", int(generator.integers(9, 20)), 5, 2, 2), DENSE_LOCAL),
        (("pool", 2, 3), CONV_POOL),
    ):
        rows, _, channels = _shape(generator)
        rows += rows % 2
        yield Case({"layer": layer, "shape": (rows, rows + int(generator.choice([1, 3, 5])), channels)}, part)


def _memory(shape: Shape) -> tuple[Shape, int]:
    return shape, math.prod(shape)


def _memory_oracle(layer, shape):
    return _memory(_output_shape(layer, shape))


layer_memory = Exercise(
    name="layer_memory",
    title="Count the activations",
    results=(("out_rows", "out_cols", "out_channels"), "product"),
    points={CONV_POOL: 1, DENSE_LOCAL: 1},
    minutes=12,
    difficulty=2,
    oracle=_memory_oracle,
    examples=(
        Case(
            {"layer": ("conv", 10, 5, 1, 2), "shape": (32, 32, 3)},
            CONV_POOL,
            "ten 5 × 5 on 32 × 32 × 3",
            known=((32, 32, 10), 10240),
        ),
        Case({"layer": ("pool", 2, 2), "shape": (32, 32, 10)}, CONV_POOL, known=((16, 16, 10), 2560)),
        Case({"layer": ("dense", 10), "shape": (4, 4, 20)}, DENSE_LOCAL, known=((1, 1, 10), 10)),
        Case({"layer": ("local", 2, 3, 1, 0), "shape": (4, 5, 1)}, DENSE_LOCAL, known=((2, 3, 2), 12)),
    ),
    cases=_memory_cases,
    hints=(
        "Find the output's shape first. The number of activations is the product of its three numbers.",
        "A convolution changes the channels to `num_filters`; pooling keeps them; a dense layer has shape (1, 1, units).",
        "`output_size(rows, kernel, stride, padding)` gives the rows. Pooling has padding 0, and its kernel is its size.",
    ),
)


@layer_memory.mistake("The number is that of the layer's input. Count what comes out.")
def memory_of_the_input(layer, shape):
    return _output_shape(layer, shape), math.prod(shape)


def _memory_with(layer: Layer, shape: Shape, places: Callable[[int, int, int, int], int]) -> tuple[Shape, int]:
    kind, number, *rest = layer
    if kind == "dense":
        return _memory((1, 1, number))
    kernel, stride, padding = (number, rest[0], 0) if kind == "pool" else rest
    rows, cols = (places(length, kernel, stride, padding) for length in shape[:2])
    return _memory((rows, cols, shape[2] if kind == "pool" else number))


@layer_memory.mistake("A last step that does not fit is left out: round down.")
def memory_rounded_up(layer, shape):
    return _memory_with(layer, shape, lambda length, kernel, stride, padding: -(-(length + 2 * padding - kernel) // stride) + 1)


@layer_memory.mistake("The padding lies on both sides: the size grows by 2 · padding.")
def memory_padding_once(layer, shape):
    return _memory_with(layer, shape, lambda length, kernel, stride, padding: (length + padding - kernel) // stride + 1)


@layer_memory.mistake("The stride has no effect. `output_size` divides by it.")
def memory_ignores_stride(layer, shape):
    return _memory_with(layer, shape, lambda length, kernel, stride, padding: length + 2 * padding - kernel + 1)


@layer_memory.mistake("A convolution puts out one channel for each filter, however many channels come in.")
def memory_keeps_channels(layer, shape):
    rows, cols, channels = _output_shape(layer, shape)
    return _memory((rows, cols, channels if layer[0] == "dense" else shape[2]))


@layer_memory.mistake("You counted the pixels of one map. Multiply by the number of channels.")
def memory_one_channel(layer, shape):
    rows, cols, channels = _output_shape(layer, shape)
    return (rows, cols, channels), channels if layer[0] == "dense" else rows * cols


@layer_memory.mistake("This is the number of bytes. Count the numbers themselves.")
def memory_in_bytes(layer, shape):
    return _output_shape(layer, shape), 4 * math.prod(_output_shape(layer, shape))


@layer_memory.mistake("You use the rows for the columns too. Compute the output's columns from `shape[1]`.")
def memory_for_squares(layer, shape):
    rows, _, channels = _output_shape(layer, shape)
    return _memory((rows, rows, channels))


@layer_memory.mistake("The number is the product of the output's three sizes, not their sum.")
def memory_adds_sizes(layer, shape):
    return _output_shape(layer, shape), sum(_output_shape(layer, shape))


@layer_memory.mistake("A pooling layer does not always halve. Use its size and stride in `output_size`.")
def memory_pool_halves(layer, shape):
    rows, cols, channels = shape
    return _memory((rows // 2, cols // 2, channels) if layer[0] == "pool" else _output_shape(layer, shape))


# --- network_table -----------------------------------------------------------------------------

TOY_NET: list[Layer] = [
    ("conv", 10, 3, 1, 1),
    ("conv", 10, 3, 1, 1),
    ("pool", 2, 2),
    ("conv", 10, 3, 1, 1),
    ("conv", 20, 3, 1, 1),
    ("pool", 2, 2),
    ("conv", 10, 3, 1, 1),
    ("conv", 20, 3, 1, 1),
    ("pool", 2, 2),
    ("dense", 10),
]
TOY_TABLE = [
    [32, 32, 10, 10240, 280],
    [32, 32, 10, 10240, 910],
    [16, 16, 10, 2560, 0],
    [16, 16, 10, 2560, 910],
    [16, 16, 20, 5120, 1820],
    [8, 8, 20, 1280, 0],
    [8, 8, 10, 640, 1810],
    [8, 8, 20, 1280, 1820],
    [4, 4, 20, 320, 0],
    [1, 1, 10, 10, 3210],
]


def _table_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows = int(generator.integers(14, 22))
    channels = int(generator.integers(1, 4))
    first, second, units = (int(number) for number in generator.choice(np.arange(4, 20), 3, replace=False))
    for kind in ("conv", "local"):
        layers: list[Layer] = [
            ("conv", first, 3, int(generator.integers(1, 3)), 1),
            ("pool", 2, 2),
            (kind, second, 3, 1, 0),
            ("dense", units),
            ("dense", int(generator.integers(2, 4))),
        ]
        yield Case({"shape": (rows, rows + int(generator.integers(2, 6)), channels), "layers": layers}, "table")
    yield Case({"shape": (rows, rows - 3, channels), "layers": [("pool", 3, 2)]}, "table", "a single layer")


def _table(shape: Shape, layers: Sequence[Layer], line: Callable[[Layer, Shape, Shape], tuple[int, ...]]) -> np.ndarray:
    lines = []
    for layer in layers:
        after = _output_shape(layer, shape)
        lines.append(line(layer, shape, after))
        shape = after
    return np.array(lines)


def _right_line(layer: Layer, before: Shape, after: Shape) -> tuple[int, ...]:
    return *after, math.prod(after), _parameters_oracle(layer, before)


def _table_oracle(shape, layers):
    return _table(shape, layers, _right_line)


network_table = Exercise(
    name="network_table",
    title="A whole net on one page",
    points={"table": 2},
    minutes=12,
    difficulty=2,
    oracle=_table_oracle,
    examples=(
        Case({"shape": (32, 32, 3), "layers": TOY_NET}, "table", "the toy net of a lecture", known=TOY_TABLE),
        Case(
            {"shape": (227, 227, 3), "layers": [("conv", 96, 11, 4, 0), ("pool", 3, 2)]},
            "table",
            "the beginning of AlexNet",
            known=[[55, 55, 96, 290400, 34944], [27, 27, 96, 69984, 0]],
        ),
    ),
    cases=_table_cases,
    hints=(
        "One loop over the layers. What does a layer need to know of those before it?",
        "Only the shape that they put out. Keep it in a variable, and replace it at the end of each step.",
        "In the loop: count the parameters from `shape`, then let `layer_memory` give the new shape and its activations, then append (*shape, activations, parameters).",
    ),
)


@network_table.mistake(
    "Every layer is computed from the net's input. The output shape of one layer is the input shape of the next."
)
def table_stays_at_the_input(shape, layers):
    return np.array([_right_line(layer, shape, _output_shape(layer, shape)) for layer in layers])


@network_table.mistake(
    "The parameters are counted with the layer's *output* shape. Count them before you move on to the new shape."
)
def table_parameters_after_the_step(shape, layers):
    return _table(
        shape,
        layers,
        lambda layer, before, after: (*after, math.prod(after), _parameters_oracle(layer, after) if min(after) else 0),
    )


@network_table.mistake("Each line holds the shape that goes in. The shape that comes out is wanted.")
def table_of_inputs(shape, layers):
    return _table(shape, layers, lambda layer, before, after: (*before, math.prod(before), _parameters_oracle(layer, before)))


@network_table.mistake("The last layer is missing.")
def table_without_last(shape, layers):
    return _table_oracle(shape, layers)[:-1]


@network_table.mistake("The last two columns are exchanged: activations first, then parameters.")
def table_parameters_first(shape, layers):
    return _table(shape, layers, lambda *step: (*_right_line(*step)[:3], *_right_line(*step)[:2:-1]))


@network_table.mistake("You add up as you go. Each line holds the numbers of its own layer.")
def table_runs_sums(shape, layers):
    table = _table_oracle(shape, layers)
    table[:, 3:] = np.cumsum(table[:, 3:], axis=0)
    return table


@network_table.mistake("The first line is that of the input. The table has one line for each layer.")
def table_with_the_input(shape, layers):
    return np.array([[*shape, math.prod(shape), 0], *_table_oracle(shape, layers)])


EXERCISES: tuple[Exercise, ...] = (
    channels_last,
    conv2d_multi,
    max_pool2d,
    avg_pool2d,
    fractional_max_pool,
    global_avg_pool,
    local_response_norm,
    receptive_field,
    layer_parameters,
    design_stack,
    layer_memory,
    network_table,
)
