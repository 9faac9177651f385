"""Shapes and drawings of unit 05: X, O, what matches where, and shapes that are harder to tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.figures import BLUE, ORANGE, draw_image, draw_numbers, new_figure
from convcourse.number_figures import Panel, number_figure

CROSS = np.where(np.pad(np.eye(7) + np.eye(7)[::-1], 1) > 0, 1, -1)
RING = np.array(
    [
        [1 if sign == "#" else -1 for sign in row]
        for row in (
            ".........",
            "...###...",
            "..#...#..",
            ".#.....#.",
            ".#.....#.",
            ".#.....#.",
            "..#...#..",
            "...###...",
            ".........",
        )
    ]
)
FEATURES = np.array(
    [
        [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]],
        [[1, -1, 1], [-1, 1, -1], [1, -1, 1]],
        [[-1, -1, 1], [-1, 1, -1], [1, -1, -1]],
    ]
)
# What the lecture prints of a new image's last maps.
LECTURE_VALUES = np.array([0.9, 0.65, 0.45, 0.87, 0.96, 0.73, 0.23, 0.63, 0.44, 0.89, 0.94, 0.53])
NAMES = ("diagonal \\", "cross", "diagonal /")


def cut(numbers: np.ndarray) -> np.ndarray:
    """Two decimals, the rest cut off and not rounded, as the lecture prints them."""
    # A hair more than the number, so that 0.29 does not become 0.28 in binary.
    return np.trunc(np.asarray(numbers) * 100 * (1 + 1e-12)) / 100 + 0.0


def make_shapes(count: int, seed: int, size: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Crosses and rings: moved, scaled, turned, thick or thin, noisy.

    Returns the images (count, size, size), about −1 and 1, and the labels (count,): 0 for X, 1 for O; as many of each.
    """
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.arange(count) % 2)
    rows, cols = np.meshgrid(*[np.linspace(-1, 1, size)] * 2, indexing="ij")
    images = np.empty((count, size, size))
    for number, label in enumerate(labels):
        down, right = generator.uniform(-0.35, 0.35, size=2)
        scale, turn, half = generator.uniform(0.4, 0.6), generator.uniform(-0.35, 0.35), generator.uniform(0.07, 0.12)
        narrow = generator.uniform(0.7, 1.0)
        u = (np.cos(turn) * (cols - right) + np.sin(turn) * (rows - down)) / scale
        v = (np.cos(turn) * (rows - down) - np.sin(turn) * (cols - right)) / scale
        away = np.abs(np.hypot(u / narrow, v) - 1) if label else _distance_to_cross(u, v)
        images[number] = np.where(away * scale < half, 1, -1) + generator.normal(0, 0.3, size=(size, size))
    return images, labels


def _distance_to_cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    along, across = (u + v) / np.sqrt(2), (u - v) / np.sqrt(2)
    first = np.hypot(across, np.maximum(np.abs(along) - 1.2, 0))
    return np.minimum(first, np.hypot(along, np.maximum(np.abs(across) - 1.2, 0)))


def best_values(images: np.ndarray, features: np.ndarray) -> np.ndarray:
    """The best match of each feature anywhere in each image, not below 0: array (count, number of features)."""
    krow, kcol = features.shape[1:]
    patches = sliding_window_view(images, (krow, kcol), axis=(1, 2))
    matches = patches.reshape(len(images), -1, krow * kcol) @ features.reshape(len(features), -1).T
    best: np.ndarray = np.maximum(matches.max(axis=1) / (krow * kcol), 0)
    return best


def recognise(images: np.ndarray, features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The class with the most votes for each image: array (count,)."""
    winners: np.ndarray = (best_values(images, features) @ weights.T).argmax(axis=1)
    return winners


def accuracy(images: np.ndarray, labels: np.ndarray, features: np.ndarray, weights: np.ndarray) -> float:
    """The share of images that are recognised."""
    return float((recognise(images, features, weights) == labels).mean())


def accuracy_by_pixels(images: np.ndarray, labels: np.ndarray, train: slice, test: slice) -> float:
    """The share of test images that the best line through all pixels, found with the training images, recognises."""
    flat = np.c_[images.reshape(len(images), -1), np.ones(len(images))]
    weights = np.linalg.lstsq(flat[train], labels[train], rcond=None)[0]
    return float(((flat[test] @ weights > 0.5) == labels[test]).mean())


def other_sets(train_xo: Callable[..., tuple[np.ndarray, np.ndarray]], train: slice, test: slice) -> list[float]:
    """The accuracy on the test images of ten other sets of shapes, each after four passes with `train_xo`."""
    scores = []
    for seed in range(10):
        images, labels = make_shapes(2000, seed=100 + seed)
        net = start_net(8, 5, seed)
        for _ in range(4):
            net = train_xo(images[train], labels[train], *net, 0.1)
        scores.append(accuracy(images[test], labels[test], *net))
    return scores


def squared_error(image: np.ndarray, label: int, features: np.ndarray, weights: np.ndarray) -> float:
    """Half the sum of squared differences between the votes and the right answers, for one image."""
    wrong = weights @ best_values(image[None], features)[0] - np.eye(len(weights))[label]
    return float(wrong @ wrong / 2)


def nudge_net(image: np.ndarray, label: int, features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The slopes of the squared error for all numbers of the net (features, then weights), by nudging each up and down."""
    slopes = np.zeros(features.shape), np.zeros(weights.shape)
    for slope, nudged in zip(slopes, (features, weights), strict=True):
        for place in np.ndindex(nudged.shape):
            errors = []
            for step in (1e-5, -1e-5):
                moved = nudged.copy()
                moved[place] += step
                net = (moved, weights) if nudged is features else (features, moved)
                errors.append(squared_error(image, label, *net))
            slope[place] = (errors[0] - errors[1]) / 2e-5
    return np.concatenate([slope.ravel() for slope in slopes])


def start_net(num_features: int, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Small random features (num_features, size, size) and voting weights (2, num_features)."""
    generator = np.random.default_rng(seed)
    return generator.normal(0, 0.5, size=(num_features, size, size)), generator.normal(0, 0.1, size=(2, num_features))


def match_figure(image: np.ndarray, feature: np.ndarray, step: int) -> tuple[Figure, str]:
    """One position of the feature: where it lies, the nine products with their mean, and the map so far."""
    krow, kcol = feature.shape
    rows, cols = image.shape[0] - krow + 1, image.shape[1] - kcol + 1
    row, col = divmod(step, cols)
    matches = np.full((rows, cols), np.nan)
    for place in range(step + 1):
        r, c = divmod(place, cols)
        matches[r, c] = np.mean(image[r : r + krow, c : c + kcol] * feature)
    products = image[row : row + krow, col : col + kcol] * feature
    figure, _ = number_figure(
        [
            Panel(image, "image", box=(row, col, krow, kcol)),
            Panel(products, "products", f"mean {cut(matches[row, col]):.2f}", limit=1),
            Panel(cut(matches), "matches so far", box=(row, col, 1, 1), digits=".2f", limit=1),
        ]
    )
    alt = f"Feature at row {row}, column {col}: the mean of its products is {cut(matches[row, col]):.2f}."
    return figure, alt


def pixels_figure(images: Mapping[str, np.ndarray]) -> Figure:
    """Images of 1 and −1 with their numbers; the titles say in how many places each agrees with the first."""
    first = next(iter(images.values()))
    same = {name: f"{name}: {int((image == first).sum())} of {image.size} as in X" for name, image in images.items()}
    return number_figure([Panel(image, same[name]) for name, image in images.items()])[0]


def error_figure(errors: Sequence[float]) -> Figure:
    """The error after each round of nudging."""
    figure, axes = new_figure(width=6, height=2.6)
    axes.plot(errors, "o-", color=BLUE, markersize=3)
    axes.set(title="Nudging makes the answer better", xlabel="round", ylabel="error", ylim=(0, 0.65))
    return figure


def features_figure(features: Sequence[np.ndarray], titles: Sequence[str]) -> Figure:
    """Features in rows of eight, orange above zero and purple below."""
    figure, axes = new_figure(len(features) // 8, 8, width=11, height=1.7 * (len(features) // 8))
    for place, feature, title in zip(axes.flat, features, titles, strict=True):
        draw_image(place, feature, title, symmetric=True)
    return figure


def maps_figure(maps: Sequence[np.ndarray], titles: Sequence[str]) -> Figure:
    """A row of small maps with their numbers, cut to two decimals."""
    panels = [Panel(cut(numbers), title, digits=".2f", limit=1) for numbers, title in zip(maps, titles, strict=True)]
    return number_figure(panels)[0]


def sheet(images: np.ndarray, titles: Sequence[str], columns: int = 10) -> Figure:
    """Many small images in rows."""
    rows = -(-len(images) // columns)
    figure, axes = new_figure(rows, columns, width=11, height=1.35 * rows)
    for place, image, title in zip(axes.flat, images, titles, strict=False):
        draw_image(place, image, title)
        place.title.set_fontsize(9)
    for place in axes.flat[len(images) :]:
        place.axis("off")
    return figure


def votes_figure(values: np.ndarray, weights: np.ndarray) -> Figure:
    """Which of twelve values vote for X, and which for O."""
    figure, axes = new_figure(1, 2, width=10, height=2.6)
    for place, row, name in zip(axes, weights, "XO", strict=True):
        place.bar(np.arange(len(values)), values, color=BLUE, alpha=0.3)
        place.bar(np.arange(len(values)), values * (row > 0), color=BLUE)
        place.set(title=f"votes for {name}: {row @ values:.3f}", xlabel="number", ylabel="value", ylim=(0, 1))
    return figure


def slopes_figure(nudged: np.ndarray, back: np.ndarray) -> Figure:
    """Slopes found in two ways, one point for each number of the net."""
    figure, axes = new_figure(width=3.8, height=3.4)
    axes.plot(nudged, back, "o", color=BLUE, markersize=4)
    axes.axline((0, 0), slope=1, color=ORANGE, linewidth=1)
    axes.locator_params(nbins=5)
    axes.set(title="All slopes, two ways", xlabel="by nudging", ylabel="by backpropagation")
    return figure


def learning_figure(accuracies: Sequence[Sequence[float]], by_pixels: float, weights: np.ndarray) -> Figure:
    """Accuracy after each pass, (training, test), beside the voting weights."""
    figure, axes = new_figure(1, 2, width=10, height=2.8)
    passes = np.arange(1, len(accuracies) + 1)
    axes[0].plot(passes, [a for a, _ in accuracies], "o-", label="training")
    axes[0].plot(passes, [b for _, b in accuracies], "^--", label="test")
    axes[0].axhline(by_pixels, color="black", linestyle=":", linewidth=1)
    axes[0].annotate("by pixels", (passes[-1], by_pixels), (0, -12), textcoords="offset points", ha="right")
    axes[0].set(title="Accuracy", xlabel="pass", ylim=(0.8, 1.01), xticks=passes)
    axes[0].legend(loc="center right")
    draw_numbers(axes[1], weights, "voting weights (X above, O below)", digits=".1f")
    return figure
