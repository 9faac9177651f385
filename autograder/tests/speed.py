"""How fast is this processor, now? A limit in seconds holds for a quick one, and grows with what a slow or busy one needs."""

import time

import numpy as np

# Seconds of computing for the same work on one core of a quiet, recent server.
PYTHON_SECONDS, FLOAT_SECONDS = 0.1, 0.05


def slowness() -> float:
    """How many times as long this processor computes as a quick one: the mean of Python and of float32; at least 1."""
    python = _seconds(lambda: sum(number * number for number in range(2_000_000))) / PYTHON_SECONDS
    matrix = np.ones((1024, 1024), np.float32)
    numbers = _seconds(lambda: [matrix @ matrix for _ in range(2)]) / FLOAT_SECONDS
    return max(1.0, (python + numbers) / 2)


def _seconds(work) -> float:
    begun = time.process_time()  # of all threads
    work()
    return time.process_time() - begun
