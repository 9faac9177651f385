"""Unit 05: a net of a few hundred numbers that tells X from O."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.ndimage
import scipy.signal

from convcourse.exercises.cases import fractions
from convcourse.judging.exercise import Case, Exercise

DIAGONAL = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
TWO_BY_THREE = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])


def _signs(generator: np.random.Generator, *shape: int) -> np.ndarray:
    return generator.choice([-1, 1], size=shape)


# --- match_score -------------------------------------------------------------------------------


def _match_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"patch": _signs(generator, 3, 3), "feature": _signs(generator, 3, 3)}, "score")
    yield Case({"patch": fractions(generator, 2, 4), "feature": fractions(generator, 2, 4)}, "score")
    yield Case({"patch": fractions(generator, 1, 3) + 3, "feature": fractions(generator, 1, 3) - 3}, "score", "one row")
    yield Case({"patch": fractions(generator, 1, 1) + 3, "feature": np.array([[-2]])}, "score", "a single pixel")


match_score = Exercise(
    name="match_score",
    title="How well does a patch match?",
    points={"score": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda patch, feature: np.vdot(patch, feature) / np.size(feature),
    examples=(
        Case({"patch": DIAGONAL, "feature": DIAGONAL}, "score", "the same: nine times 1", known=1.0),
        Case(
            {"patch": np.array([[1, -1, 1], [-1, 1, -1], [1, -1, 1]]), "feature": DIAGONAL},
            "score",
            "the middle of the X: (7 − 2) / 9",
            known=5 / 9,
        ),
        Case({"patch": TWO_BY_THREE, "feature": np.array([[2, 1, 2], [5, 1, 1]])}, "score", "2 − 2 + 1 + 0 + 3 − 1", known=0.5),
    ),
    cases=_match_cases,
    hints=(
        "`patch * feature` gives all the products at once.",
        "Add them up, and divide by how many there are.",
        "Patch [1, −1, 1] and feature [1, 1, 1]: the products are 1, −1, 1, and the match is 1/3. NumPy has a word "
        "for sum divided by count.",
    ),
)


@match_score.mistake("This is the sum of the products. Divide by the number of pixels in the feature.")
def match_as_sum(patch, feature):
    return np.sum(patch * feature)


@match_score.mistake("You counted equal pixels. Multiply pixel by pixel: equal signs give +1, unequal ones −1.")
def match_by_equal_pixels(patch, feature):
    return np.mean(patch == feature)


@match_score.mistake("You divided by the number of rows. Divide by all pixels: `feature.size`.")
def match_over_rows_only(patch, feature):
    return np.sum(patch * feature) / len(patch)


@match_score.mistake("The feature was flipped. A match lays it on the patch as it is, without reversal.")
def match_with_reversal(patch, feature):
    return np.mean(patch * feature[::-1, ::-1])


@match_score.mistake("You divided by 9 whatever the feature's shape. Divide by the number of its pixels: `feature.size`.")
def match_over_nine(patch, feature):
    return np.sum(patch * feature) / 9


@match_score.mistake("You divided by the two lengths: that is the cosine. Divide by the number of pixels.")
def match_as_cosine(patch, feature):
    return np.sum(patch * feature) / (np.linalg.norm(patch) * np.linalg.norm(feature))


@match_score.mistake("You compared by differences. Multiply pixel by pixel, and take the mean.")
def match_by_differences(patch, feature):
    return 1 - np.mean(np.abs(patch - feature))


# --- filter_image ------------------------------------------------------------------------------

PLUS_MINUS, ANY_NUMBERS = "images of ±1", "any numbers, any shape"


def _filter_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"image": _signs(generator, 6, 8), "feature": np.array([[1, 1, 1], [-1, 1, -1], [-1, -1, 1]])}, PLUS_MINUS)
    yield Case({"image": fractions(generator, 5, 7), "feature": fractions(generator, 2, 3)}, ANY_NUMBERS)
    tall = generator.integers(-9, 10, size=(6, 4))
    yield Case({"image": tall, "feature": fractions(generator, 1, 2)}, ANY_NUMBERS, "a tall image, a feature of one row")
    whole = {"image": fractions(generator, 3, 2), "feature": generator.integers(1, 9, size=(3, 2))}
    yield Case(whole, ANY_NUMBERS, "a single place")


def _filtered(image, feature):
    flipped = np.asarray(feature, float)[::-1, ::-1]
    return scipy.signal.convolve(np.asarray(image, float), flipped, mode="valid", method="direct") / np.size(feature)


filter_image = Exercise(
    name="filter_image",
    title="Try every possible match",
    points={PLUS_MINUS: 1, ANY_NUMBERS: 1},
    minutes=12,
    difficulty=2,
    oracle=_filtered,
    examples=(
        Case(
            {"image": np.array([[1, -1, -1, 1], [-1, 1, -1, -1], [-1, -1, 1, -1]]), "feature": DIAGONAL},
            PLUS_MINUS,
            "a full match on the left",
            known=[[1.0, -3 / 9]],
        ),
        Case({"image": TWO_BY_THREE, "feature": np.array([[1.0, 2.0]])}, ANY_NUMBERS, known=[[-1.5, -0.5], [3.0, 0.5]]),
    ),
    cases=_filter_cases,
    hints=(
        "The map has rows − krow + 1 rows and cols − kcol + 1 columns.",
        "At row r, column c the patch is `image[r : r + krow, c : c + kcol]`.",
        "Two loops over r and c, and `match_score(patch, feature)` inside.",
    ),
)


@filter_image.mistake("The feature was flipped. Here it is laid on the image as it is, without reversal.")
def filter_with_reversal(image, feature):
    return _filtered(image, feature[::-1, ::-1])


@filter_image.mistake("These are sums of products. A match is their mean: use `match_score` for each patch.")
def filter_as_sum(image, feature):
    return _filtered(image, feature) * feature.size


@filter_image.mistake("The map is as large as the image. Keep only the places where the whole feature fits (mode valid).")
def filter_same_size(image, feature):
    return scipy.signal.correlate(image.astype(float), feature.astype(float), mode="same", method="direct") / feature.size


@filter_image.mistake("You took the number of rows for the columns too. Rows and columns can differ.")
def filter_square_only(image, feature):
    return _filtered(image, feature)[:, : image.shape[0] - feature.shape[0] + 1]


@filter_image.mistake("One row and one column are missing. There are rows − krow + 1 places, not rows − krow.")
def filter_one_too_few(image, feature):
    return _filtered(image, feature)[:-1, :-1]


@filter_image.mistake("You took features of 3 × 3 for granted. Use the feature's own rows and columns.")
def filter_in_windows_of_three(image, feature):
    rows, cols = feature.shape
    places = np.ndindex(image.shape[0] - 2, image.shape[1] - 2)
    scores = [np.mean(image[r : r + 3, c : c + 3][:rows, :cols] * feature[:3, :3]) for r, c in places]
    return np.reshape(scores, (image.shape[0] - 2, image.shape[1] - 2))


@filter_image.mistake("Your windows stand side by side. The next one begins one pixel further.")
def filter_side_by_side(image, feature):
    return _filtered(image, feature)[:: feature.shape[0], :: feature.shape[1]]


# --- telling_feature ---------------------------------------------------------------------------

X_SHAPE = np.where(np.eye(5) + np.eye(5)[::-1] > 0, 1, -1)
PLUS = np.where((np.arange(5) == 2) | (np.arange(5) == 2)[:, None], 1, -1)


def _matches(image, feature):
    return scipy.signal.correlate(np.asarray(image, float), np.asarray(feature, float), mode="valid", method="direct") / 9


def _pieces(image):
    return np.lib.stride_tricks.sliding_window_view(image, (3, 3)).reshape(-1, 3, 3)


def _tells(piece, other):
    return _matches(other, piece).max() < 0.6


def _telling_cases(generator: np.random.Generator) -> Iterator[Case]:
    for rows, cols in ((7, 8), (8, 6)):
        image, other = _signs(generator, rows, cols), _signs(generator, rows, cols)
        while not any(_tells(piece, other) for piece in _pieces(image)):
            image = _signs(generator, rows, cols)
        other[-3:, :3], other[-3:, 3:6] = image[:3, :3], _middle(image)  # pieces that both have
        while not any(_tells(piece, other) for piece in _pieces(image)):
            image[3:, 5:] = _signs(generator, *image[3:, 5:].shape)
            other[-3:, 3:6] = _middle(image)
        yield Case({"image": image, "other": other}, "feature")


def _middle(image):
    row, col = (size // 2 - 1 for size in image.shape)
    return image[row : row + 3, col : col + 3]


def _telling_misses(result, image, other):
    feature = np.asarray(result, float)
    if feature.shape != (3, 3):
        return f"Your feature has shape {feature.shape}; (3, 3) is asked."
    if not np.abs(feature).max() <= 1:
        return "Some numbers of your feature are not from −1 to 1."
    here, there = (float(_matches(picture, feature).max()) for picture in (image, other))
    if here < 0.99:
        return f"Your feature's best match in `image` is {here:.3f}; 0.99 or more is asked."
    return f"Your feature's best match in `other` is {there:.3f}; at most 0.6 is asked." if there > 0.6 else ""


telling_feature = Exercise(
    name="telling_feature",
    title="Design: the piece that tells",
    points={"feature": 1},
    minutes=10,
    difficulty=2,
    oracle=lambda image, other: min(_pieces(image), key=lambda piece: _matches(other, piece).max()),
    meets=_telling_misses,
    examples=(
        Case(
            {"image": X_SHAPE, "other": PLUS},
            "feature",
            "an X and a plus",
            known=[[1, -1, 1], [-1, 1, -1], [1, -1, 1]],
        ),
        Case({"image": PLUS, "other": X_SHAPE}, "feature", "a plus and an X"),
    ),
    cases=_telling_cases,
    hints=(
        "A match of 1 means that all nine pixels agree. So where must the feature come from?",
        "Try every piece of `image`. `filter_image(other, piece).max()` is its best match in the other image.",
        "The X has its crossing in the middle. Laid on the plus, it agrees in 7 of 9 pixels at best: (7 − 2)/9 = 0.56, low enough. The "
        "piece in the X's corner would do worse. Let two loops find such a piece.",
    ),
)


@telling_feature.mistake("You take the piece in the top left corner, whatever it is. The other image may have it too: try all.")
def telling_from_the_corner(image, other):
    return image[:3, :3]


@telling_feature.mistake("You take the piece in the middle, whatever it is. The other image may have it too: try all.")
def telling_from_the_middle(image, other):
    return _middle(image)


@telling_feature.mistake("This is a piece of `other` that `image` has not. Exchange the two.")
def telling_exchanged(image, other):
    return min(_pieces(other), key=lambda piece: _matches(image, piece).max())


@telling_feature.mistake("The mean of all pieces matches none of them fully. Choose one piece.")
def telling_by_the_mean(image, other):
    return _pieces(image).mean(axis=0)


# --- relu --------------------------------------------------------------------------------------


def _relu_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"image": generator.permutation(np.arange(-7, 8)).reshape(3, 5)}, "relu")
    yield Case({"image": 2 * fractions(generator, 4, 3) + np.eye(4, 3) * [9, -9, 0]}, "relu")
    yield Case({"image": fractions(generator, 5) + np.array([9, -9, 0, 0, 0])}, "relu", "one axis")
    yield Case({"image": generator.permutation(np.arange(-6, 6)).reshape(2, 3, 2)}, "relu", "three axes")


relu = Exercise(
    name="relu",
    title="No negative numbers",
    points={"relu": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda image: (np.asarray(image) + np.abs(image)) / 2,
    examples=(Case({"image": np.array([[0.77, -0.11, 0.0], [-1.0, 3.0, 0.55]])}, "relu", known=[[0.77, 0, 0], [0, 3.0, 0.55]]),),
    cases=_relu_cases,
    hints=(
        "Each number z becomes the larger of z and 0.",
        "`np.maximum` compares element by element.",
        "[−3, 0, 2] becomes [0, 0, 2]: of −3 and 0 the larger is 0, of 2 and 0 it is 2. The second argument may be a "
        "single number.",
    ),
)


@relu.mistake("A negative number becomes 0 here, not its size.")
def relu_as_size(image):
    return np.abs(image)


@relu.mistake("The result is right, but the image itself was changed. Make a new array: `np.maximum(image, 0)`.")
def relu_in_place(image):
    image[image < 0] = 0
    return image


@relu.mistake("Positive numbers stay as they are; you turned them into 1.")
def relu_as_step(image):
    return (image > 0).astype(float)


@relu.mistake("Only negative numbers change. Numbers above 1 stay.")
def relu_capped_at_one(image):
    return np.clip(image, 0, 1)


TWO_AXES = "Your loops are made for two axes. An array may have one axis or three: `np.maximum` works on any shape."


@relu.mistake(TWO_AXES)
def relu_for_rows_and_cols(image):
    rows, cols = image.shape
    return np.array([[max(image[r, c], 0) for c in range(cols)] for r in range(rows)])


@relu.mistake(TWO_AXES)
def relu_for_two_axes(image):
    return np.array([[max(image[r, c], 0) for c in range(image.shape[1])] for r in range(image.shape[0])])


# --- max_pool ----------------------------------------------------------------------------------

FITS, RAGGED = "windows that fit", "a ragged edge"


def _pool_cases(generator: np.random.Generator) -> Iterator[Case]:
    image = generator.permutation(np.arange(24) - 12).reshape(4, 6)
    image[:2, :2] -= 20  # a window wholly below zero
    yield Case({"image": image, "size": 2}, FITS)
    yield Case({"image": fractions(generator, 6, 3) - 0.5, "size": 3}, FITS, "fractions")
    yield Case({"image": fractions(generator, 2, 3), "size": 1}, FITS, "windows of one pixel")
    yield Case({"image": fractions(generator, 6, 4) - 3, "size": 3}, RAGGED, "ragged on the right only")
    yield Case({"image": fractions(generator, 2, 3) - 3, "size": 4}, RAGGED, "a window larger than the image")
    yield Case({"image": fractions(generator, 5, 4), "size": 4}, RAGGED, "a single row is left over")
    ragged = fractions(generator, 5, 7)
    ragged[-1] -= 9  # below zero, so that zeros laid around would win
    ragged[:, -1] -= 9
    yield Case({"image": ragged, "size": int(generator.integers(2, 4))}, RAGGED)


def _pooled(image, size):
    """The same by SciPy: the largest of the windows that begin at every pixel, then each size-th of them."""
    image = np.asarray(image, float)
    origin = -((size - 1) // 2) if size % 2 else -(size // 2)
    largest = scipy.ndimage.maximum_filter(image, size=size, mode="constant", cval=-np.inf, origin=origin)
    return largest[::size, ::size]


max_pool = Exercise(
    name="max_pool",
    title="Keep the best of each window",
    points={FITS: 1, RAGGED: 1},
    minutes=12,
    difficulty=2,
    oracle=_pooled,
    examples=(
        Case({"image": np.array([[1, 5, 2, 0], [3, 4, 9, 7]]), "size": 2}, FITS, known=[[5, 9]]),
        Case({"image": np.array([[1, 5, -2], [3, 4, -9], [-6, -7, -8]]), "size": 2}, RAGGED, known=[[5, -2], [-6, -8]]),
    ),
    cases=_pool_cases,
    hints=(
        "The windows begin at rows 0, size, 2·size, …: `range(0, rows, size)`. The same for columns.",
        "`image[r : r + size, c : c + size]` is cut at the edge by itself: a slice may end outside.",
        "Take `.max()` of each slice, in a list of lists, and turn it into an array.",
    ),
    forbidden=("block_reduce",),
)


@max_pool.mistake("The ragged edge is lost. A window that sticks out is cut, and still gives its largest number.")
def pool_without_the_edge(image, size):
    rows, cols = (n // size for n in image.shape)
    return _pooled(image, size)[:rows, :cols]


@max_pool.mistake("A window that sticks out was filled with zeros, and a zero beats a negative number. Cut it.")
def pool_with_zeros_around(image, size):
    padding = [(0, -n % size) for n in image.shape]
    return _pooled(np.pad(image, padding), size)


@max_pool.mistake("Where all numbers of a window are negative you return 0. Start from the window's own numbers, not from 0.")
def pool_never_below_zero(image, size):
    return np.maximum(_pooled(image, size), 0)


@max_pool.mistake("Your windows are 2 × 2 always. They are size × size.")
def pool_by_two(image, size):
    return _pooled(image, 2)


@max_pool.mistake("You took means. Max pooling keeps the largest number of each window.")
def pool_by_mean(image, size):
    rows, cols = image.shape
    return np.array([[image[r : r + size, c : c + size].mean() for c in range(0, cols, size)] for r in range(0, rows, size)])


@max_pool.mistake("Your windows overlap. They stand side by side: step by `size`.")
def pool_every_pixel(image, size):
    rows, cols = (n - size + 1 for n in image.shape)
    return np.array([[image[r : r + size, c : c + size].max() for c in range(cols)] for r in range(rows)])


@max_pool.mistake("You pooled rows only. A window is size × size.")
def pool_rows_only(image, size):
    return np.array([image[r : r + size].max(axis=0) for r in range(0, image.shape[0], size)])


@max_pool.mistake("You kept the first pixel of each window. Keep its largest number.")
def pool_first_pixels(image, size):
    return image[::size, ::size]


# --- conv_layer --------------------------------------------------------------------------------

ONE, SEVERAL = "one image", "a stack of images"


def _layer_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"images": _signs(generator, 1, 5, 6), "features": _signs(generator, 3, 3, 3)}, ONE)
    yield Case({"images": fractions(generator, 2, 4, 6), "features": fractions(generator, 3, 2, 3)}, SEVERAL)
    yield Case({"images": fractions(generator, 3, 4, 2), "features": fractions(generator, 1, 3, 2)}, SEVERAL, "a single feature")


def _layer(images, features):
    return np.stack([_filtered(image, feature) for image in images for feature in features])


conv_layer = Exercise(
    name="conv_layer",
    title="One image becomes a stack",
    points={ONE: 1, SEVERAL: 1},
    minutes=10,
    difficulty=2,
    oracle=_layer,
    examples=(
        Case(
            {"images": np.array([[[1.0, 2.0, 4.0]]]), "features": np.array([[[1.0, 1.0]], [[1.0, -1.0]]])},
            ONE,
            "means and half differences of neighbours",
            known=[[[1.5, 3.0]], [[-0.5, -1.0]]],
        ),
        Case(
            {"images": np.array([[[1.0, 2.0]], [[5.0, 9.0]]]), "features": np.array([[[1.0, 1.0]], [[1.0, -1.0]]])},
            SEVERAL,
            "2 images × 2 features",
            known=[[[1.5]], [[-0.5]], [[7.0]], [[-2.0]]],
        ),
    ),
    cases=_layer_cases,
    hints=(
        "Two loops: the outer one over images, the inner one over features.",
        "`filter_image(image, feature)` gives one map.",
        "Two images, three features: image 0 with features 0, 1, 2, then image 1 with features 0, 1, 2. `np.stack` "
        "makes an array of a list of maps.",
    ),
)


@conv_layer.mistake("All maps are there, in another order. First all features of image 0, then all of image 1.")
def layer_feature_first(images, features):
    return np.stack([_filtered(image, feature) for feature in features for image in images])


@conv_layer.mistake("Only the first image was filtered. Filter every image of the stack.")
def layer_first_image_only(images, features):
    return np.stack([_filtered(images[0], feature) for feature in features])


@conv_layer.mistake("You added the maps of the images up. Here each image and feature keeps a map of its own.")
def layer_summed_over_images(images, features):
    return np.stack([sum(_filtered(image, feature) for image in images) for feature in features])


@conv_layer.mistake("You paired image 0 with feature 0, and so on. Every image meets every feature.")
def layer_pairs(images, features):
    return np.stack([_filtered(image, feature) for image, feature in zip(images, features, strict=False)])


@conv_layer.mistake("The maps are right but nested. Return one stack: N·M maps of rows and columns.")
def layer_of_layers(images, features):
    return np.stack([[_filtered(image, feature) for feature in features] for image in images])


@conv_layer.mistake("Only the last image's maps are left. Collect the maps of all images.")
def layer_of_the_last_image(images, features):
    return np.stack([_filtered(images[-1], feature) for feature in features])


# --- stack -------------------------------------------------------------------------------------

ONCE, DEEP = "each layer once", "deep stacks"
LAYERS = (
    ["conv", "relu", "pool", "conv", "relu"],
    ["relu", "conv", "pool", "relu", "pool"],
    ["conv", "pool", "conv", "pool", "relu"],
)


def _stack_cases(generator: np.random.Generator) -> Iterator[Case]:
    image, features = fractions(generator, 8, 9), fractions(generator, 2, 2, 2)
    yield Case({"image": image, "features": features, "layers": ["conv", "relu", "pool"]}, ONCE)
    yield Case({"image": -image, "features": features, "layers": ["pool", "conv", "relu"]}, ONCE)
    for layers in LAYERS:
        yield Case({"image": fractions(generator, 9, 8), "features": features, "layers": layers}, DEEP)


def _apply(maps, features, layer):
    if layer == "conv":
        return _layer(maps, features)
    return np.maximum(maps, 0) if layer == "relu" else np.stack([_pooled(m, 2) for m in maps])


def _stacked(image, features, layers):
    maps = np.asarray(image, float)[None]
    for layer in layers:
        maps = _apply(maps, features, layer)
    return maps


stack = Exercise(
    name="stack",
    title="Layers on layers",
    points={ONCE: 1, DEEP: 1},
    minutes=12,
    difficulty=2,
    oracle=_stacked,
    examples=(
        Case(
            {
                "image": np.array([[1.0, 2.0, 4.0, -9.0, 0.0]]),
                "features": np.array([[[1.0, 1.0]], [[1.0, -1.0]]]),
                "layers": ["conv", "relu", "pool"],
            },
            ONCE,
            "a single row",
            known=[[[3.0, 0.0]], [[0.0, 6.5]]],
        ),
        Case(
            {
                "image": np.array([[1.0, 2.0, 4.0, -9.0, 0.0]]),
                "features": np.array([[[1.0, 1.0]], [[1.0, -1.0]]]),
                "layers": ["conv", "relu", "pool", "conv"],
            },
            DEEP,
            "1 image, 2 maps, 4 maps",
            known=[[[1.5]], [[1.5]], [[3.25]], [[-3.25]]],
        ),
    ),
    cases=_stack_cases,
    hints=(
        "Begin with a stack of one image: an axis of length 1 in front, by indexing with None.",
        "For each word in `layers`, replace `maps` by what the layer makes of it.",
        'One image of 9 × 9 and three features: after "conv" three maps of 7 × 7, after "pool" three of 4 × 4. '
        "Pooling works map by map; `np.stack` joins the maps again.",
    ),
)


@stack.mistake("All convolutions ran first, then all ReLUs, then all pools. Follow the order of the list.")
def stack_in_fixed_order(image, features, layers):
    return _stacked(image, features, [layer for layer in ("conv", "relu", "pool") for name in layers if name == layer])


@stack.mistake("A layer that is named twice must run twice.")
def stack_each_layer_once(image, features, layers):
    return _stacked(image, features, list(dict.fromkeys(layers)))


@stack.mistake("Each layer started from the image again. A layer works on what the one before gave.")
def stack_from_the_image_again(image, features, layers):
    return _apply(np.asarray(image, float)[None], features, layers[-1])


@stack.mistake('The "relu" layers changed nothing. Keep what `relu` returns: `maps = relu(maps)`.')
def stack_without_relu(image, features, layers):
    return _stacked(image, features, [layer for layer in layers if layer != "relu"])


# --- votes -------------------------------------------------------------------------------------


def _votes_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"maps": fractions(generator, 3, 2, 2), "weights": fractions(generator, 2, 12)}, "votes")
    yield Case({"maps": generator.integers(1, 9, size=(2, 1, 3)), "weights": fractions(generator, 4, 6)}, "votes")
    yield Case(
        {"maps": fractions(generator, 5), "weights": generator.integers(1, 9, size=(1, 5))}, "votes", "one axis, one class"
    )
    yield Case({"maps": fractions(generator, 2, 2, 1, 2), "weights": fractions(generator, 3, 8)}, "votes", "four axes")


votes = Exercise(
    name="votes",
    title="Every value gets a vote",
    points={"votes": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda maps, weights: np.einsum("cn,n->c", weights, np.reshape(maps, -1)),
    examples=(
        Case(
            {"maps": np.array([[[1.0, 2.0]], [[0.0, 4.0]]]), "weights": np.array([[1.0, 0.0, 0.0, 0.5], [0.0, 1.0, 7.0, -1.0]])},
            "votes",
            "1·1 + ½·4, and 1·2 + 7·0 − 1·4",
            known=[3.0, -2.0],
        ),
    ),
    cases=_votes_cases,
    hints=(
        "`maps.ravel()` lists all numbers of the stack: map by map, row by row.",
        "Each class has one row of weights. Multiply it with the list, and add up.",
        "Values [1, 2], weights [[3, 4], [5, 6]]: X gets 3 + 8 = 11 votes, O gets 5 + 12 = 17. For all classes at "
        "once this is a product of a matrix and a vector.",
    ),
)


@votes.mistake("You divided by the number of values. A vote is the plain sum of weight times value.")
def votes_as_means(maps, weights):
    return weights @ np.ravel(maps) / np.size(maps)


@votes.mistake("The values were listed down the columns. `maps.ravel()` reads row by row, map by map.")
def votes_read_down_columns(maps, weights):
    return weights @ np.ravel(maps, order="F")


@votes.mistake("You divided by the sum of the weights. A vote is the plain sum of weight times value.")
def votes_as_weighted_means(maps, weights):
    return weights @ np.ravel(maps) / np.sum(weights, axis=1)


@votes.mistake("Return all the votes, not only the number of the winner.")
def votes_winner_only(maps, weights):
    return int(np.argmax(weights @ np.ravel(maps)))


# --- total_error -------------------------------------------------------------------------------


def _error_cases(generator: np.random.Generator) -> Iterator[Case]:
    right = np.eye(3, dtype=int)[generator.integers(0, 3)]
    yield Case({"right": right, "actual": generator.uniform(0.1, 0.9, size=3).round(2)}, "error")
    yield Case({"right": np.array([0, 1]), "actual": np.array([-1.5, 2.5]) + generator.uniform(0, 0.2, size=2).round(2)}, "error")
    right, actual = generator.permutation(10).reshape(2, 5)
    yield Case({"right": right + 5, "actual": -actual}, "error", "five classes, whole numbers")
    yield Case({"right": np.array([0.25]), "actual": generator.uniform(2, 3, size=1).round(2)}, "error", "one class")


total_error = Exercise(
    name="total_error",
    title="How wrong was it?",
    points={"error": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda right, actual: np.linalg.norm(np.subtract(right, actual), ord=1),
    examples=(
        Case({"right": np.array([1, 0]), "actual": np.array([0.92, 0.51])}, "error", "the lecture's: 0.08 + 0.51", known=0.59),
        Case({"right": np.array([0, 1]), "actual": np.array([0.25, 1.5])}, "error", "0.25 + 0.5", known=0.75),
    ),
    cases=_error_cases,
    hints=(
        "Each class has a difference: right minus actual.",
        "Its size is `np.abs(...)`.",
        "right = [1, 0], actual = [0.5, 2]: the differences are 0.5 and −2, their sizes 0.5 and 2, and the error is 2.5.",
    ),
)


@total_error.mistake("The signs cancel: too much here, too little there. Add up the sizes, `np.abs`.")
def error_with_signs(right, actual):
    return np.sum(np.subtract(right, actual))


@total_error.mistake("You took the mean. The total is the sum.")
def error_as_mean(right, actual):
    return np.mean(np.abs(np.subtract(right, actual)))


@total_error.mistake("You squared the differences. Here their sizes are added.")
def error_of_squares(right, actual):
    return np.sum(np.subtract(right, actual) ** 2)


@total_error.mistake("You took the size of the sum. Take the size of each difference first, then add up.")
def error_size_of_the_sum(right, actual):
    return abs(np.sum(np.subtract(right, actual)))


@total_error.mistake("You took the largest difference. Add all of them up.")
def error_of_the_worst(right, actual):
    return np.max(np.abs(np.subtract(right, actual)))


@total_error.mistake("You took the length of the difference, a root of squares. Here the sizes are added.")
def error_as_length(right, actual):
    return np.linalg.norm(np.subtract(right, actual))


@total_error.mistake("You compare one class only. Add up the differences of all classes.")
def error_of_the_first_class(right, actual):
    return abs(right[0] - actual[0])


@total_error.mistake("You subtract sizes from sizes. Take the difference first, then its size.")
def error_of_sizes(right, actual):
    return np.sum(np.abs(right) - np.abs(actual))


# --- nudge_gradient ----------------------------------------------------------------------------

STEP = 0.001


def _nudge_cases(generator: np.random.Generator) -> Iterator[Case]:
    for classes, count in ((2, 3), (3, 4)):
        values = generator.uniform(0.2, 1, size=count).round(2)
        weights = generator.uniform(-1, 1, size=(classes, count)).round(2)
        # The votes stay away from the right answers: there the error has a corner.
        right = np.round(weights @ values + generator.choice([-1, 1], size=classes) * generator.uniform(0.5, 1, size=classes), 2)
        right[0] = np.round(weights[0] @ values - 0.7, 2)  # at least one vote too high
        yield Case({"values": values, "weights": weights, "right": right, "step": STEP}, "gradient")
    # A vote that is right: there only the two sides together have slope 0. Quarters, so that nothing is rounded.
    values = generator.permutation([0.5, -1.25, 0.75])
    weights = generator.permutation([0.25, -0.5, 1.5, 2.0, -0.75, 1.25]).reshape(2, 3)
    right = weights @ values + [0, 1.5]
    yield Case({"values": values, "weights": weights, "right": right, "step": STEP}, "gradient", "one vote is right")


def _nudge_oracle(values, weights, right, step):
    """A nudge of one weight moves its class's vote by step · value, and no other vote."""
    wrong = (np.asarray(weights) @ values - right)[:, None]
    return (np.abs(wrong + step * np.asarray(values)) - np.abs(wrong - step * np.asarray(values))) / (2 * step)


nudge_gradient = Exercise(
    name="nudge_gradient",
    title="Nudge every number",
    points={"gradient": 2},
    minutes=18,
    difficulty=3,
    oracle=_nudge_oracle,
    examples=(
        Case(
            {
                "values": np.array([1.0, 0.5]),
                "weights": np.array([[0.5, 0.8], [0.2, 0.6]]),
                "right": np.array([1.0, 0.0]),
                "step": STEP,
            },
            "gradient",
            "votes 0.9 (too low) and 0.5 (too high)",
            known=[[-1.0, -0.5], [1.0, 0.5]],
        ),
        Case(
            {"values": np.array([1.0]), "weights": np.array([[0.5]]), "right": np.array([0.5]), "step": STEP},
            "gradient",
            "the vote is right: the error is as large after a nudge up as after one down",
            known=[[0.0]],
        ),
    ),
    cases=_nudge_cases,
    hints=(
        "Loop over all places: `for place in np.ndindex(weights.shape)`.",
        "Copy the weights twice. Add step at the place in one copy, subtract it in the other.",
        "The slope is (error with the raised weights − error with the lowered ones) / (2·step), each error from `total_error` of `votes`.",
    ),
)


def _nudged(values, weights, right, step, up, down, scale):
    error = lambda w: np.abs(w @ values - right).sum()  # noqa: E731
    gradient = np.zeros(weights.shape)
    for place in np.ndindex(weights.shape):
        nudge = np.zeros(weights.shape)
        nudge[place] = step
        gradient[place] = (error(weights + up * nudge) - error(weights + down * nudge)) / scale
    return gradient


@nudge_gradient.mistake("All slopes are twice too large: from down to up is a way of 2·step.")
def nudge_over_one_step(values, weights, right, step):
    return _nudged(values, weights, right, step, 1, -1, step)


@nudge_gradient.mistake("This is the change of the error. Divide it by the way, 2·step, to get the slope.")
def nudge_without_dividing(values, weights, right, step):
    return _nudged(values, weights, right, step, 1, -1, 1)


@nudge_gradient.mistake("You nudge upwards only. Nudge down as well: the slope is (error up − error down) / (2·step).")
def nudge_up_only(values, weights, right, step):
    return _nudged(values, weights, right, step, 1, 0, step)


@nudge_gradient.mistake("You nudge all weights at once. Nudge one at a time, while all others stay.")
def nudge_all_at_once(values, weights, right, step):
    up, down = (np.abs((weights + way) @ values - right).sum() for way in (step, -step))
    return np.full(weights.shape, (up - down) / (2 * step))


@nudge_gradient.mistake("All signs are turned. The slope is the error above minus the error below.")
def nudge_down_minus_up(values, weights, right, step):
    return _nudged(values, weights, right, step, -1, 1, 2 * step)


@nudge_gradient.mistake("After a nudge the weight must go back before the next one is nudged.")
def nudge_never_put_back(values, weights, right, step):
    error = lambda w: np.abs(w @ values - right).sum()  # noqa: E731
    moved, gradient = np.array(weights, float), np.zeros(weights.shape)
    for place in np.ndindex(weights.shape):
        moved[place] += step
        gradient[place] = (error(moved) - error(weights)) / step
    return gradient


# --- line_pass and chain_pass ------------------------------------------------------------------


def _pairs(generator: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    x = generator.uniform(0.5, 2, size=count).round(2) * np.resize([1, -1], count)
    return {"x": x, "y": generator.uniform(-1, 2, size=count).round(2)}


def _line_cases(generator: np.random.Generator) -> Iterator[Case]:
    for count, rate in ((4, 0.1), (7, 0.25), (1, 0.5)):
        a, b = (round(float(number), 2) for number in generator.uniform(-2, 2, size=2))
        yield Case({**_pairs(generator, count), "a": a, "b": b, "rate": rate}, "line")


def _line_oracle(x, y, a, b, rate):
    numbers = np.array([a, b], float)
    for place, wanted in zip(x, y, strict=True):
        inputs = np.array([place, 1.0])
        numbers = numbers - rate * (inputs @ numbers - wanted) * inputs
    return tuple(numbers)


line_pass = Exercise(
    name="line_pass",
    title="A line learns",
    results=("a", "b"),
    points={"line": 1},
    minutes=8,
    difficulty=1,
    oracle=_line_oracle,
    examples=(
        Case(
            {"x": np.array([2.0]), "y": np.array([1.0]), "a": 1.0, "b": 0.0, "rate": 0.5},
            "line",
            "d = 2 − 1 = 1, slopes 2 and 1",
            known=(0.0, -0.5),
        ),
        Case(
            {"x": np.array([2.0, 1.0]), "y": np.array([1.0, 0.5]), "a": 1.0, "b": 0.0, "rate": 0.5},
            "line",
            "then d = 0 − 0.5 − 0.5 = −1",
            known=(0.5, 0.0),
        ),
    ),
    cases=_line_cases,
    hints=(
        "One pair at a time: how far is the line's answer off? Call it d.",
        "The slope for `a` is d · x, the one for `b` is d. Both numbers step before the next pair comes.",
        "a = 1, b = 0, pair (2, 1): d = 2 − 1 = 1. With rate 0.5, a becomes 1 − 0.5 · 1 · 2 = 0. What becomes of b?",
    ),
)


@line_pass.mistake("Every step goes uphill. Subtract rate times the slope.")
def line_uphill(x, y, a, b, rate):
    return _line_oracle(x, y, a, b, -rate)


@line_pass.mistake("`a` had already moved when you measured d for `b`. Measure d once for each pair, then move both.")
def line_measures_twice(x, y, a, b, rate):
    for place, wanted in zip(x, y, strict=True):
        a = a - rate * (a * place + b - wanted) * place
        b = b - rate * (a * place + b - wanted)
    return a, b


@line_pass.mistake("`b` never moves. Its slope is d.")
def line_without_bias(x, y, a, b, rate):
    for place, wanted in zip(x, y, strict=True):
        a = a - rate * (a * place + b - wanted) * place
    return a, b


@line_pass.mistake("The slope for `a` is d times x: the larger x is, the more `a` moves the answer.")
def line_forgets_the_input(x, y, a, b, rate):
    for place, wanted in zip(x, y, strict=True):
        d = a * place + b - wanted
        a, b = a - rate * d, b - rate * d
    return a, b


@line_pass.mistake("Your steps are twice as long. The error is ½ d², so its slope has no factor 2.")
def line_with_a_factor(x, y, a, b, rate):
    return _line_oracle(x, y, a, b, 2 * rate)


def _chain_cases(generator: np.random.Generator) -> Iterator[Case]:
    for count, rate in ((5, 0.1), (8, 0.2), (2, 0.3)):
        f, w = (round(float(number), 2) for number in generator.uniform(0.5, 1.5, size=2))
        yield Case({**_pairs(generator, count), "f": f, "w": w, "rate": rate}, "net")
        yield Case({**_pairs(generator, count), "f": -f, "w": -w, "rate": rate}, "net", "below zero")


def _chained(x, y, f, w, rate, gate=True, late=False, by_weight=True, sign=-1.0):
    for pixel, wanted in zip(x, y, strict=True):
        value = np.maximum(0, f * pixel)
        d = w * value - wanted
        new = w + sign * rate * d * value
        blame = d * ((new if late else w) if by_weight else 1)
        f, w = f + sign * rate * blame * pixel * (value > 0 or not gate), new
    return f, w


chain_pass = Exercise(
    name="chain_pass",
    title="Blame through two layers",
    results=("f", "w"),
    points={"net": 1},
    minutes=12,
    difficulty=2,
    oracle=_chained,
    examples=(
        Case(
            {"x": np.array([2.0]), "y": np.array([1.0]), "f": 1.0, "w": 1.0, "rate": 0.1},
            "net",
            "value 2, d = 1, blame 1",
            known=(0.8, 0.8),
        ),
        Case(
            {"x": np.array([-2.0]), "y": np.array([1.0]), "f": 1.0, "w": 1.0, "rate": 0.1},
            "net",
            "value 0: no slope at all",
            known=(1.0, 1.0),
        ),
    ),
    cases=_chain_cases,
    hints=(
        "Go forward first: the value, the vote, d. Then go back, from the vote to the pixel.",
        "The weight's slope is d · value. The blame, d · w, goes on to the feature if the value is positive.",
        "Pixel 2, f = 1, w = 1, wanted 1: value 2, vote 2, d = 1. Slope of w: 1 · 2 = 2. Blame: 1 · 1 = 1, slope of f: 1 · 2 = 2. With rate "
        "0.1 both become 0.8.",
    ),
)


@chain_pass.mistake("Every step goes uphill. Subtract rate times the slope.")
def chain_uphill(x, y, f, w, rate):
    return _chained(x, y, f, w, rate, sign=1.0)


@chain_pass.mistake("ReLU made a 0 of a value below zero. No blame passes there: the feature stays as it is.")
def chain_without_the_gate(x, y, f, w, rate):
    return _chained(x, y, f, w, rate, gate=False)


@chain_pass.mistake("The weight had already moved when the blame was sent back. Use the old weight for it.")
def chain_blames_by_the_new_weight(x, y, f, w, rate):
    return _chained(x, y, f, w, rate, late=True)


@chain_pass.mistake("The blame is d times the weight: what the value did to the error, it did through the weight.")
def chain_forgets_the_weight(x, y, f, w, rate):
    return _chained(x, y, f, w, rate, by_weight=False)


# --- train_xo ----------------------------------------------------------------------------------

FIRST, PASS = "one image", "a whole pass"
RATE = 0.1


def _train_cases(generator: np.random.Generator) -> Iterator[Case]:
    for count, classes, part in ((1, 2, FIRST), (4, 2, PASS), (3, 4, PASS)):
        features = fractions(generator, 3, 2, 3)
        images = fractions(generator, count, 5, 7)  # 4 × 5 places for 3 features
        features[0], images[0] = np.abs(features[0]) + 0.1, -np.abs(images[0]) - 0.1  # a best match below zero
        arguments = {
            "images": images,
            "labels": generator.integers(0, classes, size=count),
            "features": features,
            "weights": fractions(generator, classes, 3) + np.linspace(1, -1, classes)[:, None],
            "rate": RATE,
        }
        yield Case(arguments, part)
    alone = {"images": np.abs(fractions(generator, 2, 3, 4)), "labels": np.array([1, 0]), "features": np.array([[[0.5, 1.25]]])}
    yield Case({**alone, "weights": fractions(generator, 2, 1), "rate": RATE}, PASS, "a single feature")


def _step(image, label, features, weights, rate, gate=True, share=True, sign=-1.0, late=False):
    """One step by matrices: rows of patches against columns of features."""
    krow, kcol = features.shape[1:]
    patches = np.lib.stride_tricks.sliding_window_view(image, (krow, kcol)).reshape(-1, krow * kcol)
    matches = patches @ features.reshape(len(features), -1).T / (krow * kcol)
    best = patches[np.argmax(matches, axis=0)]
    values = np.maximum(matches.max(axis=0), 0)
    wrong = weights @ values - np.eye(len(weights))[label]
    new_weights = weights + sign * rate * np.outer(wrong, values)
    blame = (new_weights if late else weights).T @ wrong
    if gate:
        blame = blame * (values > 0)
    slope = blame[:, None] * best / (krow * kcol if share else 1)
    return features + sign * rate * slope.reshape(features.shape), new_weights


def _trained(images, labels, features, weights, rate, **how):
    features, weights = np.array(features, float), np.array(weights, float)
    for image, label in zip(images, labels, strict=True):
        features, weights = _step(np.asarray(image), label, features, weights, rate, **how)
    return features, weights


train_xo = Exercise(
    name="train_xo",
    title="Backpropagation",
    results=("features", "weights"),
    points={FIRST: 2, PASS: 1},
    minutes=35,
    difficulty=3,
    oracle=lambda images, labels, features, weights, rate: _trained(images, labels, features, weights, rate),
    examples=(
        Case(
            {
                "images": np.array([[[2.0, 1.0, -1.0]]]),
                "labels": np.array([0]),
                "features": np.array([[[1.0, 1.0]], [[-1.0, -1.0]]]),
                "weights": np.array([[1.0, 0.0], [0.0, 1.0]]),
                "rate": RATE,
            },
            FIRST,
            "matches 1.5 and 0; values 1.5 and 0; votes 1.5 and 0",
            known=([[[0.95, 0.975]], [[-1.0, -1.0]]], [[0.925, 0.0], [0.0, 1.0]]),
        ),
    ),
    cases=_train_cases,
    hints=(
        "Forward: for each feature `filter_image(image, feature)`; `np.argmax` gives its best place, `np.unravel_index` row and column.",
        "Back: `wrong = votes − right`; slope of the weights `np.outer(wrong, values)`; blame of the values `weights.T @ wrong`.",
        "Feature m: where values[m] > 0 its slope is blame[m] · patch / (krow·kcol), with the patch at its best place. Subtract last.",
    ),
    tolerance=1e-4,
)


@train_xo.mistake("Every step goes uphill. Subtract rate times the slope.")
def train_uphill(images, labels, features, weights, rate):
    return _trained(images, labels, features, weights, rate, sign=1.0)


@train_xo.mistake("ReLU set a value to 0 where the best match was negative. No blame passes there: its feature stays.")
def train_without_the_gate(images, labels, features, weights, rate):
    return _trained(images, labels, features, weights, rate, gate=False)


@train_xo.mistake("A match is a mean, so one pixel of a feature counts 1/(krow·kcol). Divide the feature's slope by it.")
def train_without_the_mean(images, labels, features, weights, rate):
    return _trained(images, labels, features, weights, rate, share=False)


@train_xo.mistake("The weights had already moved when the blame was sent back. Use the old weights for it.")
def train_blame_by_new_weights(images, labels, features, weights, rate):
    return _trained(images, labels, features, weights, rate, late=True)


def _trained_with_fixed(images, labels, features, weights, rate):
    for image, label in zip(images, labels, strict=True):
        weights = _step(image, label, features, weights, rate)[1]
    return weights


@train_xo.mistake("Only the voting weights learned. The features learn as well.")
def train_votes_only(images, labels, features, weights, rate):
    return np.array(features), _trained_with_fixed(images, labels, features, weights, rate)


# --- start_features ----------------------------------------------------------------------------


def _start_cases(generator: np.random.Generator) -> Iterator[Case]:
    for count, size in ((3, 2), (5, 3)):
        yield Case({"count": count, "size": size, "seed": int(generator.integers(1000))}, "features")


def _begun_anew_each_time(count, size, seed):
    features = np.zeros((count, size, size))
    for number in range(count):
        generator = np.random.default_rng(seed)
        features[number] = generator.normal(0, 0.5, size=(size, size))
    return features


start_features = Exercise(
    name="start_features",
    title="Repair: eight times the same",
    points={"features": 1},
    minutes=6,
    difficulty=1,
    oracle=lambda count, size, seed: np.random.default_rng(seed).normal(0, 0.5, size=(count, size, size)),
    given=_begun_anew_each_time,
    examples=(
        Case(
            {"count": 2, "size": 1, "seed": 0},
            "features",
            "half of the generator's first two numbers, 0.12573 and −0.13210",
            known=[[[0.0628651]], [[-0.0660524]]],
        ),
    ),
    cases=_start_cases,
    hints=(
        "A generator gives number after number. Which numbers does one give that was made anew with the same seed?",
        "Follow the loop for number 0 and number 1. At which line is the second feature bound to be like the first?",
        "Seed 0 gives 0.126, −0.132, 0.640, … One generator hands 0.126 to the first feature and −0.132 to the second. Where should it be made, "
        "so that it lives through the whole loop?",
    ),
)


@start_features.mistake(
    "Each feature has a generator with a seed of its own now. They do differ; but asked is one generator for all."
)
def start_with_many_seeds(count, size, seed):
    return np.stack([np.random.default_rng(seed + number).normal(0, 0.5, size=(size, size)) for number in range(count)])


@start_features.mistake("The spread has changed. It is 0.5: `normal(0, 0.5, …)`.")
def start_with_another_spread(count, size, seed):
    return np.random.default_rng(seed).normal(0, 1, size=(count, size, size))


@start_features.mistake("This is NumPy's old generator, which gives other numbers. Use `np.random.default_rng(seed)`.")
def start_with_the_old_generator(count, size, seed):
    return np.random.RandomState(seed).normal(0, 0.5, size=(count, size, size))


@start_features.mistake("The numbers are dealt out one to each feature in turn. Fill one feature, then the next.")
def start_dealt_in_turn(count, size, seed):
    return np.moveaxis(np.random.default_rng(seed).normal(0, 0.5, size=(size, size, count)), -1, 0)


EXERCISES: tuple[Exercise, ...] = (
    match_score,
    filter_image,
    telling_feature,
    relu,
    max_pool,
    conv_layer,
    stack,
    votes,
    total_error,
    nudge_gradient,
    line_pass,
    chain_pass,
    train_xo,
    start_features,
)
