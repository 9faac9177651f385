"""Find the student of each file from the names in a learning-management system's archive."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import PurePosixPath
from zipfile import ZipInfo

from convcourse.grading.gradebook import Person
from convcourse.grading.lms.system import Sent
from convcourse.grading.lms.systems import SYSTEMS

UTF_8 = 0x800
ASIDE = "put the file into a folder named after the student's id"


def sent_as(parts: tuple[str, ...]) -> Sent | None:
    """The facts in a path of an archive, if it has a system's form; else None, for our own form of folders."""
    said = (system.sent_as(parts) for system in SYSTEMS.values() if system.sent_as)
    return next((sent for sent in said if sent), None)


def student_of(sent: Sent, people: Iterable[Person]) -> tuple[str, str]:
    """The student's id, or a line that says why no student is found. One of the two is empty.

    The number decides if the system identifies people by it and the class list has it; else the login, or else the e-mail
    address. Else the name decides. Case, accents, spaces and the order of first and last name do not matter, but the name
    must fit only one student.
    """
    system, people = sent.system, list(people)
    if not (sent.number or sent.name or sent.login):
        return "", f"was downloaded while anonymous grading was on; switch it off in {system.title} and download again"
    if system.knows_by_number and len(same := [p.id for p in people if p.lms_user_id == sent.number]) == 1:
        return same[0], ""
    by_email = [p.id for p in people if p.email and p.email.casefold() == sent.email.casefold()]
    if known := _of_login(sent, people) or by_email:
        return _only(known, "the login or address")
    # A student with another number is a different person with the same name.
    possible = [p for p in people if not (system.knows_by_number and p.lms_user_id)]
    way = "give the class list a column lms_user_id" if system.knows_by_number else ASIDE
    if found := sorted(p.id for p in possible if folded(sent.name) in names_of(p)):
        return _only(found, "the name", way)
    return (
        "",
        f"nobody in the class list has this {'name' if sent.name else 'login'}; add them with `convcourse students`, or {way}",
    )


def _of_login(sent: Sent, people: list[Person]) -> list[str]:
    """The ids of the students who may have this login: the id or the system's number of them, or what stands before an @."""
    login = sent.login.casefold()
    if not login:
        return []
    if sent.system.login_is_last:
        fitting = [p.id for p in people if login == p.id.casefold() or login.endswith(f"_{p.id.casefold()}")]
        return [name for name in fitting if len(name) == max(map(len, fitting))]
    exact = [p.id for p in people if login in (p.id.casefold(), p.lms_user_id.casefold(), p.email.casefold())]
    return exact or [p.id for p in people if login == p.email.casefold().partition("@")[0]]


def _only(found: list[str], by: str, way: str = ASIDE) -> tuple[str, str]:
    """The student who was found, if it is only one."""
    return (found[0], "") if len(found) == 1 else ("", f"{by} fits {', '.join(sorted(found))}; {way}")


def tells_more(sent: Sent) -> Callable[[Sent, bytes], list[Sent]] | None:
    """What reads this file, if the system says more of the students' files in it."""
    return sent.system.tells_more[1] if sent.tells and sent.system.tells_more else None


def is_nobodys(path: PurePosixPath) -> bool:
    """Is it a file that a system puts beside the students' work?"""
    return any(path.name in system.beside for system in SYSTEMS.values())


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
