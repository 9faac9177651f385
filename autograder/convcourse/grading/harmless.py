"""Students' text and outputs as HTML that runs nothing and loads nothing.

nh3 cleans the finished HTML: it keeps tags, attributes and addresses of an allow-list, and nothing else. The pages'
Content-Security-Policy (`pages/`) is the second wall.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import nbgrader
import nh3
from nbformat import NotebookNode
from pygments.token import STANDARD_TYPES
from traitlets.config import Config

from convcourse.texts import straight

PAGES = Path(__file__).with_name("pages")
OF_NBGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
TAGS = nh3.ALLOWED_TAGS | {"polyline", "svg"}  # the panel's curves
ATTRIBUTES = {
    "*": {"aria-label", "class", "id", "role", "style", "title"},
    "a": {"href"},
    "details": {"open"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start"},
    "polyline": {"fill", "points", "stroke", "stroke-width"},
    "svg": {"viewBox"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
# Of text cells: the columns of Markdown's tables. Of outputs: what our panels need. None can load a file or lie over other parts.
STYLES_OF_TEXT = {"text-align"}
STYLES_OF_OUTPUTS = {
    *("background-color", "border", "border-collapse", "border-left", "border-radius", "color", "display", "flex-wrap"),
    *("font-family", "font-size", "font-weight", "gap", "image-rendering", "line-height", "list-style-type", "margin"),
    *("margin-left", "max-width", "min-width", "overflow-wrap", "overflow-x", "padding", "padding-left", "text-align"),
    *("text-decoration", "width"),
}
# Of highlighted code, of headings, and of pictures in nbconvert's template.
CLASSES = {*STANDARD_TYPES.values(), "anchor-link", "highlight", "output_jpeg", "output_png", "output_subarea", "unconfined"}
OUTSIDE = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
NOT_OF_THE_WEB = re.compile(r"\]\s*[(:]\s*(?!https?://|mailto:|#)")  # of a link, or of the definition of one
OPENS_A_FORMULA = re.compile(r"\\begin|\\\\[\[(]")  # for each, Markdown reads the rest of the cell
MOST_FORMULAS, LONGEST_TEXT = 200, 100_000  # of these, and characters, in a cell
NAME = re.compile(r"[\w.-]+")
ATTACHED = re.compile(rf"!\[[^\[\]]*\]\(attachment:({NAME.pattern})\)")
PASTED = ("image/png", "image/jpeg")
BASE64 = re.compile(r"[\w+/=\n]+", re.ASCII)
PICTURE = re.compile(r"data:image/(gif|jpeg|png|webp);base64,", re.IGNORECASE)
OWN_IDS = "text-"  # so that no heading takes the id of a part of the page


def show_harmless_pages(config: Config) -> None:
    """Make nbgrader's feedback pages and Formgrader use our filters and templates."""
    config.HTMLExporter.sanitize_html = True  # leaves out scripts and widgets, and calls `clean_html`
    module = __name__
    config.HTMLExporter.filters = {
        "strip_files_prefix": f"{module}.clean_text",  # the last filter of each text: no address is changed after the cleaning
        "clean_html": f"{module}.clean_output",
        "exercises_named": f"{module}.exercises_named",
        "script_hash": f"{module}.script_hash",
        "straight": f"{straight.__module__}.{straight.__name__}",
    }
    # Ours extend nbgrader's of the same names, which are found in the folder above them.
    config.HTMLExporter.extra_template_basedirs = [str(PAGES), str(OF_NBGRADER / "templates"), str(OF_NBGRADER)]


def clean_text(html: str) -> str:
    """The HTML of a text cell without what could run, load, or look like a part of the page."""
    return _clean(html, STYLES_OF_TEXT)


def clean_output(html: str) -> str:
    """The HTML of an output without what could run, load, or lie over other parts of the page."""
    return _clean(html, STYLES_OF_OUTPUTS)


def _clean(html: str, styles: set[str]) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_harmless_value,
        filter_style_properties=styles,
        id_prefix=OWN_IDS,
        url_schemes={"data", "http", "https", "mailto"},
    )


def _harmless_value(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute, or None if it must go."""
    if name == "href" and value.startswith("#"):
        return f"#{OWN_IDS}{value[1:]}"
    if name == "href":
        return value if OUTSIDE.match(value) else None
    if name == "src":
        return value if PICTURE.match(value) else None
    if name == "class":
        return " ".join(one for one in value.split() if one in CLASSES) or None
    return value


def harmless_markdown(markdown: str, pictures: Collection[str] = ()) -> str:
    """A student's Markdown that is harmless in a page without our filters too, such as another class's Formgrader.

    Tags become text. With an address that is not one of the web, or a picture that is not one of `pictures` (names of
    attachments), the whole text is shown as typed.
    """
    rest = ATTACHED.sub(lambda found: "" if found[1] in pictures else found[0], markdown)
    too_much = len(rest) > LONGEST_TEXT or len(OPENS_A_FORMULA.findall(rest)) > MOST_FORMULAS
    if too_much or "![" in rest or NOT_OF_THE_WEB.search(rest):
        return "\n".join(f"    {line}" for line in markdown.splitlines())
    return re.sub(r"<(?=[a-zA-Z/!?])", "&lt;", markdown)


def attached_pictures(cell: NotebookNode) -> dict[str, dict[str, str]]:
    """The pictures that a student has pasted into a text cell: name -> kind -> data, as nbformat has them."""
    attachments = cell.get("attachments")
    named = attachments.items() if isinstance(attachments, dict) else ()
    found = {name: _pictures(data) for name, data in named if NAME.fullmatch(name) and isinstance(data, dict)}
    return {name: pictures for name, pictures in found.items() if pictures}


def _pictures(data: Mapping[str, Any]) -> dict[str, str]:
    return {kind: text for kind in PASTED if isinstance(text := data.get(kind), str) and BASE64.fullmatch(text)}


def exercises_named(page: str) -> str:
    """nbgrader's feedback page with the exercises' names in its table of contents."""
    return re.sub(r'(<li><a href="#([\w-]+)">)Test cell</a>', r"\1\2</a>", page)


def script_hash(script: str) -> str:
    """The source expression of a Content-Security-Policy that allows exactly this script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
