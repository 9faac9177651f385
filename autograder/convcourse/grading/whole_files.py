"""Write a file or a folder whole or not at all: a kill or a full disk in the middle leaves nothing that looks complete."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8. If that fails, what was there before stays. Raises OSError that names the file."""
    raw = content.encode() if isinstance(content, str) else content
    fresh = path.with_name(f".{path.name}.part")
    if path.is_symlink() or (path.exists() and not path.is_file()):  # /dev/stdout, a pipe
        fresh = path
    try:
        fresh.write_bytes(raw)
        if fresh != path:
            fresh.replace(path)
    except OSError as error:
        if fresh != path:
            with contextlib.suppress(OSError):
                fresh.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error


def fresh_folder(folder: Path) -> Path:
    """An empty folder beside `folder`, to be filled and then put in its place. What a killed process left there goes."""
    fresh = folder.with_name(f".{folder.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh


def remove_folder(folder: Path, first: Path) -> None:
    """Remove a folder, if it is there, and in it first the file without which nobody takes it for complete."""
    first.unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)
