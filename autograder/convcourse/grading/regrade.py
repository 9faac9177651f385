"""Grade a unit again after a check was corrected, and list each changed student, the old and new score, and the reason.

The hidden cases are new. Where points fall, the earlier cases are tried too, and the reason says if only the cases made
the difference. Scores given by hand stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from convcourse.grading.export import penalties_of
from convcourse.grading.grade import Workers, grade, scores_with
from convcourse.grading.gradebook import Held, gradebook, held_scores
from convcourse.grading.remembered import remembered
from convcourse.grading.result import ExerciseResult, Result


@dataclass(frozen=True)
class Standing:
    """A student's scores and penalty in a unit, from the gradebook, and the judge's outcomes and seed, if known."""

    held: Held
    penalty: float
    said: Mapping[str, ExerciseResult]
    seed: int | None = None

    @property
    def total(self) -> float:
        return max(0.0, sum(self.held.scores.values()) - self.penalty)


@dataclass(frozen=True)
class Change:
    """A changed exercise of one student. A missing score is None; `why` is the reason in words."""

    student: str
    exercise: str
    before: float | None
    after: float | None
    why: str


def standings(root: Path, unit: str) -> dict[str, Standing]:
    """Student -> current Standing. Work graded by stock nbgrader has no outcomes of the judge."""
    known = remembered(root, unit)
    with gradebook(root) as book:
        held, penalties = held_scores(book, unit), penalties_of(book, unit)
    found = {}
    for student, theirs in held.items():
        if any(score is not None for score in theirs.auto.values()):
            same = student in known and known[student].auto == theirs.auto
            said = known[student].result.exercises if same else {}
            seed = known[student].seed if same else None
            found[student] = Standing(theirs, penalties.get(student, 0.0), said, seed)
    return found


def regrade(root: Path, unit: str, students: list[str], workers: Workers) -> Iterator[Result]:
    """Grade all of these students again, on new hidden cases."""
    return grade(root, unit, students, again=True, workers=workers)


def on_earlier_cases(
    root: Path, unit: str, before: Mapping[str, Standing], after: Mapping[str, Standing], workers: Workers
) -> dict[str, dict[str, float]]:
    """Student -> exercise -> points with the check as it is now and the hidden cases of before, for those who lost points."""
    both = [(student, old, after[student]) for student, old in before.items() if student in after]
    lost = {student: old.seed for student, old, new in both if old.seed is not None and list(_fallen(old, new))}
    return scores_with(root, unit, lost, workers)


def _fallen(old: Standing, new: Standing) -> Iterator[str]:
    """The exercises with fewer points than before."""
    pairs = ((name, old.held.auto.get(name), score) for name, score in new.held.auto.items())
    return (name for name, was, now in pairs if was is not None and now is not None and now < was)


def changes(
    before: Mapping[str, Standing],
    after: Mapping[str, Standing],
    results: Iterable[Result],
    earlier: Mapping[str, Mapping[str, float]],
) -> list[Change]:
    """The changes, by student and in the unit's order. A student who cannot be graded again keeps the old scores.

    earlier: from `on_earlier_cases`.
    """
    found: list[Change] = []
    for result in sorted(results, key=lambda result: result.student):
        student, old, new = result.student, before.get(result.student), after.get(result.student)
        if result.state != "graded":
            if old:
                why = f"not graded again ({result.state}: {'; '.join(result.notes)}); the old score stays"
                found.append(Change(student, "all", old.total, old.total, why))
        elif old is None or new is None:
            found.append(Change(student, "all", None, new.total if new else None, "was not graded before"))
        else:
            found += _changes_of(student, old, new, earlier.get(student, {}))
    return found


def _changes_of(student: str, old: Standing, new: Standing, earlier: Mapping[str, float]) -> Iterator[Change]:
    fallen = set(_fallen(old, new))
    for name in [*new.held.scores, *(name for name in old.held.scores if name not in new.held.scores)]:
        auto = old.held.auto.get(name), new.held.auto.get(name)
        score = old.held.scores.get(name), new.held.scores.get(name)
        if auto[0] != auto[1] and score[0] == score[1]:
            yield Change(student, name, *score, f"marked by hand, which stays; automatic {_points(auto[0])} → {_points(auto[1])}")
        elif auto[0] != auto[1] or score[0] != score[1]:
            why = f"{_outcome(old.said.get(name))} → {_outcome(new.said.get(name))}"
            if name in fallen and earlier.get(name, -1.0) >= (auto[0] or 0.0):
                why += "; only on the new hidden cases: on the earlier ones it is still right, have a look"
            yield Change(student, name, *score, why)
    if old.penalty != new.penalty:
        why = "it follows the points, the due date and the policy"
        yield Change(student, "late penalty", 0.0 - old.penalty, 0.0 - new.penalty, why)


def _outcome(said: ExerciseResult | None) -> str:
    """The judge's outcome for an exercise, in a few words."""
    if said is None or not said.status:
        return "not recorded"
    if said.mistake:
        return said.mistake.replace("_", " ")
    return f"{said.status} ({said.remark})" if said.remark else said.status


def _points(score: float | None) -> str:
    return "–" if score is None else f"{score:g}"


def change_rows(found: Iterable[Change], before: Mapping[str, Standing], after: Mapping[str, Standing]) -> list[list[str]]:
    """A heading, and a line for each change with the student's total."""
    rows = [["student", "total", "total now", "exercise", "points", "points now", "why"]]
    for change in found:
        totals = [_points(standing[change.student].total if change.student in standing else None) for standing in (before, after)]
        rows.append([change.student, *totals, change.exercise, _points(change.before), _points(change.after), change.why])
    return rows
