"""What the class's reports/UNIT/ remembers of earlier gradings, so that only what changed is graded again.

graded.jsonl has a line for each grading that was recorded; a student's last line counts. It is only a memory: the
gradebook decides, and without the file everything is graded again. grading.log says the same to people.
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
    """A recorded grading: what it was made from, the seed of its hidden cases, and what came of it.

    auto: grade id -> the score that was written to the gradebook.
    """

    fingerprint: str
    seed: int
    auto: dict[str, float | None]
    result: Result


def fingerprint(*parts: bytes | str | Mapping[str, str] | None) -> str:
    """One hash of all that a grading was made from."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        digest.update(f"{len(data)}:".encode() + data)
    return digest.hexdigest()


def remembered(root: Path, unit: str) -> dict[str, Remembered]:
    """Student -> the last grading that was recorded. A line cut short by a crash is passed over."""
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
    """Add a line. To be called when the gradebook and autograded/ have the result, not before."""
    path = _file(root, kept.result.unit)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        # A line break first: the last line may have been cut short.
        file.write(f"\n{json.dumps(asdict(kept))}")


def log(root: Path, result: Result) -> None:
    """A line for people: when, who, what came of it, how long it took."""
    path = _file(root, result.unit).with_name("grading.log")
    path.parent.mkdir(parents=True, exist_ok=True)
    score = "" if result.score is None else f" {result.score:g}/{result.max_score:g} in {result.seconds:.2f} s"
    notes = f": {'; '.join(result.notes)}" if result.notes else ""
    line = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {result.student} {result.state}{score}{notes}"
    with path.open("a", encoding="utf-8") as file:
        file.write(" ".join(line.split()) + "\n")  # a student's text must not make lines of its own


def _file(root: Path, unit: str) -> Path:
    return ClassFolder(root).report(unit) / "graded.jsonl"
