"""MobileNet: depthwise separable convolutions throughout.

A. Howard et al., MobileNets: efficient convolutional neural networks for mobile vision
applications, 2017, arXiv:1704.04861, table 1.
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published

# Stride and filters of each separable block; the first layer is an ordinary convolution.
FIRST = 32
TABLE = (
    (1, 64),
    (2, 128),
    (1, 128),
    (2, 256),
    (1, 256),
    (2, 512),
    *[(1, 512)] * 5,
    (2, 1024),
    (1, 1024),
)


def norm_relu6(x):
    """Batch normalisation, then ReLU that stops at 6."""
    return layers.ReLU(6.0)(layers.BatchNormalization()(x))


def separable_block(x, filters, stride):
    """Depthwise 3 × 3, then pointwise 1 × 1, each with batch normalisation and ReLU6.

    x: tensor (batch, rows, cols, channels). Neither convolution has a bias; padding
    "same". Returns (batch, ⌈rows / stride⌉, ⌈cols / stride⌉, filters).
    """
    x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
    x = norm_relu6(x)
    x = layers.Conv2D(filters, 1, use_bias=False)(x)
    return norm_relu6(x)


def mobilenet(table, first, input_shape=(224, 224, 3), classes=1000, width=1.0):
    """The net of a table of (stride, filters).

    first: filters of the first convolution, 3 × 3 with stride 2; width: the multiplier
    of all numbers of filters. Returns a keras.Model from input_shape to `classes`.
    """
    images = keras.Input(input_shape)
    filters = int(first * width)
    x = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(images)
    x = norm_relu6(x)
    for stride, filters in table:
        x = separable_block(x, int(filters * width), stride)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


_STATISTICS = "the paper leaves out the batch norms' moving statistics, 21,888 numbers"

YEAR = 2017
PUBLISHED = tuple(
    Published(
        name=f"MobileNet {width:g}",
        build=partial(mobilenet, TABLE, FIRST, width=width),
        parameters=parameters,
        macs=macs,
        depth=28,
        top1=top1,
        protocol="224, crop not said",
        source="Howard et al. 2017, table 6",
        reason=_STATISTICS if width == 1 else "",
    )
    for width, parameters, macs, top1 in (
        (1.0, "4.2 M", "569 M", 29.4),
        (0.75, "2.6 M", "325 M", 31.6),
        (0.5, "1.3 M", "149 M", 36.3),
        (0.25, "0.5 M", "41 M", 49.4),
    )
)
