"""Every function that differs from a given one in one small thing: the slips of a tired writer.

The tests change a solution, and no change may pass for right. The panel changes a student's answer, and looks for the
change that makes it right. Both work on the syntax tree; nothing here runs anything.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from convcourse.judging.changed_expressions import ARITHMETIC, additions, missing_layers, others_for, replacements


@dataclass(frozen=True)
class Place:
    """A stretch of source. Lines count from 1, columns from 0, as `ast` counts them."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Change:
    """One small change of a syntax tree.

    kind: the sort of slip, one of the words that the functions of this module give.
    place: what is changed, in the source as it stood.
    edits: (node, field, new value), made together.
    sort: the same for changes that do the same at other places: the same keyword, the same number in place of the same one.
    """

    kind: str
    place: Place
    edits: tuple[tuple[ast.AST, str, Any], ...]
    sort: str = ""


@contextmanager
def made(change: Change) -> Iterator[None]:
    """The tree has the change while the block runs, so that it can be compiled or searched further."""
    before = [(node, field, getattr(node, field)) for node, field, _ in change.edits]
    for node, field, new in change.edits:
        setattr(node, field, new)
    try:
        yield
    finally:
        for node, field, old in before:
            setattr(node, field, old)


def everywhere(alike: Iterable[Change]) -> Change | None:
    """Changes of one sort as a single one, at the place of the first; None where two are in each other's way."""
    alike = list(alike)
    edits: dict[tuple[int, str], tuple[ast.AST, str, Any]] = {}
    for node, field, new in (edit for change in alike for edit in change.edits):
        key = (id(node), field)
        if key in edits:  # two items of one list
            old, others = getattr(node, field), edits[key][2]
            if not isinstance(old, list) or not len(old) == len(others) == len(new):
                return None
            new = [mine if mine is not item else other for item, other, mine in zip(old, others, new, strict=True)]
        edits[key] = (node, field, new)
    return Change(alike[0].kind, alike[0].place, tuple(edits.values()), alike[0].sort)


def changes(function: ast.FunctionDef, repairing: bool = False, layered: bool = False) -> Iterator[Change]:
    """All changes of a function's body, in the order of the source; no two give the same tree.

    repairing: also those that add what may be missing, or put another value in the place of a constant.
    layered: the function makes a Keras model, so that layers may be missing, and no functions of NumPy.
    """
    names = _names(function)
    constants, given, counters = _numbers_in(function), _given(function), _counters(function)
    seen: set[tuple[int, str, str]] = set()
    for parent, field, index, node in _nodes(function):
        if isinstance(node, ast.expr):
            found = list(others_for(node, parent, field, names))
            if repairing:
                found += replacements(node, parent, constants, given)
                found += (
                    missing_layers(node, parent, field) if layered else additions(node, parent, field, names, given, counters)
                )
            for kind, new in found:
                mark = (id(node), field, ast.dump(new))
                if mark not in seen and ast.dump(new) != ast.dump(node):
                    seen.add(mark)
                    edit = (parent, field, _with(parent, field, index, _at(node, new)))
                    yield Change(kind, _place(node), (edit,), f"{kind} {_sort(node, new)}")
    yield from _statements(function)
    if repairing and not any(isinstance(node, ast.Return) for node in ast.walk(function)):
        for name in names:
            end = ast.copy_location(ast.Return(ast.Name(name, ast.Load())), function.body[-1])
            longer = [*function.body, ast.fix_missing_locations(end)]
            yield Change("return", _place(function.body[-1]), ((function, "body", longer),))


# --- where the nodes are -----------------------------------------------------------------------


def _nodes(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """(parent, field, index in the field's list, node) of all nodes of the body, outer ones first."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    waiting: list[tuple[ast.AST, str, int | None, ast.AST]] = []
    offset = len(function.body) - len(body)
    waiting += [(function, "body", offset + index, node) for index, node in enumerate(body)]
    while waiting:
        here = waiting.pop(0)
        yield here
        node = here[3]
        inside: list[tuple[ast.AST, str, int | None, ast.AST]] = []
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list", "ctx", "op", "ops"):
                continue
            if isinstance(value, ast.AST):
                inside.append((node, field, None, value))
            elif isinstance(value, list):
                inside += [(node, field, index, item) for index, item in enumerate(value) if isinstance(item, ast.AST)]
        waiting[:0] = inside


def _with(parent: ast.AST, field: str, index: int | None, new: ast.AST) -> Any:
    """The value of the parent's field with `new` in the place of one node."""
    if index is None:
        return new
    items = list(getattr(parent, field))
    items[index] = new
    return items


def _at(old: ast.AST, new: ast.expr) -> ast.expr:
    # A copy, for `new` may be a part of the tree that keeps its own place.
    return ast.fix_missing_locations(ast.copy_location(copy.copy(new), old))


def _place(node: ast.AST, last: ast.AST | None = None) -> Place:
    last = last or node
    return Place(node.lineno, node.col_offset, last.end_lineno or 0, last.end_col_offset or 0)  # type: ignore[attr-defined]


def _names(function: ast.FunctionDef) -> tuple[str, ...]:
    """The function's parameters and local names."""
    local = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return tuple(dict.fromkeys([*_given(function), *local]))


def _given(function: ast.FunctionDef) -> tuple[str, ...]:
    """The function's parameters."""
    return tuple(argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs))


def _counters(function: ast.FunctionDef) -> set[str]:
    """The variables of the function's loops."""
    targets = [node.target for node in ast.walk(function) if isinstance(node, ast.For | ast.comprehension)]
    return {inner.id for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)}


def _numbers_in(function: ast.FunctionDef) -> tuple[float, ...]:
    """The numbers that stand in the function, without those of its decorators."""
    nodes = (node for statement in function.body for node in ast.walk(statement))
    values = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return tuple(dict.fromkeys(value for value in values if isinstance(value, int | float) and not isinstance(value, bool)))


def _sort(old: ast.expr, new: ast.expr) -> str:
    """What becomes of an expression, whatever else is in it."""
    if isinstance(old, ast.Call) and isinstance(new, ast.Call) and ast.dump(old.func) == ast.dump(new.func):
        before, after = ({ast.dump(keyword) for keyword in call.keywords} for call in (old, new))
        if before != after:
            return f"{sorted(after - before)} for {sorted(before - after)}"
    if isinstance(old, ast.Constant):
        return f"{ast.dump(new)} for {ast.dump(old)}"
    return ast.dump(new).replace(ast.dump(old), "it")


# --- statements --------------------------------------------------------------------------------


def _statements(function: ast.FunctionDef) -> Iterator[Change]:
    """Statements dropped, turned, exchanged, or moved out of a loop or into it."""
    for parent in ast.walk(function):
        for field in ("body", "orelse"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield from _in_block(parent, field, block)


def _in_block(parent: ast.AST, field: str, block: list[ast.stmt]) -> Iterator[Change]:
    def with_block(kind: str, statement: ast.stmt, new: list[ast.stmt], *more: tuple[ast.AST, str, Any]) -> Change:
        return Change(kind, _place(statement), ((parent, field, new), *more))

    for index, statement in enumerate(block):
        before, after = block[:index], block[index + 1 :]
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        if not isinstance(statement, ast.Return | ast.FunctionDef | ast.Import | ast.ImportFrom):
            yield with_block("statement", statement, [*before, *after] or [ast.copy_location(ast.Pass(), statement)])
        for kind, new in _turned(statement):
            yield with_block(kind, statement, [*before, ast.fix_missing_locations(ast.copy_location(new, statement)), *after])
        if after and not isinstance(statement, ast.Return | ast.FunctionDef) and not _independent(statement, after[0]):
            yield with_block("order of lines", statement, [*before, after[0], statement, *after[1:]])
        if isinstance(statement, ast.For | ast.While):
            if len(statement.body) > 1:
                yield with_block(
                    "inside the loop",
                    statement.body[-1],
                    [*before, statement, statement.body[-1], *after],
                    (statement, "body", statement.body[:-1]),
                )
                yield with_block(
                    "inside the loop",
                    statement.body[0],
                    [*before, statement.body[0], statement, *after],
                    (statement, "body", statement.body[1:]),
                )
            if after:
                yield with_block(
                    "outside the loop",
                    after[0],
                    [*before, statement, *after[1:]],
                    (statement, "body", [*statement.body, after[0]]),
                )
            if before and not isinstance(before[-1], ast.Expr):
                yield with_block(
                    "outside the loop",
                    before[-1],
                    [*before[:-1], statement, *after],
                    (statement, "body", [before[-1], *statement.body]),
                )
        if isinstance(statement, ast.If):
            yield with_block("condition", statement, [*before, *statement.body, *after])


def _independent(one: ast.stmt, other: ast.stmt) -> bool:
    """Do both only set names or their parts, and none of these names is in the other? Then their order does not matter."""
    if not (isinstance(one, ast.Assign | ast.AugAssign) and isinstance(other, ast.Assign | ast.AugAssign)):
        return False
    return not _set_by(one) & _names_in(other) and not _set_by(other) & _names_in(one)


def _names_in(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _set_by(statement: ast.Assign | ast.AugAssign) -> set[str]:
    """The names that a statement sets, in whole or in part: `z` of `z[k] = …`."""
    found: set[str] = set()
    waiting: list[ast.expr] = [*statement.targets] if isinstance(statement, ast.Assign) else [statement.target]
    while waiting:
        match waiting.pop():
            case ast.Name(id=name) if name != "_":
                found.add(name)
            case ast.Subscript(value=inner) | ast.Attribute(value=inner) | ast.Starred(value=inner):
                waiting.append(inner)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                waiting += items
    return found


def _turned(statement: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    """Another statement in the place of one."""
    match statement:
        case ast.AugAssign(target=target, op=op, value=value):
            yield "=", ast.Assign([target], value)
            for other in ARITHMETIC.get(type(op), ()):
                yield "operator", ast.AugAssign(target, other(), value)
        case ast.Assign(targets=[ast.Name() | ast.Subscript() as target], value=value):
            yield "+=", ast.AugAssign(target, ast.Add(), value)
            match value:  # w = v - rate * g for w -= rate * g
                case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub() as op, right=right) if (
                    isinstance(target, ast.Name) and target.id != name
                ):
                    yield "+=", ast.AugAssign(target, op, right)
        case ast.If(test=test, body=body, orelse=other):
            yield "condition", ast.If(ast.UnaryOp(ast.Not(), test), body, other)
        case ast.Continue():
            yield "break", ast.Break()
        case ast.Break():
            yield "break", ast.Continue()
