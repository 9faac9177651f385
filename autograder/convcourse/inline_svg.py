"""A Matplotlib figure as SVG inside a page: it takes ink and ground from the page, so it turns with a dark theme.

Pure black is the page's ink, pure white its ground. All other colours stay as they are.
"""

from __future__ import annotations

import re
from hashlib import sha256
from html import escape
from io import StringIO

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text

DPI = 144  # of pictures inside the figure: two pixels a point
POINTS = 500  # a cloud of more points becomes a picture, because an SVG names each point
PIXELS_AN_INCH = 110  # of a wide page
NARROW_PAGE, SMALLEST_TYPE = 760, 9  # pixels: type must be readable on a narrow page too
TITLE = "title: "  # an artist with set_gid(TITLE + words) says these words when the pointer rests on it
# The ground of JupyterLab, of the book, of Colab, and of any other page.
GROUND = "var(--jp-layout-color0, var(--pst-color-background, var(--colab-primary-surface-color, Canvas)))"


def inline_svg(figure: Figure, alt: str) -> str:
    """The figure as an <svg> element with its text alternative. The same figure gives the same text everywhere."""
    for artist in figure.findobj(_is_heavy):
        artist.set_rasterized(True)
    for image in figure.findobj(AxesImage):
        if max(image.get_size()) < 100:  # the browser enlarges its pixels, and they stay sharp
            image.set_interpolation("none")
    width = figure.get_size_inches()[0]
    least = SMALLEST_TYPE * 72 / min(PIXELS_AN_INCH, NARROW_PAGE / width)
    for text in figure.findobj(Text):
        text.set_text(with_minus(text.get_text()))
        text.set_fontsize(max(least, text.get_fontsize()))
    buffer = StringIO()
    with plt.rc_context({"svg.hashsalt": "convcourse"}):
        figure.savefig(buffer, format="svg", dpi=DPI, facecolor="none", metadata={"Date": None})
    return _in_page(buffer.getvalue(), with_minus(alt))


def with_minus(words: str) -> str:
    """Words whose negative numbers begin with a minus and not with a hyphen; a formula stays as it is."""
    return words if "$" in words else re.sub(r"(?<![\w.)\]])-(?=\.?\d)", "−", words)


def _is_heavy(artist: object) -> bool:
    return isinstance(artist, QuadMesh) or (isinstance(artist, PathCollection) and len(np.asarray(artist.get_offsets())) > POINTS)


def _in_page(svg: str, alt: str) -> str:
    """What Matplotlib wrote for a file of its own, made fit for a page with other figures."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if box is None:
        raise ValueError("Matplotlib wrote no viewBox")
    start, end = svg.index("</metadata>") + len("</metadata>"), svg.rindex("</svg>")
    body = re.sub(r"<!--.*?-->|<style.*?</style>", "", svg[start:end], flags=re.S)
    body = re.sub(rf'<g id="{TITLE}(.*?)">', r"<g><title>\1</title>", body)
    body = re.sub(r' id="(?:\w*?_\d+)"', "", body)  # names of groups, which nothing refers to
    body = re.sub(r' d="([^"]*)"', lambda path: f' d="{_short(path.group(1))}"', body)
    body = re.sub(r"\s*\n\s*", "\n", body)
    body = body.replace("#000000", "currentColor").replace("#ffffff", GROUND)
    own = sha256(body.encode()).hexdigest()[:8]  # two figures of a page must not share a name
    body = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>f{own}-", body)
    width = round(float(box.group(1)) / 72 * PIXELS_AN_INCH)
    return (
        f"<svg role='img' aria-label='{escape(alt, quote=True)}' viewBox='{box.group()[9:-1]}' "
        f"style='width:{width}px;max-width:100%;height:auto;fill:currentColor;stroke-linejoin:round;stroke-linecap:butt'>"
        f"{body}</svg>"
    )


def _short(path: str) -> str:
    """A path to a hundredth of a point, on one line."""
    rounded = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number.group()):.2f}".rstrip("0").rstrip("."), path)
    return rounded.replace("\n", "").strip()
