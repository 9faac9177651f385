"""Take out of a finished book what the theme brings and no page uses: two thousand icons, and maps for those who debug it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

ICON = re.compile(r'(?:"([\w-]+)"|([a-zA-Z]\w*)):\[\d+,\d+,\[([^\]]*)\],"[0-9a-f]+",(?:"[^"]*"|\[[^\]]*\])\],?')
# The same icons as letters of a font. The script above draws them, so nothing asks for the letters.
LETTER = re.compile(r'\.fa-[\w-]+(?:,\.fa-[\w-]+)*\{--fa:"[^"]*"\}')
USED = re.compile(r"\bfa-([a-z][\w-]*)")


def make_lighter(book: Path) -> None:
    """Change the files of the theme (pydata-sphinx-theme 0.20) in the folder of a book."""
    static = book / "_static"
    pages = [path.read_text(encoding="utf-8") for path in [*book.rglob("*.html"), *(static / "scripts").glob("*theme.js")]]
    used = {name for page in pages for name in USED.findall(page)}

    def kept(icon: re.Match[str]) -> str:
        names = {icon.group(1), icon.group(2), *re.findall(r'"([\w-]+)"', icon.group(3))}
        return icon.group() if names & used else ""

    _rewrite(static / "scripts" / "fontawesome.js", ICON, kept)
    _rewrite(static / "styles" / "pydata-sphinx-theme.css", LETTER, lambda _: "")
    for path in static.rglob("*.map"):
        path.unlink()


def _rewrite(path: Path, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str]) -> None:
    path.write_text(pattern.sub(change, path.read_text(encoding="utf-8")), encoding="utf-8")
