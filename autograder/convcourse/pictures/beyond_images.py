"""Unit 21: sentences, sounds and tables, nets trained over several seeds, and their drawings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import pandas as pd
import scipy.signal
import tensorflow as tf
from keras import layers
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from convcourse.colours import LINE, WASH
from convcourse.data import load_reviews as load_reviews  # for the lesson
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, draw_image, draw_numbers, new_figure

RATE = 8000  # samples a second
TONES = ("flat", "rising", "dipping", "falling")
CUSTOMER = (
    "age", "calls", "clicks", "days away", "distance", "emails", "household", "minutes", "orders", "returns", "spent", "visits",
)  # fmt: skip
Favourite = tuple[int, float, list[str], np.ndarray]


# --- data --------------------------------------------------------------------------------------


def spoken_tones(count: int, seed: int, noise: float = 0.8, samples: int = 5120) -> tuple[np.ndarray, np.ndarray]:
    """Syllables of a voice of random pitch, length and place, in noise: flat, rising, dipping or falling.

    Returns sounds, float32 (count, samples) at 8,000 samples a second, and which of TONES each is.
    """
    generator = np.random.default_rng(seed)
    kinds = generator.integers(0, len(TONES), size=count)
    sounds = generator.normal(0, noise, size=(count, samples))
    for sound, kind in zip(sounds, kinds, strict=True):
        size = int(generator.integers(2400, 3800))
        first = int(generator.integers(0, samples - size))
        time = np.linspace(0, 1, size)
        contour = (0 * time, time - 0.5, np.abs(2 * time - 1) - 0.5, 0.5 - time)[kind]
        wobble = 0.02 * np.sin(2 * np.pi * generator.uniform(4, 7) * time * size / RATE)  # vibrato
        pitch = generator.uniform(110, 260) * 2 ** (generator.uniform(0.35, 0.7) * contour + wobble)
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        voice = np.sum([generator.uniform(0.3, 1) / k * np.sin(k * phase) for k in range(1, 7)], axis=0)
        sound[first : first + size] += voice * np.minimum(1, 12 * np.minimum(time, 1 - time))
    return sounds.astype(np.float32), kinds


def digits_anywhere(seed: int, side: int = 14) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scikit-learn's 8 × 8 digits at random places of a larger field.

    Returns 2,394 training images (each of 1,197 digits at two places), their labels, 600 test images of other
    digits, their labels; images float32 (count, side, side) with paper 0 and ink up to 1.
    """
    generator, digits = np.random.default_rng(seed), load_digits()

    def placed(images: np.ndarray) -> np.ndarray:
        field = np.zeros((len(images), side, side), dtype=np.float32)
        for square, image in zip(field, images, strict=True):
            row, column = generator.integers(0, side - 7, size=2)
            square[row : row + 8, column : column + 8] = image / 16
        return field

    train = np.tile(np.arange(1197), 2)
    test = np.arange(1197, 1797)
    return placed(digits.images[train]), digits.target[train], placed(digits.images[test]), digits.target[test]


def customers(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A made-up table of customers, and who will buy again.

    Returns float32 (count, 12), the columns CUSTOMER with deviation 1, and labels 0 or 1.
    """
    generator = np.random.default_rng(seed)
    table = generator.normal(size=(count, len(CUSTOMER)))
    column = dict(zip(CUSTOMER, table.T, strict=True))  # views: what is added to a column is added to the table
    column["minutes"] += column["visits"]
    column["spent"] += column["orders"]
    column["clicks"] += column["emails"]
    table /= table.std(axis=0)
    wish = 1.2 * column["visits"] + 0.8 * column["spent"] - column["days away"] + 0.9 * column["clicks"] * column["age"]
    labels = (wish + generator.logistic(0, 0.5, size=count) > 0).astype(int)
    return table.astype(np.float32), labels


# --- training ----------------------------------------------------------------------------------


class Trainer:
    """Trains one kind of net several times, from several seeds, with Adam on the cross-entropy.

    The steps of an epoch run as one graph, and the graph is made once: small nets learn several times faster than
    with `fit`. After `run`, `model` has the weights of the last seed and `losses` its training loss, epoch by epoch.
    """

    def __init__(self, build: Callable[[], keras.Model], rate: float, batch_size: int = 64) -> None:
        keras.utils.set_random_seed(0)
        self.build, self.model, self.losses = build, build(), [0.0]
        self._batch_size = batch_size
        self._optimizer = keras.optimizers.Adam(rate)
        self._optimizer.build(self.model.trainable_variables)
        self._start = [np.array(variable) for variable in self._optimizer.variables]
        self._epoch: Any = tf.function(self._one_epoch)

    def run(
        self,
        train: tuple[np.ndarray, np.ndarray],
        test: tuple[np.ndarray, np.ndarray],
        epochs: int,
        seeds: Sequence[int],
        say: str = "",
    ) -> np.ndarray:
        """Accuracy on the test part after each epoch, shape (seeds, epochs); prints the last one of each seed."""
        data = [tf.constant(array) for array in (*train, *test)]
        results = []
        for seed in seeds:
            keras.utils.set_random_seed(seed)
            for variable, other in zip(self.model.variables, self.build().variables, strict=True):
                variable.assign(other)  # the state of dropout's random numbers, too
            for variable, value in zip(self._optimizer.variables, self._start, strict=True):
                variable.assign(value)
            generator = np.random.default_rng(seed)
            orders = [tf.constant(generator.permutation(len(train[0]))) for _ in range(epochs)]
            numbers = [self._epoch(order, *data) for order in orders]
            self.losses = [float(loss) for loss, _ in numbers]
            results.append([float(accuracy) for _, accuracy in numbers])
        if say:
            print(f"{say}: {', '.join(f'{curve[-1]:.1%}' for curve in results)}")
        return np.array(results)

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """The class that the last net gives to each input."""
        return np.asarray(self.model(inputs, training=False)).argmax(axis=1)

    def _one_epoch(self, order: Any, inputs: Any, labels: Any, test_inputs: Any, test_labels: Any) -> Any:
        weights, size = self.model.trainable_variables, self._batch_size
        total, steps = 0.0, order.shape[0] // size
        for step in tf.range(steps):
            rows = order[step * size : (step + 1) * size]
            with tf.GradientTape() as tape:
                output = self.model(tf.gather(inputs, rows), training=True)
                loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(tf.gather(labels, rows), output))
            self._optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            total += loss
        answers = tf.argmax(self.model(test_inputs, training=False), axis=1, output_type=test_labels.dtype)
        return total / steps, tf.reduce_mean(tf.cast(answers == test_labels, tf.float32))


def bags_of_words(sentences: Sequence[list[str]], labels: np.ndarray, train: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """Test accuracy of logistic regression on which words, and which words and pairs of neighbours, a sentence has.

    How strongly it is regularised (C) was chosen on the validation part.
    """

    def words_and_pairs(words: list[str]) -> list[str]:
        return words + [f"{first} {second}" for first, second in pairwise(words)]

    bags = {}
    learn, judge = ([sentences[n] for n in part] for part in (train, test))
    for name, items, C in (("words", list, 0.3), ("words and pairs", words_and_pairs, 1)):
        counter = CountVectorizer(analyzer=items, binary=True, min_df=2)
        rows = counter.fit_transform(learn)
        fit = LogisticRegression(C=C, max_iter=300).fit(rows, labels[train])
        bags[name] = fit.score(counter.transform(judge), labels[test])
        print(f"bag of {name}: {len(counter.vocabulary_):,} weights, test {bags[name]:.1%}")
    return bags


def over_orders(
    nets: Mapping[str, tuple[Callable[[], keras.Model], float]],
    reorder: Callable[[np.ndarray, np.ndarray], np.ndarray],
    orders: Mapping[str, np.ndarray],
    known: tuple[np.ndarray, np.ndarray],
    new: tuple[np.ndarray, np.ndarray],
) -> tuple[dict[str, list[np.ndarray]], Trainer]:
    """Train each net (how to build it, its rate) on the inputs in each order, from three seeds.

    known, new: inputs and labels to train on, and to test on. Returns for each order the last accuracies of each net, and the
    trainer of the last net, which knows the last order.
    """
    results: dict[str, list[np.ndarray]] = {name: [] for name in orders}
    for kind, (build, rate) in nets.items():
        trainer = Trainer(build, rate)
        for name, order in orders.items():
            learn, judge = ((reorder(inputs, order), labels) for inputs, labels in (known, new))
            results[name].append(trainer.run(learn, judge, 8, range(3), say=f"{kind}, {name}")[:, -1])
    return results, trainer


def reordered(table: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The columns of a table in another order."""
    return table[:, order]


def sound_net() -> keras.Model:
    """From spectrograms (64, 37) to four tones: two convolutions with stride 2, and the maximum of each map."""
    steps = [
        layers.Reshape((64, 37, 1)),
        layers.Conv2D(8, 5, strides=2, activation="relu"),
        layers.Conv2D(16, 5, strides=2, activation="relu"),
        layers.GlobalMaxPooling2D(),
    ]
    return keras.Sequential([keras.Input((64, 37)), *steps, layers.Dense(4, activation="softmax")])


def conv_net() -> keras.Model:
    """From images (14, 14) to ten digits: two 3 × 3 convolutions, each with pooling, and a dense layer."""
    steps = [layers.Reshape((14, 14, 1))]
    for filters in (16, 32):
        steps += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D(2)]
    return keras.Sequential([keras.Input((14, 14)), *steps, layers.Flatten(), layers.Dense(10, activation="softmax")])


def dense_net() -> keras.Model:
    """From images (14, 14) to ten digits: 64 hidden units."""
    steps = [layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input((14, 14)), *steps])


def table_net(kind: str) -> keras.Model:
    """From a row of the customers' table (12,) to two classes, "convolutional" or "dense"."""
    convolutions = [layers.Conv1D(16, 3, activation="relu"), layers.Conv1D(16, 3, activation="relu"), layers.Flatten()]
    hidden = [layers.Reshape((12, 1)), *convolutions] if kind == "convolutional" else [layers.Dense(64, activation="relu")]
    return keras.Sequential([keras.Input((12,)), *hidden, layers.Dense(2, activation="softmax")])


def favourites(
    model: keras.Model,
    sentences: Sequence[list[str]],
    numbers: np.ndarray,
    chosen: np.ndarray,
    max_over_time: Callable[[np.ndarray, np.ndarray, int], Any],
    top: int = 5,
) -> list[Favourite]:
    """For each filter of a sentence net: its window, its weight, the groups of words that excite it most, its answers.

    chosen: which sentences to look at. The weight is that of "good" minus that of "bad" in the dense layer.
    """
    kinds = {type(layer): layer for layer in model.layers}
    difference = np.asarray(kinds[layers.Dense].kernel) @ np.array([-1, 1])
    convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv1D)]
    chosen = np.array([n for n in chosen if len(sentences[n]) >= 5])
    lengths = np.array([min(len(sentences[n]), numbers.shape[1]) for n in chosen])
    vectors = kinds[layers.Embedding](numbers[chosen])
    found: list[Favourite] = []
    for layer in convolutions:
        window = layer.kernel_size[0]
        values, places = max_over_time(np.asarray(layer(vectors)), lengths, window)
        for value, place in zip(np.transpose(values), np.transpose(places), strict=True):
            best: dict[str, float] = {}
            for row in np.argsort(-value):
                words = sentences[chosen[row]][place[row] : place[row] + window]
                best.setdefault(" ".join(words), float(value[row]))
                if len(best) == top:
                    break
            found.append((window, float(difference[len(found)]), list(best), np.array(list(best.values()))))
    return found


def strongest(found: Sequence[Favourite]) -> list[int]:
    """For each window size the filter with the largest and the one with the smallest weight."""
    chosen = []
    for window in sorted({favourite[0] for favourite in found}):
        ranks = sorted((weight, number) for number, (size, weight, *_) in enumerate(found) if size == window)
        chosen += [ranks[-1][1], ranks[0][1]]
    return chosen


def favourites_table(found: Sequence[Favourite]) -> Any:
    """A table of the strongest filters: their window, the sign and size of their weight, their groups of words."""
    lines = []
    for number in strongest(found):
        window, weight, groups, _ = found[number]
        lines.append((number, window, f"{weight:+.2f}", "good" if weight > 0 else "bad", " · ".join(groups[:4])))
    table = pd.DataFrame(lines, columns=["filter", "words", "weight", "speaks for", "excited most by"])
    style = table.style.hide(axis="index").set_properties(**{"text-align": "left"})
    return style.set_table_styles([{"selector": "th", "props": "text-align: left"}])


# --- drawings ----------------------------------------------------------------------------------


def shuffled_figure(picture: np.ndarray, table: np.ndarray, seed: int = 4) -> tuple[Figure, str]:
    """A picture, the spectrogram of a syllable, and a table: above as they are, below with their columns shuffled."""
    voice = spoken_tones(1, seed=3, noise=0.3)[0][0]
    fade = np.hanning(513)[:-1]
    sound = scipy.signal.spectrogram(voice, window=fade, noverlap=384, mode="magnitude")[2]
    sound = np.log(sound[64::-1] + 1e-3)  # low sounds at the bottom
    figure, axes = new_figure(2, 3, width=10, height=4.6)
    for place, data, name in zip(axes.T, (-picture, sound, table), ("a picture", "a sound", "a table"), strict=True):
        order = np.random.default_rng(seed).permutation(data.shape[1])
        for axis, shown, words in zip(place, (data, data[:, order]), ("as it is", "columns shuffled"), strict=True):
            axis.imshow(shown, cmap="gray", aspect="auto")
            axis.set(xticks=[], yticks=[], title=f"{name}, {words}")
    return figure, "A picture and a spectrogram fall apart when their columns are shuffled; a table of customers looks as before."


def window_figure(words: Sequence[str], vectors: np.ndarray, kernel: np.ndarray, bias: float, place: int) -> tuple[Figure, str]:
    """A filter of several words laid on a sentence at one place, and its answers so far."""
    size = len(kernel)
    scores = np.array([np.sum(kernel * vectors[n : n + size]) + bias for n in range(len(words) - size + 1)])
    figure, axes = new_figure(1, 3, width=10.5, height=2.6)
    draw_numbers(axes[0], vectors, "the sentence: one row a word", box=(place, 0, size, vectors.shape[1]))
    axes[0].set_yticks(range(len(words)), words)
    axes[0].grid(axis="y", visible=False)
    draw_numbers(axes[1], kernel, f"the filter, bias {bias:g}")
    axes[1].set_ylim(axes[0].get_ylim())  # to the scale of the sentence
    axes[1].grid(visible=False)
    heights = np.maximum(scores[: place + 1], 0)
    axes[2].bar(range(place + 1), heights, color=BLUE)
    for n, (height, score) in enumerate(zip(heights, scores, strict=False)):
        axes[2].text(n, height + 0.04, f"{height:g}" if score >= 0 else f"0\n({score:g})", ha="center", va="bottom", fontsize=9)
    labels = [" ".join(words[n : n + size]) for n in range(len(scores))]
    axes[2].set_xticks(range(len(scores)), labels, rotation=25, ha="right")
    axes[2].set(ylim=(0, 1.6), xlim=(-0.6, len(scores) - 0.4), yticks=[0, 1], title="its answers so far")
    return figure, f"The filter lies on '{labels[place]}'; the sum is {scores[place]:g}, after ReLU {heights[place]:g}."


def kim_figure(words: Sequence[str] = ("a", "slow", "start", "but", "then", "it", "will", "charm", "you")) -> tuple[Figure, str]:
    """Kim's net from left to right: word vectors, windows of 3, 4 and 5 words, one number a filter, two classes."""
    figure, axes = new_figure(width=10.5, height=3.7)
    rows, dimension = len(words), 6
    for row, word in enumerate(words):
        axes.text(-0.3, -row - 0.5, word, ha="right", va="center")
        for column in range(dimension):
            axes.add_patch(Rectangle((column, -row - 1), 1, 1, facecolor=WASH, edgecolor=LINE, linewidth=0.6))
    for number, (size, colour, hatch, first) in enumerate(((3, BLUE, "//", 6), (4, ORANGE, "..", 2), (5, GREEN, "\\\\", 0))):
        axes.add_patch(
            Rectangle((0, -first - size), dimension, size, fill=False, edgecolor=colour, linewidth=2.5, hatch=hatch, alpha=0.75)
        )
        left, top = 9.5 + 3.2 * number, 0.0
        places = rows - size + 1
        for filters in range(3):
            for n in range(places):
                axes.add_patch(
                    Rectangle((left + 0.75 * filters, top - n - 1), 0.6, 0.9, facecolor=colour, alpha=0.25 + 0.2 * filters)
                )
            axes.add_patch(
                Rectangle(
                    (20.7 + filters * 0.0, -3 * number - filters - 0.95), 0.9, 0.85, facecolor=colour, alpha=0.25 + 0.2 * filters
                )
            )
        axes.text(left + 1, 0.35, f"{size} words:\n{places} places", ha="center", va="bottom", fontsize=9)
        axes.annotate(
            "", (20.5, -3 * number - 1.5), (left + 2.2, top - places / 2), arrowprops={"arrowstyle": "->", "color": colour}
        )
    for n, name in enumerate(("bad", "good")):
        axes.add_patch(Rectangle((25, -3.5 - 2 * n), 1.2, 1.2, facecolor=PURPLE, alpha=0.7))
        axes.text(26.5, -2.9 - 2 * n, name, va="center")
        for row in range(9):
            axes.plot([21.6, 25], [-row - 0.5, -2.9 - 2 * n], color=LINE, linewidth=0.6, zorder=0)
    for x, text in ((3, "words × numbers"), (21.1, "max over\ntime"), (25.6, "dropout,\ndense")):
        axes.text(x, 0.35, text, ha="center", va="bottom", fontsize=9)
    axes.set(xlim=(-2, 28.5), ylim=(-9.3, 2.2), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title("A sentence net: windows of 3, 4 and 5 words, of each filter the largest answer")
    return (
        figure,
        "Nine words as rows; filters over 3, 4 and 5 rows give 7, 6 and 5 answers; each filter's largest goes to a dense layer.",
    )


def curve_figure(losses: Sequence[float], accuracies: Sequence[float], chosen: int) -> tuple[Figure, str]:
    """Training loss and validation accuracy after each epoch, with the chosen epoch marked."""
    figure, axes = new_figure(1, 2, width=9, height=2.6)
    epochs = np.arange(1, len(losses) + 1)
    axes[0].plot(epochs, losses, "o-", color=BLUE)
    axes[0].set(title="Training loss", xlabel="epoch", ylim=(0, 0.8))
    axes[1].plot(epochs, accuracies, "^-", color=ORANGE)
    axes[1].set(title="Accuracy on the validation part", xlabel="epoch", ylim=(0.5, 0.85))
    for place in axes:
        place.axvline(chosen, color=GREY, linestyle=":")
        place.set_xticks(epochs)
    words = ", ".join(f"{accuracy:.0%}" for accuracy in accuracies)
    return figure, f"The training loss falls to {losses[-1]:.2f}; validation accuracy after each epoch: {words}."


def dots_figure(results: Mapping[str, Sequence[float]], title: str, line: float | None = None) -> tuple[Figure, str]:
    """A row of dots for each setting: one dot a seed, a bar at their mean; a dashed line to compare with."""
    figure, axes = new_figure(width=9, height=1.1 + 0.45 * len(results))
    for row, values in enumerate(results.values()):
        spread = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else [0.0]
        axes.plot(np.multiply(100, values), np.add(row, spread), "o", color=BLUE, alpha=0.8)
        axes.plot([100 * np.mean(values)] * 2, [row - 0.3, row + 0.3], color=RED, linewidth=3)
        axes.text(100 * np.mean(values), row - 0.33, f"{np.mean(values):.1%}", ha="center", va="bottom", fontsize=9)
    if line is not None:
        axes.axvline(100 * line, color="black", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(results)), list(results))
    axes.set(
        title=title, xlabel="per cent right; a dot for each seed, a red bar for their mean", ylim=(len(results) - 0.4, -0.85)
    )
    axes.grid(axis="x", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    means = ", ".join(f"{name} {np.mean(values):.1%}" for name, values in results.items())
    return figure, f"{title}. Means: {means}." + (f" Dashed line: {line:.1%}." if line is not None else "")


def ngrams_figure(found: Sequence[Favourite], number: int) -> tuple[Figure, str]:
    """The groups of words that excite one filter most."""
    _, weight, groups, scores = found[number]
    figure, axes = new_figure(width=8, height=2.4)
    side, colour = ("good", GREEN) if weight > 0 else ("bad", RED)
    axes.barh(range(len(groups)), scores, color=colour, alpha=0.7, hatch="" if weight > 0 else "//", edgecolor="white")
    axes.set_yticks(range(len(groups)), groups)
    axes.invert_yaxis()
    axes.set(title=f"Filter {number} speaks for '{side}' (weight {weight:+.2f})", xlabel="the filter's answer")
    return figure, f"Filter {number}, weight {weight:+.2f}, answers most to: {'; '.join(groups)}."


def draw_spectrogram(axes: Axes, image: np.ndarray, seconds: float, highest: float, title: str) -> None:
    """A spectrogram (frequencies, frames), low sounds at the bottom."""
    axes.imshow(image, cmap="magma", origin="lower", aspect="auto", extent=(0, seconds, 0, highest))
    axes.set(title=title, xlabel="seconds")


def spectrograms_figure(
    images: Sequence[np.ndarray], titles: Sequence[str], seconds: float = 0.64, highest: float = 1000
) -> tuple[Figure, str]:
    """Spectrograms side by side."""
    figure, axes = new_figure(1, len(images), width=11, height=2.8)
    for place, image, title in zip(np.atleast_1d(axes), images, titles, strict=True):
        draw_spectrogram(place, image, seconds, highest, title)
    np.atleast_1d(axes)[0].set_ylabel("hertz")
    return figure, f"Spectrograms: {'; '.join(titles)}. The voice is a stack of bright lines that bend together."


def frames_figure(
    spectrogram: Callable[[np.ndarray, np.ndarray, int], np.ndarray], sound: np.ndarray, frame: int
) -> tuple[Figure, str]:
    """The lowest 1,000 hertz of a sound from frames of so many samples, by the student's function."""
    picture = np.log1p(spectrogram(sound, np.hanning(frame + 1)[:-1], 64))[: frame // 8]
    return spectrograms_figure([picture], [f"frames of {frame} samples: {frame // 8} ms, {RATE / frame:.0f} Hz a row"])


def melody_figure(sound: np.ndarray, heard: np.ndarray, frame: int = 512, hop: int = 128) -> tuple[Figure, str]:
    """A frequency for each frame, as dots on the sound's spectrogram."""
    window = np.hanning(frame + 1)[:-1]
    hertz, seconds, image = scipy.signal.spectrogram(sound, RATE, window=window, noverlap=frame - hop, mode="magnitude")
    figure, axes = new_figure(width=7.5, height=3.2)
    axes.pcolormesh(seconds, hertz, np.log1p(1000 * image), cmap="magma", shading="nearest")
    axes.plot(seconds, heard, "o", color=GREEN, markersize=5)
    axes.set(title="Do the dots lie on the brightest line?", xlabel="seconds", ylabel="hertz", ylim=(0, 1000))
    return figure, f"A spectrogram with {len(heard)} dots between {np.min(heard):.0f} and {np.max(heard):.0f} hertz."


def digits_figure(arrangements: Mapping[str, np.ndarray], count: int = 8) -> tuple[Figure, str]:
    """The same digits in each arrangement, a row each; images dark on light."""
    figure, axes = new_figure(len(arrangements), count, width=9.5, height=1.25 * len(arrangements))
    for row, (name, images) in zip(axes, arrangements.items(), strict=True):
        for place, image in zip(row, images, strict=False):
            draw_image(place, -image, "")
        row[0].set_ylabel(_broken(name), rotation=0, ha="right", va="center", labelpad=6)
    figure.suptitle("The same digits, three ways", fontsize=11, fontweight="bold")
    return figure, f"Eight digits, a row for each arrangement: {', '.join(arrangements)}. Only in the first can they be read."


def rule_figure(
    images: Mapping[str, tuple[np.ndarray, np.ndarray]], table: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> tuple[Figure, str]:
    """Accuracy of a convolutional and of a dense net for each arrangement of pictures and of a table; a dot a seed."""
    width = (len(images), len(table))
    figure = new_figure(width=10.5, height=3.6)[0]
    figure.clear()
    axes = figure.subplots(1, 2, sharey=True, width_ratios=width)
    for place, results, title in zip(axes, (images, table), ("pictures of digits", "a table of customers"), strict=True):
        for which, (name, colour, mark, line) in enumerate((("convolutional", BLUE, "o", "-"), ("dense", ORANGE, "^", "--"))):
            means = [100 * np.mean(pair[which]) for pair in results.values()]
            place.plot(range(len(means)), means, line, color=colour, linewidth=2, label=name)
            for column, pair in enumerate(results.values()):
                place.plot(
                    [column + 0.04 * (2 * which - 1)] * len(pair[which]), np.multiply(100, pair[which]), mark, color=colour
                )
                own, other = (100 * np.asarray(pair[k]) for k in (which, 1 - which))
                above = (own.mean(), -which) > (other.mean(), which - 1)
                place.annotate(
                    f"{own.mean():.0f}",
                    (column, own.max() if above else own.min()),
                    (0, 7 if above else -16),
                    textcoords="offset points",
                    ha="center",
                )
        place.set_xticks(range(len(results)), [_broken(name) for name in results])
        place.set(title=title, xlim=(-0.4, len(results) - 0.6), ylim=(0, 105))
        place.grid(axis="y", color=LINE, linewidth=0.5)
    axes[0].set_ylabel("per cent of test cases right")
    axes[0].legend(loc="lower left")
    words = "; ".join(
        f"{kind} {name}: convolutional {np.mean(pair[0]):.0%}, dense {np.mean(pair[1]):.0%}"
        for kind, results in (("digits", images), ("customers", table))
        for name, pair in results.items()
    )
    return figure, f"Accuracy of two nets. {words}."


def flat(images: np.ndarray) -> np.ndarray:
    """One row an image."""
    return images.reshape(len(images), -1)


def alike(table: np.ndarray) -> str:
    """The mean correlation, without sign, of neighbouring columns and of any two."""
    correlation = np.abs(np.corrcoef(table, rowvar=False))
    pairs = correlation[np.triu_indices(len(correlation), 1)]
    return f"neighbours {np.diag(correlation, 1).mean():.2f}, any two {pairs.mean():.2f}"


def _broken(name: str) -> str:
    return name.replace(" shuffled", "\nshuffled")
