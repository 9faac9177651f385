"""Unit 20: spatial transformers: grid, sampler, their gradients, and the net that says where to look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.interpolate
import scipy.ndimage

from convcourse.exercises.cases import fractions
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import ModelFacts, model_facts

# --- pixel_coordinates -------------------------------------------------------------------------

INSIDE, OUTSIDE = "inside", "outside"


def _pixel_cases(generator: np.random.Generator) -> Iterator[Case]:
    size = int(generator.integers(5, 40))
    yield Case({"normalised": generator.uniform(-0.95, 0.95, size=(2, 3)).round(2), "size": size}, INSIDE)
    beyond = generator.uniform(1.05, 2, size=4).round(2) * [1, -1, 1, -1]
    yield Case({"normalised": np.append(beyond, 0.3), "size": size}, OUTSIDE)
    yield Case({"normalised": generator.uniform(-3, 3, size=(2, 1, 3)).round(2), "size": 2}, OUTSIDE)


def _pixel_oracle(normalised, size):
    line = scipy.interpolate.interp1d([-1, 1], [0, size - 1], fill_value="extrapolate")
    return line(np.asarray(normalised, dtype=float))


pixel_coordinates = Exercise(
    name="pixel_coordinates",
    title="From −1 … 1 to pixels",
    points={INSIDE: 0.5, OUTSIDE: 0.5},
    minutes=5,
    difficulty=1,
    oracle=_pixel_oracle,
    examples=(
        Case({"normalised": np.array([-1.0, 0.0, 0.5, 1.0]), "size": 9}, INSIDE, known=[0.0, 4.0, 6.0, 8.0]),
        Case({"normalised": np.array([[-1.5, 2.0]]), "size": 5}, OUTSIDE, "beyond the ends", known=[[-1.0, 6.0]]),
    ),
    cases=_pixel_cases,
    hints=(
        "It is a straight line through two points: −1 goes to 0, and 1 goes to size − 1.",
        "How many pixels' steps lie between −1 and 1? So how long is 1?",
        "Size 5: −1 → 0, 0 → 2, 1 → 4. One unit is 4 / 2 = 2 pixels, and −1 is pixel 0: count from there.",
    ),
)


@pixel_coordinates.mistake(
    "Coordinate 1 gives `size`, a pixel that does not exist. From the first pixel's centre to the last one's are `size - 1` steps."
)
def pixels_by_the_size(normalised, size):
    return (normalised + 1) / 2 * size


@pixel_coordinates.mistake(
    "Here −1 and 1 are the outer edges of the border pixels: another custom. In this unit they are the centres of the first and the last pixel."
)
def pixels_by_their_edges(normalised, size):
    return ((normalised + 1) * size - 1) / 2


@pixel_coordinates.mistake("You rounded. Coordinates between pixels are just what the sampler needs: keep the fractions.")
def pixels_rounded(normalised, size):
    return np.round(_pixel_oracle(normalised, size))


@pixel_coordinates.mistake("You cut off what lies outside. The grid may leave the image; the sampler will deal with that.")
def pixels_kept_inside(normalised, size):
    return np.clip(_pixel_oracle(normalised, size), 0, size - 1)


@pixel_coordinates.mistake("This would be right for coordinates from 0 to 1. Ours begin at −1: add 1 and halve first.")
def pixels_from_zero_to_one(normalised, size):
    return normalised * (size - 1)


@pixel_coordinates.mistake("This is the way back, from pixels to −1 … 1. Here pixels are wanted: from the coordinates −1 … 1.")
def pixels_turned_round(normalised, size):
    return 2 * normalised / (size - 1) - 1


@pixel_coordinates.mistake(
    "Only a part of the sum is multiplied. Add 1 to the coordinate first, then multiply that: use brackets."
)
def pixels_without_brackets(normalised, size):
    return normalised + (size - 1) / 2


# --- affine_grid -------------------------------------------------------------------------------

SCALE_SHIFT, TURN_SHEAR = "scale and shift", "turn and shear"


def _grid_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = int(generator.integers(3, 6)), int(generator.integers(6, 9))
    scale_x, scale_y, shift_x, shift_y = generator.uniform(0.2, 0.9, size=4).round(2)
    theta = np.array([[scale_x, 0, shift_x], [0, scale_y + 0.5, -shift_y]])
    yield Case({"theta": theta, "rows": rows, "cols": cols}, SCALE_SHIFT)
    mirror = np.array([[-generator.integers(1, 4), 0, 2], [0, 2, -3]])  # whole numbers
    yield Case({"theta": mirror, "rows": cols, "cols": 2}, SCALE_SHIFT)
    theta = np.array([[0.7, -0.4, 0.3], [0.6, 0.9, -0.2]]) + generator.uniform(-0.1, 0.1, size=(2, 3)).round(2)
    yield Case({"theta": theta, "rows": cols, "cols": rows}, TURN_SHEAR)


def _targets(rows, cols):
    return np.tile(np.linspace(-1, 1, cols), rows), np.repeat(np.linspace(-1, 1, rows), cols)


def _grid_oracle(theta, rows, cols):
    from skimage.transform import AffineTransform

    matrix = np.vstack([np.asarray(theta, dtype=float), [0, 0, 1]])
    sources = AffineTransform(matrix=matrix)(np.stack(_targets(rows, cols), axis=1))
    return sources[:, 0].reshape(rows, cols), sources[:, 1].reshape(rows, cols)


affine_grid = Exercise(
    name="affine_grid",
    title="The grid generator",
    results=("x", "y"),
    points={SCALE_SHIFT: 1, TURN_SHEAR: 1},
    minutes=12,
    difficulty=2,
    oracle=_grid_oracle,
    examples=(
        Case(
            {"theta": np.array([[0.5, 0.0, 0.5], [0.0, 0.25, -0.25]]), "rows": 2, "cols": 3},
            SCALE_SHIFT,
            "worked out above",
            known=([[0.0, 0.5, 1.0], [0.0, 0.5, 1.0]], [[-0.5, -0.5, -0.5], [0.0, 0.0, 0.0]]),
        ),
        Case(
            {"theta": np.array([[0, -1, 0], [1, 0, 0]]), "rows": 3, "cols": 2},
            TURN_SHEAR,
            "a quarter turn",
            known=([[1.0, 1.0], [0.0, 0.0], [-1.0, -1.0]], [[-1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0]]),
        ),
    ),
    cases=_grid_cases,
    hints=(
        "First the untouched window: x from −1 to 1 in `cols` steps, y from −1 to 1 in `rows` steps.",
        "`np.meshgrid(np.linspace(-1, 1, cols), np.linspace(-1, 1, rows))` gives x and y as arrays (rows, cols).",
        "First row (0.5, 0, 0.5) of θ, at the window's point (−1, 1): 0.5 · (−1) + 0 · 1 + 0.5 = 0. Compute this with the whole "
        "arrays, and with the second row for y.",
    ),
)


@affine_grid.mistake(
    "Your x changes from row to row. In the window, x runs along the columns (to the right) and y down the rows."
)
def grid_x_down_y_across(theta, rows, cols):
    y, x = np.meshgrid(np.linspace(-1, 1, cols), np.linspace(-1, 1, rows))
    return theta[0, 0] * x + theta[0, 1] * y + theta[0, 2], theta[1, 0] * x + theta[1, 1] * y + theta[1, 2]


@affine_grid.mistake("The two results are exchanged: x comes first, as in θ's first row.")
def grid_y_before_x(theta, rows, cols):
    return _grid_oracle(theta, rows, cols)[::-1]


@affine_grid.mistake("The last column of θ is missing: it is the shift, the part that the constant 1 is for.")
def grid_without_shift(theta, rows, cols):
    return _grid_oracle(theta * np.array([1, 1, 0]), rows, cols)


@affine_grid.mistake("The 2 × 2 part of θ is transposed. The first row of θ makes x: θ₁₁ x + θ₁₂ y + θ₁₃.")
def grid_theta_on_its_side(theta, rows, cols):
    return _grid_oracle(np.column_stack([theta[:, :2].T, theta[:, 2]]), rows, cols)


@affine_grid.mistake("Your last coordinate is smaller than 1. Both ends belong to the grid: `np.linspace(-1, 1, cols)`.")
def grid_stops_before_the_end(theta, rows, cols):
    x, y = np.meshgrid(-1 + 2 * np.arange(cols) / cols, -1 + 2 * np.arange(rows) / rows)
    return theta[0, 0] * x + theta[0, 1] * y + theta[0, 2], theta[1, 0] * x + theta[1, 1] * y + theta[1, 2]


@affine_grid.mistake("You counted pixels from 0. The window's coordinates run from −1 to 1, whatever its size.")
def grid_of_pixel_numbers(theta, rows, cols):
    x, y = np.meshgrid(np.arange(cols), np.arange(rows))
    return theta[0, 0] * x + theta[0, 1] * y + theta[0, 2], theta[1, 0] * x + theta[1, 1] * y + theta[1, 2]


@affine_grid.mistake(
    "Your window begins half a step inside, at pixel edges. Here −1 and 1 are the centres of the first and the last pixel."
)
def grid_by_edges(theta, rows, cols):
    across, down = ((2 * np.arange(count) + 1) / count - 1 for count in (cols, rows))
    x, y = np.meshgrid(across, down)
    return theta[0, 0] * x + theta[0, 1] * y + theta[0, 2], theta[1, 0] * x + theta[1, 1] * y + theta[1, 2]


@affine_grid.mistake("This is the inverse of θ. θ itself says where in the source each point of the window lies.")
def grid_of_the_inverse(theta, rows, cols):
    inverse = np.linalg.inv(np.vstack([theta, [0, 0, 1]]))
    return _grid_oracle(inverse[:2], rows, cols)


@affine_grid.mistake("You cut the coordinates at −1 and 1. The grid may leave the image; the sampler deals with that.")
def grid_kept_inside(theta, rows, cols):
    return tuple(np.clip(values, -1, 1) for values in _grid_oracle(theta, rows, cols))


@affine_grid.mistake("The shift is added before the matrix. θ's last column is added as it is, after the products.")
def grid_shifts_first(theta, rows, cols):
    x, y = np.meshgrid(np.linspace(-1, 1, cols) + theta[0, 2], np.linspace(-1, 1, rows) + theta[1, 2])
    return theta[0, 0] * x + theta[0, 1] * y, theta[1, 0] * x + theta[1, 1] * y


# --- crop_theta --------------------------------------------------------------------------------


def _crop_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = int(generator.integers(12, 20)), int(generator.integers(24, 32))
    top, left = int(generator.integers(1, 5)), int(generator.integers(6, 12))
    height, width = 2 * int(generator.integers(2, 4)), 2 * int(generator.integers(4, 6))
    window = {"top": top, "left": left, "height": height, "width": width}
    yield Case({**window, "rows": rows, "cols": cols}, "numbers")  # a centre between two pixels
    window = {"top": left, "left": 0, "height": width + 1, "width": height + 1}
    yield Case({**window, "rows": cols, "cols": rows}, "numbers")  # a tall image, a centre on a pixel
    window = {"top": top, "left": left, "height": 1, "width": width + 1}
    yield Case({**window, "rows": rows, "cols": cols}, "numbers")  # a single row of pixels


def _crop_oracle(top, left, height, width, rows, cols):
    # A straight line an axis: the window's two ends must fall on the centres of two known pixels.
    def line(first, count, size):
        ends = 2 * np.array([first, first + count - 1]) / (size - 1) - 1
        return np.linalg.solve([[-1, 1], [1, 1]], ends)

    (scale_x, shift_x), (scale_y, shift_y) = line(left, width, cols), line(top, height, rows)
    return np.array([[scale_x, 0, shift_x], [0, scale_y, shift_y]])


crop_theta = Exercise(
    name="crop_theta",
    title="Aim at a rectangle",
    points={"numbers": 2},
    minutes=12,
    difficulty=2,
    oracle=_crop_oracle,
    examples=(
        Case(
            {"top": 2, "left": 4, "height": 2, "width": 5, "rows": 5, "cols": 9},
            "numbers",
            "worked out above",
            known=[[0.5, 0.0, 0.5], [0.0, 0.25, 0.25]],
        ),
        Case(
            {"top": 0, "left": 0, "height": 7, "width": 4, "rows": 7, "cols": 4},
            "numbers",
            "the whole image: the identity",
            known=[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        ),
    ),
    cases=_crop_cases,
    hints=(
        "No turning: only θ₁₁, θ₁₃ (for x) and θ₂₂, θ₂₃ (for y) are not 0.",
        "The scale is the share of the image's steps that the window covers: `(width - 1) / (cols - 1)`.",
        "The centre is at pixel `left + (width - 1) / 2`; a pixel p of `cols` has the coordinate `2 * p / (cols - 1) - 1`.",
    ),
)


@crop_theta.mistake(
    "Your window is measured from edge to edge. Here −1 and 1 are pixel centres, so use steps: `(width - 1) / (cols - 1)`, and likewise for the centre."
)
def crop_shares_of_the_size(top, left, height, width, rows, cols):
    shift_x, shift_y = (2 * left + width) / cols - 1, (2 * top + height) / rows - 1
    return np.array([[width / cols, 0, shift_x], [0, height / rows, shift_y]])


@crop_theta.mistake("Rows and columns are exchanged. θ's first row is x: it needs left, width and cols.")
def crop_rows_for_x(top, left, height, width, rows, cols):
    return _crop_oracle(left, top, width, height, cols, rows)


@crop_theta.mistake("The shift says where the window's centre lies (its coordinate 0), not its top left corner.")
def crop_shifted_to_its_corner(top, left, height, width, rows, cols):
    theta = _crop_oracle(top, left, height, width, rows, cols)
    theta[:, 2] = [2 * left / (cols - 1) - 1, 2 * top / (rows - 1) - 1]
    return theta


@crop_theta.mistake("This is the inverse: it maps image to window. θ maps window to image, so a small window has a small scale.")
def crop_turned_round(top, left, height, width, rows, cols):
    matrix = np.vstack([_crop_oracle(top, left, height, width, rows, cols), [0, 0, 1]])
    return np.linalg.inv(matrix)[:2]


@crop_theta.mistake("The shift is still in pixels. Bring the centre to −1 … 1, as the grid is.")
def crop_shift_in_pixels(top, left, height, width, rows, cols):
    theta = _crop_oracle(top, left, height, width, rows, cols)
    theta[:, 2] = [left + (width - 1) / 2, top + (height - 1) / 2]
    return theta


@crop_theta.mistake("The centre is half a pixel too far: it lies at left + (width − 1)/2 and top + (height − 1)/2.")
def crop_centre_too_far(top, left, height, width, rows, cols):
    theta = _crop_oracle(top, left, height, width, rows, cols)
    theta[:, 2] = [2 * (left + width / 2) / (cols - 1) - 1, 2 * (top + height / 2) / (rows - 1) - 1]
    return theta


@crop_theta.mistake("The shift lacks − 1: a coordinate begins at −1, not at 0.")
def crop_shift_from_zero(top, left, height, width, rows, cols):
    return _crop_oracle(top, left, height, width, rows, cols) + np.array([[0, 0, 1], [0, 0, 1]])


# --- bilinear_sample ---------------------------------------------------------------------------

BORDER = "border"


def _image(generator: np.random.Generator, rows: int = 5, cols: int = 7) -> np.ndarray:
    """Whole numbers, none of them 0, so that a result stored as integers shows."""
    return generator.integers(1, 30, size=(rows, cols))


def _fractions(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Between 0.1 and 0.9, away from 0.5: no ties for those who round."""
    return np.where(generator.random(shape) < 0.5, generator.uniform(0.1, 0.4, shape), generator.uniform(0.6, 0.9, shape)).round(
        3
    )


def _points_inside(generator: np.random.Generator, rows: int, cols: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    y = generator.integers(0, rows - 1, size=shape) + _fractions(generator, *shape)
    return y, generator.integers(0, cols - 1, size=shape) + _fractions(generator, *shape)


def _points_over_the_border(generator: np.random.Generator, rows: int, cols: int) -> tuple[np.ndarray, np.ndarray]:
    """One over each side by less than a pixel, and two far away."""
    share = _fractions(generator, 6)
    inner_y, inner_x = _points_inside(generator, rows, cols, 6)
    y = np.where([1, 0, 0, 0, 0, 0], -share, np.where([0, 1, 0, 0, 0, 0], rows - 1 + share, inner_y))
    x = np.where([0, 0, 1, 0, 0, 0], -share, np.where([0, 0, 0, 1, 0, 0], cols - 1 + share, inner_x))
    y[4], x[5] = rows + 2.25, -3.25
    return y, x


# Points farther out than a small image is long, on each of its four sides, and one inside.
FAR = {"y": np.array([-20.5, 0.5, 0.25, 30.5, 0.75]), "x": np.array([1.25, -20.5, 1.75, 0.5, 30.5])}


def _sample_cases(generator: np.random.Generator) -> Iterator[Case]:
    image = _image(generator)
    y, x = _points_inside(generator, 5, 7, 3, 4)
    y[0, 0], x[0, 0] = 4.0, 6.0  # exactly on the last pixel
    yield Case({"image": image, "y": y, "x": x}, INSIDE)
    yield Case({"image": image.astype(np.uint8), "y": y[:1, ::-1], "x": x[:1, ::-1]}, INSIDE)
    y, x = _points_over_the_border(generator, 7, 5)
    yield Case({"image": _image(generator, 7, 5) + 0.5, "y": y, "x": x}, BORDER)
    share = _fractions(generator, 3)
    yield Case({"image": _image(generator, 1, 4), "y": share - [0, 1, 0], "x": share[::-1] - [-1, 1, -3]}, BORDER)  # one row
    yield Case({"image": _image(generator, 2, 3), **FAR}, BORDER)


def _sampled(image, y, x, mode="grid-constant", order=1):
    places = [np.asarray(y, dtype=float), np.asarray(x, dtype=float)]
    return scipy.ndimage.map_coordinates(np.asarray(image, dtype=float), places, order=order, mode=mode, cval=0.0)


bilinear_sample = Exercise(
    name="bilinear_sample",
    title="The bilinear sampler",
    points={INSIDE: 1, BORDER: 1},
    minutes=20,
    difficulty=3,
    oracle=_sampled,
    examples=(
        Case(
            {"image": np.array([[10, 20], [30, 60]]), "y": np.array([0.25]), "x": np.array([0.5])},
            INSIDE,
            "worked out above",
            known=[22.5],
        ),
        Case(
            {
                "image": np.array([[1.0, 2.0, 4.0], [8.0, 3.0, 5.0]]),
                "y": np.array([[0.5, 1.0], [0.0, 1.5]]),
                "x": np.array([[0.0, 2.0], [-0.25, 2.0]]),
            },
            BORDER,
            "outside there are zeros",
            known=[[4.5, 5.0], [0.75, 2.5]],
        ),
    ),
    cases=_sample_cases,
    forbidden=("map_coordinates",),
    hints=(
        "A point has four neighbours: rows ⌊y⌋ and ⌊y⌋ + 1, columns ⌊x⌋ and ⌊x⌋ + 1. Everything farther away has weight 0.",
        "Loop over these four. Weight: `(1 - abs(y - row)) * (1 - abs(x - col))`. To be safe at the border, ask first which of them lie in the image.",
        "Or put a frame of zeros around the image with `np.pad` and add its width to y and x; points farther out than the frame can be clipped to it.",
    ),
)


@bilinear_sample.mistake("y and x are exchanged: y picks the row, x the column. An array is read as `image[row, col]`.")
def sample_x_for_rows(image, y, x):
    return _sampled(image, x, y)


@bilinear_sample.mistake(
    "Each weight is given to the pixel on the other side. The nearer pixel gets the larger weight: the upper row counts 1 − (y − top)."
)
def sample_with_exchanged_weights(image, y, x):
    return _sampled(image, 2 * np.floor(y) + 1 - y, 2 * np.floor(x) + 1 - x)


@bilinear_sample.mistake("This is the closest pixel. Mix all four neighbours, each by its weight (1 − |y − row|)(1 − |x − col|).")
def sample_the_closest_pixel(image, y, x):
    return _sampled(image, y, x, order=0)


@bilinear_sample.mistake(
    "You continued the image with its border pixels. Outside there are zeros: a neighbour that is not in the image adds nothing."
)
def sample_repeats_the_edge(image, y, x):
    return _sampled(image, y, x, mode="nearest")


@bilinear_sample.mistake(
    "You gave 0 to every point outside. A point less than one step beyond the border still has neighbours inside; they count with their weight."
)
def sample_cuts_at_the_edge(image, y, x):
    return _sampled(image, y, x, mode="constant")


@bilinear_sample.mistake(
    "Index −1 reads the last row, so the image begins again at its border. A neighbour outside must add nothing."
)
def sample_from_the_other_side(image, y, x):
    return _sampled(image, y, x, mode="grid-wrap")


@bilinear_sample.mistake("`int` cuts towards zero: −0.3 becomes 0, not −1. Use `np.floor`, which always goes down.")
def sample_with_int_for_floor(image, y, x):
    def pixel(r, c):
        valid = (r >= 0) & (r < image.shape[0]) & (c >= 0) & (c < image.shape[1])
        return np.where(valid, image[np.clip(r, 0, image.shape[0] - 1), np.clip(c, 0, image.shape[1] - 1)], 0)

    r, c = np.asarray(y).astype(int), np.asarray(x).astype(int)
    down, right = y - r, x - c
    above = (1 - right) * pixel(r, c) + right * pixel(r, c + 1)
    below = (1 - right) * pixel(r + 1, c) + right * pixel(r + 1, c + 1)
    return (1 - down) * above + down * below


@bilinear_sample.mistake(
    "The fractions are lost: your result has the image's integer type. Begin with a float array, `np.zeros(y.shape)`."
)
def sample_in_integers(image, y, x):
    return _sampled(image, y, x).astype(np.asarray(image).dtype)


@bilinear_sample.mistake(
    "Neighbours outside are moved onto the border, and the weights are taken from there. Outside there are zeros: weigh first."
)
def sample_weighs_clipped_corners(image, y, x):
    rows, cols = np.shape(image)
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    (top, bottom), (left, right) = (
        (np.clip(first, 0, count - 1), np.clip(first + 1, 0, count - 1)) for first, count in ((top, rows), (left, cols))
    )
    pixels = np.asarray(image, dtype=float)
    above = pixels[top, left] * (right - x) + pixels[top, right] * (x - left)
    below = pixels[bottom, left] * (right - x) + pixels[bottom, right] * (x - left)
    return above * (bottom - y) + below * (y - top)


@bilinear_sample.mistake(
    "For a point between −1 and 0, `int` gives 0: floor is −1. So a neighbour is missing or has a wrong weight."
)
def sample_from_zero_on(image, y, x):
    pixels, flat = np.asarray(image, dtype=float), []
    for row, col in zip(np.ravel(y), np.ravel(x), strict=True):
        corners = [(int(row) + down, int(col) + right) for down in (0, 1) for right in (0, 1)]
        inside = [(r, c) for r, c in corners if 0 <= r < pixels.shape[0] and 0 <= c < pixels.shape[1]]
        flat.append(sum(pixels[r, c] * (1 - abs(row - r)) * (1 - abs(col - c)) for r, c in inside))
    return np.reshape(flat, np.shape(y))


@bilinear_sample.mistake(
    "Index −1 reads the last row or column, and what lies farther out is read at the border. A neighbour outside must add nothing."
)
def sample_reads_the_last_row_for_minus_one(image, y, x):
    pixels = np.asarray(image, dtype=float)
    rows, cols = pixels.shape
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    down, right = y - top, x - left

    def read(r, c):
        return pixels[np.clip(r, -rows, rows - 1), np.clip(c, -cols, cols - 1)]

    above = (1 - right) * read(top, left) + right * read(top, left + 1)
    below = (1 - right) * read(top + 1, left) + right * read(top + 1, left + 1)
    return (1 - down) * above + down * below


@bilinear_sample.mistake("Each neighbour counts a quarter. It counts by its closeness: (1 − |y − row|)(1 − |x − col|).")
def sample_of_plain_means(image, y, x):
    y, x = np.floor(y), np.floor(x)
    return sum(_sampled(image, y + down, x + right) for down in (0, 1) for right in (0, 1)) / 4


# --- image_gradient ----------------------------------------------------------------------------

APART, SHARED = "points apart", "shared pixels"


def _scatter_cases(generator: np.random.Generator) -> Iterator[Case]:
    corners = np.array([[0, 0], [0, 3], [2, 1], [3, 5]])
    y, x = (corners + _fractions(generator, 4, 2)).T
    yield Case({"upstream": generator.normal(size=4).round(2), "y": y, "x": x, "rows": 5, "cols": 7}, APART)
    y, x = _points_over_the_border(generator, 4, 6)
    y, x = np.append(y, 1 + _fractions(generator, 2)), np.append(x, 2 + _fractions(generator, 2))
    order = generator.permutation(8)
    upstream = generator.uniform(0.5, 3, size=(2, 4)).round(2)
    yield Case({"upstream": upstream, "y": y[order].reshape(2, 4), "x": x[order].reshape(2, 4), "rows": 4, "cols": 6}, SHARED)
    yield Case({"upstream": generator.uniform(0.5, 3, size=5).round(2), **FAR, "rows": 2, "cols": 3}, SHARED)


def _scatter_oracle(upstream, y, x, rows, cols):
    # The loss is linear in the image, so a central difference with any step is exact.
    gradient = np.zeros((rows, cols))
    for place in np.ndindex(rows, cols):
        image = np.zeros((rows, cols))
        image[place] = 0.5
        gradient[place] = np.sum(upstream * (_sampled(image, y, x) - _sampled(-image, y, x)))
    return gradient


image_gradient = Exercise(
    name="image_gradient",
    title="Back to the image",
    points={APART: 1, SHARED: 1},
    minutes=15,
    difficulty=2,
    oracle=_scatter_oracle,
    examples=(
        Case(
            {"upstream": np.array([8.0]), "y": np.array([0.25]), "x": np.array([0.5]), "rows": 2, "cols": 3},
            APART,
            "weights 3/8, 3/8, 1/8, 1/8",
            known=[[3.0, 3.0, 0.0], [1.0, 1.0, 0.0]],
        ),
        Case(
            {"upstream": np.array([2.0, 4.0]), "y": np.array([0.0, 0.5]), "x": np.array([0.5, 1.0]), "rows": 2, "cols": 2},
            SHARED,
            "both points use pixel (0, 1)",
            known=[[1.0, 3.0], [0.0, 2.0]],
        ),
    ),
    cases=_scatter_cases,
    hints=(
        "V is a weighted sum of pixels. So the derivative of V with respect to a pixel is that pixel's weight.",
        "Go through the points. Each adds `upstream * weight` to its four neighbours, with the same weights as in the sampler.",
        "`for amount, r, c in zip(upstream.ravel(), y.ravel(), x.ravel())` gives one point after the other.",
    ),
)


def _scattered(upstream, y, x, rows, cols, add=True, clamp=False):
    gradient = np.zeros((rows, cols))
    upstream, y, x = (np.ravel(values) for values in (upstream, y, x))
    for row_step in (0, 1):
        for col_step in (0, 1):
            r, c = np.floor(y).astype(int) + row_step, np.floor(x).astype(int) + col_step
            amount = upstream * (1 - np.abs(y - r)) * (1 - np.abs(x - c))
            valid = (r >= 0) & (r < rows) & (c >= 0) & (c < cols)
            if clamp:
                r, c, valid = np.clip(r, 0, rows - 1), np.clip(c, 0, cols - 1), np.abs(y) < rows + 1
            if add:
                np.add.at(gradient, (r[valid], c[valid]), amount[valid])
            else:
                gradient[r[valid], c[valid]] += amount[valid]
    return gradient


@image_gradient.mistake(
    "Where several points share a pixel, only one of them counts. `gradient[rows, cols] += …` with arrays of indices adds once for each place; use `np.add.at`, or a loop."
)
def scatter_counts_a_pixel_once(upstream, y, x, rows, cols):
    return _scattered(upstream, y, x, rows, cols, add=False)


@image_gradient.mistake("A pixel that serves several points gets the sum of all: use `+=`, not `=`.")
def scatter_overwrites(upstream, y, x, rows, cols):
    gradient = np.zeros((rows, cols))
    for amount, r, c in zip(np.ravel(upstream), np.ravel(y), np.ravel(x), strict=True):
        for i, j in np.ndindex(rows, cols):
            weight = max(0, 1 - abs(r - i)) * max(0, 1 - abs(c - j))
            if weight > 0:
                gradient[i, j] = amount * weight
    return gradient


@image_gradient.mistake("These are the weights alone. Multiply each by its point's `upstream`: the chain rule.")
def scatter_without_upstream(upstream, y, x, rows, cols):
    return _scattered(np.ones_like(upstream), y, x, rows, cols)


@image_gradient.mistake(
    "All goes to the closest pixel. Each of the four neighbours gets its share: the weight that it had when the point was sampled."
)
def scatter_to_the_closest_pixel(upstream, y, x, rows, cols):
    return _scattered(upstream, np.round(y), np.round(x), rows, cols)


@image_gradient.mistake("y and x are exchanged: y is measured along the rows.")
def scatter_x_for_rows(upstream, y, x, rows, cols):
    return _scattered(upstream, x, y, rows, cols)


@image_gradient.mistake(
    "What belongs to neighbours outside the image was added to its border. Those neighbours are constant zeros: leave their share out."
)
def scatter_piles_up_at_the_edge(upstream, y, x, rows, cols):
    return _scattered(upstream, y, x, rows, cols, clamp=True)


@image_gradient.mistake("Each neighbour gets a quarter. It gets the weight that it had when the point was sampled.")
def scatter_in_quarters(upstream, y, x, rows, cols):
    gradient = np.zeros((rows, cols))
    for amount, row, col in zip(np.ravel(upstream), np.floor(np.ravel(y)), np.floor(np.ravel(x)), strict=True):
        for r, c in ((int(row) + down, int(col) + right) for down in (0, 1) for right in (0, 1)):
            if 0 <= r < rows and 0 <= c < cols:
                gradient[r, c] += amount / 4
    return gradient


@image_gradient.mistake("The weights are exchanged: the pixel that is nearer to the point gets the larger share.")
def scatter_with_exchanged_weights(upstream, y, x, rows, cols):
    y, x = np.asarray(y), np.asarray(x)
    return _scattered(upstream, 2 * np.floor(y) + 1 - y, 2 * np.floor(x) + 1 - x, rows, cols)


@image_gradient.mistake("All goes to the upper left neighbour. Each of the four neighbours gets its share.")
def scatter_to_the_upper_left(upstream, y, x, rows, cols):
    return _scattered(upstream, np.floor(y), np.floor(x), rows, cols)


@image_gradient.mistake("Points over the border are left out wholly. Their neighbours inside the image still get their shares.")
def scatter_skips_the_border(upstream, y, x, rows, cols):
    y, x = np.asarray(y), np.asarray(x)
    inside = (y >= 0) & (y <= rows - 1) & (x >= 0) & (x <= cols - 1)
    return _scattered(np.where(inside, upstream, 0), y, x, rows, cols)


# --- coordinate_gradient -----------------------------------------------------------------------


def _slope_cases(generator: np.random.Generator) -> Iterator[Case]:
    y, x = _points_inside(generator, 5, 7, 2, 3)
    yield Case({"image": _image(generator), "y": y, "x": x}, INSIDE)
    y, x = _points_over_the_border(generator, 7, 5)
    yield Case({"image": _image(generator, 7, 5) + 0.5, "y": y, "x": x}, BORDER)
    yield Case({"image": _image(generator, 2, 3), **FAR}, BORDER)


def _differences(image, y, x, mode="grid-constant", step=1e-4):
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    along_y = (_sampled(image, y + step, x, mode) - _sampled(image, y - step, x, mode)) / (2 * step)
    return along_y, (_sampled(image, y, x + step, mode) - _sampled(image, y, x - step, mode)) / (2 * step)


coordinate_gradient = Exercise(
    name="coordinate_gradient",
    title="Back to the coordinates",
    results=("∂V/∂y", "∂V/∂x"),
    points={INSIDE: 1, BORDER: 1},
    minutes=20,
    difficulty=3,
    oracle=_differences,
    examples=(
        Case(
            {"image": np.array([[10, 20], [30, 60]]), "y": np.array([0.25]), "x": np.array([0.5])},
            INSIDE,
            "worked out above",
            known=([30.0], [15.0]),
        ),
        Case(
            {"image": np.array([[8.0, 2.0, 4.0], [6.0, 3.0, 5.0]]), "y": np.array([-0.75, 0.5]), "x": np.array([0.5, 7.5])},
            BORDER,
            "one over the edge, one lost outside",
            known=([5.0, 0.0], [-1.5, 0.0]),
        ),
    ),
    cases=_slope_cases,
    hints=(
        "In the sum, only one factor holds y: 1 − |y − row|. Its derivative is −1 for the upper row and +1 for the lower one.",
        "So ∂V/∂y = (lower left − upper left) · (1 − b) + (lower right − upper right) · b, with b = x − ⌊x⌋.",
        "Read the four neighbours with your own sampler: `bilinear_sample(image, np.floor(y) + 1, x)` is the value on the lower side of the cell, "
        "already mixed along x, with zeros outside.",
    ),
)


@coordinate_gradient.mistake("The two results are exchanged. The change along y (down the rows) comes first.")
def slope_x_before_y(image, y, x):
    return _differences(image, y, x)[::-1]


@coordinate_gradient.mistake("Both signs are wrong. A step down goes towards the lower row: lower minus upper.")
def slope_with_wrong_sign(image, y, x):
    return tuple(-values for values in _differences(image, y, x))


@coordinate_gradient.mistake(
    "You took the difference along one side of the cell only. There are two sides; mix them by the other coordinate's weights."
)
def slope_along_one_edge(image, y, x):
    return _differences(image, y, np.floor(x))[0], _differences(image, np.floor(y), x)[1]


@coordinate_gradient.mistake(
    "The two sides are mixed with each other's weights. The side that is nearer to the point counts more."
)
def slope_with_exchanged_weights(image, y, x):
    return _differences(image, y, 2 * np.floor(x) + 1 - x)[0], _differences(image, 2 * np.floor(y) + 1 - y, x)[1]


@coordinate_gradient.mistake(
    "This is the slope at the closest pixel, over two steps. The sampler's own slope uses only the four neighbours of the point."
)
def slope_of_the_closest_pixel(image, y, x):
    down, right = np.gradient(np.asarray(image, dtype=float))
    return _sampled(down, y, x, order=0), _sampled(right, y, x, order=0)


@coordinate_gradient.mistake(
    "A point less than one step outside still has neighbours inside, so it has a slope: only points farther out have none."
)
def slope_none_at_the_border(image, y, x):
    inside = (y >= 0) & (y <= image.shape[0] - 1) & (x >= 0) & (x <= image.shape[1] - 1)
    return tuple(values * inside for values in _differences(image, y, x))


@coordinate_gradient.mistake(
    "You continued the image with its border pixels. Outside there are zeros, so the value falls there, and that is a slope."
)
def slope_repeats_the_edge(image, y, x):
    return _differences(image, y, x, mode="nearest")


@coordinate_gradient.mistake(
    "You compare V one whole pixel farther on with V here. The slope is that inside the cell, between ⌊y⌋ and ⌊y⌋ + 1."
)
def slope_one_pixel_on(image, y, x):
    here = _sampled(image, y, x)
    return _sampled(image, y + 1, x) - here, _sampled(image, y, x + 1) - here


@coordinate_gradient.mistake("You take the slope over two pixels, (V(y + 1) − V(y − 1))/2. Only the cell with the point counts.")
def slope_over_two_pixels(image, y, x):
    along_y = (_sampled(image, y + 1, x) - _sampled(image, y - 1, x)) / 2
    return along_y, (_sampled(image, y, x + 1) - _sampled(image, y, x - 1)) / 2


# --- theta_gradient ----------------------------------------------------------------------------


def _theta_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = int(generator.integers(3, 5)), int(generator.integers(5, 7))
    upstream_x, upstream_y = (generator.normal(size=(rows, cols)).round(2) + 0.3 for _ in range(2))
    yield Case({"upstream_x": upstream_x, "upstream_y": upstream_y}, "numbers")
    tall = generator.integers(-5, 6, size=(2, cols, 2))
    yield Case({"upstream_x": tall[0], "upstream_y": tall[1]}, "numbers")


def _theta_oracle(upstream_x, upstream_y):
    # The grid is linear in theta: its change for one more of a number is the derivative.
    rows, cols = np.shape(upstream_x)
    gradient = np.zeros((2, 3))
    for place in np.ndindex(2, 3):
        theta = np.array([[1.5, 0.2, 0.1], [-0.2, 1.5, 0.3]])  # never singular, not even after the step
        more = theta.copy()
        more[place] += 1
        (x, y), (new_x, new_y) = _grid_oracle(theta, rows, cols), _grid_oracle(more, rows, cols)
        gradient[place] = np.sum(upstream_x * (new_x - x)) + np.sum(upstream_y * (new_y - y))
    return gradient


theta_gradient = Exercise(
    name="theta_gradient",
    title="Back to the six numbers",
    points={"numbers": 2},
    minutes=12,
    difficulty=2,
    oracle=_theta_oracle,
    examples=(
        Case(
            {
                "upstream_x": np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 4.0]]),
                "upstream_y": np.array([[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]]),
            },
            "numbers",
            "worked out above",
            known=[[5.0, 1.0, 7.0], [-5.0, 5.0, 5.0]],
        ),
    ),
    cases=_theta_cases,
    hints=(
        "x = θ₁₁ x_t + θ₁₂ y_t + θ₁₃ at every point. So ∂x/∂θ₁₁ = x_t, ∂x/∂θ₁₂ = y_t, ∂x/∂θ₁₃ = 1.",
        "Chain rule: the first row is Σ upstream_x · x_t, Σ upstream_x · y_t, Σ upstream_x.",
        "`affine_grid` with the identity for θ gives x_t and y_t.",
    ),
)


@theta_gradient.mistake("The two rows are exchanged: θ's first row makes x, so it hears from `upstream_x` only.")
def theta_rows_exchanged(upstream_x, upstream_y):
    return _theta_oracle(upstream_y, upstream_x)


@theta_gradient.mistake(
    "The first two columns are exchanged. θ₁₁ is multiplied by the window's x, which runs along the columns; θ₁₂ by its y."
)
def theta_x_and_y_of_the_window_exchanged(upstream_x, upstream_y):
    return _theta_oracle(upstream_x, upstream_y)[:, [1, 0, 2]]


@theta_gradient.mistake("You took means. All points share the same θ, so their gradients add up.")
def theta_mean_for_sum(upstream_x, upstream_y):
    return _theta_oracle(upstream_x, upstream_y) / np.size(upstream_x)


@theta_gradient.mistake("The last column is 0. The shift is multiplied by 1 at every point: its gradient is the plain sum.")
def theta_no_shift(upstream_x, upstream_y):
    return _theta_oracle(upstream_x, upstream_y) * np.array([1, 1, 0])


@theta_gradient.mistake("You multiplied by pixel numbers. θ is multiplied by the window's coordinates from −1 to 1; use these.")
def theta_of_pixel_numbers(upstream_x, upstream_y):
    y, x = np.mgrid[: upstream_x.shape[0], : upstream_x.shape[1]]
    return np.array([[np.sum(u * x), np.sum(u * y), np.sum(u)] for u in (upstream_x, upstream_y)])


@theta_gradient.mistake("Right numbers, but lying on their side: θ has 2 rows and 3 columns.")
def theta_three_rows(upstream_x, upstream_y):
    return _theta_oracle(upstream_x, upstream_y).T


@theta_gradient.mistake("The last column counts the points. The shift's gradient is the sum of the upstream numbers.")
def theta_shift_counts_points(upstream_x, upstream_y):
    gradient = _theta_oracle(upstream_x, upstream_y)
    gradient[:, 2] = np.size(upstream_x)
    return gradient


@theta_gradient.mistake("Both rows come from the same upstream numbers. The second row hears from `upstream_y` only.")
def theta_of_one_upstream(upstream_x, upstream_y):
    return _theta_oracle(upstream_x, upstream_x)


@theta_gradient.mistake("Both rows come from the sum of both upstream numbers. Each row of θ makes one coordinate only.")
def theta_of_both_upstreams(upstream_x, upstream_y):
    return _theta_oracle(upstream_x + upstream_y, upstream_x + upstream_y)


# --- localisation_net --------------------------------------------------------------------------


def _net_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = 2 * generator.integers(10, 12) + 1, 2 * generator.integers(12, 15)
    yield Case({"input_shape": (int(rows), int(cols), 2)}, "model", "the first pooling leaves a row over")


def _net(
    input_shape: tuple[int, ...],
    start: Any = (1, 0, 0, 0, 1, 0),
    last: str | None = None,
    hidden: str | None = "relu",
    pool_first: bool = True,
    pool_last: bool = False,
    padding: str = "valid",
    maps_activation: str | None = "relu",
) -> ModelFacts:
    import keras
    from keras import layers

    inputs = keras.Input(input_shape)
    maps = layers.MaxPooling2D(2)(inputs) if pool_first else inputs
    active = hidden and maps_activation and hidden
    maps = layers.MaxPooling2D(2)(layers.Conv2D(8, 5, padding=padding, activation=active)(maps))
    maps = layers.Conv2D(16, 3, padding=padding, activation=active)(maps)
    maps = layers.MaxPooling2D(2)(maps) if pool_last else maps
    units = layers.Dense(32, activation=hidden)(layers.Flatten()(maps))
    model = keras.Model(inputs, layers.Dense(6, activation=last)(units))
    model.layers[-1].set_weights([np.zeros((32, 6)), np.asarray(start, dtype=float)])
    return model_facts(model, own_weights=True)


localisation_net = Exercise(
    name="localisation_net",
    title="The localisation net",
    points={"model": 2},
    minutes=15,
    difficulty=2,
    oracle=_net,
    examples=(
        Case({"input_shape": (32, 32, 1)}, "model", "208 + 1,168 + 8,224 + 198 parameters", known=9798),
        Case({"input_shape": (20, 26, 1)}, "model", "rows and columns differ"),
    ),
    cases=_net_cases,
    tolerance=1e-4,
    hints=(
        'The order: `MaxPooling2D(2)`, `Conv2D(8, 5)`, `MaxPooling2D(2)`, `Conv2D(16, 3)`, `Flatten()`, `Dense(32)`, `Dense(6)`. The convolutions and the first dense layer have `activation="relu"`.',
        "Begin a `keras.Sequential` with `keras.Input(input_shape)`. Then the last layer has its weights at once, and you can set them.",
        "θ = features · kernel + bias. For *any* image it is 1 0 0 / 0 1 0 only if the kernel is all 0 and the bias holds these "
        "six numbers. The last layer's `set_weights` takes a list of two arrays, of the shapes (32, 6) and (6,).",
    ),
)


@localisation_net.mistake(
    "θ is 0 at the start: the whole grid sits on one point, the centre. The bias must be the identity, 1 0 0 0 1 0."
)
def net_starts_at_zero(input_shape):
    return _net(input_shape, start=np.zeros(6))


@localisation_net.mistake("The bias is in the wrong order. θ is filled row by row: 1 0 0, then 0 1 0.")
def net_starts_column_by_column(input_shape):
    return _net(input_shape, start=(1, 0, 0, 1, 0, 0))


@localisation_net.mistake("All six biases are 1. The identity is 1 0 0 in the first row and 0 1 0 in the second.")
def net_starts_at_one(input_shape):
    return _net(input_shape, start=np.ones(6))


@localisation_net.mistake("The last layer has a tanh, which turns 1 into 0.76. θ may be any number: no activation there.")
def net_ends_in_tanh(input_shape):
    return _net(input_shape, last="tanh")


@localisation_net.mistake("The last layer has a ReLU, so θ could never become negative. No activation there.")
def net_ends_in_relu(input_shape):
    return _net(input_shape, last="relu")


@localisation_net.mistake("The hidden layers have no activation, so the whole net is linear. Give them `relu`.")
def net_without_relu(input_shape):
    return _net(input_shape, hidden=None)


@localisation_net.mistake(
    "The first pooling is missing. It comes before the first convolution: for finding a digit, half the resolution is enough."
)
def net_without_first_pooling(input_shape):
    return _net(input_shape, pool_first=False)


@localisation_net.mistake('The convolutions have `padding="same"`. Here they are valid: leave the padding out.')
def net_with_same_padding(input_shape):
    return _net(input_shape, padding="same")


@localisation_net.mistake("Pooling comes behind both convolutions. It belongs before each of them.")
def net_pools_behind(input_shape):
    return _net(input_shape, pool_first=False, pool_last=True)


@localisation_net.mistake("The ReLUs of the two convolutions are missing.")
def net_with_linear_convolutions(input_shape):
    return _net(input_shape, maps_activation=None)


@localisation_net.mistake("The hidden layers have a tanh. Give them ReLU.")
def net_with_tanh(input_shape):
    return _net(input_shape, hidden="tanh")


# --- frame_word ----------------------------------------------------------------------------------


def _word_cases(generator: np.random.Generator) -> Iterator[Case]:
    for sign in generator.permutation([-1, 1]):
        angle, length = np.deg2rad(sign * generator.uniform(20, 70)), generator.uniform(0.35, 0.6)
        half, ahead = round(float(generator.uniform(0.04, 0.07)), 3), np.array([np.cos(angle), np.sin(angle)])
        along = np.array([-1, *np.sort(generator.uniform(-0.9, 0.9, size=5)), 1])
        aside = np.array([0, *generator.uniform(-0.8, 0.8, size=5), 0]) * half
        beside = np.array([-ahead[1], ahead[0]])
        middle = generator.uniform(-0.3, 0.3, size=2)
        points = (middle + length * np.outer(along, ahead) + np.outer(aside, beside)).round(3)
        yield Case({"points": points, "half": half, "area": round(1.15 * length * half, 4)}, "window")


def _word_window(points, half, area, stretch=1.0, mirror=1, across_first=False):
    """From the angle of the line; the keywords make the usual mistakes."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    angle, length = np.arctan2(y1 - y0, x1 - x0), np.hypot(x1 - x0, y1 - y0) / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    theta = (turn.T if across_first else turn) * [stretch * length, mirror * half]
    return np.column_stack([theta, [(x0 + x1) / 2, (y0 + y1) / 2]])


def _word_misses(result, points, half, area):
    theta = np.asarray(result, float)
    if theta.shape != (2, 3) or not np.abs(theta).max() <= 10:  # no infinity, nothing that overflows below
        return f"θ is an array of shape (2, 3) of numbers from −10 to 10; yours has the shape {theta.shape}."
    size = float(np.linalg.det(theta[:, :2]))
    if size <= 1e-9:
        return "The window is mirrored, or has no area. When its x points to the right, its y must point down."
    seen = np.linalg.solve(theta[:, :2], (points - theta[:, 2]).T)
    farthest = float(np.abs(seen).max())
    if farthest > 1 + 1e-6:
        return f"In the window's coordinates a point lies at {farthest:.3g}; between −1 and 1 is asked."
    return "" if size <= area else f"The window has {size:.3g} of the image's area; at most {area:.3g} is allowed."


frame_word = Exercise(
    name="frame_word",
    title="Design: a window for a slanted word",
    points={"window": 1},
    minutes=15,
    difficulty=3,
    oracle=_word_window,
    meets=_word_misses,
    examples=(
        Case(
            {"points": np.array([[-0.4, -0.3], [0.06, 0.02], [0.4, 0.3]]), "half": 0.1, "area": 0.06},
            "window",
            "half the line is (0.4, 0.3), of length 0.5; the area is 0.5 · 0.1 = 0.05",
            known=[[0.4, -0.06, 0.0], [0.3, 0.08, 0.0]],
        ),
        Case(
            {"points": np.array([[0.0, 0.8], [0.22, 0.5], [0.4, 0.2]]), "half": 0.05, "area": 0.02},
            "window",
            "a word that climbs",
        ),
    ),
    cases=_word_cases,
    hints=(
        "What does θ make of the window's points (0, 0), (1, 0) and (0, 1)? Choose where these three should lie.",
        "The third column is the middle of the line, the first is the way from there to the line's end. The second must stand at right angles to the first.",
        "A way of (4, 3) has the length 5. Turned by a right angle it is (−3, 4). For a half height of 1 it must be shortened to (−0.6, 0.8).",
    ),
)


@frame_word.mistake("Your window is upright. Around a slanted word such a box is mostly empty: turn the window.")
def word_in_an_upright_box(points, half, area):
    low, high = points.min(axis=0), points.max(axis=0)
    (sx, sy), (tx, ty) = (high - low) / 2, (high + low) / 2
    return np.array([[sx, 0, tx], [0, sy, ty]])


@frame_word.mistake("Your window is mirrored: its y points up when its x points to the right. Turn the second column round.")
def word_mirrored(points, half, area):
    return _word_window(points, half, area, mirror=-1)


@frame_word.mistake("The window turns the other way. θ's first column is where the window's x leads in the image.")
def word_turned_the_other_way(points, half, area):
    return _word_window(points, half, area, across_first=True)


@frame_word.mistake(
    "Your window is twice as long as the word: from −1 to 1 are two units, so the first column is half of the way."
)
def word_twice_as_long(points, half, area):
    return _word_window(points, half, area, stretch=2.0)


@frame_word.mistake("This is the whole image. Move, turn and shrink the window.")
def word_in_the_whole_image(points, half, area):
    return np.eye(2, 3)


# --- sampled_row ---------------------------------------------------------------------------------


def _row_cases(generator: np.random.Generator) -> Iterator[Case]:
    row = fractions(generator, int(generator.integers(5, 9)))
    inside = generator.uniform(0.05, len(row) - 1.05, size=3)
    beyond = [-1, 0, len(row) - 1, len(row)] - generator.uniform(0.1, 0.9, size=4) * [1, 1, -1, -1]
    yield Case({"row": row, "x": np.append(beyond, inside).round(2)}, "values")


def _truncated(row, x):
    left = x.astype(int)
    share = x - left
    padded = np.pad(row, 2)
    return (1 - share) * padded[left + 2] + share * padded[left + 3]


sampled_row = Exercise(
    name="sampled_row",
    title="Repair: a seam on the left",
    points={"values": 1},
    minutes=8,
    difficulty=2,
    oracle=lambda row, x: np.maximum(0, 1 - np.abs(np.subtract.outer(x, np.arange(len(row))))) @ row,
    given=_truncated,
    examples=(
        Case(
            {"row": np.array([10.0, 20.0, 40.0]), "x": np.array([-0.5, 0.25, 1.5, 2.75])},
            "values",
            "half of 10; 7.5 + 5; 10 + 20; a quarter of 40",
            known=[5.0, 12.5, 30.0, 10.0],
        ),
        Case(
            {"row": np.array([8.0, 6.0]), "x": np.array([-1.5, -0.25])},
            "values",
            "outside; three quarters of 8",
            known=[0.0, 6.0],
        ),
    ),
    cases=_row_cases,
    hints=(
        "On the right it fades, on the left it does not. What is different between the numbers there?",
        "Print `left` and `share` for x = 1.5 and for x = −0.5. A share should lie between 0 and 1.",
        "−0.5 lies between −1 and 0, so its left neighbour is −1 and its share 0.5. `astype(int)` drops the digits after the point and makes −0.5 into 0.",
    ),
)


@sampled_row.mistake("The nearest pixel is not always the left one. Round down.")
def row_rounded(row, x):
    left = np.round(x).astype(int)
    padded = np.pad(row, 2)
    return (1 - x + left) * padded[left + 2] + (x - left) * padded[left + 3]


@sampled_row.mistake("The shares are exchanged: the nearer a point is to its right neighbour, the more that one counts.")
def row_with_exchanged_shares(row, x):
    left = np.floor(x).astype(int)
    padded = np.pad(row, 2)
    return (x - left) * padded[left + 2] + (1 - x + left) * padded[left + 3]


@sampled_row.mistake("Outside, the first and the last pixel go on for ever. There are zeros: the value fades out over one pixel.")
def row_held_at_the_ends(row, x):
    return np.interp(x, np.arange(len(row)), row)


@sampled_row.mistake("Outside everything is 0 at once. Over the first pixel beyond the end the value fades out.")
def row_cut_at_the_ends(row, x):
    return np.interp(x, np.arange(len(row)), row, left=0, right=0)


@sampled_row.mistake("This is the closest pixel. A point between two pixels gets a share of each.")
def row_of_closest_pixels(row, x):
    return np.pad(row, 2)[np.floor(x + 0.5).astype(int) + 2]


EXERCISES: tuple[Exercise, ...] = (
    pixel_coordinates,
    affine_grid,
    crop_theta,
    frame_word,
    bilinear_sample,
    sampled_row,
    image_gradient,
    coordinate_gradient,
    theta_gradient,
    localisation_net,
)
