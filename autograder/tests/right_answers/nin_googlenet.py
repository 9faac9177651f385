"""Other right ways to answer unit 13: branches as Sequential, operations instead of layers, sums written out."""

import math

import numpy as np


def cost_by_formula(shape, num_filters, kernel, stride):
    rows, cols, channels = shape
    weights = kernel[0] * kernel[1] * channels * num_filters
    return weights, weights * -(-rows // stride) * -(-cols // stride)


def cost_as_list_of_floats(shape, num_filters, kernel, stride):
    weights = float(np.prod(kernel)) * shape[-1] * num_filters
    return [weights, weights * math.ceil(shape[0] / stride) * math.ceil(shape[1] / stride)]


def reduced_by_formula(shape, num_reduce, num_filters, kernel):
    rows, cols, channels = shape
    weights = channels * num_reduce + num_reduce * kernel[0] * kernel[1] * num_filters
    return weights, weights * rows * cols


def reduced_by_sum(shape, num_reduce, num_filters, kernel):
    one = cost_by_formula(shape, num_reduce, (1, 1), 1)
    two = cost_by_formula((shape[0], shape[1], num_reduce), num_filters, kernel, 1)
    return np.add(one, two)


def mlpconv_with_activation_layers(x, num_filters, size, stride, padding):
    from keras import layers

    sizes = [size] + [1] * (len(num_filters) - 1)
    for n, (filters, side) in enumerate(zip(num_filters, sizes, strict=True)):
        x = layers.Conv2D(filters, (side, side), strides=stride if n == 0 else 1, padding=padding)(x)
        x = layers.ReLU()(x)
    return x


def mlpconv_sequential(x, num_filters, size, stride, padding):
    import keras
    from keras import layers

    first = layers.Conv2D(num_filters[0], size, stride, padding, activation=keras.ops.relu)
    return keras.Sequential([first, *(layers.Conv2D(n, 1, activation="relu") for n in num_filters[1:])])(x)


def head_with_activation(x, classes):
    from keras import layers

    return layers.Activation("softmax")(layers.GlobalAvgPool2D()(layers.Convolution2D(classes, 1)(x)))


def head_with_dense_behind_the_mean(x, classes):
    from keras import layers

    return layers.Dense(classes, activation="softmax")(layers.GlobalAveragePooling2D()(x))


def head_pools_first_and_keeps_the_place(x, classes):
    from keras import layers

    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    return layers.Flatten()(layers.Conv2D(classes, 1, activation="softmax")(x))


def inception_in_full(x, numbers):
    from keras import layers

    one = layers.Conv2D(numbers[0], 1, activation="relu")(x)
    three = layers.Conv2D(numbers[1], 1, activation="relu")(x)
    three = layers.Conv2D(numbers[2], 3, padding="same", activation="relu")(three)
    five = layers.Conv2D(numbers[3], 1, activation="relu")(x)
    five = layers.Conv2D(numbers[4], 5, padding="same", activation="relu")(five)
    pool = layers.MaxPool2D((3, 3), (1, 1), padding="same")(x)
    pool = layers.Conv2D(numbers[5], 1, activation="relu")(pool)
    return layers.concatenate([one, three, five, pool])


def inception_relu_at_the_end(x, numbers):
    import keras
    from keras import layers

    n1, r3, n3, r5, n5, projection = numbers
    branches = [
        [layers.Conv2D(n1, 1)],
        [layers.Conv2D(r3, 1, activation="relu"), layers.Conv2D(n3, 3, padding="same")],
        [layers.Conv2D(r5, 1, activation="relu"), layers.Conv2D(n5, 5, padding="same")],
        [layers.MaxPooling2D(3, 1, "same"), layers.Conv2D(projection, 1)],
    ]
    return keras.ops.relu(keras.ops.concatenate([keras.Sequential(branch)(x) for branch in branches], axis=-1))


def module_cost_by_formula(shape, numbers):
    rows, cols, c = shape
    a, b3, b, d5, d, p = numbers
    weights = c * (a + b3 + d5 + p) + 9 * b3 * b + 25 * d5 * d
    return weights, rows * cols * weights


def module_cost_by_branches(shape, numbers):
    n1, r3, n3, r5, n5, projection = numbers
    costs = [
        cost_by_formula(shape, n1 + projection, (1, 1), 1),
        reduced_by_formula(shape, r3, n3, (3, 3)),
        reduced_by_formula(shape, r5, n5, (5, 5)),
    ]
    return tuple(np.sum(costs, axis=0))


def body_by_index(x, table):
    from keras import layers

    for row in table:
        if "inception" in row[0]:
            x = inception_in_full(x, row[4])
        elif "pool" in row[0]:
            x = layers.MaxPool2D(pool_size=row[1][0], strides=row[1][1], padding="same")(x)
        else:
            if row[4] is not None:
                x = layers.ReLU()(layers.Conv2D(row[4][0], 1)(x))
            x = layers.ReLU()(layers.Conv2D(row[2][2], row[1][0], row[1][1], "same")(x))
    return x


def body_by_recursion(x, table):
    from keras import layers

    if not table:
        return x
    kind, patch, output, _, numbers = table[0][:5]
    if kind == "max pool":
        x = layers.MaxPooling2D(*patch, padding="same")(x)
    elif patch:
        if numbers:
            x = layers.Conv2D(numbers[0], 1, activation="relu")(x)
        x = layers.Conv2D(output[-1], *patch, padding="same", activation="relu")(x)
    else:
        x = inception_relu_at_the_end(x, numbers)
    return body_by_recursion(x, table[1:])


def chain_by_loop(channels, kernels):
    weights, rows, cols = 0, 1, 1
    for r, c in kernels:
        weights += r * c * channels * channels
        rows, cols = rows + r - 1, cols + c - 1
    return weights, (rows, cols)


def chain_by_arrays(channels, kernels):
    sides = np.array(kernels)
    return [channels**2 * sides.prod(axis=1).sum(), (sides - 1).sum(axis=0) + 1]


def mlpconv_with_dense(x, num_filters, size, stride, padding):
    from keras import layers

    x = layers.Conv2D(num_filters[0], size, stride, padding, activation="relu")(x)
    for units in num_filters[1:]:
        x = layers.Dense(units, activation="relu")(x)
    return x


def mix_by_tensordot(x, W):
    return np.tensordot(W.T, x, axes=1)


def mix_map_by_map(x, W):
    return [sum(W[n, m] * x[n] for n in range(len(x))) for m in range(W.shape[1])]


def mix_by_moving_the_axis(x, W):
    return np.moveaxis(np.moveaxis(x, 0, 2) @ W, 2, 0)


def thrifty_step_by_step(channels, maps, weights):
    numbers = [maps // 8, channels // 8, maps // 2, channels // 8, maps // 8, maps // 8]
    numbers[0] += maps - numbers[0] - numbers[2] - numbers[4] - numbers[5]
    return numbers


def thrifty_with_more_pooling(channels, maps, weights):
    few = math.ceil(channels / 8)
    return np.array([maps // 8, few, 4 * (maps // 8), few, maps // 8, maps // 4])


RIGHT_ANSWERS = {
    "mix_maps": (mix_by_tensordot, mix_map_by_map, mix_by_moving_the_axis),
    "thrifty_module": (thrifty_step_by_step, thrifty_with_more_pooling),
    "conv_cost": (cost_by_formula, cost_as_list_of_floats),
    "reduced_cost": (reduced_by_formula, reduced_by_sum),
    "mlpconv": (mlpconv_with_activation_layers, mlpconv_sequential, mlpconv_with_dense),
    "global_average_head": (head_with_activation, head_with_dense_behind_the_mean, head_pools_first_and_keeps_the_place),
    "inception": (inception_in_full, inception_relu_at_the_end),
    "inception_cost": (module_cost_by_formula, module_cost_by_branches),
    "googlenet_body": (body_by_index, body_by_recursion),
    "factorised_cost": (chain_by_loop, chain_by_arrays),
}
