"""Run a search in a process of its own, which can change, print, write and draw nothing of the student's."""

from __future__ import annotations

import inspect
import json
import linecache
import os
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

from convcourse.judging.calling import Answer, answer
from convcourse.judging.exercise import Arguments, Exercise
from convcourse.judging.search import Suspect, Trial, search, statement

SECONDS = 1.3  # of searching
LATEST = 1.8  # after this the process is ended
SECONDS_A_CALL = 0.15
MEMORY = 1 << 30  # bytes that the search may take beyond what the notebook has
# What runs threads of its own, which a forked process does not have.
THREADED = ("tensorflow", "keras", "jax", "torch")
# Beginnings of what Python reports before it touches anything outside of the process.
OUTSIDE = ("os.", "shutil.", "subprocess.", "socket.", "pathlib.", "tempfile.", "ftplib.", "urllib.", "sqlite3.")
ONLY_READ = ("os.listdir", "os.scandir")


def located(function: Callable[..., Any], exercise: Exercise, trials: Sequence[Trial], pairs: bool) -> str:
    """The line at which a small change makes every trial right, as a sentence; "" when none is found, or none can be sought.

    trials: those that fail today first. pairs: also try two changes together.
    """
    if not isinstance(function, FunctionType) or not hasattr(os, "fork") or _needs_threads(function):
        return ""
    source = "".join(linecache.getlines(function.__code__.co_filename))
    if not source or function.__name__ not in source:
        return ""
    name, namespace = function.__code__.co_name, function.__globals__
    suspect = Suspect(source, name, namespace, trials, exercise.tolerance, answer_in_time, pairs)
    return _in_a_fork(lambda: statement(source, found) if (found := search(suspect, SECONDS)) else "")


def _needs_threads(function: FunctionType) -> bool:
    """Does the function use a library whose threads do not survive a fork?"""
    waiting, seen = [function], set[FunctionType]()
    while waiting:
        one = waiting.pop()
        seen.add(one)
        for name in one.__code__.co_names:
            value = one.__globals__.get(name)
            home = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None) or ""
            if str(home).split(".")[0] in THREADED:
                return True
            if isinstance(value, FunctionType) and value not in seen:
                waiting.append(value)
    return False


class TooLong(BaseException):
    """Raised by a timer in a call that does not come to its end."""


def answer_in_time(function: Callable[..., Any], arguments: Arguments, seconds: float = SECONDS_A_CALL) -> Answer:
    """As `answer`; a call that takes longer has the error "TooLong". For the main thread of a POSIX system."""

    def ring(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)  # again and again: in the collector an exception is lost
    try:
        return answer(function, arguments)
    except (TooLong, MemoryError, ValueError, RecursionError) as error:
        return Answer(error=type(error).__name__)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _shut_in() -> None:
    """In the fork: nothing is printed, written, sent or started, and memory has an end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.stdout = sys.stderr = os.fdopen(nothing, "w")
    warnings.simplefilter("ignore")
    sizes = Path("/proc/self/statm")  # Linux has it
    if sizes.exists():
        import resource

        most = int(sizes.read_text().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or (event.startswith(OUTSIDE) and event not in ONLY_READ):
        raise PermissionError(event)


def _in_a_fork(work: Callable[[], str]) -> str:
    """What `work` returns, done by a fork of this process; "" when it fails or takes too long."""
    reader, writer = os.pipe()
    try:
        child = os.fork()
    except OSError:  # no memory, or no further process
        os.close(reader)
        os.close(writer)
        return ""
    if child == 0:
        try:
            os.close(reader)
            _shut_in()
            os.write(writer, json.dumps(work()).encode())
        except BaseException:  # whatever it is, it concerns nobody
            pass
        finally:
            os._exit(0)
    os.close(writer)
    try:
        return _read(reader)
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _read(reader: int) -> str:
    end, said = time.monotonic() + LATEST, b""
    while (left := end - time.monotonic()) > 0 and select.select([reader], [], [], left)[0]:
        piece = os.read(reader, 65536)
        if not piece:
            break
        said += piece
    return str(json.loads(said)) if said else ""
