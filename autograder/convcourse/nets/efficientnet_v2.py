"""EfficientNetV2: ordinary convolutions early, where depthwise ones are slow.

M. Tan and Q. V. Le, EfficientNetV2: smaller models and faster training, ICML 2021,
arXiv:2104.00298, table 4.
"""

import keras
from keras import layers

from convcourse.nets.efficientnet import conv_norm, mbconv
from convcourse.nets.published import Published

# Table 4: the block, its expansion, stride of the first layer, channels, layers.
TABLE = (
    ("Fused-MBConv", 1, 1, 24, 2),
    ("Fused-MBConv", 4, 2, 48, 4),
    ("Fused-MBConv", 4, 2, 64, 4),
    ("MBConv", 4, 2, 128, 6),
    ("MBConv", 6, 1, 160, 9),
    ("MBConv", 6, 2, 256, 15),
)
FIRST, LAST = 24, 1280


def fused_mbconv(x, expansion, kernel, stride, filters):
    """MBConv with one ordinary convolution for its expansion and its depthwise one; no SE.

    x: (rows, cols, channels). Without an expansion this one convolution is all of it.
    Returns (rows / stride, cols / stride, filters).
    """
    channels = x.shape[-1]
    wide = expansion * channels if expansion > 1 else filters
    y = layers.Activation("swish")(conv_norm(x, wide, kernel, stride))
    y = conv_norm(y, filters, 1) if expansion > 1 else y
    return layers.Add()([x, y]) if stride == 1 and channels == filters else y


BLOCKS = {"Fused-MBConv": fused_mbconv, "MBConv": mbconv}


def efficientnet_v2_s(input_shape=(384, 384, 3), classes=1000):
    """EfficientNetV2-S. Returns a keras.Model from input_shape to `classes`."""
    images = keras.Input(input_shape)
    x = layers.Activation("swish")(conv_norm(images, FIRST, 3, 2))
    for block, expansion, stride, filters, repeats in TABLE:
        for place in range(repeats):
            x = BLOCKS[block](x, expansion, 3, stride if place == 0 else 1, filters)
    x = layers.Activation("swish")(conv_norm(x, LAST, 1))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2021
PUBLISHED = (
    Published(
        "EfficientNetV2-S",
        efficientnet_v2_s,
        "21,458,488",
        "torchvision's counts; error of Tan and Le 2021, table 7",
        macs="8.37 G",
        top1=16.1,
        protocol="1 crop of 384",
    ),
)
