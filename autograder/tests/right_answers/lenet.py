"""Unit 09: other right answers, as students write them."""

import keras
import numpy as np
import scipy.signal
from keras import layers
from numpy.lib.stride_tricks import sliding_window_view


def connections_by_sets(num_inputs, patterns):
    sees = [{(offset + s) % num_inputs for offset in offsets} for offsets, count in patterns for s in range(count)]
    return [[int(n in seen) for seen in sees] for n in range(num_inputs)]


def connections_by_rolling(num_inputs, patterns):
    columns = []
    for offsets, count in patterns:
        first = np.isin(np.arange(num_inputs), offsets)
        columns += [np.roll(first, s) for s in range(count)]
    return np.array(columns).T


def masked_by_loops(maps, weights, bias, mask):
    krow, kcol, inputs, outputs = weights.shape
    rows, cols = maps.shape[0] - krow + 1, maps.shape[1] - kcol + 1
    result = np.zeros((rows, cols, outputs), dtype=np.float32)
    for m in range(outputs):
        for n in range(inputs):
            if not mask[n, m]:
                continue
            for i in range(krow):
                for j in range(kcol):
                    result[:, :, m] += weights[i, j, n, m] * maps[i : i + rows, j : j + cols, n]
        result[:, :, m] += bias[m]
    return result


def masked_by_windows(maps, weights, bias, mask):
    windows = sliding_window_view(maps, weights.shape[:2], axis=(0, 1))
    return np.einsum("rcnij,ijnm,nm->rcm", windows, weights, mask.astype(float)) + bias


def masked_by_library(maps, weights, bias, mask):
    def one_map(m):
        seen = [scipy.signal.correlate2d(maps[..., n], weights[..., n, m], mode="valid") for n in np.flatnonzero(mask[:, m])]
        rows, cols = maps.shape[0] - weights.shape[0] + 1, maps.shape[1] - weights.shape[1] + 1
        return sum(seen, np.full((rows, cols), float(bias[m])))

    return np.stack([one_map(m) for m in range(mask.shape[1])], axis=-1)


def parameters_by_functions(input_shape, layers):
    def one(shape, layer):
        rows, cols, channels = shape
        if layer[0] == "pool":
            return (rows // layer[1], cols // layer[1], channels), 0
        if layer[0] == "dense":
            return (1, 1, layer[1]), layer[1] * (rows * cols * channels + 1)
        _, size, maps = layer[:3]
        kernels = layer[3] if layer[0] == "sparse" else maps * channels
        return (rows - size + 1, cols - size + 1, maps), kernels * size * size + maps

    counts = []
    for layer in layers:
        input_shape, count = one(input_shape, layer)
        counts.append(count)
    return np.array(counts)


def parameters_as_floats(input_shape, layers):
    rows, cols, channels = input_shape
    result = []
    for layer in layers:
        if layer[0] in ("conv", "sparse"):
            kernels = channels * layer[2] if layer[0] == "conv" else layer[-1]
            result.append(kernels * layer[1] ** 2.0 + layer[2])
            rows, cols, channels = rows - layer[1] + 1, cols - layer[1] + 1, layer[2]
        elif layer[0] == "pool":
            result.append(0.0)
            rows //= layer[1]
            cols //= layer[1]
        else:
            result.append((rows * cols * channels + 1.0) * layer[1])
            rows = cols = 1
            channels = layer[1]
    return result


def net_functional(input_shape, classes, activation):
    images = keras.Input(shape=input_shape)
    maps = layers.Conv2D(6, (5, 5))(images)
    maps = layers.MaxPool2D()(layers.Activation(activation)(maps))
    maps = layers.MaxPool2D((2, 2), strides=2)(layers.Conv2D(16, 5, activation=activation)(maps))
    values = layers.Dense(84, activation)(layers.Dense(120, activation)(layers.Flatten()(maps)))
    return keras.Model(images, layers.Softmax()(layers.Dense(classes)(values)))


def net_subclass(input_shape, classes, activation):
    class LeNet(keras.Model):
        def __init__(self):
            super().__init__()
            self.c1, self.c3 = (layers.Conv2D(maps, 5, activation=activation) for maps in (6, 16))
            self.s2, self.s4, self.flat = layers.MaxPooling2D(2), layers.MaxPooling2D(2), layers.Flatten()
            self.c5, self.f6 = (layers.Dense(units, activation=activation) for units in (120, 84))
            self.out = layers.Dense(classes, activation="softmax")

        def call(self, images):
            return self.out(self.f6(self.c5(self.flat(self.s4(self.c3(self.s2(self.c1(images))))))))

    net = LeNet()
    net(np.zeros((1, *input_shape), dtype=np.float32))
    return net


def net_by_adding(input_shape, classes, activation):
    net = keras.Sequential([keras.Input(input_shape)])
    for maps in (6, 16):
        net.add(layers.Conv2D(maps, 5, activation=activation, kernel_initializer="lecun_normal"))
        net.add(layers.MaxPooling2D())
    net.add(layers.Flatten())
    for units in (120, 84):
        net.add(layers.Dense(units, activation=activation))
    net.add(layers.Dense(classes, activation="softmax"))
    return net


def images_by_paste(images, size):
    count, rows, cols = images.shape
    field = np.zeros((count, size, size, 1), dtype=np.float32)
    top, left = (size - rows) // 2, (size - cols) // 2
    field[:, top : top + rows, left : left + cols, 0] = images / 255
    return field * 1.275 - 0.1


def images_by_padding_last(images, size):
    scaled = images.astype("float64") / 255 * (1.175 + 0.1) - 0.1
    a, b = (size - images.shape[1]) // 2, (size - images.shape[2]) // 2
    return np.expand_dims(np.pad(scaled, ((0, 0), (a, a), (b, b)), constant_values=-0.1), -1)


def train_batch_by_batch(model, images, labels, epochs, batch_size, learning_rate, callbacks=()):
    model.compile(keras.optimizers.SGD(learning_rate=learning_rate, momentum=0.9), "sparse_categorical_crossentropy")
    for _ in range(epochs):
        for first in range(0, len(images), batch_size):
            model.train_on_batch(images[first : first + batch_size], labels[first : first + batch_size])
    return model


def train_on_one_hot(model, images, labels, epochs, batch_size, learning_rate, callbacks=()):
    targets = keras.utils.to_categorical(labels, model.output_shape[-1])
    loss = keras.losses.CategoricalCrossentropy()
    model.compile(optimizer=keras.optimizers.SGD(learning_rate, 0.9), loss=loss, metrics=["accuracy"])
    model.fit(images, targets, batch_size, epochs, shuffle=False, verbose=0, callbacks=list(callbacks))
    return model


def confusion_by_add_at(labels, predictions, classes):
    matrix = np.zeros((classes, classes))
    np.add.at(matrix, (labels, predictions), 1)
    return matrix


def confusion_by_counting(labels, predictions, classes):
    return np.bincount(labels * classes + predictions, minlength=classes**2).reshape(classes, classes)


def design_with_loops(num_inputs, num_maps, most):
    table = [[0] * num_maps for _ in range(num_inputs)]
    for m in range(num_maps):
        first, gap = m % num_inputs, 1 + m // num_inputs
        table[first][m] = table[(first + gap) % num_inputs][m] = 1
    return table


def design_by_distance(num_inputs, num_maps, most):
    ring = np.arange(num_inputs)
    distance = (ring[:, None] - ring) % num_inputs
    triples = distance <= most - 1
    return np.hstack([triples, (distance == 0) | (distance == 2)])[:, :num_maps].astype(float)


def batch_with_a_loop(images, labels, order, number, size):
    chosen = order[number * size :][:size]
    return [images[place] for place in chosen], [labels[place] for place in chosen]


def batch_shuffled_as_a_whole(images, labels, order, number, size):
    part = slice(number * size, number * size + size)
    return images[order][part], labels[order][part]


RIGHT_ANSWERS = {
    "design_connections": (design_with_loops, design_by_distance),
    "one_batch": (batch_with_a_loop, batch_shuffled_as_a_whole),
    "c3_connections": (connections_by_sets, connections_by_rolling),
    "masked_conv": (masked_by_loops, masked_by_windows, masked_by_library),
    "lenet5_parameters": (parameters_by_functions, parameters_as_floats),
    "lenet5": (net_functional, net_subclass, net_by_adding),
    "prepare_images": (images_by_paste, images_by_padding_last),
    "train_lenet": (train_batch_by_batch, train_on_one_hot),
    "confusion": (confusion_by_add_at, confusion_by_counting),
}
