"""Unit 07: the forward pass that the unit differentiates, and drawings of what flows back through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.figures import BLUE, GREY, ORANGE, RED, figure_html, new_figure
from convcourse.number_figures import Panel, number_figure, sum_text

# The net of this unit for 8×8 digits: two convolutions and one dense layer, each with its bias.
DIGIT_NET = [(3, 3, 1, 8), (8,), (3, 3, 8, 16), (16,), (64, 10), (10,)]


class Forward(NamedTuple):
    """What the forward pass keeps for the way back; maps are (batch, rows, cols, channels).

    z1, a1: first convolution, before and after ReLU; z2, a2: the second; pooled: a2 after max pooling 2×2;
    flat: pooled as (batch, features); scores: (batch, classes).
    """

    z1: np.ndarray
    a1: np.ndarray
    z2: np.ndarray
    a2: np.ndarray
    pooled: np.ndarray
    flat: np.ndarray
    scores: np.ndarray


def conv_forward(inputs: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution without reversal, mode valid, stride 1, of a batch.

    inputs: (batch, rows, cols, channels); weights: (krow, kcol, channels, num_filters); bias: (num_filters,).
    Returns (batch, rows − krow + 1, cols − kcol + 1, num_filters).
    """
    windows = sliding_window_view(inputs, weights.shape[:2], axis=(1, 2))
    return np.tensordot(windows, weights, axes=((4, 5, 3), (0, 1, 2))) + bias


def pool_forward(inputs: np.ndarray, size: int, kind: str) -> np.ndarray:
    """Pooling over windows that do not overlap; kind is "max" or "average".

    inputs: (batch, rows, cols, channels), rows and cols divisible by `size`.
    Returns (batch, rows / size, cols / size, channels).
    """
    batch, rows, cols, channels = inputs.shape
    windows = inputs.reshape(batch, rows // size, size, cols // size, size, channels)
    return windows.max(axis=(2, 4)) if kind == "max" else windows.mean(axis=(2, 4))


def cnn_forward(images: np.ndarray, parameters: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> Forward:
    """Convolution, ReLU, convolution, ReLU, max pooling 2×2, dense. `parameters` as for `split_parameters`."""
    weights1, bias1, weights2, bias2, weights3, bias3 = split_parameters(parameters, shapes)
    z1 = conv_forward(images, weights1, bias1)
    a1 = np.maximum(z1, 0)
    z2 = conv_forward(a1, weights2, bias2)
    a2 = np.maximum(z2, 0)
    pooled = pool_forward(a2, 2, "max")
    flat = pooled.reshape(len(images), -1)
    return Forward(z1, a1, z2, a2, pooled, flat, flat @ weights3 + bias3)


def split_parameters(parameters: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """Cut one long vector into arrays of the given shapes, in order."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [piece.reshape(shape) for piece, shape in zip(np.split(parameters, ends[:-1]), shapes, strict=True)]


def join_parameters(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Lay arrays end to end as one float vector: undoes `split_parameters`."""
    return np.concatenate([np.ravel(array) for array in arrays]).astype(float)


def new_parameters(shapes: Sequence[tuple[int, ...]], seed: int) -> np.ndarray:
    """Normal random weights of variance 2 / (inputs of one unit), biases 0 (He et al. 2015), as one vector."""
    generator = np.random.default_rng(seed)
    return join_parameters(
        [
            generator.normal(scale=np.sqrt(2 / np.prod(shape[:-1])), size=shape) if len(shape) > 1 else np.zeros(shape)
            for shape in shapes
        ]
    )


def accuracy(images: np.ndarray, labels: np.ndarray, parameters: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> float:
    """Share of images whose largest score is that of their label."""
    return float(np.mean(cnn_forward(images, parameters, shapes).scores.argmax(axis=1) == labels))


# --- measurements ------------------------------------------------------------------------------


def step_errors(numerical_gradient: Callable[..., np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps from 1e-12 to 0.1, and with each the error of the slope of sin at 1: one-sided, and by `numerical_gradient`."""
    steps, truth = np.logspace(-12, -1, 23), np.cos(1.0)
    slopes = [numerical_gradient(lambda v: np.sin(v[0]), np.ones(1), step) for step in steps]
    one_sided = (np.sin(1 + steps) - np.sin(1)) / steps
    return steps, np.abs(one_sided - truth), np.abs(np.ravel(slopes) - truth)


def valley_paths(step: Callable[..., tuple[np.ndarray, np.ndarray]], steepness: float) -> dict[str, np.ndarray]:
    """Sixty steps down ½ (x² + steepness · y²) without momentum and with 0.9: name -> array (61, 2)."""
    paths, slopes = {}, np.array([1.0, steepness])
    for momentum in (0.0, 0.9):
        path, velocity = [np.array([-10.0, 1.5])], np.zeros(2)
        for _ in range(60):
            place, velocity = step(path[-1], velocity, slopes * path[-1], 0.03, momentum)
            path.append(place)
        paths[f"momentum {momentum:g}"] = np.array(path)
    return paths


# --- drawings ----------------------------------------------------------------------------------


def draw_forward(image: np.ndarray, kernel: np.ndarray, grad_output: np.ndarray) -> tuple[Figure, str]:
    """One small convolution forwards, and the gradient that comes back to it."""
    result = _valid(image, kernel)
    named = {"input U": image, "weights W": kernel, "output Z": result, "dJ/dZ: grad_output": grad_output}
    figure, _ = number_figure([Panel(numbers, title) for title, numbers in named.items()])
    return figure, f"Input {image.tolist()}, weights {kernel.tolist()}, output {result.tolist()}, grad {grad_output.tolist()}."


def draw_weight_step(image: np.ndarray, grad_output: np.ndarray, step: int) -> tuple[Figure, str]:
    """The sum behind one weight's gradient: all the pixels that this weight has met, times grad_output."""
    gradient = _valid(image, grad_output).astype(float)
    row, col = divmod(step, gradient.shape[1])
    products = image[row : row + grad_output.shape[0], col : col + grad_output.shape[1]] * grad_output
    terms = sum_text(products.ravel())
    figure, _ = number_figure(
        [
            Panel(image, f"U: what W[{row},{col}] met", box=(row, col, *grad_output.shape)),
            Panel(grad_output, "grad_output"),
            _until(gradient, step, "dJ/dW", f"{terms} = {gradient[row, col]:g}"),
        ]
    )
    return figure, f"Weight ({row}, {col}): the boxed pixels times grad_output give {terms} = {gradient[row, col]:g}."


def draw_input_step(kernel: np.ndarray, grad_output: np.ndarray, step: int) -> tuple[Figure, str]:
    """The sum behind one pixel's gradient: the flipped kernel over grad_output with zeros around it."""
    reach = (kernel.shape[0] - 1, kernel.shape[1] - 1)
    padded = np.pad(grad_output, [(reach[0],) * 2, (reach[1],) * 2])
    flipped = kernel[::-1, ::-1]
    gradient = _valid(padded, flipped).astype(float)
    row, col = divmod(step, gradient.shape[1])
    figure, _ = number_figure(
        [
            Panel(padded, "grad_output, zeros around", box=(row, col, *kernel.shape)),
            Panel(flipped, "W flipped"),
            _until(gradient, step, "dJ/dU", f"dJ/dU[{row},{col}] = {gradient[row, col]:g}"),
        ]
    )
    return figure, f"The flipped kernel at place ({row}, {col}) of the padded grad_output gives {gradient[row, col]:g}."


def draw_three_gradients(image: np.ndarray, kernel: np.ndarray, grad_output: np.ndarray) -> tuple[Figure, str]:
    """Three rows: the gradient for the weights, for the bias and for the input, each as a convolution."""
    padded = np.pad(grad_output, [(size - 1,) * 2 for size in kernel.shape])
    flipped = kernel[::-1, ::-1]
    rows = (
        ((image, "U"), (grad_output, "grad_output"), (_valid(image, grad_output), "dJ/dW")),
        ((np.ones_like(grad_output), "ones"), (grad_output, "grad_output"), (grad_output.sum(keepdims=True), "dJ/db")),
        ((padded, "grad_output, padded"), (flipped, "W flipped"), (_valid(padded, flipped), "dJ/dU")),
    )
    limit = float(max(np.abs(part[0]).max() for row in rows for part in row))
    figure, axes = number_figure(*([Panel(numbers, title, limit=limit) for numbers, title in row] for row in rows))
    for line in axes:
        for place, sign in zip(line[1:], "∗=", strict=True):
            place.annotate(sign, (0, 0.5), (-14, 0), "axes fraction", "offset points", fontsize=18, ha="right", va="center")
    results = "; ".join(f"{result[1]} = {result[0].tolist()}" for *_, result in rows)
    return figure, f"Three convolutions, one a row, each with its two operands and its result: {results}."


def draw_scatter(strided_grad_input: Callable[..., np.ndarray]) -> tuple[Figure, str]:
    """For stride 3 and stride 1, the gradient for a 6 × 6 input by nudging each pixel, and by a function beside it."""
    kernel = np.array([[1, 0, 2], [0, 3, 1], [1, 1, 0]])
    panels, right = [], {}
    for stride in (3, 1):
        grad_output = np.ones((3 // stride + 1,) * 2)
        # The sum of all outputs is linear in each pixel: a pixel's slope is the sum for an image of this pixel alone.
        pixels = np.eye(36).reshape(36, 6, 6)
        nudged = np.array([_valid(pixel, kernel)[::stride, ::stride].sum() for pixel in pixels]).reshape(6, 6)
        yours = np.asarray(strided_grad_input(grad_output, kernel, stride, 6, 6), float)
        for numbers, way in ((nudged, "by nudging"), (yours, "your function")):
            panels.append(Panel(numbers, f"stride {stride}: {way}", limit=float(nudged.max())))
        right[stride] = int(np.isclose(nudged, yours).sum())
    figure, _ = number_figure(panels)
    words = " and ".join(f"{count} of 36 numbers agree with stride {stride}" for stride, count in right.items())
    return figure, f"Gradients for a 6 × 6 input by nudging and by your function: {words}."


def draw_pool(maps: np.ndarray, grad_output: np.ndarray) -> tuple[Figure, str]:
    """Where max and average pooling 2×2 send the gradient; no window of `maps` may hold its largest value twice."""
    spread = np.kron(grad_output, np.ones((2, 2)))
    largest = np.kron(pool_forward(maps[None, :, :, None], 2, "max")[0, :, :, 0], np.ones((2, 2)))
    figure, _ = number_figure(
        [
            Panel(maps, "z: two windows 2×2"),
            Panel(grad_output, "grad_output"),
            Panel(np.where(maps == largest, spread, 0), "back through max"),
            Panel(spread / 4, "back through average"),
        ]
    )
    return figure, f"From {maps.tolist()}: max sends all of {grad_output.tolist()} to the largest, average a quarter to each."


def draw_step_sizes(steps: np.ndarray, one_sided: np.ndarray, central: np.ndarray) -> tuple[Figure, str]:
    """Error of the numerical gradient against the step, for both kinds of difference."""
    figure, axes = new_figure(width=7.0, height=3.2)
    axes.loglog(steps, one_sided, "s--", color=ORANGE, markersize=4, label="one-sided")
    axes.loglog(steps, central, "o-", color=BLUE, markersize=4, label="central")
    axes.set(xlabel="step h", ylabel="error")
    axes.legend()
    axes.set_title("A step can be too large, and it can be too small")
    return figure, "Two V-shaped curves of the error over the step; the central one is lower, with its valley near 1e-5."


def draw_valley(paths: dict[str, np.ndarray], steepness: float) -> tuple[Figure, str]:
    """Paths of (x, y) points, name -> array (steps, 2), over the loss ½(x² + steepness · y²)."""
    figure, axes = new_figure(1, len(paths), width=5.0 * len(paths), height=2.9)
    x, y = np.meshgrid(np.linspace(-10.5, 4.5, 120), np.linspace(-1.7, 1.7, 80))
    ends = []
    for place, (name, path) in zip(np.atleast_1d(axes), paths.items(), strict=True):
        place.contour(x, y, 0.5 * (x**2 + steepness * y**2), levels=np.geomspace(0.3, 60, 9), colors=GREY, linewidths=0.6)
        place.plot(path[:, 0], path[:, 1], "o-", color=BLUE, markersize=3, linewidth=1)
        place.plot(0, 0, "*", color=RED, markersize=14)
        place.set(title=name, xlim=(-10.5, 4.5), ylim=(-1.7, 1.7))
        ends.append(f"{name} ends at distance {np.hypot(*path[-1]):.2f}")
    return figure, f"Paths down a long narrow valley towards a red star: {'; '.join(ends)}."


def draw_curves(losses: Sequence[float], shares: Sequence[float]) -> tuple[Figure, str]:
    """Training loss and share of held-out images that are right, over the epochs."""
    epochs = np.arange(1, len(losses) + 1)
    figure, axes = new_figure(1, 2, width=9.0, height=2.8)
    axes[0].plot(epochs, losses, "o-", color=BLUE, markersize=3)
    axes[0].set(xlabel="epoch", yscale="log")
    axes[0].set_title("Mean training loss")
    axes[1].plot(epochs, np.multiply(shares, 100), "s-", color=ORANGE, markersize=3)
    axes[1].axhline(95, color=GREY, linestyle=":")
    axes[1].set(xlabel="epoch")
    axes[1].set_title("Held-out digits right, per cent")
    last = f"after {len(losses)} epochs loss {losses[-1]:.3f} and {shares[-1]:.1%}" if len(losses) else "nothing yet"
    return figure, f"The loss falls and the share of held-out digits that are right rises: {last}."


class TrainingView:
    """A progress bar and a live curve while a net trains; a line an epoch where widgets do not run."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.losses: list[float] = []
        self.shares: list[float] = []
        self._bar, self._picture = _progress_widgets(epochs)

    def add(self, loss: float, share: float) -> None:
        """Note an epoch's mean training loss and the share of held-out images that are right."""
        self.losses.append(float(loss))
        self.shares.append(float(share))
        done = len(self.losses)
        words = f"epoch {done} of {self.epochs}: loss {loss:.3f}, held-out {share:.1%}"
        if self._bar is None:
            print(words)
            return
        self._bar.value = done
        self._bar.description = words
        if done % 5 == 0:
            self._picture.value = figure_html(*draw_curves(self.losses, self.shares))
        if done == self.epochs:
            self._picture.value = ""  # the still figure takes over

    def curves(self) -> tuple[Figure, str]:
        """The figure of both curves and its text alternative."""
        return draw_curves(self.losses, self.shares)


def _progress_widgets(epochs: int) -> tuple[Any, Any]:
    try:
        import ipywidgets
        from IPython.core.getipython import get_ipython
        from IPython.display import display
    except ImportError:
        return None, None
    if not hasattr(get_ipython(), "kernel"):
        return None, None
    bar = ipywidgets.IntProgress(0, 0, epochs, layout={"width": "95%"}, style={"description_width": "initial"})
    picture = ipywidgets.HTML()
    display(ipywidgets.VBox([bar, picture]))
    return bar, picture


def _valid(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return np.tensordot(sliding_window_view(image, kernel.shape), kernel, axes=2)


def _until(numbers: np.ndarray, step: int, title: str, below: str) -> Panel:
    """The first step + 1 numbers in reading order, the last of them outlined; the others are still blank."""
    shown = np.where(np.arange(numbers.size).reshape(numbers.shape) <= step, numbers, np.nan)
    return Panel(shown, title, below, box=(*divmod(step, numbers.shape[1]), 1, 1), limit=float(np.abs(numbers).max()))
