"""Memory of whole rooms, where control groups cannot be had: the warm server looks every 50 ms and ends what is too large.

A limit for each process is not enough, because a room may start many. What counts is the memory of all its processes,
its memory file systems, and what its sockets may hold, beyond the memory of the warm server.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 0.05
SOCKET = 2 * 212_992  # bytes that wait in a socket, at most, in a kernel as it comes


@dataclass(frozen=True)
class _Process:
    parent: int
    memory: int  # bytes of its own and of shared memory, also where it shares them with the process that forked it


def own_memory() -> int:
    """Bytes that this process holds without those of files."""
    return _read("self").memory


def too_large(rooms: Mapping[int, int], limit: int, warm: int, places: Sequence[str]) -> list[int]:
    """The rooms that take more than `limit` bytes beyond the warm server's `warm` bytes.

    rooms: number -> first process, as this process sees it. places: a room's memory file systems.
    """
    processes = dict(_processes())
    families: dict[int, list[int]] = {first: [] for first in rooms.values()}
    for process in processes:
        first = process
        while first in processes and first not in families:
            first = processes[first].parent
        if first in families:
            families[first].append(process)
    return [number for number, first in rooms.items() if _takes_more(limit, first, families[first], processes, warm, places)]


def _takes_more(
    limit: int, first: int, family: Sequence[int], processes: Mapping[int, _Process], warm: int, places: Sequence[str]
) -> bool:
    beside = _in_file_systems(first, places) + _sockets(first) * SOCKET
    if sum(processes[process].memory for process in family) - warm + beside <= limit:
        return False
    if len(family) == 1:
        return True
    # Forks share memory with each other. The kernel's exact count takes milliseconds, so it is asked last.
    return sum(_share(process, processes[process].memory) for process in family) + beside > limit


def _processes() -> Iterator[tuple[int, _Process]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            yield int(folder.name), _read(folder.name)


def _read(process: str) -> _Process:
    fields = dict(line.split(":", 1) for line in Path("/proc", process, "status").read_text().splitlines())
    kilobytes = (fields.get(name, "0").split()[0] for name in ("RssAnon", "RssShmem", "VmSwap"))
    return _Process(int(fields["PPid"]), 1024 * sum(map(int, kilobytes)))


def _share(process: int, otherwise: int) -> int:
    """Bytes of a process, of shared pages its share; `otherwise` if it has ended or the kernel does not tell."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return otherwise
    return 1024 * int(text.split("\nPss:", 1)[1].split()[0])


def _in_file_systems(first: int, places: Sequence[str]) -> int:
    used = 0
    for place in places:
        try:
            about = os.statvfs(f"/proc/{first}/root{place}")
        except OSError:  # it has ended
            return 0
        used += (about.f_blocks - about.f_bfree) * about.f_frsize
    return used


def _sockets(first: int) -> int:
    try:
        text = Path(f"/proc/{first}/net/sockstat").read_text()
    except OSError:
        return 0
    return int(text.split("used", 1)[1].split()[0])
