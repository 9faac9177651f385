"""Other right ways to answer unit 12, as students write them: sequential, functional and with layers apart."""

import math
import re

import numpy as np


def read_with_a_pattern(entry):
    return tuple(int(number) for number in re.findall(r"\d+", entry))


def read_by_the_dash(entry):
    dash = entry.index("-")
    return [int(entry[4:dash]), int(entry[dash + 1 :])]


def block_as_a_sequential(x, filters, convolutions):
    import keras
    from keras import layers

    block = keras.Sequential([layers.Conv2D(filters, (3, 3), padding="same", activation="relu") for _ in range(convolutions)])
    block.add(layers.MaxPool2D())
    return block(x)


def block_with_relu_apart(x, filters, convolutions):
    from keras import layers, ops

    for _ in range(convolutions):
        x = ops.relu(layers.Conv2D(filters, kernel_size=3, strides=1, padding="same")(x))
    return layers.MaxPooling2D(pool_size=2, strides=2, padding="valid")(x)


def block_recursive(x, filters, convolutions):
    from keras import layers

    if convolutions == 0:
        return layers.MaxPooling2D(2)(x)
    return block_recursive(layers.Conv2D(filters, 3, padding="same", activation="relu")(x), filters, convolutions - 1)


def _layer(entry):
    from keras import layers

    if entry.startswith("max"):
        return layers.MaxPool2D((2, 2))
    kernel, filters = (int(number) for number in entry[4:].split("-"))
    return layers.Conv2D(filters, kernel, padding="same", activation="relu")


def features_from_a_list(x, entries):
    for layer in [_layer(entry) for entry in entries]:
        x = layer(x)
    return x


def features_as_a_sequential(x, entries):
    import keras

    return keras.Sequential([_layer(entry) for entry in entries])(x)


def net_as_a_sequential(entries, input_shape=(224, 224, 3), classes=1000, units=(4096, 4096)):
    import keras
    from keras import layers

    net = keras.Sequential([keras.Input(input_shape), *map(_layer, entries), layers.Flatten()])
    for size in units:
        net.add(layers.Dense(size, activation="relu"))
        net.add(layers.Dropout(0.5))
    net.add(layers.Dense(classes))
    net.add(layers.Softmax())
    return net


def net_as_a_class(entries, input_shape=(224, 224, 3), classes=1000, units=(4096, 4096)):
    import keras
    from keras import layers

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = layers.Dense(classes, activation="softmax")  # made in another order than used
            self.steps = [_layer(entry) for entry in entries] + [layers.Flatten()]
            for size in units:
                self.steps += [layers.Dense(size, activation="relu"), layers.Dropout(0.5)]

        def call(self, images):
            for step in self.steps:
                images = step(images)
            return self.last(images)

    net = Net()
    net(np.zeros((1, *input_shape), dtype=np.float32))
    return net


def parameters_from_shapes(entries, input_shape, units):
    channels, total = input_shape[2], 0
    for entry in entries:
        if entry != "maxpool":
            kernel, filters = read_with_a_pattern(entry)
            total += int(np.prod((kernel, kernel, channels, filters))) + filters
            channels = filters
    halved = 2 ** entries.count("maxpool")
    sizes = [input_shape[0] // halved * (input_shape[1] // halved) * channels, *units]
    return [total, sum(sizes[i] * sizes[i + 1] + sizes[i + 1] for i in range(len(units)))]


def parameters_in_two_passes(entries, input_shape, units):
    convolutions = [read_with_a_pattern(entry) for entry in entries if "conv" in entry]
    depths = [input_shape[2]] + [filters for _, filters in convolutions]
    features = sum(f * (k * k * c + 1) for (k, f), c in zip(convolutions, depths, strict=False))
    inputs = math.prod(side >> entries.count("maxpool") for side in input_shape[:2]) * depths[-1]
    head = 0
    for size in units:
        head, inputs = head + inputs * size + size, size
    return features, head


def field_from_the_end(entries):
    field = 1
    for entry in reversed(entries):
        field = 2 * field if entry == "maxpool" else field + read_with_a_pattern(entry)[0] - 1
    return field, 2 ** sum(entry == "maxpool" for entry in entries)


def field_as_a_sum(entries):
    field = 1
    for place, entry in enumerate(entries):
        side = 2 if entry == "maxpool" else read_with_a_pattern(entry)[0]
        field += (side - 1) * 2 ** entries[:place].count("maxpool")
    return np.array([field, 2 ** entries.count("maxpool")])


def memory_as_an_array(entries, input_shape, units):
    shape, sizes = np.array(input_shape), []
    for entry in ["image", *entries]:
        if entry == "maxpool":
            shape = shape // (2, 2, 1)
        elif entry != "image":
            shape = np.array([*shape[:2], read_with_a_pattern(entry)[1]])
        sizes.append(shape.prod())
    return 4 * np.append(sizes, units)


def memory_one_by_one(entries, input_shape, units):
    rows, cols, channels = input_shape
    result = [rows * cols * channels * 4]
    for entry in entries:
        if entry == "maxpool":
            rows //= 2
            cols //= 2
        else:
            channels = int(entry.split("-")[1])
        result += [rows * cols * channels * 4]
    for number in units:
        result.append(number * 4)
    return result


def dense_place_by_place(weights, rows, cols):
    channels = len(weights) // rows // cols
    kernel = np.zeros((rows, cols, channels, weights.shape[1]), dtype=np.float32)
    for r in range(rows):
        for c in range(cols):
            start = (r * cols + c) * channels
            kernel[r, c] = weights[start : start + channels]
    return kernel


def dense_unit_by_unit(weights, rows, cols):
    return np.stack([column.reshape(rows, cols, -1) for column in weights.T], axis=-1)


def sight_by_search(field, channels, weights):
    conv = f"conv3-{channels}"
    for before in (1, 2, 3):
        for after in range(10):
            reach = 1 + 2 * before + 3 + 8 * after
            if reach >= field and 9 * (before + after) * channels**2 <= weights:
                return [*[conv] * before, "maxpool", "maxpool", *[conv] * after]


def sight_as_a_tuple(field, channels, weights):
    conv = "conv3-" + str(channels)
    return (conv, "maxpool", "maxpool") + (conv,) * ((field + 1) // 8)


def spreads_one_by_one(convolutions, channels):
    spreads = []
    for kernel, filters in convolutions:
        spreads.append(math.sqrt(2 / channels) / kernel)
        channels = filters
    return spreads


def spreads_as_an_array(convolutions, channels):
    kernels, filters = np.array(convolutions, dtype="float32").T
    return np.sqrt(2 / np.append(channels, filters[:-1])) / kernels


RIGHT_ANSWERS = {
    "read_conv": (read_with_a_pattern, read_by_the_dash),
    "vgg_block": (block_as_a_sequential, block_with_relu_apart, block_recursive),
    "vgg_features": (features_from_a_list, features_as_a_sequential),
    "vgg": (net_as_a_sequential, net_as_a_class),
    "column_parameters": (parameters_from_shapes, parameters_in_two_passes),
    "column_field": (field_from_the_end, field_as_a_sum),
    "far_sight": (sight_by_search, sight_as_a_tuple),
    "start_spreads": (spreads_one_by_one, spreads_as_an_array),
    "column_memory": (memory_as_an_array, memory_one_by_one),
    "dense_as_convolution": (dense_place_by_place, dense_unit_by_unit),
}
