"""Bring an inbox of submissions into submitted/STUDENT/UNIT/UNIT.ipynb, whatever the files are called.

An inbox is a folder, or a zip of one, with a folder or a zip for each student:

    inbox/ada/02_convolution_1d.ipynb
    inbox/ben/Copy of 02_convolution_1d (1).ipynb
    inbox/cleo.zip

Nothing in the inbox is changed. The submitted bytes are copied as they are.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from convcourse.grading.gradebook import known_students
from convcourse.grading.rebuild import answers_found, released_notebook
from convcourse.grading.submission import LARGEST_NOTEBOOK, Unreadable, parse_notebook

# A zip may unpack to this much in all; more is a bomb or a mistake.
LARGEST_ZIP = 200 * 2**20
STUDENT_ID = re.compile(r"[\w.@+-]+( [\w.@+-]+)*")


@dataclass(frozen=True)
class File:
    """A file found in the inbox. `where` is its path for messages; `time` when it was last changed (UTC)."""

    student: str
    where: str
    raw: bytes
    time: datetime

    @property
    def name(self) -> str:
        return PurePosixPath(self.where).name


@dataclass(frozen=True)
class Collected:
    """What became of one student's submission: `ok` and a line for the instructor."""

    student: str
    ok: bool
    message: str


def collect(root: Path, unit: str, inbox: Path) -> list[Collected]:
    """Collect `unit` for every student with something in the inbox; then name those who have sent nothing.

    Raises FileNotFoundError for an unknown unit.
    """
    released_notebook(unit)
    results: list[Collected] = []
    files: dict[str, list[File]] = {}
    for item in _files(inbox, results):
        files.setdefault(item.student, []).append(item)
    students = known_students(root)
    for student in sorted(files):
        results.append(_collect_one(root, unit, student, files[student], students))
    seen = {result.student for result in results}
    results += [Collected(student, False, "has sent nothing") for student in sorted(students - seen)]
    return results


def _collect_one(root: Path, unit: str, student: str, files: list[File], students: set[str]) -> Collected:
    if students and student not in students:
        return Collected(student, False, f"'{student}' is not in the class list; add them with `convcourse students`, or rename")
    if not STUDENT_ID.fullmatch(student) or student.startswith("."):
        return Collected(student, False, f"'{student}' cannot be a student's name; rename the folder")
    notebooks = [item for item in files if item.name.lower().endswith(".ipynb")]
    if not notebooks:
        return Collected(student, False, f"no notebook among {', '.join(sorted(item.name for item in files))[:200]}")
    try:
        chosen, notes = _choose(unit, notebooks)
    except Unreadable as error:
        # Kept as it came, so that nothing is lost and `grade` names it too.
        _store(root / "submitted" / student / unit, unit, max(notebooks, key=lambda item: item.time))
        return Collected(student, False, str(error))
    _store(root / "submitted" / student / unit, unit, chosen)
    return Collected(student, True, "; ".join(["collected", *notes]))


def _choose(unit: str, files: list[File]) -> tuple[File, list[str]]:
    """The file that is this unit's notebook: by its cells, the newest if there are several. Raises Unreadable."""
    release = released_notebook(unit)
    matching, reasons = [], []
    for item in files:
        try:
            found = answers_found(parse_notebook(item.raw, item.where), release)
        except Unreadable as error:
            reasons.append(str(error))
            continue
        if found:
            matching.append(item)
        else:
            reasons.append(f"{item.where} has none of the answer cells of {unit}: is it another unit's?")
    if not matching:
        raise Unreadable("; ".join(reasons))
    chosen = max(matching, key=lambda item: item.time)
    notes = [] if chosen.name == f"{unit}.ipynb" else [f"taken from '{chosen.where}'"]
    if len(matching) > 1:
        notes.append(f"{len(matching)} copies, the newest counts")
    return chosen, notes


def _store(folder: Path, unit: str, chosen: File) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{unit}.ipynb").write_bytes(chosen.raw)
    (folder / "timestamp.txt").write_text(chosen.time.strftime("%Y-%m-%d %H:%M:%S UTC"), encoding="utf-8")


def _files(inbox: Path, results: list[Collected]) -> Iterator[File]:
    """All files of all students; what cannot be opened is noted in `results`."""
    if inbox.is_file():
        yield from _zip_files(inbox.read_bytes(), inbox.name, "", results)
        return
    for entry in sorted(inbox.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            results.append(Collected(entry.name, False, "is a link; nothing is read through links"))
        elif entry.is_dir():
            yield from _folder_files(entry, results)
        elif entry.suffix.lower() == ".zip":
            yield from _zip_files(entry.read_bytes(), entry.name, entry.stem, results)
        else:
            results.append(Collected(entry.name, False, "is not in a student's folder; put it into one named after the student"))


def _folder_files(folder: Path, results: list[Collected]) -> Iterator[File]:
    for path in sorted(folder.rglob("*")):
        where = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        if ".ipynb_checkpoints" in path.parts or not path.is_file():
            continue
        if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
            results.append(Collected(folder.name, False, f"{where} is a link; nothing is read through links"))
        elif path.stat().st_size > LARGEST_NOTEBOOK:
            results.append(Collected(folder.name, False, f"{where} is larger than {LARGEST_NOTEBOOK >> 20} MB"))
        elif path.suffix.lower() == ".zip":
            yield from _zip_files(path.read_bytes(), where, folder.name, results)
        else:
            changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
            yield File(folder.name, where, path.read_bytes(), changed)


def _zip_files(raw: bytes, where: str, student: str, results: list[Collected]) -> Iterator[File]:
    """The notebooks in a zip. Without a student's name the first folder inside names the student."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except zipfile.BadZipFile:
        results.append(Collected(student or where, False, f"{where} is not a zip file, or is damaged; ask for a new copy"))
        return
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if sum(entry.file_size for entry in entries) > LARGEST_ZIP:
            results.append(Collected(student or where, False, f"{where} would unpack to more than {LARGEST_ZIP >> 20} MB"))
            return
        for entry in entries:
            parts = PurePosixPath(entry.filename).parts
            owner = student or (parts[0] if len(parts) > 1 else "")
            inside = f"{where}/{entry.filename}"
            if ".." in parts or PurePosixPath(entry.filename).is_absolute():
                results.append(Collected(owner or where, False, f"{inside} points outside its zip; not read"))
            elif not owner:
                results.append(Collected(where, False, f"{inside} is not in a student's folder"))
            elif entry.filename.lower().endswith(".ipynb") and "__MACOSX" not in parts:
                try:
                    content = _read_entry(archive, entry)
                except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
                    results.append(Collected(owner, False, f"{inside} cannot be unpacked ({error}); ask for a new copy"))
                    continue
                yield File(owner, inside, content, datetime(*entry.date_time, tzinfo=UTC))


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read one entry, but never more than its declared and allowed size: the header may lie."""
    limit = min(entry.file_size, LARGEST_NOTEBOOK)
    with archive.open(entry) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise zipfile.BadZipFile("larger than it says or than is allowed")
    return content
