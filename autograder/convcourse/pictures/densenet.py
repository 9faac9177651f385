"""Unit 15: who reads whom in a dense block, what it costs, and what a trained net listens to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from convcourse.colours import LINE, ink_on
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, draw_numbers, new_figure

if TYPE_CHECKING:
    import keras

COLOURS = (GREY, BLUE, ORANGE, GREEN, RED, PURPLE)
# One pattern a source, so that sources are told apart without colour.
HATCHES = ("", "//", "..", "xx", "--", "oo")


def draw_block(num_layers: int, initial_maps: int = 6, growth: int = 4) -> tuple[Figure, str]:
    """A dense block as a row of boxes with an arc for every connection."""
    figure, axes = new_figure(width=9.5, height=3.3)
    for source in range(num_layers):
        for target in range(source + 1, num_layers + 1):
            _arc(axes, source, target)
    for place in range(num_layers + 1):
        name = "input" if place == 0 else f"layer {place}"
        _box(axes, place - 0.3, -0.28, 0.6, 0.56, name, _colour(place))
        reads = "" if place == 0 else f"reads {initial_maps + growth * (place - 1)}"
        gives = f"gives {initial_maps if place == 0 else growth}"
        axes.text(place, -0.4, f"{reads}\n{gives}".strip(), ha="center", va="top", fontsize=9)
    axes.set_xlim(-0.6, max(num_layers, 3) + 0.6)
    axes.set_ylim(-1.15, 0.45 + 0.36 * num_layers)
    axes.set_axis_off()
    total = num_layers * (num_layers + 1) // 2
    axes.set_title(f"{num_layers} layer{'s' * (num_layers > 1)}, {total} connection{'s' * (total > 1)}")
    text = f"A block of {num_layers} layers: arcs lead from the input and from every layer to all later layers, {total} in all."
    return figure, text


def draw_stacks(initial_maps: int, growth: int, num_layers: int) -> tuple[Figure, str]:
    """What each layer of a block reads, as a bar built up from its sources."""
    figure, axes = new_figure(width=9.0, height=3.4)
    for reader in range(1, num_layers + 2):
        bottom = 0
        for source in range(reader):
            size = initial_maps if source == 0 else growth
            look = {"color": _colour(source) + "55", "edgecolor": _colour(source), "hatch": HATCHES[source % len(HATCHES)]}
            axes.bar(reader, size, bottom=bottom, width=0.8, linewidth=1.2, **look)
            name = "input" if source == 0 else str(source)
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
            axes.text(reader, bottom + size / 2, name, ha="center", va="center", fontsize=8, bbox=box)
            bottom += size
        axes.text(reader, bottom + 4, str(bottom), ha="center", fontweight="bold")
    names = [f"layer {number}" for number in range(1, num_layers + 1)]
    axes.set_xticks(range(1, num_layers + 2), [*names, "what comes\nafter"])
    axes.set(ylabel="maps read", ylim=(0, 1.12 * (initial_maps + growth * num_layers)))
    axes.set_title(f"A dense block reads and adds: {initial_maps} maps come in, every layer adds {growth}")
    ends = f"from {initial_maps} maps for layer 1 to {initial_maps + growth * num_layers} after the block"
    return figure, f"Bars that grow by one step of {growth} maps from layer to layer, {ends}."


Stacker = Callable[[np.ndarray, list[tuple[np.ndarray, np.ndarray]]], np.ndarray]


def draw_written(stack: Stacker) -> tuple[Figure, str]:
    """The stack at one pixel, a row for each layer, as a function `stack(x, readers)` makes it."""
    generator = np.random.default_rng(15)
    x = np.array([[3.0, -2.0, 1.0, -4.0]])
    readers = [(generator.integers(-1, 4, size=size), generator.integers(-1, 2, size=(size, 2))) for size in (4, 6, 8)]
    table = np.full((4, 10), np.nan)
    for row in range(4):
        table[row, : 4 + 2 * row] = np.asarray(stack(x, readers[:row]), float)[0]
    steps = np.diff(table, axis=0)
    changed = int(np.sum(np.abs(steps[np.isfinite(steps)]) > 1e-9))
    figure, axes = new_figure(width=7.5, height=2.8)
    draw_numbers(axes, table, f"Numbers that change after they were put on the stack: {changed}")
    axes.grid(visible=False)
    axes.set_yticks(range(4), ["input", *(f"after layer {row}" for row in (1, 2, 3))])
    axes.set_xlabel("maps of the stack at one pixel")
    return figure, f"A table of the stack with a row for each layer; {changed} numbers differ from the number above them."


def draw_layer_cost(growth: int, most_maps: int) -> tuple[Figure, str]:
    """Weights of a dense layer without and with bottleneck, against the maps that it reads."""
    maps = np.arange(2 * growth, most_maps + 1)
    plain, narrow = 9 * maps * growth, 4 * growth * (maps + 9 * growth)
    crossing = 7.2 * growth
    figure, axes = new_figure(width=8.0, height=3.2)
    axes.plot(maps, plain / 1000, color=ORANGE, linestyle="--")
    axes.plot(maps, narrow / 1000, color=BLUE)
    axes.plot(crossing, 9 * crossing * growth / 1000, "o", color="black")
    axes.annotate(
        f"equal at {crossing:g} maps", (crossing, 9 * crossing * growth / 1000), (8, -14), textcoords="offset points", fontsize=9
    )
    axes.text(maps[-1], plain[-1] / 1000, " 3×3 only", color="black", va="center")
    axes.text(maps[-1], narrow[-1] / 1000, " 1×1, then 3×3", color="black", va="center")
    axes.set(xlabel="maps that the layer reads", ylabel="thousand weights", xlim=(0, most_maps * 1.18), ylim=(0, None))
    axes.set_title(f"Weights of one dense layer, growth rate {growth}")
    return figure, f"Two rising lines cross at {crossing:g} maps; beyond it the dashed line without bottleneck lies far higher."


def draw_parts() -> tuple[Figure, str]:
    """A dense layer and a transition as chains of boxes."""
    figure, axes = new_figure(width=10.5, height=3.5)
    end = _chain(
        axes, 2.3, "dense layer", [("BN", 1), ("ReLU", 1), ("conv 1×1", 2), ("BN", 1), ("ReLU", 1), ("conv 3×3", 2)], ORANGE
    )
    _chain(axes, 0.3, "transition", [("BN", 1), ("ReLU", 1), ("conv 1×1", 2), ("average 2×2", 2.4)], GREEN)
    for place, row, words in (
        (1.7, 2.3, "m maps"),
        (6.0, 2.3, "4k maps"),
        (end - 0.9, 2.3, "k new maps"),
        (1.7, 0.3, "m maps"),
        (6.0, 0.3, "⌊θm⌋ maps"),
        (8.2, 0.3, "half the rows\nand columns"),
    ):
        axes.text(place, row - 0.48, words, ha="center", va="top", fontsize=9)
    # The stack goes round the layer and is put in front of its new maps.
    axes.plot([1.7, 1.7, end + 1.6], [2.3, 3.3, 3.3], color=GREY, linewidth=1.6, linestyle="--")
    axes.add_patch(FancyArrowPatch((end + 1.6, 3.32), (end + 1.6, 2.63), arrowstyle="-|>", mutation_scale=13, color=GREY))
    axes.text(end / 2 + 1.6, 3.36, "the stack itself, unchanged: m maps", ha="center", va="bottom", fontsize=9)
    axes.add_patch(FancyArrowPatch((end, 2.3), (end + 0.85, 2.3), arrowstyle="-|>", mutation_scale=13, color="black"))
    _box(axes, end + 0.85, 1.98, 1.5, 0.64, "concat", BLUE)
    axes.text(end + 1.6, 1.82, "m + k maps", ha="center", va="top", fontsize=9)
    axes.set_xlim(-0.2, end + 2.5)
    axes.set_ylim(-0.75, 3.75)
    axes.set_axis_off()
    axes.set_title("The two parts of a DenseNet")
    text = "A dense layer: BN, ReLU, 1×1 convolution, BN, ReLU, 3×3 convolution, concatenated after its input. "
    return figure, text + "A transition: BN, ReLU, 1×1 convolution, 2×2 average pooling."


def draw_errors(families: dict[str, list[tuple[str, float, float]]]) -> tuple[Figure, str]:
    """Top-1 error against parameters for families of nets: (name, millions of parameters, error)."""
    figure, axes = new_figure(width=8.5, height=3.4)
    for (family, nets), colour, marker, below in zip(families.items(), (ORANGE, BLUE), "so", (False, True), strict=True):
        axes.plot([size for _, size, _ in nets], [error for _, _, error in nets], color=colour, marker=marker, label=family)
        for name, size, error in nets:
            offset, side = ((-2, -7), "top") if below else ((4, 6), "bottom")
            axes.annotate(name, (size, error), offset, textcoords="offset points", va=side, ha="center", fontsize=9)
    axes.set(xlabel="million parameters", ylabel="top-1 error in %", xlim=(0, 66), ylim=(20.3, 31.7))
    axes.set_title("Error on ImageNet against the number of parameters")
    axes.legend()
    return figure, "Two falling lines: DenseNets reach the errors of ResNets with about half the parameters."


def draw_loss(losses: Sequence[float], steps_per_epoch: int) -> tuple[Figure, str]:
    """The loss of every step of training, and its mean over 20 steps."""
    figure, axes = new_figure(width=8.0, height=2.8)
    axes.plot(losses, color=LINE, linewidth=0.9)
    smooth = np.convolve(losses, np.ones(20) / 20, mode="valid")
    axes.plot(np.arange(19, len(losses)), smooth, color=BLUE)
    for end in range(steps_per_epoch, len(losses), steps_per_epoch):
        axes.axvline(end, color=GREY, linestyle=":")
    axes.set(xlabel="step", ylabel="cross-entropy", ylim=(0, None))
    axes.set_title("Training the small DenseNet: the loss of every step, and the mean of 20")
    return figure, f"The loss falls from {losses[0]:.1f} to about {smooth[-1]:.2f} within {len(losses)} steps."


def draw_source_maps(
    maps: Sequence[np.ndarray], titles: Sequence[str], last: Sequence[str], alt: str, middle: float | None = None
) -> tuple[Figure, str]:
    """Maps with a row for each source and a column for each reader; nan where there is no connection.

    last: the name of the last reader of each map.
    middle: purple below it and orange above; None: white is nothing, and the darker the more.
    """
    columns = 2
    rows = -(-len(maps) // columns)
    figure, axes = new_figure(rows, columns, width=10.0, height=3.5 * rows)
    limit = max(float(np.nanmax(np.abs(array - (middle or 0)))) for array in maps)
    for place, array, title, end in zip(np.ravel(axes), maps, titles, last, strict=True):
        if middle is None:
            shown = place.imshow(np.sqrt(np.clip(array, 0, None)), cmap="Blues", vmin=0, vmax=1.35 * limit**0.5, aspect="auto")
        else:
            shown = place.imshow(array - middle, cmap="PuOr_r", vmin=-1.8 * limit, vmax=1.8 * limit, aspect="auto")
        for (source, reader), value in np.ndenumerate(array):
            if np.isfinite(value):
                ink = ink_on(shown.to_rgba(shown.get_array()[source, reader]))
                place.text(reader, source, _short(value), ha="center", va="center", fontsize=9, color=ink)
        size = array.shape[0]
        place.set_xticks(range(size), [*map(str, range(1, size)), end])
        place.set_yticks(range(size), ["input", *map(str, range(1, size))])
        place.set(xlabel="reading layer", ylabel="source")
        place.tick_params(length=0)
        place.spines[:].set_visible(False)
        place.set_title(title)
    return figure, alt


def watch(losses: list[float]) -> keras.callbacks.Callback:
    """A callback that appends the loss of every step to `losses`, and prints a line for each epoch."""
    import keras

    before = [0.0]

    def step(batch: int, logs: dict[str, Any]) -> None:
        # Keras tells the mean of the epoch so far; the step's own loss is what it added.
        total = logs["loss"] * (batch + 1)
        losses.append(float(total - (before[0] if batch else 0.0)))
        before[0] = total

    def epoch(number: int, logs: dict[str, Any]) -> None:
        print(f"epoch {number + 1}: loss {logs['loss']:.3f}, accuracy on the training images {logs['accuracy']:.3f}")

    return keras.callbacks.LambdaCallback(on_train_batch_end=step, on_epoch_end=epoch)


def cut_map(kernel: Any, edges: Sequence[int], loss: Callable[[], float]) -> list[float]:
    """How much the loss rises when one source after the other is cut off from a layer.

    kernel: the layer's variable, its input maps on the last axis but one; it is put back in the end.
    edges: where each source begins among the input maps, and the number of input maps.
    """
    import keras

    weights, whole = np.array(keras.ops.convert_to_numpy(kernel)), loss()
    rises = []
    for begin, end in pairwise(edges):
        cut = weights.copy()
        cut[..., begin:end, :] = 0
        kernel.assign(cut)
        rises.append(loss() - whole)
    kernel.assign(weights)
    return rises


def _short(value: float) -> str:
    text = f"{value:.2f}"
    return "0" if text in ("0.00", "-0.00") else text.replace("0.", ".") if abs(value) < 1 else text


def _colour(source: int) -> str:
    return COLOURS[source % len(COLOURS)]


def _arc(axes: Axes, source: int, target: int) -> None:
    if target == source + 1:
        ends, bend = ((source + 0.3, 0.0), (target - 0.3, 0.0)), "arc3"
    else:
        ends, bend = ((source + 0.06, 0.29), (target - 0.1, 0.29)), "arc3,rad=-0.42"
    axes.add_patch(
        FancyArrowPatch(*ends, connectionstyle=bend, arrowstyle="-|>", mutation_scale=11, linewidth=1.4, color=_colour(source))
    )


def _box(axes: Axes, left: float, bottom: float, width: float, height: float, text: str, colour: str) -> None:
    axes.add_patch(Rectangle((left, bottom), width, height, facecolor=colour + "22", edgecolor=colour, linewidth=1.4))
    axes.text(left + width / 2, bottom + height / 2, text, ha="center", va="center", fontsize=9)


def _chain(axes: Axes, row: float, name: str, boxes: Sequence[tuple[str, float]], colour: str) -> float:
    """Boxes in a line behind an arrow; returns where they end."""
    axes.text(-0.1, row + 0.62, name, fontweight="bold", va="center")
    axes.add_patch(FancyArrowPatch((0.9, row), (2.35, row), arrowstyle="-|>", mutation_scale=13, color="black"))
    left = 2.35
    for text, units in boxes:
        width = 0.5 + 0.52 * units
        _box(axes, left, row - 0.32, width, 0.64, text, colour)
        left += width + 0.12
    return left - 0.12
