"""Other right ways to answer unit 02, as students write them: loops, matrices, lists, float32."""

import numpy as np
import scipy.ndimage
import scipy.signal


def full_with_two_loops(signal, kernel):
    z = [0.0] * (len(signal) + len(kernel) - 1)
    for n in range(len(z)):
        for k in range(len(kernel)):
            if 0 <= n - k < len(signal):
                z[n] += kernel[k] * signal[n - k]
    return z


def full_with_a_matrix(signal, kernel):
    padded = np.pad(signal.astype(float), len(kernel) - 1)
    return np.lib.stride_tricks.sliding_window_view(padded, len(kernel)) @ kernel[::-1]


def full_in_float32(signal, kernel):
    z = np.zeros(len(signal) + len(kernel) - 1, dtype=np.float32)
    for n, sample in enumerate(signal):
        z[n : n + len(kernel)] += np.float32(sample) * kernel.astype(np.float32)
    return z


def full_by_fourier(signal, kernel):
    size = len(signal) + len(kernel) - 1
    return np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(kernel, size), size)


def valid_by_library(signal, kernel):
    return np.convolve(signal, kernel, mode="valid")


def valid_of_fourier(signal, kernel):
    return full_by_fourier(signal, kernel)[len(kernel) - 1 : len(signal)]


def same_by_library(signal, kernel):
    return scipy.signal.convolve(signal, kernel, mode="same")


def same_of_fourier(signal, kernel):
    start = (len(kernel) - 1) // 2
    return full_by_fourier(signal, kernel)[start : start + len(signal)]


def correlate_by_fourier(signal, pattern):
    return valid_of_fourier(signal, pattern[::-1])


def peaks_from_extrema(signal, threshold):
    places = scipy.signal.argrelextrema(signal, np.greater)[0]
    return places[signal[places] > threshold]


def delta_by_library(length, place):
    return scipy.signal.unit_impulse(length, place)


def shift_by_library(signal, steps):
    return scipy.ndimage.shift(signal, steps, order=0)


def shift_by_fourier(signal, steps):
    whole = full_by_fourier(signal, delta_by_comparison(abs(steps) + 1, max(steps, 0)))
    return whole[: len(signal)] if steps >= 0 else whole[-steps:]


def valid_with_windows(signal, kernel):
    return np.lib.stride_tricks.sliding_window_view(signal, len(kernel)) @ kernel[::-1]


def valid_as_list(signal, kernel):
    return [sum(kernel[k] * signal[n - k] for k in range(len(kernel))) for n in range(len(kernel) - 1, len(signal))]


def same_by_padding(signal, kernel):
    size = len(kernel)
    padded = np.pad(signal, (size - 1 - (size - 1) // 2, (size - 1) // 2))
    return np.lib.stride_tricks.sliding_window_view(padded, size) @ kernel[::-1]


def same_from_the_whole(signal, kernel):
    whole = full_with_two_loops(signal, kernel)
    front = (len(kernel) - 1) // 2
    back = len(kernel) - 1 - front
    return whole[front : len(whole) - back]


def correlate_with_windows(signal, pattern):
    return np.lib.stride_tricks.sliding_window_view(signal, len(pattern)) @ pattern


def correlate_as_list(signal, pattern):
    return [float(np.dot(pattern, signal[n : n + len(pattern)])) for n in range(len(signal) - len(pattern) + 1)]


def matched_reversed_first(pattern):
    kernel = np.flip(pattern).astype(float)
    kernel -= kernel.mean()
    return kernel / np.sqrt(kernel @ kernel)


def matched_in_float32(pattern):
    values = [float(value) for value in pattern]
    mean = sum(values) / len(values)
    length = sum((value - mean) ** 2 for value in values) ** 0.5
    return np.array([(value - mean) / length for value in reversed(values)], dtype=np.float32)


def peaks_with_a_loop(signal, threshold):
    places = []
    for n in range(1, len(signal) - 1):
        if signal[n] > threshold and signal[n] > signal[n - 1] and signal[n] > signal[n + 1]:
            places.append(n)
    return places


def peaks_by_turning(signal, threshold):
    slope = np.sign(np.diff(signal))
    turning = np.flatnonzero((slope[:-1] > 0) & (slope[1:] < 0)) + 1
    return turning[signal[turning] > threshold]


def delta_by_comparison(length, place):
    return np.arange(length) == place


def delta_as_list(length, place):
    return [0] * place + [1] + [0] * (length - place - 1)


def shift_with_slices(signal, steps):
    moved = np.zeros_like(signal)
    if steps > 0:
        moved[steps:] = signal[:-steps]
    elif steps < 0:
        moved[:steps] = signal[-steps:]
    else:
        moved = signal.copy()
    return moved


def shift_one_by_one(signal, steps):
    size = len(signal)
    return [signal[n - steps] if 0 <= n - steps < size else 0 for n in range(size)]


def hum_by_solving(period, most):
    swing = np.cos(2 * np.pi / period)
    outer, middle = np.linalg.solve([[2 * swing, 1], [2, 1]], [0, 1])
    return [outer, middle, outer] if most < period else [1 / period] * period


def hum_twice_over(period, most):
    if most <= 3:
        return hum_by_solving(period, most)
    shortest = np.array(hum_by_solving(period, 3), dtype=np.float32)
    return np.convolve(shortest, np.ones(most - 2) / (most - 2)).astype(np.float32)


def start_with_a_loop(signal, pattern):
    centred = [value - sum(pattern) / len(pattern) for value in pattern]
    fits = []
    for n in range(len(signal) - len(pattern) + 1):
        fits.append(sum(weight * signal[n + k] for k, weight in enumerate(centred)))
    return fits.index(max(fits))


def start_in_the_valid_part(signal, pattern):
    answer = np.convolve(signal, (pattern - pattern.mean())[::-1])
    return np.argmax(answer[len(pattern) - 1 : len(signal)])


RIGHT_ANSWERS = {
    "design_hum_filter": (hum_by_solving, hum_twice_over),
    "pattern_start": (start_with_a_loop, start_in_the_valid_part),
    "conv1d_full": (full_with_two_loops, full_with_a_matrix, full_in_float32, full_by_fourier),
    "conv1d_valid": (valid_with_windows, valid_as_list, valid_by_library, valid_of_fourier),
    "conv1d_same": (same_by_padding, same_from_the_whole, same_by_library, same_of_fourier),
    "correlate1d": (correlate_with_windows, correlate_as_list, correlate_by_fourier),
    "matched_filter": (matched_reversed_first, matched_in_float32),
    "find_peaks_above": (peaks_with_a_loop, peaks_by_turning, peaks_from_extrema),
    "delta": (delta_by_comparison, delta_as_list, delta_by_library),
    "shift": (shift_with_slices, shift_one_by_one, shift_by_library, shift_by_fourier),
}
