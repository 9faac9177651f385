"""FCN: VGG's dense layers as convolutions, and its coarse map made fine again.

J. Long, E. Shelhamer and T. Darrell, Fully Convolutional Networks for Semantic
Segmentation, CVPR 2015, arXiv:1411.4038: figure 3, table 1, and the authors' nets.
"""

from functools import partial

import keras
import numpy as np
from keras import layers

from convcourse.nets.published import Published
from convcourse.nets.vgg import column

PAD = 100  # the authors' nets pad this much before conv1_1, and crop at the end
SKIPS = {32: (), 16: (4,), 8: (4, 3)}  # pools whose scores are added, finest last
OFFSETS = {4: 5, 3: 9, 32: 19, 16: 27, 8: 31}  # the authors' crops, for pool or stride


def crop(x, offset, rows, cols):
    """rows × cols of x from (offset, offset) on."""
    below, right = x.shape[1] - offset - rows, x.shape[2] - offset - cols
    return layers.Cropping2D(((offset, below), (offset, right)))(x)


def bilinear(shape, dtype=None):
    """The kernel of a transposed convolution that interpolates each map by itself."""
    size, _, classes, _ = shape
    line = 1 - np.abs(np.arange(size) - (size - 1) / 2) / (size / 2)
    square = np.outer(line, line)[:, :, None, None]
    return keras.ops.cast(square * np.eye(classes), dtype or "float32")


def upsampled(x, classes, factor):
    """Maps that are `factor` times as fine; as in the authors' nets, not learned."""
    options = {"strides": factor, "use_bias": False, "kernel_initializer": bilinear}
    return layers.Conv2DTranspose(classes, 2 * factor, trainable=False, **options)(x)


def vgg_pools(x):
    """VGG D's convolutions. Returns the results of its five pools."""
    pools = []
    for entry in column("D"):
        if entry.startswith("conv"):
            kernel, filters = (int(part) for part in entry.removeprefix("conv").split("-"))
            x = layers.Conv2D(filters, kernel, padding="same", activation="relu")(x)
        elif entry == "maxpool":
            x = layers.MaxPooling2D(2, padding="same")(x)
            pools.append(x)
    return pools


def fcn(stride, input_shape=(500, 500, 3), classes=21):
    """FCN-32s, 16s or 8s. Returns a keras.Model to (rows, cols, classes)."""
    rows, cols, _ = input_shape
    images = keras.Input(input_shape)
    pools = vgg_pools(layers.ZeroPadding2D(PAD - 1)(images))
    x = layers.Dropout(0.5)(layers.Conv2D(4096, 7, activation="relu")(pools[-1]))
    x = layers.Dropout(0.5)(layers.Conv2D(4096, 1, activation="relu")(x))
    x = layers.Conv2D(classes, 1)(x)
    for pool in SKIPS[stride]:
        x = upsampled(x, classes, 2)
        scores = layers.Conv2D(classes, 1)(pools[pool - 1])
        x = layers.Add()([x, crop(scores, OFFSETS[pool], *x.shape[1:3])])
    x = crop(upsampled(x, classes, stride), OFFSETS[stride], rows, cols)
    return keras.Model(images, layers.Softmax()(x))


YEAR = 2014
PUBLISHED = tuple(
    Published(
        f"FCN-{stride}s (VGG16)",
        partial(fcn, stride),
        "134 M" if stride == 32 else "",
        "Long et al. 2015, table 1",
        reason="the kernels that interpolate are fixed: counted, but not trained",
    )
    for stride in SKIPS
)
