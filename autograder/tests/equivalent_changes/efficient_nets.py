"""Changes of right answers of unit 16 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import (
    INDEPENDENT,
    NO_REST,
    OTHER_TYPE,
    PRODUCT_ONLY,
    RELU_TWICE,
    SAME_AXIS,
    SAME_SHAPE,
    SYMMETRIC,
)

NO_NAMES = "names may be left aside, so the check gives none"
NO_ZEROS = "a 1 × 1 kernel with stride 1 needs no zeros"
ONLY_DENSE = "only dense layers follow, and the product is the same"
PRODUCT = "only the product of rows and columns counts"
WHOLE = "the same whole numbers, as floats"

EQUIVALENT: dict[str, dict[str, str]] = {
    "count_macs": {
        "rows = cols = 1  →  rows = cols = -1": "only dense layers follow, and two signs cancel",
        "rows, cols, channels = (1, 1, numbers[0])  →  rows, cols, channels = (numbers[0], 1, 1)": ONLY_DENSE,
        "rows, cols, channels = (1, 1, numbers[0])  →  rows, cols, channels = (1, numbers[0], 1)": ONLY_DENSE,
        "rows, cols = (-(-rows // stride), -(-cols // stride))  →  rows, cols = (-(-cols // stride), -(-rows // stride))": PRODUCT,
        "new = kernel ** 2 * (channels // groups) * filters  →  new = kernel ** 2 * channels // groups * filters": "groups divide the channels",
        "new = kernel ** 2 * (channels // groups) * filters  →  new = kernel ** 2 * (channels / groups) * filters": WHOLE,
    },
    "separable_block": {
        "x = layers.Conv2D(filters, 1, use_bias=False)(x)  →  x = layers.Conv2D(filters, 1, use_bias=False, padding='same')(x)": NO_ZEROS,
    },
    "fire": {
        "names = ('squeeze1x1', 'expand1x1', 'expand3x3')  →  names = ('expand1x1', 'squeeze1x1', 'expand3x3')": NO_NAMES,
        "names = [f'{name}-{part}' if name else None for part in names]  →  names = [f'{name}-{part}' for part in names]": NO_NAMES,
        "names = [f'{name}-{part}' if name else None for part in names]  →  names = [f'{name}-{part}' if expand else None for part in names]": NO_NAMES,
        "names = [f'{name}-{part}' if name else None for part in names]  →  names = [f'{name}-{part}' if part else None for part in names]": NO_NAMES,
        "x = layers.Conv2D(squeeze, 1, activation='relu', name=names[0])(x)  →  x = layers.Conv2D(squeeze, 1, activation='relu', name=names[1])(x)": NO_NAMES,
        "names = ('squeeze1x1', 'expand1x1', 'expand3x3')  →  names = ('expand3x3', 'expand1x1', 'squeeze1x1')": NO_NAMES,
        "names = ('squeeze1x1', 'expand1x1', 'expand3x3')  →  names = ('squeeze1x1', 'expand3x3', 'expand1x1')": NO_NAMES,
        "names = [f'{name}-{part}' if name else None for part in names]  →  names = [None if name else f'{name}-{part}' for part in names]": NO_NAMES,
        "names = [f'{name}-{part}' if name else None for part in names]  →  names = [None for part in names]": NO_NAMES,
        "names = [f'{name}-{part}' if name else None for part in names]  →  names = [f'{name}-{part}' if squeeze else None for part in names]": NO_NAMES,
        "names = [f'{name}-{part}' if name else None for part in names]  →  names = [f'{name}-{part}' if names else None for part in names]": NO_NAMES,
        "x = layers.Conv2D(squeeze, 1, activation='relu', name=names[0])(x)  →  x = layers.Conv2D(squeeze, 1, activation='relu', name=names[0], padding='same')(x)": NO_ZEROS,
        "x = layers.Conv2D(squeeze, 1, activation='relu', name=names[0])(x)  →  x = layers.Conv2D(squeeze, 1, activation='relu', name=names[-1])(x)": NO_NAMES,
        "ones = layers.Conv2D(expand, 1, activation='relu', name=names[1])(x)  →  ones = layers.Conv2D(expand, 1, activation='relu', name=names[1], padding='same')(x)": NO_ZEROS,
        "ones = layers.Conv2D(expand, 1, activation='relu', name=names[1])(x)  →  ones = layers.Conv2D(expand, 1, activation='relu', name=names[2])(x)": NO_NAMES,
        "ones = layers.Conv2D(expand, 1, activation='relu', name=names[1])(x)  →  ones = layers.Conv2D(expand, 1, activation='relu', name=names[0])(x)": NO_NAMES,
        "ones = layers.Conv2D(expand, 1, activation='relu', name=names[1])(x)  →  ones = layers.Conv2D(expand, 1, activation='relu', name=names[-1])(x)": NO_NAMES,
        "threes = layers.Conv2D(expand, 3, padding='same', activation='relu', name=names[2])(x)  →  threes = layers.Conv2D(expand, 3, padding='same', activation='relu', name=names[1])(x)": NO_NAMES,
        "threes = layers.Conv2D(expand, 3, padding='same', activation='relu', name=names[2])(x)  →  threes = layers.Conv2D(expand, 3, padding='same', activation='relu', name=names[-2])(x)": NO_NAMES,
        "names = [f'{name}-{part}' if name else None for part in names]  →  x = layers.Conv2D(squeeze, 1, activation='relu', name=names[0])(x)": NO_NAMES,
    },
    "nas_cell": {
        "for kind, source in (left, (right, right_input)):  →  for kind, source in ((right, right_input), left):": SYMMETRIC,
        "parts[number] = layers.Add()(ways)  →  parts[number] = layers.Add()(ways)": "in the inner loop the second round writes the sum over what the first wrote",
    },
}

JOINED = (
    "return ops.relu(ops.concatenate([layers.Conv2D(expand, 1)(thin), layers.Conv2D(expand, 3, padding='same')(thin)], axis=-1))"
)

EQUIVALENT_OF_OTHERS = {
    "separable_cost": {
        "return [work / places, work, work / (kernel ** 2 * channels * filters * places)]  →  return [work // places, work, work / (kernel ** 2 * channels * filters * places)]": NO_REST,
    },
    "depthwise": {
        "maps = [correlate2d(x[..., c], kernels[..., c], mode='valid') for c in range(x.shape[2])]  →  maps = [correlate2d(x[..., c], kernels[..., c], mode='valid') for c in range(kernels.shape[2])]": SAME_SHAPE,
    },
    "count_macs": {
        "counts.append(kernel ** 2 * channels * filters // groups)  →  counts.append(kernel ** 2 * channels * (filters // groups))": NO_REST,
        "shape = [math.ceil(shape[0] / stride), math.ceil(shape[1] / stride), shape[2]]  →  shape = [math.ceil(shape[1] / stride), math.ceil(shape[0] / stride), shape[2]]": PRODUCT_ONLY,
        "number = int(kernel * kernel * shape[2] / groups * filters)  →  number = kernel * kernel * shape[2] / groups * filters": OTHER_TYPE,
        "number = int(kernel * kernel * shape[2] / groups * filters)  →  number = int(kernel * kernel * shape[2] // groups * filters)": NO_REST,
        "elif entry[0] == 'mean':  →  elif entry[-1] == 'mean':": SAME_AXIS,
        "shape = [math.ceil(shape[0] / stride), math.ceil(shape[1] / stride), shape[2]]  →  number = int(kernel * kernel * shape[2] / groups * filters)": INDEPENDENT,
        "rows = cols = 1  →  rows = cols = -1": PRODUCT_ONLY,
        "kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [1, 1, *numbers, 1]}[kind]  →  kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[-1], channels, 1], 'dense': [1, 1, *numbers, 1]}[kind]": SAME_AXIS,
        "kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [1, 1, *numbers, 1]}[kind]  →  kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 2], 'dense': [1, 1, *numbers, 1]}[kind]": "a pool has 0 weights, divided by any number",
        "kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [1, 1, *numbers, 1]}[kind]  →  kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, -1], 'dense': [1, 1, *numbers, 1]}[kind]": "a pool has 0 weights, divided by any number",
        "kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [1, 1, *numbers, 1]}[kind]  →  kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [-1, 1, *numbers, 1]}[kind]": "of a kernel only the square counts",
        "kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [1, 1, *numbers, 1]}[kind]  →  kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [1, 2, *numbers, 1]}[kind]": "one place stays one place",
        "kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [1, 1, *numbers, 1]}[kind]  →  kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [1, -1, *numbers, 1]}[kind]": "one place stays one place",
        "rows, cols = ((rows + stride - 1) // stride, (cols + stride - 1) // stride)  →  rows, cols = ((cols + stride - 1) // stride, (rows + stride - 1) // stride)": PRODUCT_ONLY,
        "counts.append(kernel ** 2 * channels * filters // groups)  →  counts.append(kernel ** 2 * channels * filters / groups)": NO_REST,
        "kernel, stride, filters, groups = {'conv': numbers, 'pool': [0, numbers[0], channels, 1], 'dense': [1, 1, *numbers, 1]}[kind]  →  if kind == 'dense':": INDEPENDENT,
        "if kind == 'dense':  →  rows, cols = ((rows + stride - 1) // stride, (cols + stride - 1) // stride)": INDEPENDENT,
    },
    "fire": {
        "thin = ops.relu(layers.Conv2D(squeeze, (1, 1), padding='same')(x))  →  thin = ops.relu(layers.Conv2D(squeeze, (1, 1), padding='same', activation='relu')(x))": RELU_TWICE,
        f"{JOINED}  →  return ops.relu(ops.concatenate([layers.Conv2D(expand, 1, activation='relu')(thin), layers.Conv2D(expand, 3, padding='same')(thin)], axis=-1))": RELU_TWICE,
        f"{JOINED}  →  return ops.relu(ops.concatenate([layers.Conv2D(expand, 1)(thin), layers.Conv2D(expand, 3, padding='same', activation='relu')(thin)], axis=-1))": RELU_TWICE,
    },
    "nas_cell": {
        "for kind, source in ((left, left_input), (right, right_input)):  →  for kind, source in ((right, right_input), (left, left_input)):": SYMMETRIC,
    },
    "mobilenet": {
        "net(np.zeros((1, *input_shape), dtype=np.float32))  →  net(np.zeros((2, *input_shape), dtype=np.float32))": "the layers learn their shapes from any number of images",
    },
}
