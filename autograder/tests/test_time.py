"""The limits of time: a notebook ends at its limit whatever it does, and lets others go first."""

import math

import nbformat
import pytest

from convcourse.exercises import UNITS
from convcourse.grading import judge, task
from convcourse.grading.grade import grade
from convcourse.grading.judge import NOTEBOOK_SECONDS, judge_notebook, notebook_seconds
from convcourse.grading.running_notebook import TurnOver, Work
from convcourse.grading.solved_seconds import SOLVED_SECONDS, TIMES_THE_SOLVED, first_turn
from convcourse.judging.models import NotSafe, PackedModel
from convcourse.time_limit import COMPUTED, IDLE
from tests.conftest import POINTS, UNIT, answer_cell, needs_sandbox


class Clock:
    """Time that passes only in the rooms of this clock. A cell's source says how long it takes: "4", "4 dies" or "4 asleep"."""

    def __init__(self):
        self.now = 0.0
        self.ran = []

    def open_room(self):
        return ClockRoom(self)


class ClockRoom:
    def __init__(self, clock):
        self.clock, self.alive, self.strays, self.spent, self.idled = clock, True, False, 0.0, 0.0

    def run(self, source, seconds, idle):
        takes, asleep = float(source.split()[0]), "asleep" in source
        most, trouble = (idle, IDLE) if asleep else (seconds, COMPUTED)
        self.clock.now += min(takes, most)
        self.spent += 0 if asleep else min(takes, most)
        self.idled += min(takes, most) if asleep else 0
        self.clock.ran.append(source)
        self.alive = "dies" not in source
        return [], trouble if takes > most else "" if self.alive else "died"

    def close(self):
        self.alive = False


@pytest.fixture
def clock():
    return Clock()


def run(work, *cells):
    """What is said of each cell."""
    outputs = [work.run(source, number) for number, source in enumerate(cells, start=1)]
    return [output[-1]["evalue"] if output else "" for output in outputs]


def test_cells_are_run_again_until_the_limit_and_no_longer(clock):
    run(Work(clock.open_room, 60), *["2.5"] * 8, *["1 dies"] * 10)
    assert 60 <= clock.now <= 60.2


def test_cells_that_took_long_are_not_run_again_and_it_is_said(clock):
    said = run(Work(clock.open_room, 60), "25", "1", "1 dies", "1")
    assert clock.ran == ["25", "1", "1 dies", "1", "1"]
    assert said[2].endswith("the others ran in a fresh one. Cells that had taken long were not run again: 1.")


def test_the_notebooks_limit_is_named_where_it_stopped_a_cell(clock):
    said = run(Work(clock.open_room, 60), "20", "20", "28", "1")
    assert said == ["", "", *["The notebook has used up its 60 seconds of computing; this was not run any more."] * 2]


def test_what_sleeps_has_longer_and_the_limit_that_it_hit_is_named(clock):
    said = run(Work(clock.open_room, 60), "31", "80 asleep", "91 asleep", "91 asleep")
    assert said == [
        "It was still running after 30 seconds of computing. Is there a loop that never ends?",
        "",
        "It was not done when it had been idle for 90 seconds. Does it sleep, or wait for something?",
        "The notebook has slept or waited for 180 seconds; this was not run any more.",
    ]


def test_a_result_of_many_models_ends_at_the_limit_too(clock):
    work = Work(clock.open_room, 60)
    run(work, "30", "30")
    with pytest.raises(NotSafe, match="has used up its 60 seconds of computing"):
        work.facts(PackedModel("{}"))


def test_a_turn_ends_in_the_middle_of_a_cell(clock):
    with pytest.raises(TurnOver):
        run(Work(clock.open_room, 60, turn=2), "1", "1.5")
    assert clock.now == pytest.approx(2)


def test_a_notebook_may_take_a_minute_or_twenty_times_what_the_solved_one_takes():
    assert notebook_seconds(UNIT) == NOTEBOOK_SECONDS == 60
    assert notebook_seconds("a unit of one's own") == 300  # nobody has measured it
    assert notebook_seconds("14_resnet") == TIMES_THE_SOLVED * SOLVED_SECONDS["14_resnet"] > 60
    assert set(SOLVED_SECONDS) <= set(UNITS)
    assert first_turn(UNIT) == 1


@needs_sandbox
def test_honest_work_is_graded_before_what_takes_long(classroom, solved, blank, monkeypatch):
    monkeypatch.setattr(judge, "NOTEBOOK_SECONDS", 4.0)
    monkeypatch.setattr(task, "first_turn", lambda unit: 3.0)  # enough for honest work on a busy machine
    endless = nbformat.from_dict(solved)
    answer_cell(endless, "delta").source += "\nwhile True:\n    pass"
    students = {"turn-a": endless, "turn-b": solved, "turn-c": blank}
    for student, notebook in students.items():
        folder = classroom / "submitted" / student / UNIT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{UNIT}.ipynb")
    results = list(grade(classroom, UNIT, list(students), seed=1))
    assert [result.student for result in results] == ["turn-b", "turn-c", "turn-a"]
    assert {result.state for result in results} == {"graded"}
    assert results[0].score == POINTS


@needs_sandbox
def test_a_turn_that_is_over_leaves_the_notebook_to_be_judged_anew(solved):
    from convcourse.sandbox.room import room_maker

    answer_cell(solved, "delta").source += "\nimport time\nwhile time.process_time() < 2:\n    pass"
    with pytest.raises(TurnOver):
        judge_notebook(nbformat.from_dict(solved), room_maker(), seed=1, turn=1.0)
    judge_notebook(solved, room_maker(), seed=1, turn=math.inf)
