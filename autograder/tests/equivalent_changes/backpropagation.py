"""Changes of right answers of unit 7 that are right too."""

from tests.equivalent_changes import (
    ALIAS,
    GIVEN_FLOATS,
    INDEPENDENT,
    OTHER_TYPE,
    SAME_AXIS,
    SYMMETRIC,
)

EQUIVALENT = {
    "conv_grad_weights": {
        "gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, 2), (0, 1, 2)))  →  gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, -2), (0, 1, 2)))": SAME_AXIS,
        "gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, 2), (0, 1, 2)))  →  gradient[k1, k2] = np.tensordot(met, grad_output, axes=((0, 1, 2), (0, 1, -2)))": SAME_AXIS,
    },
    "strided_grad_input": {
        "krow, kcol = kernel.shape  →  for i, j in np.ndindex(*grad_output.shape):": "it stands in the loop now, where it is as large",
    },
    "pool_backward": {
        "if kind == 'average':  →  gradient = np.zeros(z.shape)": INDEPENDENT,
        "largest = pictures.pool_forward(z, size, 'max')  →  for i, j in np.ndindex(size, size):": "it is the same at each turn",
    },
    "train_numpy_cnn": {
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
        "w, v, g = (np.array(array, dtype=np.float32) for array in (weights, velocity, gradient))  →  w, v, g = (np.array(array) for array in (weights, velocity, gradient))": GIVEN_FLOATS,
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
