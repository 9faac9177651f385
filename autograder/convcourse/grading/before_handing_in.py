"""What a student can know of a notebook before handing it in: what will be graded as what. No score, and no hidden case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_grade

from convcourse.errors import CourseError
from convcourse.exercises import UNITS
from convcourse.grading.judge import judge_notebook, notebook_seconds, rooms_for
from convcourse.grading.rebuild import parse_of_unit, rebuild, released_notebook
from convcourse.grading.submission import Unreadable, grade_id, modules_beside, parse_notebook, submitted_bytes
from convcourse.texts import clean, many

ADVICE = re.compile(r"; (?:ask for|grade) .*")  # what Unreadable tells an instructor to do
SIGNS = {"passed": "✔", "wrong": "✘", "not done": "○"}
WORDS = {"passed": "right in all cases that you can see", "wrong": "not right yet", "not done": "not begun"}


@dataclass(frozen=True)
class Ready:
    """What will be graded. lines: one for each exercise, then one for each thing to know. begun: how many are."""

    unit: str
    lines: tuple[str, ...]
    begun: int
    right: int


def ready_to_hand_in(file: Path) -> Ready:
    """Run the notebook from the top in a fresh process, as the grader will, and judge it by the visible cases.

    Raises CourseError for a file that cannot be graded.
    """
    try:
        raw = submitted_bytes(file)
        unit = _unit_of(parse_notebook(raw, file.name), file)
        release = released_notebook(unit)
        submitted = parse_of_unit(raw, file.name, unit, release)
    except Unreadable as error:
        raise CourseError(f"{ADVICE.sub('', str(error))}: it cannot be graded like this; save it again as a notebook") from error
    files = modules_beside(file.parent)
    notebook, _ = rebuild(submitted, release, files=files)
    seconds, open_room = notebook_seconds(unit), rooms_for(notebook, files)
    took = judge_notebook(notebook, open_room, None, seconds=seconds, files=files)
    said = [(grade_id(cell), cell.metadata.get("convcourse", {})) for cell in notebook.cells if is_grade(cell)]
    statuses = [note.get("status", "") for _, note in said]
    lines = [*_exercises(said), *map(clean, notebook.metadata["convcourse"]["notes"]), *_files(file, submitted)]
    if took > seconds / 2:
        lines.append(f"it computed for {took:.0f} s of the {seconds:g} s that it may; the grader's machine may be slower")
    return Ready(unit, tuple(lines), len(said) - statuses.count("not done"), statuses.count("passed"))


def _unit_of(notebook: NotebookNode, file: Path) -> str:
    """The unit whose cells the notebook has; else the one in the file's name."""
    names = {grade_id(cell) for cell in notebook.cells} - {""}
    shared = {unit: len(names & {grade_id(cell) for cell in released_notebook(unit).cells}) for unit in UNITS}
    best = max(UNITS, key=lambda unit: shared[unit])
    if shared[best]:
        return best
    if named := [unit for unit in UNITS if unit in file.name]:
        return named[0]
    raise CourseError(f"{file.name} has no cell of any unit: is it a notebook of this course?")


def _exercises(said: list[tuple[str, dict[str, str]]]) -> Iterator[str]:
    width = max((len(name) for name, _ in said), default=0)
    for name, note in said:
        status = note.get("status", "")
        words = clean(note.get("remark", "")) or WORDS.get(status, "")
        yield f"{SIGNS.get(status, ' ')} {name:<{width}}  {words}"


def _files(file: Path, submitted: NotebookNode) -> Iterator[str]:
    """What must be handed in besides the notebook, and what will not travel."""
    code = "\n".join(cell.source for cell in submitted.cells if cell.cell_type == "code")
    used = sorted(
        path.name for path in file.parent.glob("*.py") if re.search(rf"\b(?:import|from)\s+{re.escape(path.stem)}\b", code)
    )
    if used:
        yield f"hand in {', '.join(used)} with it: the notebook imports {'it' if len(used) == 1 else 'them'}"
    opened = set(re.findall(r"""(?:open|load|loadtxt|read_csv|imread)\(\s*["']([^"'\n]+)["']""", code))
    if lost := sorted(name for name in opened if (file.parent / name).is_file()):
        yield f"{', '.join(lost)} will not be there at grading: only .py files travel with a notebook"


def summary(ready: Ready) -> str:
    """The last line."""
    return (
        f"{many(ready.begun, 'exercise')} will be graded as begun, {ready.right} of them right in the visible cases. "
        "The grader poses further cases, so this is no score."
    )
