"""Feedback for students: nbgrader's HTML of each graded notebook."""

from __future__ import annotations

from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from convcourse.grading.course import course_config, quiet_log


def write_feedback(root: Path, unit: str, student: str) -> Path | None:
    """Write feedback/STUDENT/UNIT/UNIT.html and return its path; None when the unit has not been graded for them."""
    if not (root / "autograded" / student / unit / f"{unit}.ipynb").exists():
        return None
    with quiet_log() as said:
        outcome = NbGraderAPI(config=course_config(root)).generate_feedback(unit, student, force=True)
    if not outcome["success"]:
        raise RuntimeError(f"nbgrader could not write the feedback of {student}: {said.getvalue().strip().splitlines()[-1:]}")
    return root / "feedback" / student / unit / f"{unit}.html"
