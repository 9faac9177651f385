"""What late work costs: nothing unless the class says so, and the same by every road."""

import nbformat
import pytest
from nbgrader.apps.api import NbGraderAPI
from traitlets import TraitError
from traitlets.config import Config

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.grading.course import course_config
from convcourse.grading.export import export_csv
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook, set_due_date
from convcourse.grading.late import DAY, LatePolicy
from convcourse.grading.table import remarks
from convcourse.operations.demo import datetime
from tests.conftest import POINTS, UNIT

TEN_PERCENT = "c = get_config()\nc.LatePolicy.percent_per_day = 10\nc.LatePolicy.grace_minutes = 15\n"


@pytest.mark.parametrize(
    ("seconds", "costs"),
    [
        (0, None),
        (15 * 60, None),  # the grace
        (15 * 60 + 1, 2),  # the first day has begun
        (15 * 60 + DAY, 2),
        (15 * 60 + DAY + 1, 4),
        (15 * 60 + 3 * DAY, 6),
        (15 * 60 + 3 * DAY + 1, 20),  # after the last day
    ],
)
def test_each_day_that_has_begun_costs_its_share(seconds, costs):
    policy = LatePolicy(percent_per_day=10, grace_minutes=15, last_day=3)
    assert policy.late_submission_penalty("ada", 20, seconds) == costs


def test_nothing_is_taken_off_by_default_and_never_more_than_there_is():
    assert LatePolicy().late_submission_penalty("ada", 20, 100 * DAY) is None
    assert LatePolicy(percent_per_day=30).late_submission_penalty("ada", 20, 100 * DAY) == 20


def test_nbgraders_own_setting_still_works():
    policy = LatePolicy(config=Config({"LateSubmissionPlugin": {"penalty_method": "zero"}}))
    assert policy.late_submission_penalty("ada", 20, 60) == 20


@pytest.mark.parametrize("wrong", [{"percent_per_day": 110}, {"grace_minutes": -1}, {"last_day": -2}])
def test_a_policy_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(TraitError):
        LatePolicy(**wrong)


@pytest.fixture
def late_class(empty_class, solved):
    """Hana hands in a day and an hour after the due date."""
    set_due_date(empty_class, UNIT, datetime(2026, 10, 1))
    path = empty_class / "submitted" / "hana" / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(solved, path)
    path.with_name("timestamp.txt").write_text("2026-10-02 01:00:00 UTC")
    return empty_class


def penalty_in(root):
    with gradebook(root) as book:
        return book.find_submission(UNIT, "hana").late_submission_penalty


def test_a_class_without_a_policy_takes_nothing_off(late_class):
    (result,) = grade(late_class, UNIT, ["hana"])
    assert (result.seconds_late, result.penalty, penalty_in(late_class)) == (25 * 3600, 0, 0)


def test_our_grader_and_stock_nbgrader_take_off_the_same(late_class):
    (late_class / "nbgrader_config.py").write_text(TEN_PERCENT)
    (result,) = grade(late_class, UNIT, ["hana"])
    assert (result.score, result.penalty) == (POINTS, pytest.approx(3))
    assert remarks(result)[0] == "late by 1 d 1 h, which costs 3"
    ours = penalty_in(late_class)
    with gradebook(late_class) as book:
        book.find_submission_notebook(UNIT, UNIT, "hana").late_submission_penalty = None
        book.db.commit()
    with quiet_log() as said:
        outcome = NbGraderAPI(config=course_config(late_class)).autograde(UNIT, "hana")
    assert outcome["success"], said.getvalue()
    assert penalty_in(late_class) == ours == pytest.approx(3)
    assert export_csv(late_class).splitlines()[1].endswith(",12,12")


def test_a_penalty_goes_when_the_due_date_moves(late_class):
    (late_class / "nbgrader_config.py").write_text(TEN_PERCENT)
    list(grade(late_class, UNIT, ["hana"]))
    set_due_date(late_class, UNIT, datetime(2026, 10, 3))
    (result,) = grade(late_class, UNIT, ["hana"])
    assert not result.unchanged
    assert (result.penalty, penalty_in(late_class)) == (0, 0)
