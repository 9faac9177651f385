"""Any net drawn from itself: a frame for each block, in it the layers with arrows, below it its maps, to scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from convcourse.colours import LINE, SOFT_INK, WASH
from convcourse.figures import BLUE, GREEN, ORANGE, PURPLE
from convcourse.inline_svg import TITLE
from convcourse.nets.count import count_depth, count_macs, layer_macs
from convcourse.pictures.net_blocks import Block, blocks_of, is_chain, label, receptive_fields, words_of

# What a kind of layer looks like: colour, hatch, name in the key. The hatch tells kinds apart without colour.
KINDS = {
    "Conv2D": (BLUE, "", "convolution"),
    "DepthwiseConv2D": (PURPLE, "..", "depthwise"),
    "SeparableConv2D": (PURPLE, "xx", "separable"),
    "MaxPooling2D": (ORANGE, "//", "max pooling"),
    "AveragePooling2D": (ORANGE, "\\\\", "average pooling"),
    "GlobalAveragePooling2D": (ORANGE, "\\\\", "average pooling"),
    "Dense": (GREEN, "", "fully connected"),
}
# Inches. A page of 760 pixels shows nine of them, so that type of 8 points has 9 pixels.
LINE_LENGTH, MARGIN, GAP, PAD = 8.6, 0.3, 0.3, 0.1
CELL_WIDTH, CELL_HEIGHT, ACROSS, DOWN = 0.64, 0.36, 0.07, 0.17
LARGEST_MAP, TYPE = 0.55, 8


def architecture_figure(model: Any, name: str) -> tuple[Figure, str]:
    """A net as rows of blocks, read from left to right, and a sentence that says the same."""
    blocks = blocks_of(model)
    rows = _rows(blocks)
    fields = receptive_fields(model)
    scale = LARGEST_MAP / max(model.inputs[0].shape[1], *map(_side, blocks))
    counts = f"{model.count_params():,} parameters, {_short(count_macs(model))} multiply-adds, depth {count_depth(model)}"
    width = max(max(map(_row_width, rows)), 6.0) + 2 * MARGIN
    above = [max(_height(block) / 2 + (0.35 if block.times > 1 else 0.15) for block in row) for row in rows]
    below = [max(_height(block) / 2 + _side(block) * scale + 0.5 for block in row) for row in rows]
    figure, axes = _page(width, sum(above) + sum(below) + 1.1)
    axes.text(width / 2, 0.1, f"{name}: {counts}", ha="center", va="top", fontsize=11, fontweight="bold")
    top = 0.45
    for row, up, down in zip(rows, above, below, strict=True):
        middle = top + up
        left = MARGIN
        for block in row:
            if block is not blocks[0]:
                _arrow(axes, (left - GAP + 0.03, middle), (left - 0.01, middle))
            _draw_block(axes, block, left, middle, scale, fields)
            left += _width(block) + GAP
        if row is not rows[-1]:
            _arrow(axes, (left - GAP + 0.03, middle), (left - 0.01, middle))
        top = middle + down
    used = [kind for kind in KINDS if any(type(layer).__name__ == kind for block in blocks for c in block.columns for layer in c)]
    _draw_key(axes, used, top + 0.25)
    return figure, f"{name} from input to output, {counts}. {'; '.join(map(words_of, blocks))}."


def _page(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure whose axes count inches, from the left and from the top."""
    figure = plt.figure(figsize=(width, height), layout="none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


# --- sizes -------------------------------------------------------------------------------------------


def _rows(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks broken into as few lines as fit, all of about the same length."""
    rows = _broken(blocks, LINE_LENGTH)
    for length in np.arange(LINE_LENGTH, 0, -0.1):
        shorter = _broken(blocks, length)
        if len(shorter) > len(rows):
            break
        rows = shorter
    return rows


def _broken(blocks: Sequence[Block], length: float) -> list[list[Block]]:
    rows: list[list[Block]] = [[]]
    for block in blocks:
        if rows[-1] and _row_width([*rows[-1], block]) > length:
            rows.append([])
        rows[-1].append(block)
    return rows


def _row_width(row: Sequence[Block]) -> float:
    return sum(map(_width, row)) + GAP * (len(row) - 1)


def _columns_width(block: Block) -> float:
    """Columns of layers, and room for a shortcut or a bracket beside them."""
    return len(block.columns) * (CELL_WIDTH + ACROSS) - ACROSS + (0.2 if block.skips else 0) + (0.3 if block.repeats else 0)


def _width(block: Block) -> float:
    return max(_columns_width(block) + 2 * PAD, 0.9)


def _starts(block: Block) -> list[int]:
    """How many layers deep each branch begins."""
    starts: list[int] = []
    for origin in block.origins:
        starts.append(0 if origin is None else starts[origin[0]] + origin[1])
    return starts


def _depth(block: Block) -> int:
    return max(start + len(column) for start, column in zip(_starts(block), block.columns, strict=True))


def _height(block: Block) -> float:
    ends = 2 * DOWN if is_chain(block) else 2 * DOWN + 0.52
    return _depth(block) * (CELL_HEIGHT + DOWN) - DOWN + ends


def _side(block: Block) -> int:
    """Rows of the block's maps; of a vector one."""
    return block.output[0] if len(block.output) == 3 else 1


# --- parts -------------------------------------------------------------------------------------------


def _draw_block(axes: Axes, block: Block, left: float, middle: float, scale: float, fields: dict[int, np.ndarray]) -> None:
    width, height = _width(block), _height(block)
    centre, top, low = left + width / 2, middle - height / 2, middle + height / 2
    axes.add_patch(Rectangle((left, top), width, height, facecolor=WASH, edgecolor=LINE, lw=0.7))
    fork, joint = (top, low) if is_chain(block) else (top + 0.17, low - 0.35)
    first = fork + DOWN
    begin = left + (width - _columns_width(block)) / 2 + CELL_WIDTH / 2
    places = [begin + number * (CELL_WIDTH + ACROSS) for number in range(len(block.columns))]
    starts = _starts(block)
    for x, column, start, origin in zip(places, block.columns, starts, block.origins, strict=True):
        y = first + start * (CELL_HEIGHT + DOWN)
        if origin is not None:
            axes.plot([places[origin[0]], x], [y - DOWN / 2] * 2, color="black", lw=0.8)
        for place, layer in enumerate(column):
            _arrow(axes, (x, y - (DOWN / 2 if origin and not place else DOWN)), (x, y))
            _draw_layer(axes, layer, x, y, fields)
            y += CELL_HEIGHT + DOWN
        axes.plot([x, x], [y - DOWN, joint], color="black", lw=0.8)
    if not is_chain(block):
        side = places[-1] + CELL_WIDTH / 2 + 0.14
        _draw_joint(axes, block, [*places, side] if block.skips else places, centre, (top, fork), (joint, low))
    for number, length, times in block.repeats:
        high, deep = (first + n * (CELL_HEIGHT + DOWN) for n in (number, number + length))
        beside = begin + CELL_WIDTH / 2 + 0.07
        axes.plot([beside] * 2, [high, deep - DOWN], color="black", lw=1)
        axes.text(beside + 0.05, (high + deep - DOWN) / 2, f"×{times}", fontsize=TYPE, va="center")
    if block.times > 1:
        axes.text(centre, top - 0.04, f"{block.times} times", ha="center", va="bottom", fontsize=TYPE, fontweight="bold")
    _draw_maps(axes, block, centre, low + 0.1, scale)


def _draw_joint(
    axes: Axes, block: Block, places: Sequence[float], centre: float, above: tuple[float, float], below: tuple[float, float]
) -> None:
    """Where the block's input parts (between two heights above), and where its branches are joined (between two below)."""
    (top, fork), (joint, low) = above, below
    whole = [x for x, origin in zip(places, [*block.origins, None], strict=False) if origin is None]
    axes.plot([centre, centre], [top, fork], color="black", lw=0.8)
    axes.plot([min([*whole, centre]), max([*whole, centre])], [fork, fork], color="black", lw=0.8)
    if block.skips:
        axes.plot([places[-1]] * 2, [fork, joint], color="black", lw=1.6, ls=(0, (3, 1.5)))
    axes.plot([min(places), max(places)], [joint, joint], color="black", lw=0.8)
    if block.merge:
        axes.plot([centre, centre], [joint, low], color="black", lw=0.8)
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "black", "lw": 0.8}
        axes.text(centre, (joint + low) / 2 + 0.02, block.merge, ha="center", va="center", fontsize=TYPE, bbox=box)


def _draw_layer(axes: Axes, layer: Any, x: float, y: float, fields: dict[int, np.ndarray]) -> None:
    """A layer's box, whose upper edge has its middle at (x, y). It says more when the pointer rests on it."""
    colour, hatch, kind = KINDS[type(layer).__name__]
    shape, seen = "×".join(f"{n:,}" for n in layer.output.shape[1:]), "×".join(map(str, fields[id(layer)]))
    costs = f"{_short(layer.count_params())} parameters, {_short(layer_macs(layer))} multiply-adds"
    told = f"{TITLE}{kind} {' '.join(label(layer).split())}: gives {shape}; {costs}; sees {seen} pixels"
    box = Rectangle((x - CELL_WIDTH / 2, y), CELL_WIDTH, CELL_HEIGHT, facecolor="white", edgecolor=colour, lw=1.2, gid=told)
    axes.add_patch(box)
    axes.add_patch(Rectangle((x - CELL_WIDTH / 2, y), 0.07, CELL_HEIGHT, facecolor=colour, edgecolor="white", hatch=hatch, lw=0))
    words: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TYPE, "linespacing": 1.05}
    axes.text(x + 0.03, y + CELL_HEIGHT / 2, label(layer), gid=told, **words)


def _draw_maps(axes: Axes, block: Block, centre: float, top: float, scale: float) -> None:
    """The side of the maps that leave a block, to scale, with their shape and the block's parameters."""
    side = max(_side(block) * scale, 0.02)
    axes.add_patch(Rectangle((centre - side / 2, top), side, side, facecolor=LINE, edgecolor="black", lw=0.6))
    words = "×".join(f"{n:,}" for n in block.output) + (f"\n{_short(block.parameters)}" if block.parameters else "")
    axes.text(centre, top + side + 0.06, words, ha="center", va="top", fontsize=TYPE)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 6, "lw": 0.8, "color": "black", "shrinkA": 0, "shrinkB": 0}
    axes.add_patch(FancyArrowPatch(start, end, **look))


def _draw_key(axes: Axes, used: Sequence[str], y: float) -> None:
    names = {KINDS[kind][2]: KINDS[kind] for kind in used}
    for place, (name, (colour, hatch, _)) in enumerate(names.items()):
        x = MARGIN + place * 1.3
        axes.add_patch(Rectangle((x, y - 0.07), 0.14, 0.14, facecolor=colour, edgecolor="white", hatch=hatch, lw=0))
        axes.text(x + 0.2, y, name, va="center", fontsize=TYPE)
    axes.text(MARGIN, y + 0.24, "squares: maps, to scale; numbers below: shape and parameters", fontsize=TYPE, color=SOFT_INK)


def _short(count: int) -> str:
    """4,350 as "4.35 K", as short as the pictures need it."""
    for unit, size in (("G", 1_000_000_000), ("M", 1_000_000), ("K", 1_000)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count) if count else "no"
