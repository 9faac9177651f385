"""Unit 17: pictures for a trained net, its answers, its hidden layers as features, and fine-tuning."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.cluster.hierarchy
import scipy.ndimage
from scipy.spatial.distance import cdist

from convcourse.exercises.cases import whole
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import ModelFacts, PackedModel, model_facts, rebuilt

if TYPE_CHECKING:
    import keras

# --- pad_to_square -----------------------------------------------------------------------------

WIDE, TALL = "a wide picture", "a tall picture"


def _picture(generator: np.random.Generator, rows: int, cols: int, whole: bool) -> np.ndarray:
    image = generator.integers(60, 256, size=(rows, cols, 3), dtype=np.uint8)
    return image if whole else (image / 255).astype(np.float32)


def _pad_cases(generator: np.random.Generator) -> Iterator[Case]:
    short, more = int(generator.integers(3, 6)), int(generator.choice([5, 7]))
    yield Case({"image": _picture(generator, short, short + more, True), "value": int(generator.integers(5, 50))}, WIDE)
    short, more = int(generator.integers(3, 6)), int(generator.choice([5, 7]))
    yield Case({"image": _picture(generator, short + more, short, False), "value": 0.125}, TALL)
    yield Case({"image": _picture(generator, short, short, True), "value": 7}, TALL, "a square already")
    yield Case({"image": _picture(generator, 4, 2, False), "value": 3}, TALL)  # fractions inside a whole number
    yield Case({"image": _picture(generator, short, short + 1, False), "value": 0.5}, WIDE, "one row is missing")
    yield Case({"image": _picture(generator, short + 1, short, True), "value": 8}, TALL, "one column is missing")


def _padded(image: np.ndarray, value: float, lean: int = 0, centred: bool = True) -> np.ndarray:
    rows, cols, channels = image.shape
    side = max(rows, cols)
    result = np.full((side, side, channels), value, dtype=float)
    top, left = ((side - rows + lean) // 2, (side - cols + lean) // 2) if centred else (0, 0)
    result[top : top + rows, left : left + cols] = image
    return result


pad_to_square = Exercise(
    name="pad_to_square",
    title="A square with nothing lost",
    points={WIDE: 1, TALL: 1},
    minutes=10,
    difficulty=1,
    oracle=_padded,
    examples=(
        Case(
            {"image": np.array([[[1, 2, 3], [4, 5, 6]]]), "value": 9},
            WIDE,
            "one row is missing: it goes below",
            known=[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[9.0, 9.0, 9.0], [9.0, 9.0, 9.0]]],
        ),
        Case(
            {"image": np.array([[[1.0]], [[2.0]], [[3.0]]]), "value": 0.5},
            TALL,
            "one channel",
            known=[[[0.5], [1.0], [0.5]], [[0.5], [2.0], [0.5]], [[0.5], [3.0], [0.5]]],
        ),
    ),
    cases=_pad_cases,
    hints=(
        "The side of the square is the larger of rows and cols. One of the two then lacks nothing.",
        "`side - rows` rows are missing; `(side - rows) // 2` of them go above. The same for columns.",
        "Either a field `np.full((side, side, channels), value)` into which you write the picture, or `np.pad` with a pair for each of the three axes.",
    ),
)


@pad_to_square.mistake("An odd remainder: one row or column more is needed behind. Put `missing // 2` in front.")
def pad_extra_in_front(image, value):
    return _padded(image, value, lean=1)


@pad_to_square.mistake(
    "The picture stays in the upper left corner. Half of what is missing goes in front (above or left), the rest behind."
)
def pad_behind_only(image, value):
    return _padded(image, value, centred=False)


@pad_to_square.mistake("You fill with 0. The border has the colour `value`.")
def pad_with_black(image, value):
    return _padded(image, 0)


@pad_to_square.mistake("You repeat the picture's edge. The border is one colour, `value`.")
def pad_repeats_the_edge(image, value):
    rows, cols, _ = image.shape
    side = max(rows, cols)
    top, left = (side - rows) // 2, (side - cols) // 2
    return np.pad(image, ((top, side - rows - top), (left, side - cols - left), (0, 0)), mode="edge")


@pad_to_square.mistake("You cut a square out of the middle. Here nothing may be lost: the longer side stays, the shorter grows.")
def pad_crops(image, value):
    rows, cols, _ = image.shape
    side = min(rows, cols)
    top, left = (rows - side) // 2, (cols - side) // 2
    return image[top : top + side, left : left + side]


# --- vgg_preprocess ----------------------------------------------------------------------------

MEANS_BGR = np.array([103.939, 116.779, 123.68])


def _colour_cases(generator: np.random.Generator) -> Iterator[Case]:
    images = generator.integers(0, 256, size=(2, 3, 4, 3))
    yield Case({"images": images.astype(np.uint8)}, "colours", "bytes")
    yield Case({"images": images[:1, :, :3].astype(np.float32) * 0.9}, "colours")


def _prepared(images: np.ndarray) -> np.ndarray:
    """As a 1 × 1 convolution: a matrix that exchanges red and blue, and a bias."""
    return np.einsum("nrci,io->nrco", np.asarray(images, dtype=float), np.fliplr(np.eye(3))) - MEANS_BGR


vgg_preprocess = Exercise(
    name="vgg_preprocess",
    title="Colours as the net learned them",
    points={"colours": 2},
    minutes=8,
    difficulty=1,
    oracle=_prepared,
    examples=(
        Case(
            {"images": np.array([[[[255, 0, 128]]]], dtype=np.uint8)},
            "colours",
            "one pixel: much red, some blue",
            known=[[[[24.061, -116.779, 131.32]]]],
        ),
    ),
    cases=_colour_cases,
    forbidden=("preprocess_input",),
    hints=(
        "Two steps: turn the order of the channels, then subtract three numbers.",
        "The last axis holds the channels. `[..., ::-1]` turns the last axis, whatever comes before it.",
        "Red 255, green 0, blue 128, turned: (128, 0, 255). Minus (103.939, 116.779, 123.68): (24.061, −116.779, 131.32). NumPy "
        "subtracts an array of three from the last axis of a larger one.",
    ),
)


@vgg_preprocess.mistake(
    "The channels are turned, the means are not. After turning the first channel is blue, and its mean is 103.939."
)
def colours_means_not_turned(images):
    return images[..., ::-1].astype(float) - MEANS_BGR[::-1]


@vgg_preprocess.mistake("The means are right, but the channels are still in the order red, green, blue. VGG16 wants blue first.")
def colours_stay_rgb(images):
    return images.astype(float) - MEANS_BGR[::-1]


@vgg_preprocess.mistake("You turned the columns: the picture is mirrored. The channels are the last axis: `images[..., ::-1]`.")
def colours_turn_the_picture(images):
    return images[:, :, ::-1].astype(float) - MEANS_BGR[::-1]


@vgg_preprocess.mistake("Do not divide by 255. VGG16 saw numbers of about −120 to 150 in its training.")
def colours_scaled_to_one(images):
    return _prepared(images) / 255


@vgg_preprocess.mistake(
    "You subtract the mean of these pictures. The net learned with ImageNet's means: 103.939, 116.779 and 123.68, for every picture."
)
def colours_own_mean(images):
    return images[..., ::-1].astype(float) - images[..., ::-1].mean(axis=(0, 1, 2))


@vgg_preprocess.mistake("The order is right, but the mean colour has not been subtracted.")
def colours_without_means(images):
    return images[..., ::-1].astype(float)


@vgg_preprocess.mistake(
    "The channels are still in the order red, green, blue, and the means are those of blue, green, red. Turn the channels first."
)
def colours_only_subtracts(images):
    return images.astype(float) - MEANS_BGR


@vgg_preprocess.mistake(
    "You turned the rows: the picture stands on its head. The channels are the last axis: `images[..., ::-1]`."
)
def colours_turn_the_rows(images):
    return images[:, ::-1].astype(float) - MEANS_BGR


@vgg_preprocess.mistake("You turned the columns: the picture is mirrored. The channels are the last axis: `images[..., ::-1]`.")
def colours_turn_the_columns(images):
    return images[:, :, ::-1].astype(float) - MEANS_BGR


@vgg_preprocess.mistake("The means are added. Subtract them.")
def colours_means_added(images):
    return images[..., ::-1].astype(float) + MEANS_BGR


# --- vgg_restore -------------------------------------------------------------------------------


def _restore_cases(generator: np.random.Generator) -> Iterator[Case]:
    pictures = generator.integers(0, 256, size=(2, 3, 4, 3))
    yield Case({"images": _prepared(pictures).astype(np.float32)}, "pictures", "what comes from bytes")
    changed = _prepared(generator.integers(0, 256, size=(1, 4, 3, 3))) * 1.5
    changed[0, 0, 0], changed[0, 1, 1] = 200.0, -200.0
    yield Case({"images": changed}, "pictures", "with more contrast: some numbers are beyond 0 and 255")


def _turned_too_early(images):
    means = np.array([103.939, 116.779, 123.68])
    restored = images[..., ::-1] + means
    return np.clip(restored.round(), 0, 255).astype(np.uint8)


def _restored(images):
    """Channel by channel."""
    channels = [np.asarray(images, float)[..., c] + MEANS_BGR[c] for c in (2, 1, 0)]
    return np.minimum(np.maximum(np.rint(np.stack(channels, axis=-1)), 0), 255)


vgg_restore = Exercise(
    name="vgg_restore",
    title="Repair: a picture with a tint",
    points={"pictures": 1},
    minutes=6,
    difficulty=1,
    oracle=_restored,
    given=_turned_too_early,
    examples=(
        Case(
            {"images": np.array([[[[24.061, -116.779, 131.32]]]])},
            "pictures",
            "the pixel of the text",
            known=[[[[255, 0, 128]]]],
        ),
        Case({"images": np.array([[[[0.0, 0.0, 0.0]]]])}, "pictures", "the mean colour", known=[[[[124, 117, 104]]]]),
    ),
    cases=_restore_cases,
    hints=(
        "The second example is the mean colour itself. Which of its three numbers should be red's?",
        "Whoever puts on socks and then shoes takes off the shoes first. What was the last step of `vgg_preprocess`?",
        "In VGG16's order the first number is blue's: 24.061 + 103.939 = 128. Only then does blue move to the last place.",
    ),
)


@vgg_restore.mistake("The means are added, but the order is still blue, green, red.")
def restore_stays_bgr(images):
    return _restored(images)[..., ::-1]


@vgg_restore.mistake("The means were subtracted on the way to the net. On the way back they are added.")
def restore_subtracts_again(images):
    return np.clip(np.rint((images - MEANS_BGR)[..., ::-1]), 0, 255)


@vgg_restore.mistake("Numbers beyond 0 and 255 wrap round when they become bytes. Cut them first.")
def restore_wraps(images):
    return np.rint((images + MEANS_BGR)[..., ::-1]).astype(int) % 256


@vgg_restore.mistake("The fractions are cut off. Round first: 254.9999 is 255.")
def restore_cuts_fractions(images):
    return np.clip((images.astype(float) + MEANS_BGR - 1e-3)[..., ::-1], 0, 255).astype(int)


@vgg_restore.mistake("This turns the columns: the picture is mirrored. The channels are the last axis.")
def restore_mirrors(images):
    return _restored(images)[:, :, ::-1, ::-1]


# --- top_classes -------------------------------------------------------------------------------


def _top_cases(generator: np.random.Generator) -> Iterator[Case]:
    images, classes = int(generator.integers(5, 7)), int(generator.integers(7, 10))
    probabilities = generator.dirichlet(np.ones(classes), size=images)
    for count in (3, 1, classes):
        yield Case({"probabilities": probabilities, "count": count}, "classes and probabilities")


def _top_oracle(probabilities, count):
    ranked = [sorted(enumerate(row), key=lambda pair: -pair[1])[:count] for row in np.asarray(probabilities).tolist()]
    return np.array([[c for c, _ in row] for row in ranked]), np.array([[p for _, p in row] for row in ranked])


top_classes = Exercise(
    name="top_classes",
    title="The best guesses",
    results=("class numbers", "probabilities"),
    points={"classes and probabilities": 2},
    minutes=10,
    difficulty=1,
    oracle=_top_oracle,
    examples=(
        Case(
            {"probabilities": np.array([[0.1, 0.6, 0.3], [0.45, 0.2, 0.35]]), "count": 2},
            "classes and probabilities",
            known=([[1, 2], [0, 2]], [[0.6, 0.3], [0.45, 0.35]]),
        ),
    ),
    cases=_top_cases,
    hints=(
        "`np.argsort` gives the numbers of the classes in the order of their probabilities, from small to large.",
        "Sort the negative probabilities along `axis=1`, and keep the first `count` columns.",
        "Probabilities (0.2, 0.7, 0.1): the negative ones in order are −0.7, −0.2, −0.1, so for `count` = 2 the classes are 1, "
        "0, with 0.7 and 0.2. `np.take_along_axis` fetches, row by row, the numbers at given places.",
    ),
)


def _taken(probabilities: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return classes, np.take_along_axis(probabilities, classes, axis=1)


@top_classes.mistake("The right classes, but the best one is last. Sort from the most likely down.")
def top_in_rising_order(probabilities, count):
    return _taken(probabilities, np.argsort(probabilities, axis=1)[:, -count:])


@top_classes.mistake("These are the least likely classes. `argsort` sorts upwards: sort `-probabilities`.")
def top_least_likely(probabilities, count):
    return _taken(probabilities, np.argsort(probabilities, axis=1)[:, :count])


@top_classes.mistake(
    "You sorted down the batch: for each class the best images. Each image (row) needs its best classes: `axis=1`."
)
def top_over_images(probabilities, count):
    images = np.argsort(-probabilities, axis=0)[:count]
    return images, np.take_along_axis(probabilities, images, axis=0)


@top_classes.mistake("All class numbers are one too large. The first class is number 0.")
def top_counts_from_one(probabilities, count):
    classes, values = _top_oracle(probabilities, count)
    return classes + 1, values


@top_classes.mistake("You answer for the first image only. Each row of the batch wants its own answer.")
def top_of_the_first_image(probabilities, count):
    classes, values = _top_oracle(probabilities, count)
    return classes[0], values[0]


# --- sparsity ----------------------------------------------------------------------------------

MAPS, UNITS = "maps", "units"


def _with_zeros(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Zeros in other shares for each image; some numbers are negative, and each image has at least one."""
    values = generator.normal(size=shape)
    for image, share in zip(values, generator.permutation(np.linspace(0.2, 0.8, shape[0])), strict=True):
        image[generator.random(image.shape) < share] = 0
        image.flat[:3] = 0.0, -1.5, 0.001
    return values


def _sparsity_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = int(generator.integers(2, 4)), int(generator.integers(4, 6))
    yield Case({"activations": _with_zeros(generator, (3, rows, cols, 2))}, MAPS)
    yield Case({"activations": _with_zeros(generator, (4, int(generator.integers(6, 11)))).astype(np.float32)}, UNITS)
    yield Case({"activations": _with_zeros(generator, (2, rows, cols))}, UNITS, "three axes")


def _sparsity(activations):
    return np.array([1 - np.count_nonzero(image) / image.size for image in np.asarray(activations)])


sparsity = Exercise(
    name="sparsity",
    title="How much is silent?",
    points={MAPS: 1, UNITS: 1},
    minutes=8,
    difficulty=1,
    oracle=_sparsity,
    examples=(
        Case({"activations": np.array([[0, 2, 0, 0], [1, 0, -3, 5]])}, UNITS, "4 units, 2 images", known=[0.75, 0.25]),
        Case(
            {"activations": np.array([[[[0.0, 1.0], [0.0, 4.0]], [[2.0, 0.0], [3.0, 5.0]]]])},
            MAPS,
            "2 × 2 places, 2 channels, 1 image",
            known=[0.375],
        ),
    ),
    cases=_sparsity_cases,
    hints=(
        "`activations == 0` has True where the unit is silent, and the mean of truth values is their share.",
        "The first axis is the batch. Everything else goes into one mean.",
        "Two pictures with maps of 3 × 3 × 4: laid out as two rows of 36 truth values, the means of the rows are the two "
        "shares. In `reshape`, −1 stands for a side that NumPy works out.",
    ),
)


@sparsity.mistake("One number for the whole batch. Each image wants its own: keep the first axis.")
def sparsity_of_the_batch(activations):
    return np.mean(activations == 0)


@sparsity.mistake("This is the share that is *not* zero. Sparsity is the share of zeros.")
def sparsity_of_the_rest(activations):
    return 1 - _sparsity(activations)


@sparsity.mistake("You count the zeros. Divide by the number of activations of one image.")
def sparsity_counts(activations):
    return np.array([np.sum(image == 0) for image in activations])


@sparsity.mistake("The channels are still apart. All numbers of an image count together.")
def sparsity_of_each_channel(activations):
    return np.mean(activations == 0, axis=tuple(range(1, np.ndim(activations) - 1)))


@sparsity.mistake("You count negative numbers as silent. Only exact zeros are.")
def sparsity_negatives_too(activations):
    return np.array([np.mean(image <= 0) for image in activations])


@sparsity.mistake("You divide by the number of images. Divide by the number of activations of one image.")
def sparsity_over_the_images(activations):
    zeros = np.array([np.count_nonzero(image == 0) for image in activations])
    return zeros / len(activations)


@sparsity.mistake("You average over one axis. All numbers of an image count together, whatever its axes.")
def sparsity_along_one_axis(activations):
    return np.mean(activations == 0, axis=1)


# --- image2vec ---------------------------------------------------------------------------------

ONE_CELL, CELLS = "one cell", "several cells"


def _vector_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"maps": generator.exponential(size=(2, 3, 5, 4)).astype(np.float32), "parts": 1}, ONE_CELL)
    parts = int(generator.integers(2, 4))
    rows, cols = (parts * np.array([2, 3]) + [1, 1]).tolist()
    yield Case({"maps": generator.exponential(size=(4, rows, cols, 3)), "parts": parts}, CELLS, "a row and a column left over")
    yield Case({"maps": generator.integers(0, 9, size=(3, 3 * parts + 1, parts + 1, 2)), "parts": parts}, CELLS)


def _vectors_by_labels(maps, parts):
    """SciPy's labelled means."""
    count, rows, cols, channels = maps.shape
    high, wide = rows // parts, cols // parts
    row, column = np.mgrid[: high * parts, : wide * parts]
    labels = (row // high) * parts + column // wide
    kept = np.asarray(maps, dtype=float)[:, : high * parts, : wide * parts]
    means = [[scipy.ndimage.mean(image[..., c], labels, np.arange(parts**2)) for c in range(channels)] for image in kept]
    return np.swapaxes(np.array(means), 1, 2).reshape(count, -1)


image2vec = Exercise(
    name="image2vec",
    title="From maps to one vector",
    points={ONE_CELL: 1, CELLS: 2},
    minutes=15,
    difficulty=2,
    oracle=_vectors_by_labels,
    examples=(
        Case(
            {"maps": np.array([[[[3.0, 0.0], [3.0, 8.0]]]]), "parts": 1},
            ONE_CELL,
            "2 places, 2 channels",
            known=[[3.0, 4.0]],
        ),
        Case(
            {"maps": np.arange(24).reshape(1, 4, 3, 2), "parts": 2},
            CELLS,
            "cells of 2 × 1 places; the third column is left out",
            known=[[3.0, 4.0, 5.0, 6.0, 15.0, 16.0, 17.0, 18.0]],
        ),
    ),
    cases=_vector_cases,
    hints=(
        "With parts = 1 it is the mean over rows and columns: `maps.mean(axis=(1, 2))`.",
        "A cell has `rows // parts` rows and `cols // parts` columns. Two loops over the cells, a mean of each, and a list.",
        "`np.concatenate(list_of_means, axis=1)` puts the cells side by side.",
    ),
)


def _vectors(maps: np.ndarray, parts: int, order: str = "nijc", pool: Callable[..., Any] = np.mean) -> np.ndarray:
    """The mean around the middle of each cell, by SciPy's labels; the keywords make the usual mistakes."""
    maps = np.asarray(maps, dtype=float)
    count, rows, cols, channels = maps.shape
    high, wide = rows // parts, cols // parts
    cells = np.zeros((count, parts, parts, channels))
    for i, j in np.ndindex(parts, parts):
        cells[:, i, j] = pool(maps[:, i * high : (i + 1) * high, j * wide : (j + 1) * wide], axis=(1, 2))
    return np.asarray(np.einsum(f"nijc->{order}", cells).reshape(count, -1))


@image2vec.mistake("You take the largest value of each cell. The mean is wanted.")
def vector_of_maxima(maps, parts):
    return _vectors(maps, parts, pool=np.max)


@image2vec.mistake(
    "Each cell gets the mean of the whole map. First cut the map into parts × parts cells, then take the mean of each."
)
def vector_ignores_parts(maps, parts):
    return np.tile(np.mean(maps, axis=(1, 2)), parts**2)


@image2vec.mistake(
    "The numbers are right, their order is not. All channels of the first cell come first, then those of the second."
)
def vector_channel_by_channel(maps, parts):
    return _vectors(maps, parts, order="ncij") if parts > 1 else np.mean(maps, axis=(1, 2))


@image2vec.mistake("You walk down the columns of cells. Go along the rows: left to right, then the next row.")
def vector_down_the_columns(maps, parts):
    return _vectors(maps, parts, order="njic")


@image2vec.mistake("You averaged over the channels. Average over the places; each channel is a feature.")
def vector_of_one_channel(maps, parts):
    return np.mean(maps, axis=3).reshape(len(maps), -1)


@image2vec.mistake("These are sums. Divide by the number of places in a cell.")
def vector_of_sums(maps, parts):
    return _vectors(maps, parts, pool=np.sum)


@image2vec.mistake("You took every nth row and column. A cell is a connected piece of the map.")
def vector_of_every_nth(maps, parts):
    maps = maps[:, : maps.shape[1] // parts * parts, : maps.shape[2] // parts * parts]
    cells = [maps[:, i::parts, j::parts].mean(axis=(1, 2)) for i in range(parts) for j in range(parts)]
    return np.concatenate(cells, axis=1)


@image2vec.mistake("Your cells have `parts` rows and `parts` columns. There are parts × parts cells, whatever their size.")
def vector_of_small_cells(maps, parts):
    rows, cols = maps.shape[1:3]
    places = [(i, j) for i in range(0, rows - parts + 1, parts) for j in range(0, cols - parts + 1, parts)]
    return np.concatenate([maps[:, i : i + parts, j : j + parts].mean(axis=(1, 2)) for i, j in places], axis=1)


@image2vec.mistake("Your cells are as wide as they are high. Their width is the number of columns divided by `parts`.")
def vector_of_square_cells(maps, parts):
    side = maps.shape[1] // parts
    places = [(side * i, side * j) for i in range(parts) for j in range(parts)]
    return np.concatenate([maps[:, i : i + side, j : j + side].mean(axis=(1, 2)) for i, j in places], axis=1)


@image2vec.mistake("The mean of the whole map, once. Cut the map into parts × parts cells first.")
def vector_of_whole_maps(maps, parts):
    return np.mean(maps, axis=(1, 2))


# --- nearest_neighbours ------------------------------------------------------------------------


def _neighbour_cases(generator: np.random.Generator) -> Iterator[Case]:
    dimensions = int(generator.integers(3, 6))
    lengths = generator.permutation([0.1, 0.4, 1.0, 3.0, 8.0, 20.0, 50.0])
    gallery = generator.normal(size=(7, dimensions)) * lengths[:, None]
    yield Case({"queries": generator.normal(size=(4, dimensions)), "gallery": gallery, "count": 3}, "neighbours")
    yield Case({"queries": generator.normal(size=(1, dimensions)), "gallery": gallery, "count": 1}, "neighbours")


nearest_neighbours = Exercise(
    name="nearest_neighbours",
    title="What looks like this?",
    points={"neighbours": 2},
    minutes=12,
    difficulty=2,
    oracle=lambda queries, gallery, count: np.argsort(cdist(queries, gallery, "cosine"), axis=1)[:, :count],
    examples=(
        Case(
            {
                "queries": np.array([[1.0, 0.0]]),
                "gallery": np.array([[0.0, 1.0], [10.0, 1.0], [2.0, 0.0], [1.0, 0.9]]),
                "count": 2,
            },
            "neighbours",
            "same direction first, whatever the length",
            known=[[2, 1]],
        ),
    ),
    cases=_neighbour_cases,
    forbidden=("kneighbors",),
    hints=(
        "The cosine of the angle between u and v is u·v / (|u| |v|).",
        "Divide every row by its length, `np.linalg.norm(vectors, axis=1, keepdims=True)`. Then `queries @ gallery.T` holds all cosines.",
        "Cosines (0.2, 0.9, 0.5) and `count` = 2: places 1, 2. `np.argsort` begins with the smallest, so let it sort the "
        "negative cosines, row by row.",
    ),
)


@nearest_neighbours.mistake(
    "You rank by the dot product, so long vectors win. Divide each vector of the gallery by its length first."
)
def neighbours_by_product(queries, gallery, count):
    return np.argsort(-(queries @ gallery.T), axis=1)[:, :count]


@nearest_neighbours.mistake("You rank by Euclidean distance. The angle is asked for: cosine similarity.")
def neighbours_by_distance(queries, gallery, count):
    return np.argsort(cdist(queries, gallery), axis=1)[:, :count]


@nearest_neighbours.mistake("These are the least similar ones. A *large* cosine means near: sort from the largest down.")
def neighbours_farthest(queries, gallery, count):
    return np.argsort(-cdist(queries, gallery, "cosine"), axis=1)[:, :count]


@nearest_neighbours.mistake("You searched among the queries for each vector of the gallery. It is the other way about.")
def neighbours_exchanged(queries, gallery, count):
    return np.argsort(cdist(gallery, queries, "cosine"), axis=1)[:, :count]


@nearest_neighbours.mistake("These are the similarities. Their places in the gallery (indices) are wanted.")
def neighbours_similarities(queries, gallery, count):
    return 1 - np.sort(cdist(queries, gallery, "cosine"), axis=1)[:, :count]


@nearest_neighbours.mistake("The first is left out. No query stands in the gallery, so the nearest one counts.")
def neighbours_without_the_first(queries, gallery, count):
    return np.argsort(cdist(queries, gallery, "cosine"), axis=1)[:, 1 : count + 1]


@nearest_neighbours.mistake("The right ones, but the nearest is last. Put the nearest first.")
def neighbours_nearest_last(queries, gallery, count):
    return np.argsort(-cdist(queries, gallery, "cosine"), axis=1)[:, -count:]


@nearest_neighbours.mistake(
    "You subtract each vector's mean first: that is correlation. The cosine takes the vectors as they are."
)
def neighbours_by_correlation(queries, gallery, count):
    return np.argsort(cdist(queries, gallery, "correlation"), axis=1)[:, :count]


@nearest_neighbours.mistake("All places are one too large. The first vector of the gallery is number 0.")
def neighbours_counted_from_one(queries, gallery, count):
    return np.argsort(cdist(queries, gallery, "cosine"), axis=1)[:, :count] + 1


# --- design_gallery ----------------------------------------------------------------------------


def _gallery_cases(generator: np.random.Generator) -> Iterator[Case]:
    for groups in generator.permutation([4, 6, 8])[:2].tolist():
        # Directions round a circle, each group near one of them; the labels alternate, so that no two neighbours are one group.
        angles = 2 * np.pi * (np.arange(groups) + generator.random()) / groups
        group = generator.permutation(np.repeat(np.arange(groups), generator.integers(2, 5)))
        angle = angles[group] + generator.uniform(-0.25, 0.25, size=len(group)) * np.pi / groups
        length = generator.uniform(0.5, 9, size=len(group))
        vectors = (np.stack([np.cos(angle), np.sin(angle)], axis=1) * length[:, None]).round(3)
        yield Case({"vectors": vectors, "labels": group % 2, "most": groups}, "gallery")


def _gallery_misses(result, vectors, labels, most):
    places = [whole(place) for place in result]
    if not 1 <= len(places) <= most:
        return f"Your gallery has {len(places)} pictures; 1 to {most} are asked."
    if not all(0 <= place < len(vectors) for place in places):
        return f"Places from 0 to {len(vectors) - 1} are asked."
    nearest = np.argmin(cdist(vectors, np.asarray(vectors)[places], metric="cosine"), axis=1)
    wrong = int(np.sum(labels[np.array(places)[nearest]] != labels))
    return "" if not wrong else f"{wrong} of {len(vectors)} vectors find a neighbour of another label; 0 are asked."


def _one_of_each_group(vectors, labels, most):
    """SciPy's clusters by the cosine, and the first of each."""
    tree = scipy.cluster.hierarchy.linkage(vectors, method="single", metric="cosine")
    return np.unique(scipy.cluster.hierarchy.fcluster(tree, most, criterion="maxclust"), return_index=True)[1]


design_gallery = Exercise(
    name="design_gallery",
    title="Design: a small gallery",
    points={"gallery": 1},
    minutes=12,
    difficulty=2,
    oracle=_one_of_each_group,
    meets=_gallery_misses,
    examples=(
        Case(
            {
                "vectors": np.array([[1.0, 0.1], [4.0, 0.0], [0.0, 1.0], [0.1, 2.0], [-3.0, 0.2]]),
                "labels": np.array([0, 0, 1, 1, 0]),
                "most": 3,
            },
            "gallery",
            "three directions: right, up, left",
            known=[0, 2, 4],
        ),
    ),
    cases=_gallery_cases,
    hints=(
        "Begin with a gallery of one. Which pictures find a wrong label? What could you add?",
        "Put one of those with a wrong label into the gallery, and look again, until all are right. A picture that is right already need not be added.",
        "In the example begin with place 0, label 0. Places 2 and 3 are wrong: add 2. Now place 4 is wrong, because up is nearer to left than right is: add 4. Now all are right.",
    ),
)


@design_gallery.mistake("One picture of each label is too few where a label has several groups.")
def gallery_one_of_each_label(vectors, labels, most):
    return [int(np.flatnonzero(labels == label)[0]) for label in np.unique(labels)]


@design_gallery.mistake("These are simply the first pictures. Some groups have none among them.")
def gallery_the_first(vectors, labels, most):
    return list(range(most))


@design_gallery.mistake("This is the whole collection. At most `most` pictures are asked.")
def gallery_of_all(vectors, labels, most):
    return list(range(len(vectors)))


@design_gallery.mistake("These are the vectors. Their places are asked.")
def gallery_of_vectors(vectors, labels, most):
    return vectors[_one_of_each_group(vectors, labels, most)]


@design_gallery.mistake(
    "You go through the pictures once, with the first gallery. A picture that was right may be wrong later: go on until all are right."
)
def gallery_in_one_look(vectors, labels, most):
    nearest_to_first = labels != labels[0]
    return [0, int(np.flatnonzero(nearest_to_first)[0])]


# --- standardise -------------------------------------------------------------------------------

TWO_SETS, SILENT = "two sets", "a constant feature"


def _standard_cases(generator: np.random.Generator) -> Iterator[Case]:
    features = int(generator.integers(3, 6))
    scales, shift = generator.uniform(0.5, 20, features), generator.uniform(1, 9, features)
    train, test = (generator.normal(size=(count, features)) * scales + shift for count in (6, 4))
    yield Case({"train": train, "test": test + 1}, TWO_SETS)
    train, test = train.copy(), test + 1
    train[:, 1], train[:, 2] = 0.0, 4.0
    yield Case({"train": train, "test": test[:1]}, SILENT)
    whole = {name: generator.integers(0, 20, size=(count, 3)) for name, count in (("train", 5), ("test", 3))}
    yield Case(whole, TWO_SETS, "whole numbers")


def _standardised(train, test):
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(np.asarray(train, dtype=float))
    return scaler.transform(train), scaler.transform(np.asarray(test, dtype=float))


standardise = Exercise(
    name="standardise",
    title="One scale for all features",
    results=("train", "test"),
    points={TWO_SETS: 1, SILENT: 1},
    minutes=10,
    difficulty=2,
    oracle=_standardised,
    examples=(
        Case(
            {"train": np.array([[1.0, 5.0], [3.0, 5.0]]), "test": np.array([[2.0, 6.0], [5.0, 4.0]])},
            SILENT,
            "means 2 and 5, deviations 1 and 0",
            known=([[-1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [3.0, -1.0]]),
        ),
    ),
    cases=_standard_cases,
    hints=(
        "Mean and deviation of each column of `train`; both sets are treated with them.",
        "`np.std(train, axis=0)` is 0 for a unit that is silent on every training image. Set these zeros to 1.",
        "Training column (1, 3): mean 2, deviation 1, so it becomes (−1, 1), and a 5 in the test set becomes 3. Training column "
        "(7, 7): deviation 0 is replaced by 1, and it becomes (0, 0).",
    ),
)


def _guarded(spread: Any) -> Any:
    return np.where(spread == 0, 1, spread)


@standardise.mistake(
    "The test set got its own mean and deviation. Then the same picture gets other features in other company: use those of `train`."
)
def standardise_each_by_itself(train, test):
    return tuple((part - part.mean(axis=0)) / _guarded(part.std(axis=0)) for part in (train, test))


@standardise.mistake("Mean and deviation come from both sets together. The test set must not take part in anything learned.")
def standardise_by_both(train, test):
    both = np.concatenate([train, test])
    return tuple((part - both.mean(axis=0)) / _guarded(both.std(axis=0)) for part in (train, test))


@standardise.mistake("One mean for all features. Each feature (column) has its own: `axis=0`.")
def standardise_all_as_one(train, test):
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


@standardise.mistake("A feature that never changes in training has deviation 0, and you divide by it. Divide by 1 there.")
def standardise_divides_by_zero(train, test):
    return (train - train.mean(axis=0)) / train.std(axis=0), (test - train.mean(axis=0)) / train.std(axis=0)


@standardise.mistake(
    "A small number in the denominator avoids nan, but a constant feature then explodes in the test set (1 / 1e-8). Divide by 1 there."
)
def standardise_with_epsilon(train, test):
    spread = train.std(axis=0) + 1e-8
    return (train - train.mean(axis=0)) / spread, (test - train.mean(axis=0)) / spread


@standardise.mistake("You divide by the variance. The deviation is its square root: `std`.")
def standardise_by_variance(train, test):
    spread = _guarded(train.var(axis=0))
    return (train - train.mean(axis=0)) / spread, (test - train.mean(axis=0)) / spread


@standardise.mistake("This is the deviation with N − 1. Plain `np.std` (divided by N) is wanted.")
def standardise_by_sample(train, test):
    spread = _guarded(train.std(axis=0, ddof=1))
    return (train - train.mean(axis=0)) / spread, (test - train.mean(axis=0)) / spread


@standardise.mistake("The test set is untouched. It gets the mean and the deviation of `train`, too.")
def standardise_train_only(train, test):
    return _standardised(train, test)[0], test


@standardise.mistake("The mean is subtracted, but nothing is divided by the deviation.")
def standardise_centres_only(train, test):
    return train - train.mean(axis=0), test - train.mean(axis=0)


@standardise.mistake("You divide by the deviation, but the mean is not subtracted.")
def standardise_divides_only(train, test):
    return train / _guarded(train.std(axis=0)), test / _guarded(train.std(axis=0))


@standardise.mistake("Mean and deviation of each image (row). They belong to each feature (column): `axis=0`.")
def standardise_each_image(train, test):
    parts = [(part - part.mean(axis=1, keepdims=True)) / part.std(axis=1, keepdims=True) for part in (train, test)]
    return tuple(parts)


# --- freeze_up_to ------------------------------------------------------------------------------

NAMES = ("block1_conv", "block2_conv", "block3_conv", "top")


def _small_net(filters: tuple[int, ...], frozen: tuple[str, ...], names: tuple[str, ...] = NAMES) -> PackedModel:
    """Three convolutions, the mean over all places, one dense layer, written out as data: Keras is not needed here."""
    generator = np.random.default_rng(filters)
    parts: list[tuple[str, dict[str, Any]]] = [("InputLayer", {"batch_shape": [None, 6, 7, 2]})]
    weights, channels = [], 2
    for place, (name, count) in enumerate(zip(names, (*filters, 5), strict=True)):
        if place == 3:
            parts += [("GlobalAveragePooling2D", {}), ("Dense", {"name": name, "units": count})]
            weights += [generator.normal(size=(channels, count)), generator.normal(size=count)]
        else:
            side = 1 if place == 2 else 3
            parts.append(("Conv2D", {"name": name, "filters": count, "kernel_size": side, "activation": "relu"}))
            weights += [generator.normal(size=(side, side, channels, count)), generator.normal(size=count)]
        parts[-1][1]["trainable"] = name not in frozen
        channels = count
    layers = [{"module": "keras.layers", "class_name": kind, "config": settings} for kind, settings in parts]
    net = {"module": "keras", "class_name": "Sequential", "config": {"name": "net", "layers": layers}}
    return PackedModel(json.dumps(net), [weight.astype(np.float32) for weight in weights])


def _freeze_cases(generator: np.random.Generator) -> Iterator[Case]:
    for place in (1, 2):
        filters = (int(generator.integers(3, 5)), int(generator.integers(5, 7)), int(generator.integers(7, 9)))
        name, later = NAMES[place], NAMES[place + 1 :]  # each later one comes frozen, so each must be thawed
        names = (f"{name}_before", *NAMES[1:])  # the first layer's name begins like that of the named one
        yield Case({"model": _small_net(filters, later, names), "name": name}, "what is trained")


def _with_trained(model: Any, name: str, trains: Callable[[int, int], bool | None]) -> ModelFacts:
    """The facts where layer i trains if trains(i, place of the named layer) says so; None leaves it as it came."""
    net: keras.Model = rebuilt(model) if isinstance(model, PackedModel) else model
    named = [layer.name for layer in net.layers].index(name)
    for number, layer in enumerate(net.layers):
        decided = trains(number, named)
        layer.trainable = layer.trainable if decided is None else decided
    return model_facts(net, own_weights=True)


freeze_up_to = Exercise(
    name="freeze_up_to",
    title="Freeze what is good already",
    points={"what is trained": 2},
    minutes=12,
    difficulty=2,
    oracle=lambda model, name: _with_trained(model, name, lambda i, named: i > named),
    examples=(
        Case(
            {"model": _small_net((2, 3, 4), ("block1_conv", "top")), "name": "block2_conv"},
            "what is trained",
            "block1_conv and top come frozen; block3_conv and top are to be trained",
            known=(9 * 2 + 1) * 2 + (9 * 2 + 1) * 3 + (3 + 1) * 4 + (4 + 1) * 5,
        ),
    ),
    cases=_freeze_cases,
    hints=(
        "`model.layers` is the list of layers from the input to the output; each has `name` and `trainable`.",
        "Walk through the layers with a flag that says whether the named layer has been passed.",
        "A layer learns if the flag is set already. So set `trainable` first, and only then look whether this was the named layer.",
    ),
)


@freeze_up_to.mistake(
    "Nothing is trained any more. Set `trainable` of the single layers; `model.trainable = False` switches off the whole net, also what you thaw later."
)
def freeze_all(model, name):
    return _with_trained(model, name, lambda i, named: False)


@freeze_up_to.mistake("You stop at a layer whose name only contains `name`. Compare the whole names: `layer.name == name`.")
def freeze_by_a_part_of_the_name(model, name):
    found = [name in layer.name for layer in model.layers].index(True)
    for number, layer in enumerate(model.layers):
        layer.trainable = number > found
    return model


@freeze_up_to.mistake("The named layer itself still learns. It is the last one to be frozen.")
def freeze_without_the_named(model, name):
    return _with_trained(model, name, lambda i, named: i >= named)


@freeze_up_to.mistake("Only the named layer is frozen. All layers before it must be frozen too.")
def freeze_the_named_only(model, name):
    return _with_trained(model, name, lambda i, named: i != named)


@freeze_up_to.mistake("The wrong end: you freeze what comes after. The first layers stay as they are, the last ones learn.")
def freeze_the_wrong_end(model, name):
    return _with_trained(model, name, lambda i, named: i <= named)


@freeze_up_to.mistake("The layers after it stay as they came, and one of them came frozen. Set `trainable = True` there.")
def freeze_never_thaws(model, name):
    return _with_trained(model, name, lambda i, named: False if i <= named else None)


@freeze_up_to.mistake("Only the last layer is thawed. Every layer after the named one learns, also one that came frozen.")
def freeze_thaws_the_last_only(model, name):
    last = len(NAMES)  # the mean over all places is a layer too
    return _with_trained(model, name, lambda i, named: False if i <= named else i == last or None)


EXERCISES: tuple[Exercise, ...] = (
    pad_to_square,
    vgg_preprocess,
    vgg_restore,
    top_classes,
    sparsity,
    image2vec,
    nearest_neighbours,
    design_gallery,
    standardise,
    freeze_up_to,
)
