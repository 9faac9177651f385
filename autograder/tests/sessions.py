"""Accounts at work: each has a session of its own, in which it runs `nbgrader …` and `convcourse …`, as in a terminal.

Run as a program, this file imports nbgrader once and then becomes each account by fork and setuid: the commands are the
real ones with the account's rights, but nobody waits two seconds for Python each time.
"""

from __future__ import annotations

import json
import os
import pwd
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path


class Sessions:
    """The program below, in its own process. Use as a context manager."""

    def __init__(self, folder: Path, command: list[str], environment: dict[str, str]) -> None:
        self.door = folder / "sessions"
        self.process = subprocess.Popen([*command, str(self.door)], env=environment)
        while not self.door.exists():
            assert self.process.poll() is None, "the sessions did not start"
            time.sleep(0.05)
        self.open: list[Session] = []

    def log_in(self, name: str, home: Path) -> Session:
        self.open.append(Session(self.door, name, home))
        return self.open[-1]

    def __enter__(self) -> Sessions:
        return self

    def __exit__(self, *_error: object) -> None:
        for session in self.open:
            session.close()
        self.process.terminate()
        self.process.wait()


class Session:
    """One account at its terminal."""

    def __init__(self, door: Path, name: str, home: Path) -> None:
        self.name, self.home = name, home
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(door))
        self.stream = self.socket.makefile("rw", encoding="utf-8")
        self._ask({"name": name, "home": str(home)})

    def run(self, command: str, cwd: Path | None = None) -> str:
        """What `nbgrader …` or `convcourse …` prints, run in the account's home or in `cwd`. Fails where it fails.

        `api collect UNIT` and its like call nbgrader's Python interface for the class in `cwd`; all else is run as it is.
        """
        code, said = self._ask({"command": command, "cwd": str(cwd or self.home)})
        assert code == 0, f"{self.name}: {command} ended with {code}\n{said}"
        return said

    def fails(self, command: str, cwd: Path | None = None) -> str:
        """What a command prints that must fail."""
        code, said = self._ask({"command": command, "cwd": str(cwd or self.home)})
        assert code != 0, f"{self.name}: {command} should have failed\n{said}"
        return said

    def listed(self, folder: Path) -> list[str]:
        """What the account finds in a folder. Raises PermissionError where it may not look."""
        code, said = self._ask({"command": f"ls -1 {shlex.quote(str(folder))}", "cwd": str(self.home)})
        if code:
            raise PermissionError(said)
        return said.splitlines()

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def _ask(self, request: dict[str, str]) -> tuple[int, str]:
        print(json.dumps(request), file=self.stream, flush=True)
        reply = json.loads(self.stream.readline())
        return int(reply["code"]), str(reply["said"])


def _serve(door: str) -> None:
    """Give everybody who knocks a process of their own."""
    import nbgrader.apps  # noqa: F401

    import convcourse.operations.command_line  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{door}.new")
        listener.listen()
        Path(f"{door}.new").rename(door)
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _session(connection)
                os._exit(0)
            connection.close()


def _session(connection: socket.socket) -> None:
    stream = connection.makefile("rw", encoding="utf-8")
    for line in stream:
        request = json.loads(line)
        if "name" in request:
            _become(request["name"], request["home"])
            code, said = 0, ""
        else:
            code, said = _captured(request["command"], request["cwd"])
        print(json.dumps({"code": code, "said": said}), file=stream, flush=True)


def _become(name: str, home: str) -> None:
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    os.umask(0o022)
    os.environ |= {"HOME": home, "USER": name, "LOGNAME": name}


def _captured(command: str, cwd: str) -> tuple[int, str]:
    """Run a command with its output in a file, as a shell's `> file 2>&1` does."""
    os.chdir(cwd)
    with tempfile.TemporaryFile() as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
        code = _exit_code(shlex.split(command))
        sys.stdout.flush()
        sys.stderr.flush()
        file.seek(0)
        return code, file.read().decode(errors="replace")


def _exit_code(words: list[str]) -> int:
    from nbgrader.apps import NbGraderApp
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Application

    from convcourse.grading.course import course_config
    from convcourse.operations.command_line import main

    sys.argv = words
    try:
        if words[0] == "nbgrader":
            NbGraderApp.launch_instance(words[1:])
        elif words[0] == "api":
            outcome = getattr(NbGraderAPI(config=course_config(Path.cwd())), words[1])(*words[2:])
            print(outcome.get("log", ""), outcome.get("error", ""))
            return int(not outcome["success"])
        elif words[0] == "convcourse":
            main()
        else:
            return subprocess.run(words, check=False).returncode
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        if Application.initialized():
            type(Application.instance()).clear_instance()
    return 0


if __name__ == "__main__":
    _serve(sys.argv[1])
