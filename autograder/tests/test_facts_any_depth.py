"""The facts of unit 25: its cases by hand, and what depth does to new nets."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from convcourse.pictures import any_depth as picture
from tests.solved import solutions_of

unit = solutions_of("25_any_depth")


def conv(weights, bias, stride, padding):
    """The layer that the lesson shows."""

    def forward(x):
        def back(grad):
            grad_x, grad_weights = unit["conv_backward"](grad, x, weights, stride, padding)
            return grad_x, [grad_weights, grad.sum(axis=(0, 1, 2))]

        return unit["conv_by_einsum"](x, weights, stride, padding) + bias, back

    return forward


def test_the_line_that_the_text_works_out():
    line = np.array([5.0, 6.0, 7.0]).reshape(1, 1, 3, 1)
    framed = np.pad(line, [(0, 0), (0, 0), (1, 1), (0, 0)])  # along the line only
    kernel, back = np.array([1.0, 10.0]).reshape(1, 2, 1, 1), np.array([2.0, 3.0]).reshape(1, 1, 2, 1)
    assert unit["conv_by_einsum"](framed, kernel, 2, 0).ravel().tolist() == [50, 76]
    pixels, weights = unit["conv_backward"](back, framed, kernel, 2, 0)
    assert weights.ravel().tolist() == [18, 31]
    assert pixels.ravel().tolist() == [2, 20, 3, 30, 0]


def test_two_layers_of_one_number_each():
    (first, second), x = (picture.dense(np.array([[w]]), np.zeros(1)) for w in (2.0, 3.0)), np.array([[5.0]])
    hidden, back_first = first(x)
    y, back_second = second(hidden)
    grad, (of_second, _) = back_second(np.ones((1, 1)))
    _, (of_first, _) = back_first(grad)
    assert (y.item(), of_second.item(), of_first.item()) == (30, 10, 15)


def test_views_of_the_questions():
    image = np.arange(24)
    assert np.array_equal(picture.look(image, (3, 4), (8, 1)), image.reshape(6, 4)[::2])
    assert np.array_equal(picture.look(image, (4, 6), (1, 4)), image.reshape(6, 4).T)


@pytest.mark.parametrize(("shape", "strides"), [((4, 6), (6, 2)), ((25,), (1,)), ((2,), (-1,))])
def test_a_view_may_not_leave_the_memory(shape, strides):
    with pytest.raises(ValueError, match="of a memory of 24 numbers"):
        picture.look(np.arange(24), shape, strides)


def test_the_variance_grows_by_one_and_the_square_of_the_share():
    generator, share = np.random.default_rng(0), 0.5
    x = generator.normal(size=(2000, 200))
    before = x.var()
    for _ in range(4):
        x = x + share * np.maximum(x, 0) @ generator.normal(0, np.sqrt(2 / 200), size=(200, 200))
    assert x.var() / before == pytest.approx(1.25**4, rel=0.1)
    assert (round(1.25**4, 2), round(1.25**12, 1)) == (2.44, 14.6)


def test_quiet_branches_keep_the_slopes_of_neighbours_alike():
    found = picture.agreements([48], range(20))
    means = {name: values.mean() for name, values in found.items()}
    assert means["plain"] == pytest.approx(0.43, abs=0.1)
    assert means["shortcuts, whole branches"] == pytest.approx(0.54, abs=0.1)
    assert means["shortcuts, share 1/√depth"] == pytest.approx(0.90, abs=0.05)


@pytest.mark.parametrize(("share", "least", "most"), [(None, 2.0, 2.6), (0.25, 0.2, 1.2)])
def test_eighteen_convolutions_learn_with_quiet_branches_only(share, least, most):
    digits, order = load_digits(), np.random.default_rng(4).permutation(1797)
    specs, losses = picture.digit_net(conv, 16, share, seed=4), []
    for start in range(0, 1280, 32):
        part = order[start : start + 32]
        with picture.one_thread():
            loss, gradients = unit["net_gradients"](digits.images[part, ..., None] / 16, digits.target[part], specs)
        for weight, gradient in zip(picture.parameters(specs), gradients, strict=True):
            weight -= 0.1 * gradient
        losses.append(loss)
    assert least < np.mean(losses[-10:]) < most
