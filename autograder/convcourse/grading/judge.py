"""Run a rebuilt submission in a room, and compute its scores outside that room."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Integer, default

from convcourse.authoring.own_course import own_unit
from convcourse.exercises import UNITS
from convcourse.exercises.own import AS_IT_STANDS, OwnUnit, with_points
from convcourse.grading.cell_names import NO_FILES
from convcourse.grading.rebuild import submitted_folder
from convcourse.grading.running_notebook import MOST_OUTPUT, Asked, Work
from convcourse.grading.solved_seconds import TIMES_THE_SOLVED, solved_seconds
from convcourse.grading.stopped_cells import with_cause
from convcourse.grading.submission import grade_id, modules_beside
from convcourse.judging.exercise import Exercise
from convcourse.judging.packing import writable
from convcourse.judging.panel import verdict_html
from convcourse.judging.verdict import Verdict
from convcourse.sandbox.child import LONGEST_OUTPUT
from convcourse.sandbox.room import Room, room_maker
from convcourse.sandbox.sight import refuse_in_sight

NOTEBOOK_SECONDS = 60.0  # or TIMES_THE_SOLVED of what the solved notebook takes, if that is more
OWN_NOTEBOOK_SECONDS = 300.0  # of a unit that is not the course's: nobody has measured its solved notebook
MOST_OUTPUTS, LONGEST_ERROR = 100, 2000  # of a cell; characters of an error's name, and of its words


class Judge(NbGraderPreprocessor):
    """Replaces nbgrader's Execute, also in stock `nbgrader autograde` and the Formgrader."""

    seed = Integer(help="Seed of the hidden cases; drawn anew for each submission unless set.").tag(config=True)

    @default("seed")
    def _draw_seed(self) -> int:
        return fresh_seed()

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        unit = resources["nbgrader"]["assignment"]
        root = Path(self.parent.parent.coursedir.root) if self.parent else None  # the exporter's converter
        if root:
            refuse_in_sight(root)
        own = own_unit(root, unit) if root else AS_IT_STANDS
        files = modules_beside(submitted_folder(self, resources)) if root else NO_FILES
        judge_notebook(nb, rooms_for(nb, files), self.seed, own, notebook_seconds(unit), files=files)
        return nb, resources


def rooms_for(notebook: NotebookNode, files: Mapping[str, str] = NO_FILES) -> Callable[[], Room]:
    """Opens rooms that have what this notebook and the modules beside it import."""
    return room_maker("\n".join([*(cell.source for cell in notebook.cells if cell.cell_type == "code"), *files.values()]))


def fresh_seed() -> int:
    return secrets.randbelow(2**31)


def notebook_seconds(unit: str) -> float:
    """Seconds that a notebook of this unit may take."""
    return max(NOTEBOOK_SECONDS, TIMES_THE_SOLVED * solved_seconds(unit)) if unit in UNITS else OWN_NOTEBOOK_SECONDS


def judge_notebook(
    notebook: NotebookNode,
    open_room: Callable[[], Room],
    seed: int | None,
    own: OwnUnit = AS_IT_STANDS,
    seconds: float | None = None,
    turn: float = math.inf,
    files: Mapping[str, str] = NO_FILES,
) -> float:
    """Run all code cells and judge the cells that test an exercise. Their outputs become the verdicts.

    seed: of the hidden cases; None poses none.
    seconds: of computing, for the whole notebook; NOTEBOOK_SECONDS if None. Raises TurnOver if it takes longer than `turn`.
    files: module name -> source of what the notebook may import beside it.

    Plain assert cells run unchanged. Only an error costs their points. While the room answers one exercise, a thread
    judges the exercise before. Returns the seconds of computing that the rooms took.
    """
    notebook.metadata.setdefault("convcourse", {})["seed"] = seed
    tests: dict[int, list[Asked]] = {}
    again: dict[int, list[int]] = {}  # tests whose answer is defined later, by the cell that defines it
    work = Work(open_room, NOTEBOOK_SECONDS if seconds is None else seconds, turn)
    if files:
        work.put_beside(files)
    judging = ThreadPoolExecutor(max_workers=1)
    try:
        for index, cell in enumerate(notebook.cells):
            if not _is_run(cell):
                continue
            exercise = exercise_tested_by(cell, own)
            if exercise is None:
                _run_cell(work, notebook, index)
            else:
                tests[index] = [work.ask(exercise, index + 1)]
            if later := cell.metadata.get("convcourse", {}).get("later"):
                again.setdefault(later, []).append(index)
            for test in again.get(index, ()):
                if test in tests:
                    tests[test].append(work.ask(tests[test][0].exercise, index + 1, "later"))
                elif _stopped(notebook.cells[test]):
                    _run_cell(work, notebook, test)
        # The hidden cases come last, so that no cell can print them.
        verdicts = {
            index: judging.submit(work.verdict, seed, [(a, work.ask_hidden(a, seed)) for a in tests[index]]) for index in tests
        }
        for index, verdict in verdicts.items():
            _write_verdict(notebook.cells[index], with_cause(verdict.result(), notebook))
        if work.output_left <= 0:
            work.notes.append(f"its cells printed more than {MOST_OUTPUT:,} characters; the rest was left out")
        notebook.metadata["convcourse"].setdefault("notes", []).extend(work.notes)
    finally:
        work.close()
        judging.shutdown(cancel_futures=True)
    return work.spent


def _is_run(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip()) and "skipped" not in cell.metadata.get("convcourse", {})


def _run_cell(work: Work, notebook: NotebookNode, index: int) -> None:
    cell, number = notebook.cells[index], index + 1
    whole = cell.metadata.get("convcourse", {}).get("whole", cell.source)
    cell.outputs = _outputs(work.run(whole, number), is_grade(cell), min(LONGEST_OUTPUT, work.output_left))
    work.output_left -= _characters(cell.outputs)
    notes = notebook.metadata["convcourse"].setdefault("notes", [])
    notes.extend(f"cell {number}: {words}" for words in _troubles(cell.outputs))


def _stopped(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def exercise_tested_by(cell: NotebookNode, own: OwnUnit = AS_IT_STANDS) -> Exercise | None:
    """The exercise that a graded cell checks, with the cell's points; None for text, examples and plain assert cells."""
    if not is_grade(cell) or cell.cell_type != "code":
        return None
    exercise = own.find(grade_id(cell))
    if exercise is None or cell.source.strip() != f"check({exercise.name})":
        return None
    return with_points(exercise, float(cell.metadata.nbgrader["points"]))


def _troubles(outputs: list[NotebookNode]) -> list[str]:
    """The note for the instructor on a cell that did not run normally."""
    stopped = [output.evalue for output in outputs if output.get("ename") == "Stopped"]
    cut = _characters(outputs) >= LONGEST_OUTPUT
    stopped += ["It took all the memory that it may have." for output in outputs if output.get("ename") == "MemoryError"]
    return [*stopped, *([f"It printed more than {LONGEST_OUTPUT:,} characters; the rest was left out."] if cut else [])]


def _outputs(outputs: list[dict[str, Any]], graded: bool, most: int) -> list[NotebookNode]:
    """The room's outputs in nbformat's shape, of `most` characters together; everything else from the room is dropped.

    In graded cells stderr becomes stdout, because nbgrader takes all points off for a warning.
    """
    nodes: list[NotebookNode] = []
    for output in (*outputs[: MOST_OUTPUTS - 1], *outputs[MOST_OUTPUTS - 1 :][-1:]):  # an error is the last
        kind = output.get("output_type") if isinstance(output, dict) else None
        left = most - _characters(nodes)
        if kind == "error":
            name, words = (writable(output.get(key, ""))[:LONGEST_ERROR] for key in ("ename", "evalue"))
            nodes.append(NotebookNode(output_type="error", ename=name, evalue=words, traceback=[f"{name}: {words}"]))
        elif kind == "stream" and left > 0:
            name = "stderr" if output.get("name") == "stderr" and not graded else "stdout"
            nodes.append(NotebookNode(output_type="stream", name=name, text=writable(output.get("text", ""))[:left]))
        elif kind in ("display_data", "execute_result") and left > 0:
            data = output.get("data")
            text = writable(data.get("text/plain", ""))[:left] if isinstance(data, dict) else ""
            nodes.append(_rich_output(kind, {"text/plain": text}))
    return nodes


def _characters(outputs: Sequence[NotebookNode]) -> int:
    """How long the texts of a cell's outputs are."""
    return sum(len(output.get("text", "")) + len(output.get("data", {}).get("text/plain", "")) for output in outputs)


def _rich_output(kind: str, data: dict[str, str]) -> NotebookNode:
    # Without nbformat's new_output, which checks each output. All are checked when the notebook is written.
    counted = {"execution_count": None} if kind == "execute_result" else {}
    return NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode(), **counted)


def _write_verdict(cell: NotebookNode, verdict: Verdict) -> None:
    """Replace the cell's outputs by the verdict. nbgrader reads the score from the plain text."""
    told = verdict.mistake or verdict.leans_on
    stopped = verdict.problem.error if verdict.problem and not told else ""
    remark = "" if verdict.status == "not done" else verdict.remark  # which then is for the student only
    data = {"text/plain": repr(verdict.score), "text/html": verdict_html(verdict)}
    cell.outputs = [_rich_output("execute_result", data)]
    cell.metadata["convcourse"] = {
        "title": verdict.exercise.title,
        "status": verdict.status,
        "earned": verdict.earned,
        "mistake": verdict.mistake.name if verdict.mistake else "",
        "statement": verdict.statement,
        "remark": remark or (f"{verdict.exercise.name} stops with {stopped}" if stopped else ""),
    }
