"""The authors' guide to the letter, in a copy of the tree: its blocks go where it says, its commands must succeed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from convcourse.settings import ROOT

AN_EXERCISE, A_UNIT = ((ROOT / "docs" / page).read_text(encoding="utf-8") for page in ("authors.md", "add_a_unit.md"))
UNIT = "02_convolution_1d"
BLOCK = re.compile(r"([^\n]*):\n\n```python\n(.*?)^```$", flags=re.S | re.M)


@pytest.fixture
def tree(tmp_path):
    """A copy of what git keeps of this project."""
    copy = tmp_path / "project"
    shutil.copytree(ROOT, copy, ignore=lambda folder, names: [name for name in names if made(Path(folder, name))])
    return copy


def made(path):
    """Is it something that git ignores?"""
    at_work = ("executed", "site", "submitted", "autograded", "feedback", "reports", "gradebook.db")
    return (
        path.name in (".git", ".venv", "__pycache__", ".hypothesis", "demo")
        or path.name.endswith("_cache")
        or path in {ROOT / "autograder" / name for name in at_work}
    )


def put(tree, where, text):
    """Do what the line above a block says."""
    if found := re.fullmatch(r"At the end of `(.*)`", where):
        file = tree / found.group(1)
        file.write_text(file.read_text(encoding="utf-8") + "\n\n" + text, encoding="utf-8")
    elif found := re.fullmatch(r"In `(.*)`, above the cell `(.*)`", where):
        file, cell = tree / found.group(1), f"# %% [markdown]\n# {found.group(2)}\n"
        before, after = file.read_text(encoding="utf-8").split(cell)
        file.write_text(before + text + cell + after, encoding="utf-8")
    else:
        raise AssertionError(f"the page says {where!r}, which nobody here knows how to do")


def run(tree, command):
    """Run a command of the page in the copy; its own convcourse, not the installed one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(tree / "autograder"), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    return subprocess.run(command, shell=True, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def follow(tree, page):
    """Run the page's commands, of which the last one runs tests; how many of them passed."""
    (block,) = re.findall(r"^```bash\n(.*?)^```$", page, flags=re.S | re.M)
    for command in block.splitlines():
        done = run(tree, command)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return int(re.search(r"(\d+) passed", done.stdout).group(1))


def test_the_page_on_exercises_leads_to_green_tests(tree):
    for where, text in BLOCK.findall(AN_EXERCISE):
        put(tree, where, text)
    assert follow(tree, AN_EXERCISE) >= 12
    notebook = nbformat.read(tree / "course" / UNIT / f"{UNIT}.ipynb", as_version=4)
    heading = [cell.source for cell in notebook.cells if cell.source.startswith("### Exercise")][-1]
    assert heading.startswith("### Exercise 2.11 · The moving average\n\n`moving_average` · 1 point · about 5 minutes · ★☆☆")
    assert "<summary>Hint 3 of 3</summary>" in heading


def test_the_page_on_units_leads_to_green_tests(tree):
    assert follow(tree, A_UNIT) >= 18
    assert run(tree, "ruff check . && ruff format --check .").returncode == 0
    made = set(re.findall(r"`([\w./]*edges\.py)`", A_UNIT))
    assert len(made) == 4
    assert all((tree / name).exists() for name in made)


@pytest.mark.parametrize("page", [AN_EXERCISE, A_UNIT], ids=["exercise", "unit"])
def test_every_file_that_the_page_names_exists(page):
    for name in re.findall(r"`((?:autograder|solutions|docs)/[\w./]+)`", page):
        assert (ROOT / name).exists() or "edges" in name, name
