"""Other right ways to answer unit 25, as students write them: loops, matrix products, lists, float32."""

import numpy as np
from scipy.signal import convolve2d, correlate2d

from convcourse.pictures import any_depth as picture


def diagonal_counted(rows, cols):
    length = 0
    while length < rows and length < cols:
        length += 1
    return [length], [cols + 1]


def diagonal_by_places(rows, cols):
    places = [row * cols + row for row in range(rows) if row < cols]
    return np.array([len(places)]), np.array([places[1] - places[0]])


def windows_from_tops(rows, cols, krow, kcol, stride):
    tops, lefts = range(0, rows - krow + 1, stride), range(0, cols - kcol + 1, stride)
    return [len(tops), len(lefts), krow, kcol], [stride * cols, stride, cols, 1]


def windows_of_a_numbered_image(rows, cols, krow, kcol, stride):
    places = np.arange(rows * cols).reshape(rows, cols)
    down, right = places[1, 0] - places[0, 0], places[0, 1] - places[0, 0]
    shape = np.array([(rows - krow) // stride + 1, (cols - kcol) // stride + 1, krow, kcol])
    return shape, np.array([stride * down, stride * right, down, right])


def conv_with_loops(inputs, weights, stride, padding):
    padded = np.pad(inputs, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    krow, kcol, _, filters = weights.shape
    rows, cols = (padded.shape[1] - krow) // stride + 1, (padded.shape[2] - kcol) // stride + 1
    result = np.zeros((len(inputs), rows, cols, filters))
    for b, i, j, m in np.ndindex(*result.shape):
        window = padded[b, i * stride : i * stride + krow, j * stride : j * stride + kcol]
        result[b, i, j, m] = np.sum(window * weights[..., m])
    return result


def conv_with_scipy(inputs, weights, stride, padding):
    maps = []
    for image in inputs:
        framed = [np.pad(image[:, :, n], padding) for n in range(image.shape[2])]
        maps.append(
            [
                sum(correlate2d(framed[n], weights[:, :, n, m], mode="valid") for n in range(len(framed)))[::stride, ::stride]
                for m in range(weights.shape[3])
            ]
        )
    return np.moveaxis(np.array(maps), 1, 3)


def conv_in_float32(inputs, weights, stride, padding):
    framed = np.pad(inputs, [(0, 0), (padding,) * 2, (padding,) * 2, (0, 0)]).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(framed, weights.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.tensordot(windows, weights.astype(np.float32), axes=((4, 5, 3), (0, 1, 2)))


def fold_with_a_loop(patches, rows, cols, stride):
    total = np.zeros((rows, cols))
    for i, j in np.ndindex(*patches.shape[:2]):
        total[i * stride : i * stride + patches.shape[2], j * stride : j * stride + patches.shape[3]] += patches[i, j]
    return total


def fold_with_bincount(patches, rows, cols, stride):
    places = np.arange(rows * cols).reshape(rows, cols)
    places = np.lib.stride_tricks.sliding_window_view(places, patches.shape[2:])[::stride, ::stride]
    return np.bincount(places.ravel(), patches.ravel(), rows * cols).reshape(rows, cols)


def fold_in_lists(patches, rows, cols, stride):
    total = [[0.0] * cols for _ in range(rows)]
    for (i, j, k, m), number in np.ndenumerate(patches):
        total[i * stride + k][j * stride + m] += number
    return total


def backward_by_outputs(grad_output, inputs, weights, stride, padding):
    """Every output gives back to the window that it was made from."""
    frame = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    padded = np.pad(inputs, frame)
    grad_padded, grad_weights = np.zeros(padded.shape), np.zeros(weights.shape)
    for b, i, j, m in np.ndindex(*grad_output.shape):
        top, left = i * stride, j * stride
        window = np.s_[b, top : top + weights.shape[0], left : left + weights.shape[1]]
        grad_padded[window] += grad_output[b, i, j, m] * weights[..., m]
        grad_weights[..., m] += grad_output[b, i, j, m] * padded[window]
    _, rows, cols, _ = inputs.shape
    return grad_padded[:, padding : padding + rows, padding : padding + cols], grad_weights


def backward_with_zeros_between(grad_output, inputs, weights, stride, padding):
    """Zeros between the outputs make the stride 1; then the two convolutions of unit 7."""
    batch, rows, cols, filters = grad_output.shape
    spread = np.zeros((batch, (rows - 1) * stride + 1, (cols - 1) * stride + 1, filters))
    spread[:, ::stride, ::stride] = grad_output
    grad_inputs, grad_weights = np.zeros(inputs.shape), np.zeros(weights.shape)
    for b, n, m in np.ndindex(batch, weights.shape[2], filters):
        framed = np.pad(inputs[b, :, :, n], padding)
        touched = convolve2d(spread[b, :, :, m], weights[:, :, n, m], mode="full")
        framed_grad = np.zeros(framed.shape)
        framed_grad[: touched.shape[0], : touched.shape[1]] = touched
        grad_inputs[b, :, :, n] += framed_grad[padding:, padding:][: inputs.shape[1], : inputs.shape[2]]
        seen = framed[: touched.shape[0], : touched.shape[1]]
        grad_weights[:, :, n, m] += correlate2d(seen, spread[b, :, :, m], mode="valid")
    return grad_inputs, grad_weights


def net_with_a_stack(inputs, labels, specs):
    x, stack = inputs, []
    for spec in specs:
        x, way_back = picture.layer(*spec)(x)
        stack.append(way_back)
    loss, grad = picture.softmax_cross_entropy(x, labels)
    found = []
    while stack:
        grad, own = stack.pop()(grad)
        found.insert(0, own)
    return loss, [array for own in found for array in own]


def net_by_recursion(inputs, labels, specs):
    def back_from(x, rest):
        if not rest:
            loss, grad = picture.softmax_cross_entropy(x, labels)
            return loss, grad, []
        x, way_back = picture.layer(*rest[0])(x)
        loss, grad, later = back_from(x, rest[1:])
        grad, own = way_back(grad)
        return loss, grad, [*own, *later]

    loss, _, gradients = back_from(inputs, specs)
    return loss, tuple(gradients)


def share_from_the_lower_bound(depth, low, high):
    return np.sqrt((1.01 * low) ** (1 / depth) - 1)


def share_by_halving(depth, low, high):
    quiet, loud = 0.0, 10.0
    while True:
        share = (quiet + loud) / 2
        growth = depth * np.log(1 + share**2)  # its logarithm: the number itself may be too large
        if np.log(low) < growth < np.log(high):
            return share
        quiet, loud = (share, loud) if growth < np.log(high) else (quiet, share)


RIGHT_ANSWERS = {
    "diagonal_view": (diagonal_counted, diagonal_by_places),
    "windows_view": (windows_from_tops, windows_of_a_numbered_image),
    "conv_by_einsum": (conv_with_loops, conv_with_scipy, conv_in_float32),
    "fold_windows": (fold_with_a_loop, fold_with_bincount, fold_in_lists),
    "conv_backward": (backward_by_outputs, backward_with_zeros_between),
    "net_gradients": (net_with_a_stack, net_by_recursion),
    "branch_share": (share_from_the_lower_bound, share_by_halving),
}
