"""AlexNet, the net that won ILSVRC 2012, in two towers and in one.

A. Krizhevsky, I. Sutskever and G. E. Hinton, ImageNet classification with deep
convolutional neural networks, NIPS 2012. One tower: A. Krizhevsky, One weird trick for
parallelizing convolutional neural networks, 2014, arXiv:1404.5997, as torchvision has it.
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.lrn import local_response_norm as lrn
from convcourse.nets.published import Published

# conv: filters, kernel, stride, zeros on each side, groups; pool: window, stride, zeros.
TWO_TOWERS = (
    ("conv", 96, 11, 4, 0, 1),
    ("lrn",),
    ("pool", 3, 2, 0),
    ("conv", 256, 5, 1, 2, 2),
    ("lrn",),
    ("pool", 3, 2, 0),
    ("conv", 384, 3, 1, 1, 1),
    ("conv", 384, 3, 1, 1, 2),
    ("conv", 256, 3, 1, 1, 2),
    ("pool", 3, 2, 0),
)

# torchvision then averages the maps to 6 × 6, which changes nothing at 224 × 224.
ONE_TOWER = (
    ("conv", 64, 11, 4, 2, 1),
    ("pool", 3, 2, 0),
    ("conv", 192, 5, 1, 2, 1),
    ("pool", 3, 2, 0),
    ("conv", 384, 3, 1, 1, 1),
    ("conv", 256, 3, 1, 1, 1),
    ("conv", 256, 3, 1, 1, 1),
    ("pool", 3, 2, 0),
)


def grouped_conv(x, filters, kernel, stride, groups):
    """Convolution with ReLU in separate towers, each with its share of channels and filters.

    x: tensor (batch, rows, cols, channels); kernel: the side of the kernels; no padding.
    groups: number of towers; it divides channels and filters. The first tower sees the
    first channels and gives the first maps. Made of `groups` ordinary convolutions.
    Returns a tensor (batch, out_rows, out_cols, filters).
    """
    towers = []
    for part in keras.ops.split(x, groups, axis=-1):
        tower = layers.Conv2D(filters // groups, kernel, stride, activation="relu")
        towers.append(tower(part))
    return keras.ops.concatenate(towers, axis=-1)


def alexnet(table, units=(4096, 4096), input_shape=(227, 227, 3), classes=1000):
    """The net of a table: features, flattened, fully connected layers, softmax.

    table: rows ("conv", filters, kernel, stride, zeros, groups) with ReLU, ("lrn",), and
    ("pool", window, stride, zeros); input_shape: (rows, cols, channels).
    units: sizes of the fully connected layers before the last; each has a ReLU and is
    followed by dropout 0.5. Returns a keras.Model from input_shape to `classes`.
    """
    images = x = keras.Input(input_shape)
    for kind, *numbers in table:
        if kind == "lrn":
            x = lrn(x)
        elif kind == "pool":
            window, stride, zeros = numbers
            x = layers.MaxPooling2D(window, stride)(layers.ZeroPadding2D(zeros)(x))
        else:
            filters, kernel, stride, zeros, groups = numbers
            x = layers.ZeroPadding2D(zeros)(x)
            x = grouped_conv(x, filters, kernel, stride, groups)
    x = layers.Flatten()(x)
    for size in units:
        x = layers.Dropout(0.5)(layers.Dense(size, activation="relu")(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2012
PUBLISHED = (
    Published(
        name="AlexNet, two towers",
        build=partial(alexnet, TWO_TOWERS),
        parameters="60 M",
        depth=8,
        top1=40.7,
        top5=18.2,
        protocol="10 crops of 224, 1 net",
        source="Krizhevsky, Sutskever and Hinton 2012, abstract and table 2 (one net, validation)",
        reason="the paper rounds 60.97 M down",
    ),
    Published(
        name="AlexNet, one tower",
        build=partial(alexnet, ONE_TOWER, input_shape=(224, 224, 3)),
        parameters="61.1 M",
        macs="0.72 G",
        depth=8,
        top1=43.45,
        top5=20.91,
        protocol="1 crop of 224",
        source="torchvision's alexnet, as listed in the lecture of 2020",
        reason="the list's multiply-adds have ReLU, pooling and biases too",
    ),
)
