"""A made-up class from the solutions and the known mistakes, with every kind of submission that a grader must handle."""

from __future__ import annotations

import inspect
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution
from rich.progress import track

from convcourse.exercises import exercises_of
from convcourse.grading.collect import collect
from convcourse.grading.export import export_csv
from convcourse.grading.feedback_pages import write_feedback
from convcourse.grading.grade import grade, students_to_grade
from convcourse.grading.gradebook import add_students
from convcourse.grading.release import release
from convcourse.grading.table import mistake_counts, result_table
from convcourse.judging.exercise import Exercise, Mistake
from convcourse.operations.command_line.shared import console, say
from convcourse.operations.report.write import write_report
from convcourse.settings import SOLUTIONS

UNITS = ("02_convolution_1d", "03_convolution_2d")
CLASS_LIST = """id,first_name,last_name,email
ada,Ada,Perfect,ada@example.org
ben,Ben,Blank,ben@example.org
cleo,Cleo,"Otherway, Jr.",cleo@example.org
dora,Dora,Firstslip,dora@example.org
emil,Emil,Secondslip,emil@example.org
fay,Fay,Thirdslip,fay@example.org
gus,Gus,Fourthslip,gus@example.org
hana,Hana,Late,hana@example.org
ivan,Ivan,Corrupt,ivan@example.org
jana,Jana,Nothing,jana@example.org
kim,Kim,Deleted,kim@example.org
leo,Leo,Endless,leo@example.org
mia,Mia,Colab,mia@example.org
"""


def run_demo(root: Path, now: datetime) -> None:
    """Release, submit, collect, grade and report two units for a made-up class in `root`."""
    start = perf_counter()
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    (root / "class.csv").write_text(CLASS_LIST, encoding="utf-8")
    say(f"{add_students(root, root / 'class.csv')} students in the class list")
    for unit in UNITS:
        release(root, unit, due=now.replace(tzinfo=None) - timedelta(hours=1))
        inbox = root / "inbox" / unit
        make_inbox(inbox, unit, handed_in=now - timedelta(hours=2), late=now + timedelta(hours=24))
        for collected in collect(root, unit, inbox):
            say(f"{'✔' if collected.ok else '✘'} {collected.student}: {collected.message}")
        names = students_to_grade(root, unit)
        progress = track(grade(root, unit, names, seed=2015), total=len(names), description=f"grading {unit}", console=console)
        results = list(progress)
        console.print(result_table(unit, results))
        console.print(mistake_counts(results))
        for name in track(names, description="feedback", console=console):
            write_feedback(root, unit, name)
        write_report(root, unit)
    (root / "grades.csv").write_text(export_csv(root), encoding="utf-8")
    say(f"done in {perf_counter() - start:.0f} s; all is in {root}")
    say(f"begin with a student's page, feedback/dora/{UNITS[0]}/{UNITS[0]}.html")
    say(f"and with the instructor's, reports/{UNITS[0]}.html")


def make_inbox(inbox: Path, unit: str, handed_in: datetime, late: datetime) -> None:
    """Write a submission for every student except Jana."""
    solved = nbformat.read(SOLUTIONS / unit / f"{unit}.ipynb", as_version=4)
    slips = sorted(typical_mistakes(unit), key=lambda pair: pair[0].name)
    slip = [slips[number * len(slips) // 4] for number in range(4)]
    files = {
        "ada": (f"{unit}.ipynb", _as_text(solved)),
        "ben": (f"{unit}.ipynb", _as_text(_blank(solved))),
        "cleo": (f"{unit}.ipynb", _as_text(_another_way(solved))),
        "dora": (f"{unit}.ipynb", _as_text(with_mistake(solved, *slip[0]))),
        "emil": (f"Copy of {unit}.ipynb", _as_text(with_mistake(solved, *slip[1]))),
        "fay": (f"{unit} (1).ipynb", _as_text(with_mistake(solved, *slip[2]))),
        "gus": (f"{unit}.ipynb", _as_text(with_mistake(solved, *slip[3]))),
        "hana": (f"{unit}.ipynb", _as_text(solved)),
        "ivan": (f"{unit}.ipynb", _as_text(solved)[:5000]),
        "kim": (f"{unit}.ipynb", _as_text(_without_first_test(solved))),
        "leo": (f"{unit}.ipynb", _as_text(_endless(solved))),
        "mia": (f"{unit}.ipynb", _as_text(_through_colab(solved))),
    }
    for student, (name, text) in files.items():
        path = inbox / student / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        stamp = (late if student == "hana" else handed_in).timestamp()
        os.utime(path, (stamp, stamp))


def typical_mistakes(unit: str) -> Iterator[tuple[Exercise, Mistake]]:
    """Mistakes whose source needs nothing but NumPy and calls no forbidden function."""
    for exercise in exercises_of(unit):
        for mistake in exercise.mistakes:
            source = _source(mistake)
            if not re.search(r"(?<![\w.])_\w+\(|\bscipy\.", source) and not any(name in source for name in exercise.forbidden):
                yield exercise, mistake


def with_mistake(solved: NotebookNode, exercise: Exercise, mistake: Mistake) -> NotebookNode:
    source = _source(mistake).replace(f"def {mistake.name}(", f"def {exercise.name}(", 1)

    def put(cell: NotebookNode) -> None:
        if cell.metadata.nbgrader.grade_id == f"answer_{exercise.name}":
            cell.source = source

    return _edited(solved, put)


def _source(mistake: Mistake) -> str:
    """The source of the wrong answer as a student writes it, without the hint above it."""
    source = inspect.getsource(mistake.function)
    return source[source.index(f"def {mistake.name}(") :]


def _blank(solved: NotebookNode) -> NotebookNode:
    def put(cell: NotebookNode) -> None:
        cell.source = re.sub(r"( *)### BEGIN SOLUTION.*### END SOLUTION", r"\1raise NotImplementedError", cell.source, flags=re.S)

    return _edited(solved, put)


def _another_way(solved: NotebookNode) -> NotebookNode:
    """Every answer computes the same as before, but returns an array that is made again from a list."""

    def put(cell: NotebookNode) -> None:
        name = cell.metadata.nbgrader.grade_id.removeprefix("answer_")
        cell.source += (
            f"\n\n_array_{name} = {name}\n\ndef {name}(*arguments, **options):\n"
            f"    result = _array_{name}(*arguments, **options)\n"
            f"    return np.array(result.tolist()) if isinstance(result, np.ndarray) else result"
        )

    return _edited(solved, put)


def _endless(solved: NotebookNode) -> NotebookNode:
    first = [True]

    def put(cell: NotebookNode) -> None:
        if first.pop() if first else False:
            cell.source = re.sub(r"( *)### BEGIN SOLUTION", r"\1while True:\n\1    pass", cell.source)

    return _edited(solved, put)


def _edited(solved: NotebookNode, change: Callable[[NotebookNode], None]) -> NotebookNode:
    """A copy with `change` applied to every answer cell."""
    notebook: NotebookNode = nbformat.from_dict(solved)
    for cell in notebook.cells:
        if is_solution(cell):
            change(cell)
    return notebook


def _without_first_test(solved: NotebookNode) -> NotebookNode:
    notebook: NotebookNode = nbformat.from_dict(solved)
    notebook.cells.remove(next(cell for cell in notebook.cells if is_grade(cell)))
    return notebook


def _through_colab(solved: NotebookNode) -> NotebookNode:
    """The notebook as Colab may save it: nbformat 4.0, no cell ids, no nbgrader metadata."""
    notebook: NotebookNode = nbformat.from_dict(solved)
    notebook.nbformat_minor = 0
    notebook.metadata["colab"] = {"provenance": []}
    for cell in notebook.cells:
        del cell["id"]
        cell.metadata.clear()
    return notebook


def _as_text(notebook: NotebookNode) -> str:
    return str(nbformat.writes(notebook))
