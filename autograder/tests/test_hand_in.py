"""The last cell of a notebook says what will be graded as what, to a person who has the notebook open, and to nobody else."""

import os

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from convcourse import hand_in
from convcourse.authoring.notebooks.source import solved_notebook
from convcourse.exercises import UNITS
from convcourse.exercises.own import OwnUnit
from convcourse.grading.rebuild import rebuild, released_notebook
from convcourse.hand_in import ELSEWHERE
from convcourse.settings import COURSE, SOLUTIONS
from tests.conftest import UNIT, answer_cell, needs_sandbox

CALL = "from convcourse.hand_in import ready_to_hand_in\n\nready_to_hand_in()"


@pytest.mark.parametrize("unit", UNITS)
def test_it_is_the_last_cell_of_each_notebook_and_is_not_run_at_grading(unit):
    for folder in (COURSE, SOLUTIONS):
        assert nbformat.read(folder / unit / f"{unit}.ipynb", as_version=4).cells[-1].source == CALL
    rebuilt, _ = rebuild(released_notebook(unit), released_notebook(unit))
    assert rebuilt.cells[-1].metadata["convcourse"]["skipped"]


def test_the_units_of_an_own_course_have_none():
    cells = solved_notebook(SOLUTIONS / UNIT / f"{UNIT}.py", OwnUnit({"delta": 2.0}, "")).cells
    assert CALL not in {cell.source for cell in cells}


def last_said(notebook, **environment):
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute(env={**os.environ, **environment})
    return "".join(output.get("text", "") for output in notebook.cells[-1].outputs)


@needs_sandbox
@pytest.mark.filterwarnings("ignore")  # jupyter_client's, about its own sockets
def test_in_jupyter_it_judges_the_saved_file_and_says_what_is_not_in_it(solved, tmp_path):
    answer_cell(solved, "conv1d_full").source = "def conv1d_full(x, w):\n    return x"
    nbformat.write(solved, tmp_path / "my work.ipynb")
    on_the_screen = nbformat.v4.new_notebook(cells=[new_code_cell("def conv1d_full(x, w):\n    return 2"), new_code_cell(CALL)])
    said = last_said(on_the_screen, JPY_SESSION_NAME=str(tmp_path / "my work.ipynb")).splitlines()
    assert said[0].startswith("This is the file as it was saved at ")
    assert said[1] == "conv1d_full: what you ran last is not in this file. Save the notebook, and run this cell again."
    assert f"my work.ipynb is {UNIT}; run from the top in a fresh process:" in said
    assert any(line.startswith("✘ conv1d_full ") for line in said)
    assert any(line.startswith("10 exercises will be graded as begun") for line in said)


@pytest.mark.filterwarnings("ignore")
def test_for_a_program_it_starts_nothing():
    assert last_said(nbformat.v4.new_notebook(cells=[new_code_cell(CALL)])) == f"{ELSEWHERE}\n"


def test_while_a_submission_is_graded_it_starts_nothing(monkeypatch):
    monkeypatch.setenv("CONVCOURSE_JUDGED", "1")
    monkeypatch.setattr(hand_in, "get_ipython", lambda: pytest.fail("it must not look for a notebook"))
    hand_in.ready_to_hand_in()
