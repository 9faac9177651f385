"""The facts of unit 12, from Simonyan and Zisserman (2015) and the lectures, by the solution's functions."""

import numpy as np
import pytest
from scipy.signal import convolve

from convcourse.pictures.vgg import count_paths, cut_off_pieces, middle_share
from tests.solved import solutions_of

keras = pytest.importorskip("keras")

from convcourse.nets.vgg import ERRORS, column  # noqa: E402

unit = solutions_of("12_vgg")
IMAGE, FC = (224, 224, 3), (4096, 4096, 1000)

# The Korean lecture's walk through VGG16: numbers kept, in thousands or millions as it rounds them, and weights.
WALK = """
150K 0
3.2M 1,728
3.2M 36,864
800K 0
1.6M 73,728
1.6M 147,456
400K 0
800K 294,912
800K 589,824
800K 589,824
200K 0
400K 1,179,648
400K 2,359,296
400K 2,359,296
100K 0
100K 2,359,296
100K 2,359,296
100K 2,359,296
25K 0
4096 102,760,448
4096 16,777,216
1000 4,096,000"""


def walk():
    scale = {"K": 1e3, "M": 1e6}
    for line in WALK.split("\n")[1:]:
        numbers, weights = line.split()
        yield float(numbers.rstrip("KM")) * scale.get(numbers[-1], 1), int(weights.replace(",", ""))


@pytest.mark.parametrize(("name", "millions"), [("A", 133), ("B", 133), ("C", 134), ("D", 138), ("E", 144)])
def test_the_papers_numbers_of_parameters(name, millions):
    assert round(sum(unit["column_parameters"](column(name), IMAGE, FC)) / 1e6) == millions


def test_vgg16_and_vgg19_to_the_last_parameter():
    assert sum(unit["column_parameters"](column("D"), IMAGE, FC)) == 138_357_544
    assert sum(unit["column_parameters"](column("E"), IMAGE, FC)) == 143_667_240


def test_nine_tenths_of_the_parameters_are_fully_connected():
    features, head = unit["column_parameters"](column("D"), IMAGE, FC)
    assert head / (features + head) == pytest.approx(0.89, abs=0.005)


def test_the_lectures_walk_leaves_out_the_biases():
    biases = sum(unit["read_conv"](entry)[1] for entry in column("D") if entry != "maxpool") + sum(FC)
    assert biases == 13_416
    assert sum(weights for _, weights in walk()) == 138_357_544 - biases


def test_each_line_of_the_lectures_memory_is_right_and_its_sum_is_not_24_million():
    numbers = np.array(unit["column_memory"](column("D"), IMAGE, FC)) / 4
    np.testing.assert_allclose(numbers, [kept for kept, _ in walk()], rtol=0.025)
    assert numbers.sum() == 15_237_608
    assert sum(kept for kept, _ in walk()) == pytest.approx(15.2e6, rel=0.01)
    assert 4 * numbers.sum() / 1e6 == pytest.approx(61, abs=0.1)


def test_three_small_kernels_see_as_much_as_one_large_with_fewer_weights():
    assert unit["column_field"](["conv3-64"] * 2) == (5, 1)
    assert unit["column_field"](["conv3-64"] * 3) == unit["column_field"](["conv7-64"]) == (7, 1)
    weights = [
        sum(unit["column_parameters"](entries, (8, 8, 64), ())) - 64 * len(entries)
        for entries in (["conv3-64"] * 3, ["conv7-64"])
    ]
    assert weights == [27 * 64**2, 49 * 64**2]
    assert weights[1] / weights[0] == pytest.approx(1.81, abs=0.005)


@pytest.mark.parametrize(("name", "field"), [("A", 150), ("B", 156), ("C", 156), ("D", 212), ("E", 268)])
def test_receptive_fields(name, field):
    assert unit["column_field"](column(name)) == (field, 32)


def test_most_paths_start_in_the_middle():
    np.testing.assert_allclose(count_paths(["conv3-1"] * 3) * 27, [1, 3, 6, 7, 6, 3, 1])
    shares = count_paths(column("D"))
    assert len(shares) == 212
    assert middle_share(shares, 0.95) == 108


def test_stacked_linear_convolutions_are_one_larger():
    generator = np.random.default_rng(0)
    image, *kernels = (generator.normal(size=size) for size in [(12, 9), (3, 3), (3, 3), (3, 3)])
    step_by_step = image
    for kernel in kernels:
        step_by_step = convolve(step_by_step, kernel, mode="valid")
    together = convolve(convolve(kernels[0], kernels[1]), kernels[2])
    assert together.shape == (7, 7)
    np.testing.assert_allclose(convolve(image, together, mode="valid"), step_by_step)


def test_what_table_3_says():
    small = {name: top1 for name, _, side, _, top1, _ in ERRORS if side == "256"}
    assert small["A-LRN"] - small["A"] == pytest.approx(0.1)
    assert small["C"] < small["B"] < small["A"]
    assert small["D"] < small["C"]
    assert small["E"] > small["D"]
    assert min(top5 for *_, top5 in ERRORS) == 8.0


def test_a_fully_connected_layer_is_a_convolution():
    maps = np.random.default_rng(1).normal(size=(1, 3, 2, 5)).astype(np.float32)
    dense = keras.layers.Dense(4)
    expected = dense(keras.layers.Flatten()(maps))
    kernel = unit["dense_as_convolution"](keras.ops.convert_to_numpy(dense.kernel), 3, 2)
    np.testing.assert_allclose(keras.ops.conv(maps, kernel)[:, 0, 0], expected, atol=1e-5)


def test_pieces_are_cut_off_as_asked():
    images = np.ones((3, 28, 28, 1))
    cut = cut_off_pieces(images, 40, seed=0)
    assert cut.shape == (40, 28, 28, 1)
    assert cut.mean(axis=(1, 2, 3)).max() <= 20 / 28
    np.testing.assert_array_equal(cut, cut_off_pieces(images, 40, seed=0))
