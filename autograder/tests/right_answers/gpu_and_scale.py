"""Unit 23: other right answers, as students write them."""

import numpy as np


def speedup_by_loop(seconds_before, seconds_after):
    return [before / after for before, after in zip(seconds_before, seconds_after, strict=True)]


def speedup_in_float32(seconds_before, seconds_after):
    return np.float32(seconds_before) / np.float32(seconds_after)


def rate_by_mean(seconds, batch_size, warmup):
    return batch_size / np.mean(seconds[warmup:])


def rate_by_loop(seconds, batch_size, warmup):
    images = total = 0
    for number, duration in enumerate(seconds):
        if number >= warmup:
            images += batch_size
            total += duration
    return images / total


def intensity_in_steps(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    results = batch * rows * cols * filters
    operations = 2 * results * kernel * kernel * channels
    moved = batch * rows * cols * channels + kernel * kernel * channels * filters + results
    return operations / (bytes_per_number * moved)


def intensity_by_shapes(batch, rows, cols, channels, filters, kernel, bytes_per_number):
    shapes = (batch, rows, cols, channels), (kernel, kernel, channels, filters), (batch, rows, cols, filters)
    work = 2.0 * np.prod(shapes[2]) * np.prod(shapes[1][:3])
    return np.float32(work / bytes_per_number / sum(np.prod(shape) for shape in shapes))


def roof_by_where(intensity, peak, bandwidth):
    slope = np.asarray(intensity) * bandwidth
    return np.where(slope > peak, peak, slope), slope < peak


def roof_by_loop(intensity, peak, bandwidth):
    rates = [min(peak, bandwidth * i) for i in intensity]
    return rates, [i < peak / bandwidth for i in intensity]


def memory_in_kinds(parameters, activations, batch_size, bytes_per_number, slots):
    weights = gradients = 4 * parameters
    return weights + gradients + slots * 4 * parameters + batch_size * activations * bytes_per_number


def memory_as_float(parameters, activations, batch_size, bytes_per_number, slots):
    return float(np.dot([8 + 4 * slots, batch_size * bytes_per_number], [parameters, activations]))


def largest_by_division(memory, parameters, activations, bytes_per_number, slots):
    left = memory - 4 * parameters * (2 + slots)
    return 0 if left < 0 else int(left / (activations * bytes_per_number))


def largest_by_trying(memory, parameters, activations, bytes_per_number, slots):
    batch = 0
    while memory_in_kinds(parameters, activations, batch + 1, bytes_per_number, slots) <= memory:
        batch += 1
    return batch


def pipeline_by_formula(prepare, compute, steps, prefetch):
    together = max(prepare, compute) if prefetch else prepare + compute
    total = prepare + (steps - 1) * together + compute
    return total, (total - steps * compute) / total


def pipeline_by_clock(prepare, compute, steps, prefetch):
    if not prefetch:
        return [steps * (prepare + compute), prepare / (prepare + compute)]
    ready = free = busy = 0.0
    for _ in range(steps):
        ready += prepare
        free = max(ready, free) + compute
        busy += compute
    return [free, 1 - busy / free]


def schedule_by_loop(base_rate, base_batch, batch_size, warmup_steps, steps):
    full = base_rate * batch_size / base_batch
    return [base_rate + (full - base_rate) * t / warmup_steps if t < warmup_steps else full for t in range(steps)]


def schedule_joined(base_rate, base_batch, batch_size, warmup_steps, steps):
    full = base_rate * (batch_size / base_batch)
    rising = np.linspace(base_rate, full, warmup_steps, endpoint=False)
    return np.concatenate([rising, np.full(steps - warmup_steps, full)])


def dense_found_by_trying(bend, most):
    side = 1
    while side / 6 < bend:
        side += 1
    return [side, side, side]


def dense_with_a_larger_batch(bend, most):
    batch = int(7 * bend) + 1
    width = int(4 * bend * batch / (batch - 2 * bend)) + 1  # b · n / (2 · (2 b + n)) ≥ bend, solved for n
    return np.array([batch, width, width])


def steps_in_float64(weights, gradients, rate):
    weights = weights.astype(float)
    for gradient in gradients:
        weights -= rate * gradient
    return weights.tolist()


def steps_added_first(weights, gradients, rate):
    return weights - rate * np.sum(gradients, axis=0)


RIGHT_ANSWERS = {
    "busy_dense": (dense_found_by_trying, dense_with_a_larger_batch),
    "small_steps": (steps_in_float64, steps_added_first),
    "speedup": (speedup_by_loop, speedup_in_float32),
    "images_per_second": (rate_by_mean, rate_by_loop),
    "arithmetic_intensity": (intensity_in_steps, intensity_by_shapes),
    "roofline": (roof_by_where, roof_by_loop),
    "memory_for_batch": (memory_in_kinds, memory_as_float),
    "largest_batch": (largest_by_division, largest_by_trying),
    "pipeline_seconds": (pipeline_by_formula, pipeline_by_clock),
    "linear_scaling_lr": (schedule_by_loop, schedule_joined),
}
