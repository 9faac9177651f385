"""ResNeXt: the branch of a block, cut into many narrow paths of the same shape.

S. Xie, R. Girshick, P. Dollár, Z. Tu and K. He, Aggregated Residual Transformations for
Deep Neural Networks, CVPR 2017, arXiv:1611.05431: table 1 (ResNeXt-50, 32×4d), table 3.
"""

from __future__ import annotations

from functools import partial

from keras import layers

from convcourse.nets.published import Published
from convcourse.nets.resnet import BLOCKS, conv_norm, residual_net, shortcut

# Table 1 for C = 32, d = 4: side of the maps, width of the grouped 3×3, width of the
# result, and how many blocks stand there in the nets of 50 and of 101 layers.
TABLE = {
    "conv2": (56, 128, 256, 3, 3),
    "conv3": (28, 256, 512, 4, 4),
    "conv4": (14, 512, 1024, 6, 23),
    "conv5": (7, 1024, 2048, 3, 3),
}


def resnext_block(x, filters, stride, groups=32):
    """1×1, grouped 3×3, 1×1 to twice as many channels, and a shortcut; stride in the 3×3.

    x: (rows, cols, channels). Returns (rows / stride, cols / stride, 2 · filters).
    """
    branch = layers.ReLU()(conv_norm(x, filters, 1))
    branch = layers.ReLU()(conv_norm(branch, filters, 3, stride, groups))
    branch = conv_norm(branch, 2 * filters, 1)
    return layers.ReLU()(layers.Add()([branch, shortcut(x, 2 * filters, stride)]))


BLOCKS["resnext"] = resnext_block


def resnext(depth=50, input_shape=(224, 224, 3), classes=1000):
    """ResNeXt-50 or 101, 32×4d."""
    place = {50: 3, 101: 4}[depth]
    stages = tuple((row[1], row[place]) for row in TABLE.values())
    return residual_net("resnext", stages, 64, input_shape, classes)


_REASON = "Keras counts the two moving statistics of each map as parameters"

YEAR = 2016
PUBLISHED = (
    Published(
        "ResNeXt-50 (32×4d)",
        resnext,
        "25,028,904",
        "torchvision; multiply-adds and error of Xie et al. 2017, tables 1 and 3",
        macs="4.2 G",
        depth=50,
        top1=22.2,
        protocol="1 crop of 224",
        reason=_REASON,
    ),
    Published(
        "ResNeXt-101 (32×4d)",
        partial(resnext, 101),
        "44.2 M",
        "timm's resnext101_32x4d; error of Xie et al. 2017, table 3",
        macs="8.0 G",
        depth=101,
        top1=21.2,
        protocol="1 crop of 224",
        reason=_REASON,
    ),
)
