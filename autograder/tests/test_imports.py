"""A version is what it rests on: the modules that a unit imports, directly or not."""

import shutil

import pytest

from convcourse import imports
from convcourse.exercises import UNITS
from convcourse.grading.version import course_version
from convcourse.settings import SOLUTIONS


def names_of(paths):
    return {path.relative_to(imports.PACKAGE).as_posix() for path in paths}


def test_imports_inside_functions_and_those_of_imported_modules_count():
    names = names_of(imports.modules_behind(["convcourse.exercises.keras_conv2d"]))
    assert "exercises/image_filters.py" in names  # COLOR_WEIGHTS
    assert "judging/exercise.py" in names
    assert "exercises/convolution_1d.py" not in names


def test_names_that_are_no_modules_and_other_packages_do_not_count():
    assert names_of(imports.modules_behind(["convcourse.check.check", "numpy"])) == set()


@pytest.mark.parametrize("unit", UNITS)
def test_the_script_of_a_unit_can_be_read_for_its_imports(unit):
    script = (SOLUTIONS / unit / f"{unit}.py").read_text(encoding="utf-8")
    assert "check.py" in names_of(imports.modules_behind(imports.imported_names(script)))


def test_a_change_in_another_units_exercises_counts_where_they_are_imported(tmp_path, monkeypatch):
    package = tmp_path / "convcourse"
    shutil.copytree(imports.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(imports, "PACKAGE", package)
    units = ("02_convolution_1d", "04_image_filters", "08_keras_conv2d")
    before = [course_version.__wrapped__(unit) for unit in units]
    module = package / "exercises" / "image_filters.py"
    module.write_text(module.read_text().replace("COLOR_WEIGHTS = ", "COLOR_WEIGHTS = 2 * "))
    after = [course_version.__wrapped__(unit) for unit in units]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, False]


def test_a_change_in_the_panels_template_counts_everywhere(tmp_path, monkeypatch):
    package = tmp_path / "convcourse"
    shutil.copytree(imports.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(imports, "PACKAGE", package)
    before = course_version.__wrapped__("02_convolution_1d")
    (package / "judging" / "panel.html.jinja").write_text("<p>")
    assert course_version.__wrapped__("02_convolution_1d") != before
