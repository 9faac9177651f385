"""Find code in a submission that an instructor may want to look at, and describe it in one line.

The line does not change the score. The judge gives the points, and the room contains every attack. The
line only says where a student's code does something that no exercise asks for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

from nbformat import NotebookNode

from convcourse.grading.cell_names import LONGEST_PARSED

UNUSUAL_MODULES = {
    "builtins", "ctypes", "gc", "importlib", "inspect", "multiprocessing", "os", "pty", "resource", "shutil", "signal", "site",
    "socket", "sqlite3", "subprocess", "sys", "threading", "urllib", "requests", "jupyter_client", "nbgrader",
}  # fmt: skip
UNUSUAL_CALLS = {"eval", "exec", "exit", "open", "quit", "globals", "compile", "__import__"}
FOR_STUDENTS = {"check", "data", "figures", "pictures", "widgets", "losses", "nets"}
DISGUISES = {"__array__", "__array_function__", "__array_ufunc__", "__eq__", "__float__"}
COURSE_NAMES = {"check", "ready", "find_exercise"}
MARKUP = {"HTML", "Javascript"}
MAGIC = re.compile(r"^([ \t]*)[%!].*$", flags=re.MULTILINE)
PLACES = ("/proc", "/etc", "/sys", "/**")


def worth_a_look(notebook: NotebookNode, release: NotebookNode) -> tuple[str, ...]:
    """One line that names the cells and their unusual code; none for ordinary work.

    Unchanged cells of the release are ignored.
    """
    released = {cell.source for cell in release.cells}
    sources = {number: cell.source for number, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code"}
    imported = frozenset().union(*map(_imported, sources.values()))  # `np` comes from the set-up cell
    found = [
        f"cell {number} {', '.join(words)}"
        for number, source in sources.items()
        if source not in released and (words := _unusual(source, imported))
    ]
    return (f"worth a look: {'; '.join(found)}",) if found else ()


def _unusual(source: str, imported: frozenset[str]) -> list[str]:
    if len(source) > LONGEST_PARSED:
        return [f"is longer than {LONGEST_PARSED:,} characters"]
    return sorted({words for node in ast.walk(syntax_tree(source)) for words in _of_node(node, imported)})


def syntax_tree(source: str) -> ast.AST:
    """The cell's syntax tree, without IPython's magic lines; an empty tree if the cell is not Python, or too long."""
    for text in (source, MAGIC.sub(r"\1pass", source)) if len(source) <= LONGEST_PARSED else ():
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.parse(text)
    return ast.Module([], [])


@lru_cache(maxsize=4096)  # a class has most cells in common; not the trees, which are large
def _imported(source: str) -> frozenset[str]:
    """The names that a cell imports."""
    statements = [node for node in ast.walk(syntax_tree(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return frozenset(alias.asname or alias.name.split(".")[0] for node in statements for alias in node.names)


def _of_node(node: ast.AST, imported: frozenset[str]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (words for name in names for words in _of_module(name.name))
        case ast.ImportFrom(module=str(module), names=names):
            yield from _of_module(module)
            yield from (f"shows {name.name}" for name in names if name.name in MARKUP)
        case ast.Call(func=ast.Name(id="get_ipython")):
            yield "calls get_ipython()"
        case ast.Call(keywords=[*_, ast.keyword(arg="raw", value=ast.Constant(value=True))]):
            yield "displays raw data"
        case ast.Constant(value=str(path)) if path.startswith(PLACES):
            yield f"names {path}"
        case ast.Call(func=ast.Name(id=name)) if name in UNUSUAL_CALLS:
            yield f"calls {name}()"
        case ast.Assign(targets=targets):
            yield from (words for target in targets for words in _of_target(target, imported))
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if name in COURSE_NAMES:
            yield f"replaces {name}"
        case ast.ClassDef(body=body):
            yield from (f"defines {name}" for name in _defined(body) & DISGUISES)
        case ast.Raise(exc=ast.Name(id="SystemExit") | ast.Call(func=ast.Name(id="SystemExit"))):
            yield "raises SystemExit"


def _of_module(module: str) -> Iterator[str]:
    top, _, rest = module.partition(".")
    if top in UNUSUAL_MODULES or (top == "convcourse" and rest.split(".")[0] not in FOR_STUDENTS):
        yield f"imports {module}"


def _of_target(target: ast.expr, imported: frozenset[str]) -> Iterator[str]:
    """Finds an assignment to a name inside a module: `np.allclose = …`."""
    root = target
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(target, ast.Attribute) and isinstance(root, ast.Name) and root.id in imported:
        yield f"replaces {root.id}.{'' if target.value is root else '….'}{target.attr}"
    if isinstance(target, ast.Name) and target.id in COURSE_NAMES:
        yield f"replaces {target.id}"


def _defined(body: list[ast.stmt]) -> set[str]:
    """The names that a class defines, as functions or by assignment."""
    named = {part.name for part in body if isinstance(part, ast.FunctionDef)}
    targets = [target for part in body if isinstance(part, ast.Assign) for target in part.targets]
    return named | {target.id for target in targets if isinstance(target, ast.Name)}
