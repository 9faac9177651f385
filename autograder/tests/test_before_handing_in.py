"""`convcourse validate FILE`: a student learns what will be graded as what, and nothing of the hidden cases."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from typer.testing import CliRunner

from convcourse.errors import CourseError
from convcourse.grading.before_handing_in import ready_to_hand_in
from convcourse.operations.command_line import app
from tests.conftest import UNIT, answer_cell, cell_with_grade_id, needs_sandbox

pytestmark = needs_sandbox


@pytest.fixture
def written(tmp_path):
    def write(notebook, name="my work.ipynb"):
        nbformat.write(notebook, tmp_path / name)
        return tmp_path / name

    return write


def line_of(ready, name):
    return next(line for line in ready.lines if f" {name} " in line)


def test_the_unit_is_known_by_its_cells_and_each_exercise_has_a_line(written, solved):
    answer_cell(solved, "shift").source = "def shift(x, k):\n    return x"
    answer_cell(solved, "conv1d_full").source = "def conv1d_full(x, w):\n    raise NotImplementedError"
    ready = ready_to_hand_in(written(solved))
    assert ready.unit == UNIT
    assert line_of(ready, "shift").startswith("✘")
    assert line_of(ready, "conv1d_full").startswith("○")
    assert sum(line.startswith("✔") for line in ready.lines) == ready.right > 0


LATER_WRONG = """
right, calls = shift, []


def shift(x, k):
    calls.append(k)
    return right(x, k) + (len(calls) > 40)
"""


def test_no_hidden_case_is_posed(written, solved):
    """Right for as many calls as the visible cases make, and nothing says that it is wrong later."""
    answer_cell(solved, "shift").source += LATER_WRONG
    assert line_of(ready_to_hand_in(written(solved)), "shift").startswith("✔")


def test_what_is_in_the_way_is_said(written, solved):
    solved.cells = [cell for cell in solved.cells if cell is not cell_with_grade_id(solved, "shift")]
    (folder := written(solved).parent).joinpath("helpers.py").write_text("two = 2\n")
    (folder / "notes.csv").write_text("1")
    solved.cells.append(new_code_cell("import helpers\nimport module_of_nobody\nopen('notes.csv')"))
    said = "\n".join(ready_to_hand_in(written(solved)).lines)
    assert "the test cell 'shift' was missing; put back from the release" in said
    assert "hand in helpers.py with it: the notebook imports it" in said
    assert "notes.csv will not be there at grading" in said


def test_a_blank_notebook_says_that_nothing_is_begun(written, blank):
    outcome = CliRunner().invoke(app, ["validate", str(written(blank))])
    assert outcome.exit_code == 0, outcome.output
    assert f"my work.ipynb is {UNIT}" in outcome.output
    assert "0 exercises will be graded as begun" in outcome.output
    assert "✔" not in outcome.output


@pytest.mark.parametrize(
    ("text", "words"), [("", "is empty"), ("{}", "is JSON but not a notebook"), ("%PDF", "is not a notebook (a PDF")]
)
def test_what_cannot_be_graded_is_one_line(tmp_path, text, words):
    (tmp_path / "work.ipynb").write_text(text)
    with pytest.raises(CourseError) as error:
        ready_to_hand_in(tmp_path / "work.ipynb")
    assert words in str(error.value)
    assert "ask for" not in str(error.value), "this is for the author"


def test_a_notebook_of_another_course_is_told(written):
    with pytest.raises(CourseError, match="has no cell of any unit"):
        ready_to_hand_in(written(nbformat.v4.new_notebook(cells=[new_code_cell("1")])))
