"""docs/authors.md to the letter, in a copy of the tree: its blocks go where it says, its commands must succeed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from convcourse.settings import ROOT

PAGE = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
UNIT = "02_convolution_1d"
BLOCK = re.compile(r"([^\n]*):\n\n```python\n(.*?)^```$", flags=re.S | re.M)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what git keeps of this project, with the page's blocks in their places."""
    copy = tmp_path_factory.mktemp("tree") / "project"
    shutil.copytree(ROOT, copy, ignore=lambda folder, names: [name for name in names if made(Path(folder, name))])
    for where, text in BLOCK.findall(PAGE):
        put(copy, where, text)
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


def test_the_page_leads_to_green_tests(tree):
    (block,) = re.findall(r"^```bash\n(.*?)^```$", PAGE, flags=re.S | re.M)
    build, test = block.splitlines()
    built = run(tree, build)
    assert built.returncode == 0, built.stdout + built.stderr
    tested = run(tree, test)
    assert tested.returncode == 0, tested.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", tested.stdout).group(1)) >= 12
    notebook = nbformat.read(tree / "course" / UNIT / f"{UNIT}.ipynb", as_version=4)
    heading = [cell.source for cell in notebook.cells if cell.source.startswith("### Exercise")][-1]
    assert heading.startswith("### Exercise 2.9 · The moving average\n\n`moving_average` · 1 point · about 5 minutes · ★☆☆")
    assert "<summary>Hint 3 of 3</summary>" in heading


def test_every_file_that_the_page_names_exists():
    for name in re.findall(r"`((?:autograder|solutions|docs)/[\w./]+)`", PAGE):
        assert (ROOT / name).exists(), name
