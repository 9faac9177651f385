"""The bundled data, and pictures made from packaged data. Nothing here needs the network."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np


def data_file(name: str) -> Path:
    """Path of a bundled file: in `CONVCOURSE_DATA`, in the wheel, or in the checkout's data/ folder.

    Raises FileNotFoundError, naming the places looked at.
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


def digit_form(seed: int = 3, size: int = 512, count: int = 60) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
    """A form filled with real handwritten digits (scikit-learn's 8×8 digits) that do not overlap.

    Returns the form, float64 of shape (size, size) with paper 0 and ink up to 16, and for each digit
    (row, column, digit), the place of its top left corner and what it is.
    """
    from sklearn.datasets import load_digits

    generator = np.random.default_rng(seed)
    digits = load_digits()
    form = np.zeros((size, size))
    form += np.clip(generator.normal(0.4, 0.6, form.shape), 0, None)  # paper is never quite white
    step = 24  # one digit to a square of 24, shaken inside it, so that two never touch
    squares = [(row, column) for row in range(8, size - step, step) for column in range(8, size - step, step)]
    written = []
    for square in generator.choice(len(squares), size=count, replace=False):
        row, column = np.add(squares[square], generator.integers(0, step - 10, size=2))
        pick = int(generator.integers(len(digits.images)))
        form[row : row + 8, column : column + 8] += digits.images[pick]
        written.append((int(row), int(column), int(digits.target[pick])))
    return form, written
