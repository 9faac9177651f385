"""Unit 24: the road from ResNet to ConvNeXt, timed layers, sampled nets, and figures of what they show."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from convcourse.colours import SOFT_INK, ink_on
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, RED, draw_image, new_figure
from convcourse.pictures.resnet import shapes_only

if TYPE_CHECKING:
    import keras

# --- the road map ----------------------------------------------------------------------------------

# A step's recipe, its stem, and its block in words: "3×3 16" has 16 filters, "deep" is depthwise, "sum" adds what came in.
ROAD = {
    "ResNet": ("old", "conv", "1×1 16, norm, relu, 3×3 16, norm, relu, 1×1 32, norm, sum, relu"),
    "+ modern recipe": ("modern", "conv", "1×1 16, norm, relu, 3×3 16, norm, relu, 1×1 32, norm, sum, relu"),
    "+ patches": ("modern", "patches", "1×1 16, norm, relu, 3×3 16, norm, relu, 1×1 32, norm, sum, relu"),
    "+ depthwise, wider": ("modern", "patches", "1×1 32, norm, relu, deep 3×3, norm, relu, 1×1 32, norm, sum, relu"),
    "+ inverted": ("modern", "patches", "1×1 128, norm, relu, deep 3×3, norm, relu, 1×1 32, norm, sum, relu"),
    "+ deep first, 5×5": ("modern", "patches", "deep 5×5, norm, relu, 1×1 128, norm, relu, 1×1 32, norm, sum, relu"),
    "+ one GELU, one norm": ("modern", "patches", "deep 5×5, layer norm, 1×1 128, gelu, 1×1 32, sum"),
}
WIDTH = 32


def _through(x: Any, words: str, bias: bool = True) -> Any:
    """A tensor through a chain of layers in words; "1×1 64 in 4" has four groups, and "sum" adds x itself."""
    from keras import layers

    made = x
    for word in words.split(", "):
        kind, *numbers = word.split()
        if word == "norm":
            made = layers.BatchNormalization(momentum=0.9)(made)
        elif word == "layer norm":
            made = layers.LayerNormalization(epsilon=1e-6)(made)
        elif word in ("relu", "gelu"):
            made = layers.Activation(word)(made)
        elif word == "sum":
            made = layers.Add()([x, made])
        elif kind == "deep":
            made = layers.DepthwiseConv2D(int(numbers[0][0]), padding="same", use_bias=bias)(made)
        else:
            groups = int(numbers[-1]) if "in" in numbers else 1
            made = layers.Conv2D(int(numbers[0]), int(kind[0]), padding="same", groups=groups, use_bias=bias)(made)
    return made


def road_net(step: str, input_shape: tuple[int, int, int], patch: int, blocks: int = 2) -> keras.Model:
    """The net of one step: a stem that divides the sides by `patch`, blocks that add, the mean, ten scores."""
    import keras
    from keras import layers

    _, stem, branch = ROAD[step]
    norm = "layer norm" if "layer norm" in branch else "norm"
    x = images = keras.Input(input_shape)
    if stem == "patches":
        x = _through(layers.Conv2D(WIDTH, patch, strides=patch)(x), norm)
    else:
        x = layers.Conv2D(WIDTH, 3, strides=patch // 2, padding="same")(x)
        x = layers.MaxPooling2D(2)(_through(x, "norm, relu"))
    for _ in range(blocks):
        x = _through(x, branch)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(10)(_through(x, norm) if norm == "layer norm" else x))


def moved(images: np.ndarray, generator: np.random.Generator, most: int) -> np.ndarray:
    """Each image moved by up to `most` pixels along rows and columns, with zeros from outside."""
    rows, cols = images.shape[1:3]
    framed = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)))
    corners = generator.integers(0, 2 * most + 1, size=(len(images), 2))
    return np.stack([image[i : i + rows, j : j + cols] for image, (i, j) in zip(framed, corners, strict=True)])


def train(
    net: keras.Model, data: Sequence[np.ndarray], recipe: str, epochs: int, seeds: Sequence[int] = (24, 25, 26)
) -> np.ndarray:
    """Train from each seed's own start, and return the errors on the last two of `data` in per cent.

    data: images and labels to train on, images and labels to test on. recipe: "old" (stochastic gradient descent with momentum,
    rate 0.1) or "modern" (AdamW, a rate that rises in the first epoch and falls along a cosine, smoothed labels, moved images).
    All weights lie in one long vector, so that a step of the rule is a few operations: half of the time goes into compiling them.
    So TensorFlow does not rewrite the graph either, which takes it longer than the rewritten one would save.
    """
    import keras
    import tensorflow as tf

    images, labels, test_images, test_labels = data
    modern, batch = recipe == "modern", 64
    steps, rate = len(images) // batch, 1e-2 if modern else 0.1
    weights = net.trainable_variables
    sizes = [int(np.prod(weight.shape)) for weight in weights]
    first, second = (tf.Variable(tf.zeros(sum(sizes))) for _ in range(2))
    done = tf.Variable(0.0)
    goal = keras.utils.to_categorical(labels, 10) * (0.9 if modern else 1.0) + (0.01 if modern else 0.0)

    def flat(tensors: Sequence[Any]) -> Any:
        return tf.concat([tf.reshape(tensor, [-1]) for tensor in tensors], 0)

    def epoch(images: Any, goal: Any) -> None:
        for start in tf.range(0, steps * batch, batch):
            with tf.GradientTape() as tape:
                scores = net(images[start : start + batch], training=True)
                loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(goal[start : start + batch], scores))
            gradient = flat(tape.gradient(loss, weights))
            done.assign_add(1.0)
            if modern:
                warm = tf.minimum(1.0, done / steps) * 0.5 * (1 + tf.cos(np.pi * done / (steps * epochs)))
                first.assign(0.9 * first + 0.1 * gradient)
                second.assign(0.999 * second + 0.001 * gradient**2)
                move = first / (1 - 0.9**done) / (tf.sqrt(second / (1 - 0.999**done)) + 1e-7)
                now = flat(weights)
                now -= rate * warm * (move + 0.05 * now)
            else:
                first.assign(0.9 * first - rate * gradient)
                now = flat(weights) + first
            for weight, part in zip(weights, tf.split(now, sizes), strict=True):
                weight.assign(tf.reshape(part, weight.shape))

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    run: Any = tf.function(epoch, jit_compile=False)
    errors = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        net.set_weights(keras.models.clone_model(net).get_weights())  # drawn anew, while the compiled step stays
        for state in (first, second, done):
            state.assign(tf.zeros_like(state))
        generator = np.random.default_rng(seed)
        for _ in range(epochs):
            order = generator.permutation(len(images))[: steps * batch]
            given = moved(images, generator, images.shape[1] // 8) if modern else images
            run(tf.constant(given[order]), tf.constant(goal[order]))
        errors.append(100 * np.mean(np.argmax(np.asarray(net(test_images)), axis=1) != test_labels))
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
    return np.array(errors)


def road_figure(errors: Mapping[str, np.ndarray]) -> tuple[Figure, str]:
    """A row for each step: a dot for each seed, a bar from the best to the worst, a line at the mean."""
    figure, axes = new_figure(width=9, height=0.45 * len(errors) + 1.3)
    for row, (name, values) in enumerate(errors.items()):
        modern = ROAD[name][0] == "modern"
        axes.plot([values.min(), values.max()], [row, row], color=BLUE if modern else ORANGE, lw=6, alpha=0.25, zorder=1)
        axes.plot(values, [row] * len(values), "o" if modern else "s", color=BLUE if modern else ORANGE, markersize=5)
        axes.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color=BLUE if modern else ORANGE, lw=2)
    axes.set_yticks(range(len(errors)), list(errors))
    axes.invert_yaxis()
    axes.set(xlabel="test error in per cent (square: old recipe, circle: modern recipe, bar: best to worst seed, line: mean)")
    axes.set_xlim(left=0)
    axes.set_title("From ResNet to ConvNeXt, step by step, on digits of 8 × 8 pixels")
    words = "; ".join(
        f"{name}: {values.mean():.1f} % ({values.min():.1f} to {values.max():.1f})" for name, values in errors.items()
    )
    return figure, f"Test errors of three seeds for each step. {words}."


# The paper's own road map (figure 2): top-1 accuracy on ImageNet of a net as large as ResNet-50.
PAPERS_ROAD = (
    ("ResNet-50", 76.1),
    ("modern recipe", 78.8),
    ("stages 3, 3, 9, 3", 79.4),
    ("patches as stem", 79.5),
    ("depthwise", 78.3),
    ("wider, 96 maps", 80.5),
    ("inverted bottleneck", 80.6),
    ("depthwise first", 79.9),
    ("kernel 7 × 7", 80.6),
    ("GELU", 80.6),
    ("fewer activations", 81.3),
    ("fewer norms", 81.4),
    ("layer norm", 81.5),
    ("layers that halve", 82.0),
)


def papers_road_figure() -> tuple[Figure, str]:
    """The road map as the paper measured it on ImageNet."""
    figure, axes = new_figure(width=9, height=4.0)
    names, values = zip(*PAPERS_ROAD, strict=True)
    axes.barh(range(len(names)), [value - 75 for value in values], left=75, color=BLUE, alpha=0.8)
    for row, value in enumerate(values):
        change = "" if row == 0 else f" ({value - values[row - 1]:+.1f})"
        axes.text(value + 0.08, row, f"{value}{change}", va="center", fontsize=9)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set(xlabel="top-1 accuracy on ImageNet, per cent", xlim=(75, 83))
    axes.set_title("The paper's road map: six points in thirteen steps")
    return figure, "Accuracy after each step: " + ", ".join(f"{name} {value}" for name, value in PAPERS_ROAD) + "."


# --- gates and narrow places -----------------------------------------------------------------------


def gates_figure() -> tuple[Figure, str]:
    """Squeeze, excitation and the product, as boxes in a row."""
    figure, axes = new_figure(width=9.5, height=2.5)
    boxes = [("mean of\neach map", "1×1×C"), ("dense,\nReLU", "1×1×C/r"), ("dense,\nsigmoid", "1×1×C")]
    for place, (text, shape) in enumerate(boxes):
        x = 2.6 + 2.1 * place
        axes.text(x, 1.7, text, ha="center", va="center", bbox={"boxstyle": "round,pad=0.4", "fc": "white", "ec": BLUE})
        axes.text(x, 1.08, shape, ha="center", va="center", fontsize=8.5, color=SOFT_INK)
        arrow = {"arrowstyle": "-|>", "color": "black"}
        axes.annotate("", (x - 0.62, 1.7), (x - 1.5, 1.7), arrowprops=arrow)
    axes.plot([0.9, 0.9], [0.35, 1.7], color="black", lw=1.4)
    axes.text(0.45, 0.35, "x", ha="center", va="center", style="italic", fontsize=12)
    axes.text(0.45, 0.0, "H×W×C", ha="center", va="center", fontsize=8.5, color=SOFT_INK)
    axes.plot([0.9, 1.1], [1.7, 1.7], color="black", lw=1.4)
    axes.annotate("", (8.35, 0.35), (0.65, 0.35), arrowprops={"arrowstyle": "-|>", "color": RED, "lw": 2, "ls": "--"})
    axes.plot([7.4, 8.6], [1.7, 1.7], color="black", lw=1.4)
    axes.annotate("", (8.6, 0.6), (8.6, 1.72), arrowprops={"arrowstyle": "-|>", "color": "black"})
    axes.text(8.6, 0.35, "×", ha="center", va="center", fontsize=14, bbox={"boxstyle": "circle", "fc": "white", "ec": RED})
    axes.annotate("", (9.7, 0.35), (8.85, 0.35), arrowprops={"arrowstyle": "-|>", "color": "black"})
    axes.set(xlim=(0, 10), ylim=(-0.2, 2.3))
    axes.set_axis_off()
    axes.set_title("Squeeze and excitation: one gate for each map")
    return (
        figure,
        "x goes along below. Above, the means of its maps pass two dense layers and become gates, which multiply x.",
    )


def trained_gates(block: Callable[..., Any], data: Sequence[np.ndarray]) -> np.ndarray:
    """Train a small net with gates on digits; mean gates of each map for each digit, (10, 16); nan for a map of zeros."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(24)
    images = keras.Input((8, 8, 1))
    maps = layers.BatchNormalization(momentum=0.9)(layers.Conv2D(16, 3)(images))
    maps = layers.Conv2D(16, 3, activation="relu")(layers.Activation("relu")(maps))
    gated = block(maps, 2)
    net = keras.Model(images, layers.Dense(10)(layers.GlobalAveragePooling2D()(gated)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(0.003), loss, jit_compile=False)
    net.fit(data[0], data[1], epochs=8, verbose=0)
    before, after = (np.sum(result, axis=(1, 2)) for result in keras.Model(images, [maps, gated])(data[2]))
    gates = np.ma.array(after / (before + 1e-9), mask=before < 1e-6)
    return np.stack([gates[data[3] == digit].mean(axis=0).filled(np.nan) for digit in range(10)])


def gate_values_figure(gates: np.ndarray) -> tuple[Figure, str]:
    """The mean gates of some maps for each digit. gates: (digits, maps); nan where a map is always 0."""
    figure, axes = new_figure(width=8.5, height=3.6)
    axes.set_facecolor(GREY)
    shown = axes.imshow(gates, vmin=0, vmax=1, cmap="viridis", aspect="auto")
    axes.set(xlabel="map (grey: always 0)", ylabel="digit", yticks=range(len(gates)), xticks=range(gates.shape[1]))
    figure.colorbar(shown, ax=axes, label="gate")
    axes.set_title("Gates of each map, the mean over the test images of a digit")
    return figure, f"Gates of {gates.shape[1]} maps for ten digits, from {np.nanmin(gates):.2f} to {np.nanmax(gates):.2f}."


def stacked(block: Callable[..., Any], norm: Callable[[Any], Any], table: Sequence[Sequence[int]]) -> keras.Model:
    """MobileNetV2 from its table of (expansion, filters, blocks, stride), with shapes only."""
    import keras
    from keras import layers

    with shapes_only():
        images = keras.Input((224, 224, 3))
        x = norm(layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(images))
        for expand, filters, blocks, stride in table:
            for number in range(blocks):
                x = block(x, filters, stride if number == 0 else 1, expand)
        x = norm(layers.Conv2D(1280, 1, use_bias=False)(x))
        return keras.Model(images, layers.Dense(1000, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def spiral(count: int = 600) -> np.ndarray:
    """Points of a spiral in the plane, (count, 2), from near the centre to a radius of 1."""
    turns = np.linspace(0.1, 1, count)
    angles = 4 * np.pi * turns
    return turns[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def spiral_figure(back: Callable[[np.ndarray, np.ndarray], np.ndarray], widths: Sequence[int]) -> tuple[Figure, str]:
    """The spiral, and what is left of it behind a ReLU in so many channels."""
    points, generator = spiral(), np.random.default_rng(24)
    figure, axes = new_figure(1, len(widths) + 1, width=10, height=2.5)
    returned = [points, *(back(points, generator.normal(size=(2, wide))) for wide in widths)]
    titles = ["the spiral", *(f"{wide} channels" for wide in widths)]
    for place, shown, title in zip(axes, returned, titles, strict=True):
        place.scatter(*np.asarray(shown).T, c=np.arange(len(points)), cmap="viridis", s=4)
        place.set(title=title, xticks=[], yticks=[])
        place.set_aspect("equal", adjustable="datalim")
        place.margins(0.1)
    return (
        figure,
        f"A spiral, and what comes back from {', '.join(map(str, widths))} channels: first lines, later a spiral again.",
    )


def spiral_losses(back: Callable[[np.ndarray, np.ndarray], np.ndarray], wide: int, matrices: int = 1000) -> tuple[float, float]:
    """Means over random matrices: the share of points that no channel speaks for, and the relative error of twice the result."""
    points, generator = spiral(100), np.random.default_rng(24)
    silent, errors = [], []
    for T in generator.normal(size=(matrices, 2, wide)):
        silent.append(np.mean(np.all(points @ T < 0, axis=1)))
        errors.append(np.linalg.norm(2 * back(points, T) - points) / np.linalg.norm(points))
    return float(np.mean(silent)), float(np.mean(errors))


# --- scaling ---------------------------------------------------------------------------------------

# EfficientNet: width, depth, side, and the paper's millions of parameters, billions of multiply-adds, top-1 accuracy (table 2).
EFFICIENTNETS = {
    "B0": (1.0, 1.0, 224, 5.3, 0.39, 77.1),
    "B1": (1.0, 1.1, 240, 7.8, 0.70, 79.1),
    "B2": (1.1, 1.2, 260, 9.2, 1.0, 80.1),
    "B3": (1.2, 1.4, 300, 12, 1.8, 81.6),
    "B4": (1.4, 1.8, 380, 19, 4.2, 82.9),
    "B5": (1.6, 2.2, 456, 30, 9.9, 83.6),
    "B6": (1.8, 2.6, 528, 43, 19, 84.0),
    "B7": (2.0, 3.1, 600, 66, 37, 84.3),
}
# Four ways to spend about four times B0's work (table 7): width, depth, side, accuracy.
ONE_SIDED = {
    "B0": (1.0, 1.0, 224, 77.3),
    "depth × 4": (1.0, 4.0, 224, 79.0),
    "width × 2": (2.0, 1.0, 224, 78.9),
    "side × 2": (1.0, 1.0, 448, 79.1),
    "all three": (1.2, 1.4, 291, 81.1),
}
B0_STAGES = ((16, 1), (24, 2), (40, 2), (80, 3), (112, 3), (192, 4), (320, 1))
B0_LAYERS = ((3, 1, 1), (3, 2, 6), (5, 2, 6), (3, 2, 6), (5, 1, 6), (5, 2, 6), (3, 1, 6))  # kernel, stride, expansion


def efficientnet_counts(stages: Sequence[Sequence[int]], stem: int, head: int, side: int) -> tuple[int, int]:
    """Trained parameters and multiply-adds of an EfficientNet with these (filters, blocks), for 1,000 classes.

    The gates (squeeze and excitation) are counted, with a quarter of the maps that come in as their narrow layer.
    """
    side = -(-side // 2)
    size, work, channels = 27 * stem + 2 * stem, 27 * stem * side**2, stem
    for (filters, blocks), (kernel, stride, expand) in zip(stages, B0_LAYERS, strict=True):
        for number in range(blocks):
            wide, narrow = expand * channels, max(1, channels // 4)
            if expand > 1:
                size, work = size + channels * wide + 2 * wide, work + channels * wide * side**2
            side = -(-side // stride) if number == 0 else side
            layers = kernel**2 * wide + wide * filters
            gates = 2 * wide * narrow
            size += layers + gates + wide + narrow + 2 * wide + 2 * filters
            work, channels = work + layers * side**2 + gates, filters
    size += channels * head + 2 * head + 1000 * head + 1000
    return size, work + channels * head * side**2 + 1000 * head


def budget_figure(works: Mapping[str, float]) -> tuple[Figure, str]:
    """Accuracy against work for the four ways to spend a budget; works: name -> multiply-adds, counted."""
    figure, axes = new_figure(width=7.5, height=3)
    marks = dict(zip(ONE_SIDED, ("o", "^", "s", "D", "*"), strict=True))
    for (name, work), colour in zip(works.items(), (GREY, BLUE, ORANGE, GREEN, RED), strict=True):
        accuracy = ONE_SIDED[name][3]
        axes.plot(work / 1e9, accuracy, marks[name], color=colour, markersize=10)
        away = {"width × 2": (-60, -4), "side × 2": (-30, 9)}.get(name, (9, -4))
        axes.annotate(name, (work / 1e9, accuracy), away, textcoords="offset points", fontsize=9)
    axes.set(xlabel="multiply-adds, in billions", ylabel="top-1 accuracy, per cent", xlim=(0.2, 2.3), ylim=(76.5, 82))
    axes.set_title("Four ways to spend the same budget")
    return figure, "Accuracy of B0 and of four nets with about four times its work: " + ", ".join(
        f"{name} {row[3]} %" for name, row in ONE_SIDED.items()
    )


# --- seconds ---------------------------------------------------------------------------------------


# Two ways to do a thing: channels that come in, and layers in words. Maps have 28 × 28 places.
PAIRS = {
    "ordinary, separable": ((128, "3×3 128"), (128, "deep 3×3, 1×1 128")),
    "rule 1: equal widths, unequal": ((128, "1×1 128"), (32, "1×1 512")),
    "rule 2: one group, four": ((128, "1×1 128"), (256, "1×1 256 in 4")),
    "rule 3: one layer, four": ((64, "3×3 64"), (32, "3×3 32, 3×3 32, 3×3 32, 3×3 32")),
    "rule 4: bare, with ReLU and sum": (
        (128, "1×1 32, 3×3 32, 1×1 128"),
        (128, "1×1 32, relu, 3×3 32, relu, 1×1 128, sum, relu"),
    ),
}


def pair_nets(name: str) -> tuple[keras.Model, keras.Model]:
    """Both ways of a pair as models without biases."""
    import keras

    maps = [keras.Input((28, 28, channels)) for channels, _ in PAIRS[name]]
    first, second = (keras.Model(x, _through(x, words, bias=False)) for x, (_, words) in zip(maps, PAIRS[name], strict=True))
    return first, second


def timed_pair(
    first: keras.Model, second: keras.Model, images: int = 8, rounds: int = 10, calls: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Seconds that two models take for a batch of noise, in turn, for each of some rounds; both are compiled and warm."""
    import tensorflow as tf

    ways = []
    for model in (first, second):
        batch = tf.random.normal((images, *model.input_shape[1:]))
        step = tf.function(model, jit_compile=False)
        ways.append(lambda step=step, batch=batch: np.asarray(step(batch)))
    seconds = np.zeros((2, rounds))
    for way in ways:
        way()
        way()
    for column in range(rounds):
        for row, way in enumerate(ways if column % 2 else ways[::-1]):
            start = time.perf_counter()
            for _ in range(calls):
                way()
            seconds[row if column % 2 else 1 - row, column] = (time.perf_counter() - start) / calls
    return seconds[0], seconds[1]


def ratios_figure(pairs: Mapping[str, tuple[np.ndarray, np.ndarray]], promised: Mapping[str, float]) -> tuple[Figure, str]:
    """The ratio of seconds in each round, a row for each pair; a cross where multiply-adds alone would put it."""
    figure, axes = new_figure(width=9, height=0.5 * len(pairs) + 1.3)
    words = []
    for row, (name, (first, second)) in enumerate(pairs.items()):
        ratios = second / first
        axes.plot(ratios, np.full(len(ratios), row), "o", color=BLUE, alpha=0.6)
        axes.plot([np.median(ratios)] * 2, [row - 0.3, row + 0.3], color=BLUE, lw=2)
        axes.plot(promised[name], row, "X", color=RED, markersize=9)
        words.append(f"{name}: {np.median(ratios):.2f}")
    axes.axvline(1, color=GREY, lw=1, ls="--")
    axes.set_xscale("log")
    axes.set_yticks(range(len(pairs)), list(pairs))
    axes.invert_yaxis()
    ticks = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set(xlabel="seconds of the second, in those of the first (cross: what multiply-adds promise)")
    axes.set_title("A dot for each round, a line at the median")
    return figure, "Ratios of seconds, medians. " + ", ".join(words) + "."


# --- a design space --------------------------------------------------------------------------------

WIDEST = 32


def chain_work(widths: Sequence[int]) -> int:
    """Multiply-adds of three 3×3 layers on 8×8 digits, the second and third with stride 2."""
    first, second, third = widths
    return 9 * (64 * first + 16 * first * second + 4 * second * third)


def draw_nets(generator: np.random.Generator, count: int, low: int, high: int, rising: bool) -> list[tuple[int, int, int]]:
    """Widths of three layers at random, multiples of 2, whose work lies between two limits; rising: none below the one before."""
    nets: list[tuple[int, int, int]] = []
    while len(nets) < count:
        one, two, three = (2 * generator.integers(2, WIDEST // 2 + 1, size=3)).tolist()
        if low <= chain_work((one, two, three)) <= high and (not rising or one <= two <= three):
            nets.append((one, two, three))
    return nets


def chain_errors(nets: Sequence[Sequence[int]], data: Sequence[np.ndarray], epochs: int, seed: int = 24) -> np.ndarray:
    """Train each net once, and return its errors in per cent on each half of the test images, shape (nets, 2).

    One net of the widest kind stands for all: the maps beyond a net's widths are switched off, so it computes what the narrow
    net would. Its weights start as large as those of the narrow net, and it is compiled only once.
    """
    import keras
    import tensorflow as tf
    from keras import layers

    images, labels, test_images, test_labels = data
    given, masks = keras.Input((8, 8, 1)), [keras.Input((WIDEST,)) for _ in range(3)]
    x = given
    for number, mask in enumerate(masks):
        x = layers.Conv2D(WIDEST, 3, strides=1 + (number > 0), padding="same", use_bias=False)(x)
        x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))
        x = layers.Multiply()([x, layers.Reshape((1, 1, WIDEST))(mask)])
    net = keras.Model([given, *masks], layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))
    rule, batch = keras.optimizers.SGD(0.1, momentum=0.9), 64
    rule.build(net.trainable_variables)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def epoch(images: Any, labels: Any, *masks: Any) -> None:
        for start in tf.range(0, len(images) // batch * batch, batch):
            with tf.GradientTape() as tape:
                scores = net([images[start : start + batch], *masks], training=True)
                total = loss(labels[start : start + batch], scores)
            rule.apply(tape.gradient(total, net.trainable_variables))

    run: Any = tf.function(epoch, jit_compile=False)
    keras.utils.set_random_seed(seed)
    states = [*net.variables, *rule.variables]
    start = [np.array(state) for state in states]
    errors = []
    for widths in nets:
        for state, numbers in zip(states, start, strict=True):
            state.assign(numbers)
        generator = np.random.default_rng(seed)
        for kernel, before in zip([w for w in net.trainable_variables if w.name == "kernel"], (1, *widths), strict=True):
            inside = kernel.shape[-2]
            # He's rule for as many maps as come in.
            spread = np.sqrt(2 / (np.prod(kernel.shape[:-2], initial=1) * min(before, inside)))
            kernel.assign(generator.normal(0, spread, kernel.shape))
        on = [tf.constant((np.arange(WIDEST) < wide)[None].astype(np.float32)) for wide in widths]
        for _ in range(epochs):
            order = generator.permutation(len(images))
            run(tf.constant(images[order]), tf.constant(labels[order]), *on)
        scores = net([tf.constant(test_images), *on])
        wrong = np.argmax(np.asarray(scores), axis=1) != test_labels
        errors.append([100 * np.mean(wrong[::2]), 100 * np.mean(wrong[1::2])])
    return np.array(errors)


def space_figure(
    share_below: Callable[[np.ndarray, np.ndarray], np.ndarray], spaces: Mapping[str, np.ndarray]
) -> tuple[Figure, str]:
    """Empirical distribution functions of errors; share_below: the exercise's function; spaces: name -> errors in per cent."""
    limits = np.linspace(0, max(map(np.max, spaces.values())) + 1, 200)
    figure, axes = new_figure(width=7.5, height=3.2)
    for (name, errors), line, colour in zip(spaces.items(), ("-", "--"), (BLUE, ORANGE), strict=True):
        axes.step(limits, share_below(errors, limits), line, where="post", color=colour, label=name, lw=2)
    axes.set(xlabel="error in per cent", ylabel="share of nets with less", ylim=(-0.03, 1.03))
    axes.legend(loc="lower right")
    axes.set_title("Two design spaces, each as a whole")
    medians = ", ".join(f"{name}: half below {np.median(errors):.1f} per cent" for name, errors in spaces.items())
    return figure, f"The share of nets below each error, as two curves that rise from 0 to 1. {medians}."


# --- patches and attention -------------------------------------------------------------------------


def weights_figure(weights: np.ndarray) -> tuple[Figure, str]:
    """Attention weights with the sum of each row."""
    figure, axes = new_figure(width=5.5, height=3)
    shown = axes.imshow(weights, cmap="viridis", vmin=0)
    for row, numbers in enumerate(weights):
        for column, number in enumerate(numbers):
            ink = ink_on(shown.to_rgba(number))
            axes.text(column, row, f"{number:.2f}", ha="center", va="center", color=ink)
        axes.text(len(numbers) - 0.2, row, f"sum {numbers.sum():.2f}", va="center")
    axes.set(xlabel="token that answers", ylabel="token that asks", xticks=range(len(weights)), yticks=range(len(weights)))
    axes.set_title("Weights: what each row adds up to")
    return figure, "Attention weights; the rows add up to " + ", ".join(f"{total:.2f}" for total in weights.sum(axis=1)) + "."


def weights_of(attend: Callable[..., np.ndarray], tokens: int = 4) -> np.ndarray:
    """The weights that an attention uses, read off by giving each token a value of its own."""
    x = np.eye(tokens) * 2
    generator = np.random.default_rng(24)
    Wq, Wk = generator.normal(size=(2, tokens, 3))
    return np.asarray(attend(x, Wq, Wk, np.eye(tokens) / 2))


def moved_errors(layer: Callable[[np.ndarray], np.ndarray], image: np.ndarray, stride: int, shifts: Sequence[int]) -> np.ndarray:
    """How far a layer is from equivariant: image and maps go round along the columns, and the best shift of the maps counts.

    layer: image -> maps (rows, cols, units), each of stride pixels. Returns |moved maps − maps of moved image| / |maps|.
    """
    maps, errors = layer(image), []
    for shift in shifts:
        seen = layer(np.roll(image, shift, axis=1))
        wanted = [np.roll(maps, (shift + part) // stride, axis=1) for part in (0, stride - 1)]
        errors.append(min(np.linalg.norm(seen - maps) for maps in wanted) / np.linalg.norm(maps))
    return np.array(errors)


def equivariance_figure(errors: Mapping[str, np.ndarray], shifts: Sequence[int]) -> tuple[Figure, str]:
    """Errors over shifts, a line for each layer."""
    figure, axes = new_figure(width=8.5, height=3.2)
    styles = zip(errors.items(), ("-o", "--s", ":^"), (GREEN, BLUE, ORANGE), strict=False)
    for (name, values), style, colour in styles:
        axes.plot(shifts, values, style, color=colour, label=name, markersize=4)
    axes.set(xlabel="image moved by so many pixels", ylabel="error of equivariance")
    axes.set_xticks(range(0, max(shifts) + 1, 4))
    axes.legend()
    axes.set_title("Who moves along when the image moves?")
    words = "; ".join(f"{name}: at most {values.max():.2f}" for name, values in errors.items())
    return figure, f"Errors of equivariance over shifts of 0 to {max(shifts)} pixels. {words}."


def patches_figure(image: np.ndarray, size: int) -> tuple[Figure, str]:
    """An image, and its patches apart from each other."""
    figure, axes = new_figure(1, 2, width=8, height=3.6)
    draw_image(axes[0], image, f"{image.shape[0]} × {image.shape[1]} pixels")
    rows, cols = image.shape[0] // size, image.shape[1] // size
    gap = size // 4
    apart = np.ones((rows * (size + gap), cols * (size + gap), image.shape[2]))
    for i, j in np.ndindex(rows, cols):
        corner = i * (size + gap), j * (size + gap)
        apart[corner[0] : corner[0] + size, corner[1] : corner[1] + size] = image[
            i * size : (i + 1) * size, j * size : (j + 1) * size
        ]
    draw_image(axes[1], apart, f"{rows} · {cols} = {rows * cols} patches")
    return figure, f"A photograph, and the same photograph cut into {rows * cols} square patches of {size} pixels."
