"""Units for the book: the students' cells with the outputs of the solved notebook.

Executing all units takes about twelve minutes, so executed notebooks are cached under the hash of all their inputs.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from convcourse.authoring.book.moving import question, slider
from convcourse.authoring.book.pictures_apart import with_pictures_apart
from convcourse.authoring.notebooks.leaks import leaks
from convcourse.authoring.notebooks.library import expanded
from convcourse.authoring.notebooks.source import repairs_in
from convcourse.errors import CourseError
from convcourse.exercises import module_of
from convcourse.for_the_book import FRAMES, QUESTION, SWITCH
from convcourse.imports import digest_of, imported_names, sources_behind
from convcourse.settings import COURSE, ROOT, SOLUTIONS

# Beginnings of package paths on which no output of a notebook depends.
NO_MATTER = ("authoring", "grading", "operations", "sandbox")
# In these folders, a notebook depends only on its imports and its exercises. It depends on all other files of the package.
BY_UNIT = ("exercises", "pictures")
SECONDS_A_CELL = 600
# The picture of a badge comes from another host, so only its words stay.
BADGE = re.compile(r"!\[([^\]]*)\]\(https://[^)]*\.svg\)")
WIDGET, STATE = "application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"


class SiteError(CourseError):
    """The book cannot be made. The message says why, and what to do."""


def page_of(unit: str, cache: Path, pictures: Path) -> NotebookNode:
    """The students' notebook of a unit, with the solved notebook's outputs except those of graded cells.

    pictures: the folder, beside the page's, for the files of its pictures.
    Raises SiteError if the two notebooks do not match, or if an output shows an answer.
    """
    solved = _executed(unit, cache)
    page: NotebookNode = nbformat.read(COURSE / unit / f"{unit}.ipynb", as_version=4)
    by_id = {cell["id"]: cell for cell in solved.cells}
    if list(by_id) != [cell["id"] for cell in page.cells]:
        raise SiteError(f"course/{unit} and solutions/{unit} do not belong together: run `make build`")
    for cell in page.cells:
        cell.source = BADGE.sub(r"\1", cell.source)
        if cell.cell_type == "code" and not is_grade(cell) and not is_solution(cell):
            cell.outputs = list(_outputs(by_id[cell["id"]].outputs, solved, pictures))
            if any(QUESTION in output.get("data", {}) for output in by_id[cell["id"]].outputs):
                cell.metadata["tags"] = ["remove-input"]  # it has the answer, in plain text
    shown = [{"source": cell.source + json.dumps(cell.get("outputs", []), ensure_ascii=False)} for cell in page.cells]
    script = (SOLUTIONS / unit / f"{unit}.py").read_text(encoding="utf-8")
    if found := leaks(expanded(script), json.dumps({"cells": shown}), repairs_in(page)):
        raise SiteError(f"the page of {unit} would show the answer: {found[0]!r}")
    return page


def _executed(unit: str, cache: Path) -> NotebookNode:
    """The solved notebook of a unit with its outputs, from the cache if nothing has changed."""
    path = SOLUTIONS / unit / f"{unit}.ipynb"
    kept = cache / f"{unit}-{_version(unit)}.ipynb"
    if not kept.exists():
        solved = nbformat.read(path, as_version=4)
        # Always use the data from the course's packages, because a book must not depend on today's downloads.
        environment = {**os.environ, SWITCH: "1", "CONVCOURSE_OFFLINE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        try:
            client = NotebookClient(
                solved,
                timeout=SECONDS_A_CELL,
                resources={"metadata": {"path": str(path.parent)}},
                extra_arguments=["--IPKernelApp.log_level=ERROR"],
            )
            client.execute(env=environment)
        except CellExecutionError as error:
            raise SiteError(f"{path.relative_to(ROOT)} does not run: {error.ename}: {error.evalue}") from error
        except (DeadKernelError, CellTimeoutError) as error:
            raise SiteError(f"{path.relative_to(ROOT)} did not come to its end: {error}") from error
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{unit}-*.ipynb"):
            old.unlink()
        nbformat.write(solved, kept)
    return nbformat.read(kept, as_version=4)


def _version(unit: str) -> str:
    """A hash of the solved notebook, and of the code and data that it may use."""
    script = (SOLUTIONS / unit / f"{unit}.py").read_text(encoding="utf-8")
    sources = sources_behind([module_of(unit), *imported_names(script)], BY_UNIT, NO_MATTER)
    data = sorted((ROOT / "data").iterdir())
    return digest_of([SOLUTIONS / unit / f"{unit}.ipynb", *sources, *data, ROOT / "constraints.txt"], ROOT)


def _outputs(outputs: list[NotebookNode], solved: NotebookNode, pictures: Path) -> Iterator[NotebookNode]:
    """Outputs in which nothing needs a kernel. Only the picture of a widget stays. Pictures are files in the folder."""
    address = f"../{pictures.name}"
    for output in outputs:
        data = output.get("data", {})
        if FRAMES in data:
            yield _html(slider(data[FRAMES], pictures, address))
        elif QUESTION in data:
            yield _html(question(data[QUESTION]))
        elif WIDGET in data:
            for html in _pictures(data[WIDGET]["model_id"], solved.metadata.widgets[STATE].state):
                yield _html(with_pictures_apart(html, pictures, address))
        else:
            if "text/html" in data:
                output.data["text/html"] = with_pictures_apart(data["text/html"], pictures, address)
            yield output


def _html(html: str) -> NotebookNode:
    return nbformat.v4.new_output("display_data", {"text/html": html})


def _pictures(model: str, states: NotebookNode) -> Iterator[str]:
    """The HTML in a widget and in the widgets inside it."""
    state = states[model].state
    if state.get("_model_name") == "HTMLModel" and state.get("value"):
        yield state.value
    for child in state.get("children", []):
        yield from _pictures(child.removeprefix("IPY_MODEL_"), states)
