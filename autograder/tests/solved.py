"""The solutions' functions, taken from the percent scripts as the build reads them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

import jupytext

from convcourse.authoring.notebooks.library import expanded
from convcourse.exercises import UNITS, exercises_of, find_exercise, module_of
from convcourse.judging.exercise import Exercise
from convcourse.judging.models import ModelFacts, PackedModel, Symbolic
from convcourse.settings import SOLUTIONS

ALL = [(unit, exercise) for unit in UNITS for exercise in exercises_of(unit)]
EACH = {"argvalues": ALL, "ids": [exercise.name for _, exercise in ALL]}


@cache
def solutions_of(unit: str) -> dict[str, Any]:
    """The names that a unit's set-up and answer cells define, and those that show code of the library."""
    text = (SOLUTIONS / unit / f"{unit}.py").read_text(encoding="utf-8")
    written, whole = (jupytext.reads(script, fmt="py:percent").cells for script in (text, expanded(text)))
    namespace: dict[str, Any] = {}
    for source, cell in zip(written, whole, strict=True):
        if "setup" in cell.metadata or "answer" in cell.metadata or "### SHOW" in source.source:
            exec(compile(cell.source, f"{unit}.py", "exec"), namespace)
    return namespace


def right_answers(unit: str, exercise: Exercise) -> tuple[Callable[..., Any], ...]:
    """Other right answers to an exercise."""
    module = importlib.import_module(module_of(unit, "tests.right_answers"))
    found: tuple[Callable[..., Any], ...] = module.RIGHT_ANSWERS[exercise.name]
    return found


@cache
def builds_models(exercise_name: str) -> bool:
    """Does a case build Keras models, as arguments or as the result? Then it takes longer, and needs fewer seeds."""
    exercise = find_exercise(exercise_name)
    arguments = tuple(exercise.examples[0].arguments.values())
    return any(isinstance(given, PackedModel | Symbolic) for given in arguments) or is_model(exercise_name)


@cache
def is_model(exercise_name: str) -> bool:
    exercise = find_exercise(exercise_name)
    return isinstance(exercise.oracle(*exercise.examples[0].arguments.values()), ModelFacts)
