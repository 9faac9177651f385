"""Records of earlier gradings in the class's reports/UNIT/, so that only changed submissions are graded again.

graded.jsonl has a line for each recorded grading. A student's last line counts. The file is only a cache: the
gradebook decides, and without the file everything is graded again. grading.log has the same information for people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from convcourse.grading.class_folder import ClassFolder
from convcourse.grading.result import Result, result_from_json
from convcourse.texts import text_of


@dataclass(frozen=True)
class Remembered:
    """A recorded grading: the fingerprint of its inputs, the seed of its hidden cases, and its result.

    auto: grade id -> the score that was written to the gradebook.
    """

    fingerprint: str
    seed: int
    auto: dict[str, float | None]
    result: Result


def fingerprint(*parts: bytes | str | Mapping[str, str] | None) -> str:
    """One hash of all inputs of a grading."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()


def remembered(root: Path, unit: str) -> dict[str, Remembered]:
    """Student -> the last recorded grading."""
    return {kept.result.student: kept for kept in _records(root, unit)}


def seeds_used(root: Path, unit: str) -> dict[str, dict[int, str]]:
    """Student -> seed of hidden cases -> fingerprint of the work that was graded with them."""
    used: dict[str, dict[int, str]] = {}
    for kept in _records(root, unit):
        used.setdefault(kept.result.student, {})[kept.seed] = kept.fingerprint
    return used


def unused_seed(asked: int, used: Mapping[int, str], work: str) -> int:
    """The first seed from `asked` on that was used for no other work of this student: nobody meets hidden cases twice."""
    while used.get(asked, work) != work:
        asked += 1
    return asked


def _records(root: Path, unit: str) -> Iterator[Remembered]:
    """All recorded gradings, the oldest first. A line that a crash cut short is skipped."""
    for line in text_of(_file(root, unit)).splitlines():
        try:
            kept = json.loads(line)
            yield Remembered(**kept | {"result": result_from_json(kept["result"])})
        except (ValueError, KeyError, TypeError):
            continue


def remember(root: Path, kept: Remembered) -> None:
    """Add a line. Call this only after the gradebook and autograded/ have the result."""
    path = _file(root, kept.result.unit)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        # A line break first: the last line may have been cut short.
        file.write(f"\n{json.dumps(asdict(kept))}")


def log(root: Path, result: Result) -> None:
    """Add a line for people: time, student, result, duration."""
    path = _file(root, result.unit).with_name("grading.log")
    path.parent.mkdir(parents=True, exist_ok=True)
    score = "" if result.score is None else f" {result.score:g}/{result.max_score:g} in {result.seconds:.2f} s"
    notes = f": {'; '.join(result.notes)}" if result.notes else ""
    line = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {result.student} {result.state}{score}{notes}"
    with path.open("a", encoding="utf-8") as file:
        file.write(" ".join(line.split()) + "\n")  # a student's text must not make new lines


def _file(root: Path, unit: str) -> Path:
    return ClassFolder(root).report(unit) / "graded.jsonl"
