"""The interface of a room, a place where student code runs, and a function that opens rooms."""

from __future__ import annotations

import atexit
import re
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from convcourse.sandbox.client import WarmServer, why_no_sandbox
from convcourse.sandbox.seccomp import why_no_filter
from convcourse.sandbox.twin import Lent, Twin


class Room(Protocol):
    """A process with the student's names.

    Both calls end after the given seconds of computing, or idle ones (see `time_limit.py`), and a short grace. They report the
    trouble: "" (none), "time" or "idle" (the call was interrupted, because it had computed or was idle for so long), "died"
    (the process has ended) or "full" (it was ended because it and those that it started were so many that a next call could
    start no more). If not `alive`, every call returns "died".
    strays: after the last call, there were processes that the student's code had started. Always false without a sandbox.
    spent, idled: seconds that the calls until now have computed, and were idle.
    """

    alive: bool
    strays: bool
    spent: float
    idled: float

    def run(self, source: str, seconds: float, idle: float | None = None) -> tuple[list[dict[str, Any]], str]:
        """Run a cell and return its outputs in nbformat's shape, and the trouble."""

    def ask(self, name: str, message: str, seconds: float, idle: float | None = None) -> tuple[str, str]:
        """Send a packed request (`respond.request_message`) to a function and return its packed reply, and the trouble."""

    def close(self) -> None:
        """End the process and all processes that it started."""


_servers: list[WarmServer] = []


# Code that speaks of one of these wants a library that takes seconds to import. The digits are scikit-learn's.
LARGE = {"sklearn": re.compile("sklearn|pandas|digits"), "keras": re.compile("keras|tensorflow")}


def room_maker(code: str = "sklearn, keras") -> Callable[[], Room]:
    """A function that opens rooms: sandboxes if the machine has them, else plain kernels, with a warning.

    code: that will run there. The rooms begin with the large libraries of which it speaks.
    The warm server of the sandboxes starts once in a process and ends with it.
    """
    reason = why_no_sandbox()
    if reason:
        from convcourse.sandbox.plain_kernel import PlainKernel

        warn_unwalled(reason)
        return PlainKernel
    server = warm_server()
    for library, words in LARGE.items():
        if words.search(code):
            server.import_large(library)
    return server.open


def warn_unwalled(reason: str) -> None:
    """Warn once that student code runs without a sandbox: here, or on workers for a reason that this machine has not."""
    place = "Student code runs" if reason == why_no_sandbox() else "On a worker student code ran"
    warn_once(f"{place} WITHOUT a sandbox: {reason}.")


@cache
def warn_once(words: str) -> None:
    """Warn the instructor once in a process. Python's own "once" is reset when a library changes the warning filters."""
    warnings.warn(words, stacklevel=3)


def start_early() -> None:
    """Start the warm server now, so that it imports its libraries while this process imports its own."""
    if not why_no_sandbox():
        warm_server()


def warm_server() -> WarmServer:
    """This process's warm server, started when it is first needed."""
    if _servers and _servers[0].has_ended():
        close_warm_server()
    if not _servers:
        if reason := why_no_filter():
            warn_once(f"Student code may call all of the kernel: {reason}.")
        _servers.append(WarmServer())
    return _servers[0]


def lend(number: int) -> Lent | None:
    """A twin of this process's warm server for another process of this machine; None where there are no sandboxes."""
    if why_no_sandbox():
        return None
    server = warm_server()
    return Lent(server.twin(), number, frozenset(server.imported))


def borrow(lent: Lent) -> None:
    """Let this process use the twin of another process's warm server."""
    _servers.append(Twin(lent))


@atexit.register
def close_warm_server() -> None:
    """End this process's warm server, if it has one."""
    while _servers:
        _servers.pop().close()
