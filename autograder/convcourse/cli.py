"""The command line, `convcourse`: make the course, run a class, measure."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import warnings
from collections.abc import Generator, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, track

from convcourse.errors import CourseError
from convcourse.settings import AUTOGRADER

if TYPE_CHECKING:
    from convcourse.grading.grade import Crew
    from convcourse.grading.task import Judged, Task

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
bench_app = typer.Typer(no_args_is_help=True, help="Measure on this machine.")
app.add_typer(bench_app, name="bench")
console = Console()

Units = Annotated[list[str] | None, typer.Argument(help="Units such as 02_convolution_1d; all when none is named.")]
Unit = Annotated[str, typer.Argument(help="A unit such as 02_convolution_1d.")]
Course = Annotated[Path, typer.Option(help="Folder of the class: gradebook.db, submitted/, autograded/, feedback/.")]


@app.callback()
def options(
    db: Annotated[
        str | None, typer.Option(envvar="CONVCOURSE_DB", help="URL of a gradebook that is no file of the class.")
    ] = None,
) -> None:
    """Build the course, and release, collect and grade it."""
    if db:
        os.environ["CONVCOURSE_DB"] = db  # for all that reads the class's configuration, nbgrader's parts too


@app.command()
def build(
    units: Units = None,
    check: Annotated[bool, typer.Option(help="Write nothing; fail if a notebook has drifted.")] = False,
    course: Course = AUTOGRADER,
) -> None:
    """Make solutions/X/X.ipynb and course/X/X.ipynb from solutions/X/X.py; see docs/own_course.md for --course."""
    from convcourse.notebooks import build as builder
    from convcourse.own_course import release_folder, source_folder, units_of

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


@app.command()
def students(file: Annotated[Path, typer.Argument(help="CSV with a column id.")], course: Course = AUTOGRADER) -> None:
    """Add the students of a CSV file (id, first_name, last_name, email, lms_user_id) to the class list."""
    from convcourse.grading.gradebook import add_students

    console.print(f"{add_students(course, file)} students in the class list")


@app.command()
def release(
    unit: Unit,
    course: Course = AUTOGRADER,
    due: Annotated[datetime | None, typer.Option(help="Due date and time, UTC.")] = None,
) -> None:
    """Register a unit in the class's gradebook; students get course/UNIT/UNIT.ipynb."""
    from convcourse.grading.release import release as register
    from convcourse.own_course import release_folder

    register(course, unit, due)
    console.print(f"released {unit}: give students {release_folder(course) / unit / unit}.ipynb", soft_wrap=True)


@app.command()
def collect(
    unit: Unit,
    inbox: Annotated[
        Path, typer.Argument(exists=True, help="Folder or zip with a folder for each student; or Canvas's or Moodle's archive.")
    ],
    course: Course = AUTOGRADER,
) -> None:
    """Bring an inbox of notebooks, whatever they are called, into submitted/; see docs/lms.md."""
    from convcourse.grading.collect import collect as gather

    results = gather(course, unit, inbox)
    for result in results:
        line = f"{'✔' if result.ok else '✘'} {result.student}: {result.message}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(f"{sum(result.ok for result in results)} of {len({r.student for r in results})} collected")


@app.command()
def grade(
    unit: Unit,
    course: Course = AUTOGRADER,
    student: Annotated[list[str] | None, typer.Option(help="Only these students.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the hidden cases; drawn anew unless given.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also grade what has not changed since it was graded.")] = False,
    cluster: Annotated[str | None, typer.Option(help="Dask scheduler, tcp://HOST:PORT; else all cores here.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Also write the results here.")] = None,
) -> None:
    """Grade every submission of a unit that is new or has changed, and show a table of all."""
    from convcourse.grading.grade import grade as grade_all
    from convcourse.grading.grade import students_to_grade
    from convcourse.grading.table import mistake_counts, result_table

    names = student or students_to_grade(course, unit)
    results, unchanged = [], 0
    with Progress(*Progress.get_default_columns(), console=console) as progress:
        bar = progress.add_task(f"grading {unit}", total=len(names))
        try:
            for result in grade_all(course, unit, names, seed, again, _crew(cluster)):
                results.append(result)
                # What was not graded again took no time; the remaining time is that of the others.
                unchanged += result.unchanged
                progress.update(bar, total=len(names) - unchanged, completed=len(results) - unchanged)
        except KeyboardInterrupt:
            console.print(f"stopped; {len(results)} of {len(names)} are done and stay, the same command does the rest")
            raise typer.Exit(130) from None
    results.sort(key=lambda result: result.student)
    console.print(result_table(unit, results))
    if any(exercise.mistake for result in results for exercise in result.exercises.values()):
        console.print(mistake_counts(results))
    if unchanged:
        console.print(f"{unchanged} unchanged since they were graded (`--again` grades them too)")
    if as_json:
        as_json.write_text(json.dumps([result.as_json() for result in results], indent=1), encoding="utf-8")


@app.command()
def regrade(
    unit: Unit,
    course: Course = AUTOGRADER,
    cluster: Annotated[str | None, typer.Option(help="Dask scheduler, tcp://HOST:PORT; else all cores here.")] = None,
    file: Annotated[Path | None, typer.Option(help="Also write the changes here, as CSV.")] = None,
) -> None:
    """Grade a unit again after its checks were mended, and show who changed, from what to what, and why."""
    from convcourse.grading import regrade as second
    from convcourse.grading.grade import students_to_grade
    from convcourse.grading.table import change_table

    names = students_to_grade(course, unit)
    before, results = second.standings(course, unit), []
    again = second.regrade(course, unit, names, _crew(cluster))
    try:
        for result in track(again, f"grading {unit} again", len(names), console=console):
            results.append(result)
    except KeyboardInterrupt:
        console.print(f"stopped; these are the changes of the first {len(results)} of {len(names)}, and they stay")
    after = second.standings(course, unit)
    changes = second.changes(before, after, results)
    rows = second.change_rows(changes, before, after)
    console.print(change_table(unit, rows) if changes else f"{unit}: nothing has changed")
    if changed := {change.student for change in changes if change.before != change.after}:
        console.print(f"{len(changed)} of {len(results)} students changed; run `convcourse feedback {unit}` and export again")
    if file:
        file.write_text(second.changes_csv(rows), encoding="utf-8", newline="")


def _crew(cluster: str | None) -> Crew:
    """Who grades: a cluster, all cores of this machine, or this process alone where Dask is not installed."""
    from convcourse.grading.task import one_by_one

    def crew(tasks: Iterable[Task]) -> Generator[tuple[Task, Judged], None, None]:
        tasks = iter(tasks)
        if first := next(tasks, None):  # where nothing has changed, Dask need not be imported
            from convcourse.grading.crew import on_cluster, on_this_machine

            yield from (on_cluster(cluster) if cluster else on_this_machine)(chain([first], tasks))

    if importlib.util.find_spec("distributed"):
        return crew
    if cluster:
        raise typer.BadParameter("needs Dask: pip install 'convcourse[scale]'", param_hint="--cluster")
    console.print("grading in one process; pip install 'convcourse\\[scale]' for all cores", style="dim")
    return one_by_one


@app.command()
def feedback(unit: Unit, course: Course = AUTOGRADER) -> None:
    """Write feedback/STUDENT/UNIT/UNIT.html for every graded student."""
    from convcourse.grading.feedback import write_feedback
    from convcourse.grading.gradebook import known_students

    paths = [write_feedback(course, unit, name) for name in track(sorted(known_students(course)), console=console)]
    console.print(f"{sum(path is not None for path in paths)} feedback pages under {course / 'feedback'}")


@app.command()
def export(
    to: Annotated[str, typer.Option(help="csv, canvas, moodle or blackboard.")] = "csv",
    roster: Annotated[
        Path | None, typer.Option(exists=True, help="Canvas's or Blackboard's own gradebook file: students and columns as there.")
    ] = None,
    course: Course = AUTOGRADER,
    file: Annotated[Path | None, typer.Option(help="Write here instead of to the terminal.")] = None,
) -> None:
    """Export the gradebook, for a spreadsheet or as a learning-management system imports it; see docs/lms.md."""
    from convcourse.grading.lms_export import SYSTEMS
    from convcourse.grading.lms_export import export as export_for

    if to not in SYSTEMS:
        raise typer.BadParameter(f"'{to}' is not known; use {', '.join(SYSTEMS)}", param_hint="--to")
    exported = export_for(course, to, roster)
    if file:
        file.write_bytes(exported.as_bytes())
        console.print(f"wrote {file}")
    else:
        typer.echo(exported.text, nl=False)
    for note in exported.notes:
        typer.echo(note, err=True)


@app.command()
def report(unit: Unit, course: Course = AUTOGRADER) -> None:
    """Write reports/UNIT.html, which says how a graded unit went and what to do about it, and reports/UNIT.csv."""
    from convcourse.report.write import write_report

    for path in write_report(course, unit):
        console.print(f"wrote {path}", soft_wrap=True)


@app.command()
def demo(course: Annotated[Path, typer.Option(help="Where the made-up class is put.")] = Path("demo")) -> None:
    """Make up a class, and release, submit, collect, grade and report units 02 and 03."""
    from convcourse.demo import run_demo

    run_demo(course.resolve(), datetime.now(UTC), console)


@app.command()
def site(
    out: Annotated[Path, typer.Argument(help="Folder of the pages; what is there is replaced.")],
    unit: Annotated[list[str] | None, typer.Option(help="Only the pages of these units; all unless given.")] = None,
) -> None:
    """Write the course as a book: web pages with every unit's outputs and no answers. The first time takes 12 minutes."""
    if not importlib.util.find_spec("myst_nb"):
        raise typer.BadParameter("needs Sphinx: pip install 'convcourse[site]'", param_hint="site")
    from convcourse.exercises import UNITS
    from convcourse.site.book import write_site

    write_site(out, unit or UNITS, console.print)
    console.print(f"wrote {out / 'index.html'}")


@app.command()
def doctor(course: Course = AUTOGRADER) -> None:
    """Say what works on this machine, and how to get the rest; fails only when grading cannot work."""
    from convcourse.doctor.examine import examine
    from convcourse.doctor.line import BAD

    signs = []
    for line in examine(course):
        console.print(f"{line.sign} {line.words}", highlight=False, markup=False, soft_wrap=True)
        signs.append(line.sign)
    if BAD in signs:
        raise typer.Exit(1)


@app.command("nets")
def nets_table() -> None:
    """The landmark nets: parameters, multiply-adds and depth, counted beside printed, and why they differ."""
    from rich.table import Table

    from convcourse.nets.table import agrees, difference, lines

    def beside(printed: str, *counted: int) -> str:
        if not printed:
            return "–"
        off = min((difference(printed, count) for count in counted), key=abs)
        return f"{printed} ✔" if any(agrees(printed, count) for count in counted) else f"{printed} ({off:+.1%})"

    notes: list[str] = []
    table = Table(
        "net", "input", "trained", "and statistics", "printed", "multiply-adds", "printed", "depth", "top-1", "top-5", "note"
    )
    for line in lines():
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


@bench_app.command("grading")
def bench_grading(
    unit: Annotated[str, typer.Argument(help="The unit to grade.")] = "02_convolution_1d",
    submissions: Annotated[int, typer.Option(help="How many for the single times, made from the solution and mistakes.")] = 9,
    size: Annotated[list[int] | None, typer.Option(help="A whole class of this size too; may be given several times.")] = None,
    workers: Annotated[list[int] | None, typer.Option(help="Workers for it; 1 and 2 unless given.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write every figure here.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw cost against class size here (.png, .svg, .pdf).")] = None,
) -> None:
    """Seconds for each further submission: stock nbgrader, the same with our judge, otter-grader, ours, and the floor."""
    from convcourse.benchmarks.grading_cost import cost_figure, cost_lines
    from convcourse.grading.bench import bench_grading as measure

    figures = measure(unit, submissions, size or [], workers or [1, 2], console.print)
    for line in cost_lines(figures):
        console.print(line, highlight=False)
    if as_json:
        as_json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    if plot:
        cost_figure(figures).savefig(plot)


@bench_app.command("notebooks")
def bench_notebooks(
    units: Units = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write every figure here.")] = None,
) -> None:
    """Seconds, slowest cell and memory of each solved notebook, with and without oneDNN."""
    from convcourse.benchmarks.notebooks import bench_notebooks as measure
    from convcourse.benchmarks.notebooks import notebooks_table

    costs = list(measure(units or [], console.print))
    console.print(notebooks_table(costs))
    if as_json:
        as_json.write_text(json.dumps([asdict(cost) for cost in costs], indent=1), encoding="utf-8")


@bench_app.command("nets")
def bench_nets(
    nets: Annotated[list[str] | None, typer.Argument(help='Nets such as "ResNet-50"; all when none is named.')] = None,
    batch: Annotated[list[int] | None, typer.Option(help="Batch size; may be given several times.")] = None,
    size: Annotated[int | None, typer.Option(help="Rows and cols where the published ones are larger; on a CPU 96.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write every figure here.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw accuracy against speed here (.png, .svg, .pdf).")] = None,
) -> None:
    """Images a second, memory, compile time and share of the device's peak of each landmark net; see docs/benchmarks.md."""
    from convcourse.benchmarks.nets import bench_nets as measure
    from convcourse.benchmarks.nets import result_table, speed_figure

    figures = measure(
        nets or [], batch or [], size, console.print, progress=lambda tasks: iter(track(tasks, "nets", console=console))
    )
    console.print(result_table(figures))
    if as_json:
        as_json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    if plot:
        speed_figure(figures)[0].savefig(plot)


def main() -> None:
    """Entry point: a CourseError is one line, and so is a file that is not there; all others are bugs, with their traceback."""
    # Without this jsonschema builds a grammar of web addresses, for more than a second. Notebooks have none to check.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

    # nbgrader calls alembic by its name, also where the environment has not been activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    # A warning is for the instructor: its words, not the line of code that it comes from.
    warnings.formatwarning = lambda message, *_: f"{message}\n"
    try:
        app()
    except (CourseError, OSError) as error:
        console.print(f"{error}", style="red", highlight=False, markup=False)
        raise SystemExit(1) from error
    except Exception as error:
        error.add_note("This is a fault of convcourse, not yours. Please report these lines, and the command, as an issue.")
        raise
