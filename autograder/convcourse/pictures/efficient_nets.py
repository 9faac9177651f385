"""Unit 16: thin convolutions, fire modules, searched cells, and accuracy against cost."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from convcourse.data import data_file
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, draw_image, new_figure

if TYPE_CHECKING:
    import keras

Pair = tuple[str, str | int, str, str | int]
Net = tuple[str, str, float, float, float]

# The comparison of a lecture of 2020 (torchvision's nets): family, name, parameters in millions, multiply-adds in thousand
# millions ("G"), top-1 and top-5 error in per cent.
LECTURE = (
    ("AlexNet", "alexnet", 61.1, 0.72, 43.45, 20.91),
    ("VGG", "vgg11", 132.86, 7.63, 30.98, 11.37),
    ("VGG", "vgg13", 133.05, 11.34, 30.07, 10.75),
    ("VGG", "vgg16", 138.36, 15.5, 28.41, 9.62),
    ("VGG", "vgg19", 143.67, 19.67, 27.62, 9.12),
    ("VGG with norm", "vgg11_bn", 132.87, 7.64, 29.62, 10.19),
    ("VGG with norm", "vgg13_bn", 133.05, 11.36, 28.45, 9.63),
    ("VGG with norm", "vgg16_bn", 138.37, 15.53, 26.63, 8.50),
    ("VGG with norm", "vgg19_bn", 143.68, 19.7, 25.76, 8.15),
    ("ResNet", "resnet18", 11.69, 1.82, 30.24, 10.92),
    ("ResNet", "resnet34", 21.8, 3.68, 26.70, 8.58),
    ("ResNet", "resnet50", 25.56, 4.12, 23.85, 7.13),
    ("ResNet", "resnet101", 44.55, 7.85, 22.63, 6.44),
    ("ResNet", "resnet152", 60.19, 11.58, 21.69, 5.94),
    ("SqueezeNet", "squeezenet1_0", 1.25, 0.83, 41.90, 19.58),
    ("SqueezeNet", "squeezenet1_1", 1.24, 0.36, 41.81, 19.38),
    ("DenseNet", "densenet121", 7.98, 2.88, 25.35, 7.83),
    ("DenseNet", "densenet169", 14.15, 3.42, 24.00, 7.00),
    ("DenseNet", "densenet201", 20.01, 4.37, 22.80, 6.43),
    ("DenseNet", "densenet161", 28.68, 7.82, 22.35, 6.20),
    ("Inception v3", "inception_v3", 27.16, 2.85, 22.55, 6.44),
)


def _box(axes: Axes, x: float, y: float, width: float, text: str, colour: str, height: float = 0.9, hatch: str = "") -> None:
    axes.add_patch(Rectangle((x - width / 2, y - height / 2), width, height, facecolor="white"))  # hides arrows behind
    axes.add_patch(
        Rectangle((x - width / 2, y - height / 2), width, height, facecolor=colour + "22", edgecolor=colour, hatch=hatch, lw=1.4)
    )
    axes.text(x, y, text, ha="center", va="center", fontsize=9, bbox={"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 1})


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str = "black", line: str = "-", bend: float = 0
) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=11,
            color=colour,
            linestyle=line,
            lw=1.2,
            shrinkA=0,
            shrinkB=0,
            zorder=0.5,
            connectionstyle=f"arc3,rad={bend}",
        )
    )


# --- separable convolution -------------------------------------------------------------------------


def separable_figure(channels: int = 4, filters: int = 6) -> tuple[Figure, str]:
    """Which channels a map reads: in an ordinary layer, in its depthwise and in its pointwise part."""
    figure, axes = new_figure(1, 2, width=9.5, height=3.2)
    wide, narrow = np.linspace(0, 10, filters), np.linspace(1.5, 8.5, channels)
    _dots(axes[0], narrow, 0, BLUE, "s")
    _dots(axes[0], wide, 2, ORANGE, "o")
    for start in narrow:
        for end in wide:
            axes[0].plot([start, end], [0.15, 1.85], color=GREY, lw=1.8)
    axes[0].text(5, -0.45, f"{channels} channels", ha="center", va="top")
    axes[0].text(5, 2.35, f"{filters} filters", ha="center")
    axes[0].set_title(f"Ordinary: {channels}·{filters} = {channels * filters} kernels of 3 × 3")
    for height, colour, marker in ((0, BLUE, "s"), (1, GREEN, "D")):
        _dots(axes[1], narrow, height, colour, marker)
    _dots(axes[1], wide, 2, ORANGE, "o")
    for start in narrow:
        axes[1].plot([start, start], [0.15, 0.85], color=GREY, lw=3.2)
        for end in wide:
            axes[1].plot([start, end], [1.15, 1.85], color=GREY, lw=0.7, ls="--")
    axes[1].text(9.3, 0.5, f"{channels} kernels\nof 3 × 3", va="center")
    axes[1].text(10.2, 1.5, f"{channels * filters} weights\n(1 × 1)", va="center")
    axes[1].set_title("Depthwise (thick), then pointwise (dashed)")
    for place in axes:
        place.set(xlim=(-0.7, 10.7), ylim=(-0.9, 2.7))
        place.set_axis_off()
    axes[1].set_xlim(-0.7, 13)
    return figure, (
        f"Left: each of {channels} channels is joined with each of {filters} filters. Right: each channel has one 3 by 3 kernel "
        "of its own, and only then 1 by 1 weights join all channels with all filters."
    )


def depthwise_figure(layer: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> tuple[Figure, str]:
    """A photograph's colours through a depthwise `layer(x, kernels)`: a blur of red, edges of green and of blue."""
    small = photographs()[0][::4, ::4] / 255
    edges = np.outer([1, 2, 1], [-1, 0, 1]) / 4
    maps = np.asarray(layer(small, np.stack([np.full((3, 3), 1 / 9), edges, edges.T], axis=-1)))
    figure, axes = new_figure(1, 4, width=10, height=2.7)
    draw_image(axes[0], small, "the photograph")
    names = ("red: mean of 3 × 3", "green: upright edges", "blue: level edges")
    for place, name, channel in zip(axes[1:], names, np.moveaxis(maps, -1, 0), strict=True):
        draw_image(place, channel, name, symmetric=True)
    alike = np.allclose(maps[..., :1], maps)
    return figure, f"A photograph and three maps, which are {'all the same' if alike else 'a blur and two kinds of edges'}."


def _dots(axes: Axes, places: np.ndarray, height: float, colour: str, marker: str) -> None:
    axes.plot(places, np.full(len(places), height), marker, color=colour, markersize=11, zorder=3)


# --- MobileNet -------------------------------------------------------------------------------------


# Top-1 errors in per cent of thinner nets and of smaller images: tables 6 and 7 of Howard et al. 2017.
MOBILENET_ERRORS: dict[tuple[str, float], float] = {
    **{("width", 1.0): 29.4, ("width", 0.75): 31.6, ("width", 0.5): 36.3, ("width", 0.25): 49.4},
    **{("side", 224): 29.4, ("side", 192): 30.9, ("side", 160): 32.8, ("side", 128): 35.6},
}


def shares(net: Sequence[tuple[Any, ...]], work: np.ndarray) -> str:
    """How the work of MobileNet as a list is shared, given the work of each entry."""
    kinds = {"pointwise": 1, "depthwise": 3}
    parts = {
        name: sum(work[n] for n, entry in enumerate(net) if n and entry[0] == "conv" and entry[1] == kernel)
        for name, kernel in kinds.items()
    }
    return ", ".join(f"{name} {part / work.sum():.1%}" for name, part in parts.items())


def widths_figure(rows: Sequence[tuple[str, float, float]]) -> tuple[Figure, str]:
    """Top-1 error against multiply-adds for thinner nets and for smaller images.

    rows: (name, millions of multiply-adds, error); names that begin with "width" make one line, the rest the other.
    """
    figure, axes = new_figure(width=7.5, height=3.2)
    for what, colour, marker, line in (("width", BLUE, "o", "-"), ("side", RED, "s", "--")):
        chosen = [row for row in rows if row[0].startswith(what)]
        axes.plot([row[1] for row in chosen], [row[2] for row in chosen], line, marker=marker, color=colour, label=what)
        for name, work, error in chosen:
            below = what == "side"
            axes.annotate(
                name.split()[1], (work, error), (0, -15 if below else 8), textcoords="offset points", ha="center", fontsize=9
            )
    axes.legend(["thinner: width multiplier", "smaller: side of the image"])
    axes.set(xlabel="millions of multiply-adds", ylabel="top-1 error, per cent", xlim=(0, 620), ylim=(26, 53))
    axes.set_title("Two ways to make MobileNet cheaper")
    return (
        figure,
        "Two curves fall from the left to 29.4 per cent error at 569 million; thin nets and small images lie nearly on one line.",
    )


def ordinary_net(
    table: Sequence[tuple[int, int]], first: int, input_shape: tuple[int, int, int], classes: int = 10
) -> keras.Model:
    """MobileNet's plan with an ordinary 3 × 3 convolution in the place of each separable block."""
    import keras
    from keras import layers

    x = images = keras.Input(input_shape)
    for stride, filters in ((2, first), *table):
        x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


def train(name: str, model: keras.Model, images: Any, labels: Any, held_out: tuple[Any, Any], epochs: int) -> list[float]:
    """Train, print a line for each epoch, and return the held-out accuracy after each."""
    import keras

    from convcourse.nets.count import count_macs

    print(f"{name}: {model.count_params():,} parameters, {count_macs(model):,} multiply-adds")
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9  # so few steps are too few for Keras's slow 0.99
    rate = keras.optimizers.schedules.CosineDecay(0.008, epochs * math.ceil(len(images) / 32))
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()

    def say(epoch: int, logs: dict[str, float]) -> None:
        print(f"{name:10s} epoch {epoch + 1}: {logs['val_accuracy']:.3f} held out, {time.perf_counter() - start:.0f} s")

    lines = keras.callbacks.LambdaCallback(on_epoch_end=say)
    past = model.fit(images, labels, 32, epochs, 0, [lines], validation_data=held_out, validation_batch_size=500)
    return [float(accuracy) for accuracy in past.history["val_accuracy"]]


def training_figure(past: Mapping[str, Sequence[float]]) -> tuple[Figure, str]:
    """Held-out accuracy over the epochs, a line for each net."""
    figure, axes = new_figure(width=6.5, height=2.8)
    for (name, values), marker, line in zip(past.items(), "os^", ["-", "--", ":"], strict=False):
        axes.plot(range(1, len(values) + 1), values, line, marker=marker, label=name)
    axes.set(xlabel="epoch", ylabel="held-out accuracy", xticks=range(1, 1 + max(map(len, past.values()))))
    axes.legend()
    axes.set_title("Ordinary and separable convolutions learn clothes")
    return figure, "; ".join(f"{name} ends at {values[-1]:.2f}" for name, values in past.items()) + "."


# --- SqueezeNet ------------------------------------------------------------------------------------


def fire_figure(channels: int = 128, squeeze: int = 16, expand: int = 64) -> tuple[Figure, str]:
    """The fire module as boxes."""
    figure, axes = new_figure(width=9.5, height=2.4)
    axes.text(0, 0, f"{channels}\nchannels", ha="center", va="center")
    _box(axes, 2.3, 0, 1.9, f"squeeze\n1 × 1, {squeeze}", RED)
    _box(axes, 5.6, 0.65, 1.9, f"expand\n1 × 1, {expand}", BLUE)
    _box(axes, 5.6, -0.65, 1.9, f"expand\n3 × 3, {expand}", GREEN)
    _box(axes, 8.7, 0, 1.7, "side by side", GREY)
    axes.text(10.9, 0, f"{2 * expand}\nchannels", ha="center", va="center")
    for start, end in (
        ((0.6, 0), (1.3, 0)),
        ((3.3, 0.1), (4.6, 0.65)),
        ((3.3, -0.1), (4.6, -0.65)),
        ((6.6, 0.65), (7.8, 0.15)),
        ((6.6, -0.65), (7.8, -0.15)),
        ((9.6, 0), (10.3, 0)),
    ):
        _arrow(axes, start, end)
    axes.set(xlim=(-0.9, 11.7), ylim=(-1.25, 1.25))
    axes.set_axis_off()
    axes.set_title("A fire module; each convolution has a ReLU")
    return figure, f"{channels} channels are squeezed to {squeeze}; these feed {expand} filters of 1 by 1 and {expand} of 3 by 3."


def lend_weights(model: keras.Model, donor: keras.Model) -> None:
    """Give each layer the weights of the donor's next layer whose kernel has the same shape.

    So it does not matter in which order a module's layers were made.
    """
    waiting = [layer for layer in donor.layers if layer.weights]
    for layer in model.layers:
        if layer.weights:
            found = next(other for other in waiting if other.weights[0].shape == layer.weights[0].shape)
            waiting.remove(found)
            layer.set_weights(found.get_weights())


def best_guesses(probabilities: np.ndarray, photographs: Sequence[str], count: int = 3) -> list[dict[str, str]]:
    """For each photograph its likeliest classes of ImageNet, as rows of a table."""
    names = json.loads(data_file("imagenet_class_index.json").read_text(encoding="utf-8"))
    return [
        {"photograph": photograph}
        | {
            f"guess {place}": f"{names[str(k)][1].replace('_', ' ')} {row[k]:.2f}"
            for place, k in enumerate(np.argsort(-row)[:count], start=1)
        }
        for photograph, row in zip(photographs, probabilities, strict=True)
    ]


def photographs() -> list[np.ndarray]:
    """The middle squares of a cat, a cup and a motorcycle, which scikit-image ships."""
    import skimage.data

    whole = [skimage.data.chelsea(), skimage.data.coffee(), skimage.data.stereo_motorcycle()[0]]
    squares = []
    for photo in whole:
        side = min(photo.shape[:2])
        row, col = (photo.shape[0] - side) // 2, (photo.shape[1] - side) // 2
        squares.append(photo[row : row + side, col : col + side])
    return squares


def photographs_figure(photos: Sequence[np.ndarray], titles: Sequence[str]) -> tuple[Figure, str]:
    """Photographs in a row."""
    figure, axes = new_figure(1, len(photos), width=3 * len(photos), height=2.7)
    for place, photo, title in zip(axes, photos, titles, strict=True):
        place.imshow(photo)
        place.set_axis_off()
        place.set_title(title)
    return figure, f"Photographs with the net's first guess: {', '.join(titles)}."


# --- NASNet ----------------------------------------------------------------------------------------


def nas_operation(x: Any, kind: str, filters: int, stride: int) -> Any:
    """One operation of a NASNet cell by its name: "id", "avg3", "max3", or "sep" and the kernel's side.

    Separable: twice ReLU, convolution with `filters` filters, batch normalisation; only the first strides.
    """
    from keras import layers

    if kind == "id":
        return x
    if kind.startswith("sep"):
        for step in (stride, 1):
            convolution = layers.SeparableConv2D(filters, int(kind[3:]), strides=step, padding="same", use_bias=False)
            x = layers.BatchNormalization()(convolution(layers.ReLU()(x)))
        return x
    pool = layers.AveragePooling2D if kind == "avg3" else layers.MaxPooling2D
    return pool(3, strides=stride, padding="same")(x)


SOURCES = {"h": (BLUE, "-"), "p": (RED, "--")}


def cells_figure(cells: Mapping[str, tuple[Sequence[Pair], Sequence[str | int]]]) -> tuple[Figure, str]:
    """Cells from their tables: title -> (pairs, output). Colour and line say which input an operation reads."""
    figure, axes = new_figure(1, len(cells), width=11.5, height=4.6)
    for place, (title, (pairs, output)) in zip(np.atleast_1d(axes), cells.items(), strict=True):
        _draw_cell(place, pairs, output)
        place.set_title(title)
    lines = [f"{title}: {len(pairs)} sums, output joins {', '.join(map(str, out))}" for title, (pairs, out) in cells.items()]
    return figure, "; ".join(lines) + ". h feeds blue solid arrows, p red dashed ones, sums green dotted ones."


def _draw_cell(axes: Axes, pairs: Sequence[Pair], output: Sequence[str | int]) -> None:
    levels: dict[str | int, int] = {"h": 0, "p": 0}
    for number, (_, left, _, right) in enumerate(pairs, start=1):
        levels[number] = 1 + max(levels[left], levels[right])
    places: dict[str | int, tuple[float, float]] = {"p": (2.5, 0), "h": (7.5, 0)}
    top = max(levels.values())
    for level in range(1, top + 1):
        sums = [name for name, own in levels.items() if own == level]
        for place, name in enumerate(sums):
            places[name] = (10 * (place + 0.5) / len(sums), 3.2 * level)
    end = 3.2 * top + 1.7
    for name in output:
        x, y = places[name]
        colour, line = SOURCES.get(str(name), (GREY, "-"))
        way = ([x, -0.25, -0.25, 0.5], [y, y, end, end]) if name == "p" else ([x, x], [y + 0.35, end])  # p goes round all boxes
        axes.plot(*way, color=colour, ls=line, lw=0.9, alpha=0.7, zorder=0)
    for number, (left, left_input, right, right_input) in enumerate(pairs, start=1):
        x, y = places[number]
        for shift, kind, source in ((-0.48, left, left_input), (0.48, right, right_input)):
            colour, line = SOURCES.get(str(source), (GREEN, ":"))
            start = places[source]
            _arrow(axes, (start[0] + 0.15 * shift, start[1] + 0.36), (x + shift, y - 1.42), colour, line)
            _box(axes, x + shift, y - 1.1, 0.9, kind, colour, height=0.6)
            _arrow(axes, (x + shift, y - 0.8), (x + 0.3 * shift, y - 0.32))
        axes.plot(x, y, "o", markersize=17, color="white", markeredgecolor="black", zorder=3)
        axes.text(x, y, f"+{number}", ha="center", va="center", fontsize=9, zorder=4)
    for name in ("p", "h"):
        _box(axes, *places[name], 1.6, "p: one before" if name == "p" else "h: last cell", SOURCES[name][0], height=0.7)
    _box(axes, 5, end, 9, "side by side: " + ", ".join(map(str, output)), GREY, height=0.6)
    axes.set(xlim=(-0.4, 10.3), ylim=(-0.6, end + 0.5))
    axes.set_axis_off()


# --- all nets --------------------------------------------------------------------------------------


def vgg_chain(name: str) -> list[tuple[Any, ...]]:
    """A column of VGG's table as the list that count_macs wants."""
    from convcourse.nets.vgg import column

    parts = [entry.removeprefix("conv").split("-") for entry in column(name)]
    net: list[tuple[Any, ...]] = [("pool", 2) if len(p) == 1 else ("conv", int(p[0]), 1, int(p[1]), 1) for p in parts]
    return [*net, *(("dense", units) for units in (4096, 4096, 1000))]


def inception_resnet_parts() -> list[tuple[Any, ...]]:
    """Inception-ResNet-v2 up to its dense layer: how often, which block, on maps of which shape, its other arguments."""
    from convcourse.nets import inception_resnet_v2 as net

    return [
        (1, net.stem, (299, 299, 3)),
        (10, net.residual_inception, (35, 35, 320), net.BLOCK_A, 0.17),
        (1, net.reduction, (35, 35, 320), net.REDUCTION_A),
        (20, net.residual_inception, (17, 17, 1088), net.BLOCK_B, 0.1),
        (1, net.reduction, (17, 17, 1088), net.REDUCTION_B),
        (10, net.residual_inception, (8, 8, 2080), net.BLOCK_C, 0.2),
        (1, net.conv_norm_relu, (8, 8, 2080), 1536, 1),
    ]


def beside_the_lecture(own: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    """The lecture's lines of the nets in `own` (multiply-adds, parameters), each beside our counts."""
    return [
        {
            "net": name,
            "M printed": size,
            "M counted": f"{own[name][1] / 1e6:.2f}",
            "G printed": work,
            "G counted": f"{own[name][0] / 1e9:.2f}",
            "top-1": top1,
            "top-5": top5,
        }
        for _, name, size, work, top1, top5 in LECTURE
        if name in own
    ]


def count_all_nets() -> None:
    """Build every net of the library and print its counts beside the printed ones."""
    from convcourse.nets.table import rows

    for line in rows():
        size, work = line.printed_parameters or "none", line.printed_macs or "none"
        print(f"{line.name:36s}{line.parameters:>12,} ({size}), {line.macs:>14,} ({work})")


MARKS = (
    *[("AlexNet", GREY, "X"), ("VGG", BLUE, "s"), ("VGG with norm", BLUE, "D"), ("ResNet", ORANGE, "o")],
    *[("DenseNet", GREEN, "^"), ("Inception v3", PURPLE, "P"), ("SqueezeNet", RED, "v"), ("MobileNet", RED, "o")],
    *[("ShuffleNet", GREY, "d"), ("NASNet", PURPLE, "*"), ("Xception", GREEN, "X"), ("Inception-ResNet", BLUE, "P")],
)


def frontier(nets: Sequence[Net]) -> list[Net]:
    """The nets that no other beats in both work and error, cheapest first."""
    best: list[Net] = []
    for net in sorted(nets, key=lambda net: (net[3], net[4])):
        if not best or net[4] < best[-1][4]:
            best.append(net)
    return best


def cost_figure(nets: Sequence[Net], axis: str = "work") -> tuple[Figure, str]:
    """Accuracy against cost, a mark and a line for each family; the dashed steps join the nets that none beats.

    nets: (family, name, millions of parameters, billions of multiply-adds, top-1 error); axis: "work" or "size".
    """
    figure, axes = new_figure(width=9.5, height=5.2)
    column = 3 if axis == "work" else 2
    for family, colour, marker in MARKS:
        own = sorted((net for net in nets if net[0] == family), key=lambda net: net[column])
        if own:
            x, y = [net[column] for net in own], [100 - net[4] for net in own]
            axes.plot(x, y, "-", marker=marker, color=colour, lw=1, markersize=9, label=family, alpha=0.85)
    best = frontier([(family, name, size, size if axis == "size" else work, error) for family, name, size, work, error in nets])
    axes.step([net[3] for net in best], [100 - net[4] for net in best], "--", where="post", color="black", lw=0.9, zorder=0)
    axes.set_xscale("log")
    ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20] if axis == "work" else [0.5, 1, 2, 5, 10, 20, 50, 100]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set(
        xlabel="multiply-adds for one image, in billions" if axis == "work" else "millions of parameters",
        ylabel="top-1 accuracy on ImageNet, per cent",
    )
    axes.legend(ncol=2, fontsize=8.5, loc="lower right" if axis == "work" else "upper left")
    axes.set_title("Landmark nets: accuracy against " + ("work" if axis == "work" else "size"))
    return figure, f"Accuracy rises with cost, in families; none beats {', '.join(net[1] for net in best)}."
