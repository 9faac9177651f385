"""Which cells of a rebuilt notebook need not be run at grading: the course's own pictures that nothing builds on."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from functools import lru_cache

from nbformat import NotebookNode

DRAWING = {"show", "show_images", "slide", "ready"}


def needless_cells(notebook: NotebookNode, release: NotebookNode) -> set[int]:
    """Indices of code cells that stand unchanged in the release, draw a picture, and set no name used later.

    All that a student wrote or changed is run, and so is every cell of a notebook that draws nothing with the
    course's functions. Works backwards, keeping the set of names that later cells read.
    """
    released = {cell.source for cell in release.cells if cell.cell_type == "code"}
    needless: set[int] = set()
    read_later: set[str] = set()
    for index, cell in reversed(list(enumerate(notebook.cells))):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        read, written, called = _names(cell.source)
        if cell.source in released and called & DRAWING and not written & read_later and "*" not in read_later:
            needless.add(index)
        else:
            read_later |= read
    return needless


@lru_cache(maxsize=4096)  # a class has most of its cells in common
def _names(source: str) -> tuple[set[str], set[str], set[str]]:
    """Global names that a cell reads, writes and calls; magics and broken code read everything ("*")."""
    try:
        module = symtable.symtable(source, "cell", "exec")
        calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError):
        return {"*"}, set(), set()
    read, written = set(), set()
    for table in _tables(module):
        for symbol in table.get_symbols():
            if table is module or symbol.is_global():
                if symbol.is_referenced():
                    read.add(symbol.get_name())
                if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
                    written.add(symbol.get_name())
    called = {function.id for function in calls if isinstance(function, ast.Name)}
    if called & {"eval", "exec", "globals", "vars"}:
        read.add("*")
    return read, written, called


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)
