"""Changes of right answers of unit 27 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ONE_AXIS

BEYOND = "there are no more regions, so the further numbers have no places"

EQUIVALENT: dict[str, dict[str, str]] = {}

EQUIVALENT_OF_OTHERS = {
    "hard_negatives": {
        "shared = picture.overlaps(boxes[index:index + 1], truth)  →  shared = picture.overlaps(truth, boxes[index:index + 1])": "the IoU of two boxes has no order",
        "if not np.any(shared >= 0.3) and len(chosen) < count:  →  if not np.any(shared >= 0.3, axis=1) and len(chosen) < count:": ONE_AXIS,
        "if not np.any(shared >= 0.3) and len(chosen) < count:  →  if not np.any(shared >= 0.3, axis=-1) and len(chosen) < count:": ONE_AXIS,
        "near = picture.overlaps(boxes, truth).max(axis=1, initial=0) >= 0.3  →  near = picture.overlaps(boxes, truth).max(axis=1, initial=-1) >= 0.3": "any number below 0.3 will do",
    },
    "box_from_heat": {
        "sizes = [np.sum(regions == number + 1) for number in range(count)]  →  sizes = [np.mean(regions == number + 1) for number in range(count)]": "shares of the map have the same order",
        "sizes = [np.sum(regions == number + 1) for number in range(count)]  →  sizes = [np.sum(regions == number + 1) for number in range(rows)]": BEYOND,
        "sizes = [np.sum(regions == number + 1) for number in range(count)]  →  sizes = [np.sum(regions == number + 1) for number in range(cols)]": BEYOND,
        "sizes = [np.sum(regions == number + 1) for number in range(count)]  →  sizes = [np.sum(regions == number + 1) for number in range(count + 1)]": BEYOND,
    },
}
