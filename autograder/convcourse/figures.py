"""The course's pictures: one style, a title in words, and a text alternative for people who cannot see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convcourse.colours import ALWAYS_DARK, ALWAYS_LIGHT, ink_on
from convcourse.colours import BLUE as BLUE  # the palette, for all who draw
from convcourse.colours import GREEN as GREEN
from convcourse.colours import GREY as GREY
from convcourse.colours import LINE as LINE
from convcourse.colours import ORANGE as ORANGE
from convcourse.colours import PURPLE as PURPLE
from convcourse.colours import RED as RED
from convcourse.inline_svg import inline_svg
from convcourse.judging.calling import is_judged

DIGIT_WIDTH = 0.66  # in heights of the type

plt.rcParams.update(
    {
        "figure.dpi": 110,
        "savefig.dpi": 110,
        "figure.facecolor": "white",
        "axes.facecolor": "none",
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, RED, PURPLE, GREY]),
        "font.size": 10,
        "image.cmap": "gray",
        "legend.frameon": False,
    }
)


def new_figure(rows: int = 1, columns: int = 1, width: float = 9.0, height: float = 3.0) -> tuple[Figure, Any]:
    """A figure in the course's style with its axes (one Axes, or an array of them as `plt.subplots` gives)."""
    figure, axes = plt.subplots(rows, columns, figsize=(width, height))
    return figure, axes


def show(figure: Figure, alt: str) -> None:
    """Display a figure with its text alternative, as wide as the page allows, and close it.

    In the judge's room it shows only the text, because nobody looks and drawing takes longer than judging.
    """
    if is_judged():
        plt.close(figure)
        print(f"[figure: {alt}]")
        return
    html = figure_html(figure, alt)
    try:
        from IPython.display import display
    except ImportError:
        return
    display({"text/html": html, "text/plain": alt}, raw=True)


def figure_html(figure: Figure, alt: str) -> str:
    """The figure as an <svg> with its text alternative; closes the figure."""
    for axes in figure.axes:
        if not (len(axes.get_xticks()) or len(axes.get_yticks()) or axes.spines["top"].get_visible()):
            axes.spines[:].set_visible(False)  # two lines without a scale say nothing
    html = inline_svg(figure, alt)
    plt.close(figure)
    return html


def draw_stems(axes: Axes, signal: Sequence[float] | np.ndarray, title: str, colour: str = BLUE, start: int = 0) -> None:
    """A short signal as stems with their values written above; `start` is the index of its first sample."""
    values = np.asarray(signal, dtype=float)
    places = np.arange(start, start + len(values))
    axes.vlines(places, 0, values, color=colour, linewidth=2)
    axes.plot(places, values, "o", color=colour)
    axes.axhline(0, color="black", linewidth=0.8)
    for place, value in zip(places, values, strict=True):
        offset, side = (5, "bottom") if value >= 0 else (-5, "top")
        axes.annotate(f"{value:g}", (place, value), (0, offset), textcoords="offset points", ha="center", va=side, fontsize=9)
    axes.margins(y=0.25)
    axes.set_title(title)
    axes.set_xticks(places if len(places) <= 16 else places[:: len(places) // 8])


def draw_numbers(
    axes: Axes,
    array: np.ndarray,
    title: str,
    box: tuple[int, int, int, int] | None = None,
    digits: str = "g",
    limit: float | None = None,
) -> None:
    """A small matrix as coloured squares with their numbers: purple below zero, white at zero, orange above.

    box: (row, column, rows, columns) of a window to outline.
    digits: format of the numbers ("g", ".2f"). They are as large as the squares allow.
    limit: the value of full colour; by default the largest magnitude.
    """
    array = np.asarray(array, dtype=float)
    scale = (limit or float(np.nanmax(np.abs(array), initial=0.0))) or 1.0
    shown = axes.imshow(array, cmap="PuOr_r", vmin=-1.6 * scale, vmax=1.6 * scale)
    words = {place: format(value, digits) for place, value in np.ndenumerate(array) if np.isfinite(value)}
    size = _type_size(axes, array.shape, max(map(len, words.values()), default=1))
    for (row, column), text in words.items():
        ink = ink_on(shown.to_rgba(array[row, column]))
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color=ink)
    axes.set_xticks(np.arange(-0.5, array.shape[1]), [])
    axes.set_yticks(np.arange(-0.5, array.shape[0]), [])
    axes.grid(color="#999999", linewidth=0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if box is not None:
        outline(axes, box)
    axes.set_title(title)


def outline(axes: Axes, *boxes: tuple[int, int, int, int]) -> None:
    """Frames of windows (row, column, rows, columns) on a matrix: dark with a light edge, to be seen on every colour."""
    for colour, width in ((ALWAYS_LIGHT, 5.5), (ALWAYS_DARK, 2.5)):
        for row, column, rows, columns in boxes:
            frame = Rectangle((column - 0.5, row - 0.5), columns, rows, fill=False, edgecolor=colour, linewidth=width)
            frame.set(clip_on=False, joinstyle="miter", zorder=3)
            axes.add_patch(frame)


def _type_size(axes: Axes, shape: tuple[int, ...], longest: int) -> float:
    """Points of the largest type in which so many characters fit into a square of a matrix."""
    room = np.array(axes.bbox.size) / axes.figure.dpi * 72
    square = min(room[0] / shape[1], room[1] / shape[0])
    return float(np.clip(0.86 * square / max(longest * DIGIT_WIDTH, 1.6), 8, 14))


def draw_image(axes: Axes, image: np.ndarray, title: str, symmetric: bool = False, bar: bool = False) -> None:
    """A photograph or a map without ticks.

    symmetric: purple below zero, orange above, white at zero (for maps with signs). The strongest half
        per cent of the values shares the deepest colour, so that the other values stay visible.
    bar: add a colour bar if the values matter.
    """
    if symmetric:
        limit = float(np.percentile(np.abs(image), 99.5)) or float(np.max(np.abs(image))) or 1.0
        shown = axes.imshow(image, cmap="PuOr_r", vmin=-limit, vmax=limit)
    else:
        shown = axes.imshow(image, cmap="gray")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_title(title)
    if bar:
        axes.figure.colorbar(shown, ax=axes, shrink=0.8)


def show_images(
    images: Sequence[np.ndarray], titles: Sequence[str], alt: str, symmetric: bool = False, bar: bool = False, height: float = 3.0
) -> None:
    """A row of images with a title each."""
    figure, axes = new_figure(1, len(images), width=min(3.2 * len(images), 11.0), height=height)
    for place, image, title in zip(np.atleast_1d(axes), images, titles, strict=True):
        draw_image(place, image, title, symmetric=symmetric, bar=bar)
    show(figure, alt)
