"""Commands for authors: notebooks from their scripts, the book, the table of nets."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from convcourse.operations.command_line.shared import Course, Units, console, say
from convcourse.settings import AUTOGRADER, ROOT

commands = typer.Typer()


@commands.command()
def build(
    units: Units = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a notebook has drifted.")] = False,
    course: Course = AUTOGRADER,
) -> None:
    """Make solutions/X/X.ipynb and course/X/X.ipynb from solutions/X/X.py; see docs/own_course.md for --course."""
    from convcourse.authoring.notebooks import build as builder
    from convcourse.authoring.own_course import release_folder, source_folder, units_of

    stale = []
    for unit in units or units_of(course):
        if check:
            stale += builder.drifted(unit, course)
        else:
            builder.build(unit, source_folder(course), release_folder(course), course)
            say(f"built {unit}")
    for path in stale:
        say(f"{path} is not what its source builds: run `make build` and commit the result", style="red")
    if stale:
        raise typer.Exit(1)


@commands.command()
def validate(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The notebook to hand in.")]) -> None:
    """For students: run a notebook as the grader will, and say what will be graded as what. No score."""
    from convcourse.grading.before_handing_in import ready_to_hand_in, summary

    ready = ready_to_hand_in(file)
    say(f"{file.name} is {ready.unit}; run from the top in a fresh process:")
    for line in (*ready.lines, summary(ready)):
        say(line)


@commands.command("new-unit")
def make_new_unit(unit: Annotated[str, typer.Argument(help="The next number and a word, such as 24_edges.")]) -> None:
    """Write the files of a new unit, with one exercise that works, to be written over; see docs/add_a_unit.md."""
    from convcourse.authoring.new_unit import new_unit

    for path in new_unit(ROOT, unit):
        say(f"wrote {path.relative_to(ROOT)}")
    say(f"next: convcourse build {unit}")


@commands.command()
def site(
    out: Annotated[Path, typer.Argument(help="Folder of the pages; what is there is replaced.")],
    unit: Annotated[list[str] | None, typer.Option(help="Only the pages of these units; all unless given.")] = None,
) -> None:
    """Write the course as a book: web pages with every unit's outputs and no answers. The first time takes 12 minutes."""
    if not importlib.util.find_spec("myst_nb"):
        raise typer.BadParameter("needs Sphinx: pip install 'convcourse[site]'", param_hint="site")
    from convcourse.authoring.book.write import write_site
    from convcourse.exercises import UNITS

    write_site(out, unit or UNITS, say)
    say(f"wrote {out / 'index.html'}")


@commands.command("nets")
def nets_table(
    names: Annotated[
        list[str] | None, typer.Argument(help='Parts of names such as "ResNet"; all nets when none is given.')
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Build the nets and count again, which takes a minute or two.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Count all again, and keep the counts as those to read.")] = False,
) -> None:
    """The landmark nets: parameters, multiply-adds and depth, counted beside printed, and why they differ."""
    from convcourse.errors import CourseError
    from convcourse.nets.table import keep, kept_rows, rows
    from convcourse.operations.nets_table import Notes, print_nets, print_notes, print_stacked

    kept = kept_rows()
    if not live and not write:
        chosen = [row for row in kept if _named(row.name, names)]
        if not chosen:
            raise CourseError(f"no net has {' or '.join(map(repr, names or []))} in its name; `convcourse nets` lists all")
        print_nets(console, chosen)
        return
    notes, counted = Notes(), []
    for row in rows(lambda name: write or _named(name, names)):
        print_stacked(console, [row], notes)
        if row not in kept and not write:
            say("  this is not what is kept in counts.json", style="red")
        counted.append(row)
    print_notes(console, notes)
    if write:
        keep(counted)


def _named(name: str, parts: list[str] | None) -> bool:
    return not parts or any(part.lower() in name.lower() for part in parts)
