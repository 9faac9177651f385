"""The page on which a reader moves a kernel over a picture. The front page shows the same, moving by itself."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence

import numpy as np
import skimage.data
from markupsafe import Markup

from convcourse.authoring.book.pages import linked
from convcourse.templates import template

# Convolution without reversal applies each as it stands here.
KERNELS: dict[str, list[list[float]]] = {
    "vertical edges (Sobel)": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
    "horizontal edges (Sobel)": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
    "mean": [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "spots (Laplacian)": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "one pixel on": [[0, 0, 0], [0, 0, 1], [0, 0, 0]],
}
TEXT = """# Move a kernel over a picture

A kernel is nine weights. At each place the nine pixels under it are multiplied by the nine weights, and the sum is one number
of the map. Drag on the picture, or move the sliders with the arrow keys. Change a weight: the whole map changes.

"""
QUESTIONS = """

**Things to find out**

- Where is the map of *vertical edges* strongest, and why has it both signs?
- Which kernel leaves the picture as it is? Which one moves it by a pixel, and to which side? Then tick *with reversal*.
- The *mean* here has weights of 1, so its sums are up to nine times as large as the pixels. Which weights keep the brightness?
- What do you see where the picture is even, as in the sky, if the weights add up to zero?
"""


def kernel_page(units: Sequence[str]) -> str:
    """The page in Markdown. Only `units` have a page that can be linked."""
    in_code, in_use = linked("Unit 3", "03_convolution_2d", units), linked("Unit 4", "04_image_filters", units)
    more = f"\n{in_code} does this in code, and {in_use} looks for good kernels.\n"
    return TEXT + moving_kernel("when asked") + QUESTIONS + more


def moving_kernel(moves: str) -> str:
    """The picture, the products and the map as HTML. moves: "at once" or "when asked"."""
    pixels = small_photograph()
    data = {"kernels": KERNELS, "rows": pixels.shape[0], "cols": pixels.shape[1], "pixels": b64encode(pixels.tobytes()).decode()}
    return template("authoring/book/kernel.html.jinja").render(
        moves=moves, kernels=KERNELS, rows=pixels.shape[0], cols=pixels.shape[1], row=12, col=30, data=Markup(json.dumps(data))
    )


def small_photograph() -> np.ndarray:
    """scikit-image's man with a camera, 64 × 64 bytes: each is the mean of 8 × 8 pixels."""
    means = skimage.data.camera().reshape(64, 8, 64, 8).mean(axis=(1, 3))
    small: np.ndarray = means.round().astype(np.uint8)
    return small
