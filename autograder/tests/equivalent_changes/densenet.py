"""Changes of right answers of unit 15 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import A_LIST, SAME_AXIS, SYMMETRIC

FLOATS = "the results are floats anyway"
NEGATIVE = "NumPy takes any negative number for the rest"
WHOLE = "the same whole numbers, as floats"

EQUIVALENT: dict[str, dict[str, str]] = {
    "count_connections": {
        "return sum((num_layers * (num_layers + 1) // 2 for num_layers in blocks))  →  return sum((num_layers * (num_layers + 1) / 2 for num_layers in blocks))": WHOLE,
    },
    "stack_of_maps": {
        "read = np.maximum(stack + shift, 0)  →  read = np.maximum(0, stack + shift)": SYMMETRIC,
        "stack = np.concatenate([stack, read @ kernel], axis=-1)  →  stack = np.concatenate([stack, read @ kernel], axis=1)": SAME_AXIS,
        "stack = np.concatenate([stack, read @ kernel], axis=-1)  →  stack = np.concatenate([stack, read @ kernel], axis=--1)": SAME_AXIS,
    },
    "densenet_parameters": {},
    "weight_by_source": {
        "magnitudes = np.abs(kernel).reshape(size, -1)  →  magnitudes = np.abs(kernel).reshape(size, -1 - 1)": NEGATIVE,
        "magnitudes = np.abs(kernel).reshape(size, -1)  →  magnitudes = np.abs(kernel).reshape(size, -2)": NEGATIVE,
        "return np.array([part.mean() for part in parts])  →  return [part.mean() for part in parts]": A_LIST,
        "return np.array([part.mean() for part in parts])  →  return np.array([part.mean() for part in parts], dtype=float)": FLOATS,
    },
}
