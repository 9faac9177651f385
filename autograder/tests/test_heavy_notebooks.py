"""Notebooks that are small files and much work to read: they take seconds, not hours, and their answers still count."""

from __future__ import annotations

import json
import time

import pytest
from nbconvert.filters.markdown import markdown2html
from nbformat.v4 import new_code_cell

from convcourse.grading.cell_names import LONGEST_PARSED, names_given
from convcourse.grading.collect import collect
from convcourse.grading.harmless import MOST_FORMULAS, harmless_markdown
from convcourse.grading.rebuild import parse_of_unit, rebuild, released_notebook
from convcourse.grading.submission import MOST_CELLS, Unreadable
from convcourse.grading.unusual_code import worth_a_look
from tests.conftest import UNIT

RELEASE = released_notebook(UNIT)
SECONDS = 20.0  # of a slow machine; each took minutes, or gigabytes
CHAIN = [f"def a{number}(): return a{number + 1}()" for number in range(2000)]
READ = {
    "blank lines": ["x = 1" + "\n" * 200_000],
    "magics": ["%pip install x\n" * 1200],
    "assigned magics": ["files = !ls\n" * 1200],
    "questions": ["np?\n" * 1200],
    "a list of numbers": ["x = [" + "1," * 800_000 + "]"],
    "lists of numbers": [f"x{number} = [" + "1," * 9_000 + "]" for number in range(10)],
    "a chain of functions": [*CHAIN, "def delta(length, place): return a0()"],
    "a long way to a name": ["import os\nos." + "a." * 900 + "b = 1"],
}
REFUSED = {
    "many cells": ["x"] * (MOST_CELLS + 1),
    "much code": [f"x = {number}  #" + "1" * LONGEST_PARSED for number in range(20)],
    "a long text": ["x = '" + "1" * 3_000_000 + "'"],
}


def handed_in(solved, sources):
    """The solved notebook with these cells before all others."""
    solved.cells[:0] = [new_code_cell(source) for source in sources]
    return json.dumps(solved).encode()


@pytest.mark.parametrize("sources", READ.values(), ids=READ)
def test_it_is_read_in_time(solved, sources):
    start = time.process_time()
    notebook, _ = rebuild(parse_of_unit(handed_in(solved, sources), f"{UNIT}.ipynb", UNIT, RELEASE), RELEASE)
    worth_a_look(notebook, RELEASE)
    assert time.process_time() - start < SECONDS
    assert len(notebook.cells) == len(solved.cells)


@pytest.mark.parametrize("sources", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_one_line(solved, sources):
    with pytest.raises(Unreadable, match=r"too much code or text|3,\d+ cells"):
        parse_of_unit(handed_in(solved, sources), f"{UNIT}.ipynb", UNIT, RELEASE)


def test_a_number_that_python_does_not_read_stops_nobody(empty_class, tmp_path, solved):
    inbox = tmp_path / "inbox"
    texts = {"ben": '{"cells": [], "x": ' + "1" * 5000 + "}", "cleo": json.dumps(solved)}
    for student, text in texts.items():
        (inbox / student).mkdir(parents=True)
        (inbox / student / f"{UNIT}.ipynb").write_text(text, encoding="utf-8")
    ben, cleo = collect(empty_class, UNIT, inbox)
    assert not ben.ok
    assert "is not a notebook" in ben.message
    assert cleo.ok


def test_code_that_is_too_long_to_be_parsed_is_named_and_its_names_are_found(solved):
    source = "def delta(length, place):\n    return np.eye(length)[place]\n" + "# " * LONGEST_PARSED
    solved.cells.append(new_code_cell(source))
    assert names_given(source) == {"delta"}
    assert f"is longer than {LONGEST_PARSED:,} characters" in worth_a_look(solved, RELEASE)[0]


@pytest.mark.parametrize("begins", ["\\begin{a}", "\\\\[a", "\\\\(a"])
def test_a_text_of_unfinished_formulas_becomes_a_page_in_time(begins):
    start = time.process_time()
    markdown2html(harmless_markdown(begins * 100_000))
    markdown2html(harmless_markdown(begins * MOST_FORMULAS))
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = !ls\ny = 1", {"x", "y"}),
        ("files, folders = %sql select\ny = 1", {"files", "folders", "y"}),
        ("!pip install \\\n    numpy\ny = 1", {"y"}),
        ("if True:\n    %pip install x\n    y = 1", {"y"}),
        ("?np\nnp.z*?\ny = 1", {"y"}),
        (">>> def f():\n...     return 1\n>>> y = 2", {"f", "y"}),
        ("  %time z = 1\n  def f(): pass", {"f"}),
        ("text = '''\n%not a magic\n'''", {"text"}),
    ],
)
def test_names_beside_magics_are_found(source, names):
    assert names_given(source) == names
