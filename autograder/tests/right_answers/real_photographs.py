"""Other right ways to answer unit 27, as students write them: loops, lists, other libraries, float32."""

import math

import numpy as np
from scipy import ndimage
from skimage.measure import label, regionprops

from convcourse.pictures import real_photographs as picture


def sides_one_after_another(smallest, largest, least):
    sides, served = [], smallest
    while served < largest:
        sides.append(served / math.sqrt(least))
        served = served / least
    return sides


def sides_from_above(smallest, largest, least):
    sides = []
    while largest > smallest:
        sides.append(largest * least**0.5)
        largest = largest * least
    return np.array(sides, dtype=np.float32)


def boxes_by_loops(scores, threshold, step, side, shrink):
    boxes, kept = [], []
    for row in range(scores.shape[0]):
        for col in range(scores.shape[1]):
            if scores[row, col] >= threshold:
                top, left = step * row, step * col
                boxes.append([top / shrink, left / shrink, (top + side) / shrink, (left + side) / shrink])
                kept.append(scores[row, col])
    return boxes, kept


def boxes_by_columns(scores, threshold, step, side, shrink):
    rows, cols = np.nonzero(scores >= threshold)
    top, left, length = rows * step / shrink, cols * step / shrink, side / shrink
    boxes = np.stack([top, left, top + length, left + length], axis=1)
    return boxes.astype(np.float32), scores[rows, cols]


def hard_one_by_one(boxes, scores, truth, count):
    chosen = []
    for index in sorted(range(len(boxes)), key=lambda n: scores[n], reverse=True):
        shared = picture.overlaps(boxes[index : index + 1], truth)
        if not np.any(shared >= 0.3) and len(chosen) < count:
            chosen.append(index)
    return chosen


def hard_by_lowered_scores(boxes, scores, truth, count):
    near = picture.overlaps(boxes, truth).max(axis=1, initial=0) >= 0.3
    lowered = np.where(near, -np.inf, scores)
    return lowered.argsort()[::-1][: min(count, int((~near).sum()))]


def heat_by_properties(heat, share, rows, cols):
    regions = regionprops(label(heat >= share * heat.max(), connectivity=1))
    top, left, bottom, right = max(regions, key=lambda region: region.area).bbox
    high, wide = rows / heat.shape[0], cols / heat.shape[1]
    return top * high, left * wide, bottom * high, right * wide


def heat_by_slices(heat, share, rows, cols):
    regions, count = ndimage.label(heat >= share * heat.max())
    sizes = [np.sum(regions == number + 1) for number in range(count)]
    down, right = ndimage.find_objects(regions)[np.argmax(sizes)]
    box = np.array([down.start * rows, right.start * cols, down.stop * rows, right.stop * cols], dtype=np.float32)
    return box / [*heat.shape, *heat.shape]


RIGHT_ANSWERS = {
    "window_sides": (sides_one_after_another, sides_from_above),
    "boxes_in_photograph": (boxes_by_loops, boxes_by_columns),
    "hard_negatives": (hard_one_by_one, hard_by_lowered_scores),
    "box_from_heat": (heat_by_properties, heat_by_slices),
}
