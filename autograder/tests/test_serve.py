"""A standing grader: what is dropped into the inbox is graded once and has feedback, whatever happens to the process."""

import json
import os
import signal
import subprocess
import sys
import time
from errno import ENOSPC
from pathlib import Path

import nbformat
import pytest

from convcourse.errors import CourseError, MachineTrouble
from convcourse.grading.gradebook import add_students, gradebook
from convcourse.operations.serving import serve as serving
from convcourse.operations.serving.serve import gradings_today, serve
from tests.conftest import POINTS, UNIT, answer_cell, needs_sandbox

pytestmark = needs_sandbox
STUDENTS = [f"student{number}" for number in range(8)]


@pytest.fixture
def inbox(empty_class, monkeypatch):
    monkeypatch.setattr(serving, "SETTLING", 0.0)
    (empty_class / "inbox").mkdir()
    (empty_class / "class.csv").write_text("\n".join(["id", "ada", "ben", "cleo", *STUDENTS]))
    add_students(empty_class, empty_class / "class.csv")
    return empty_class / "inbox"


def drop(inbox, student, notebook):
    folder = inbox / student
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / "work.ipynb")


def records(root):
    lines = (root / "reports" / UNIT / "graded.jsonl").read_text().splitlines()
    return [json.loads(line)["result"]["student"] for line in lines if line]


def one_round(root, inbox, **more):
    said = []
    serve(root, inbox, [UNIT], said.append, pause=0, rounds=1, **more)
    return said


def feedback_of(root, student):
    return root / "feedback" / student / UNIT / f"{UNIT}.html"


def test_what_arrives_is_graded_once_and_has_feedback(empty_class, inbox, solved, blank):
    drop(inbox, "ada", solved)
    drop(inbox, "ben", blank)
    (inbox / "cleo").mkdir()
    (inbox / "cleo" / "work.ipynb").write_text("no notebook")
    said = []
    serve(empty_class, inbox, [UNIT], said.append, pause=0, rounds=4)
    assert said == [f"ada {UNIT} {POINTS}/{POINTS}", f"ben {UNIT} 0/{POINTS}"]
    assert records(empty_class) == ["ada", "ben"]
    assert feedback_of(empty_class, "ada").exists()
    status = (empty_class / "reports" / "status.html").read_text()
    assert "work.ipynb is not a notebook" in status
    metrics = (empty_class / "reports" / "metrics.prom").read_text()
    assert f'convcourse_graded{{unit="{UNIT}"}} 2\n' in metrics
    assert f'convcourse_to_look_at{{unit="{UNIT}"}} 1\n' in metrics
    assert one_round(empty_class, inbox) == []  # a fresh start finds nothing to do


def test_feedback_that_a_kill_left_out_is_written_at_the_next_start(empty_class, inbox, solved):
    drop(inbox, "ada", solved)
    one_round(empty_class, inbox)
    feedback_of(empty_class, "ada").unlink()
    assert one_round(empty_class, inbox) == [f"ada {UNIT} {POINTS}/{POINTS}"]
    assert records(empty_class) == ["ada"]


def test_over_the_days_limit_work_waits(empty_class, inbox, solved):
    for number in range(3):
        answer_cell(solved, "shift").source += f"\n# try {number}"
        drop(inbox, "ada", solved)
        one_round(empty_class, inbox, most_a_day=2)
    assert gradings_today(empty_class, UNIT) == {"ada": 2}
    assert "<td>ada</td>" in (empty_class / "reports" / "status.html").read_text()
    one_round(empty_class, inbox, most_a_day=3)
    assert gradings_today(empty_class, UNIT) == {"ada": 3}


def test_trouble_of_the_machine_is_said_and_tried_again(empty_class, inbox, solved, monkeypatch):
    drop(inbox, "ada", solved)
    grade, calls = serving.grade, []

    def fails_once(*arguments):
        calls.append(1)
        if len(calls) == 1:
            raise MachineTrouble("the disk is full")
        return grade(*arguments)

    monkeypatch.setattr(serving, "grade", fails_once)
    said = []
    serve(empty_class, inbox, [UNIT], said.append, pause=0, rounds=2)
    assert said == ["the disk is full", f"ada {UNIT} {POINTS}/{POINTS}"]


def test_trouble_that_stays_is_said_once_and_ends_nothing(empty_class, inbox, solved, monkeypatch):
    def full(*_):
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    drop(inbox, "ada", solved)
    said = []
    with monkeypatch.context() as disk:
        disk.setattr(serving, "grade", full)
        disk.setattr(serving, "write_status", full)
        serve(empty_class, inbox, [UNIT], said.append, pause=0, rounds=3)
    waits = "waits: No space left on device; make room on the disk"
    assert said == [f"{UNIT} {waits}", f"the page of status {waits}"]
    assert one_round(empty_class, inbox) == [f"ada {UNIT} {POINTS}/{POINTS}"]


def test_one_serves_a_class_and_only_released_units(empty_class, inbox):
    with serving._alone(empty_class), pytest.raises(CourseError, match="another `convcourse serve` is at work"):
        one_round(empty_class, inbox)
    with pytest.raises(CourseError, match="03_convolution_2d has not been released"):
        serve(empty_class, inbox, ["03_convolution_2d"], print, rounds=1)


def test_killed_twice_each_submission_is_graded_once(empty_class, inbox, solved, blank):
    places = ["--inbox", str(inbox), "--course", str(empty_class)]
    command = [sys.executable, "-m", "convcourse", "serve", UNIT, *places, "--pause", "0.1"]

    def started():
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=empty_class)

    process = started()
    try:
        for number, student in enumerate(STUDENTS):
            drop(inbox, student, solved if number % 2 else blank)
        for killed_at in (2, 5):
            wait_for(lambda at=killed_at: len(records_so_far(empty_class)) >= at)
            process.send_signal(signal.SIGKILL)
            process.wait()
            process = started()
        wait_for(lambda: all(feedback_of(empty_class, student).exists() for student in STUDENTS))
    finally:
        process.kill()
        process.wait()
    assert sorted(records(empty_class)) == STUDENTS
    with gradebook(empty_class) as book:
        scores = {student: book.find_submission(UNIT, student).score for student in STUDENTS}
    assert scores == {student: POINTS * (number % 2) for number, student in enumerate(STUDENTS)}


def records_so_far(root):
    return records(root) if (Path(root) / "reports" / UNIT / "graded.jsonl").exists() else []


def wait_for(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.1)


def test_without_a_class_list_nobody_is_served(empty_class):
    """Else whoever comes first would be the class list."""
    with pytest.raises(CourseError, match="the class list is empty"):
        one_round(empty_class, empty_class)
