"""Feedback for students: nbgrader's HTML of each graded notebook."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.grading.class_folder import SECRET, TIMESTAMP, ClassFolder, notebook_in
from convcourse.grading.course import course_config
from convcourse.texts import text_of


def write_feedback(root: Path, unit: str, student: str) -> Path | None:
    """Write feedback/STUDENT/UNIT/UNIT.html and return its path; None if this student's unit is not graded."""
    place = ClassFolder(root)
    graded, folder = place.autograded(student, unit), place.feedback(student, unit)
    if not notebook_in(graded).exists():
        return None
    with quiet_log() as said:
        outcome = NbGraderAPI(config=course_config(root)).generate_feedback(unit, student, force=True)
    if not outcome["success"]:
        raise RuntimeError(f"nbgrader could not write the feedback of {student}: {said.getvalue().strip().splitlines()[-1:]}")
    _make_fit_for_the_exchange(place.submitted(student, unit), graded, folder)
    return folder / f"{unit}.html"


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
