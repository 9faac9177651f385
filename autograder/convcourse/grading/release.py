"""Put a unit into a class's gradebook, so that it can be graded."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from convcourse.authoring.nbgrader_calls import last_error, quiet_log
from convcourse.authoring.notebooks.build import drifted
from convcourse.authoring.notebooks.source import SourceError
from convcourse.authoring.own_course import is_own
from convcourse.grading.course import course_config
from convcourse.grading.gradebook import set_due_date
from convcourse.grading.machine_trouble import failed


def release(root: Path, unit: str, due: datetime | None = None) -> None:
    """Register the unit's graded cells and its due date (UTC) in the gradebook of the class in `root`.

    The students' copy is the built course/UNIT/UNIT.ipynb. Raises SourceError if it differs from the build of its source.
    """
    stale = drifted(unit, root)
    root.mkdir(parents=True, exist_ok=True)
    if stale and is_own(root):
        raise SourceError(f"{', '.join(stale)} is not what the source builds: run `convcourse build --course {root}`")
    if stale:
        raise SourceError(f"{', '.join(stale)} is not what the source builds: run `make build`, look at it, and commit")
    config = course_config(root)
    with tempfile.TemporaryDirectory() as folder, quiet_log() as said:
        config.CourseDirectory.release_directory = folder  # course/ is built already; only the gradebook is needed
        outcome = NbGraderAPI(config=config).generate_assignment(unit, force=True)
    if not outcome["success"]:
        raise failed(f"nbgrader could not release {unit}", said.error, last_error(said.getvalue()))
    set_due_date(root, unit, due)
