"""Changes of right answers of unit 1 that are right too."""

from tests.equivalent_changes import OTHER_TYPE, PRODUCT_ONLY, SAME_AXIS, SYMMETRIC

EQUIVALENT = {}

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
