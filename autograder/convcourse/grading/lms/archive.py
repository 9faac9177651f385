"""Whose file it is, as the names in an archive downloaded from Canvas or Moodle say.

docs/lms.md tells where these forms are from:

    Canvas    lovelaceada_LATE_4711_90210_02_convolution_1d-1.ipynb
    Moodle    Ada Lovelace_815_assignsubmission_file_/02_convolution_1d.ipynb
              Ada Lovelace_815_assignsubmission_file_02_convolution_1d.ipynb
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from zipfile import ZipInfo

from convcourse.grading.gradebook import Person

CANVAS = re.compile(
    r"(?:(?P<name>(?!LATE_|anon_).+?)_)?(?P<late>LATE_)?(?:(?P<number>\d+)|anon_\w+?)_"
    r"(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<typed>text|link)\.html)"
)
MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?")
RESUBMISSION = re.compile(r"-(\d+)(?=\.\w+$)")
UTF_8 = 0x800


@dataclass(frozen=True)
class Sent:
    """What the name of a downloaded file says.

    name: of the student, as the system writes it; empty in an anonymous download.
    number: Canvas's user id. Moodle's is drawn anew for each assignment, so it only keeps two of one name apart.
    file: what the student called it. attachment: Canvas's number of the upload; later ones are larger.
    typed: text or a link that was typed in; no file was handed in.
    """

    system: str
    name: str
    number: str
    file: str
    late: bool = False
    attachment: int = 0
    typed: bool = False

    @property
    def label(self) -> str:
        """The student in messages, as long as nobody in the class list is found."""
        return f"{self.name or 'anonymous'} ({self.system} {self.number})" if self.number else "anonymous (Canvas)"

    @property
    def resubmission(self) -> int:
        """Canvas adds -1, -2 … to a name that a student has used before; 0 for the first."""
        found = RESUBMISSION.search(self.file) if self.system == "Canvas" else None
        return int(found[1]) if found else 0

    @property
    def first_name_of_file(self) -> str:
        """What the student's file was called before Canvas put a number behind it."""
        return RESUBMISSION.sub("", self.file) if self.resubmission else self.file


def sent_as(parts: tuple[str, ...]) -> Sent | None:
    """What a path in an archive says, if it has Canvas's or Moodle's form; else None: it is a folder form of ours."""
    if found := MOODLE.fullmatch(parts[0]):
        file = parts[-1] if len(parts) > 1 else found["file"] or ""
        return Sent("Moodle", found["name"], found["number"], file, typed=found["kind"] != "file")
    found = CANVAS.fullmatch(parts[0]) if len(parts) == 1 else None
    if not found:
        return None
    late, attachment, typed = bool(found["late"]), int(found["attachment"] or 0), bool(found["typed"])
    return Sent("Canvas", found["name"] or "", found["number"] or "", found["file"] or "", late, attachment, typed)


def student_of(sent: Sent, people: Iterable[Person]) -> tuple[str, str]:
    """The student's id, or else a line that says why nobody is found: one of the two is empty.

    By Canvas's user id where the class list has it, else by the name: case, accents, spaces and the order of first and
    last name do not matter, but only one student may have it.
    """
    if not sent.number:
        return "", "was downloaded while anonymous grading was on; switch it off in Canvas and download again"
    canvas = sent.system == "Canvas"
    people = list(people)
    if canvas and len(same := [p.id for p in people if p.lms_user_id == sent.number]) == 1:
        return same[0], ""
    # Who has another number is somebody else of the same name.
    possible = [p for p in people if not (canvas and p.lms_user_id)]
    found = sorted(p.id for p in possible if folded(sent.name) in names_of(p))
    if len(found) == 1:
        return found[0], ""
    way = "give the class list a column lms_user_id" if canvas else "put the file into a folder named after the student's id"
    if found:
        return "", f"the name fits {', '.join(found)}; {way}"
    return "", f"nobody in the class list has this name; add them with `convcourse students`, or {way}"


def folded(name: str) -> str:
    """A name without case, accents, spaces and signs: "Ångström-Ny, Zoë" -> "angstromnyzoe"."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def names_of(person: Person) -> set[str]:
    """What a student may be called, folded: both orders of the name, and the id."""
    first, last = folded(person.first_name), folded(person.last_name)
    return {first + last, last + first, folded(person.id)} - {""}


def path_in_zip(entry: ZipInfo) -> PurePosixPath:
    """The path of an entry, with the letters that were meant.

    Without its flag for UTF-8 a name counts as code page 437; many programs write UTF-8 all the same. Macs take letters
    apart (NFD), and some Windows programs write backslashes.
    """
    name = entry.filename
    if not entry.flag_bits & UTF_8:
        with suppress(UnicodeError):  # then it was code page 437
            name = name.encode("cp437").decode("utf-8")
    return PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/"))
