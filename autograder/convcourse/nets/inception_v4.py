"""Inception v4: the last inception without a shortcut.

C. Szegedy, S. Ioffe, V. Vanhoucke and A. Alemi, Inception-v4, Inception-ResNet and the
impact of residual connections on learning, AAAI 2017, figures 3 to 9 and table 1.
"""

import keras
from keras import layers

from convcourse.nets.inception_resnet_v2 import branch, conv_norm_relu, reduction
from convcourse.nets.published import Published

# A branch is a list of (filters, kernel); the first entry of a module is the 1 × 1 that
# follows its average pool.
INCEPTION_A = (((96, 1),), ((96, 1),), ((64, 1), (96, 3)), ((64, 1), (96, 3), (96, 3)))
INCEPTION_B = (
    ((128, 1),),
    ((384, 1),),
    ((192, 1), (224, (1, 7)), (256, (7, 1))),
    ((192, 1), (192, (1, 7)), (224, (7, 1)), (224, (1, 7)), (256, (7, 1))),
)
REDUCTION_A = (((384, 3),), ((192, 1), (224, 3), (256, 3)))
REDUCTION_B = (
    ((192, 1), (192, 3)),
    ((256, 1), (256, (1, 7)), (320, (7, 1)), (320, 3)),
)
BLOCKS = (4, 7, 3)  # inceptions A, B and C


def inception(x, pooled, *branches):
    """Branches side by side, the first behind an average pool. Figures 4 and 5."""
    mean = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    ways = [branch(mean, pooled), *(branch(x, entries) for entries in branches)]
    return layers.Concatenate()(ways)


def inception_c(x):
    """Figure 6: two of the branches end in a 1 × 3 and a 3 × 1 side by side."""
    mean = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    ways = [conv_norm_relu(mean, 256, 1), conv_norm_relu(x, 256, 1)]
    for before in (((384, 1),), ((384, 1), (448, (1, 3)), (512, (3, 1)))):
        end = branch(x, before)
        ways += [conv_norm_relu(end, 256, (1, 3)), conv_norm_relu(end, 256, (3, 1))]
    return layers.Concatenate()(ways)


def stem(x):
    """Figure 3: from 299 × 299 × 3 to 35 × 35 × 384."""
    x = conv_norm_relu(x, 32, 3, 2, "valid")
    x = conv_norm_relu(conv_norm_relu(x, 32, 3, padding="valid"), 64, 3)
    x = reduction(x, (((96, 3),),))
    ways = [branch(x, ((64, 1),)), branch(x, ((64, 1), (64, (7, 1)), (64, (1, 7))))]
    ways = [conv_norm_relu(way, 96, 3, padding="valid") for way in ways]
    return reduction(layers.Concatenate()(ways), (((192, 3),),))


def inception_v4(input_shape=(299, 299, 3), classes=1000):
    """Figure 9. Returns a keras.Model from input_shape to `classes`."""
    images = keras.Input(input_shape)
    x = stem(images)
    for _ in range(BLOCKS[0]):
        x = inception(x, *INCEPTION_A)
    x = reduction(x, REDUCTION_A)
    for _ in range(BLOCKS[1]):
        x = inception(x, *INCEPTION_B)
    x = reduction(x, REDUCTION_B)
    for _ in range(BLOCKS[2]):
        x = inception_c(x)
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2016
PUBLISHED = (
    Published(
        "Inception v4",
        inception_v4,
        "42.68 M",
        "timm's inception_v4; errors of Szegedy et al. 2017, table 2",
        top1=20.0,
        top5=5.0,
        protocol="1 crop of 299",
        reason="timm's batch norms learn scales too, 31,584 numbers",
    ),
)
