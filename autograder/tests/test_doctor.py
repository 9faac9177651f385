"""The doctor: every line has a sign and says what to do, and only what keeps grading from working is an error."""

import importlib.metadata
import shutil
import sqlite3

import pytest
from typer.testing import CliRunner

from convcourse.grading.machine_size import workers_that_fit
from convcourse.operations.command_line import app
from convcourse.operations.doctor import examine as doctor
from convcourse.operations.doctor.class_folder import configuration_lines, disk_lines, gradebook_lines
from convcourse.operations.doctor.examine import pins
from convcourse.operations.doctor.sandbox import sandbox_advice
from convcourse.operations.doctor.sign import BAD, GOOD, NOTE
from convcourse.sandbox.client import why_no_sandbox
from convcourse.settings import ROOT


def only(lines):
    (line,) = lines
    return line.sign, line.words


def test_a_sound_machine_gets_a_line_for_everything_and_no_error(empty_class):
    outcome = CliRunner().invoke(app, ["doctor", "--course", str(empty_class)])
    assert outcome.exit_code == 0, outcome.output
    lines = outcome.output.splitlines()
    assert {line[:2] for line in lines} <= {f"{GOOD} ", f"{NOTE} "}
    for words in (
        "Python 3.",
        f"nbgrader {importlib.metadata.version('nbgrader')}",
        "no sandbox" if why_no_sandbox() else "✔ sandbox: student code has no network",
        "" if why_no_sandbox() else "the memory of all processes of a student together is counted by ",
        "" if why_no_sandbox() else "Landlock: ",
        " starts in ",
        "TensorFlow",
        f"uses up to {workers_that_fit()} workers",
        "no nbgrader_config.py",
        "can be read, with 0 students; its tables are up to date",
        "GB free in",
        "Colab",
    ):
        assert words in outcome.output, words
    assert not (empty_class / "reports").exists()  # it has only looked


def test_what_keeps_grading_from_working_is_an_error(empty_class, monkeypatch):
    monkeypatch.setattr(doctor, "_accelerator", lambda: iter(()))  # not asked again: it takes seconds
    (empty_class / "gradebook.db").write_bytes(b"no database at all, and longer than a header of SQLite's is" * 20)
    outcome = CliRunner().invoke(app, ["doctor", "--course", str(empty_class)])
    assert outcome.exit_code == 1
    (line,) = (line for line in outcome.output.splitlines() if line.startswith(BAD))
    assert line.startswith(
        f"✘ the gradebook sqlite:///{empty_class / 'gradebook.db'} cannot be read: (sqlite3.DatabaseError) file is"
    )
    assert line.endswith("put a copy back, or move it away and release and grade again")


def test_a_gradebook_of_another_nbgrader_is_named_with_the_command_that_mends_it(empty_class):
    with sqlite3.connect(empty_class / "gradebook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '724cde206c17'")
    database.close()
    sign, words = only(gradebook_lines(empty_class))
    assert sign == BAD
    assert "(724cde206c17, not " in words
    assert f"nbgrader db upgrade --db='sqlite:///{empty_class / 'gradebook.db'}'" in words


def test_a_class_without_a_gradebook_is_told_how_to_get_one_and_gets_none(tmp_path):
    sign, words = only(gradebook_lines(tmp_path))
    assert (sign, "convcourse release UNIT" in words) == (NOTE, True)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVCOURSE_DB", "postgresql+psycopg://teacher:secret@127.0.0.1:1/grades")
    sign, words = only(gradebook_lines(tmp_path))
    assert sign == BAD
    assert "teacher:***@127.0.0.1:1/grades" in words
    assert "secret" not in words


def test_a_configuration_that_fails_is_named(empty_class):
    assert only(configuration_lines(empty_class))[0] == NOTE
    shutil.copy(ROOT / "autograder" / "nbgrader_config.py", empty_class)  # as the line says
    assert only(configuration_lines(empty_class))[0] == GOOD
    (empty_class / "nbgrader_config.py").write_text("c = get_config()\nc.LatePolicy.percent_per_day = 110\n")
    sign, words = only(configuration_lines(empty_class))
    assert sign == BAD
    assert words.startswith(f"{empty_class / 'nbgrader_config.py'} cannot be used: TraitError: The value of the 'percent")
    (empty_class / "nbgrader_config.py").write_text("c = get_config()\nc.LatePolicy.grace = 3\n")
    first, _ = configuration_lines(empty_class)
    assert (first.sign, first.words) == (NOTE, "nbgrader_config.py sets LatePolicy.grace, which does not exist; see docs/lms.md")
    (empty_class / "nbgrader_config.py").write_text("1 / 0")
    assert only(configuration_lines(empty_class)) == (
        BAD,
        f"{empty_class / 'nbgrader_config.py'} cannot be used: ZeroDivisionError: division by zero",
    )


def test_a_disk_that_is_nearly_full_is_named(tmp_path, monkeypatch):
    for free, expected in ((5e6, BAD), (1e9, NOTE), (5e9, GOOD)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: shutil._ntuple_diskusage(1e12, 1e12 - free, free))
        assert only(disk_lines(tmp_path / "not there yet"))[0] == expected


def test_a_missing_package_and_another_version_are_named(monkeypatch):
    real = importlib.metadata.version

    def version(name):
        if name in ("nbgrader", "distributed"):
            raise importlib.metadata.PackageNotFoundError(name)
        return "3.0.0" if name == "keras" else real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    signs = {line.words.split(";")[0]: line.sign for line in doctor._packages()}
    assert signs["the package nbgrader is missing"] == BAD
    assert signs["the package distributed is missing"] == NOTE
    assert signs["keras 3.0.0"] == NOTE


def test_pins_are_read_for_this_platform(tmp_path):
    file = tmp_path / "constraints.txt"
    file.write_text("# made by a tool\nnumpy==1.0 ; python_version < '3'\nnumpy==2.0 ; python_version >= '3'\nkeras==3.1\n")
    assert pins(file) == {"numpy": "2.0", "keras": "3.1"}
    assert pins(tmp_path / "none.txt") == {}


@pytest.mark.parametrize(
    ("reason", "system", "setting", "command"),
    [
        ("sandboxes need Linux, and this is darwin", "darwin", None, "multipass launch"),
        ("sandboxes need Linux, and this is win32", "win32", None, "wsl --install"),
        ("bubblewrap is not installed", "linux", None, "bubblewrap"),
        ("setting up uid map: Permission denied", "linux", ("kernel/apparmor_restrict_unprivileged_userns", "1"), "userns=0"),
        ("No permissions to create new namespace", "linux", ("kernel/unprivileged_userns_clone", "0"), "userns_clone=1"),
        ("No space left on device", "linux", ("user/max_user_namespaces", "0"), "max_user_namespaces=15000"),
        ("Can't mount proc on /newroot/proc", "linux", ("user/max_user_namespaces", "96000"), "--privileged"),
    ],
)
def test_how_to_get_a_sandbox_is_said_for_each_platform(tmp_path, reason, system, setting, command):
    if setting:
        (tmp_path / setting[0]).parent.mkdir()
        (tmp_path / setting[0]).write_text(f"{setting[1]}\n")
    assert command in sandbox_advice(reason, system, tmp_path)
