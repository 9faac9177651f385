"""Other right ways to answer unit 03."""

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.lib.stride_tricks import sliding_window_view


def flip_with_numpy(kernel):
    return np.flip(kernel)


def flip_as_lists(kernel):
    return [list(reversed(row)) for row in reversed(kernel.tolist())]


def valid_four_loops(image, kernel, reversal=False):
    rows, cols = kernel.shape
    result = [[0.0] * (image.shape[1] - cols + 1) for _ in range(image.shape[0] - rows + 1)]
    for i, line in enumerate(result):
        for j in range(len(line)):
            for k in range(rows):
                for m in range(cols):
                    weight = kernel[rows - 1 - k, cols - 1 - m] if reversal else kernel[k, m]
                    line[j] += weight * image[i + k, j + m]
    return result


def valid_with_windows(image, kernel, reversal=False):
    weights = np.rot90(kernel, 2) if reversal else kernel
    return np.tensordot(sliding_window_view(image, kernel.shape), weights.astype(np.float32), axes=2)


def valid_by_fourier(image, kernel, reversal=False):
    weights = kernel if reversal else kernel[::-1, ::-1]
    whole = full_by_fourier(image, weights)
    return whole[len(kernel) - 1 : len(image), kernel.shape[1] - 1 : image.shape[1]]


def pad_with_concatenate(image, rows, cols):
    wide = np.concatenate([np.zeros((len(image), cols)), image, np.zeros((len(image), cols))], axis=1)
    frame = np.zeros((rows, wide.shape[1]))
    return np.concatenate([frame, wide, frame], axis=0)


def pad_as_lists(image, rows, cols):
    width = image.shape[1] + 2 * cols
    middle = [[0] * cols + list(line) + [0] * cols for line in image]
    return [[0] * width for _ in range(rows)] + middle + [[0] * width for _ in range(rows)]


def same_with_pad(image, kernel):
    frame = [((size - 1) // 2, size // 2) for size in kernel.shape]
    return valid_with_windows(np.pad(image, frame), kernel)


def same_by_fourier(image, kernel):
    frame = [((size - 1) // 2, size // 2) for size in kernel.shape]
    return scipy.signal.fftconvolve(np.pad(image, frame), np.flip(kernel), mode="valid")


def same_by_library(image, kernel):
    frame = [((size - 1) // 2, size // 2) for size in kernel.shape]
    return scipy.signal.correlate2d(np.pad(image, frame), kernel, mode="valid")


def same_by_looking_outside(image, kernel):
    top, left = (kernel.shape[0] - 1) // 2, (kernel.shape[1] - 1) // 2
    result = np.zeros(image.shape)
    for i, j in np.ndindex(*image.shape):
        for k, m in np.ndindex(*kernel.shape):
            row, col = i + k - top, j + m - left
            if 0 <= row < image.shape[0] and 0 <= col < image.shape[1]:
                result[i, j] += kernel[k, m] * image[row, col]
    return result


def full_by_adding_copies(image, kernel):
    result = np.zeros((image.shape[0] + kernel.shape[0] - 1, image.shape[1] + kernel.shape[1] - 1))
    for k, m in np.ndindex(*kernel.shape):
        result[k : k + image.shape[0], m : m + image.shape[1]] += kernel[k, m] * image
    return result


def full_by_fourier(image, kernel):
    shape = [a + b - 1 for a, b in zip(image.shape, kernel.shape, strict=True)]
    return np.fft.irfft2(np.fft.rfft2(image, shape) * np.fft.rfft2(kernel, shape), shape)


def size_by_counting(size, kernel, stride, padding):
    places, start = 0, -padding
    while start + kernel <= size + padding:
        places, start = places + 1, start + stride
    return places


def size_with_floor(size, kernel, stride, padding):
    return np.floor((size + 2 * padding - kernel) / stride) + 1


def strided_by_thinning(image, kernel, stride, padding):
    return valid_with_windows(np.pad(image, padding), kernel)[::stride, ::stride]


def strided_with_windows(image, kernel, stride, padding):
    windows = sliding_window_view(np.pad(image, padding), kernel.shape)[::stride, ::stride]
    return (windows * kernel).sum(axis=(2, 3)).tolist()


def strided_by_library(image, kernel, stride, padding):
    return scipy.signal.correlate2d(np.pad(image, padding), kernel, mode="valid")[::stride, ::stride]


def im2col_with_loops(image, kernel_rows, kernel_cols):
    table = []
    for i in range(image.shape[0] - kernel_rows + 1):
        for j in range(image.shape[1] - kernel_cols + 1):
            table.append(image[i : i + kernel_rows, j : j + kernel_cols].flatten())
    return table


def im2col_by_indices(image, kernel_rows, kernel_cols):
    rows, cols = image.shape[0] - kernel_rows + 1, image.shape[1] - kernel_cols + 1
    i = np.repeat(np.arange(rows), cols)[:, None] + np.repeat(np.arange(kernel_rows), kernel_cols)
    j = np.tile(np.arange(cols), rows)[:, None] + np.tile(np.arange(kernel_cols), kernel_rows)
    return image[i, j]


def bank_one_by_one(image, kernels):
    return [valid_with_windows(image, kernel) for kernel in kernels]


def bank_with_einsum(image, kernels):
    return np.einsum("ijkl,nkl->nij", sliding_window_view(image, kernels.shape[1:]), kernels)


def bank_by_library(image, kernels):
    return np.array([scipy.signal.correlate2d(image, kernel, mode="valid") for kernel in kernels])


def score_by_corrcoef(image, template):
    rows, cols = template.shape
    scores = np.zeros((image.shape[0] - rows + 1, image.shape[1] - cols + 1))
    for i, j in np.ndindex(*scores.shape):
        window = image[i : i + rows, j : j + cols]
        if np.ptp(window) > 0:
            scores[i, j] = np.corrcoef(window.ravel(), template.ravel())[0, 1]
    return scores


def score_with_loops(image, template):
    rows, cols = template.shape
    pattern = template - template.mean()
    scores = np.zeros((image.shape[0] - rows + 1, image.shape[1] - cols + 1))
    for i, j in np.ndindex(*scores.shape):
        window = image[i : i + rows, j : j + cols]
        window = window - window.mean()
        length = np.linalg.norm(window) * np.linalg.norm(pattern)
        scores[i, j] = (window * pattern).sum() / length if length > 1e-9 else 0.0
    return scores


def score_by_sums_of_squares(image, template):
    windows, n = sliding_window_view(image, template.shape), template.size
    spread = np.maximum((windows**2).sum(axis=(2, 3)) - windows.sum(axis=(2, 3)) ** 2 / n, 0)
    pattern = template - template.mean()
    products = (windows * pattern).sum(axis=(2, 3))
    return np.where(spread > 1e-6, products / np.sqrt(np.maximum(spread, 1e-6) * (pattern**2).sum()), 0)


def locate_everywhere(scores, threshold, reach):
    places = []
    for i in range(scores.shape[0]):
        for j in range(scores.shape[1]):
            near = scores[max(0, i - reach) : i + reach + 1, max(0, j - reach) : j + reach + 1]
            if scores[i, j] >= threshold and not (near > scores[i, j]).any():
                places.append([i, j])
    return places


def locate_by_padding(scores, threshold, reach):
    padded = np.pad(scores, reach, constant_values=-np.inf)
    best = sliding_window_view(padded, (2 * reach + 1, 2 * reach + 1)).max(axis=(2, 3))
    return np.transpose(np.nonzero((scores >= best) & (scores >= threshold)))


def locate_by_maximum_filter(scores, threshold, reach):
    best = scipy.ndimage.maximum_filter(scores, size=2 * reach + 1)
    return np.argwhere((scores == best) & (scores >= threshold))


def mean_with_loops(image, size):
    half, result = size // 2, []
    for i in range(image.shape[0]):
        row = []
        for j in range(image.shape[1]):
            near = image[max(0, i - half) : i + half + 1, max(0, j - half) : j + half + 1]
            row.append(near.sum() / near.size)
        result.append(row)
    return result


def mean_of_what_is_no_nan(image, size):
    half = size // 2
    padded = np.pad(image.astype(float), half, constant_values=np.nan)
    return np.nanmean(sliding_window_view(padded, (size, size)), axis=(2, 3))


def mean_of_counted_pixels(image, size):
    rows, cols = image.shape
    half = size // 2
    high = np.minimum(np.arange(rows) + half, rows - 1) - np.maximum(np.arange(rows) - half, 0) + 1
    wide = np.minimum(np.arange(cols) + half, cols - 1) - np.maximum(np.arange(cols) - half, 0) + 1
    return scipy.signal.correlate2d(image, np.ones((size, size)), mode="same") / np.outer(high, wide)


def layer_by_formula(size, places):
    stride = max(1, round(size / places))
    reach = size - (places - 1) * stride
    padding = 0
    while reach + 2 * padding < max(3, stride):
        padding += 1
    return [reach + 2 * padding, stride, padding]


def layer_with_the_largest_kernel(size, places):
    for kernel in range(11, 2, -1):
        for stride in range(kernel, 0, -1):
            for padding in range(kernel):
                steps, left = divmod(size + 2 * padding - kernel, stride)
                if steps + 1 == places and left == 0:
                    return np.array([kernel, stride, padding])
    return None


def breaks_column_by_column(scene, kernel, stride, padding, steps):
    first = strided_by_thinning(scene[:, : scene.shape[1] - steps], kernel, stride, padding)
    second = strided_by_thinning(scene[:, steps:], kernel, stride, padding)
    answers = []
    for j in range(second.shape[1] - steps // stride):
        answers.append(max(abs(first[:, j + steps // stride] - second[:, j])) > 1e-9)
    return answers


def breaks_by_allclose(scene, kernel, stride, padding, steps):
    maps = [strided_by_library(view, kernel, stride, padding).T for view in (scene[:, :-steps], scene[:, steps:])]
    return np.array([not np.allclose(a, b) for a, b in zip(maps[0][steps // stride :], maps[1], strict=False)])


RIGHT_ANSWERS = {
    "local_mean": (mean_with_loops, mean_of_what_is_no_nan, mean_of_counted_pixels),
    "design_layer": (layer_by_formula, layer_with_the_largest_kernel),
    "breaks_when_moved": (breaks_column_by_column, breaks_by_allclose),
    "flip2d": (flip_with_numpy, flip_as_lists),
    "conv2d_valid": (valid_four_loops, valid_with_windows, valid_by_fourier),
    "zero_pad": (pad_with_concatenate, pad_as_lists),
    "conv2d_same": (same_with_pad, same_by_looking_outside, same_by_fourier, same_by_library),
    "conv2d_full": (full_by_adding_copies, full_by_fourier),
    "conv_output_size": (size_by_counting, size_with_floor),
    "conv2d_strided": (strided_by_thinning, strided_with_windows, strided_by_library),
    "im2col": (im2col_with_loops, im2col_by_indices),
    "conv2d_im2col": (bank_one_by_one, bank_with_einsum, bank_by_library),
    "normalized_correlation": (score_with_loops, score_by_sums_of_squares, score_by_corrcoef),
    "locate_digit": (locate_everywhere, locate_by_padding, locate_by_maximum_filter),
}
