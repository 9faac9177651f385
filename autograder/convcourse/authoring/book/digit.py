"""The page on which LeNet-5 reads the digit that a reader draws.

`python -m convcourse.authoring.book.digit` trains its weights, in a quarter of a minute.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from convcourse.authoring.book.pages import linked
from convcourse.templates import template

WEIGHTS = Path(__file__).with_name("lenet_digits.npz")
# The layers with weights, in the order of the net. The file has of each C1_kernel (8 bits), C1_scale and C1_bias.
LAYERS = ("C1", "C3", "C5", "F6", "output")
TRAINED = 1500  # of scikit-learn's 1,797 digits
TEXT = """# LeNet reads your digit

Draw a digit with a finger or the pointer. It is made as large as the field and cut into 8 × 8 squares, as the digits are with
which this net was trained: 1,500 of scikit-learn's. Then LeNet-5 of {unit} works on 32 × 32 pixels, here in your browser.

"""
QUESTIONS = """

**Things to find out**

- Which maps of C1 answer to strokes that fall, and which to strokes that rise?
- S2 and S4 have a quarter of the numbers of C1 and C3. What can you still see in them, and what is lost?
- Draw a 7 with a bar through it, a 1 as a mere stroke, a 9 with an open loop. Where does the net begin to doubt?
- Draw a letter. The net has ten words only: how sure is it?
"""


def digit_page(units: Sequence[str]) -> str:
    """The page in Markdown. Only `units` have a page that can be linked."""
    with np.load(WEIGHTS) as kept:
        layers = {
            name: {
                "shape": kept[f"{name}_kernel"].shape,
                "scale": float(kept[f"{name}_scale"]),
                "kernel": b64encode(kept[f"{name}_kernel"].tobytes()).decode(),
                "bias": [float(number) for number in kept[f"{name}_bias"]],
            }
            for name in LAYERS
        }
    data = {"layers": layers, "examples": [digit.ravel().tolist() for digit in example_digits()]}
    html = template("authoring/book/digit.html.jinja").render(data=Markup(json.dumps(data)))
    return TEXT.format(unit=linked("Unit 9", "09_lenet", units)) + html + QUESTIONS


def example_digits() -> np.ndarray:
    """One digit of each kind that the net was not trained with: array (10, 8, 8) of numbers from 0 to 16."""
    from sklearn.datasets import load_digits

    digits, labels = load_digits(return_X_y=True)
    first = [TRAINED + int(np.flatnonzero(labels[TRAINED:] == label)[0]) for label in range(10)]
    chosen: np.ndarray = digits[first].reshape(-1, 8, 8)
    return chosen


def as_lenet_sees(digits: np.ndarray) -> np.ndarray:
    """Digits of 8 × 8 numbers from 0 to 16 as inputs of LeNet-5: array (count, 32, 32, 1), from −0.1 (paper) to 1.175 (ink)."""
    large = np.kron(digits, np.ones((4, 4)))
    inputs: np.ndarray = (large / 16 * 1.275 - 0.1).astype("float32")[..., None]
    return inputs


def train() -> float:
    """Train LeNet-5 on scikit-learn's digits, keep its weights with 8 bits each, and return its accuracy on the last 297 digits.

    As in Unit 9: stochastic gradient descent with momentum 0.9. Each digit comes moved to the left and to the right too, by one
    of the 8 × 8 squares, since nobody draws in the very middle.
    """
    import keras
    from sklearn.datasets import load_digits

    from convcourse.nets.lenet import lenet5

    digits, labels = load_digits(return_X_y=True)
    digits = digits.reshape(-1, 8, 8)
    keras.utils.set_random_seed(9)
    net = lenet5((32, 32, 1), 10, "tanh")
    net.compile(keras.optimizers.SGD(0.01, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    sides = [digits[:TRAINED], *(_moved(digits[:TRAINED], step) for step in (-1, 1))]
    inputs = as_lenet_sees(np.concatenate([*sides, sides[0]]))
    for rate in (0.01, 0.002):
        net.optimizer.learning_rate = rate
        net.fit(inputs, np.tile(labels[:TRAINED], 4), epochs=8, batch_size=32, verbose=0)
    kept: dict[str, Any] = {}
    for name in LAYERS:
        kernel, bias = net.get_layer(name).get_weights()
        scale = np.float32(np.abs(kernel).max() / 127)
        kept |= {f"{name}_kernel": np.rint(kernel / scale).astype(np.int8), f"{name}_scale": scale, f"{name}_bias": bias}
        net.get_layer(name).set_weights([kept[f"{name}_kernel"] * scale, bias])
    np.savez_compressed(WEIGHTS, **kept)
    return float(net.evaluate(as_lenet_sees(digits[TRAINED:]), labels[TRAINED:], verbose=0)[1])


def _moved(digits: np.ndarray, step: int) -> np.ndarray:
    """Moved to the side by one square; what leaves the field is lost, and paper comes in."""
    moved = np.roll(digits, step, axis=2)
    moved[:, :, 0 if step > 0 else -1] = 0
    return moved


if __name__ == "__main__":
    print(f"{train():.1%} of 297 digits are right; the weights are in {WEIGHTS.name}")
