"""Other right ways to answer unit 07, as students write them: loops, SciPy, einsum, lists, float32."""

import numpy as np
import scipy.special
from scipy.signal import convolve2d, correlate2d

from convcourse.pictures.backpropagation import cnn_forward, conv_forward, split_parameters


def numerical_in_place_on_a_copy(loss, x, step=1e-5):
    moved = np.array(x, dtype=float)
    gradient = np.zeros(moved.shape)
    for index in np.ndindex(moved.shape):
        before = moved[index]
        moved[index] = before + step
        above = loss(moved)
        moved[index] = before - step
        gradient[index] = (above - loss(moved)) / (2 * step)
        moved[index] = before
    return gradient


def numerical_flat_as_list(loss, x, step=1e-5):
    slopes = []
    for place in range(x.size):
        nudge = np.zeros(x.size)
        nudge[place] = step
        nudge = nudge.reshape(x.shape)
        slopes.append((loss(x + nudge) - loss(x - nudge)) / step / 2)
    return np.reshape(slopes, x.shape).tolist()


def bias_with_a_loop(grad_output):
    return [float(grad_output[..., m].sum()) for m in range(grad_output.shape[-1])]


def bias_in_float32(grad_output):
    return np.einsum("bijm->m", grad_output.astype(np.float32))


def weights_with_scipy(grad_output, inputs):
    rows, cols = np.array(inputs.shape[1:3]) - grad_output.shape[1:3] + 1
    gradient = np.zeros((rows, cols, inputs.shape[3], grad_output.shape[3]))
    for image, grad in zip(inputs, grad_output, strict=True):
        for n in range(inputs.shape[3]):
            for m in range(grad_output.shape[3]):
                gradient[:, :, n, m] += correlate2d(image[:, :, n], grad[:, :, m], mode="valid")
    return gradient


def weights_by_outputs(grad_output, inputs):
    """Every output adds the window that it was made from."""
    batch, rows, cols, _ = grad_output.shape
    krow, kcol = inputs.shape[1] - rows + 1, inputs.shape[2] - cols + 1
    gradient = 0
    for b, i, j in np.ndindex(batch, rows, cols):
        gradient = gradient + np.multiply.outer(inputs[b, i : i + krow, j : j + kcol], grad_output[b, i, j])
    return gradient


def weights_in_float32(grad_output, inputs):
    windows = np.lib.stride_tricks.sliding_window_view(inputs, grad_output.shape[1:3], axis=(1, 2))
    return np.einsum("bklnij,bijm->klnm", windows.astype(np.float32), grad_output.astype(np.float32))


def input_with_scipy(grad_output, weights):
    rows, cols = np.array(grad_output.shape[1:3]) + weights.shape[:2] - 1
    gradient = np.zeros((len(grad_output), rows, cols, weights.shape[2]))
    for b in range(len(grad_output)):
        for n in range(weights.shape[2]):
            for m in range(weights.shape[3]):
                gradient[b, :, :, n] += convolve2d(grad_output[b, :, :, m], weights[:, :, n, m])
    return gradient


def input_by_forward_convolution(grad_output, weights):
    """Pad, flip, exchange the two channel axes: then it is the forward pass."""
    krow, kcol, channels, _ = weights.shape
    padded = np.pad(grad_output, ((0, 0), (krow - 1, krow - 1), (kcol - 1, kcol - 1), (0, 0)))
    return conv_forward(padded, np.flip(weights, axis=(0, 1)).swapaxes(2, 3), np.zeros(channels))


def relu_with_where(grad_output, z):
    return np.where(z > 0, grad_output, 0)


def relu_on_a_copy(grad_output, z):
    gradient = np.array(grad_output, dtype=np.float32)
    gradient[z <= 0] = 0
    return gradient.tolist()


def pool_with_loops(grad_output, z, size, kind):
    gradient = np.zeros(z.shape)
    for b, i, j, n in np.ndindex(grad_output.shape):
        rows, cols = slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size)
        if kind == "average":
            gradient[b, rows, cols, n] = grad_output[b, i, j, n] / size**2
        else:
            window = z[b, rows, cols, n]
            row, col = np.unravel_index(window.argmax(), window.shape)
            gradient[b, i * size + row, j * size + col, n] = grad_output[b, i, j, n]
    return gradient


def pool_with_shares(grad_output, z, size, kind):
    batch, rows, cols, channels = grad_output.shape
    windows = (
        z.reshape(batch, rows, size, cols, size, channels).transpose(0, 1, 3, 5, 2, 4).reshape(batch, rows, cols, channels, -1)
    )
    share = np.eye(size**2)[windows.argmax(axis=-1)] if kind == "max" else np.full(windows.shape, 1 / size**2)
    spread = (share * grad_output[..., None]).reshape(batch, rows, cols, channels, size, size)
    return spread.transpose(0, 1, 4, 2, 5, 3).reshape(z.shape).astype(np.float32)


def dense_with_einsum(grad_output, inputs, weights):
    return [
        np.einsum("bf,bu->fu", inputs, grad_output),
        np.einsum("bu->u", grad_output),
        np.einsum("bu,fu->bf", grad_output, weights),
    ]


def softmax_image_by_image(scores, labels):
    loss, gradient = 0.0, []
    for row, label in zip(scores, labels, strict=True):
        top = row.max()
        total = np.exp(row - top).sum()
        loss += np.log(total) + top - row[label]
        gradient.append([(np.exp(s - top) / total - (c == label)) / len(labels) for c, s in enumerate(row)])
    return loss / len(labels), gradient


def softmax_in_float32(scores, labels):
    shifted = (scores - scores.max(axis=1, keepdims=True)).astype(np.float32)
    powers = np.exp(shifted)
    log_p = shifted - np.log(powers.sum(axis=1, keepdims=True))
    one_hot = np.eye(scores.shape[1], dtype=np.float32)[labels]
    return -(one_hot * log_p).sum() / len(labels), (powers / powers.sum(axis=1, keepdims=True) - one_hot) / len(labels)


def sgd_in_one_line(weights, velocity, gradient, learning_rate, momentum=0.9, decay=0.0005):
    new = momentum * velocity - learning_rate * (gradient + decay * weights)
    return [weights + new, new]


def sgd_in_float32(weights, velocity, gradient, learning_rate, momentum=0.9, decay=0.0005):
    w, v, g = (np.array(array, dtype=np.float32) for array in (weights, velocity, gradient))
    v *= momentum
    v -= decay * learning_rate * w
    v -= learning_rate * g
    w += v
    return w, v


def cnn_with_scipy(images, labels, parameters, shapes):
    _, _, weights2, _, weights3, _ = split_parameters(parameters, shapes)
    f = cnn_forward(images, parameters, shapes)
    loss, grad = softmax_image_by_image(f.scores, labels)
    grad_weights3, grad_bias3, grad = dense_with_einsum(np.array(grad), f.flat, weights3)
    grad = relu_with_where(pool_with_loops(grad.reshape(f.pooled.shape), f.a2, 2, "max"), f.z2)
    second = [weights_with_scipy(grad, f.a1), bias_with_a_loop(grad)]
    grad = relu_with_where(input_with_scipy(grad, weights2), f.z1)
    parts = [weights_with_scipy(grad, images), bias_with_a_loop(grad), *second, grad_weights3, grad_bias3]
    return loss, [number for part in parts for number in np.ravel(part)]


def cnn_in_float32(images, labels, parameters, shapes):
    images, parameters = images.astype(np.float32), parameters.astype(np.float32)
    loss, gradient = cnn_with_scipy(images, labels, parameters, shapes)
    return np.float32(loss), np.array(gradient, dtype=np.float32)


def train_with(differentiate, kind):
    def train(images, labels, parameters, shapes, epochs, batch_size, learning_rate):
        theta, velocity, means = np.array(parameters, dtype=kind), np.zeros(len(parameters), dtype=kind), []
        for _ in range(epochs):
            total, batches, start = 0.0, 0, 0
            while start < len(images):
                pair = images[start : start + batch_size], labels[start : start + batch_size]
                loss, gradient = differentiate(*pair, theta, shapes)
                velocity = 0.9 * velocity - 0.0005 * learning_rate * theta - learning_rate * np.array(gradient)
                theta = theta + velocity
                total, batches, start = total + loss, batches + 1, start + batch_size
            means.append(total / batches)
        return theta, means

    return train


def softmax_by_library(scores, labels):
    log_p = scipy.special.log_softmax(scores, axis=1)
    wanted = np.eye(scores.shape[1])[labels]
    return [-np.mean(log_p[wanted == 1]), (scipy.special.softmax(scores, axis=1) - wanted) / len(labels)]


def strided_by_collecting(grad_output, kernel, stride, rows, cols):
    gradient = np.zeros((rows, cols))
    for p, q in np.ndindex(rows, cols):
        for i, j in np.ndindex(*grad_output.shape):
            k1, k2 = p - i * stride, q - j * stride
            if 0 <= k1 < kernel.shape[0] and 0 <= k2 < kernel.shape[1]:
                gradient[p, q] += grad_output[i, j] * kernel[k1, k2]
    return gradient


def strided_with_zeros_between(grad_output, kernel, stride, rows, cols):
    spread = np.zeros((rows - kernel.shape[0] + 1, cols - kernel.shape[1] + 1))
    for (i, j), number in np.ndenumerate(grad_output):
        spread[i * stride, j * stride] = number
    return convolve2d(spread, kernel)


def descent_by_search(slopes):
    for momentum in (0.8, 0.7, 0.6, 0.5):
        for share in (3, 2, 1):
            rate = share / max(slopes)
            w, v = np.full(2, 10.0), np.zeros(2)
            for _ in range(60):
                v = momentum * v - rate * slopes * w
                w = w + v
            if np.linalg.norm(w) < 0.01:
                return rate, momentum
    return 0, 0


def descent_by_theory(slopes):
    root = np.sqrt(max(slopes) / min(slopes))
    momentum = ((root - 1) / (root + 1)) ** 2
    return [(1 + np.sqrt(momentum)) ** 2 / max(slopes), momentum]


RIGHT_ANSWERS = {
    "strided_grad_input": (strided_by_collecting, strided_with_zeros_between),
    "choose_descent": (descent_by_search, descent_by_theory),
    "numerical_gradient": (numerical_in_place_on_a_copy, numerical_flat_as_list),
    "conv_grad_bias": (bias_with_a_loop, bias_in_float32),
    "conv_grad_weights": (weights_with_scipy, weights_by_outputs, weights_in_float32),
    "conv_grad_input": (input_with_scipy, input_by_forward_convolution),
    "relu_backward": (relu_with_where, relu_on_a_copy),
    "pool_backward": (pool_with_loops, pool_with_shares),
    "softmax_cross_entropy": (softmax_image_by_image, softmax_in_float32, softmax_by_library),
    "sgd_momentum_step": (sgd_in_one_line, sgd_in_float32),
    "cnn_loss_gradient": (cnn_with_scipy, cnn_in_float32),
    "train_numpy_cnn": (train_with(cnn_with_scipy, np.float64), train_with(cnn_in_float32, np.float32)),
}
