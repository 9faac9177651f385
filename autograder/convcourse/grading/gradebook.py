"""What is read from and written to nbgrader's gradebook besides what nbgrader writes itself."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, parse_utc

COLUMNS = ("id", "first_name", "last_name", "email")


def gradebook(root: Path) -> Gradebook:
    """The gradebook of the class in `root`; made if it is not there yet. Use it as a context manager."""
    root.mkdir(parents=True, exist_ok=True)
    return Gradebook(f"sqlite:///{root / 'gradebook.db'}", "convcourse")


def known_students(root: Path) -> set[str]:
    """The ids in the class list."""
    with gradebook(root) as book:
        return {student.id for student in book.students}


def add_students(root: Path, file: Path) -> int:
    """Add or update the students of a CSV file with a column `id`, and return how many it holds.

    first_name, last_name and email are read when they are there. Raises ValueError for a file without ids.
    """
    with file.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        if "id" not in (reader.fieldnames or []):
            raise ValueError(f"{file.name} has no column 'id'; its first line must name the columns: {', '.join(COLUMNS)}")
        rows = [row for row in reader if (row["id"] or "").strip()]
    with gradebook(root) as book:
        for row in rows:
            details = {name: row[name] for name in COLUMNS[1:] if row.get(name)}
            book.update_or_create_student(row["id"].strip(), **details)
    return len(rows)


def set_due_date(root: Path, unit: str, due: datetime | None) -> None:
    with gradebook(root) as book:
        book.update_or_create_assignment(unit, **({"duedate": due} if due else {}))


def is_released(root: Path, unit: str) -> bool:
    with gradebook(root) as book:
        try:
            return bool(book.find_assignment(unit).notebooks)
        except MissingEntry:
            return False


def timestamp_of(file: Path) -> datetime | None:
    """The time in a timestamp.txt, as nbgrader reads it (UTC, without a zone); None when there is no such file."""
    return parse_utc(file.read_text(encoding="utf-8").strip()) if file.exists() else None


def record(book: Gradebook, unit: str, student: str, notebook: NotebookNode, handed_in: datetime | None) -> SubmittedAssignment:
    """Write an autograded notebook's scores, in one transaction, as nbgrader's own preprocessors would.

    Manual scores and comments stay; where there is a manual score the grade is marked for another look.
    """
    if student not in {known.id for known in book.students}:
        book.update_or_create_student(student)
    with book.db.no_autoflush:  # nbgrader reads the assignment's cells before its new rows hang together
        submission = book.update_or_create_submission(unit, student, timestamp=handed_in)
    graded = submission.notebooks[0]
    grades = {grade.name: grade for grade in graded.grades}
    comments = {comment.name: comment for comment in graded.comments}
    for cell in notebook.cells:
        if is_grade(cell):
            grade = grades[cell.metadata.nbgrader["grade_id"]]
            grade.auto_score, _ = determine_grade(cell)
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        if is_solution(cell):
            unchanged = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
            comments[cell.metadata.nbgrader["grade_id"]].auto_comment = "No response." if unchanged else None
    book.db.commit()
    return submission
