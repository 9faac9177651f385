"""Unit 10: other right answers, as students write them."""

import numpy as np


def dropout_by_where(x, rate, uniform, training):
    if training:
        return np.where(uniform < rate, 0, x / (1 - rate))
    return x


def dropout_by_loop(x, rate, uniform, training):
    result = np.array(x, dtype=np.float32)
    if training:
        for place in np.ndindex(result.shape):
            result[place] = result[place] / (1 - rate) if uniform[place] >= rate else 0
    return result


def dropconnect_unit_by_unit(x, weights, rate, uniform, training):
    result = []
    for row, numbers in zip(weights, uniform, strict=True):
        total = 0.0
        for weight, number, value in zip(row, numbers, x, strict=True):
            if training and number < rate:
                continue
            total += weight * value
        result.append(max(total if training else total * (1 - rate), 0.0))
    return result


def dropconnect_by_sum(x, weights, rate, uniform, training):
    kept = np.where(uniform >= rate, 1, 0) if training else 1 - rate
    sums = (kept * weights * x).sum(axis=1).astype(np.float32)
    return sums * (sums > 0)


def norm_channel_by_channel(x, gamma, beta, mean, variance, training, momentum, epsilon):
    out, mean, variance = np.zeros(x.shape), mean.astype(float), variance.astype(float)
    for c in range(x.shape[-1]):
        values = x[..., c]
        m, v = mean[c], variance[c]
        if training:
            m, v = values.mean(), np.square(values - values.mean()).mean()
            mean[c] += (1 - momentum) * (m - mean[c])
            variance[c] += (1 - momentum) * (v - variance[c])
        out[..., c] = gamma[c] * (values - m) / (v + epsilon) ** 0.5 + beta[c]
    return out, mean, variance


def norm_in_single_precision(x, gamma, beta, mean, variance, training, momentum, epsilon):
    flat = x.reshape(-1, x.shape[-1]).astype(np.float32)
    if not training:
        return (gamma * (flat - mean) * (variance + epsilon) ** -0.5 + beta).reshape(x.shape), list(mean), list(variance)
    m = flat.mean(0)
    v = (flat**2).mean(0) - m**2
    out = gamma * (flat - m) / np.sqrt(v + epsilon) + beta
    return [out.reshape(x.shape), momentum * mean + (1 - momentum) * m, momentum * variance + (1 - momentum) * v]


def crop_into_zeros(images, crop_shape, tops, lefts, flips):
    views = np.zeros((len(images), *crop_shape, images.shape[-1]), dtype=images.dtype)
    for n in range(len(images)):
        for r in range(crop_shape[0]):
            for c in range(crop_shape[1]):
                column = crop_shape[1] - 1 - c if flips[n] else c
                views[n, r, c] = images[n, tops[n] + r, lefts[n] + column]
    return views


def crop_to_list(images, crop_shape, tops, lefts, flips):
    krow, kcol = crop_shape
    return [
        np.fliplr(image[t : t + krow, s : s + kcol]) if f else image[t : t + krow, s : s + kcol]
        for image, t, s, f in zip(images, tops, lefts, flips, strict=True)
    ]


def color_by_einsum(image, eigenvalues, eigenvectors, alphas):
    return image + np.einsum("ci,i,i->c", eigenvectors, alphas, eigenvalues)


def color_channel_by_channel(image, eigenvalues, eigenvectors, alphas):
    result = image.astype(np.float32)
    for channel in range(3):
        for i in range(3):
            result[:, :, channel] += eigenvectors[channel, i] * alphas[i] * eigenvalues[i]
    return result


def cast_in_int16(image, changed, amounts):
    moved = image.astype(np.int16)
    for channel in range(3):
        if changed[channel]:
            moved[..., channel] += amounts[channel]
    moved[moved > 255] = 255
    moved[moved < 0] = 0
    return moved.astype(np.uint8)


def cast_in_floats(image, changed, amounts):
    return np.minimum(np.maximum(image * 1.0 + changed * amounts, 0), 255)


def vignette_pixel_by_pixel(image, radius, strength):
    rows, cols = image.shape[:2]
    result = image.astype(float)
    corner = (((rows - 1) / 2) ** 2 + ((cols - 1) / 2) ** 2) ** 0.5
    for r in range(rows):
        for c in range(cols):
            d = ((r - (rows - 1) / 2) ** 2 + (c - (cols - 1) / 2) ** 2) ** 0.5 / corner
            if d > radius:
                result[r, c] *= 1 - strength * (d - radius) / (1 - radius)
    return result


def vignette_by_interpolation(image, radius, strength):
    rows, cols = image.shape[:2]
    r, c = np.indices((rows, cols)) - np.array([rows - 1, cols - 1]).reshape(2, 1, 1) / 2
    d = np.sqrt(r**2 + c**2)
    ramp = np.clip((d / d.max() - radius) / (1 - radius), 0, None).astype(np.float32)
    factor = 1 - strength * ramp
    return image * factor if image.ndim == 2 else image * np.dstack([factor] * 3)


def ten_written_out(image, crop_shape):
    (rows, cols), (h, w) = image.shape[:2], crop_shape
    top, left = int((rows - h) / 2), int((cols - w) / 2)
    five = [image[:h, :w], image[:h, -w:], image[-h:, :w], image[-h:, -w:], image[top : top + h, left : left + w]]
    return five + [crop[:, ::-1] for crop in five]


def ten_by_the_mirrored_image(image, crop_shape):
    (rows, cols), (h, w) = image.shape[:2], crop_shape
    starts = [(0, 0), (0, cols - w), (rows - h, 0), (rows - h, cols - w), ((rows - h) // 2, (cols - w) // 2)]
    mirrored = np.fliplr(image)
    crops = [image[r : r + h, c : c + w] for r, c in starts]
    crops += [mirrored[r : r + h, cols - w - c : cols - c] for r, c in starts]
    return np.array(crops, dtype=np.float32)


def average_by_loop(probabilities):
    models, crops, images, classes = probabilities.shape
    mean = np.zeros((images, classes))
    for m in range(models):
        for c in range(crops):
            mean += probabilities[m, c] / (models * crops)
    return mean, [int(np.argmax(row)) for row in mean]


def average_in_two_steps(probabilities):
    mean = probabilities.astype(np.float32).mean(axis=1).mean(axis=0)
    return mean, np.argmax(mean, axis=1)


def backward_step_by_step(x, gamma, grad_y, epsilon):
    flat, grad = x.reshape(-1, x.shape[-1]), grad_y.reshape(-1, x.shape[-1])
    centred = flat - flat.mean(axis=0)
    inverse = 1 / np.sqrt((centred**2).mean(axis=0) + epsilon)
    grad_normal = grad * gamma
    grad_inverse = (grad_normal * centred).sum(axis=0)
    grad_variance = -0.5 * grad_inverse * inverse**3
    grad_centred = grad_normal * inverse + 2 * centred * grad_variance / len(flat)
    grad_x = grad_centred - grad_centred.mean(axis=0)
    return grad_x.reshape(x.shape), (grad * centred * inverse).sum(axis=0), grad.sum(axis=0)


def backward_channel_by_channel(x, gamma, grad_y, epsilon):
    grad_x, grad_gamma, grad_beta = np.zeros(x.shape), [], []
    for c in range(x.shape[-1]):
        one, g = x[..., c].astype(float), grad_y[..., c]
        deviation = np.sqrt(one.var() + epsilon)
        hat = (one - one.mean()) / deviation
        grad_x[..., c] = gamma[c] / deviation * (g - g.mean() - hat * np.mean(g * hat))
        grad_gamma.append(np.sum(g * hat))
        grad_beta.append(g.sum())
    return grad_x, grad_gamma, grad_beta


def split_between_two_classes(views, classes, lead):
    rest = [0.0] * (classes - 2)
    wavering = [0.5 + lead / 2, 0.5 - lead / 2, *rest]
    return [[0.0, 1.0, *rest]] + [wavering] * (views - 1)


def split_with_the_last_class(views, classes, lead):
    answers = np.zeros((views, classes), dtype=np.float32)
    answers[:, 0], answers[:, -1] = 0.5 + lead / 2, 0.5 - lead / 2
    answers[1, 0], answers[1, -1] = 0.05, 0.95
    return answers


RIGHT_ANSWERS = {
    "batch_norm_backward": (backward_step_by_step, backward_channel_by_channel),
    "design_split_vote": (split_between_two_classes, split_with_the_last_class),
    "dropout": (dropout_by_where, dropout_by_loop),
    "dropconnect": (dropconnect_unit_by_unit, dropconnect_by_sum),
    "batch_norm_forward": (norm_channel_by_channel, norm_in_single_precision),
    "random_crop_flip": (crop_into_zeros, crop_to_list),
    "pca_color": (color_by_einsum, color_channel_by_channel),
    "color_cast": (cast_in_int16, cast_in_floats),
    "vignette": (vignette_pixel_by_pixel, vignette_by_interpolation),
    "ten_crop": (ten_written_out, ten_by_the_mirrored_image),
    "average_predictions": (average_by_loop, average_in_two_steps),
}
