"""What a notebook hands to the book, whose pages have no kernel: all pictures of a slider, and the questions of `predict`."""

from __future__ import annotations

import os
from typing import Any

FRAMES = "application/vnd.convcourse.frames+json"
QUESTION = "application/vnd.convcourse.question+json"
SWITCH = "CONVCOURSE_BOOK"


def is_for_the_book() -> bool:
    """Whether this notebook is executed for the book."""
    return os.environ.get(SWITCH) == "1"


def hand_over(kind: str, content: dict[str, Any]) -> None:
    """Leave `content` among the cell's outputs. kind: FRAMES or QUESTION."""
    from IPython.display import display

    display({kind: content, "text/plain": ""}, raw=True)
