"""Inception v3: C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, CVPR 2016.

The variant of Google's released weights, as in keras.applications and torchvision; the
paper's table 1 shows an earlier one (another stem, other reductions, no 5×5 in modules A).
"""

from __future__ import annotations

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published

# A step of a branch: (filters, rows, cols), with (…, stride, padding) where they are not 1
# and "same"; "average" and "max": 3×3 pools, stride 1 and 2; a tuple of branches: a fork.
STEM = (
    (32, 3, 3, 2, "valid"),
    (32, 3, 3, 1, "valid"),
    (64, 3, 3),
    "max",
    (80, 1, 1),
    (192, 3, 3, 1, "valid"),
    "max",
)


def module_a(pool):
    """Figure 5: 1×1, 5×5, two 3×3 in place of a second 5×5, and pooling."""
    double = ((64, 1, 1), (96, 3, 3), (96, 3, 3))
    return ((64, 1, 1),), ((48, 1, 1), (64, 5, 5)), double, ("average", (pool, 1, 1))


def module_b(n):
    """Figure 6: every 7×7 as 1×7 and 7×1."""
    single = ((n, 1, 1), (n, 1, 7), (192, 7, 1))
    double = ((n, 1, 1), (n, 7, 1), (n, 1, 7), (n, 7, 1), (192, 1, 7))
    return ((192, 1, 1),), single, double, ("average", (192, 1, 1))


def module_c():
    """Figure 7: 3×3 as 1×3 beside 3×1, for the coarsest maps."""
    fork = (((384, 1, 3),), ((384, 3, 1),))
    single, double = ((384, 1, 1), fork), ((448, 1, 1), (384, 3, 3), fork)
    return ((320, 1, 1),), single, double, ("average", (192, 1, 1))


REDUCE_35 = (  # figure 10: convolutions and a pool, side by side, all with stride 2
    ((384, 3, 3, 2, "valid"),),
    ((64, 1, 1), (96, 3, 3), (96, 3, 3, 2, "valid")),
    ("max",),
)
REDUCE_17 = (
    ((192, 1, 1), (320, 3, 3, 2, "valid")),
    ((192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3, 2, "valid")),
    ("max",),
)
TABLE = (
    *(module_a(pool) for pool in (32, 64, 64)),  # 35 × 35
    REDUCE_35,
    *(module_b(n) for n in (128, 160, 160, 192)),  # 17 × 17
    REDUCE_17,
    module_c(),  # 8 × 8
    module_c(),
)
AUXILIARY_AFTER = 7  # the row of the last 17 × 17 module


def conv_bn(x, filters, rows, cols, stride=1, padding="same", scale=False):
    """Convolution without bias, batch normalisation, ReLU."""
    kernel = (rows, cols)
    x = layers.Conv2D(filters, kernel, strides=stride, padding=padding, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(scale=scale)(x))


def along(x, branch, scale=False):
    """Send a tensor through the steps of one branch."""
    for step in branch:
        if step == "average":
            x = layers.AveragePooling2D(3, 1, padding="same")(x)
        elif step == "max":
            x = layers.MaxPooling2D(3, 2)(x)
        elif isinstance(step[0], tuple):
            x = inception_module(x, step, scale)
        else:
            x = conv_bn(x, *step, scale=scale)
    return x


def inception_module(x, branches, scale=False):
    """Send a tensor through all branches and put their maps side by side."""
    return layers.Concatenate()([along(x, branch, scale) for branch in branches])


def auxiliary_head(x, classes, scale=False):
    """Average pool 5×5/3, 1×1 with 128, 5×5 with 768 filters, dense: for the 17×17 maps."""
    x = layers.AveragePooling2D(5, 3)(x)
    x = conv_bn(conv_bn(x, 128, 1, 1, scale=scale), 768, 5, 5, 1, "valid", scale)
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dense(classes, activation="softmax")(x)


def inception_v3(input_shape=(299, 299, 3), classes=1000, auxiliary=False, scale=False):
    """Inception v3; input sides of 75 pixels at least.

    auxiliary: a second output, from the last 17×17 maps; needs 299 pixels.
    scale: batch normalisation learns a scale too, as in torchvision; Keras leaves it out,
    since the next convolution can do the scaling.
    """
    images = keras.Input(input_shape)
    x = along(images, STEM, scale)
    outputs = []
    for row, branches in enumerate(TABLE):
        x = inception_module(x, branches, scale)
        if auxiliary and row == AUXILIARY_AFTER:
            outputs.append(auxiliary_head(x, classes, scale))
    x = layers.GlobalAveragePooling2D()(x)
    outputs.insert(0, layers.Dense(classes, activation="softmax")(x))
    return keras.Model(images, outputs if auxiliary else outputs[0], name="inception_v3")


YEAR = 2015
PUBLISHED = (
    Published(
        "Inception v3",
        inception_v3,
        "23,851,784",
        "keras.applications; Szegedy et al. 2016, table 3 and section 6",
        macs="5 G",
        depth=42,
        top1=21.2,
        top5=5.6,
        protocol="1 crop of 299",
        reason="The paper's table 1, 42 layers deep, is an earlier variant; 5 G: rounded.",
    ),
    Published(
        "Inception v3 (torchvision, 224×224)",
        partial(inception_v3, input_shape=(224, 224, 3), scale=True),
        "27.16 M",
        "2020 lecture (torchvision's models)",
        macs="2.85 G",
        top1=22.55,
        top5=6.44,
        protocol="1 crop, but of 299",
        reason=(
            "27.16 M counts the auxiliary head (3.33 M), whose 5×5 needs 299 pixels. "
            "Keras counts the two statistics of each map, torchvision does not. "
            "The error is that of 299 pixels, the work that of 224."
        ),
    ),
)
