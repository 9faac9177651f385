"""Unit 03: convolution in two dimensions."""

from __future__ import annotations

import operator
from collections.abc import Iterator

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.exercises.cases import fractions
from convcourse.judging.exercise import Case, Exercise

WITHOUT, WITH = "without reversal", "with reversal"

IMAGE = np.array([[1, 2, 0, 1], [0, 1, 3, 2], [2, 1, 0, 1]])
KERNEL = np.array([[1, 0], [2, -1]])


def _picture(generator: np.random.Generator, least: int = 5) -> np.ndarray:
    """Whole numbers; more columns than rows, so that exchanged axes show."""
    rows = int(generator.integers(least, least + 3))
    return generator.integers(-9, 10, size=(rows, rows + int(generator.integers(1, 4))))


def _correlate(image, kernel):
    return np.einsum("ijkl,kl->ij", sliding_window_view(image, kernel.shape), kernel)


def _oracle_valid(image, kernel, reversal=False):
    operation = scipy.signal.convolve if reversal else scipy.signal.correlate
    return operation(np.asarray(image, float), np.asarray(kernel, float), mode="valid", method="direct")


# --- flip2d ------------------------------------------------------------------------------------


def _flip_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"kernel": generator.permutation(12).reshape(3, 4)}, "numbers")
    yield Case({"kernel": generator.permutation(9).reshape(3, 3)}, "numbers", "square")
    yield Case({"kernel": fractions(generator, 1, 5)}, "numbers", "one row")
    yield Case({"kernel": fractions(generator, 4, 1)}, "numbers", "one column")


flip2d = Exercise(
    name="flip2d",
    title="Flip a kernel",
    points={"numbers": 1},
    minutes=3,
    difficulty=1,
    oracle=lambda kernel: np.rot90(kernel, 2),
    examples=(
        Case({"kernel": np.array([[1, 2, 3], [4, 5, 6]])}, "numbers", known=[[6, 5, 4], [3, 2, 1]]),
        Case(
            {"kernel": np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])},
            "numbers",
            "its own flip",
            known=[[1, 0, 1], [0, 1, 0], [1, 0, 1]],
        ),
    ),
    cases=_flip_cases,
    hints=(
        "A flip in both axes is the same as turning the kernel by half a turn.",
        "`a[::-1]` reverses the first axis of an array.",
        "[[1, 2], [3, 4]] with its first axis reversed is [[3, 4], [1, 2]]. `a[:, ::-1]` reverses the second axis. "
        "You need both.",
    ),
)


@flip2d.mistake("You exchanged top and bottom only. Flip left and right as well.")
def flip_rows_only(kernel):
    return kernel[::-1]


@flip2d.mistake("You exchanged left and right only. Flip top and bottom as well.")
def flip_columns_only(kernel):
    return kernel[:, ::-1]


@flip2d.mistake("This is the transpose: rows have become columns. A flip keeps the shape and reverses both axes.")
def flip_transposes(kernel):
    return kernel.T


@flip2d.mistake("This is a quarter turn. A flip in both axes is half a turn.")
def flip_turns_a_quarter(kernel):
    return np.rot90(kernel)


# --- conv2d_valid ------------------------------------------------------------------------------


def _valid_cases(generator: np.random.Generator) -> Iterator[Case]:
    for reversal, part in ((False, WITHOUT), (True, WITH)):
        kernel = fractions(generator, 3, 2)
        yield Case({"image": _picture(generator), "kernel": kernel, "reversal": reversal}, part)
        tall = generator.integers(-9, 10, size=(6, 4))
        yield Case({"image": tall, "kernel": fractions(generator, 1, 3), "reversal": reversal}, part, "one row")
        whole = {"image": fractions(generator, 3, 2), "kernel": generator.integers(1, 9, size=(3, 2)), "reversal": reversal}
        yield Case(whole, part, "as large as each other")
    yield Case({"image": _picture(generator), "kernel": fractions(generator, 2, 3)}, WITHOUT, "`reversal` not given")


conv2d_valid = Exercise(
    name="conv2d_valid",
    title="Both conventions",
    points={WITHOUT: 1, WITH: 1},
    minutes=15,
    difficulty=2,
    oracle=_oracle_valid,
    examples=(
        Case({"image": IMAGE, "kernel": KERNEL, "reversal": False}, WITHOUT, "worked by hand", known=[[0, 1, 4], [3, 3, 2]]),
        Case({"image": IMAGE, "kernel": KERNEL, "reversal": True}, WITH, known=[[4, 1, 4], [3, 5, 2]]),
        Case({"image": IMAGE, "kernel": KERNEL[:1]}, WITHOUT, "`reversal` not given", known=[[1, 2, 0], [0, 1, 3], [2, 1, 0]]),
    ),
    cases=_valid_cases,
    forbidden=("convolve", "correlate", "convolve2d", "correlate2d", "fftconvolve", "conv2d"),
    hints=(
        "Write the version without reversal first. The one with reversal is the same with a flipped kernel.",
        "The window at (i, j) is `image[i : i + kernel_rows, j : j + kernel_cols]`.",
        "Two loops over i and j; in the middle, the sum of window times kernel.",
    ),
)


@conv2d_valid.mistake("The kernel is never flipped. When `reversal` is True, use `flip2d(kernel)`.")
def valid_never_reverses(image, kernel, reversal=False):
    return _correlate(image, kernel)


@conv2d_valid.mistake("The kernel is always flipped. Flip it only when `reversal` is True.")
def valid_always_reverses(image, kernel, reversal=False):
    return _correlate(image, kernel[::-1, ::-1])


@conv2d_valid.mistake("The two are exchanged: you flip the kernel when `reversal` is False.")
def valid_reverses_the_other_one(image, kernel, reversal=False):
    return _correlate(image, kernel if reversal else kernel[::-1, ::-1])


@conv2d_valid.mistake("You flip top and bottom only. Reversal flips the kernel in both axes.")
def valid_reverses_the_rows(image, kernel, reversal=False):
    return _correlate(image, kernel[::-1] if reversal else kernel)


@conv2d_valid.mistake("You flip one axis only. Reversal flips the kernel in both.")
def valid_reverses_one_axis(image, kernel, reversal=False):
    return _correlate(image, kernel[:, ::-1] if reversal else kernel)


@conv2d_valid.mistake("The last row and the last column are missing: the kernel fits at rows − kernel rows + 1 places.")
def valid_one_too_few(image, kernel, reversal=False):
    return _correlate(image, kernel[::-1, ::-1] if reversal else kernel)[:-1, :-1]


@conv2d_valid.mistake("The fractions are lost. `np.zeros_like(image)` keeps the image's integer type; use `np.zeros(...)`.")
def valid_keeps_integers(image, kernel, reversal=False):
    return _correlate(image, kernel[::-1, ::-1] if reversal else kernel).astype(image.dtype)


# --- zero_pad ----------------------------------------------------------------------------------


def _pad_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"image": _picture(generator, 3), "rows": 1, "cols": 2}, "numbers")
    yield Case({"image": _picture(generator, 3), "rows": 2, "cols": 0}, "numbers")
    yield Case({"image": fractions(generator, 4, 2), "rows": 0, "cols": 1}, "numbers", "fractions")
    yield Case({"image": fractions(generator, 2, 1), "rows": 2, "cols": 3}, "numbers", "one column")


zero_pad = Exercise(
    name="zero_pad",
    title="A frame of zeros",
    points={"numbers": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda image, rows, cols: scipy.ndimage.shift(
        np.block(
            [
                [np.asarray(image, float), np.zeros((image.shape[0], 2 * cols))],
                [np.zeros((2 * rows, image.shape[1] + 2 * cols))],
            ]
        ),
        (rows, cols),
        order=0,
    ),
    examples=(
        Case({"image": np.array([[1, 2]]), "rows": 1, "cols": 1}, "numbers", known=[[0, 0, 0, 0], [0, 1, 2, 0], [0, 0, 0, 0]]),
        Case({"image": np.array([[1, 2]]), "rows": 0, "cols": 1}, "numbers", known=[[0, 1, 2, 0]]),
    ),
    cases=_pad_cases,
    forbidden=("pad",),
    hints=(
        "How large is the new array? Each side gets the zeros, so both counts come twice.",
        "Make an array of zeros of that size. Then write the image into its middle.",
        "A 2 × 3 image with one row and two columns of zeros is 4 × 7. The image lies in `padded[1:3, 2:5]`.",
    ),
)


@zero_pad.mistake("Rows and columns are exchanged: `rows` says how many rows of zeros go above and below.")
def pad_exchanges_the_axes(image, rows, cols):
    return np.pad(image, ((cols, cols), (rows, rows)))


@zero_pad.mistake("There are zeros on one side only. Put as many before as behind.")
def pad_one_side_only(image, rows, cols):
    return np.pad(image, ((0, rows), (0, cols)))


@zero_pad.mistake("You repeated the image's edge. Outside there are zeros.")
def pad_repeats_the_edge(image, rows, cols):
    return np.pad(image, ((rows, rows), (cols, cols)), mode="edge")


@zero_pad.mistake("You divided the zeros between the two sides. Each side gets `rows` (or `cols`) of them.")
def pad_halves(image, rows, cols):
    return np.pad(image, ((rows // 2, rows - rows // 2), (cols // 2, cols - cols // 2)))


@zero_pad.mistake("The fractions are lost. An array made with `dtype=int` cuts them off; make it with `np.zeros(...)`.")
def pad_in_integers(image, rows, cols):
    return np.pad(image.astype(int), ((rows, rows), (cols, cols)))


@zero_pad.mistake("You used `rows` for the columns too. Left and right stand `cols` columns of zeros.")
def pad_rows_everywhere(image, rows, cols):
    return np.pad(image, rows)


# --- conv2d_same and conv2d_full ---------------------------------------------------------------


def _same_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"image": _picture(generator, 6), "kernel": fractions(generator, 3, 5)}, "odd kernel")
    yield Case({"image": _picture(generator, 6), "kernel": fractions(generator, 2, 4)}, "even kernel")
    yield Case({"image": fractions(generator, 6, 4), "kernel": generator.integers(1, 9, size=(4, 3))}, "even kernel", "4 × 3")
    yield Case({"image": generator.integers(-9, 10, size=(3, 4)), "kernel": fractions(generator, 1, 1)}, "odd kernel", "1 × 1")
    yield Case({"image": fractions(generator, 5, 3), "kernel": fractions(generator, 5, 3)}, "odd kernel", "as large as the image")


def _same_oracle(image, kernel):
    # SciPy centres an even kernel one place further; Keras and we put the smaller part of the padding first.
    origin = [-1 if size % 2 == 0 else 0 for size in kernel.shape]
    return scipy.ndimage.correlate(np.asarray(image, float), np.asarray(kernel, float), mode="constant", origin=origin)


conv2d_same = Exercise(
    name="conv2d_same",
    title="Keep the size",
    points={"odd kernel": 1, "even kernel": 1},
    minutes=12,
    difficulty=2,
    oracle=_same_oracle,
    examples=(
        Case({"image": np.array([[1, 2, 3]]), "kernel": np.array([[1, 0, -1]])}, "odd kernel", known=[[-2, -2, 2]]),
        Case(
            {"image": np.array([[1, 2, 3]]), "kernel": np.array([[1, 10]])},
            "even kernel",
            "one zero, behind",
            known=[[21, 32, 3]],
        ),
    ),
    cases=_same_cases,
    hints=(
        "K − 1 rows of zeros are needed in all. How many go above, when K is odd, and when K is even?",
        "(K − 1) // 2 above and the rest, K // 2, below; the same for the columns.",
        "K = 4 rows: one row of zeros above, two below. A 5 × 5 image lies in rows 1 to 5 of 8. A valid convolution "
        "leaves 5 rows.",
    ),
)


@conv2d_same.mistake("This is convolution with reversal. Here the kernel is laid on as it is.")
def same_with_reversal(image, kernel):
    return _same_oracle(image, kernel[::-1, ::-1])


@conv2d_same.mistake("Right for odd kernels, one place off for even ones: put (K − 1) // 2 zeros before, the rest behind.")
def same_leans_the_other_way(image, kernel):
    return scipy.ndimage.correlate(image.astype(float), kernel, mode="constant")


@conv2d_same.mistake("Outside the image there are zeros, not copies of its edge.")
def same_repeats_the_edge(image, kernel):
    before = [(size - 1) // 2 for size in kernel.shape]
    after = [size - 1 - front for size, front in zip(kernel.shape, before, strict=True)]
    return _correlate(np.pad(image, list(zip(before, after, strict=True)), mode="edge"), kernel)


@conv2d_same.mistake("This is mode valid. Put zeros around the image first.")
def same_is_valid(image, kernel):
    return _correlate(image, kernel)


@conv2d_same.mistake("The fractions are lost. `np.zeros_like(image)` keeps the image's integer type; use `np.zeros(...)`.")
def same_keeps_integers(image, kernel):
    return _same_oracle(image, kernel).astype(image.dtype)


@conv2d_same.mistake("(K − 1) // 2 zeros on both sides are too few for an even kernel: one more must go behind.")
def same_too_small_for_even(image, kernel):
    frame = [((size - 1) // 2, (size - 1) // 2) for size in kernel.shape]
    return _oracle_valid(np.pad(image, frame), kernel)


# --- local_mean --------------------------------------------------------------------------------


def _mean_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"image": _picture(generator), "size": 3}, "means")
    yield Case({"image": fractions(generator, 7, 6) + 3, "size": 5}, "means", "fractions")
    yield Case({"image": fractions(generator, 2, 4), "size": 3}, "means", "two rows")


def _zeros_counted(image, size):
    half = size // 2
    padded = np.pad(image, half)
    windows = sliding_window_view(padded, (size, size))
    return windows.mean(axis=(2, 3))


def _mean_oracle(image, size):
    half = size // 2
    means = np.zeros(image.shape)
    for i, j in np.ndindex(*image.shape):
        means[i, j] = np.mean(image[max(i - half, 0) : i + half + 1, max(j - half, 0) : j + half + 1])
    return means


local_mean = Exercise(
    name="local_mean",
    title="Repair: a dark border",
    points={"means": 1},
    minutes=8,
    difficulty=2,
    oracle=_mean_oracle,
    given=_zeros_counted,
    examples=(
        Case({"image": np.array([[6, 6, 6]]), "size": 3}, "means", "a grey line", known=[[6.0, 6.0, 6.0]]),
        Case({"image": np.array([[1, 2], [3, 6]]), "size": 3}, "means", "every window holds all", known=[[3.0, 3.0], [3.0, 3.0]]),
    ),
    cases=_mean_cases,
    hints=(
        "Work the grey line by hand: which three numbers lie under the window at the left end, and what is their mean?",
        "The zeros add nothing to the sum. But they are counted: the mean divides by all pixels of the window.",
        "At the left end of the line the window holds 0, 6, 6: sum 12, and only two of the pixels are real: 12/2 = 6. How many are real "
        "at each place? Slide the same window over an image of ones.",
    ),
)


@local_mean.mistake(
    "The border is no longer dark, but you have repeated the edge. Asked is the mean of real pixels only, each once."
)
def mean_repeats_the_edge(image, size):
    return sliding_window_view(np.pad(image, size // 2, mode="edge"), (size, size)).mean(axis=(2, 3))


@local_mean.mistake("You mirror the image at its border, so some pixels count twice. Count only those that lie there, each once.")
def mean_mirrors_the_image(image, size):
    return sliding_window_view(np.pad(image, size // 2, mode="symmetric"), (size, size)).mean(axis=(2, 3))


@local_mean.mistake("Now the places at the border are missing. The result is as large as the image.")
def mean_of_whole_windows_only(image, size):
    window = (min(size, image.shape[0]), min(size, image.shape[1]))
    return sliding_window_view(image, window).mean(axis=(2, 3))


@local_mean.mistake("These are sums. Divide each by the number of real pixels under the window.")
def mean_never_divided(image, size):
    return _zeros_counted(image, size) * size**2


@local_mean.mistake(
    "You left out all pixels that are 0. A pixel of the image counts, whatever its value; only the frame does not."
)
def mean_leaves_out_dark_pixels(image, size):
    windows = sliding_window_view(np.pad(image, size // 2), (size, size))
    return windows.sum(axis=(2, 3)) / np.maximum((windows != 0).sum(axis=(2, 3)), 1)


# --- conv2d_full -------------------------------------------------------------------------------


def _full_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"image": _picture(generator, 4), "kernel": fractions(generator, 3, 2)}, "numbers")
    yield Case({"image": _picture(generator, 3), "kernel": fractions(generator, 2, 4)}, "numbers")
    yield Case(
        {"image": fractions(generator, 2, 3), "kernel": generator.integers(1, 9, size=(3, 4))}, "numbers", "a larger kernel"
    )
    yield Case({"image": generator.integers(-9, 10, size=(4, 3)), "kernel": fractions(generator, 1, 1)}, "numbers", "1 × 1")


def _full_oracle(image, kernel):
    return scipy.signal.convolve(np.asarray(image, float), np.asarray(kernel, float), mode="full", method="direct")


conv2d_full = Exercise(
    name="conv2d_full",
    title="The whole convolution",
    points={"numbers": 1},
    minutes=8,
    difficulty=2,
    oracle=_full_oracle,
    examples=(
        Case({"image": np.array([[1, 2]]), "kernel": np.array([[1, 10], [0, 5]])}, "numbers", known=[[1, 12, 20], [0, 5, 10]]),
        Case(
            {"image": np.array([[1, 2, 3, 4]]), "kernel": np.array([[1, 2]])},
            "numbers",
            "Unit 2's example",
            known=[[1, 4, 7, 10, 8]],
        ),
    ),
    cases=_full_cases,
    forbidden=("convolve", "convolve2d", "fftconvolve"),
    hints=(
        "The kernel may hang over the image by all but one of its rows and columns.",
        "Pad with kernel rows − 1 zeros above and below, kernel cols − 1 left and right.",
        "A 3 × 3 image and a 2 × 2 kernel: one ring of zeros makes 5 × 5, and a valid convolution leaves 4 × 4. Which"
        " convention does mode full want?",
    ),
)


@conv2d_full.mistake("The kernel is not flipped. The whole convolution of signal processing is the one with reversal.")
def full_without_reversal(image, kernel):
    return _full_oracle(image, kernel[::-1, ::-1])


@conv2d_full.mistake("A frame is missing all round: pad with kernel rows − 1 and kernel cols − 1 zeros on each side.")
def full_pads_too_little(image, kernel):
    return _full_oracle(image, kernel)[1:-1, 1:-1]


@conv2d_full.mistake("There is a frame of zeros too many: pad with K − 1, not with K.")
def full_pads_by_the_kernel(image, kernel):
    return np.pad(_full_oracle(image, kernel), 1)


@conv2d_full.mistake("Rows and columns of the padding are exchanged.")
def full_exchanges_the_padding(image, kernel):
    rows, cols = kernel.shape
    padded = np.pad(image, ((cols - 1, cols - 1), (rows - 1, rows - 1)))
    return _correlate(padded, kernel[::-1, ::-1])


@conv2d_full.mistake("You took the kernel's rows for both axes. Left and right kernel cols − 1 zeros are needed.")
def full_for_square_kernels(image, kernel):
    frame = kernel.shape[0] - 1
    return _correlate(np.pad(image, frame), kernel[::-1, ::-1])


# --- conv_output_size, design_layer and conv2d_strided -------------------------------------------------------


def _size_cases(generator: np.random.Generator) -> Iterator[Case]:
    kernel, stride, padding = int(generator.integers(2, 8)), int(generator.integers(2, 5)), int(generator.integers(1, 4))
    steps = int(generator.integers(6, 20))
    fitting = steps * stride + kernel - 2 * padding
    yield Case({"size": fitting, "kernel": kernel, "stride": stride, "padding": padding}, "steps that fit")
    yield Case({"size": fitting - 1, "kernel": kernel, "stride": stride, "padding": padding}, "steps that do not fit")
    yield Case({"size": fitting, "kernel": kernel, "stride": 1, "padding": 0}, "steps that fit")
    yield Case({"size": kernel, "kernel": kernel, "stride": stride, "padding": 0}, "steps that fit", "the kernel is as large")
    # Two thirds of a last step, which rounding to the nearest would add; one third; and a single step that is too large.
    for rest in (1, 2):
        size = 3 * steps + kernel + rest
        yield Case({"size": size, "kernel": kernel, "stride": 3, "padding": 0}, "steps that do not fit")
    yield Case({"size": 2, "kernel": 5, "stride": 4, "padding": 2}, "steps that do not fit", "no step at all")


def _size_oracle(size, kernel, stride, padding):
    return len(range(-padding, size + padding - kernel + 1, stride))


conv_output_size = Exercise(
    name="conv_output_size",
    title="How large is the result?",
    points={"steps that fit": 1, "steps that do not fit": 1},
    minutes=8,
    difficulty=1,
    oracle=_size_oracle,
    examples=(
        Case({"size": 32, "kernel": 7, "stride": 1, "padding": 0}, "steps that fit", known=26),
        Case({"size": 32, "kernel": 7, "stride": 5, "padding": 0}, "steps that fit", known=6),
        Case({"size": 32, "kernel": 5, "stride": 3, "padding": 0}, "steps that fit", known=10),
        Case({"size": 7, "kernel": 3, "stride": 1, "padding": 1}, "steps that fit", known=7),
        Case({"size": 32, "kernel": 7, "stride": 2, "padding": 0}, "steps that do not fit", "25 / 2 = 12.5 steps", known=13),
    ),
    cases=_size_cases,
    hints=(
        "How far can the kernel travel? From its first place to its last it moves size + 2·padding − kernel pixels.",
        "It does so in steps of `stride`; an incomplete last step is left out.",
        "`//` divides and rounds down. Do not forget the place it started from.",
    ),
)


@conv_output_size.mistake("One is missing. After n steps the kernel has stood at n + 1 places.")
def size_without_the_one(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride


@conv_output_size.mistake("You rounded up. A step that would take the kernel over the edge is not made: round down.")
def size_rounded_up(size, kernel, stride, padding):
    return -((kernel - size - 2 * padding) // stride) + 1


@conv_output_size.mistake("The padding lies on both sides: add it twice.")
def size_with_padding_once(size, kernel, stride, padding):
    return (size + padding - kernel) // stride + 1


@conv_output_size.mistake("You rounded to the nearest. A last step that does not fit is left out: round down.")
def size_rounded_to_the_nearest(size, kernel, stride, padding):
    return round((size + 2 * padding - kernel) / stride) + 1


@conv_output_size.mistake("A size is a whole number. Use `//`, which rounds down.")
def size_as_a_fraction(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) / stride + 1


def _layer_cases(generator: np.random.Generator) -> Iterator[Case]:
    stride, places = int(generator.integers(2, 5)), int(generator.integers(12, 31))
    yield Case({"size": places * stride + int(generator.integers(1, stride)), "places": places}, "layer")
    yield Case({"size": 2 * places, "places": places}, "layer", "half as many")
    yield Case({"size": places, "places": places + int(generator.integers(0, 2))}, "layer", "as many, or one more")


def _layer_misses(result, size, places):
    kernel, stride, padding = map(operator.index, result)
    if not 3 <= kernel <= 11:
        return f"Your kernel has {kernel} pixels; from 3 to 11 are allowed."
    if not 1 <= stride <= kernel:
        return f"Your windows of {kernel} pixels are {stride} apart; from 1 to {kernel} are allowed, so that no pixel is skipped."
    if not 0 <= padding < kernel:
        return f"Your padding is {padding}; from 0 to {kernel - 1} are allowed, so that no window holds zeros only."
    travel = size + 2 * padding - kernel
    if travel < 0:
        return f"Your kernel of {kernel} does not fit on {size + 2 * padding} pixels."
    if (stands := travel // stride + 1) != places:
        return f"Your kernel stands at {stands} places; {places} are asked."
    return f"Your last step leaves {travel % stride} pixel(s) over; none may be left." if travel % stride else ""


def _layer_oracle(size, places):
    stride = max(1, size // places)
    reach = size - (places - 1) * stride  # the kernel less twice the padding
    padding = max(0, -((reach - 3) // 2))
    return reach + 2 * padding, stride, padding


design_layer = Exercise(
    name="design_layer",
    title="Design: a layer that fits",
    points={"layer": 1},
    minutes=12,
    difficulty=2,
    oracle=_layer_oracle,
    meets=_layer_misses,
    examples=(
        Case({"size": 227, "places": 55}, "layer", "a famous net's first layer (Unit 11)", known=(11, 4, 0)),
        Case({"size": 224, "places": 112}, "layer", known=(4, 2, 1)),
        Case({"size": 28, "places": 28}, "layer", known=(3, 1, 1)),
    ),
    cases=_layer_cases,
    hints=(
        "About how long must the steps be, when `size` pixels shall give `places` places?",
        "If every step fits, (places − 1) · stride + kernel is exactly size + 2 · padding. Choose a stride; what must kernel − 2 · padding be?",
        "224 pixels, 112 places: with stride 2 the last window begins 222 pixels after the first, so kernel − 2 · padding is 2. A kernel "
        "of 2 is too small, so take padding 1. A program may also try all kernels, strides and paddings.",
    ),
)


@design_layer.mistake("With steps of 1 the kernel must be very large. Take longer steps.")
def layer_with_steps_of_one(size, places):
    return max(1, size - places + 1), 1, 0


@design_layer.mistake(
    "Your windows stand side by side, so the rest of the division is left over. Choose the kernel such that the last one ends at the edge."
)
def layer_of_tiles(size, places):
    return max(3, size // places), max(1, size // places), 0


@design_layer.mistake("A kernel of 3 with padding 1 fits some sizes only. Work out what each size needs.")
def layer_always_three(size, places):
    return 3, min(3, max(1, size // places)), 1


@design_layer.mistake("One place too many: for `places` places the kernel makes places − 1 steps.")
def layer_with_a_step_too_many(size, places):
    stride = max(1, size // places)
    return size - places * stride + 6, stride, 3


def _stride_cases(generator: np.random.Generator) -> Iterator[Case]:
    picture = _picture(generator, 7)
    yield Case({"image": picture, "kernel": fractions(generator, 3, 2), "stride": 2, "padding": 0}, "stride")
    yield Case({"image": picture, "kernel": fractions(generator, 2, 3), "stride": 3, "padding": 2}, "stride and padding")
    tall = {"image": generator.integers(-9, 10, size=(8, 5)), "kernel": fractions(generator, 1, 3)}
    yield Case({**tall, "stride": 1, "padding": 1}, "stride and padding", "steps of 1")
    yield Case({**tall, "stride": 3, "padding": 0}, "stride", "steps longer than the kernel")
    whole = {"image": fractions(generator, 4, 3), "kernel": generator.integers(1, 9, size=(4, 3))}
    yield Case({**whole, "stride": 2, "padding": 0}, "stride", "one place only")


def _strided_oracle(image, kernel, stride, padding):
    return _oracle_valid(np.pad(np.asarray(image, float), padding), kernel)[::stride, ::stride]


conv2d_strided = Exercise(
    name="conv2d_strided",
    title="Larger steps",
    points={"stride": 1, "stride and padding": 1},
    minutes=12,
    difficulty=2,
    oracle=_strided_oracle,
    examples=(
        Case({"image": IMAGE, "kernel": KERNEL, "stride": 2, "padding": 0}, "stride", "every other place", known=[[0, 4]]),
        Case(
            {"image": np.array([[1, 2], [3, 4]]), "kernel": np.array([[1, 2]]), "stride": 2, "padding": 1},
            "stride and padding",
            known=[[0, 0], [6, 4]],
        ),
    ),
    cases=_stride_cases,
    hints=(
        "Pad first. Then it is `conv2d_valid` with larger steps.",
        "The window of output place (i, j) begins at row `i * stride` and column `j * stride`.",
        "Wasteful but right: compute all places, and keep every stride-th with `[::stride, ::stride]`.",
    ),
)


@conv2d_strided.mistake("The padding is missing: put `padding` zeros around the image on all sides first.")
def strided_ignores_the_padding(image, kernel, stride, padding):
    return _correlate(image, kernel)[::stride, ::stride]


@conv2d_strided.mistake("The kernel moves by one pixel. Move it by `stride`.")
def strided_ignores_the_stride(image, kernel, stride, padding):
    return _correlate(np.pad(image, padding), kernel)


@conv2d_strided.mistake(
    "The result has the right size, but its windows are one pixel apart. Window (i, j) begins at row `i * stride`, column `j * stride`."
)
def strided_reads_every_pixel(image, kernel, stride, padding):
    """The output's place is used as the window's, so that the window moves by one pixel."""
    whole = _correlate(np.pad(image, padding), kernel)
    rows, cols = whole[::stride, ::stride].shape
    return whole[:rows, :cols]


@conv2d_strided.mistake("This is convolution with reversal. Here the kernel is laid on as it is.")
def strided_with_reversal(image, kernel, stride, padding):
    return _strided_oracle(image, kernel[::-1, ::-1], stride, padding)


@conv2d_strided.mistake("The stride works on the rows only. Step over columns too.")
def strided_rows_only(image, kernel, stride, padding):
    return _correlate(np.pad(image, padding), kernel)[::stride]


@conv2d_strided.mistake("You thinned the image out first. The kernel lies on neighbouring pixels; only its steps are larger.")
def strided_thins_the_image(image, kernel, stride, padding):
    thin = np.pad(image, padding)[::stride, ::stride]
    return _strided_oracle(thin, kernel, 1, 0)


# --- breaks_when_moved -------------------------------------------------------------------------


def _moved_cases(generator: np.random.Generator) -> Iterator[Case]:
    for stride, padding, steps in ((1, 0, 3), (1, 2, 2), (2, 0, 4), (2, 1, 2), (2, 0, 1), (3, 1, 4)):
        scene = generator.integers(-9, 10, size=(10, 18 + int(generator.integers(0, 3)))).astype(float)
        scene[:5] = 0.0  # there nothing differs, whatever moves
        scene /= 100 if padding == 1 else 1  # small differences count too
        kernel = generator.integers(1, 5, size=(3, 2)).astype(float)
        yield Case({"scene": scene, "kernel": kernel, "stride": stride, "padding": padding, "steps": steps}, "columns")


def _two_maps(scene, kernel, stride, padding, steps):
    return [_strided_oracle(view, kernel, stride, padding) for view in (scene[:, :-steps], scene[:, steps:])]


def _moved_oracle(scene, kernel, stride, padding, steps):
    first, second = _two_maps(scene, kernel, stride, padding, steps)
    pairs = zip(first.T[steps // stride :], second.T, strict=False)
    return np.array([not np.allclose(one, other) for one, other in pairs])


breaks_when_moved = Exercise(
    name="breaks_when_moved",
    title="Does the map move along?",
    points={"columns": 1},
    minutes=12,
    difficulty=2,
    oracle=_moved_oracle,
    examples=(
        Case(
            {"scene": np.array([[1.0, 2, 4, 7, 3]]), "kernel": np.array([[1.0]]), "stride": 1, "padding": 0, "steps": 1},
            "columns",
            "[1, 2, 4, 7] and [2, 4, 7, 3]: three columns are the same",
            known=[False, False, False],
        ),
        Case(
            {"scene": np.array([[1.0, 2, 4, 7, 3]]), "kernel": np.array([[1.0]]), "stride": 2, "padding": 0, "steps": 1},
            "columns",
            "[1, 4] and [2, 7]",
            known=[True, True],
        ),
        Case(
            {
                "scene": np.array([[1.0, 2, 4, 7]]),
                "kernel": np.array([[1.0, 1.0, 1.0]] * 3),
                "stride": 1,
                "padding": 1,
                "steps": 1,
            },
            "columns",
            "[3, 7, 6] and [6, 13, 11]",
            known=[True, True],
        ),
    ),
    cases=_moved_cases,
    hints=(
        "Make the two views with slices: all columns but the last `steps`, and all but the first `steps`. Convolve both.",
        "Cut the first map on its left by `steps // stride` columns, and the second on its right by as many.",
        "Two maps of 10 columns, moved by 3: compare `first[:, 3:]` with `second[:, :7]`. Which numbers differ? "
        "`np.any(..., axis=0)` asks it for each column.",
    ),
)


@breaks_when_moved.mistake("With a stride the map moves by `steps // stride` places, not by `steps`.")
def moved_by_pixels(scene, kernel, stride, padding, steps):
    first, second = _two_maps(scene, kernel, stride, padding, steps)
    return np.any(~np.isclose(first[:, steps:], second[:, : second.shape[1] - steps]), axis=0)


@breaks_when_moved.mistake(
    "You compare in the wrong direction: what stands in column j of the second map stood further right in the first."
)
def moved_to_the_other_side(scene, kernel, stride, padding, steps):
    first, second = _two_maps(scene, kernel, stride, padding, steps)
    moved = steps // stride
    return np.any(~np.isclose(first[:, : first.shape[1] - moved], second[:, moved:]), axis=0)


@breaks_when_moved.mistake(
    "You compare the same columns of both maps. Cut them first, so that the same parts of the picture meet."
)
def moved_not_at_all(scene, kernel, stride, padding, steps):
    first, second = _two_maps(scene, kernel, stride, padding, steps)
    return np.any(~np.isclose(first, second), axis=0)


@breaks_when_moved.mistake("A column breaks as soon as any of its numbers differs; you ask whether all do.")
def moved_asks_for_all(scene, kernel, stride, padding, steps):
    first, second = _two_maps(scene, kernel, stride, padding, steps)
    moved = steps // stride
    return np.all(~np.isclose(first[:, moved:], second[:, : second.shape[1] - moved]), axis=0)


@breaks_when_moved.mistake("This is one answer for each row. The columns are asked: `axis=0`.")
def moved_by_rows(scene, kernel, stride, padding, steps):
    first, second = _two_maps(scene, kernel, stride, padding, steps)
    moved = steps // stride
    return np.any(~np.isclose(first[:, moved:], second[:, : second.shape[1] - moved]), axis=1)


# --- im2col and conv2d_im2col ------------------------------------------------------------------


def _im2col_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"image": _picture(generator, 4), "kernel_rows": 2, "kernel_cols": 3}, "numbers")
    yield Case({"image": _picture(generator, 4), "kernel_rows": 3, "kernel_cols": 1}, "numbers")
    yield Case({"image": fractions(generator, 4, 3), "kernel_rows": 2, "kernel_cols": 2}, "numbers", "fractions")
    yield Case({"image": fractions(generator, 3, 4), "kernel_rows": 3, "kernel_cols": 4}, "numbers", "a single window")


def _im2col_oracle(image, kernel_rows, kernel_cols):
    rows, cols = image.shape[0] - kernel_rows + 1, image.shape[1] - kernel_cols + 1
    shifted = [image[k : k + rows, m : m + cols].ravel() for k in range(kernel_rows) for m in range(kernel_cols)]
    return np.stack(shifted, axis=1)


im2col = Exercise(
    name="im2col",
    title="Every window a row",
    points={"numbers": 2},
    minutes=15,
    difficulty=3,
    oracle=_im2col_oracle,
    examples=(
        Case(
            {"image": np.array([[1, 2, 3], [4, 5, 6]]), "kernel_rows": 2, "kernel_cols": 2},
            "numbers",
            known=[[1, 2, 4, 5], [2, 3, 5, 6]],
        ),
        Case({"image": np.array([[1, 2], [3, 4]]), "kernel_rows": 1, "kernel_cols": 1}, "numbers", known=[[1], [2], [3], [4]]),
    ),
    cases=_im2col_cases,
    hints=(
        "How many windows are there? Each becomes a row of kernel_rows · kernel_cols numbers.",
        "A window as a row: `image[i : i + kernel_rows, j : j + kernel_cols].ravel()`.",
        "Collect them in a list, i outside, j inside; or reshape `sliding_window_view(image, (kernel_rows, kernel_cols))`.",
    ),
)


@im2col.mistake("Rows and columns are exchanged: each window is a row here.")
def im2col_transposed(image, kernel_rows, kernel_cols):
    return _im2col_oracle(image, kernel_rows, kernel_cols).T


@im2col.mistake("The windows come in the wrong order. Go along the first row of places, then the second.")
def im2col_column_after_column(image, kernel_rows, kernel_cols):
    windows = sliding_window_view(image, (kernel_rows, kernel_cols))
    return windows.transpose(1, 0, 2, 3).reshape(-1, kernel_rows * kernel_cols)


@im2col.mistake("Within a window the numbers come column after column. Read it row after row, as `ravel()` does.")
def im2col_windows_column_after_column(image, kernel_rows, kernel_cols):
    windows = sliding_window_view(image, (kernel_rows, kernel_cols))
    return windows.transpose(0, 1, 3, 2).reshape(-1, kernel_rows * kernel_cols)


@im2col.mistake("Your windows stand side by side. They must overlap: the next one begins one pixel further.")
def im2col_without_overlap(image, kernel_rows, kernel_cols):
    windows = sliding_window_view(image, (kernel_rows, kernel_cols))[::kernel_rows, ::kernel_cols]
    return windows.reshape(-1, kernel_rows * kernel_cols)


@im2col.mistake("Each window is still a small table. Read it row after row into one row of the result.")
def im2col_not_flat(image, kernel_rows, kernel_cols):
    return sliding_window_view(image, (kernel_rows, kernel_cols)).reshape(-1, kernel_rows, kernel_cols)


@im2col.mistake("The places still have two axes. Each window is one row of a table with two axes.")
def columns_in_a_grid(image, kernel_rows, kernel_cols):
    shape = (image.shape[0] - kernel_rows + 1, image.shape[1] - kernel_cols + 1, -1)
    return _im2col_oracle(image, kernel_rows, kernel_cols).reshape(shape)


def _bank_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"image": _picture(generator), "kernels": fractions(generator, 3, 2, 3)}, "numbers")
    yield Case({"image": _picture(generator), "kernels": fractions(generator, 2, 4, 1)}, "numbers")
    one = {"image": fractions(generator, 4, 3), "kernels": generator.integers(1, 9, size=(1, 2, 2))}
    yield Case(one, "numbers", "a single kernel")
    yield Case({"image": fractions(generator, 2, 3), "kernels": fractions(generator, 5, 1, 1)}, "numbers", "1 × 1")


def _bank_oracle(image, kernels):
    return np.stack([_oracle_valid(image, kernel) for kernel in kernels])


conv2d_im2col = Exercise(
    name="conv2d_im2col",
    title="One matrix product",
    points={"numbers": 2},
    minutes=12,
    difficulty=3,
    oracle=_bank_oracle,
    examples=(
        Case({"image": IMAGE, "kernels": KERNEL[None]}, "numbers", "a single kernel", known=[[[0, 1, 4], [3, 3, 2]]]),
        Case(
            {"image": np.array([[1, 2, 3]]), "kernels": np.array([[[1, 1]], [[0, 2]]])},
            "numbers",
            "two",
            known=[[[3, 5]], [[4, 6]]],
        ),
    ),
    cases=_bank_cases,
    hints=(
        "`im2col` gives one row for each place. Write each kernel as a column: `kernels.reshape(len(kernels), -1).T`.",
        "The product of the two has shape (places, kernels): every place against every kernel.",
        "Transpose to (kernels, places), then reshape to (kernels, out_rows, out_cols).",
    ),
)


@conv2d_im2col.mistake("The kernels' axis stands last. Here it comes first: (kernels, rows, cols).")
def bank_last(image, kernels):
    return np.moveaxis(_bank_oracle(image, kernels), 0, -1)


@conv2d_im2col.mistake("Each map is still one long row. Reshape it to (kernels, rows, cols).")
def bank_as_rows(image, kernels):
    return _bank_oracle(image, kernels).reshape(len(kernels), -1)


@conv2d_im2col.mistake(
    "The shape is right, the numbers are mixed: the product has a column for each kernel. Transpose it before you reshape."
)
def bank_mixes_maps_and_places(image, kernels):
    maps = _bank_oracle(image, kernels)
    return maps.reshape(len(kernels), -1).T.reshape(maps.shape)


@conv2d_im2col.mistake("This is convolution with reversal. Here the kernels are laid on as they are.")
def bank_with_reversal(image, kernels):
    return _bank_oracle(image, kernels[:, ::-1, ::-1])


@conv2d_im2col.mistake("Only the first kernel was used. There is one map for each kernel.")
def bank_of_the_first_kernel(image, kernels):
    return _oracle_valid(image, kernels[0])


@conv2d_im2col.mistake("The kernels were added up. Each kernel makes a map of its own.")
def bank_of_added_kernels(image, kernels):
    return _oracle_valid(image, np.sum(kernels, axis=0))


@conv2d_im2col.mistake(
    "The kernels' numbers were dealt out the wrong way. Each kernel is one row of numbers: `kernels.reshape(n, -1)`."
)
def bank_of_scrambled_kernels(image, kernels):
    count, rows, cols = kernels.shape
    maps = _im2col_oracle(image, rows, cols) @ np.reshape(kernels, (-1, count))
    return maps.T.reshape(count, image.shape[0] - rows + 1, image.shape[1] - cols + 1)


# --- normalized_correlation and locate_digit ---------------------------------------------------


def _score_cases(generator: np.random.Generator) -> Iterator[Case]:
    image = _picture(generator, 6).astype(float) * generator.uniform(0.5, 3)
    image[:3, :4] = 5.0  # a window without any contrast
    yield Case({"image": image, "template": fractions(generator, 3, 2) + 4}, "numbers")
    dark = image - generator.uniform(19, 20, size=image.shape)
    dark[2:4, :5] = 0.0
    template = np.array([[1.0, 3.5, -2.0, 4.0]]) * generator.uniform(0.5, 2)
    yield Case({"image": dark, "template": template}, "numbers", "one row, and a black stretch")
    same = fractions(generator, 3, 2)
    yield Case({"image": 7 - 2 * same, "template": same}, "numbers", "the template's negative")
    pale = generator.uniform(0.4, 0.6, size=(3, 5)).round(3)
    yield Case({"image": pale, "template": np.array([[0.1, 0.3], [0.2, 0.15]])}, "numbers", "little contrast")


def _score_oracle(image, template):
    windows = sliding_window_view(np.asarray(image, float), template.shape)
    scores = np.zeros(windows.shape[:2])
    for place in np.ndindex(*scores.shape):
        if np.ptp(windows[place]) > 0:
            scores[place] = np.corrcoef(windows[place].ravel(), np.ravel(template))[0, 1]
    return scores


normalized_correlation = Exercise(
    name="normalized_correlation",
    title="A fair score",
    points={"numbers": 2},
    minutes=18,
    difficulty=3,
    oracle=_score_oracle,
    examples=(
        Case(
            {"image": np.array([[1.0, 2.0, 3.0, 3.0, 1.0]]), "template": np.array([[10.0, 30.0]])},
            "numbers",
            "rising, rising, flat, falling",
            known=[[1.0, 1.0, 0.0, -1.0]],
        ),
    ),
    cases=_score_cases,
    forbidden=("match_template",),
    hints=(
        "For one place: centre the window, centre the template, multiply and add, divide by both lengths.",
        "The length of a centred window is `np.sqrt(np.sum(centred ** 2))`. If it is 0, the score is 0.",
        "`sliding_window_view` gives all windows at once, and `mean(axis=(2, 3), keepdims=True)` the mean of each. "
        "Two loops are right too, but a form has 255,025 places: the twelve forms below then take many minutes.",
    ),
)


@normalized_correlation.mistake("The means are still in it. Subtract from the template its mean, and from each window its own.")
def score_without_centring(image, template):
    windows = sliding_window_view(image, template.shape)
    lengths = np.sqrt((windows**2).sum(axis=(2, 3))) * np.linalg.norm(template)
    return np.divide(_correlate(image, template), lengths, out=np.zeros_like(lengths), where=lengths > 0)


@normalized_correlation.mistake(
    "You centred the template only. The window's length must be taken after its own mean is subtracted."
)
def score_centres_the_template_only(image, template):
    centred = template - template.mean()
    windows = sliding_window_view(image, template.shape)
    return _correlate(image, centred) / (np.sqrt((windows**2).sum(axis=(2, 3))) * np.linalg.norm(centred) + 1e-12)


@normalized_correlation.mistake("Centred, but not divided by the two lengths, so the score is not between −1 and 1.")
def score_not_divided(image, template):
    windows = sliding_window_view(image, template.shape)
    centred = windows - windows.mean(axis=(2, 3), keepdims=True)
    return (centred * (template - template.mean())).sum(axis=(2, 3))


@normalized_correlation.mistake("You centred and scaled the whole image once. Each window has a mean and a length of its own.")
def score_of_the_whole_image(image, template):
    centred, pattern = image - image.mean(), template - template.mean()
    return _correlate(centred, pattern) / (np.linalg.norm(centred) * np.linalg.norm(pattern))


@normalized_correlation.mistake("Only the template was centred and scaled. Each window is divided by its own length, too.")
def score_of_a_scaled_template(image, template):
    centred = template - np.mean(template)
    return _oracle_valid(image, centred / np.linalg.norm(centred))


@normalized_correlation.mistake("Where a window has no contrast you divide by 0. The score there is 0.")
def score_undefined_without_contrast(image, template):
    windows = sliding_window_view(np.asarray(image, float), template.shape)
    return np.where(np.ptp(windows, axis=(2, 3)) > 0, _score_oracle(image, template), np.nan)


def _hills(generator: np.random.Generator, reach: int) -> np.ndarray:
    """Pairs of hills in squares of their own: as near as `reach` allows and one step further, the higher one first and last."""
    side, further = 2 * reach + 3, reach + 1
    steps = [(0, reach), (reach, 0), (0, further), (further, 0), (reach, reach)]
    pairs = [(*step, order) for step in steps for order in (1, -1)]
    scores = generator.uniform(-0.2, 0.5, size=(2 * side, 5 * side))
    for place, number in enumerate(generator.permutation(len(pairs))):
        down, across, order = pairs[number]
        row, col = place // 5 * side, place % 5 * side
        low = 0.6 if number == 4 else generator.uniform(0.65, 0.75)  # one lies exactly at the threshold
        scores[row, col], scores[row + down, col + across] = (generator.uniform(0.8, 0.95), low)[::order]
    scores[-1, -1] = 0.99  # in the corner
    return scores


def _locate_cases(generator: np.random.Generator) -> Iterator[Case]:
    for reach in (2, 3):
        yield Case({"scores": _hills(generator, reach), "threshold": 0.6, "reach": reach}, "places")
    yield Case({"scores": _hills(generator, 1) - 1, "threshold": -0.45, "reach": 1}, "places", "all scores below zero")


def _locate_oracle(scores, threshold, reach):
    best = scipy.ndimage.maximum_filter(scores, size=2 * reach + 1, mode="constant", cval=-np.inf)
    return np.argwhere((scores == best) & (scores >= threshold))


locate_digit = Exercise(
    name="locate_digit",
    title="From scores to places",
    points={"places": 2},
    minutes=15,
    difficulty=3,
    oracle=_locate_oracle,
    examples=(
        Case(
            {"scores": np.array([[0.1, 0.9, 0.8, 0.2], [0.0, 0.7, 0.1, 0.85]]), "threshold": 0.6, "reach": 1},
            "places",
            "0.8 and 0.7 have a better neighbour; 0.85 has none within one step",
            known=[[0, 1], [1, 3]],
        ),
        Case(
            {"scores": np.array([[0.1, 0.9, 0.8, 0.2], [0.0, 0.7, 0.1, 0.85]]), "threshold": 0.6, "reach": 2},
            "places",
            "now 0.9 reaches as far as 0.85",
            known=[[0, 1]],
        ),
    ),
    cases=_locate_cases,
    hints=(
        "Two conditions: at least the threshold, and the largest of its neighbourhood.",
        "The neighbourhood is `scores[max(i - reach, 0) : i + reach + 1, max(j - reach, 0) : j + reach + 1]`.",
        "Loop over the places of `np.argwhere(scores >= threshold)` and keep those whose score equals the neighbourhood's maximum.",
    ),
)


@locate_digit.mistake("You return every place above the threshold. Of places that are near each other keep only the best.")
def locate_all_above(scores, threshold, reach):
    return np.argwhere(scores >= threshold)


@locate_digit.mistake("You return the best place of the whole image. There may be several digits.")
def locate_best_only(scores, threshold, reach):
    return np.argwhere(scores == scores.max())


@locate_digit.mistake("You compare with the eight next neighbours. Compare with all places up to `reach` away.")
def locate_next_neighbours_only(scores, threshold, reach):
    best = scipy.ndimage.maximum_filter(scores, size=3, mode="constant", cval=-np.inf)
    return np.argwhere((scores == best) & (scores >= threshold))


@locate_digit.mistake("Rows and columns are exchanged: (row, column).")
def locate_columns_first(scores, threshold, reach):
    return _locate_oracle(scores, threshold, reach)[:, ::-1]


@locate_digit.mistake("Places near the border are missing. There the neighbourhood is simply cut off.")
def locate_not_at_the_border(scores, threshold, reach):
    places = _locate_oracle(scores, threshold, reach)
    limit = np.array(scores.shape) - reach
    return places[((places >= reach) & (places < limit)).all(axis=1)]


@locate_digit.mistake("A score that is exactly the threshold counts: use `>=`.")
def locate_only_above(scores, threshold, reach):
    places = _locate_oracle(scores, threshold, reach)
    return places[scores[tuple(places.T)] > threshold]


@locate_digit.mistake("The neighbourhood ends one place too early: a slice leaves out its end, so write `i + reach + 1`.")
def locate_ends_too_early(scores, threshold, reach):
    def best(i, j):
        return scores[max(i - reach, 0) : i + reach, max(j - reach, 0) : j + reach].max()

    return np.array([(i, j) for i, j in np.argwhere(scores >= threshold) if scores[i, j] == best(i, j)])


@locate_digit.mistake("A place nearer to the border than `reach` can be a digit, too. Yours leave it out.")
def digits_away_from_the_border(scores, threshold, reach):
    rows, cols = np.shape(scores)
    found = _locate_oracle(scores, threshold, reach)
    return [(r, c) for r, c in found.tolist() if reach <= r < rows - reach and reach <= c < cols - reach]


EXERCISES: tuple[Exercise, ...] = (
    flip2d,
    conv2d_valid,
    zero_pad,
    conv2d_same,
    local_mean,
    conv2d_full,
    conv_output_size,
    design_layer,
    conv2d_strided,
    breaks_when_moved,
    im2col,
    conv2d_im2col,
    normalized_correlation,
    locate_digit,
)
