"""Messages come whole, and nobody waits longer than is said."""

import socket
import threading
import time

import pytest

from convcourse.sandbox.messages import Closed, Within, has_ended, receive, send
from convcourse.time_limit import TooLate

LONG = {"text": "x" * 5_000_000}  # more than the pipe between two sockets holds


@pytest.fixture
def ends():
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_a_long_message_waits_for_a_slow_reader(ends):
    one, other = ends
    send(other, {"text": "short"})
    receive(one, Within(0.01))  # the next message has a time of its own
    received = []

    def read_late():
        time.sleep(0.3)
        received.append(receive(other))

    reader = threading.Thread(target=read_late)
    reader.start()
    send(one, LONG, Within(60))
    reader.join()
    assert received == [LONG]


def test_who_never_reads_holds_nobody_up(ends):
    with pytest.raises(TooLate):
        send(ends[0], LONG, Within(0.1))


def test_a_message_that_does_not_end_is_too_late(ends):
    ends[1].sendall(b"\x00\x00\x00\x09{")
    with pytest.raises(TooLate):
        receive(ends[0], Within(0.1))


def test_the_end_of_the_other_side_shows_at_once(ends):
    one, other = ends
    with pytest.raises(TooLate):
        receive(one, Within(0.1))
    assert not has_ended(one)
    other.close()
    assert has_ended(one)
    with pytest.raises(Closed):
        send(one, LONG)
