"""A twin of a warm server serves another process as the server itself would."""

import time

import pytest

from convcourse.errors import MachineTrouble
from convcourse.sandbox.client import WarmServer
from convcourse.sandbox.twin import NUMBERS, Lent, Twin
from tests.conftest import needs_sandbox

pytestmark = [needs_sandbox, pytest.mark.filterwarnings("ignore")]  # of rooms that are open when a test ends


@pytest.fixture(scope="module")
def server():
    with WarmServer() as server:
        yield server


@pytest.fixture
def twins(server):
    made = [Twin(Lent(server.twin(), number, frozenset(server.imported))) for number in (1, 2)]
    yield made
    for twin in made:
        twin.close()


def run(room, source):
    outputs, trouble = room.run(source, 20)
    assert trouble == ""
    return outputs[0]["data"]["text/plain"]


def test_each_has_rooms_of_its_own(server, twins):
    rooms = [one.open() for one in (server, *twins, *twins)]
    assert [run(room, f"kept = {number}\nkept") for number, room in enumerate(rooms)] == list("01234")
    assert [run(room, "kept") for room in rooms] == list("01234")
    assert [room.number // NUMBERS for room in rooms] == [0, 1, 2, 1, 2]


def test_a_loop_is_interrupted_and_a_room_can_be_closed(twins):
    room = twins[0].open()
    assert room.run("while True: pass", 1)[1] == "time"
    assert run(room, "6 * 7") == "42"
    room.close()
    assert room.run("1", 5) == ([], "died")


def test_the_end_of_one_is_not_the_end_of_the_others(server, twins):
    first, second = twins
    kept, lost = second.open(), first.open()
    first.close()
    deadline = time.monotonic() + 20
    while not lost.has_ended() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert lost.has_ended()
    assert run(kept, "1 + 1") == run(second.open(), "1 + 1") == run(server.open(), "1 + 1") == "2"
    assert not second.has_ended()


def test_who_asks_whether_it_has_ended_does_not_wait(twins):
    room = twins[0].open()
    run(room, "import time; time.sleep(0.5); 1")  # so long that the twin was asked what the room has computed
    begun = time.monotonic()
    assert not room.has_ended()
    assert not twins[0].has_ended()
    assert time.monotonic() - begun < 5  # it was two minutes: as long as the last answer might have taken


def test_it_ends_with_the_server():
    with WarmServer() as server:
        twin = Twin(Lent(server.twin(), 1, frozenset()))
        assert run(twin.open(), "1 + 1") == "2"
    with pytest.raises((OSError, MachineTrouble)):
        twin.import_large("sklearn")
    assert twin.has_ended()
    twin.close()


def test_it_has_what_the_server_has_imported_and_imports_more_for_itself(server):
    server.import_large("sklearn")
    twin = Twin(Lent(server.twin(), 3, frozenset(server.imported)))
    assert run(twin.open(), "import sys; 'sklearn' in sys.modules") == "True"
    twin.import_large("sklearn")  # it knows that it has it
    twin.close()
