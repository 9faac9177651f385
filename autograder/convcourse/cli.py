"""The command line: `convcourse build`, `release`, `collect`, `grade`, `feedback`, `export`, `demo`."""

from __future__ import annotations

from typing import Annotated

import typer

main = typer.Typer(no_args_is_help=True, add_completion=False, help="Build the course, and release, collect and grade it.")

Units = Annotated[list[str] | None, typer.Argument(help="Units such as 02_convolution_1d; all when none is named.")]


@main.command()
def build(
    units: Units = None,
    check: Annotated[bool, typer.Option(help="Write nothing; fail if a notebook has drifted.")] = False,
) -> None:
    """Make solutions/X/X.ipynb and course/X/X.ipynb from solutions/X/X.py."""
    from convcourse.notebooks import build as builder
    from convcourse.settings import COURSE, SOLUTIONS

    stale = []
    for unit in units or builder.units():
        if check:
            stale += builder.drifted(unit)
        else:
            builder.build(unit, SOLUTIONS, COURSE)
            typer.echo(f"built {unit}")
    for path in stale:
        typer.echo(f"{path} differs from what its source builds: run `make build` and commit the result", err=True)
    if stale:
        raise typer.Exit(1)


@main.callback()
def _commands() -> None:
    """Keep `build` a command of its own while it is the only one."""


if __name__ == "__main__":
    main()
