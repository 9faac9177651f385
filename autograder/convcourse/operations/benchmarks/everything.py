"""Measure all that the course promises to be fast: grading, a class, the head, the notebooks and their checks."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from convcourse.exercises import UNITS
from convcourse.operations.benchmarks.grading import bench_grading
from convcourse.operations.benchmarks.grading_cost import cost_lines
from convcourse.operations.benchmarks.head import bench_head, head_line
from convcourse.operations.benchmarks.notebooks import notebook_cost

CLASS_UNIT = "02_convolution_1d"
MEASURED = ("nbgrader", "tensorflow", "keras", "numpy")


def bench_all(
    units: Sequence[str], submissions: int, sizes: Sequence[int], head_size: int, say: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    """Yield the figures after each part of the work, so that what is measured can be kept if the rest is not.

    "machine"; "notebooks": a NotebookCost as dict for each unit; "head": see bench_head; "grading": see bench_grading, for
    each unit. Classes of `sizes` and the head are measured with the first of `units`. All units if none is named.
    """
    figures: dict[str, Any] = {"machine": _machine(), "head": None, "notebooks": [], "grading": []}
    class_unit = units[0] if units else CLASS_UNIT
    say(f"the head, {class_unit}")
    figures["head"] = bench_head(class_unit, head_size, say)
    say(head_line(figures["head"]))
    yield figures
    for unit in units or UNITS:
        say(f"{unit}: the solved notebook")
        figures["notebooks"].append(asdict(notebook_cost(unit, onednn=True)))
        say(notebook_line(figures["notebooks"][-1]))
        yield figures
    for unit in units or UNITS:
        say(f"{unit}: grading")
        figures["grading"].append(bench_grading(unit, submissions, sizes if unit == class_unit else [], [1, 2], say))
        for line in cost_lines(figures["grading"][-1]):
            say(line)
        yield figures


def notebook_line(cost: dict[str, Any]) -> str:
    """What a solved notebook and its checks take."""
    checks = cost["checks"]
    slowest = max(checks, key=checks.get, default="")
    line = f"{cost['unit']}: {cost['seconds']:.0f} s, slowest cell {cost['slowest']:.1f} s, {cost['peak'] / 1e9:.1f} GB"
    if checks:
        line += f"; a check {1000 * statistics.median(checks.values()):.0f} ms, {slowest} {1000 * checks[slowest]:.0f} ms"
    return f"{line}; stopped by {cost['stopped']}" if cost["stopped"] else line


def _machine() -> dict[str, Any]:
    """What the figures depend on. load: how many processes wanted to compute in the minute before."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "system": platform.platform(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in MEASURED}},
    }
