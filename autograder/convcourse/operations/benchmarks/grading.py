"""Compare the cost of grading with stock nbgrader, stock nbgrader with our judge, otter-grader, and `convcourse grade`."""

from __future__ import annotations

import importlib.util
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from io import StringIO
from itertools import product
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch

import nbformat
from nbformat import NotebookNode
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters.autograde import Autograde
from traitlets.config import Config

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.grading.course import course_config
from convcourse.grading.grade import grade
from convcourse.grading.judge import exercise_tested_by
from convcourse.grading.rebuild import rebuild, released_notebook
from convcourse.grading.release import release
from convcourse.operations.benchmarks.class_size import ClassCost, class_cost, hand_in
from convcourse.operations.benchmarks.otter_peer import otter_seconds
from convcourse.operations.benchmarks.university import Forecast, forecast
from convcourse.operations.demo import typical_mistakes, with_mistake
from convcourse.sandbox.child import new_shell
from convcourse.settings import SOLUTIONS


def bench_grading(
    unit: str, submissions: int, sizes: Sequence[int], workers: Sequence[int], say: Callable[[str], None]
) -> dict[str, Any]:
    """Grade the same made-up submissions in all ways, then whole classes of `sizes`, with each number of `workers`.

    Returns the medians of the seconds for each submission after the first, all single times, the floor (CPU seconds of
    the cells alone in a warm process), "classes" (a ClassCost as dict for each size and number of workers) and, from
    the largest class, the "forecast" for a university.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        root = Path(folder)
        release(root, unit)
        notebooks = make_submissions(unit, submissions)
        hand_in(root, unit, notebooks)
        times: dict[str, list[float]] = {}
        for name, config in (("stock nbgrader", stock_config(root)), ("stock nbgrader, our judge", course_config(root))):
            say(name)
            times[name] = [_time_stock(config, unit, student) for student in notebooks]
        if importlib.util.find_spec("otter"):
            say("otter-grader")
            times["otter-grader"] = otter_seconds(notebooks, unit, Path(empty))
        say("convcourse grade")
        times["convcourse grade"] = [result.seconds for result in grade(root, unit, list(notebooks), seed=1)]
        floor = [floor_seconds(notebook, unit) for notebook in notebooks.values()]
        classes = []
        for size, number in product(sizes, workers):
            say(f"a class of {size:,}, workers: {number}")
            classes.append(class_cost(root, unit, make_submissions(unit, size), number))
    return {
        "unit": unit,
        "submissions": submissions,
        "cores": os.cpu_count(),
        "medians": {name: statistics.median(seconds[1:]) for name, seconds in times.items()},
        "floor": statistics.median(floor[1:]),
        "times": times,
        "classes": [asdict(cost) for cost in classes],
        "forecast": asdict(_university(max(classes, key=lambda cost: (cost.submissions, cost.workers)))) if classes else None,
    }


def _university(cost: ClassCost) -> Forecast:
    each = cost.submissions
    # The time of the first submission on each worker includes the worker's start.
    return forecast(cost.task_seconds[cost.workers :], cost.head_cpu / each, cost.bytes_moved / each)


def make_submissions(unit: str, count: int) -> dict[str, NotebookNode]:
    """Make submissions: half are perfect, and half have one typical mistake each."""
    solved = nbformat.read(SOLUTIONS / unit / f"{unit}.ipynb", as_version=4)
    slips = list(typical_mistakes(unit))
    return {f"student{n}": solved if n % 2 else with_mistake(solved, *slips[n % len(slips)]) for n in range(count)}


def stock_config(root: Path) -> Config:
    """The configuration of the class without our plug-ins, with nbgrader's own preprocessors and kernel."""
    config = course_config(root)
    config.Autograde.sanitize_preprocessors = Autograde.sanitize_preprocessors.default_args[0]
    config.Autograde.autograde_preprocessors = Autograde.autograde_preprocessors.default_args[0]
    return config


def _time_stock(config: Config, unit: str, student: str) -> float:
    start = perf_counter()
    with quiet_log() as said:
        outcome = NbGraderAPI(config=config).autograde(unit, student)
    if not outcome["success"]:
        raise RuntimeError(f"nbgrader could not grade {student}: {said.getvalue()[-500:]}")
    return perf_counter() - start


def floor_seconds(notebook: NotebookNode, unit: str) -> float:
    """CPU seconds of the cells that grading runs for a submission, in a shell of this process with all imports done before."""
    shell = new_shell()
    cells = rebuild(notebook, released_notebook(unit))[0].cells
    needed = [c.source for c in cells if c.cell_type == "code" and "convcourse" not in c.metadata and not exercise_tested_by(c)]
    with patch.dict(os.environ, CONVCOURSE_JUDGED="1"), redirect_stdout(StringIO()):  # nobody reads what the cells print
        start = process_time()
        for source in needed:
            shell.run_cell(source, store_history=False)
        return process_time() - start
