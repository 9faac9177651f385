"""Changes of solutions of unit 5 that are right too."""

from tests.equivalent_changes import (
    A_LIST,
    FROM_ZERO,
    ONE_AXIS,
    OTHER_TYPE,
    OVERWRITTEN,
    SAME_AXIS,
    SAME_SHAPE,
    SIZE_LEFT_OPEN,
    SYMMETRIC,
)

EQUIVALENT = {
    "filter_image": {
        "rows, cols = (image.shape[0] - krow + 1, image.shape[1] - kcol + 1)  →  rows, cols = (image.shape[0] - krow + 1, image.shape[-1] - kcol + 1)": SAME_AXIS,
        "matches = np.zeros((rows, cols))  →  matches = np.ones((rows, cols))": OVERWRITTEN,
        "matches[r, c] = match_score(image[r:r + krow, c:c + kcol], feature)  →  matches[r, c] = match_score(feature, image[r:r + krow, c:c + kcol])": SYMMETRIC,
        "matches[r, c] = match_score(image[r:r + krow, c:c + kcol], feature)  →  matches[r, c] += match_score(image[r:r + krow, c:c + kcol], feature)": FROM_ZERO,
    },
    "relu": {
        "return np.maximum(image, 0)  →  return np.maximum(0, image)": SYMMETRIC,
    },
    "max_pool": {
        "return np.array([[window.max() for window in row] for row in windows])  →  return [[window.max() for window in row] for row in windows]": A_LIST,
        "return np.array([[window.max() for window in row] for row in windows])  →  return np.array([[window.max() for window in row] for row in windows], dtype=float)": OTHER_TYPE,
    },
    "conv_layer": {
        "return np.stack([filter_image(x, feature) for x in images for feature in features])  →  return [filter_image(x, feature) for x in images for feature in features]": A_LIST,
    },
    "stack": {
        "maps = np.stack([max_pool(m, 2) for m in maps])  →  maps = [max_pool(m, 2) for m in maps]": A_LIST,
    },
    "total_error": {
        "return np.sum(np.abs(right - actual))  →  return np.sum(np.abs(right - actual), axis=0)": ONE_AXIS,
        "return np.sum(np.abs(right - actual))  →  return np.sum(np.abs(right - actual), axis=-1)": ONE_AXIS,
        "return np.sum(np.abs(right - actual))  →  return np.sum(np.abs(actual - right))": SYMMETRIC,
    },
    "nudge_gradient": {
        "gradient = np.zeros(weights.shape)  →  gradient = np.ones(weights.shape)": OVERWRITTEN,
        "for place in np.ndindex(weights.shape):  →  for place in np.ndindex(gradient.shape):": SAME_SHAPE,
        "above, below = (total_error(right, votes(values, moved)) for moved in (up, down))  →  above, below = (total_error(votes(values, moved), right) for moved in (up, down))": SYMMETRIC,
        "gradient[place] = (above - below) / (2 * step)  →  gradient[place] += (above - below) / (2 * step)": FROM_ZERO,
    },
    "chain_pass": {
        "value = max(0, f * pixel)  →  value = max(f * pixel, 0)": SYMMETRIC,
    },
    "start_features": {
        "features = np.zeros((count, size, size))  →  features = np.ones((count, size, size))": OVERWRITTEN,
        "features[number] = generator.normal(0, 0.5, size=(size, size))  →  features[number] += generator.normal(0, 0.5, size=(size, size))": FROM_ZERO,
    },
    "train_xo": {
        "matches = np.tensordot(patches, features, axes=([2, 3], [1, 2])) / (krow * kcol)  →  matches = np.tensordot(patches, features, axes=([-2, 3], [1, 2])) / (krow * kcol)": SAME_AXIS,
        "matches = matches.reshape(-1, len(features))  →  matches = matches.reshape(-1 - 1, len(features))": SIZE_LEFT_OPEN,
        "matches = matches.reshape(-1, len(features))  →  matches = matches.reshape(-2, len(features))": SIZE_LEFT_OPEN,
        "best = patches.reshape(-1, krow, kcol)[matches.argmax(axis=0)]  →  best = patches.reshape(-1 - 1, krow, kcol)[matches.argmax(axis=0)]": SIZE_LEFT_OPEN,
        "best = patches.reshape(-1, krow, kcol)[matches.argmax(axis=0)]  →  best = patches.reshape(-2, krow, kcol)[matches.argmax(axis=0)]": SIZE_LEFT_OPEN,
        "features, weights = (features.copy(), weights.copy())  →  krow, kcol = features.shape[1:]": "the copy has the same shape",
        "krow, kcol = features.shape[1:]  →  for image, label in zip(images, labels):": "the shape stays the same",
    },
}
