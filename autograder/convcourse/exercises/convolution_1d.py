"""Unit 02: convolution in one dimension."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.ndimage
import scipy.signal

from convcourse.judging.exercise import Case, Exercise

LECTURE = {"signal": np.array([1, 2, 3, 4]), "kernel": np.array([1, 2])}
SIGNAL_LONGER, KERNEL_LONGER = "signal longer than the kernel", "kernel longer than the signal"


def _pair(generator: np.random.Generator, long: int, short: int) -> tuple[np.ndarray, np.ndarray]:
    """A whole-number signal and a kernel with fractions, so that a result stored as integers shows."""
    return generator.integers(-9, 10, size=long), generator.normal(size=short).round(2)


def _long_signal(generator: np.random.Generator, part: str) -> Case:
    short = int(generator.integers(3, 6))
    signal, kernel = _pair(generator, short + int(generator.integers(4, 9)), short)
    return Case({"signal": signal, "kernel": kernel}, part)


def _long_kernel(generator: np.random.Generator) -> Case:
    kernel, signal = _pair(generator, int(generator.integers(5, 9)), int(generator.integers(2, 5)))
    return Case({"signal": signal, "kernel": kernel}, KERNEL_LONGER)


def _short_kernels(generator: np.random.Generator, part: str) -> Iterator[Case]:
    """The two ends: a kernel of one number, and one as long as the signal."""
    signal, kernel = _pair(generator, int(generator.integers(4, 7)), 1)
    yield Case({"signal": signal, "kernel": kernel}, part, "a kernel of one number")
    kernel, signal = _pair(generator, 4, 4)
    yield Case({"signal": signal, "kernel": kernel}, part, "as long as each other")


# --- conv1d_full -------------------------------------------------------------------------------


def _full_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield _long_signal(generator, SIGNAL_LONGER)
    yield _long_kernel(generator)
    yield from _short_kernels(generator, SIGNAL_LONGER)
    kernel, signal = _pair(generator, 3, 1)
    yield Case({"signal": signal, "kernel": kernel}, KERNEL_LONGER, "a signal of one number")


def _library(mode):
    """SciPy's convolution in a mode; in floats, as it is promised to the student."""
    return lambda signal, kernel: scipy.signal.convolve(np.asarray(signal, float), kernel, mode=mode, method="direct")


conv1d_full = Exercise(
    name="conv1d_full",
    title="The whole convolution",
    points={SIGNAL_LONGER: 1, KERNEL_LONGER: 1},
    minutes=15,
    difficulty=2,
    oracle=_library("full"),
    examples=(
        Case(LECTURE, SIGNAL_LONGER, "the example worked by hand", known=[1, 4, 7, 10, 8]),
        Case({"signal": np.array([1, 2]), "kernel": np.array([3, 0, -1, 2])}, KERNEL_LONGER, known=[3, 6, -1, 0, 4]),
    ),
    cases=_full_cases,
    forbidden=("convolve", "fftconvolve", "oaconvolve"),
    hints=(
        "How long is the result? The kernel's first sample can sit on any of the N samples, and its tail hangs over by K − 1.",
        "Two loops are enough: over the output index `n`, and over the kernel index `k`. Add `kernel[k] * signal[n - k]` "
        "when `n - k` is an index of the signal.",
        "You can also turn it round: each number of the kernel adds a scaled, shifted copy of the signal. [1, 2, 3, "
        "4] and [1, 2]: [1, 2, 3, 4, 0] + [0, 2, 4, 6, 8].",
    ),
)


@conv1d_full.mistake(
    "When `n - k` is negative, Python reads from the end of the signal: `x[-1]` is the last sample. "
    "The sum wants 0 there, so leave out the terms with `n - k < 0`."
)
def full_wraps_around(signal, kernel):
    z = np.zeros(len(signal) + len(kernel) - 1)
    for n in range(len(z)):
        for k in range(len(kernel)):
            if n - k < len(signal):
                z[n] += kernel[k] * signal[n - k]  # n - k < 0 reads from the signal's end
    return z


@conv1d_full.mistake(
    "This is convolution without reversal: the index runs as `x[n + k]`. Here the kernel is flipped, so read `x[n - k]`."
)
def full_without_reversal(signal, kernel):
    return np.correlate(signal, kernel, mode="full")


@conv1d_full.mistake(
    "Your result ends with the signal. The kernel still overlaps its last samples: the whole convolution has N + K − 1 numbers."
)
def full_stops_with_the_signal(signal, kernel):
    return np.convolve(signal, kernel)[: len(signal)]


@conv1d_full.mistake("Your result has N + K numbers. The last overlap is at n = N + K − 2, so there are N + K − 1.")
def full_one_too_long(signal, kernel):
    return np.append(np.convolve(signal, kernel), 0)


@conv1d_full.mistake(
    "The fractions are lost. An array made with `np.zeros_like(signal)` keeps the signal's integer type; make it with `np.zeros(...)`."
)
def full_in_integers(signal, kernel):
    return np.trunc(np.convolve(signal, kernel)).astype(int)


@conv1d_full.mistake("You overwrite the sums: where copies of the signal overlap only the last one is left. Add with `+=`.")
def full_overwrites(signal, kernel):
    z = np.zeros(len(signal) + len(kernel) - 1)
    for k, weight in enumerate(kernel):
        z[k : k + len(signal)] = weight * signal
    return z


@conv1d_full.mistake("After the signal's last sample you left zeros. There the kernel's tail still lies on it: z goes on.")
def full_tail_left_zero(signal, kernel):
    z = np.convolve(signal, kernel)
    z[len(signal) :] = 0
    return z


@conv1d_full.mistake(
    "This is the valid part. The whole convolution begins where the kernel first touches the signal: N + K − 1 numbers."
)
def full_only_where_it_fits(signal, kernel):
    return np.convolve(signal, kernel, mode="valid")


@conv1d_full.mistake(
    "What sticks out at the end is added at the beginning again. The result has N + K − 1 numbers: make room for all."
)
def full_round_a_circle(signal, kernel):
    length = max(len(signal), len(kernel))
    return np.fft.irfft(np.fft.rfft(signal, length) * np.fft.rfft(kernel, length), length)


# --- conv1d_valid ------------------------------------------------------------------------------


def _valid_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield _long_signal(generator, "numbers")
    signal, kernel = _pair(generator, 7, 2)
    yield Case({"signal": signal, "kernel": kernel}, "numbers")
    yield from _short_kernels(generator, "numbers")


conv1d_valid = Exercise(
    name="conv1d_valid",
    title="Only where the kernel fits",
    points={"numbers": 1},
    minutes=8,
    difficulty=1,
    oracle=_library("valid"),
    examples=(
        Case(LECTURE, "numbers", "the same signal and kernel as before", known=[4, 7, 10]),
        Case({"signal": np.array([5, 1, 0, 2, 4]), "kernel": np.array([1, 0, -1])}, "numbers", known=[-5, 1, 4]),
    ),
    cases=_valid_cases,
    hints=(
        "The kernel lies wholly inside the signal at N − K + 1 places.",
        "You have `conv1d_full` already. Which stretch of its result uses no sample outside the signal?",
        "[1, 2, 3, 4] and [1, 2] make [1, 4, 7, 10, 8]. The 1 and the 8 used a zero from outside; [4, 7, 10] is left."
        " How many go for K numbers?",
    ),
)


@conv1d_valid.mistake("This is convolution without reversal. Flip the kernel first, or read the signal as `x[n + K - 1 - k]`.")
def valid_without_reversal(signal, kernel):
    return np.correlate(signal, kernel, mode="valid")


@conv1d_valid.mistake("One number is missing at the end. The kernel fits at N − K + 1 places, not N − K.")
def valid_one_too_short(signal, kernel):
    return np.convolve(signal, kernel, mode="valid")[:-1]


@conv1d_valid.mistake(
    "You kept the first N − K + 1 numbers of the whole convolution. There the kernel still hangs over the left end: start at index K − 1."
)
def valid_head_of_full(signal, kernel):
    return np.convolve(signal, kernel)[: len(signal) - len(kernel) + 1]


@conv1d_valid.mistake(
    "Right for most kernels, but with K = 1 your slice ends at −0, which is 0, and nothing is left. End it at N."
)
def valid_empty_for_one_number(signal, kernel):
    cut = len(kernel) - 1
    return np.convolve(signal, kernel)[cut:-cut]


@conv1d_valid.mistake(
    "The fractions are lost. An array made with `dtype=int` or `np.zeros_like(signal)` cuts them off; use `np.zeros(...)`."
)
def valid_in_integers(signal, kernel):
    return np.trunc(np.convolve(signal, kernel, mode="valid"))


@conv1d_valid.mistake("This is the whole convolution. Keep only the numbers for which the kernel lies wholly on the signal.")
def valid_keeps_everything(signal, kernel):
    return np.convolve(signal, kernel)


@conv1d_valid.mistake("You cut two numbers off at each end, as for a kernel of three. Cut K − 1 off, whatever the kernel.")
def valid_for_kernels_of_three(signal, kernel):
    return np.convolve(signal, kernel)[2:-2]


# --- conv1d_same -------------------------------------------------------------------------------


def _same_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, length in (("odd kernel", 3), ("odd kernel", 5), ("even kernel", 2), ("even kernel", 4)):
        signal, kernel = _pair(generator, int(generator.integers(7, 12)), length)
        yield Case({"signal": signal, "kernel": kernel}, part)
    one, whole = _short_kernels(generator, "odd kernel")
    yield one
    yield Case(whole.arguments, "even kernel", whole.note)


conv1d_same = Exercise(
    name="conv1d_same",
    title="As long as the signal",
    points={"odd kernel": 1, "even kernel": 1},
    minutes=10,
    difficulty=2,
    oracle=_library("same"),
    examples=(
        Case({"signal": np.array([1, 2, 3, 4]), "kernel": np.array([1, 0, -1])}, "odd kernel", known=[2, 2, 2, -3]),
        Case(LECTURE, "even kernel", known=[1, 4, 7, 10]),
    ),
    cases=_same_cases,
    hints=(
        "The result is as long as the signal: N numbers out of the N + K − 1 of the whole convolution.",
        "K − 1 numbers must go. Take off (K − 1) // 2 of them in front and the rest behind.",
        "N = 5, K = 4: of 8 numbers three go, one in front and two behind. Those with the indices 1 to 5 are left.",
    ),
)


@conv1d_same.mistake("You kept the first N numbers. The middle is wanted: start at index (K − 1) // 2.")
def same_starts_at_zero(signal, kernel):
    return np.convolve(signal, kernel)[: len(signal)]


@conv1d_same.mistake("Right for odd kernels, one place off for even ones. Start at `(K - 1) // 2`, not at `K // 2`.")
def same_even_kernel_to_the_right(signal, kernel):
    start = len(kernel) // 2
    return np.convolve(signal, kernel)[start : start + len(signal)]


@conv1d_same.mistake("This is convolution without reversal: the kernel must be flipped.")
def same_without_reversal(signal, kernel):
    start = (len(kernel) - 1) // 2
    return np.convolve(signal, kernel[::-1])[start : start + len(signal)]


@conv1d_same.mistake("You continued the signal with its first and last value. Outside the signal there are zeros.")
def same_repeats_the_edge(signal, kernel):
    before = len(kernel) // 2
    padded = np.pad(signal, (before, len(kernel) - 1 - before), mode="edge")
    return np.convolve(padded, kernel, mode="valid")


@conv1d_same.mistake("You put zeros after the valid part. The zeros belong around the signal, before the sum is taken.")
def same_by_zeros_behind(signal, kernel):
    return np.append(np.convolve(signal, kernel, mode="valid"), np.zeros(len(kernel) - 1))


@conv1d_same.mistake("You kept the last N numbers. The middle is wanted: start at index (K − 1) // 2.")
def same_ends_with_the_whole(signal, kernel):
    return np.convolve(signal, kernel)[len(kernel) - 1 :]


@conv1d_same.mistake("You take (K − 1) // 2 off at both ends. With an even K one more must go behind.")
def same_cut_alike_at_both_ends(signal, kernel):
    cut, whole = (len(kernel) - 1) // 2, np.convolve(signal, kernel)
    return whole[cut : len(whole) - cut]


@conv1d_same.mistake("The fractions are lost. `np.zeros_like(signal)` keeps the signal's integer type; use `np.zeros(...)`.")
def same_in_integers(signal, kernel):
    return np.trunc(scipy.signal.convolve(signal, kernel, mode="same", method="direct"))


# --- design_hum_filter -------------------------------------------------------------------------

AS_LONG, THREE = "as long as the period", "three numbers"


def _hum_cases(generator: np.random.Generator) -> Iterator[Case]:
    for period in generator.choice(np.arange(4, 13), size=2, replace=False).tolist():
        yield Case({"period": period, "most": period}, AS_LONG)
        yield Case({"period": period, "most": 3}, THREE)
    yield Case({"period": 2, "most": 2}, AS_LONG, "the shortest hum: no room for three numbers")


def _hum_left(result, period, most):
    kernel = np.asarray(result, dtype=float)
    if kernel.ndim != 1 or not 1 <= len(kernel) <= most:
        return f"A row of 1 to {most} numbers is asked; yours has the shape {kernel.shape}."
    if not np.all(np.abs(kernel) <= 100):
        return "Numbers between −100 and 100 are asked."
    total = kernel.sum()
    if abs(total - 1) > 1e-3:
        return f"The numbers add up to {total:.3f}; 1 is asked, or a constant signal changes its height."
    left = abs(kernel @ np.exp(2j * np.pi * np.arange(len(kernel)) / period))
    return "" if left <= 0.01 else f"Of a hum of height 1, {left:.3f} is left; at most 0.01 is asked."


def _no_hum(period, most):
    """A polynomial that is zero at the hum and at its mirror image; a hum of two samples is its own mirror image."""
    zeros = np.exp(np.array([2j, -2j]) * np.pi / period)
    kernel = np.real(np.poly(zeros[: most - 1]))
    return kernel / kernel.sum()


design_hum_filter = Exercise(
    name="design_hum_filter",
    title="Design: silence the hum",
    points={AS_LONG: 1, THREE: 1},
    minutes=12,
    difficulty=2,
    oracle=_no_hum,
    meets=_hum_left,
    examples=(
        Case({"period": 2, "most": 2}, AS_LONG, "the hum of the text", known=[0.5, 0.5]),
        Case({"period": 4, "most": 4}, AS_LONG, "a hum 0, 1, 0, −1: each two steps apart cancel", known=[0.5, 0, 0.5]),
        Case({"period": 6, "most": 3}, THREE, "a hum 1, 1/2, −1/2, −1, −1/2, 1/2", known=[1, -1, 1]),
    ),
    cases=_hum_cases,
    hints=(
        "How large is the mean of one whole swing, wherever the swing begins?",
        "With three numbers let the two outer ones be equal: [a, b, a]. Two demands settle the two numbers: the sum is 1, and the hum gives 0 "
        "where it is highest. Its neighbours there have the height cos(2π / period).",
        "Period 6: the top is 1, and its two neighbours are 1/2. So b + 2a · 1/2 = 0 and b + 2a = 1, which gives a = 1 and b = −1. "
        "What takes the place of 1/2 for another period?",
    ),
)


@design_hum_filter.mistake(
    "One mean serves all: it has the hum's length, whatever is allowed. Find three numbers for the second part."
)
def hum_mean_of_a_swing(period, most):
    return np.ones(period) / period


@design_hum_filter.mistake(
    "This is a mean over as many numbers as are allowed. It silences the hum only when it covers whole swings."
)
def hum_mean_of_all_allowed(period, most):
    return np.ones(most) / most


@design_hum_filter.mistake("The hum is gone, but so is the rest: divide by the sum of your numbers.")
def hum_sum_forgotten(period, most):
    return np.array([1, -2 * np.cos(2 * np.pi / period), 1])


@design_hum_filter.mistake("This kernel is right for a hum of 6 samples only.")
def hum_of_six_only(period, most):
    return [1, -1, 1]


@design_hum_filter.mistake("NumPy's cosine wants radians, 2π / period. Here it gets degrees, 360 / period.")
def hum_in_degrees(period, most):
    swing = np.cos(360 / period)
    return np.array([1, -2 * swing, 1]) / (2 - 2 * swing)


@design_hum_filter.mistake("The delta copies the signal, hum and all.")
def hum_left_alone(period, most):
    return [1.0]


# --- correlate1d -------------------------------------------------------------------------------


def _correlation_cases(generator: np.random.Generator) -> Iterator[Case]:
    for case in (_long_signal(generator, "numbers"), *_short_kernels(generator, "numbers")):
        yield Case(dict(zip(("signal", "pattern"), case.arguments.values(), strict=True)), "numbers", case.note)


correlate1d = Exercise(
    name="correlate1d",
    title="Convolution without reversal",
    points={"numbers": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda signal, pattern: scipy.signal.correlate(np.asarray(signal, float), pattern, mode="valid", method="direct"),
    examples=(
        Case(
            {"signal": np.array([1, 2, 3, 4]), "pattern": np.array([1, 2])},
            "numbers",
            "compare with [4, 7, 10]",
            known=[5, 8, 11],
        ),
        Case({"signal": np.array([0, 1, 0, 0, 2, 3]), "pattern": np.array([0, 2, 3])}, "numbers", known=[2, 0, 6, 13]),
    ),
    cases=_correlation_cases,
    forbidden=("correlate", "correlate1d"),
    hints=(
        "Lay the pattern on the signal at place n, multiply what lies on top of each other, add.",
        "The piece of the signal under the pattern is `signal[n : n + K]`.",
        "[1, 2, 3, 4] and [1, 2] at place 1: the piece is [2, 3], the products are 2 and 6, their sum is 8. Do this "
        "at every place.",
    ),
)


@correlate1d.mistake("This is convolution with reversal. Here the pattern is laid on as it is: `x[n + k]`.")
def correlate_with_reversal(signal, pattern):
    return np.convolve(signal, pattern, mode="valid")


@correlate1d.mistake("One number is missing at the end. The pattern fits at N − K + 1 places, not N − K.")
def correlate_one_too_short(signal, pattern):
    return np.correlate(signal, pattern, mode="valid")[:-1]


@correlate1d.mistake("You divided by the pattern's length. Convolution is a sum of products, not their mean.")
def correlate_averages(signal, pattern):
    return np.correlate(signal, pattern, mode="valid") / len(pattern)


@correlate1d.mistake(
    "The fractions are lost. An array made with `dtype=int` or `np.zeros_like(signal)` cuts them off; use `np.zeros(...)`."
)
def correlate_in_integers(signal, pattern):
    return np.trunc(np.correlate(signal, pattern, mode="valid"))


@correlate1d.mistake(
    "Where the pattern sticks out there is no number. Keep only the places at which it lies wholly on the signal."
)
def correlate_everywhere(signal, pattern):
    return np.correlate(signal, pattern, mode="full")


@correlate1d.mistake("Your result is as long as the signal. Keep only the N − K + 1 places at which the pattern fits.")
def correlate_with_zeros_behind(signal, pattern):
    fitting = np.correlate(signal, pattern, mode="valid")
    return np.concatenate([fitting, np.zeros(len(signal) - len(fitting))])


# --- matched_filter ----------------------------------------------------------------------------


def _pattern_cases(generator: np.random.Generator) -> Iterator[Case]:
    size = int(generator.integers(4, 9))
    yield Case({"pattern": (generator.normal(size=size) * 5 + generator.uniform(2, 9)).round(2)}, "numbers")
    pattern = generator.integers(-9, 10, size=4)
    pattern[:2] = 12, -15
    yield Case({"pattern": pattern}, "numbers", "whole numbers")
    yield Case({"pattern": generator.permutation([-3.5, 1.25])}, "numbers", "two numbers")


def _matched_oracle(pattern):
    # The kernel is the only one with these properties; scipy's regression residual removes the mean.
    centred = scipy.signal.detrend(np.asarray(pattern, dtype=float), type="constant")
    return np.flip(centred) / scipy.linalg.norm(centred)


matched_filter = Exercise(
    name="matched_filter",
    title="The matched filter",
    points={"numbers": 1},
    minutes=10,
    difficulty=2,
    oracle=_matched_oracle,
    examples=(
        Case({"pattern": np.array([1.0, 2.0, 6.0])}, "numbers", "mean 3", known=[3 / 14**0.5, -1 / 14**0.5, -2 / 14**0.5]),
    ),
    cases=_pattern_cases,
    hints=(
        "Three steps, in this order: take the mean away, bring to length 1, reverse.",
        "The length of a vector v is √(Σ v²), in NumPy `np.linalg.norm(v)`.",
        "[1, 2, 6] − 3 = [−2, −1, 3]. Its length is √(4 + 1 + 9) = √14. And `a[::-1]` is `a` reversed.",
    ),
)


@matched_filter.mistake("Centred and scaled, but not reversed. Convolution will flip the kernel, so flip it once beforehand.")
def matched_not_reversed(pattern):
    centred = pattern - np.mean(pattern)
    return centred / np.linalg.norm(centred)


@matched_filter.mistake("The mean is still in it. Such a kernel answers to any high baseline; subtract `pattern.mean()` first.")
def matched_keeps_the_mean(pattern):
    return np.flip(pattern) / np.linalg.norm(pattern)


@matched_filter.mistake("You divided by the length that the pattern has with its mean. Divide by the length of the centred one.")
def matched_scaled_first(pattern):
    scaled = pattern / np.linalg.norm(pattern)
    return np.flip(scaled - scaled.mean())


@matched_filter.mistake("Reversed and centred, but its length is not 1. Divide by the square root of the sum of squares.")
def matched_unscaled(pattern):
    return np.flip(pattern - np.mean(pattern))


@matched_filter.mistake("You divided by the sum of the sizes. The length is the square root of the sum of squares.")
def matched_by_sum_of_sizes(pattern):
    centred = pattern - np.mean(pattern)
    return np.flip(centred) / np.sum(np.abs(centred))


@matched_filter.mistake("You divided by the sum of squares. The length is its square root.")
def matched_square_of_length(pattern):
    centred = pattern - np.mean(pattern)
    return np.flip(centred) / np.sum(centred**2)


@matched_filter.mistake("You subtract the first number of the pattern. Subtract its mean.")
def matched_without_the_first_number(pattern):
    moved = pattern - pattern[0]
    return (moved / np.linalg.norm(moved))[::-1]


@matched_filter.mistake("You divided by the standard deviation. The length is the square root of the sum of squares.")
def matched_by_deviation(pattern):
    return ((pattern - pattern.mean()) / pattern.std())[::-1]


# --- pattern_start -----------------------------------------------------------------------------


def _start_cases(generator: np.random.Generator) -> Iterator[Case]:
    size, place = int(generator.integers(4, 7)), int(generator.integers(1, 6))
    pattern = generator.choice(np.arange(1, 10), size=size, replace=False)
    quiet = generator.normal(scale=0.2, size=size + 20).round(2)

    def case(signal, pattern, note):
        signal[place : place + size] += pattern
        return Case({"signal": signal, "pattern": pattern}, "place", note)

    yield case(quiet.copy(), np.sort(pattern), "a rising pattern in noise")
    yield case(quiet + 5 * np.arange(len(quiet)), pattern, "a signal that drifts upwards")
    below = quiet.copy()
    below[place + 10 : place + 10 + size] -= 3 * pattern
    yield case(below, pattern, "the pattern, and a larger one upside down")
    falling = np.sort(pattern)[::-1]
    cut = quiet.copy()
    cut[1 - size :] += 5 * falling[:-1]
    yield case(cut, falling, "at the end a larger one, cut off")
    yield Case({"signal": np.append(quiet, pattern), "pattern": pattern}, "place", "the pattern at the end")


def _start_in_the_whole(signal, pattern):
    balanced = pattern - pattern.mean()
    answer = np.convolve(signal, balanced[::-1])
    return int(np.argmax(answer))


def _sliding(signal, pattern):
    """How well the pattern fits at each place: the answers of sliding correlation with the centred pattern."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(signal, float), len(pattern))
    return windows @ (pattern - np.mean(pattern))


pattern_start = Exercise(
    name="pattern_start",
    title="Repair: behind the beat",
    points={"place": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda signal, pattern: int(np.argmax(_sliding(signal, pattern))),
    given=_start_in_the_whole,
    examples=(
        Case(
            {"signal": np.array([0, 0, 1, 2, 6, 0]), "pattern": np.array([1, 2, 6])},
            "place",
            "the pattern of the text; it begins at place 2",
            known=2,
        ),
        Case({"signal": np.array([1, 2, 6]), "pattern": np.array([1, 2, 6])}, "place", "nothing but the pattern", known=0),
    ),
    cases=_start_cases,
    hints=(
        "The second example has one possible answer only. What does the function say there, and how far is that off?",
        "Which mode does `np.convolve` use when nobody asks? Where does the kernel lie when its first answer is made?",
        "The pattern [1, 2, 6] has 3 numbers. In mode full the kernel first lies wholly inside the signal at the third answer: place 2 of the answers "
        "belongs to place 0 of the signal.",
    ),
)


@pattern_start.mistake(
    "This is near the pattern's middle: mode same cuts off only half of what hangs over. Where does the pattern begin?"
)
def start_in_mode_same(signal, pattern):
    return int(np.argmax(scipy.signal.convolve(signal, (pattern - np.mean(pattern))[::-1], mode="same")))


@pattern_start.mistake("One sample too early. K − 1 answers hang over the front, not K.")
def start_one_too_early(signal, pattern):
    return int(np.argmax(_sliding(signal, pattern))) - 1


@pattern_start.mistake("Without `[::-1]` the convolution flips the pattern, and you look for its mirror image.")
def start_of_the_mirror_image(signal, pattern):
    return int(np.argmax(_sliding(signal, pattern[::-1])))


@pattern_start.mistake("The mean is left in the pattern, so a high baseline counts as a good fit. Take the mean away.")
def start_uncentred(signal, pattern):
    return int(np.argmax(np.correlate(signal, pattern, mode="valid")))


@pattern_start.mistake("You look for the largest size of the answer, whatever its sign. A pattern upside down is no good fit.")
def start_whatever_the_sign(signal, pattern):
    return int(np.argmax(np.abs(_sliding(signal, pattern))))


@pattern_start.mistake("This is the answer's height. Its place is asked.")
def start_as_height(signal, pattern):
    return _sliding(signal, pattern).max()


# --- find_peaks_above --------------------------------------------------------------------------


def _peak_cases(generator: np.random.Generator) -> Iterator[Case]:
    # Whole numbers: a peak as high as the threshold, flat tops, and both ends higher than what is next to them.
    for ends in ((9, 8), (8, 9)):
        signal: np.ndarray = generator.integers(0, 8, size=24)
        signal[[0, 1, -2, -1]] = ends[0], 2, 3, ends[1]
        signal[5:8] = 0, 4, 1
        signal[10:14] = 1, 7, 7, 2
        signal[15:18] = 1, 6, 2
        yield Case({"signal": signal, "threshold": 4}, "places")
    # Fractions below zero: peaks right beside both ends, and a threshold between whole numbers.
    signal = generator.normal(size=int(generator.integers(9, 13))).round(2)
    signal[[0, 1, 2, -3, -2, -1]] = -2.5, 1.25, -2.25, -2.75, 0.85, -2.5
    yield Case({"signal": signal - 3, "threshold": -2.5}, "places", "peaks beside the ends")
    yield Case({"signal": signal[:3], "threshold": 0.25}, "places", "three samples")
    # Hills lower than 1 on both sides, far below 0 and far above.
    low = np.array([0.25, 0.5, 0.25, 1.0, 0.75, 0.5, 0.875, 0.375]) + int(generator.choice([-7, 4]))
    yield Case({"signal": low, "threshold": low[1]}, "places", "low hills")


def _peaks_oracle(signal, threshold):
    places = scipy.signal.argrelextrema(np.asarray(signal), np.greater)[0]
    return places[np.asarray(signal)[places] > threshold]


find_peaks_above = Exercise(
    name="find_peaks_above",
    title="Find the beats",
    points={"places": 2},
    minutes=10,
    difficulty=2,
    oracle=_peaks_oracle,
    examples=(
        Case(
            {"signal": np.array([0, 3, 1, 5, 5, 2, 9, 4, 8]), "threshold": 2},
            "places",
            "5 5 is no peak, nor is the end",
            known=[1, 6],
        ),
        Case({"signal": np.array([4.0, 1.0, 2.0, 0.0]), "threshold": 2.0}, "places", "2 is not above 2", known=[]),
    ),
    cases=_peak_cases,
    hints=(
        "The first and last sample have one neighbour only, so they cannot be peaks here.",
        "Three conditions must hold at place n: `x[n] > threshold`, `x[n] > x[n - 1]`, `x[n] > x[n + 1]`.",
        "[0, 3, 1, 1, 5] with the threshold 2 has one peak, at place 1: the 5 stands at the end. So n runs from 1 to N − 2.",
    ),
)


@find_peaks_above.mistake("You return every place above the threshold. A peak must also be higher than both its neighbours.")
def peaks_all_above(signal, threshold):
    return np.flatnonzero(signal > threshold)


@find_peaks_above.mistake("You return every peak. Only those above the threshold are wanted.")
def peaks_below_too(signal, threshold):
    return scipy.signal.argrelextrema(signal, np.greater)[0]


@find_peaks_above.mistake(
    "All places are one too small. If you compare `x[1:-1]` with its neighbours, index 0 of the comparison is place 1 of the signal."
)
def peaks_one_to_the_left(signal, threshold):
    return _peaks_oracle(signal, threshold) - 1


@find_peaks_above.mistake("These are the heights of the peaks. Their places (indices) are wanted.")
def peaks_heights(signal, threshold):
    return signal[_peaks_oracle(signal, threshold)]


@find_peaks_above.mistake("A peak that is exactly at the threshold is not above it: use `>`.")
def peaks_at_the_threshold(signal, threshold):
    places = scipy.signal.argrelextrema(signal, np.greater)[0]
    return places[signal[places] >= threshold]


def _peaks(signal, threshold, left=np.greater, right=np.greater):
    middle = signal[1:-1]
    return np.flatnonzero((middle > threshold) & left(middle, signal[:-2]) & right(middle, signal[2:])) + 1


@find_peaks_above.mistake("A flat top is no peak: the sample must be higher than its right neighbour (`>`, not `>=`).")
def peaks_flat_to_the_right(signal, threshold):
    return _peaks(signal, threshold, right=np.greater_equal)


@find_peaks_above.mistake("A flat top is no peak: the sample must be higher than its left neighbour (`>`, not `>=`).")
def peaks_flat_to_the_left(signal, threshold):
    return _peaks(signal, threshold, left=np.greater_equal)


@find_peaks_above.mistake("A flat top is no peak: the sample must be higher than both neighbours (`>`, not `>=`).")
def peaks_flat(signal, threshold):
    return _peaks(signal, threshold, np.greater_equal, np.greater_equal)


@find_peaks_above.mistake("The last place that can be a peak, N − 2, is never looked at: use `range(1, len(signal) - 1)`.")
def peaks_one_place_short(signal, threshold):
    return [n for n in _peaks(signal, threshold) if n < len(signal) - 2]


@find_peaks_above.mistake("Place 0 is no peak. There `signal[n - 1]` reads the last sample: begin at 1.")
def peaks_from_the_first_place(signal, threshold):
    first = signal[0] > max(threshold, signal[1], signal[-1])
    return [0] * int(first) + list(_peaks(signal, threshold))


@find_peaks_above.mistake("The ends have one neighbour only and are never peaks.")
def peaks_at_the_ends(signal, threshold):
    return _peaks(np.pad(signal.astype(float), 1, constant_values=-np.inf), threshold) - 1


# --- delta and shift ---------------------------------------------------------------------------


def _delta_cases(generator: np.random.Generator) -> Iterator[Case]:
    length = int(generator.integers(4, 10))
    yield Case({"length": length, "place": int(generator.integers(2, length))}, "numbers")
    yield Case({"length": length, "place": 0}, "numbers", "at the first place")
    yield Case({"length": length, "place": length - 1}, "numbers", "at the last place")
    yield Case({"length": 5, "place": int(generator.choice([1, 3]))}, "numbers")
    yield Case({"length": 1, "place": 0}, "numbers", "a single number")


delta = Exercise(
    name="delta",
    title="The delta kernel",
    points={"numbers": 1},
    minutes=3,
    difficulty=1,
    oracle=lambda length, place: scipy.signal.unit_impulse(length, place),
    examples=(
        Case({"length": 5, "place": 2}, "numbers", known=[0, 0, 1, 0, 0]),
        Case({"length": 3, "place": 0}, "numbers", known=[1, 0, 0]),
    ),
    cases=_delta_cases,
    hints=(
        "Start from an array of zeros.",
        "Which single entry must be changed?",
        "Three numbers, place 1: [0, 0, 0] becomes [0, 1, 0]. `np.zeros(3)` makes the first.",
    ),
)


@delta.mistake("The 1 is one place too early. Places are counted from 0, as in Python.")
def delta_counts_from_one(length, place):
    return np.eye(length)[place - 1]


@delta.mistake("This is a step: it stays at 1. A delta is 1 at a single place.")
def delta_step(length, place):
    return (np.arange(length) >= place).astype(float)


@delta.mistake("You wrote the place into the array. A delta holds the number 1 there.")
def delta_holds_its_place(length, place):
    return np.eye(length)[place] * place


@delta.mistake("The 1 is counted from the end. `place` counts from the front, from 0 on.")
def delta_from_the_end(length, place):
    return np.eye(length)[-place]


@delta.mistake("Place and number are exchanged: the number 1 stands at `place`.")
def delta_place_at_one(length, place):
    numbers = np.zeros(length)
    numbers[min(1, length - 1)] = place
    return numbers


def _shift_cases(generator: np.random.Generator) -> Iterator[Case]:
    signal: np.ndarray = generator.integers(1, 10, size=int(generator.integers(6, 10)))
    steps = int(generator.integers(1, 4))
    yield Case({"signal": signal, "steps": steps}, "later")
    yield Case({"signal": signal, "steps": -steps}, "earlier")
    yield Case({"signal": signal, "steps": 0}, "earlier", "no shift at all")
    signal = generator.integers(-9, 9, size=5) + generator.uniform(0.2, 0.8, size=5).round(2)
    yield Case({"signal": signal, "steps": 1}, "later", "fractions")
    yield Case({"signal": signal, "steps": -1}, "earlier", "fractions")
    yield Case({"signal": signal, "steps": 4}, "later", "one number is left")
    yield Case({"signal": signal, "steps": -4}, "earlier", "one number is left")


def _shift_oracle(signal, steps):
    return scipy.ndimage.shift(np.asarray(signal, dtype=float), steps, order=0)


shift = Exercise(
    name="shift",
    title="Shift a signal",
    points={"later": 1, "earlier": 1},
    minutes=10,
    difficulty=2,
    oracle=_shift_oracle,
    examples=(
        Case({"signal": np.array([5, 6, 7, 8]), "steps": 1}, "later", known=[0, 5, 6, 7]),
        Case({"signal": np.array([5, 6, 7, 8]), "steps": -2}, "earlier", known=[7, 8, 0, 0]),
    ),
    cases=_shift_cases,
    hints=(
        "A convolution with a delta at place L moves the signal L places to the right.",
        "One step to the right: [1, 2, 3] * [0, 1] = [0, 1, 2, 3]. Which three of these numbers do you keep?",
        "One step to the left: [1, 2, 3] * [1, 0] = [1, 2, 3, 0]. Now the first number goes; the kernel's tail has "
        "brought the zero at the end.",
    ),
)


@shift.mistake("What leaves at one end comes back at the other. The freed places must be filled with zeros.")
def shift_rolls(signal, steps):
    return np.roll(signal, steps)


@shift.mistake("It moves the wrong way. Positive `steps` move the signal to the right, to later places.")
def shift_other_way(signal, steps):
    return _shift_oracle(signal, -steps)


@shift.mistake("The result has become longer. It must keep the signal's length: what leaves at the end is lost.")
def shift_grows(signal, steps):
    return np.append(np.zeros(abs(steps)), signal) if steps >= 0 else np.append(signal, np.zeros(-steps))


@shift.mistake("Negative `steps` must move the signal to the left; yours always moves it to the right.")
def shift_never_earlier(signal, steps):
    return _shift_oracle(signal, abs(steps))


@shift.mistake("The freed places keep their old numbers. They must be filled with zeros.")
def shift_keeps_old_numbers(signal, steps):
    return np.where(_shift_oracle(np.ones(len(signal)), steps) > 0, _shift_oracle(signal, steps), signal)


@shift.mistake("The fractions are lost. An array made with `dtype=int` cuts them off; make it with `np.zeros(...)`.")
def shift_in_integers(signal, steps):
    return np.trunc(_shift_oracle(signal, steps))


@shift.mistake("Negative `steps` do nothing but cut. Fill the places that become free at the end with zeros.")
def shift_without_zeros_behind(signal, steps):
    if steps >= 0:
        return _shift_oracle(signal, steps)
    return np.asarray(signal)[-steps:]


@shift.mistake("Negative `steps` change nothing in your answer. They move the signal to the left.")
def shift_later_only(signal, steps):
    return _shift_oracle(signal, max(steps, 0))


EXERCISES: tuple[Exercise, ...] = (
    conv1d_full,
    conv1d_valid,
    conv1d_same,
    design_hum_filter,
    correlate1d,
    matched_filter,
    pattern_start,
    find_peaks_above,
    delta,
    shift,
)
