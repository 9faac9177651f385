"""The solutions' functions, taken from the percent scripts as the build reads them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

import jupytext

from convcourse.exercise import Exercise
from convcourse.exercises import UNITS, exercises_of
from convcourse.notebooks.library import expanded
from convcourse.settings import SOLUTIONS

ALL = [(unit, exercise) for unit in UNITS for exercise in exercises_of(unit)]
EACH = {"argvalues": ALL, "ids": [exercise.name for _, exercise in ALL]}


@cache
def solutions_of(unit: str) -> dict[str, Any]:
    """The names that a unit's set-up and answer cells define."""
    script = SOLUTIONS / unit / f"{unit}.py"
    notebook = jupytext.reads(expanded(script.read_text(encoding="utf-8")), fmt="py:percent")
    namespace: dict[str, Any] = {}
    for cell in notebook.cells:
        if "setup" in cell.metadata or "answer" in cell.metadata:
            exec(compile(cell.source, f"{unit}.py", "exec"), namespace)
    return namespace


def right_answers(unit: str, exercise: Exercise) -> tuple[Callable[..., Any], ...]:
    """Other right answers to an exercise."""
    module = importlib.import_module(f"tests.right_answers.{unit[3:]}")
    found: tuple[Callable[..., Any], ...] = module.RIGHT_ANSWERS[exercise.name]
    return found
