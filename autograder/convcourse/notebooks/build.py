"""Build solutions/X/X.ipynb and course/X/X.ipynb from solutions/X/X.py, or say which of them has drifted."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from convcourse.grading.course import course_config, quiet_log
from convcourse.notebooks.leaks import leaks
from convcourse.notebooks.library import expanded
from convcourse.notebooks.source import SourceError, solved_notebook, write_notebook
from convcourse.settings import COURSE, SOLUTIONS


def units() -> list[str]:
    """The units that have a source, in order."""
    return sorted(path.stem for path in SOLUTIONS.glob("*/*.py") if path.stem == path.parent.name)


def build(unit: str, solutions: Path, course: Path) -> None:
    """Write the solved notebook under `solutions` and the student's under `course`.

    Raises SourceError when the script is wrong, nbgrader refuses it, or an answer would leak.
    """
    script = SOLUTIONS / unit / f"{unit}.py"
    if not script.exists():
        raise SourceError(f"there is no unit '{unit}'; the units are {', '.join(units())}")
    try:
        solved = solved_notebook(script)
    except (SourceError, ValueError) as error:
        raise SourceError(f"{script.name}: {error}") from error
    write_notebook(solved, solutions / unit / f"{unit}.ipynb")
    with tempfile.TemporaryDirectory() as folder:
        config = course_config(Path(folder))
        config.CourseDirectory.source_directory = str(solutions)
        config.CourseDirectory.release_directory = folder + "/release"
        # A gradebook that is thrown away would cost seconds: nbgrader asks `alembic` about each new one.
        config.GenerateAssignment.no_database, config.SaveCells.enabled = True, False
        with quiet_log() as said:
            outcome = NbGraderAPI(config=config).generate_assignment(unit, force=True)
        if not outcome["success"]:
            raise SourceError(f"{script.name}: nbgrader could not make the student's copy:\n{said.getvalue()}")
        released = Path(folder, "release", unit, f"{unit}.ipynb").read_bytes()
    found = leaks(expanded(script.read_text(encoding="utf-8")), released.decode())
    if found:
        raise SourceError(f"{script.name}: the student's copy would show the answer: {found[0]!r}")
    target = course / unit / f"{unit}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(released)


def drifted(unit: str) -> list[str]:
    """The committed notebooks of a unit that differ from what its source builds."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder)
        build(unit, built / "solutions", built / "course")
        pairs = [(SOLUTIONS, "solutions"), (COURSE, "course")]
        return [
            f"{name}/{unit}/{unit}.ipynb"
            for committed, name in pairs
            if _bytes(committed / unit / f"{unit}.ipynb") != _bytes(built / name / unit / f"{unit}.ipynb")
        ]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
