"""The student's side of a check: call the function, and say as plain data what came of it.

The judge never imports a student's code; it sends arguments here and reads `Answer`s back.
"""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from types import CodeType, FrameType
from typing import Any

import numpy as np

from convcourse.judging.exercise import Arguments
from convcourse.judging.models import ModelFacts, NotSafe, PackedModel, Symbolic, between, fresh_argument, without_models

# Calls inside these libraries are looked at when an exercise forbids a function by name.
LIBRARIES = {"numpy", "scipy", "skimage", "sklearn", "keras", "tensorflow", "torch", "jax", "cv2", "pandas", "convcourse"}


# Names that decorators of libraries give to what they wrap around a function.
WRAPPERS = {"wrapper", "wrapped", "inner", "inner_f", "error_handler", "_wrapper"}
UNJUDGED = "unjudged"
NOT_FOLLOWED = (
    "It returned None. A tape gives None for what it did not follow: it follows a tensor of floats that it was told to watch "
    "before the first use, and only TensorFlow's operations. If your last line is no tape's gradient, did you forget `return`?"
)
ONLY_TENSORFLOW = "There the tensors have no numbers yet: use TensorFlow's operations only, no NumPy and no `.numpy()`."


@dataclass(frozen=True)
class Answer:
    """What one call of a student's function gave.

    value: the result, as the function returned it; None when an error was raised.
    error: the exception's type ("IndexError"), empty when there was none; UNJUDGED when nothing was
        raised but the result cannot be judged, for the reason in `message`.
    message: the exception's own words; without an exception, what a result of None may come from.
    where: the student's line that raised it ("line 5: z[n] += w[k] * x[n - k]").
    changed: names of the arguments that the function changed in place.
    forbidden: the forbidden library functions that it called.
    """

    value: Any = None
    error: str = ""
    message: str = ""
    where: str = ""
    changed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


def is_judged() -> bool:
    """Is this process a room that the judge has opened, rather than somebody's own session?"""
    return "CONVCOURSE_JUDGED" in os.environ


def answer(
    function: Callable[..., Any],
    arguments: Arguments,
    forbidden: Sequence[str] = (),
    finish: Callable[[Any], Any] = without_models,
) -> Answer:
    """Call `function` on a copy of `arguments`, with packed models rebuilt; an exception becomes part of the answer.

    finish: what is done with the result, such as packing its models.
    """
    given = {name: fresh_argument(value) for name, value in arguments.items()}
    inputs = [given[name] for name, value in arguments.items() if isinstance(value, Symbolic)]
    with _watching(forbidden) as called:
        result = _call(function, given, inputs, finish)
    changed = tuple(name for name, value in arguments.items() if not _same(value, given[name]))
    return replace(result, changed=changed, forbidden=tuple(sorted(called)))


def answer_all(
    function: Callable[..., Any],
    cases: Sequence[Arguments],
    forbidden: Sequence[str] = (),
    compiled: bool = False,
    weights: bool = True,
) -> list[Answer]:
    """Answers to several cases; after "not implemented" the rest is left undone, as it would say the same.

    compiled: a function without errors is also compiled, on the first case. weights: those of a model count.
    """
    answers: list[Answer] = []
    for arguments in cases:
        answers.append(answer(function, arguments, forbidden, partial(without_models, weights=weights)))
        if answers[-1].error == "NotImplementedError":
            break
    if compiled and cases and not any(given.error for given in answers):
        answers[0] = _compiled(function, cases[0], answers[0])
    return answers


def _compiled(function: Callable[..., Any], arguments: Arguments, given: Answer) -> Answer:
    """The answer, or why the function cannot be compiled. Floats are single, as in a training loop."""
    import tensorflow as tf

    inputs = {name: fresh_argument(value) for name, value in arguments.items()}
    for name, value in inputs.items():
        if isinstance(value, np.ndarray):
            inputs[name] = tf.constant(value, "float32" if value.dtype.kind == "f" else None)
    try:
        tf.function(function, autograph=False)(*inputs.values())
    except (Exception, SystemExit) as error:
        where = _where(error, function)
        place = f" It stopped on {where.partition(': ')[0]}." if where else ""
        return Answer(error=UNJUDGED, message=f"It works, but not in a compiled training loop.{place} {ONLY_TENSORFLOW}")
    return given


def names_used(function: Callable[..., Any]) -> tuple[str, ...]:
    """The global names that a function's code mentions, also in what is defined in it; empty for what is no plain function."""
    names, waiting = dict[str, None](), [getattr(function, "__code__", None)]
    while waiting:
        code = waiting.pop()
        names |= dict.fromkeys(getattr(code, "co_names", ()))
        waiting += [one for one in getattr(code, "co_consts", ()) if isinstance(one, CodeType)]
    return tuple(names)


def _call(function: Callable[..., Any], arguments: dict[str, Any], inputs: list[Any], finish: Callable[[Any], Any]) -> Answer:
    try:
        with np.errstate(all="ignore"):
            result = function(*arguments.values())
            if inputs and not isinstance(result, ModelFacts):  # a mistake gives facts at once
                result = between(inputs, result)
            if result is None and "gradient" in names_used(function):
                return Answer(message=NOT_FOLLOWED)
            return Answer(value=finish(result))
    except NotSafe as refusal:
        return Answer(error=UNJUDGED, message=str(refusal))
    except (Exception, SystemExit) as error:
        return Answer(error=type(error).__name__, message=str(error), where=_where(error, function))


def _where(error: BaseException, function: Callable[..., Any]) -> str:
    """The last line of the student's own file in the traceback: the one that they can mend."""
    code = getattr(function, "__code__", None)
    lines = [
        line for frame, line in traceback.walk_tb(error.__traceback__) if code and frame.f_code.co_filename == code.co_filename
    ]
    return f"line {lines[-1]}: {linecache.getline(code.co_filename, lines[-1]).strip()}" if code and lines else ""


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, PackedModel | Symbolic):
        return True  # a model may be run, and trained; the next case gets a fresh one
    if isinstance(before, np.ndarray):
        return before.shape == np.shape(after) and bool(np.array_equal(before, after))
    if isinstance(before, dict):
        return isinstance(after, dict) and before.keys() == after.keys() and all(_same(before[key], after[key]) for key in before)
    if isinstance(before, list | tuple):
        return type(before) is type(after) and len(before) == len(after) and all(map(_same, before, after))
    return bool(before == after)


@contextmanager
def _watching(forbidden: Sequence[str]) -> Iterator[set[str]]:
    """Collect the forbidden names that are called inside a library while the block runs."""
    called: set[str] = set()
    if not forbidden:
        yield called
        return

    names = frozenset(forbidden)

    def watch(frame: FrameType, event: str, argument: Any) -> None:  # runs at every call and return: little work each time
        if event == "c_call":
            name = getattr(argument, "__name__", "")
            if name in names and _library(str(getattr(argument, "__module__", ""))) and _asked_for(name, frame):
                called.add(name)
        elif event == "call":
            name = frame.f_code.co_name
            if name == "__init__":  # a class is called
                name = type(frame.f_locals.get(frame.f_code.co_varnames[0])).__name__
            if name in names and _library(str(frame.f_globals.get("__name__"))) and _asked_for(name, frame.f_back):
                called.add(name)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield called
    finally:
        sys.setprofile(before)


def _library(module: str) -> bool:
    return module.split(".")[0] in LIBRARIES


def _asked_for(name: str, caller: FrameType | None) -> bool:
    """Is it the student who calls this library function, and not another library function that uses it?

    Decorators of the library may stand between, and functions such as `apply_along_axis`, which are given the function.
    """
    while caller is not None and caller.f_globals is not globals() and _library(str(caller.f_globals.get("__name__"))):
        given = any(getattr(value, "__name__", "") == name for value in caller.f_locals.values() if callable(value))
        if not given and caller.f_code.co_name not in WRAPPERS:
            return False
        caller = caller.f_back
    return True
