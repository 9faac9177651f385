"""Changes of solutions of unit 7 that are right too."""

from tests.equivalent_changes import (
    ALIAS,
    FROM_ZERO,
    GIVEN_FLOATS,
    INDEPENDENT,
    ONE_AXIS,
    OTHER_TYPE,
    OVERWRITTEN,
    SAME_AXIS,
    SAME_SHAPE,
    SYMMETRIC,
)

EQUIVALENT = {
    "numerical_gradient": {
        "gradient = np.zeros(x.shape)  →  gradient = np.ones(x.shape)": OVERWRITTEN,
        "for index in np.ndindex(x.shape):  →  for index in np.ndindex(gradient.shape):": SAME_SHAPE,
        "gradient[index] = (loss(above) - loss(below)) / (2 * step)  →  gradient[index] += (loss(above) - loss(below)) / (2 * step)": FROM_ZERO,
    },
    "conv_grad_bias": {
        "return grad_output.sum(axis=(0, 1, 2))  →  return grad_output.sum(axis=(1, 0, 2))": SYMMETRIC,
        "return grad_output.sum(axis=(0, 1, 2))  →  return grad_output.sum(axis=(2, 1, 0))": SYMMETRIC,
        "return grad_output.sum(axis=(0, 1, 2))  →  return grad_output.sum(axis=(0, 2, 1))": SYMMETRIC,
        "return grad_output.sum(axis=(0, 1, 2))  →  return grad_output.sum(axis=(0, 1, -2))": SAME_AXIS,
    },
    "conv_grad_weights": {
        "krow, kcol = (inputs.shape[1] - rows + 1, inputs.shape[2] - cols + 1)  →  krow, kcol = (inputs.shape[1] - rows + 1, inputs.shape[-2] - cols + 1)": SAME_AXIS,
        "gradient = np.zeros((krow, kcol, inputs.shape[3], num_filters))  →  gradient = np.ones((krow, kcol, inputs.shape[3], num_filters))": OVERWRITTEN,
        "gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, 2), (0, 1, 2)))  →  gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, -2), (0, 1, 2)))": SAME_AXIS,
        "gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, 2), (0, 1, 2)))  →  gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, 2), (0, 1, -2)))": SAME_AXIS,
        "gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, 2), (0, 1, 2)))  →  gradient[k1, k2] += np.tensordot(met, grad_output, axes=((0, 1, 2), (0, 1, 2)))": FROM_ZERO,
    },
    "strided_grad_input": {
        "krow, kcol = kernel.shape  →  for i, j in np.ndindex(*grad_output.shape):": "it stands in the loop now, where it is as large",
    },
    "pool_backward": {
        "return grad_output.repeat(size, axis=1).repeat(size, axis=2) / size ** 2  →  return grad_output.repeat(size, axis=1).repeat(size, axis=-2) / size ** 2": SAME_AXIS,
        "gradient = np.zeros(z.shape)  →  gradient = np.ones(z.shape)": OVERWRITTEN,
        "left = np.ones(grad_output.shape, dtype=bool)  →  left = np.ones(grad_output.shape, dtype=int)": OTHER_TYPE,
        "if kind == 'average':  →  gradient = np.zeros(z.shape)": INDEPENDENT,
        "largest = pictures.pool_forward(z, size, 'max')  →  for i, j in np.ndindex(size, size):": "it is the same at each turn",
        "gradient[:, i::size, j::size] = grad_output * here  →  gradient[:, i::size, j::size] += grad_output * here": FROM_ZERO,
    },
    "softmax_cross_entropy": {
        "shifted = scores - scores.max(axis=1, keepdims=True)  →  shifted = scores - scores.max(axis=-1, keepdims=True)": SAME_AXIS,
        "log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  →  log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))": SAME_AXIS,
        "at_label = (np.arange(len(labels)), labels)  →  at_label = (np.arange(len(scores)), labels)": SAME_SHAPE,
        "at_label = (np.arange(len(labels)), labels)  →  at_label = (np.arange(len(shifted)), labels)": SAME_SHAPE,
        "at_label = (np.arange(len(labels)), labels)  →  at_label = (np.arange(len(log_p)), labels)": SAME_SHAPE,
        "return (-log_p[at_label].mean(), gradient / len(labels))  →  return (-log_p[at_label].mean(axis=0), gradient / len(labels))": ONE_AXIS,
        "return (-log_p[at_label].mean(), gradient / len(labels))  →  return (-log_p[at_label].mean(axis=-1), gradient / len(labels))": ONE_AXIS,
        "return (-log_p[at_label].mean(), gradient / len(labels))  →  return (-log_p[at_label].mean(), gradient / len(scores))": SAME_SHAPE,
        "return (-log_p[at_label].mean(), gradient / len(labels))  →  return (-log_p[at_label].mean(), gradient / len(shifted))": SAME_SHAPE,
        "return (-log_p[at_label].mean(), gradient / len(labels))  →  return (-log_p[at_label].mean(), gradient / len(log_p))": SAME_SHAPE,
        "return (-log_p[at_label].mean(), gradient / len(labels))  →  return (-log_p[at_label].mean(), gradient / len(gradient))": SAME_SHAPE,
    },
    "cnn_loss_gradient": {
        "grad_V, grad_c = (f.flat.T @ grad, grad.sum(axis=0))  →  grad_V, grad_c = (f.flat.T @ grad, grad.sum(axis=0, keepdims=True))": "`join_parameters` takes any shape",
    },
    "train_numpy_cnn": {
        "for start in range(0, len(images), batch_size):  →  for start in range(0, len(labels), batch_size):": SAME_SHAPE,
        "history.append(np.mean(losses))  →  history.append(np.mean(losses, axis=0))": ONE_AXIS,
        "history.append(np.mean(losses))  →  history.append(np.mean(losses, axis=-1))": ONE_AXIS,
        "theta, velocity = sgd_momentum_step(theta, velocity, gradient, learning_rate)  →  losses.append(loss)": INDEPENDENT,
    },
}

EQUIVALENT_OF_OTHERS = {
    "conv_grad_weights": {
        "return np.einsum('bklnij,bijm->klnm', windows.astype(np.float32), grad_output.astype(np.float32))  →  return np.einsum('bklnij,bijm->klnm', windows.astype(np.float32), grad_output)": OTHER_TYPE,
    },
    "conv_grad_input": {
        "return conv_forward(padded, np.flip(weights, axis=(0, 1)).swapaxes(2, 3), np.zeros(channels))  →  return conv_forward(padded, np.flip(weights, axis=(0, 1)).swapaxes(3, 2), np.zeros(channels))": SYMMETRIC,
    },
    "pool_backward": {
        "windows = z.reshape(batch, rows, size, cols, size, channels).transpose(0, 1, 3, 5, 2, 4).reshape(batch, rows, cols, channels, -1)  →  windows = z.reshape(rows, batch, size, cols, size, channels).transpose(0, 1, 3, 5, 2, 4).reshape(batch, rows, cols, channels, -1)": "the two are flattened together",
        "share = np.eye(size ** 2)[windows.argmax(axis=-1)] if kind == 'max' else np.full(windows.shape, 1 / size ** 2)  →  share = np.eye(size ** 2)[windows.argmax(axis=-1)] if kind == 'max' else np.full(windows.shape, (1 / size) ** 2)": "the square of a quotient is the quotient of the squares",
        "spread = (share * grad_output[..., None]).reshape(batch, rows, cols, channels, size, size)  →  spread = (share * grad_output[..., None]).reshape(rows, batch, cols, channels, size, size)": "the two are flattened together",
    },
    "softmax_cross_entropy": {
        "one_hot = np.eye(scores.shape[1], dtype=np.float32)[labels]  →  one_hot = np.eye(scores.shape[1], dtype=int)[labels]": OTHER_TYPE,
        "return [-np.mean(log_p[wanted == 1]), (scipy.special.softmax(scores, axis=1) - wanted) / len(labels)]  →  return [-np.mean(log_p[wanted == 1]), (scipy.special.softmax(log_p, axis=1) - wanted) / len(labels)]": "softmax does not see what is the same for a whole row",
    },
    "sgd_momentum_step": {
        "v -= decay * learning_rate * w  →  v -= decay * learning_rate * weights": ALIAS,
        "v -= learning_rate * g  →  v -= learning_rate * gradient": ALIAS,
        "v -= decay * learning_rate * w  →  v -= learning_rate * g": SYMMETRIC,
    },
    "cnn_loss_gradient": {
        "images, parameters = (images.astype(np.float32), parameters.astype(np.float32))  →  images, parameters = (images, parameters.astype(np.float32))": GIVEN_FLOATS,
        "images, parameters = (images.astype(np.float32), parameters.astype(np.float32))  →  images, parameters = (images.astype(np.float32), parameters)": GIVEN_FLOATS,
        "images, parameters = (images.astype(np.float32), parameters.astype(np.float32))  →  loss, gradient = cnn_with_scipy(images, labels, parameters, shapes)": GIVEN_FLOATS,
    },
}
