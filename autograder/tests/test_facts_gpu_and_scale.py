"""Unit 23: the numbers of the lectures and the papers, from the solution's functions."""

import numpy as np
import pytest

from convcourse.pictures.gpu_and_scale import FORMATS, K40_BANDWIDTH, K40_PEAK, compiled_beside_plain, known_layers
from tests.solved import solutions_of

unit = solutions_of("23_gpu_and_scale")


def test_the_k40_is_8_5_to_9_times_as_fast():
    ratios = unit["speedup"]([64, 124, 257], [7.5, 14.5, 28.5])
    assert np.round(ratios, 2).tolist() == [8.53, 8.55, 9.02]  # the slide cuts 8.55 to 8.5


def test_minwa_has_0_6_petaflops_and_1_7_terabytes():
    peak = 2_880 * 2 * 745e6
    assert peak == pytest.approx(K40_PEAK, rel=1e-3)
    assert 36 * 4 * peak / 1e15 == pytest.approx(0.6, abs=0.05)
    assert round(36 * 4 * 12 / 1000, 1) == 1.7


def test_seven_and_a_half_seconds_were_not_one_step():
    rate = unit["images_per_second"]([7.5 / 20] * 20, 64, 0)
    share = rate * 3 * 2 * 0.72e9 / K40_PEAK
    assert rate == pytest.approx(170.7, abs=0.1)
    assert share == pytest.approx(0.172, abs=0.001)
    assert share / 20 < 0.01


def test_a_dense_layer_needs_a_batch_to_leave_the_slope():
    table = known_layers(unit["arithmetic_intensity"], unit["roofline"]).set_index(["layer", "batch"])["limit"]
    dense = "VGG16 dense 25,088 → 4,096"
    assert (table[dense, 1], table[dense, 64]) == ("memory", "arithmetic")
    assert set(table["VGG16 conv3-256, 56×56"]) == {"arithmetic"}
    assert set(table["MobileNet depthwise, 28×28×256"]) == {"memory"}
    ridge = K40_PEAK / K40_BANDWIDTH
    assert ridge == pytest.approx(14.9, abs=0.05)


@pytest.mark.parametrize(("name", "digits"), [("float32", 24), ("float16", 11), ("bfloat16", 8)])
def test_ranges_of_the_formats(name, digits):
    import tensorflow as tf

    number = {"bfloat16": tf.bfloat16.as_numpy_dtype, "float16": np.float16, "float32": np.float32}[name]
    least, normal, largest, known_digits = FORMATS[name]
    assert known_digits == digits
    assert float(number(least)) == least
    assert float(number(normal)) == normal
    assert float(number(largest)) == largest
    assert number(2**digits) + number(1) == number(2**digits)
    assert number(2 ** (digits - 1)) + number(1) != number(2 ** (digits - 1))


def test_vgg16_with_adam_takes_160_images_on_a_k40():
    vgg = 138_357_544, 15_237_608
    assert unit["memory_for_batch"](*vgg, 1, 4, 2) == 2_274_671_136
    assert unit["largest_batch"](12 * 10**9, *vgg, 4, 2) == 160
    assert unit["largest_batch"](3 * 10**9, *vgg, 4, 2) == 12


def test_the_rule_of_goyal_and_others():
    rates = unit["linear_scaling_lr"](0.1, 256, 8192, 5, 8)
    assert rates[[0, 5, 7]].tolist() == pytest.approx([0.1, 3.2, 3.2])


def test_compiling_never_takes_less_than_nothing():
    runs = {("step", False): np.array([1.03, 0.2, 0.2]), ("step", True): np.array([1.0, 0.1, 0.1])}
    line = compiled_beside_plain(runs).iloc[0]
    assert (line["compiling, s more"], line["pays"]) == ("0.00", "from call 2 on")


def test_prefetch_hides_the_quicker_of_the_two():
    in_turns, ahead = (unit["pipeline_seconds"](0.03, 0.02, 1000, prefetch)[0] for prefetch in (False, True))
    assert in_turns / ahead == pytest.approx(5 / 3, rel=1e-2)
    assert unit["pipeline_seconds"](0.03, 0.02, 1000, True)[1] == pytest.approx(1 / 3, abs=1e-2)
