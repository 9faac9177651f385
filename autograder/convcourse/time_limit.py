"""How long something may run in a room: so many seconds of computing, so that a busy machine takes nobody's points.

Computing is what all processes and threads of the room do together. What neither computes nor waits for a core is idle: it
sleeps, or waits for something. That ends too, but later.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from convcourse.computing import Used

PATIENCE = 3.0  # it may be idle so many times the seconds that it may compute
FIRST_LOOK, SHORTEST_WAIT = 0.25, 0.02
CORES = os.cpu_count() or 1

COMPUTED, IDLE = "time", "idle"  # the troubles of a room


class TooLate(TimeoutError):
    """What was waited for did not come in time."""


class TimeLimit:
    """The limit of one call.

    computing, idle: seconds; if idle is None, PATIENCE times `computing`.
    used: gives what the room has used since its beginning; None if it has ended.
    spent, idled: seconds of computing, and without it, until the last look.
    """

    def __init__(self, computing: float, idle: float | None, used: Callable[[], Used | None]) -> None:
        self.computing, self.idle, self.used = computing, PATIENCE * computing if idle is None else idle, used
        self.begun = self.looked = time.monotonic()
        self.due = self.begun + min(FIRST_LOOK, computing, self.idle)
        self.before: Used | None = None  # what the room had used when the call began
        self.spent = self.idled = 0.0

    def left(self) -> float:
        """Seconds to wait before asking again. Raises TooLate with the trouble."""
        if time.monotonic() >= self.due:
            self._look()
            if self.spent >= self.computing:
                raise TooLate(COMPUTED)
            if self.idled >= self.idle:
                raise TooLate(IDLE)
            soonest = min((self.computing - self.spent) / CORES, self.idle - self.idled)
            self.due = self.looked + max(SHORTEST_WAIT, soonest)
        return max(0.001, self.due - time.monotonic())

    def end(self) -> None:
        """The call has ended: take the last seconds in. A call that was too short for a look has computed all its time."""
        if self.before is None:
            self.spent = time.monotonic() - self.begun
        else:
            self._look()

    def _look(self) -> None:
        """Ask what the room has used. Most calls end before the first look, so nobody asks when they begin.

        In the time until the first look, and in the last of a room that has ended, the room counts as computing.
        """
        now, used = time.monotonic(), self.used()
        if used is None:
            self.spent += now - self.looked
        else:
            if self.before is None:
                self.before = Used(used.computed - min(used.computed, now - self.begun), used.queued)
            self.spent = max(self.spent, used.computed - self.before.computed)
            self.idled = max(self.idled, now - self.begun - self.spent - max(0.0, used.queued - self.before.queued))
        self.looked = now
