"""Sliders and questions of a notebook, as HTML that works without a kernel (static/slider.js and static/question.js)."""

from __future__ import annotations

import gzip
import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from markupsafe import Markup

from convcourse.authoring.book.pictures_apart import with_pictures_apart
from convcourse.templates import template, with_code


def slider(content: dict[str, Any], folder: Path, address: str) -> str:
    """The slider of `convcourse.widgets.slide`; its pictures are in a file of their own, which is loaded when it is moved.

    content: label, start, frames (HTML of each place). folder, address: as in `with_pictures_apart`.
    """
    frames = [with_pictures_apart(frame, folder, address) for frame in content["frames"]]
    packed = b64encode(gzip.compress(json.dumps(frames).encode(), mtime=0)).decode()
    name = hashlib.sha256(packed.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    # A script, since a page that is opened as a file may load scripts and no data.
    (folder / f"{name}.js").write_text(f'packedFrames["{name}"] = "{packed}";\n', encoding="utf-8")
    return template("authoring/book/slider.html.jinja").render(
        label=content["label"],
        start=content["start"],
        last=len(frames) - 1,
        shown=Markup(frames[content["start"]]),
        name=name,
        file=f"{address}/{name}.js",
    )


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
