"""Rebuild a submission on the released notebook, for any damage to its cells and metadata.

The order and every graded cell come from the release, and the code comes from the student. So deleted, duplicated,
retyped or renamed cells and lost metadata change nothing. The instructor gets a note on each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from convcourse.errors import CourseError
from convcourse.grading.cell_names import NO_FILES, file_written, names_given
from convcourse.grading.harmless import attached_pictures, harmless_markdown
from convcourse.grading.matching import answers_wanted, is_test, match
from convcourse.grading.places import mark, mark_places
from convcourse.grading.skipped_cells import skipped_cells
from convcourse.grading.submission import Unreadable, grade_id, modules_beside, parse_notebook
from convcourse.judging.packing import writable
from convcourse.settings import COURSE


class RebuildFromRelease(NbGraderPreprocessor):
    """The first sanitizing preprocessor. All later preprocessors get a valid notebook."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        course = self.parent.parent.coursedir  # the exporter's converter
        unit, notebook = resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"]
        path = Path(course.format_path(course.release_directory, ".", unit), f"{notebook}.ipynb")
        with Gradebook(resources["nbgrader"]["db_url"]) as book:
            hidden = locked_sources(book, unit, notebook)
        files = modules_beside(submitted_folder(self, resources))
        rebuilt, notes = rebuild(nb, nbformat.read(path, as_version=4), hidden, files)
        for note in notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        return rebuilt, resources


def submitted_folder(preprocessor: NbGraderPreprocessor, resources: ResourcesDict) -> Path:
    """The folder of the submission that stock nbgrader is grading."""
    course = preprocessor.parent.parent.coursedir  # the exporter's converter
    names = resources["nbgrader"]
    return Path(course.format_path(course.submitted_directory, names["student"], names["assignment"]))


def locked_sources(book: Gradebook, unit: str, notebook: str) -> dict[str, str]:
    """Grade id -> source of the locked cells from the gradebook, with the tests that students cannot see."""
    return {cell.name: cell.source for cell in book.find_notebook(notebook, unit).source_cells if cell.locked}


def rebuild(
    submitted: NotebookNode,
    release: NotebookNode,
    locked: Mapping[str, str] | None = None,
    files: Mapping[str, str] = NO_FILES,
) -> tuple[NotebookNode, list[str]]:
    """The released notebook with the student's code in it, and notes on the repairs.

    Cells that the student added stay behind the cell that they followed. The gradebook may have more of a locked cell
    than the release shows (hidden tests). This goes into the cell's metadata. The judge runs it, and the feedback does
    not show it. files: module name -> source of the `.py` files that were handed in beside the notebook.
    """
    notes = [note] if (note := _other_language(submitted)) else []
    files = {**files, **dict(filter(None, map(file_written, (cell.source for cell in submitted.cells))))}
    matches = match(submitted.cells, release.cells, files, notes)
    elsewhere = frozenset().union(*(names_given(c.source, files) for c in submitted.cells if c.cell_type == "code"))
    added: dict[int, list[NotebookNode]] = {}
    anchor = -1
    for cell in submitted.cells:
        index = matches.get(id(cell))
        if index is not None:
            anchor = max(anchor, index)
        elif cell.source.strip():
            added.setdefault(anchor, []).append(_as_added(cell))
    theirs = {index: cell for cell in submitted.cells if (index := matches.get(id(cell))) is not None}
    cells = added.get(-1, [])
    for index, original in enumerate(release.cells):
        cells += _code_in_test(original, theirs.get(index), files)
        cells.append(_take(original, theirs.get(index), elsewhere, notes))
        cells += added.get(index, [])
    for number, cell in enumerate(cells):
        cell.setdefault("id", f"cell-{number}")  # notebooks before nbformat 4.5 have no ids
    rebuilt = nbformat.v4.new_notebook(cells=cells, metadata=nbformat.from_dict(release.metadata))
    for cell in rebuilt.cells:
        whole = (locked or {}).get(grade_id(cell), cell.source)
        if whole != cell.source and is_grade(cell):
            mark(cell, whole=whole)
    for index in skipped_cells(rebuilt, release):
        mark(rebuilt.cells[index], skipped=True)
    mark_places(rebuilt.cells, release.cells, files, notes)
    rebuilt.metadata["convcourse"] = {"notes": notes, "saved_by": _python_of(submitted)}
    return rebuilt, notes


def released_notebook(unit: str, folder: Path = COURSE) -> NotebookNode:
    """The unit's notebook as students got it. Raises CourseError, naming the unit."""
    return nbformat.reads(released_text(unit, folder), as_version=4)


def released_text(unit: str, folder: Path = COURSE) -> str:
    """The unit's notebook as students got it, as text."""
    path = folder / unit / f"{unit}.ipynb"
    if not path.exists():
        raise CourseError(f"there is no unit '{unit}': {path} does not exist")
    return path.read_text(encoding="utf-8")


def _other_language(submitted: NotebookNode) -> str:
    """A note if the notebook was saved with a kernel of another language."""
    kernel = submitted.metadata.get("kernelspec", {})
    language = str(kernel.get("language", "python")).lower() if isinstance(kernel, dict) else "python"
    return "" if language == "python" else f"it was saved with a kernel for {language}; graded with Python"


def _python_of(submitted: NotebookNode) -> str:
    """The version of Python that saved the notebook, "3.14"; empty if the notebook does not say."""
    language = submitted.metadata.get("language_info", {})
    found = re.match(r"3\.\d{1,3}\b", str(language.get("version", ""))) if isinstance(language, dict) else None
    return found[0] if found else ""


class OfAnotherUnit(Unreadable):
    """A valid notebook without any of the unit's answer cells. It would get 0 points."""


def parse_of_unit(raw: bytes, name: str, unit: str, release: NotebookNode) -> NotebookNode:
    """Parse these bytes as a notebook of this unit; `name` is only for the messages. Raises Unreadable."""
    submitted = parse_notebook(raw, name)
    answers = {index for index, cell in enumerate(release.cells) if is_solution(cell)}
    wanted = frozenset().union(*map(answers_wanted, release.cells))
    found = answers.intersection(match(submitted.cells, release.cells, NO_FILES, []).values())
    if (
        answers
        and not found
        and not any(names_given(cell.source) & wanted for cell in submitted.cells if cell.cell_type == "code")
    ):
        raise OfAnotherUnit(f"{name} has none of the answer cells of {unit}: is it another unit's?")
    return submitted


def _code_in_test(original: NotebookNode, theirs: NotebookNode | None, files: Mapping[str, str]) -> list[NotebookNode]:
    """A student's test cell as a cell of its own, if it defines what the released one does not: it may be an answer."""
    if theirs is None or theirs.cell_type != "code" or not is_test(original):
        return []
    return [_as_added(theirs)] if names_given(theirs.source, files) - names_given(original.source) else []


def _take(original: NotebookNode, theirs: NotebookNode | None, elsewhere: frozenset[str], notes: list[str]) -> NotebookNode:
    """The released cell, with the student's code unless it is a graded cell. elsewhere: all names that the student gives."""
    cell = nbformat.from_dict(original)
    if original.cell_type != "code" and not is_solution(original):
        return cell
    name = grade_id(original).removeprefix("answer_")
    if theirs is None:
        if is_grade(original):
            notes.append(f"the test cell '{name}' was missing; put back from the release")
        elif is_solution(original) and not answers_wanted(original) & elsewhere:
            notes.append(f"the answer cell '{name}' was missing; counted as not done")
        return cell
    if is_test(original):
        if theirs.source.strip() != original.source.strip():
            notes.append(f"the test cell '{name}' was changed; the released one is used")
        return cell
    if theirs.cell_type != original.cell_type:
        notes.append(f"the cell '{name or 'without a name'}' had become {theirs.cell_type}; read as {original.cell_type}")
    if original.cell_type == "code" and theirs.source.strip() != original.source.strip():
        cell.source = writable(theirs.source)
    elif original.cell_type != "code" and theirs.source != original.source:
        cell = nbformat.from_dict({**original, **_harmless(theirs)})
    return cell


def _as_added(cell: NotebookNode) -> NotebookNode:
    """A student's own cell, without metadata. Text cells of any kind become harmless markdown."""
    if cell.cell_type == "code":
        return nbformat.v4.new_code_cell(writable(cell.source))
    return nbformat.v4.new_markdown_cell(**_harmless(cell))


def _harmless(cell: NotebookNode) -> dict[str, Any]:
    """What is kept of a student's text cell."""
    pictures = attached_pictures(cell)
    kept = {"source": harmless_markdown(writable(cell.source), pictures)}
    return {**kept, "attachments": pictures} if pictures else kept
