"""The nbgrader course: where its folders are and which of our plug-ins it runs."""

from __future__ import annotations

import os
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

from convcourse.authoring.nbgrader_calls import lay_out
from convcourse.errors import CourseError
from convcourse.grading.judge import Judge
from convcourse.grading.late import LatePolicy
from convcourse.grading.rebuild import RebuildFromRelease

GRADEBOOK_URL = "CONVCOURSE_DB"


def configure(config: Config, root: Path) -> None:
    """Set up nbgrader for a class whose work lies in `root` (submitted/, autograded/, gradebook.db …)."""
    lay_out(config, root)
    config.CourseDirectory.db_url = f"sqlite:///{root.resolve() / 'gradebook.db'}"
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
