"""Copy an inbox of submissions into submitted/STUDENT/UNIT/UNIT.ipynb. The files may have any name.

An inbox is a folder, or a zip of one, with a folder or a zip for each student:

    inbox/ada/02_convolution_1d.ipynb
    inbox/ben/Copy of 02_convolution_1d (1).ipynb
    inbox/cleo.zip

It may also be, or contain, an archive from a learning-management system, zipped or unpacked (`lms/archive.py`). Collecting
changes nothing in the inbox and copies the submitted bytes unchanged.

Whoever makes a file or a zip can set its dates. So work is handed in when it is first collected, unless the instructor trusts
the dates. A system's archive has no times.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath

from convcourse.authoring.own_course import release_folder
from convcourse.errors import MachineTrouble
from convcourse.grading.class_folder import TIMESTAMP, ClassFolder, may_be_a_student, notebook_in
from convcourse.grading.gradebook import Person, class_list, due_date
from convcourse.grading.groups import Groups, groups_of, members_of
from convcourse.grading.lms.archive import is_nobodys, path_in_zip, sent_as, student_of, tells_more
from convcourse.grading.lms.system import Sent
from convcourse.grading.lms.systems import SYSTEMS
from convcourse.grading.machine_trouble import in_words, is_for_all, lost
from convcourse.grading.rebuild import OfAnotherUnit, parse_of_unit, released_notebook
from convcourse.grading.submission import LARGEST_MODULE, LARGEST_NOTEBOOK, MODULE, MOST_MODULES, Unreadable
from convcourse.grading.whole_files import write_whole
from convcourse.grading.zones import as_written, class_zone, in_utc, shown
from convcourse.texts import Line, clean

# The limit for a student's unpacked files in a zip. More is a zip bomb or a mistake.
LARGEST_ZIP = 200 * 2**20
NOW = "the moment of collecting"
STAYS = "what was collected before stays"
TELLING = {system.tells_more[0] for system in SYSTEMS.values() if system.tells_more}


@dataclass(frozen=True)
class File:
    """A file found in the inbox. where: its path for messages. date: of its last change (UTC), as it says.

    sent: the facts in its name, for a learning-management system's archive. Then `date` is the date of the archive.
    group: whose member the student is, if the group handed it in.
    """

    student: str
    where: str
    raw: bytes
    date: datetime
    sent: Sent | None = None
    group: str = ""

    @property
    def name(self) -> str:
        return self.sent.first_name_of_file if self.sent else PurePosixPath(self.where).name

    @property
    def age(self) -> tuple[int, int, datetime]:
        """A key that grows with each upload. A system may number all uploads, and also the uploads of one name."""
        return (self.sent.attachment, self.sent.resubmission, self.date) if self.sent else (0, 0, self.date)


@dataclass(frozen=True)
class Collected:
    """The result of collecting one student's submission: `ok` and a line for the instructor.

    handed_in: how its time of handing in is known.
    """

    student: Line
    ok: bool
    message: Line
    handed_in: str = ""


def collect(root: Path, unit: str, inbox: Path, file_dates: bool = False) -> list[Collected]:
    """Collect `unit` for every student with files in the inbox. Then list the students who have sent nothing.

    file_dates: in an inbox of one's own, each file was handed in when its date says; else when it is first collected.
    Raises CourseError for an unknown unit, and MachineTrouble if nobody's work can be written.
    """
    released_notebook(unit, release_folder(root))
    results: list[Collected] = []
    people, place = class_list(root), root.stat()
    known = {unicodedata.normalize("NFC", person.id) for person in people}
    found = _with_what_is_told(list(_files(inbox, known, results)), class_zone(root), results)
    found = list(_for_each_member(found, groups_of(root, unit), {person.id for person in people}))
    files, unknown = _by_student(found, people)
    results += unknown
    students = {person.id for person in people}
    for student in sorted(files):
        if trouble := lost(root, place):
            raise trouble  # a write would make the folder anew
        try:
            results.append(_collect_one(root, unit, student, files[student], students, file_dates))
        except OSError as error:
            if is_for_all(error):
                raise MachineTrouble(f"collecting stopped at {student}: {in_words(error)}") from error
            results.append(_told(student, False, f"{error.filename} could not be written: {error.strerror}"))
    seen = {result.student for result in results}
    nothing = "has sent nothing" if not unknown else "has sent nothing, unless a file above that fits nobody is theirs"
    for student in sorted(students - seen):
        earlier = _submitted(root, student, unit).exists()
        results.append(_told(student, False, f"nothing here; {STAYS}" if earlier else nothing))
    return results


def times_of_handing_in(root: Path, unit: str, results: Iterable[Collected]) -> list[str]:
    """How the times of handing in are known, for the instructor; and what to do if this makes work late that was not."""
    counts = Counter(result.handed_in for result in results if result.handed_in)
    if not counts:
        return []
    lines = ["time of handing in: " + "; ".join(f"{known} ({count})" for known, count in counts.items())]
    due = due_date(root, unit)
    if counts[NOW] and due and due < datetime.now(UTC).replace(tzinfo=None):
        lines.append(
            f"the due date was {shown(due, class_zone(root))}, so what is collected now is late; if it came earlier, collect "
            f"again with --file-dates, or write the time into submitted/STUDENT/{unit}/{TIMESTAMP}"
        )
    return lines


def _told(student: str, ok: bool, message: str, handed_in: str = "") -> Collected:
    return Collected(clean(student), ok, clean(message), handed_in)


def _submitted(root: Path, student: str, unit: str) -> Path:
    return notebook_in(ClassFolder(root).submitted(student, unit))


def _with_what_is_told(files: list[File], zone: tzinfo, results: list[Collected]) -> list[File]:
    """The files, with what other files of a system's archive say of them: who sent them, and when. Each has its true date."""
    told: dict[tuple[str, str], list[Sent]] = {}
    for item in files:
        if item.sent and (reads := tells_more(item.sent)):
            try:
                for sent in reads(item.sent, item.raw):
                    told.setdefault(sent.key, []).append(sent)
            except ValueError as error:
                results.append(_told(item.where, False, f"cannot be read: {error}"))
    found = []
    for item in files:
        if not item.sent:
            found.append(item)
        elif not tells_more(item.sent):
            for more in told.get(item.sent.key, [item.sent]):  # one for each who handed it in together
                who = replace(more, file=item.sent.file, typed=item.sent.typed)
                date = item.date if who.handed_in is None else in_utc(who.handed_in, zone)
                found.append(replace(item, sent=who, date=date))
    return found


def _for_each_member(files: Iterable[File], groups: Groups, students: set[str]) -> Iterator[File]:
    """The files, and for one that a group handed in a copy for each member."""
    for item in files:
        name = item.sent.name if item.sent else item.student
        members = members_of(name, groups, students) if name else ()
        yield from (replace(item, student=member, group=name) for member in members) if members else [item]


def _by_student(files: Iterable[File], people: list[Person]) -> tuple[dict[str, list[File]], list[Collected]]:
    """Student's id -> files, and a line for each of a system's students who cannot be identified."""
    ids = {unicodedata.normalize("NFC", person.id): person.id for person in people}
    folded = Counter(map(str.casefold, ids))
    in_other_case = {plain.casefold(): real for plain, real in ids.items() if folded[plain.casefold()] == 1}
    found: dict[str, list[File]] = {}
    labels: dict[str, set[tuple[bool, str]]] = {}
    unknown: dict[str, tuple[str, list[str]]] = {}
    for item in files:
        if item.group:
            found.setdefault(item.student, []).append(item)
            continue
        if item.sent:
            student, trouble = student_of(item.sent, people)
            if trouble:
                unknown.setdefault(item.sent.label, (trouble, []))[1].append(item.where)
                continue
            label = item.sent.label
        else:
            label = plain = unicodedata.normalize("NFC", item.student)
            student = ids.get(plain) or in_other_case.get(plain.casefold(), plain)
        found.setdefault(student, []).append(replace(item, student=student))
        labels.setdefault(student, set()).add((item.sent is None, label))
    lines = [_told(label, False, f"{trouble} ({', '.join(where)})") for label, (trouble, where) in sorted(unknown.items())]
    for student, called in labels.items():  # a name in a system's archive and one of a folder may be one person's
        if len({own for own, _ in called}) < len(called):
            names = ", ".join(sorted(label for _, label in called))
            lines.append(_told(student, False, f"{names} would all be {student}: put each into a folder of their own"))
            del found[student]
    return found, lines


def _collect_one(root: Path, unit: str, student: str, files: list[File], students: set[str], file_dates: bool) -> Collected:
    if students and student not in students:
        return _told(student, False, f"'{student}' is not in the class list; add them with `convcourse students`, or rename")
    if not may_be_a_student(student):
        return _told(student, False, f"'{student}' cannot be a student's name; rename the folder")
    handed_in = [item for item in files if not (item.sent and item.sent.typed)]
    beside = any(item.sent and item.sent.typed and not item.sent.system.receipts for item in files)
    typed = ["text typed in beside it is not read"] if beside else []
    notebooks = [item for item in handed_in if _may_be_notebook(item.name)]
    if not handed_in:
        return _told(student, False, "typed text in and handed no file in; ask for the notebook")
    if not notebooks:
        names = ", ".join(sorted(item.name for item in handed_in))[:200]
        return _told(student, False, f"no notebook among {names}; ask for the .ipynb file")
    place = _submitted(root, student, unit)
    try:
        chosen, notes = _choose(root, unit, notebooks)
    except Unreadable as error:
        newest = max(notebooks, key=lambda item: item.age)
        if place.exists() and place.read_bytes() != newest.raw:
            return _told(student, False, f"{error}; {STAYS}")
        if not isinstance(error, OfAnotherUnit):
            _store(place, newest, {}, file_dates)  # unchanged, so that `grade` reports it too
        return _told(student, False, str(error))
    modules = _modules_with(chosen, handed_in)
    time_known = _store(place, chosen, modules, file_dates)
    notes += [f"with {', '.join(sorted(modules))}"] if modules else []
    return _told(student, True, "; ".join(["collected", *notes, *typed]), time_known)


def _choose(root: Path, unit: str, files: list[File]) -> tuple[File, list[str]]:
    """This unit's notebook among the files, found by its cells; the newest if there are several. Raises Unreadable."""
    release = released_notebook(unit, release_folder(root))
    matching: list[File] = []
    troubles: list[tuple[File, Unreadable]] = []
    for item in files:
        try:
            parse_of_unit(item.raw, item.where, unit, release)
        except Unreadable as error:
            troubles.append((item, error))
        else:
            matching.append(item)
    if not matching:
        of_another = all(isinstance(error, OfAnotherUnit) for _, error in troubles)
        raise (OfAnotherUnit if of_another else Unreadable)("; ".join(str(error) for _, error in troubles))
    chosen = max(matching, key=lambda item: (item.age, len(item.where), item.where))  # "unit (2).ipynb" after "unit.ipynb"
    notes = [] if chosen.name == f"{unit}.ipynb" else [f"taken from '{chosen.where}'"]
    notes += [f"handed in by {chosen.group}"] if chosen.group else []
    if len(matching) > 1:
        notes.append(f"{len(matching)} copies, the newest counts")
        if others := [f"'{item.where}'" for item in matching if item.age == chosen.age and item.raw != chosen.raw]:
            notes.append(f"of the same date and not the same: {', '.join(others)}; take out what should not count")
    # Folders of our own may hold the notebooks of all units.
    newer = [error for item, error in troubles if item.age > chosen.age and (item.sent or not isinstance(error, OfAnotherUnit))]
    notes += [f"but a newer one is passed over: {error}" for error in newer]
    if chosen.sent and chosen.sent.resubmission:
        notes.append(f"resubmission {chosen.sent.resubmission}")
    if chosen.sent and chosen.sent.late:
        place = f"submitted/{chosen.student}/{unit}/{TIMESTAMP}"
        notes.append(f"LATE, says {chosen.sent.system.title}, but not by how much: write the time into {place}")
    return chosen, notes


def _may_be_notebook(name: str) -> bool:
    """Some browsers and mail programs add an ending: "unit.ipynb.txt", "unit.ipynb.json"."""
    return ".ipynb" in name.lower()


def _is_read(name: str) -> bool:
    """Of other files than notebooks, `.py` files and what tells more of them only the names are needed."""
    return _may_be_notebook(name) or name.lower().endswith(".py") or name in TELLING


def _modules_with(chosen: File, files: list[File]) -> dict[str, bytes]:
    """Name -> bytes of the `.py` files that were handed in beside the notebook, which it may import."""
    beside = [item for item in files if item.sent or PurePosixPath(item.where).parent == PurePosixPath(chosen.where).parent]
    fitting = [item for item in beside if MODULE.fullmatch(item.name) and len(item.raw) <= LARGEST_MODULE]
    return {item.name: item.raw for item in sorted(fitting, key=lambda item: item.age)[-MOST_MODULES:]}


def _store(notebook: Path, chosen: File, modules: Mapping[str, bytes], file_dates: bool) -> str:
    """Write the notebook, the `.py` files beside it, and the time when it was handed in. Returns how this time is known.

    The time stays as long as the work is the same, also a time that a person wrote.
    """
    notebook.parent.mkdir(parents=True, exist_ok=True)
    timestamp = notebook.with_name(TIMESTAMP)
    same = _bytes_of([notebook, *notebook.parent.glob("*.py")]) == {notebook.name: chosen.raw, **modules}
    if chosen.sent and not chosen.sent.handed_in:
        known = f"not known, {chosen.sent.system.title}'s archive does not say"
        if not same:
            timestamp.unlink(missing_ok=True)
    elif chosen.sent:
        known = f"what {chosen.sent.system.title}'s archive says"
        _write(timestamp, as_written(chosen.date).encode())
    elif same and timestamp.exists() and not file_dates:
        known = "as before, the work is the same"
    else:
        known = "the date of the file" if file_dates else NOW
        time = chosen.date if file_dates else datetime.now(UTC)
        _write(timestamp, as_written(time).encode())
    _write(notebook, chosen.raw)
    for old in notebook.parent.glob("*.py"):
        if old.name not in modules:
            old.unlink()
    for name, raw in modules.items():
        _write(notebook.with_name(name), raw)
    return known


def _write(path: Path, raw: bytes) -> None:
    """Write a file, unless it has this content: its date says when the work came."""
    if not path.is_file() or path.read_bytes() != raw:
        write_whole(path, raw)


def _bytes_of(files: Iterable[Path]) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in files if file.is_file()}


def _files(inbox: Path, known: set[str], results: list[Collected]) -> Iterator[File]:
    """All files of all students. known: ids in the class list. A file that cannot be opened gets a line in `results`."""
    if inbox.is_file():
        yield from _zip_files(inbox.read_bytes(), inbox.name, "", known, results, Counter())
        return
    for entry in sorted(inbox.iterdir()):
        if entry.name.startswith(".") or is_nobodys(PurePosixPath(entry.name)):
            continue
        try:
            yield from _entry_files(entry, known, results)
        except OSError as error:
            results.append(_told(entry.name, False, f"{error.filename or entry.name} could not be read: {error.strerror}"))


def _entry_files(entry: Path, known: set[str], results: list[Collected]) -> Iterator[File]:
    """The files of one folder, zip or file in the inbox. Raises OSError."""
    name = unicodedata.normalize("NFC", entry.name)
    sent = None if name in known else sent_as((name,))
    if entry.is_symlink():
        results.append(_told(entry.name, False, "is a link; nothing is read through links"))
    elif entry.is_dir() and not sent and _is_archive(entry.name, [path.name for path in entry.iterdir()], known):
        yield from _files(entry, known, results)
    elif entry.is_dir():
        yield from _folder_files(entry, sent, results)
    elif entry.suffix.lower() == ".zip":
        raw, student = entry.read_bytes(), sent.label if sent else entry.stem
        whose = "" if not sent and _is_archive(student, _top_names(raw, known), known) else student
        yield from _zip_files(raw, entry.name, whose, known, results, Counter(), sent)
    elif sent and entry.stat().st_size > LARGEST_NOTEBOOK:
        results.append(_told(sent.label, False, f"{entry.name} is larger than {LARGEST_NOTEBOOK >> 20} MB"))
    elif sent:
        yield File(sent.label, entry.name, entry.read_bytes(), _changed(entry), sent)
    else:
        results.append(_told(entry.name, False, "is not in a student's folder; put it into one named after the student"))


def _is_archive(name: str, inside: Iterable[str], known: set[str]) -> bool:
    """Is it a system's unchanged archive in the inbox? Then its name is not the id of a student in the class."""
    names = [unicodedata.normalize("NFC", each) for each in inside if not each.startswith(".")]
    names = [each for each in names if not is_nobodys(PurePosixPath(each))]
    return bool(known and names) and name not in known and all(sent_as((each,)) for each in names)


def _folder_files(folder: Path, sent: Sent | None, results: list[Collected]) -> Iterator[File]:
    student = sent.label if sent else folder.name
    sizes: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        where = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        if ".ipynb_checkpoints" in path.parts or not path.is_file():
            continue
        inside = (folder.name, *path.relative_to(folder).parts)
        theirs = sent_as(tuple(unicodedata.normalize("NFC", part) for part in inside)) if sent else None
        if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
            results.append(_told(student, False, f"{where} is a link; nothing is read through links"))
        elif path.stat().st_size > LARGEST_NOTEBOOK:
            results.append(_told(student, False, f"{where} is larger than {LARGEST_NOTEBOOK >> 20} MB"))
        elif path.suffix.lower() == ".zip":
            yield from _zip_files(path.read_bytes(), where, student, set(), results, sizes, theirs)
        else:
            try:
                raw = path.read_bytes() if _is_read(path.name) else b""
            except OSError as error:
                results.append(_told(student, False, f"{where} could not be read: {error.strerror}"))
                continue
            yield File(student, where, raw, _changed(path), theirs)


def _zip_files(
    raw: bytes, where: str, student: str, known: set[str], results: list[Collected], sizes: Counter[str], sent: Sent | None = None
) -> Iterator[File]:
    """The files in a zip. If `student` is empty, the paths inside name the students, and their zips are opened too.

    sizes: student -> bytes that were unpacked of all zips so far.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except Exception:  # zipfile raises many kinds for damaged files
        results.append(_told(student or where, False, f"{where} is not a zip file, or is damaged; ask for a new copy"))
        return
    with archive:
        for entry, path in _entries(archive, known):
            parts = path.parts
            theirs = replace(sent, file=path.name) if sent else None
            if parts and not student and not sent and parts[0] not in known:
                theirs = sent_as(parts)
            owner = student or (theirs.label if theirs else parts[0] if len(parts) > 1 else "")
            inside = f"{where}/{path}"
            before = sizes[owner]
            sizes[owner] += entry.file_size
            if ".." in parts or path.is_absolute():
                results.append(_told(owner or where, False, f"{inside} points outside its zip; not read"))
            elif not owner:
                zipped = path.suffix.lower() == ".zip"
                advice = f"; unpack {where} and collect what is in it" if zipped else "; put it into one named after the student"
                results.append(_told(where, False, f"{inside} is not in a student's folder{advice}"))
            elif sizes[owner] > LARGEST_ZIP:
                if before <= LARGEST_ZIP:  # report it only once
                    message = f"{where} would unpack to more than {LARGEST_ZIP >> 20} MB"
                    results.append(_told(owner, False, message))
            else:
                yield from _zip_entry(
                    archive, entry, inside, File(owner, inside, b"", _time(entry), theirs), student, results, sizes
                )


def _entries(archive: zipfile.ZipFile, known: set[str]) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The files in a zip and their paths. A single outer folder, made by zipping a folder, is removed from the paths."""
    files = [(entry, path_in_zip(entry)) for entry in archive.infolist() if not entry.filename.endswith("/")]
    files = [(entry, path) for entry, path in files if not {"__MACOSX", ".ipynb_checkpoints", ".DS_Store"} & set(path.parts)]
    for depth in (1, 2):
        around = {path.parts[:depth] for _, path in files}
        if not known or len(around) != 1 or known & set(*around) or sent_as(*around):
            break
        below = {path.parts[depth:] for _, path in files}
        if any(parts and (parts[0] in known or sent_as(parts)) for parts in below):
            files = [(entry, PurePosixPath(*path.parts[depth:])) for entry, path in files]
            break
    return [(entry, path) for entry, path in files if not is_nobodys(path)]


def _top_names(raw: bytes, known: set[str]) -> set[str]:
    """The top-level names in a zip; empty for a file that is no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return {path.parts[0] for _, path in _entries(archive, known) if path.parts}
    except Exception:  # many kinds, as above
        return set()


def _zip_entry(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    inside: str,
    file: File,
    student: str,
    results: list[Collected],
    sizes: Counter[str],
) -> Iterator[File]:
    """One file of a zip."""
    zipped = inside.lower().endswith(".zip") and not student
    if not zipped and not _is_read(PurePosixPath(inside).name):
        yield file
        return
    try:
        content = _read_entry(archive, entry)
    except Exception as error:  # many kinds, as above
        results.append(_told(file.student, False, f"{inside} cannot be unpacked ({error}); ask for a new copy"))
        return
    if zipped:
        yield from _zip_files(content, inside, file.student, set(), results, sizes, file.sent)
    else:
        yield replace(file, raw=content)


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def _time(entry: zipfile.ZipInfo) -> datetime:
    """The last change of an entry. Zips have local time, read in this machine's time zone, and may have invalid dates."""
    try:
        return datetime(*entry.date_time).astimezone(UTC)
    except ValueError:
        return datetime(1980, 1, 1, tzinfo=UTC)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read one entry, but never more than its declared and allowed size, because the header may be false."""
    limit = min(entry.file_size, LARGEST_NOTEBOOK)
    with archive.open(entry) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise zipfile.BadZipFile("larger than it says or than is allowed")
    return content
