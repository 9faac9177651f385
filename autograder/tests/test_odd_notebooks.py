"""Honest students hand in odd notebooks. An answer is graded wherever it stands, or the instructor reads what happened."""

from __future__ import annotations

import html
from collections.abc import Callable

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from convcourse.exercises import exercises_of
from convcourse.grading.feedback_pages import write_feedback
from convcourse.grading.submission import grade_id
from tests.conftest import POINTS, UNIT, answer_cell, cell_with_grade_id, needs_sandbox

pytestmark = needs_sandbox

Change = Callable[[NotebookNode, NotebookNode], NotebookNode | None]
RIGHT: list[Change] = []  # after such a change all points are still earned
LOST: list[tuple[Change, str, str]] = []  # after such a change one exercise earns nothing, and a note or a remark says why
NAMES = tuple(exercise.name for exercise in exercises_of(UNIT))
DELTA = "def delta(length, place):\n    return np.eye(length)[place]\n"


def right(change: Change) -> Change:
    RIGHT.append(change)
    return change


def lost(exercise: str, words: str) -> Callable[[Change], Change]:
    return lambda change: LOST.append((change, exercise, words)) or change


def place_of(notebook, cell):
    return next(index for index, other in enumerate(notebook.cells) if other is cell)


def insert_behind(notebook, cell, source):
    notebook.cells.insert(place_of(notebook, cell) + 1, new_code_cell(source))


def without_ids(notebook):
    """As some editors and converters save."""
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        cell.metadata.clear()
        cell.pop("id", None)


def make_blank(notebook, blank, *names):
    """Put the stubs back, and return the answers."""
    sources = []
    for name in names:
        cell = answer_cell(notebook, name)
        sources.append(cell.source)
        cell.source = answer_cell(blank, name).source
    return sources


def every_stub_stays_behind_the_answers(notebook, blank, end):
    """All answers in one cell above the stubs, in a notebook in which a program has changed white space."""
    answers = make_blank(notebook, blank, *NAMES)
    notebook.cells.insert(place_of(notebook, answer_cell(notebook, "conv1d_full")), new_code_cell("\n\n".join(answers)))
    for cell in notebook.cells:
        cell.source = end(cell.source)


@right
def answers_stand_above_the_stubs_of_a_file_with_the_line_ends_of_windows(notebook, blank):
    every_stub_stays_behind_the_answers(notebook, blank, lambda source: source.replace("\n", "\r\n"))


@right
def answers_stand_above_stubs_that_end_with_an_empty_line(notebook, blank):
    every_stub_stays_behind_the_answers(notebook, blank, lambda source: f"{source}\n")


@right
def an_answer_is_imported_from_a_helper_file_under_another_name(notebook, blank):
    (source,) = make_blank(notebook, blank, "delta")
    place = place_of(notebook, answer_cell(notebook, "delta"))
    helper = "%%writefile helper.py\nimport numpy as np\n" + source.replace("def delta", "def one_at")
    notebook.cells[place:place] = [new_code_cell(helper), new_code_cell("from helper import one_at as delta")]


# --- helpers ------------------------------------------------------------------------------------


@right
def a_helper_with_another_exercises_name_stands_behind_the_answer(notebook, blank):
    answer_cell(notebook, "conv1d_valid").source += "\n\ndef correlate1d(signal, pattern):\n    return 'only mine'"


@right
def a_helper_stands_behind_the_answer_and_ids_are_lost(notebook, blank):
    answer_cell(notebook, "delta").source = "def delta(length, place):\n    return one_at(length, place)\n\n" + DELTA.replace(
        "delta", "one_at"
    )
    without_ids(notebook)


@right
def a_helper_stands_in_a_cell_of_its_own(notebook, blank):
    cell = answer_cell(notebook, "delta")
    cell.source = "def delta(length, place):\n    return one_at(length, place)"
    notebook.cells.insert(place_of(notebook, cell), new_code_cell(DELTA.replace("delta", "one_at")))


@right
def a_helper_stands_behind_the_test(notebook, blank):
    answer_cell(notebook, "delta").source = "def delta(length, place):\n    return one_at(length, place)"
    insert_behind(notebook, cell_with_grade_id(notebook, "delta"), DELTA.replace("delta", "one_at"))


@right
def a_helper_of_a_helper_stands_at_the_end(notebook, blank):
    answer_cell(notebook, "delta").source = "def delta(length, place):\n    return one_at(length, place)"
    insert_behind(notebook, answer_cell(notebook, "delta"), "def one_at(length, place):\n    return row(length)[place]")
    notebook.cells.append(new_code_cell("def row(length):\n    return np.eye(length)"))


@right
def two_exercises_have_helpers_of_one_name(notebook, blank):
    first, second = answer_cell(notebook, "matched_filter"), answer_cell(notebook, "find_peaks_above")
    first.source = "def helper(n):\n    return np.mean(n)\n\n" + first.source.replace("np.mean", "helper")
    second.source = "def helper(a, b, c):\n    return a & b & c\n\n" + second.source.replace(
        "(middle > threshold) & (middle > signal[:-2]) & (middle > signal[2:])",
        "helper(middle > threshold, middle > signal[:-2], middle > signal[2:])",
    )


# --- where the answer stands --------------------------------------------------------------------


@right
def all_answers_stand_in_the_first_answer_cell(notebook, blank):
    answer_cell(notebook, NAMES[0]).source = "\n\n".join(
        [answer_cell(notebook, NAMES[0]).source, *make_blank(notebook, blank, *NAMES[1:])]
    )


@right
def all_answers_stand_in_a_last_cell(notebook, blank):
    notebook.cells.append(new_code_cell("\n\n".join(make_blank(notebook, blank, *NAMES))))


@right
def all_answers_stand_in_a_last_cell_and_stubs_and_ids_are_gone(notebook, blank):
    sources = make_blank(notebook, blank, *NAMES)
    notebook.cells = [cell for cell in notebook.cells if not grade_id(cell).startswith("answer_")]
    without_ids(notebook)
    notebook.cells.append(new_code_cell("\n\n".join(sources)))


@right
def all_answers_stand_in_the_set_up_cell(notebook, blank):
    setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
    setup.source += "\n\n" + "\n\n".join(make_blank(notebook, blank, *NAMES))


@right
def each_answer_stands_in_its_test_cell(notebook, blank):
    for name, source in zip(NAMES, make_blank(notebook, blank, *NAMES), strict=True):
        cell = cell_with_grade_id(notebook, name)
        cell.source = f"{source}\n\n{cell.source}"


@right
def an_answer_stands_behind_its_test(notebook, blank):
    insert_behind(notebook, cell_with_grade_id(notebook, "delta"), make_blank(notebook, blank, "delta")[0])


@right
def an_answer_cell_was_moved_to_the_end_with_its_helper(notebook, blank):
    cell = answer_cell(notebook, "delta")
    cell.source = "delta = my_delta"
    notebook.cells = [other for other in notebook.cells if other is not cell]
    notebook.cells += [new_code_cell(DELTA.replace("delta", "my_delta")), cell]


@right
def cells_stand_in_reverse_order(notebook, blank):
    first = next(index for index, cell in enumerate(notebook.cells) if grade_id(cell))
    notebook.cells[first:] = notebook.cells[: first - 1 : -1]


@right
def a_wrong_answer_is_corrected_behind_its_test(notebook, blank):
    cell = answer_cell(notebook, "delta")
    corrected = cell.source
    cell.source = "def delta(length, place):\n    return np.zeros(length)"
    insert_behind(notebook, cell_with_grade_id(notebook, "delta"), corrected + "\n\ncheck(delta)")


@right
def a_right_answer_is_played_with_behind_its_test(notebook, blank):
    insert_behind(notebook, cell_with_grade_id(notebook, "delta"), "def delta(length, place):\n    return 'just trying'")
    insert_behind(notebook, answer_cell(notebook, "shift"), DELTA)


# --- copies -------------------------------------------------------------------------------------


@right
def the_stub_is_kept_as_a_copy_below(notebook, blank):
    place = place_of(notebook, answer_cell(notebook, "delta"))
    copy = nbformat.from_dict(answer_cell(blank, "delta"))
    copy["id"] = "copied"
    notebook.cells.insert(place + 1, copy)


@right
def the_answer_is_a_copy_below_the_stub(notebook, blank):
    place = place_of(notebook, answer_cell(notebook, "delta"))
    copy = nbformat.from_dict(notebook.cells[place])
    copy["id"] = "copied"
    make_blank(notebook, blank, "delta")
    notebook.cells.insert(place + 1, copy)


@right
def an_older_wrong_copy_stands_above(notebook, blank):
    place = place_of(notebook, answer_cell(notebook, "delta"))
    copy = nbformat.from_dict(notebook.cells[place])
    copy["id"], copy.source = "copied", "def delta(length, place):\n    return np.zeros(length)"
    notebook.cells.insert(place, copy)


@right
def an_answer_cell_was_copied_to_begin_the_next_answer(notebook, blank):
    delta, shift = answer_cell(notebook, "delta"), answer_cell(notebook, "shift")
    shift.metadata = nbformat.from_dict(delta.metadata)
    shift["id"] = "copied"


@right
def a_test_cell_was_copied_and_filled(notebook, blank):
    place = place_of(notebook, cell_with_grade_id(notebook, "delta"))
    copy = nbformat.from_dict(notebook.cells[place])
    copy["id"], copy.source = "copied", f"{make_blank(notebook, blank, 'delta')[0]}\n\ncheck(delta)"
    notebook.cells.insert(place, copy)


@right
def answer_and_test_were_merged(notebook, blank):
    answer, test = answer_cell(notebook, "delta"), cell_with_grade_id(notebook, "delta")
    answer.source += f"\n\n{test.source}\nprint(delta(3, 1))"
    notebook.cells = [cell for cell in notebook.cells if cell is not test]


# --- how the answer is written ------------------------------------------------------------------


def written(name, source):
    def change(notebook, blank):
        answer_cell(notebook, "delta").source = source
        insert_behind(notebook, answer_cell(notebook, "delta"), "print(delta(3, 1))")

    def without(notebook, blank):
        change(notebook, blank)
        without_ids(notebook)

    change.__name__, without.__name__ = name, f"{name}_without_ids"
    right(change)
    right(without)


MY_DELTA = DELTA.replace("delta", "my_delta")
written("as_another_name", f"{MY_DELTA}\ndelta = my_delta")
written("as_a_lambda", "delta = lambda length, place: np.eye(length)[place]")
written("as_a_partial", f"from functools import partial\n{MY_DELTA}\ndelta = partial(my_delta)")
written(
    "as_an_object",
    "class Delta:\n    def __call__(self, length, place):\n        return np.eye(length)[place]\n\ndelta = Delta()",
)
written("as_a_class_method", "class My:\n    @staticmethod\n    " + DELTA.replace("\n    ", "\n        ") + "\ndelta = My.delta")
written("with_a_decorator", "def loud(function):\n    return lambda *given: function(*given)\n\n@loud\n" + DELTA)
written("with_type_hints", "delta: object = lambda length, place: np.eye(length)[place]")
written("under_a_condition", "if True:\n    " + DELTA.replace("\n    ", "\n        "))
written("in_a_try", "try:\n    " + DELTA.replace("\n    ", "\n        ") + "\nexcept NameError:\n    pass")
written("below_a_magic", "%matplotlib inline\n" + DELTA)
written("below_a_cell_magic", "%%time\n" + DELTA)
written("beside_a_question", "np.eye?\n" + DELTA)
written("with_a_check_in_its_cell", "check(conv1d_full)\n" + DELTA)
written(
    "with_a_case_of_the_panel_above_it",
    'from convcourse.check import example\ncase = example("conv1d_full", 1)\nz = conv1d_full(*case)\nprint(len(z))\n' + DELTA,
)
written("with_the_prompts_of_a_terminal", ">>> def delta(length, place):\n...     return np.eye(length)[place]")
written("with_windows_line_ends", DELTA.replace("\n", "\r\n"))


# --- round trips through other programs ----------------------------------------------------------


def as_script(notebook, form):
    return jupytext.reads(jupytext.writes(notebook, fmt=form), fmt=form)


@right
def through_a_percent_script(notebook, blank):
    return as_script(notebook, "py:percent")


@right
def through_a_light_script(notebook, blank):
    return as_script(notebook, "py:light")


@right
def through_markdown(notebook, blank):
    return as_script(notebook, "md")


@right
def through_nbconvert_as_one_script(notebook, blank):
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return new_notebook(cells=[new_code_cell("#!/usr/bin/env python\n# coding: utf-8\n\n" + "\n\n# In[ ]:\n\n".join(code))])


@right
def through_the_oldest_format(notebook, blank):
    return nbformat.convert(nbformat.convert(notebook, 3), 4)


@right
def pasted_into_a_new_notebook(notebook, blank):
    answers = [new_code_cell(answer_cell(notebook, name).source) for name in NAMES]
    return new_notebook(cells=[new_markdown_cell("# My homework"), new_code_cell("import numpy as np"), *answers])


@right
def with_cells_that_colab_and_vscode_add(notebook, blank):
    for cell in notebook.cells:
        cell.metadata["colab"] = {"base_uri": "https://localhost:8080/"}
        cell.metadata["vscode"] = {"languageId": "python"}
        cell.metadata.pop("nbgrader", None)
    notebook.cells.insert(0, new_code_cell("from google.colab import drive\ndrive.mount('/content/drive')\nmounted = True"))


# --- what the notebook imports and installs ------------------------------------------------------


@right
def with_a_written_file(notebook, blank):
    answer_cell(notebook, "delta").source = "from mine import delta"
    written = new_code_cell(f"%%writefile mine.py\nimport numpy as np\n{DELTA}")
    notebook.cells.insert(place_of(notebook, answer_cell(notebook, "delta")), written)


@right
def with_all_from_a_written_file_and_the_stub_below(notebook, blank):
    make_blank(notebook, blank, "delta")
    written = new_code_cell(f"%%writefile mine.py\nimport numpy as np\n{DELTA}")
    place = place_of(notebook, answer_cell(notebook, "delta"))
    notebook.cells[place:place] = [written, new_code_cell("from mine import *")]


@pytest.mark.parametrize(
    "line",
    [
        "%pip install -q tqdm",
        "!pip install tqdm",
        "!apt-get install graphviz",
        "%conda install tqdm",
        "from tqdm.auto import tqdm",
        "import seaborn as sns",
        "from google.colab import drive, files\ndrive.mount('/content/drive')\nfiles.upload()",
        "from google.colab.patches import cv2_imshow",
        "%matplotlib widget",
        "check(delta)",
        "check(conv1d_full)",
    ],
)
def test_such_a_line_stops_no_answer(line, solved, grade_notebook):
    answer_cell(solved, "shift").source = line + "\n" + answer_cell(solved, "shift").source
    assert grade_notebook("line", solved).score == POINTS


def test_files_handed_in_beside_the_notebook_are_imported(solved, classroom, grade_notebook):
    answer_cell(solved, "delta").source = "from mine import delta"
    grade_notebook("files", solved)
    (classroom / "submitted" / "files" / UNIT / "mine.py").write_text(f"import numpy as np\n{DELTA}")
    assert grade_notebook("files", solved).score == POINTS


# --- said plainly -------------------------------------------------------------------------------


@lost("delta", "no function called 'delta'")
def an_answer_has_another_name(notebook, blank):
    answer_cell(notebook, "delta").source = DELTA.replace("delta", "Delta")


@lost("delta", "missing; counted as not done")
def an_answer_was_deleted(notebook, blank):
    notebook.cells.remove(answer_cell(notebook, "delta"))


@lost("delta", "missing; counted as not done")
def an_answer_was_written_as_text_of_a_new_cell(notebook, blank):
    place = place_of(notebook, answer_cell(notebook, "delta"))
    notebook.cells[place] = new_markdown_cell("I did not know how.")


@lost("delta", "stopped with ModuleNotFoundError: No module named 'nowhere'")
def a_library_is_missing(notebook, blank):
    answer_cell(notebook, "delta").source = f"import nowhere\n\n{DELTA}"


@lost("delta", "It holds curly quotes")
def a_word_processor_made_the_quotes(notebook, blank):
    answer_cell(notebook, "delta").source = "name = “delta”\n" + DELTA


@lost("delta", "non-breaking spaces")
def code_was_copied_from_a_web_page(notebook, blank):
    answer_cell(notebook, "delta").source = DELTA.replace("    ", "\N{NO-BREAK SPACE}   ")


@lost("delta", "marks of an unsolved merge")
def a_merge_was_not_solved(notebook, blank):
    answer_cell(notebook, "delta").source = f"<<<<<<< mine\n{DELTA}=======\n{DELTA}>>>>>>> theirs\n"


@lost("delta", "saved by Python 3.99; the grader has 3.")
def the_student_has_a_newer_python(notebook, blank):
    notebook.metadata["language_info"]["version"] = "3.99.1"
    answer_cell(notebook, "delta").source = f"lazy import numpy\n{DELTA}"


@pytest.mark.parametrize("change", RIGHT, ids=lambda change: change.__name__)
def test_right_answers_are_graded_wherever_they_stand(change, solved, blank, grade_notebook):
    result = grade_notebook(f"odd-{change.__name__}", change(solved, blank) or solved)
    assert result.state == "graded", result.notes
    assert {name: e.score for name, e in result.exercises.items() if e.score < e.max_score} == {}, result.notes


@pytest.mark.parametrize(("change", "name", "words"), LOST, ids=lambda value: getattr(value, "__name__", ""))
def test_what_cannot_be_graded_is_said(change, name, words, solved, blank, grade_notebook, classroom):
    result = grade_notebook(f"lost-{change.__name__}", change(solved, blank) or solved)
    assert result.exercises[name].score == 0
    page = write_feedback(classroom, UNIT, result.student).read_text(encoding="utf-8")
    assert words in html.unescape("\n".join([*result.notes, page]))


def test_the_instructor_reads_where_a_late_answer_stands(solved, blank, grade_notebook):
    an_answer_stands_behind_its_test(solved, blank)
    place = place_of(solved, cell_with_grade_id(solved, "delta")) + 2
    assert grade_notebook("late", solved).notes == (
        f"`delta` is defined in cell {place}, after its test; it was judged there too",
    )


def test_a_stub_that_nobody_answered_is_not_done(blank, grade_notebook):
    blank.cells.append(new_code_cell("from scipy.ndimage import correlate1d"))
    blank.cells.insert(2, new_code_cell("from scipy.ndimage import correlate1d"))
    assert {e.status for e in grade_notebook("imports", blank).exercises.values()} == {"not done"}
