"""Changes of right answers of unit 18 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ALIAS, FROM_ZERO, GIVEN_FLOATS, INDEPENDENT, OTHER_TYPE, OVERWRITTEN, SAME_AXIS, SYMMETRIC

FLOATS = "the results are floats anyway"
NEGATIVE = "NumPy takes any negative number for the rest"
ONLY_ONE = "there is one number only"
SAME_SHAPE = "both have the same shape"
SPREAD = "NumPy spreads the axis of length 1"

EQUIVALENT: dict[str, dict[str, str]] = {
    "roughness": {
        "steps = [np.diff(image, axis=axis) for axis in (0, 1)]  →  steps = [np.diff(image, axis=axis) for axis in (1, 0)]": SYMMETRIC,
        "steps = [np.diff(image, axis=axis) for axis in (0, 1)]  →  steps = [np.diff(image, axis=axis) for axis in (0, -1)]": SAME_AXIS,
    },
    "occlusion_map": {
        "return total / np.maximum(count, 1)  →  return total / np.maximum(1, count)": SYMMETRIC,
    },
    "backward_rule": {
        "result = np.array(signal)  →  result = signal": "nothing is written into it",
        "result = np.array(signal)  →  result = np.array(signal, dtype=float)": FLOATS,
        "result = result * (before > 0)  →  result = signal * (before > 0)": ALIAS,
        "result = np.maximum(result, 0)  →  result = np.maximum(0, result)": SYMMETRIC,
        "if rule != 'deconvnet':  →  if rule != 'gradient':": "cutting and masking may be exchanged",
    },
    "max_pool_with_switches": {
        "pooled, switches = (np.zeros(shape, maps.dtype), np.zeros(shape, int))  →  pooled, switches = (np.ones(shape, maps.dtype), np.zeros(shape, int))": OVERWRITTEN,
        "pooled, switches = (np.zeros(shape, maps.dtype), np.zeros(shape, int))  →  pooled, switches = (np.zeros(shape, maps.dtype), np.ones(shape, int))": OVERWRITTEN,
        "window = maps[top:top + size, left:left + size].reshape(-1, channels)  →  window = maps[top:top + size, left:left + size].reshape(-1 - 1, channels)": NEGATIVE,
        "window = maps[top:top + size, left:left + size].reshape(-1, channels)  →  window = maps[top:top + size, left:left + size].reshape(-2, channels)": NEGATIVE,
        "row, col = np.divmod(window.argmax(axis=0), size)  →  row, col = np.divmod(window.argmax(axis=0, keepdims=True), size)": SPREAD,
        "pooled[i, j] = window.max(axis=0)  →  pooled[i, j] = window.max(axis=0, keepdims=True)": SPREAD,
        "pooled[i, j] = window.max(axis=0)  →  pooled[i, j] += window.max(axis=0)": FROM_ZERO,
        "switches[i, j] = (top + row) * cols + left + col  →  switches[i, j] += (top + row) * cols + left + col": FROM_ZERO,
    },
    "unpool_with_switches": {
        "channels = pooled.shape[2]  →  channels = switches.shape[2]": SAME_SHAPE,
    },
    "objective_seed": {
        "gradient[..., place[0]] = 1 / activations[..., 0].size  →  gradient[..., place] = 1 / activations[..., 0].size": ONLY_ONE,
        "gradient[..., place[0]] = 1 / activations[..., 0].size  →  gradient[..., place[-1]] = 1 / activations[..., 0].size": ONLY_ONE,
        "gradient[..., place[0]] = 1 / activations[..., 0].size  →  gradient[..., place[0]] = 1 / gradient[..., 0].size": SAME_SHAPE,
        "gradient[..., place[0]] = 1 / activations[..., 0].size  →  gradient[..., place[0]] = 1 / activations[..., -1].size": "every channel has the same size",
        "if kind == 'layer':  →  gradient = np.zeros(activations.shape)": INDEPENDENT,
        "gradient[..., place[0]] = 1 / activations[..., 0].size  →  gradient[..., place[0]] += 1 / activations[..., 0].size": FROM_ZERO,
        "gradient[tuple(place)] = 1  →  gradient[tuple(place)] += 1": FROM_ZERO,
    },
    "grad_cam": {
        "alpha = np.mean(gradients, axis=(0, 1))  →  alpha = np.mean(gradients, axis=(0, 1), keepdims=True)": SPREAD,
        "alpha = np.mean(gradients, axis=(0, 1))  →  alpha = np.mean(gradients, axis=(1, 0))": SYMMETRIC,
        "return np.maximum(np.sum(maps * alpha, axis=2), 0)  →  return np.maximum(0, np.sum(maps * alpha, axis=2))": SYMMETRIC,
        "return np.maximum(np.sum(maps * alpha, axis=2), 0)  →  return np.maximum(np.sum(maps * alpha, axis=-1), 0)": SAME_AXIS,
    },
    "gram_matrix": {
        "flat = np.reshape(maps, (-1, maps.shape[2]))  →  flat = np.reshape(maps, (-2, maps.shape[2]))": NEGATIVE,
        "return flat.T @ flat / len(flat)  →  return flat.T @ (flat / len(flat))": "divided before the product or behind it",
    },
}

EQUIVALENT_OF_OTHERS = {
    "deconv_filter": {
        "here = (slice(a, a + stride * (rows - 1) + 1, stride), slice(b, b + stride * (cols - 1) + 1, stride))  →  here = (slice(a, a + (stride * rows - 1) + 1, stride), slice(b, b + stride * (cols - 1) + 1, stride))": "the end lies before the next place",
        "here = (slice(a, a + stride * (rows - 1) + 1, stride), slice(b, b + stride * (cols - 1) + 1, stride))  →  here = (slice(a, a + stride * (rows - 1) + 1, stride), slice(b, b + (stride * cols - 1) + 1, stride))": "the end lies before the next place",
        "for i, j, m in np.ndindex(rows, cols, filters):  →  for i, j, m in np.ndindex(rows, cols, _):": ALIAS,
    },
    "occlusion_map": {
        "mask[tops[i]:tops[i] + size, lefts[j]:lefts[j] + size] = 1  →  mask[tops[i]:tops[i] + size, lefts[j]:lefts[j] + size] = 2": "sum and count are both twice as large",
    },
    "backward_rule": {
        "if rule == 'gradient':  →  rectified = np.maximum(signal, 0)": "what is worked out is not used there",
        "result = np.array(signal, dtype='float32')  →  result = np.array(signal)": GIVEN_FLOATS,
        "result[result < 0] = 0  →  result[signal < 0] = 0": ALIAS,
        "if rule != 'deconvnet':  →  if rule != 'gradient':": "only one of the two conditions holds for each rule",
    },
    "max_pool_with_switches": {
        "names = [places[i:i + size, j:j + size].ravel() for j in range(0, cols - size + 1, stride)]  →  names = [places[i:i + size + 1, j:j + size].ravel() for j in range(0, cols - size + 1, stride)]": "places behind the window's own are not asked for",
        "names = [places[i:i + size, j:j + size].ravel() for j in range(0, cols - size + 1, stride)]  →  names = [places[i:rows + size, j:j + size].ravel() for j in range(0, cols - size + 1, stride)]": "places behind the window's own are not asked for",
        "names = [places[i:i + size, j:j + size].ravel() for j in range(0, cols - size + 1, stride)]  →  names = [places[i:i + rows, j:j + size].ravel() for j in range(0, cols - size + 1, stride)]": "places behind the window's own are not asked for",
        "names = [places[i:i + size, j:j + size].ravel() for j in range(0, cols - size + 1, stride)]  →  names = [places[i:i + cols, j:j + size].ravel() for j in range(0, cols - size + 1, stride)]": "places behind the window's own are not asked for",
        "pooled.append([window.max(axis=0) for window in windows])  →  switches.append([name[window.argmax(axis=0)] for name, window in zip(names, windows, strict=True)])": INDEPENDENT,
    },
    "unpool_with_switches": {
        "hot = np.eye(rows * cols, dtype='float32')[switches]  →  hot = np.eye(rows * cols, dtype=int)[switches]": OTHER_TYPE,
    },
    "objective_seed": {
        "weights[:, :, place[0]] = 1 / (activations.shape[0] * activations.shape[1])  →  weights[:, :, place] = 1 / (activations.shape[0] * activations.shape[1])": "a tuple of one place means the same",
        "if kind == 'layer':  →  weights = np.zeros(activations.shape)": "what is worked out is not used there",
        "gradient[place[0]] = 1.0  →  gradient[place] = 1.0": "a tuple of one place means the same",
        "gradient[..., place[0]] = 1 / np.prod(activations.shape[:-1])  →  gradient[..., place] = 1 / np.prod(activations.shape[:-1])": "a tuple of one place means the same",
        "return [float(np.mean(np.square(activations))), 2 * activations / np.size(activations)]  →  return [float(np.mean(np.square(activations))), 2 * activations / np.size(gradient)]": SAME_SHAPE,
        "return [float(np.vdot(gradient, activations)), gradient]  →  return [float(np.vdot(activations, gradient)), gradient]": SYMMETRIC,
    },
    "roughness": {
        "total += abs(image[i + 1][j] - image[i][j]) if i + 1 < rows else 0  →  total += abs(image[i][j + 1] - image[i][j]) if j + 1 < cols else 0": SYMMETRIC,
        "image = np.float32(image)  →  image = image": GIVEN_FLOATS,
        "image = np.float32(image)  →  return np.abs(image[1:] - image[:-1]).sum() + np.abs(image[:, 1:] - image[:, :-1]).sum()": GIVEN_FLOATS,
    },
    "gram_matrix": {
        "return np.einsum('ija,ijb->ab', maps, maps).astype('float32') / maps[..., 0].size  →  return np.einsum('ija,ijb->ab', maps, maps).astype('float32') / maps[..., -1].size": "all maps are of one size",
    },
}
