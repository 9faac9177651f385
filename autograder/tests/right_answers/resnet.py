"""Other right ways to answer unit 14, as students write them."""

import keras
import numpy as np
from keras import layers


def brick_padded_in_one_go(x, filters, kernel, stride=1, groups=1):
    x = layers.ZeroPadding2D(kernel // 2)(x)
    x = layers.Conv2D(filters, (kernel, kernel), strides=(stride, stride), groups=groups, use_bias=False)(x)
    return layers.BatchNormalization(epsilon=1e-5, momentum=0.9)(x)


def brick_same_where_it_is_the_same(x, filters, kernel, stride=1, groups=1):
    padding = "same" if stride == 1 else "valid"
    if stride > 1:
        margin = kernel // 2
        x = keras.ops.pad(x, [[0, 0], [margin, margin], [margin, margin], [0, 0]])
    x = layers.Conv2D(filters, kernel, stride, padding, groups=groups, use_bias=False)(x)
    return layers.BatchNormalization(-1, 0.9, 1e-5)(x)


def brick_in_a_model(x, filters, kernel, stride=1, groups=1):
    steps = [layers.ZeroPadding2D(kernel // 2), layers.Conv2D(filters, kernel, stride, groups=groups, use_bias=False)]
    return keras.Sequential([*steps, layers.BatchNormalization(momentum=0.9, epsilon=1e-5)])(x)


def shortcut_with_else(x, filters, stride):
    channels = x.shape[-1]
    if channels != filters or stride != 1:
        x = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x)
        x = layers.BatchNormalization(epsilon=1e-5)(x)
    return x


def shortcut_by_shapes(x, filters, stride):
    projected = brick_padded_in_one_go(x, filters, 1, stride)
    return x if projected.shape == x.shape else projected


def basic_with_plus(x, filters, stride):
    y = keras.ops.relu(brick_padded_in_one_go(x, filters, 3, stride))
    y = brick_padded_in_one_go(y, filters, 3)
    return keras.ops.relu(y + shortcut_with_else(x, filters, stride))


def basic_layer_by_layer(x, filters, stride):
    identity = x
    out = layers.ZeroPadding2D()(x)
    out = layers.Conv2D(filters, 3, strides=stride, use_bias=False)(out)
    out = layers.BatchNormalization(epsilon=1e-5)(out)
    out = layers.Activation("relu")(out)
    out = layers.Conv2D(filters, 3, padding="same", use_bias=False)(out)
    out = layers.BatchNormalization(epsilon=1e-5)(out)
    if stride == 2 or identity.shape[-1] != filters:
        identity = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(identity)
        identity = layers.BatchNormalization(epsilon=1e-5)(identity)
    return layers.Activation("relu")(layers.add([identity, out]))


def silent_by_set_weights(model, name):
    layer = model.get_layer(name)
    gamma, beta, mean, variance = layer.get_weights()
    layer.set_weights([0 * gamma, 0 * beta, mean, variance])
    return model


def silent_by_a_loop(model, name):
    for layer in model.layers:
        if layer.name == name:
            for weight in layer.trainable_weights:
                weight.assign(keras.ops.zeros_like(weight))
    return model


def count_by_shapes(kind, channels, filters):
    if kind == "basic":
        shapes = [(3, 3, channels, filters), (3, 3, filters, filters)]
    else:
        shapes = [(1, 1, channels, filters), (3, 3, filters, filters), (1, 1, filters, 4 * filters)]
    return np.sum([np.prod(shape) for shape in shapes])


def count_by_formula(kind, channels, filters):
    f, c = filters, channels
    return {"basic": 9 * f * (c + f), "bottleneck": f * (c + 13 * f)}[kind]


def bottleneck_with_plus(x, filters, stride):
    y = keras.ops.relu(brick_padded_in_one_go(x, filters, 1))
    y = keras.ops.relu(brick_padded_in_one_go(y, filters, 3, stride))
    y = brick_padded_in_one_go(y, 4 * filters, 1)
    return keras.ops.relu(shortcut_with_else(x, 4 * filters, stride) + y)


def bottleneck_in_a_loop(x, filters, stride):
    branch = x
    for width, kernel, step in [(filters, 1, 1), (filters, 3, stride)]:
        branch = layers.ReLU()(brick_same_where_it_is_the_same(branch, width, kernel, step))
    branch = brick_same_where_it_is_the_same(branch, 4 * filters, 1)
    return layers.ReLU()(layers.Add()([shortcut_by_shapes(x, 4 * filters, stride), branch]))


def depth_by_adding(kind, repeats):
    layers_in = 3 if kind == "bottleneck" else 2
    depth = 1
    for blocks in repeats:
        depth += blocks * layers_in
    return depth + 1


def depth_from_a_list(kind, repeats):
    return np.sum([1] + [{"basic": 2, "bottleneck": 3}[kind] * blocks for blocks in repeats] + [1])


def net_with_if(kind, stages, stem, input_shape, classes):
    inputs = keras.Input(shape=input_shape)
    x = keras.ops.relu(brick_padded_in_one_go(inputs, stem, 7, 2))
    x = layers.ZeroPadding2D(padding=1)(x)
    x = layers.MaxPool2D(pool_size=3, strides=2)(x)
    stride = 1
    for filters, blocks in stages:
        for _ in range(blocks):
            x = basic_with_plus(x, filters, stride) if kind == "basic" else bottleneck_with_plus(x, filters, stride)
            stride = 1
        stride = 2
    x = keras.ops.mean(x, axis=(1, 2))
    return keras.Model(inputs, layers.Softmax()(layers.Dense(classes)(x)))


def net_as_a_class(kind, stages, stem, input_shape, classes):
    block = basic_layer_by_layer if kind == "basic" else bottleneck_in_a_loop

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            images = keras.Input(input_shape)
            self.stem = keras.Model(images, layers.ReLU()(brick_padded_in_one_go(images, stem, 7, 2)))
            self.pool = keras.Sequential([layers.ZeroPadding2D(1), layers.MaxPooling2D(3, 2)])
            maps = keras.Input(self.pool.compute_output_shape(self.stem.output_shape)[1:])
            x = maps
            for number, (filters, blocks) in enumerate(stages):
                x = block(x, filters, 1 if number == 0 else 2)
                for _ in range(blocks - 1):
                    x = block(x, filters, 1)
            self.body = keras.Model(maps, x)
            self.head = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(classes, "softmax")])

        def call(self, images):
            return self.head(self.body(self.pool(self.stem(images))))

    net = Net()
    net(np.zeros((1, *input_shape), dtype=np.float32))
    return net


def resnext_with_plus(x, filters, stride, groups=32):
    y = keras.ops.relu(brick_padded_in_one_go(x, filters, 1))
    y = keras.ops.relu(brick_padded_in_one_go(y, filters, 3, stride, groups))
    y = brick_padded_in_one_go(y, 2 * filters, 1)
    return keras.ops.relu(y + shortcut_with_else(x, 2 * filters, stride))


def resnext_in_a_loop(x, filters, stride, groups=32):
    branch = x
    for width, kernel, step, parts in [(filters, 1, 1, 1), (filters, 3, stride, groups)]:
        branch = layers.Activation("relu")(brick_same_where_it_is_the_same(branch, width, kernel, step, parts))
    branch = brick_same_where_it_is_the_same(branch, 2 * filters, 1)
    return layers.ReLU()(layers.Add()([branch, shortcut_by_shapes(x, 2 * filters, stride)]))


def stack_in_two_steps(x, weights):
    for W1, W2 in weights:
        before = x
        x = (x @ W1).clip(min=0)
        x = (before + x @ W2).clip(min=0)
    return x


def stack_recursive(x, weights):
    if not weights:
        return np.array(x, dtype="float32")
    W1, W2 = weights[0]
    total = x + np.where(x @ W1 > 0, x @ W1, 0) @ W2
    return stack_recursive(total * (total > 0), weights[1:])


def deep_by_trying_both(depth, weights):
    for kind, each in (("bottleneck", 3), ("basic", 2)):
        blocks, rest = divmod(depth - 2, each)
        if rest == 0 and blocks >= 8 and (kind == "basic" or depth % 2 == 1):
            return [kind, (blocks - 6, 2, 2, 2)]


def deep_as_an_array(depth, weights):
    kind = "bottleneck" if depth % 2 else "basic"
    repeats = np.full(4, 2)
    while 2 + repeats.sum() * (3 if depth % 2 else 2) < depth:
        repeats[0] += 1
    return kind, repeats


RIGHT_ANSWERS = {
    "residual_stack": (stack_in_two_steps, stack_recursive),
    "deep_for_less": (deep_by_trying_both, deep_as_an_array),
    "conv_norm": (brick_padded_in_one_go, brick_same_where_it_is_the_same, brick_in_a_model),
    "shortcut": (shortcut_with_else, shortcut_by_shapes),
    "basic_block": (basic_with_plus, basic_layer_by_layer),
    "zero_residual": (silent_by_set_weights, silent_by_a_loop),
    "block_parameters": (count_by_shapes, count_by_formula),
    "bottleneck_block": (bottleneck_with_plus, bottleneck_in_a_loop),
    "resnet_depth": (depth_by_adding, depth_from_a_list),
    "residual_net": (net_with_if, net_as_a_class),
    "resnext_block": (resnext_with_plus, resnext_in_a_loop),
}
