"""A check was wrong and is mended: everybody is graded again, and the instructor sees who changed, and why."""

import csv
import io
from dataclasses import replace
from itertools import islice

import nbformat
import pytest
from rich.console import Console
from typer.testing import CliRunner

from convcourse.check import visible_cases
from convcourse.errors import MachineTrouble
from convcourse.exercises import find_exercise, own
from convcourse.grading.export import as_csv
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import Held, gradebook
from convcourse.grading.regrade import Standing, change_rows, changes, on_earlier_cases, regrade, standings
from convcourse.grading.remembered import remembered
from convcourse.grading.result import Result
from convcourse.grading.running_notebook import HIDDEN_ROUNDS
from convcourse.grading.table import plain_table
from convcourse.grading.task import one_by_one
from convcourse.operations.command_line import a_class, app
from tests.conftest import UNIT, answer_cell

STEP = "def delta(length, place):\n    return (np.arange(length) >= place) * 1"


def hand_in(root, student, notebook):
    path = root / "submitted" / student / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebook if isinstance(notebook, str) else nbformat.writes(notebook), encoding="utf-8")


@pytest.fixture
def wrongly_graded(empty_class, solved, blank, monkeypatch):
    """Ada and Cleo are right, Dora takes a step for a delta, Ben has done nothing; the check wants the step."""
    hand_in(empty_class, "ada", solved)
    hand_in(empty_class, "ben", blank)
    hand_in(empty_class, "cleo", solved)
    answer_cell(solved, "delta").source = STEP
    hand_in(empty_class, "dora", solved)
    right = find_exercise("delta")
    step = next(mistake for mistake in right.mistakes if mistake.name == "delta_step")
    known = replace(right, oracle=step.function, mistakes=[])
    with monkeypatch.context() as wrong:
        wrong.setattr(own, "find_exercise", lambda name: known if name == "delta" else find_exercise(name))
        list(grade(empty_class, UNIT, ["ada", "ben", "cleo", "dora"], seed=7))
    return empty_class


def graded_again(root):
    before = standings(root, UNIT)
    results = list(regrade(root, UNIT, ["ada", "ben", "cleo", "dora"], one_by_one))
    after = standings(root, UNIT)
    earlier = on_earlier_cases(root, UNIT, before, after, one_by_one)
    return change_rows(changes(before, after, results, earlier), before, after)


def test_who_changed_from_what_to_what_and_why(wrongly_graded):
    assert graded_again(wrongly_graded) == [
        ["student", "total", "total now", "exercise", "points", "points now", "why"],
        ["ada", "14", "15", "delta", "0", "1", "wrong → passed"],
        ["cleo", "14", "15", "delta", "0", "1", "wrong → passed"],
        ["dora", "14", "13", "delta", "1", "0", "passed → delta step"],
    ]
    assert 7 not in {kept.seed for kept in remembered(wrongly_graded, UNIT).values()}, "the hidden cases must be new"
    assert len(graded_again(wrongly_graded)) == 1, "a second time nothing changes"


def test_marks_given_by_hand_stay_and_are_said(wrongly_graded):
    with gradebook(wrongly_graded) as book:
        book.find_grade("delta", UNIT, UNIT, "ada").manual_score = 0.5
        book.db.commit()
    rows = {row[0]: row[1:] for row in graded_again(wrongly_graded)}
    assert rows["ada"] == ["14.5", "14.5", "delta", "0.5", "0.5", "marked by hand, which stays; automatic 0 → 1"]


def test_a_penalty_that_has_gone_is_0():
    held = Held(None, {"delta": 1.0}, {"delta": 1.0})
    before, after = {"ada": Standing(held, 0.5, {})}, {"ada": Standing(held, 0.0, {})}
    (row,) = change_rows(changes(before, after, [Result("ada", UNIT, "graded")], {}), before, after)[1:]
    assert row[:6] == ["ada", "0.5", "1", "late penalty", "-0.5", "0"]


def test_who_cannot_be_graded_again_keeps_the_score_and_is_named(wrongly_graded):
    hand_in(wrongly_graded, "ada", "{")
    hand_in(wrongly_graded, "ben", "")
    rows = {row[0]: row[1:] for row in graded_again(wrongly_graded)}
    assert rows["ada"][:5] == ["14", "14", "all", "14", "14"]
    assert rows["ada"][5].startswith("not graded again (unreadable: ")
    assert rows["ben"][5].endswith("the old score stays")
    assert rows["dora"][-1] == "passed → delta step"


def test_who_was_never_graded_is_new(wrongly_graded, solved):
    with gradebook(wrongly_graded) as book:
        book.remove_submission(UNIT, "cleo")
    rows = {row[0]: row[1:] for row in graded_again(wrongly_graded)}
    assert rows["cleo"] == ["–", "15", "all", "–", "15", "was not graded before"]


def test_the_table_and_the_file_bear_what_people_call_themselves():
    rows = [["student", "total", "why"], ["=1+1", "-2", "[/bold] → passed"]]
    assert as_csv(rows).splitlines()[1] == "'=1+1,-2,[/bold] → passed"
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(plain_table(UNIT, rows))
    assert "[/bold] → passed" in console.export_text()


def test_the_command_shows_the_changes_and_writes_them(wrongly_graded, monkeypatch):
    monkeypatch.setattr(a_class, "_workers", lambda cluster: one_by_one)
    file = wrongly_graded / "changes.csv"
    outcome = CliRunner().invoke(app, ["regrade", UNIT, "--course", str(wrongly_graded), "--file", str(file)])
    assert outcome.exit_code == 0, outcome.output
    assert "3 of 4 students changed" in outcome.output
    assert [row["student"] for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))] == ["ada", "cleo", "dora"]
    outcome = CliRunner().invoke(app, ["regrade", UNIT, "--course", str(wrongly_graded)])
    assert "nothing has changed" in outcome.output


def test_trouble_of_the_machine_hides_no_change_that_stays(wrongly_graded, monkeypatch):
    def troubled(*arguments):
        yield from islice(regrade(*arguments), 1)
        raise MachineTrouble("the disk is full")

    monkeypatch.setattr("convcourse.grading.regrade.regrade", troubled)
    outcome = CliRunner().invoke(app, ["regrade", UNIT, "--course", str(wrongly_graded)])
    assert "these are the changes of the first 1 of 4, and they stay" in outcome.output
    assert "│ ada" in outcome.output
    assert str(outcome.exception) == "the disk is full"


def test_a_table_of_the_hidden_cases_earns_nothing_and_is_told_from_a_changed_check(wrongly_graded, solved, monkeypatch):
    delta = find_exercise("delta")
    seen = [tuple(case.arguments.values()) for case in (*visible_cases(delta), *delta.fresh_cases(7, HIDDEN_ROUNDS))]
    looked_up = f"def delta(length, place):\n    return np.eye(length)[place] * ((length, place) in {seen!r})"
    answer_cell(solved, "delta").source = looked_up
    hand_in(wrongly_graded, "eve", solved)
    assert next(grade(wrongly_graded, UNIT, ["eve"], seed=7)).exercises["delta"].score == 1
    before = standings(wrongly_graded, UNIT)
    monkeypatch.setattr("convcourse.grading.grade.fresh_seed", lambda: 8)  # some seeds pose only cases that were seen
    results = list(regrade(wrongly_graded, UNIT, ["eve"], one_by_one))
    after = standings(wrongly_graded, UNIT)
    (change,) = changes(before, after, results, on_earlier_cases(wrongly_graded, UNIT, before, after, one_by_one))
    assert (change.exercise, change.before, change.after) == ("delta", 1, 0)
    assert change.why == "passed → wrong; only on the new hidden cases: on the earlier ones it is still right, have a look"


def test_nobody_meets_the_hidden_cases_of_a_seed_twice_with_other_work(empty_class, solved, blank):
    def seed_of(notebook):
        hand_in(empty_class, "ada", notebook)
        (result,) = grade(empty_class, UNIT, ["ada"], seed=7)
        return remembered(empty_class, UNIT)["ada"].seed, result.unchanged

    assert seed_of(blank) == (7, False)
    assert seed_of(solved) == (8, False)
    assert seed_of(solved) == (8, True)
    assert seed_of(blank) == (7, False)
