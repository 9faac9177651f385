"""Changes of right answers of unit 23 that are right too."""

from __future__ import annotations

from tests.equivalent_changes import ALIAS, PRODUCT_ONLY

NO_IMAGES = "a factor of 0: no images, so nothing for them"
NO_WARMUP = "0 divided by anything, or nothing at all"

EQUIVALENT: dict[str, dict[str, str]] = {
    "roofline": {
        "return (np.minimum(from_memory, peak), from_memory < peak)  →  return (np.minimum(from_memory, peak), from_memory <= peak)": "on the ridge itself both are the limit",
    },
    "largest_batch": {
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, 0, activations, bytes_per_number, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, bytes_per_number, 0, activations, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, activations, bytes_per_number, 0, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, memory, 0, bytes_per_number, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, parameters, 0, bytes_per_number, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, bytes_per_number, 0, bytes_per_number, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, slots, 0, bytes_per_number, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, activations, 0, memory, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, activations, 0, parameters, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, activations, 0, activations, slots)": NO_IMAGES,
        "left = memory - memory_for_batch(parameters, activations, 0, bytes_per_number, slots)  →  left = memory - memory_for_batch(parameters, activations, 0, slots, slots)": NO_IMAGES,
    },
    "linear_scaling_lr": {
        "rising = base_rate + (full - base_rate) * np.arange(warmup_steps) / max(warmup_steps, 1)  →  rising = base_rate + (full - base_rate) * np.arange(warmup_steps) / warmup_steps": NO_WARMUP,
        "rising = base_rate + (full - base_rate) * np.arange(warmup_steps) / max(warmup_steps, 1)  →  rising = base_rate + (full - base_rate) * np.arange(warmup_steps) / max(warmup_steps, 2)": NO_WARMUP,
        "rising = base_rate + (full - base_rate) * np.arange(warmup_steps) / max(warmup_steps, 1)  →  rising = base_rate + (full - base_rate) * np.arange(warmup_steps) / max(warmup_steps, 0)": NO_WARMUP,
        "rising = base_rate + (full - base_rate) * np.arange(warmup_steps) / max(warmup_steps, 1)  →  rising = base_rate + (full - base_rate) * np.arange(warmup_steps) / max(warmup_steps, -1)": NO_WARMUP,
    },
}

EQUIVALENT_OF_OTHERS = {
    "roofline": {
        "return (np.where(slope > peak, peak, slope), slope < peak)  →  return (np.where(slope >= peak, peak, slope), slope < peak)": "they are equal there",
        "return (np.where(slope > peak, peak, slope), slope < peak)  →  return (np.where(slope > peak, peak, slope), slope <= peak)": "at the ridge both are the limit",
        "return (rates, [i < peak / bandwidth for i in intensity])  →  return (rates, [i <= peak / bandwidth for i in intensity])": "at the ridge both are the limit",
    },
    "small_steps": {
        "weights = weights.astype(float)  →  for gradient in gradients:": ALIAS,
    },
    "memory_for_batch": {
        "return weights + gradients + slots * 4 * parameters + batch_size * activations * bytes_per_number  →  return gradients + gradients + slots * 4 * parameters + batch_size * activations * bytes_per_number": "both are as many bytes",
        "return weights + gradients + slots * 4 * parameters + batch_size * activations * bytes_per_number  →  return weights + weights + slots * 4 * parameters + batch_size * activations * bytes_per_number": "both are as many bytes",
    },
    "largest_batch": {
        "return 0 if left < 0 else int(left / (activations * bytes_per_number))  →  return 0 if left <= 0 else int(left / (activations * bytes_per_number))": "less than one image's room: 0 either way",
        "return 0 if left < 0 else int(left / (activations * bytes_per_number))  →  return 0 if left + 1 < 0 else int(left / (activations * bytes_per_number))": "less than one image's room: 0 either way",
        "return 0 if left < 0 else int(left / (activations * bytes_per_number))  →  return 0 if left - 1 < 0 else int(left / (activations * bytes_per_number))": "less than one image's room: 0 either way",
        "return 0 if left < 0 else int(left / (activations * bytes_per_number))  →  return 0 if left < 1 else int(left / (activations * bytes_per_number))": "less than one image's room: 0 either way",
        "return 0 if left < 0 else int(left / (activations * bytes_per_number))  →  return 0 if left < -1 else int(left / (activations * bytes_per_number))": "less than one image's room: 0 either way",
        "return 0 if left < 0 else int(left / (activations * bytes_per_number))  →  return 0 if left < 0 else int(left // (activations * bytes_per_number))": "it is rounded down anyway",
        "while memory_in_kinds(parameters, activations, batch + 1, bytes_per_number, slots) <= memory:  →  while memory_in_kinds(parameters, batch + 1, activations, bytes_per_number, slots) <= memory:": PRODUCT_ONLY,
        "while memory_in_kinds(parameters, activations, batch + 1, bytes_per_number, slots) <= memory:  →  while memory_in_kinds(parameters, bytes_per_number, batch + 1, activations, slots) <= memory:": PRODUCT_ONLY,
        "while memory_in_kinds(parameters, activations, batch + 1, bytes_per_number, slots) <= memory:  →  while memory_in_kinds(parameters, activations, bytes_per_number, batch + 1, slots) <= memory:": PRODUCT_ONLY,
    },
    "pipeline_seconds": {
        "if not prefetch:  →  ready = free = busy = 0.0": "what is worked out is not used there",
    },
    "arithmetic_intensity": {
        "shapes = ((batch, rows, cols, channels), (kernel, kernel, channels, filters), (batch, rows, cols, filters))  ⇄": PRODUCT_ONLY,
    },
}
