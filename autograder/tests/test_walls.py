"""The walls of a room that a student's code might climb: memory of many processes, calls of the kernel, what it may open."""

import ctypes
import errno
import platform
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convcourse.sandbox import client, seccomp
from convcourse.sandbox.client import WarmServer
from convcourse.sandbox.control_groups import make_groups, remove_groups
from convcourse.sandbox.landlock import version
from convcourse.sandbox.room import room_maker, warn_once
from convcourse.sandbox.seccomp import AUDIT_NAMES, CLONE, CLONE3, MMAP, REFUSED, SOCKET, filter_program, why_no_filter
from tests.conftest import needs_sandbox

pytestmark = needs_sandbox
# Processes that take memory, and then each leave a file that says so.
CHILDREN = """
import glob, os, time
def take(megabytes):
    held = bytearray(megabytes << 20)
    held[::4096] = b"1" * len(held[::4096])
    open(f"taken-{{os.getpid()}}", "w").close()
    time.sleep(20)
    os._exit(0)
for _ in range({count}):
    if os.fork() == 0:
        take({megabytes})
deadline = time.monotonic() + 15
while len(glob.glob("taken-*")) < {count} and time.monotonic() < deadline:
    time.sleep(0.05)
time.sleep(0.2)
"""


@pytest.fixture(scope="module", params=["control groups", "watch"])
def server(request):
    """A warm server that counts the memory of its rooms in this way."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "watch":
            patch.setattr(client, "make_groups", lambda: ())
        with WarmServer() as server:
            if request.param == "control groups" and not server.groups:
                pytest.skip("this user may not make control groups")
            yield server


@pytest.fixture
def room(server):
    room = server.open()
    yield room
    room.close()


def value(room, source):
    outputs, trouble = room.run(source, 20)
    assert trouble == "", outputs
    return outputs[-1].get("evalue") or outputs[-1]["data"]["text/plain"]


def taken(room, count, megabytes):
    """How many of the processes have so much at one time; 0 if the room has ended."""
    if room.run(CHILDREN.format(count=count, megabytes=megabytes), 20)[1] == "died":
        return 0
    # Without those that the kernel has ended since, to make room for the next one.
    return int(value(room, "sum(open(f'/proc/{name[6:]}/stat').read().split()[2] != 'Z' for name in glob.glob('taken-*'))"))


def test_many_processes_have_no_more_memory_than_one(room):
    assert taken(room, count=4, megabytes=900) < 4


def test_many_small_processes_are_no_harm(room):
    assert taken(room, count=20, megabytes=10) == 20


def test_memory_in_files_counts(room):
    source = "import os\nfor place in ('/dev/shm', os.environ['TMPDIR']):\n    open(f'{place}/x', 'wb').write(bytes(120 << 20))"
    assert room.run(source, 20)[1] == ""
    assert taken(room, count=2, megabytes=950) < 2


def test_groups_are_removed(server):
    room = server.open()
    assert value(room, "1") == "1"
    number = str(room.number)
    assert all((group / number).exists() for group in server.groups)
    room.close()
    deadline = time.monotonic() + 60
    while any((group / number).exists() for group in server.groups) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any((group / number).exists() for group in server.groups)


def test_groups_of_a_killed_grader_are_removed_by_the_next():
    program = "from convcourse.sandbox.control_groups import make_groups; print(*make_groups())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    left = [Path(name) for name in done.stdout.split()]
    remove_groups(make_groups())
    assert not [group for group in left if group.exists()]


def test_a_room_has_no_privileges_and_gets_none(room):
    lines = value(room, "[l.split() for l in open('/proc/self/status') if l.startswith(('CapEff', 'CapBnd', 'NoNew'))]")
    assert lines.count("'0000000000000000'") == 2
    assert "'NoNewPrivs:', '1'" in lines


@pytest.mark.skipif(bool(why_no_filter()), reason="no filter of system calls here")
@pytest.mark.parametrize(("name", "numbers"), REFUSED.items(), ids=REFUSED)
def test_the_kernel_refuses_calls_that_no_notebook_needs(room, name, numbers):
    number = numbers[list(AUDIT_NAMES).index(platform.machine())]
    source = f"import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n(c.syscall({number}, 0, 0, 0, 0, 0), ctypes.get_errno())"
    assert value(room, source) == f"(-1, {errno.EPERM})"


@pytest.mark.skipif(bool(why_no_filter()), reason="no filter of system calls here")
def test_arguments_decide_on_namespaces_shared_memory_and_sockets(room):
    assert "Operation not permitted" in value(room, "import mmap\nmmap.mmap(-1, 4096)")
    assert value(room, "mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)[0]") == "0"
    assert "not supported" in value(room, "import socket\nsocket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)")
    assert value(room, "a, b = socket.socketpair()\na.send(b'x')") == "1"
    assert value(room, "import os\nos.popen('echo $((6 * 7))').read()") == "'42\\n'"
    assert value(room, "import threading\nt = threading.Thread(target=print); t.start(); t.join(); t.is_alive()") == "False"


@pytest.mark.parametrize("machine", AUDIT_NAMES)
def test_the_numbers_are_those_of_the_kernels_tables(machine):
    """As libseccomp knows them, where it is installed."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed")
    library.seccomp_syscall_resolve_name_arch.argtypes = (ctypes.c_uint32, ctypes.c_char_p)
    calls = {**REFUSED, "clone": CLONE, "clone3": CLONE3, "mmap": MMAP, "socket": SOCKET}
    here = list(AUDIT_NAMES).index(machine)
    known = {name: library.seccomp_syscall_resolve_name_arch(AUDIT_NAMES[machine], name.encode()) for name in calls}
    assert known == {name: numbers[here] for name, numbers in calls.items()}


@pytest.mark.parametrize("machine", AUDIT_NAMES)
def test_no_jump_of_the_filter_leaves_the_program(machine):
    lines = list(struct.iter_unpack("=HBBI", filter_program(machine)))
    for place, (code, then, otherwise, _) in enumerate(lines):
        assert place + 1 + max(then, otherwise) < len(lines) or code == seccomp.RETURN
    assert lines[-1] == (seccomp.RETURN, 0, 0, seccomp.ALLOW)


def test_a_machine_without_the_filter_is_named_once(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert why_no_filter() == "no filter of system calls is known for riscv64"
    monkeypatch.setattr("convcourse.sandbox.room._servers", [])
    monkeypatch.setattr("convcourse.sandbox.room.WarmServer", lambda: type("Server", (), {"open": None}))
    warn_once.cache_clear()
    with pytest.warns(UserWarning, match="may call all of the kernel: no filter") as said:
        room_maker("")
    assert len(said) == 1


@pytest.mark.skipif(not version(), reason="no Landlock in this Linux")
def test_landlock_forbids_what_can_be_seen_but_is_not_named(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "gradebook.db").write_text("Ada: 12")
    program = f"""
import ctypes, os
from convcourse.sandbox.landlock import allow_only
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # no way to new privileges
os.chdir({str(tmp_path)!r})
allow_only(readable=["/usr"], writable=["own", "not there"])
assert "gradebook.db" in os.listdir()
open("own/x", "w").close()
open("/usr/bin/env", "rb").close()
try:
    open("gradebook.db")
except PermissionError:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


@pytest.mark.skipif(not version(), reason="no Landlock in this Linux")
def test_a_room_uses_landlock_and_can_move_its_own_files(room):
    assert "Permission denied" in value(room, "open('/proc/self/comm', 'w')")
    assert value(room, "import os\n'usr' in os.listdir('/')") == "True"
    assert (
        value(room, "os.mkdir('a'); os.mkdir('b'); open('a/x', 'w').close(); os.rename('a/x', 'b/x'); os.listdir('b')") == "['x']"
    )
