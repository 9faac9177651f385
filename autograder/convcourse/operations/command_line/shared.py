"""Shared by the groups of commands: the terminal, and arguments with the same meaning everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from convcourse.texts import folded

console = Console()


def say(line: str, style: str = "") -> None:
    """Print a line of plain text: a terminal shows it folded between words, and a file gets it whole."""
    shown = folded(line, console.width) if console.is_terminal else line
    console.print(shown, style=style, highlight=False, markup=False, soft_wrap=True)


Units = Annotated[list[str] | None, typer.Argument(help="Units such as 02_convolution_1d; all when none is named.")]
Unit = Annotated[str, typer.Argument(help="A unit such as 02_convolution_1d.")]
Course = Annotated[Path, typer.Option(help="Folder of the class: gradebook.db, submitted/, autograded/, feedback/.")]
