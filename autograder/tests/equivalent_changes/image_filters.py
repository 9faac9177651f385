"""Changes of solutions of unit 4 that are right too."""

from tests.equivalent_changes import A_LIST, OTHER_TYPE, SIZE_LEFT_OPEN, SYMMETRIC

EQUIVALENT = {
    "gradient_images": {
        "kernels = sobel_kernels(np.array([1, 2, 1]), np.array([1, 0, -1]))  →  kernels = sobel_kernels([1, 2, 1], np.array([1, 0, -1]))": A_LIST,
        "kernels = sobel_kernels(np.array([1, 2, 1]), np.array([1, 0, -1]))  →  kernels = sobel_kernels(np.array([1, 2, 1], dtype=float), np.array([1, 0, -1]))": OTHER_TYPE,
        "kernels = sobel_kernels(np.array([1, 2, 1]), np.array([1, 0, -1]))  →  kernels = sobel_kernels(np.array([1, 2, 1]), [1, 0, -1])": A_LIST,
        "kernels = sobel_kernels(np.array([1, 2, 1]), np.array([1, 0, -1]))  →  kernels = sobel_kernels(np.array([1, 2, 1]), np.array([1, 0, -1], dtype=float))": OTHER_TYPE,
        "zx, zy = (correlate2d(image.astype(float), kernel, mode='valid') for kernel in kernels)  →  zx, zy = (correlate2d(image, kernel, mode='valid') for kernel in kernels)": "SciPy takes the wider of two types",
    },
    "uniform_kernel": {
        "return np.full((krow, kcol), 1 / (krow * kcol))  →  return np.full((krow, kcol), 1 / (krow * kcol), dtype=float)": OTHER_TYPE,
    },
    "gauss_kernel": {
        "r = np.arange(krow)[:, None] - (krow - 1) / 2  →  r = (krow - 1) / 2 - np.arange(krow)[:, None]": "it is squared",
        "c = np.arange(kcol) - (kcol - 1) / 2  →  c = (kcol - 1) / 2 - np.arange(kcol)": "it is squared",
    },
    "sharpen": {
        "return np.clip(np.rint(sharp), 0, 255).astype(np.uint8)  →  return np.clip(np.rint(sharp), 0, 255)": OTHER_TYPE,
        "return np.clip(np.rint(sharp), 0, 255).astype(np.uint8)  →  return np.clip(0, np.rint(sharp), 255).astype(np.uint8)": "the larger of two has no order",
    },
    "learn_kernel": {
        "table = sliding_window_view(image, (krow, kcol)).reshape(-1, krow * kcol)  →  table = sliding_window_view(image, (krow, kcol)).reshape(-1 - 1, krow * kcol)": SIZE_LEFT_OPEN,
        "table = sliding_window_view(image, (krow, kcol)).reshape(-1, krow * kcol)  →  table = sliding_window_view(image, (krow, kcol)).reshape(-2, krow * kcol)": SIZE_LEFT_OPEN,
        "weights = np.linalg.lstsq(table, wanted.ravel(), rcond=None)[0]  →  weights = np.linalg.lstsq(table, wanted.ravel())[0]": "the default of NumPy 2 is the same",
    },
    "complex_cell": {
        "picture = image.astype(float)  →  picture = image": "SciPy takes the wider of two types",
        "first, second = (correlate2d(picture, kernel, mode='valid') for kernel in (even, odd))  →  first, second = (correlate2d(image, kernel, mode='valid') for kernel in (even, odd))": "SciPy takes the wider of two types",
        "first, second = (correlate2d(picture, kernel, mode='valid') for kernel in (even, odd))  →  first, second = (correlate2d(picture, kernel, mode='valid') for kernel in (odd, even))": SYMMETRIC,
    },
}
