"""The instructor's report: what it says is what the gradebook has, and what students wrote stays text."""

import csv
import io
import re
from dataclasses import replace

import nbformat
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from convcourse.grading.grade import grade, students_to_grade
from convcourse.grading.gradebook import add_students, gradebook, held_scores
from convcourse.grading.release import release
from convcourse.grading.result import ExerciseResult
from convcourse.operations import demo
from convcourse.operations.command_line import app
from convcourse.operations.report.data import condensed, read_unit
from convcourse.operations.report.findings import findings, much_below, stopped_at
from convcourse.operations.report.similar import Alike, alike, as_published, bare
from convcourse.operations.report.write import write_report
from convcourse.settings import COURSE, SOLUTIONS
from tests.conftest import UNIT, answer_cell, needs_sandbox

OWN_CELL = "own_test_of_delta"
SCRIPT = "</pre><script>alert('pwned')</script><img src=x onerror=alert('pwned')>"
HOSTILE = f"import os\nimport numpy as np\nnp.allclose = lambda *a, **k: True\ntext = {SCRIPT!r}"


def own_cell():
    """A plain assert cell, as an instructor adds one."""
    marks = {
        "grade": True,
        "grade_id": OWN_CELL,
        "points": 3,
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    metadata = {"nbgrader": {**marks, "cell_type": "code"}}
    return nbformat.v4.new_code_cell("assert delta(3, 1)[1] == 1", id="own-test-of-delta", metadata=metadata)


def with_own_cell(source, folder):
    """A notebook of the course with that cell at its end."""
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.append(own_cell())
    path = folder / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return notebook


def hand_in(root, student, content, stamp="2026-01-01 10:00:00 UTC"):
    folder = root / "submitted" / student / UNIT
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{UNIT}.ipynb").write_text(content if isinstance(content, str) else nbformat.writes(content))
    (folder / "timestamp.txt").write_text(stamp)


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A class of one of each kind, graded and reported: the folder, the page, and the lines of the table."""
    root = tmp_path_factory.mktemp("reported")
    folders = f"c.CourseDirectory.source_directory = {str(root / 'source')!r}\n"
    folders += f"c.CourseDirectory.release_directory = {str(root / 'release')!r}\n"
    (root / "nbgrader_config.py").write_text(f"c = get_config()\n{folders}")
    with_own_cell(SOLUTIONS / UNIT / f"{UNIT}.ipynb", root / "source")
    blank = with_own_cell(COURSE / UNIT / f"{UNIT}.ipynb", root / "release")
    solved = nbformat.read(root / "source" / UNIT / f"{UNIT}.ipynb", as_version=4)
    release(root, UNIT, due=demo.datetime(2026, 1, 1, 12))
    (root / "class.csv").write_text("id\nada\nben\ncleo\ndora\nivan\njana\nmallory\n")
    add_students(root, root / "class.csv")

    wraps = next(pair for pair in demo.typical_mistakes(UNIT) if pair[1].name == "full_wraps_around")
    slip = demo.with_mistake(solved, *wraps)
    same = demo.with_mistake(solved, *wraps)
    cell = answer_cell(same, "conv1d_full")
    cell.source = re.sub(r"\bz\b", "result", cell.source).replace("    for n", "    # my own work\n    for n")
    hostile = nbformat.from_dict(blank)
    hostile.cells.insert(3, nbformat.v4.new_code_cell(HOSTILE))
    answer_cell(hostile, "delta").source = f"def delta(length, place):\n    return {SCRIPT!r}"

    hand_in(root, "ada", solved)
    hand_in(root, "ben", slip)
    hand_in(root, "cleo", same, stamp="2026-01-02 12:00:00 UTC")
    hand_in(root, "dora", blank)
    hand_in(root, "ivan", nbformat.writes(solved)[:4000])
    hand_in(root, "mallory", hostile)
    assert len(list(grade(root, UNIT, students_to_grade(root, UNIT), seed=1))) == 7
    with gradebook(root) as book:  # points given by hand, where the judge gave none
        book.find_grade("matched_filter", UNIT, UNIT, "dora").manual_score = 0.5
        book.db.commit()
    list(grade(root, UNIT, ["dora"], seed=1, again=True))  # which marks what was given by hand for another look
    html, table = write_report(root, UNIT)
    page = BeautifulSoup(html.read_text(encoding="utf-8"), "html.parser")
    return root, page, list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))


def below(page, anchor):
    """The text between a heading and the next one."""
    heading = page.find(id=anchor)
    parts = []
    for part in heading.find_next_siblings():
        if part.name == "h2":
            break
        parts.append(part.get_text(" "))
    return " ".join(" ".join(parts).split())


def test_the_first_screen_says_how_it_went_and_what_to_do(reported):
    _, page, _ = reported
    went, todo = (" ".join(part.get_text().split()) for part in page.find(class_="first").find_all("section"))
    assert "of 18 points" in went
    assert "1 of 5 have all points" in went
    assert "7 in the class, 5 graded" in page.get_text()
    for words in (
        "Ask for a new copy, the file cannot be read: ivan.",
        "Nothing handed in: jana.",
        "by mallory",
        "equal answers: ben, cleo",
        "Give points by hand, or confirm them, in the Formgrader: 1 answer of dora",
        "full wraps around in The whole convolution, 2 students",
    ):
        assert words in todo
    below_the_screen = page.find(class_="first").find_next_siblings("h2")
    assert [heading["id"] for heading in below_the_screen[:2]] == ["everybody", "exercises"]


def test_a_mistake_is_counted_with_its_hint_and_one_example(reported):
    _, page, _ = reported
    text = " ".join(page.find(id="e-conv1d_full").get_text(" ").split())
    assert "1 right, 2 wrong, 2 not done" in text
    assert "full wraps around , 2 students: ben , cleo" in text
    assert "Python reads from the end of the signal" in text
    assert len(page.find(id="e-conv1d_full").find_all("pre")) == 1
    follows = " ".join(page.find(id="e-conv1d_same").get_text(" ").split())
    assert "rests on an earlier exercise that is not right , 2 students: ben , cleo" in follows


@pytest.mark.parametrize(
    "words",
    [
        {"statement": "All your numbers are 2 times the expected ones."},
        {"statement": "All 5 cases with a stride above 1 fail.", "remark": "worth less than the statement"},
        {"remark": "delta stops with IndexError"},
    ],
)
def test_what_the_judge_says_without_a_known_mistake_is_counted_too(reported, words):
    root, _, _ = reported
    unit = read_unit(root, UNIT)
    said = ExerciseResult.noted(0.0, 3.0, {"status": "wrong", **words})
    handed = [replace(one, result=replace(one.result, exercises={**one.result.exercises, "delta": said})) for one in unit.graded]
    asked = next(asked for asked in unit.asked if asked.name == "delta")
    (slip,) = findings(replace(unit, handed=tuple(handed)), asked).slips
    assert (slip.title, len(slip.students)) == (next(iter(words.values())).removesuffix("."), 5)


def test_what_is_noted_of_many_cells_is_said_once():
    notes = ["the test cell 'a' was changed; ours is used", "worth a look: cell 4 imports os"]
    assert condensed([*notes, notes[0].replace("a'", "b'"), notes[0].replace("a'", "c'")]) == (
        f"{notes[0]} (and 2 more)",
        notes[1],
    )


def test_a_cell_of_the_instructors_own_is_reported_too(reported):
    _, page, rows = reported
    assert "a test cell of your own" in page.find(id=f"e-{OWN_CELL}").get_text()
    assert {row["student"]: (row["score"], row["status"]) for row in rows if row["exercise"] == OWN_CELL} == {
        "ada": ("3", "right"),
        "ben": ("3", "right"),
        "cleo": ("3", "right"),
        "dora": ("0", "not done"),
        "ivan": ("", "unreadable"),
        "jana": ("", "missing"),
        "mallory": ("0", "wrong"),
    }


def test_equal_answers_are_a_question_and_the_published_solution_stands_apart(reported):
    root, page, _ = reported
    text = below(page, "alike")
    assert "A question, not a verdict." in text
    assert "ben , cleo conv1d_full (wrong)" in text
    unit = read_unit(root, UNIT)
    assert alike(unit) == [Alike(("ben", "cleo"), ("conv1d_full",), ("conv1d_full",))]
    assert as_published(unit)["ada"] == ["conv1d_full", "design_hum_filter", "correlate1d", "pattern_start", "shift"]


@needs_sandbox
def test_what_was_tried_is_named(reported):
    _, page, _ = reported
    assert "mallory worth a look: cell 4 imports os, replaces np.allclose" in below(page, "tried")
    assert "own_test_of_delta" in below(page, "tried")


def test_late_work_and_students_to_look_at(reported):
    _, page, _ = reported
    assert "cleo 1 d none" in below(page, "late")
    students = below(page, "students")
    assert "ivan unreadable: 02_convolution_1d.ipynb is not a notebook" in students
    assert "jana missing: nothing handed in" in students
    assert "single exercises" in below(page, "time")


def test_what_a_student_wrote_is_text(reported):
    root, page, _ = reported
    raw = (root / "reports" / f"{UNIT}.html").read_text(encoding="utf-8")
    assert SCRIPT in page.find(id="e-delta").find("pre").get_text()  # it is shown, and does nothing
    assert not page.find_all(["script", "img", "iframe", "object", "link"])
    assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert "http://" not in raw.replace("http://www.w3.org", "")
    assert "https://" not in raw


def test_the_table_has_the_gradebooks_numbers(reported):
    root, _, rows = reported
    assert len(rows) == 7 * 11
    with gradebook(root) as book:
        held = held_scores(book, UNIT)
    told = {}
    for row in rows:
        if row["score"]:
            told.setdefault(row["student"], {})[row["exercise"]] = float(row["score"])
    assert told == {student: kept.scores for student, kept in held.items()}
    assert told["dora"]["matched_filter"] == 0.5
    late = {row["student"]: row["seconds_late"] for row in rows}
    assert (late["ada"], late["cleo"], late["jana"]) == ("0", "86400", "")
    assert all(float(row["submission_seconds"]) > 0 for row in rows if row["student"] == "ben")


def test_it_is_written_from_what_is_kept_and_says_what_has_changed_since(reported, monkeypatch):
    root, _, _ = reported
    monkeypatch.setattr("convcourse.grading.task.judge_notebook", lambda *_: pytest.fail("the report must not grade"))
    stamp = root / "submitted" / "ada" / UNIT / "timestamp.txt"
    before = stamp.read_text()
    stamp.write_text("2026-01-01 11:00:00 UTC")
    hand_in(root, "zoe", nbformat.read(root / "release" / UNIT / f"{UNIT}.ipynb", as_version=4))
    memory = root / "reports" / UNIT / "graded.jsonl"
    kept = memory.read_text()
    memory.unlink()  # as after stock nbgrader, which keeps no times
    try:
        outcome = CliRunner().invoke(app, ["report", UNIT, "--course", str(root)])
        assert outcome.exit_code == 0, outcome.output
        page = BeautifulSoup((root / "reports" / f"{UNIT}.html").read_text(encoding="utf-8"), "html.parser")
        todo = " ".join(page.find(class_="first").get_text(" ").split())
        assert "handed in since the last grading: ada , zoe ." in todo
        assert "How long grading took was not kept" in page.get_text()
        assert below(page, "tried").count("worth a look") == 1
    finally:
        memory.write_text(kept)
        stamp.write_text(before)


def test_without_anything_graded_one_line_says_what_to_do(empty_class):
    outcome = CliRunner().invoke(app, ["report", UNIT, "--course", str(empty_class)])
    assert f"run `convcourse grade {UNIT}` first" in str(outcome.exception)
    outcome = CliRunner().invoke(app, ["report", "03_convolution_2d", "--course", str(empty_class)])
    assert "has not been released" in str(outcome.exception)


def test_who_is_stuck_and_who_is_much_below_their_other_units(reported):
    root, _, _ = reported
    unit = read_unit(root, UNIT)
    people = {handed.student: handed for handed in unit.handed}
    names = [asked.name for asked in unit.asked]
    exercises = {
        name: replace(people["ada"].result.exercises[name], **({"score": 0.0, "status": "not done"} if name in names[3:] else {}))
        for name in names
    }
    early = replace(people["ada"], result=replace(people["ada"].result, exercises=exercises))
    assert stopped_at(unit, early) == "nothing was done from design_hum_filter on (8 exercises)"
    assert stopped_at(unit, people["ada"]) == ""
    elsewhere = {"ada": 1.0, "ben": 0.65, "cleo": 0.65, "mallory": 0.9}
    known = replace(unit, handed=tuple(replace(handed, elsewhere=elsewhere.get(handed.student)) for handed in unit.handed))
    assert much_below(known) == {"mallory"}


def test_answers_are_equal_when_only_names_comments_and_white_space_differ():
    one = """
def f(a, b):
    out = np.zeros(len(a) + len(b) - 1)
    for i in range(len(a)):
        for j in range(len(b)):
            out[i + j] += a[i] * b[j]
    return out"""
    two = """
def f(signal: list, k):
    'What it does.'
    z: object = np.zeros( len(signal)+len(k)-1 )  # room
    for n in range(len(signal)):

        for m in range(len(k)):
            z[n+m] += signal[n]*k[m]
    return z"""
    assert bare(one) == bare(two) != ""
    assert bare(one) != bare(one.replace("- 1", "- 2"))
    assert bare(one) != bare(one.replace("np.zeros", "np.ones"))
    assert bare("def f(a):\n    return np.eye(a)") == ""  # too plain to say anything
    assert bare("def f(:") == bare("\0") == bare("(" * 10_000) == bare("x = 1\n" * 100_000) == ""


def test_a_damaged_notebook_in_autograded_costs_its_own_details_only(reported):
    root, _, _ = reported
    path = root / "autograded" / "ben" / UNIT / f"{UNIT}.ipynb"
    kept = path.read_text()
    path.write_text("{")
    try:
        people = {handed.student: handed for handed in read_unit(root, UNIT).handed}
        assert people["ben"].result.score == people["cleo"].result.score > 0
        assert "makes it anew" in people["ben"].result.notes[0]
    finally:
        path.write_text(kept)
