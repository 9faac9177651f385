"""Pairs of students whose answers are alike, ordered by how much there is to ask."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from convcourse.operations.report.data import Asked, Unit, outcome
from convcourse.operations.similarity.trees import Pieces, likeness, pieces

# Of 523 pairs of answers that different hands wrote to the same exercises, one is so much alike.
ALIKE, FEWEST_PIECES = 0.6, 8
COMMON = 0.2  # the share of a class that finds an answer by itself: what so many have is not asked about
FEW = 4  # and so many at least


@dataclass(frozen=True)
class Answer:
    """A student's answer to an exercise. `before`: from the earlier class."""

    student: str
    source: str
    pieces: Pieces
    right: bool
    before: bool = False

    @cached_property
    def size(self) -> int:
        return sum(self.pieces.values())


@dataclass(frozen=True)
class SideBySide:
    """Two answers to one exercise that are alike. likeness: 0 to 1. wrong: neither is right."""

    title: str
    one: str
    other: str
    likeness: float
    wrong: bool


@dataclass(frozen=True)
class Pair:
    """Two students, and their answers that are alike. before: the other one was in the earlier class."""

    one: str
    other: str
    before: bool
    answers: tuple[SideBySide, ...]

    @property
    def wrong(self) -> int:
        return sum(answer.wrong for answer in self.answers)

    @property
    def telling(self) -> bool:
        """One right answer that is alike says little: several, or a wrong one, say more."""
        return len(self.answers) > 1 or bool(self.wrong)


def pairs(unit: Unit, earlier: Unit | None = None) -> list[Pair]:
    """All pairs in the class, and between it and an earlier one, the most telling first.

    Answers close to the published solution or to what is given are left out, and so are answers that many have, and the
    pairs within a group that hands in together.
    """
    found: dict[tuple[str, str, bool], list[SideBySide]] = defaultdict(list)
    earlier_asked = {asked.name: asked for asked in earlier.asked} if earlier else {}
    for asked in unit.asked:
        ours = list(_own_answers(unit, asked))
        theirs = list(_own_answers(earlier, earlier_asked[asked.name], True)) if earlier and asked.name in earlier_asked else []
        met = [(one, other, share) for one, other in _to_compare(ours, theirs) if (share := _share(one, other)) >= ALIKE]
        often = Counter(answer.student for one, other, _ in met if not other.before for answer in (one, other))
        most = max(FEW, COMMON * len(ours))
        for one, other, share in met:
            together = not other.before and any({one.student, other.student} <= group for group in unit.groups)
            if not together and max(often[one.student], 0 if other.before else often[other.student]) <= most:
                wrong = not one.right and not other.right
                side = SideBySide(asked.title, one.source, other.source, share, wrong)
                found[one.student, other.student, other.before].append(side)
    every = [Pair(*who, tuple(sides)) for who, sides in found.items()]
    return sorted(every, key=lambda pair: (-pair.wrong - len(pair.answers), pair.one, pair.other))


def as_published(unit: Unit) -> dict[str, list[str]]:
    """Student -> titles of the exercises whose answer is close to the published solution."""
    found: dict[str, list[str]] = defaultdict(list)
    for asked in unit.asked:
        published = pieces(asked.published)
        for handed in unit.graded:
            own = pieces(handed.answers.get(asked.name, ""))
            if sum(own.values()) >= FEWEST_PIECES and likeness(own, published) >= ALIKE:
                found[handed.student].append(asked.title)
    return dict(found)


def _own_answers(unit: Unit, asked: Asked, before: bool = False) -> Iterator[Answer]:
    """The answers that are long enough, and neither what is given nor what is published."""
    ordinary = [pieces(asked.blank), pieces(asked.published)]
    for handed in unit.graded:
        source = handed.answers.get(asked.name, "")
        answer = Answer(handed.student, source, pieces(source), outcome(asked, handed) == "right", before)
        if answer.size >= FEWEST_PIECES and all(likeness(answer.pieces, known) < ALIKE for known in ordinary):
            yield answer


def _to_compare(ours: Sequence[Answer], theirs: Sequence[Answer]) -> Iterator[tuple[Answer, Answer]]:
    yield from combinations(ours, 2)
    yield from product(ours, theirs)


def _share(one: Answer, other: Answer) -> float:
    """The likeness of two answers; 0 where their sizes alone say that it is too small."""
    fewer, more = sorted((one.size, other.size))
    return likeness(one.pieces, other.pieces) if fewer >= ALIKE * more else 0.0
