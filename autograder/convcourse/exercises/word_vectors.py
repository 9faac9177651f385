"""Unit 28: nearest words, differences of vectors, a filter that tells neighbours apart, a table for a vocabulary, two channels."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import cdist

from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import model_facts

# --- nearest_words -----------------------------------------------------------------------------

_CAT = np.array([[4.0, 3.0], [3.0, 4.0], [0.0, 5.0], [15.0, -8.0]])  # cat, dog, pet, the


def _by_product(query, table, count):
    scores = table @ table[query]
    order = np.argsort(-scores)
    return order[order != query][:count]


def _telling(draw, right, wrong, fits=lambda *arguments: True):
    """Arguments, drawn anew until they fit, and each wrong way finds something else than the right one."""
    while True:
        arguments = draw()
        if fits(*arguments) and not any(np.array_equal(way(*arguments), right(*arguments)) for way in wrong):
            return arguments


def _nearest(query, table, count, metric="cosine", start=1):
    """Sorted by distances; the query itself is the nearest to itself."""
    distances = cdist(table[[query]], table, metric)[0]
    distances[query] = -1
    return np.argsort(distances)[start : start + count]


def _words_cases(generator: np.random.Generator) -> Iterator[Case]:
    for words, count in ((8, 3), (7, 6), (6, 1)):

        def drawn(words: int = words, count: int = count) -> tuple[int, np.ndarray, int]:
            table = generator.normal(size=(words, 4)) * generator.uniform(0.3, 9, size=(words, 1))
            return int(generator.integers(words)), table.round(2), count

        arguments = _telling(drawn, _nearest, (_by_product, words_by_distance, words_by_the_square))
        yield Case(dict(zip(("query", "table", "count"), arguments, strict=True)), "words", "all others" if count == 6 else "")


nearest_words = Exercise(
    name="nearest_words",
    title="Repair: the nearest words",
    points={"words": 2},
    minutes=10,
    difficulty=1,
    oracle=_nearest,
    given=_by_product,
    examples=(
        Case({"query": 0, "table": _CAT, "count": 2}, "words", "the words worked by hand", known=[1, 2]),
        Case({"query": 3, "table": _CAT, "count": 3}, "words", "all words near to “the”", known=[0, 1, 2]),
    ),
    cases=_words_cases,
    hints=(
        "Run it on the first example. Which word comes first, and how long is its vector?",
        "The dot product of two vectors is the cosine times *both* lengths. The query's length is the same for all words, so it changes no order. The other one does.",
        "Lengths 5, 5, 5 and 17: the products 25, 24, 15, 36 become 5, 4.8, 3, 2.1. Now the query stands first, and is left out as before. "
        "`np.linalg.norm(table, axis=1)` gives all lengths.",
    ),
)


@nearest_words.mistake("You search by distance. Of two words with one direction the longer is further off. Compare angles.")
def words_by_distance(query, table, count):
    return _nearest(query, table, count, "euclidean")


@nearest_words.mistake("The query itself is among the words. Its cosine with itself is 1, so it always wins: leave it out.")
def words_with_the_query(query, table, count):
    return _nearest(query, table, count, start=0)


@nearest_words.mistake("These are the words *furthest* away. A large cosine means near.")
def words_furthest(query, table, count):
    return _nearest(query, table, len(table))[::-1][:count]


@nearest_words.mistake("You divided by the square of the length. Then short vectors win.")
def words_by_the_square(query, table, count):
    return _by_product(query, table / np.linalg.norm(table, axis=1, keepdims=True) ** 2, count)


# --- analogy -----------------------------------------------------------------------------------

# man, king, woman, queen, prince
_ROYAL = np.array([[3.0, 4.0], [4.0, 5.0], [0.0, 5.0], [2.0, 5.0], [5.0, 4.0]])


def _to(point, table, out=(), metric="cosine"):
    distances = cdist(np.reshape(point, (1, -1)), table, metric)[0]
    distances[list(out)] = math.inf
    return int(distances.argmin())


def _analogous(a, b, c, table):
    return _to(table[b] - table[a] + table[c], table, (a, b, c))


def _analogy_cases(generator: np.random.Generator) -> Iterator[Case]:
    wrong = (
        analogy_by_product,
        analogy_by_the_square,
        analogy_by_distance,
        analogy_backwards,
        analogy_all_added,
        analogy_near_the_last,
    )
    for place in range(3):  # the first, second or third given word is the nearest of all, and must be left out

        def drawn(words: int = 7 if place else 5) -> tuple[int, int, int, np.ndarray]:
            table = generator.normal(size=(words, 3)) * generator.uniform(0.05, 0.5, size=(words, 1))
            return *generator.permutation(words)[:3].tolist(), table.round(3)

        def found(a, b, c, table, place=place):
            return analogy_of_a_given_word(a, b, c, table) == (a, b, c)[place]

        arguments = _telling(drawn, _analogous, wrong if place else (), found)
        yield Case(dict(zip(("a", "b", "c", "table"), arguments, strict=True)), "word")


analogy = Exercise(
    name="analogy",
    title="Differences of words",
    points={"word": 2},
    minutes=12,
    difficulty=2,
    oracle=_analogous,
    examples=(
        Case({"a": 0, "b": 1, "c": 2, "table": _ROYAL}, "word", "man is to king as woman is to …", known=3),
        Case({"a": 2, "b": 3, "c": 0, "table": _ROYAL}, "word", "woman is to queen as man is to …", known=4),
    ),
    cases=_analogy_cases,
    hints=(
        "What leads from a to b? Go the same way from c. The end of the way is a point, most likely no word.",
        "Search the word whose vector has the largest cosine with this point. The three given words must not be found.",
        "King − man + woman = (1, 6). Cosines: man 0.89, king 0.87, woman 0.99, queen 0.98, prince 0.74. Set the first three to −∞: then `argmax` gives 3.",
    ),
)


@analogy.mistake("One of the three given words was found. Leave all three out.")
def analogy_of_a_given_word(a, b, c, table):
    return _to(table[b] - table[a] + table[c], table)


@analogy.mistake("The difference has the wrong sign. The way from a to b is b − a.")
def analogy_backwards(a, b, c, table):
    return _to(table[a] - table[b] + table[c], table, (a, b, c))


@analogy.mistake("You search by the dot product, so long vectors win. Divide each word's by its length.")
def analogy_by_product(a, b, c, table):
    scores = table @ (table[b] - table[a] + table[c])
    scores[[a, b, c]] = -math.inf
    return int(scores.argmax())


@analogy.mistake("You divided by the square of the length. Then short vectors win.")
def analogy_by_the_square(a, b, c, table):
    scores = table @ (table[b] - table[a] + table[c]) / (table**2).sum(axis=1)
    scores[[a, b, c]] = -math.inf
    return int(scores.argmax())


@analogy.mistake("You search by distance. The angle is asked: the largest cosine.")
def analogy_by_distance(a, b, c, table):
    return _to(table[b] - table[a] + table[c], table, (a, b, c), "euclidean")


@analogy.mistake("You added all three vectors. a is taken away.")
def analogy_all_added(a, b, c, table):
    return _to(table[a] + table[b] + table[c], table, (a, b, c))


@analogy.mistake("This is the word nearest to c. Go from c as from a to b first.")
def analogy_near_the_last(a, b, c, table):
    return _to(table[c], table, (a, b, c))


@analogy.mistake("This is the vector, the end of the way. The number of the nearest word is asked.")
def analogy_as_vector(a, b, c, table):
    return table[b] - table[a] + table[c]


# --- tell_apart --------------------------------------------------------------------------------

ENOUGH = 1.05  # times the least possible length


def _between(one, other):
    direction = one - other
    kernel = 2 * direction / (direction @ direction)
    return kernel, 1 - kernel @ one


def _apart_cases(generator: np.random.Generator) -> Iterator[Case]:
    for dimension in (3, 6):
        one: np.ndarray = generator.normal(size=dimension).round(2)
        other = one + generator.normal(size=dimension).round(2) * 0.6
        yield Case({"one": 2 * one, "other": 2 * other.round(2)}, "filter")


def _apart_misses(result, one, other):
    kernel, bias = np.asarray(result[0], float), float(result[1])
    if kernel.shape != np.shape(one) or not np.isfinite(kernel).all() or not math.isfinite(bias):
        return f"A kernel of {len(one)} finite numbers and a finite bias are asked."
    for name, vector, sign in (("one", one, 1), ("other", other, -1)):
        answer = float(kernel @ vector + bias)
        if sign * answer < 1 - 1e-5:
            return f"For `{name}` the filter answers {answer:.3f}; {'at least 1' if sign > 0 else '−1 or less'} is asked."
    length, least = float(np.linalg.norm(kernel)), 2 / float(np.linalg.norm(np.subtract(one, other)))
    return "" if length <= ENOUGH * least else f"The kernel has the length {length:.3f}; {ENOUGH * least:.3f} is enough."


tell_apart = Exercise(
    name="tell_apart",
    title="Design: a filter between two neighbours",
    points={"filter": 2},
    minutes=15,
    difficulty=2,
    oracle=_between,
    meets=_apart_misses,
    results=("kernel", "bias"),
    examples=(
        Case(
            {"one": np.array([3.0, 4.0]), "other": np.array([3.0, 2.0])},
            "filter",
            "the words worked by hand",
            known=([0.0, 1.0], -3.0),
        ),
        Case({"one": np.array([5.0, 1.0, 0.0]), "other": np.array([4.0, 1.0, 1.0])}, "filter", "a small difference"),
    ),
    cases=_apart_cases,
    hints=(
        "What the two words share tells nothing. In which direction do they differ?",
        "Take a multiple of the difference d = one − other as the kernel. The two answers differ by kernel · d, and this must be 2. The bias then moves both.",
        "(3, 4) and (3, 2): d = (0, 2), d · d = 4, so the kernel is 2/4 · d = (0, 1). The answers are 4 and 2 without a bias; −3 makes them 1 and −1.",
    ),
)


@tell_apart.mistake("The kernel is the difference itself. It must be scaled: the two answers are to differ by 2.")
def apart_by_the_difference(one, other):
    return one - other, -(one - other) @ (one + other) / 2


@tell_apart.mistake("You scaled by the length of the difference, where its square is needed: kernel · d must be 2.")
def apart_by_the_length(one, other):
    kernel = 2 * (one - other) / np.linalg.norm(one - other)
    return kernel, -kernel @ (one + other) / 2


@tell_apart.mistake(
    "The kernel has the direction of `one`. It also answers to what the two share, so it must be longer than is needed."
)
def apart_by_one_word(one, other):
    kernel = 2 * one / (one @ (one - other))
    return kernel, 1 - kernel @ one


@tell_apart.mistake("The bias is missing. Without it both answers lie on one side, or about there.")
def apart_without_bias(one, other):
    return _between(one, other)[0], 0.0


@tell_apart.mistake("`one` and `other` have changed places.")
def apart_exchanged(one, other):
    return _between(other, one)


# --- embedding_matrix --------------------------------------------------------------------------

KNOWN, OTHERS = "all words have a vector", "some words have none"
_WORDS = ["the", "film", "good", "bad"]
_TABLE = np.array([[1.0, 1.0], [4.0, 0.0], [2.0, 3.0], [0.0, 3.0]])


def _matrix(vocabulary, words, table, mean=None, padding=0.0, unknown=True):
    """The usual mistakes as options."""
    place = {word: number for number, word in enumerate(words)}
    found = [table[place[word]] for word in vocabulary if word in place]
    mean = np.mean(found, axis=0) if mean is None else mean
    matrix = np.tile(np.asarray(mean, float), (len(vocabulary) + 2, 1))
    matrix[0] = padding
    if not unknown:
        matrix[1] = 0
    for word, number in vocabulary.items():
        if word in place:
            matrix[number] = table[place[word]]
    return matrix


def _matrix_cases(generator: np.random.Generator) -> Iterator[Case]:
    pool = np.array(["the", "film", "good", "bad", "dull", "plot", "charm", "not", "a", "wit", "star", "slow"])
    for part, known, strange in ((KNOWN, 4, 0), (OTHERS, 3, 2), (OTHERS, 1, 1)):
        chosen = generator.permutation(pool).tolist()
        words = chosen[: known + 3]
        asked = generator.permutation([*words[1 : known + 1], *chosen[-strange:]] if strange else words[1 : known + 1])
        numbers = generator.permutation(len(asked)) + 2
        vocabulary = {str(word): int(number) for word, number in zip(asked, numbers, strict=True)}
        table = generator.normal(size=(len(words), 3)).round(2) + 1
        yield Case({"vocabulary": vocabulary, "words": words, "table": table}, part)


embedding_matrix = Exercise(
    name="embedding_matrix",
    title="A table for the net",
    points={KNOWN: 1, OTHERS: 1},
    minutes=15,
    difficulty=2,
    oracle=_matrix,
    examples=(
        Case(
            {"vocabulary": {"good": 2, "film": 3}, "words": _WORDS, "table": _TABLE},
            KNOWN,
            "both words have a vector",
            known=[[0, 0], [3, 1.5], [2, 3], [4, 0]],
        ),
        Case(
            {"vocabulary": {"film": 2, "cletis": 3, "bad": 4}, "words": _WORDS, "table": _TABLE},
            OTHERS,
            "the vocabulary worked by hand",
            known=[[0, 0], [2, 1.5], [4, 0], [2, 1.5], [0, 3]],
        ),
    ),
    cases=_matrix_cases,
    hints=(
        "The rows follow the *vocabulary's* numbers. Where does a word stand in `table`? Make a dict from word to row first.",
        "First the rows of all words that have a vector. Their mean goes to row 1 and to the words that have none. Row 0 stays 0.",
        "{film: 2, cletis: 3, bad: 4}: row 2 is (4, 0), row 4 is (0, 3). Their mean is (2, 1.5), for rows 1 and 3. “The” and “good” are not in the vocabulary, so they don't count.",
    ),
)


@embedding_matrix.mistake("The mean is that of the whole table. Take that of the vocabulary's words only.")
def matrix_mean_of_the_table(vocabulary, words, table):
    return _matrix(vocabulary, words, table, mean=np.mean(table, axis=0))


@embedding_matrix.mistake("Words without a vector are 0, as if nothing stood there. They get the mean.")
def matrix_zeros_for_unknown(vocabulary, words, table):
    return _matrix(vocabulary, words, table, mean=np.zeros(len(table[0])))


@embedding_matrix.mistake("Row 0 is the padding: no word, so all zeros.")
def matrix_padding_as_mean(vocabulary, words, table):
    return _matrix(vocabulary, words, table, padding=_matrix(vocabulary, words, table)[1])


@embedding_matrix.mistake("Row 1 is for all words outside the vocabulary. It gets the mean, too.")
def matrix_unknown_as_zero(vocabulary, words, table):
    return _matrix(vocabulary, words, table, unknown=False)


@embedding_matrix.mistake("The rows are two too early. A word with number 2 belongs into row 2.")
def matrix_two_rows_early(vocabulary, words, table):
    return np.roll(_matrix(vocabulary, words, table), -2, axis=0)


@embedding_matrix.mistake("The vectors stand in the order of `words`. The vocabulary's numbers say which row is whose.")
def matrix_in_the_tables_order(vocabulary, words, table):
    known = {word: number for number, word in enumerate((word for word in words if word in vocabulary), start=2)}
    lost = {word: number for number, word in enumerate((word for word in vocabulary if word not in words), start=len(known) + 2)}
    return _matrix(known | lost, words, table)


# --- two_channels ------------------------------------------------------------------------------


def _channels(length, table, trained=(False, True), joined="Add", tables=None):
    """Any number of channels; the keywords make the usual mistakes."""
    import keras
    from keras import layers

    numbers = keras.Input((length,), dtype="int32")
    each = [layers.Embedding(*np.shape(table), trainable=trains) for trains in trained]
    vectors = [channel(numbers) for channel in each]
    model = keras.Model(numbers, getattr(layers, joined)()(vectors) if len(vectors) > 1 else vectors[0])
    for channel, start in zip(each, tables or [table] * len(each), strict=True):
        channel.set_weights([start])
    return model_facts(model, own_weights=True)


def _channels_cases(generator: np.random.Generator) -> Iterator[Case]:
    length, rows, dimension = generator.permutation([4, 5, 6]).tolist()
    yield Case({"length": length, "table": generator.normal(size=(rows, dimension)).round(2)}, "model")


two_channels = Exercise(
    name="two_channels",
    title="One table, two channels",
    points={"model": 3},
    minutes=20,
    difficulty=2,
    oracle=_channels,
    examples=(Case({"length": 3, "table": _TABLE}, "model", "twice 4 · 2 parameters", known=16),),
    cases=_channels_cases,
    hints=(
        "Two layers of one kind read the same input. Begin with `keras.Input((length,), …)` for whole numbers.",
        "`layers.Embedding(rows, dimension, …)` takes `weights=[table]` to begin with, and `trainable=False` to stay so. You need two of them: a layer used twice has one set of weights.",
        "A table of 4 × 2 makes two layers of 8 numbers; 8 of the 16 are trained. `layers.Add()` takes a list of tensors.",
    ),
    seconds=30.0,
)


@two_channels.mistake("Both channels are trained. One of them has to stay as it is: `trainable=False`.")
def channels_both_trained(length, table):
    return _channels(length, table, (True, True))


@two_channels.mistake("Both channels are frozen. One of them has to learn.")
def channels_both_frozen(length, table):
    return _channels(length, table, (False, False))


@two_channels.mistake("There is one table, added to itself. Make two layers, each with weights of its own.")
def channels_of_one_layer(length, table):
    import keras
    from keras import layers

    numbers = keras.Input((length,), dtype="int32")
    channel = layers.Embedding(*np.shape(table))
    model = keras.Model(numbers, layers.Add()([channel(numbers), channel(numbers)]))
    channel.set_weights([table])
    return model_facts(model, own_weights=True)


@two_channels.mistake("There is one channel only.")
def channels_only_one(length, table):
    return _channels(length, table, (True,))


@two_channels.mistake("The channels stand side by side, so the vectors are twice as long. They are to be added.")
def channels_side_by_side(length, table):
    return _channels(length, table, joined="Concatenate")


@two_channels.mistake("You take the mean of the channels. The filters see their sum.")
def channels_averaged(length, table):
    return _channels(length, table, joined="Average")


@two_channels.mistake("The trained channel begins with other numbers. Both begin with `table`.")
def channels_begin_apart(length, table):
    return _channels(length, table, tables=[table, 0 * np.asarray(table)])


EXERCISES: tuple[Exercise, ...] = (nearest_words, analogy, tell_apart, embedding_matrix, two_channels)
