"""Students' text and outputs as HTML that runs nothing and loads nothing.

nh3 cleans the finished HTML: it keeps tags, attributes and addresses of an allow-list, and nothing else. The pages'
Content-Security-Policy (`pages/`) is the second wall.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbgrader
import nh3
from nbformat import NotebookNode
from pygments.token import STANDARD_TYPES
from traitlets.config import Config

from convcourse.grading.graded_cells import begin_with, graded_cells, heading
from convcourse.templates import general, with_code
from convcourse.texts import many, straight

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
PICTURE_LEFT_OUT = re.compile(r'<img(?: (?!src=)[\w-]+="[^"]*")*?(?: alt="([^"]*)")?(?: (?!src=)[\w-]+="[^"]*")*>')
# Of the panels, which are light in every notebook: here they take the page's colours.
STYLE = re.compile(r'(<(?!svg)[a-z]+\b[^<>]* style=")([^"]*)')
COLOURS = {
    **{"#1f1f1f": "ink", "#fff": "paper", "#ffffff": "paper", "#f2f2f2": "shade", "#555": "quiet", "#ccc": "line"},
    **{"#d0d0d0": "line", "#fff6d9": "hint", "#3d3000": "hint-ink", "#fde4e1": "off", "#8a1c14": "off-ink"},
    **{"#1b6e3c": "right", "#a3261f": "wrong", "#5a5a5a": "undone"},
}
OWN_IDS = "text-"  # so that no heading takes the id of a part of the page


def show_harmless_pages(config: Config) -> None:
    """Make nbgrader's feedback pages and Formgrader use our filters and templates."""
    config.HTMLExporter.sanitize_html = True  # leaves out scripts and widgets, and calls `clean_html`
    module = __name__
    config.HTMLExporter.filters = {
        "strip_files_prefix": f"{module}.clean_text",  # the last filter of each text: no address is changed after the cleaning
        "clean_html": f"{module}.clean_output",
        "script_hash": f"{module}.script_hash",
        "code": f"{with_code.__module__}.{with_code.__name__}",
        **{function.__name__: f"{function.__module__}.{function.__name__}" for function in OF_PAGES},
    }
    config.HTMLExporter.exclude_anchor_links = True
    # Ours extend nbgrader's of the same names, which are found in the folder above them.
    config.HTMLExporter.extra_template_basedirs = [str(PAGES), str(OF_NBGRADER / "templates"), str(OF_NBGRADER)]


def clean_text(html: str) -> str:
    """The HTML of a text cell without what could run, load, or look like a part of the page."""
    return _clean(html, STYLES_OF_TEXT)


def clean_output(html: str) -> str:
    """The HTML of an output without what could run, load, or lie over other parts of the page."""
    return _clean(html, STYLES_OF_OUTPUTS)


def _clean(html: str, styles: set[str]) -> str:
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_harmless_value,
        filter_style_properties=styles,
        id_prefix=OWN_IDS,
        url_schemes={"data", "http", "https", "mailto"},
    )
    return PICTURE_LEFT_OUT.sub(lambda found: escape(unescape(found[1] or "")), cleaned)


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


def in_theme(page: str) -> str:
    """A page of ours on which the panels' colours are the page's, so that they are dark on a dark page."""

    def of_theme(found: re.Match[str]) -> str:
        named = (f"var(--panel-{COLOURS[part]},{part})" if part in COLOURS else part for part in re.split(r"(#\w+)", found[2]))
        return found[1] + "".join(named)

    return STYLE.sub(of_theme, page)


OF_PAGES = (begin_with, general, graded_cells, heading, in_theme, many, straight)  # what the templates call by these names


def script_hash(script: str) -> str:
    """The source expression of a Content-Security-Policy that allows exactly this script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
