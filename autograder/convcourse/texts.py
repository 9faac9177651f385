"""Small pieces of text that several parts of the package need."""

from __future__ import annotations


def many(count: float, word: str) -> str:
    """1 point, 0.5 points, 2 students."""
    return f"{count:g} {word}{'' if count == 1 else 's'}"
