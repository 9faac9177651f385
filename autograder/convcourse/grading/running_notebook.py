"""A notebook that is being graded: its room, what its exercises are asked there, and what their answers are worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from convcourse.check import visible_cases
from convcourse.grading.solved_seconds import TIMES_THE_SOLVED
from convcourse.judging.calling import Answer
from convcourse.judging.exercise import Case, Exercise
from convcourse.judging.models import ModelFacts, NotSafe, PackedModel, facts_as_plain, facts_from_plain
from convcourse.judging.verdict import Verdict, judge, nothing_earned, values_expected, weights_count
from convcourse.judging.wire import read_reply, request_message
from convcourse.sandbox import habits
from convcourse.sandbox.room import Room
from convcourse.time_limit import COMPUTED, IDLE, PATIENCE

HIDDEN_ROUNDS = 4
CELL_SECONDS = 30.0
LONG_CELL = 3.0
FRESH_STARTS = 8
CLEAN_STARTS = 3
MODEL_FACTS = 1_000_000  # values of a model's outputs and of what is said of its layers
MOST_OUTPUT = 2_000_000  # characters of all cells together

Step = Callable[[Room], tuple[Any, str]]


class TurnOver(Exception):
    """The notebook takes longer than its turn."""


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

    def put_beside(self, files: Mapping[str, str]) -> None:
        """Let the notebook import these modules: name -> source."""
        source = f"__import__({habits.__name__!r}, fromlist=['_']).put_beside({dict(files)!r})"
        self.done.append(lambda room: room.run(source, CELL_SECONDS))
        self.done[-1](self.room)

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
