"""Measure the peak memory of a process."""

from __future__ import annotations

import math
import sys
from pathlib import Path


def process_peak_bytes() -> float:
    """The largest memory of this process so far, libraries included; not a number on Windows."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return 1024.0 * int(line.split()[1])
    try:
        import resource
    except ImportError:  # Windows
        return math.nan
    unit = 1 if sys.platform == "darwin" else 1024
    return float(unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
