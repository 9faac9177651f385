"""Changes of right answers of unit 18 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ALIAS, GIVEN_FLOATS, INDEPENDENT, OTHER_TYPE, SAME_AXIS, SYMMETRIC

ONLY_ONE = "there is one number only"
SAME_SHAPE = "both have the same shape"

EQUIVALENT: dict[str, dict[str, str]] = {
    "roughness": {
        "steps = [np.diff(image, axis=axis) for axis in (0, 1)]  →  steps = [np.diff(image, axis=axis) for axis in (1, 0)]": SYMMETRIC,
        "steps = [np.diff(image, axis=axis) for axis in (0, 1)]  →  steps = [np.diff(image, axis=axis) for axis in (0, -1)]": SAME_AXIS,
    },
    "backward_rule": {
        "if rule != 'deconvnet':  →  if rule != 'gradient':": "cutting and masking may be exchanged",
    },
    "objective_seed": {
        "gradient[..., place[0]] = 1 / activations[..., 0].size  →  gradient[..., place] = 1 / activations[..., 0].size": ONLY_ONE,
        "gradient[..., place[0]] = 1 / activations[..., 0].size  →  gradient[..., place[0]] = 1 / gradient[..., 0].size": SAME_SHAPE,
        "gradient[..., place[0]] = 1 / activations[..., 0].size  →  gradient[..., place[0]] = 1 / activations[..., -1].size": "every channel has the same size",
        "if kind == 'layer':  →  gradient = np.zeros(activations.shape)": INDEPENDENT,
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
        "gradient = np.zeros_like(activations, dtype='float32')  →  gradient = np.zeros_like(activations)": GIVEN_FLOATS,
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
