"""Whatever stands in a notebook's fields, in a file's or an archive's name: one clean line, or a notebook that can be judged."""

from __future__ import annotations

import copy
import io
import json
import os
import shutil
import unicodedata
import zipfile

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from convcourse.grading.collect import collect
from convcourse.grading.rebuild import parse_of_unit, rebuild, released_notebook
from convcourse.grading.result import Result
from convcourse.grading.submission import Unreadable
from convcourse.grading.table import result_table
from convcourse.settings import SOLUTIONS
from convcourse.texts import lines
from tests.conftest import POINTS, UNIT

SOLVED = json.loads((SOLUTIONS / UNIT / f"{UNIT}.ipynb").read_text(encoding="utf-8"))
RELEASE = released_notebook(UNIT)
any_text = st.text(st.characters(exclude_categories=()), max_size=40) | st.sampled_from(
    [
        "\ud800",
        "\x1b]0;owned\x07",
        "\u202egnp.exe",
        "=HYPERLINK(1)",
        "\x00",
        "9" * 5000,
        "/proc\ud800",
        "<<<<<<<",
        "%%writefile x.py\n",
    ]
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)


def fields(value, path=()):
    """The path of each value in the notebook, the notebook's own excluded."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from fields(item, (*path, key))


PATHS = sorted(fields(SOLVED), key=str)


def with_field(path, value):
    notebook = copy.deepcopy(SOLVED)
    place = notebook
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return notebook


def assert_shown(words):
    words.encode()
    assert not [sign for sign in words if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n"]


@given(st.sampled_from(PATHS), any_json)
@settings(max_examples=150, deadline=None)
def test_any_value_of_any_field_gives_a_notebook_to_judge_or_one_line(path, value):
    raw = json.dumps(with_field(path, value)).encode()
    try:
        submitted = parse_of_unit(raw, f"{UNIT}.ipynb", UNIT, RELEASE)
        notebook, notes = rebuild(submitted, RELEASE)
    except Unreadable as error:
        notes = [str(error)]
    else:
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode()
    result = Result("ada", UNIT, "graded", 0.0, POINTS, notes=lines(*notes))
    terminal = io.StringIO()
    Console(file=terminal, width=100).print(result_table(UNIT, [result]))
    assert_shown(terminal.getvalue())


@pytest.fixture(scope="module")
def fresh_root(tmp_path_factory, released):
    root = tmp_path_factory.mktemp("any-names")
    shutil.copy(released / "gradebook.db", root)
    return root


def assert_clean_lines(root, inbox):
    for line in collect(root, UNIT, inbox):
        assert_shown(line.student + line.message)
        assert "\n" not in line.student + line.message


@given(st.lists(any_text, min_size=1, max_size=3), any_text)
@settings(max_examples=60, deadline=None)
def test_any_name_in_an_archive_gets_one_clean_line(fresh_root, folders, name):
    archive = fresh_root / "inbox.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        entry = zipfile.ZipInfo("x")
        entry.filename = "/".join([*folders, name]).encode(errors="replace").decode() + ".ipynb"
        zipped.writestr(entry, json.dumps(SOLVED))
    assert_clean_lines(fresh_root, archive)


@given(st.binary(min_size=1, max_size=40).filter(lambda name: not {0, ord("/")} & set(name) and name not in (b".", b"..")))
@settings(max_examples=40, deadline=None)
def test_any_name_of_a_folder_gets_one_clean_line(fresh_root, name):
    inbox = fresh_root / "folders"
    folder = inbox / os.fsdecode(name)
    folder.mkdir(parents=True)
    (folder / "notebook.ipynb").write_text(json.dumps(SOLVED))
    (folder / os.fsdecode(name + b".ipynb")).write_text("{}")
    assert_clean_lines(fresh_root, inbox)
    shutil.rmtree(inbox)
