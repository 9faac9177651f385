"""Unit 03: a window on an image, sizes and strides, and boxes around digits."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convcourse.figures import ORANGE, RED, draw_numbers, new_figure


def draw_window(image: np.ndarray, kernel: np.ndarray, row: int, col: int) -> tuple[Figure, str]:
    """Image with the window outlined, kernel, products, and the result so far (convolution without reversal)."""
    rows, cols = kernel.shape
    window = image[row : row + rows, col : col + cols]
    result = np.full((image.shape[0] - rows + 1, image.shape[1] - cols + 1), np.nan)
    for place in range(row * result.shape[1] + col + 1):
        i, j = divmod(place, result.shape[1])
        result[i, j] = np.sum(image[i : i + rows, j : j + cols] * kernel)
    figure, axes = new_figure(1, 4, width=10, height=2.6)
    draw_numbers(axes[0], image, "image", box=(row, col, rows, cols))
    draw_numbers(axes[1], kernel, "kernel")
    draw_numbers(axes[2], window * kernel, f"products: sum {result[row, col]:g}")
    draw_numbers(axes[3], result, "result so far", box=(row, col, 1, 1))
    return figure, f"The kernel lies on the image at row {row}, column {col}; the products add up to {result[row, col]:g}."


def draw_stride(size: int, kernel: int, stride: int) -> tuple[Figure, str]:
    """The places of a kernel on a line of pixels, one below the other, and the pixels that are left over."""
    starts = list(range(0, size - kernel + 1, stride))
    left = size - starts[-1] - kernel
    figure, axes = new_figure(width=9, height=0.6 + 0.22 * (len(starts) + 2))
    for pixel in range(size):
        axes.add_patch(Rectangle((pixel, 0), 1, 0.9, facecolor="#eeeeee", edgecolor="#888888"))
    for number, start in enumerate(starts, start=1):
        axes.add_patch(Rectangle((start, number), kernel, 0.8, facecolor=ORANGE, edgecolor="black", alpha=0.7))
    if left:
        axes.add_patch(Rectangle((size - left, 0), left, 0.9, facecolor="white", edgecolor=RED, hatch="///"))
    axes.set(xlim=(-0.5, size + 0.5), ylim=(len(starts) + 1.2, -0.3))
    axes.set_axis_off()
    words = f"{size} pixels, kernel {kernel}, stride {stride}: {len(starts)} places"
    axes.set_title(words + (f", {left} left over (hatched)" if left else ""))
    return figure, words + f"; {left} pixels are left over."


def draw_boxes(
    axes: Axes, form: np.ndarray, places: Sequence[tuple[int, int]], truth: Sequence[tuple[int, int]], title: str
) -> None:
    """A form with solid boxes around the places found and dotted ones around the true places that were missed."""
    axes.imshow(form, cmap="gray_r")
    for row, col in places:
        axes.add_patch(Rectangle((col - 3, row - 3), 14, 14, fill=False, edgecolor=RED, linewidth=2))
    for row, col in truth:
        if not any(is_near((row, col), place) for place in places):
            axes.add_patch(Rectangle((col - 3, row - 3), 14, 14, fill=False, edgecolor="black", linestyle=":", linewidth=2))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title)


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


def best_time(work: object, *arguments: np.ndarray, repeats: int = 3) -> float:
    """Seconds of the fastest of some runs of `work(*arguments)`: the one that was disturbed least."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work(*arguments)  # type: ignore[operator]
        times.append(perf_counter() - start)
    return min(times)
