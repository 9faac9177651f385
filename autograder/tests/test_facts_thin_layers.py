"""The facts of unit 26: its counts by hand, what a ReLU between thin layers changes, and groups that never meet."""

import numpy as np
import pytest

from convcourse.exercises.thin_layers import _heard
from convcourse.pictures import thin_layers as picture
from tests.solved import solutions_of

keras = pytest.importorskip("keras")

from convcourse.nets import count, shufflenet, xception  # noqa: E402

unit = solutions_of("26_thin_layers")


def weights_of(layers):
    return sum(int(np.prod(weight.shape)) for layer in layers for weight in layer.weights)


def test_the_filter_that_the_text_works_out():
    kernel = unit["as_one_kernel"](np.array([[[1, 2], [-1, 3]]]), np.array([[10], [5]]))
    assert kernel[0, :, 0, 0].tolist() == [10, -10]
    assert kernel[0, :, 1, 0].tolist() == [10, 15]


def test_without_a_relu_two_thin_layers_are_one_and_with_it_no_kernel_comes_near():
    deep, point = picture.thin_layers()
    assert deep.size + point.size == 26
    own = unit["as_one_kernel"](deep, point)
    assert own.size == 72
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(size=(8, 12, 12, 2))
        kernel, missed = picture.nearest_kernel(noise, picture.two_steps(noise, deep, point, relu=False), 3)
        np.testing.assert_allclose(kernel, own, atol=1e-4)
        assert missed < 1e-6
        missed = picture.nearest_kernel(noise, picture.two_steps(noise, deep, point, relu=True), 3)[1]
        assert 0.24 < missed < 0.295


def test_the_middle_flow_has_more_than_half_of_xceptions_parameters():
    x = keras.Input((19, 19, 728))
    module = keras.Model(x, unit["middle_module"](x, (728,) * 3))
    assert 8 * module.count_params() == 24 * 539_448 == 12_946_752
    assert count.count_macs(module) == 581_068_488
    share = 12_946_752 / 22_910_480
    assert share == pytest.approx(0.565, abs=0.001)


def test_xception_has_36_convolutions_in_14_modules():
    flows = xception.FLOWS
    modules = [flows[name] for name in ("entry", "middle", "exit")]
    assert len(flows["stem"]) + sum(len(module) for flow in modules for module in flow) + len(flows["last"]) == 36
    assert 1 + sum(map(len, modules)) + 1 == 14  # the stem, and the last convolutions


def test_a_silent_branch_hands_on_what_it_is_given():
    def silenced(module):
        return picture.silent_figure(module)[1]

    def broken(x, filters):
        return unit["middle_module"](keras.layers.ReLU()(x), filters)

    assert silenced(unit["middle_module"]).endswith(" 0 of them are changed.")
    assert not silenced(broken).endswith(" 0 of them are changed.")


def test_six_cards_in_two_groups():
    assert picture.order_after(unit["channel_shuffle"], 6, 2) == [0, 3, 1, 4, 2, 5]
    assert picture.order_after(unit["channel_shuffle"], 12, 4)[3:6] == [9, 1, 4]


def test_groups_hear_their_own_channels_only_until_they_are_shuffled():
    assert picture.hearing(lambda x, groups: x).mean() == pytest.approx(1 / 3)
    assert picture.hearing(unit["channel_shuffle"]).all()


@pytest.mark.parametrize(("groups", "filters", "all_heard"), [(4, 48, False), (4, 64, True), (8, 256, True), (16, 960, False)])
def test_a_unit_needs_four_times_the_square_of_its_groups_as_filters(groups, filters, all_heard):
    assert (_heard(filters, groups) == groups) is all_heard


@pytest.mark.parametrize("groups", shufflenet.TABLE)
def test_in_the_papers_nets_everyone_is_heard(groups):
    assert all(_heard(filters, groups) == groups for filters in shufflenet.TABLE[groups])


def test_a_unit_that_lays_side_by_side_makes_only_the_rest():
    x = keras.Input((28, 28, 240))
    unit_model = keras.Model(x, unit["shuffle_unit"](x, 480, 3, 2))
    last = [layer for layer in unit_model.layers if isinstance(layer, keras.layers.Conv2D)][-1]
    assert (weights_of([last]), unit_model.output.shape[1:]) == (9_600, (14, 14, 480))


@pytest.mark.parametrize("seed", [0, 1])
def test_two_digits_are_compared_only_where_their_groups_meet(seed):
    right = {}
    for name, between in (("shuffled", unit["channel_shuffle"]), ("apart", lambda x, groups: x)):
        keras.utils.set_random_seed(seed)
        right[name] = picture.train_pairs(picture.pair_net(between), seed)[-1]
    assert right["shuffled"] > 0.75
    assert 0.4 < right["apart"] < 0.6


def test_half_of_the_pairs_are_the_same_and_no_test_image_is_trained_on():
    images, same = picture.pairs(2000, seed=0)
    others, _ = picture.pairs(2000, seed=0, test=True)
    assert same.mean() == pytest.approx(0.5, abs=0.05)
    seen = {image.tobytes() for pair in images for image in np.moveaxis(pair, -1, 0)}
    assert not seen & {image.tobytes() for pair in others for image in np.moveaxis(pair, -1, 0)}


def test_the_relu_between_costs_no_parameter():
    small = {"stem": (4, 4), "entry": ((4, 4),), "middle": ((4,),), "exit": (), "last": (4,)}
    net = unit["xception"](small, (28, 28, 1), 10)
    changed = picture.with_relu_between(net)
    assert changed.count_params() == net.count_params()
    count_of_relus = [sum(type(layer).__name__ == "ReLU" for layer in count.flat_layers(model)) for model in (net, changed)]
    assert count_of_relus[1] - count_of_relus[0] == 4
