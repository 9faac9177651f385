"""Xception: Inception taken to the extreme, where every channel is convolved by itself.

F. Chollet, Xception: deep learning with depthwise separable convolutions, CVPR 2017,
figure 5.
"""

import keras
from keras import layers

from convcourse.nets.published import Published

# Filters: of the two ordinary convolutions, then of the separable ones, a tuple for each module with a shortcut.
FLOWS = {
    "stem": (32, 64),
    "entry": ((128, 128), (256, 256), (728, 728)),
    "middle": ((728, 728, 728),) * 8,
    "exit": ((728, 1024),),
    "last": (1536, 2048),
}


def conv_norm(x, filters, kernel, stride=1, padding="valid"):
    """Convolution without bias, and batch normalisation."""
    x = layers.Conv2D(filters, kernel, strides=stride, padding=padding, use_bias=False)(x)
    return layers.BatchNormalization()(x)


def separable_norm(x, filters):
    """Depthwise separable 3 × 3 without bias, padding "same", and batch normalisation."""
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def shrinking_module(x, filters):
    """ReLU and separable convolution for each of `filters`, max pooling; a strided 1 × 1 is added.

    x: tensor (batch, rows, cols, channels). Both ways halve rows and cols, rounding up. (In
    the net's first module the paper draws no ReLU in front: x comes rectified, so it is one.)
    """
    shortcut = conv_norm(x, filters[-1], 1, stride=2, padding="same")
    for count in filters:
        x = separable_norm(layers.ReLU()(x), count)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    return layers.Add()([x, shortcut])


def middle_module(x, filters):
    """ReLU and separable convolution, as often as there are `filters`; x is added."""
    shortcut = x
    for count in filters:
        x = separable_norm(layers.ReLU()(x), count)
    return layers.Add()([x, shortcut])


def xception(flows=FLOWS, input_shape=(299, 299, 3), classes=1000):
    """Entry, middle and exit flow. Returns a keras.Model from input_shape to `classes`."""
    images = keras.Input(input_shape)
    first, second = flows["stem"]
    x = layers.ReLU()(conv_norm(images, first, 3, stride=2))
    x = layers.ReLU()(conv_norm(x, second, 3))
    for filters in flows["entry"]:
        x = shrinking_module(x, filters)
    for filters in flows["middle"]:
        x = middle_module(x, filters)
    for filters in flows["exit"]:
        x = shrinking_module(x, filters)
    for filters in flows["last"]:
        x = layers.ReLU()(separable_norm(x, filters))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2016
PUBLISHED = (
    Published(
        name="Xception",
        build=xception,
        parameters="22,910,480",
        top1=21.0,
        top5=5.5,
        protocol="1 crop of 299",
        source="Keras's count; errors of Chollet 2017, table 1",
        reason="the paper's 22,855,952 leaves out the batch norms' moving statistics",
    ),
)
