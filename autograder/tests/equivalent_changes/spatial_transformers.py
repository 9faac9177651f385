"""Changes of right answers of unit 20 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import A_LIST, SAME_AXIS, SYMMETRIC

FLOATS = "the results are floats anyway"
LAST_OF_TWO = "the last of two"
NO_SIGN = "the sign is lost in the absolute value or the square"
OUTSIDE = "what lies outside does not count"
SAME_SHAPE = "both have the same shape"

EQUIVALENT: dict[str, dict[str, str]] = {
    "affine_grid": {
        "return (x, theta[1, 0] * across + theta[1, 1] * down + theta[1, 2])  →  return (x, theta[-1, 0] * across + theta[1, 1] * down + theta[1, 2])": LAST_OF_TWO,
        "return (x, theta[1, 0] * across + theta[1, 1] * down + theta[1, 2])  →  return (x, theta[1, 0] * across + theta[-1, 1] * down + theta[1, 2])": LAST_OF_TWO,
        "return (x, theta[1, 0] * across + theta[1, 1] * down + theta[1, 2])  →  return (x, theta[1, 0] * across + theta[1, 1] * down + theta[-1, 2])": LAST_OF_TWO,
    },
    "crop_theta": {
        "return np.array([[sx, 0, tx], [0, sy, ty]])  →  return [[sx, 0, tx], [0, sy, ty]]": A_LIST,
        "return np.array([[sx, 0, tx], [0, sy, ty]])  →  return np.array([[sx, 0, tx], [0, sy, ty]], dtype=float)": FLOATS,
    },
    "bilinear_sample": {
        "values = np.zeros(y.shape)  →  values = np.zeros(x.shape)": SAME_SHAPE,
        "last_row, last_col = (image.shape[0] - 1, image.shape[1] - 1)  →  last_row, last_col = (image.shape[0] - 1, image.shape[-1] - 1)": SAME_AXIS,
        "pixel = image[np.clip(r, 0, last_row), np.clip(c, 0, last_col)]  →  pixel = image[np.clip(0, r, last_row), np.clip(c, 0, last_col)]": SYMMETRIC,
        "pixel = image[np.clip(r, 0, last_row), np.clip(c, 0, last_col)]  →  pixel = image[np.clip(r, -1, last_row), np.clip(c, 0, last_col)]": OUTSIDE,
        "pixel = image[np.clip(r, 0, last_row), np.clip(c, 0, last_col)]  →  pixel = image[np.clip(r, 0, last_row), np.clip(0, c, last_col)]": SYMMETRIC,
        "pixel = image[np.clip(r, 0, last_row), np.clip(c, 0, last_col)]  →  pixel = image[np.clip(r, 0, last_row), np.clip(c, -1, last_col)]": OUTSIDE,
        "values += there * pixel * (1 - np.abs(y - r)) * (1 - np.abs(x - c))  →  values += there * pixel * (1 - np.abs(r - y)) * (1 - np.abs(x - c))": NO_SIGN,
        "values += there * pixel * (1 - np.abs(y - r)) * (1 - np.abs(x - c))  →  values += there * pixel * (1 - np.abs(y - r)) * (1 - np.abs(c - x))": NO_SIGN,
        "last_row, last_col = (image.shape[0] - 1, image.shape[1] - 1)  →  for down, right in np.ndindex(2, 2):": "computed anew in every round, to the same numbers",
    },
    "image_gradient": {
        "along_y = np.maximum(0, 1 - np.abs(np.ravel(y)[:, None] - np.arange(rows)))  →  along_y = np.maximum(1 - np.abs(np.ravel(y)[:, None] - np.arange(rows)), 0)": SYMMETRIC,
        "along_y = np.maximum(0, 1 - np.abs(np.ravel(y)[:, None] - np.arange(rows)))  →  along_y = np.maximum(0, 1 - np.abs(np.arange(rows) - np.ravel(y)[:, None]))": NO_SIGN,
        "along_x = np.maximum(0, 1 - np.abs(np.ravel(x)[:, None] - np.arange(cols)))  →  along_x = np.maximum(1 - np.abs(np.ravel(x)[:, None] - np.arange(cols)), 0)": SYMMETRIC,
        "along_x = np.maximum(0, 1 - np.abs(np.ravel(x)[:, None] - np.arange(cols)))  →  along_x = np.maximum(0, 1 - np.abs(np.arange(cols) - np.ravel(x)[:, None]))": NO_SIGN,
    },
    "theta_gradient": {
        "x, y = affine_grid(np.eye(2, 3), *upstream_x.shape)  →  x, y = affine_grid(np.eye(3, 3), *upstream_x.shape)": "a third row is never read",
        "x, y = affine_grid(np.eye(2, 3), *upstream_x.shape)  →  x, y = affine_grid(np.eye(2, 4), *upstream_x.shape)": "a fourth column is never read",
        "x, y = affine_grid(np.eye(2, 3), *upstream_x.shape)  →  x, y = affine_grid(np.eye(2, 3), *upstream_y.shape)": SAME_SHAPE,
        "return np.array([[np.sum(u * t) for t in (x, y, 1)] for u in (upstream_x, upstream_y)])  →  return [[np.sum(u * t) for t in (x, y, 1)] for u in (upstream_x, upstream_y)]": A_LIST,
        "return np.array([[np.sum(u * t) for t in (x, y, 1)] for u in (upstream_x, upstream_y)])  →  return np.array([[np.sum(u * t) for t in (x, y, 1)] for u in (upstream_x, upstream_y)], dtype=float)": FLOATS,
    },
}
