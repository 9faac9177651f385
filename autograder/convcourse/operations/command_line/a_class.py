"""Commands for instructors, from the class list to the grades."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, track

from convcourse.errors import CourseError, MachineTrouble
from convcourse.grading.lms.systems import FORMATS, SYSTEMS, either
from convcourse.grading.whole_files import write_whole
from convcourse.operations.command_line.shared import Course, Unit, console, say
from convcourse.settings import AUTOGRADER
from convcourse.texts import many

if TYPE_CHECKING:
    from convcourse.grading.grade import Workers
    from convcourse.grading.task import Done, Task

commands = typer.Typer()
ARCHIVES = either(f"{system.title}'s" for system in SYSTEMS.values() if system.sent_as)
OWN_FILES = either(f"{system.title}'s" for system in SYSTEMS.values() if system.own_file)


@commands.command()
def students(file: Annotated[Path, typer.Argument(help="CSV with a column id.")], course: Course = AUTOGRADER) -> None:
    """Add the students of a CSV file (id, first_name, last_name, email, lms_user_id) to the class list."""
    from convcourse.grading.gradebook import add_students, known_students

    added = add_students(course, file)
    say(f"{many(added, 'student')} added or updated, {len(known_students(course))} in the class list")


@commands.command()
def release(
    unit: Unit,
    course: Course = AUTOGRADER,
    due: Annotated[
        str | None, typer.Option(help="Due date and time, in the time zone of the class's course.toml, else in UTC.")
    ] = None,
) -> None:
    """Register a unit in the class's gradebook; students get course/UNIT/UNIT.ipynb."""
    from convcourse.authoring.own_course import release_folder
    from convcourse.grading.gradebook import due_date
    from convcourse.grading.release import release as register
    from convcourse.grading.zones import class_zone, read_time, shown

    zone = class_zone(course)
    register(course, unit, read_time(due, zone).replace(tzinfo=None) if due else None)
    say(f"released {unit}: give students {release_folder(course) / unit / unit}.ipynb")
    if known := due_date(course, unit):
        say(f"due {shown(known, zone)}")


@commands.command()
def extend(
    unit: Unit,
    student: Annotated[list[str], typer.Option(help="Whom; may be given several times.")],
    by: Annotated[str, typer.Option(help="How much later than the due date: 2d, 36h, 90min, 1w; 0 takes an extension back.")],
    course: Course = AUTOGRADER,
) -> None:
    """Give students more time for a unit: an extension in nbgrader's gradebook, for work that has come or is to come."""
    from convcourse.grading.extensions import extend as give

    for line in give(course, unit, student, by):
        say(line)


@commands.command()
def collect(
    unit: Unit,
    inbox: Annotated[
        Path, typer.Argument(exists=True, help=f"Folder or zip with a folder for each student; or {ARCHIVES} archive.")
    ],
    course: Course = AUTOGRADER,
    file_dates: Annotated[
        bool, typer.Option("--file-dates", help="Trust each file's date. Whoever made the file or its zip could set it.")
    ] = False,
) -> None:
    """Bring an inbox of notebooks, whatever they are called, into submitted/; see docs/lms.md."""
    from convcourse.grading.collect import collect as gather
    from convcourse.grading.collect import times_of_handing_in

    results = gather(course, unit, inbox, file_dates)
    for result in results:
        line = f"{'✔' if result.ok else '✘'} {result.student}: {result.message}"
        say(line)
    say(f"{sum(result.ok for result in results)} of {len({r.student for r in results})} collected")
    for line in times_of_handing_in(course, unit, results):
        say(line)


@commands.command()
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
    if not cluster:
        from convcourse.sandbox.room import start_early

        start_early()
    from convcourse.grading.grade import grade as grade_all
    from convcourse.grading.grade import students_to_grade
    from convcourse.grading.table import mistake_counts, result_table

    names = student or students_to_grade(course, unit)
    results, unchanged = [], 0
    trouble: MachineTrouble | None = None
    with Progress(*Progress.get_default_columns(), console=console) as progress:
        bar = progress.add_task(f"grading {unit}", total=len(names))
        try:
            for result in grade_all(course, unit, names, seed, again, _workers(cluster)):
                results.append(result)
                # Unchanged submissions took no time. The remaining time comes from the others.
                unchanged += result.unchanged
                progress.update(bar, total=len(names) - unchanged, completed=len(results) - unchanged)
        except KeyboardInterrupt:
            say(f"stopped; {len(results)} of {len(names)} are done and stay, the same command does the rest")
            raise typer.Exit(130) from None
        except MachineTrouble as error:
            trouble = error
    results.sort(key=lambda result: result.student)
    if results or not trouble:
        console.print(result_table(unit, results))
    if any(exercise.mistake for result in results for exercise in result.exercises.values()):
        console.print(mistake_counts(results))
    if unchanged:
        say(f"{unchanged} unchanged since they were graded (`--again` grades them too)")
    if as_json:
        write_whole(as_json, json.dumps([result.as_json() for result in results], indent=1))
    if trouble:
        raise trouble


@commands.command()
def regrade(
    unit: Unit,
    course: Course = AUTOGRADER,
    cluster: Annotated[str | None, typer.Option(help="Dask scheduler, tcp://HOST:PORT; else all cores here.")] = None,
    file: Annotated[Path | None, typer.Option(help="Also write the changes here, as CSV.")] = None,
) -> None:
    """Grade a unit again after its checks were mended, and show who changed, from what to what, and why."""
    from convcourse.grading import regrade as second
    from convcourse.grading.export import as_csv
    from convcourse.grading.grade import students_to_grade
    from convcourse.grading.table import plain_table

    names = students_to_grade(course, unit)
    before, results = second.standings(course, unit), []
    again = second.regrade(course, unit, names, _workers(cluster))
    stopped: BaseException | None = None
    try:
        for result in track(again, f"grading {unit} again", len(names), console=console):
            results.append(result)
    except (KeyboardInterrupt, MachineTrouble) as error:
        stopped = error
        say(f"stopped; these are the changes of the first {len(results)} of {len(names)}, and they stay")
    after = second.standings(course, unit)
    earlier = second.on_earlier_cases(course, unit, before, after, _workers(cluster))
    changes = second.changes(before, after, results, earlier)
    rows = second.change_rows(changes, before, after)
    if changes:
        console.print(plain_table(f"{unit}: what has changed", rows))
    else:
        say(f"{unit}: nothing has changed")
    if changed := {change.student for change in changes if change.before != change.after}:
        say(f"{len(changed)} of {len(results)} students changed; run `convcourse feedback {unit}` and export again")
    if file:
        write_whole(file, as_csv(rows))
    if isinstance(stopped, MachineTrouble):
        raise stopped


def _workers(cluster: str | None) -> Workers:
    """The workers: all cores of this machine, or a cluster's. Dask is imported only for a cluster, and only if there is work."""
    if not cluster:
        from convcourse.grading.this_machine import on_this_machine

        return on_this_machine
    if not importlib.util.find_spec("distributed"):
        raise typer.BadParameter("needs Dask: pip install 'convcourse[scale]'", param_hint="--cluster")

    def workers(tasks: Iterable[Task]) -> Done:
        tasks = iter(tasks)
        if first := next(tasks, None):
            from convcourse.grading.workers import on_cluster

            yield from on_cluster(cluster)(chain([first], tasks))

    return workers


@commands.command()
def feedback(unit: Unit, course: Course = AUTOGRADER) -> None:
    """Write feedback/STUDENT/UNIT/UNIT.html for every graded student."""
    from convcourse.grading.feedback_pages import write_feedback
    from convcourse.grading.gradebook import known_students
    from convcourse.grading.machine_trouble import lost

    names, place = sorted(known_students(course)), course.stat()
    pages, troubles = 0, list[str]()
    try:
        for name in track(names, "feedback", console=console):
            if trouble := lost(course, place):
                raise trouble  # else nobody would seem to be graded
            try:
                pages += write_feedback(course, unit, name) is not None
            except MachineTrouble:
                raise
            except CourseError as error:  # the others get theirs
                troubles.append(str(error))
    finally:
        say(f"{many(pages, 'feedback page')} under {course / 'feedback'}")
        for line in troubles:
            say(f"✘ {line}")
    if troubles:
        raise typer.Exit(1)
    if not pages:
        raise CourseError(f"nobody has been graded in {unit} yet: run `convcourse grade {unit}` first")


@commands.command()
def serve(
    units: Annotated[list[str], typer.Argument(help="The units that may come in.")],
    inbox: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The folder to watch, as for collect.")],
    course: Course = AUTOGRADER,
    most_a_day: Annotated[int, typer.Option(min=1, help="Gradings of a student's unit in a day; later work waits.")] = 10,
    exchange: Annotated[bool, typer.Option("--exchange", help="Collect from nbgrader's exchange too.")] = False,
    pause: Annotated[float, typer.Option(min=0, help="Seconds between two looks at the inbox.")] = 5.0,
) -> None:
    """Grade what arrives and write its feedback, until you stop it. reports/status.html says how it goes."""
    from convcourse.operations.serving.serve import serve as stand

    say(f"serving {', '.join(units)}; status: {course / 'reports' / 'status.html'}")
    try:
        stand(course, inbox, units, say, pause, most_a_day, exchange)
    except KeyboardInterrupt:
        say("stopped; the same command goes on from here")


@commands.command()
def term(
    course: Course = AUTOGRADER,
    file: Annotated[Path | None, typer.Option(help="Also write the table here, as CSV.")] = None,
) -> None:
    """Show the late days that each student has spent, the units that do not count, and the total. See docs/lms.md."""
    from convcourse.grading.export import as_csv
    from convcourse.grading.table import plain_table
    from convcourse.grading.term import term as standing

    found = standing(course)
    console.print(plain_table("the term until now", found.rows))
    for note in found.notes:
        say(note)
    if file:
        write_whole(file, as_csv(found.rows))


@commands.command()
def export(
    to: Annotated[str, typer.Option(help=f"{either(FORMATS)}.")] = "csv",
    roster: Annotated[
        Path | None, typer.Option(exists=True, help=f"{OWN_FILES} own gradebook file: students and columns as there.")
    ] = None,
    course: Course = AUTOGRADER,
    file: Annotated[Path | None, typer.Option(help="Write here instead of to the terminal.")] = None,
) -> None:
    """Export the gradebook, for a spreadsheet or as a learning-management system imports it; see docs/lms.md."""
    from convcourse.grading.lms.export import export as export_for

    if to not in FORMATS:
        raise typer.BadParameter(f"'{to}' is not known; use {', '.join(FORMATS)}", param_hint="--to")
    exported = export_for(course, to, roster)
    if file:
        write_whole(file, exported.as_bytes())
        say(f"wrote {file}")
    else:
        typer.echo(exported.text, nl=False)
    for note in exported.notes:
        typer.echo(note, err=True)


@commands.command()
def report(unit: Unit, course: Course = AUTOGRADER) -> None:
    """Write reports/UNIT.html, which says how a graded unit went and what to do about it, and reports/UNIT.csv."""
    from convcourse.operations.report.write import write_report

    for path in write_report(course, unit):
        say(f"wrote {path}")


@commands.command()
def alike(
    unit: Unit,
    course: Course = AUTOGRADER,
    earlier: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of an earlier class with this unit.")
    ] = None,
) -> None:
    """Write reports/UNIT_alike.html: pairs of answers that say the same in other words. A question to ask, no proof."""
    from convcourse.operations.similarity.write import write_alike

    path, found = write_alike(course, unit, earlier)
    for pair in found:
        whose = f" of {earlier.name}" if earlier and pair.before else ""
        wrong = f", {pair.wrong} wrong" if pair.wrong else ""
        say(f"{pair.one} and {pair.other}{whose}: {len(pair.answers)} alike{wrong}")
    say(f"wrote {path}")
