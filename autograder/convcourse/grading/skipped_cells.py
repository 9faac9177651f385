"""Find the cells of a rebuilt notebook that grading can skip: the course's own cells on which no graded cell depends."""

from __future__ import annotations

import ast
import symtable
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from convcourse.grading.cell_names import LONGEST_PARSED
from convcourse.grading.unusual_code import syntax_tree

DRAWING = {"show", "show_images", "slide", "ready", "ready_to_hand_in"}  # the course's own functions


def skipped_cells(notebook: NotebookNode, release: NotebookNode) -> set[int]:
    """Indices of the code cells to skip: unchanged from the release, only draw or define names, and no later cell uses them.

    Cells that a student wrote or changed run. Graded cells run, and so do the course's cells with other effects.
    The search goes backwards and keeps the set of names that later cells read. It ignores code that runs only for `ready`
    work, because nothing is ready at grading.
    """
    sources = tuple(cell.source for cell in release.cells if cell.cell_type == "code")
    released = set(sources)
    drawing, never = _course_names(sources)
    skipped: set[int] = set()
    read_later: set[str] = set()
    for index, cell in reversed(list(enumerate(notebook.cells))):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        own = cell.source in released and not is_grade(cell) and not is_solution(cell)
        whole = cell.metadata.get("convcourse", {}).get("whole", cell.source)  # with the hidden tests
        read, written, harmless = _names(whole, drawing, never if own else frozenset())
        if own and harmless and not written & read_later and "*" not in read_later:
            skipped.add(index)
        else:
            read_later |= read
    return skipped


@lru_cache(maxsize=64)
def _course_names(sources: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The functions of DRAWING that the release imports from the course, and the names that are never true at grading.

    These names are `ready`, and names that get only results of `ready`: `both = ready(first) and ready(second)`.
    """
    nodes = [node for source in sources for node in ast.walk(syntax_tree(source))]
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("convcourse.")]
    drawing = frozenset(DRAWING.intersection(alias.name for node in imports for alias in node.names if not alias.asname))
    given = Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    never = {"ready"} & drawing
    said: Counter[str] = Counter()
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_never(value, never):
                said[name] += 1
                never |= {name} if said[name] == given[name] else set()
    return drawing, frozenset(never)


def _is_never(test: ast.expr, never: set[str] | frozenset[str]) -> bool:
    match test:
        case ast.Call(func=ast.Name(id="ready")):
            return "ready" in never
        case ast.Name(id=name):
            return name in never
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_is_never(value, never) for value in values)
    return False


class _Alive(ast.NodeTransformer):
    """Removes the code under a condition that is never true."""

    def __init__(self, never: frozenset[str]) -> None:
        self.never = never

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if _is_never(node.test, self.never):
            node.body = [ast.Pass()]
        return node


@lru_cache(maxsize=4096)  # a class has most cells in common
def _names(source: str, drawing: frozenset[str], never: frozenset[str]) -> tuple[set[str], set[str], bool]:
    """Global names that a cell reads and writes, and whether it only draws or defines names.

    drawing: functions that draw. never: names that are false at grading; the code under them is ignored.
    Magics and broken code read all ("*"), and so does a cell that is too long to be parsed.
    """
    if len(source) > LONGEST_PARSED:
        return {"*"}, set(), False
    try:
        tree = ast.parse(source)
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        alive = ast.fix_missing_locations(_Alive(never).visit(tree))
        module = symtable.symtable(ast.unparse(alive), "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two for what is nested too deep
        return {"*"}, set(), False
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
    return read, written, bool(called & drawing) or all(map(_only_names, alive.body))


def _only_names(statement: ast.stmt) -> bool:
    """Does a statement only define names or print?"""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.Pass() | ast.If(body=[ast.Pass()], orelse=[]):
            return True
        case ast.Assign(targets=targets):
            return all(isinstance(node, ast.Name | ast.Tuple) for target in targets for node in _parts(target))
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return True
    return False


def _parts(target: ast.expr) -> list[ast.expr]:
    return [target, *target.elts] if isinstance(target, ast.Tuple) else [target]


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)
