"""DenseNet: every layer of a block reads the maps of all layers before it.

G. Huang, Z. Liu, L. van der Maaten and K. Q. Weinberger, Densely Connected Convolutional
Networks, CVPR 2017. This is DenseNet-BC: with bottlenecks (B) and compression (C).
"""

from __future__ import annotations

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published

# Table 1: how many dense layers stand in the four dense blocks. The growth rate is 32.
TABLE = {
    "DenseNet-121": (6, 12, 24, 16),
    "DenseNet-169": (6, 12, 32, 32),
    "DenseNet-201": (6, 12, 48, 32),
    "DenseNet-264": (6, 12, 64, 48),
}

# Added to a variance before the division, as in keras.applications (by default it is 1e-3).
EPSILON = 1.001e-5


def bn_relu_conv(x, filters, kernel_size):
    """H of the paper: batch normalisation, ReLU, convolution without bias; sides are kept.

    x: (rows, cols, m). Returns (rows, cols, filters).
    """
    x = layers.BatchNormalization(epsilon=EPSILON)(x)
    x = layers.ReLU()(x)
    return layers.Conv2D(filters, kernel_size, padding="same", use_bias=False)(x)


def dense_layer(x, growth):
    """A dense layer with bottleneck: 1×1 to 4 · growth maps, then 3×3 to growth new maps.

    x: (rows, cols, m). Returns the new maps only: (rows, cols, growth).
    """
    narrow = bn_relu_conv(x, 4 * growth, 1)
    return bn_relu_conv(narrow, growth, 3)


def dense_block(x, num_layers, growth):
    """num_layers dense layers, each of which reads all maps before it.

    x: (rows, cols, m). Returns (rows, cols, m + num_layers · growth): x, then the new maps.
    """
    for _ in range(num_layers):
        x = layers.Concatenate()([x, dense_layer(x, growth)])
    return x


def transition(x, compression=0.5):
    """Between two dense blocks: BN-ReLU-1×1 to fewer maps, then 2×2 average pooling.

    x: (rows, cols, m). Returns (rows // 2, cols // 2, floor(compression · m)).
    """
    x = bn_relu_conv(x, int(compression * x.shape[-1]), 1)
    return layers.AveragePooling2D(2)(x)


def densenet(
    input_shape=(224, 224, 3), classes=1000, blocks=TABLE["DenseNet-121"], growth=32
):
    """A DenseNet-BC for large images, from a row of table 1.

    input_shape: (rows, cols, channels). Returns a keras.Model to (classes,), softmax.
    """
    images = keras.Input(input_shape)
    x = layers.ZeroPadding2D(3)(images)
    x = layers.Conv2D(2 * growth, 7, strides=2, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(epsilon=EPSILON)(x))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    for number, num_layers in enumerate(blocks):
        if number > 0:
            x = transition(x)
        x = dense_block(x, num_layers, growth)
    x = layers.ReLU()(layers.BatchNormalization(epsilon=EPSILON)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


def densenet_161(input_shape=(224, 224, 3), classes=1000):
    """The wide one, growth rate 48: of the paper's first version and of torchvision."""
    return densenet(input_shape, classes, blocks=(6, 12, 36, 24), growth=48)


_SOURCE = "Huang et al. 2017, table 3 (errors, one crop); lecture of 2020, torchvision"
_MACS = (
    "The lecture's counter adds two operations for each number that a batch norm gives "
    "and one for each that a ReLU gives; here convolutions and the classifier count."
)
_NET = {name: partial(densenet, blocks=blocks) for name, blocks in TABLE.items()}

# The parameters are those that training changes; the batch norms' statistics come on top.
YEAR = 2016
PUBLISHED = (
    Published(
        "DenseNet-121",
        _NET["DenseNet-121"],
        "7.98 M",
        _SOURCE,
        macs="2.88 G",
        depth=121,
        top1=25.02,
        top5=7.71,
        protocol="1 crop of 224",
        reason=_MACS,
    ),
    Published(
        "DenseNet-169",
        _NET["DenseNet-169"],
        "14.15 M",
        _SOURCE,
        macs="3.42 G",
        depth=169,
        top1=23.80,
        top5=6.85,
        protocol="1 crop of 224",
        reason=_MACS,
    ),
    Published(
        "DenseNet-201",
        _NET["DenseNet-201"],
        "20.01 M",
        _SOURCE,
        macs="4.37 G",
        depth=201,
        top1=22.58,
        top5=6.34,
        protocol="1 crop of 224",
        reason=_MACS,
    ),
    Published(
        "DenseNet-264",
        _NET["DenseNet-264"],
        "",
        "Huang et al. 2017, tables 1 and 3",
        depth=264,
        top1=22.15,
        top5=6.12,
        protocol="1 crop of 224",
        reason="The table's layers make 1 + 2 · 130 + 3 + 1 = 265, one more than the name.",
    ),
    Published(
        "DenseNet-161",
        densenet_161,
        "28.68 M",
        "torchvision, as in the lecture of 2020",
        macs="7.82 G",
        depth=161,
        top1=22.35,
        top5=6.20,
        protocol="1 crop of 224",
        reason=_MACS,
    ),
)
