"""Run a search in a process of its own, which can change, print, write and draw nothing of the student's."""

from __future__ import annotations

import ast
import inspect
import linecache
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import FunctionType
from typing import Any

from convcourse.forks import in_a_fork
from convcourse.judging.calling import Answer, answer, names_used
from convcourse.judging.exercise import Exercise
from convcourse.judging.models import spent_facts
from convcourse.judging.search import Suspect, Trial, search, statement
from convcourse.spare import in_spare

SECONDS = 1.3  # of searching, by the process's own clock
SECONDS_A_CALL, SECONDS_A_MODEL = 0.15, 0.6
# What runs threads of its own, which a forked process does not have.
THREADED = ("tensorflow", "keras", "jax", "torch")


def located(function: Callable[..., Any], exercise: Exercise, trials: Sequence[Trial], said: str = "") -> str:
    """The line at which a small change makes every trial right, as a sentence; "" when none is found, or none can be sought.

    trials: those that fail today first. said: what is known of the results, for two changes together.
    """
    if not isinstance(function, FunctionType) or not hasattr(os, "fork"):
        return ""
    source = "".join(linecache.getlines(function.__code__.co_filename))
    if not source or function.__name__ not in source:
        return ""
    threaded = _needs_threads(function)
    suspect = Suspect(
        source=source,
        name=function.__code__.co_name,
        namespace=_mentioned(source, function.__globals__) if threaded else function.__globals__,
        trials=trials,
        tolerance=exercise.tolerance,
        call=partial(answer_in_time, seconds=SECONDS_A_MODEL) if threaded else answer_in_time,
        said=said,
    )
    return (in_spare if threaded else in_a_fork)(partial(found_in, suspect))


def found_in(suspect: Suspect) -> str:
    """What a search says of a function. For a process that may be thrown away."""
    found = search(suspect, SECONDS)
    return statement(suspect.source, found, suspect.said) if found else ""


def _mentioned(source: str, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a notebook's variables that a cell mentions."""
    try:
        names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    except SyntaxError:  # a magic, such as %matplotlib
        return {}
    return {name: namespace[name] for name in names & namespace.keys()}


def can_fork(function: Any) -> bool:
    """Can the function run in a fork of this process?"""
    return hasattr(os, "fork") and isinstance(function, FunctionType) and not _needs_threads(function)


def _needs_threads(function: FunctionType) -> bool:
    """Does the function use a library whose threads do not survive a fork?"""
    waiting, seen = [function], set[FunctionType]()
    while waiting:
        one = waiting.pop()
        seen.add(one)
        for name in names_used(one):
            value = one.__globals__.get(name)
            home = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None) or ""
            if str(home).split(".")[0] in THREADED:
                return True
            if isinstance(value, FunctionType) and value not in seen:
                waiting.append(value)
    return False


class TooLong(BaseException):
    """Raised by a timer in a call that does not come to its end."""


def answer_in_time(function: Callable[..., Any], trial: Trial, seconds: float = SECONDS_A_CALL) -> Answer:
    """As `answer`; a call that takes longer has the error "TooLong". For the main thread of a POSIX system."""

    def ring(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, seconds)  # again and again: in the collector an exception is lost
    try:
        return answer(function, trial.arguments, finish=partial(spent_facts, expected=trial.expected))
    except (TooLong, MemoryError, ValueError, RecursionError) as error:
        return Answer(error=type(error).__name__)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
