"""Run a rebuilt submission in a room, and compute its scores outside that room."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Integer, default

from convcourse.authoring.own_course import own_unit
from convcourse.check import visible_cases
from convcourse.exercises import UNITS
from convcourse.exercises.own import AS_IT_STANDS, OwnUnit, with_points
from convcourse.grading.cell_names import NO_FILES
from convcourse.grading.rebuild import submitted_folder
from convcourse.grading.solved_seconds import TIMES_THE_SOLVED, solved_seconds
from convcourse.grading.stopped_cells import with_cause
from convcourse.grading.submission import grade_id, modules_beside
from convcourse.judging.calling import Answer
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import ModelFacts, NotSafe, PackedModel, facts_as_plain, facts_from_plain
from convcourse.judging.packing import writable
from convcourse.judging.panel import verdict_html
from convcourse.judging.verdict import Verdict, judge, nothing_earned, values_expected, weights_count
from convcourse.judging.wire import read_reply, request_message
from convcourse.sandbox import habits
from convcourse.sandbox.child import LONGEST_OUTPUT
from convcourse.sandbox.room import Room, room_maker
from convcourse.sandbox.sight import refuse_in_sight
from convcourse.sandbox.time_limit import COMPUTED, IDLE, PATIENCE

HIDDEN_ROUNDS = 4
CELL_SECONDS = 30.0
NOTEBOOK_SECONDS = 60.0  # or TIMES_THE_SOLVED of what the solved notebook takes, if that is more
OWN_NOTEBOOK_SECONDS = 300.0  # of a unit that is not the course's: nobody has measured its solved notebook
LONG_CELL = 3.0
FRESH_STARTS = 8
CLEAN_STARTS = 3
MODEL_FACTS = 1_000_000  # values of a model's outputs and of what is said of its layers
MOST_OUTPUTS, LONGEST_ERROR = 100, 2000  # of a cell; characters of an error's name, and of its words
MOST_OUTPUT = 2_000_000  # characters of all cells together


Step = Callable[[Room], tuple[Any, str]]


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
        work.do_first(
            lambda room: room.run(f"__import__({habits.__name__!r}, fromlist=['_']).put_beside({dict(files)!r})", CELL_SECONDS)
        )
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


@dataclass(frozen=True)
class Asked:
    """An exercise that was asked in the room: the packed answers to the visible cases, and the trouble in words.

    number: of the cell. kept: the word under which the room has kept its names. seconds: of computing, what is left for the
    hidden cases.
    """

    exercise: Exercise
    number: int
    kept: str
    packed: str
    trouble: str
    seconds: float


class Work:
    """A running notebook: its room, and what was done there, so that a fresh room can do it again.

    Cells that took longer than all of the solved notebook are not run again, nor is one whose processes have filled the room.
    """

    def __init__(self, open_room: Callable[[], Room], seconds: float, turn: float = math.inf) -> None:
        self.rooms: list[Room] = []  # all that were opened
        self.opener = open_room
        self.room = self.open_room()
        self.clean: Room | None = None
        self.clean_starts = 0
        self.done: list[Step] = []
        self.long: list[int] = []  # numbers of the cells that are not run again
        # The first cell that has left processes in the room, and the troubles of later cells that come from them.
        self.left_strays: tuple[int, Step, tuple[str, ...]] | None = None
        self.notes: list[str] = []
        self.starts = 0
        self.not_right: list[str] = []
        self.output_left = MOST_OUTPUT
        self.seconds, self.turn = seconds, turn

    def open_room(self) -> Room:
        self.rooms.append(self.opener())
        return self.rooms[-1]

    @property
    def spent(self) -> float:
        """Seconds of computing until now."""
        return sum(room.spent for room in self.rooms)

    @property
    def idled(self) -> float:
        """Seconds without computing until now."""
        return sum(room.idled for room in self.rooms)

    def do_first(self, step: Step) -> None:
        """Do this in the room, and in each fresh room."""
        step(self.room)
        self.done.append(step)

    def run(self, source: str, number: int) -> list[dict[str, Any]]:
        """The outputs of a cell. If the cell ends the process or takes too long, they include an error."""
        outputs, trouble, seconds = self._in_room(lambda room: room.run(source, *self._allowed(CELL_SECONDS)))
        if trouble:
            words = self._words(trouble, CELL_SECONDS, number)
            return [*outputs, {"output_type": "error", "ename": "Stopped", "evalue": words, "traceback": [words]}]
        if seconds > max(LONG_CELL, self.seconds / TIMES_THE_SOLVED):
            self.long.append(number)
            return outputs

        def again(room: Room) -> tuple[Any, str]:
            return room.run(source, *self._allowed(CELL_SECONDS))

        self.done.append(again)
        if self.room.strays and not self.left_strays:
            # A cell that stopped with an error, as a bomb does, may also leave too little for the next ones to live.
            stopped = any(output.get("output_type") == "error" for output in outputs)
            self.left_strays = number, again, ("full", "died") if stopped else ("full",)
        return outputs

    def ask(self, exercise: Exercise, number: int, time_of_test: str = "first") -> Asked:
        """Ask for the answers to the visible cases, and let the room keep its names for the hidden ones."""
        kept = f"{exercise.name} {time_of_test}"
        message = _visible_message(exercise, kept)
        packed, trouble, seconds = self._in_room(lambda room: room.ask(exercise.name, message, *self._allowed(exercise.seconds)))
        if not trouble:
            only_keep = request_message((), keep=kept)
            self.done.append(lambda room: room.ask(exercise.name, only_keep, *self._allowed(CELL_SECONDS)))
        words = self._words(trouble, exercise.seconds, number)
        return Asked(exercise, number, kept, packed, words, exercise.seconds - seconds)

    def ask_hidden(self, asked: Asked, seed: int | None) -> tuple[str, str]:
        """The packed answers to the hidden cases, and the trouble in words. Call it when all cells have run."""
        if asked.trouble:
            return "", asked.trouble
        exercise, message = asked.exercise, _hidden_message(asked.exercise, asked.kept, seed)
        packed, trouble, _ = self._in_room(
            lambda room: room.ask(exercise.name, message, *self._allowed(exercise.seconds, asked.seconds))
        )
        return packed, self._words(trouble, exercise.seconds, asked.number)

    def verdict(self, seed: int | None, tries: list[tuple[Asked, tuple[str, str]]]) -> Verdict:
        """The best verdict on the answers of an exercise. Call it in the exercises' order, from one thread."""
        exercise = tries[0][0].exercise
        verdicts = [self._verdict_on(asked, *hidden, seed) for asked, hidden in tries]
        best = max(reversed(verdicts), key=lambda verdict: verdict.score)
        if best.status != "passed":
            self.not_right.append(exercise.name)
        return best

    def _verdict_on(self, asked: Asked, packed: str, trouble: str, seed: int | None) -> Verdict:
        exercise, visible = asked.exercise, visible_cases(asked.exercise)
        if trouble:
            return nothing_earned(exercise, "wrong", trouble)
        hidden = _hidden_cases(exercise, seed)
        try:
            answers, names = _read(asked.packed, exercise, visible)
            answers = answers[: len(visible)]
            if len(answers) == len(visible):  # else it stopped there
                answers += _read(packed, exercise, hidden)[0][: len(hidden)]
        except ValueError:
            return nothing_earned(exercise, "wrong", "The function could not be called, or its result was too large to judge.")
        try:
            verdict = judge(exercise, [*visible, *hidden], answers, len(visible), facts_of=self.facts)
        except (MemoryError, RecursionError, OverflowError) as error:
            verdict = nothing_earned(exercise, "wrong", f"The result cannot be judged ({type(error).__name__}).")
        if verdict.status == "wrong":
            verdict = replace(verdict, leans_on=tuple(name for name in self.not_right if name in names))
        return verdict

    def facts(self, model: PackedModel) -> ModelFacts:
        """The facts of a student's model. Raises NotSafe."""

        def flows() -> dict[str, Any]:
            try:
                return self._rebuilt(model, flows=True)
            except NotSafe:  # they only help to say what is wrong
                return {}

        return facts_from_plain(self._rebuilt(model), flows)

    def _rebuilt(self, model: PackedModel, flows: bool = False) -> dict[str, Any]:
        """Facts of a model as plain data, rebuilt in a room that has never run student code. Raises NotSafe."""
        if self._is_used_up():  # a result may consist of many models
            raise NotSafe(self._words(_USED_UP))
        name = facts_as_plain.__name__
        if self.clean is None or not self.clean.alive:
            if self.clean_starts >= CLEAN_STARTS:
                raise NotSafe("Models of this notebook have ended the process that rebuilds them; no more are tried.")
            self.clean, self.clean_starts = self.open_room(), self.clean_starts + 1
            self.clean.run(f"from {facts_as_plain.__module__} import {name}", *self._allowed(CELL_SECONDS))
        message = request_message([Case({"config": model.config, "weights": model.weights, "flows": flows}, "")])
        packed, trouble = self.clean.ask(name, message, *self._allowed(CELL_SECONDS))
        self._turn_ends()
        if trouble:
            raise NotSafe("The model could not be rebuilt: it takes too much time or memory.")
        try:
            (given,), _ = read_reply(packed, MODEL_FACTS)
        except ValueError as error:
            raise NotSafe("The model could not be described.") from error
        if given.error:
            raise NotSafe(f"The model could not be tried: {given.message}")
        return given.value if isinstance(given.value, dict) else {}

    def close(self) -> None:
        self.room.close()
        if self.clean is not None:
            self.clean.close()

    def _allowed(self, seconds: float, left: float = math.inf) -> tuple[float, float]:
        """Seconds of computing for a call, and of idling. left: of the computing, if an earlier call has taken some."""
        whole = min(self.seconds, self.turn)
        idle = min(PATIENCE * seconds, PATIENCE * whole - self.idled)
        return max(0.1, min(seconds, left, whole - self.spent)), max(0.1, idle)

    def _takes_longer(self, seconds: float) -> bool:
        return self.spent >= seconds or self.idled >= PATIENCE * seconds

    def _is_used_up(self) -> bool:
        return self._takes_longer(self.seconds)

    def _turn_ends(self) -> None:
        if self._takes_longer(self.turn):
            raise TurnOver

    def _words(self, trouble: str, seconds: float = 0.0, number: int = 0) -> str:
        if trouble in (COMPUTED, IDLE) and self._is_used_up():
            trouble = _USED_UP
        if trouble == _USED_UP:
            if self.spent >= self.seconds:
                return f"The notebook has used up its {self.seconds:g} seconds of computing; this was not run any more."
            return f"The notebook has slept or waited for {PATIENCE * self.seconds:g} seconds; this was not run any more."
        if trouble == "died" and self.long:
            trouble = f"{_WORDS['died']} Cells that had taken long were not run again: {', '.join(map(str, self.long))}."
        return _WORDS.get(trouble, trouble).format(seconds=seconds, idle=PATIENCE * seconds, number=number)

    def _in_room(self, act: Step) -> tuple[Any, str, float]:
        """Act in the room. If it has died, act in a fresh room after the earlier cells have run there again.

        Returns what came of it, the trouble, and the seconds of computing that it took by itself.
        """
        if self._is_used_up():
            return [], _USED_UP, 0.0
        trouble = "" if self.room.alive else self._fresh_room()
        if trouble not in ("", "full"):
            return [], trouble, 0.0
        strays, before = self.room.strays, self.room.spent
        result, trouble = ([], trouble) if trouble else act(self.room)
        self._turn_ends()
        if strays and self.left_strays and trouble in self.left_strays[2]:
            # A bomb that goes on in the background takes no points off the cells after it.
            number, step, _ = self.left_strays
            self.left_strays = None
            self.done.remove(step)
            self.notes.append(f"cell {number}: processes that it left filled the room later, so it was not run again")
            return self._in_room(act)
        return result, trouble, self.room.spent - before

    def _fresh_room(self) -> str:
        """Open a fresh room and do there what is done; return the trouble."""
        if self.starts >= FRESH_STARTS:
            return f"The notebook has ended its process {FRESH_STARTS + 1} times; this was not run any more."
        self.starts += 1
        self.room = self.open_room()
        for step in self.done:
            _, trouble = step(self.room)
            self._turn_ends()
            if self._is_used_up():
                return _USED_UP
            if trouble == "full":
                return trouble
        return ""


@lru_cache(maxsize=64)
def _hidden_cases(exercise: Exercise, seed: int | None) -> tuple[Case, ...]:
    return () if seed is None else tuple(exercise.fresh_cases(seed, HIDDEN_ROUNDS))


@lru_cache(maxsize=64)
def _visible_message(exercise: Exercise, keep: str) -> str:
    weights = weights_count(exercise)
    return request_message(visible_cases(exercise), exercise.forbidden, exercise.compiled, weights, keep=keep)


@lru_cache(maxsize=64)
def _hidden_message(exercise: Exercise, kept: str, seed: int | None) -> str:
    return request_message(_hidden_cases(exercise, seed), exercise.forbidden, weights=weights_count(exercise), kept=kept)


def _read(packed: str, exercise: Exercise, cases: Sequence[Case]) -> tuple[list[Answer], set[str]]:
    """The answers and names in a reply. Raises ValueError if they are out of all proportion to the right answers."""
    try:
        return read_reply(packed, 0)
    except ValueError:  # only now, because the oracle takes its time, and most replies are small
        return read_reply(packed, values_expected(exercise, cases))


_USED_UP = "used up"
_WORDS = {
    COMPUTED: "It was still running after {seconds:g} seconds of computing. Is there a loop that never ends?",
    IDLE: "It was not done when it had been idle for {idle:g} seconds. Does it sleep, or wait for something?",
    "full": "Cell {number} left so many processes and threads that no more could be started; the others ran in a fresh process.",
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
