"""An ordinary Jupyter kernel, for machines without a sandbox (macOS, Windows). The judge still runs outside it."""

from __future__ import annotations

import os
from queue import Empty
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.manager import start_new_kernel

from convcourse.computing import Used, used
from convcourse.sandbox import habits
from convcourse.time_limit import TimeLimit, TooLate

ANSWERS = "application/vnd.convcourse.answers"
START_SECONDS = 60.0
ALIVE_SECONDS = 0.5  # between two looks whether the kernel has ended


class PlainKernel:
    """A room (see `room.py`) that can read files and use the network like any program of this user."""

    def __init__(self) -> None:
        environment = {**os.environ, "CONVCOURSE_JUDGED": "1"}
        # ipykernel warns in each kernel that it does not encrypt messages on this machine's loopback.
        quiet = ["--IPKernelApp.log_level=ERROR"]
        self.folder = TemporaryDirectory(prefix="convcourse-")  # for what the cells write
        self.manager, self.client = start_new_kernel(
            kernel_name="python3", env=environment, extra_arguments=quiet, cwd=self.folder.name
        )
        self.alive, self.strays, self.spent, self.idled = True, False, 0.0, 0.0
        self.run(f"__import__({habits.__name__!r}, fromlist=['_']).accept_habits(get_ipython())", START_SECONDS)

    def run(self, source: str, seconds: float, idle: float | None = None) -> tuple[list[dict[str, Any]], str]:
        if not self.alive:
            return [], "died"
        outputs: list[dict[str, Any]] = []
        limit = TimeLimit(seconds, idle, self._used)
        try:
            self._follow(self.client.execute(source, allow_stdin=False), outputs, limit)
        except TooLate as late:
            self._interrupt()
            return outputs, str(late)
        finally:
            limit.end()
            self.spent += limit.spent
            self.idled += limit.idled
        return outputs, "" if self.alive else "died"

    def _used(self) -> Used | None:
        provisioner: Any = self.manager.provisioner  # of this machine, so it has a process's number
        return used(provisioner.pid) if self.alive else None

    def _follow(self, request: str, outputs: list[dict[str, Any]], limit: TimeLimit) -> None:
        """Note the outputs until the request is done, or the kernel has ended. Raises TooLate."""
        while self.alive:
            try:
                message = self.client.get_iopub_msg(timeout=min(limit.left(), ALIVE_SECONDS))
            except Empty:
                if not self.manager.is_alive():
                    self.close()
                continue
            if message["parent_header"].get("msg_id") == request:
                _note(message, outputs)
                if message["content"].get("execution_state") == "idle":
                    break
        if self.alive and not self.manager.is_alive():
            self.close()

    def ask(self, name: str, message: str, seconds: float, idle: float | None = None) -> tuple[str, str]:
        call = f"__import__('convcourse.judging.wire').judging.wire.respond({name!r}, {message!r}, globals())"
        source = f"from IPython.display import display\ndisplay({{{ANSWERS!r}: {call}}}, raw=True)"
        outputs, trouble = self.run(source, seconds, idle)
        # The last of several messages counts. We send ours after all messages that the student's code could send.
        replies = [output["data"][ANSWERS] for output in outputs if ANSWERS in output.get("data", {})]
        return (str(replies[-1]) if replies else ""), trouble

    def close(self) -> None:
        self.alive = False
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.folder.cleanup()

    def _interrupt(self) -> None:
        self.manager.interrupt_kernel()
        try:
            self.client.execute_interactive("", timeout=2)
        except (TimeoutError, RuntimeError):
            self.close()


def _note(message: dict[str, Any], outputs: list[dict[str, Any]]) -> None:
    """Append a kernel's message as an output in nbformat's shape."""
    kind, content = message["header"]["msg_type"], message["content"]
    if kind == "stream":
        outputs.append({"output_type": "stream", "name": content["name"], "text": content["text"]})
    elif kind == "error":
        outputs.append({"output_type": "error", **{key: content[key] for key in ("ename", "evalue", "traceback")}})
    elif kind in ("display_data", "execute_result"):
        plain = {key: value for key, value in content["data"].items() if key in ("text/plain", ANSWERS)}
        result = {"output_type": kind, "data": plain, "metadata": {}}
        outputs.append(result | ({"execution_count": None} if kind == "execute_result" else {}))
