"""Commands start fast, because they import only what they use."""

import json
import subprocess
import sys

import nbformat
import pytest

from convcourse.exercises import UNITS, _source, exercises_of, find_exercise
from convcourse.grading.class_folder import ClassFolder, notebook_in
from tests.conftest import UNIT, needs_sandbox

AFTERWARDS = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from convcourse.operations.command_line import main
main()
"""


def imported_by(*command):
    """The modules that a command has imported when it ends."""
    run = subprocess.run([sys.executable, "-c", AFTERWARDS, *command], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stderr.splitlines()[-1]))


@pytest.mark.parametrize("command", [["--help"], ["grade", "--help"], ["build", "--help"]], ids=" ".join)
def test_help_needs_no_library_of_science_or_grading(command):
    assert not imported_by(*command) & {"numpy", "nbformat", "nbgrader", "sqlalchemy", "IPython", "matplotlib", "distributed"}


@needs_sandbox
def test_grading_a_numpy_unit_imports_neither_what_draws_nor_what_learns(empty_class, solved):
    path = notebook_in(ClassFolder(empty_class).submitted("student", UNIT))
    path.parent.mkdir(parents=True)
    nbformat.write(solved, path)
    imported = imported_by("grade", UNIT, "--course", str(empty_class))
    assert "scipy.signal" in imported  # it was graded
    assert not imported & {"tensorflow", "keras", "sklearn", "pandas", "matplotlib", "skimage", "lark", "distributed", "dask"}


def test_an_exercise_is_found_without_the_units_before_it():
    code = "import sys; from convcourse import exercises; exercises.find_exercise('residual_stack'); print(sorted(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'convcourse.exercises.resnet'" in said
    assert "'convcourse.exercises.convolution_1d'" not in said


@pytest.mark.parametrize("unit", UNITS)
def test_every_exercise_is_found_by_its_name_in_the_source(unit):
    assert all(exercise.name in _source(unit) and find_exercise(exercise.name) for exercise in exercises_of(unit))
