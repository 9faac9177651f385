"""Unit 07: backpropagation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.signal
import scipy.special
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.exercises.cases import fractions
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.losses import LOSSES

# What would differentiate by itself. Convolutions of SciPy are welcome here: they were written in units 2 and 3.
AUTOMATIC = ("gradient", "grad", "vjp", "jacobian")

# The example worked by hand in the notebook: one image, one channel, one filter.
IMAGE = np.array([[1, 2, 0], [0, 1, 3], [2, 1, 1]])
KERNEL = np.array([[1, 0], [-1, 2]])
GRAD = np.array([[1.0, 2.0], [0.0, -1.0]])
ONE, MANY = "one channel, one filter", "batch, channels, filters"


def _as_batch(image: np.ndarray) -> np.ndarray:
    return image[None, :, :, None]


# --- numerical_gradient ------------------------------------------------------------------------

SMALL, GIVEN = "the usual small step", "a given step"


def _numerical_cases(generator: np.random.Generator) -> Iterator[Case]:
    step = round(float(generator.uniform(0.2, 0.4)), 2)
    yield Case({"loss": LOSSES["weighted_sines"], "x": fractions(generator, 2, 3), "step": step}, GIVEN)
    x = generator.uniform(0.5, 2, size=5).round(2)
    yield Case({"loss": LOSSES["product_of_neighbours"], "x": x, "step": step}, GIVEN)
    yield Case({"loss": LOSSES["weighted_sines"], "x": fractions(generator, 3, 2)}, SMALL)
    yield Case({"loss": LOSSES["sum_of_squares"], "x": generator.integers(1, 9, size=4)}, SMALL, "whole numbers")
    deep = {"loss": LOSSES["product_of_neighbours"], "x": generator.integers(1, 9, size=(2, 1, 3)), "step": step}
    yield Case(deep, GIVEN, "three axes, whole numbers")
    yield Case({"loss": LOSSES["log_of_sum"], "x": generator.uniform(0.5, 2, size=4).round(2)}, SMALL)


def _numerical_oracle(loss, x, step=1e-5):
    moves = step * np.eye(np.size(x)).reshape(-1, *np.shape(x))
    differences = [loss(x + move) - loss(x - move) for move in moves]
    return np.reshape(differences, np.shape(x)) / (2 * step)


numerical_gradient = Exercise(
    name="numerical_gradient",
    title="Nudge every number",
    points={SMALL: 1, GIVEN: 1},
    minutes=12,
    difficulty=2,
    oracle=_numerical_oracle,
    examples=(
        Case({"loss": LOSSES["sum_of_squares"], "x": np.array([3.0, -1.0]), "step": 0.5}, GIVEN, "x₀² + x₁²", known=[6.0, -2.0]),
        Case({"loss": LOSSES["sum_of_squares"], "x": np.array([3.0, -1.0])}, SMALL, known=[6.0, -2.0]),
        Case({"loss": LOSSES["sum_of_squares"], "x": np.array([[1, 2], [0, 4]])}, SMALL, known=[[2.0, 4.0], [0.0, 8.0]]),
    ),
    cases=_numerical_cases,
    forbidden=(*AUTOMATIC, "approx_fprime"),
    tolerance=1e-6,
    hints=(
        "One number at a time: a little up, a little down, and the difference of the two losses divided by the distance.",
        "`np.ndindex(x.shape)` runs over the indices of an array of any shape. Work on a float copy of x.",
        "J = x₀ · x₁ at (2, 5), h = 1: the slope for x₀ is (3 · 5 − 1 · 5)/2 = 5. Use two float copies of x: one "
        "number higher in the first, lower in the second.",
    ),
)


@numerical_gradient.mistake(
    "You compare x + h with x itself. Step to both sides: (loss at x + h − loss at x − h) / 2h is far more exact."
)
def numerical_one_sided(loss, x, step=1e-5):
    moves = step * np.eye(x.size).reshape(-1, *x.shape)
    return np.reshape([loss(x + move) - loss(x) for move in moves], x.shape) / step


@numerical_gradient.mistake("Everything is twice too large. The two points are 2h apart, so divide by `2 * step`.")
def numerical_forgets_the_two(loss, x, step=1e-5):
    return 2 * _numerical_oracle(loss, x, step)


@numerical_gradient.mistake(
    "You moved all numbers at once, and every entry is the same. Move one number, leave the others where they are."
)
def numerical_moves_all_at_once(loss, x, step=1e-5):
    return np.full(x.shape, (loss(x + step) - loss(x - step)) / (2 * step))


@numerical_gradient.mistake(
    "After its turn a number stays moved, so later ones are measured at another place. Put it back before you go on."
)
def numerical_does_not_move_back(loss, x, step=1e-5):
    gradient, moved = np.zeros(x.shape), x.astype(float)
    for index in np.ndindex(x.shape):
        moved[index] += step
        above = loss(moved)
        moved[index] -= 2 * step
        gradient[index] = (above - loss(moved)) / (2 * step)
    return gradient


@numerical_gradient.mistake("A copy of whole numbers cannot hold 3.00001. Make it floats first: `x = x.astype(float)`.")
def numerical_in_integers(loss, x, step=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()  # of whole numbers, when x holds whole numbers
        above[index] = x[index] + step
        below[index] = x[index] - step
        gradient[index] = (loss(above) - loss(below)) / (2 * step)
    return gradient


@numerical_gradient.mistake("The third argument is not used. Step by `step`, whatever it is.")
def numerical_ignores_the_step(loss, x, step=1e-5):
    return _numerical_oracle(loss, x)


@numerical_gradient.mistake("You nudge whole rows. Nudge one number at a time: `np.ndindex(x.shape)` gives all places.")
def gradient_by_rows(loss, x, step=1e-5):
    gradient = np.zeros(np.shape(x))
    for row in range(len(x)):
        move = np.zeros(np.shape(x))
        move[row] = step
        gradient[row] = (loss(x + move) - loss(x - move)) / (2 * step)
    return gradient


# --- conv_grad_bias ----------------------------------------------------------------------------


def _bias_cases(generator: np.random.Generator) -> Iterator[Case]:
    # Away from 0: a sum of twelve numbers that cancel would hold float32 to more digits than it has.
    yield Case({"grad_output": fractions(generator, 1, 3, 4, 1) + 2}, ONE)
    yield Case({"grad_output": fractions(generator, 3, 2, 5, 4)}, MANY)
    yield Case({"grad_output": generator.integers(-9, 10, size=(2, 4, 3, 3))}, MANY)
    yield Case({"grad_output": fractions(generator, 1, 1, 2, 3) + 3}, MANY, "one image of one row")


def _bias_oracle(grad_output):
    # The convolution of grad_output with an image of ones, filter by filter.
    ones = np.ones(grad_output.shape[:3])
    return np.array([scipy.signal.correlate(ones, plane, mode="valid").item() for plane in np.moveaxis(grad_output, 3, 0)])


conv_grad_bias = Exercise(
    name="conv_grad_bias",
    title="The bias",
    points={ONE: 0.5, MANY: 0.5},
    minutes=5,
    difficulty=1,
    oracle=_bias_oracle,
    examples=(
        Case({"grad_output": _as_batch(GRAD)}, ONE, "the example worked by hand", known=[2.0]),
        Case(
            {"grad_output": np.array([[[[1, 10], [2, 20]]], [[[3, 30], [4, 40]]]])},
            MANY,
            "2 images, 2 filters",
            known=[10.0, 100.0],
        ),
    ),
    cases=_bias_cases,
    hints=(
        "Where in the formula of Z does b[m] appear, and with which factor?",
        "It is added once at each place of each image, with factor 1. So the gradients of all these places add up.",
        "Two images, one row of two places, one filter: [1, 2] and [3, −1] make 5. Of the four axes the filters' axis is left.",
    ),
)


@conv_grad_bias.mistake("This is the mean. Every place adds its own share, so the gradients are summed.")
def bias_mean(grad_output):
    return np.mean(grad_output, axis=(0, 1, 2))


@conv_grad_bias.mistake(
    "You took the mean over the images. The loss has already divided by the batch size: here everything is summed."
)
def bias_mean_over_batch(grad_output):
    return np.mean(np.sum(grad_output, axis=(1, 2)), axis=0)


@conv_grad_bias.mistake("One row for each image is left. All images share the bias: sum over the batch as well.")
def bias_for_each_image(grad_output):
    return np.sum(grad_output, axis=(1, 2))


@conv_grad_bias.mistake("Only the first image counts. All images of the batch share the bias.")
def bias_of_one_image(grad_output):
    return np.sum(grad_output[0], axis=(0, 1))


@conv_grad_bias.mistake("You added the filters together. Each filter has its own bias: keep the last axis.")
def bias_of_everything(grad_output):
    return np.sum(grad_output)


# --- conv_grad_weights -------------------------------------------------------------------------


def _weights_cases(generator: np.random.Generator) -> Iterator[Case]:
    whole = generator.integers(-5, 6, size=(1, 5, 6, 1))
    yield Case({"grad_output": fractions(generator, 1, 4, 4, 1), "inputs": whole}, ONE, "whole numbers in, fractions out")
    yield Case({"grad_output": fractions(generator, 3, 3, 5, 4), "inputs": fractions(generator, 3, 5, 6, 2)}, MANY)
    yield Case({"grad_output": fractions(generator, 2, 4, 2, 2), "inputs": fractions(generator, 2, 5, 4, 3)}, MANY)
    whole = generator.integers(-5, 6, size=(2, 3, 4, 2))
    yield Case({"grad_output": fractions(generator, 2, 3, 4, 3), "inputs": whole}, MANY, "a kernel of 1 × 1")
    yield Case({"grad_output": fractions(generator, 1, 4, 2, 3), "inputs": fractions(generator, 1, 4, 5, 1)}, MANY, "of one row")


def _weights_oracle(grad_output, inputs):
    # SciPy slides a whole batch of planes as one block: in mode valid the batch axis leaves a single place.
    planes, kernels = np.moveaxis(np.asarray(inputs, dtype=float), 3, 0), np.moveaxis(grad_output, 3, 0)
    found = [[scipy.signal.correlate(u, g, mode="valid", method="direct")[0] for g in kernels] for u in planes]
    return np.transpose(found, (2, 3, 0, 1))


conv_grad_weights = Exercise(
    name="conv_grad_weights",
    title="The weights",
    points={ONE: 1, MANY: 1},
    minutes=20,
    difficulty=3,
    oracle=_weights_oracle,
    examples=(
        Case(
            {"grad_output": _as_batch(GRAD), "inputs": _as_batch(IMAGE)},
            ONE,
            "the example worked by hand",
            known=np.array([[4.0, -1.0], [1.0, 6.0]])[:, :, None, None],
        ),
        Case(
            {
                "grad_output": np.array([[[[1.0, 2.0]]], [[[0.0, 1.0]]]]),
                "inputs": np.array([[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]]),
            },
            MANY,
            "Z is 1×1: 2 images, 2 channels, 2 filters",
            known=[[[[1.0, 7.0], [2.0, 10.0]], [[3.0, 13.0], [4.0, 16.0]]]],
        ),
    ),
    cases=_weights_cases,
    forbidden=(*AUTOMATIC, "conv2d_backprop_filter"),
    hints=(
        "A weight W[k1, k2, n, m] meets the pixel U[i + k1, j + k2, n] when it helps to make Z[i, j, m]. Which pixels are these, for all i and j?",
        "They form a window of the input, as large as grad_output, that begins at (k1, k2). Multiply it by grad_output and sum. "
        "The kernel's size follows from the others: krow = rows of the input − rows of grad_output + 1.",
        "For (k1, k2) = (0, 1) the window is `inputs[:, 0:R, 1 : C + 1]`, as large as grad_output. Multiply and sum "
        "over images, rows and columns; channels and filters stay: `np.einsum` or `np.tensordot` does it in one call.",
    ),
)


@conv_grad_weights.mistake("This is a convolution with reversal. Here nothing is flipped: read `inputs[i + k1, j + k2]`.")
def weights_flipped(grad_output, inputs):
    return _weights_oracle(grad_output, inputs)[::-1, ::-1]


@conv_grad_weights.mistake("You took a mean over images and places. Every one of them adds its share: sum, do not average.")
def weights_mean_over_batch(grad_output, inputs):
    return _weights_oracle(grad_output, inputs) / (len(inputs) * grad_output.shape[1] * grad_output.shape[2])


@conv_grad_weights.mistake("Only one image counts: `=` where `+=` belongs? All images of the batch share the weights.")
def weights_of_one_image(grad_output, inputs):
    return _weights_oracle(grad_output[-1:], inputs[-1:])


@conv_grad_weights.mistake("The last two axes are exchanged. Weights are stored as (krow, kcol, channels, num_filters).")
def weights_filters_first(grad_output, inputs):
    return _weights_oracle(grad_output, inputs).swapaxes(2, 3)


@conv_grad_weights.mistake(
    "You added the channels together. Each weight meets one channel only: its gradient is made from this channel n."
)
def weights_channels_added(grad_output, inputs):
    gradient = _weights_oracle(grad_output, inputs)
    return np.repeat(gradient.sum(axis=2, keepdims=True), gradient.shape[2], axis=2)


@conv_grad_weights.mistake(
    "The fractions are lost. An array made like the input keeps its integer type; make it with `np.zeros(...)`."
)
def weights_in_integers(grad_output, inputs):
    return _weights_oracle(grad_output, inputs).astype(inputs.dtype)


@conv_grad_weights.mistake("You took the kernel's rows for its columns too. A kernel need not be square.")
def weights_of_square_kernels(grad_output, inputs):
    rows, cols = grad_output.shape[1:3]
    size = inputs.shape[1] - rows + 1
    windows = [[inputs[:, a : a + rows, b : b + cols] for b in range(size)] for a in range(size)]
    return np.array([[np.einsum("bijn,bijm->nm", window, grad_output) for window in line] for line in windows])


@conv_grad_weights.mistake("You added up the images first. Each image's gradient meets its own input: add up the products.")
def weights_of_summed_images(grad_output, inputs):
    return _weights_oracle(grad_output.sum(axis=0, keepdims=True), inputs.sum(axis=0, keepdims=True))


# --- conv_grad_input ---------------------------------------------------------------------------


def _input_cases(generator: np.random.Generator) -> Iterator[Case]:
    whole = generator.integers(-5, 6, size=(1, 3, 4, 1))
    yield Case({"grad_output": whole, "weights": fractions(generator, 2, 3, 1, 1)}, ONE, "whole numbers and fractions")
    yield Case({"grad_output": fractions(generator, 2, 3, 4, 3), "weights": fractions(generator, 3, 2, 2, 3)}, MANY)
    yield Case({"grad_output": fractions(generator, 3, 4, 2, 2), "weights": fractions(generator, 2, 3, 3, 2)}, MANY)
    whole = generator.integers(-5, 6, size=(2, 3, 4, 2))
    yield Case({"grad_output": whole, "weights": fractions(generator, 1, 1, 3, 2)}, MANY, "a kernel of 1 × 1")
    yield Case(
        {"grad_output": fractions(generator, 1, 1, 2, 3), "weights": fractions(generator, 4, 3, 1, 3)}, MANY, "a large kernel"
    )


def _input_oracle(grad_output, weights):
    batch, _, _, num_filters = grad_output.shape
    channels = weights.shape[2]
    planes = [
        [
            sum(scipy.signal.convolve2d(grad_output[b, :, :, m], weights[:, :, n, m], mode="full") for m in range(num_filters))
            for n in range(channels)
        ]
        for b in range(batch)
    ]
    return np.transpose(np.asarray(planes, dtype=float), (0, 2, 3, 1))


conv_grad_input = Exercise(
    name="conv_grad_input",
    title="The input",
    points={ONE: 1, MANY: 1},
    minutes=20,
    difficulty=3,
    oracle=_input_oracle,
    examples=(
        Case(
            {"grad_output": _as_batch(GRAD), "weights": KERNEL[:, :, None, None]},
            ONE,
            "the example worked by hand",
            known=_as_batch(np.array([[1.0, 2.0, 0.0], [-1.0, -1.0, 4.0], [0.0, 1.0, -2.0]])),
        ),
        Case(
            {"grad_output": np.array([[[[1.0, 10.0]]]]), "weights": np.array([[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]])},
            MANY,
            "Z is 1×1: 2 channels, 2 filters",
            known=[[[[21.0, 43.0], [65.0, 87.0]]]],
        ),
    ),
    cases=_input_cases,
    forbidden=(*AUTOMATIC, "conv2d_transpose", "conv2d_backprop_input"),
    hints=(
        "Which outputs has a pixel helped to make, and with which weight each? Their gradients come back along the same weights and add up.",
        "Turned round: each output sends its gradient, times the weights, to the window of pixels that it was made from. "
        "The result has rows + krow − 1 rows. Begin with zeros and use `+=`.",
        "One row, kernel [1, 2], grad_output [5, 7]: weight 1 sends [5, 7, 0], weight 2 sends [0, 10, 14], together "
        "[5, 17, 14]. With channels and filters, each (k1, k2) sends a matrix product over the filters.",
    ),
)


@conv_grad_input.mistake(
    "The kernel lies the wrong way round. The pixel U[p, q] met W[k1, k2] on the way to Z[p − k1, q − k2]: minus, so this one is with reversal."
)
def input_without_reversal(grad_output, weights):
    return _input_oracle(grad_output, weights[::-1, ::-1])


@conv_grad_input.mistake(
    "Windows overlap, and you overwrite (`=`) what an earlier one has brought. A pixel's gradients add up: use `+=`."
)
def input_overwrites(grad_output, weights):
    rows, cols = grad_output.shape[1:3]
    gradient = np.zeros_like(_input_oracle(grad_output, weights))
    for i in range(rows):
        for j in range(cols):
            gradient[:, i : i + weights.shape[0], j : j + weights.shape[1]] = np.tensordot(
                grad_output[:, i, j], weights, axes=(1, 3)
            )
    return gradient


@conv_grad_input.mistake("The result must be as large as the input, rows + krow − 1 by cols + kcol − 1: this is the mode full.")
def input_keeps_the_small_size(grad_output, weights):
    return _input_oracle(grad_output, weights)[:, : grad_output.shape[1], : grad_output.shape[2]]


@conv_grad_input.mistake("You added the channels. Only the filters m are summed; each channel n keeps its own gradient.")
def input_channels_added(grad_output, weights):
    gradient = _input_oracle(grad_output, weights)
    return np.broadcast_to(gradient.sum(axis=3, keepdims=True), gradient.shape).copy()


@conv_grad_input.mistake(
    "The fractions are lost. An array made like grad_output keeps its integer type; make it with `np.zeros(...)`."
)
def input_in_integers(grad_output, weights):
    return _input_oracle(grad_output, weights).astype(grad_output.dtype)


# --- strided_grad_input ------------------------------------------------------------------------


def _strided_cases(generator: np.random.Generator) -> Iterator[Case]:
    for stride, out_rows, out_cols, krow, kcol, rest in (
        *((1, 3, 4, 3, 2, 0), (2, 3, 2, 4, 3, 1), (2, 2, 3, 3, 5, 0)),
        (3, 2, 3, 1, 1, 0),  # steps longer than the kernel
    ):
        arguments = {
            "grad_output": generator.integers(1, 9, size=(out_rows, out_cols))
            * generator.choice([-1, 1], size=(out_rows, out_cols)),
            "kernel": fractions(generator, krow, kcol),
            "stride": stride,
            "rows": (out_rows - 1) * stride + krow + rest,
            "cols": (out_cols - 1) * stride + kcol + rest,
        }
        yield Case(arguments, "gradient", "a row and a column left over" if rest else "")


def _overwritten(grad_output, kernel, stride, rows, cols):
    gradient = np.zeros((rows, cols))
    krow, kcol = kernel.shape
    for i, j in np.ndindex(*grad_output.shape):
        top, left = i * stride, j * stride
        gradient[top : top + krow, left : left + kcol] = grad_output[i, j] * kernel
    return gradient


def _strided_oracle(grad_output, kernel, stride, rows, cols):
    """A full convolution with reversal of `grad_output`, with zeros between its numbers."""
    spread = np.zeros([(size - 1) * stride + 1 for size in np.shape(grad_output)])
    spread[::stride, ::stride] = grad_output
    touched = scipy.signal.convolve(spread, np.asarray(kernel, float), mode="full", method="direct")
    return np.pad(touched, [(0, rows - touched.shape[0]), (0, cols - touched.shape[1])])


def _times_touched(grad_output, kernel, stride, rows, cols):
    return _strided_oracle(np.ones(np.shape(grad_output)), np.ones(np.shape(kernel)), stride, rows, cols)


strided_grad_input = Exercise(
    name="strided_grad_input",
    title="Repair: back through a stride",
    points={"gradient": 1},
    minutes=8,
    difficulty=2,
    oracle=_strided_oracle,
    given=_overwritten,
    examples=(
        Case(
            {"grad_output": np.array([[1, 10]]), "kernel": np.array([[2, 3]]), "stride": 1, "rows": 1, "cols": 3},
            "gradient",
            "the middle pixel has touched both outputs: 3·1 + 2·10",
            known=[[2.0, 23.0, 30.0]],
        ),
        Case(
            {"grad_output": np.array([[1, 10]]), "kernel": np.array([[2, 3]]), "stride": 2, "rows": 1, "cols": 5},
            "gradient",
            "no pixel twice, and the last in no window",
            known=[[2.0, 3.0, 20.0, 30.0, 0.0]],
        ),
    ),
    cases=_strided_cases,
    hints=(
        "Follow the first example through the loop, output after output. What happens to the middle pixel?",
        "The chain rule: a number's gradient is the *sum* over all outputs that it touches. What does the loop do with what already stands there?",
        "First output: the pixels get 1 · [2, 3], so [2, 3, 0]. Second: pixels 1 and 2 get 10 · [2, 3], and pixel 1 has a 3 already. Right is 3 + 20.",
    ),
)


@strided_grad_input.mistake("Where windows overlap you take the mean. The chain rule asks for the sum.")
def strided_means(grad_output, kernel, stride, rows, cols):
    arguments = grad_output, kernel, stride, rows, cols
    return _strided_oracle(*arguments) / np.maximum(_times_touched(*arguments), 1)


@strided_grad_input.mistake("Now the first window keeps its pixels, and the later ones lose theirs. All of them count: add.")
def strided_first_window_wins(grad_output, kernel, stride, rows, cols):
    gradient = np.zeros((rows, cols))
    for i, j in reversed(list(np.ndindex(*grad_output.shape))):
        top, left = i * stride, j * stride
        gradient[top : top + kernel.shape[0], left : left + kernel.shape[1]] = grad_output[i, j] * kernel
    return gradient


@strided_grad_input.mistake("The kernel is flipped. When an output scatters, the kernel lies as it did on the way forward.")
def strided_flipped(grad_output, kernel, stride, rows, cols):
    return _strided_oracle(grad_output, kernel[::-1, ::-1], stride, rows, cols)


@strided_grad_input.mistake(
    "The stride is lost: output (i, j) came from the window that begins at row i · stride, column j · stride."
)
def strided_without_the_stride(grad_output, kernel, stride, rows, cols):
    return _strided_oracle(grad_output, kernel, 1, rows, cols)


# --- relu_backward -----------------------------------------------------------------------------


def _relu_cases(generator: np.random.Generator) -> Iterator[Case]:
    before = generator.integers(-3, 4, size=(2, 3, 4, 2))
    before[0, 0, :3, 0] = (-1, 0, 1)
    gradient = generator.integers(-9, 10, size=before.shape) + 0.5
    yield Case({"grad_output": gradient, "z": before}, "numbers")
    yield Case({"grad_output": fractions(generator, 3, 5), "z": fractions(generator, 3, 5)}, "numbers")
    line = generator.permutation(np.arange(-2, 4))
    yield Case({"grad_output": generator.integers(-9, 0, size=6), "z": line}, "numbers", "one axis, whole numbers")


relu_backward = Exercise(
    name="relu_backward",
    title="Back through ReLU",
    points={"numbers": 1},
    minutes=5,
    difficulty=1,
    # The derivative of max(z, 0) is the Heaviside step, with 0 at 0.
    oracle=lambda grad_output, z: np.multiply(grad_output, np.heaviside(np.asarray(z, dtype=float), 0.0)),
    examples=(
        Case(
            {"grad_output": np.array([5.0, 6.0, -7.0, 8.0]), "z": np.array([-1.0, 0.0, 2.0, 3.0])},
            "numbers",
            known=[0.0, 0.0, -7.0, 8.0],
        ),
    ),
    cases=_relu_cases,
    hints=(
        "ReLU is the identity where z > 0, and constant elsewhere. What are the two slopes?",
        "The slope is 1 or 0: a gate. Chain rule: multiply what comes back by the slope.",
        "z = [−1, 0, 2] and grad_output = [5, 6, −7] make [0, 0, −7]. True and False count as 1 and 0 in a product.",
    ),
)


@relu_backward.mistake(
    "You applied ReLU to the gradient. What decides is the sign of z on the way forward; a gradient may well be negative."
)
def relu_of_the_gradient(grad_output, z):
    return np.maximum(grad_output, 0)


@relu_backward.mistake("The mask is right, but negative gradients are lost as well. Where z > 0 they pass unchanged.")
def relu_by_both(grad_output, z):
    return np.maximum(grad_output, 0) * (z > 0)


@relu_backward.mistake("The gate is inverted: the gradient passes where z > 0.")
def relu_open_below_zero(grad_output, z):
    return grad_output * (z < 0)


@relu_backward.mistake("This is ReLU of z, the way forward. Where z > 0 the gradient passes, not z.")
def relu_forward_again(grad_output, z):
    return np.maximum(z, 0)


@relu_backward.mistake("At z = 0 the gate is shut by custom: use `z > 0`, not `z >= 0`.")
def relu_open_at_zero(grad_output, z):
    return grad_output * (z >= 0)


@relu_backward.mistake("This is ReLU's own slope, 0 or 1. By the chain rule it multiplies `grad_output`.")
def relu_mask_only(grad_output, z):
    return (z > 0).astype(float)


@relu_backward.mistake("You multiplied by the value of ReLU. Its slope is wanted: 1 where z > 0, else 0.")
def relu_times_the_value(grad_output, z):
    return grad_output * np.maximum(z, 0)


# --- pool_backward -----------------------------------------------------------------------------

MAX, AVERAGE = "max pooling", "average pooling"


def _pool_cases(generator: np.random.Generator) -> Iterator[Case]:
    # Few different whole numbers: most windows hold their largest value more than once.
    tied = generator.integers(0, 3, size=(2, 4, 6, 2))
    tied[0, :2, :2, 0] = [[1, 2], [2, 2]]
    yield Case({"grad_output": fractions(generator, 2, 2, 3, 2), "z": tied, "size": 2, "kind": "max"}, MAX, "ties")
    free = fractions(generator, 1, 6, 3, 2)
    yield Case({"grad_output": fractions(generator, 1, 2, 1, 2), "z": free, "size": 3, "kind": "max"}, MAX)
    below = {"grad_output": fractions(generator, 1, 2, 2, 1), "z": fractions(generator, 1, 4, 4, 1) - 9}
    yield Case({**below, "size": 2, "kind": "max"}, MAX, "all below zero")
    yield Case({**below, "size": 2, "kind": "average"}, AVERAGE)
    whole = generator.integers(-5, 6, size=(2, 3, 6, 2))
    yield Case({"grad_output": fractions(generator, 2, 1, 2, 2), "z": whole, "size": 3, "kind": "average"}, AVERAGE)
    yield Case(
        {"grad_output": fractions(generator, 1, 3, 2, 1), "z": fractions(generator, 1, 6, 4, 1), "size": 2, "kind": "average"},
        AVERAGE,
    )


def _pool_oracle(grad_output, z, size, kind):
    spread = np.ones((1, size, size, 1))
    if kind == "average":
        return np.kron(np.asarray(grad_output, dtype=float), spread / size**2)
    gradient = np.zeros(np.shape(z))
    for b, i, j, n in np.ndindex(grad_output.shape):
        window = [(z[b, r, c, n], -r, -c) for r in range(size * i, size * (i + 1)) for c in range(size * j, size * (j + 1))]
        _, row, col = max(window)  # the largest value, then the smallest row, then the smallest column
        gradient[b, -row, -col, n] = grad_output[b, i, j, n]
    return gradient


pool_backward = Exercise(
    name="pool_backward",
    title="Back through pooling",
    points={MAX: 1, AVERAGE: 1},
    minutes=15,
    difficulty=2,
    oracle=_pool_oracle,
    examples=(
        Case(
            {
                "grad_output": np.array([4.0, 8.0]).reshape(1, 1, 2, 1),
                "z": _as_batch(np.array([[1, 3, 2, 2], [5, 0, 2, 1]])),
                "size": 2,
                "kind": "max",
            },
            MAX,
            "the second window holds its largest value three times",
            known=_as_batch(np.array([[0.0, 0.0, 8.0, 0.0], [4.0, 0.0, 0.0, 0.0]])),
        ),
        Case(
            {
                "grad_output": np.array([4.0, 8.0]).reshape(1, 1, 2, 1),
                "z": _as_batch(np.array([[1, 3, 2, 2], [5, 0, 2, 1]])),
                "size": 2,
                "kind": "average",
            },
            AVERAGE,
            known=_as_batch(np.array([[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]])),
        ),
    ),
    cases=_pool_cases,
    forbidden=AUTOMATIC,
    hints=(
        "Max: which pixel of the window made the output move? Average: by how much does each pixel move it?",
        "Loops over images, outputs and channels are fine. The window of output (i, j) is `z[b, i*size : (i+1)*size, j*size : (j+1)*size, n]`.",
        "For max: `np.unravel_index(window.argmax(), window.shape)` gives row and column inside the window. For average: add `g / size**2` to the whole window.",
    ),
)


def _by_mask(grad_output, z, size, weigh):
    """Max pooling's gradient from a mask (…, size · size) over each window in reading order."""
    batch, rows, cols, channels = grad_output.shape
    windows = (
        z.reshape(batch, rows, size, cols, size, channels).transpose(0, 1, 3, 5, 2, 4).reshape(batch, rows, cols, channels, -1)
    )
    spread = weigh(windows) * grad_output[..., None]
    return spread.reshape(batch, rows, cols, channels, size, size).transpose(0, 1, 4, 2, 5, 3).reshape(z.shape)


def _largest(windows):
    return windows == windows.max(axis=-1, keepdims=True)


@pool_backward.mistake(
    "When the largest value stands in a window more than once, you send the gradient to each of them. One sends it on: the first in reading order."
)
def pool_to_every_largest(grad_output, z, size, kind):
    if kind == "average":
        return _pool_oracle(grad_output, z, size, kind)
    return _by_mask(grad_output, z, size, _largest)


@pool_backward.mistake(
    "With ties you pick the last of the largest values. Take the first in reading order, as `np.argmax` does: compare with `>`, not `>=`."
)
def pool_to_the_last_largest(grad_output, z, size, kind):
    if kind == "average":
        return _pool_oracle(grad_output, z, size, kind)
    return _pool_oracle(grad_output[:, ::-1, ::-1], z[:, ::-1, ::-1], size, kind)[:, ::-1, ::-1]


@pool_backward.mistake("You divide the gradient among equal largest values. The first in reading order gets all of it.")
def pool_split_among_the_largest(grad_output, z, size, kind):
    if kind == "average":
        return _pool_oracle(grad_output, z, size, kind)
    return _by_mask(grad_output, z, size, lambda w: _largest(w) / _largest(w).sum(axis=-1, keepdims=True))


@pool_backward.mistake("You send the gradient to the corner of each window. It belongs to the place of the largest value.")
def pool_to_the_first_corner(grad_output, z, size, kind):
    if kind == "average":
        return _pool_oracle(grad_output, z, size, kind)
    return _by_mask(grad_output, z, size, lambda windows: np.arange(windows.shape[-1]) == 0)


@pool_backward.mistake("For the average every pixel of the window got the whole gradient. Its share is 1 / size².")
def pool_average_not_divided(grad_output, z, size, kind):
    return _pool_oracle(grad_output, z, size, kind) * (size**2 if kind == "average" else 1)


@pool_backward.mistake("You divided by size. A window has size² pixels.")
def pool_average_divided_by_size(grad_output, z, size, kind):
    return _pool_oracle(grad_output, z, size, kind) * (size if kind == "average" else 1)


@pool_backward.mistake('You treat both kinds as max pooling. Look at `kind`: "max" or "average".')
def pool_ignores_the_kind(grad_output, z, size, kind):
    return _pool_oracle(grad_output, z, size, "max")


@pool_backward.mistake(
    "The fractions are lost. `np.zeros_like(z)` keeps the integer type of z; make the result with `np.zeros(z.shape)`."
)
def pool_in_integers(grad_output, z, size, kind):
    return _pool_oracle(grad_output, z, size, kind).astype(z.dtype)


# --- softmax_cross_entropy ---------------------------------------------------------------------

USUAL, LARGE = "usual scores", "large scores"


def _softmax_cases(generator: np.random.Generator) -> Iterator[Case]:
    for batch, classes in ((3, 4), (4, 3)):
        labels = generator.integers(0, classes, size=batch)
        yield Case({"scores": fractions(generator, batch, classes) * 2, "labels": labels}, USUAL)
    scores = (generator.normal(size=(3, 5)) * 30).round(1)
    labels = scores.argmin(axis=1)
    scores[np.arange(3), labels] -= 900
    yield Case({"scores": scores + 1200, "labels": labels}, LARGE)
    # Each image has scores of another size: what is far below the others' is not small beside its own.
    scores = fractions(generator, 3, 4) + generator.permutation([-1500, 0, 1500])[:, None]
    yield Case({"scores": scores, "labels": generator.integers(0, 4, size=3)}, LARGE, "each row about another number")
    one = {"scores": fractions(generator, 1, 2), "labels": generator.integers(0, 2, size=1)}
    yield Case(one, USUAL, "one image, two classes")


def _softmax_oracle(scores, labels):
    wanted = np.eye(scores.shape[1])[labels]
    loss = -np.sum(wanted * scipy.special.log_softmax(scores, axis=1)) / len(scores)
    return float(loss), (scipy.special.softmax(scores, axis=1) - wanted) / len(scores)


LOG2 = float(np.log(2))
softmax_cross_entropy = Exercise(
    name="softmax_cross_entropy",
    title="The loss, and where its gradient begins",
    results=("loss", "dJ/dscores"),
    points={USUAL: 1, LARGE: 1},
    minutes=15,
    difficulty=2,
    oracle=_softmax_oracle,
    examples=(
        Case(
            {"scores": np.array([[0.0, LOG2, 0.0]]), "labels": np.array([1])},
            USUAL,
            "the probabilities are ¼, ½, ¼",
            known=(LOG2, np.array([[0.25, -0.5, 0.25]])),
        ),
        Case(
            {"scores": np.array([[1000.0, 0.0], [0.0, 1000.0]]), "labels": np.array([0, 0])},
            LARGE,
            "one right, one badly wrong",
            known=(500.0, np.array([[0.0, 0.0], [-0.5, 0.5]])),
        ),
        Case(
            {"scores": np.array([[0.0, LOG2], [2000.0, 2000.0 + LOG2]]), "labels": np.array([1, 1])},
            LARGE,
            "2000 more for both classes change nothing",
            known=(float(np.log(1.5)), np.array([[1 / 6, -1 / 6], [1 / 6, -1 / 6]])),
        ),
    ),
    cases=_softmax_cases,
    forbidden=AUTOMATIC,
    hints=(
        "Shift first: subtract each row's maximum (`keepdims=True`). Nothing can overflow then.",
        "log p = shifted − log(Σ exp(shifted)), row by row. The loss is the mean of −log p at the labels.",
        "`log_p[np.arange(batch), labels]` picks the labels. The gradient is `exp(log_p)`, minus 1 at the same places, all divided by the batch size.",
    ),
)


def _softmax_gradient(probabilities, labels):
    gradient = probabilities.copy()
    gradient[np.arange(len(labels)), labels] -= 1
    return gradient / len(labels)


@softmax_cross_entropy.mistake(
    "exp(1000) is too large for a float. Subtract each row's largest score first: the probabilities stay the same."
)
def softmax_overflows(scores, labels):
    powers = np.exp(scores)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(probabilities[np.arange(len(labels)), labels]))
    return loss, _softmax_gradient(probabilities, labels)


@softmax_cross_entropy.mistake(
    "The probability of a hopeless label is rounded to 0, and log 0 is −∞. Do not take the logarithm of the probability: "
    "log p = shifted score − log Σ exp(shifted scores)."
)
def softmax_logarithm_of_zero(scores, labels):
    return softmax_overflows(scores - scores.max(axis=1, keepdims=True), labels)


@softmax_cross_entropy.mistake(
    "The small number inside the logarithm caps the loss at about 27. Use log p = shifted score − log Σ exp(shifted scores) instead."
)
def softmax_adds_a_little(scores, labels):
    probabilities = scipy.special.softmax(scores, axis=1)
    loss = -np.mean(np.log(probabilities[np.arange(len(labels)), labels] + 1e-12))
    return loss, _softmax_gradient(probabilities, labels)


ONE_MAXIMUM = (
    "You subtract one maximum from the whole batch. An image whose scores lie far below it is left with zeros only: "
    "subtract each row's own, `scores.max(axis=1, keepdims=True)`."
)


@softmax_cross_entropy.mistake(ONE_MAXIMUM)
def softmax_one_maximum(scores, labels):
    shifted = scores - scores.max()
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(labels)), labels]), _softmax_gradient(np.exp(log_p), labels)


@softmax_cross_entropy.mistake(ONE_MAXIMUM)
def softmax_one_maximum_of_powers(scores, labels):
    return softmax_overflows(scores - scores.max(), labels)


@softmax_cross_entropy.mistake(
    "The loss has the wrong sign. The logarithm of a probability is negative: the loss is the mean of −log p."
)
def softmax_loss_without_minus(scores, labels):
    loss, gradient = _softmax_oracle(scores, labels)
    return -loss, gradient


@softmax_cross_entropy.mistake(
    "You summed the losses, while the gradient is that of the mean. The loss is the mean over the images."
)
def softmax_loss_summed(scores, labels):
    loss, gradient = _softmax_oracle(scores, labels)
    return loss * len(labels), gradient


@softmax_cross_entropy.mistake("The loss is a mean over the images, so its gradient must be divided by their number too.")
def softmax_gradient_not_divided(scores, labels):
    loss, gradient = _softmax_oracle(scores, labels)
    return loss, gradient * len(labels)


@softmax_cross_entropy.mistake("You summed over the images. The loss is their mean, and so is the gradient.")
def softmax_sums(scores, labels):
    loss, gradient = _softmax_oracle(scores, labels)
    return loss * len(labels), gradient * len(labels)


@softmax_cross_entropy.mistake("The gradient's sign is wrong: it is p − 1 at the label and p elsewhere.")
def softmax_gradient_uphill(scores, labels):
    loss, gradient = _softmax_oracle(scores, labels)
    return loss, -gradient


@softmax_cross_entropy.mistake("You normalised over the images. Each row, one image, is a distribution of its own: `axis=1`.")
def softmax_over_the_batch(scores, labels):
    probabilities = scipy.special.softmax(scores, axis=0)
    loss = -np.mean(scipy.special.log_softmax(scores, axis=0)[np.arange(len(labels)), labels])
    return loss, _softmax_gradient(probabilities, labels)


@softmax_cross_entropy.mistake("These are the probabilities. The gradient has one subtracted at each image's label.")
def softmax_without_the_label(scores, labels):
    return _softmax_oracle(scores, labels)[0], scipy.special.softmax(scores, axis=1) / len(labels)


# --- sgd_momentum_step -------------------------------------------------------------------------

REST, MOVING = "from rest", "already moving"


def _sgd_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, shape in ((REST, (4,)), (MOVING, (2, 3)), (MOVING, (2, 1, 2))):
        arguments = {
            "weights": fractions(generator, *shape) + 1,
            "velocity": fractions(generator, *shape) * (part == MOVING),
            "grad": fractions(generator, *shape),
            "learning_rate": round(float(generator.uniform(0.2, 0.6)), 2),
            "momentum": round(float(generator.uniform(0.3, 0.8)), 2),
            "decay": round(float(generator.uniform(0.05, 0.2)), 3),
        }
        yield Case(arguments, part)


def _sgd_oracle(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    # One step is linear: (weights, velocity) -> a 2×2 matrix times them, plus the gradient's part.
    pull = learning_rate * decay
    matrix = np.array([[1 - pull, momentum], [-pull, momentum]])
    stacked = np.tensordot(matrix, np.stack([weights, velocity]), axes=1) - learning_rate * np.stack([grad, grad])
    return stacked[0], stacked[1]


sgd_momentum_step = Exercise(
    name="sgd_momentum_step",
    title="AlexNet's update rule",
    results=("weights", "velocity"),
    points={REST: 1, MOVING: 1},
    minutes=8,
    difficulty=1,
    oracle=_sgd_oracle,
    examples=(
        Case(
            {"weights": np.array([1.0]), "velocity": np.array([0.0]), "grad": np.array([2.0]), "learning_rate": 0.1},
            REST,
            "the table's first step",
            known=(np.array([0.79995]), np.array([-0.20005])),
        ),
        Case(
            {
                "weights": np.array([0.79995]),
                "velocity": np.array([-0.20005]),
                "grad": np.array([1.5999]),
                "learning_rate": 0.1,
            },
            MOVING,
            "the table's second step",
            known=(np.array([0.4598750025]), np.array([-0.3400749975])),
        ),
    ),
    cases=_sgd_cases,
    tolerance=2e-6,
    hints=(
        "Two lines, exactly as in the formula: the new velocity, then the new weights.",
        "Three terms make the velocity: what is left of the old one, the decay, the gradient. Mind the two minus signs.",
        "Do not use `+=`: it would change the caller's arrays. Return `weights + velocity` and the velocity, in this order.",
    ),
)


@sgd_momentum_step.mistake("The weight decay is missing: `- decay * learning_rate * weights`.")
def sgd_without_decay(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    velocity = momentum * velocity - learning_rate * grad
    return weights + velocity, velocity


@sgd_momentum_step.mistake("The decay is not multiplied by the learning rate. In AlexNet's rule it is 0.0005 · η · w.")
def sgd_decay_without_rate(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    velocity = momentum * velocity - decay * weights - learning_rate * grad
    return weights + velocity, velocity


@sgd_momentum_step.mistake("The decay has the wrong sign: it pulls the weights towards 0.")
def sgd_decay_with_wrong_sign(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    velocity = momentum * velocity + decay * learning_rate * weights - learning_rate * grad
    return weights + velocity, velocity


@sgd_momentum_step.mistake("You moved the weights by the old velocity. First the new velocity, then `weights + velocity`.")
def sgd_moves_by_the_old_velocity(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    new = momentum * velocity - learning_rate * (decay * weights + grad)
    return weights + velocity, new


@sgd_momentum_step.mistake("Your velocity points uphill. In AlexNet's rule it points downhill and is added.")
def sgd_velocity_uphill(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    velocity = momentum * velocity + learning_rate * (decay * weights + grad)
    return weights - velocity, velocity


@sgd_momentum_step.mistake(
    "You multiply the velocity by the learning rate at the end, as PyTorch does. In AlexNet's rule the rate is inside the velocity."
)
def sgd_velocity_without_rate(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    velocity = momentum * velocity - (decay * weights + grad)
    return weights + learning_rate * velocity, velocity


@sgd_momentum_step.mistake("The gradient is not multiplied by 1 − momentum here: the velocity is a sum, not a mean.")
def sgd_running_mean(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    velocity = momentum * velocity - (1 - momentum) * learning_rate * (decay * weights + grad)
    return weights + velocity, velocity


@sgd_momentum_step.mistake("The old velocity is not used: begin with `momentum * velocity`.")
def sgd_forgets_its_velocity(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    new = -learning_rate * (decay * weights + grad)
    return weights + new, new


@sgd_momentum_step.mistake(
    "The learning rate multiplies the velocity as a whole. In AlexNet's rule it stands inside, at the gradient."
)
def step_with_the_rate_outside(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    new = momentum * velocity + grad + decay * weights
    return weights - learning_rate * new, new


@sgd_momentum_step.mistake("Momentum and decay are fixed in your answer. Use the arguments.")
def step_with_fixed_numbers(weights, velocity, grad, learning_rate, momentum=0.9, decay=0.0005):
    return _sgd_oracle(weights, velocity, grad, learning_rate)


# --- choose_descent ----------------------------------------------------------------------------


def _descent_cases(generator: np.random.Generator) -> Iterator[Case]:
    for low, high in ((0.02, 0.1), (4.0, 9.0)):
        flat = generator.uniform(low, high)
        slopes = np.array([flat, flat * generator.uniform(25, 60)]).round(3)
        yield Case({"slopes": slopes[:: generator.choice([-1, 1])].copy()}, "descent")


def _descent_misses(result, slopes):
    rate, momentum = map(float, result)
    if not (rate > 0 and 0 <= momentum < 1):
        return f"Your learning rate is {rate:g} and your momentum {momentum:g}; rate > 0 and 0 ≤ momentum < 1 are asked."
    place, velocity = np.full(2, 10.0), np.zeros(2)
    with np.errstate(all="ignore"):
        for _ in range(60):
            velocity = momentum * velocity - rate * slopes * place
            place = place + velocity
        distance = float(np.sqrt(np.sum(place**2)))
    return "" if distance <= 0.01 else f"After 60 steps the ball is {distance:.3g} away from the bottom; at most 0.01 is asked."


def _descent_oracle(slopes):
    """Polyak's choice, which is best for both slopes together."""
    low, high = np.sqrt(np.sort(slopes))
    return 4 / (low + high) ** 2, ((high - low) / (high + low)) ** 2


choose_descent = Exercise(
    name="choose_descent",
    title="Design: down the valley in sixty steps",
    points={"descent": 1},
    minutes=15,
    difficulty=3,
    oracle=_descent_oracle,
    meets=_descent_misses,
    examples=(
        Case({"slopes": np.array([1.0, 30.0])}, "descent", "the valley above", known=(0.06, 0.7)),
        Case({"slopes": np.array([50.0, 2.0])}, "descent", "steep the other way"),
    ),
    cases=_descent_cases,
    hints=(
        "What goes wrong with a rate that is too large, and with one that is too small? Which of the two slopes decides each?",
        "Twice as steep a valley bears half the rate: make the rate a share of 1 / max(slopes). Momentum 0.9 rolls on for too long here, and 0 creeps.",
        "Without momentum a step at the steepest slope s turns w into w · (1 − rate · s), so rate · s must stay below 2. With momentum m it must stay below 2 · (1 + m). "
        "Walk sixty steps in a loop, for a few momenta between 0 and 0.9, and look at the end.",
    ),
)


@choose_descent.mistake("AlexNet's 0.9 is for long trainings. In sixty steps such a ball is still swinging: take less.")
def descent_like_alexnet(slopes):
    return 1 / max(slopes), 0.9


@choose_descent.mistake("Without momentum the ball creeps along the flat direction. Give it some.")
def descent_without_momentum(slopes):
    return 1 / max(slopes), 0.0


@choose_descent.mistake("The rate is always the same. A steep valley needs a small one, a flat valley a large one.")
def descent_at_one_rate(slopes):
    return 0.06, 0.7


@choose_descent.mistake(
    "This rate suits the flat direction. In the steep one the ball is thrown out: the larger slope sets the limit."
)
def descent_by_the_flat_slope(slopes):
    return 1 / min(slopes), 0.7


# --- cnn_loss_gradient and train_numpy_cnn -----------------------------------------------------

# A net for tiny images (2 colours, 4×6 -> 3×5 -> 2×4 -> pooled 1×2), with 2×2 kernels.
TINY = [(2, 2, 2, 2), (2,), (2, 2, 2, 3), (3,), (6, 3), (3,)]


def _tiny_images(generator: np.random.Generator, batch: int) -> dict[str, Any]:
    size = sum(int(np.prod(shape)) for shape in TINY)
    parameters = (generator.normal(size=size) * 0.5).round(3)
    parameters[[16, 17, 42, 43, 44]] += 0.4  # the biases: few units are dead
    return {
        "images": generator.uniform(-1, 1, size=(batch, 4, 6, 2)).round(2),
        "labels": generator.integers(0, 3, size=batch),
        "parameters": parameters,
        "shapes": TINY,
    }


def _cut(parameters, shapes):
    """Arrays of the given shapes from the last axis of `parameters`, whose other axes stay in front."""
    places = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
    return [parameters[..., a:b].reshape(*parameters.shape[:-1], *s) for a, b, s in zip(places, places[1:], shapes, strict=False)]


def _loss_of(images, labels, parameters, shapes):
    """The net's loss for many parameter vectors (vectors, size) at once, which may be complex."""
    weights1, bias1, weights2, bias2, weights3, bias3 = _cut(parameters, shapes)

    def convolve(maps, weights, bias):  # maps: (vectors or 1, batch, rows, cols, channels)
        windows = sliding_window_view(maps, weights.shape[1:3], axis=(2, 3))
        return (
            np.einsum("vbijnkl,vklnm->vbijm", np.broadcast_to(windows, (len(weights), *windows.shape[1:])), weights)
            + bias[:, None, None, None]
        )

    maps = images[None]
    for weights, bias in ((weights1, bias1), (weights2, bias2)):
        z = convolve(maps, weights, bias)
        maps = np.where(z.real > 0, z, 0)
    rows, cols = maps.shape[2] // 2, maps.shape[3] // 2
    windows = sliding_window_view(maps, (2, 2), axis=(2, 3))[:, :, : 2 * rows : 2, : 2 * cols : 2]
    windows = windows.reshape(*windows.shape[:5], 4)
    pooled = np.take_along_axis(windows, windows.real.argmax(axis=-1)[..., None], axis=-1)[..., 0]
    scores = np.einsum("vbf,vfc->vbc", pooled.reshape(*pooled.shape[:2], -1), weights3) + bias3[:, None]
    at_label = scores[:, np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(scores).sum(axis=2)) - at_label, axis=1)


def _cnn_oracle(images, labels, parameters, shapes):
    # The complex step (Squire and Trapp 1998): the imaginary part of J(θ + ih) / h is exact, with no difference taken.
    vectors = parameters + 1e-20j * np.eye(len(parameters))
    losses = _loss_of(np.asarray(images, dtype=float), labels, vectors, shapes)
    return float(losses[0].real), losses.imag / 1e-20


def _cnn_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case(_tiny_images(generator, 1), "one image")
    yield Case(_tiny_images(generator, 3), "a batch")


def _zero_net(batch: int) -> dict[str, Any]:
    """All parameters 0: every class has probability 1/3, and only the last bias has a gradient."""
    example = _tiny_images(np.random.default_rng(7), batch)
    return {**example, "labels": np.arange(batch) % 3, "parameters": np.zeros_like(example["parameters"])}


def _only_last(*values: float) -> np.ndarray:
    size = sum(int(np.prod(shape)) for shape in TINY)
    return np.concatenate([np.zeros(size - len(values)), values])


cnn_loss_gradient = Exercise(
    name="cnn_loss_gradient",
    title="Back through the whole net",
    results=("loss", "gradient"),
    points={"one image": 1, "a batch": 2},
    minutes=25,
    difficulty=3,
    oracle=_cnn_oracle,
    examples=(
        Case(
            _zero_net(1),
            "one image",
            "all parameters 0: every class has probability ⅓",
            known=(float(np.log(3)), _only_last(-2 / 3, 1 / 3, 1 / 3)),
        ),
        Case(_zero_net(2), "a batch", "all parameters 0", known=(float(np.log(3)), _only_last(-1 / 6, -1 / 6, 1 / 3))),
    ),
    cases=_cnn_cases,
    tolerance=1e-4,
    hints=(
        "Write down the way forward in one line, then read it from right to left. Each step has a function that you have written.",
        "softmax → dense → (reshape to `f.pooled.shape`) → pool → ReLU with z2 → convolution 2 → ReLU with z1 → convolution 1. "
        "At each layer with parameters, collect their gradients, then go on with the gradient for its input.",
        "`conv_grad_weights` wants what the layer received: `f.a1` for the second convolution, `images` for the first. "
        "At the end `join_parameters([…])` in the order of `shapes`.",
    ),
)


def _cnn_flawed(images, labels, parameters, shapes, gates=(True, True), reverse=True, through_pool=True):
    """Backpropagation with a switch for each step that is easily forgotten; loss and list of gradients."""
    weights1, bias1, weights2, bias2, weights3, bias3 = _cut(parameters, shapes)

    def forward(maps, weights, bias):
        return np.einsum("bijnkl,klnm->bijm", sliding_window_view(maps, weights.shape[:2], axis=(1, 2)), weights) + bias

    z1 = forward(images, weights1, bias1)
    a1 = np.maximum(z1, 0)
    z2 = forward(a1, weights2, bias2)
    a2 = np.maximum(z2, 0)
    batch, rows, cols, channels = a2.shape
    blocks = a2.reshape(batch, rows // 2, 2, cols // 2, 2, channels)
    pooled = blocks.max(axis=(2, 4), keepdims=True)
    flat = pooled.reshape(batch, -1)
    loss, grad = _softmax_oracle(flat @ weights3 + bias3, labels)
    found = [flat.T @ grad, grad.sum(axis=0)]
    grad = (grad @ weights3.T).reshape(pooled.shape) * ((blocks == pooled) if through_pool else np.ones_like(blocks))
    grad = grad.reshape(a2.shape) * ((z2 > 0) if gates[1] else 1)
    found = [_weights_oracle(grad, a1), grad.sum(axis=(0, 1, 2)), *found]
    grad = _input_oracle(grad, weights2 if reverse else weights2[::-1, ::-1]) * ((z1 > 0) if gates[0] else 1)
    return loss, [_weights_oracle(grad, images), grad.sum(axis=(0, 1, 2)), *found]


def _flat(result):
    loss, gradients = result
    return loss, np.concatenate([gradient.ravel() for gradient in gradients])


@cnn_loss_gradient.mistake(
    "The first ReLU is missing on the way back: between the two convolutions belongs `relu_backward(…, z1)`."
)
def cnn_forgets_the_first_gate(images, labels, parameters, shapes):
    return _flat(_cnn_flawed(images, labels, parameters, shapes, gates=(False, True)))


@cnn_loss_gradient.mistake("Both ReLUs are missing on the way back. Every step of the way forward has its step back.")
def cnn_forgets_both_gates(images, labels, parameters, shapes):
    return _flat(_cnn_flawed(images, labels, parameters, shapes, gates=(False, False)))


@cnn_loss_gradient.mistake(
    "The first layer's gradients are wrong: between the layers the kernel is used with reversal (`conv_grad_input`)."
)
def cnn_without_reversal(images, labels, parameters, shapes):
    return _flat(_cnn_flawed(images, labels, parameters, shapes, reverse=False))


@cnn_loss_gradient.mistake("Max pooling sends the gradient to the largest value of each window only: use `pool_backward`.")
def cnn_pools_to_everyone(images, labels, parameters, shapes):
    return _flat(_cnn_flawed(images, labels, parameters, shapes, through_pool=False))


@cnn_loss_gradient.mistake(
    "The gradients are in the order in which you found them. The vector must be ordered as the parameters: first layer first."
)
def cnn_in_the_order_of_the_way_back(images, labels, parameters, shapes):
    loss, gradients = _cnn_flawed(images, labels, parameters, shapes)
    return _flat((loss, [gradients[i] for i in (4, 5, 2, 3, 0, 1)]))


@cnn_loss_gradient.mistake("The gradient is divided by the batch size twice. The loss has done so already.")
def cnn_divides_by_the_batch_twice(images, labels, parameters, shapes):
    loss, gradient = _flat(_cnn_flawed(images, labels, parameters, shapes))
    return loss, gradient / len(images)


@cnn_loss_gradient.mistake("Return two things: the loss, and all gradients as one vector (`join_parameters`).")
def cnn_gradients_in_a_list(images, labels, parameters, shapes):
    loss, gradients = _cnn_flawed(images, labels, parameters, shapes)
    return (loss, *gradients)


WHOLE, RAGGED = "whole batches", "a smaller last batch"


def _train_case(generator: np.random.Generator, part: str) -> Case:
    # Three batches, whose losses' median is not their mean; never as many epochs as images in a batch.
    number, batch_size, epochs = (3, 1, 2) if part == WHOLE else (5, 3, 2)
    return Case({**_tiny_images(generator, number), "epochs": epochs, "batch_size": batch_size, "learning_rate": 0.2}, part)


def _train_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield _train_case(generator, WHOLE)
    yield _train_case(generator, RAGGED)


def _train(
    images, labels, parameters, shapes, epochs, batch_size, learning_rate, differentiate, last=True, rest=False, step=_sgd_oracle
):
    """Training with switches: `last` keeps a smaller last batch, `rest` stops the velocity before each batch."""
    velocity, history = np.zeros_like(parameters), []
    end = len(images) if last else len(images) - len(images) % batch_size
    for _ in range(epochs):
        history.append([])
        for start in range(0, end, batch_size):
            chosen = slice(start, start + batch_size)
            loss, gradient = differentiate(images[chosen], labels[chosen], parameters, shapes)
            velocity = 0 * velocity if rest else velocity
            parameters, velocity = step(parameters, velocity, gradient, learning_rate)
            history[-1].append(float(loss))
    return parameters, history


def _train_oracle(*arguments):
    parameters, history = _train(*arguments, differentiate=_cnn_oracle)
    return parameters, [sum(losses) / len(losses) for losses in history]


train_numpy_cnn = Exercise(
    name="train_numpy_cnn",
    title="Train it",
    results=("parameters", "losses"),
    points={WHOLE: 1, RAGGED: 1},
    minutes=15,
    difficulty=2,
    oracle=_train_oracle,
    examples=(
        Case(
            {**_zero_net(3), "epochs": 2, "batch_size": 2, "learning_rate": 0.0},
            RAGGED,
            "parameters 0, learning rate 0: nothing moves",
            known=(_only_last(0.0), [float(np.log(3))] * 2),
        ),
        Case(
            {**_zero_net(2), "epochs": 1, "batch_size": 2, "learning_rate": 0.3},
            WHOLE,
            "one step: η times the gradient of the last bias, downhill",
            known=(_only_last(0.05, 0.05, -0.1), [float(np.log(3))]),
        ),
    ),
    cases=_train_cases,
    tolerance=1e-4,
    hints=(
        "Two loops: epochs outside, batches inside. What must survive from one batch to the next?",
        "Parameters and velocity survive, also from epoch to epoch. For each batch: loss and gradient, then one step.",
        "`for start in range(0, len(images), batch_size)`, with `images[start : start + batch_size]` and the same for the labels. "
        "Collect the batch's losses and append their mean at the end of the epoch.",
    ),
)


def _backpropagated(images, labels, parameters, shapes):
    return _flat(_cnn_flawed(images, labels, parameters, shapes))


@train_numpy_cnn.mistake("The last, smaller batch is left out. A slice may reach over the end: it just gets shorter.")
def train_drops_a_small_batch(*arguments):
    parameters, history = _train(*arguments, differentiate=_backpropagated, last=False)
    return parameters, [np.mean(losses) for losses in history]


@train_numpy_cnn.mistake("The velocity begins anew with every batch. Set it to zero once, before the first epoch.")
def train_without_momentum(*arguments):
    parameters, history = _train(*arguments, differentiate=_backpropagated, rest=True)
    return parameters, [np.mean(losses) for losses in history]


@train_numpy_cnn.mistake("The weight decay is missing: use your `sgd_momentum_step`.")
def train_without_decay(*arguments):
    parameters, history = _train(*arguments, differentiate=_backpropagated, step=sgd_without_decay)
    return parameters, [np.mean(losses) for losses in history]


@train_numpy_cnn.mistake("You summed an epoch's losses. The mean over its batches is wanted.")
def train_sums_the_losses(*arguments):
    parameters, history = _train(*arguments, differentiate=_backpropagated)
    return parameters, [np.sum(losses) for losses in history]


@train_numpy_cnn.mistake("You return the loss of every batch. One number for each epoch is wanted: the mean.")
def train_returns_every_loss(*arguments):
    parameters, history = _train(*arguments, differentiate=_backpropagated)
    return parameters, [loss for losses in history for loss in losses]


@train_numpy_cnn.mistake("You take all images at once. Cut them into batches of `batch_size` and update after each.")
def train_on_everything_at_once(images, labels, parameters, shapes, epochs, batch_size, learning_rate):
    parameters, history = _train(
        images, labels, parameters, shapes, epochs, len(images), learning_rate, differentiate=_backpropagated
    )
    return parameters, [np.mean(losses) for losses in history]


@train_numpy_cnn.mistake("The parameters never change. Keep what `sgd_momentum_step` returns.")
def train_forgets_the_update(images, labels, parameters, shapes, epochs, batch_size, learning_rate):
    _, history = _train(images, labels, parameters, shapes, epochs, batch_size, 0.0, differentiate=_backpropagated)
    return parameters, [np.mean(losses) for losses in history]


def _uphill(weights, velocity, gradient, learning_rate):
    return _sgd_oracle(weights, velocity, -gradient, learning_rate)


@train_numpy_cnn.mistake("The loss rises: you go uphill. Give the gradient to `sgd_momentum_step` as it is.")
def train_uphill(*arguments):
    parameters, history = _train(*arguments, differentiate=_backpropagated, step=_uphill)
    return parameters, [np.mean(losses) for losses in history]


EXERCISES: tuple[Exercise, ...] = (
    numerical_gradient,
    conv_grad_bias,
    conv_grad_weights,
    conv_grad_input,
    strided_grad_input,
    relu_backward,
    pool_backward,
    softmax_cross_entropy,
    sgd_momentum_step,
    choose_descent,
    cnn_loss_gradient,
    train_numpy_cnn,
)
