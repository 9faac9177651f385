"""Changes of solutions of unit 1 that are right too."""

from tests.equivalent_changes import A_LIST, OTHER_TYPE, SAME_AXIS, SYMMETRIC

EQUIVALENT = {
    "linear_unit": {
        "return np.dot(w, x) + b  →  return np.dot(x, w) + b": SYMMETRIC,
    },
    "half_space_region": {
        "return np.all(x @ W.T + b > 0, axis=1)  →  return np.all(x @ W.T + b > 0, axis=-1)": SAME_AXIS,
    },
    "answers_along": {
        "return np.array(answers)  →  return answers": A_LIST,
        "return np.array(answers)  →  return np.array(answers, dtype=float)": OTHER_TYPE,
    },
    "conv_weights": {
        "return num_filters * (window + int(use_bias))  →  return num_filters * (window + use_bias)": "a truth value counts as 0 or 1",
    },
}
