"""Late days for the whole term, and units that do not count: a budget that every road to the gradebook agrees on."""

import csv
import shutil
from datetime import datetime, timedelta

import nbformat
import pytest
from nbgrader.apps.api import NbGraderAPI
from typer.testing import CliRunner

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.authoring.own_course import is_own
from convcourse.errors import CourseError
from convcourse.grading.course import course_config
from convcourse.grading.export import export_csv
from convcourse.grading.extensions import extend
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook, set_due_date
from convcourse.grading.late import DAY, LatePolicy
from convcourse.grading.term import term
from convcourse.operations.command_line import app
from tests.conftest import POINTS, UNIT, needs_sandbox

A_QUARTER = "[late]\ndays_for_the_term = 3\npercent_per_day = 25\n"
DUE = {"91_first": datetime(2026, 10, 1), "92_second": datetime(2026, 10, 8), "93_third": datetime(2026, 10, 15)}


@pytest.mark.parametrize(
    ("settings", "late", "spent"),
    [
        ({}, {"a": 1, "b": 2, "c": 1}, {"a": 1, "b": 2, "c": 0}),
        ({}, {"c": 5, "a": 1}, {"c": 3, "a": 0}),  # the order of handing in
        ({"days_for_a_unit": 2}, {"a": 4, "b": 4}, {"a": 2, "b": 1}),
        ({"last_day": 3}, {"a": 4, "b": 3}, {"a": 0, "b": 3}),  # what earns nothing spends nothing
        ({"asked": {"ada": {"a": 0}}}, {"a": 1, "b": 3}, {"a": 0, "b": 3}),
        ({"spend": "on request"}, {"a": 1, "b": 3}, {"a": 0, "b": 0}),
        ({"spend": "on request", "asked": {"ada": {"b": 9}}}, {"a": 1, "b": 2}, {"a": 0, "b": 2}),  # never more than it is late
    ],
)
def test_days_are_spent_until_none_is_left(settings, late, spent):
    policy = LatePolicy(days_for_the_term=3, percent_per_day=25, **settings)
    assert policy.spent("ada", {unit: days * DAY for unit, days in late.items()}) == spent


@pytest.fixture(scope="module")
def three_units(tmp_path_factory):
    """The gradebook of a class with three units of 8 points."""
    folder = tmp_path_factory.mktemp("units")
    with gradebook(folder, begins=True) as book:
        for unit, due in DUE.items():
            book.add_assignment(unit, duedate=due)
            book.add_notebook(unit, unit)
            book.add_grade_cell("only", unit, unit, max_score=8, cell_type="code")
    return folder / "gradebook.db"


@pytest.fixture
def root(tmp_path, three_units):
    shutil.copy(three_units, tmp_path)
    (tmp_path / "course.toml").write_text(A_QUARTER)
    return tmp_path


def give(root, student, days_late, score=8):
    """Work on the three units, so many days late."""
    with gradebook(root) as book:
        book.update_or_create_student(student)
        for (unit, due), days in zip(DUE.items(), days_late, strict=True):
            book.update_or_create_submission(unit, student, timestamp=due + timedelta(days=days))
            book.find_grade("only", unit, unit, student).auto_score = score
        book.db.commit()


def penalties(root, student):
    with gradebook(root) as book:
        return [book.find_submission(unit, student).late_submission_penalty for unit in DUE]


def test_the_table_says_what_is_spent_and_left(root):
    give(root, "ada", [2, -1, 0.5])
    give(root, "ben", [0, 1.5, 2])
    assert term(root).rows == [
        ["student", "late days", "left", "total", "of"],
        ["ada", "91: 2, 93: 1", "0", "24", "24"],
        ["ben", "92: 2, 93: 1", "0", "22", "24"],
    ]
    assert penalties(root, "ben") == [0, 0, 2]  # a day too many costs a quarter of 8


def test_an_extension_gives_days_back_to_other_units(root):
    give(root, "ben", [0, 1.5, 2])
    term(root)
    list(extend(root, "92_second", ["ben"], "1d"))
    assert term(root).notes == ["ben, 93_third: the late penalty is 0 now, it was 2"]
    assert term(root).rows[1] == ["ben", "92: 1, 93: 2", "0", "24", "24"]


def test_marks_by_hand_and_requests_count_at_once(root):
    give(root, "ada", [1, 0, 4])
    assert penalties(root, "ada") == [0, 0, 0]
    term(root)
    assert penalties(root, "ada") == [0, 0, 4]
    with gradebook(root) as book:
        book.find_grade("only", "93_third", "93_third", "ada").manual_score = 4
        book.db.commit()
    assert term(root).notes == ["ada, 93_third: the late penalty is 2 now, it was 4"]
    (root / "late_days.csv").write_text("student,unit,days\nada,91_first,0\n")
    assert term(root).rows[1][1:] == ["93: 3", "0", "17", "24"]
    assert penalties(root, "ada") == [2, 0, 1]


def test_units_that_do_not_count_are_named(root):
    (root / "course.toml").write_text("drop_lowest = 1\n")
    give(root, "ada", [0, 0, 0])
    give(root, "ben", [0, 0, 0], score=4)
    with gradebook(root) as book:
        book.find_grade("only", "92_second", "92_second", "ben").auto_score = 1
        book.db.commit()
    assert term(root).rows == [
        ["student", "does not count", "total", "of"],
        ["ada", "91", "16", "16"],
        ["ben", "92", "8", "16"],
    ]
    assert export_csv(root).splitlines()[2].endswith("4,1,4,8,16")
    assert not is_own(root), "no unit is changed by it"


def test_the_command_shows_the_table_and_writes_it(root):
    give(root, "ada", [2, -1, 0.5])
    (root / "late_days.csv").write_text("student,unit,days\nzoe,91_first,1\nada,99_none,1\n")
    ran = CliRunner().invoke(app, ["term", "--course", str(root), "--file", str(root / "term.csv")])
    assert ran.exit_code == 0, ran.output
    assert "91: 2, 93: 1" in ran.output
    assert "late_days.csv: zoe is not in the class list" in ran.output
    assert "late_days.csv: ada asks for days for 99_none, which is not released" in ran.output
    with (root / "term.csv").open() as file:
        assert [row["late days"] for row in csv.DictReader(file)] == ["91: 2, 93: 1"]


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("course.toml", "[late]\ndays = 3\n", "'days', which is not known; it may hold days_for_a_unit, days_for_the_term"),
        ("course.toml", "[late]\nlast_day = 'two'\n", "cannot be used: .*last_day"),
        ("course.toml", "[late]\nspend = 'never'\n", "'by itself', 'on request'"),
        ("course.toml", "[late]\ndays_for_the_term = 3\n", "late work costs nothing anyway"),
        ("course.toml", "late = 3\n", "late must be a table"),
        ("course.toml", "drop_lowest = -1\n", "drop_lowest must be a number of units"),
        ("late_days.csv", "who,unit\nada,91_first\n", "must name the columns student, unit and days"),
        ("late_days.csv", "student,unit,days\nada,91_first,-1\n", "line 2: a student, a unit and a whole number of days"),
        ("late_days.csv", "student,unit,days\nada,91_first\n", "line 2: a student"),
    ],
)
def test_what_cannot_be_meant_is_one_line(tmp_path, file, text, words):
    (tmp_path / file).write_text(text)
    with pytest.raises(CourseError, match=words) as error:
        course_config(tmp_path)
    assert file in str(error.value)
    assert len(str(error.value).splitlines()) == 1


@needs_sandbox
def test_our_grader_stock_nbgrader_and_the_table_agree(empty_class, solved):
    """Hana is 25 hours late: two days have begun, of which the term gives her one."""
    set_due_date(empty_class, UNIT, datetime(2026, 10, 1))
    (empty_class / "course.toml").write_text("[late]\ndays_for_the_term = 1\npercent_per_day = 20\n")
    path = empty_class / "submitted" / "hana" / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(solved, path)
    path.with_name("timestamp.txt").write_text("2026-10-02 01:00:00 UTC")
    (result,) = grade(empty_class, UNIT, ["hana"])
    assert (result.score, result.penalty, result.notes) == (POINTS, pytest.approx(3), ("1 late day spent, 0 left",))
    with gradebook(empty_class) as book:
        book.find_submission_notebook(UNIT, UNIT, "hana").late_submission_penalty = None
        book.db.commit()
    with quiet_log() as said:
        outcome = NbGraderAPI(config=course_config(empty_class)).autograde(UNIT, "hana")
    assert outcome["success"], said.getvalue()
    assert term(empty_class).rows[1] == ["hana", "02: 1", "0", "12", "15"]
    (empty_class / "late_days.csv").write_text(f"student,unit,days\nhana,{UNIT},0\n")
    (again,) = grade(empty_class, UNIT, ["hana"])
    assert (again.unchanged, again.penalty) == (True, pytest.approx(6)), "a penalty needs no second judgement"
