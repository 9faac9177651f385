"""Unit 03: a window on an image, sizes and strides, and boxes around digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convcourse.colours import LINE, WASH
from convcourse.figures import BLUE, GREEN, ORANGE, RED, new_figure
from convcourse.number_figures import Panel, number_figure, sum_text


def draw_window(image: np.ndarray, kernel: np.ndarray, row: int, col: int) -> tuple[Figure, str]:
    """Image with the window outlined, kernel, products, and the result so far (convolution without reversal)."""
    rows, cols = kernel.shape
    window = image[row : row + rows, col : col + cols]
    result = np.full((image.shape[0] - rows + 1, image.shape[1] - cols + 1), np.nan)
    for place in range(row * result.shape[1] + col + 1):
        i, j = divmod(place, result.shape[1])
        result[i, j] = np.sum(image[i : i + rows, j : j + cols] * kernel)
    products = window * kernel
    figure, _ = number_figure(
        [
            Panel(image, "image", box=(row, col, rows, cols)),
            Panel(kernel, "kernel"),
            Panel(products, "products", f"{sum_text(products.ravel())} = {result[row, col]:g}"),
            Panel(result, "result so far", box=(row, col, 1, 1)),
        ]
    )
    return figure, f"The kernel lies on the image at row {row}, column {col}; the products add up to {result[row, col]:g}."


def draw_stride(size: int, kernel: int, stride: int) -> tuple[Figure, str]:
    """The places of a kernel on a line of pixels, one below the other, and the pixels that are left over."""
    starts = list(range(0, size - kernel + 1, stride))
    left = size - starts[-1] - kernel
    figure, axes = new_figure(width=9, height=0.6 + 0.22 * (len(starts) + 2))
    for pixel in range(size):
        axes.add_patch(Rectangle((pixel, 0), 1, 0.9, facecolor=WASH, edgecolor=LINE))
    for number, start in enumerate(starts, start=1):
        axes.add_patch(Rectangle((start, number), kernel, 0.8, facecolor=ORANGE, edgecolor="black", alpha=0.7))
    if left:
        axes.add_patch(Rectangle((size - left, 0), left, 0.9, fill=False, edgecolor=RED, hatch="///"))
    axes.set(xlim=(-0.5, size + 0.5), ylim=(len(starts) + 1.2, -0.3))
    axes.set_axis_off()
    words = f"{size} pixels, kernel {kernel}, stride {stride}: {len(starts)} places"
    axes.set_title(words + (f", {left} left over (hatched)" if left else ""))
    return figure, words + f"; {left} pixels are left over."


def draw_table(image: np.ndarray, size: int) -> tuple[Figure, str]:
    """A small image with its first window outlined, and all its windows of size × size as rows of a table."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size)).reshape(-1, size * size)
    title = f"its {len(windows)} windows of {size} × {size}, a row each"
    figure, _ = number_figure([Panel(image, "image", box=(0, 0, size, size)), Panel(windows, title)])
    rows = ", ".join(" ".join(f"{number:g}" for number in window) for window in windows)
    return figure, f"The {len(windows)} windows of a small image, written as rows: {rows}."


def draw_boxes(form: np.ndarray, places: Sequence[tuple[int, int]], truth: Sequence[tuple[int, int]], title: str) -> Figure:
    """A form with solid boxes around the places found and dotted ones around the true places that were missed."""
    figure, axes = new_figure(width=6.5, height=6.3)
    axes.imshow(form, cmap="gray_r")
    for row, col in places:
        axes.add_patch(Rectangle((col - 3, row - 3), 14, 14, fill=False, edgecolor=RED, linewidth=2))
    for row, col in truth:
        if not any(is_near((row, col), place) for place in places):
            axes.add_patch(Rectangle((col - 3, row - 3), 14, 14, fill=False, edgecolor="black", linestyle=":", linewidth=2))
    axes.set_axis_off()
    axes.set_title(title)
    return figure


def hits(places: Sequence[tuple[int, int]], truth: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """How many of the true places were found, and how many of the places found are true."""
    found = sum(any(is_near(true, place) for place in places) for true in truth)
    return found, sum(any(is_near(true, place) for true in truth) for place in places)


def is_near(one: Sequence[int], other: Sequence[int], pixels: int = 2) -> bool:
    """Are two places (row, column) at most so many pixels apart in each direction?"""
    return abs(one[0] - other[0]) <= pixels and abs(one[1] - other[1]) <= pixels


def four_loops(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Convolution without reversal, mode valid, number by number: the slowest way, for comparison."""
    rows, cols = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    result = np.zeros((rows, cols))
    for i in range(rows):
        for j in range(cols):
            for k in range(kernel.shape[0]):
                for m in range(kernel.shape[1]):
                    result[i, j] += kernel[k, m] * image[i + k, j + m]
    return result


def race(racers: Mapping[str, object], sizes: Sequence[int]) -> dict[str, list[float]]:
    """Seconds of each convolution of square images, random numbers of these sizes, with one 5 × 5 kernel."""
    random = np.random.default_rng(0)
    kernel, images = random.normal(size=(5, 5)), [random.normal(size=(size, size)) for size in sizes]
    return {name: [best_time(racer, image, kernel) for image in images] for name, racer in racers.items()}


def draw_race(times: Mapping[str, Sequence[float]], sizes: Sequence[int]) -> tuple[Figure, str]:
    """The times of three racers against the size of the image, on logarithmic axes."""
    figure, axes = new_figure(width=7, height=3.2)
    for (name, seconds), colour, mark in zip(times.items(), (ORANGE, GREEN, BLUE), "os^", strict=True):
        axes.loglog(sizes, seconds, marker=mark, color=colour, label=name)
    axes.minorticks_off()
    axes.set(xlabel="rows and columns of the image", ylabel="seconds")
    axes.set_xticks(sizes, sizes)
    axes.legend()
    axes.set_title("The same numbers, three speeds")
    return figure, "Three lines on logarithmic axes; four loops on top, im2col far below."


def best_time(work: object, *arguments: np.ndarray, repeats: int = 3) -> float:
    """Seconds of the fastest of some runs of `work(*arguments)`: the one that was disturbed least."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work(*arguments)  # type: ignore[operator]
        times.append(perf_counter() - start)
    return min(times)
