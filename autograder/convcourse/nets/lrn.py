"""Local response normalisation.

A. Krizhevsky, I. Sutskever and G. E. Hinton, ImageNet classification with deep
convolutional neural networks, NIPS 2012, section 3.3.
"""

import keras
import numpy as np


def local_response_norm(x, size=5, k=2.0, alpha=1e-4, beta=0.75):
    """Each number divided by (k + alpha · Σ a²)^beta, the sum over neighbouring channels.

    x: tensor (..., channels); size: how many channels a sum takes, its own in the middle,
    fewer at both ends. k, alpha, beta: the paper's; alpha is not divided by `size`.
    Returns a tensor of x's shape.
    """
    places = np.arange(x.shape[-1])
    near = np.abs(places[:, None] - places) <= size // 2
    return x / (k + alpha * keras.ops.matmul(x * x, near.astype("float32"))) ** beta
