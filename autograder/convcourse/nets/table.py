"""One table of all landmark nets: what was printed of them, and what they count themselves.

What they count is kept in counts.json, so that the table is read without Keras; a test holds the file to the nets.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from convcourse import nets
from convcourse.nets.count import count_depth, count_macs
from convcourse.nets.published import Published

KEPT = Path(__file__).with_name("counts.json")
UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}


@dataclass(frozen=True)
class Row:
    """What a net counts itself, and what was printed of it.

    family: the first words of its module; year: of the first publication of the family.
    parameters: with those that training does not change; the fields after `depth` are those of `Published`.
    """

    name: str
    family: str
    year: int
    input_shape: tuple[int, ...]
    parameters: int
    trainable: int
    macs: int
    depth: int
    printed_parameters: str
    printed_macs: str
    printed_depth: int | None
    top1: float | None
    top5: float | None
    protocol: str
    source: str
    reason: str


def families() -> list[ModuleType]:
    """The modules of the library, each with the nets of one family."""
    names = [
        f"{nets.__name__}.{module.name}" for module in pkgutil.iter_modules(nets.__path__)
    ]
    return [
        module
        for module in map(importlib.import_module, names)
        if hasattr(module, "PUBLISHED")
    ]


def published_nets() -> list[Published]:
    """Every net of the library with the numbers printed of it, module by module."""
    return [net for module in families() for net in module.PUBLISHED]


def built(name: str, side: int | None = None) -> Any:
    """The net of this name as a keras.Model with random weights.

    side: rows and cols of its images where the published ones are larger; None: as published.
    """
    build = next(net.build for net in published_nets() if net.name == name)
    published = inspect.signature(build).parameters.get("input_shape")
    if side is None or published is None:
        return build()
    rows, cols, channels = published.default
    return build(input_shape=(min(side, rows), min(side, cols), channels))


def kept_rows() -> list[Row]:
    """All nets as counts.json has them."""
    lines = json.loads(KEPT.read_text(encoding="utf-8"))
    return [Row(**{**line, "input_shape": tuple(line["input_shape"])}) for line in lines]


def keep(rows: list[Row]) -> None:
    """Write counts.json: one net a line."""
    lines = ",\n".join(json.dumps(asdict(row), ensure_ascii=False) for row in rows)
    KEPT.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def rows(wanted: Callable[[str], bool] = lambda name: True) -> Iterator[Row]:
    """Build the nets of the wanted names one after the other, and count.

    No weight is drawn, so the largest take no longer than the others.
    """
    import keras

    for module in families():
        for net in filter(lambda net: wanted(net.name), module.PUBLISHED):
            with keras.StatelessScope(initialize_variables=False):
                model = net.build()
            yield row(module, net, model)
            del model
            keras.backend.clear_session()


def row(module: ModuleType, net: Published, model: Any) -> Row:
    """A net of a family beside the model that it builds."""
    assert module.__doc__ is not None
    return Row(
        name=net.name,
        family=re.split("[:,]", module.__doc__, maxsplit=1)[0],
        year=module.YEAR,
        input_shape=tuple(model.inputs[0].shape[1:]),
        parameters=model.count_params(),
        trainable=sum(weight.shape.num_elements() for weight in model.trainable_weights),
        macs=count_macs(model),
        depth=count_depth(model),
        printed_parameters=net.parameters,
        printed_macs=net.macs,
        printed_depth=net.depth,
        **{
            name: getattr(net, name)
            for name in ("top1", "top5", "protocol", "source", "reason")
        },
    )


def disagrees(line: Row) -> bool:
    """Is a printed number of this net another than the one counted? Parameters count with or without statistics."""
    return not (
        (
            not line.printed_parameters
            or any(
                agrees(line.printed_parameters, n)
                for n in (line.trainable, line.parameters)
            )
        )
        and (not line.printed_macs or agrees(line.printed_macs, line.macs))
        and line.printed_depth in (None, line.depth)
    )


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
