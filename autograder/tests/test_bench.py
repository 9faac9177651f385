"""The benchmark runs and gives every figure; how large they are is not for a test to say."""

import json

import pytest
from typer.testing import CliRunner

from convcourse.operations.benchmarks.grading import bench_grading
from convcourse.operations.benchmarks.grading_cost import cost_figure, cost_lines
from convcourse.operations.benchmarks.head import bench_head
from convcourse.operations.benchmarks.university import forecast
from convcourse.operations.command_line import app
from tests.conftest import UNIT, needs_sandbox


@needs_sandbox
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # otter-grader's, of files left open
def test_all_ways_are_measured_on_the_same_submissions():
    figures = bench_grading(UNIT, submissions=2, sizes=[3], workers=[1], say=lambda _: None)
    assert set(figures["medians"]) - {"otter-grader"} == {"stock nbgrader", "stock nbgrader, our judge", "convcourse grade"}
    assert all(len(times) == 2 and min(times) > 0 for times in figures["times"].values())
    assert figures["floor"] > 0
    (cost,) = figures["classes"]
    assert (cost["submissions"], cost["workers"], len(cost["task_seconds"])) == (3, 1, 3)
    assert cost["cpu"] > cost["head_cpu"] > 0
    assert cost["head_late"] > 2**20
    said = "\n".join(cost_lines(figures))
    assert "× as fast as stock" in said
    assert "class of 3, workers 1" in said
    assert "100,000 on 64 workers" in said
    names = [text.get_text() for text in cost_figure(figures).axes[0].get_legend().get_texts()]
    assert "convcourse grade, 1 worker (measured)" in names


def test_the_head_is_measured_with_recorded_answers():
    said = []
    figures = bench_head(UNIT, 20, said.append)
    assert figures["submissions"] == 20
    assert 0 < figures["computing"] < 1
    assert said == ["8 submissions are graded for the recordings", "20 are graded with them"]


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


@needs_sandbox
@pytest.mark.filterwarnings("ignore")  # otter-grader's, of files left open, and jupyter_client's, about its own sockets
def test_all_is_measured_by_one_command_that_keeps_what_it_has(tmp_path):
    file = tmp_path / "figures.json"
    command = ["bench", "all", UNIT, "--submissions", "2", "--size", "4", "--head", "10", "--json", str(file)]
    outcome = CliRunner().invoke(app, command)
    assert outcome.exit_code == 0, outcome.output
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert list(figures) == ["machine", "head", "notebooks", "grading"]
    assert figures["machine"]["versions"]["nbgrader"]
    assert figures["head"]["submissions"] == 10
    (notebook,), (grading,) = figures["notebooks"], figures["grading"]
    assert (notebook["unit"], grading["unit"]) == (UNIT, UNIT)
    assert notebook["peak"] > 0
    assert len(notebook["checks"]) == 10
    assert {"stock nbgrader", "convcourse grade"} <= set(grading["medians"])
    assert grading["floor"] > 0
    assert [(cost["submissions"], cost["workers"]) for cost in grading["classes"]] == [(4, 1), (4, 2)]
    for words in ("the head takes", "slowest cell", "a check", "× as fast as stock", "class of 4, workers 2", "on paper"):
        assert words in outcome.output
