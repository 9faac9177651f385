"""Unit 22: boxes, score maps and label maps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import scipy.signal

from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import ModelFacts, PackedModel, Symbolic, block_facts, model_facts, rebuilt

# --- iou_many ----------------------------------------------------------------------------------

OVERLAPPING, APART = "overlapping", "apart or touching"


def _iou_cases(generator: np.random.Generator) -> Iterator[Case]:
    top, left = generator.integers(10, 20, size=2)
    rows, cols = generator.integers(6, 9), generator.integers(10, 14)
    box = np.array([top, left, top + rows, left + cols])
    moves = generator.integers(-4, 5, size=(4, 4)) + 0.5  # box is whole, the others are not
    # Corners move by at most 4.5 and every side is at least 6, so each box holds the middle of the first one.
    near = np.c_[box[:2] + np.minimum(moves[:, :2], 2), box[2:] + np.maximum(moves[:, 2:], -2)]
    yield Case({"box": box, "boxes": near}, OVERLAPPING)
    yield Case({"box": near[0], "boxes": np.add(near[:1], [0, 0, 1, 3])}, OVERLAPPING)  # one box only, and larger
    gap = generator.integers(1, 5, size=2)
    far = [
        [*(box[2:] + gap), *(box[2:] + gap + [5, 9])],  # beyond the corner: both sides of the overlap are negative
        [*(box[:2] - gap - [3, 7]), *(box[:2] - gap)],
        [box[2], left, box[2] + 4, left + 6],  # touches
        [top + 1, box[3] + gap[0], box[2] + 1, box[3] + gap[0] + 4],
        [top + 1, left + 2, top + 3, left + 7],  # inside
        [box[2] + gap[1], left + 1, box[2] + 6, left + 4],  # below, between the same columns
    ]
    yield Case({"box": box, "boxes": np.array(far)[generator.permutation(6)]}, APART)


def _iou(box, boxes, shared=None):
    """The overlap of two intervals is the sum of their lengths less the length that both together span."""
    one, many = np.asarray(box, float), np.asarray(boxes, float).reshape(-1, 4)
    first, second = one[2:] - one[:2], many[:, 2:] - many[:, :2]
    span = np.maximum(one[2:], many[:, 2:]) - np.minimum(one[:2], many[:, :2])
    inter = np.clip(first + second - span, 0, None).prod(axis=1)
    areas = first.prod(), second.prod(axis=1)
    return inter / (areas[0] + areas[1] - inter) if shared is None else shared(inter, *areas)


iou_many = Exercise(
    name="iou_many",
    title="Intersection over union",
    points={OVERLAPPING: 1, APART: 1},
    minutes=12,
    difficulty=1,
    oracle=_iou,
    examples=(
        Case(
            {"box": np.array([0, 0, 4, 6]), "boxes": np.array([[2, 3, 5, 9], [0, 0, 4, 6]])},
            OVERLAPPING,
            "the boxes worked by hand, and a box with itself",
            known=[1 / 6, 1.0],
        ),
        Case(
            {"box": np.array([0, 0, 4, 6]), "boxes": np.array([[5, 8, 7, 9], [4, 0, 6, 6]])},
            APART,
            "one lies beyond the corner, one touches",
            known=[0.0, 0.0],
        ),
    ),
    cases=_iou_cases,
    hints=(
        "The intersection begins at the larger top and the larger left, and ends at the smaller bottom and the smaller right.",
        "`np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])` gives height and width for all boxes at once. "
        "What must become of negative ones?",
        "(0, 0, 4, 6) and (2, 3, 5, 9): height 4 − 2 = 2, width 6 − 3 = 3, so 6 are shared. (0, 0, 2, 2) and (3, 3, 5, 5): −1 "
        "and −1, and their product is 1. So cut at 0 first, then multiply.",
    ),
)


@iou_many.mistake(
    "Boxes that are apart give a negative height or width, and two negative numbers even a positive area. "
    "Cut both at 0 before you multiply: `np.maximum(…, 0)`."
)
def iou_without_zero(box, boxes):
    inter = np.prod(np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2]), axis=1)
    areas = np.prod(box[2:] - box[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return inter / (areas - inter)


@iou_many.mistake("You divided by the sum of both areas. That counts the shared part twice: subtract the intersection once.")
def iou_counts_the_shared_part_twice(box, boxes):
    return _iou(box, boxes, lambda inter, one, many: inter / (one + many))


@iou_many.mistake("You divided by the smaller area. The union is wanted: area + area − intersection.")
def iou_over_the_smaller(box, boxes):
    return _iou(box, boxes, lambda inter, one, many: inter / np.minimum(one, many))


@iou_many.mistake("You added 1 to the sides. Here bottom and right do not belong to the box: it has bottom − top rows.")
def iou_with_one_pixel_more(box, boxes):
    more = np.array([0, 0, 1, 1])
    return _iou(np.asarray(box) + more, np.asarray(boxes) + more)


@iou_many.mistake("You read the last two numbers as height and width. They are the bottom and the right side.")
def iou_of_corner_and_size(box, boxes):
    box, boxes = np.asarray(box, float), np.asarray(boxes, float)
    return _iou(np.r_[box[:2], box[:2] + box[2:]], np.c_[boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])


@iou_many.mistake("This is the intersection. Divide it by the union.")
def iou_intersection_only(box, boxes):
    return _iou(box, boxes, lambda inter, one, many: inter)


@iou_many.mistake("You divided by the area of one box. Divide by the union of both.")
def iou_over_the_box(box, boxes):
    return _iou(box, boxes, lambda inter, one, many: inter / one)


@iou_many.mistake(
    "Where two boxes lie apart in rows and in columns, the product of two negative sides is positive. Clip each side first."
)
def iou_clipped_after_the_product(box, boxes):
    one, many = np.asarray(box, float), np.asarray(boxes, float)
    inter = np.clip((np.minimum(one[2:], many[:, 2:]) - np.maximum(one[:2], many[:, :2])).prod(axis=1), 0, None)
    return inter / ((one[2:] - one[:2]).prod() + (many[:, 2:] - many[:, :2]).prod(axis=1) - inter)


# --- non_max_suppression -----------------------------------------------------------------------

CLUSTERS, CHAIN = "clusters", "chain"


def _distinct(generator: np.random.Generator, count: int) -> np.ndarray:
    return generator.permutation(np.linspace(0.31, 0.97, count).round(3))


def _nms_cases(generator: np.random.Generator) -> Iterator[Case]:
    corners = np.repeat([[0, 0], [3, 40], [40, 11]], 4, axis=0) + generator.integers(0, 4, size=(12, 2))
    boxes = np.hstack([corners, corners + np.array([12, 16])])
    # The three clusters take turns in the order of scores, so that looking at the last kept box only is not enough.
    scores = np.linspace(0.95, 0.4, 12).round(3)[np.arange(12).reshape(4, 3).T.ravel()]
    # Boxes of other sizes that stay: one in another, the better one small or large, and two for which one pixel more would do.
    pairs = [[70, 0, 90, 20], [72, 5, 80, 13], [74, 44, 82, 52], [70, 40, 90, 60], [80, 80, 82, 86], [80, 83, 82, 89]]
    boxes, scores = np.r_[boxes, pairs], np.r_[scores, np.linspace(0.39, 0.3, 6).round(3)]
    order = generator.permutation(len(boxes))
    yield Case({"boxes": boxes[order], "scores": scores[order], "threshold": 0.35}, CLUSTERS)
    # A row of boxes: each overlaps its neighbours, and they fall in score from left to right.
    left = 5 * np.arange(5) + generator.integers(0, 30)
    row = np.c_[np.full(5, 7), left, np.full(5, 19), left + 10]
    order = generator.permutation(5)
    yield Case({"boxes": row[order], "scores": np.linspace(0.9, 0.5, 5)[order], "threshold": 0.25}, CHAIN)
    tie = np.array([[0, 0, 20, 20], [0, 0, 10, 10]]) + generator.integers(0, 9)  # an IoU of just 0.25
    yield Case({"boxes": tie, "scores": np.array([0.8, 0.6]), "threshold": 0.25}, CHAIN)
    yield Case({"boxes": tie[:1], "scores": np.array([0.7]), "threshold": 0.25}, CHAIN)
    yield Case({"boxes": tie[[0, 1, 1]], "scores": np.array([0.4, 0.5, 0.3]), "threshold": 1.0}, CHAIN)  # all stay


def _suppressed(boxes, scores, threshold, by="kept", shared=_iou, ties=True):
    order, kept = np.argsort(-np.asarray(scores)), []
    for place, index in enumerate(order):
        others = {"kept": kept, "all above": order[:place], "last": kept[-1:]}[by]
        most = max(shared(boxes[index], np.asarray(boxes)[others]), default=-1.0)
        if most < threshold or (ties and most == threshold):
            kept.append(int(index))
    return np.array(kept)


non_max_suppression = Exercise(
    name="non_max_suppression",
    title="Keep the best, drop its neighbours",
    points={CLUSTERS: 1, CHAIN: 1},
    minutes=20,
    difficulty=2,
    oracle=_suppressed,
    examples=(
        Case(
            {
                "boxes": np.array([[0, 0, 10, 10], [20, 20, 30, 30], [0, 4, 10, 14], [21, 21, 31, 31], [0, 8, 10, 18]]),
                "scores": np.array([0.9, 0.8, 0.7, 0.6, 0.5]),
                "threshold": 0.3,
            },
            CLUSTERS,
            "the table worked by hand",
            known=[0, 1, 4],
        ),
        Case(
            {
                "boxes": np.array([[7, 5, 19, 15], [7, 10, 19, 20], [7, 0, 19, 10]]),
                "scores": np.array([0.7, 0.6, 0.9]),
                "threshold": 0.25,
            },
            CHAIN,
            "neighbours share a third",
            known=[2, 1],
        ),
    ),
    cases=_nms_cases,
    hints=(
        "Walk through the indices in the order of falling score: `np.argsort(-scores)`.",
        "Keep a list. A box joins it if its IoU with every box already in the list is at most the threshold.",
        "The test for one index: nothing is kept yet, or `iou_many(boxes[index], boxes[kept]).max()` is at most the threshold. "
        "Then append the index.",
    ),
    forbidden=("non_max_suppression", "nms", "combined_non_max_suppression"),
)


@non_max_suppression.mistake("A box that was dropped may not drop others. Compare with the boxes that you have *kept*.")
def nms_by_suppressed_boxes(boxes, scores, threshold):
    return _suppressed(boxes, scores, threshold, "all above")


@non_max_suppression.mistake("You compare with the last kept box only. Compare with every box kept so far.")
def nms_by_the_last_kept(boxes, scores, threshold):
    return _suppressed(boxes, scores, threshold, "last")


@non_max_suppression.mistake("The right boxes, but in the order of their indices. Return the best first.")
def nms_sorted_by_index(boxes, scores, threshold):
    return np.sort(_suppressed(boxes, scores, threshold))


@non_max_suppression.mistake("You begin with the lowest score. `np.argsort` goes upwards: sort `-scores`, or reverse.")
def nms_worst_first(boxes, scores, threshold):
    return _suppressed(boxes, -np.asarray(scores), threshold)


@non_max_suppression.mistake("You took the boxes in the order given. Begin with the highest score.")
def nms_in_the_given_order(boxes, scores, threshold):
    return _suppressed(boxes, -np.arange(len(boxes)), threshold)


@non_max_suppression.mistake("A box whose IoU equals the threshold stays. It is dropped above the threshold only.")
def nms_drops_ties(boxes, scores, threshold):
    return _suppressed(boxes, scores, threshold, ties=False)


@non_max_suppression.mistake("You divided the intersection by the area of the box that may go. Divide by the union.")
def nms_over_the_own_area(boxes, scores, threshold):
    return _suppressed(boxes, scores, threshold, shared=lambda box, kept: _iou(box, kept, lambda inter, one, many: inter / one))


@non_max_suppression.mistake("You divided the intersection by the area of the box that is kept. Divide by the union.")
def nms_over_the_kept_area(boxes, scores, threshold):
    return _suppressed(boxes, scores, threshold, shared=lambda box, kept: _iou(box, kept, lambda inter, one, many: inter / many))


@non_max_suppression.mistake("You divided the intersection by the smaller of both areas. Divide by the union.")
def nms_over_the_smaller_area(boxes, scores, threshold):
    return _suppressed(boxes, scores, threshold, shared=iou_over_the_smaller)


@non_max_suppression.mistake("You added 1 to the sides of the boxes. Here bottom and right do not belong to the box.")
def nms_with_one_pixel_more(boxes, scores, threshold):
    return _suppressed(boxes, scores, threshold, shared=iou_with_one_pixel_more)


@non_max_suppression.mistake("The comparison is the wrong way round: a box stays if it overlaps *little*.")
def nms_keeps_the_overlapping(boxes, scores, threshold):
    order = np.argsort(-np.asarray(scores))
    shared = _iou(boxes[order[0]], np.asarray(boxes)[order])
    return order[shared > threshold]


@non_max_suppression.mistake("These are the scores of the boxes that stay. Return their indices.")
def nms_as_scores(boxes, scores, threshold):
    return np.asarray(scores)[_suppressed(boxes, scores, threshold)]


@non_max_suppression.mistake("These are the boxes that stay. Return their indices.")
def nms_as_boxes(boxes, scores, threshold):
    return np.asarray(boxes)[_suppressed(boxes, scores, threshold)]


# --- dropped_dropper ---------------------------------------------------------------------------


def _dropper_cases(generator: np.random.Generator) -> Iterator[Case]:
    for low, high in ((0.08, 0.15), (0.3, 0.5), (0.75, 0.9)):
        yield Case({"threshold": round(float(generator.uniform(low, high)), 3)}, "boxes")


def _shifted(step):
    """Three boxes of side 1, each `step` further to the right."""
    left = step * np.arange(3)
    return np.c_[0 * left, left, 0 * left + 1, left + 1]


def _dropper_misses(result, threshold):
    boxes = np.asarray(result, float)
    if boxes.shape != (3, 4) or not np.isfinite(boxes).all():
        return "Three boxes of four finite numbers are asked."
    if not (boxes[:, 2:] > boxes[:, :2]).all():
        return "Bottom must be larger than top and right larger than left, in each box."
    (first_second, first_third), (second_third,) = _iou(boxes[0], boxes[1:]), _iou(boxes[1], boxes[2:])
    if not first_second > threshold:
        return f"The first and the second have an IoU of {first_second:.3f}; more than {threshold:g} is asked."
    if not second_third > threshold:
        return f"The second and the third have an IoU of {second_third:.3f}; more than {threshold:g} is asked."
    if not first_third <= threshold:
        return f"The first and the third have an IoU of {first_third:.3f}; at most {threshold:g} is asked."
    return ""


dropped_dropper = Exercise(
    name="dropped_dropper",
    title="Design: saved by the best",
    points={"boxes": 1},
    minutes=10,
    difficulty=2,
    oracle=lambda threshold: _shifted(0.75 * (1 - threshold) / (1 + threshold)),
    meets=_dropper_misses,
    examples=(
        Case(
            {"threshold": 0.3},
            "boxes",
            "boxes 0, 2 and 4 of the table",
            known=[[0, 0, 10, 10], [0, 4, 10, 14], [0, 8, 10, 18]],
        ),
        Case({"threshold": 0.6}, "boxes"),
    ),
    cases=_dropper_cases,
    hints=(
        "Take three boxes of one size in a row, each a little further to the right. Which two shifts matter?",
        "Boxes of width 1, s apart, share 1 − s and cover 1 + s together. One shift must give more than the threshold, two shifts must not.",
        "For threshold 1/3: the IoU is just 1/3 at a shift of 1/2, since ½ : 1½ = 1/3. So s must be below 1/2 and 2 s at least 1/2: take "
        "s = 3/8. Where does another threshold have its limit?",
    ),
)


@dropped_dropper.mistake("These boxes do for the threshold of the table only. Let the shift depend on `threshold`.")
def dropper_of_the_table(threshold):
    return [[0, 0, 10, 10], [0, 4, 10, 14], [0, 8, 10, 18]]


@dropped_dropper.mistake(
    "Your boxes lie so near that the best drops the third as well. Two shifts must lead below the threshold."
)
def dropper_too_near(threshold):
    return _shifted(0.4 * (1 - threshold) / (1 + threshold))


@dropped_dropper.mistake("Your boxes lie too far apart: the best does not drop the second.")
def dropper_too_far(threshold):
    return _shifted(1.2 * (1 - threshold) / (1 + threshold))


@dropped_dropper.mistake("Your best box lies in the middle and drops both others. Let the *second* lie in the middle.")
def dropper_in_the_middle(threshold):
    return _shifted(0.75 * (1 - threshold) / (1 + threshold))[[1, 0, 2]]


@dropped_dropper.mistake("You divided what they share by one box. The IoU divides by what both cover together, which is more.")
def dropper_by_one_box(threshold):
    return _shifted(0.98 * (1 - threshold))


# --- average_precision -------------------------------------------------------------------------

FALLING, RAISED = "precision that falls only", "precision that rises again"


def _average_cases(generator: np.random.Generator) -> Iterator[Case]:
    for hits, misses, start in ((3, 2, []), (2, 4, []), (3, 3, [True, False]), (5, 4, [False, True])):
        part, right = (RAISED if start else FALLING), np.arange(hits + misses) < hits
        if start:  # in any order between the start and a right box at the end
            right = np.array([*start, *generator.permutation(right[2:-1]), True])
        yield Case({"right": right, "wanted": int(right.sum() + generator.integers(1, 4))}, part)


def _steps(right, wanted, raise_from=None):
    """The precisions at the right boxes, each raised to the best of those in `raise_from(n)`."""
    right = [bool(one) for one in right]
    precisions = [sum(right[: n + 1]) / (n + 1) for n in range(len(right))]
    return [max(raise_from(precisions, n)) if raise_from else precisions[n] for n in range(len(right)) if right[n]]


def _average_oracle(right, wanted):
    """For each true box: the best precision at which at least so many of them are found (0 if never)."""
    counts = [sum(map(bool, right[: n + 1])) for n in range(len(right))]
    best = [
        max((count / (n + 1) for n, count in enumerate(counts) if count >= asked), default=0) for asked in range(1, wanted + 1)
    ]
    return sum(best) / wanted


average_precision = Exercise(
    name="average_precision",
    title="The number in every table",
    points={FALLING: 1, RAISED: 1},
    minutes=12,
    difficulty=2,
    oracle=_average_oracle,
    examples=(
        Case({"right": np.array([True, False, True, True, False]), "wanted": 4}, RAISED, "the case worked by hand", known=0.625),
        Case({"right": np.array([True, True, False]), "wanted": 4}, FALLING, "half of them found, without an error", known=0.5),
        Case({"right": np.array([False, False]), "wanted": 3}, FALLING, "nothing right", known=0.0),
    ),
    cases=_average_cases,
    forbidden=("average_precision_score", "precision_recall_curve"),
    hints=(
        "First the precision after each found box: how many of the first n are right, divided by n.",
        "A running sum of `right` counts them. Raise from the end: a running maximum over the reversed precisions. Then only the right ones are summed.",
        "[wrong, right, right], 3 true boxes: precisions 0, 1/2, 2/3; raised from the end 2/3, 2/3, 2/3. The two right ones: 4/3, divided by 3 is 4/9.",
    ),
)


@average_precision.mistake("The precisions are not raised. Each takes the best that comes at or after it, from the end on.")
def average_not_raised(right, wanted):
    return sum(_steps(right, wanted)) / wanted


@average_precision.mistake("You raise to the best so far. A later box helps, since it has the better recall: look from the end.")
def average_raised_from_the_front(right, wanted):
    return sum(_steps(right, wanted, lambda precisions, n: precisions[: n + 1])) / wanted


@average_precision.mistake("You divide by the number of right boxes. What was never found counts too: divide by `wanted`.")
def average_of_the_found(right, wanted):
    steps = _steps(right, wanted, lambda precisions, n: precisions[n:])
    return sum(steps) / max(len(steps), 1)


@average_precision.mistake("You average over all found boxes. Only at a right box does the recall move on: sum there.")
def average_over_all_boxes(right, wanted):
    precisions = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(np.mean(np.maximum.accumulate(precisions[::-1])))


@average_precision.mistake(
    "This is the precision of all boxes together, one point of the curve. The area under the whole curve is asked."
)
def average_of_one_point(right, wanted):
    return float(np.mean(right))


@average_precision.mistake("This is the recall at the end. Each right box counts by the precision at its place, not by 1.")
def average_as_recall(right, wanted):
    return float(np.sum(right)) / wanted


# --- anchor_targets ----------------------------------------------------------------------------

ONE_BOX, SEVERAL_BOXES = "one true box", "several true boxes"


def _anchor_cases(generator: np.random.Generator) -> Iterator[Case]:
    corner = generator.integers(0, 9, size=2)
    lone = np.r_[corner, corner + generator.integers(7, 20, size=2)].astype(float)
    sides = generator.integers(6, 12, size=(3, 2))
    starts = lone[:2] + generator.integers(-4, 4, size=(3, 2))
    yield Case({"anchors": np.hstack([starts, starts + sides]), "truth": lone[None]}, ONE_BOX)
    # Boxes far apart, and by each of them an anchor or two; one small box lies near a large one, which is nearer in its centre.
    truth = np.array([[0, 0, 10, 14], [40, 3, 61, 12], [5, 50, 15, 72]]) + generator.integers(0, 3, size=(3, 4))
    order = generator.permutation(3)
    near = truth[generator.permutation([0, 1, 2, 1])] + generator.integers(-3, 2, size=(4, 4)) + 0.5
    yield Case({"anchors": near, "truth": truth[order].astype(float)}, SEVERAL_BOXES)
    inside = np.array([[0, 0, 30, 30], [9, 9, 16, 16]]) + generator.integers(0, 2, size=(2, 4))
    anchors = np.array([[8, 8, 22, 22], [29, 29, 39, 39]])  # the second meets the large box in a corner of a pixel or two
    yield Case({"anchors": anchors, "truth": inside[generator.permutation(2)]}, SEVERAL_BOXES, "one in another")
    yield Case(_crowd(generator), SEVERAL_BOXES, "many boxes, close together")


def _crowd(generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Boxes of all sizes, and of 60 anchors those 8 whose best box is hardest to find: the second best is nearly as good."""
    starts, sides = generator.integers(0, 20, size=(66, 2)), generator.integers(2, 16, size=(66, 2))
    truth, anchors = np.split(np.hstack([starts, starts + sides]), [6])
    best = np.sort([_iou(anchor, truth) for anchor in anchors], axis=1)
    lead = best[:, -1] - best[:, -2]
    return {"anchors": anchors[np.argsort(np.where(lead > 0.003, lead, 1))[:8]], "truth": truth}


def _anchored(anchors, truth, choose=None, moves_over=None, log=np.log, halves=2.0):
    """Anchor by anchor, from centres and sides; the keywords make the usual mistakes."""
    rows = []
    for number, anchor in enumerate(np.asarray(anchors, float)):
        place = int(np.argmax(_iou(anchor, truth))) if choose is None else choose(number, anchor, np.asarray(truth, float))
        box = np.asarray(truth, float)[place]
        sides, wanted = anchor[2:] - anchor[:2], box[2:] - box[:2]
        moves = (box[:2] + wanted / halves) - (anchor[:2] + sides / halves)
        rows.append([*(moves / (sides if moves_over is None else moves_over(sides, wanted))), *log(wanted / sides)])
    return np.array(rows)


anchor_targets = Exercise(
    name="anchor_targets",
    title="From an anchor to its box",
    points={ONE_BOX: 1, SEVERAL_BOXES: 1},
    minutes=15,
    difficulty=2,
    oracle=_anchored,
    examples=(
        Case(
            {"anchors": np.array([[0, 0, 12, 12]]), "truth": np.array([[3, 0, 15, 24]])},
            ONE_BOX,
            "the text's anchor: the width doubles",
            known=[[0.25, 0.5, 0.0, np.log(2)]],
        ),
        Case(
            {"anchors": np.array([[0, 0, 4, 4], [20, 20, 24, 28]]), "truth": np.array([[20, 20, 24, 24], [0, 0, 4, 2]])},
            SEVERAL_BOXES,
            "each to its own: half as wide, the centre 1 or 2 pixels to the left",
            known=[[0.0, -0.25, 0.0, -np.log(2)], [0.0, -0.25, 0.0, -np.log(2)]],
        ),
    ),
    cases=_anchor_cases,
    hints=(
        "Two steps: find for each anchor its true box, with `iou_many`. Then compute four numbers from each pair.",
        "Centre: (top + bottom) / 2 and (left + right) / 2. Sides: bottom − top and right − left. All of them divided by the *anchor's* sides.",
        "Anchor (0, 0, 4, 4), box (0, 0, 4, 2): the centres are (2, 2) and (2, 1), so the moves are 0 and −1/4. The logarithms are ln 1 = 0 and ln (2/4).",
    ),
)


@anchor_targets.mistake("The moves are measured from corner to corner. Measure from centre to centre.")
def anchors_by_corners(anchors, truth):
    return _anchored(anchors, truth, halves=np.inf)


@anchor_targets.mistake("The moves are in pixels. Divide them by the anchor's height and width.")
def anchors_move_in_pixels(anchors, truth):
    return _anchored(anchors, truth, moves_over=lambda sides, wanted: 1)


@anchor_targets.mistake("You divide by the sides of the true box, which the net does not know. Divide by the anchor's.")
def anchors_over_the_true_sides(anchors, truth):
    return _anchored(anchors, truth, moves_over=lambda sides, wanted: wanted)


@anchor_targets.mistake("The last two numbers are ratios. Their logarithms are asked.")
def anchors_without_logarithm(anchors, truth):
    return _anchored(anchors, truth, log=lambda ratio: ratio)


@anchor_targets.mistake("The signs are turned: this is the way from the true box to the anchor.")
def anchors_the_other_way(anchors, truth):
    return -_anchored(anchors, truth)


@anchor_targets.mistake("Anchor number n gets true box number n. Each anchor belongs to the box that it overlaps most.")
def anchors_in_order(anchors, truth):
    return _anchored(anchors, truth, choose=lambda number, anchor, boxes: number % len(boxes))


@anchor_targets.mistake("You take the box with the nearest centre. It is the largest IoU that counts.")
def anchors_by_nearest_centre(anchors, truth):
    def nearest(number, anchor, boxes):
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        return int(np.argmin(np.linalg.norm(centres - (anchor[:2] + anchor[2:]) / 2, axis=1)))

    return _anchored(anchors, truth, choose=nearest)


# --- transposed_conv ---------------------------------------------------------------------------

OVERLAP, GAPS = "stamps overlap", "stamps leave gaps"


def _stamp_cases(generator: np.random.Generator) -> Iterator[Case]:
    # The kernel more than twice as large as the stride, smaller, or both at once; stamps that move by 1; a single row.
    kinds = ((OVERLAP, (5, 3), 2, 4), (OVERLAP, (2, 3), 1, 4), (GAPS, (2, 1), 3, 4), (GAPS, (1, 5), 2, 1), (GAPS, (1, 2), 3, 4))
    for part, size, stride, most in kinds:
        channels, filters = generator.permutation([2, 3, 4])[:2]
        rows, cols = generator.permutation([2, 3, 4])[:2]
        maps = generator.integers(-5, 6, size=(min(rows, most), cols, channels))
        kernel = generator.normal(size=(*size, filters, channels)).round(2)
        yield Case({"maps": maps, "kernel": kernel, "stride": stride}, part)


def _stamped(maps, kernel, stride):
    """Zeros between the pixels, then the whole convolution with reversal."""
    maps, kernel = np.asarray(maps, float), np.asarray(kernel, float)
    (rows, cols, channels), (krow, kcol, filters, _) = maps.shape, kernel.shape
    spread = np.zeros(((rows - 1) * stride + 1, (cols - 1) * stride + 1, channels))
    spread[::stride, ::stride] = maps
    result = np.zeros((rows * stride + max(krow - stride, 0), cols * stride + max(kcol - stride, 0), filters))
    for number in range(filters):
        whole = sum(scipy.signal.convolve2d(spread[..., c], kernel[:, :, number, c]) for c in range(channels))
        result[: whole.shape[0], : whole.shape[1], number] = whole
    return result


transposed_conv = Exercise(
    name="transposed_conv",
    title="Convolution that enlarges",
    points={OVERLAP: 1, GAPS: 1},
    minutes=20,
    difficulty=2,
    oracle=_stamped,
    examples=(
        Case(
            {
                "maps": np.array([[[1], [10]], [[0], [2]]]),
                "kernel": np.array([[1, 2, 3], [0, 1, 0], [4, 0, 0]])[:, :, None, None],
                "stride": 2,
            },
            OVERLAP,
            "the stamps drawn above",
            known=np.array([[1, 2, 13, 20, 30], [0, 1, 0, 10, 0], [4, 0, 42, 4, 6], [0, 0, 0, 2, 0], [0, 0, 8, 0, 0]])[..., None],
        ),
        Case(
            {"maps": np.array([[[1, 0], [2, 1]]]), "kernel": np.array([[[[5, 7]]]]), "stride": 3},
            GAPS,
            "one row, 5 · 1 + 7 · 0 and 5 · 2 + 7 · 1",
            known=np.array([[5, 0, 0, 17, 0, 0], [0] * 6, [0] * 6])[..., None],
        ),
    ),
    cases=_stamp_cases,
    hints=(
        "Begin with zeros of the right size. Two loops, over the rows and columns of the *input*.",
        "Pixel (row, col) adds a block of krow × kcol at (row · stride, col · stride).",
        "A pixel with channels (1, 2), and 3 and 4 in the kernel for one filter at one place: 3 · 1 + 4 · 2 = 11. A matrix "
        "product (`@`) of kernel and pixel gives the whole stamp, (krow, kcol, filters).",
    ),
    forbidden=("conv2d_transpose", "conv_transpose", "Conv2DTranspose"),
)


def _stamps(maps, kernel, stride, add=True):
    result = np.zeros(_stamped(maps, kernel, stride).shape)
    for row, col in np.ndindex(maps.shape[:2]):
        part = result[row * stride : row * stride + len(kernel), col * stride : col * stride + kernel.shape[1]]
        part[...] = kernel @ maps[row, col] + (part if add else 0)
    return result


@transposed_conv.mistake("Where stamps overlap, the later one wipes out the earlier one. They add: `+=`, not `=`.")
def stamps_that_overwrite(maps, kernel, stride):
    return _stamps(maps, kernel, stride, add=False)


@transposed_conv.mistake("The stamps are flipped. Each pixel lays the kernel down as it is.")
def stamps_of_a_flipped_kernel(maps, kernel, stride):
    return _stamped(maps, kernel[::-1, ::-1], stride)


@transposed_conv.mistake(
    "Your result ends with the last stamp. Keras gives every pixel at least `stride` rows and columns, the last one too."
)
def stamps_without_the_last_gap(maps, kernel, stride):
    (rows, cols), (krow, kcol) = maps.shape[:2], kernel.shape[:2]
    return _stamped(maps, kernel, stride)[: (rows - 1) * stride + krow, : (cols - 1) * stride + kcol]


@transposed_conv.mistake("The last rows and columns are cut off. They belong to it: rows · stride + max(krow − stride, 0).")
def stamps_cut_to_same(maps, kernel, stride):
    return _stamped(maps, kernel, stride)[: maps.shape[0] * stride, : maps.shape[1] * stride]


@transposed_conv.mistake("The stamps stand side by side. The next one begins `stride` pixels further, and may overlap.")
def stamps_side_by_side(maps, kernel, stride):
    # As if every stamp began where the one before ends.
    (rows, cols, _), (krow, kcol, filters, _) = maps.shape, kernel.shape
    blocks = np.einsum("rcm,ijfm->ricjf", maps, kernel)
    return blocks.reshape(rows * krow, cols * kcol, filters)


@transposed_conv.mistake("The stamps move by 1. Pixel (row, col) stamps at (row · stride, col · stride).")
def stamps_with_stride_one(maps, kernel, stride):
    return _stamped(maps, kernel, 1)


@transposed_conv.mistake(
    "The result has the right size, but stamp (row, col) begins at (row, col), not at (row · stride, col · stride)."
)
def stamps_placed_without_stride(maps, kernel, stride):
    result = np.zeros(_stamped(maps, kernel, stride).shape)
    for row, col in np.ndindex(maps.shape[:2]):
        result[row : row + len(kernel), col : col + kernel.shape[1]] += kernel @ maps[row, col]
    return result


@transposed_conv.mistake("Only channel 0 of the maps counts. Every channel has its part of the kernel, and all parts add.")
def stamps_of_one_channel(maps, kernel, stride):
    return _stamped(maps[..., :1], kernel[..., :1], stride)


# --- fully_convolutional -----------------------------------------------------------------------

ONE_DENSE, MORE_DENSE = "one dense layer", "several dense layers"


def _classifier(
    generator: np.random.Generator, shape: tuple[int, int, int], convs: Sequence[tuple[int, int]], pool: int, units: Sequence[int]
) -> PackedModel:
    """Convolutions (filters, side), a pooling, dense layers; written down so that no Keras is needed to make it."""
    layers: list[tuple[str, dict[str, Any]]] = [("InputLayer", {"batch_shape": [None, *shape]})]
    (rows, cols, channels), weights = shape, list[np.ndarray]()

    def weigh(*size: int) -> None:
        scale = (2 / np.prod(size[:-1])) ** 0.5
        weights.append(generator.normal(scale=scale, size=size))
        weights.append(generator.normal(scale=0.5, size=size[-1]))

    for filters, side in convs:
        layers.append(("Conv2D", {"filters": filters, "kernel_size": [side, side], "activation": "relu"}))
        weigh(side, side, channels, filters)
        rows, cols, channels = rows - side + 1, cols - side + 1, filters
    layers += [("MaxPooling2D", {"pool_size": [pool, pool]}), ("Flatten", {})]
    size = rows // pool * (cols // pool) * channels
    for number, count in enumerate(units):
        last = number == len(units) - 1
        layers.append(("Dense", {"units": count, "activation": "softmax" if last else "relu"}))
        weigh(size, count)
        size = count
    steps = [{"module": "keras.layers", "class_name": name, "config": config} for name, config in layers]
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "classifier", "layers": steps}}
    return PackedModel(json.dumps(config), weights)


def _classifier_cases(generator: np.random.Generator) -> Iterator[Case]:
    filters = int(generator.integers(2, 4))
    yield Case({"model": _classifier(generator, (9, 7, 2), [(filters, 2)], 2, [3])}, ONE_DENSE)
    yield Case({"model": _classifier(generator, (10, 12, 1), [(2, 3)], 2, [filters + 2, 3])}, MORE_DENSE)


def _slid(
    model: Any,
    order: Callable[..., np.ndarray] = lambda weights, rows, cols: weights.reshape(rows, cols, -1, weights.shape[1]),
    bias: bool = True,
    activation: bool = True,
    free: bool = True,
    padding: str = "valid",
) -> ModelFacts:
    """The witness, with the ways in which students change it."""
    import keras
    from keras import layers

    model = rebuilt(model) if isinstance(model, PackedModel) else model
    images = x = keras.Input((None, None, model.input_shape[-1]) if free else model.input_shape[1:])
    rows, cols = 1, 1
    for layer in model.layers:
        if isinstance(layer, layers.Flatten):
            rows, cols = layer.input.shape[1:3]
        elif isinstance(layer, layers.Dense):
            weights, own_bias = layer.get_weights()
            chosen = layer.activation if activation else None
            conv = layers.Conv2D(layer.units, (rows, cols), activation=chosen, padding=padding)
            x = conv(x)
            conv.set_weights([order(weights, rows, cols), own_bias if bias else 0 * own_bias])
            rows, cols = 1, 1
        else:
            new = type(layer).from_config(layer.get_config())
            x = new(x)
            new.set_weights(layer.get_weights())
    return model_facts(keras.Model(images, x), own_weights=True)


fully_convolutional = Exercise(
    name="fully_convolutional",
    title="Let the classifier slide",
    points={ONE_DENSE: 1, MORE_DENSE: 2},
    minutes=25,
    difficulty=3,
    oracle=_slid,
    examples=(
        Case(
            {"model": _classifier(np.random.default_rng(1), (8, 10, 1), [(2, 3)], 2, [3])},
            ONE_DENSE,
            "3 · 4 · 2 inputs, 3 units: a kernel of 3 × 4 × 2 × 3, 75 parameters; the convolution has 20",
            known=95,
        ),
        Case(
            {"model": _classifier(np.random.default_rng(2), (8, 10, 1), [(2, 3)], 2, [4, 3])},
            MORE_DENSE,
            "20 + 100 + 15 parameters",
            known=135,
        ),
    ),
    cases=_classifier_cases,
    hints=(
        "Begin with `keras.Input((None, None, model.input_shape[-1]))` and walk through `model.layers`. Convolutions and pooling "
        "can be called again: `x = layer(x)`.",
        "At `Flatten` note the shape of what comes in: `rows, cols = layer.input.shape[1:3]`. The first Dense becomes a Conv2D "
        "with this kernel; for further ones rows = cols = 1.",
        "Maps of 3 × 3 × 24 before `Flatten` and 64 units: weights of (216, 64) become a kernel (3, 3, 24, 64), the bias stays. "
        "The new convolution keeps the activation; it has weights to set only after you have called it on a tensor.",
    ),
    seconds=40.0,
)


@fully_convolutional.mistake(
    "The dense weights are sorted as if channels came first. `Flatten` reads row by row, place by place, then the channels: "
    "reshape to (rows, cols, channels, units)."
)
def slid_with_channels_first(model):
    return _slid(model, lambda w, r, c: w.reshape(-1, r, c, w.shape[1]).transpose(1, 2, 0, 3))


@fully_convolutional.mistake("Rows and columns of the dense kernel are exchanged.")
def slid_with_columns_first(model):
    return _slid(model, lambda w, r, c: w.reshape(c, r, -1, w.shape[1]).transpose(1, 0, 2, 3))


@fully_convolutional.mistake("The dense kernel is flipped. Keras does not flip: reshape only.")
def slid_with_a_flipped_kernel(model):
    return _slid(model, lambda w, r, c: w.reshape(r, c, -1, w.shape[1])[::-1, ::-1])


@fully_convolutional.mistake("The biases of the dense layers are missing: `set_weights` wants the kernel and the bias.")
def slid_without_biases(model):
    return _slid(model, bias=False)


@fully_convolutional.mistake("The activations of the dense layers are missing: hand on `activation=layer.activation`.")
def slid_without_activations(model):
    return _slid(model, activation=False)


@fully_convolutional.mistake("The new model takes one size only. Begin it with `keras.Input((None, None, channels))`.")
def slid_with_a_fixed_input(model):
    return _slid(model, free=False)


@fully_convolutional.mistake(
    "The dense layer has become a convolution with padding, so it also reads windows that hang over the edge. Leave the "
    'padding at "valid".'
)
def slid_with_padding(model):
    return _slid(model, padding="same")


@fully_convolutional.mistake("This is the classifier as it was. Its dense layers must become convolutions.")
def slid_as_it_was(model):
    return model_facts(model, own_weights=True)


# --- precision_recall --------------------------------------------------------------------------

ONCE, DOUBLED = "each found once", "some found twice"


def _found_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, threshold in ((ONCE, 0.5), (DOUBLED, 0.25)):
        corners = np.array([[0, 0], [0, 30], [30, 0], [30, 30], [60, 0]]) + generator.integers(0, 9, size=(5, 2))
        classes = generator.integers(0, 4, size=5)
        sizes = generator.integers(9, 14, size=(5, 2))
        truth = np.c_[corners, corners + sizes, classes]

        def near(which: int, shift: int = 1, turn: int = 0, truth: np.ndarray = truth) -> np.ndarray:
            move = generator.permutation([shift, 0]) * generator.choice([-1, 1], size=2)
            return truth[which] + np.array([*move, *move, turn])

        found = [near(0), near(1), near(2), near(3, turn=1), np.array([60, 40, 70, 50, 1])]
        if generator.random() < 0.5:
            found.append(near(4, shift=9))  # overlaps too little
        if part == DOUBLED:
            found += [near(0), near(int(generator.integers(1, 3)), shift=2)]
        order = generator.permutation(len(found)), generator.permutation(5)
        yield Case({"found": np.array(found)[order[0]], "truth": truth[order[1]], "threshold": threshold}, part)
    yield from _rivals(generator)


def _rivals(generator: np.random.Generator) -> Iterator[Case]:
    """Boxes of 10 × 20 side by side, so that several true ones fit a found one; left sides and classes."""
    top, left, kind, half = *generator.integers(0, 50, size=2), generator.integers(0, 8), 0.5

    def boxes(*lefts: float, kinds: Sequence[int] = (0, 0)) -> np.ndarray:
        return np.array([[top, left + x, top + 10, left + x + 20, kind + more] for x, more in zip(lefts, kinds, strict=False)])

    for found, truth, threshold, part in (
        (boxes(2.5, -2), boxes(9, 0), half, DOUBLED),  # the first fits both and takes the second, which the other needs
        (boxes(-1, 3), boxes(9, 0), half, ONCE),  # the second fits best what is taken, and takes the other
        (boxes(6, 1), boxes(0, 9), half, ONCE),  # the first fits both and leaves the other its own
        (boxes(3), boxes(0, 9, kinds=(1, 0)), half, ONCE),  # a box of another class fits better
        (boxes(0), np.add(boxes(0), [0, 0, 10, 0, 0]), half, ONCE),  # an IoU of just 0.5
        (boxes(12), boxes(0), 0.25, ONCE),  # an IoU of just 0.25
    ):
        yield Case({"found": found, "truth": truth, "threshold": threshold}, part)


def _matched(found, truth, threshold, once=True, classes=True, ties=True, choose=max):
    found, truth = np.asarray(found), np.asarray(truth)
    taken, right = set[int](), 0
    for thing in found:
        shared = _iou(thing[:4], truth[:, :4])
        fitting = [
            (share, n)
            for n, share in enumerate(shared)
            if (share > threshold or (ties and share == threshold)) and (thing[4] == truth[n, 4] or not classes)
        ]
        fitting = [pair for pair in fitting if pair[1] not in taken or not once]
        if fitting:
            right += 1
            taken.add(choose(fitting)[1])
    return right


def _precision_recall(found, truth, threshold):
    right = _matched(found, truth, threshold)
    return right / len(found), right / len(truth)


precision_recall = Exercise(
    name="precision_recall",
    title="How good is a detector?",
    results=("precision", "recall"),
    points={ONCE: 1, DOUBLED: 1},
    minutes=20,
    difficulty=2,
    oracle=_precision_recall,
    examples=(
        Case(
            {
                "found": np.array([[0, 0, 10, 10, 3], [20, 21, 30, 31, 5], [40, 40, 50, 50, 7], [60, 0, 70, 10, 1]]),
                "truth": np.array([[0, 1, 10, 11, 3], [20, 20, 30, 30, 6], [40, 40, 50, 50, 7]]),
                "threshold": 0.5,
            },
            ONCE,
            "right, wrong class, right, false alarm: 2 of 4 and 2 of 3",
            known=(0.5, 2 / 3),
        ),
        Case(
            {
                "found": np.array([[0, 0, 10, 10, 3], [0, 1, 10, 11, 3], [5, 40, 15, 50, 2]]),
                "truth": np.array([[0, 0, 10, 10, 3], [40, 40, 50, 50, 7], [10, 40, 20, 50, 2], [70, 0, 80, 10, 2]]),
                "threshold": 0.5,
            },
            DOUBLED,
            "one digit reported twice counts once; a third of overlap is too little",
            known=(1 / 3, 1 / 4),
        ),
    ),
    cases=_found_cases,
    hints=(
        "Go through the found boxes, best first, and note in a list which true boxes are still free.",
        "A found box is right if some free true box has the same class and an IoU of at least the threshold. Then this one is taken.",
        "Multiply the IoUs by 1 where the true box is free and of the same class, by 0 elsewhere; look at the largest number. "
        "At the end right / len(found) and right / len(truth).",
    ),
)


@precision_recall.mistake("An object that is found twice counts twice. Each true box may be used once; note which are taken.")
def pr_counts_doubles(found, truth, threshold):
    right = _matched(found, truth, threshold, once=False)
    return right / len(found), right / len(truth)


@precision_recall.mistake("A box with the wrong class counts as right. The fifth number must be equal too.")
def pr_ignores_classes(found, truth, threshold):
    right = _matched(found, truth, threshold, classes=False)
    return right / len(found), right / len(truth)


@precision_recall.mistake(
    "The two are exchanged. Precision: share of the *found* that are right. Recall: share of the *true* found."
)
def pr_exchanged(found, truth, threshold):
    return _precision_recall(found, truth, threshold)[::-1]


@precision_recall.mistake("Any overlap counts as found. The IoU must be at least the threshold.")
def pr_any_overlap(found, truth, threshold):
    right = _matched(found, truth, 1e-9)
    return right / len(found), right / len(truth)


@precision_recall.mistake("Only boxes that agree to the pixel count as found. Compare the IoU with the threshold.")
def pr_exact_boxes_only(found, truth, threshold):
    right = sum(any(np.array_equal(thing, true) for true in truth) for thing in found)
    return right / len(found), right / len(truth)


@precision_recall.mistake("An IoU that equals the threshold is enough: use `>=`.")
def pr_loses_ties(found, truth, threshold):
    right = _matched(found, truth, threshold, ties=False)
    return right / len(found), right / len(truth)


@precision_recall.mistake("A found box took the first true box that fits. It takes the one with the largest IoU.")
def pr_takes_the_first(found, truth, threshold):
    right = _matched(found, truth, threshold, choose=lambda fitting: fitting[0])
    return right / len(found), right / len(truth)


@precision_recall.mistake("You began with the last found box. The best comes first.")
def pr_worst_first(found, truth, threshold):
    return _precision_recall(np.asarray(found)[::-1], truth, threshold)


@precision_recall.mistake("You went through the true boxes, and each took a found one. Go through the found boxes, best first.")
def pr_walks_the_truth(found, truth, threshold):
    right = _matched(truth, found, threshold)
    return right / len(found), right / len(truth)


@precision_recall.mistake(
    "You looked for the largest IoU among all true boxes, and only then whether this one is free and of the same class. "
    "Look among those that are."
)
def pr_asks_too_late(found, truth, threshold):
    return _asked_late(found, truth, threshold)


@precision_recall.mistake("You looked for the largest IoU among taken boxes too. Look among those that are still free.")
def pr_asks_too_late_who_is_free(found, truth, threshold):
    return _asked_late(found, truth, threshold, classes_first=True)


def _asked_late(found, truth, threshold, classes_first=False):
    taken = set()
    for thing in found:
        shared = _iou(thing[:4], truth[:, :4])
        best = int(np.argmax(shared * (truth[:, 4] == thing[4]) if classes_first else shared))
        if shared[best] >= threshold and thing[4] == truth[best, 4]:
            taken.add(best)
    return len(taken) / len(found), len(taken) / len(truth)


@precision_recall.mistake("These are counts. Divide by the number of found boxes, and by the number of true ones.")
def pr_as_counts(found, truth, threshold):
    right = _matched(found, truth, threshold)
    return right, len(truth) - right


# --- class_iou ---------------------------------------------------------------------------------

PRESENT, ABSENT = "every class appears", "a class is absent"


def _mask_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, classes in ((PRESENT, np.arange(4)), (ABSENT, np.array([0, 1, 3]))):
        truth = generator.choice(
            classes, size=(2, 6, 7), p=np.linspace(1, 0.4, len(classes)) / np.linspace(1, 0.4, len(classes)).sum()
        )
        wrong = generator.random(truth.shape) < 0.3
        predicted = np.where(wrong, generator.choice(classes, size=truth.shape), truth)
        predicted[0, 0, : len(classes)] = truth[0, 0, : len(classes)] = classes
        predicted[1, 0, :2] = classes[:2]
        truth[1, 0, :2] = classes[1], classes[-1]  # errors in one direction, so that recall differs
        yield Case({"truth": truth, "predicted": predicted, "classes": 4}, part)
    # In a single row: a class that is only claimed, and one that is only missed. Both are there, with an IoU of 0.
    row = generator.permutation([[0, 0], [0, 0], [0, 1], [1, 1], [1, 1], [1, 0], [0, 2], [1, 2], [3, 1]]).T
    yield Case({"truth": row[0], "predicted": row[1], "classes": 4}, PRESENT)
    yield Case({"truth": row[0], "predicted": row[1], "classes": 6}, ABSENT)
    zeros = np.zeros((2, int(generator.integers(2, 5))), int)  # every pixel wrong: both are there, each in one map only
    yield Case({"truth": zeros, "predicted": zeros + 1, "classes": 2}, PRESENT)
    yield Case({"truth": zeros + 1, "predicted": zeros, "classes": 2}, PRESENT)


def _class_iou(truth, predicted, classes, share=lambda both, true, found: both / (true + found - both), absent=np.nan):
    """From the table of pairs: its diagonal, its sums of rows and of columns."""
    pairs = np.bincount(np.ravel(truth) * classes + np.ravel(predicted), minlength=classes**2).reshape(classes, classes)
    both, true, found = np.diag(pairs), pairs.sum(axis=1), pairs.sum(axis=0)
    result = np.full(classes, absent, dtype=float)
    there = true + found > 0
    with np.errstate(invalid="ignore"):
        result[there] = share(both[there], true[there], found[there])
    return result, float(np.mean(result[~np.isnan(result)]))


class_iou = Exercise(
    name="class_iou",
    title="IoU of label maps",
    results=("each", "mean"),
    points={PRESENT: 1, ABSENT: 1},
    minutes=12,
    difficulty=2,
    oracle=_class_iou,
    examples=(
        Case(
            {"truth": np.array([[0, 0, 1, 1], [0, 0, 1, 2]]), "predicted": np.array([[0, 1, 1, 1], [0, 0, 2, 2]]), "classes": 3},
            PRESENT,
            "3 of 4, 2 of 4, 1 of 2",
            known=([0.75, 0.5, 0.5], 7 / 12),
        ),
        Case(
            {"truth": np.array([[0, 0, 2]]), "predicted": np.array([[0, 2, 2]]), "classes": 4},
            ABSENT,
            "classes 1 and 3 appear nowhere",
            known=([0.5, np.nan, 0.5, np.nan], 0.5),
        ),
    ),
    cases=_mask_cases,
    hints=(
        "For each class two masks: `truth == number` and `predicted == number`.",
        "Intersection: pixels in both (`&`). Union: pixels in at least one (`|`). Sum the truth values.",
        "If the union is 0, the class gets `np.nan`. At the end `np.nanmean`.",
    ),
    forbidden=("jaccard_score", "MeanIoU", "IoU"),
)


@class_iou.mistake(
    "A class that appears nowhere gets 0 and pulls the mean down. Nothing was there and nothing was claimed: `np.nan`, "
    "left out of the mean."
)
def class_iou_absent_is_0(truth, predicted, classes):
    return _class_iou(truth, predicted, classes, absent=0.0)


@class_iou.mistake("A class that appears nowhere gets 1 and lifts the mean. Give it `np.nan` and leave it out.")
def class_iou_absent_is_1(truth, predicted, classes):
    return _class_iou(truth, predicted, classes, absent=1.0)


@class_iou.mistake("A class that is predicted although it is not there got `np.nan`. It is in one of the maps, so its IoU is 0.")
def class_iou_nan_where_only_claimed(truth, predicted, classes):
    each, _ = _class_iou(truth, predicted, classes)
    each[np.bincount(np.ravel(truth), minlength=classes) == 0] = np.nan
    return each, float(np.nanmean(each))


@class_iou.mistake("You divided by the true pixels only, so claiming too much costs nothing. Divide by the union.")
def class_recall(truth, predicted, classes):
    return _class_iou(truth, predicted, classes, lambda both, true, found: both / true)


@class_iou.mistake("This is the Dice score 2·both / (true + predicted). IoU divides the shared pixels by the union.")
def class_dice(truth, predicted, classes):
    return _class_iou(truth, predicted, classes, lambda both, true, found: 2 * both / (true + found))


@class_iou.mistake("You divided by the sum of both areas. That counts the shared pixels twice: subtract them once.")
def class_iou_over_the_sum(truth, predicted, classes):
    return _class_iou(truth, predicted, classes, lambda both, true, found: both / (true + found))


@class_iou.mistake("Your mean is nan because one class is. Leave out what is nan: `np.nanmean`.")
def class_iou_with_a_mean_of_nan(truth, predicted, classes):
    each, _ = _class_iou(truth, predicted, classes)
    return each, float(each.mean())


@class_iou.mistake("Your mean weighs classes by their pixels. Each class counts once, small ones too.")
def class_iou_weighted(truth, predicted, classes):
    each, _ = _class_iou(truth, predicted, classes)
    counts = np.bincount(np.ravel(truth), minlength=classes)
    return each, float(np.nansum(each * counts) / counts.sum())


@class_iou.mistake("The background is missing in your mean. Class 0 counts like any other.")
def class_iou_without_background(truth, predicted, classes):
    each, _ = _class_iou(truth, predicted, classes)
    return each, float(np.nanmean(each[1:]))


@class_iou.mistake("The second number is the share of right pixels. Take the mean of the classes' IoU.")
def class_iou_with_pixel_accuracy(truth, predicted, classes):
    each, _ = _class_iou(truth, predicted, classes)
    return each, float(np.mean(np.asarray(truth) == predicted))


# --- halved_labels -----------------------------------------------------------------------------


def _halved_cases(generator: np.random.Generator) -> Iterator[Case]:
    for rows, cols, classes in ((4, 10, 7), (8, 4, 6)):
        labels = generator.integers(0, classes, size=(rows, cols))
        labels[:2, :4] = [[0, 2, 1, 3], [2, 2, 3, 1]]  # a mean of 1.5 where 2 has three votes, and a tie of 1 and 3
        labels[2:4, :4] = [[3, 0, 0, 0], [0, 3, 0, 3]]
        labels[-2:, -2:] = classes - 1
        yield Case({"labels": labels, "classes": classes}, "labels")


def _blocks(labels):
    rows, cols = labels.shape
    return labels.reshape(rows // 2, 2, cols // 2, 2)


def _mean_of_names(labels, classes):
    rows, cols = labels.shape
    blocks = labels.reshape(rows // 2, 2, cols // 2, 2)
    return np.rint(blocks.mean(axis=(1, 3))).astype(int)


def _elected(labels, classes, tie=min):
    """Block by block: among the numbers that occur most often in it, the smallest."""
    result = np.zeros((len(labels) // 2, labels.shape[1] // 2), int)
    for place in np.ndindex(*result.shape):
        block = labels[2 * place[0] : 2 * place[0] + 2, 2 * place[1] : 2 * place[1] + 2].ravel().tolist()
        most = max(map(block.count, block))
        result[place] = tie(number for number in block if block.count(number) == most)
    return result


halved_labels = Exercise(
    name="halved_labels",
    title="Repair: circles that nobody drew",
    points={"labels": 1},
    minutes=8,
    difficulty=2,
    oracle=_elected,
    given=_mean_of_names,
    examples=(
        Case(
            {"labels": np.array([[0, 2, 3, 3], [2, 0, 3, 0]]), "classes": 4},
            "labels",
            "two of 0 and two of 2: the smaller number; then three of 3",
            known=[[0, 3]],
        ),
    ),
    cases=_halved_cases,
    hints=(
        "The first block of the example holds ground (0) and square (2). What does the function make of it, and is it in the block?",
        "Class numbers are names. A mean of names has no sense, but names can be *counted*: the four pixels vote.",
        "Block 0 2 / 2 2: class 0 has 1 vote, class 1 none, class 2 three. Count `blocks == number` for each class, over the same axes as before; "
        "`np.argmax` finds the largest, and of equal ones the first.",
    ),
)


@halved_labels.mistake("The median takes class numbers for amounts too. Count how often each class occurs.")
def halved_by_median(labels, classes):
    return np.median(_blocks(labels), axis=(1, 3)).astype(int)


@halved_labels.mistake("You keep the largest number of each block. The class with the most pixels should win.")
def halved_by_largest(labels, classes):
    return _blocks(labels).max(axis=(1, 3))


@halved_labels.mistake(
    "You keep the smallest number of each block, so ground eats the shapes. The class with the most pixels should win."
)
def halved_by_smallest(labels, classes):
    return _blocks(labels).min(axis=(1, 3))


@halved_labels.mistake("You look at the first pixel of each block only. All four vote.")
def halved_by_first_pixel(labels, classes):
    return labels[::2, ::2]


@halved_labels.mistake("Of classes with equally many pixels you take the largest number. The smallest is asked.")
def halved_with_last_of_ties(labels, classes):
    return _elected(labels, classes, max)


@halved_labels.mistake("These are the numbers of votes. Return the class that has most of them.")
def halved_as_votes(labels, classes):
    return np.max([(_blocks(labels) == number).sum(axis=(1, 3)) for number in range(classes)], axis=0)


# --- up_block ----------------------------------------------------------------------------------

WITH_SKIP, WITHOUT_SKIP = "with a skip", "without a skip"


def _twice(x: Any, filters: int, times: int = 2) -> Any:
    from keras import layers

    for _ in range(times):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
    return x


def _up(
    x: Any, skip: Any, filters: int, join: str = "skip first", kernel: int = 2, relu: bool = False, times: int = 2,
    enlarged: int | None = None,
) -> Any:  # fmt: skip
    """The block, with the ways in which students change it. kernel: 0 for repeated pixels. enlarged: filters of the first layer."""
    from keras import layers

    activation = "relu" if relu else None
    if kernel:
        x = layers.Conv2DTranspose(enlarged or filters, kernel, strides=2, padding="same", activation=activation)(x)
    else:
        x = layers.UpSampling2D(2)(x)
    if join == "at the end":
        x = _twice(x, filters, times)
        return x if skip is None else layers.Concatenate()([skip, x])
    if skip is not None and join != "none":
        pair = [skip, x] if join == "skip first" else [x, skip]
        x = layers.Add()(pair) if join == "add" else layers.Concatenate()(pair)
    return _twice(x, filters, times)


def _up_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = generator.permutation([2, 3, 4])[:2]
    channels, filters, beside = generator.permutation([3, 5, 6])
    x, skip = Symbolic((int(rows), int(cols), int(channels))), Symbolic((2 * int(rows), 2 * int(cols), int(beside)))
    yield Case({"x": x, "skip": skip, "filters": int(filters)}, WITH_SKIP)
    yield Case({"x": x, "skip": None, "filters": int(filters)}, WITHOUT_SKIP)


def _up_facts(x, skip, filters, **changes):
    return block_facts(lambda x, skip: _up(x, skip, filters, **changes), x, skip)


up_block = Exercise(
    name="up_block",
    title="One step up",
    points={WITH_SKIP: 1, WITHOUT_SKIP: 1},
    minutes=12,
    difficulty=2,
    oracle=_up_facts,
    examples=(
        Case(
            {"x": Symbolic((2, 3, 16)), "skip": Symbolic((4, 6, 8)), "filters": 8},
            WITH_SKIP,
            "520 in the transposed convolution, 1184 and 608 after it",
            known=2312,
        ),
        Case({"x": Symbolic((2, 3, 16)), "skip": None, "filters": 8}, WITHOUT_SKIP, "520 + 608 + 608", known=1736),
    ),
    cases=_up_cases,
    hints=(
        "Three steps: enlarge, join, convolve twice.",
        "`layers.Conv2DTranspose(filters, 2, strides=2)` doubles rows and columns.",
        "From 5 × 5 × 8, a skip of 10 × 10 × 4 and 6 filters: enlarged 10 × 10 × 6; joined 10 × 10 × 10, the skip's 4 first; at "
        "the end 10 × 10 × 6. Without a skip the join is left out.",
    ),
    seconds=40.0,
)


@up_block.mistake("You added the skip, as in a ResNet. U-Net concatenates: the next convolution learns how to mix the two.")
def up_adds(x, skip, filters):
    return _up_facts(x, skip, filters, join="add")


@up_block.mistake("The order of the two is exchanged: the skip first, then what comes from below.")
def up_with_x_first(x, skip, filters):
    return _up_facts(x, skip, filters, join="x first")


@up_block.mistake("The skip joins after the convolutions. It must come before, so that they can use it.")
def up_joins_at_the_end(x, skip, filters):
    return _up_facts(x, skip, filters, join="at the end")


@up_block.mistake("The transposed convolution has a kernel of 3. Here it is 2, with stride 2: stamps lie side by side.")
def up_with_kernel_3(x, skip, filters):
    return _up_facts(x, skip, filters, kernel=3)


@up_block.mistake("The transposed convolution has a ReLU. Here it has none; `double_conv` brings its own.")
def up_with_relu(x, skip, filters):
    return _up_facts(x, skip, filters, relu=True)


@up_block.mistake("One convolution is missing: use `double_conv` once; it has two.")
def up_with_one_convolution(x, skip, filters):
    return _up_facts(x, skip, filters, times=1)


@up_block.mistake("The skip is not used. Concatenate it with what comes from below.")
def up_without_the_skip(x, skip, filters):
    return _up_facts(x, skip, filters, join="none")


@up_block.mistake("You enlarged with `UpSampling2D`, which learns nothing. Use a transposed convolution with `filters` filters.")
def up_by_repeating(x, skip, filters):
    return _up_facts(x, skip, filters, kernel=0)


@up_block.mistake("The transposed convolution keeps the number of channels. It has `filters` filters.")
def up_keeps_the_channels(x, skip, filters):
    return _up_facts(x, skip, filters, enlarged=x.shape[-1])


# --- unet --------------------------------------------------------------------------------------

U, PLAIN = "with skips", "plain"


def _unet_cases(generator: np.random.Generator) -> Iterator[Case]:
    first, second, third = (int(n) for n in generator.permutation([2, 3, 4, 5])[:3])
    yield Case({"input_shape": (8, 16, 2), "classes": 3, "widths": (first, second, third), "skips": True}, U)
    yield Case({"input_shape": (12, 8, 1), "classes": 3, "widths": (first, second), "skips": False}, PLAIN)


def _unet(
    input_shape, classes, widths, skips, end="softmax", pool_last=False, late=False, bottom=True, obey=True,
    pooling="MaxPooling2D", last=1,
):  # fmt: skip
    """The net, with the ways in which students change it."""
    import keras
    from keras import layers

    images = x = keras.Input(input_shape)
    kept = []
    for width in widths if pool_last else widths[:-1]:
        before, x = x, _twice(x, width)
        kept.append(before if late else x)
        x = getattr(layers, pooling)(2)(x)
    if not pool_last and bottom:
        x = _twice(x, widths[-1])
    for width in reversed(widths if pool_last else widths[:-1]):
        skip = kept.pop()
        x = _up(x, skip if skips or not obey else None, width)
    return model_facts(keras.Model(images, layers.Conv2D(classes, last, padding="same", activation=end)(x)))


unet = Exercise(
    name="unet",
    title="The whole U",
    points={U: 2, PLAIN: 1},
    minutes=20,
    difficulty=2,
    oracle=_unet,
    examples=(
        Case(
            {"input_shape": (8, 12, 1), "classes": 3, "widths": (2, 4), "skips": True},
            U,
            "70 down, 248 at the bottom, 158 up, 9 at the end",
            known=485,
        ),
        Case(
            {"input_shape": (8, 12, 1), "classes": 3, "widths": (2, 4), "skips": False},
            PLAIN,
            "36 fewer on the way up",
            known=449,
        ),
    ),
    cases=_unet_cases,
    hints=(
        "Down: for each width but the last, `double_conv`, keep the result in a list, `layers.MaxPooling2D(2)`.",
        "The bottom: `double_conv` with the last width. Up: the other widths backwards, each with the map that was kept last: `kept.pop()`.",
        "On the way up, each `up_block` gets what comes from below, the map kept last (or None), and its width. At the end a "
        "1 × 1 convolution with as many filters as classes, and softmax.",
    ),
    seconds=60.0,
)


@unet.mistake("Skips are there even when `skips` is False. Hand `None` to `up_block` then.")
def unet_always_skips(input_shape, classes, widths, skips):
    return _unet(input_shape, classes, widths, skips, obey=False)


@unet.mistake("There are no skips. Keep each map before it is pooled and hand it to `up_block` on the way up.")
def unet_never_skips(input_shape, classes, widths, skips):
    return _unet(input_shape, classes, widths, False)


@unet.mistake("You pooled after the last width too. The bottom is convolved, not pooled.")
def unet_pools_once_too_often(input_shape, classes, widths, skips):
    return _unet(input_shape, classes, widths, skips, pool_last=True)


@unet.mistake("The bottom is missing: `double_conv` with the last width, between the way down and the way up.")
def unet_without_bottom(input_shape, classes, widths, skips):
    return _unet(input_shape, classes, widths, skips, bottom=False)


@unet.mistake("You kept the maps before they were convolved. Keep them after `double_conv`, before the pooling.")
def unet_keeps_before_the_convolutions(input_shape, classes, widths, skips):
    return _unet(input_shape, classes, widths, skips, late=True)


@unet.mistake("The last convolution has no softmax. Each pixel wants probabilities.")
def unet_without_softmax(input_shape, classes, widths, skips):
    return _unet(input_shape, classes, widths, skips, end=None)


@unet.mistake("The last convolution has a sigmoid. A pixel belongs to one class: use softmax.")
def unet_with_sigmoid(input_shape, classes, widths, skips):
    return _unet(input_shape, classes, widths, skips, end="sigmoid")


@unet.mistake("You pooled with averages. Take the largest number of each window.")
def unet_with_average_pooling(input_shape, classes, widths, skips):
    return _unet(input_shape, classes, widths, skips, pooling="AveragePooling2D")


@unet.mistake("The last convolution looks at its neighbours. It is 1 × 1: one dense layer at each pixel.")
def unet_with_a_wide_end(input_shape, classes, widths, skips):
    return _unet(input_shape, classes, widths, skips, last=3)


EXERCISES: tuple[Exercise, ...] = (
    iou_many,
    non_max_suppression,
    dropped_dropper,
    fully_convolutional,
    precision_recall,
    average_precision,
    anchor_targets,
    transposed_conv,
    class_iou,
    halved_labels,
    up_block,
    unet,
)
