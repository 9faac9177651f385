"""Changes of solutions of unit 6 that are right too."""

from tests.equivalent_changes import (
    A_LIST,
    FROM_ZERO,
    INDEPENDENT,
    ONE_AXIS,
    OTHER_TYPE,
    OVERWRITTEN,
    SAME_AXIS,
    SAME_SHAPE,
    SYMMETRIC,
)

EQUIVALENT = {
    "channels_last": {
        "return images.transpose(0, 2, 3, 1)  →  return images.transpose(0, -2, 3, 1)": SAME_AXIS,
    },
    "conv2d_multi": {
        "cols = output_size(images.shape[2], kcol, stride, padding)  →  cols = output_size(images.shape[-2], kcol, stride, padding)": SAME_AXIS,
        "result = np.zeros((len(images), rows, cols, num_filters))  →  result = np.ones((len(images), rows, cols, num_filters))": OVERWRITTEN,
        "result = np.zeros((len(images), rows, cols, num_filters))  →  result = np.zeros((len(padded), rows, cols, num_filters))": SAME_SHAPE,
        "result[:, i, j] = np.tensordot(window, weights, axes=3) + bias  →  result[:, i, j] += np.tensordot(window, weights, axes=3) + bias": FROM_ZERO,
    },
    "max_pool2d": {
        "every_window = sliding_window_view(images, (size, size), axis=(1, 2))  →  every_window = sliding_window_view(images, (size, size), axis=(2, 1))": SYMMETRIC,
        "every_window = sliding_window_view(images, (size, size), axis=(1, 2))  →  every_window = sliding_window_view(images, (size, size), axis=(1, -2))": SAME_AXIS,
        "return every_window[:, ::stride, ::stride].max(axis=(4, 5))  →  return every_window[:, ::stride, ::stride].max(axis=(5, 4))": SYMMETRIC,
    },
    "avg_pool2d": {
        "every_window = sliding_window_view(images, (size, size), axis=(1, 2))  →  every_window = sliding_window_view(images, (size, size), axis=(2, 1))": SYMMETRIC,
        "every_window = sliding_window_view(images, (size, size), axis=(1, 2))  →  every_window = sliding_window_view(images, (size, size), axis=(1, -2))": SAME_AXIS,
        "return every_window[:, ::stride, ::stride].mean(axis=(4, 5))  →  return every_window[:, ::stride, ::stride].mean(axis=(5, 4))": SYMMETRIC,
    },
    "fractional_max_pool": {
        "pooled = np.zeros((images.shape[0], R, C, images.shape[3]))  →  pooled = np.ones((images.shape[0], R, C, images.shape[3]))": OVERWRITTEN,
        "pooled[:, i, j] = region.max(axis=(1, 2))  →  pooled[:, i, j] = region.max(axis=(2, 1))": SYMMETRIC,
        "pooled[:, i, j] = region.max(axis=(1, 2))  →  pooled[:, i, j] = region.max(axis=(1, -2))": SAME_AXIS,
        "pooled[:, i, j] = region.max(axis=(1, 2))  →  pooled[:, i, j] += region.max(axis=(1, 2))": FROM_ZERO,
    },
    "global_avg_pool": {
        "return np.mean(images, axis=(1, 2))  →  return np.mean(images, axis=(2, 1))": SYMMETRIC,
        "return np.mean(images, axis=(1, 2))  →  return np.mean(images, axis=(1, -2))": SAME_AXIS,
    },
    "local_response_norm": {
        "squares, normal = (np.square(maps, dtype=float), np.zeros(maps.shape))  →  squares, normal = (np.square(maps), np.zeros(maps.shape))": "the maps' type holds their squares",
        "squares, normal = (np.square(maps, dtype=float), np.zeros(maps.shape))  →  squares, normal = (np.square(maps, dtype=float), np.ones(maps.shape))": OVERWRITTEN,
        "for i in range(maps.shape[3]):  →  for i in range(squares.shape[3]):": SAME_SHAPE,
        "for i in range(maps.shape[3]):  →  for i in range(normal.shape[3]):": SAME_SHAPE,
        "near = squares[..., max(0, i - n // 2):i + n // 2 + 1]  →  near = squares[..., max(i - n // 2, 0):i + n // 2 + 1]": SYMMETRIC,
        "normal[..., i] = maps[..., i] / (k + alpha * near.sum(axis=-1)) ** beta  →  normal[..., i] += maps[..., i] / (k + alpha * near.sum(axis=-1)) ** beta": FROM_ZERO,
    },
    "layer_parameters": {
        "return number * (np.prod(shape) + 1)  →  return number * (np.prod(shape, axis=0) + 1)": ONE_AXIS,
        "return number * (np.prod(shape) + 1)  →  return number * (np.prod(shape, axis=-1) + 1)": ONE_AXIS,
        "if kind == 'pool':  →  if kind == 'dense':": INDEPENDENT,
    },
    "layer_memory": {
        "window = (number, rest[0], 0) if kind == 'pool' else rest  →  window = (number, rest[-1], 0) if kind == 'pool' else rest": "a pool has one more number only",
        "if kind == 'dense':  →  window = (number, rest[0], 0) if kind == 'pool' else rest": INDEPENDENT,
    },
    "network_table": {
        "return np.array(lines)  →  return lines": A_LIST,
        "return np.array(lines)  →  return np.array(lines, dtype=float)": OTHER_TYPE,
    },
}
