"""Landlock: the kernel lets this process open only what lies below named places, whatever is mounted.

See https://docs.kernel.org/userspace-api/landlock.html. ctypes calls the kernel, because the C library has no functions for it.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
ASK_VERSION, BENEATH_PATH = 1, 1
# Kinds of access: 13 in version 1, then one more in each of versions 2 and 3.
ALL = (1 << 15) - 1
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER, TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
READ = EXECUTE | READ_FILE | READ_FOLDER
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE


def version() -> int:
    """The version of Landlock in this kernel; 0 if it has none, or may not use it."""
    return max(0, _libc().syscall(CREATE_RULESET, None, 0, ASK_VERSION))


def allow_only(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Allow this process only to read and run files below `readable`, and all below `writable`. Raises OSError.

    Folders may be listed everywhere, because much harmless code does that. The process must have no way to new
    privileges. Places that do not exist are left out.
    """
    known = ALL & ((1 << (12 + min(version(), 3))) - 1)
    ruleset = _call(CREATE_RULESET, struct.pack("=Q", known), 8, 0)
    try:
        for places, access in ((readable, READ), (writable, ALL), ("/", READ_FOLDER)):
            for place in filter(os.path.exists, places):
                _allow(ruleset, place, access & known)
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, place: str, access: int) -> None:
    opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            access &= OF_FILES
        _call(ADD_RULE, ruleset, BENEATH_PATH, struct.pack("=Qi", access, opened), 0)
    finally:
        os.close(opened)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc().syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"Landlock: {os.strerror(ctypes.get_errno())}")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
