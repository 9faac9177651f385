"""The parts of the front page that are made: the kernel that moves, and the five parts of the course with what they ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from convcourse.authoring.book.kernel import moving_kernel
from convcourse.authoring.book.pages import opening
from convcourse.exercises import UNITS, exercises_of
from convcourse.settings import ROOT, SOLUTIONS
from convcourse.templates import template

HALVES = {"two": 2.0, "two and a half": 2.5, "three": 3.0, "three and a half": 3.5, "four": 4.0}
LONG_RUN = re.compile(r"^FULL_RUN = False  # True: (.*)$", flags=re.M)


@dataclass(frozen=True)
class Part:
    """A part of the course. units: the numbers of its first and its last one."""

    title: str
    about: str
    first: int
    last: int

    @property
    def units(self) -> tuple[str, ...]:
        """The names of its units."""
        return UNITS[self.first - 1 : self.last]


PARTS = (
    Part("Convolution", "Signals, pictures, filters. Everything by hand, in NumPy.", 1, 4),
    Part("A network by hand", "A net whose every number you can follow, the layer in full, and its gradients.", 5, 7),
    Part("Keras", "Layers with weights that you set, LeNet-5 trained, and what keeps a net from learning by heart.", 8, 10),
    Part(
        "Landmark architectures", "AlexNet, VGG, GoogLeNet, ResNet, DenseNet and the small nets: built, counted, trained.", 11, 16
    ),
    Part(
        "Looking inside, and beyond",
        "What units see, how nets are deceived, words, sounds, detection, GPUs, and the years since.",
        17,
        28,
    ),
)


@dataclass(frozen=True)
class UnitRow:
    """What the front page says about a unit. page: its address in the book, or None."""

    number: int
    title: str
    page: str | None
    hours: float
    exercises: int
    seconds: str
    long_run: str


def front_page(text: str, units: Sequence[str]) -> str:
    """The front page in Markdown: `text` with the kernel and the five parts in place of their marks."""
    rows = [(part, [_row(unit, unit in units) for unit in part.units]) for part in PARTS]
    parts = template("authoring/book/parts.html.jinja").render(parts=rows)
    return text.replace("<!-- the moving kernel -->", moving_kernel("at once")).replace("<!-- the five parts -->", parts)


def _row(unit: str, has_page: bool) -> UnitRow:
    title, _, time = opening(unit)
    hours = re.search(r"about ((?:\w+ and a half)|\w+) hours", time)
    long_run = LONG_RUN.search((SOLUTIONS / unit / f"{unit}.py").read_text(encoding="utf-8"))
    return UnitRow(
        number=int(unit[:2]),
        title=title,
        page=f"course/{unit}/{unit}.html" if has_page else None,
        hours=HALVES[hours.group(1)] if hours else 0.0,
        exercises=len(exercises_of(unit)),
        seconds=_seconds()[unit],
        long_run=long_run.group(1) if long_run else "",
    )


def _seconds() -> dict[str, str]:
    """For each unit: the seconds that its notebook computes, from the table in docs/benchmarks.md."""
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| (\d\d_\w+) \| (\d+) \|", text, flags=re.M))
