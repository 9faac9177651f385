"""What the machine cannot do is said once, in one line; nothing is lost, and the same command does the rest."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from errno import EACCES, ENOSPC, EROFS
from threading import Timer

import nbformat
import pytest
from nbconvert.writers import FilesWriter

from convcourse.errors import CourseError, MachineTrouble
from convcourse.grading.class_folder import ClassFolder, notebook_in
from convcourse.grading.feedback_pages import write_feedback
from convcourse.grading.grade import grade, students_to_grade
from convcourse.grading.gradebook import gradebook
from convcourse.grading.task import Judged
from convcourse.operations.command_line import main
from convcourse.operations.report.data import read_unit
from convcourse.operations.report.write import report_csv
from tests.conftest import POINTS, UNIT, judged_once

STUDENTS = ["ada", "ben", "cleo", "dan"]


@pytest.fixture
def class_with_work(empty_class, solved):
    for student in STUDENTS:
        folder = ClassFolder(empty_class).submitted(student, UNIT)
        folder.mkdir(parents=True)
        nbformat.write(solved, notebook_in(folder))
    return empty_class


@pytest.fixture
def graded(class_with_work):
    list(grade(class_with_work, UNIT, STUDENTS, workers=judged_once))
    return class_with_work


@pytest.fixture
def command(monkeypatch, capsys):
    """Run a command for a class, and return its exit code and its lines, without those of bars and tables."""

    def run(root, *words):
        monkeypatch.setattr(sys, "argv", ["convcourse", *words, "--course", str(root)])
        with pytest.raises(SystemExit) as end:
            main()
        lines = capsys.readouterr().out.splitlines()
        return end.value.code or 0, [line for line in lines if line and "%" not in line]

    return run


def fails_for(student, code, monkeypatch):
    """Let nbgrader fail to write this student's page."""
    write = FilesWriter.write

    def unless_full(self, output, resources, **named):
        if resources["nbgrader"]["student"] == student:
            raise OSError(code, os.strerror(code))
        return write(self, output, resources, **named)

    monkeypatch.setattr(FilesWriter, "write", unless_full)


@pytest.mark.parametrize("code", [ENOSPC, EROFS])
def test_feedback_stops_where_nothing_can_be_written_and_goes_on_where_it_can(graded, command, monkeypatch, code):
    with monkeypatch.context() as patched:
        fails_for("ben", code, patched)
        failed, (pages, trouble) = command(graded, "feedback", UNIT)
    assert (failed, pages) == (1, f"1 feedback page under {graded / 'feedback'}")
    assert trouble.startswith(f"nbgrader could not write the feedback of ben: {os.strerror(code)}; ")
    assert trouble.endswith(". When that is mended, the same command does the rest")
    assert command(graded, "feedback", UNIT) == (0, [f"4 feedback pages under {graded / 'feedback'}"])


def test_a_page_that_may_not_be_written_is_one_students(graded, command, monkeypatch):
    fails_for("ben", EACCES, monkeypatch)
    failed, (pages, trouble) = command(graded, "feedback", UNIT)
    assert (failed, pages) == (1, f"3 feedback pages under {graded / 'feedback'}")
    assert trouble.startswith("✘ nbgrader could not write the feedback of ben: Permission denied; ")


def test_stopping_feedback_stops_it(graded, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(FilesWriter, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_feedback(graded, UNIT, "ada")


def test_feedback_where_nobody_is_graded_says_what_to_do_first(class_with_work, command):
    failed, lines = command(class_with_work, "feedback", UNIT)
    assert (failed, lines[-1]) == (1, f"nobody has been graded in {UNIT} yet: run `convcourse grade {UNIT}` first")


FULL = """
from sqlalchemy import event
from sqlalchemy.engine import Engine
from convcourse.operations.command_line import main
from convcourse.operations.report.data import read_unit
from convcourse.operations.report.write import report_csv
event.listen(Engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
main()
"""


def test_a_release_into_a_full_gradebook_prints_no_traceback_and_can_be_repeated(empty_class):
    words = ["release", "03_convolution_2d", "--course", str(empty_class)]
    full = subprocess.run([sys.executable, "-c", FULL, *words], capture_output=True, text=True, check=False)
    assert (full.returncode, full.stderr) == (1, "")
    assert full.stdout.splitlines() == [
        "nbgrader could not release 03_convolution_2d: the gradebook cannot be used: database or disk is full; make room on the "
        "disk. When that is mended, the same command does the rest"
    ]
    assert subprocess.run([sys.executable, "-m", "convcourse", *words], capture_output=True, check=False).returncode == 0


def test_work_that_cannot_be_read_is_no_sign_that_the_machine_works(class_with_work):
    def workers(tasks):
        for task in tasks:
            yield task, Judged("unreadable") if task.student == "ben" else Judged("no machine", note="no sandbox starts")

    results = []
    with pytest.raises(MachineTrouble, match="no sandbox starts; stopped, because no submission fares better"):
        results.extend(grade(class_with_work, UNIT, STUDENTS, workers=workers))
    (again,) = grade(class_with_work, UNIT, ["ada"])
    assert (again.score, again.unchanged) == (POINTS, False)


@pytest.fixture
def another(class_with_work, monkeypatch):
    """Another program that has the gradebook open; we wait a second for it."""
    monkeypatch.setattr("convcourse.grading.gradebook.LOCK_SECONDS", 1)
    place = class_with_work / "gradebook.db"
    with closing(sqlite3.connect(place, isolation_level=None, check_same_thread=False)) as connection:
        yield connection


def test_a_gradebook_to_which_another_program_writes_is_waited_for(class_with_work, another):
    another.execute("BEGIN IMMEDIATE")
    Timer(0.5, another.execute, ["COMMIT"]).start()
    results = list(grade(class_with_work, UNIT, STUDENTS, workers=judged_once))
    assert {result.score for result in results} == {POINTS}


def test_a_gradebook_that_stays_locked_stops_with_one_line_and_loses_nothing(class_with_work, another, monkeypatch):
    def workers(tasks):
        for number, done in enumerate(judged_once(tasks)):
            if number == 1:
                another.execute("BEGIN EXCLUSIVE")
            yield done

    monkeypatch.setattr("convcourse.grading.grade.together", lambda done: ([one] for one in done))
    results = []
    with pytest.raises(MachineTrouble, match="database is locked; another program is writing to it"):
        results.extend(grade(class_with_work, UNIT, STUDENTS, workers=workers))
    another.execute("ROLLBACK")
    again = list(grade(class_with_work, UNIT, STUDENTS, workers=judged_once))
    assert [result.student for result in results] == [result.student for result in again if result.unchanged] == ["ada"]


@pytest.mark.parametrize(
    "words", [["export"], ["students", "class.csv"], ["feedback", UNIT], ["release", UNIT, "--due", "2026-10-01"]]
)
def test_each_command_says_in_one_line_that_the_gradebook_is_locked(graded, another, command, monkeypatch, words):
    monkeypatch.chdir(graded)
    (graded / "class.csv").write_text("id\neve\n")
    another.execute("BEGIN EXCLUSIVE")
    failed, lines = command(graded, *words)
    assert failed == 1
    assert "the gradebook cannot be used: database is locked; another program is writing to it" in lines[-1]
    assert lines[-1].endswith("When that is mended, the same command does the rest")
    assert len(lines) <= 2  # before it, how many pages there are
    another.execute("ROLLBACK")
    assert command(graded, *words)[0] == 0


@pytest.mark.parametrize(
    "url", ["postgresql://ada@db.example.org/grades", "postgresql+nodriver://ada@db.example.org/x", "grades"]
)
def test_a_url_that_names_no_gradebook_is_said_in_one_line(tmp_path, monkeypatch, url):
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    monkeypatch.setenv("CONVCOURSE_DB", url)
    with pytest.raises(CourseError, match=r"write it as postgresql\+psycopg://USER@HOST/DATABASE"):
        gradebook(tmp_path)


def remounted(root):
    """What is seen of a class when its disk goes away: the empty folder where it was mounted."""
    root.rename(root.with_name("disk"))
    root.mkdir()


def test_a_class_whose_disk_goes_away_is_not_made_anew_and_goes_on_when_it_is_back(class_with_work):
    def workers(tasks):
        for number, done in enumerate(judged_once(tasks)):
            if number == 2:
                remounted(class_with_work)
            yield done

    results = []
    with pytest.raises(MachineTrouble, match=f"the folder {class_with_work}.* is gone: see that its disk is mounted"):
        results.extend(grade(class_with_work, UNIT, STUDENTS, workers=workers))
    assert list(class_with_work.iterdir()) == []
    class_with_work.rmdir()
    class_with_work.with_name("disk").rename(class_with_work)
    again = {result.student: result for result in grade(class_with_work, UNIT, STUDENTS, workers=judged_once)}
    assert {result.student for result in results} <= {student for student, result in again.items() if result.unchanged}
    assert {result.score for result in again.values()} == {POINTS}


@pytest.mark.parametrize("words", [["grade", UNIT], ["collect", UNIT, "inbox"], ["feedback", UNIT], ["export"], ["term"]])
def test_no_class_begins_in_an_empty_folder_unless_somebody_asks(tmp_path, command, monkeypatch, words):
    (tmp_path / "inbox" / "ada").mkdir(parents=True)
    (tmp_path / "class").mkdir()
    monkeypatch.chdir(tmp_path)
    failed, (line,) = command(tmp_path / "class", *words)
    assert (failed, list((tmp_path / "class").iterdir())) == (1, [])
    assert "is empty: see that its disk is mounted" in line


def test_a_folder_of_all_submissions_that_may_not_be_read_is_said_once(class_with_work, lock, monkeypatch):
    submitted = class_with_work / "submitted"
    lock(notebook_in(ClassFolder(class_with_work).submitted("ada", UNIT)))
    monkeypatch.setattr(os, "access", lambda path, _: path != submitted)
    with pytest.raises(MachineTrouble, match="submitted may not be read: change its permissions"):
        list(grade(class_with_work, UNIT, STUDENTS))


def test_one_students_folder_may_vanish_while_the_class_is_graded(class_with_work):
    def workers(tasks):
        for number, done in enumerate(judged_once(tasks)):
            if number == 0:
                shutil.rmtree(class_with_work / "submitted" / "ben")
            yield done

    results = {result.student: result.state for result in grade(class_with_work, UNIT, STUDENTS, workers=workers)}
    assert results == {**dict.fromkeys(STUDENTS, "graded"), "ben": "missing"}


@pytest.mark.parametrize("name", ["two\nlines", "a[1]", "bad\udcff", ".hidden", "*"])
def test_a_folder_whose_name_no_student_can_have_is_named_and_stops_nobody(class_with_work, name):
    shutil.copytree(class_with_work / "submitted" / "ada", class_with_work / "submitted" / name)
    results = list(grade(class_with_work, UNIT, students_to_grade(class_with_work, UNIT), workers=judged_once))
    (odd,) = [result for result in results if result.state != "graded"]
    assert "cannot be a student's name: rename the folder in submitted/" in odd.notes[0]
    assert sorted(result.student for result in results if result is not odd) == STUDENTS
    assert report_csv(read_unit(class_with_work, UNIT)).encode()
