"""Changes of right answers of unit 2 that are right too."""

from tests.equivalent_changes import ALIAS, SYMMETRIC

EQUIVALENT = {
    "conv1d_valid": {
        "return conv1d_full(signal, kernel)[len(kernel) - 1:len(signal)]  →  return conv1d_full(kernel, signal)[len(kernel) - 1:len(signal)]": SYMMETRIC,
    },
    "conv1d_same": {
        "return conv1d_full(signal, kernel)[start:start + len(signal)]  →  return conv1d_full(kernel, signal)[start:start + len(signal)]": SYMMETRIC,
    },
    "correlate1d": {
        "return np.array([np.sum(pattern * signal[n:n + size]) for n in places], dtype=float)  →  return np.array([np.sum(pattern @ signal[n:n + size]) for n in places], dtype=float)": "the product has added them up already",
    },
    "shift": {
        "if steps >= 0:  →  if steps > 0:": "both ways are right for no step at all",
        "if steps >= 0:  →  if steps - 1 >= 0:": "both ways are right for no step at all",
        "if steps >= 0:  →  if steps >= 1:": "both ways are right for no step at all",
        "return conv1d_full(signal, delta(steps + 1, steps))[:size]  →  return conv1d_full(delta(steps + 1, steps), signal)[:size]": SYMMETRIC,
        "return conv1d_full(signal, delta(steps + 1, steps))[:size]  →  return conv1d_full(signal, delta(size + 1, steps))[:size]": "zeros behind the 1 only lengthen what is cut off",
        "return conv1d_full(signal, delta(steps + 1, steps))[:size]  →  return conv1d_full(signal, delta(steps + 2, steps))[:size]": "zeros behind the 1 only lengthen what is cut off",
        "return conv1d_full(signal, delta(-steps + 1, 0))[-steps:]  →  return conv1d_full(delta(-steps + 1, 0), signal)[-steps:]": SYMMETRIC,
        "return conv1d_full(signal, delta(-steps + 1, 0))[-steps:]  →  return conv1d_full(signal, delta(-steps + 1, 0))[-size:]": "as many are left",
    },
}

EQUIVALENT_OF_OTHERS = {
    "conv1d_full": {
        "for n in range(len(z)):  →  for n in range(len(z) + 1):": "the last turn finds nothing to add",
    },
    "conv1d_valid": {
        "return full_by_fourier(signal, kernel)[len(kernel) - 1:len(signal)]  →  return full_by_fourier(kernel, signal)[len(kernel) - 1:len(signal)]": SYMMETRIC,
    },
    "conv1d_same": {
        "whole = full_with_two_loops(signal, kernel)  →  whole = full_with_two_loops(kernel, signal)": SYMMETRIC,
        "return full_by_fourier(signal, kernel)[start:start + len(signal)]  →  return full_by_fourier(kernel, signal)[start:start + len(signal)]": SYMMETRIC,
    },
    "matched_filter": {
        "kernel -= kernel.mean()  →  kernel -= pattern.mean()": ALIAS,
        "mean = sum(values) / len(values)  →  mean = sum(pattern) / len(values)": ALIAS,
        "length = sum(((value - mean) ** 2 for value in values)) ** 0.5  →  length = sum(((value - mean) ** 2 for value in pattern)) ** 0.5": ALIAS,
        "return np.array([(value - mean) / length for value in reversed(values)], dtype=np.float32)  →  return np.array([(value - mean) / length for value in reversed(pattern)], dtype=np.float32)": ALIAS,
    },
    "find_peaks_above": {
        "slope = np.sign(np.diff(signal))  →  slope = np.diff(signal)": "only the sign of the products is looked at",
    },
    "shift": {
        "moved = signal.copy()  →  moved += signal.copy()": "0 is added to itself before",
        "return scipy.ndimage.shift(signal, steps, order=0)  →  return scipy.ndimage.shift(signal, steps)": "between whole places nothing is interpolated",
        "return scipy.ndimage.shift(signal, steps, order=0)  →  return scipy.ndimage.shift(signal, steps, order=1)": "between whole places nothing is interpolated",
        "whole = full_by_fourier(signal, delta_by_comparison(abs(steps) + 1, max(steps, 0)))  →  whole = full_by_fourier(delta_by_comparison(abs(steps) + 1, max(steps, 0)), signal)": SYMMETRIC,
        "return whole[:len(signal)] if steps >= 0 else whole[-steps:]  →  return whole[:len(signal)] if steps > 0 else whole[-steps:]": "both ways are right for no step at all",
        "return whole[:len(signal)] if steps >= 0 else whole[-steps:]  →  return whole[:len(signal)] if steps - 1 >= 0 else whole[-steps:]": "both ways are right for no step at all",
        "return whole[:len(signal)] if steps >= 0 else whole[-steps:]  →  return whole[:len(signal)] if steps >= 1 else whole[-steps:]": "both ways are right for no step at all",
    },
}
