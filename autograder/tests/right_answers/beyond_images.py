"""Unit 21: other right answers, as students write them."""

import keras
import numpy as np
from keras import layers
from numpy.lib.stride_tricks import sliding_window_view


def encode_with_lists(words, vocabulary, length):
    numbers = [vocabulary.get(word, 1) for word in words]
    return (numbers + [0] * length)[:length]


def encode_with_a_loop(words, vocabulary, length):
    result = np.zeros(length)
    for place in range(min(length, len(words))):
        result[place] = vocabulary.get(words[place], 1)
    return result


def words_with_loops(vectors, kernels, bias):
    size, dimension, filters = kernels.shape
    result = []
    for n in range(len(vectors) - size + 1):
        row = []
        for f in range(filters):
            total = bias[f]
            for i in range(size):
                for d in range(dimension):
                    total += kernels[i, d, f] * vectors[n + i, d]
            row.append(max(float(total), 0.0))
        result.append(row)
    return result


def words_with_windows(vectors, kernels, bias):
    windows = sliding_window_view(vectors.astype(np.float32), len(kernels), axis=0)  # (places, dimension, size)
    return np.maximum(np.einsum("pdn,ndf->pf", windows, kernels) + bias, 0)


def words_added_up(vectors, kernels, bias):
    places = len(vectors) - len(kernels) + 1
    total = sum(vectors[i : i + places] @ kernel for i, kernel in enumerate(kernels)) + bias
    return total * (total > 0)


def time_with_a_loop(maps, lengths, window):
    values, places = [], []
    for sentence, length in zip(maps, lengths, strict=True):
        valid = sentence[: length - window + 1]
        values.append(valid.max(axis=0))
        places.append(valid.argmax(axis=0))
    return np.array(values), np.array(places)


def time_with_take(maps, lengths, window):
    masked = maps.astype(np.float32)
    for row, length in enumerate(lengths):
        masked[row, length - window + 1 :] = -np.inf
    places = np.argmax(masked, axis=1)
    return [np.take_along_axis(masked, places[:, None], axis=1)[:, 0], places]


def parameters_by_sums(vocabulary_size, dimension, windows, num_filters, classes):
    convolutions = 0
    for n in windows:
        convolutions += n * dimension * num_filters + num_filters
    return (vocabulary_size * dimension, convolutions, classes + classes * num_filters * len(windows))


def parameters_as_floats(vocabulary_size, dimension, windows, num_filters, classes):
    filters = float(num_filters * len(windows))
    return np.array([vocabulary_size * dimension, num_filters * dimension * sum(windows) + filters, (filters + 1) * classes])


def net_with_activations_apart(length, vocabulary_size, dimension, windows, num_filters, dropout, classes):
    words = keras.Input(shape=(length,), dtype="int32")
    vectors = layers.Embedding(vocabulary_size, dimension)(words)
    largest = [layers.GlobalMaxPool1D()(layers.ReLU()(layers.Conv1D(num_filters, n)(vectors))) for n in windows]
    joined = layers.concatenate(largest)
    scores = layers.Dense(classes)(layers.Dropout(rate=dropout)(joined))
    return keras.Model(inputs=words, outputs=layers.Softmax()(scores))


def net_of_branches(length, vocabulary_size, dimension, windows, num_filters, dropout, classes):
    def branch(size):
        return keras.Sequential([layers.Conv1D(num_filters, size, activation="relu"), layers.GlobalMaxPooling1D()])

    words = layers.Input((length,), dtype="int64")
    vectors = layers.Embedding(input_dim=vocabulary_size, output_dim=dimension)(words)
    joined = layers.Concatenate(axis=-1)([branch(size)(vectors) for size in windows])
    return keras.Model(words, layers.Dense(classes, "softmax")(layers.Dropout(dropout)(joined)))


def net_as_a_class(length, vocabulary_size, dimension, windows, num_filters, dropout, classes):
    class Kim(keras.Model):
        def __init__(self):
            super().__init__()
            self.vectors = layers.Embedding(vocabulary_size, dimension)
            self.look = [layers.Conv1D(num_filters, n, activation="relu") for n in windows]
            self.drop, self.decide = layers.Dropout(dropout), layers.Dense(classes, activation="softmax")

        def call(self, words):
            vectors = self.vectors(words)
            largest = [keras.ops.max(look(vectors), axis=1) for look in self.look]
            return self.decide(self.drop(keras.ops.concatenate(largest, axis=1)))

    net = Kim()
    net(np.zeros((1, length), "int32"))
    return net


def spectrogram_with_a_loop(sound, window, hop):
    size, columns = len(window), []
    start = 0
    while start + size <= len(sound):
        columns.append(np.abs(np.fft.fft(sound[start : start + size] * window))[: size // 2 + 1])
        start += hop
    return np.column_stack(columns)


def spectrogram_with_sines(sound, window, hop):
    size = len(window)
    places = np.arange(size)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(size // 2 + 1), places) / size)
    frames = [window * sound[n : n + size] for n in range(0, len(sound) - size + 1, hop)]
    return np.abs(waves @ np.array(frames, dtype=float).T).astype(np.float32)


def pixels_one_by_one(images, order):
    result = np.zeros_like(images)
    for number, image in enumerate(images):
        flat = image.ravel()
        result[number] = np.array([flat[place] for place in order]).reshape(image.shape)
    return result


def pixels_by_coordinates(images, order):
    rows, cols = np.unravel_index(order, images.shape[1:])
    return images[:, rows, cols].reshape(images.shape)


def weights_by_take(weights, order):
    return np.take(weights, order, axis=0)


def weights_by_loop(weights, order):
    return [[float(value) for value in weights[place]] for place in order]


def words_by_correlate(vectors, kernels, bias):
    _, dimension, filters = kernels.shape
    columns = [
        sum(np.correlate(vectors[:, d], kernels[:, d, f], "valid") for d in range(dimension)) + bias[f] for f in range(filters)
    ]
    return np.maximum(np.stack(columns, axis=1), 0)


def spectrogram_by_stft(sound, window, hop):
    from scipy.signal import stft

    size = len(window)
    _, _, frames = stft(sound, window=window, nperseg=size, noverlap=size - hop, boundary=None, padded=False)
    return np.abs(frames) * window.sum()


def filter_with_heavy_negation(window, dimension, negates, praises):
    kernel = [[0.0] * dimension for _ in range(window)]
    kernel[0][negates] = 10.0
    for row in kernel[1:]:
        row[praises] = 0.5
    return kernel, -10


def filter_that_forbids_the_rest(window, dimension, negates, praises):
    kernel = np.zeros((window, dimension), dtype=np.float32)
    kernel[0] = -100
    kernel[0, negates] = 100
    kernel[1:, praises] = 1
    return kernel, np.array([-100.0])


def melody_frame_by_frame(sound, window, hop, rate):
    heard = []
    for start in range(0, len(sound) - len(window) + 1, hop):
        power = np.abs(np.fft.rfft(sound[start : start + len(window)] * window)) ** 2
        heard.append(float(np.argmax(power)) / len(window) * rate)
    return heard


def melody_by_library_frequencies(sound, window, hop, rate):
    frames = sliding_window_view(sound, len(window))[::hop] * window
    return np.fft.rfftfreq(len(window), d=1 / rate)[np.abs(np.fft.rfft(frames)).argmax(axis=-1)]


RIGHT_ANSWERS = {
    "design_filter": (filter_with_heavy_negation, filter_that_forbids_the_rest),
    "melody": (melody_frame_by_frame, melody_by_library_frequencies),
    "encode_words": (encode_with_lists, encode_with_a_loop),
    "conv_over_words": (words_with_loops, words_with_windows, words_added_up, words_by_correlate),
    "max_over_time": (time_with_a_loop, time_with_take),
    "kim_parameters": (parameters_by_sums, parameters_as_floats),
    "kim_net": (net_with_activations_apart, net_of_branches, net_as_a_class),
    "spectrogram": (spectrogram_with_a_loop, spectrogram_with_sines, spectrogram_by_stft),
    "permute_pixels": (pixels_one_by_one, pixels_by_coordinates),
    "permuted_weights": (weights_by_take, weights_by_loop),
}
