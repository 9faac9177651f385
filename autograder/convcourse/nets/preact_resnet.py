"""Pre-activation ResNet: norm and ReLU before the convolution, so that the sum stays bare.

K. He, X. Zhang, S. Ren and J. Sun, Identity Mappings in Deep Residual Networks, ECCV 2016,
arXiv:1603.05027: figure 1 (the unit), table 4 (CIFAR-10). The nets for ImageNet are those
of keras.applications: the stride is in a stage's last block, whose shortcut skips pixels.
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published
from convcourse.nets.resnet import column


def norm_relu(x):
    """Batch normalisation, then ReLU."""
    return layers.ReLU()(layers.BatchNormalization(epsilon=1.001e-5)(x))


def preact_bottleneck(x, filters, stride, project, bias=False):
    """Norm and ReLU before each of 1×1, 3×3 and 1×1; nothing comes after the sum.

    x: (rows, cols, channels). project: the shortcut is a 1×1, which sees the first ReLU's
    result; bias: as in Keras, before a sum. Returns (rows / stride, cols / stride, 4 · filters).
    """
    y = norm_relu(x)
    if project:
        short = layers.Conv2D(4 * filters, 1, strides=stride, use_bias=bias)(y)
    else:
        short = layers.MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    y = norm_relu(layers.Conv2D(filters, 1, use_bias=False)(y))
    y = layers.Conv2D(filters, 3, strides=stride, use_bias=False)(
        layers.ZeroPadding2D(1)(y)
    )
    y = layers.Conv2D(4 * filters, 1, use_bias=bias)(norm_relu(y))
    return layers.Add()([short, y])


def preact_resnet(depth, input_shape=(224, 224, 3), classes=1000):
    """A net with the numbers of ResNet's table; depth: 50, 101 or 152."""
    images = keras.Input(input_shape)
    x = layers.Conv2D(64, 7, strides=2)(layers.ZeroPadding2D(3)(images))
    x = layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))
    stages = column(depth)[1]
    for number, (filters, blocks) in enumerate(stages, start=1):
        for place in range(1, blocks + 1):
            stride = 2 if place == blocks and number < len(stages) else 1
            x = preact_bottleneck(x, filters, stride, place == 1, bias=True)
    x = layers.GlobalAveragePooling2D()(norm_relu(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


def preact_cifar_resnet(depth, input_shape=(32, 32, 3), classes=10):
    """The nets of table 4: depth 9n + 2, n blocks of 16, 32 and 64 filters."""
    blocks, rest = divmod(depth - 2, 9)
    if rest or blocks < 1:
        raise ValueError(f"the depth is 9n + 2 (11, 20, 29 …), not {depth}")
    images = keras.Input(input_shape)
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(images)
    for filters in (16, 32, 64):
        for place in range(blocks):
            stride = 2 if filters > 16 and place == 0 else 1
            x = preact_bottleneck(x, filters, stride, place == 0)
    x = layers.GlobalAveragePooling2D()(norm_relu(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


_PRINTED = "10.33 M; Zagoruyko and Komodakis print 10.2 M"

YEAR = 2016
PUBLISHED = (
    *(
        Published(
            f"ResNet-{depth}V2 (Keras)",
            partial(preact_resnet, depth),
            parameters,
            "keras.applications",
            depth=depth,
            top1=top1,
            top5=top5,
            protocol="1 crop of 224",
        )
        for depth, parameters, top1, top5 in (
            (50, "25,613,800", 24.0, 7.0),
            (101, "44,675,560", 22.8, 6.2),
            (152, "60,380,648", 22.0, 5.8),
        )
    ),
    *(
        Published(
            f"Pre-activation ResNet-{depth} (CIFAR-10)",
            partial(preact_cifar_resnet, depth),
            parameters,
            "He et al. 2016, Identity Mappings, table 4; counts of Zagoruyko 2016, table 5",
            depth=depth,
            reason=_PRINTED if depth == 1001 else "",
        )
        for depth, parameters in ((164, "1.7 M"), (1001, "10.2 M"))
    ),
)
