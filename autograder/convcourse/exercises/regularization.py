"""Unit 10: dropping, normalising, changing the picture, and asking many times."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse
import scipy.spatial.distance
import scipy.stats

from convcourse.exercises.cases import fractions
from convcourse.judging.exercise import Case, Exercise

TRAINING, INFERENCE = "in training", "in inference"


# --- dropout -----------------------------------------------------------------------------------


def _dropout_cases(generator: np.random.Generator) -> Iterator[Case]:
    rate = float(generator.choice([0.2, 0.3, 0.4, 0.6, 0.75]))
    uniform = generator.random((3, 5))
    uniform[0, 0], uniform[1, 1], uniform[2, 2] = 0.01, 0.98, rate  # one goes, one stays, one is just kept
    whole = generator.integers(1, 9, size=(3, 5))
    yield Case({"x": whole, "rate": rate, "uniform": uniform, "training": True}, TRAINING)
    yield Case({"x": fractions(generator, 3, 5) + 5, "rate": rate, "uniform": uniform, "training": True}, TRAINING)
    yield Case({"x": whole, "rate": rate, "uniform": uniform, "training": False}, INFERENCE)
    # Other shapes, and numbers below 0. Of seven entries, no whole number is just the share 1 − rate.
    row, block = generator.random(7), generator.random((2, 3, 2))
    row[:2], block[0, 0] = (0.01, 0.98), (0.01, 0.98)
    yield Case({"x": fractions(generator, 7) - 1, "rate": rate, "uniform": row, "training": True}, TRAINING)
    yield Case({"x": fractions(generator, 2, 3, 2), "rate": 0.0, "uniform": block, "training": True}, TRAINING)
    yield Case({"x": fractions(generator, 2, 3, 2), "rate": rate, "uniform": block, "training": False}, INFERENCE)


def _dropped_out(x, rate, uniform, training):
    x, uniform = np.asarray(x, float), np.asarray(uniform)
    return np.divide(x, 1 - rate, out=np.zeros_like(x), where=uniform >= rate) if training else x


dropout = Exercise(
    name="dropout",
    title="Dropout",
    points={TRAINING: 1, INFERENCE: 1},
    minutes=10,
    difficulty=1,
    oracle=_dropped_out,
    examples=(
        Case(
            {"x": np.array([2, 4, 6, 8]), "rate": 0.5, "uniform": np.array([0.7, 0.2, 0.5, 0.1]), "training": True},
            TRAINING,
            "0.5 is not below 0.5, so the 6 is kept",
            known=[4.0, 0.0, 12.0, 0.0],
        ),
        Case(
            {"x": np.array([[3.0, 6.0]]), "rate": 0.25, "uniform": np.array([[0.2, 0.3]]), "training": True},
            TRAINING,
            "6 / 0.75",
            known=[[0.0, 8.0]],
        ),
        Case(
            {"x": np.array([2, 4, 6, 8]), "rate": 0.5, "uniform": np.array([0.7, 0.2, 0.5, 0.1]), "training": False},
            INFERENCE,
            known=[2.0, 4.0, 6.0, 8.0],
        ),
    ),
    cases=_dropout_cases,
    hints=(
        "The mask has 1 where `uniform >= rate`, and 0 elsewhere.",
        "Multiply by the mask, and divide by the share that is kept on average, 1 − rate.",
        "Rate 0.75: a 2 that is kept becomes 8, all others 0. In inference a 2 stays 2, so ask for `training` first.",
    ),
)


@dropout.mistake("What is kept must be divided by 1 − rate, so that the mean stays as it would be without dropout.")
def dropout_without_scaling(x, rate, uniform, training):
    return x * (uniform >= rate) if training else x


@dropout.mistake("In inference nothing is dropped: return `x` as it is when `training` is False.")
def dropout_in_inference_too(x, rate, uniform, training):
    return x * (uniform >= rate) / (1 - rate)


@dropout.mistake(
    "This is dropout of the first kind, which scales in inference. Inverted dropout divides by 1 − rate in training, and leaves inference alone."
)
def dropout_scales_in_inference(x, rate, uniform, training):
    return x * (uniform >= rate) if training else x * (1 - rate)


@dropout.mistake("You keep the entries below the rate. Keep those where `uniform >= rate`.")
def dropout_drops_the_others(x, rate, uniform, training):
    return x * (uniform < rate) / (1 - rate) if training else x


@dropout.mistake("You divide by the rate. The share that is kept is 1 − rate: divide by that.")
def dropout_divides_by_the_rate(x, rate, uniform, training):
    return x * (uniform >= rate) / rate if training else x


@dropout.mistake("You divide by the share that happened to be kept. Divide by 1 − rate, which does not depend on the dice.")
def dropout_by_the_kept_share(x, rate, uniform, training):
    kept = uniform >= rate
    return x * kept / kept.mean() if training else x


@dropout.mistake("The result is kept in whole numbers when `x` has whole numbers, so its fractions are lost. Make a float array.")
def dropout_keeps_integers(x, rate, uniform, training):
    if not training:
        return x
    result = np.zeros_like(x)
    result[uniform >= rate] = x[uniform >= rate] / (1 - rate)
    return result


@dropout.mistake("An entry with `uniform` equal to the rate is kept: use `>=`.")
def dropout_loses_the_tie(x, rate, uniform, training):
    return x * (uniform > rate) / (1 - rate) if training else x


@dropout.mistake("You multiply by the random numbers. They only decide which entries stay: where `uniform >= rate`.")
def dropout_times_uniform(x, rate, uniform, training):
    return x * uniform / (1 - rate) if training else x


# --- dropconnect -------------------------------------------------------------------------------


def _connection_cases(generator: np.random.Generator) -> Iterator[Case]:
    rate = float(generator.choice([0.2, 0.3, 0.4, 0.6]))
    x = generator.integers(1, 7, size=5) * generator.permutation([1, 1, 1, -1, -1])
    weights = fractions(generator, 4, 5)
    strong = np.sign(x) * (np.abs(weights[:2]) + 0.1)
    weights[0], weights[1] = -strong[0], strong[1]  # one unit is silent, one is not
    uniform = generator.random((4, 5))
    uniform[:2, 0], uniform[:2, 1], uniform[1, 3], uniform[1, 4] = 0.97, 0.02, rate, 0.96
    for training, part in ((True, TRAINING), (False, INFERENCE)):
        lone = {"x": x[:3] / 2, "weights": weights[1:2, :3], "rate": rate, "uniform": uniform[1:2, :3], "training": training}
        yield Case(lone, part)
        yield Case({"x": x, "weights": weights, "rate": rate, "uniform": uniform, "training": training}, part)
        small = {"x": x / 40, "weights": weights[:2], "rate": rate, "uniform": uniform[:2], "training": training}
        yield Case(small, part)  # sums between −1 and 1


def _disconnected(x, weights, rate, uniform, training):
    weights, x = np.asarray(weights, float), np.asarray(x, float)
    rows, cols = np.nonzero(np.asarray(uniform) >= rate)
    kept = scipy.sparse.coo_array((weights[rows, cols], (rows, cols)), shape=weights.shape).tocsr()
    a = kept @ x if training else (1 - rate) * (weights @ x)
    return np.where(a > 0, a, 0.0)


X3, W23 = np.array([1, 2, 3]), np.array([[1.0, 1.0, 1.0], [2.0, -1.0, -1.0]])
U23 = np.array([[0.9, 0.1, 0.6], [0.5, 0.8, 0.2]])

dropconnect = Exercise(
    name="dropconnect",
    title="DropConnect",
    points={TRAINING: 1, INFERENCE: 1},
    minutes=10,
    difficulty=2,
    oracle=_disconnected,
    examples=(
        Case(
            {"x": X3, "weights": W23, "rate": 0.4, "uniform": U23, "training": True},
            TRAINING,
            "1 + 3 and 2 − 2",
            known=[4.0, 0.0],
        ),
        Case(
            {"x": X3, "weights": W23, "rate": 0.4, "uniform": U23, "training": False},
            INFERENCE,
            "0.6 · 6, and 0 for 0.6 · (−3)",
            known=[3.6, 0.0],
        ),
    ),
    cases=_connection_cases,
    hints=(
        "M has the shape of the weights: 1 where `uniform >= rate`, else 0.",
        "∘ multiplies entry by entry, in NumPy `*`; then comes the matrix product with x.",
        "In inference replace M∘W by (1 − rate)·W. Both times end with `np.maximum(…, 0)`.",
    ),
)


@dropconnect.mistake("You dropped whole units: that is dropout. Here each weight has a number of its own in `uniform`.")
def connect_drops_units(x, weights, rate, uniform, training):
    a = np.maximum(weights @ x, 0)
    return a * (uniform[:, 0] >= rate) if training else (1 - rate) * a


@dropconnect.mistake("You dropped inputs, the same for all units. Put the mask on the weights.")
def connect_drops_inputs(x, weights, rate, uniform, training):
    return np.maximum(weights @ (x * (uniform[0] >= rate) if training else (1 - rate) * x), 0)


@dropconnect.mistake(
    "You divided by 1 − rate in training, as inverted dropout does. DropConnect is defined without: it multiplies by 1 − rate in inference."
)
def connect_scales_in_training(x, weights, rate, uniform, training):
    return np.maximum(((uniform >= rate) * weights) @ x / (1 - rate) if training else weights @ x, 0)


@dropconnect.mistake("The f of the formula is missing: apply ReLU to the sums.")
def connect_without_relu(x, weights, rate, uniform, training):
    return ((uniform >= rate) * weights) @ x if training else (1 - rate) * weights @ x


@dropconnect.mistake("In inference all weights count, so the sums are too large: multiply them by 1 − rate.")
def connect_all_in_inference(x, weights, rate, uniform, training):
    return np.maximum(((uniform >= rate) * weights) @ x if training else weights @ x, 0)


@dropconnect.mistake("In inference nothing is dropped: use all weights, times 1 − rate.")
def connect_drops_in_inference(x, weights, rate, uniform, training):
    return np.maximum(((uniform >= rate) * weights) @ x, 0)


@dropconnect.mistake("You keep the weights below the rate. Keep those where `uniform >= rate`.")
def connect_drops_the_others(x, weights, rate, uniform, training):
    return np.maximum(((uniform < rate) * weights) @ x if training else (1 - rate) * weights @ x, 0)


@dropconnect.mistake("In inference the share that is kept counts: multiply by 1 − rate, not by the rate.")
def connect_multiplies_by_the_rate(x, weights, rate, uniform, training):
    return np.maximum(((uniform >= rate) * weights) @ x if training else rate * weights @ x, 0)


@dropconnect.mistake("The ReLU comes before the sum. Add up all weighted inputs first.")
def connect_relu_before_the_sum(x, weights, rate, uniform, training):
    if not training:
        return _disconnected(x, weights, rate, uniform, training)
    return np.maximum((uniform >= rate) * weights * x, 0).sum(axis=1)


@dropconnect.mistake("These are the products. Add them up for each unit, then apply ReLU.")
def connect_without_the_sum(x, weights, rate, uniform, training):
    return np.maximum(((uniform >= rate) if training else 1 - rate) * weights * x, 0)


# --- batch_norm_forward ------------------------------------------------------------------------

IMAGES = "batches of images"


def _norm_cases(generator: np.random.Generator) -> Iterator[Case]:
    kinds = (
        ((5, 3), True, TRAINING, "whole"),
        ((6, 2), True, TRAINING, "fractions"),
        ((4, 3), False, INFERENCE, "fractions"),
        ((3, 2, 4, 3), True, IMAGES, "whole"),
        ((1, 3, 2, 2), True, IMAGES, "fractions"),
        ((2, 3, 2, 1), False, IMAGES, "whole"),
    )
    for shape, training, part, numbers in kinds:
        channels = shape[-1]
        yield Case(
            {
                "x": generator.integers(-4, 9, size=shape) if numbers == "whole" else fractions(generator, *shape),
                "gamma": generator.uniform(0.5, 2, size=channels).round(2),
                "beta": generator.uniform(1, 3, size=channels).round(2),
                "mean": generator.uniform(1, 2, size=channels).round(2),
                "variance": generator.uniform(2, 4, size=channels).round(2),
                "training": training,
                "momentum": float(generator.choice([0.7, 0.8, 0.9])),
                "epsilon": 0.25 if numbers == "whole" else 0.125,
            },
            part,
        )


def _normalised(x, gamma, beta, mean, variance, training, momentum, epsilon):
    x, mean, variance = np.asarray(x, float), np.asarray(mean, float), np.asarray(variance, float)
    used = mean, variance
    if training:
        flat = np.reshape(x, (-1, x.shape[-1]))
        used = scipy.stats.moment(flat, 1, axis=0, center=0), scipy.stats.moment(flat, 2, axis=0)
        mean, variance = (momentum * old + (1 - momentum) * new for old, new in zip((mean, variance), used, strict=True))
    scale = np.asarray(gamma) / np.sqrt(used[1] + epsilon)
    return x * scale + (np.asarray(beta) - used[0] * scale), mean, variance


COLUMN = {
    "x": np.array([[1, 10], [3, 30]]),
    "gamma": np.array([1.0, 2.0]),
    "beta": np.array([0.0, 5.0]),
    "mean": np.array([0.0, 10.0]),
    "variance": np.array([1.0, 4.0]),
}

batch_norm_forward = Exercise(
    name="batch_norm_forward",
    title="Batch normalisation",
    results=("y", "mean", "variance"),
    points={TRAINING: 1, INFERENCE: 1, IMAGES: 1},
    minutes=20,
    difficulty=3,
    oracle=_normalised,
    examples=(
        Case(
            {**COLUMN, "training": True, "momentum": 0.9, "epsilon": 0.0},
            TRAINING,
            "means 2 and 20, variances 1 and 100",
            known=([[-1.0, 3.0], [1.0, 7.0]], [0.2, 11.0], [1.0, 13.6]),
        ),
        Case(
            {**COLUMN, "training": False, "momentum": 0.9, "epsilon": 0.0},
            INFERENCE,
            "mean 0 and 10, variance 1 and 4, as they came in",
            known=([[1.0, 5.0], [3.0, 25.0]], [0.0, 10.0], [1.0, 4.0]),
        ),
        Case(
            {
                "x": np.array([[[[1.0], [2.0], [3.0]]], [[[5.0], [6.0], [7.0]]]]),
                "gamma": np.array([2.0]),
                "beta": np.array([1.0]),
                "mean": np.array([4.0]),
                "variance": np.array([1.0]),
                "training": True,
                "momentum": 0.5,
                "epsilon": 1 / 3,
            },
            IMAGES,
            "one channel: mean 4, variance 28/6 = 14/3",
            known=(
                (1 + 2 / 5**0.5 * np.array([-3, -2, -1, 1, 2, 3.0])).reshape(2, 1, 3, 1).tolist(),
                [4.0],
                [17 / 6],
            ),
        ),
    ),
    cases=_norm_cases,
    hints=(
        "The channels are the last axis; average over all others: `axes = tuple(range(x.ndim - 1))`.",
        "In training normalise with the batch's mean and variance, and mix them into the running ones; in inference use the running ones.",
        "x̂ = (x − m) / √(v + ε), result γ·x̂ + β; new running mean = momentum · mean + (1 − momentum) · m, the variance likewise.",
    ),
)


def _norm_with(axes=None, ddof=0, from_batch=None, keep=None, update=None, scale=None, finish=None):
    """A batch norm with one thing changed; `axes` are those over which the batch's statistics run."""

    def norm(x, gamma, beta, mean, variance, training, momentum, epsilon):
        over = axes(x) if axes else tuple(range(x.ndim - 1))
        batch = x.mean(axis=over), x.var(axis=over, ddof=ddof)
        m, v = batch if (training if from_batch is None else from_batch) else (mean, variance)
        share = keep(momentum) if keep else momentum
        if training if update is None else update:
            mean, variance = (share * old + (1 - share) * new for old, new in zip((mean, variance), batch, strict=True))
        hat = (x - m) / (scale(v, epsilon) if scale else np.sqrt(v + epsilon))
        return (finish(hat, gamma, beta) if finish else gamma * hat + beta), mean, variance

    return norm


@batch_norm_forward.mistake("The variance of a batch is the plain mean of the squared deviations: divide by n, not by n − 1.")
def norm_with_unbiased_variance(*arguments):
    return _norm_with(ddof=1)(*arguments)


@batch_norm_forward.mistake(
    "Right for batches of vectors. For images the mean runs over the batch, the rows and the columns: one number a channel."
)
def norm_over_the_first_axis_only(*arguments):
    return _norm_with(axes=lambda x: (0,))(*arguments)


@batch_norm_forward.mistake("You took one mean for all channels. Each channel has its own: leave out the last axis.")
def norm_over_everything(*arguments):
    return _norm_with(axes=lambda x: None)(*arguments)


@batch_norm_forward.mistake("In inference the batch does not count. Use the running `mean` and `variance` that came in.")
def norm_by_the_batch_in_inference(*arguments):
    return _norm_with(from_batch=True)(*arguments)


@batch_norm_forward.mistake(
    "In training normalise with the batch's own mean and variance; the running numbers are only collected."
)
def norm_by_running_numbers_in_training(*arguments):
    return _norm_with(from_batch=False)(*arguments)


@batch_norm_forward.mistake(
    "Momentum is the share of the old number: momentum · old + (1 − momentum) · new. (PyTorch counts the other way round.)"
)
def norm_with_momentum_the_other_way(*arguments):
    return _norm_with(keep=lambda momentum: 1 - momentum)(*arguments)


@batch_norm_forward.mistake("In inference the running numbers stay as they are.")
def norm_updates_in_inference(*arguments):
    return _norm_with(update=True)(*arguments)


@batch_norm_forward.mistake("The running mean and variance must move towards the batch's in training.")
def norm_never_updates(*arguments):
    return _norm_with(update=False)(*arguments)


@batch_norm_forward.mistake("ε belongs under the root: √(variance + ε).")
def norm_epsilon_outside_the_root(*arguments):
    return _norm_with(scale=lambda v, epsilon: np.sqrt(v) + epsilon)(*arguments)


@batch_norm_forward.mistake("You divided by the variance. Divide by its square root.")
def norm_without_the_root(*arguments):
    return _norm_with(scale=lambda v, epsilon: v + epsilon)(*arguments)


@batch_norm_forward.mistake("γ multiplies the normalised number only: γ·x̂ + β.")
def norm_scales_the_shift_too(*arguments):
    return _norm_with(finish=lambda hat, gamma, beta: gamma * (hat + beta))(*arguments)


# --- batch_norm_backward -----------------------------------------------------------------------

VECTORS = "batches of vectors"


def _backward_cases(generator: np.random.Generator) -> Iterator[Case]:
    for shape, part in (((5, 3), VECTORS), ((4, 2), VECTORS), ((2, 3, 4, 2), IMAGES), ((2, 4, 2, 3), IMAGES)):
        yield Case(
            {
                "x": fractions(generator, *shape) * 2 + 3,
                "gamma": generator.uniform(1.2, 2, size=shape[-1]).round(2),
                "grad_y": fractions(generator, *shape) + 1,
                "epsilon": float(generator.choice([0.125, 0.25])),
            },
            part,
        )


def _mean_and_spread_held_fixed(x, gamma, grad_y, epsilon):
    leading = tuple(range(x.ndim - 1))
    deviation = np.sqrt(x.var(axis=leading) + epsilon)
    normal = (x - x.mean(axis=leading)) / deviation
    grad_gamma = (grad_y * normal).sum(axis=leading)
    grad_x = gamma * grad_y / deviation
    return grad_x, grad_gamma, grad_y.sum(axis=leading)


def _by_complex_steps(x, gamma, grad_y, epsilon):
    """Each gradient from a step along the imaginary axis, which rounds nothing away."""

    def loss(x, gamma, beta):
        flat = x.reshape(-1, x.shape[-1])
        mean = flat.sum(axis=0) / len(flat)
        variance = ((flat - mean) ** 2).sum(axis=0) / len(flat)
        return (grad_y * (gamma * (x - mean) / np.sqrt(variance + epsilon) + beta)).sum()

    inputs = [np.asarray(array, complex) for array in (x, gamma, np.zeros(len(gamma)))]
    gradients = [np.zeros(array.shape) for array in inputs]
    for array, gradient in zip(inputs, gradients, strict=True):
        for place in np.ndindex(array.shape):
            array[place] += 1e-20j
            gradient[place] = loss(*inputs).imag / 1e-20
            array[place] -= 1e-20j
    return tuple(gradients)


batch_norm_backward = Exercise(
    name="batch_norm_backward",
    title="Repair: the neighbours forgotten",
    points={VECTORS: 1, IMAGES: 1},
    minutes=20,
    difficulty=3,
    oracle=_by_complex_steps,
    given=_mean_and_spread_held_fixed,
    examples=(
        Case(
            {
                "x": np.array([[0.0], [0.0], [2.0], [2.0]]),
                "gamma": np.array([3.0]),
                "grad_y": np.array([[1.0], [0.0], [0.0], [0.0]]),
                "epsilon": 0.0,
            },
            VECTORS,
            "the text's example, with γ = 3",
            known=([[1.5], [-1.5], [0.0], [0.0]], [-1.0], [1.0]),
        ),
    ),
    cases=_backward_cases,
    hints=(
        "γ's and β's gradients are right. Do the numbers of grad_x add up to 0 over a channel?",
        "From grad_y two things must go, channel by channel: its mean, and its part along x̂. How long is the part of one row of numbers along another?",
        "x̂ = [−1, −1, 1, 1] and g = [1, 0, 0, 0]: the mean of g · x̂ is −1/4, and the mean of x̂² is 1. So the part along x̂ is −1/4 · x̂ = [1/4, 1/4, −1/4, −1/4].",
    ),
)


def _backward_with(less_mean=True, less_along=True, over=None, summed=False, by_x=False, root=True, scaled=True):
    """The backward pass with one thing changed."""

    def backward(x, gamma, grad_y, epsilon):
        others = tuple(range(x.ndim - 1)) if over is None else over
        deviation = np.sqrt(x.var(axis=others) + epsilon)
        normal = (x - x.mean(axis=others)) / deviation
        share = np.sum if summed else np.mean
        mean = share(grad_y, axis=others) if less_mean else 0
        along = (x if by_x else normal) * share(grad_y * normal, axis=others) if less_along else 0
        grad_x = (gamma if scaled else 1) * (grad_y - mean - along) / (deviation if root else deviation**2)
        return grad_x, (grad_y * normal).sum(axis=others), grad_y.sum(axis=others)

    return backward


@batch_norm_backward.mistake("The mean is seen to now. But σ² depends on x too: take away the part along x̂.")
def backward_without_the_spread(*arguments):
    return _backward_with(less_along=False)(*arguments)


@batch_norm_backward.mistake("The spread is seen to now. But μ depends on x too: take away the mean of the gradient.")
def backward_without_the_mean(*arguments):
    return _backward_with(less_mean=False)(*arguments)


@batch_norm_backward.mistake("You take away sums. Each x moves the mean by a share of 1/n only: take away means.")
def backward_with_sums(*arguments):
    return _backward_with(summed=True)(*arguments)


@batch_norm_backward.mistake("Right for vectors. For images the means run over the batch, the rows and the columns.")
def backward_over_the_first_axis(*arguments):
    grad_x, grad_gamma, grad_beta = _backward_with(over=(0,))(*arguments)
    inner = tuple(range(grad_gamma.ndim - 1))
    return grad_x, grad_gamma.sum(axis=inner), grad_beta.sum(axis=inner)


@batch_norm_backward.mistake("The part along x itself is taken away. It is the normalised x̂ that counts.")
def backward_along_x(*arguments):
    return _backward_with(by_x=True)(*arguments)


@batch_norm_backward.mistake("You divide by the variance. Forwards it was its square root, and so it is backwards.")
def backward_without_the_root(*arguments):
    return _backward_with(root=False)(*arguments)


@batch_norm_backward.mistake("γ is missing: it multiplies x̂ forwards, so it multiplies the gradient backwards.")
def backward_without_gamma(*arguments):
    return _backward_with(scaled=False)(*arguments)


# --- random_crop_flip --------------------------------------------------------------------------

CROPS, MIRRORED = "crops", "mirrored crops"


def _crop_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, flips in ((CROPS, np.zeros(4, bool)), (MIRRORED, generator.permutation([True, True, False, False]))):
        whole = part == CROPS
        images = generator.integers(0, 256, size=(4, 6, 9, 3)).astype(np.uint8) if whole else fractions(generator, 4, 6, 9, 3)
        tops = generator.permutation([0, 1, 2, 3])
        lefts = (tops + generator.permutation([1, 2, 3, 5])) % 6
        arguments = {"images": images, "crop_shape": (3, 4), "tops": tops, "lefts": lefts, "flips": flips}
        yield Case(arguments, part)
    # A tall crop of grey pictures; a crop as wide as its picture.
    grey = fractions(generator, 3, 7, 8, 1)
    tall = {"images": grey, "crop_shape": (5, 2), "tops": np.array([2, 0, 1]), "lefts": np.array([0, 3, 1])}
    yield Case({**tall, "flips": np.zeros(3, bool)}, CROPS)
    yield Case({**tall, "flips": np.array([True, False, True])}, MIRRORED)
    one = generator.integers(0, 256, size=(1, 3, 4, 3)).astype(np.uint8)
    places = {"tops": np.array([1]), "lefts": np.array([0]), "flips": np.array([True])}
    yield Case({"images": one, "crop_shape": (1, 4), **places}, MIRRORED)


def _cropped(images, crop_shape, tops, lefts, flips):
    """All views at once, by indices: row and column of each pixel, the columns backwards where mirrored."""
    krow, kcol = crop_shape
    steps = np.where(np.asarray(flips, bool)[:, None], np.arange(kcol)[::-1], np.arange(kcol))
    rows = np.asarray(tops)[:, None] + np.arange(krow)
    cols = np.asarray(lefts)[:, None] + steps
    return np.asarray(images)[np.arange(len(images))[:, None, None], rows[:, :, None], cols[:, None, :]]


NUMBERED = np.arange(12).reshape(1, 3, 4, 1)

random_crop_flip = Exercise(
    name="random_crop_flip",
    title="Random crops and flips",
    points={CROPS: 1, MIRRORED: 1},
    minutes=12,
    difficulty=2,
    oracle=_cropped,
    examples=(
        Case(
            {
                "images": NUMBERED,
                "crop_shape": (2, 3),
                "tops": np.array([1]),
                "lefts": np.array([0]),
                "flips": np.array([False]),
            },
            CROPS,
            "rows 1 and 2, columns 0 to 2 of 0 … 11",
            known=[[[[4], [5], [6]], [[8], [9], [10]]]],
        ),
        Case(
            {
                "images": NUMBERED,
                "crop_shape": (2, 3),
                "tops": np.array([0]),
                "lefts": np.array([1]),
                "flips": np.array([True]),
            },
            MIRRORED,
            known=[[[[3], [2], [1]], [[7], [6], [5]]]],
        ),
    ),
    cases=_crop_cases,
    hints=(
        "Go through the images; each has its own top, left and flip.",
        "The view of one image is `image[top : top + krow, left : left + kcol]`.",
        "Mirror it by `view[:, ::-1]` where its flip is True; collect all views in a list and `np.stack` them.",
    ),
)


@random_crop_flip.mistake("You turned the view upside down. Left and right change places: reverse the columns, not the rows.")
def crop_upside_down(images, crop_shape, tops, lefts, flips):
    views = _cropped(images, crop_shape, tops, lefts, np.zeros(len(images)))
    return np.array([view[::-1] if flip else view for view, flip in zip(views, flips, strict=True)])


@random_crop_flip.mistake("You reversed the last axis: that exchanges red and blue. The columns are the axis before it.")
def crop_mirrors_the_channels(images, crop_shape, tops, lefts, flips):
    views = _cropped(images, crop_shape, tops, lefts, np.zeros(len(images)))
    return np.array([view[..., ::-1] if flip else view for view, flip in zip(views, flips, strict=True)])


@random_crop_flip.mistake("You mirrored the whole image and then cut, so you cut another place. Cut first, then mirror.")
def crop_mirrors_first(images, crop_shape, tops, lefts, flips):
    turned = np.array([image[:, ::-1] if flip else image for image, flip in zip(images, flips, strict=True)])
    return _cropped(turned, crop_shape, tops, lefts, np.zeros(len(images)))


@random_crop_flip.mistake("The views are right, but none is mirrored. Look at `flips`, one for each image.")
def crop_never_mirrors(images, crop_shape, tops, lefts, flips):
    return _cropped(images, crop_shape, tops, lefts, np.zeros(len(images)))


@random_crop_flip.mistake("You mirrored every view. Mirror only those whose entry in `flips` is True.")
def crop_mirrors_all(images, crop_shape, tops, lefts, flips):
    return _cropped(images, crop_shape, tops, lefts, np.ones(len(images)))


@random_crop_flip.mistake("All images were cut at the first image's place. Each has its own `tops[n]` and `lefts[n]`.")
def crop_the_same_place(images, crop_shape, tops, lefts, flips):
    first = np.zeros(len(images), int)
    return _cropped(images, crop_shape, tops[first], lefts[first], flips)


@random_crop_flip.mistake("You used the crop's rows for its columns too. A crop need not be square.")
def crop_squares_only(images, crop_shape, tops, lefts, flips):
    return _cropped(images, (crop_shape[0], crop_shape[0]), tops, lefts, flips)


@random_crop_flip.mistake("You used `tops` for the columns too. The first column is `lefts[n]`.")
def crop_one_offset_for_both(images, crop_shape, tops, lefts, flips):
    return _cropped(images, crop_shape, tops, tops, flips)


@random_crop_flip.mistake("Your slice ends at the crop's size. It ends that many rows after it begins: `top : top + krow`.")
def crop_ends_at_its_size(images, crop_shape, tops, lefts, flips):
    krow, kcol = crop_shape
    views = [image[top:krow, left:kcol] for image, top, left in zip(images, tops, lefts, strict=True)]
    return [view[:, ::-1] if flip else view for view, flip in zip(views, flips, strict=True)]


# --- pca_color ---------------------------------------------------------------------------------

WHOLE, FRACTIONS = "whole numbers", "fractions"


def _color_cases(generator: np.random.Generator) -> Iterator[Case]:
    vectors, _ = np.linalg.qr(generator.normal(size=(3, 3)))
    values = np.sort(generator.uniform(2, 30, size=3).round(1))[::-1].copy()
    for part in (WHOLE, FRACTIONS):
        image = generator.integers(0, 256, size=(3, 4, 3)).astype(np.uint8)
        yield Case(
            {
                "image": image if part == WHOLE else (image / 32).round(2),
                "eigenvalues": values,
                "eigenvectors": vectors,
                "alphas": generator.normal(0.3, 0.2, size=3).round(3),
            },
            part,
        )


def _recoloured(image, eigenvalues, eigenvectors, alphas):
    shift = sum(
        float(alpha) * float(value) * np.asarray(vector, float)
        for alpha, value, vector in zip(alphas, eigenvalues, np.transpose(eigenvectors), strict=True)
    )
    return np.stack([np.asarray(image)[..., channel] + shift[channel] for channel in range(3)], axis=-1)


TURN = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]])

pca_color = Exercise(
    name="pca_color",
    title="PCA colour",
    points={WHOLE: 1, FRACTIONS: 1},
    minutes=10,
    difficulty=2,
    oracle=_recoloured,
    examples=(
        Case(
            {
                "image": np.array([[[10, 20, 30], [0, 0, 0]]]),
                "eigenvalues": np.array([8.0, 4.0, 2.0]),
                "eigenvectors": TURN,
                "alphas": np.array([0.5, 0.25, -0.5]),
            },
            WHOLE,
            "α·λ = 4, 1, −1; column 0 of P is green, 1 is blue, 2 is red",
            known=[[[9.0, 24.0, 31.0], [-1.0, 4.0, 1.0]]],
        ),
        Case(
            {
                "image": np.array([[[0.5, 0.25, 0.75]]]),
                "eigenvalues": np.array([0.5, 0.2, 0.1]),
                "eigenvectors": np.array([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0], [0.8, -0.6, 0.0]]),
                "alphas": np.array([1.0, 0.0, 0.0]),
            },
            FRACTIONS,
            "half of p1 = (0.6, 0, 0.8)",
            known=[[[0.8, 0.25, 1.15]]],
        ),
    ),
    cases=_color_cases,
    hints=(
        "The shift is one colour, three numbers, the same for every pixel.",
        "Multiply alphas and eigenvalues entry by entry, then the matrix of eigenvectors with the result.",
        "Write the shift with `@`, and add it: NumPy adds three numbers to the last axis of the image.",
    ),
)


@pca_color.mistake("You used the rows of `eigenvectors`. Vector i is column i: the product is P @ (α·λ).")
def color_vectors_in_rows(image, eigenvalues, eigenvectors, alphas):
    return image + eigenvectors.T @ (alphas * eigenvalues)


@pca_color.mistake("The eigenvalues are missing: the multiple of vector i is alphas[i] · eigenvalues[i].")
def color_without_eigenvalues(image, eigenvalues, eigenvectors, alphas):
    return image + eigenvectors @ alphas


@pca_color.mistake("You took the square root of the eigenvalues. The formula has α·λ itself.")
def color_with_roots(image, eigenvalues, eigenvectors, alphas):
    return image + eigenvectors @ (alphas * np.sqrt(eigenvalues))


@pca_color.mistake("You added α·λ to red, green and blue. They are multiples of the eigenvectors: P @ (α·λ).")
def color_without_eigenvectors(image, eigenvalues, eigenvectors, alphas):
    return image + alphas * eigenvalues


@pca_color.mistake("You multiplied the image by the shift. Add it.")
def color_multiplies(image, eigenvalues, eigenvectors, alphas):
    return image * (eigenvectors @ (alphas * eigenvalues))


@pca_color.mistake("You cut the result back to whole numbers. Keep it as floats; one rounds only to show it.")
def color_back_to_whole_numbers(image, eigenvalues, eigenvectors, alphas):
    return np.trunc(image + eigenvectors @ (alphas * eigenvalues))


@pca_color.mistake("You used the first direction only. All three are added up.")
def color_first_direction_only(image, eigenvalues, eigenvectors, alphas):
    return image + alphas[0] * eigenvalues[0] * eigenvectors[:, 0]


# --- color_cast --------------------------------------------------------------------------------

INSIDE, AT_THE_ENDS = "in the middle of the scale", "at its ends"


def _cast_cases(generator: np.random.Generator) -> Iterator[Case]:
    changed = generator.permutation([True, True, False])
    if changed[0] == changed[2]:
        changed = np.array([True, False, False])  # the first and the last channel must differ
    amounts = generator.permutation([-20, 13, 17]) + generator.integers(0, 3, size=3)
    middle = generator.integers(40, 200, size=(3, 4, 3)).astype(np.uint8)
    yield Case({"image": middle, "changed": changed, "amounts": amounts}, INSIDE)
    ends = generator.choice([0, 2, 5, 250, 253, 255], size=(3, 4, 3)).astype(np.uint8)
    ends[0, 0], ends[0, 1] = 1, 254
    yield Case({"image": ends, "changed": changed, "amounts": amounts}, AT_THE_ENDS)
    most = generator.permutation([-400, 150, 300])  # more than a byte holds
    yield Case({"image": middle[:1], "changed": np.array([True] * 3), "amounts": most}, AT_THE_ENDS)
    little = generator.permutation([2, -2, 1])  # from 254 to 256, and from 1 to −1
    yield Case({"image": ends[:1, :2], "changed": np.array([True] * 3), "amounts": little}, AT_THE_ENDS)


def _cast(image, changed, amounts):
    """By a table for each channel: what becomes of the 256 levels."""
    levels = range(256)
    channels = []
    for channel, (change, amount) in enumerate(zip(changed, amounts, strict=True)):
        table = np.array([min(max(level + int(amount) * bool(change), 0), 255) for level in levels])
        channels.append(table[np.asarray(image)[..., channel]])
    return np.stack(channels, axis=-1)


CASTED = np.array([[[100, 100, 100], [250, 5, 255]]], dtype=np.uint8)

color_cast = Exercise(
    name="color_cast",
    title="Colour casting",
    points={INSIDE: 1, AT_THE_ENDS: 1},
    minutes=8,
    difficulty=1,
    oracle=_cast,
    examples=(
        Case(
            {"image": CASTED[:, :1], "changed": np.array([True, True, False]), "amounts": np.array([20, -10, 15])},
            INSIDE,
            "blue is not to be changed",
            known=[[[120, 90, 100]]],
        ),
        Case(
            {"image": CASTED, "changed": np.array([True, True, False]), "amounts": np.array([20, -10, 15])},
            AT_THE_ENDS,
            "270 becomes 255, and −5 becomes 0",
            known=[[[120, 90, 100], [255, 0, 255]]],
        ),
    ),
    cases=_cast_cases,
    hints=(
        "Make one array of three numbers: the amount where `changed` is True, else 0.",
        "Before you add, turn the image into a type that holds more than 255: `image.astype(int)`.",
        "250 + 20 = 270 becomes 255, 5 − 20 = −15 becomes 0. `np.clip` cuts. Go back to bytes last.",
    ),
)


@color_cast.mistake(
    "Bytes wrap round: 250 + 20 became 14. Add in a wider type, cut at 0 and 255, and only then go back to uint8."
)
def cast_wraps_around(image, changed, amounts):
    return (image + np.where(changed, amounts, 0)).astype(np.uint8)


@color_cast.mistake("Some numbers lie below 0 or above 255. Cut them with `np.clip(…, 0, 255)`.")
def cast_without_limits(image, changed, amounts):
    return image.astype(int) + np.where(changed, amounts, 0)


@color_cast.mistake("You changed all three channels. Leave those alone whose entry in `changed` is False.")
def cast_all_channels(image, changed, amounts):
    return np.clip(image.astype(int) + amounts, 0, 255)


@color_cast.mistake("You changed the channels whose entry in `changed` is False. It is the others' turn.")
def cast_the_others(image, changed, amounts):
    return np.clip(image.astype(int) + np.where(changed, 0, amounts), 0, 255)


@color_cast.mistake("The channels are in the wrong order: red comes first, blue last.")
def cast_blue_first(image, changed, amounts):
    return np.clip(image.astype(int) + np.where(changed, amounts, 0)[::-1], 0, 255)


@color_cast.mistake("You changed the channels by per cent. Add the amounts.")
def cast_multiplies(image, changed, amounts):
    return np.clip(image * np.where(changed, 1 + amounts / 100, 1.0), 0, 255).astype(np.uint8)


# --- vignette ----------------------------------------------------------------------------------

GREY, COLOUR = "grey pictures", "colour pictures"


def _vignette_cases(generator: np.random.Generator) -> Iterator[Case]:
    radius, strength = float(generator.choice([0.3, 0.4, 0.5])), float(generator.choice([0.4, 0.6, 0.9]))
    grey = generator.integers(40, 100, size=(5, 8))
    yield Case({"image": grey, "radius": radius, "strength": strength}, GREY)
    yield Case({"image": generator.uniform(0.3, 1, size=(6, 3, 3)).round(2), "radius": radius, "strength": strength}, COLOUR)


def _vignetted(image, radius, strength):
    image = np.asarray(image, float)
    rows, cols = image.shape[:2]
    places = np.stack(np.meshgrid(np.arange(rows), np.arange(cols), indexing="ij"), axis=-1).reshape(-1, 2)
    away = scipy.spatial.distance.cdist(places, [[(rows - 1) / 2, (cols - 1) / 2]])[:, 0]
    factor = np.interp(away / away.max(), [radius, 1], [1, 1 - strength]).reshape(rows, cols)
    return image * factor.reshape(rows, cols, *[1] * (image.ndim - 2))


vignette = Exercise(
    name="vignette",
    title="A vignette",
    points={GREY: 1, COLOUR: 1},
    minutes=15,
    difficulty=2,
    oracle=_vignetted,
    examples=(
        Case(
            {"image": np.full((3, 3), 100), "radius": 0.0, "strength": 0.5},
            GREY,
            "corners 1 − 0.5; edges 1 − 0.5/√2",
            known=[[50, 100 - 50 / 2**0.5, 50], [100 - 50 / 2**0.5, 100, 100 - 50 / 2**0.5], [50, 100 - 50 / 2**0.5, 50]],
        ),
        Case(
            {"image": np.full((1, 5, 3), 10.0), "radius": 0.5, "strength": 1.0},
            COLOUR,
            "distances 1, 0.5, 0, 0.5, 1",
            known=[[[0.0] * 3, [10.0] * 3, [10.0] * 3, [10.0] * 3, [0.0] * 3]],
        ),
    ),
    cases=_vignette_cases,
    hints=(
        "Distances first: `np.ogrid[:rows, :cols]` gives a column of row numbers and a row of column numbers, which NumPy spreads to a map.",
        "Divide by the corner's distance, so that d is 1 there. The ramp is (d − radius)/(1 − radius), but not below 0.",
        "The factor is 1 − strength · ramp. For colours give it a third axis: `factor[..., None]` when `image.ndim == 3`.",
    ),
)


def _vignette_with(distance, factor):
    """`distance(rows, cols)` of every pixel, 1 at the corner; `factor` from (distance, radius, strength)."""

    def darken(image, radius, strength):
        image = np.asarray(image, float)
        map_ = factor(distance(*image.shape[:2]), radius, strength)
        return image * map_.reshape(*map_.shape, *[1] * (image.ndim - 2))

    return darken


def _off_centre(rows, cols):
    row, col = np.ogrid[:rows, :cols]
    return np.hypot(row - rows / 2, col - cols / 2) / np.hypot(rows / 2, cols / 2)


def _ramp(away, radius, strength):
    return 1 - strength * np.maximum(0, (away - radius) / (1 - radius))


@vignette.mistake(
    "The middle is half a pixel off. Rows go from 0 to rows − 1, so the centre is at (rows − 1)/2, and likewise for columns."
)
def vignette_off_centre(image, radius, strength):
    return _vignette_with(_off_centre, _ramp)(image, radius, strength)


def _elliptic(rows, cols):
    row, col = np.ogrid[:rows, :cols]
    return np.hypot(2 * row / max(rows - 1, 1) - 1, 2 * col / max(cols - 1, 1) - 1) / np.sqrt(2)


@vignette.mistake(
    "You scaled rows and columns apart, which gives ellipses. Measure in pixels, then divide by the corner's distance."
)
def vignette_elliptic(image, radius, strength):
    return _vignette_with(_elliptic, _ramp)(image, radius, strength)


def _to_corner(rows, cols):
    row, col = np.ogrid[:rows, :cols]
    middle = (rows - 1) / 2, (cols - 1) / 2
    return np.hypot(row - middle[0], col - middle[1]) / np.hypot(*middle)


@vignette.mistake("Inside the radius the factor is above 1. Nothing changes there: take `np.maximum(0, …)`.")
def vignette_brightens_the_middle(image, radius, strength):
    return _vignette_with(_to_corner, lambda away, r, s: 1 - s * (away - r) / (1 - r))(image, radius, strength)


@vignette.mistake("The darkening starts at the centre. It starts at the radius: (d − radius)/(1 − radius).")
def vignette_ignores_the_radius(image, radius, strength):
    return _vignette_with(_to_corner, lambda away, r, s: 1 - s * away)(image, radius, strength)


@vignette.mistake("The brightness jumps at the radius. The ramp starts at 0 there: (d − radius)/(1 − radius).")
def vignette_jumps(image, radius, strength):
    return _vignette_with(_to_corner, lambda away, r, s: np.where(away > r, 1 - s * away, 1))(image, radius, strength)


@vignette.mistake("The corners keep the share `strength`. They should lose it: the factor there is 1 − strength.")
def vignette_leaves_the_strength(image, radius, strength):
    return _vignette_with(_to_corner, lambda away, r, s: 1 + (s - 1) * np.maximum(0, (away - r) / (1 - r)))(
        image, radius, strength
    )


@vignette.mistake("You forgot the square root: the distance is √(Δrow² + Δcol²).")
def vignette_squares_the_distance(image, radius, strength):
    return _vignette_with(lambda rows, cols: _to_corner(rows, cols) ** 2, _ramp)(image, radius, strength)


# --- ten_crop ----------------------------------------------------------------------------------

HALVES, ODD = "margins that halve", "odd margins"


def _ten_cases(generator: np.random.Generator) -> Iterator[Case]:
    for part, shape in ((HALVES, (5, 8)), (ODD, (6, 7))):
        yield Case({"image": generator.integers(0, 256, size=(*shape, 2)), "crop_shape": (3, 4)}, part)
    yield Case({"image": fractions(generator, 3, 6, 1), "crop_shape": (3, 2)}, HALVES)  # as tall as the image
    yield Case({"image": fractions(generator, 9, 5, 3), "crop_shape": (4, 2)}, ODD)


def _ten(image, crop_shape):
    """Out of all windows, the five, and the same backwards."""
    image = np.asarray(image)
    windows = np.lib.stride_tricks.sliding_window_view(image, crop_shape, axis=(0, 1))
    windows = np.moveaxis(windows, 2, -1)
    middle = windows[(windows.shape[0] - 1) // 2, (windows.shape[1] - 1) // 2]
    five = np.stack([windows[0, 0], windows[0, -1], windows[-1, 0], windows[-1, -1], middle])
    return np.concatenate([five, np.flip(five, axis=2)])


LETTERS = np.arange(1, 10).reshape(3, 3, 1)

ten_crop = Exercise(
    name="ten_crop",
    title="Ten crops",
    points={HALVES: 1, ODD: 1},
    minutes=12,
    difficulty=2,
    oracle=_ten,
    examples=(
        Case(
            {"image": LETTERS, "crop_shape": (1, 1)},
            HALVES,
            "corners and centre of 1 … 9",
            known=np.array([1, 3, 7, 9, 5] * 2).reshape(10, 1, 1, 1).tolist(),
        ),
        Case(
            {"image": LETTERS, "crop_shape": (2, 2)},
            ODD,
            "a margin of 1: 0 above and left of the centre, 1 below and right",
            known=np.array(
                [
                    *([1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9], [1, 2, 4, 5]),
                    *([2, 1, 5, 4], [3, 2, 6, 5], [5, 4, 8, 7], [6, 5, 9, 8], [2, 1, 5, 4]),
                ]
            )
            .reshape(10, 2, 2, 1)
            .tolist(),
        ),
    ),
    cases=_ten_cases,
    hints=(
        "The lower crops start at row rows − krow, the right ones at column cols − kcol.",
        "The centre starts at ((rows − krow) // 2, (cols − kcol) // 2). Make a list of the five starts.",
        "4 × 6 pixels cut to 2 × 2: the centre starts at row 1, column 2. Five views in a stack have four axes. Which"
        " of them do you turn round to mirror?",
    ),
)


@ten_crop.mistake("The last five are upside down. Mirror left and right: reverse the columns of each crop.")
def ten_upside_down(image, crop_shape):
    five = _ten(image, crop_shape)[:5]
    return np.concatenate([five, five[:, ::-1]])


@ten_crop.mistake("The crops are right but in pairs. First come all five, then their five mirror images.")
def ten_in_pairs(image, crop_shape):
    return _ten(image, crop_shape)[[0, 5, 1, 6, 2, 7, 3, 8, 4, 9]]


@ten_crop.mistake("You cut the mirrored image, so left and right corners have changed places. Mirror the five crops themselves.")
def ten_of_the_mirrored_image(image, crop_shape):
    return np.concatenate([_ten(image, crop_shape)[:5], _ten(image[:, ::-1], crop_shape)[:5]])


@ten_crop.mistake(
    "The last row and column are never reached. The lower crops start at row rows − krow, the right ones at cols − kcol."
)
def ten_one_short_of_the_edge(image, crop_shape):
    return _ten(image[:-1, :-1], crop_shape)


@ten_crop.mistake("You went round the corners. The order is top left, top right, bottom left, bottom right, centre.")
def ten_clockwise(image, crop_shape):
    return _ten(image, crop_shape)[[0, 1, 3, 2, 4, 5, 6, 8, 7, 9]]


@ten_crop.mistake("The centre comes last of the five.")
def ten_centre_first(image, crop_shape):
    return _ten(image, crop_shape)[[4, 0, 1, 2, 3, 9, 5, 6, 7, 8]]


@ten_crop.mistake("Right where the margin is even. Where it is odd, the centre crop starts at (rows − krow) // 2, rounded down.")
def ten_centre_rounded_up(image, crop_shape):
    crops = _ten(image, crop_shape)
    krow, kcol = crop_shape
    top, left = -(-(image.shape[0] - krow) // 2), -(-(image.shape[1] - kcol) // 2)
    crops[4] = image[top : top + krow, left : left + kcol]
    crops[9] = crops[4][:, ::-1]
    return crops


@ten_crop.mistake("Only five crops: their mirror images are missing.")
def ten_only_five(image, crop_shape):
    return _ten(image, crop_shape)[:5]


@ten_crop.mistake("The centre crop begins in the middle of the image. It begins at (rows − krow) // 2.")
def ten_from_the_middle(image, crop_shape):
    crops, (krow, kcol) = list(_ten(image, crop_shape)), crop_shape
    top, left = image.shape[0] // 2, image.shape[1] // 2
    crops[4] = image[top : top + krow, left : left + kcol]
    crops[9] = crops[4][:, ::-1]
    return crops


# --- average_predictions -----------------------------------------------------------------------


def _average_cases(generator: np.random.Generator) -> Iterator[Case]:
    shares = generator.dirichlet(np.ones(4), size=(2, 3, 5))
    # Image 0: most views are mildly for class 1, two are strongly for class 2, which wins on the mean.
    shares[:, :, 0] = [0.05, 0.5, 0.4, 0.05]
    shares[0, :2, 0] = [0.01, 0.02, 0.95, 0.02]
    # Image 1: one view is almost sure of class 3, all others are for class 0.
    shares[:, :, 1] = [0.7, 0.1, 0.1, 0.1]
    shares[1, 2, 1] = [0.01, 0.005, 0.005, 0.98]
    # Image 2: model 0 and model 1 disagree, and the first crop says something else.
    shares[0, :, 2], shares[1, :, 2] = [0.55, 0.25, 0.1, 0.1], [0.0, 0.8, 0.1, 0.1]
    shares[:, 0, 2] = [0.0, 0.2, 0.0, 0.8]
    # Image 3: one view all but excludes class 1, which wins nevertheless.
    shares[:, :, 3] = [0.35, 0.55, 0.05, 0.05]
    shares[0, 1, 3] = [0.44, 1e-9, 0.28, 0.28 - 1e-9]
    yield Case({"probabilities": shares[:, :, generator.permutation(5)]}, "predictions")
    # As many images as classes; one image only.
    yield Case({"probabilities": generator.dirichlet(np.ones(3), size=(1, 4, 3))}, "predictions")
    yield Case({"probabilities": generator.dirichlet(np.ones(3), size=(3, 1, 1))}, "predictions")


def _averaged(probabilities):
    views = np.reshape(probabilities, (-1, *np.shape(probabilities)[2:]))
    mean = sum(np.asarray(view, float) for view in views) / len(views)
    return mean, np.argsort(mean, axis=1)[:, -1]


average_predictions = Exercise(
    name="average_predictions",
    title="Ask many, answer once",
    results=("means", "labels"),
    points={"predictions": 1},
    minutes=8,
    difficulty=1,
    oracle=_averaged,
    examples=(
        Case(
            {"probabilities": np.array([[[[0.6, 0.4, 0.0]], [[0.6, 0.4, 0.0]], [[0.0, 1.0, 0.0]]]])},
            "predictions",
            "one model, three crops, one image: two crops say 0, the mean says 1",
            known=([[0.4, 0.6, 0.0]], [1]),
        ),
        Case(
            {"probabilities": np.array([[[[1.0, 0.0], [0.2, 0.8]]], [[[0.5, 0.5], [0.4, 0.6]]]])},
            "predictions",
            "two models, one crop, two images",
            known=([[0.75, 0.25], [0.3, 0.7]], [0, 1]),
        ),
    ),
    cases=_average_cases,
    hints=(
        "Two axes go: models and crops. Images and classes stay.",
        "`mean` accepts several axes at once: `axis=(0, 1)`.",
        "Two views of one image, (0.9, 0.1) and (0.2, 0.8): the mean is (0.55, 0.45), the class 0. First the mean, "
        "then the largest of each row.",
    ),
)


@average_predictions.mistake("The labels are those of a vote. Take the class with the largest mean probability.")
def average_by_votes(probabilities):
    winners = probabilities.argmax(axis=-1).reshape(-1, probabilities.shape[2])
    labels = [np.bincount(column, minlength=probabilities.shape[-1]).argmax() for column in winners.T]
    return probabilities.mean(axis=(0, 1)), np.array(labels)


@average_predictions.mistake("You used the first model only. Average over the models too: axis 0.")
def average_of_the_first_model(probabilities):
    mean = probabilities[0].mean(axis=0)
    return mean, mean.argmax(axis=-1)


@average_predictions.mistake("You used the first crop only. Average over the crops too: axis 1.")
def average_of_the_first_crop(probabilities):
    mean = probabilities[:, 0].mean(axis=0)
    return mean, mean.argmax(axis=-1)


@average_predictions.mistake("These are sums. Divide by the number of views, so that the probabilities of an image add up to 1.")
def average_as_sum(probabilities):
    total = probabilities.sum(axis=(0, 1))
    return total, total.argmax(axis=-1)


@average_predictions.mistake("You took the largest probability of any view. Take the mean.")
def average_takes_the_largest(probabilities):
    largest = probabilities.max(axis=(0, 1))
    return largest, largest.argmax(axis=-1)


@average_predictions.mistake("You multiplied the probabilities (or averaged their logarithms). Take the plain mean.")
def average_multiplies(probabilities):
    product = np.exp(np.log(probabilities + 1e-12).mean(axis=(0, 1)))
    product = product / product.sum(axis=-1, keepdims=True)
    return product, product.argmax(axis=-1)


@average_predictions.mistake("The labels run over the wrong axis: for each image look for the best class, the last axis.")
def average_over_images(probabilities):
    mean = probabilities.mean(axis=(0, 1))
    return mean, mean.argmax(axis=0)


@average_predictions.mistake("You used the first view of the first model only. Average over both axes.")
def average_of_one_view(probabilities):
    return probabilities[0, 0], probabilities[0, 0].argmax(axis=-1)


@average_predictions.mistake("The second result is the number of the best class, not its probability.")
def average_with_largest_probability(probabilities):
    mean = probabilities.mean(axis=(0, 1))
    return mean, mean.max(axis=-1)


# --- design_split_vote -------------------------------------------------------------------------


def _vote_cases(generator: np.random.Generator) -> Iterator[Case]:
    for views in generator.permutation([3, 4, 5, 7])[:3].tolist():
        lead = round(float(generator.uniform(0.04, 0.12)), 2)
        yield Case({"views": views, "classes": int(generator.integers(2, 6)), "lead": lead}, "answers")


def _vote_misses(result, views, classes, lead):
    answers = np.asarray(result, dtype=float)
    if answers.shape != (views, classes):
        return f"An array of {views} × {classes} is asked; yours has the shape {answers.shape}."
    sums = answers.sum(axis=1)
    if not (np.all(answers >= 0) and np.all(np.abs(sums - 1) < 1e-4)):
        return "Each row must be a set of probabilities: none below 0, and they add up to 1."
    leads = answers[:, 0] - answers[:, 1:].max(axis=1)
    for_0 = int(np.sum(leads >= lead - 1e-5))
    if for_0 < views - 1:
        return f"In {for_0} of {views} rows class 0 leads by {lead} or more; {views - 1} are asked."
    means = answers.mean(axis=0)
    behind = means[1:].max() - means[0]
    return "" if behind >= 0.01 - 1e-5 else f"In the mean class 0 has {means[0]:.3f}, the best other {means[1:].max():.3f}."


def _one_sure_view(views, classes, lead):
    """Views that hardly prefer class 0 to class 1 and believe in no other, and one that is sure of class 1."""
    wavering = (
        [(1 + lead) / 2, (1 - lead) / 2]
        if classes == 2
        else [lead + (1 - lead) / classes] + [(1 - lead) / classes] * (classes - 1)
    )
    return np.array([wavering] * (views - 1) + [[0.0, 1.0] + [0.0] * (classes - 2)])


design_split_vote = Exercise(
    name="design_split_vote",
    title="Design: the mean against the vote",
    points={"answers": 1},
    minutes=8,
    difficulty=1,
    oracle=_one_sure_view,
    meets=_vote_misses,
    examples=(
        Case(
            {"views": 3, "classes": 2, "lead": 0.2},
            "answers",
            "the three views of the text",
            known=[[0.6, 0.4], [0.6, 0.4], [0.0, 1.0]],
        ),
        Case({"views": 5, "classes": 3, "lead": 0.1}, "answers"),
    ),
    cases=_vote_cases,
    hints=(
        "In a vote a view that is nearly undecided counts as much as one that is sure. In the mean it does not.",
        "Let the views that vote for class 0 be as undecided as `lead` allows. What should the last view say?",
        "Three classes, lead 0.1: an undecided view says 0.4, 0.3, 0.3. Four such views are ahead by 4 · 0.1 in sum; a sure one can be ahead by 1.",
    ),
)


@design_split_vote.mistake("All views vote for class 0, and so does the mean. One view must disagree.")
def split_nobody_disagrees(views, classes, lead):
    return np.tile(_one_sure_view(views, classes, lead)[0], (views, 1))


@design_split_vote.mistake("The views that vote for class 0 are sure, so the mean agrees with them. Let them waver.")
def split_by_sure_views(views, classes, lead):
    return np.array([np.eye(classes)[0]] * (views - 1) + [np.eye(classes)[1]])


@design_split_vote.mistake("The views that should vote for class 0 are quite undecided. Class 0 must lead by `lead`.")
def split_without_a_lead(views, classes, lead):
    return np.array([np.full(classes, 1 / classes)] * (views - 1) + [np.eye(classes)[1]])


@design_split_vote.mistake("These rows are scores: they do not add up to 1. Divide each row by its sum.")
def split_of_scores(views, classes, lead):
    return views * _one_sure_view(views, classes, lead)


@design_split_vote.mistake("The other class has more votes than one. Let all views but one vote for class 0.")
def split_by_a_majority(views, classes, lead):
    return _one_sure_view(views, classes, lead)[[0] + [-1] * (views - 1)]


@design_split_vote.mistake("Rows are views and columns are classes; here it is the other way round.")
def split_on_its_side(views, classes, lead):
    return _one_sure_view(views, classes, lead).T


EXERCISES: tuple[Exercise, ...] = (
    dropout,
    dropconnect,
    batch_norm_forward,
    batch_norm_backward,
    random_crop_flip,
    pca_color,
    color_cast,
    vignette,
    ten_crop,
    average_predictions,
    design_split_vote,
)
