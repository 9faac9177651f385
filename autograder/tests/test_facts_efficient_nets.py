"""The facts of unit 16, from its papers and the lectures, by the solution's functions."""

import numpy as np
import pytest

from convcourse.exercises.efficient_nets import MOBILENET
from convcourse.pictures.efficient_nets import LECTURE, MOBILENET_ERRORS, frontier, vgg_chain
from tests.solved import solutions_of

keras = pytest.importorskip("keras")

from convcourse.nets import mobilenet, nasnet  # noqa: E402

unit = solutions_of("16_efficient_nets")


def narrower(width):
    """MobileNet's list, thinner."""
    return [(*e[:3], int(e[3] * width), int(e[4] * width) if e[4] > 1 else 1) if e[0] == "conv" else e for e in MOBILENET]


@pytest.mark.parametrize(("kernel", "filters"), [(3, 64), (3, 512), (5, 128), (7, 32)])
def test_the_share_is_one_by_n_plus_one_by_k_squared(kernel, filters):
    weights, work, share = unit["separable_cost"](kernel, 24, filters, 14, 9)
    assert work == weights * 14 * 9
    assert share == pytest.approx(1 / filters + 1 / kernel**2)


def test_mobilenet_to_the_last_parameter():
    net = unit["mobilenet"](mobilenet.TABLE, mobilenet.FIRST)
    assert net.count_params() == 4_253_864
    assert sum(int(np.prod(w.shape)) for w in net.non_trainable_weights) == 21_888


@pytest.mark.parametrize(("width", "work", "weights"), [(1, 569, 4.2), (0.75, 325, 2.6), (0.5, 149, 1.3), (0.25, 41, 0.5)])
def test_the_papers_table_of_widths(width, work, weights):
    counted = unit["count_macs"](narrower(width), (224, 224, 3))
    assert round(counted[0] / 1e6) == work
    assert round(counted[1] / 1e6, 1) == weights


@pytest.mark.parametrize(("side", "work"), [(224, 569), (192, 418), (160, 290), (128, 186)])
def test_the_papers_table_of_image_sizes(side, work):
    assert unit["count_macs"](MOBILENET, (side, side, 3))[0] / 1e6 == pytest.approx(work, abs=1)
    assert ("side", side) in MOBILENET_ERRORS


def test_most_of_mobilenets_work_is_pointwise():
    work = np.diff([unit["count_macs"](MOBILENET[:n], (224, 224, 3))[0] for n in range(len(MOBILENET) + 1)])
    pointwise = sum(number for number, entry in zip(work, MOBILENET, strict=True) if entry[:2] == ("conv", 1))
    assert pointwise / work.sum() == pytest.approx(0.949, abs=0.0005)


def test_a_fire_module_of_the_questions():
    x = keras.Input((8, 8, 128))
    assert keras.Model(x, unit["fire"](x, 16, 64)).count_params() == 12_432


def test_cells_of_nasnet_differ_from_the_librarys_by_one_convolution_that_fits():
    h, p = keras.Input((14, 14, 8)), keras.Input((14, 14, 8))
    own = keras.Model([h, p], unit["nas_cell"](h, p, 8, nasnet.NORMAL, nasnet.NORMAL_OUTPUT, 1))
    theirs = keras.Model([h, p], nasnet.nas_cell(h, p, 8, nasnet.NORMAL, nasnet.NORMAL_OUTPUT, 1))
    assert own.output.shape == theirs.output.shape == (None, 14, 14, 6 * 8)
    assert theirs.count_params() - own.count_params() == 8 * 8 + 4 * 8


@pytest.mark.parametrize(("name", "column"), [("vgg11", "A"), ("vgg13", "B"), ("vgg16", "D"), ("vgg19", "E")])
def test_the_lectures_lines_of_vgg(name, column):
    line = next(line for line in LECTURE if line[1] == name)
    work, weights = unit["count_macs"](vgg_chain(column), (224, 224, 3))
    assert weights / 1e6 == pytest.approx(line[2], abs=0.025)  # biases are left out
    assert work / 1e9 == pytest.approx(line[3], rel=0.003)


def test_no_net_on_the_frontier_is_beaten():
    nets = [line[:5] for line in LECTURE]
    best = frontier(nets)
    assert "squeezenet1_1" in {net[1] for net in best}
    for net in best:
        assert not any(other[3] <= net[3] and other[4] < net[4] for other in nets)
