"""ViT: patches of the image as words of a sentence; the contrast that is no convolution.

A. Dosovitskiy et al., An Image is Worth 16×16 Words, ICLR 2021, arXiv:2010.11929: table 1
(Base), figure 1, equations 1 to 4. Cutting into patches is a convolution with stride 16;
after it nothing knows which patches are neighbours but a table that is learned.
"""

import keras
from keras import layers

from convcourse.nets.published import Published

# Table 1, ViT-Base: layers, hidden size D, MLP size, heads; patches of 16 × 16 pixels.
LAYERS, HIDDEN, MLP, HEADS, PATCH = 12, 768, 3072, 12, 16


def layer_norm(x):
    """Layer normalisation over the channels of each token."""
    return layers.LayerNormalization(epsilon=1e-6)(x)


class TokensAndPlaces(layers.Layer):
    """Puts a learned class token before the patches, and adds a learned vector to each place.

    x: (patches, D). Returns (patches + 1, D).
    """

    def build(self, shape):
        _, patches, hidden = shape
        self.token = self.add_weight(
            shape=(1, 1, hidden), initializer="zeros", name="token"
        )
        start = keras.initializers.RandomNormal(stddev=0.02)
        self.places = self.add_weight((1, patches + 1, hidden), start, name="places")

    def call(self, x):
        token = keras.ops.repeat(self.token, keras.ops.shape(x)[0], axis=0)
        return keras.ops.concatenate([token, x], axis=1) + self.places

    def compute_output_shape(self, shape):
        batch, patches, hidden = shape
        return batch, patches + 1, hidden


def encoder_block(x):
    """Each token asks all others, then thinks by itself; both with a shortcut.

    x: (tokens, D). Layer norm, attention, sum; layer norm, MLP with GELU, sum. Same shape.
    """
    y = layer_norm(x)
    x = layers.Add()([x, layers.MultiHeadAttention(HEADS, HIDDEN // HEADS)(y, y)])
    y = layers.Dense(MLP, activation="gelu")(layer_norm(x))
    return layers.Add()([x, layers.Dense(HIDDEN)(y)])


def vit_base(input_shape=(224, 224, 3), classes=1000):
    """ViT-B/16. Returns a keras.Model from input_shape (multiples of 16) to `classes`."""
    images = keras.Input(input_shape)
    x = layers.Conv2D(HIDDEN, PATCH, strides=PATCH)(images)
    x = TokensAndPlaces()(layers.Reshape((-1, HIDDEN))(x))
    for _ in range(LAYERS):
        x = encoder_block(x)
    x = layer_norm(x)[:, 0]
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


YEAR = 2020
PUBLISHED = (
    Published(
        "ViT-B/16",
        vit_base,
        "86,567,656",
        "torchvision",
        macs="17.56 G",
        top1=18.93,
        top5=4.68,
        protocol="1 crop of 224",
    ),
)
