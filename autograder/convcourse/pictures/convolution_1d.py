"""Unit 02: a kernel sliding along a signal, drawn as boxes on a tape."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convcourse.colours import LINE, SOFT_INK
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, new_figure

# Row of the tape (from the top) and colour of what is written there.
ROWS = {"signal": (3.0, BLUE), "kernel": (2.0, ORANGE), "products": (1.0, GREY), "result": (0.0, GREEN)}


def draw_step(signal: np.ndarray, kernel: np.ndarray, n: int, reversal: bool = True) -> tuple[Figure, str]:
    """One step of the whole convolution (reversal) or of the sliding correlation (no reversal), with its text."""
    figure, axes = new_figure(width=7.5, height=2.7)
    total = draw_tape(axes, signal, kernel, n, reversal)
    words = "flipped kernel" if reversal else "kernel as it is"
    return figure, f"Step n = {n}: the {words} lies under the signal; the products add up to {total:g}."


def draw_all_steps(signal: np.ndarray, kernel: np.ndarray) -> tuple[Figure, str]:
    """All steps of the whole convolution, in rows of three, with their text alternative."""
    steps = len(signal) + len(kernel) - 1
    rows = -(-steps // 3)
    figure, axes = new_figure(rows, 3, width=11.0, height=2.5 * rows)
    totals = [draw_tape(place, signal, kernel, n, True, short=True) for n, place in enumerate(axes.flat[:steps])]
    for place in axes.flat[steps:]:
        place.set_axis_off()
    sums = ", ".join(f"{total:g}" for total in totals)
    return figure, f"The flipped kernel moves along the signal in {steps} steps; the sums are {sums}."


def draw_tape(axes: Axes, signal: np.ndarray, kernel: np.ndarray, n: int, reversal: bool, short: bool = False) -> float:
    """Draw step `n` and return its sum. `short` leaves out the names of the rows."""
    size, reach = len(signal), len(kernel) - 1
    taps = list(kernel[::-1]) if reversal else list(kernel)
    first = n - reach if reversal else n
    before, after = (reach, reach) if reversal else (0, 0)
    padded = dict.fromkeys(range(-before, size + after), 0) | dict(enumerate(signal.tolist()))
    for place, value in padded.items():
        inside = 0 <= place < size
        _box(axes, place, "signal", f"{value:g}", faint=not inside)
    total = 0.0
    for offset, tap in enumerate(taps):
        place = first + offset
        product = tap * padded[place]
        total += product
        _box(axes, place, "kernel", f"{tap:g}")
        _box(axes, place, "products", f"{product:g}")
    _box(axes, n, "result", f"{total:g}")
    if not short:
        for name, (row, _) in ROWS.items():
            axes.text(-before - 0.9, row, name, ha="right", va="center", fontweight="bold")
    axes.set_xlim(-before - (2.6 if not short else 0.7), size + after - 0.3)
    axes.set_ylim(-0.7, 3.7)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(f"n = {n}:  z[{n}] = {total:g}")
    return total


def _box(axes: Axes, place: float, row_name: str, text: str, faint: bool = False) -> None:
    row, colour = ROWS[row_name]
    edge, face, line = (LINE, "none", ":") if faint else (colour, colour + "22", "-")
    corner = (place - 0.46, row - 0.42)
    axes.add_patch(Rectangle(corner, 0.92, 0.84, linewidth=1.3, linestyle=line, edgecolor=edge, facecolor=face))
    axes.text(place, row, text, ha="center", va="center", fontsize=10, color=SOFT_INK if faint else "black")
