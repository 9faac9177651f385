"""MobileNetV3: searched blocks of MobileNetV2's kind, some with squeeze and excitation.

A. Howard et al., Searching for MobileNetV3, ICCV 2019, arXiv:1905.02244, tables 1 and 2.
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.mobilenet_v2 import conv_norm, depthwise_norm
from convcourse.nets.published import Published
from convcourse.nets.senet import squeeze_excite

# Kernel, exp size, #out, SE, nonlinearity (RE: ReLU, HS: hard swish), stride.
LARGE = (
    (3, 16, 16, False, "RE", 1),
    (3, 64, 24, False, "RE", 2),
    (3, 72, 24, False, "RE", 1),
    (5, 72, 40, True, "RE", 2),
    *[(5, 120, 40, True, "RE", 1)] * 2,
    (3, 240, 80, False, "HS", 2),
    (3, 200, 80, False, "HS", 1),
    *[(3, 184, 80, False, "HS", 1)] * 2,
    (3, 480, 112, True, "HS", 1),
    (3, 672, 112, True, "HS", 1),
    (5, 672, 160, True, "HS", 2),
    *[(5, 960, 160, True, "HS", 1)] * 2,
)
SMALL = (
    (3, 16, 16, True, "RE", 2),
    (3, 72, 24, False, "RE", 2),
    (3, 88, 24, False, "RE", 1),
    (5, 96, 40, True, "HS", 2),
    *[(5, 240, 40, True, "HS", 1)] * 2,
    (5, 120, 48, True, "HS", 1),
    (5, 144, 48, True, "HS", 1),
    (5, 288, 96, True, "HS", 2),
    *[(5, 576, 96, True, "HS", 1)] * 2,
)
NONLINEARITY = {"RE": "relu", "HS": "hard_swish"}


def divisible(number, divisor=8):
    """The nearest multiple of the divisor that is not more than a tenth smaller."""
    nearest = max(divisor, int(number + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * number else nearest


def bneck(x, kernel, exp_size, filters, se, nonlinearity, stride):
    """MobileNetV2's block with a factor for each wide map (SE), a quarter as many units.

    x: (rows, cols, channels). Returns (rows / stride, cols / stride, filters).
    """
    channels, y = x.shape[-1], x
    active = NONLINEARITY[nonlinearity]
    if exp_size != channels:
        y = layers.Activation(active)(conv_norm(y, exp_size, 1))
    y = layers.Activation(active)(depthwise_norm(y, kernel, stride))
    if se:
        y = squeeze_excite(y, divisible(exp_size / 4), gate="hard_sigmoid")
    y = conv_norm(y, filters, 1)
    return layers.Add()([x, y]) if stride == 1 and channels == filters else y


def mobilenet_v3(table, last, input_shape=(224, 224, 3), classes=1000):
    """The net of a table; last: units before the classifier, after the mean of the maps."""
    images = keras.Input(input_shape)
    x = layers.Activation("hard_swish")(conv_norm(images, 16, 3, 2))
    for row in table:
        x = bneck(x, *row)
    x = layers.Activation("hard_swish")(conv_norm(x, table[-1][1], 1))
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(layers.Dense(last, activation="hard_swish")(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


_SOURCE = "torchvision's count; the rest of Howard et al. 2019, table 3"

YEAR = 2019
PUBLISHED = (
    Published(
        "MobileNetV3-Large",
        partial(mobilenet_v3, LARGE, 1280),
        "5,483,032",
        _SOURCE,
        macs="219 M",
        top1=24.8,
        protocol="224, crop not said",
        reason="217 M in torchvision's counter too; the paper prints 219 M",
    ),
    Published(
        "MobileNetV3-Small",
        partial(mobilenet_v3, SMALL, 1024),
        "2,542,856",
        _SOURCE,
        macs="56 M",
        top1=32.6,
        protocol="224, crop not said",
        reason="57 M in torchvision's counter too; the paper prints 56 M",
    ),
)
