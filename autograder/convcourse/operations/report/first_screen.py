"""The report's first screen: the class's results, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from convcourse.operations.report.data import Unit
from convcourse.operations.report.findings import Findings, Slip, to_talk_to, tried
from convcourse.operations.report.similar import Alike, alike

BINS = 10


@dataclass(frozen=True)
class HowItWent:
    """The class's points: the median, the mean, and the numbers of students with all points and with fewer than half.

    bins: the number of students in each tenth of the possible points.
    """

    middle: float
    mean: float
    full: int
    below_half: int
    bins: tuple[int, ...]


@dataclass(frozen=True)
class ToDo:
    """The students for each task of the instructor, if there is such a task.

    waiting: students whose answers wait for manual points, and the number of answers. alike: groups to ask.
    hardest: the exercise with the fewest right answers. commonest: a known mistake of several students, and its exercise.
    """

    to_grade: tuple[str, ...]
    failed: tuple[str, ...]
    unreadable: tuple[str, ...]
    missing: tuple[str, ...]
    waiting: tuple[str, ...]
    answers_waiting: int
    tried: tuple[str, ...]
    alike: tuple[Alike, ...]
    stuck: tuple[str, ...]
    hardest: Findings | None
    commonest: tuple[Findings, Slip] | None


def how_it_went(unit: Unit) -> HowItWent | None:
    """The class's points; None if there are no points yet."""
    points, possible = [handed.points for handed in unit.graded], unit.max_score
    if not points or not possible:
        return None
    bins = [0] * BINS
    for each in points:
        bins[max(0, min(BINS - 1, int(BINS * each / possible)))] += 1
    full, below_half = sum(each >= possible for each in points), sum(each < possible / 2 for each in points)
    return HowItWent(median(points), mean(points), full, below_half, tuple(bins))


def to_do(unit: Unit, found: Sequence[Findings]) -> ToDo:
    """The tasks that remain before the grades are complete, and the topics that the class needs."""
    waiting = [handed for handed in unit.graded if handed.waiting]
    return ToDo(
        to_grade=tuple(handed.student for handed in unit.handed if handed.changed or handed.result.state == "not graded"),
        failed=_in_state(unit, "failed"),
        unreadable=_in_state(unit, "unreadable"),
        missing=_in_state(unit, "missing"),
        waiting=tuple(handed.student for handed in waiting),
        answers_waiting=sum(len(handed.waiting) for handed in waiting),
        tried=tuple(handed.student for handed, _ in tried(unit)),
        alike=tuple(group for group in alike(unit) if group.telling),
        stuck=tuple(handed.student for handed, _ in to_talk_to(unit) if handed.graded),
        hardest=_hardest(unit, found),
        commonest=_commonest(found),
    )


def _in_state(unit: Unit, state: str) -> tuple[str, ...]:
    return tuple(handed.student for handed in unit.handed if handed.result.state == state)


def _hardest(unit: Unit, found: Sequence[Findings]) -> Findings | None:
    hardest = min(found, key=lambda one: one.counts["right"], default=None)
    return hardest if hardest and hardest.counts["right"] < len(unit.graded) else None


def _commonest(found: Sequence[Findings]) -> tuple[Findings, Slip] | None:
    made = [(one, one.commonest) for one in found if one.commonest and len(one.commonest.students) > 1]
    return max(made, key=lambda pair: len(pair[1].students), default=None)
