"""Other right ways to answer unit 24, as students write them."""

import math

import numpy as np


def gates_with_reshape(x, ratio):
    from keras import layers

    channels = x.shape[-1]
    gates = layers.GlobalAveragePooling2D()(x)
    gates = layers.Dense(channels // ratio, activation="relu")(gates)
    gates = layers.Dense(channels, activation="sigmoid")(gates)
    return layers.Multiply()([x, layers.Reshape((1, 1, channels))(gates)])


def gates_with_ops(x, ratio):
    from keras import layers, ops

    channels = x.shape[-1]
    narrow = ops.relu(layers.Conv2D(channels // ratio, 1)(ops.mean(x, axis=(1, 2), keepdims=True)))
    return x * ops.sigmoid(layers.Conv2D(channels, 1)(narrow))


def back_point_by_point(points, T):
    way_back = np.linalg.pinv(T)
    return [np.maximum(point @ T, 0) @ way_back for point in points]


def back_by_the_normal_equations(points, T):
    wide = np.where(points @ T > 0, points @ T, 0)
    return wide @ T.T @ np.linalg.inv(T @ T.T)


def _relu6(x):
    from keras import layers

    return layers.ReLU(6.0)(layers.BatchNormalization()(x))


def inverted_with_groups(x, filters, stride, expand):
    from keras import layers

    wide = expand * x.shape[-1]
    branch = _relu6(layers.Conv2D(wide, 1, padding="same", use_bias=False)(x)) if expand != 1 else x
    branch = _relu6(layers.Conv2D(wide, 3, strides=stride, padding="same", groups=wide, use_bias=False)(branch))
    branch = layers.BatchNormalization()(layers.Conv2D(filters, (1, 1), use_bias=False)(branch))
    return x + branch if stride == 1 and x.shape[-1] == filters else branch


def inverted_by_shapes(x, filters, stride, expand):
    from keras import layers, ops

    y = x
    if expand > 1:
        y = ops.relu6(layers.BatchNormalization()(layers.Conv2D(expand * y.shape[-1], 1, use_bias=False)(y)))
    y = layers.DepthwiseConv2D((3, 3), strides=(stride, stride), padding="same", use_bias=False)(y)
    y = ops.relu6(layers.BatchNormalization()(y))
    y = layers.Conv2D(filters, 1, use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    return layers.add([y, x]) if y.shape == x.shape else y


def stages_as_tuples(stages, width, depth):
    result = []
    for filters, blocks in stages:
        wanted = filters * width
        rounded = int((wanted + 4) // 8) * 8
        if rounded < 0.9 * wanted:
            rounded += 8
        result.append((rounded, math.ceil(blocks * depth)))
    return tuple(result)


def stages_as_an_array(stages, width, depth):
    filters, blocks = np.array(stages, float).T
    wanted = filters * width
    rounded = np.maximum(8, np.floor(wanted / 8 + 0.5) * 8)
    rounded += 8 * (rounded < 0.9 * wanted)
    return np.stack([rounded, np.ceil(blocks * depth)], axis=1)


def growth_all_alike(times, side):
    factor = times**0.2
    new_side = int(side * factor)
    width = times**0.2
    return 0.999 * times / (new_side / side) ** 2 / width**2, width, new_side


def growth_as_efficientnet(times, side):
    """α = 1.2, β = 1.1, γ = 1.15, and the power that meets the budget."""
    phi = math.log(0.999 * times) / math.log(1.2 * 1.1**2 * 1.15**2)
    return [1.2**phi, 1.1**phi, int(side * 1.15**phi)]


def traffic_in_two_lines(rows, cols, channels, filters, groups=1):
    weights = channels * filters // groups
    return weights * rows * cols, rows * cols * channels + rows * cols * filters + weights


def traffic_by_sizes(rows, cols, channels, filters, groups=1):
    places = rows * cols
    weights = (channels / groups) * (filters / groups) * groups
    return [places * weights, places * (channels + filters) + weights]


def faster_by_counting(first, second):
    ratios = sorted(b / a for a, b in zip(first, second, strict=True))
    middle = len(ratios) // 2
    ratio = ratios[middle] if len(ratios) % 2 else (ratios[middle - 1] + ratios[middle]) / 2
    longer, shorter = sum(r > 1 for r in ratios), sum(r < 1 for r in ratios)
    enough = 0.75 * len(ratios)
    return ratio, 1 if longer >= enough else 2 if shorter >= enough else 0


def faster_by_shares(first, second):
    ratio = np.median(second / first)
    if np.mean(first < second) >= 3 / 4:
        return ratio, 1
    if np.mean(second < first) >= 3 / 4:
        return ratio, 2
    return [ratio, 0]


def modern_with_convolutions(x, kernel=7):
    from keras import layers

    channels = x.shape[-1]
    y = layers.DepthwiseConv2D(kernel, padding="same")(x)
    y = layers.LayerNormalization(epsilon=1e-6)(y)
    y = layers.Conv2D(4 * channels, 1, activation="gelu")(y)
    y = layers.Conv2D(channels, 1)(y)
    return layers.Add()([x, y])


def modern_with_ops(x, kernel=7):
    from keras import layers, ops

    channels = x.shape[-1]
    y = layers.Conv2D(channels, (kernel, kernel), padding="same", groups=channels)(x)
    y = layers.LayerNormalization(axis=-1, epsilon=1e-6)(y)
    y = ops.gelu(layers.Dense(4 * channels)(y), approximate=False)
    return x + layers.Dense(channels)(y)


def shares_with_a_loop(errors, limits):
    return [sum(error < limit for error in errors) / len(errors) for limit in limits]


def shares_with_a_table(errors, limits):
    return (errors[:, None] < limits[None]).mean(axis=0)


def tokens_with_loops(image, W, b):
    size, tokens = W.shape[0], []
    for i in range(0, image.shape[0], size):
        for j in range(0, image.shape[1], size):
            patch = image[i : i + size, j : j + size]
            tokens.append([np.sum(patch * W[..., unit]) + b[unit] for unit in range(len(b))])
    return tokens


def tokens_with_einsum(image, W, b):
    size = len(W)
    table = image.reshape(image.shape[0] // size, size, image.shape[1] // size, size, -1)
    return np.einsum("iujvc,uvck->ijk", table, W).reshape(-1, len(b)) + b


def attention_token_by_token(x, Wq, Wk, Wv):
    keys, values, result = x @ Wk, x @ Wv, []
    for query in x @ Wq:
        scores = np.exp(keys @ query / np.sqrt(len(query)))
        result.append(scores / scores.sum() @ values)
    return result


def attention_with_scipy(x, Wq, Wk, Wv):
    from scipy.special import softmax

    return softmax((x @ Wq) @ (x @ Wk).T / Wk.shape[1] ** 0.5, axis=-1) @ (x @ Wv)


RIGHT_ANSWERS = {
    "squeeze_excite": (gates_with_reshape, gates_with_ops),
    "there_and_back": (back_point_by_point, back_by_the_normal_equations),
    "inverted_residual": (inverted_with_groups, inverted_by_shapes),
    "scaled_stages": (stages_as_tuples, stages_as_an_array),
    "grow_evenly": (growth_all_alike, growth_as_efficientnet),
    "traffic": (traffic_in_two_lines, traffic_by_sizes),
    "which_is_faster": (faster_by_counting, faster_by_shares),
    "convnext_block": (modern_with_convolutions, modern_with_ops),
    "share_below": (shares_with_a_loop, shares_with_a_table),
    "patch_tokens": (tokens_with_loops, tokens_with_einsum),
    "attention": (attention_token_by_token, attention_with_scipy),
}
