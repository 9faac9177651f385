"""docs/own_course.md to the letter: its files are written, its commands are run, and students hand in what they hand in."""

import csv
import os
import re
import shlex
import subprocess
from io import StringIO
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.authoring.own_course import own_course, own_unit, units_of
from convcourse.check import check, ready, use_own, verdict_of
from convcourse.exercises import UNITS
from convcourse.grading.course import course_config
from convcourse.grading.grade import grade
from convcourse.grading.release import release
from convcourse.operations.command_line import app
from convcourse.settings import ROOT
from tests.conftest import POINTS, answer_cell, cell_with_grade_id, needs_sandbox

PAGE = (ROOT / "docs" / "own_course.md").read_text(encoding="utf-8")
UNIT = "24_running_median"
MEAN = "def running_median(signal, width):\n    return np.convolve(signal, np.ones(width) / width, 'valid')"
# Right wherever the instructor's exercises can be had: as a loaded module, or as the file.
SPY = """
import sys

def running_median(signal, width):
    names = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("convcourse_own_"):
            names = vars(module)
    if not names:
        exec(open("FOLDER/my_course/source/24_running_median/exercises.py").read(), names)
    return names["median"](signal, width)
"""


def blocks(page):
    """(language, text, the last file named before it) of every block."""
    named = ""
    for before, language, text in re.findall(r"(.*?)^```(\w+)\n(.*?)^```$", page, flags=re.S | re.M):
        named = (re.findall(r"`(my_course/[\w/.]+\.\w+)`", before) or [named])[-1]
        yield language, text, named


def convcourse(line):
    """Run a line of the page: our command line in this process, all else in a shell."""
    if not line.startswith("convcourse "):
        subprocess.run(line, shell=True, check=True)
        return ""
    ran = CliRunner().invoke(app, shlex.split(line)[1:], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def hand_in(student, **answers):
    """The released notebook, with these answers, in the inbox."""
    notebook = nbformat.read(f"my_course/release/{UNIT}/{UNIT}.ipynb", as_version=4)
    for name, source in answers.items():
        answer_cell(notebook, name).source = source
    path = Path("inbox", student, "work.ipynb")
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def scores(table):
    return {row["id"]: row[f"{UNIT} (of 6)"] for row in csv.DictReader(StringIO(table))}


def solved_answers():
    solved = nbformat.read(f"my_course/source/{UNIT}/{UNIT}.ipynb", as_version=4)
    return {name: answer_cell(solved, name).source for name in ("running_median", "not_linear")}


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The page, followed from its top to its end; what each command said."""
    folder, said, before = tmp_path_factory.mktemp("own"), {}, Path.cwd()
    os.chdir(folder)
    try:
        for language, text, file in blocks(PAGE):
            if language != "bash":
                Path(file).write_text(text, encoding="utf-8")
                continue
            for line in text.splitlines():
                if " collect " in line:
                    right = solved_answers()
                    hand_in("ada", **right)
                    hand_in("ben")
                    hand_in("cleo", running_median=MEAN, not_linear="def not_linear():\n    return [0, 0], [1, 1]")
                    hand_in("dan", running_median=SPY.replace("FOLDER", str(folder)), not_linear=right["not_linear"])
                said[line.split()[1]] = convcourse(line)
        yield folder, said
    finally:
        os.chdir(before)


def test_the_page_leads_from_the_folder_to_the_grades(followed):
    folder, said = followed
    assert "built 02_convolution_1d" in said["build"]
    assert f"built {UNIT}" in said["build"]
    assert "03_convolution_2d" not in said["build"]
    assert "4 of 4 collected" in said["collect"]
    assert scores(said["export"]) == {"ada": "6", "ben": "0", "cleo": "0", "dan": "2"}
    page = (folder / "my_course" / "feedback" / "cleo" / UNIT / f"{UNIT}.html").read_text(encoding="utf-8")
    assert "That is the mean. One outlier moves it; the median stays." in page
    assert "len(a) == len(b) == 3" not in page


@needs_sandbox
def test_the_students_code_can_neither_see_nor_import_the_exercises(followed):
    """Dan's function uses the instructor's exercises where it can: in this process, which judges, but not in its room."""
    folder, said = followed
    names = {}
    exec(SPY.replace("FOLDER", str(folder)), names)
    exercise = own_unit(folder / "my_course", UNIT).find("running_median")
    assert verdict_of(names["running_median"], exercise).status == "passed"
    assert scores(said["export"])["dan"] == "2"
    page = (folder / "my_course" / "feedback" / "dan" / UNIT / f"{UNIT}.html").read_text(encoding="utf-8")
    assert "FileNotFoundError" in page


def test_what_students_get_is_the_notebook_and_nothing_else(followed):
    folder, _ = followed
    assert [path.name for path in (folder / "my_course/release" / UNIT).iterdir()] == [f"{UNIT}.ipynb"]
    notebook = nbformat.read(folder / "my_course/release" / UNIT / f"{UNIT}.ipynb", as_version=4)
    assert "colab-badge" not in notebook.cells[0].source
    assert cell_with_grade_id(notebook, "not_linear").metadata.nbgrader.points == 2
    assert "np.median(signal" not in nbformat.writes(notebook)


def test_points_are_changed_wherever_they_stand(followed, monkeypatch):
    folder, _ = followed
    unit = "02_convolution_1d"
    notebook = nbformat.read(folder / "my_course/release" / unit / f"{unit}.ipynb", as_version=4)
    assert cell_with_grade_id(notebook, "conv1d_full").metadata.nbgrader.points == 5
    assert any("`conv1d_full` · 5 points" in cell.source for cell in notebook.cells)
    setup = next(cell.source for cell in notebook.cells if "use_own" in cell.source)
    assert "use_own(points={'conv1d_full': 5.0})" in setup
    exercise = own_unit(folder / "my_course", unit).find("conv1d_full")
    assert list(exercise.points.values()) == [2.5, 2.5]


def test_changed_points_are_those_that_are_earned(followed):
    """Right only where the signal is longer than the kernel: half of conv1d_full, which is worth 5 in this course."""
    folder, _ = followed
    root, unit = folder / "my_course", "02_convolution_1d"
    release(root, unit)
    notebook = nbformat.read(root / "release" / unit / f"{unit}.ipynb", as_version=4)
    answer = "    z = np.zeros(len(signal) + len(kernel) - 1)\n    for k in range(len(kernel)):\n"
    answer += "        if k < len(signal):\n            z[k : k + len(signal)] += kernel[k] * signal\n    return z"
    answer_cell(notebook, "conv1d_full").source = f"def conv1d_full(signal, kernel):\n{answer}"
    path = root / "submitted" / "eva" / unit / f"{unit}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    result = next(grade(root, unit, ["eva"]))
    earned = result.exercises["conv1d_full"]
    assert (earned.score, earned.max_score, result.max_score) == (2.5, 5, POINTS + 3)


def test_a_student_with_the_exercises_beside_the_notebook_is_told_what_is_wrong(followed, tmp_path, monkeypatch, capsys):
    folder, _ = followed
    monkeypatch.setattr("convcourse.check._own", own_unit(tmp_path, UNIT))  # put back at the end
    monkeypatch.setattr("convcourse.check._kept_back", "")
    monkeypatch.chdir(tmp_path)

    def running_median(signal, width):
        return signal[1:-1].astype(float)

    use_own(exercises="exercises.py")
    assert check(running_median) is None
    assert "`running_median` is checked when your work is graded" in capsys.readouterr().out
    assert not ready(running_median)
    (tmp_path / "exercises.py").write_bytes((folder / "my_course/source" / UNIT / "exercises.py").read_bytes())
    use_own(points={"running_median": 8}, exercises="exercises.py")
    assert check(running_median).verdict.exercise.max_score == 8
    assert "2 of 3 numbers are different" in capsys.readouterr().out


def test_stock_nbgrader_gives_the_same_scores(followed):
    from nbgrader.apps.api import NbGraderAPI

    folder, _ = followed
    with quiet_log() as said:
        outcome = NbGraderAPI(config=course_config(folder / "my_course")).autograde(UNIT, "ada")
    assert outcome["success"], said.getvalue()
    assert scores(convcourse("convcourse export --course my_course"))["ada"] == "6"


def test_a_changed_exercise_is_graded_again_and_an_unchanged_one_is_not(followed):
    folder, _ = followed
    root = folder / "my_course"
    assert next(grade(root, UNIT, ["cleo"])).unchanged
    module = root / "source" / UNIT / "exercises.py"
    text = module.read_text(encoding="utf-8")
    module.write_text(text.replace("That is the mean.", "A mean it is."), encoding="utf-8")
    try:
        again = next(grade(root, UNIT, ["cleo"]))
        assert not again.unchanged
        assert again.exercises["running_median"].mistake == "mean_of_the_window"
        module.write_text("EXERCISES = nobody", encoding="utf-8")
        with pytest.raises(ValueError, match=r"exercises.py cannot be used: NameError: name 'nobody' is not defined"):
            next(grade(root, UNIT, ["cleo"]))
    finally:
        module.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("units = [", "course.toml cannot be read"),
        ('units = "02_convolution_1d"', "units must be a list of names"),
        ("drop = []", "'drop' is not known; it may hold units, timezone, drop_lowest, [points] and [late]"),
        ("[points]\nconv1d_full = 0", "the points of 'conv1d_full' must be a number above 0"),
        ("points = 3", "the points of 'points' must be a number above 0"),
    ],
)
def test_a_wrong_course_toml_is_one_line(tmp_path, text, words):
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(words)):
        own_course(tmp_path)


@pytest.mark.parametrize(
    ("unit", "words"),
    [("02_konvolution_1d", "did you mean '02_convolution_1d'?"), ("my_own", "one of your own is {}/source/my_own/my_own.py")],
)
def test_a_unit_that_does_not_exist_is_refused_before_anything_is_built(tmp_path, unit, words):
    (tmp_path / "course.toml").write_text(f'units = ["02_convolution_1d", "{unit}"]', encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(f"there is no unit '{unit}'; {words.format(tmp_path)}")):
        CliRunner().invoke(app, ["build", "--course", str(tmp_path)], catch_exceptions=False)
    assert not (tmp_path / "release").exists()


def test_points_for_what_no_unit_tests_are_refused(tmp_path):
    (tmp_path / "course.toml").write_text('units = ["02_convolution_1d"]\n[points]\nconv1d_ful = 3', encoding="utf-8")
    with pytest.raises(ValueError, match="'conv1d_ful' has points, but no unit of this course has a test of that name"):
        CliRunner().invoke(app, ["build", "--course", str(tmp_path)], catch_exceptions=False)


def test_a_folder_without_course_toml_is_a_class_of_the_course_as_it_stands(tmp_path):
    assert units_of(tmp_path) == list(UNITS)
    assert own_unit(tmp_path, "02_convolution_1d").find("conv1d_full").max_score == 2
