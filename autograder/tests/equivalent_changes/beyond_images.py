"""Changes of right answers of unit 21 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import A_LIST, SAME_AXIS, SYMMETRIC

NEGATIVE = "NumPy takes any negative number for the rest"
WHOLE = "the same whole numbers, as floats"

EQUIVALENT: dict[str, dict[str, str]] = {
    "encode_words": {
        "return np.array(numbers + [0] * (length - len(numbers)))  →  return numbers + [0] * (length - len(numbers))": A_LIST,
        "return np.array(numbers + [0] * (length - len(numbers)))  →  return np.array(numbers + [0] * (length - len(numbers)), dtype=float)": WHOLE,
        "return np.array(numbers + [0] * (length - len(numbers)))  →  return np.array(numbers + [0] * (length - len(words)))": "they differ only when words are cut off, and then nothing is added",
    },
    "conv_over_words": {
        "return np.maximum(total, 0)  →  return np.maximum(0, total)": SYMMETRIC,
    },
    "max_over_time": {
        "inside = np.arange(maps.shape[1]) < np.reshape(lengths, (-1, 1)) - window + 1  →  inside = np.arange(maps.shape[1]) < np.reshape(lengths, (-2, 1)) - window + 1": NEGATIVE,
    },
    "kim_parameters": {},
    "kim_net": {
        "sentence = keras.Input((length,), dtype='int32')  →  sentence = keras.Input((length,), dtype=int)": "whole numbers too, and the net makes the same of them",
    },
    "permute_pixels": {
        "flat = images.reshape(len(images), -1)  →  flat = images.reshape(len(images), -1 - 1)": NEGATIVE,
        "flat = images.reshape(len(images), -1)  →  flat = images.reshape(len(images), -2)": NEGATIVE,
    },
    "melody": {
        "return strength.argmax(axis=1) * rate / len(window)  →  return strength.argmax(axis=-1) * rate / len(window)": SAME_AXIS,
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
}
