"""Say in one line what this machine cannot do, and what to do: a full disk, a locked gradebook, a folder that is gone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC, EROFS
from pathlib import Path

from convcourse.errors import CourseError, MachineTrouble

NO_ROOM = (ENOSPC, EDQUOT, EROFS)  # for nobody's files, so there is no use in trying the next
GOES_ON = "When that is mended, the same command does the rest"
# A word in what the system or the database says -> what to do.
ADVICE = {
    "locked": "another program is writing to it (the Formgrader, a backup, a second command): let it finish, or stop it",
    "lock timeout": "another program is writing to it (the Formgrader, a backup, a second command): let it finish, or stop it",
    "full": "make room on the disk",
    "No space left": "make room on the disk",
    "quota": "make room, or ask for a larger quota",
    "Read-only": "the disk is mounted read-only: mount it for writing",
    "readonly": "make the gradebook's file and its folder writable for you",
    "Permission denied": "change its permissions, or ask its owner",
    "unable to open": "see that the class's folder is there, and that you may write into it",
    "not a database": "put its last backup in its place",
    "malformed": "put its last backup in its place",
    "disk I/O": "see that the class's folder is there, and its disk in order",
    "Connection refused": "start the database's server, or correct its address in --db or CONVCOURSE_DB",
    "closed the connection": "the database's server has stopped: start it",
    "terminating connection": "the database's server was stopped, or somebody there ended the connection",
    "starting up": "the database's server is starting: wait a moment",
    "resolve host": "connect to the network, or correct the server's name in --db or CONVCOURSE_DB",
    "does not exist": "correct the name in --db or CONVCOURSE_DB, or make it with createdb or createuser",
    "on socket": "start the database's server, or correct its address in --db or CONVCOURSE_DB",
    "password": "put the password into ~/.pgpass",
}


def in_words(error: BaseException) -> str:
    """What failed on this machine and what to do, in one line; empty if the error is something else."""
    if words := _of_the_database(error):
        return f"the gradebook cannot be used: {words}{_advice(words)}"
    if isinstance(error, OSError):
        place, words = error.filename2 or error.filename, error.strerror or str(error)  # of a copy, where it goes
        return f"{f'{place}: ' if place else ''}{words}{_advice(words)}"
    if type(error).__module__.startswith("nbgrader"):  # its own errors often come from the database's
        return in_words(error.__cause__ or error.__context__ or Exception())
    return ""


def for_the_terminal(error: Exception) -> str:
    """The same, and that the command may be run again; empty if it is a fault of the program."""
    if isinstance(error, CourseError):
        return f"{error}. {GOES_ON}" if type(error) is MachineTrouble else str(error)
    words = in_words(error)
    return f"{words}. {GOES_ON}" if is_for_all(error) else words


def failed(what: str, error: BaseException | None, otherwise: str = "") -> CourseError:
    """What to raise when `what` has failed: a MachineTrouble if the next student's would fail too.

    otherwise: what is said of an error that is not the machine's.
    """
    words = (error and in_words(error)) or otherwise
    return (MachineTrouble if error and is_for_all(error) else CourseError)(f"{what}: {words}")


def lost(folder: Path, before: os.stat_result) -> MachineTrouble | None:
    """The trouble if a folder of the class is not there any more, or closed to us.

    Where a disk is not mounted any more, there is another folder, an empty one.
    """
    if not folder.is_dir() or not os.path.samestat(folder.stat(), before):
        return MachineTrouble(f"the folder {folder} is gone: see that its disk is mounted")
    if not os.access(folder, os.R_OK | os.X_OK):
        return MachineTrouble(f"the folder {folder} may not be read: change its permissions, or ask its owner")
    return None


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


def is_for_all(error: BaseException) -> bool:
    """Would every other student's files fail in the same way?"""
    return error.errno in NO_ROOM if isinstance(error, OSError) else bool(in_words(error))


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
