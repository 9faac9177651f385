"""Grade a unit. Each submission is graded separately, so a bad submission does not affect other students.

This is the head. It reads submitted/ and sends tasks to this process (`task.py`) or to many workers (`workers.py`).
Only the head writes autograded/ and the gradebook (`recording.py`). You may stop it at any moment. An interrupted
submission is graded again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import determine_grade, is_grade

from convcourse.authoring.own_course import own_unit
from convcourse.errors import CourseError, MachineTrouble
from convcourse.grading.class_folder import TIMESTAMP, ClassFolder, may_be_a_student, notebook_in
from convcourse.grading.course import course_config
from convcourse.grading.gradebook import (
    Held,
    cells_kept,
    gradebook,
    held_scores,
    is_released,
    known_students,
)
from convcourse.grading.judge import fresh_seed
from convcourse.grading.machine_trouble import lost, told
from convcourse.grading.penalties import take_off as penalties_of_student
from convcourse.grading.penalties import with_late_work
from convcourse.grading.rebuild import locked_sources, released_text
from convcourse.grading.recording import Recorder, not_recorded, settle, together, with_penalty
from convcourse.grading.remembered import Remembered, fingerprint, log, remembered, seeds_used, unused_seed
from convcourse.grading.result import ExerciseResult, Result
from convcourse.grading.submission import Unreadable, grade_id, modules_beside, submitted_bytes
from convcourse.grading.task import Judged, Task, one_by_one
from convcourse.grading.version import course_version
from convcourse.sandbox.sight import refuse_in_sight
from convcourse.texts import clean, lines, text_of

__all__ = ["ExerciseResult", "NotReleased", "Result", "Workers", "grade", "students_to_grade"]

# Does the tasks in any order, each task once.
Workers = Callable[[Iterable[Task]], Generator[tuple[Task, Judged], None, None]]

STOP_AFTER = 3  # submissions in a row that fail for a reason of the machine; all others would fail too


class NotReleased(CourseError):
    """The unit is not in this class's gradebook."""


def students_to_grade(root: Path, unit: str) -> list[str]:
    """Students in the class list, and students with a folder in submitted/. Raises NotReleased."""
    _insist_on_release(root, unit)
    return sorted(known_students(root) | ClassFolder(root).students_with_work(unit))


def _insist_on_release(root: Path, unit: str) -> None:
    if not is_released(root, unit):
        with gradebook(root) as book:
            others = ", ".join(sorted(assignment.name for assignment in book.assignments if assignment.notebooks))
        known = f"; released so far: {others}" if others else ""
        raise NotReleased(f"{unit} has not been released to this class: run `convcourse release {unit}` first{known}")


def grade(
    root: Path,
    unit: str,
    students: list[str],
    seed: int | None = None,
    again: bool = False,
    workers: Workers = one_by_one,
) -> Iterator[Result]:
    """Grade these students, and yield each result when it is ready.

    seed: for the hidden cases, the same for all of these students; if None, each run draws a new seed. Students who met
    these cases with other work get the next seed.
    again: also grade submissions that have not changed since they were graded.
    Raises NotReleased, and MachineTrouble when several in a row, or all, fail for a reason of the machine. The results until
    then count.
    """
    refuse_in_sight(root)
    drawn = fresh_seed() if seed is None else seed
    used = {} if seed is None else seeds_used(root, unit)
    config = course_config(root)
    take_off = partial(penalties_of_student, unit=unit, penalties=AssignLatePenalties(config=config))
    settled: deque[Result] = deque()
    prints: dict[str, str] = {}
    troubled: list[Result] = []
    graded = 0
    with gradebook(root) as book:
        place, handed_in = root.stat(), (root / "submitted").stat() if (root / "submitted").is_dir() else None
        common = _common(root, unit, book)
        due = str(book.find_assignment(unit).duedate)
        whole_unit = fingerprint(
            common.release, common.locked, due, text_of(root / "nbgrader_config.py"), common.version, common.exercises
        )
        earlier, held = {} if again else remembered(root, unit), held_scores(book, unit)
        late = with_late_work(book)
        book.db.commit()  # no transaction stays open while the first submissions run

        listed = known_students(root)
        in_other_case = {name.casefold(): name for name in listed}

        def tasks() -> Iterator[Task]:
            for student in students:
                if student not in listed and not may_be_a_student(student):
                    note = f"'{student}' cannot be a student's name: rename the folder in submitted/"
                    settled.append(Result(clean(student), unit, "failed", notes=lines(note)))
                    continue
                folder = ClassFolder(root).submitted(student, unit)
                submitted = _submitted(folder, student)
                if isinstance(submitted, Result) and handed_in and (trouble := lost(root / "submitted", handed_in)):
                    raise trouble  # nobody's work is missing
                if student not in listed and (other := in_other_case.get(student.casefold())):
                    note = f"'{student}' is not in the class list, but '{other}' is: rename submitted/{student}, or add them"
                    submitted = Result(student, unit, "failed", notes=lines(note))
                elif isinstance(submitted, Result) and listed and student not in listed and not folder.exists():
                    submitted = replace(submitted, notes=(*submitted.notes, clean("not in the class list")))
                if isinstance(submitted, Result):
                    settled.append(submitted)
                    continue
                task = replace(common, student=student, submitted=submitted[0], files=submitted[1])
                extension = str(held[student].extension) if student in held else "None"
                prints[student] = fingerprint(
                    whole_unit, task.submitted, text_of(folder / TIMESTAMP), extension, dict(task.files)
                )
                task = replace(task, seed=unused_seed(drawn, used.get(student, {}), prints[student]))
                known = earlier.get(student)
                asked = None if seed is None else task.seed
                if known and _still_right(known, prints[student], asked, held.get(student), root):
                    result = _with_scores(known.result, held[student].scores)
                    settled.append(with_penalty(result, take_off(book, student)) if student in late else result)
                else:
                    yield task

        recorder = Recorder(book, root, place, unit, prints, late, take_off)
        with cells_kept(book, unit), closing(workers(tasks())) as done, closing(together(done)) as groups:
            for group in groups:
                while settled:
                    yield settled.popleft()
                for student, result in settle(recorder, group):
                    if isinstance(result, MachineTrouble):
                        troubled.append(Result(student, unit, "failed", notes=lines(str(result))))
                    elif result.state != "graded":
                        yield _logged(root, result)
                    else:  # the machine works, so the trouble was theirs alone
                        yield from (_logged(root, each) for each in troubled)
                        yield result
                        troubled.clear()
                        graded += 1
                if len(troubled) >= STOP_AFTER:
                    break
        yield from settled
        if troubled and (not graded or len(troubled) >= STOP_AFTER):
            raise MachineTrouble(f"{troubled[-1].notes[0]}; stopped, because no submission fares better")
        yield from (_logged(root, each) for each in troubled)


def _logged(root: Path, result: Result) -> Result:
    """The result, when it is in the log. What is graded is there already."""
    with told(not_recorded(root)):
        log(root, result)
    return result


def scores_with(root: Path, unit: str, seeds: Mapping[str, int], workers: Workers) -> dict[str, dict[str, float]]:
    """Student -> exercise -> points with the hidden cases of these seeds. Nothing is recorded."""
    with gradebook(root) as book:
        common = _common(root, unit, book)

    def tasks() -> Iterator[Task]:
        for student, seed in seeds.items():
            folder = ClassFolder(root).submitted(student, unit)
            if not isinstance(submitted := _submitted(folder, student), Result):
                yield replace(common, student=student, submitted=submitted[0], files=submitted[1], seed=seed)

    found = {}
    with closing(workers(tasks())) as done:
        for task, judged in done:
            if judged.state == "graded":
                cells = nbformat.v4.reads(judged.notebook).cells
                found[task.student] = {grade_id(cell): float(determine_grade(cell)[0] or 0) for cell in cells if is_grade(cell)}
    return found


def _common(root: Path, unit: str, book: Gradebook) -> Task:
    """A task without a student: what all submissions of a unit have in common. Errors in own exercises are reported here."""
    _insist_on_release(root, unit)
    release = released_text(unit, root / course_config(root).CourseDirectory.release_directory)
    own = own_unit(root, unit)
    own.own_exercises()
    locked, version = locked_sources(book, unit, unit), course_version(unit)
    return Task("", unit, b"", release, locked, 0, version, own.exercises, root=str(root.resolve()))


def _submitted(folder: Path, student: str) -> tuple[bytes, Mapping[str, str]] | Result:
    """The submission's bytes and the modules beside it, or a Result that says why there are none."""
    unit, path = folder.name, notebook_in(folder)
    try:
        if not path.exists() and not path.is_symlink():
            others = sorted(p.name for p in folder.glob("*"))
            note = (
                f"no {path.name} among {', '.join(others)}: rename the notebook, or collect it" if others else "nothing submitted"
            )
            return Result(student, unit, "missing", notes=lines(note))
        return submitted_bytes(path), modules_beside(folder)
    except Unreadable as error:
        return Result(student, unit, "unreadable", notes=lines(str(error)))
    except OSError as error:
        return Result(student, unit, "failed", notes=lines(f"{error.filename or path} could not be read: {error.strerror}"))


def _still_right(known: Remembered, print_now: str, seed: int | None, held: Held | None, root: Path) -> bool:
    """Is the work unchanged, and do the gradebook and autograded/ still have its result?"""
    notebook = notebook_in(ClassFolder(root).autograded(known.result.student, known.result.unit))
    return (
        known.fingerprint == print_now
        and seed in (None, known.seed)
        and held is not None
        and held.auto == known.auto
        and notebook.exists()
    )


def _with_scores(result: Result, scores: Mapping[str, float]) -> Result:
    """An earlier result with the scores that count now. An instructor may have changed some by hand."""
    exercises = {name: replace(exercise, score=scores[name]) for name, exercise in result.exercises.items()}
    total = sum(exercise.score for exercise in exercises.values())
    return replace(result, exercises=exercises, score=total, seconds=0.0, unchanged=True)
