"""Sliders and questions of a notebook, as HTML that works without a kernel (static/slider.js and static/question.js)."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from typing import Any

from markupsafe import Markup

from convcourse.templates import template, with_code


def slider(content: dict[str, Any]) -> str:
    """The slider of `convcourse.widgets.slide` with all its pictures. content: label, start, frames (HTML of each place)."""
    frames = Markup(json.dumps(content["frames"]).replace("<", "\\u003c"))
    shown = Markup(content["frames"][content["start"]])
    return template("authoring/book/slider.html.jinja").render(content=content, frames=frames, shown=shown)


def question(content: dict[str, Any]) -> str:
    """The question of `convcourse.predictions.predict`. content: right, shown (right, as text), why, close.

    What is right is in the page, because the page tells it after any guess. It is scrambled, so that nobody reads it by chance.
    """
    key = hashlib.sha256(content["why"].encode()).hexdigest()[:12]
    told = json.dumps({**content, "why": with_code(content["why"])})
    is_word = isinstance(content["right"], str)
    return template("authoring/book/question.html.jinja").render(key=key, told=scrambled(told, key), is_word=is_word)


def scrambled(text: str, key: str) -> str:
    """`text` in base64, each byte combined with one of the key. question.js undoes it."""
    letters = key.encode()
    return b64encode(bytes(byte ^ letters[place % len(letters)] for place, byte in enumerate(text.encode()))).decode()
