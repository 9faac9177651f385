"""Unit 19: its pictures, the two questions to SqueezeNet, and the small nets for clothes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convcourse.colours import ALWAYS_LIGHT
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, draw_image, new_figure
from convcourse.pretrained import imagenet_names, load_squeezenet_imagenet, photographs

CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
HOUSE_CATS = (281, 282, 283, 284, 285)  # tabby, tiger cat, Persian, Siamese, Egyptian
MEANS = (103.939, 116.779, 123.68)  # blue, green, red
MARKS = ("o", "s", "^", "D", "v", "P")

names = cache(imagenet_names)


def _bytes(pixels: Any) -> np.ndarray:
    return np.asarray(pixels).astype(np.uint8)


# --- SqueezeNet and its photographs -------------------------------------------------------------


def squeezenet_and_cat_question() -> tuple[keras.Model, keras.Model]:
    """SqueezeNet for photographs as they are (RGB, 0 … 255), and the same net asked "is it a house cat?".

    The first gives 1,000 probabilities, the second two: of all other classes together, and of the five breeds of house cats.
    """
    inner = load_squeezenet_imagenet()
    scores = keras.Model(inner.input, inner.layers[-2].output)  # before softmax
    pixels = keras.Input((227, 227, 3))
    blue_first = layers.Rescaling(1.0, offset=[-mean for mean in MEANS])(pixels[..., ::-1])
    all_scores = scores(blue_first)
    others = [number for number in range(1000) if number not in HOUSE_CATS]
    groups = [keras.ops.logsumexp(keras.ops.take(all_scores, group, axis=1), axis=1) for group in (others, HOUSE_CATS)]
    question = keras.Model(pixels, layers.Softmax()(keras.ops.stack(groups, axis=1)))
    return keras.Model(pixels, layers.Softmax()(all_scores)), question


def cat_photograph() -> np.ndarray:
    """The cat, float32 of shape (1, 227, 227, 3), in whole numbers from 0 to 255."""
    return np.round(photographs(227)["cat"])[None]


def crops(places: Sequence[tuple[int, int]] = ((0, 0), (73, 73))) -> np.ndarray:
    """Windows of 227 × 227 pixels of each of five photographs, in whole numbers from 0 to 255."""
    large = photographs(300).values()
    return np.stack([np.round(image[row : row + 227, col : col + 227]) for image in large for row, col in places])


def best(net: keras.Model, image: np.ndarray, count: int = 3) -> list[tuple[str, float]]:
    """The classes with the largest probabilities for one image (1, 227, 227, 3)."""
    probabilities = np.asarray(net(image, training=False))[0]
    return [(names()[number], float(probabilities[number])) for number in probabilities.argsort()[::-1][:count]]


def in_words(net: keras.Model, image: np.ndarray) -> str:
    """The three best classes in one line."""
    return ", ".join(f"{name} {p:.1%}" for name, p in best(net, image))


def draw_best(axes: Axes, net: keras.Model, image: np.ndarray) -> None:
    """The three best classes as bars with their names."""
    answers = best(net, image)[::-1]
    axes.barh(range(3), [p for _, p in answers], color=[GREY, GREY, BLUE], height=0.72)
    axes.set(xlim=(0, 1), yticks=[], xticks=[0, 0.5, 1])
    for place, (name, p) in enumerate(answers):
        inside = p > 0.55
        start, ink = (0.02, ALWAYS_LIGHT) if inside else (p + 0.02, "black")
        axes.text(start, place, f"{name} {p:.1%}", va="center", color=ink, fontsize=9)
    axes.spines["left"].set_visible(False)


def attack_figure(net: keras.Model, original: np.ndarray, attacked: np.ndarray, title: str) -> tuple[Figure, str]:
    """A photograph, the change magnified around grey, and the sum of both; with the three best classes of each."""
    change = np.asarray(attacked, float) - original
    most = float(np.abs(change).max()) or 1.0
    figure, axes = new_figure(2, 3, width=10, height=4.7)
    grid = axes[0, 0].get_gridspec()
    grid.set_height_ratios([3.4, 1.0])
    draw_image(axes[0, 0], _bytes(original[0]), "original")
    draw_image(axes[0, 1], _bytes(np.clip(127.5 + change[0] * 127.5 / most, 0, 255)), f"change × {127.5 / most:.0f}, around grey")
    draw_image(axes[0, 2], _bytes(np.round(attacked[0])), f"sum: no pixel moved more than {most:.3g}")
    draw_best(axes[1, 0], net, original)
    axes[1, 1].axis("off")
    draw_best(axes[1, 2], net, np.round(attacked))
    figure.suptitle(title, fontsize=11, fontweight="bold")
    alt = (
        f"{title}. Before: {in_words(net, original)}. After a change of at most {most:.3g}: {in_words(net, np.round(attacked))}."
    )
    return figure, alt


def photographs_figure(net: keras.Model) -> tuple[Figure, str]:
    """Five photographs with the three best classes of each."""
    images = {name: np.round(image)[None] for name, image in photographs(227).items()}
    figure, axes = new_figure(2, 5, width=11, height=3.5)
    axes[0, 0].get_gridspec().set_height_ratios([2.2, 1.0])
    for column, (name, image) in enumerate(images.items()):
        draw_image(axes[0, column], _bytes(image[0]), name)
        draw_best(axes[1, column], net, image)
    said = "; ".join(f"{name}: {best(net, image, 1)[0][0]}" for name, image in images.items())
    return figure, f"Five photographs and SqueezeNet's three best classes for each. {said}."


def gradient_figure(image: np.ndarray, gradient: np.ndarray) -> tuple[Figure, str]:
    """A photograph, the slope of the loss for its green channel, and the sign of it in a corner."""
    green = np.asarray(gradient)[0, :, :, 1]
    figure, axes = new_figure(1, 3, width=10.5, height=3.5)
    draw_image(axes[0], _bytes(image[0]), "photograph")
    draw_image(axes[1], green, "slope of the loss, green channel", symmetric=True, bar=True)
    draw_image(axes[2], np.sign(green[80:120, 80:120]), "its sign, 40 × 40 pixels of it", symmetric=True)
    return figure, "The cat, the gradient of the loss, strongest about the face, and its sign, which looks like noise."


# --- curves -------------------------------------------------------------------------------------


def growth_figure(sizes: Sequence[int], signs: Sequence[float], noise: Sequence[float]) -> tuple[Figure, str]:
    """How far the score moves by the attack and by noise of the same size, over the number of pixels."""
    figure, axes = new_figure(width=7.5, height=3.0)
    axes.loglog(sizes, signs, "o-", color=RED, label="attack: ε · Σ|w|")
    axes.loglog(sizes, noise, "s--", color=BLUE, label="random signs: ±ε each")
    axes.set(
        xlabel="number of pixels", ylabel="change of the score", title="The same small ε for each pixel, more and more pixels"
    )
    axes.legend()
    return figure, (
        f"Change of the score for {sizes[0]} to {sizes[-1]} pixels: the attack grows from {signs[0]:.3g} to {signs[-1]:.3g}, "
        f"random signs from {noise[0]:.3g} to {noise[-1]:.3g}."
    )


def lengths_figure(changes: np.ndarray, asked: float) -> tuple[Figure, str]:
    """The length of each image's change as a bar, and a line at the length asked."""
    lengths = [float(np.linalg.norm(change)) for change in changes]
    figure, axes = new_figure(width=7.5, height=2.6)
    axes.bar(range(len(lengths)), lengths, color=BLUE)
    axes.axhline(asked, color=RED, linestyle="--")
    axes.annotate("asked", (1, asked), (4, 0), ("axes fraction", "data"), "offset points", va="center")
    axes.set(xlabel="image: the net is sure on the left, unsure on the right", ylabel="length of the change", xticks=[])
    axes.set_title("How far each image is moved")
    said = ", ".join(f"{length:.2g}" for length in lengths)
    return figure, f"Bars: the changes of {len(lengths)} images have the lengths {said}; asked is {asked:g}."


def curves_figure(
    epsilons: Sequence[float], curves: Mapping[str, Sequence[float]], title: str, label: str, log: bool = False
) -> tuple[Figure, str]:
    """Shares over ε, a line for each name. log: a logarithmic axis for ε."""
    figure, axes = new_figure(width=8, height=3.3)
    colours = (RED, BLUE, GREEN, ORANGE, PURPLE, GREY)
    for number, (name, values) in enumerate(curves.items()):
        dash = "-" if number % 2 == 0 else "--"
        axes.plot(epsilons[: len(values)], values, dash, marker=MARKS[number], color=colours[number], label=name, clip_on=False)
    if log:
        axes.set_xscale("log", base=2)
    axes.set_xticks(epsilons, [f"{epsilon:g}" for epsilon in epsilons])
    axes.minorticks_off()
    axes.set(xlabel="ε, in grey levels of 255", ylabel=label, ylim=(0, 1.02), title=title)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    said = "; ".join(f"{name}: from {values[0]:.2f} to {values[-1]:.2f}" for name, values in curves.items())
    return figure, f"{title}. {said}."


# --- clothes ------------------------------------------------------------------------------------


def linear_figure(weights: np.ndarray, images: np.ndarray, attacked: np.ndarray, epsilon: float) -> tuple[Figure, str]:
    """The weights of a linear classifier of clothes, the worst change, and images before and after."""
    figure, axes = new_figure(1, 6, width=11, height=2.2)
    draw_image(axes[0], weights.reshape(28, 28), "weights", symmetric=True)
    draw_image(axes[1], np.sign(weights).reshape(28, 28), "their signs", symmetric=True)
    for number in range(2):
        for place, image, word in ((2, images, "before"), (3, attacked, "after")):
            axes[place + 2 * number].imshow(np.reshape(image[number], (28, 28)), cmap="gray", vmin=0, vmax=255)
            axes[place + 2 * number].set(xticks=[], yticks=[], title=word)
    return (
        figure,
        f"Weights of a linear model with their signs, and two shoes before and after a change of {epsilon:g} grey levels.",
    )


def clothes_figure(
    images: np.ndarray, attacked: np.ndarray, noisy: np.ndarray, answers: Sequence[Sequence[int]]
) -> tuple[Figure, str]:
    """Clothes in three rows: clean, with random noise, attacked; above each the net's answer."""
    count = len(images)
    figure, axes = new_figure(3, count, width=11, height=4.0)
    for row, (word, shown) in enumerate((("clean", images), ("noise", noisy), ("attack", attacked))):
        for column in range(count):
            place, answer = axes[row, column], int(answers[row][column])
            place.imshow(shown[column].reshape(28, 28), cmap="gray", vmin=0, vmax=255)
            place.set(xticks=[], yticks=[])
            changed = answer != int(answers[0][column])
            place.set_title(CLOTHES[answer] + (" ✗" if changed else ""), fontsize=9, fontweight="bold" if changed else "normal")
        axes[row, 0].set_ylabel(word, fontweight="bold")
    fooled = sum(a != b for a, b in zip(answers[0], answers[2], strict=True))
    return figure, f"{count} clothes, clean, with noise, attacked. The attack changes {fooled} of {count} answers."


def readable_gradients_figure(images: np.ndarray, gradients: Mapping[str, np.ndarray]) -> tuple[Figure, str]:
    """What raises the loss of each net, for a few clothes: a row of images, then a row of gradients for each net."""
    count = len(images)
    figure, axes = new_figure(1 + len(gradients), count, width=11, height=1.55 * (1 + len(gradients)))
    for column in range(count):
        draw_image(axes[0, column], images[column].reshape(28, 28), "")
        for row, gradient in enumerate(gradients.values(), start=1):
            draw_image(axes[row, column], np.asarray(gradient[column]).reshape(28, 28), "", symmetric=True)
    for row, name in enumerate(("image", *gradients)):
        axes[row, 0].set_ylabel(name, fontweight="bold")
    figure.suptitle(
        "Where does the loss rise? The gradient, before and after adversarial training", fontsize=11, fontweight="bold"
    )
    return (
        figure,
        "Clothes with the gradients of the plain net, which look like noise, and of the trained one, which follow the outlines.",
    )


def small_net(seed: int, dense: bool = False) -> keras.Model:
    """A classifier of clothes for pixels from 0 to 255: two convolutions with stride 2, or three dense layers."""
    keras.utils.set_random_seed(seed)
    middle = [layers.Flatten(), layers.Dense(128, activation="relu")]
    if not dense:
        middle = [
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.Conv2D(32, 3, strides=2, activation="relu"),
            layers.Flatten(),
        ]
    start = [keras.Input((28, 28, 1)), layers.Rescaling(1 / 255)]
    return keras.Sequential([*start, *middle, layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])


def fit_plainly(net: keras.Model, images: np.ndarray, labels: np.ndarray, epochs: int) -> keras.Model:
    """Ordinary training on the plain cross-entropy, in the same loop as `train`."""
    loss_of = keras.losses.SparseCategoricalCrossentropy()

    def plain(net: keras.Model, images: Any, labels: Any, epsilon: float, alpha: float) -> Sequence[Any]:
        with tf.GradientTape() as tape:
            loss = loss_of(labels, net(images))
        slopes: Sequence[Any] = tape.gradient(loss, net.trainable_variables)
        return slopes

    return train(net, plain, images, labels, epochs, 0.0, 1.0)


def probabilities(net: keras.Model, images: np.ndarray) -> np.ndarray:
    """The net's probabilities for many images, 500 at a time."""
    parts = [np.asarray(net(images[start : start + 500], training=False)) for start in range(0, len(images), 500)]
    return np.concatenate(parts)


def random_signs(images: np.ndarray, epsilon: float, seed: int = 0) -> np.ndarray:
    """The control: images with +ε or −ε by chance for each pixel, kept within 0 … 255."""
    signs = np.random.default_rng(seed).choice([-1, 1], size=images.shape)
    return np.clip(images + epsilon * signs, 0, 255).astype(np.float32)


def train(
    net: keras.Model,
    gradients: Callable[..., Sequence[Any]],
    images: np.ndarray,
    labels: np.ndarray,
    epochs: int,
    epsilon: float,
    alpha: float,
    report: Callable[[int, float], None] | None = None,
) -> keras.Model:
    """Train with `gradients(net, images, labels, epsilon, alpha)`: Adam, batches of 64, compiled by TensorFlow.

    A function that cannot be compiled runs as it is, several times slower, after a word about it.
    report: called after each epoch with its number and the seconds so far.
    """
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(net.trainable_variables)

    def step(batch: Any, answers: Any) -> None:
        slopes = gradients(net, batch, answers, epsilon, alpha)
        optimizer.apply([tf.convert_to_tensor(slope) for slope in slopes], net.trainable_variables)

    run, order, start = tf.function(step, autograph=False), np.random.default_rng(0), time.perf_counter()
    all_images, all_labels = tf.constant(images), tf.constant(labels.astype("int32"))
    for epoch in range(epochs):
        shuffled = order.permutation(len(images))
        for first in range(0, len(images) - 63, 64):
            chosen = shuffled[first : first + 64]
            batch, answers = tf.gather(all_images, chosen), tf.gather(all_labels, chosen)
            try:
                run(batch, answers)
            except Exception:
                if run is step:
                    raise
                print("TensorFlow cannot compile your function (does it use NumPy?), so it runs as it is: slower.")
                run = step
                run(batch.numpy(), answers.numpy())
        if report:
            report(epoch + 1, time.perf_counter() - start)
    return net


def linear_shoes(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """A linear model that tells sneakers from ankle boots.

    Returns its weights (784,) for pixels from 0 to 255, its bias, images that it did not see (count, 784), and their
    sides: −1 for a sneaker, +1 for an ankle boot.
    """
    from sklearn.linear_model import LogisticRegression

    chosen = np.isin(labels, (7, 9))
    flat, sides = images[chosen].reshape(-1, 784).astype(float), np.where(labels[chosen] == 9, 1, -1)
    model = LogisticRegression(C=0.1, max_iter=300).fit(flat[:1000] / 255, sides[:1000])
    return model.coef_[0] / 255, float(model.intercept_[0]), flat[1000:], sides[1000:]


def epoch_report(net: keras.Model, images: np.ndarray, labels: np.ndarray) -> Callable[[int, float], None]:
    """A function for `train` that prints, after each epoch, how many of these images the net has right."""

    def report(epoch: int, seconds: float) -> None:
        right = np.mean(probabilities(net, images).argmax(axis=1) == labels)
        print(f"epoch {epoch} of 4: {right:.1%} of the clean test images, {seconds:.0f} s")

    return report


def print_seeds(
    pictures: tuple[np.ndarray, np.ndarray],
    attacks: Mapping[str, Callable[..., Any]],
    test: tuple[np.ndarray, np.ndarray],
    gradients: Callable[..., Any],
) -> None:
    """Train a plain and a hardened net from each of three seeds, and print their accuracy under each attack.

    pictures: images and labels to train with; test: images and labels to judge with. attacks: name -> function of net, images and
    labels that returns images. gradients: as `train` wants it.
    """
    images, labels = pictures
    for seed in range(3):
        plain, hardened = fit_plainly(small_net(seed), images, labels, 4), small_net(seed)
        train(hardened, gradients, images, labels, 4, 16.0, 0.5)
        for name, net in (("plain", plain), ("hardened", hardened)):
            found = [probabilities(net, np.asarray(attack(net, *test), "float32")) for attack in attacks.values()]
            rates = [np.mean(answer.argmax(axis=1) == test[1]) for answer in found]
            print(f"seed {seed}, {name}: {', '.join(attacks)}:", np.round(rates, 3))
