"""Read and write nbgrader's gradebook, in addition to nbgrader's own code."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import parse_utc
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Query

from convcourse.errors import CourseError
from convcourse.grading.course import course_config
from convcourse.grading.submission import Unreadable

NO_TAGS = str.maketrans("<>", "‹›")
LOCK_SECONDS = 60
URL = "postgresql+psycopg://USER@HOST/DATABASE"
# nbgrader logs the traceback of an error of the database before it raises the error. In a Jupyter server it still appears.
logging.getLogger("tornado.application").addHandler(logging.NullHandler())
COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")


def gradebook(root: Path, begins: bool = False) -> Gradebook:
    """The gradebook of the class in `root`; created if it does not exist. Use it as a context manager.

    begins: an empty folder becomes a class. Else it is taken for the place where the class's disk is not mounted.
    Raises CourseError if there is no such folder, if it is empty, and for a URL that cannot be used.
    """
    config = course_config(root).CourseDirectory
    if not root.is_dir():
        raise CourseError(f"there is no class in {root}: that folder does not exist; `convcourse release` begins a class")
    if not begins and config.db_url.startswith("sqlite") and not any(root.iterdir()):
        raise CourseError(f"the folder {root} is empty: see that its disk is mounted; `convcourse release` begins a class")
    try:
        return Gradebook(config.db_url, config.course_id)
    except ArgumentError as error:
        raise CourseError(f"the gradebook's URL cannot be used: {error}; write it as {URL}") from error
    except ModuleNotFoundError as error:
        if error.name == "psycopg2":  # what SQLAlchemy takes if a URL names no driver
            raise CourseError(f"the gradebook's URL names no driver; write it as {URL}") from error
        raise


@event.listens_for(Engine, "connect")
def _wait_for_others(connection: Any, _record: object) -> None:
    """Let each statement wait until another program, such as the Formgrader or a backup, has written what it has to write."""
    waits = {"sqlite3": f"PRAGMA busy_timeout = {1000 * LOCK_SECONDS}", "psycopg": f"SET lock_timeout = '{LOCK_SECONDS}s'"}
    if wait := waits.get(type(connection).__module__.partition(".")[0]):
        cursor = connection.cursor()
        cursor.execute(wait)
        cursor.close()
        connection.commit()  # PostgreSQL would forget it at a rollback


def known_students(root: Path) -> set[str]:
    """The ids in the class list."""
    with gradebook(root) as book:
        return {student.id for student in book.students}


@dataclass(frozen=True)
class Person:
    """A student in the class list. lms_user_id: their number in the learning-management system; empty if not known."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def sortable_name(self) -> str:
        """Last name first; the id if the student has no name."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part) or self.id


def class_list(root: Path) -> list[Person]:
    """All students in the class list, sorted by id."""
    with gradebook(root) as book:
        return people_in(book)


def people_in(book: Gradebook) -> list[Person]:
    """All students in the class list of an open gradebook, sorted by id."""
    students = sorted(book.students, key=lambda student: student.id)
    return [Person(**{name: getattr(student, name) or "" for name in COLUMNS}) for student in students]


def add_students(root: Path, file: Path) -> int:
    """Add or update the students of a CSV file with a column `id`, and return their number.

    The other COLUMNS are optional. Names have "‹" and "›" for the signs of tags, which nbgrader writes into its pages as they
    are. Raises CourseError for a file without ids.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CourseError(f"{file.name} is not in UTF-8; save it as «CSV UTF-8»") from error
    reader = csv.DictReader(StringIO(text, newline=""))
    if "id" not in (reader.fieldnames or []):
        raise CourseError(f"{file.name} has no column 'id'; its first line must name the columns: {', '.join(COLUMNS)}")
    rows = [row for row in reader if (row["id"] or "").strip()]
    root.mkdir(parents=True, exist_ok=True)
    with gradebook(root, begins=True) as book:
        for row in rows:
            details = {name: row[name].strip().translate(NO_TAGS) for name in COLUMNS[1:] if (row.get(name) or "").strip()}
            book.update_or_create_student(row["id"].strip(), **details)
    return len(rows)


def set_due_date(root: Path, unit: str, due: datetime | None) -> None:
    with gradebook(root, begins=True) as book:
        book.update_or_create_assignment(unit, **({"duedate": due} if due else {}))


def due_date(root: Path, unit: str) -> datetime | None:
    """The unit's due date (UTC, without a zone), if the unit is released and has one."""
    with gradebook(root) as book:
        try:
            due: datetime | None = book.find_assignment(unit).duedate
        except MissingEntry:
            return None
    return due


def is_released(root: Path, unit: str) -> bool:
    with gradebook(root) as book:
        try:
            return bool(book.find_assignment(unit).notebooks)
        except MissingEntry:
            return False


def timestamp_of(file: Path) -> datetime | None:
    """The time in a timestamp.txt, as nbgrader reads it (UTC, without a zone); None if there is no such file.

    Raises Unreadable if the file has no valid time.
    """
    if not file.exists() and not file.is_symlink():
        return None
    try:
        if file.is_symlink() or not file.is_file():
            raise ValueError("a link or a folder")
        return parse_utc(file.read_text(encoding="utf-8").strip())
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{file} holds no time; write it as 2026-10-03 08:00:00 UTC") from error


@contextmanager
def cells_kept(book: Gradebook, unit: str) -> Iterator[None]:
    """Inside the block, the unit's cells are read once, and not again for each student.

    The cells do not change while a unit is graded. All other objects are released when no code refers to them.
    """
    session = book.db()
    session.expire_on_commit = False
    notebook = book.find_notebook(unit, unit)
    cells = [*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells]
    book.db.commit()
    try:
        yield
    finally:
        cells.clear()
        session.expire_on_commit = True


def query_submissions(book: Gradebook, *columns: Any) -> Query[Any]:
    """A query of these columns over every submitted notebook, with its submission and assignment."""
    return (
        book.db.query(*columns)
        .select_from(SubmittedAssignment)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    )


def query_grades(book: Gradebook, *columns: Any) -> Query[Any]:
    """A query of these columns over every grade, with its cell, notebook, submission and assignment."""
    grades = query_submissions(book, *columns).join(Grade, Grade.notebook_id == SubmittedNotebook.id)
    return grades.join(BaseCell, Grade.cell_id == BaseCell.id)


@dataclass
class Held:
    """One student's scores for a unit in the gradebook: grade id -> automatic score, and score that counts."""

    extension: timedelta | None
    auto: dict[str, float | None] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)


def held_scores(book: Gradebook, unit: str) -> dict[str, Held]:
    """Student -> scores, for the whole class in one query."""
    columns = (SubmittedAssignment.student_id, SubmittedAssignment.extension, BaseCell.name, Grade.auto_score, Grade.score)
    rows = query_grades(book, *columns).filter(Assignment.name == unit)
    found: dict[str, Held] = {}
    for student, extension, name, auto, score in rows:
        held = found.setdefault(student, Held(extension))
        held.auto[name], held.scores[name] = auto, score
    return found
