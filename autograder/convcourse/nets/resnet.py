"""ResNet: blocks that add to what they are given.

K. He, X. Zhang, S. Ren and J. Sun, Deep Residual Learning for Image Recognition, CVPR 2016,
arXiv:1512.03385: table 1 (the nets), table 6 and section 4.2 (the small nets for CIFAR-10).
The stride stands in the 3×3 of a bottleneck, as in torchvision; `keras_resnet` has it in
the first 1×1, as the paper's own nets had, and as keras.applications has.
"""

from __future__ import annotations

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published

# Table 1: side of the maps, filters, and how many blocks stand there in each net.
COLUMNS = ("output", "filters", 18, 34, 50, 101, 152)
TABLE = {
    "conv2_x": (56, 64, 2, 3, 3, 3, 3),
    "conv3_x": (28, 128, 2, 4, 4, 4, 8),
    "conv4_x": (14, 256, 2, 6, 6, 23, 36),
    "conv5_x": (7, 512, 2, 3, 3, 3, 3),
}


def column(depth):
    """A net of the table: kind of block, and (filters, blocks) of its four stages."""
    place = COLUMNS.index(depth)
    stages = tuple((row[1], row[place]) for row in TABLE.values())
    return "basic" if depth < 50 else "bottleneck", stages


def conv_norm(x, filters, kernel, stride=1, groups=1):
    """Convolution without bias, then batch normalisation; no activation.

    x: (rows, cols, channels). kernel × kernel, odd, with kernel // 2 zeros on each side.
    Returns (rows / stride, cols / stride, filters), rounded up.
    """
    x = layers.ZeroPadding2D(kernel // 2)(x) if kernel > 1 else x
    options = {"use_bias": False, "kernel_initializer": "he_normal"}
    x = layers.Conv2D(filters, kernel, strides=stride, groups=groups, **options)(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def shortcut(x, filters, stride):
    """What is added to the branch (option B): x itself where it fits, else a projection.

    x: (rows, cols, channels). Returns (rows / stride, cols / stride, filters).
    """
    if stride == 1 and x.shape[-1] == filters:
        return x
    return conv_norm(x, filters, 1, stride)


def plain_block(x, filters, stride):
    """Two 3×3 layers without a shortcut, as in the paper's plain nets."""
    x = layers.ReLU()(conv_norm(x, filters, 3, stride))
    return layers.ReLU()(conv_norm(x, filters, 3))


def basic_block(x, filters, stride):
    """Two 3×3 layers and a shortcut; the stride is in the first.

    x: (rows, cols, channels). Returns (rows / stride, cols / stride, filters).
    """
    branch = layers.ReLU()(conv_norm(x, filters, 3, stride))
    branch = conv_norm(branch, filters, 3)
    return layers.ReLU()(layers.Add()([branch, shortcut(x, filters, stride)]))


def bottleneck_block(x, filters, stride):
    """1×1 to few channels, 3×3 on these, 1×1 to four times as many; stride in the 3×3.

    x: (rows, cols, channels). Returns (rows / stride, cols / stride, 4 · filters).
    """
    branch = layers.ReLU()(conv_norm(x, filters, 1))
    branch = layers.ReLU()(conv_norm(branch, filters, 3, stride))
    branch = conv_norm(branch, 4 * filters, 1)
    return layers.ReLU()(layers.Add()([branch, shortcut(x, 4 * filters, stride)]))


BLOCKS = {"basic": basic_block, "bottleneck": bottleneck_block, "plain": plain_block}


def residual_net(kind, stages, stem, input_shape, classes):
    """Stem, stages of blocks, global average, softmax.

    kind: a key of BLOCKS; stages: (filters, blocks) of each; stem: filters of the 7×7.
    Returns a keras.Model from input_shape, (rows, cols, channels), to (classes,).
    """
    images = keras.Input(input_shape)
    x = layers.ReLU()(conv_norm(images, stem, 7, 2))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    for number, (filters, blocks) in enumerate(stages):
        for place in range(blocks):
            stride = 2 if number > 0 and place == 0 else 1
            x = BLOCKS[kind](x, filters, stride)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


def resnet(depth, input_shape=(224, 224, 3), classes=1000):
    """A net of table 1; depth: 18, 34, 50, 101 or 152."""
    kind, stages = column(depth)
    return residual_net(kind, stages, 64, input_shape, classes)


def plain_net(depth, input_shape=(224, 224, 3), classes=1000):
    """ResNet-18 or 34 without shortcuts."""
    return residual_net("plain", column(depth)[1], 64, input_shape, classes)


# --- the small nets for CIFAR-10 --------------------------------------------------------------


def padded_shortcut(x, filters, stride):
    """What is added (option A, no parameters): every stride-th pixel, new channels zero."""
    x = layers.MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    new = filters - x.shape[-1]
    return keras.ops.pad(x, [[0, 0], [0, 0], [0, 0], [0, new]]) if new else x


def cifar_block(x, filters, stride):
    """A basic block whose shortcut has no parameters."""
    branch = layers.ReLU()(conv_norm(x, filters, 3, stride))
    branch = conv_norm(branch, filters, 3)
    return layers.ReLU()(layers.Add()([branch, padded_shortcut(x, filters, stride)]))


def cifar_resnet(depth, input_shape=(32, 32, 3), classes=10, block=cifar_block):
    """The nets of table 6: depth 6n + 2, n blocks in each of three stages.

    Returns a keras.Model. Raises ValueError for any other depth.
    """
    blocks, rest = divmod(depth - 2, 6)
    if rest or blocks < 1:
        raise ValueError(f"the depth is 6n + 2 (8, 14, 20 …), not {depth}")
    images = keras.Input(input_shape)
    x = layers.ReLU()(conv_norm(images, 16, 3))
    for filters in (16, 32, 64):
        for place in range(blocks):
            x = block(x, filters, 2 if filters > 16 and place == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


# --- Keras's variant --------------------------------------------------------------------------


def keras_conv_norm(x, filters, kernel, stride=1):
    """As conv_norm, but with a bias, which batch normalisation takes away again."""
    x = layers.ZeroPadding2D(kernel // 2)(x) if kernel > 1 else x
    x = layers.Conv2D(filters, kernel, strides=stride)(x)
    return layers.BatchNormalization(epsilon=1.001e-5)(x)


def keras_bottleneck_block(x, filters, stride):
    """As bottleneck_block, but with the stride in the first 1×1: it skips 3 of 4 pixels."""
    short = x
    if stride > 1 or x.shape[-1] != 4 * filters:
        short = keras_conv_norm(x, 4 * filters, 1, stride)
    branch = layers.ReLU()(keras_conv_norm(x, filters, 1, stride))
    branch = layers.ReLU()(keras_conv_norm(branch, filters, 3))
    branch = keras_conv_norm(branch, 4 * filters, 1)
    return layers.ReLU()(layers.Add()([short, branch]))


def keras_resnet(depth, input_shape=(224, 224, 3), classes=1000):
    """ResNet-50, 101 or 152 as in keras.applications: its weights fit, layer by layer."""
    images = keras.Input(input_shape)
    x = layers.ReLU()(keras_conv_norm(images, 64, 7, 2))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    for number, (filters, blocks) in enumerate(column(depth)[1]):
        for place in range(blocks):
            stride = 2 if number > 0 and place == 0 else 1
            x = keras_bottleneck_block(x, filters, stride)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


_STATISTICS = "Keras counts the two moving statistics of each map, torchvision does not"
_OPERATIONS = (
    "the 2020 count of multiply-adds has batch normalisation, ReLU and pooling too"
)

# Printed in the 2020 lecture, from torchvision: parameters, multiply-adds, errors.
_PRINTED = {
    18: ("11.69 M", "1.82 G", 30.24, 10.92),
    34: ("21.80 M", "3.68 G", 26.70, 8.58),
    50: ("25.56 M", "4.12 G", 23.85, 7.13),
    101: ("44.55 M", "7.85 G", 22.63, 6.44),
    152: ("60.19 M", "11.58 G", 21.69, 5.94),
}

YEAR = 2015
PUBLISHED = (
    *(
        Published(
            f"ResNet-{depth}",
            partial(resnet, depth),
            parameters,
            "He et al. 2016, table 1; numbers of torchvision's nets, 2020 lecture",
            macs=macs,
            depth=depth,
            top1=top1,
            top5=top5,
            protocol="1 crop of 224",
            reason=f"{_STATISTICS}; {_OPERATIONS}",
        )
        for depth, (parameters, macs, top1, top5) in _PRINTED.items()
    ),
    *(
        Published(
            f"plain net, {depth} layers",
            partial(plain_net, depth),
            "",
            "He et al. 2016, table 2 and figure 3",
            macs=macs,
            depth=depth,
            top1=top1,
            protocol="10 crops of 224",
        )
        for depth, macs, top1 in ((18, "", 27.94), (34, "3.6 G", 28.54))
    ),
    Published(
        "ResNet-50 (Keras)",
        partial(keras_resnet, 50),
        "25,636,712",
        "keras.applications; 2018 lecture; multiply-adds of He et al. 2016, table 1",
        macs="3.8 G",
        depth=50,
        top1=24.1,
        top5=7.1,
        protocol="1 crop of 224",
        reason="3.858 G, which the paper cuts to 3.8",
    ),
    *(
        Published(
            f"ResNet-{depth} (CIFAR-10)",
            partial(cifar_resnet, depth),
            parameters,
            "He et al. 2016, table 6",
            depth=depth,
            reason=_STATISTICS if depth == 110 else "",
        )
        for depth, parameters in {
            20: "0.27 M",
            32: "0.46 M",
            44: "0.66 M",
            56: "0.85 M",
            110: "1.7 M",
        }.items()
    ),
)
