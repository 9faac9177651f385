"""The bundled data, and pictures made from packaged data. Nothing here needs the network."""

from __future__ import annotations

import gzip
import os
from functools import cache
from pathlib import Path

import numpy as np


def data_file(name: str) -> Path:
    """Path of a bundled file: in `CONVCOURSE_DATA`, in the wheel, or in the checkout's data/ folder.

    Raises FileNotFoundError, naming the searched places.
    """
    package = Path(__file__).parent
    folders = [Path(os.environ["CONVCOURSE_DATA"])] if "CONVCOURSE_DATA" in os.environ else []
    folders += [package / "_data", package.parent.parent / "data"]
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    places = ", ".join(str(folder) for folder in folders)
    raise FileNotFoundError(f"'{name}' is in none of these folders: {places}. Set CONVCOURSE_DATA to the course's data/ folder.")


def load_ecg() -> np.ndarray:
    """An electrocardiogram: 1,024 samples, float64, in the recorder's own units."""
    with np.load(data_file("ecg.npz")) as archive:
        return np.asarray(archive["data"], dtype=float)


def training_digits() -> tuple[np.ndarray, np.ndarray]:
    """The first 898 of scikit-learn's handwritten digits, for making templates.

    Returns images, float64 of shape (898, 8, 8) with paper 0 and ink up to 16, and their labels, shape (898,).
    """
    images, digits = all_digits()
    return images[:898].copy(), digits[:898].copy()


def digit_form(seed: int, size: int = 512, count: int = 60) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
    """A form with handwritten digits that do not overlap and are not in `training_digits`.

    Returns the form, float64 of shape (size, size), and for each digit (row, column, digit): the place of its
    top left corner and its label.
    """
    generator = np.random.default_rng(seed)
    images, digits = all_digits()
    form = np.clip(generator.normal(0.4, 0.6, (size, size)), 0, None)  # paper is never quite white
    step = 24  # one digit for each square of 24, at a random place inside it, so that digits never touch
    squares = [(row, column) for row in range(8, size - step, step) for column in range(8, size - step, step)]
    written = []
    for square in generator.choice(len(squares), size=count, replace=False):
        row, column = np.add(squares[square], generator.integers(0, step - 10, size=2))
        pick = int(generator.integers(898, len(images)))
        form[row : row + 8, column : column + 8] += images[pick]
        written.append((int(row), int(column), int(digits[pick])))
    return form, written


@cache  # a table of text, slow to read
def all_digits() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's 1,797 handwritten digits, float64 of shape (1797, 8, 8), and their labels. Do not change the arrays."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images, digits.target


def load_fashion_mnist(full: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fashion-MNIST: training images, their labels, test images, their labels; images uint8 of shape (count, 28, 28).

    The bundled part has 10,000 training and 2,000 test images; `full` downloads all 60,000 and 10,000.
    """
    if full:
        import keras

        (train, train_labels), (test, test_labels) = keras.datasets.fashion_mnist.load_data()
        return train, train_labels, test, test_labels
    with np.load(data_file("fashion_mnist_12k.npz")) as archive:
        return archive["x_train"], archive["y_train"], archive["x_test"], archive["y_test"]


def load_reviews() -> tuple[list[str], np.ndarray]:
    """The bundled sentences of film reviews and the mean of their human ratings, −4 (bad) to 4 (good)."""
    with gzip.open(data_file("movie_reviews.tsv.gz"), "rt", encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t", 1) for line in file][1:]
    return [text for _, text in lines], np.array([float(rating) for rating, _ in lines])


def load_word_vectors() -> tuple[list[str], np.ndarray]:
    """GloVe's vectors of 9,820 English words, the most frequent word first: the words, and float32 of shape (9820, 100)."""
    with np.load(data_file("word_vectors.npz")) as archive:
        return archive["words"].tobytes().decode().split("\n"), archive["eighths"].astype(np.float32) / 8
