"""The benchmark runs and gives every figure; how large they are is not for a test to say."""

from convcourse.grading.bench import bench_grading
from tests.conftest import UNIT, needs_sandbox


@needs_sandbox
def test_all_ways_are_measured_on_the_same_submissions():
    figures = bench_grading(UNIT, submissions=2, say=lambda _: None)
    assert set(figures["medians"]) == {"stock nbgrader", "stock nbgrader, our judge", "convcourse grade"}
    assert all(len(times) == 2 and min(times) > 0 for times in figures["times"].values())
    assert figures["floor"] > 0
