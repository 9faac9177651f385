"""The exercises of a class: those of the course, with points and further exercises of the class's own."""

from __future__ import annotations

import hashlib
import linecache
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import ModuleType

from convcourse.errors import CourseError
from convcourse.exercises import find_exercise
from convcourse.judging.exercise import Exercise


@dataclass(frozen=True)
class OwnUnit:
    """What a course of one's own changes in a unit: plain data, so that it can travel with a task.

    points: exercise -> points in all; its parts keep their shares.
    exercises: the source of the unit's own exercises.py; empty where it has none.
    """

    points: Mapping[str, float] = field(default_factory=dict)
    exercises: str = ""

    def find(self, name: str) -> Exercise | None:
        """The exercise with this name, the unit's own first, with this course's points; None where there is none."""
        exercise = self.own_exercises().get(name) or find_exercise(name)
        return with_points(exercise, self.points[name]) if exercise and name in self.points else exercise

    def own_exercises(self) -> dict[str, Exercise]:
        """Name -> exercise of the unit's own exercises.py. Raises CourseError when that cannot be used."""
        return _loaded(self.exercises) if self.exercises else {}


AS_IT_STANDS = OwnUnit()


@lru_cache(maxsize=256)  # one object for one exercise: what is worked out for it is kept by its identity
def with_points(exercise: Exercise, points: float) -> Exercise:
    """The exercise worth so many points in all; its parts keep their shares."""
    if points == exercise.max_score:
        return exercise
    share = points / exercise.max_score
    return replace(exercise, points={part: number * share for part, number in exercise.points.items()})


@lru_cache(maxsize=16)
def _loaded(source: str) -> dict[str, Exercise]:
    """The exercises of a module that is given as text."""
    name = f"convcourse_own_{hashlib.sha256(source.encode()).hexdigest()[:12]}"
    file = f"<exercises.py of this course: {name}>"
    module = sys.modules[name] = ModuleType(name)
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)  # so that errors show their line
    try:
        exec(compile(source, file, "exec"), module.__dict__)
        exercises = {exercise.name: exercise for exercise in module.EXERCISES}
    except Exception as error:
        del sys.modules[name]
        raise CourseError(f"exercises.py cannot be used: {type(error).__name__}: {error}") from error
    return exercises
