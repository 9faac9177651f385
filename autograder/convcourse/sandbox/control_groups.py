"""Control groups: the kernel itself counts the memory and the processes of a room. The grader's side of them.

Version 2 needs a folder that belongs to this user: root has one, and systemd gives one to a session of a desktop and to
`systemd-run --user --scope`. Version 1 needs root. See https://docs.kernel.org/admin-guide/cgroup-v2.html.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

MOUNTED = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
LIMIT_FILES = {"memory": ("memory.max", "memory.limit_in_bytes"), "pids": ("pids.max",)}
REMOVE_SECONDS = 1.0


def make_groups() -> tuple[Path, ...]:
    """Make the groups in which each room gets one of its own: one group, or in version 1 one for each kind of limit.

    Empty if this user may not limit memory so.
    """
    made = [_make(controllers, own) for controllers, own in _own_groups()]
    if not made or made[0] is None:
        remove_groups(filter(None, made))
        return ()
    return tuple(filter(None, made))


def remove_groups(groups: Iterable[Path]) -> None:
    """Remove groups and those of their rooms, whose processes are ending."""
    deadline = time.monotonic() + REMOVE_SECONDS
    for group in groups:
        while group.exists():
            for folder in (*(path for path in group.iterdir() if path.is_dir()), group):
                with contextlib.suppress(OSError):  # a process is still ending
                    folder.rmdir()
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)


def _own_groups() -> list[tuple[tuple[str, ...], list[Path]]]:
    """The controllers of each hierarchy, memory first, with this process's group and the groups that contain it."""
    lines = OWN.read_text().splitlines() if OWN.exists() else []
    names = {kind: name for _, kinds, name in (line.split(":", 2) for line in lines) for kind in kinds.split(",")}
    if (MOUNTED / "cgroup.controllers").exists() and "" in names:
        return [(("memory", "pids"), _upwards(MOUNTED, names[""]))]
    return [((kind,), _upwards(MOUNTED / kind, names[kind])) for kind in ("memory", "pids") if kind in names]


def _upwards(top: Path, name: str) -> list[Path]:
    own = top / name.lstrip("/")
    return [path for path in (own, *own.parents) if path.is_relative_to(top) and path.is_dir()]


def _make(controllers: tuple[str, ...], parents: list[Path]) -> Path | None:
    """A group below the first of `parents` in which a process can be limited."""
    for parent in parents:
        for left in parent.glob("convcourse-*"):  # by a grader that was killed
            if not Path("/proc", left.name.split("-")[1]).exists():
                remove_groups([left])
        group = parent / f"convcourse-{os.getpid()}-{secrets.token_hex(4)}"
        try:
            group.mkdir()
        except OSError:
            continue
        if _works(group, controllers):
            return group
        remove_groups([group])
    return None


def _works(group: Path, controllers: tuple[str, ...]) -> bool:
    """Can a process be put into a group below this one, and be limited there?"""
    trial = group / "trial"
    try:
        if (group / "cgroup.subtree_control").exists():
            (group / "cgroup.subtree_control").write_text(" ".join(f"+{controller}" for controller in controllers))
        trial.mkdir()
        limited = all(any((trial / name).exists() for name in LIMIT_FILES[controller]) for controller in controllers)
        entered = subprocess.run(["sh", "-c", f"echo 0 > '{trial}/cgroup.procs'"], stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return False
    finally:
        with contextlib.suppress(OSError):
            trial.rmdir()
    return limited and entered.returncode == 0
