"""GoogLeNet: C. Szegedy et al., Going deeper with convolutions, CVPR 2015."""

from __future__ import annotations

import keras
from keras import layers

from convcourse.nets.lrn import local_response_norm
from convcourse.nets.published import Published

# Table 1 with its own numbers in the last two columns; K stands for 1,024 there. Columns:
# type, (patch, stride), output size, depth, (#1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5,
# pool proj), params, ops.
# fmt: off
TABLE = (
    ("convolution", (7, 2), (112, 112, 64), 1, None, "2.7K", "34M"),
    ("max pool", (3, 2), (56, 56, 64), 0, None, "", ""),
    ("convolution", (3, 1), (56, 56, 192), 2, (64, 192), "112K", "360M"),
    ("max pool", (3, 2), (28, 28, 192), 0, None, "", ""),
    ("inception 3a", None, (28, 28, 256), 2, (64, 96, 128, 16, 32, 32), "159K", "128M"),
    ("inception 3b", None, (28, 28, 480), 2, (128, 128, 192, 32, 96, 64), "380K", "304M"),
    ("max pool", (3, 2), (14, 14, 480), 0, None, "", ""),
    ("inception 4a", None, (14, 14, 512), 2, (192, 96, 208, 16, 48, 64), "364K", "73M"),
    ("inception 4b", None, (14, 14, 512), 2, (160, 112, 224, 24, 64, 64), "437K", "88M"),
    ("inception 4c", None, (14, 14, 512), 2, (128, 128, 256, 24, 64, 64), "463K", "100M"),
    ("inception 4d", None, (14, 14, 528), 2, (112, 144, 288, 32, 64, 64), "580K", "119M"),
    ("inception 4e", None, (14, 14, 832), 2, (256, 160, 320, 32, 128, 128), "840K", "170M"),
    ("max pool", (3, 2), (7, 7, 832), 0, None, "", ""),
    ("inception 5a", None, (7, 7, 832), 2, (256, 160, 320, 32, 128, 128), "1072K", "54M"),
    ("inception 5b", None, (7, 7, 1024), 2, (384, 192, 384, 48, 128, 128), "1388K", "71M"),
    ("avg pool", (7, 1), (1, 1, 1024), 0, None, "", ""),
    ("dropout (40%)", None, (1, 1, 1024), 0, None, "", ""),
    ("linear", None, (1, 1, 1000), 1, None, "1000K", "1M"),
    ("softmax", None, (1, 1, 1000), 0, None, "", ""),
)
# fmt: on
BODY = TABLE[:15]  # the rows before the average pool
# Figure 3 of the paper adds to the table:
NORM_AFTER = (1, 2)  # local response normalisation behind the first pool and the 3×3
AUXILIARY_AFTER = ("inception 4a", "inception 4d")


def inception(x, numbers):
    """The module of figure 2(b): four branches side by side, each convolution with ReLU.

    x: tensor (batch, rows, cols, channels).
    numbers: filters as in the table: #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj.
    Returns (batch, rows, cols, maps), in the order 1×1, 3×3, 5×5, pool.
    """
    n1, reduce3, n3, reduce5, n5, projection = numbers

    def conv(y, filters, size):
        return layers.Conv2D(filters, size, padding="same", activation="relu")(y)

    pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    branches = [
        conv(x, n1, 1),
        conv(conv(x, reduce3, 1), n3, 3),
        conv(conv(x, reduce5, 1), n5, 5),
        conv(pooled, projection, 1),
    ]
    return layers.Concatenate()(branches)


def googlenet_body(x, table):
    """Send a tensor through rows like table 1's: convolutions, max pools, inceptions."""
    for kind, patch, output, _, numbers, *_ in table:
        if kind.startswith("inception"):
            x = inception(x, numbers)
            continue
        size, stride = patch
        if kind == "max pool":
            x = layers.MaxPooling2D(size, stride, padding="same")(x)
            continue
        if numbers:
            x = layers.Conv2D(numbers[0], 1, activation="relu")(x)
        filters = output[-1]
        x = layers.Conv2D(filters, size, stride, padding="same", activation="relu")(x)
    return x


def auxiliary_head(x, classes):
    """A classifier from the middle of the net, for training only (section 5)."""
    x = layers.AveragePooling2D(5, 3)(x)
    x = layers.Conv2D(128, 1, activation="relu")(x)
    x = layers.Dense(1024, activation="relu")(layers.Flatten()(x))
    return layers.Dense(classes, activation="softmax")(layers.Dropout(0.7)(x))


def googlenet(input_shape=(224, 224, 3), classes=1000, auxiliary=False):
    """GoogLeNet; with `auxiliary` two more outputs, from inception 4a and 4d."""
    images = x = keras.Input(input_shape)
    heads = []
    for row, line in enumerate(BODY):
        x = googlenet_body(x, [line])
        if row in NORM_AFTER:
            x = local_response_norm(x)
        if auxiliary and line[0] in AUXILIARY_AFTER:
            heads.append(auxiliary_head(x, classes))
    x = layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))
    x = layers.Dense(classes, activation="softmax")(x)
    return keras.Model(images, [x, *heads] if auxiliary else x, name="googlenet")


YEAR = 2014
PUBLISHED = (
    Published(
        "GoogLeNet",
        googlenet,
        "6,798 K",
        "Szegedy et al. 2015, tables 1 and 3 (one model, one crop)",
        macs="1.5 G",
        depth=22,
        top5=10.07,
        protocol="1 crop of 224, 1 net",
        reason=(
            "The sum of the table's column, with K for 1,024. Its first row, 2.7 K, is no "
            "full 7×7 (9.2 K), some rows are misprinted, and biases are left out. "
            "torchvision's GoogLeNet with weights has 6,624,904 parameters: 3×3 for 5×5, batch "
            "norms for biases. Without weights its class adds two auxiliary heads: 13,004,888."
        ),
    ),
)
