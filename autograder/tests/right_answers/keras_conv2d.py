"""Other right ways to answer unit 08, as students write them: functional, subclass, loops, lists, float32."""

import math

import keras
import numpy as np
from keras import layers

GX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])


def gradient_functional(rows, cols):
    images = keras.Input(shape=(rows, cols, 1), name="photograph")
    return keras.Model(images, layers.Conv2D(filters=2, kernel_size=(3, 3), padding="valid", name="conv2d")(images))


def gradient_subclass(rows, cols):
    class Gradients(keras.Model):
        def __init__(self):
            super().__init__()
            self.convolution = layers.Conv2D(2, 3)

        def call(self, images):
            return self.convolution(images)

    model = Gradients()
    model(np.zeros((1, rows, cols, 1), dtype="float32"))
    return model


def gradient_by_add(rows, cols):
    model = keras.Sequential()
    model.add(layers.Input((rows, cols, 1)))
    model.add(layers.Conv2D(2, 3, kernel_initializer="zeros"))
    return model


def sobel_by_layer(model):
    layer = model.layers[-1]
    W, b = layer.get_weights()
    W[:, :, 0, 0], W[:, :, 0, 1] = GX, GX.T
    layer.set_weights((W, np.zeros(b.shape)))
    return model


def sobel_by_assignment(model):
    layer = model.layers[0]
    layer.kernel.assign(np.stack([GX, GX.T], axis=2)[:, :, np.newaxis, :])
    layer.bias.assign([0, 0])
    return model


def sobel_in_a_new_model(model):
    images = keras.Input(model.input_shape[1:])
    copy = keras.Model(images, layers.Conv2D(2, 3, name="gradients")(images))
    copy.layers[1].set_weights([np.dstack([GX, GX.T]).reshape(3, 3, 1, 2).astype("float32"), np.zeros(2)])
    return copy


def color_functional(image_shape, G, C):
    num_filters, channels = C.shape
    images = keras.Input(image_shape)
    layer = layers.Conv2D(num_filters, G.shape)
    model = keras.Model(images, layer(images))
    W = np.zeros((*G.shape, channels, num_filters))
    for k in range(channels):
        for filter_number in range(num_filters):
            W[:, :, k, filter_number] = G * C[filter_number, k]
    layer.set_weights([W, np.zeros(num_filters)])
    return model


def color_by_einsum(image_shape, G, C):
    model = keras.Sequential([layers.Input(image_shape), layers.Conv2D(len(C), G.shape, bias_initializer="zeros")])
    model.layers[-1].kernel.assign(np.einsum("ij,lk->ijkl", G, C).astype(np.float32))
    return model


def amounts_with_ceil(size, kernel, stride):
    windows = math.ceil(size / stride)
    missing = max(0, (windows - 1) * stride + kernel - size)
    return [missing // 2, math.ceil(missing / 2)]


def amounts_by_remainder(size, kernel, stride):
    total = max(kernel - (size % stride or stride), 0)  # TensorFlow's own words
    return np.array([total // 2, total - total // 2])


def first_by_transpose(images):
    return np.transpose(images, (0, 3, 1, 2))


def first_with_a_loop(images):
    return [[image[:, :, n].tolist() for n in range(images.shape[3])] for image in images]


def first_by_rolling(images):
    return np.rollaxis(images, 3, 1).astype(np.float32)


def _padded(images, weights, strides, padding):
    if padding == "valid":
        return images
    rows, cols = (amounts_with_ceil(images.shape[a + 1], weights.shape[a], strides[a]) for a in (0, 1))
    return np.pad(images, [(0, 0), rows, cols, (0, 0)])


def layer_by_windows(images, weights, bias, strides, padding):
    x = _padded(images, weights, strides, padding)
    windows = np.lib.stride_tricks.sliding_window_view(x, weights.shape[:2], axis=(1, 2))
    return np.einsum("bijnkl,klnm->bijm", windows[:, :: strides[0], :: strides[1]], weights) + bias


def layer_by_kernel_places(images, weights, bias, strides, padding):
    """A sum over the kernel's places: each is a shifted image times a matrix."""
    x = _padded(images, weights, strides, padding)
    krow, kcol = weights.shape[:2]
    rows, cols = (x.shape[1] - krow) // strides[0] + 1, (x.shape[2] - kcol) // strides[1] + 1
    result = np.zeros((len(x), rows, cols, len(bias)), dtype=np.float32)
    for k in range(krow):
        for m in range(kcol):
            down = slice(k, k + strides[0] * (rows - 1) + 1, strides[0])
            shifted = x[:, down, m : m + strides[1] * (cols - 1) + 1 : strides[1]]
            result += (shifted @ weights[k, m]).astype(np.float32)
    return result + bias


def layer_by_loops(images, weights, bias, strides, padding):
    x = _padded(images, weights, strides, padding)
    krow, kcol = weights.shape[:2]
    return [
        [
            [
                [
                    float(np.sum(image[i : i + krow, j : j + kcol] * weights[:, :, :, m]) + bias[m])
                    for m in range(weights.shape[3])
                ]
                for j in range(0, image.shape[1] - kcol + 1, strides[1])
            ]
            for i in range(0, image.shape[0] - krow + 1, strides[0])
        ]
        for image in x
    ]


def depthwise_by_identity(depthwise):
    krow, kcol, channels, multiplier = depthwise.shape
    return (np.eye(channels)[:, :, None] * depthwise[:, :, :, None, :]).reshape(krow, kcol, channels, channels * multiplier)


def depthwise_by_filter(depthwise):
    multiplier = depthwise.shape[3]
    weights = np.zeros((*depthwise.shape[:3], depthwise.shape[2] * multiplier), dtype=np.float32)
    for filter_number in range(weights.shape[3]):
        channel, kernel = divmod(filter_number, multiplier)
        weights[..., channel, filter_number] = depthwise[..., channel, kernel]
    return weights


def dilated_with_loops(kernel, dilation):
    rows, cols = kernel.shape
    spread = [[0.0] * (dilation * (cols - 1) + 1) for _ in range(dilation * (rows - 1) + 1)]
    for i, j in np.ndindex(rows, cols):
        spread[i * dilation][j * dilation] = kernel[i, j]
    return spread


def dilated_by_inserting(kernel, dilation):
    gaps = [place for place in range(1, kernel.shape[1]) for _ in range(dilation - 1)]
    wide = np.insert(kernel, gaps, 0, axis=1)
    return np.insert(wide, [place for place in range(1, len(kernel)) for _ in range(dilation - 1)], 0, axis=0)


def dilations_by_powers_of_three(field, most):
    dilations, seen = [], 1
    while seen < field:
        dilations.append(seen)
        seen *= 3
    return dilations


def dilations_largest_first(field, most):
    return np.array([2.0**layer for layer in reversed(range(most))])


RIGHT_ANSWERS = {
    "dilated_kernel": (dilated_with_loops, dilated_by_inserting),
    "design_dilations": (dilations_by_powers_of_three, dilations_largest_first),
    "gradient_model": (gradient_functional, gradient_subclass, gradient_by_add),
    "set_sobel_weights": (sobel_by_layer, sobel_by_assignment, sobel_in_a_new_model),
    "color_model": (color_functional, color_by_einsum),
    "same_padding_amounts": (amounts_with_ceil, amounts_by_remainder),
    "to_channels_first": (first_by_transpose, first_with_a_loop, first_by_rolling),
    "numpy_equals_keras": (layer_by_windows, layer_by_kernel_places, layer_by_loops),
    "depthwise_from_conv": (depthwise_by_identity, depthwise_by_filter),
}
