"""One submission to grade, as a task that can be sent to a worker: bytes in, judged notebook out.

It needs only this package: no gradebook, no shared disk, no secrets. Workers run `grade_task`.
Only the head (`grade.py`) reads submitted/ and writes autograded/ and the gradebook.
"""

from __future__ import annotations

import json
import math
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from time import perf_counter

import nbformat
from nbformat import NotebookNode

from convcourse.errors import MachineTrouble
from convcourse.exercises import UNITS, exercises_of
from convcourse.exercises.own import OwnUnit
from convcourse.grading.judge import judge_notebook, notebook_seconds, rooms_for
from convcourse.grading.rebuild import parse_of_unit, rebuild
from convcourse.grading.running_notebook import TurnOver
from convcourse.grading.solved_seconds import first_turn
from convcourse.grading.submission import Unreadable
from convcourse.grading.unusual_code import worth_a_look
from convcourse.grading.version import course_version
from convcourse.sandbox.client import why_no_sandbox
from convcourse.sandbox.sight import refuse_in_sight


@dataclass(frozen=True)
class Task:
    """One student's submission.

    submitted: the file's bytes. release: the released notebook as text. locked: grade id -> source of its locked cells.
    seed: of the hidden cases. version: of the head's course.
    exercises: source of the unit's exercises.py in an instructor's own course; workers have no such file.
    turn: seconds after which the work stops, to be done anew after all others; math.inf when it may take all its time,
        and None when it has had no turn yet.
    files: module name -> source of the `.py` files that were handed in with the notebook.
    root: the class's folder on the head. A worker that has it on a shared disk may have Python elsewhere.
    """

    student: str
    unit: str
    submitted: bytes
    release: str
    locked: Mapping[str, str]
    seed: int
    version: str
    exercises: str = ""
    turn: float | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    root: str = ""


@dataclass(frozen=True)
class Judged:
    """The result of a task.

    state: "graded" (then `notebook` is the judged notebook as text), "unreadable", "failed" or "no machine" (then `note` says
        why; the last is no fault of the submission), or "turn over" (it takes longer than its turn).
    unwalled: why student code ran without a sandbox; empty if it ran in a sandbox.
    """

    state: str
    notebook: str = ""
    note: str = ""
    seconds: float = 0.0
    unwalled: str = ""


Done = Generator[tuple[Task, Judged], None, None]


def grade_task(task: Task) -> Judged:
    """Rebuild the submission, run it in a room and judge it. Raises nothing: an error gives a state with a note."""
    start = perf_counter()
    try:
        if task.version != course_version(task.unit):
            return Judged("failed", note="its worker has another version of the course; install the head's there")
        _refuse_in_sight(task.root)
        notebook = _judged_notebook(task)
    except TurnOver:
        return Judged("turn over")
    except Unreadable as error:
        return Judged("unreadable", note=str(error))
    except MachineTrouble as error:
        return Judged("no machine", note=str(error))
    except Exception as error:  # one student's error must never stop the class
        return Judged("failed", note=f"could not be graded ({type(error).__name__}: {error}); please report this")
    # Without nbformat, which copies and indents everything. Only programs read this text.
    return Judged("graded", json.dumps(notebook, sort_keys=True), seconds=perf_counter() - start, unwalled=why_no_sandbox())


def one_by_one(tasks: Iterable[Task]) -> Done:
    """Do the tasks in this process, one after the other; those that take long come last."""
    long: list[Task] = []
    yield from quick_ones(tasks, long)
    yield from quick_ones(long, [])


def quick_ones(tasks: Iterable[Task], long: list[Task]) -> Done:
    """Do the tasks that end within their first turn, one after the other, and append the others to `long`."""
    tasks = iter(tasks)
    task = next(tasks, None)
    while task is not None:
        following = next(tasks, None)
        nobody_waits = following is None and not long
        judged = grade_task(in_last_turn(task) if nobody_waits else in_first_turn(task))
        if judged.state == "turn over":
            long.append(in_last_turn(task))
        else:
            yield task, judged
        task = following


def in_first_turn(task: Task) -> Task:
    """The task, which must let others go first if it takes long, unless it has done so."""
    return task if task.turn else replace(task, turn=first_turn(task.unit))


def in_last_turn(task: Task) -> Task:
    """The task, which may now take all its time."""
    return replace(task, turn=math.inf)


def warm_up_for(task: Task) -> None:
    """Let this process's warm server import what the released notebook uses, for twins of it."""
    rooms_for(_parsed(task.release))


@lru_cache(maxsize=4)
def _refuse_in_sight(root: str) -> None:
    """Raises InSight if student code could read the class's folder on this worker."""
    if root and Path(root).exists():
        refuse_in_sight(Path(root))


def _judged_notebook(task: Task) -> NotebookNode:
    release = _parsed(task.release)
    submitted = parse_of_unit(task.submitted, f"{task.unit}.ipynb", task.unit, release)
    notebook, _ = rebuild(submitted, release, task.locked, task.files)
    own, seconds = OwnUnit(exercises=task.exercises), notebook_seconds(task.unit)
    if task.unit in UNITS:
        exercises_of(task.unit)  # imported while the warm server starts, which the next line may wait for
    judge_notebook(notebook, rooms_for(notebook, task.files), task.seed, own, seconds, task.turn or math.inf, task.files)
    notebook.metadata["convcourse"]["notes"].extend(worth_a_look(notebook, release))
    return notebook


@lru_cache(maxsize=4)  # all students of a class have the same release
def _parsed(release: str) -> NotebookNode:
    return nbformat.reads(release, as_version=4)
