"""Unit 27: windows of several sizes, boxes in the photograph's own pixels, hard negatives, a box around the heat."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from skimage.measure import label

from convcourse.judging.exercise import Case, Exercise

# --- window_sides ------------------------------------------------------------------------------


def _fewest(smallest, largest, least):
    return max(1, math.ceil(math.log(largest / smallest) / -math.log(least) - 1e-6))


def _sides(smallest, largest, least):
    count = _fewest(smallest, largest, least)
    share = (np.arange(count) + 0.5) / count
    return smallest * (largest / smallest) ** share


def _sides_cases(generator: np.random.Generator) -> Iterator[Case]:
    for count, low, high in ((1, 0.2, 0.6), (int(generator.integers(2, 5)), 0.1, 0.4), (int(generator.integers(5, 9)), 0.1, 0.4)):
        least, smallest = round(float(generator.uniform(0.5, 0.8)), 2), int(generator.integers(20, 80))
        ratio = least ** -(count - float(generator.uniform(low, high)))
        arguments = {"smallest": smallest, "largest": round(smallest * ratio, 1), "least": least}
        yield Case(arguments, "windows", f"{count} {'is' if count == 1 else 'are'} enough")


def _sides_miss(result, smallest, largest, least):
    sides = np.ravel(np.asarray(result, float))
    if not len(sides) or not np.isfinite(sides).all() or (sides <= 0).any():
        return "One or more finite numbers above 0 are asked."
    if len(sides) > (fewest := _fewest(smallest, largest, least)):
        return f"You have {len(sides)} windows; {fewest} {'is' if fewest == 1 else 'are'} enough."
    sizes = np.geomspace(smallest, largest, 2001)[:, None]
    best = np.max((np.minimum(sizes, sides) / np.maximum(sizes, sides)) ** 2, axis=1)
    worst = int(best.argmin())
    if best[worst] >= least - 1e-6:
        return ""
    return f"A thing of {sizes[worst, 0]:.4g} pixels has an IoU of {best[worst]:.3f} with the best window; {least:g} is asked."


window_sides = Exercise(
    name="window_sides",
    title="Design: windows for every size",
    points={"windows": 2},
    minutes=15,
    difficulty=2,
    oracle=_sides,
    meets=_sides_miss,
    examples=(
        Case({"smallest": 16, "largest": 24, "least": 0.64}, "windows", "the first window worked by hand", known=[20.0]),
        Case(
            {"smallest": 16, "largest": 39, "least": 0.64},
            "windows",
            "the second begins where the first ends",
            known=[20.0, 31.25],
        ),
        Case({"smallest": 60, "largest": 300, "least": 0.8}, "windows", "for the photographs below"),
    ),
    cases=_sides_cases,
    hints=(
        "Which things does a window of side w serve? The smallest of them is smaller than w, the largest is larger.",
        "A window serves w · √least to w / √least. So the first window should serve `smallest` just so, and each next window begins where the one before ends. "
        "By which factor do the windows grow?",
        "least 0.64: √0.64 = 0.8. The first window for 16 is 16 / 0.8 = 20, it ends at 20 / 0.8 = 25. The next is 25 / 0.8 = 31.25, that is 20 / 0.64. "
        "Go on until `largest` is reached.",
    ),
)


@window_sides.mistake("The sides grow by equal steps. IoU is a ratio: let them grow by an equal *factor*.")
def sides_in_equal_steps(smallest, largest, least):
    return np.linspace(smallest, largest, _fewest(smallest, largest, least) + 1)[1:]


@window_sides.mistake(
    "Your first window has the side `smallest` itself. It serves smaller things too, which nobody looks for. Begin larger."
)
def sides_from_the_smallest(smallest, largest, least):
    return smallest * least ** -np.arange(float(_fewest(smallest, largest, least)))


@window_sides.mistake("You compared sides. IoU compares areas: the square of the ratio of the sides.")
def sides_without_square(smallest, largest, least):
    return smallest * least ** -np.arange(1.0, 2 * _fewest(smallest, largest, least), 2)


@window_sides.mistake(
    "Each window serves things on both sides of it. From one to the next the factor is 1 / least, not 1 / √least."
)
def sides_too_close(smallest, largest, least):
    return smallest * least ** -(0.5 + 0.5 * np.arange(2.0 * _fewest(smallest, largest, least)))


# --- boxes_in_photograph -----------------------------------------------------------------------

ONE_SIZE, SHRUNK = "in the photograph itself", "in a shrunk one"


def _places_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, shape, step, shrink in (
        (ONE_SIZE, (3, 5), 4, 1.0),
        (SHRUNK, (5, 3), 2.5, 0.4),
        (SHRUNK, (2, 4), 3.0, 1.25),
        (SHRUNK, (1, 1), 2.0, 0.5),
    ):
        scores = generator.permutation(np.linspace(-1.9, 2.1, math.prod(shape)).round(2)).reshape(shape)
        threshold = float(np.sort(scores.ravel())[scores.size // 2])  # just reached by one window
        side = int(generator.integers(9, 25))
        arguments = {"scores": scores, "threshold": threshold, "step": step, "side": side, "shrink": shrink}
        yield Case(arguments, part, "larger than the photograph" if shrink > 1 else "")


def _places(scores, threshold, step, side, shrink):
    boxes, found = [], []
    for row, line in enumerate(scores):
        for col, score in enumerate(line):
            if not score < threshold:
                top, left = row * step / shrink, col * step / shrink
                boxes.append([top, left, top + side / shrink, left + side / shrink])
                found.append(float(score))
    return np.reshape(np.array(boxes, float), (-1, 4)), np.array(found)


# Scores that a classifier gave around the astronaut's left eye, eyebrow and hair, at one size.
_ASTRONAUT = np.array([[-3.1, -1.2, -2.4], [0.4, 2.6, 0.9], [-0.8, 1.1, -1.7]])

boxes_in_photograph = Exercise(
    name="boxes_in_photograph",
    title="Back to the photograph",
    results=("boxes", "scores"),
    points={ONE_SIZE: 1, SHRUNK: 1},
    minutes=15,
    difficulty=1,
    oracle=_places,
    examples=(
        Case(
            {"scores": np.array([[0.1, 0.2], [0.3, 0.9]]), "threshold": 0.5, "step": 4, "side": 24, "shrink": 1.0},
            ONE_SIZE,
            "one window, at row 1, column 1",
            known=([[4.0, 4.0, 28.0, 28.0]], [0.9]),
        ),
        Case(
            {"scores": np.array([[0.1, 0.2], [0.7, 0.9]]), "threshold": 0.7, "step": 4, "side": 24, "shrink": 0.25},
            SHRUNK,
            "the windows worked by hand",
            known=([[16.0, 0.0, 112.0, 96.0], [16.0, 16.0, 112.0, 112.0]], [0.7, 0.9]),
        ),
        Case(
            {"scores": _ASTRONAUT, "threshold": 0.0, "step": 8 / 3, "side": 24, "shrink": 0.2},
            SHRUNK,
            "scores around a face",
        ),
    ),
    cases=_places_cases,
    hints=(
        "First the places: where does the map reach the threshold? Then three changes of unit: places, pixels of the shrunk photograph, pixels of the photograph.",
        "`np.argwhere(scores >= threshold)` gives rows and columns of the places, row by row, in the order of `scores[scores >= threshold]`. "
        "A window ends `side` pixels after its begin, also in the shrunk photograph.",
        "Place (1, 0), step 4, side 24: (4, 0) to (28, 24) in the shrunk photograph. Shrunk to a quarter: (16, 0) to (112, 96) in the photograph. "
        "For all at once, put begins and ends side by side: `np.hstack`.",
    ),
)


@boxes_in_photograph.mistake("You multiplied by `shrink`. The photograph is larger than the shrunk one: divide.")
def places_multiplied(scores, threshold, step, side, shrink):
    boxes, found = _places(scores, threshold, step, side, 1.0)
    return boxes * shrink, found


@boxes_in_photograph.mistake(
    "The corners are in the photograph, but the windows still have their old size. Divide `side` by `shrink` too."
)
def places_with_the_old_side(scores, threshold, step, side, shrink):
    boxes, found = _places(scores, threshold, step, side, shrink)
    return np.c_[boxes[:, :2], boxes[:, :2] + side], found


@boxes_in_photograph.mistake("These boxes are in the shrunk photograph. Divide all four numbers by `shrink`.")
def places_in_the_shrunk_one(scores, threshold, step, side, shrink):
    return _places(scores, threshold, step, side, 1.0)


@boxes_in_photograph.mistake("Rows and columns have changed places. A box is top, left, bottom, right.")
def places_transposed(scores, threshold, step, side, shrink):
    boxes, found = _places(scores, threshold, step, side, shrink)
    return boxes[:, [1, 0, 3, 2]], found


@boxes_in_photograph.mistake("`step` is missing: place (1, 1) of the map is the window that begins at pixel (step, step).")
def places_without_step(scores, threshold, step, side, shrink):
    return _places(scores, threshold, 1, side, shrink)


@boxes_in_photograph.mistake("A window whose score just equals the threshold counts too: `>=`.")
def places_above(scores, threshold, step, side, shrink):
    boxes, found = _places(scores, threshold, step, side, shrink)
    return boxes[found > threshold], found[found > threshold]


@boxes_in_photograph.mistake("You rounded to whole pixels. Boxes may lie between them: keep the fractions.")
def places_rounded(scores, threshold, step, side, shrink):
    boxes, found = _places(scores, threshold, step, side, shrink)
    return np.round(boxes), found


@boxes_in_photograph.mistake("Boxes and scores are sorted by score. Leave them row by row; suppression will sort them.")
def places_best_first(scores, threshold, step, side, shrink):
    boxes, found = _places(scores, threshold, step, side, shrink)
    order = np.argsort(-found)
    return boxes[order], found[order]


@boxes_in_photograph.mistake("The last two numbers are height and width. Bottom and right are asked.")
def places_with_sizes(scores, threshold, step, side, shrink):
    boxes, found = _places(scores, threshold, step, side, shrink)
    return np.c_[boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], found


# --- hard_negatives ----------------------------------------------------------------------------

NO_FACE, WITH_FACES = "no face", "with faces"


def _iou(one, two):
    rows, cols = (max(0.0, min(one[n + 2], two[n + 2]) - max(one[n], two[n])) for n in (0, 1))
    areas = [(some[2] - some[0]) * (some[3] - some[1]) for some in (one, two)]
    return rows * cols / (sum(areas) - rows * cols)


def _hard(boxes, scores, truth, count, limit=0.3):
    far = [n for n in range(len(boxes)) if all(_iou(boxes[n], true) < limit for true in truth)]
    return np.array(sorted(far, key=lambda n: -scores[n])[:count], dtype=int)


def _hard_cases(generator: np.random.Generator) -> Iterator[Case]:
    def drawn(number: int) -> tuple[np.ndarray, np.ndarray]:
        corners, sides = generator.uniform(0, 200, size=(number, 2)).round(1), generator.integers(40, 90, size=(number, 1))
        return np.hstack([corners, corners + sides]), generator.permutation(np.linspace(-0.9, 3, number).round(3))

    boxes, scores = drawn(9)
    yield Case({"boxes": boxes, "scores": scores, "truth": np.empty((0, 4)), "count": 4}, NO_FACE)
    yield Case({"boxes": boxes[:3], "scores": scores[:3], "truth": np.empty((0, 4)), "count": 5}, NO_FACE, "fewer than asked")
    # Around each of two faces, the best windows of all: one nearly right, one with 0.28, one with 0.32, one with half of it, one inside.
    faces = np.array([[20, 30, 70, 80], [130, 150, 180, 200]]) + generator.integers(0, 20)
    right = [50 * (1 - iou) / (1 + iou) for iou in (0.9, 0.28, 0.32, 0.5)]
    around = [np.add(face, [0, move, 0, move]) for face in faces for move in right]
    around += [np.add(face, [10, 10, -10, -10]) for face in faces]
    boxes, scores = np.vstack([around, drawn(4)[0] + 220]), generator.permutation(np.linspace(-0.4, 3, 14).round(3))
    yield Case({"boxes": boxes, "scores": scores, "truth": faces, "count": 5}, WITH_FACES, "two faces")
    yield Case({"boxes": boxes, "scores": scores, "truth": faces[:1], "count": 20}, WITH_FACES, "one face")
    tie = np.array([[0, 0, 10, 10], [0, 0, 6, 5], [0, 0, 5, 5]])  # just 0.3, and less
    yield Case(
        {"boxes": tie, "scores": np.array([0.5, 0.9, 0.2]), "truth": tie[:1], "count": 2}, WITH_FACES, "an IoU of just 0.3"
    )


hard_negatives = Exercise(
    name="hard_negatives",
    title="The worst errors",
    points={NO_FACE: 1, WITH_FACES: 1},
    minutes=15,
    difficulty=2,
    oracle=_hard,
    examples=(
        Case(
            {
                "boxes": np.array([[0, 0, 10, 10], [40, 0, 50, 10], [20, 0, 30, 10]]),
                "scores": np.array([0.5, 0.1, 2.0]),
                "truth": np.empty((0, 4)),
                "count": 2,
            },
            NO_FACE,
            "all three are errors, two are asked",
            known=[2, 0],
        ),
        Case(
            {
                "boxes": np.array([[0, 0, 10, 10], [0, 5, 10, 15], [0, 6, 10, 16], [50, 50, 60, 60]]),
                "scores": np.array([3.0, 2.0, 1.0, 1.5]),
                "truth": np.array([[0, 0, 10, 10]]),
                "count": 3,
            },
            WITH_FACES,
            "the four windows worked by hand",
            known=[3, 2],
        ),
    ),
    cases=_hard_cases,
    hints=(
        "Two steps: which windows are background for certain? Which of these have the highest scores?",
        "`(picture.overlaps(boxes, truth) < 0.3).all(axis=1)` is true for windows that are far from each face, and for all windows if there is no face. "
        "(A `max` over no faces is an error.) Then walk through the windows, best first, or sort the indices that are left.",
        "Far: [False, False, True, True], scores 3.0, 2.0, 1.0, 1.5. The indices 2 and 3 are left. Sorted by their scores 1.0 and 1.5, falling: 3, 2. "
        "At the end keep `count` of them.",
    ),
)


@hard_negatives.mistake(
    "Windows on the face are among them. Whatever overlaps a face with an IoU of 0.3 or more is no background."
)
def hard_with_faces(boxes, scores, truth, count):
    return _hard(boxes, scores, [], count)


@hard_negatives.mistake(
    "You left out those with an IoU of 0.5 and more only. A window with half a face is no background either: 0.3."
)
def hard_from_a_half(boxes, scores, truth, count):
    return _hard(boxes, scores, truth, count, 0.5)


@hard_negatives.mistake("These are the windows with the *lowest* scores. The net knows them already: take the highest.")
def hard_easiest(boxes, scores, truth, count):
    return _hard(boxes, -np.asarray(scores), truth, count)


@hard_negatives.mistake("You took the best `count` first, and left out the faces afterwards. Leave them out first.")
def hard_counted_too_early(boxes, scores, truth, count):
    best = set(_hard(boxes, scores, [], count).tolist())
    return np.array([n for n in _hard(boxes, scores, truth, len(boxes)) if n in best], dtype=int)


@hard_negatives.mistake("The indices count the windows that are left. Count in `boxes`, as it was given.")
def hard_in_the_rest(boxes, scores, truth, count):
    chosen = _hard(boxes, scores, truth, count)
    far = np.sort(_hard(boxes, scores, truth, len(boxes)))
    return np.searchsorted(far, chosen)


@hard_negatives.mistake("The right windows, but in the order of their indices. Best first, please.")
def hard_unsorted(boxes, scores, truth, count):
    return np.sort(_hard(boxes, scores, truth, count))


@hard_negatives.mistake("These are boxes. Return indices.")
def hard_as_boxes(boxes, scores, truth, count):
    return np.asarray(boxes)[_hard(boxes, scores, truth, count)]


@hard_negatives.mistake("You kept what is far from the *first* face only. It has to be far from all.")
def hard_first_face_only(boxes, scores, truth, count):
    return _hard(boxes, scores, truth[:1], count)


# --- box_from_heat -----------------------------------------------------------------------------


def _around_all(heat, share, rows, cols):
    warm_rows, warm_cols = np.nonzero(heat >= share * heat.max())
    top, left = warm_rows.min(), warm_cols.min()
    bottom, right = warm_rows.max() + 1, warm_cols.max() + 1
    return np.array([top, left, bottom, right])


def _heated(heat, share, rows, cols, neighbours=1, chosen=None, ends=1):
    heat = np.asarray(heat, float)
    regions = label(heat >= share * heat.max(), connectivity=neighbours)
    sizes = np.bincount(regions.ravel())[1:]
    number = 1 + int(sizes.argmax()) if chosen is None else chosen(heat, regions)
    places = np.argwhere(regions == number)
    corners = np.concatenate([places.min(axis=0), places.max(axis=0) + ends])
    return corners * np.tile([rows / heat.shape[0], cols / heat.shape[1]], 2)


def _heat_cases(generator: np.random.Generator) -> Iterator[Case]:
    for flip in (False, True):
        heat = generator.uniform(0, 3.9, size=(9, 12)).round(2)
        top, left = generator.integers(0, 3, size=2)
        heat[top : top + 4, left : left + 5] = generator.uniform(4, 7, size=(4, 5)).round(2)  # the largest region
        heat[top + 4, left + 5] = 5  # touches its corner only
        heat[7:9, 9:11] = generator.uniform(8, 9, size=(2, 2)).round(2)  # the warmest, and small
        heat[8, 10] = 10.0
        heat[top : top + 4, left] = 3.5
        heat[top + 2, left] = 4.0  # the first column's only warm place: just 0.4 of the largest
        heat[top + 1, left + 2] = 3.5  # a hole
        warm: dict[str, Any] = {"heat": heat[::-1, ::-1].copy() if flip else heat, "share": 0.4}
        yield Case({**warm, "rows": 180 if flip else 100, "cols": 300 if flip else 90}, "box")
    one = np.zeros((4, 3))
    one[generator.integers(0, 4), generator.integers(0, 3)] = 2.0
    yield Case({"heat": one, "share": 1.0, "rows": 40, "cols": 60}, "box", "one warm place")


_SPOTS = np.array([[0, 8, 9, 0, 0, 0], [0, 7, 8, 0, 0, 0], [0, 6, 1, 0, 0, 0], [0, 0, 0, 0, 0, 9.5]])

box_from_heat = Exercise(
    name="box_from_heat",
    title="Repair: a box around the heat",
    points={"box": 2},
    minutes=15,
    difficulty=2,
    oracle=_heated,
    given=_around_all,
    examples=(
        Case(
            {"heat": _SPOTS, "share": 0.2, "rows": 40, "cols": 60}, "box", "the map worked by hand", known=[0.0, 10.0, 30.0, 30.0]
        ),
        Case(
            {"heat": np.array([[0.0, 3.0]]), "share": 0.5, "rows": 10, "cols": 30},
            "box",
            "one place of two",
            known=[0.0, 15.0, 10.0, 30.0],
        ),
    ),
    cases=_heat_cases,
    hints=(
        "Run it on the first example. The answer is top 0, left 10, bottom 30, right 30. Two things are wrong: in which unit the box is, and which places it goes around.",
        "`regions, count = ndimage.label(warm)` numbers the regions: 0 where it is cold, then 1 … count. `np.bincount(regions.ravel())` counts the places of each number. "
        "The largest region is not number 0.",
        "Sizes [18, 5, 1]: number 0 are the cold places, so the largest region is number 1. Its rows are 0, 1, 2, each 10 pixels high. Row 2 ends where row 3 begins: at 30.",
    ),
)


@box_from_heat.mistake(
    "The box goes around all warm places. Another thing far away, or noise, spoils it: the largest region only."
)
def heat_around_all(heat, share, rows, cols):
    return _around_all(heat, share, rows, cols) * np.tile([rows / len(heat), cols / len(heat[0])], 2)


@box_from_heat.mistake(
    "A place is a square of several pixels, and it belongs to the box as a whole: the last one ends one place further."
)
def heat_ends_early(heat, share, rows, cols):
    return _heated(heat, share, rows, cols, ends=0)


@box_from_heat.mistake("You took the region with the warmest place. The largest is asked.")
def heat_warmest_region(heat, share, rows, cols):
    return _heated(heat, share, rows, cols, chosen=lambda heat, regions: regions.flat[heat.argmax()])


@box_from_heat.mistake("You took the first region. Count the places of each, and take the largest.")
def heat_first_region(heat, share, rows, cols):
    return _heated(heat, share, rows, cols, chosen=lambda heat, regions: 1)


@box_from_heat.mistake("Places that touch at a corner are not neighbours here: `ndimage.label` without a structure is right.")
def heat_by_corners(heat, share, rows, cols):
    return _heated(heat, share, rows, cols, neighbours=2)


@box_from_heat.mistake("These are places of the map. Multiply by the height and the width of a place.")
def heat_in_places(heat, share, rows, cols):
    return _heated(heat, share, *np.shape(heat))


@box_from_heat.mistake(
    "Height and width of a place have changed roles: rows / rows of the map for top and bottom, columns for left and right."
)
def heat_exchanged(heat, share, rows, cols):
    return _heated(heat, share, cols * len(heat) / len(heat[0]), rows * len(heat[0]) / len(heat))


EXERCISES: tuple[Exercise, ...] = (window_sides, boxes_in_photograph, hard_negatives, box_from_heat)
