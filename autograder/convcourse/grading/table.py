"""Results as a table for the terminal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.markup import escape
from rich.table import Table

from convcourse.grading.result import ExerciseResult, Result
from convcourse.texts import Line

NUMBERS = ("total", "points", "left", "of")  # headings of numbers begin so


def result_table(unit: str, results: Sequence[Result]) -> Table:
    """One line for each student: score, a sign for each exercise, and remarks for the instructor."""
    table = Table(title=f"{unit}: ✔ right  ◐ partly  ✘ wrong  ○ not done", title_justify="left")
    table.add_column("student", overflow="fold")
    table.add_column("score", justify="right")
    table.add_column("exercises")
    table.add_column("what happened", overflow="fold")
    for result in results:
        score = "—" if result.score is None else f"{result.score:g}/{result.max_score:g}"
        signs = " ".join(_sign(exercise) for exercise in result.exercises.values())
        table.add_row(result.student, score, signs, escape("; ".join(remarks(result))))
    return table


def remarks(result: Result) -> list[str]:
    """The remarks on a result, each in a few words."""
    costs = f", which costs {result.penalty:g}" if result.penalty else ""
    late = [f"late by {duration(result.seconds_late)}{costs}"] if result.seconds_late > 0 else []
    state = [] if result.state == "graded" else [result.state]
    mistakes = [f"{name}: {e.mistake.replace('_', ' ')}" for name, e in result.exercises.items() if e.mistake]
    named: Counter[str] = Counter(e.remark for e in result.exercises.values() if e.remark)
    stopped = [remark if count == 1 else f"{remark} ({count} exercises)" for remark, count in named.items()]
    statuses = {exercise.status for exercise in result.exercises.values()}
    blank = ["no exercise was begun"] if statuses == {"not done"} else []
    return [*state, *blank, *late, *condensed(result.notes), *mistakes, *stopped]


def condensed(notes: Iterable[Line]) -> tuple[Line, ...]:
    """Merge notes that say the same about several cells into one note with the number of further cells."""
    same: dict[str, list[Line]] = {}
    for note in notes:
        same.setdefault(re.sub(r"'[^']*'", "", note), []).append(note)
    return tuple(each[0] if len(each) == 1 else Line(f"{each[0]} (and {len(each) - 1} more)") for each in same.values())


def mistake_counts(results: Sequence[Result]) -> Table:
    """The number of students who made each known mistake, the most common first."""
    counts = Counter((name, e.mistake) for r in results for name, e in r.exercises.items() if e.mistake)
    table = Table(title="mistakes", title_justify="left")
    for column in ("exercise", "mistake", "students", "points kept"):
        table.add_column(column, overflow="fold")
    for (name, mistake), count in counts.most_common():
        kept = {f"{r.exercises[name].score:g}/{r.exercises[name].max_score:g}" for r in results if _made(r, name, mistake)}
        table.add_row(name, mistake.replace("_", " "), str(count), ", ".join(sorted(kept)))
    return table


def plain_table(title: str, rows: Sequence[Sequence[str]]) -> Table:
    """Rows of texts, of which the first is the heading."""
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(name, justify="right" if name.startswith(NUMBERS) else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*map(escape, row))
    return table


def duration(seconds: float) -> str:
    """90000 -> "1 d 1 h"."""
    minutes = int(seconds // 60)
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "under a minute"


def _made(result: Result, name: str, mistake: str) -> bool:
    return name in result.exercises and result.exercises[name].mistake == mistake


def _sign(exercise: ExerciseResult) -> str:
    if exercise.score >= exercise.max_score:
        return "✔"
    if exercise.score > 0:
        return "◐"
    return "○" if exercise.status == "not done" else "✘"
