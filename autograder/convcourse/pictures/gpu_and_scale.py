"""Unit 23: what the devices are, measurements that a picture needs, and the drawings of rooflines and timelines."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from convcourse.colours import ALWAYS_DARK, ALWAYS_LIGHT
from convcourse.data import load_fashion_mnist
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, new_figure
from convcourse.mixed_precision import mixed_policy as mixed_policy  # for the notebook

tf.get_logger().setLevel("ERROR")  # a strategy tells on stderr what it does

# Tesla K40: 2,880 cores, a multiply-add in each tick of 745 MHz, 288 GB/s (its data sheet).
K40_PEAK, K40_BANDWIDTH = 4.29e12, 288e9
# rows, cols, channels, filters, kernel
KNOWN_LAYERS = {
    "VGG16 conv3-256, 56×56": (56, 56, 256, 256, 3),
    "ResNet 1×1, 256 → 64, 56×56": (56, 56, 256, 64, 1),
    # One filter for each of 256 channels: as 256 times as many columns of one channel.
    "MobileNet depthwise, 28×28×256": (28, 28 * 256, 1, 1, 3),
    "VGG16 dense 25,088 → 4,096": (1, 1, 25_088, 4_096, 1),
}
# The same after the batch.
MEASURED_LAYERS = {
    "3×3, 64 → 64, batch 8": (8, 56, 56, 64, 64, 3),
    "1×1, 64 → 64, batch 8": (8, 56, 56, 64, 64, 1),
    "dense 4,096, batch 64": (64, 1, 1, 4096, 4096, 1),
    "dense 4,096, batch 1": (1, 1, 1, 4096, 4096, 1),
}
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")


def devices() -> dict[str, str]:
    """What can compute here: "CPU", and "GPU" where there is one, with TensorFlow's names for them."""
    found = {"CPU": "/CPU:0"}
    return found | ({"GPU": "/GPU:0"} if tf.config.list_physical_devices("GPU") else {})


def split_the_cpu() -> None:
    """Make two virtual devices of the CPU; where TensorFlow is at work already, it stays one."""
    with contextlib.suppress(RuntimeError):
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


def gpu_name() -> str:
    """What the first GPU calls itself; empty without one."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return ""
    return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "a GPU"))


def greeting() -> str:
    """What the reader may expect on this machine."""
    if gpu := gpu_name():
        return f"This machine has a GPU, {gpu}: the tables below have columns for it."
    return (
        "No GPU here. Nothing will fail: each part runs on the CPU, at a reduced size.\n"
        "In Colab: Runtime, Change runtime type, T4 GPU; then run this notebook again."
    )


def clothes() -> tuple[np.ndarray, np.ndarray]:
    """Fashion-MNIST: images, float32 of shape (10000, 28, 28, 1), 0 to 1, and labels."""
    images, labels, _, _ = load_fashion_mnist()
    return (images[..., None] / 255).astype("float32"), labels.astype("int32")


def small_net(dtype: str = "float32") -> keras.Model:
    """Two convolutions with pooling and two dense layers, for 28 × 28 pixels; the same weights each time.

    dtype: policy such as "mixed_bfloat16"; the last layer stays in float32.
    """
    keras.utils.set_random_seed(0)
    options = {"padding": "same", "activation": "relu", "dtype": dtype}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, **options),
            layers.MaxPooling2D(2, dtype=dtype),
            layers.Conv2D(64, 3, **options),
            layers.MaxPooling2D(2, dtype=dtype),
            layers.Flatten(dtype=dtype),
            layers.Dense(64, activation="relu", dtype=dtype),
            layers.Dense(10, activation="softmax", dtype="float32"),
        ]
    )


# --- measuring ---------------------------------------------------------------------------------


def seconds_of(work: Callable[[], Any], repeats: int = 5) -> float:
    """The quickest of some runs, after one that is not counted; the result is fetched, so that all work is done."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        np.asarray(work())
        times.append(time.perf_counter() - start)
    return min(times[1:])


def measured_roof(device: str) -> tuple[float, float]:
    """What a device can do: float32 operations a second in a large matrix product, bytes a second in a plain sum."""
    gpu = "GPU" in device
    side, count, rounds = (8192, 2**28, 10) if gpu else (1024, 2**24, 2)
    with tf.device(device):
        matrix, numbers, others = tf.random.normal((side, side)), tf.ones(count), tf.zeros(count)

        def products() -> Any:
            result = matrix
            for _ in range(rounds):
                result = tf.matmul(result, matrix) / side
            return result[0, 0]

        def sums() -> Any:
            result = numbers
            for _ in range(rounds):  # two kinds of work, so that none is merged with its neighbour
                result = tf.maximum(result, others) + others
            return result[0]

        peak = 2 * side**3 * rounds / seconds_of(tf.function(products), 8)
        # Each time two numbers are read and one is written, 4 bytes each.
        bandwidth = 2 * 12 * count * rounds / seconds_of(tf.function(sums), 3)
    return peak, bandwidth


def measured_layer(device: str, batch: int, rows: int, cols: int, channels: int, filters: int, kernel: int) -> float:
    """Operations a second of a convolution with padding "same" on a device; one kernel a number is a dense layer."""
    with tf.device(device):
        if rows == cols == kernel == 1:
            maps, weights = tf.random.normal((batch, channels)), tf.random.normal((channels, filters))
            layer = tf.function(lambda x, w: tf.matmul(x, w)[0, 0])
        else:
            maps = tf.random.normal((batch, rows, cols, channels))
            weights = tf.random.normal((kernel, kernel, channels, filters))
            layer = tf.function(lambda x, w: tf.nn.conv2d(x, w, 1, "SAME")[0, 0, 0, 0])
        seconds = seconds_of(lambda: layer(maps, weights))
    return 2 * batch * rows * cols * kernel**2 * channels * filters / seconds


def known_layers(intensity: Callable[..., float], roof: Callable[..., Any]) -> pd.DataFrame:
    """Layers of well-known nets on a K40, for one image and for 64: the intensity, and what is the limit.

    intensity, roof: the exercises' functions.
    """
    lines = []
    for name, layer in KNOWN_LAYERS.items():
        for batch in (1, 64):
            operations = intensity(batch, *layer, 4)
            rate, by_memory = roof(np.array([operations]), K40_PEAK, K40_BANDWIDTH)
            limit = "memory" if by_memory[0] else "arithmetic"
            lines.append((name, batch, f"{operations:.2f}", f"{rate[0] / K40_PEAK:.0%}", limit))
    return pd.DataFrame(lines, columns=["layer", "batch", "operations a byte", "of the peak, at best", "limit"])


def compiled_beside_plain(runs: dict[tuple[str, bool], np.ndarray]) -> pd.DataFrame:
    """What XLA costs and gains; runs: (what, with XLA?) -> seconds of the first and of later calls.

    Compiling never takes less than nothing: where the plain first call happened to be the slower one, it shows as 0.
    """
    lines = []
    for what in dict.fromkeys(name for name, _ in runs):
        plain, compiled = runs[what, False], runs[what, True]
        extra = max(0.0, compiled[0] - plain[0])
        before, after = float(np.median(plain[2:])), float(np.median(compiled[2:]))
        pays = f"from call {2 + extra // (before - after):,.0f} on" if after < before else "not here"
        numbers = (f"{extra:.2f}", f"{1e3 * before:.2f}", f"{1e3 * after:.2f}", f"{before / after:.2f}")
        lines.append((what, *numbers, pays))
    titles = ["what", "compiling, s more", "plain, ms", "XLA, ms", "times as fast", "pays"]
    return pd.DataFrame(lines, columns=titles)


def slow_batches(batches: Sequence[Any], wait: float, log: list[tuple[float, float]]) -> Iterator[Any]:
    """Batches from a slow disk: `wait` seconds for each; when it began and ended is noted in `log`."""
    for batch in batches:
        start = time.perf_counter()
        time.sleep(wait)
        log.append((start, time.perf_counter()))
        yield batch


def train_and_log(
    step: Callable[..., Any], batches: Sequence[tuple[np.ndarray, np.ndarray]], wait: float, prefetch: int
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Train on batches from a slow disk through `tf.data`; when the disk and when the device were at work, in seconds.

    prefetch: how many batches `tf.data` may prepare in advance; 0: none.
    """
    disk: list[tuple[float, float]] = []
    device: list[tuple[float, float]] = []
    images, labels = batches[0]
    kinds = (tf.TensorSpec(images.shape, images.dtype), tf.TensorSpec(labels.shape, labels.dtype))
    data = tf.data.Dataset.from_generator(lambda: slow_batches(batches, wait, disk), output_signature=kinds)
    options = tf.data.Options()
    options.autotune.enabled = False
    data = (data.prefetch(prefetch) if prefetch else data).with_options(options)
    for one, two in data:
        begin = time.perf_counter()
        np.asarray(step(one, two))
        device.append((begin, time.perf_counter()))
    start = disk[0][0]  # starting `tf.data` is not counted
    return [(a - start, b - start) for a, b in disk], [(a - start, b - start) for a, b in device]


def map_gradients(net: keras.Model, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Every 16th of the loss's gradients with respect to the maps of all layers."""
    maps = [tf.constant(images)]
    with tf.GradientTape() as tape:
        tape.watch(maps[0])
        for layer in net.layers:
            maps.append(layer(maps[-1]))
        loss = keras.losses.SparseCategoricalCrossentropy()(labels, maps[-1])
    return np.concatenate([np.ravel(gradient)[::16] for gradient in tape.gradient(loss, maps[:-1])])


def two_devices() -> list[str] | None:
    """For MirroredStrategy: None (all GPUs) where there are several, else the virtual CPUs, however many there are."""
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return None
    return [f"CPU:{number}" for number in range(len(tf.config.list_logical_devices("CPU")))]


def nets_for(device: str, full: bool) -> tuple[list[str], int, int | None]:
    """Names of the nets to train for some steps, the batch, and the largest side of images (None: as published)."""
    if device == "GPU" or full:
        from convcourse.nets.table import published_nets

        # FCN and U-Net want a label for each pixel.
        names = [net.name for net in published_nets() if not net.name.startswith(("FCN", "U-Net"))]
        return names, 16 if device == "GPU" else 4, None
    return ["LeNet-5, all pairs connected", "ResNet-20 (CIFAR-10)", "SqueezeNet 1.1", "MobileNet 0.25"], 8, 64


def random_batch(count: int, shape: tuple[int, ...]) -> tuple[tf.Tensor, tf.Tensor]:
    """Images of noise with labels from 0 to 9, on the device of the moment."""
    return tf.random.uniform((count, *shape)), tf.random.uniform((count,), 0, 10, tf.int32)


def landmark(name: str, side: int | None) -> tuple[keras.Model, tuple[int, ...], int]:
    """A net of the course by its name, its input shape, and its multiply-adds for one image.

    side: rows and cols of its images where the published ones are larger; None: as published.
    """
    from convcourse.nets.count import count_macs
    from convcourse.nets.table import built

    keras.backend.clear_session()  # gives back the net before
    net = built(name, side)
    return net, tuple(net.inputs[0].shape[1:]), count_macs(net)


# --- drawings ----------------------------------------------------------------------------------


def old_table_figure(batches: Sequence[int], cpu: Sequence[float], gpu: Sequence[float]) -> tuple[Figure, str]:
    """The lecture's seconds as bars, the ratio above each pair."""
    figure, axes = new_figure(width=8, height=2.8)
    places = np.arange(len(batches))
    for shift, values, colour, hatch, label in ((-0.2, cpu, GREY, "//", "CPU"), (0.2, gpu, BLUE, "", "GPU: Tesla K40")):
        bars = axes.bar(places + shift, values, 0.38, color=colour, hatch=hatch, edgecolor="white", label=label)
        axes.bar_label(bars, fmt="%g s", fontsize=9)
    axes.set(title="AlexNet, about 2014: the lecture's table", ylabel="seconds", ylim=(0, 300))
    axes.set_xticks(places, [f"{batch} images" for batch in batches])
    axes.legend(loc="upper left")
    rows = "; ".join(f"{b} images {c:g} and {g:g} s" for b, c, g in zip(batches, cpu, gpu, strict=True))
    return figure, f"Bars of the seconds of CPU and GPU: {rows}."


def batches_figure(table: pd.DataFrame) -> tuple[Figure, str]:
    """Your own table: milliseconds a step and images a second against the batch, one line a device.

    table: an index of batch sizes; columns "CPU, ms a step", "CPU, images a second", and the same for GPU.
    """
    figure, axes = new_figure(1, 2, width=10.5, height=3.1)
    sizes, said = table.index.to_numpy(float), []
    for number, name in enumerate(dict.fromkeys(column.partition(",")[0] for column in table)):
        colour, mark = (GREY, "s") if name == "CPU" else (BLUE, "o")
        steps, rates = (table[f"{name}, {what}"].to_numpy() for what in ("ms a step", "images a second"))
        axes[0].loglog(sizes, steps, mark + "-", color=colour, label=name)
        axes[1].semilogx(sizes, rates, mark + "-", color=colour, label=name)
        last = (sizes[-1], rates[-1])
        axes[1].annotate(f"{rates[-1]:,.0f}", last, (0, 6 + 2 * number), textcoords="offset points", ha="right")
        said.append(f"{name} from {rates[0]:,.0f} to {rates[-1]:,.0f} images a second")
    axes[0].set(title="Milliseconds for one training step", xlabel="images in a batch")
    axes[1].set(title="Images a second", xlabel="images in a batch")
    axes[1].set_ylim(0, axes[1].get_ylim()[1] * 1.15)
    for place in axes:
        place.set_xticks(sizes, [f"{size:g}" for size in sizes])
        place.xaxis.minorticks_off()
        place.legend(loc="upper left" if place is axes[0] else "lower right")
    return figure, f"Over batches of {sizes[0]:g} to {sizes[-1]:g} images: {'; '.join(said)}."


def chips_figure() -> tuple[Figure, str]:
    """A CPU with a few large cores beside a GPU with thousands of small ones, and how wide the way to memory is."""
    figure, axes = new_figure(1, 2, width=10, height=3.0)
    for place, title, columns, rows, gap, colour, width, words in (
        (axes[0], "CPU: a few quick, clever cores", 4, 2, 0.12, GREY, 2, "memory: tens of GB/s"),
        (axes[1], "GPU: thousands of small ones (K40: 2,880)", 60, 16, 0.25, BLUE, 14, "memory: hundreds of GB/s"),
    ):
        wide, high = 10 / columns, 4 / rows
        for row in range(rows):
            for column in range(columns):
                corner = (column * wide + gap * wide / 2, row * high + gap * high / 2)
                place.add_patch(Rectangle(corner, wide * (1 - gap), high * (1 - gap), color=colour, alpha=0.75, linewidth=0))
        place.add_patch(Rectangle((0, -2.6), 10, 0.9, facecolor="white", edgecolor="black"))
        place.text(5, -2.15, words, ha="center", va="center")
        place.plot([5, 5], [-1.65, -0.05], color=ORANGE, linewidth=width, solid_capstyle="butt")
        place.set(xlim=(-0.3, 10.3), ylim=(-2.8, 4.2), xticks=[], yticks=[])
        place.spines[:].set_visible(False)
        place.set_title(title)
    return figure, "Left eight large cores on a narrow way to memory, right hundreds of small cores on a wide one."


def _draw_roof(axes: Axes, peak: float, bandwidth: float, low: float, high: float) -> None:
    ridge = peak / bandwidth
    line = np.array([low, ridge, high])
    axes.loglog(line, np.minimum(peak, bandwidth * line), color="black", linewidth=2)
    axes.axvline(ridge, color=GREY, linestyle=":", linewidth=1)
    axes.fill_between([low, ridge], 1e6, [bandwidth * low, peak], color=ORANGE, alpha=0.15, linewidth=0)
    axes.fill_between([ridge, high], 1e6, [peak, peak], color=BLUE, alpha=0.12, linewidth=0)
    axes.annotate(f"{ridge:.3g}", (ridge, peak), (0, 5), textcoords="offset points", ha="center", fontsize=9)
    axes.set(xlim=(low, high), xlabel="arithmetic intensity: operations for each byte", ylabel="operations a second")


def roofline_figure(points: dict[str, tuple[float, float]], peak: float, bandwidth: float, device: str) -> tuple[Figure, str]:
    """Layers as points (intensity, operations a second) below the roof of a device."""
    figure, axes = new_figure(width=9, height=4.2)
    low, high = 0.03, max(2_000.0, 1.5 * max(x for x, _ in points.values()))
    _draw_roof(axes, peak, bandwidth, low, high)
    colours = (BLUE, RED, GREEN, PURPLE, ORANGE, GREY, BLUE, RED)
    for (name, (x, y)), mark, colour in zip(points.items(), MARKS, colours, strict=False):
        axes.plot(x, y, mark, color=colour, markersize=9, markeredgecolor="black", label=name, linestyle="none")
    floor = min(*(y for _, y in points.values()), bandwidth * low)
    axes.set(ylim=(floor / 3, peak * 3), title=f"Layers under your own roof ({device})")
    axes.text(low * 1.3, peak * 1.4, "memory is the limit")
    axes.text(high / 1.3, peak * 1.4, "arithmetic is the limit", ha="right")
    axes.legend(loc="lower right", fontsize=9)
    said = ", ".join(f"{name} at {x:.3g} with {y:.2g}" for name, (x, y) in points.items())
    return figure, f"A roof that rises to {peak:.3g} operations a second at {peak / bandwidth:.3g} a byte. Layers: {said}."


def roof_figure(
    batch: int, intensity: Callable[..., float], peak: float = K40_PEAK, bandwidth: float = K40_BANDWIDTH
) -> tuple[Figure, str]:
    """VGG16's first dense layer and one of its convolutions under the K40's roof, for a batch size.

    intensity: of (batch, rows, cols, channels, filters, kernel, bytes).
    """
    figure, axes = new_figure(width=8.5, height=3.4)
    _draw_roof(axes, peak, bandwidth, 0.1, 3_000)
    said = []
    for name, layer, colour, mark in (
        ("dense 25,088 → 4,096", (1, 1, 25_088, 4_096, 1, 4), RED, "o"),
        ("convolution 3×3, 256 → 256, 56×56", (56, 56, 256, 256, 3, 4), BLUE, "s"),
    ):
        x = intensity(batch, *layer)
        y = min(peak, bandwidth * x)
        axes.plot(x, y, mark, color=colour, markersize=11, markeredgecolor="black", label=name, linestyle="none")
        said.append(f"{name}: {x:.3g} operations a byte, at most {y / peak:.0%} of the peak")
    axes.set(ylim=(2e10, 1.5e13), title=f"Tesla K40, batch of {batch}: {said[0].split(': ')[1]} (dense)")
    axes.legend(loc="lower right")
    return figure, f"Batch of {batch} under a K40's roof. " + "; ".join(said) + "."


FORMATS = {
    "float32": (2.0**-149, 2.0**-126, float(np.finfo(np.float32).max), 24),
    "bfloat16": (2.0**-133, 2.0**-126, (2 - 2.0**-7) * 2.0**127, 8),
    "float16": (2.0**-24, 2.0**-14, 65504.0, 11),
}


def formats_figure() -> tuple[Figure, str]:
    """How far three formats reach, and how many binary digits each number has."""
    figure, axes = new_figure(width=10, height=2.2)
    for place, (least, normal, largest, digits) in enumerate(reversed(FORMATS.values())):
        left, middle, right = np.log10([least, normal, largest])
        axes.barh(place, right - middle, left=middle, color=BLUE, alpha=0.75, height=0.5)
        axes.barh(place, middle - left, left=left, color=ORANGE, alpha=0.75, height=0.5, hatch="///", edgecolor="white")
        axes.text(right + 0.8, place, f"{digits} digits", va="center")
    axes.set(xlim=(-47, 46), title="The numbers that each format has (hatched: with fewer digits)", xlabel="power of ten")
    axes.set_yticks(range(3), list(reversed(FORMATS)))
    axes.set_xticks(range(-40, 41, 10))
    said = ", ".join(f"{name} from {least:.1g} to {largest:.3g}" for name, (least, _, largest, _) in FORMATS.items())
    return figure, f"Ranges of three formats: {said}; binary digits 24, 8 and 11."


def gradients_figure(gradients: np.ndarray, power: int) -> tuple[Figure, str]:
    """Sizes of gradients, multiplied by 2 to the power, against the range of float16."""
    sizes = np.log2(np.abs(gradients[gradients != 0])) + power
    figure, axes = new_figure(width=9.5, height=3.1)
    axes.hist(sizes, bins=np.arange(-62, 22), color=BLUE, alpha=0.8)
    top = axes.get_ylim()[1] * 1.25
    axes.set(xlim=(-62, 20), ylim=(0, top), xlabel="power of two", ylabel="gradients")
    for left, right, colour, hatch, words in (
        (-62, -25, RED, "xx", "becomes 0"),
        (-25, -14, ORANGE, "//", "loses digits"),
        (16, 20, RED, "xx", "∞"),
    ):
        axes.axvspan(left, right, facecolor=colour, alpha=0.13, hatch=hatch, edgecolor="white", linewidth=0)
        axes.text((left + right) / 2, top * 0.93, words, ha="center", va="top")
    axes.text(1, top * 0.93, "float16 is at its best", ha="center", va="top")
    lost = float((np.abs(np.float64(gradients[gradients != 0]) * 2.0**power) < 2.0**-25).mean())
    axes.set_title(f"Gradients of a net in training, loss × 2^{power}: {lost:.1%} become 0")
    return figure, f"Histogram of gradients times two to the power {power}; {lost:.1%} lie below float16's smallest number."


def steps_figure(walk: Callable[..., Any]) -> tuple[Figure, str]:
    """Where a weight of 1 gets by 0 to 50 steps of 0.0001, with walk(weights, gradients, rate), and without any rounding."""
    steps = np.arange(51)
    reached = [float(np.ravel(walk(np.ones(1, np.float32), np.ones((n, 1), np.float32), 1e-4))[0]) for n in steps]
    figure, axes = new_figure(width=7.5, height=2.6)
    axes.plot(steps, 1 - 1e-4 * steps, "--", color=GREY, label="as it should")
    axes.plot(steps, reached, ".", color=BLUE, label="small_steps")
    axes.set(xlabel="steps of 0.0001", ylabel="weight", title="Fifty small steps of one weight")
    axes.legend(loc="lower left")
    return (
        figure,
        f"A weight of 1 should reach {1 - 1e-4 * steps[-1]:.4f} after 50 steps; with small_steps it reaches {reached[-1]:.4f}.",
    )


def timeline_figure(runs: dict[str, tuple[list[tuple[float, float]], list[tuple[float, float]]]]) -> tuple[Figure, str]:
    """When the disk and the device were at work, measured; one panel a run."""
    figure, axes = new_figure(len(runs), 1, width=10, height=1.75 * len(runs))
    last = max(device[-1][1] for _, device in runs.values())
    said = []
    for place, (title, (disk, device)) in zip(np.atleast_1d(axes), runs.items(), strict=True):
        for height, spans, colour, words in ((1, disk, ORANGE, ALWAYS_DARK), (0, device, BLUE, ALWAYS_LIGHT)):
            for number, (start, stop) in enumerate(spans):
                place.barh(height, stop - start, left=start, height=0.7, color=colour, edgecolor="white")
                if stop - start > last / 60:
                    place.text((start + stop) / 2, height, str(number), ha="center", va="center", fontsize=8, color=words)
        end = device[-1][1]
        idle = 1 - sum(stop - start for start, stop in device) / end
        place.axvline(end, color="black", linewidth=1, linestyle=":")
        place.set_yticks([0, 1], ["device", "disk"])
        place.set(xlim=(-0.01 * last, 1.02 * last), ylim=(-0.5, 1.5))
        place.set_title(f"{title}: {end:.2f} s, the device is idle {idle:.0%} of the time")
        said.append(f"{title} {end:.2f} seconds, device idle {idle:.0%}")
    np.atleast_1d(axes)[-1].set_xlabel("seconds")
    return figure, f"Rows of boxes for disk and device over time: {'; '.join(said)}."


def replicas_figure(replicas: int = 2) -> tuple[Figure, str]:
    """One step with mirrored weights: the batch is cut, each replica has its gradient, and the mean goes to all."""
    figure, axes = new_figure(width=10, height=3.0)

    def box(x: float, y: float, words: str, colour: str, wide: float = 1.9) -> None:
        axes.add_patch(Rectangle((x - wide / 2, y - 0.36), wide, 0.72, facecolor=colour, alpha=0.25, edgecolor=colour))
        axes.text(x, y, words, ha="center", va="center", fontsize=9)

    def arrow(start: tuple[float, float], stop: tuple[float, float], style: str = "-|>") -> None:
        axes.add_patch(FancyArrowPatch(start, stop, arrowstyle=style, mutation_scale=12, color="black", shrinkA=0, shrinkB=0))

    box(0.9, 1, "batch of 64", GREY, 1.6)
    for row in range(replicas):
        y = 2 - 2 * row
        box(3.5, y, f"32 images on\ndevice {row}", ORANGE)
        box(6.0, y, "same weights,\nown gradient", BLUE)
        box(10.6, y, "same step,\nsame weights", BLUE)
        arrow((1.72, 1 + 0.2 * (1 - 2 * row)), (2.5, y))
        arrow((4.48, y), (5.02, y))
        arrow((6.98, y), (7.62, 1 + 0.2 * (1 - 2 * row)))
        arrow((9.0, 1 + 0.2 * (1 - 2 * row)), (9.62, y))
    box(8.3, 1, "all-reduce:\nmean gradient", GREEN, 1.35)
    axes.set(xlim=(0, 11.7), ylim=(-0.6, 2.6), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title("One step of MirroredStrategy on two devices")
    return (
        figure,
        "A batch of 64 is cut in two; each device computes a gradient; their mean goes to both, which take the same step.",
    )


def schedule_figure(curves: dict[int, np.ndarray]) -> tuple[Figure, str]:
    """Learning rates over the steps, one line a batch size."""
    figure, axes = new_figure(width=8, height=2.6)
    for (batch, rates), style in zip(curves.items(), ("-", "--", ":", "-."), strict=False):
        axes.plot(rates, style, linewidth=2, label=f"batch {batch:,}")
    axes.set(title="Learning rate, with warm-up", xlabel="step", ylabel="learning rate", ylim=(0, None))
    axes.legend(loc="center right")
    ends = ", ".join(f"batch {batch:,} from {rates[0]:.3g} to {rates[-1]:.3g}" for batch, rates in curves.items())
    return figure, f"Learning rates that rise and stay level: {ends}."


def speeds_figure(table: pd.DataFrame, device: str) -> tuple[Figure, str]:
    """Images a second of each net, as bars on a logarithmic axis, with its share of the device's peak."""
    table = table.sort_values("images a second")
    rates = table["images a second"].to_numpy()
    figure, axes = new_figure(width=9, height=1.3 + 0.3 * len(table))
    axes.hlines(range(len(table)), rates[0] / 3, rates, color=BLUE, alpha=0.4)
    axes.plot(rates, table["net"], "o", color=BLUE, markersize=9)
    for place, (rate, share) in enumerate(zip(rates, table["share of peak"], strict=True)):
        axes.annotate(
            f"{rate:,.0f} a second, {share:.0%} of the peak", (rate, place), (9, -3), textcoords="offset points", fontsize=9
        )
    axes.set(title=f"Training: images a second ({device})", xscale="log", xlabel="images a second")
    axes.set(xlim=(rates[0] / 3, rates[-1] * 12), ylim=(-0.6, len(table) - 0.4))
    said = ", ".join(f"{name} {rate:.3g}" for name, rate in zip(table["net"], rates, strict=True))
    return figure, f"Training images a second: {said}."


def activations_of(net: keras.Model) -> int:
    """Numbers that a net's layers hand on for one image; the input counts too."""
    shapes = [layer.output.shape[1:] for layer in net.layers]
    return sum(int(np.prod(shape)) for shape in shapes)
