"""Archives of further learning platforms: whose each file is, and when it was handed in. The forms are those in docs/lms.md."""

import shutil
import zipfile

import nbformat
import pytest

from convcourse.grading.collect import collect
from convcourse.grading.gradebook import add_students
from tests.conftest import UNIT

FILE = f"{UNIT}.ipynb"
CLASS = """id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,
zoe_n,Zoë,Ångström-Ny,zoe@example.org,1815
kim1,Kim,Lee,kim1@example.org,
kim2,Kim,Lee,kim2@example.org,
"""
METADATA = """---
submission_98765:
  :submitters:
  - :name: Ada Lovelace
    :sid:
    :email: ada@example.org
  - :name: Kim Lee
    :sid: kim2
    :email:
  :created_at: 2026-11-03 23:59:58.123456789 Z
  :score: 0.0
submission_98766:
  :submitters:
  - :name: Somebody Else
    :sid: '1815'
    :email: z@example.org
  :created_at: 2026-11-04 00:00:01.000000000 Z
"""
RECEIPT = f"gradebook_CS101_{UNIT}_{{}}_attempt_2026-11-03-23-59-58"
TIMES = {"ada": "2026-11-03 22:59:58 UTC", "zoe_n": "2026-11-03 22:59:00 UTC"}
ARCHIVES = {
    "brightspace": (
        {
            "index.html": "<html>",
            f"397063-2557369 - Ada Lovelace - Nov 3, 2026 1159 PM/{FILE}": "work",
            f"397064-2557369 - Zoë Ångström-Ny - Nov 4, 2026 123 AM - {FILE}": "work",
        },
        {"ada": "2026-11-03 22:59:00 UTC", "zoe_n": "2026-11-04 00:23:00 UTC"},
    ),
    "blackboard": (
        {
            f"{RECEIPT.format('ada')}.txt": "Name: Ada Lovelace (ada)",
            f"{RECEIPT.format('ada')}_{FILE}": "work",
            f"{RECEIPT.format('ada').replace('11-03', '11-01')}_{FILE}": "older",
            f"{RECEIPT.format('zoe_n')}_{FILE}": "work",
        },
        {"ada": "2026-11-03 22:59:58 UTC", "zoe_n": "2026-11-03 22:59:58 UTC"},
    ),
    "sakai": (
        {
            f"Week 2/Lovelace, Ada(ada)/Submission attachment(s)/{FILE}": "work",
            "Week 2/Lovelace, Ada(ada)/timestamp.txt": "2026-11-03T22:59:58.123Z",
            f"Week 2/Lovelace, Ada(ada)/Feedback Attachment(s)/{FILE}": "older",
            f"Week 2/Lee, Kim(kim1)/Submission attachment(s)/{FILE}": "work",
            "Week 2/grades.csv": "Display ID,ID",
        },
        {"ada": "2026-11-03 22:59:58 UTC", "kim1": None},
    ),
    "gradescope": (
        {
            "assignment_4711_export/submission_metadata.yml": METADATA,
            f"assignment_4711_export/submission_98765/{FILE}": "work",
            f"assignment_4711_export/submission_98766/src/{FILE}": "work",
        },
        {"ada": "2026-11-03 23:59:58 UTC", "kim2": "2026-11-03 23:59:58 UTC", "zoe_n": "2026-11-04 00:00:01 UTC"},
    ),
    "classroom": (
        {f"Convolution/Ada Lovelace - {FILE}": "work", f"Convolution/Zoë Ångström-Ny - Copy of {FILE}": "work"},
        {"ada": None, "zoe_n": None},
    ),
    "openedx": (
        {
            f"[1]Week 2, [1]Convolution, [1]Hand in/[1] - ada - {FILE}": "work",
            "[1]Week 2, [1]Convolution, [1]Hand in/[1] - ada - prompt_0.txt": "typed",
            "[1]Week 2, [1]Convolution, [1]Hand in/[1] - kim2 - prompt_0.txt": "typed",
            "submissions.csv": "course_id",
        },
        {"ada": None},
    ),
    "ilias": (
        {f"Week 2/Abgaben/Lovelace_Ada_ada_1815/{FILE}": "work", f"Week 2/Abgaben/Lee_Kim_kim2_7/{FILE}": "work"},
        {"ada": None, "kim2": None},
    ),
}


@pytest.fixture
def root(tmp_path, released):
    shutil.copy(released / "gradebook.db", tmp_path)
    (tmp_path / "class.csv").write_text(CLASS, encoding="utf-8")
    add_students(tmp_path, tmp_path / "class.csv")
    (tmp_path / "course.toml").write_text('timezone = "Europe/Berlin"', encoding="utf-8")
    return tmp_path


def archive(root, entries, works, form):
    """The archive as the platform gives it, or unpacked."""
    path = root / "archive.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in entries.items():
            file.writestr(name, works.get(content, content))
    if form == "unpacked":
        shutil.unpack_archive(path, root / "inbox")
        return root / "inbox"
    return path


@pytest.mark.parametrize("form", ["zipped", "unpacked"])
@pytest.mark.parametrize("system", ARCHIVES)
def test_whose_it_is_and_when_it_came(root, solved, blank, system, form):
    entries, expected = ARCHIVES[system]
    works = {"work": nbformat.writes(solved), "older": nbformat.writes(blank)}
    inbox = archive(root, entries, works, form)
    if form == "unpacked" and len(folders := list(inbox.iterdir())) == 1 and system != "openedx":
        inbox = folders[0]  # the instructor unpacks it, and collects what is in it
        if system == "ilias":
            inbox /= "Abgaben"
    lines = collect(root, UNIT, inbox)
    assert {line.student for line in lines if line.ok} == set(expected), lines
    for student, time in expected.items():
        folder = root / "submitted" / student / UNIT
        assert (folder / FILE).read_text(encoding="utf-8") == works["work"]
        stamp = folder / "timestamp.txt"
        assert (stamp.read_text() if stamp.exists() else None) == time
    others = {line.student: line.message for line in lines if not line.ok}
    assert set(others) == {"ada", "zoe_n", "kim1", "kim2"} - set(expected)
    assert system != "openedx" or others["kim2"] == "typed text in and handed no file in; ask for the notebook"
    assert not any("typed" in line.message for line in lines if line.ok and system == "blackboard")


def test_a_login_or_a_name_that_fits_two_or_nobody_is_left_alone(root, solved):
    work = nbformat.writes(solved)
    entries = {
        f"1-2 - Kim Lee - Nov 3, 2026 1159 PM/{FILE}": work,
        f"{RECEIPT.format('grace')}_{FILE}": work,
        f"Hopper, Grace(grace)/Submission attachment(s)/{FILE}": work,
        f"submission_1/{FILE}": work,
    }
    said = {line.student: line.message for line in collect(root, UNIT, archive(root, entries, {}, "zipped"))}
    assert said["Kim Lee (Brightspace 1)"].startswith("the name fits kim1, kim2; put the file into a folder named after")
    assert said["Grace Hopper (Sakai)" if "Grace Hopper (Sakai)" in said else "Hopper, Grace (Sakai)"].startswith("nobody in the")
    assert said["anonymous (Gradescope 1)"].startswith("nobody in the class list has this login")
    assert sum("nobody in the class list has this login" in words for words in said.values()) == 2


@pytest.mark.parametrize(
    "metadata", ["submission_1: [", "[1, 2]", "submission_1: {':submitters': [3]}", "\x00", "!!python/object:os.system {}"]
)
def test_what_gradescope_does_not_write_is_one_line(root, metadata):
    entries = {"submission_metadata.yml": metadata, f"submission_1/{FILE}": ""}
    said = [line.message for line in collect(root, UNIT, archive(root, entries, {}, "zipped"))]
    assert sum("cannot be read: not what Gradescope writes" in words for words in said) == 1


def test_a_students_own_folder_is_not_taken_for_a_platforms(root, solved):
    (root / "class.csv").write_text("id\nlee_kim_k_7\n", encoding="utf-8")
    add_students(root, root / "class.csv")
    folder = root / "inbox" / "lee_kim_k_7"
    folder.mkdir(parents=True)
    nbformat.write(solved, folder / FILE)
    assert [line.student for line in collect(root, UNIT, root / "inbox") if line.ok] == ["lee_kim_k_7"]


@pytest.mark.parametrize("form", ["zipped", "unpacked"])
def test_a_students_file_cannot_speak_for_the_platform(root, solved, form):
    """Files with the names of Gradescope's and Sakai's own, handed in by kim1: nobody's work and no time is given away."""
    forged = METADATA.replace("email: ada@example.org", "email: kim1@example.org").replace("98765", "98766")
    entries = {
        "submission_metadata.yml": METADATA,
        f"submission_98766/{FILE}": nbformat.writes(solved),
        "submission_98766/submission_metadata.yml": forged,
        f"Lee, Kim(kim1)/Submission attachment(s)/{FILE}": nbformat.writes(solved),
        "Lee, Kim(kim1)/Submission attachment(s)/timestamp.txt": "2020-01-01T00:00:00Z",
        "Lee, Kim(kim1)/timestamp.txt": "2026-11-03T22:59:58Z",
    }
    taken = {line.student for line in collect(root, UNIT, archive(root, entries, {}, form)) if line.ok}
    assert taken == {"zoe_n", "kim1"}
    time = (root / "submitted" / "kim1" / UNIT / "timestamp.txt").read_text()
    assert time == "2026-11-03 22:59:58 UTC"
