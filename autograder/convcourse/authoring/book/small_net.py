"""The page on which every number of Unit 5's toy net opens to what it was computed from."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from convcourse.authoring.book.pages import linked
from convcourse.pictures.xo_toy_net import CROSS, FEATURES, NAMES, RING
from convcourse.templates import template

TEXT = """# Inside a small net

This is the net of {unit}: three features, ReLU, max pooling twice, twelve votes. Click on a number, or move with the arrow
keys: you see from what it was computed, and where it looks. Click on the picture to turn ink to paper and back.

"""
QUESTIONS = """

**Things to find out**

- Which single pixel of the X costs the most votes for X when it turns to paper?
- Draw the X one row lower. Which layer notices, and which does not?
- Can you draw something that gets a whole vote for both X and O?
- A number after ReLU is 0. What must a pixel do to wake it?
"""


def small_net_page(units: Sequence[str]) -> str:
    """The page in Markdown. Only `units` have a page that can be linked."""
    data = {
        "pictures": {"X": CROSS.tolist(), "O": RING.tolist()},
        "features": FEATURES.tolist(),
        "weights": voting_weights().tolist(),
    }
    html = template("authoring/book/small_net.html.jinja").render(names=NAMES, data=Markup(json.dumps(data)))
    return TEXT.format(unit=linked("Unit 5", "05_xo_toy_net", units)) + html + QUESTIONS


def voting_weights() -> np.ndarray:
    """Unit 5's weights: a place votes for X with 1/5 where the X reaches 1, and for O with 1/4 where the O does.

    Returns an array (2, 12): a row for X and one for O, map by map and row by row.
    """
    last = np.array([[_last_maps(shape)] for shape in (CROSS, RING)]).reshape(2, -1)
    weights: np.ndarray = np.isclose(last, 1) / [[5], [4]]
    return weights


def _last_maps(image: np.ndarray) -> list[np.ndarray]:
    """After the convolution, and two poolings of 2 × 2 that are one of 4 × 4: array (2, 2) for each feature.

    ReLU is left out, since it changes no place that reaches 1.
    """
    maps = []
    for feature in FEATURES:
        windows = np.lib.stride_tricks.sliding_window_view(image, feature.shape)
        matches = np.pad((windows * feature).mean(axis=(2, 3)), ((0, 1), (0, 1)), constant_values=-1)
        maps.append(matches.reshape(2, 4, 2, 4).max(axis=(1, 3)))
    return maps
