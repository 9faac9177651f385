"""Servers that a test has started, and that must not outlive it."""

import subprocess
from typing import Any

SECONDS_TO_END = 30


def end(server: "subprocess.Popen[Any]") -> None:
    """Ask a server to end; one that does not on a busy machine is killed, for the test is over."""
    server.terminate()
    try:
        server.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
