"""Changes of right answers of unit 4 that are right too."""

from tests.equivalent_changes import OTHER_TYPE, SYMMETRIC

EQUIVALENT = {
    "gauss_kernel": {
        "r = np.arange(krow)[:, None] - (krow - 1) / 2  →  r = (krow - 1) / 2 - np.arange(krow)[:, None]": "it is squared",
        "c = np.arange(kcol) - (kcol - 1) / 2  →  c = (kcol - 1) / 2 - np.arange(kcol)": "it is squared",
    },
    "sharpen": {
        "return np.clip(np.rint(sharp), 0, 255).astype(np.uint8)  →  return np.clip(np.rint(sharp), 0, 255)": OTHER_TYPE,
    },
    "complex_cell": {
        "first, second = (correlate2d(picture, kernel, mode='valid') for kernel in (even, odd))  →  first, second = (correlate2d(picture, kernel, mode='valid') for kernel in (odd, even))": SYMMETRIC,
    },
}

EQUIVALENT_OF_OTHERS = {
    "sobel_kernels": {
        "gx = smooth[:, None] * difference[None, :]  →  gx = smooth[:, None] @ difference[None, :]": "a column times a row: one product for each pair",
        "gx = smooth[:, None] * difference[None, :]  →  gx = smooth[:, None] * difference": "NumPy makes the row of it",
    },
    "gradient_images": {
        "rows = a[:-2] + 2 * a[1:-1] + a[2:]  →  rows = image[:-2] + 2 * a[1:-1] + a[2:]": "one end of three is a byte; the sum is made with the other numbers' type",
        "rows = a[:-2] + 2 * a[1:-1] + a[2:]  →  rows = a[:-2] + 2 * a[1:-1] + image[2:]": "one end of three is a byte; the sum is made with the other numbers' type",
        "cols = a[:, :-2] + 2 * a[:, 1:-1] + a[:, 2:]  →  cols = image[:, :-2] + 2 * a[:, 1:-1] + a[:, 2:]": "one end of three is a byte; the sum is made with the other numbers' type",
        "cols = a[:, :-2] + 2 * a[:, 1:-1] + a[:, 2:]  →  cols = a[:, :-2] + 2 * a[:, 1:-1] + image[:, 2:]": "one end of three is a byte; the sum is made with the other numbers' type",
        "numbers = image if image.dtype.kind == 'f' else np.asarray(image, dtype=np.int64)  →  numbers = image": "correlate2d makes the kernel's type of a photograph",
        "return [correlate2d(numbers, gx, mode='valid') for gx in sobel_with_column(np.array([1, 2, 1]), np.array([1, 0, -1]))]  →  return [correlate2d(image, gx, mode='valid') for gx in sobel_with_column(np.array([1, 2, 1]), np.array([1, 0, -1]))]": "correlate2d makes the kernel's type of a photograph",
    },
    "uniform_kernel": {
        "return np.ones((krow, kcol), dtype=np.float32) / (krow * kcol)  →  return np.ones((krow, kcol), dtype=int) / (krow * kcol)": OTHER_TYPE,
    },
    "gauss_kernel": {
        "lines = [np.exp(-0.5 * (np.linspace(-(k - 1) / 2, (k - 1) / 2, k) / sig) ** 2) for k in (krow, kcol)]  →  lines = [np.exp(-0.5 * (np.linspace((k - 1) / 2, -(k - 1) / 2, k) / sig) ** 2) for k in (krow, kcol)]": "the same line from the other end",
    },
    "separable_filter": {
        "return correlate1d(down, row, axis=1)[:, len(row) // 2:][:, :image.shape[1] - len(row) + 1]  →  return correlate1d(down, row)[:, len(row) // 2:][:, :image.shape[1] - len(row) + 1]": "the library counts from the end",
    },
    "sharpen": {
        "sharp = np.where(sharp > 255, 255, sharp)  →  sharp = np.where(sharp >= 255, 255, sharp)": "what is 255 becomes 255 either way; rounded numbers lie on no fraction",
        "sharp = np.where(sharp > 255, 255, sharp)  →  sharp = np.where(sharp + 1 > 255, 255, sharp)": "what is 255 becomes 255 either way; rounded numbers lie on no fraction",
        "sharp = np.where(sharp > 255, 255, sharp)  →  sharp = np.where(sharp > 254, 255, sharp)": "what is 255 becomes 255 either way; rounded numbers lie on no fraction",
        "return np.where(sharp < 0, 0, sharp).astype(np.uint8)  →  return np.where(sharp < 0, 0, sharp)": OTHER_TYPE,
        "return np.where(sharp < 0, 0, sharp).astype(np.uint8)  →  return np.where(sharp - 1 < 0, 0, sharp).astype(np.uint8)": "what is 0 becomes 0 either way; rounded numbers lie on no fraction",
        "return np.where(sharp < 0, 0, sharp).astype(np.uint8)  →  return np.where(sharp < 1, 0, sharp).astype(np.uint8)": "what is 0 becomes 0 either way; rounded numbers lie on no fraction",
    },
    "color_filter_bank": {
        "return np.tensordot(G, C.T, axes=0)  →  return np.tensordot(G, C.T, axes=-1)": "both mean the outer product",
    },
    "gabor_kernel": {
        "across = c * np.cos(angle) + r * np.sin(angle)  →  across = line * np.cos(angle) + r * np.sin(angle)": "the line broadcasts as it did before",
        "along = -c * np.sin(angle) + r * np.cos(angle)  →  along = -line * np.sin(angle) + r * np.cos(angle)": "the line broadcasts as it did before",
    },
    "complex_cell": {
        "return sum((np.einsum('ijkl,kl->ij', windows, kernel) ** 2 for kernel in (even, odd)))  →  return sum((np.einsum('ijkl,kl->ij', windows, kernel) ** 2 for kernel in (odd, even)))": SYMMETRIC,
        "answer = (sliding_window_view(image, even.shape) * (even + 1j * odd)).sum(axis=(2, 3))  →  answer = (sliding_window_view(image, even.shape) * (even - 1j * odd)).sum(axis=(2, 3))": "the size of a number does not change with the sign of its second part",
    },
}
