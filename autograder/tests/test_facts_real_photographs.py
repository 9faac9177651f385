"""The facts of unit 27: its cases by hand, windows that slide, and what SqueezeNet's maps say of four photographs."""

import numpy as np
import pytest

from convcourse.pictures import real_photographs as picture
from tests.solved import solutions_of

unit = solutions_of("27_real_photographs")


def test_a_window_serves_things_that_are_a_little_smaller_and_larger():
    sides = unit["window_sides"](16, 39, 0.64)
    assert sides.tolist() == pytest.approx([20, 31.25])
    squares = [np.array([[-a / 2, -a / 2, a / 2, a / 2]]) for a in (16, 20, 25)]
    assert picture.overlaps(squares[0], squares[1]).item() == pytest.approx(0.64)
    assert picture.overlaps(squares[2], squares[1]).item() == pytest.approx(0.64)


def test_eight_sizes_and_the_answer_to_the_first_question():
    assert len(unit["window_sides"](60, 300, 0.8)) == 8
    assert len(unit["window_sides"](50, 199.9, 0.5)) == 2


def test_windows_of_the_text_overlap_the_face_as_it_says():
    boxes = np.array([[0, 0, 10, 10], [0, 5, 10, 15], [0, 6, 10, 16], [50, 50, 60, 60]])
    assert picture.overlaps(boxes, boxes[:1])[:, 0].tolist() == [1, 50 / 150, 40 / 160, 0]


def test_a_window_has_the_same_features_alone_and_in_a_photograph():
    photograph = np.random.default_rng(0).random((1, 64, 72))
    whole = picture.maps_of(photograph)[0]
    alone = picture.maps_of(photograph[:, 16:40, 24:48])[0]  # 6 and 9 steps of 8/3 pixels
    assert alone.shape == (picture.CELLS, picture.CELLS, 128)
    inside = whole[6 : 6 + picture.CELLS, 9 : 9 + picture.CELLS]
    middle = slice(1, -1)  # enlarging a window alone repeats its edge
    np.testing.assert_allclose(inside[middle, middle], alone[middle, middle], atol=1e-2 * np.abs(alone).max())


def test_the_astronaut_has_about_8500_windows_and_all_five_more_than_40000():
    sides, counts = unit["window_sides"](60, 300, 0.8), {}
    for name in picture.SEARCHED:
        shapes = [maps.shape for _, maps in picture.pyramid(name, sides)]
        counts[name] = sum((rows - 5) * (cols - 5) for rows, cols, _ in shapes)
    assert counts["astronaut"] == pytest.approx(8500, rel=0.02)
    assert sum(counts.values()) > 40_000


@pytest.mark.parametrize(("share", "ious"), [(0.2, (0.85, 0.83, 0.70, 0.51)), (0.4, (0.52, 0.33, 0.13, 0.81))])
def test_boxes_around_the_heat(share, ious):
    for (name, truth), iou in zip(picture.THINGS.items(), ious, strict=True):
        box = unit["box_from_heat"](picture.heat_of(name)[0], share, *picture.photograph(name).shape[:2])
        assert picture.overlaps(box[None], np.array([truth])).item() == pytest.approx(iou, abs=0.02)


def test_squeezenet_gives_the_wrong_names():
    names = [picture.heat_of(name)[1] for name in picture.THINGS]
    assert names == ["Egyptian cat", "espresso", "motor scooter", "brain coral"]
