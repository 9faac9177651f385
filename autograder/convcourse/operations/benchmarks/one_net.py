"""Measure one net in this process: seconds, images a second, memory. Each measurement is one line of JSON on stdout.

`convcourse bench nets` runs this module once for each net, so that memory is freed and a failure affects only one net.
"""

from __future__ import annotations

import contextlib
import gc
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from convcourse.mixed_precision import mixed_policy
from convcourse.operations.benchmarks.memory import process_peak_bytes
from convcourse.texts import many

CONVCOURSE, APPLICATIONS, TORCHVISION = "convcourse", "keras.applications", "torchvision"
FLOAT32, MIXED = "float32", "mixed"


@dataclass(frozen=True)
class Job:
    """One measurement job.

    net: name in our table; library: source of the net; name: its name in that library.
    side: rows and cols of the images if the published images are larger, None for the published size; batches: rising sizes.
    precisions: of FLOAT32, MIXED; seconds: how long each measurement may take after its first step.
    """

    net: str
    library: str
    name: str
    batches: tuple[int, ...]
    side: int | None = None
    precisions: tuple[str, ...] = (FLOAT32, MIXED)
    seconds: float = 1.0


@dataclass(frozen=True)
class Runner:
    """A net prepared for one precision and one way of compiling: two functions that start a step and return its result."""

    infer: Callable[[Any], Any]
    train: Callable[[Any, Any], Any]


def measure(job: Job) -> Iterator[dict[str, Any]]:
    """One dict for each precision, way of compiling, batch and kind of work; a failure gives a dict with "error"."""
    for precision in job.precisions:
        for xla in xla_choices(job.library):
            gc.collect()  # frees the net of the previous way
            facts, runner, images_of = _prepared(job, precision, xla)
            way = {"precision": precision, "xla": xla}
            for work in ("inference", "training"):
                for batch in job.batches:
                    row = facts | way | {"work": work, "batch": batch}
                    try:
                        yield row | _timed(runner, work, images_of(batch), job.seconds)
                    except Exception as error:  # usually out of memory, and larger batches would fail too
                        yield row | {"error": f"{type(error).__name__}: {str(error).strip().splitlines()[0][:160]}"}
                        break


def xla_choices(library: str = CONVCOURSE) -> tuple[bool, ...]:
    """With and without XLA for TensorFlow; JAX always compiles with it, torch never does."""
    backend = "torch" if library == TORCHVISION else _keras().backend.backend()
    return {"tensorflow": (False, True), "jax": (True,)}.get(backend, (False,))


def _timed(runner: Runner, work: str, data: tuple[Any, Any], limit: float) -> dict[str, float]:
    images, labels = data
    start_step = (lambda: runner.infer(images)) if work == "inference" else (lambda: runner.train(images, labels))
    _forget_peak()
    first = _seconds(start_step, 1)
    single = _seconds(start_step, 1)
    steps = min(200, max(2, math.ceil(limit / max(single, 1e-6))))
    step = _seconds(start_step, steps) / steps
    return {
        "ms_per_step": 1e3 * step,
        "images_per_second": len(images) / step,
        "compile_s": max(0.0, first - step),
        "peak_memory_mb": _peak_bytes() / 1e6,
    }


def _seconds(start_step: Callable[[], Any], steps: int) -> float:
    start = time.perf_counter()
    for _ in range(steps):
        result = start_step()
    _fetched(result)
    return time.perf_counter() - start


def _fetched(result: Any) -> np.ndarray:
    """The result in the computer's own memory. Devices work asynchronously until the result is read."""
    if hasattr(result, "detach"):
        result = result.detach().float().cpu()
    return np.asarray(result)


# --- building ----------------------------------------------------------------------------------


def _prepared(job: Job, precision: str, xla: bool) -> tuple[dict[str, Any], Runner, Callable[[int], tuple[Any, Any]]]:
    """The facts about the net before it runs, its runner, and a function that makes a batch on the device."""
    if job.library == TORCHVISION:
        return _prepared_torchvision(job, precision)
    keras = _keras()
    from convcourse.nets.count import count_macs

    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(mixed_policy() if precision == MIXED else FLOAT32)
    try:
        model = built(job)
    finally:
        keras.config.set_dtype_policy(before)
    shape = tuple(int(size) for size in model.inputs[0].shape[1:])
    *places, classes = model.outputs[0].shape[1:]  # places: none, or rows and cols where each pixel gets a class
    facts = {"parameters": int(model.count_params()), "macs": count_macs(model)}
    runner = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[keras.backend.backend()](model, xla)

    def batch_of(count: int) -> tuple[Any, Any]:
        return keras.random.uniform((count, *shape), seed=1), keras.random.randint((count, *places), 0, classes, seed=2)

    return _named(job, shape, facts), runner, batch_of


def _named(job: Job, shape: tuple[int, ...], facts: dict[str, int]) -> dict[str, Any]:
    return {"net": job.net, "library": job.library, "name": job.name, "input": list(shape)} | facts


def built(job: Job) -> Any:
    """The job's net as a keras.Model, with random weights."""
    keras = _keras()
    if job.library == APPLICATIONS:
        return getattr(keras.applications, job.name)(weights=None, input_shape=(*_sides_of_peer(job), 3))
    from convcourse.nets import table

    return table.built(job.net, job.side)


def _sides_of_peer(job: Job) -> tuple[int, int]:
    from convcourse.nets.table import kept_rows

    published = next(row.input_shape[0] for row in kept_rows() if row.name == job.net)
    return (min(job.side or published, published),) * 2


# --- a step on each backend --------------------------------------------------------------------


def _optimizer_and_loss(model: Any) -> tuple[Any, Any]:
    keras = _keras()
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    optimizer.build(model.trainable_variables)
    return optimizer, keras.losses.SparseCategoricalCrossentropy()


def _tensorflow(model: Any, xla: bool) -> Runner:
    import tensorflow as tf

    optimizer, loss_of = _optimizer_and_loss(model)

    def infer(images: Any) -> Any:
        return model(images, training=False)

    def train(images: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = loss_of(labels, model(images, training=True))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    return Runner(tf.function(infer, jit_compile=xla), tf.function(train, jit_compile=xla))


def _jax(model: Any, _xla: bool) -> Runner:
    import jax

    optimizer, loss_of = _optimizer_and_loss(model)
    groups = (model.trainable_variables, model.non_trainable_variables, optimizer.variables)
    # Copies, because each step consumes the state, and the model keeps its own.
    state = tuple([jax.numpy.array(variable.value) for variable in group] for group in groups)

    def looked(weights: Any, others: Any, images: Any) -> Any:
        return model.stateless_call(weights, others, images, training=False)[0]

    def loss_and_others(weights: Any, others: Any, images: Any, labels: Any) -> Any:
        scores, others = model.stateless_call(weights, others, images, training=True)
        return loss_of(labels, scores), others

    def advanced(state: Any, images: Any, labels: Any) -> Any:
        weights, others, moments = state
        slopes = jax.value_and_grad(loss_and_others, has_aux=True)
        (loss, others), gradients = slopes(weights, others, images, labels)
        weights, moments = optimizer.stateless_apply(moments, gradients, weights)
        return loss, (weights, others, moments)

    predict, step = jax.jit(looked), jax.jit(advanced, donate_argnums=0)

    def infer(images: Any) -> Any:
        return predict(state[0], state[1], images)

    def train(images: Any, labels: Any) -> Any:
        nonlocal state
        loss, state = step(state, images, labels)
        return loss

    return Runner(infer, train)


def _torch(model: Any, _xla: bool) -> Runner:
    import torch

    optimizer, loss_of = _optimizer_and_loss(model)

    def infer(images: Any) -> Any:
        with torch.no_grad():
            return model(images, training=False)

    def train(images: Any, labels: Any) -> Any:
        model.zero_grad()
        loss = loss_of(labels, model(images, training=True))
        loss.backward()
        with torch.no_grad():
            optimizer.apply([variable.value.grad for variable in model.trainable_variables], model.trainable_variables)
        return loss

    return Runner(infer, train)


def _prepared_torchvision(job: Job, precision: str) -> tuple[dict[str, Any], Runner, Callable[[int], tuple[Any, Any]]]:
    """torchvision's net in plain torch: channels first, automatic mixed precision."""
    import torch
    import torchvision

    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    options = {"aux_logits": False, "init_weights": False} if job.name in ("googlenet", "inception_v3") else {}
    model = torchvision.models.get_model(job.name, weights=None, **options).to(device)
    side, _ = _sides_of_peer(job)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    half = torch.float16 if device == "cuda" and torch.cuda.get_device_capability()[0] < 8 else torch.bfloat16

    def lower() -> Any:
        return torch.autocast(device, dtype=half, enabled=precision == MIXED)

    def infer(images: Any) -> Any:
        model.eval()
        with torch.no_grad(), lower():
            return model(images)

    def train(images: Any, labels: Any) -> Any:
        model.train()
        optimizer.zero_grad()
        with lower():
            loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    def batch_of(count: int) -> tuple[Any, Any]:
        return torch.rand(count, 3, side, side, device=device), torch.randint(1000, (count,), device=device)

    facts = {"parameters": sum(p.numel() for p in model.parameters()), "macs": _torch_macs(model, batch_of(1)[0])}
    return _named(job, (side, side, 3), facts), Runner(infer, train), batch_of


def _torch_macs(model: Any, image: Any) -> int:
    """Multiply-adds of convolutions and dense layers, as `count_macs` counts them."""
    import torch

    found = []

    def note(layer: Any, _inputs: Any, output: Any) -> None:
        places = output[0, 0].numel() if output.ndim == 4 else 1
        found.append(places * layer.weight.numel())

    hooks = [m.register_forward_hook(note) for m in model.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    model.eval()
    with torch.no_grad():
        model(image)
    for hook in hooks:
        hook.remove()
    return sum(found)


# --- the device --------------------------------------------------------------------------------


def device_facts() -> dict[str, Any]:
    """Backend, its version, the device's name and kind ("GPU", "CPU", "TPU"), and the meaning of "mixed" here."""
    keras = _keras()
    backend = keras.backend.backend()
    name, kind = _processor(), "CPU"
    if backend == "tensorflow":
        import tensorflow as library

        if gpus := library.config.list_physical_devices("GPU"):
            name, kind = library.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"), "GPU"
    elif backend == "jax":
        import jax as library

        device = library.devices()[0]
        if device.platform != "cpu":
            name, kind = device.device_kind, "TPU" if device.platform == "tpu" else "GPU"
    else:
        import torch as library

        if library.cuda.is_available():
            name, kind = library.cuda.get_device_name(), "GPU"
    return {
        "device": str(name),
        "kind": kind,
        "backend": backend,
        "versions": {"keras": keras.__version__, backend: library.__version__},
        "mixed": mixed_policy(),
    }


def device_peak(precision: str, large: bool) -> float:
    """Operations a second in a large matrix product, with the precision's number type."""
    keras = _keras()
    side, rounds = (8192, 8) if large else (1024, 2)
    kind = mixed_policy().removeprefix("mixed_") if precision == MIXED else FLOAT32
    matrix = keras.ops.cast(keras.random.normal((side, side), seed=1) / math.sqrt(side), kind)

    def products() -> Any:
        result = matrix
        for _ in range(rounds):
            result = keras.ops.matmul(result, matrix)
        return keras.ops.cast(result[0, :1], FLOAT32)

    times = [_seconds(products, 1) for _ in range(5)]
    return 2 * side**3 * rounds / min(times[1:])


def _forget_peak() -> None:
    """Reset the peak memory, if this is possible."""
    if gpu := _tensorflow_gpu():
        gpu.reset_memory_stats("GPU:0")
    elif cuda := _torch_cuda():
        cuda.reset_peak_memory_stats()
    else:
        with contextlib.suppress(OSError):  # Linux only: reset the process's peak
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_bytes() -> float:
    """The peak memory since `_forget_peak`: of the device on a GPU, of the whole process on a CPU."""
    if gpu := _tensorflow_gpu():
        return float(gpu.get_memory_info("GPU:0")["peak"])
    if cuda := _torch_cuda():
        return float(cuda.max_memory_allocated())
    if "jax" in sys.modules and (statistics := sys.modules["jax"].devices()[0].memory_stats()):
        return float(statistics["peak_bytes_in_use"])
    return process_peak_bytes()


def _tensorflow_gpu() -> Any:
    tf = sys.modules.get("tensorflow")
    if tf is None or _keras().backend.backend() != "tensorflow" or not tf.config.list_physical_devices("GPU"):
        return None
    return tf.config.experimental


def _torch_cuda() -> Any:
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_available() else None


def _processor() -> str:
    import platform

    path = Path("/proc/cpuinfo")
    models = [line for line in path.read_text().splitlines() if line.startswith("model name")] if path.exists() else []
    name = models[0].partition(":")[2].strip() if models else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {many(cores or 1, 'core')}"


def _keras() -> Any:
    import keras

    return keras


def main() -> None:
    """Read a job from the command line, as JSON, and print its results. "device" asks only for the device."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if sys.argv[1] == "device":
        facts = device_facts()
        peaks = {kind: device_peak(kind, facts["kind"] != "CPU") for kind in (FLOAT32, MIXED)}
        print(json.dumps(facts | {"peak": peaks}), flush=True)
        return
    job = json.loads(sys.argv[1])
    for row in measure(Job(**job)):
        print(json.dumps(row), flush=True)


def as_text(job: Job) -> str:
    """A job as an argument for `main`."""
    return json.dumps(asdict(job))


if __name__ == "__main__":
    main()
