"""The nbgrader course: where its folders are and which of our plug-ins it runs."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    IgnorePattern,
    LimitOutput,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from convcourse.errors import CourseError
from convcourse.grading.judge import Judge
from convcourse.grading.late import LatePolicy
from convcourse.grading.rebuild import RebuildFromRelease
from convcourse.own_course import release_folder, source_folder

GRADEBOOK_URL = "CONVCOURSE_DB"


def configure(config: Config, root: Path) -> None:
    """Set up nbgrader for a class whose work lies in `root` (submitted/, autograded/, gradebook.db …)."""
    root = root.resolve()  # nbgrader takes other relative paths from the root
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "convcourse"
    config.CourseDirectory.source_directory = str(source_folder(root))
    config.CourseDirectory.release_directory = str(release_folder(root))
    config.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook.db'}"
    # Without "*.py", generate_assignment copies the solution scripts into the students' folder.
    config.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "*.py"]
    config.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
    config.AssignLatePenalties.plugin_class = LatePolicy  # which takes nothing off unless the class says so
    config.ExchangeFactory.collect = "convcourse.grading.exchange.CollectWithoutLinks"
    # First rebuild, so that nothing after it can be misled by what a student did to the notebook.
    config.Autograde.sanitize_preprocessors = [RebuildFromRelease, ClearOutput, OverwriteKernelspec, CheckCellMetadata]
    # Judge before LimitOutput shortens anything, save scores before penalties look at them.
    config.Autograde.autograde_preprocessors = [
        Judge,
        IgnorePattern,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]


def course_config(root: Path) -> Config:
    """A fresh configuration for the class in `root`, changed by its own nbgrader_config.py where it has one.

    The gradebook that the environment or `convcourse --db` names goes before both. Raises CourseError, naming the file.
    """
    config = Config()
    configure(config, root)
    if (file := root / "nbgrader_config.py").exists():
        try:
            config.merge(PyFileConfigLoader(file.name, path=str(root)).load_config())
            LatePolicy(config=config)  # else what is wrong with it is only found at the first late student
        except Exception as error:  # it is Python, and may fail in any way
            raise CourseError(f"{file} cannot be used: {type(error).__name__}: {error}") from error
    if url := os.environ.get(GRADEBOOK_URL):
        config.CourseDirectory.db_url = url
    return config


def db_url(root: Path) -> str:
    """The URL of the class's gradebook: a file in `root`, unless another is configured."""
    return str(course_config(root).CourseDirectory.db_url)


@contextmanager
def quiet_log() -> Iterator[StringIO]:
    """Keep what nbgrader and its helpers log off the terminal; the block can read it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("traitlets")
    before, propagate = logger.handlers[:], logger.propagate
    logger.handlers[:], logger.propagate = [handler], False
    try:
        yield stream
    finally:
        logger.handlers[:], logger.propagate = before, propagate


def last_error(log: str) -> str:
    """Of what nbgrader has logged, the line that says what went wrong; all of it when no line does."""
    reasons = re.findall(r"^[\w.]*(?:Error|Exception): .*", log, flags=re.M)
    return reasons[-1] if reasons else log.strip()
