"""Find the student of each file from the names in a learning-management system's archive."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import PurePosixPath
from zipfile import ZipInfo

from convcourse.grading.gradebook import Person
from convcourse.grading.lms.system import Sent
from convcourse.grading.lms.systems import SYSTEMS

UTF_8 = 0x800


def sent_as(parts: tuple[str, ...]) -> Sent | None:
    """The facts in a path of an archive, if it has a system's form; else None, for our own form of folders."""
    said = (system.sent_as(parts) for system in SYSTEMS.values() if system.sent_as)
    return next((sent for sent in said if sent), None)


def student_of(sent: Sent, people: Iterable[Person]) -> tuple[str, str]:
    """The student's id, or a line that says why no student is found. One of the two is empty.

    The number decides if the system identifies people by it and the class list has it. Else the name decides. Case,
    accents, spaces and the order of first and last name do not matter, but the name must fit only one student.
    """
    system, people = sent.system, list(people)
    if not sent.number:
        return "", f"was downloaded while anonymous grading was on; switch it off in {system.title} and download again"
    if system.knows_by_number and len(same := [p.id for p in people if p.lms_user_id == sent.number]) == 1:
        return same[0], ""
    # A student with another number is a different person with the same name.
    possible = [p for p in people if not (system.knows_by_number and p.lms_user_id)]
    found = sorted(p.id for p in possible if folded(sent.name) in names_of(p))
    if len(found) == 1:
        return found[0], ""
    aside = "put the file into a folder named after the student's id"
    way = "give the class list a column lms_user_id" if system.knows_by_number else aside
    if found:
        return "", f"the name fits {', '.join(found)}; {way}"
    return "", f"nobody in the class list has this name; add them with `convcourse students`, or {way}"


def folded(name: str) -> str:
    """A name without case, accents, spaces and signs: "Ångström-Ny, Zoë" -> "angstromnyzoe"."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def names_of(person: Person) -> set[str]:
    """The folded names of a student: both orders of the name, and the id."""
    first, last = folded(person.first_name), folded(person.last_name)
    return {first + last, last + first, folded(person.id)} - {""}


def path_in_zip(entry: ZipInfo) -> PurePosixPath:
    """The path of an entry, with correctly decoded letters.

    Without its flag for UTF-8, a name counts as code page 437, but many programs still write UTF-8. Macs decompose
    letters (NFD), and some Windows programs write backslashes.
    """
    name = entry.filename
    if not entry.flag_bits & UTF_8:
        with suppress(UnicodeError):  # on an error it was code page 437
            name = name.encode("cp437").decode("utf-8")
    return PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/"))
