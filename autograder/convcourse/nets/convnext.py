"""ConvNeXt: a ResNet, changed step by step until it looks like a transformer.

Z. Liu, H. Mao, C.-Y. Wu, C. Feichtenhofer, T. Darrell and S. Xie, A ConvNet for the 2020s,
CVPR 2022, arXiv:2201.03545: table 9 (ConvNeXt-T), section 3 (S and B), table 1.
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published

# Channels C and blocks B of the four stages.
TABLE = {
    "T": ((96, 192, 384, 768), (3, 3, 9, 3)),
    "S": ((96, 192, 384, 768), (3, 3, 27, 3)),
    "B": ((128, 256, 512, 1024), (3, 3, 27, 3)),
}


def layer_norm(x):
    """Layer normalisation over the channels at each place."""
    return layers.LayerNormalization(epsilon=1e-6)(x)


def layer_scale(x):
    """A learned factor for each channel, at first so small that the block adds nothing."""
    small = keras.initializers.Constant(1e-6)
    return layers.EinsumDense("...c,c->...c", x.shape[-1], kernel_initializer=small)(x)


def convnext_block(x):
    """Depthwise 7×7, layer norm, 1×1 to four times as many, GELU, 1×1 back; then the sum.

    x: (rows, cols, channels). Returns the same shape.
    """
    y = layers.DepthwiseConv2D(7, padding="same")(x)
    y = layers.Dense(4 * x.shape[-1], activation="gelu")(layer_norm(y))
    return layers.Add()([x, layer_scale(layers.Dense(x.shape[-1])(y))])


def convnext(name, input_shape=(224, 224, 3), classes=1000):
    """ConvNeXt-T, S or B: patches of 4×4, four stages, patches of 2×2 between them."""
    images = x = keras.Input(input_shape)
    for stage, (channels, blocks) in enumerate(zip(*TABLE[name], strict=True)):
        if stage == 0:
            x = layer_norm(layers.Conv2D(channels, 4, strides=4)(x))
        else:
            x = layers.Conv2D(channels, 2, strides=2)(layer_norm(x))
        for _ in range(blocks):
            x = convnext_block(x)
    x = layer_norm(layers.GlobalAveragePooling2D()(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2022
PUBLISHED = tuple(
    Published(
        f"ConvNeXt-{name}",
        partial(convnext, name),
        parameters,
        "torchvision's count; the rest of Liu et al. 2022, table 1",
        macs=macs,
        top1=top1,
        protocol="1 crop of 224",
    )
    for name, parameters, macs, top1 in (
        ("T", "28,589,128", "4.5 G", 17.9),
        ("S", "50,223,688", "8.7 G", 16.9),
        ("B", "88,591,464", "15.4 G", 16.2),
    )
)
