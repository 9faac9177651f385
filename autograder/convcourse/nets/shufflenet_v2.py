"""ShuffleNet v2: built for speed, by four rules on what costs time and no multiply-adds.

N. Ma, X. Zhang, H.-T. Zheng and J. Sun, ShuffleNet V2: practical guidelines for efficient
CNN architecture design, ECCV 2018, arXiv:1807.11164, table 5.
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published
from convcourse.nets.shufflenet import UNITS, channel_shuffle

# Table 5: output channels of stages 2, 3, 4 and of conv5 for each width.
TABLE = {
    0.5: (48, 96, 192, 1024),
    1.0: (116, 232, 464, 1024),
    1.5: (176, 352, 704, 1024),
    2.0: (244, 488, 976, 2048),
}


def conv_norm_relu(x, filters, kernel=1, stride=1):
    """Convolution without bias, padding "same", batch normalisation, ReLU."""
    options = {"padding": "same", "use_bias": False}
    x = layers.Conv2D(filters, kernel, strides=stride, **options)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def depthwise_norm(x, stride):
    """Depthwise 3×3 without bias, padding "same", batch normalisation; no ReLU."""
    options = {"padding": "same", "use_bias": False}
    x = layers.DepthwiseConv2D(3, strides=stride, **options)(x)
    return layers.BatchNormalization()(x)


def shuffle_v2_unit(x, filters, stride):
    """1×1, depthwise 3×3, 1×1 for half of the maps; the other half goes straight through.

    x: (rows, cols, channels). With stride 2 both ways get all maps, and the other way is a
    depthwise 3×3 and a 1×1. Both ways are joined and shuffled, in place of a sum.
    Returns (rows / stride, cols / stride, filters).
    """
    half = filters // 2
    if stride == 1:
        other, y = keras.ops.split(x, 2, axis=-1)
    else:
        other, y = conv_norm_relu(depthwise_norm(x, stride), half), x
    y = conv_norm_relu(depthwise_norm(conv_norm_relu(y, half), stride), half)
    return channel_shuffle(layers.Concatenate()([other, y]), 2)


def shufflenet_v2(width, input_shape=(224, 224, 3), classes=1000):
    """The net of this width. Returns a keras.Model from input_shape to `classes`."""
    *stages, last = TABLE[width]
    images = keras.Input(input_shape)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(conv_norm_relu(images, 24, 3, 2))
    for filters, units in zip(stages, UNITS, strict=True):
        for unit in range(units):
            x = shuffle_v2_unit(x, filters, 1 if unit else 2)
    x = layers.GlobalAveragePooling2D()(conv_norm_relu(x, last))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2018
PUBLISHED = tuple(
    Published(
        f"ShuffleNet v2 {width:g}",
        partial(shufflenet_v2, width),
        parameters,
        "torchvision's count; the rest of Ma et al. 2018, tables 5 and 8",
        macs=macs,
        top1=top1,
        protocol="1 crop of 224",
        reason="torchvision's counter agrees with ours; the paper prints 1 % more",
    )
    for width, parameters, macs, top1 in (
        (0.5, "1,366,792", "41 M", 39.7),
        (1.0, "2,278,604", "146 M", 30.6),
        (1.5, "3,503,624", "299 M", 27.4),
        (2.0, "7,393,996", "591 M", 25.1),
    )
)
