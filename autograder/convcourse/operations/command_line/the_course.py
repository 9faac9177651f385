"""Commands for authors: notebooks from their scripts, the book, the table of nets."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from convcourse.operations.command_line.shared import Course, Units, console
from convcourse.settings import AUTOGRADER, ROOT

commands = typer.Typer()


@commands.command()
def build(
    units: Units = None,
    check: Annotated[bool, typer.Option(help="Write nothing; fail if a notebook has drifted.")] = False,
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
            console.print(f"built {unit}")
    for path in stale:
        console.print(f"{path} is not what its source builds: run `make build` and commit the result", style="red")
    if stale:
        raise typer.Exit(1)


@commands.command()
def validate(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The notebook to hand in.")]) -> None:
    """For students: run a notebook as the grader will, and say what will be graded as what. No score."""
    from convcourse.grading.before_handing_in import ready_to_hand_in, summary

    ready = ready_to_hand_in(file)
    console.print(f"{file.name} is {ready.unit}; run from the top in a fresh process:", highlight=False, markup=False)
    for line in (*ready.lines, summary(ready)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


@commands.command("new-unit")
def make_new_unit(unit: Annotated[str, typer.Argument(help="The next number and a word, such as 24_edges.")]) -> None:
    """Write the files of a new unit, with one exercise that works, to be written over; see docs/add_a_unit.md."""
    from convcourse.authoring.new_unit import new_unit

    for path in new_unit(ROOT, unit):
        console.print(f"wrote {path.relative_to(ROOT)}", soft_wrap=True)
    console.print(f"next: convcourse build {unit}")


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

    write_site(out, unit or UNITS, console.print)
    console.print(f"wrote {out / 'index.html'}")


@commands.command("nets")
def nets_table() -> None:
    """The landmark nets: parameters, multiply-adds and depth, counted beside printed, and why they differ."""
    from rich.table import Table

    from convcourse.nets.table import agrees, difference, rows

    def beside(printed: str, *counted: int) -> str:
        if not printed:
            return "–"
        off = min((difference(printed, count) for count in counted), key=abs)
        return f"{printed} ✔" if any(agrees(printed, count) for count in counted) else f"{printed} ({off:+.1%})"

    notes: list[str] = []
    table = Table(
        "net", "input", "trained", "and statistics", "printed", "multiply-adds", "printed", "depth", "top-1", "top-5", "note"
    )
    for line in rows():
        net = line.published
        if net.reason and net.reason not in notes:
            notes.append(net.reason)
        table.add_row(
            net.name,
            "×".join(map(str, line.input_shape)),
            f"{line.trainable:,}",
            f"{line.parameters:,}",
            beside(net.parameters, line.trainable, line.parameters),
            f"{line.macs / 1e6:,.0f} M" if line.macs > 10e6 else f"{line.macs / 1e3:,.0f} K",
            beside(net.macs, line.macs),
            f"{line.depth}" + ("" if net.depth in (None, line.depth) else f" (printed {net.depth})"),
            *(f"{error:g} %" if error is not None else "–" for error in (net.top1, net.top5)),
            str(notes.index(net.reason) + 1) if net.reason else "",
        )
    console.print(table)
    console.print("trained: weights, biases, scales and shifts; statistics: the moving means and variances of batch norms,")
    console.print("which Keras counts among the parameters and papers leave out. ✔: one of the two gives the printed digits.")
    for number, note in enumerate(notes, start=1):
        console.print(f"{number:2}  {note}", highlight=False)
