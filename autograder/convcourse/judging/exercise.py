"""What an exercise is: one object, read by the student's check, the judge, the tests and the docs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

Arguments = Mapping[str, Any]
Names = tuple["str | Names", ...]  # of results; those of a result that has several itself are again in parentheses
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False)
class Case:
    """One call of the student's function.

    arguments: name -> value, in the order of the function's signature; passed by position.
    part: the part of the exercise that this case tests (a key of `Exercise.points`).
    note: a few words for the reader ("the lecture's example").
    known: the result worked out by hand or printed in a lecture; the tests hold the oracle to it.
    """

    arguments: Arguments
    part: str
    note: str = ""
    known: Any = None


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students really give, and what to tell them.

    function: the wrong answer; its name names the mistake in the instructor's report.
    hint: one or two sentences to the student.
    """

    function: Callable[..., Any]
    hint: str

    @property
    def name(self) -> str:
        return self.function.__name__


@dataclass(frozen=True, eq=False)
class Exercise:
    """An exercise: what is asked, how it is judged, and how people go wrong.

    name: the function's name; also the grade id in nbgrader's gradebook.
    points: part -> points; a part is earned when all of its cases come out right.
    oracle: the right result, computed in another way than the solution.
    examples: fixed cases that the student sees.
    cases: yields random cases from a generator, at least one for each part.
    hints: three, each giving away a little more.
    minutes, difficulty: for a student who is new to it; difficulty from 1 to 3.
    results: what the text calls each of several results; for a result that has several itself, their names: ("a", ("b", "c")).
    forbidden: names of library functions that would do the exercise for the student.
    compiled: it must also run where TensorFlow compiles it, as in a training loop.
    given: of a repair: the broken function from which the student begins. Its body is in the student's notebook.
    meets: of a design: what a result still misses, as a sentence, from the result and the arguments; empty if it has all
        that is asked. Then every such result is right, and the oracle's is one of them.
    tolerance: allowed error as a share of the largest expected magnitude (float32 passes).
    seconds: of computing, that all cases together may take at grading.
    mistakes: given one by one below the exercise, each under `@exercise.mistake(hint)`.
    """

    name: str
    title: str
    points: Mapping[str, float]
    oracle: Callable[..., Any]
    examples: tuple[Case, ...]
    cases: Callable[[np.random.Generator], Iterator[Case]]
    hints: tuple[str, str, str]
    minutes: int
    difficulty: int
    results: Names = ()
    forbidden: tuple[str, ...] = ()
    compiled: bool = False
    given: Callable[..., Any] | None = None
    meets: Callable[..., str] | None = None
    tolerance: float = 1e-5
    seconds: float = 10.0
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def max_score(self) -> float:
        return float(sum(self.points.values()))

    def mistake(self, hint: str) -> Callable[[Function], Function]:
        """Mark the function below as a wrong answer, with what to tell the student.

        At least three, the likeliest first: they are tried in the order of the page, and the first that fits is named.
        """

        def add(function: Function) -> Function:
            self.mistakes.append(Mistake(function, hint))
            return function

        return add

    def fresh_cases(self, seed: int, rounds: int) -> tuple[Case, ...]:
        """`rounds` batches of random cases; the same seed gives the same cases."""
        return _fresh_cases(self, seed, rounds)


@lru_cache(maxsize=64)  # a class is asked the same cases, and a student the same ones again and again
def _fresh_cases(exercise: Exercise, seed: int, rounds: int) -> tuple[Case, ...]:
    # The name goes into the seed so that two exercises never share their random numbers.
    generator = np.random.default_rng([seed, *exercise.name.encode()])
    return tuple(case for _ in range(rounds) for case in exercise.cases(generator))
