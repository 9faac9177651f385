"""The names that a cell's code gives to the notebook, and the names that it uses. Nothing is run."""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

NO_FILES: Mapping[str, str] = MappingProxyType({})
# Cell magics whose body runs among the notebook's own names.
RUNS_THE_CELL = re.compile(r"\A\s*%%(?:time|timeit|capture|prun)\b.*")
WRITES_A_FILE = re.compile(r"\A\s*%%(?:writefile|file)\s+(?:-a\s+)?['\"]?(?:\./)?(\w+)\.py['\"]?[ \t]*\n")
RUNS_A_FILE = re.compile(r"^[ \t]*+%run\s+(?:-\w\s+)*['\"]?(?:\./)?(\w+)(?:\.py)?['\"]?[ \t]*$", flags=re.MULTILINE)
# For code that does not parse. What it wanted to define is still worth knowing.
# A magic, or a line for the system, with its continuation lines; or a question for help.
MAGIC = re.compile(r"^([ \t]*+(?:\w[\w, \t]*+=[ \t]*+)?+)(?:[%!](?:[^\n]*\\\n)*+.*|\?.*|[\w.*%]++\?.*)$", flags=re.MULTILINE)
LONGEST_PARSED = 20_000  # characters of a cell; the tree of a list of numbers takes 500 times as much memory
BEGINS_A_DEFINITION = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*=(?!=)", flags=re.MULTILINE)


class _Names(NamedTuple):
    """given: by definitions and assignments. imported: (module, name there, name here), with "*" for all. read: global names."""

    given: frozenset[str]
    imported: frozenset[tuple[str, str, str]]
    read: frozenset[str]


def names_given(source: str, files: Mapping[str, str] = NO_FILES) -> frozenset[str]:
    """The top-level names that a cell defines, assigns, or imports from a file of the student's own.

    files: module name -> source of the `.py` files beside the notebook. What comes from a library is no answer of the student.
    """
    names = _names(source)
    found = set(names.given)
    for module, name, here in names.imported:
        if module in files:
            theirs = _names(files[module]).given
            found |= theirs if name == "*" else {here} if name in theirs else set()
    return frozenset(found)


def names_read(source: str) -> frozenset[str]:
    """The global names that a cell uses, also inside its functions."""
    return _names(source).read


def file_written(source: str) -> tuple[str, str] | None:
    """The module and its source, if the cell writes a `.py` file with %%writefile."""
    found = WRITES_A_FILE.match(source)
    return (found[1], source[found.end() :]) if found else None


@lru_cache(maxsize=4096)  # a class has most cells in common
def _names(source: str) -> _Names:
    body = RUNS_THE_CELL.sub("", source, count=1)
    if body.lstrip().startswith("%%"):
        return _Names(frozenset(), frozenset(), frozenset())
    run = {(module, "*", "*") for module in RUNS_A_FILE.findall(body)}
    text = _as_run(body)
    if text is None:
        given = {name for pair in BEGINS_A_DEFINITION.findall(body) for name in pair if name}
        return _Names(frozenset(given), frozenset(run), frozenset())
    statements = list(_statements(ast.parse(text)))
    imports = [node for node in statements if isinstance(node, ast.ImportFrom) and node.module]
    imported = {(str(node.module), alias.name, alias.asname or alias.name) for node in imports for alias in node.names}
    given = {name for node in statements for name in _given_by(node)}
    return _Names(frozenset(given), frozenset(run | imported), _read(text))


def _as_run(source: str) -> str | None:
    """The cell as IPython runs it, with `None` for magics, `!` and `?`. None if it does not parse, or is too long to try."""
    if len(source) > LONGEST_PARSED:
        return None
    changes: tuple[Callable[[str], str], ...] = (str, _without_magics)
    for changed in changes:
        try:
            text = changed(source)
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return text
    return None


def _without_magics(source: str) -> str:
    """In the time of one reading. IPython's own `transform_cell` begins anew at each magic, and gives up at the 500th."""
    lines, manager = source.splitlines(keepends=True), TransformerManager()
    transforms: list[Any] = [*manager.cleanup_transforms, *manager.line_transforms]
    for transform in transforms:
        lines = transform(lines)
    return MAGIC.sub(r"\1None", "".join(lines))


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """All statements that run with the cell: also those under `if`, `for`, `with` and `try`, but not inside functions."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = (ast.stmt, ast.ExceptHandler, ast.match_case)
            waiting += [child for child in ast.iter_child_nodes(node) if isinstance(child, inside)]


def _given_by(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign(targets=targets):
            yield from (name for target in targets for name in _stored(target))
        case ast.AnnAssign(target=target, value=ast.expr()) | ast.For(target=target):
            yield from _stored(target)
        case ast.With(items=items):
            yield from (name for item in items if item.optional_vars for name in _stored(item.optional_vars))


def _stored(target: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))


def _read(text: str) -> frozenset[str]:
    try:
        tables = [symtable.symtable(text, "cell", "exec")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    read: set[str] = set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        read |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced() and (top or symbol.is_global())}
    return frozenset(read)
