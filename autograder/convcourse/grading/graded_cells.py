"""The graded cells of a notebook, as its feedback page lists them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from convcourse.grading.cell_names import names_given, names_read
from convcourse.grading.submission import grade_id

SIGNS = {"right": "✔", "partly": "◐", "wrong": "✘", "not done": "○", "by hand": "✎"}
HEADING = re.compile(r"^#\s+(.+?)\s*$", flags=re.MULTILINE)


@dataclass(frozen=True)
class Graded:
    """A graded cell. outcome: one of SIGNS. title: the exercise's, or the cell's grade id.

    answer: the cell that it judges, if there is one; the cell itself if a person gives its points.
    """

    name: str
    title: str
    score: float
    points: float
    outcome: str
    test: NotebookNode
    answer: NotebookNode | None

    @property
    def sign(self) -> str:
        return SIGNS[self.outcome]


def graded_cells(notebook: NotebookNode) -> list[Graded]:
    """The graded cells in the notebook's order, with the scores that nbgrader has put into their metadata."""
    return [_graded(cell, notebook.cells) for cell in notebook.cells if is_grade(cell) or is_task(cell)]


def _graded(cell: NotebookNode, cells: Sequence[NotebookNode]) -> Graded:
    name, marks, said = grade_id(cell), cell.metadata.nbgrader, cell.metadata.get("convcourse", {})
    score, points = float(marks.get("score") or 0), float(marks["points"])
    by_hand = is_solution(cell) or is_task(cell)
    if score >= points:
        outcome = "right"
    elif by_hand:
        outcome = "by hand"
    elif said.get("status") == "not done":
        outcome = "not done"
    else:
        outcome = "partly" if score else "wrong"
    return Graded(name, said.get("title") or name, score, points, outcome, cell, cell if by_hand else _answer(cell, cells))


def _answer(test: NotebookNode, cells: Sequence[NotebookNode]) -> NotebookNode | None:
    """The last cell that defines what the test needs; of a test without such names, the answer before it."""
    name, wanted = grade_id(test), names_read(test.source)
    giving = [cell for cell in cells if _may_answer(cell, name) and names_given(cell.source) & wanted]
    before = [cell for cell in cells[: cells.index(test)] if is_solution(cell)]
    return next(reversed(giving or before), None)


def _may_answer(cell: NotebookNode, name: str) -> bool:
    """Is it an answer cell, or a student's own cell that defines the exercise, and did the judge run it?"""
    if cell.cell_type != "code" or "skipped" in cell.metadata.get("convcourse", {}):
        return False
    return is_solution(cell) or (not is_grade(cell) and name in names_given(cell.source))


def begin_with(graded: Sequence[Graded]) -> Graded | None:
    """The first exercise that is not right; later ones may build on it."""
    return next((one for one in graded if one.outcome not in ("right", "by hand")), None)


def heading(notebook: NotebookNode) -> str:
    """The notebook's first heading; empty if it has none."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return next((found[1] for text in texts if (found := HEADING.search(text))), "")
