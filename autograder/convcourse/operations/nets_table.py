"""Print the landmark nets: as a table where the terminal is wide enough for one, else each in a few short lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from convcourse.nets.table import Row, agrees, difference
from convcourse.texts import folded

EXPLAINED = (
    "Parameters are weights, biases, scales and shifts. With statistics: the moving means and variances of batch norms "
    "too, which Keras counts and papers leave out. ✔: one of the two gives the printed digits. "
    "Errors that were measured in different ways do not compare."
)


def print_nets(console: Console, rows: Sequence[Row]) -> None:
    """All rows, then what the numbers of the notes stand for. Nothing is ever cut."""
    notes, sources = Notes(), Notes()
    table = wide_table(rows, notes, sources)
    if table.__rich_measure__(console, console.options.update(max_width=10_000)).maximum <= console.width:
        console.print(table)
        print_notes(console, notes)
        console.print("Sources")
        print_numbered(console, sources)
    else:
        print_stacked(console, rows, notes)
        print_notes(console, notes)


def print_stacked(console: Console, rows: Iterable[Row], notes: Notes) -> None:
    """Each row in a few lines, as soon as it is there."""
    for row in rows:
        for line in stacked(row, notes):
            console.print(folded(line, console.width, 4), highlight=False)


def print_notes(console: Console, notes: Notes) -> None:
    """What the table's words mean, and the reasons by their numbers."""
    console.print(EXPLAINED, highlight=False)
    print_numbered(console, notes)


def print_numbered(console: Console, notes: Notes) -> None:
    for number, note in enumerate(notes.said, start=1):
        console.print(folded(f"{number:2}  {note}", console.width, 4), highlight=False, markup=False)


class Notes:
    """Reasons, or sources, with their numbers in the order in which they are first needed."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def number(self, note: str) -> str:
        if not note:
            return ""
        if note not in self.said:
            self.said.append(note)
        return str(self.said.index(note) + 1)


def wide_table(rows: Iterable[Row], notes: Notes, sources: Notes) -> Table:
    """A line for each net."""
    table = Table("net", "year", "input", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("parameters", "with statistics", "printed", "multiply-adds", "printed", "depth", "top-1", "top-5"):
        table.add_column(name, justify="right")
    table.add_column("measured with")
    table.add_column("source", justify="right")
    table.add_column("note", justify="right")
    for row in rows:
        table.add_row(
            escape(row.name),
            str(row.year),
            shape(row),
            f"{row.trainable:,}",
            f"{row.parameters:,}",
            beside(row.printed_parameters, row.trainable, row.parameters),
            work(row),
            beside(row.printed_macs, row.macs),
            depth(row),
            *(f"{error:g} %" if error is not None else "–" for error in (row.top1, row.top5)),
            row.protocol,
            sources.number(row.source),
            notes.number(row.reason),
        )
    return table


def stacked(row: Row, notes: Notes) -> list[str]:
    """A net in lines of fewer than 80 characters, as far as its names and sources allow."""
    errors = [f"{name} {error:g} %" for name, error in (("top-1", row.top1), ("top-5", row.top5)) if error is not None]
    printed = "; printed {}".format
    number = notes.number(row.reason)
    lines = [f"[bold]{escape(row.name)}[/bold], {row.year}, {shape(row)}" + (f" (note {number})" if number else "")]
    lines.append(f"  {row.trainable:,} parameters")
    if row.parameters != row.trainable:
        lines[-1] += f", with statistics {row.parameters:,}"
    if row.printed_parameters:
        lines[-1] += printed(beside(row.printed_parameters, row.trainable, row.parameters))
    lines.append(f"  {work(row)} multiply-adds" + (printed(beside(row.printed_macs, row.macs)) if row.printed_macs else ""))
    lines[-1] += f"; depth {depth(row)}"
    if errors:
        lines.append(f"  errors: {', '.join(errors)}; {row.protocol}")
    lines.append(f"  source: {escape(row.source)}")
    return lines


def shape(row: Row) -> str:
    return "×".join(map(str, row.input_shape))


def work(row: Row) -> str:
    return f"{row.macs / 1e6:,.0f} M" if row.macs > 10e6 else f"{row.macs / 1e3:,.0f} K"


def depth(row: Row) -> str:
    return f"{row.depth}" + ("" if row.printed_depth in (None, row.depth) else f" (printed {row.printed_depth})")


def beside(printed: str, *counted: int) -> str:
    """The printed number, and a mark where a count gives it, else how far the nearest count is off."""
    if not printed:
        return "–"
    off = min((difference(printed, count) for count in counted), key=abs)
    return f"{printed} ✔" if any(agrees(printed, count) for count in counted) else f"{printed} ({off:+.1%})"
