"""What the processes of a room have done with their time."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import NamedTuple


class Used(NamedTuple):
    """Seconds of a room. computed: of all its threads together. queued: in which they waited for a core; 0 if nobody knows."""

    computed: float
    queued: float


def used(first: int) -> Used | None:
    """What a process and all that come from it have used, also those that have ended; None if it has ended itself.

    Children that ended count when their parent has waited for them. What they hide by not waiting is not counted.
    """
    import psutil

    try:
        room = psutil.Process(first)
        family = [room, *room.children(recursive=True)]
        return Used(sum(sum(process.cpu_times()[:4]) for process in family), sum(_queued(process.pid) for process in family))
    except psutil.NoSuchProcess:
        return None


def _queued(process: int) -> float:
    """Seconds in which a process's threads waited for a core. Most Linux kernels count them, in nanoseconds."""
    seconds = 0.0
    for task in Path(f"/proc/{process}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):  # it has ended
            seconds += int(task.read_text().split()[1]) / 1e9
    return seconds
