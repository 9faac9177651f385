"""The benchmark runs and gives every figure; how large they are is not for a test to say."""

import json

import pytest
from typer.testing import CliRunner

from convcourse.operations.benchmarks.grading_cost import cost_figure
from convcourse.operations.benchmarks.university import forecast
from convcourse.operations.command_line import app
from tests.conftest import UNIT, needs_sandbox

# otter-grader's, of files left open, and jupyter_client's, about its own sockets
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The figures that `convcourse bench all` keeps for one unit, and what it says."""
    file = tmp_path_factory.mktemp("bench") / "figures.json"
    command = ["bench", "all", UNIT, "--submissions", "2", "--size", "4", "--head", "10", "--json", str(file)]
    outcome = CliRunner().invoke(app, command)
    assert outcome.exit_code == 0, outcome.output
    return json.loads(file.read_text(encoding="utf-8")), outcome.output


@needs_sandbox
def test_all_is_measured_by_one_command_that_keeps_what_it_has(measured):
    figures, said = measured
    assert list(figures) == ["machine", "head", "notebooks", "grading"]
    assert figures["machine"]["versions"]["nbgrader"]
    (notebook,) = figures["notebooks"]
    assert notebook["unit"] == UNIT
    assert notebook["peak"] > 0
    assert len(notebook["checks"]) == 10
    for words in ("the head takes", "slowest cell", "a check", "on paper"):
        assert words in said


@needs_sandbox
def test_all_ways_are_measured_on_the_same_submissions(measured):
    figures, said = measured
    (grading,) = figures["grading"]
    assert grading["unit"] == UNIT
    assert set(grading["medians"]) - {"otter-grader"} == {"stock nbgrader", "stock nbgrader, our judge", "convcourse grade"}
    assert all(len(times) == 2 and min(times) > 0 for times in grading["times"].values())
    assert grading["floor"] > 0
    measures = [(cost["submissions"], cost["workers"], len(cost["task_seconds"])) for cost in grading["classes"]]
    assert measures == [(4, 1, 4), (4, 2, 4)]
    alone = grading["classes"][0]
    assert alone["cpu"] > alone["head_cpu"] > 0
    assert alone["head_late"] > 2**20
    for words in ("× as fast as stock", "class of 4, workers 1", "class of 4, workers 2", "100,000 on 64 workers"):
        assert words in said
    names = [text.get_text() for text in cost_figure(grading).axes[0].get_legend().get_texts()]
    assert {"convcourse grade, 1 worker (measured)", "convcourse grade, 2 workers (measured)"} <= set(names)


@needs_sandbox
def test_the_head_is_measured_with_recorded_answers(measured):
    figures, said = measured
    assert figures["head"]["submissions"] == 10
    assert 0 < figures["head"]["computing"] < 1
    assert "8 submissions are graded for the recordings" in said
    assert "10 are graded with them" in said


def test_forecast_of_one_worker_is_the_sum_of_its_tasks():
    assert forecast([2.0], head_seconds=0.0, bytes_each=5, submissions=10, workers=1).seconds == 20
    assert forecast([2.0], head_seconds=0.5, bytes_each=5, submissions=10, workers=1).seconds == pytest.approx(20.5)


def test_forecast_of_many_workers_is_bounded_by_the_head():
    seen = forecast([0.1], head_seconds=0.05, bytes_each=1000, submissions=1000, workers=64)
    assert seen.seconds == pytest.approx(0.1 + 1000 * 0.05)
    assert seen.head_busy == pytest.approx(50 / 50.1)
    assert seen.bytes_moved == 1_000_000


def test_forecast_with_an_idle_head_is_the_work_divided_by_the_workers():
    assert forecast([0.1], head_seconds=0.0, bytes_each=0, submissions=640, workers=64).seconds == pytest.approx(1.0)
