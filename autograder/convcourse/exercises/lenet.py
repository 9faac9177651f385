"""Unit 09: LeNet-5, its table of connections, its parameters, and training it on pictures of clothes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import scipy.linalg
import scipy.signal
import sklearn.metrics

from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import PackedModel, model_facts, packed

Patterns = Sequence[tuple[tuple[int, ...], int]]

# --- c3_connections ----------------------------------------------------------------------------

ONE_PATTERN, SEVERAL_PATTERNS = "one pattern", "several patterns"
LECUN_1998 = [((0, 1, 2), 6), ((0, 1, 2, 3), 6), ((0, 1, 3, 4), 3), ((0, 1, 2, 3, 4, 5), 1)]
TABLE_1 = [
    "X...XXX..XXXX.XX",
    "XX...XXX..XXXX.X",
    "XXX...XXX..X.XXX",
    ".XXX..XXXX..X.XX",
    "..XXX..XXXX.XX.X",
    "...XXX..XXXX.XXX",
]


def _connection_cases(generator: np.random.Generator) -> Iterator[Case]:
    num_inputs = int(generator.integers(6, 9))
    yield Case({"num_inputs": num_inputs, "patterns": [((0, int(generator.integers(2, 5))), num_inputs)]}, ONE_PATTERN)
    num_inputs = int(generator.integers(6, 9))
    run, gap = int(generator.integers(2, 4)), int(generator.integers(3, num_inputs - 1))
    patterns = [(tuple(range(run)), num_inputs - 1), ((0, 1, gap), int(generator.integers(2, num_inputs)))]
    yield Case({"num_inputs": num_inputs, "patterns": patterns}, SEVERAL_PATTERNS)
    yield Case({"num_inputs": 5, "patterns": [((1, int(generator.integers(3, 5))), 5)]}, ONE_PATTERN, "offsets not from 0")
    patterns = [((2,), 3), ((1, 3), int(generator.integers(2, 5)))]
    yield Case({"num_inputs": 4, "patterns": patterns}, SEVERAL_PATTERNS, "offsets not from 0")


def _connections(num_inputs: int, patterns: Patterns) -> np.ndarray:
    """Circulant matrices: column s is the first column, turned down by s."""
    blocks = []
    for offsets, num_maps in patterns:
        first = np.zeros(num_inputs, dtype=bool)
        first[list(offsets)] = True
        blocks.append(scipy.linalg.circulant(first)[:, :num_maps])
    return np.concatenate(blocks, axis=1)


c3_connections = Exercise(
    name="c3_connections",
    title="From the rule to the table",
    points={ONE_PATTERN: 1, SEVERAL_PATTERNS: 1},
    minutes=15,
    difficulty=2,
    oracle=_connections,
    examples=(
        Case(
            {"num_inputs": 4, "patterns": [((0, 1), 4)]},
            ONE_PATTERN,
            "pairs of neighbours; the last map sees inputs 3 and 0",
            known=[
                [True, False, False, True],
                [True, True, False, False],
                [False, True, True, False],
                [False, False, True, True],
            ],
        ),
        Case(
            {"num_inputs": 6, "patterns": LECUN_1998},
            SEVERAL_PATTERNS,
            "Table I of LeCun et al. 1998",
            known=[[sign == "X" for sign in line] for line in TABLE_1],
        ),
    ),
    cases=_connection_cases,
    hints=(
        "Map number s of a pattern, s = 0, 1, …, sees the inputs (offset + s) mod num_inputs.",
        "Begin with a table of False, and keep a number `m` that counts the columns over all patterns.",
        "Six inputs, offsets (0, 1, 2): map 4 sees 4, 5 and 6 mod 6 = 0, so column 4 has True in rows 0, 4 and 5. "
        "Three loops: over the patterns, over s, over the offsets.",
    ),
)


@c3_connections.mistake(
    "Input numbers that reach `num_inputs` are lost. After the last input comes input 0 again: take `% num_inputs`."
)
def connections_without_wrapping(num_inputs, patterns):
    columns = [[offset + s for offset in offsets] for offsets, num_maps in patterns for s in range(num_maps)]
    return np.array([[i in column for column in columns] for i in range(num_inputs)])


@c3_connections.mistake("The shift goes on counting from pattern to pattern. Each pattern begins again with shift 0.")
def connections_turning_on(num_inputs, patterns):
    columns = [offsets for offsets, num_maps in patterns for _ in range(num_maps)]
    return np.array([[(i - m) % num_inputs in offsets for m, offsets in enumerate(columns)] for i in range(num_inputs)])


@c3_connections.mistake("The table lies on its side. Rows are inputs, columns are maps.")
def connections_transposed(num_inputs, patterns):
    return _connections(num_inputs, patterns).T


@c3_connections.mistake(
    "You connected as many neighbours as there are offsets. The offsets themselves count: (0, 1, 3, 4) has a gap."
)
def connections_as_runs(num_inputs, patterns):
    return _connections(num_inputs, [(tuple(range(len(offsets))), num_maps) for offsets, num_maps in patterns])


@c3_connections.mistake("The patterns move upwards. Map s sees inputs offset + s, not offset − s.")
def connections_turned_back(num_inputs, patterns):
    columns = [[(offset - s) % num_inputs for offset in offsets] for offsets, num_maps in patterns for s in range(num_maps)]
    return np.array([[i in column for column in columns] for i in range(num_inputs)])


@c3_connections.mistake("Each pattern begins again in map 0 and overwrites the maps before. Go on with the next map.")
def connections_in_the_first_maps(num_inputs, patterns):
    table = np.zeros((num_inputs, sum(count for _, count in patterns)), dtype=bool)
    for offsets, count in patterns:
        table[:, :count] |= _connections(num_inputs, [(offsets, count)])
    return table


@c3_connections.mistake("Beyond the last input you stay at the last one. The pattern goes on at the first: take the remainder.")
def connections_stop_at_the_last(num_inputs, patterns):
    columns = [(offsets, shift) for offsets, count in patterns for shift in range(count)]
    table = np.zeros((num_inputs, len(columns)), dtype=bool)
    for column, (offsets, shift) in enumerate(columns):
        table[np.minimum(np.add(offsets, shift), num_inputs - 1), column] = True
    return table


# --- design_connections ------------------------------------------------------------------------


def _design_cases(generator: np.random.Generator) -> Iterator[Case]:
    for most in generator.permutation([2, 3]).tolist():
        for times in (1, 2):
            num_inputs = int(generator.choice([5, 7, 9]))
            yield Case({"num_inputs": num_inputs, "num_maps": times * num_inputs, "most": most}, "table")


def _table_misses(result, num_inputs, num_maps, most):
    table = np.asarray(result)
    if table.shape != (num_inputs, num_maps):
        return f"A table of {num_inputs} × {num_maps} is asked; yours has the shape {table.shape}."
    if not np.isin(table, (0, 1)).all():
        return "Let the table have True and False only."
    table = table.astype(bool)
    if table.sum() > most * num_maps:
        return f"There are {table.sum()} connections; at most {most * num_maps} are asked."
    if table.sum(axis=0).min() < 2:
        return f"Map {table.sum(axis=0).argmin()} sees {table.sum(axis=0).min()} inputs; two or more are asked."
    fed = table.sum(axis=1)
    if fed.min() < fed.max():
        return f"Input {fed.argmin()} feeds {fed.min()} maps, input {fed.argmax()} feeds {fed.max()}; let all feed equally many."
    twins = num_maps - len(np.unique(table, axis=1).T)
    return "" if not twins else f"{twins} of the maps see the same inputs as a map before them; let no two see the same."


def _rings(num_inputs, num_maps, most):
    """Neighbours in the ring; for twice as many maps also the next but one. A circulant matrix shifts its first column."""
    rings = [scipy.linalg.circulant(np.isin(np.arange(num_inputs), (0, gap))) for gap in (1, 2)]
    return np.concatenate(rings, axis=1)[:, :num_maps]


design_connections = Exercise(
    name="design_connections",
    title="Design: a table that breaks the symmetry",
    points={"table": 1},
    minutes=10,
    difficulty=2,
    oracle=_rings,
    meets=_table_misses,
    examples=(
        Case(
            {"num_inputs": 5, "num_maps": 5, "most": 2},
            "table",
            "neighbours in a ring",
            known=[[1, 0, 0, 0, 1], [1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]],
        ),
        Case({"num_inputs": 5, "num_maps": 10, "most": 3}, "table"),
    ),
    cases=_design_cases,
    hints=(
        "A pattern that goes once round the ring uses each input equally often. Which one has two connections a map?",
        "Once round gives as many maps as there are inputs. For twice as many you need a second pattern, with other sets of inputs.",
        "Five inputs: 0-1, 1-2, 2-3, 3-4, 4-0 are the neighbours. Which pairs are left? 0-2, 1-3, … are all different from them. How is this written as a pattern?",
    ),
)


@design_connections.mistake("You go round with the same pairs twice. For the second half take inputs that are further apart.")
def design_twice_round(num_inputs, num_maps, most):
    return _connections(num_inputs, [((0, 1), num_maps)])


@design_connections.mistake("Every map sees every input: all maps see the same.")
def design_all_pairs(num_inputs, num_maps, most):
    return np.ones((num_inputs, num_maps), dtype=bool)


@design_connections.mistake("Each map sees one input only. At least two are asked.")
def design_one_each(num_inputs, num_maps, most):
    return np.tile(np.eye(num_inputs, dtype=bool), num_maps // num_inputs)


@design_connections.mistake("These are the first pairs of a list of all pairs, so the first inputs are used most often.")
def design_first_pairs(num_inputs, num_maps, most):
    table = np.zeros((num_inputs, num_maps), dtype=bool)
    for column, pair in zip(range(num_maps), combinations(range(num_inputs), 2), strict=False):
        table[list(pair), column] = True
    return table


@design_connections.mistake("The table lies on its side. Rows are inputs, columns are maps.")
def design_on_its_side(num_inputs, num_maps, most):
    return _rings(num_inputs, num_maps, most).T


@design_connections.mistake("The second pattern has three inputs a map. With `most` = 2 there are too many connections.")
def design_pairs_and_triples(num_inputs, num_maps, most):
    return _connections(num_inputs, [((0, 1), num_inputs), ((0, 1, 2), num_maps - num_inputs)])


# --- masked_conv -------------------------------------------------------------------------------

EVERY_PAIR, SOME_PAIRS = "every pair connected", "a table with holes"


def _conv_arguments(generator: np.random.Generator, inputs: int, outputs: int, whole: bool) -> dict[str, Any]:
    rows, cols = int(generator.integers(4, 6)), int(generator.integers(6, 9))
    shapes = {"maps": (rows, cols, inputs), "weights": (2, 3, inputs, outputs), "bias": (outputs,)}
    draw = partial(generator.integers, -4, 5) if whole else generator.normal
    numbers: dict[str, Any] = {name: draw(size=shape) for name, shape in shapes.items()}
    numbers["bias"] = numbers["bias"] + np.where(numbers["bias"] < 0, -1, 1)  # a bias of 0 would hide that it is forgotten
    return numbers


def _masked_cases(generator: np.random.Generator) -> Iterator[Case]:
    full = _conv_arguments(generator, 2, 3, whole=True)
    yield Case({**full, "mask": np.ones((2, 3), dtype=bool)}, EVERY_PAIR)
    mask = np.array([[1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1]], dtype=bool)[:, generator.permutation(4)]
    yield Case({**_conv_arguments(generator, 3, 4, whole=False), "mask": mask}, SOME_PAIRS)
    mask = np.array([[0, 1, 0], [0, 0, 0], [0, 1, 1]], dtype=bool)[:, generator.permutation(3)]
    alone = {**_conv_arguments(generator, 3, 3, whole=False), "mask": mask}
    yield Case(alone, SOME_PAIRS, "one output without inputs, one input without outputs")
    tall = {"maps": generator.integers(-9, 10, size=(6, 3, 1)), "weights": generator.normal(size=(1, 1, 1, 2))}
    mask = generator.permutation([[True], [False]]).T
    yield Case({**tall, "bias": np.array([2, -3]), "mask": mask}, SOME_PAIRS, "kernels of 1 × 1")


def _masked(maps, weights, bias, mask):
    """Pair by pair with SciPy."""
    krow, kcol, inputs, outputs = np.shape(weights)
    result = np.zeros((maps.shape[0] - krow + 1, maps.shape[1] - kcol + 1, outputs))
    for n in range(inputs):
        for m in range(outputs):
            if mask[n, m]:
                kernel = np.asarray(weights[:, :, n, m], float)
                result[:, :, m] += scipy.signal.correlate(maps[:, :, n].astype(float), kernel, mode="valid", method="direct")
    return result + bias


masked_conv = Exercise(
    name="masked_conv",
    title="A convolution with a table of connections",
    points={EVERY_PAIR: 1, SOME_PAIRS: 2},
    minutes=20,
    difficulty=2,
    oracle=_masked,
    examples=(
        Case(
            {
                "maps": np.array([[[1, 10], [2, 20], [3, 30]]]),
                "weights": np.array([[[[1, 7], [1, 0]], [[2, 7], [0, 1]]]]),
                "bias": np.array([1, -1]),
                "mask": np.array([[True, False], [True, True]]),
            },
            SOME_PAIRS,
            "output 1 does not see input 0, so the sevens do not count",
            known=[[[16.0, 19.0], [29.0, 29.0]]],
        ),
    ),
    cases=_masked_cases,
    hints=(
        "A connection that does not exist is a kernel of zeros.",
        "`weights * mask` multiplies the kernel of each pair (n, m) by 0 or 1: the shapes (krow, kcol, inputs, outputs) and (inputs, outputs) fit.",
        "Then it is the layer of Unit 6: for each place, the sum over krow, kcol and inputs of patch · weights, plus the bias. `np.tensordot(patch, weights, axes=3)` gives all output maps of one place.",
    ),
)


@masked_conv.mistake("Every output map sees every input map. Where the mask is False, the kernel must count nothing.")
def masked_ignored(maps, weights, bias, mask):
    return _masked(maps, weights, bias, np.ones_like(mask))


@masked_conv.mistake("You use the pairs that are not connected. True in the mask means: connected.")
def masked_inverted(maps, weights, bias, mask):
    return _masked(maps, weights, bias, ~mask)


@masked_conv.mistake("The bias is added once for each connected input map. An output map has one bias, added once.")
def masked_bias_each_time(maps, weights, bias, mask):
    return _masked(maps, weights, bias * mask.sum(axis=0), mask)


@masked_conv.mistake("An output map that sees no input gets no bias from you. Every output map has its bias.")
def masked_without_bias_where_alone(maps, weights, bias, mask):
    return _masked(maps, weights, np.where(mask.any(axis=0), bias, 0), mask)


@masked_conv.mistake("The bias is missing: add `bias[m]` to output map m.")
def masked_without_bias(maps, weights, bias, mask):
    return _masked(maps, weights, 0 * bias, mask)


@masked_conv.mistake("The kernels were flipped. A layer convolves without reversal (sliding correlation).")
def masked_with_reversal(maps, weights, bias, mask):
    return _masked(maps, weights[::-1, ::-1], bias, mask)


@masked_conv.mistake("You took the number of rows for the columns too. Rows and columns can differ.")
def masked_square_only(maps, weights, bias, mask):
    return _masked(maps, weights, bias, mask)[:, : maps.shape[0] - weights.shape[0] + 1]


@masked_conv.mistake("You blank whole output maps. The mask says for each pair of input and output whether it counts.")
def masked_by_output(maps, weights, bias, mask):
    return _masked(maps, weights, bias, np.ones_like(mask)) * mask.any(axis=0)


# --- lenet5_parameters -------------------------------------------------------------------------

SHARED, WITH_DENSE = "convolution and pooling", "with dense layers"
FRONT = [("conv", 5, 6), ("pool", 2)]
BACK = [("pool", 2), ("dense", 120), ("dense", 84), ("dense", 10)]


def _parameter_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part in (SHARED, WITH_DENSE):
        rows, cols, channels = generator.integers([20, 26, 2], [24, 31, 5]).tolist()
        size, maps, more = generator.integers([3, 3, 9], [6, 8, 14]).tolist()
        rows += (rows - size) % 2  # an odd number of rows reaches the first pool
        connections = int(generator.integers(maps, maps * more - 5))
        layers: list[tuple[Any, ...]] = [("conv", size, maps), ("pool", 2), ("sparse", 3, more, connections)]
        if part == WITH_DENSE:
            pool, units, classes = generator.integers([2, 20, 5], [4, 40, 12]).tolist()
            layers += [("pool", pool), ("dense", units), ("dense", classes)]
        shape = (rows, cols, channels)
        yield Case({"input_shape": shape, "layers": layers}, part)
    layers = [("pool", 3), ("dense", int(generator.integers(4, 9))), ("dense", 3)]
    yield Case({"input_shape": (7, 14, 2), "layers": layers}, WITH_DENSE, "no convolution")
    # Without a pool nothing hides a row or a column too many.
    connections, units = int(generator.integers(4, 8)), int(generator.integers(4, 9))
    layers = [("conv", 3, 2), ("conv", 2, 5), ("sparse", 2, 4, connections), ("dense", units)]
    yield Case({"input_shape": (6, 9, int(generator.integers(1, 4))), "layers": layers}, WITH_DENSE, "no pool")


def _counted_from_arrays(input_shape, layers):
    """Count the numbers in the arrays that each layer would have, and let SciPy find the sizes of the maps."""
    maps, counts = np.zeros(input_shape), []
    for kind, number, *rest in layers:
        if kind == "pool":
            kept = maps[: maps.shape[0] // number * number : number, : maps.shape[1] // number * number : number]
            maps, count = kept, 0
        elif kind == "dense":
            count = np.zeros((number, maps.size)).size + np.zeros(number).size
            maps = np.zeros((1, 1, number))
        else:
            kernels = (
                np.zeros((number, number, maps.shape[2], rest[0])) if kind == "conv" else np.zeros((rest[1], number, number))
            )
            count = kernels.size + np.zeros(rest[0]).size
            one = scipy.signal.correlate(maps[:, :, 0], np.zeros((number, number)), mode="valid")
            maps = np.zeros((*one.shape, rest[0]))
        counts.append(count)
    return np.array(counts)


lenet5_parameters = Exercise(
    name="lenet5_parameters",
    title="Count every layer",
    points={SHARED: 1, WITH_DENSE: 1},
    minutes=15,
    difficulty=2,
    oracle=_counted_from_arrays,
    examples=(
        Case(
            {"input_shape": (32, 32, 1), "layers": [*FRONT, ("sparse", 5, 16, 60)]},
            SHARED,
            "to C3",
            known=[156, 0, 1516],
        ),
        Case(
            {"input_shape": (32, 32, 1), "layers": [*FRONT, ("sparse", 5, 16, 60), *BACK]},
            WITH_DENSE,
            "LeNet-5",
            known=[156, 0, 1516, 0, 48120, 10164, 850],
        ),
        Case(
            {"input_shape": (32, 32, 1), "layers": [*FRONT, ("conv", 5, 16), *BACK]},
            WITH_DENSE,
            "with every pair connected",
            known=[156, 0, 2416, 0, 48120, 10164, 850],
        ),
    ),
    cases=_parameter_cases,
    hints=(
        "Walk through the layers with the current (rows, cols, channels), and append one number a layer.",
        "A kernel has size² weights. A full layer has channels · num_maps kernels, a sparse one as many as connections. Add num_maps biases.",
        "Dense: units · (rows · cols · channels + 1). After it the shape is (1, 1, units).",
    ),
)


def _counted(input_shape, layers, border=0, halves=True, bias=1, per_connection=False, dense=False, flat=True):
    """Parameters of each layer; the keywords make the usual mistakes."""
    (rows, cols, channels), counts = input_shape, []
    for kind, number, *rest in layers:
        if kind == "pool":
            rows, cols = (rows // number, cols // number) if halves else (rows, cols)
            counts.append(0)
        elif kind == "dense":
            counts.append(number * ((rows * cols if flat else 1) * channels + bias))
            rows, cols, channels = 1, 1, number
        else:
            connections = rest[0] * channels if kind == "conv" or dense else rest[1]
            counts.append(connections * (number**2 + (bias if per_connection else 0)) + (0 if per_connection else bias * rest[0]))
            rows, cols, channels = rows - number + 1 + border * (number - 1), cols - number + 1 + border * (number - 1), rest[0]
    return counts


@lenet5_parameters.mistake("The biases are missing: one for each map, and one for each dense unit.")
def count_without_biases(input_shape, layers):
    return _counted(input_shape, layers, bias=0)


@lenet5_parameters.mistake("You counted a bias for each connection. A map has one bias, however many maps it sees.")
def count_biases_for_connections(input_shape, layers):
    return _counted(input_shape, layers, per_connection=True)


@lenet5_parameters.mistake('A "sparse" layer has a kernel for each connection in its table, not for each pair of maps.')
def count_sparse_as_full(input_shape, layers):
    return _counted(input_shape, layers, dense=True)


@lenet5_parameters.mistake("The first dense layer sees every number of every map: rows · cols · channels, not one number a map.")
def count_dense_from_channels(input_shape, layers):
    return _counted(input_shape, layers, flat=False)


@lenet5_parameters.mistake("The convolutions are valid: a size × size kernel takes size − 1 rows and columns away.")
def count_with_same_padding(input_shape, layers):
    return _counted(input_shape, layers, border=1)


@lenet5_parameters.mistake("Pooling has no parameters, but it divides rows and columns by its size.")
def count_without_pooling(input_shape, layers):
    return _counted(input_shape, layers, halves=False)


@lenet5_parameters.mistake('A "sparse" layer makes as many maps as the table says: the next layer reads those.')
def parameters_of_channels_before(input_shape, layers):
    counts, (rows, cols, channels) = [], input_shape
    for kind, number, *rest in layers:
        counts += _counted((rows, cols, channels), [(kind, number, *rest)])
        if kind == "pool":
            rows, cols = rows // number, cols // number
        elif kind == "dense":
            rows, cols, channels = 1, 1, number
        else:
            rows, cols = rows - number + 1, cols - number + 1
            channels = rest[0] if kind == "conv" else channels
    return counts


# --- lenet5 ------------------------------------------------------------------------------------


def _net(
    input_shape, classes, activation, pool="MaxPooling2D", padding="valid", units=(120, 84), last="softmax",
    convolved=None, dense=None, before_dense=None,
):  # fmt: skip
    """LeNet-5; the keywords make the usual mistakes."""
    import keras
    from keras import layers

    convolved, dense = convolved or activation, dense or activation
    pooling = getattr(layers, pool)
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(6, 5, padding=padding, activation=convolved),
            pooling(2),
            layers.Conv2D(16, 5, padding=padding, activation=convolved),
            pooling(2),
            *(before_dense or (layers.Flatten(),)),
            *[layers.Dense(number, activation=dense) for number in units],
            layers.Dense(classes, activation=last),
        ]
    )


def _net_cases(generator: np.random.Generator) -> Iterator[Case]:
    # One side leaves a rest at both pools, where another padding of theirs shows.
    rows, cols = generator.permutation([generator.choice([16, 18, 20, 22]), generator.choice([19, 23])]).tolist()
    shape = (rows, cols, int(generator.integers(1, 4)))
    activation = str(generator.choice(["tanh", "sigmoid"]))
    yield Case({"input_shape": shape, "classes": int(generator.integers(3, 8)), "activation": activation}, "net")


def _net_facts(input_shape, classes, activation):
    return model_facts(_net(input_shape, classes, activation))


lenet5 = Exercise(
    name="lenet5",
    title="LeNet-5 in Keras",
    points={"net": 2},
    minutes=15,
    difficulty=2,
    oracle=_net_facts,
    examples=(
        Case({"input_shape": (32, 32, 1), "classes": 10, "activation": "tanh"}, "net", "the published size", known=61_706),
    ),
    cases=_net_cases,
    hints=(
        "`layers.Conv2D(6, 5, activation=activation)` is C1. The default padding of Keras is valid.",
        "`layers.MaxPooling2D(2)` halves the maps; `layers.Flatten()` comes before the first `layers.Dense`.",
        'C1 6 · pool · C3 16 · pool · Flatten · Dense 120 · Dense 84 · Dense classes with `activation="softmax"`; all in a list for `keras.Sequential`, which begins with the `keras.Input`.',
    ),
    seconds=30.0,
)


@lenet5.mistake("The convolutions pad the image. LeNet's are valid: 32 → 28, and 14 → 10.")
def net_with_same_padding(input_shape, classes, activation):
    return model_facts(_net(input_shape, classes, activation, padding="same"))


@lenet5.mistake("The convolutions have no activation. Without it they are only one linear step.")
def net_with_linear_convolutions(input_shape, classes, activation):
    return model_facts(_net(input_shape, classes, activation, convolved="linear"))


@lenet5.mistake("The last layer gives plain scores. Let it end in softmax, so that they are probabilities.")
def net_without_softmax(input_shape, classes, activation):
    return model_facts(_net(input_shape, classes, activation, last=None))


@lenet5.mistake("You average in the pooling layers. Take the largest of each 2 × 2 window.")
def net_with_average_pooling(input_shape, classes, activation):
    return model_facts(_net(input_shape, classes, activation, pool="AveragePooling2D"))


@lenet5.mistake("The activation is always ReLU. Use the argument `activation`.")
def net_with_relu_always(input_shape, classes, activation):
    return model_facts(_net(input_shape, classes, "relu"))


@lenet5.mistake("The dense layers are exchanged: first 120 units, then 84.")
def net_with_dense_layers_exchanged(input_shape, classes, activation):
    return model_facts(_net(input_shape, classes, activation, units=(84, 120)))


@lenet5.mistake(
    "C5 is a convolution of yours, as in the paper. The exercise asks for `layers.Dense` there, behind `layers.Flatten`."
)
def net_with_c5_as_convolution(input_shape, classes, activation):
    from keras import layers

    c5 = (layers.Conv2D(120, 5, activation=activation), layers.Flatten())
    return model_facts(_net(input_shape, classes, activation, units=(84,), before_dense=c5))


@lenet5.mistake("Each map is averaged before the dense layers. They read every number of the maps: use `layers.Flatten`.")
def net_with_global_average(input_shape, classes, activation):
    from keras import layers

    return model_facts(_net(input_shape, classes, activation, before_dense=(layers.GlobalAveragePooling2D(),)))


@lenet5.mistake("The dense layers have no activation. All but the last use `activation`.")
def net_with_linear_dense_layers(input_shape, classes, activation):
    return model_facts(_net(input_shape, classes, activation, dense="linear"))


# --- prepare_images ----------------------------------------------------------------------------

PAPER, INK = -0.1, 1.175


def _image_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = 2 * int(generator.integers(2, 5)), 2 * int(generator.integers(5, 7))
    # Nothing as dark as 255, so that scaling by the largest number shows.
    images = generator.integers(0, 200, size=(3, rows, cols)).astype(np.uint8)
    yield Case({"images": images, "size": cols + 2 * int(generator.integers(1, 4))}, "prepared")
    images = generator.integers(0, 256, size=(1, 6, 4)).astype(np.uint8)
    yield Case({"images": images, "size": 6}, "prepared", "tall: nothing above and below")
    yield Case({"images": images[:, :4], "size": 4}, "prepared", "as large as they should be")


def _prepared(images, size):
    count, rows, cols = images.shape
    result = np.full((count, size, size, 1), PAPER)
    top, left = (size - rows) // 2, (size - cols) // 2
    result[:, top : top + rows, left : left + cols, 0] = np.interp(images, [0, 255], [PAPER, INK])
    return result


prepare_images = Exercise(
    name="prepare_images",
    title="Images as LeNet-5 likes them",
    points={"prepared": 1},
    minutes=10,
    difficulty=1,
    oracle=_prepared,
    examples=(
        Case(
            {"images": np.array([[[0, 255], [51, 102]]], dtype=np.uint8), "size": 4},
            "prepared",
            "51 is a fifth of 255: −0.1 + 1.275 / 5 = 0.155",
            known=[[[[PAPER], [a], [b], [PAPER]] for a, b in ((PAPER, PAPER), (PAPER, INK), (0.155, 0.41), (PAPER, PAPER))]],
        ),
    ),
    cases=_image_cases,
    hints=(
        "`np.pad(images, [(0, 0), (a, a), (b, b)])` puts a rows of zeros above and below, b columns left and right.",
        "A line from 0 ↦ −0.1 to 255 ↦ 1.175: −0.1 + 1.275 · pixel / 255.",
        "28 rows in 32: two rows of zeros above and two below. The byte 51 becomes −0.1 + 1.275/5 = 0.155. `[..., "
        "None]` adds an axis.",
    ),
)


def _padded(images, size, value=0.0):
    sides = [(0, 0), *[((size - side) // 2,) * 2 for side in images.shape[1:]]]
    return np.pad(images.astype(float), sides, constant_values=value)[..., None]


def _scaled(images, largest=255):
    return PAPER + (INK - PAPER) * images / largest


@prepare_images.mistake("The border is 0, but empty pixels are −0.1. Pad first and scale then, or pad with −0.1.")
def prepared_with_border_after_scaling(images, size):
    return _padded(_scaled(images), size)


@prepare_images.mistake("The channel is missing. Keras wants (count, rows, cols, 1): add `[..., None]`.")
def prepared_without_channel(images, size):
    return _prepared(images, size)[..., 0]


@prepare_images.mistake("You scaled to 0 … 1. Here 0 becomes −0.1 and 255 becomes 1.175.")
def prepared_from_0_to_1(images, size):
    return _padded(images, size) / 255


@prepare_images.mistake("The image lies in the corner. Pad the same number of pixels on both sides.")
def prepared_to_the_right(images, size):
    _, rows, cols = images.shape
    return _scaled(np.pad(images, [(0, 0), (0, size - rows), (0, size - cols)]))[..., None]


@prepare_images.mistake(
    "You divided by the largest number in these images. Divide by 255 always, or training and test images differ in scale."
)
def prepared_by_own_largest(images, size):
    return _scaled(_padded(images, size), images.max())


@prepare_images.mistake(
    "You padded the first axis too, so empty images were added. Pad rows and columns only: `np.pad(images, [(0, 0), …])`."
)
def prepared_with_empty_images(images, size):
    border = (size - images.shape[2]) // 2
    return _scaled(np.pad(images, [(border, border), *[((size - side) // 2,) * 2 for side in images.shape[1:]]]))[..., None]


@prepare_images.mistake("The channel stands in front. Keras wants it last: (count, rows, cols, 1).")
def prepared_channel_first(images, size):
    return np.moveaxis(_prepared(images, size), -1, 1)


@prepare_images.mistake("The border is always two pixels wide. It depends on `size`: (size − side) // 2 on each side.")
def prepared_with_two_pixels(images, size):
    return _scaled(np.pad(images, [(0, 0), (2, 2), (2, 2)]))[..., None]


# --- one_batch ---------------------------------------------------------------------------------


def _batch_cases(generator: np.random.Generator) -> Iterator[Case]:
    size = int(generator.integers(3, 5))
    count = 3 * size + 2
    images = generator.integers(0, 256, size=(count, 2, 2)).astype(np.uint8)
    labels = generator.permutation(count)  # all different, so that a wrong one shows
    order = np.roll(generator.permutation(count), 1)
    for number in (0, int(generator.integers(1, 3)), 3):
        note = "the last batch, with two images" if number == 3 else ""
        yield Case({"images": images, "labels": labels, "order": order, "number": number, "size": size}, "batch", note)


def _labels_as_they_were(images, labels, order, number, size):
    start = number * size
    shuffled = images[order]
    return shuffled[start : start + size], labels[start : start + size]


def _dealt(images, labels, order, number, size):
    """Like cards: pairs of image and label, dealt one after the other."""
    places = [int(order[place]) for place in range(number * size, min((number + 1) * size, len(order)))]
    return np.stack([images[place] for place in places]), np.array([labels[place] for place in places])


one_batch = Exercise(
    name="one_batch",
    title="Repair: wrong names",
    points={"batch": 1},
    minutes=5,
    difficulty=1,
    oracle=_dealt,
    given=_labels_as_they_were,
    examples=(
        Case(
            {
                "images": np.array([[[0]], [[10]], [[20]]]),
                "labels": np.array([5, 6, 7]),
                "order": np.array([2, 0, 1]),
                "number": 0,
                "size": 2,
            },
            "batch",
            "images 2 and 0 come first",
            known=([[[20]], [[0]]], [7, 5]),
        ),
    ),
    cases=_batch_cases,
    hints=(
        "Follow one picture: in the example 20 comes first. Which label has it before the shuffling, and which does it get?",
        "The images are put in a new order. What happens to the labels?",
        "In the example the first batch has the images with the numbers 2 and 0. The labels of the same numbers are 7 and 5.",
    ),
)


@one_batch.mistake("Neither images nor labels are shuffled now. Use `order` for both.")
def batch_unshuffled(images, labels, order, number, size):
    start = number * size
    return images[start : start + size], labels[start : start + size]


@one_batch.mistake("The labels are shuffled and the images are not. Both need the same order.")
def batch_of_shuffled_labels(images, labels, order, number, size):
    start = number * size
    return images[start : start + size], labels[order][start : start + size]


@one_batch.mistake("You begin at image `number`. A batch begins behind `number` whole batches.")
def batch_from_the_number(images, labels, order, number, size):
    return images[order][number : number + size], labels[order][number : number + size]


@one_batch.mistake("`order` says which image comes first, second, third. You read it as the place to which an image goes.")
def batch_in_the_inverse_order(images, labels, order, number, size):
    return _dealt(images, labels, np.argsort(order), number, size)


@one_batch.mistake("Pictures and labels belong together now, but they are sorted. Keep the order that is given.")
def batch_sorted(images, labels, order, number, size):
    chosen = np.sort(order[number * size : (number + 1) * size])
    return images[chosen], labels[chosen]


@one_batch.mistake("The last batch is filled up from the beginning. It may be smaller.")
def batch_filled_up(images, labels, order, number, size):
    chosen = np.take(order, range(number * size, (number + 1) * size), mode="wrap")
    return images[chosen], labels[chosen]


# --- train_lenet -------------------------------------------------------------------------------


def _small_model(generator: np.random.Generator, shape: tuple[int, int, int], classes: int) -> PackedModel:
    """One dense layer with softmax, which NumPy can train too; written down so that no Keras is needed to make it."""
    layers = [
        ("InputLayer", {"batch_shape": [None, *shape]}),
        ("Flatten", {}),
        ("Dense", {"units": classes, "activation": "softmax"}),
    ]
    steps = [{"module": "keras.layers", "class_name": name, "config": config} for name, config in layers]
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "small", "layers": steps}}
    weights = [generator.normal(0, 0.5, size=size) for size in ((int(np.prod(shape)), classes), (classes,))]
    return PackedModel(json.dumps(config), weights)


def _training_case(generator: np.random.Generator, count: int, epochs: int, batch_size: int, note: str = "") -> Case:
    shape, classes = (3, 4, 1), 3
    return Case(
        {
            "model": _small_model(generator, shape, classes),
            "images": generator.normal(size=(count, *shape)).astype(np.float32),
            "labels": generator.integers(0, classes, size=count),
            "epochs": epochs,
            "batch_size": batch_size,
            "learning_rate": round(float(generator.uniform(0.1, 0.3)), 3),
        },
        "trained",
        note,
    )


def _training_cases(generator: np.random.Generator) -> Iterator[Case]:
    count = int(generator.choice([9, 13]))  # the last batch has one image
    yield _training_case(generator, count, int(generator.integers(2, 4)), 4)


def _probabilities(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _trained(
    model,
    images,
    labels,
    epochs,
    batch_size,
    learning_rate,
    momentum=0.9,
    rule="momentum",
    loss="cross-entropy",
):
    """The same by hand: softmax regression, cross-entropy, steps with momentum. The keywords make the usual mistakes."""
    weights, bias = (np.asarray(array, float) for array in model.weights)
    flat = np.asarray(images, float).reshape(len(images), -1)
    table = np.c_[flat, np.ones(len(flat))]
    parameters, velocity, squares, step = np.vstack([weights, bias]), 0.0, 0.0, 0
    for _ in range(epochs):
        for first in range(0, len(flat), batch_size):
            rows, right = table[first : first + batch_size], np.eye(len(bias))[labels[first : first + batch_size]]
            p = _probabilities(rows @ parameters)
            blame = p - right
            if loss != "cross-entropy":  # the slope for p first, then through the softmax
                slope = _probabilities(p) - right if loss == "softmax twice" else 2 * (p - right) / len(bias)
                blame = p * (slope - (p * slope).sum(axis=1, keepdims=True))
            gradient, step = rows.T @ blame / len(rows), step + 1
            if rule == "adam":
                velocity = 0.9 * velocity + 0.1 * gradient
                squares = 0.999 * squares + 0.001 * gradient**2
                rate = learning_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                parameters = parameters - rate * velocity / (np.sqrt(squares) + 1e-7)
            else:
                velocity = momentum * velocity - learning_rate * gradient
                parameters = parameters + velocity
    return model_facts(replace(model, weights=[parameters[:-1], parameters[-1]]), own_weights=True)


def _train_oracle(model, images, labels, epochs, batch_size, learning_rate):
    return _trained(model, images, labels, epochs, batch_size, learning_rate)


train_lenet = Exercise(
    name="train_lenet",
    title="Train it",
    points={"trained": 3},
    minutes=15,
    difficulty=2,
    oracle=_train_oracle,
    examples=(replace(_training_case(np.random.default_rng(1998), 8, 2, 3, "8 images: batches of 3, 3 and 2"), known=39),),
    cases=_training_cases,
    hints=(
        "`model.compile(optimizer=…, loss=…)` says how to train, `model.fit(images, labels, …)` does it.",
        'The labels are class numbers, so the loss is `"sparse_categorical_crossentropy"`; the optimiser is `keras.optimizers.SGD(learning_rate, momentum=0.9)`.',
        "`fit` wants epochs, batch_size, `shuffle=False` (or your batches are other ones), `verbose=0` and the callbacks. At the end `return model`.",
    ),
    tolerance=1e-3,
    seconds=60.0,
)


def _as_packed(model: Any) -> PackedModel:
    return model if isinstance(model, PackedModel) else packed(model)


@train_lenet.mistake("Momentum is missing: `keras.optimizers.SGD(learning_rate, momentum=0.9)`.")
def trained_without_momentum(model, images, labels, epochs, batch_size, learning_rate):
    return _trained(_as_packed(model), images, labels, epochs, batch_size, learning_rate, momentum=0.0)


@train_lenet.mistake("That is Adam. LeNet was trained by gradient descent: use `keras.optimizers.SGD` with momentum 0.9.")
def trained_by_adam(model, images, labels, epochs, batch_size, learning_rate):
    return _trained(_as_packed(model), images, labels, epochs, batch_size, learning_rate, rule="adam")


@train_lenet.mistake(
    "Softmax is taken twice: the model gives probabilities already, so the loss must not get `from_logits=True`."
)
def trained_with_softmax_twice(model, images, labels, epochs, batch_size, learning_rate):
    return _trained(_as_packed(model), images, labels, epochs, batch_size, learning_rate, loss="softmax twice")


@train_lenet.mistake("You minimise squared differences. The loss is the cross-entropy.")
def trained_on_squares(model, images, labels, epochs, batch_size, learning_rate):
    return _trained(_as_packed(model), images, labels, epochs, batch_size, learning_rate, loss="squares")


@train_lenet.mistake("It ran for one epoch only. Hand `epochs` on to `fit`.")
def trained_one_epoch(model, images, labels, epochs, batch_size, learning_rate):
    return _trained(_as_packed(model), images, labels, 1, batch_size, learning_rate)


@train_lenet.mistake("The batches have 32 images, which is Keras's default. Hand `batch_size` on to `fit`.")
def trained_with_default_batches(model, images, labels, epochs, batch_size, learning_rate):
    return _trained(_as_packed(model), images, labels, epochs, 32, learning_rate)


@train_lenet.mistake("The learning rate is 0.01, which is Keras's default. Hand `learning_rate` on to `SGD`.")
def trained_with_default_rate(model, images, labels, epochs, batch_size, learning_rate):
    return _trained(_as_packed(model), images, labels, epochs, batch_size, 0.01)


@train_lenet.mistake("The model comes back as it was. `compile` only prepares it; `fit` trains it.")
def trained_not_at_all(model, images, labels, epochs, batch_size, learning_rate):
    return model_facts(model, own_weights=True)


# --- confusion ---------------------------------------------------------------------------------

ALL_APPEAR, SOME_MISSING = "all classes appear", "a class that never appears"


def _confusion_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, classes, seen in ((ALL_APPEAR, 4, 4), (SOME_MISSING, 6, 5)):
        labels = np.concatenate([np.arange(seen), generator.integers(0, seen, size=25)])
        # Errors go upwards only, so that the matrix is never symmetric.
        predictions = np.where(generator.random(len(labels)) < 0.5, np.minimum(labels + 1, seen - 1), labels)
        predictions[:3] = [1, 2, 2]
        order = generator.permutation(len(labels))
        yield Case({"labels": labels[order], "predictions": predictions[order], "classes": classes}, part)
    labels = generator.permutation([0, 0, 3, 3, 3, 3])  # neither 1 nor 2, nor the last
    yield Case({"labels": labels, "predictions": np.roll(labels, 1), "classes": 5}, SOME_MISSING)
    yield Case({"labels": labels, "predictions": np.maximum(labels, 1), "classes": 4}, SOME_MISSING, "never predicted: 0 and 2")


def _confusion(labels, predictions, classes):
    return sklearn.metrics.confusion_matrix(labels, predictions, labels=np.arange(classes))


confusion = Exercise(
    name="confusion",
    title="What is taken for what?",
    points={ALL_APPEAR: 1, SOME_MISSING: 1},
    minutes=10,
    difficulty=1,
    oracle=_confusion,
    examples=(
        Case(
            {"labels": np.array([0, 0, 0, 1, 1, 2]), "predictions": np.array([0, 0, 2, 1, 2, 2]), "classes": 3},
            ALL_APPEAR,
            "one 0 and one 1 are taken for a 2",
            known=[[2, 0, 1], [0, 1, 1], [0, 0, 1]],
        ),
        Case(
            {"labels": np.array([1, 1]), "predictions": np.array([0, 0]), "classes": 3},
            SOME_MISSING,
            "class 2 never appears and has its row and column all the same",
            known=[[0, 0, 0], [2, 0, 0], [0, 0, 0]],
        ),
    ),
    cases=_confusion_cases,
    hints=(
        "Begin with `np.zeros((classes, classes), dtype=int)`.",
        "Walk through labels and predictions together: `zip(labels, predictions)`.",
        "Labels [0, 1, 1], predictions [0, 1, 0]: a 1 at (0, 0), at (1, 1) and at (1, 0). Which of the two numbers "
        "names the row?",
    ),
    forbidden=("confusion_matrix",),
)


@confusion.mistake(
    "Every pair is counted once at most: `matrix[labels, predictions] += 1` adds only one for repeated places. Loop, or use `np.add.at`."
)
def confusion_once_a_pair(labels, predictions, classes):
    matrix = np.zeros((classes, classes), dtype=int)
    matrix[labels, predictions] += 1
    return matrix


@confusion.mistake("Rows and columns are exchanged. The row is the right class, the column is the net's answer.")
def confusion_transposed(labels, predictions, classes):
    return _confusion(predictions, labels, classes)


@confusion.mistake("The matrix is too small. It has `classes` rows and columns, even if a class never appears.")
def confusion_of_classes_seen(labels, predictions, classes):
    return _confusion(labels, predictions, max(labels.max(), predictions.max()) + 1)


@confusion.mistake("These are shares of each row. Return the counts.")
def confusion_in_shares(labels, predictions, classes):
    matrix = _confusion(labels, predictions, classes)
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


@confusion.mistake("The diagonal is empty. Right answers are counted too: there the two classes are equal.")
def confusion_errors_only(labels, predictions, classes):
    matrix = _confusion(labels, predictions, classes)
    return matrix - np.diag(np.diag(matrix))


EXERCISES: tuple[Exercise, ...] = (
    c3_connections,
    design_connections,
    masked_conv,
    lenet5_parameters,
    lenet5,
    prepare_images,
    one_batch,
    train_lenet,
    confusion,
)
