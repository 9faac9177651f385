"""Many workers: each submission is graded once, whatever happens to those who grade."""

import os
import signal
import time

import pytest

pytest.importorskip("distributed", reason="the extra `scale` is not installed")

from convcourse.grading import crew
from convcourse.grading.task import Judged, Task


def task(student):
    return Task(student, "unit", b"", "", {}, seed=1, version="")


def stand_in(task):
    """Quick work instead of a judge's; the student's name says what happens to the worker."""
    if task.student.startswith("poison"):
        os.kill(os.getpid(), signal.SIGKILL)
    if task.student == "faulty":
        raise RuntimeError("oh")
    time.sleep(0.05)
    return Judged("graded", note=f"{os.getpid()}")


def test_a_submission_that_kills_two_workers_is_set_aside_and_the_others_are_graded():
    students = [f"student{number}" for number in range(40)]
    students[10:10] = ["poison", "faulty"]
    with crew.local_client(2) as client:
        done = [(one.student, judged) for one, judged in crew.hand_out(client, map(task, students), stand_in)]
    assert sorted(student for student, _ in done) == sorted(students)
    came_of = dict(done)
    assert "two workers died" in came_of["poison"].note
    assert "RuntimeError: oh" in came_of["faulty"].note
    others = {judged.state for student, judged in done if student.startswith("student")}
    assert others == {"graded"}
    workers = {judged.note for student, judged in done if judged.state == "graded"}
    assert len(workers) >= 2
