"""Text that no file, terminal or parser likes comes from a submission: its author is graded or told, and so is everybody else."""

import json

import nbformat
import pytest
from typer.testing import CliRunner

from convcourse.operations.command_line import app
from tests.conftest import UNIT, answer_cell, cell_with_grade_id, needs_sandbox

pytestmark = needs_sandbox
HALF = "\ud800"  # half an emoji, which no file can hold
ESCAPES = "\x1b]0;owned\x07\x1b[31m\u202eabc\x00"
TOO_DEEP = "x = " + "-" * 100_000 + "1"
BRACKETS = "y = " + "[" * 100_000


def note(notebook, source):
    notebook.cells.insert(3, nbformat.v4.new_code_cell(source))


STRANGE = {
    "half": lambda n: note(n, f"note = '/proc{HALF}'"),
    "halfprinted": lambda n: note(n, "print('/proc\\ud800')"),
    "halfraised": lambda n: note(n, "raise ValueError('\\ud800')"),
    "language": lambda n: n.metadata.update(kernelspec={"name": HALF, "language": HALF, "display_name": HALF}),
    "metadata": lambda n: n.metadata.update({HALF: HALF}),
    "tags": lambda n: n.cells[2].metadata.update(tags=[HALF, ESCAPES]),
    "markdown": lambda n: n.cells.insert(2, nbformat.v4.new_markdown_cell(HALF + ESCAPES)),
    "escapes": lambda n: note(n, f"import os  # {ESCAPES}\nnote = '/proc{ESCAPES}'"),
    "named": lambda n: cell_with_grade_id(n, "delta").metadata.nbgrader.update(grade_id=HALF + ESCAPES),
    "minus": lambda n: note(n, TOO_DEEP),
    "brackets": lambda n: note(n, BRACKETS),
    "minusanswer": lambda n: setattr(answer_cell(n, "delta"), "source", TOO_DEEP),
}


def hand_in(root, student, text):
    folder = root / "submitted" / student / UNIT
    folder.mkdir(parents=True)
    (folder / f"{UNIT}.ipynb").write_text(text, encoding="utf-8")
    return folder


def as_json(notebook):
    return json.dumps(notebook)  # ASCII: strange characters become escapes


@pytest.fixture
def strange_class(empty_class, solved):
    for name, change in STRANGE.items():
        notebook = nbformat.from_dict(json.loads(json.dumps(solved)))
        change(notebook)
        hand_in(empty_class, name, as_json(notebook))
    hand_in(empty_class, "zoe", nbformat.writes(solved))
    stamps = {"bytes": b"\xff\xfe\x00", "year": b"9" * 400 + b"-01-01 10:00:00 UTC"}
    for name, stamp in stamps.items():
        (hand_in(empty_class, name, nbformat.writes(solved)) / "timestamp.txt").write_bytes(stamp)
    (hand_in(empty_class, "folder", nbformat.writes(solved)) / "timestamp.txt").mkdir()
    (hand_in(empty_class, "link", nbformat.writes(solved)) / "timestamp.txt").symlink_to("/etc/passwd")
    return empty_class


def test_everybody_is_graded_and_the_pages_are_written(strange_class, monkeypatch):
    monkeypatch.chdir(strange_class)
    outcome = CliRunner().invoke(app, ["grade", UNIT, "--json", "grades.json", "--course", str(strange_class)])
    assert outcome.exception is None, outcome.output[-2000:]
    rows = {row["student"]: row for row in json.loads((strange_class / "grades.json").read_text(encoding="utf-8"))}
    told = {name: row["notes"] for name, row in rows.items() if row["state"] != "graded"}
    assert set(told) == {"bytes", "year", "folder", "link"}
    assert all("holds no time; write it as 2026-10-03 08:00:00 UTC" in notes[0] for notes in told.values())
    assert {name: row["score"] for name, row in rows.items() if name in STRANGE and row["score"] < 9} == {}
    assert rows["zoe"]["score"] == rows["zoe"]["max_score"]
    for command in (["grade", UNIT], ["report", UNIT]):
        outcome = CliRunner().invoke(app, [*command, "--course", str(strange_class)])
        assert outcome.exception is None, (command, outcome.output[-2000:])
        assert "\x1b]" not in outcome.output
    for file in (strange_class / "reports").rglob("*.*"):
        text = file.read_text(encoding="utf-8")
        assert not any(sign in text for sign in "\x1b\x07\u202e"), file
