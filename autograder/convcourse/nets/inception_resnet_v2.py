"""Inception-ResNet-v2: inception modules whose result is added to their input.

C. Szegedy, S. Ioffe, V. Vanhoucke and A. Alemi, Inception-v4, Inception-ResNet and the
impact of residual connections on learning, AAAI 2017; the stem and the filters are those
of the authors' released net, which differ a little from the paper's figures.
"""

import keras
from keras import layers

from convcourse.nets.published import Published

# A branch is a list of (filters, kernel); its last entry may have a stride.
BLOCK_A = (((32, 1),), ((32, 1), (32, 3)), ((32, 1), (48, 3), (64, 3)))
BLOCK_B = (((192, 1),), ((128, 1), (160, (1, 7)), (192, (7, 1))))
BLOCK_C = (((192, 1),), ((192, 1), (224, (1, 3)), (256, (3, 1))))
REDUCTION_A = (((384, 3),), ((256, 1), (256, 3), (384, 3)))
REDUCTION_B = (
    ((256, 1), (384, 3)),
    ((256, 1), (288, 3)),
    ((256, 1), (288, 3), (320, 3)),
)


def conv_norm_relu(x, filters, kernel, stride=1, padding="same"):
    """Convolution without bias, batch normalisation without scale, ReLU."""
    x = layers.Conv2D(filters, kernel, strides=stride, padding=padding, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(scale=False)(x))


def branch(x, entries):
    """The convolutions of a branch, one after the other."""
    for filters, kernel in entries:
        x = conv_norm_relu(x, filters, kernel)
    return x


def residual_inception(x, branches, scale, relu=True):
    """Branches side by side, a 1 × 1 back to x's channels, times scale, added to x.

    x: tensor (batch, rows, cols, channels); branches: lists of (filters, kernel), joined
    in their order; the 1 × 1 has a bias and neither batch normalisation nor ReLU. A small
    scale (0.1 to 0.3) keeps the training stable. ReLU at the end if relu. Same shape as x.
    """
    joined = layers.Concatenate()([branch(x, entries) for entries in branches])
    x = x + scale * layers.Conv2D(x.shape[-1], 1)(joined)
    return layers.ReLU()(x) if relu else x


def reduction(x, branches):
    """Branches that end with stride 2 and no padding, and max pooling beside them."""
    ways = []
    for *before, (filters, kernel) in branches:
        ways.append(conv_norm_relu(branch(x, before), filters, kernel, 2, "valid"))
    return layers.Concatenate()([*ways, layers.MaxPooling2D(3, strides=2)(x)])


def stem(x):
    """From 299 × 299 × 3 to 35 × 35 × 320."""
    x = conv_norm_relu(x, 32, 3, 2, "valid")
    x = conv_norm_relu(x, 32, 3, padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(conv_norm_relu(x, 64, 3))
    x = conv_norm_relu(x, 80, 1)
    x = layers.MaxPooling2D(3, strides=2)(conv_norm_relu(x, 192, 3, padding="valid"))
    ways = [branch(x, entries) for entries in (((96, 1),), ((48, 1), (64, 5)))]
    ways.append(branch(x, ((64, 1), (96, 3), (96, 3))))
    mean = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    return layers.Concatenate()([*ways, conv_norm_relu(mean, 64, 1)])


def inception_resnet_v2(input_shape=(299, 299, 3), classes=1000):
    """Ten blocks A, twenty B, ten C. Returns a keras.Model to `classes`."""
    images = keras.Input(input_shape)
    x = stem(images)
    for _ in range(10):
        x = residual_inception(x, BLOCK_A, 0.17)
    x = reduction(x, REDUCTION_A)
    for _ in range(20):
        x = residual_inception(x, BLOCK_B, 0.1)
    x = reduction(x, REDUCTION_B)
    for _ in range(9):
        x = residual_inception(x, BLOCK_C, 0.2)
    x = residual_inception(x, BLOCK_C, 1.0, relu=False)
    x = layers.GlobalAveragePooling2D()(conv_norm_relu(x, 1536, 1))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2016
PUBLISHED = (
    Published(
        name="Inception-ResNet-v2",
        build=inception_resnet_v2,
        parameters="55,873,736",
        top1=19.9,
        top5=4.9,
        protocol="1 crop of 299",
        source="Keras's count; errors of Szegedy et al. 2017, table 2, one crop",
    ),
)
