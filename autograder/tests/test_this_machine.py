"""The workers of one machine: each submission is graded once, whatever happens to those who grade."""

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import nbformat
import psutil
import pytest

from convcourse.grading import machine_size, this_machine
from convcourse.grading.class_folder import ClassFolder, notebook_in
from convcourse.grading.grade import grade
from convcourse.grading.task import Judged, Task
from convcourse.grading.this_machine import on_this_machine, on_workers
from convcourse.operations.benchmarks.grading import make_submissions
from convcourse.settings import AUTOGRADER
from tests.conftest import UNIT, needs_sandbox

CROWD = [f"student{number}" for number in range(20)]


def task(student):
    return Task(student, "unit", b"", "", {}, seed=1, version="")


def stand_in(task):
    """Quick work in a judge's place; the student's name says what happens to the worker."""
    if task.student == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.student.startswith("slow") and task.turn < math.inf:
        return Judged("turn over")
    time.sleep(0.02)
    return Judged("graded", note=f"worker {os.getpid()}")


@pytest.fixture
def cold(monkeypatch):
    """Workers without a warm server, for stand-ins that open no room."""
    monkeypatch.setattr(this_machine, "warm_up_for", lambda _: None)
    monkeypatch.setattr(this_machine, "lend", lambda _: None)


def done_by_two(students):
    return [(one.student, judged) for one, judged in on_workers(2, map(task, students), stand_in)]


def test_a_submission_that_kills_two_workers_is_set_aside_and_the_others_are_graded(cold):
    done = done_by_two([*CROWD[:10], "poison", *CROWD[10:]])
    assert sorted(student for student, _ in done) == sorted([*CROWD, "poison"])
    came_of = dict(done)
    assert "two workers died" in came_of.pop("poison").note
    assert {judged.state for judged in came_of.values()} == {"graded"}
    assert len({judged.note for judged in came_of.values()}) > 2  # two, and who came for those that died


def test_who_takes_long_lets_all_others_go_first(cold):
    students = ["slow1", "slow2", *CROWD]
    # With two workers, the last of the others may end after them on a busy machine.
    done = [one.student for one, _ in on_workers(1, map(task, students), stand_in)]
    assert done == [*CROWD, "slow1", "slow2"]


def test_large_submissions_and_results_do_not_block_each_other(cold):
    tasks = (replace(task(student), submitted=bytes(3_000_000)) for student in CROWD)
    done = list(on_workers(2, tasks, large_result))
    assert {len(judged.notebook) for _, judged in done} == {3_000_000}
    assert len(done) == len(CROWD)


def large_result(_task):
    return Judged("graded", "x" * 3_000_000)


def test_stopping_early_leaves_no_worker(cold):
    with contextlib.closing(on_workers(2, map(task, CROWD), stand_in)) as done:
        worker = int(next(done)[1].note.removeprefix("worker "))
    assert not psutil.pid_exists(worker)


HEAD = """
from tests.test_this_machine import CROWD, stand_in, task, this_machine
this_machine.warm_up_for = this_machine.lend = lambda _: None
if __name__ == "__main__":
    for _, judged in this_machine.on_workers(2, map(task, CROWD), stand_in):
        print(judged.note.removeprefix("worker "), flush=True)
        input()
"""


def test_workers_end_with_a_head_that_is_killed():
    command = [sys.executable, "-c", HEAD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=AUTOGRADER) as head:
        worker = psutil.Process(int(head.stdout.readline()))
        head.kill()
        worker.wait(timeout=30)


def test_without_work_nothing_starts(monkeypatch):
    monkeypatch.setattr(this_machine, "_start", lambda *_: pytest.fail("a worker was started"))
    assert list(on_workers(2, [])) == []


def test_few_tasks_start_no_workers(monkeypatch):
    monkeypatch.setattr(this_machine, "on_workers", lambda *_: pytest.fail("workers were started"))
    tasks = [task(f"student{number}") for number in range(this_machine.FEWEST_TASKS - 1)]
    assert [one.student for one, _ in on_this_machine(tasks)] == [one.student for one in tasks]


def test_those_who_take_long_share_the_workers(monkeypatch):
    monkeypatch.setattr("convcourse.grading.task.grade_task", stand_in)
    monkeypatch.setattr(this_machine, "workers_that_fit", lambda: 2)
    monkeypatch.setattr(this_machine, "on_workers", lambda count, tasks: ((one, Judged("graded", f"{count}")) for one in tasks))
    done = [(one.student, judged.notebook) for one, judged in on_this_machine(map(task, ["slow1", "first", "slow2", "second"]))]
    assert [student for student, _ in done] == ["first", "second", "slow1", "slow2"]
    assert [notebook for _, notebook in done] == ["", "", "2", "2"]


@needs_sandbox
def test_two_workers_give_the_scores_of_one_process(empty_class):
    notebooks = make_submissions(UNIT, 8)
    for student, notebook in notebooks.items():
        path = notebook_in(ClassFolder(empty_class).submitted(student, UNIT))
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    by_two = {r.student: r.score for r in grade(empty_class, UNIT, list(notebooks), seed=1, workers=partial(on_workers, 2))}
    assert by_two == {r.student: r.score for r in grade(empty_class, UNIT, list(notebooks), seed=1, again=True)}
    assert len(set(by_two.values())) > 1


@pytest.mark.parametrize(
    ("limits", "workers"),
    [
        ({}, 8),
        ({"cpu.max": "250000 100000", "memory.max": "max"}, 3),
        ({"cpu.max": "max 100000", "memory.max": f"{4 * 2**30}"}, 2),
        ({"cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000"}, 2),
        ({"cpu/cpu.cfs_quota_us": "-1", "memory/memory.limit_in_bytes": f"{2**30}"}, 1),
    ],
)
def test_a_container_may_have_fewer_cores_and_less_memory_than_its_machine(monkeypatch, tmp_path, limits, workers):
    monkeypatch.setattr(machine_size, "LIMITS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8), raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=64 * 2**30))
    for file, text in limits.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text + "\n")
    assert machine_size.workers_that_fit() == workers
