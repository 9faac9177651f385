"""Network in Network: M. Lin, Q. Chen and S. Yan, ICLR 2014 (arXiv 1312.4400).

Layer sizes: the authors' own (github.com/mavenlin/cuda-convnet, NIN/cifar-10_def, and
Caffe's Model Zoo for ImageNet). They rectify the class maps too; here these stay linear.
"""

from __future__ import annotations

import keras
from keras import layers

from convcourse.nets.published import Published

# Rows: ("mlpconv", filters of its convolution and 1×1s, size, stride, padding); pools.
TABLES = {
    "CIFAR-10": (
        ("mlpconv", (192, 160, 96), 5, 1, "same"),
        ("max pool", 3, 2),
        ("dropout", 0.5),
        ("mlpconv", (192, 192, 192), 5, 1, "same"),
        ("max pool", 3, 2),
        ("dropout", 0.5),
        ("mlpconv", (192, 192), 3, 1, "same"),
    ),
    "ImageNet": (
        ("mlpconv", (96, 96, 96), 11, 4, "valid"),
        ("max pool", 3, 2),
        ("mlpconv", (256, 256, 256), 5, 1, "same"),
        ("max pool", 3, 2),
        ("mlpconv", (384, 384, 384), 3, 1, "same"),
        ("max pool", 3, 2),
        ("dropout", 0.5),
        ("mlpconv", (1024, 1024), 3, 1, "same"),
    ),
}


def mlpconv(x, num_filters, size, stride=1, padding="same"):
    """A convolution and 1×1 convolutions behind it, each with ReLU.

    x: tensor (batch, rows, cols, channels).
    num_filters: of the convolution, then of each 1×1; the last says how many maps come out.
    size, stride, padding: of the first convolution.
    """
    first, *others = num_filters
    x = layers.Conv2D(first, size, strides=stride, padding=padding, activation="relu")(x)
    for filters in others:
        x = layers.Conv2D(filters, 1, activation="relu")(x)
    return x


def global_average_head(x, classes):
    """One map for each class, its mean, softmax: from (batch, rows, cols, channels)."""
    maps = layers.Conv2D(classes, 1)(x)
    return layers.Softmax()(layers.GlobalAveragePooling2D()(maps))


def nin(input_shape=(32, 32, 3), classes=10, table="CIFAR-10"):
    """Network in Network for CIFAR-10, or for ImageNet with `table="ImageNet"`."""
    images = x = keras.Input(input_shape)
    for kind, *numbers in TABLES[table]:
        if kind == "mlpconv":
            x = mlpconv(x, *numbers)
        elif kind == "max pool":
            size, stride = numbers
            x = layers.MaxPooling2D(size, stride, padding="same")(x)
        else:
            x = layers.Dropout(*numbers)(x)
    return keras.Model(images, global_average_head(x, classes), name="nin")


def nin_imagenet(input_shape=(224, 224, 3), classes=1000):
    """Network in Network for ImageNet, of Caffe's Model Zoo."""
    return nin(input_shape, classes, "ImageNet")


YEAR = 2013
PUBLISHED = (
    Published(
        "NIN (CIFAR-10)",
        nin,
        "0.97 M",
        "Lin et al. 2014, section 4.2; count of the authors' file",
    ),
    Published(
        "NIN (ImageNet)", nin_imagenet, "7.6 M", "Lin, Caffe Model Zoo, 29 MB of float32"
    ),
)
