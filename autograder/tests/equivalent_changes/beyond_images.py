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
