"""Measure the head alone: read, record and write a class, while the workers' answers are recordings of a few real ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter, process_time

import nbformat

from convcourse.grading.class_folder import ClassFolder, notebook_in
from convcourse.grading.grade import grade
from convcourse.grading.release import release
from convcourse.grading.task import Done, Judged, Task, grade_task
from convcourse.operations.benchmarks.grading import make_submissions

KINDS = 8  # of submissions, each graded once


def bench_head(unit: str, size: int, say: Callable[[str], None]) -> dict[str, float]:
    """The head's seconds for each of `size` students, by the clock and of computing. They hand in KINDS different submissions."""
    texts = [nbformat.writes(notebook) for notebook in make_submissions(unit, KINDS).values()]
    judged: dict[bytes, Judged] = {}

    def recorded(tasks: Iterable[Task]) -> Done:
        for task in tasks:
            if task.submitted not in judged:
                judged[task.submitted] = grade_task(task)
            yield task, judged[task.submitted]

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        release(root, unit)
        students = [f"student{number:06}" for number in range(KINDS + size)]
        for number, student in enumerate(students):
            path = notebook_in(ClassFolder(root).submitted(student, unit))
            path.parent.mkdir(parents=True)
            path.write_text(texts[number % KINDS], encoding="utf-8")
        say(f"{KINDS} submissions are graded for the recordings")
        list(grade(root, unit, students[:KINDS], seed=1, workers=recorded))
        say(f"{size:,} are graded with them")
        start, computing = perf_counter(), process_time()
        results = list(grade(root, unit, students[KINDS:], seed=1, workers=recorded))
        seconds, computed = perf_counter() - start, process_time() - computing
    if any(result.state != "graded" for result in results):
        raise RuntimeError("not all were graded")
    return {"submissions": size, "seconds": seconds / size, "computing": computed / size}


def head_line(figures: dict[str, float]) -> str:
    """What `bench_head` has measured, in words."""
    each, computing = 1000 * figures["seconds"], 1000 * figures["computing"]
    return f"the head takes {each:.1f} ms for each of {figures['submissions']:,} submissions, {computing:.1f} of them computing"
