"""EfficientNet: one searched net, made wider, deeper and sharper by one rule.

M. Tan and Q. V. Le, EfficientNet: rethinking model scaling for convolutional neural
networks, ICML 2019, arXiv:1905.11946: table 1 (B0), section 3.3 (the rule), table 2.
"""

import math
from functools import partial

import keras
from keras import layers

from convcourse.nets.mobilenet_v3 import divisible
from convcourse.nets.published import Published
from convcourse.nets.senet import squeeze_excite

# Table 1: MBConv's expansion, kernel, stride of its first layer, channels, layers.
TABLE = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
FIRST, LAST = 32, 1280
# Section 3.3: depth 1.2^φ, width 1.1^φ, side 1.15^φ, so that the work doubles with each φ.
# The published nets have these by hand: width, depth, side, dropout.
SCALED = {
    "B0": (1.0, 1.0, 224, 0.2),
    "B1": (1.0, 1.1, 240, 0.2),
    "B2": (1.1, 1.2, 260, 0.3),
    "B3": (1.2, 1.4, 300, 0.3),
    "B4": (1.4, 1.8, 380, 0.4),
    "B5": (1.6, 2.2, 456, 0.4),
    "B6": (1.8, 2.6, 528, 0.5),
    "B7": (2.0, 3.1, 600, 0.5),
}


def conv_norm(x, filters, kernel, stride=1):
    """Convolution without bias, padding "same", then batch normalisation."""
    options = {"padding": "same", "use_bias": False, "kernel_initializer": "he_normal"}
    x = layers.Conv2D(filters, kernel, strides=stride, **options)(x)
    return layers.BatchNormalization()(x)


def mbconv(x, expansion, kernel, stride, filters):
    """MobileNetV2's block with swish and with SE, a quarter of its narrow maps in units.

    x: (rows, cols, channels). Returns (rows / stride, cols / stride, filters).
    """
    channels, y = x.shape[-1], x
    if expansion > 1:
        y = layers.Activation("swish")(conv_norm(y, expansion * channels, 1))
    options = {"padding": "same", "use_bias": False, "strides": stride}
    y = layers.BatchNormalization()(layers.DepthwiseConv2D(kernel, **options)(y))
    y = squeeze_excite(layers.Activation("swish")(y), max(1, channels // 4), "swish")
    y = conv_norm(y, filters, 1)
    return layers.Add()([x, y]) if stride == 1 and channels == filters else y


def efficientnet(name, input_shape, classes=1000):
    """A net of SCALED: TABLE with widths rounded to eights and depths rounded up."""
    width, depth, _, dropout = SCALED[name]
    images = keras.Input(input_shape)
    x = layers.Activation("swish")(conv_norm(images, divisible(FIRST * width), 3, 2))
    for expansion, kernel, stride, filters, repeats in TABLE:
        for place in range(math.ceil(repeats * depth)):
            step = stride if place == 0 else 1
            x = mbconv(x, expansion, kernel, step, divisible(filters * width))
    x = layers.Activation("swish")(conv_norm(x, divisible(LAST * width), 1))
    x = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


# torchvision's parameters and multiply-adds (B2: the paper's, for torchvision's has 288
# pixels); errors of table 2.
_PRINTED = {
    "B0": ("5,288,548", "0.39 G", 22.9, 6.7),
    "B1": ("7,794,184", "0.69 G", 20.9, 5.6),
    "B2": ("9,109,994", "1.0 G", 19.9, 5.1),
    "B3": ("12,233,232", "1.83 G", 18.4, 4.3),
    "B4": ("19,341,616", "4.39 G", 17.1, 3.6),
    "B5": ("30,389,784", "10.27 G", 16.4, 3.3),
    "B6": ("43,040,704", "19.07 G", 16.0, 3.2),
    "B7": ("66,347,960", "37.75 G", 15.7, 3.0),
}

YEAR = 2019
PUBLISHED = tuple(
    Published(
        f"EfficientNet-{name}",
        partial(efficientnet, name, input_shape=(side, side, 3)),
        _PRINTED[name][0],
        "torchvision's counts; errors of Tan and Le 2019, table 2",
        macs=_PRINTED[name][1],
        top1=_PRINTED[name][2],
        top5=_PRINTED[name][3],
        protocol=f"1 crop of {side}",
    )
    for name, (_, _, side, _) in SCALED.items()
)
