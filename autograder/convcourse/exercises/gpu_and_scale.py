"""Unit 23: GPU and scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import scipy.interpolate
import scipy.stats

from convcourse.exercises.cases import whole
from convcourse.judging.exercise import Case, Exercise

# --- speedup -----------------------------------------------------------------------------------


def _speedup_cases(generator: np.random.Generator) -> Iterator[Case]:
    count = int(generator.integers(3, 6))
    after = generator.uniform(2, 9, size=count).round(2)
    factors = np.concatenate([[0.6], generator.uniform(2, 12, size=count - 1)])
    yield Case({"seconds_before": (after * factors).round(2), "seconds_after": after}, "fractions")
    # Odd numbers over 4: the quotient is never whole.
    whole = 2 * generator.integers(20, 200, size=count) + 1
    yield Case({"seconds_before": whole, "seconds_after": np.full(count, 4)}, "whole seconds")


def _speedup(seconds_before, seconds_after):
    pairs = zip(np.asarray(seconds_before).tolist(), np.asarray(seconds_after).tolist(), strict=True)
    return np.array([float(Fraction(before) / Fraction(after)) for before, after in pairs])


speedup = Exercise(
    name="speedup",
    title="How many times as fast?",
    points={"fractions": 0.5, "whole seconds": 0.5},
    minutes=4,
    difficulty=1,
    oracle=_speedup,
    examples=(
        Case(
            {"seconds_before": np.array([64.0, 124.0, 257.0]), "seconds_after": np.array([7.5, 14.5, 28.5])},
            "fractions",
            "the lecture's table",
            known=[128 / 15, 248 / 29, 514 / 57],
        ),
        Case(
            {"seconds_before": np.array([9, 3]), "seconds_after": np.array([2, 4])},
            "whole seconds",
            "below 1: it became slower",
            known=[4.5, 0.75],
        ),
    ),
    cases=_speedup_cases,
    hints=(
        "If a job took 10 s and now takes 2 s, it is 5 times as fast. Which of the two numbers is above the line?",
        "NumPy divides two arrays number by number.",
        "9 s before, 2 s now: 9 / 2 = 4.5. From 3 s to 4 s it is 0.75. Lists cannot be divided: make arrays of them with "
        "`np.asarray`.",
    ),
)


@speedup.mistake("That is the fraction upside down. Twice as fast is 2: the old time over the new one.")
def speedup_upside_down(seconds_before, seconds_after):
    return np.asarray(seconds_after) / np.asarray(seconds_before)


@speedup.mistake("These are the seconds saved. A speed-up is a ratio: divide.")
def speedup_as_difference(seconds_before, seconds_after):
    return np.asarray(seconds_before) - np.asarray(seconds_after)


@speedup.mistake("This is the share of the time that is saved: 0.9 for ten times as fast. Return the ratio itself.")
def speedup_as_share_saved(seconds_before, seconds_after):
    return 1 - np.asarray(seconds_after) / np.asarray(seconds_before)


@speedup.mistake("You took 1 away. Equally fast is a speed-up of 1, not of 0.")
def speedup_as_gain(seconds_before, seconds_after):
    return np.asarray(seconds_before) / np.asarray(seconds_after) - 1


@speedup.mistake("The fractions are cut off. Divide with `/`; `//` rounds down.")
def speedup_cut_to_whole(seconds_before, seconds_after):
    return np.asarray(seconds_before) // np.asarray(seconds_after)


@speedup.mistake("One number for all rows. Divide each time by its partner, without a sum.")
def speedup_of_the_sums(seconds_before, seconds_after):
    return np.sum(seconds_before) / np.sum(seconds_after)


# --- images_per_second -------------------------------------------------------------------------


def _rate_cases(generator: np.random.Generator) -> Iterator[Case]:
    steps, warmup = int(generator.integers(4, 8)), int(generator.integers(1, 3))
    seconds = generator.uniform(0.05, 0.9, size=warmup + steps)
    seconds[:warmup] += generator.uniform(2, 9, size=warmup)
    seconds[-1] += 1.5  # one slow step, so that mean and median, and the two means of rates, differ
    yield Case({"seconds": seconds.round(3), "batch_size": int(generator.choice([8, 24, 96])), "warmup": warmup}, "rate")
    yield Case({"seconds": generator.permutation([1, 2, 2, 6]), "batch_size": 5, "warmup": 0}, "rate", "all steps count")


images_per_second = Exercise(
    name="images_per_second",
    title="Images per second",
    points={"rate": 1},
    minutes=6,
    difficulty=1,
    # The harmonic mean of the rates of the single steps is all images over all seconds.
    oracle=lambda seconds, batch_size, warmup: float(scipy.stats.hmean(batch_size / np.asarray(seconds)[warmup:])),
    examples=(
        Case(
            {"seconds": np.array([5.0, 0.5, 0.25, 0.25]), "batch_size": 32, "warmup": 1},
            "rate",
            "96 images in one second; the first step is not counted",
            known=96.0,
        ),
        Case({"seconds": np.array([9.0, 2.0, 0.4, 0.6, 1.0]), "batch_size": 10, "warmup": 2}, "rate", known=15.0),
    ),
    cases=_rate_cases,
    hints=(
        "Which steps count? `seconds[warmup:]`.",
        "How many images did these steps handle together? And how long did they take together?",
        "Seconds 5, 0.5, 0.25, 0.25, batches of 32, one step of warm-up: three steps count, 96 images in 1.0 s. The mean of the "
        "three single rates would be larger, and wrong.",
    ),
)


@images_per_second.mistake("The first steps are counted too. They prepare and compile: leave out `seconds[:warmup]`.")
def images_with_warm_up(seconds, batch_size, warmup):
    return batch_size * len(seconds) / np.sum(seconds)


@images_per_second.mistake(
    "You averaged the rates of single steps. Quick steps then count too much. Divide all images by all seconds."
)
def images_mean_of_rates(seconds, batch_size, warmup):
    return np.mean(batch_size / np.asarray(seconds[warmup:]))


@images_per_second.mistake("These are steps a second. Each step handles `batch_size` images.")
def images_steps_per_second(seconds, batch_size, warmup):
    return 1 / np.mean(seconds[warmup:])


@images_per_second.mistake("These are seconds an image. Turn the fraction round.")
def images_seconds_per_image(seconds, batch_size, warmup):
    return np.mean(seconds[warmup:]) / batch_size


@images_per_second.mistake("The images of one batch, over the seconds of all steps. Count the images of all steps.")
def images_of_one_batch(seconds, batch_size, warmup):
    return batch_size / np.sum(seconds[warmup:])


@images_per_second.mistake("One step too many is left out. The first step that counts is `seconds[warmup]`.")
def images_one_warm_up_step(seconds, batch_size, warmup):
    return batch_size / np.mean(seconds[warmup + 1 :])


@images_per_second.mistake("The images of all steps over the seconds of some. Leave the first `warmup` steps out of both.")
def rate_with_images_of_the_warmup(seconds, batch_size, warmup):
    return batch_size * len(seconds) / np.sum(seconds[warmup:])


# --- arithmetic_intensity ----------------------------------------------------------------------

FLOAT32, FLOAT16 = "float32", "float16"


def _layer(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    return {
        "batch": batch,
        "rows": rows,
        "cols": cols,
        "channels": channels,
        "filters": filters,
        "kernel": kernel,
        "bytes_per_number": bytes_per_number,
    }


def _intensity_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, size in ((FLOAT32, 4), (FLOAT16, 2)):
        batch, rows, cols = int(generator.integers(2, 6)), int(generator.integers(4, 9)), int(generator.integers(10, 15))
        channels, filters = generator.permutation([3, 5, 8, 12])[:2].tolist()
        yield Case(_layer(batch, rows, cols, channels, filters, int(generator.choice([3, 5])), size), part)
        yield Case(_layer(1, 1, 1, 3, 1, 1, size), part, "a single pixel")


def _intensity(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    """Counted on arrays that are really there: einsum's own count of operations, and the bytes of the arrays."""
    number = {2: np.float16, 4: np.float32}[bytes_per_number]
    patches = np.broadcast_to(np.zeros((), number), (batch * rows * cols, kernel * kernel * channels))
    weights = np.zeros((kernel, kernel, channels, filters), number)
    maps, result = np.zeros((batch, rows, cols, channels), number), np.zeros((batch, rows, cols, filters), number)
    products = patches.shape[0] * patches.shape[1] * weights.shape[-1]
    return (products + products) / (maps.nbytes + weights.nbytes + result.nbytes)


arithmetic_intensity = Exercise(
    name="arithmetic_intensity",
    title="Work for each byte",
    points={FLOAT32: 1, FLOAT16: 1},
    minutes=10,
    difficulty=2,
    oracle=_intensity,
    examples=(
        Case(_layer(1, 2, 3, 1, 2, 1, 4), FLOAT32, "worked by hand: 24 operations, 20 numbers", known=0.3),
        Case(_layer(1, 1, 1, 4, 3, 1, 2), FLOAT16, "a dense layer: 24 operations, 4 + 12 + 3 numbers", known=24 / 38),
        Case(_layer(2, 4, 5, 3, 4, 3, 4), FLOAT32, known=8640 / 1552),
    ),
    cases=_intensity_cases,
    hints=(
        "Two counts, then a fraction. The work: how many results are there, and how many multiply-adds does each need?",
        "Two operations for each multiply-add. Moved are the maps that come in, the weights, and the results.",
        "One image of 2 × 3 with 1 channel, two filters of 1 × 1: 12 results of one multiply-add, 24 operations; 6 + 2 + 12 "
        "numbers, 80 bytes; 0.3. For a batch of two, everything doubles but the weights.",
    ),
)


def _slip(batch, rows, cols, channels, filters, kernel, bytes_per_number, work=2.0, weights=1.0, result=1.0):
    places = batch * rows * cols
    numbers = places * channels + weights * kernel**2 * channels * filters + result * places * filters
    return work * places * kernel**2 * channels * filters / (numbers * bytes_per_number)


@arithmetic_intensity.mistake("Half of it: a multiply-add is two operations, a product and a sum.")
def intensity_in_products(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    return _slip(batch, rows, cols, channels, filters, kernel, bytes_per_number, work=1.0)


@arithmetic_intensity.mistake("The result has to be written to memory too: batch × rows × cols × filters numbers.")
def intensity_without_result(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    return _slip(batch, rows, cols, channels, filters, kernel, bytes_per_number, result=0.0)


@arithmetic_intensity.mistake("The weights have to be read too: kernel² × channels × filters numbers.")
def intensity_without_weights(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    return _slip(batch, rows, cols, channels, filters, kernel, bytes_per_number, weights=0.0)


@arithmetic_intensity.mistake(
    "You read the weights anew for each image. They are read once for the whole batch: that is what batches are good for."
)
def intensity_weights_for_each_image(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    return _slip(batch, rows, cols, channels, filters, kernel, bytes_per_number, weights=float(batch))


@arithmetic_intensity.mistake("You took 4 bytes a number. With float16 it is 2: use `bytes_per_number`.")
def intensity_always_float32(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    return _slip(batch, rows, cols, channels, filters, kernel, 4)


@arithmetic_intensity.mistake("This is work for each number. Multiply the numbers by `bytes_per_number`.")
def intensity_of_numbers(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    return _slip(batch, rows, cols, channels, filters, kernel, 1)


@arithmetic_intensity.mistake("A kernel has kernel × kernel places, for the work too.")
def intensity_kernel_once(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    right = _slip(batch, rows, cols, channels, filters, kernel, bytes_per_number)
    return right / kernel


@arithmetic_intensity.mistake("A kernel has kernel × kernel places. You take `kernel` of them, for the work and for the weights.")
def intensity_of_flat_kernels(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    places = batch * rows * cols
    numbers = places * channels + kernel * channels * filters + places * filters
    return 2 * places * filters * kernel * channels / (bytes_per_number * numbers)


# --- roofline ----------------------------------------------------------------------------------


def _roof_cases(generator: np.random.Generator) -> Iterator[Case]:
    bandwidth = round(float(generator.uniform(20, 400)), 1)
    ridge = float(generator.uniform(6, 30))
    low, high = ridge * generator.uniform(0.05, 0.8, size=2), ridge * generator.uniform(1.3, 9, size=2)
    intensity = np.concatenate([low, high])[generator.permutation(4)].round(2)
    yield Case({"intensity": intensity, "peak": round(bandwidth * ridge, 1), "bandwidth": bandwidth}, "roof")
    yield Case({"intensity": np.array([3.25, 3.75, 1.0]), "peak": 7, "bandwidth": 2}, "roof", "just under the ridge, just beyond")


def _roof(intensity, peak, bandwidth):
    """From the seconds: of one byte to come, and of the work on it; the slower of the two decides."""
    seconds_byte, seconds_work = 1 / bandwidth, np.asarray(intensity, float) / peak
    return np.asarray(intensity) / np.maximum(seconds_byte, seconds_work), seconds_byte > seconds_work


roofline = Exercise(
    name="roofline",
    title="The roof",
    results=("rates", "where memory is the limit"),
    points={"roof": 2},
    minutes=8,
    difficulty=2,
    oracle=_roof,
    examples=(
        Case(
            {"intensity": np.array([0.25, 2.0, 50.0]), "peak": 100.0, "bandwidth": 10.0},
            "roof",
            "the roof bends at 10 operations a byte",
            known=([2.5, 20.0, 100.0], [True, True, False]),
        ),
        Case(
            {"intensity": np.array([0.5, 100.0]), "peak": 4290.0, "bandwidth": 288.0},
            "roof",
            "a Tesla K40, in billions a second",
            known=([144.0, 4290.0], [True, False]),
        ),
    ),
    cases=_roof_cases,
    hints=(
        "Memory delivers `bandwidth` bytes a second, and `intensity` operations are done with each byte. How many operations a second is that?",
        "There are two limits: `bandwidth * intensity`, and `peak`. `np.minimum` takes the lower one place by place.",
        "Peak 100, bandwidth 10, intensities 5, 10, 20: memory allows 50, 100, 200, so the rates are 50, 100, 100. Memory is "
        "the limit in the first only: exactly at the bend it is not.",
    ),
)


@roofline.mistake("You took the larger of the two limits. The *lower* one decides: use the minimum.")
def roof_the_larger(intensity, peak, bandwidth):
    return np.maximum(peak, bandwidth * intensity), bandwidth * intensity < peak


@roofline.mistake("The rate grows without end here. It cannot pass `peak`: take the minimum of both limits.")
def roof_always_bandwidth(intensity, peak, bandwidth):
    return bandwidth * intensity, bandwidth * intensity < peak


@roofline.mistake("Peak everywhere. Where the intensity is low, memory cannot deliver that fast.")
def roof_always_peak(intensity, peak, bandwidth):
    return np.full(len(intensity), float(peak)), bandwidth * intensity < peak


@roofline.mistake("You divided by the intensity. Bytes a second times operations a byte are operations a second: multiply.")
def roof_divided(intensity, peak, bandwidth):
    return np.minimum(peak, bandwidth / intensity), bandwidth / intensity < peak


@roofline.mistake("The second array is the wrong way round: True where *memory* is the limit.")
def roof_bound_exchanged(intensity, peak, bandwidth):
    return np.minimum(peak, bandwidth * intensity), bandwidth * intensity > peak


@roofline.mistake("You added the time of moving and of computing. A device does both at once, so the slower one alone decides.")
def roof_one_after_the_other(intensity, peak, bandwidth):
    return intensity / (1 / bandwidth + intensity / peak), bandwidth * intensity < peak


@roofline.mistake("One answer for all. Say for each layer whether memory is its limit.")
def roof_of_all_together(intensity, peak, bandwidth):
    rates = np.minimum(peak, bandwidth * np.asarray(intensity))
    return rates, bool((rates < peak).all())


# --- busy_dense --------------------------------------------------------------------------------


def _busy_cases(generator: np.random.Generator) -> Iterator[Case]:
    for low, high in ((3, 9), (10, 30), (40, 90)):
        bend = int(generator.integers(low, high)) + 0.25  # 6 · bend is not whole
        yield Case({"bend": bend, "most": int(3 * (6 * bend) ** 3)}, "layer")


def _busy_misses(result, bend, most):
    batch, inputs, outputs = (whole(number) for number in result)
    if not 1 <= min(batch, inputs, outputs) <= max(batch, inputs, outputs) <= 10**6:
        return f"Batch, inputs and outputs are {batch}, {inputs} and {outputs}; numbers from 1 to a million are asked."
    operations = 2 * batch * inputs * outputs
    intensity = operations / (4 * (batch * inputs + inputs * outputs + batch * outputs))
    if intensity < bend:
        return f"The intensity is {intensity:.4g}; {bend:.4g} or more is asked."
    return f"There are {operations:,} operations; at most {most:,} is asked." if operations > most else ""


def _cube(side):
    return side, side, side


busy_dense = Exercise(
    name="busy_dense",
    title="Design: just enough work",
    points={"layer": 1},
    minutes=10,
    difficulty=2,
    oracle=lambda bend, most: _cube(math.ceil(6 * bend)),
    meets=_busy_misses,
    examples=(
        Case(
            {"bend": 2.0, "most": 5_000}, "layer", "2 · 12³ = 3,456 operations for 4 · 3 · 12² = 1,728 bytes", known=(12, 12, 12)
        ),
        Case({"bend": 14.9, "most": 2_000_000}, "layer", "a K40"),
    ),
    cases=_busy_cases,
    hints=(
        "Write down the intensity for batch b, n inputs and m outputs. Three numbers appear in it in the same way: which shape treats them alike?",
        "A side that is small spoils it: with b = 1 the intensity stays below ½, however large n and m are. So let all three grow together.",
        "With three sides of 12 there are 2 · 12³ operations and 3 · 12² numbers of 4 bytes: the intensity is 2. How does it grow with the side?",
    ),
)


@busy_dense.mistake("With a batch of 1 each weight is used once, and the intensity stays below ½. Let the batch grow as well.")
def busy_with_one_image(bend, most):
    return 1, math.ceil(6 * bend), math.ceil(6 * bend)


@busy_dense.mistake("You counted operations for each *number*. A number of float32 has four bytes.")
def busy_by_numbers(bend, most):
    return _cube(math.ceil(1.5 * bend))


@busy_dense.mistake("You rounded the side down, so the intensity ends just below what is asked. Round up.")
def busy_rounded_down(bend, most):
    return _cube(math.floor(6 * bend))


@busy_dense.mistake("The intensity is high enough, but far more work is done than needed. Take the smallest side that will do.")
def busy_far_too_large(bend, most):
    return _cube(math.ceil(12 * bend))


@busy_dense.mistake("One long side costs much work and helps little. The shortest side decides: make the three alike.")
def busy_with_a_long_side(bend, most):
    return math.ceil(3 * bend), math.ceil(6 * bend), math.ceil(60 * bend)


# --- small_steps -------------------------------------------------------------------------------


def _small_step_cases(generator: np.random.Generator) -> Iterator[Case]:
    for count in (2, 4):
        weights = generator.uniform(1, 2, size=count) * generator.choice([-1, 1], size=count)
        gradients = generator.uniform(0.2, 1, size=(40, count)) * generator.choice([-1, 1], size=count)
        yield Case({"weights": weights.astype(np.float32), "gradients": gradients.astype(np.float32), "rate": 1e-4}, "weights")


def _rounded_each_time(weights, gradients, rate):
    for gradient in gradients:
        weights = np.float16(weights - rate * gradient)
    return weights


def _moved(weights, change):
    return np.asarray(weights, float) - np.asarray(change, float)


small_steps = Exercise(
    name="small_steps",
    title="Repair: a weight that stands still",
    points={"weights": 1},
    minutes=6,
    difficulty=1,
    oracle=lambda weights, gradients, rate: _moved(weights, rate * gradients.sum(axis=0, dtype=float)),
    given=_rounded_each_time,
    examples=(
        Case(
            {
                "weights": np.array([1.0, 2048.0], np.float32),
                "gradients": np.array([[1.0, -1.0], [1.0, -1.0], [1.0, -1.0]], np.float32),
                "rate": 1.0,
            },
            "weights",
            "three steps of 1: the second weight should reach 2,051",
            known=[-2.0, 2051.0],
        ),
    ),
    cases=_small_step_cases,
    hints=(
        "The example's first weight comes out right, the second does not move. What is 2048 + 1 in float16?",
        "Each step by itself is too small for 16 bits, so it is lost before the next one can be added.",
        "In float32 the second weight goes 2049, 2050, 2051. In float16 it goes back to 2048 each time. Which word in the loop rounds?",
    ),
)


@small_steps.mistake("The steps are kept now, but you round to 16 bits at the end. Return the weights as they are.")
def steps_rounded_at_the_end(weights, gradients, rate):
    return np.float16(_moved(weights, rate * gradients.sum(axis=0)))


@small_steps.mistake("Your weights move, but uphill. A step goes against the gradient.")
def steps_uphill(weights, gradients, rate):
    return _moved(weights, -rate * gradients.sum(axis=0))


@small_steps.mistake("You made one step along the mean gradient. There is a step for each row.")
def steps_of_the_mean(weights, gradients, rate):
    return _moved(weights, rate * gradients.mean(axis=0))


@small_steps.mistake("Only the last gradient counts. Each step starts where the one before ended.")
def steps_of_the_last(weights, gradients, rate):
    return _moved(weights, rate * gradients[-1])


@small_steps.mistake("The rate is missing: each step is rate · gradient.")
def steps_without_rate(weights, gradients, rate):
    return _moved(weights, gradients.sum(axis=0))


# --- memory_for_batch --------------------------------------------------------------------------

MIXED = "mixed precision"


def _memory_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, size in ((FLOAT32, 4), (MIXED, 2)):
        yield Case(
            {
                "parameters": int(generator.integers(1_000, 90_000)),
                "activations": int(generator.integers(500, 9_000)),
                "batch_size": int(generator.integers(3, 200)),
                "bytes_per_number": size,
                "slots": int(generator.integers(1, 4)),
            },
            part,
        )
        sizes = {"parameters": int(generator.integers(100, 900)), "activations": int(generator.integers(50, 900))}
        yield Case({**sizes, "batch_size": 1, "bytes_per_number": size, "slots": 0}, part, "plain descent, one image")


def _memory(parameters, activations, batch_size, bytes_per_number, slots):
    """The bytes, kind by kind: weights, gradients, the optimiser's numbers, and each image's activations."""
    kept = [4 * parameters, 4 * parameters, *[4 * parameters] * slots]
    return sum(kept) + sum(activations * bytes_per_number for _ in range(batch_size))


memory_for_batch = Exercise(
    name="memory_for_batch",
    title="Memory for one training step",
    points={FLOAT32: 1, MIXED: 1},
    minutes=8,
    difficulty=2,
    oracle=_memory,
    examples=(
        Case(
            {"parameters": 10, "activations": 100, "batch_size": 2, "bytes_per_number": 4, "slots": 1},
            FLOAT32,
            "10 · 3 · 4 + 2 · 100 · 4",
            known=920,
        ),
        Case(
            {"parameters": 10, "activations": 100, "batch_size": 2, "bytes_per_number": 2, "slots": 2},
            MIXED,
            "the weights stay in float32",
            known=560,
        ),
    ),
    cases=_memory_cases,
    hints=(
        "Which numbers exist once, and which exist once for each image?",
        "Once: weights, gradients, and `slots` numbers of the optimiser for each parameter. That is 2 + slots numbers of 4 bytes.",
        "10 parameters and momentum: weight, gradient and one slot, 10 · 3 · 4 = 120 bytes. Two images of 100 activations: 800 "
        "bytes in float32, 400 in 16 bits.",
    ),
)


@memory_for_batch.mistake("The gradients are missing: one number for each parameter, as large as the weights.")
def memory_without_gradients(parameters, activations, batch_size, bytes_per_number, slots):
    return 4 * parameters * (1 + slots) + batch_size * activations * bytes_per_number


@memory_for_batch.mistake("The optimiser's own numbers are missing: `slots` for each parameter.")
def memory_without_slots(parameters, activations, batch_size, bytes_per_number, slots):
    return 4 * parameters * 2 + batch_size * activations * bytes_per_number


@memory_for_batch.mistake("The activations of one image only. Backpropagation needs those of the whole batch.")
def memory_of_one_image(parameters, activations, batch_size, bytes_per_number, slots):
    return 4 * parameters * (2 + slots) + activations * bytes_per_number


@memory_for_batch.mistake(
    "In mixed precision only the activations have `bytes_per_number`. Weights, gradients and slots stay in float32: 4 bytes."
)
def memory_with_half_weights(parameters, activations, batch_size, bytes_per_number, slots):
    return bytes_per_number * (parameters * (2 + slots) + batch_size * activations)


@memory_for_batch.mistake("The weights are there once, however many images the batch has. Only the activations grow with it.")
def memory_with_weights_for_each_image(parameters, activations, batch_size, bytes_per_number, slots):
    return batch_size * (4 * parameters * (2 + slots) + activations * bytes_per_number)


@memory_for_batch.mistake("These are numbers, not bytes. Multiply by the bytes of each kind.")
def memory_in_numbers(parameters, activations, batch_size, bytes_per_number, slots):
    return parameters * (2 + slots) + batch_size * activations


@memory_for_batch.mistake("Your activations have 4 bytes always. They have `bytes_per_number`.")
def memory_of_wide_activations(parameters, activations, batch_size, bytes_per_number, slots):
    return _memory(parameters, activations, batch_size, 4, slots)


@memory_for_batch.mistake("Only weights and activations are counted. Gradients and the optimiser's numbers need room as well.")
def memory_without_training(parameters, activations, batch_size, bytes_per_number, slots):
    return 4 * parameters + batch_size * activations * bytes_per_number


@memory_for_batch.mistake("The gradients are there once, not for each image.")
def memory_of_gradients_for_each_image(parameters, activations, batch_size, bytes_per_number, slots):
    return _memory(parameters, activations, batch_size, bytes_per_number, slots) + 4 * parameters * (batch_size - 1)


# --- largest_batch -----------------------------------------------------------------------------

FITS, EDGES = "some images fit", "just full, and not even one"


def _largest_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, kind in (
        (FITS, "some"),
        (EDGES, "full"),
        (EDGES, "none"),
        (EDGES, "half"),
        (EDGES, "a byte short"),
        (EDGES, "less than the weights"),
    ):
        parameters, activations = int(generator.integers(200, 900)), int(generator.integers(300, 2_000))
        if kind == "less than the weights":
            parameters, activations = 900, 300  # what is missing would hold some images
        size, slots, images = int(generator.choice([2, 4])), int(generator.integers(1, 4)), int(generator.integers(4, 40))
        fixed, image = 4 * parameters * (2 + slots), activations * size
        memory = {
            "some": fixed + images * image + int(generator.integers(1, image)),
            "full": fixed + images * image,
            "half": fixed + image // 2,  # not one image
            "none": fixed - int(generator.integers(image // 3, image)) if fixed > image else fixed // 2,
            "a byte short": fixed + images * image - 1,
            "less than the weights": fixed // 4,
        }[kind]
        arguments = {
            "memory": memory,
            "parameters": parameters,
            "activations": activations,
            "bytes_per_number": size,
            "slots": slots,
        }
        yield Case(arguments, part)


def _largest(memory, parameters, activations, bytes_per_number, slots):
    """Image by image, as long as it fits."""
    images = 0
    while _memory(parameters, activations, images + 1, bytes_per_number, slots) <= memory:
        images += 1
    return images


largest_batch = Exercise(
    name="largest_batch",
    title="The largest batch that fits",
    points={FITS: 1, EDGES: 1},
    minutes=8,
    difficulty=2,
    oracle=_largest,
    examples=(
        Case(
            {"memory": 1_000, "parameters": 10, "activations": 30, "bytes_per_number": 4, "slots": 1},
            FITS,
            "880 bytes are left for images of 120",
            known=7,
        ),
        Case(
            {"memory": 480, "parameters": 10, "activations": 30, "bytes_per_number": 4, "slots": 1}, EDGES, "just full", known=3
        ),
        Case(
            {"memory": 100, "parameters": 10, "activations": 30, "bytes_per_number": 4, "slots": 1},
            EDGES,
            "the weights alone need more",
            known=0,
        ),
    ),
    cases=_largest_cases,
    hints=(
        "How much is left when the batch is empty? `memory_for_batch` with batch size 0 says what is gone already.",
        "How many images of `activations · bytes_per_number` bytes go into what is left? `//` rounds down.",
        "1,000 bytes, 300 of them needed once, 150 for each image: 700 // 150 = 4. With 200 bytes nothing fits: −100 // 150 is "
        "−1, and no batch is smaller than 0.",
    ),
)


def _room(memory, parameters, activations, bytes_per_number, slots):
    return (memory - 4 * parameters * (2 + slots)) / (activations * bytes_per_number)


@largest_batch.mistake("A negative batch where not even the weights fit. Return 0 then.")
def largest_below_zero(memory, parameters, activations, bytes_per_number, slots):
    return math.floor(_room(memory, parameters, activations, bytes_per_number, slots))


@largest_batch.mistake("Weights, gradients and slots need room as well. Take them away from the memory first.")
def largest_without_weights(memory, parameters, activations, bytes_per_number, slots):
    return memory // (activations * bytes_per_number)


@largest_batch.mistake("Rounded up: the last image does not fit. Round down, as `//` does.")
def largest_rounded_up(memory, parameters, activations, bytes_per_number, slots):
    return max(0, math.ceil(_room(memory, parameters, activations, bytes_per_number, slots)))


@largest_batch.mistake("A batch has a whole number of images: round down, and return an integer.")
def largest_not_whole(memory, parameters, activations, bytes_per_number, slots):
    return max(0.0, _room(memory, parameters, activations, bytes_per_number, slots))


@largest_batch.mistake("Where the last image just fits, you leave it out. Exactly full is allowed (≤).")
def largest_leaves_one_out(memory, parameters, activations, bytes_per_number, slots):
    return max(0, math.ceil(_room(memory, parameters, activations, bytes_per_number, slots)) - 1)


@largest_batch.mistake("Weights, gradients and slots are counted for each image. Take them away once, then divide.")
def largest_of_whole_nets(memory, parameters, activations, bytes_per_number, slots):
    return max(0, memory // _memory(parameters, activations, 1, bytes_per_number, slots))


# --- pipeline_seconds --------------------------------------------------------------------------

SERIAL, DEVICE_BOUND, INPUT_BOUND = "without prefetch", "prefetch, the device is slower", "prefetch, the input is slower"


def _pipeline_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part in (SERIAL, DEVICE_BOUND, INPUT_BOUND):
        short, long = (round(float(generator.uniform(*bounds)), 3) for bounds in ((0.01, 0.04), (0.05, 0.2)))
        first, second = (short, long) if part == DEVICE_BOUND else (long, short)
        steps = int(generator.integers(4, 12))
        yield Case({"prepare": first, "compute": second, "steps": steps, "prefetch": part != SERIAL}, part)
        yield Case({"prepare": first, "compute": second, "steps": 1, "prefetch": part != SERIAL}, part, "a single batch")


def _pipeline(prepare, compute, steps, prefetch):
    """Played through step by step, on a clock for each worker."""
    prepared = free = 0.0
    for _ in range(steps):
        # With prefetch the next batch is begun as soon as the one before is ready; without, when the device is free.
        prepared = (prepared if prefetch else max(prepared, free)) + prepare
        free = max(prepared, free) + compute
    return free, 1 - steps * compute / free


pipeline_seconds = Exercise(
    name="pipeline_seconds",
    title="The next batch in advance",
    results=("seconds in all", "idle share"),
    points={SERIAL: 1, DEVICE_BOUND: 1, INPUT_BOUND: 1},
    minutes=12,
    difficulty=3,
    oracle=_pipeline,
    examples=(
        Case({"prepare": 2.0, "compute": 3.0, "steps": 4, "prefetch": False}, SERIAL, known=(20.0, 0.4)),
        Case(
            {"prepare": 2.0, "compute": 3.0, "steps": 4, "prefetch": True},
            DEVICE_BOUND,
            "the device waits for the first batch only",
            known=(14.0, 1 / 7),
        ),
        Case({"prepare": 3.0, "compute": 2.0, "steps": 4, "prefetch": True}, INPUT_BOUND, known=(14.0, 3 / 7)),
    ),
    cases=_pipeline_cases,
    hints=(
        "Without prefetch the two take turns, so their times add up in each step.",
        "With prefetch: draw two rows of boxes. The first prepare stands alone, the last compute stands alone, between them the slower one sets the pace.",
        "Prepare 2 s, compute 3 s, four steps with prefetch: 2 + 3 · 3 + 3 = 14 s, of which the device works 4 · 3 = 12. So it "
        "is idle 2/14. If prepare takes longer than compute, it sets the pace between.",
    ),
)


def _idle(total, compute, steps):
    return total, 1 - steps * compute / total


@pipeline_seconds.mistake("Nothing overlaps in your sum. With prefetch the next batch is prepared while the device computes.")
def pipeline_ignores_prefetch(prepare, compute, steps, prefetch):
    return _idle(steps * (prepare + compute), compute, steps)


@pipeline_seconds.mistake("You let the two overlap always. Without prefetch they take turns: steps · (prepare + compute).")
def pipeline_always_prefetches(prepare, compute, steps, prefetch):
    return _pipeline(prepare, compute, steps, True)


@pipeline_seconds.mistake("The first batch has to be prepared before anything overlaps, and the last one has to be computed.")
def pipeline_starts_full(prepare, compute, steps, prefetch):
    return _idle(steps * max(prepare, compute) if prefetch else steps * (prepare + compute), compute, steps)


@pipeline_seconds.mistake("The slower of the two sets the pace: take the maximum.")
def pipeline_the_quicker(prepare, compute, steps, prefetch):
    total = prepare + (steps - 1) * min(prepare, compute) + compute if prefetch else steps * (prepare + compute)
    return _idle(total, compute, steps)


@pipeline_seconds.mistake(
    "Only steps − 1 times both are at work together. At the two ends there is one prepare and one compute alone."
)
def pipeline_forgets_the_last_step(prepare, compute, steps, prefetch):
    return _idle(prepare + steps * max(prepare, compute) if prefetch else steps * (prepare + compute), compute, steps)


@pipeline_seconds.mistake("The second number is the busy share; idle is 1 minus that.")
def pipeline_busy_for_idle(prepare, compute, steps, prefetch):
    total, idle = _pipeline(prepare, compute, steps, prefetch)
    return total, 1 - idle


@pipeline_seconds.mistake("The second number is idle seconds; divide by the total.")
def pipeline_idle_in_seconds(prepare, compute, steps, prefetch):
    total, idle = _pipeline(prepare, compute, steps, prefetch)
    return total, total * idle


# --- linear_scaling_lr -------------------------------------------------------------------------

AT_ONCE, WARMED = "without warm-up", "with warm-up"


def _rate_schedule_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part in (AT_ONCE, WARMED):
        base_batch = int(generator.choice([32, 64, 256]))
        warmup = int(generator.integers(3, 6)) if part == WARMED else 0
        arguments = {
            "base_rate": round(float(generator.uniform(0.01, 0.3)), 3),
            "base_batch": base_batch,
            "batch_size": base_batch * int(generator.choice([5, 7, 9])) // 2,  # no whole multiple
            "warmup_steps": warmup,
            "steps": warmup + int(generator.integers(3, 6)),
        }
        yield Case(arguments, part)
    yield Case({**arguments, "steps": warmup}, WARMED, "the warm-up takes all steps")


def _schedule(base_rate, base_batch, batch_size, warmup_steps, steps):
    """A curve through two points, level outside of them."""
    top = base_rate * batch_size / base_batch
    if warmup_steps == 0:
        return np.full(steps, top)
    ends = (base_rate, top)
    curve = scipy.interpolate.interp1d([0, warmup_steps], ends, bounds_error=False, fill_value=ends)
    return curve(np.arange(steps))


linear_scaling_lr = Exercise(
    name="linear_scaling_lr",
    title="A learning rate for large batches",
    points={AT_ONCE: 1, WARMED: 1},
    minutes=12,
    difficulty=2,
    oracle=_schedule,
    examples=(
        Case(
            {"base_rate": 0.1, "base_batch": 256, "batch_size": 8192, "warmup_steps": 0, "steps": 3},
            AT_ONCE,
            "the batch of the paper: 32 times as large",
            known=[3.2, 3.2, 3.2],
        ),
        Case(
            {"base_rate": 0.1, "base_batch": 64, "batch_size": 192, "warmup_steps": 4, "steps": 6},
            WARMED,
            "from 0.1 to 0.3 in four steps",
            known=[0.1, 0.15, 0.2, 0.25, 0.3, 0.3],
        ),
    ),
    cases=_rate_schedule_cases,
    hints=(
        "The full rate is `base_rate * batch_size / base_batch`.",
        "In the warm-up, step t has gone the share t / warmup_steps of the way from the base rate to the full one. Without warm-up do not divide by zero.",
        "From 0.1 to 0.5 with 4 steps of warm-up: 0.1, 0.2, 0.3, 0.4, and 0.5 from step 4 on. `np.arange` counts the steps; "
        "where `warmup_steps` is 0, all have the full rate.",
    ),
)


def _warmed(base_rate, top, warmup_steps, steps, start=None, late=0):
    shares = np.minimum(1, (np.arange(steps) + late) / max(warmup_steps, 1)) if warmup_steps else np.ones(steps)
    start = base_rate if start is None else start
    return start + (top - start) * shares


@linear_scaling_lr.mistake("Your warm-up begins at 0. It begins at `base_rate`, which is known to be safe.")
def rate_warmed_from_zero(base_rate, base_batch, batch_size, warmup_steps, steps):
    return _warmed(base_rate, base_rate * batch_size / base_batch, warmup_steps, steps, start=0.0)


@linear_scaling_lr.mistake("The large rate from the first step on. Rise to it in `warmup_steps` steps.")
def rate_without_warm_up(base_rate, base_batch, batch_size, warmup_steps, steps):
    return np.full(steps, base_rate * batch_size / base_batch)


@linear_scaling_lr.mistake("One step early: step 0 still has the base rate, step `warmup_steps` is the first with the full one.")
def rate_one_step_early(base_rate, base_batch, batch_size, warmup_steps, steps):
    return _warmed(base_rate, base_rate * batch_size / base_batch, warmup_steps, steps, late=1)


@linear_scaling_lr.mistake("The rate goes on rising after the warm-up. Cut it off at the full rate.")
def rate_never_level(base_rate, base_batch, batch_size, warmup_steps, steps):
    top = base_rate * batch_size / base_batch
    return base_rate + (top - base_rate) * np.arange(steps) / warmup_steps if warmup_steps else np.full(steps, top)


@linear_scaling_lr.mistake("That is the rule of the square root. Here the rate grows in proportion to the batch.")
def rate_scaled_by_root(base_rate, base_batch, batch_size, warmup_steps, steps):
    return _warmed(base_rate, base_rate * math.sqrt(batch_size / base_batch), warmup_steps, steps)


@linear_scaling_lr.mistake("You cut the ratio of the batches to a whole number. Divide with `/`.")
def rate_of_a_whole_ratio(base_rate, base_batch, batch_size, warmup_steps, steps):
    return _warmed(base_rate, base_rate * (batch_size // base_batch), warmup_steps, steps)


@linear_scaling_lr.mistake("The rate falls with the batch. A larger batch takes fewer steps, so each must be longer.")
def rate_scaled_down(base_rate, base_batch, batch_size, warmup_steps, steps):
    return _warmed(base_rate, base_rate * base_batch / batch_size, warmup_steps, steps)


@linear_scaling_lr.mistake("The rate stays as it was. Multiply it by batch_size / base_batch.")
def rate_not_scaled(base_rate, base_batch, batch_size, warmup_steps, steps):
    return np.full(steps, base_rate)


EXERCISES: tuple[Exercise, ...] = (
    speedup,
    images_per_second,
    arithmetic_intensity,
    roofline,
    busy_dense,
    small_steps,
    memory_for_batch,
    largest_batch,
    pipeline_seconds,
    linear_scaling_lr,
)
