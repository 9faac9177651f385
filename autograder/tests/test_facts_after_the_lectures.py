"""The facts of unit 24, from its papers, by the solution's functions."""

import numpy as np
import pytest

from convcourse.pictures import after_the_lectures as picture
from tests.solved import solutions_of

keras = pytest.importorskip("keras")

from convcourse.nets.count import count_macs  # noqa: E402

unit = solutions_of("24_after_the_lectures")
MOBILENET_V2 = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


def counted(width, depth, side):
    (stem, _), (head, _) = unit["scaled_stages"](((32, 1), (1280, 1)), width, 1)
    return picture.efficientnet_counts(unit["scaled_stages"](picture.B0_STAGES, width, depth), stem, head, side)


def test_the_gates_of_resnet_50_are_a_tenth_of_its_weights():
    stages = [(3, 256), (4, 512), (6, 1024), (3, 2048)]
    gates = sum(blocks * 2 * maps**2 // 16 for blocks, maps in stages)
    assert gates == 2_514_944
    assert gates / 25.6e6 == pytest.approx(0.1, abs=0.002)


def test_mobilenet_v2_to_the_last_parameter():
    net = picture.stacked(unit["inverted_residual"], unit["norm_relu6"], MOBILENET_V2)
    assert net.count_params() == 3_538_984
    assert sum(int(np.prod(weight.shape)) for weight in net.trainable_weights) == 3_504_872
    assert count_macs(net) / 1e6 == pytest.approx(300, abs=1)


def test_the_eight_efficientnets_from_one_table():
    for width, depth, side, millions, billions, _ in picture.EFFICIENTNETS.values():
        size, work = counted(width, depth, side)
        assert size / 1e6 == pytest.approx(millions, rel=0.02)
        assert work / 1e9 == pytest.approx(billions, rel=0.05)
    assert counted(1, 1, 224)[0] == 5_288_548
    assert counted(1, 1.1, 240)[0] == 7_794_184


def test_ways_to_spend_a_budget_cost_about_four_times_b0():
    base = counted(1, 1, 224)[1]
    for name, (width, depth, side, _) in picture.ONE_SIDED.items():
        assert name == "B0" or 3.5 < counted(width, depth, side)[1] / base < 5


@pytest.mark.parametrize("wide", [2, 3, 5])
def test_half_of_the_channels_are_silent_and_all_of_them_by_chance(wide):
    silent, _ = picture.spiral_losses(unit["there_and_back"], wide, matrices=2000)
    assert silent == pytest.approx(0.5**wide, abs=0.02)


def test_a_wide_place_loses_less_than_a_narrow_one():
    errors = [picture.spiral_losses(unit["there_and_back"], wide)[1] for wide in (2, 3, 5, 15, 30)]
    assert errors == sorted(errors, reverse=True)


def test_pairs_of_the_rules_have_equal_work_and_other_traffic():
    work = {sizes: unit["traffic"](28, 28, *sizes) for sizes in [(128, 128, 1), (32, 512, 1), (256, 256, 4)]}
    assert [multiplied for multiplied, _ in work.values()] == [12_845_056] * 3
    assert [moved for _, moved in work.values()] == [217_088, 442_880, 417_792]


@pytest.mark.parametrize("name", picture.PAIRS)
def test_the_timed_layers_need_what_the_lesson_says(name):
    first, second = picture.pair_nets(name)
    ratio = count_macs(second) / count_macs(first)
    assert ratio == pytest.approx(0.119 if name == "ordinary, separable" else 1, abs=0.001)


def test_every_step_of_the_road_is_a_net_of_its_own():
    nets = [picture.road_net(step, (8, 8, 1), 2) for step in picture.ROAD]
    assert [net.output_shape for net in nets] == [(None, 10)] * 7
    assert [net.count_params() for net in nets] == [8074, 8074, 7914, 6250, 22186, 20522, 19114]


def test_a_net_with_maps_switched_off_learns_as_the_narrow_one_could():
    images = np.random.default_rng(0).uniform(size=(128, 8, 8, 1)).astype(np.float32)
    images[:64] *= 0.2
    labels = np.repeat([0, 1], 64)
    errors = picture.chain_errors([(4, 6, 4), (32, 32, 32)], (images, labels, images, labels), epochs=12)
    assert errors.shape == (2, 2)
    assert errors.max() < 20


def test_drawn_nets_keep_their_budget_and_their_order():
    nets = picture.draw_nets(np.random.default_rng(0), 30, 60_000, 80_000, rising=True)
    assert all(60_000 <= picture.chain_work(net) <= 80_000 for net in nets)
    assert nets == [tuple(sorted(net)) for net in nets]


def test_patches_are_a_convolution():
    generator = np.random.default_rng(0)
    image, W, b = generator.normal(size=(32, 48, 3)), generator.normal(size=(16, 16, 3, 8)), generator.normal(size=8)
    maps = keras.ops.conv(image[None], W, strides=16) + b
    assert np.allclose(np.asarray(maps).reshape(-1, 8), unit["patch_tokens"](image, W, b), atol=1e-3)


def test_patches_move_along_by_whole_patches_only():
    generator = np.random.default_rng(0)
    image, W = generator.uniform(size=(32, 32, 3)), generator.normal(size=(8, 8, 3, 5))
    errors = picture.moved_errors(lambda x: unit["patch_tokens"](x, W, np.zeros(5)).reshape(4, 4, 5), image, 8, range(17))
    assert [shift for shift, error in enumerate(errors) if error < 1e-9] == [0, 8, 16]
