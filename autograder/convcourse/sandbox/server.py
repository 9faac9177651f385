"""The warm server imports the libraries once, and forks itself for each submission. The large ones it imports when told to.

`client.py` starts it inside bubblewrap as `python -m convcourse.sandbox.server FD PLACE …`, with the places that a room
may see. It never runs an op of TensorFlow (its thread pools would not survive a fork), never sees a test, and never
reads messages from a fork.

Control messages: {"open": N} with a socket for the fork, {"open": N, "kernel": connection} for a fork that is a
Jupyter kernel, {"interrupt": N}, {"kill": N}, {"import": "sklearn" or "keras"}. It sends {"ready": …} after each import.
{"twin": true} with a socket makes a fork that goes on as a server of its own, with this socket for its control messages.
To {"used": N} it answers with what this fork has used (see `computing.py`), or null if it has ended.
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
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from convcourse.computing import used
from convcourse.exercises import UNITS, module_of
from convcourse.sandbox.cheap_models import make_models_cheap
from convcourse.sandbox.memory_watch import SECONDS, own_memory, too_large
from convcourse.sandbox.messages import Closed, receive, send
from convcourse.sandbox.users_and_sockets import GROUPS
from convcourse.sandbox.walls import (
    MEMORY,
    enclose,
    leave,
    memory_places,
    next_child_in_new_pid_namespace,
    next_child_in_own_pid_namespace,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

WARM_LIBRARIES = (
    "numpy",
    "scipy.signal",
    "scipy.ndimage",
    "skimage.data",
    "skimage.io",
    "matplotlib.pyplot",
    "convcourse.check",
    "convcourse.data",
    "convcourse.quiet",
    "convcourse.widgets",
    "ipykernel.kernelapp",
)
LARGE_LIBRARIES = {"sklearn": ("sklearn.datasets", "pandas"), "keras": ("tensorflow", "keras")}


def main(control: socket.socket, in_sight: Sequence[str]) -> None:
    """Fork on request until the judge closes the connection."""
    # A background grader (`nohup … &`, a Dask worker) ignores interrupts, and forks inherit this. Endless loops need them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in WARM_LIBRARIES:
        importlib.import_module(name)
    from convcourse.sandbox.child import new_shell

    shell = new_shell()
    _draw_once()
    _be_ready(control)
    children: dict[int, int] = {}
    watched, warm = not any(Path(GROUPS).iterdir()), own_memory()
    while True:
        readable, _, _ = select.select([control], [], [], SECONDS if watched else 1.0)
        _reap(children)
        for number in too_large(children, MEMORY, warm, memory_places()) if watched else ():
            _signal(children[number], signal.SIGKILL)
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
                _live(connection, int(message["open"]), message.get("kernel"), shell, in_sight)
            children[int(message["open"])] = child
            connection.close()
        elif "twin" in message:
            connection = socket.socket(fileno=descriptors[0])
            next_child_in_own_pid_namespace()
            if os.fork() == 0:
                control, connection = connection, control
                children.clear()
            connection.close()
        elif "import" in message:
            _import_large(str(message["import"]))
            warm = own_memory()
            _be_ready(control)
        elif "used" in message:
            first = children.get(int(message["used"]))
            send(control, {"used": first and used(first)})
        else:
            (verb, number), *_ = message.items()
            _signal(children.get(int(number)), signal.SIGINT if verb == "interrupt" else signal.SIGKILL)
    for child in children.values():
        _signal(child, signal.SIGKILL)


def _import_large(library: str) -> None:
    """Import what only some units use, with what of ours uses it."""
    from convcourse.data import all_digits

    for name in LARGE_LIBRARIES[library]:
        importlib.import_module(name)
    if library == "sklearn":
        all_digits()
        return
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        make_models_cheap()
    for name in filter(importlib.util.find_spec, [module_of(unit, "convcourse.pictures") for unit in UNITS]):
        importlib.import_module(name)


def _be_ready(control: socket.socket) -> None:
    gc.collect()
    gc.freeze()  # so that the garbage collector does not write to, and so copy, shared memory
    send(control, {"ready": os.getpid()})


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


def _live(
    connection: socket.socket, number: int, kernel: dict[str, Any] | None, shell: InteractiveShell, in_sight: Sequence[str]
) -> NoReturn:
    """Run the fork from start to end. It must never return into the server's loop."""
    from convcourse.sandbox.child import be_kernel, serve

    try:
        enclose(number, in_sight)
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
            leave(number)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
