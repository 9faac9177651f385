"""Run a submission in a kernel, and judge its exercises outside that kernel."""

from __future__ import annotations

import secrets
from typing import Any

from nbclient.exceptions import DeadKernelError
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from traitlets import Integer, default

from convcourse.check import CHECK_ROUNDS, CHECK_SEED
from convcourse.exercise import Exercise
from convcourse.exercises import find_exercise
from convcourse.feedback import verdict_html
from convcourse.respond import ANSWERS_MIME, read_answers, request_source
from convcourse.verdict import Verdict, judge, nothing_earned

HIDDEN_ROUNDS = 4


class JudgedExecute(Execute):
    """nbgrader's Execute, except that the cells which test an exercise are judged, not run.

    The kernel is sent inputs and gives back results; scores are reached here, where no student code runs.
    Plain assert cells run as nbgrader runs them.
    """

    seed = Integer(help="Seed of the hidden cases; drawn anew for each run unless set.").tag(config=True)

    @default("seed")
    def _draw_seed(self) -> int:
        return secrets.randbelow(2**31)

    @default("shutdown_kernel")
    def _shut_down_at_once(self) -> str:
        return "immediate"  # the graceful way costs a second a submission and saves nothing

    @default("timeout_func")
    def _time_for(self) -> Any:
        return lambda cell: cell.metadata.get("seconds", self.timeout)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict, km: Any = None) -> tuple[NotebookNode, ResourcesDict]:
        self.died_at = ""
        nb.metadata.setdefault("convcourse", {})["seed"] = self.seed
        nb, resources = super().preprocess(nb, resources, km=km)
        return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: ResourcesDict, index: int) -> tuple[NotebookNode, ResourcesDict]:
        exercise = _exercise_tested_by(cell)
        if exercise is not None:
            _write_verdict(cell, self._judge(exercise, index))
            return cell, resources
        if cell.cell_type == "code" and self.died_at:
            cell.outputs = [_error_output(self.died_at)]
            return cell, resources
        try:
            return super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            self._note_death(index)
            cell.outputs = [_error_output(self.died_at)]
            return cell, resources

    def _judge(self, exercise: Exercise, index: int) -> Verdict:
        if self.died_at:
            return nothing_earned(exercise, "wrong", self.died_at)
        visible = [*exercise.examples, *exercise.fresh_cases(CHECK_SEED, CHECK_ROUNDS)]
        cases = visible + exercise.fresh_cases(self.seed, HIDDEN_ROUNDS)
        source = request_source(exercise.name, [dict(case.arguments) for case in cases], exercise.forbidden)
        request = new_code_cell(source, metadata={"seconds": exercise.seconds})
        original = self.nb.cells[index]
        try:
            self.execute_cell(request, index, store_history=False)
        except DeadKernelError:
            self._note_death(index)
            return nothing_earned(exercise, "wrong", self.died_at)
        finally:
            self.nb.cells[index] = original  # nbclient stores the cell that it ran
        if any(o.output_type == "error" and o.ename == "CellTimeoutError" for o in request.outputs):
            late = f"It was still running after {exercise.seconds:g} seconds. Is there a loop that never ends?"
            return nothing_earned(exercise, "wrong", late)
        try:
            # Of several messages the last counts: ours is sent after all that the student's code could send.
            packed = [o.data[ANSWERS_MIME] for o in request.outputs if ANSWERS_MIME in o.get("data", {})][-1]
            answers = read_answers(packed)
        except (IndexError, ValueError):
            return nothing_earned(exercise, "wrong", "The function could not be called: the kernel gave no readable answer.")
        return judge(exercise, cases, answers[: len(cases)], visible=len(visible))

    def _note_death(self, index: int) -> None:
        reason = "out of memory, or the code ended the process"
        self.died_at = f"The kernel died in cell {index + 1} ({reason}); nothing after it could run."


def _exercise_tested_by(cell: NotebookNode) -> Exercise | None:
    """The exercise that a graded cell checks, or None for prose, worked examples and plain assert cells."""
    if not is_grade(cell) or cell.cell_type != "code":
        return None
    exercise = find_exercise(cell.metadata.nbgrader["grade_id"])
    return exercise if exercise and cell.source.strip() == f"check({exercise.name})" else None


def _write_verdict(cell: NotebookNode, verdict: Verdict) -> None:
    """The cell's outputs become the verdict; nbgrader reads the score from the plain text."""
    data = {"text/plain": repr(verdict.score), "text/html": verdict_html(verdict)}
    cell.outputs = [new_output("execute_result", data=data, execution_count=None)]
    cell.metadata["convcourse"] = {
        "status": verdict.status,
        "earned": verdict.earned,
        "mistake": verdict.mistake.name if verdict.mistake else "",
        "remark": verdict.remark,
    }


def _error_output(message: str) -> NotebookNode:
    return new_output("error", ename="KernelDied", evalue=message, traceback=[message])
