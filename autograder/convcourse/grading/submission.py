"""Read a student's submission. If this fails, say in one line what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from convcourse.grading.cell_names import LONGEST_PARSED
from convcourse.texts import clean

LARGEST_NOTEBOOK = 50 * 2**20
LARGEST_MODULE, MOST_MODULES = 2**20, 30
MOST_CELLS, MOST_CODE, MOST_TEXT = 3000, 300_000, 2 * 2**20  # the last two in characters, without outputs and attachments
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # how Windows's PowerShell writes a file
MODULE = re.compile(r"[^\W\d]\w*\.py")  # a file that a notebook can import


class Unreadable(ValueError):
    """The file is no notebook. The message says why and what to do."""


def read_submission(path: Path) -> NotebookNode:
    """The notebook in a file, converted to nbformat 4. Raises Unreadable with one clear line."""
    return parse_notebook(submitted_bytes(path), path.name)


def submitted_bytes(path: Path) -> bytes:
    """The bytes of a file, if it can be a notebook. Raises Unreadable."""
    if path.is_symlink():
        raise Unreadable(f"{path.name} is a link to another file, not a file; ask for the notebook itself")
    size = path.stat().st_size
    if size == 0:
        raise Unreadable(f"{path.name} is empty; ask for a new copy")
    if size > LARGEST_NOTEBOOK:
        raise Unreadable(f"{path.name} has {size / 2**20:.0f} MB; ask for a copy with cleared outputs")
    return path.read_bytes()


def modules_beside(folder: Path) -> Mapping[str, str]:
    """Module name -> source of the `.py` files that were handed in with a notebook."""
    paths = [
        path for path in sorted(folder.glob("*.py")) if MODULE.fullmatch(path.name) and path.is_file() and not path.is_symlink()
    ]
    small = [path for path in paths if path.stat().st_size <= LARGEST_MODULE][:MOST_MODULES]
    return {path.stem: path.read_text(encoding="utf-8", errors="replace") for path in small}


def parse_notebook(raw: bytes, name: str) -> NotebookNode:
    """The notebook in these bytes; `name` is only for the messages. Raises Unreadable."""
    try:
        text = raw.decode("utf-16" if raw.startswith(UTF_16) else "utf-8-sig")
        data = json.loads(text)
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is not text ({_kind(raw)}); ask for the .ipynb file") from error
    except (ValueError, RecursionError) as error:  # a ValueError alone for a number of more than 4300 digits
        place = f", broken at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(f"{name} is not a notebook ({_kind(raw)}{place}); ask for a new copy") from error
    if not isinstance(data, dict) or not ({"cells", "worksheets"} & data.keys()):
        raise Unreadable(f"{name} is JSON but not a notebook; ask for the .ipynb file")
    try:
        notebook = nbformat.reads(text, as_version=4)
        for cell in notebook.cells:
            if not isinstance(cell.source, str) or not isinstance(cell.metadata, dict) or cell.cell_type not in _KINDS:
                raise TypeError("a cell has no text")
            cell.source = cell.source.replace("\r\n", "\n")  # as Windows writes
    except Exception as error:  # nbformat raises many kinds for damaged files
        raise Unreadable(
            f"{name} is a damaged notebook ({type(error).__name__}: {clean(str(error))}); ask for a new copy"
        ) from error
    if len(notebook.cells) > MOST_CELLS:
        raise Unreadable(f"{name} has {len(notebook.cells):,} cells; at most {MOST_CELLS:,} are read")
    code = sum(min(len(cell.source), LONGEST_PARSED) for cell in notebook.cells if cell.cell_type == "code")
    if code > MOST_CODE or sum(len(cell.source) for cell in notebook.cells) > MOST_TEXT:
        raise Unreadable(f"{name} has too much code or text to be read; ask for a copy without what is no answer")
    return notebook


def grade_id(cell: NotebookNode) -> str:
    """nbgrader's name of a cell, even if a student has changed the metadata; empty if the cell has none."""
    marks = cell.metadata.get("nbgrader", {})
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""


_KINDS = ("code", "markdown", "raw")


def _kind(raw: bytes) -> str:
    """The kind of file that the bytes look like."""
    if b"\n<<<<<<<" in raw or raw.startswith(b"<<<<<<<"):
        return "it holds the marks of an unsolved merge in Git"
    beginnings = {
        **{b"PK": "a zip file", b"%PDF": "a PDF", b"<": "a web page", b"\x1f\x8b": "a gzip file"},
        b"version https://git-lfs": "a pointer of Git LFS, whose file stayed behind",
    }
    return next((kind for start, kind in beginnings.items() if raw.startswith(start)), "the text is not JSON")
