"""HTML by Jinja2. A template is beside the module that uses it, and Jinja2 escapes all inserted text."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from convcourse.texts import many


@cache
def template(name: str) -> Template:
    """The template at this place in the package ("judging/panel.html.jinja"), read at its first use."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("convcourse", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"code": with_code, "many": many, "general": general}
    return environment


def with_code(text: str, style: str = "") -> Markup:
    """The escaped text, with text between backticks as code."""
    begin = Markup("<code style='{}'>").format(style) if style else Markup("<code>")
    pieces = escape(text).split("`")
    return Markup().join(begin + piece + Markup("</code>") if place % 2 else piece for place, piece in enumerate(pieces))


def general(number: float, digits: int = 6) -> str:
    """1.0 -> 1, 0.5 -> 0.5: the shortest form with this number of digits."""
    return f"{number:.{digits}g}"
