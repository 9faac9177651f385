"""The doctor's examination of a class: its configuration, its gradebook, its disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from convcourse.operations.doctor.sign import BAD, GOOD, INSTALL, NOTE, Sign
from convcourse.settings import ROOT

LEAST_DISK, LITTLE_DISK = 0.1e9, 2e9  # bytes


def configuration_lines(root: Path) -> Iterator[Sign]:
    from convcourse.authoring.own_course import own_course
    from convcourse.grading.course import course_config
    from convcourse.grading.export import CsvExporter
    from convcourse.grading.late import LatePolicy

    try:
        config = course_config(root)
        own_course(root)
    except ValueError as error:
        yield Sign(BAD, str(error))
        return
    for plugin in (LatePolicy, CsvExporter):
        for unknown in sorted(set(config[plugin.__name__]) - set(plugin.class_trait_names(config=True))):
            yield Sign(NOTE, f"nbgrader_config.py sets {plugin.__name__}.{unknown}, which does not exist; see docs/lms.md")
    file = root / "nbgrader_config.py"
    if file.exists():
        yield Sign(GOOD, f"nbgrader's configuration: {file}")
    else:
        copy = f"cp {ROOT / 'autograder' / 'nbgrader_config.py'} {root}"
        yield Sign(NOTE, f"no nbgrader_config.py in {root}; only stock nbgrader and the Formgrader need it: {copy}")


def gradebook_lines(root: Path) -> Iterator[Sign]:
    """Can the gradebook be read, and do its tables fit this version of nbgrader?"""
    import nbgrader
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine, inspect, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from convcourse.grading.course import db_url

    try:
        url = make_url(db_url(root))
    except Exception as error:
        yield Sign(BAD, f"the gradebook's URL cannot be read ({type(error).__name__}): see docs/scaling.md for how it is written")
        return
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        yield Sign(NOTE, f"no gradebook yet in {root}; this makes one: convcourse release UNIT --course {root}")
        return
    arguments = {"connect_timeout": 5} if url.get_backend_name() == "postgresql" else {}
    try:
        engine = create_engine(url, connect_args=arguments)
        with engine.connect() as connection:
            if "alembic_version" not in inspect(connection).get_table_names():
                yield Sign(NOTE, f"the gradebook {shown} is empty; this fills it: convcourse release UNIT")
                return
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            students = connection.execute(text("SELECT count(*) FROM student")).scalar()
        engine.dispose()
    except ModuleNotFoundError as error:
        yield Sign(BAD, f"the gradebook {shown} needs the package {error.name}; {INSTALL}")
        return
    except SQLAlchemyError as error:
        reason = str(error.args[0] if error.args else error).strip().splitlines()[0]
        mend = "is its server up, and the URL right? See docs/scaling.md"
        if url.get_backend_name() == "sqlite":
            mend = "put a copy back, or move it away and release and grade again"
        yield Sign(BAD, f"the gradebook {shown} cannot be read: {reason}; {mend}")
        return
    newest = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head()
    if version != newest:
        words = f"is of another nbgrader ({version}, not {newest}); to mend it: nbgrader db upgrade --db='{shown}'"
        yield Sign(BAD, f"the gradebook {shown} {words}")
    else:
        yield Sign(GOOD, f"the gradebook {shown} can be read, with {students} students; its tables are up to date")


def disk_lines(root: Path) -> Iterator[Sign]:
    folder = next(place for place in (root.resolve(), *root.resolve().parents) if place.exists())
    free = shutil.disk_usage(folder).free
    if not os.access(folder, os.W_OK):
        yield Sign(BAD, f"{folder} cannot be written to; choose another folder with --course")
        return
    sign = BAD if free < LEAST_DISK else NOTE if free < LITTLE_DISK else GOOD
    yield Sign(sign, f"{free / 1e9:.1f} GB free in {folder}{'' if sign == GOOD else '; make room before grading a class'}")
