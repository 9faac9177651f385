"""Unit 14: blocks with their shortcuts, training curves, silenced blocks, nets from the table, pixels that a stride skips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from convcourse.colours import LINE, SOFT_INK
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, new_figure

if TYPE_CHECKING:
    import keras

# Boxes of a branch from top to bottom, and what the shortcut says; no shortcut, no sum.
BLOCKS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "plain": ("Plain: H(x) from nothing", ("3×3, 64", "3×3, 64"), ""),
    "basic": ("Basic: F(x) + x", ("3×3, 64", "3×3, 64"), "x, 64 maps"),
    "bottleneck": ("Bottleneck: narrow inside", ("1×1, 64", "3×3, 64", "1×1, 256"), "x, 256 maps"),
    "resnext": ("ResNeXt: 32 narrow paths", ("1×1, 128", "3×3, 128\nin 32 groups of 4", "1×1, 256"), "x, 256 maps"),
}
STAGES = {"conv2_x": (BLUE, ""), "conv3_x": (ORANGE, "//"), "conv4_x": (GREEN, ".."), "conv5_x": (PURPLE, "xx")}


# --- blocks ----------------------------------------------------------------------------------------


def blocks_figure(*kinds: str) -> tuple[Figure, str]:
    """Blocks side by side, data flowing downwards."""
    figure, axes = new_figure(1, len(kinds), width=4.2 * len(kinds), height=3.9)
    words = []
    for place, kind in zip(np.atleast_1d(axes), kinds, strict=True):
        title, boxes, short = BLOCKS[kind]
        _draw_block(place, boxes, short)
        place.set_title(title)
        branch = ", then ".join(box.replace("\n", " ") for box in boxes)
        shortcut = f"each but the last; the shortcut carries {short} past them to a sum, and a ReLU follows"
        end = f"; a ReLU after {shortcut if short else 'each; there is no shortcut'}"
        words.append(f"{kind}: {branch}{end}")
    return figure, "Diagrams of blocks. " + ". ".join(words) + "."


Stack = Callable[[np.ndarray, list[tuple[np.ndarray, np.ndarray]]], np.ndarray]


def grown_figure(stack: Stack, blocks: int = 12, size: int = 8) -> tuple[Figure, str]:
    """The numbers of one signal behind each block of a stack with random weights."""
    generator = np.random.default_rng(14)
    weights = [tuple(generator.normal(0, 0.5 / np.sqrt(size), size=(2, size, size))) for _ in range(blocks)]
    x = np.abs(generator.normal(size=(1, size)))
    values = np.array([np.asarray(stack(x, weights[:number]))[0] for number in range(blocks + 1)])
    falls = int(np.sum(np.diff(values, axis=0) < -1e-9))
    figure, axes = new_figure(width=8.5, height=2.8)
    axes.plot(values, "-o", markersize=3)
    axes.set(xlabel="blocks", ylabel="numbers of a signal", xticks=range(blocks + 1))
    axes.set_title(f"Numbers that fall from one block to the next: {falls} of {size * blocks}")
    return figure, f"Eight numbers through twelve blocks, as lines; {falls} of 96 steps lead down."


def _draw_block(axes: Axes, boxes: Sequence[str], short: str) -> None:
    heights = np.linspace(4.0, 1.5, len(boxes))
    axes.text(0, 5.25, "x", ha="center", va="center", fontsize=12, style="italic")
    above = 5.05
    for height, text in zip(heights, boxes, strict=True):
        _arrow(axes, (0, above), (0, height + 0.3))
        box = FancyBboxPatch((-1.15, height - 0.25), 2.3, 0.5, boxstyle="round,pad=0.05", edgecolor=BLUE, facecolor=BLUE + "22")
        axes.add_patch(box)
        axes.text(0, height, text, ha="center", va="center", fontsize=10 if "\n" not in text else 8.5)
        above = height - 0.3
        last = height == heights[-1]
        if not last or not short:
            axes.text(0.12, above - 0.14, "ReLU", fontsize=9, color=SOFT_INK, va="center")
    if short:
        _arrow(axes, (0, above), (0, 0.72))
        axes.text(0, 0.5, "+", ha="center", va="center", fontsize=13, bbox={"boxstyle": "circle", "fc": "white", "ec": RED})
        axes.plot([0, 1.75, 1.75], [4.75, 4.75, 0.5], color=RED, linewidth=2, linestyle="--")
        _arrow(axes, (1.75, 0.5), (0.27, 0.5), RED)
        axes.text(1.85, 2.6, short, rotation=270, va="center", fontsize=9)
        axes.text(0.12, 0.1, "ReLU", fontsize=9, color=SOFT_INK, va="center")
        above = 0.28
    _arrow(axes, (0, above), (0, -0.25))
    axes.set(xlim=(-1.6, 2.4), ylim=(-0.4, 5.5))
    axes.set_axis_off()


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str = "black") -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.4})


# --- the experiment --------------------------------------------------------------------------------


def small_digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Handwritten digits, (count, 8, 8, 1) from 0 to 1: 1,280 to train on with labels, 517 to test."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(14).permutation(len(digits.target))
    images, labels = (digits.images[order, :, :, None] / 16).astype(np.float32), digits.target[order]
    return images[:1280], labels[:1280], images[1280:], labels[1280:]


def train(
    name: str, net: keras.Model, images: np.ndarray, labels: np.ndarray, epochs: int, seeds: Sequence[int] = (14, 15, 16)
) -> np.ndarray:
    """Train from each seed's own start, by plain stochastic gradient descent; a line grows by each epoch's training error.

    Batch by batch rather than with `fit`, which would trace a deep net twice. The net keeps what the last seed gave.
    Returns the errors in per cent, shape (seeds, epochs).
    """
    import keras
    from IPython.display import display

    net.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    errors: list[list[float]] = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        net.set_weights(keras.models.clone_model(net).get_weights())  # drawn anew, while the compiled step stays
        line = f"{name}, seed {seed}, training error in per cent:"
        growing = display({"text/plain": line}, raw=True, display_id=True)
        errors.append([])
        for epoch in range(epochs):
            order = np.random.default_rng(epoch).permutation(len(images))[: len(images) // 64 * 64].reshape(-1, 64)
            right = [net.train_on_batch(images[part], labels[part], return_dict=True)["accuracy"] for part in order]
            errors[-1].append(100 * (1 - float(np.mean(right))))
            line += f" {errors[-1][-1]:5.1f}"
            if growing is not None:
                growing.update({"text/plain": line}, raw=True)
    return np.array(errors)


def error_of(probabilities: Any, labels: np.ndarray) -> float:
    """How many per cent of the labels are not the likeliest class."""
    return 100 * float(np.mean(np.argmax(np.asarray(probabilities), axis=1) != labels))


def curves_figure(histories: Mapping[str, np.ndarray]) -> tuple[Figure, str]:
    """Training error by epoch: the mean over the seeds as a line, and all of them inside a band."""
    figure, axes = new_figure(width=8, height=3.6)
    styles = ((GREY, "o", ":"), (ORANGE, "s", "--"), (BLUE, "^", "-"))
    for (name, errors), (colour, marker, line) in zip(histories.items(), styles, strict=False):
        epochs = np.arange(1, errors.shape[1] + 1)
        axes.plot(epochs, errors.mean(axis=0), line, marker=marker, color=colour, label=name)
        axes.fill_between(epochs, errors.min(axis=0), errors.max(axis=0), color=colour, alpha=0.2, lw=0)
    axes.set(xlabel="epoch", ylabel="training error, per cent", ylim=(0, 100), xticks=epochs)
    axes.legend()
    axes.set_title("Error on the images that the nets are trained on: mean and range of three seeds")
    ends = ", ".join(f"{name} {errors[:, -1].mean():.1f}" for name, errors in histories.items())
    return figure, f"Training error over the epochs falls for each net; mean of the seeds at the end, in per cent: {ends}."


# --- silenced blocks -------------------------------------------------------------------------------


def branch_norms(net: keras.Model) -> list[str]:
    """The name of the batch normalisation that ends the branch of each block whose shortcut is the identity."""
    names = []
    for layer in net.layers:
        if type(layer).__name__ == "Add":
            sources = [tensor._keras_history.operation for tensor in layer._inbound_nodes[0].input_tensors]
            norms = [source.name for source in sources if type(source).__name__ == "BatchNormalization"]
            names += norms[:1]
    return names


def without_plain_block(net: keras.Model, block: int, images: np.ndarray) -> Any:
    """What a plain stack gives when one of its blocks is left out: its layers are called one by one."""
    layers = net.layers[1:]
    places = [place for place, layer in enumerate(layers) if type(layer).__name__ == "Conv2D"]
    size = places[3] - places[1]  # layers in a block of two convolutions
    blocks = (len(places) - 1) // 2
    start = len(layers) - 2 - size * (blocks - block)
    x: Any = images
    for layer in [*layers[:start], *layers[start + size :]]:
        x = layer(x, training=False) if type(layer).__name__ == "BatchNormalization" else layer(x)
    return x


def silenced_figure(errors: Mapping[str, Sequence[float]], whole: Mapping[str, float]) -> tuple[Figure, str]:
    """Test error after each single block was taken out, for some nets; `whole`: with all blocks."""
    figure, axes = new_figure(1, len(errors), width=11, height=3.1)
    for place, (name, values), colour in zip(np.atleast_1d(axes), errors.items(), (ORANGE, BLUE), strict=False):
        place.bar(np.arange(1, len(values) + 1), values, color=colour)
        place.axhline(whole[name], color="black", linestyle="--", linewidth=1)
        place.axhline(90, color=GREY, linestyle=":", linewidth=1)
        place.text(len(values) + 0.6, 91, "guessing", ha="right", va="bottom", fontsize=9, color=SOFT_INK)
        place.set(ylim=(0, 104), xlabel="block that is taken out", ylabel="test error, per cent")
        place.set_title(f"{name}: {whole[name]:.1f} % with all blocks (dashed)")
    middles = " and ".join(f"{name} {np.median(values):.0f}" for name, values in errors.items())
    return figure, f"Bars of the test error after each block was taken out. Median in per cent: {middles}."


@contextmanager
def shapes_only() -> Iterator[None]:
    """Nets that are built in here have layers and shapes, but no numbers; they can be counted and drawn, not run."""
    import keras

    with keras.StatelessScope(initialize_variables=False):
        yield
    # Keras would draw the weights all the same before it builds the next net: let it forget them.
    keras.utils.clear_session(free_memory=False)


# --- the table -------------------------------------------------------------------------------------


def _stage_costs(depth: int, columns: Sequence[Any], table: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, int, int, float]]:
    """For each stage: its name, blocks, parameters and multiply-adds (kernels and projections only)."""
    place, maps = list(columns).index(depth), 64
    for name, row in table.items():
        (side, filters), blocks = row[:2], row[place]
        wide = filters if depth < 50 else 4 * filters
        weights, products = 0, 0.0
        for block in range(blocks):
            entered = side * (2 if block == 0 and name != "conv2_x" else 1)
            if depth < 50:
                kernels = [(9 * maps * filters, side), (9 * filters * filters, side)]
            else:
                kernels = [(maps * filters, entered), (9 * filters * filters, side), (filters * wide, side)]
            if maps != wide:
                kernels.append((maps * wide, side))
            weights += sum(size for size, _ in kernels)
            products += sum(size * sides**2 for size, sides in kernels)
            maps = wide
        yield name, blocks, weights, products


def nets_figure(columns: Sequence[Any], table: Mapping[str, Sequence[int]]) -> tuple[Figure, str]:
    """All nets of the table as rows of blocks, as long as they are deep."""
    depths = list(columns)[2:]
    figure, axes = new_figure(width=11, height=3.2)
    for row, depth in enumerate(depths):
        start, layers = 1, 2 if depth < 50 else 3
        axes.add_patch(Rectangle((0, row - 0.32), 1, 0.64, color=GREY))
        for name, blocks, *_ in _stage_costs(depth, columns, table):
            colour, hatch = STAGES[name]
            for _ in range(blocks):
                axes.add_patch(
                    Rectangle((start, row - 0.32), layers, 0.64, facecolor=colour, edgecolor="white", hatch=hatch, linewidth=0.6)
                )
                start += layers
        axes.add_patch(Rectangle((start, row - 0.32), 1, 0.64, color="black"))
        axes.text(start + 2, row, f"{start + 1} layers", va="center", fontsize=9)
    axes.set(xlim=(0, 168), ylim=(len(depths) - 0.4, -0.6), xlabel="layers, one after the other")
    axes.set_yticks(range(len(depths)), [f"ResNet-{depth}" for depth in depths])
    handles = [Rectangle((0, 0), 1, 1, facecolor=c, edgecolor="white", hatch=h) for c, h in STAGES.values()]
    axes.legend(handles, STAGES, loc="upper right", ncols=2)
    axes.set_title("Five nets from one table: a box is a block, a colour a stage")
    return figure, (
        "Five rows of boxes, 18 to 152 layers long. From 50 layers on a box is three layers long instead of two; "
        "the deepest nets are deep mostly in the stage conv4_x."
    )


def stages_figure(index: int, columns: Sequence[Any], table: Mapping[str, Sequence[int]]) -> tuple[Figure, str]:
    """Where the parameters and the multiply-adds of one net are, by stage."""
    depth = list(columns)[2 + index]
    costs = list(_stage_costs(depth, columns, table))
    figure, axes = new_figure(1, 2, width=9.5, height=2.8)
    weights, products = [cost[2] / 1e6 for cost in costs], [cost[3] / 1e9 for cost in costs]
    for place, values, title in ((axes[0], weights, "million weights"), (axes[1], products, "billion multiply-adds")):
        for bar, (name, value) in enumerate(zip(table, values, strict=True)):
            colour, hatch = STAGES[name]
            place.bar(bar, value, color=colour, hatch=hatch, edgecolor="white")
            place.text(bar, value, f"{value:.2f}", ha="center", va="bottom", fontsize=9)
        place.set_xticks(range(len(costs)), [f"{name}\n{blocks} blocks" for name, blocks, *_ in costs], fontsize=9)
        place.margins(y=0.15)
        place.set_title(f"ResNet-{depth}: {title}")
    words = "; ".join(f"{name} {w / 1e6:.1f} million weights, {m / 1e9:.2f} billion products" for name, _, w, m in costs)
    return figure, f"Bars for the four stages of ResNet-{depth}: {words}."


# --- strides ---------------------------------------------------------------------------------------


def strides_figure() -> tuple[Figure, str]:
    """Which pixels of a map a 1×1 and a 3×3 kernel with stride 2 read."""
    figure, axes = new_figure(1, 2, width=8.5, height=3.4)
    for place, kernel in zip(axes, (1, 3), strict=True):
        read = np.zeros((8, 8), dtype=int)
        for row in range(0, 8, 2):
            for column in range(0, 8, 2):
                reach = kernel // 2
                read[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1] += 1
        for (row, column), times in np.ndenumerate(read):
            colour = BLUE + "99" if times else "white"
            place.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, edgecolor=LINE, linewidth=0.8))
            place.text(column + 0.5, row + 0.5, str(times), ha="center", va="center", fontsize=9)
        place.set(xlim=(-0.1, 8.1), ylim=(8.1, -0.1), aspect="equal")
        place.set_axis_off()
        place.set_title(f"{kernel}×{kernel}, stride 2: reads {100 * (read > 0).mean():.0f} % of the pixels")
    return figure, (
        "Two grids of 8 by 8 pixels with the number of times each is read. A 1 by 1 kernel with stride 2 reads one pixel in "
        "four and no other; a 3 by 3 kernel reads all, some of them two or four times."
    )
