"""Read a unit's percent script and expand its markers into a notebook with nbgrader's metadata.

Markers, in a cell's `# %%` line:

    setup="…"            the set-up cell: the build puts lines for Colab before it and, in an instructor's own
                         course, lines with the changes after it; the value is not used
    exercise="NAME"      (markdown) heading, time and folded hints of the exercise are added
    answer="NAME"        the cell in which the student writes; solution regions become stubs
    test="NAME"          the graded cell; points come from the exercise, or from points=N for plain asserts
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from convcourse.authoring.notebooks.leaks import told
from convcourse.authoring.notebooks.library import expanded
from convcourse.errors import CourseError
from convcourse.exercises.own import AS_IT_STANDS, OwnUnit
from convcourse.judging.exercise import Exercise
from convcourse.settings import branch, repository
from convcourse.texts import many, stars

STUB = re.compile(r"^( *)raise NotImplementedError$", re.MULTILINE)
MARKERS = ("setup", "exercise", "answer", "test", "points")


class SourceError(CourseError):
    """The percent script cannot be built. The message names the cell and the reason."""


def solved_notebook(script: Path, own: OwnUnit | None = None) -> NotebookNode:
    """The solved notebook of a unit, without outputs. The same script always gives the same bytes.

    own: the changes of an instructor's own course. Then there is no badge, because Colab would open the original.
    """
    raw = jupytext.reads(expanded(script.read_text(encoding="utf-8")), fmt="py:percent")
    unit = script.stem
    cells, seen, number = [], set[str](), 0
    tests = [str(cell.metadata["test"]) for cell in raw.cells if "test" in cell.metadata]
    for index, cell in enumerate(raw.cells):
        marks = {name: cell.metadata[name] for name in MARKERS if name in cell.metadata}
        number += "exercise" in marks
        asked = (own or AS_IT_STANDS).find(str(marks["answer"])) if "answer" in marks else None
        if asked and (hint := told(cell.source, asked.hints)):
            raise SourceError(f"a hint of '{asked.name}' is the answer; give the idea and one worked step instead: {hint!r}")
        text = _with_ban(cell.source, asked) if asked else cell.source
        made = _make_cell(cell.cell_type, text, marks, own or AS_IT_STANDS)
        if index == 0 and own is None:
            made.source = _with_badge(made.source, unit)
        elif "setup" in marks:
            made.source = _colab_lines() + made.source + _own_lines(own or AS_IT_STANDS, tests)
        elif "exercise" in marks:
            exercise = _exercise(marks["exercise"], own or AS_IT_STANDS)
            made.source = exercise_heading(exercise, _unit_number(unit), number) + "\n\n" + made.source + _hints(exercise)
        elif index == len(raw.cells) - 1 and own is None:
            if cell.cell_type != "markdown":
                raise SourceError(f"{script.name} ends with code; its last cell must be text, for the build adds a link to it")
            made.source += f"\n\n[When you have tried everything: the solved notebook]({_colab_address('solutions', unit)})"
        made["id"] = _cell_id(made, seen)
        cells.append(made)
    if own is None:
        cells += _ready_cells()
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=_notebook_metadata())
    nbformat.validate(notebook)
    return notebook


def with_given(released: NotebookNode, own: OwnUnit) -> NotebookNode:
    """The student's notebook, where the answer cells of repairs hold the broken function instead of a stub."""
    for cell in released.cells:
        if (exercise := _repaired_in(cell, own)) and exercise.given:
            if len(stubs := STUB.findall(cell.source)) != 1:
                raise SourceError(f"the answer cell of the repair '{exercise.name}' needs one solution region, in its function")
            cell.source = STUB.sub("", cell.source).rstrip() + "\n" + textwrap.indent(body_of(exercise.given), stubs[0])
    return released


def repairs_in(notebook: NotebookNode, own: OwnUnit = AS_IT_STANDS) -> set[str]:
    """The names of the exercises that give a broken function."""
    return {exercise.name for cell in notebook.cells if (exercise := _repaired_in(cell, own))}


def _repaired_in(cell: NotebookNode, own: OwnUnit) -> Exercise | None:
    marks = cell.metadata.get("nbgrader", {})
    exercise = own.find(marks["grade_id"].removeprefix("answer_")) if marks.get("solution") else None
    return exercise if exercise and exercise.given else None


def body_of(function: Callable[..., Any]) -> str:
    """The source of a function's body, without its docstring."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    node = next(node for node in ast.parse("\n".join(lines)).body if isinstance(node, ast.FunctionDef))
    first = node.body[1 if ast.get_docstring(node) else 0]
    return textwrap.dedent("\n".join(lines[first.lineno - 1 :]))


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def _unit_number(unit: str) -> int:
    if not unit[:2].isdigit():
        raise SourceError(f"a unit's name begins with its number in two digits, as in 24_edges; '{unit}' does not")
    return int(unit[:2])


def _make_cell(kind: str, text: str, marks: dict[str, Any], own: OwnUnit) -> NotebookNode:
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
        name = str(marks["test"])
        points = own.points.get(name, marks["points"]) if "points" in marks else _exercise(name, own).max_score
        cell.metadata["nbgrader"] = {**_nbgrader(name, solution=False), "points": float(points)}
    return cell


def _with_ban(text: str, exercise: Exercise) -> str:
    """The cell with the library functions that the exercise forbids at the end of its function's docstring."""
    if not exercise.forbidden:
        return text
    names = textwrap.fill(f"May not be called: {', '.join(exercise.forbidden)}.", 88)
    lines = text.split("\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name == exercise.name and ast.get_docstring(node):
            end = node.body[0].end_lineno or 0
            ban = textwrap.indent(names, " " * node.body[0].col_offset)
            if node.body[0].lineno == end:  # a docstring of one line
                lines[end - 1] = lines[end - 1].removesuffix('"""') + "\n\n" + ban + "\n" + " " * node.body[0].col_offset + '"""'
            else:
                lines[end - 1 : end - 1] = [ban]
    return "\n".join(lines)


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


def _exercise(name: str, own: OwnUnit) -> Exercise:
    exercise = own.find(name)
    if exercise is None:
        raise SourceError(
            f"marker names the exercise '{name}', which neither convcourse.exercises nor an exercises.py beside the script "
            "has; a plain assert cell needs points=…"
        )
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
    """Add the Colab badge below the title. It opens the student's copy, also in the solved notebook."""
    title, _, rest = text.partition("\n")
    badge = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    return f"{title}\n\n{badge}({_colab_address('course', unit)})\n{rest}"


def _colab_address(folder: str, unit: str) -> str:
    return f"https://colab.research.google.com/github/{repository()}/blob/{branch()}/{folder}/{unit}/{unit}.ipynb"


def _ready_cells() -> list[NotebookNode]:
    """The last two cells. An own course has none: the student's package does not know its units."""
    text = (
        "## Ready to hand in?\n\nSave the notebook, then run the cell below. It runs the saved notebook from the top in a fresh "
        "process, as the grader does, and says what will be graded as what. That takes from ten seconds to a minute."
    )
    code = "from convcourse.hand_in import ready_to_hand_in\n\nready_to_hand_in()"
    cells = [nbformat.v4.new_markdown_cell(text, id="ready-text"), nbformat.v4.new_code_cell(code, id="ready")]
    for cell in cells:
        cell.metadata["tags"] = ["remove-cell"]  # nobody hands the book in
    return cells


def _colab_lines() -> str:
    return (
        "# @title Set-up: run this cell first\n"
        "import sys\n\n"
        'if "google.colab" in sys.modules:  # in Colab only: fetch the helper, leave what is installed there alone\n'
        f"    %pip install -q --no-deps git+https://github.com/{repository()}@{branch()}\n\n"
    )


def _own_lines(own: OwnUnit, tests: list[str]) -> str:
    """Lines that tell the student's checks about an instructor's own course."""
    points = {name: number for name, number in own.points.items() if name in tests}
    given = [*([f"points={points}"] if points else []), *(['exercises="exercises.py"'] if own.exercises else [])]
    return f"\n\nfrom convcourse.check import use_own\n\nuse_own({', '.join(given)})" if given else ""


def exercise_heading(exercise: Exercise, unit_number: int, number: int) -> str:
    """The heading before an exercise's text."""
    points, hard = many(exercise.max_score, "point"), stars(exercise.difficulty)
    title = f"### Exercise {unit_number}.{number} · {exercise.title}"
    return f"{title}\n\n`{exercise.name}` · {points} · about {exercise.minutes} minutes · {hard}"


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
