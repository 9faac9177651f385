"""Unit 08: where "same" puts its zeros, the order of axes in memory, and the relatives of Conv2D; other backends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convcourse.colours import ALWAYS_DARK, SOFT_INK
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, RED, draw_image, draw_numbers, new_figure
from convcourse.judging.calling import is_judged
from convcourse.number_figures import Panel, number_figure
from convcourse.quiet import quietly  # noqa: F401

BACKENDS = ("tensorflow", "jax", "torch")
# The layer of the lesson, for another backend: from the arrays in one file to the result in another.
ONE_LAYER = """
import sys, keras, numpy as np
given = np.load(sys.argv[1])
layer = keras.layers.Conv2D(4, (4, 3), strides=(2, 3), padding="same")
layer.build(given["images"].shape)
layer.set_weights([given["kernels"], given["bias"]])
np.save(sys.argv[2], keras.ops.convert_to_numpy(layer(given["images"])))
"""
PATIENCE = 180  # seconds for another backend to start and compute one layer


def on_other_backends(program: str, **arrays: np.ndarray) -> dict[str, np.ndarray]:
    """Run a program in a fresh Python for each backend of Keras that is installed and not the one in use here.

    program: reads the arrays by name from the .npz file sys.argv[1], saves its result to the .npy file sys.argv[2].
    Prints a word for each backend; returns backend -> result of those that ran.
    """
    import keras

    results: dict[str, np.ndarray] = {}
    for backend in BACKENDS:
        if backend == keras.backend.backend():
            print(f"{backend:10s} in use here")
        elif find_spec(backend) is None:
            print(f"{backend:10s} skipped: not installed")
        elif not is_judged():
            with TemporaryDirectory() as folder:
                given, result = Path(folder, "given.npz"), Path(folder, "result.npy")
                np.savez(given, allow_pickle=False, **arrays)
                done = subprocess.run(
                    [sys.executable, "-c", program, str(given), str(result)],
                    env={**os.environ, "KERAS_BACKEND": backend},
                    capture_output=True,
                    text=True,
                    timeout=PATIENCE,
                )
                if done.returncode == 0:
                    results[backend] = np.load(result)
                    print(f"{backend:10s} ran in a process of its own")
                else:
                    print(f"{backend:10s} stopped: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return results


# --- "same" padding --------------------------------------------------------------------------------


def keras_zeros(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """The zeros that Keras puts before and after, measured: which tap of the first window lies on pixel 0?"""
    import keras

    pixels = np.eye(1, size).reshape(1, 1, size, 1)
    taps = np.arange(float(kernel)).reshape(1, kernel, 1, 1)
    answer = keras.ops.conv(pixels, taps, strides=(1, stride), padding="same", data_format="channels_last")
    before = round(float(keras.ops.convert_to_numpy(answer)[0, 0, 0, 0]))
    last = (answer.shape[2] - 1) * stride - before  # where the last window begins
    return before, max(0, last + kernel - size)


def draw_same(size: int, kernel: int, stride: int, zeros: tuple[int, int]) -> tuple[Figure, str]:
    """A row of pixels with Keras's zeros, and below it with as many zeros on both sides; windows as bars."""
    each = (kernel - 1) // 2
    figure, axes = new_figure(2, 1, width=8.5, height=4.4)
    windows = -(-size // stride)
    _draw_windows(axes[0], size, kernel, stride, zeros, windows, f'Keras, "same": {zeros[0]} before, {zeros[1]} after')
    _draw_windows(axes[1], size, kernel, stride, (each, each), windows, f"symmetric: {each} before, {each} after")
    for place in axes:
        place.set_xlim(-kernel / 2 - 0.8, size + kernel / 2 + 0.3)
    text = f"{size} pixels, kernel {kernel}, stride {stride}: Keras puts {zeros[0]} zeros before and {zeros[1]} after"
    return figure, f"{text}; symmetric padding puts {each} on each side."


def _draw_windows(axes: Axes, size: int, kernel: int, stride: int, zeros: tuple[int, int], most: int, title: str) -> None:
    before, after = zeros
    for place in range(-before, size + after):
        inside = 0 <= place < size
        edge, face, line = (BLUE, BLUE + "22", "-") if inside else (GREY, "none", ":")
        axes.add_patch(Rectangle((place - 0.45, 0), 0.9, 0.9, edgecolor=edge, facecolor=face, linestyle=line, linewidth=1.3))
        axes.text(place, 0.45, str(place + 1) if inside else "0", ha="center", va="center", color="black" if inside else SOFT_INK)
    starts = range(-before, size + after - kernel + 1, stride)[:most]
    for number, start in enumerate(starts):
        height, colour = -0.45 - 0.42 * (number % 3), (ORANGE, GREEN, RED)[number % 3]
        axes.plot([start - 0.4, start + kernel - 0.6], [height, height], color=colour, linewidth=5, solid_capstyle="butt")
        axes.text(start + (kernel - 1) / 2, height + 0.07, str(number), ha="center", va="bottom", fontsize=8)
    axes.set_ylim(-1.6, 1.1)
    axes.set_axis_off()
    axes.set_title(title)


# --- weights and axes ------------------------------------------------------------------------------


def draw_bank(weights: np.ndarray, filters: Sequence[str], channels: Sequence[str]) -> tuple[Figure, str]:
    """The kernels of a layer as a table: a row for each input channel, a column for each filter.

    Kernels up to 3 × 3 are drawn with their numbers, larger ones with their sum.
    """
    figure, axes = new_figure(len(channels), len(filters), width=2.1 * len(filters), height=1.9 * len(channels))
    limit = float(np.abs(weights).max())
    for (n, m), place in np.ndenumerate(axes):
        kernel = weights[:, :, n, m]
        if kernel.size <= 9:
            draw_numbers(place, kernel, "", digits=".2g", limit=limit)
        else:
            draw_image(place, kernel, "", symmetric=True)
            place.images[0].set_clim(-limit, limit)
            place.text(0, 0, f"sum {kernel.sum():+.1f}", ha="left", va="top", fontsize=9, color=ALWAYS_DARK)
        place.set_title(filters[m] if n == 0 else "")
        place.set_ylabel(channels[n] if m == 0 else "")
    silent = [f"{f}: {', '.join(c for n, c in enumerate(channels) if weights[:, :, n, m].any())}" for m, f in enumerate(filters)]
    return figure, f"A table of kernels; where they are not zero: {'; '.join(silent)}."


def draw_memory(rows: int, cols: int) -> tuple[Figure, str]:
    """The numbers of a small colour image as they lie in memory, channels last and channels first."""
    figure, axes = new_figure(2, 1, width=9.5, height=2.6)
    marks = {"R": RED, "G": GREEN, "B": BLUE}
    pixels = list(np.ndindex(rows, cols))
    orders = {
        "channels last: pixel after pixel": [(letter, r, c) for r, c in pixels for letter in marks],
        "channels first: sheet after sheet": [(letter, r, c) for letter in marks for r, c in pixels],
    }
    for place, (title, order) in zip(axes, orders.items(), strict=True):
        for number, (letter, r, c) in enumerate(order):
            colour = marks[letter]
            place.add_patch(Rectangle((number - 0.46, 0), 0.92, 1, edgecolor=colour, facecolor=colour + "22", linewidth=1.3))
            place.text(number, 0.62, letter, ha="center", va="center", fontweight="bold")
            place.text(number, 0.25, f"{r},{c}", ha="center", va="center", fontsize=8)
        place.set(xlim=(-0.6, len(order) - 0.4), ylim=(-0.05, 1.05))
        place.set_axis_off()
        place.set_title(title)
    return figure, "Last: R G B of the first pixel, then R G B of the next. First: all the R, then all the G, then all the B."


def draw_strided(more: int) -> tuple[Figure, str]:
    """`draw_same` for so many pixels more than 5, with kernel 3, stride 2, and Keras's zeros."""
    return draw_same(5 + more, 3, 2, keras_zeros(5 + more, 3, 2))


def draw_tables(tables: dict[str, np.ndarray], alt: str) -> tuple[Figure, str]:
    """Small tables of numbers side by side; nan leaves a square empty."""
    return number_figure([Panel(table, title) for title, table in tables.items()])[0], alt
