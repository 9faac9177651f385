"""Unit 04: filters that see edges, blur, colour and stripes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.signal
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.exercises.cases import fractions
from convcourse.judging.exercise import Case, Exercise

BYTES, NUMBERS = "a photograph's bytes", "numbers with fractions"
GX = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
COLOR_WEIGHTS = np.array([[1, -0.5, -0.5], [-0.5, 1, -0.5], [-0.5, -0.5, 1], [0.5, -1, 0.5]])


def _valid(image, kernel):
    """Convolution without reversal."""
    return scipy.signal.correlate(np.asarray(image, float), np.asarray(kernel, float), mode="valid", method="direct")


# --- sobel_kernels -----------------------------------------------------------------------------


def _sobel_cases(generator: np.random.Generator) -> Iterator[Case]:
    smooth = generator.integers(1, 10, size=3)
    smooth[0] += 10  # not symmetric, so that a reversed one shows
    yield Case({"smooth": smooth, "difference": generator.integers(-9, 10, size=3) + np.array([20, 0, -20])}, "kernels")
    smooth, difference = fractions(generator, 2, 5) + np.array([[4, 3, 2, 1, 0], [5, 3, 0, -3, -4]])
    yield Case({"smooth": smooth, "difference": difference}, "kernels", "five weights, with fractions")
    yield Case({"smooth": np.array([1, 3]), "difference": np.array([2.5, -2])}, "kernels", "two weights")


sobel_kernels = Exercise(
    name="sobel_kernels",
    title="Sobel's kernels",
    results=("Gx", "Gy"),
    points={"kernels": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda smooth, difference: (np.einsum("i,j->ij", smooth, difference), np.einsum("j,i->ij", smooth, difference)),
    examples=(
        Case({"smooth": np.array([1, 2, 1]), "difference": np.array([1, 0, -1])}, "kernels", "Sobel", known=(GX, GX.T)),
        Case(
            {"smooth": np.array([1, 1, 1]), "difference": np.array([1, 0, -1])},
            "kernels",
            "Prewitt",
            known=([[1, 0, -1]] * 3, [[1, 1, 1], [0, 0, 0], [-1, -1, -1]]),
        ),
    ),
    cases=_sobel_cases,
    hints=(
        "Row i, column j of Gx is smooth[i] · difference[j].",
        "NumPy makes such a table with `np.outer(a, b)`: a runs down, b runs across.",
        "smooth = [1, 2], difference = [1, −1]: Gx has the rows [1, −1] and [2, −2]. Gy has them as columns.",
    ),
)


@sobel_kernels.mistake("Gx and Gy are exchanged. Gx compares columns, so the difference runs along its rows.")
def sobel_exchanged(smooth, difference):
    return np.outer(difference, smooth), np.outer(smooth, difference)


@sobel_kernels.mistake("You multiplied number by number. A table of all products is an outer product: `np.outer`.")
def sobel_by_products(smooth, difference):
    return smooth * difference, smooth * difference


@sobel_kernels.mistake("All signs are turned. Take the difference as it is given.")
def sobel_other_sign(smooth, difference):
    return -np.outer(smooth, difference), -np.outer(difference, smooth)


@sobel_kernels.mistake("Both are the same. Gy is the transpose of Gx.")
def sobel_gy_not_transposed(smooth, difference):
    return np.outer(smooth, difference), np.outer(smooth, difference)


@sobel_kernels.mistake("Your Gy is Gx after a quarter turn. It is the transpose of Gx: rows and columns exchanged.")
def sobel_turned(smooth, difference):
    gx = np.outer(smooth, difference)
    return gx, np.rot90(gx)


@sobel_kernels.mistake("These are the numbers of Sobel's kernels. Make them from `smooth` and `difference`.")
def sobel_by_heart(smooth, difference):
    gx = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    return gx, gx.T


# --- gradient_images ---------------------------------------------------------------------------


def _gradient_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = int(generator.integers(5, 8)), int(generator.integers(9, 12))
    yield Case({"image": generator.integers(0, 256, size=(rows, cols)).astype(np.uint8)}, BYTES)
    yield Case({"image": fractions(generator, rows, cols)}, NUMBERS)
    yield Case({"image": generator.integers(150, 256, size=(cols, 3)).astype(np.uint8)}, BYTES, "bright, one column")
    yield Case({"image": generator.uniform(0, 1, size=(3, rows)).round(2)}, NUMBERS, "from 0 to 1, one row")


def _gradient_oracle(image):
    return _valid(image, GX), _valid(image, GX.T)


gradient_images = Exercise(
    name="gradient_images",
    title="Where does the image change?",
    results=("made with Gx", "made with Gy"),
    points={BYTES: 1, NUMBERS: 1},
    minutes=12,
    difficulty=2,
    oracle=_gradient_oracle,
    examples=(
        Case(
            {"image": np.array([[9, 9, 1, 1], [9, 9, 1, 1], [9, 9, 1, 1]], dtype=np.uint8)},
            BYTES,
            "bright left, dark right",
            known=([[32.0, 32.0]], [[0.0, 0.0]]),
        ),
        Case({"image": np.array([[0.5, 0.5, 0.5], [0, 0, 0], [-1, 0, 0]])}, NUMBERS, known=([[-1.0]], [[3.0]])),
    ),
    cases=_gradient_cases,
    hints=(
        "`scipy.signal.correlate2d(image, kernel, mode='valid')` convolves without reversal.",
        "Do it twice, with Gx and with Gy.",
        "Turn the image into floats first: `image.astype(float)`.",
    ),
)


@gradient_images.mistake(
    "All signs are turned: this is convolution with reversal. Use `correlate2d`, or flip the kernel before `convolve2d`."
)
def gradients_with_reversal(image):
    return tuple(-gradient for gradient in _gradient_oracle(image))


@gradient_images.mistake("The two images are exchanged. Return the one made with Gx first.")
def gradients_exchanged(image):
    return _gradient_oracle(image)[::-1]


@gradient_images.mistake(
    "A photograph's bytes hold 0 to 255 only: 200 + 100 becomes 44. Write `image.astype(float)` before you calculate."
)
def gradients_in_bytes(image):
    a = image
    left, right = a[:-2, :-2] + 2 * a[1:-1, :-2] + a[2:, :-2], a[:-2, 2:] + 2 * a[1:-1, 2:] + a[2:, 2:]
    top, bottom = a[:-2, :-2] + 2 * a[:-2, 1:-1] + a[:-2, 2:], a[2:, :-2] + 2 * a[2:, 1:-1] + a[2:, 2:]
    return left - right, top - bottom


@gradient_images.mistake("The result is as large as the image. Use `mode='valid'`, which loses one pixel on each side.")
def gradients_same_size(image):
    return tuple(scipy.signal.correlate(image.astype(float), g, mode="same", method="direct") for g in (GX, GX.T))


@gradient_images.mistake("The fractions are lost. Turn the image into floats, not into whole numbers: `image.astype(float)`.")
def gradients_in_integers(image):
    return _gradient_oracle(image.astype(int))


@gradient_images.mistake("The minus signs are lost. A gradient has a direction: return the answers as they are, without `abs`.")
def gradients_as_sizes(image):
    return tuple(np.abs(gradient) for gradient in _gradient_oracle(image))


@gradient_images.mistake(
    "You cut the numbers to 0 … 255. A gradient has a sign and may be large: return the answers as they are."
)
def gradient_clipped(image):
    gx, gy = _gradient_oracle(image)
    return np.clip(gx, 0, 255), np.clip(gy, 0, 255)


# --- edge_magnitude_direction ------------------------------------------------------------------


def _edge_cases(generator: np.random.Generator) -> Iterator[Case]:
    # Never gy = 0 with a negative gx: there the sign of the 0 would decide between π and −π.
    signs = generator.choice([-1, 1], size=(2, 3, 4))
    gx, gy = signs * generator.uniform(0.1, 3, size=(2, 3, 4)).round(2)
    yield Case({"gx": gx, "gy": gy}, "both")
    yield Case(
        {"gx": np.array([[0.0, 0.0, -2.0]]), "gy": generator.uniform(1, 2, size=(1, 3)).round(2) * [1, -1, 1]}, "both", "gx = 0"
    )
    yield Case({"gx": generator.uniform(1, 2, size=(2, 1)).round(2), "gy": np.array([[0.0], [-3.0]])}, "both", "gy = 0")
    gx, gy = generator.uniform(-9, -1, size=(2, 1, 4)).round(2)
    yield Case({"gx": gx, "gy": gy}, "both", "both below zero")


edge_magnitude_direction = Exercise(
    name="edge_magnitude_direction",
    title="Strength and direction",
    results=("magnitude", "angle"),
    points={"both": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda gx, gy: (np.abs(np.asarray(gx) + 1j * np.asarray(gy)), np.angle(np.asarray(gx) + 1j * np.asarray(gy))),
    examples=(
        Case(
            {"gx": np.array([[3.0, 0.0]]), "gy": np.array([[4.0, -2.0]])}, "both", known=([[5.0, 2.0]], [[0.9272952, -np.pi / 2]])
        ),
    ),
    cases=_edge_cases,
    hints=(
        "Think of (gx, gy) as an arrow at each pixel. You want its length and its angle.",
        "Length: Pythagoras. Angle: there is a NumPy function with two arguments that knows all four quadrants.",
        "gx = 3, gy = 4: the length is 5. gx = −1, gy = 0: the angle is π. `np.arctan` of a quotient would say 0; "
        "`np.arctan2` knows both signs. Look up which argument comes first.",
    ),
)


@edge_magnitude_direction.mistake("The strength is the length of (gx, gy): take the square root.")
def edge_without_the_root(gx, gy):
    return gx**2 + gy**2, np.arctan2(gy, gx)


@edge_magnitude_direction.mistake("A quotient cannot tell (1, 1) from (−1, −1), and fails for gx = 0. Use `np.arctan2(gy, gx)`.")
def edge_by_quotient(gx, gy):
    return np.hypot(gx, gy), np.arctan(gy / gx)


@edge_magnitude_direction.mistake("`np.arctan2` wants the y part first: `np.arctan2(gy, gx)`.")
def edge_arguments_exchanged(gx, gy):
    return np.hypot(gx, gy), np.arctan2(gx, gy)


@edge_magnitude_direction.mistake("Directions are asked for in radians.")
def edge_in_degrees(gx, gy):
    return np.hypot(gx, gy), np.degrees(np.arctan2(gy, gx))


@edge_magnitude_direction.mistake("You added the sizes. The length is √(gx² + gy²).")
def edge_by_sum_of_sizes(gx, gy):
    return np.abs(gx) + np.abs(gy), np.arctan2(gy, gx)


# --- uniform_kernel and gauss_kernel -----------------------------------------------------------


def _uniform_cases(generator: np.random.Generator) -> Iterator[Case]:
    krow = int(generator.integers(2, 6))
    yield Case({"krow": krow, "kcol": krow + int(generator.integers(1, 4))}, "kernel")
    yield Case({"krow": krow + 2, "kcol": 1}, "kernel", "one column")


uniform_kernel = Exercise(
    name="uniform_kernel",
    title="The mean of a window",
    points={"kernel": 1},
    minutes=3,
    difficulty=1,
    oracle=lambda krow, kcol: np.full((krow, kcol), 1.0) / np.full((krow, kcol), 1.0).sum(),
    examples=(
        Case({"krow": 2, "kcol": 2}, "kernel", known=[[0.25, 0.25], [0.25, 0.25]]),
        Case({"krow": 1, "kcol": 5}, "kernel", known=[[0.2] * 5]),
    ),
    cases=_uniform_cases,
    hints=(
        "All weights are equal.",
        "And they add up to 1.",
        "2 × 3: six weights of 1/6 each. `np.ones` makes an array of any shape.",
    ),
)


@uniform_kernel.mistake("The weights add up to krow · kcol, so the image would become that much brighter. They must add up to 1.")
def uniform_of_ones(krow, kcol):
    return np.ones((krow, kcol))


@uniform_kernel.mistake("Rows and columns are exchanged.")
def uniform_exchanged(krow, kcol):
    return np.full((kcol, krow), 1 / (krow * kcol))


@uniform_kernel.mistake("You divided by the number of rows only.")
def uniform_by_rows(krow, kcol):
    return np.ones((krow, kcol)) / krow


@uniform_kernel.mistake("You divided by krow². A kernel need not be square.")
def uniform_by_square(krow, kcol):
    return np.ones((krow, kcol)) / krow**2


def _gauss_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"krow": 5, "kcol": 7, "sig": float(generator.uniform(0.8, 1.8).__round__(2))}, "odd size")
    yield Case({"krow": 6, "kcol": 4, "sig": float(generator.uniform(1.2, 2.5).__round__(2))}, "even size")
    yield Case({"krow": 5, "kcol": 3, "sig": float(generator.uniform(0.4, 0.6).__round__(2))}, "odd size", "a narrow bell")
    yield Case({"krow": 3, "kcol": 4, "sig": float(generator.uniform(1.2, 2.5).__round__(2))}, "even size", "3 × 4")
    yield Case({"krow": 1, "kcol": 1, "sig": 2.0}, "odd size", "a single pixel")


def _gauss_oracle(krow, kcol, sig):
    rows, cols = (scipy.signal.windows.gaussian(size, sig) for size in (krow, kcol))
    return np.outer(rows / rows.sum(), cols / cols.sum())


gauss_kernel = Exercise(
    name="gauss_kernel",
    title="A soft window",
    points={"odd size": 1, "even size": 1},
    minutes=15,
    difficulty=2,
    oracle=_gauss_oracle,
    examples=(
        Case({"krow": 1, "kcol": 3, "sig": 1.0}, "odd size", known=[[0.27406862, 0.45186276, 0.27406862]]),
        Case(
            {"krow": 2, "kcol": 2, "sig": 3.0},
            "even size",
            "four places equally far from the centre",
            known=[[0.25, 0.25], [0.25, 0.25]],
        ),
    ),
    cases=_gauss_cases,
    hints=(
        "Let r and c be the distances of a pixel from the centre, in rows and in columns. The weight is exp(−(r² + c²)/(2σ²)).",
        "`r = np.arange(krow) - (krow - 1) / 2`, and the same for c. `r[:, None]` makes a column of it.",
        "At the end divide the whole kernel by `kernel.sum()`.",
    ),
)


def _bell(krow, kcol, sig, centre=lambda size: (size - 1) / 2):
    rows, cols = np.arange(krow) - centre(krow), np.arange(kcol) - centre(kcol)
    return np.exp(-(rows[:, None] ** 2 + cols**2) / (2 * sig**2))


@gauss_kernel.mistake("The weights do not add up to 1. Divide by their sum.")
def gauss_not_divided(krow, kcol, sig):
    return _bell(krow, kcol, sig)


@gauss_kernel.mistake(
    "The constant 1/(2πσ²) is for a bell without end. Here the tails are cut off: divide by the sum of the weights."
)
def gauss_by_the_formulas_constant(krow, kcol, sig):
    return _bell(krow, kcol, sig) / (2 * np.pi * sig**2)


@gauss_kernel.mistake("The exponent wants σ²: `-(r**2 + c**2) / (2 * sig**2)`.")
def gauss_sigma_not_squared(krow, kcol, sig):
    bell = _bell(krow, kcol, np.sqrt(sig))
    return bell / bell.sum()


@gauss_kernel.mistake("The 2 is missing in the exponent: `-(r**2 + c**2) / (2 * sig**2)`.")
def gauss_without_the_two(krow, kcol, sig):
    bell = _bell(krow, kcol, sig / np.sqrt(2))
    return bell / bell.sum()


@gauss_kernel.mistake("Rows and columns are exchanged.")
def gauss_exchanged(krow, kcol, sig):
    bell = _bell(kcol, krow, sig)
    return bell / bell.sum()


@gauss_kernel.mistake("Right for odd sizes. With an even size the centre lies between two pixels, at (krow − 1)/2.")
def gauss_off_centre(krow, kcol, sig):
    bell = _bell(krow, kcol, sig, centre=lambda size: size // 2)
    return bell / bell.sum()


@gauss_kernel.mistake(
    "The top of your bell is in the corner. Count rows and columns from the centre: `np.arange(krow) - (krow - 1) / 2`."
)
def gauss_from_the_corner(krow, kcol, sig):
    r, c = np.mgrid[:krow, :kcol]
    weights = np.exp(-(r**2 + c**2) / (2 * sig**2))
    return weights / weights.sum()


@gauss_kernel.mistake("The centre lies half a pixel too far. It is at (krow − 1)/2, as rows are counted from 0.")
def gauss_centred_at_half(krow, kcol, sig):
    r, c = np.mgrid[:krow, :kcol] - np.array([krow / 2, kcol / 2])[:, None, None]
    weights = np.exp(-(r**2 + c**2) / (2 * sig**2))
    return weights / weights.sum()


# --- separable_filter --------------------------------------------------------------------------


def _separable_cases(generator: np.random.Generator) -> Iterator[Case]:
    image = generator.integers(-9, 10, size=(6, 9))
    yield Case({"image": image, "column": fractions(generator, 3), "row": fractions(generator, 4)}, "numbers")
    photograph = generator.integers(100, 256, size=(5, 4)).astype(np.uint8)
    yield Case({"image": photograph, "column": fractions(generator, 2), "row": fractions(generator, 2)}, "numbers", "bytes")
    part = {"image": fractions(generator, 4, 3), "column": fractions(generator, 4), "row": np.array([-2])}
    yield Case(part, "numbers", "a row of one weight")


separable_filter = Exercise(
    name="separable_filter",
    title="First down, then across",
    points={"numbers": 1},
    minutes=10,
    difficulty=2,
    oracle=lambda image, column, row: _valid(image, np.outer(column, row)),
    examples=(
        Case(
            {"image": np.array([[1, 2, 3], [4, 5, 6]]), "column": np.array([1, 10]), "row": np.array([1, 0, -1])},
            "numbers",
            "down: [41, 52, 63]",
            known=[[-22]],
        ),
    ),
    cases=_separable_cases,
    hints=(
        "A column as a kernel has the shape (K, 1), a row (1, K).",
        "`column[:, None]` and `row[None, :]` have these shapes.",
        "An image of 3 × 4, a column of 3, a row of 2: the first step leaves 1 × 4, the second 1 × 3.",
    ),
)


@separable_filter.mistake("Column and row are exchanged: `column` runs down the image, `row` across.")
def separable_exchanged(image, column, row):
    return _valid(image, np.outer(row, column))


@separable_filter.mistake("This is convolution with reversal. Both are laid on as they are.")
def separable_with_reversal(image, column, row):
    return _valid(image, np.outer(column[::-1], row[::-1]))


@separable_filter.mistake("You filtered the image twice and added. The second filter must work on the first one's result.")
def separable_added(image, column, row):
    down = _valid(image, column[:, None])[:, : image.shape[1] - len(row) + 1]
    return down + _valid(image, row[None])[: down.shape[0]]


@separable_filter.mistake("You used `column` for both directions.")
def separable_column_twice(image, column, row):
    return _valid(_valid(image, column[:, None]), column[None])


@separable_filter.mistake("The fractions are lost on the way. Keep what the first filter gives in an array of floats.")
def separable_in_integers(image, column, row):
    return _valid(np.trunc(_valid(image, column[:, None])), row[None])


@separable_filter.mistake("You filtered the image twice, and the first result is lost. Give it to the second filter.")
def separable_forgets_the_first(image, column, row):
    return _valid(image, row[None])


@separable_filter.mistake("The two results are multiplied. The second filter must work on the first one's result.")
def separable_as_product(image, column, row):
    down, across = _valid(image, np.asarray(column)[:, None]), _valid(image, np.asarray(row)[None])
    return down[:, : across.shape[1]] * across[: down.shape[0]]


# --- sharpen -----------------------------------------------------------------------------------


def _sharpen_cases(generator: np.random.Generator) -> Iterator[Case]:
    for amount in (1, 3):
        image = generator.integers(60, 190, size=(5, 6))
        image[0, :4], image[1, :2] = (250, 5, 255, 0), (230, 20)
        blurred = generator.integers(90, 160, size=(5, 6)) + generator.choice([0.25, 0.75], size=(5, 6))
        image[2, :4], blurred[2, :4] = (250, 2, 250, 2), (244.25, 5.25, 246.25, 2.75)  # 256, −1, 254 and 1
        yield Case({"image": image.astype(np.uint8), "blurred": blurred, "amount": amount}, "picture")


def _wrapped(image, blurred, amount):
    sharp = image + amount * (image - blurred)
    return np.rint(sharp).astype(int).astype(np.uint8)


def _sharp(image, blurred, amount):
    return np.rint(image + amount * (image.astype(float) - blurred))


sharpen = Exercise(
    name="sharpen",
    title="Repair: specks in the light",
    points={"picture": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda image, blurred, amount: np.minimum(np.maximum(_sharp(image, blurred, amount), 0), 255).astype(np.uint8),
    given=_wrapped,
    examples=(
        Case(
            {
                "image": np.array([[100, 250, 10]], dtype=np.uint8),
                "blurred": np.array([[90.25, 200.25, 60.25]]),
                "amount": 1,
            },
            "picture",
            "100 + 9.75, 250 + 49.75, 10 − 50.25",
            known=[[110, 255, 0]],
        ),
    ),
    cases=_sharpen_cases,
    hints=(
        "Work the example by hand. Which of its three numbers does not fit into a byte, 0 to 255?",
        "A byte that is too large begins again at 0: 300 becomes 300 − 256 = 44, nearly black. One below 0 begins again at 255.",
        "250 + 49.75 is 300 when rounded; the brightest that a byte can be is 255. Bring all numbers into the range before the change to "
        "bytes: `np.clip(x, low, high)` does it.",
    ),
)


@sharpen.mistake("The bright places are mended, the dark ones are not: what is below 0 still begins again at 255.")
def sharpen_bounds_the_bright(image, blurred, amount):
    return np.minimum(_sharp(image, blurred, amount), 255).astype(int).astype(np.uint8)


@sharpen.mistake("The dark places are mended, the bright ones are not: what is above 255 still begins again at 0.")
def sharpen_bounds_the_dark(image, blurred, amount):
    return np.maximum(_sharp(image, blurred, amount), 0).astype(int).astype(np.uint8)


@sharpen.mistake("No number begins again, but some lie outside 0 to 255. Make them 0 or 255.")
def sharpen_without_bytes(image, blurred, amount):
    return _sharp(image, blurred, amount)


@sharpen.mistake("You stretched the whole picture to 0 … 255, so every grey has changed. Change only what lies outside.")
def sharpen_stretches(image, blurred, amount):
    sharp = _sharp(image, blurred, amount)
    return np.rint(255 * (sharp - sharp.min()) / max(np.ptp(sharp), 1)).astype(np.uint8)


# --- color_filter_bank -------------------------------------------------------------------------


def _bank_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"G": fractions(generator, 2, 3), "C": fractions(generator, 4, 3)}, "numbers")
    yield Case(
        {"G": fractions(generator, 3, 2), "C": fractions(generator, 3, 3)},
        "numbers",
        "as many filters as channels",
    )
    for number in (1, 2, 4):
        bank = {"G": generator.integers(-9, 10, size=(2, 2)), "C": fractions(generator, 2, number)}
        yield Case(bank, "numbers", f"channels: {number}")


color_filter_bank = Exercise(
    name="color_filter_bank",
    title="Filters for colour",
    points={"numbers": 2},
    minutes=12,
    difficulty=3,
    oracle=lambda G, C: np.einsum("ij,lk->ijkl", G, C),
    examples=(
        Case(
            {"G": np.array([[1, 2]]), "C": np.array([[1, -0.5, -0.5], [0.5, -1, 0.5]])},
            "numbers",
            "one row, two columns, three channels, two filters",
            known=[[[[1, 0.5], [-0.5, -1], [-0.5, 0.5]], [[2, 1], [-1, -2], [-1, 1]]]],
        ),
    ),
    cases=_bank_cases,
    hints=(
        "Four axes: row, column, channel, filter. G knows the first two, C the last two (in the other order).",
        "Give G two axes of length 1 behind: `G[:, :, None, None]`. Then NumPy spreads the product over them.",
        "A product of arrays (3, 3, 1, 1) and (5, 2) has the shape (3, 3, 5, 2), last axes matched first. In which "
        "order must C's two axes stand?",
    ),
)


@color_filter_bank.mistake("The last two axes are exchanged: W[i, j, channel, filter], while C is C[filter, channel]. Use `C.T`.")
def bank_channels_last(G, C):
    return G[:, :, None, None] * C


@color_filter_bank.mistake("Rows and columns of G are exchanged.")
def bank_turned_kernels(G, C):
    return np.einsum("ji,lk->ijkl", G, C)


@color_filter_bank.mistake("The filters' axis stands first. Here it comes last, as in Keras.")
def bank_filters_first(G, C):
    return np.einsum("ij,lk->lijk", G, C)


@color_filter_bank.mistake("You added G and C. Multiply.")
def bank_adds(G, C):
    return G[:, :, None, None] + C.T


@color_filter_bank.mistake("Your bank has three channels always. Their number is that of C's columns.")
def bank_for_three_channels(G, C):
    W = np.zeros((*G.shape, 3, len(C)))
    for number, weights in enumerate(C):
        for channel in range(3):
            W[:, :, channel, number] = G * weights[channel]
    return W


# --- gabor_kernel and complex_cell -------------------------------------------------------------


def _gabor_cases(generator: np.random.Generator) -> Iterator[Case]:
    # Also an angle beyond a right one with a phase below zero, and a bell that is narrower than a wave.
    for size, angle, phase, sigma in (
        (int(generator.choice([5, 9])), (0.4, 1.2), (0.3, 1.3), (1.5, 3)),
        (7, (1.8, 2.8), (-1.3, -0.3), (0.8, 1.2)),
    ):
        numbers = {"wavelength": (3, 6), "angle": angle, "sigma": sigma, "phase": phase}
        yield Case({"size": size, **{name: round(generator.uniform(*ends), 2) for name, ends in numbers.items()}}, "numbers")


def _gabor_oracle(size, wavelength, angle, sigma, phase):
    places = np.arange(size) - size // 2
    bell = scipy.signal.windows.gaussian(size, sigma)
    down, across = (bell * np.exp(2j * np.pi * places * f / wavelength) for f in (np.sin(angle), np.cos(angle)))
    return np.real(np.outer(down, across) * np.exp(1j * phase))


gabor_kernel = Exercise(
    name="gabor_kernel",
    title="A simple cell",
    points={"numbers": 2},
    minutes=15,
    difficulty=3,
    oracle=_gabor_oracle,
    examples=(
        Case(
            {"size": 3, "wavelength": 2.0, "angle": 0.0, "sigma": 1.0, "phase": 0.0},
            "numbers",
            "upright stripes: cos(πc) times the bell",
            known=[
                [-0.36787944, 0.60653066, -0.36787944],
                [-0.60653066, 1.0, -0.60653066],
                [-0.36787944, 0.60653066, -0.36787944],
            ],
        ),
    ),
    cases=_gabor_cases,
    forbidden=("gabor_kernel",),
    hints=(
        "Two tables of the kernel's size: r, the rows counted from the middle, and c, the columns.",
        "x′ = c cos(angle) + r sin(angle) runs across the stripes. The wave is cos(2π x′ / wavelength + phase).",
        "`r, c = np.mgrid[:size, :size] - (size - 1) / 2`, then bell times wave.",
    ),
)


def _gabor(size, wavelength, angle, sigma, phase, wave=np.cos, along=lambda r, c, a: c * np.cos(a) + r * np.sin(a)):
    r, c = np.mgrid[:size, :size] - (size - 1) / 2
    return np.exp(-(r**2 + c**2) / (2 * sigma**2)) * wave(2 * np.pi * along(r, c, angle) / wavelength + phase)


@gabor_kernel.mistake("Rows and columns are exchanged in x′: it is c · cos(angle) + r · sin(angle).")
def gabor_axes_exchanged(size, wavelength, angle, sigma, phase):
    return _gabor(size, wavelength, angle, sigma, phase, along=lambda r, c, a: r * np.cos(a) + c * np.sin(a))


@gabor_kernel.mistake("You used the sine. With phase 0 the wave is a cosine, with its top in the middle.")
def gabor_with_sine(size, wavelength, angle, sigma, phase):
    return _gabor(size, wavelength, angle, sigma, phase, wave=np.sin)


@gabor_kernel.mistake("You turned angle and phase from degrees into radians. They are radians already.")
def gabor_in_degrees(size, wavelength, angle, sigma, phase):
    return _gabor(size, wavelength, np.radians(angle), sigma, np.radians(phase))


@gabor_kernel.mistake("The stripes do not fade: multiply by the bell exp(−(r² + c²)/(2σ²)).")
def gabor_without_envelope(size, wavelength, angle, sigma, phase):
    return _gabor(size, wavelength, angle, 1e9, phase)


@gabor_kernel.mistake("Divide x′ by the wavelength; do not multiply.")
def gabor_with_frequency(size, wavelength, angle, sigma, phase):
    return _gabor(size, 1 / wavelength, angle, sigma, phase)


@gabor_kernel.mistake("The phase is missing in the cosine's argument.")
def gabor_without_phase(size, wavelength, angle, sigma, phase):
    return _gabor(size, wavelength, angle, sigma, 0.0)


@gabor_kernel.mistake("2π is missing: the wave's argument is 2π · x′ / wavelength + phase.")
def gabor_without_two_pi(size, wavelength, angle, sigma, phase):
    return _gabor(size, 2 * np.pi * wavelength, angle, sigma, phase)


@gabor_kernel.mistake("Rows and columns are counted from the corner. Count them from the centre: minus (size − 1)/2.")
def gabor_from_the_corner(size, wavelength, angle, sigma, phase):
    r, c = np.mgrid[:size, :size]
    along = c * np.cos(angle) + r * np.sin(angle)
    return np.exp(-(r**2 + c**2) / (2 * sigma**2)) * np.cos(2 * np.pi * along / wavelength + phase)


def _cell_cases(generator: np.random.Generator) -> Iterator[Case]:
    even, odd = fractions(generator, 2, 3, 2)
    yield Case({"image": generator.integers(0, 256, size=(5, 7)).astype(np.uint8), "even": even, "odd": odd}, "numbers")
    even, odd = fractions(generator, 2, 1, 4)
    yield Case({"image": fractions(generator, 4, 5), "even": even, "odd": odd}, "numbers", "fractions, and filters of one row")


def _energy_oracle(image, even, odd):
    return np.abs(_valid(image, even) + 1j * _valid(image, odd)) ** 2


complex_cell = Exercise(
    name="complex_cell",
    title="A complex cell",
    points={"numbers": 1},
    minutes=10,
    difficulty=2,
    oracle=_energy_oracle,
    examples=(
        Case(
            {"image": np.array([[1, 2, 4]]), "even": np.array([[1, 1]]), "odd": np.array([[-1, 1]])},
            "numbers",
            "3² + 1² and 6² + 2²",
            known=[[10.0, 40.0]],
        ),
    ),
    cases=_cell_cases,
    hints=(
        "Convolve the image with each filter of the pair (without reversal, mode valid).",
        "cos² + sin² = 1, whatever the angle. Which combination of the two answers uses that?",
        "Answers of 3 and 4 make the energy 25, and so do −3 and 4. Bytes overflow in a square: floats first.",
    ),
)


@complex_cell.mistake("You took the square root. The energy is the sum of the two squares.")
def cell_with_root(image, even, odd):
    return np.sqrt(_energy_oracle(image, even, odd))


@complex_cell.mistake("You added the two filters before squaring. Square each answer, then add.")
def cell_adds_first(image, even, odd):
    return _valid(image, even + odd) ** 2


@complex_cell.mistake("Only the even filter answers. Add the odd one's square.")
def cell_one_of_the_pair(image, even, odd):
    return _valid(image, even) ** 2


@complex_cell.mistake("You added the sizes of the two answers. Add their squares: only then does the phase drop out.")
def cell_sum_of_sizes(image, even, odd):
    return np.abs(_valid(image, even)) + np.abs(_valid(image, odd))


@complex_cell.mistake("You squared the kernels. Square the answers.")
def energy_of_squared_kernels(image, even, odd):
    return _valid(image, even**2) + _valid(image, odd**2)


# --- learn_kernel and choosy_kernel ------------------------------------------------------------


def _learn_cases(generator: np.random.Generator) -> Iterator[Case]:
    for krow, kcol in ((2, 3), (3, 1)):
        image, kernel = generator.normal(size=(8, 9)).round(2), generator.integers(-5, 6, size=(krow, kcol))
        answer = _valid(image, kernel)
        yield Case({"image": image, "wanted": answer.round(1), "krow": krow, "kcol": kcol}, "kernel", "rounded")
        wanted = (answer + generator.normal(size=answer.shape)).round(2)
        yield Case({"image": image, "wanted": wanted, "krow": krow, "kcol": kcol}, "kernel", "with noise")


def _normal_equations(image, wanted, krow, kcol):
    """How the shifted images agree with each other, and with what is wanted."""
    rows, cols = wanted.shape
    shifted = np.stack([image[k : k + rows, m : m + cols] for k in range(krow) for m in range(kcol)])
    return np.einsum("aij,bij->ab", shifted, shifted), np.einsum("aij,ij->a", shifted, wanted)


def _learn_oracle(image, wanted, krow, kcol):
    return np.linalg.solve(*_normal_equations(image, wanted, krow, kcol)).reshape(krow, kcol)


learn_kernel = Exercise(
    name="learn_kernel",
    title="A kernel from a pair of pictures",
    points={"kernel": 1},
    minutes=12,
    difficulty=2,
    oracle=_learn_oracle,
    examples=(
        Case(
            {"image": np.array([[1.0, 2.0, 4.0, 5.0]]), "wanted": np.array([[1.0, 2.0, 1.0]]), "krow": 1, "kcol": 2},
            "kernel",
            "each number is that on the right minus that on the left",
            known=[[-1.0, 1.0]],
        ),
        Case(
            {"image": np.array([[1.0], [2.0]]), "wanted": np.array([[1.0], [4.0]]), "krow": 1, "kcol": 1},
            "kernel",
            "no weight fits both: (1·1 + 2·4)/(1·1 + 2·2)",
            known=[[1.8]],
        ),
    ),
    cases=_learn_cases,
    hints=(
        "How many unknown weights are there, and how many equations?",
        "Each window, read row by row, is a row of the table; the numbers on the right-hand side are `wanted`, read in the same order.",
        "In the first example the rows are [1, 2], [2, 4], [4, 5], and the numbers 1, 2, 1. The solution has two numbers in one "
        "line: give it the kernel's shape.",
    ),
)


@learn_kernel.mistake("You used only as many windows as there are weights. Use all: then errors even out.")
def learn_from_the_first_windows(image, wanted, krow, kcol):
    table = sliding_window_view(image, (krow, kcol)).reshape(-1, krow * kcol)[: krow * kcol]
    return np.linalg.lstsq(table, wanted.ravel()[: krow * kcol], rcond=None)[0].reshape(krow, kcol)


@learn_kernel.mistake("You found each weight by itself. Neighbours are seen together, so all weights must be found together.")
def learn_each_by_itself(image, wanted, krow, kcol):
    alike, agree = _normal_equations(image, wanted, krow, kcol)
    return (agree / np.diag(alike)).reshape(krow, kcol)


@learn_kernel.mistake(
    "This is how much each pixel of the window agrees with the answer. It is only one side of the equations: solve them."
)
def learn_by_agreement(image, wanted, krow, kcol):
    return _normal_equations(image, wanted, krow, kcol)[1].reshape(krow, kcol)


@learn_kernel.mistake("The kernel is flipped. Without reversal the first weight meets the first pixel of the window.")
def learn_flipped(image, wanted, krow, kcol):
    return _learn_oracle(image, wanted, krow, kcol)[::-1, ::-1]


@learn_kernel.mistake("The weights are right, but they are in one line. Reshape them to (krow, kcol).")
def learn_in_one_line(image, wanted, krow, kcol):
    return _learn_oracle(image, wanted, krow, kcol).ravel()


def _choosy_cases(generator: np.random.Generator) -> Iterator[Case]:
    for rows, cols in ((3, 3), (2, 5), (4, 3)):
        liked = generator.permutation(rows * cols).reshape(rows, cols) + 1.0
        other = generator.permutation(rows * cols).reshape(rows, cols) % 3
        yield Case({"liked": liked, "ignored": liked + 2 * other}, "kernel", "alike")


def _choosy_misses(result, liked, ignored):
    kernel = np.asarray(result, float)
    if kernel.shape != liked.shape:
        return f"Your kernel has shape {kernel.shape}; the patterns have {liked.shape}."
    if not np.isfinite(kernel).all():
        return "Some of the weights are not finite."
    to_liked, to_ignored, to_grey = (float(np.sum(kernel * pattern)) for pattern in (liked, ignored, np.ones(liked.shape)))
    if abs(to_grey) > 0.01:
        return f"Your kernel answers {to_grey:.3g} to a patch of ones; 0 is asked, up to 0.01."
    if abs(to_ignored) > 0.01:
        return f"Your kernel answers {to_ignored:.3g} to the pattern to be ignored; 0 is asked, up to 0.01."
    return f"Your kernel answers {to_liked:.3g} to the pattern that it should like; 1 or more is asked." if to_liked < 1 else ""


def _choosy_oracle(liked, ignored):
    """What is left of the liked pattern when its likeness to the others is taken away, one after the other."""
    left, other = liked - liked.mean(), ignored - ignored.mean()
    left = left - other * np.sum(left * other) / np.sum(other**2)
    return left / np.sum(left * liked) * 1.001


choosy_kernel = Exercise(
    name="choosy_kernel",
    title="Design: like this, ignore that",
    points={"kernel": 1},
    minutes=12,
    difficulty=2,
    oracle=_choosy_oracle,
    meets=_choosy_misses,
    examples=(
        Case(
            {"liked": np.array([[1.0, 0.0, 0.0]]), "ignored": np.array([[0.0, 1.0, 0.0]])},
            "kernel",
            "like the left pixel, ignore the middle one",
            known=[[1, 0, -1]],
        ),
        Case(
            {"liked": np.array([[0.0, 1.0, 0.0]] * 3), "ignored": np.array([[0.0] * 3, [1.0] * 3, [0.0] * 3])},
            "kernel",
            "like an upright line, ignore a flat one",
            known=[[-0.5, 1, -0.5]] * 3,
        ),
    ),
    cases=_choosy_cases,
    hints=(
        "Each wish is an equation for the weights: the sum of products with a pattern is a number. How many equations are there?",
        "Read each pattern as a row. Three rows make a table; the three numbers on the right-hand side are your wishes.",
        "First example: liked [1, 0, 0] gives w0 ≥ 1, ignored [0, 1, 0] gives w1 = 0, ones give w0 + w1 + w2 = 0. So w = [1, 0, −1] will do. "
        "`np.linalg.lstsq` solves such equations, also if there are more weights than wishes.",
    ),
)


@choosy_kernel.mistake("The liked pattern itself answers to everything bright. Two more wishes are to be met.")
def choosy_likes_the_light(liked, ignored):
    return liked


@choosy_kernel.mistake("Grey patches are ignored now. The other pattern is not: it is a little like the first.")
def choosy_without_the_mean(liked, ignored):
    return liked - liked.mean()


@choosy_kernel.mistake("Liked minus ignored is not enough: its answer to the ignored pattern is seldom 0.")
def choosy_by_difference(liked, ignored):
    return (liked - liked.mean()) - (ignored - ignored.mean())


@choosy_kernel.mistake("The other pattern is ignored, but a grey patch is not. The weights should add up to 0 as well.")
def choosy_answers_to_grey(liked, ignored):
    return 10 * (liked - ignored * np.sum(liked * ignored) / np.sum(ignored**2))


EXERCISES: tuple[Exercise, ...] = (
    sobel_kernels,
    gradient_images,
    edge_magnitude_direction,
    uniform_kernel,
    gauss_kernel,
    separable_filter,
    sharpen,
    color_filter_bank,
    gabor_kernel,
    complex_cell,
    learn_kernel,
    choosy_kernel,
)
