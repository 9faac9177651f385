"""A net taken apart into blocks, so that it can be drawn: what stands side by side, what is joined, what comes again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# The layers that are drawn; all others belong to what stands before them.
DRAWN = (
    "Conv2D",
    "DepthwiseConv2D",
    "SeparableConv2D",
    "MaxPooling2D",
    "AveragePooling2D",
    "GlobalAveragePooling2D",
    "Dense",
)
MERGES = {"Add": "+", "Concatenate": "concat"}
LARGEST_BLOCK = 60  # operations; what has more is cut where its branches are joined


@dataclass
class Block:
    """Operations between two places where the whole net is one tensor, as columns of layers side by side.

    columns: branch -> layers from input to output. origins: branch -> the branch and the number of layers in it from which
    it parts; None if it begins with the block. times: how often the block stands here in a row. skips: is the block's input
    joined with what the branches give? merge: how they are joined. repeats: (first place, length, times) in a single branch.
    """

    operations: list[Any]
    columns: list[list[Any]]
    origins: list[tuple[int, int] | None]
    times: int = 1
    skips: bool = False
    merge: str = ""
    repeats: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def output(self) -> tuple[int, ...]:
        """Shape of what the last layer drawn gives; a frame of zeros behind it belongs to the layer that comes next."""
        return tuple(next(o for o in reversed(self.operations) if type(o).__name__ in (*DRAWN, *MERGES)).output.shape[1:])

    @property
    def parameters(self) -> int:
        return sum(operation.count_params() for operation in self.operations if hasattr(operation, "count_params"))


def blocks_of(model: Any) -> list[Block]:
    """The blocks of a net, equal neighbours counted once, and runs of single layers of one map size put together."""
    blocks: list[Block] = []
    for operations in _pieces(_operations(model)):
        block = _block(operations)
        if not block.columns:  # batch normalisation, ReLU and the like belong to what stands before them
            if blocks:
                blocks[-1].operations += operations
        elif blocks and not is_chain(block) and _looks(blocks[-1]) == _looks(block):
            blocks[-1].times += 1
            blocks[-1].operations += operations
        elif blocks and is_chain(blocks[-1]) and is_chain(block) and _side(blocks[-1]) == _side(block):
            blocks[-1].columns[0] += block.columns[0]
            blocks[-1].operations += operations
        else:
            blocks.append(block)
    for block in blocks:
        if is_chain(block):
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
    origins: list[tuple[int, int] | None] = []
    for operation in operations:
        sources = [stands[tensor] for tensor in _inputs(operation) if tensor in stands]
        if type(operation).__name__ in DRAWN:
            if sources and sources[0][1] == len(columns[sources[0][0]]):  # nothing stands below that layer yet
                column = sources[0][0]
            else:
                column = len(columns)
                columns.append([])
                origins.append(sources[0] if sources else None)
            columns[column].append(operation)
            stands |= dict.fromkeys(_outputs(operation), (column, len(columns[column])))
        elif sources and type(operation).__name__ != "Add":  # what reads a sum begins a column of its own
            stands |= dict.fromkeys(_outputs(operation), sources[0])
    made = {tensor for operation in operations for tensor in _outputs(operation)}
    merges = [operation for operation in operations if type(operation).__name__ in MERGES]
    skips = any(tensor not in made for operation in merges for tensor in _inputs(operation))
    joined = ", then ".join(dict.fromkeys(MERGES[type(operation).__name__] for operation in merges))
    return Block(list(operations), columns, origins, skips=skips, merge=joined)


def is_chain(block: Block) -> bool:
    return len(block.columns) == 1 and not block.merge


def _looks(block: Block) -> tuple[Any, ...]:
    """What makes two blocks look alike; for a run of equal blocks, the look of one."""
    return (block.skips, block.merge, tuple(tuple(map(label, column)) for column in block.columns))


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
    labels = [label(layer) for layer in layers]
    times = 1
    while labels[times * length : (times + 1) * length] == labels[:length]:
        times += 1
    return times


def label(layer: Any) -> str:
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


def words_of(block: Block) -> str:
    """A block as a part of a sentence."""
    branches = [", then ".join(label(layer).replace("\n", " ") for layer in column) for column in block.columns]
    joined = " beside ".join(branches) + (" beside a shortcut" if block.skips else "")
    return f"{block.times} times {joined}" if block.times > 1 else joined


def receptive_fields(model: Any) -> dict[int, np.ndarray]:
    """id of each operation -> (rows, cols) of the input that one place of its output sees, at most the whole input."""
    whole = np.array((*model.inputs[0].shape[1:-1], 1, 1)[:2])
    seen: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # tensor -> field, and pixels of the input from place to place
    fields = {}
    for operation in _operations(model):
        sources = [seen.get(tensor, (np.ones(2, int), np.ones(2, int))) for tensor in _inputs(operation)]
        field, step = (np.max(parts, axis=0) for parts in zip(*sources, strict=True))
        if len(operation._inbound_nodes[0].output_tensors[0].shape) < 4:  # a number for a whole map
            field = whole
        else:
            size = getattr(operation, "kernel_size", getattr(operation, "pool_size", (1, 1)))
            reach = (np.array(size) - 1) * getattr(operation, "dilation_rate", 1)
            field, step = np.minimum(field + reach * step, whole), step * getattr(operation, "strides", 1)
        fields[id(operation)] = field
        seen |= dict.fromkeys(_outputs(operation), (field, step))
    return fields
