"""How each student stands in the term: late days spent, units that do not count, and the total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties

from convcourse.grading.course import course_config
from convcourse.grading.export import CsvExporter, Grades, counting, grades_of
from convcourse.grading.gradebook import gradebook
from convcourse.grading.late import LatePolicy, late_work
from convcourse.grading.late_days import FILE
from convcourse.grading.penalties import take_off, with_late_work


@dataclass(frozen=True)
class Term:
    """rows: a heading, and a line for each student. notes: what changed, and what cannot be meant."""

    rows: list[list[str]]
    notes: list[str]


def term(root: Path) -> Term:
    """The standing of the class in `root`. Penalties that follow from newer marks or late days are set first."""
    config = course_config(root)
    policy, drop_lowest = LatePolicy(config=config), CsvExporter(config=config).drop_lowest
    penalties, notes = AssignLatePenalties(config=config), []
    with gradebook(root) as book:
        for student in sorted(with_late_work(book)):
            changed = take_off(book, student, "", penalties).notes
            notes += [f"{student}, {note}" for note in changed]
        grades = grades_of(book)
        notes += [*grades.notes, *_misnamed(policy, grades)]
        rows = [["student", *(_DAYS if policy.days_for_the_term else ()), *(_DROPPED if drop_lowest else ()), "total", "of"]]
        for person in grades.people:
            counts = counting(grades, person.id, drop_lowest)
            days = _days(book, policy, person.id) if policy.days_for_the_term else ()
            dropped = (_numbers(unit for unit in grades.begun if unit not in counts),) if drop_lowest else ()
            reached = sum(grades.scores.get((person.id, unit), 0.0) for unit in counts)
            rows.append([person.id, *days, *dropped, f"{reached:g}", f"{sum(counts.values()):g}"])
    return Term(rows, notes)


_DAYS, _DROPPED = ("late days", "left"), ("does not count",)


def _days(book: Gradebook, policy: LatePolicy, student: str) -> tuple[str, str]:
    """The late days that each unit took, as in "02: 1, 05: 2", and the number of those that are left."""
    spent = {unit: days for unit, days in policy.spent(student, late_work(book, student)).items() if days}
    shown = ", ".join(f"{_number(unit)}: {days}" for unit, days in sorted(spent.items()))
    return shown, str(policy.days_for_the_term - sum(spent.values()))


def _misnamed(policy: LatePolicy, grades: Grades) -> Iterator[str]:
    """A line for each student and unit in late_days.csv that the class has not."""
    people = {person.id for person in grades.people}
    for student, units in sorted(policy.asked.items()):
        if student not in people:
            yield f"{FILE}: {student} is not in the class list"
        for unit in sorted(units.keys() - grades.possible):
            yield f"{FILE}: {student} asks for days for {unit}, which is not released"


def _numbers(units: Iterable[str]) -> str:
    return ", ".join(map(_number, units))


def _number(unit: str) -> str:
    """05_xo_toy_net -> 05."""
    return unit.partition("_")[0]
