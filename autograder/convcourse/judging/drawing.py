"""Expected beside got, made ready to be drawn: numbers in a table, long signals as curves, images as pictures."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np

from convcourse.judging.as_numbers import as_numbers
from convcourse.judging.models import ModelFacts

TABLE_COLUMNS, TABLE_ROWS = 16, 12
SMALLEST_PHOTOGRAPH = 8  # pixels of a side
MOST_NUMBERS = 400  # of an input, written out


@dataclass(frozen=True)
class Column:
    """What is drawn under one caption: a text in one line or in several, a note, a table, or a picture.

    rows: of numbers, each with whether it is wrong. picture: a PNG in base 64. alternative: the same in words.
    """

    caption: str
    text: str = ""
    lines: str = ""
    note: str = ""
    rows: tuple[tuple[tuple[str, bool], ...], ...] = ()
    picture: str = ""
    alternative: str = ""


@dataclass(frozen=True)
class Comparison:
    """Columns side by side, or the points of two curves in one drawing.

    sheet: which part of a larger result it is. result: which one of several results.
    """

    columns: tuple[Column, ...] = ()
    curves: tuple[str, str] | None = None
    sheet: str = ""
    result: str = ""


def comparison(expected: Any, got: Any, wrong: np.ndarray | None) -> Comparison:
    """How to draw both results; `wrong` (same shape, or None) marks the places that differ."""
    if isinstance(got, ModelFacts):
        return Comparison((_text("expected", expected), _model("yours", got)))
    right, array = _numbers(expected), _numbers(got)
    if right is None or array is None:
        return Comparison((_text("expected", expected), _text("yours", got)))
    if wrong is not None and right.ndim in (3, 4) and wrong.any() and not _is_photograph(right):
        sheet = _sheet(right.shape, [int(place) for place in np.argwhere(wrong)[0]])
        name = ", ".join(":" if isinstance(place, slice) else str(place) for place in sheet)
        return replace(comparison(right[sheet], array[sheet], wrong[sheet]), sheet=f"[{name}]")
    if wrong is not None and not wrong.any() and not _fits_table(right):  # one of several results
        return Comparison((Column("right"),))
    if wrong is not None and right.ndim in (2, 3) and not _fits_table(right):
        return Comparison(_pictures(right, array))
    if wrong is not None and right.ndim == 1 and not _fits_table(right):
        return Comparison(curves=_curves(right, array))
    marks = wrong if wrong is not None else np.zeros(array.shape, dtype=bool)
    return Comparison((_table("expected", right, np.zeros(right.shape, dtype=bool)), _table("yours", array, marks)))


def _is_photograph(array: np.ndarray) -> bool:
    return array.ndim == 3 and array.shape[2] in (1, 3) and min(array.shape[:2]) >= SMALLEST_PHOTOGRAPH


def _sheet(shape: tuple[int, ...], place: list[int]) -> tuple[int | slice, ...]:
    """The rows and columns in which a place lies: of its image and channel, or of its map where the maps come first."""
    if len(shape) == 3 and shape[2] > shape[0]:
        return (place[0], slice(None), slice(None))
    return (*place[:-3], slice(None), slice(None), place[-1])


def unfolded(name: str, array: np.ndarray) -> Column:
    """A large input: its numbers if they are not too many, an image as a picture, or else the numbers at its ends."""
    caption = f"{name}: {array.dtype} array of shape {array.shape}"
    if _fits_table(array):
        return _table(caption, array, np.zeros(array.shape, dtype=bool))
    image = array.ndim == 2 or _is_photograph(array)
    if image and array.size > MOST_NUMBERS and array.dtype.kind in "biuf":
        picture = _picture(array, float(np.nanmin(array)), float(np.nanmax(array)))
        return Column(caption, picture=picture, alternative=f"{name} as an image")
    shown = np.array2string(array, separator=", ", precision=4, threshold=MOST_NUMBERS, max_line_width=100)
    return Column(caption, lines=shown)


def _numbers(value: Any) -> np.ndarray | None:
    try:
        array = as_numbers(value)
    except ValueError:
        return None
    return array if array is not None and array.dtype.kind != "c" else None


def _fits_table(array: np.ndarray) -> bool:
    if array.ndim == 0:
        return True
    return array.ndim <= 2 and array.shape[-1] <= TABLE_COLUMNS and (array.ndim == 1 or array.shape[0] <= TABLE_ROWS)


def _table(caption: str, array: np.ndarray, wrong: np.ndarray) -> Column:
    if not _fits_table(array):
        return Column(caption, note=f"numbers of shape {array.shape}")
    if array.size == 0:
        return Column(caption, note="nothing (empty)")
    lines = zip(np.atleast_2d(array), np.atleast_2d(wrong), strict=True)
    rows = (tuple((_number(value), bool(mark)) for value, mark in zip(*line, strict=True)) for line in lines)
    return Column(caption, rows=tuple(rows))


def _number(value: Any) -> str:
    if isinstance(value, np.bool_ | bool):
        return str(bool(value))
    return f"{value:.4g}" if isinstance(value, np.floating) else str(value)


def _text(caption: str, value: Any) -> Column:
    return Column(caption, text=repr(value)[:300])


def _model(caption: str, facts: ModelFacts) -> Column:
    lines = "\n".join(f"{number:2d}  {line}" for number, line in enumerate(facts.layers, start=1))
    return replace(_text(caption, facts), lines=lines)


def _pictures(right: np.ndarray, array: np.ndarray) -> tuple[Column, ...]:
    """Expected, got, and the difference, the first two in one grey scale (three channels in colour)."""
    low, high = float(np.nanmin(right)), float(np.nanmax(right))
    error = np.abs(array.astype(float) - right.astype(float))
    most = float(np.nan_to_num(error).max(initial=0.0))
    return (
        Column("expected", picture=_picture(right, low, high), alternative="the expected image"),
        Column("yours", picture=_picture(array, low, high), alternative="your image"),
        Column("difference (white = wrong)", picture=_picture(error, 0.0, most), alternative="where the two differ"),
    )


def _picture(array: np.ndarray, low: float, high: float) -> str:
    from matplotlib.image import imsave

    scaled = np.nan_to_num((array.astype(float) - low) / ((high - low) or 1.0)).clip(0, 1)
    if scaled.ndim == 3 and scaled.shape[2] != 3:
        scaled = scaled[:, :, 0]
    buffer = BytesIO()
    imsave(buffer, scaled, cmap="gray", vmin=0, vmax=1, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def _curves(right: np.ndarray, array: np.ndarray) -> tuple[str, str]:
    """Points in a field of 600 by 100."""
    values = np.concatenate([right, array]).astype(float)
    values = values[np.isfinite(values)]
    low, high = float(values.min(initial=0.0)), float(values.max(initial=1.0))

    def path(signal: np.ndarray) -> str:
        x = np.linspace(4, 596, len(signal))
        y = 96 - 92 * (np.nan_to_num(signal.astype(float)) - low) / ((high - low) or 1.0)
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))

    return path(right), path(array)
