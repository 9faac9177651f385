"""The workers of a cluster: each submission is graded once, whatever happens to those who grade."""

import contextlib
import json
import logging
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import nbformat
import psutil
import pytest

pytest.importorskip("distributed", reason="the extra `scale` is not installed")  # before what needs it

import dask
from distributed import Client, LocalCluster
from nbgrader.api import SubmittedAssignment

from convcourse.grading import workers
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook
from convcourse.grading.task import Judged, Task
from convcourse.operations.benchmarks.grading import make_submissions
from tests.conftest import UNIT, needs_sandbox


def task(student):
    return Task(student, "unit", b"", "", {}, seed=1, version="")


def stand_in(task):
    """Quick work in a judge's place; the student's name says what happens to the worker."""
    if task.student == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.student == "faulty":
        raise RuntimeError("oh")
    if task.student == "slow" and task.turn < math.inf:
        return Judged("turn over")
    time.sleep(0.05)
    return Judged("graded", note=f"worker {os.getpid()}")


@contextlib.contextmanager
def dask_workers(count):
    with (
        dask.config.set(workers.SETTINGS),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # shows nothing; port 0 picks a free port
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def test_a_submission_that_kills_two_workers_is_set_aside_and_the_others_are_graded():
    students = [f"student{number}" for number in range(40)]
    students[10:10] = ["poison", "faulty"]
    with dask_workers(2) as client:
        done = [(one.student, judged) for one, judged in workers.hand_out(client, map(task, students), stand_in)]
    assert sorted(student for student, _ in done) == sorted(students)
    came_of = dict(done)
    assert "two workers died" in came_of.pop("poison").note
    assert "RuntimeError: oh" in came_of.pop("faulty").note
    assert {judged.state for judged in came_of.values()} == {"graded"}
    assert len({judged.note for judged in came_of.values()}) >= 2


def test_who_takes_long_lets_all_others_go_first():
    students = ["slow", *(f"student{number}" for number in range(6))]
    with dask_workers(1) as client:  # with two, the last of the others may end after it on a busy machine
        done = [one.student for one, _ in workers.hand_out(client, map(task, students), stand_in)]
    assert sorted(done[:-1]) == sorted(students[1:])
    assert done[-1] == "slow"


def test_the_head_keeps_nothing_of_what_is_done():
    """Dask's logs once held the last thousand submissions: 170 MiB for a class of 1,000."""
    tasks = (replace(task(f"student{number}"), submitted=bytes(200_000)) for number in range(150))
    memory = []
    with dask_workers(2) as client:
        for _ in workers.hand_out(client, tasks, stand_in):
            memory.append(psutil.Process().memory_info().rss)
    assert memory[-1] - memory[50] < 10 * 2**20


def test_a_cluster_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(workers, "JOIN_SECONDS", 0.2)
    with pytest.raises(workers.NoCluster, match="there is no scheduler at tcp"):
        list(workers.on_cluster("tcp://127.0.0.1:1")([]))
    with pytest.raises(workers.NoCluster, match="'tcp://host' is no scheduler's address; write it as tcp://HOST:8786"):
        list(workers.on_cluster("tcp://host")([]))


@pytest.fixture
def cluster(tmp_path):
    """The address of a Dask scheduler with two workers, all of them processes of their own on loopback."""
    file = tmp_path / "scheduler.json"
    common = ["--host", "127.0.0.1", "--scheduler-file", str(file), "--no-dashboard"]
    scheduler = ["dask_scheduler", *common, "--port", "0"]
    worker = ["dask_worker", *common, "--nthreads", "1", "--memory-limit", "0"]
    environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with (tmp_path / "said.txt").open("w") as said:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{name}", *options], env=environment, cwd=tmp_path, stderr=said
            )
            for name, *options in (scheduler, worker, worker)
        ]
    while not file.exists():
        time.sleep(0.1)
    yield json.loads(file.read_text())["address"]
    for process in started:
        process.terminate()
    for process in started:
        process.wait()


@needs_sandbox
def test_one_worker_killed_and_one_stopped_change_no_score(classroom, cluster, monkeypatch):
    monkeypatch.setattr(workers, "STRAGGLER_SECONDS", 5.0)
    students = [f"crowd-{student}" for student in hand_in(classroom, 10)]
    with Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2)
        killed, stopped = client.run(os.getpid).values()

    def with_trouble(tasks):
        for number, done in enumerate(workers.on_cluster(cluster)(tasks)):
            if number == 0:
                os.kill(stopped, signal.SIGSTOP)
            if number == 1:
                os.kill(killed, signal.SIGKILL)
            yield done

    try:
        results = list(grade(classroom, UNIT, students, seed=1, workers=with_trouble))
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert sorted(result.student for result in results) == sorted(students)
    with gradebook(classroom) as book:
        rows = book.db.query(SubmittedAssignment).filter(SubmittedAssignment.student_id.in_(students)).all()
        assert sorted(row.student_id for row in rows) == sorted(students)
        assert {sum(len(part.grades) for part in row.notebooks) for row in rows} == {10}
        in_the_book = {row.student_id: row.score for row in rows}
    one_process = {r.student: r.score for r in grade(classroom, UNIT, students, seed=1, again=True)}
    assert in_the_book == {r.student: r.score for r in results} == one_process


def hand_in(root, count):
    """Half perfect, half with a mistake; their names."""
    made = make_submissions(UNIT, count)
    for student, notebook in made.items():
        path = root / "submitted" / f"crowd-{student}" / UNIT / f"{UNIT}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    return made
