"""Take the pictures out of a page's HTML: a browser then loads each one when it is needed, and a page is small."""

from __future__ import annotations

import hashlib
import re
import struct
from base64 import b64decode
from io import BytesIO
from pathlib import Path

from PIL import Image

# Also the pictures inside an SVG, where Matplotlib breaks the line before the data.
TAG = re.compile(r"(<im(?:g|age) [^>]*)data:image/(png|jpeg|gif|webp|svg\+xml);base64,([A-Za-z0-9+/=\s]+)([^>]*>)")
# Figures are lines and letters, and small without loss. Only photographs become larger than this number of bytes.
LARGE = 120_000
PHOTOGRAPH_QUALITY = 88


def with_pictures_apart(html: str, folder: Path, address: str) -> str:
    """The HTML with the pictures of its <img> and <image> tags as files in `folder`, which the page finds under `address`.

    The same picture is one file. PNG becomes WebP; other kinds stay what they are. An <img> says how large its picture is, so
    that the page does not jump when the picture comes.
    """

    def as_file(tag: re.Match[str]) -> str:
        before, kind, data, after = tag.group(1), tag.group(2), b64decode(tag.group(3)), tag.group(4)
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.{'webp' if kind == 'png' else kind.removesuffix('+xml')}"
        if not (folder / name).exists():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(_as_webp(data) if kind == "png" else data)
        if before.startswith("<img "):
            is_sized = kind != "png" or " width=" in before + after
            before = f"<img loading='lazy' {'' if is_sized else _size(data)}{before.removeprefix('<img ')}"
        return f"{before}{address}/{name}{after}"

    return TAG.sub(as_file, html)


def _size(png: bytes) -> str:
    """Width and height in pixels as attributes of a tag, from the head of the file."""
    return "width={} height={} ".format(*struct.unpack(">II", png[16:24]))


def _as_webp(png: bytes) -> bytes:
    with Image.open(BytesIO(png)) as picture:
        for settings in ({"lossless": True}, {"quality": PHOTOGRAPH_QUALITY}):
            written = BytesIO()
            picture.save(written, "webp", **settings)
            if written.tell() <= LARGE:
                break
    return written.getvalue()
