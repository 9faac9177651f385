"""The project's paths, and the only setting that a fork changes: its repository."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

PLACE = Path(__file__).resolve().parents[1]
CLONED = (PLACE.parent / "solutions").is_dir()
# Without a clone the distribution convcourse-instructor has the units.
ROOT = PLACE.parent if CLONED else PLACE / "convcourse_instructor"
SOLUTIONS, COURSE = ROOT / "solutions", ROOT / "course"
if not COURSE.is_dir():  # a student's: the package has what students may see
    COURSE = PLACE / "convcourse" / "_course"
# The class, unless a command names another folder: without a clone, where the command is called.
AUTOGRADER = ROOT / "autograder" if CLONED else Path()


def repository() -> str:
    """OWNER/NAME on GitHub, for the Colab badges and the set-up cell.

    It comes from CONVCOURSE_REPOSITORY, or else from [tool.convcourse] in pyproject.toml.
    """
    return os.environ.get("CONVCOURSE_REPOSITORY") or str(_project_settings()["repository"])


def branch() -> str:
    """The branch for badges and set-up cells, from [tool.convcourse] in pyproject.toml."""
    return str(_project_settings()["branch"])


def _project_settings() -> dict[str, str]:
    settings: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["convcourse"]
    return settings
