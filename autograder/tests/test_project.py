"""The project's own promises: one list of dependencies, data with origin and checksum, nothing stray at the top."""

import hashlib
import re
import shlex
import subprocess
import tomllib

import yaml

import convcourse
from convcourse.exercises import UNITS, exercises_of
from convcourse.settings import ROOT

TOP = {
    "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "Makefile", "environment.yml", "pyproject.toml", "constraints.txt",
    "autograder", "course", "data", "docs", "solutions", ".ci", ".github", ".gitignore", ".pre-commit-config.yaml",
}  # fmt: skip
AT_WORK = {".git", ".venv", "demo", "screenshots", ".hypothesis", ".pytest_cache", ".ruff_cache", ".mypy_cache"}


def test_environment_yml_lists_what_pyproject_demands():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict)]
    assert f"python{project['requires-python']}" in conda["dependencies"]
    extras = project["optional-dependencies"]
    assert pip == [*project["dependencies"], *extras["grade"], *extras["offline"], "--editable ."]


def test_a_student_of_the_first_units_installs_no_tensorflow_and_who_grades_does():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert not [name for name in project["dependencies"] if name.startswith("tensorflow")]
    assert set(project["optional-dependencies"]["tensorflow"]) <= set(project["optional-dependencies"]["grade"])


def test_constraints_pin_every_direct_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    demanded = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(), flags=re.M))
    assert {re.split(r"[<>=[]", name)[0] for name in demanded} <= pinned


def test_the_readme_says_how_long_the_course_takes():
    units = [exercises_of(unit) for unit in UNITS]
    hours = [1 + sum(exercise.minutes for exercise in exercises) / 60 for exercises in units]
    said = f"{sum(hours):.0f} hours for all {len(units)} units with their {sum(map(len, units))} exercises"
    assert said in (ROOT / "README.md").read_text()
    assert (round(min(hours)), round(max(hours))) == (2, 4)


def test_what_is_said_to_contributors_is_there():
    page = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.M)
    assert set(re.findall(r"make ([\w-]+)", page)) <= set(targets)
    for place in re.findall(r"\(\.\./([\w./]+)\)|`(autograder/[\w./]+)`", page):
        assert (ROOT / "".join(place)).exists(), place
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == convcourse.__version__


def test_every_data_file_has_its_origin_and_checksum():
    readme = (ROOT / "data" / "README.md").read_text()
    for path in (ROOT / "data").iterdir():
        if path.name != "README.md":
            (row,) = [line for line in readme.splitlines() if line.startswith(f"| `{path.name}`")]
            assert hashlib.sha256(path.read_bytes()).hexdigest() in row
            assert f"{path.stat().st_size:,}" in row
            assert path.stat().st_size < 6 * 2**20


def test_every_file_of_tests_is_in_one_part_of_the_workflow():
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())
    parts = [part["files"] for part in workflow["jobs"]["tests"]["strategy"]["matrix"]["include"] if part["part"] != "core"]
    files = "".join(f"autograder/tests/{path.name}\n" for path in sorted((ROOT / "autograder" / "tests").glob("test_*.py")))
    greps = [subprocess.run(["grep", *shlex.split(part)], input=files, capture_output=True, text=True) for part in parts]
    assert sorted("".join(grep.stdout for grep in greps).splitlines()) == files.splitlines()


def test_nothing_stray_at_the_top():
    assert {path.name for path in ROOT.iterdir()} - AT_WORK <= TOP
