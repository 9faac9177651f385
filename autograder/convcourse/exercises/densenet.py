"""Unit 15: DenseNet, blocks in which every layer reads the maps of all layers before it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import cache

import numpy as np

from convcourse.exercises.cases import fractions, whole
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import Symbolic, block_facts, model_facts

PAPERS_121 = (6, 12, 24, 16)

# Oracles that build models remember their results (`cache`): a check tries the same cases each time.


def _integers(generator: np.random.Generator, low: int, high: int, count: int) -> tuple[int, ...]:
    """`count` different whole numbers, low ≤ each < high."""
    return tuple(int(number) for number in generator.choice(np.arange(low, high), size=count, replace=False))


# --- input_maps --------------------------------------------------------------------------------


def _input_maps_cases(generator: np.random.Generator) -> Iterator[Case]:
    layer, initial_maps, growth = _integers(generator, 3, 40, 3)
    yield Case({"layer": layer, "initial_maps": initial_maps, "growth": growth}, "number")


input_maps = Exercise(
    name="input_maps",
    title="How many maps does a layer read?",
    points={"number": 1},
    minutes=4,
    difficulty=1,
    oracle=lambda layer, initial_maps, growth: sum([initial_maps, *itertools.repeat(growth, layer - 1)]),
    examples=(
        Case({"layer": 1, "initial_maps": 64, "growth": 32}, "number", "the first layer reads the block's input", known=64),
        Case({"layer": 4, "initial_maps": 64, "growth": 32}, "number", "64 + 32 + 32 + 32", known=160),
        Case({"layer": 16, "initial_maps": 512, "growth": 32}, "number", "the last layer of DenseNet-121", known=992),
    ),
    cases=_input_maps_cases,
    hints=(
        "List the sources of layer 3: the block's input, layer 1, layer 2. How many maps does each of them give?",
        "The block's input gives `initial_maps`, and each layer before gives `growth`. How many layers stand before layer ℓ?",
        "k₀ = 64, k = 32: layer 1 reads 64 maps, layer 2 reads 96, layer 3 reads 128 = 64 + 2 · 32. For layer 3 the factor is 2.",
    ),
)


@input_maps.mistake(
    "That is what comes out after layer ℓ. In front of it stand ℓ − 1 layers, and layer 1 reads the block's input alone."
)
def maps_one_layer_too_many(layer, initial_maps, growth):
    return initial_maps + growth * layer


@input_maps.mistake("The block's own input is missing: every layer reads its `initial_maps` too.")
def maps_of_the_layers_only(layer, initial_maps, growth):
    return growth * (layer - 1)


@input_maps.mistake(
    "That is a chain: it reads the layer before only. Here a layer reads the block's input and all layers before it."
)
def maps_of_the_layer_before_only(layer, initial_maps, growth):
    return initial_maps if layer == 1 else growth


@input_maps.mistake("Only the block's input has `initial_maps` maps. Every layer adds `growth` maps.")
def maps_all_like_the_input(layer, initial_maps, growth):
    return initial_maps * layer


@input_maps.mistake("The number of maps does not double. Each layer before adds `growth` maps.")
def maps_doubled(layer, initial_maps, growth):
    return initial_maps * 2 ** (layer - 1)


@input_maps.mistake("The factor belongs to `growth` alone: `initial_maps` come once, whatever the layer.")
def maps_sum_times_layers(layer, initial_maps, growth):
    return (initial_maps + growth) * (layer - 1)


# --- count_connections -------------------------------------------------------------------------

ONE_BLOCK, SEVERAL_BLOCKS = "one block", "several blocks"


def _connection_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"blocks": _integers(generator, 3, 40, 1)}, ONE_BLOCK)
    yield Case({"blocks": _integers(generator, 3, 20, int(generator.integers(2, 5)))}, SEVERAL_BLOCKS)


def _pairs(blocks):
    # The things that stand in a block: its input and its layers. Every pair of them is connected.
    return sum(math.comb(num_layers + 1, 2) for num_layers in blocks)


count_connections = Exercise(
    name="count_connections",
    title="Count the connections",
    points={ONE_BLOCK: 1, SEVERAL_BLOCKS: 1},
    minutes=6,
    difficulty=1,
    oracle=_pairs,
    examples=(
        Case({"blocks": (5,)}, ONE_BLOCK, "1 + 2 + 3 + 4 + 5", known=15),
        Case({"blocks": (2, 3)}, SEVERAL_BLOCKS, "(1 + 2) + (1 + 2 + 3)", known=9),
        Case({"blocks": PAPERS_121}, SEVERAL_BLOCKS, "DenseNet-121: 21 + 78 + 300 + 136", known=535),
    ),
    cases=_connection_cases,
    hints=(
        "Layer 1 has one source (the block's input), layer 2 has two, layer 3 has three …",
        "For a block of L layers add 1 + 2 + … + L, which is L (L + 1) / 2.",
        "Blocks (2, 3): 1 + 2 = 3 and 1 + 2 + 3 = 6 connections, together 9. A loop, or a sum over `blocks`, does it for all of "
        "them.",
    ),
)


@count_connections.mistake(
    "You counted pairs of layers only. The block's input is connected to every layer as well: L (L + 1) / 2, not L (L − 1) / 2."
)
def connections_without_the_input(blocks):
    return sum(num_layers * (num_layers - 1) // 2 for num_layers in blocks)


@count_connections.mistake(
    "You counted as if all layers stood in one block. No connection leads past a transition: count block by block and add."
)
def connections_of_one_long_block(blocks):
    return sum(blocks) * (sum(blocks) + 1) // 2


@count_connections.mistake(
    "L² would let every layer read every layer, also the later ones and itself. Layer ℓ has ℓ sources only."
)
def connections_squared(blocks):
    return sum(num_layers**2 for num_layers in blocks)


@count_connections.mistake("That is a chain: one connection a layer. In a dense block layer ℓ reads ℓ sources.")
def connections_of_a_chain(blocks):
    return sum(blocks)


# --- bn_relu_conv ------------------------------------------------------------------------------


def _composite_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols, maps, filters = _integers(generator, 4, 10, 4)
    size = int(generator.choice([2, 5]))  # the examples have 1 and 3
    yield Case({"x": Symbolic((rows, cols, maps)), "filters": filters, "kernel_size": size}, "layers")


def _composite(x, filters, kernel_size, order="nrc", padding="same", bias=False, epsilon=1.001e-5):
    """n: norm, r: ReLU, c: convolution; written apart from the library's."""
    from keras import layers

    steps = {
        "n": lambda: layers.BatchNormalization(epsilon=epsilon),
        "r": lambda: layers.Activation("relu"),
        "c": lambda: layers.Conv2D(filters, kernel_size, padding=padding, use_bias=bias),
    }
    for step in order:
        x = steps[step]()(x)
    return x


def _composite_facts(x, filters, kernel_size, **options):
    return block_facts(lambda *arguments: _composite(*arguments, **options), x, filters, kernel_size)


bn_relu_conv = Exercise(
    name="bn_relu_conv",
    title="The composite function H",
    points={"layers": 1},
    minutes=8,
    difficulty=1,
    oracle=cache(_composite_facts),
    examples=(
        Case(
            {"x": Symbolic((8, 6, 5)), "filters": 4, "kernel_size": 3},
            "layers",
            "4 numbers for each of 5 maps, and 3·3·5·4 weights",
            known=200,
        ),
        Case({"x": Symbolic((5, 7, 3)), "filters": 6, "kernel_size": 1}, "layers", "4·3 + 3·6", known=30),
    ),
    cases=_composite_cases,
    hints=(
        "A layer of Keras is made first and then called on a tensor: `layers.ReLU()(x)`.",
        "Three lines, each of them of the form `x = layers.Something(...)(x)`, and then `return x`.",
        "From 5 maps, 4 filters of 3×3: 20 + 0 + 180 parameters. With 184 your convolution has a bias. If rows and cols shrink, "
        "it lacks padding. EPSILON belongs to the first of the three layers.",
    ),
)


@bn_relu_conv.mistake("You convolve first, as nets before 2016 did. In DenseNet the order is batch norm, ReLU, then convolution.")
def composite_convolves_first(x, filters, kernel_size):
    return _composite_facts(x, filters, kernel_size, order="cnr")


@bn_relu_conv.mistake("ReLU comes before the batch norm. Normalise first, then rectify.")
def composite_relu_first(x, filters, kernel_size):
    return _composite_facts(x, filters, kernel_size, order="rnc")


@bn_relu_conv.mistake("The ReLU is missing between the batch norm and the convolution.")
def composite_without_relu(x, filters, kernel_size):
    return _composite_facts(x, filters, kernel_size, order="nc")


@bn_relu_conv.mistake(
    "The convolution has a bias. DenseNet's convolutions have none, because a batch norm follows: `use_bias=False`."
)
def composite_with_bias(x, filters, kernel_size):
    return _composite_facts(x, filters, kernel_size, bias=True)


@bn_relu_conv.mistake(
    "Nearly: the batch norm adds another number to the variance. Keras's default is 1e-3, the net wants `epsilon=EPSILON`."
)
def composite_with_another_epsilon(x, filters, kernel_size):
    return _composite_facts(x, filters, kernel_size, epsilon=1e-3)


@bn_relu_conv.mistake("The batch norm is missing in front of the ReLU.")
def composite_without_norm(x, filters, kernel_size):
    return _composite_facts(x, filters, kernel_size, order="rc")


@bn_relu_conv.mistake("The ReLU comes after the convolution. It stands between the batch norm and the convolution.")
def composite_relu_last(x, filters, kernel_size):
    return _composite_facts(x, filters, kernel_size, order="ncr")


@bn_relu_conv.mistake("There is a second ReLU, after the convolution. H ends with the convolution.")
def composite_with_a_relu_more(x, filters, kernel_size):
    return _composite_facts(x, filters, kernel_size, order="nrcr")


# --- dense_layer -------------------------------------------------------------------------------


def _dense_layer_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols, maps = _integers(generator, 4, 10, 3)
    yield Case({"x": Symbolic((rows, cols, maps)), "growth": int(generator.integers(2, 4))}, "layers")


def _dense_layer(x, growth):
    from keras import layers

    for filters, size in ((4 * growth, (1, 1)), (growth, (3, 3))):
        x = layers.Activation("relu")(layers.BatchNormalization(epsilon=1.001e-5)(x))
        x = layers.Conv2D(filters, size, padding="same", use_bias=False)(x)
    return x


dense_layer = Exercise(
    name="dense_layer",
    title="A dense layer with bottleneck",
    points={"layers": 2},
    minutes=8,
    difficulty=1,
    oracle=cache(lambda x, growth: block_facts(_dense_layer, x, growth)),
    examples=(
        Case({"x": Symbolic((8, 5, 6)), "growth": 2}, "layers", "(4·6 + 6·8) + (4·8 + 3·3·8·2)", known=248),
        Case({"x": Symbolic((4, 6, 2)), "growth": 3}, "layers", "(4·2 + 2·12) + (4·12 + 3·3·12·3)", known=404),
    ),
    cases=_dense_layer_cases,
    hints=(
        "You have `bn_relu_conv`. A dense layer is two of them, one after the other.",
        "How many maps lie between the two, and which of the two has the 3×3 kernel?",
        "From 6 maps with k = 2: 6 → 8 → 2. If you get 6 + 2 maps at the end, you have put x beside the new ones: the block "
        "does that.",
    ),
)


@dense_layer.mistake("That is a layer without bottleneck. First a 1×1 convolution to 4 · growth maps.")
def dense_layer_without_bottleneck(x, growth):
    return block_facts(lambda x, growth: _composite(x, growth, 3), x, growth)


@dense_layer.mistake("The bottleneck is too narrow: the 1×1 convolution makes 4 · growth maps, the 3×3 convolution then growth.")
def dense_layer_narrow_bottleneck(x, growth):
    return block_facts(lambda x, growth: _composite(_composite(x, growth, 1), growth, 3), x, growth)


@dense_layer.mistake("The 3×3 convolution follows the 1×1 directly. Each of the two has its own batch norm and ReLU in front.")
def dense_layer_one_norm(x, growth):
    def layer(x, growth):
        return _composite(_composite(x, 4 * growth, 1), growth, 3, order="c")

    return block_facts(layer, x, growth)


@dense_layer.mistake(
    "You put the input in front of the new maps already. Return the new maps only; the dense block will concatenate."
)
def dense_layer_concatenates(x, growth):
    def layer(x, growth):
        from keras import layers

        return layers.Concatenate()([x, _dense_layer(x, growth)])

    return block_facts(layer, x, growth)


@dense_layer.mistake("The order of the kernels is exchanged: first 1×1, which is cheap, then 3×3.")
def dense_layer_wide_kernel_first(x, growth):
    return block_facts(lambda x, growth: _composite(_composite(x, 4 * growth, 3), growth, 1), x, growth)


# --- dense_block -------------------------------------------------------------------------------


def _dense_block_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols, maps = _integers(generator, 4, 9, 3)
    yield Case({"x": Symbolic((rows, cols, maps)), "num_layers": 2, "growth": int(generator.integers(2, 4))}, "layers")


def _dense_block(x, num_layers, growth):
    """As the paper's formula: a list of sources, all of which every layer reads."""
    from keras import ops

    sources = [x]
    for _ in range(num_layers):
        sources.append(_dense_layer(ops.concatenate(sources, axis=-1), growth))
    return ops.concatenate(sources, axis=-1)


dense_block = Exercise(
    name="dense_block",
    title="The dense block",
    points={"layers": 2},
    minutes=12,
    difficulty=2,
    oracle=cache(lambda x, num_layers, growth: block_facts(_dense_block, x, num_layers, growth)),
    examples=(
        Case(
            {"x": Symbolic((6, 5, 4)), "num_layers": 3, "growth": 2},
            "layers",
            "layers that read 4, 6 and 8 maps: 224 + 248 + 272",
            known=744,
        ),
        Case({"x": Symbolic((4, 7, 3)), "num_layers": 1, "growth": 3}, "layers", "one layer that reads 3 maps", known=420),
    ),
    cases=_dense_block_cases,
    hints=(
        "Let `x` be the stack of all maps so far. A dense layer reads the stack, and its maps go on top of it.",
        "`layers.Concatenate()([a, b])` puts the channels of a first and those of b after them.",
        "From 4 maps with k = 2: the stack is 4 maps high, then 4 + 2 = 6, then 8. The next layer never reads the new maps "
        "alone, but the stack with the new maps on top.",
    ),
)


@dense_block.mistake(
    "All layers are there, but the maps are in another order: put what was there first, and the new maps after it."
)
def block_newest_first(x, num_layers, growth):
    def block(x, num_layers, growth):
        from keras import layers

        for _ in range(num_layers):
            x = layers.Concatenate()([_dense_layer(x, growth), x])
        return x

    return block_facts(block, x, num_layers, growth)


@dense_block.mistake(
    "Each layer reads the one before it only. Concatenate before the next layer, so that it reads everything that is there."
)
def block_is_a_chain(x, num_layers, growth):
    def block(x, num_layers, growth):
        from keras import layers

        sources = [x]
        for _ in range(num_layers):
            sources.append(_dense_layer(sources[-1], growth))
        return layers.Concatenate()(sources)

    return block_facts(block, x, num_layers, growth)


@dense_block.mistake("The block's own input is missing in what you return. The next part of the net shall read it too.")
def block_without_its_input(x, num_layers, growth):
    from keras import ops

    maps = x.shape[-1]
    return block_facts(lambda *arguments: ops.split(_dense_block(*arguments), [maps], axis=-1)[1], x, num_layers, growth)


@dense_block.mistake(
    "You return the last layer's maps alone. Return the whole stack: the block's input and the maps of all layers."
)
def block_returns_the_last_layer(x, num_layers, growth):
    def block(x, num_layers, growth):
        return _dense_layer(_dense_block(x, num_layers - 1, growth), growth)

    return block_facts(block, x, num_layers, growth)


# --- transition --------------------------------------------------------------------------------


def _transition_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = _integers(generator, 4, 10, 2)
    # More than a half goes when rounded down, and what is kept is another number than what is removed.
    maps, compression = ((7, 0.25), (11, 0.25), (7, 0.4), (11, 0.6), (9, 0.3))[generator.integers(5)]
    yield Case({"x": Symbolic((rows, cols, maps)), "compression": compression}, "layers")


def _transition(x, compression, rounding=math.floor, pool="AveragePooling2D", norm=True):
    from keras import layers

    if norm:
        x = layers.Activation("relu")(layers.BatchNormalization(epsilon=1.001e-5)(x))
    x = layers.Conv2D(rounding(compression * x.shape[-1]), 1, use_bias=False)(x)
    return getattr(layers, pool)(2, strides=2)(x)


def _transition_facts(x, compression, **options):
    return block_facts(lambda *arguments: _transition(*arguments, **options), x, compression)


transition = Exercise(
    name="transition",
    title="The transition",
    points={"layers": 1},
    minutes=8,
    difficulty=1,
    oracle=cache(_transition_facts),
    examples=(
        Case({"x": Symbolic((9, 6, 7)), "compression": 0.5}, "layers", "7 maps become 3: 4·7 + 7·3", known=49),
        Case({"x": Symbolic((4, 5, 6)), "compression": 0.25}, "layers", "6 maps become 1: 4·6 + 6·1", known=30),
    ),
    cases=_transition_cases,
    hints=(
        "You have `bn_relu_conv`. How many maps does it have to make, and with which kernel size?",
        "`x.shape[-1]` is the number of maps. `int(...)` rounds a positive number down.",
        "5 maps of 7×6: ⌊0.5 · 5⌋ = 2 maps of 7×6, and after pooling 2 maps of 3×3. Round before you convolve; Keras's pooling "
        "drops the odd row by itself.",
    ),
)


@transition.mistake("All maps are kept. The 1×1 convolution should make floor(compression · m) maps.")
def transition_keeps_all_maps(x, compression):
    return _transition_facts(x, 1.0)


@transition.mistake("You rounded up. Of 7 maps half is 3.5, and 3 are kept: round down, as `int(...)` does.")
def transition_rounds_up(x, compression):
    return _transition_facts(x, compression, rounding=math.ceil)


@transition.mistake("`compression` is the share of the maps that is kept, not the share that is removed.")
def transition_removes_that_share(x, compression):
    return block_facts(lambda x: _transition(x, 1.0, rounding=lambda maps: int(maps) - math.floor(maps * compression)), x)


@transition.mistake("You took the largest of four pixels. DenseNet's transitions take their mean.")
def transition_max_pooling(x, compression):
    return _transition_facts(x, compression, pool="MaxPooling2D")


@transition.mistake("The batch norm and the ReLU in front of the 1×1 convolution are missing.")
def transition_without_norm(x, compression):
    return _transition_facts(x, compression, norm=False)


@transition.mistake("A convolution with stride 2 throws three of four pixels away. Convolve at every pixel, then average 2×2.")
def transition_strided_convolution(x, compression):
    def strided(x, compression):
        from keras import layers

        x = layers.Activation("relu")(layers.BatchNormalization(epsilon=1.001e-5)(x))
        rows, cols = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
        return layers.Conv2D(math.floor(compression * x.shape[-1]), 1, strides=2, use_bias=False)(x[:, :rows, :cols])

    return block_facts(strided, x, compression)


@transition.mistake("You keep half of the maps whatever `compression` says.")
def transition_always_halves(x, compression):
    return _transition_facts(x, 0.5)


@transition.mistake("The sides are not halved: the average pooling is missing.")
def transition_without_pooling(x, compression):
    return block_facts(lambda x: _composite(x, math.floor(compression * x.shape[-1]), 1), x)


@transition.mistake("You pool before you convolve. First norm, ReLU and convolution, then the pooling.")
def transition_pools_first(x, compression):
    def pooled(x, compression):
        from keras import layers

        return _composite(layers.AveragePooling2D(2)(x), math.floor(compression * x.shape[-1]), 1)

    return block_facts(pooled, x, compression)


# --- densenet_parameters -----------------------------------------------------------------------


def _parameter_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, number in ((ONE_BLOCK, 1), (SEVERAL_BLOCKS, int(generator.integers(2, 5)))):
        growth, classes = 2 * int(generator.integers(3, 12)), int(generator.integers(5, 90))
        blocks = _integers(generator, 2, 10, number)
        yield Case({"blocks": blocks, "growth": growth, "classes": classes}, part)
    # The first transition reads an odd number of maps, (2 + 3) · growth or (2 + 5) · growth.
    blocks = int(generator.choice([3, 5])), *_integers(generator, 2, 7, 2)
    yield Case({"blocks": blocks, "growth": growth + 1, "classes": classes}, SEVERAL_BLOCKS)


def _parameters(
    blocks, growth, classes, bottleneck=4, compression=0.5, last=False, bias=0, norms=True, head_bias=True, fractions=False
):
    """A list of convolutions (side, from, to) and of norms, counted at the end; a block's sums in closed form."""
    maps = 2 * growth
    weights, normed = 7 * 7 * 3 * maps, maps
    convolutions = maps
    for number, size in enumerate(blocks, start=1):
        read = size * maps + growth * size * (size - 1) // 2  # maps + (maps + k) + … over the block
        wide = bottleneck * growth
        weights += read * wide + size * 9 * wide * growth
        normed += read + size * wide
        convolutions += size * (wide + growth)
        maps += size * growth
        if number < len(blocks) or last:
            fewer = maps * compression if fractions else int(maps * compression)
            weights, normed, convolutions = weights + maps * fewer, normed + maps, convolutions + fewer
            maps = fewer
    normed += maps
    weights += (maps + head_bias) * classes + bias * convolutions
    return weights + 2 * normed * norms, weights + 4 * normed * norms


def _maps_at_the_end(blocks, growth):
    maps = 2 * growth
    for number, size in enumerate(blocks):
        maps = (maps // 2 if number else maps) + size * growth
    return maps


densenet_parameters = Exercise(
    name="densenet_parameters",
    title="Count the parameters of any row",
    results=("trained", "all"),
    points={ONE_BLOCK: 1, SEVERAL_BLOCKS: 2},
    minutes=25,
    difficulty=3,
    oracle=_parameters,
    examples=(
        Case({"blocks": (2,), "growth": 2, "classes": 3}, ONE_BLOCK, "one block of two layers", known=(1059, 1135)),
        Case({"blocks": (1, 2), "growth": 2, "classes": 3}, SEVERAL_BLOCKS, "the table above", known=(1264, 1370)),
        Case(
            {"blocks": PAPERS_121, "growth": 32, "classes": 1000},
            SEVERAL_BLOCKS,
            "DenseNet-121, as torchvision and Keras print it",
            known=(7978856, 8062504),
        ),
    ),
    cases=_parameter_cases,
    forbidden=("count_params",),
    hints=(
        "Keep three counters: how many maps there are now, the weights of convolutions, and the maps that were normalised. "
        "Walk through the net from top to bottom.",
        "A dense layer that reads m maps has m · 4k + 9 · 4k · k weights and normalises m + 4k maps. A transition has m · (m // 2) weights and normalises m maps.",
        "Do not forget the first convolution (7·7·3·2k weights, 2k maps normalised), the batch norm before the classifier, and the classifier with its biases. "
        "At the end: weights + 2 · normalised, and weights + 4 · normalised.",
    ),
)


@densenet_parameters.mistake("A transition is between two blocks, so there is one less than blocks: none follows the last block.")
def parameters_transition_at_the_end(blocks, growth, classes):
    return _parameters(blocks, growth, classes, last=True)


@densenet_parameters.mistake("The transitions keep all maps in your count. Each of them halves the number of maps, rounded down.")
def parameters_without_compression(blocks, growth, classes):
    return _parameters(blocks, growth, classes, compression=1)


@densenet_parameters.mistake("Half of an odd number of maps is kept as a fraction. Round it down: `maps // 2`.")
def parameters_of_half_maps(blocks, growth, classes):
    return _parameters(blocks, growth, classes, fractions=True)


@densenet_parameters.mistake("You counted a bias for the convolutions. They have none; only the classifier has biases.")
def parameters_with_biases(blocks, growth, classes):
    return _parameters(blocks, growth, classes, bias=1)


@densenet_parameters.mistake("The classifier's biases are missing: it has (maps + 1) · classes parameters.")
def parameters_classifier_without_bias(blocks, growth, classes):
    return _parameters(blocks, growth, classes, head_bias=False)


@densenet_parameters.mistake(
    "The batch norms are missing. Each map that is normalised costs a scale and a shift, and two numbers more that are not trained."
)
def parameters_without_norms(blocks, growth, classes):
    return _parameters(blocks, growth, classes, norms=False)


@densenet_parameters.mistake(
    "Training does not change a batch norm's moving mean and variance by gradients: leave them out of the first number."
)
def parameters_statistics_are_trained(blocks, growth, classes):
    return _parameters(blocks, growth, classes)[1], _parameters(blocks, growth, classes)[1]


@densenet_parameters.mistake("The batch norm before the classifier is missing in your count.")
def parameters_without_the_last_norm(blocks, growth, classes):
    trained, everything = _parameters(blocks, growth, classes)
    return trained - 2 * _maps_at_the_end(blocks, growth), everything - 4 * _maps_at_the_end(blocks, growth)


@densenet_parameters.mistake("The batch norm after the first convolution is missing in your count.")
def parameters_without_the_first_norm(blocks, growth, classes):
    trained, everything = _parameters(blocks, growth, classes)
    return trained - 4 * growth, everything - 8 * growth


@densenet_parameters.mistake("The first convolution is missing in your count: 7 · 7 · 3 weights for each of its maps.")
def parameters_without_the_first_convolution(blocks, growth, classes):
    trained, everything = _parameters(blocks, growth, classes)
    return trained - 49 * 6 * growth, everything - 49 * 6 * growth


# --- densenet ----------------------------------------------------------------------------------


def _densenet_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = (int(side) for side in generator.permutation([16, 24]))
    growth, classes = _integers(generator, 2, 6, 2)
    arguments = {"input_shape": (rows, cols, 3), "classes": classes, "blocks": (1, 1), "growth": growth}
    yield Case(arguments, "net")


def _net(input_shape, classes, blocks, growth, stem=2, zeros=True, after_last=False, last_norm=True, last="softmax", flat=False):
    import keras
    from keras import layers

    def norm_relu(x):
        return layers.Activation("relu")(layers.BatchNormalization(epsilon=1.001e-5)(x))

    padding = "valid" if zeros else "same"
    images = keras.Input(input_shape)
    x = layers.ZeroPadding2D(3)(images) if zeros else images
    x = norm_relu(layers.Conv2D(stem * growth, 7, strides=2, use_bias=False, padding=padding)(x))
    x = layers.ZeroPadding2D(1)(x) if zeros else x
    x = layers.MaxPooling2D(3, strides=2, padding=padding)(x)
    for number, num_layers in enumerate(blocks, start=1):
        x = _dense_block(x, num_layers, growth)
        if number < len(blocks) or after_last:
            x = _transition(x, 0.5)
    x = norm_relu(x) if last_norm else x
    x = layers.Flatten()(x) if flat else layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes, activation=last)(x))


@cache
def _net_facts(*arguments, **options):
    return model_facts(_net(*arguments, **options))


densenet = Exercise(
    name="densenet",
    title="The whole net from one line of a table",
    points={"net": 3},
    minutes=25,
    difficulty=3,
    oracle=_net_facts,
    examples=(
        Case(
            {"input_shape": (32, 16, 3), "classes": 3, "blocks": (1, 2), "growth": 2},
            "net",
            "the parameters that you have counted",
            known=1370,
        ),
        Case({"input_shape": (16, 24, 3), "classes": 2, "blocks": (1, 1, 1), "growth": 2}, "net", "three blocks"),
    ),
    cases=_densenet_cases,
    hints=(
        "Write the lines of the table one after the other. A loop over `blocks` makes the middle of the net.",
        "Where does a transition belong? Before every block but the first: `for number, num_layers in enumerate(blocks)`, `if number > 0`.",
        "Begin with `keras.Input(input_shape)`, `layers.ZeroPadding2D(3)` and "
        "`layers.Conv2D(2 * growth, 7, strides=2, use_bias=False)`. In the end `keras.Model(first, last)` makes the net of the two tensors.",
    ),
)


@densenet.mistake("A transition follows the last block too. Transitions are between blocks only; after the last comes the head.")
def net_transition_after_each_block(input_shape, classes, blocks, growth):
    return _net_facts(input_shape, classes, blocks, growth, after_last=True)


@densenet.mistake("The batch norm and ReLU between the last block and the global average are missing.")
def net_without_the_last_norm(input_shape, classes, blocks, growth):
    return _net_facts(input_shape, classes, blocks, growth, last_norm=False)


@densenet.mistake(
    'With stride 2, `padding="same"` puts more zeros behind than in front when a side is even. '
    "The net has as many on both sides: `ZeroPadding2D`, then no padding in the layer itself."
)
def net_padding_same(input_shape, classes, blocks, growth):
    return _net_facts(input_shape, classes, blocks, growth, zeros=False)


@densenet.mistake("The first convolution makes twice the growth rate: 2 · growth maps.")
def net_narrow_stem(input_shape, classes, blocks, growth):
    return _net_facts(input_shape, classes, blocks, growth, stem=1)


@densenet.mistake("The output should be probabilities: the classifier's activation is softmax.")
def net_without_softmax(input_shape, classes, blocks, growth):
    return _net_facts(input_shape, classes, blocks, growth, last=None)


@densenet.mistake("Average every map over all its pixels first (`GlobalAveragePooling2D`); do not flatten.")
def net_flattens(input_shape, classes, blocks, growth):
    return _net_facts(input_shape, classes, blocks, growth, flat=True)


# --- weight_by_source --------------------------------------------------------------------------


def _source_cases(generator: np.random.Generator) -> Iterator[Case]:
    growth, num_layers, filters = _integers(generator, 2, 7, 3)
    initial_maps = 2 * growth + 1  # no multiple of growth
    kernel = generator.normal(size=(1, 1, initial_maps + num_layers * growth, filters)).round(2)
    arguments = {"kernel": kernel, "initial_maps": initial_maps, "growth": growth}
    yield Case(arguments, "numbers")
    yield Case({**arguments, "kernel": kernel[0, 0]}, "numbers", "a dense layer's kernel")
    thin = generator.normal(size=(5, 2)).round(2)
    yield Case({"kernel": thin, "initial_maps": 3, "growth": 1}, "numbers", "a single map from each layer")


def _source_oracle(kernel, initial_maps, growth):
    size = np.shape(kernel)[-2]
    source = np.maximum(np.arange(size) - initial_maps + growth, 0) // growth
    totals = np.bincount(source, weights=np.abs(kernel).reshape(size, -1).sum(axis=1))
    return totals / (np.bincount(source) * np.shape(kernel)[-1])


weight_by_source = Exercise(
    name="weight_by_source",
    title="Who is listened to?",
    points={"numbers": 2},
    minutes=12,
    difficulty=2,
    oracle=_source_oracle,
    examples=(
        Case(
            {
                "kernel": np.array([[1, -3], [2, 2], [0, 1], [-5, 6], [-4, 4]]),
                "initial_maps": 3,
                "growth": 1,
            },
            "numbers",
            "three maps of the block's input, then two layers with one map each",
            known=[1.5, 5.5, 4.0],
        ),
        Case(
            {"kernel": np.array([[[[1.0], [-2.0], [4.0], [-2.0]]]]), "initial_maps": 2, "growth": 2},
            "numbers",
            "a 1×1 kernel with one filter",
            known=[1.5, 3.0],
        ),
    ),
    cases=_source_cases,
    hints=(
        "The input maps lie on the last axis but one. `np.abs(kernel).reshape(m, -1)` gives one line a map; m is `kernel.shape[-2]`.",
        "The first `initial_maps` lines belong to the block's input, the next `growth` lines to layer 1, and so on.",
        "The lines begin anew at 0 and at every number of `range(initial_maps, m, growth)`. `np.split` cuts at such places.",
    ),
)


def _source_parts(kernel, initial_maps, growth):
    size = kernel.shape[-2]
    return np.split(kernel.reshape(size, -1), range(initial_maps, size, growth))


@weight_by_source.mistake("Weights of both signs cancel in your mean. Take magnitudes first: `np.abs(kernel)`.")
def source_mean_with_sign(kernel, initial_maps, growth):
    return [part.mean() for part in _source_parts(kernel, initial_maps, growth)]


@weight_by_source.mistake("You took the mean first and the magnitude then. The magnitude of each weight comes first.")
def source_absolute_of_mean(kernel, initial_maps, growth):
    return [abs(part.mean()) for part in _source_parts(kernel, initial_maps, growth)]


@weight_by_source.mistake(
    "These are sums. A source with more maps would seem louder: take the mean over its maps and all filters."
)
def source_sums(kernel, initial_maps, growth):
    return [np.abs(part).sum() for part in _source_parts(kernel, initial_maps, growth)]


@weight_by_source.mistake("You cut the block's input into groups of `growth` too. It is one source, with `initial_maps` maps.")
def source_input_cut_up(kernel, initial_maps, growth):
    return [np.abs(part).mean() for part in _source_parts(kernel, growth, growth)]


@weight_by_source.mistake(
    "You averaged over the input maps. The kernel's axes are (…, input maps, filters): keep the maps apart."
)
def source_by_filter(kernel, initial_maps, growth):
    return np.abs(kernel).reshape(kernel.shape[-2:]).mean(axis=0)


@weight_by_source.mistake("The sources are in reverse order. The block's input comes first, then layer 1, layer 2 …")
def source_newest_first(kernel, initial_maps, growth):
    return [np.abs(part).mean() for part in _source_parts(kernel, initial_maps, growth)][::-1]


@weight_by_source.mistake("You took the root of the mean square. The mean of the magnitudes is wanted.")
def source_root_mean_square(kernel, initial_maps, growth):
    return [np.sqrt(np.mean(part**2)) for part in _source_parts(kernel, initial_maps, growth)]


@weight_by_source.mistake("One number for each map. The maps of one source count together: one number for each source.")
def source_by_map(kernel, initial_maps, growth):
    return np.abs(kernel).reshape(kernel.shape[-2], -1).mean(axis=1)


@weight_by_source.mistake("You divide by `growth` everywhere. The block's input has `initial_maps` maps.")
def source_input_divided_by_growth(kernel, initial_maps, growth):
    parts = _source_parts(np.abs(kernel), initial_maps, growth)
    return [part.mean(axis=1).sum() / growth for part in parts]


# --- stack_of_maps -------------------------------------------------------------------------------


def _stack_cases(generator: np.random.Generator) -> Iterator[Case]:
    for _ in range(2):
        pixels, maps, growth = _integers(generator, 2, 5, 3)
        sizes = [maps + growth * place for place in range(3)]
        readers = [
            (generator.integers(-2, 3, size=size).astype(float), generator.integers(-2, 3, size=(size, growth)).astype(float))
            for size in sizes
        ]
        yield Case({"x": generator.integers(-4, 5, size=(pixels, maps)).astype(float), "readers": readers}, "stack")
    yield Case({"x": fractions(generator, pixels, maps), "readers": readers}, "stack", "fractions")


def _stack_is_overwritten(x, readers):
    stack = x
    for shift, kernel in readers:
        stack = np.maximum(stack + shift, 0)
        stack = np.concatenate([stack, stack @ kernel], axis=-1)
    return stack


def _stacked(x, readers, shifted=True, rectified=True, front=False, after=False, late=False):
    """Recursive, with einsum; the keywords make the usual mistakes."""
    if not readers:
        return np.asarray(x, float)
    (shift, kernel), *others = readers
    seen = x + shift if shifted and not late else x
    seen = np.where(seen > 0, seen, 0.0) if rectified else seen
    seen = seen + shift if late else seen
    new = np.einsum("pm,mk->pk", seen, kernel)
    new = np.where(new > 0, new, 0.0) if after else new
    return _stacked(np.hstack([new, x] if front else [x, new]), others, shifted, rectified, front, after, late)


stack_of_maps = Exercise(
    name="stack_of_maps",
    title="Repair: who wrote on my maps?",
    points={"stack": 1},
    minutes=8,
    difficulty=2,
    oracle=_stacked,
    given=_stack_is_overwritten,
    examples=(
        Case(
            {
                "x": np.array([[1.0, -2.0]]),
                "readers": [(np.zeros(2), np.ones((2, 1))), (np.array([0.0, 3.0, 0.0]), np.array([[0.0], [1.0], [0.0]]))],
            },
            "stack",
            "layer 1 reads (1, 0) and adds 1; layer 2 reads max(−2 + 3, 0) = 1",
            known=[[1.0, -2.0, 1.0, 1.0]],
        ),
        Case(
            {"x": np.array([[-1.0]]), "readers": [(np.zeros(1), np.ones((1, 1)))]},
            "stack",
            "nothing is read",
            known=[[-1.0, 0.0]],
        ),
    ),
    cases=_stack_cases,
    hints=(
        "Follow the number −2 of the first example through the code. Where does it end, and where should it lie at the end?",
        "What a layer *reads* and what *lies on the stack* are two things. Give the first a name of its own.",
        "Layer 1 of the first example reads (1, 0), but the stack still holds (1, −2). Only then can layer 2 shift −2 by its own 3 and read 1.",
    ),
)


@stack_of_maps.mistake("The layers read the maps without their shift and ReLU now. H begins with both.")
def stack_read_as_it_is(x, readers):
    return _stacked(x, readers, shifted=False, rectified=False)


@stack_of_maps.mistake("The new maps stand in front. The block's input comes first, then the maps of layer 1, of layer 2, …")
def stack_with_new_maps_in_front(x, readers):
    return _stacked(x, readers, front=True)


@stack_of_maps.mistake("New maps are rectified before they are put on the stack. Each reader does that for itself.")
def stack_of_rectified_maps(x, readers):
    return _stacked(x, readers, after=True)


@stack_of_maps.mistake("You rectify first and shift afterwards. The shift comes first.")
def stack_shifted_late(x, readers):
    return _stacked(x, readers, late=True)


@stack_of_maps.mistake("The block's input is missing in the result. It stays on the stack, as the first of the maps.")
def stack_without_the_input(x, readers):
    return _stacked(x, readers)[:, x.shape[1] :]


# --- thin_layers ---------------------------------------------------------------------------------


def _block_weights(initial_maps, num_layers, growth):
    """4·m·k + 36·k² for each layer; m goes up by k."""
    read = num_layers * initial_maps + growth * num_layers * (num_layers - 1) // 2
    return 4 * growth * read + 36 * growth**2 * num_layers


def _thin(initial_maps, maps, most_layers, weights):
    new = maps - initial_maps
    growth = next(growth for growth in range(1, new + 1) if new % growth == 0 and new // growth <= most_layers)
    return new // growth, growth


def _thin_cases(generator: np.random.Generator) -> Iterator[Case]:
    for new, most_layers in ((48, (7, 10, 11, 13)), (120, (7, 9, 11, 13, 16))):
        initial_maps, most = int(generator.integers(16, 80)), int(generator.choice(most_layers))
        least = _block_weights(initial_maps, *_thin(initial_maps, initial_maps + new, most, 0))
        maps = initial_maps + new
        yield Case({"initial_maps": initial_maps, "maps": maps, "most_layers": most, "weights": least + 10 * new}, "block")


def _thin_misses(result, initial_maps, maps, most_layers, weights):
    num_layers, growth = map(whole, result)
    if num_layers < 1 or growth < 1:
        return f"Layers and growth are 1 or more; yours are {num_layers} and {growth}."
    if initial_maps + num_layers * growth != maps:
        return f"The block gives {initial_maps} + {num_layers} · {growth} = {initial_maps + num_layers * growth} maps; {maps} are asked."
    if num_layers > most_layers:
        return f"The block has {num_layers} layers; at most {most_layers} are allowed."
    spent = _block_weights(initial_maps, num_layers, growth)
    return f"The block has {spent:,} weights; at most {weights:,} are allowed." if spent > weights else ""


thin_layers = Exercise(
    name="thin_layers",
    title="Design: many thin layers, or few thick ones?",
    points={"block": 1},
    minutes=10,
    difficulty=2,
    oracle=_thin,
    meets=_thin_misses,
    examples=(
        Case(
            {"initial_maps": 16, "maps": 64, "most_layers": 10, "weights": 17_500},
            "block",
            "8 layers of 6: 4·6·(8·16 + 6·28) + 8·36·6² = 7,104 + 10,368 = 17,472 weights",
            known=(8, 6),
        ),
        Case(
            {"initial_maps": 64, "maps": 256, "most_layers": 20, "weights": 202_000},
            "block",
            "as the first block of DenseNet-121, which has 6 layers of 32 and 331,776 weights",
        ),
    ),
    cases=_thin_cases,
    hints=(
        "How many maps are new? The product of layers and growth is given, so there are few pairs to choose from.",
        "Work out the weights for two such pairs. The 3×3 costs 36·k² in each layer: do many thin layers cost more or less than few thick ones?",
        "12 new maps, at most 5 layers: 6 · 2 has too many layers; 4 · 3, 3 · 4, 2 · 6 and 1 · 12 are left. Their 3×3 weights are 36 · 4 · 9 = 1,296, "
        "then 1,728, 2,592 and 5,184.",
    ),
)


@thin_layers.mistake("One thick layer has the most weights. Divide the new maps among more layers.")
def thin_in_one_layer(initial_maps, maps, most_layers, weights):
    return 1, maps - initial_maps


@thin_layers.mistake("A growth of 1 needs too many layers. Take the smallest growth for which the layers are few enough.")
def thin_as_can_be(initial_maps, maps, most_layers, weights):
    return maps - initial_maps, 1


@thin_layers.mistake(
    "You take as many layers as are allowed, and the maps do not come out even. The growth must divide the new maps."
)
def thin_with_a_rest(initial_maps, maps, most_layers, weights):
    return most_layers, -(-(maps - initial_maps) // most_layers)


@thin_layers.mistake("The block's input lies on the stack already. Only the maps beyond it are new.")
def thin_without_the_input(initial_maps, maps, most_layers, weights):
    growth = next(growth for growth in range(1, maps + 1) if maps % growth == 0 and maps // growth <= most_layers)
    return maps // growth, growth


@thin_layers.mistake("The numbers are exchanged: the layers first, then the growth.")
def thin_exchanged(initial_maps, maps, most_layers, weights):
    return _thin(initial_maps, maps, most_layers, weights)[::-1]


EXERCISES: tuple[Exercise, ...] = (
    input_maps,
    count_connections,
    bn_relu_conv,
    stack_of_maps,
    dense_layer,
    dense_block,
    thin_layers,
    transition,
    densenet_parameters,
    densenet,
    weight_by_source,
)
