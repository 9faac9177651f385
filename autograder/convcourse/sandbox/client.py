"""The judge's side of the warm server: start it inside bubblewrap, open sandboxes, never wait beyond the time limit."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

from convcourse.computing import Used
from convcourse.errors import MachineTrouble
from convcourse.judging.packing import LARGEST_MESSAGE
from convcourse.sandbox.control_groups import make_groups, remove_groups
from convcourse.sandbox.messages import Closed, Deadline, Within, has_ended, receive, send
from convcourse.sandbox.sight import HIDDEN, PACKAGE, SHOWN, SYSTEM, WITH_SOLUTIONS, needed_places
from convcourse.sandbox.users_and_sockets import FIRST_USER, GROUPS, OWN_SOCKETS, SOCKETS, USERS
from convcourse.time_limit import TimeLimit, TooLate

START_SECONDS = 120.0
# Isolated Python ignores PYTHONPATH, but the package may be in a folder that PYTHONPATH names.
START = f"""
import runpy, sys
sys.path.append({str(PACKAGE.parent)!r})
runpy.run_module("convcourse.sandbox.server", run_name="__main__", alter_sys=True)
"""
GRACE_SECONDS = 1.0
TENSORFLOW_THREADS = str(min(2, os.cpu_count() or 1))
LARGEST_OUTPUTS = 4 * 2**20  # bytes of a cell's outputs, whose texts the room has cut


@cache
def why_no_sandbox() -> str:
    """The reason why this machine has no sandboxes; empty if it has them."""
    if not sys.platform.startswith("linux"):
        return f"sandboxes need Linux, and this is {sys.platform}"
    if not shutil.which("bwrap"):
        return "bubblewrap is not installed (Debian and Ubuntu: apt install bubblewrap)"
    tried = subprocess.run([*_walls(), "/bin/true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"bubblewrap does not work here: {tried.stderr.strip()[:200]}"


class WarmServer:
    """A process that imports the libraries, and the sandboxes forked from it. Use as a context manager.

    It starts at once. The first call that needs it waits until it is ready.
    """

    def __init__(self) -> None:
        # Each fork becomes a separate user. A random first number separates the forks of two servers.
        self.opened = secrets.randbelow(USERS)
        self.spare: Sandbox | None = None
        self.lock = RLock()  # two threads run and judge a submission
        self.sockets = Path(tempfile.mkdtemp(prefix="convcourse-"))  # for the sockets of Jupyter kernels, a folder for each
        self.sockets.chmod(0o711)
        self.groups = make_groups()
        needed = needed_places()
        self.control, inner = socket.socketpair()
        command = [
            *_walls(needed, self.sockets, self.groups),
            *(sys.executable, "-I", "-c", START, str(inner.fileno()), *map(str, (*SYSTEM, *needed))),
        ]
        # TensorFlow prints many irrelevant messages at its import. They are shown only if the start fails.
        self.said = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(command, pass_fds=[inner.fileno()], stdin=subprocess.DEVNULL, stderr=self.said)
        inner.close()
        self.started = False
        self.imported: set[str] = set()

    def open(self) -> Sandbox:
        """A fresh sandbox. It was forked earlier, while the sandbox before it was running."""
        with self.lock:
            fresh, self.spare = self.spare or self._next(), self._next()
        return fresh

    def import_large(self, library: str) -> None:
        """Import "sklearn" or "keras" for the rooms to come, unless that is done. Raises MachineTrouble."""
        with self.lock:
            if library in self.imported:
                return
            self._start()
            if self.spare:  # it has not got it
                self.spare.close()
                self.spare = None
            self._send({"import": library}, [])
            self._wait(f"import {library}")
            self.imported.add(library)

    def _start(self) -> None:
        with self.lock:
            if not self.started:
                self._wait("start")
                self.started = True

    def _wait(self, what: str) -> None:
        """Wait until the server says that it is ready."""
        try:
            receive(self.control, Within(START_SECONDS))
        except (Closed, TooLate) as error:
            self.process.kill()
            self.process.wait()
            self.said.seek(0)
            words = self.said.read().decode(errors="replace").strip()[-500:]
            self.close()
            raise MachineTrouble(f"the sandbox did not {what}: {words or 'it said nothing'}") from error

    def _next(self) -> Sandbox:
        self.opened += 1
        return self._fork(self.opened, {})

    def twin(self) -> socket.socket:
        """The connection to a fork of the server that serves another process; see `twin.py`."""
        self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            self._send({"twin": True}, [theirs.fileno()])
        return ours

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def socket_folder(self) -> Path:
        """A folder in which only the next kernel may make its sockets."""
        self.opened += 1
        folder = self.sockets / str(self.opened)
        folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            user = FIRST_USER + self.opened % USERS
            os.chown(folder, user, user)
        return folder

    def open_kernel(self, folder: Path, connection: dict[str, Any]) -> Sandbox:
        """A fresh sandbox that is a Jupyter kernel, with its sockets in `folder` (from `socket_folder`)."""
        return self._fork(int(folder.name), {"kernel": connection})

    def tell(self, verb: str, number: int) -> None:
        """Send "interrupt" or "kill"."""
        self._send({verb: number}, [])

    def used(self, number: int) -> Used | None:
        """What all processes of a sandbox have used; None if it has ended."""
        with self.lock:
            self._send({"used": number}, [])
            try:
                said = receive(self.control, Within(START_SECONDS))["used"]
            except TooLate as error:  # the room's own time goes on
                raise MachineTrouble("the sandbox's server does not answer") from error
        return said and Used(*said)

    def _fork(self, number: int, extra: dict[str, Any]) -> Sandbox:
        self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            self._send({"open": number, **extra}, [theirs.fileno()])
        return Sandbox(self, number, ours)

    def _send(self, message: dict[str, Any], descriptors: list[int]) -> None:
        """Send a single byte before each message, because a descriptor can be sent with it."""
        with self.lock:
            self.control.settimeout(None)
            socket.send_fds(self.control, [b"."], descriptors)
            send(self.control, message)

    def close(self) -> None:
        """End the server and all its sandboxes."""
        if self.spare:
            self.spare.connection.close()
        self.control.close()
        self.process.kill()
        self.process.wait()
        self.said.close()
        shutil.rmtree(self.sockets, ignore_errors=True)
        remove_groups(self.groups)

    def __enter__(self) -> WarmServer:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class Sandbox:
    """One student's process. After any trouble other than "", it is dead unless `alive` is true."""

    def __init__(self, server: WarmServer, number: int, connection: socket.socket) -> None:
        self.server, self.number, self.connection = server, number, connection
        self.alive, self.strays = True, False
        self.spent = self.idled = 0.0

    def has_ended(self) -> bool:
        """Has the process ended by itself?"""
        return has_ended(self.connection)

    def run(self, source: str, seconds: float, idle: float | None = None) -> tuple[list[dict[str, Any]], str]:
        """Run a cell and return its outputs, and the trouble if it did not finish (see `Room`)."""
        reply, trouble = self._exchange({"run": source}, self._limit(seconds, idle), LARGEST_OUTPUTS)
        outputs = reply.get("outputs", [])
        return (outputs if isinstance(outputs, list) else []), trouble

    def ask(self, name: str, message: str, seconds: float, idle: float | None = None) -> tuple[str, str]:
        """Send a request to a function and return the packed reply, and the trouble as in `run`."""
        reply, trouble = self._exchange({"ask": name, "message": message}, self._limit(seconds, idle))
        return str(reply.get("reply", "")), trouble

    def close(self) -> None:
        """End the process and all processes that it started."""
        if self.alive:
            self.alive = False
            self.connection.close()
            self.server.tell("kill", self.number)

    def _limit(self, seconds: float, idle: float | None) -> TimeLimit:
        return TimeLimit(seconds, idle, lambda: self.server.used(self.number) if self.alive else None)

    def _exchange(self, request: dict[str, Any], limit: TimeLimit, largest: int = LARGEST_MESSAGE) -> tuple[dict[str, Any], str]:
        if not self.alive:
            return {}, "died"
        identity, trouble = secrets.token_hex(8), ""
        try:
            try:
                send(self.connection, {"id": identity, **request}, limit)
                reply = self._reply(identity, limit, largest)
            except TooLate as late:
                trouble = str(late)
                self.server.tell("interrupt", self.number)
                return self._reply(identity, Within(GRACE_SECONDS), largest), trouble
        except TooLate:
            self.close()
            return {}, trouble
        except (Closed, ValueError):
            self.close()
            return {}, "died"
        finally:
            limit.end()
            self.spent += limit.spent
            self.idled += limit.idled
        if reply.get("full"):
            self.close()
            return {}, "full"
        self.strays = bool(reply.get("strays"))
        return reply, ""

    def _reply(self, identity: str, deadline: Deadline, largest: int) -> dict[str, Any]:
        """The reply to exactly this request. Everything else in the pipe is dropped."""
        while True:
            message = receive(self.connection, deadline, largest)
            if message.get("id") == identity:
                return message


def _walls(folders: tuple[Path, ...] = (), sockets: Path | None = None, groups: tuple[Path, ...] = ()) -> list[str]:
    """The bubblewrap command. Inside are only what is needed of the system, and `folders`, read-only, and no network.

    sockets: a folder for kernels' sockets; inside its path is SOCKETS. groups: for the rooms' control groups; inside in GROUPS.
    """
    root = os.getuid() == 0
    # A room's own file system is on /tmp, unless it would hide a folder that is needed.
    room = "/run/tmp" if any(place.is_relative_to("/tmp") for place in folders) else "/tmp"
    command = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    command += [] if root else ["--unshare-user", "--uid", "0", "--gid", "0"]
    # To build a room's walls, to empty its bounding set, and to count its memory.
    for capability in ("SYS_ADMIN", "KILL", "SETPCAP", "SYS_PTRACE", *(("SETUID", "SETGID") if root else ())):
        command += ["--cap-add", f"CAP_{capability}"]
    # First, because the next folders may be inside it.
    command += ["--perms", "1777" if room == "/tmp" else "0755", "--tmpfs", "/tmp"]
    made = {Path("/"), Path("/tmp")}
    for place in (*filter(Path.exists, SYSTEM), *folders):
        for parent in reversed(place.parents):
            if parent not in made:
                # bubblewrap would make it readable for its owner only, but the forks are other users.
                command += ["--perms", "0755", "--dir", str(parent)]
                made.add(parent)
        command += ["--ro-bind", str(place), str(place)]
    for hidden in (*(PACKAGE / part for part in HIDDEN), WITH_SOLUTIONS):
        if folders and hidden.is_dir():
            command += ["--perms", "0755", "--tmpfs", str(hidden)]
    for part in SHOWN if folders else ():
        command += ["--ro-bind", str(PACKAGE / part), str(PACKAGE / part)]
    if sockets:
        for folder in ("/run", OWN_SOCKETS, GROUPS, "/run/tmp"):
            command += ["--perms", "0755", "--dir", folder]
        command += ["--bind", str(sockets), SOCKETS]
    for number, group in enumerate(groups):
        command += ["--bind", str(group), f"{GROUPS}/{number}"]
    # Memory that is mapped from /dev/zero could be kept without being counted.
    command += [
        "--dev",
        "/dev",
        "--dev-bind",
        "/dev/null",
        "/dev/zero",
        "--proc",
        "/proc",
        "--clearenv",
        "--setenv",
        "CONVCOURSE_ROOM",
        room,
    ]
    for name, value in _environment().items():
        command += ["--setenv", name, value]
    return command


def _environment() -> dict[str, str]:
    return {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",  # BLAS threads do not survive a fork, and a submission has one core
        "OPENBLAS_NUM_THREADS": "1",
        # TensorFlow's threads wait for each other by computing, which a machine with many cores would count against the limit.
        "TF_NUM_INTRAOP_THREADS": TENSORFLOW_THREADS,
        "TF_NUM_INTEROP_THREADS": TENSORFLOW_THREADS,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONHASHSEED": "0",
        "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "tensorflow"),
        # The room and the judge must compute with the same arithmetic.
        **{name: os.environ[name] for name in ("TF_ENABLE_ONEDNN_OPTS",) if name in os.environ},
    }
