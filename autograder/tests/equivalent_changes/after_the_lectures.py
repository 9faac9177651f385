"""Changes of right answers of unit 24 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import (
    ALIAS,
    INDEPENDENT,
    NO_REST,
    ONE_AXIS,
    OTHER_TYPE,
    OUT_OF_REACH,
    RELU_TWICE,
    SAME_AXIS,
    SAME_SHAPE,
    SIZE_LEFT_OPEN,
    SYMMETRIC,
)

ALL_AS_LONG = "queries, keys and the columns of both matrices are as long"
NEVER_EQUAL = "filters · width is never exactly a multiple of 8 divided by 0.9"
SAME_FACTOR = "a factor common to all exponentials of a row falls out of their quotient"
NO_FRAME = "a 1 × 1 kernel needs no frame"
WHOLE = "groups divide the channels"

SCORES = "scores = queries @ keys.T / np.sqrt(keys.shape[1])  →  scores = queries @ "
WEIGHTS = "weights = np.exp(scores - scores.max())  →  weights = np.exp(scores"
ROWS = "weights = weights / weights.sum(axis=1, keepdims=True)  →  weights = weights / weights.sum(axis=-1, keepdims=True)"
RATIO = "ratio = np.median(second / first)  →  ratio = np.median(second / first, "
FIRST = "if np.mean(first < second) >= 0.75:  →  if np.mean(first < second, "
SECOND = "return (ratio, 2 if np.mean(second < first) >= 0.75 else 0)  →  return (ratio, 2 if np.mean(second < first, "
PATCHES = (
    "patches = table.transpose(0, 2, 1, 3, 4).reshape(-1, size * size * channels)  →  patches = table.transpose(0, 2, 1, 3, 4)"
)

GATES = "gates = layers.GlobalAveragePooling2D(keepdims=True)(x)  →  gates = layers.GlobalAveragePooling2D("
AXES_ADDED = "`Multiply` adds the missing axes itself"

EQUIVALENT: dict[str, dict[str, str]] = {
    "squeeze_excite": {
        f"{GATES})(x)": AXES_ADDED,
        f"{GATES}keepdims=False)(x)": AXES_ADDED,
        "return layers.Multiply()([x, gates])  →  return layers.Multiply()([gates, x])": SYMMETRIC,
    },
    "scaled_stages": {
        "near = int(wanted + 4) // 8 * 8  →  near = (wanted + 4) // 8 * 8": OTHER_TYPE,
        "near = near + 8 if near < 0.9 * wanted else near  →  near = near + 8 if near <= 0.9 * wanted else near": NEVER_EQUAL,
        "result.append((near, int(np.ceil(blocks * depth))))  →  result.append((near, np.ceil(blocks * depth)))": OTHER_TYPE,
    },
    "inverted_residual": {
        "branch = norm_relu6(layers.Conv2D(expand * channels, 1, use_bias=False)(branch))  →  branch = norm_relu6(layers.Conv2D(expand * channels, 1, use_bias=False, padding='same')(branch))": NO_FRAME,
        "branch = norm_relu6(layers.Conv2D(expand * channels, 1, use_bias=False)(branch))  →  branch = norm_relu6(layers.Conv2D(expand * channels, 1, use_bias=False)(x))": ALIAS,
        "branch = layers.Conv2D(filters, 1, use_bias=False)(branch)  →  branch = layers.Conv2D(filters, 1, use_bias=False, padding='same')(branch)": NO_FRAME,
        "return layers.Add()([x, branch]) if stride == 1 and filters == channels else branch  →  return layers.Add()([branch, x]) if stride == 1 and filters == channels else branch": SYMMETRIC,
        "if expand > 1:  →  deep = layers.DepthwiseConv2D(3, strides=stride, padding='same', use_bias=False)": INDEPENDENT,
    },
    "convnext_block": {
        "branch = layers.LayerNormalization(epsilon=1e-06)(branch)  →  branch = layers.LayerNormalization(epsilon=-1e-06)(branch)": OUT_OF_REACH,
        "return layers.Add()([x, layers.Dense(channels)(branch)])  →  return layers.Add()([layers.Dense(channels)(branch), x])": SYMMETRIC,
    },
    "traffic": {
        "weights = channels // groups * filters  →  weights = channels / groups * filters": WHOLE,
    },
    "which_is_faster": {
        **{f"{before}axis={axis})": ONE_AXIS for before in (RATIO,) for axis in (0, -1)},
        **{f"{FIRST}axis={axis}) >= 0.75:": ONE_AXIS for axis in (0, -1)},
        **{f"{SECOND}axis={axis}) >= 0.75 else 0)": ONE_AXIS for axis in (0, -1)},
    },
    "patch_tokens": {
        "table = image.reshape(rows // size, size, cols // size, size, channels)  →  table = image.reshape(rows // size, size, cols // size, channels, size)": "the last two axes are flattened together",
        f"{PATCHES}.reshape(-1 - 1, size * size * channels)": SIZE_LEFT_OPEN,
        f"{PATCHES}.reshape(-2, size * size * channels)": SIZE_LEFT_OPEN,
    },
    "attention": {
        f"{SCORES}(keys.T / np.sqrt(keys.shape[1]))": "a factor may be taken first",
        f"{SCORES}keys.T / np.sqrt(Wq.shape[1])": ALL_AS_LONG,
        f"{SCORES}keys.T / np.sqrt(Wk.shape[1])": ALL_AS_LONG,
        f"{SCORES}keys.T / np.sqrt(queries.shape[1])": ALL_AS_LONG,
        f"{SCORES}keys.T / np.sqrt(keys.shape[-1])": SAME_AXIS,
        f"{WEIGHTS} + scores.max())": SAME_FACTOR,
        f"{WEIGHTS})": SAME_FACTOR,
        f"{WEIGHTS} - scores.min())": SAME_FACTOR,
        **{f"{WEIGHTS} - {name}.max())": SAME_FACTOR for name in ("x", "Wq", "Wk", "Wv", "queries", "keys", "values")},
        ROWS: SAME_AXIS,
    },
}

ONE_PLACE = "there is one place only"
NARROW = "narrow = ops.relu(layers.Conv2D(channels // ratio, 1)(ops.mean(x, axis=(1, 2), keepdims=True)))"

EQUIVALENT_OF_OTHERS = {
    "scaled_stages": {
        "rounded = int((wanted + 4) // 8) * 8  →  rounded = (wanted + 4) // 8 * 8": OTHER_TYPE,
        "rounded = int((wanted + 4) // 8) * 8  →  rounded = int((wanted + 4) / 8) * 8": "it is rounded down anyway",
        "if rounded < 0.9 * wanted:  →  if rounded <= 0.9 * wanted:": "such a coincidence has probability 0",
        "rounded = np.maximum(8, np.floor(wanted / 8 + 0.5) * 8)  →  rounded = np.maximum(-8, np.floor(wanted / 8 + 0.5) * 8)": "what is below 8 is raised by the 10 % anyway",
        "rounded += 8 * (rounded < 0.9 * wanted)  →  rounded += 8 * (rounded <= 0.9 * wanted)": "such a coincidence has probability 0",
    },
    "traffic": {
        "weights = channels * filters // groups  →  weights = channels * filters / groups": NO_REST,
        "weights = channels * filters // groups  →  weights = channels * (filters // groups)": NO_REST,
        "weights = channels / groups * (filters / groups) * groups  →  weights = channels // groups * (filters / groups) * groups": NO_REST,
        "weights = channels / groups * (filters / groups) * groups  →  weights = channels / groups * (filters // groups) * groups": NO_REST,
    },
    "which_is_faster": {
        "middle = len(ratios) // 2  →  middle = len(ratios) // -2": "−2 has the same multiples",
        "ratio = ratios[middle] if len(ratios) % 2 else (ratios[middle - 1] + ratios[middle]) / 2  →  ratio = ratios[middle] if len(ratios) % -2 else (ratios[middle - 1] + ratios[middle]) / 2": "−2 has the same multiples",
        "if np.mean(first < second) >= 3 / 4:  →  if np.mean(second < first) >= 3 / 4:": "not both can hold",
    },
    "share_below": {
        "return (errors[:, None] < limits[None]).mean(axis=0)  →  return (errors[:, None] < limits).mean(axis=0)": "NumPy makes the row of it",
    },
    "patch_tokens": {
        "size, tokens = (W.shape[0], [])  →  size, tokens = (W.shape[1], [])": SAME_SHAPE,
    },
    "attention": {
        "return softmax(x @ Wq @ (x @ Wk).T / Wk.shape[1] ** 0.5, axis=-1) @ (x @ Wv)  →  return softmax(x @ Wq @ (x @ Wk).T / Wk.shape[1] ** 0.5, axis=--1) @ (x @ Wv)": SAME_AXIS,
    },
    "squeeze_excite": {
        "return layers.Multiply()([x, layers.Reshape((1, 1, channels))(gates)])  →  return layers.Multiply()([layers.Reshape((1, 1, channels))(gates), x])": SYMMETRIC,
        "return layers.Multiply()([x, layers.Reshape((1, 1, channels))(gates)])  →  return layers.Multiply()([x, gates])": "Multiply itself gives the gates the sides that they lack",
        "return layers.Multiply()([x, layers.Reshape((1, 1, channels))(gates)])  →  return layers.Multiply()([x, layers.Reshape((-1, 1, channels))(gates)])": ONE_PLACE,
        "return layers.Multiply()([x, layers.Reshape((1, 1, channels))(gates)])  →  return layers.Multiply()([x, layers.Reshape((1, -1, channels))(gates)])": ONE_PLACE,
        f"{NARROW}  →  {NARROW[:52]}, activation='relu'{NARROW[52:]}": RELU_TWICE,
        f"{NARROW}  →  {NARROW[:52]}, strides=2{NARROW[52:]}": ONE_PLACE,
        "return x * ops.sigmoid(layers.Conv2D(channels, 1)(narrow))  →  return x * ops.sigmoid(layers.Conv2D(channels, 1, strides=2)(narrow))": ONE_PLACE,
    },
    "inverted_residual": {
        "y = ops.relu6(layers.BatchNormalization()(layers.Conv2D(expand * y.shape[-1], 1, use_bias=False)(y)))  →  y = ops.relu6(layers.BatchNormalization()(layers.Conv2D(expand * y.shape[-1], 1, use_bias=False)(x)))": ALIAS,
        "return layers.add([y, x]) if y.shape == x.shape else y  →  return layers.add([x, y]) if y.shape == x.shape else y": SYMMETRIC,
    },
    "convnext_block": {
        "return layers.Add()([x, y])  →  return layers.Add()([y, x])": SYMMETRIC,
        "y = layers.LayerNormalization(axis=-1, epsilon=1e-06)(y)  →  y = layers.LayerNormalization(epsilon=1e-06)(y)": SAME_AXIS,
        "y = layers.LayerNormalization(epsilon=1e-06)(y)  →  y = layers.LayerNormalization(epsilon=-1e-06)(y)": OUT_OF_REACH,
        "y = layers.LayerNormalization(axis=-1, epsilon=1e-06)(y)  →  y = layers.LayerNormalization(axis=-1, epsilon=-1e-06)(y)": OUT_OF_REACH,
    },
}
