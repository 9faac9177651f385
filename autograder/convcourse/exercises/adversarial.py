"""Unit 19: small changes that fool a net, and training against them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.special
import sklearn.metrics

from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import PackedModel

# --- a small classifier, in Keras for the student and in NumPy for the oracle -------------------


def _classifier(shape: Sequence[int], weights: list[np.ndarray], dropout: float = 0.0) -> PackedModel:
    """Dense layers on flat images: tanh inside, softmax at the end; written down so that no Keras is needed to make it.

    dropout: the rate before the last layer, which counts in training only.
    """
    sizes = [int(bias.shape[0]) for bias in weights[1::2]]
    dense = [{"units": size, "activation": "tanh"} for size in sizes]
    dense[-1]["activation"] = "softmax"
    layers: list[tuple[str, dict[str, Any]]] = [("InputLayer", {"batch_shape": [None, *shape]}), ("Flatten", {})]
    layers += [("Dense", config) for config in dense]
    layers[-1:-1] = [("Dropout", {"rate": dropout})] if dropout else []
    steps = [{"module": "keras.layers", "class_name": name, "config": config} for name, config in layers]
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "small", "layers": steps}}
    return PackedModel(json.dumps(config), weights)


def _weights(model: Any) -> list[np.ndarray]:
    """The weights of a packed model, or of the real one that a mistake is called with, in float64."""
    raw = model.weights if isinstance(model, PackedModel) else model.get_weights()
    return [np.asarray(array, float) for array in raw or ()]


def _backward(weights: list[np.ndarray], images: Any, labels: Any, how: str = "") -> tuple[np.ndarray, list[np.ndarray]]:
    """Slopes of the summed cross-entropy, by hand: for the images, and for the weights. `how` makes the usual mistakes."""
    images = np.asarray(images, float)
    values = [images.reshape(len(images), -1)]
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        values.append(np.tanh(values[-1] @ kernel + bias))
    probabilities = scipy.special.softmax(values[-1] @ weights[-2] + weights[-1], axis=1)
    right = np.eye(probabilities.shape[1])[np.asarray(labels)]
    blame = probabilities - right
    if how == "probability":  # the slope of p itself, not of −ln p
        blame = -blame * (probabilities * right).sum(axis=1, keepdims=True)
    if how == "squared error":  # the slope of Σ (p − y)², through softmax
        slope = 2 * blame
        blame = probabilities * (slope - (probabilities * slope).sum(axis=1, keepdims=True))
    if how == "score":  # the slope of the label's score before softmax
        blame = right
    slopes: list[np.ndarray] = []
    for number in range(len(weights) - 2, -1, -2):
        slopes = [values[number // 2].T @ blame, blame.sum(axis=0), *slopes]
        blame = blame @ weights[number].T
        if number:
            blame = blame * (1 - values[number // 2] ** 2)
    return blame.reshape(images.shape), slopes


def _random_weights(generator: np.random.Generator, pixels: int, hidden: int, classes: int, strength: float) -> list[np.ndarray]:
    sizes = ((pixels, hidden), (hidden,), (hidden, classes), (classes,))
    scales = (strength / 255, 0.3, 0.9, 0.3)
    return [generator.normal(0, scale, size=size) for size, scale in zip(sizes, scales, strict=True)]


def _pixels(generator: np.random.Generator, shape: Sequence[int]) -> np.ndarray:
    """Whole numbers from 0 to 255 as float32; some pixels are quite black, some quite white."""
    pixels = generator.integers(-60, 316, size=shape)
    return np.clip(pixels, 0, 255).astype(np.float32)


def _clear(gradient: np.ndarray) -> bool:
    """Are all signs beyond doubt, also in float32? Those of the first pixel are: the nets are blind to it."""
    slopes = np.abs(gradient.reshape(len(gradient), -1)[:, 1:])
    return bool(slopes.min() > 2e-3 * slopes.max())


# --- linear_attack -----------------------------------------------------------------------------

PLUS, MINUS = "label +1", "label −1"


def _linear_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, label in ((PLUS, 1), (MINUS, -1)):
        size = int(generator.integers(5, 8))
        weights = generator.integers(1, 9, size=size) * generator.choice([-1, 1], size=size) / 2
        weights[:4] = [0.0, 0.5, -0.5, -2.5]
        yield Case(
            {
                "weights": generator.permutation(weights),
                "bias": float(generator.integers(1, 5)) / 4 * (1 if generator.random() < 0.5 else -1),
                "image": generator.integers(1, 10, size=size).astype(float),
                "label": label,
                "epsilon": float(generator.integers(1, 4)) / 8,
            },
            part,
        )


def _linear(weights, bias, image, label, epsilon):
    """Try every corner of the box and take the worst; a pixel without weight stays."""
    counted = np.flatnonzero(weights)
    corners = np.zeros((2 ** len(counted), len(weights)))
    corners[:, counted] = list(itertools.product([-epsilon, epsilon], repeat=len(counted)))
    margins = label * (np.sum((image + corners) * weights, axis=1) + bias)
    worst = int(np.argmin(margins))
    return corners[worst], float(label * (np.dot(image, weights) + bias)), float(margins[worst])


linear_attack = Exercise(
    name="linear_attack",
    title="The worst small change for a linear model",
    results=("change", "margin before", "margin after"),
    points={PLUS: 1, MINUS: 1},
    minutes=12,
    difficulty=1,
    oracle=_linear,
    examples=(
        Case(
            {
                "weights": np.array([2.0, -1.0, 3.0, -2.0]),
                "bias": 0.0,
                "image": np.array([1.0, 2.0, 1.0, 0.0]),
                "label": 1,
                "epsilon": 0.5,
            },
            PLUS,
            "the four pixels of the text",
            known=([-0.5, 0.5, -0.5, 0.5], 3.0, -1.0),
        ),
        Case(
            {
                "weights": np.array([1.0, 0.0, -2.0]),
                "bias": 1.0,
                "image": np.array([1.0, 5.0, 3.0]),
                "label": -1,
                "epsilon": 1.0,
            },
            MINUS,
            "the middle pixel has no weight, so it stays",
            known=([1.0, 0.0, -1.0], 4.0, 1.0),
        ),
    ),
    cases=_linear_cases,
    hints=(
        "The margin is label · (w · x + b). Ask of each pixel alone: which way must it move, so that the margin falls?",
        "Pixel i changes the margin by label · w_i · η_i. With |η_i| ≤ ε the lowest is −ε · |w_i|.",
        "w = (2, −1), label −1, ε = ½: now the score must *rise*, so the change is (½, −½), and the margin falls by ½ · 3 = "
        "1.5. `np.sign` gives 0 for a weight of 0.",
    ),
)


def _linear_with(weights, bias, image, label, change, score_only=False, seen_bias=None):
    bias = bias if seen_bias is None else seen_bias
    side = 1 if score_only else label
    return change, side * (weights @ image + bias), side * (weights @ (image + change) + bias)


@linear_attack.mistake("Your change makes the margin larger: it helps. Go against it: −ε · label · sign(w).")
def linear_helping(weights, bias, image, label, epsilon):
    return _linear_with(weights, bias, image, label, epsilon * label * np.sign(weights))


@linear_attack.mistake("That is right for label +1 only. For label −1 the attack must push the score *up*: use `label`.")
def linear_label_forgotten(weights, bias, image, label, epsilon):
    return _linear_with(weights, bias, image, label, -epsilon * np.sign(weights))


@linear_attack.mistake(
    "You move along the weights themselves. Every pixel may move by the whole ε, however small its weight: take their sign."
)
def linear_along_weights(weights, bias, image, label, epsilon):
    return _linear_with(weights, bias, image, label, -epsilon * label * weights)


@linear_attack.mistake("These are scores. The margin is label · score: positive means right.")
def linear_score_for_margin(weights, bias, image, label, epsilon):
    return _linear_with(weights, bias, image, label, -epsilon * label * np.sign(weights), score_only=True)


@linear_attack.mistake("The bias is missing in the score w · x + b.")
def linear_without_bias(weights, bias, image, label, epsilon):
    return _linear_with(weights, bias, image, label, -epsilon * label * np.sign(weights), seen_bias=0.0)


@linear_attack.mistake("A pixel with weight 0 does not count, so it should stay. `np.sign` gives 0 there; `np.where` does not.")
def linear_zero_moved(weights, bias, image, label, epsilon):
    return _linear_with(weights, bias, image, label, -epsilon * label * np.where(weights > 0, 1, -1))


@linear_attack.mistake(
    "You subtract ε times the Euclidean length of w. Each pixel loses ε · |w_i|, so it is the sum of the magnitudes."
)
def linear_with_length(weights, bias, image, label, epsilon):
    margin = label * (weights @ image + bias)
    return -epsilon * label * np.sign(weights), margin, margin - epsilon * np.sqrt(np.sum(weights**2))


@linear_attack.mistake("`change` should be the attack alone, what is added to the image. You return the attacked image.")
def linear_attacked_image(weights, bias, image, label, epsilon):
    change, before, after = _linear(weights, bias, image, label, epsilon)
    return image + change, before, after


# --- few_pixels --------------------------------------------------------------------------------


def _few_cases(generator: np.random.Generator) -> Iterator[Case]:
    for most in (2, 3):
        size = int(generator.integers(8, 12))
        signs = generator.choice([-1, 1], size=size)
        weights = generator.permutation(np.arange(1, size + 1)) * signs / 2
        room = generator.integers(150, 226, size=size)
        order = np.argsort(np.abs(weights))
        room[order[:3]], room[order[-2:]] = 255, 0  # the lightest can go farthest, and the heaviest not at all
        image = np.where(weights > 0, room, 255 - room)
        effects = np.sort(_effects(weights, image))[::-1].cumsum()
        score = (effects[most - 2] + 3 * effects[most - 1]) / 4
        yield Case({"weights": weights, "bias": float(score - weights @ image), "image": image, "most": most}, "image")


def _effects(weights, image):
    """By how much each pixel alone can lower the score."""
    return np.maximum(weights * image, weights * (image - 255))


def _with_pixels(weights, image, chosen, ends=(0, 255)):
    changed = np.array(image, float)
    changed[chosen] = np.where(weights[chosen] > 0, *ends)
    return changed


def _few_pixels(weights, bias, image, most):
    return _with_pixels(weights, image, np.argsort(-_effects(weights, image))[:most])


def _few_misses(result, weights, bias, image, most):
    changed = np.asarray(result, float)
    if changed.shape != image.shape or not np.isfinite(changed).all():
        return f"An array of {len(image)} finite numbers is asked."
    if changed.min() < 0 or changed.max() > 255:
        return f"Your pixels go from {changed.min():g} to {changed.max():g}; 0 to 255 is asked."
    if (touched := int(np.sum(changed != image))) > most:
        return f"You changed {touched} pixels; at most {most} is asked."
    score = weights @ changed + bias
    return "" if score < 0 else f"The score is {score:,.1f} now; below 0 is asked."


few_pixels = Exercise(
    name="few_pixels",
    title="Design: few pixels, but any grey",
    points={"image": 1},
    minutes=10,
    difficulty=2,
    oracle=_few_pixels,
    meets=_few_misses,
    examples=(
        Case(
            {"weights": np.array([2.0, -1.0, 0.5, -3.0]), "bias": 820.0, "image": np.array([100, 200, 250, 255]), "most": 1},
            "image",
            "the score is 180; the first pixel can take 200 from it",
            known=[0, 200, 250, 255],
        ),
        Case(
            {"weights": np.array([-1.0, 2.0, 1.0]), "bias": 100.0, "image": np.array([55, 10, 150]), "most": 2},
            "image",
            "the score is 215; two pixels can take 200 and 150",
            known=[255, 10, 0],
        ),
    ),
    cases=_few_cases,
    hints=(
        "For one pixel alone: to which end, 0 or 255, must it go, and how much does the score lose by that?",
        "A large weight is of no use where the pixel is at that end already. Compare what each pixel *can* take from the score.",
        "Weight −2 and grey 205: it goes up to 255, 50 levels, and takes 2 · 50 = 100. Weight ½ and grey 250: down to 0 takes 125, which is more. "
        "`np.argsort` gives the order of such numbers.",
    ),
)


@few_pixels.mistake(
    "You chose the pixels with the largest weights. Some of them stand at the end already: ask how far each can go."
)
def few_by_weight_alone(weights, bias, image, most):
    return _with_pixels(weights, image, np.argsort(-np.abs(weights))[:most])


@few_pixels.mistake("You chose the pixels that can go farthest. Their weights count as well.")
def few_by_room_alone(weights, bias, image, most):
    return _with_pixels(weights, image, np.argsort(-_effects(np.sign(weights), image))[:most])


@few_pixels.mistake("Your pixels go the way of their weights, so the score rises. Go against them.")
def few_uphill(weights, bias, image, most):
    return _with_pixels(weights, image, np.argsort(-_effects(weights, image))[:most], (255, 0))


@few_pixels.mistake("You took the pixels with the smallest effect. `np.argsort` begins with the smallest number.")
def few_of_least_effect(weights, bias, image, most):
    return _with_pixels(weights, image, np.argsort(_effects(weights, image))[:most])


@few_pixels.mistake("Each pixel moves by 255, which leads out of the range. It moves *to* 0 or *to* 255.")
def few_out_of_range(weights, bias, image, most):
    chosen = np.argsort(-_effects(weights, image))[:most]
    changed = np.array(image, float)
    changed[chosen] -= 255 * np.sign(weights[chosen])
    return changed


@few_pixels.mistake("You changed every pixel. Here the number of pixels is limited, not the size of a change.")
def few_are_all(weights, bias, image, most):
    return _with_pixels(weights, image, np.arange(len(image)))


# --- input_gradient ----------------------------------------------------------------------------

ONE, SEVERAL = "one image", "several images"


def _gradient_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, count, whole in ((ONE, 1, True), (SEVERAL, 3, False)):
        shape, classes = (2, 3, 1), 4
        images = _pixels(generator, (count, *shape))
        yield Case(
            {
                "model": _classifier(shape, _random_weights(generator, 6, 4, classes, 2.0), dropout=0.5),
                "images": images.astype(np.uint8) if whole else images,
                "labels": generator.integers(0, classes, size=count),
            },
            part,
        )


def _input_gradient(model, images, labels):
    return _backward(_weights(model), images, labels)[0]


# Logits 1 + 2 − 3 = 0 and −1 + 1 = 0: both classes get one half.
_EVEN = [np.array([[1.0, -1.0], [2.0, 0.0]]), np.array([-3.0, 1.0])]

input_gradient = Exercise(
    name="input_gradient",
    title="The slope of the loss for every pixel",
    points={ONE: 1, SEVERAL: 1},
    minutes=15,
    difficulty=2,
    oracle=_input_gradient,
    examples=(
        Case(
            {"model": _classifier((1, 2, 1), _EVEN), "images": np.array([[[[1.0], [1.0]]]], np.float32), "labels": np.array([0])},
            ONE,
            "two pixels, two classes, both with probability one half",
            known=[[[[-1.0], [-1.0]]]],
        ),
        Case(
            {
                "model": _classifier((1, 2, 1), _EVEN),
                "images": np.array([[[[1], [1]]], [[[1], [1]]]], np.uint8),
                "labels": np.array([0, 1]),
            },
            SEVERAL,
            "the same image with both labels, in whole numbers",
            known=[[[[-1.0], [-1.0]]], [[[1.0], [1.0]]]],
        ),
    ),
    cases=_gradient_cases,
    hints=(
        "`tf.GradientTape` follows only what it watches. Weights are watched by themselves; an image is not, so the tape must be told to `watch` it.",
        "Gradients need floating-point numbers: `tf.cast(…, tf.float32)` before the tape.",
        "Inside the tape, `keras.losses.sparse_categorical_crossentropy` of labels and `model(…)` gives one loss for each image. After it, `tape.gradient` of these losses adds them up for you.",
    ),
    tolerance=1e-4,
    seconds=30.0,
)


@input_gradient.mistake(
    "Every slope is too small by the number of images. Use the sum of the losses, so that each image has its own gradient, whichever images are in the batch."
)
def gradient_of_the_mean(model, images, labels):
    return _input_gradient(model, images, labels) / len(images)


@input_gradient.mistake("This is minus the gradient. Return the slope of the loss; which way to go comes later.")
def gradient_downhill(model, images, labels):
    return -_input_gradient(model, images, labels)


@input_gradient.mistake("This is the slope of the label's probability. The loss is the cross-entropy, −ln of that probability.")
def gradient_of_probability(model, images, labels):
    return _backward(_weights(model), images, labels, "probability")[0]


@input_gradient.mistake(
    "This is the slope of the label's score before softmax. Take the cross-entropy of the model's probabilities."
)
def gradient_of_score(model, images, labels):
    return _backward(_weights(model), images, labels, "score")[0]


@input_gradient.mistake("You took the sign already. Return the gradient itself.")
def gradient_sign_only(model, images, labels):
    return np.sign(_input_gradient(model, images, labels))


@input_gradient.mistake("The loss is always that of class 0. Use each image's own label.")
def gradient_of_first_class(model, images, labels):
    return _input_gradient(model, images, 0 * labels)


@input_gradient.mistake("Only the first image's gradient came back. There should be one for each image.")
def gradient_for_first_image(model, images, labels):
    return _input_gradient(model, images, labels)[0]


@input_gradient.mistake("This is the slope of a squared error. The loss is the cross-entropy, −ln of the label's probability.")
def gradient_of_squared_error(model, images, labels):
    return _backward(_weights(model), images, labels, "squared error")[0]


@input_gradient.mistake("You give each slope without its sign. Whether the loss rises or falls is what counts.")
def gradient_without_sign(model, images, labels):
    return np.abs(_input_gradient(model, images, labels))


@input_gradient.mistake("You divided the gradient by its own length. Return it as it is.")
def gradient_of_length_one(model, images, labels):
    slopes = _input_gradient(model, images, labels)
    return slopes / np.linalg.norm(slopes)


@input_gradient.mistake("You took the slopes for pixels divided by 255. The model gets the images as they are.")
def gradient_of_scaled_images(model, images, labels):
    return _input_gradient(model, np.asarray(images, float) / 255, labels)


# --- fast_gradient_sign ------------------------------------------------------------------------

FLOATS, BYTES = "floating-point pixels", "pixels as bytes"


def _sign_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, dtype in ((FLOATS, np.float32), (BYTES, np.uint8)):
        shape = (2, *generator.permutation([2, 3, 4]).tolist())
        gradients = generator.normal(0, 0.01, size=shape).astype(np.float32)
        images = _pixels(generator, shape)
        images[0, 0, 0, 0], gradients[0, 0, 0, 0] = 250.0, 0.01
        images[1, 0, 0, 0], gradients[1, 0, 0, 0] = 3.0, -0.01
        images[0, 1, 1, 1], gradients[0, 1, 1, 1] = 100.0, 0.0
        images, epsilon = images.astype(dtype), int(generator.integers(8, 25))
        yield Case({"images": images, "gradients": gradients, "epsilon": epsilon}, part)
        yield Case({"images": images.ravel(), "gradients": gradients.ravel(), "epsilon": epsilon + 0.5}, part)


def _sign_attack(images, gradients, epsilon):
    """Pixel by pixel: up, down or stay, and never below 0 or above 255."""
    result = [
        min(255.0, pixel + epsilon) if slope > 0 else max(0.0, pixel - epsilon) if slope < 0 else float(pixel)
        for pixel, slope in zip(np.asarray(images, float).ravel(), np.ravel(gradients), strict=True)
    ]
    return np.reshape(result, np.shape(images))


fast_gradient_sign = Exercise(
    name="fast_gradient_sign",
    title="One step, the same for every pixel",
    points={FLOATS: 1, BYTES: 1},
    minutes=8,
    difficulty=1,
    oracle=_sign_attack,
    examples=(
        Case(
            {
                "images": np.array([[[[100.0], [250.0], [7.0]], [[3.0], [60.0], [0.0]]]], np.float32),
                "gradients": np.array([[[[0.002], [0.9], [0.0]], [[-0.1], [-0.003], [0.4]]]], np.float32),
                "epsilon": 8,
            },
            FLOATS,
            "250 stops at 255, 3 stops at 0, and slope 0 stays",
            known=[[[[108.0], [255.0], [7.0]], [[0.0], [52.0], [8.0]]]],
        ),
    ),
    cases=_sign_cases,
    hints=(
        "x̃ = x + ε · sign(∇), then back into 0 … 255.",
        "`np.sign` gives −1, 0 or 1; `np.clip(array, 0, 255)` keeps the range.",
        "Pixels 254, 7, 0, gradients 0.3, 0, −2, ε = 4: first 258, 7, −4, then 255, 7, 0. In bytes 254 + 4 would overflow; the "
        "signs are floats, and so is the sum.",
    ),
)


@fast_gradient_sign.mistake("Some pixels left the range 0 … 255: no photograph has them. Clip the result.")
def sign_unclipped(images, gradients, epsilon):
    return images + float(epsilon) * np.sign(gradients)


@fast_gradient_sign.mistake("You went downhill: the loss falls, and the net becomes surer. Add, do not subtract.")
def sign_downhill(images, gradients, epsilon):
    return np.clip(images - float(epsilon) * np.sign(gradients), 0, 255)


@fast_gradient_sign.mistake("You added the gradient itself, which is tiny. Only its sign counts: ε up, or ε down.")
def sign_of_plain_gradient(images, gradients, epsilon):
    return np.clip(images + float(epsilon) * gradients, 0, 255)


@fast_gradient_sign.mistake("Only the pixel with the steepest slope moves by ε. In this attack all of them do: take the sign.")
def sign_scaled_to_largest(images, gradients, epsilon):
    return np.clip(images + float(epsilon) * gradients / np.abs(gradients).max(), 0, 255)


@fast_gradient_sign.mistake("You clipped to 0 … 1. These pixels go from 0 to 255.")
def sign_clipped_to_one(images, gradients, epsilon):
    return np.clip(images + float(epsilon) * np.sign(gradients), 0, 1)


@fast_gradient_sign.mistake("Bytes overflow: 250 + 8 becomes 2. Compute in floating point and leave the result so.")
def sign_in_bytes(images, gradients, epsilon):
    moved = images + float(epsilon) * np.sign(gradients)
    return np.mod(moved, 256) if images.dtype == np.uint8 else np.clip(moved, 0, 255)


@fast_gradient_sign.mistake("You turned the result back into bytes, so half a grey level is lost. Leave it in floating point.")
def sign_back_to_bytes(images, gradients, epsilon):
    return np.clip(images + float(epsilon) * np.sign(gradients), 0, 255).astype(images.dtype)


@fast_gradient_sign.mistake("You rounded to whole numbers, so half a grey level is lost. Leave the result in floating point.")
def sign_rounded(images, gradients, epsilon):
    return np.round(np.clip(images + float(epsilon) * np.sign(gradients), 0, 255))


@fast_gradient_sign.mistake("Where the gradient is 0 the pixel should stay. `np.sign` gives 0 there; `np.where` does not.")
def sign_moving_zeros(images, gradients, epsilon):
    return np.clip(images + float(epsilon) * np.where(gradients > 0, 1, -1), 0, 255)


@fast_gradient_sign.mistake("That is the perturbation. Add it to the images.")
def sign_alone(images, gradients, epsilon):
    return epsilon * np.sign(gradients)


@fast_gradient_sign.mistake("You moved by ε/255. Pixels and ε are both counted from 0 to 255 here.")
def sign_with_small_epsilon(images, gradients, epsilon):
    return _sign_attack(images, gradients, epsilon / 255)


@fast_gradient_sign.mistake("You clipped to −1 … 1. These pixels go from 0 to 255.")
def sign_clipped_round_zero(images, gradients, epsilon):
    return np.clip(np.asarray(images, float) + epsilon * np.sign(gradients), -1, 1)


@fast_gradient_sign.mistake("You divided the gradients by their length. Every pixel moves by ε: take the sign.")
def sign_of_length_one(images, gradients, epsilon):
    direction = np.asarray(gradients) / np.linalg.norm(gradients)
    return np.clip(np.asarray(images, float) + epsilon * direction, 0, 255)


# --- attack_scores -----------------------------------------------------------------------------

SOME_RIGHT, NONE_RIGHT = "some images were right", "no image was right"


def _one_hot_like(generator: np.random.Generator, answers: np.ndarray, classes: int) -> np.ndarray:
    raw = generator.uniform(0, 0.8, size=(len(answers), classes))
    raw[np.arange(len(answers)), answers] += 1
    return raw / raw.sum(axis=1, keepdims=True)


def _score_cases(generator: np.random.Generator) -> Iterator[Case]:
    classes = int(generator.integers(4, 6))
    # right -> right, right -> wrong, wrong -> right, wrong -> another wrong one, wrong -> the same wrong one
    counts = np.array([3, 5, 2, 2, 1]) + generator.integers(0, 2, size=5) * np.array([2, 2, 0, 0, 0])
    kind = generator.permutation(np.repeat(np.arange(5), counts))
    labels = generator.integers(0, classes, size=len(kind))
    clean = np.where(kind < 2, labels, (labels + 1) % classes)
    attacked = np.choose(kind, [labels, (labels + 2) % classes, labels, (labels + 2) % classes, clean])
    yield Case(_score_arguments(generator, labels, clean, attacked, classes), SOME_RIGHT)
    labels = generator.integers(0, classes, size=7)
    clean = (labels + 1) % classes
    attacked = np.where(np.arange(7) < 2, labels, (labels + 2) % classes)
    yield Case(_score_arguments(generator, labels, clean, attacked, classes), NONE_RIGHT)
    # Fewer are fooled than are right afterwards.
    labels = generator.permutation([0, 1, 2, 3, 3])
    clean = (labels + np.array([0, 0, 0, 0, 1])) % classes
    attacked = (labels + np.array([0, 0, 0, 2, 1])) % classes
    yield Case(_score_arguments(generator, labels, clean, attacked, classes), SOME_RIGHT)


def _score_arguments(generator, labels, clean, attacked, classes):
    both = [_one_hot_like(generator, answers, classes) for answers in (clean, attacked)]
    return {"labels": labels, "clean": both[0], "attacked": both[1]}


def _scores(labels, clean, attacked):
    before, after = np.argmax(clean, axis=1), np.argmax(attacked, axis=1)
    fooled = [b == label != a for label, b, a in zip(labels, before, after, strict=True)]
    were_right = [b == label for label, b in zip(labels, before, strict=True)]
    rate = sum(fooled) / sum(were_right) if any(were_right) else 0.0
    return sklearn.metrics.accuracy_score(labels, before), sklearn.metrics.accuracy_score(labels, after), rate


attack_scores = Exercise(
    name="attack_scores",
    title="How well did the attack do?",
    results=("accuracy before", "accuracy after", "success rate"),
    points={SOME_RIGHT: 1, NONE_RIGHT: 1},
    minutes=10,
    difficulty=1,
    oracle=_scores,
    examples=(
        Case(
            {
                "labels": np.array([0, 1, 2, 0]),
                "clean": np.array([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.5, 0.4, 0.1]]),
                "attacked": np.array([[0.3, 0.6, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.1, 0.7, 0.2]]),
            },
            SOME_RIGHT,
            "three were right, two of them are fooled, and one wrong answer became right",
            known=(0.75, 0.5, 2 / 3),
        ),
        Case(
            {"labels": np.array([1, 2]), "clean": np.array([[0.9, 0.1, 0.0], [0.5, 0.3, 0.2]]), "attacked": np.eye(3)[[1, 1]]},
            NONE_RIGHT,
            "nobody is left to be fooled: 0 by agreement",
            known=(0.0, 0.5, 0.0),
        ),
    ),
    cases=_score_cases,
    hints=(
        "The net's answer is the class with the largest probability: `clean.argmax(axis=1)`.",
        "Make two boolean arrays: `was_right` and `is_right`. Accuracies are their means.",
        "Fooled: `was_right & ~is_right`. Divide their number by `was_right.sum()`, unless that is 0.",
    ),
)


def _scores_with(labels, clean, attacked, rate):
    before, after, _ = _scores(labels, clean, attacked)
    return before, after, rate(clean.argmax(axis=1), attacked.argmax(axis=1))


@attack_scores.mistake(
    "You divided by all images. The success rate is a share of those that were right: only they can be fooled."
)
def scores_over_all(labels, clean, attacked):
    return _scores_with(labels, clean, attacked, lambda b, a: float(np.mean((b == labels) & (a != labels))))


@attack_scores.mistake(
    "You counted every changed answer. A wrong answer that changes into another is no success: the image must have been right."
)
def scores_counting_changes(labels, clean, attacked):
    return _scores_with(labels, clean, attacked, lambda b, a: float(np.mean(a != b)))


@attack_scores.mistake("This is the share of wrong answers after the attack. Those that were wrong before do not count.")
def scores_counting_all_wrong(labels, clean, attacked):
    return _scores_with(labels, clean, attacked, lambda b, a: float(np.mean(a != labels)))


@attack_scores.mistake(
    "You compared the two accuracies. Some images become right by accident and hide successes: compare image by image."
)
def scores_by_difference(labels, clean, attacked):
    before, after, _ = _scores(labels, clean, attacked)
    return before, after, (before - after) / before if before else 0.0


@attack_scores.mistake("Where no image was right you divide 0 by 0. The success rate is 0 then.")
def scores_nan_for_none(labels, clean, attacked):
    before, after, rate = _scores(labels, clean, attacked)
    return before, after, rate if before else float("nan")


@attack_scores.mistake("This is the share that stayed right. The attack succeeds on the others.")
def scores_share_that_stayed(labels, clean, attacked):
    before, after, rate = _scores(labels, clean, attacked)
    return before, after, 1 - rate


@attack_scores.mistake("Your first two numbers count images. Shares are wanted: divide by the number of images.")
def scores_as_counts(labels, clean, attacked):
    before, after, rate = _scores(labels, clean, attacked)
    return before * len(labels), after * len(labels), rate


@attack_scores.mistake(
    "The third number is the difference of the accuracies. Count the images that were right and no longer are."
)
def scores_plain_difference(labels, clean, attacked):
    before, after, _ = _scores(labels, clean, attacked)
    return before, after, before - after


@attack_scores.mistake("You ask whether the label's probability is above one half. The answer is the class with the largest one.")
def scores_above_one_half(labels, clean, attacked):
    before, after = (values[np.arange(len(labels)), labels] > 0.5 for values in (clean, attacked))
    return before.mean(), after.mean(), (before & ~after).sum() / max(before.sum(), 1)


# --- equal_lengths -----------------------------------------------------------------------------


def _length_cases(generator: np.random.Generator) -> Iterator[Case]:
    for count in (2, 3):
        shape = (count, *generator.permutation([2, 3, 4]).tolist())
        strengths = generator.permutation([0.01, 0.2, 3.0])[:count].reshape(-1, 1, 1, 1)
        yield Case({"gradients": generator.normal(size=shape) * strengths, "length": int(generator.integers(2, 9))}, "changes")


def _shared_by_all(gradients, length):
    return length * gradients / np.sqrt(np.sum(gradients**2))


def _divided_by(gradients, length, size):
    """length · g / size(g), image by image."""
    return np.stack([length * gradient / size(gradient) for gradient in gradients])


equal_lengths = Exercise(
    name="equal_lengths",
    title="Repair: sure images are spared",
    points={"changes": 1},
    minutes=8,
    difficulty=2,
    oracle=lambda gradients, length: _divided_by(gradients, length, np.linalg.norm),
    given=_shared_by_all,
    examples=(
        Case(
            {"gradients": np.array([[[[3.0], [4.0]]], [[[0.0], [12.0]]]]), "length": 10},
            "changes",
            "two images of two pixels: lengths of gradients 5 and 12",
            known=[[[[6.0], [8.0]]], [[[0.0], [10.0]]]],
        ),
    ),
    cases=_length_cases,
    hints=(
        "In the example the gradients have the lengths 5 and 12. By which *one* number does the function divide both?",
        "`np.sum` without an axis adds up the pixels of all images. Each image needs a sum of its own.",
        "For two images the sums of squares are 25 and 144: two numbers, not one. Sum over rows, columns and channels only, and keep these axes "
        "(`keepdims=True`), so that the division still fits.",
    ),
)


@equal_lengths.mistake("Every pixel has a change of that length now. It is the length of the whole image's change.")
def lengths_of_pixels(gradients, length):
    return length * gradients / np.linalg.norm(gradients, axis=-1, keepdims=True)


@equal_lengths.mistake("You divide by the sum of magnitudes. A length is the root of the sum of squares.")
def lengths_by_magnitudes(gradients, length):
    return _divided_by(gradients, length, lambda gradient: np.abs(gradient).sum())


@equal_lengths.mistake("You divide by the sum of squares. The root is missing.")
def lengths_without_root(gradients, length):
    return _divided_by(gradients, length, lambda gradient: np.sum(gradient**2))


@equal_lengths.mistake("You divide by the largest slope: now one pixel moves by `length`, and the whole change is longer.")
def lengths_by_the_largest(gradients, length):
    return _divided_by(gradients, length, lambda gradient: np.abs(gradient).max())


@equal_lengths.mistake("You divide by the first image's length for all images. Each has its own.")
def lengths_of_the_first(gradients, length):
    return length * gradients / np.linalg.norm(gradients[0])


@equal_lengths.mistake(
    "You sum over the images and keep the pixels apart. It is the other way round: sum over the pixels of each image."
)
def lengths_across_images(gradients, length):
    return length * gradients / np.linalg.norm(gradients, axis=0, keepdims=True)


# --- attack_step -------------------------------------------------------------------------------

AWAY, TOWARDS = "away from the label", "towards a target"


def _step_cases(generator: np.random.Generator) -> Iterator[Case]:
    for (part, targeted), whole in itertools.product(((AWAY, False), (TOWARDS, True)), (True, False)):
        shape = (2, *generator.permutation([3, 4]).tolist(), 1)
        epsilon, step = int(generator.integers(8, 13)), int(generator.integers(3, 6))
        originals = _pixels(generator, shape)
        originals[:, 1, 0, 0] = 2, 254
        moved = originals + generator.integers(-epsilon, epsilon + 1, size=shape)
        moved[0, 0, 0, 0], moved[1, 0, 0, 0] = originals[0, 0, 0, 0] + epsilon, originals[1, 0, 0, 0] - epsilon
        gradients = generator.normal(0, 0.02, size=shape).astype(np.float32)
        gradients[:, 0, 0, 0] = [0.02, -0.02] if not targeted else [-0.02, 0.02]
        originals[0, 2, 1, 0], moved[0, 2, 1, 0], gradients[0, 2, 1, 0] = 100, 102, 0.0  # a pixel that stays where it is
        yield Case(
            {
                "images": np.clip(moved, 0, 255).astype(np.float32),
                "originals": originals.astype(np.uint8) if whole else originals,
                "gradients": gradients,
                "step": step if whole else step + 0.5,
                "epsilon": epsilon if whole else epsilon + 0.25,
                "targeted": targeted,
            },
            part,
        )


def _step(images, originals, gradients, step, epsilon, targeted):
    """The allowed interval of each pixel, and the middle one of its ends and the wish."""
    centre = np.asarray(originals, float)
    wish = images + (-step if targeted else step) * np.sign(gradients)
    return np.median([np.maximum(centre - epsilon, 0), wish, np.minimum(centre + epsilon, 255)], axis=0)


attack_step = Exercise(
    name="attack_step",
    title="A small step, and back into the box",
    points={AWAY: 1, TOWARDS: 1},
    minutes=12,
    difficulty=2,
    oracle=_step,
    examples=(
        Case(
            {
                "images": np.array([[[[104.0], [107.0], [253.0]]]], np.float32),
                "originals": np.array([[[[100.0], [100.0], [250.0]]]], np.float32),
                "gradients": np.array([[[[0.5], [0.5], [0.5]]]], np.float32),
                "step": 3,
                "epsilon": 8,
                "targeted": False,
            },
            AWAY,
            "free; stopped by ε at 108; stopped by white at 255",
            known=[[[[107.0], [108.0], [255.0]]]],
        ),
        Case(
            {
                "images": np.array([[[[104.0], [93.0], [2.0]]]], np.float32),
                "originals": np.array([[[[100.0], [100.0], [4.0]]]], np.float32),
                "gradients": np.array([[[[0.5], [0.5], [0.5]]]], np.float32),
                "step": 3,
                "epsilon": 8,
                "targeted": True,
            },
            TOWARDS,
            "the same slopes, now downhill",
            known=[[[[101.0], [92.0], [0.0]]]],
        ),
    ),
    cases=_step_cases,
    hints=(
        "Three lines: step, clip to the box around the originals, clip to the range of pixels.",
        "The sign of the step: + for `targeted == False`, − for `targeted == True`.",
        "`np.clip(moved, originals - epsilon, originals + epsilon)` takes arrays as limits. Bytes overflow in `originals - epsilon`: make floats first.",
    ),
)


@attack_step.mistake(
    "You always go uphill. Towards a target the loss of the target must *fall*: subtract when `targeted` is true."
)
def step_never_targeted(images, originals, gradients, step, epsilon, targeted):
    return _step(images, originals, gradients, step, epsilon, False)


@attack_step.mistake("The two directions are exchanged. Away from the label: uphill. Towards a target: downhill.")
def step_wrong_way(images, originals, gradients, step, epsilon, targeted):
    return _step(images, originals, gradients, step, epsilon, not targeted)


@attack_step.mistake(
    "Some pixels are further than ε from their original. Clip to *originals* ± ε: a box around the images of the step before holds nothing back."
)
def step_around_images(images, originals, gradients, step, epsilon, targeted):
    return _step(images, images, gradients, step, epsilon, targeted)


@attack_step.mistake("Some pixels left the range 0 … 255. Clip twice: to originals ± ε, and to 0 … 255.")
def step_without_range(images, originals, gradients, step, epsilon, targeted):
    centre = np.asarray(originals, float)
    wish = images + (-step if targeted else step) * np.sign(gradients)
    return np.clip(wish, centre - epsilon, centre + epsilon)


@attack_step.mistake("The originals came as bytes, and bytes overflow in `originals - epsilon`. Make floats of them first.")
def step_box_in_bytes(images, originals, gradients, step, epsilon, targeted):
    wish = images + (-step if targeted else step) * np.sign(gradients)
    return np.clip(np.clip(wish, originals - epsilon, originals + epsilon), 0, 255)


@attack_step.mistake("You rounded to whole numbers, so parts of a grey level are lost. Leave the result in floating point.")
def step_rounded(images, originals, gradients, step, epsilon, targeted):
    return np.round(_step(images, originals, gradients, step, epsilon, targeted))


@attack_step.mistake("You moved by ε. The step is `step`; ε is how far all steps together may lead.")
def step_of_epsilon(images, originals, gradients, step, epsilon, targeted):
    return _step(images, originals, gradients, epsilon, epsilon, targeted)


@attack_step.mistake("You stepped from the originals, so all earlier steps are lost. Step from `images`.")
def step_from_originals(images, originals, gradients, step, epsilon, targeted):
    return _step(np.asarray(originals, float), originals, gradients, step, epsilon, targeted)


@attack_step.mistake("You added the gradient itself. Each pixel moves by the whole step: take the sign.")
def step_along_the_gradient(images, originals, gradients, step, epsilon, targeted):
    direction = -1 if targeted else 1
    centre = np.asarray(originals, float)
    wish = images + direction * step * np.asarray(gradients)
    return np.clip(np.clip(wish, centre - epsilon, centre + epsilon), 0, 255)


@attack_step.mistake(
    "You shortened the whole change to the length ε. The box is one of single pixels: each may differ from its original by ε."
)
def step_into_a_ball(images, originals, gradients, step, epsilon, targeted):
    centre = np.asarray(originals, float)
    change = images + (-step if targeted else step) * np.sign(gradients) - centre
    length = np.linalg.norm(change)
    return np.clip(centre + change * min(1, epsilon / length), 0, 255)


@attack_step.mistake("You return the change. Return the images after the step.")
def step_alone(images, originals, gradients, step, epsilon, targeted):
    return _step(images, originals, gradients, step, epsilon, targeted) - originals


# --- iterated_attack ---------------------------------------------------------------------------


def _iterated(model, originals, labels, epsilon, step, steps, targeted, how=""):
    """The attack in float64; `how` makes the usual mistakes. Returns the images and whether all signs were clear."""
    weights = _weights(model)
    images, clear = np.asarray(originals, float), True
    first = _backward(weights, images, labels)[0]
    for _ in range(steps):
        gradient = first if how == "gradient once" else _backward(weights, images, labels)[0]
        clear = clear and _clear(gradient)
        start = np.asarray(originals, float) if how == "from originals" else images
        images = _step(start, originals, gradient, step, epsilon, targeted)
        images = np.round(images) if how == "rounded" else images
    return images, clear


def _iterated_case(generator: np.random.Generator, targeted: bool) -> Case:
    """Away: all steps together stay inside the box. Towards: they would leave it."""
    shape, classes, count = (2, 3, 1), 3, 2
    while True:  # until every usual mistake would show, and no sign hangs on the last digit
        weights = _random_weights(generator, 6, 8, classes, 4.0)
        weights[0][0] = 0  # the net is blind to the first pixel: its slope is 0, and it stays
        arguments: dict[str, Any] = {
            "model": _classifier(shape, weights),
            "originals": _pixels(generator, (count, *shape)),
            "labels": generator.integers(0, classes, size=count),
            "epsilon": int(generator.integers(45, 60)),
            "step": int(generator.integers(18, 25) if targeted else generator.integers(8, 11)) + 0.25,
            "steps": 4,
            "targeted": targeted,
        }
        values = list(arguments.values())
        right, clear = _iterated(*values)
        wrong = [iterated_gradient_once, iterated_one_too_few, iterated_at_once]
        if clear and all(np.abs(mistake(*values) - right).max() > 1 for mistake in wrong):
            return Case(arguments, TOWARDS if targeted else AWAY)


def _iterated_cases(generator: np.random.Generator) -> Iterator[Case]:
    for targeted in (False, True):
        yield _iterated_case(generator, targeted)


def _iterated_oracle(model, originals, labels, epsilon, step, steps, targeted):
    return _iterated(model, originals, labels, epsilon, step, steps, targeted)[0]


# The two even pixels again: the gradient for label 0 is −1 at both, so both fall, from 1 to 0.
iterated_attack = Exercise(
    name="iterated_attack",
    title="Many small steps",
    points={AWAY: 1, TOWARDS: 1},
    minutes=15,
    difficulty=2,
    oracle=_iterated_oracle,
    examples=(
        Case(
            {
                "model": _classifier((1, 2, 1), [array / 8 for array in _EVEN]),
                "originals": np.array([[[[1.0], [9.0]]]], np.float32),
                "labels": np.array([0]),
                "epsilon": 4,
                "step": 3,
                "steps": 2,
                "targeted": False,
            },
            AWAY,
            "a linear model: both slopes stay negative; 1 stops at 0, 9 goes to 6 and stops at 5",
            known=[[[[0.0], [5.0]]]],
        ),
    ),
    cases=_iterated_cases,
    hints=(
        "You have both parts: `input_gradient` and `attack_step`. This is the loop around them.",
        "Begin with the originals. In each round: gradients at the images so far, then the step.",
        "In a loop of `steps` rounds, two lines: gradients from `input_gradient` at `images`; then `images` becomes what `attack_step` makes of them.",
    ),
    tolerance=1e-4,
    seconds=30.0,
)


@iterated_attack.mistake(
    "The gradient is computed once, at the originals. After each step the images are others: compute it again."
)
def iterated_gradient_once(model, originals, labels, epsilon, step, steps, targeted):
    return _iterated(model, originals, labels, epsilon, step, steps, targeted, "gradient once")[0]


@iterated_attack.mistake("You rounded after every step. Go on with the floats: parts of a grey level add up.")
def iterated_rounding(model, originals, labels, epsilon, step, steps, targeted):
    return _iterated(model, originals, labels, epsilon, step, steps, targeted, "rounded")[0]


@iterated_attack.mistake("One step is missing: `range(steps)` makes the right number.")
def iterated_one_too_few(model, originals, labels, epsilon, step, steps, targeted):
    return _iterated(model, originals, labels, epsilon, step, steps - 1, targeted)[0]


@iterated_attack.mistake(
    "No pixel is farther than one step from its original. Either every step begins at the originals again, or ε and step have changed places in `attack_step`."
)
def iterated_forgetting(model, originals, labels, epsilon, step, steps, targeted):
    return _iterated(model, originals, labels, epsilon, step, steps, targeted, "from originals")[0]


@iterated_attack.mistake("This is one large step of ε. Make `steps` small ones, of size `step`.")
def iterated_at_once(model, originals, labels, epsilon, step, steps, targeted):
    return _iterated(model, originals, labels, epsilon, epsilon, 1, targeted)[0]


@iterated_attack.mistake("`targeted` is forgotten: hand it on to `attack_step`.")
def iterated_never_targeted(model, originals, labels, epsilon, step, steps, targeted):
    return _iterated(model, originals, labels, epsilon, step, steps, False)[0]


@iterated_attack.mistake("There is one step only. Make `steps` of them, each from the images of the one before.")
def iterated_one_step(model, originals, labels, epsilon, step, steps, targeted):
    return _iterated(model, originals, labels, epsilon, step, 1, targeted)[0]


@iterated_attack.mistake("One step too many: `range(steps)` makes the right number.")
def iterated_one_too_many(model, originals, labels, epsilon, step, steps, targeted):
    return _iterated(model, originals, labels, epsilon, step, steps + 1, targeted)[0]


@iterated_attack.mistake(
    "The box is around the images of the step before, so it holds nothing back. Give the originals to `attack_step`."
)
def iterated_without_box(model, originals, labels, epsilon, step, steps, targeted):
    images = np.asarray(originals, float)
    for _ in range(steps):
        images = _iterated(model, images, labels, epsilon, step, 1, targeted)[0]
    return images


# --- adversarial_gradients ---------------------------------------------------------------------


def _attacked(weights, images, labels, epsilon, clip=True, direction=np.sign):
    moved = images + epsilon * direction(_backward(weights, images, labels)[0])
    return np.clip(moved, 0, 255) if clip else moved


def _mixed(model, images, labels, epsilon, alpha, clip=True, side=1, divide=True, direction=np.sign):
    weights, images = _weights(model), np.asarray(images, float)
    attacked = _attacked(weights, images, labels, side * epsilon, clip, direction)
    pairs = zip(_backward(weights, images, labels)[1], _backward(weights, attacked, labels)[1], strict=True)
    return tuple((alpha * clean + (1 - alpha) * other) / (len(images) if divide else 1) for clean, other in pairs)


def _mixed_cases(generator: np.random.Generator) -> Iterator[Case]:
    shape, classes, count = (2, 3, 1), 3, 4
    while True:
        weights = _random_weights(generator, 6, 4, classes, 1.5)
        weights[0][0] = 0  # the net is blind to the first pixel: its slope is 0, and it stays
        arguments: dict[str, Any] = {
            "model": _classifier(shape, weights),
            "images": _pixels(generator, (count, *shape)),
            "labels": generator.integers(0, classes, size=count),
            "epsilon": float(generator.integers(30, 60)),
            "alpha": float(generator.integers(2, 5)) / 10,
        }
        values = list(arguments.values())
        right, unclipped = _mixed(*values)[0], mixed_without_clipping(*values)[0]
        slopes = _backward(weights, arguments["images"], arguments["labels"])[0]
        if _clear(slopes) and np.abs(right - unclipped).max() > 0.01 * np.abs(right).max():
            break
    yield Case(arguments, "mixed")


def _mixed_oracle(model, images, labels, epsilon, alpha):
    return _mixed(model, images, labels, epsilon, alpha)


# At (10, 20) both classes are even: p − y = (−½, ½). For label 0 both slopes are negative, so the attack goes to (0, 10).
# There the scores differ by ln 3, so p = (¼, ¾) and p − y = (−¾, ¾).
_FAR = [np.array([[1.0, -1.0], [2.0, 0.0]]) * np.log(3) / 40, np.array([-50.0, 10.0]) * np.log(3) / 40]

adversarial_gradients = Exercise(
    name="adversarial_gradients",
    title="One step of adversarial training",
    points={"mixed": 3},
    minutes=25,
    difficulty=3,
    oracle=_mixed_oracle,
    examples=(
        Case(
            {
                "model": _classifier((1, 2, 1), _FAR),
                "images": np.array([[[[10.0], [20.0]]]], np.float32),
                "labels": np.array([0]),
                "epsilon": 10.0,
                "alpha": 0.6,
            },
            "mixed",
            "two pixels: even before the attack, three to one for the wrong class after it",
            known=([[-3.0, 3.0], [-9.0, 9.0]], [-0.6, 0.6]),
        ),
    ),
    cases=_mixed_cases,
    hints=(
        "Two tapes, one after the other. The first finds the attack (`input_gradient` does that), the second watches the weights.",
        "TensorFlow's words: `tf.sign`, `tf.clip_by_value(array, 0.0, 255.0)`, `tf.reduce_mean`. The attack is made outside the second tape: it is data, like the images.",
        "In the second tape: `loss = alpha * mean(cross-entropy of model(images)) + (1 - alpha) * mean(cross-entropy of model(attacked))`; after it ask the tape for the slopes of `model.trainable_variables`.",
    ),
    compiled=True,
    tolerance=1e-4,
    seconds=30.0,
)


@adversarial_gradients.mistake(
    "These are the gradients of the plain loss J(x). The attacked images have the share 1 − α in the mix."
)
def mixed_clean_only(model, images, labels, epsilon, alpha):
    return _mixed(model, images, labels, epsilon, 1.0)


@adversarial_gradients.mistake("These are the gradients on attacked images only. The clean ones keep the share α.")
def mixed_attacked_only(model, images, labels, epsilon, alpha):
    return _mixed(model, images, labels, epsilon, 0.0)


@adversarial_gradients.mistake("The shares are exchanged: α belongs to the clean images, 1 − α to the attacked ones.")
def mixed_shares_exchanged(model, images, labels, epsilon, alpha):
    return _mixed(model, images, labels, epsilon, 1 - alpha)


@adversarial_gradients.mistake("These belong to the sum over the batch. J is the mean: `tf.reduce_mean`.")
def mixed_of_sums(model, images, labels, epsilon, alpha):
    return _mixed(model, images, labels, epsilon, alpha, divide=False)


@adversarial_gradients.mistake(
    "You trained on images that were moved to *help* the net. The attack adds ε · sign of the gradient."
)
def mixed_helping(model, images, labels, epsilon, alpha):
    return _mixed(model, images, labels, epsilon, alpha, side=-1)


@adversarial_gradients.mistake("The attacked images leave 0 … 255. Use `tf.clip_by_value(…, 0.0, 255.0)`.")
def mixed_without_clipping(model, images, labels, epsilon, alpha):
    return _mixed(model, images, labels, epsilon, alpha, clip=False)


@adversarial_gradients.mistake("The attack adds the gradient itself. It adds ε times its sign.")
def mixed_along_the_gradient(model, images, labels, epsilon, alpha):
    return _mixed(model, images, labels, epsilon, alpha, direction=np.asarray)


@adversarial_gradients.mistake("Clean and attacked images count one half each. The share of the clean ones is α.")
def mixed_half_and_half(model, images, labels, epsilon, alpha):
    return _mixed(model, images, labels, epsilon, 0.5)


@adversarial_gradients.mistake(
    "You mixed the images and trained on the mixture. The losses are mixed: α · J(x) + (1 − α) · J(attacked)."
)
def mixed_images(model, images, labels, epsilon, alpha):
    weights, images = _weights(model), np.asarray(images, float)
    attacked = _attacked(weights, images, labels, epsilon)
    slopes = _backward(weights, alpha * images + (1 - alpha) * attacked, labels)[1]
    return tuple(slope / len(images) for slope in slopes)


@adversarial_gradients.mistake("The two losses are added without their shares: α and 1 − α.")
def mixed_without_shares(model, images, labels, epsilon, alpha):
    return tuple(2 * slopes for slopes in _mixed(model, images, labels, epsilon, 0.5))


EXERCISES: tuple[Exercise, ...] = (
    linear_attack,
    few_pixels,
    input_gradient,
    fast_gradient_sign,
    attack_scores,
    equal_lengths,
    attack_step,
    iterated_attack,
    adversarial_gradients,
)
