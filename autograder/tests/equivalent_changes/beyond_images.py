"""Changes of right answers of unit 21 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import RELU_TWICE, SAME_AXIS

EQUIVALENT: dict[str, dict[str, str]] = {
    "encode_words": {
        "return np.array(numbers + [0] * (length - len(numbers)))  →  return np.array(numbers + [0] * (length - len(words)))": "they differ only when words are cut off, and then nothing is added",
    },
    "kim_net": {
        "sentence = keras.Input((length,), dtype='int32')  →  sentence = keras.Input((length,), dtype=int)": "whole numbers too, and the net makes the same of them",
    },
}

EQUIVALENT_OF_OTHERS = {
    "conv_over_words": {
        "for f in range(filters):  →  result.append(row)": "the row is in the result already, and is filled afterwards",
    },
    "max_over_time": {
        "return [np.take_along_axis(masked, places[:, None], axis=1)[:, 0], places]  →  return [np.take_along_axis(maps, places[:, None], axis=1)[:, 0], places]": "where they are chosen both are the same",
    },
    "spectrogram": {
        "columns.append(np.abs(np.fft.fft(sound[start:start + size] * window))[:size // 2 + 1])  →  columns.append(np.abs(np.fft.fft(sound[start:start + size] * window))[:size // -2 + 1])": "even: half is half, from either end",
        "waves = np.exp(-2j * np.pi * np.outer(np.arange(size // 2 + 1), places) / size)  →  waves = np.exp(2j * np.pi * np.outer(np.arange(size // 2 + 1), places) / size)": "a magnitude has no sign",
        "waves = np.exp(-2j * np.pi * np.outer(np.arange(size // 2 + 1), places) / size)  →  waves = np.exp(-2j * np.pi * np.outer(np.arange(size / 2 + 1), places) / size)": "even: half is half, from either end",
    },
    "melody": {
        "power = np.abs(np.fft.rfft(sound[start:start + len(window)] * window)) ** 2  →  power = np.abs(np.fft.rfft(sound[start:start + len(window)] * window)) * 2": "powers do not change the order",
        "power = np.abs(np.fft.rfft(sound[start:start + len(window)] * window)) ** 2  →  power = 2 ** np.abs(np.fft.rfft(sound[start:start + len(window)] * window))": "a common factor does not change the order",
        "power = np.abs(np.fft.rfft(sound[start:start + len(window)] * window)) ** 2  →  power = np.abs(np.fft.rfft(sound[start:start + len(window)] * window))": "powers do not change the order",
        "power = np.abs(np.fft.rfft(sound[start:start + len(window)] * window)) ** 2  →  power = np.abs(np.fft.rfft(sound[start:start + len(window)] * window)) ** 3": "powers do not change the order",
        "power = np.abs(np.fft.rfft(sound[start:start + len(window)] * window)) ** 2  →  power = np.abs(np.fft.rfft(sound[start:start + len(window)] * window)) ** 1": "powers do not change the order",
        "return np.fft.rfftfreq(len(window), d=1 / rate)[np.abs(np.fft.rfft(frames)).argmax(axis=-1)]  →  return np.fft.rfftfreq(len(window), d=1 / rate)[np.abs(np.fft.rfft(frames)).argmax(axis=--1)]": SAME_AXIS,
    },
    "kim_net": {
        "largest = [layers.GlobalMaxPool1D()(layers.ReLU()(layers.Conv1D(num_filters, n)(vectors))) for n in windows]  →  largest = [layers.GlobalMaxPool1D()(layers.ReLU()(layers.Conv1D(num_filters, n, activation='relu')(vectors))) for n in windows]": RELU_TWICE,
        "joined = layers.Concatenate(axis=-1)([branch(size)(vectors) for size in windows])  →  joined = layers.Concatenate(axis=1)([branch(size)(vectors) for size in windows])": SAME_AXIS,
    },
}
