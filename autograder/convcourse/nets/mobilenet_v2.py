"""MobileNetV2: blocks that are narrow outside and wide inside, with nothing after the end.

M. Sandler, A. Howard, M. Zhu, A. Zhmoginov and L.-C. Chen, MobileNetV2: inverted residuals
and linear bottlenecks, CVPR 2018, arXiv:1801.04381, table 2.
"""

import keras
from keras import layers

from convcourse.nets.published import Published

# Table 2: expansion t, output channels c, repetitions n, stride s of the first of them.
TABLE = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
FIRST, LAST = 32, 1280


def conv_norm(x, filters, kernel, stride=1):
    """Convolution without bias, padding "same", then batch normalisation."""
    options = {"padding": "same", "use_bias": False}
    x = layers.Conv2D(filters, kernel, strides=stride, **options)(x)
    return layers.BatchNormalization(momentum=0.999)(x)


def depthwise_norm(x, kernel, stride):
    """Depthwise convolution without bias, padding "same", then batch normalisation."""
    options = {"padding": "same", "use_bias": False}
    x = layers.DepthwiseConv2D(kernel, strides=stride, **options)(x)
    return layers.BatchNormalization(momentum=0.999)(x)


def inverted_residual(x, expansion, filters, stride):
    """1×1 to `expansion` times as many maps, depthwise 3×3, and a linear 1×1 to `filters`.

    x: (rows, cols, channels). ReLU6 after the first two only. The shortcut joins the narrow
    ends, where the shapes agree. Returns (rows / stride, cols / stride, filters).
    """
    channels, y = x.shape[-1], x
    if expansion > 1:
        y = layers.ReLU(6.0)(conv_norm(y, expansion * channels, 1))
    y = layers.ReLU(6.0)(depthwise_norm(y, 3, stride))
    y = conv_norm(y, filters, 1)
    return layers.Add()([x, y]) if stride == 1 and channels == filters else y


def mobilenet_v2(input_shape=(224, 224, 3), classes=1000):
    """MobileNetV2 1.0. Returns a keras.Model from input_shape to `classes`."""
    images = keras.Input(input_shape)
    x = layers.ReLU(6.0)(conv_norm(images, FIRST, 3, 2))
    for t, c, n, s in TABLE:
        for place in range(n):
            x = inverted_residual(x, t, c, s if place == 0 else 1)
    x = layers.ReLU(6.0)(conv_norm(x, LAST, 1))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2018
PUBLISHED = (
    Published(
        "MobileNetV2",
        mobilenet_v2,
        "3,504,872",
        "torchvision's count; the rest of Sandler et al. 2018, table 4",
        macs="300 M",
        top1=28.0,
        protocol="224, crop not said",
        reason="300.8 M; the paper prints 300 M, and 3.4 M parameters",
    ),
)
