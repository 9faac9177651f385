"""Small pieces of text that several parts of the package need."""

from __future__ import annotations

from pathlib import Path

HARDEST = 3


def many(count: float, word: str) -> str:
    """1 point, 0.5 points, 2 students."""
    return f"{count:g} {word}{'' if count == 1 else 's'}"


def stars(difficulty: int) -> str:
    """The difficulty of an exercise as stars: 2 -> ★★☆."""
    return "★" * difficulty + "☆" * (HARDEST - difficulty)


def text_of(file: Path) -> str:
    """The text of a file; empty if there is no file."""
    return file.read_text(encoding="utf-8") if file.is_file() else ""
