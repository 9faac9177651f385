"""Unit 13: branches as boxes, costs as bars, kernels and the windows that they see, class maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from convcourse.colours import LINE, SOFT_INK
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, draw_image, new_figure

if TYPE_CHECKING:
    import keras

GARMENTS = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
# Colour of a box by what stands first in its text.
LOOKS = {
    "1×1": BLUE,
    "3×3": ORANGE,
    "5×5": RED,
    "max": GREY,
    "avg": GREY,
    "1×7": GREEN,
    "7×1": GREEN,
    "1×3": PURPLE,
    "3×1": PURPLE,
}


def draw_branches(axes: Axes, branches: Sequence[Sequence[str]], title: str, source: str, result: str) -> None:
    """A module: from one input at the bottom, branches of boxes side by side, joined at the top.

    branches: for each branch the texts of its boxes, from the input on.
    """
    tallest = max(len(branch) for branch in branches)
    width, step = 1.72, 1.05
    middle, top = (len(branches) - 1) * width / 2, tallest * step
    across = len(branches) * width - 0.2
    _box(axes, middle, -1.0, across, source, GREY)
    _box(axes, middle, top + 0.6, across, result, GREY)
    for place, branch in enumerate(branches):
        x, y = place * width, 0.0
        _arrow(axes, (x, -0.66), (x, -0.04))
        for text in branch:
            _box(axes, x, y + 0.3, width - 0.2, text, next((c for start, c in LOOKS.items() if text.startswith(start)), GREY))
            y += step
            if text is not branch[-1]:
                _arrow(axes, (x, y - 0.43), (x, y - 0.04))
        _arrow(axes, (x, y - 0.43), (x, top + 0.26))
    axes.set_xlim(-0.95, (len(branches) - 1) * width + 0.95)
    axes.set_ylim(-1.4, top + 1.2)
    axes.set_axis_off()
    axes.set_title(title)


def _box(axes: Axes, x: float, y: float, width: float, text: str, colour: str) -> None:
    shape = FancyBboxPatch(
        (x - width / 2, y - 0.32),
        width,
        0.64,
        boxstyle="round,pad=0.02,rounding_size=0.1",
        edgecolor=colour,
        facecolor=colour + "26",
    )
    axes.add_patch(shape)
    axes.text(x, y, text, ha="center", va="center", fontsize=9, linespacing=1.1)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", end, start, arrowprops={"arrowstyle": "-|>", "color": SOFT_INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0}
    )


def draw_two_modules(channels: int, numbers: Sequence[int]) -> tuple[Figure, str]:
    """The naive Inception module beside the one with reductions, with the numbers of a row of the table."""
    n1, r3, n3, r5, n5, projection = numbers
    naive = [[f"1×1\n{n1} maps"], [f"3×3\n{n3} maps"], [f"5×5\n{n5} maps"], [f"max pool\n{channels} maps"]]
    reduced = [
        [f"1×1\n{n1} maps"],
        [f"1×1\n{r3} maps", f"3×3\n{n3} maps"],
        [f"1×1\n{r5} maps", f"5×5\n{n5} maps"],
        ["max pool\n3×3", f"1×1\n{projection} maps"],
    ]
    figure, axes = new_figure(1, 2, width=11, height=3.9)
    joined = n1 + n3 + n5
    draw_branches(axes[0], naive, "Naive", f"{channels} maps", f"joined: {joined + channels} maps")
    draw_branches(axes[1], reduced, "With 1×1 reductions", f"{channels} maps", f"joined: {joined + projection} maps")
    return figure, (
        f"Two modules of four branches on {channels} maps. Naive: 1×1, 3×3, 5×5 and a pool, {joined + channels} maps joined. "
        f"With reductions: 1×1 before 3×3 and 5×5 and after the pool, {joined + projection} maps."
    )


def branch_texts(branches: Any) -> list[list[str]]:
    """The texts of a module of Inception v3, from its data."""
    return [[_step_text(step) for step in branch] for branch in branches]


def _step_text(step: Any) -> str:
    if isinstance(step, str):
        return {"average": "avg pool\n3×3"}.get(step, f"{step} pool\n3×3")
    if isinstance(step[0], tuple):
        return " | ".join(f"{branch[0][1]}×{branch[0][2]}" for branch in step) + f"\n{step[0][0][0]} + {step[1][0][0]}"
    filters, rows, cols, *rest = step
    return f"{rows}×{cols}{'/2' if rest and rest[0] == 2 else ''}\n{filters}"


def draw_v3_modules(*modules: Any) -> tuple[Figure, str]:
    """The three modules of Inception v3, from the library's data."""
    titles = ("On 35 × 35", "On 17 × 17: no 7×7", "On 8 × 8: row beside column")
    figure, axes = new_figure(1, 3, width=11.4, height=5.2)
    for place, title, branches in zip(axes, titles, modules, strict=True):
        joined = sum(_maps(branch[-1]) for branch in branches)
        draw_branches(place, branch_texts(branches), title, "maps", f"joined: {joined:,} maps")
    return figure, (
        "Branches of three modules. 35×35: 1×1, 5×5, two 3×3, pool. 17×17: chains of 1×7 and 7×1. "
        "8×8: forks of 1×3 and 3×1 side by side."
    )


def _maps(step: Any) -> int:
    """How many maps a step of a branch makes."""
    return sum(_maps(branch[-1]) for branch in step) if isinstance(step[0], tuple) else step[0]


def draw_mlpconv(channels: int, size: int, num_filters: Sequence[int]) -> tuple[Figure, str]:
    """One place of an mlpconv layer: a window, and behind it the layers of a small network."""
    figure, axes = new_figure(width=9, height=2.7)
    sizes = [size * size * channels, *num_filters]
    before = np.zeros(0)
    words = [f"the window\n{size}×{size}×{channels} numbers"]
    words += [f"{'convolution' if n == 0 else '1×1'}\n{number} units" for n, number in enumerate(num_filters)]
    for place, (count, word) in enumerate(zip(sizes, words, strict=True)):
        shown = 3 + round(4 * count / max(sizes))
        heights = np.linspace(-0.8, 0.8, shown) * (0.55 + 0.45 * count / max(sizes))
        for low in before:
            for high in heights:
                axes.plot([place * 2 - 2 + 0.1, place * 2 - 0.1], [low, high], color=LINE, linewidth=0.6, zorder=0)
        marker, colour = ("s", ORANGE) if place == 0 else ("o", BLUE)
        axes.plot([place * 2] * shown, heights, marker, color=colour, markersize=10)
        axes.text(place * 2, -1.12, word, ha="center", va="top", fontsize=9)
        before = heights
    axes.set_ylim(-1.75, 0.95)
    axes.set_xlim(-0.9, 2 * len(num_filters) + 0.9)
    axes.set_axis_off()
    axes.set_title("At every place the same small network looks through the window")
    chain = ", then ".join(map(str, num_filters))
    return figure, f"A window of {size}×{size}×{channels} numbers feeds {chain} units, each layer fully connected to the next."


# --- costs -------------------------------------------------------------------------------------


def draw_reduction(num_reduce: int) -> tuple[Figure, str]:
    """Products of 32 filters 5×5 on 28×28×192, at once and behind `num_reduce` 1×1 filters (0: none)."""
    places, channels, filters, window = 28 * 28, 192, 32, 25
    direct = places * channels * window * filters / 1e6
    first, second = places * channels * num_reduce / 1e6, places * num_reduce * window * filters / 1e6
    figure, axes = new_figure(width=9, height=2.2)
    axes.barh([1], [direct], color=RED, height=0.6)
    axes.text(direct + 1, 1, f"{direct:.1f} M", va="center")
    if num_reduce:
        axes.barh([0], [first], color=BLUE, height=0.6, label=f"{num_reduce} filters 1×1")
        axes.barh(
            [0], [second], left=[first], color=ORANGE, height=0.6, hatch="//", edgecolor="white", label="32 filters 5×5 on them"
        )
        axes.text(first + second + 1, 0, f"{first + second:.1f} M = {(first + second) / direct:.0%}", va="center")
        axes.legend(loc="lower right")
    axes.set_yticks([1, 0], ["5×5 at once", f"with {num_reduce} 1×1 first" if num_reduce else "no reduction"])
    axes.set_xlim(0, 190)
    axes.set_xlabel("million products")
    axes.set_title("What the 5×5 branch costs on 28 × 28 × 192")
    return figure, f"{direct:.1f} million products at once; with {num_reduce} 1×1 filters first {first + second:.1f} million."


def draw_rows(rows: Sequence[tuple[str, float, float, float, float]]) -> tuple[Figure, str]:
    """Bars for the rows of a table, with the printed number of each as a mark.

    rows: (name, weights in K, products in M, the two as printed).
    """
    names, *columns = zip(*rows, strict=True)
    figure, axes = new_figure(2, 1, width=9, height=5.2)
    places = np.arange(len(names))
    for number, words in enumerate(("weights in K (1,024)", "products in M")):
        axes[number].bar(places, columns[number], color=BLUE, width=0.62, label="counted by you")
        marks = {"color": ORANGE, "markeredgecolor": "black", "markersize": 7, "linestyle": "none"}
        axes[number].plot(places, columns[number + 2], "D", label="printed in the paper", **marks)
        axes[number].set_xticks(places, [name.replace("convolution", "conv") for name in names], fontsize=9)
        axes[number].set_title(f"GoogLeNet row by row: {words}")
        axes[number].legend()
    return figure, f"Bars of weights and of products for {len(names)} rows with the printed numbers as marks; most agree."


# --- kernels and windows -----------------------------------------------------------------------


def draw_factorised(chains: dict[str, Sequence[tuple[int, int]]]) -> tuple[Figure, str]:
    """For each chain of kernels its grids, one behind the other, inside the window that they see."""
    figure, axes = new_figure(1, len(chains), width=11, height=3.0)
    for place, (title, kernels) in zip(axes, chains.items(), strict=True):
        left = 0.0
        for number, (rows, cols) in enumerate(kernels):
            colour = (BLUE, ORANGE)[number % 2]
            for r in range(rows):
                for c in range(cols):
                    corner = (left + c, -r + rows / 2 - 1)
                    place.add_patch(Rectangle(corner, 0.92, 0.92, facecolor=colour + "55", edgecolor=colour))
            left += cols + 1.2
            if number < len(kernels) - 1:
                place.text(left - 0.66, 0, "+", ha="center", va="center", fontsize=13)
        weights = sum(rows * cols for rows, cols in kernels)
        place.set_xlim(-0.3, max(left - 1, 7.2))
        place.set_ylim(-3.9, 3.9)
        place.set_aspect("equal")
        place.set_axis_off()
        place.set_title(f"{title}\n{weights} weights", fontsize=10)
    return figure, "Kernels drawn as grids: " + "; ".join(
        f"{title} has {sum(r * c for r, c in kernels)} weights" for title, kernels in chains.items()
    )


# --- training ----------------------------------------------------------------------------------


def line_per_epoch() -> keras.callbacks.Callback:
    """A callback that prints a line behind each epoch."""
    import keras

    def tell(epoch: int, logs: dict[str, float]) -> None:
        print(f"epoch {epoch + 1}: loss {logs['loss']:.3f}, right on held-out images {logs['val_accuracy']:.3f}", flush=True)

    return keras.callbacks.LambdaCallback(on_epoch_end=tell)


def draw_history(history: dict[str, list[float]]) -> tuple[Figure, str]:
    """Loss and share of right answers over the epochs."""
    figure, axes = new_figure(1, 2, width=9, height=2.6)
    epochs = np.arange(1, len(history["loss"]) + 1)
    for place, key, title in ((axes[0], "loss", "Loss"), (axes[1], "accuracy", "Share of right answers")):
        place.plot(epochs, history[key], "o-", color=BLUE, label="training")
        place.plot(epochs, history[f"val_{key}"], "s--", color=ORANGE, label="held out")
        place.set(xlabel="epoch")
        place.set_xticks(epochs)
        place.set_title(title)
        place.legend()
    return figure, (
        f"Over {len(epochs)} epochs the loss falls to {history['loss'][-1]:.2f}; "
        f"{history['val_accuracy'][-1]:.0%} of the held-out images are right at the end."
    )


def draw_class_maps(images: np.ndarray, maps: np.ndarray, classes: Sequence[int]) -> tuple[Figure, str]:
    """Images above, and below each of them one class's map with its mean in the title.

    images: (count, rows, cols); maps: (count, rows, cols, classes); classes: which map to show below each image.
    """
    figure, axes = new_figure(2, len(images), width=11, height=4.3)
    limit = float(np.abs([maps[n, :, :, c] for n, c in enumerate(classes)]).max())
    for n, (image, chosen) in enumerate(zip(images, classes, strict=True)):
        draw_image(axes[0, n], image, "")
        picture = axes[1, n].imshow(maps[n, :, :, chosen], cmap="PuOr_r", vmin=-limit, vmax=limit)
        axes[1, n].set_xticks([])
        axes[1, n].set_yticks([])
        axes[1, n].set_title(f"{GARMENTS[chosen]}\nmean {maps[n, :, :, chosen].mean():.1f}", fontsize=9)
    figure.colorbar(picture, ax=axes[1, :], shrink=0.8)
    return (
        figure,
        f"{len(images)} garments; below each the 7×7 map of the class that the net chose, orange where it speaks for it.",
    )
