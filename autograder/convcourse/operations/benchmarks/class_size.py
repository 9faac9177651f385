"""Measure the grading of a whole class: seconds, CPU of all its processes, and memory of the head.

Each measurement is a separate process: python -m convcourse.operations.benchmarks.class_size CLASS UNIT WORKERS
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import nbformat
import psutil
from nbformat import NotebookNode

from convcourse.grading.class_folder import ClassFolder, notebook_in
from convcourse.grading.grade import Workers, grade, students_to_grade
from convcourse.grading.task import one_by_one
from convcourse.grading.this_machine import on_workers


@dataclass(frozen=True)
class ClassCost:
    """The cost of grading a class once. `workers` is 1 if the head grades by itself.

    seconds: from the first submission to the last grade, with the workers' start. cpu: seconds of all processes.
    head_cpu: seconds of the head alone. head_early, head_late: its memory in bytes after a tenth of the class, and at the end.
    task_seconds: each submission's own time, on its worker and in the gradebook. bytes_moved: to the workers and back.
    """

    submissions: int
    workers: int
    seconds: float
    cpu: float
    head_cpu: float
    head_early: int
    head_late: int
    task_seconds: list[float]
    bytes_moved: int


def class_cost(released: Path, unit: str, notebooks: Mapping[str, NotebookNode], workers: int) -> ClassCost:
    """Grade `notebooks` in a copy of the class in `released`, in a fresh process. Raises RuntimeError if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copy(released / "gradebook.db", root)
        hand_in(root, unit, notebooks)
        command = [sys.executable, "-m", __name__, str(root), unit, str(workers)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"grading {len(notebooks)} on {workers} workers failed:\n{done.stderr[-1000:]}")
        return ClassCost(**json.loads(done.stdout.splitlines()[-1]))


def hand_in(root: Path, unit: str, notebooks: Mapping[str, NotebookNode]) -> None:
    """Put each student's notebook into submitted/."""
    for student, notebook in notebooks.items():
        path = notebook_in(ClassFolder(root).submitted(student, unit))
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


def _cpu_of_family() -> float:
    """CPU seconds of this process and all its descendants, including ended processes."""
    me = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in (me, *me.children(recursive=True)))


def _grading_with(workers: int) -> Workers:
    return partial(on_workers, workers) if workers > 1 else one_by_one


def _measure(root: Path, unit: str, workers: int) -> dict[str, object]:
    names = students_to_grade(root, unit)
    memory, seconds, cpu = [], [], 0.0
    start, cpu_start = perf_counter(), process_time()
    for result in grade(root, unit, names, seed=1, workers=_grading_with(workers)):
        if result.state != "graded":
            raise RuntimeError(f"{result.student} is {result.state}: {'; '.join(result.notes)}")
        seconds.append(result.seconds)
        memory.append(psutil.Process().memory_info().rss)
        if len(memory) == len(names):  # while the workers still run
            cpu = _cpu_of_family()
    measured = {"seconds": perf_counter() - start, "cpu": cpu, "head_cpu": process_time() - cpu_start}
    moved = sum(path.stat().st_size for path in root.glob(f"*/*/{unit}/{unit}.ipynb"))
    return measured | {
        "submissions": len(names),
        "workers": workers,
        "head_early": memory[len(memory) // 10],
        "head_late": memory[-1],
        "task_seconds": seconds,
        "bytes_moved": moved,
    }


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
