"""Read a unit's percent script and expand its markers into a notebook with nbgrader's metadata.

Markers, in a cell's `# %%` line:

    setup="…"            the set-up cell: lines for Colab are put before it; the value is not used
    exercise="NAME"      (markdown) heading, time and folded hints of the exercise are added
    answer="NAME"        the cell in which the student writes; solution regions become stubs
    test="NAME"          the graded cell; points come from the exercise, or from points=N for plain asserts
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from convcourse.exercise import Exercise
from convcourse.exercises import find_exercise
from convcourse.notebooks.library import expanded
from convcourse.settings import branch, repository

MARKERS = ("setup", "exercise", "answer", "test", "points")


class SourceError(ValueError):
    """A percent script that cannot be built; the message says which cell and why."""


def solved_notebook(script: Path) -> NotebookNode:
    """The solved notebook of a unit, without outputs; the same script always gives the same bytes."""
    raw = jupytext.reads(expanded(script.read_text(encoding="utf-8")), fmt="py:percent")
    unit = script.stem
    cells, seen, number = [], set[str](), 0
    for index, cell in enumerate(raw.cells):
        marks = {name: cell.metadata[name] for name in MARKERS if name in cell.metadata}
        number += "exercise" in marks
        made = _make_cell(cell.cell_type, _source(cell.source, marks, unit, number, first=index == 0), marks)
        made["id"] = _cell_id(made, seen)
        cells.append(made)
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=_notebook_metadata())
    nbformat.validate(notebook)
    return notebook


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def _source(text: str, marks: dict[str, Any], unit: str, number: int, first: bool) -> str:
    if first:
        return _with_badge(text, unit)
    if "setup" in marks:
        return _colab_lines() + text
    if "exercise" in marks:
        exercise = _exercise(marks["exercise"])
        return exercise_heading(exercise, int(unit[:2]), number) + "\n\n" + text + _hints(exercise)
    return text


def _make_cell(kind: str, text: str, marks: dict[str, Any]) -> NotebookNode:
    if kind == "markdown":
        cell = nbformat.v4.new_markdown_cell(text)
    elif kind == "code":
        cell = nbformat.v4.new_code_cell(text)
    else:
        raise SourceError(f"cell of type '{kind}': only markdown and code are used here")
    if "setup" in marks:
        cell.metadata["cellView"] = "form"  # Colab folds the code and shows the title
    if "answer" in marks:
        cell.metadata["nbgrader"] = _nbgrader(f"answer_{marks['answer']}", solution=True)
    if "test" in marks:
        points = marks["points"] if "points" in marks else _exercise(marks["test"]).max_score
        cell.metadata["nbgrader"] = {**_nbgrader(str(marks["test"]), solution=False), "points": float(points)}
    return cell


def _nbgrader(grade_id: str, solution: bool) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "grade": not solution,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }


def _exercise(name: str) -> Exercise:
    exercise = find_exercise(name)
    if exercise is None:
        raise SourceError(f"marker names the exercise '{name}', which convcourse.exercises does not have")
    return exercise


def _cell_id(cell: NotebookNode, seen: set[str]) -> str:
    """The grade id, or a digest of the source: stable under edits elsewhere in the notebook."""
    if "nbgrader" in cell.metadata:
        wanted = str(cell.metadata["nbgrader"]["grade_id"]).replace("_", "-")
    else:
        wanted = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
    identity, copy = wanted, 2
    while identity in seen:
        identity, copy = f"{wanted}-{copy}", copy + 1
    seen.add(identity)
    return identity


def _with_badge(text: str, unit: str) -> str:
    """The Colab badge below the title; a solved copy opens from the course's page, so the badge names course/."""
    title, _, rest = text.partition("\n")
    address = f"https://colab.research.google.com/github/{repository()}/blob/{branch()}/course/{unit}/{unit}.ipynb"
    return f"{title}\n\n[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({address})\n{rest}"


def _colab_lines() -> str:
    return (
        "# @title Set-up: run this cell first\n"
        "import sys\n\n"
        'if "google.colab" in sys.modules:  # in Colab only: fetch the helper, leave what is installed there alone\n'
        f"    %pip install -q --no-deps git+https://github.com/{repository()}@{branch()}\n\n"
    )


def exercise_heading(exercise: Exercise, unit_number: int, number: int) -> str:
    """The heading that the build puts before an exercise's text."""
    stars = "★" * exercise.difficulty + "☆" * (3 - exercise.difficulty)
    points = f"{exercise.max_score:g} point{'' if exercise.max_score == 1 else 's'}"
    title = f"### Exercise {unit_number}.{number} · {exercise.title}"
    return f"{title}\n\n`{exercise.name}` · {points} · about {exercise.minutes} minutes · {stars}"


def _hints(exercise: Exercise) -> str:
    return "".join(
        f"\n\n<details><summary>Hint {number} of {len(exercise.hints)}</summary>\n\n{hint}\n\n</details>"
        for number, hint in enumerate(exercise.hints, start=1)
    )


def _notebook_metadata() -> dict[str, Any]:
    return {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"},
    }
