"""The time zone of a class. nbgrader and our files keep all times in UTC; people write and read them in the class's zone."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path

from convcourse.authoring.own_course import own_course
from convcourse.errors import CourseError

FORMAT = "%Y-%m-%d %H:%M:%S UTC"  # nbgrader reads it


def class_zone(root: Path) -> tzinfo:
    """The zone in the class's course.toml, as in `timezone = "Europe/Berlin"`; UTC if it names none. Raises CourseError."""
    return own_course(root).timezone or UTC


def read_time(text: str, zone: tzinfo) -> datetime:
    """A due date as an instructor writes it, in UTC. An offset, as in 2026-10-25 02:30+02:00, goes before the class's zone.

    Raises CourseError for what is no time, and for an hour that the zone's clocks show twice or never.
    """
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise CourseError(
            f"'{text}' is no time; write it as 2026-10-01 23:59, or with an offset as 2026-10-01 23:59+02:00"
        ) from error
    if time.tzinfo:
        return time.astimezone(UTC)
    first, second = (time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        seen = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == time
        ways = " or ".join(f"{text}{each.isoformat()[-6:]}" for each in (first, second))
        raise CourseError(f"in {zone} the clocks show {text} {'twice' if seen else 'never'}; which time is meant, {ways}?")
    return first.astimezone(UTC)


def shown(time: datetime, zone: tzinfo) -> str:
    """A time of the gradebook (UTC, without a zone) as the class's clocks show it: 2026-10-01 23:59 CEST."""
    return f"{time.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M %Z}"


def in_utc(time: datetime, zone: tzinfo) -> datetime:
    """A time that a person or a learning platform wrote, in UTC. Without a zone of its own it is in the class's."""
    return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)


def as_written(time: datetime) -> str:
    """The content of a timestamp.txt."""
    return time.astimezone(UTC).strftime(FORMAT)
