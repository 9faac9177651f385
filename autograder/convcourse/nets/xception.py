"""Xception: Inception taken to the extreme, where every channel is convolved by itself.

F. Chollet, Xception: deep learning with depthwise separable convolutions, CVPR 2017,
figure 5.
"""

import keras
from keras import layers

from convcourse.nets.published import Published

# Filters of the two or three separable convolutions of each module with its own shortcut.
ENTRY = ((128, 128), (256, 256), (728, 728))
MIDDLE = ((728, 728, 728),) * 8
EXIT = ((728, 1024),)
LAST = (1536, 2048)


def conv_norm(x, filters, kernel, stride=1, padding="valid"):
    """Convolution without bias, and batch normalisation."""
    x = layers.Conv2D(filters, kernel, strides=stride, padding=padding, use_bias=False)(x)
    return layers.BatchNormalization()(x)


def separable_norm(x, filters):
    """Depthwise separable 3 × 3 without bias, padding "same", and batch normalisation."""
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def shrinking_module(x, filters, first_relu=True):
    """Two separable convolutions and max pooling, beside a strided 1 × 1 shortcut.

    x: tensor (batch, rows, cols, channels); filters: of each convolution. ReLU stands
    before each convolution (before the first only if first_relu). Both ways halve rows and
    cols, rounding up, and are added.
    """
    shortcut = conv_norm(x, filters[-1], 1, stride=2, padding="same")
    for number, count in enumerate(filters):
        if number or first_relu:
            x = layers.ReLU()(x)
        x = separable_norm(x, count)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    return layers.Add()([x, shortcut])


def middle_module(x, filters):
    """ReLU and separable convolution, as often as there are `filters`; x is added."""
    shortcut = x
    for count in filters:
        x = separable_norm(layers.ReLU()(x), count)
    return layers.Add()([x, shortcut])


def xception(input_shape=(299, 299, 3), classes=1000):
    """Entry, middle and exit flow. Returns a keras.Model from input_shape to `classes`."""
    images = keras.Input(input_shape)
    x = layers.ReLU()(conv_norm(images, 32, 3, stride=2))
    x = layers.ReLU()(conv_norm(x, 64, 3))
    for number, filters in enumerate(ENTRY):
        x = shrinking_module(x, filters, first_relu=number > 0)
    for filters in MIDDLE:
        x = middle_module(x, filters)
    for filters in EXIT:
        x = shrinking_module(x, filters)
    for filters in LAST:
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
