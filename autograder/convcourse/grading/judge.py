"""Run a rebuilt submission in a room, and compute its scores outside that room."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Integer, default

from convcourse.authoring.own_course import own_unit
from convcourse.check import CHECK_ROUNDS, CHECK_SEED
from convcourse.exercises import UNITS
from convcourse.exercises.own import AS_IT_STANDS, OwnUnit, with_points
from convcourse.grading.solved_seconds import TIMES_THE_SOLVED, solved_seconds
from convcourse.grading.submission import grade_id
from convcourse.judging.calling import Answer
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import ModelFacts, NotSafe, PackedModel, facts_as_plain, facts_from_plain
from convcourse.judging.packing import writable
from convcourse.judging.panel import verdict_html
from convcourse.judging.verdict import Verdict, judge, nothing_earned, values_expected
from convcourse.judging.wire import read_reply, request_message
from convcourse.sandbox.child import LONGEST_OUTPUT
from convcourse.sandbox.room import Room, room_maker
from convcourse.sandbox.sight import refuse_in_sight

HIDDEN_ROUNDS = 4
CELL_SECONDS = 30.0
NOTEBOOK_SECONDS = 60.0  # or TIMES_THE_SOLVED of what the solved notebook takes, if that is more
OWN_NOTEBOOK_SECONDS = 300.0  # of a unit that is not the course's: nobody has measured its solved notebook
LONG_CELL = 3.0
FRESH_STARTS = 8
CLEAN_STARTS = 3
MODEL_FACTS = 1_000_000  # values of a model's outputs and of what is said of its layers
MOST_OUTPUTS = 100  # of a cell


class TurnOver(Exception):
    """The notebook takes longer than its turn."""


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
        judge_notebook(nb, room_maker(), self.seed, own, notebook_seconds(unit))
        return nb, resources


def fresh_seed() -> int:
    return secrets.randbelow(2**31)


def notebook_seconds(unit: str) -> float:
    """Seconds that a notebook of this unit may take."""
    return max(NOTEBOOK_SECONDS, TIMES_THE_SOLVED * solved_seconds(unit)) if unit in UNITS else OWN_NOTEBOOK_SECONDS


def judge_notebook(
    notebook: NotebookNode,
    open_room: Callable[[], Room],
    seed: int,
    own: OwnUnit = AS_IT_STANDS,
    seconds: float | None = None,
    turn: float = math.inf,
) -> None:
    """Run all code cells and judge the cells that test an exercise. Their outputs become the verdicts.

    seconds: for the whole notebook, NOTEBOOK_SECONDS if None. Raises TurnOver if it takes longer than `turn` seconds.

    Plain assert cells run unchanged. Only an error costs their points. While the room runs the next cell, a thread
    judges the answers of the cell before.
    """
    notebook.metadata.setdefault("convcourse", {})["seed"] = seed
    verdicts: list[tuple[NotebookNode, Future[Verdict]]] = []
    work = Work(open_room, NOTEBOOK_SECONDS if seconds is None else seconds, turn)
    judging = ThreadPoolExecutor(max_workers=1)
    try:
        for number, cell in enumerate(notebook.cells, start=1):
            if cell.cell_type != "code" or not cell.source.strip() or "skipped" in cell.metadata.get("convcourse", {}):
                continue
            exercise = exercise_tested_by(cell, own)
            if exercise is None:
                whole = cell.metadata.get("convcourse", {}).get("whole", cell.source)
                cell.outputs = _outputs(work.run(whole, number), graded=is_grade(cell))
                notes = notebook.metadata["convcourse"].setdefault("notes", [])
                notes.extend(f"cell {number}: {words}" for words in _troubles(cell.outputs))
            else:
                reply = work.ask(exercise, seed, number)
                verdicts.append((cell, judging.submit(work.verdict, exercise, seed, *reply)))
        for cell, verdict in verdicts:
            _write_verdict(cell, verdict.result())
    finally:
        work.close()
        judging.shutdown(cancel_futures=True)


class Work:
    """A running notebook: its room, and the cells that have run there, so that a fresh room can run them again.

    Cells that took longer than all of the solved notebook are not run again.
    """

    def __init__(self, open_room: Callable[[], Room], seconds: float, turn: float = math.inf) -> None:
        self.open_room = open_room
        self.room = open_room()
        self.clean: Room | None = None
        self.clean_starts = 0
        self.done: list[str] = []
        self.long: list[int] = []  # numbers of the cells that are not run again
        self.starts = 0
        self.not_right: list[str] = []
        self.seconds = seconds
        self.deadline, self.turn_over = time.monotonic() + seconds, time.monotonic() + turn

    def run(self, source: str, number: int) -> list[dict[str, Any]]:
        """The outputs of a cell. If the cell ends the process or takes too long, they include an error."""
        begun = time.monotonic()
        outputs, trouble = self._in_room(lambda room: room.run(source, self._allowed(CELL_SECONDS)))
        if trouble:
            words = self._words(trouble, CELL_SECONDS, number)
            return [*outputs, {"output_type": "error", "ename": "Stopped", "evalue": words, "traceback": [words]}]
        if time.monotonic() - begun > max(LONG_CELL, self.seconds / TIMES_THE_SOLVED):
            self.long.append(number)
        else:
            self.done.append(source)
        return outputs

    def ask(self, exercise: Exercise, seed: int, number: int) -> tuple[str, str]:
        """The student's packed answers to the visible and to the hidden cases, and the trouble in words."""
        _, _, message = _questions(exercise, seed)
        packed, trouble = self._in_room(lambda room: room.ask(exercise.name, message, self._allowed(exercise.seconds)))
        return packed, self._words(trouble, exercise.seconds, number)

    def verdict(self, exercise: Exercise, seed: int, packed: str, trouble: str) -> Verdict:
        """The verdict on these answers. Call it in the exercises' order, from one thread."""
        visible, cases, _ = _questions(exercise, seed)
        names: set[str] = set()
        if trouble:
            verdict = nothing_earned(exercise, "wrong", trouble)
        else:
            try:
                answers, names = _read(packed, exercise, cases)
            except ValueError:
                words = "The function could not be called, or its result was too large to judge."
                verdict = nothing_earned(exercise, "wrong", words)
            else:
                try:
                    verdict = judge(exercise, cases, answers[: len(cases)], visible, facts_of=self.facts)
                except (MemoryError, RecursionError, OverflowError) as error:
                    verdict = nothing_earned(exercise, "wrong", f"The result cannot be judged ({type(error).__name__}).")
        if verdict.status == "wrong":
            verdict = replace(verdict, leans_on=tuple(name for name in self.not_right if name in names))
        if verdict.status != "passed":
            self.not_right.append(exercise.name)
        return verdict

    def facts(self, model: PackedModel) -> ModelFacts:
        """The facts of a student's model, rebuilt in a room that has never run student code. Raises NotSafe."""
        name = facts_as_plain.__name__
        if self.clean is None or not self.clean.alive:
            if self.clean_starts >= CLEAN_STARTS:
                raise NotSafe("Models of this notebook have ended the process that rebuilds them; no more are tried.")
            self.clean, self.clean_starts = self.open_room(), self.clean_starts + 1
            self.clean.run(f"from {facts_as_plain.__module__} import {name}", self._allowed(CELL_SECONDS))
        message = request_message([Case({"config": model.config, "weights": model.weights}, "")])
        packed, trouble = self.clean.ask(name, message, self._allowed(CELL_SECONDS))
        self._turn_ends()
        if trouble:
            raise NotSafe("The model could not be rebuilt: it takes too much time or memory.")
        try:
            (given,), _ = read_reply(packed, MODEL_FACTS)
        except ValueError as error:
            raise NotSafe("The model could not be described.") from error
        if given.error:
            raise NotSafe(f"The model could not be tried: {given.message}")
        return facts_from_plain(given.value)

    def close(self) -> None:
        self.room.close()
        if self.clean is not None:
            self.clean.close()

    def _allowed(self, seconds: float) -> float:
        return max(0.1, min(seconds, min(self.deadline, self.turn_over) - time.monotonic()))

    def _turn_ends(self) -> None:
        if time.monotonic() >= self.turn_over:
            raise TurnOver

    def _words(self, trouble: str, seconds: float, number: int) -> str:
        if trouble == "time" and time.monotonic() >= self.deadline:
            trouble = _USED_UP
        elif trouble == "died" and self.long:
            trouble = f"{_WORDS['died']} Cells that had taken long were not run again: {', '.join(map(str, self.long))}."
        return _WORDS.get(trouble, trouble).format(seconds=self.seconds if trouble == _USED_UP else seconds, number=number)

    def _in_room(self, act: Callable[[Room], tuple[Any, str]]) -> tuple[Any, str]:
        """Act in the room. If it has died, act in a fresh room after the earlier cells have run there again."""
        if time.monotonic() >= self.deadline:
            return [], _USED_UP
        if not self.room.alive:
            if self.starts >= FRESH_STARTS:
                return [], f"The notebook has ended its process {FRESH_STARTS + 1} times; this was not run any more."
            self.starts += 1
            self.room = self.open_room()
            for source in self.done:
                self.room.run(source, self._allowed(CELL_SECONDS))
                self._turn_ends()
                if time.monotonic() >= self.deadline:
                    return [], _USED_UP
        result = act(self.room)
        self._turn_ends()
        return result


@lru_cache(maxsize=32)  # all students of a class get the same cases
def _questions(exercise: Exercise, seed: int) -> tuple[int, list[Case], str]:
    """The number of visible cases, the visible and hidden cases, and all of these packed."""
    visible = [*exercise.examples, *exercise.fresh_cases(CHECK_SEED, CHECK_ROUNDS)]
    cases = [*visible, *exercise.fresh_cases(seed, HIDDEN_ROUNDS)]
    return len(visible), cases, request_message(cases, exercise.forbidden, exercise.compiled)


def _read(packed: str, exercise: Exercise, cases: list[Case]) -> tuple[list[Answer], set[str]]:
    """The answers and names in a reply. Raises ValueError if they are out of all proportion to the right answers."""
    try:
        return read_reply(packed, 0)
    except ValueError:  # only now, because the oracle takes its time, and most replies are small
        return read_reply(packed, values_expected(exercise, cases))


_USED_UP = "The notebook has used up its {seconds:g} seconds; this was not run any more."
_WORDS = {
    "time": "It was still running after {seconds:g} seconds. Is there a loop that never ends?",
    "died": "Cell {number} ended the process (out of memory, or a call such as exit()); the others ran in a fresh one.",
}


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
    cut = any(len(output.get("text", "")) >= LONGEST_OUTPUT for output in outputs)
    stopped += ["It took all the memory that it may have." for output in outputs if output.get("ename") == "MemoryError"]
    return [*stopped, *([f"It printed more than {LONGEST_OUTPUT:,} characters; the rest was left out."] if cut else [])]


def _outputs(outputs: list[dict[str, Any]], graded: bool) -> list[NotebookNode]:
    """The room's outputs in nbformat's shape; everything else from the room is dropped.

    In graded cells stderr becomes stdout, because nbgrader takes all points off for a warning.
    """
    nodes = []
    for output in outputs[:MOST_OUTPUTS]:
        kind = output.get("output_type") if isinstance(output, dict) else None
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" and not graded else "stdout"
            nodes.append(NotebookNode(output_type="stream", name=name, text=writable(output.get("text", ""))))
        elif kind == "error":
            words = {key: writable(output.get(key, "")) for key in ("ename", "evalue")}
            nodes.append(NotebookNode(output_type="error", **words, traceback=[f"{words['ename']}: {words['evalue']}"]))
        elif kind in ("display_data", "execute_result"):
            data = output.get("data")
            text = writable(data.get("text/plain", "")) if isinstance(data, dict) else ""
            nodes.append(_rich_output(kind, {"text/plain": text}))
    return nodes


def _rich_output(kind: str, data: dict[str, str]) -> NotebookNode:
    # Without nbformat's new_output, which checks each output. All are checked when the notebook is written.
    counted = {"execution_count": None} if kind == "execute_result" else {}
    return NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode(), **counted)


def _write_verdict(cell: NotebookNode, verdict: Verdict) -> None:
    """Replace the cell's outputs by the verdict. nbgrader reads the score from the plain text."""
    told = verdict.mistake or verdict.leans_on
    stopped = verdict.problem.error if verdict.problem and not told else ""
    data = {"text/plain": repr(verdict.score), "text/html": verdict_html(verdict)}
    cell.outputs = [_rich_output("execute_result", data)]
    cell.metadata["convcourse"] = {
        "status": verdict.status,
        "earned": verdict.earned,
        "mistake": verdict.mistake.name if verdict.mistake else "",
        "statement": verdict.statement,
        "remark": verdict.remark or (f"{verdict.exercise.name} stops with {stopped}" if stopped else ""),
    }
