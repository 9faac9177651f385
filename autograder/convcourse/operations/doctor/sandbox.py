"""The doctor's examination of the sandbox for student code."""

from __future__ import annotations

import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from convcourse.operations.doctor.sign import BAD, GOOD, INSTALL, NOTE, Sign
from convcourse.sandbox.control_groups import make_groups, remove_groups
from convcourse.sandbox.landlock import version
from convcourse.sandbox.seccomp import why_no_filter
from convcourse.sandbox.sight import InSight, refuse_in_sight

if TYPE_CHECKING:
    from convcourse.sandbox.room import Room

INSTALLERS = {
    "apt-get": "sudo apt install",
    "dnf": "sudo dnf install",
    "pacman": "sudo pacman -S",
    "zypper": "sudo zypper install",
}
# Linux settings that forbid namespaces to ordinary users: file, the forbidding value, the solution.
SWITCHES = (
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"),
    ("kernel/unprivileged_userns_clone", "0", "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "sudo sysctl -w user.max_user_namespaces=15000"),
)


def sandbox_lines() -> Iterator[Sign]:
    from convcourse.sandbox.client import why_no_sandbox

    if reason := why_no_sandbox():
        advice = sandbox_advice(reason)
        known = reason.partition(" (")[0] if "not installed" in reason else reason  # the advice on how to install it follows
        yield Sign(NOTE, f"no sandbox: {known}. Grading works, but student code runs with your rights. {advice}")
        return
    from convcourse.grading.judge import NOTEBOOK_SECONDS
    from convcourse.grading.running_notebook import CELL_SECONDS
    from convcourse.sandbox.walls import FILE_SIZE, MEMORY, PROCESSES

    limits = f"{MEMORY / 2**30:g} GB of memory, {PROCESSES} processes, {FILE_SIZE >> 20} MB a file"
    times = f"{CELL_SECONDS:g} s of computing a cell, {NOTEBOOK_SECONDS:g} s a notebook (more in units that train)"
    yield Sign(GOOD, f"sandbox: student code has no network, none of your files, no other processes; {limits}; {times}")
    yield from wall_lines()


def wall_lines() -> Iterator[Sign]:
    """Which of the walls that not every Linux has are in force here."""
    groups = make_groups()
    remove_groups(groups)
    counted = "by the kernel, in control groups" if groups else "by a watch, every 50 ms (control groups cannot be had here)"
    yield Sign(GOOD, f"the memory of all processes of a student together is counted {counted}")
    no_filter = why_no_filter()
    yield Sign(NOTE if no_filter else GOOD, no_filter or "a filter refuses system calls that no notebook needs (seccomp)")
    landlock = version()
    has = f"version {landlock}" if landlock else "not in this Linux; what student code sees rests on mounts alone"
    yield Sign(GOOD if landlock else NOTE, f"Landlock: {has}")


def sight_lines(root: Path) -> Iterator[Sign]:
    """A line only if student code could read the class's folder."""
    try:
        refuse_in_sight(root)
    except InSight as error:
        yield Sign(BAD, str(error))


def sandbox_advice(reason: str, system: str = sys.platform, settings: Path = Path("/proc/sys")) -> str:
    """The command that installs a sandbox on this platform."""
    if system == "darwin":
        return "Grade in a virtual Linux machine: brew install --cask multipass && multipass launch --name grading"
    if system == "win32":
        return "Grade in Linux under Windows: wsl --install, then in Ubuntu: sudo apt install bubblewrap"
    if "not installed" in reason:
        install = next((words for name, words in INSTALLERS.items() if shutil.which(name)), "your system's package manager:")
        return f"To get it: {install} bubblewrap"
    for name, value, command in SWITCHES:
        if (settings / name).exists() and (settings / name).read_text().strip() == value:
            return f"This system forbids it to ordinary users; to allow it until the next start: {command}"
    return "In a container? Start it with --privileged, on a machine kept for grading; see docs/scaling.md"


def warm_server_lines() -> Iterator[Sign]:
    """Open a room twice, as grading does. The first time starts the warm server."""
    from convcourse.sandbox.client import why_no_sandbox
    from convcourse.sandbox.room import room_maker

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the missing sandbox is reported already
            begun = perf_counter()
            _answer_of(room_maker())
            first, begun = perf_counter() - begun, perf_counter()
            _answer_of(room_maker())
    except Exception as error:
        yield Sign(BAD, f"student code cannot be run: {type(error).__name__}: {error}; {INSTALL}")
        return
    kind = "a plain kernel" if why_no_sandbox() else "the warm server"
    yield Sign(
        GOOD, f"{kind} starts in {first:.1f} s, and a further room opens, runs a cell and ends in {perf_counter() - begun:.2f} s"
    )


def _answer_of(open_room: Callable[[], Room]) -> None:
    """Run a cell in a fresh room. Raises RuntimeError if its answer is wrong."""
    room = open_room()
    try:
        outputs, trouble = room.run("6 * 7", 60.0)
        if trouble or "42" not in str(outputs):
            raise RuntimeError(f"a room did not work out 6 * 7 ({trouble or outputs})")
    finally:
        room.close()
