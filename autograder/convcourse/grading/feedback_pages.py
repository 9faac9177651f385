"""Feedback for students: nbgrader's HTML of each graded notebook."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from convcourse.authoring.nbgrader_calls import quiet_log
from convcourse.grading.class_folder import SECRET, TIMESTAMP, ClassFolder, notebook_in
from convcourse.grading.course import course_config
from convcourse.texts import text_of

# In nbgrader's page only colour separates links from text, syntax colours are pale, tables have no gaps, and folded hints
# have no triangle (its Bootstrap removes it).
STYLE = """<style>
a { color: #1d5a96; text-decoration: underline }
div.nbgrader_cell .panel-heading a { color: #fff }
:focus-visible { outline: 3px solid #d55e00; outline-offset: 2px }
summary { display: list-item; cursor: pointer }
.rendered_html th, .rendered_html td { padding: 2px 12px 2px 0; text-align: left }
.highlight .c1 { color: #2f6363 }
.highlight .ow { color: #8a00d4 }
.highlight .o { color: #555 }
</style>
"""


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
    page = folder / f"{unit}.html"
    page.write_text(_readable(page.read_text(encoding="utf-8")), encoding="utf-8")
    return page


def _readable(page: str) -> str:
    """nbgrader's page with a language, the exercises' names in its table of contents, and enough contrast."""
    page = page.replace("<html>", '<html lang="en">', 1).replace("</head>", f"{STYLE}</head>", 1)
    return re.sub(r'(<li><a href="#([\w-]+)">)Test cell</a>', r"\1\2</a>", page)


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
