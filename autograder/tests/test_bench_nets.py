"""`convcourse bench nets` measures and reports; how large the figures are is not for a test to say."""

import json

import pytest
from rich.console import Console

from convcourse.operations.benchmarks.nets import bench_nets, result_table, speed_figure
from convcourse.operations.benchmarks.one_net import CONVCOURSE, FLOAT32

NETS = ["LeNet-5, all pairs connected", "AlexNet, one tower"]


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """Two small nets at a reduced size, written and read as `--json` does."""
    path = tmp_path_factory.mktemp("bench") / "figures.json"
    path.write_text(json.dumps(bench_nets(NETS, [2], 64, say=lambda _: None, precisions=(FLOAT32,))), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def test_each_net_is_measured_in_each_way(figures):
    ours = [row for row in figures["rows"] if row["library"] == CONVCOURSE]
    assert {row["net"] for row in ours} == set(NETS)
    assert [row["error"] for row in ours if "error" in row] == []
    assert {row["work"] for row in ours} == {"inference", "training"}
    for row in ours:
        assert row["batch"] == 2
        assert row["input"] == ([32, 32, 1] if row["net"] == NETS[0] else [64, 64, 3])
        assert row["images_per_second"] == pytest.approx(2e3 / row["ms_per_step"])
        assert row["peak_memory_mb"] > 1
        assert row["compile_s"] >= 0
        assert row["share_of_peak"] > 0
    lenet = next(row for row in ours if row["net"] == NETS[0])
    assert (lenet["parameters"], lenet["macs"]) == (61_706, 416_520)


def test_the_figures_become_a_table_and_a_picture(figures, tmp_path):
    console = Console(record=True, width=250)
    console.print(result_table(figures))
    text = console.export_text()
    assert all(name in text for name in NETS)
    figure, alt = speed_figure(figures)
    figure.savefig(tmp_path / "speed.png")
    assert (tmp_path / "speed.png").stat().st_size > 10_000
    assert "AlexNet, one tower" in alt  # LeNet has no published accuracy on ImageNet


def test_an_unknown_name_is_refused_before_anything_runs():
    with pytest.raises(ValueError, match=r"no net called 'ResNet-51'; the nets are .*ResNet-50"):
        bench_nets(["ResNet-51"], [], None, say=print)
