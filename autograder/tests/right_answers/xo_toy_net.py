"""Unit 05: other right answers, as students write them."""

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.lib.stride_tricks import sliding_window_view


def match_by_loop(patch, feature):
    total = 0.0
    for row in range(len(patch)):
        for col in range(len(patch[0])):
            total += patch[row][col] * feature[row][col]
    return total / (len(patch) * len(patch[0]))


def match_by_dot(patch, feature):
    return np.dot(patch.ravel(), feature.ravel()) / feature.size


def filter_by_windows(image, feature):
    return (sliding_window_view(image, feature.shape) * feature).mean(axis=(2, 3))


def filter_by_shifts(image, feature):
    krow, kcol = feature.shape
    rows, cols = image.shape[0] - krow + 1, image.shape[1] - kcol + 1
    total = np.zeros((rows, cols), dtype=np.float32)
    for i in range(krow):
        for j in range(kcol):
            total += feature[i, j] * image[i : i + rows, j : j + cols]
    return total / (krow * kcol)


def relu_by_where(image):
    return np.where(image > 0, image, 0)


def relu_by_product(image):
    return image * (image > 0) + 0.0


def pool_by_padding(image, size):
    rows, cols = image.shape
    padded = np.pad(image.astype(float), [(0, -rows % size), (0, -cols % size)], constant_values=-np.inf)
    return padded.reshape(padded.shape[0] // size, size, -1, size).max(axis=(1, 3))


def pool_to_list(image, size):
    result = []
    for r in range(0, image.shape[0], size):
        line = []
        for c in range(0, image.shape[1], size):
            line.append(
                max(
                    image[r + i, c + j] for i in range(size) for j in range(size) if r + i < len(image) and c + j < image.shape[1]
                )
            )
        result.append(line)
    return result


def layer_by_windows(images, features):
    krow, kcol = features.shape[1:]
    windows = sliding_window_view(images, (krow, kcol), axis=(1, 2))
    maps = np.einsum("nrckl,mkl->nmrc", windows, features) / (krow * kcol)
    return maps.reshape(-1, *maps.shape[2:])


def layer_to_list(images, features):
    return [filter_by_windows(image, feature) for image in images for feature in features]


def stack_by_table(image, features, layers):
    doing = {
        "conv": lambda maps: layer_by_windows(maps, features),
        "relu": lambda maps: np.clip(maps, 0, None),
        "pool": lambda maps: np.array([pool_by_padding(m, 2) for m in maps]),
    }
    maps = np.array([image])
    for layer in layers:
        maps = doing[layer](maps)
    return maps


def stack_by_recursion(image, features, layers):
    if not layers:
        return image.reshape(1, *image.shape)
    maps = stack_by_recursion(image, features, layers[:-1])
    if layers[-1] == "conv":
        return layer_by_windows(maps, features)
    return np.maximum(0, maps) if layers[-1] == "relu" else np.stack([pool_by_padding(m, 2) for m in maps])


def votes_by_loop(maps, weights):
    return [sum(w * v for w, v in zip(row, maps.flatten(), strict=True)) for row in weights]


def votes_by_sum(maps, weights):
    return (weights * maps.reshape(1, -1)).sum(axis=1)


def error_by_loop(right, actual):
    return sum(abs(r - a) for r, a in zip(right, actual, strict=True))


def error_by_norm(right, actual):
    return np.linalg.norm(actual - right, 1)


def nudge_in_place(values, weights, right, step):
    moved, gradient = weights.astype(float).copy(), np.zeros(weights.shape)
    for c in range(weights.shape[0]):
        for n in range(weights.shape[1]):
            old = moved[c, n]
            moved[c, n] = old + step
            above = np.abs(right - moved @ values).sum()
            moved[c, n] = old - step
            below = np.abs(right - moved @ values).sum()
            moved[c, n] = old
            gradient[c, n] = (above - below) / (2 * step)
    return gradient


def nudge_to_list(values, weights, right, step):
    def error(c, n, way):
        moved = [list(row) for row in weights]
        moved[c][n] += way * step
        return sum(abs(r - sum(w * v for w, v in zip(row, values, strict=True))) for r, row in zip(right, moved, strict=True))

    return [[(error(c, n, 1) - error(c, n, -1)) / (2 * step) for n in range(len(values))] for c in range(len(weights))]


def train_with_loops(images, labels, features, weights, rate):
    features, weights = np.array(features), np.array(weights)
    krow, kcol = features[0].shape
    for image, label in zip(images, labels, strict=True):
        values, places = [], []
        for feature in features:
            matches = filter_by_windows(image, feature)
            r, c = np.unravel_index(matches.argmax(), matches.shape)
            values.append(max(matches[r, c], 0.0))
            places.append((r, c))
        difference = weights @ np.array(values)
        difference[label] -= 1.0
        old = weights.copy()
        for m, (r, c) in enumerate(places):
            weights[:, m] -= rate * difference * values[m]
            if values[m] > 0:
                features[m] -= rate * (old[:, m] @ difference) * image[r : r + krow, c : c + kcol] / (krow * kcol)
    return features, weights


def train_in_single_precision(images, labels, features, weights, rate):
    features, weights = features.astype(np.float32), weights.astype(np.float32)
    for image, label in zip(images.astype(np.float32), labels, strict=True):
        windows = sliding_window_view(image, features.shape[1:])
        matches = np.einsum("rckl,mkl->mrc", windows, features) / features[0].size
        flat = matches.reshape(len(features), -1)
        patches = windows.reshape(-1, *features.shape[1:])[flat.argmax(axis=1)]
        values = np.maximum(flat.max(axis=1), 0)
        d = weights @ values - np.eye(len(weights), dtype=np.float32)[label]
        blame = np.where(values > 0, d @ weights, 0)
        weights, features = (
            weights - rate * d[:, None] * values,
            features - rate * blame[:, None, None] * patches / features[0].size,
        )
    return features, weights


def filter_by_library(image, feature):
    return scipy.signal.correlate2d(image, feature, mode="valid") / feature.size


def relu_by_recursion(image):
    return max(0.0, float(image)) if np.ndim(image) == 0 else [relu_by_recursion(part) for part in image]


def pool_by_library(image, size):
    padded = np.pad(image.astype(float), [(0, -n % size) for n in image.shape], constant_values=-np.inf)
    best = scipy.ndimage.maximum_filter(padded, size=size, mode="constant", cval=-np.inf)
    return best[size // 2 :: size, size // 2 :: size]


def layer_by_library(images, features):
    return [filter_by_library(image, feature) for image in images for feature in features]


def nudge_at_once(values, weights, right, step):
    wrong = (weights @ values - right)[:, None]
    return (abs(wrong + step * values) - abs(wrong - step * values)) / (2 * step)


def telling_least_like(image, other):
    pieces = sliding_window_view(image, (3, 3)).reshape(-1, 9)
    others = sliding_window_view(other, (3, 3)).reshape(-1, 9)
    return pieces[(pieces @ others.T).max(axis=1).argmin()].reshape(3, 3)


def telling_last_in_lists(image, other):
    found = []
    for r in range(len(image) - 2):
        for c in range(len(image[0]) - 2):
            piece = image[r : r + 3, c : c + 3]
            if max(filter_by_windows(other, piece).ravel()) <= 0.6:
                found = piece.tolist()
    return found


def line_with_a_vector(x, y, a, b, rate):
    numbers = np.array([a, b])
    for row, wanted in zip(np.stack([x, np.ones(len(x))], axis=1), y, strict=True):
        numbers = numbers - rate * (row @ numbers - wanted) * row
    return numbers[0], numbers[1]


def line_by_index(x, y, a, b, rate):
    for i in range(len(x)):
        wrong = y[i] - (a * x[i] + b)
        a += rate * wrong * x[i]
        b += rate * wrong
    return [a, b]


def chain_with_an_if(x, y, f, w, rate):
    for i in range(len(x)):
        if f * x[i] > 0:  # else the vote is 0, and nothing learns
            d = w * f * x[i] - y[i]
            f, w = f - rate * d * w * x[i], w - rate * d * f * x[i]
    return f, w


def chain_by_differences(x, y, f, w, rate):
    for pixel, wanted in zip(x, y, strict=True):
        error = lambda f, w: (w * max(0.0, f * pixel) - wanted) ** 2 / 2  # noqa: B023, E731
        h = 1e-6
        slope_f = (error(f + h, w) - error(f - h, w)) / (2 * h)
        slope_w = (error(f, w + h) - error(f, w - h)) / (2 * h)
        f, w = f - rate * slope_f, w - rate * slope_w
    return f, w


def start_all_at_once(count, size, seed):
    return 0.5 * np.random.default_rng(seed).standard_normal((count, size, size))


def start_in_a_list(count, size, seed):
    generator = np.random.default_rng(seed)
    return [generator.normal(0, 0.5, size=(size, size)).tolist() for _ in range(count)]


RIGHT_ANSWERS = {
    "telling_feature": (telling_least_like, telling_last_in_lists),
    "line_pass": (line_with_a_vector, line_by_index),
    "chain_pass": (chain_with_an_if, chain_by_differences),
    "start_features": (start_all_at_once, start_in_a_list),
    "match_score": (match_by_loop, match_by_dot),
    "filter_image": (filter_by_windows, filter_by_shifts, filter_by_library),
    "relu": (relu_by_where, relu_by_product, relu_by_recursion),
    "max_pool": (pool_by_padding, pool_to_list, pool_by_library),
    "conv_layer": (layer_by_windows, layer_to_list, layer_by_library),
    "stack": (stack_by_table, stack_by_recursion),
    "votes": (votes_by_loop, votes_by_sum),
    "total_error": (error_by_loop, error_by_norm),
    "nudge_gradient": (nudge_in_place, nudge_to_list, nudge_at_once),
    "train_xo": (train_with_loops, train_in_single_precision),
}
