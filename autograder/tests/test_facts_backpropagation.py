"""The facts of unit 07: every gradient against TensorFlow's automatic differentiation and against central differences."""

import numpy as np
import pytest
import scipy.signal
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from convcourse.exercises.backpropagation import GRAD, IMAGE, KERNEL, TINY
from convcourse.judging.losses import LOSSES
from convcourse.pictures.backpropagation import DIGIT_NET, accuracy, conv_forward, new_parameters, pool_forward, split_parameters
from tests.solved import solutions_of

unit = solutions_of("07_backpropagation")
sizes = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)
on_random_shapes = settings(max_examples=30, deadline=None, derandomize=True)


def by_tape(function, grad_output, *arrays):
    """TensorFlow's gradients of Σ grad_output · function(*arrays) for each of the arrays."""
    variables = [tf.constant(array, dtype=tf.float64) for array in arrays]
    with tf.GradientTape() as tape:
        tape.watch(variables)
        total = tf.reduce_sum(function(*variables) * grad_output)
    return [gradient.numpy() for gradient in tape.gradient(total, variables)]


def by_nudging(function, grad_output, array):
    return unit["numerical_gradient"](lambda x: np.sum(grad_output * function(x)), array)


# --- convolution -------------------------------------------------------------------------------


def layer(seed, batch, rows, cols, krow, kcol, channels, num_filters):
    """Random inputs, weights, bias and grad_output; rows and cols are those of the output."""
    random = np.random.default_rng(seed)
    shapes = (
        (batch, rows + krow - 1, cols + kcol - 1, channels),
        (krow, kcol, channels, num_filters),
        (num_filters,),
        (batch, rows, cols, num_filters),
    )
    return [random.normal(size=shape) for shape in shapes]


@on_random_shapes
@given(st.builds(layer, seeds, *[sizes] * 7))
def test_the_three_gradients_of_a_convolution_are_the_tapes_and_the_judges(arrays):
    inputs, weights, bias, grad_output = arrays
    of_inputs, of_weights, of_bias = by_tape(
        lambda u, w, b: tf.nn.conv2d(u, w, strides=1, padding="VALID") + b, grad_output, inputs, weights, bias
    )
    ours = unit["conv_grad_input"](grad_output, weights), unit["conv_grad_weights"](grad_output, inputs)
    np.testing.assert_allclose(ours[0], of_inputs, atol=1e-10)
    np.testing.assert_allclose(ours[1], of_weights, atol=1e-10)
    np.testing.assert_allclose(unit["conv_grad_bias"](grad_output), of_bias, atol=1e-10)
    np.testing.assert_allclose(by_nudging(lambda u: conv_forward(u, weights, bias), grad_output, inputs), of_inputs, atol=1e-6)
    np.testing.assert_allclose(by_nudging(lambda w: conv_forward(inputs, w, bias), grad_output, weights), of_weights, atol=1e-6)
    np.testing.assert_allclose(by_nudging(lambda b: conv_forward(inputs, weights, b), grad_output, bias), of_bias, atol=1e-6)


def test_each_gradient_is_a_convolution():
    image, kernel, grad = (array[None, :, :, None] for array in (IMAGE, KERNEL, GRAD))
    of_weights = unit["conv_grad_weights"](grad, image)[:, :, 0, 0]
    of_input = unit["conv_grad_input"](grad, np.moveaxis(kernel, 0, -1))[0, :, :, 0]
    of_bias = unit["conv_grad_bias"](grad)
    assert np.array_equal(of_weights, scipy.signal.correlate2d(IMAGE, GRAD, mode="valid"))  # without reversal
    assert np.array_equal(of_input, scipy.signal.convolve2d(GRAD, KERNEL, mode="full"))  # with reversal
    assert np.array_equal(of_bias, scipy.signal.correlate2d(np.ones((2, 2)), GRAD, mode="valid")[0])
    assert of_weights.tolist() == [[4, -1], [1, 6]]
    assert of_input.tolist() == [[1, 2, 0], [-1, -1, 4], [0, 1, -2]]
    assert of_bias.tolist() == [2]


# --- the other layers --------------------------------------------------------------------------


@on_random_shapes
@given(seeds, sizes, sizes, sizes, sizes, st.integers(1, 3), st.sampled_from(["max", "average"]))
def test_pooling_is_the_tapes_and_the_judges(seed, batch, rows, cols, channels, size, kind):
    random = np.random.default_rng(seed)
    z = random.permutation(batch * rows * cols * channels * size**2).reshape(batch, rows * size, cols * size, channels) / 7
    grad_output = random.normal(size=(batch, rows, cols, channels))
    pool = tf.nn.max_pool2d if kind == "max" else tf.nn.avg_pool2d
    (of_z,) = by_tape(lambda x: pool(x, size, strides=size, padding="VALID"), grad_output, z)
    ours = unit["pool_backward"](grad_output, z, size, kind)
    np.testing.assert_allclose(ours, of_z, atol=1e-10)
    np.testing.assert_allclose(by_nudging(lambda x: pool_forward(x, size, kind), grad_output, z), of_z, atol=1e-6)


def test_a_tie_sends_everything_to_the_first_as_tensorflow_does():
    z = np.array([[2.0, 2.0], [2.0, 1.0]])[None, :, :, None]
    grad_output = np.array([8.0]).reshape(1, 1, 1, 1)
    ours = unit["pool_backward"](grad_output, z, 2, "max")
    (tape,) = by_tape(lambda x: tf.nn.max_pool2d(x, 2, strides=2, padding="VALID"), grad_output, z)
    assert ours[0, :, :, 0].tolist() == tape[0, :, :, 0].tolist() == [[8, 0], [0, 0]]


def test_relus_gate_is_shut_at_zero_as_tensorflows_is():
    z, grad_output = np.array([-1.5, 0.0, 2.0]), np.array([5.0, 6.0, -7.0])
    (tape,) = by_tape(tf.nn.relu, grad_output, z)
    assert unit["relu_backward"](grad_output, z).tolist() == tape.tolist() == [0, 0, -7]


@on_random_shapes
@given(seeds, sizes, st.integers(2, 6), st.sampled_from([1.0, 30.0]))
def test_softmax_and_cross_entropy_are_the_tapes_and_the_judges(seed, batch, classes, scale):
    random = np.random.default_rng(seed)
    scores, labels = random.normal(size=(batch, classes)) * scale, random.integers(0, classes, size=batch)
    loss, gradient = unit["softmax_cross_entropy"](scores, labels)

    def mean_loss(s):
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, s))

    (of_scores,) = by_tape(mean_loss, 1.0, scores)
    np.testing.assert_allclose(loss, mean_loss(tf.constant(scores)).numpy(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(gradient, of_scores, atol=1e-10)
    nudged = unit["numerical_gradient"](lambda s: unit["softmax_cross_entropy"](s, labels)[0], scores)
    np.testing.assert_allclose(gradient, nudged, atol=1e-6)
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-12)  # what the label gains, the others lose


def test_a_guess_among_ten_costs_the_logarithm_of_ten():
    loss, _ = unit["softmax_cross_entropy"](np.zeros((4, 10)), np.array([3, 1, 4, 1]))
    assert loss == pytest.approx(2.302585, abs=1e-6)


# --- the judge ---------------------------------------------------------------------------------


@on_random_shapes
@given(seeds, st.sampled_from(sorted(LOSSES)))
def test_central_differences_are_the_slopes_known_from_calculus(seed, name):
    x = np.random.default_rng(seed).normal(size=6)
    neighbours = np.convolve(np.append(np.append(0, x), 0), [1, 0, 1], mode="valid")
    known = {
        "sum_of_squares": 2 * x,
        "weighted_sines": np.arange(1, 7) * np.cos(x),
        "log_of_sum": np.exp(x) / np.exp(x).sum(),
        "product_of_neighbours": neighbours,
    }
    np.testing.assert_allclose(unit["numerical_gradient"](LOSSES[name], x), known[name], atol=1e-8)


def test_a_central_step_to_each_side_of_three_squared_gives_six():
    assert unit["numerical_gradient"](LOSSES["sum_of_squares"], np.array([3.0]), 0.5).item() == pytest.approx(6)


# --- the whole net -----------------------------------------------------------------------------


def net_by_tape(images, labels, parameters, shapes):
    """The loss of the whole net and its gradient by TensorFlow."""

    def loss_of(theta):
        pieces = tf.split(theta, [int(np.prod(shape)) for shape in shapes])
        w1, b1, w2, b2, v, c = (tf.reshape(piece, shape) for piece, shape in zip(pieces, shapes, strict=True))
        maps = tf.nn.relu(tf.nn.conv2d(images, w1, strides=1, padding="VALID") + b1)
        maps = tf.nn.relu(tf.nn.conv2d(maps, w2, strides=1, padding="VALID") + b2)
        flat = tf.reshape(tf.nn.max_pool2d(maps, 2, strides=2, padding="VALID"), (len(images), -1))
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, flat @ v + c))

    (gradient,) = by_tape(loss_of, 1.0, parameters)
    return float(loss_of(tf.constant(parameters))), gradient


@pytest.mark.parametrize(("shapes", "image"), [(DIGIT_NET, (8, 8, 1)), (TINY, (4, 6, 2))])
@pytest.mark.parametrize("batch", [1, 5])
def test_the_whole_gradient_is_the_tapes(shapes, image, batch):
    random = np.random.default_rng(batch)
    parameters = new_parameters(shapes, seed=batch) + 0.01
    images, labels = random.normal(size=(batch, *image)), random.integers(0, 3, size=batch)
    loss, gradient = unit["cnn_loss_gradient"](images, labels, parameters, shapes)
    tape_loss, tape_gradient = net_by_tape(images, labels, parameters, shapes)
    assert loss == pytest.approx(tape_loss)
    np.testing.assert_allclose(gradient, tape_gradient, atol=1e-10)


def test_the_net_has_1898_parameters():
    assert [array.size for array in split_parameters(new_parameters(DIGIT_NET, 0), DIGIT_NET)] == [72, 8, 1152, 16, 640, 10]
    assert new_parameters(DIGIT_NET, 0).size == 1898


def test_alexnets_rule_step_by_step():
    w, v, table = np.array([1.0]), np.array([0.0]), []
    for _ in range(3):
        w, v = unit["sgd_momentum_step"](w, v, 2 * w, 0.1)
        table.append((round(v.item(), 6), round(w.item(), 6)))
    assert table == [(-0.20005, 0.79995), (-0.340075, 0.459875), (-0.398065, 0.06181)]


def test_a_handful_is_learnt_by_heart_and_the_digits_to_95_per_cent():
    from sklearn.datasets import load_digits

    digits = load_digits()
    random = np.random.default_rng(5)
    order = random.permutation(1797)
    images, labels = digits.images[order, :, :, None] / 16, digits.target[order]
    train = unit["train_numpy_cnn"]
    by_heart, losses = train(images[:20], labels[:20], new_parameters(DIGIT_NET, 1), DIGIT_NET, 60, 10, 0.05)
    assert len(losses) == 60
    assert losses[-1] < 0.05
    assert accuracy(images[:20], labels[:20], by_heart, DIGIT_NET) == 1
    trained, losses = train(images[:1297], labels[:1297], new_parameters(DIGIT_NET, 1), DIGIT_NET, 15, 32, 0.05)
    trained, _ = train(images[:1297], labels[:1297], trained, DIGIT_NET, 4, 32, 0.005)
    assert losses[-1] < losses[0] / 10
    assert accuracy(images[1297:], labels[1297:], trained, DIGIT_NET) >= 0.95
