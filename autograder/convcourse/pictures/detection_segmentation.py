"""Unit 22: boxes, score maps and label maps; the digits and shapes that its nets learn from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Polygon, Rectangle
from matplotlib.patheffects import withStroke
from numpy.lib.stride_tricks import sliding_window_view
from skimage.draw import disk, line, polygon

from convcourse.colours import ALWAYS_DARK, ALWAYS_LIGHT, LINE, SOFT_INK, ink_on
from convcourse.data import digit_form, training_digits
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, draw_image, draw_numbers, new_figure
from convcourse.judging.calling import is_judged

BACKGROUND = 10  # the class of a window without a digit in its middle
SHAPES = ("background", "circle", "square", "triangle")
COLOURS = ("#f2f2f2", BLUE, ORANGE, GREEN)

# --- layers that the answers use -----------------------------------------------------------------


def double_conv(x: Any, filters: int) -> Any:
    """Twice: 3 × 3 convolution with padding, batch normalisation, ReLU."""
    from keras import layers

    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    return x


# --- data ----------------------------------------------------------------------------------------


def digit_windows(count: int, seed: int, side: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Windows to train a detector with: 6 in 10 have a digit in the middle, up to 1 pixel off; the rest is background.

    Background is a digit that lies at least 3 pixels off, two such digits, or paper.
    Returns windows, float32 (count, side, side, 1), ink 1, and classes (count,): 0 to 9, or BACKGROUND.
    """
    generator = np.random.default_rng(seed)
    digits, kinds = training_digits()
    margin = side  # room around the window, so that a digit may hang over its edge
    middle = margin + (side - 8) // 2
    windows, classes = np.empty((count, side, side)), np.full(count, BACKGROUND)
    for number in range(count):
        page = np.zeros((side + 2 * margin, side + 2 * margin))

        def write(down: Any, right: Any, page: np.ndarray = page) -> int:
            pick = int(generator.integers(len(digits)))
            page[middle + down : middle + down + 8, middle + right : middle + right + 8] += digits[pick]
            return int(kinds[pick])

        chance = generator.random()
        if chance < 0.6:
            classes[number] = write(*generator.integers(-1, 2, size=2))
        elif chance < 0.95:
            far = generator.integers(3, 11) * generator.choice([-1, 1])
            near = generator.integers(-10, 11)
            down, right = (far, near) if generator.random() < 0.5 else (near, far)
            write(down, right)
            if generator.random() < 0.3:
                write(-10 if down > 0 else 10, int(generator.integers(-10, 11)))
        windows[number] = page[margin:-margin, margin:-margin]
    paper = np.clip(generator.normal(0.4, 0.6, windows.shape), 0, None)
    return ((windows + paper) / 16).astype("float32")[..., None], classes


def shape_images(count: int, seed: int, size: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Bright circles, squares and triangles, 1 or 2 an image, on uneven noisy ground with scratches; later ones cover.

    Returns images, float32 (count, size, size, 1), and labels, ints (count, size, size): numbers of SHAPES.
    """
    generator = np.random.default_rng(seed)
    images, labels = np.empty((count, size, size)), np.zeros((count, size, size), dtype=int)
    down, right = np.mgrid[:size, :size] / size - 0.5
    for number in range(count):
        slope = generator.uniform(-0.3, 0.3, size=2)
        image = 0.5 + slope[0] * down + slope[1] * right
        for _ in range(5):
            start = generator.integers(0, size, 2)
            end = np.clip(start + generator.integers(-12, 13, 2), 0, size - 1)
            image[line(*start, *end)] += generator.choice([-1, 1]) * generator.uniform(0.25, 0.5)
        for _ in range(generator.integers(1, 3)):
            kind, radius, middle = generator.integers(1, 4), generator.uniform(5.5, 8.5), generator.uniform(8, size - 8, 2)
            where = _pixels(int(kind), radius, middle, generator.uniform(-0.3, 0.3), image.shape)
            image[where] = generator.uniform(0.8, 1.0)
            labels[number][where] = kind
        images[number] = image
    images += generator.normal(scale=0.1, size=images.shape)
    return images.astype("float32")[..., None], labels


def _pixels(kind: int, radius: float, middle: np.ndarray, turn: float, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    if kind == 1:
        rows, cols = disk(middle, 0.9 * radius, shape=shape)
        return rows, cols
    corners, reach, first = (4, 1.1, np.pi / 4) if kind == 2 else (3, 1.25, -np.pi / 2)
    angles = first + turn + 2 * np.pi * np.arange(corners) / corners
    rows, cols = polygon(middle[0] + reach * radius * np.sin(angles), middle[1] + reach * radius * np.cos(angles), shape)
    return rows, cols


def near_edges(labels: np.ndarray) -> np.ndarray:
    """True where a neighbour above, below, left or right has another label; labels (count, rows, cols)."""
    edge = np.zeros(labels.shape, dtype=bool)
    for axis in (1, 2):
        change = np.diff(labels, axis=axis) != 0
        before = [(0, 0)] * 3
        for pad in ((1, 0), (0, 1)):
            before[axis] = pad
            edge |= np.pad(change, before)
    return edge


def window_classifier() -> Any:
    """The classifier of windows: two valid 3 × 3 convolutions, pooling, two dense layers."""
    import keras
    from keras import layers

    net = keras.Sequential([keras.Input((12, 12, 1))])
    net.add(layers.Conv2D(16, 3, activation="relu"))
    net.add(layers.Conv2D(24, 3, activation="relu"))
    net.add(layers.MaxPooling2D(2))
    net.add(layers.Flatten())
    net.add(layers.Dense(64, activation="relu"))
    net.add(layers.Dense(11, activation="softmax"))
    return net


def products(side: int, places: int) -> np.ndarray:
    """Multiplications in the four layers of `window_classifier`; `places`: at how many places the dense layers stand."""
    return np.array([(side - 2) ** 2 * 9 * 16, (side - 4) ** 2 * 9 * 16 * 24, places * 4 * 4 * 24 * 64, places * 64 * 11])


def both_ways(classifier: Any, net: Any, page: np.ndarray) -> np.ndarray:
    """Windows of 12 × 12 of a page one by one, then the page at once; prints the seconds. Returns the scores of the page.

    page: float32 array (rows, cols). Raises AssertionError when the two ways give other scores.
    """
    crops = sliding_window_view(page, (12, 12))[::2, ::2].reshape(-1, 12, 12, 1)
    classifier(crops[:4096]), net(page[None, ..., None])  # the first calls only warm up
    each, slow = stopwatch(lambda: one_by_one(classifier, crops))
    scores, fast = stopwatch(lambda: np.asarray(net(page[None, ..., None])))
    np.testing.assert_allclose(scores.reshape(-1, 11), each, atol=1e-4)
    print(f"{len(crops):,} windows, 11 scores each: the same to 1e-4")
    print(f"cut out {slow:.2f} s, at once {fast:.2f} s: {slow / fast:.0f} times as fast")
    return scores


def print_precision_recall(precision_recall: Callable[..., Any], found: np.ndarray, truth: np.ndarray) -> None:
    """A detector's precision and recall for all digits, for their places alone, and for threes."""
    no_class = np.array([1, 1, 1, 1, 0])
    kinds = {"all digits": (found, truth), "place only": (found * no_class, truth * no_class)}
    kinds["threes only"] = found[found[:, 4] == 3], truth[truth[:, 4] == 3]
    for name, (boxes, true) in kinds.items():
        precision, recall = precision_recall(boxes, true, 0.5)
        print(f"{name:12} precision {precision:.3f}, recall {recall:.3f} of {len(true)}")


def right_boxes(
    precision_recall: Callable[..., Any], found: np.ndarray, truth: np.ndarray, threshold: float
) -> list[tuple[np.ndarray, int]]:
    """For each class which of its found boxes are right, best first, and the number of its true boxes.

    found, truth: as for `precision_recall`. The first n + 1 boxes have one right box more than the first n if box n is right.
    """
    each = []
    for kind in np.unique(truth[:, 4]):
        boxes, true = found[found[:, 4] == kind], truth[truth[:, 4] == kind]
        hits = [n * precision_recall(boxes[:n], true, threshold)[0] for n in range(1, len(boxes) + 1)]
        each.append((np.diff(hits, prepend=0) > 0.5, len(true)))
    return each


def print_beside_keras(transposed_conv: Callable[..., Any]) -> None:
    """Is a transposed convolution the same as Keras's, for maps of 5 × 4 with 3 channels, 2 filters and stride 2?"""
    import keras

    maps, layer = np.random.default_rng(0).normal(size=(5, 4, 3)), keras.layers.Conv2DTranspose(2, 3, 2)
    theirs = np.asarray(layer(maps[None].astype("float32")))[0]  # its bias is still 0
    yours = transposed_conv(maps, np.asarray(layer.kernel), 2)
    print("kernel", tuple(layer.kernel.shape), "result", yours.shape, "same as Keras:", np.allclose(yours, theirs, atol=1e-5))


def print_products() -> None:
    """Multiply-adds of each layer for the form, all windows cut out, and at once."""
    each, whole = products(12, 1) * 63_001, products(512, 63_001)
    for name, a, b in zip(("conv", "conv", "dense", "dense"), each, whole, strict=True):
        print(f"{name:6}{a:16,}{b:16,}   {a / b:5.1f} to 1")
    print(f"all   {each.sum():16,}{whole.sum():16,}   {each.sum() / whole.sum():5.1f} to 1")


def print_sizes() -> None:
    """How many pixels Keras's transposed convolution makes of N, beside the formula."""
    import keras

    print(" N  K  S   formula   Keras valid   Keras same")
    for n, k, stride in [(2, 3, 2), (7, 2, 2), (7, 4, 2), (5, 5, 3), (5, 2, 3)]:
        two = [keras.layers.Conv2DTranspose(1, k, stride, padding) for padding in ("valid", "same")]
        valid, same = (layer.compute_output_shape((1, n, n, 1))[1] for layer in two)
        print(f"{n:2}{k:3}{stride:3}{n * stride + max(k - stride, 0):8}{valid:12}{same:13}")


def print_paper(five: Any) -> None:
    """The paper's sizes, and the convolutional layers of a U-Net with five levels."""
    convolutions = [layer for layer in five.layers if "Conv2D" in type(layer).__name__]
    side = 572
    for level in range(9):  # two valid convolutions at each of nine stops
        side = side - 4 if level == 8 else (side - 4) // 2 if level < 4 else 2 * (side - 4)
    print(f"the paper: 572 × 572 pixels in, {side} × {side} labels out")
    print(f"five levels: {len(convolutions)} convolutional layers, as in the paper")


def on_twelve_forms(detect: Callable[[np.ndarray], tuple[np.ndarray, ...]]) -> list[tuple[np.ndarray, ...]]:
    """What a detector finds on the twelve forms of unit 3, form n moved down by 600 n rows: boxes, scores, and the true boxes."""
    pages: list[tuple[np.ndarray, ...]] = []
    for number in range(12):
        page, digits = digit_form(seed=number + 1)
        shift = [600 * number, 0, 600 * number, 0, 0]
        boxes, sure, _ = detect(page)
        true = [(row - 2, col - 2, row + 10, col + 10, kind) for row, col, kind in digits]
        pages.append((boxes + shift, sure, np.array(true) + shift))
    return pages


def one_by_one(classifier: Callable[[Any], Any], crops: np.ndarray) -> np.ndarray:
    """The scores of windows, each classified by itself, in batches of 4,096; crops (count, rows, cols, 1) -> (count, classes)."""
    return np.concatenate([np.asarray(classifier(crops[n : n + 4096])) for n in range(0, len(crops), 4096)])


def stopwatch(way: Callable[[], Any]) -> tuple[Any, float]:
    """What a function returns, and the seconds that it takes."""
    start = time.perf_counter()
    return way(), time.perf_counter() - start


def train(model: Any, images: np.ndarray, labels: np.ndarray, epochs: int, batch: int, rate: float, name: str) -> Any:
    """Adam on the cross-entropy, with a rate that falls to 0 along a cosine; one line says how far it is."""
    import keras

    falling = keras.optimizers.schedules.CosineDecay(rate, epochs * len(images) // batch)
    model.compile(keras.optimizers.Adam(falling), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(images, labels, batch, epochs, verbose=0, callbacks=[progress(epochs, name)])
    return model


def progress(epochs: int, name: str) -> Any:
    """A Keras callback that keeps one line up to date: epoch, loss, seconds left."""
    import keras

    class Line(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            left = (time.perf_counter() - self.start) / (epoch + 1) * (epochs - epoch - 1)
            loss = (logs or {}).get("loss", float("nan"))
            if not is_judged():
                end = "\r" if epoch < epochs - 1 else "\n"
                print(f"{name}: epoch {epoch + 1} of {epochs}, loss {loss:.3f}, about {left:2.0f} s left", end=end)

    return Line()


# --- where convolution is at work ----------------------------------------------------------------


def uses_figure() -> tuple[Figure, str]:
    """One drawn scene, and what nets for seven tasks make of it."""
    figure, axes = new_figure(2, 4, width=11, height=5.2)
    drawings: list[tuple[str, Callable[[Axes], None]]] = [
        ("the image", _scene),
        ("classification", _classified),
        ("retrieval", _retrieved),
        ("detection", _detected),
        ("segmentation", _segmented),
        ("pose", _posed),
        ("captioning", _captioned),
        ("style", _styled),
    ]
    for place, (title, draw) in zip(axes.flat, drawings, strict=True):
        draw(place)
        place.set(xlim=(0, 10), ylim=(0, 10), xticks=[], yticks=[], aspect="equal", title=title)
    alt = (
        "A drawn scene with house, tree and person, and seven results: bars of class scores, similar pictures, a box around "
        "each thing, a label for each pixel, a skeleton on the person, a sentence, and the scene in another style."
    )
    return figure, alt


def _scene(
    axes: Axes, palette: Sequence[str] = ("#dcecf7", "#cfe3bf", "#c98b5e", "#8b4a32", "#4f8a4b", "#7a5230", "#444444")
) -> None:
    sky, grass, wall, roof, leaves, trunk, person = palette
    axes.add_patch(Rectangle((0, 0), 10, 10, color=sky, linewidth=0))
    axes.add_patch(Rectangle((0, 0), 10, 3, color=grass, linewidth=0))
    axes.add_patch(Rectangle((0.8, 2.4), 3, 2.8, color=wall, linewidth=0))
    axes.add_patch(Polygon([(0.4, 5.2), (4.2, 5.2), (2.3, 7.4)], color=roof, linewidth=0))
    axes.add_patch(Rectangle((8.0, 2), 0.5, 2.4, color=trunk, linewidth=0))
    axes.add_patch(Circle((8.25, 5.6), 1.5, color=leaves, linewidth=0))
    _person(axes, person)


JOINTS = {
    "head": (5.7, 4.9),
    "neck": (5.7, 4.1),
    "hip": (5.7, 2.7),
    "left hand": (4.7, 4.9),
    "right hand": (6.7, 3.1),
    "left foot": (5.2, 1.2),
    "right foot": (6.3, 1.2),
}
BONES = (
    ("head", "neck"),
    ("neck", "hip"),
    ("neck", "left hand"),
    ("neck", "right hand"),
    ("hip", "left foot"),
    ("hip", "right foot"),
)


def _person(axes: Axes, colour: str) -> None:
    for start, end in BONES:
        axes.plot(*zip(JOINTS[start], JOINTS[end], strict=True), color=colour, linewidth=5, solid_capstyle="round")
    axes.add_patch(Circle(JOINTS["head"], 0.55, color=colour, linewidth=0))


def _classified(axes: Axes) -> None:
    for row, (name, share) in enumerate((("house", 0.81), ("barn", 0.12), ("church", 0.04), ("tent", 0.01))):
        axes.barh(8 - 2 * row, 6 * share, left=3.2, height=1.1, color=BLUE)
        axes.text(3, 8 - 2 * row, name, ha="right", va="center")
        axes.text(3.4 + 6 * share, 8 - 2 * row, f"{share:.2f}", va="center", fontsize=9)


def _retrieved(axes: Axes) -> None:
    for number, (shift, wall, roof) in enumerate(
        ((0.2, "#c98b5e", "#8b4a32"), (3.5, "#d8b27c", "#5b3a5b"), (6.8, "#b9b9b9", "#8b4a32"))
    ):
        axes.add_patch(Rectangle((shift, 3.2), 3, 4.2, color="#dcecf7", linewidth=0))
        axes.add_patch(Rectangle((shift + 0.7, 3.7), 1.6, 1.4, color=wall, linewidth=0))
        axes.add_patch(Polygon([(shift + 0.5, 5.1), (shift + 2.5, 5.1), (shift + 1.5, 6.4)], color=roof, linewidth=0))
        axes.text(shift + 1.5, 2.4, ("1st", "2nd", "3rd")[number], ha="center", va="center")
    axes.text(5, 8.6, "most similar images", ha="center", va="center")


def _detected(axes: Axes) -> None:
    _scene(axes)
    for name, (left, bottom, width, height), colour, style in (
        ("house", (0.3, 2.2, 4, 5.4), RED, "-"),
        ("person", (4.5, 0.9, 2.1, 4.8), ALWAYS_DARK, "--"),
        ("tree", (6.8, 1.9, 3.0, 5.4), BLUE, ":"),
    ):
        axes.add_patch(Rectangle((left, bottom), width, height, fill=False, edgecolor=colour, linewidth=2.2, linestyle=style))
        words = axes.text(left, bottom + height + 0.2, name, fontsize=9, color=colour, fontweight="bold")
        words.set_path_effects([withStroke(linewidth=3, foreground=ALWAYS_LIGHT)])


def _segmented(axes: Axes) -> None:
    _scene(axes, ("#f2f2f2", "#d9d9d9", ORANGE, ORANGE, GREEN, GREEN, BLUE))
    words = (("sky", (2, 9)), ("ground", (2.2, 0.9)), ("house", (2.3, 4.2)), ("tree", (8.25, 5.6)), ("person", (5.7, 6.3)))
    for word, (x, y) in words:
        axes.text(x, y, word, ha="center", va="center", fontsize=9, color=ALWAYS_DARK)


def _posed(axes: Axes) -> None:
    _scene(axes, ("#f4f8fb", "#eef4ea", "#efe0d3", "#e3d2cb", "#d5e4d4", "#e0d6cc", "#bbbbbb"))
    for start, end in BONES:
        axes.plot(*zip(JOINTS[start], JOINTS[end], strict=True), color=RED, linewidth=1.5)
    axes.plot(*zip(*JOINTS.values(), strict=True), "o", color=ALWAYS_DARK, markersize=5)


def _captioned(axes: Axes) -> None:
    axes.text(5, 5, "“A person waves\nbetween a house\nand a tree.”", ha="center", va="center", fontsize=12, style="italic")


def _styled(axes: Axes) -> None:
    _scene(axes, ("#f6d58f", "#d9822b", "#27496d", "#0c2233", "#9c3d2e", "#142850", "#fff3d6"))
    places = np.linspace(0, 10, 160)
    for level in np.arange(0.2, 10, 0.45):
        axes.plot(places, level + 0.18 * np.sin(1.6 * places + level), color=ALWAYS_LIGHT, linewidth=0.9, alpha=0.7)


# --- boxes ---------------------------------------------------------------------------------------


def iou_figure(step: int) -> tuple[Figure, str]:
    """A box of 4 × 6 and one of 3 × 6 that moves to the right, on squared paper, with the sum."""
    one, other = (0, 0, 4, 6), (2, step, 5, step + 6)
    figure, axes = new_figure(width=7.5, height=3.0)
    top, left = max(one[0], other[0]), max(one[1], other[1])
    height, width = max(0, min(one[2], other[2]) - top), max(0, min(one[3], other[3]) - left)
    shared = height * width
    if shared:
        axes.add_patch(Rectangle((left, top), width, height, color=LINE, linewidth=0))
    for corners, colour, style in ((one, BLUE, "-"), (other, RED, "--")):
        sides = corners[3] - corners[1], corners[2] - corners[0]
        axes.add_patch(Rectangle(corners[1::-1], *sides, fill=False, edgecolor=colour, linewidth=3, linestyle=style))
    axes.set(xlim=(-0.3, 16.3), ylim=(6.3, -0.3), aspect="equal", xlabel="column", ylabel="row")
    axes.set_xticks(range(17))
    axes.set_yticks(range(7))
    axes.grid(color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    union = 24 + 18 - shared
    axes.set_title(f"shared {shared}, union 24 + 18 − {shared} = {union}, IoU {shared / union:.2f}")
    return figure, f"Two boxes of 24 and 18 squares share {shared}; their union has {union}, so the IoU is {shared / union:.2f}."


def draw_page(axes: Axes, page: np.ndarray, title: str) -> None:
    """Paper white and ink dark, without ticks."""
    axes.imshow(page, cmap="gray_r", vmin=0, vmax=16)
    axes.set(xticks=[], yticks=[], title=title)


def page_figure(page: np.ndarray, title: str) -> tuple[Figure, str]:
    """A whole form."""
    figure, axes = new_figure(width=5.6, height=5.4)
    draw_page(axes, page, title)
    return figure, "A square form with sixty small handwritten digits at random places."


def draw_boxes(
    axes: Axes, boxes: np.ndarray, names: Sequence[str] = (), colour: str = RED, style: str = "-", linewidth: float = 1.6
) -> None:
    """Boxes (count, 4 or more): top, left, bottom, right, with a name above each."""
    for number, (top, left, bottom, right) in enumerate(np.asarray(boxes)[:, :4]):
        size = (right - left, bottom - top)
        axes.add_patch(
            Rectangle((left - 0.5, top - 0.5), *size, fill=False, edgecolor=colour, linestyle=style, linewidth=linewidth)
        )
        if names:
            words = axes.text(left - 0.5, top - 1.2, names[number], color=colour, fontsize=9, fontweight="bold", zorder=4)
            words.set_path_effects([withStroke(linewidth=3, foreground=ALWAYS_LIGHT)])


def windows_figure(windows: np.ndarray, classes: np.ndarray) -> tuple[Figure, str]:
    """Training windows in two rows, digits above, background below."""
    figure, axes = new_figure(2, 9, width=11, height=2.9)
    for row, chosen in zip(axes, (np.flatnonzero(classes != BACKGROUND), np.flatnonzero(classes == BACKGROUND)), strict=True):
        for place, number in zip(row, chosen, strict=False):
            name = "background" if classes[number] == BACKGROUND else str(classes[number])
            draw_page(place, 16 * windows[number, ..., 0], name)
            place.title.set(fontsize=9, fontweight="normal")
    return figure, "Nine small windows with a digit in the middle, and nine with parts of digits at the edge or with empty paper."


def map_figure(page: np.ndarray, scores: np.ndarray, threshold: float) -> tuple[Figure, str]:
    """A piece of a form, the score map of the same piece, and the places above the threshold."""
    figure, axes = new_figure(1, 3, width=11, height=3.9)
    draw_page(axes[0], page, "a piece of the form")
    shown = axes[1].imshow(scores, cmap="gray", vmin=0, vmax=1)
    axes[1].set(xticks=[], yticks=[], title="score of the best digit")
    figure.colorbar(shown, ax=axes[1], shrink=0.7)
    axes[2].imshow(scores >= threshold, cmap="gray_r")
    axes[2].set(xticks=[], yticks=[], title=f"places with a score ≥ {threshold:g}")
    count = int((scores >= threshold).sum())
    return (
        figure,
        f"Digits on paper; a dark map with bright spots at the digits; {count} places above the threshold, in small groups.",
    )


def before_after_figure(page: np.ndarray, before: np.ndarray, after: np.ndarray, size: int) -> tuple[Figure, str]:
    """The top left corner of a form with all boxes, and with those that stay; the fifth number of a box is its class."""
    figure, axes = new_figure(1, 2, width=11, height=5.2)
    for place, boxes, title in zip(axes, (before, after), ("before", "after"), strict=True):
        boxes = boxes[(boxes[:, 2:4] <= size).all(axis=1)]
        draw_page(place, page[:size, :size], f"{title}: {len(boxes)} boxes")
        words = [str(kind) for kind in boxes[:, 4]] if title == "after" else ()
        draw_boxes(place, boxes, words, linewidth=1.0 if title == "before" else 1.8)
    return figure, "Left several boxes crowd around every digit; right one box with a number above it stays for each."


def errors_figure(page: np.ndarray, found: np.ndarray, right: np.ndarray, truth: np.ndarray) -> tuple[Figure, str]:
    """A whole form: right boxes thin and blue, wrong ones thick, dashed and red, with what was said and what is true."""
    figure, axes = new_figure(width=7.4, height=7.2)
    draw_page(axes, page, f"{int(right.sum())} of {len(truth)} digits right; errors dashed, with “said → true”")
    draw_boxes(axes, found[right], colour=BLUE, linewidth=1.0)
    words = []
    for box in found[~right]:
        near = np.flatnonzero(np.abs(truth[:, :2] - box[:2]).max(axis=1) <= 3)
        words.append(f"{box[4]}→{truth[near[0], 4]}" if len(near) else f"{box[4]}→nothing")
    if words:
        draw_boxes(axes, found[~right], words, style="--", linewidth=2.2)
    return figure, f"A form with {len(found)} boxes. {len(words)} are wrong: {', '.join(words)}."


def curve_figure(thresholds: Sequence[float], precision: Sequence[float], recall: Sequence[float]) -> tuple[Figure, str]:
    """Precision and recall over the threshold, and against each other."""
    figure, axes = new_figure(1, 2, width=10, height=3.0)
    axes[0].plot(thresholds, precision, "o-", label="precision")
    axes[0].plot(thresholds, recall, "^--", label="recall")
    axes[0].set(xlabel="threshold", title="A higher threshold: fewer boxes, better ones", ylim=(0.7, 1.01))
    axes[0].legend(loc="lower left")
    axes[1].plot(recall, precision, "o-", color=PURPLE)
    for number in (0, len(thresholds) // 2, len(thresholds) - 1):
        axes[1].annotate(
            f"{thresholds[number]:g}", (recall[number], precision[number]), (6, 6), textcoords="offset points", fontsize=9
        )
    axes[1].set(xlabel="recall", ylabel="precision", title="The same, one against the other")
    axes[1].margins(0.12)
    ends = f"precision from {precision[0]:.2f} to {precision[-1]:.2f}, recall from {recall[0]:.2f} to {recall[-1]:.2f}"
    return figure, f"When the threshold rises from {thresholds[0]:g} to {thresholds[-1]:g}: {ends}."


# --- enlarging and labelling ---------------------------------------------------------------------


def stamps_figure(maps: np.ndarray, kernel: np.ndarray, stride: int) -> tuple[Figure, str]:
    """Each pixel's stamp at its place on the canvas, and their sum; maps and kernel without channels."""
    (rows, cols), (krow, kcol) = maps.shape, kernel.shape
    shape = (rows * stride + max(krow - stride, 0), cols * stride + max(kcol - stride, 0))
    figure, axes = new_figure(1, maps.size + 1, width=11, height=2.6)
    total, limit = np.zeros(shape), float(np.abs(maps).max() * np.abs(kernel).max())
    for place, (row, col) in zip(axes, np.ndindex(rows, cols), strict=False):
        stamp = np.full(shape, np.nan)
        corner = (row * stride, col * stride)
        stamp[corner[0] : corner[0] + krow, corner[1] : corner[1] + kcol] = maps[row, col] * kernel
        total += np.nan_to_num(stamp)
        draw_numbers(place, stamp, f"pixel {maps[row, col]:g}", box=(*corner, krow, kcol), limit=limit)
    draw_numbers(axes[-1], total, "sum", limit=limit)
    return figure, f"{maps.size} stamps on a canvas of {shape[0]} by {shape[1]}, {stride} pixels apart, and their sum."


def unet_figure(widths: Sequence[int], size: int) -> tuple[Figure, str]:
    """The U: maps down on the left, up on the right, skips across; sizes beside the boxes."""
    figure, axes = new_figure(width=8.5, height=3.6)
    depth = len(widths)
    for level, width in enumerate(widths):
        y, side = -2.2 * level, size // 2**level
        bottom = level == depth - 1
        for x in [depth * 2.2] if bottom else [2.2 * level, 4.4 * depth - 2.2 * level]:
            axes.add_patch(Rectangle((x - 0.75, y - 0.5), 1.5, 1.0, facecolor=BLUE + "33", edgecolor=BLUE, linewidth=1.5))
            axes.text(x, y, f"{side}×{side}\n{width}", ha="center", va="center", fontsize=9)
        if not bottom:
            left, right = 2.2 * level, 4.4 * depth - 2.2 * level
            below = (depth * 2.2, depth * 2.2) if level == depth - 2 else (left + 2.2, right - 2.2)
            _arrow(axes, (left + 0.85, y), (right - 0.85, y), GREY, "--")
            axes.text((left + right) / 2, y + 0.12, "skip: copy", ha="center", va="bottom", fontsize=9, color=SOFT_INK)
            _arrow(axes, (left, y - 0.55), (below[0] - 0.3, y - 1.65), RED, "-")
            _arrow(axes, (below[1] + 0.3, y - 1.65), (right, y - 0.55), GREEN, "-")
    axes.text(-1.0, -2.2, "max pooling 2 ↓", fontsize=9, ha="center")
    axes.text(4.4 * depth + 1.0, -2.2, "transposed\nconvolution ↑", fontsize=9, ha="center")
    axes.set(xlim=(-3, 4.4 * depth + 3), ylim=(-2.2 * depth + 1.4, 1.0), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title("A U-Net: rows × cols, and below it the number of maps")
    sides = ", ".join(f"{size // 2**level} pixels with {width} maps" for level, width in enumerate(widths))
    return figure, f"A U of boxes: {sides}; dashed arrows lead across from the left arm to the right arm."


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, style: str) -> None:
    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color=colour, linestyle=style, linewidth=1.5)
    axes.add_patch(arrow)


def draw_labels(axes: Axes, labels: np.ndarray, title: str) -> None:
    """A label map in the colours of SHAPES, each region with its letter."""
    axes.imshow(labels, cmap=ListedColormap(COLOURS), vmin=-0.5, vmax=3.5, interpolation="nearest")
    for kind in (1, 2, 3):
        where = np.argwhere(labels == kind)
        if len(where) > 25:
            middle = where[np.abs(where - where.mean(axis=0)).sum(axis=1).argmin()]
            look: dict[str, Any] = {
                "ha": "center",
                "va": "center",
                "fontsize": 9,
                "fontweight": "bold",
                "color": ink_on(COLOURS[kind]),
            }
            axes.text(middle[1], middle[0], SHAPES[kind][0].upper(), **look)
    axes.set(xticks=[], yticks=[])
    if title:
        axes.set_title(title)


def labels_figure(images: np.ndarray, rows: dict[str, np.ndarray]) -> tuple[Figure, str]:
    """Images above, one row of label maps below for each name; images (count, rows, cols, 1)."""
    figure, axes = new_figure(len(rows) + 1, len(images), width=11, height=1.45 * (len(rows) + 1))
    for number, image in enumerate(images):
        draw_image(axes[0, number], image[..., 0], "")
        for place, labels in zip(axes[1:, number], rows.values(), strict=True):
            draw_labels(place, labels[number], "")
    for place, name in zip(axes[:, 0], ("image", *rows), strict=True):
        place.set_ylabel(name, rotation=0, ha="right", va="center")
    figure.suptitle("C circle, S square, T triangle", fontsize=11, fontweight="bold")
    return figure, f"{len(images)} noisy images of shapes, and below them label maps: {', '.join(rows)}."


def halved_figure(labels: np.ndarray, halve: Callable[[np.ndarray, int], np.ndarray]) -> tuple[Figure, str]:
    """Label maps above, and below them the same with half the sides, by the student's function; labels (count, rows, cols)."""
    halved = [halve(one, len(SHAPES)) for one in labels]
    figure, axes = new_figure(2, len(labels), width=8, height=3.6)
    for column, pair in zip(axes.T, zip(labels, halved, strict=True), strict=True):
        for place, shown in zip(column, pair, strict=True):
            draw_labels(place, np.asarray(shown), "")
    for place, name in zip(axes[:, 0], ("28 × 28", "14 × 14"), strict=True):
        place.set_ylabel(name, rotation=0, ha="right", va="center")
    figure.suptitle("C circle, S square, T triangle", fontsize=11, fontweight="bold")
    new = [int(np.isin(small, large, invert=True).sum()) for large, small in zip(labels, halved, strict=True)]
    return figure, f"{len(labels)} label maps and halves of them; pixels of classes that were not in the map: {new}."


def iou_bars_figure(results: dict[str, np.ndarray]) -> tuple[Figure, str]:
    """IoU of each class, one bar a net."""
    figure, axes = new_figure(width=8, height=2.8)
    for number, ((name, values), colour, hatch) in enumerate(zip(results.items(), (BLUE, ORANGE), ("", "//"), strict=False)):
        bars = axes.bar(np.arange(4) + 0.4 * number - 0.2, values, 0.4, color=colour, hatch=hatch, edgecolor="white", label=name)
        axes.bar_label(bars, fmt="%.2f", fontsize=9)
    axes.set_xticks(range(4), SHAPES)
    axes.set(title="IoU of each class, held-out images", ylim=(0, 1.3), yticks=[0, 0.5, 1])
    axes.legend(loc="upper right", ncols=2)
    words = "; ".join(
        f"{name}: " + ", ".join(f"{s} {v:.2f}" for s, v in zip(SHAPES, values, strict=True)) for name, values in results.items()
    )
    return figure, f"IoU of each class. {words}."
