"""A filter of system calls for a room: a small program in the language of the kernel's packet filters (BPF).

It stays for ever, and holds for all processes that the room starts. A call that it refuses returns an error and
harms nobody. See https://docs.kernel.org/userspace-api/seccomp_filter.html and the kernel's tables of call numbers.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

PR_GET_SECCOMP, PR_SET_SECCOMP, MODE_FILTER = 21, 22, 2
ALLOW, ERROR = 0x7FFF0000, 0x00050000
# Instructions: load a word of the call's data, compare it with a constant, keep some of its bits, end.
LOAD, IF_EQUAL, IF_AT_LEAST, IF_ANY_BIT, KEEP_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
NUMBER, ARCHITECTURE = 0, 4  # places in the call's data; the low words of the arguments follow from 16 on
X32 = 0x40000000  # the first number of x86-64's second set of calls

AUDIT_NAMES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Numbers on x86_64 and on aarch64 of calls that no notebook needs.
REFUSED = {
    # memory that belongs to no process and no file system
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447)},
    **{"shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186)},
    # parts of the kernel with many errors in the past
    **{"io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427)},
    **{"userfaultfd": (323, 282), "bpf": (321, 280), "perf_event_open": (298, 241)},
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
    # other processes
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438)},
    # other views of the system
    **{"unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41)},
    **{"mount": (165, 40), "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429), "mount_setattr": (442, 442)},
    **{"fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433)},
    **{"name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265)},
}
# clone is refused with a new namespace, and clone3 always, because its flags cannot be read here (libraries then use clone).
CLONE, CLONE3, NEW_NAMESPACE = (56, 220), (435, 435), 0x7E020000
# mmap of memory that is shared and has no file: it can be kept without being counted.
MMAP, SHARED_WITHOUT_FILE = (9, 222), 0x21
# Sockets between the room's own processes only. Others, such as those of virtual machines, are in no network namespace.
SOCKET, FAMILIES = (41, 198), (1, 2, 10, 16)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def filter_program(machine: str) -> bytes:
    """The filter for a machine in AUDIT_NAMES, as BPF instructions of eight bytes."""
    here = list(AUDIT_NAMES).index(machine)
    unknown, refused = ERROR | errno.ENOSYS, ERROR | errno.EPERM
    lines = [
        # A program for another architecture has other numbers.
        *((LOAD, 0, 0, ARCHITECTURE), (IF_EQUAL, 1, 0, AUDIT_NAMES[machine]), (RETURN, 0, 0, unknown)),
        *((LOAD, 0, 0, NUMBER), (IF_AT_LEAST, 0, 1, X32), (RETURN, 0, 0, unknown)),
    ]
    for numbers in REFUSED.values():
        lines += [(IF_EQUAL, 0, 1, numbers[here]), (RETURN, 0, 0, refused)]
    lines += [(IF_EQUAL, 0, 1, CLONE3[here]), (RETURN, 0, 0, unknown)]
    # For the calls below an argument decides. A jump of 0, n goes on if the comparison holds, and else skips n lines.
    lines += [(IF_EQUAL, 0, 4, CLONE[here]), _argument(0), (IF_ANY_BIT, 0, 1, NEW_NAMESPACE)]
    lines += [(RETURN, 0, 0, refused), (RETURN, 0, 0, ALLOW)]
    lines += [(IF_EQUAL, 0, 5, MMAP[here]), _argument(3), (KEEP_BITS, 0, 0, SHARED_WITHOUT_FILE)]
    lines += [(IF_EQUAL, 0, 1, SHARED_WITHOUT_FILE), (RETURN, 0, 0, refused), (RETURN, 0, 0, ALLOW)]
    lines += [(IF_EQUAL, 0, len(FAMILIES) + 2, SOCKET[here]), _argument(0)]
    lines += [(IF_EQUAL, len(FAMILIES) - number, 0, family) for number, family in enumerate(FAMILIES)]
    lines += [(RETURN, 0, 0, ERROR | errno.EAFNOSUPPORT), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _argument(number: int) -> tuple[int, int, int, int]:
    return LOAD, 0, 0, 16 + 8 * number


def why_no_filter() -> str:
    """The reason why this machine cannot filter system calls; empty if it can."""
    if platform.machine() not in AUDIT_NAMES:
        return f"no filter of system calls is known for {platform.machine()}"
    known = ctypes.CDLL(None).prctl(PR_GET_SECCOMP, 0, 0, 0, 0) in (0, MODE_FILTER)
    return "" if known else "this Linux cannot filter system calls"


def filter_calls() -> None:
    """Filter the system calls of this process from now on. It must have no way to new privileges. Raises OSError."""
    program = filter_program(platform.machine())
    loaded = _Program(len(program) // 8, program)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(loaded), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "filter of system calls")
