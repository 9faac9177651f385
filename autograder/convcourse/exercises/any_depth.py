"""Unit 25: views of a memory, a convolution with stride and padding there and back, and a net of any depth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.signal
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.exercises.cases import fractions
from convcourse.judging.exercise import Case, Exercise

VIEW = ("shape", "strides")
READY_MADE = ("sliding_window_view", "as_strided")  # what would find the strides by itself


def _strides(view: np.ndarray) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return view.shape, tuple(stride // view.itemsize for stride in view.strides)


# --- diagonal_view -----------------------------------------------------------------------------


def _diagonal_cases(generator: np.random.Generator) -> Iterator[Case]:
    short = int(generator.integers(2, 6))
    for rows, cols in (
        (short, short + int(generator.integers(2, 5))),
        (short + int(generator.integers(2, 5)), short),
        (short + 1,) * 2,  # odd where the others are even
    ):
        yield Case({"rows": rows, "cols": cols}, "diagonal")


diagonal_view = Exercise(
    name="diagonal_view",
    title="See the diagonal",
    results=VIEW,
    points={"diagonal": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda rows, cols: _strides(np.diagonal(np.zeros((rows, cols)))),
    examples=(
        Case({"rows": 3, "cols": 4}, "diagonal", "places 0, 5, 10", known=((3,), (5,))),
        Case({"rows": 4, "cols": 2}, "diagonal", "places 0, 3", known=((2,), (3,))),
    ),
    cases=_diagonal_cases,
    forbidden=(*READY_MADE, "diagonal"),
    hints=(
        "Write down the places of the first three numbers on the diagonal. How far apart are they?",
        "One step along the diagonal is one row down and one column to the right. Add the two steps in the memory. It ends at the shorter side.",
        "3 rows of 4: a row down is 4 places, a column to the right is 1, together 5. The diagonal has 3 numbers: shape (3,), strides (5,).",
    ),
)


@diagonal_view.mistake("This runs down the first column. One step along the diagonal goes to the right, too.")
def diagonal_down_a_column(rows, cols):
    return (min(rows, cols),), (cols,)


@diagonal_view.mistake("A row down is as many places as the image has columns.")
def diagonal_by_rows(rows, cols):
    return (min(rows, cols),), (rows + 1,)


@diagonal_view.mistake("NumPy itself counts strides in bytes. Here they are counted in numbers.")
def diagonal_in_bytes(rows, cols):
    return (min(rows, cols),), (8 * (cols + 1),)


@diagonal_view.mistake("The diagonal of a tall image ends at its last column, long before its last row.")
def diagonal_of_all_rows(rows, cols):
    return (rows,), (cols + 1,)


# --- windows_view ------------------------------------------------------------------------------

EVERY, SOME = "every place", "with a stride"


def _windows_cases(generator: np.random.Generator) -> Iterator[Case]:
    for stride, rest, part in ((1, 0, EVERY), (2, 1, SOME), (3, 0, SOME)):
        krow, kcol = (int(size) for size in generator.permutation([2, 3, 4])[:2])
        rows, cols = (int(size) * stride + rest for size in generator.permutation([2, 3, 4])[:2])
        arguments = {"rows": rows + krow, "cols": cols + kcol, "krow": krow, "kcol": kcol, "stride": stride}
        yield Case(arguments, part, "a row and a column left over" if rest else "")


def _windows_oracle(rows, cols, krow, kcol, stride):
    return _strides(sliding_window_view(np.zeros((rows, cols)), (krow, kcol))[::stride, ::stride])


windows_view = Exercise(
    name="windows_view",
    title="See every window",
    results=VIEW,
    points={EVERY: 1, SOME: 1},
    minutes=12,
    difficulty=2,
    oracle=_windows_oracle,
    examples=(
        Case(
            {"rows": 4, "cols": 6, "krow": 2, "kcol": 3, "stride": 1},
            EVERY,
            "the windows of the drawing",
            known=((3, 4, 2, 3), (6, 1, 6, 1)),
        ),
        Case({"rows": 4, "cols": 7, "krow": 2, "kcol": 3, "stride": 2}, SOME, known=((2, 3, 2, 3), (14, 2, 7, 1))),
    ),
    cases=_windows_cases,
    forbidden=READY_MADE,
    hints=(
        "Four axes: which window, row and column; which number in it, row and column. Say for each axis where one step leads in the image.",
        "Inside a window a step down is a step down in the image. The next window begins `stride` rows or columns further. "
        "The number of windows along an axis is that of Unit 3.",
        "4 × 7, windows of 2 × 3, stride 2. Inside: one row down is 7 places, one column right is 1. From window to window: two rows down are 14 places, "
        "two columns right are 2.",
    ),
)


@windows_view.mistake(
    "Your windows lie side by side. The next one begins `stride` rows or columns further, and they may overlap."
)
def windows_side_by_side(rows, cols, krow, kcol, stride):
    return (rows // krow, cols // kcol, krow, kcol), (krow * cols, kcol, cols, 1)


@windows_view.mistake("Inside a window, a step down is a whole row of the image: its numbers do not lie together in the memory.")
def windows_lie_together(rows, cols, krow, kcol, stride):
    shape, strides = _windows_oracle(rows, cols, krow, kcol, stride)
    return shape, (*strides[:2], kcol, 1)


@windows_view.mistake(
    "You see the right number of windows, but each begins one place after the last. The stride is missing in the strides."
)
def windows_stride_in_the_shape_only(rows, cols, krow, kcol, stride):
    return _windows_oracle(rows, cols, krow, kcol, stride)[0], (cols, 1, cols, 1)


@windows_view.mistake("Your strides are right, but you count the windows as if the stride were 1: the view leaves the memory.")
def windows_stride_in_the_strides_only(rows, cols, krow, kcol, stride):
    return (rows - krow + 1, cols - kcol + 1, krow, kcol), _windows_oracle(rows, cols, krow, kcol, stride)[1]


@windows_view.mistake("First the two axes that choose the window, then the two axes inside it.")
def windows_inside_first(rows, cols, krow, kcol, stride):
    (out_rows, out_cols, _, _), (down, right, _, _) = _windows_oracle(rows, cols, krow, kcol, stride)
    return (krow, kcol, out_rows, out_cols), (cols, 1, down, right)


@windows_view.mistake("The stride belongs between windows. Inside a window no pixel is skipped.")
def windows_with_holes(rows, cols, krow, kcol, stride):
    shape, strides = _windows_oracle(rows, cols, krow, kcol, stride)
    return shape, strides[:2] * 2


# --- conv_by_einsum ----------------------------------------------------------------------------

STRIDED, PADDED = "stride", "padding"


def _layer_arguments(generator: np.random.Generator, stride: int, padding: int, rest: int, batch: int) -> dict[str, Any]:
    """Inputs and weights of a convolution of which `rest` rows and columns are in no window."""
    krow, kcol = (int(size) for size in generator.permutation([2, 3]))
    rows, cols = (int(number) * stride + rest for number in generator.permutation([2, 3]))
    return {
        "inputs": fractions(generator, batch, rows + krow - 2 * padding, cols + kcol - 2 * padding, 2),
        "weights": fractions(generator, krow, kcol, 2, 3),
        "stride": stride,
        "padding": padding,
    }


def _einsum_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case(_layer_arguments(generator, 2, 0, 1, 2), STRIDED, "a row and a column left over")
    yield Case(_layer_arguments(generator, 3, 0, 0, 1), STRIDED)
    yield Case(_layer_arguments(generator, 1, 2, 3, 2), PADDED)
    yield Case(_layer_arguments(generator, 2, 1, 1, 3), PADDED, "and a stride")


def _padded(inputs, padding):
    return np.pad(inputs, [(0, 0), (padding, padding), (padding, padding), (0, 0)])


def _conv_oracle(inputs, weights, stride, padding):
    # SciPy slides batch and channels as one block: along the channels mode valid leaves a single place.
    maps = [
        scipy.signal.correlate(_padded(inputs, padding), kernel[None], "valid", "direct") for kernel in np.moveaxis(weights, 3, 0)
    ]
    return np.concatenate(maps, axis=3)[:, ::stride, ::stride]


_FOUR = np.arange(1.0, 5.0).reshape(1, 2, 2, 1)
_EYE = np.array([[1.0, 0.0], [0.0, 2.0]])[:, :, None, None]

conv_by_einsum = Exercise(
    name="conv_by_einsum",
    title="A layer in one einsum",
    points={STRIDED: 1, PADDED: 1},
    minutes=15,
    difficulty=2,
    oracle=_conv_oracle,
    examples=(
        Case({"inputs": _FOUR, "weights": _EYE, "stride": 1, "padding": 0}, STRIDED, "one place: 1·1 + 2·4", known=[[[[9.0]]]]),
        Case(
            {"inputs": _FOUR, "weights": _EYE, "stride": 2, "padding": 1},
            PADDED,
            "each window has one pixel and three zeros",
            known=[[[[2.0], [0.0]], [[0.0], [4.0]]]],
        ),
    ),
    cases=_einsum_cases,
    hints=(
        "Frame with zeros, take every window, keep every `stride`-th, multiply and sum. The first three are one line each.",
        "`sliding_window_view(padded, (krow, kcol), axis=(1, 2))` has the axes b i j c k l. Which of these letters does the result keep, and which has it from W?",
        "For a single picture of one channel and one filter, `np.einsum('ijkl,kl->ij', windows, W)` sums over k and l. Add letters for batch, channels and filters: "
        "the channel c is in both operands and not in the result.",
    ),
)


@conv_by_einsum.mistake("The kernel is flipped. Layers convolve without reversal.")
def einsum_flipped(inputs, weights, stride, padding):
    return _conv_oracle(inputs, weights[::-1, ::-1], stride, padding)


@conv_by_einsum.mistake("The stride is missing: keep every `stride`-th window along rows and along columns.")
def einsum_without_stride(inputs, weights, stride, padding):
    return _conv_oracle(inputs, weights, 1, padding)


@conv_by_einsum.mistake("The stride acts along one axis only. It holds for rows and columns.")
def einsum_with_a_stride_of_rows(inputs, weights, stride, padding):
    return _conv_oracle(inputs, weights, 1, padding)[:, ::stride]


@conv_by_einsum.mistake("The zeros stand after the image only. Padding frames it on all four sides.")
def einsum_padded_behind(inputs, weights, stride, padding):
    behind = np.pad(inputs, [(0, 0), (0, 2 * padding), (0, 2 * padding), (0, 0)])
    return _conv_oracle(behind, weights, stride, 0)


@conv_by_einsum.mistake("There is no padding. Put `padding` rows and columns of zeros around each image first.")
def einsum_without_padding(inputs, weights, stride, padding):
    return _conv_oracle(inputs, weights, stride, 0)


@conv_by_einsum.mistake("You added the filters together. Each filter has a map of its own: keep its letter.")
def einsum_of_all_filters(inputs, weights, stride, padding):
    maps = _conv_oracle(inputs, weights, stride, padding)
    return np.repeat(maps.sum(axis=3, keepdims=True), maps.shape[3], axis=3)


# --- fold_windows ------------------------------------------------------------------------------


def _fold_cases(generator: np.random.Generator) -> Iterator[Case]:
    for stride, out_rows, out_cols, krow, kcol, rest in ((1, 3, 4, 3, 2, 0), (2, 3, 2, 4, 3, 1), (2, 2, 3, 3, 5, 0)):
        shape = out_rows, out_cols, krow, kcol
        arguments = {
            "patches": generator.integers(1, 9, size=shape) * generator.choice([-1, 1], size=shape),
            "rows": (out_rows - 1) * stride + krow + rest,
            "cols": (out_cols - 1) * stride + kcol + rest,
            "stride": stride,
        }
        yield Case(arguments, "sums", "a row and a column left over" if rest else "")


def _added_once(patches, rows, cols, stride):
    places = np.arange(rows * cols).reshape(rows, cols)
    places = sliding_window_view(places, patches.shape[2:])[::stride, ::stride]
    total = np.zeros(rows * cols)
    total[places] += patches
    return total.reshape(rows, cols)


def _folded(patches, rows, cols, stride):
    out_rows, out_cols, krow, kcol = np.shape(patches)
    windows = np.eye(rows * cols).reshape(rows, cols, -1)
    # Each number of each window, times the image that is 1 at its place.
    units = sliding_window_view(windows, (krow, kcol), axis=(0, 1))[::stride, ::stride][:out_rows, :out_cols]
    return np.einsum("ijpkl,ijkl->p", units, patches).reshape(rows, cols)


fold_windows = Exercise(
    name="fold_windows",
    title="Repair: the windows back onto the image",
    points={"sums": 1},
    minutes=10,
    difficulty=2,
    oracle=_folded,
    given=_added_once,
    examples=(
        Case(
            {"patches": np.array([[[[1, 2]], [[30, 40]]]]), "rows": 1, "cols": 3, "stride": 1},
            "sums",
            "the middle pixel is in both windows: 2 + 30",
            known=[[1.0, 32.0, 40.0]],
        ),
        Case(
            {"patches": np.array([[[[1, 2]], [[30, 40]]]]), "rows": 1, "cols": 5, "stride": 2},
            "sums",
            "no pixel twice, and the last in no window",
            known=[[1.0, 2.0, 30.0, 40.0, 0.0]],
        ),
    ),
    cases=_fold_cases,
    hints=(
        "Print `places` for the first example. Which place stands in it twice? What does the last line do with it?",
        "`total[places] += patches` means `total[places] = total[places] + patches`: read all, add, write all. A place that was read twice is written twice, and the last one stays.",
        "total = [0, 0, 0], places [[0, 1], [1, 2]], patches [[1, 2], [30, 40]]: place 1 is read as 0 both times and written as 2, then as 30. Right is 32. "
        "Look for an `at` in the documentation of `np.add`, or add one window after another.",
    ),
)


@fold_windows.mistake("Where windows overlap you take the mean. Each window adds its number: the sum is wanted.")
def fold_means(patches, rows, cols, stride):
    times = _folded(np.ones(np.shape(patches)), rows, cols, stride)
    return _folded(patches, rows, cols, stride) / np.maximum(times, 1)


@fold_windows.mistake("Now the first window keeps its pixels, and the later ones lose theirs. All of them count: add.")
def fold_first_window_wins(patches, rows, cols, stride):
    total = np.zeros((rows, cols))
    for i, j in reversed(list(np.ndindex(*patches.shape[:2]))):
        total[i * stride : i * stride + patches.shape[2], j * stride : j * stride + patches.shape[3]] = patches[i, j]
    return total


@fold_windows.mistake("The stride is lost: window (i, j) begins at row i · stride, column j · stride.")
def fold_without_stride(patches, rows, cols, stride):
    return _folded(patches, rows, cols, 1)


# --- conv_backward -----------------------------------------------------------------------------


def _backward_arguments(generator: np.random.Generator, *choice: int) -> dict[str, Any]:
    arguments = _layer_arguments(generator, *choice)
    shape = _conv_oracle(**arguments).shape
    return {"grad_output": fractions(generator, *shape), **arguments}


def _backward_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case(_backward_arguments(generator, 2, 0, 1, 2), STRIDED, "a row and a column left over")
    yield Case(_backward_arguments(generator, 3, 0, 0, 1), STRIDED)
    yield Case(_backward_arguments(generator, 1, 2, 3, 2), PADDED)
    yield Case(_backward_arguments(generator, 2, 1, 1, 3), PADDED, "and a stride")


def _backward_oracle(grad_output, inputs, weights, stride, padding):
    """Convolutions of unit 7 with `grad_output` spread out: stride − 1 zeros between its numbers."""
    batch, rows, cols, filters = grad_output.shape
    spread = np.zeros((batch, (rows - 1) * stride + 1, (cols - 1) * stride + 1, filters))
    spread[:, ::stride, ::stride] = grad_output
    padded = _padded(inputs, padding).astype(float)
    seen = padded[:, : spread.shape[1] + weights.shape[0] - 1, : spread.shape[2] + weights.shape[1] - 1]
    grad_weights, grad_seen = np.zeros(weights.shape), np.zeros(seen.shape)
    for n, m in np.ndindex(*weights.shape[2:]):
        grad_weights[:, :, n, m] = scipy.signal.correlate(seen[..., n], spread[..., m], "valid", "direct")[0]
        grad_seen[..., n] += scipy.signal.convolve(spread[..., m], weights[None, :, :, n, m], "full", "direct")
    grad_padded = np.zeros(padded.shape)
    grad_padded[:, : seen.shape[1], : seen.shape[2]] = grad_seen
    return _without_frame(grad_padded, padding), grad_weights


def _without_frame(padded, padding):
    return padded[:, padding : padded.shape[1] - padding, padding : padded.shape[2] - padding]


conv_backward = Exercise(
    name="conv_backward",
    title="Back through stride and padding",
    results=("grad_inputs", "grad_weights"),
    points={STRIDED: 1.5, PADDED: 1.5},
    minutes=25,
    difficulty=3,
    oracle=_backward_oracle,
    examples=(
        Case(
            {
                "grad_output": np.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(1, 2, 2, 1),
                "inputs": _FOUR,
                "weights": _EYE,
                "stride": 2,
                "padding": 1,
            },
            PADDED,
            "four windows, each with one pixel",
            known=(
                np.array([[2.0, 0.0], [0.0, 1000.0]]).reshape(1, 2, 2, 1),
                np.array([[4000.0, 300.0], [20.0, 1.0]])[:, :, None, None],
            ),
        ),
        Case(
            {"grad_output": np.full((1, 1, 1, 1), 3.0), "inputs": _FOUR, "weights": _EYE, "stride": 1, "padding": 0},
            STRIDED,
            "one window: 3 · W and 3 · U",
            known=(3.0 * _EYE.reshape(1, 2, 2, 1), 3.0 * _FOUR.reshape(2, 2, 1, 1)),
        ),
    ),
    cases=_backward_cases,
    hints=(
        "Frame the inputs as on the way forward. Then for one weight (k1, k2): which pixels has it met? Start, step, end.",
        "`padded[:, k1 : k1 + rows * stride : stride, …]`, as many as `grad_output` has rows. The weight's gradient is the sum of their products with grad_output; "
        "and the same pixels get grad_output times this weight. At the end cut the frame off.",
        "Stride 2, three outputs along a line, k = 1: the weight has met the pixels 1, 3, 5 of the framed line. They are `line[1:7:2]`. "
        "If grad_output is (1, 2, 3), then its gradient is line[1] + 2 · line[3] + 3 · line[5], and these pixels get w, 2w, 3w.",
    ),
)


@conv_backward.mistake("You return the gradient of the framed input. The frame's zeros are no pixels: cut it off.")
def backward_with_the_frame(grad_output, inputs, weights, stride, padding):
    grad_padded, grad_weights = _backward_oracle(grad_output, _padded(inputs, padding), weights, stride, 0)
    return grad_padded, grad_weights


@conv_backward.mistake("The stride is lost on the way back: output i was made from the window that begins at i · stride.")
def backward_without_stride(grad_output, inputs, weights, stride, padding):
    rows, cols = (size + kernel - 1 for size, kernel in zip(grad_output.shape[1:3], weights.shape, strict=False))
    padded = _padded(inputs, padding)
    found, grad_weights = _backward_oracle(grad_output, padded[:, :rows, :cols], weights, 1, 0)
    grad_padded = np.zeros(padded.shape)
    grad_padded[:, :rows, :cols] = found
    return _without_frame(grad_padded, padding), grad_weights


@conv_backward.mistake(
    "In grad_inputs the kernel lies flipped. An output gives its gradient back through the weights as they lay on the way forward."
)
def backward_flipped(grad_output, inputs, weights, stride, padding):
    grad_weights = _backward_oracle(grad_output, inputs, weights, stride, padding)[1]
    return _backward_oracle(grad_output, inputs, weights[::-1, ::-1], stride, padding)[0], grad_weights


@conv_backward.mistake("In grad_inputs windows that overlap overwrite each other. The pixel's gradient is a sum: `+=`.")
def backward_overwrites(grad_output, inputs, weights, stride, padding):
    padded = np.zeros(_padded(inputs, padding).shape)
    rows, cols = grad_output.shape[1:3]
    for k1, k2 in np.ndindex(*weights.shape[:2]):
        padded[:, k1 : k1 + rows * stride : stride, k2 : k2 + cols * stride : stride] = grad_output @ weights[k1, k2].T
    return _without_frame(padded, padding), _backward_oracle(grad_output, inputs, weights, stride, padding)[1]


@conv_backward.mistake("In grad_weights you took the mean over the images. All of them share the weights: sum.")
def backward_mean_of_images(grad_output, inputs, weights, stride, padding):
    grad_inputs, grad_weights = _backward_oracle(grad_output, inputs, weights, stride, padding)
    return grad_inputs, grad_weights / np.prod(grad_output.shape[:3])


@conv_backward.mistake("Two results in this order: the gradient of the inputs, then the gradient of the weights.")
def backward_weights_first(grad_output, inputs, weights, stride, padding):
    return _backward_oracle(grad_output, inputs, weights, stride, padding)[::-1]


# --- net_gradients -----------------------------------------------------------------------------

CHAIN, SHORTCUTS = "a chain of layers", "with shortcuts"


def _small_net(generator: np.random.Generator, depth: int, wide: int) -> list[tuple[Any, ...]]:
    def dense(features: int, units: int) -> tuple[Any, ...]:
        return "dense", fractions(generator, features, units), fractions(generator, units) + 0.5

    specs: list[tuple[Any, ...]] = [("flatten",), dense(4, wide)]
    for _ in range(depth):
        specs += [("relu",), dense(wide, wide)]
    return [*specs, ("relu",), dense(wide, 3)]


def _net_case(generator: np.random.Generator, depth: int, part: str) -> Case:
    specs = _small_net(generator, depth, 2)  # narrower than the scores
    if part == SHORTCUTS:
        specs = [*specs[:2], ("shortcut", 0.5, *specs[2:4]), ("shortcut", 0.25, *specs[4:6]), *specs[6:]]
    arguments = {"inputs": fractions(generator, 3, 2, 2), "labels": generator.permutation(3), "specs": specs}
    return Case(arguments, part, f"{depth + 2} dense layers")


def _net_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield _net_case(generator, 0, CHAIN)
    yield _net_case(generator, 2, CHAIN)
    yield _net_case(generator, 2, SHORTCUTS)


def _through(x, specs, arrays):
    """The output of a net whose arrays are taken one by one; they may be complex."""
    for kind, *arguments in specs:
        if kind == "flatten":
            x = x.reshape(len(x), -1)
        elif kind == "relu":
            x = np.where(x.real > 0, x, 0)
        elif kind == "dense":
            x = x @ next(arrays) + next(arrays)
        else:
            x = x + arguments[0] * _through(x, arguments[1:], arrays)
    return x


def _arrays(specs):
    return [item for spec in specs for item in (spec[1:] if spec[0] == "dense" else _arrays(spec[2:]))]


def _net_oracle(inputs, labels, specs):
    # The complex step of unit 7's oracle, one number after another.
    def loss(arrays):
        scores = _through(np.asarray(inputs, dtype=complex), specs, iter(arrays))
        return np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(labels)), labels])

    arrays = [np.asarray(array, dtype=complex) for array in _arrays(specs)]
    gradients = []
    for array in arrays:
        gradients.append(np.zeros(array.shape))
        for index in np.ndindex(array.shape):
            array[index] += 1e-20j
            gradients[-1][index] = loss(arrays).imag / 1e-20
            array[index] -= 1e-20j
    return float(loss(arrays).real), tuple(gradients)


net_gradients = Exercise(
    name="net_gradients",
    title="A net of any depth",
    results=("loss", "gradients"),
    points={CHAIN: 2, SHORTCUTS: 1},
    minutes=20,
    difficulty=2,
    oracle=_net_oracle,
    examples=(
        Case(
            {"inputs": np.array([[1.0, 2.0]]), "labels": np.array([0]), "specs": [("dense", np.zeros((2, 2)), np.zeros(2))]},
            CHAIN,
            "one layer of zeros: both classes have probability ½",
            known=(math.log(2), (np.array([[-0.5, 0.5], [-1.0, 1.0]]), np.array([-0.5, 0.5]))),
        ),
        Case(
            {
                "inputs": np.array([[1.0]]),
                "labels": np.array([1]),
                "specs": [("shortcut", 0.5, ("dense", np.eye(1), np.zeros(1))), ("dense", np.zeros((1, 2)), np.zeros(2))],
            },
            SHORTCUTS,
            "1.5 goes into a layer of zeros, which gives nothing back",
            known=(math.log(2), (np.zeros((1, 1)), np.zeros(1), np.array([[0.75, -0.75]]), np.array([0.5, -0.5]))),
        ),
    ),
    cases=_net_cases,
    hints=(
        "Two loops. The first goes through the net from left to right. What must it keep for the second?",
        "Calling a layer gives two things: what goes into the next layer, and its way back. Keep the ways back in a list, and walk through this list from its end.",
        "Two layers: `x1, back1 = first(x)`, `x2, back2 = second(x1)`. On the way back `grad, own2 = back2(grad)`, then `grad, own1 = back1(grad)`. "
        "The gradients in the net's order are own1 + own2. Now write both as loops.",
    ),
)


def _by_layers(inputs, labels, specs):
    """The loss, and for each layer the tuple of its gradients."""
    loss, gradients = _net_oracle(inputs, labels, specs)
    left = iter(gradients)
    return loss, tuple(tuple(next(left) for _ in _arrays([spec])) for spec in specs)


@net_gradients.mistake(
    "The gradients are in the order in which you found them. The net's order is wanted: its first layer first."
)
def net_in_the_order_of_the_way_back(inputs, labels, specs):
    loss, layers = _by_layers(inputs, labels, specs)
    return loss, tuple(array for arrays in reversed(layers) for array in arrays)


@net_gradients.mistake(
    "Turning the whole list around turns each layer's own gradients too: now its bias comes before its weights."
)
def net_turned_around_as_a_whole(inputs, labels, specs):
    loss, layers = _by_layers(inputs, labels, specs)
    return loss, tuple(array for arrays in layers for array in reversed(arrays))


@net_gradients.mistake("Each layer's gradients are in a list of their own. Join the lists: one list of arrays is wanted.")
def net_in_lists_of_lists(inputs, labels, specs):
    return _by_layers(inputs, labels, specs)


@net_gradients.mistake("The gradients are divided by the batch size twice. The loss has done so already.")
def net_divided_by_the_batch_twice(inputs, labels, specs):
    loss, gradients = _net_oracle(inputs, labels, specs)
    return loss, tuple(gradient / len(inputs) for gradient in gradients)


@net_gradients.mistake("These are the last layer's gradients only. Keep what each way back gives, down to the first layer.")
def net_of_the_last_layer(inputs, labels, specs):
    loss, layers = _by_layers(inputs, labels, specs)
    return loss, layers[-1]


# --- branch_share ------------------------------------------------------------------------------


def _share_cases(generator: np.random.Generator) -> Iterator[Case]:
    for depth, least in ((int(generator.integers(2, 9)), 3.0), (int(generator.integers(50, 400)), 1.5)):
        low = round(float(generator.uniform(least, 6)), 1)
        yield Case({"depth": depth, "low": low, "high": round(1.2 * low, 2)}, "share")


def _share_misses(result, depth, low, high):
    share = float(result)
    if not 0 < share <= 10:
        return f"Your share is {share:g}; more than 0 and at most 10 is asked."
    growth = math.exp(min(depth * math.log1p(share**2), 700))
    return (
        ""
        if low <= growth <= high
        else f"After {depth} blocks the variance is {growth:.4g} times as large; {low} to {high} is asked."
    )


branch_share = Exercise(
    name="branch_share",
    title="Design: how loud may a branch be?",
    points={"share": 1},
    minutes=10,
    difficulty=2,
    oracle=lambda depth, low, high: math.sqrt(math.expm1(math.log((low + high) / 2) / depth)),
    meets=_share_misses,
    examples=(
        Case({"depth": 2, "low": 3.9, "high": 4.1}, "share", "two blocks, each doubles: whole branches", known=1.0),
        Case({"depth": 48, "low": 2.0, "high": 3.0}, "share", "the net below"),
    ),
    cases=_share_cases,
    hints=(
        "What does one block with share s do to the variance? And `depth` of them, one after another?",
        "s · branch has the variance s², and it is independent of x: one block multiplies by 1 + s². Solve (1 + s²)^depth = goal for s.",
        "Two blocks, goal 2.25: each has to multiply by √2.25 = 1.5, so s² = 0.5 and s = 0.71.",
    ),
)


@branch_share.mistake("You share one out of the depth: 1 / depth. It is s² that counts, so such branches are far too quiet.")
def share_of_one_by_depth(depth, low, high):
    return 1 / depth


@branch_share.mistake("These are whole branches: each block doubles the variance, whatever the depth.")
def share_of_whole_branches(depth, low, high):
    return 1.0


@branch_share.mistake("1/√depth leads to e = 2.7 in a deep net, whatever is asked. Use `low` and `high`.")
def share_of_a_root(depth, low, high):
    return depth**-0.5


@branch_share.mistake("You have s². Take the root of it.")
def share_squared(depth, low, high):
    return math.expm1(math.log((low + high) / 2) / depth)


@branch_share.mistake("You divided the goal by the depth. Growth multiplies from block to block: take the depth-th root.")
def share_of_a_sum(depth, low, high):
    return math.sqrt(((low + high) / 2 - 1) / depth)


EXERCISES: tuple[Exercise, ...] = (
    diagonal_view,
    windows_view,
    conv_by_einsum,
    fold_windows,
    conv_backward,
    net_gradients,
    branch_share,
)
