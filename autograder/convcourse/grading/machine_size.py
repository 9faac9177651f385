"""The number of workers for which this machine, or the container in which this runs, has cores and free memory."""

from __future__ import annotations

import math
import os
from pathlib import Path

import psutil

WORKER_MEMORY = 1.5 * 2**30  # a judge, its warm server, and a room at work
LIMITS = Path("/sys/fs/cgroup")  # of a container


def workers_that_fit() -> int:
    """At least one."""
    free = min(psutil.virtual_memory().available, _memory_of_container())
    return max(1, min(cores(), int(free // WORKER_MEMORY)))


def cores() -> int:
    """The cores that this process may use."""
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(known, _cores_of_container(known)))


def _cores_of_container(otherwise: int) -> int:
    limit = _words("cpu.max") or [*_words("cpu/cpu.cfs_quota_us"), *_words("cpu/cpu.cfs_period_us")]
    return math.ceil(int(limit[0]) / int(limit[1])) if limit and limit[0] not in ("max", "-1") else otherwise


def _memory_of_container() -> float:
    limit, *_ = _words("memory.max") or _words("memory/memory.limit_in_bytes") or ["max"]
    return math.inf if limit == "max" else float(limit)


def _words(file: str) -> list[str]:
    """The words in a file of limits; none if there is no such file."""
    path = LIMITS / file
    return path.read_text(encoding="ascii").split() if path.is_file() else []
