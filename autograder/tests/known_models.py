"""Write the prints of the models that right answers build: `cd autograder && python -m tests.known_models`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from convcourse.check import visible_cases
from convcourse.imports import PACKAGE
from convcourse.judging.calling import Answer, answer_all
from convcourse.judging.exercise import Exercise
from convcourse.judging.verdict import judge, weights_count
from convcourse.known_models import FILE, print_of
from tests.solved import ALL, is_model, right_answers, solutions_of


def asked_models() -> list[tuple[str, Exercise]]:
    """Unit and exercise of all that ask for a model which may have any weights."""
    return [(unit, exercise) for unit, exercise in ALL if is_model(exercise.name) and not weights_count(exercise)]


def answers_of(function: Callable[..., Any], exercise: Exercise) -> list[Answer]:
    return answer_all(function, [case.arguments for case in visible_cases(exercise)], exercise.forbidden)


def prints_of(unit: str, exercise: Exercise) -> list[list[str]]:
    """For each visible case, the prints of the models of all right answers, in order; each answer is judged in full."""
    cases = visible_cases(exercise)
    found: list[set[str]] = [set() for _ in cases]
    for function in (solutions_of(unit)[exercise.name], *right_answers(unit, exercise)):
        answers = answers_of(function, exercise)
        assert judge(exercise, cases, answers, len(cases)).status == "passed", (exercise.name, function)
        for prints, given in zip(found, answers, strict=True):
            prints.add(print_of(given))
    return [sorted(prints - {""}) for prints in found]


if __name__ == "__main__":
    known = {exercise.name: prints_of(unit, exercise) for unit, exercise in asked_models()}
    rows = (f"{json.dumps(name)}: {json.dumps(prints)}" for name, prints in sorted(known.items()))
    (PACKAGE / FILE).write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
