"""The head is killed at any moment and run again: each submission is graded, no score is lost, doubled or half written."""

import json
import multiprocessing
import random
import shutil
import time
from collections import Counter

import nbformat
import pytest
from nbgrader.api import SubmittedAssignment

from convcourse.grading.class_folder import ClassFolder, notebook_in
from convcourse.grading.feedback_pages import write_feedback
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import gradebook, set_due_date
from convcourse.grading.remembered import remembered
from convcourse.grading.task import grade_task
from convcourse.operations import demo
from tests.conftest import UNIT
from tests.families import members

STUDENTS = [f"student{number:02}" for number in range(24)]
MOMENTS = {"some moments": 2, "fifty moments": 50}


@pytest.fixture
def class_with_work(empty_class, solved):
    """A class that has handed in three kinds of work, a quarter of it a day late. A day costs ten percent."""
    (empty_class / "nbgrader_config.py").write_text("get_config().LatePolicy.percent_per_day = 10\n")
    set_due_date(empty_class, UNIT, demo.datetime(2026, 1, 1))
    kinds = [nbformat.writes(demo.with_mistake(solved, *slip)) for slip in demo.typical_mistakes(UNIT)]
    for number, student in enumerate(STUDENTS):
        folder = ClassFolder(empty_class).submitted(student, UNIT)
        folder.mkdir(parents=True)
        notebook_in(folder).write_text(kinds[number % 3], encoding="utf-8")
        if number % 4 == 3:
            (folder / "timestamp.txt").write_text("2026-01-02 00:00:00 UTC")
    return empty_class


@pytest.fixture
def recorded():
    """Workers that judge each kind of work once. The head is what these tests are about."""
    judged = {}

    def workers(tasks):
        for task in tasks:
            kind = task.submitted, task.seed
            if kind not in judged:
                judged[kind] = grade_task(task)
            yield task, judged[kind]

    return workers


def state_of(root):
    """All that a class keeps: the gradebook, autograded/ with its verdicts, what is remembered, and who stands in the log."""
    with gradebook(root) as book:
        rows = book.db.query(SubmittedAssignment).all()
        scores = {row.student_id: {grade.name: grade.auto_score for grade in row.notebooks[0].grades} for row in rows}
        penalties = {row.student_id: row.notebooks[0].late_submission_penalty or 0.0 for row in rows}
    assert len(scores) == len(rows), "a student is there twice"
    autograded = {}
    for student in STUDENTS:
        if (path := notebook_in(ClassFolder(root).autograded(student, UNIT))).exists():
            notebook = json.loads(path.read_text())
            earned = {cell["metadata"]["nbgrader"]["grade_id"]: earned_in(cell) for cell in notebook["cells"] if is_test(cell)}
            autograded[student] = notebook["metadata"]["convcourse"]["seed"], earned
    kept = {student: (known.seed, known.auto, known.result.score) for student, known in remembered(root, UNIT).items()}
    log = ClassFolder(root).report(UNIT) / "grading.log"
    logged = Counter(line.split()[2] for line in log.read_text().splitlines()) if log.exists() else Counter()
    return scores, penalties, autograded, kept, logged


def is_test(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code"


def earned_in(cell):
    return float(cell["outputs"][0]["data"]["text/plain"])


def check_after_the_kill(root, told):
    """What is there is whole and true, also what was said before the kill."""
    scores, penalties, autograded, kept, logged = state_of(root)
    assert all(None not in of_student.values() for of_student in scores.values()), "half of a grade"
    for student, score, penalty in told:
        assert (sum(scores[student].values()), penalties[student]) == (score, penalty)
        assert student in autograded
    for student, (seed, auto, _score) in kept.items():
        assert logged[student], "graded for good, and not in the log"
        if student in autograded and auto == scores[student]:  # then the next run leaves it as it is
            assert autograded[student] == (seed, auto)


def run(root, workers, told, **options):
    with told.open("w") as file:
        for result in grade(root, UNIT, STUDENTS, workers=workers, **options):
            print(json.dumps([result.student, result.score, result.penalty]), file=file, flush=True)


def whole_lines(file):
    lines = file.read_text().splitlines(keepends=True) if file.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def killed_after(seconds, work, *arguments, **options):
    doomed = multiprocessing.get_context("fork").Process(target=work, args=arguments, kwargs=options)
    doomed.start()
    time.sleep(seconds)
    doomed.kill()
    doomed.join()


@pytest.mark.parametrize("moments", members(MOMENTS, always=("some moments",)))
@pytest.mark.parametrize("again", [False, True], ids=["first grading", "second grading"])
def test_a_grading_that_is_killed_at_any_moment(class_with_work, recorded, tmp_path_factory, moments, again):
    place = tmp_path_factory.mktemp("killed")
    told, right, trial = place / "told.jsonl", place / "right", place / "trial"
    if again:
        run(class_with_work, recorded, told, seed=1)
    shutil.copytree(class_with_work, right)
    run(right, recorded, told, seed=2, again=again)  # once for the recordings
    shutil.rmtree(right)
    shutil.copytree(class_with_work, right)
    start = time.monotonic()
    run(right, recorded, told, seed=2, again=again)
    takes = time.monotonic() - start
    expected = state_of(right)[:3]

    chance = random.Random(2015)
    for _ in range(MOMENTS[moments]):
        shutil.copytree(class_with_work, trial)
        told.unlink(missing_ok=True)
        killed_after(chance.uniform(0, takes), run, trial, recorded, told, seed=2, again=again)
        check_after_the_kill(trial, whole_lines(told))
        known = {student for student, (seed, *_) in remembered_seeds(trial).items() if seed == 2}
        results = list(grade(trial, UNIT, STUDENTS, seed=2, workers=recorded))
        assert [result.student for result in sorted(results, key=lambda result: result.student)] == STUDENTS
        assert {result.student for result in results if result.unchanged} <= known, "said to be unchanged, and was not graded"
        scores, penalties, autograded, kept, logged = state_of(trial)
        assert (scores, penalties, autograded) == expected
        assert {student: seed for student, (seed, *_) in kept.items()} == dict.fromkeys(STUDENTS, 2)
        assert not list(trial.glob("autograded/*/.*")), "a folder that a kill left"
        assert max(logged.values()) <= 2 + again, "graded more often than it was begun"
        shutil.rmtree(trial)


def remembered_seeds(root):
    return {student: (known.seed,) for student, known in remembered(root, UNIT).items()}


def test_a_page_of_feedback_that_is_killed_is_never_taken_for_whole(class_with_work, recorded):
    student = STUDENTS[3]
    list(grade(class_with_work, UNIT, [student], seed=1, workers=recorded))
    page = write_feedback(class_with_work, UNIT, student)
    length = len(page.read_text(encoding="utf-8"))  # each page has an identity of its own
    chance = random.Random(2015)
    for _ in range(2):
        killed_after(chance.uniform(0.05, 0.6), write_feedback, class_with_work, UNIT, student)
        assert not page.exists() or len(page.read_text(encoding="utf-8")) == length
    assert len(write_feedback(class_with_work, UNIT, student).read_text(encoding="utf-8")) == length
