"""Write the book's sources, and make its pages with Sphinx.

The sources mirror the repository (course/X/X.ipynb, docs/X.md), so that the pages' buttons find the notebooks on GitHub.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from convcourse.authoring.book.digit import digit_page
from convcourse.authoring.book.executed import SiteError, page_of
from convcourse.authoring.book.field import field_page
from convcourse.authoring.book.front import PARTS, front_page
from convcourse.authoring.book.kernel import kernel_page
from convcourse.authoring.book.lighter import make_lighter
from convcourse.authoring.book.pages import anchor, exercise_index, syllabus
from convcourse.authoring.book.small_net import small_net_page
from convcourse.exercises import UNITS, exercises_of
from convcourse.settings import AUTOGRADER, COURSE, ROOT, branch, repository

CACHE = AUTOGRADER / "executed"
TITLE = "Convolution to ConvNets"
# The parts of the table of contents, after the units.
TRY = {"kernel": "03_convolution_2d", "small_net": "05_xo_toy_net", "digit": "09_lenet"}  # page: the unit that leads to it
LOOK_UP = ("syllabus", "exercises", "nets")
WRITE = ("docs/authors", "docs/add_a_unit", "docs/benchmarks")
# All other pages of docs/ are for instructors; these come first.
TEACH_FIRST = ("docs/instructors", "docs/own_course", "docs/grading")


def write_site(out: Path, units: Sequence[str] = UNITS, say: Callable[[str], None] = print, cache: Path = CACHE) -> None:
    """Write the book with the pages of `units` to the folder `out`. Earlier contents of `out` are deleted.

    Raises SiteError for an unknown unit, for a folder that is no book, and for all warnings and errors of Sphinx.
    """
    if unknown := [unit for unit in units if unit not in UNITS]:
        raise SiteError(f"there is no unit '{unknown[0]}'; the units are {', '.join(UNITS)}")
    if out.exists() and any(out.iterdir()) and not (out / "searchindex.js").exists():
        raise SiteError(f"{out} holds something that is no book of ours: name a folder that is empty or new")
    with tempfile.TemporaryDirectory() as folder:
        sources, pictures = Path(folder, "sources"), Path(folder, "pictures")
        for unit in units:
            say(f"executing {unit}, where it has changed")
            _write_unit(sources, unit, cache, pictures)
        _write_pages(sources, units)
        fresh = Path(folder, "book")
        _run_sphinx(sources, fresh, Path(folder, "doctrees"))
        for unit in units:  # the download button gives the students' notebook, without outputs
            shutil.copy(COURSE / unit / f"{unit}.ipynb", fresh / "_sources" / "course" / unit)
        if pictures.exists():
            shutil.copytree(pictures, fresh / "course" / pictures.name)
        make_lighter(fresh)
        (fresh / ".nojekyll").touch()  # else GitHub Pages leaves out folders whose names begin with _
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(fresh, out)


def _write_unit(sources: Path, unit: str, cache: Path, pictures: Path) -> None:
    page = page_of(unit, cache, pictures)
    for exercise in exercises_of(unit):
        headings = (cell for cell in page.cells if cell.source.startswith("### Exercise"))
        heading = next(cell for cell in headings if f"`{exercise.name}`" in cell.source)
        heading.source = f"({anchor(exercise)})=\n{heading.source}"
    lead_to_page_to_try(page, unit)
    target = sources / "course" / unit / f"{unit}.ipynb"
    target.parent.mkdir(parents=True)
    nbformat.write(page, target)


def lead_to_page_to_try(page: NotebookNode, unit: str) -> None:
    """Add a link below a unit's first cell, if the book has a page on which a reader tries out what the unit is about."""
    for name, about in TRY.items():
        if about == unit:
            words = f"**Try it in your browser first:** [](../../{name}.md)"
            page.cells.insert(1, nbformat.v4.new_markdown_cell(words, id=name))


def _write_pages(sources: Path, units: Sequence[str]) -> None:
    shutil.copytree(ROOT / "docs" / "pictures", sources / "docs" / "pictures")
    pages = _docs()
    teach = [page for page in pages if page not in WRITE]
    for page in pages:
        _write(sources / f"{page}.md", _with_links_out((ROOT / f"{page}.md").read_text(encoding="utf-8"), "docs"))
    front = _with_links_out((ROOT / "docs" / "index.md").read_text(encoding="utf-8"), "")
    contents = [
        *(_contents(part.title, [f"course/{unit}/{unit}" for unit in part.units if unit in units]) for part in PARTS),
        _contents("Try it", list(TRY)),
        _contents("Look it up", LOOK_UP),
        _contents("Teach with it", [*TEACH_FIRST, *(page for page in teach if page not in TEACH_FIRST)]),
        _contents("Write for it", WRITE),
    ]
    _write(sources / "index.md", "\n\n".join([front_page(front, units), *contents]))
    _write(sources / "kernel.md", kernel_page(units))
    _write(sources / "small_net.md", small_net_page(units))
    _write(sources / "digit.md", digit_page(units))
    _write(sources / "syllabus.md", syllabus(units))
    _write(sources / "exercises.md", exercise_index(units))
    _write(sources / "nets.md", field_page())


def _docs() -> list[str]:
    """The pages of docs/ except the front page."""
    return sorted(f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md") if path.stem != "index")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _contents(caption: str, pages: Sequence[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", ":maxdepth: 1", f":caption: {caption}", "", *pages, "```"])


def _with_links_out(text: str, folder: str) -> str:
    """Point links to GitHub if the file is not in the book. `folder`: the page's place in the book."""
    in_book = {f"{page}.md" for page in _docs()}

    def lead(link: re.Match[str]) -> str:
        target, _, place = link.group(2).partition("#")
        where = (ROOT / "docs" / target).resolve()
        if "://" in target or not target or not where.is_relative_to(ROOT):
            return link.group()
        name = where.relative_to(ROOT).as_posix()
        if name in in_book or name.startswith("docs/pictures/"):
            return link.group() if folder else f"{link.group(1)}({name}{'#' + place if place else ''})"
        kind = "tree" if where.is_dir() else "blob"
        return f"{link.group(1)}(https://github.com/{repository()}/{kind}/{branch()}/{name})"

    return re.sub(r"(\[[^\]]*\])\(([^)\s]+)\)", lead, text)


def _run_sphinx(sources: Path, out: Path, doctrees: Path) -> None:
    warnings = StringIO()
    with docutils_namespace():  # what Sphinx registers there is gone afterwards, so that a second book can be written
        app = Sphinx(sources, None, out, doctrees, "html", _settings(), status=None, warning=warnings, freshenv=True)
        app.build(force_all=True)
    if said := re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue()).strip():  # without colour codes
        raise SiteError(f"the book was not written, because Sphinx says:\n{said.replace(str(sources) + '/', '')}")


def _settings() -> dict[str, Any]:
    """The settings of Sphinx, as in a conf.py."""
    return {
        "project": TITLE,
        "author": "",
        "copyright": "",
        "extensions": ["myst_nb", "convcourse.authoring.book.formulae"],
        "html_math_renderer": "mathml",
        "nb_execution_mode": "off",
        "nb_output_stderr": "remove",
        "myst_enable_extensions": ["dollarmath", "amsmath"],
        "myst_heading_anchors": 3,
        "templates_path": [str(Path(__file__).parent / "templates")],
        "html_static_path": [str(Path(__file__).parent / "static")],
        "html_css_files": ["book.css"],
        "html_js_files": ["book.js", "layers.js", "slider.js", "question.js"],
        "html_theme": "sphinx_book_theme",
        "html_title": TITLE,
        "html_favicon": str(Path(__file__).parent / "static" / "favicon.svg"),
        "html_context": {"default_mode": "auto"},
        "html_show_copyright": False,
        "html_theme_options": {
            "repository_url": f"https://github.com/{repository()}",
            "repository_branch": branch(),
            "use_repository_button": True,
            "use_download_button": True,
            "launch_buttons": {"colab_url": "https://colab.research.google.com"},
            "show_toc_level": 2,
        },
    }
