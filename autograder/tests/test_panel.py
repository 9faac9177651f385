"""The panel in a notebook: a failing case is unfolded, and its inputs are put into a cell to try."""

import html
import re

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from convcourse.check import check, example, visible_cases
from convcourse.exercises import UNITS, exercises_of
from convcourse.judging.drawing import comparison, unfolded
from convcourse.judging.panel import verdict_html

ANSWER = """
import numpy as np
from convcourse.check import check

def delta(length, place):
    return np.zeros(length)
"""


def named(name, function):
    function.__name__ = name
    return function


def to_try(panel):
    """The lines that a panel offers for a cell of one's own."""
    return html.unescape(re.search(r"<pre[^>]*>(from convcourse[^<]*)</pre>", panel)[1])


def test_an_example_is_what_the_check_gives_the_function():
    case = example("conv1d_full", 1)
    assert (list(case.signal), list(case.kernel)) == ([1, 2, 3, 4], [1, 2])
    assert repr(case) == "conv1d_full(signal=array([1, 2, 3, 4]), kernel=array([1, 2]))"


def test_an_example_may_be_changed_without_harm():
    example("conv1d_full", 1).signal[:] = 0
    assert example("conv1d_full", 1).signal[0] == 1


@pytest.mark.parametrize("number", [0, 1000])
def test_there_is_no_case_beyond_those_of_the_check(number):
    with pytest.raises(LookupError, match="'delta' has the cases 1 to 17"):
        example("delta", number)


@pytest.mark.parametrize("unit", UNITS)
def test_every_input_has_a_name_and_its_own_type(unit):
    for exercise in exercises_of(unit):
        case = visible_cases(exercise)[-1]
        given = example(exercise.name, len(visible_cases(exercise)))
        assert given._fields == tuple(case.arguments)
        arrays = [(value, getattr(given, name)) for name, value in case.arguments.items() if isinstance(value, np.ndarray)]
        assert all(mine.dtype == value.dtype and np.array_equal(mine, value, equal_nan=True) for value, mine in arrays)


def test_the_panel_gives_the_lines_for_the_very_case_that_failed():
    seen = []

    def delta(length, place):
        seen.append((length, place))
        return np.zeros(length) if place else np.eye(1, length)[0]

    feedback = check(delta)
    failed = seen[feedback.verdict.failing[0]]
    seen.clear()
    exec(to_try(verdict_html(feedback.verdict)), {"delta": delta})
    assert seen == [failed]


def test_a_small_input_stands_in_the_call_and_is_not_unfolded():
    panel = verdict_html(check(named("shift", lambda signal, steps: signal * 2.0)).verdict)
    assert "<summary>Try these inputs</summary>" in panel
    assert "signal: " not in panel


def test_large_inputs_are_unfolded():
    panel = verdict_html(check(named("telling_feature", lambda image, other, *more: 0)).verdict)
    assert "<summary>See and try these inputs</summary>" in panel
    number = int(re.search(r'"telling_feature", (\d+)', panel)[1])
    case = example("telling_feature", number)
    for name in ("image", "other"):
        array = getattr(case, name)
        assert f"{name}: {array.dtype} array of shape {array.shape}" in panel
        assert f">{array[0, 0]:.4g}</td>" in panel


@pytest.mark.parametrize(
    ("array", "shown"),
    [
        (np.arange(30), ("lines", "[ 0,  1,  2")),
        (np.arange(1000), ("lines", "..., 997, 998, 999]")),
        (np.arange(48.0).reshape(2, 3, 4, 2), ("lines", "[46., 47.]]]]")),
        (np.zeros((30, 40, 3), "uint8"), ("alternative", "x as an image")),
    ],
)
def test_how_an_input_is_unfolded(array, shown):
    field, words = shown
    assert words in getattr(unfolded("x", array), field)


def test_each_of_several_results_is_shown_under_its_name():
    panel = verdict_html(check(named("layer_memory", lambda layer, shape: ((1, 1, 1), 1))).verdict)
    assert re.search("<b>“(out_rows|out_cols|out_channels)”: The number is different.</b>", panel)
    assert ">result 1 of 2</p>" in panel
    assert ">“product”</p>" in panel


def test_of_many_small_maps_the_wrong_one_is_shown_in_numbers():
    maps = np.arange(24.0).reshape(2, 3, 4)
    wrong = np.zeros(maps.shape, bool)
    wrong[1, 2, 0] = True
    shown = comparison(maps, maps + wrong, wrong)
    assert shown.sheet == "[1, :, :]"
    assert [[number for number, _ in row] for row in shown.columns[1].rows][2] == ["21", "21", "22", "23"]
    channels = comparison(maps.T, (maps + wrong).T, wrong.T)
    assert channels.sheet == "[:, :, 1]"


def test_a_photograph_is_shown_as_one():
    image, wrong = np.zeros((20, 30, 3)), np.ones((20, 30, 3), bool)
    assert [column.caption for column in comparison(image, image + 1, wrong).columns][:2] == ["expected", "yours"]
    assert comparison(image, image + 1, wrong).columns[0].picture
    assert comparison(image, image, ~wrong).columns[0].caption == "right"


def test_nothing_is_offered_where_no_case_failed():
    assert "<details" not in verdict_html(check(named("delta", lambda length, place: np.eye(1, length, place)[0])).verdict)


def test_the_lines_run_in_a_kernel():
    notebook = new_notebook(cells=[new_code_cell(ANSWER), new_code_cell("check(delta)")])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    panel = notebook.cells[-1].outputs[0]["data"]["text/html"]
    notebook.cells.append(new_code_cell(to_try(panel)))
    notebook.cells.append(new_code_cell("case"))
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    assert [cell.outputs[0]["data"]["text/plain"] for cell in notebook.cells[2:]] == [
        "array([0., 0., 0., 0., 0.])",
        "delta(length=5, place=2)",
    ]
