"""Changes of right answers of unit 16 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import INDEPENDENT

ONLY_DENSE = "only dense layers follow, and the product is the same"
ONLY_ONE = "there is one number only"
PRODUCT = "only the product of rows and columns counts"
WHOLE = "the same whole numbers, as floats"

EQUIVALENT: dict[str, dict[str, str]] = {
    "count_macs": {
        "rows = cols = 1  →  rows = cols = -1": "only dense layers follow, and two signs cancel",
        "new = rows * cols * channels * numbers[0]  →  new = rows * cols * channels * numbers[-1]": ONLY_ONE,
        "rows, cols, channels = (1, 1, numbers[0])  →  rows, cols, channels = (numbers[0], 1, 1)": ONLY_DENSE,
        "rows, cols, channels = (1, 1, numbers[0])  →  rows, cols, channels = (1, numbers[0], 1)": ONLY_DENSE,
        "rows, cols, channels = (1, 1, numbers[0])  →  rows, cols, channels = (1, 1, numbers[-1])": ONLY_ONE,
        "rows, cols = (-(-rows // stride), -(-cols // stride))  →  rows, cols = (-(-cols // stride), -(-rows // stride))": PRODUCT,
        "new = kernel ** 2 * (channels // groups) * filters  →  new = kernel ** 2 * channels // groups * filters": "groups divide the channels",
        "new = kernel ** 2 * (channels // groups) * filters  →  new = kernel ** 2 * (channels / groups) * filters": WHOLE,
        "rows, cols, channels = input_shape  →  work = weights = 0": INDEPENDENT,
        "work, weights = (work + new, weights + new)  →  rows, cols, channels = (1, 1, numbers[0])": INDEPENDENT,
    },
}
