"""Unit 11's facts: why 227, sixty million, the start, aliasing, and the ILSVRC years, on the solution's functions."""

import numpy as np
import pytest
from scipy.signal import correlate2d

from convcourse.exercises.alexnet_zfnet import PAPERS_COUNT, TWO_TOWERS, WINDOWS
from convcourse.nets import zfnet
from convcourse.nets.alexnet import ONE_TOWER
from convcourse.pictures.alexnet_zfnet import ALSO, HUMAN, ILSVRC, wave_filter
from tests.solved import solutions_of

unit = solutions_of("11_alexnet_zfnet")
FC = (4096, 4096)


def test_227_pixels_fit_through_the_whole_net_and_next_to_it_only_195_and_259_do():
    sizes = unit["alexnet_sizes"]
    assert sizes(227, WINDOWS) == [(side, 0) for side in (55, 27, 27, 13, 13, 13, 13, 6)]
    assert [n for n in range(190, 270) if not any(unseen for _, unseen in sizes(n, WINDOWS))] == [195, 227, 259]
    assert sizes(224, [(11, 4, 0)]) == [(54, 1)]
    assert sizes(224, WINDOWS)[-1][0] == 5


def test_the_papers_list_of_units_has_one_slip():
    assert 253_440 == 55 * 48 * 96 != 55 * 55 * 96
    assert (27 * 27 * 256, 13 * 13 * 384, 13 * 13 * 256) == (186_624, 64_896, 43_264)
    assert 55 * 55 * 96 + 186_624 + 2 * 64_896 + 43_264 + 2 * 4096 + 1000 == 659_272


def test_overlapping_windows_give_maps_as_large_as_windows_side_by_side():
    sizes = unit["alexnet_sizes"]
    assert [side for side, _ in sizes(55, [(3, 2, 0)] * 2)] == [side for side, _ in sizes(55, [(2, 2, 0)] * 2)] == [27, 13]


def test_parameters():
    count = unit["alexnet_parameters"]
    assert count(TWO_TOWERS, FC, (227, 227, 3), 1000) == PAPERS_COUNT
    assert PAPERS_COUNT[0] == 34_848 + 96
    assert sum(PAPERS_COUNT) == 60_965_224
    assert sum(count(ONE_TOWER, FC, (224, 224, 3), 1000)) == 61_100_840
    assert sum(count(zfnet.TABLE, FC, (224, 224, 3), 1000)) == 62_357_608
    joined = [(*row[:-1], 1) if row[0] == "conv" else row for row in TWO_TOWERS]
    assert sum(count(joined, FC, (227, 227, 3), 1000)) == 62_378_344
    assert sum(PAPERS_COUNT[5:]) / 60_965_224 == pytest.approx(0.96, abs=0.005)
    assert sum(count(TWO_TOWERS, (), (227, 227, 3), 1000)) == 11_551_080


def test_a_lone_channel_gives_most_at_200():
    pytest.importorskip("keras")
    alone = np.arange(1, 1001, dtype="float32").reshape(1000, 1)
    assert alone[np.argmax(np.asarray(unit["lrn"](alone)))] == 200


def test_biases_are_1_in_layers_2_4_5_and_the_hidden_fully_connected_layers():
    shapes = [(3, 3, 2, 4), (3, 3, 4, 4), (3, 3, 4, 4), (3, 3, 4, 4), (3, 3, 4, 4), (100, 400), (400, 50), (50, 3)]
    arrays = unit["alexnet_initial"](shapes, 7)
    assert [bias[0] for bias in arrays[1::2]] == [0, 1, 0, 1, 1, 1, 1, 0]
    assert arrays[10].std() == pytest.approx(0.01, rel=0.02)


def test_samples_at_stride_4_show_a_wave_that_is_not_there():
    seen = unit["aliased_frequency"]
    assert seen(0.23, 4) == pytest.approx(0.02)
    assert seen(0.23, 2) == pytest.approx(0.23)
    places = np.arange(0, 400, 4)
    np.testing.assert_allclose(np.cos(2 * np.pi * 0.23 * places), np.cos(2 * np.pi * 0.02 * places), atol=1e-9)


def test_the_filter_of_the_picture_likes_its_own_frequency_most():
    axis = np.arange(200)
    responses = [np.abs(correlate2d(np.cos(2 * np.pi * f * axis)[None] * np.ones((11, 1)), wave_filter(11, 0.23), "valid")).max()
                 for f in (0, 0.1, 0.23, 0.4)]  # fmt: skip
    assert np.argmax(responses) == 2
    assert responses[0] < 1e-9


def test_the_years():
    errors = {line[0]: line[2] for line in ILSVRC}
    assert list(errors) == list(range(2010, 2018))
    assert (errors[2012], errors[2013], errors[2014], errors[2015]) == (16.42, 11.74, 6.66, 3.57)
    assert {name: error for _, name, error in ALSO} == {"ZF": 13.51, "MSRA": 8.06, "Deep Image": 5.98}
    assert all(line[2] < line[5] for line in ILSVRC)
    assert errors[2014] > HUMAN > errors[2015]
    assert 1 - errors[2012] / errors[2011] == pytest.approx(0.36, abs=0.005)


def test_what_fc6_and_fc7_cost():
    top5 = {name: error for name, _, _, error in zfnet.CHANGES}
    assert top5["without layers 6, 7"] - top5["AlexNet, rebuilt"] == pytest.approx(4.3)
    assert top5["without layer 7"] - top5["AlexNet, rebuilt"] == pytest.approx(0.3)
