"""Unit 20: digits thrown into noisy frames, drawings of grids and windows, and a diary of the training."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import keras
import numpy as np
import scipy.ndimage
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle

from convcourse.colours import ALWAYS_LIGHT
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, RED, draw_image, draw_numbers, new_figure
from convcourse.judging.calling import is_judged

SIDE = 32  # pixels of a frame
TURN = 50.0  # degrees to either side
SIZES = (1.4, 2.4)  # how much a digit of 8 × 8 is enlarged
NOISE = 0.1
TRAINING_DIGITS = 1300  # of scikit-learn's 1,797; the test frames are made from the others


@dataclass(frozen=True)
class Frames:
    """Digits in frames, and how each got there.

    images: (count, 32, 32, 1), ink about 1; labels: (count,).
    thetas: (count, 2, 3), the window that holds the whole digit upright, as θ.
    """

    images: np.ndarray
    labels: np.ndarray
    thetas: np.ndarray


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.images))
    return np.pad(found.images[order] / 16, [(0, 0), (1, 1), (1, 1)]), found.target[order]


def distorted_digits(count: int, part: str, seed: int = 1) -> Frames:
    """Digits of scikit-learn, turned, enlarged, put somewhere into a noisy frame.

    part: "training" or "test"; the two have no digit in common.
    """
    digits, labels = _digits()
    first, stop = (0, TRAINING_DIGITS) if part == "training" else (TRAINING_DIGITS, len(digits))
    generator = np.random.default_rng([seed, first])
    chosen = generator.integers(first, stop, size=count)
    row, col = np.mgrid[:SIDE, :SIDE].astype(float)
    middle = (SIDE - 1) / 2
    images, thetas = np.empty((count, SIDE, SIDE), dtype=np.float32), np.empty((count, 2, 3))
    for number, digit in enumerate(chosen):
        scale, angle = generator.uniform(*SIZES), np.deg2rad(generator.uniform(-TURN, TURN))
        y0, x0 = generator.uniform(4.4 * scale, SIDE - 1 - 4.4 * scale, size=2)
        cos, sin = np.cos(angle), np.sin(angle)
        y = (cos * (row - y0) + sin * (col - x0)) / scale + 4.5
        x = (cos * (col - x0) - sin * (row - y0)) / scale + 4.5
        images[number] = scipy.ndimage.map_coordinates(digits[digit], [y, x], order=1)
        turned = 4.5 * scale / middle * np.array([[cos, sin], [-sin, cos]])
        thetas[number] = np.column_stack([turned, [x0 / middle - 1, y0 / middle - 1]])
    images += generator.normal(scale=NOISE, size=images.shape).astype(np.float32)
    return Frames(images[..., None], labels[chosen], thetas)


def photograph(side: int = 96) -> np.ndarray:
    """The face of scikit-image's cat in colour, float 0 … 1, (side, side, 3)."""
    from skimage import data
    from skimage.transform import resize

    return np.asarray(resize(data.chelsea()[:, 85:385], (side, side), anti_aliasing=True))


def central_differences(loss: Callable[[np.ndarray], float], values: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """The slope of a loss along each of its values: (loss(v + step) − loss(v − step)) / (2 · step)."""
    slopes = np.zeros(values.shape)
    for place in np.ndindex(values.shape):
        nudge = np.zeros(values.shape)
        nudge[place] = step
        slopes[place] = (loss(values + nudge) - loss(values - nudge)) / (2 * step)
    return slopes


# --- drawings ----------------------------------------------------------------------------------


def sheet_figure(frames: Frames, count: int, columns: int = 10) -> tuple[Figure, str]:
    """The first frames in rows, dark on light as on paper."""
    rows = -(-count // columns)
    figure, axes = new_figure(rows, columns, width=11, height=1.35 * rows)
    for place, image, label in zip(axes.flat, frames.images[:count], frames.labels, strict=False):
        _ink(place, image)
        place.set_title(str(label), fontsize=10)
    return figure, f"{count} noisy frames, each with one digit that is small, turned and off centre."


def parts_figure() -> tuple[Figure, str]:
    """The three parts of a spatial transformer, and the way of the data."""
    figure, axes = new_figure(width=10.5, height=2.9)
    boxes = {
        "input U\n32 × 32": (0.0, 1.0, GREY),
        "localisation net\nwhere to look?": (2.6, 2.2, ORANGE),
        "grid generator\nwhich points?": (6.2, 2.2, BLUE),
        "sampler\nwhat is there?": (6.2, 0.4, GREEN),
        "window V\n16 × 16": (8.8, 0.4, GREY),
        "classifier": (11.1, 0.4, GREY),
    }
    for words, (left, bottom, colour) in boxes.items():
        axes.add_patch(Rectangle((left, bottom), 1.8, 0.9, facecolor=colour + "22", edgecolor=colour, linewidth=1.8))
        axes.text(left + 0.9, bottom + 0.45, words, ha="center", va="center", fontsize=9.5)
    arrows = [
        ((1.8, 1.6), (2.6, 2.5), ""),
        ((1.8, 1.3), (6.2, 0.85), ""),
        ((4.4, 2.65), (6.2, 2.65), "θ: 6 numbers"),
        ((7.1, 2.2), (7.1, 1.3), "  x, y of each\n  sampling point"),
        ((8.0, 0.85), (8.8, 0.85), ""),
        ((10.6, 0.85), (11.1, 0.85), ""),
    ]
    for start, end, words in arrows:
        axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=14, color="black"))
        upright = start[0] == end[0]
        if words and upright:
            axes.text(start[0], (start[1] + end[1]) / 2, words, ha="left", va="center", fontsize=9)
        elif words:
            axes.text((start[0] + end[0]) / 2, start[1] + 0.12, words, ha="center", va="bottom", fontsize=9)
    axes.set(xlim=(-0.1, 13.0), ylim=(0.2, 3.4), title="A spatial transformer: everything in it can be differentiated")
    axes.axis("off")
    return figure, "The input goes to the localisation net, its six numbers to the grid generator, its points to the sampler."


def push_figure(digit: np.ndarray, scale: float, degrees: float) -> tuple[Figure, str]:
    """A square image turned and enlarged, twice: pixels sent to new places, and places that fetch their pixel."""
    side, angle = len(digit), np.deg2rad(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = (side - 1) / 2
    places = np.moveaxis(np.mgrid[:side, :side], 0, -1) - middle
    pushed = np.full(digit.shape, np.nan)
    to = np.rint(places @ turn.T + middle).astype(int)
    kept = ((to >= 0) & (to < side)).all(axis=-1)
    pushed[tuple(to[kept].T)] = digit[kept]
    back = np.clip(np.rint(places @ np.linalg.inv(turn).T + middle).astype(int), 0, side - 1)
    pulled = digit[back[..., 0], back[..., 1]]
    holes = np.argwhere(np.isnan(pushed))
    figure, axes = new_figure(1, 3, width=9, height=3.0)
    titles = ("a frame", f"pushed: {len(holes)} holes", "pulled: no holes")
    for place, image, title in zip(axes, (digit, np.nan_to_num(pushed), pulled), titles, strict=True):
        _ink(place, image)
        place.set_title(title)
    axes[1].plot(holes[:, 1], holes[:, 0], "x", color=RED, markersize=3)
    return figure, f"A digit; turned and enlarged by pushing, with {len(holes)} holes; the same by pulling, without holes."


def window_figure(image: np.ndarray, y: np.ndarray, x: np.ndarray, window: np.ndarray, title: str) -> tuple[Figure, str]:
    """An image with the sampling points on it (their first row in orange), beside what the sampler fetched there."""
    figure, axes = new_figure(1, 2, width=9.5, height=3.4)
    axes[0].imshow(image, cmap="gray", vmin=0, vmax=1)
    step = max(1, len(y) // 12)
    axes[0].plot(x[::step, ::step].ravel(), y[::step, ::step].ravel(), ".", color=BLUE, markersize=3.5)
    axes[0].plot(x[0], y[0], color=ORANGE, linewidth=3)
    axes[0].add_patch(Polygon(_corners(y, x), fill=False, edgecolor=BLUE, linewidth=1.5))
    rows, cols = image.shape[:2]
    axes[0].set(xlim=(-0.12 * cols, 1.12 * cols), ylim=(1.12 * rows, -0.12 * rows), title=title)
    axes[1].imshow(np.clip(window, 0, 1), cmap="gray", vmin=0, vmax=1)
    axes[1].plot([-0.5, window.shape[1] - 0.5], [-0.5, -0.5], color=ORANGE, linewidth=6)
    axes[1].set_title("the window: its top edge is orange")
    for place in axes:
        place.set(xticks=[], yticks=[])
        place.spines[:].set_visible(False)
    share = float(np.mean((x < 0) | (x > cols - 1) | (y < 0) | (y > rows - 1)))
    return figure, f"{title}: the grid of points lies on the photograph, {share:.0%} of it outside; beside it the window."


def border_figure(sample: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> tuple[Figure, str]:
    """What a function `sample(row, x)` reads from a row of five pixels, on both sides beyond its ends."""
    row, x = np.array([3.0, 1.0, 2.0, 4.0, 3.0]), np.linspace(-1.99, 5.99, 400)
    values = np.asarray(sample(row, x), float)
    half_out = [float(np.interp(place, x, values)) for place in (-0.5, 4.5)]
    figure, axes = new_figure(width=8.5, height=2.8)
    axes.vlines(range(5), 0, row, color=GREY, linewidth=2)
    axes.plot(range(5), row, "o", color=GREY, label="pixels")
    axes.plot(x, values, color=BLUE, label="what is read")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(xlabel="x in pixels", xticks=range(-2, 7))
    axes.legend(loc="upper right")
    axes.set_title("Half a pixel beyond the ends: {:.2f} on the left, {:.2f} on the right".format(*half_out))
    return figure, "Five pixels of a row and the values read between and beside them; at −0.5 {:.2f}, at 4.5 {:.2f}.".format(
        *half_out
    )


def neighbours_figure(image: np.ndarray, y: float, x: float) -> tuple[Figure, str]:
    """A point between four pixels with their weights."""
    figure, axes = new_figure(1, 2, width=8, height=3.1)
    draw_numbers(axes[0], image, "the image, and the point asked for")
    axes[0].plot(x, y, "o", color=RED, markersize=10, markeredgecolor=ALWAYS_LIGHT)
    weights = np.outer([1 - y, y], [1 - x, x])
    draw_numbers(axes[1], weights, "the weights of the four pixels", digits=".3f")
    axes[1].plot(x, y, "o", color=RED, markersize=10, markeredgecolor=ALWAYS_LIGHT)
    value = float((image * weights).sum())
    return figure, f"Four pixels and a point at y = {y}, x = {x}; its value is {value:g}."


def kernels_figure() -> tuple[Figure, str]:
    """The two sampling kernels of the lecture and their slopes."""
    figure, axes = new_figure(1, 2, width=9.5, height=2.7)
    d = np.linspace(-1.6, 1.6, 641)
    tent, box = np.maximum(0, 1 - np.abs(d)), ((d > -0.5) & (d <= 0.5)).astype(float)
    for place, values, slope, name in (
        (axes[0], box, np.zeros_like(d), "closest pixel: slope 0, nothing to learn from"),
        (axes[1], tent, np.where(np.abs(d) < 1, -np.sign(d), 0), "bilinear: slope 1, −1 or 0"),
    ):
        place.plot(d, values, color=BLUE, linewidth=2, label="weight")
        place.plot(d, slope, "--", color=ORANGE, linewidth=1.8, label="its slope")
        place.set(title=name, xlabel="distance from the point to the pixel", ylim=(-1.2, 1.3))
        place.axhline(0, color="black", linewidth=0.5)
    axes[0].legend(loc="lower right")
    return figure, "Left a box of height 1 with slope zero everywhere; right a tent with slopes plus and minus one."


def search_figure(
    photo: np.ndarray, windows: Sequence[np.ndarray], target: np.ndarray, trace: Sequence[Any], losses: Any
) -> tuple[Figure, str]:
    """Gradient descent on θ: outlines on the image, some windows on the way, the one looked for, and the loss."""
    figure, axes = new_figure(1, 3 + len(windows), width=11.5, height=2.4)
    axes[0].imshow(photo, cmap="gray", vmin=0, vmax=1)
    for number, (y, x) in enumerate(trace):
        last = number == len(trace) - 1
        outline = Polygon(_corners(y, x), fill=False, edgecolor=ORANGE if last else BLUE, linewidth=2.5 if last else 0.9)
        axes[0].add_patch(outline)
    axes[0].set_title("the grid's way")
    for place, window, name in zip(
        axes[1:], [*windows, target], [*("start", "on the way", "end")[: len(windows)], "wanted"], strict=False
    ):
        place.imshow(window, cmap="gray", vmin=0, vmax=1)
        place.set_title(name)
    for place in axes[:-1]:
        place.set(xticks=[], yticks=[])
    axes[-1].semilogy(losses, color=BLUE)
    axes[-1].set(title="loss", xlabel="step")
    return figure, "A square turns and shrinks onto the hidden window of the blurred photograph; the loss falls by orders."


def diary_figure(frames: np.ndarray, diary: Diary) -> tuple[Figure, str]:
    """Inputs with the last outline, and under them the windows at the chosen epochs."""
    epochs = sorted(diary.windows)
    figure, axes = new_figure(1 + len(epochs), len(frames), width=11, height=1.12 * (1 + len(epochs)))
    for column, frame in enumerate(frames):
        _ink(axes[0, column], frame)
        outline(axes[0, column], diary.thetas[epochs[-1]][column])
        for row, epoch in enumerate(epochs, start=1):
            _ink(axes[row, column], diary.windows[epoch][column])
    words = ["frame", *("start" if epoch == 0 else f"epoch {epoch}" for epoch in epochs)]
    for row, name in enumerate(words):
        axes[row, 0].axis("on")
        axes[row, 0].set(xticks=[], yticks=[])
        axes[row, 0].spines[:].set_visible(False)
        axes[row, 0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure, "Ten frames with the learned window outlined; under each the windows from the start to the last epoch."


def outline(axes: Axes, theta: np.ndarray, colour: str = RED) -> None:
    """Draw where the window of θ lies in a frame; a thick line is its top edge."""
    a = np.reshape(theta, (2, 3))
    corners = np.array([[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]]) @ a.T
    pixels = (corners + 1) / 2 * (SIDE - 1)
    axes.add_patch(Polygon(pixels, fill=False, edgecolor=colour, linewidth=1.2))
    axes.plot(*pixels[:2].T, color=colour, linewidth=2.8, scalex=False, scaley=False)


def truth_figure(learned: np.ndarray, true: np.ndarray) -> tuple[Figure, str]:
    """How the learned windows follow the digits: place, size and turn, learned against true, with the correlations."""
    figure, axes = new_figure(1, 3, width=11, height=3.0)
    pairs = [
        ("place (x)", learned[:, 0, 2], true[:, 0, 2]),
        ("size", *(np.sqrt(np.abs(np.linalg.det(t[:, :, :2]))) for t in (learned, true))),
        ("turn in degrees", *(_turn(t) for t in (learned, true))),
    ]
    found = []
    for place, (name, ours, theirs) in zip(axes, pairs, strict=True):
        found.append(float(np.corrcoef(theirs, ours)[0, 1]))
        place.plot(theirs, ours, ".", color=BLUE, markersize=3, alpha=0.5)
        place.set(title=f"{name}: r = {found[-1]:.2f}", xlabel="of the digit", ylabel="of the window")
    words = ", ".join(f"{name} {r:.2f}" for (name, *_), r in zip(pairs, found, strict=True))
    return figure, f"The learned windows against the digits' true pose; correlations: {words}."


def race_figure(curves: dict[str, list[list[float]]]) -> tuple[Figure, str]:
    """Test accuracy by epoch; one line a seed."""
    figure, axes = new_figure(width=8, height=3.0)
    for (name, lines), style, colour in zip(curves.items(), ("o-", "^--", "s:"), (BLUE, ORANGE, GREEN), strict=False):
        for number, line in enumerate(lines):
            axes.plot(np.arange(len(line)), line, style, color=colour, markersize=4, label=name if number == 0 else None)
    axes.axhline(0.1, color="black", linewidth=0.7, linestyle=":")
    axes.set(title="Accuracy on the test frames", xlabel="epoch", ylim=(0, 1))
    axes.legend(loc="upper left")
    ends = "; ".join(f"{name}: " + ", ".join(f"{line[-1]:.2f}" for line in lines) for name, lines in curves.items())
    return figure, f"Test accuracy by epoch. At the end {ends}."


def _turn(thetas: np.ndarray) -> np.ndarray:
    return np.rad2deg(np.arctan2(thetas[:, 0, 1] - thetas[:, 1, 0], thetas[:, 0, 0] + thetas[:, 1, 1]))


def _corners(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.array([[x[i, j], y[i, j]] for i, j in ((0, 0), (0, -1), (-1, -1), (-1, 0))])


def _ink(axes: Axes, image: np.ndarray) -> None:
    draw_image(axes, -np.squeeze(image), "")
    axes.images[0].set_clim(-1.1, 0.25)


# --- training ----------------------------------------------------------------------------------


class Diary(keras.callbacks.Callback):
    """Notes the accuracy on the test frames after every epoch (and before the first), and some windows on the way.

    accuracy: one number an epoch, beginning with epoch 0.
    windows, thetas: epoch -> what the model's layers "sampler" and "theta" give for `shown`.
    """

    def __init__(self, frames: Frames, name: str, epochs: int, shown: np.ndarray | None = None, at: Sequence[int] = ()) -> None:
        super().__init__()
        self.frames, self.name, self.epochs, self.shown, self.at = frames, name, epochs, shown, at
        self.accuracy: list[float] = []
        self.windows: dict[int, np.ndarray] = {}
        self.thetas: dict[int, np.ndarray] = {}
        self._start = time.perf_counter()

    def on_train_begin(self, logs: Any = None) -> None:
        self._note()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._note()

    def _note(self) -> None:
        epoch = len(self.accuracy)
        probabilities = np.asarray(self.model(self.frames.images, training=False))
        self.accuracy.append(float((probabilities.argmax(axis=1) == self.frames.labels).mean()))
        names = {layer.name for layer in self.model.layers}
        if self.shown is not None and epoch in self.at and "sampler" in names:
            self.windows[epoch] = look_through(self.model, "sampler", self.shown)
            self.thetas[epoch] = look_through(self.model, "theta", self.shown)
        self._progress(epoch)

    def _progress(self, epoch: int) -> None:
        if is_judged():
            return
        try:
            from IPython.display import display, update_display
        except ImportError:
            return
        left = (time.perf_counter() - self._start) / epoch * (self.epochs - epoch) if epoch else 0
        rest = f", about {left:.0f} s left" if 0 < epoch < self.epochs else ""
        text = f"{self.name}: epoch {epoch} of {self.epochs}, {self.accuracy[-1]:.1%} of the test frames right{rest}"
        data = {"text/html": f"<progress value='{epoch}' max='{self.epochs}'></progress> {text}", "text/plain": text}
        (update_display if epoch else display)(data, raw=True, display_id=f"diary-{id(self)}")


def look_through(model: keras.Model, layer: str, images: np.ndarray) -> np.ndarray:
    """What one layer of a model gives for these images."""
    return np.asarray(keras.Model(model.inputs[0], model.get_layer(layer).output)(images, training=False))
