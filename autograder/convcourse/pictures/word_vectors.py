"""Unit 28: film reviews as words, planes and lists of words, and Kim's net on any channels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convcourse.colours import LINE, SOFT_INK
from convcourse.data import load_reviews
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, new_figure

if TYPE_CHECKING:
    import keras

LENGTH = 25  # words of a sentence that the nets see
OFTEN = 2000  # words that occur often enough to be trained
NEVER_WHOLE = {"won't": "will not", "can't": "can not", "n't": " not"}
COUNTRIES = {
    "france": "paris", "italy": "rome", "germany": "berlin", "spain": "madrid", "england": "london", "japan": "tokyo",
    "russia": "moscow", "china": "beijing", "egypt": "cairo", "greece": "athens", "norway": "oslo",
}  # fmt: skip
OTHER_WORDS = (  # in the file, though the film reviews have them once at most
    "tuesday", "thursday", "russia", "italy", "moscow", "tokyo", "lawyer", "egypt", "greece", "madrid",
    "berlin", "rome", "norway", "athens", "engineer", "cairo", "cow", "oslo", "nurse", "cats",
    "smallest", "aunt", "banana", "swam", "programmer", "pear",
)  # fmt: skip
GROUPS = {
    "animals": ("cat", "dog", "mouse", "horse", "cow"),
    "places": ("paris", "rome", "france", "italy", "china"),
    "family": ("mother", "brother", "sister"),
    "film": ("film", "movie", "actor", "actress", "comedy"),
    "praise and blame": ("good", "bad", "great", "terrible", "funny", "boring"),
}
PRAISE = (
    "excellent", "wonderful", "brilliant", "superb", "delightful", "charming", "beautiful", "moving", "funny", "fresh",
    "fascinating", "touching", "clever", "engaging", "entertaining", "powerful", "perfect", "best", "great", "enjoyable",
)  # fmt: skip
BLAME = (
    "terrible", "awful", "horrible", "dreadful", "boring", "dull", "stupid", "tedious", "lifeless", "pointless",
    "predictable", "bland", "silly", "worst", "lame", "annoying", "flat", "disappointing", "mess", "mediocre",
)  # fmt: skip


# --- words ---------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """The words of a sentence as GloVe's list has them, and ! and ?; "isn't" becomes "is not"."""
    text = text.lower()
    for short, whole in NEVER_WHOLE.items():
        text = text.replace(short, whole)
    return re.findall(r"[a-z0-9]+|[!?]", text)


def reviews() -> tuple[list[list[str]], np.ndarray, np.ndarray, np.ndarray]:
    """The clear sentences of unit 21: their words, 1 for praise and 0 for blame; which to train (7,072), and to test (2,000)."""
    texts, ratings = load_reviews()
    order = np.random.default_rng(2014).permutation(np.flatnonzero(np.abs(ratings) >= 0.5))
    return [words_of(text) for text in texts], (ratings > 0).astype(int), order[3000:], order[:2000]


def vocabulary_of(sentences: Iterable[list[str]]) -> dict[str, int]:
    """The words that occur twice at least, most frequent first, with their numbers from 2 on."""
    counts = Counter(word for words in sentences for word in words)
    return {word: number for number, (word, count) in enumerate(counts.most_common(), start=2) if count >= 2}


def encoded(sentences: Iterable[list[str]], vocabulary: Mapping[str, int]) -> np.ndarray:
    """Sentences as rows of LENGTH word numbers: 1 for an unknown word, 0 after the last."""
    rows = [[vocabulary.get(word, 1) for word in words[:LENGTH]] for words in sentences]
    return np.array([row + [0] * (LENGTH - len(row)) for row in rows], dtype="int32")


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """The cosine of the angle between two vectors."""
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def capitals_found(
    analogy: Callable[[int, int, int, np.ndarray], int], words: Sequence[str], table: np.ndarray
) -> tuple[int, int]:
    """How often a capital is found from another one, for each two of COUNTRIES; and if no word is left out of the search."""
    rows = [(words.index(country), words.index(capital)) for country, capital in COUNTRIES.items()]
    pairs = [(*one, *other) for one in rows for other in rows if one != other]
    found = sum(int(analogy(a, b, c, table)) == d for a, b, c, d in pairs)
    directions = _directions(table)
    anyway = sum(int((directions @ (table[b] - table[a] + table[c])).argmax()) == d for a, b, c, d in pairs)
    return found, anyway


def print_neighbours(
    queries: Sequence[str],
    vocabulary: Mapping[str, int],
    nearest: Callable[..., np.ndarray],
    before: np.ndarray,
    after: np.ndarray,
) -> None:
    """The four nearest of the vocabulary's words that occur often, in an embedding before and after training."""
    names = list(vocabulary)[:OFTEN]
    for query in queries:
        for when, matrix in (("before", before), ("after", after)):
            found = nearest(names.index(query), matrix[2 : OFTEN + 2], 4)
            print(f"{query} {when:7}", ", ".join(names[row] for row in np.asarray(found, int)))


# --- nets ----------------------------------------------------------------------------------------


def kim(channels: keras.Model, num_filters: int = 16) -> keras.Model:
    """Kim's net of unit 21 behind a model that gives each sentence's vectors."""
    import keras
    from keras import layers

    maps = [layers.Conv1D(num_filters, size, activation="relu")(channels.output) for size in (3, 4, 5)]
    joined = layers.Concatenate()([layers.GlobalMaxPooling1D()(each) for each in maps])
    scores = layers.Dense(2, activation="softmax")(layers.Dropout(0.5)(joined))
    return keras.Model(channels.input, scores)


def accuracies(
    channels: Callable[[], keras.Model],
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    epochs: Mapping[int, int],
    seeds: Sequence[int],
) -> tuple[dict[int, list[float]], keras.Model]:
    """The accuracies of Kim's net behind these channels, after so many epochs (the values) with so many sentences (the keys).

    Returns those from each seed, for each number of sentences; and the last net.
    A seed draws the sentences, the starting weights and the order.
    """
    from convcourse.pictures.beyond_images import Trainer

    trainer = Trainer(lambda: kim(channels()), rate=3e-3, batch_size=100)
    found: dict[int, list[float]] = {count: [] for count in epochs}
    for count, turns in epochs.items():
        for seed in seeds:
            drawn = np.random.default_rng(seed).permutation(len(train[0]))[:count]
            first = test[0][:1], test[1][:1]  # to look at all of them once, at the end, is enough
            trainer.run((train[0][drawn], train[1][drawn]), first, turns, [seed])
            found[count].append(float(np.mean(trainer.predict(test[0]) == test[1])))
    return found, trainer.model


def print_ranges(results: Mapping[str, Mapping[int, Sequence[float]]]) -> None:
    """A line for each net: the lowest and the highest accuracy in percent, for each number of sentences."""
    counts = list(next(iter(results.values())))
    print(f"{'sentences':22}" + "".join(f"{count:>14,}" for count in counts))
    for name, found in results.items():
        ranges = [f"{100 * min(values):.1f} – {100 * max(values):.1f}" for values in found.values()]
        print(f"{name:22}" + "".join(f"{text:>14}" for text in ranges))


# --- drawings ------------------------------------------------------------------------------------


def _arrow(axes: Axes, start: Sequence[float], end: Sequence[float], colour: str) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=(end[0], end[1]), xytext=(start[0], start[1]), arrowprops=style)


def by_hand_figure(vectors: Mapping[str, Sequence[float]]) -> tuple[Figure, str]:
    """A few vectors of two numbers, as arrows from the origin."""
    figure, axes = new_figure(width=6.5, height=4.6)
    for (word, vector), colour in zip(vectors.items(), (BLUE, GREEN, ORANGE, PURPLE), strict=False):
        _arrow(axes, (0, 0), vector, colour)
        text = f"{word} ({vector[0]:g}, {vector[1]:g})"
        axes.annotate(text, vector, xytext=(6, 2), textcoords="offset points", fontsize=11)
    tips = np.array(list(vectors.values()), float)
    low, high = np.minimum(tips.min(axis=0), 0) - 1, tips.max(axis=0) + np.array([5, 1.5])
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    axes.axhline(0, color=LINE, linewidth=0.8, zorder=0)
    axes.axvline(0, color=LINE, linewidth=0.8, zorder=0)
    axes.set_title("Words as arrows: the angle counts, not the length")
    words = "; ".join(f"{word} to ({x:g}, {y:g})" for word, (x, y) in vectors.items())
    return figure, f"Arrows from the origin: {words}."


def plane(vectors: np.ndarray) -> np.ndarray:
    """The vectors (count, dimension) in the plane in which they differ most (principal components): (count, 2)."""
    centred = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    return centred @ axes[:2].T


def groups_figure(words: Sequence[str], table: np.ndarray) -> tuple[Figure, str]:
    """The words of GROUPS in their plane, a colour for each group."""
    chosen = [word for group in GROUPS.values() for word in group]
    places = dict(zip(chosen, plane(_directions(table[[words.index(word) for word in chosen]])), strict=True))
    figure, axes = new_figure(width=9.5, height=5.6)
    for (name, group), colour in zip(GROUPS.items(), (BLUE, ORANGE, GREEN, PURPLE, RED), strict=True):
        x, y = np.array([places[word] for word in group]).T
        axes.scatter(x, y, s=26, color=colour, label=name)
        for word in group:
            axes.annotate(word, places[word], xytext=(4, 3), textcoords="offset points", fontsize=10)
    axes.set(xticks=[], yticks=[])
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    axes.set_title("From 100 numbers to two: a plane of words")
    names = ", ".join(GROUPS)
    return figure, f"Points with words beside them, in groups that lie together: {names}."


def capitals_figure(words: Sequence[str], table: np.ndarray) -> tuple[Figure, str]:
    """Arrows from countries to their capitals, in the plane of both."""
    pairs = list(COUNTRIES.items())
    ends = plane(table[[words.index(word) for pair in pairs for word in pair]]).reshape(-1, 2, 2)
    figure, axes = new_figure(width=9.0, height=5.0)
    for pair, (start, end) in zip(pairs, ends, strict=True):
        _arrow(axes, start, end, BLUE)
        for word, place, ink, up in zip(pair, (start, end), (SOFT_INK, "black"), (4, -14), strict=True):
            axes.annotate(word, place, xytext=(5, up), textcoords="offset points", fontsize=10, color=ink)
    axes.scatter(*ends.reshape(-1, 2).T, s=14, color=GREY)
    axes.set(xticks=[], yticks=[])
    axes.margins(0.12)
    axes.set_title("From the country to its capital")
    mean = (ends[:, 1] - ends[:, 0]).mean(axis=0)
    along = sum(float(arrow @ mean) > 0 for arrow in ends[:, 1] - ends[:, 0])
    return figure, f"{len(pairs)} arrows from a country to its capital; {along} of them point to the same side."


def neighbours_figure(
    nearest: Callable[..., np.ndarray], queries: Sequence[str], words: Sequence[str], table: np.ndarray
) -> tuple[Figure, str]:
    """The words that a function finds for some others, with the cosine of each as a bar."""
    figure, axes = new_figure(1, len(queries), width=11, height=3.0)
    directions, told = _directions(table), []
    for place, query in zip(axes, queries, strict=True):
        row = words.index(query)
        found = np.asarray(nearest(row, table, 6), int)
        cosines = directions[found] @ directions[row]
        place.barh(np.arange(len(found)), cosines, color=BLUE, height=0.7)
        place.set_yticks(np.arange(len(found)), [words[number] for number in found])
        place.set(xlim=(0, 1), xticks=(0, 0.5, 1))
        place.invert_yaxis()
        place.set_title(query)
        told.append(f"{query}: {', '.join(words[number] for number in found)}")
    figure.supxlabel("cosine", fontsize=10)
    return figure, f"The words found nearest. {'; '.join(told)}."


def sides_figure(scores: Mapping[str, np.ndarray], lists: Mapping[str, Sequence[str]]) -> tuple[Figure, str]:
    """What a filter over one word answers to lists of words: a bar for each word, sorted."""
    figure, axes = new_figure(1, len(scores), width=10, height=4.8)
    told = []
    for place, (name, values), colour in zip(axes, scores.items(), (GREEN, RED), strict=True):
        order = np.argsort(values)
        place.barh(np.arange(len(order)), values[order], color=colour, height=0.7)
        place.set_yticks(np.arange(len(order)), [lists[name][row] for row in order], fontsize=9)
        place.axvline(0, color=LINE)
        place.set(xlim=(-1.2, 1.2), xlabel="answer of the filter")
        place.set_title(name)
        told.append(f"{name}: {int((values > 0).sum())} of {len(values)} above 0")
    return figure, f"Bars for two lists of words, to the left and to the right of 0. {'; '.join(told)}."


def results_figure(results: Mapping[str, Mapping[int, Sequence[float]]]) -> tuple[Figure, str]:
    """Accuracy against the number of sentences: a point for each training, a line through the means of each net."""
    figure, axes = new_figure(width=9, height=4.0)
    told = []
    for shift, ((name, found), colour) in enumerate(zip(results.items(), (GREY, BLUE, ORANGE, GREEN), strict=True)):
        counts = np.array(list(found)) * 1.03 ** (shift - 1.5)  # side by side
        means = [float(np.mean(values)) for values in found.values()]
        axes.plot(counts, means, color=colour, label=name)
        for count, values in zip(counts, found.values(), strict=True):
            axes.scatter([count] * len(values), values, s=22, color=colour)
        told.append(f"{name}: {', '.join(f'{mean:.1%}' for mean in means)}")
    numbers = list(next(iter(results.values())))
    axes.set(xscale="log", xlabel="sentences to learn from", ylabel="right, of 2,000 others")
    axes.set_xticks(numbers, [f"{number:,}" for number in numbers])
    axes.minorticks_off()
    axes.legend(loc="lower right")
    axes.set_title("Where do pretrained vectors help?")
    return figure, f"Lines that rise with the number of sentences. Means: {'; '.join(told)}."


def _directions(vectors: np.ndarray) -> np.ndarray:
    """The vectors, each divided by its length."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
