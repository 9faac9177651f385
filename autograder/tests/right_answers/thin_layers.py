"""Other right ways to answer unit 26, as students write them: with keras.ops, plus signs, sequential parts and helpers."""

import numpy as np


def one_kernel_by_loops(depthwise, pointwise):
    rows, cols, channels = depthwise.shape
    filters = pointwise.shape[1]
    kernel = np.zeros((rows, cols, channels, filters), dtype=np.float32)
    for c in range(channels):
        for m in range(filters):
            kernel[:, :, c, m] = depthwise[:, :, c] * pointwise[c, m]
    return kernel


def one_kernel_by_einsum(depthwise, pointwise):
    return np.einsum("ijc,cm->ijcm", depthwise, pointwise)


def _separable(x, filters):
    from keras import layers

    x = layers.SeparableConv2D(filters, (3, 3), padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def middle_with_plus(x, filters):
    from keras import ops

    branch = x
    for count in filters:
        branch = _separable(ops.relu(branch), count)
    return x + branch


def middle_by_two_steps(x, filters):
    from keras import layers

    branch = x
    for count in filters:
        branch = layers.Activation("relu")(branch)
        branch = _separable(branch, count)
    return layers.add([branch, x])


def shrinking_with_plus(x, filters):
    from keras import layers, ops

    branch = x
    for count in filters:
        branch = _separable(ops.relu(branch), count)
    short = layers.BatchNormalization()(layers.Conv2D(filters[-1], 1, strides=2, use_bias=False)(x))
    return layers.MaxPool2D(pool_size=3, strides=2, padding="same")(branch) + short


def shrinking_shortcut_last(x, filters):
    from keras import layers

    branch = x
    for count in filters:
        branch = layers.Activation("relu")(branch)
        branch = _separable(branch, count)
    branch = layers.MaxPooling2D((3, 3), strides=(2, 2), padding="same")(branch)
    projection = layers.Conv2D(branch.shape[-1], (1, 1), (2, 2), "same", use_bias=False)(x)
    return layers.Add()([layers.BatchNormalization()(projection), branch])


def xception_with_ops(flows, input_shape, classes):
    import keras
    from keras import layers, ops

    images = keras.Input(shape=input_shape)
    x = images
    for filters, stride in zip(flows["stem"], (2, 1), strict=True):
        x = layers.Conv2D(filters, 3, strides=stride, use_bias=False)(x)
        x = ops.relu(layers.BatchNormalization()(x))
    for filters in flows["entry"]:
        x = shrinking_with_plus(x, filters)
    for filters in flows["middle"]:
        x = middle_with_plus(x, filters)
    for filters in flows["exit"]:
        x = shrinking_shortcut_last(x, filters)
    for filters in flows["last"]:
        x = ops.relu(_separable(x, filters))
    x = ops.mean(x, axis=(1, 2))
    return keras.Model(images, layers.Softmax()(layers.Dense(classes)(x)))


def xception_in_parts(flows, input_shape, classes):
    import keras
    from keras import layers

    def stem():
        for filters, stride in ((flows["stem"][0], 2), (flows["stem"][1], 1)):
            yield layers.Conv2D(filters, (3, 3), (stride, stride), use_bias=False)
            yield layers.BatchNormalization()
            yield layers.Activation("relu")

    images = keras.Input(input_shape)
    x = keras.Sequential(list(stem()))(images)
    modules = [(shrinking_shortcut_last, f) for f in flows["entry"]] + [(middle_by_two_steps, f) for f in flows["middle"]]
    for module, filters in modules + [(shrinking_with_plus, f) for f in flows["exit"]]:
        x = module(x, filters)
    for filters in flows["last"]:
        x = layers.ReLU()(_separable(x, filters))
    return keras.Model(images, layers.Dense(classes, "softmax")(layers.GlobalAvgPool2D()(x)))


def shuffle_with_ops(x, groups):
    from keras import ops

    rows, cols, channels = x.shape[1:]
    x = ops.reshape(x, (-1, rows, cols, groups, channels // groups))
    return ops.reshape(ops.swapaxes(x, 3, 4), (-1, rows, cols, channels))


def shuffle_by_an_order(x, groups):
    from keras import ops

    order = np.arange(x.shape[-1]).reshape(groups, -1).T.ravel()
    return ops.take(x, order.tolist(), axis=-1)


def unit_with_if(x, filters, groups, stride, first_groups=None):
    from keras import layers, ops

    if first_groups is None:
        first_groups = groups
    y = layers.Conv2D(filters // 4, 1, groups=first_groups, use_bias=False)(x)
    y = ops.relu(layers.BatchNormalization()(y))
    y = shuffle_with_ops(y, groups)
    y = layers.DepthwiseConv2D(3, (stride, stride), "same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if stride == 1:
        y = layers.Conv2D(filters, 1, groups=groups, use_bias=False)(y)
        return ops.relu(x + layers.BatchNormalization()(y))
    y = layers.Conv2D(filters - x.shape[-1], 1, groups=groups, use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    means = layers.AvgPool2D(3, 2, "same")(x)
    return ops.relu(ops.concatenate([means, y], axis=-1))


def unit_by_helper(x, filters, groups, stride, first_groups=None):
    from keras import layers

    def conv_norm(t, layer):
        return layers.BatchNormalization()(layer(t))

    rest = filters if stride == 1 else filters - x.shape[-1]
    y = conv_norm(x, layers.Conv2D(int(filters / 4), (1, 1), groups=first_groups if first_groups else groups, use_bias=False))
    y = shuffle_by_an_order(layers.Activation("relu")(y), groups)
    y = conv_norm(y, layers.DepthwiseConv2D((3, 3), strides=stride, padding="same", use_bias=False))
    y = conv_norm(y, layers.Conv2D(rest, (1, 1), groups=groups, use_bias=False))
    short = x if stride == 1 else layers.AveragePooling2D((3, 3), stride, padding="same")(x)
    return layers.Activation("relu")(layers.add([short, y]) if stride == 1 else layers.concatenate([short, y]))


def shufflenet_with_ops(stages, groups, units, input_shape, classes):
    import keras
    from keras import layers, ops

    images = keras.Input(input_shape)
    x = layers.Conv2D(24, 3, 2, "same", use_bias=False)(images)
    x = layers.MaxPool2D(3, 2, "same")(ops.relu(layers.BatchNormalization()(x)))
    first_groups = 1
    for filters, count in zip(stages, units, strict=True):
        x = unit_with_if(x, filters, groups, 2, first_groups)
        for _ in range(count - 1):
            x = unit_with_if(x, filters, groups, 1)
        first_groups = None
    return keras.Model(images, ops.softmax(layers.Dense(classes)(ops.mean(x, axis=(1, 2)))))


def shufflenet_from_a_list(stages, groups, units, input_shape, classes):
    import keras
    from keras import layers

    plan = [(filters, 1 if k else 2) for filters, count in zip(stages, units, strict=True) for k in range(count)]
    stem = [layers.Conv2D(24, (3, 3), strides=2, padding="same", use_bias=False), layers.BatchNormalization(), layers.ReLU()]
    images = keras.Input(input_shape)
    x = layers.MaxPooling2D((3, 3), (2, 2), padding="same")(keras.Sequential(stem)(images))
    for place, (filters, stride) in enumerate(plan):
        x = unit_by_helper(x, filters, groups, stride, 1 if place == 0 else groups)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def wide_by_trying(filters, side, work):
    for wide in range(filters, 2 * filters + 50):
        for groups in range(1, wide):
            thin = wide / 4
            cost = side * side * (2 * wide * thin / groups + 9 * thin)
            if thin % groups == 0 and thin / groups >= groups and cost <= work:
                return wide, groups


def wide_from_many_groups(filters, side, work):
    groups = int((filters // 4) ** 0.5) + 2
    while True:
        wide = 4 * groups * max(groups, int(np.ceil(filters / 4 / groups)))
        if side**2 * (wide**2 / (2 * groups) + 9 * wide / 4) <= work:
            return np.array([wide, groups])
        groups -= 1


RIGHT_ANSWERS = {
    "as_one_kernel": (one_kernel_by_loops, one_kernel_by_einsum),
    "middle_module": (middle_with_plus, middle_by_two_steps),
    "shrinking_module": (shrinking_with_plus, shrinking_shortcut_last),
    "xception": (xception_with_ops, xception_in_parts),
    "channel_shuffle": (shuffle_with_ops, shuffle_by_an_order),
    "shuffle_unit": (unit_with_if, unit_by_helper),
    "shufflenet": (shufflenet_with_ops, shufflenet_from_a_list),
    "wide_unit": (wide_by_trying, wide_from_many_groups),
}
