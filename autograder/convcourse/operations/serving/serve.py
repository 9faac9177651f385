"""Watch an inbox, and grade what arrives. All state is in the class's folder, so it may be killed and started at any moment."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.errors import CourseError, MachineTrouble
from convcourse.grading.class_folder import ClassFolder, notebook_in
from convcourse.grading.collect import collect
from convcourse.grading.course import course_config
from convcourse.grading.feedback_pages import write_feedback
from convcourse.grading.grade import grade, students_to_grade
from convcourse.grading.gradebook import known_students
from convcourse.grading.machine_trouble import told
from convcourse.operations.serving.status import write_status
from convcourse.texts import text_of

SETTLING = 1.0  # seconds; a younger file may still be written
LONGEST_SETTLING = 10.0
GRADED = re.compile(r"(?P<day>\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d (?P<student>.+?) graded ")


@dataclass
class Served:
    """What a unit's last round found. said: lines of collecting that need somebody. seconds: from arrival to feedback."""

    unit: str
    graded: int = 0
    waiting: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    trouble: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: list[float] = field(default_factory=list)


def serve(
    root: Path,
    inbox: Path,
    units: Sequence[str],
    say: Callable[[str], None],
    pause: float = 5.0,
    most_a_day: int = 10,
    exchange: bool = False,
    rounds: int | None = None,
) -> None:
    """Collect, grade and write feedback whenever the inbox has changed, until it is stopped.

    inbox: as for `collect`; if it has a folder named after a unit, that one holds the unit's work.
    most_a_day: gradings of a student's unit in one day (UTC); what comes after them waits until the next.
    exchange: collect from nbgrader's exchange first. rounds: stop after so many looks at the inbox; None never stops.
    Raises CourseError if another one serves this class, for a unit that is not released, and for an empty class list.
    """
    if not known_students(root):
        raise CourseError("the class list is empty, so nobody could hand in: add students with `convcourse students`")
    for unit in units:
        students_to_grade(root, unit)  # raises NotReleased now, and not in the night
    served = {unit: Served(unit) for unit in units}
    with _alone(root):
        seen, day, unwritten = [("", 0, 0.0)], "", ""
        for _ in range(rounds) if rounds is not None else itertools.count():
            if exchange:
                _from_the_exchange(root, units)
            _settle(inbox)
            now, today = _state(inbox, root), f"{datetime.now(UTC):%Y-%m-%d}"
            if now != seen or today != day or any(each.trouble for each in served.values()):
                for unit in units:
                    served[unit] = _round(root, inbox, unit, served[unit], most_a_day, say)
                seen, day = now, today
            unwritten = _show(root, list(served.values()), unwritten, say)
            if rounds is None:
                time.sleep(pause)


def _round(root: Path, inbox: Path, unit: str, last: Served, most_a_day: int, say: Callable[[str], None]) -> Served:
    """Collect, grade and write the feedback of one unit."""
    now = Served(unit, seconds=last.seconds)
    try:
        with told(f"{unit} waits"):
            lines = collect(root, unit, inbox / unit if (inbox / unit).is_dir() else inbox)
            said = (f"{line.student}: {line.message}" for line in lines if not line.ok)
            now.said = tuple(line for line in said if "has sent nothing" not in line and "nothing here" not in line)
            used = gradings_today(root, unit)
            students = students_to_grade(root, unit)
            over = [name for name in students if used[name] >= most_a_day]
            now.waiting = tuple(name for name in over if _is_newer(root, unit, name))
            for result in grade(root, unit, [name for name in students if name not in over]):
                place = ClassFolder(root)
                page = notebook_in(place.feedback(result.student, unit)).with_suffix(".html")
                graded = notebook_in(place.autograded(result.student, unit))
                if result.state == "graded" and graded.exists() and (not page.exists() or _time(page) < _time(graded)):
                    try:
                        write_feedback(root, unit, result.student)
                    except MachineTrouble:
                        raise
                    except CourseError as error:  # the next round tries again
                        now.trouble = str(error)
                        continue
                    now.seconds.append(time.time() - _time(notebook_in(place.submitted(result.student, unit))))
                    say(f"{result.student} {unit} {result.score:g}/{result.max_score:g}")
                now.graded += result.state == "graded"
    except CourseError as error:  # the next round tries again
        now.trouble = str(error)
    if now.trouble not in ("", last.trouble):
        say(now.trouble)
    return now


def _show(root: Path, served: Sequence[Served], last: str, say: Callable[[str], None]) -> str:
    """Write the page of status. Returns the trouble if it cannot be written, and says it unless it is the last one."""
    try:
        with told("the page of status waits"):
            write_status(root, served)
    except MachineTrouble as error:
        if str(error) != last:
            say(str(error))
        return str(error)
    return ""


def gradings_today(root: Path, unit: str) -> Counter[str]:
    """Student -> how often their unit was graded today (UTC), from the log."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    lines = text_of(ClassFolder(root).report(unit) / "grading.log").splitlines()
    return Counter(found["student"] for line in lines if (found := GRADED.match(line)) and found["day"] == today)


def _is_newer(root: Path, unit: str, student: str) -> bool:
    """Has work come since the last grading?"""
    place = ClassFolder(root)
    submitted, graded = notebook_in(place.submitted(student, unit)), notebook_in(place.autograded(student, unit))
    return submitted.exists() and graded.exists() and _time(submitted) > _time(graded)


def _time(path: Path) -> float:
    return path.stat().st_mtime


def _from_the_exchange(root: Path, units: Sequence[str]) -> None:
    with quiet_log():
        for unit in units:
            NbGraderAPI(config=course_config(root)).collect(unit, update=True)


def _settle(inbox: Path) -> None:
    """Wait until no file is being written, but not for ever: a file that is cut short is collected again when it is whole."""
    end = time.monotonic() + LONGEST_SETTLING
    while time.monotonic() < end:
        youngest = max((mtime for _, _, mtime in _files(inbox)), default=0.0)
        if time.time() - youngest > SETTLING:
            return
        time.sleep(SETTLING / 4)


def _state(inbox: Path, root: Path) -> list[tuple[str, int, float]]:
    """What changes when work comes, or somebody changes it in submitted/."""
    return [*_files(inbox), *_files(root / "submitted")]


def _files(folder: Path) -> Iterator[tuple[str, int, float]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        with contextlib.suppress(OSError):
            if path.is_file():
                about = path.stat()
                yield str(path), about.st_size, about.st_mtime


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Raises CourseError if another process serves this class. A lock ends with its process, however that ends."""
    path = root / "reports" / "serve.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        if os.name == "posix":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise CourseError(f"another `convcourse serve` is at work in {root}: stop it first") from error
        yield
