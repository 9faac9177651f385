"""Stock nbgrader with our plug-ins: its command line, the Formgrader's API, and its own fixtures with their scores."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import nbgrader
import pytest
from nbgrader.apps.api import NbGraderAPI

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.grading.course import course_config
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook
from convcourse.grading.release import release
from convcourse.operations import demo
from convcourse.operations.benchmarks.grading import stock_config
from convcourse.settings import SOLUTIONS
from tests.conftest import UNIT, needs_sandbox
from tests.processes import end

FIXTURES = Path(nbgrader.__file__).parent / "tests" / "apps" / "files"
NETWORK = """
import socket
try:
    socket.create_connection(("127.0.0.1", 80))
except OSError:
    unreachable = True
assert unreachable
"""
CONFIG = """
from pathlib import Path
from convcourse.grading.course import configure
configure(get_config(), Path(__file__).parent)
"""


@pytest.fixture(scope="module")
def honest_class(tmp_path_factory):
    """A class with a perfect, a blank-ish and some mistaken submissions, graded by `convcourse grade`."""
    root = tmp_path_factory.mktemp("stock")
    release(root, UNIT)
    solved = nbformat.read(SOLUTIONS / UNIT / f"{UNIT}.ipynb", as_version=4)
    slips = list(demo.typical_mistakes(UNIT))[::4]
    notebooks = {"ada": solved} | {f"slip{n}": demo.with_mistake(solved, *slip) for n, slip in enumerate(slips)}
    for student, notebook in notebooks.items():
        path = root / "submitted" / student / UNIT / f"{UNIT}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    (root / "nbgrader_config.py").write_text(CONFIG)
    ours = {r.student: {n: e.score for n, e in r.exercises.items()} for r in grade(root, UNIT, sorted(notebooks))}
    return root, ours


def scores_in(root):
    with gradebook(root) as book:
        return {
            s.student.id: {g.name: g.score for part in s.notebooks for g in part.grades}
            for s in book.assignment_submissions(UNIT)
        }


def forget_scores(root):
    with gradebook(root) as book:
        for submission in book.assignment_submissions(UNIT):
            for part in submission.notebooks:
                for grade_ in part.grades:
                    grade_.auto_score = None
        book.db.commit()
    shutil.rmtree(root / "autograded")


def environment():
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def test_the_command_line_gives_the_same_scores(honest_class):
    root, ours = honest_class
    forget_scores(root)
    command = [sys.executable, "-m", "nbgrader", "autograde", UNIT]
    done = subprocess.run(command, cwd=root, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert scores_in(root) == ours


def test_the_formgraders_button_gives_the_same_scores(honest_class):
    root, ours = honest_class
    forget_scores(root)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "server",
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--IdentityProvider.token=",
    ]
    command += [
        "--ServerApp.disable_check_xsrf=True",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]
    server = subprocess.Popen(command, cwd=root, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for student in ours:
            reply = _post(f"http://127.0.0.1:{port}/formgrader/api/submission/{UNIT}/{student}/autograde", patience=180)
            assert reply["success"], reply
    finally:
        end(server)
    assert scores_in(root) == ours


def _post(address, patience):
    """POST, waiting for the server to come up. Returns the reply's JSON."""
    deadline = time.monotonic() + patience
    while True:
        try:
            request = urllib.request.Request(address, data=b"", method="POST")
            return json.loads(urllib.request.urlopen(request, timeout=120).read())
        except ConnectionError:
            pass
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
        assert time.monotonic() < deadline, "the Jupyter server did not start"
        time.sleep(0.3)


@needs_sandbox
def test_stock_nbgrader_gets_a_walled_in_kernel_by_its_name(tmp_path):
    """nbgrader's own Execute and plain assert cells, with `c.Execute.kernel_name = "convcourse"`."""
    cells = [
        nbformat.v4.new_code_cell("import os\nseen = os.listdir('/')"),
        graded("readable", "assert 'usr' in seen"),
        graded("network", NETWORK),
        graded("gradebook", f"assert not os.path.exists({str(tmp_path)!r})"),
        graded("fails", "assert False"),
    ]
    for folder in ("source/ps1", "submitted/foo/ps1"):
        (tmp_path / folder).mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / folder / "p1.ipynb")
    config = stock_config(tmp_path)
    config.CourseDirectory.source_directory, config.CourseDirectory.release_directory = "source", "release"
    config.Execute.kernel_name = "convcourse"
    with quiet_log() as said:
        assert NbGraderAPI(config=config).generate_assignment("ps1")["success"], said.getvalue()
        assert NbGraderAPI(config=config).autograde("ps1", "foo")["success"], said.getvalue()
    with gradebook(tmp_path) as book:
        grades = {g.name: g.score for part in book.find_submission("ps1", "foo").notebooks for g in part.grades}
    assert grades == {"readable": 1, "network": 1, "gradebook": 1, "fails": 0}


def graded(name, source):
    """A plain assert cell of one point."""
    marks = {"grade": True, "solution": False, "locked": True, "task": False, "schema_version": 3, "grade_id": name, "points": 1}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks})


@pytest.mark.parametrize(
    ("submitted", "score"),
    [
        ("submitted-unchanged.ipynb", 1),
        ("submitted-changed.ipynb", 2),
        ("submitted-cheat-attempt.ipynb", 1),
        ("submitted-cheat-attempt-alternative.ipynb", 1),
    ],
)
def test_nbgraders_own_fixtures_get_their_scores(tmp_path, submitted, score):
    """Plain assert cells, by stock nbgrader with our plug-ins and by `convcourse grade`."""
    class_of_fixtures(tmp_path, "submitted-unchanged.ipynb", {"foo": submitted})
    with quiet_log() as said:
        assert NbGraderAPI(config=course_config(tmp_path)).autograde("ps1", "foo")["success"], said.getvalue()
    with gradebook(tmp_path) as book:
        submission = book.find_submission("ps1", "foo")
        assert (submission.score, submission.max_score) == (score, 7)
    (ours,) = grade(tmp_path, "ps1", ["foo"])
    assert (ours.score, ours.max_score) == (score, 7)


@pytest.mark.filterwarnings("ignore")  # nbgrader leaves the sockets of the kernel that makes autotests open
@pytest.mark.parametrize(("kind", "score", "possible"), [("simple", 1, 1), ("hashed", 1, 1), ("multi", 3, 4)])
def test_nbgraders_autotests_get_their_scores(tmp_path, kind, score, possible):
    shutil.copy(FIXTURES / "autotests.yml", tmp_path)
    answers = {"foo": f"autotest-{kind}-unchanged.ipynb", "bar": f"autotest-{kind}-changed.ipynb"}
    class_of_fixtures(tmp_path, f"autotest-{kind}.ipynb", answers)
    unchanged, changed = grade(tmp_path, "ps1", ["foo", "bar"])
    assert (unchanged.score, unchanged.max_score) == (0, possible)
    assert (changed.score, changed.max_score) == (score, possible)


def test_a_late_penalty_of_the_class_is_applied(tmp_path):
    class_of_fixtures(tmp_path, "submitted-unchanged.ipynb", {"foo": "submitted-changed.ipynb"})
    with (tmp_path / "nbgrader_config.py").open("a") as file:
        file.write("get_config().LateSubmissionPlugin.penalty_method = 'zero'\n")
    (tmp_path / "submitted" / "foo" / "ps1" / "timestamp.txt").write_text("2015-02-02 16:58:23 UTC")
    with gradebook(tmp_path) as book:
        book.update_or_create_assignment("ps1", duedate="2015-02-02 14:58:23 UTC")
    list(grade(tmp_path, "ps1", ["foo"]))
    with gradebook(tmp_path) as book:
        notebook = book.find_submission_notebook("ps1", "ps1", "foo")
        assert (notebook.score, notebook.late_submission_penalty) == (2, 2)


def class_of_fixtures(root, source, submitted):
    """A class of its own, with folders of its own, in which one of nbgrader's fixtures is released and handed in."""
    (root / "nbgrader_config.py").write_text(
        CONFIG
        + "get_config().CourseDirectory.source_directory, get_config().CourseDirectory.release_directory = 'source', 'release'\n"
    )
    for path, name in {"source": source, **{f"submitted/{student}": name for student, name in submitted.items()}}.items():
        (root / path / "ps1").mkdir(parents=True)
        shutil.copy(FIXTURES / name, root / path / "ps1" / "ps1.ipynb")
    with quiet_log() as said:
        assert NbGraderAPI(config=course_config(root)).generate_assignment("ps1")["success"], said.getvalue()
