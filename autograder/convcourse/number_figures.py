"""Small matrices with their numbers side by side, all drawn to one scale: a 2×2 kernel is smaller than its image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from convcourse.figures import draw_numbers

SQUARE, WIDEST = 0.5, 10.0  # inches: the side of a square, and what a row of panels may take
GAP, HEAD, FOOT = 0.5, 0.4, 0.24  # inches: between two panels, for a title, for each line below


class Panel(NamedTuple):
    """A matrix, its title and the words below it; `box`, `digits` and `limit` as for `draw_numbers`."""

    array: np.ndarray
    title: str
    below: str = ""
    box: tuple[int, int, int, int] | None = None
    digits: str = "g"
    limit: float | None = None


def number_figure(*rows: Sequence[Panel]) -> tuple[Figure, list[list[Axes]]]:
    """Rows of panels whose squares are all equally large, and their axes row by row."""
    columns = [[row[place] for row in rows if place < len(row)] for place in range(max(map(len, rows)))]
    counts = [max(panel.array.shape[1] for panel in column) for column in columns]
    square = min(SQUARE, (WIDEST - GAP * len(columns)) / sum(counts))
    widths = [max([square * count, *map(_words_width, column)]) for count, column in zip(counts, columns, strict=True)]
    heights = [max(len(panel.array) for panel in row) * square for row in rows]
    feet = [0.1 + FOOT * max(len(panel.below.splitlines()) for panel in row) for row in rows]
    page = np.array([sum(widths) + GAP * len(widths), sum(heights) + sum(feet) + HEAD * len(rows)])
    figure = plt.figure(figsize=tuple(page), layout="none")
    axes: list[list[Axes]] = []
    top = page[1]
    for row, height, foot in zip(rows, heights, feet, strict=True):
        top -= HEAD
        left = GAP / 2
        axes.append([])
        for panel, width in zip(row, widths, strict=False):
            size = np.array(panel.array.shape[::-1]) * square
            corner = np.array([left + (width - size[0]) / 2, top - size[1]])
            place = figure.add_axes((*(corner / page), *(size / page)))
            draw_numbers(place, panel.array, panel.title, panel.box, panel.digits, panel.limit)
            place.set_xlabel(panel.below, fontsize=12)
            axes[-1].append(place)
            left += width + GAP
        top -= height + foot
    return figure, axes


def _words_width(panel: Panel) -> float:
    """Inches for the title, and in whole halves for the words below, which a slider should not push about."""
    below = max((_width(line, 12, "normal") for line in panel.below.splitlines()), default=0.0)
    return max(_width(panel.title, 11, "bold"), np.ceil(2 * below) / 2)


def _width(line: str, size: float, weight: str) -> float:
    return float(TextPath((0, 0), line or " ", size=size, prop=FontProperties(weight=weight)).get_extents().width) / 72


def sum_text(numbers: Iterable[float]) -> str:
    """Numbers as a sum: 2, 0, -3 as "2 + 0 − 3"."""
    words = " ".join(f"{'−' if number < 0 else '+'} {abs(number):g}" for number in numbers)
    return words.removeprefix("+ ") if words.startswith("+") else words.replace("− ", "−", 1)
