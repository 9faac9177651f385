"""Unit 21: sentences as arrays, Kim's sentence net, spectrograms, and what shuffling does to a net."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import scipy.signal

from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import model_facts

PADDING, UNKNOWN = 0, 1

# --- encode_words ------------------------------------------------------------------------------

SHORT, LONG = "sentences with room to spare", "sentences that are too long"
POOL = ("film", "the", "good", "not", "a", "bad", "it's", "dull", "charm", "plot")
WORDS = {"the": 2, "film": 3, "is": 4, "good": 5, "not": 6}


def _encoding_cases(generator: np.random.Generator) -> Iterator[Case]:
    known = generator.permutation(POOL)[:6].tolist()
    vocabulary = {word: number + 2 for number, word in enumerate(known)}
    strange = next(word for word in POOL if word not in vocabulary)
    for part, size, length in ((SHORT, 5, int(generator.integers(7, 10))), (LONG, 9, int(generator.integers(4, 7)))):
        words = [str(word) for word in generator.choice(known, size=size)]
        words[int(generator.integers(1, 3))] = strange
        yield Case({"words": words, "vocabulary": vocabulary, "length": length}, part)
    yield Case({"words": words, "vocabulary": vocabulary, "length": len(words)}, SHORT, "just as long")


def _encoded(words, vocabulary, length):
    """Looked up in two sorted arrays."""
    names = np.array(sorted(vocabulary))
    numbers = np.array([vocabulary[str(name)] for name in names])
    places = np.clip(np.searchsorted(names, words), 0, len(names) - 1)
    found = np.where(names[places] == np.array(words), numbers[places], UNKNOWN)
    return np.pad(found, (0, length))[:length]


encode_words = Exercise(
    name="encode_words",
    title="From words to numbers",
    points={SHORT: 1, LONG: 1},
    minutes=8,
    difficulty=1,
    oracle=_encoded,
    examples=(
        Case(
            {"words": ["the", "plot", "is", "not", "good"], "vocabulary": WORDS, "length": 7},
            SHORT,
            "'plot' is not in the vocabulary",
            known=[2, 1, 4, 6, 5, 0, 0],
        ),
        Case(
            {"words": ["the", "plot", "is", "not", "good"], "vocabulary": WORDS, "length": 3},
            LONG,
            "only the first three words",
            known=[2, 1, 4],
        ),
    ),
    cases=_encoding_cases,
    hints=(
        "Three steps: look up each word, cut, fill up with zeros.",
        "`vocabulary.get(word, 1)` is the word's number, or 1 when it is not there.",
        "Begin with `np.zeros(length, dtype=int)` and write the first `length` numbers into its beginning.",
    ),
)


@encode_words.mistake("The zeros are in front. Begin with the words and put the zeros after them.")
def encoded_with_padding_in_front(words, vocabulary, length):
    numbers = _encoded(words, vocabulary, len(words))[:length]
    return np.pad(numbers, (length - len(numbers), 0))


@encode_words.mistake("Unknown words became 0, which means 'no word here'. They are 1.")
def encoded_unknown_as_padding(words, vocabulary, length):
    numbers = _encoded(words, vocabulary, length)
    return np.where(numbers == UNKNOWN, PADDING, numbers)


@encode_words.mistake("Unknown words are left out, so later words move to the left. Keep their place with a 1.")
def encoded_unknown_left_out(words, vocabulary, length):
    return _encoded([word for word in words if word in vocabulary], vocabulary, length)


@encode_words.mistake("From a sentence that is too long you kept the end. Keep its first `length` words.")
def encoded_end_of_the_sentence(words, vocabulary, length):
    return _encoded(words[-length:], vocabulary, length)


@encode_words.mistake("The result is as long as the sentence. It must always have `length` numbers.")
def encoded_without_length(words, vocabulary, length):
    return _encoded(words, vocabulary, len(words))


@encode_words.mistake("The words have lost their order. Keep them as they are in the sentence, also those that come twice.")
def encode_sorted(words, vocabulary, length):
    numbers = sorted({vocabulary.get(word, 1) for word in words})[:length]
    return np.array(numbers + [0] * (length - len(numbers)))


# --- conv_over_words ---------------------------------------------------------------------------


def _words_cases(generator: np.random.Generator) -> Iterator[Case]:
    words, size = int(generator.integers(7, 11)), int(generator.integers(2, 4))
    dimension, filters = int(generator.integers(3, 6)), int(generator.integers(2, 4))
    yield Case(
        {
            "vectors": generator.integers(-3, 4, size=(words, dimension)),
            "kernels": generator.normal(size=(size, dimension, filters)).round(2),
            "bias": (np.where(generator.random(filters) < 0.5, -1, 1) * generator.uniform(0.5, 1.5, filters)).round(2),
        },
        "numbers",
    )
    for words, size in ((4, 1), (3, 3)):  # single words; a filter as long as the sentence
        kernels = generator.normal(size=(size, 2, 4)).round(2)
        bias = np.array([0.5, -0.5, 2.0, 1.0])
        yield Case({"vectors": generator.normal(size=(words, 2)).round(2), "kernels": kernels, "bias": bias}, "numbers")


def _sums(vectors, kernels):
    vectors = np.asarray(vectors, float)
    kernels = np.asarray(kernels, float)
    columns = [scipy.signal.correlate(vectors, kernel, mode="valid", method="direct") for kernel in np.moveaxis(kernels, -1, 0)]
    return np.concatenate(columns, axis=1)


def _over_words(vectors, kernels, bias):
    return np.maximum(_sums(vectors, kernels) + bias, 0)


conv_over_words = Exercise(
    name="conv_over_words",
    title="A convolution over words",
    points={"numbers": 2},
    minutes=15,
    difficulty=2,
    oracle=_over_words,
    examples=(
        Case(
            {
                "vectors": np.array([[0, 0], [0, 0], [1, 0], [0, 1]]),
                "kernels": np.array([[[1], [0]], [[0], [1]]]),
                "bias": np.array([-1]),
            },
            "numbers",
            "'it is not good', worked by hand",
            known=[[0.0], [0.0], [1.0]],
        ),
        Case(
            {
                "vectors": np.array([[1, 2], [0, -1], [3, 1]]),
                "kernels": np.array([[[1, 0], [2, 1]], [[0, 1], [1, -1]]]),
                "bias": np.array([1, -2]),
            },
            "numbers",
            "two filters",
            known=[[5.0, 1.0], [0.0, 0.0]],
        ),
    ),
    cases=_words_cases,
    forbidden=("convolve2d", "correlate2d", "conv", "conv1d"),
    hints=(
        "It is `correlate1d` of Unit 2, but each sample is now a row of numbers.",
        "The window at place n is `vectors[n : n + size]`, of shape (size, dimension), like one filter.",
        "Window [[1, 0], [0, 1]] and a filter of the same numbers: 1 + 1 = 2, with bias −1 it is 1. `np.tensordot` over two "
        "axes does that for all filters of a window at once.",
    ),
)


@conv_over_words.mistake("There are negative answers. Let the ReLU cut them off: `np.maximum(…, 0)`.")
def words_without_relu(vectors, kernels, bias):
    return _sums(vectors, kernels) + bias


@conv_over_words.mistake("The ReLU comes before the bias. Add the bias first: it is the filter's threshold.")
def words_relu_before_bias(vectors, kernels, bias):
    return np.maximum(_sums(vectors, kernels), 0) + bias


@conv_over_words.mistake("The bias is missing: filter f adds `bias[f]` to its sum.")
def words_without_bias(vectors, kernels, bias):
    return _over_words(vectors, kernels, 0 * bias)


@conv_over_words.mistake("The words of the filter are in reverse order: that is convolution with reversal. Lay it on as it is.")
def words_with_reversal(vectors, kernels, bias):
    return _over_words(vectors, kernels[::-1], bias)


@conv_over_words.mistake("The last window is missing. A filter of n words fits at words − n + 1 places.")
def words_one_too_short(vectors, kernels, bias):
    return _over_words(vectors, kernels, bias)[:-1]


@conv_over_words.mistake("The windows stand side by side. They must overlap: move on by one word each time.")
def words_next_window(vectors, kernels, bias):
    size = len(kernels)
    starts = range(0, len(vectors) - size + 1, size)
    return _over_words(vectors, kernels, bias)[list(starts)]


@conv_over_words.mistake("The bias is added once for each word of the window. Add up the window first, then add the bias once.")
def words_with_a_bias_each(vectors, kernels, bias):
    return np.maximum(_sums(vectors, kernels) + len(kernels) * bias, 0)


@conv_over_words.mistake("Only the first filter answers. There is one column for each filter.")
def words_for_the_first_filter(vectors, kernels, bias):
    return np.maximum(_sums(vectors, kernels) + bias, 0)[:, 0]


# --- design_filter -----------------------------------------------------------------------------


def _filter_cases(generator: np.random.Generator) -> Iterator[Case]:
    for window in generator.permutation([2, 3, 4]).tolist():
        dimension = int(generator.integers(2, 5))
        negates, praises = generator.choice(dimension, size=2, replace=False).tolist()
        yield Case({"window": window, "dimension": dimension, "negates": negates, "praises": praises}, "filter")


def _filter_misses(result, window, dimension, negates, praises):
    kernel, bias = (np.asarray(part, dtype=float) for part in result)
    if kernel.shape != (window, dimension) or bias.size != 1:
        return f"A kernel of {window} × {dimension} and one bias are asked; the shapes are {kernel.shape} and {bias.shape}."
    if not (np.all(np.abs(kernel) < 1e6) and np.all(np.abs(bias) < 1e6)):
        return "Finite numbers are asked, none of a million or more."
    words = np.eye(dimension + 1)[:, :dimension]  # the last one is 0 everywhere
    for window_of in product(range(dimension + 1), repeat=window):
        wanted = window_of[0] == negates and praises in window_of[1:]
        answer = max(0.0, float((words[list(window_of)] * kernel).sum() + bias.sum()))
        if (answer <= 0.01) if wanted else (answer > 0.001):
            shown = {negates: "negates", praises: "praises", dimension: "–"}
            said = ", ".join(shown.get(word, "another word") for word in window_of)
            return f"To the words ({said}) the filter answers {answer:.3g}; {'more than 0.01' if wanted else '0'} is asked."
    return ""


def _filter(window, dimension, negates, praises):
    """The negation outweighs any number of praises, and the bias asks for a little more than it alone."""
    kernel = np.outer(np.arange(window) > 0, np.arange(dimension) == praises) * 1.0
    kernel[0, negates] = 2.0 * window
    return kernel, -2.0 * window


design_filter = Exercise(
    name="design_filter",
    title="Design: not very good",
    points={"filter": 1},
    minutes=12,
    difficulty=2,
    oracle=_filter,
    meets=_filter_misses,
    examples=(
        Case(
            {"window": 2, "dimension": 2, "negates": 0, "praises": 1},
            "filter",
            "the filter of the text",
            known=([[1, 0], [0, 1]], -1),
        ),
        Case({"window": 3, "dimension": 2, "negates": 0, "praises": 1}, "filter", "not good, not very good"),
    ),
    cases=_filter_cases,
    hints=(
        "Which window with two praising words and no negation must stay silent? What do your weights add up to there?",
        "Let the negation weigh more than all praises that fit into the rest of the window. How large may the bias then be?",
        "Window 3: a praise weighs 1, two of them 2. Let the negation weigh 2 as well, and the bias be −2. Then negation and praise give 1, "
        "two praises 0, a negation alone 0.",
    ),
)


@design_filter.mistake("Only the second word may praise. Let each of the others do so.")
def filter_of_neighbours(window, dimension, negates, praises):
    kernel = np.zeros((window, dimension))
    kernel[0, negates] = kernel[1, praises] = 1
    return kernel, -1


@design_filter.mistake("Praise and negation weigh the same, so two praises are enough. The negation must weigh more.")
def filter_of_equal_weights(window, dimension, negates, praises):
    kernel = np.zeros((window, dimension))
    kernel[0, negates] = kernel[1:, praises] = 1
    return kernel, -1


@design_filter.mistake("Without a bias one of the two is enough. The bias must take away what a negation alone gives.")
def filter_without_bias(window, dimension, negates, praises):
    return _filter(window, dimension, negates, praises)[0], 0


@design_filter.mistake("Only a window in which all other words praise gets an answer. One praise must be enough.")
def filter_wants_all(window, dimension, negates, praises):
    kernel, bias = _filter(window, dimension, negates, praises)
    return kernel, bias - (window - 2) - 0.5


@design_filter.mistake("The first word praises and the others negate here. It should be the other way round.")
def filter_backwards(window, dimension, negates, praises):
    return _filter(window, dimension, praises, negates)


@design_filter.mistake("Rows are words and columns are the numbers of a vector; here it is the other way round.")
def filter_on_its_side(window, dimension, negates, praises):
    kernel, bias = _filter(window, dimension, negates, praises)
    return kernel.T, bias


# --- max_over_time -----------------------------------------------------------------------------


def _time_cases(generator: np.random.Generator) -> Iterator[Case]:
    sentences, window, filters = 3, int(generator.integers(2, 5)), 4
    lengths = generator.integers(window, 9, size=sentences)
    lengths[:2] = window + 1, window  # two places, and a single one
    maps = generator.normal(size=(sentences, 9 - window + 1 + 2, filters)).round(3)
    maps[:, :, 0] = -np.abs(maps[:, :, 0]) - 0.01  # a largest answer below zero
    yield Case({"maps": maps, "lengths": lengths, "window": window}, "values and places")


def _over_time(maps, lengths, window):
    found = [
        (map_[:size].max(axis=0), map_[:size].argmax(axis=0))
        for map_, size in zip(np.asarray(maps, float), np.asarray(lengths) - window + 1, strict=True)
    ]
    return np.array([values for values, _ in found]), np.array([places for _, places in found])


max_over_time = Exercise(
    name="max_over_time",
    title="The largest answer, and where it was",
    results=("values", "places"),
    points={"values and places": 2},
    minutes=15,
    difficulty=2,
    oracle=_over_time,
    examples=(
        Case(
            {"maps": np.array([[[2.0, -3.0], [4.0, -1.0], [1.0, -2.0], [5.0, 7.0]]]), "lengths": np.array([4]), "window": 2},
            "values and places",
            "four words, windows of two: only three places count",
            known=([[4.0, -1.0]], [[1, 1]]),
        ),
    ),
    cases=_time_cases,
    hints=(
        "How many windows of n words lie inside a sentence of L words?",
        "Put −∞ where a window reaches into the padding: `np.where(valid[:, :, None], maps, -np.inf)`.",
        "4 words, window 2: the places 0, 1 and 2 count. So compare the places' numbers with lengths − window + 1, one row for "
        "each sentence; then look for the largest along the places.",
    ),
)


@max_over_time.mistake(
    "Windows that reach into the padding count too. Of a sentence of `length` words only the first length − window + 1 places are real."
)
def time_with_padding(maps, lengths, window):
    return maps.max(axis=1), maps.argmax(axis=1)


@max_over_time.mistake(
    "You count a place for every word. A window that begins on the last word hangs over the end: length − window + 1 places remain."
)
def time_window_forgotten(maps, lengths, window):
    return _over_time(maps, lengths, 1)


@max_over_time.mistake(
    "You set the padding's answers to 0, and 0 is larger than a negative answer. Use −∞ (`-np.inf`), or cut the places off."
)
def time_padding_as_zero(maps, lengths, window):
    valid = np.arange(maps.shape[1]) < np.reshape(lengths, (-1, 1)) - window + 1
    return time_with_padding(maps * valid[..., None], lengths, window)


@max_over_time.mistake("You took the maximum over the filters. Each filter keeps its own largest answer over the places.")
def time_over_filters(maps, lengths, window):
    return maps.max(axis=2), maps.argmax(axis=2)


@max_over_time.mistake("One place is missing: there are length − window + 1 of them, not length − window.")
def time_one_place_lost(maps, lengths, window):
    return _over_time(maps, np.maximum(np.asarray(lengths) - 1, window), window)


@max_over_time.mistake("You averaged over the places. The largest answer is wanted.")
def time_mean(maps, lengths, window):
    sizes = np.asarray(lengths) - window + 1
    means = np.array([map_[:size].mean(axis=0) for map_, size in zip(maps, sizes, strict=True)])
    return means, _over_time(maps, lengths, window)[1]


# --- kim_parameters ----------------------------------------------------------------------------


def _count_cases(generator: np.random.Generator) -> Iterator[Case]:
    windows = sorted(generator.choice(np.arange(2, 9), size=int(generator.integers(2, 5)), replace=False).tolist())
    numbers = generator.integers([50, 9, 5, 3], [500, 40, 30, 7]).tolist()
    names = ("vocabulary_size", "dimension", "windows", "num_filters", "classes")
    yield Case(dict(zip(names, [*numbers[:2], windows, *numbers[2:]], strict=True)), "counts")


def _counts(vocabulary_size, dimension, windows, num_filters, classes):
    """Counted in arrays of the layers' shapes (a row of the embedding stands for all)."""
    embedding = vocabulary_size * np.zeros(dimension).size
    convolutions = sum(np.zeros((n, dimension, num_filters)).size + np.zeros(num_filters).size for n in windows)
    joined = np.concatenate([np.zeros(num_filters) for _ in windows])
    return np.array([embedding, convolutions, np.zeros((joined.size, classes)).size + np.zeros(classes).size])


kim_parameters = Exercise(
    name="kim_parameters",
    title="Count the sentence net",
    points={"counts": 1},
    minutes=8,
    difficulty=1,
    oracle=_counts,
    examples=(
        Case(
            {"vocabulary_size": 18_765, "dimension": 300, "windows": [3, 4, 5], "num_filters": 100, "classes": 2},
            "counts",
            "Kim's net for film reviews",
            known=[5_629_500, 360_300, 602],
        ),
    ),
    cases=_count_cases,
    hints=(
        "The embedding is a table: one row for each word.",
        "A filter over n words has n · dimension weights and one bias. There are num_filters of them for each n.",
        "Windows 3 and 4 with 10 filters each: 20 maxima reach the dense layer. For 2 classes that makes (20 + 1) · 2 = 42 "
        "parameters.",
    ),
)


@kim_parameters.mistake("The biases are missing: one for each filter, and one for each class.")
def counts_without_biases(vocabulary_size, dimension, windows, num_filters, classes):
    joined = len(windows) * num_filters
    return [vocabulary_size * dimension, sum(windows) * dimension * num_filters, joined * classes]


@kim_parameters.mistake("The dense layer sees the filters of all window sizes: len(windows) · num_filters numbers.")
def counts_dense_sees_one_window(vocabulary_size, dimension, windows, num_filters, classes):
    embedding, convolutions, _ = _counts(vocabulary_size, dimension, windows, num_filters, classes)
    return [embedding, convolutions, (num_filters + 1) * classes]


@kim_parameters.mistake("A filter of n words has n · dimension weights: it covers each word's whole vector.")
def counts_kernels_without_dimension(vocabulary_size, dimension, windows, num_filters, classes):
    embedding, _, dense = _counts(vocabulary_size, dimension, windows, num_filters, classes)
    return [embedding, sum((n + 1) * num_filters for n in windows), dense]


@kim_parameters.mistake("These are square kernels. Over a sentence a filter slides in one direction only: n · dimension weights.")
def counts_square_kernels(vocabulary_size, dimension, windows, num_filters, classes):
    embedding, _, dense = _counts(vocabulary_size, dimension, windows, num_filters, classes)
    return [embedding, sum((n * n * dimension + 1) * num_filters for n in windows), dense]


@kim_parameters.mistake("You counted one bias for each window size. Every single filter has its own.")
def counts_one_bias_a_window(vocabulary_size, dimension, windows, num_filters, classes):
    embedding, _, dense = _counts(vocabulary_size, dimension, windows, num_filters, classes)
    return [embedding, sum(n * dimension * num_filters + 1 for n in windows), dense]


@kim_parameters.mistake("The biases of the filters are missing: one for each filter.")
def counts_without_filter_biases(vocabulary_size, dimension, windows, num_filters, classes):
    embedding, convolutions, dense = _counts(vocabulary_size, dimension, windows, num_filters, classes)
    return embedding, convolutions - len(windows) * num_filters, dense


@kim_parameters.mistake("The biases of the dense layer are missing: one for each class.")
def counts_without_class_biases(vocabulary_size, dimension, windows, num_filters, classes):
    embedding, convolutions, dense = _counts(vocabulary_size, dimension, windows, num_filters, classes)
    return embedding, convolutions, dense - classes


@kim_parameters.mistake("Only the first window size is counted. Each number in `windows` has its own filters.")
def counts_of_the_first_window(vocabulary_size, dimension, windows, num_filters, classes):
    embedding, _, dense = _counts(vocabulary_size, dimension, windows, num_filters, classes)
    return embedding, (windows[0] * dimension + 1) * num_filters, dense


@kim_parameters.mistake("The dense layer reads one number of each filter, however long the filter is.")
def counts_dense_by_window_sizes(vocabulary_size, dimension, windows, num_filters, classes):
    embedding, convolutions, _ = _counts(vocabulary_size, dimension, windows, num_filters, classes)
    return embedding, convolutions, (sum(windows) * num_filters + 1) * classes


@kim_parameters.mistake("Return the three numbers, not their sum.")
def counts_in_one(vocabulary_size, dimension, windows, num_filters, classes):
    return sum(_counts(vocabulary_size, dimension, windows, num_filters, classes))


# --- kim_net -----------------------------------------------------------------------------------


def _kim(length, vocabulary_size, dimension, windows, num_filters, dropout, classes, pool="GlobalMaxPooling1D", **other):
    """Kim's net; the keywords make the usual mistakes."""
    import keras
    from keras import layers

    words = keras.Input((length,), dtype="int32")
    vectors = layers.Embedding(vocabulary_size, dimension)(words)
    settings = {"activation": "relu", "padding": "valid", "last": "softmax", "early": False} | other
    early = dropout and settings["early"]
    vectors = layers.Dropout(dropout)(vectors) if early else vectors
    parts = []
    for size in windows:
        maps = layers.Conv1D(num_filters, size, activation=settings["activation"], padding=settings["padding"])(vectors)
        parts.append(getattr(layers, pool)()(maps))
    joined = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    joined = layers.Dropout(dropout)(joined) if dropout and not early else joined
    return keras.Model(words, layers.Dense(classes, activation=settings["last"])(joined))


def _kim_cases(generator: np.random.Generator) -> Iterator[Case]:
    windows = sorted(generator.choice([1, 2, 3, 4], size=2, replace=False).tolist(), reverse=True)  # the example's are rising
    length, vocabulary_size, dimension, filters, classes = generator.integers([8, 6, 3, 2, 2], [12, 12, 6, 5, 5]).tolist()
    arguments = {
        "length": length,
        "vocabulary_size": vocabulary_size,
        "dimension": dimension,
        "windows": windows,
        "num_filters": filters,
        "dropout": round(float(generator.uniform(0.2, 0.6)), 2),
        "classes": classes,
    }
    yield Case(arguments, "net")


def _kim_facts(*arguments):
    return model_facts(_kim(*arguments))


kim_net = Exercise(
    name="kim_net",
    title="The sentence net in Keras",
    points={"net": 3},
    minutes=20,
    difficulty=2,
    oracle=_kim_facts,
    examples=(
        Case(
            {
                "length": 9,
                "vocabulary_size": 10,
                "dimension": 4,
                "windows": [3, 4, 5],
                "num_filters": 2,
                "dropout": 0.5,
                "classes": 2,
            },
            "net",
            "40 + 102 + 14 parameters",
            known=156,
        ),
    ),
    cases=_kim_cases,
    hints=(
        "The net branches, so it cannot be a plain `Sequential`. Begin with a `keras.Input((length,), …)` for whole numbers, and `layers.Embedding`.",
        "For each window size: `layers.Conv1D(num_filters, size, activation=…)` of the embedded words, then `layers.GlobalMaxPooling1D()`.",
        "Collect the maxima in a list, join them with `layers.Concatenate()`, then `Dropout`, then `Dense` with softmax; "
        "last `keras.Model(…)` from the input to the result.",
    ),
    seconds=30.0,
)


@kim_net.mistake("You sorted the window sizes. Join the maxima in the order of `windows`.")
def kim_sorts_the_windows(length, vocabulary_size, dimension, windows, num_filters, dropout, classes):
    return model_facts(_kim(length, vocabulary_size, dimension, sorted(windows), num_filters, dropout, classes))


@kim_net.mistake("You average over the places. Take the largest answer of each filter: `GlobalMaxPooling1D`.")
def kim_with_mean(*arguments):
    return model_facts(_kim(*arguments, pool="GlobalAveragePooling1D"))


@kim_net.mistake('The convolutions have no activation: `activation="relu"`.')
def kim_without_relu(*arguments):
    return model_facts(_kim(*arguments, activation=None))


@kim_net.mistake("The convolutions pad the sentence. Use valid windows only, Keras's default.")
def kim_with_padding(*arguments):
    return model_facts(_kim(*arguments, padding="same"))


@kim_net.mistake("The last layer gives plain scores. Let it end in softmax.")
def kim_without_softmax(*arguments):
    return model_facts(_kim(*arguments, last=None))


@kim_net.mistake("Dropout is missing. It stands between the joined maxima and the dense layer.")
def kim_without_dropout(length, vocabulary_size, dimension, windows, num_filters, dropout, classes):
    return model_facts(_kim(length, vocabulary_size, dimension, windows, num_filters, 0, classes))


@kim_net.mistake("Dropout comes after the embedding. It belongs between the joined maxima and the dense layer.")
def kim_with_dropout_of_the_words(*arguments):
    return model_facts(_kim(*arguments, early=True))


@kim_net.mistake("Only one window size is used. Make a convolution for each number in `windows`, and join their maxima.")
def kim_with_one_window(length, vocabulary_size, dimension, windows, num_filters, dropout, classes):
    return model_facts(_kim(length, vocabulary_size, dimension, windows[:1], num_filters, dropout, classes))


# --- spectrogram -------------------------------------------------------------------------------


def _sound_cases(generator: np.random.Generator) -> Iterator[Case]:
    for rest in (0, 2):  # frames that end with the sound, and samples left over
        size = 2 * int(generator.integers(3, 5))
        hop = 3
        sound: np.ndarray = generator.normal(size=size + hop * int(generator.integers(6, 8)) + rest).round(3)
        yield Case({"sound": sound, "window": generator.uniform(0.2, 1, size=size).round(3), "hop": hop}, "numbers")
    # Whole numbers: one frame only; frames that begin at every sample.
    sound, window = generator.integers(-9, 10, size=7), np.array([1, 2, 3, 2])
    yield Case({"sound": sound[:4], "window": window, "hop": 2}, "numbers")
    yield Case({"sound": sound, "window": window, "hop": 1}, "numbers")


def _spectrogram(sound, window, hop):
    size = len(window)
    _, _, image = scipy.signal.spectrogram(
        np.asarray(sound, float),
        window=np.asarray(window, float),
        nperseg=size,
        noverlap=size - hop,
        detrend=False,
        scaling="spectrum",
        mode="magnitude",
    )
    return image * np.sum(window)


spectrogram = Exercise(
    name="spectrogram",
    title="A picture of a sound",
    points={"numbers": 2},
    minutes=15,
    difficulty=2,
    oracle=_spectrogram,
    examples=(
        Case(
            {"sound": np.array([1, 0, -1, 0, 1, 0, -1]), "window": np.ones(4), "hop": 2},
            "numbers",
            "one swing in four samples; the last sample is left over",
            known=[[0.0, 0.0], [2.0, 2.0], [0.0, 0.0]],
        ),
        Case(
            {"sound": np.array([1, 1, 1, 1, 2, 2]), "window": np.array([1, 3, 3, 1]), "hop": 2},
            "numbers",
            "frames 1 3 3 1 and 1 3 6 2",
            known=[[8.0, 12.0], [8**0.5, 26**0.5], [0.0, 2.0]],
        ),
    ),
    cases=_sound_cases,
    forbidden=("spectrogram",),
    hints=(
        "Frame number t is `sound[t * hop : t * hop + size]`, with `size = len(window)`.",
        "There are (len(sound) − size) // hop + 1 frames. Multiply each by the window, then take `np.abs(np.fft.rfft(…))`.",
        "Stack the frames as rows: `np.fft.rfft` works on the last axis. At the end transpose, so that frequencies are the rows.",
    ),
)


def _own_frames(sound, size, hop):
    return np.lib.stride_tricks.sliding_window_view(np.asarray(sound, float), size)[::hop]


@spectrogram.mistake("The window is not used. Multiply each frame by `window` before the Fourier transform.")
def spectrogram_without_window(sound, window, hop):
    return np.abs(np.fft.rfft(_own_frames(sound, len(window), hop))).T


@spectrogram.mistake("The picture lies on its side: frequencies are rows, frames are columns.")
def spectrogram_on_its_side(sound, window, hop):
    return _spectrogram(sound, window, hop).T


@spectrogram.mistake("These are squared magnitudes (power). The magnitudes themselves are wanted: `np.abs(…)`.")
def spectrogram_of_power(sound, window, hop):
    return _spectrogram(sound, window, hop) ** 2


@spectrogram.mistake(
    "The upper half is the mirror image of the lower one, since the sound is real. Use `np.fft.rfft`: size // 2 + 1 frequencies."
)
def spectrogram_with_mirror(sound, window, hop):
    return np.abs(np.fft.fft(_own_frames(sound, len(window), hop) * window)).T


@spectrogram.mistake(
    "The last frame is missing when it ends exactly with the sound. The last start is len(sound) − size, and it counts."
)
def spectrogram_one_frame_missing(sound, window, hop):
    starts = range(0, len(sound) - len(window), hop)
    return np.abs(np.fft.rfft([window * sound[s : s + len(window)] for s in starts])).T


@spectrogram.mistake("You filled up the last frame with zeros. Only frames that lie wholly inside the sound count.")
def spectrogram_fills_the_last_frame(sound, window, hop):
    rest = -(len(sound) - len(window)) % hop
    return _spectrogram(np.pad(sound, (0, rest)), window, hop)


@spectrogram.mistake("The frames stand side by side. A frame begins every `hop` samples, so they overlap.")
def spectrogram_side_by_side(sound, window, hop):
    return _spectrogram(sound, window, len(window))


@spectrogram.mistake("These are the real parts. The magnitudes are wanted: `np.abs(…)`.")
def spectrogram_real_parts(sound, window, hop):
    size = len(window)
    frames = [sound[start : start + size] * window for start in range(0, len(sound) - size + 1, hop)]
    return np.fft.rfft(frames).real.T


# --- melody ------------------------------------------------------------------------------------


def _melody_cases(generator: np.random.Generator) -> Iterator[Case]:
    for rate in generator.choice([1000, 2000, 8000], size=2, replace=False).tolist():
        size, hop = 2 * int(generator.integers(4, 8)), int(generator.integers(2, 5))
        # Two tones, one after the other; neither on the first nor on the last row.
        low, high = generator.choice(np.arange(1, size // 2), size=2, replace=False) / size
        time = np.arange(size + 7 * hop - 1)  # one sample more, and there were one frame more
        swings = np.where(time < size, low * time, high * time)
        sound = np.cos(2 * np.pi * swings) + generator.normal(scale=0.05, size=len(time))
        window = np.hanning(size + 1)[:-1] + 0.1
        yield Case({"sound": sound.round(3), "window": window.round(3), "hop": hop, "rate": rate}, "hertz")
    low, high = generator.choice([2, 4, 6], size=2, replace=False).tolist()
    time = np.arange(48)
    sound = np.where(time % 16 < 8, 3 * np.cos(2 * np.pi * low * time / 16), np.cos(2 * np.pi * high * time / 16))
    late = np.repeat([0.0, 1.0], 8)
    yield Case({"sound": sound.round(3), "window": late, "hop": 16, "rate": 800}, "hertz", "the window hides half of each frame")


def _rows_over_rows(sound, window, hop, rate):
    places = np.arange(0, len(sound) - len(window) + 1, hop)
    pieces = sound[places[:, None] + np.arange(len(window))]
    strength = np.abs(np.fft.rfft(pieces * window))
    return strength.argmax(axis=1) * rate / strength.shape[1]


def _loudest_rows(sound, window, hop):
    return np.argmax(_spectrogram(sound, window, hop), axis=0)


melody = Exercise(
    name="melody",
    title="Repair: an octave too high",
    points={"hertz": 1},
    minutes=8,
    difficulty=1,
    oracle=lambda sound, window, hop, rate: np.fft.rfftfreq(len(window), 1 / rate)[_loudest_rows(sound, window, hop)],
    given=_rows_over_rows,
    examples=(
        Case(
            {"sound": np.array([1, 0, -1, 0, 1, 0, -1, 0]), "window": np.ones(4), "hop": 2, "rate": 1000},
            "hertz",
            "one swing in four samples, 1,000 samples a second: 250 swings",
            known=[250.0, 250.0, 250.0],
        ),
    ),
    cases=_melody_cases,
    hints=(
        "Row k stands for k/M swings a sample. What are M and the number of rows in the example?",
        "The loudest row is found rightly. Only its frequency is wrong: how many swings a second are k/M swings a sample?",
        "Four samples, three rows: row 1 is 1/4 swing a sample. At 1,000 samples a second that is 250 swings a second, not 333.",
    ),
)


@melody.mistake("These are the numbers of the rows. Row k stands for k/M swings a sample; turn that into swings a second.")
def melody_in_rows(sound, window, hop, rate):
    return _loudest_rows(sound, window, hop)


@melody.mistake("You spread half the rate over all rows. Row 0 is frequency 0, so from it to the last row there are M/2 steps.")
def melody_over_half_the_rate(sound, window, hop, rate):
    return _loudest_rows(sound, window, hop) * (rate / 2) / (len(window) // 2 + 1)


@melody.mistake("You divide by `hop`. How far the frames lie apart says nothing of the frequency; the frame's length does.")
def melody_by_the_hop(sound, window, hop, rate):
    return _loudest_rows(sound, window, hop) * rate / hop


@melody.mistake("These are swings a sample. Multiply by the samples a second.")
def melody_in_swings_a_sample(sound, window, hop, rate):
    return _loudest_rows(sound, window, hop) / len(window)


@melody.mistake("You look for the loudest frame of each frequency. The loudest frequency of each frame is asked.")
def melody_of_loudest_frames(sound, window, hop, rate):
    return np.argmax(_spectrogram(sound, window, hop), axis=1) * rate / len(window)


@melody.mistake("You count the rows from 1. The first row is frequency 0.")
def melody_counted_from_one(sound, window, hop, rate):
    return (_loudest_rows(sound, window, hop) + 1) * rate / len(window)


# --- permute_pixels ----------------------------------------------------------------------------


def _pixel_cases(generator: np.random.Generator) -> Iterator[Case]:
    count, rows, cols = generator.integers([2, 2, 4], [4, 4, 6]).tolist()
    images = generator.permutation(count * rows * cols).reshape(count, rows, cols)
    yield Case({"images": images, "order": _order(generator, rows * cols)}, "pixels")


def _order(generator: np.random.Generator, size: int) -> np.ndarray:
    """A permutation that differs from its inverse and is not undone in three steps."""
    while True:
        order = generator.permutation(size)
        if (order[order] != np.arange(size)).any() and (order[order[order]] != np.arange(size)).any():
            return order


def _permuted(images, order):
    """A matrix with a single 1 in each row, times each flat image."""
    images = np.asarray(images)
    matrix = np.eye(len(order), dtype=int)[np.asarray(order)]
    return (images.reshape(len(images), -1) @ matrix.T).reshape(images.shape)


permute_pixels = Exercise(
    name="permute_pixels",
    title="Shuffle the pixels, the same way in every image",
    points={"pixels": 1},
    minutes=8,
    difficulty=1,
    oracle=_permuted,
    examples=(
        Case(
            {"images": np.array([[[10, 11], [12, 13]], [[20, 21], [22, 23]]]), "order": np.array([1, 2, 3, 0])},
            "pixels",
            "the first pixel goes to the end",
            known=[[[11, 12], [13, 10]], [[21, 22], [23, 20]]],
        ),
    ),
    cases=_pixel_cases,
    hints=(
        "Flatten each image, shuffle, and give it its shape again.",
        "`images.reshape(len(images), -1)` has one image a row.",
        "The flat image (5, 6, 7, 8) with order (2, 0, 3, 1) becomes (7, 5, 8, 6). NumPy does it when an array of places is the "
        "index of an axis. At the end each image gets its shape back.",
    ),
)


@permute_pixels.mistake(
    "This is the inverse: you sent pixel k to place order[k]. Place k must get the pixel from place order[k]."
)
def pixels_put_back(images, order):
    return _permuted(images, np.argsort(order))


@permute_pixels.mistake("The images are still flat. Give them their rows and columns again.")
def pixels_left_flat(images, order):
    return images.reshape(len(images), -1)[:, order]


@permute_pixels.mistake("You flattened column by column. Flatten row by row, NumPy's default.")
def pixels_column_by_column(images, order):
    flat = np.array([image.flatten(order="F")[order] for image in images])
    return np.array([row.reshape(images.shape[1:], order="F") for row in flat])


@permute_pixels.mistake("Pixels only move inside their rows. Flatten the images first, so that every pixel can go everywhere.")
def pixels_row_by_row(images, order):
    cols = images.shape[2]
    return images[:, :, [place for place in order if place < cols]]


@permute_pixels.mistake("The images were mixed up. Flatten each image by itself: `images.reshape(len(images), -1)`.")
def pixels_of_all_images(images, order):
    return images.reshape(-1, len(images))[order].reshape(images.shape)


# --- permuted_weights --------------------------------------------------------------------------


def _weight_cases(generator: np.random.Generator) -> Iterator[Case]:
    pixels, units = int(generator.integers(6, 10)), int(generator.integers(2, 5))
    yield Case({"weights": generator.normal(size=(pixels, units)).round(3), "order": _order(generator, pixels)}, "weights")


def _weights_solved(weights, order):
    """Solve for the weights: with every unit vector as an image, shuffled, they must give the old answers."""
    shuffled = np.eye(len(order))[:, np.asarray(order)]
    return np.linalg.solve(shuffled, np.asarray(weights, float))


permuted_weights = Exercise(
    name="permuted_weights",
    title="Why a dense layer does not mind",
    points={"weights": 1},
    minutes=8,
    difficulty=2,
    oracle=_weights_solved,
    examples=(
        Case(
            {"weights": np.array([[1, 5], [2, 6], [3, 7], [4, 8]]), "order": np.array([1, 2, 3, 0])},
            "weights",
            "the shuffled image [x1, x2, x3, x0] must give the old sums",
            known=[[2.0, 6.0], [3.0, 7.0], [4.0, 8.0], [1.0, 5.0]],
        ),
    ),
    cases=_weight_cases,
    hints=(
        "Each pixel has a row of weights, one for each unit. The pixel moves; what must its weights do?",
        "At place k of the shuffled image stands the old pixel order[k]. So which old row belongs at place k?",
        "Order (1, 2, 3, 0): weights 1, 2, 3, 4 become 2, 3, 4, 1, just as the pixels did. Only the axis is another one.",
    ),
)


@permuted_weights.mistake(
    "The weights are as before, so each pixel meets the weights of another one. Move the rows along with the pixels."
)
def weights_unchanged(weights, order):
    return weights


@permuted_weights.mistake(
    "This is the inverse order. Pixel order[k] now stands at place k, so row k must be the old row order[k]."
)
def weights_put_back(weights, order):
    return weights[np.argsort(order)]


@permuted_weights.mistake("The rows were moved twice. Once is enough.")
def weights_permuted_twice(weights, order):
    return weights[order][order]


EXERCISES: tuple[Exercise, ...] = (
    encode_words,
    conv_over_words,
    design_filter,
    max_over_time,
    kim_parameters,
    kim_net,
    spectrogram,
    melody,
    permute_pixels,
    permuted_weights,
)
