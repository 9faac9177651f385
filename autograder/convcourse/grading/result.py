"""What became of one student's submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from convcourse.texts import Line, clean, lines

EMPTY = Line("")
WORDS = ("status", "mistake", "remark", "statement")


@dataclass(frozen=True)
class ExerciseResult:
    """One graded cell: points, and the judge's notes (empty for plain assert cells).

    statement: what holds of the results, or which cases fail, where the mistake is not a known one.
    """

    score: float
    max_score: float
    status: Line = EMPTY
    mistake: Line = EMPTY
    remark: Line = EMPTY
    statement: Line = EMPTY

    @classmethod
    def noted(cls, score: float, max_score: float, note: Mapping[str, Any]) -> ExerciseResult:
        """The points, and what the judge wrote into the cell's metadata."""
        return cls(score, max_score, **{key: clean(str(note.get(key, ""))) for key in WORDS})


@dataclass(frozen=True)
class Result:
    """What became of one student's submission.

    state: "graded", "unreadable", "failed" or "missing".
    notes: one line each for the instructor.
    unchanged: nothing has changed since the last grading, so it was not graded again.
    penalty: points of the late penalty; they are not taken off `score`.
    """

    student: str
    unit: str
    state: str
    score: float | None = None
    max_score: float | None = None
    seconds_late: float = 0.0
    seconds: float = 0.0
    notes: tuple[Line, ...] = ()
    exercises: dict[str, ExerciseResult] = field(default_factory=dict)
    unchanged: bool = False
    penalty: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def result_from_json(data: dict[str, Any]) -> Result:
    """The Result that `as_json` gave. Raises KeyError or TypeError for anything else."""
    exercises = {name: ExerciseResult.noted(kept["score"], kept["max_score"], kept) for name, kept in data["exercises"].items()}
    return Result(**{**data, "notes": lines(*data["notes"]), "exercises": exercises})
