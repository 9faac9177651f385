"""Measure a solved notebook: total seconds, the slowest cell, and memory, with and without oneDNN."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from rich.table import Table

from convcourse.exercises import UNITS
from convcourse.grading.judge import exercise_tested_by
from convcourse.settings import SOLUTIONS

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
PEAK = "from convcourse.operations.benchmarks.memory import process_peak_bytes\nprocess_peak_bytes()"


@dataclass(frozen=True)
class NotebookCost:
    """seconds: from the start of the kernel to its end. slowest: seconds of the slowest cell. cell: a line of this cell.

    peak: the largest memory of the kernel's process, bytes. stopped: the error that ended the run, or "".
    checks: exercise -> seconds of the cell that checks it.
    """

    unit: str
    onednn: bool
    seconds: float
    slowest: float
    cell: str
    peak: float
    stopped: str = ""
    checks: dict[str, float] = field(default_factory=dict)


def bench_notebooks(units: Sequence[str], say: Callable[[str], None]) -> Iterator[NotebookCost]:
    """Run the solved notebook of each unit (all units if none is named), one at a time, first with oneDNN, then without."""
    for unit in units or UNITS:
        for onednn in (True, False):
            say(f"{unit}, {'with' if onednn else 'without'} oneDNN")
            yield notebook_cost(unit, onednn)


def notebook_cost(unit: str, onednn: bool) -> NotebookCost:
    """Run the solved notebook of a unit in a separate kernel."""
    notebook = nbformat.read(SOLUTIONS / unit / f"{unit}.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    environment = {**os.environ, ONEDNN: str(int(onednn)), "CONVCOURSE_OFFLINE": "1"}
    client = NotebookClient(notebook, timeout=None, allow_errors=True, extra_arguments=["--IPKernelApp.log_level=ERROR"])
    start = perf_counter()
    client.execute(env=environment)
    seconds = perf_counter() - start
    *cells, last = [cell for cell in notebook.cells if cell.cell_type == "code"]
    slowest = max(cells, key=cell_seconds)
    errors = [output.ename for cell in cells for output in cell.outputs if output.output_type == "error"]
    peak = float(last.outputs[0].data["text/plain"])
    checks = {exercise.name: cell_seconds(cell) for cell in cells if (exercise := exercise_tested_by(cell))}
    return NotebookCost(unit, onednn, seconds, cell_seconds(slowest), _telling_line(slowest), peak, "".join(errors[:1]), checks)


def cell_seconds(cell: NotebookNode) -> float:
    """The time of an executed cell in seconds, from the kernel's messages."""
    told = cell.metadata.get("execution", {})
    begin, end = told.get("iopub.execute_input"), told.get("shell.execute_reply")
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() if begin and end else 0.0


def _telling_line(cell: NotebookNode) -> str:
    """The first line of a cell that is an actual statement."""
    lines = [line.strip() for line in cell.source.splitlines()]
    return next((line for line in lines if line and not line.startswith(("#", "def ", "if ready", "import ", "from "))), "")


def notebooks_table(costs: Sequence[NotebookCost]) -> Table:
    """A line for each unit; seconds and megabytes with oneDNN, then without."""
    table = Table("unit", "s", "slowest cell", "MB", "without: s", "slowest cell", "MB")
    table.columns[0].overflow = "fold"
    by_unit = {cost.unit: {one.onednn: one for one in costs if one.unit == cost.unit} for cost in costs}
    for unit, both in by_unit.items():
        numbers = [f(both[onednn]) for onednn in (True, False) for f in (_seconds, _slowest, _megabytes)]
        table.add_row(unit, *numbers)
    return table


def _seconds(cost: NotebookCost) -> str:
    return f"{cost.seconds:.0f}" + (f" ({cost.stopped})" if cost.stopped else "")


def _slowest(cost: NotebookCost) -> str:
    return f"{cost.slowest:.0f}"


def _megabytes(cost: NotebookCost) -> str:
    return f"{cost.peak / 1e6:,.0f}"
