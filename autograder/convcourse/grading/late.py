"""The late penalty: an nbgrader plug-in, so `convcourse grade` and stock `nbgrader autograde` take off the same points.

A class configures it in its course.toml, or in its nbgrader_config.py as `c.LatePolicy.percent_per_day = 10`:

    [late]
    percent_per_day = 10
    grace_minutes = 15
    last_day = 5
    days_for_the_term = 6
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Dict, Enum, Float, Integer, TraitError
from traitlets.config import Config

from convcourse.errors import CourseError

DAY = 24 * 60 * 60


class LatePolicy(LateSubmissionPlugin):
    """A percentage for each day that has begun, and late days that cost nothing; no penalty by default.

    nbgrader's own penalty_method "zero" works too.
    """

    percent_per_day = Float(0, min=0, max=100, help="Percent of the points reached, for each day that has begun.").tag(
        config=True
    )
    grace_minutes = Float(0, min=0, help="So many minutes after the due date cost nothing.").tag(config=True)
    last_day = Integer(
        None, min=0, allow_none=True, help="Work that comes after so many days earns nothing; None: it always earns something."
    ).tag(config=True)
    days_for_the_term = Integer(0, min=0, help="So many late days of the whole term cost a student nothing.").tag(config=True)
    days_for_a_unit = Integer(
        None, min=1, allow_none=True, help="At most so many of them for one unit; None: as many as are left."
    ).tag(config=True)
    spend = Enum(
        ("by itself", "on request"),
        "by itself",
        help="Late work spends days by itself, or only those asked for in late_days.csv.",
    ).tag(config=True)
    asked = Dict(help="Student -> unit -> days, from late_days.csv.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """The points of the penalty, or None. The first day begins after the grace period."""
        days = self.days(total_seconds_late)
        if self._too_late(days):
            return score
        if self.days_for_the_term and isinstance(self.parent, AssignLatePenalties):
            late = late_work(self.parent.gradebook, student_id)
            days -= self.spent(student_id, late).get(self.parent.assignment_id, 0)
        if not days:
            return None
        if self.percent_per_day:
            return score * min(1.0, days * self.percent_per_day / 100)
        stock: float | None = super().late_submission_penalty(student_id, score, total_seconds_late)
        return stock

    def days(self, seconds_late: float) -> int:
        """The days that have begun after the grace period."""
        return max(0, ceil((seconds_late - 60 * self.grace_minutes) / DAY))

    def spent(self, student_id: str, late: Mapping[str, float]) -> dict[str, int]:
        """Unit -> late days of the term that a student spends on it.

        late: unit -> seconds late, in the order of handing in, so that later work takes no day back from earlier work.
        Work that earns nothing spends none.
        """
        asked, left, found = self.asked.get(student_id, {}), self.days_for_the_term, dict[str, int]()
        for unit, seconds in late.items():
            days = self.days(seconds)
            wanted = asked.get(unit, days if self.spend == "by itself" else 0)
            most = days if self.days_for_a_unit is None else self.days_for_a_unit
            found[unit] = 0 if self._too_late(days) else min(days, wanted, most, left)
            left -= found[unit]
        return found

    def _too_late(self, days: int) -> bool:
        return self.last_day is not None and days > self.last_day


def late_work(book: Gradebook, student: str) -> dict[str, float]:
    """Unit -> seconds late, for all late work of a student, in the order of handing in."""
    handed_in = (
        book.db.query(SubmittedAssignment)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .filter(SubmittedAssignment.student_id == student, SubmittedAssignment.timestamp > Assignment.duedate)
        .order_by(SubmittedAssignment.timestamp, Assignment.duedate, Assignment.name)
    )
    return {work.name: work.total_seconds_late for work in handed_in if work.total_seconds_late > 0}


def late_settings(said: Mapping[str, Any], file: Path) -> Config:
    """The table [late] of a course.toml as nbgrader's configuration. Raises CourseError, naming the file and what is wrong."""
    known = [name for name in LatePolicy.class_own_traits(config=True) if name != "asked"]
    if unknown := sorted(said.keys() - set(known)):
        raise CourseError(f"{file}: [late] has '{unknown[0]}', which is not known; it may hold {', '.join(known)}")
    try:
        policy = LatePolicy(**said)
    except TraitError as error:
        raise CourseError(f"{file}: [late] cannot be used: {error}") from error
    if policy.days_for_the_term and not policy.percent_per_day:
        raise CourseError(
            f"{file}: [late] has days_for_the_term, but late work costs nothing anyway; say what a day costs when they are "
            "spent, as in percent_per_day = 25 (100: such work earns nothing)"
        )
    return Config(said)
