"""SqueezeNet: AlexNet's accuracy with fifty times fewer parameters.

F. Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and
< 0.5 MB model size, 2016, arXiv:1602.07360, table 1; version 1.1 is the authors' own.
"""

from functools import partial

import keras
import numpy as np
from keras import layers

from convcourse.nets.published import Published

# First convolution (filters, kernel), then "pool" or a fire module: filters of the
# squeeze layer and of each of the two expand layers.
TABLE = {
    "1.0": (
        (96, 7),
        "pool",
        (16, 64),
        (16, 64),
        (32, 128),
        "pool",
        (32, 128),
        (48, 192),
        (48, 192),
        (64, 256),
        "pool",
        (64, 256),
    ),
    "1.1": (
        (64, 3),
        "pool",
        (16, 64),
        (16, 64),
        "pool",
        (32, 128),
        (32, 128),
        "pool",
        (48, 192),
        (48, 192),
        (64, 256),
        (64, 256),
    ),
}


def fire(x, squeeze, expand, name=None):
    """Squeeze with 1 × 1, expand with 1 × 1 beside 3 × 3; each convolution has a ReLU.

    x: tensor (batch, rows, cols, channels). Returns (batch, rows, cols, 2 · expand):
    the maps of the 1 × 1 filters first, then those of the 3 × 3 filters.
    """
    names = ("squeeze1x1", "expand1x1", "expand3x3")
    names = [f"{name}-{part}" if name else None for part in names]
    x = layers.Conv2D(squeeze, 1, activation="relu", name=names[0])(x)
    ones = layers.Conv2D(expand, 1, activation="relu", name=names[1])(x)
    threes = layers.Conv2D(expand, 3, padding="same", activation="relu", name=names[2])(x)
    return layers.Concatenate()([ones, threes])


def squeezenet(table, input_shape=(227, 227, 3), classes=1000):
    """The net of a column: no fully connected layer, the last maps are averaged.

    Returns a keras.Model from input_shape to `classes`.
    """
    images = keras.Input(input_shape)
    (filters, kernel), *rest = table
    x = layers.Conv2D(filters, kernel, strides=2, activation="relu", name="conv1")(images)
    number = 2
    for entry in rest:
        if entry == "pool":
            x = layers.MaxPooling2D(3, strides=2)(x)
        else:
            x = fire(x, *entry, name=f"fire{number}")
            number += 1
    x = layers.Dropout(0.5)(x)
    x = layers.Conv2D(classes, 1, activation="relu", name="conv10")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Softmax()(x))


def load_squeezenet(path):
    """SqueezeNet 1.1 with ImageNet weights, a file of arrays "fire2/squeeze1x1/kernel" ….

    It wants images of 227 × 227 in the order blue, green, red, minus 103.939, 116.779,
    123.68. Returns a keras.Model.
    """
    model = squeezenet(TABLE["1.1"])
    with np.load(path) as arrays:
        for layer in model.layers:
            if layer.weights:
                key = layer.name.replace("-", "/")
                parts = [arrays[f"{key}/{part}"] for part in ("kernel", "bias")]
                layer.set_weights([part.astype("float32") for part in parts])
    return model


_SOURCE = "torchvision's model table as in a 2020 lecture"

YEAR = 2016
PUBLISHED = (
    Published(
        name="SqueezeNet 1.0",
        build=partial(squeezenet, TABLE["1.0"]),
        parameters="1,248,424",
        macs="0.83 G",
        top1=41.90,
        top5=19.58,
        protocol="1 crop of 224",
        source=_SOURCE,
        reason="the 2020 count pads where we do not, and has 224 pixels",
    ),
    Published(
        name="SqueezeNet 1.1",
        build=partial(squeezenet, TABLE["1.1"]),
        parameters="1,235,496",
        macs="0.36 G",
        top1=41.81,
        top5=19.38,
        protocol="1 crop of 224",
        source=_SOURCE,
        reason="the 2020 count pads where we do not, and has 224 pixels",
    ),
)
