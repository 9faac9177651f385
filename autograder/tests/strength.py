"""How many small changes of right answers do the cases of an exercise tell from right? See docs/grading.md.

python -m tests.strength 02_convolution_1d 03_convolution_2d      (from autograder/; all units when none is named)
python -m tests.strength --others 02_convolution_1d shift         (not the solution of this exercise, but its other right answers)
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import itertools
import resource
import signal
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext

from convcourse.authoring.notebooks.library import expanded
from convcourse.check import CHECK_ROUNDS, CHECK_SEED
from convcourse.exercises import UNITS, exercises_of, find_exercise
from convcourse.grading.running_notebook import HIDDEN_ROUNDS
from convcourse.judging.calling import answer
from convcourse.judging.change import Change, made
from convcourse.judging.changes import changes
from convcourse.judging.compare import difference
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import PackedModel, model_facts
from convcourse.settings import SOLUTIONS
from tests.equivalent_changes import ARROW, EXCHANGE, UNDEFINED, equivalent_changes
from tests.equivalent_kinds import kind_of
from tests.solved import builds_models, right_answers, solutions_of

MEMORY = 4 << 30  # bytes that a changed function may take beyond what the process has
SECONDS = 2.0  # for one call of a changed function; a loop that never ends counts as wrong
SECONDS_OF_MODELS = 20.0  # a right one that builds a model takes longer than two on a busy machine
SEEDS = range(20)
SEEDS_OF_MODELS = range(2)  # where each case builds Keras models, which takes long
SAMPLE_OF_OTHERS = 40  # about so many changes of each other right answer that makes a model, for the same reason


@dataclass
class Strength:
    """What became of the changes of an exercise's solution, or of its other right answers.

    survived: those that come out right at grading on two or more of the seeds. unseen: those that only grading finds.
    stale: listed as equivalent, but not among the changes, or wrong somewhere.
    Each is the changed source's line before and after.
    """

    exercise: str
    tried: int = 0
    equivalent: int = 0
    survived: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def score(self) -> float:
        told_apart = self.tried - self.equivalent - len(self.survived)
        return told_apart / max(1, self.tried - self.equivalent)


def strength(
    unit: str, exercise: Exercise, seeds: Sequence[int] = SEEDS, most: int | None = None, others: bool = False
) -> Strength:
    """Change the solution of an exercise, or each other right answer; most: a sample of at most so many changes of each."""
    result = Strength(exercise.name)
    visible = [*exercise.examples, *exercise.fresh_cases(CHECK_SEED, CHECK_ROUNDS)]
    hidden = [exercise.fresh_cases(seed, HIDDEN_ROUNDS) for seed in seeds]
    known: dict[Case, Any] = {}
    listed = equivalent_changes(unit, others).get(exercise.name, {})
    stale = set(listed)
    with warnings.catch_warnings(action="ignore"):  # changed code may warn
        for tree, namespace in _others(unit, exercise) if others else _solution(unit, exercise):
            before = ast.unparse(tree)
            found = list(changes(tree))
            for change in found[:: -(-len(found) // most) if most else 1]:
                with made(change):
                    after = ast.unparse(tree)
                    function = _compiled(tree, namespace)
                if function is None or after == before:
                    continue
                result.tried += 1
                words = _words(before, after)
                try:
                    told = sum(_is_wrong(function, exercise, cases, known) for cases in hidden)
                    shown = _is_wrong(function, exercise, visible, known)
                except _TooLong:
                    continue  # wrong, and the other cases would take as long
                key = words if words in listed else _exchange_in(words, change)
                always_right = told == 0 and not shown
                if listed.get(key) == UNDEFINED or (
                    always_right
                    and (key in listed or kind_of(change, tree, namespace, [*visible, *itertools.chain(*hidden[:3])]))
                ):
                    result.equivalent += 1
                    stale.discard(key)
                elif told < len(seeds) * 0.95:
                    result.survived.append(words)
                elif not shown:
                    result.unseen.append(words)
    result.stale = [] if most else sorted(stale)  # in a sample not all of them come
    return result


def _solution(unit: str, exercise: Exercise) -> Iterator[tuple[ast.FunctionDef, dict[str, Any]]]:
    """The syntax tree and the namespace of the solution."""
    script = expanded((SOLUTIONS / unit / f"{unit}.py").read_text(encoding="utf-8"))
    for cell in jupytext.reads(script, fmt="py:percent").cells:
        if cell.metadata.get("answer") == exercise.name:
            yield _function_in(cell.source, exercise.name), solutions_of(unit)


def _others(unit: str, exercise: Exercise) -> Iterator[tuple[ast.FunctionDef, dict[str, Any]]]:
    """The same of each other right answer that is a function of its own."""
    for function in right_answers(unit, exercise):
        with contextlib.suppress(OSError, TypeError, StopIteration, SyntaxError):
            yield _function_in(textwrap.dedent(inspect.getsource(function)), function.__name__), function.__globals__


def _function_in(source: str, name: str) -> ast.FunctionDef:
    tree = ast.parse(source)
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)


def _compiled(tree: ast.FunctionDef, namespace: dict[str, Any]) -> Callable[..., Any] | None:
    try:
        code = compile(ast.Module([tree], []), "<changed>", "exec")
    except (SyntaxError, ValueError):
        return None
    space = dict(namespace)
    exec(code, space)
    changed: Callable[..., Any] = space[tree.name]
    return changed


def _words(before: str, after: str) -> str:
    """The first line that differs, before and after."""
    old, new = before.splitlines(), after.splitlines()
    for one, other in zip(old, new, strict=False):
        if one != other:
            return f"{one.strip()}{ARROW}{other.strip()}"
    return f"{old[-1].strip()}{ARROW}{new[-1].strip()}"


def _exchange_in(words: str, change: Change) -> str:
    """What a list may say in the place of all exchanges of two things in a line."""
    return f"{words.partition(ARROW)[0]}{EXCHANGE}" if change.kind == "order" else ""


class _TooLong(BaseException):
    pass


def _ring(*_: object) -> None:
    raise _TooLong


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Let changed code neither run for ever nor take all memory: a list may grow while it is walked along."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    if (sizes := Path("/proc/self/statm")).exists():  # Linux has it
        used = int(sizes.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, before[1]))
    hook = sys.unraisablehook
    sys.unraisablehook = lambda lost: None if isinstance(lost.exc_value, _TooLong) else hook(lost)
    signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)  # again and again: where the collector runs, an exception is lost
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = hook
        resource.setrlimit(resource.RLIMIT_AS, before)


def _is_wrong(function: Callable[..., Any], exercise: Exercise, cases: Sequence[Case], known: dict[Case, Any]) -> bool:
    """Does one of the cases come out wrong? Raises _TooLong when one takes too long."""
    seconds = SECONDS_OF_MODELS if builds_models(exercise.name) else SECONDS
    for case in cases:
        if case not in known:
            known[case] = exercise.oracle(*case.arguments.values())
        try:
            with _bounded(seconds), contextlib.redirect_stdout(io.StringIO()):
                given = answer(function, case.arguments)
                value = _described(given.value)
            if given.error or given.changed or difference(known[case], value, exercise.tolerance):
                return True
        except Exception:  # a model that cannot be run, say
            return True
    return False


def _described(value: Any) -> Any:
    if isinstance(value, PackedModel):
        return model_facts(value, own_weights=value.weights is not None)
    return tuple(map(_described, value)) if isinstance(value, tuple) else value


def main(words: Sequence[str]) -> None:
    others = "--others" in words
    only = {word for word in words if find_exercise(word)}
    totals = []
    for unit in [word for word in words if word in UNITS] or UNITS:
        of_unit = []
        for exercise in exercises_of(unit):
            if exercise.meets or (only and exercise.name not in only):  # a changed design that still meets what is asked is right
                continue
            models = builds_models(exercise.name)
            most = SAMPLE_OF_OTHERS if others and models else None
            found = strength(unit, exercise, SEEDS_OF_MODELS if models else SEEDS, most, others)
            of_unit.append(found)
            print(
                f"| {unit} | {exercise.name} | {found.tried} | {found.equivalent} | {len(found.survived)} | {found.score:.1%} |",
                flush=True,
            )
            for line in found.survived:
                print(f"    survived  {line}")
            for line in found.unseen:
                print(f"    unseen    {line}")
            for line in found.stale:
                print(f"    stale     {line}")
        if not of_unit:
            continue
        tried, equivalent = sum(found.tried for found in of_unit), sum(found.equivalent for found in of_unit)
        survived = sum(len(found.survived) for found in of_unit)
        score = (tried - equivalent - survived) / max(1, tried - equivalent)
        totals.append(f"| {unit[:2]} | {tried} | {equivalent} | {survived} | {score:.1%} |")
    print("", "| unit | tried | equivalent | survived | score |", "| --- | --- | --- | --- | --- |", *totals, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
