"""Records of earlier gradings in the class's reports/UNIT/, so that only changed submissions are graded again.

graded.jsonl has a line for each recorded grading. A student's last line counts. The file is only a cache: the
gradebook decides, and without the file everything is graded again. grading.log has the same information for people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
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
    """Student -> the last recorded grading. A line that a crash cut short is skipped."""
    path = _file(root, unit)
    found: dict[str, Remembered] = {}
    for line in text_of(path).splitlines():
        try:
            kept = json.loads(line)
            result = result_from_json(kept.pop("result"))
            found[result.student] = Remembered(**kept, result=result)
        except (ValueError, KeyError, TypeError):
            continue
    return found


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
