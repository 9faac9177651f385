"""A gradebook in PostgreSQL, by its URL: a real server, started here on a socket of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import SubmittedAssignment
from typer.testing import CliRunner

from convcourse.grading.export import export_csv
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook
from convcourse.operations.command_line import app
from tests.conftest import POINTS, UNIT


def why_not():
    """Why no server can be started here; empty when one can."""
    if not (shutil.which("postgres") and shutil.which("initdb")):
        return "postgres and initdb are not on the PATH"
    if os.getuid() == 0 and not (shutil.which("runuser") and "postgres" in {user.pw_name for user in pwd.getpwall()}):
        return "PostgreSQL does not run as root, and there is no other user for it"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "the extra `scale` is not installed"
    return ""


pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


@pytest.fixture
def database():
    """The URL of an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    as_postgres = []
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
        as_postgres = ["runuser", "-u", "postgres", "--"]
    make = [*as_postgres, shutil.which("initdb"), "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, cwd=folder)
    serve = [*as_postgres, shutil.which("postgres"), "-D", folder / "data", "-k", folder, "-c", "listen_addresses=", "-F"]
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(serve, stdout=log, stderr=log, cwd=folder)
    while "ready to accept" not in (folder / "log.txt").read_text():
        assert server.poll() is None, (folder / "log.txt").read_text()
        time.sleep(0.1)
    yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    server.terminate()
    server.wait()
    shutil.rmtree(folder)


def test_the_whole_way_with_a_gradebook_in_postgresql(database, tmp_path, solved, monkeypatch):
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
        outcome = CliRunner().invoke(app, ["--db", database, *step, "--course", str(tmp_path)])
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
    (tmp_path / "nbgrader_config.py").write_text(f"get_config().CourseDirectory.db_url = {database!r}\n")
    (result,) = grade(tmp_path, UNIT, ["ada"])
    assert result.score == POINTS
