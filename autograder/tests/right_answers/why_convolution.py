"""Other right ways to answer unit 01."""

import numpy as np


def unit_with_a_loop(x, w, b):
    z = b
    for weight, value in zip(w, x, strict=True):
        z += weight * value
    return z


def unit_in_float32(x, w, b):
    return np.float32(np.sum(w.astype(np.float32) * x.astype(np.float32)) + np.float32(b))


def tuned_by_root_of_squares(w, norm):
    length = sum(float(weight) ** 2 for weight in w) ** 0.5
    return [norm * weight / length for weight in w]


def tuned_by_dot_product(w, norm):
    return w * (norm / np.sqrt(w @ w))


def region_with_loops(x, W, b):
    answers = []
    for point in x:
        answers.append(all(np.dot(w, point) + bias > 0 for w, bias in zip(W, b, strict=True)))
    return answers


def region_by_smallest(x, W, b):
    return np.min(W @ x.T + b[:, None], axis=0) > 0


def region_as_numbers(x, W, b):
    return np.prod((x @ W.T + b > 0).astype(int), axis=1)


def union_with_loops(x, W, b):
    inside = np.zeros(len(x), dtype=bool)
    for units, biases in zip(W, b, strict=True):
        inside |= region_by_smallest(x, units, biases)
    return inside


def union_at_once(x, W, b):
    z = np.tensordot(x, W, axes=([1], [2])) + b
    return (z > 0).all(axis=-1).any(axis=-1)


def union_one_region_at_a_time(x, W, b):
    first = region_with_loops(x, W[0], b[0])
    return first if len(W) == 1 else np.logical_or(first, union_one_region_at_a_time(x, W[1:], b[1:]))


def dense_by_adding(num_inputs, num_units):
    return sum(num_inputs for _ in range(num_units))


def dense_as_float(num_inputs, num_units):
    return float(num_units) * num_inputs


def local_by_product(*sizes):
    return int(np.prod(sizes))


def local_by_steps(out_rows, out_cols, kernel_rows, kernel_cols, in_channels, num_filters):
    one = kernel_rows * kernel_cols * in_channels
    return out_rows * out_cols * one * num_filters


def conv_with_a_branch(kernel_rows, kernel_cols, in_channels, num_filters, use_bias):
    weights = num_filters * kernel_rows * kernel_cols * in_channels
    if use_bias:
        weights += num_filters
    return weights


def conv_as_array_sizes(kernel_rows, kernel_cols, in_channels, num_filters, use_bias):
    return np.zeros((kernel_rows, kernel_cols, in_channels, num_filters)).size + np.zeros(num_filters if use_bias else 0).size


def fence_of_six(centre, radius):
    angles = np.deg2rad([0, 60, 120, 180, 240, 300])
    W = np.array([np.cos(angles), np.sin(angles)]).T
    return [list(row) for row in W], [1.02 * radius - w @ centre for w in W]


def fence_with_long_weights(centre, radius):
    W = 7 * np.exp(1j * np.pi * np.arange(8) / 4 + 0.3j)
    W = np.stack([W.real, W.imag], axis=1)
    return W, 7 * 1.03 * radius - W @ centre


def along_by_dot_products(row, w, b):
    return np.array([np.dot(row[n : n + len(w)], w) + b for n in range(len(row) - len(w) + 1)])


def along_by_correlate(row, w, b):
    return np.correlate(row, w, mode="valid") + b


RIGHT_ANSWERS = {
    "fence_disc": (fence_of_six, fence_with_long_weights),
    "answers_along": (along_by_dot_products, along_by_correlate),
    "linear_unit": (unit_with_a_loop, unit_in_float32),
    "tuned_input": (tuned_by_root_of_squares, tuned_by_dot_product),
    "half_space_region": (region_with_loops, region_by_smallest, region_as_numbers),
    "union_region": (union_with_loops, union_at_once, union_one_region_at_a_time),
    "dense_weights": (dense_by_adding, dense_as_float),
    "locally_connected_weights": (local_by_product, local_by_steps),
    "conv_weights": (conv_with_a_branch, conv_as_array_sizes),
}
