"""Changes of solutions of unit 8 that are right too."""

from tests.equivalent_changes import FROM_ZERO, INDEPENDENT, OVERWRITTEN, SAME_AXIS, SAME_SHAPE, SYMMETRIC

EQUIVALENT = {
    "same_padding_amounts": {
        "missing = max((windows - 1) * stride + kernel - size, 0)  →  missing = max(0, (windows - 1) * stride + kernel - size)": SYMMETRIC,
    },
    "numpy_equals_keras": {
        "frame[2] = same_padding_amounts(images.shape[2], kcol, strides[1])  →  frame[-2] = same_padding_amounts(images.shape[2], kcol, strides[1])": SAME_AXIS,
        "frame[2] = same_padding_amounts(images.shape[2], kcol, strides[1])  →  frame[2] = same_padding_amounts(images.shape[-2], kcol, strides[1])": SAME_AXIS,
        "frame[2] = same_padding_amounts(images.shape[2], kcol, strides[1])  →  frame[2] = same_padding_amounts(images.shape[2], kcol, strides[-1])": SAME_AXIS,
        "cols = (padded.shape[2] - kcol) // strides[1] + 1  →  cols = (padded.shape[-2] - kcol) // strides[1] + 1": SAME_AXIS,
        "cols = (padded.shape[2] - kcol) // strides[1] + 1  →  cols = (padded.shape[2] - kcol) // strides[-1] + 1": SAME_AXIS,
        "result = np.zeros((len(images), rows, cols, num_filters))  →  result = np.ones((len(images), rows, cols, num_filters))": OVERWRITTEN,
        "result = np.zeros((len(images), rows, cols, num_filters))  →  result = np.zeros((len(padded), rows, cols, num_filters))": SAME_SHAPE,
        "top, left = (i * strides[0], j * strides[1])  →  top, left = (i * strides[0], j * strides[-1])": SAME_AXIS,
        "frame[1] = same_padding_amounts(images.shape[1], krow, strides[0])  →  frame[2] = same_padding_amounts(images.shape[2], kcol, strides[1])": INDEPENDENT,
        "result[:, i, j] = np.tensordot(window, weights, axes=3) + bias  →  result[:, i, j] += np.tensordot(window, weights, axes=3) + bias": FROM_ZERO,
    },
    "depthwise_from_conv": {
        "ordinary[:, :, n, own] = depthwise[:, :, n]  →  ordinary[:, :, n, own] += depthwise[:, :, n]": FROM_ZERO,
    },
}
