"""From answers to a verdict: points for each part, what went wrong, and which known mistake it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from convcourse.judging.calling import UNJUDGED, Answer, answer
from convcourse.judging.compare import difference
from convcourse.judging.exercise import Case, Exercise, Mistake
from convcourse.judging.models import ModelFacts, NotSafe, PackedModel, model_facts


@dataclass(frozen=True)
class Problem:
    """One case that did not come out right. `expected` and `got` are None when an error was raised, whose type is `error`."""

    case: Case
    message: str
    expected: Any = None
    got: Any = None
    error: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one exercise.

    status: "passed", "wrong" or "not done".
    earned: part -> points.
    problem: the first visible case that failed, or None.
    mistake: the known mistake whose results equal the student's on every case, or None.
    tried, failed: how many cases were run, and how many of them failed. hidden: how many the student could not see.
    remark: why the whole exercise earns nothing although the numbers may be right, or what stopped it.
    leans_on: other exercises that the student's function calls and that are not right yet.
    """

    exercise: Exercise
    status: str
    earned: dict[str, float]
    problem: Problem | None = None
    mistake: Mistake | None = None
    tried: int = 0
    failed: int = 0
    hidden: int = 0
    remark: str = ""
    leans_on: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        return float(sum(self.earned.values()))


def nothing_earned(exercise: Exercise, status: str, remark: str = "") -> Verdict:
    """A verdict of zero points: the exercise was not done, or could not be run at all."""
    return Verdict(exercise, status, dict.fromkeys(exercise.points, 0.0), remark=remark)


def _facts_here(model: PackedModel) -> ModelFacts:
    return model_facts(model, own_weights=model.weights is not None)


def judge(
    exercise: Exercise,
    cases: Sequence[Case],
    answers: Sequence[Answer],
    visible: int,
    facts_of: Callable[[PackedModel], ModelFacts] = _facts_here,
) -> Verdict:
    """Judge the answers to `cases`, of which the first `visible` may be shown to the student.

    Fewer answers than cases means that the function stopped there; the rest count as failed.
    facts_of: rebuilds a student's model and describes it; at grading it does so in a room of its own.
    """
    answers = [_with_facts(given, facts_of) for given in answers]
    if not answers or any(a.error == "NotImplementedError" for a in answers):
        return nothing_earned(exercise, "not done")
    used = sorted({name for a in answers for name in a.forbidden})
    problems = [_problem(exercise, case, a) for case, a in zip(cases, answers, strict=False)]
    failed_parts = {p.case.part for p in problems if p} | {case.part for case in cases[len(answers) :]}
    earned = {part: 0.0 if part in failed_parts or used else p for part, p in exercise.points.items()}
    wrong = bool(failed_parts or used)
    return Verdict(
        exercise,
        status="wrong" if wrong else "passed",
        earned=earned,
        problem=next((p for p in problems[:visible] if p), None),
        mistake=_matching_mistake(exercise, cases, answers) if failed_parts and len(answers) == len(cases) else None,
        tried=len(cases),
        failed=sum(p is not None for p in problems) + len(cases) - len(answers),
        hidden=len(cases) - visible,
        remark=f"The exercise is to write it yourself, so `{'`, `'.join(used)}` may not be called." if used else "",
    )


def _with_facts(given: Answer, facts_of: Callable[[PackedModel], ModelFacts]) -> Answer:
    try:
        return replace(given, value=_facts_in(given.value, facts_of))
    except NotSafe as refusal:
        return Answer(error=UNJUDGED, message=str(refusal))


def _facts_in(value: Any, facts_of: Callable[[PackedModel], ModelFacts]) -> Any:
    if isinstance(value, PackedModel):
        return facts_of(value)
    return tuple(_facts_in(item, facts_of) for item in value) if isinstance(value, tuple) else value


def _problem(exercise: Exercise, case: Case, given: Answer) -> Problem | None:
    if given.error == UNJUDGED:
        return Problem(case, given.message)
    if given.error:
        line, _, code = given.where.partition(": ")
        place = f" It happened on {line}: `{code}`." if given.where else ""
        return Problem(case, f"Your function stopped with {given.error}: {given.message}.{place}", error=given.error)
    if given.changed:
        names = "`, `".join(given.changed)
        return Problem(case, f"Your function changed its argument `{names}`. Work on a copy: `{given.changed[0]}.copy()`.")
    expected = _expected(exercise, case)
    message = difference(expected, given.value, exercise.tolerance)
    return Problem(case, message, expected, given.value) if message else None


# What does not depend on the student is worked out once for each case, and kept while the case may come again.
@lru_cache(maxsize=512)
def _expected(exercise: Exercise, case: Case) -> Any:
    return exercise.oracle(*case.arguments.values())


@lru_cache(maxsize=2048)
def _mistaken(mistake: Mistake, case: Case) -> Answer:
    return _with_facts(answer(mistake.function, case.arguments), model_facts)


def _matching_mistake(exercise: Exercise, cases: Sequence[Case], answers: Sequence[Answer]) -> Mistake | None:
    """The first mistake that gives the student's results on every case: equal, not merely similar."""
    for mistake in exercise.mistakes:
        if all(_alike(_mistaken(mistake, case), given, exercise.tolerance) for case, given in zip(cases, answers, strict=True)):
            return mistake
    return None


def _alike(mistaken: Answer, given: Answer, tolerance: float) -> bool:
    if mistaken.error or given.error:
        return mistaken.error == given.error
    if mistaken.changed != given.changed:
        return False
    if mistaken.value is None or given.value is None:
        return mistaken.value is given.value
    return not difference(_as_expected(mistaken.value), given.value, tolerance)


def _as_expected(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
