"""Feedback for students: nbgrader's HTML of each graded notebook."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from convcourse.authoring.nbgrader_calls import last_error, quiet_log
from convcourse.grading.class_folder import SECRET, TIMESTAMP, ClassFolder, notebook_in
from convcourse.grading.course import course_config
from convcourse.grading.machine_trouble import failed
from convcourse.grading.whole_files import remove_folder
from convcourse.texts import text_of

BEING_WRITTEN = ".feedback"  # a folder of the class; a page that a kill cut short stays there


def write_feedback(root: Path, unit: str, student: str) -> Path | None:
    """Write feedback/STUDENT/UNIT/UNIT.html and return its path; None if this student's unit is not graded.

    Raises CourseError if it cannot be written, and MachineTrouble if no other student's could either.
    """
    try:
        return _write(root, unit, student)
    except OSError as error:
        raise failed(f"the feedback of {student} could not be written", error) from error


def _write(root: Path, unit: str, student: str) -> Path | None:
    place = ClassFolder(root)
    graded, folder = place.autograded(student, unit), place.feedback(student, unit)
    if not notebook_in(graded).exists():
        return None
    config = course_config(root)
    config.CourseDirectory.feedback_directory = BEING_WRITTEN
    with quiet_log() as said:
        outcome = NbGraderAPI(config=config).generate_feedback(unit, student, force=True)
    if not outcome["success"]:
        raise failed(f"nbgrader could not write the feedback of {student}", said.error, last_error(said.getvalue()))
    fresh = root / BEING_WRITTEN / student / unit
    _make_fit_for_the_exchange(place.submitted(student, unit), graded, fresh)
    page = notebook_in(folder).with_suffix(".html")
    remove_folder(folder, first=page)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh.rename(folder)
    with contextlib.suppress(OSError):  # another command writes there too
        fresh.parent.rmdir()
        fresh.parent.parent.rmdir()
    return page


def _make_fit_for_the_exchange(submitted: Path, graded: Path, feedback: Path) -> None:
    """Write the files that `nbgrader release_feedback` needs beside a page. Without them it stops for all students.

    A secret that came with the submission identifies a released page. Work from outside the exchange has
    no secret, so its page gets a secret that nobody knows.
    """
    if (submitted / SECRET).exists() and text_of(submitted / TIMESTAMP) == text_of(graded / TIMESTAMP):
        shutil.copy(submitted / SECRET, feedback)
    elif not (feedback / SECRET).exists():
        (feedback / SECRET).write_text(secrets.token_hex(64), encoding="utf-8")
    (feedback / TIMESTAMP).touch()
