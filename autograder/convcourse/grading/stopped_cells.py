"""Why a notebook defines no function that an exercise asks for: its cell stopped before, and for what."""

from __future__ import annotations

import sys

from nbformat import NotebookNode

from convcourse.grading.submission import grade_id
from convcourse.judging.verdict import Verdict, nothing_earned
from convcourse.judging.wire import UNDEFINED

LONGEST = 200
# What a word processor, a browser or Git puts into code that Python cannot read.
IN_SOURCE = (
    ("“”„‘’", "It holds curly quotes (“ ”). Type straight ones."),
    ("\N{NO-BREAK SPACE}", "It holds non-breaking spaces, as copied from a web page. Type the spaces anew."),
)
UNSOLVED_MERGE = "It holds the marks of an unsolved merge (<<<<<<<). Keep one side, and delete the marks."


def with_cause(verdict: Verdict, notebook: NotebookNode) -> Verdict:
    """The verdict; where the function is missing because its own cell stopped, with the number of that cell and its error."""
    if verdict.problem is None or UNDEFINED not in verdict.problem.message:
        return verdict
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and grade_id(cell) == f"answer_{verdict.exercise.name}":
            error = next((output for output in cell.outputs if output.output_type == "error"), None)
            if error is not None:
                words = f"Cell {number} stopped with {error.ename}: {error.evalue[:LONGEST].rstrip('.')}."
                words += f" So `{verdict.exercise.name}` is not defined. {_remedy(cell.source, error.ename)}"
                words = f"{words.rstrip()} {_newer_python(notebook.metadata.get('convcourse', {}).get('saved_by', ''))}"
                return nothing_earned(verdict.exercise, "wrong", words.rstrip())
    return verdict


def _newer_python(saved_by: str) -> str:
    """A sentence if the notebook was saved by a Python whose syntax and libraries this one may not have."""
    major, minor, *_ = sys.version_info
    newer = saved_by and int(saved_by.split(".")[1]) > minor
    return f"The notebook was saved by Python {saved_by}; the grader has {major}.{minor}." if newer else ""


def _remedy(source: str, error: str) -> str:
    if error != "SyntaxError":
        return ""
    if source.startswith("<<<<<<<") or "\n<<<<<<<" in source:
        return UNSOLVED_MERGE
    return next((words for signs, words in IN_SOURCE if any(sign in source for sign in signs)), "")
