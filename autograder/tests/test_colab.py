"""The Colab door: a stand-in for Colab runs unit 02, and what it saves comes back for grading."""

import os
import shutil
from datetime import datetime

import nbformat
import pytest

from convcourse.grading.collect import collect
from convcourse.grading.grade import grade
from convcourse.settings import COURSE, ROOT, SOLUTIONS, branch, repository
from tests.colab import Colab, html_outputs, project_as_repository, saved_by_colab
from tests.conftest import POINTS, UNIT, cell_with_grade_id
from tests.speed import slowness

MOST_SECONDS_OF_SET_UP = 15
pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="Colab's machines are Linux machines"),
    pytest.mark.skipif(not (shutil.which("git") and (ROOT / ".git").exists()), reason="this is no checkout of git's"),
]


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    return Colab(tmp_path_factory.mktemp("colab"))


@pytest.fixture(scope="module")
def run_in_colab(colab, tmp_path_factory):
    """Unit 02 with right answers after *Run all* in Colab, and the packages there before and after."""
    notebook = nbformat.read(COURSE / UNIT / f"{UNIT}.ipynb", as_version=4)
    solved = nbformat.read(SOLUTIONS / UNIT / f"{UNIT}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = cell_with_grade_id(solved, cell.metadata.nbgrader.grade_id).source
    folder = tmp_path_factory.mktemp("content")
    before = colab.packages()
    (folder / "screen.json").write_text(nbformat.writes(notebook))
    colab.fetched_packages(folder / "convcourse_grading", ("nbgrader", "nh3", "tinycss2"))
    (folder / "bin").mkdir()
    for program in ("git", "sh"):  # and no bubblewrap; IPython takes $SHELL or else `sh`
        (folder / "bin" / program).symlink_to(shutil.which(program))
    told = {"ON_THE_SCREEN": str(folder / "screen.json"), "TMPDIR": str(folder), "PATH": f"{colab.python.parent}:{folder}/bin"}
    done = colab.run(notebook, folder, {**project_as_repository(folder), **told})
    return done, before, colab.packages()


def seconds(cell):
    times = cell.metadata["execution"]
    begin, end = (datetime.fromisoformat(times[name]) for name in ("iopub.execute_input", "shell.execute_reply"))
    return (end - begin).total_seconds()


def test_unit_02_runs_in_colab_and_its_checks_work(run_in_colab):
    done, _, _ = run_in_colab
    checks = [cell for cell in done.cells if cell.source.startswith("check(")]
    assert len(checks) == 10
    for cell in checks:
        assert "passed" in "".join(html_outputs(cell)), cell.source


def test_the_set_up_cell_is_quick_and_changes_nothing_that_colab_brings(run_in_colab):
    done, before, after = run_in_colab
    set_up = next(cell for cell in done.cells if "google.colab" in cell.source)
    assert seconds(set_up) < MOST_SECONDS_OF_SET_UP * slowness()
    (new,) = set(after) - set(before)
    assert new.startswith(f"convcourse @ git+https://github.com/{repository()}@")
    assert set(before) < set(after)


def test_the_last_cell_says_what_will_be_graded(run_in_colab):
    done, _, _ = run_in_colab
    said = "".join(output.get("text", "") for output in done.cells[-1].outputs)
    assert f"this notebook.ipynb is {UNIT}; run from the top in a fresh process" in said
    assert "10 exercises will be graded as begun, 10 of them right" in said


@pytest.mark.parametrize("keeps_nbgrader", [True, False])
def test_what_colab_saves_is_collected_and_graded(run_in_colab, empty_class, keeps_nbgrader):
    done, _, _ = run_in_colab
    sent = empty_class / "inbox" / "mia" / f"Copy of {UNIT}.ipynb"
    sent.parent.mkdir(parents=True)
    sent.write_text(saved_by_colab(done, keeps_nbgrader))
    (collected,) = collect(empty_class, UNIT, empty_class / "inbox")
    assert collected.ok, collected.message
    (result,) = grade(empty_class, UNIT, ["mia"])
    assert (result.state, result.score, result.max_score) == ("graded", POINTS, POINTS), result.notes


@pytest.mark.parametrize("path", sorted(COURSE.glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_each_notebook_has_a_badge_that_opens_it(path):
    address = f"https://colab.research.google.com/github/{repository()}/blob/{branch()}/{path.relative_to(ROOT).as_posix()}"
    assert f"colab-badge.svg)]({address})" in nbformat.read(path, as_version=4).cells[0].source
