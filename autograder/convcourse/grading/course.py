"""The configuration of the nbgrader course: its folders and our plug-ins."""

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
from convcourse.authoring.own_course import FILE, own_course
from convcourse.errors import CourseError
from convcourse.grading.harmless import show_harmless_pages
from convcourse.grading.judge import Judge
from convcourse.grading.late import LatePolicy, late_settings
from convcourse.grading.late_days import asked_days
from convcourse.grading.rebuild import RebuildFromRelease

GRADEBOOK_URL = "CONVCOURSE_DB"


def configure(config: Config, root: Path) -> None:
    """Set up nbgrader for the class in `root` (submitted/, autograded/, gradebook.db …). Raises CourseError."""
    if "?" in str(root.resolve()):  # in the gradebook's URL it would end the path
        raise CourseError(f"the class's folder {root.resolve()} has a '?' in its path: rename it")
    lay_out(config, root)
    config.CourseDirectory.db_url = f"sqlite:///{root.resolve() / 'gradebook.db'}"
    config.AssignLatePenalties.plugin_class = LatePolicy  # takes nothing off unless the class configures it
    own = own_course(root)
    config.LatePolicy = late_settings(own.late, root / FILE)
    config.LatePolicy.asked = asked_days(root)
    config.CsvExporter.drop_lowest = own.drop_lowest
    config.ExchangeFactory.collect = "convcourse.grading.exchange.CollectWithoutLinks"
    # Rebuild first, so that a student's changes to the notebook cannot mislead later steps.
    config.Autograde.sanitize_preprocessors = [RebuildFromRelease, ClearOutput, OverwriteKernelspec, CheckCellMetadata]
    # Judge before LimitOutput shortens outputs. Save scores before the penalties read them.
    config.Autograde.autograde_preprocessors = [
        Judge,
        IgnorePattern,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    show_harmless_pages(config)


def course_config(root: Path) -> Config:
    """A fresh configuration for the class in `root`, changed by its own nbgrader_config.py if it has one.

    The gradebook from the environment or `convcourse --db` overrides both. Raises CourseError, naming the file.
    """
    config = Config()
    configure(config, root)
    if (file := root / "nbgrader_config.py").exists():
        try:
            config.merge(PyFileConfigLoader(file.name, path=str(root)).load_config())
            LatePolicy(config=config)  # finds errors in it now, and not at the first late student
        except Exception as error:  # the file is Python and may raise any error
            raise CourseError(f"{file} cannot be used: {type(error).__name__}: {error}") from error
    if url := os.environ.get(GRADEBOOK_URL):
        config.CourseDirectory.db_url = url
    return config


def db_url(root: Path) -> str:
    """The URL of the class's gradebook: a file in `root`, unless the configuration names another."""
    return str(course_config(root).CourseDirectory.db_url)
