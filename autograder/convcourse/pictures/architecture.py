"""Any net drawn from itself: a box for each block, in it the layers, below it the size of its maps and its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, new_figure
from convcourse.nets.count import count_depth, count_macs

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
MERGES = {"Add": "summed", "Concatenate": "concatenated"}
CELL_WIDTH, CELL_HEIGHT, GAP, LINE = 0.5, 0.34, 0.3, 8.6  # inches
LARGEST_BLOCK = 60  # operations; what has more is cut where its branches are joined


@dataclass
class Block:
    """Operations between two places where the whole net is one tensor, as columns of layers side by side.

    columns: branch -> layers from input to output; times: how often the block stands here in a row.
    """

    operations: list[Any]
    columns: list[list[Any]]
    times: int = 1
    skips: bool = False
    merge: str = ""
    repeats: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def output(self) -> tuple[int, ...]:
        """Shape of what the last layer drawn gives; a frame of zeros behind it belongs to the layer that comes next."""
        return tuple(next(o for o in reversed(self.operations) if type(o).__name__ in KINDS | MERGES).output.shape[1:])

    @property
    def parameters(self) -> int:
        return sum(operation.count_params() for operation in self.operations if hasattr(operation, "count_params"))


def architecture_figure(model: Any, name: str) -> tuple[Figure, str]:
    """A net as rows of blocks, read from left to right, and a sentence that says the same."""
    blocks = blocks_of(model)
    rows = list(_rows(blocks))
    heights = [max(max(map(len, block.columns)) for block in row) * CELL_HEIGHT + 1.0 for row in rows]
    figure, axes = new_figure(width=LINE + 0.6, height=sum(heights) + 0.75)
    top = 0.0
    for row, height in zip(rows, heights, strict=True):
        left = 0.15
        for block in row:
            _draw_block(axes, block, left, top - height / 2 + 0.05)
            left += _width(block) + GAP
            if block is not blocks[-1]:
                axes.text(left - GAP / 2, top - height / 2 + 0.05, "→", ha="center", va="center", fontsize=9)
        top -= height
    used = {type(layer).__name__ for block in blocks for column in block.columns for layer in column}
    _draw_key(axes, used, top - 0.12)
    axes.set(xlim=(-0.1, LINE + 0.5), ylim=(top - 0.35, 0.1), aspect="equal")
    axes.set_axis_off()
    counts = f"{model.count_params():,} parameters, {_short(count_macs(model))} multiply-adds, depth {count_depth(model)}"
    axes.set_title(f"{name}: {counts}")
    words = "; ".join(_words(block) for block in blocks)
    return figure, f"{name} from input to output, {counts}. {words}."


def blocks_of(model: Any) -> list[Block]:
    """The blocks of a net, equal neighbours counted once, and runs of single layers of one map size put together."""
    blocks: list[Block] = []
    for operations in _pieces(_operations(model)):
        block = _block(operations)
        if not block.columns:  # batch normalisation, ReLU and the like belong to what stands before them
            if blocks:
                blocks[-1].operations += operations
        elif blocks and not _is_chain(block) and _looks(blocks[-1]) == _looks(block):
            blocks[-1].times += 1
            blocks[-1].operations += operations
        elif blocks and _is_chain(blocks[-1]) and _is_chain(block) and _side(blocks[-1]) == _side(block):
            blocks[-1].columns[0] += block.columns[0]
            blocks[-1].operations += operations
        else:
            blocks.append(block)
    for block in blocks:
        if _is_chain(block):
            block.columns[0], block.repeats = _folded(block.columns[0])
    return blocks


def _operations(model: Any) -> list[Any]:
    """All operations but the input, each after those that feed it."""
    return [o for o in getattr(model, "operations", model.layers) if type(o).__name__ != "InputLayer"]


def _inputs(operation: Any) -> list[int]:
    return [id(tensor) for tensor in operation._inbound_nodes[0].input_tensors]


def _outputs(operation: Any) -> list[int]:
    return [id(tensor) for tensor in operation._inbound_nodes[0].output_tensors]


def _pieces(operations: Sequence[Any]) -> Iterator[list[Any]]:
    """The operations, cut wherever a single tensor is all that later ones read."""
    last_read = {tensor: place for place, o in enumerate(operations) for tensor in _inputs(o)}
    alive: set[int] = set()
    piece: list[Any] = []
    for place, operation in enumerate(operations):
        piece.append(operation)
        alive |= set(_outputs(operation))
        alive = {tensor for tensor in alive if last_read.get(tensor, len(operations)) > place}
        if len(alive) == 1:
            yield from _cells(piece) if len(piece) > LARGEST_BLOCK else [piece]
            piece = []
    if piece:
        yield piece


def _cells(operations: Sequence[Any]) -> list[list[Any]]:
    """A piece without a narrow place (a NASNet: each cell reads two others), cut where branches are concatenated."""
    cells: dict[int, list[Any]] = {}
    home: dict[int, int] = {}
    for number, operation in reversed(list(enumerate(operations))):
        readers = [home[id(o)] for o in operations[number + 1 :] if set(_outputs(operation)) & set(_inputs(o))]
        own = number if type(operation).__name__ == "Concatenate" or not readers else min(readers)
        home[id(operation)] = own
        cells.setdefault(own, []).insert(0, operation)
    return [cells[number] for number in sorted(cells)]


def _block(operations: Sequence[Any]) -> Block:
    """Sort a piece's layers into columns: each below the one that feeds it, branches side by side."""
    stands: dict[int, tuple[int, int]] = {}  # tensor -> column and place of the layer that it comes from
    columns: list[list[Any]] = []
    for operation in operations:
        sources = [stands[tensor] for tensor in _inputs(operation) if tensor in stands]
        if type(operation).__name__ in KINDS:
            if sources and sources[0][1] == len(columns[sources[0][0]]):  # nothing stands below that layer yet
                column = sources[0][0]
            else:
                column = len(columns)
                columns.append([])
            columns[column].append(operation)
            stands |= dict.fromkeys(_outputs(operation), (column, len(columns[column])))
        elif sources and type(operation).__name__ != "Add":  # what reads a sum begins a column of its own
            stands |= dict.fromkeys(_outputs(operation), sources[0])
    made = {tensor for operation in operations for tensor in _outputs(operation)}
    merges = [operation for operation in operations if type(operation).__name__ in MERGES]
    skips = any(tensor not in made for operation in merges for tensor in _inputs(operation))
    return Block(list(operations), columns, skips=skips, merge=MERGES[type(merges[-1]).__name__] if merges else "")


def _is_chain(block: Block) -> bool:
    return len(block.columns) == 1 and not block.merge


def _looks(block: Block) -> tuple[Any, ...]:
    """What makes two blocks look alike; for a run of equal blocks, the look of one."""
    return (block.skips, block.merge, tuple(tuple(map(_label, column)) for column in block.columns))


def _side(block: Block) -> tuple[int, ...]:
    return block.output[:-1]


def _folded(layers: Sequence[Any]) -> tuple[list[Any], list[tuple[int, int, int]]]:
    """A chain with repeated layers, or repeated pairs of layers, written once: (first place, length, times)."""
    shown: list[Any] = []
    repeats: list[tuple[int, int, int]] = []
    place = 0
    while place < len(layers):
        length, times = max(((n, _times(layers[place:], n)) for n in (1, 2)), key=lambda run: (run[0] * run[1], -run[0]))
        if times == 1:
            length = 1
        else:
            repeats.append((len(shown), length, times))
        shown += layers[place : place + length]
        place += length * times
    return shown, repeats


def _times(layers: Sequence[Any], length: int) -> int:
    """How often the first `length` layers stand one after the other."""
    labels = [_label(layer) for layer in layers]
    times = 1
    while labels[times * length : (times + 1) * length] == labels[:length]:
        times += 1
    return times


def _label(layer: Any) -> str:
    """Kernel, stride and filters: "3×3 ↓2\\n64"."""
    kind = type(layer).__name__
    if kind == "Dense":
        return f"FC\n{layer.units:,}"
    if kind.startswith("Global"):
        return "whole\nmap"
    if "Pooling" in kind:
        size, step = layer.pool_size, layer.strides
        return f"{size[0]}×{size[1]}\n" + (f"↓{step[0]}" if step[0] > 1 else "pool")
    size, step = layer.kernel_size, layer.strides
    filters = f"{layer.filters:,}" if hasattr(layer, "filters") and layer.filters else ""
    groups = f" /{layer.groups}" if getattr(layer, "groups", 1) > 1 and kind == "Conv2D" else ""
    return f"{size[0]}×{size[1]}{f' ↓{step[0]}' if step[0] > 1 else ''}\n{filters}{groups}".strip()


def _columns_wide(block: Block) -> float:
    """Columns of layers, and room for an arrow or a bracket beside them."""
    return len(block.columns) + (0.6 if block.skips else 0) + (0.45 if block.repeats else 0)


def _width(block: Block) -> float:
    return max(_columns_wide(block) * CELL_WIDTH, 0.95)


def _rows(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks broken into lines, none longer than LINE."""
    row: list[Block] = []
    for block in blocks:
        if row and sum(_width(other) + GAP for other in [*row, block]) > LINE + GAP:
            yield row
            row = []
        row.append(block)
    yield row


def _draw_block(axes: Axes, block: Block, left: float, middle: float) -> None:
    tall = max(map(len, block.columns)) * CELL_HEIGHT
    width, top, low = _width(block), middle + tall / 2, middle - tall / 2
    axes.add_patch(Rectangle((left - 0.06, low - 0.06), width + 0.12, tall + 0.12, facecolor="#f5f5f5", edgecolor=GREY, lw=0.6))
    start = left + (width - _columns_wide(block) * CELL_WIDTH) / 2
    for number, column in enumerate(block.columns):
        for place, layer in enumerate(column, start=1):
            _draw_layer(axes, layer, start + number * CELL_WIDTH, middle + (len(column) / 2 - place) * CELL_HEIGHT)
    beside = start + len(block.columns) * CELL_WIDTH + 0.08
    for first, length, times in block.repeats:
        high, deep = top - first * CELL_HEIGHT - 0.04, top - (first + length) * CELL_HEIGHT + 0.04
        axes.plot([beside, beside], [high, deep], color="black", lw=1)
        axes.text(beside + 0.03, (high + deep) / 2, f"×{times}", fontsize=7, va="center")
    if block.skips:
        axes.add_patch(FancyArrowPatch((beside, top), (beside, low), arrowstyle="-|>", mutation_scale=7, lw=1, color=GREY))
    often, weight = (f"×{block.times}, ", "bold") if block.times > 1 else ("", "normal")
    centre = left + width / 2
    axes.text(centre, top + 0.1, often + block.merge, ha="center", va="bottom", fontsize=7.5, weight=weight)
    below = f"{'×'.join(map(str, block.output))}\n{_short(block.parameters)}"
    axes.text(centre, low - 0.1, below, ha="center", va="top", fontsize=7.5)


def _draw_layer(axes: Axes, layer: Any, left: float, low: float) -> None:
    colour, hatch, _ = KINDS[type(layer).__name__]
    box = Rectangle((left + 0.02, low + 0.02), CELL_WIDTH - 0.04, CELL_HEIGHT - 0.04)
    box.set(facecolor=colour + "40", edgecolor=colour, hatch=hatch, lw=0.7)
    axes.add_patch(box)
    size = 7 if len(_label(layer).splitlines()[0]) < 8 else 6  # AlexNet's "11×11 ↓4" is the longest
    words = axes.text(left + CELL_WIDTH / 2, low + CELL_HEIGHT / 2, _label(layer), ha="center", va="center", fontsize=size)
    words.set(linespacing=0.95, bbox={"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 0.4})


def _short(count: int) -> str:
    """4,350 as "4.35 K", as short as the pictures need it."""
    for unit, size in (("G", 1_000_000_000), ("M", 1_000_000), ("K", 1_000)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count) if count else "no parameters"


def _draw_key(axes: Axes, used: set[str], y: float) -> None:
    shown = {name: (colour, hatch) for kind, (colour, hatch, name) in KINDS.items() if kind in used}
    for place, (name, (colour, hatch)) in enumerate(shown.items()):
        x = 0.15 + place * 1.75
        axes.add_patch(Rectangle((x, y - 0.08), 0.24, 0.16, facecolor=colour + "40", edgecolor=colour, hatch=hatch, lw=0.7))
        axes.text(x + 0.3, y, name, va="center", fontsize=8)


def _words(block: Block) -> str:
    branches = [", then ".join(_label(layer).replace("\n", " ") for layer in column) for column in block.columns]
    joined = " beside ".join(branches) + (" beside a shortcut" if block.skips else "")
    return f"{block.times} times {joined}" if block.times > 1 else joined
