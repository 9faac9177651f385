"""Small pieces of text that several parts of the package need."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from textwrap import wrap
from typing import NewType

# A text that `clean` has passed: any file, terminal and page can show it in one line.
Line = NewType("Line", str)

HARDEST = 3
LONGEST = 600  # characters of a text from a submission in a note
UNSHOWN = ("Cs", "Cc")  # half an emoji, and control characters such as terminal escapes
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # marks that turn the direction of writing


def many(count: float, word: str) -> str:
    """1 point, 0.5 points, 2 students."""
    return f"{count:g} {word}{'' if count == 1 else 's'}"


def stars(difficulty: int) -> str:
    """The difficulty of an exercise as stars: 2 -> ★★☆."""
    return "★" * difficulty + "☆" * (HARDEST - difficulty)


def clean(text: str, longest: int = LONGEST) -> Line:
    """A text from a submission or an archive as one line that any file, terminal and page can show.

    What cannot be shown becomes "�", and what is longer than `longest` is cut, with "…" for the rest.
    """
    line = " ".join(text[: 4 * longest].split())
    shown = "".join("�" if unicodedata.category(sign) in UNSHOWN or sign in TURNING else sign for sign in line)
    return Line(shown if len(shown) <= longest and len(text) <= 4 * longest else f"{shown[:longest]}…")


def folded(text: str, width: int, indent: int = 2) -> str:
    """A line as lines of at most `width` characters, indented from the second on. A word such as a path is never broken."""
    return "\n".join(wrap(text, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False))


def lines(*texts: str) -> tuple[Line, ...]:
    """Each text as one line."""
    return tuple(map(clean, texts))


def straight(text: str) -> str:
    """The text with "�" for each mark that turns the direction of writing: what is read is what is there."""
    return text.translate(_STRAIGHT)


_STRAIGHT = dict.fromkeys(map(ord, TURNING), "�")


def text_of(file: Path) -> str:
    """The text of a file, with a sign for what is no text; empty if there is no file that may be read."""
    try:
        return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    except PermissionError:
        return ""
