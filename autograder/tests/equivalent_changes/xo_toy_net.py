"""Changes of right answers of unit 5 that are right too."""

from tests.equivalent_changes import (
    GIVEN_FLOATS,
    INDEPENDENT,
    OTHER_TYPE,
    SAME_AXIS,
    SAME_SHAPE,
    SIZE_LEFT_OPEN,
    SYMMETRIC,
)

EQUIVALENT = {
    "filter_image": {
        "matches[r, c] = match_score(image[r:r + krow, c:c + kcol], feature)  →  matches[r, c] = match_score(feature, image[r:r + krow, c:c + kcol])": SYMMETRIC,
    },
    "nudge_gradient": {
        "above, below = (total_error(right, votes(values, moved)) for moved in (up, down))  →  above, below = (total_error(votes(values, moved), right) for moved in (up, down))": SYMMETRIC,
    },
    "train_xo": {
        "matches = np.tensordot(patches, features, axes=([2, 3], [1, 2])) / (krow * kcol)  →  matches = np.tensordot(patches, features, axes=([-2, 3], [1, 2])) / (krow * kcol)": SAME_AXIS,
        "features, weights = (features.copy(), weights.copy())  →  krow, kcol = features.shape[1:]": "the copy has the same shape",
        "krow, kcol = features.shape[1:]  →  for image, label in zip(images, labels):": "the shape stays the same",
    },
}

EQUIVALENT_OF_OTHERS = {
    "match_score": {
        "for col in range(len(patch[0])):  →  for col in range(len(feature[0])):": SAME_SHAPE,
        "for col in range(len(patch[0])):  →  for col in range(len(patch[-1])):": "all rows are as long as each other",
        "return total / (len(patch) * len(patch[0]))  →  return total / (len(patch) * len(feature[0]))": SAME_SHAPE,
        "return total / (len(patch) * len(patch[0]))  →  return total / (len(patch) * len(patch[-1]))": "all rows are as long as each other",
    },
    "relu": {
        "return image * (image > 0) + 0.0  →  return image * (image > 0) - 0.0": "0 more or less is nothing",
        "return image * (image > 0) + 0.0  →  return image * (image > 0)": "0 more or less is nothing",
        "return image * (image > 0) + 0.0  →  return image * ((image > 0) + 0.0)": "0 more or less is nothing",
    },
    "max_pool": {
        "for c in range(0, image.shape[1], size):  →  result.append(line)": "the row is in the result already, and is filled afterwards",
        "best = scipy.ndimage.maximum_filter(padded, size=size, mode='constant', cval=-np.inf)  →  best = scipy.ndimage.maximum_filter(padded, size=size, cval=-np.inf)": "the frame of −∞ is there already",
        "best = scipy.ndimage.maximum_filter(padded, size=size, mode='constant', cval=-np.inf)  →  best = scipy.ndimage.maximum_filter(padded, size=size, mode='constant')": "the frame of −∞ is there already",
        "best = scipy.ndimage.maximum_filter(padded, size=size, mode='constant', cval=-np.inf)  →  best = scipy.ndimage.maximum_filter(padded, size=size, mode='reflect', cval=-np.inf)": "the frame of −∞ is there already",
        "best = scipy.ndimage.maximum_filter(padded, size=size, mode='constant', cval=-np.inf)  →  best = scipy.ndimage.maximum_filter(padded, size=size, mode='constant', cval=np.inf)": "the frame of −∞ is there already",
    },
    "stack": {
        "doing = {'conv': lambda maps: layer_by_windows(maps, features), 'relu': lambda maps: np.clip(maps, 0, None), 'pool': lambda maps: np.array([pool_by_padding(m, 2) for m in maps])}  →  maps = np.array([image])": "the functions look for the name when they are called",
        "return image.reshape(1, *image.shape)  →  return image.reshape(-1, *image.shape)": SIZE_LEFT_OPEN,
    },
    "votes": {
        "return [sum((w * v for w, v in zip(row, maps.flatten(), strict=True))) for row in weights]  →  return [sum((w * v for w, v in zip(maps.flatten(), row, strict=True))) for row in weights]": SYMMETRIC,
    },
    "total_error": {
        "return sum((abs(r - a) for r, a in zip(right, actual, strict=True)))  →  return sum((abs(r - a) for r, a in zip(actual, right, strict=True)))": SYMMETRIC,
    },
    "nudge_gradient": {
        "moved, gradient = (weights.astype(float).copy(), np.zeros(weights.shape))  →  moved, gradient = (weights.copy(), np.zeros(weights.shape))": "one copy is enough",
        "old = moved[c, n]  →  old = weights[c, n]": "not yet changed there",
        "return sum((abs(r - sum((w * v for w, v in zip(row, values, strict=True)))) for r, row in zip(right, moved, strict=True)))  →  return sum((abs(r - sum((w * v for w, v in zip(values, row, strict=True)))) for r, row in zip(right, moved, strict=True)))": SYMMETRIC,
    },
    "chain_pass": {
        "if f * x[i] > 0:  →  if f * x[i] >= 0:": "at the corner any slope may stand; the cases stay away from it",
        "if f * x[i] > 0:  →  if f / x[i] > 0:": "a quotient has the sign of the product",
        "h = 1e-06  →  h = -1e-06": "a step to either side",
        "for pixel, wanted in zip(x, y, strict=True):  →  error = lambda f, w: (w * max(0.0, f * pixel) - wanted) ** 2 / 2": "the functions look for the name when they are called",
    },
    "train_xo": {
        "krow, kcol = features[0].shape  →  krow, kcol = features[-1].shape": "all features are of one size",
        "features, weights = (np.array(features), np.array(weights))  →  krow, kcol = features[0].shape": INDEPENDENT,
        "krow, kcol = features[0].shape  →  for image, label in zip(images, labels, strict=True):": INDEPENDENT,
        "old = weights.copy()  →  for m, (r, c) in enumerate(places):": "it is worked out again and again, from the same",
        "features, weights = (features.astype(np.float32), weights.astype(np.float32))  →  features, weights = (features, weights.astype(np.float32))": GIVEN_FLOATS,
        "features, weights = (features.astype(np.float32), weights.astype(np.float32))  →  features, weights = (features.astype(np.float32), weights)": GIVEN_FLOATS,
        "for image, label in zip(images.astype(np.float32), labels, strict=True):  →  for image, label in zip(images, labels, strict=True):": GIVEN_FLOATS,
        "matches = np.einsum('rckl,mkl->mrc', windows, features) / features[0].size  →  matches = np.einsum('rckl,mkl->mrc', windows, features) / features[-1].size": "all features are of one size",
        "d = weights @ values - np.eye(len(weights), dtype=np.float32)[label]  →  d = weights @ values - np.eye(len(weights), dtype=int)[label]": OTHER_TYPE,
        "weights, features = (weights - rate * d[:, None] * values, features - rate * blame[:, None, None] * patches / features[0].size)  →  weights, features = (weights - rate * d[:, None] * values, features - rate * blame[:, None, None] * patches / patches[0].size)": SAME_SHAPE,
        "weights, features = (weights - rate * d[:, None] * values, features - rate * blame[:, None, None] * patches / features[0].size)  →  weights, features = (weights - rate * d[:, None] * values, features - rate * blame[:, None, None] * patches / features[-1].size)": "all features are of one size",
        "features, weights = (features.astype(np.float32), weights.astype(np.float32))  →  for image, label in zip(images.astype(np.float32), labels, strict=True):": INDEPENDENT,
    },
}
