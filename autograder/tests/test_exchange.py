"""nbgrader's exchange between an instructor and three students: four Unix accounts that share one folder."""

from __future__ import annotations

import html
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest

from convcourse.operations import demo
from tests.accounts import Account, in_the_open, make_account, remove_account, why_no_accounts
from tests.conftest import POINTS, UNIT, needs_sandbox
from tests.hub import open_hub, why_no_hub
from tests.sessions import Sessions

pytestmark = [needs_sandbox, pytest.mark.skipif(bool(why_no_accounts()), reason=why_no_accounts() or "-")]
CONFIG = """
from pathlib import Path
from convcourse.grading.course import configure
configure(get_config(), Path(__file__).parent)
c.Exchange.root = {root!r}
"""
EVERYBODYS_CONFIG = """
c.Exchange.root = {root!r}
c.CourseDirectory.course_id = "convcourse"
"""


@pytest.fixture(scope="module")
def place():
    """A folder of this machine that all accounts may enter."""
    folder = Path(tempfile.mkdtemp(prefix="exchange-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def people(place):
    """The sessions of prof, ada, ben and cleo."""
    accounts = [make_account(name, place) for name in ("prof", "ada", "ben", "cleo")]
    config = make_exchange(place, "exchange")
    environment = accounts[0].environment(JUPYTER_CONFIG_PATH=str(config), PYTHONPATH=os.pathsep.join(sys.path))
    program = in_the_open(sys.executable, Path(__file__).with_name("sessions.py"))
    with Sessions(place, program, environment) as sessions:
        yield [sessions.log_in(account.name, account.home) for account in accounts]
    for account in accounts:
        remove_account(account)


def make_exchange(place, name):
    """Make an exchange, and a configuration of nbgrader that leads all users to it; returns the configuration's folder."""
    (place / name).mkdir()
    (place / name).chmod(0o1777)
    config = place / f"etc-{name}"
    config.mkdir()
    (config / "nbgrader_config.py").write_text(EVERYBODYS_CONFIG.format(root=str(place / name)))
    return config


def make_class(owner, name, exchange, released):
    """A class of the instructor's, in which unit 02 is released to the gradebook."""
    folder = owner.home / name
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(CONFIG.format(root=str(exchange)))
    shutil.copy(released / "gradebook.db", folder)
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, owner.name, owner.name)
    return folder


def work_on(student, notebook):
    """Put answers into the notebook that a student has fetched."""
    path = student.home / UNIT / f"{UNIT}.ipynb"
    assert path.exists()
    path.write_text(nbformat.writes(notebook))


def put_in_inbox(folder, owner, student, notebook):
    """Work that came by e-mail."""
    path = folder / "inbox" / student / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(notebook))
    shutil.chown(path, owner.name)


def results(class_folder):
    """Student -> result of `convcourse grade --json results.json`."""
    return {result["student"]: result for result in json.loads((class_folder / "results.json").read_text())}


def pages(student):
    """The feedback pages that a student has fetched, the oldest first."""
    return [path.read_text() for path in sorted((student.home / UNIT / "feedback").glob(f"*/{UNIT}.html"))]


def test_a_unit_goes_to_three_students_and_comes_back_with_feedback(people, place, released, solved):
    prof, ada, ben, cleo = people
    class_folder = make_class(prof, "class", place / "exchange", released)
    exercise, mistake = next(pair for pair in demo.typical_mistakes(UNIT) if pair[0].name == "find_peaks_above")

    prof.run(f"nbgrader release_assignment {UNIT}", class_folder)
    for student in (ada, ben, cleo):
        student.run(f"nbgrader fetch_assignment {UNIT}")
    work_on(ada, solved)
    work_on(ben, demo.with_mistake(solved, exercise, mistake))
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)  # of a time before the work comes, so that it is an hour late
    for student in (ada, ben, cleo):
        student.run(f"nbgrader submit {UNIT}")
    prof.run(f"nbgrader db assignment add {UNIT} --duedate '{an_hour_ago:%Y-%m-%d %H:%M:%S} UTC'", class_folder)
    prof.run(f"nbgrader collect {UNIT}", class_folder)
    put_in_inbox(class_folder, prof, "dan", solved)
    prof.run(f"convcourse collect {UNIT} inbox --course .", class_folder)

    # Ada, Ben and Dan are graded by our command, Cleo by nbgrader's.
    ours = " ".join(f"--student {name}" for name in (ada.name, ben.name, "dan"))
    prof.run(f"convcourse grade {UNIT} --course . {ours} --json results.json", class_folder)
    scores = {student: result["score"] for student, result in results(class_folder).items()}
    assert scores == {ada.name: POINTS, ben.name: POINTS - exercise.max_score, "dan": POINTS}
    assert 3600 <= results(class_folder)[ada.name]["seconds_late"] < 3700
    prof.run(f"convcourse feedback {UNIT} --course .", class_folder)
    prof.run(f"nbgrader autograde {UNIT} --student {cleo.name}", class_folder)
    prof.run(f"nbgrader generate_feedback {UNIT} --student {cleo.name}", class_folder)

    prof.run(f"nbgrader release_feedback {UNIT}", class_folder)
    for student in (ada, ben, cleo):
        student.run(f"nbgrader fetch_feedback {UNIT}")
        assert pages(student) == [(class_folder / "feedback" / student.name / UNIT / f"{UNIT}.html").read_text()]
    assert mistake.hint in html.unescape(pages(ben)[0])
    assert "Not done yet" in pages(cleo)[0]

    # Ben hands in again; this time the instructor works through nbgrader's Python interface.
    work_on(ben, solved)
    ben.run(f"nbgrader submit {UNIT}")
    prof.run(f"api collect {UNIT}", class_folder)
    said = prof.run(f"convcourse grade {UNIT} --course . --json results.json", class_folder)
    assert results(class_folder)[ben.name]["score"] == POINTS
    assert "2 unchanged" in said  # Ada and Dan; Cleo was graded by nbgrader, so her work is new to us
    prof.run(f"convcourse feedback {UNIT} --course .", class_folder)
    prof.run(f"api release_feedback {UNIT}", class_folder)
    ben.run(f"nbgrader fetch_feedback {UNIT}")
    first, second = pages(ben)
    assert mistake.hint in html.unescape(first)
    assert mistake.hint not in html.unescape(second)

    # Nobody sees what is not theirs.
    shared = place / "exchange" / "convcourse"
    for closed in (shared / "inbound", shared / "feedback", ada.home, class_folder):
        with pytest.raises(PermissionError):
            ben.listed(closed)
    assert ben.listed(shared / "outbound") == [UNIT]
    assert len(prof.listed(shared / "inbound")) == 4
    assert "You don't own the directory" in ben.fails(f"nbgrader release_feedback {UNIT}")


def test_the_same_through_jupyterhub(people, place, released, solved):
    if reason := why_no_hub():  # asked here and not at the top, because npm may fetch something
        pytest.skip(reason)
    prof = people[0]
    class_folder = make_class(prof, "hub", place / "hub", released)
    exercise, mistake = next(pair for pair in demo.typical_mistakes(UNIT) if pair[0].name == "find_peaks_above")
    config = make_exchange(place, "hub")
    prof.run(f"nbgrader release_assignment {UNIT}", class_folder)
    with open_hub(place, config, Account(prof.name, prof.home), ["dan", "eva", "fay"]) as (office, dan, eva, fay):
        for student in (dan, eva, fay):
            student.assignments("fetch", UNIT)
        work_on(dan, solved)
        work_on(eva, demo.with_mistake(solved, exercise, mistake))
        for student in (dan, eva, fay):
            (listed,) = [a for a in student.assignments("submit", UNIT) if a["status"] == "submitted"]
            assert len(listed["submissions"]) == 1
        prof.run(f"nbgrader collect {UNIT}", class_folder)
        prof.run(f"convcourse grade {UNIT} --course . --json results.json", class_folder)
        scores = {student: result["score"] for student, result in results(class_folder).items()}
        assert scores == {dan.name: POINTS, eva.name: POINTS - exercise.max_score, fay.name: 0}
        prof.run(f"convcourse feedback {UNIT} --course .", class_folder)
        prof.run(f"nbgrader release_feedback {UNIT}", class_folder)
        for student in (dan, eva, fay):
            student.assignments("fetch_feedback", UNIT)
            assert pages(student) == [(class_folder / "feedback" / student.name / UNIT / f"{UNIT}.html").read_text()]
        assert mistake.hint in html.unescape(pages(eva)[0])
        with pytest.raises(PermissionError):
            eva.assignments("fetch", UNIT, server_of=dan)

        # The instructor has the Formgrader, opened for the class, and nobody else has it.
        office.opened("formgrader?path=hub")
        listed = {one["name"]: one for one in json.loads(office.opened("formgrader/api/assignments"))}
        assert (listed[UNIT]["num_submissions"], listed[UNIT]["max_score"]) == (3, POINTS)
        with pytest.raises(OSError, match="404"):
            dan.opened("formgrader")
