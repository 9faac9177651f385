"""One of a group hands in, and each member has the work, the score and the feedback."""

import os
import shutil
import zipfile

import nbformat
import pytest

from convcourse.errors import CourseError
from convcourse.grading.collect import collect
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import add_students
from convcourse.grading.groups import groups_of
from convcourse.operations.report.data import read_unit
from convcourse.operations.report.similar import alike
from tests.conftest import UNIT, answer_cell, needs_sandbox

CLASS = "id,first_name,last_name\nada,Ada,Lovelace\nben,Ben,Ny\nzoe,Zoë,Å\nkim,Kim,Lee\n"
GROUPS = f"group,student,unit\nGroup 3,ada,\nGroup 3,ben,\nGroup 4,zoe,\nGroup 4,ben,{UNIT}\n"

OF_THEIR_OWN = """
def shift(x, k):
    result = []
    for n in range(len(x)):
        if n - k >= 0 and n - k < len(x):
            result.append(x[n - k] * 2 + 1)
        else:
            result.append(-1)
    return np.array(result) + len(x) - 7
"""


@pytest.fixture
def root(tmp_path, released):
    shutil.copy(released / "gradebook.db", tmp_path)
    (tmp_path / "class.csv").write_text(CLASS, encoding="utf-8")
    add_students(tmp_path, tmp_path / "class.csv")
    (tmp_path / "groups.csv").write_text(GROUPS, encoding="utf-8")
    return tmp_path


def hand_in(root, folder, notebook, name=f"{UNIT}.ipynb"):
    (root / "inbox" / folder).mkdir(parents=True)
    nbformat.write(notebook, root / "inbox" / folder / name)


def test_groups_may_change_from_unit_to_unit(root):
    assert groups_of(root, UNIT) == {"Group 3": ("ada",), "Group 4": ("ben", "zoe")}
    assert groups_of(root, "03_convolution_2d") == {"Group 3": ("ada", "ben"), "Group 4": ("zoe",)}
    (root / "groups.csv").unlink()
    assert groups_of(root, UNIT) == {}


@needs_sandbox
def test_each_member_has_the_groups_score(root, solved):
    answer_cell(solved, "shift").source = OF_THEIR_OWN
    hand_in(root, "group 4", solved)
    hand_in(root, "ada+kim", solved)
    said = {line.student: line.message for line in collect(root, UNIT, root / "inbox")}
    assert said == {
        "ben": "collected; handed in by group 4",
        "zoe": "collected; handed in by group 4",
        "ada": "collected; handed in by ada+kim",
        "kim": "collected; handed in by ada+kim",
    }
    results = list(grade(root, UNIT, ["ada", "ben", "kim", "zoe"]))
    assert len({result.score for result in results}) == 1
    told = [group.students for group in alike(read_unit(root, UNIT))]
    assert ("ben", "zoe") not in told
    assert told == [("ada", "ben", "kim", "zoe")]  # two groups with the same answers: a question all the same


def test_who_hands_in_alone_too_has_their_newest(root, solved, blank):
    for folder, notebook, day in (("Group 4", solved, 1), ("ben", blank, 2)):
        hand_in(root, folder, notebook)
        os.utime(root / "inbox" / folder / f"{UNIT}.ipynb", (day * 86400, day * 86400))
    said = {line.student: line.message for line in collect(root, UNIT, root / "inbox", file_dates=True)}
    assert said["zoe"] == "collected; handed in by Group 4"
    assert said["ben"] == "collected; 2 copies, the newest counts"
    kept = root / "submitted" / "ben" / UNIT / f"{UNIT}.ipynb"
    assert kept.read_bytes() == (root / "inbox" / "ben" / f"{UNIT}.ipynb").read_bytes()


def test_a_platforms_archive_may_name_a_group(root, solved):
    with zipfile.ZipFile(root / "moodle.zip", "w") as archive:
        archive.writestr(f"Group 4_815_assignsubmission_file_/{UNIT}.ipynb", nbformat.writes(solved))
    said = [line.student for line in collect(root, UNIT, root / "moodle.zip") if line.ok]
    assert said == ["ben", "zoe"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("team,who\n1,ada\n", "must name the columns group, student"),
        ("group,student\n1,\n", "line 2: a group and a student are needed"),
        ("group,student\n1,ada\n2,ada\n", "line 3: ada is in 1 and in 2"),
        ("group,student\n1,nobody\n", "nobody not in the class list"),
    ],
)
def test_a_wrong_file_is_one_line(root, text, words):
    (root / "groups.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=words):
        groups_of(root, UNIT)
