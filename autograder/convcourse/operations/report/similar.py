"""Find equal answers. Comments, docstrings, type hints, white space and the student's own names do not matter.

Equal answers are a reason to ask the students, and no proof of copying.
"""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from convcourse.operations.report.data import Unit, outcome

# Many students would write an answer with fewer statements. A loop counts as a statement, and so do the statements in it.
FEWEST_STATEMENTS, FEWEST_PARTS = 3, 30
LONGEST_SOURCE = 50_000
RULE = (
    f"Compared are answers with at least {FEWEST_STATEMENTS} statements and {FEWEST_PARTS} names, numbers and operations, after "
    "comments, docstrings, type hints and white space are taken out and the names that an answer makes up are numbered. "
    "Answers equal to the published solution are listed apart. The plain way to write a loop is found by many on their own: "
    "several exercises in common, or the same wrong answer, say more than one right answer does."
)


@dataclass(frozen=True)
class Alike:
    """Students with the same answers, and the exercises with these answers. `wrong`: the exercises with a wrong answer."""

    students: tuple[str, ...]
    exercises: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def telling(self) -> bool:
        return bool(self.wrong) or len(self.exercises) > 1


def alike(unit: Unit) -> list[Alike]:
    """Groups of students with the same answers. Groups with the most equal exercises are first, then with the most wrong ones."""
    shared: dict[tuple[str, ...], list[tuple[str, bool]]] = defaultdict(list)
    for asked in unit.asked:
        ordinary = {bare(asked.blank), bare(asked.published)}
        groups: dict[str, list[str]] = defaultdict(list)
        right = set()
        for handed in unit.graded:
            form = bare(handed.answers.get(asked.name, ""))
            if form and form not in ordinary:
                groups[form].append(handed.student)
                right |= {handed.student} if outcome(asked, handed) == "right" else set()
        for students in groups.values():
            if len(students) > 1 and not any(group.issuperset(students) for group in unit.groups):
                shared[tuple(students)].append((asked.name, not right.issuperset(students)))
    found = [
        Alike(students, tuple(name for name, _ in names), tuple(name for name, is_wrong in names if is_wrong))
        for students, names in shared.items()
    ]
    return sorted(found, key=lambda group: (-len(group.exercises), -len(group.wrong), group.students))


def as_published(unit: Unit) -> dict[str, list[str]]:
    """Student -> exercises whose answer is the published solution."""
    found: dict[str, list[str]] = defaultdict(list)
    for asked in unit.asked:
        solution = bare(asked.published)
        for handed in unit.graded:
            if solution and bare(handed.answers.get(asked.name, "")) == solution:
                found[handed.student].append(asked.name)
    return dict(found)


@lru_cache(maxsize=8192)  # for the answers of a class, in both lists
def bare(source: str) -> str:
    """An answer without the parts that may differ; empty if it is too short or not Python."""
    if len(source) > LONGEST_SOURCE:
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # hide Python's warnings on a student's escape sequences from the terminal
            tree = ast.parse(source)
        for node in ast.walk(tree):
            _strip(node)
        statements = sum(isinstance(node, ast.stmt) and not isinstance(node, _DEFINITIONS) for node in ast.walk(tree))
        parts = sum(isinstance(node, _PARTS) for node in ast.walk(tree))
        if statements < FEWEST_STATEMENTS or parts < FEWEST_PARTS:
            return ""
        _number_names(tree)
        return ast.dump(tree, annotate_fields=False)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_PARTS = (ast.Name, ast.Constant, ast.Attribute, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.Call, ast.Subscript)


def _strip(node: ast.AST) -> None:
    """Remove docstrings, other strings that are statements, and type hints."""
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list):
            setattr(node, name, [_without_hint(part) for part in body if not _is_text(part)])
    if isinstance(node, ast.arg):
        node.annotation = None
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.returns = None


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _without_hint(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return ast.Assign([node.target], node.value)
    return node


def _number_names(tree: ast.AST) -> None:
    """Replace the names that the answer binds by numbers, in order of appearance. Other names stay."""
    numbers = {name: f"_{number}" for number, name in enumerate(dict.fromkeys(bound_names(tree)))}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in numbers:
                node.id = numbers[name]
            case ast.arg(arg=name):
                node.arg = numbers[name]
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                node.name = numbers[name]
            case ast.ExceptHandler(name=str(name)):
                node.name = numbers[name]
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                node.names = [numbers.get(name, name) for name in names]


def bound_names(tree: ast.AST) -> Iterator[str]:
    """The names that an answer makes up: other names would do as well."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
