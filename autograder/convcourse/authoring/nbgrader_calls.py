"""Helpers for every call of nbgrader: the places of a class's folders, and the error message after a failure."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from traitlets.config import Config

from convcourse.authoring.own_course import release_folder, source_folder


def lay_out(config: Config, root: Path) -> None:
    """Tell nbgrader the folders of the class in `root`, and how to replace a solution by a stub."""
    root = root.resolve()  # nbgrader takes other relative paths from the root
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "convcourse"
    config.CourseDirectory.source_directory = str(source_folder(root))
    config.CourseDirectory.release_directory = str(release_folder(root))
    # Without "*.py", generate_assignment copies the solution scripts into the students' folder.
    config.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "*.py"]
    config.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}


class Said(StringIO):
    """What nbgrader and its helpers log. error: the last one that they caught and logged; None if there was none."""

    error: BaseException | None = None


class _Keeper(logging.StreamHandler[Said]):
    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        self.stream.error = sys.exc_info()[1] or self.stream.error


@contextmanager
def quiet_log() -> Iterator[Said]:
    """Hide the log of nbgrader and its helpers from the terminal. The block can read it.

    Raises KeyboardInterrupt if nbgrader caught one, which it would take for a student's trouble.
    """
    said = Said()
    logger = logging.getLogger("traitlets")
    before, propagate = logger.handlers[:], logger.propagate
    logger.handlers[:], logger.propagate = [_Keeper(said)], False
    try:
        yield said
    finally:
        logger.handlers[:], logger.propagate = before, propagate
        if isinstance(said.error, KeyboardInterrupt):
            raise said.error


def last_error(log: str) -> str:
    """The last error line of nbgrader's log, or its last line if no line is an error."""
    reasons = re.findall(r"^[\w.]*(?:Error|Exception): .*", log, flags=re.M)
    return reasons[-1] if reasons else log.strip().rpartition("\n")[2]
