"""Shared by the groups of commands: the terminal, and arguments with the same meaning everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

console = Console()

Units = Annotated[list[str] | None, typer.Argument(help="Units such as 02_convolution_1d; all when none is named.")]
Unit = Annotated[str, typer.Argument(help="A unit such as 02_convolution_1d.")]
Course = Annotated[Path, typer.Option(help="Folder of the class: gradebook.db, submitted/, autograded/, feedback/.")]
