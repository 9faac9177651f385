"""Changes of right answers of unit 25 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ALIAS, FROM_ZERO, INDEPENDENT, OTHER_TYPE, SAME_AXIS, SAME_SHAPE, SYMMETRIC

A_VIEW = "a view sees what is added later"
FIRST_IS_0 = "the first place is 0"
SLOWER = "slower, but the same numbers"

EQUIVALENT: dict[str, dict[str, str]] = {
    "diagonal_view": {
        "return ((min(rows, cols),), (cols + 1,))  →  return ((min(cols, rows),), (cols + 1,))": SYMMETRIC,
    },
    "conv_by_einsum": {
        "windows = sliding_window_view(framed, weights.shape[:2], axis=(1, 2))  →  windows = sliding_window_view(framed, weights.shape[:-2], axis=(1, 2))": SAME_AXIS,
        "windows = sliding_window_view(framed, weights.shape[:2], axis=(1, 2))  →  windows = sliding_window_view(framed, weights.shape[:2], axis=(1, -2))": SAME_AXIS,
        "return np.einsum('bijckl,klcm->bijm', kept, weights, optimize=True)  →  return np.einsum('bijckl,klcm->bijm', kept, weights)": SLOWER,
        "return np.einsum('bijckl,klcm->bijm', kept, weights, optimize=True)  →  return np.einsum('bijckl,klcm->bijm', kept, weights, optimize=False)": SLOWER,
    },
    "fold_windows": {
        "places = sliding_window_view(places, patches.shape[2:])[::stride, ::stride]  →  places = sliding_window_view(places, patches.shape[-2:])[::stride, ::stride]": SAME_AXIS,
    },
    "conv_backward": {
        "grad_framed, grad_weights = (np.zeros(framed.shape), np.zeros(weights.shape))  →  grad_framed, grad_weights = (np.zeros(framed.shape), np.ones(weights.shape))": "every weight's gradient is written afterwards",
        "for k1, k2 in np.ndindex(*weights.shape[:2]):  →  for k1, k2 in np.ndindex(*grad_weights.shape[:2]):": SAME_SHAPE,
        "for k1, k2 in np.ndindex(*weights.shape[:2]):  →  for k1, k2 in np.ndindex(*weights.shape[:-2]):": SAME_AXIS,
        "for k1, k2 in np.ndindex(*weights.shape[:2]):  →  grad_inputs = grad_framed[:, padding:, padding:]": A_VIEW,
        "grad_inputs = grad_framed[:, padding:, padding:]  →  grad_inputs = grad_framed[:, padding:, padding:]": A_VIEW,
        "return (grad_inputs[:, :inputs.shape[1], :inputs.shape[2]], grad_weights)  →  return (grad_inputs[:, :inputs.shape[1], :inputs.shape[-2]], grad_weights)": SAME_AXIS,
        "rows, cols = stride * np.array(grad_output.shape[1:3])  →  for k1, k2 in np.ndindex(*weights.shape[:2]):": INDEPENDENT,
        "grad_weights[k1, k2] = np.einsum('bijc,bijm->cm', framed[met], grad_output)  →  grad_weights[k1, k2] += np.einsum('bijc,bijm->cm', framed[met], grad_output)": FROM_ZERO,
    },
}

EQUIVALENT_OF_OTHERS = {
    "diagonal_view": {
        "length = 0  →  length = 1": "it is counted on to the same end",
        "length = 0  →  length = -1": "it is counted on to the same end",
        "places = [row * cols + row for row in range(rows) if row < cols]  →  places = [row * (cols + row) for row in range(rows) if row < cols]": "only the first two places and their number are used",
        "return (np.array([len(places)]), np.array([places[1] - places[0]]))  →  return (np.array([len(places)]), np.array([places[1] + places[0]]))": FIRST_IS_0,
        "return (np.array([len(places)]), np.array([places[1] - places[0]]))  →  return (np.array([len(places)]), np.array([places[1]]))": FIRST_IS_0,
    },
    "windows_view": {
        "down, right = (places[1, 0] - places[0, 0], places[0, 1] - places[0, 0])  →  down, right = (places[1, 0] + places[0, 0], places[0, 1] - places[0, 0])": FIRST_IS_0,
        "down, right = (places[1, 0] - places[0, 0], places[0, 1] - places[0, 0])  →  down, right = (places[1, 0], places[0, 1] - places[0, 0])": FIRST_IS_0,
        "down, right = (places[1, 0] - places[0, 0], places[0, 1] - places[0, 0])  →  down, right = (places[1, 0] - places[0, 0], places[0, 1] + places[0, 0])": FIRST_IS_0,
        "down, right = (places[1, 0] - places[0, 0], places[0, 1] - places[0, 0])  →  down, right = (places[1, 0] - places[0, 0], places[0, 1])": FIRST_IS_0,
        "shape = np.array([(rows - krow) // stride + 1, (cols - kcol) // stride + 1, krow, kcol])  →  shape = np.array([(rows - krow) // stride + 1, (down - kcol) // stride + 1, krow, kcol])": ALIAS,
        "return (shape, np.array([stride * down, stride * right, down, right]))  →  return (shape, np.array([stride * cols, stride * right, down, right]))": ALIAS,
        "return (shape, np.array([stride * down, stride * right, down, right]))  →  return (shape, np.array([stride * down, stride * right, cols, right]))": ALIAS,
        "return (shape, np.array([stride * down, stride * right, down, right]))  →  return (shape, np.array([stride * down, stride / right, down, right]))": "the next place is 1 further",
        "return (shape, np.array([stride * down, stride * right, down, right]))  →  return (shape, np.array([stride * down, stride, down, right]))": "the next place is 1 further",
    },
    "conv_by_einsum": {
        "padded = np.pad(inputs, [(0, 0), (padding, padding), (padding, padding), (0, 0)])  →  padded = np.pad(inputs, [(0, 1), (padding, padding), (padding, padding), (0, 0)])": "an image more, which nobody reads",
        "return np.tensordot(windows, weights.astype(np.float32), axes=((4, 5, 3), (0, 1, 2)))  →  return np.tensordot(windows, weights, axes=((4, 5, 3), (0, 1, 2)))": OTHER_TYPE,
        "return np.tensordot(windows, weights.astype(np.float32), axes=((4, 5, 3), (0, 1, 2)))  →  return np.tensordot(windows, weights.astype(np.float32), axes=((4, 5, -3), (0, 1, 2)))": SAME_AXIS,
        "return np.tensordot(windows, weights.astype(np.float32), axes=((4, 5, 3), (0, 1, 2)))  →  return np.tensordot(windows, weights.astype(np.float32), axes=((4, 5, 3), (0, 1, -2)))": SAME_AXIS,
    },
}
