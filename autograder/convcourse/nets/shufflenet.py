"""ShuffleNet: grouped pointwise convolutions, and a shuffle so that the groups meet.

X. Zhang, X. Zhou, M. Lin and J. Sun, ShuffleNet: an extremely efficient convolutional
neural network for mobile devices, CVPR 2018, table 1.
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published

# Output channels of stages 2, 3, 4 for each number of groups, and units of the stages.
TABLE = {
    1: (144, 288, 576),
    2: (200, 400, 800),
    3: (240, 480, 960),
    4: (272, 544, 1088),
    8: (384, 768, 1536),
}
UNITS = (4, 8, 4)


def channel_shuffle(x, groups):
    """Deal the channels of all groups round: one of each group in turn.

    x: tensor (batch, rows, cols, channels); channels are a multiple of groups. With 6
    channels and 2 groups the new order is 0, 3, 1, 4, 2, 5. Returns the same shape.
    """
    rows, cols, channels = x.shape[1:]
    x = layers.Reshape((rows, cols, groups, channels // groups))(x)
    x = layers.Permute((1, 2, 4, 3))(x)
    return layers.Reshape((rows, cols, channels))(x)


def shuffle_unit(x, filters, groups, stride, first_groups=None):
    """Grouped 1 × 1, shuffle, depthwise 3 × 3, grouped 1 × 1, beside a shortcut.

    x: tensor (batch, rows, cols, channels). The first 1 × 1 has filters / 4 filters and
    first_groups groups (`groups` unless given). No biases; batch normalisation after each
    convolution; ReLU after the first, and at the end. With stride 1 the shortcut is x and
    is added; with stride 2 it is the mean of 3 × 3 (padding "same") and stands before the
    new maps, which make up the rest of the `filters`.
    """
    new = filters if stride == 1 else filters - x.shape[-1]
    y = layers.Conv2D(filters // 4, 1, groups=first_groups or groups, use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = channel_shuffle(y, groups)
    y = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    y = layers.Conv2D(new, 1, groups=groups, use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if stride == 1:
        return layers.ReLU()(layers.Add()([x, y]))
    shortcut = layers.AveragePooling2D(3, strides=stride, padding="same")(x)
    return layers.ReLU()(layers.Concatenate()([shortcut, y]))


def shufflenet(stages, groups, units=UNITS, input_shape=(224, 224, 3), classes=1000):
    """The net of the stages' filters and units. Returns a keras.Model from input_shape to `classes`."""
    images = keras.Input(input_shape)
    x = layers.Conv2D(24, 3, strides=2, padding="same", use_bias=False)(images)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, (filters, count) in enumerate(zip(stages, units, strict=True)):
        for unit in range(count):
            # 24 channels are too few to be grouped, so the very first 1 × 1 is not.
            first = 1 if stage == unit == 0 else groups
            x = shuffle_unit(x, filters, groups, 1 if unit else 2, first)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


_CLASSIFIER = (
    "The paper counts convolutions only. The classifier makes 1.5 M more; "
    "without it all five counts of table 1 agree."
)

YEAR = 2017
PUBLISHED = tuple(
    Published(
        name=f"ShuffleNet, {groups} groups",
        build=partial(shufflenet, TABLE[groups], groups),
        parameters="",
        macs=macs,
        top1=top1,
        protocol="1 crop of 224",
        source="Zhang et al. 2018, tables 1 and 2",
        reason=_CLASSIFIER if groups == 8 else "",
    )
    for groups, macs, top1 in ((1, "143 M", 33.6), (3, "137 M", 32.6), (8, "137 M", 32.4))
)
