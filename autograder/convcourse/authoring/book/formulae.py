"""Formulae as MathML, which browsers and screen readers know: no script, and no font from elsewhere. An extension of Sphinx."""

from __future__ import annotations

import re
from collections.abc import Callable

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from convcourse.errors import CourseError

# What the course writes and docutils does not read. Parentheses grow with their contents in MathML, without being told to.
OTHER_WORDS: dict[str, str | Callable[[re.Match[str]], str]] = {
    r"\\dots(?![a-z])": r"\\ldots",
    r"\\[bB]igg?[lr]?(?![a-z])": "",
    r"\\texttt\{((?:[^{}])*)\}": lambda found: r"\mathtt{\text{" + found.group(1).replace(r"\_", "_") + "}}",
    r"^(?=\^)": "{}",  # an exponent whose base is text
    "½": r"\\tfrac12",
    r"frac(\d)(\d)": r"frac{\1}{\2}",
}


def mathml(tex: str, as_block: bool = False) -> str:
    """A formula in LaTeX as a <math> element. Raises CourseError if docutils cannot read it."""
    known = tex
    for word, other in OTHER_WORDS.items():
        known = re.sub(word, other, known)
    try:
        return str(tex2mathml(known, as_block=as_block))
    except (MathError, IndexError) as error:
        raise CourseError(f"the book cannot show the formula {tex!r}: {error}") from error


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (_in_text, None), (_in_a_block, None))


def _in_text(page: HTML5Translator, formula: nodes.math) -> None:
    page.body.append(mathml(formula.astext()))
    raise nodes.SkipNode


def _in_a_block(page: HTML5Translator, formula: nodes.math_block) -> None:
    page.body.append(f'<div class="formula">{mathml(formula.astext(), as_block=True)}</div>\n')
    raise nodes.SkipNode
