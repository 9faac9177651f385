"""Changes of right answers of unit 11 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import (
    ALIAS,
    INDEPENDENT,
    KERAS_DEFAULT,
    NO_REST,
    ONE_BACK,
    PRODUCT_ONLY,
    RELU_TWICE,
    SAME_AXIS,
    TOLD_BY_EXAMPLES,
)

PRODUCT = "only the product of rows and columns counts"
WHOLE = "the same whole numbers, as floats"

EQUIVALENT: dict[str, dict[str, str]] = {
    "alexnet_parameters": {
        "rows, cols = (alexnet_sizes(side, [window])[0][0] for side in (rows, cols))  →  rows, cols = (alexnet_sizes(side, [window])[0][0] for side in (cols, rows))": PRODUCT,
        "counts.append((kernel ** 2 * channels // groups + 1) * filters)  →  counts.append((kernel ** 2 * channels / groups + 1) * filters)": WHOLE,
        "counts.append((kernel ** 2 * channels // groups + 1) * filters)  →  counts.append((kernel ** 2 * (channels // groups) + 1) * filters)": "groups divide the channels",
        "before = rows * cols * channels  →  before = rows * cols * filters": ALIAS,
        "if kind == 'lrn':  →  window = numbers if kind == 'pool' else numbers[1:4]": INDEPENDENT,
        "rows, cols = (alexnet_sizes(side, [window])[0][0] for side in (rows, cols))  →  if kind == 'conv':": INDEPENDENT,
    },
    "alexnet_initial": {
        "positive = place in (1, 3, 4) or 5 <= place < len(shapes) - 1  →  positive = place in (1, 3, 4) or 4 <= place < len(shapes) - 1": "place 4 is among them anyway",
        "positive = place in (1, 3, 4) or 5 <= place < len(shapes) - 1  →  arrays.append(generator.normal(0, 0.01, shape))": INDEPENDENT,
    },
    "thinned_row": {
        "means = np.convolve(row, np.ones(width) / width, mode='valid')  →  means = np.correlate(row, np.ones(width) / width, mode='valid')": "equal weights read the same from both ends",
    },
    "lrn": {
        "near = np.abs(places[:, None] - places) <= size // 2  →  near = np.abs(places - places[:, None]) <= size // 2": "the sign is lost in the absolute value",
        "near = np.abs(places[:, None] - places) <= size // 2  →  near = np.abs(places[:, None] - places) <= size / 2": "the size is odd",
        "return x / (k + alpha * keras.ops.matmul(x * x, near.astype('float32'))) ** beta  →  return x / (k + alpha * keras.ops.matmul(x * x, near)) ** beta": "Keras turns True into 1",
    },
}

EQUIVALENT_OF_OTHERS = {
    "alexnet_sizes": {
        "side = math.floor(room / stride) + 1  →  side = math.floor(room // stride) + 1": "it is rounded down anyway",
    },
    "alexnet_parameters": {
        "counts.append(row[1] + row[2] * row[2] * channels * row[1] // row[5])  →  counts.append(row[1] + row[2] * row[2] * channels * (row[1] // row[5]))": NO_REST,
        "if row[0] == 'lrn':  →  if row[-1] == 'lrn':": SAME_AXIS,
        "rows, cols = (sizes_by_formula(side, [window])[0][0] for side in (rows, cols))  →  rows, cols = (sizes_by_formula(side, [window])[0][0] for side in (cols, rows))": PRODUCT_ONLY,
        "counts.append(row[1] + row[2] * row[2] * channels * row[1] // row[5])  →  counts.append(row[1] + row[2] * row[2] * channels * row[1] / row[5])": NO_REST,
        "if row[0] == 'lrn':  →  window = row[1:] if row[0] == 'pool' else row[2:5]": "what is worked out is not used there",
        "counts.append(sum(((kernel ** 2 * (channels // groups) + 1) * (filters // groups) for _ in range(groups))))  →  counts.append(sum(((kernel ** 2 * (channels // groups) + 1) * filters // groups for _ in range(groups))))": NO_REST,
        "counts.append(sum(((kernel ** 2 * (channels // groups) + 1) * (filters // groups) for _ in range(groups))))  →  counts.append(sum(((kernel ** 2 * channels // groups + 1) * (filters // groups) for _ in range(groups))))": NO_REST,
        "counts.append(sum(((kernel ** 2 * (channels // groups) + 1) * (filters // groups) for _ in range(groups))))  →  counts.append(sum(((kernel ** 2 * (channels / groups) + 1) * (filters // groups) for _ in range(groups))))": NO_REST,
        "counts.append(sum(((kernel ** 2 * (channels // groups) + 1) * (filters // groups) for _ in range(groups))))  →  counts.append(sum(((kernel ** 2 * (channels // groups) + 1) * (filters / groups) for _ in range(groups))))": NO_REST,
        "rows, cols = ((rows + 2 * zeros - kernel) // stride + 1, (cols + 2 * zeros - kernel) // stride + 1)  →  rows, cols = ((cols + 2 * zeros - kernel) // stride + 1, (rows + 2 * zeros - kernel) // stride + 1)": PRODUCT_ONLY,
        "before = [rows * cols * channels, *units]  →  before = [rows * cols * filters, *units]": ALIAS,
    },
    "alexnet_initial": {
        "positive = number in (2, 4, 5) or 5 < number < len(shapes)  →  positive = number in (2, 4, 5) or 4 < number < len(shapes)": "the number 5 is among the others",
    },
    "aliased_frequency": {
        "return min((abs(frequency - n / stride) for n in range(stride + 1)))  →  return min((abs(frequency - n / stride) for n in range(stride + 1 + 1)))": "the turns beyond are further away",
        "return min((abs(frequency - n / stride) for n in range(stride + 1)))  →  return min((abs(frequency - n / stride) for n in range(stride + 2)))": "the turns beyond are further away",
    },
    "thinned_row": {
        "sums = np.cumsum(np.append(0, row))  →  sums = np.cumsum(np.append(1, row))": "a sum from one place to another does not see what was before both",
        "sums = np.cumsum(np.append(0, row))  →  sums = np.cumsum(np.append(-1, row))": "a sum from one place to another does not see what was before both",
    },
    "lrn": {
        "sums = ops.conv(ops.square(x), band[None, None].astype('float32'), strides=1, padding='valid', data_format='channels_last')  →  sums = ops.conv(ops.square(x), band[None, None].astype('float32'), strides=1, data_format='channels_last')": KERAS_DEFAULT,
    },
    "grouped_conv": {
        "return towers[0] if groups == 1 else layers.Concatenate()(towers)  →  return towers[0] if filters == 1 else layers.Concatenate()(towers)": ONE_BACK,
        "return towers[0] if groups == 1 else layers.Concatenate()(towers)  →  return towers[0] if groups + 1 == 1 else layers.Concatenate()(towers)": ONE_BACK,
        "return towers[0] if groups == 1 else layers.Concatenate()(towers)  →  return filters[0] if groups == 1 else layers.Concatenate()(towers)": TOLD_BY_EXAMPLES,
        "return towers[0] if groups == 1 else layers.Concatenate()(towers)  →  return towers[1] if groups == 1 else layers.Concatenate()(towers)": TOLD_BY_EXAMPLES,
        "towers = [layers.Conv2D(each, kernel, stride)(part) for part in ops.split(x, groups, axis=3)]  →  towers = [layers.Conv2D(each, kernel, stride, activation='relu')(part) for part in ops.split(x, groups, axis=3)]": RELU_TWICE,
    },
    "alexnet": {
        "padded = layers.ZeroPadding2D(zeros)(x) if zeros else x  →  padded = layers.ZeroPadding2D(zeros)(x) if zeros else classes": TOLD_BY_EXAMPLES,
        "padded = layers.ZeroPadding2D(zeros)(x) if zeros else x  →  padded = layers.ZeroPadding2D(zeros)(x) if zeros else window": TOLD_BY_EXAMPLES,
    },
}
