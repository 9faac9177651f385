"""Unit 12: VGG, nets that are read from a table."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import numpy as np

from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import Symbolic, block_facts, model_facts

# Column D of the paper's table 1, VGG16.
COLUMN_D = [
    *["conv3-64", "conv3-64", "maxpool"],
    *["conv3-128", "conv3-128", "maxpool"],
    *["conv3-256", "conv3-256", "conv3-256", "maxpool"],
    *["conv3-512", "conv3-512", "conv3-512", "maxpool"] * 2,
]


def _numbers(entry: str) -> tuple[int, int]:
    """Kernel side and filters of "conv3-64", for oracles."""
    found = re.fullmatch(r"conv(\d+)-(\d+)", entry)
    assert found is not None
    return int(found[1]), int(found[2])


def _small_column(generator: np.random.Generator, sides: tuple[int, ...]) -> list[str]:
    """Two stages; all kernel sides of `sides` occur in the first, and no two neighbours have as many filters."""
    filters = generator.permutation([3, 4, 5, 6, 7]).tolist()
    first = [f"conv{side}-{filters.pop()}" for side in generator.permutation(sides)]
    return [*first, "maxpool", f"conv3-{filters.pop()}", "maxpool"]


# --- read_conv ---------------------------------------------------------------------------------


def _entry_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case({"entry": f"conv{generator.choice([1, 3, 5, 7])}-{generator.integers(8, 513)}"}, "entry")
    yield Case({"entry": f"conv{generator.choice([11, 13])}-{generator.integers(8, 513)}"}, "entry", "a large kernel")
    yield Case({"entry": f"conv{generator.choice([1, 3])}-{generator.integers(4, 10)}"}, "entry", "few filters")


read_conv = Exercise(
    name="read_conv",
    title="Read an entry of the table",
    results=("K", "F"),
    points={"entry": 1},
    minutes=4,
    difficulty=1,
    oracle=_numbers,
    examples=(
        Case({"entry": "conv3-64"}, "entry", "VGG's first layer", known=(3, 64)),
        Case({"entry": "conv1-512"}, "entry", "a layer of net C", known=(1, 512)),
        Case({"entry": "conv11-96"}, "entry", "AlexNet's first layer in this notation", known=(11, 96)),
    ),
    cases=_entry_cases,
    hints=(
        "What is between `conv` and the dash? What is after the dash?",
        '`"conv3-64".removeprefix("conv")` is `"3-64"`, and `.split("-")` cuts it in two.',
        'From "conv11-96" first comes "11-96", then the two texts "11" and "96". `int` makes a number of a text. Give them back '
        "in this order.",
    ),
)


@read_conv.mistake("You return pieces of text. Turn both into whole numbers with `int(...)`.")
def read_as_text(entry):
    kernel, filters = entry[4:].split("-")
    return kernel, filters


@read_conv.mistake("The two are exchanged: the kernel's side comes first, then the number of filters.")
def read_exchanged(entry):
    kernel, filters = entry[4:].split("-")
    return int(filters), int(kernel)


@read_conv.mistake("The kernel's side can have two digits, as in `conv11-96`. Split at the dash.")
def read_one_digit(entry):
    return int(entry[4]), int(entry.split("-")[1])


# --- vgg_block ---------------------------------------------------------------------------------


def _block_cases(generator: np.random.Generator) -> Iterator[Case]:
    channels, filters = generator.permutation([2, 3, 4, 5])[:2].tolist()
    rows, cols = generator.permutation([6, 7, 9])[:2].tolist()
    yield Case(
        {"x": Symbolic((rows, cols, channels)), "filters": filters, "convolutions": int(generator.integers(2, 4))}, "block"
    )


def _explicit(x, entries):
    """The oracle's layers: the frame of zeros and the ReLU are layers of their own."""
    from keras import layers

    for entry in entries:
        if entry == "maxpool":
            x = layers.MaxPool2D(pool_size=(2, 2), strides=(2, 2), padding="valid")(x)
        else:
            side, filters = _numbers(entry)
            framed = layers.ZeroPadding2D(side // 2)(x)
            x = layers.ReLU()(layers.Conv2D(filters, (side, side), padding="valid")(framed))
    return x


def _block_oracle(x, filters, convolutions):
    return block_facts(lambda tensor: _explicit(tensor, [f"conv3-{filters}"] * convolutions + ["maxpool"]), x)


vgg_block = Exercise(
    name="vgg_block",
    title="A block",
    points={"block": 2},
    minutes=10,
    difficulty=1,
    oracle=_block_oracle,
    examples=(
        Case(
            {"x": Symbolic((8, 6, 3)), "filters": 4, "convolutions": 2},
            "block",
            "(9·3 + 1)·4 + (9·4 + 1)·4 = 112 + 148 parameters",
            known=260,
        ),
        Case({"x": Symbolic((9, 6, 2)), "filters": 5, "convolutions": 1}, "block", "nine rows give four", known=95),
    ),
    cases=_block_cases,
    hints=(
        "A loop makes the convolutions; each takes the tensor that the one before it gave.",
        "Which argument of `layers.Conv2D` keeps rows and cols, and which one adds the ReLU?",
        "Two convolutions of 4 filters on 6 × 6 × 3: 6 × 6 × 4, again 6 × 6 × 4, and after pooling 3 × 3 × 4. If each "
        "convolution starts from `x` as it came in, only the last one counts: let every result take the name `x`.",
    ),
)


def _stack(x, entries, padding="same", relu=True, always_three=False, stride=1):
    """Convolutions as students stack them; each mistake changes one thing."""
    from keras import layers

    for entry in entries:
        if entry == "maxpool":
            x = layers.MaxPooling2D(2)(x)
        else:
            side, filters = _numbers(entry)
            side = 3 if always_three else side
            x = layers.Conv2D(filters, side, stride, padding=padding, activation="relu" if relu else None)(x)
    return x


@vgg_block.mistake('Your maps shrink by 2 at each convolution. Keep their size with `padding="same"`.')
def block_without_frame(x, filters, convolutions):
    return block_facts(lambda t: _stack(t, [f"conv3-{filters}"] * convolutions + ["maxpool"], padding="valid"), x)


@vgg_block.mistake("The convolutions have no ReLU. Without it, three layers are no more than one larger kernel.")
def block_linear(x, filters, convolutions):
    return block_facts(lambda t: _stack(t, [f"conv3-{filters}"] * convolutions + ["maxpool"], relu=False), x)


@vgg_block.mistake("Only the last convolution has a ReLU. Every one has its own.")
def block_relu_at_the_end(x, filters, convolutions):
    def make(tensor):
        before = _stack(tensor, [f"conv3-{filters}"] * (convolutions - 1), relu=False)
        return _stack(before, [f"conv3-{filters}", "maxpool"])

    return block_facts(make, x)


@vgg_block.mistake("You pool after each convolution. The block pools once, at its end: move it out of the loop.")
def block_pools_each_time(x, filters, convolutions):
    return block_facts(lambda t: _stack(t, [f"conv3-{filters}", "maxpool"] * convolutions), x)


@vgg_block.mistake("The pooling at the end of the block is missing.")
def block_without_pooling(x, filters, convolutions):
    return block_facts(lambda t: _stack(t, [f"conv3-{filters}"] * convolutions), x)


@vgg_block.mistake(
    "You made one layer and used it again and again. Each convolution has weights of its own: make it inside the loop."
)
def block_same_layer_again(x, filters, convolutions):
    from keras import layers

    def make(tensor):
        layer = layers.Conv2D(filters, 3, padding="same", activation="relu")
        for _ in range(convolutions):
            tensor = layer(tensor)
        return layers.MaxPooling2D(2)(tensor)

    return block_facts(make, x)


@vgg_block.mistake("There is always one convolution in your block. Use the argument `convolutions`.")
def block_of_one(x, filters, convolutions):
    return block_facts(lambda t: _stack(t, [f"conv3-{filters}", "maxpool"]), x)


# --- vgg_features ------------------------------------------------------------------------------


def _feature_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols = generator.permutation([9, 10, 13])[:2].tolist()
    yield Case({"x": Symbolic((rows, cols, 2)), "entries": _small_column(generator, (5, 1))}, "layers")


def _features_oracle(x, entries):
    return block_facts(lambda tensor: _explicit(tensor, entries), x)


vgg_features = Exercise(
    name="vgg_features",
    title="The layers of a column",
    points={"layers": 2},
    minutes=12,
    difficulty=2,
    oracle=_features_oracle,
    examples=(
        Case(
            {"x": Symbolic((8, 6, 3)), "entries": ["conv3-4", "maxpool", "conv3-5"]},
            "layers",
            "(9·3 + 1)·4 + (9·4 + 1)·5 = 112 + 185 parameters",
            known=297,
        ),
        Case(
            {"x": Symbolic((8, 6, 3)), "entries": ["conv3-4", "conv1-5", "maxpool"]},
            "layers",
            "(9·3 + 1)·4 + (4 + 1)·5 = 112 + 25 parameters",
            known=137,
        ),
    ),
    cases=_feature_cases,
    hints=(
        'Go through the entries in order. There are two kinds: `"maxpool"`, and those that `read_conv` understands.',
        "For a convolution, `read_conv(entry)` gives the kernel's side and the filters; then a `layers.Conv2D` that keeps the size and has a ReLU.",
        'For ["conv3-8", "maxpool"] on 6 × 6 × 2: after the first entry 6 × 6 × 8, after the second 3 × 3 × 8. Each entry reads '
        "what the one before it gave; return the last.",
    ),
)


@vgg_features.mistake("All your kernels are 3 × 3. `conv1-5` has kernels of 1 × 1: use what `read_conv` gives.")
def features_always_three(x, entries):
    return block_facts(lambda tensor: _stack(tensor, entries, always_three=True), x)


@vgg_features.mistake('Your maps shrink at each convolution. Keep their size with `padding="same"`.')
def features_without_frame(x, entries):
    return block_facts(lambda tensor: _stack(tensor, entries, padding="valid"), x)


@vgg_features.mistake('The convolutions have no ReLU: `activation="relu"`.')
def features_linear(x, entries):
    return block_facts(lambda tensor: _stack(tensor, entries, relu=False), x)


@vgg_features.mistake("Your 1 × 1 convolutions have no ReLU. In net C they do; that is what they are for.")
def features_linear_ones(x, entries):
    def make(tensor):
        for entry in entries:
            tensor = _stack(tensor, [entry], relu=not entry.startswith("conv1-"))
        return tensor

    return block_facts(make, x)


@vgg_features.mistake("You return at the first maxpool. The list goes on after it.")
def features_stop_at_the_pool(x, entries):
    return block_facts(lambda tensor: _stack(tensor, entries[: entries.index("maxpool") + 1]), x)


@vgg_features.mistake(
    "Each of your layers starts again from the input. Call it on the tensor that the layer before it gave: `x = layer(x)`."
)
def features_of_the_image_only(x, entries):
    # Every layer is called on the image; what the one before it gave is lost.
    return block_facts(lambda tensor: [_stack(tensor, [entry]) for entry in entries][-1], x)


# --- vgg ---------------------------------------------------------------------------------------


def _net_cases(generator: np.random.Generator) -> Iterator[Case]:
    yield Case(
        {
            "entries": _small_column(generator, (3, 1))[:3],
            "input_shape": (int(generator.integers(5, 7)) * 2, 8, 2),
            "classes": int(generator.integers(3, 5)),
            "units": tuple(generator.permutation([6, 7, 8])[:2].tolist()),
        },
        "net",
    )


def _net_oracle(entries, input_shape, classes, units):
    import keras
    from keras import layers

    image = keras.Input(input_shape)
    x = layers.Reshape((-1,))(_explicit(image, entries))
    for size in units:
        x = layers.Dropout(0.5)(layers.ReLU()(layers.Dense(size)(x)))
    return model_facts(keras.Model(image, layers.Softmax()(layers.Dense(classes)(x))))


vgg = Exercise(
    name="vgg",
    title="The whole net",
    points={"net": 3},
    minutes=15,
    difficulty=2,
    oracle=_net_oracle,
    examples=(
        Case(
            {"entries": ["conv3-4", "maxpool"], "input_shape": (8, 6, 3), "classes": 5, "units": (6, 7)},
            "net",
            "112 for the convolution, then (48 + 1)·6 + (6 + 1)·7 + (7 + 1)·5 = 294 + 49 + 40",
            known=495,
        ),
    ),
    cases=_net_cases,
    hints=(
        "Five steps: input, features, flatten, the fully connected layers of `units`, the classes.",
        "Begin with `keras.Input(input_shape)`, call `vgg_features` on it, then `layers.Flatten()`. A loop over `units` "
        "adds `layers.Dense` with ReLU and `layers.Dropout(0.5)`.",
        "With units (6, 7) and 5 classes: flatten; 6 units with ReLU and their dropout; 7 with ReLU and their dropout; 5 with "
        "softmax and without dropout. The model leads from the very first tensor to the last.",
    ),
)


def _net(entries, input_shape, classes, units, flatten="Flatten", relu="relu", rate=0.5, last="softmax", early=False):
    """A net as students build it; each mistake changes one thing."""
    import keras
    from keras import layers

    images = keras.Input(input_shape)
    x = getattr(layers, flatten)()(_stack(images, entries))
    for size in units:
        x = layers.Dropout(rate)(x) if early and rate else x
        x = layers.Dense(size, activation=relu)(x)
        x = layers.Dropout(rate)(x) if rate and not early else x
    return model_facts(keras.Model(images, layers.Dense(classes, activation=last)(x)))


@vgg.mistake('The last layer gives any numbers. Probabilities need `activation="softmax"`.')
def net_without_softmax(entries, input_shape, classes, units):
    return _net(entries, input_shape, classes, units, last=None)


@vgg.mistake("In training, half of the units in each hidden layer rest: `layers.Dropout(0.5)` is missing.")
def net_without_dropout(entries, input_shape, classes, units):
    return _net(entries, input_shape, classes, units, rate=0)


@vgg.mistake("Dropout comes before each fully connected layer of `units`. It belongs after it.")
def net_with_early_dropout(entries, input_shape, classes, units):
    return _net(entries, input_shape, classes, units, early=True)


@vgg.mistake(
    "You take the mean of each map. VGG keeps every place: `layers.Flatten()`. (Means came with the next net, in unit 13.)"
)
def net_that_averages(entries, input_shape, classes, units):
    return _net(entries, input_shape, classes, units, flatten="GlobalAveragePooling2D")


@vgg.mistake("The fully connected layers between have no ReLU.")
def net_with_linear_units(entries, input_shape, classes, units):
    return _net(entries, input_shape, classes, units, relu=None)


@vgg.mistake("The fully connected layers of `units` are missing between features and classes.")
def net_without_hidden_units(entries, input_shape, classes, units):
    return _net(entries, input_shape, classes, ())


@vgg.mistake("Your net always has 1,000 classes. Use the argument `classes`.")
def net_with_thousand(entries, input_shape, classes, units):
    return _net(entries, input_shape, 1000, units)


# --- column_parameters --------------------------------------------------------------------------


def _table_cases(generator: np.random.Generator, part: str) -> Iterator[Case]:
    shape = (int(generator.integers(8, 11)) * 2 + 1, int(generator.integers(5, 8)) * 2, int(generator.integers(2, 5)))
    units = tuple(generator.integers(11, 30, size=3).tolist())
    yield Case({"entries": _small_column(generator, (3, 1, 5)), "input_shape": shape, "units": units}, part)
    # Three poolings, of odd numbers of rows and columns; the last convolution is 1 × 1.
    entries = ["maxpool", "conv3-4", "maxpool", "maxpool", "conv1-5"]
    yield Case({"entries": entries, "input_shape": (23, 71, 2), "units": units[:1]}, part)


def _net_shapes(entries, input_shape, units):
    """Shapes of the maps after each entry, from the whole column at once."""
    rows, cols, channels = input_shape
    filters = [_numbers(entry)[1] if entry != "maxpool" else 0 for entry in entries]
    for place, entry in enumerate(entries):
        halvings = entries[: place + 1].count("maxpool")
        last = [channels, *(number for number in filters[: place + 1] if number)][-1]
        yield entry, (rows // 2**halvings, cols // 2**halvings, last)


def _count_oracle(entries, input_shape, units):
    depths = [input_shape[2]] + [_numbers(entry)[1] for entry in entries if entry != "maxpool"]
    sides = [_numbers(entry)[0] for entry in entries if entry != "maxpool"]
    kernels = [(side, side, *pair) for side, pair in zip(sides, itertools.pairwise(depths), strict=True)]
    *_, (_, last) = _net_shapes(entries, input_shape, units)
    sizes = [int(np.prod(last)), *units]
    return (
        sum(int(np.prod(kernel)) + kernel[-1] for kernel in kernels),
        sum(a * b + b for a, b in itertools.pairwise(sizes)),
    )


column_parameters = Exercise(
    name="column_parameters",
    title="Count the parameters",
    results=("convolutions", "the rest"),
    points={"counts": 2},
    minutes=15,
    difficulty=2,
    oracle=_count_oracle,
    examples=(
        Case(
            {"entries": ["conv3-4", "maxpool"], "input_shape": (8, 6, 3), "units": (6, 7, 5)},
            "counts",
            "the little net of the exercise before",
            known=(112, 383),
        ),
        Case(
            {"entries": COLUMN_D, "input_shape": (224, 224, 3), "units": (4096, 4096, 1000)},
            "counts",
            "VGG16: together 138,357,544",
            known=(14_714_688, 123_642_856),
        ),
        Case({"entries": ["conv1-2", "maxpool"], "input_shape": (5, 7, 1), "units": (3,)}, "counts", known=(4, 39)),
    ),
    cases=lambda generator: _table_cases(generator, "counts"),
    hints=(
        "Walk through the entries and keep three numbers up to date: rows, cols and channels.",
        "A convolution adds `(kernel² · channels + 1) · filters`, and its filters are the next channels. A maxpool halves rows and cols.",
        "The first fully connected layer has `rows * cols * channels` inputs. Each layer adds `(inputs + 1) * units`, and its units are the next layer's inputs.",
    ),
)


def _count(entries, input_shape, units, bias=1, side=None, follow=True, halve=True, up=False, flat=True, last_only=False):
    """Counting as students do it; each mistake changes one thing."""
    rows, cols, channels = input_shape
    features = head = 0
    for entry in entries:
        if entry == "maxpool":
            if halve:
                rows, cols = (-(-rows // 2), -(-cols // 2)) if up else (rows // 2, cols // 2)
        else:
            kernel, filters = _numbers(entry)
            features += ((side or kernel) ** 2 * channels + bias) * filters
            channels = filters if follow else channels
    channels = _numbers([e for e in entries if e != "maxpool"][-1])[1]
    before = rows * cols * channels if flat else channels
    for number in units:
        head += (before + bias) * number
        before = number
    return features, head


@column_parameters.mistake("The biases are missing: one for each filter, one for each unit. The lecture's list forgets them too.")
def count_without_biases(entries, input_shape, units):
    return _count(entries, input_shape, units, bias=0)


@column_parameters.mistake("You count 9 weights for each kernel. A `conv1` kernel has 1, a `conv5` kernel 25.")
def count_all_as_three(entries, input_shape, units):
    return _count(entries, input_shape, units, side=3)


@column_parameters.mistake("Every kernel of yours is as deep as the image. It is as deep as the layer before has filters.")
def count_first_channels(entries, input_shape, units):
    return _count(entries, input_shape, units, follow=False)


@column_parameters.mistake(
    "The first fully connected layer sees the maps as pooling left them: halve rows and cols at each maxpool."
)
def count_before_pooling(entries, input_shape, units):
    return _count(entries, input_shape, units, halve=False)


@column_parameters.mistake("Pooling rounds down: five rows give two. Use `// 2`.")
def count_rounds_up(entries, input_shape, units):
    return _count(entries, input_shape, units, up=True)


@column_parameters.mistake("The first fully connected layer has a weight for every place of every map: rows · cols · channels.")
def count_channels_only(entries, input_shape, units):
    return _count(entries, input_shape, units, flat=False)


@column_parameters.mistake("Return two numbers: one for the convolutions, one for the fully connected layers.")
def count_in_one(entries, input_shape, units):
    return sum(_count(entries, input_shape, units))


@column_parameters.mistake("Only the first fully connected layer reads the maps. The next one reads the units before it.")
def parameters_all_from_the_maps(entries, input_shape, units):
    features, _ = _count(entries, input_shape, units)
    return features, sum(_count(entries, input_shape, [number])[1] for number in units)


# --- column_field ---------------------------------------------------------------------------


def _field_cases(generator: np.random.Generator) -> Iterator[Case]:
    sides = generator.permutation([3, 5, 1, 3]).tolist()
    entries = [f"conv{sides[0]}-8", f"conv{sides[1]}-8", "maxpool", f"conv{sides[2]}-16", f"conv{sides[3]}-16", "maxpool"]
    yield Case({"entries": [*entries, "conv3-32"]}, "field")
    yield Case({"entries": []}, "field")
    yield Case({"entries": [*entries, f"conv5-{generator.integers(16, 64)}", "maxpool"]}, "field")


def _field_oracle(entries):
    """Which pixels do two neighbouring results see? Walk back from them to the image."""
    (low, high), (next_low, _) = (0, 0), (1, 1)
    for entry in reversed(entries):
        if entry == "maxpool":
            low, high, next_low = 2 * low, 2 * high + 1, 2 * next_low
        else:
            reach = _numbers(entry)[0] // 2
            low, high, next_low = low - reach, high + reach, next_low - reach
    return high - low + 1, next_low - low


column_field = Exercise(
    name="column_field",
    title="How far a unit sees",
    results=("field", "step"),
    points={"field": 2},
    minutes=15,
    difficulty=2,
    oracle=_field_oracle,
    examples=(
        Case({"entries": ["conv3-64", "conv3-64", "conv3-64"]}, "field", "three 3 × 3 see as much as one 7 × 7", known=(7, 1)),
        Case({"entries": ["conv3-64", "maxpool", "conv3-128"]}, "field", "3, then 4, then 8", known=(8, 2)),
        Case({"entries": COLUMN_D}, "field", "VGG16 up to its last pooling", known=(212, 32)),
    ),
    cases=_field_cases,
    hints=(
        "Keep two numbers: the field (at first 1 pixel) and the step between neighbours (at first 1).",
        "A kernel of side k sees k neighbours, `step` pixels apart: the field grows by `(k - 1) * step`.",
        "Field 3 and step 1, then a maxpool: it sees two neighbours one pixel apart, so the field is 4, and from now on the "
        "step is 2. Take the old step for the field, and only then double it.",
    ),
)


@column_field.mistake(
    "You add kernel − 1 each time. After a pooling, neighbours lie 2 pixels apart, then 4: multiply by the step."
)
def field_without_steps(entries):
    field = 1 + sum(1 if entry == "maxpool" else _numbers(entry)[0] - 1 for entry in entries)
    return field, 2 ** entries.count("maxpool")


@column_field.mistake("Pooling does not double the field. It adds one step, and doubles the step for the layers after it.")
def field_doubled(entries):
    field = 1
    for entry in entries:
        field = 2 * field if entry == "maxpool" else field + _numbers(entry)[0] - 1
    return field, 2 ** entries.count("maxpool")


def _field(entries, pool_first=False, pool_sees=1, less=1):
    field = step = 1
    for entry in entries:
        if entry == "maxpool":
            field, step = field + pool_sees * step * (2 if pool_first else 1), 2 * step
        else:
            field += (_numbers(entry)[0] - less) * step
    return field, step


@column_field.mistake("Pooling sees two neighbours, so it makes the field larger by one step, too.")
def field_pool_sees_one(entries):
    return _field(entries, pool_sees=0)


@column_field.mistake("Pooling looks at maps whose step is still the old one: add first, double the step afterwards.")
def field_pool_doubles_first(entries):
    return _field(entries, pool_first=True)


@column_field.mistake("A kernel of side k adds k − 1 neighbours, not k: one it has already.")
def field_whole_kernel(entries):
    return _field(entries, less=0)


@column_field.mistake("Return two numbers: the field and the step.")
def field_alone(entries):
    return _field(entries)[0]


@column_field.mistake("Your kernels are 3 × 3 always. Use what `read_conv` gives.")
def field_of_threes(entries):
    return _field([entry if entry == "maxpool" else "conv3-1" for entry in entries])


# --- column_memory ------------------------------------------------------------------------


def _memory_oracle(entries, input_shape, units):
    maps = [shape for _, shape in _net_shapes(entries, input_shape, units)]
    return [np.zeros(shape, dtype=np.float32).nbytes for shape in [input_shape, *maps, *((number,) for number in units)]]


column_memory = Exercise(
    name="column_memory",
    title="Memory for one image",
    points={"bytes": 2},
    minutes=12,
    difficulty=2,
    oracle=_memory_oracle,
    examples=(
        Case(
            {"entries": ["conv3-4", "maxpool"], "input_shape": (8, 6, 3), "units": (7, 5)},
            "bytes",
            "4 · (144, 192, 48, 7, 5)",
            known=[576, 768, 192, 28, 20],
        ),
        Case(
            {"entries": ["conv3-64", "conv3-64", "maxpool"], "input_shape": (224, 224, 3), "units": (1000,)},
            "bytes",
            "VGG16's first block",
            known=[602_112, 12_845_056, 12_845_056, 3_211_264, 4_000],
        ),
    ),
    cases=lambda generator: _table_cases(generator, "bytes"),
    hints=(
        "As before, walk through the entries with rows, cols and channels. What is left after each entry?",
        "Maps of rows × cols × channels take `4 * rows * cols * channels` bytes. The image is the first.",
        'An image of 4 × 4 × 3, ["conv3-2", "maxpool"] and units (5,): 48, 32, 8 and 5 numbers, so 192, 128, 32 and 20 bytes. '
        "Note a size after each entry, whatever its kind.",
    ),
)


@column_memory.mistake("You count numbers. A float32 takes 4 bytes.")
def memory_in_numbers(entries, input_shape, units):
    return [size // 4 for size in _memory_oracle(entries, input_shape, units)]


@column_memory.mistake("The image itself lies in memory too: it is the first of the list.")
def memory_without_image(entries, input_shape, units):
    return _memory_oracle(entries, input_shape, units)[1:]


@column_memory.mistake("The pooled maps are kept as well: every entry gives a number, also a maxpool.")
def memory_without_pools(entries, input_shape, units):
    sizes = _memory_oracle(entries, input_shape, units)
    return sizes[:1] + [s for e, s in zip(entries, sizes[1:], strict=False) if e != "maxpool"] + sizes[len(entries) + 1 :]


@column_memory.mistake("Pooling halves rows and cols. Yours stay as large as the image.")
def memory_never_halved(entries, input_shape, units):
    rows, cols, channels = input_shape
    depths = [shape[2] for _, shape in _net_shapes(entries, input_shape, units)]
    return [4 * rows * cols * depth for depth in [channels, *depths]] + [4 * number for number in units]


@column_memory.mistake("You take the image to be square: it has `rows` and `cols`.")
def memory_of_one_side(entries, input_shape, units):
    square = (input_shape[0], input_shape[0], input_shape[2])
    return _memory_oracle(entries, square, units)


@column_memory.mistake("The results of the fully connected layers are missing at the end: 4 bytes for each unit.")
def memory_of_maps_only(entries, input_shape, units):
    return _memory_oracle(entries, input_shape, units)[: len(entries) + 1]


@column_memory.mistake("Return the list, one number for the image and one for each layer. The notebook adds them up.")
def memory_in_one(entries, input_shape, units):
    return sum(_memory_oracle(entries, input_shape, units))


# --- dense_as_convolution ----------------------------------------------------------------------


def _dense_cases(generator: np.random.Generator) -> Iterator[Case]:
    rows, cols, channels = generator.permutation([2, 3, 4]).tolist()
    weights = generator.normal(size=(rows * cols * channels, int(generator.integers(2, 6)))).round(2)
    yield Case({"weights": weights, "rows": rows, "cols": cols}, "kernel")


def _dense_oracle(weights, rows, cols):
    weights = np.asarray(weights)
    channels = len(weights) // (rows * cols)
    kernel = np.zeros((rows, cols, channels, weights.shape[1]))
    for place in range(len(weights)):
        kernel[np.unravel_index(place, (rows, cols, channels))] = weights[place]
    return kernel


dense_as_convolution = Exercise(
    name="dense_as_convolution",
    title="A fully connected layer as a convolution",
    points={"kernel": 2},
    minutes=10,
    difficulty=2,
    oracle=_dense_oracle,
    examples=(
        Case(
            {"weights": np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]), "rows": 1, "cols": 3},
            "kernel",
            "three places, two channels, one unit",
            known=[[[[1.0], [2.0]], [[3.0], [4.0]], [[5.0], [6.0]]]],
        ),
        Case({"weights": np.arange(24.0).reshape(12, 2), "rows": 2, "cols": 3}, "kernel", "two channels, two units"),
    ),
    cases=_dense_cases,
    hints=(
        "In which order does `Flatten` read maps of shape (rows, cols, channels)? As NumPy does: the last index changes fastest.",
        "So row number (r · cols + c) · channels + k of `weights` belongs to kernel[r, c, k].",
        "With 2 rows, 3 cols and 4 channels, row 17 of `weights` is (1 · 3 + 1) · 4 + 1: it belongs to place (1, 1), channel 1. "
        "Which NumPy function gives an array a new shape without moving a number?",
    ),
)


@dense_as_convolution.mistake(
    "You read the rows of `weights` channel by channel. `Flatten` puts all channels of one place side by side: channels change fastest."
)
def dense_channels_first(weights, rows, cols):
    return np.moveaxis(weights.reshape(-1, rows, cols, weights.shape[1]), 0, 2)


@dense_as_convolution.mistake("Rows and cols are exchanged. A kernel has shape (rows, cols, channels, units).")
def dense_rows_for_cols(weights, rows, cols):
    return weights.reshape(cols, rows, -1, weights.shape[1])


@dense_as_convolution.mistake(
    "You read column by column. `Flatten` goes along a row, place by place, before it takes the next row."
)
def dense_columns_first(weights, rows, cols):
    return np.swapaxes(weights.reshape(cols, rows, -1, weights.shape[1]), 0, 1)


@dense_as_convolution.mistake("Units come last in a Keras kernel: (rows, cols, channels, units).")
def dense_units_first(weights, rows, cols):
    return weights.T.reshape(-1, rows, cols, len(weights) // (rows * cols))


@dense_as_convolution.mistake(
    "The shape is right, but the transposed weights were cut in wrong places. Reshape `weights` as it is."
)
def dense_units_first_by_force(weights, rows, cols):
    return weights.T.reshape(rows, cols, -1, weights.shape[1])


@dense_as_convolution.mistake("You reversed the kernel. Keras convolves without reversal, so nothing is flipped.")
def dense_reversed(weights, rows, cols):
    return weights.reshape(rows, cols, -1, weights.shape[1])[::-1, ::-1]


# --- far_sight -----------------------------------------------------------------------------------


def _far_sight_cases(generator: np.random.Generator) -> Iterator[Case]:
    for layers in generator.permutation([2, 3, 4, 5])[:2].tolist():
        field, channels = 6 + 8 * layers + int(generator.integers(1, 8)), int(generator.integers(5, 60))
        yield Case({"field": field, "channels": channels, "weights": (9 * (layers + 2) + 4) * channels**2}, "column")


def _far_sight(field, channels, weights):
    conv = f"conv3-{channels}"
    return [conv, "maxpool", "maxpool", *[conv] * -(-(field - 6) // 8)]


def _far_sight_misses(result, field, channels, weights):
    entries = list(result)
    if len(entries) > 40:
        return f"At most 40 entries are allowed; yours are {len(entries)}."
    seen = step = 1
    spent = 0
    for entry in entries:
        found = re.fullmatch(r"conv(\d{1,2})-(\d{1,4})|maxpool", entry)
        if not found or (entry != "maxpool" and (int(found[1]) < 1 or int(found[2]) != channels)):
            return f"An entry is `maxpool` or `convK-{channels}`; yours has `{entry[:20]}`."
        if entry == "maxpool":
            seen, step = seen + step, 2 * step
        else:
            kernel = int(found[1])
            seen, spent = seen + (kernel - 1) * step, spent + kernel**2 * channels**2
    if not entries or entries[0] == "maxpool":
        return "The first entry must be a convolution."
    if step > 4:
        return f"The step is {step}; at most 4 is allowed, which is two poolings."
    if seen < field:
        return f"The field is {seen}; {field} is asked."
    return f"There are {spent:,} weights; at most {weights:,} are allowed." if spent > weights else ""


far_sight = Exercise(
    name="far_sight",
    title="Design: far sight for few weights",
    points={"column": 1},
    minutes=10,
    difficulty=2,
    oracle=_far_sight,
    meets=_far_sight_misses,
    examples=(
        Case(
            {"field": 22, "channels": 8, "weights": 1800},
            "column",
            "three kernels of 3 × 3 have 3 · 9 · 8 · 8 = 1,728 weights",
            known=["conv3-8", "maxpool", "maxpool", "conv3-8", "conv3-8"],
        ),
        Case({"field": 31, "channels": 16, "weights": 14_000}, "column"),
    ),
    cases=_far_sight_cases,
    hints=(
        "What makes the field grow without any weights? And what makes each kernel after it reach farther?",
        "A 3 × 3 kernel widens the field by 2 · step. So it pays to make the step large early.",
        "After one convolution and two poolings the field is 3 + 1 + 2 = 6 and the step is 4: one more 3 × 3 makes the field 14. How many more does the field asked for need?",
    ),
)


@far_sight.mistake("Without pooling each 3 × 3 widens the field by 2 only. Let the step grow first.")
def sight_without_pooling(field, channels, weights):
    return [f"conv3-{channels}"] * -(-(field - 1) // 2)


@far_sight.mistake("The poolings come last, so no kernel profits from the larger step. Pool early.")
def sight_pools_at_the_end(field, channels, weights):
    return [f"conv3-{channels}"] * -(-(field - 4) // 2) + ["maxpool", "maxpool"]


@far_sight.mistake(
    "Large kernels reach far, but they cost most. Three 3 × 3 see as far as one 7 × 7, for 27 C² weights instead of 49 C²."
)
def sight_with_large_kernels(field, channels, weights):
    return [f"conv3-{channels}", "maxpool", "maxpool", *[f"conv7-{channels}"] * -(-(field - 6) // 24)]


@far_sight.mistake("You round down where the last kernel is needed only in part. Half a kernel is a whole kernel: round up.")
def sight_rounded_down(field, channels, weights):
    return [f"conv3-{channels}", "maxpool", "maxpool", *[f"conv3-{channels}"] * ((field - 6) // 8)]


@far_sight.mistake("The net must look before it pools: the first entry is a convolution.")
def sight_pools_first(field, channels, weights):
    return ["maxpool", "maxpool", *[f"conv3-{channels}"] * -(-(field - 4) // 8)]


# --- start_spreads -------------------------------------------------------------------------------


def _spread_cases(generator: np.random.Generator) -> Iterator[Case]:
    for _ in range(2):
        filters = generator.permutation([4, 6, 8, 12, 16])[:4].tolist()
        kernels = generator.permutation([1, 3, 5, 7]).tolist()
        pairs = list(zip(kernels, filters, strict=True))
        yield Case({"convolutions": pairs, "channels": int(generator.choice([1, 3, 10]))}, "spreads")


def _spreads_of_fan_out(convolutions, channels):
    maps = [channels, *(filters for _, filters in convolutions)]
    return [np.sqrt(2 / (kernel**2 * maps[n + 1])) for n, (kernel, _) in enumerate(convolutions)]


def _spreads(convolutions, channels, factor=2.0, power=0.5, area=2, carried=True):
    """From the list of maps before each layer; the keywords make the usual mistakes."""
    before = [channels, *(filters for _, filters in convolutions[:-1])] if carried else [channels] * len(convolutions)
    return [(factor / (kernel**area * maps)) ** power for (kernel, _), maps in zip(convolutions, before, strict=True)]


start_spreads = Exercise(
    name="start_spreads",
    title="Repair: a start that fades",
    points={"spreads": 1},
    minutes=8,
    difficulty=2,
    oracle=_spreads,
    given=_spreads_of_fan_out,
    examples=(
        Case(
            {"convolutions": [(1, 8), (3, 50), (1, 2)], "channels": 2},
            "spreads",
            "fan-ins 2, 9 · 8 = 72 and 50",
            known=[1.0, 1 / 6, 0.2],
        ),
        Case({"convolutions": [(1, 8)], "channels": 8}, "spreads", "eight maps in, eight out", known=[0.5]),
    ),
    cases=_spread_cases,
    hints=(
        "Look at the places where the line falls: what is different between the maps before such a layer and after it?",
        "A unit adds up K² · channels products. How many it adds does not depend on how many other units stand beside it.",
        "The first layer of the first example reads 2 maps with a kernel of 1 × 1, and has 8 filters. Each unit adds 2 products, so the spread is √(2/2) = 1; the code says √(2/8) = 0.5.",
    ),
)


@start_spreads.mistake("Every layer counts the image's channels now. A layer reads the maps of the one before it.")
def spreads_of_the_image(convolutions, channels):
    return _spreads(convolutions, channels, carried=False)


@start_spreads.mistake("The kernel's side counts twice: a unit sees K² places of each map.")
def spreads_with_the_side(convolutions, channels):
    return _spreads(convolutions, channels, area=1)


@start_spreads.mistake("The 2 is missing. ReLU silences half of the signal, so the spread is √(2 / fan-in).")
def spreads_without_the_two(convolutions, channels):
    return _spreads(convolutions, channels, factor=1.0)


@start_spreads.mistake("This is the variance. The spread is its root.")
def spreads_as_variance(convolutions, channels):
    return _spreads(convolutions, channels, power=1.0)


@start_spreads.mistake(
    "You count maps before and after a layer together. That is Glorot's rule; here only what a unit reads counts."
)
def spreads_of_both(convolutions, channels):
    before = [channels, *(filters for _, filters in convolutions)]
    return [(4 / (k**2 * (a + b))) ** 0.5 for (k, b), a in zip(convolutions, before, strict=False)]


EXERCISES: tuple[Exercise, ...] = (
    read_conv,
    vgg_block,
    vgg_features,
    vgg,
    column_parameters,
    column_field,
    far_sight,
    column_memory,
    start_spreads,
    dense_as_convolution,
)
