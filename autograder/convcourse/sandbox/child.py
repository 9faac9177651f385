"""In the fork: run cells as a notebook would, and call functions for the judge."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from convcourse.judging.wire import respond
from convcourse.sandbox.habits import accept_habits
from convcourse.sandbox.messages import receive, send
from convcourse.sandbox.users_and_sockets import OWN_SOCKETS
from convcourse.sandbox.walls import PROCESSES

LONGEST_OUTPUT = 100_000  # characters of text that are kept for a cell
LOWEST_PRIORITY = 19
MOST_LEFT = PROCESSES * 3 // 4  # threads of all processes that a cell may leave; a fork bomb stays at PROCESSES


def new_shell() -> InteractiveShell:
    """A shell without history. The warm server makes it, and the forks use it."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    # The reply contains the errors. Tracebacks would only repeat them, and the first takes half a second to write.
    for name in ("showtraceback", "showsyntaxerror", "showindentationerror"):
        setattr(shell, name, lambda *_, **__: None)
    return shell


def serve(connection: socket.socket, shell: InteractiveShell) -> None:
    """Answer {"id", "run": source} and {"id", "ask": name, "message": packed} until the judge closes the connection."""
    _be_quiet()
    os.environ["CONVCOURSE_JUDGED"] = "1"
    # A fork copies memory at its first write. Memory that every cell writes is copied now, while nobody waits.
    _run(shell, "1")
    accept_habits(shell)

    def be_a_fork() -> None:
        connection.close()  # it comes back here after its cell, and must not answer or take requests in this process's place
        os.nice(LOWEST_PRIORITY)  # it must not slow down the next cells

    os.register_at_fork(after_in_child=be_a_fork)
    while True:
        request = receive(connection)
        reply: dict[str, Any] = {"id": request["id"]}
        try:
            if "run" in request:
                reply["outputs"] = _run(shell, str(request["run"]))
            else:
                with redirect_stdout(ShortText()), redirect_stderr(ShortText()):
                    reply["reply"] = respond(str(request["ask"]), str(request["message"]), shell.user_ns)
        except BaseException as error:  # an interrupt, or SystemExit from the student's code
            reply["error"] = type(error).__name__
        processes, threads = _alive()
        reply |= {"strays": processes > 1, "full": threads > MOST_LEFT}
        send(connection, reply)


def _alive() -> tuple[int, int]:
    """How many processes live in this room, and how many threads in all of them."""
    threads = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            threads.append(len(list((process / "task").iterdir())))
    return len(threads), sum(threads)


def be_kernel(connection: dict[str, Any]) -> None:
    """Run a Jupyter kernel with this connection information, until it is shut down."""
    from ipykernel.kernelapp import IPKernelApp

    _be_quiet()
    InteractiveShell.clear_instance()
    file = Path.home() / "connection.json"
    file.write_text(json.dumps({**connection, "ip": f"{OWN_SOCKETS}/k"}), encoding="utf-8")
    config = Config()
    config.HistoryManager.enabled = False
    kernel = IPKernelApp.instance(connection_file=str(file), config=config)
    kernel.initialize([])
    kernel.start()


def _be_quiet() -> None:
    """Disconnect the process from the terminal on which it was started."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)


class ShortText(StringIO):
    """Keeps the first LONGEST_OUTPUT characters and drops the rest."""

    def write(self, text: str) -> int:
        room = LONGEST_OUTPUT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


def _run(shell: InteractiveShell, source: str) -> list[dict[str, Any]]:
    """Run a cell and return its outputs in nbformat's shape."""
    out, err = ShortText(), ShortText()
    publisher = CapturingDisplayPublisher()
    results: list[dict[str, Any]] = []

    def show_result(value: Any) -> None:
        if value is not None:
            data, _ = shell.display_formatter.format(value)  # type: ignore[union-attr]
            results.append({"output_type": "execute_result", "data": _text_only(data), "metadata": {}, "execution_count": None})

    shell.display_pub = publisher
    shell.display_trap.hook = show_result
    with redirect_stdout(out), redirect_stderr(err):
        result = shell.run_cell(source, store_history=False)
    outputs: list[dict[str, Any]] = []
    for stream, text in (("stdout", out.getvalue()), ("stderr", err.getvalue())):
        outputs += [{"output_type": "stream", "name": stream, "text": text}] if text else []
    outputs += [{"output_type": "display_data", "data": _text_only(o["data"]), "metadata": {}} for o in publisher.outputs]
    outputs += results
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        name, words = type(error).__name__, str(error)[:2000]
        outputs.append({"output_type": "error", "ename": name, "evalue": words, "traceback": [f"{name}: {words}"]})
    return outputs


def _text_only(data: dict[str, Any]) -> dict[str, str]:
    """The plain text of rich output, because a feedback page does not need a student's scripts."""
    return {"text/plain": str(data.get("text/plain", ""))[:LONGEST_OUTPUT]}
