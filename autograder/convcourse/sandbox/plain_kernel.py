"""An ordinary Jupyter kernel, for machines without a sandbox (macOS, Windows). The judge still runs outside it."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.manager import start_new_kernel

from convcourse.sandbox import habits

ANSWERS = "application/vnd.convcourse.answers"
START_SECONDS = 60.0


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
        self.alive, self.strays = True, False
        self.run(f"__import__({habits.__name__!r}, fromlist=['_']).accept_habits(get_ipython())", START_SECONDS)

    def run(self, source: str, seconds: float) -> tuple[list[dict[str, Any]], str]:
        if not self.alive:
            return [], "died"
        outputs: list[dict[str, Any]] = []
        try:
            self.client.execute_interactive(source, timeout=seconds, output_hook=lambda m: _note(m, outputs), stdin_hook=None)
        except TimeoutError:
            if self.manager.is_alive():
                return outputs, self._interrupt()
        except RuntimeError:  # jupyter_client's error for a kernel that has ended
            self.close()
            return outputs, "died"
        if not self.manager.is_alive():
            self.close()
            return outputs, "died"
        return outputs, ""

    def ask(self, name: str, message: str, seconds: float) -> tuple[str, str]:
        call = f"__import__('convcourse.judging.wire').judging.wire.respond({name!r}, {message!r}, globals())"
        outputs, trouble = self.run(f"from IPython.display import display\ndisplay({{{ANSWERS!r}: {call}}}, raw=True)", seconds)
        # The last of several messages counts. We send ours after all messages that the student's code could send.
        replies = [output["data"][ANSWERS] for output in outputs if ANSWERS in output.get("data", {})]
        return (str(replies[-1]) if replies else ""), trouble

    def close(self) -> None:
        self.alive = False
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.folder.cleanup()

    def _interrupt(self) -> str:
        self.manager.interrupt_kernel()
        try:
            self.client.execute_interactive("", timeout=2)
        except (TimeoutError, RuntimeError):
            self.close()
        return "time"


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
