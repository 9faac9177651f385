"""Say in one line what this machine cannot do, and what to do: a full disk, a locked gradebook, a folder that is gone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC, EROFS
from pathlib import Path

from convcourse.errors import MachineTrouble

NO_ROOM = (ENOSPC, EDQUOT, EROFS)  # for nobody's files, so there is no use in trying the next
GOES_ON = "What is recorded stays, and the same command goes on from here"
# A word in what the system or the database says -> what to do.
ADVICE = {
    "locked": "another program is writing to it (the Formgrader, a backup, a second command): let it finish, or stop it",
    "lock timeout": "another program is writing to it (the Formgrader, a backup, a second command): let it finish, or stop it",
    "full": "make room on the disk",
    "No space left": "make room on the disk",
    "quota": "make room, or ask for a larger quota",
    "Read-only": "the disk is mounted read-only: mount it for writing",
    "readonly": "make the gradebook's file and its folder writable for you",
    "Permission denied": "make it writable for you",
    "unable to open": "is the class's folder still there, and may you write into it?",
    "disk I/O": "is the class's folder still there, and its disk in order?",
}


def in_words(error: BaseException) -> str:
    """What failed on this machine and what to do, in one line; empty if the error is something else."""
    if words := _of_the_database(error):
        return f"the gradebook cannot be used: {words}{_advice(words)}"
    if isinstance(error, OSError):
        place, words = f"{error.filename}: " if error.filename else "", error.strerror or str(error)
        return f"{place}{words}{_advice(words)}"
    if type(error).__module__.startswith("nbgrader"):  # its own errors often come from the database's
        return in_words(error.__cause__ or error.__context__ or Exception())
    return ""


def gone(root: Path) -> MachineTrouble | None:
    """The trouble if a folder of the class is not there any more."""
    return None if root.is_dir() else MachineTrouble(f"the folder {root} is gone: is its disk still mounted? {GOES_ON}")


@contextmanager
def told(what: str) -> Iterator[None]:
    """Inside the block, trouble of the machine becomes a MachineTrouble that begins with `what`."""
    try:
        yield
    except MachineTrouble:
        raise
    except Exception as error:
        if words := in_words(error):
            raise MachineTrouble(f"{what}: {words}") from error
        raise


def is_for_all(error: OSError) -> bool:
    """Would every other file fail in the same way?"""
    return error.errno in NO_ROOM


def _of_the_database(error: BaseException) -> str:
    """What the gradebook's database says if it is locked, gone or damaged; empty for all other errors."""
    if "sqlalchemy" not in sys.modules:
        return ""
    from sqlalchemy.exc import DatabaseError, OperationalError

    if not isinstance(error, DatabaseError) or type(error) not in (DatabaseError, OperationalError):
        return ""
    words = str(error.orig).partition("\n")[0]
    return "" if words.startswith("no such") else words  # a wrong question is our fault


def _advice(words: str) -> str:
    return next((f"; {advice}" for word, advice in ADVICE.items() if word in words), "")
