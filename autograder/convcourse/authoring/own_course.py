"""An instructor's own course: a class's folder with its own list of units, points and exercises.

    DIR/course.toml                    units = ["02_convolution_1d", "24_edges"], timezone, drop_lowest, and tables
                                       [points] and [late]
    DIR/source/24_edges/24_edges.py    a unit's percent script; units of this project need none
    DIR/source/24_edges/exercises.py   its Exercise objects, if it has any: EXERCISES = (...)
    DIR/release/24_edges/              the built notebook for students

A folder without a course.toml is a class of the unchanged course. See docs/own_course.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from convcourse.errors import CourseError
from convcourse.exercises import UNITS
from convcourse.exercises.own import AS_IT_STANDS, OwnUnit
from convcourse.settings import COURSE, SOLUTIONS
from convcourse.texts import text_of

FILE = "course.toml"


@dataclass(frozen=True)
class OwnCourse:
    """The contents of a course.toml: the units in order (None if it lists none), points, and the class's time zone.

    late: the settings of the late policy, as they stand there (`grading/late.py` knows them). drop_lowest: how many of
    a student's lowest units do not count.
    """

    units: tuple[str, ...] | None
    points: Mapping[str, float]
    timezone: ZoneInfo | None = None
    late: Mapping[str, object] = field(default_factory=dict)
    drop_lowest: int = 0


def is_own(root: Path) -> bool:
    """Has the class units or points of its own? Its time zone, late policy and drop rule change no unit."""
    own = own_course(root)
    return (root / FILE).is_file() and (bool(own.points) or own.units is not None or (root / "source").is_dir())


def source_folder(root: Path) -> Path:
    """The folder of the solved notebooks of the class in `root`."""
    return root / "source" if is_own(root) else SOLUTIONS


def release_folder(root: Path) -> Path:
    """The folder of the notebooks for students of the class in `root`."""
    return root / "release" if is_own(root) else COURSE


def script_of(root: Path, unit: str) -> Path:
    """The percent script of a unit: the class's own script, else the project's."""
    own = source_folder(root) / unit / f"{unit}.py"
    return own if own.is_file() else SOLUTIONS / unit / f"{unit}.py"


def units_of(root: Path) -> list[str]:
    """The units of the class in `root`: the units in its course.toml, else all units, in order.

    Raises CourseError for an unknown unit.
    """
    named = own_course(root).units
    folders = {SOLUTIONS, source_folder(root)}
    found = {path.stem for folder in folders for path in folder.glob("*/*.py") if path.stem == path.parent.name}
    for unit in named or ():
        if unit not in found:
            like = get_close_matches(unit, found, 1)
            advice = f"did you mean '{like[0]}'?" if like else f"one of your own is {source_folder(root) / unit / unit}.py"
            raise CourseError(f"{root / FILE}: there is no unit '{unit}'; {advice}")
    return sorted(found) if named is None else list(named)


def own_unit(root: Path, unit: str) -> OwnUnit:
    """The changes of the class in `root` to a unit. Raises CourseError for a course.toml that cannot be used."""
    module = source_folder(root) / unit / "exercises.py"
    own = OwnUnit(own_course(root).points, text_of(module))
    return own if own.points or own.exercises else AS_IT_STANDS


def own_course(root: Path) -> OwnCourse:
    """The contents of the course.toml in `root`. Raises CourseError, naming the file and the wrong entry."""
    path = root / FILE
    if not path.is_file():
        return OwnCourse(None, {})
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path} cannot be read: {error}") from error
    units, points, zone = said.pop("units", None), said.pop("points", {}), said.pop("timezone", None)
    late, drop_lowest = said.pop("late", {}), said.pop("drop_lowest", 0)
    if said:
        known = "units, timezone, drop_lowest, [points] and [late]"
        raise CourseError(f"{path}: '{next(iter(said))}' is not known; it may hold {known}")
    if units is not None and not (isinstance(units, list) and all(isinstance(unit, str) for unit in units)):
        raise CourseError(f'{path}: units must be a list of names, as in units = ["{UNITS[1]}"]')
    for name, number in points.items() if isinstance(points, dict) else [("points", None)]:
        if isinstance(number, bool) or not isinstance(number, int | float) or number <= 0:
            raise CourseError(f"{path}: the points of '{name}' must be a number above 0")
    try:
        timezone = None if zone is None else ZoneInfo(zone)
    except (ValueError, TypeError, OSError, ZoneInfoNotFoundError) as error:
        raise CourseError(f'{path}: there is no time zone {zone!r}; write one as in timezone = "Europe/Berlin"') from error
    if not isinstance(late, dict):
        raise CourseError(f"{path}: late must be a table, as in [late] and below it percent_per_day = 10")
    if not isinstance(drop_lowest, int) or isinstance(drop_lowest, bool) or drop_lowest < 0:
        raise CourseError(f"{path}: drop_lowest must be a number of units, as in drop_lowest = 1")
    numbers = {name: float(number) for name, number in points.items()}
    return OwnCourse(None if units is None else tuple(units), numbers, timezone, late, drop_lowest)


def check_points(root: Path) -> None:
    """Raises CourseError if the course.toml in `root` gives points to a test that is in none of its units."""
    tested = {name for unit in units_of(root) for name in _tests(script_of(root, unit))}
    if unknown := sorted(own_course(root).points.keys() - tested):
        raise CourseError(f"{root / FILE}: '{unknown[0]}' has points, but no unit of this course has a test of that name")


def _tests(script: Path) -> list[str]:
    return re.findall(r'^# %% .*\btest="(\w+)"', text_of(script), flags=re.MULTILINE)
