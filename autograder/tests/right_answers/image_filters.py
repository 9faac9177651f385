"""Other right ways to answer unit 04."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import correlate1d
from scipy.signal import convolve2d, correlate2d


def sobel_with_column(smooth, difference):
    gx = smooth[:, None] * difference[None, :]
    return gx, np.transpose(gx)


def sobel_as_lists(smooth, difference):
    gx = [[s * d for d in difference] for s in smooth]
    return [gx, [list(column) for column in zip(*gx, strict=True)]]


def gradients_with_flipped_convolution(image):
    gx = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    return tuple(convolve2d(image.astype(np.float32), np.flip(g), mode="valid") for g in (gx, gx.T))


def gradients_with_slices(image):
    a = image.astype(int) if image.dtype == np.uint8 else image
    rows = a[:-2] + 2 * a[1:-1] + a[2:]
    cols = a[:, :-2] + 2 * a[:, 1:-1] + a[:, 2:]
    return rows[:, :-2] - rows[:, 2:], cols[:-2] - cols[2:]


def gradients_in_whole_numbers_where_it_may(image):
    numbers = image if image.dtype.kind == "f" else np.asarray(image, dtype=np.int64)
    return [correlate2d(numbers, gx, mode="valid") for gx in sobel_with_column(np.array([1, 2, 1]), np.array([1, 0, -1]))]


def edge_with_hypot(gx, gy):
    return np.hypot(gx, gy), np.arctan2(gy, gx)


def edge_with_complex_numbers(gx, gy):
    arrows = gx + 1j * gy
    return [np.abs(arrows), np.angle(arrows)]


def uniform_by_division(krow, kcol):
    return np.ones((krow, kcol), dtype=np.float32) / (krow * kcol)


def uniform_as_lists(krow, kcol):
    return [[1 / krow / kcol] * kcol for _ in range(krow)]


def gauss_with_loops(krow, kcol, sig):
    kernel = np.zeros((krow, kcol))
    for i in range(krow):
        for j in range(kcol):
            kernel[i, j] = np.exp(-((i - (krow - 1) / 2) ** 2 + (j - (kcol - 1) / 2) ** 2) / (2 * sig**2))
    return kernel / np.sum(kernel)


def gauss_as_a_product(krow, kcol, sig):
    lines = [np.exp(-0.5 * (np.linspace(-(k - 1) / 2, (k - 1) / 2, k) / sig) ** 2) for k in (krow, kcol)]
    return np.outer(*(line / line.sum() for line in lines))


def separable_with_the_whole_kernel(image, column, row):
    return (sliding_window_view(image, (len(column), len(row))) * np.outer(column, row)).sum(axis=(2, 3))


def separable_row_first(image, column, row):
    across = sliding_window_view(image, len(row), axis=1) @ row
    return sliding_window_view(across, len(column), axis=0) @ column


def separable_with_ndimage(image, column, row):
    down = correlate1d(image.astype(float), column, axis=0)[len(column) // 2 :][: image.shape[0] - len(column) + 1]
    return correlate1d(down, row, axis=1)[:, len(row) // 2 :][:, : image.shape[1] - len(row) + 1]


def bank_with_loops(G, C):
    W = np.zeros((*G.shape, C.shape[1], C.shape[0]))
    for k in range(C.shape[1]):
        for filter in range(C.shape[0]):
            W[:, :, k, filter] = G * C[filter, k]
    return W


def bank_with_tensordot(G, C):
    return np.tensordot(G, C.T, axes=0)


def gabor_with_meshgrid(size, wavelength, angle, sigma, phase):
    line = np.arange(-(size // 2), size // 2 + 1)
    c, r = np.meshgrid(line, line)
    across = c * np.cos(angle) + r * np.sin(angle)
    along = -c * np.sin(angle) + r * np.cos(angle)
    return np.exp(-0.5 * (across**2 + along**2) / sigma**2) * np.cos(2 * np.pi / wavelength * across + phase)


def gabor_with_loops(size, wavelength, angle, sigma, phase):
    kernel = np.empty((size, size), dtype=np.float32)
    for i in range(size):
        for j in range(size):
            r, c = i - size // 2, j - size // 2
            wave = np.cos(2 * np.pi * (c * np.cos(angle) + r * np.sin(angle)) / wavelength + phase)
            kernel[i, j] = np.exp(-(r * r + c * c) / (2 * sigma**2)) * wave
    return kernel


def cell_with_windows(image, even, odd):
    windows = sliding_window_view(image.astype(float), even.shape)
    return sum(np.einsum("ijkl,kl->ij", windows, kernel) ** 2 for kernel in (even, odd))


def cell_with_complex_numbers(image, even, odd):
    answer = (sliding_window_view(image, even.shape) * (even + 1j * odd)).sum(axis=(2, 3))
    return (answer * answer.conj()).real


def sharpen_with_where(image, blurred, amount):
    sharp = np.rint(image + amount * (image - blurred))
    sharp = np.where(sharp > 255, 255, sharp)
    return np.where(sharp < 0, 0, sharp).astype(np.uint8)


def sharpen_pixel_by_pixel(image, blurred, amount):
    result = np.zeros(image.shape, dtype=np.uint8)
    for i, j in np.ndindex(*image.shape):
        value = round(float(image[i, j]) + amount * (float(image[i, j]) - blurred[i, j]))
        result[i, j] = min(max(value, 0), 255)
    return result


def learn_by_normal_equations(image, wanted, krow, kcol):
    table = np.array([window.ravel() for row in sliding_window_view(image, (krow, kcol)) for window in row])
    return np.linalg.solve(table.T @ table, table.T @ wanted.ravel()).reshape(krow, kcol)


def learn_by_pseudo_inverse(image, wanted, krow, kcol):
    table = sliding_window_view(image, (krow, kcol)).reshape(wanted.size, -1)
    return (np.linalg.pinv(table) @ wanted.ravel()).reshape(krow, kcol).tolist()


def choosy_step_by_step(liked, ignored):
    ones = np.ones(liked.shape)
    ones /= np.linalg.norm(ones)
    ignored = ignored - ones * np.sum(ones * ignored)
    ignored /= np.linalg.norm(ignored)
    kernel = liked - ones * np.sum(ones * liked) - ignored * np.sum(ignored * liked)
    return kernel * 1.5 / np.sum(kernel * liked)


def choosy_by_null_space(liked, ignored):
    rows = np.array([ignored.ravel(), np.ones(liked.size)])
    free = np.linalg.svd(rows)[2][2:]
    kernel = free.T @ (free @ liked.ravel())
    return (7 * kernel / (kernel @ liked.ravel())).reshape(liked.shape).astype(np.float32)


RIGHT_ANSWERS = {
    "sharpen": (sharpen_with_where, sharpen_pixel_by_pixel),
    "learn_kernel": (learn_by_normal_equations, learn_by_pseudo_inverse),
    "choosy_kernel": (choosy_step_by_step, choosy_by_null_space),
    "sobel_kernels": (sobel_with_column, sobel_as_lists),
    "gradient_images": (gradients_with_flipped_convolution, gradients_with_slices, gradients_in_whole_numbers_where_it_may),
    "edge_magnitude_direction": (edge_with_hypot, edge_with_complex_numbers),
    "uniform_kernel": (uniform_by_division, uniform_as_lists),
    "gauss_kernel": (gauss_with_loops, gauss_as_a_product),
    "separable_filter": (separable_with_the_whole_kernel, separable_row_first, separable_with_ndimage),
    "color_filter_bank": (bank_with_loops, bank_with_tensordot),
    "gabor_kernel": (gabor_with_meshgrid, gabor_with_loops),
    "complex_cell": (cell_with_windows, cell_with_complex_numbers),
}
