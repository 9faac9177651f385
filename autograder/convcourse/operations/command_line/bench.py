"""`convcourse bench`: measure on this machine."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from convcourse.grading.whole_files import write_whole
from convcourse.operations.command_line.shared import Units, console, say

commands = typer.Typer(no_args_is_help=True, help="Measure on this machine.")


@commands.command("all")
def bench_all(
    as_json: Annotated[Path, typer.Option("--json", help="Write every figure here, after each part of the work.")],
    units: Units = None,
    submissions: Annotated[int, typer.Option(min=2, help="How many of each unit, as for `bench grading`.")] = 3,
    size: Annotated[list[int] | None, typer.Option(help="A class of this size; may be given several times; else 1000.")] = None,
    head: Annotated[int, typer.Option(help="Students for `bench head`.")] = 1000,
) -> None:
    """All below but `nets`: head, notebooks with their checks, grading; a class of the first unit with 1 and 2 workers."""
    from convcourse.operations.benchmarks.everything import bench_all as measure

    for figures in measure(units or [], submissions, size or [1000], head, say):
        write_whole(as_json, json.dumps(figures, indent=1))


@commands.command("grading")
def bench_grading(
    unit: Annotated[str, typer.Argument(help="The unit to grade.")] = "02_convolution_1d",
    submissions: Annotated[int, typer.Option(help="How many for the single times, made from the solution and mistakes.")] = 9,
    size: Annotated[list[int] | None, typer.Option(help="A whole class of this size too; may be given several times.")] = None,
    workers: Annotated[list[int] | None, typer.Option(help="Workers for it; 1 and 2 unless given.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write every figure here.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw cost against class size here (.png, .svg, .pdf).")] = None,
) -> None:
    """Seconds for each further submission: stock nbgrader, the same with our judge, otter-grader, ours, and the floor."""
    from convcourse.operations.benchmarks.grading import bench_grading as measure
    from convcourse.operations.benchmarks.grading_cost import cost_figure, cost_lines

    figures = measure(unit, submissions, size or [], workers or [1, 2], say)
    for line in cost_lines(figures):
        say(line)
    if as_json:
        write_whole(as_json, json.dumps(figures, indent=1))
    if plot:
        cost_figure(figures).savefig(plot)


@commands.command("head")
def bench_head(
    unit: Annotated[str, typer.Argument(help="The unit to grade.")] = "02_convolution_1d",
    size: Annotated[int, typer.Option(help="Students in the class.")] = 1000,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write every figure here.")] = None,
) -> None:
    """Milliseconds of the head for each submission, with recorded answers in place of the workers' work."""
    from convcourse.operations.benchmarks.head import bench_head as measure
    from convcourse.operations.benchmarks.head import head_line

    figures = measure(unit, size, say)
    say(head_line(figures))
    if as_json:
        write_whole(as_json, json.dumps(figures, indent=1))


@commands.command("notebooks")
def bench_notebooks(
    units: Units = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write every figure here.")] = None,
) -> None:
    """Seconds, slowest cell and memory of each solved notebook, with and without oneDNN."""
    from convcourse.operations.benchmarks.notebooks import bench_notebooks as measure
    from convcourse.operations.benchmarks.notebooks import notebooks_table

    costs = list(measure(units or [], say))
    console.print(notebooks_table(costs))
    if as_json:
        write_whole(as_json, json.dumps([asdict(cost) for cost in costs], indent=1))


@commands.command("nets")
def bench_nets(
    nets: Annotated[list[str] | None, typer.Argument(help='Nets such as "ResNet-50"; all when none is named.')] = None,
    batch: Annotated[list[int] | None, typer.Option(help="Batch size; may be given several times.")] = None,
    size: Annotated[int | None, typer.Option(help="Rows and cols where the published ones are larger; on a CPU 96.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write every figure here.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw accuracy against speed here (.png, .svg, .pdf).")] = None,
) -> None:
    """Images a second, memory, compile time and share of the device's peak of each landmark net; see docs/benchmarks.md."""
    from convcourse.operations.benchmarks.nets import bench_nets as measure
    from convcourse.operations.benchmarks.nets import result_table, speed_figure

    figures = measure(nets or [], batch or [], size, say, progress=lambda tasks: iter(track(tasks, "nets", console=console)))
    console.print(result_table(figures))
    if as_json:
        write_whole(as_json, json.dumps(figures, indent=1))
    if plot:
        speed_figure(figures)[0].savefig(plot)
