"""Commands that test this machine: the demo and the doctor."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from convcourse.operations.command_line.shared import Course, say
from convcourse.settings import AUTOGRADER

commands = typer.Typer()


@commands.command()
def demo(course: Annotated[Path, typer.Option(help="Where the made-up class is put.")] = Path("demo")) -> None:
    """Make up a class, and release, submit, collect, grade and report units 02 and 03."""
    from convcourse.operations.demo import run_demo

    run_demo(course.resolve(), datetime.now(UTC))


@commands.command()
def doctor(course: Course = AUTOGRADER) -> None:
    """Say what works on this machine, and how to get the rest; fails only when grading cannot work."""
    from convcourse.operations.doctor.examine import examine
    from convcourse.operations.doctor.sign import BAD

    signs = []
    for line in examine(course):
        say(f"{line.sign} {line.words}")
        signs.append(line.sign)
    if BAD in signs:
        raise typer.Exit(1)
