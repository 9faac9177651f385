"""Changes of solutions of unit 1 that are right too."""

from tests.equivalent_changes import A_LIST, OTHER_TYPE, PRODUCT_ONLY, SAME_AXIS, SYMMETRIC

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

EQUIVALENT_OF_OTHERS = {
    "linear_unit": {
        "for weight, value in zip(w, x, strict=True):  →  for weight, value in zip(x, w, strict=True):": SYMMETRIC,
        "return np.float32(np.sum(w.astype(np.float32) * x.astype(np.float32)) + np.float32(b))  →  return np.float32(np.sum(w.astype(np.float32) @ x.astype(np.float32)) + np.float32(b))": "the product has added them up already",
        "return np.float32(np.sum(w.astype(np.float32) * x.astype(np.float32)) + np.float32(b))  →  return np.float32(np.sum(w.astype(np.float32) * x.astype(np.float32)) + b)": OTHER_TYPE,
    },
    "union_region": {
        "z = np.tensordot(x, W, axes=([1], [2])) + b  →  z = np.tensordot(x, W, axes=([-1], [2])) + b": SAME_AXIS,
        "return (z > 0).all(axis=-1).any(axis=-1)  →  return (z > 0).all(axis=-1).any(axis=--1)": SAME_AXIS,
        "return first if len(W) == 1 else np.logical_or(first, union_one_region_at_a_time(x, W[1:], b[1:]))  →  return first if len(W) == 1 else np.logical_or(first, union_one_region_at_a_time(x, W[1:], b[-1:]))": SAME_AXIS,
    },
    "conv_weights": {
        "return np.zeros((kernel_rows, kernel_cols, in_channels, num_filters)).size + np.zeros(num_filters if use_bias else 0).size  ⇄": PRODUCT_ONLY,
    },
}
