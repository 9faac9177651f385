"""Collecting from an inbox: whatever comes, one clear line each, nothing lost, nobody else affected."""

import io
import os
import random
import shutil
import time
import zipfile
from datetime import UTC, datetime, timedelta

import nbformat
import pytest

from convcourse.grading.collect import collect, times_of_handing_in
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import add_students, set_due_date, timestamp_of
from convcourse.grading.submission import Unreadable, parse_notebook
from tests.conftest import UNIT


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def gradebook_there(tmp_path, released):
    """A gradebook with nobody in it; to make one takes a second."""
    shutil.copy(released / "gradebook.db", tmp_path)


def put(inbox, student, name, content):
    path = inbox / student / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def collected(root, inbox):
    return {result.student: (result.ok, result.message) for result in collect(root, UNIT, inbox)}


def handed_in_at(root, student):
    return timestamp_of(root / "submitted" / student / UNIT / "timestamp.txt").replace(tzinfo=UTC)


def zipped(entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        f"{UNIT}.ipynb",
        f"Copy of {UNIT}.ipynb",
        f"{UNIT} (1).ipynb",
        f"{UNIT}-Copy1.ipynb",
        "hw.IPYNB",
        f"deep/{UNIT}.ipynb",
        f"{UNIT}.ipynb.txt",
        f"{UNIT}.ipynb.json",
    ],
)
def test_a_notebook_is_known_by_its_cells_not_by_its_name(tmp_path, inbox, solved, name):
    put(inbox, "ada", name, nbformat.writes(solved))
    ok, message = collected(tmp_path, inbox)["ada"]
    assert ok, message
    assert (tmp_path / "submitted" / "ada" / UNIT / f"{UNIT}.ipynb").read_text() == nbformat.writes(solved)


def test_work_is_handed_in_when_it_is_first_collected_whatever_its_files_say(tmp_path, inbox, solved):
    set_due_date(tmp_path, UNIT, datetime(2026, 1, 2))
    path = put(inbox, "ada", f"{UNIT}.ipynb", nbformat.writes(solved))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    backdated = zipfile.ZipInfo(f"{UNIT}.ipynb", (2026, 1, 1, 12, 0, 0))
    (inbox / "ben.zip").write_bytes(zipped({backdated: nbformat.writes(solved)}))
    results = collect(tmp_path, UNIT, inbox)
    times = {name: handed_in_at(tmp_path, name) for name in ("ada", "ben")}
    assert all(abs(datetime.now(UTC) - time) < timedelta(minutes=1) for time in times.values())
    known, late = times_of_handing_in(tmp_path, UNIT, results)
    assert known == "time of handing in: the moment of collecting (2)"
    assert late.startswith("the due date was 2026-01-02 00:00 UTC, so what is collected now is late")
    (tmp_path / "submitted" / "ada" / UNIT / "timestamp.txt").write_text("2026-01-01 08:00:00 UTC")  # a person wrote it
    (again,) = times_of_handing_in(tmp_path, UNIT, collect(tmp_path, UNIT, inbox))
    assert again == "time of handing in: as before, the work is the same (2)"
    assert handed_in_at(tmp_path, "ada") == datetime(2026, 1, 1, 8, tzinfo=UTC)
    put(inbox, "ada", "mine.py", "x = 1")
    collect(tmp_path, UNIT, inbox)
    assert handed_in_at(tmp_path, "ada") >= times["ada"]


def test_the_dates_of_files_count_if_the_instructor_trusts_them(tmp_path, inbox, solved):
    path = put(inbox, "ada", f"{UNIT}.ipynb", nbformat.writes(solved))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    collect(tmp_path, UNIT, inbox, file_dates=True)
    assert handed_in_at(tmp_path, "ada") == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_copy_made_in_the_same_second_is_named(tmp_path, inbox, solved, blank):
    for name, notebook in ((f"{UNIT}.ipynb", blank), (f"{UNIT} (2).ipynb", solved)):
        os.utime(put(inbox, "ada", name, nbformat.writes(notebook)), (1_700_000_000, 1_700_000_000))
    ok, message = collected(tmp_path, inbox)["ada"]
    assert ok
    assert f"of the same date and not the same: 'ada/{UNIT}.ipynb'; take out" in message
    assert "BEGIN SOLUTION" in (tmp_path / "submitted" / "ada" / UNIT / f"{UNIT}.ipynb").read_text()


def test_capitals_in_a_folders_name_do_not_matter_unless_two_would_be_one(tmp_path, inbox, solved):
    (tmp_path / "class.csv").write_text("id\nada\nBen\nzoe\nZoe\n")
    add_students(tmp_path, tmp_path / "class.csv")
    for folder in ("ADA", "ben", "BEN", "ZOE"):
        put(inbox, folder, f"{UNIT}.ipynb", nbformat.writes(solved))
    results = collected(tmp_path, inbox)
    assert results["ada"] == (True, "collected")
    assert results["Ben"] == (False, "BEN, ben would all be Ben: put each into a folder of their own")
    assert "'ZOE' is not in the class list" in results["ZOE"][1]


def test_python_files_beside_the_notebook_come_with_it(tmp_path, inbox, solved):
    put(inbox, "ada", f"{UNIT}.ipynb", nbformat.writes(solved))
    for name in ("mine.py", "02_convolution_1d.py", "deep/other.py", "big.py", "data.csv"):
        put(inbox, "ada", name, "#" * 2**21 if name == "big.py" else "x = 1")
    (inbox / "ben.zip").write_bytes(zipped({f"{UNIT}.ipynb": nbformat.writes(solved), "mine.py": "y = 2"}))
    results = collected(tmp_path, inbox)
    assert results["ada"] == results["ben"] == (True, "collected; with mine.py")
    found = {str(path.relative_to(tmp_path / "submitted")): path.read_text() for path in tmp_path.glob("submitted/*/*/*.py")}
    assert found == {f"ada/{UNIT}/mine.py": "x = 1", f"ben/{UNIT}/mine.py": "y = 2"}
    (inbox / "ada" / "mine.py").unlink()
    assert collected(tmp_path, inbox)["ada"] == (True, "collected")
    assert not (tmp_path / "submitted" / "ada" / UNIT / "mine.py").exists()


def test_of_several_copies_the_newest_counts(tmp_path, inbox, solved, blank):
    old = put(inbox, "ada", "old.ipynb", nbformat.writes(blank))
    put(inbox, "ada", "new.ipynb", nbformat.writes(solved))
    os.utime(old, (1, 1))
    ok, message = collected(tmp_path, inbox)["ada"]
    assert ok
    assert "2 copies, the newest counts" in message
    assert "BEGIN SOLUTION" in (tmp_path / "submitted" / "ada" / UNIT / f"{UNIT}.ipynb").read_text()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a notebook"),
        (b'{"cells": [', "broken at line 1"),
        (b"PK\x03\x04 rest", "a zip file"),
        (b"%PDF-1.4", "a PDF"),
        (b"<html>", "a web page"),
        (b"\x80\x81 bad", "not text"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a pointer of Git LFS"),
        (b'{\n<<<<<<< mine\n"cells": []', "unsolved merge"),
        (b"[1, 2]", "JSON but not a notebook"),
        (b'{"cells": [{"cell_type": "alien", "source": 3, "metadata": []}], "nbformat": 4, "nbformat_minor": 5}', "damaged"),
    ],
)
def test_a_file_that_is_no_notebook_is_named_kept_and_costs_nobody_else(tmp_path, inbox, solved, content, words):
    put(inbox, "ivan", f"{UNIT}.ipynb", content)
    put(inbox, "ada", f"{UNIT}.ipynb", nbformat.writes(solved))
    results = collected(tmp_path, inbox)
    assert results["ivan"][0] is False
    assert words in results["ivan"][1]
    assert f"ivan/{UNIT}.ipynb" in results["ivan"][1]
    assert (tmp_path / "submitted" / "ivan" / UNIT / f"{UNIT}.ipynb").read_bytes() == content
    assert results["ada"][0] is True


def test_a_notebook_in_utf_16_is_read(tmp_path, inbox, solved):
    put(inbox, "ada", f"{UNIT}.ipynb", nbformat.writes(solved).encode("utf-16"))
    assert collected(tmp_path, inbox)["ada"][0] is True


def another_units():
    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("def something_else(): pass")]))


def test_another_units_notebook_is_pointed_out_and_not_graded_as_0(tmp_path, inbox):
    put(inbox, "ada", f"{UNIT}.ipynb", another_units())
    assert "is it another unit's?" in collected(tmp_path, inbox)["ada"][1]
    assert not (tmp_path / "submitted").exists()


@pytest.mark.parametrize("worse", ["{", None], ids=["broken", "another unit's"])
def test_what_was_collected_stays_when_worse_or_nothing_comes(tmp_path, inbox, solved, worse):
    (tmp_path / "class.csv").write_text("id\nada\n")
    add_students(tmp_path, tmp_path / "class.csv")
    path = put(inbox, "ada", f"{UNIT}.ipynb", nbformat.writes(solved))
    assert collected(tmp_path, inbox)["ada"] == (True, "collected")
    path.write_text(worse or another_units())
    ok, message = collected(tmp_path, inbox)["ada"]
    assert not ok
    assert message.endswith("; what was collected before stays")
    path.unlink()
    assert collected(tmp_path, inbox)["ada"] == (False, "nothing here; what was collected before stays")
    assert (tmp_path / "submitted" / "ada" / UNIT / f"{UNIT}.ipynb").read_text() == nbformat.writes(solved)


def test_a_newer_file_that_cannot_be_read_is_said(tmp_path, inbox, solved):
    old = put(inbox, "ada", "work.ipynb", nbformat.writes(solved))
    os.utime(old, (1, 1))
    put(inbox, "ada", "work (1).ipynb", "{")
    put(inbox, "ada", "another.ipynb", another_units())  # not worth a word: a folder may hold all units
    ok, message = collected(tmp_path, inbox)["ada"]
    assert ok
    assert "but a newer one is passed over: ada/work (1).ipynb is not a notebook" in message
    assert "another.ipynb" not in message


def test_a_folder_without_a_notebook_is_pointed_out(tmp_path, inbox):
    put(inbox, "ada", "answers.docx", b"PK")
    assert collected(tmp_path, inbox)["ada"] == (False, "no notebook among answers.docx; ask for the .ipynb file")


def test_an_unknown_student_and_one_who_sent_nothing_are_named(tmp_path, inbox, solved):
    (tmp_path / "class.csv").write_text("id\nada\njana\n")
    add_students(tmp_path, tmp_path / "class.csv")
    put(inbox, "ada", f"{UNIT}.ipynb", nbformat.writes(solved))
    put(inbox, "zoe", f"{UNIT}.ipynb", nbformat.writes(solved))
    results = collected(tmp_path, inbox)
    assert results["ada"][0]
    assert "'zoe' is not in the class list" in results["zoe"][1]
    assert results["jana"] == (False, "has sent nothing")
    assert not (tmp_path / "submitted" / "zoe").exists()


def test_zips_are_opened_for_a_student_and_for_a_class(tmp_path, inbox, solved):
    text = nbformat.writes(solved)
    put(inbox, "ada", "work.zip", zipped({f"folder/{UNIT}.ipynb": text}))
    (inbox / "ben.zip").write_bytes(zipped({f"{UNIT}.ipynb": text, f"__MACOSX/._{UNIT}.ipynb": b"\x00"}))
    assert all(ok for ok, _ in collected(tmp_path, inbox).values())
    whole = tmp_path / "class.zip"
    whole.write_bytes(zipped({f"cleo/{UNIT}.ipynb": text, "stray.ipynb": text}))
    results = collected(tmp_path, whole)
    assert results["cleo"][0]
    assert "not in a student's folder" in results["class.zip"][1]


def test_a_zip_of_the_whole_folder_is_read_as_the_folder(tmp_path, solved):
    (tmp_path / "class.csv").write_text("id\nada\ncleo\n")
    add_students(tmp_path, tmp_path / "class.csv")
    whole = tmp_path / "class.zip"
    text = nbformat.writes(solved)
    whole.write_bytes(zipped({f"spring/ada/{UNIT}.ipynb": text, "spring/cleo/hw.ipynb": text, "__MACOSX/spring/._x": b""}))
    assert [ok for ok, _ in collected(tmp_path, whole).values()] == [True, True]


def test_the_clock_in_a_zip_is_this_machines(tmp_path, inbox, solved, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        entry = zipfile.ZipInfo(f"{UNIT}.ipynb", (2026, 7, 1, 12, 0, 0))
        (inbox / "ada.zip").write_bytes(zipped({entry: nbformat.writes(solved)}))
        collect(tmp_path, UNIT, inbox, file_dates=True)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert handed_in_at(tmp_path, "ada") == datetime(2026, 7, 1, 10, 0, 0, tzinfo=UTC)


def test_dangerous_zips_are_refused(tmp_path, inbox, solved):
    put(inbox, "ada", "climb.zip", zipped({f"../../ben/{UNIT}.ipynb": nbformat.writes(solved)}))
    put(inbox, "bob", "bomb.zip", zipped({f"{UNIT}.ipynb": b"0" * (201 * 2**20)}))
    put(inbox, "cleo", "broken.zip", b"PK\x03\x04 cut short")
    messages = [result.message for result in collect(tmp_path, UNIT, inbox)]
    assert any("points outside its zip" in message for message in messages)
    assert any("would unpack to more than 200 MB" in message for message in messages)
    assert any("is not a zip file, or is damaged" in message for message in messages)
    assert not (tmp_path / "submitted").exists()


def test_a_bomb_in_a_class_zip_costs_its_own_student_only(tmp_path, solved):
    whole = tmp_path / "class.zip"
    parts = {f"bob/{number}.ipynb": b"0" * (40 * 2**20) for number in range(6)}
    whole.write_bytes(zipped({**parts, f"cleo/{UNIT}.ipynb": nbformat.writes(solved)}))
    results = collect(tmp_path, UNIT, whole)
    assert ["200 MB" in result.message for result in results if result.student == "bob"].count(True) == 1
    assert next(result for result in results if result.student == "cleo").ok


def test_a_zip_without_a_notebook_is_pointed_out(tmp_path, inbox):
    (inbox / "ada.zip").write_bytes(zipped({"essay/answers.docx": b"PK"}))
    assert collected(tmp_path, inbox)["ada"] == (False, "no notebook among answers.docx; ask for the .ipynb file")


def test_however_a_zip_is_damaged_it_has_a_line_and_the_others_are_collected(tmp_path, inbox, solved):
    whole = zipped({"work/hw.ipynb": "{}" * 500, "müller/notes.txt": "hm"})
    chance = random.Random(2015)
    for number in range(300):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        (inbox / f"s{number:03}.zip").write_bytes(damaged)
    put(inbox, "zz_ada", f"{UNIT}.ipynb", nbformat.writes(solved))
    results = collected(tmp_path, inbox)
    assert results["zz_ada"][0]
    assert len(results) == 301


def test_nothing_is_read_through_links(tmp_path, inbox, solved):
    secret = tmp_path / "secret.ipynb"
    secret.write_text(nbformat.writes(solved))
    (inbox / "eve").mkdir()
    (inbox / "eve" / f"{UNIT}.ipynb").symlink_to(secret)
    (inbox / "mallory").symlink_to(tmp_path)
    messages = [(result.student, result.message) for result in collect(tmp_path, UNIT, inbox)]
    assert any(student == "eve" and "is a link" in message for student, message in messages)
    assert any(student == "mallory" and "is a link" in message for student, message in messages)
    assert not (tmp_path / "submitted").exists()


def test_a_class_list_without_ids_is_refused(tmp_path):
    (tmp_path / "class.csv").write_text("name\nada\n")
    with pytest.raises(ValueError, match="no column 'id'"):
        add_students(tmp_path, tmp_path / "class.csv")


def test_a_notebook_of_format_3_is_read():
    old = {"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [], "metadata": {}}]}
    assert parse_notebook(str(old).replace("'", '"').encode(), "old.ipynb").nbformat == 4


def test_a_link_in_submitted_is_not_followed_at_grading(classroom, solved):
    folder = classroom / "submitted" / "linker" / UNIT
    folder.mkdir(parents=True)
    (classroom / "other.ipynb").write_text(nbformat.writes(solved))
    (folder / f"{UNIT}.ipynb").symlink_to(classroom / "other.ipynb")
    result = next(grade(classroom, UNIT, ["linker"]))
    assert result.state == "unreadable"
    assert "is a link" in result.notes[0]


def test_an_empty_file_is_named():
    with pytest.raises(Unreadable, match="not a notebook"):
        parse_notebook(b"", "empty.ipynb")


def test_a_file_that_may_not_be_read_or_written_stops_nobody(inbox, tmp_path, solved, lock):
    text = nbformat.writes(solved)
    lock(put(inbox, "ada", "a.ipynb", text))
    put(inbox, "ben", "b.ipynb", text)
    put(inbox, "cleo", "c.ipynb", text)
    place = tmp_path / "submitted" / "ben" / UNIT / f"{UNIT}.ipynb"
    lock(place.with_name(f".{place.name}.part"))  # it is written there first
    lines = collected(tmp_path, inbox)
    assert lines["ada"] == (False, "ada/a.ipynb could not be read: Permission denied")
    assert lines["ben"] == (False, f"{place} could not be written: Permission denied")
    assert lines["cleo"][0]


def test_of_pictures_and_data_only_the_names_are_read(inbox, tmp_path, solved, lock):
    lock(put(inbox, "ada", "holiday.mp4", "x" * 1000))
    put(inbox, "ada", "a.ipynb", nbformat.writes(solved))
    assert collected(tmp_path, inbox)["ada"][0]


def test_zips_in_a_folder_may_together_unpack_to_so_much(inbox, tmp_path, solved, monkeypatch):
    text = nbformat.writes(solved)
    monkeypatch.setattr("convcourse.grading.collect.LARGEST_ZIP", 3 * len(text.encode()))
    for number in range(5):
        put(inbox, "ada", f"{number}.zip", zipped({f"{number}.ipynb": text}))
    lines = [result.message for result in collect(tmp_path, UNIT, inbox)]
    assert any("would unpack to more than" in line for line in lines)
    assert any("3 copies, the newest counts" in line for line in lines)
