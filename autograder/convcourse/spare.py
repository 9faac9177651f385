"""A process that is set aside before TensorFlow starts its threads, to try functions that use TensorFlow.

A fork has none of its parent's threads, and TensorFlow waits for ever for those that it has started. So one fork is made
while there are none, as soon as TensorFlow is imported. It waits, and forks itself for each piece of work.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import NoReturn

from convcourse.forks import in_a_fork
from convcourse.judging.calling import is_judged

LARGEST = 32 << 20  # bytes of a piece of work: a large net among the student's variables is not copied
LATEST = 60.0  # seconds until the process counts as gone: each piece of work has its own limit, and a machine may be busy
_spare: Connection | None = None


def set_aside() -> None:
    """Set the process aside, unless there is one, or it is too late, or nobody imports TensorFlow."""
    global _spare
    if _spare is not None or not sys.platform.startswith("linux") or is_judged() or not _threads_are_still_to_come():
        return
    here, there = Pipe()
    try:
        child = os.fork()
    except OSError:  # no memory, or no further process
        return
    if child == 0:
        _serve(there)
    there.close()
    _spare = here


def in_spare(work: Callable[[], str]) -> str:
    """What `work` returns, done by a fork of the process set aside; "" without one, or when the work fails or takes too long."""
    global _spare
    if _spare is None:
        return ""
    try:
        import cloudpickle

        message = cloudpickle.dumps(work)
        if len(message) > LARGEST:
            return ""
        _spare.send_bytes(message)
        if _spare.poll(LATEST):
            return _spare.recv_bytes().decode()
    except Exception:  # a variable of the student's that cannot travel, or the process is gone
        return ""
    _spare.close()
    _spare = None
    return ""


def _threads_are_still_to_come() -> bool:
    """Is TensorFlow imported, and has it run nothing yet?"""
    module = sys.modules.get("tensorflow.python.eager.context")
    context = getattr(module, "_context", None)
    return "keras" in sys.modules and module is not None and (context is None or not context._initialized)


def _done(message: bytes) -> str:
    return str(pickle.loads(message)())


def _serve(connection: Connection) -> NoReturn:
    """Wait for work until the student's process ends. It holds no file, no socket and no screen of that process."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        own = connection.fileno()
        os.closerange(3, own)
        os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
        gc.freeze()  # so that the collector does not write to, and so copy, shared memory
        while True:
            message = connection.recv_bytes()
            connection.send_bytes(in_a_fork(partial(_done, message)).encode())
    finally:
        os._exit(0)
