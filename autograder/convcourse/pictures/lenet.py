"""Unit 09: drawings of LeNet-5, its table of connections, its training and its errors."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convcourse.colours import ALWAYS_DARK, ink_on
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, draw_image, figure_html, new_figure
from convcourse.judging.calling import is_judged

CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")

EVENTS = (
    (1962, "Hubel, Wiesel:\nsimple and complex\ncells in the cat"),
    (1979, "Fukushima: neocognitron,\nconvolution and pooling\n(in English: 1980)"),
    (1989, "LeCun and others:\ntrained by back-\npropagation, zip codes"),
    (1998, "LeCun and others:\nLeNet-5, cheques"),
    (2012, "AlexNet wins\nthe ImageNet\nchallenge"),
)

# Name, pixels a side, maps.
STAGES = (("input", 32, 1), ("C1", 28, 6), ("S2", 14, 6), ("C3", 10, 16), ("S4", 5, 16))
DENSE = (("C5", 120), ("F6", 84), ("output", 10))

# Name, year, training, test, classes, rows, cols, channels.
DATA_SETS = (
    ("MNIST", 1998, 60_000, 10_000, 10, 28, 28, 1),
    ("NORB (small)", 2004, 25 * 9 * 18 * 6, 25 * 9 * 18 * 6, 5, 96, 96, 2),
    ("Caltech-101", 2004, 9_144, 0, 102, None, None, 3),
    ("Caltech-256", 2007, 30_607, 0, 257, None, None, 3),
    ("CIFAR-10", 2009, 50_000, 10_000, 10, 32, 32, 3),
    ("CIFAR-100", 2009, 50_000, 10_000, 100, 32, 32, 3),
    ("ImageNet", 2009, 14_197_122, 0, 21_841, None, None, 3),
    ("SVHN", 2011, 73_257, 26_032, 10, 32, 32, 3),
    ("ImageNet challenge", 2012, 1_281_167, 150_000, 1_000, None, None, 3),
    ("Fashion-MNIST", 2017, 60_000, 10_000, 10, 28, 28, 1),
)


def show_data_sets() -> None:
    """Show the table of data sets, with the images a class and the megabytes that follow from it."""
    columns = ["data set", "year", "training", "test", "classes", "rows", "cols", "channels"]
    sets = pd.DataFrame(DATA_SETS, columns=columns)
    images = sets["training"] + sets["test"]
    sets["images a class"] = images // sets["classes"]
    sets["megabytes"] = images * sets["rows"] * sets["cols"] * sets["channels"] / 1e6
    formats = dict.fromkeys(["training", "test", "classes", "images a class"], "{:,}")
    formats |= dict.fromkeys(["rows", "cols"], "{:.0f}") | {"megabytes": "{:,.0f}"}
    display(sets.style.format(formats, na_rep="varies").hide(axis="index"))


def timeline_figure(events: Sequence[tuple[int, str]] = EVENTS) -> tuple[Figure, str]:
    """Years on a line, what happened above and below it in turn."""
    figure, axes = new_figure(width=10, height=2.3)
    years = [year for year, _ in events]
    axes.plot([min(years) - 3, max(years) + 5], [0, 0], color=GREY, linewidth=2)
    axes.plot(years, np.zeros(len(years)), "o", color=BLUE, markersize=9)
    for number, (year, words) in enumerate(events):
        side = 1 if number % 2 else -1
        text = f"{year}\n{words}"
        axes.annotate(
            text, (year, 0), (0, 11 * side), textcoords="offset points", ha="center", va="bottom" if side > 0 else "top"
        )
    axes.set(title="Half a century of convolutional nets", ylim=(-1, 1), yticks=[], xticks=[], xlim=(1954, 2021))
    axes.spines[:].set_visible(False)
    return figure, "A line of years. " + " ".join(f"{year}: {words}.".replace("\n", " ") for year, words in events)


def diagram_figure() -> tuple[Figure, str]:
    """LeNet-5 from left to right: stacks of maps, drawn to scale, then columns of units."""
    figure, axes = new_figure(width=11, height=3.0)
    left = 0.0
    for name, side, maps in STAGES:
        step = 0.9
        for number in range(maps):
            corner = (left + step * number, -side / 2 + step * (number - maps / 2))
            axes.add_patch(Rectangle(corner, side, side, facecolor="white", edgecolor=BLUE if name[0] != "S" else ORANGE))
        width = side + step * (maps - 1)
        axes.text(left + width / 2, 25, f"{name}\n{maps} @ {side}×{side}", ha="center", va="bottom")
        left += width + 11
    for name, units in DENSE:
        axes.add_patch(Rectangle((left, -units / 5), 3, units / 2.5, facecolor=GREEN, alpha=0.5))
        axes.text(left + 1.5, 25, f"{name}\n{units}", ha="center", va="bottom")
        left += 16
    axes.set(xlim=(-3, left - 4), ylim=(-25, 33), xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(False)
    axes.set_title("LeNet-5: blue maps are convolved, orange ones pooled, green units fully connected")
    sizes = [f"{name} {maps} maps of {side} by {side}" for name, side, maps in STAGES] + [
        f"{name} {n} units" for name, n in DENSE
    ]
    return figure, "LeNet-5 from left to right: " + ", ".join(sizes) + "."


def connections_figure(mask: np.ndarray, chosen: int) -> tuple[Figure, str]:
    """The table of connections with one map's column framed, and this map with the inputs that it sees."""
    inputs, outputs = mask.shape
    figure, axes = new_figure(1, 2, width=11, height=3.2)
    axes[0].imshow(mask, cmap="Blues", vmin=0, vmax=2.2, aspect="equal")
    for row, column in np.argwhere(mask):
        axes[0].text(column, row, "X", ha="center", va="center", fontsize=10, color=ALWAYS_DARK)
    axes[0].add_patch(Rectangle((chosen - 0.5, -0.5), 1, inputs, fill=False, edgecolor=ORANGE, linewidth=3))
    axes[0].set_xticks(range(outputs))
    axes[0].set_yticks(range(inputs))
    axes[0].set(title="who sees whom", xlabel="map of C3", ylabel="map of S2")
    axes[0].tick_params(length=0)
    place = axes[1]
    for number in range(inputs):
        height = inputs - 1 - number
        sees = bool(mask[number, chosen])
        place.add_patch(Rectangle((0, height), 0.7, 0.7, facecolor=BLUE if sees else "white", edgecolor=BLUE, alpha=0.6))
        place.text(-0.25, height + 0.35, str(number), ha="right", va="center")
        if sees:
            place.plot([0.7, 4], [height + 0.35, inputs / 2 - 0.15], color=BLUE, linewidth=1.5)
    place.add_patch(Rectangle((4, inputs / 2 - 0.5), 0.7, 0.7, facecolor=ORANGE, edgecolor=ORANGE, alpha=0.7))
    place.text(4.95, inputs / 2 - 0.15, f"map {chosen}", va="center")
    place.set(xlim=(-0.8, 6), ylim=(-0.3, inputs), xticks=[], yticks=[], aspect="equal")
    place.spines[:].set_visible(False)
    seen = np.flatnonzero(mask[:, chosen]).tolist()
    place.set_title(f"map {chosen} sees {len(seen)} maps of S2")
    return figure, f"Table of {inputs} by {outputs} crosses; map {chosen} of C3 sees the maps {seen} of S2."


def cost_figure(names: Sequence[str], parameters: Sequence[int], connections: Sequence[int]) -> tuple[Figure, str]:
    """Where the parameters are, and where the work is, in per cent."""
    figure, axes = new_figure(width=8.5, height=2.7)
    shares = [100 * np.asarray(counts, float) / np.sum(counts) for counts in (parameters, connections)]
    for shift, share, colour, hatch, label in zip(
        (-0.2, 0.2), shares, (BLUE, ORANGE), ("", "//"), ("parameters", "connections"), strict=True
    ):
        bars = axes.bar(np.arange(len(names)) + shift, share, 0.4, color=colour, hatch=hatch, edgecolor="white", label=label)
        axes.bar_label(bars, fmt="%.0f", fontsize=9)
    axes.set(title="Parameters and connections, per cent of all", ylabel="per cent", ylim=(0, 95))
    axes.set_xticks(np.arange(len(names)), names)
    axes.legend(loc="upper left")
    parts = [f"{name} {a:.0f} and {b:.0f}" for name, a, b in zip(names, *shares, strict=True)]
    return figure, "Per cent of the parameters and of the connections: " + ", ".join(parts) + "."


def three_counts(names: Sequence[str], lecture: Sequence[int], today: Sequence[int]) -> pd.DataFrame:
    """Parameters of each layer, three times, and the paper's connections; the last row is the sum.

    names: C1, S2, C3, S4, C5, F6, output; lecture, today: parameters of these layers.
    """
    table = pd.DataFrame({"lecture": lecture, "today": today, "paper": lecture}, index=list(names))
    table.loc[["S2", "S4", "output"], "paper"] = [2 * 6, 2 * 16, 0]
    table["connections"] = table["lecture"] * [28 * 28, 0, 10 * 10, 0, 1, 1, 0]
    pooled = np.array([6 * 14 * 14, 16 * 5 * 5])  # each of them sees four pixels and a bias
    table.loc[["S2", "S4"], "connections"] = pooled * (4 + 1)
    table.loc["output", "connections"] = 10 * 84
    table.loc["sum"] = table.sum()
    return table


def sheet(images: np.ndarray, titles: Sequence[str], columns: int = 10) -> Figure:
    """Many small images in rows, dark on light as on paper; images (count, rows, cols)."""
    rows = -(-len(images) // columns)
    figure, axes = new_figure(rows, columns, width=11, height=1.45 * rows)
    for place, image, title in zip(axes.flat, images, titles, strict=False):
        draw_image(place, -image.astype(float), title)  # ink is dark, as on paper
        place.title.set(fontsize=9, fontweight="normal")
    for place in axes.flat[len(images) :]:
        place.axis("off")
    return figure


def errors_figure(images: np.ndarray, labels: np.ndarray, answers: np.ndarray, sure: np.ndarray, chosen: np.ndarray) -> Figure:
    """The chosen images with their label, the net's answer and its probability."""
    words = [f"{CLOTHES[labels[n]]}\n→ {CLOTHES[answers[n]]} {sure[n]:.0%}" for n in chosen]
    return sheet(images[chosen], words)


def connect(model: keras.Model, mask: np.ndarray) -> keras.Model:
    """Cut the connections that the table does not have: in the model's C3 their kernels are 0 now and stay 0 in training."""
    shape = (5, 5, *mask.shape)
    kernel = next(weight for weight in model.weights if tuple(weight.shape) == shape)
    kept = mask.astype("float32")
    kernel.assign(kernel * kept)
    kernel.constraint = lambda weights: weights * kept
    return model


class LiveCurve(keras.callbacks.Callback):
    """Draws loss and accuracy after every epoch, before the first one too; goes on over several calls of `fit`.

    parts: name -> (images, labels), training first; only the first `most` images of each are looked at.
    epochs: how many there will be in all.
    """

    def __init__(self, parts: dict[str, tuple[np.ndarray, np.ndarray]], epochs: int, most: int) -> None:
        super().__init__()
        self.parts = {name: (images[:most], labels[:most]) for name, (images, labels) in parts.items()}
        self.epochs = epochs
        self.losses: list[list[float]] = []
        self.accuracies: list[list[float]] = []
        self._start = time.perf_counter()

    def on_train_begin(self, logs: Any = None) -> None:
        if not self.losses:
            self._measure()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._measure()

    def _measure(self) -> None:
        numbers = [scores(self.model, *part) for part in self.parts.values()]
        self.losses.append([loss for loss, _ in numbers])
        self.accuracies.append([share for _, share in numbers])
        if not is_judged():
            self._show()

    def _show(self) -> None:
        try:
            from IPython.display import display, update_display
        except ImportError:
            return
        done, passed = len(self.losses) - 1, time.perf_counter() - self._start
        left = f", about {passed / done * (self.epochs - done):.0f} s left" if 0 < done < self.epochs else ""
        bar = f"<progress value='{done}' max='{self.epochs}'></progress> epoch {done} of {self.epochs}{left}"
        figure, alt = curves_figure(list(self.parts), self.losses, self.accuracies, self.epochs)
        data = {"text/html": f"{figure_html(figure, alt)}<br>{bar}", "text/plain": alt}
        shower = update_display if done else display
        shower(data, raw=True, display_id=f"curve-{id(self)}")


def scores(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy and share of right answers."""
    probabilities = np.asarray(model(images, training=False))
    right = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, 1e-7)).mean()), float((probabilities.argmax(axis=1) == labels).mean())


def curves_figure(
    names: Sequence[str], losses: Sequence[Sequence[float]], accuracies: Sequence[Sequence[float]], epochs: int
) -> tuple[Figure, str]:
    """Loss and accuracy after each epoch, one line a part of the data."""
    figure, axes = new_figure(1, 2, width=10, height=2.9)
    for place, values, title in zip(axes, (losses, accuracies), ("Loss", "Accuracy"), strict=True):
        for name, line, style in zip(names, np.transpose(values), ("o-", "^--"), strict=True):
            place.plot(np.arange(len(line)), line, style, label=name)
        place.set(title=title, xlabel="epoch", xlim=(-0.3, epochs + 0.3))
    axes[0].set(ylim=(0, 2.6))
    axes[0].axhline(np.log(10), color="black", linestyle=":", linewidth=1)
    axes[0].annotate("ln 10: guessing", (epochs, np.log(10)), (0, 3), textcoords="offset points", ha="right")
    axes[1].set(ylim=(0, 1), yticks=np.arange(0, 1.01, 0.2))
    axes[1].legend(loc="lower right")
    now = ", ".join(
        f"{name} loss {a:.2f}, accuracy {b:.2f}" for name, a, b in zip(names, losses[-1], accuracies[-1], strict=True)
    )
    return figure, f"Loss and accuracy after {len(losses) - 1} of {epochs} epochs: {now}."


def confusion_figure(matrix: np.ndarray, names: Sequence[str] = CLOTHES) -> tuple[Figure, str]:
    """The confusion matrix as a picture with its numbers; the colour shows the share of the row."""
    figure, axes = new_figure(width=7, height=5.4)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    shown = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            colour = ink_on(shown.to_rgba(shares[row, column]))
            axes.text(column, row, f"{count:g}", ha="center", va="center", fontsize=9, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(title="What is taken for what?", xlabel="the net's answer", ylabel="right class")
    axes.spines[:].set_visible(False)
    figure.colorbar(shown, ax=axes, shrink=0.8, label="share of the right class")
    off = matrix - np.diag(np.diag(matrix))
    row, column = np.unravel_index(off.argmax(), off.shape)
    return figure, f"Confusion matrix; most often a {names[row]} is taken for a {names[column]}: {off[row, column]:g} times."


def first_filters_figure(model: keras.Model, image: np.ndarray) -> tuple[Figure, str]:
    """The six kernels of C1 above the maps that they make of one image (rows, cols, 1)."""
    layer = next(layer for layer in model.layers if layer.weights)
    kernels = np.asarray(layer.kernel)[:, :, 0]
    maps = np.asarray(layer(image[None]))[0]
    figure, axes = new_figure(2, 7, width=11, height=3.4)
    axes[0, 0].axis("off")
    draw_image(axes[1, 0], -image[..., 0], "image")
    for number in range(6):
        _draw_kernel(axes[0, number + 1], kernels[:, :, number], f"kernel {number}")
        draw_image(axes[1, number + 1], maps[:, :, number], f"map {number}", symmetric=True)
    return (
        figure,
        "Six learned kernels of 5 by 5, and what each makes of a picture: edges of several directions.",
    )


def second_filters_figure(kernel: np.ndarray) -> tuple[Figure, str]:
    """All kernels of C3: a row for each input map, a column for each output map; empty where there is no connection."""
    _, _, inputs, outputs = kernel.shape
    figure, axes = new_figure(inputs, outputs, width=11, height=4.3)
    limit = float(np.percentile(np.abs(kernel), 99))
    for (row, column), place in np.ndenumerate(axes):
        place.set(xticks=[], yticks=[])
        if kernel[:, :, row, column].any():
            _draw_kernel(place, kernel[:, :, row, column], "", limit)
        else:
            place.spines[:].set_visible(False)
        if row == 0:
            place.set_title(str(column), fontsize=9, fontweight="normal")
        if column == 0:
            place.set_ylabel(str(row), rotation=0, labelpad=8, va="center")
    holes = sum(not kernel[:, :, n, m].any() for n in range(inputs) for m in range(outputs))
    figure.suptitle("Kernels of C3: a row for each map of S2, a column for each map of C3", fontsize=11, fontweight="bold")
    return (
        figure,
        f"{inputs} rows and {outputs} columns of kernels; {holes} places are empty, as in the table of connections.",
    )


def _draw_kernel(axes: Axes, kernel: np.ndarray, title: str, limit: float | None = None) -> None:
    largest = limit or float(np.abs(kernel).max()) or 1.0
    axes.imshow(kernel, cmap="PuOr_r", vmin=-largest, vmax=largest)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title)
