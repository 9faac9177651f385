"""Changes of right answers of unit 10 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import GIVEN_FLOATS, SAME_SHAPE, SIZE_LEFT_OPEN, SYMMETRIC

NO_SIGN = "the sign is lost in the absolute value or the square"

EQUIVALENT: dict[str, dict[str, str]] = {
    "vignette": {
        "distance = np.hypot(row - half_row, col - half_col) / np.hypot(half_row, half_col)  →  distance = np.hypot(half_row - row, col - half_col) / np.hypot(half_row, half_col)": NO_SIGN,
        "distance = np.hypot(row - half_row, col - half_col) / np.hypot(half_row, half_col)  →  distance = np.hypot(row - half_row, half_col - col) / np.hypot(half_row, half_col)": NO_SIGN,
    },
    "batch_norm_backward": {
        "leading = tuple(range(x.ndim - 1))  →  leading = tuple(range(grad_y.ndim - 1))": SAME_SHAPE,
    },
}

EQUIVALENT_OF_OTHERS = {
    "dropconnect": {
        "for weight, number, value in zip(row, numbers, x, strict=True):  →  for weight, number, value in zip(x, numbers, row, strict=True):": SYMMETRIC,
        "kept = np.where(uniform >= rate, 1, 0) if training else 1 - rate  →  kept = np.where(1, uniform >= rate, 0) if training else 1 - rate": "the condition itself counts as 1 and 0",
        "kept = np.where(uniform >= rate, 1, 0) if training else 1 - rate  →  kept = np.where(0, 1, uniform >= rate) if training else 1 - rate": "the condition itself counts as 1 and 0",
        "kept = np.where(uniform >= rate, 1, 0) if training else 1 - rate  →  kept = uniform >= rate if training else 1 - rate": "the condition itself counts as 1 and 0",
    },
    "batch_norm_forward": {
        "return ((gamma * (flat - mean) * (variance + epsilon) ** (-0.5) + beta).reshape(x.shape), list(mean), list(variance))  →  return ((gamma * (x - mean) * (variance + epsilon) ** (-0.5) + beta).reshape(x.shape), list(mean), list(variance))": "the shape is the same: stretched it gives the same numbers",
        "out = gamma * (flat - m) / np.sqrt(v + epsilon) + beta  →  out = gamma * (x - m) / np.sqrt(v + epsilon) + beta": "the shape is the same: stretched it gives the same numbers",
        "if not training:  →  m = flat.mean(0)": "what is worked out is not used there",
    },
    "batch_norm_backward": {
        "grad_centred = grad_normal * inverse + 2 * centred * grad_variance / len(flat)  →  grad_centred = grad_normal * inverse + 2 * flat * grad_variance / len(flat)": "the mean is taken away afterwards",
        "one, g = (x[..., c].astype(float), grad_y[..., c])  →  one, g = (x[..., c], grad_y[..., c])": GIVEN_FLOATS,
    },
    "pca_color": {
        "return image + np.einsum('ci,i,i->c', eigenvectors, alphas, eigenvalues)  →  return image + np.einsum('ci,i,i->c', eigenvectors, eigenvalues, alphas)": SYMMETRIC,
    },
    "color_cast": {
        "moved[moved > 255] = 255  →  moved[moved >= 255] = 255": "what is 255 becomes 255 either way; rounded numbers lie on no fraction",
        "moved[moved > 255] = 255  →  moved[moved + 1 > 255] = 255": "what is 255 becomes 255 either way; rounded numbers lie on no fraction",
        "moved[moved > 255] = 255  →  moved[moved > 254] = 255": "what is 255 becomes 255 either way; rounded numbers lie on no fraction",
        "moved[moved < 0] = 0  →  moved[moved - 1 < 0] = 0": "what is 0 becomes 0 either way; rounded numbers lie on no fraction",
        "moved[moved < 0] = 0  →  moved[moved < 1] = 0": "what is 0 becomes 0 either way; rounded numbers lie on no fraction",
        "moved[moved > 255] = 255  →  moved[moved > 255] = 255": "no number is beyond both ends",
        "moved[moved > 255] = 255  →  moved[moved < 0] = 0": "no number is beyond both ends",
        "return np.minimum(np.maximum(image * 1.0 + changed * amounts, 0), 255)  →  return np.minimum(np.maximum(image / 1.0 + changed * amounts, 0), 255)": "times 1 is divided by 1",
        "return np.minimum(np.maximum(image * 1.0 + changed * amounts, 0), 255)  →  return np.minimum(np.maximum(image + changed * amounts, 0), 255)": "times 1 is divided by 1",
    },
    "vignette": {
        "corner = (((rows - 1) / 2) ** 2 + ((cols - 1) / 2) ** 2) ** 0.5  →  corner = (((1 - rows) / 2) ** 2 + ((cols - 1) / 2) ** 2) ** 0.5": "squares have no sign",
        "corner = (((rows - 1) / 2) ** 2 + ((cols - 1) / 2) ** 2) ** 0.5  →  corner = (((rows - 1) / -2) ** 2 + ((cols - 1) / 2) ** 2) ** 0.5": "squares have no sign",
        "corner = (((rows - 1) / 2) ** 2 + ((cols - 1) / 2) ** 2) ** 0.5  →  corner = (((rows - 1) / 2) ** 2 + ((1 - cols) / 2) ** 2) ** 0.5": "squares have no sign",
        "corner = (((rows - 1) / 2) ** 2 + ((cols - 1) / 2) ** 2) ** 0.5  →  corner = (((rows - 1) / 2) ** 2 + ((cols - 1) / -2) ** 2) ** 0.5": "squares have no sign",
        "if d > radius:  →  if d >= radius:": "nothing is taken away at the edge",
        "r, c = np.indices((rows, cols)) - np.array([rows - 1, cols - 1]).reshape(2, 1, 1) / 2  →  r, c = np.array([rows - 1, cols - 1]).reshape(2, 1, 1) / 2 - np.indices((rows, cols))": "squares have no sign",
        "r, c = np.indices((rows, cols)) - np.array([rows - 1, cols - 1]).reshape(2, 1, 1) / 2  →  r, c = np.indices((rows, cols)) - np.array([rows - 1, cols - 1]).reshape(2, -1, 1) / 2": SIZE_LEFT_OPEN,
        "r, c = np.indices((rows, cols)) - np.array([rows - 1, cols - 1]).reshape(2, 1, 1) / 2  →  r, c = np.indices((rows, cols)) - np.array([rows - 1, cols - 1]).reshape(2, 1, -1) / 2": SIZE_LEFT_OPEN,
        "return image * factor if image.ndim == 2 else image * np.dstack([factor] * 3)  →  return image * factor if image.ndim == 2 else image * np.dstack([factor])": "one plane for three channels",
    },
    "ten_crop": {
        "top, left = (int((rows - h) / 2), int((cols - w) / 2))  →  top, left = (int((rows - h) // 2), int((cols - w) / 2))": "it is rounded down anyway",
        "top, left = (int((rows - h) / 2), int((cols - w) / 2))  →  top, left = (int((rows - h) / 2), int((cols - w) // 2))": "it is rounded down anyway",
    },
    "average_predictions": {
        "mean = probabilities.astype(np.float32).mean(axis=1).mean(axis=0)  →  mean = probabilities.astype(np.float32).mean(axis=0).mean(axis=0)": "means of groups of one size may be taken in any order",
        "mean = probabilities.astype(np.float32).mean(axis=1).mean(axis=0)  →  mean = probabilities.mean(axis=1).mean(axis=0)": GIVEN_FLOATS,
    },
}
