"""Other right ways to answer unit 15, as students write them."""

import keras
import numpy as np
from keras import layers, ops

EPSILON = 1.001e-5


def maps_by_a_loop(layer, initial_maps, growth):
    maps = initial_maps
    for _ in range(1, layer):
        maps += growth
    return maps


def maps_by_a_list(layer, initial_maps, growth):
    return np.sum([initial_maps] + [growth] * (layer - 1))


def connections_by_loops(blocks):
    count = 0
    for size in blocks:
        for target in range(1, size + 1):
            for _source in range(target):
                count += 1
    return count


def connections_as_float(blocks):
    sizes = np.array(blocks)
    return (sizes * (sizes + 1) / 2).sum()


def composite_with_activation_layer(x, filters, kernel_size):
    normed = layers.BatchNormalization(epsilon=EPSILON)(x)
    rectified = layers.Activation("relu")(normed)
    return layers.Conv2D(filters, (kernel_size, kernel_size), use_bias=False, padding="same")(rectified)


def composite_as_a_model(x, filters, kernel_size):
    steps = [
        layers.BatchNormalization(epsilon=EPSILON),
        layers.ReLU(),
        layers.Conv2D(filters, kernel_size, padding="same", use_bias=False),
    ]
    return keras.Sequential(steps)(x)


def composite_with_ops(x, filters, kernel_size):
    x = ops.relu(layers.BatchNormalization(epsilon=EPSILON)(x))
    return layers.Conv2D(filters, kernel_size, padding="same", use_bias=False)(x)


def dense_layer_in_steps(x, growth):
    narrow = composite_with_ops(x, 4 * growth, 1)
    return composite_with_activation_layer(narrow, growth, 3)


def dense_layer_as_a_model(x, growth):
    return composite_as_a_model(composite_as_a_model(x, growth * 4, 1), growth, 3)


def block_with_a_list(x, num_layers, growth):
    maps = [x]
    for _ in range(num_layers):
        stack = maps[0] if len(maps) == 1 else layers.Concatenate()(maps)
        maps.append(dense_layer_in_steps(stack, growth))
    return layers.Concatenate(axis=-1)(maps)


def block_by_recursion(x, num_layers, growth):
    if num_layers == 0:
        return x
    return block_by_recursion(layers.concatenate([x, dense_layer_in_steps(x, growth)]), num_layers - 1, growth)


def transition_in_steps(x, compression=0.5):
    x = layers.BatchNormalization(epsilon=EPSILON)(x)
    x = layers.Conv2D(int(x.shape[-1] * compression), 1, use_bias=False)(layers.ReLU()(x))
    return layers.AveragePooling2D(pool_size=2, strides=2)(x)


def transition_pools_before_the_convolution(x, compression=0.5):
    """Mean and 1×1 convolution may change places: both are linear. This way costs a quarter of the products."""
    x = layers.ReLU()(layers.BatchNormalization(epsilon=EPSILON)(x))
    return layers.Conv2D(int(x.shape[-1] * compression), 1, use_bias=False)(layers.AveragePooling2D(2)(x))


def parameters_by_helpers(blocks, growth, classes):
    def norm_and_conv(maps, filters, side):
        return np.array([2 * maps, 4 * maps]) + side * side * maps * filters

    maps = 2 * growth
    total = np.array([2 * maps, 4 * maps]) + 7 * 7 * 3 * maps
    for number, num_layers in enumerate(blocks):
        if number:
            total += norm_and_conv(maps, maps // 2, 1)
            maps //= 2
        for _ in range(num_layers):
            total += norm_and_conv(maps, 4 * growth, 1) + norm_and_conv(4 * growth, growth, 3)
            maps += growth
    return total + [2 * maps, 4 * maps] + (maps + 1) * classes


def parameters_as_list(blocks, growth, classes):
    maps = 2 * growth
    weights, normed = 147 * maps, maps
    for left, num_layers in zip(range(len(blocks), 0, -1), blocks, strict=True):
        for layer in range(num_layers):
            reads = maps + layer * growth
            weights += 4 * growth * reads + 36 * growth**2
            normed += reads + 4 * growth
        maps += num_layers * growth
        if left > 1:
            normed += maps
            weights += maps * (maps // 2)
            maps //= 2
    normed += maps
    weights += maps * classes + classes
    return [weights + 2 * normed, weights + 4 * normed]


def net_in_steps(input_shape, classes, blocks, growth):
    inputs = keras.Input(input_shape)
    averages = features_in_steps(inputs, blocks, growth)
    return keras.Model(inputs, layers.Softmax()(layers.Dense(classes)(averages)))


def features_in_steps(inputs, blocks, growth):
    x = layers.ZeroPadding2D(((3, 3), (3, 3)))(inputs)
    x = layers.Conv2D(growth * 2, 7, strides=2, use_bias=False)(x)
    x = layers.Activation("relu")(layers.BatchNormalization(epsilon=EPSILON)(x))
    x = layers.MaxPool2D(3, 2)(layers.ZeroPadding2D()(x))
    for num_layers in blocks[:-1]:
        x = transition_in_steps(block_with_a_list(x, num_layers, growth))
    x = block_with_a_list(x, blocks[-1], growth)
    return ops.mean(ops.relu(layers.BatchNormalization(epsilon=EPSILON)(x)), axis=(1, 2))


def net_as_a_class(input_shape, classes, blocks, growth):
    class DenseNet(keras.Model):
        def __init__(self):
            super().__init__()
            inputs = keras.Input(input_shape)
            self.features = keras.Model(inputs, features_in_steps(inputs, blocks, growth))
            self.head = layers.Dense(classes, activation="softmax")
            self(inputs)

        def call(self, images):
            return self.head(self.features(images))

    return DenseNet()


def sources_with_a_loop(kernel, initial_maps, growth):
    rows = np.abs(np.asarray(kernel)).reshape(-1, np.shape(kernel)[-1])
    means, begin, size = [], 0, initial_maps
    while begin < len(rows):
        means.append(float(rows[begin : begin + size].mean()))
        begin, size = begin + size, growth
    return means


def sources_by_reshaping(kernel, initial_maps, growth):
    by_map = np.abs(kernel).astype(np.float32).mean(axis=-1).ravel()
    return np.append(by_map[:initial_maps].mean(), by_map[initial_maps:].reshape(-1, growth).mean(axis=1))


def stack_by_columns(x, readers):
    maps = list(np.array(x, dtype="float32").T)
    for shift, kernel in readers:
        read = [(column + s).clip(min=0) for column, s in zip(maps, shift, strict=True)]
        maps += [sum(w * column for w, column in zip(weights, read, strict=True)) for weights in kernel.T]
    return np.array(maps).T


def stack_in_one_line(x, readers):
    for shift, kernel in readers:
        x = np.hstack([x, np.maximum(x + shift, 0) @ kernel])
    return x


def thin_by_counting_down(initial_maps, maps, most_layers, weights):
    count = most_layers
    while (maps - initial_maps) % count:
        count -= 1
    return [count, (maps - initial_maps) / count]


def thin_by_weights(initial_maps, maps, most_layers, weights):
    for count in range(1, most_layers + 1):
        growth = (maps - initial_maps) // count
        spent = sum(4 * (initial_maps + growth * n) * growth + 36 * growth**2 for n in range(count))
        if count * growth == maps - initial_maps and spent <= weights:
            return count, growth


RIGHT_ANSWERS = {
    "stack_of_maps": (stack_by_columns, stack_in_one_line),
    "thin_layers": (thin_by_counting_down, thin_by_weights),
    "input_maps": (maps_by_a_loop, maps_by_a_list),
    "count_connections": (connections_by_loops, connections_as_float),
    "bn_relu_conv": (composite_with_activation_layer, composite_as_a_model, composite_with_ops),
    "dense_layer": (dense_layer_in_steps, dense_layer_as_a_model),
    "dense_block": (block_with_a_list, block_by_recursion),
    "transition": (transition_in_steps, transition_pools_before_the_convolution),
    "densenet_parameters": (parameters_by_helpers, parameters_as_list),
    "densenet": (net_in_steps, net_as_a_class),
    "weight_by_source": (sources_with_a_loop, sources_by_reshaping),
}
