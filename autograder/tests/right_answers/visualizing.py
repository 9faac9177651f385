"""Unit 18: other right answers, as students write them."""

import numpy as np


def occlusion_by_pixels(scores, base, tops, lefts, size, shape):
    result = np.zeros(shape)
    for r in range(shape[0]):
        for c in range(shape[1]):
            drops = [
                base - scores[i][j]
                for i, top in enumerate(tops)
                for j, left in enumerate(lefts)
                if top <= r < top + size and left <= c < left + size
            ]
            result[r, c] = sum(drops) / len(drops) if drops else 0
    return result


def occlusion_by_masks(scores, base, tops, lefts, size, shape):
    total, count = np.zeros(shape, "float32"), np.zeros(shape, "float32")
    for (i, j), score in np.ndenumerate(scores):
        mask = np.zeros(shape, "float32")
        mask[tops[i] : tops[i] + size, lefts[j] : lefts[j] + size] = 1
        total += (base - score) * mask
        count += mask
    return total / np.maximum(count, 1)


def pool_channel_by_channel(maps, size, stride):
    rows, cols, channels = maps.shape
    shape = ((rows - size) // stride + 1, (cols - size) // stride + 1, channels)
    pooled, switches = np.zeros(shape), np.zeros(shape)
    for i, j, c in np.ndindex(shape):
        places = [(r, k) for r in range(i * stride, i * stride + size) for k in range(j * stride, j * stride + size)]
        row, col = max(places, key=lambda place: maps[place[0], place[1], c])
        pooled[i, j, c], switches[i, j, c] = maps[row, col, c], row * cols + col
    return pooled, switches


def pool_by_a_map_of_places(maps, size, stride):
    rows, cols, channels = maps.shape
    places = np.arange(rows * cols).reshape(rows, cols)
    pooled, switches = [], []
    for i in range(0, rows - size + 1, stride):
        windows = [maps[i : i + size, j : j + size].reshape(-1, channels) for j in range(0, cols - size + 1, stride)]
        names = [places[i : i + size, j : j + size].ravel() for j in range(0, cols - size + 1, stride)]
        pooled.append([window.max(axis=0) for window in windows])
        switches.append([name[window.argmax(axis=0)] for name, window in zip(names, windows, strict=True)])
    return np.array(pooled, dtype=np.float32), np.array(switches)


def unpool_by_loops(pooled, switches, rows, cols):
    result = np.zeros((rows, cols, pooled.shape[2]))
    for i, j, c in np.ndindex(pooled.shape):
        row, col = divmod(switches[i, j, c], cols)
        result[row, col, c] += pooled[i, j, c]
    return result


def unpool_by_one_hot(pooled, switches, rows, cols):
    hot = np.eye(rows * cols, dtype="float32")[switches]
    return np.einsum("ijcp,ijc->pc", hot, pooled).reshape(rows, cols, -1)


def rule_by_masks(signal, before, rule):
    if rule == "gradient":
        return signal * (before > 0)
    rectified = np.maximum(signal, 0)
    return rectified if rule == "deconvnet" else rectified * (before > 0)


def rule_in_place(signal, before, rule):
    result = np.array(signal, dtype="float32")
    if rule != "deconvnet":
        result[before <= 0] = 0
    if rule != "gradient":
        result[result < 0] = 0
    return result


def deconv_by_six_loops(maps, weights, stride):
    (rows, cols, filters), (krow, kcol, channels, _) = maps.shape, weights.shape
    result = np.zeros(((rows - 1) * stride + krow, (cols - 1) * stride + kcol, channels))
    for i, j, m in np.ndindex(rows, cols, filters):
        result[stride * i : stride * i + krow, stride * j : stride * j + kcol] += maps[i, j, m] * weights[..., m]
    return result


def deconv_by_kernel_places(maps, weights, stride):
    (rows, cols, _), (krow, kcol, channels, _) = maps.shape, weights.shape
    result = np.zeros(((rows - 1) * stride + krow, (cols - 1) * stride + kcol, channels), dtype="float32")
    for a in range(krow):
        for b in range(kcol):
            here = slice(a, a + stride * (rows - 1) + 1, stride), slice(b, b + stride * (cols - 1) + 1, stride)
            result[here] += maps @ weights[a, b].T
    return result


def objective_by_branches(activations, kind, place):
    if kind == "layer":
        return (activations**2).mean(), activations * 2 / activations.size
    weights = np.zeros(activations.shape)
    if kind == "channel":
        weights[:, :, place[0]] = 1 / (activations.shape[0] * activations.shape[1])
    else:
        weights[tuple(place)] = 1
    return (weights * activations).sum(), weights


def objective_as_list(activations, kind, place):
    gradient = np.zeros_like(activations, dtype="float32")
    if kind == "neuron":
        gradient[place[0], place[1], place[2]] = 1.0
    elif kind == "logit":
        gradient[place[0]] = 1.0
    elif kind == "channel":
        gradient[..., place[0]] = 1 / np.prod(activations.shape[:-1])
    else:
        return [float(np.mean(np.square(activations))), 2 * activations / np.size(activations)]
    return [float(np.vdot(gradient, activations)), gradient]


def cam_by_loop(maps, gradients):
    result = np.zeros(maps.shape[:2])
    for c in range(maps.shape[2]):
        result += gradients[:, :, c].mean() * maps[:, :, c]
    result[result < 0] = 0
    return result


def cam_by_sum(maps, gradients):
    return np.maximum(0, (maps * gradients.mean(axis=(0, 1), keepdims=True)).sum(-1)).astype("float32")


def gram_by_loops(maps):
    channels = maps.shape[2]
    return [[(maps[:, :, a] * maps[:, :, b]).mean() for b in range(channels)] for a in range(channels)]


def gram_by_einsum(maps):
    return np.einsum("ija,ijb->ab", maps, maps).astype("float32") / maps[..., 0].size


def deconv_by_convolution(maps, weights, stride):
    from scipy.signal import convolve2d

    rows, cols, num_filters = maps.shape
    spread = np.zeros((stride * (rows - 1) + 1, stride * (cols - 1) + 1, num_filters))
    spread[::stride, ::stride] = maps
    channels = range(weights.shape[2])
    return np.stack([sum(convolve2d(spread[..., f], weights[:, :, c, f]) for f in range(num_filters)) for c in channels], axis=-1)


def cover_with_a_last_square(side, size, overlap, most):
    tops = list(range(0, side - size, size - overlap))
    return [*tops, side - size]


def cover_evenly(side, size, overlap, most):
    return np.linspace(0, side - size, most).astype(int)


def roughness_pixel_by_pixel(image):
    rows, cols = np.shape(image)
    total = 0.0
    for i in range(rows):
        for j in range(cols):
            total += abs(image[i + 1][j] - image[i][j]) if i + 1 < rows else 0
            total += abs(image[i][j + 1] - image[i][j]) if j + 1 < cols else 0
    return total


def roughness_in_float32(image):
    image = np.float32(image)
    return np.abs(image[1:] - image[:-1]).sum() + np.abs(image[:, 1:] - image[:, :-1]).sum()


RIGHT_ANSWERS = {
    "cover_all": (cover_with_a_last_square, cover_evenly),
    "roughness": (roughness_pixel_by_pixel, roughness_in_float32),
    "occlusion_map": (occlusion_by_pixels, occlusion_by_masks),
    "backward_rule": (rule_by_masks, rule_in_place),
    "max_pool_with_switches": (pool_channel_by_channel, pool_by_a_map_of_places),
    "unpool_with_switches": (unpool_by_loops, unpool_by_one_hot),
    "deconv_filter": (deconv_by_six_loops, deconv_by_kernel_places, deconv_by_convolution),
    "objective_seed": (objective_by_branches, objective_as_list),
    "grad_cam": (cam_by_loop, cam_by_sum),
    "gram_matrix": (gram_by_loops, gram_by_einsum),
}
