"""Changes of right answers of unit 8 that are right too."""

from tests.equivalent_changes import INDEPENDENT, SAME_AXIS, SIZE_LEFT_OPEN

EQUIVALENT = {
    "numpy_equals_keras": {
        "frame[1] = same_padding_amounts(images.shape[1], krow, strides[0])  →  frame[2] = same_padding_amounts(images.shape[2], kcol, strides[1])": INDEPENDENT,
    },
    "dilated_kernel": {
        "rows, cols = step * (np.array(kernel.shape) - 1) + 1  →  rows, cols = dilation * (np.array(kernel.shape) - 1) + 1": "step is the dilation",
        "spread[::step, ::step] = kernel  →  spread[::dilation, ::step] = kernel": "step is the dilation",
        "spread[::step, ::step] = kernel  →  spread[::step, ::dilation] = kernel": "step is the dilation",
    },
    "set_sobel_weights": {
        "weights = np.stack([GX, GX.T], axis=-1)  →  weights = np.stack([GX, GX.T], axis=2)": SAME_AXIS,
        "model.layers[-1].set_weights([weights[:, :, None, :], np.zeros(2)])  →  model.layers[-1 + 1].set_weights([weights[:, :, None, :], np.zeros(2)])": "the net's only layer",
        "model.layers[-1].set_weights([weights[:, :, None, :], np.zeros(2)])  →  model.layers[-0].set_weights([weights[:, :, None, :], np.zeros(2)])": "the net's only layer",
    },
    "color_model": {
        "bank = G[:, :, None, None] * C.T[None, None]  →  bank = G[:, :, None, None] * C.T": "NumPy adds the axes in front by itself",
        "convolution.set_weights([bank, np.zeros(num_filters)])  →  model.set_weights([bank, np.zeros(num_filters)])": "the net's only layer",
    },
}

EQUIVALENT_OF_OTHERS = {
    "numpy_equals_keras": {
        "down = slice(k, k + strides[0] * (rows - 1) + 1, strides[0])  →  down = slice(k, k + (strides[0] * rows - 1) + 1, strides[0])": "the end lies before the next place",
        "down = slice(k, k + strides[0] * (rows - 1) + 1, strides[0])  →  down = slice(k, (k + strides[0]) * (rows - 1) + 1, strides[0])": "the end lies behind the array, or before the next place",
        "for m in range(kcol):  →  down = slice(k, k + strides[0] * (rows - 1) + 1, strides[0])": "it is worked out again and again, from the same",
        "shifted = x[:, down, m:m + strides[1] * (cols - 1) + 1:strides[1]]  →  shifted = x[:, down, m:m + (strides[1] * cols - 1) + 1:strides[1]]": "the end lies before the next place",
    },
    "depthwise_from_conv": {
        "return (np.eye(channels)[:, :, None] * depthwise[:, :, :, None, :]).reshape(krow, kcol, channels, channels * multiplier)  →  return (np.eye(channels)[:, :, None] @ depthwise[:, :, :, None, :]).reshape(krow, kcol, channels, channels * multiplier)": "one row times one column",
        "return (np.eye(channels)[:, :, None] * depthwise[:, :, :, None, :]).reshape(krow, kcol, channels, channels * multiplier)  →  return (np.eye(channels)[:, :, None] * depthwise[:, :, None, :, :]).reshape(krow, kcol, channels, channels * multiplier)": "the ones stand on the diagonal",
    },
    "gradient_model": {
        "model(np.zeros((1, rows, cols, 1), dtype='float32'))  →  model(np.zeros((2, rows, cols, 1), dtype='float32'))": "it only builds the model",
    },
    "set_sobel_weights": {
        "layer = model.layers[-1]  →  layer = model.layers[-0]": "there is one layer",
        "layer.kernel.assign(np.stack([GX, GX.T], axis=2)[:, :, np.newaxis, :])  →  layer.bias.assign([0, 0])": INDEPENDENT,
        "copy.layers[1].set_weights([np.dstack([GX, GX.T]).reshape(3, 3, 1, 2).astype('float32'), np.zeros(2)])  →  copy.layers[1].set_weights([np.dstack([GX, GX.T]).reshape(3, 3, -1, 2).astype('float32'), np.zeros(2)])": SIZE_LEFT_OPEN,
    },
    "color_model": {
        "layer.set_weights([W, np.zeros(num_filters)])  →  layer.set_weights([W, np.zeros(num_filters)])": "the last time round sets all",
        "model.layers[-1].kernel.assign(np.einsum('ij,lk->ijkl', G, C).astype(np.float32))  →  model.layers[-0].kernel.assign(np.einsum('ij,lk->ijkl', G, C).astype(np.float32))": "there is one layer",
    },
}
