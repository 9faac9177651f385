"""`convcourse bench nets` measures and reports; how large the figures are is not for a test to say."""

import json

import keras
import pytest
from rich.console import Console

from convcourse.nets.table import kept_rows
from convcourse.operations.benchmarks.nets import PEERS, bench_nets, result_table, speed_figure
from convcourse.operations.benchmarks.one_net import APPLICATIONS, CONVCOURSE, FLOAT32, Job, built

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


def test_every_peer_is_of_a_net_that_there_is_and_is_made_at_its_published_size():
    shapes = {row.name: row.input_shape for row in kept_rows()}
    assert set(PEERS) <= set(shapes)
    assert all(hasattr(keras.applications, name) for name, _ in PEERS.values() if name)
    peer = built(Job("EfficientNet-B1", APPLICATIONS, "EfficientNetB1", (1,)))
    assert peer.input_shape[1:] == shapes["EfficientNet-B1"] == (240, 240, 3)
    assert built(Job("EfficientNet-B1", APPLICATIONS, "EfficientNetB1", (1,), side=64)).input_shape[1:] == (64, 64, 3)
    keras.backend.clear_session()
