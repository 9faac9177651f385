"""What is graded again and what is not."""

import shutil

import nbformat
import pytest

from convcourse.grading import grade as head
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook, set_due_date
from convcourse.operations import demo
from tests.conftest import POINTS, UNIT


def hand_in(root, student, notebook):
    path = root / "submitted" / student / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


@pytest.fixture
def small_class(empty_class, solved):
    """Three students, graded once."""
    exercise, mistake = next(iter(demo.typical_mistakes(UNIT)))
    for student, notebook in {"ada": solved, "ben": demo.with_mistake(solved, exercise, mistake), "cleo": solved}.items():
        hand_in(empty_class, student, notebook)
    list(grade(empty_class, UNIT, ["ada", "ben", "cleo"]))
    return empty_class


def graded_now(root, **options):
    return [r.student for r in grade(root, UNIT, ["ada", "ben", "cleo"], **options) if not r.unchanged]


def test_only_what_changed_is_graded_again(small_class, solved, blank, monkeypatch):
    assert graded_now(small_class) == []
    assert graded_now(small_class, again=True) == ["ada", "ben", "cleo"]
    hand_in(small_class, "ben", solved)
    assert graded_now(small_class) == ["ben"]
    (small_class / "submitted" / "ada" / UNIT / "timestamp.txt").write_text("2030-01-01 00:00:00 UTC")
    assert graded_now(small_class) == ["ada"]
    set_due_date(small_class, UNIT, demo.datetime(2029, 1, 1))
    assert graded_now(small_class) == ["ada", "ben", "cleo"]
    monkeypatch.setattr(head, "course_version", lambda unit: "another")
    monkeypatch.setattr("convcourse.grading.task.course_version", lambda unit: "another")
    assert graded_now(small_class) == ["ada", "ben", "cleo"]


def test_what_the_gradebook_or_the_folder_no_longer_holds_is_graded_again(small_class):
    with gradebook(small_class) as book:
        book.find_grade("delta", UNIT, UNIT, "ada").auto_score = 0.25
        book.remove_submission(UNIT, "ben")
    shutil.rmtree(small_class / "autograded" / "cleo")
    assert graded_now(small_class) == ["ada", "ben", "cleo"]
    (small_class / "reports" / UNIT / "graded.jsonl").write_text("cut sho")
    assert graded_now(small_class) == ["ada", "ben", "cleo"]
    assert graded_now(small_class) == []


def test_an_unchanged_result_is_the_same_with_the_scores_given_by_hand(small_class):
    first = {r.student: r for r in grade(small_class, UNIT, ["ada", "ben", "cleo"], again=True)}
    with gradebook(small_class) as book:
        book.find_grade("delta", UNIT, UNIT, "ada").manual_score = 0.5
        book.db.commit()
    then = {r.student: r for r in grade(small_class, UNIT, ["ada", "ben", "cleo"])}
    assert then["ada"].exercises["delta"].score == 0.5
    assert then["ada"].score == first["ada"].score - 0.5
    assert (then["ben"].score, then["ben"].exercises) == (first["ben"].score, first["ben"].exercises)


def test_each_grading_has_its_line_in_the_log(small_class):
    lines = (small_class / "reports" / UNIT / "grading.log").read_text().splitlines()
    assert lines[0].split()[2:5] == ["ada", "graded", f"{POINTS}/{POINTS}"]
    assert len(lines) == 3


def test_a_worker_with_another_version_of_the_course_grades_nothing(small_class, monkeypatch):
    monkeypatch.setattr("convcourse.grading.task.course_version", lambda unit: "another")
    (result,) = grade(small_class, UNIT, ["ada"], again=True)
    assert result.state == "failed"
    assert "another version" in result.notes[0]
