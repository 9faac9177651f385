"""Wide ResNet: fewer blocks of more maps, because depth alone is slow.

S. Zagoruyko and N. Komodakis, Wide Residual Networks, BMVC 2016, arXiv:1605.07146: table 1
(the net), table 5 (parameters).
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published

GROUPS = (16, 32, 64)  # table 1: filters of conv2, conv3, conv4, each times the width k


def norm_relu(x):
    """Batch normalisation, then ReLU."""
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x))


def conv(x, filters, kernel, stride=1):
    """Convolution without bias, padding "same"."""
    options = {"padding": "same", "use_bias": False, "kernel_initializer": "he_normal"}
    return layers.Conv2D(filters, kernel, strides=stride, **options)(x)


def wide_block(x, filters, stride, dropout=0.3):
    """Norm, ReLU, 3×3, norm, ReLU, dropout, 3×3; then the sum, with nothing after it.

    x: (rows, cols, channels). The shortcut is a 1×1 where the shapes differ.
    Returns (rows / stride, cols / stride, filters).
    """
    y = norm_relu(x)
    short = x if x.shape[-1] == filters else conv(y, filters, 1, stride)
    y = layers.Dropout(dropout)(norm_relu(conv(y, filters, 3, stride)))
    return layers.Add()([short, conv(y, filters, 3)])


def wide_resnet(depth, width, input_shape=(32, 32, 3), classes=10):
    """WRN-depth-width: depth 6n + 4, n blocks in each of three groups.

    Returns a keras.Model. Raises ValueError for any other depth.
    """
    blocks, rest = divmod(depth - 4, 6)
    if rest or blocks < 1:
        raise ValueError(f"the depth is 6n + 4 (10, 16, 22 …), not {depth}")
    images = keras.Input(input_shape)
    x = conv(images, 16, 3)
    for number, filters in enumerate(GROUPS):
        for place in range(blocks):
            x = wide_block(x, width * filters, 2 if number > 0 and place == 0 else 1)
    x = layers.GlobalAveragePooling2D()(norm_relu(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2016
PUBLISHED = tuple(
    Published(
        f"WRN-{depth}-{width} (CIFAR-10)",
        partial(wide_resnet, depth, width),
        parameters,
        "Zagoruyko and Komodakis 2016, table 5",
        depth=depth,
        reason=(
            "6n + 4 counts the first convolution, 6n in the blocks and 3 in shortcuts; "
            "in sequence are 6n + 1 and the classifier."
        ),
    )
    for depth, width, parameters in (
        (16, 8, "11.0 M"),
        (28, 10, "36.5 M"),
        (40, 4, "8.9 M"),
    )
)
