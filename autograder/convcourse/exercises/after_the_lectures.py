"""Unit 24: what came after the lectures. Gates, inverted residuals, scaling, seconds, design spaces, patches and attention."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from convcourse.exercises.cases import fractions, whole
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import Symbolic, block_facts

# --- squeeze_excite ----------------------------------------------------------------------------


def _gate_cases(generator: np.random.Generator) -> Iterator[Case]:
    ratio = int(generator.choice([2, 3]))
    # Never as many units as the ratio says, so that the two can't be taken for each other.
    channels = ratio * int(generator.choice([4, 5]))
    rows, cols = generator.permutation([4, 5, 6])[:2].tolist()
    yield Case({"x": Symbolic((rows, cols, channels)), "ratio": ratio}, "block")


def _gated(
    x: Any,
    ratio: int,
    pool: str = "mean",
    inside: str = "relu",
    gate: str | None = "sigmoid",
    units: int = 0,
    bias: bool = True,
    join: str = "Multiply",
) -> Any:
    """The witness, with 1×1 convolutions for the dense layers; the keywords make the usual mistakes."""
    from keras import layers, ops

    channels = x.shape[-1]
    gates = {"mean": ops.mean, "max": ops.max}[pool](x, axis=(1, 2), keepdims=True)
    gates = layers.Conv2D(units or channels // ratio, 1, activation=inside, use_bias=bias)(gates)
    gates = layers.Conv2D(channels, 1, activation=gate, use_bias=bias)(gates)
    return getattr(layers, join)()([x, gates]) if join else gates


squeeze_excite = Exercise(
    name="squeeze_excite",
    title="Squeeze and excitation",
    points={"block": 2},
    minutes=12,
    difficulty=2,
    oracle=cache(lambda x, ratio: block_facts(_gated, x, ratio)),
    examples=(
        Case({"x": Symbolic((4, 5, 6)), "ratio": 3}, "block", "6·2 + 2 and 2·6 + 6 parameters", known=32),
        Case({"x": Symbolic((3, 3, 8)), "ratio": 2}, "block", "8·4 + 4 and 4·8 + 8 parameters", known=76),
    ),
    cases=_gate_cases,
    hints=(
        "Four steps: one number of each map, two dense layers, a product with x.",
        "`layers.GlobalAveragePooling2D(keepdims=True)` gives 1 × 1 maps. A dense layer works on the last axis of any tensor.",
        "Maps 4 × 5 × 6 with ratio 3: the means have the shape 1 × 1 × 6, the narrow layer gives 1 × 1 × 2, the gates are again "
        "1 × 1 × 6. A product of 4 × 5 × 6 with 1 × 1 × 6 multiplies each map by its own gate.",
    ),
)


def _gate_mistake(x, ratio, **how):
    return block_facts(lambda t: _gated(t, ratio, **how), x)


@squeeze_excite.mistake("Your gates add up to 1, so that one map is open at the others' cost. Each has a sigmoid of its own.")
def gates_with_softmax(x, ratio):
    return _gate_mistake(x, ratio, gate="softmax")


@squeeze_excite.mistake("The gates can be any numbers. A sigmoid brings them between 0 and 1.")
def gates_without_sigmoid(x, ratio):
    return _gate_mistake(x, ratio, gate=None)


@squeeze_excite.mistake("The last activation is a ReLU, so a gate can be larger than 1. It is a sigmoid.")
def gates_with_relu(x, ratio):
    return _gate_mistake(x, ratio, gate="relu")


@squeeze_excite.mistake("There is no ReLU between the dense layers. Without it they are one linear map.")
def gates_without_relu_inside(x, ratio):
    return _gate_mistake(x, ratio, inside=None)


@squeeze_excite.mistake("You take the largest number of each map. The squeeze is the mean.")
def gates_from_the_largest(x, ratio):
    return _gate_mistake(x, ratio, pool="max")


@squeeze_excite.mistake("The narrow layer has `ratio` units. It has channels // ratio.")
def gates_with_ratio_units(x, ratio):
    return _gate_mistake(x, ratio, units=ratio)


@squeeze_excite.mistake("The first dense layer is not narrower. It has channels // ratio units.")
def gates_never_narrow(x, ratio):
    return _gate_mistake(x, ratio, units=x.shape[-1])


@squeeze_excite.mistake("The gates are added to x. A gate multiplies.")
def gates_added(x, ratio):
    return _gate_mistake(x, ratio, join="Add")


@squeeze_excite.mistake("You return the gates alone. Multiply x by them.")
def gates_alone(x, ratio):
    return _gate_mistake(x, ratio, join="")


@squeeze_excite.mistake("Your dense layers have no biases. These two have: no norm follows.")
def gates_without_biases(x, ratio):
    return _gate_mistake(x, ratio, bias=False)


# --- there_and_back ----------------------------------------------------------------------------


def _spread_out(generator: np.random.Generator, wide: int) -> np.ndarray:
    """Directions in the plane, none near another or its opposite, so that there is a safe way back."""
    angles = (np.arange(wide) + generator.uniform(-0.2, 0.2, wide)) * np.pi / wide + np.pi * generator.integers(0, 2, wide)
    return (np.array([np.cos(angles), np.sin(angles)]) * generator.uniform(0.5, 2, wide)).round(2)


def _spiral_cases(generator: np.random.Generator) -> Iterator[Case]:
    for wide in (2, int(generator.integers(3, 7))):
        # Points all around, so that each channel is silent for some of them.
        angles = generator.permutation(8) * np.pi / 4 + generator.uniform(0, 0.5)
        points = (np.array([np.cos(angles), np.sin(angles)]).T * generator.uniform(1, 3, (8, 1))).round(2)
        yield Case({"points": points, "T": _spread_out(generator, wide)}, "points")


def _back(points, T, relu=np.maximum, back=np.linalg.pinv, after=False):
    """With the ways in which students change it."""
    result = relu(np.dot(points, T), 0) @ back(T)
    return np.maximum(result, 0) if after else result


there_and_back = Exercise(
    name="there_and_back",
    title="There and back again",
    points={"points": 1},
    minutes=7,
    difficulty=1,
    oracle=lambda points, T: np.linalg.lstsq(T.T, np.where(points @ T > 0, points @ T, 0).T)[0].T,
    examples=(
        Case(
            {"points": np.array([[2.0, 1.0], [-1.0, -3.0]]), "T": np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]])},
            "points",
            "(2, 1) becomes (2, 1, −2), then (2, 1, 0)",
            known=[[1.0, 1.0], [-0.5, 0.0]],
        ),
        Case({"points": np.array([[3.0, -2.0]]), "T": np.eye(2)}, "points", "two channels, each alone", known=[[3.0, 0.0]]),
    ),
    cases=_spiral_cases,
    hints=(
        "Three steps: times T, ReLU, times the pseudo-inverse of T.",
        "`np.linalg.pinv(T)` is the matrix that brings points @ T back to points, if nothing happened between.",
        "In the first example (2, 1, 0) is left after the ReLU. The pseudo-inverse has the rows (1/2, 0), (0, 1) and (−1/2, 0): "
        "2 · (1/2, 0) + 1 · (0, 1) = (1, 1).",
    ),
)


@there_and_back.mistake("There is no ReLU: every point comes back unharmed.")
def back_without_relu(points, T):
    return _back(points, T, relu=np.add)


@there_and_back.mistake(
    "You go back by the transpose. It undoes T only if the rows of T are orthogonal and of length 1: take `np.linalg.pinv`."
)
def back_by_the_transpose(points, T):
    return _back(points, T, back=np.transpose)


@there_and_back.mistake(
    "The ReLU cuts the points of the plane themselves. It belongs to the wide place, between T and the way back."
)
def back_with_relu_in_the_plane(points, T):
    return _back(points, T, relu=np.add, after=True)


@there_and_back.mistake("There is a second ReLU at the end. The points may have negative coordinates when they are back.")
def back_with_two_relus(points, T):
    return _back(points, T, after=True)


@there_and_back.mistake("You keep the smaller of each number and 0. A ReLU keeps the larger.")
def back_with_the_negative_part(points, T):
    return _back(points, T, relu=np.minimum)


@there_and_back.mistake("These are absolute values. A ReLU makes negative numbers 0.")
def back_with_absolute_values(points, T):
    return _back(points, T, relu=lambda wide, zero: np.abs(wide))


# --- inverted_residual -------------------------------------------------------------------------


def _inverted_cases(generator: np.random.Generator) -> Iterator[Case]:
    channels = int(generator.integers(3, 5))
    x = Symbolic((*generator.permutation([6, 7, 8])[:2].tolist(), channels))
    yield Case({"x": x, "filters": channels, "stride": 1, "expand": int(generator.integers(2, 4))}, "shortcut")
    yield Case({"x": x, "filters": channels + 2, "stride": 1, "expand": 3}, "no shortcut")
    yield Case({"x": x, "filters": channels, "stride": 2, "expand": 1}, "no shortcut")


def _inverted(
    x: Any,
    filters: int,
    stride: int,
    expand: int,
    linear: bool = True,
    add: str = "where it fits",
    wide: int = 0,
    strided: str = "deep",
    deep: bool = True,
    always: bool = False,
    bias: bool = False,
    between: bool = True,
    largest: float = 6.0,
) -> Any:
    """The witness, a loop over three layers; the keywords make the usual mistakes."""
    from keras import layers, ops

    channels = x.shape[-1]
    wide = wide or channels * expand
    steps: list[tuple[str, Any]] = [("wide", layers.Conv2D(wide, 1, use_bias=bias))] if always or expand > 1 else []
    step = {"deep": 1, "wide": 1, "narrow": 1, strided: stride}
    if step["wide"] > 1 and steps:
        steps = [("wide", layers.Conv2D(wide, 1, strides=stride, use_bias=bias))]
    options = {"strides": step["deep"], "padding": "same", "use_bias": bias}
    steps.append(("deep", layers.DepthwiseConv2D(3, **options) if deep else layers.Conv2D(wide, 3, **options)))
    steps.append(("narrow", layers.Conv2D(filters, 1, strides=step["narrow"], use_bias=bias)))
    branch = x
    for name, layer in steps:
        branch = layers.BatchNormalization()(layer(branch))
        if (name != "narrow" and between) or (name == "narrow" and not linear):
            branch = ops.minimum(ops.relu(branch), largest)
    fits = (stride == 1 and channels == filters) if add != "never" else False
    total = branch + x if fits else branch
    return ops.minimum(ops.relu(total), 6.0) if add == "then ReLU6" else total


inverted_residual = Exercise(
    name="inverted_residual",
    title="The inverted residual",
    points={"shortcut": 1, "no shortcut": 1},
    minutes=15,
    difficulty=2,
    oracle=cache(lambda x, filters, stride, expand: block_facts(_inverted, x, filters, stride, expand)),
    examples=(
        Case(
            {"x": Symbolic((6, 5, 3)), "filters": 3, "stride": 1, "expand": 2},
            "shortcut",
            "18 + 24, 54 + 24, 18 + 12 parameters; x is added",
            known=150,
        ),
        Case(
            {"x": Symbolic((6, 7, 3)), "filters": 4, "stride": 2, "expand": 2},
            "no shortcut",
            "stride 2: nothing is added",
            known=18 + 24 + 54 + 24 + 24 + 16,
        ),
        Case(
            {"x": Symbolic((5, 5, 4)), "filters": 4, "stride": 1, "expand": 1},
            "shortcut",
            "expand 1: no first layer, 36 + 16 and 16 + 16",
            known=84,
        ),
    ),
    cases=_inverted_cases,
    hints=(
        "Three convolutions, each with a batch normalisation: wide, deep, narrow. Which of them has no ReLU6?",
        "`norm_relu6` serves the first two. The last has `layers.BatchNormalization()` alone, and then the sum, where x fits.",
        "From 3 channels to 3, expand 2: 1 × 1 to 6 maps, depthwise 3 × 3 on these 6, 1 × 1 to 3 maps, plus x. With stride 2 the "
        "branch has half the sides, so x does not fit. With expand 1 the first of the three layers would change nothing: leave it out.",
    ),
)


def _inverted_mistake(x, filters, stride, expand, **how):
    return block_facts(lambda t: _inverted(t, filters, stride, expand, **how), x)


@inverted_residual.mistake("There is a ReLU6 at the narrow place. The last layer is linear: convolution and norm alone.")
def inverted_not_linear(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, linear=False)


@inverted_residual.mistake("A ReLU6 follows the sum. Here nothing does: the narrow place stays linear.")
def inverted_relu_after_the_sum(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, add="then ReLU6")


@inverted_residual.mistake("Your ReLUs have no upper end. ReLU6 stops at 6: call `norm_relu6`.")
def inverted_with_plain_relus(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, largest=math.inf)


@inverted_residual.mistake("Nothing is added. Where stride is 1 and filters equals the channels of x, the block adds x.")
def inverted_without_shortcut(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, add="never")


@inverted_residual.mistake("Your wide place has expand · filters maps. It has expand times the channels that come in.")
def inverted_wide_by_filters(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, wide=expand * filters)


@inverted_residual.mistake("Your block is narrow inside, like ResNet's bottleneck. Multiply by `expand`, don't divide.")
def inverted_narrow_inside(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, wide=max(1, x.shape[-1] // expand))


@inverted_residual.mistake("The stride is in the first 1 × 1. It belongs to the depthwise convolution.")
def inverted_stride_in_the_first(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, strided="wide")


@inverted_residual.mistake("The stride is in the last 1 × 1. It belongs to the depthwise convolution.")
def inverted_stride_in_the_last(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, strided="narrow")


@inverted_residual.mistake("Your 3 × 3 is an ordinary convolution. It is depthwise: one kernel for each wide map.")
def inverted_with_ordinary_convolution(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, deep=False)


@inverted_residual.mistake("With expand 1 there is nothing to widen: leave the first layer out.")
def inverted_always_widens(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, always=True)


@inverted_residual.mistake("Your convolutions have biases. The norm after each has its own: `use_bias=False`.")
def inverted_with_biases(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, bias=True)


@inverted_residual.mistake("No ReLU6 is left at all. The two wide layers have one each: `norm_relu6`.")
def inverted_all_linear(x, filters, stride, expand):
    return _inverted_mistake(x, filters, stride, expand, between=False)


# --- scaled_stages -----------------------------------------------------------------------------


def _stage_cases(generator: np.random.Generator) -> Iterator[Case]:
    usual = [(int(8 * generator.integers(2, 40)), int(generator.integers(1, 6))) for _ in range(3)]
    scales = {"width": float(generator.choice([1.1, 1.3, 1.7])), "depth": float(generator.choice([1.15, 1.3, 1.7]))}
    yield Case({"stages": (*usual, (10, 4)), **scales}, "stages")
    # 52 and 84 lie in the middle of two multiples of 8, 43 just below it; 16 is a little less than nine tenths of 18.
    yield Case({"stages": ((52, 3), (84, 1), (43, 3), (18, 5), (3, 2), *usual), "width": 1.0, "depth": 1.25}, "stages")
    yield Case({"stages": ((18, 5), (16, 1)), "width": float(generator.choice([1.2, 1.6])), "depth": 2.1}, "stages")


def _nearest_eight(filters: float) -> int:
    near = 8 * math.floor(filters / 8 + 0.5)
    return near + 8 if near < 0.9 * filters else near


def _scaled(stages, width, depth, filters=_nearest_eight, blocks=math.ceil):
    return [(filters(number * width), blocks(depth * repeats)) for number, repeats in stages]


B0_STAGES = ((16, 1), (24, 2), (40, 2), (80, 3), (112, 3), (192, 4), (320, 1))
scaled_stages = Exercise(
    name="scaled_stages",
    title="A table, scaled",
    points={"stages": 2},
    minutes=12,
    difficulty=2,
    oracle=_scaled,
    examples=(
        Case(
            {"stages": ((16, 1), (40, 2)), "width": 1.2, "depth": 1.4},
            "stages",
            "19.2 → 16 is more than a tenth too small → 24; 48 → 48",
            known=[(24, 2), (48, 3)],
        ),
        Case(
            {"stages": B0_STAGES, "width": 1.2, "depth": 1.4},
            "stages",
            "EfficientNet-B3 from B0",
            known=[(24, 2), (32, 3), (48, 3), (96, 5), (136, 5), (232, 6), (384, 2)],
        ),
        Case({"stages": ((52, 2), (3, 1)), "width": 1.0, "depth": 1.0}, "stages", "52 = 6.5 · 8", known=[(56, 2), (8, 1)]),
    ),
    cases=_stage_cases,
    hints=(
        "Two rules, one for filters and one for blocks. Write the first as a helper, or inside the loop.",
        "`int(wanted + 4) // 8 * 8` is the nearest multiple of 8, and 12 becomes 16. Then two corrections are left.",
        "10 filters, width 1.1: wanted are 11. Nearest is 8, but 0.9 · 11 = 9.9 is more than that, so 16. 3 blocks, depth 1.2: 3.6, "
        "so 4 blocks.",
    ),
)


@scaled_stages.mistake("Your filters are not multiples of 8. Round each to the nearest.")
def stages_of_any_width(stages, width, depth):
    return _scaled(stages, width, depth, filters=round)


@scaled_stages.mistake("You never look whether rounding took away more than a tenth. Then 8 more are wanted.")
def stages_thinner_than_nine_tenths(stages, width, depth):
    return _scaled(stages, width, depth, filters=lambda wanted: int(wanted + 4) // 8 * 8)


@scaled_stages.mistake("You round filters up to the next multiple of 8. The rule takes the nearest.")
def stages_rounded_up(stages, width, depth):
    return _scaled(stages, width, depth, filters=lambda wanted: 8 * math.ceil(wanted / 8))


@scaled_stages.mistake("You round filters down. The rule takes the nearest multiple of 8.")
def stages_rounded_down(stages, width, depth):
    return _scaled(stages, width, depth, filters=lambda wanted: int(wanted) // 8 * 8)


@scaled_stages.mistake("Python's `round` takes 6.5 to 6, the even neighbour. Halves go up here: int(wanted + 4) // 8 · 8.")
def stages_halves_to_even(stages, width, depth):
    def filters(wanted):
        near = 8 * round(wanted / 8)
        return near + 8 if near < 0.9 * wanted else near

    return _scaled(stages, width, depth, filters=filters)


@scaled_stages.mistake("You round blocks to the nearest number. They are rounded up.")
def stages_with_rounded_blocks(stages, width, depth):
    return _scaled(stages, width, depth, blocks=round)


@scaled_stages.mistake("You cut the fraction off the blocks. They are rounded up.")
def stages_with_fewer_blocks(stages, width, depth):
    return _scaled(stages, width, depth, blocks=int)


@scaled_stages.mistake("Width and depth are exchanged: width multiplies filters, depth multiplies blocks.")
def stages_exchanged(stages, width, depth):
    return _scaled(stages, depth, width)


# --- grow_evenly -------------------------------------------------------------------------------

LEAST_SHARE = 0.15


def _growth_cases(generator: np.random.Generator) -> Iterator[Case]:
    for low, high in ((2, 4), (5, 9), (12, 30)):
        yield Case({"times": round(generator.uniform(low, high), 1), "side": int(generator.choice([192, 224, 256]))}, "plan")


def _growth_misses(result, times, side):
    depth, width, new_side = result
    depth, width, new_side = float(depth), float(width), whole(new_side)
    if not all(0.01 < number < 10_000 for number in (depth, width, new_side)):  # also false for nan
        return "Depth, width and side are numbers between 0.01 and 10,000."
    factors = {"depth": depth, "width": width**2, "side": (new_side / side) ** 2}
    work = math.prod(factors.values())
    if not 0.95 * times <= work <= times:
        return f"The work grows {work:.4g} times; {0.95 * times:.4g} to {times:.4g} is asked."
    for name, factor in factors.items():
        if factor < times**LEAST_SHARE:
            return f"The {name} multiplies the work by {factor:.4g} only; {times**LEAST_SHARE:.4g} or more is asked of each."
    return ""


grow_evenly = Exercise(
    name="grow_evenly",
    title="Design: spend a budget on three things",
    points={"plan": 1},
    minutes=12,
    difficulty=2,
    oracle=lambda times, side: (times**0.3, times**0.15, math.floor(side * times**0.2)),
    meets=_growth_misses,
    examples=(
        Case({"times": 2.0, "side": 224}, "plan", "1.25 · 1.1² · (256 / 224)² = 1.98", known=(1.25, 1.1, 256)),
        Case({"times": 16.0, "side": 224}, "plan"),
    ),
    cases=_growth_cases,
    hints=(
        "Which power of each of the three does the work grow with?",
        "Choose three shares that add up to 1. Depth gets times to the power of its share; what do width and side get?",
        "times = 8, shares of a third: depth 2, width √2, side 224 · √2 = 316.8. Rounded down to 316, the work grows 2 · 2 · 1.99 "
        "= 7.96 times.",
    ),
)


@grow_evenly.mistake("The work grows with the *square* of width and side. Take a root more of these.")
def growth_without_squares(times, side):
    return times ** (1 / 3), times ** (1 / 3), math.floor(side * times ** (1 / 3))


@grow_evenly.mistake("All goes into the depth. Width and side must bring their share.")
def growth_of_depth_only(times, side):
    return times, 1.0, side


@grow_evenly.mistake("All goes into the width. Depth and side must bring their share.")
def growth_of_width_only(times, side):
    return 1.0, times**0.5, side


@grow_evenly.mistake("All goes into the side. Depth and width must bring their share.")
def growth_of_side_only(times, side):
    return 1.0, 1.0, math.floor(side * times**0.5)


@grow_evenly.mistake("Your net does not grow. Spend what `times` allows.")
def growth_of_nothing(times, side):
    return 1.0, 1.0, side


# --- traffic -----------------------------------------------------------------------------------


def _traffic_cases(generator: np.random.Generator) -> Iterator[Case]:
    groups = int(generator.choice([2, 3, 4]))
    channels, filters = (groups * generator.permutation([5, 6, 7, 8])[:2]).tolist()
    rows, cols = generator.permutation([5, 6, 7, 9])[:2].tolist()
    sizes = {"rows": rows, "cols": cols, "channels": channels, "filters": filters}
    yield Case({**sizes, "groups": 1}, "counts")
    yield Case({**sizes, "groups": groups}, "counts")


def _traffic(rows, cols, channels, filters, groups, weights=1, share=1, maps=None):
    kernels = sum(np.zeros((channels // groups, filters // groups)).size for _ in range(groups))
    moved = rows * cols * (channels + filters if maps is None else maps) // share + weights * kernels
    return kernels * rows * cols, moved


traffic = Exercise(
    name="traffic",
    title="Numbers on the move",
    points={"counts": 2},
    minutes=8,
    difficulty=1,
    oracle=_traffic,
    examples=(
        Case(
            {"rows": 2, "cols": 3, "channels": 4, "filters": 6, "groups": 1},
            "counts",
            "24 weights at 6 places; 6·4 + 6·6 + 24 numbers",
            known=(144, 84),
        ),
        Case(
            {"rows": 2, "cols": 3, "channels": 4, "filters": 6, "groups": 2},
            "counts",
            "12 weights; the maps are as before",
            known=(72, 72),
        ),
    ),
    cases=_traffic_cases,
    hints=(
        "The work: each weight is used once at each place. The traffic: three kinds of numbers, each moved once.",
        "In groups, each filter reads channels / groups channels. That changes the weights. Does it change the maps?",
        "2 × 3 places, 4 channels, 6 filters, 2 groups: 2 · 6 = 12 weights, 72 multiply-adds. In come 24 numbers, out go 36, and 12 "
        "are weights: 72 moved.",
    ),
)


@traffic.mistake("The weights are missing from the traffic: they come from memory too.")
def traffic_without_weights(*sizes):
    return _traffic(*sizes, weights=0)


@traffic.mistake("Groups make the weights fewer: each filter reads channels / groups channels.")
def traffic_without_groups(rows, cols, channels, filters, groups):
    return _traffic(rows, cols, channels, filters, 1)


@traffic.mistake("You move the weights again for each place. They are fetched once and used everywhere.")
def traffic_with_weights_everywhere(rows, cols, channels, filters, groups):
    return _traffic(rows, cols, channels, filters, groups, weights=rows * cols)


@traffic.mistake("Groups do not make the maps fewer: all channels are read and all filters written.")
def traffic_with_maps_in_groups(rows, cols, channels, filters, groups):
    return _traffic(rows, cols, channels, filters, groups, share=groups)


@traffic.mistake("The maps that go out are written to memory too.")
def traffic_of_reading_only(rows, cols, channels, filters, groups):
    return _traffic(rows, cols, channels, filters, groups, maps=channels)


@traffic.mistake("The maps that come in are read from memory too.")
def traffic_of_writing_only(rows, cols, channels, filters, groups):
    return _traffic(rows, cols, channels, filters, groups, maps=filters)


# --- which_is_faster ---------------------------------------------------------------------------


def _stopwatch(generator: np.random.Generator, ratios: Any) -> dict[str, Any]:
    """Seconds of two ways in turn, with the ratios wanted; one round is disturbed, as in life."""
    first = generator.uniform(1, 3, size=len(ratios))
    second = first * ratios
    disturbed = generator.integers(len(ratios))
    first[disturbed], second[disturbed] = first[disturbed] * 6, second[disturbed] * 7
    return {"first": first.round(3), "second": second.round(3)}


def _clock_cases(generator: np.random.Generator) -> Iterator[Case]:
    faster = generator.uniform(1.1, 2, size=7)
    yield Case(_stopwatch(generator, faster), "verdict", "the first is faster")
    yield Case(_stopwatch(generator, 1 / faster), "verdict", "the second is faster")
    most = np.where(np.arange(8) < 5, 1.3, 0.7) * generator.uniform(0.9, 1.1, 8)
    yield Case(_stopwatch(generator, most), "verdict", "the first in 5 of 8")
    yield Case(_stopwatch(generator, 1 / most), "verdict", "the second in 5 of 8")
    # Exactly three quarters of the rounds; and rounds that end in a tie are won by nobody.
    first = generator.permutation([1.0, 2.0, 3.0, 4.0])
    yield Case({"first": first, "second": first + np.array([0.5, 0.25, 1, -0.5])}, "verdict", "3 of 4")
    yield Case({"first": first, "second": first - np.array([0.5, 0.25, 0.75, -0.5])}, "verdict", "3 of 4")
    yield Case({"first": first, "second": first + np.array([0.5, 0.25, 0, 0])}, "verdict", "two ties")
    yield Case({"first": first, "second": first - np.array([0.5, 0.25, 0, 0])}, "verdict", "two ties")


def _faster(first, second, ratio=lambda a, b: np.median(b / a), most=0.75, ways=(1, 2)):
    first, second = np.asarray(first), np.asarray(second)
    if np.count_nonzero(second > first) >= most * len(first):
        return float(ratio(first, second)), ways[0]
    won = np.count_nonzero(second < first) >= most * len(first)
    return float(ratio(first, second)), ways[1] if won else 0


which_is_faster = Exercise(
    name="which_is_faster",
    title="What a stopwatch may say",
    points={"verdict": 1},
    minutes=10,
    difficulty=2,
    oracle=_faster,
    examples=(
        Case(
            {"first": np.array([1.0, 2.0, 1.0, 1.0]), "second": np.array([1.5, 2.5, 9.0, 1.2])},
            "verdict",
            "ratios 1.5, 1.25, 9, 1.2; the first is faster in all four",
            known=(1.375, 1),
        ),
        Case(
            {"first": np.array([1.0, 2.0, 2.0, 4.0]), "second": np.array([2.0, 3.0, 1.0, 3.0])},
            "verdict",
            "two rounds against two",
            known=(1.125, 0),
        ),
    ),
    cases=_clock_cases,
    hints=(
        "A ratio for each round, first of all. Then two different questions about the rounds.",
        "The median does not mind one round in which the machine was busy elsewhere. `np.mean(second > first)` is a share of rounds.",
        "Ratios 1.5, 1.25, 9 and 1.2: the median is (1.25 + 1.5) / 2 = 1.375, where the mean is 3.2. Had the last been 0.9, "
        "three of four rounds would still say that the first way was faster.",
    ),
)


@which_is_faster.mistake("You take the mean of the ratios. One disturbed round spoils it; take the median.")
def faster_by_the_mean_ratio(first, second):
    return _faster(first, second, lambda a, b: np.mean(b / a))


@which_is_faster.mistake("You divide the sums. One disturbed round spoils them; take the median of the rounds' ratios.")
def faster_by_the_sums(first, second):
    return _faster(first, second, lambda a, b: np.sum(b) / np.sum(a))


@which_is_faster.mistake("You divide two medians, which may come from different rounds. Divide within each round first.")
def faster_by_two_medians(first, second):
    return _faster(first, second, lambda a, b: np.median(b) / np.median(a))


@which_is_faster.mistake("Your ratio is upside down: it says how many times longer the *second* takes.")
def faster_upside_down(first, second):
    return _faster(first, second, lambda a, b: np.median(a / b))


@which_is_faster.mistake("You never say 0, neither. If fewer than three quarters of the rounds agree, you can't tell.")
def faster_without_doubt(first, second):
    ratio, _ = _faster(first, second)
    return ratio, 1 if ratio > 1 else 2


@which_is_faster.mistake("The ways are exchanged: the one that takes *less* time is faster.")
def faster_ways_exchanged(first, second):
    return _faster(first, second, ways=(2, 1))


@which_is_faster.mistake("You ask for more than half of the rounds. Three quarters are asked.")
def faster_by_half_of_the_rounds(first, second):
    return _faster(first, second, most=0.501)


@which_is_faster.mistake("You ask for all rounds. Three quarters are enough.")
def faster_by_all_rounds(first, second):
    return _faster(first, second, most=1)


# --- convnext_block ----------------------------------------------------------------------------


def _modern_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = generator.permutation([7, 8, 9])[:2].tolist()
    yield Case({"x": Symbolic((rows, cols, int(generator.integers(4, 7)))), "kernel": int(generator.choice([3, 5]))}, "block")


def _modern(
    x: Any,
    kernel: int,
    norm: str = "layer",
    epsilon: float = 1e-6,
    act: str = "gelu",
    early: bool = False,
    wide: float = 4,
    end: str = "add",
    deep: bool = True,
    order: str = "dnwan",
) -> Any:
    """The witness, with dense layers for the 1×1; the keywords make the usual mistakes."""
    from keras import layers

    channels = x.shape[-1]
    branch = (layers.DepthwiseConv2D(kernel, padding="same") if deep else layers.Conv2D(channels, kernel, padding="same"))(x)
    branch = layers.Activation(act)(branch) if early else branch
    norms = {"layer": lambda: layers.LayerNormalization(epsilon=epsilon), "batch": layers.BatchNormalization}
    branch = norms[norm]()(branch) if norm else branch
    branch = layers.Dense(int(wide * channels))(branch)
    branch = layers.Activation(act)(branch) if act else branch
    branch = layers.Dense(channels)(branch)
    if end == "nothing":
        return branch
    total = layers.Add()([branch, x])
    return layers.Activation("relu")(total) if end == "ReLU" else total


convnext_block = Exercise(
    name="convnext_block",
    title="The ConvNeXt block",
    points={"block": 2},
    minutes=12,
    difficulty=2,
    oracle=cache(lambda x, kernel: block_facts(_modern, x, kernel)),
    examples=(
        Case(
            {"x": Symbolic((8, 7, 4)), "kernel": 7},
            "block",
            "49·4 + 4, norm 8, 4·16 + 16, 16·4 + 4",
            known=200 + 8 + 80 + 68,
        ),
        Case({"x": Symbolic((6, 8, 3)), "kernel": 3}, "block", "27 + 3, 6, 36 + 12, 36 + 3", known=30 + 6 + 48 + 39),
    ),
    cases=_modern_cases,
    hints=(
        "Six steps, and only one norm and one GELU among them.",
        "`layers.LayerNormalization(epsilon=1e-6)` normalises the channels of each place. A 1 × 1 convolution and `layers.Dense` do the same.",
        "On 4 channels: depthwise 7 × 7 gives 4 maps, the norm follows, then 16 maps, GELU on these 16, and 4 maps again. x and these 4 are "
        "added, and the block ends there. All convolutions have biases.",
    ),
)


def _modern_mistake(x, kernel, **how):
    return block_facts(lambda t: _modern(t, kernel, **how), x)


@convnext_block.mistake("You have a batch normalisation. This block has a layer normalisation.")
def modern_with_batch_norm(x, kernel):
    return _modern_mistake(x, kernel, norm="batch")


@convnext_block.mistake("Your activation is a ReLU. Here it is the GELU.")
def modern_with_relu(x, kernel):
    return _modern_mistake(x, kernel, act="relu")


@convnext_block.mistake("There is a GELU after the depthwise convolution too. The block has one only, at the wide place.")
def modern_with_two_activations(x, kernel):
    return _modern_mistake(x, kernel, early=True)


@convnext_block.mistake("A ReLU follows the sum, as in ResNet. Here nothing does.")
def modern_with_last_relu(x, kernel):
    return _modern_mistake(x, kernel, end="ReLU")


@convnext_block.mistake("Nothing is added. The block is residual: add x.")
def modern_without_shortcut(x, kernel):
    return _modern_mistake(x, kernel, end="nothing")


@convnext_block.mistake("The wide place is missing: the first 1 × 1 makes four times as many maps.")
def modern_never_wide(x, kernel):
    return _modern_mistake(x, kernel, wide=1)


@convnext_block.mistake("The first convolution is an ordinary one. It is depthwise.")
def modern_with_ordinary_convolution(x, kernel):
    return _modern_mistake(x, kernel, deep=False)


@convnext_block.mistake("Keras adds 1e-3 to the variance unless told otherwise. Here it is `epsilon=1e-6`.")
def modern_with_kerass_epsilon(x, kernel):
    return _modern_mistake(x, kernel, epsilon=1e-3)


@convnext_block.mistake("There is no norm. A layer normalisation comes after the depthwise convolution.")
def modern_without_norm(x, kernel):
    return _modern_mistake(x, kernel, norm="")


@convnext_block.mistake("There is no GELU at the wide place. Without it the two 1 × 1 layers are one linear map.")
def modern_without_activation(x, kernel):
    return _modern_mistake(x, kernel, act="")


@convnext_block.mistake("Your kernel is always 7 × 7. The argument `kernel` says how large it is.")
def modern_with_kernel_seven(x, kernel):
    return _modern_mistake(x, 7)


# --- share_below -------------------------------------------------------------------------------


def _share_cases(generator: np.random.Generator) -> Iterator[Case]:
    errors = generator.choice(np.arange(20, 60), size=9, replace=False) / 2
    # One limit is an error itself, some lie between, one below all and one above all.
    limits = np.array([errors[3], *generator.choice(np.arange(41, 119, 2), size=2, replace=False) / 4, 5.0, 40.0])
    yield Case({"errors": errors, "limits": generator.permutation(limits)}, "shares")


def _shares(errors, limits, count=lambda errors, limit: np.sum(errors < limit), of=len):
    return np.array([count(np.asarray(errors), limit) / of(errors) for limit in limits])


share_below = Exercise(
    name="share_below",
    title="A curve for a whole family of nets",
    points={"shares": 1},
    minutes=6,
    difficulty=1,
    oracle=lambda errors, limits: np.searchsorted(np.sort(errors), limits) / len(errors),
    examples=(
        Case(
            {"errors": np.array([30.0, 10.0, 20.0, 40.0]), "limits": np.array([5.0, 20.0, 25.0, 50.0])},
            "shares",
            "20 is not below 20",
            known=[0, 0.25, 0.5, 1],
        ),
    ),
    cases=_share_cases,
    hints=(
        "For each limit: how many of the errors are smaller, out of how many?",
        "Compare a column with a row, `errors[:, None] < limits`: a table of nets and limits. A mean of True and False is a share.",
        "Errors 30, 10, 20, 40 and the limit 25: 10 and 20 are below, two of four, 0.5. An error equal to its limit is not below it.",
    ),
)


@share_below.mistake("You count errors that equal their limit. Below means smaller.")
def shares_with_equals(errors, limits):
    return _shares(errors, limits, lambda errors, limit: np.sum(errors <= limit))


@share_below.mistake("These are counts. Divide by the number of nets.")
def shares_as_counts(errors, limits):
    return _shares(errors, limits, of=lambda errors: 1)


@share_below.mistake("These are the shares of nets above the limits.")
def shares_above(errors, limits):
    return _shares(errors, limits, lambda errors, limit: np.sum(errors >= limit))


@share_below.mistake("You divide by the number of limits. Divide by the number of nets.")
def shares_of_the_limits(errors, limits):
    return _shares(errors, limits, of=lambda errors: len(limits))


@share_below.mistake("For each net you give the share of limits above it. Asked is a share of nets for each limit.")
def shares_for_each_net(errors, limits):
    return np.mean(np.asarray(errors)[:, None] < limits, axis=1)


# --- patch_tokens ------------------------------------------------------------------------------


def _patch_cases(generator: np.random.Generator) -> Iterator[Case]:
    size, channels, units = (int(number) for number in generator.permutation([2, 3, 4]))
    across, down = generator.permutation([2, 3]).tolist()
    yield Case(
        {
            "image": fractions(generator, across * size, down * size, channels),
            "W": fractions(generator, size, size, channels, units),
            "b": fractions(generator, units),
        },
        "tokens",
    )
    pixels = {"image": fractions(generator, 3, 2, channels), "W": fractions(generator, 1, 1, channels, units)}
    yield Case({**pixels, "b": fractions(generator, units)}, "tokens", "patches of one pixel")


def _patches(image, size, order="ij", inside=(0, 1, 2)):
    """The patches, flattened; the keywords make the usual mistakes."""
    rows, cols, channels = image.shape
    table = image.reshape(rows // size, size, cols // size, size, channels).transpose(0, 2, 1, 3, 4)
    table = table if order == "ij" else table.swapaxes(0, 1)
    return table.transpose(0, 1, *(2 + axis for axis in inside)).reshape(-1, size * size * channels)


def _tokens_by_loops(image, W, b):
    size = len(W)
    corners = [(i, j) for i in range(0, image.shape[0], size) for j in range(0, image.shape[1], size)]
    return np.array([np.tensordot(image[i : i + size, j : j + size], W, axes=3) + b for i, j in corners])


patch_tokens = Exercise(
    name="patch_tokens",
    title="An image as a list of patches",
    points={"tokens": 1},
    minutes=10,
    difficulty=2,
    oracle=_tokens_by_loops,
    examples=(
        Case(
            {
                "image": np.arange(8.0).reshape(2, 4, 1),
                "W": np.array([[[[1.0]], [[10.0]]], [[[100.0]], [[1000.0]]]]),
                "b": np.array([0.5]),
            },
            "tokens",
            "patches 0, 1, 4, 5 and 2, 3, 6, 7; the weights are 1, 10, 100, 1000",
            known=[[5410.5], [7632.5]],
        ),
        Case(
            {"image": np.array([[[1.0], [2.0]], [[3.0], [4.0]]]), "W": np.array([[[[1.0, -1.0]]]]), "b": np.array([0.0, 5.0])},
            "tokens",
            "patches of one pixel, row by row",
            known=[[1, 4], [2, 3], [3, 2], [4, 1]],
        ),
    ),
    cases=_patch_cases,
    hints=(
        "Write it with two loops first, over the upper left corners of the patches.",
        "Without loops: `reshape` splits rows into (patch, row inside) and cols likewise; `transpose` brings the two patch axes to the front.",
        "A 2 × 4 image 0 1 2 3 / 4 5 6 7 and size 2: the first patch is 0, 1, 4, 5. A `reshape` alone would give 0, 1, 2, 3, which is "
        "a row. Behind shape (1, 2, 2, 2, 1), axes 1 and 2 must change places.",
    ),
)


@patch_tokens.mistake("You reshape the image at once. A patch is a square, not a run of pixels along the rows.")
def tokens_by_reshaping_only(image, W, b):
    return image.reshape(-1, W[..., 0].size) @ W.reshape(-1, W.shape[-1]) + b


@patch_tokens.mistake("Your patches go down the columns first. They are read row by row.")
def tokens_column_by_column(image, W, b):
    return _patches(image, len(W), order="ji") @ W.reshape(-1, W.shape[-1]) + b


@patch_tokens.mistake("The bias is missing.")
def tokens_without_bias(image, W, b):
    return _patches(image, len(W)) @ W.reshape(-1, W.shape[-1])


@patch_tokens.mistake("Rows and columns inside a patch are exchanged: pixels and weights must be laid out alike.")
def tokens_of_turned_patches(image, W, b):
    return _patches(image, len(W), inside=(1, 0, 2)) @ W.reshape(-1, W.shape[-1]) + b


@patch_tokens.mistake("Channels come first in your patches, and last in W. Lay both out alike.")
def tokens_channels_first(image, W, b):
    return _patches(image, len(W), inside=(2, 0, 1)) @ W.reshape(-1, W.shape[-1]) + b


@patch_tokens.mistake("Your patches overlap: you took one at every pixel. The next patch begins where the last one ends.")
def tokens_of_overlapping_patches(image, W, b):
    size = len(W)
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))
    return np.einsum("ijcuv,uvck->ijk", windows, W).reshape(-1, W.shape[-1]) + b


@patch_tokens.mistake("Your result is a map. Tokens are a list: a row for each patch.")
def tokens_as_a_map(image, W, b):
    size = len(W)
    return _tokens_by_loops(image, W, b).reshape(image.shape[0] // size, image.shape[1] // size, -1)


# --- attention ---------------------------------------------------------------------------------


def _attention_cases(generator: np.random.Generator) -> Iterator[Case]:
    for tokens, units, inside in ((4, 3, 2), (3, 2, 4)):
        x = fractions(generator, tokens, units)
        shapes = {"Wq": inside, "Wk": inside, "Wv": inside + 1}
        yield Case({"x": x, **{name: fractions(generator, units, columns) for name, columns in shapes.items()}}, "tokens")


def _attended(x, Wq, Wk, Wv, axis=1, scale=lambda inside: 1 / inside**0.5, exchange=False, soft=True):
    """With einsum; the keywords make the usual mistakes."""
    queries, keys, values = (np.einsum("nc,cd->nd", x, W) for W in (Wq, Wk, Wv))
    queries, keys = (keys, queries) if exchange else (queries, keys)
    scores = np.einsum("nd,md->nm", queries, keys) * scale(queries.shape[1])
    weights = np.exp(scores - scores.max()) if soft else scores
    weights = weights / weights.sum(axis=axis, keepdims=True) if soft else weights
    return np.einsum("nm,md->nd", weights, values)


def _attention_to_columns(x, Wq, Wk, Wv):
    queries, keys, values = x @ Wq, x @ Wk, x @ Wv
    scores = queries @ keys.T / np.sqrt(keys.shape[1])
    weights = np.exp(scores - scores.max())
    weights = weights / weights.sum(axis=0, keepdims=True)
    return weights @ values


attention = Exercise(
    name="attention",
    title="Repair: an average that is none",
    points={"tokens": 1},
    minutes=8,
    difficulty=2,
    oracle=_attended,
    given=_attention_to_columns,
    examples=(
        Case(
            {"x": np.array([[1.0], [2.0]]), "Wq": np.array([[0.0]]), "Wk": np.array([[1.0]]), "Wv": np.array([[10.0]])},
            "tokens",
            "all scores 0: each token gets the mean of 10 and 20",
            known=[[15.0], [15.0]],
        ),
        Case(
            {"x": np.array([[1.0], [0.0]]), "Wq": np.array([[1.0]]), "Wk": np.array([[np.log(3)]]), "Wv": np.array([[4.0]])},
            "tokens",
            "scores log 3, 0 and 0, 0: weights 3/4, 1/4 and 1/2, 1/2",
            known=[[3.0], [2.0]],
        ),
    ),
    cases=_attention_cases,
    hints=(
        "Each row of `weights` should make an average. What must its numbers add up to, and what do they add up to in the figure?",
        "Row n belongs to token n, which asks; the columns are the tokens that answer. Over what does the division sum?",
        "In the second example the scores are [[1.1, 0], [0, 0]], their exponentials [[3, 1], [1, 1]]. The first row should become 3/4, 1/4. "
        "The code divides by 4 and by 2, the sums of the columns, and gets 3/4, 1/2.",
    ),
)


@attention.mistake("There is no softmax left: the weights are no averages. Exponentials, divided by the sum of their row.")
def attention_without_softmax(x, Wq, Wk, Wv):
    return _attended(x, Wq, Wk, Wv, soft=False)


@attention.mistake("Now all weights together add up to 1. Each row should.")
def attention_over_all(x, Wq, Wk, Wv):
    return _attended(x, Wq, Wk, Wv, axis=None)


@attention.mistake("The scores are no longer divided by the root of the number of columns of the keys.")
def attention_without_scale(x, Wq, Wk, Wv):
    return _attended(x, Wq, Wk, Wv, scale=lambda inside: 1)


@attention.mistake("You divide the scores by the number of columns of the keys. It is its square root.")
def attention_with_a_small_scale(x, Wq, Wk, Wv):
    return _attended(x, Wq, Wk, Wv, scale=lambda inside: 1 / inside)


@attention.mistake("Queries and keys are exchanged: row n belongs to the query of token n.")
def attention_exchanged(x, Wq, Wk, Wv):
    return _attended(x, Wq, Wk, Wv, exchange=True)


EXERCISES: tuple[Exercise, ...] = (
    squeeze_excite,
    there_and_back,
    inverted_residual,
    scaled_stages,
    grow_evenly,
    traffic,
    which_is_faster,
    convnext_block,
    share_below,
    patch_tokens,
    attention,
)
