"""Other right ways to answer unit 16, as students write them: sequential, functional and with keras.ops."""

import math

import numpy as np


def cost_by_parts(kernel, channels, filters, rows, cols):
    depthwise = kernel * kernel * channels
    pointwise = channels * filters
    return depthwise + pointwise, (depthwise + pointwise) * rows * cols, (depthwise + pointwise) / (depthwise * filters)


def cost_by_the_lectures_formula(kernel, channels, filters, rows, cols):
    places = rows * cols
    work = kernel**2 * channels * places + channels * filters * places
    return [work / places, work, work / (kernel**2 * channels * filters * places)]


def _norm():
    from keras import layers

    return [layers.BatchNormalization(), layers.ReLU(max_value=6)]


def _separable_layers(filters, stride):
    from keras import layers

    deep = layers.DepthwiseConv2D(kernel_size=3, strides=(stride, stride), padding="same", use_bias=False)
    return [deep, *_norm(), layers.Conv2D(filters, kernel_size=1, padding="same", use_bias=False), *_norm()]


def block_as_a_sequential(x, filters, stride):
    import keras

    return keras.Sequential(_separable_layers(filters, stride))(x)


def block_with_ops(x, filters, stride):
    from keras import layers, ops

    for layer in (
        layers.DepthwiseConv2D((3, 3), strides=stride, padding="same", use_bias=False),
        layers.Conv2D(filters, (1, 1), use_bias=False),
    ):
        x = ops.relu6(layers.BatchNormalization()(layer(x)))
    return x


def _net_layers(table, first, classes, width):
    from keras import layers

    steps = [layers.Conv2D(int(first * width), 3, 2, padding="same", use_bias=False), *_norm()]
    for stride, filters in table:
        steps += _separable_layers(int(width * filters), stride)
    return [*steps, layers.GlobalAvgPool2D(), layers.Dense(classes), layers.Softmax()]


def net_as_a_sequential(table, first, input_shape=(224, 224, 3), classes=1000, width=1.0):
    import keras

    return keras.Sequential([keras.Input(input_shape), *_net_layers(table, first, classes, width)])


def net_as_a_class(table, first, input_shape=(224, 224, 3), classes=1000, width=1.0):
    import keras

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.steps = _net_layers(table, first, classes, width)

        def call(self, images):
            for step in self.steps:
                images = step(images)
            return images

    net = Net()
    net(np.zeros((1, *input_shape), dtype=np.float32))
    return net


def macs_with_shapes(net, input_shape):
    shape, work, weights = list(input_shape), 0, 0
    for entry in net:
        if entry[0] == "conv":
            _, kernel, stride, filters, groups = entry
            shape = [math.ceil(shape[0] / stride), math.ceil(shape[1] / stride), shape[2]]
            number = int(kernel * kernel * shape[2] / groups * filters)
            shape[2] = filters
            weights += number
            work += number * shape[0] * shape[1]
        elif entry[0] == "pool":
            shape[:2] = [math.ceil(side / entry[1]) for side in shape[:2]]
        elif entry[0] == "mean":
            shape = shape[2:]
        else:
            number = math.prod(shape) * entry[1]
            work, weights, shape = work + number, weights + number, [entry[1]]
    return [work, weights]


def macs_in_two_arrays(net, input_shape):
    rows, cols, channels = input_shape
    counts, places = [], []
    for kind, *numbers in net:
        if kind == "mean":
            rows = cols = 1
            continue
        kernel, stride, filters, groups = {
            "conv": numbers,
            "pool": [0, numbers[0], channels, 1],
            "dense": [1, 1, *numbers, 1],
        }[kind]
        if kind == "dense":
            rows, cols, channels = 1, 1, rows * cols * channels
        rows, cols = (rows + stride - 1) // stride, (cols + stride - 1) // stride
        counts.append(kernel**2 * channels * filters // groups)
        places.append(rows * cols)
        channels = filters
    return np.dot(counts, places), np.sum(counts)


def fire_with_relu_apart(x, squeeze, expand):
    from keras import layers, ops

    thin = ops.relu(layers.Conv2D(squeeze, (1, 1), padding="same")(x))
    return ops.relu(ops.concatenate([layers.Conv2D(expand, 1)(thin), layers.Conv2D(expand, 3, padding="same")(thin)], axis=-1))


def fire_other_order_of_layers(x, squeeze, expand, name=None):
    from keras import layers

    threes = layers.Conv2D(expand, 3, padding="same", activation="relu")
    x = layers.Conv2D(squeeze, 1, activation="relu")(x)
    wide = threes(x)
    return layers.concatenate([layers.Conv2D(expand, 1, activation="relu")(x), wide])


def operation_as_a_sequential(x, kind, filters, stride):
    import keras
    from keras import layers

    if kind == "id":
        return x
    if kind == "avg3":
        return layers.AvgPool2D((3, 3), stride, "same")(x)
    if kind == "max3":
        return layers.MaxPool2D((3, 3), stride, "same")(x)
    kernel = int(kind[-1])
    return keras.Sequential(
        [
            layers.ReLU(),
            layers.SeparableConv2D(filters, kernel, stride, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.SeparableConv2D(filters, kernel, padding="same", use_bias=False),
            layers.BatchNormalization(),
        ]
    )(x)


def operation_with_ops(x, kind, filters, stride):
    from keras import layers, ops

    name, kernel = kind[:3], kind[3:]
    if name == "avg":
        return ops.average_pool(x, int(kernel), strides=stride, padding="same")
    if name == "max":
        return ops.max_pool(x, int(kernel), strides=stride, padding="same")
    if name == "sep":
        for number in range(2):
            step = 1 if number else stride
            layer = layers.SeparableConv2D(filters, int(kernel), strides=step, padding="same", use_bias=False)
            x = layers.BatchNormalization()(layer(layers.Activation("relu")(x)))
    return x


def cell_as_a_list(h, p, filters, pairs, output, stride):
    from keras import layers

    sums = [None]
    for left, left_input, right, right_input in pairs:
        ways = []
        for kind, source in ((left, left_input), (right, right_input)):
            if source == "h":
                ways.append(operation_as_a_sequential(h, kind, filters, stride))
            elif source == "p":
                ways.append(operation_as_a_sequential(p, kind, filters, stride))
            else:
                ways.append(operation_as_a_sequential(sums[source], kind, filters, 1))
        sums.append(ways[0] + ways[1])
    return layers.concatenate([p if name == "p" else h if name == "h" else sums[name] for name in output])


def cell_with_ops(h, p, filters, pairs, output, stride):
    from keras import ops

    parts = {"h": h, "p": p}
    for line in pairs:
        left, right = (
            operation_with_ops(parts[source], kind, filters, 1 if isinstance(source, int) else stride)
            for kind, source in (line[:2], line[2:])
        )
        parts[len(parts) - 1] = ops.add(left, right)
    return ops.concatenate([parts[name] for name in output], axis=3)


def block_with_a_group_for_each_channel(x, filters, stride):
    from keras import layers

    channels = x.shape[-1]
    x = layers.Conv2D(channels, 3, strides=stride, padding="same", groups=channels, use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    x = layers.Conv2D(filters, 1, use_bias=False)(x)
    return layers.ReLU(6.0)(layers.BatchNormalization()(x))


def depthwise_channel_by_channel(x, kernels):
    from scipy.signal import correlate2d

    maps = [correlate2d(x[..., c], kernels[..., c], mode="valid") for c in range(x.shape[2])]
    return np.stack(maps, axis=-1)


def depthwise_shift_by_shift(x, kernels):
    side = len(kernels)
    rows, cols = x.shape[0] - side + 1, x.shape[1] - side + 1
    return sum(kernels[u, v] * x[u : u + rows, v : v + cols] for u in range(side) for v in range(side))


def mix_after_two_looks(channels, filters, field, weights):
    return ([field - 2, channels, channels], [3, channels, channels], [1, filters, 1])


def mix_as_an_array(channels, filters, field, weights):
    return np.array([[field, channels, channels], [1, filters, 1]])


RIGHT_ANSWERS = {
    "depthwise": (depthwise_channel_by_channel, depthwise_shift_by_shift),
    "look_and_mix": (mix_after_two_looks, mix_as_an_array),
    "separable_cost": (cost_by_parts, cost_by_the_lectures_formula),
    "separable_block": (block_as_a_sequential, block_with_ops, block_with_a_group_for_each_channel),
    "mobilenet": (net_as_a_sequential, net_as_a_class),
    "count_macs": (macs_with_shapes, macs_in_two_arrays),
    "fire": (fire_with_relu_apart, fire_other_order_of_layers),
    "nas_cell": (cell_as_a_list, cell_with_ops),
}
