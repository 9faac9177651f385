"""HTML by Jinja2: a template lies beside the module that fills it, and whatever is filled in is escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from convcourse.texts import many


@cache
def template(name: str) -> Template:
    """The template at this place in the package ("judging/panel.html.jinja"), read when it is first wanted."""
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
    """Escaped, and what stands between backticks as code."""
    begin = Markup("<code style='{}'>").format(style) if style else Markup("<code>")
    pieces = escape(text).split("`")
    return Markup().join(begin + piece + Markup("</code>") if place % 2 else piece for place, piece in enumerate(pieces))


def general(number: float, digits: int = 6) -> str:
    """1.0 -> 1, 0.5 -> 0.5: as short as it can be said with so many digits."""
    return f"{number:.{digits}g}"
