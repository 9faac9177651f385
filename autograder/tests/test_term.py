"""A term from the first release to the last export: 40 students, six units, and everything that happens to a class.

The gradebook must say what an instructor works out by hand, in the table BY_HAND.
"""

import csv
import io
import zipfile
from datetime import timedelta
from zoneinfo import ZoneInfo

import nbformat
import pytest

from convcourse.authoring.notebooks.build import build
from convcourse.grading.collect import collect
from convcourse.grading.export import export_csv
from convcourse.grading.extensions import extend
from convcourse.grading.grade import grade, students_to_grade
from convcourse.grading.gradebook import add_students, gradebook
from convcourse.grading.lms.export import export
from convcourse.grading.regrade import regrade, standings
from convcourse.grading.release import release
from convcourse.grading.task import one_by_one
from convcourse.grading.term import term
from convcourse.grading.zones import read_time
from tests.conftest import answer_cell, needs_sandbox

pytestmark = needs_sandbox
ZONE = ZoneInfo("Europe/Berlin")
UNITS = ("01_one", "02_two", "03_three", "04_four", "05_five", "06_six")
# The clocks go back in the night after the fourth due date.
DUE = dict(zip(UNITS, ("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-24", "2026-11-02", "2026-11-09"), strict=True))
FIRST_NAMES = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Gus", "Hana", "Ivan")
LAST_NAMES = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")
STUDENTS = [f"{first.lower()}{number}" for first in FIRST_NAMES for number in range(1, 6)]

COURSE = f"""units = {list(UNITS)}
timezone = "Europe/Berlin"
drop_lowest = 1

[late]
percent_per_day = 25
grace_minutes = 10
last_day = 3
days_for_the_term = 3
"""
SCRIPT = '''# %% [markdown]
# # A unit of its own

# %% setup=""
from convcourse.check import check

# %% [markdown] exercise="times_NUMBER"
# Multiply each number by NUMBER.

# %% answer="times_NUMBER"
def times_NUMBER(numbers):
    """Each of the numbers times NUMBER, as a list."""
    ### BEGIN SOLUTION
    return [NUMBER * number for number in numbers]
    ### END SOLUTION

# %% test="times_NUMBER"
check(times_NUMBER)

# %% answer="words_NUMBER"
def words_NUMBER():
    """In a sentence: what did you do?"""
    ### BEGIN SOLUTION
    return "A list comprehension goes through the numbers."
    ### END SOLUTION

# %% test="words_NUMBER" points=2
assert len(words_NUMBER()) > 20
'''
EXERCISES = """
from convcourse.judging.exercise import Case, Exercise

times_NUMBER = Exercise(
    name="times_NUMBER",
    title="Times NUMBER",
    points={"positive": 2, "negative": 2},
    minutes=5,
    difficulty=1,
    oracle=lambda numbers: [NUMBER * number for number in numbers],
    examples=(Case({"numbers": [1, 2]}, "positive"), Case({"numbers": [-3, 1]}, "negative")),
    cases=lambda generator: [Case({"numbers": [int(generator.integers(2, 90)), 5]}, "positive"),
                             Case({"numbers": [-int(generator.integers(2, 90)), 5]}, "negative")],
    hints=("Write a loop.", "Go through the numbers.", "Collect the products in a list."),
)
EXERCISES = (times_NUMBER,)
"""
WRONG_CHECK = ("[NUMBER * number for", "[NUMBER * abs(number) for")  # as the third unit was first released
HALF = "def times_{0}(numbers):\n    return [{0} * abs(number) for number in numbers]"

# What each hands in: right everywhere, unless it is said here. None: nothing.
WORK = {(student, unit): "right" for student in STUDENTS for unit in UNITS}
WORK |= {(f"ben{number}", unit): "half" for number in range(1, 6) for unit in UNITS}
WORK |= {(f"cleo{number}", unit): "blank" for number in range(1, 6) for unit in UNITS}
WORK |= {(f"cleo{number}", "01_one"): None for number in range(1, 6)}
WORK |= {(f"ivan{number}", "01_one"): "broken" for number in range(1, 6)}  # and again, whole
WORK |= {(f"ivan{number}", "03_three"): None for number in range(1, 6)}
HOURS_LATE = {"dora": {"02_two": 25, "04_four": 30, "06_six": 2}, "emil": {"04_four": 47, "06_six": 80}}
HOURS_LATE["hana"] = {"02_two": 20, "04_four": 9 / 60, "06_six": 70}
# The units that come through Moodle are done in groups. From the fifth on gus2 is in the other one.
GROUPS = "group,student,unit\nGroup 1,gus1,\nGroup 1,gus2,\nGroup 2,gus3,\nGroup 2,gus4,\nGroup 2,gus2,05_five\n"
GROUP_WORK = {"Group 1": "right", "Group 2": "half"}

# Six points a unit: four for the function (two of them with negative numbers), two for the words, of which each gets one in
# the second unit, marked by hand. Dora spends two late days on the second unit and the last on the fourth, where a
# day too many costs a quarter of 6; in the sixth none is left. Emil has two days more for the fourth, and nothing after the
# third day of the sixth. Hana keeps her days in the second, which costs a quarter of 5, and spends them on the sixth.
BY_HAND = """
who,   01, 02,   03, 04,  05, 06,  total
ada,    6, 5,    6,  6,   6,  6,   30
ben,    4, 3,    4,  4,   4,  4,   20
cleo,    , 0,    0,  0,   0,  0,   0
dora,   6, 5,    6,  4.5, 6,  4.5, 27.5
emil,   6, 5,    6,  6,   6,  0,   29
gus1,   6, 5,    6,  6,   6,  6,   30
gus2,   6, 5,    6,  6,   4,  6,   29
gus3,   4, 5,    4,  6,   4,  6,   25
gus4,   4, 5,    4,  6,   4,  6,   25
gus5,   6, 5,    6,  6,   6,  6,   30
hana,   6, 3.75, 6,  6,   6,  6,   30
ivan,   6, 5,     ,  6,   6,  6,   29
"""


def by_hand():
    """Student -> the cells of the row of BY_HAND that holds for them."""
    rows = {who: cells for who, *cells in ([cell.strip() for cell in line.split(",")] for line in BY_HAND.split("\n")[2:-1])}
    return {student: rows.get(student) or rows[student[:-1]] for student in STUDENTS}


def write_unit(root, unit, changed=("", "")):
    folder = root / "source" / unit
    folder.mkdir(parents=True, exist_ok=True)
    number = str(UNITS.index(unit) + 1)
    (folder / f"{unit}.py").write_text(SCRIPT.replace("NUMBER", number))
    (folder / "exercises.py").write_text(EXERCISES.replace(*changed).replace("NUMBER", number))


def released(root, unit):
    build(unit, root / "source", root / "release", root)
    release(root, unit, read_time(f"{DUE[unit]} 23:59", ZONE).replace(tzinfo=None))


def notebook(root, unit, kind):
    """The text of a notebook of this kind."""
    if kind == "broken":
        return '{"cells": ['
    folder = root / ("release" if kind == "blank" else "source")
    work = nbformat.read(folder / unit / f"{unit}.ipynb", as_version=4)
    if kind == "half":
        number = UNITS.index(unit) + 1
        answer_cell(work, f"times_{number}").source = HALF.format(number)
    return nbformat.writes(work)


def moodle(root, unit):
    """Moodle's archive, by names and without times. Groups hand in once."""
    grouped = {f"gus{number}" for number in range(1, 5)}
    works = {name: kind for (name, of), kind in WORK.items() if of == unit and kind and name not in grouped}
    named = {f"{name[:-1].title()} {LAST_NAMES[int(name[-1]) - 1]}": kind for name, kind in works.items()} | GROUP_WORK
    return {f"{name}_815_assignsubmission_file_/{unit}.ipynb": notebook(root, unit, kind) for name, kind in named.items()}


def blackboard(root, unit):
    """Blackboard's archive, by logins, with the class's clock at each attempt."""
    entries = {}
    for (name, of), kind in WORK.items():
        if of == unit and kind:
            late = timedelta(hours=HOURS_LATE.get(name[:-1], {}).get(unit, -1))
            time = (read_time(f"{DUE[unit]} 23:59", ZONE) + late).astimezone(ZONE)
            entries[f"gradebook_CS101_{unit}_{name}_attempt_{time:%Y-%m-%d-%H-%M-%S}_{unit}.ipynb"] = notebook(root, unit, kind)
    return entries


def collected(root, unit, entries):
    path = root / f"{unit}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    without = {line.student for line in collect(root, unit, path) if not line.ok}
    assert without == {name for (name, of), kind in WORK.items() if of == unit and kind in (None, "broken")}


def graded(root, unit):
    return {result.student: result for result in grade(root, unit, students_to_grade(root, unit))}


def mark_words(root, unit):
    """As the Formgrader does it: a point of two for the words of each who wrote any."""
    with gradebook(root) as book:
        for submission in book.assignment_submissions(unit):
            for mark in book.find_submission_notebook(unit, unit, submission.student.id).grades:
                if mark.name.startswith("words") and mark.auto_score:
                    mark.manual_score, mark.needs_manual_grade = 1, False
        book.db.commit()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The class at the end of the term."""
    root = tmp_path_factory.mktemp("term")
    (root / "course.toml").write_text(COURSE)
    (root / "groups.csv").write_text(GROUPS)
    (root / "late_days.csv").write_text("student,unit,days\n" + "".join(f"hana{n},02_two,0\n" for n in range(1, 6)))
    names = [f"{name},{name[:-1].title()},{LAST_NAMES[int(name[-1]) - 1]}" for name in STUDENTS]
    (root / "class.csv").write_text("\n".join(["id,first_name,last_name", *names]))
    assert add_students(root, root / "class.csv") == 40
    for unit in UNITS:
        write_unit(root, unit, WRONG_CHECK if unit == "03_three" else ("", ""))
    for unit in UNITS:
        released(root, unit)
        if unit == "04_four":
            list(extend(root, unit, [f"emil{number}" for number in range(1, 6)], "2d"))
        by_moodle = UNITS.index(unit) % 2 == 0
        collected(root, unit, moodle(root, unit) if by_moodle else blackboard(root, unit))
        graded(root, unit)
        if unit == "01_one":
            WORK.update({(f"ivan{number}", unit): "right" for number in range(1, 6)})
            collected(root, unit, moodle(root, unit))
            assert sum(not result.unchanged for result in graded(root, unit).values() if result.state == "graded") == 5
        if unit == "02_two":
            mark_words(root, unit)
    write_unit(root, "03_three")
    released(root, "03_three")
    before = standings(root, "03_three")
    assert before["ada1"].total == 4
    list(regrade(root, "03_three", students_to_grade(root, "03_three"), one_by_one))
    assert term(root).notes == []
    return root


def test_the_gradebook_is_what_an_instructor_works_out_by_hand(root):
    totals = {row[0]: row[-2:] for row in term(root).rows[1:]}
    assert totals == {student: [cells[-1], "30"] for student, cells in by_hand().items()}
    rows = list(csv.DictReader(io.StringIO(export_csv(root))))
    assert {row["id"]: [row[f"{unit} (of 6)"] for unit in UNITS] for row in rows} == {
        student: cells[:-1] for student, cells in by_hand().items()
    }


def test_the_late_days_are_where_they_were_spent(root):
    days = {row[0]: tuple(row[1:3]) for row in term(root).rows[1:]}
    assert days["dora1"] == ("02: 2, 04: 1", "0")
    assert days["emil1"] == ("", "3")
    assert days["hana1"] == ("06: 3", "0")
    assert days["ada1"] == ("", "3")


def test_nbgraders_own_gradebook_says_the_same(root):
    with gradebook(root) as book:
        for student, cells in by_hand().items():
            for unit, points in zip(UNITS, cells, strict=False):
                if points:
                    submission = book.find_submission(unit, student)
                    assert submission.score - submission.late_submission_penalty == float(points), (student, unit)


@pytest.mark.parametrize(("system", "login"), [("moodle", "Username"), ("blackboard", "Username"), ("canvas", "SIS Login ID")])
def test_what_a_platform_reads_back_is_the_same_table(root, system, login):
    exported = export(root, system)
    rows = csv.DictReader(io.StringIO(exported.text), delimiter="\t" if system == "blackboard" else ",")
    heads = {unit: next(head for head in rows.fieldnames if head.startswith(unit)) for unit in UNITS}
    read_back = {row[login]: [row[heads[unit]] for unit in UNITS] for row in rows if row[login]}
    assert read_back == {
        student: [f"{float(cell):.2f}" if cell else "" for cell in cells[:-1]] for student, cells in by_hand().items()
    }
