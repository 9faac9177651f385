"""Build solutions/X/X.ipynb and course/X/X.ipynb from solutions/X/X.py, or list the notebooks that differ from the build.

In an instructor's own course they are source/X/X.ipynb and release/X/X.ipynb of its folder.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config

from convcourse.authoring.nbgrader_calls import last_error, lay_out, quiet_log
from convcourse.authoring.notebooks.leaks import leaks
from convcourse.authoring.notebooks.library import expanded
from convcourse.authoring.notebooks.source import SourceError, repairs_in, solved_notebook, with_given, write_notebook
from convcourse.authoring.own_course import check_points, is_own, own_unit, release_folder, script_of, source_folder, units_of
from convcourse.exercises.own import AS_IT_STANDS
from convcourse.settings import AUTOGRADER


def units() -> list[str]:
    """The project's units that have a source, in order."""
    return units_of(AUTOGRADER)


def build(unit: str, solutions: Path, course: Path, root: Path = AUTOGRADER) -> None:
    """Write the solved notebook under `solutions` and the student's under `course`, with the changes of the class in `root`.

    Raises SourceError if the script is wrong, nbgrader refuses it, or an answer would leak.
    """
    script = script_of(root, unit)
    if unit not in units_of(root) or not script.exists():
        raise SourceError(f"there is no unit '{unit}'; the units are {', '.join(units_of(root))}")
    check_points(root)
    try:
        own = own_unit(root, unit) if is_own(root) else AS_IT_STANDS
        solved = solved_notebook(script, own if is_own(root) else None)
    except (SourceError, ValueError) as error:
        raise SourceError(f"{script.name}: {error}") from error
    write_notebook(solved, solutions / unit / f"{unit}.ipynb")
    with tempfile.TemporaryDirectory() as folder:
        config = Config()
        lay_out(config, Path(folder))
        config.CourseDirectory.source_directory = str(solutions.resolve())
        config.CourseDirectory.release_directory = folder + "/release"
        # A temporary gradebook would cost seconds, because nbgrader runs `alembic` for each new gradebook.
        config.GenerateAssignment.no_database, config.SaveCells.enabled = True, False
        with quiet_log() as said:
            outcome = NbGraderAPI(config=config).generate_assignment(unit, force=True)
        if not outcome["success"]:
            raise SourceError(f"{script.name}: nbgrader could not make the student's copy: {last_error(said.getvalue())}")
        released = nbformat.read(Path(folder, "release", unit, f"{unit}.ipynb"), as_version=4)
    source = expanded(script.read_text(encoding="utf-8"))
    found = leaks(source, nbformat.writes(released))
    released = with_given(released, own)
    if found := found or leaks(source, nbformat.writes(released), repairs_in(released, own)):
        raise SourceError(f"{script.name}: the student's copy would show the answer: {found[0]!r}")
    write_notebook(released, course / unit / f"{unit}.ipynb")


def drifted(unit: str, root: Path = AUTOGRADER) -> list[str]:
    """The notebooks of a unit that differ from the build of its source for the class in `root`."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder)
        folders = (source_folder(root), release_folder(root))
        build(unit, built / folders[0].name, built / folders[1].name, root)
        return [
            f"{folder.name}/{unit}/{unit}.ipynb"
            for folder in folders
            if _bytes(folder / unit / f"{unit}.ipynb") != _bytes(built / folder.name / unit / f"{unit}.ipynb")
        ]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
