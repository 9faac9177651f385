"""Unit 06: a layer with channels, three ways to compute it, pooling regions, receptive fields and costs."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.ticker import FuncFormatter, NullLocator
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.colours import WASH
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, RED, draw_stems, new_figure, outline
from convcourse.number_figures import Panel, number_figure, sum_text

# --- the same layer, three times: mode valid, stride 1, no bias ------------------------------------


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """How many places a kernel or a pooling window has along one axis (`conv_output_size` of Unit 3)."""
    return (size + 2 * padding - kernel) // stride + 1


def conv_by_loops(images: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Every product by itself: images (batch, rows, cols, channels), weights (krow, kcol, channels, num_filters)."""
    batch, rows, cols, channels = images.shape
    krow, kcol, _, num_filters = weights.shape
    result = np.zeros((batch, rows - krow + 1, cols - kcol + 1, num_filters))
    pixels, taps = images.tolist(), weights.tolist()  # lists: the fastest that plain Python has
    for b, i, j, m in np.ndindex(*result.shape):
        total = 0.0
        for k1 in range(krow):
            for k2 in range(kcol):
                for n in range(channels):
                    total += taps[k1][k2][n][m] * pixels[b][i + k1][j + k2][n]
        result[b, i, j, m] = total
    return result


def conv_by_windows(images: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A view of all windows, and one sum over it; nothing is copied."""
    windows = sliding_window_view(images, weights.shape[:2], axis=(1, 2))  # (batch, i, j, channel, k1, k2)
    return np.einsum("bijnkl,klnm->bijm", windows, weights)


def conv_by_im2col(images: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A table with a row for each window, times a matrix with a column for each filter."""
    windows = sliding_window_view(images, weights.shape[:2], axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    table = windows.reshape(-1, weights[..., 0].size)
    return (table @ weights.reshape(table.shape[1], -1)).reshape(*windows.shape[:3], -1)


def print_sources() -> None:
    """The code of the two fast ways."""
    for way in (conv_by_windows, conv_by_im2col):
        print(inspect.getsource(way))


# What runs in the race: name, and the largest image that it gets.
RACERS = {"loops": (conv_by_loops, 32), "windows": (conv_by_windows, 256), "im2col": (conv_by_im2col, 256)}


def race(
    racers: Mapping[str, tuple[Callable[..., Any], int]], kernels: np.ndarray, sizes: Sequence[int] = (8, 16, 32, 64, 128, 256)
) -> tuple[dict[str, tuple[Sequence[int], Sequence[float]]], dict[int, int]]:
    """Time layers on square images, on one core.

    racers: name -> function(images, weights) and the largest size that it gets.
    Returns name -> (sizes, seconds), with the entry "limit" for bare matrix products of as many
    multiply-adds; and size -> multiply-adds.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    random = np.random.default_rng(0)
    images = {size: random.normal(size=(1, size, size, kernels.shape[2])) for size in sizes}
    work = {size: (size - kernels.shape[0] + 1) * (size - kernels.shape[1] + 1) * kernels.size for size in sizes}
    with threadpool_limits(1):
        times: dict[str, tuple[Sequence[int], Sequence[float]]]
        times = {"limit": (list(sizes), [product_seconds(count) for count in work.values()])}
        for name, (racer, largest) in racers.items():
            run = [size for size in sizes if size <= largest]
            times[name] = (run, [_least_seconds(racer, images[size], kernels) for size in run])
    return times, work


def product_seconds(multiply_adds: float) -> float:
    """Seconds of a bare product of two square matrices with about so many multiply-adds."""
    side = max(1, round(multiply_adds ** (1 / 3)))
    one, other = np.random.default_rng(0).normal(size=(2, side, side))
    return _least_seconds(np.matmul, one, other) * multiply_adds / side**3


def _least_seconds(work: Callable[..., Any], *arguments: np.ndarray, patience: float = 0.1) -> float:
    """The fastest of at least three runs, of more where they are short: other programs disturb some of them."""
    least, spent, runs = np.inf, 0.0, 0
    while runs < 3 or (spent < patience and runs < 200):
        start = perf_counter()
        work(*arguments)
        took = perf_counter() - start
        least, spent, runs = min(least, took), spent + took, runs + 1
    return float(least)


def draw_race(times: dict[str, tuple[Sequence[int], Sequence[float]]], title: str) -> tuple[Figure, str]:
    """Lines of seconds against image size; the entry "limit" is drawn as the floor under them."""
    figure, axes = new_figure(width=9, height=4)
    looks = iter(((ORANGE, "o"), (GREEN, "s"), (BLUE, "^"), (RED, "D")))
    for name, (sizes, seconds) in times.items():
        if name == "limit":
            axes.loglog(sizes, seconds, color="black", linestyle="--", label="limit: bare matrix product")
        else:
            colour, mark = next(looks)
            axes.loglog(sizes, seconds, color=colour, marker=mark, label=name)
    sizes, floor = times["limit"]
    bottom = min(floor) / 3
    axes.fill_between(sizes, floor, bottom, color=WASH, linewidth=0)
    axes.set_ylim(bottom=bottom)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.set(xlabel="rows and columns of the image", ylabel="seconds")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.set_title(title)
    return (
        figure,
        "Seconds against image size on logarithmic axes: loops on top, then windows and im2col, below them the dashed limit.",
    )


def print_race(times: dict[str, tuple[Sequence[int], Sequence[float]]], work: dict[int, int], size: int) -> None:
    """A line for each racer: milliseconds at one image size, and how often that is the limit's time."""
    floor = times["limit"][1][list(times["limit"][0]).index(size)]
    for name, (sizes, seconds) in times.items():
        took = seconds[list(sizes).index(size)]
        print(f"{name:8s}{1000 * took:9.3f} ms{work[size] / took / 1e6:8,.0f} million products/s{took / floor:9,.1f} × limit")


# --- one place of a layer --------------------------------------------------------------------------


def draw_place(image: np.ndarray, kernel: np.ndarray, bias: float, place: int) -> tuple[Figure, str]:
    """One window of a layer with one filter: a row of pictures for each channel, and the result so far.

    image: (rows, cols, channels); kernel: (krow, kcol, channels); place counts the windows row by row.
    """
    krow, kcol, channels = kernel.shape
    result = np.full((image.shape[0] - krow + 1, image.shape[1] - kcol + 1), np.nan)
    for done in range(place + 1):
        i, j = divmod(done, result.shape[1])
        result[i, j] = np.sum(image[i : i + krow, j : j + kcol] * kernel) + bias
    sums = [float(np.sum(image[i : i + krow, j : j + kcol, n] * kernel[:, :, n])) for n in range(channels)]
    rows = [
        [
            Panel(image[:, :, n], f"image, channel {n}", box=(i, j, krow, kcol)),
            Panel(kernel[:, :, n], f"kernel, channel {n}"),
            Panel(image[i : i + krow, j : j + kcol, n] * kernel[:, :, n], "products", f"sum {sums[n]:g}"),
        ]
        for n in range(channels)
    ]
    sentence = sum_text([*sums, bias])
    words = f"{sentence} = {result[i, j]:g}\none sum for each channel,\nand the bias once"
    rows[0].append(Panel(result, "result", words, box=(i, j, 1, 1)))
    figure, _ = number_figure(*rows)
    return figure, f"At row {i}, column {j} the channels' sums and the bias add up: {sentence} = {result[i, j]:g}."


# --- pooling regions, receptive fields --------------------------------------------------------------


def print_changes(maps: Mapping[str, np.ndarray]) -> None:
    """For each kind of map its largest number, and by how much of its size it changes when the camera moves.

    maps: name -> array (moves, rows, cols, channels); its first map is that before all moves.
    """
    for name, (before, *after) in maps.items():
        size = np.linalg.norm(before)
        changes = "".join(f"{np.linalg.norm(one - before) / size:6.0%}" for one in after)
        print(f"{name:22s} peak {before.max():.2f}, changes by {changes}")


def graham_bounds(size: int, out: int, u: float) -> np.ndarray:
    """The bounds a_0 … a_out of Graham's regions along an axis of `size` pixels, int array (out + 1,); u from 0 to 1."""
    alpha, i = size / out, np.arange(out + 1)
    return (np.ceil(alpha * (i + u)) - np.ceil(alpha * u)).astype(int)


def draw_regions(image: np.ndarray, bounds: dict[str, tuple[np.ndarray, np.ndarray]]) -> tuple[Figure, str]:
    """A small matrix, cut into regions along each pair (row bounds, column bounds); the keys are the titles."""
    figure, axes = number_figure([Panel(image, title) for title in bounds])
    for place, (rows, cols) in zip(axes[0], bounds.values(), strict=True):
        across = list(pairwise(cols))
        outline(place, *((top, left, end - top, right - left) for top, end in pairwise(rows) for left, right in across))
    return figure, "The same numbers cut in several ways into regions that are one or two pixels wide."


def draw_maps(maps: Sequence[np.ndarray], titles: Sequence[str]) -> tuple[Figure, str]:
    """Small matrices with their numbers, side by side."""
    figure, _ = number_figure([Panel(numbers, title) for numbers, title in zip(maps, titles, strict=True)])
    return figure, "Small tables of numbers: " + "; ".join(
        f"{t}, {m.shape[0]} × {m.shape[1]}" for t, m in zip(titles, maps, strict=True)
    )


def draw_pooling() -> tuple[Figure, str]:
    """A small map, and its largest and mean numbers in windows of 2 × 2."""
    sheet = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
    windows = sheet.reshape(2, 2, 2, 2)
    results = Panel(windows.max(axis=(1, 3)), "maximum of 2 × 2"), Panel(windows.mean(axis=(1, 3)), "average of 2 × 2")
    figure, axes = number_figure([Panel(sheet, "a map"), *results])
    outline(axes[0][0], *((row, column, 2, 2) for row in (0, 2) for column in (0, 2)))
    return figure, "A 4 × 4 map in four windows; the largest numbers are 6 8 / 3 4, the means 3.25 5.25 / 2 2."


def draw_inhibition(before: np.ndarray, after: np.ndarray) -> tuple[Figure, str]:
    """One pixel's channels before and after normalisation, with their values."""
    figure, axes = new_figure(1, 2, width=11, height=2.6)
    draw_stems(axes[0], before, "one pixel's channels", colour=GREY)
    draw_stems(axes[1], after.round(), "normalised: the 60s beside channel 7 fall most", colour=BLUE)
    for place in axes:
        place.set_xlabel("channel")
    return figure, f"Stems for {len(before)} channels before and after: those beside the loudest become lowest."


def draw_field(layers: Sequence[tuple[int, int]]) -> tuple[Figure, str]:
    """What one unit sees, layer under layer along one axis; layers are pairs (kernel, stride), the first lowest."""
    spans, places = [1], [[0.0]]
    centres, step = [0.0], 1.0
    for kernel, stride in reversed(layers):
        spans.append((spans[-1] - 1) * stride + kernel)
    step *= math.prod(stride for _, stride in layers)
    for span, (_, stride) in zip(spans[1:], reversed(layers), strict=True):
        step /= stride
        centres = [step * (n - (span - 1) / 2) for n in range(span)]
        places.append(centres)
    half = places[-1][-1]
    figure, axes = new_figure(width=9, height=0.9 + 0.62 * len(places))
    for level, row in enumerate(places):
        height = len(places) - 1 - level
        axes.plot(row, [height] * len(row), "s", color=BLUE if height else ORANGE, markersize=11 if half < 14 else 6)
        name = "input" if height == 0 else f"layer {height}: {layers[height - 1][0]} wide, stride {layers[height - 1][1]}"
        axes.text(-half - 1.2, height, name, ha="right", va="center")
        axes.text(half + 1.2, height, str(len(row)), ha="left", va="center", fontweight="bold")
        if level:
            above = places[level - 1]
            for side in (-1, 0):
                axes.plot([above[side], row[side]], [height + 1, height], color=GREY, linewidth=0.9)
    axes.set(xlim=(-half * 1.25 - 8, half * 1.05 + 3), ylim=(-0.5, len(places) - 0.5))
    axes.set_axis_off()
    words = f"One unit of layer {len(layers)} sees {spans[-1]} pixels along each axis"
    axes.set_title(words if layers else "A pixel of the input sees itself")
    return figure, f"A pyramid of units: from one unit at the top down to {spans[-1]} input pixels."


# --- volumes and costs -------------------------------------------------------------------------------


TOY_VOLUMES = (
    ("image", (32, 32, 3)),
    ("conv", (32, 32, 10)),
    ("conv", (32, 32, 10)),
    ("pool", (16, 16, 10)),
    ("conv", (16, 16, 10)),
    ("conv", (16, 16, 20)),
    ("pool", (8, 8, 20)),
    ("conv", (8, 8, 10)),
    ("conv", (8, 8, 20)),
    ("pool", (4, 4, 20)),
    ("dense", (1, 1, 10)),
)


def draw_volumes(volumes: Sequence[tuple[str, tuple[int, int, int]]], title: str) -> tuple[Figure, str]:
    """The arrays of a net as boxes: as high as their rows, as thick as their channels."""
    figure, axes = new_figure(width=11, height=3.2)
    left, largest = 0.0, max(rows for _, (rows, _, _) in volumes)
    for name, (rows, cols, channels) in volumes:
        high, slant, thick = rows / largest, 0.35 * cols / largest, 0.012 * channels
        low, colour = -high / 2, {"image": GREY, "pool": ORANGE}.get(name, BLUE)
        front = [(left, low), (left + thick, low), (left + thick, -low), (left, -low)]
        back = [(x + slant, y + slant) for x, y in front]
        for face, alpha in ((front, "99"), ([*front[2:], back[3], back[2]], "55"), ([*front[1:3], back[2], back[1]], "33")):
            axes.add_patch(Polygon(face, facecolor=colour + alpha, edgecolor="black", linewidth=0.7))
        middle = left + (thick + slant) / 2
        axes.text(middle, -0.62, name, ha="center", va="top", fontsize=9, fontweight="bold")
        axes.text(middle, -0.76, f"{rows}×{cols}×{channels}", ha="center", va="top", fontsize=8)
        left += max(thick + slant, 0.2) + 0.25
    axes.set(xlim=(-0.25, left), ylim=(-0.9, 0.9))
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(title)
    shapes = ", ".join(f"{name} {rows}×{cols}×{channels}" for name, (rows, cols, channels) in volumes)
    return figure, f"A row of boxes whose faces get smaller and smaller: {shapes}."


def conv3(num_filters: int) -> tuple[str, int, int, int, int]:
    """The description of a convolution 3 × 3 that keeps rows and columns."""
    return "conv", num_filters, 3, 1, 1


def layer_name(layer: Sequence[str | int]) -> str:
    """("conv", 64, 3, 1, 1) -> "conv 64, 3×3"."""
    kind, number = str(layer[0]), layer[1]
    if kind == "pool":
        return f"pool {number}×{number}"
    return f"dense {number}" if kind == "dense" else f"{kind} {number}, {layer[2]}×{layer[2]}"


def print_table(layers: Sequence[Sequence[str | int]], table: np.ndarray) -> None:
    """A net's table, a line for each layer; `table` has rows, cols, channels, activations and parameters."""
    print(f"{'layer':16s}{'output':>14s}{'activations':>13s}{'parameters':>14s}{'without biases':>17s}")
    for layer, (rows, cols, channels, activations, parameters) in zip(layers, np.asarray(table), strict=True):
        shape, weights = f"{rows}×{cols}×{channels}", parameters - (channels if layer[0] in ("conv", "dense") else 0)
        print(f"{layer_name(layer):16s}{shape:>14s}{activations:13,d}{parameters:14,d}{weights:17,d}")


def draw_costs(layers: Sequence[Sequence[str | int]], table: np.ndarray) -> tuple[Figure, str]:
    """Two bar charts, a bar for each layer: activations and parameters, in millions."""
    names, counts = [layer_name(layer) for layer in layers], np.asarray(table)[:, 3:] / 1e6
    figure, axes = new_figure(1, 2, width=10, height=0.21 * len(names) + 1.0)
    for place, values, words, colour in zip(axes, counts.T, ("activations", "parameters"), (BLUE, ORANGE), strict=True):
        place.barh(range(len(names)), values, color=colour)
        for line, value in enumerate(values):
            place.text(value, line, f" {value:.1f}" if value >= 0.05 else "", va="center", fontsize=8)
        place.set_ylim(len(names) - 0.4, -0.6)
        place.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g} M"))
        place.set_title(f"{words} of the layers: {values.sum():.1f} million")
    axes[0].set_yticks(range(len(names)), names, fontsize=8)
    axes[1].set_yticks([])
    early, late = counts[:3, 0].sum() / counts[:, 0].sum(), counts[-3:, 1].sum() / counts[:, 1].sum()
    words = f"{early:.0%} of the activations are in the first three, {late:.0%} of the parameters in the last three"
    return figure, f"Bars for each layer: {words}."
