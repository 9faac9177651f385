"""Messages between the judge and a sandbox: a length, then JSON. Nothing is ever unpickled."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

from convcourse.judging.packing import LARGEST_MESSAGE
from convcourse.time_limit import TooLate

Part = TypeVar("Part", int, bytes)
_LENGTH = struct.Struct("!I")


class Closed(ConnectionError):
    """The process on the other side ended or was killed."""


class Deadline(Protocol):
    """Says when to stop waiting."""

    def left(self) -> float:
        """Seconds to wait before asking again. Raises TooLate."""


class Within:
    """So many seconds by the clock."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise TooLate
        return left


def send(connection: socket.socket, message: dict[str, Any], deadline: Deadline | None = None) -> None:
    """Send one message before the deadline (None waits for ever). Raises TooLate or Closed."""
    raw = json.dumps(message).encode()
    left = memoryview(_LENGTH.pack(len(raw)) + raw)
    while left:
        left = left[_in_time(connection, deadline, partial(connection.send, left)) :]


def receive(connection: socket.socket, deadline: Deadline | None = None, largest: int = LARGEST_MESSAGE) -> dict[str, Any]:
    """Receive one message of at most `largest` bytes before the deadline (None waits for ever).

    Raises TooLate, Closed, or ValueError if the data are not a message of allowed size.
    """
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size, deadline))
    if length > largest:
        raise ValueError(f"a message of {length} bytes is too large")
    try:
        message = json.loads(_exactly(connection, length, deadline))
    except RecursionError as error:
        raise ValueError("a message of too many levels") from error
    if not isinstance(message, dict):
        raise ValueError("not a message")
    return message


def has_ended(connection: socket.socket) -> bool:
    """Has the process on the other side ended? Does not wait."""
    connection.settimeout(0)  # else Python waits here as long as it waited the last time
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _exactly(connection: socket.socket, size: int, deadline: Deadline | None) -> bytes:
    parts = []
    while size:
        part = _in_time(connection, deadline, partial(connection.recv, min(size, 1 << 20)))
        if not part:
            raise Closed("end of file")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _in_time(connection: socket.socket, deadline: Deadline | None, act: Callable[[], Part]) -> Part:
    """Send or receive a part before the deadline, which a process that sends or takes single bytes does not move."""
    while True:
        connection.settimeout(None if deadline is None else deadline.left())
        try:
            return act()
        except TimeoutError:
            continue
        except OSError as error:
            raise Closed(str(error)) from error
