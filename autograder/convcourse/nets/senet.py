"""SENet: blocks that weigh their maps by what they see of the whole image.

J. Hu, L. Shen, S. Albanie, G. Sun and E. Wu, Squeeze-and-Excitation Networks, CVPR 2018,
arXiv:1709.01507: table 1 (SE-ResNet-50) and table 2. The authors' ResNet-50 has its stride
in the first 1×1, as the paper of 2015 has.
"""

import keras
from keras import layers

from convcourse.nets.published import Published
from convcourse.nets.resnet import conv_norm

# Table 1: side of the maps, filters of the bottleneck, fc of the SE block, and blocks.
TABLE = (
    (56, 64, (16, 256), 3),
    (28, 128, (32, 512), 4),
    (14, 256, (64, 1024), 6),
    (7, 512, (128, 2048), 3),
)


def squeeze_excite(x, reduced, activation="relu", gate="sigmoid"):
    """Squeeze: the mean of each map. Excite: two dense layers that give a factor for each.

    x: (rows, cols, channels); reduced: units of the first dense layer. Returns x's shape.
    """
    factors = layers.GlobalAveragePooling2D(keepdims=True)(x)
    factors = layers.Dense(reduced, activation=activation)(factors)
    factors = layers.Dense(x.shape[-1], activation=gate)(factors)
    return layers.Multiply()([x, factors])


def se_bottleneck(x, filters, fc, stride):
    """1×1 with the stride, 3×3, 1×1 to four times as many, an SE block, then the sum.

    x: (rows, cols, channels). Returns (rows / stride, cols / stride, 4 · filters).
    """
    reduced, channels = fc
    short = x
    if stride > 1 or x.shape[-1] != channels:
        short = conv_norm(x, channels, 1, stride)
    branch = layers.ReLU()(conv_norm(x, filters, 1, stride))
    branch = layers.ReLU()(conv_norm(branch, filters, 3))
    branch = squeeze_excite(conv_norm(branch, channels, 1), reduced)
    return layers.ReLU()(layers.Add()([short, branch]))


def se_resnet50(input_shape=(224, 224, 3), classes=1000):
    """SE-ResNet-50. Returns a keras.Model from input_shape to `classes`."""
    images = keras.Input(input_shape)
    x = layers.ReLU()(conv_norm(images, 64, 7, 2))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    for stage, (_, filters, fc, blocks) in enumerate(TABLE):
        for place in range(blocks):
            x = se_bottleneck(x, filters, fc, 2 if stage > 0 and place == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2017
PUBLISHED = (
    Published(
        "SE-ResNet-50",
        se_resnet50,
        "28.1 M",
        "Hu et al. 2018, table 2; count of timm's legacy_seresnet50",
        macs="3.87 G",
        top1=23.29,
        top5=6.62,
        protocol="1 crop of 224",
        reason=(
            "Means of the maps and products with their factors are not counted here; "
            "with them it is 3.87 G."
        ),
    ),
)
