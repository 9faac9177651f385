"""The exercises of the course, one module a unit. The modules are imported only when needed."""

from __future__ import annotations

import importlib
import re
from functools import cache
from pathlib import Path

from convcourse.judging.exercise import Exercise


def _units() -> tuple[str, ...]:
    """The units, such as "02_convolution_1d", in order: the modules of this folder that begin with \"\"\"Unit NN."""
    names = []
    for path in Path(__file__).parent.glob("*.py"):
        with path.open(encoding="utf-8") as lines:
            if number := re.match(r'"""Unit (\d\d)\b', next(lines, "")):
                names.append(f"{number[1]}_{path.stem}")
    return tuple(sorted(names))


UNITS = _units()


def module_of(unit: str, package: str = __name__) -> str:
    """The module of a package that belongs to a unit: convcourse.exercises.convolution_1d for 02_convolution_1d."""
    return f"{package}.{unit[3:]}"


@cache
def exercises_of(unit: str) -> tuple[Exercise, ...]:
    """The exercises of a unit, in the notebook's order. Raises KeyError for an unknown unit."""
    if unit not in UNITS:
        raise KeyError(f"no unit called '{unit}'; the units are {', '.join(UNITS)}")
    module = importlib.import_module(module_of(unit))
    exercises: tuple[Exercise, ...] = module.EXERCISES
    return exercises


def find_exercise(name: str) -> Exercise | None:
    """The exercise with this name, or None. Only modules whose source has the name are imported, because some take seconds."""
    return next((e for unit in UNITS if name in _source(unit) for e in exercises_of(unit) if e.name == name), None)


@cache
def _source(unit: str) -> str:
    return Path(__file__).with_name(f"{unit[3:]}.py").read_text(encoding="utf-8")
