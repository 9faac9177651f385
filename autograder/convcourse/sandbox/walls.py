"""Linux walls around one student's process: namespaces, mounts, limits, no privileges.

The warm server runs inside bubblewrap, with a read-only system, no network, and no files of the
course or the home folders. This module adds further walls for each fork.
"""

from __future__ import annotations

import ctypes
import os
import resource
from pathlib import Path

from convcourse.sandbox.users_and_sockets import FIRST_USER, OWN_SOCKETS, SOCKETS, USERS

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_PID, NEW_NET = 0x00020000, 0x04000000, 0x08000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x1, 0x2, 0x4, 0x20, 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
SIGKILL = 9

MEMORY = 2 * 2**30  # in addition to the memory that the warm server has mapped already
PROCESSES = 128  # threads count too; a Keras fit needs about forty
FILE_SIZE = 128 * 2**20
DISK = "size=256m"
OPEN_FILES = 256

_libc = ctypes.CDLL(None, use_errno=True)


def _must(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def next_child_in_new_pid_namespace() -> None:
    """Make the next fork process 1 of a new PID namespace. When it ends, all processes that it started end too."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        _must(_libc.setns(own, NEW_PID), "return to the own PID namespace")
    finally:
        os.close(own)
    _must(_libc.unshare(NEW_PID), "new PID namespace")


def enclose(number: int) -> None:
    """Isolate this freshly forked process permanently. Raises OSError if any wall cannot be built."""
    _must(_libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "die with the server")
    _must(_libc.unshare(NEW_MOUNTS | NEW_UTS | NEW_IPC | NEW_NET), "new namespaces")
    _must(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
    own = f"{SOCKETS}/{number}"
    if Path(own).is_dir():
        _must(_libc.mount(own.encode(), OWN_SOCKETS.encode(), None, MS_BIND, None), "own sockets")
    room = os.environ["CONVCOURSE_ROOM"]
    for place in (room, "/dev/shm", SOCKETS):
        _must(_libc.mount(b"tmpfs", place.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, DISK.encode() + b",mode=1777"), place)
    if room != "/tmp":
        _must(_libc.mount(None, b"/tmp", None, MS_REMOUNT | MS_BIND | MS_RDONLY, None), "read-only /tmp")
    _must(_libc.mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV, None), "/proc")
    _limit()
    _drop_privileges(FIRST_USER + number % USERS)
    home = Path(room, "home")
    home.mkdir()
    os.chdir(home)
    os.environ |= {"HOME": str(home), "TMPDIR": room}


def _limit() -> None:
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for kind, value in (
        (resource.RLIMIT_AS, mapped + MEMORY),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def _drop_privileges(user: int) -> None:
    """Drop root (if it is the real root) and every capability, without a way back."""
    if _is_real_root():
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _must(_libc.capset(header, nothing), "drop capabilities")
    _must(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    # Changing the user clears the parent-death signal, so it is set once more.
    _must(_libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "die with the server")


def _is_real_root() -> bool:
    """Are all user ids mapped here? In bubblewrap's user namespace only one id is mapped."""
    return os.getuid() == 0 and int(Path("/proc/self/uid_map").read_text().split()[2]) > 1
