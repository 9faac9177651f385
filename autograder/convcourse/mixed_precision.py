"""Choose the half-precision numbers for this device."""

from __future__ import annotations


def mixed_policy() -> str:
    """bfloat16 if the device has it, else float16 (GPUs from before 2020)."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (8, 0)) if gpus else (8, 0)
        return "mixed_bfloat16" if capability >= (8, 0) else "mixed_float16"
    if backend == "torch":
        import torch

        old = torch.cuda.is_available() and torch.cuda.get_device_capability()[0] < 8
        return "mixed_float16" if old else "mixed_bfloat16"
    import jax

    capability = getattr(jax.devices()[0], "compute_capability", "8.0")
    return "mixed_bfloat16" if float(str(capability)) >= 8 else "mixed_float16"
