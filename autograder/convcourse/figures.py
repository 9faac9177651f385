"""The course's pictures: one style, a title in words, and a text alternative for people who cannot see them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convcourse.judging.calling import is_judged

# A palette that colour-blind readers can distinguish (Okabe and Ito 2008).
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#7F7F7F"

plt.rcParams.update(
    {
        "figure.dpi": 110,
        "savefig.dpi": 110,
        "figure.facecolor": "white",
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
    """The figure as an <img> with its text alternative; closes the figure."""
    buffer = BytesIO()
    # No software version in the file: the same figure gives the same bytes everywhere.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f"<img alt='{escape(alt, quote=True)}' style='max-width:100%' src='data:image/png;base64,{data}'>"


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
    digits: format of the numbers ("g", ".2f").
    limit: the value of full colour; by default the largest magnitude.
    """
    array = np.asarray(array, dtype=float)
    scale = (limit or float(np.nanmax(np.abs(array), initial=0.0))) or 1.0
    axes.imshow(array, cmap="PuOr_r", vmin=-1.6 * scale, vmax=1.6 * scale)
    for (row, column), value in np.ndenumerate(array):
        if np.isfinite(value):
            axes.text(column, row, format(value, digits), ha="center", va="center", fontsize=9)
    axes.set_xticks(np.arange(-0.5, array.shape[1]), [])
    axes.set_yticks(np.arange(-0.5, array.shape[0]), [])
    axes.grid(color="#bbbbbb", linewidth=0.6)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if box is not None:
        row, column, rows, columns = box
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), columns, rows, fill=False, edgecolor=RED, linewidth=3, clip_on=False))
    axes.set_title(title)


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
