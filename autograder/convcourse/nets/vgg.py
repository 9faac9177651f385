"""VGG, six nets that differ in depth only.

K. Simonyan and A. Zisserman, Very deep convolutional networks for large-scale image
recognition, ICLR 2015, arXiv:1409.1556: table 1 (the nets), 2 (their size), 3 (errors).
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.lrn import local_response_norm
from convcourse.nets.published import Published

# A net is a column, from input to output; conv3-64 has 64 filters of 3 × 3, a dot is no
# layer. Below each column stand FC-4096, FC-4096, FC-1000 and soft-max.
TABLE = """
A         A-LRN     B         C         D         E
conv3-64  conv3-64  conv3-64  conv3-64  conv3-64  conv3-64
·         LRN       conv3-64  conv3-64  conv3-64  conv3-64
maxpool   maxpool   maxpool   maxpool   maxpool   maxpool
conv3-128 conv3-128 conv3-128 conv3-128 conv3-128 conv3-128
·         ·         conv3-128 conv3-128 conv3-128 conv3-128
maxpool   maxpool   maxpool   maxpool   maxpool   maxpool
conv3-256 conv3-256 conv3-256 conv3-256 conv3-256 conv3-256
conv3-256 conv3-256 conv3-256 conv3-256 conv3-256 conv3-256
·         ·         ·         conv1-256 conv3-256 conv3-256
·         ·         ·         ·         ·         conv3-256
maxpool   maxpool   maxpool   maxpool   maxpool   maxpool
conv3-512 conv3-512 conv3-512 conv3-512 conv3-512 conv3-512
conv3-512 conv3-512 conv3-512 conv3-512 conv3-512 conv3-512
·         ·         ·         conv1-512 conv3-512 conv3-512
·         ·         ·         ·         ·         conv3-512
maxpool   maxpool   maxpool   maxpool   maxpool   maxpool
conv3-512 conv3-512 conv3-512 conv3-512 conv3-512 conv3-512
conv3-512 conv3-512 conv3-512 conv3-512 conv3-512 conv3-512
·         ·         ·         conv1-512 conv3-512 conv3-512
·         ·         ·         ·         ·         conv3-512
maxpool   maxpool   maxpool   maxpool   maxpool   maxpool"""

# Net; weight layers; smallest image side in training and in the test; errors in per cent.
ERRORS = (
    ("A", 11, "256", "256", 29.6, 10.4),
    ("A-LRN", 11, "256", "256", 29.7, 10.5),
    ("B", 13, "256", "256", 28.7, 9.9),
    ("C", 16, "256", "256", 28.1, 9.4),
    ("C", 16, "384", "384", 28.1, 9.3),
    ("C", 16, "[256;512]", "384", 27.3, 8.8),
    ("D", 16, "256", "256", 27.0, 8.8),
    ("D", 16, "384", "384", 26.8, 8.7),
    ("D", 16, "[256;512]", "384", 25.6, 8.1),
    ("E", 19, "256", "256", 27.3, 9.0),
    ("E", 19, "384", "384", 26.9, 8.7),
    ("E", 19, "[256;512]", "384", 25.5, 8.0),
)


def column(name):
    """A column of the table as a list, from input to output: ["conv3-64", …, "maxpool"]."""
    first, *rows = (line.split() for line in TABLE.strip().splitlines())
    place = first.index(name)
    return [row[place] for row in rows if row[place] != "·"]


def read_conv(entry):
    """Kernel side and number of filters: "conv3-64" gives (3, 64)."""
    kernel, filters = entry.removeprefix("conv").split("-")
    return int(kernel), int(filters)


def vgg_block(x, filters, convolutions):
    """Convolutions of 3 × 3 with ReLU, then max pooling.

    x: tensor (batch, rows, cols, channels). Each of the `convolutions` layers has
    `filters` filters and keeps rows and cols. Pooling 2 × 2, stride 2.
    Returns a tensor (batch, rows // 2, cols // 2, filters).
    """
    for _ in range(convolutions):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return layers.MaxPooling2D(2)(x)


def vgg_features(x, entries):
    """The convolutional part of a net: the layers of a column, one after the other.

    x: tensor (batch, rows, cols, channels); entries: list such as
    ["conv3-64", "maxpool", "conv1-32"]. A convolution keeps rows and cols and has a
    ReLU; max pooling is 2 × 2, stride 2. Returns a tensor.
    """
    for entry in entries:
        if entry == "maxpool":
            x = layers.MaxPooling2D(2)(x)
        elif entry == "LRN":
            x = local_response_norm(x)
        else:
            kernel, filters = read_conv(entry)
            x = layers.Conv2D(filters, kernel, padding="same", activation="relu")(x)
    return x


def vgg(entries, input_shape=(224, 224, 3), classes=1000, units=(4096, 4096)):
    """The net of a column: features, flattened, fully connected layers, softmax.

    units: sizes of the fully connected layers before the last; each has a ReLU and is
    followed by dropout 0.5. Returns a keras.Model from input_shape to `classes`.
    """
    images = keras.Input(input_shape)
    x = layers.Flatten()(vgg_features(images, entries))
    for size in units:
        x = layers.Dense(size, activation="relu")(x)
        x = layers.Dropout(0.5)(x)
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


_MACS = {"A": "7.63 G", "B": "11.34 G", "D": "15.5 G", "E": "19.67 G"}
_PARAMETERS = {
    "A": "133 M",
    "A-LRN": "133 M",
    "B": "133 M",
    "C": "134 M",
    "D": "138 M",
    "E": "144 M",
}

YEAR = 2014
PUBLISHED = tuple(
    Published(
        name=f"VGG {name}",
        build=partial(vgg, column(name)),
        parameters=_PARAMETERS[name],
        macs=_MACS.get(name, ""),
        depth=depth,
        top1=top1,
        top5=top5,
        protocol=f"whole image, shorter side {side}",
        source="Simonyan and Zisserman 2015, tables 1 to 3, one test scale; "
        "multiply-adds as torchvision's nets were counted in 2020",
        reason="the 2020 count of multiply-adds has ReLU, pooling and biases too, "
        "up to 0.3 % more"
        if name in _MACS
        else "",
    )
    # The last line of each net in table 3 is its best.
    for name, (_, depth, _, side, top1, top5) in {line[0]: line for line in ERRORS}.items()
)
