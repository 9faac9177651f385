"""From answers to a verdict: points for each part, what went wrong, and which known mistake it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from convcourse.judging.calling import UNJUDGED, Answer, answer
from convcourse.judging.compare import MODEL_TOLERANCE, difference, gives_other_numbers
from convcourse.judging.exercise import Case, Exercise, Mistake
from convcourse.judging.model_relations import model_relation
from convcourse.judging.models import ModelFacts, NotSafe, PackedModel, facts_as_plain, facts_from_plain, model_facts
from convcourse.judging.patterns import pattern
from convcourse.judging.relations import relation
from convcourse.judging.said import in_words

# Beginnings of what is said of models and leaves nothing to ask.
TELLING = (
    *("The model's input", "Training should", "In training", "The moving means", "The batch norms should"),
    *("The layers and their order", "The model is built"),
)

AS_GIVEN = "This is still the function as it was given. Find the fault, mend it in the cell above, run that cell, then this one."
NOT_MEASURED = "This result cannot be measured. The docstring says what it consists of."
VALUES_OF_A_MODEL = 50_000  # in its configuration


@dataclass(frozen=True)
class Problem:
    """One case that did not come out right. `expected` and `got` are None when an error was raised, whose type is `error`."""

    case: Case
    message: str
    expected: Any = None
    got: Any = None
    error: str = ""

    @property
    def compared(self) -> bool:
        """Did the function come to its end with a result that may be set beside the expected one?"""
        return self.expected is not None

    @property
    def speaks(self) -> bool:
        """Does the message alone say what to do: an error, None, another kind or number of results?"""
        if not self.compared or self.got is None:
            return True
        if isinstance(self.expected, tuple):
            return not isinstance(self.got, tuple | list) or len(self.got) != len(self.expected)
        if isinstance(self.expected, ModelFacts):
            return not isinstance(self.got, ModelFacts) or self.message.startswith(TELLING)
        return not isinstance(self.got, int | float | complex | np.generic | np.ndarray | list | tuple)


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one exercise.

    status: "passed", "wrong" or "not done".
    earned: part -> points.
    problem: the first visible case that failed, or None.
    mistake: the known mistake whose results equal the student's, or None.
    help: what says most of what is wrong: "named" (the mistake), "located" (a line), "related" (a statement on the results),
        "pattern" (one on the cases), "said" (the message alone), or "" where there is only expected beside got.
    statement: the sentence, when help is "located", "related" or "pattern".
    tried, failed: how many cases were run, and how many of them failed. hidden: how many the student could not see.
    failing: the numbers of those that came to an answer and failed.
    remark: why the whole exercise earns nothing although the numbers may be right, or what stopped it.
    leans_on: other exercises that the student's function calls and that are not right yet.
    """

    exercise: Exercise
    status: str
    earned: dict[str, float]
    problem: Problem | None = None
    mistake: Mistake | None = None
    help: str = ""
    statement: str = ""
    tried: int = 0
    failed: int = 0
    failing: tuple[int, ...] = ()
    hidden: int = 0
    remark: str = ""
    leans_on: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        return float(sum(self.earned.values()))


def nothing_earned(exercise: Exercise, status: str, remark: str = "") -> Verdict:
    """A verdict of zero points: the exercise was not done, or could not be run at all."""
    return Verdict(exercise, status, dict.fromkeys(exercise.points, 0.0), remark=remark)


def all_earned(exercise: Exercise, tried: int) -> Verdict:
    """The verdict on an answer that is right in all cases that were tried, of which none is hidden."""
    return Verdict(exercise, "passed", dict(exercise.points), tried=tried)


def _facts_here(model: PackedModel) -> ModelFacts:
    plain = partial(facts_as_plain, model.config, model.weights)
    return facts_from_plain(plain(), partial(plain, flows=True))


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
    if not answers or any(a.error == "NotImplementedError" for a in answers):
        return nothing_earned(exercise, "not done")
    sent = answers
    answers = [
        _with_facts(given, facts_of, None if exercise.meets or given.value is None else _expected(exercise, case))
        for given, case in zip(sent, cases, strict=False)
    ]
    if exercise.given and _gives(exercise.given, exercise, cases, answers):
        return nothing_earned(exercise, "not done", AS_GIVEN)
    used = sorted({name for a in answers for name in a.forbidden})
    problems = [_problem(exercise, case, a) for case, a in zip(cases, answers, strict=False)]
    if not exercise.meets:
        for given, case, problem in zip(sent, cases, problems, strict=False):
            if problem is None:
                _remember_right(given.value, _expected(exercise, case))
    failed_parts = {p.case.part for p in problems if p} | {case.part for case in cases[len(answers) :]}
    earned = {part: 0.0 if part in failed_parts or used else p for part, p in exercise.points.items()}
    wrong = bool(failed_parts or used)
    problem = next((p for p in problems[:visible] if p), None)
    mistake = _matching_mistake(exercise, cases, answers, problems) if failed_parts and len(answers) == len(cases) else None
    remark = f"The exercise is to write it yourself, so `{'`, `'.join(used)}` may not be called." if used else ""
    kind, statement = ("named", "") if mistake else _help(exercise, cases[:visible], problems[:visible], remark)
    return Verdict(
        exercise,
        status="wrong" if wrong else "passed",
        earned=earned,
        problem=problem,
        mistake=mistake,
        help=kind,
        statement=statement,
        tried=len(cases),
        failed=sum(p is not None for p in problems) + len(cases) - len(answers),
        failing=tuple(number for number, p in enumerate(problems) if p),
        hidden=len(cases) - visible,
        remark=remark,
    )


def _help(exercise: Exercise, cases: Sequence[Case], problems: Sequence[Problem | None], remark: str) -> tuple[str, str]:
    """The kind of help for an answer that is no known mistake, and its sentence; from the cases that the student sees."""
    failing = [problem for problem in problems if problem]
    if not failing:
        return ("said", "") if remark else ("", "")
    if words := _relation(exercise, failing):
        return "related", words
    if len(problems) == len(cases) and (words := pattern(cases, [problem is not None for problem in problems])):
        return "pattern", words
    return ("said", "") if remark or failing[0].speaks else ("", "")


def _relation(exercise: Exercise, failing: Sequence[Problem]) -> str:
    """What holds in all failing cases, or in all of one part."""

    def of(problems: Sequence[Problem], weak: bool = False) -> str:
        if not all(problem.compared for problem in problems):
            return ""
        pairs = [(problem.expected, problem.got, problem.case.arguments) for problem in problems]
        return relation(pairs, exercise.tolerance, weak, exercise.results)

    if words := of(failing):
        return words
    first = failing[0]
    if isinstance(first.expected, ModelFacts) and isinstance(first.got, ModelFacts):
        return model_relation(first.expected, first.got) or _outputs_relation(exercise, failing)
    for part in exercise.points if len(exercise.points) > 1 else ():
        here = [problem for problem in failing if problem.case.part == part]
        if 1 < len(here) < len(failing) and (words := of(here)):
            return f"Of the part “{part}”: {words}"
    return of(failing, weak=True)


def _outputs_relation(exercise: Exercise, failing: Sequence[Problem]) -> str:
    """What holds of the outputs of models that have one each, built with the same weights."""
    pairs = []
    for problem in failing:
        right, mine = problem.expected, problem.got
        if not isinstance(mine, ModelFacts) or right.weights != mine.weights or len(right.outputs) != 1 or len(mine.outputs) != 1:
            return ""
        pairs.append((right.outputs[0], mine.outputs[0], problem.case.arguments))
    if all(right.shape == mine.shape and not gives_other_numbers(right, mine) for right, mine, _ in pairs):
        return ""  # something else is wrong, such as a dropout
    words = relation(pairs, max(exercise.tolerance, MODEL_TOLERANCE))
    return f"Of the output: {words}" if words else ""


def _with_facts(given: Answer, facts_of: Callable[[PackedModel], ModelFacts], expected: Any = None) -> Answer:
    """The answer with the facts of each model in its place; those expected for the model that is expected."""
    try:
        return replace(given, value=_facts_in(given.value, facts_of, expected))
    except NotSafe as refusal:
        return Answer(error=UNJUDGED, message=str(refusal))


def _facts_in(value: Any, facts_of: Callable[[PackedModel], ModelFacts], expected: Any) -> Any:
    if isinstance(value, PackedModel):
        known = isinstance(expected, ModelFacts) and value.print(expected.own_weights) in expected.prints
        return expected if known else facts_of(value)
    if not isinstance(value, tuple):
        return value
    asked = expected if isinstance(expected, tuple) and len(expected) == len(value) else (None,) * len(value)
    return tuple(_facts_in(item, facts_of, one) for item, one in zip(value, asked, strict=True))


def _remember_right(value: Any, expected: Any) -> None:
    """A model that turned out right is known by its print when the next student hands it in."""
    if isinstance(value, PackedModel) and isinstance(expected, ModelFacts):
        expected.prints.add(value.print(expected.own_weights))
    elif isinstance(value, tuple) and isinstance(expected, tuple):
        for pair in zip(value, expected, strict=True):
            _remember_right(*pair)


def _problem(exercise: Exercise, case: Case, given: Answer) -> Problem | None:
    if given.error == UNJUDGED:
        return Problem(case, given.message)
    if given.error:
        line, _, code = given.where.partition(": ")
        place = f" It happened on {line}: `{code}`." if given.where else ""
        words = in_words(given.error, given.message).removesuffix(".")
        return Problem(case, f"Your function stopped with {given.error}: {words}.{place}", error=given.error)
    if given.changed:
        names = "`, `".join(given.changed)
        return Problem(case, f"Your function changed its argument `{names}`. Work on a copy: `{given.changed[0]}.copy()`.")
    if exercise.meets:
        missing = given.message or _missing(exercise.meets, case, given.value)
        return Problem(case, missing) if missing else None
    expected = _expected(exercise, case)
    message = difference(expected, given.value, exercise.tolerance, exercise.results)
    message = given.message if message and given.value is None and given.message else message
    return Problem(case, message, expected, given.value) if message else None


def _missing(meets: Callable[..., str], case: Case, value: Any) -> str:
    try:
        with np.errstate(over="raise", invalid="raise"):  # what overflows may become no number, and no comparison finds that
            return meets(value, *case.arguments.values())
    except Exception:  # a student's result may be anything
        return NOT_MEASURED


def _gives(function: Callable[..., Any], exercise: Exercise, cases: Sequence[Case], answers: Sequence[Answer]) -> bool:
    """Are the answers what this function gives? Fewer answers than cases: as far as they go."""
    pairs = zip(cases, answers, strict=False)
    return all(_alike(_answer_of(function, case), mine, exercise.tolerance) for case, mine in pairs)


def values_expected(exercise: Exercise, cases: Sequence[Case]) -> int:
    """The number of values in right answers to these cases."""
    return sum(_values(_expected(exercise, case)) for case in cases)


def weights_count(exercise: Exercise) -> bool:
    """May a model's own weights count, and not only how it is built? All cases of an exercise are like its first example."""
    if exercise.meets:
        return True
    return _own_weights_in(_expected(exercise, exercise.examples[0]))


def _own_weights_in(expected: Any) -> bool:
    if isinstance(expected, tuple | list):
        return any(map(_own_weights_in, expected))
    return isinstance(expected, ModelFacts) and expected.own_weights


def _values(value: Any) -> int:
    if isinstance(value, tuple | list):
        return sum(map(_values, value))
    return VALUES_OF_A_MODEL + value.parameters if isinstance(value, ModelFacts) else int(np.size(value))


# What does not depend on the student is worked out once for each case, and kept while the case may come again.
@lru_cache(maxsize=512)
def _expected(exercise: Exercise, case: Case) -> Any:
    return exercise.oracle(*case.arguments.values())


@lru_cache(maxsize=2048)
def _answer_of(function: Callable[..., Any], case: Case) -> Answer:
    """What a mistake, or the function of a repair, answers."""
    return _with_facts(answer(function, case.arguments), model_facts)


def _matching_mistake(
    exercise: Exercise, cases: Sequence[Case], answers: Sequence[Answer], problems: Sequence[Problem | None]
) -> Mistake | None:
    """The first mistake that gives the student's results: on every case, or else in all that a failing part shows.

    A fault in one kind of case, or in one of several results, is still that fault when a second slip stands beside it.
    """
    for mistake in exercise.mistakes:
        if all(
            _alike(_answer_of(mistake.function, case), given, exercise.tolerance)
            for case, given in zip(cases, answers, strict=True)
        ):
            return mistake
    rows = list(zip(cases, answers, problems, strict=True))
    for part in dict.fromkeys(case.part for case, _, problem in rows if problem):
        here = [(case, given, problem) for case, given, problem in rows if case.part == part]
        for mistake in exercise.mistakes:
            if _same_fault(exercise, mistake, here):
                return mistake
    return None


def _same_fault(exercise: Exercise, mistake: Mistake, rows: Sequence[tuple[Case, Answer, Problem | None]]) -> bool:
    """Are the student's results those of the mistake, in these cases or in one result of each, and wrong twice or more?

    Where the mistake is wrong, so are they: its hint speaks of nothing that is right.
    """
    if len(rows) < 2:
        return False
    made = [_answer_of(mistake.function, case) for case, _, _ in rows]
    if any(one.error or given.error or given.changed for one, (_, given, _) in zip(made, rows, strict=True)):
        return False
    right = [_expected(exercise, case) for case, _, _ in rows]
    if all(_alike(one, given, exercise.tolerance) for one, (_, given, _) in zip(made, rows, strict=True)):
        return sum(problem is not None for _, _, problem in rows) > 1
    if not all(isinstance(value, tuple) for value in right):
        return False
    count = len(right[0])
    columns = [[one.value for one in made], [given.value for _, given, _ in rows], right]
    if not all(isinstance(value, tuple | list) and len(value) == count for column in columns for value in column):
        return False
    differ = partial(difference, tolerance=exercise.tolerance)
    alike = False
    for place in range(count):
        of_mistake, of_student, expected = ([value[place] for value in column] for column in columns)
        of_mistake = list(map(_as_expected, of_mistake))
        faults, own_faults = list(map(differ, expected, of_mistake)), list(map(differ, expected, of_student))
        if any(fault and not own for fault, own in zip(faults, own_faults, strict=True)):
            return False  # what this mistake does wrong is right here
        alike |= sum(map(bool, own_faults)) > 1 and not any(map(differ, of_mistake, of_student))
    return alike


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
