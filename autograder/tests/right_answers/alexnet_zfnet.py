"""Other right ways to answer unit 11: counting, channel by channel, Sequential parts, loops."""

import math

import numpy as np


def sizes_by_formula(side, windows):
    result = []
    for kernel, stride, zeros in windows:
        room = side + 2 * zeros - kernel
        side = math.floor(room / stride) + 1
        result.append([side, room % stride])
    return np.array(result)


def sizes_by_counting(side, windows):
    result = []
    for kernel, stride, zeros in windows:
        pixels = list(range(-zeros, side + zeros))
        starts = [p for p in pixels[::stride] if p + kernel - 1 <= pixels[-1]]
        result.append((len(starts), pixels[-1] - (starts[-1] + kernel - 1)))
        side = len(starts)
    return result


def lrn_channel_by_channel(x, size=5, k=2.0, alpha=1e-4, beta=0.75):
    from keras import ops

    squares = ops.square(x)
    channels, half, sums = x.shape[-1], size // 2, []
    for i in range(channels):
        near = list(range(max(0, i - half), min(channels, i + half + 1)))
        sums.append(ops.sum(ops.take(squares, near, axis=-1), axis=-1))
    return x / ops.power(k + alpha * ops.stack(sums, axis=-1), beta)


def lrn_by_convolution(x, size=5, k=2.0, alpha=1e-4, beta=0.75):
    from keras import ops

    channels = x.shape[-1]
    band = np.array([[float(abs(i - j) <= size // 2) for j in range(channels)] for i in range(channels)])
    sums = ops.conv(ops.square(x), band[None, None].astype("float32"), strides=1, padding="valid", data_format="channels_last")
    return ops.multiply(x, (k + alpha * sums) ** -beta)


def grouped_by_take(x, filters, kernel, stride, groups):
    from keras import layers, ops

    width = x.shape[-1] // groups
    towers = []
    for g in range(groups):
        part = ops.take(x, list(range(g * width, (g + 1) * width)), axis=3)
        towers.append(layers.ReLU()(layers.Conv2D(filters // groups, (kernel, kernel), strides=(stride, stride))(part)))
    return towers[0] if groups == 1 else layers.Concatenate()(towers)


def grouped_relu_at_the_end(x, filters, kernel, stride, groups):
    from keras import layers, ops

    each = filters // groups
    towers = [layers.Conv2D(each, kernel, stride)(part) for part in ops.split(x, groups, axis=3)]
    return ops.relu(ops.concatenate(towers, axis=-1))


def net_step_by_step(table, units, input_shape, classes):
    import keras
    from keras import layers

    images = keras.Input(shape=input_shape)
    x = images
    for row in table:
        if row[0] == "conv":
            x = layers.ZeroPadding2D((row[4], row[4]))(x)
            x = grouped_by_take(x, row[1], row[2], row[3], row[5])
        elif row[0] == "pool":
            x = layers.ZeroPadding2D(row[3])(x)
            x = layers.MaxPool2D(pool_size=row[1], strides=row[2])(x)
        else:
            x = lrn_channel_by_channel(x)
    x = layers.Reshape((-1,))(x)
    for size in units:
        x = layers.Dense(size)(x)
        x = layers.Dropout(0.5)(layers.ReLU()(x))
    x = layers.Softmax()(layers.Dense(classes)(x))
    return keras.Model(inputs=images, outputs=x)


def net_with_a_sequential_head(table, units, input_shape, classes):
    import keras
    from keras import layers

    images = x = keras.Input(input_shape)
    for kind, *numbers in table:
        match kind:
            case "conv":
                filters, kernel, stride, zeros, groups = numbers
                x = grouped_relu_at_the_end(layers.ZeroPadding2D(zeros)(x), filters, kernel, stride, groups)
            case "pool":
                window, stride, zeros = numbers
                padded = layers.ZeroPadding2D(zeros)(x) if zeros else x
                x = layers.MaxPooling2D(window, stride)(padded)
            case "lrn":
                x = lrn_by_convolution(x)
    head = [part for size in units for part in (layers.Dense(size, activation="relu"), layers.Dropout(0.5))]
    return keras.Model(images, keras.Sequential([layers.Flatten(), *head, layers.Dense(classes, activation="softmax")])(x))


def parameters_with_sizes(table, units, input_shape, classes):
    counts, (rows, cols, channels) = [], input_shape
    for row in table:
        if row[0] == "lrn":
            continue
        window = row[1:] if row[0] == "pool" else row[2:5]
        rows, cols = (sizes_by_formula(side, [window])[0][0] for side in (rows, cols))
        if row[0] == "conv":
            counts.append(row[1] + row[2] * row[2] * channels * row[1] // row[5])
            channels = row[1]
    inputs = rows * cols * channels
    for size in [*units, classes]:
        counts.append(inputs * size + size)
        inputs = size
    return np.array(counts)


def parameters_tower_by_tower(table, units, input_shape, classes):
    rows, cols, channels = input_shape
    counts = []
    for kind, *numbers in table:
        if kind == "conv":
            filters, kernel, stride, zeros, groups = numbers
            counts.append(sum((kernel**2 * (channels // groups) + 1) * (filters // groups) for _ in range(groups)))
            channels = filters
        elif kind == "pool":
            kernel, stride, zeros = numbers
        else:
            kernel, stride, zeros = 1, 1, 0
        rows, cols = (rows + 2 * zeros - kernel) // stride + 1, (cols + 2 * zeros - kernel) // stride + 1
    before = [rows * cols * channels, *units]
    return counts + [(a + 1) * b for a, b in zip(before, [*units, classes], strict=True)]


def initial_by_lists(shapes, seed):
    generator = np.random.default_rng(seed)
    values = [0, 1, 0, 1, 1] + [1] * (len(shapes) - 6) + [0]
    return [
        part
        for shape, value in zip(shapes, values, strict=True)
        for part in (0.01 * generator.standard_normal(shape), [value] * shape[-1])
    ]


def initial_float32(shapes, seed):
    generator, arrays = np.random.default_rng(seed), []
    for number, shape in enumerate(shapes, start=1):
        arrays.append(generator.normal(scale=0.01, size=shape).astype("float32"))
        positive = number in (2, 4, 5) or 5 < number < len(shapes)
        arrays.append(np.ones(shape[-1]) if positive else np.zeros(shape[-1]))
    return tuple(arrays)


def aliased_by_folding(frequency, stride):
    turns = (frequency * stride) % 1
    return min(turns, 1 - turns) / stride


def aliased_by_search(frequency, stride):
    return min(abs(frequency - n / stride) for n in range(stride + 1))


def grouped_with_keras_activation(x, filters, kernel, stride, groups):
    import keras

    parts = keras.ops.split(x, groups, -1)
    towers = [keras.layers.Conv2D(filters // groups, kernel, stride)(part) for part in parts]
    return keras.activations.relu(keras.ops.concatenate(towers, -1))


def thinned_with_a_loop(row, width, stride):
    return [sum(row[n : n + width]) / width for n in range(0, len(row) - width + 1, stride)]


def thinned_by_running_sums(row, width, stride):
    sums = np.cumsum(np.append(0, row))
    return ((sums[width:] - sums[:-width]) / width)[::stride]


def layer_by_search(side, frequency, places):
    for stride in range(1, 9):
        for kernel in range(3, 12):
            for zeros in range(3):
                windows, rest = divmod(side + 2 * zeros - kernel, stride)
                if stride * frequency <= 0.5 and kernel >= stride and rest == 0 and windows < places:
                    return [kernel, stride, zeros]


def layer_with_zeros(side, frequency, places):
    stride = int(1 // (2 * frequency))
    zeros = 1
    kernel = stride + (side + 2 * zeros) % stride
    while kernel < 4:
        kernel += stride
    return np.array([kernel, stride, zeros])


RIGHT_ANSWERS = {
    "alexnet_sizes": (sizes_by_formula, sizes_by_counting),
    "lrn": (lrn_channel_by_channel, lrn_by_convolution),
    "grouped_conv": (grouped_by_take, grouped_relu_at_the_end, grouped_with_keras_activation),
    "alexnet": (net_step_by_step, net_with_a_sequential_head),
    "alexnet_parameters": (parameters_with_sizes, parameters_tower_by_tower),
    "alexnet_initial": (initial_by_lists, initial_float32),
    "aliased_frequency": (aliased_by_folding, aliased_by_search),
    "thinned_row": (thinned_with_a_loop, thinned_by_running_sums),
    "first_layer": (layer_by_search, layer_with_zeros),
}
