"""U-Net: down to see what there is, up to say where, with a bridge at each level.

O. Ronneberger, P. Fischer and T. Brox, U-Net: convolutional networks for biomedical image
segmentation, MICCAI 2015, arXiv:1505.04597, figure 1.
"""

import keras
from keras import layers

from convcourse.nets.published import Published

LEVELS = (64, 128, 256, 512)  # figure 1: maps on the way down; BOTTOM in the middle
BOTTOM = 1024


def two_convolutions(x, filters):
    """Two 3×3 without padding, each with ReLU: every side loses four pixels."""
    for _ in range(2):
        x = layers.Conv2D(filters, 3, activation="relu", kernel_initializer="he_normal")(x)
    return x


def up(x, bridge, filters):
    """A 2×2 up-convolution to `filters` maps, beside the middle of the bridge, two 3×3.

    x: (rows, cols, channels); bridge: the maps of the same level on the way down, larger
    than 2 · rows. Returns (2 · rows − 4, 2 · cols − 4, filters).
    """
    x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
    above, left = ((bridge.shape[axis] - x.shape[axis]) // 2 for axis in (1, 2))
    below, right = (bridge.shape[axis] - x.shape[axis] for axis in (1, 2))
    middle = layers.Cropping2D(((above, below - above), (left, right - left)))(bridge)
    return two_convolutions(layers.Concatenate()([middle, x]), filters)


def unet(input_shape=(572, 572, 1), classes=2):
    """Returns a keras.Model from 572 × 572 to 388 × 388 × classes; the sides may be others.

    A side must give even numbers before each pool: 572, or 16 more or less, from 188 on.
    """
    images = x = keras.Input(input_shape)
    bridges = []
    for filters in LEVELS:
        bridges.append(two_convolutions(x, filters))
        x = layers.MaxPooling2D(2)(bridges[-1])
    x = layers.Dropout(0.5)(two_convolutions(x, BOTTOM))
    for filters, bridge in zip(reversed(LEVELS), reversed(bridges), strict=True):
        x = up(x, bridge, filters)
    return keras.Model(images, layers.Conv2D(classes, 1, activation="softmax")(x))


YEAR = 2015
PUBLISHED = (
    Published(
        "U-Net",
        unet,
        "",
        "Ronneberger et al. 2015, figure 1 (sides and maps) and section 2 (23 layers)",
        depth=23,
    ),
)
