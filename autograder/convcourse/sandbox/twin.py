"""A warm server for another process of this machine: a fork of this process's, which has imported all that this one has."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass
from threading import RLock

from convcourse.errors import MachineTrouble
from convcourse.sandbox.client import START_SECONDS, Sandbox, WarmServer
from convcourse.sandbox.messages import Closed, Within, has_ended, receive
from convcourse.sandbox.users_and_sockets import USERS
from convcourse.time_limit import TooLate

NUMBERS = 1_000_000  # of rooms that a twin may open before it comes to the numbers of the next


@dataclass(frozen=True)
class Lent:
    """What another process needs to use a twin. It can be sent as an argument of a `multiprocessing.Process`.

    number: of the twin, from 1; two at the same time have different ones. imported: the large libraries that it has.
    """

    control: socket.socket
    number: int
    imported: frozenset[str]


class Twin(WarmServer):
    """The borrower's side. The twin ends with this connection, and with the server of which it is a fork."""

    def __init__(self, lent: Lent) -> None:
        # The control groups of all twins' rooms lie in one folder, under the rooms' numbers.
        self.opened = lent.number * NUMBERS + secrets.randbelow(USERS)
        self.spare: Sandbox | None = None
        self.lock = RLock()
        self.control = lent.control
        self.started, self.imported = True, set(lent.imported)

    def has_ended(self) -> bool:
        return has_ended(self.control)

    def _wait(self, what: str) -> None:
        try:
            receive(self.control, Within(START_SECONDS))
        except (Closed, TooLate) as error:
            self.close()
            raise MachineTrouble(f"the sandbox did not {what}") from error

    def close(self) -> None:
        if self.spare:
            self.spare.connection.close()
        self.control.close()
