"""What PyPI's users get: a small wheel for students, and a second one with the units for instructors who never cloned."""

import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from convcourse.exercises import UNITS
from convcourse.settings import CLONED, ROOT
from tests.conftest import UNIT, needs_sandbox

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")


def run(*command, cwd, **environment):
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """Both wheels, built from a copy of what git has."""
    folder = tmp_path_factory.mktemp("wheels")
    source = folder / "source"
    kept = shutil.ignore_patterns(".*", "demo", "__pycache__", "site", "tests")
    shutil.copytree(ROOT, source, ignore=kept)
    for project in (source, source / "autograder" / "instructor"):
        run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, project, cwd=folder)
    return {path.name.split("-")[0]: path for path in folder.glob("*.whl")}


def test_students_get_no_solution_and_instructors_every_unit(wheels):
    assert set(wheels) == {"convcourse", "convcourse_instructor"}
    with zipfile.ZipFile(wheels["convcourse"]) as wheel:
        notebooks = [name for name in wheel.namelist() if name.endswith(".ipynb")]
        assert notebooks == [f"convcourse/_course/{unit}/{unit}.ipynb" for unit in UNITS]
        assert not [name for name in wheel.namelist() if "solution" in name]
        (metadata,) = (name for name in wheel.namelist() if name.endswith("METADATA"))
        text = wheel.read(metadata).decode()
    assert not re.findall(r"\]\((?!https?:|#)(.+?)\)", text.partition("\n\n")[2]), "links of the README that PyPI cannot follow"
    assert {"Project-URL: Source", "Classifier: Framework :: Jupyter"} <= {line.partition(",")[0] for line in text.splitlines()}
    with zipfile.ZipFile(wheels["convcourse_instructor"]) as wheel:
        for folder in ("course", "solutions"):
            inside = [name for name in wheel.namelist() if name.startswith(f"convcourse_instructor/{folder}/")]
            assert {name.split("/")[2] for name in inside} >= set(UNITS)


def test_without_the_packages_for_grading_a_command_says_what_to_install(tmp_path):
    (tmp_path / "work.ipynb").write_text("{}")
    alone = "import sys\nsys.modules['nbgrader'] = None\nfrom convcourse.operations.command_line import main\nmain()"
    command = [sys.executable, "-c", alone, "validate", "work.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.strip() == "this needs the package nbgrader: pip install 'convcourse[grade]'"


@needs_sandbox
def test_an_instructor_who_never_cloned_grades_in_an_empty_folder(wheels, tmp_path):
    installed, folder = tmp_path / "installed", tmp_path / "class"
    run(*PIP, "install", "--no-deps", "--no-index", "--target", installed, *wheels.values(), cwd=tmp_path)
    folder.mkdir()

    def convcourse(*words):
        return run(sys.executable, "-m", "convcourse", *words, cwd=folder, PYTHONPATH=str(installed), COLUMNS="120")

    place = run(sys.executable, "-c", "import convcourse; print(convcourse.__file__)", cwd=folder, PYTHONPATH=str(installed))
    assert CLONED
    assert place.startswith(str(installed))
    said = convcourse("release", UNIT)
    (blank,) = re.findall(r"give students (.+\.ipynb)", said)
    assert blank == str(installed / "convcourse_instructor" / "course" / UNIT / f"{UNIT}.ipynb")
    for student, notebook in (("ada", blank.replace("/course/", "/solutions/")), ("ben", blank)):
        (folder / "inbox" / student).mkdir(parents=True)
        shutil.copy(notebook, folder / "inbox" / student / f"{UNIT}.ipynb")
    assert "2 of 2 collected" in convcourse("collect", UNIT, "inbox")
    table = convcourse("grade", UNIT)
    assert re.search(r"ada\s*│\s*(\d+)/\1\s*│", table)
    assert re.search(r"ben\s*│\s*0/\d+\s*│", table)
    assert (folder / "gradebook.db").is_file()


@needs_sandbox
def test_student_code_does_not_see_the_installed_solutions(wheels, tmp_path):
    installed = tmp_path / "installed"
    run(*PIP, "install", "--no-deps", "--no-index", "--target", installed, *wheels.values(), cwd=tmp_path)
    code = (
        "from convcourse.sandbox.room import room_maker\n"
        "room = room_maker()()\n"
        "print(room.run('import os, convcourse; place = os.path.dirname(os.path.dirname(convcourse.__file__)); "
        'print(os.listdir(place + "/convcourse_instructor"))\', 20))\n'
        "room.close()"
    )
    said = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(installed))
    assert "'text': '[]\\n'" in said
