"""Unit 26: thin layers as one kernel, silent branches, shuffled groups, and pairs of digits that must meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, draw_numbers, new_figure

if TYPE_CHECKING:
    import keras

Block = Callable[[Any], Any]
Shuffle = Callable[[Any, int], Any]

# Top-1 errors in per cent without and with the shuffle: Zhang et al. 2018, table 3. Width, groups -> errors.
SHUFFLE_ERRORS = {(1.0, 3): (34.5, 32.6), (1.0, 8): (37.6, 32.4), (0.5, 3): (45.7, 43.2), (0.5, 8): (48.1, 42.3)}


# --- thin layers -----------------------------------------------------------------------------------


def thin_layers() -> tuple[np.ndarray, np.ndarray]:
    """Small thin layers: depthwise kernels (3, 3, 2), a slope and a mean, and pointwise weights (2, 4)."""
    slope, mean = np.outer([1, 2, 1], [-1, 0, 1]), np.ones((3, 3))
    return np.stack([slope, mean], axis=-1).astype(float), np.array([[1.0, 2.0, 0.0, -1.0], [1.0, 0.0, -3.0, 2.0]])


def kernels_figure(kernel: np.ndarray) -> tuple[Figure, str]:
    """All kernels of a layer, (rows, cols, channels, filters): a row for each channel, a column for each filter."""
    channels, filters = kernel.shape[2:]
    figure, axes = new_figure(channels, filters, width=2.1 * filters, height=2.3 * channels)
    limit = float(np.abs(kernel).max())
    for (channel, number), place in np.ndenumerate(axes):
        draw_numbers(place, kernel[:, :, channel, number] + 0.0, f"channel {channel}, filter {number}", limit=limit)
    ranks = [np.linalg.matrix_rank(kernel[:, :, channel].reshape(-1, filters)) for channel in range(channels)]
    return figure, f"{channels} rows of {filters} kernels. In each row all are multiples of {max(ranks)} kernel."


def two_steps(images: np.ndarray, depthwise: np.ndarray, pointwise: np.ndarray, relu: bool) -> np.ndarray:
    """Depthwise and pointwise convolution one after the other, without padding; with a ReLU between them if `relu`.

    images: array (batch, rows, cols, channels); kernels as in the lesson. Returns (batch, rows, cols, filters).
    """
    windows = np.lib.stride_tricks.sliding_window_view(images, depthwise.shape[:2], axis=(1, 2))
    maps = np.einsum("bijcuv,uvc->bijc", windows, depthwise)
    return (np.maximum(maps, 0) if relu else maps) @ pointwise


def nearest_kernel(images: np.ndarray, maps: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """The kernel (side, side, channels, filters) whose convolution of the images comes nearest to the maps.

    By least squares, with a bias beside it. Returns it, and which share of the maps' variance it leaves unexplained.
    """
    windows = np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    table = windows.reshape(-1, side * side * images.shape[-1])
    table, wanted = np.column_stack([table, np.ones(len(table))]), maps.reshape(len(table), -1)
    found = np.linalg.lstsq(table, wanted, rcond=None)[0]
    missed = float(np.var(wanted - table @ found, axis=0).sum() / np.var(wanted, axis=0).sum())
    return found[:-1].reshape(side, side, images.shape[-1], -1), missed


# --- Xception --------------------------------------------------------------------------------------


def _silence(model: keras.Model) -> None:
    """Each batch norm multiplies by 0 from now on."""
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.gamma.assign(np.zeros(layer.gamma.shape))


def silent_figure(module: Callable[[Any, Sequence[int]], Any], channels: int = 24) -> tuple[Figure, str]:
    """A signal before and after a middle module whose branch gives nothing but zeros."""
    import keras

    x = keras.Input((1, 1, channels))
    model = keras.Model(x, module(x, (channels,) * 3))
    _silence(model)
    signal = np.sin(np.linspace(0, 4 * np.pi, channels))
    after = keras.ops.convert_to_numpy(model(signal.reshape(1, 1, 1, channels)))[0, 0, 0]
    figure, axes = new_figure(1, 2, width=9, height=2.5)
    for place, values, title in zip(axes, (signal, after), ("x", "after a module with a silent branch"), strict=True):
        place.bar(np.arange(len(values)), values, color=[BLUE if value >= 0 else ORANGE for value in values])
        place.axhline(0, color="black", lw=0.8)
        place.set(xlabel="channel", ylim=(-1.1, 1.1))
        place.set_title(title)
    lost = int(np.sum(np.abs(after[:channels] - signal) > 1e-3))
    return figure, f"A wave over {channels} channels as bars, before and after the module: {lost} of them are changed."


def with_relu_between(net: keras.Model) -> keras.Model:
    """The same net with a ReLU between the two steps of each separable convolution; all weights are drawn anew."""
    import keras
    from keras import layers

    def split(layer: keras.layers.Layer) -> keras.layers.Layer:
        if not isinstance(layer, layers.SeparableConv2D):
            return layer.__class__.from_config(layer.get_config())
        deep = layers.DepthwiseConv2D(layer.kernel_size, padding=layer.padding, use_bias=False)
        return keras.Sequential([deep, layers.ReLU(), layers.Conv2D(layer.filters, 1, use_bias=False)])

    return keras.models.clone_model(net, clone_function=split)


def train_clothes(
    net: keras.Model, images: np.ndarray, labels: np.ndarray, held_out: tuple[Any, Any], epochs: int
) -> list[float]:
    """Train by Adam with a falling rate; returns the held-out accuracy after each epoch."""
    import keras

    _forget_faster(net)
    rate = keras.optimizers.schedules.CosineDecay(0.005, epochs * (len(images) // 32))
    net.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    past = net.fit(images, labels, 32, epochs, verbose=0, validation_data=held_out, validation_batch_size=500)
    return [float(accuracy) for accuracy in past.history["val_accuracy"]]


def _forget_faster(net: keras.Model) -> None:
    """Batch norms follow their batches faster: so few steps are too few for Keras's slow 0.99."""
    for layer in net._flatten_layers():
        if type(layer).__name__ == "BatchNormalization":
            layer.momentum = 0.9


# --- ShuffleNet ------------------------------------------------------------------------------------


def order_after(shuffle: Callable[[Any, int], Any], channels: int, groups: int) -> list[int]:
    """Which channel stands at each place after a shuffle."""
    import keras

    x = keras.Input((1, 1, channels))
    numbers = np.arange(float(channels)).reshape(1, 1, 1, channels)
    model = keras.Model(x, shuffle(x, groups))
    return [round(float(number)) for number in np.ravel(keras.ops.convert_to_numpy(model(numbers)))]


def shuffle_figure(order: Sequence[int], groups: int) -> tuple[Figure, str]:
    """Channels before and after a shuffle, each with its group's number; dashed frames are the next layer's groups."""
    figure, axes = new_figure(width=8.5, height=2.7)
    colours, channels = (BLUE, ORANGE, GREEN, RED, PURPLE, GREY), len(order)
    each = channels // groups
    for place, source in enumerate(order):
        axes.plot([source, place], [1.72, 0.28], color=colours[source // each % 6], lw=1.6)
    for height, shown in ((2, range(channels)), (0, order)):
        for place, source in enumerate(shown):
            colour = colours[source // each % 6]
            axes.add_patch(
                Rectangle((place - 0.36, height - 0.28), 0.72, 0.56, facecolor=colour + "33", edgecolor=colour, lw=1.5)
            )
            axes.text(place, height, str(source // each + 1), ha="center", va="center")
    for group in range(groups):
        axes.add_patch(Rectangle((group * each - 0.46, -0.42), each - 0.08, 0.84, fill=False, ls="--", lw=1.3))
    axes.text(-0.8, 2, "from group", ha="right", va="center")
    axes.text(-0.8, 0, "into group", ha="right", va="center")
    axes.set(xlim=(-3, channels - 0.3), ylim=(-0.6, 2.5))
    axes.set_axis_off()
    axes.set_title(f"{channels} channels, {groups} group{'s' if groups > 1 else ''} of {each}, shuffled")
    kinds = len({source // each for source in order[:each]})
    return figure, f"{channels} channels in {groups} groups; after the shuffle the first group holds channels of {kinds} groups."


def hearing(between: Shuffle, channels: int = 12, groups: int = 3) -> np.ndarray:
    """Which channel is heard in which map after two grouped 1 × 1 layers, with `between` between them.

    Returns a boolean array (maps, channels).
    """
    import keras
    from keras import layers

    x = keras.Input((1, 1, channels))
    ones = {"groups": groups, "use_bias": False, "kernel_initializer": "ones"}
    y = between(layers.Conv2D(channels, 1, **ones)(x), groups)
    model = keras.Model(x, layers.Conv2D(channels, 1, **ones)(y))
    return keras.ops.convert_to_numpy(model(np.eye(channels).reshape(channels, 1, 1, channels)))[:, 0, 0].T > 0


def hearing_figure(heard: Mapping[str, np.ndarray]) -> tuple[Figure, str]:
    """Squares for what is heard: a row for each map, a column for each channel. title -> array of `hearing`."""
    figure, axes = new_figure(1, len(heard), width=3.6 * len(heard), height=3.6)
    for place, (title, array) in zip(np.atleast_1d(axes), heard.items(), strict=True):
        for (row, column), hears in np.ndenumerate(array):
            colour = BLUE if hears else GREY + "22"
            place.add_patch(Rectangle((column - 0.45, row - 0.45), 0.9, 0.9, facecolor=colour))
        place.set(xlim=(-0.6, array.shape[1] - 0.4), ylim=(len(array) - 0.4, -0.6), aspect="equal")
        place.set(xlabel="channel in", ylabel="map out")
        place.set_title(title)
    return figure, "; ".join(f"{title}: {array.mean():.0%} of the squares are filled" for title, array in heard.items()) + "."


# --- pairs of digits -------------------------------------------------------------------------------


def pairs(count: int, seed: int, test: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of handwritten digits, each in a channel of its own, half of them pairs of the same digit.

    test: from the last 517 images, not the first 1,280. Returns images (count, 8, 8, 2) from 0 to 1, and labels: 1 for the same.
    """
    from sklearn.datasets import load_digits

    digits, generator = load_digits(), np.random.default_rng(seed)
    part = slice(1280, None) if test else slice(1280)
    images, names = digits.images[part] / 16, digits.target[part]
    first, same = generator.integers(0, len(names), count), generator.integers(0, 2, count)
    wanted = np.where(same, names[first], (names[first] + generator.integers(1, 10, count)) % 10)
    second = [generator.choice(np.flatnonzero(names == name)) for name in wanted]
    return np.stack([images[first], images[second]], axis=-1).astype("float32"), same


def pair_net(between: Shuffle, filters: int = 24) -> keras.Model:
    """A net in two groups, one for each digit: a 3 × 3 layer, two units of thin layers with shortcuts, and two classes.

    between: what is done with the maps between the two 1 × 1 layers of a unit, between(x, groups).
    """
    import keras
    from keras import layers

    def norm(layer: keras.layers.Layer, x: Any) -> Any:
        return layers.BatchNormalization(momentum=0.9)(layer(x))

    images = keras.Input((8, 8, 2))
    x = layers.ReLU()(norm(layers.Conv2D(filters, 3, padding="same", groups=2, use_bias=False), images))
    for _ in range(2):
        y = layers.ReLU()(norm(layers.Conv2D(filters, 1, groups=2, use_bias=False), x))
        y = norm(layers.DepthwiseConv2D(3, padding="same", use_bias=False), between(y, 2))
        y = norm(layers.Conv2D(filters, 1, groups=2, use_bias=False), y)
        x = layers.MaxPooling2D(2)(layers.ReLU()(layers.Add()([x, y])))
    return keras.Model(images, layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def train_pairs(net: keras.Model, seed: int, steps: int = 150, each: int = 25) -> list[float]:
    """Train on fresh pairs, 64 a step. Returns the accuracy on 1,000 held-out pairs after every `each` steps."""
    import keras

    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    net.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", jit_compile=False)
    images, labels = pairs(64 * steps, seed)
    held_out, answers = pairs(1000, 99, test=True)
    found = []
    for step in range(steps):
        part = slice(64 * step, 64 * step + 64)
        net.train_on_batch(images[part], labels[part])
        if (step + 1) % each == 0:
            guesses = keras.ops.convert_to_numpy(net(held_out, training=False)).argmax(axis=1)
            found.append(float(np.mean(guesses == answers)))
    return found


def pairs_figure(images: np.ndarray, labels: np.ndarray) -> tuple[Figure, str]:
    """Some pairs of digits beside each other, with the right answer."""
    figure, axes = new_figure(1, len(images), width=1.9 * len(images), height=1.5)
    words = ["same" if label else "not the same" for label in labels]
    for place, pair, word in zip(axes, images, words, strict=True):
        place.imshow(np.hstack([pair[..., 0], np.full((8, 1), np.nan), pair[..., 1]]), cmap="gray_r")
        place.set_axis_off()
        place.set_title(word)
    return figure, f"Pairs of handwritten digits: {', '.join(words)}."


def accuracy_figure(past: Mapping[str, Sequence[float]], title: str, every: int, unit: str, floor: float) -> tuple[Figure, str]:
    """Held-out accuracy against training: a line for each net. every: steps or epochs (the `unit`) from point to point."""
    figure, axes = new_figure(width=7.5, height=3)
    for (name, values), colour, marker, line in zip(past.items(), (BLUE, ORANGE), "os", ("-", "--"), strict=False):
        axes.plot(every * np.arange(1, len(values) + 1), values, line, marker=marker, color=colour, label=name)
    axes.set(xlabel=unit, ylabel="held-out accuracy", ylim=(floor, 1))
    axes.legend()
    axes.set_title(title)
    return figure, "; ".join(f"{name} ends at {values[-1]:.2f}" for name, values in past.items()) + "."


# --- the unit --------------------------------------------------------------------------------------

BRANCH = ("1×1 in groups, filters / 4", "shuffle", "depthwise 3×3", "1×1 in groups")


def units_figure() -> tuple[Figure, str]:
    """ShuffleNet's two kinds of unit side by side, data flowing downwards."""
    figure, axes = new_figure(1, 2, width=9.5, height=4.6)
    _draw_unit(axes[0], BRANCH, "x", "+", "Stride 1: sum")
    strided = (*BRANCH[:2], "depthwise 3×3, stride 2", "1×1 in groups, filters − channels")
    _draw_unit(axes[1], strided, "mean of 3×3, stride 2", "side by side", "Stride 2: concatenation")
    return figure, (
        "Two units. Branch of both: grouped 1 by 1 to a quarter of the filters, ReLU, shuffle, depthwise 3 by 3, grouped 1 by 1; "
        "a norm after each convolution. Left: x is added, then ReLU. Right: the depthwise layer has stride 2, and the mean of "
        "3 by 3 pixels of x, stride 2, is laid before the new maps, then ReLU."
    )


def _draw_unit(axes: Axes, boxes: Sequence[str], short: str, joint: str, title: str) -> None:
    heights, above = np.linspace(4.6, 1.6, len(boxes)), 5.45
    axes.text(0, 5.6, "x", ha="center", va="center", fontsize=12, style="italic")
    for height, text in zip(heights, boxes, strict=True):
        _arrow(axes, (0, above), (0, height + 0.28))
        colour = PURPLE if text == "shuffle" else BLUE
        shape = FancyBboxPatch((-1.9, height - 0.22), 3.8, 0.44, boxstyle="round,pad=0.05", ec=colour, fc=colour + "22")
        axes.add_patch(shape)
        axes.text(0, height, text, ha="center", va="center", fontsize=9.5)
        above = height - 0.28
        if text != "shuffle":
            axes.text(0.15, above - 0.17, "norm, ReLU" if height == heights[0] else "norm", fontsize=8.5, va="center")
    _arrow(axes, (0, above), (0, 0.74))
    axes.text(0, 0.52, joint, ha="center", va="center", fontsize=10, bbox={"boxstyle": "round", "fc": "white", "ec": RED})
    axes.plot([0, 2.5, 2.5], [5.25, 5.25, 0.52], color=RED, lw=2, ls="--")
    _arrow(axes, (2.5, 0.52), (0.78 if len(joint) > 1 else 0.25, 0.52), RED)
    axes.text(2.62, 2.9, short, rotation=270, va="center", fontsize=9.5)
    _arrow(axes, (0, 0.3), (0, -0.3))
    axes.text(0.15, 0.05, "ReLU", fontsize=8.5, va="center")
    axes.set(xlim=(-2.2, 3.2), ylim=(-0.4, 5.8))
    axes.set_axis_off()
    axes.set_title(title)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str = "black") -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.4})
