"""Unit 10: snapshots of clothes, a quick way to train little nets on them and compare, and drawings of the remedies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.patheffects import withStroke

from convcourse.colours import ALWAYS_DARK, ALWAYS_LIGHT, LINE, WASH, ink_on
from convcourse.data import load_fashion_mnist
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, draw_image, new_figure
from convcourse.judging.calling import is_judged

CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
SIDE, VIEW = 20, 18  # pixels of a snapshot, and of what the net sees of it

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Snapshots(NamedTuple):
    """Images, float32 of shape (count, 20, 20, 1), about 0 for paper and 1 for cloth, and their classes."""

    images: np.ndarray
    labels: np.ndarray
    validation_images: np.ndarray
    validation_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def make_snapshots(seed: int = 0, per_class: int = 30, noise: float = 0.04) -> Snapshots:
    """Fashion-MNIST as customers would photograph it: each piece of half the size, anywhere, facing either way, with noise.

    `per_class` training images of each class, chosen with `seed`; 200 others of each class for validation; all 2,000 test images.
    """
    images, labels, test_images, test_labels = load_fashion_mnist()
    generator = np.random.default_rng(seed)
    classes = [np.flatnonzero(labels == label) for label in range(10)]
    chosen = generator.permutation(np.concatenate([generator.choice(places, per_class, replace=False) for places in classes]))
    others = np.concatenate([np.setdiff1d(places, chosen)[:200] for places in classes])
    return Snapshots(
        _placed(images[chosen], noise, generator),
        labels[chosen].astype(np.int32),
        _placed(images[others], noise, generator),
        labels[others].astype(np.int32),
        _placed(test_images, noise, generator),
        test_labels.astype(np.int32),
    )


def _placed(images: np.ndarray, noise: float, generator: np.random.Generator) -> np.ndarray:
    small = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
    fields = generator.normal(0, noise, size=(len(images), SIDE, SIDE))
    places = generator.integers(1, SIDE - 14, size=(len(images), 2))
    mirrored = generator.random(len(images)) < 0.5
    for field, piece, (row, col), turn in zip(fields, small, places, mirrored, strict=True):
        field[row : row + 14, col : col + 14] += piece[:, ::-1] if turn else piece
    return fields[..., None].astype(np.float32)


def centre(images: np.ndarray, _generator: np.random.Generator | None = None) -> np.ndarray:
    """The middle view of 18 × 18 of each snapshot."""
    margin = (SIDE - VIEW) // 2
    return images[:, margin : margin + VIEW, margin : margin + VIEW]


@dataclass(frozen=True)
class Outcome:
    """What came of training a net several times.

    passes: after how many passes it was looked at.
    curves: shape (seeds, looks, 4): training accuracy, validation accuracy, training loss, validation loss.
    models: the trained nets, one a seed.
    """

    name: str
    passes: np.ndarray
    curves: np.ndarray
    models: tuple[keras.Model, ...]

    @property
    def last(self) -> np.ndarray:
        """The four numbers after the last pass, one row a seed."""
        return self.curves[:, -1]


def measure(
    name: str,
    build: Callable[[], keras.Model],
    data: Snapshots,
    change: Change = centre,
    seeds: Iterable[int] = range(3),
    passes: int = 50,
    every: int = 5,
    learning_rate: float = 0.005,
) -> Outcome:
    """Train a fresh net for each seed, and print their validation accuracies.

    build: makes the net, which gives scores (logits). change: makes the views of one pass from the snapshots.
    In the judge's room nothing is trained: all numbers are 0.
    """
    looks = np.arange(every, passes + 1, every)
    if is_judged():
        return Outcome(name, looks, np.zeros((len(list(seeds)), len(looks), 4)), ())
    curves, models = [], []
    net = build()  # one net is trained again and again, since compiling it takes longer than training
    train = Trainer(net, learning_rate)
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        generator, model, curve = np.random.default_rng(seed), build(), []
        for variable, first in zip(net.variables, model.variables, strict=True):
            variable.assign(first)  # the weights, and the dice of its dropout layers
        train.start_afresh()
        for _ in looks:
            orders = [generator.permutation(len(data.images)) for _ in range(every)]
            train(
                np.concatenate([change(data.images[order], generator) for order in orders]),
                np.concatenate([data.labels[order] for order in orders]),
            )
            (learnt, loss), (known, new_loss) = score(net, *data[:2]), score(net, *data[2:4])
            curve.append((learnt, known, loss, new_loss))
        model.set_weights(net.get_weights())
        curves.append(curve)
        models.append(model)
    outcome = Outcome(name, looks, np.array(curves), tuple(models))
    share = outcome.last[:, 1]
    each = "  ".join(f"{one:.1%}" for one in share)
    print(f"{name:<26} {each}   mean {share.mean():.1%} ± {share.std(ddof=1):.1%}", flush=True)
    return outcome


def score(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Share of right answers on the middle views, and mean cross-entropy."""
    logits = keras.ops.convert_to_numpy(model(centre(images), training=False)).astype(float)
    right = logits[np.arange(len(labels)), labels]
    highest = logits.max(axis=1)
    losses = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1)) - right
    return float((logits.argmax(axis=1) == labels).mean()), float(losses.mean())


class Trainer:
    """Trains a net by Adam on images and labels, batch after batch in the given order.

    On TensorFlow all batches of a call run in one compiled loop: for nets as small as these that is several
    times as fast as `fit`.
    """

    def __init__(self, model: keras.Model, learning_rate: float, batch: int = 60) -> None:
        self.model, self.batch = model, batch
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.optimizer = keras.optimizers.Adam(learning_rate)
        self.optimizer.build(model.trainable_variables)
        self._first_state = [keras.ops.convert_to_numpy(variable) for variable in self.optimizer.variables]
        self._run = self._compiled_loop() if keras.backend.backend() == "tensorflow" else self._plain_loop()

    def start_afresh(self) -> None:
        """Forget what Adam has collected."""
        for variable, first in zip(self.optimizer.variables, self._first_state, strict=True):
            variable.assign(first)

    def __call__(self, images: np.ndarray, labels: np.ndarray) -> None:
        steps = len(images) // self.batch
        used = steps * self.batch
        self._run(
            images[:used].reshape(steps, self.batch, *images.shape[1:]),
            labels[:used].reshape(steps, self.batch),
        )

    def _compiled_loop(self) -> Callable[[np.ndarray, np.ndarray], None]:
        import tensorflow as tf

        model, loss, optimizer = self.model, self.loss, self.optimizer

        @tf.function  # type: ignore[untyped-decorator]
        def run(images: Any, labels: Any) -> None:
            for number in tf.range(tf.shape(images)[0]):
                with tf.GradientTape() as tape:
                    error = loss(labels[number], model(images[number], training=True))
                    error += tf.add_n(model.losses) if model.losses else 0.0
                optimizer.apply(tape.gradient(error, model.trainable_variables), model.trainable_variables)
                for variable in model.trainable_variables:
                    if variable.constraint is not None:
                        variable.assign(variable.constraint(variable))

        return lambda images, labels: run(tf.constant(images), tf.constant(labels))

    def _plain_loop(self) -> Callable[[np.ndarray, np.ndarray], None]:
        self.model.compile(self.optimizer, self.loss)

        def run(images: np.ndarray, labels: np.ndarray) -> None:
            for some, theirs in zip(images, labels, strict=True):
                self.model.train_on_batch(some, theirs)

        return run


def snapshots_figure(data: Snapshots) -> tuple[Figure, str]:
    """Three training snapshots of each class."""
    figure, axes = new_figure(3, 10, width=11, height=3.7)
    for label in range(10):
        for row, number in enumerate(np.flatnonzero(data.labels == label)[:3]):
            draw_image(axes[row, label], 1 - data.images[number, :, :, 0], CLOTHES[label] if row == 0 else "")
            axes[row, label].title.set_fontsize(9)
    return figure, f"Three small, noisy snapshots of each class: {', '.join(CLOTHES)}; off the centre, some mirrored."


def views_figure(views: Sequence[np.ndarray], title: str) -> tuple[Figure, str]:
    """A row of what the net sees of one snapshot."""
    figure, axes = new_figure(1, len(views), width=11, height=1.7)
    for place, view in zip(axes, views, strict=True):
        draw_image(place, 1 - np.asarray(view)[:, :, 0], "")
        for side in place.spines.values():
            side.set(visible=True, color=LINE)
    figure.suptitle(title, fontsize=11, fontweight="bold")
    return figure, f"{title}: {len(views)} views of one snapshot, shifted by a pixel or so, some of them mirrored."


def curves_figure(*outcomes: Outcome) -> tuple[Figure, str]:
    """Accuracy and loss after each few passes: solid for training, dashed for validation; a colour each outcome."""
    figure, axes = new_figure(1, 2, width=11, height=3.0)
    for outcome, colour in zip(outcomes, (BLUE, ORANGE, GREEN), strict=False):
        for place, first in zip(axes, (0, 2), strict=True):
            for offset, style, words in ((0, "o-", "training"), (1, "^--", "validation")):
                line = outcome.curves[:, :, first + offset].mean(axis=0)
                place.plot(outcome.passes, line, style, color=colour, markersize=4, label=f"{outcome.name}: {words}")
    axes[0].set(title="Accuracy", xlabel="passes", ylim=(0, 1.04))
    axes[1].set(title="Loss", xlabel="passes", ylim=(0, None))
    axes[0].legend(loc="lower right", fontsize=9)
    ends = [f"{o.name}: training {o.last[:, 0].mean():.2f}, validation {o.last[:, 1].mean():.2f}" for o in outcomes]
    losses = [f"validation loss {o.curves[:, 0, 3].mean():.2f} at first and {o.last[:, 3].mean():.2f} at last" for o in outcomes]
    words = "; ".join(f"{end}, {loss}" for end, loss in zip(ends, losses, strict=True))
    return figure, f"Accuracy and loss over the passes, mean of the seeds. {words}."


def shrink_figure(weights: np.ndarray, decayed: np.ndarray, limited: np.ndarray) -> tuple[Figure, str]:
    """What weight decay and max-norm do to the weight vectors (2, units) of some units with two inputs."""
    figure, axes = new_figure(1, 2, width=9, height=3.9)
    for place, after, title in zip(
        axes, (decayed, limited), ("Weight decay: all shrink by one factor", "Max-norm: only the long ones"), strict=True
    ):
        for start, end in zip(weights.T, after.T, strict=True):
            place.plot(*zip((0, 0), start, strict=True), color=LINE, linewidth=1)
            moved = not np.allclose(start, end)
            if moved:
                place.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": RED, "linewidth": 1.8})
            place.plot(*end, "o" if moved else "s", color=BLUE, markersize=6)
        place.set(xlim=(-2.3, 2.3), ylim=(-2.1, 2.1), aspect="equal", title=title, xlabel="first weight")
        place.axhline(0, color=LINE, zorder=0)
        place.axvline(0, color=LINE, zorder=0)
    axes[1].add_patch(Circle((0, 0), 1, fill=False, linestyle="--", edgecolor=GREEN, linewidth=1.5))
    axes[0].set_ylabel("second weight")
    return figure, "Weight vectors as points. Decay moves each towards 0; max-norm moves those outside a circle onto it."


def thinned_net_figure(tenths: int) -> tuple[Figure, str]:
    """A little net with its dropped units crossed out, for a rate of 0.0 to 0.9."""
    sizes, rate = (5, 7, 6, 3), tenths / 10
    generator = np.random.default_rng(3)
    uniform = [np.ones(sizes[0]), *(generator.permutation((np.arange(n) + 0.35) / n) for n in sizes[1:3]), np.ones(sizes[3])]
    kept = [numbers >= rate for numbers in uniform]
    figure, axes = new_figure(width=7.5, height=3.3)
    heights = [np.arange(n) - (n - 1) / 2 for n in sizes]
    for layer in range(3):
        for a, here in enumerate(heights[layer]):
            for b, there in enumerate(heights[layer + 1]):
                if kept[layer][a] and kept[layer + 1][b]:
                    axes.plot([2.2 * layer, 2.2 * (layer + 1)], [here, there], color=GREY, linewidth=0.6, zorder=1)
    for layer, numbers in enumerate(uniform):
        for height, number, keeps in zip(heights[layer], numbers, kept[layer], strict=True):
            hidden = layer in (1, 2)
            axes.add_patch(
                Circle((2.2 * layer, height), 0.36, facecolor="white", edgecolor=BLUE if keeps else RED, linewidth=1.5, zorder=2)
            )
            if hidden:
                axes.text(2.2 * layer, height, f"{number:.2f}"[1:], ha="center", va="center", fontsize=8, zorder=4)
            if not keeps:
                x, y = 2.2 * layer, height
                axes.plot([x - 0.33, x + 0.33], [y - 0.33, y + 0.33], color=RED, linewidth=2, zorder=3)
    for layer, words in enumerate(("input", "hidden", "hidden", "scores")):
        axes.text(2.2 * layer, -4.1, words, ha="center", va="top")
    left = sum(int(k.sum()) for k in kept[1:3])
    axes.set(xlim=(-0.8, 7.4), ylim=(-4.7, 3.6), aspect="equal")
    axes.set_axis_off()
    axes.set_title(f"rate {rate:.1f}: {left} of {sizes[1] + sizes[2]} hidden units are in")
    return figure, f"A small net; at rate {rate:.1f} the units whose number is below {rate:.1f} are crossed out, {left} are left."


def batch_figure(before: np.ndarray, after: np.ndarray) -> tuple[Figure, str]:
    """Two features of a batch, before and after batch normalisation."""
    figure, axes = new_figure(1, 2, width=9, height=3.3)
    for place, points, title, colour in zip(
        axes, (before, after), ("before", "after, γ = 1, β = 0"), (ORANGE, BLUE), strict=True
    ):
        place.plot(points[:, 0], points[:, 1], "o", color=colour, markersize=4, alpha=0.7)
        place.axhline(0, color=LINE, zorder=0)
        place.axvline(0, color=LINE, zorder=0)
        place.set(title=f"A batch {title}", xlabel="feature 0", ylabel="feature 1")
    axes[1].set(xlim=(-4, 4), ylim=(-4, 4))
    return figure, "Left a stretched cloud of points away from 0; right the same cloud around 0, equally wide in both directions."


def nudged_figure(x: np.ndarray, grad_y: np.ndarray, grad_x: np.ndarray, epsilon: float) -> tuple[Figure, str]:
    """Each entry of a gradient of batch norm (γ = 1) over the slope that nudging this entry of x by a little gives."""

    def loss(moved: np.ndarray) -> float:
        normal = (moved - moved.mean(axis=0)) / np.sqrt(moved.var(axis=0) + epsilon)
        return float((grad_y * normal).sum())

    step, slopes = 1e-5, np.zeros_like(x)
    for place in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[place] = step
        slopes[place] = (loss(x + nudge) - loss(x - nudge)) / (2 * step)
    figure, axes = new_figure(width=4.4, height=3.6)
    reach = 1.1 * max(np.abs(slopes).max(), np.abs(grad_x).max())
    axes.plot([-reach, reach], [-reach, reach], color=GREY, linewidth=1)
    axes.plot(slopes.ravel(), np.ravel(grad_x), "o", color=BLUE)
    worst = np.abs(slopes - grad_x).max()
    axes.set(title=f"Furthest from the line: {worst:.2g}", xlabel="slope by nudging", ylabel="gradient of the function")
    return figure, f"Gradients over slopes by nudging, {x.size} points; the furthest is {worst:.2g} off the diagonal."


def colours_figure(image: np.ndarray, mean: np.ndarray, values: np.ndarray, vectors: np.ndarray) -> tuple[Figure, str]:
    """The pixels of an image by red and blue, with the principal directions; and their three variances."""
    figure, axes = new_figure(1, 2, width=9, height=3.3)
    pixels = image.reshape(-1, 3)[::101]
    axes[0].scatter(pixels[:, 0], pixels[:, 2], c=np.clip(pixels, 0, 1), s=8)
    for number, (value, vector) in enumerate(zip(values[:2], vectors.T[:2], strict=True)):
        end = mean + 2 * np.sqrt(value) * vector
        look: dict[str, Any] = {"color": ALWAYS_DARK, "path_effects": [withStroke(linewidth=5, foreground=ALWAYS_LIGHT)]}
        axes[0].annotate("", end[[0, 2]], mean[[0, 2]], arrowprops={"arrowstyle": "->", "linewidth": 2.5, **look})
        axes[0].annotate(f"$p_{number + 1}$", end[[0, 2]], (5, 3), textcoords="offset points", fontsize=13, **look)
    axes[0].set(title="The pixels, each in its colour", xlabel="red", ylabel="blue")
    share = values / values.sum()
    bars = axes[1].bar([f"$p_{n}$" for n in (1, 2, 3)], share, color=BLUE)
    axes[1].bar_label(bars, fmt=lambda part: f"{part:.1%}")
    axes[1].set(title="Share of the variance", ylim=(0, 1.12))
    return figure, f"A long, thin cloud of colours along its first direction, which has {share[0]:.0%} of the variance."


def sheet(images: Sequence[np.ndarray], titles: Sequence[str], columns: int = 5) -> tuple[Figure, str]:
    """Pictures in rows, each with its name."""
    rows = -(-len(images) // columns)
    figure, axes = new_figure(rows, columns, width=11, height=1.75 * rows)
    for place in np.ravel(axes):
        place.set_axis_off()
    for place, image, title in zip(np.ravel(axes), images, titles, strict=False):
        draw_image(place, np.clip(np.round(image), 0, 255).astype(np.uint8), title)
        place.title.set_fontsize(10)
    return figure, f"One photograph in {len(images)} versions: {', '.join(titles)}."


def library_versions(photo: np.ndarray) -> dict[str, np.ndarray]:
    """The middle of a photograph (400 × 600), stretched both ways, and turned, cut so that no empty corner shows."""
    from skimage.transform import resize, rotate

    middle = photo[50:350, 75:525]
    return {
        "original": middle,
        "horizontal stretch": 255 * resize(middle, (300, 585))[:, 67:517],
        "vertical stretch": 255 * resize(middle, (390, 450))[45:345],
        "left rotation + crop": 255 * rotate(photo, 20)[80:320, 120:480],
    }


def at_sizes(images: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """The images (count, rows, cols, 1), resized to each of the sizes."""
    from skimage.transform import resize

    return [resize(images, (len(images), size, size, 1)) for size in sizes]


def probabilities(models: Sequence[keras.Model], views: np.ndarray) -> np.ndarray:
    """What each net says of each view.

    views: shape (sizes, images, crops, rows, cols, 1). Returns shape (models, sizes · crops, images, 10).
    """
    sizes, images, crops = views.shape[:3]
    flat = views.reshape(-1, *views.shape[3:]).astype(np.float32)
    chances = [keras.ops.convert_to_numpy(keras.ops.softmax(model(flat, training=False))) for model in models]
    apart = np.stack(chances).reshape(len(models), sizes, images, crops, -1)
    return np.moveaxis(apart, 3, 2).reshape(len(models), sizes * crops, images, -1)


def crops_figure(image: np.ndarray, crop_shape: tuple[int, int], chosen: int) -> tuple[Figure, str]:
    """Where the ten crops lie in an image; the chosen one drawn strongly and, beside it, what it shows."""
    rows, cols = image.shape[:2]
    krow, kcol = crop_shape
    corners = ((0, 0), (0, cols - kcol), (rows - krow, 0), (rows - krow, cols - kcol), ((rows - krow) // 2, (cols - kcol) // 2))
    names = ("top left", "top right", "bottom left", "bottom right", "centre")
    figure, axes = new_figure(1, 2, width=9, height=3.2)
    mirrored, number = chosen >= 5, chosen % 5
    draw_image(axes[0], image, f"crop {chosen} of 0 … 9: {names[number]}{', mirrored' if mirrored else ''}")
    for (row, col), colour in zip(corners, (BLUE, ORANGE, GREEN, PURPLE, ALWAYS_LIGHT), strict=True):
        _frame(axes[0], row, col, krow, kcol, colour, strong=(row, col) == corners[number])
    row, col = corners[number]
    cut = image[row : row + krow, col : col + kcol]
    draw_image(axes[1], cut[:, ::-1] if mirrored else cut, "what the net sees")
    return figure, f"Five frames on a photograph; crop {chosen} is the {names[number]} one{', mirrored' if mirrored else ''}."


def _frame(axes: Axes, row: int, col: int, krow: int, kcol: int, colour: str, strong: bool) -> None:
    style: dict[str, Any] = {"linewidth": 4, "linestyle": "-"} if strong else {"linewidth": 1.5, "linestyle": "--"}
    edge = [withStroke(linewidth=style["linewidth"] + 2, foreground=ink_on(colour))]
    frame = Rectangle((col, row), kcol - 1, krow - 1, fill=False, edgecolor=colour, clip_on=False, path_effects=edge, **style)
    axes.add_patch(frame)


def outcomes_figure(outcomes: Sequence[Outcome]) -> tuple[Figure, str]:
    """What each remedy did: training and validation accuracy, and validation loss, every seed a mark and a bar for the mean."""
    figure, axes = new_figure(1, 2, width=11, height=0.45 * len(outcomes) + 1.2)
    names = [outcome.name for outcome in outcomes]
    for height, outcome in enumerate(outcomes):
        last = outcome.last
        axes[0].plot(last[:, 1], [height] * len(last), "^", color=BLUE, alpha=0.8)
        axes[0].plot(last[:, 0], [height] * len(last), "o", color=GREY, alpha=0.7)
        axes[1].plot(last[:, 3], [height] * len(last), "^", color=BLUE, alpha=0.8)
        for place, column in zip(axes, (1, 3), strict=True):
            place.plot([last[:, column].mean()] * 2, [height - 0.3, height + 0.3], color=RED, linewidth=2)
            place.axhline(height, color=WASH, zorder=0)
    for place, title, label in zip(
        axes, ("Accuracy: ▲ validation, ● training", "Validation loss"), ("share of right answers", "cross-entropy"), strict=True
    ):
        place.axvline(outcomes[0].last[:, 1 if place is axes[0] else 3].mean(), color=RED, linestyle=":", linewidth=1)
        place.set(title=title, xlabel=label, ylim=(len(names) - 0.4, -0.6))
    axes[0].set_yticks(range(len(names)), names)
    axes[1].set_yticks(range(len(names)), [""] * len(names))
    axes[0].set_xlim(0.35, 1.02)
    axes[1].set_xlim(0, None)
    words = ", ".join(f"{o.name} {o.last[:, 1].mean():.2f}" for o in outcomes)
    return figure, f"Mean validation accuracy of each remedy: {words}."


def print_table(outcomes: Sequence[Outcome]) -> None:
    """All outcomes in a table; the first is what the others are compared with."""
    print("remedy                     training    validation ± spread    gain in points   loss")
    for outcome in outcomes:
        learnt, known, _, loss = outcome.last.mean(axis=0)
        spread, gain = outcome.last[:, 1].std(ddof=1), known - outcomes[0].last[:, 1].mean()
        print(f"{outcome.name:<26} {learnt:8.1%} {known:15.1%} ± {spread:.1%} {100 * gain:+12.1f} {loss:12.2f}")


def print_views(
    models: Sequence[keras.Model],
    data: Snapshots,
    ten_crop: Callable[[np.ndarray, tuple[int, int]], np.ndarray],
    average_predictions: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
) -> None:
    """Right answers on the validation set for one, ten and thirty views, of one net and of three."""
    sizes = at_sizes(data.validation_images, (20, 19, 22))
    views = np.array([[ten_crop(image, (VIEW, VIEW)) for image in scaled] for scaled in sizes])
    chances = probabilities(models, views)
    print("nets  views  evaluations  right")
    for nets in (1, 3):
        for count, chosen in {1: slice(4, 5), 10: slice(10), 30: slice(30)}.items():  # number 4 is the centre
            groups = [chances[first : first + nets, chosen] for first in range(0, 3, nets)]
            right = np.mean([average_predictions(group)[1] == data.validation_labels for group in groups])
            print(f"{nets:4} {count:6} {nets * count:12} {right:6.1%}")


def print_googlenet() -> None:
    """The crops of GoogLeNet's test, and its table of top-5 errors: Szegedy et al. 2015, table 3."""
    print(f"4 sizes · 3 squares · 6 views · 2 = {4 * 3 * 6 * 2} crops\n")
    print("models  crops  evaluations  top-5 error  points against the base")
    asked = [(models, crops) for models in (1, 7) for crops in (1, 10, 144)]
    for (models, crops), error in zip(asked, (10.07, 9.15, 7.89, 8.09, 7.62, 6.67), strict=True):
        print(f"{models:6} {crops:6} {models * crops:12} {error:11.2f}% {error - 10.07:16.2f}")


def print_test(outcomes: Sequence[Outcome], data: Snapshots) -> None:
    """Validation and test accuracy of these outcomes; nothing where no net was kept, as in the judge's room."""
    for outcome in outcomes:
        tested = [score(model, data.test_images, data.test_labels)[0] for model in outcome.models]
        if tested:
            print(f"{outcome.name}: validation {outcome.last[:, 1].mean():.1%}, test {np.mean(tested):.1%}")
