"""Make the syllabus and the index of exercises from the Exercise objects and the units' first cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

import nbformat

from convcourse.exercises import UNITS, exercises_of
from convcourse.judging.exercise import Exercise
from convcourse.settings import COURSE
from convcourse.texts import stars


def anchor(exercise: Exercise) -> str:
    """The anchor of an exercise in the book."""
    return f"exercise-{exercise.name}"


def linked(words: str, unit: str, units: Sequence[str]) -> str:
    """Words that lead to the page of a unit, if it is one of `units`, which have a page."""
    return f"[{words}](course/{unit}/{unit}.ipynb)" if unit in units else words


def syllabus(units: Sequence[str]) -> str:
    """The goals and the exercises of each unit. Only `units` have a page that can be linked."""
    rows, parts = [], []
    for unit in UNITS:
        exercises, number = exercises_of(unit), int(unit[:2])
        title, goals, time = opening(unit)
        name = f"{number} · {title}"
        link = linked(name, unit, units)
        sums = (len(exercises), sum(e.max_score for e in exercises), sum(e.minutes for e in exercises))
        rows.append(f"| {link} | {sums[0]} | {sums[1]:g} | {sums[2]} |")
        parts.append(f"## {name}\n\n{goals}\n\n{time}")
    everything = [e for unit in UNITS for e in exercises_of(unit)]
    points, minutes = sum(e.max_score for e in everything), sum(e.minutes for e in everything)
    total = f"| **all** | {len(everything)} | {points:g} | {minutes:,} |"
    table = "\n".join(["| unit | exercises | points | minutes |", "| --- | --: | --: | --: |", *rows, total])
    intro = "Minutes are those of the exercises alone, for somebody to whom all of it is new."
    return "\n\n".join(["# Syllabus", intro, table, *parts]) + "\n"


def exercise_index(units: Sequence[str]) -> str:
    """A table of all exercises. Only exercises of `units` have a place that can be linked."""
    rows = []
    for unit in UNITS:
        for number, exercise in enumerate(exercises_of(unit), start=1):
            name = f"{int(unit[:2])}.{number} · {exercise.title}"
            link = f"[{name}](#{anchor(exercise)})" if unit in units else name
            hard = stars(exercise.difficulty)
            rows.append(f"| {link}<br>`{exercise.name}` | {exercise.max_score:g} | {exercise.minutes} | {hard} |")
    head = ["| exercise and its function | points | minutes | difficulty |", "| --- | --: | --: | --- |"]
    return "\n\n".join(["# All exercises", f"{len(rows)} exercises, in the course's order.", "\n".join([*head, *rows])]) + "\n"


def opening(unit: str) -> tuple[str, str, str]:
    """The title, the list of goals, and the line with the time, from a unit's first cell."""
    text = nbformat.read(COURSE / unit / f"{unit}.ipynb", as_version=4).cells[0].source
    title = text.splitlines()[0].split("·", 1)[1].strip()
    goals = re.search(r"^- .*?(?=\n\n|\Z)", text, flags=re.S | re.M)
    time = re.search(r"^\*\*Time\*\*.*?(?=\n\n|\Z)", text, flags=re.S | re.M)
    return title, goals.group() if goals else "", time.group() if time else ""
