"""Due dates and extensions in the class's own time zone; nbgrader keeps them in UTC."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import nbformat
import pytest
from typer.testing import CliRunner

from convcourse.errors import CourseError
from convcourse.grading.class_folder import ClassFolder, notebook_in
from convcourse.grading.export import export_csv
from convcourse.grading.extensions import extend
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook, set_due_date
from convcourse.grading.zones import class_zone, in_utc, read_time, shown
from convcourse.operations.command_line import app
from tests.conftest import POINTS, UNIT

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-10-01 23:59", "2026-10-01 21:59"),
        ("2026-12-01 23:59", "2026-12-01 22:59"),
        ("2026-10-01", "2026-09-30 22:00"),
        ("2026-10-01 23:59+05:30", "2026-10-01 18:29"),
        ("2026-10-25 02:30+01:00", "2026-10-25 01:30"),
        ("2026-10-25 03:00", "2026-10-25 02:00"),
    ],
)
def test_a_due_date_is_read_in_the_classs_zone(text, utc):
    assert f"{read_time(text, BERLIN):%Y-%m-%d %H:%M}" == utc


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "2026-10-25 02:30",
            "02:30 twice; which time is meant, 2026-10-25 02:30+02:00 or 2026-10-25 02:30+01:00?",
        ),
        ("2026-03-29 02:30", "show 2026-03-29 02:30 never; which time is meant"),
        ("tomorrow", "is no time; write it as 2026-10-01 23:59"),
    ],
)
def test_an_hour_that_is_there_twice_or_never_is_asked_about(text, words):
    with pytest.raises(CourseError, match=re.escape(words)):
        read_time(text, BERLIN)


def test_times_are_shown_in_the_classs_zone():
    assert shown(datetime(2026, 10, 1, 21, 59), BERLIN) == "2026-10-01 23:59 CEST"
    assert in_utc(datetime(2026, 10, 1, 23, 59), BERLIN).isoformat() == "2026-10-01T21:59:00+00:00"


def test_a_course_toml_with_a_zone_only_changes_no_unit(tmp_path):
    (tmp_path / "course.toml").write_text('timezone = "Europe/Berlin"', encoding="utf-8")
    assert class_zone(tmp_path) == BERLIN
    said = CliRunner().invoke(app, ["release", UNIT, "--due", "2026-10-01 23:59", "--course", str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert "due 2026-10-01 23:59 CEST" in said.output
    with gradebook(tmp_path) as book:
        assert book.find_assignment(UNIT).duedate == datetime(2026, 10, 1, 21, 59)


@pytest.mark.parametrize("zone", ['"Europe/Berlln"', '"../etc/passwd"', "3", '""'])
def test_a_zone_that_does_not_exist_is_one_line(tmp_path, zone):
    (tmp_path / "course.toml").write_text(f"timezone = {zone}", encoding="utf-8")
    with pytest.raises(CourseError, match="there is no time zone"):
        class_zone(tmp_path)


def test_an_extension_counts_before_and_after_the_work_has_come(empty_class, solved):
    """Due on the first, handed in on the second: late, unless there is an extension."""
    (empty_class / "nbgrader_config.py").write_text("c = get_config()\nc.LatePolicy.percent_per_day = 50\n")
    set_due_date(empty_class, UNIT, datetime(2026, 10, 1))
    for name in ("early", "later"):
        path = notebook_in(ClassFolder(empty_class).submitted(name, UNIT))
        path.parent.mkdir(parents=True)
        nbformat.write(solved, path)
        path.with_name("timestamp.txt").write_text("2026-10-02 08:00:00 UTC")
    with gradebook(empty_class) as book:
        book.add_student("early")
    lines = list(extend(empty_class, UNIT, ["early"], "2d"))
    assert lines == ["early: due 2026-10-03 00:00 UTC"]
    early, later = grade(empty_class, UNIT, ["early", "later"])
    assert (early.penalty, early.seconds_late > 0) == (0, False)
    assert later.penalty == later.score == POINTS  # two days have begun
    list(extend(empty_class, UNIT, ["later"], "36h"))
    early, later = grade(empty_class, UNIT, ["early", "later"])
    assert (early.unchanged, later.unchanged, later.penalty) == (True, False, 0)
    list(extend(empty_class, UNIT, ["later"], "0"))
    _, later = grade(empty_class, UNIT, ["early", "later"])
    assert later.penalty > 0


def test_who_has_an_extension_and_no_work_has_no_grade(empty_class):
    set_due_date(empty_class, UNIT, datetime(2026, 10, 1))
    with gradebook(empty_class) as book:
        book.add_student("ada")
    list(extend(empty_class, UNIT, ["ada"], "1w"))
    (result,) = grade(empty_class, UNIT, ["ada"])
    assert result.state == "missing"
    with gradebook(empty_class) as book:
        assert book.find_submission(UNIT, "ada").extension == timedelta(weeks=1)
    assert export_csv(empty_class).splitlines()[-1].endswith(",,0")


@pytest.mark.parametrize("by", ["2", "2 fortnights", "-1d", "", "1e9d", "99999d"])
def test_what_is_no_length_of_time_is_one_line(empty_class, by):
    with pytest.raises(CourseError, match="is no length of time; write it as 2d, 36h, 90min or 1w"):
        list(extend(empty_class, UNIT, ["ada"], by))


def test_an_unknown_student_or_no_due_date_is_one_line(empty_class):
    with pytest.raises(CourseError, match="nobody: not in the class list"):
        list(extend(empty_class, UNIT, ["nobody"], "1d"))
    with gradebook(empty_class) as book:
        book.add_student("ada")
    with pytest.raises(CourseError, match=f"{UNIT} has no due date; set it with"):
        list(extend(empty_class, UNIT, ["ada"], "1d"))
