"""Unit 12: errors by depth, paths through stacked kernels, the net as shrinking boxes, fields, costs and score maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from convcourse.colours import ALWAYS_LIGHT, WASH
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, RED, draw_numbers, new_figure

if TYPE_CHECKING:
    import keras

Error = tuple[str, int, str, str, float, float]
# Colour and hatch of a kind of layer: the hatch tells them apart without colour.
KINDS = {"conv": (BLUE, ""), "maxpool": (ORANGE, "//"), "FC": (GREEN, ".."), "image": (GREY, "xx")}


# Fashion-MNIST's classes by number, and the one that this unit adds.
CLOTHES = (
    *("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"),
    "nothing",
)


# --- the paper's table 3 ---------------------------------------------------------------------------


def errors_figure(errors: Sequence[Error]) -> tuple[Figure, str]:
    """Top-5 error against depth, a line for each way of training."""
    figure, axes = new_figure(width=8, height=3.6)
    styles = {"256": (BLUE, "o", "-"), "384": (ORANGE, "s", "--"), "[256;512]": (GREEN, "^", ":")}
    names = {"256": "small images (side 256)", "384": "larger images (384)", "[256;512]": "sizes mixed (256 to 512)"}
    for side, (colour, marker, line) in styles.items():
        rows = [row for row in errors if row[2] == side and row[0] not in ("C", "A-LRN")]
        axes.plot([row[1] for row in rows], [row[5] for row in rows], line, marker=marker, color=colour, label=names[side])
        for name, depth, _, _, _, top5 in (row for row in errors if row[2] == side):
            # Nets with equally many layers stand beside each other; those off the line are hollow.
            beside = {"C": -0.45, "A-LRN": 0.25}.get(name, 0)
            if beside:
                axes.plot(depth + beside, top5, marker, color=colour, markerfacecolor="white")
            place = (-8, -4) if name in ("A", "C") else (8, -9 if side == "384" else 2)
            axes.annotate(
                name,
                (depth + beside, top5),
                place,
                textcoords="offset points",
                ha="left" if place[0] > 0 else "right",
                fontsize=9,
            )
    axes.set(xlabel="layers with weights", ylabel="top-5 error, per cent", xticks=[11, 13, 16, 19], xlim=(10, 20.4))
    axes.legend()
    axes.set_title("ImageNet validation error of nets A to E (paper's table 3)")
    return figure, (
        "Top-5 error falls from 10.4 per cent with 11 layers to 8.7 or 8.0 with 16 and 19, where it levels off. "
        "Net C, with 1 by 1 kernels, lies above net D with as many layers."
    )


# --- stacked kernels -------------------------------------------------------------------------------


def count_paths(entries: Sequence[str]) -> np.ndarray:
    """Along one axis: on how many paths each pixel reaches one result of a column, as shares that add up to 1."""
    paths = np.ones(1)
    for entry in reversed(entries):
        if entry == "maxpool":
            paths = np.repeat(paths, 2)
        else:
            paths = np.convolve(paths, np.ones(int(entry.removeprefix("conv").split("-")[0])))
        paths /= paths.sum()
    return paths


def paths_figure(paths: np.ndarray) -> tuple[Figure, str]:
    """The paths along one axis, given, and those in the plane, as numbers."""
    figure, axes = new_figure(width=4.2, height=3.9)
    draw_numbers(axes, np.outer(paths, paths), "Three 3 × 3: paths to one unit", digits=".0f")
    return figure, f"A table of 7 by 7 numbers with {paths.max() ** 2:.0f} in the middle, falling to 1 in the corners."


def shares_figure(entries: Sequence[str]) -> tuple[Figure, str]:
    """The paths of a whole column along one axis, with the middle that holds 95 per cent of them."""
    figure, axes = new_figure(width=8, height=2.9)
    shares = count_paths(entries)
    middle = middle_share(shares, 0.95)
    axes.fill_between(np.arange(len(shares)) - len(shares) / 2 + 0.5, shares, color=BLUE, alpha=0.6, step="mid")
    axes.axvspan(-middle / 2, middle / 2, facecolor=ORANGE + "33", edgecolor=RED, linestyle="--")
    axes.text(0, shares.max() * 0.15, f"95 % of the paths start in these {middle} pixels", ha="center")
    axes.set(xlabel="pixels from the middle", yticks=[], ylim=(0, shares.max() * 1.08))
    axes.set_title(f"Net D: {len(shares)} pixels wide, but most paths start in the middle")
    return figure, f"A bell-shaped curve over {len(shares)} pixels; the middle {middle} hold 95 per cent of the paths."


def middle_share(shares: np.ndarray, wanted: float) -> int:
    """The smallest number of pixels around the middle, left and right alike, that hold `wanted` of the paths."""
    size = len(shares)
    return next(size - 2 * cut for cut in range(size // 2, -1, -1) if shares[cut : size - cut].sum() >= wanted)


# --- block and net ---------------------------------------------------------------------------------


def block_figure(filters: int, convolutions: int) -> tuple[Figure, str]:
    """A block as a row of boxes with arrows."""
    figure, axes = new_figure(width=9, height=1.7)
    steps = [(f"conv3-{filters}\nReLU", "conv")] * convolutions + [("maxpool\n2 × 2, stride 2", "maxpool")]
    for place, (text, kind) in enumerate(steps):
        colour, hatch = KINDS[kind]
        axes.add_patch(Rectangle((place * 3, 0), 2.1, 1, facecolor=colour + "33", edgecolor=colour, hatch=hatch[:1], alpha=0.6))
        axes.text(place * 3 + 1.05, 0.5, text, ha="center", va="center", bbox={"facecolor": "white", "alpha": 0.8, "lw": 0})
    for place in range(len(steps) + 1):
        axes.add_patch(FancyArrowPatch((place * 3 - 0.85, 0.5), (place * 3 - 0.03, 0.5), arrowstyle="-|>", mutation_scale=14))
    axes.text(-0.9, 0.5, "rows × cols\n× channels", ha="right", va="center")
    axes.text(len(steps) * 3 + 0.1, 0.5, f"rows/2 × cols/2\n× {filters}", ha="left", va="center")
    axes.set(xlim=(-3, len(steps) * 3 + 2.6), ylim=(-0.2, 1.2))
    axes.set_axis_off()
    axes.set_title(f"A block of {convolutions} convolutions")
    return figure, f"{convolutions} boxes conv3-{filters} with ReLU and a max pooling box, joined by arrows."


def net_figure(entries: Sequence[str], input_shape: tuple[int, int, int], units: Sequence[int]) -> tuple[Figure, str]:
    """A net from the side: the height of a box is the side of its maps, its width grows with their number."""
    figure, axes = new_figure(width=11, height=3.6)
    side, channels, left = input_shape[0], input_shape[2], 0.0
    _side_box(axes, left, 5, side, "image", f"{side} × {side} × {channels}")
    left += 12
    for place, entry in enumerate(entries):
        pooled = entry == "maxpool"
        side, channels = (side // 2, channels) if pooled else (side, int(entry.split("-")[1]))
        width = 3.0 if pooled else 3 + channels / 64
        first = not pooled and (place == 0 or entries[place - 1] == "maxpool")
        last = place == len(entries) - 1
        _side_box(
            axes, left, width, side, entry[:4] if not pooled else entry, f"{side} × {side} × {channels}" if first or last else ""
        )
        left += width + 2
    left += 8
    for number in units:
        left += 7
        _side_box(axes, left, 4, 120, "FC", f"{number:,}")
        left += 5
    for place, (kind, (colour, hatch)) in enumerate(KINDS.items()):
        axes.add_patch(Rectangle((left * 0.45 + 28 * place, -165), 6, 16, facecolor=colour + "55", edgecolor=colour, hatch=hatch))
        axes.text(left * 0.45 + 28 * place + 8, -157, kind, va="center")
    axes.set(xlim=(-4, left + 8), ylim=(-175, 165))
    axes.set_axis_off()
    axes.set_title("Net D (VGG16): the maps shrink while their number grows")
    return figure, "Boxes from left to right, tall and thin at first, then low and wide, and three columns for the FC layers."


def _side_box(axes: Axes, left: float, width: float, height: float, kind: str, text: str) -> None:
    colour, hatch = KINDS[kind]
    axes.add_patch(Rectangle((left, -height / 2), width, height, facecolor=colour + "55", edgecolor=colour, hatch=hatch))
    axes.text(left, height / 2 + 5, text, fontsize=8, ha="left", va="bottom", rotation=25)


# --- receptive fields ------------------------------------------------------------------------------


def field_figure(photo: np.ndarray, entries: Sequence[str], field: int, step: int) -> tuple[Figure, str]:
    """A photograph, and on it what the middle unit behind `entries` sees, with the places of all units of that map."""
    figure, axes = new_figure(width=5.2, height=4.6)
    axes.imshow(photo)
    middle = photo.shape[0] / 2
    corner = (middle - field / 2, middle - field / 2)
    for colour, width, line in ((ALWAYS_LIGHT, 4, "-"), (RED, 2.5, "--")):
        axes.add_patch(Rectangle(corner, field, field, fill=False, edgecolor=colour, linewidth=width, linestyle=line))
    if step >= 8:
        places = np.arange(step / 2, photo.shape[0], step)
        axes.plot(*map(np.ravel, np.meshgrid(places, places)), ".", color=ALWAYS_LIGHT, markersize=3)
    axes.spines[:].set_visible(False)
    axes.set(xticks=[], yticks=[], xlim=(0, photo.shape[1]), ylim=(photo.shape[0], 0))
    name = entries[-1] if entries else "the image"
    axes.set_title(f"After {len(entries)} layers ({name}): {field} × {field} pixels, step {step}")
    return figure, f"A cat's face; a dashed square of {field} by {field} pixels in its middle is what one unit sees."


# --- costs -----------------------------------------------------------------------------------------


def costs_figure(names: Sequence[str], memory: Sequence[float], parameters: Sequence[float]) -> tuple[Figure, str]:
    """Two rows of bars over the layers: megabytes of results, and millions of parameters."""
    figure, axes = new_figure(2, 1, width=11, height=4.6)
    kinds = [next((kind for kind in KINDS if name.startswith(kind)), "conv") for name in names]
    for place, values, what in zip(axes, (memory, parameters), ("megabytes of results", "millions of parameters"), strict=True):
        bars = place.bar(range(len(names)), values, color=[KINDS[kind][0] for kind in kinds])
        for bar, kind in zip(bars, kinds, strict=True):
            bar.set_hatch(KINDS[kind][1])
            bar.set_edgecolor("white")
        place.set_ylabel(what.replace(" of ", "\nof "))
        place.set_xticks([])
    axes[0].set_title("Memory for one image: the first layers")
    axes[1].set_title("Parameters: the first fully connected layer")
    axes[1].set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=8)
    return figure, "Results take most memory in the first convolutions; most parameters are in the first FC layer."


# --- starting a deep net ---------------------------------------------------------------------------


def signal_sizes(model: keras.Model, spread: float | None, images: np.ndarray, seed: int = 0) -> list[float]:
    """Start a model's convolutions with normal weights and say how large the numbers behind each of them are.

    spread: the standard deviation of all weights; None for √(2 / fan-in) in each layer (He et al. 2015).
    Returns the root mean square behind each convolution.
    """
    import keras

    generator = np.random.default_rng(seed)
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    for layer in convolutions:
        shape = layer.kernel.shape
        size = spread if spread is not None else (2 / np.prod(shape[:-1])) ** 0.5
        layer.kernel.assign(generator.standard_normal(shape, dtype=np.float32) * np.float32(size))
        layer.bias.assign(np.zeros(layer.bias.shape))
    results = keras.Model(model.input, [layer.output for layer in convolutions])(images)
    return [float(np.sqrt(np.mean(np.square(keras.ops.convert_to_numpy(result))))) for result in results]


def signal_figure(sizes: dict[str, list[float]]) -> tuple[Figure, str]:
    """How large the numbers are behind each convolution, on a logarithmic scale, a line for each start."""
    figure, axes = new_figure(width=8.5, height=3.4)
    for (name, values), marker, line in zip(sizes.items(), "osv^", ["--", ":", "-", "-."], strict=False):
        axes.semilogy(range(1, len(values) + 1), values, line, marker=marker, label=name)
    axes.axhline(1, color="black", linewidth=0.6)
    axes.set(xlabel="convolution", ylabel="size of the numbers", xticks=range(1, 17))
    axes.legend(loc="upper left", fontsize=9)
    axes.set_title("Net E with random weights: does the signal arrive?")
    return figure, "One line falls by seven powers of ten, one rises as far, the third stays near 1."


Start = Callable[[list[tuple[int, int]], int], Sequence[float]]


def started_figure(start: Start) -> tuple[Figure, str]:
    """How large the numbers are behind each convolution of net E, by the law of the factor, if they start with these spreads."""
    filters = [64] * 2 + [128] * 2 + [256] * 4 + [512] * 8
    fan_in = 9 * np.array([3, *filters[:-1]])
    sizes = np.cumprod(np.asarray(start([(3, number) for number in filters], 3)) * np.sqrt(fan_in / 2))
    figure, axes = new_figure(width=8.5, height=2.6)
    axes.semilogy(range(1, 17), sizes, "-o", color=BLUE)
    axes.axhline(1, color="black", linewidth=0.6)
    axes.set(xlabel="convolution of net E", ylabel="size of the numbers", xticks=range(1, 17), ylim=(0.03, 3))
    axes.set_title(f"The image has the size 1, the last maps have {sizes[-1]:.2g}")
    return figure, f"The size of the numbers after each of sixteen convolutions; it ends at {sizes[-1]:.2g}."


# --- the small net ---------------------------------------------------------------------------------


def training_figure(history: dict[str, list[float]]) -> tuple[Figure, str]:
    """Accuracy on training and held-out images over the epochs."""
    figure, axes = new_figure(width=6.5, height=2.8)
    epochs = range(1, len(history["accuracy"]) + 1)
    axes.plot(epochs, history["accuracy"], "--s", color=GREY, label="training, with dropout")
    axes.plot(epochs, history["val_accuracy"], "-o", color=BLUE, label="held out")
    axes.set(xlabel="epoch", ylabel="accuracy", xticks=epochs)
    axes.legend()
    axes.set_title("A small VGG learns clothes")
    return figure, f"Two rising curves; the held-out accuracy ends at {history['val_accuracy'][-1]:.2f}."


def cut_off_pieces(images: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Windows that miss their piece by 8 to 24 pixels: what a sliding net sees nearly everywhere.

    images: (any number, side, side, 1) on a background of 0. Returns (count, side, side, 1).
    """
    generator = np.random.default_rng(seed)
    side = images.shape[1]
    padded = np.pad(images[generator.integers(len(images), size=count)], ((0, 0), (side, side), (side, side), (0, 0)))
    moves = generator.integers(-24, 25, size=(20 * count, 2))
    moves = moves[np.abs(moves).max(axis=1) >= 8][:count] + side
    return np.stack([image[row : row + side, col : col + side] for image, (row, col) in zip(padded, moves.tolist(), strict=True)])


def scores_figure(canvas: np.ndarray, maps: np.ndarray, names: Sequence[str], side: int, step: int) -> tuple[Figure, str]:
    """A large image, and for each class named the probability of its windows, each drawn at the window's middle.

    side: of a window in pixels; step: pixels between windows.
    """
    figure, axes = new_figure(2, 2, width=9.5, height=5.6)
    rows, cols = canvas.shape
    axes[0, 0].imshow(canvas, cmap="gray_r")
    axes[0, 0].set_title(f"A canvas of {rows} × {cols} pixels")
    first = (side - step) / 2
    for place, scores, name in zip(axes.flat[1:], maps, names, strict=True):
        extent = (first, first + step * scores.shape[1], first + step * scores.shape[0], first)
        shown = place.imshow(scores, cmap="viridis", vmin=0, vmax=1, extent=extent)
        place.set_facecolor(WASH)
        place.set_title(f"{name}: probability in {scores.shape[0]} × {scores.shape[1]} windows")
    figure.colorbar(shown, ax=axes[:, 1], shrink=0.7)
    for place in axes.flat:
        place.spines[:].set_visible(False)
        place.set(xticks=[], yticks=[], xlim=(0, cols), ylim=(rows, 0))
    return figure, f"A canvas with four pieces, and score maps for {', '.join(names)}, each brightest at that piece."
