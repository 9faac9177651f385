"""Grade on all cores of this machine, with worker processes that share the head's warm server.

If a worker dies, its task runs again on another. If the second worker dies too, the task fails and the others continue.
"""

from __future__ import annotations

import contextlib
import os
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import Pipe, forkserver, get_all_start_methods, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Thread

from convcourse.exercises import UNITS, module_of
from convcourse.grading.machine_size import workers_that_fit
from convcourse.grading.task import (
    Done,
    Judged,
    Task,
    grade_task,
    in_first_turn,
    in_last_turn,
    one_by_one,
    quick_ones,
    warm_up_for,
)
from convcourse.quiet import hush_tensorflow
from convcourse.sandbox.room import borrow, lend, warn_unwalled
from convcourse.sandbox.twin import Lent

FEWEST_TASKS = 40  # for fewer quick ones, workers do not pay for their start (about five seconds of computing)
AHEAD = 2  # tasks that a worker has, so that it does not wait while the head writes the gradebook
TWO_DIED = "two workers died while grading it (memory?), so it was set aside; grade it by itself"


def on_this_machine(tasks: Iterable[Task]) -> Done:
    """Grade on all cores that have memory for a worker, or only in this process if there are few tasks."""
    tasks, most = iter(tasks), workers_that_fit()
    first = list(islice(tasks, FEWEST_TASKS))
    if most > 1 and len(first) == FEWEST_TASKS:
        yield from on_workers(most, chain(first, tasks))
        return
    long: list[Task] = []
    yield from quick_ones(chain(first, tasks), long)
    if min(len(long), most) > 1:
        yield from on_workers(min(len(long), most), long)
    else:
        yield from one_by_one(long)


@dataclass
class _Worker:
    """A worker process, with the tasks that were sent to it and are not done, the current one first."""

    process: BaseProcess
    connection: Connection
    tasks: deque[Task] = field(default_factory=deque)

    def give(self, task: Task) -> None:
        self.tasks.append(task)
        with contextlib.suppress(OSError):  # it has died, which the head sees when it waits for it
            self.connection.send(task)

    def end(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()


def on_workers(count: int, tasks: Iterable[Task], work: Callable[[Task], Judged] = grade_task) -> Done:
    """Yield each task once with its result, in the order in which they finish. Those that take long come last."""
    waiting, again, long, lost = iter(tasks), deque[Task](), deque[Task](), set[str]()
    first = next(waiting, None)
    if first is None:
        return
    context = _context_for(first.unit)
    warm_up_for(first)
    again.append(first)
    team: dict[Connection, _Worker] = {}
    numbers = iter(range(1, 1_000_000))

    def fill(worker: _Worker) -> None:
        while len(worker.tasks) < AHEAD:
            if again:
                worker.give(in_first_turn(again.popleft()))
            elif (task := next(waiting, None)) is not None:
                worker.give(in_first_turn(task))
            elif long and not worker.tasks:
                worker.give(long.popleft())
            else:
                break

    def hire() -> None:
        worker = _start(context, next(numbers), work)
        team[worker.connection] = worker
        fill(worker)

    try:
        for _ in range(count):
            hire()
        while busy := [worker.connection for worker in team.values() if worker.tasks]:
            for connection in wait(busy):
                worker = team[connection]  # type: ignore[index]
                task = worker.tasks.popleft()
                try:
                    judged = worker.connection.recv()
                except (EOFError, OSError):
                    judged = Judged("failed", note=TWO_DIED) if task.student in lost else Judged("died")
                    again.extend([*([] if task.student in lost else [task]), *worker.tasks])
                    lost.add(task.student)
                    worker.end()
                    del team[worker.connection]
                    hire()
                if judged.state == "turn over":
                    long.append(in_last_turn(task))
                for one in team.values():
                    fill(one)  # before the head does its own work
                if judged.unwalled:
                    warn_unwalled(judged.unwalled)
                if judged.state not in ("turn over", "died"):
                    yield task, judged
    finally:
        for worker in team.values():
            worker.end()


def _context_for(unit: str) -> BaseContext:
    """Where workers come from: a helper process that has imported what they need, and forks itself for each."""
    if "forkserver" not in get_all_start_methods():  # Windows
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__, *([module_of(unit)] if unit in UNITS else [])])
    forkserver.ensure_running()  # it imports while the warm server does
    return context


def _start(context: BaseContext, number: int, work: Callable[[Task], Judged]) -> _Worker:
    lent = lend(number)
    here, there = Pipe()
    process = context.Process(target=_work, args=(there, lent, work), daemon=True)  # type: ignore[attr-defined]
    process.start()
    there.close()
    if lent:
        lent.control.close()
    return _Worker(process, here)


def _work(connection: Connection, lent: Lent | None, work: Callable[[Task], Judged]) -> None:
    """A worker's life: do tasks until the head closes the connection. Only the head handles Ctrl-C, and only it warns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.filterwarnings("ignore", message=".*WITHOUT a sandbox")
    hush_tensorflow()
    if lent:
        borrow(lent)
    tasks: SimpleQueue[Task] = SimpleQueue()
    # Read in a thread: if the head waited to send a task while this process waited to send a result, both would for ever.
    Thread(target=_read, args=(connection, tasks), daemon=True).start()
    with contextlib.suppress(OSError):  # the head is gone
        while True:
            connection.send(work(tasks.get()))


def _read(connection: Connection, tasks: SimpleQueue[Task]) -> None:
    """Queue the tasks that come, and end the process with the connection: nobody would get what it is doing."""
    try:
        while True:
            tasks.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)
