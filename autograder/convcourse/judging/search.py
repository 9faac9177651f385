"""Which small change of a wrong function makes every visible case come out right? It says where the fault may stand.

Runs the changed functions in this process: give it one that may be thrown away (`convcourse.apart`).
"""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from types import FrameType
from typing import Any

import numpy as np

from convcourse.judging.calling import Answer
from convcourse.judging.change import Change, Place, everywhere, form_of, made, sort_of
from convcourse.judging.changes import changes, rarer_changes
from convcourse.judging.compare import difference, wrong_places
from convcourse.judging.exercise import Arguments
from convcourse.judging.models import KERAS_MOMENTUM, ModelFacts

QUESTIONS = {
    "number": "is this number right?",
    "other number": "is this number right?",
    "one more": "is this one too few?",
    "one less": "is this one too many?",
    "operator": "is this the right operation?",
    "parentheses": "are the parentheses in the right place?",
    "order": "are these in the right order?",
    "term": "does every part of this belong here?",
    "sign": "is the sign right?",
    "negated": "is the sign right?",
    "comparison": "is this the right comparison? Think of its direction, and of equal numbers.",
    "condition": "is this condition right?",
    "name": "is this the right variable?",
    "index": "is this index needed?",
    "call": "is this call needed?",
    "function": "is this the right function?",
    "keyword": "is each of these keywords right?",
    "axis": "is this the right axis?",
    "axes": "are these the right axes?",
    "strides": "is this the right stride?",
    "padding": "is this the right padding?",
    "activation": "is this the right activation?",
    "use_bias": "is there a bias?",
    "keepdims": "should the axis stay?",
    "dtype": "is this the right type of numbers?",
    "word": "is this word right?",
    "switch": "True or False?",
    "statement": "is this line needed?",
    "=": "should this add to what was there, or take its place?",
    "+=": "should this add to what was there, or take its place?",
    "order of lines": "is this line in the right order with the next one?",
    "inside the loop": "this line stands inside the loop. Should it?",
    "outside the loop": "this line stands outside the loop. Should it?",
    "reversed": "which way round should this be read?",
    "transposed": "rows and columns: which way round?",
    "wrapped": "is something missing around this?",
    "normalised": "is something missing around this?",
    "return": "what should the function return?",
    "fixed": "should this be a fixed value?",
    "start": "where should this begin, and where should it end?",
    "break": "should the loop go on here?",
    "other": "should something else stand here?",
    "items": "are there too many items, or too few?",
    "slice": "does this begin and end at the right place?",
    "copy": "this changes an argument. Should it change a copy?",
    "copied": "is this a copy, or a second name for the same thing?",
    "moved": "does this line stand at the right place?",
    "returned": "should the function end here?",
}
# The rarer slips last. What is not named here comes first.
RARE = (
    *("fixed", "word", "other number", "statement", "order of lines", "term", "call", "name", "index", "keyword", "condition"),
    *("wrapped", "transposed"),
)
# They add something. What takes a part away, or puts another one in its place, says more.
ROUNDABOUT = ("wrapped", "reversed", "transposed", "negated", "normalised", "copied")
# They may make a part idle: `/ 1`, `[::1]`. What takes that part away says more.
OF_NUMBERS = ("number", "other number", "sign")
TAKING_AWAY = ("term", "index", "call", "statement")
RETURNED = ("return", "returned")
# Where a Keras model is made, every try takes long. What is likely depends on whether the weights have the right shapes.
LIKELY_WITH_RIGHT_WEIGHTS = (
    *(*RETURNED, "activation", "wrapped", "padding", "strides", "call", "function", "axis", "word", "switch"),
    *("order of lines", "fixed", "name", "statement", "order", "keyword"),
)
LIKELY_WITH_OTHER_WEIGHTS = (
    *(*RETURNED, "padding", "strides", "use_bias", "normalised", "start", "axis", "switch", "number", "fixed"),
    *("function", "one more", "one less", "operator", "call", "statement", "word", "keyword", "name", "other number"),
    *("condition", "comparison", "order of lines", "wrapped"),
)
# Facts of a model that is not run.
READ_OFF = ("input_shapes", "output_shapes", "parameters", "weights", "habits", "momenta", "epsilons")
MOST_ALIKE = 6  # places of one sort of change, of which any two are tried
CHANGED = "<changed>"  # the file of a changed function
LONGEST = 60  # characters of source in a sentence
PAIR_SECONDS = 0.3  # at the end, for two changes together
MORE_SECONDS = 0.3  # after the first change that does, for others at other lines


@dataclass(frozen=True)
class Trial:
    """A case to try: arguments, and the expected result."""

    arguments: Arguments
    expected: Any


@dataclass(frozen=True)
class Found:
    """A change with which every case comes out right: its kind, and where it stands.

    together: only with another one, which stands beside it in the answer.
    lines: where the same change is made, when it is made at several places.
    """

    kind: str
    place: Place
    together: bool = False
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Suspect:
    """A function that is wrong, and how to try it.

    source: the student's cell; name: of the function; namespace: what its code may use.
    trials: those that fail first. call: calls a function in good time with what is expected in mind, and does not raise.
    said: what is known of its results already, and is said before two changes that are needed together.
    """

    source: str
    name: str
    namespace: Mapping[str, Any]
    trials: Sequence[Trial]
    tolerance: float
    call: Callable[[Callable[..., Any], Trial], Answer]
    said: str = ""


def search(suspect: Suspect, seconds: float) -> tuple[Found, ...]:
    """The single changes of the function, or of what it calls in its cell, with which every trial is right.

    seconds: of this process's own time, so that a busy machine finds the same, later.
    When no single change does, the same change at all its places is tried, and then pairs of changes.
    """
    end = time.process_time() + seconds
    functions = _functions(suspect.source, suspect.name)
    better: list[tuple[float, Change]] = []
    _, before = _right(suspect, functions)
    idle = _idle_lines(suspect, functions)
    rare = (change for function in functions for change in rarer_changes(function))
    likeliest = _likeliest_first(suspect, functions, before)
    stages: list[Iterable[Change]] = [likeliest, rare]
    if _layered(suspect) and before == 0.0:  # what is no model at all is rather not returned, or a part too much
        stages = [[change for change in likeliest if change.kind in RETURNED], rare, likeliest]
    first_end = end if _layered(suspect) else end - PAIR_SECONDS
    for some in stages:
        found, tried = _single(suspect, functions, some, idle, first_end)
        if found and some is not rare and all(one.kind in ROUNDABOUT for one in found):
            found += _single(suspect, functions, rare, idle, min(end, time.process_time() + MORE_SECONDS))[0]
        if found:
            return _most_telling_first(found)
        if one := _at_several_places(suspect, functions, [change for _, change in tried], idle, first_end):
            return (one,)
        better += [row for row in tried if row[0] > before]
    better.sort(key=lambda row: -row[0])
    return _pair(suspect, functions, [change for _, change in better], before, end)


def _most_telling_first(found: Sequence[Found]) -> tuple[Found, ...]:
    if found[0].kind in OF_NUMBERS:
        return tuple(sorted(found, key=lambda one: one.kind not in TAKING_AWAY))
    return tuple(sorted(found, key=lambda one: one.kind in (*ROUNDABOUT, *OF_NUMBERS)))


def _single(
    suspect: Suspect, functions: Sequence[ast.FunctionDef], some: Iterable[Change], idle: Collection[int], end: float
) -> tuple[tuple[Found, ...], list[tuple[float, Change]]]:
    """The single changes with which every trial is right; and all changes, with how near they come to that.

    idle: lines at which no change alone can help.
    """
    found: list[Found] = []
    tried: list[tuple[float, Change]] = []
    for change in some:
        if time.process_time() > end:
            break
        if change.place.line in idle:
            tried.append((0.0, change))
            continue
        with made(change):
            right, close = _right(suspect, functions)
        if right == len(suspect.trials):
            end = end if found else min(end, time.process_time() + MORE_SECONDS)
            found.append(Found(change.kind, change.place))
        tried.append((right + close, change))
    return tuple(found), tried


def _idle_lines(suspect: Suspect, functions: Sequence[ast.FunctionDef]) -> set[int]:
    """The lines of simple statements that are not run in the first trial, which fails: a change there leaves it as it is."""
    run: set[int] = set()

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != CHANGED:
            return None
        run.add(frame.f_lineno)
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        _right(replace(suspect, trials=suspect.trials[:1]), functions)
    finally:
        sys.settrace(before)
    idle: set[int] = set()
    for node in (node for function in functions for node in ast.walk(function)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.Expr):
            lines = set(range(node.lineno, (node.end_lineno or 0) + 1))
            idle |= lines if not lines & run else set()
    return idle


def _at_several_places(
    suspect: Suspect, functions: Sequence[ast.FunctionDef], singles: Sequence[Change], idle: Collection[int], end: float
) -> Found | None:
    """The first sort of change with which every trial is right when it is made at several of its places: all of the function,
    all but the first, all of one line, or two."""
    sorts: dict[str, list[Change]] = {}
    for change in singles:
        if sort := sort_of(change):
            sorts.setdefault(sort, []).append(change)
    for alike in sorts.values():
        for some in _several(alike):
            if time.process_time() > end:
                return None
            whole = everywhere(some)
            if whole is None or all(one.place.line in idle for one in some):
                continue
            with made(whole):
                if _right(suspect, functions)[0] == len(suspect.trials):
                    return Found(whole.kind, whole.place, lines=tuple(sorted(one.place.line for one in some)))
    return None


def _several(alike: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """The places at which one slip may have been made together."""
    lines: dict[int, list[Change]] = {}
    parents: dict[str, list[Change]] = {}
    for change in alike:
        lines.setdefault(change.place.line, []).append(change)
        parents.setdefault(form_of(change.edits[0][0]), []).append(change)
    groups = [list(alike), list(alike[1:]), *lines.values(), *parents.values()]
    groups += [list(pair) for some in parents.values() if 2 < len(some) <= MOST_ALIKE for pair in combinations(some, 2)]
    yield from (some for some in groups if len(some) > 1)


def _pair(
    suspect: Suspect, functions: Sequence[ast.FunctionDef], better: Sequence[Change], nearness: float, end: float
) -> tuple[Found, ...]:
    """The first pair of changes with which every trial is right, of which the first one alone comes nearer to that."""
    for first in better:
        with made(first):
            for second in _likeliest_first(suspect, functions, nearness):
                if time.process_time() > end:
                    return ()
                with made(second):
                    if _right(suspect, functions)[0] == len(suspect.trials):
                        return (Found(first.kind, first.place, True), Found(second.kind, second.place, True))
    return ()


def _likeliest_first(suspect: Suspect, functions: Sequence[ast.FunctionDef], nearness: float) -> list[Change]:
    """All changes. nearness: of the answer as it stands."""
    layered = _layered(suspect)
    found = [change for function in functions for change in changes(function, repairing=True, layered=layered)]
    if not layered:
        return sorted(found, key=lambda change: RARE.index(change.kind) + 1 if change.kind in RARE else 0)
    likely = LIKELY_WITH_RIGHT_WEIGHTS if nearness == 1.0 else LIKELY_WITH_OTHER_WEIGHTS
    return sorted(found, key=lambda change: likely.index(change.kind) if change.kind in likely else len(likely))


def _layered(suspect: Suspect) -> bool:
    """Is a Keras model asked?"""
    return any(isinstance(trial.expected, ModelFacts) for trial in suspect.trials)


def _functions(source: str, name: str) -> list[ast.FunctionDef]:
    """The function, and those beside it that it calls, directly or not; it comes first."""
    try:
        beside = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    except SyntaxError:  # a magic, such as %matplotlib
        beside = {}
    if name not in beside:
        return []
    used, waiting = [beside[name]], [beside[name]]
    while waiting:
        for node in ast.walk(waiting.pop()):
            other = beside.get(node.id) if isinstance(node, ast.Name) else None
            if other is not None and other not in used:
                used.append(other)
                waiting.append(other)
    for function in used:
        function.decorator_list = []
    return used


def _right(suspect: Suspect, functions: Sequence[ast.FunctionDef]) -> tuple[int, float]:
    """With the functions as they stand in the tree: how many trials come out right, and how near the first wrong one is."""
    try:
        code = compile(ast.Module(list(functions), []), CHANGED, "exec")
        space = dict(suspect.namespace)
        exec(code, space)
    except Exception:  # a default value may raise anything
        return 0, -1.0
    for number, trial in enumerate(suspect.trials):
        given = suspect.call(space[suspect.name], trial)
        if given.error or given.changed:
            return number, -1.0
        if difference(trial.expected, given.value, suspect.tolerance):
            return number, _nearness(trial.expected, given.value, suspect.tolerance)
    return len(suspect.trials), 1.0


def _nearness(expected: Any, got: Any, tolerance: float) -> float:
    """The share of right numbers, or of right facts of a model; -0.5 for a wrong shape."""
    if isinstance(expected, ModelFacts):
        facts = READ_OFF if set(expected.momenta) - {KERAS_MOMENTUM} else READ_OFF[:-1]  # as they are compared
        return float(np.mean([getattr(expected, name) == getattr(got, name, None) for name in facts]))
    if isinstance(expected, tuple):
        same = isinstance(got, tuple | list) and len(got) == len(expected)
        return float(np.mean([_nearness(*pair, tolerance) for pair in zip(expected, got, strict=True)])) if same else -0.5
    try:
        if np.shape(got) != np.shape(expected) or np.asarray(got).dtype.kind not in "biufc":
            return -0.5
    except ValueError:
        return -0.5
    return 1.0 - float(np.mean(wrong_places(expected, got, tolerance)))


def statement(source: str, found: Sequence[Found], said: str = "") -> str:
    """What the student is told: the line, the place, and a question; never the change itself.

    said: comes before two places, which say less than what holds in every failing case.
    """
    lines = source.splitlines()
    best = found[0]
    if best.together:
        both = sorted(found, key=lambda one: (one.place.line, one.place.column))
        where = " and ".join(dict.fromkeys(f"line {one.place.line}, `{_text(lines, one.place)}`" for one in both))
        words = f"Two small changes together make every case that you see right. Look at {where}."
        return f"{said} {words}" if said else words
    if best.lines:
        return f"{_in_lines(best.lines)}, one question for all: {QUESTIONS[best.kind]}"
    numbers = sorted({one.place.line for one in found})
    if 1 < len(numbers) < 4:
        named = " or ".join(f"line {number}, `{_shortened(lines[number - 1])}`" for number in numbers)
        return f"One small change makes every case that you see right. Look at {named}."
    return f"Line {best.place.line}, `{_text(lines, best.place)}`: {QUESTIONS[best.kind]}"


def _in_lines(numbers: Sequence[int]) -> str:
    *first, last = dict.fromkeys(numbers)
    return f"Lines {', '.join(map(str, first))} and {last}" if first else f"Line {last}, {len(numbers)} places"


def _text(lines: Sequence[str], place: Place) -> str:
    """The source of a place, or the beginning of its first line."""
    line = lines[place.line - 1]
    end = place.end_column if place.end_line == place.line else None
    text = line.encode()[place.column : end].decode(errors="ignore").strip()  # columns count bytes of UTF-8
    return text if 0 < len(text) <= LONGEST else _shortened(line)


def _shortened(line: str) -> str:
    text = line.strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
