"""Expected beside got, drawn as HTML: numbers in a table, long signals as curves, images as pictures."""

from __future__ import annotations

import base64
from html import escape
from io import BytesIO
from typing import Any

import numpy as np

from convcourse.judging.models import ModelFacts

TABLE_COLUMNS, TABLE_ROWS = 16, 12
PICTURE_WIDTH = 170


def comparison_html(expected: Any, got: Any, wrong: np.ndarray | None) -> str:
    """Draw both results side by side; `wrong` (same shape, or None) marks the places that differ."""
    if isinstance(got, ModelFacts):
        return _columns([("expected", _text(expected)), ("yours", _model(got))])
    right, array = _numbers(expected), _numbers(got)
    if right is None or array is None:
        return _columns([("expected", _text(expected)), ("yours", _text(got))])
    if wrong is not None and right.ndim == 4 and wrong.any():
        image, _, _, channel = (int(place) for place in np.argwhere(wrong)[0])
        sheet = (image, slice(None), slice(None), channel)
        name = f"<p style='margin:2px 0;color:#555'>the first sheet that differs: [{image}, :, :, {channel}]</p>"
        return name + comparison_html(right[sheet], array[sheet], wrong[sheet])
    if wrong is not None and right.ndim in (2, 3) and not _fits_table(right):
        return _columns(_pictures(right, array))
    if wrong is not None and right.ndim == 1 and not _fits_table(right):
        return _curves(right, array)
    marks = wrong if wrong is not None else np.zeros(array.shape, dtype=bool)
    return _columns([("expected", _table(right, np.zeros(right.shape, dtype=bool))), ("yours", _table(array, marks))])


def _numbers(value: Any) -> np.ndarray | None:
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biuf" else None


def _fits_table(array: np.ndarray) -> bool:
    if array.ndim == 0:
        return True
    return array.ndim <= 2 and array.shape[-1] <= TABLE_COLUMNS and (array.ndim == 1 or array.shape[0] <= TABLE_ROWS)


def _columns(named: list[tuple[str, str]]) -> str:
    cells = "".join(
        f"<figure style='margin:0;min-width:0'><figcaption style='color:#555'>{escape(name)}</figcaption>"
        f"<div style='overflow-x:auto'>{html}</div></figure>"
        for name, html in named
    )
    return f"<div style='display:flex;flex-wrap:wrap;gap:6px 24px;margin:4px 0'>{cells}</div>"


def _table(array: np.ndarray, wrong: np.ndarray) -> str:
    if not _fits_table(array):
        return f"<span>numbers of shape {array.shape}</span>"
    if array.size == 0:
        return "<span>nothing (empty)</span>"
    rows, marks = np.atleast_2d(array), np.atleast_2d(wrong)
    body = "".join(
        "<tr>" + "".join(_cell(value, bool(mark)) for value, mark in zip(row, line, strict=True)) + "</tr>"
        for row, line in zip(rows, marks, strict=True)
    )
    return f"<table style='border-collapse:collapse;margin:2px 0;font-family:monospace'>{body}</table>"


def _cell(value: Any, wrong: bool) -> str:
    # A wrong number is bold and underlined as well as red: colour alone does not reach everyone.
    loud, plain = "background:#fde4e1;color:#8a1c14;font-weight:bold;text-decoration:underline", "background:#fff;color:#1f1f1f"
    style = f"border:1px solid #ccc;padding:2px 7px;text-align:right;{loud if wrong else plain}"
    return f"<td style='{style}'>{_number(value)}</td>"


def _number(value: Any) -> str:
    if isinstance(value, np.bool_ | bool):
        return str(bool(value))
    return f"{value:.4g}" if isinstance(value, np.floating) else str(value)


def _text(value: Any) -> str:
    return f"<code style='background:none;color:#1f1f1f'>{escape(repr(value)[:300])}</code>"


def _model(facts: ModelFacts) -> str:
    lines = "\n".join(f"{number:2d}  {line}" for number, line in enumerate(facts.layers, start=1))
    return f"{_text(facts)}<pre style='margin:2px 0;background:none;color:#1f1f1f'>{escape(lines)}</pre>"


def _pictures(right: np.ndarray, array: np.ndarray) -> list[tuple[str, str]]:
    """Expected, got, and the difference, the first two in one grey scale (three channels in colour)."""
    low, high = float(np.nanmin(right)), float(np.nanmax(right))
    error = np.abs(array.astype(float) - right.astype(float))
    return [
        ("expected", _picture(right, low, high, "the expected image")),
        ("yours", _picture(array, low, high, "your image")),
        (
            "difference (white = wrong)",
            _picture(error, 0.0, float(np.nan_to_num(error).max(initial=0.0)), "where the two differ"),
        ),
    ]


def _picture(array: np.ndarray, low: float, high: float, alternative: str) -> str:
    from matplotlib.image import imsave

    scaled = np.nan_to_num((array.astype(float) - low) / ((high - low) or 1.0)).clip(0, 1)
    if scaled.ndim == 3 and scaled.shape[2] != 3:
        scaled = scaled[:, :, 0]
    buffer = BytesIO()
    imsave(buffer, scaled, cmap="gray", vmin=0, vmax=1, format="png")
    data = base64.b64encode(buffer.getvalue()).decode()
    style = f"width:{PICTURE_WIDTH}px;image-rendering:pixelated;border:1px solid #ccc"
    return f"<img alt='{escape(alternative)}' style='{style}' src='data:image/png;base64,{data}'>"


def _curves(right: np.ndarray, array: np.ndarray) -> str:
    """Two curves in one drawing: expected grey and broad, yours red and thin."""
    values = np.concatenate([right, array]).astype(float)
    values = values[np.isfinite(values)]
    low, high = float(values.min(initial=0.0)), float(values.max(initial=1.0))

    def path(signal: np.ndarray) -> str:
        x = np.linspace(4, 596, len(signal))
        y = 96 - 92 * (np.nan_to_num(signal.astype(float)) - low) / ((high - low) or 1.0)
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))

    return (
        "<svg viewBox='0 0 600 100' role='img' aria-label='expected and your curve' "
        "style='width:100%;max-width:600px;background:#fff;border:1px solid #ccc'>"
        f"<polyline points='{path(right)}' fill='none' stroke='#9a9a9a' stroke-width='5'/>"
        f"<polyline points='{path(array)}' fill='none' stroke='#b3261e' stroke-width='1.5'/></svg>"
        "<p style='margin:0;color:#555'>broad grey: expected; thin red: yours</p>"
    )
