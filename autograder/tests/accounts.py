"""Real Unix accounts for the tests in which permissions count. They are made as root, and removed afterwards."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from convcourse.settings import ROOT

# What every account must be able to read: Python, the packages, the course.
NEEDED = tuple(dict.fromkeys([Path(sys.base_prefix), Path(sys.prefix), ROOT]))


@dataclass(frozen=True)
class Account:
    """A user of this machine, with a home that is closed to all others."""

    name: str
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        plain = {"PATH": path, "HOME": str(self.home), "USER": self.name, "LOGNAME": self.name, "LANG": "C.UTF-8"}
        return plain | {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"} | more


def why_no_accounts() -> str:
    """Why no accounts can be made here; empty when they can."""
    if not sys.platform.startswith("linux") or os.getuid() != 0:
        return "accounts can be made by root on Linux only"
    for program in ("useradd", "userdel", "setpriv", "unshare"):
        if not shutil.which(program):
            return f"{program} is not installed"
    tried = subprocess.run(in_the_open("true"), capture_output=True, text=True, check=False)
    return f"no mount namespace can be had here: {tried.stderr.strip()}" if tried.returncode else ""


def make_account(name: str, homes: Path) -> Account:
    """Add a user whose name begins like this; no two tests, and no two runs, have the same."""
    name = f"{name}-{secrets.token_hex(3)}"
    home = homes / name
    make = ["useradd", "--user-group", "--no-create-home", "--home-dir", home, "--shell", "/bin/sh", name]
    subprocess.run(make, check=True, capture_output=True)
    home.mkdir(mode=0o700)
    shutil.chown(home, name, name)
    return Account(name, home)


def remove_account(account: Account) -> None:
    """Remove it, and end what it still runs: a server on its way out, say, for which `userdel` would not wait."""
    running = [process for process in psutil.process_iter(["username"]) if process.info["username"] == account.name]
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(running, timeout=10)
    subprocess.run(["userdel", account.name], check=True, capture_output=True)
    shutil.rmtree(account.home, ignore_errors=True)


def in_the_open(*command: str | Path) -> list[str]:
    """The command in a mount namespace of its own, in which all users can read what is NEEDED.

    Root's Python often lies in /root, which nobody else may enter. There, and for this command only, an empty folder with
    nothing in it but the needed ones is laid over it.
    """
    lines, over = ["set -e", "mount -t tmpfs -o mode=755 none /mnt"], {door for door in map(_closed_door, NEEDED) if door}
    hidden = [folder for folder in NEEDED if any(folder.is_relative_to(door) for door in over)]
    for number, folder in enumerate(hidden):
        lines += [f"mkdir /mnt/{number}", f"mount --bind {shlex.quote(str(folder))} /mnt/{number}"]
    lines += [f"mount -t tmpfs -o mode=755 none {shlex.quote(str(door))}" for door in over]
    for number, folder in enumerate(hidden):
        lines += [f"mkdir -p {shlex.quote(str(folder))}", f"mount --bind /mnt/{number} {shlex.quote(str(folder))}"]
    return ["unshare", "--mount", "sh", "-c", "\n".join([*lines, 'exec "$@"']), "sh", *map(str, command)]


def _closed_door(folder: Path) -> Path | None:
    """The first folder on the way to this one that is closed to others."""
    return next((way for way in [*reversed(folder.parents), folder] if not way.stat().st_mode & 0o001), None)
