"""LeNet-5, which read the amounts on cheques.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document
recognition, Proceedings of the IEEE 86, 1998: figure 2 (the net), table I (connections).
"""

import keras
from keras import layers

from convcourse.nets.published import Published

# Table I: a row for each map of S2, a column for each map of C3; X: this map sees that one.
TABLE = """
X...XXX..XXXX.XX
XX...XXX..XXXX.X
XXX...XXX..X.XXX
.XXX..XXXX..X.XX
..XXX..XXXX.XX.X
...XXX..XXXX.XXX"""


def lenet5(input_shape=(32, 32, 1), classes=10, activation="tanh"):
    """LeNet-5 as it is built today: max pooling, every map of C3 sees all of S2, softmax.

    Returns a keras.Model from images to class probabilities.
    """
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(6, 5, activation=activation, name="C1"),
            layers.MaxPooling2D(2, name="S2"),
            layers.Conv2D(16, 5, activation=activation, name="C3"),
            layers.MaxPooling2D(2, name="S4"),
            layers.Flatten(),
            layers.Dense(120, activation=activation, name="C5"),
            layers.Dense(84, activation=activation, name="F6"),
            layers.Dense(classes, activation="softmax", name="output"),
        ]
    )


def squash(x):
    """The paper's activation, 1.7159 · tanh(2/3 · x)."""
    return 1.7159 * keras.ops.tanh(x * (2 / 3))


def subsampling(x):
    """Mean of 2 × 2 pixels, times a factor, plus a bias: two numbers to learn for each map."""
    return squash(layers.DepthwiseConv2D(1)(layers.AveragePooling2D(2)(x)))


def sparse_conv(x, size, table):
    """A convolution that obeys a table of connections.

    x: tensor (batch, rows, cols, inputs); table: a text for each input with a sign for each
    output, X where they are connected. Returns (batch, rows − size + 1, cols − size + 1, outputs).
    """
    maps = []
    for column in zip(*table, strict=True):
        seen = [place for place, sign in enumerate(column) if sign == "X"]
        maps.append(layers.Conv2D(1, size)(keras.ops.take(x, seen, axis=-1)))
    return keras.ops.concatenate(maps, axis=-1)


def lenet5_1998(input_shape=(32, 32, 1), classes=10):
    """LeNet-5 with the table of connections and subsampling that learns, as in the paper.

    Only the output is today's: softmax, where the paper measures distances to fixed pictures.
    """
    images = keras.Input(input_shape)
    x = subsampling(squash(layers.Conv2D(6, 5)(images)))
    x = subsampling(squash(sparse_conv(x, 5, TABLE.split())))
    x = squash(layers.Dense(120)(layers.Flatten()(x)))
    x = squash(layers.Dense(84)(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 1998
PUBLISHED = (
    Published(
        name="LeNet-5, 1998",
        build=lenet5_1998,
        parameters="60,000",
        source="LeCun, Bottou, Bengio and Haffner 1998, section II.B",
        reason="our output layer learns 850 parameters; the paper's compares with fixed pictures",
    ),
    Published(
        name="LeNet-5, all pairs connected",
        build=lenet5,
        parameters="",
        source="unit 09; 61,706 parameters in many textbooks",
    ),
)
