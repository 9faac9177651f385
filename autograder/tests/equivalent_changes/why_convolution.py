"""Changes of solutions of unit 1 that are right too."""

from tests.equivalent_changes import SAME_AXIS, SYMMETRIC

EQUIVALENT = {
    "linear_unit": {
        "return np.dot(w, x) + b  →  return np.dot(x, w) + b": SYMMETRIC,
    },
    "half_space_region": {
        "return np.all(x @ W.T + b > 0, axis=1)  →  return np.all(x @ W.T + b > 0, axis=-1)": SAME_AXIS,
    },
    "conv_weights": {
        "return num_filters * (window + int(use_bias))  →  return num_filters * (window + use_bias)": "a truth value counts as 0 or 1",
    },
}
