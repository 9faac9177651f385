"""Linux walls around one student's process: namespaces, mounts, limits, no privileges.

The warm server runs inside bubblewrap, with a read-only system, no network, and no files of the
course or the home folders. This module adds further walls for each fork.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from collections.abc import Sequence
from pathlib import Path

from convcourse.sandbox.landlock import allow_only, version
from convcourse.sandbox.seccomp import filter_calls, why_no_filter
from convcourse.sandbox.users_and_sockets import FIRST_USER, GROUPS, OWN_SOCKETS, SOCKETS, USERS

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_PID, NEW_NET = 0x00020000, 0x04000000, 0x08000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x1, 0x2, 0x4, 0x20, 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 23, 24, 38
SIGKILL = 9

MEMORY = 2 * 2**30  # of a process in addition to what the warm server has mapped, and of a room beyond the warm server
PROCESSES = 128  # threads count too; a Keras fit needs about forty
FILE_SIZE = 128 * 2**20
DISK = "size=256m,mode=1777"
NOTHING = "size=4k,mode=0755"
OPEN_FILES = 256
# Limits of a room's control group, in both versions. A kernel has some of these files.
OF_GROUPS = {
    **{"memory.max": MEMORY, "memory.swap.max": 0, "memory.oom.group": 1, "memory.limit_in_bytes": MEMORY},
    "pids.max": PROCESSES,
}

_libc = ctypes.CDLL(None, use_errno=True)


def _must(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def next_child_in_new_pid_namespace() -> None:
    """Make the next fork process 1 of a new PID namespace. When it ends, all processes that it started end too."""
    next_child_in_own_pid_namespace()
    _must(_libc.unshare(NEW_PID), "new PID namespace")


def next_child_in_own_pid_namespace() -> None:
    """Make the next fork a process like this one."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        _must(_libc.setns(own, NEW_PID), "return to the own PID namespace")
    finally:
        os.close(own)


def memory_places() -> tuple[str, ...]:
    """The memory file systems of a room."""
    return os.environ["CONVCOURSE_ROOM"], "/dev/shm"


def enclose(number: int, in_sight: Sequence[str]) -> None:
    """Isolate this freshly forked process permanently. Raises OSError if any wall cannot be built.

    in_sight: the places of the system, of Python and of the course that it may read.
    """
    _must(_libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "die with the server")
    for group in Path(GROUPS).glob("*"):
        _enter(group / str(number))
    _must(_libc.unshare(NEW_MOUNTS | NEW_UTS | NEW_IPC | NEW_NET), "new namespaces")
    _must(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
    own = f"{SOCKETS}/{number}"
    if Path(own).is_dir():
        _must(_libc.mount(own.encode(), OWN_SOCKETS.encode(), None, MS_BIND, None), "own sockets")
    room = os.environ["CONVCOURSE_ROOM"]
    for place, options in (*((place, DISK) for place in memory_places()), (SOCKETS, NOTHING), (GROUPS, NOTHING)):
        _must(_libc.mount(b"tmpfs", place.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options.encode()), place)
    if room != "/tmp":
        _must(_libc.mount(None, b"/tmp", None, MS_REMOUNT | MS_BIND | MS_RDONLY, None), "read-only /tmp")
    _must(_libc.mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV, None), "/proc")
    _limit()
    _drop_privileges(FIRST_USER + number % USERS)
    if version():
        allow_only(readable=(*in_sight, "/proc"), writable=(room, "/dev", OWN_SOCKETS))
    home = Path(room, "home")
    home.mkdir()
    os.chdir(home)
    os.environ |= {"HOME": str(home), "TMPDIR": room}
    if not why_no_filter():
        filter_calls()


def leave(number: int) -> None:
    """Remove the control groups of a room whose processes have ended."""
    for group in Path(GROUPS).glob("*"):
        with contextlib.suppress(FileNotFoundError):  # its first process ended before it was enclosed
            (group / str(number)).rmdir()


def _enter(group: Path) -> None:
    group.mkdir()
    for name, value in OF_GROUPS.items():
        if (group / name).exists():
            (group / name).write_text(str(value))
    (group / "cgroup.procs").write_text("0")


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
    capability = 0
    while _libc.prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0:  # the kernel's last one is followed by an error
        _must(_libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "empty the bounding set")
        capability += 1
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
