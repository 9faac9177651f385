"""Other right ways to answer unit 06, as students write them: loops, windows, tables, lists, float32."""

import itertools
import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def _pad(images, padding):
    return np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))


def layer_with_windows(images, weights, bias, stride, padding):
    windows = sliding_window_view(_pad(images, padding), weights.shape[:2], axis=(1, 2))
    return np.einsum("bijnkl,klnm->bijm", windows[:, ::stride, ::stride], weights) + bias


def layer_by_shifts(images, weights, bias, stride, padding):
    padded = _pad(images, padding).astype(np.float32)
    krow, kcol, _, filters = weights.shape
    rows = (padded.shape[1] - krow) // stride + 1
    cols = (padded.shape[2] - kcol) // stride + 1
    result = np.zeros((len(images), rows, cols, filters), dtype=np.float32) + bias.astype(np.float32)
    for k, m in itertools.product(range(krow), range(kcol)):
        part = padded[:, k : k + stride * (rows - 1) + 1 : stride, m : m + stride * (cols - 1) + 1 : stride]
        result += part @ weights[k, m].astype(np.float32)
    return result


def layer_as_lists(images, weights, bias, stride, padding):
    padded = _pad(images, padding)
    krow, kcol, _, filters = weights.shape
    return [
        [
            [
                [np.sum(image[i : i + krow, j : j + kcol] * weights[..., m]) + bias[m] for m in range(filters)]
                for j in range(0, image.shape[1] - kcol + 1, stride)
            ]
            for i in range(0, image.shape[0] - krow + 1, stride)
        ]
        for image in padded
    ]


def _pool_loops(images, size, stride, take):
    batch, rows, cols, channels = images.shape
    result = np.zeros((batch, (rows - size) // stride + 1, (cols - size) // stride + 1, channels))
    for b, i, j, c in np.ndindex(*result.shape):
        result[b, i, j, c] = take(images[b, i * stride : i * stride + size, j * stride : j * stride + size, c])
    return result


def max_with_loops(images, size, stride):
    return _pool_loops(images, size, stride, np.max)


def max_with_windows(images, size, stride):
    return sliding_window_view(images, (size, size), axis=(1, 2))[:, ::stride, ::stride].max(axis=(-1, -2))


def max_by_shifts(images, size, stride):
    rows, cols = ((length - size) // stride + 1 for length in images.shape[1:3])
    shifted = [
        images[:, k : k + stride * (rows - 1) + 1 : stride, m : m + stride * (cols - 1) + 1 : stride]
        for k in range(size)
        for m in range(size)
    ]
    return np.maximum.reduce(shifted)


def avg_with_loops(images, size, stride):
    return _pool_loops(images, size, stride, np.mean)


def avg_in_float32(images, size, stride):
    windows = sliding_window_view(images.astype(np.float32), (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].sum(axis=(-1, -2)) / size**2


def fractional_rows_then_columns(images, row_bounds, col_bounds, overlapping):
    more = 1 if overlapping else 0
    bands = [images[:, a : b + more].max(axis=1) for a, b in itertools.pairwise(row_bounds)]
    strips = np.stack(bands, axis=1)
    return np.stack([strips[:, :, a : b + more].max(axis=2) for a, b in itertools.pairwise(col_bounds)], axis=2)


def fractional_with_loops(images, row_bounds, col_bounds, overlapping):
    batch, rows, cols, channels = images.shape
    result = np.full((batch, len(row_bounds) - 1, len(col_bounds) - 1, channels), -np.inf)
    for b, i, j, c in np.ndindex(*result.shape):
        for row in range(row_bounds[i], min(row_bounds[i + 1] + overlapping, rows)):
            for col in range(col_bounds[j], min(col_bounds[j + 1] + overlapping, cols)):
                result[b, i, j, c] = max(result[b, i, j, c], images[b, row, col, c])
    return result


def global_by_sums(images):
    batch, rows, cols, channels = images.shape
    return images.reshape(batch, rows * cols, channels).sum(axis=1) / (rows * cols)


def global_as_lists(images):
    return [[float(np.mean(image[:, :, c])) for c in range(image.shape[2])] for image in images]


def norm_by_padding(maps, k, alpha, beta, n):
    squares = np.pad(maps.astype(float) ** 2, ((0, 0), (0, 0), (0, 0), (n // 2, n // 2)))
    return maps / (k + alpha * sliding_window_view(squares, n, axis=3).sum(axis=-1)) ** beta


def norm_by_a_band_matrix(maps, k, alpha, beta, n):
    places = np.arange(maps.shape[3])
    band = np.abs(places[:, None] - places) <= n // 2
    values = maps.astype(np.float32)
    return values / (np.float32(k) + np.float32(alpha) * (values**2 @ band.astype(np.float32))) ** np.float32(beta)


def norm_with_loops(maps, k, alpha, beta, n):
    result = np.zeros(maps.shape)
    for b, row, col, i in np.ndindex(*maps.shape):
        around = maps[b, row, col, max(0, i - n // 2) : min(maps.shape[3] - 1, i + n // 2) + 1]
        result[b, row, col, i] = maps[b, row, col, i] / (k + alpha * np.sum(around**2)) ** beta
    return result


def field_from_the_top(layers):
    seen = 1
    for kernel, stride in layers[::-1]:
        seen = seen * stride + kernel - stride
    return seen


def field_by_products(layers):
    strides = [stride for _, stride in layers]
    return np.int64(1 + sum((kernel - 1) * math.prod(strides[:place]) for place, (kernel, _) in enumerate(layers)))


def _output(layer, shape):
    rows, cols, channels = shape
    if layer[0] == "dense":
        return 1, 1, layer[1]
    if layer[0] == "pool":
        _, size, stride = layer
        return (rows - size) // stride + 1, (cols - size) // stride + 1, channels
    _, filters, kernel, stride, padding = layer
    return (rows + 2 * padding - kernel) // stride + 1, (cols + 2 * padding - kernel) // stride + 1, filters


def parameters_case_by_case(layer, shape):
    rows, cols, channels = shape
    if layer[0] == "dense":
        return rows * cols * channels * layer[1] + layer[1]
    if layer[0] == "conv":
        return layer[2] ** 2 * channels * layer[1] + layer[1]
    if layer[0] == "local":
        out_rows, out_cols, _ = _output(layer, shape)
        return out_rows * out_cols * (layer[2] ** 2 * channels * layer[1] + layer[1])
    return 0


def parameters_by_fan_in(layer, shape):
    kind, number = layer[:2]
    if kind == "pool":
        return 0.0
    fan_in = np.prod(shape) if kind == "dense" else layer[2] * layer[2] * shape[2]
    sets = np.prod(_output(layer, shape)[:2]) if kind == "local" else 1
    return float(sets * number * (fan_in + 1))


def memory_with_lists(layer, shape):
    out = _output(layer, shape)
    return [list(out), float(np.prod(out))]


def memory_by_walking(layer, shape):
    if layer[0] == "dense":
        return (1, 1, layer[1]), layer[1]
    size, stride, padding = (layer[1], layer[2], 0) if layer[0] == "pool" else layer[2:]
    counts = []
    for length in shape[:2]:
        start, count = -padding, 0
        while start + size <= length + padding:
            start, count = start + stride, count + 1
        counts.append(count)
    channels = shape[2] if layer[0] == "pool" else layer[1]
    return (*counts, channels), counts[0] * counts[1] * channels


def table_as_lists(shape, layers):
    lines = []
    for layer in layers:
        out = _output(layer, shape)
        lines.append([*out, out[0] * out[1] * out[2], parameters_case_by_case(layer, shape)])
        shape = out
    return lines


def table_of_shapes_first(shape, layers):
    shapes = list(itertools.accumulate(layers, lambda before, layer: _output(layer, before), initial=shape))
    counts = [parameters_case_by_case(layer, before) for layer, before in zip(layers, shapes, strict=False)]
    after = np.array(shapes[1:], dtype=float)
    return np.column_stack([after, after.prod(axis=1), counts])


def channels_by_einsum(images):
    return np.einsum("bchw->bhwc", images)


def channels_pixel_by_pixel(images):
    batch, channels, rows, cols = images.shape
    result = np.zeros((batch, rows, cols, channels))
    for b, c, i, j in np.ndindex(*images.shape):
        result[b, i, j, c] = images[b, c, i, j]
    return result


def stack_with_two_poolings(field, most):
    layers, seen = [[2, 2], [2, 2]], 4
    while seen < field:
        layers.append([3, 1])
        seen += 8
    return layers


def stack_with_one_step_of_four(field, most):
    more = -(-(field - 5) // 8)
    return np.array([[5, 4]] + [[3, 1]] * more)


RIGHT_ANSWERS = {
    "channels_last": (channels_by_einsum, channels_pixel_by_pixel),
    "design_stack": (stack_with_two_poolings, stack_with_one_step_of_four),
    "conv2d_multi": (layer_with_windows, layer_by_shifts, layer_as_lists),
    "max_pool2d": (max_with_loops, max_with_windows, max_by_shifts),
    "avg_pool2d": (avg_with_loops, avg_in_float32),
    "fractional_max_pool": (fractional_rows_then_columns, fractional_with_loops),
    "global_avg_pool": (global_by_sums, global_as_lists),
    "local_response_norm": (norm_by_padding, norm_by_a_band_matrix, norm_with_loops),
    "receptive_field": (field_from_the_top, field_by_products),
    "layer_parameters": (parameters_case_by_case, parameters_by_fan_in),
    "layer_memory": (memory_with_lists, memory_by_walking),
    "network_table": (table_as_lists, table_of_shapes_first),
}
