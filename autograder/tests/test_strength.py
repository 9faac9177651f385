"""Small changes of right answers fail, in the hidden cases and in the visible ones, but for those that are right too."""

import gc
import time

import pytest

from convcourse.exercises import UNITS, exercises_of
from tests import strength as engine
from tests.equivalent_changes import equivalent_changes, has_list
from tests.families import members
from tests.solved import builds_models
from tests.strength import strength

pytestmark = pytest.mark.usefixtures("cheap_models")
# A changed design that still meets what is asked is right.
HELD = [(unit, exercise) for unit in UNITS if has_list(unit) for exercise in exercises_of(unit) if not exercise.meets]
EACH = {"argvalues": HELD, "ids": [exercise.name for _, exercise in HELD]}
# Seeds that are always tried, and those that `make test-all` adds.
SEEDS = {"few": range(100, 102), "more": range(102, 113)}
SAMPLE = {"few": 8, "more": 40}  # about so many changes where each case builds Keras models
SAMPLE_OF_OTHERS = {"few": 12, "more": 100}  # about so many changes of each other right answer


@pytest.mark.parametrize("seeds", members(SEEDS, always=("few",)))
@pytest.mark.parametrize(("unit", "exercise"), **EACH)
def test_changes_of_the_solution_fail(unit, exercise, seeds):
    if builds_models(exercise.name):
        found = strength(unit, exercise, SEEDS[seeds][:1], most=SAMPLE[seeds])
    else:
        found = strength(unit, exercise, SEEDS[seeds])
    assert found.tried > 0
    assert found.survived == [], "right at grading: add a case, or list it"
    assert found.unseen == [], "wrong at grading only: its like must be among the visible cases"
    assert found.stale == [], "listed, but wrong now or no change any more"


@pytest.mark.parametrize("seeds", members(SEEDS, always=("few",)))
@pytest.mark.parametrize("unit", dict.fromkeys(unit for unit, _ in HELD))
def test_changes_of_other_right_answers_fail(unit, seeds):
    """Where no case builds a Keras model; with models it takes hours, and `make strength` tries them."""
    for exercise in (exercise for held, exercise in HELD if held == unit and not builds_models(exercise.name)):
        found = strength(unit, exercise, SEEDS[seeds], SAMPLE_OF_OTHERS[seeds], others=True)
        assert found.survived == [], f"{exercise.name}: right at grading: add a case, or list it"
        assert found.unseen == [], f"{exercise.name}: wrong at grading only: its like must be among the visible cases"


@pytest.mark.parametrize("others", [False, True])
def test_lists_are_of_exercises_and_give_reasons(others):
    for unit in UNITS:
        lists = equivalent_changes(unit, others)
        assert set(lists) <= {exercise.name for exercise in exercises_of(unit)}
        assert all(reason for listed in lists.values() for reason in listed.values())


def test_a_bell_that_rings_in_the_collector_is_not_told(monkeypatch):
    """Hypothesis hangs a callback into the collector, and pytest fails a test for what is lost there."""
    lost = []
    monkeypatch.setattr("sys.unraisablehook", lost.append)
    slow = lambda phase, info: time.sleep(0.1)  # noqa: E731
    gc.callbacks.append(slow)
    try:
        with engine._bounded(0.05):
            gc.collect()
    except engine._TooLong:
        pass  # the bell may ring again behind the collector
    finally:
        gc.callbacks.remove(slow)
    assert lost == []
