"""What was judged goes into the gradebook for many students at once, and one student's trouble stays with that student."""

import nbformat
import pytest
from nbgrader.api import Student, SubmittedAssignment
from sqlalchemy import event
from sqlalchemy.engine import Engine

from convcourse.grading import recording
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook
from convcourse.grading.recording import MOST_TOGETHER, together
from convcourse.grading.workers import GONE, NoCluster
from tests.conftest import POINTS, UNIT, judged_once

STUDENTS = [f"student{number:02}" for number in range(12)]


@pytest.fixture
def full_class(empty_class, solved):
    for student in STUDENTS:
        path = empty_class / "submitted" / student / UNIT / f"{UNIT}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(solved, path)
    return empty_class


@pytest.fixture
def at_once(monkeypatch):
    """All that comes is written together."""
    monkeypatch.setattr("convcourse.grading.grade.together", lambda done: (group for group in [list(done)]))


def rows_of(submission):
    """The columns of a submission and all that hangs on it, but for ids, which are drawn."""

    def columns(row):
        names = {column.key for column in row.__table__.columns} - {"timestamp", "auto_score", "needs_manual_grade"}
        return {name: getattr(row, name) for name in sorted(names) if not name.endswith("id")}

    def of_cells(rows):
        return sorted(((row.cell_id, columns(row)) for row in rows), key=str)

    (notebook,) = submission.notebooks
    return columns(submission), columns(notebook), notebook.notebook_id, of_cells(notebook.grades), of_cells(notebook.comments)


def test_the_rows_are_those_that_nbgrader_makes(full_class):
    list(grade(full_class, UNIT, STUDENTS[:1], workers=judged_once))
    with gradebook(full_class) as book:
        book.add_student("nbgrader's")
        theirs, ours = book.add_submission(UNIT, "nbgrader's"), book.find_submission(UNIT, STUDENTS[0])
        for comment in theirs.notebooks[0].comments:
            comment.auto_comment = None  # as for an answer; nbgrader has not looked at one
        assert rows_of(ours) == rows_of(theirs)
        assert ours.score == POINTS


def test_a_class_takes_five_statements(full_class, at_once):
    statements = []

    def note(*said):
        statements.append(said[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        results = list(grade(full_class, UNIT, STUDENTS, workers=judged_once))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [result.score for result in results] == [POINTS] * len(STUDENTS)
    changes = [statement.split()[2] for statement in statements if not statement.startswith(("SELECT", "PRAGMA"))]
    assert changes == ["student", "submitted_assignment", "submitted_notebook", "grade", "comment"]


@pytest.mark.parametrize("place", ["_add", "_write_autograded"])
def test_one_students_trouble_costs_one_student(full_class, at_once, monkeypatch, place):
    right = getattr(recording, place)

    def troubled(*arguments):
        if STUDENTS[3] in str(arguments):
            raise ValueError("a strange notebook")
        return right(*arguments)

    monkeypatch.setattr(recording, place, troubled)
    results = list(grade(full_class, UNIT, STUDENTS, workers=judged_once))
    assert [one.student for one in results if one.state == "failed"] == [STUDENTS[3]]
    assert sum(one.score == POINTS for one in results) == len(STUDENTS) - 1
    monkeypatch.setattr(recording, place, right)
    again = list(grade(full_class, UNIT, STUDENTS, workers=judged_once))
    assert [one.student for one in again if not one.unchanged] == [STUDENTS[3]]
    with gradebook(full_class) as book:
        assert book.db.query(SubmittedAssignment).count() == book.db.query(Student).count() == len(STUDENTS)


def test_a_second_work_changes_the_submission_that_is_there(full_class, blank):
    ada = STUDENTS[0]
    list(grade(full_class, UNIT, [ada], workers=judged_once))
    nbformat.write(blank, full_class / "submitted" / ada / UNIT / f"{UNIT}.ipynb")
    (result,) = grade(full_class, UNIT, [ada], workers=judged_once)
    with gradebook(full_class) as book:
        submission = book.find_submission(UNIT, ada)
        assert (result.score, submission.score) == (0, 0)
        assert "No response." in {comment.auto_comment for comment in submission.notebooks[0].comments}


def test_the_first_is_written_alone_and_what_follows_quickly_together(monkeypatch):
    monkeypatch.setattr(recording.time, "monotonic", lambda: 7.0)
    assert list(map(len, together(range(1 + MOST_TOGETHER + 5)))) == [1, MOST_TOGETHER, 5]


def test_what_takes_its_time_is_written_at_once(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(recording.time, "monotonic", lambda: float(next(clock)))
    assert list(together("abc")) == [["a"], ["b"], ["c"]]


def test_what_is_done_is_written_when_the_cluster_is_gone(monkeypatch):
    monkeypatch.setattr(recording.time, "monotonic", lambda: 7.0)

    def done():
        yield from "abc"
        raise NoCluster(GONE)

    groups = together(done())
    assert [next(groups), next(groups)] == [["a"], ["b", "c"]]
    with pytest.raises(NoCluster):
        next(groups)
