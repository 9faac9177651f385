"""A finding of the doctor: a sign and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from convcourse.settings import ROOT

GOOD, NOTE, BAD = "✔", "!", "✘"
INSTALL = f'in {ROOT}: pip install -c constraints.txt -e ".[grade,scale]"'


@dataclass(frozen=True)
class Sign:
    """GOOD, NOTE (works, but look) or BAD (grading cannot work), and a sentence that says what to do."""

    sign: str
    words: str
