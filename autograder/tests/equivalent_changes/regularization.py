"""Changes of right answers of unit 10 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import A_LIST, OTHER_TYPE, SAME_AXIS, SAME_SHAPE, SYMMETRIC

NO_SIGN = "the sign is lost in the absolute value or the square"

EQUIVALENT: dict[str, dict[str, str]] = {
    "dropconnect": {
        "return np.maximum(mask * weights @ x, 0)  →  return np.maximum(0, mask * weights @ x)": SYMMETRIC,
    },
    "batch_norm_forward": {},
    "random_crop_flip": {
        "return np.stack(views)  →  return views": A_LIST,
    },
    "color_cast": {
        "moved = image.astype(int) + np.where(changed, amounts, 0)  →  moved = image + np.where(changed, amounts, 0)": "np.where gives wide integers, so the sum does not wrap round",
        "return np.clip(moved, 0, 255).astype(np.uint8)  →  return np.clip(moved, 0, 255)": "the same whole numbers in a wider type",
        "return np.clip(moved, 0, 255).astype(np.uint8)  →  return np.clip(0, moved, 255).astype(np.uint8)": SYMMETRIC,
    },
    "vignette": {
        "distance = np.hypot(row - half_row, col - half_col) / np.hypot(half_row, half_col)  →  distance = np.hypot(col - half_col, row - half_row) / np.hypot(half_row, half_col)": SYMMETRIC,
        "distance = np.hypot(row - half_row, col - half_col) / np.hypot(half_row, half_col)  →  distance = np.hypot(half_row - row, col - half_col) / np.hypot(half_row, half_col)": NO_SIGN,
        "distance = np.hypot(row - half_row, col - half_col) / np.hypot(half_row, half_col)  →  distance = np.hypot(row - half_row, half_col - col) / np.hypot(half_row, half_col)": NO_SIGN,
        "distance = np.hypot(row - half_row, col - half_col) / np.hypot(half_row, half_col)  →  distance = np.hypot(row - half_row, col - half_col) / np.hypot(half_col, half_row)": SYMMETRIC,
        "factor = 1 - strength * np.maximum(0, (distance - radius) / (1 - radius))  →  factor = 1 - strength * np.maximum((distance - radius) / (1 - radius), 0)": SYMMETRIC,
    },
    "average_predictions": {
        "means = probabilities.mean(axis=(0, 1))  →  means = probabilities.mean(axis=(1, 0))": SYMMETRIC,
        "return (means, means.argmax(axis=1))  →  return (means, means.argmax(axis=-1))": SAME_AXIS,
    },
    "batch_norm_backward": {
        "leading = tuple(range(x.ndim - 1))  →  leading = tuple(range(grad_y.ndim - 1))": SAME_SHAPE,
        "deviation = np.sqrt(x.var(axis=leading) + epsilon)  →  deviation = np.sqrt(x.var(axis=leading, keepdims=True) + epsilon)": "an axis of one number more changes nothing",
        "normal = (x - x.mean(axis=leading)) / deviation  →  normal = (x - x.mean(axis=leading, keepdims=True)) / deviation": "an axis of one number more changes nothing",
        "along = normal * (grad_y * normal).mean(axis=leading)  →  along = normal * (grad_y * normal).mean(axis=leading, keepdims=True)": "an axis of one number more changes nothing",
        "grad_x = gamma * (grad_y - grad_y.mean(axis=leading) - along) / deviation  →  grad_x = gamma * (grad_y - grad_y.mean(axis=leading, keepdims=True) - along) / deviation": "an axis of one number more changes nothing",
    },
    "design_split_vote": {
        "answers = np.full((views, classes), (1 - lead) / classes)  →  answers = np.full((views, classes), (1 - lead) / classes, dtype=float)": OTHER_TYPE,
    },
}
