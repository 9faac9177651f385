"""The late penalty: an nbgrader plug-in, so `convcourse grade` and stock `nbgrader autograde` take off the same points.

A class configures it in its nbgrader_config.py:

c.LatePolicy.percent_per_day = 10
c.LatePolicy.grace_minutes = 15
c.LatePolicy.last_day = 5
"""

from __future__ import annotations

from math import ceil

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float, Integer

DAY = 24 * 60 * 60


class LatePolicy(LateSubmissionPlugin):
    """A percentage for each day that has begun; no penalty by default. nbgrader's own penalty_method "zero" works too."""

    percent_per_day = Float(0, min=0, max=100, help="Percent of the points reached, for each day that has begun.").tag(
        config=True
    )
    grace_minutes = Float(0, min=0, help="So many minutes after the due date cost nothing.").tag(config=True)
    last_day = Integer(
        None, min=0, allow_none=True, help="Work that comes after so many days earns nothing; None: it always earns something."
    ).tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """The points of the penalty, or None. The first day begins after the grace period."""
        late = total_seconds_late - 60 * self.grace_minutes
        if late <= 0:
            return None
        days = ceil(late / DAY)
        if self.last_day is not None and days > self.last_day:
            return score
        if self.percent_per_day:
            return score * min(1.0, days * self.percent_per_day / 100)
        stock: float | None = super().late_submission_penalty(student_id, score, total_seconds_late)
        return stock
