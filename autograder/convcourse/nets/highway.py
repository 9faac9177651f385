"""Highway network: a layer that learns, for each number, how much of it to let through.

R. K. Srivastava, K. Greff and J. Schmidhuber, Training Very Deep Networks, NIPS 2015,
arXiv:1507.06228, section 3.3 and table 1 (the nets of ten layers for MNIST).
"""

from functools import partial

import keras
from keras import layers

from convcourse.nets.published import Published

# Nine convolutions of one width, then a softmax. The paper does not say where it pools:
# three pools of 2×2, one after three convolutions each, give the printed counts.
CONVOLUTIONS, POOL_AFTER = 9, 3
GATE_BIAS = -2.0


def highway_block(x):
    """H(x) · T(x) + x · (1 − T(x)): a transform H, and a gate T that says how much of it.

    x: (rows, cols, channels). H is a 3×3 with ReLU, T one with a sigmoid whose bias begins
    negative, so that at first the block carries x almost as it is. Returns x's shape.
    """
    filters = x.shape[-1]
    transform = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    bias = keras.initializers.Constant(GATE_BIAS)
    options = {"padding": "same", "activation": "sigmoid", "bias_initializer": bias}
    gate = layers.Conv2D(filters, 3, **options)(x)
    return transform * gate + x * (1.0 - gate)


def highway_net(width, input_shape=(28, 28, 1), classes=10):
    """A convolution, then highway blocks. Returns a keras.Model to `classes`."""
    images = keras.Input(input_shape)
    x = layers.Conv2D(width, 3, padding="same", activation="relu")(images)
    for layer in range(2, CONVOLUTIONS + 1):
        x = highway_block(x)
        if layer % POOL_AFTER == 0:
            x = layers.MaxPooling2D(2)(x)
    x = layers.Dense(classes, activation="softmax")(layers.Flatten()(x))
    return keras.Model(images, x)


YEAR = 2015
PUBLISHED = tuple(
    Published(
        f"Highway, 10 layers of {width}",
        partial(highway_net, width),
        parameters,
        "Srivastava et al. 2015, table 1",
        depth=10,
    )
    for width, parameters in ((16, "39 K"), (32, "151 K"))
)
