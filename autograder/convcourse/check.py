"""`check(conv1d_full)`: a student calls it to test an answer.

It needs only NumPy, Jinja2 and the course's package, so it works in Colab without nbgrader.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from types import FunctionType
from typing import Any
from weakref import WeakSet

import numpy as np

from convcourse.apart import can_fork, located
from convcourse.exercises.own import AS_IT_STANDS, OwnUnit
from convcourse.forks import in_a_fork
from convcourse.helpers import to_blame
from convcourse.judging.calling import answer_all, is_judged, names_used
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import ModelFacts, fresh_argument
from convcourse.judging.panel import verdict_html, verdict_text
from convcourse.judging.search import Trial
from convcourse.judging.verdict import Verdict, all_earned, judge
from convcourse.known_models import are_known
from convcourse.spare import set_aside

# The student's random cases are always the same, so that a second check shows the same failure.
CHECK_SEED, CHECK_ROUNDS = 2024, 3
# The changes of this notebook's course, and the file with its own exercises if students did not get that file.
_own, _kept_back = AS_IT_STANDS, ""


class CheckedLater(LookupError):
    """An instructor's own exercise whose check students did not get."""


def use_own(points: Mapping[str, float] | None = None, exercises: str = "") -> None:
    """Use this course's own points and exercises. The build writes this call into the set-up cell if it is needed.

    points: exercise -> points. exercises: a file beside the notebook. If it is missing, its exercises are checked
    only at grading.
    """
    global _own, _kept_back
    if is_judged():
        return  # the judge has its own copy, out of the student's reach
    file = Path(exercises)
    here = bool(exercises) and file.is_file()
    _own = OwnUnit(dict(points or {}), file.read_text(encoding="utf-8") if here else "")
    _own.own_exercises()
    _kept_back = "" if here else exercises


class Feedback:
    """The result of `check`: a panel in a notebook, the score for nbgrader, plain text when printed."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def __repr__(self) -> str:
        # nbgrader reads a cell's score from the plain text of its result. Partial credit and Validate need this.
        return repr(self.verdict.score)

    def __str__(self) -> str:
        return verdict_text(self.verdict)

    def _repr_html_(self) -> str:
        return verdict_html(self.verdict)


def check(function: Callable[..., Any]) -> Feedback | None:
    """Test `function` on the exercise's examples and on random cases, and show the result.

    The function's name selects the exercise. Raises TypeError if the argument is not the
    function itself, and LookupError if no exercise has its name. Returns None if the check comes only at grading.
    At grading it does nothing, also in a student's own cell: the judge checks from outside.
    """
    if is_judged():
        return None
    try:
        exercise = exercise_for(function)
    except CheckedLater as later:
        print(later)
        return None
    feedback = Feedback(verdict_of(function, exercise))
    _note(function, feedback.verdict)
    if not _in_notebook():
        print(feedback)
    return feedback


def exercise_for(function: Callable[..., Any]) -> Exercise:
    """The exercise with this function's name."""
    name = getattr(function, "__name__", None)
    if not callable(function) or name is None:
        raise TypeError(
            f"check() wants the function itself, as in check(conv1d_full), but it was given a "
            f"{type(function).__name__}. Leave out the parentheses and arguments after the name."
        )
    return _exercise_called(name)


def _exercise_called(name: str) -> Exercise:
    exercise = _own.find(name)
    if exercise is None and _kept_back:
        raise CheckedLater(f"`{name}` is checked when your work is graded. (Keep the function's name as it was in the notebook.)")
    if exercise is None:
        raise LookupError(f"There is no exercise called '{name}'. Keep the function's name as it was in the notebook.")
    return exercise


def example(name: str, number: int) -> tuple[Any, ...]:
    """The inputs of a case, to try the function on: `case = example("delta", 3)`, then `delta(*case)` or `case.length`.

    name: of the exercise. number: of the case, as the panel gives it; the first is 1. Returns a named tuple of fresh copies.
    Raises LookupError if there is no such exercise or case. The judge's room leaves out the lines of a cell that need it.
    """
    cases = visible_cases(_exercise_called(name))
    if not 1 <= number <= len(cases):
        raise LookupError(f"'{name}' has the cases 1 to {len(cases)}.")
    arguments = cases[number - 1].arguments
    inputs = namedtuple(name, arguments, rename=True)  # type: ignore[misc]  # the names are those of the exercise
    return inputs(*map(fresh_argument, arguments.values()))


@lru_cache(maxsize=64)  # all students of a class get the same ones
def visible_cases(exercise: Exercise) -> tuple[Case, ...]:
    """The examples and the random cases that a student sees."""
    return (*exercise.examples, *exercise.fresh_cases(CHECK_SEED, CHECK_ROUNDS))


def verdict_of(function: Callable[..., Any], exercise: Exercise) -> Verdict:
    """Judge a function in this process, on the examples and on the visible random cases, and look for its fault."""
    set_aside()
    verdict, trials = _judged(function, exercise)
    if verdict.status != "wrong":
        return verdict
    helpers = _helpers(function, exercise)
    if verdict.help != "named" and trials and isinstance(function, FunctionType):
        blamed = partial(to_blame, function, helpers, trials, exercise.tolerance)
        words = in_a_fork(blamed) if helpers and can_fork(function) else ""
        words = words or located(function, exercise, trials, verdict.statement)
        verdict = replace(verdict, help="located", statement=words) if words else verdict
    return replace(verdict, leans_on=_wrong_ones(function, helpers))


def _judged(function: Callable[..., Any], exercise: Exercise) -> tuple[Verdict, list[Trial]]:
    """The verdict, and what a search for the fault may try: the failing cases first."""
    cases = visible_cases(exercise)
    answers = answer_all(function, [case.arguments for case in cases], exercise.forbidden, exercise.compiled)
    if are_known(exercise, answers):
        return all_earned(exercise, tried=len(cases)), []
    verdict = judge(exercise, cases, answers, visible=len(cases))
    return verdict, _trials(exercise, cases, verdict.failing) if verdict.failed and not exercise.meets else []


def _trials(exercise: Exercise, cases: Sequence[Case], failing: Sequence[int]) -> list[Trial]:
    """The cases for a search: those that fail before the others, and the small ones first."""
    trials = [Trial(case.arguments, exercise.oracle(*case.arguments.values())) for case in cases]
    return [trials[number] for number in sorted(range(len(cases)), key=lambda n: (n not in failing, _size(trials[n])))]


def _size(trial: Trial) -> int:
    if isinstance(trial.expected, ModelFacts):
        return len(trial.expected.layers)
    return sum(value.size for value in trial.arguments.values() if isinstance(value, np.ndarray))


def _helpers(function: Callable[..., Any], exercise: Exercise) -> dict[str, Exercise]:
    """The other exercises that this function calls."""
    scope = getattr(function, "__globals__", {})
    called = {name: _own.find(name) for name in names_used(function) if callable(scope.get(name)) and name != exercise.name}
    return {name: other for name, other in called.items() if other}


def _wrong_ones(function: Callable[..., Any], helpers: Mapping[str, Exercise]) -> tuple[str, ...]:
    """The helpers that do not pass. In a fork, where one that goes on and on is ended; what it calls is not looked at."""
    scope = getattr(function, "__globals__", {})
    unknown = {name: other for name, other in helpers.items() if not _has_passed(scope[name])}

    def wrong() -> str:
        return " ".join(name for name, other in unknown.items() if _judged(scope[name], other)[0].status != "passed")

    return tuple((in_a_fork(wrong) if unknown and can_fork(function) else wrong()).split())


def _in_notebook() -> bool:
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


# Pictures ask for the same functions many times. A failing function is judged again each time, because a helper may be corrected.
_passed: WeakSet[FunctionType] = WeakSet()


def _note(function: Callable[..., Any], verdict: Verdict) -> None:
    if isinstance(function, FunctionType):
        (_passed.add if verdict.status == "passed" else _passed.discard)(function)


def _has_passed(function: Callable[..., Any]) -> bool:
    return isinstance(function, FunctionType) and function in _passed  # any other object may have no hash


def _passes(function: Callable[..., Any]) -> bool:
    if _has_passed(function):
        return True
    try:
        verdict, _ = _judged(function, exercise_for(function))
    except CheckedLater:
        return False
    _note(function, verdict)
    return verdict.status == "passed"


def ready(*functions: Callable[..., Any]) -> bool:
    """Are these exercises right, so that a picture may use them? If not, say which is missing.

    False in the judge's room: no picture is drawn there.
    """
    if is_judged():
        return False
    missing = [f.__name__ for f in functions if not _passes(f)]
    if missing:
        names = " and ".join(missing)
        print(f"This part shows your own work. Run this cell again when {names} {'has' if len(missing) == 1 else 'have'} passed.")
    return not missing
