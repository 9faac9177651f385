"""A submission is graded on the released notebook, whatever has happened to its cells and metadata."""

import nbformat
import pytest
from nbgrader.utils import is_grade

from convcourse.grading.rebuild import rebuild
from convcourse.grading.skipped_cells import skipped_cells
from tests.conftest import answer_cell, cell_with_grade_id


def graded_part(notebook):
    """What scores can depend on: the code cells' sources, and the graded cells' metadata."""
    return [(c.source, dict(c.metadata.get("nbgrader", {}))) for c in notebook.cells if c.cell_type == "code"]


@pytest.fixture
def sound(solved, blank):
    return graded_part(rebuild(solved, blank)[0])


def test_an_untouched_submission_needs_no_note(solved, blank):
    notebook, notes = rebuild(solved, blank)
    assert notes == []
    assert "BEGIN SOLUTION" in answer_cell(notebook, "conv1d_full").source


def test_lost_metadata_and_ids_as_colab_saves_change_nothing(solved, blank, sound):
    for cell in solved.cells:
        cell.metadata.clear()
        del cell["id"]
    notebook, notes = rebuild(solved, blank)
    assert graded_part(notebook) == sound
    assert notes == []


def test_a_deleted_test_cell_is_put_back(solved, blank, sound):
    solved.cells.remove(cell_with_grade_id(solved, "delta"))
    notebook, notes = rebuild(solved, blank)
    assert graded_part(notebook) == sound
    assert notes == ["the test cell 'delta' was missing; put back from the release"]


def test_a_deleted_answer_cell_counts_as_not_done(solved, blank):
    solved.cells.remove(answer_cell(solved, "delta"))
    notebook, notes = rebuild(solved, blank)
    assert "raise NotImplementedError" in answer_cell(notebook, "delta").source
    assert notes == ["the answer cell 'delta' was missing; counted as not done"]


def test_a_changed_test_cell_is_replaced(solved, blank, sound):
    cell_with_grade_id(solved, "delta").source = "print('1.0')"
    notebook, notes = rebuild(solved, blank)
    assert graded_part(notebook) == sound
    assert notes == ["the test cell 'delta' was changed; the released one is used"]


def test_changed_points_tags_and_schema_have_no_effect(solved, blank, sound):
    for cell in solved.cells:
        if is_grade(cell):
            cell.metadata.nbgrader.points = 1000
            cell.metadata.nbgrader.schema_version = 99
        cell.metadata.tags = ["skip-execution"]
    assert graded_part(rebuild(solved, blank)[0]) == sound


def test_a_duplicated_test_cell_is_judged_once(solved, blank, sound):
    place = solved.cells.index(cell_with_grade_id(solved, "delta"))
    solved.cells.insert(place, nbformat.from_dict(solved.cells[place]))
    notebook, notes = rebuild(solved, blank)
    assert graded_part(notebook) == sound
    assert notes == ["the test cell 'delta' stands more than once; it is judged once"]


def test_swapped_grade_ids_change_nothing(solved, blank, sound):
    one, other = answer_cell(solved, "delta"), answer_cell(solved, "shift")
    one.metadata, other.metadata = other.metadata, one.metadata
    assert graded_part(rebuild(solved, blank)[0]) == sound


def test_an_answer_turned_into_text_is_read_as_code(solved, blank, sound):
    cell = answer_cell(solved, "delta")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]
    notebook, notes = rebuild(solved, blank)
    assert graded_part(notebook) == sound
    assert notes == ["the cell 'delta' had become markdown; read as code"]


def test_a_second_copy_of_an_answer_runs_after_the_first(solved, blank):
    place = solved.cells.index(answer_cell(solved, "delta"))
    solved.cells.insert(place + 1, nbformat.v4.new_code_cell("def delta(length, place):\n    return 'second'"))
    notebook, _ = rebuild(solved, blank)
    sources = [cell.source for cell in notebook.cells]
    assert "'second'" in sources[place + 1]
    assert sources[place + 2] == "check(delta)"


def test_added_cells_keep_their_place(solved, blank):
    place = solved.cells.index(cell_with_grade_id(solved, "delta"))
    solved.cells.insert(place + 1, nbformat.v4.new_code_cell("mine = 1"))
    notebook, _ = rebuild(solved, blank)
    assert notebook.cells[place + 1].source == "mine = 1"


def test_pictures_are_not_drawn_at_grading_unless_somebody_builds_on_them(solved, blank):
    skipped = skipped_cells(solved, blank)
    drawn = [i for i, cell in enumerate(solved.cells) if cell.cell_type == "code" and "show(" in cell.source]
    assert drawn
    assert set(drawn) <= skipped
    assert not any("nbgrader" in solved.cells[i].metadata for i in skipped)
    # A student who uses a name from a picture's cell gets that cell run.
    answer_cell(solved, "shift").source += "\nfirst_sample = ecg[0]"
    sources = [solved.cells[i].source for i in skipped_cells(solved, blank)]
    assert not any(source.startswith("ecg = load_ecg()") for source in sources)


def test_what_only_hidden_tests_use_is_run(solved, blank):
    helper = nbformat.v4.new_code_cell("impulse = [1, 0, 0]")
    for notebook in (solved, blank):
        notebook.cells.insert(3, nbformat.from_dict(helper))
    assert 3 in skipped_cells(solved, blank)
    rebuilt, _ = rebuild(solved, blank, {"delta": "check(delta)\nassert list(delta(3, 0)) == impulse"})
    assert "convcourse" not in rebuilt.cells[3].metadata


@pytest.mark.parametrize(
    ("source", "run"),
    [
        ("both = ready(delta) and ready(shift)\nif both:\n    helped = impulse", False),
        ("if ready(delta):\n    helped = impulse", False),
        ("import random\nrandom.seed(1)", True),
        ("import os\nos.environ['A'] = 'b'", True),
        ("impulse.append(2)", True),
    ],
)
def test_of_the_courses_own_cells_those_are_run_that_do_something(solved, blank, source, run):
    for notebook in (solved, blank):
        notebook.cells += [nbformat.v4.new_code_cell("impulse = [1, 0, 0]"), nbformat.v4.new_code_cell(source)]
    skipped = skipped_cells(solved, blank)
    assert (len(solved.cells) - 1 in skipped) == (not run)


@pytest.mark.parametrize(
    "cells",
    [
        ["def ready():\n    return True", "if ready():\n    made = 1", "assert made"],
        ["def show(number):\n    seen.append(number)", "seen = []", "show(2)", "assert seen"],
        ["from convcourse.check import ready", "on = ready(len)", "on = True", "if on:\n    made = 1", "assert made"],
    ],
)
def test_in_another_course_the_same_words_may_mean_something_else(cells):
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    assert not skipped_cells(notebook, notebook) & set(range(len(cells) - 3, len(cells)))


def test_a_graded_cell_is_run_whatever_it_does(solved, blank):
    for notebook in (solved, blank):
        cell_with_grade_id(notebook, "delta").source = "result = delta(3, 0)"
    assert solved.cells.index(cell_with_grade_id(solved, "delta")) not in skipped_cells(solved, blank)


def test_a_kernel_for_another_language_is_noted(solved, blank, sound):
    solved.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook, notes = rebuild(solved, blank)
    assert graded_part(notebook) == sound
    assert notebook.metadata.kernelspec.language == "python"
    assert notes == ["it was saved with a kernel for r; graded with Python"]


def test_hidden_tests_are_run_but_not_shown(solved, blank):
    notebook, _ = rebuild(solved, blank, {"delta": "check(delta)\nassert delta(3, 1)[0] == 0"})
    cell = cell_with_grade_id(notebook, "delta")
    assert cell.source == "check(delta)"
    assert "assert" in cell.metadata.convcourse["whole"]


def test_magics_and_eval_make_every_cell_needed(solved, blank):
    solved.cells.append(nbformat.v4.new_code_cell("%timeit 1"))
    assert skipped_cells(solved, blank) == set()
