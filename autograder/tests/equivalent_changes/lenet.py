"""Changes of solutions of unit 9 that are right too."""

from tests.equivalent_changes import A_LIST, FROM_ZERO, INDEPENDENT, OTHER_TYPE, OVERWRITTEN, SAME_AXIS, SYMMETRIC

EQUIVALENT = {
    "c3_connections": {
        "return np.array([[n in column for column in columns] for n in range(num_inputs)])  →  return [[n in column for column in columns] for n in range(num_inputs)]": A_LIST,
        "return np.array([[n in column for column in columns] for n in range(num_inputs)])  →  return np.array([[n in column for column in columns] for n in range(num_inputs)], dtype=float)": OTHER_TYPE,
    },
    "masked_conv": {
        "result = np.zeros((maps.shape[0] - krow + 1, maps.shape[1] - kcol + 1, outputs))  →  result = np.ones((maps.shape[0] - krow + 1, maps.shape[1] - kcol + 1, outputs))": OVERWRITTEN,
        "result[i, j] = np.tensordot(patch, connected, axes=3) + bias  →  result[i, j] += np.tensordot(patch, connected, axes=3) + bias": FROM_ZERO,
    },
    "lenet5_parameters": {
        "rows, cols = (rows // number, cols // number)  →  rows, cols = (cols // number, rows // number)": SYMMETRIC,
        "rows, cols, channels = (1, 1, number)  →  rows, cols, channels = (number, 1, 1)": SYMMETRIC,
        "rows, cols, channels = (1, 1, number)  →  rows, cols, channels = (1, number, 1)": SYMMETRIC,
        "kernels = rest[1] if kind == 'sparse' else channels * num_maps  →  kernels = rest[-1] if kind == 'sparse' else channels * num_maps": SAME_AXIS,
        "rows, cols, channels = (rows - number + 1, cols - number + 1, num_maps)  →  rows, cols, channels = (cols - number + 1, rows - number + 1, num_maps)": SYMMETRIC,
        "counts.append(0)  →  rows, cols = (rows // number, cols // number)": INDEPENDENT,
        "counts.append(kernels * number ** 2 + num_maps)  →  rows, cols, channels = (rows - number + 1, cols - number + 1, num_maps)": INDEPENDENT,
    },
    "prepare_images": {
        "return (padded / 255 * 1.275 - 0.1).astype('float32')[..., None]  →  return (padded / 255 * 1.275 - 0.1)[..., None]": OTHER_TYPE,
    },
    "confusion": {
        "matrix = np.zeros((classes, classes), dtype=int)  →  matrix = np.zeros((classes, classes))": OTHER_TYPE,
        "matrix = np.zeros((classes, classes), dtype=int)  →  matrix = np.zeros((classes, classes), dtype=float)": OTHER_TYPE,
    },
}
