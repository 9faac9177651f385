"""NASNet-A: two cells found by a search, stacked by hand.

B. Zoph, V. Vasudevan, J. Shlens and Q. Le, Learning transferable architectures for
scalable image recognition, CVPR 2018, figure 4.
"""

import keras
from keras import layers

from convcourse.nets.published import Published

# A cell adds five pairs: operation and input on the left, operation and input on the
# right. h is the last cell's output, p the one before it, 1 to 5 are the sums so far.
NORMAL = (
    ("sep5", "h", "sep3", "p"),
    ("sep5", "p", "sep3", "p"),
    ("avg3", "h", "id", "p"),
    ("avg3", "p", "avg3", "p"),
    ("sep3", "h", "id", "h"),
)
REDUCTION = (
    ("sep5", "h", "sep7", "p"),
    ("max3", "h", "sep7", "p"),
    ("avg3", "h", "sep5", "p"),
    ("avg3", 1, "id", 2),
    ("sep3", 1, "max3", "h"),
)
# Which of them are joined to the cell's output.
NORMAL_OUTPUT = ("p", 1, 2, 3, 4, 5)
REDUCTION_OUTPUT = (2, 3, 4, 5)


def relu_conv_norm(x, filters):
    """ReLU, 1 × 1 convolution without bias, batch normalisation."""
    x = layers.Conv2D(filters, 1, use_bias=False)(layers.ReLU()(x))
    return layers.BatchNormalization()(x)


def separable_twice(x, filters, kernel, stride):
    """ReLU, separable convolution, batch normalisation, twice; only the first strides."""
    for step in (stride, 1):
        x = layers.ReLU()(x)
        x = layers.SeparableConv2D(
            filters, kernel, strides=step, padding="same", use_bias=False
        )(x)
        x = layers.BatchNormalization()(x)
    return x


def pool(x, kind, stride):
    """The mean ("avg3") or maximum ("max3") of 3 × 3; with stride 2 zeros lie around."""
    layer = layers.AveragePooling2D if kind == "avg3" else layers.MaxPooling2D
    if stride == 1:
        return layer(3, strides=1, padding="same")(x)
    before = [side % 2 for side in x.shape[1:3]]  # even sides get zeros behind only
    x = layers.ZeroPadding2D([(first, 1) for first in before])(x)
    return layer(3, strides=2)(x)


def operation(x, kind, filters, stride):
    """One operation of a cell by its name."""
    if kind == "id":
        return x
    if kind.startswith("sep"):
        return separable_twice(x, filters, int(kind[3:]), stride)
    return pool(x, kind, stride)


def fit(p, h, filters):
    """Bring p to the size of h, and to `filters` channels.

    Where p is twice as large, every second pixel is taken, once from pixel 0 and once
    from pixel 1; each half of the filters reads one of the two.
    """
    if p is h:  # the first cell of all has only one input, and takes it twice
        return p
    if p.shape[1] != h.shape[1]:
        p = layers.ReLU()(p)
        ahead = layers.Cropping2D(((1, 0), (1, 0)))(
            layers.ZeroPadding2D(((0, 1), (0, 1)))(p)
        )
        halves = [layers.AveragePooling2D(1, strides=2)(way) for way in (p, ahead)]
        halves = [layers.Conv2D(filters // 2, 1, use_bias=False)(half) for half in halves]
        return layers.BatchNormalization()(layers.Concatenate()(halves))
    return p if p.shape[-1] == filters else relu_conv_norm(p, filters)


def nas_cell(h, p, filters, pairs, output, stride):
    """A cell from its table.

    h, p: outputs of the last cell and of the one before; pairs: lines of (operation,
    input, operation, input), each giving a sum numbered from 1; output: which of them
    are joined, in this order. h and p are first brought to `filters` channels. Operations
    on h and p have the given stride, operations on sums have stride 1.
    """
    parts = {"p": fit(p, h, filters), "h": relu_conv_norm(h, filters)}
    for number, (left, left_input, right, right_input) in enumerate(pairs, start=1):
        parts[number] = layers.Add()(
            [
                operation(
                    parts[source], kind, filters, stride if source in ("h", "p") else 1
                )
                for kind, source in ((left, left_input), (right, right_input))
            ]
        )
    return layers.Concatenate()([parts[name] for name in output])


def nasnet(filters=44, cells=4, first=32, input_shape=(224, 224, 3), classes=1000):
    """NASNet-A with `cells` normal cells in each of three stages; filters double twice.

    The default is NASNet-A (4 @ 1056) for mobile use: 24 · 44 = 1056 channels before the
    last doublings' end. Returns a keras.Model from input_shape to `classes`.
    """
    images = keras.Input(input_shape)
    x = layers.Conv2D(first, 3, strides=2, use_bias=False)(images)
    p = h = layers.BatchNormalization()(x)
    for divisor in (4, 2):
        h, p = nas_cell(h, p, filters // divisor, REDUCTION, REDUCTION_OUTPUT, 2), h
    for stage in range(3):
        if stage:
            h, p = nas_cell(h, p, filters * 2**stage, REDUCTION, REDUCTION_OUTPUT, 2), h
        for _ in range(cells):
            h, p = nas_cell(h, p, filters * 2**stage, NORMAL, NORMAL_OUTPUT, 1), h
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(h))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2017
PUBLISHED = (
    Published(
        name="NASNet-A Mobile",
        build=nasnet,
        parameters="5,326,716",
        macs="564 M",
        top1=26.0,
        top5=8.4,
        protocol="1 crop of 224",
        source="Keras's count; the rest of Zoph et al. 2018, table 3",
    ),
)
