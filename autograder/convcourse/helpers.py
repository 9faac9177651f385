"""Is a helper to blame? With the course's own result in its place, does every visible case come out right?

A helper may pass its own check, and still be wrong for what this function gives it. So it is judged on what it was given.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from types import FunctionType
from typing import Any

from convcourse.apart import answer_in_time
from convcourse.judging.calling import answer
from convcourse.judging.compare import difference
from convcourse.judging.exercise import Exercise
from convcourse.judging.models import ModelFacts
from convcourse.judging.panel import inputs_text
from convcourse.judging.search import Trial

SECONDS = 0.8  # of trying, by the process's own clock


def to_blame(function: FunctionType, helpers: Mapping[str, Exercise], trials: Sequence[Trial], tolerance: float) -> str:
    """The helpers with whose right results every trial comes out right, as a sentence; "" if that is not so.

    trials: those that fail today first. For a process that may be thrown away.
    """
    end, given = time.process_time() + SECONDS, dict[str, tuple[Any, ...]]()
    lent = _with_right_helpers(function, helpers, given)
    for trial in trials:
        found = answer_in_time(lent, trial, end - time.process_time()) if time.process_time() < end else None
        if not found or found.error or found.changed or difference(trial.expected, found.value, tolerance):
            return ""
    names = " and ".join(f"`{name}`" for name in given)
    looks = [f"your `{name}` gives for `{_as_called(helpers[name], values)}`" for name, values in given.items()]
    return (
        f"With the course's own {names} in place of yours every case that you see comes out right. "
        f"Look at what {', and what '.join(looks)}."
        if given
        else ""
    )


def _as_called(exercise: Exercise, values: tuple[Any, ...]) -> str:
    return inputs_text(dict(zip(exercise.examples[0].arguments, values, strict=False)))


def _with_right_helpers(
    function: FunctionType, helpers: Mapping[str, Exercise], given: dict[str, tuple[Any, ...]]
) -> Callable[..., Any]:
    """The function, in a copy of the notebook's variables in which the helpers are right.

    given: receives what each helper was given when it was first wrong.
    """
    scope = function.__globals__
    space = dict(scope)
    for name, value in scope.items():
        if isinstance(value, FunctionType) and value.__globals__ is scope:
            space[name] = _in(space, value)
    for name, exercise in helpers.items():
        space[name] = _right(scope[name], exercise, given)
    return _in(space, function)


def _in(space: dict[str, Any], function: FunctionType) -> FunctionType:
    copy = FunctionType(function.__code__, space, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _right(helper: Callable[..., Any], exercise: Exercise, given: dict[str, tuple[Any, ...]]) -> Callable[..., Any]:
    """A function that gives what the helper should give, and notes for what the helper gives something else."""

    def right(*arguments: Any, **named: Any) -> Any:
        call = inspect.signature(helper).bind(*arguments, **named)
        call.apply_defaults()
        values = deepcopy(call.args)
        expected = exercise.oracle(*deepcopy(values))
        if isinstance(expected, ModelFacts):
            raise TypeError("a model cannot be lent")
        mine = answer(helper, dict(zip(map(str, range(len(values))), values, strict=True)))
        if mine.error or mine.changed or difference(expected, mine.value, exercise.tolerance):
            given.setdefault(exercise.name, values)
        return expected

    return right
