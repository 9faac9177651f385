"""One table of all landmark nets: what was printed of them, and what they count themselves."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from convcourse import nets
from convcourse.nets.count import count_depth, count_macs
from convcourse.nets.published import Published

UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}


@dataclass(frozen=True)
class Row:
    """A net beside its printed numbers. Parameters are those that training changes and those that it does not."""

    published: Published
    input_shape: tuple[int, ...]
    parameters: int
    trainable: int
    macs: int
    depth: int


def published_nets() -> list[Published]:
    """Every net of the library with the numbers printed of it, module by module."""
    modules = [
        importlib.import_module(f"{nets.__name__}.{module.name}")
        for module in pkgutil.iter_modules(nets.__path__)
    ]
    return [net for module in modules for net in getattr(module, "PUBLISHED", ())]


def built(name: str, side: int | None = None) -> Any:
    """The net of this name as a keras.Model with random weights.

    side: rows and cols of its images where the published ones are larger; None: as published.
    """
    build: Any = next(net.build for net in published_nets() if net.name == name)
    published = inspect.signature(build).parameters.get("input_shape")
    if side is None or published is None:
        return build()
    rows, cols, channels = published.default
    return build(input_shape=(min(side, rows), min(side, cols), channels))


def rows() -> Iterator[Row]:
    """Build the nets one after the other, and count."""
    import keras

    for published in published_nets():
        model = published.build()
        trainable = sum(weight.shape.num_elements() for weight in model.trainable_weights)
        shape = tuple(model.inputs[0].shape[1:])
        yield Row(
            published,
            shape,
            model.count_params(),
            trainable,
            count_macs(model),
            count_depth(model),
        )
        del model
        keras.backend.clear_session()  # the largest nets hold half a gigabyte


def agrees(printed: str, counted: int) -> bool:
    """Does a count give the printed digits? "138 M" and 138,357,544 do; "25.56 M" and 25,636,712 do not."""
    number, unit = _parts(printed)
    decimals = len(number.partition(".")[2])
    return round(counted / UNITS[unit], decimals) == float(number)


def difference(printed: str, counted: int) -> float:
    """How much more was counted than printed, as a share."""
    number, unit = _parts(printed)
    return counted / (float(number) * UNITS[unit]) - 1


def _parts(printed: str) -> tuple[str, str]:
    match = re.fullmatch(r"([\d.]+) ?([KMG]?)", printed.replace(",", ""))
    if match is None:
        raise ValueError(f"not a printed number: {printed!r}")
    return match[1], match[2]
