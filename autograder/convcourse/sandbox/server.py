"""The warm server imports the libraries once, and forks itself for each submission.

`client.py` starts it inside bubblewrap as `python -m convcourse.sandbox.server FD`. It never runs an op of
TensorFlow (its thread pools would not survive a fork), never sees a test, and never reads messages from a fork.

Control messages: {"open": N} with a socket for the fork, {"open": N, "kernel": connection} for a fork that is a
Jupyter kernel, {"interrupt": N}, {"kill": N}.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import os
import select
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from convcourse.exercises import UNITS, module_of
from convcourse.sandbox.messages import Closed, receive, send
from convcourse.sandbox.walls import enclose, next_child_in_new_pid_namespace

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

WARM_LIBRARIES = (
    "numpy",
    "scipy.signal",
    "scipy.ndimage",
    "skimage.data",
    "skimage.io",
    "sklearn.datasets",
    "pandas",
    "matplotlib.pyplot",
    "convcourse.check",
    "convcourse.data",
    "convcourse.quiet",
    "convcourse.widgets",
    "ipykernel.kernelapp",
    "tensorflow",
    "keras",
)


def main(control: socket.socket) -> None:
    """Fork on request until the judge closes the connection."""
    # A background grader (`nohup … &`, a Dask worker) ignores interrupts, and forks inherit this. Endless loops need them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    drawn = [module_of(unit, "convcourse.pictures") for unit in UNITS]
    for name in (*WARM_LIBRARIES, *filter(importlib.util.find_spec, drawn)):  # a unit may have no pictures module
        importlib.import_module(name)
    from convcourse.data import all_digits
    from convcourse.sandbox.child import new_shell

    shell = new_shell()
    _draw_once()
    all_digits()
    gc.collect()
    gc.freeze()  # so that the garbage collector does not write to, and so copy, shared memory
    send(control, {"ready": os.getpid()})
    children: dict[int, int] = {}
    while True:
        readable, _, _ = select.select([control], [], [], 1.0)
        _reap(children)
        if not readable:
            continue
        byte, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not byte:
            break
        message = receive(control)
        if "open" in message:
            connection = socket.socket(fileno=descriptors[0])
            child = _fork(control, children)
            if child == 0:
                _live(connection, int(message["open"]), message.get("kernel"), shell)
            children[int(message["open"])] = child
            connection.close()
        else:
            (verb, number), *_ = message.items()
            _signal(children.get(int(number)), signal.SIGINT if verb == "interrupt" else signal.SIGKILL)
    for child in children.values():
        _signal(child, signal.SIGKILL)


def _draw_once() -> None:
    """Draw a picture, so that Matplotlib reads its fonts and styles once here and not in each fork."""
    from convcourse.figures import figure_html, new_figure

    figure, axes = new_figure()
    axes.set_title("x")
    figure_html(figure, "")


def _fork(control: socket.socket, children: dict[int, int]) -> int:
    next_child_in_new_pid_namespace()
    child = os.fork()
    if child == 0:
        control.close()
        children.clear()
        os.setsid()
    return child


def _live(connection: socket.socket, number: int, kernel: dict[str, Any] | None, shell: InteractiveShell) -> NoReturn:
    """Run the fork from start to end. It must never return into the server's loop."""
    from convcourse.sandbox.child import be_kernel, serve

    try:
        enclose(number)
        if kernel is not None:
            be_kernel(kernel)
        else:
            serve(connection, shell)
    except (Closed, OSError) as error:
        os.write(2, f"sandbox: {error}\n".encode())
    finally:
        os._exit(0)


def _signal(child: int | None, number: int) -> None:
    if child is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)


def _reap(children: dict[int, int]) -> None:
    for number, child in list(children.items()):
        if os.waitpid(child, os.WNOHANG)[0]:
            del children[number]


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
