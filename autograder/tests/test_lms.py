"""Canvas, Moodle and Blackboard: their archives come in, files that they read go out. The forms are those in docs/lms.md."""

import csv
import io
import shutil
import unicodedata
import zipfile

import nbformat
import pytest
from typer.testing import CliRunner

from convcourse.grading.collect import collect
from convcourse.grading.export import CsvExporter, as_text, export_csv
from convcourse.grading.gradebook import add_students, class_list, gradebook
from convcourse.grading.lms.archive import folded, sent_as
from convcourse.grading.lms.export import export
from convcourse.grading.lms.systems import FORMATS, SPREADSHEET, SYSTEMS
from convcourse.grading.rebuild import rebuild, released_notebook
from convcourse.operations.command_line import app
from convcourse.settings import ROOT
from tests.conftest import POINTS, UNIT

CLASS = """id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,4711
zoe,Zoë,Ångström-Ny,zoe@example.org,
kim1,Kim,Lee,kim1@example.org,
kim2,Kim,Lee,kim2@example.org,
"""


@pytest.fixture(scope="module")
def class_book(tmp_path_factory, released):
    """The gradebook of a class in which unit 02 is released. Only to be copied."""
    folder = tmp_path_factory.mktemp("people")
    shutil.copy(released / "gradebook.db", folder)
    (folder / "class.csv").write_text(CLASS, encoding="utf-8")
    add_students(folder, folder / "class.csv")
    return folder / "gradebook.db"


@pytest.fixture
def root(tmp_path, class_book):
    shutil.copy(class_book, tmp_path)
    return tmp_path


@pytest.fixture
def text(solved):
    return nbformat.writes(solved)


def zipped(path, entries):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def collected(root, inbox):
    lines = {}
    for result in collect(root, UNIT, inbox):
        lines.setdefault(result.student, []).append((result.ok, result.message))
    return {student: found[0] for student, found in lines.items() if len(found) == 1} | {"all": lines}


def handed_in(root, student):
    return (root / "submitted" / student / UNIT / f"{UNIT}.ipynb").read_text(encoding="utf-8")


# The systems


def test_readme_the_guide_and_the_command_name_every_system():
    readme, guide = ((ROOT / path).read_text(encoding="utf-8") for path in ("README.md", "docs/lms.md"))
    # A narrow terminal breaks the help into lines, a wide one does not.
    helps = [CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output for name in ("collect", "export")]
    assert f"| `{SPREADSHEET}` |" in guide
    for system in SYSTEMS.values():
        assert system.title in readme
        assert (f"| `{system.name}` |" in guide) == bool(system.columns)
        assert f"| {system.title}: " in guide, "where its forms are from"
        assert (system.name in FORMATS) == (system.name in helps[1]) == bool(system.columns)
        assert (f"{system.title}'s" in helps[0]) == (f"\n| {system.title} | `" in guide) == (system.sent_as is not None)
        assert (f"{system.title}'s" in helps[1]) == (system.own_file is not None)


# What the names say


@pytest.mark.parametrize(
    ("path", "name", "number", "file"),
    [
        (f"lovelaceada_4711_90210_{UNIT}.ipynb", "lovelaceada", "4711", f"{UNIT}.ipynb"),
        ("ångströmnyzoë_LATE_5_6_my_12_34_work.ipynb", "ångströmnyzoë", "5", "my_12_34_work.ipynb"),
        ("anon_Ab3dE_90210_hw.ipynb", "", "", "hw.ipynb"),
        ("LATE_anon_Ab3dE_90210_hw.ipynb", "", "", "hw.ipynb"),
        ("Ada Lovelace_815_assignsubmission_file_/deep/hw.ipynb", "Ada Lovelace", "815", "hw.ipynb"),
        ("Ada Lovelace_815_assignsubmission_file/hw.ipynb", "Ada Lovelace", "815", "hw.ipynb"),
        ("Ada Lovelace_815_assignsubmission_file_hw_2.ipynb", "Ada Lovelace", "815", "hw_2.ipynb"),
        ("Ada Lovelace_815_assignsubmission_file_12_34_hw.ipynb", "Ada Lovelace", "815", "12_34_hw.ipynb"),
    ],
)
def test_a_name_says_who_and_what(path, name, number, file):
    sent = sent_as(tuple(path.split("/")))
    assert (sent.name, sent.number, sent.file, sent.late) == (name, number, file, "LATE" in path)
    assert sent.system.name == ("moodle" if "assignsubmission" in path else "canvas")


@pytest.mark.parametrize(
    "path", [f"ada/{UNIT}.ipynb", f"ada/lovelaceada_1_2_{UNIT}.ipynb", f"{UNIT}.ipynb", "s_12/a_1_2_b.ipynb"]
)
def test_our_own_folders_are_not_taken_for_an_archive(path):
    assert sent_as(tuple(path.split("/"))) is None


def test_names_are_compared_without_case_accents_and_signs():
    assert folded("ÅNGSTRÖM-Ny, Zoë") == folded(unicodedata.normalize("NFD", "ångströmnyzoë")) == "angstromnyzoe"
    assert folded("Weiß") == folded("WEISS")


# Canvas


def test_an_archive_of_canvas_is_collected_by_number_and_by_name(root, text):
    archive = zipped(root / "submissions.zip", {f"byronada_4711_1_{UNIT}.ipynb": text, f"ångströmnyzoë_7_2_{UNIT}.ipynb": text})
    lines = collected(root, archive)
    assert lines["ada"] == lines["zoe"] == (True, "collected")
    assert handed_in(root, "ada") == handed_in(root, "zoe") == text


def test_the_latest_resubmission_counts_whatever_its_place_and_the_line_says_so(root, text, blank):
    old = nbformat.writes(blank)
    archive = zipped(
        root / "submissions.zip",
        {
            f"lovelaceada_4711_35_{UNIT}-2.ipynb": text,
            f"lovelaceada_4711_9_{UNIT}.ipynb": old,
            f"lovelaceada_4711_20_{UNIT}-1.ipynb": old,
        },
    )
    assert collected(root, archive)["ada"] == (True, "collected; 3 copies, the newest counts; resubmission 2")
    assert handed_in(root, "ada") == text


def test_late_work_is_noted_and_no_time_is_made_up(root, text):
    archive = zipped(root / "submissions.zip", {f"lovelaceada_LATE_4711_1_{UNIT}.ipynb": text})
    assert "LATE, says Canvas, but not by how much" in collected(root, archive)["ada"][1]
    stamp = root / "submitted" / "ada" / UNIT / "timestamp.txt"
    assert not stamp.exists()
    stamp.write_text("2026-10-03 08:00:00 UTC")
    collect(root, UNIT, archive)
    assert stamp.exists(), "the same work keeps the time that somebody wrote down"
    collect(root, UNIT, zipped(archive, {f"lovelaceada_4711_2_{UNIT}.ipynb": text + "\n"}))
    assert not stamp.exists(), "the time was that of other work"


def test_two_of_one_name_need_their_number_and_the_others_are_collected(root, text):
    archive = zipped(root / "submissions.zip", {f"leekim_8_1_{UNIT}.ipynb": text, f"lovelaceada_4711_2_{UNIT}.ipynb": text})
    lines = collected(root, archive)
    assert lines["leekim (Canvas 8)"][1].startswith("the name fits kim1, kim2; give the class list a column lms_user_id")
    assert lines["ada"][0]
    assert lines["kim1"] == (False, "has sent nothing, unless a file above that fits nobody is theirs")
    (root / "more.csv").write_text("id,lms_user_id\nkim2,8\n")
    add_students(root, root / "more.csv")
    assert collected(root, archive)["kim2"] == (True, "collected")
    assert {person.id: person.last_name for person in class_list(root)}["kim2"] == "Lee", "a later list only adds"


def test_another_of_the_same_name_is_not_taken_for_the_one_whose_number_is_known(root, text):
    archive = zipped(root / "submissions.zip", {f"lovelaceada_99_1_{UNIT}.ipynb": text})
    ok, line = collected(root, archive)["lovelaceada (Canvas 99)"]
    assert not ok
    assert "nobody in the class list has this name" in line
    assert f"lovelaceada_99_1_{UNIT}.ipynb" in line


def test_what_cannot_be_collected_has_a_line_of_its_own(root, text):
    archive = zipped(
        root / "submissions.zip",
        {
            f"anon_Ab3dE_1_{UNIT}.ipynb": text,
            "lovelaceada_4711_text.html": "<p>my answer</p>",
            "ångströmnyzoë_7_2_essay.docx": b"PK",
            "notes.txt": "hm",
        },
    )
    lines = collected(root, archive)
    assert "anonymous grading was on" in lines["anonymous (Canvas)"][1]
    assert lines["ada"] == (False, "typed text in and handed no file in; ask for the notebook")
    assert lines["zoe"] == (False, "no notebook among essay.docx; ask for the .ipynb file")
    assert "not in a student's folder" in lines["submissions.zip"][1]


def test_an_unpacked_archive_and_a_students_own_zip_are_read_too(root, text):
    inbox = root / "submissions"
    inbox.mkdir()
    (inbox / f"lovelaceada_4711_1_{UNIT}.ipynb").write_text(text)
    inner = zipped(root / "inner.zip", {f"work/{UNIT}.ipynb": text}).read_bytes()
    (inbox / "ångströmnyzoë_7_2_work.zip").write_bytes(inner)
    assert [collected(root, inbox)[student][0] for student in ("ada", "zoe")] == [True, True]
    archive = zipped(root / "again.zip", {"ångströmnyzoë_7_2_work.zip": inner, "ada/deep/work.zip": inner})
    assert [collected(root, archive)[student][0] for student in ("ada", "zoe")] == [True, True]


@pytest.mark.parametrize("form", ["{0}_1_assignsubmission_file_/hw.ipynb", "ångströmnyzoë_7_2_hw.ipynb"])
def test_an_archive_may_lie_in_the_inbox_or_in_a_folder_of_its_own(root, text, form):
    name = form.format("Zoë Ångström-Ny")
    inbox = root / "inbox"
    inbox.mkdir()
    archive = zipped(inbox / "submissions.zip", {name: text})
    assert collected(root, inbox)["zoe"][0]
    zipped(archive, {f"Course 7/{name}": text})
    assert collected(root, inbox)["zoe"][0], "as Macs zip a folder"
    assert collected(root, archive)["zoe"][0]
    archive.unlink()
    (inbox / "Course 7" / name).parent.mkdir(parents=True)
    (inbox / "Course 7" / name).write_text(text)
    assert collected(root, inbox)["zoe"][0]
    zipped(archive, {"submissions.zip": b"PK"})
    assert "unpack submissions.zip and collect what is in it" in collected(root, archive)["submissions.zip"][1]


def test_a_newer_resubmission_that_cannot_be_used_is_said(root, text):
    archive = zipped(root / "s.zip", {f"lovelaceada_4711_9_{UNIT}.ipynb": text, f"lovelaceada_4711_12_{UNIT}-1.ipynb": "{"})
    ok, line = collected(root, archive)["ada"]
    assert ok
    assert line.startswith(
        f"collected; but a newer one is passed over: s.zip/lovelaceada_4711_12_{UNIT}-1.ipynb is not a notebook"
    )


# Moodle


@pytest.mark.parametrize("form", ["{0}_815_assignsubmission_file_/hw.ipynb", "{0}_815_assignsubmission_file_hw.ipynb"])
@pytest.mark.parametrize("name", ["Zoë Ångström-Ny", "ÅNGSTRÖM-NY ZOË"])
def test_an_archive_of_moodle_is_collected_by_name(root, text, form, name):
    archive = zipped(root / "moodle.zip", {form.format(name): text})
    ok, line = collected(root, archive)["zoe"]
    assert ok, line
    assert handed_in(root, "zoe") == text


def test_moodles_number_is_never_taken_for_a_students(root, text):
    # It is drawn for each assignment: 4711 is Ada's in Canvas, and anybody's in Moodle.
    archive = zipped(root / "moodle.zip", {"Zoë Ångström-Ny_4711_assignsubmission_file_/hw.ipynb": text})
    lines = collected(root, archive)
    assert lines["zoe"][0]
    assert not lines["ada"][0]


def test_text_typed_into_moodle_is_named_not_read(root, text):
    archive = zipped(
        root / "moodle.zip",
        {
            "Ada Lovelace_1_assignsubmission_file_/hw.ipynb": text,
            "Ada Lovelace_1_assignsubmission_onlinetext_/onlinetext.html": "<p>see file</p>",
            "Zoë Ångström-Ny_2_assignsubmission_onlinetext_/onlinetext.html": "<p>my answer</p>",
        },
    )
    lines = collected(root, archive)
    assert lines["ada"][0]
    assert "text typed in beside it is not read" in lines["ada"][1]
    assert lines["zoe"] == (False, "typed text in and handed no file in; ask for the notebook")


def test_two_people_are_never_made_one(root, text):
    archive = zipped(
        root / "moodle.zip",
        {"Ada Lovelace_1_assignsubmission_file_/hw.ipynb": text, "Lovelace Ada_2_assignsubmission_file_/hw.ipynb": text},
    )
    assert collected(root, archive)["ada"] == (
        False,
        "Ada Lovelace (Moodle 1), Lovelace Ada (Moodle 2) would all be ada: put each into a folder of their own",
    )


# Names in zips


def name_as_bytes(path, name, raw):
    """A zip whose only entry has these bytes for a name, without the flag for UTF-8."""
    stand_in = "x" * len(raw)
    zipped(path, {stand_in: name})
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), raw))
    return path


@pytest.mark.parametrize(("encoding", "form"), [("utf-8", "NFC"), ("utf-8", "NFD"), ("cp437", "NFC")])
def test_letters_in_zips_are_read_as_they_were_meant(root, text, encoding, form):
    name = unicodedata.normalize(form, f"Zoë Ångström-Ny_2_assignsubmission_file_/{UNIT}.ipynb")
    archive = name_as_bytes(root / "moodle.zip", text, name.encode(encoding))
    assert collected(root, archive)["zoe"] == (True, "collected")


def test_a_students_folder_from_a_mac_fits_the_class_list(root, text):
    (root / "class.csv").write_text("id\nzoë\n", encoding="utf-8")
    add_students(root, root / "class.csv")
    inbox = root / "inbox"
    (inbox / unicodedata.normalize("NFD", "zoë")).mkdir(parents=True)
    (inbox / unicodedata.normalize("NFD", "zoë") / "hw.ipynb").write_text(text)
    assert collected(root, inbox)["zoë"][0]


# Marking without names


def test_who_wrote_the_file_is_not_in_what_the_marker_sees(solved):
    solved.metadata["authors"] = [{"name": "Ada Lovelace"}]
    solved.cells[0].metadata["author"] = "Ada Lovelace"
    rebuilt, _ = rebuild(solved, released_notebook(UNIT))
    assert "Lovelace" not in nbformat.writes(rebuilt)


# Files that go out


def give(root, student, share, unit=UNIT, penalty=None, by_hand=()):
    """Write scores into the gradebook: this share of each part's points; the parts `by_hand` are not marked yet."""
    with gradebook(root) as book:
        notebook = book.update_or_create_submission(unit, student).notebooks[0]
        for grade in notebook.grades:
            grade.auto_score = None if grade.name in by_hand else share * grade.max_score
        notebook.late_submission_penalty = penalty
        book.db.commit()


def as_rows(exported, delimiter=","):
    return list(csv.reader(io.StringIO(exported.as_bytes().decode(exported.encoding), newline=""), delimiter=delimiter))


def test_canvas_reads_its_own_columns_and_points(root):
    give(root, "ada", 1 / 3)
    give(root, "zoe", 0.0)
    exported = export(root, "canvas")
    # The head of a file that Canvas writes, read by its importer: https://github.com/instructure/canvas-lms
    header, possible, *rows = as_rows(exported)
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", UNIT]
    assert possible == ["    Points Possible", "", "", "", "", f"{POINTS:.2f}"]
    assert rows[0] == ["Lovelace, Ada", "4711", "", "ada", "", f"{POINTS / 3:.2f}"]
    assert {row[3]: row[5] for row in rows} == {"ada": f"{POINTS / 3:.2f}", "kim1": "", "kim2": "", "zoe": "0.00"}
    assert exported.as_bytes().startswith(b"Student,ID,")
    assert exported.as_bytes().decode("utf-8").splitlines()[-1].startswith('"Ångström-Ny, Zoë",')


def test_moodle_reads_names_logins_and_addresses_in_utf_8(root):
    give(root, "zoe", 0.5)
    header, *rows = as_rows(export(root, "moodle"))
    assert header == ["First name", "Last name", "Username", "ID number", "Email address", UNIT]
    assert rows[-1] == ["Zoë", "Ångström-Ny", "zoe", "", "zoe@example.org", f"{POINTS / 2:.2f}"]
    assert rows[0][-1] == ""


def test_moodle_needs_another_column_where_an_address_is_missing(root):
    (root / "more.csv").write_text("id,last_name\nnoa,Noether\n")
    add_students(root, root / "more.csv")
    assert export(root, "moodle").notes == ["noa: no e-mail address; let Moodle identify users by Username or ID number"]


def test_blackboard_reads_tabs_and_utf_16(root):
    give(root, "zoe", 1)
    exported = export(root, "blackboard")
    header, *rows = as_rows(exported, "\t")
    assert header == ["Last Name", "First Name", "Username", "Student ID", f"{UNIT} [Total Pts: {POINTS} Score]"]
    assert rows[-1] == ["Ångström-Ny", "Zoë", "zoe", "", f"{POINTS:.2f}"]
    assert exported.as_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")


@pytest.mark.parametrize("to", FORMATS)
def test_missing_work_is_blank_a_penalty_counts_and_a_formula_is_harmless(root, to):
    formula = '"=HYPERLINK(""http://x"")"'
    (root / "more.csv").write_text(f"id,first_name,last_name,email\n{formula},{formula},+1,-e@example.org\n")
    add_students(root, root / "more.csv")
    give(root, "ada", 1, penalty=2.5)
    give(root, "zoe", 0.5, penalty=9)
    exported = export(root, to)
    rows = as_rows(exported, SYSTEMS[to].delimiter if to in SYSTEMS else ",")
    column = next(number for number, name in enumerate(rows[0]) if name.startswith(UNIT))
    scores = {row[column] for row in rows[1:]} - {f"{POINTS:.2f}"}
    assert scores == ({f"{POINTS - 2.5:.2f}", "0.00", ""} if to != SPREADSHEET else {f"{POINTS - 2.5:g}", "0", ""})
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    assert to == SPREADSHEET or 'http://x"): is a formula' in exported.notes[-1]


@pytest.mark.parametrize("to", [name for name in FORMATS if name != SPREADSHEET])
def test_what_a_system_reads_back_is_exact_whatever_it_begins_with(root, to):
    (root / "more.csv").write_text("id,first_name,last_name,email,lms_user_id\n@eve,=1+1,-Ny,-e@example.org,+7\n")
    add_students(root, root / "more.csv")
    rows = as_rows(export(root, to), SYSTEMS[to].delimiter)
    (eve,) = (dict(zip(rows[0], row, strict=True)) for row in rows if {"@eve", "+7"} & set(row))
    fields = {heading: field for heading, field in SYSTEMS[to].columns.items() if field}
    exact = {"id": "@eve", "email": "-e@example.org", "lms_user_id": "+7"}
    for_people = {"first_name": "'=1+1", "last_name": "'-Ny", "sortable_name": "'-Ny, =1+1"}
    assert {heading: eve[heading] for heading in fields} == {
        heading: {**exact, **for_people}[fields[heading]] for heading in fields
    }


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        *(("=1+1", "'=1+1"), ("+1", "'+1"), ("-x", "'-x"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "\t'=1"), ("\r=1", "\r'=1")),
        *(("  =1", "  '=1"), ("＝1+1", "'＝1+1"), ("a; =1+1", "a; '=1+1"), ("\u202e=1", "�=1"), ("ab\u2066c", "ab�c")),
        *(("-1", "-1"), ("-0.25", "-0.25"), ("-1e-05", "-1e-05"), ("a-b", "a-b"), ("a = b", "a = b"), ("", "")),
    ],
)
def test_a_spreadsheet_reads_text_as_text_and_numbers_as_numbers(cell, safe):
    assert as_text(cell) == safe


def test_what_waits_for_a_mark_by_hand_is_held_back_and_said(root):
    give(root, "ada", 1, by_hand=("delta", "shift"))
    give(root, "zoe", 1, by_hand=("delta",))
    with gradebook(root) as book:
        book.find_grade("delta", UNIT, UNIT, "zoe").manual_score = 1
        book.db.commit()
    exported = export(root, "canvas")
    assert {row[3]: row[5] for row in as_rows(exported)[2:]} == {"ada": "", "kim1": "", "kim2": "", "zoe": f"{POINTS:.2f}"}
    assert exported.notes == [f"ada, {UNIT}: 2 parts wait for a mark by hand; left blank"]


def test_the_command_line_writes_the_file_and_says_the_notes_beside_it(root):
    file = root / "for_blackboard.xls"
    outcome = CliRunner().invoke(app, ["export", "--to", "blackboard", "--course", str(root), "--file", str(file)])
    assert outcome.exit_code == 0, outcome.output
    assert "Username" in file.read_bytes().decode("utf-16")
    assert "give --roster the file" in outcome.output
    outcome = CliRunner().invoke(app, ["export", "--to", "canvas", "--course", str(root)])
    assert outcome.stdout.startswith("Student,ID,")
    outcome = CliRunner().invoke(app, ["export", "--to", "ilias", "--course", str(root)])
    assert "'ilias' is not known" in outcome.output


# With the system's own file beside it

CANVAS_FILE = f"""Student,ID,SIS User ID,SIS Login ID,Section,{UNIT} (345678),Essay (345679),Current Score
,,,,,Manual Posting,,
    Points Possible,,,,,10.00,5.00,(read only)
"Lee, Kim",81,,kim1,Tuesday,3.00,5.00,80
"Lovelace, Ada",4711,S-1,al99,Monday,,4.00,
"Student, Test",99,,,Monday,,,
"Ångström-Ny, Zoë",82,,zoe@example.org,Monday,1.00,,
"""
BLACKBOARD_FILE = (
    f"Last Name\tFirst Name\tUsername\tStudent ID\tLast Access\tAvailability\t{UNIT} [Total Pts: {POINTS} Score] |2825849\n"
    "Ångström-Ny\tZoë\tzoe\t82\t2026-10-01\tYes\t1.00\nLee\tKim\tkim2\t83\t\tYes\t\n"
)


def test_canvas_gets_its_own_students_sections_and_assignment_numbers_back(root):
    give(root, "ada", 1)
    give(root, "zoe", 0)
    (root / "canvas.csv").write_text(CANVAS_FILE, encoding="utf-8-sig")
    exported = export(root, "canvas", root / "canvas.csv")
    assert as_rows(exported) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{UNIT} (345678)"],
        ["    Points Possible", "", "", "", "", f"{POINTS:.2f}"],
        ["Lee, Kim", "81", "", "kim1", "Tuesday", "3.00"],  # a score of theirs stays where we have none
        ["Lovelace, Ada", "4711", "S-1", "al99", "Monday", f"{POINTS:.2f}"],
        ["Ångström-Ny, Zoë", "82", "", "zoe@example.org", "Monday", "0.00"],
    ]
    assert exported.notes == [
        "Student, Test, 99, Monday: fits nobody in the class list, or more than one; left out",
        "kim2: not in canvas.csv; left out",
    ]


def test_blackboard_gets_its_own_column_number_back(root):
    give(root, "zoe", 0.5)
    (root / "bb.xls").write_text(BLACKBOARD_FILE, encoding="utf-16")
    exported = export(root, "blackboard", root / "bb.xls")
    assert as_rows(exported, "\t") == [
        ["Last Name", "First Name", "Username", "Student ID", f"{UNIT} [Total Pts: {POINTS} Score] |2825849"],
        ["Ångström-Ny", "Zoë", "zoe", "82", f"{POINTS / 2:.2f}"],
        ["Lee", "Kim", "kim2", "83", ""],
    ]


def test_a_unit_without_a_column_is_left_out_and_said(root):
    give(root, "ada", 1)
    (root / "canvas.csv").write_text(CANVAS_FILE.replace(UNIT, "Homework 2"), encoding="utf-8")
    exported = export(root, "canvas", root / "canvas.csv")
    assert as_rows(exported)[0][-1] == "Section"
    assert exported.notes[0] == f"{UNIT}: no column of this name in canvas.csv; left out"


def test_another_file_is_refused_in_one_line(root):
    (root / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"x.csv is not the gradebook of canvas: its first line has no column 'Student'"):
        export(root, "canvas", root / "x.csv")
    with pytest.raises(ValueError, match="leave --roster out"):
        export(root, "moodle", root / "x.csv")


def test_a_unit_that_nobody_has_a_grade_in_makes_no_column(root):
    assert as_rows(export(root, "canvas"))[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]


# The units that do not count


@pytest.fixture
def three_units(root):
    """Two more units of 4 points: one that all but Kim 2 have handed in, and one that is not graded yet."""
    with gradebook(root) as book:
        for unit in ("90_more", "91_last"):
            book.add_assignment(unit)
            book.add_notebook(unit, unit)
            book.add_grade_cell("only", unit, unit, max_score=4, cell_type="code")
    for student, first, more in (("ada", 1, 0.5), ("zoe", 0.25, 1), ("kim1", 0, 0)):
        give(root, student, first)
        give(root, student, more, "90_more")
    give(root, "kim2", 0.75)
    return root


def totals(root):
    rows = list(csv.reader(io.StringIO(export_csv(root))))
    return rows[0][-2:], {row[0]: row[-2:] for row in rows[1:]}


def test_the_lowest_units_do_not_count_when_the_class_says_so(three_units):
    assert totals(three_units)[0][-1] == "total"
    (three_units / "nbgrader_config.py").write_text("c = get_config()\nc.CsvExporter.drop_lowest = 1\n")
    header, sums = totals(three_units)
    assert header == ["total without the lowest 1", "of"]
    # By share: Ada's 2 of 4 goes, Zoë's quarter of the first unit goes, and so does the unit that Kim 2 never handed in.
    assert sums == {"ada": ["15", "15"], "zoe": ["4", "4"], "kim1": ["0", "4"], "kim2": ["11.25", "15"]}


def test_a_first_unit_counts_also_where_the_lowest_does_not(root):
    give(root, "ada", 0.5)
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.CsvExporter.drop_lowest = 2\n")
    assert totals(root)[1]["ada"] == ["7.5", "15"]


def test_stock_nbgraders_exporter_drops_them_too(three_units):
    exporter = CsvExporter(to=str(three_units / "grades.csv"), drop_lowest=1)
    with gradebook(three_units) as book:
        exporter.export(book)
    assert "total without the lowest 1,of" in (three_units / "grades.csv").read_text()
