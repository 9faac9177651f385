"""`convcourse bench notebooks` measures what a solved notebook costs; how much that is is not for a test to say."""

import pytest
from rich.console import Console

from convcourse.exercises import exercises_of
from convcourse.operations.benchmarks.notebooks import bench_notebooks, notebooks_table

UNIT = "02_convolution_1d"


@pytest.mark.filterwarnings("ignore")  # jupyter_client's, about its own sockets
def test_a_unit_is_measured_with_and_without_onednn():
    said = []
    costs = list(bench_notebooks([UNIT], said.append))
    assert said == [f"{UNIT}, with oneDNN", f"{UNIT}, without oneDNN"]
    assert [cost.onednn for cost in costs] == [True, False]
    for cost in costs:
        assert cost.stopped == ""
        assert 0 < cost.slowest < cost.seconds
        assert cost.cell
        assert 5e7 < cost.peak < 5e9  # bytes
        assert list(cost.checks) == [exercise.name for exercise in exercises_of(UNIT)]
        assert all(seconds > 0 for seconds in cost.checks.values())
    console = Console(record=True, width=120)
    console.print(notebooks_table(costs))
    assert f"{costs[0].seconds:.0f}" in console.export_text()
