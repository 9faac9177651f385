"""Changes of right answers of unit 26 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ALIAS, SYMMETRIC

PLACES = "the places stay in their order, and the last reshape puts them back"
ONE_PIXEL = "a kernel of one pixel needs no frame"
SUM = {"return layers.Add()([x, shortcut])  →  return layers.Add()([shortcut, x])": SYMMETRIC}

EQUIVALENT: dict[str, dict[str, str]] = {
    "middle_module": SUM,
    "shrinking_module": {
        **SUM,
        "shortcut = conv_norm(x, filters[-1], 1, stride=2, padding='same')  →  shortcut = conv_norm(x, filters[-1], 1, stride=2)": ONE_PIXEL,
        "shortcut = conv_norm(x, filters[-1], 1, stride=2, padding='same')  →  shortcut = conv_norm(x, filters[-1], 1, stride=2, padding='valid')": ONE_PIXEL,
    },
    "shuffle_unit": {
        "y = layers.Conv2D(filters // 4, 1, groups=first_groups or groups, use_bias=False)(x)  →  y = layers.Conv2D(filters // 4, 1, groups=first_groups or groups, use_bias=False, padding='same')(x)": ONE_PIXEL,
        "y = layers.Conv2D(new, 1, groups=groups, use_bias=False)(y)  →  y = layers.Conv2D(new, 1, groups=groups, use_bias=False, padding='same')(y)": ONE_PIXEL,
        "return layers.ReLU()(layers.Add()([x, y]))  →  return layers.ReLU()(layers.Add()([y, x]))": SYMMETRIC,
        "if stride == 1:  →  shortcut = layers.AveragePooling2D(3, strides=stride, padding='same')(x)": "with stride 1 nobody reads the mean",
    },
    "channel_shuffle": {
        "x = layers.Reshape((rows, cols, groups, channels // groups))(x)  →  x = layers.Reshape((cols, rows, groups, channels // groups))(x)": "the last Reshape puts rows and columns back",
        "x = layers.Reshape((rows, cols, groups, channels // groups))(x)  →  x = layers.Reshape((x, cols, groups, channels // groups))(x)": "Keras works out the one size that is no whole number",
        "x = layers.Reshape((rows, cols, groups, channels // groups))(x)  →  x = layers.Reshape((rows, x, groups, channels // groups))(x)": "Keras works out the one size that is no whole number",
        "x = layers.Reshape((rows, cols, groups, channels // groups))(x)  →  x = layers.Reshape((rows, cols, x, channels // groups))(x)": "Keras works out the one size that is no whole number",
        "x = layers.Reshape((rows, cols, groups, channels // groups))(x)  →  x = layers.Reshape((rows, cols, groups, channels / groups))(x)": "Keras takes 2.0 for 2",
        "x = layers.Reshape((rows, cols, groups, channels // groups))(x)  →  x = layers.Reshape((rows, cols, groups, x // groups))(x)": "Keras works out the one size that is no whole number",
        "x = layers.Reshape((rows, cols, groups, channels // groups))(x)  →  x = layers.Reshape((rows, cols, groups, channels // x))(x)": "Keras works out the one size that is no whole number",
    },
}
EQUIVALENT_OF_OTHERS = {
    "channel_shuffle": {
        "x = ops.reshape(x, (-1, rows, cols, groups, channels // groups))  →  x = ops.reshape(x, (rows, -1, cols, groups, channels // groups))": PLACES,
        "x = ops.reshape(x, (-1, rows, cols, groups, channels // groups))  →  x = ops.reshape(x, (cols, rows, -1, groups, channels // groups))": PLACES,
        "x = ops.reshape(x, (-1, rows, cols, groups, channels // groups))  →  x = ops.reshape(x, (-1, cols, rows, groups, channels // groups))": PLACES,
        "return ops.reshape(ops.swapaxes(x, 3, 4), (-1, rows, cols, channels))  →  return ops.reshape(ops.swapaxes(x, 4, 3), (-1, rows, cols, channels))": SYMMETRIC,
    },
    "shuffle_unit": {
        "return layers.Activation('relu')(layers.add([short, y]) if stride == 1 else layers.concatenate([short, y]))  →  return layers.Activation('relu')(layers.add([x, y]) if stride == 1 else layers.concatenate([short, y]))": ALIAS,
    },
}
