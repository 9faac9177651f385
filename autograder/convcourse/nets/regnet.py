"""RegNet: not a net but a space of nets, in which four numbers give all widths and depths.

I. Radosavovic, R. P. Kosaraju, R. Girshick, K. He and P. Dollár, Designing Network Design
Spaces, CVPR 2020, arXiv:2003.13678: equations 2 to 4 (the widths), figures 15 and 16.
"""

import math
from functools import partial

import keras
from keras import layers

from convcourse.nets.mobilenet_v3 import divisible
from convcourse.nets.published import Published
from convcourse.nets.resnet import conv_norm, shortcut
from convcourse.nets.senet import squeeze_excite

# Depth d, w0, wa, wm, group width g: a point of the space. Y has SE blocks, X has none.
TABLE = {
    "X-400MF": (22, 24, 24.48, 2.54, 16),
    "X-800MF": (16, 56, 35.73, 2.28, 16),
    "X-1.6GF": (18, 80, 34.01, 2.25, 24),
    "X-3.2GF": (25, 88, 26.31, 2.25, 48),
    "X-8GF": (23, 80, 49.56, 2.88, 120),
    "Y-400MF": (16, 48, 27.89, 2.09, 8),
    "Y-800MF": (14, 56, 38.84, 2.4, 16),
    "Y-1.6GF": (27, 48, 20.71, 2.65, 24),
    "Y-3.2GF": (21, 80, 42.63, 2.66, 24),
    "Y-8GF": (17, 192, 76.82, 2.19, 56),
}
FIRST = 32


def stages(depth, w0, wa, wm, group):
    """Widths and depths of the stages: (filters, blocks, group width) of each.

    Block j wants width u = w0 + wa · j. It gets w0 · wm^s, with s the nearest whole number,
    rounded to a multiple of 8, and then of the group width. Equal blocks are a stage.
    """
    blocks = {}
    for j in range(depth):
        s = round(math.log((w0 + wa * j) / w0) / math.log(wm))
        width = round(w0 * wm**s / 8) * 8
        blocks[width] = blocks.get(width, 0) + 1
    found = []
    for width, count in blocks.items():
        own = min(group, width)
        found.append((divisible(width, own), count, own))
    return found


def regnet_block(x, filters, group, stride, se):
    """1×1, 3×3 in groups, SE if se, 1×1, all with `filters` maps, and a shortcut.

    x: (rows, cols, channels); group: maps in a group. The SE block has a quarter of x's
    channels in units. Returns (rows / stride, cols / stride, filters).
    """
    branch = layers.ReLU()(conv_norm(x, filters, 1))
    branch = layers.ReLU()(conv_norm(branch, filters, 3, stride, filters // group))
    branch = squeeze_excite(branch, round(x.shape[-1] / 4)) if se else branch
    branch = conv_norm(branch, filters, 1)
    return layers.ReLU()(layers.Add()([branch, shortcut(x, filters, stride)]))


def regnet(point, se, input_shape=(224, 224, 3), classes=1000):
    """The net of a point of the space. Returns a keras.Model from input_shape."""
    images = keras.Input(input_shape)
    x = layers.ReLU()(conv_norm(images, FIRST, 3, 2))
    for filters, blocks, group in stages(*point):
        for place in range(blocks):
            x = regnet_block(x, filters, group, 1 if place else 2, se)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


# torchvision's first weights, which follow the paper's training.
_PRINTED = {
    "X-400MF": ("5,495,976", "0.4 G", 27.17, 9.05),
    "X-800MF": ("7,259,656", "0.8 G", 24.79, 7.65),
    "X-1.6GF": ("9,190,136", "1.6 G", 22.96, 6.56),
    "X-3.2GF": ("15,296,552", "3.2 G", 21.64, 6.01),
    "X-8GF": ("39,572,648", "8.0 G", 20.66, 5.31),
    "Y-400MF": ("4,344,144", "0.4 G", 25.95, 8.28),
    "Y-800MF": ("6,432,512", "0.8 G", 23.58, 6.86),
    "Y-1.6GF": ("11,202,430", "1.6 G", 22.05, 6.03),
    "Y-3.2GF": ("19,436,338", "3.2 G", 21.05, 5.42),
    "Y-8GF": ("39,381,472", "8.5 G", 19.97, 4.95),
}

YEAR = 2020
PUBLISHED = tuple(
    Published(
        f"RegNet{name}",
        partial(regnet, point, name.startswith("Y")),
        _PRINTED[name][0],
        "torchvision, first weights",
        macs=_PRINTED[name][1],
        top1=_PRINTED[name][2],
        top5=_PRINTED[name][3],
        protocol="1 crop of 224",
    )
    for name, point in TABLE.items()
)
