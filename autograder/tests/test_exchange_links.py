"""Collecting from nbgrader's exchange when students have put into it what they like. One account: only what is read counts."""

import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.apps.api import NbGraderAPI

from convcourse.grading.course import course_config
from tests.conftest import UNIT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange is not available on Windows")


@pytest.fixture
def inbound(empty_class):
    """The exchange's folder into which students can write."""
    exchange = empty_class / "exchange"
    (empty_class / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\n")
    folder = exchange / "convcourse" / "inbound"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def secret(empty_class, solved):
    """What the instructor may read and students may not."""
    folder = empty_class / "secret"
    folder.mkdir()
    (folder / f"{UNIT}.ipynb").write_text(nbformat.writes(solved))
    return folder


def send(inbound, student, notebook="{}", time="2026-10-01 10:00:00 UTC"):
    """What `nbgrader submit` leaves in the exchange; the notebook's path."""
    folder = inbound / f"{student}+{UNIT}+{time}+x1"
    folder.mkdir()
    (folder / "timestamp.txt").write_text(time)
    path = folder / f"{UNIT}.ipynb"
    path.write_text(notebook)
    return path


def collect(root):
    """nbgrader's own command for the class: what it logged, and who has been collected."""
    outcome = NbGraderAPI(config=course_config(root)).collect(UNIT)
    assert outcome["success"], outcome
    return outcome["log"], {path.name: path / UNIT for path in (root / "submitted").iterdir()}


def replace_by_link(path, secret):
    path.unlink()
    path.symlink_to(secret / path.name)


def link_beside(path, secret):
    (path.parent / "more").symlink_to(secret)


def link_deep_inside(path, secret):
    (path.parent / "a" / "b").mkdir(parents=True)
    (path.parent / "a" / "b" / "c").symlink_to("../../nowhere")


def submission_is_a_link(path, secret):
    path.unlink()
    (path.parent / "timestamp.txt").unlink()
    path.parent.rmdir()
    path.parent.symlink_to(secret)


@pytest.mark.parametrize("trick", [replace_by_link, link_beside, link_deep_inside, submission_is_a_link])
def test_a_link_is_refused_in_one_line_and_the_others_are_collected(empty_class, inbound, secret, trick):
    send(inbound, "ada", '{"ada": 1}')
    trick(send(inbound, "eve"), secret)
    send(inbound, "zoe")
    log, submitted = collect(empty_class)
    assert sorted(submitted) == ["ada", "zoe"]
    assert (submitted["ada"] / f"{UNIT}.ipynb").read_text() == '{"ada": 1}'
    assert (submitted["ada"] / "timestamp.txt").exists()
    (line,) = [line for line in log.splitlines() if "Not collected" in line]
    assert f"eve+{UNIT}+" in line
    assert "is a link, and links are not followed" in line


def test_what_was_collected_before_stays(empty_class, inbound, secret):
    send(inbound, "eve", '{"eve": 1}')
    collect(empty_class)
    replace_by_link(send(inbound, "eve", time="2026-10-02 10:00:00 UTC"), secret)
    _, submitted = collect(empty_class)
    assert (submitted["eve"] / f"{UNIT}.ipynb").read_text() == '{"eve": 1}'


def test_nothing_that_one_student_sends_stops_the_others(empty_class, inbound):
    send(inbound, "ada")
    os.mkfifo(send(inbound, "pete").parent / "pipe")
    with send(inbound, "bob").open("wb") as file:
        file.truncate(200 * 2**20)  # a hole, which takes no room
    Path(send(inbound, "dora").parent, *["deep"] * 60).mkdir(parents=True)
    send(inbound, "noa", time="whenever")
    log, submitted = collect(empty_class)
    assert sorted(submitted) == ["ada", "noa"]
    assert "'pipe' is neither a file nor a folder" in log
    assert f"'{UNIT}.ipynb' is too large" in log
    assert "'deep' is too large, or too deep inside folders" in log


def test_a_name_without_a_time_never_goes_before_one_with_a_time(empty_class, inbound):
    send(inbound, "ada", '{"right": 1}')
    send(inbound, "ada", '{"wrong": 1}', time="soon")
    _, submitted = collect(empty_class)
    assert (submitted["ada"] / f"{UNIT}.ipynb").read_text() == '{"right": 1}'
