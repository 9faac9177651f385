"""Changes of right answers of unit 6 that are right too."""

from tests.equivalent_changes import (
    INDEPENDENT,
    OTHER_TYPE,
    SYMMETRIC,
)

EQUIVALENT = {
    "max_pool2d": {
        "every_window = sliding_window_view(images, (size, size), axis=(1, 2))  →  every_window = sliding_window_view(images, (size, size), axis=(2, 1))": SYMMETRIC,
    },
    "avg_pool2d": {
        "every_window = sliding_window_view(images, (size, size), axis=(1, 2))  →  every_window = sliding_window_view(images, (size, size), axis=(2, 1))": SYMMETRIC,
    },
    "layer_parameters": {
        "if kind == 'pool':  →  if kind == 'dense':": INDEPENDENT,
    },
    "layer_memory": {
        "if kind == 'dense':  →  window = (number, rest[0], 0) if kind == 'pool' else rest": INDEPENDENT,
    },
    "local_response_norm": {
        "squares, normal = (np.square(maps, dtype=float), np.zeros(maps.shape))  →  squares, normal = (np.square(maps), np.zeros(maps.shape))": "the maps' type holds their squares",
    },
}

EQUIVALENT_OF_OTHERS = {
    "conv2d_multi": {
        "result = np.zeros((len(images), rows, cols, filters), dtype=np.float32) + bias.astype(np.float32)  →  result = np.zeros((len(images), rows, cols, filters), dtype=int) + bias.astype(np.float32)": OTHER_TYPE,
        "part = padded[:, k:k + stride * (rows - 1) + 1:stride, m:m + stride * (cols - 1) + 1:stride]  →  part = padded[:, k:k + (stride * rows - 1) + 1:stride, m:m + stride * (cols - 1) + 1:stride]": "the end lies before the next place",
        "part = padded[:, k:k + stride * (rows - 1) + 1:stride, m:m + stride * (cols - 1) + 1:stride]  →  part = padded[:, k:k + stride * (rows - 1) + 1:stride, m:m + (stride * cols - 1) + 1:stride]": "the end lies before the next place",
    },
    "max_pool2d": {
        "shifted = [images[:, k:k + stride * (rows - 1) + 1:stride, m:m + stride * (cols - 1) + 1:stride] for k in range(size) for m in range(size)]  →  shifted = [images[:, k:k + (stride * rows - 1) + 1:stride, m:m + stride * (cols - 1) + 1:stride] for k in range(size) for m in range(size)]": "the end lies before the next place",
        "shifted = [images[:, k:k + stride * (rows - 1) + 1:stride, m:m + stride * (cols - 1) + 1:stride] for k in range(size) for m in range(size)]  →  shifted = [images[:, k:k + stride * (rows - 1) + 1:stride, m:m + (stride * cols - 1) + 1:stride] for k in range(size) for m in range(size)]": "the end lies before the next place",
        "return sliding_window_view(images, (size, size), axis=(1, 2))[:, ::stride, ::stride].max(axis=(-1, -2))  →  return sliding_window_view(images, (size, size), axis=(2, 1))[:, ::stride, ::stride].max(axis=(-1, -2))": "the window is a square",
    },
    "avg_pool2d": {
        "windows = sliding_window_view(images.astype(np.float32), (size, size), axis=(1, 2))  →  windows = sliding_window_view(images.astype(np.float32), (size, size), axis=(2, 1))": "the window is a square",
    },
    "fractional_max_pool": {
        "bands = [images[:, a:b + more].max(axis=1) for a, b in itertools.pairwise(row_bounds)]  →  bands = [images[:, a:b + overlapping].max(axis=1) for a, b in itertools.pairwise(row_bounds)]": "True counts as 1",
        "return np.stack([strips[:, :, a:b + more].max(axis=2) for a, b in itertools.pairwise(col_bounds)], axis=2)  →  return np.stack([strips[:, :, a:b + overlapping].max(axis=2) for a, b in itertools.pairwise(col_bounds)], axis=2)": "True counts as 1",
        "result = np.full((batch, len(row_bounds) - 1, len(col_bounds) - 1, channels), -np.inf)  →  result = np.full((batch, len(row_bounds) - 1, len(col_bounds) - 1, channels), -np.inf + 1)": "±∞ and one is the same",
        "result = np.full((batch, len(row_bounds) - 1, len(col_bounds) - 1, channels), -np.inf)  →  result = np.full((batch, len(row_bounds) - 1, len(col_bounds) - 1, channels), -np.inf - 1)": "±∞ and one is the same",
    },
    "local_response_norm": {
        "band = np.abs(places[:, None] - places) <= n // 2  →  band = np.abs(places[:, None] - places) <= n / 2": "distances are whole numbers",
        "return values / (np.float32(k) + np.float32(alpha) * (values ** 2 @ band.astype(np.float32))) ** np.float32(beta)  →  return values / (k + np.float32(alpha) * (values ** 2 @ band.astype(np.float32))) ** np.float32(beta)": OTHER_TYPE,
        "return values / (np.float32(k) + np.float32(alpha) * (values ** 2 @ band.astype(np.float32))) ** np.float32(beta)  →  return values / (np.float32(k) + alpha * (values ** 2 @ band.astype(np.float32))) ** np.float32(beta)": OTHER_TYPE,
        "return values / (np.float32(k) + np.float32(alpha) * (values ** 2 @ band.astype(np.float32))) ** np.float32(beta)  →  return values / (np.float32(k) + np.float32(alpha) * (values ** 2 @ band.astype(np.float32))) ** beta": OTHER_TYPE,
        "around = maps[b, row, col, max(0, i - n // 2):min(maps.shape[3] - 1, i + n // 2) + 1]  →  around = maps[b, row, col, max(0, i - n // 2):min(maps.shape[3] + 1, i + n // 2) + 1]": "a slice ends with the array at the latest",
        "around = maps[b, row, col, max(0, i - n // 2):min(maps.shape[3] - 1, i + n // 2) + 1]  →  around = maps[b, row, col, max(0, i - n // 2):min(maps.shape[3], i + n // 2) + 1]": "a slice ends with the array at the latest",
        "around = maps[b, row, col, max(0, i - n // 2):min(maps.shape[3] - 1, i + n // 2) + 1]  →  around = maps[b, row, col, max(0, i - n // 2):min(maps.shape[3] - 0, i + n // 2) + 1]": "a slice ends with the array at the latest",
        "around = maps[b, row, col, max(0, i - n // 2):min(maps.shape[3] - 1, i + n // 2) + 1]  →  around = maps[b, row, col, max(0, i - n // 2):min(maps.shape[3] - -1, i + n // 2) + 1]": "a slice ends with the array at the latest",
    },
    "receptive_field": {
        "return np.int64(1 + sum(((kernel - 1) * math.prod(strides[:place]) for place, (kernel, _) in enumerate(layers))))  →  return 1 + sum(((kernel - 1) * math.prod(strides[:place]) for place, (kernel, _) in enumerate(layers)))": OTHER_TYPE,
    },
    "layer_parameters": {
        "if layer[0] == 'dense':  →  if layer[0] == 'conv':": "only one of the conditions holds",
        "if layer[0] == 'conv':  →  if layer[0] == 'local':": "only one of the conditions holds",
        "if kind == 'pool':  →  fan_in = np.prod(shape) if kind == 'dense' else layer[2] * layer[2] * shape[2]": "what is worked out is not used there",
    },
    "layer_memory": {
        "for length in shape[:2]:  →  start, count = (-padding, 0)": "it is set anew before it is used",
    },
}
