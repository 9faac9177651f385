"""Findings on a unit for the instructor: the mistakes, the students to talk to, and what to do."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import mean, median

from convcourse.operations.report.data import OUTCOMES, Asked, Handed, Unit, outcome
from convcourse.texts import Line

MUCH_BELOW = 0.25
FOLLOWS, OTHERWISE = "rests on an earlier exercise that is not right", "other wrong answers"
OTHERS = (FOLLOWS, OTHERWISE)
LONGEST_EXAMPLE, WIDEST_EXAMPLE = 40, 400  # lines, and characters in a line
NOTED_AS_TRIED = ("worth a look:", "was changed", "stands more than once")


@dataclass(frozen=True)
class Slip:
    """A wrong answer of several students. name: the known mistake, what holds of their results, why there are none, or one of
    OTHERS for all of that kind together.

    example: one student's answer, without the released docstring, and the student.
    """

    name: str
    hint: str
    students: tuple[str, ...]
    example: str
    by: str

    @property
    def title(self) -> str:
        return self.name.replace("_", " ") if self.hint else self.name

    @property
    def shown(self) -> str:
        """The part of the example that fits; empty if the example shows nothing by itself."""
        if self.name == FOLLOWS or not self.example.strip():
            return ""
        lines = self.example.strip("\n").splitlines()
        more = [f"… and {len(lines) - LONGEST_EXAMPLE} more lines"] if len(lines) > LONGEST_EXAMPLE else []
        return "\n".join([*(line[:WIDEST_EXAMPLE] for line in lines[:LONGEST_EXAMPLE]), *more])


@dataclass(frozen=True)
class Findings:
    """One exercise: outcome -> number of students, mean score of all graded students, and the slips, the most common first."""

    asked: Asked
    counts: dict[str, int]
    mean_score: float
    slips: tuple[Slip, ...]

    @property
    def commonest(self) -> Slip | None:
        """The slip of most students, if it is known what it is."""
        return next((slip for slip in self.slips if slip.name not in OTHERS), None)


def findings(unit: Unit, asked: Asked) -> Findings:
    counts: Counter[str] = Counter()
    made: dict[str, list[Handed]] = defaultdict(list)
    for handed in unit.graded:
        came_out = outcome(asked, handed)
        counts[came_out] += 1
        if came_out in ("wrong", "partly"):
            made[_kind(unit, asked, handed)].append(handed)
    # The most common first. Mistakes without a name are last, even if they are many.
    names = sorted(made, key=lambda name: (name in OTHERS, -len(made[name]), name))
    scores = [handed.result.exercises[asked.name].score for handed in unit.graded]
    return Findings(
        asked,
        {words: counts[words] for words in OUTCOMES},
        mean(scores) if scores else 0.0,
        tuple(_slip(asked, name, made[name]) for name in names),
    )


def _kind(unit: Unit, asked: Asked, handed: Handed) -> str:
    """The known mistake, or that the answer calls a wrong function of the student, or what the judge says of the results, or
    why there are none: an error, a function that may not be called, a loop without an end."""
    source, said = handed.answers.get(asked.name, ""), handed.result.exercises[asked.name]
    if said.mistake:
        return said.mistake
    called = [one for one in unit.asked if one is not asked and re.search(rf"\b{re.escape(one.name)}\(", source)]
    if any(outcome(one, handed) != "right" for one in called):
        return FOLLOWS
    return said.statement.removesuffix(".") or said.remark.removesuffix(".") or OTHERWISE


def _slip(asked: Asked, name: str, made: list[Handed]) -> Slip:
    known = asked.exercise.mistakes if asked.exercise else ()
    hint = next((mistake.hint for mistake in known if mistake.name == name), "")
    with_answer = [handed for handed in made if handed.answers.get(asked.name, "").strip() not in ("", asked.blank.strip())]
    # The shortest answer shows the mistake most clearly.
    shown = min(with_answer, key=lambda handed: len(handed.answers[asked.name]), default=None)
    source = _without_docstring(shown.answers[asked.name], asked.blank) if shown else ""
    return Slip(name, hint, tuple(handed.student for handed in made), source, shown.student if shown else "")


def _without_docstring(source: str, blank: str) -> str:
    given = re.search(r'\n[ \t]*"""(?:.*?)"""', blank, flags=re.DOTALL)
    return source.replace(given.group(0), "", 1) if given else source


def tried(unit: Unit) -> list[tuple[Handed, list[Line]]]:
    """Submissions with code that no exercise asks for, and the grader's notes."""
    found = []
    for handed in unit.graded:
        notes = [note for note in handed.result.notes if any(words in note for words in NOTED_AS_TRIED)]
        if notes:
            found.append((handed, notes))
    return found


def stopped_at(unit: Unit, handed: Handed) -> str:
    """The place where a student stopped: two or more exercises at the end are not done. Empty for all others."""
    outcomes = [outcome(asked, handed) for asked in unit.asked]
    done = max((place for place, words in enumerate(outcomes) if words != "not done"), default=-1)
    left = len(outcomes) - 1 - done
    if done < 0:
        return "no exercise was begun"
    if left < 2:
        return ""
    last = f"{unit.asked[done].name} came out {outcomes[done]}, and " if outcomes[done] in ("wrong", "partly") else ""
    return f"{last}nothing was done from {unit.asked[done + 1].name} on ({left} exercises)"


def shift(unit: Unit) -> float:
    """The class's gain or loss compared with its other units: median share of the points, 0 if there are no other units."""
    changes = _changes(unit)
    return median(changes.values()) if changes else 0.0


def much_below(unit: Unit) -> set[str]:
    """Students with much lower results than in other units, after subtracting the class's gain or loss."""
    usual = shift(unit)
    return {student for student, change in _changes(unit).items() if change <= usual - MUCH_BELOW}


def _changes(unit: Unit) -> dict[str, float]:
    """Student -> share of the points here minus the share in the other units."""
    return {h.student: h.points / unit.max_score - h.elsewhere for h in unit.graded if h.elsewhere is not None and unit.max_score}


def to_talk_to(unit: Unit) -> list[tuple[Handed, list[str]]]:
    """Students to talk to, and the reason, in the order of the class list."""
    below = much_below(unit)
    found = []
    for handed in unit.handed:
        if not handed.graded:
            found.append((handed, [f"{handed.result.state}: {'; '.join(handed.result.notes)}"]))
            continue
        why = [stopped_at(unit, handed)]
        if handed.student in below:
            why.append(f"{_percent(handed.points / unit.max_score)} here, {_percent(handed.elsewhere or 0.0)} in other units")
        if any(why):
            found.append((handed, [words for words in why if words]))
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
