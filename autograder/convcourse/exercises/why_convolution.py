"""Unit 01: what one unit does, and why an image wants convolution."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convcourse.judging.exercise import Case, Exercise

# --- linear_unit -------------------------------------------------------------------------------


def _unit_cases(generator: np.random.Generator) -> Iterator[Case]:
    size = int(generator.integers(3, 8))
    x, w = generator.integers(-5, 6, size=size), generator.normal(size=size).round(2)
    # A bias of the sum's own sign: z stays away from 0, where float32 has few digits left.
    b = float(np.copysign(round(generator.uniform(1, 3), 2), w @ x))
    yield Case({"x": x, "w": w, "b": b}, "number")
    one = {"x": np.abs(x[:1]) + 0.5, "w": w[:1] - 9, "b": -round(generator.uniform(1, 3), 2)}
    yield Case(one, "number", "a single input")


linear_unit = Exercise(
    name="linear_unit",
    title="One unit",
    points={"number": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda x, w, b: float(np.einsum("i,i->", np.asarray(w, float), np.asarray(x, float)) + b),
    examples=(
        Case({"x": np.array([1, 2, 3]), "w": np.array([2, 0, -1]), "b": 0.5}, "number", "worked by hand", known=-0.5),
        Case({"x": np.array([0.0, 0.0]), "w": np.array([4.0, 7.0]), "b": -3.0}, "number", "only the bias is left", known=-3.0),
    ),
    cases=_unit_cases,
    hints=(
        "Multiply weight by input, one by one, and add up.",
        "NumPy writes the sum of products as `np.dot(w, x)`, or `w @ x`.",
        "w = [2, 3], x = [10, 1], b = 4: the dot product is 20 + 3 = 23, and z = 27. Which step is left after the dot product?",
    ),
)


@linear_unit.mistake("The bias b is missing. Add it once, after the sum.")
def unit_without_bias(x, w, b):
    return float(np.dot(w, x))


@linear_unit.mistake("This is the list of products, not their sum. Add them up, then add b.")
def unit_does_not_add_up(x, w, b):
    return w * x + b


@linear_unit.mistake("You applied the threshold already. Here z itself is wanted.")
def unit_with_threshold(x, w, b):
    return float(np.dot(w, x) + b > 0)


@linear_unit.mistake("You take the bias away. Add it.")
def unit_minus_bias(x, w, b):
    return float(np.dot(w, x) - b)


@linear_unit.mistake("The bias is added once for every product. Add up first, then add b once.")
def unit_adds_bias_to_each_product(x, w, b):
    return float(np.sum(w * x + b))


@linear_unit.mistake("Only the last product is left. Add up all products, then add b.")
def unit_of_the_last_product(x, w, b):
    return w[-1] * x[-1] + b


# --- tuned_input -------------------------------------------------------------------------------


def _tuned_cases(generator: np.random.Generator) -> Iterator[Case]:
    w = generator.integers(-6, 7, size=int(generator.integers(2, 7)))
    w[:2] = 4, -3  # never all zeros, and of both signs
    yield Case({"w": w, "norm": float(generator.uniform(1.5, 5).__round__(2))}, "numbers")
    fraction = float(generator.uniform(0.2, 0.8).__round__(2))
    yield Case({"w": np.array([-1 - fraction, 0.0, fraction]), "norm": fraction}, "numbers")
    yield Case({"w": np.array([-1 - fraction]), "norm": 2.5}, "numbers", "a single weight")


tuned_input = Exercise(
    name="tuned_input",
    title="What a unit is looking for",
    points={"numbers": 1},
    minutes=8,
    difficulty=2,
    oracle=lambda w, norm: np.asarray(w, float) * norm / np.sqrt(np.einsum("i,i->", np.asarray(w, float), np.asarray(w, float))),
    examples=(
        Case({"w": np.array([3, 4]), "norm": 10.0}, "numbers", "w has length 5", known=[6.0, 8.0]),
        Case({"w": np.array([0, -2, 0]), "norm": 1.0}, "numbers", known=[0.0, -1.0, 0.0]),
    ),
    cases=_tuned_cases,
    hints=(
        "z = |w| |x| cos θ + b. With |w| and |x| fixed, which angle makes it largest?",
        "The best x points along w. So it is some number times w.",
        "[3, 4] has the length 5, so [3, 4]/5 = [0.6, 0.8] has the length 1. What makes it 10 long? `np.linalg.norm` "
        "gives a length.",
    ),
)


@tuned_input.mistake("The direction is right, the length is not. Divide w by its own length before you multiply by `norm`.")
def tuned_not_brought_to_length_one(w, norm):
    return norm * w


@tuned_input.mistake("This has length 1. Multiply by `norm`.")
def tuned_to_length_one(w, norm):
    return w / np.linalg.norm(w)


@tuned_input.mistake("You divided by the sum of the weights' sizes. The length is the square root of the sum of squares.")
def tuned_by_sum_of_weights(w, norm):
    return norm * w / np.sum(np.abs(w))


@tuned_input.mistake("The signs of the weights are lost. The best input points along w, so it has w's signs.")
def tuned_without_signs(w, norm):
    return norm * np.abs(w) / np.linalg.norm(w)


@tuned_input.mistake("You divided by the sum of squares; the length is its square root.")
def tuned_by_square_of_length(w, norm):
    return norm * w / np.sum(w**2)


@tuned_input.mistake("You divided by the number of weights. Divide by the length of w: the root of the sum of squares.")
def input_divided_by_count(w, norm):
    return norm * np.asarray(w) / len(w)


@tuned_input.mistake("You put everything into the largest weight. The best input points along the whole of w.")
def input_along_the_largest_weight(w, norm):
    return norm * (np.arange(len(w)) == np.argmax(w))


@tuned_input.mistake("All entries have the same size here. In the best input they are in proportion to the weights.")
def input_of_signs(w, norm):
    return norm * np.sign(w) / np.sqrt(len(w))


# --- half_space_region and union_region --------------------------------------------------------


def _points(generator: np.random.Generator, size: int) -> np.ndarray:
    """Whole numbers, so that some points lie exactly on a border."""
    return generator.integers(-3, 4, size=(40, size))


def _region_cases(generator: np.random.Generator) -> Iterator[Case]:
    for size, units in ((2, 3), (3, 2)):
        normals, biases = generator.integers(-2, 3, size=(units, size)), generator.integers(1, 4, size=units)
        normals[:, 0] = np.where(normals[:, 0] == 0, 1, normals[:, 0])
        points = _points(generator, size)
        # Two points for certain: one on the first unit's border, one that a single unit accepts.
        points[0] = 0
        points[0, 0], biases[0] = -biases[0] * np.sign(normals[0, 0]), abs(normals[0, 0]) * biases[0]
        yield Case({"x": points, "W": normals, "b": biases}, "points")
    normal, bias = generator.uniform(0.5, 2, size=(1, 1)).round(2), -generator.uniform(1, 2, size=1).round(2)
    points = np.array([[4.5], [0.25], [-4.5]])  # a negative bias: the origin lies outside
    yield Case({"x": points, "W": normal, "b": bias}, "points", "one unit, on a line")


def _region_oracle(x, W, b):
    return np.array(
        [all(sum(wi * xi for wi, xi in zip(w, point, strict=True)) + c > 0 for w, c in zip(W, b, strict=True)) for point in x]
    )


TRIANGLE = {"W": np.array([[1, 0], [0, 1], [-1, -1]]), "b": np.array([0, 0, 3])}

half_space_region = Exercise(
    name="half_space_region",
    title="A region bounded by units",
    points={"points": 2},
    minutes=12,
    difficulty=2,
    oracle=_region_oracle,
    examples=(
        Case(
            {"x": np.array([[1, 1], [2, 2], [0, 1], [-1, 1]]), **TRIANGLE},
            "points",
            "a triangle: inside, beyond the slope, on an edge, outside",
            known=[True, False, False, False],
        ),
        Case(
            {"x": np.array([[0.5, 0.0, 0.0]]), "W": np.array([[2.0, 0.0, 0.0]]), "b": np.array([-1.5])}, "points", known=[False]
        ),
    ),
    cases=_region_cases,
    hints=(
        "Compute z for all points and all units at once: a table with a row for each point and a column for each unit.",
        "`x @ W.T` has shape (points, units); adding `b` adds the right bias to each column.",
        "`np.all(..., axis=1)` asks each row whether all of its entries are True.",
    ),
)


@half_space_region.mistake("You accept a point when any unit accepts it. Inside the region all units must.")
def region_of_any_unit(x, W, b):
    return np.any(x @ W.T + b > 0, axis=1)


@half_space_region.mistake("The biases are missing, so all borders go through the origin.")
def region_without_bias(x, W, b):
    return np.all(x @ W.T > 0, axis=1)


@half_space_region.mistake("You take the biases away. Add them.")
def region_minus_bias(x, W, b):
    return np.all(x @ W.T - b > 0, axis=1)


@half_space_region.mistake("Points on a border (z = 0) do not count: use `>`, not `>=`.")
def region_with_its_border(x, W, b):
    return np.all(x @ W.T + b >= 0, axis=1)


@half_space_region.mistake("This has one column for each unit. Ask for each point whether all of its units say yes.")
def region_unit_by_unit(x, W, b):
    return x @ W.T + b > 0


@half_space_region.mistake("These are the points outside. Leave out the negation.")
def region_outside(x, W, b):
    return ~np.all(x @ W.T + b > 0, axis=1)


@half_space_region.mistake("Only the first unit is asked. All units must accept the point.")
def region_of_the_first_unit(x, W, b):
    return x @ W[0] + b[0] > 0


@half_space_region.mistake("Only the last unit is asked. All units must accept the point.")
def region_of_the_last_unit(x, W, b):
    return x @ W[-1] + b[-1] > 0


def _fence_cases(generator: np.random.Generator) -> Iterator[Case]:
    for _ in range(2):
        centre, radius = generator.uniform(-5, 5, size=2).round(2), round(float(generator.uniform(0.3, 4)), 2)
        yield Case({"centre": centre, "radius": radius}, "region")


def _fence_of(sides):
    def fence(centre, radius):
        angles = 2 * np.pi * np.arange(sides) / sides
        W = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        return W, 1.01 * radius - W @ centre

    return fence


def _fence_misses(result, centre, radius):
    """Seen from the centre: how far does the region reach in each direction?"""
    W, b = (np.asarray(part, float) for part in result)
    if W.ndim != 2 or W.shape[1] != 2 or b.shape != (len(W),):
        return f"`W` should have shape (units, 2) and `b` (units,); yours are {W.shape} and {b.shape}."
    if not (np.isfinite(W).all() and np.isfinite(b).all()):
        return "Some of the numbers are not finite."
    if len(W) > 8:
        return f"At most 8 units are allowed; yours has {len(W)}."
    at_centre = W @ centre + b
    angles = np.linspace(0, 2 * np.pi, 3600, endpoint=False)
    slopes = np.stack([np.cos(angles), np.sin(angles)], axis=1) @ W.T
    reach = np.min(np.where(slopes < 0, at_centre / np.where(slopes < 0, -slopes, 1), np.inf), axis=1)
    if (at_centre <= 0).any() or reach.min() <= radius:
        inside = max(0.0, float(reach.min())) / radius if (at_centre > 0).all() else 0.0
        return f"Some points of the disc are outside: in one direction the region ends at {inside:.3g} radii from the centre."
    if reach.max() >= 1.2 * radius:
        far = f"{reach.max() / radius:.3g} radii" if np.isfinite(reach.max()) else "without end"
        return f"The whole disc is inside, but in one direction the region reaches {far}; fewer than 1.2 radii are asked."
    return ""


fence_disc = Exercise(
    name="fence_disc",
    title="Design: a fence around a disc",
    points={"region": 1},
    minutes=15,
    difficulty=2,
    oracle=_fence_of(8),
    meets=_fence_misses,
    examples=(
        Case(
            {"centre": np.array([0.0, 0.0]), "radius": 1.0},
            "region",
            "around the origin",
            known=_fence_of(6)(np.zeros(2), 1.0),
        ),
        Case({"centre": np.array([2.0, -1.0]), "radius": 0.5}, "region"),
    ),
    cases=_fence_cases,
    hints=(
        "Spread the units' directions evenly around the circle. In which direction does the region then reach farthest?",
        "With weights of length 1, a unit's border stands at the distance `w @ centre + b` from the centre.",
        "Four units make a square. Its sides are 1 radius from the centre and its corners √2 = 1.41: too far. Work out the corners "
        "of a regular polygon with six sides before you choose.",
    ),
)


@fence_disc.mistake("A square's corners are 1.41 radii away. Take more units.")
def fence_of_four(centre, radius):
    return _fence_of(4)(centre, radius)


@fence_disc.mistake("The borders go around the origin. Move them to the centre: the bias does that.")
def fence_around_the_origin(centre, radius):
    W, _ = _fence_of(8)(centre, radius)
    return W, np.full(8, 1.01 * radius)


@fence_disc.mistake("Every unit accepts the outer side. Turn the weights and the biases round.")
def fence_turned_outwards(centre, radius):
    W, b = _fence_of(8)(centre, radius)
    return W, -b


@fence_disc.mistake("The bias moves the border the other way: w·centre has to be taken away.")
def fence_moved_the_other_way(centre, radius):
    W, _ = _fence_of(8)(centre, radius)
    return W, 1.01 * radius + W @ centre


def _union_cases(generator: np.random.Generator) -> Iterator[Case]:
    W, b = generator.integers(-2, 3, size=(2, 3, 2)), generator.integers(0, 3, size=(2, 3))
    W[0, 0], b[0, 0] = (1, 0), 1  # region 1 lies to the right of -1, region 2 to the left of 1
    W[1, 0], b[1, 0] = (-1, 0), 1
    W[0, 1:], b[0, 1:] = (0, 1), (1, 2)
    W[1, 1:], b[1, 1:] = (0, -1), (1, 2)
    points = _points(generator, 2)
    points[0] = 0  # lies in both regions
    yield Case({"x": points, "W": W, "b": b}, "points", "two regions")
    signs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])[generator.permutation(4)]
    quadrants, borders = signs[:, :, None] * np.eye(2, dtype=int), np.zeros((4, 2))
    for number in (1, 3, 4):  # one point in each quadrant, and one more on a border
        points = np.append(signs * generator.uniform(1, 3, size=(4, 1)).round(1), [[0.0, 1.5]], axis=0)
        yield Case({"x": points, "W": quadrants[:number], "b": borders[:number]}, "points", f"regions: {number}")
    # Beyond 5 and below -2 on a line, with one border's bias in the place of the other 3 would lie inside, or -3 outside.
    x, W = np.array([[-3], [0], [3], [6]])[generator.permutation(4)], np.array([[[1]], [[-1]]])
    yield Case({"x": x, "W": W, "b": np.array([[-5], [-2]])}, "points", "each region has its own biases")


def _union_oracle(x, W, b):
    return np.array([any(_region_oracle(point[None], w, c)[0] for w, c in zip(W, b, strict=True)) for point in x])


union_region = Exercise(
    name="union_region",
    title="A second layer: shapes with dents",
    points={"points": 2},
    minutes=10,
    difficulty=2,
    oracle=_union_oracle,
    examples=(
        Case(
            {
                "x": np.array([[2, 1], [-2, -1], [0, 0], [-2, 1]]),
                "W": np.array([[[1, 0], [0, 1]], [[-1, 0], [0, -1]]]),
                "b": np.array([[0, 0], [0, 0]]),
            },
            "points",
            "first and third quadrant",
            known=[True, True, False, False],
        ),
    ),
    cases=_union_cases,
    hints=(
        "You have `half_space_region` for one region. Call it for each region.",
        "Region r has the units `W[r]` and the biases `b[r]`.",
        "Three points, two regions: the answers yes, no, no and no, no, yes make yes, no, yes. `np.any` with an axis "
        "does this for arrays.",
    ),
)


def _accepted(x, W, b):
    return np.einsum("pn,run->pru", x, W) + b > 0


@union_region.mistake("You ask for points that lie in all regions. One region is enough.")
def union_only_where_they_overlap(x, W, b):
    return _accepted(x, W, b).all(axis=2).all(axis=1)


@union_region.mistake(
    "One unit is enough for you. Within a region all of its units must accept; only the regions are joined by «or»."
)
def union_of_half_spaces(x, W, b):
    return _accepted(x, W, b).any(axis=2).any(axis=1)


@union_region.mistake("A point that lies in two regions counts as well. Ask for at least one.")
def union_but_not_the_overlap(x, W, b):
    return _accepted(x, W, b).all(axis=2).sum(axis=1) == 1


@union_region.mistake("Only the first two regions count in your answer. There may be one, or more than two.")
def union_of_two_regions(x, W, b):
    inside = _accepted(x, W, b).all(axis=2)
    return inside[:, 0] | inside[:, 1]


@union_region.mistake("Only the first region counts in your answer. Ask all regions.")
def union_first_region_only(x, W, b):
    return _accepted(x, W, b).all(axis=2)[:, 0]


@union_region.mistake("Only the last region counts in your answer. Keep what the regions before it accepted.")
def union_last_region_only(x, W, b):
    return _accepted(x, W, b).all(axis=2)[:, -1]


@union_region.mistake("This has one column for each region. Ask for each point whether any of them is True.")
def union_region_by_region(x, W, b):
    return _accepted(x, W, b).all(axis=2)


# --- counting ----------------------------------------------------------------------------------


def _dense_cases(generator: np.random.Generator) -> Iterator[Case]:
    inputs, units = (int(n) for n in generator.integers(3, 500, size=2))
    yield Case({"num_inputs": inputs, "num_units": units + 500}, "count")
    inputs, units = (int(n) for n in generator.integers(50_000, 60_000, size=2))
    yield Case({"num_inputs": inputs, "num_units": units}, "count", "more than 32 bits can count")


dense_weights = Exercise(
    name="dense_weights",
    title="Count: fully connected",
    points={"count": 1},
    minutes=3,
    difficulty=1,
    oracle=lambda num_inputs, num_units: np.broadcast_to(True, (num_units, num_inputs)).size,
    examples=(
        Case({"num_inputs": 4, "num_units": 3}, "count", known=12),
        Case({"num_inputs": 100, "num_units": 10}, "count", known=1000),
    ),
    cases=_dense_cases,
    hints=(
        "How many weights does one unit have?",
        "One unit has a weight for each input. How many units are there?",
        "Three inputs, two units: 3 weights for the first unit and 3 for the second, 6 in all.",
    ),
)


@dense_weights.mistake("You counted the biases too. Here only the weights are asked for.")
def dense_with_biases(num_inputs, num_units):
    return num_inputs * num_units + num_units


@dense_weights.mistake("Every unit has a weight for every input: multiply.")
def dense_adds(num_inputs, num_units):
    return num_inputs + num_units


@dense_weights.mistake("The product does not fit into 32 bits. Multiply Python's own whole numbers: they have no largest one.")
def dense_in_32_bits(num_inputs, num_units):
    return int(np.array(num_inputs * num_units).astype(np.int32))


@dense_weights.mistake("This is one unit's share. Multiply by the number of units.")
def dense_one_weight_an_input(num_inputs, num_units):
    return num_inputs


def _local_cases(generator: np.random.Generator) -> Iterator[Case]:
    names = ("out_rows", "out_cols", "kernel_rows", "kernel_cols", "in_channels", "num_filters")
    # Different primes, so that no two wrong products can agree.
    numbers = generator.permutation([2, 3, 5, 7, 11, 13])
    yield Case({name: int(n) for name, n in zip(names, numbers, strict=True)}, "count")


locally_connected_weights = Exercise(
    name="locally_connected_weights",
    title="Count: locally connected",
    points={"count": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda *sizes: np.empty(sizes, dtype=bool).size,
    examples=(
        Case(
            {"out_rows": 2, "out_cols": 3, "kernel_rows": 5, "kernel_cols": 5, "in_channels": 1, "num_filters": 4},
            "count",
            "6 sites with 4 · 25 weights",
            known=600,
        ),
    ),
    cases=_local_cases,
    hints=(
        "First one filter at one site: how many numbers does it look at?",
        "A window of kernel_rows × kernel_cols pixels has in_channels numbers in each pixel.",
        "A 2 × 2 window of a colour image has 12 numbers. Five filters at each of 3 × 3 sites: 12 · 5 · 9 = 540 weights.",
    ),
)


@locally_connected_weights.mistake(
    "This is the count of a convolution. Here each site has weights of its own: multiply by the number of sites."
)
def local_shares_its_weights(out_rows, out_cols, kernel_rows, kernel_cols, in_channels, num_filters):
    return kernel_rows * kernel_cols * in_channels * num_filters


@locally_connected_weights.mistake("Each filter looks at every channel of the input: multiply by `in_channels`.")
def local_forgets_the_channels(out_rows, out_cols, kernel_rows, kernel_cols, in_channels, num_filters):
    return out_rows * out_cols * kernel_rows * kernel_cols * num_filters


@locally_connected_weights.mistake("There are several filters at each site: multiply by `num_filters`.")
def local_forgets_the_filters(out_rows, out_cols, kernel_rows, kernel_cols, in_channels, num_filters):
    return out_rows * out_cols * kernel_rows * kernel_cols * in_channels


@locally_connected_weights.mistake("A kernel need not be square. Use `kernel_rows * kernel_cols`.")
def local_square_kernel(out_rows, out_cols, kernel_rows, kernel_cols, in_channels, num_filters):
    return out_rows * out_cols * kernel_rows**2 * in_channels * num_filters


@locally_connected_weights.mistake("There need not be as many output columns as rows. Use `out_rows * out_cols`.")
def local_weights_of_square_maps(out_rows, out_cols, kernel_rows, kernel_cols, in_channels, num_filters):
    return out_rows**2 * kernel_rows * kernel_cols * in_channels * num_filters


@locally_connected_weights.mistake(
    "`out_rows` and `out_cols` are the sizes of the output already. Do not take the kernel off again."
)
def local_weights_of_smaller_maps(out_rows, out_cols, kernel_rows, kernel_cols, in_channels, num_filters):
    sites = (out_rows - kernel_rows + 1) * (out_cols - kernel_cols + 1)
    return sites * kernel_rows * kernel_cols * in_channels * num_filters


def _conv_cases(generator: np.random.Generator) -> Iterator[Case]:
    numbers = [int(n) for n in generator.permutation([2, 3, 5, 7])]
    sizes = dict(zip(("kernel_rows", "kernel_cols", "in_channels", "num_filters"), numbers, strict=True))
    yield Case({**sizes, "use_bias": False}, "weights")
    yield Case({**sizes, "use_bias": True}, "biases")


conv_weights = Exercise(
    name="conv_weights",
    title="Count: convolution",
    points={"weights": 1, "biases": 1},
    minutes=5,
    difficulty=1,
    oracle=lambda rows, cols, channels, filters, use_bias: (
        np.empty((rows, cols, channels, filters)).size + filters * int(use_bias)
    ),
    examples=(
        Case(
            {"kernel_rows": 3, "kernel_cols": 3, "in_channels": 1, "num_filters": 2, "use_bias": False},
            "weights",
            "two 3×3 filters on a grey image",
            known=18,
        ),
        Case({"kernel_rows": 3, "kernel_cols": 3, "in_channels": 1, "num_filters": 2, "use_bias": True}, "biases", known=20),
    ),
    cases=_conv_cases,
    hints=(
        "A convolution uses the same filter at every site, so the image's size does not matter.",
        "One filter has kernel_rows · kernel_cols · in_channels weights, and at most one bias.",
        "Two filters of 3 × 3 on one channel: 18 weights, and 20 parameters with the biases.",
    ),
)


@conv_weights.mistake("With `use_bias` each filter has one more parameter, its bias.")
def conv_never_a_bias(kernel_rows, kernel_cols, in_channels, num_filters, use_bias):
    return kernel_rows * kernel_cols * in_channels * num_filters


@conv_weights.mistake("The biases are counted even when `use_bias` is False.")
def conv_always_biases(kernel_rows, kernel_cols, in_channels, num_filters, use_bias):
    return (kernel_rows * kernel_cols * in_channels + 1) * num_filters


@conv_weights.mistake("There is one bias for each filter, not one for the layer.")
def conv_one_bias_in_all(kernel_rows, kernel_cols, in_channels, num_filters, use_bias):
    return kernel_rows * kernel_cols * in_channels * num_filters + (1 if use_bias else 0)


@conv_weights.mistake("A filter sums over all channels and then adds one bias. You counted one for each channel.")
def conv_a_bias_a_channel(kernel_rows, kernel_cols, in_channels, num_filters, use_bias):
    return (kernel_rows * kernel_cols + (1 if use_bias else 0)) * in_channels * num_filters


@conv_weights.mistake("Each filter has weights for every channel of the input: multiply by `in_channels`.")
def conv_forgets_the_channels(kernel_rows, kernel_cols, in_channels, num_filters, use_bias):
    return (kernel_rows * kernel_cols + (1 if use_bias else 0)) * num_filters


# --- answers_along -----------------------------------------------------------------------------


def _along_cases(generator: np.random.Generator) -> Iterator[Case]:
    for size, width in ((9, 3), (6, 1), (7, 7)):
        row, w = (
            generator.integers(-5, 6, size=size),
            generator.integers(1, 6, size=width) * generator.choice([-1, 1], size=width),
        )
        yield Case({"row": row, "w": w, "b": float(generator.integers(1, 4))}, "answers")


def _never_begun_anew(row, w, b):
    answers = []
    z = b
    for n in range(len(row) - len(w) + 1):
        for k in range(len(w)):
            z += w[k] * row[n + k]
        answers.append(z)
    return np.array(answers)


answers_along = Exercise(
    name="answers_along",
    title="Repair: one unit at every place",
    points={"answers": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda row, w, b: np.lib.stride_tricks.sliding_window_view(np.asarray(row, float), len(w)) @ np.asarray(w, float) + b,
    given=_never_begun_anew,
    examples=(
        Case(
            {"row": np.array([0, 1, 3, 1, 0]), "w": np.array([-1, 2, -1]), "b": 0.0},
            "answers",
            "by hand",
            known=[-1.0, 4.0, -1.0],
        ),
        Case({"row": np.array([2, 5]), "w": np.array([3]), "b": 1.0}, "answers", "a window of one", known=[7.0, 16.0]),
    ),
    cases=_along_cases,
    hints=(
        "Work the example by hand beside the code. At which place does the first wrong number appear?",
        "The answer at the first place is right, and each later one is too far off by all that came before.",
        "At place 0 of the example `z` ends at −1. With what should it begin at place 1, and with what does it begin?",
    ),
)


@answers_along.mistake("The bias is missing now. Each answer begins with it.")
def along_without_bias(row, w, b):
    return answers_along.oracle(row, w, 0)


@answers_along.mistake("`z` begins anew with each weight. It should begin anew with each place.")
def along_last_product_only(row, w, b):
    return answers_along.oracle(row, np.append(np.zeros(len(w) - 1), w[-1:]), b)


@answers_along.mistake("The bias is in every answer as often as the window has pixels. Each answer has it once.")
def along_with_many_biases(row, w, b):
    return answers_along.oracle(row, w, b * len(w))


@answers_along.mistake("The windows are read backwards. A unit's first weight meets the first number of its window.")
def along_reversed(row, w, b):
    return answers_along.oracle(row, w[::-1], b)


EXERCISES: tuple[Exercise, ...] = (
    linear_unit,
    tuned_input,
    half_space_region,
    fence_disc,
    union_region,
    dense_weights,
    locally_connected_weights,
    conv_weights,
    answers_along,
)
