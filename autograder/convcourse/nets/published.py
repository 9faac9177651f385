"""What papers say of their nets, to be held against what the nets themselves say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Published:
    """A net and the numbers printed about it.

    name: as in the paper; build: makes the net for ImageNet, without arguments.
    parameters: the printed count, in its own unit ("138 M", "138,357,544"), empty where none is printed.
    macs: multiply-adds for one image as printed ("4.1 G"), empty where none is printed.
    depth: the printed number of weighted layers in sequence, or None.
    top1, top5: printed errors in per cent on ILSVRC validation, or None.
    protocol: how these errors were measured ("1 crop of 224"); empty where none is printed.
    source: where the numbers stand ("Simonyan and Zisserman 2015, tables 2 and 3").
    reason: why our count differs from the printed one, empty when it does not.
    """

    name: str
    build: Callable[..., keras.Model]
    parameters: str
    source: str
    macs: str = ""
    depth: int | None = None
    top1: float | None = None
    top5: float | None = None
    protocol: str = ""
    reason: str = ""
