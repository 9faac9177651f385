"""A gradebook in PostgreSQL, by its URL: a real server, started here on a socket of its own."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import SubmittedAssignment
from typer.testing import CliRunner

from convcourse.errors import MachineTrouble
from convcourse.grading.class_folder import ClassFolder, notebook_in
from convcourse.grading.export import export_csv
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook
from convcourse.grading.release import release
from convcourse.grading.task import grade_task
from convcourse.operations.command_line import app, main
from tests.conftest import POINTS, UNIT


def why_not():
    """Why no server can be started here; empty when one can."""
    if not (shutil.which("postgres") and shutil.which("initdb")):
        return "postgres and initdb are not on the PATH"
    if os.getuid() == 0 and not (shutil.which("runuser") and "postgres" in {user.pw_name for user in pwd.getpwall()}):
        return "PostgreSQL does not run as root, and there is no other user for it"
    if not importlib.util.find_spec("psycopg"):
        return "the extra `scale` is not installed"
    return ""


pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


class Server:
    """A server of our own, which can be stopped and started."""

    def __init__(self, folder):
        self.folder, self.url = folder, f"postgresql+psycopg://postgres@/postgres?host={folder}"
        self.as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self.as_postgres:
            shutil.chown(folder, "postgres")
        make = [*self.as_postgres, shutil.which("initdb"), "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, cwd=folder)

    def start(self):
        folder = self.folder
        serve = [
            *self.as_postgres,
            shutil.which("postgres"),
            "-D",
            folder / "data",
            "-k",
            folder,
            "-c",
            "listen_addresses=",
            "-F",
        ]
        with (folder / "log.txt").open("w") as log:
            self.process = subprocess.Popen(serve, stdout=log, stderr=log, cwd=folder)
        while "ready to accept" not in (folder / "log.txt").read_text():
            assert self.process.poll() is None, (folder / "log.txt").read_text()
            time.sleep(0.1)

    def stop(self):
        """At once, whoever is connected."""
        postmaster = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGINT)
        self.process.wait()

    def connect(self):
        import psycopg

        return psycopg.connect(f"host={self.folder} user=postgres")


@pytest.fixture
def server():
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = Server(folder)
    server.start()
    yield server
    if server.process.poll() is None:
        server.stop()
    shutil.rmtree(folder)


def test_the_whole_way_with_a_gradebook_in_postgresql(server, tmp_path, solved, monkeypatch):
    monkeypatch.setenv("CONVCOURSE_DB", "")  # the command sets it; this puts it back
    inbox = tmp_path / "inbox" / "ada"
    inbox.mkdir(parents=True)
    nbformat.write(solved, inbox / f"{UNIT}.ipynb")
    (tmp_path / "class.csv").write_text("id\nada\nben\n")
    (tmp_path / "nbgrader_config.py").write_text("get_config().LateSubmissionPlugin.penalty_method = 'zero'\n")
    steps = [
        ["students", str(tmp_path / "class.csv")],
        ["release", UNIT, "--due", "2020-01-01"],
        ["collect", UNIT, str(inbox.parent)],
        ["grade", UNIT],
        ["grade", UNIT],
        ["grade", UNIT, "--again"],
        ["feedback", UNIT],
    ]
    said = ""
    for step in steps:
        outcome = CliRunner().invoke(app, ["--db", server.url, *step, "--course", str(tmp_path)])
        assert outcome.exit_code == 0, (step, outcome.output, outcome.exception)
        said += outcome.output
    assert not (tmp_path / "gradebook.db").exists()
    assert "1 unchanged" in said
    assert "ada,,,,,0,0" in export_csv(tmp_path)  # all points, less all of them for being late
    with gradebook(tmp_path) as book:
        (row,) = book.db.query(SubmittedAssignment).all()
        assert (row.student_id, row.score, row.late_submission_penalty) == ("ada", POINTS, POINTS)
    # A class's own configuration can name it too.
    monkeypatch.delenv("CONVCOURSE_DB")
    (tmp_path / "nbgrader_config.py").write_text(f"get_config().CourseDirectory.db_url = {server.url!r}\n")
    (result,) = grade(tmp_path, UNIT, ["ada"])
    assert result.score == POINTS


STUDENTS = [f"student{number}" for number in range(6)]


@pytest.fixture
def class_with_work(server, tmp_path, solved, monkeypatch):
    """A class with its gradebook on the server, which waits a second for a lock."""
    monkeypatch.setenv("CONVCOURSE_DB", server.url)
    monkeypatch.setattr("convcourse.grading.gradebook.LOCK_SECONDS", 1)
    release(tmp_path, UNIT)
    for student in STUDENTS:
        folder = ClassFolder(tmp_path).submitted(student, UNIT)
        folder.mkdir(parents=True)
        nbformat.write(solved, notebook_in(folder))
    return tmp_path


def after(count, act):
    """Workers that judge one of the equal submissions, and `act` when they have done so many."""

    def workers(tasks):
        judged = None
        for number, task in enumerate(tasks):
            if number == count:
                act()
            judged = judged or grade_task(task)
            yield task, judged

    return workers


def graded_until_trouble(root, workers):
    """Who was graded before the trouble, and what is said of it."""
    results = []
    with pytest.raises(MachineTrouble) as trouble:
        results.extend(grade(root, UNIT, STUDENTS, workers=workers))
    return [result.student for result in results], str(trouble.value)


@pytest.fixture
def one_each(monkeypatch):
    """Each result is written by itself."""
    monkeypatch.setattr("convcourse.grading.grade.together", lambda done: ([one] for one in done))


@pytest.mark.parametrize(
    "lock",
    ["LOCK TABLE grade IN ACCESS EXCLUSIVE MODE", "LOCK TABLE submitted_assignment IN EXCLUSIVE MODE"],
    ids=["read", "write"],
)
def test_a_lock_that_another_session_holds_stops_with_one_line_and_nothing_is_lost(class_with_work, server, one_each, lock):
    with server.connect() as another:
        done, said = graded_until_trouble(class_with_work, after(2, lambda: another.execute(lock)))
    assert done == STUDENTS[:2]
    assert "canceling statement due to lock timeout; another program is writing to it" in said
    results = list(grade(class_with_work, UNIT, STUDENTS, workers=after(9, None)))
    assert [result.student for result in results if result.unchanged] == done
    assert {result.score for result in results} == {POINTS}


def test_a_server_that_goes_away_stops_with_one_line_and_comes_back_with_all_scores(
    class_with_work, server, one_each, capsys, monkeypatch
):
    done, said = graded_until_trouble(class_with_work, after(2, server.stop))
    assert done == STUDENTS[:2]
    assert "start the database's server" in said
    monkeypatch.setattr("sys.argv", ["convcourse", "grade", UNIT, "--course", str(class_with_work)])
    with pytest.raises(SystemExit):
        main()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("the gradebook cannot be used: ")
    assert line.endswith("When that is mended, the same command does the rest")
    server.start()
    results = list(grade(class_with_work, UNIT, STUDENTS, workers=after(9, None)))
    assert [result.student for result in results if result.unchanged] == done
    assert {result.score for result in results} == {POINTS}


def test_a_connection_that_is_ended_costs_one_submission(class_with_work, server, one_each):
    def end_connections():
        with server.connect() as another:
            another.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    results = list(grade(class_with_work, UNIT, STUDENTS, workers=after(2, end_connections)))
    assert [result.student for result in results if result.state == "failed"] == [STUDENTS[2]]
    assert [result.student for result in grade(class_with_work, UNIT, STUDENTS) if not result.unchanged] == [STUDENTS[2]]
