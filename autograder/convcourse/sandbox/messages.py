"""Messages between the judge and a sandbox: a length, then JSON. Nothing is ever unpickled."""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any, Protocol

from convcourse.judging.packing import LARGEST_MESSAGE

_LENGTH = struct.Struct("!I")


class Closed(ConnectionError):
    """The process on the other side ended or was killed."""


class TooLate(TimeoutError):
    """No complete message came in time."""


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


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one message. Raises Closed."""
    raw = json.dumps(message).encode()
    try:
        connection.sendall(_LENGTH.pack(len(raw)) + raw)
    except OSError as error:
        raise Closed(str(error)) from error


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


def _exactly(connection: socket.socket, size: int, deadline: Deadline | None) -> bytes:
    parts = []
    while size:
        # A sender of single bytes must not get a new time limit with each byte.
        connection.settimeout(None if deadline is None else deadline.left())
        try:
            part = connection.recv(min(size, 1 << 20))
        except TimeoutError:
            continue
        except OSError as error:
            raise Closed(str(error)) from error
        if not part:
            raise Closed("end of file")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
