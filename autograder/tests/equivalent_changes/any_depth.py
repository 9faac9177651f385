"""Changes of right answers of unit 25 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import FROM_ZERO, INDEPENDENT, SAME_AXIS, SAME_SHAPE, SYMMETRIC

A_VIEW = "a view sees what is added later"
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
