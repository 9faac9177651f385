"""Send tasks to the Dask workers of a cluster.

If a worker dies, its task runs again on another worker. If the second worker dies too, the task fails and the others
continue (`allowed-failures`, here and in docs/scaling.md). A worker has one task at a time, so a task harms no other.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from queue import Empty, SimpleQueue
from uuid import uuid4

import dask
from distributed import Client, Future, KilledWorker, Worker, WorkerPlugin
from distributed.comm.addressing import parse_address, parse_host_port

from convcourse.errors import CourseError
from convcourse.grading.grade import Workers
from convcourse.grading.task import Done, Judged, Task, grade_task, in_first_turn, in_last_turn
from convcourse.sandbox.room import close_warm_server, warn_unwalled

JOIN_SECONDS = 60.0
# After this time, a task is also sent to a second worker if one is idle. The first answer counts.
STRAGGLER_SECONDS = 60.0
FETCH_SECONDS = 30.0
GONE = "the cluster is gone; what is recorded stays, and the same command goes on from here"
SETTINGS = {
    "distributed.scheduler.allowed-failures": 1,
    # Dask keeps its last thousand messages for debugging, and each of our messages is a whole submission.
    "distributed.admin.low-level-log-length": 1,
    "distributed.diagnostics.computations.max-history": 1,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


class NoCluster(CourseError):
    """The scheduler cannot be reached, has no workers, or is gone."""


class WarmServerEnds(WorkerPlugin):
    """Ends the warm server with its worker, because Dask ends its processes without Python's own cleanup."""

    name = "convcourse-warm-server"

    def teardown(self, worker: Worker) -> None:
        close_warm_server()


def on_cluster(address: str) -> Workers:
    """Grade on the workers of the Dask scheduler at this address. The workers keep running."""

    def workers(tasks: Iterable[Task]) -> Done:
        try:
            parse_host_port(parse_address(address)[1])
        except ValueError as error:
            raise NoCluster(f"'{address}' is no scheduler's address; write it as tcp://HOST:8786") from error
        try:
            with dask.config.set(SETTINGS):
                client = Client(address, timeout=JOIN_SECONDS, set_as_default=False)
        except OSError as error:  # a TimeoutError too
            raise NoCluster(f"there is no scheduler at {address} ({error})") from error
        with client:
            try:
                client.wait_for_workers(1, timeout=JOIN_SECONDS)
            except TimeoutError as error:
                raise NoCluster(f"no worker has joined the scheduler at {address} within {JOIN_SECONDS:g} s") from error
            client.register_plugin(WarmServerEnds())
            yield from hand_out(client, tasks)

    return workers


@dataclass
class _Out:
    """A task that has been sent: its copies, and the time when the last copy was sent."""

    task: Task
    copies: list[Future] = field(default_factory=list)
    sent: float = 0.0


def hand_out(client: Client, tasks: Iterable[Task], work: Callable[[Task], Judged] = grade_task) -> Done:
    """Yield each task once with its result, in the order in which they finish. Those that take long come last."""
    waiting = iter(tasks)
    long: deque[Task] = deque()
    finished: SimpleQueue[tuple[str, Future]] = SimpleQueue()
    out: dict[str, _Out] = {}

    def send(one: _Out) -> None:
        student = one.task.student
        future = client.submit(work, one.task, key=f"grade-{uuid4().hex}", pure=False)
        one.copies.append(future)
        one.sent = time.monotonic()
        future.add_done_callback(lambda done: finished.put((student, done)))

    def fill() -> None:
        free = max(0, _threads(client) - len(out))
        fresh = [in_first_turn(task) for task in islice(waiting, free)]
        for task in (*fresh, *(long.popleft() for _ in range(min(free - len(fresh), len(long))))):
            out[task.student] = _Out(task)
            send(out[task.student])

    fill()
    while out:
        try:
            student, future = finished.get(timeout=1.0)
        except Empty:
            fill()  # workers may have joined
            late = [one for one in out.values() if time.monotonic() - one.sent > STRAGGLER_SECONDS]
            if late and not all(client.processing().values()):
                send(min(late, key=lambda one: one.sent))
            continue
        if student not in out or future not in out[student].copies:
            continue
        judged = _outcome(future)
        if judged is None:
            send(out[student])
            continue
        one = out.pop(student)
        client.cancel(one.copies)
        if judged.state == "turn over":
            long.append(in_last_turn(one.task))
        fill()  # before the head does its own work
        if judged.state == "turn over":
            continue
        if judged.unwalled:
            warn_unwalled(judged.unwalled)
        yield one.task, judged


def _threads(client: Client) -> int:
    """The number of tasks that can run at the same time. Raises NoCluster."""
    try:
        return max(1, sum(client.nthreads().values()))
    except OSError as error:
        raise NoCluster(GONE) from error


def _outcome(future: Future) -> Judged | None:
    """The result of a task; None if its worker does not return it. Raises NoCluster."""
    if future.status == "finished":
        try:
            judged: Judged = future.result(timeout=FETCH_SECONDS)
            return judged
        except TimeoutError:
            return None
    if future.status == "error":
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Judged("failed", note="two workers died while grading it (memory?), so it was set aside; grade it by itself")
        return Judged("failed", note=f"could not be graded ({type(error).__name__}: {error}); please report this")
    raise NoCluster(GONE)
