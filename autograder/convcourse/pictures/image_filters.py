"""Unit 04: directions of edges, and stripes with a phase for the cells of the visual cortex."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from skimage.color import lab2rgb

from convcourse.figures import BLUE, ORANGE, draw_image, new_figure


def draw_directions(strength: np.ndarray, angle: np.ndarray) -> tuple[Figure, str]:
    """The strength of an image's edges, and where the strong ones have their brighter side.

    strength, angle: (rows, cols); the angle in radians from −π to π, of an arrow (gx, gy) to the left and up.
    """
    turn = np.linspace(-np.pi, np.pi, 256)
    # Hues in a circle, so that −π and π look alike; never so bright or so dark that a page would hide them.
    hues = np.stack([55 + 15 * np.cos(turn), 55 * np.cos(turn - 1), 55 * np.sin(turn - 1)], axis=-1)
    figure, axes = new_figure(1, 2, width=9, height=3.9)
    draw_image(axes[0], strength, "strength", bar=True)
    strong = np.where(strength > 150, angle, np.nan)
    shown = axes[1].imshow(strong, cmap=ListedColormap(np.clip(lab2rgb(hues), 0, 1)), vmin=-np.pi, vmax=np.pi)
    axes[1].set_axis_off()
    axes[1].set_title("where the edge is strong: its brighter side")
    bar = figure.colorbar(shown, ax=axes[1], shrink=0.8, ticks=np.pi * np.array([-1, -0.5, 0, 0.5, 1]))
    bar.set_ticklabels(["right", "below", "left", "above", "right"])
    return figure, "The outline of man and tripod, bright on black; beside it, in colours, on which side each edge is brighter."


def stripes(size: int, wavelength: float, angle: float, phase: float) -> np.ndarray:
    """An image of dark and bright stripes from −1 to 1, float64 of shape (size, size); angles in radians."""
    r, c = np.mgrid[:size, :size] - (size - 1) / 2
    return np.cos(2 * np.pi * (c * np.cos(angle) + r * np.sin(angle)) / wavelength + phase)


def draw_stripes_and_kernel(kernel: np.ndarray, wavelength: float, step: int) -> tuple[Figure, str]:
    """Upright stripes shifted by `step` eighths of a wavelength, a kernel, and its answer to them."""
    size = kernel.shape[0]
    seen = stripes(size, wavelength, 0.0, 2 * np.pi * step / 8)
    answer = float(np.sum(seen * kernel))
    figure, axes = new_figure(1, 2, width=5.5, height=2.9)
    draw_image(axes[0], seen, f"stripes, shifted by {step}/8")
    draw_image(axes[1], kernel, f"simple cell: answer {answer:.1f}", symmetric=True)
    return figure, f"Stripes shifted by {step} eighths of a wavelength; the simple cell answers {answer:.1f}."


def draw_saving(sizes: Sequence[int], whole: Sequence[float], parts: Sequence[float]) -> tuple[Figure, str]:
    """Seconds of a filter with K × K products, and of the same with a column and a row, against K."""
    figure, axes = new_figure(width=6, height=2.8)
    axes.plot(sizes, 1000 * np.array(whole), "o-", color=ORANGE, label="at once: K² products")
    axes.plot(sizes, 1000 * np.array(parts), "^-", color=BLUE, label="column, then row: 2K")
    axes.set(xlabel="K", ylabel="milliseconds", xticks=sizes)
    axes.legend()
    axes.set_title("The saving grows with the kernel")
    return figure, "The time at once grows with the square of K, the time of two steps only slowly."


def draw_cells(degrees: np.ndarray, simple: np.ndarray, energy: np.ndarray) -> tuple[Figure, str]:
    """Answers of a simple and a complex cell, as shares of their largest, against the shift of the stripes in degrees."""
    figure, axes = new_figure(width=7, height=2.7)
    axes.plot(degrees, simple / simple.max(), color=ORANGE, label="simple cell")
    axes.plot(degrees, energy / energy.max(), "--", color=BLUE, label="complex cell")
    axes.set(xlabel="shift of the stripes, in degrees of a wavelength", ylabel="answer / largest")
    axes.set_xticks(range(0, 361, 90))
    axes.legend()
    axes.set_title("A simple cell minds the shift, a complex cell does not")
    return figure, "The simple cell's answer falls from 1 to -1; the complex cell's is flat."
