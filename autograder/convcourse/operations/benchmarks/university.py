"""A simulated university: the time of 100,000 submissions on 64 workers, computed from measurements on this machine."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Forecast:
    """seconds: from the first task to the last grade. head_busy, workers_busy: shares of that time. bytes_moved: in all."""

    submissions: int
    workers: int
    seconds: float
    head_busy: float
    workers_busy: float
    bytes_moved: float


def forecast(
    task_seconds: Sequence[float], head_seconds: float, bytes_each: float, submissions: int = 100_000, workers: int = 64
) -> Forecast:
    """Simulate the run, task by task.

    task_seconds: measured times on a worker; each task draws one of them. head_seconds: the head's time for each
    submission (scheduler, gradebook, files), one after another. A finished worker waits until the head sends a new task.
    The network counts as fast: bytes are counted and take no time.
    """
    draw = np.random.default_rng(0).choice(np.asarray(task_seconds), submissions)
    first = min(workers, submissions)
    running = [float(seconds) for seconds in draw[:first]]
    heapq.heapify(running)
    head_free, sent = 0.0, first
    while running:
        turn = max(heapq.heappop(running), head_free)
        if sent < submissions:
            heapq.heappush(running, turn + float(draw[sent]))
            sent += 1
        head_free = turn + head_seconds
    return Forecast(
        submissions,
        workers,
        head_free,
        head_busy=submissions * head_seconds / head_free,
        workers_busy=float(draw.sum()) / (workers * head_free),
        bytes_moved=bytes_each * submissions,
    )
