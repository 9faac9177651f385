"""Unit 18: occlusion, the deconvnet's four steps, objectives to climb, Grad-CAM, Gram matrices."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import scipy.signal
from numpy.lib.stride_tricks import sliding_window_view

from convcourse.exercises.cases import whole
from convcourse.judging.exercise import Case, Exercise

NUMBERS = "numbers"


def _maps(generator: np.random.Generator, *shape: int) -> np.ndarray:
    return generator.normal(size=shape).round(3)


# --- occlusion_map -----------------------------------------------------------------------------


def _occlusion_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = int(generator.integers(7, 9)), int(generator.integers(10, 12))
    tops, lefts = np.arange(0, rows - 3, 2), np.arange(1, cols - 3, 2)
    scores = generator.uniform(0, 1, size=(len(tops), len(lefts))).round(3)
    scores[0, 0] = 0.99  # higher than the base: a drop below 0
    yield Case({"scores": scores, "base": 0.9, "tops": tops, "lefts": lefts, "size": 3, "shape": (rows, cols)}, NUMBERS)
    # Taller than wide, squares that are not in order, lists; only three squares, so that few pixels are covered.
    places = {"tops": [5, 0, 1], "lefts": [int(generator.integers(0, 2))], "size": 4, "shape": (cols, 6)}
    yield Case({"scores": generator.uniform(0, 1, size=(3, 1)).round(3), "base": 0.4, **places}, NUMBERS)
    places = {"tops": [2], "lefts": [3, 0], "size": 2, "shape": (4, 5)}  # up to the last row and column
    yield Case({"scores": generator.uniform(0, 1, size=(1, 2)).round(3), "base": 0.3, **places}, NUMBERS)


def _coverage(scores, base, tops, lefts, size, shape):
    down, across = (
        (np.arange(n)[:, None] >= starts) & (np.arange(n)[:, None] < np.add(starts, size))
        for n, starts in zip(shape, (tops, lefts), strict=True)
    )
    return down @ (base - np.asarray(scores, dtype=float)) @ across.T, np.outer(down.sum(axis=1), across.sum(axis=1))


def _occlusion(scores, base, tops, lefts, size, shape):
    total, count = _coverage(scores, base, tops, lefts, size, shape)
    return total / np.maximum(count, 1)


occlusion_map = Exercise(
    name="occlusion_map",
    title="From scores to a map",
    points={NUMBERS: 2},
    minutes=15,
    difficulty=2,
    oracle=_occlusion,
    examples=(
        Case(
            {"scores": np.array([[0.5, 0.1]]), "base": 0.9, "tops": [0], "lefts": [0, 1], "size": 2, "shape": (3, 4)},
            NUMBERS,
            "two windows that overlap in column 1",
            known=[[0.4, 0.6, 0.8, 0.0], [0.4, 0.6, 0.8, 0.0], [0.0, 0.0, 0.0, 0.0]],
        ),
    ),
    cases=_occlusion_cases,
    hints=(
        "Keep two arrays of zeros: the sum of drops and the number of windows.",
        "For window (i, j), add to rows tops[i] to tops[i] + size, and to columns lefts[j] to lefts[j] + size.",
        "Drops 0.4 and 0.8 in squares of width 2 that begin in columns 0 and 1: sums 0.4, 1.2, 0.8; counts 1, 2, 1; so 0.4, "
        "0.6, 0.8. Where the count is 0, divide by 1 instead.",
    ),
)


@occlusion_map.mistake("You added up all windows. Divide each pixel by the number of windows that cover it.")
def occlusion_summed(scores, base, tops, lefts, size, shape):
    return _coverage(scores, base, tops, lefts, size, shape)[0]


@occlusion_map.mistake("Each pixel keeps its last window only: `=` where `+=` belongs.")
def occlusion_by_the_last_window(scores, base, tops, lefts, size, shape):
    result = np.zeros(shape)
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            result[top : top + size, left : left + size] = base - scores[i][j]
    return result


@occlusion_map.mistake("The sign is wrong: a large drop, base − score, is a large number in the map.")
def occlusion_with_wrong_sign(scores, base, tops, lefts, size, shape):
    return -_occlusion(scores, base, tops, lefts, size, shape)


@occlusion_map.mistake("These are means of the scores. Take the drop: base − score.")
def occlusion_of_scores(scores, base, tops, lefts, size, shape):
    return _occlusion(np.negative(scores), 0.0, tops, lefts, size, shape)


@occlusion_map.mistake("Window (i, j) begins at row tops[i] and column lefts[j], not at row i and column j.")
def occlusion_at_the_numbers_of_windows(scores, base, tops, lefts, size, shape):
    return _occlusion(scores, base, np.arange(len(tops)), np.arange(len(lefts)), size, shape)


@occlusion_map.mistake("Where no window covers a pixel you divide by 0. Such a pixel is 0 in the map.")
def occlusion_undefined_where_uncovered(scores, base, tops, lefts, size, shape):
    total, count = _coverage(scores, base, tops, lefts, size, shape)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


# --- max_pool_with_switches --------------------------------------------------------------------


def _pool_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"maps": _maps(generator, 6, 8, 2), "size": 2, "stride": 2}, "side by side")
    yield Case({"maps": _maps(generator, 8, 9, 2), "size": 3, "stride": 2}, "overlapping")
    for size, stride, part in ((2, 3, "side by side"), (3, 1, "overlapping")):  # whole numbers, so that maxima are equal
        maps = generator.integers(-3, 0, size=(8, 5, 3))
        maps[:2, :2, 0] = -1
        yield Case({"maps": maps, "size": size, "stride": stride}, part)


def _pool(maps, size, stride, last=False):
    rows, cols, _ = maps.shape
    windows = sliding_window_view(maps, (size, size), axis=(0, 1))[::stride, ::stride]
    flat = windows.reshape(*windows.shape[:3], -1)
    inside = size**2 - 1 - flat[..., ::-1].argmax(axis=-1) if last else flat.argmax(axis=-1)
    row = inside // size + stride * np.arange(inside.shape[0])[:, None, None]
    col = inside % size + stride * np.arange(inside.shape[1])[None, :, None]
    return flat.max(axis=-1), row * cols + col, inside, col * rows + row


def _pool_oracle(maps, size, stride):
    return _pool(maps, size, stride)[:2]


max_pool_with_switches = Exercise(
    name="max_pool_with_switches",
    title="Pool, and remember where",
    results=("pooled", "switches"),
    points={"side by side": 1, "overlapping": 1},
    minutes=15,
    difficulty=2,
    oracle=_pool_oracle,
    examples=(
        Case(
            {"maps": np.array([[1.0, 5, 2, 0], [3, 4, 7, 6]])[..., None], "size": 2, "stride": 2},
            "side by side",
            "5 stands at place 1, 7 at place 6",
            known=([[[5.0], [7.0]]], [[[1], [6]]]),
        ),
    ),
    cases=_pool_cases,
    hints=(
        "Window (i, j) begins at row stride · i and column stride · j; each channel has its own largest value.",
        "`argmax` of the flattened window gives a place inside it; `divmod(place, size)` gives its row and column there.",
        "Size 2, stride 2, a map of 4 columns, window (0, 1): it begins at row 0, column 2. Place 2 in it is row 1, column 0, "
        "so row 1, column 2 in the map: switch 1 · 4 + 2 = 6.",
    ),
)


@max_pool_with_switches.mistake("These are places inside the window. Add where the window begins.")
def switches_inside_the_window(maps, size, stride):
    pooled, _, inside, _ = _pool(maps, size, stride)
    return pooled, inside


@max_pool_with_switches.mistake("Where a window has its largest value twice, you took the last one. The first one counts.")
def switches_of_the_last(maps, size, stride):
    return _pool(maps, size, stride, last=True)[:2]


@max_pool_with_switches.mistake("You count column by column. The place is row · cols + col.")
def switches_column_by_column(maps, size, stride):
    pooled, _, _, turned = _pool(maps, size, stride)
    return pooled, turned


@max_pool_with_switches.mistake("You took the smallest value of each window.")
def switches_of_smallest(maps, size, stride):
    pooled, switches = _pool_oracle(-maps, size, stride)
    return -pooled, switches


@max_pool_with_switches.mistake("The stride is ignored: window i begins at row stride · i, and windows may overlap.")
def pool_without_stride(maps, size, stride):
    return _pool_oracle(maps, size, size)


@max_pool_with_switches.mistake("The window's own number is added. Add where it begins: its number times the stride.")
def pool_switches_without_the_stride(maps, size, stride):
    pooled, _, inside, _ = _pool(maps, size, stride)
    row = inside // size + np.arange(inside.shape[0])[:, None, None]
    col = inside % size + np.arange(inside.shape[1])[None, :, None]
    return pooled, row * maps.shape[1] + col


# --- unpool_with_switches ----------------------------------------------------------------------


def _unpool_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = int(generator.integers(4, 6)), int(generator.integers(7, 9))
    switches = generator.integers(0, rows * cols, size=(3, 4, 2))
    switches[0, 1], switches[1, 2, 0] = switches[0, 0], switches[1, 1, 0]  # windows that share their largest value
    yield Case({"pooled": _maps(generator, 3, 4, 2), "switches": switches, "rows": rows, "cols": cols}, NUMBERS)


def _unpool(pooled, switches, rows, cols):
    channels = [np.bincount(s.ravel(), p.ravel(), rows * cols) for s, p in zip(switches.T, pooled.T, strict=True)]
    return np.stack(channels, axis=-1).reshape(rows, cols, -1)


unpool_with_switches = Exercise(
    name="unpool_with_switches",
    title="Unpool",
    points={NUMBERS: 1},
    minutes=10,
    difficulty=1,
    oracle=_unpool,
    examples=(
        Case(
            {"pooled": np.array([[[5.0], [7.0]]]), "switches": np.array([[[1], [6]]]), "rows": 2, "cols": 4},
            NUMBERS,
            known=[[[0.0], [5.0], [0.0], [0.0]], [[0.0], [0.0], [7.0], [0.0]]],
        ),
    ),
    cases=_unpool_cases,
    hints=(
        "Begin with zeros of shape (rows · cols, channels).",
        "Walk through all (i, j, c) and add pooled[i, j, c] at the place switches[i, j, c].",
        "`np.add.at` adds at repeated places too. At the end reshape to (rows, cols, channels).",
    ),
)


@unpool_with_switches.mistake("Two windows may share a place. Their values add up there: `+=`, not `=`.")
def unpool_overwritten(pooled, switches, rows, cols):
    result = np.zeros((rows * cols, pooled.shape[2]))
    for i, j, c in np.ndindex(pooled.shape):
        result[switches[i, j, c], c] = pooled[i, j, c]
    return result.reshape(rows, cols, -1)


@unpool_with_switches.mistake("Rows and columns are exchanged: place = row · cols + col.")
def unpool_column_by_column(pooled, switches, rows, cols):
    return _unpool(pooled, switches, cols, rows).transpose(1, 0, 2)


@unpool_with_switches.mistake("Every channel has its own switches; you used those of channel 0 for all.")
def unpool_by_first_channel(pooled, switches, rows, cols):
    return _unpool(pooled, np.repeat(switches[..., :1], pooled.shape[2], axis=2), rows, cols)


@unpool_with_switches.mistake("Every value is repeated over its window. It belongs at its switch only; the other places are 0.")
def unpool_repeated(pooled, switches, rows, cols):
    tall = np.repeat(pooled, -(-rows // len(pooled)), axis=0)
    return np.repeat(tall, -(-cols // pooled.shape[1]), axis=1)[:rows, :cols]


@unpool_with_switches.mistake(
    "The fractions are lost. An array made with `dtype=int` cuts them off; make it with `np.zeros(...)`."
)
def unpool_in_whole_numbers(pooled, switches, rows, cols):
    return _unpool(np.trunc(pooled), switches, rows, cols)


# --- backward_rule -----------------------------------------------------------------------------

RULES = ("gradient", "deconvnet", "guided")


def _rule_cases(generator: np.random.Generator) -> Iterator[Case]:
    for rule in RULES:
        arrays = {"signal": _maps(generator, 3, 5, 2), "before": _maps(generator, 3, 5, 2)}
        arrays["before"][0, 0], arrays["signal"][0, 0] = 0.0, [1.5, -2.0]  # a ReLU that is just closed
        arrays["before"][0, 1], arrays["signal"][0, 1] = 1.0, [1.25, -0.5]
        yield Case({**arrays, "rule": rule}, rule)


def _rule(signal, before, rule):
    opened = {"gradient": before > 0, "deconvnet": signal > 0, "guided": (before > 0) & (signal > 0)}[rule]
    return np.where(opened, signal, 0.0)


backward_rule = Exercise(
    name="backward_rule",
    title="Three ways back through ReLU",
    points=dict.fromkeys(RULES, 1),
    minutes=10,
    difficulty=1,
    oracle=_rule,
    examples=tuple(
        Case(
            {"signal": np.array([2.0, -3.0, 4.0, -5.0]), "before": np.array([1.0, 1.0, -1.0, -1.0]), "rule": rule},
            rule,
            known=known,
        )
        for rule, known in zip(RULES, ([2.0, -3.0, 0, 0], [2.0, 0, 4.0, 0], [2.0, 0, 0, 0]), strict=True)
    ),
    cases=_rule_cases,
    hints=(
        "Each rule is a gate: the signal passes, or 0 does.",
        "Gradient: open where before > 0. Deconvnet: open where signal > 0.",
        "Guided: open where both hold.",
    ),
)


@backward_rule.mistake("Gradient and deconvnet are exchanged: the gradient asks `before`, the deconvnet asks `signal`.")
def rules_exchanged(signal, before, rule):
    return _rule(signal, before, {"gradient": "deconvnet", "deconvnet": "gradient"}.get(rule, rule))


@backward_rule.mistake("You always take the gradient. Look at `rule`.")
def rule_always_gradient(signal, before, rule):
    return _rule(signal, before, "gradient")


@backward_rule.mistake("Where `before` is 0, the ReLU is closed: ask `before > 0`.")
def rule_open_at_zero(signal, before, rule):
    return _rule(signal, np.where(np.asarray(before) == 0, 1.0, before), rule)


@backward_rule.mistake("The guided rule needs both: `before` positive and `signal` positive.")
def rule_guided_without_gate(signal, before, rule):
    return _rule(signal, before, "deconvnet" if rule == "guided" else rule)


@backward_rule.mistake("ReLU's slope is 1 where it is open. Multiply by the truth of `before > 0`, not by `before`.")
def rule_times_the_value(signal, before, rule):
    return _rule(signal, before, rule) * (1.0 if rule == "deconvnet" else np.maximum(before, 0))


@backward_rule.mistake("The gradient rule lets negative signals pass. Only `before` decides there.")
def backward_gradient_as_guided(signal, before, rule):
    passed = np.maximum(signal, 0)
    return passed if rule == "deconvnet" else passed * (np.asarray(before) > 0)


# --- deconv_filter -----------------------------------------------------------------------------


def _deconv_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, stride in (("stride 1", 1), ("stride 2", 2)):
        maps, weights = _maps(generator, 3, 4, 5), _maps(generator, 3, 2 * stride, 2, 5)  # no two sizes alike
        yield Case({"maps": maps, "weights": weights, "stride": stride}, part)
    # Kernels that are smaller than the stride leave gaps.
    yield Case({"maps": maps[:, :1], "weights": weights[:1, :2], "stride": 3}, part)
    yield Case({"maps": maps[:2, :2], "weights": weights[:1, :2], "stride": 9}, part)


def _deconv(maps, weights, stride):
    rows, cols, num_filters = maps.shape
    spread = np.zeros((stride * (rows - 1) + 1, stride * (cols - 1) + 1, num_filters))
    spread[::stride, ::stride] = maps
    channels = [
        sum(scipy.signal.convolve(spread[..., m], weights[:, :, n, m], method="direct") for m in range(num_filters))
        for n in range(weights.shape[2])
    ]
    return np.stack(channels, axis=-1)


deconv_filter = Exercise(
    name="deconv_filter",
    title="Transposed filters",
    points={"stride 1": 1, "stride 2": 1},
    minutes=15,
    difficulty=2,
    oracle=_deconv,
    examples=(
        Case(
            {"maps": np.array([[[2.0], [3.0]]]), "weights": np.array([1.0, 10.0]).reshape(1, 2, 1, 1), "stride": 1},
            "stride 1",
            "2 · [1, 10] and, one step on, 3 · [1, 10]",
            known=[[[2.0], [23.0], [30.0]]],
        ),
    ),
    cases=_deconv_cases,
    hints=(
        "Every number of the map stamps its filter's kernel on the image, as strongly as it is large.",
        "The result has stride · (rows − 1) + krow rows; begin with zeros.",
        "A number 2 and its filter's kernel [[1, 3]] make the stamp [[2, 6]]. Two filters stamp the same place, and their "
        "stamps add up: a matrix product over the filters does it at once.",
    ),
    forbidden=("conv_transpose", "conv2d_transpose"),
)


@deconv_filter.mistake("The kernels are turned round. Stamp each one down as it stands.")
def deconv_with_kernels_turned(maps, weights, stride):
    return _deconv(maps, weights[::-1, ::-1], stride)


@deconv_filter.mistake("Neighbouring stamps overlap and add up: `+=`, not `=`.")
def deconv_overwritten(maps, weights, stride):
    (rows, cols, _), (krow, kcol, channels, _) = maps.shape, weights.shape
    result = np.zeros((stride * (rows - 1) + krow, stride * (cols - 1) + kcol, channels))
    for i, j in np.ndindex(rows, cols):
        result[stride * i : stride * i + krow, stride * j : stride * j + kcol] = weights @ maps[i, j]
    return result


@deconv_filter.mistake("The stride is ignored: the stamp of place (i, j) begins at (stride · i, stride · j).")
def deconv_without_stride(maps, weights, stride):
    return _deconv(maps, weights, 1)


@deconv_filter.mistake(
    "The result has the right size, but stamp (i, j) begins at (i, j). With a stride it begins at (stride · i, stride · j)."
)
def deconv_stamped_without_stride(maps, weights, stride):
    (rows, cols, _), (krow, kcol, channels, _) = maps.shape, weights.shape
    result = np.zeros((stride * (rows - 1) + krow, stride * (cols - 1) + kcol, channels))
    for i, j in np.ndindex(rows, cols):
        result[i : i + krow, j : j + kcol] += weights @ maps[i, j]
    return result


@deconv_filter.mistake("Only filter 0 counts. Every filter leaves its stamp.")
def deconv_of_one_filter(maps, weights, stride):
    return _deconv(maps[..., :1], weights[..., :1], stride)


# --- objective_seed ----------------------------------------------------------------------------

UNIT, LAYER, LOGIT = "neuron and channel", "layer", "logit"


def _objective_cases(generator: np.random.Generator) -> Iterator[Case]:
    maps = _maps(generator, 3, 4, 2)
    yield Case({"activations": maps, "kind": "neuron", "place": [2, int(generator.integers(4)), 1]}, UNIT)
    yield Case({"activations": maps, "kind": "channel", "place": [int(generator.integers(2))]}, UNIT)
    yield Case({"activations": maps[..., :1], "kind": "channel", "place": [0]}, UNIT)
    yield Case({"activations": maps, "kind": "layer", "place": []}, LAYER)
    yield Case({"activations": _maps(generator, 6), "kind": "logit", "place": [int(generator.integers(6))]}, LOGIT)


def _objective_value(activations, kind, place):
    if kind == "channel":
        return activations[..., place[0]].mean()
    return np.square(activations).mean() if kind == "layer" else activations[tuple(place)]


def _objective(activations, kind, place):
    """The gradient by central differences, exact for polynomials of degree two."""
    values = np.asarray(activations, dtype=float)
    gradient = np.zeros(values.shape)
    for index in np.ndindex(values.shape):
        nudge = np.zeros(values.shape)
        nudge[index] = 0.5
        gradient[index] = _objective_value(values + nudge, kind, place) - _objective_value(values - nudge, kind, place)
    return _objective_value(values, kind, place), gradient


objective_seed = Exercise(
    name="objective_seed",
    title="Four things to wish for",
    results=("value", "gradient"),
    points={UNIT: 1, LAYER: 1, LOGIT: 1},
    minutes=20,
    difficulty=2,
    oracle=_objective,
    examples=(
        Case(
            {"activations": np.array([[[1.0, 2.0], [3.0, 4.0]]]), "kind": "channel", "place": [1]},
            UNIT,
            "the mean of 2 and 4",
            known=(3.0, [[[0.0, 0.5], [0.0, 0.5]]]),
        ),
        Case(
            {"activations": np.array([[[1.0, 2.0], [3.0, 4.0]]]), "kind": "layer", "place": []},
            LAYER,
            "(1 + 4 + 9 + 16) / 4",
            known=(7.5, [[[0.5, 1.0], [1.5, 2.0]]]),
        ),
        Case({"activations": np.array([5.0, -6.0]), "kind": "logit", "place": [1]}, LOGIT, known=(-6.0, [0.0, 1.0])),
    ),
    cases=_objective_cases,
    hints=(
        "The gradient has the shape of the activations. Begin with zeros.",
        "Neuron and logit: 1 at `tuple(place)`. Channel: 1 / (rows · cols) in the whole channel.",
        "Layer, A = [[1, 2], [3, 4]]: the value is (1 + 4 + 9 + 16) / 4. Only one term holds the 3, and the slope of a² / 4 "
        "there is 2 · 3 / 4 = 1.5.",
    ),
)


@objective_seed.mistake("A channel's objective is its mean: divide value and gradient by rows · cols.")
def objective_channel_summed(activations, kind, place):
    value, gradient = _objective(activations, kind, place)
    factor = activations[..., 0].size if kind == "channel" else 1
    return value * factor, gradient * factor


@objective_seed.mistake("The derivative of a² is 2a: the gradient of the layer's objective misses its 2.")
def objective_layer_without_two(activations, kind, place):
    value, gradient = _objective(activations, kind, place)
    return value, gradient / (2 if kind == "layer" else 1)


@objective_seed.mistake("A layer's objective is the mean of the squares, not of the values.")
def objective_layer_plain_mean(activations, kind, place):
    if kind == "layer":
        return activations.mean(), np.full(activations.shape, 1 / activations.size)
    return _objective(activations, kind, place)


@objective_seed.mistake("Only one number counts: the gradient is 1 at its place and 0 elsewhere.")
def objective_gradient_of_every_place(activations, kind, place):
    value, gradient = _objective(activations, kind, place)
    return value, np.ones(gradient.shape) if kind in ("neuron", "logit") else gradient


@objective_seed.mistake("The gradient says how fast the objective grows. That of a is 1, whatever a is; you gave a itself.")
def objective_value_as_gradient(activations, kind, place):
    value, gradient = _objective(activations, kind, place)
    return value, gradient if kind == "layer" else gradient * activations


# --- grad_cam ----------------------------------------------------------------------------------


def _cam_cases(generator: np.random.Generator) -> Iterator[Case]:
    maps, gradients = np.abs(_maps(generator, 3, 5, 4)), _maps(generator, 3, 5, 4)
    gradients[..., 0] += 1
    gradients[..., 1:3] -= 1
    maps[0, 0], maps[1, 1] = [3, 0, 0, 0], [0, 3, 3, 0]
    yield Case({"maps": maps, "gradients": gradients}, NUMBERS)


def _cam(maps, gradients):
    return np.maximum(np.einsum("ijc,klc->ij", maps, gradients) / gradients[..., 0].size, 0)


grad_cam = Exercise(
    name="grad_cam",
    title="Grad-CAM",
    points={NUMBERS: 2},
    minutes=10,
    difficulty=2,
    oracle=_cam,
    examples=(
        Case(
            {
                "maps": np.array([[[1.0, 0.0], [2.0, 3.0]]]),
                "gradients": np.array([[[1.0, -4.0], [3.0, 0.0]]]),
            },
            NUMBERS,
            "channel weights 2 and −2: 2 and 4 − 6 → 0",
            known=[[2.0, 0.0]],
        ),
    ),
    cases=_cam_cases,
    hints=(
        "One weight a channel: the mean of its gradients over rows and columns.",
        "Add up the channels, each with its weight.",
        "Mean gradients 0.5 and −1: where the two maps have 4 and 1, the sum is 0.5 · 4 − 1 · 1 = 1; where they have 1 and 2, "
        "it is −1.5, and 0 is kept.",
    ),
)


@grad_cam.mistake("Negative numbers are left. Grad-CAM ends with a ReLU.")
def cam_without_relu(maps, gradients):
    return np.mean(gradients, axis=(0, 1)) @ np.moveaxis(maps, -1, 1)


@grad_cam.mistake("You multiplied place by place. First average each channel's gradient over all places.")
def cam_place_by_place(maps, gradients):
    return np.maximum((maps * gradients).sum(axis=-1), 0)


@grad_cam.mistake("You cut negative gradients off. The ReLU comes at the end, after the sum.")
def cam_of_positive_gradients(maps, gradients):
    return _cam(maps, np.maximum(gradients, 0))


@grad_cam.mistake("The weight of a channel is the mean of its gradients, not their sum.")
def cam_summed(maps, gradients):
    return _cam(maps, gradients) * gradients[..., 0].size


@grad_cam.mistake("You cut the negative numbers off in each channel. First add the channels up, then comes the ReLU.")
def cam_cut_off_before_the_sum(maps, gradients):
    return np.maximum(maps * gradients.mean(axis=(0, 1)), 0).sum(axis=-1)


@grad_cam.mistake("Maps and gradients have changed places: the weights are the means of the *gradients*.")
def cam_with_means_of_maps(maps, gradients):
    return _cam(gradients, maps)


@grad_cam.mistake("Where the sum is negative, the map is 0. You took the absolute value.")
def cam_of_absolute_values(maps, gradients):
    return np.abs(cam_without_relu(maps, gradients))


@grad_cam.mistake("You kept the largest channel at each place. Add the channels up.")
def cam_of_the_largest_channel(maps, gradients):
    return np.maximum((maps * gradients.mean(axis=(0, 1))).max(axis=-1), 0)


@grad_cam.mistake("You divided by the largest number of the map. The picture does that; here the numbers stay as they are.")
def cam_divided_by_its_largest(maps, gradients):
    cam = _cam(maps, gradients)
    return cam / cam.max()


# --- gram_matrix -------------------------------------------------------------------------------


def _gram_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = int(generator.integers(3, 5)), int(generator.integers(5, 7))
    yield Case({"maps": _maps(generator, rows, cols, 3) + 0.5}, NUMBERS)
    yield Case({"maps": _maps(generator, 2, 3, 1)}, NUMBERS)


def _gram(maps):
    return np.tensordot(maps, maps, axes=([0, 1], [0, 1])) / (maps.shape[0] * maps.shape[1])


gram_matrix = Exercise(
    name="gram_matrix",
    title="What goes with what",
    points={NUMBERS: 1},
    minutes=10,
    difficulty=1,
    oracle=_gram,
    examples=(
        Case(
            {"maps": np.array([[[1.0, 2.0], [3.0, 0.0]]])},
            NUMBERS,
            "two places: (1, 2) and (3, 0)",
            known=[[5.0, 1.0], [1.0, 2.0]],
        ),
    ),
    cases=_gram_cases,
    hints=(
        "Forget where things are: reshape the maps to (places, channels).",
        "Entry (a, b) is the mean over places of channel a times channel b.",
        "Two places, two channels: F = [[1, 2], [3, 0]]. Entry (0, 0) is (1 + 9) / 2 = 5, entry (0, 1) is (1 · 2 + 3 · 0) / 2 = "
        "1. All of them are one product of F and F, one of the two transposed.",
    ),
)


@gram_matrix.mistake("Divide by the number of places, or a large image has a larger style than a small one.")
def gram_not_divided(maps):
    return _gram(maps) * (maps.shape[0] * maps.shape[1])


@gram_matrix.mistake("You compared places. The Gram matrix compares channels: it is channels × channels.")
def gram_of_places(maps):
    flat = maps.reshape(-1, maps.shape[2])
    return flat @ flat.T / len(flat)


@gram_matrix.mistake("You subtracted the means first: that is the covariance. Leave them in.")
def gram_centred(maps):
    return _gram(maps - maps.mean(axis=(0, 1)))


@gram_matrix.mistake("`reshape(channels, −1)` mixes channels and places. Use `reshape(−1, channels)`.")
def gram_scrambled(maps):
    flat = maps.reshape(maps.shape[2], -1)
    return flat @ flat.T / flat.shape[1]


@gram_matrix.mistake(
    "You divided by the number of all numbers. Divide by the number of places: rows · cols, without the channels."
)
def gram_divided_by_all(maps):
    return _gram(maps) / maps.shape[2]


@gram_matrix.mistake("You averaged each channel first. Multiply at each place, then average.")
def gram_of_means(maps):
    means = maps.mean(axis=(0, 1))
    return np.outer(means, means)


@gram_matrix.mistake("Divide by the number of places only. You divide by squares, as the paper on style does.")
def gram_divided_by_squares(maps):
    flat = maps.reshape(-1, maps.shape[-1])
    return flat.T @ flat / (4 * flat.shape[0] ** 2 * flat.shape[1] ** 2)


# --- cover_all -----------------------------------------------------------------------------------


def _cover_cases(generator: np.random.Generator) -> Iterator[Case]:
    for _ in range(2):
        size, overlap, steps = int(generator.integers(12, 30)), int(generator.integers(2, 7)), int(generator.integers(3, 9))
        step = size - overlap
        side = size + step * steps + int(generator.integers(1, step))
        yield Case({"side": side, "size": size, "overlap": overlap, "most": steps + 2}, "tops")


def _cover(side, size, overlap, most):
    return [round(number * (side - size) / (most - 1)) for number in range(most)]


def _cover_misses(result, side, size, overlap, most):
    tops = sorted(whole(top) for top in result)
    if not tops or len(tops) > most:
        return f"There are {len(tops)} squares along an axis; 1 to {most} are allowed."
    if tops[0] < 0 or tops[-1] > side - size:
        return (
            f"A square begins at {tops[0] if tops[0] < 0 else tops[-1]}; it must lie inside, so 0 to {side - size} are allowed."
        )
    bare = max(tops[0], side - size - tops[-1])
    if bare:
        return f"At one edge {bare} pixels are never hidden; 0 are allowed."
    shared = size - max((after - before for before, after in pairwise(tops)), default=0)
    return f"Two neighbours share {max(0, shared)} pixels; {overlap} or more are asked." if shared < overlap else ""


cover_all = Exercise(
    name="cover_all",
    title="Design: squares that miss nothing",
    points={"tops": 1},
    minutes=10,
    difficulty=1,
    oracle=_cover,
    meets=_cover_misses,
    examples=(
        Case(
            {"side": 10, "size": 4, "overlap": 1, "most": 3},
            "tops",
            "rows 0 to 3, 3 to 6 and 6 to 9",
            known=[0, 3, 6],
        ),
        Case({"side": 227, "size": 48, "overlap": 29, "most": 11}, "tops", "as above, and one square more"),
    ),
    cases=_cover_cases,
    hints=(
        "Where must the first square begin, and where the last one?",
        "The steps between need not be equal. None may be longer than size − overlap.",
        "Side 11 instead of 10 in the first example: steps of 3 give 0, 3 and 6, and the last square ends at row 9. Row 10 is left. One more square must begin at 11 − 4 = 7.",
    ),
)


@cover_all.mistake("Equal steps from the first edge do not reach the other one. One more square must end there.")
def cover_leaves_the_rim(side, size, overlap, most):
    return list(range(0, side - size + 1, size - overlap))


@cover_all.mistake("A square at every pixel takes far too many runs. Take the longest step that is allowed.")
def cover_at_every_pixel(side, size, overlap, most):
    return list(range(side - size + 1))


@cover_all.mistake("Your squares lie side by side. Neighbours must overlap: the step is at most size − overlap.")
def cover_side_by_side(side, size, overlap, most):
    return [*range(0, side - size, size), side - size]


@cover_all.mistake("Your last squares hang over the edge. The last one begins at side − size.")
def cover_hanging_over(side, size, overlap, most):
    return list(range(0, side, size - overlap))


# --- roughness -----------------------------------------------------------------------------------


def _roughness_cases(generator: np.random.Generator) -> Iterator[Case]:
    for _ in range(2):
        yield Case({"image": _maps(generator, *generator.permutation([3, 4, 5])[:2].tolist())}, "sum")


def _signs_cancel(image):
    steps = [np.diff(image, axis=axis) for axis in (0, 1)]
    return sum(np.abs(np.sum(step)) for step in steps)


def _variation(image, size=np.abs, down=True, across=True):
    """From slices; the keywords make the usual mistakes."""
    image = np.asarray(image, float)
    parts = [image[1:] - image[:-1]] * down + [image[:, 1:] - image[:, :-1]] * across
    return float(sum(size(part).sum() for part in parts))


roughness = Exercise(
    name="roughness",
    title="Repair: a penalty that noise does not feel",
    points={"sum": 1},
    minutes=6,
    difficulty=1,
    oracle=_variation,
    given=_signs_cancel,
    examples=(
        Case({"image": np.array([[0.0, 1.0], [1.0, 0.0]])}, "sum", "four steps, up or down by 1", known=4.0),
        Case({"image": np.array([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]])}, "sum", "a slope: 2 in each row, 0 down", known=4.0),
    ),
    cases=_roughness_cases,
    hints=(
        "Write down the four steps of the first example, with their signs. What becomes of them?",
        "A step up and a step down are both rough. In which order do the code and the formula add up and take sizes?",
        "Down the first column the step is 1 − 0 = 1, down the second 0 − 1 = −1. Their sum is 0, but the sum of their sizes is 2.",
    ),
)


@roughness.mistake("You add up squares. Total variation adds up sizes.")
def roughness_of_squares(image):
    return _variation(image, size=np.square)


@roughness.mistake("Only steps down the rows are counted. Steps along the columns count too.")
def roughness_down_only(image):
    return _variation(image, across=False)


@roughness.mistake("Only steps along the columns are counted. Steps down the rows count too.")
def roughness_across_only(image):
    return _variation(image, down=False)


@roughness.mistake("These are means. The steps are added up.")
def roughness_means(image):
    return sum(np.abs(np.diff(image, axis=axis)).mean() for axis in (0, 1))


@roughness.mistake("You add up the steps of each row or column before you take their size. Take the size of each single step.")
def roughness_of_whole_lines(image):
    return sum(np.abs(np.diff(image, axis=axis).sum(axis=axis)).sum() for axis in (0, 1))


EXERCISES: tuple[Exercise, ...] = (
    occlusion_map,
    cover_all,
    backward_rule,
    max_pool_with_switches,
    unpool_with_switches,
    deconv_filter,
    objective_seed,
    roughness,
    grad_cam,
    gram_matrix,
)
