"""The command line, `convcourse`: make the course, run a class, measure. One module for each group of commands."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from convcourse.grading.machine_trouble import for_the_terminal
from convcourse.operations.command_line import a_class, bench, the_course, this_machine
from convcourse.operations.command_line.shared import say
from convcourse.quiet import hush_tensorflow
from convcourse.texts import clean

# As `--help` shows them: a class's in the order of a week.
PANELS = {
    "Begin with": ("doctor", "demo"),
    "A class, week by week": ("students", "release", "collect", "grade", "feedback", "report", "export"),
    "A class, now and then": ("extend", "regrade", "term", "alike", "serve"),
    "For students": ("validate",),
    "For authors": ("build", "new-unit", "site", "nets"),
}
COMMANDS = {
    command.name or command.callback.__name__: command
    for group in (this_machine, a_class, the_course)
    for command in group.commands.registered_commands
    if command.callback
}

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for panel, names in PANELS.items():
    for name in names:
        COMMANDS[name].rich_help_panel = panel
        app.registered_commands.append(COMMANDS[name])
app.add_typer(bench.commands, name="bench", rich_help_panel="For authors")


@app.callback()
def options(
    db: Annotated[
        str | None, typer.Option(envvar="CONVCOURSE_DB", help="URL of a gradebook that is no file of the class.")
    ] = None,
) -> None:
    """Build the course, and release, collect and grade it. Begin with `convcourse demo`: it makes up a class and grades it."""
    if db:
        os.environ["CONVCOURSE_DB"] = db  # for all code that reads the class's configuration, also in nbgrader


def _stop(words: str, error: Exception) -> NoReturn:
    for line in words.splitlines():
        say(clean(line), style="red")
    raise SystemExit(1) from error


EXTRAS = {
    "nbgrader": "grade",
    "jupytext": "grade",
    "nh3": "grade",
    "sqlalchemy": "grade",
    "psycopg": "scale",
    "tensorflow": "tensorflow",
}


def main() -> None:
    """Entry point. A CourseError, a missing package, or what this machine cannot do prints one line.

    All other errors are bugs and print their traceback.
    """
    # Without this, jsonschema builds a grammar of web addresses for more than a second. Notebooks have no addresses to check.
    for checks in ("rfc3987_syntax", "rfc3986_validator", "isoduration"):
        sys.modules.setdefault(checks, None)  # type: ignore[arg-type]

    # nbgrader calls alembic by its name, even if the environment is not activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    hush_tensorflow()
    # A warning is for the instructor, so it shows only its message and no line of code.
    warnings.formatwarning = lambda message, *_: f"{message}\n"
    try:
        app()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if extra := EXTRAS.get(package):
            _stop(f"this needs the package {package}: pip install 'convcourse[{extra}]'", error)
        raise
    except Exception as error:
        if words := for_the_terminal(error):
            _stop(words, error)
        error.add_note("This is a fault of convcourse, not yours. Please report these lines, and the command, as an issue.")
        raise
