"""Grading a class: the right scores, by every road, and nobody's trouble becomes another's."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import InvalidEntry
from nbgrader.apps.api import NbGraderAPI
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.errors import CourseError, MachineTrouble
from convcourse.exercises import find_exercise
from convcourse.grading.course import course_config
from convcourse.grading.export import export_csv
from convcourse.grading.feedback_pages import write_feedback
from convcourse.grading.grade import NotReleased, grade, students_to_grade
from convcourse.grading.gradebook import add_students, gradebook
from convcourse.grading.judge import _write_verdict
from convcourse.grading.release import release
from convcourse.grading.submission import read_submission
from convcourse.grading.table import duration, remarks
from convcourse.grading.task import Judged, grade_task
from convcourse.judging.verdict import AS_GIVEN, nothing_earned
from convcourse.operations import demo
from convcourse.operations.command_line import app, main
from convcourse.settings import COURSE, ROOT
from tests.conftest import POINTS, UNIT, answer_cell


def test_a_solved_notebook_gets_everything_and_a_blank_one_nothing(grade_notebook, solved, blank):
    full, nothing = grade_notebook("ada", solved), grade_notebook("ben", blank)
    assert (full.state, full.score, full.max_score) == ("graded", POINTS, POINTS)
    assert (nothing.score, {e.status for e in nothing.exercises.values()}) == (0, {"not done"})


def test_parts_of_an_exercise_earn_their_points(grade_notebook, solved):
    answer_cell(solved, "shift").source = "def shift(x, steps):\n    return np.append(np.zeros(steps), x)[: len(x)]"
    assert grade_notebook("paul", solved).exercises["shift"].score == 1


def test_each_mistake_of_the_unit_costs_points_and_is_named(grade_notebook, solved):
    for number, (exercise, mistake) in enumerate(demo.typical_mistakes(UNIT)):
        result = grade_notebook(f"slip{number}", demo.with_mistake(solved, exercise, mistake))
        assert result.exercises[exercise.name].score < exercise.max_score, mistake.name
        assert result.exercises[exercise.name].mistake == mistake.name


def test_an_endless_loop_costs_its_exercises_only(grade_notebook, solved, monkeypatch):
    monkeypatch.setattr("convcourse.grading.running_notebook.CELL_SECONDS", 1.0)
    answer_cell(solved, "delta").source = "def delta(length, place):\n    return np.eye(length)[place]\nwhile True:\n    pass"
    result = grade_notebook("leo", solved)
    assert result.score == POINTS  # delta itself is right; only the loop after it was stopped


def test_code_that_ends_its_process_costs_its_exercises_only(grade_notebook, solved):
    answer_cell(solved, "conv1d_valid").source = "def conv1d_valid(signal, kernel):\n    import os\n    os._exit(0)"
    result = grade_notebook("dana", solved)
    assert result.score == POINTS - 1
    assert "ended the process" in result.exercises["conv1d_valid"].remark


def test_a_repair_that_nobody_began_is_no_remark_for_the_instructor():
    exercise, cell = find_exercise("answers_along"), nbformat.v4.new_code_cell("check(answers_along)")
    _write_verdict(cell, nothing_earned(exercise, "not done", AS_GIVEN))
    assert cell.metadata["convcourse"]["remark"] == ""
    assert AS_GIVEN in cell.outputs[0].data["text/html"]


def test_the_table_says_what_error_a_function_stops_with(grade_notebook, solved):
    answer_cell(solved, "delta").source = "def delta(length, place):\n    return signal[n]"
    assert remarks(grade_notebook("eva", solved)) == ["delta stops with NameError"]


def test_another_units_notebook_is_no_blank_one(grade_notebook):
    result = grade_notebook("gina", (COURSE / "03_convolution_2d" / "03_convolution_2d.ipynb").read_text(encoding="utf-8"))
    assert (result.state, result.score) == ("unreadable", None)
    assert result.notes == (f"{UNIT}.ipynb has none of the answer cells of {UNIT}: is it another unit's?",)


def test_a_time_that_is_none_is_named_with_its_file(grade_notebook, classroom, solved):
    folder = classroom / "submitted" / "hugo" / UNIT
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("last Friday at noon")
    result = grade_notebook("hugo", solved)
    assert result.notes == (f"{folder / 'timestamp.txt'} holds no time; write it as 2026-10-03 08:00:00 UTC",)


def test_a_class_list_as_a_spreadsheet_saves_it_without_utf_8_is_refused(classroom, tmp_path):
    (tmp_path / "class.csv").write_bytes("id,last_name\nzoe,Müller\n".encode("cp1252"))
    with pytest.raises(ValueError, match=r"class\.csv is not in UTF-8"):
        add_students(classroom, tmp_path / "class.csv")


def test_half_an_emoji_costs_nothing_wherever_it_stands(grade_notebook, classroom, solved):
    answer_cell(solved, "delta").source = "# \ud83d\n" + answer_cell(solved, "delta").source
    answer_cell(solved, "shift").source = "def shift(signal, steps):\n    raise ValueError('\\ud83d')"
    solved.cells.insert(2, nbformat.v4.new_markdown_cell("a smile \ud83d"))
    solved.cells.insert(2, nbformat.v4.new_code_cell("print('\\ud83d')\n'\\ud83d'"))
    notebook = json.dumps(solved)  # as JupyterLab writes it; nbformat's own writer stops there
    assert grade_notebook("finn", notebook).score == POINTS - 2  # all but `shift`
    assert "ValueError: ?" in write_feedback(classroom, UNIT, "finn").read_text(encoding="utf-8")


def test_a_crash_among_the_students_own_cells_costs_nothing(grade_notebook, solved):
    solved.cells.insert(2, nbformat.v4.new_code_cell("import os\nos._exit(1)"))
    solved.cells.insert(2, nbformat.v4.new_code_cell("import warnings\nwarnings.warn('hm')\n1 / 0"))
    assert grade_notebook("eli", solved).score == POINTS


def test_the_same_seed_gives_the_same_scores_and_other_seeds_too_on_honest_work(grade_notebook, solved):
    exercise, mistake = next(iter(demo.typical_mistakes(UNIT)))
    notebook = demo.with_mistake(solved, exercise, mistake)
    scores = [grade_notebook("sam", notebook, seed).score for seed in [1] * 5 + list(range(5))]
    assert len(set(scores)) == 1


def test_missing_and_unreadable_submissions_are_named_and_the_rest_is_graded(grade_notebook, classroom, solved):
    grade_notebook("ada", solved)
    assert grade_notebook("ivan", '{"cells": [').state == "unreadable"
    (classroom / "submitted" / "jo" / UNIT).mkdir(parents=True)
    (classroom / "submitted" / "jo" / UNIT / "wrong name.ipynb").write_text("{}")
    results = {r.student: r for r in grade(classroom, UNIT, ["ivan", "nobody", "jo", "ada"])}
    assert "ask for a new copy" in results["ivan"].notes[0]
    assert results["nobody"].notes == ("nothing submitted", "not in the class list")
    assert "wrong name.ipynb" in results["jo"].notes[0]
    assert results["ada"].score == POINTS


def test_a_folder_in_capitals_makes_no_second_student(empty_class, tmp_path, solved):
    (tmp_path / "class.csv").write_text("id\nada\n")
    add_students(empty_class, tmp_path / "class.csv")
    folder = empty_class / "submitted" / "ADA" / UNIT
    folder.mkdir(parents=True)
    nbformat.write(solved, folder / f"{UNIT}.ipynb")
    (result, nothing) = grade(empty_class, UNIT, students_to_grade(empty_class, UNIT))
    assert (result.student, result.state, nothing.student, nothing.state) == ("ADA", "failed", "ada", "missing")
    assert "'ADA' is not in the class list, but 'ada' is: rename submitted/ADA" in result.notes[0]


def test_stock_nbgrader_gives_the_same_scores(grade_notebook, classroom, solved):
    exercise, mistake = list(demo.typical_mistakes(UNIT))[-1]
    for student, notebook in {"stock1": solved, "stock2": demo.with_mistake(solved, exercise, mistake)}.items():
        ours = grade_notebook(student, notebook)
        with quiet_log() as said:
            outcome = NbGraderAPI(config=course_config(classroom)).autograde(UNIT, student)
        assert outcome["success"], said.getvalue()
        with gradebook(classroom) as book:
            submission = book.find_submission(UNIT, student)
            stock = {grade.name: grade.score for part in submission.notebooks for grade in part.grades}
        assert stock == {name: e.score for name, e in ours.exercises.items()}


def test_what_a_student_handed_in_is_kept_as_it_was(grade_notebook, classroom, solved):
    grade_notebook("kay", solved)
    assert read_submission(classroom / "submitted" / "kay" / UNIT / f"{UNIT}.ipynb") == nbformat.reads(nbformat.writes(solved), 4)


def test_manual_scores_survive_a_second_grading(grade_notebook, classroom, solved):
    grade_notebook("mona", solved)
    with gradebook(classroom) as book:
        book.find_grade("delta", UNIT, UNIT, "mona").manual_score = 0.5
        book.db.commit()
    assert grade_notebook("mona", solved).exercises["delta"].score == 0.5
    with gradebook(classroom) as book:
        assert book.find_grade("delta", UNIT, UNIT, "mona").needs_manual_grade


def test_plain_assert_cells_still_work_and_a_warning_is_no_failure(tmp_path, classroom, grade_notebook, solved):
    # An instructor's own cell is a graded cell that tests no Exercise; here one of ours is turned into such a cell.
    from convcourse.grading.judge import judge_notebook
    from convcourse.grading.rebuild import released_notebook
    from convcourse.sandbox.room import room_maker

    for source, points in {
        "import warnings; warnings.warn('hm')\nassert delta(3, 1)[1] == 1": 1,
        "assert delta(3, 1)[0] == 1": 0,
    }.items():
        notebook = released_notebook(UNIT)
        answer_cell(notebook, "delta").source = answer_cell(solved, "delta").source
        cell = next(c for c in notebook.cells if c.source == "check(delta)")
        cell.source = source
        judge_notebook(notebook, room_maker(), seed=1)
        from nbgrader.utils import determine_grade

        assert determine_grade(cell)[0] == points


def test_feedback_names_the_mistake_and_shows_no_hidden_case(grade_notebook, classroom, solved):
    answer_cell(solved, "delta").source = "def delta(length, place):\n    return (np.arange(length) >= place) * 1"
    grade_notebook("fred", solved)
    page = write_feedback(classroom, UNIT, "fred").read_text(encoding="utf-8")
    assert "This is a step: it stays at 1" in page
    assert write_feedback(classroom, UNIT, "never graded") is None


def test_a_failure_on_hidden_cases_only_says_so_without_showing_them(grade_notebook, solved):
    from convcourse.check import CHECK_ROUNDS, CHECK_SEED
    from convcourse.exercises import find_exercise

    exercise = find_exercise("delta")
    seen = [tuple(c.arguments.values()) for c in [*exercise.examples, *exercise.fresh_cases(CHECK_SEED, CHECK_ROUNDS)]]
    answer_cell(solved, "delta").source = (
        f"def delta(length, place):\n    if (length, place) in {seen!r}:\n        return np.eye(length)[place]\n"
        "    raise ValueError(f'hidden {length} {place}')"
    )
    result = grade_notebook("gina", solved, seed=3)
    assert result.exercises["delta"].score == 0


def test_a_unit_that_was_not_released_is_refused(empty_class):
    with pytest.raises(NotReleased, match=f"run `convcourse release 3` first; released so far: {UNIT}"):
        students_to_grade(empty_class, "3")


def test_the_export_quotes_names_leaves_missing_work_blank_and_disarms_formulas(tmp_path, solved):
    release(tmp_path, UNIT)
    (tmp_path / "class.csv").write_text('id,last_name\nada,"Lovelace, Ada"\nbob,=1+1\n')
    add_students(tmp_path, tmp_path / "class.csv")
    path = tmp_path / "submitted" / "ada" / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(solved))
    list(grade(tmp_path, UNIT, ["ada", "bob"]))
    rows = list(csv.DictReader(io.StringIO(export_csv(tmp_path))))
    assert [row["last_name"] for row in rows] == ["Lovelace, Ada", "'=1+1"]
    assert [row[f"{UNIT} (of {POINTS})"] for row in rows] == [str(POINTS), ""]


def test_the_command_line_walks_the_whole_way(tmp_path, solved):
    inbox = tmp_path / "inbox" / "ada"
    inbox.mkdir(parents=True)
    (inbox / f"Copy of {UNIT}.ipynb").write_text(nbformat.writes(solved))
    (tmp_path / "class.csv").write_text("id\nada\nben\n")
    steps = [
        ["students", str(tmp_path / "class.csv")],
        ["release", UNIT, "--due", "2020-01-01"],
        ["collect", UNIT, str(inbox.parent)],
        ["grade", UNIT, "--json", str(tmp_path / "results.json")],
        ["feedback", UNIT],
        ["export", "--file", str(tmp_path / "grades.csv")],
    ]
    said = ""
    for step in steps:
        outcome = CliRunner().invoke(app, [*step, "--course", str(tmp_path)])
        assert outcome.exit_code == 0, (step, outcome.output, outcome.exception)
        said += outcome.output
    assert f"{POINTS}/{POINTS}" in said
    assert "late by" in said
    results = json.loads((tmp_path / "results.json").read_text())
    assert {r["student"]: r["state"] for r in results} == {"ada": "graded", "ben": "missing"}
    assert f"ada,,,,,{POINTS},{POINTS}" in (tmp_path / "grades.csv").read_text()


def test_an_unknown_unit_is_named():
    assert "there is no unit '99_x'" in str(CliRunner().invoke(app, ["build", "99_x"]).exception)
    assert "there is no unit '99_x'" in str(CliRunner().invoke(app, ["collect", "99_x", "."]).exception)


def test_durations_are_said_in_words():
    assert [duration(s) for s in (30, 3600, 90_000, 86_400 * 2 + 60)] == ["under a minute", "1 h", "1 d 1 h", "2 d 1 min"]


def test_without_a_sandbox_the_command_says_so_in_one_line(empty_class, solved, blank):
    for student, notebook in (("ada", solved), ("ben", blank)):
        folder = empty_class / "submitted" / student / UNIT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{UNIT}.ipynb")
    command = [str(Path(sys.executable).with_name("convcourse")), "grade", UNIT, "--course", str(empty_class)]
    done = subprocess.run(command, env={**os.environ, "PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.strip()]
    assert line.startswith("Student code runs WITHOUT a sandbox: bubblewrap is not installed")


def test_a_machine_on_which_no_sandbox_starts_is_named_once_and_the_class_waits(empty_class, solved, tmp_path):
    for number in range(6):
        folder = empty_class / "submitted" / f"student{number}" / UNIT
        folder.mkdir(parents=True)
        nbformat.write(solved, folder / f"{UNIT}.ipynb")
    (tmp_path / "bin").mkdir()
    broken = tmp_path / "bin" / "bwrap"  # it works for `true` and for nothing else
    broken.write_text('#!/bin/sh\ncase "$*" in *"/bin/true") exit 0;; esac\necho "no space for namespaces" >&2\nexit 1\n')
    broken.chmod(0o755)
    command = [str(Path(sys.executable).with_name("convcourse")), "grade", UNIT, "--course", str(empty_class)]
    done = subprocess.run(
        command, env={**os.environ, "PATH": f"{broken.parent}:/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    told = " ".join(done.stdout.split())
    assert done.returncode == 1, told
    assert told.count("the sandbox did not start: no space for namespaces; stopped, because no submission fares better.") == 1
    assert "student1" not in told
    assert not (empty_class / "autograded").exists()
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.count(f"{POINTS}/{POINTS}") == 6


def test_one_moment_of_trouble_costs_one_submission_and_no_other(empty_class, solved):
    def workers(tasks):
        for task in tasks:
            yield task, Judged("no machine", note="the sandbox did not start") if task.student == "ben" else grade_task(task)

    for student in ("ada", "ben", "cleo"):
        folder = empty_class / "submitted" / student / UNIT
        folder.mkdir(parents=True)
        nbformat.write(solved, folder / f"{UNIT}.ipynb")
    results = list(grade(empty_class, UNIT, ["ada", "ben", "cleo"], workers=workers))
    assert [(one.student, one.state) for one in results] == [("ada", "graded"), ("ben", "failed"), ("cleo", "graded")]


def test_a_full_disk_under_the_gradebook_stops_the_class_with_one_line(empty_class, solved, monkeypatch):
    def record(*_):
        try:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))
        except OperationalError as error:
            raise InvalidEntry(*error.args)  # noqa: B904, as nbgrader does

    def workers(tasks):
        for task in tasks:
            yield task, Judged("graded", nbformat.writes(solved))

    monkeypatch.setattr("convcourse.grading.recording.record", record)
    for student in ("ada", "ben"):
        folder = empty_class / "submitted" / student / UNIT
        folder.mkdir(parents=True)
        nbformat.write(solved, folder / f"{UNIT}.ipynb")
    with pytest.raises(MachineTrouble, match=r"nothing can be recorded in .*database or disk is full"):
        list(grade(empty_class, UNIT, ["ada", "ben"], workers=workers))


def test_the_command_works_where_the_environment_is_not_activated(tmp_path):
    command = [str(Path(sys.executable).with_name("convcourse")), "release", UNIT, "--course", str(tmp_path)]
    done = subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_may_be_a_copy_that_pythonpath_leads_to(empty_class, solved, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    for name in ("autograder/convcourse", "course", "data", "solutions"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    folder = empty_class / "submitted" / "ada" / UNIT
    folder.mkdir(parents=True)
    nbformat.write(solved, folder / f"{UNIT}.ipynb")
    environment = {**os.environ, "PYTHONPATH": str(copy / "autograder")}
    command = [sys.executable, "-P", "-m", "convcourse", "grade", UNIT, "--course", str(empty_class), "--json", "told.json"]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [result["score"] for result in json.loads((copy / "told.json").read_text())] == [POINTS]


def test_a_bug_shows_as_one_and_a_wrong_wish_as_one_line():
    wish = subprocess.run([sys.executable, "-m", "convcourse", "build", "99_x"], capture_output=True, text=True, check=False)
    assert wish.returncode == 1
    assert "there is no unit '99_x'" in wish.stdout
    assert "Traceback" not in wish.stderr
    broken = "import convcourse.operations.command_line as cli\ncli.app = lambda: {}['lost']\ncli.main()"
    bug = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True, check=False)
    assert bug.returncode == 1
    assert "KeyError: 'lost'" in bug.stderr
    assert "Please report these lines" in bug.stderr


def test_a_class_may_be_a_folder_that_is_not_there_yet(tmp_path):
    release(tmp_path / "autumn" / "class", UNIT)
    assert students_to_grade(tmp_path / "autumn" / "class", UNIT) == []


def test_files_that_may_not_be_read_are_named_and_stop_nobody(empty_class, solved, lock):
    folders = {student: empty_class / "submitted" / student / UNIT for student in ("ada", "ben", "cleo", "dan")}
    for folder in folders.values():
        folder.mkdir(parents=True)
        nbformat.write(solved, folder / f"{UNIT}.ipynb")
    (folders["ben"] / "helper.py").write_text("x = 1\n")
    (folders["cleo"] / "timestamp.txt").write_text("2026-10-03 08:00:00 UTC")
    for file in (folders["ada"] / f"{UNIT}.ipynb", folders["ben"] / "helper.py", folders["cleo"] / "timestamp.txt"):
        lock(file)
    results = {result.student: result for result in grade(empty_class, UNIT, [*folders])}
    assert {student: result.state for student, result in results.items()} == {**dict.fromkeys(folders, "failed"), "dan": "graded"}
    assert all("Permission denied" in results[student].notes[0] for student in ("ada", "ben", "cleo"))


@pytest.mark.parametrize("command", ["grade", "report", "feedback"])
def test_a_gradebook_that_is_no_gradebook_is_said_in_one_line(tmp_path, monkeypatch, capsys, command):
    (tmp_path / "gradebook.db").write_bytes(b"not a database " * 1000)
    monkeypatch.setattr(sys, "argv", ["convcourse", command, UNIT, "--course", str(tmp_path)])
    with pytest.raises(SystemExit):
        main()
    assert "the gradebook cannot be used: file is not a database" in capsys.readouterr().out


def test_a_gradebook_is_never_made_beside_the_class(tmp_path):
    with pytest.raises(CourseError, match="in its path: rename it"):
        students_to_grade(tmp_path / "class?", UNIT)
    assert not [*tmp_path.glob("class*.db"), *tmp_path.glob("class")]


def test_students_of_a_class_without_the_unit_are_not_graded(empty_class):
    with pytest.raises(NotReleased, match="has not been released to this class"):
        next(grade(empty_class, "03_convolution_2d", ["ada"]))
