"""What a statement could have been, and where it could have stood. See `changes.py`."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from convcourse.judging.change import Change, place_of
from convcourse.judging.changed_expressions import ARITHMETIC


def statements(function: ast.FunctionDef) -> Iterator[Change]:
    """Statements dropped, turned, exchanged, or moved out of a loop or into it."""
    for parent, field, block in _blocks(function):
        yield from _in_block(parent, field, block)


def _in_block(parent: ast.AST, field: str, block: list[ast.stmt]) -> Iterator[Change]:
    with_block = partial(_with_block, parent, field)
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


def hasty_statements(function: ast.FunctionDef, given: Collection[str]) -> Iterator[Change]:
    """Statements that return too early or not at all, or change an argument. Only for a search that mends.

    given: the function's parameters.
    """
    for parent, field, block in _blocks(function):
        yield from _returning(parent, field, block, function)
        yield from _in_place(block, function, given)


def moved_statements(function: ast.FunctionDef) -> Iterator[Change]:
    """Each statement at any other place of its block, but for that behind the next one."""
    for parent, field, block in _blocks(function):
        for index, statement in enumerate(block):
            rest = [*block[:index], *block[index + 1 :]]
            for place in range(len(block)):
                if abs(place - index) > 1 and not isinstance(statement, ast.Return):
                    yield _with_block(parent, field, "moved", statement, [*rest[:place], statement, *rest[place:]])


def _blocks(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    """(statement, its field, the statements there)"""
    for parent in ast.walk(function):
        for field in ("body", "orelse"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield parent, field, block


def _returning(parent: ast.AST, field: str, block: list[ast.stmt], function: ast.FunctionDef) -> Iterator[Change]:
    for index, statement in enumerate(block):
        before, after = block[:index], block[index + 1 :]
        match statement:
            case ast.Expr(value=ast.Call(args=arguments) as value):
                shown = [ast.Tuple(arguments, ast.Load())] if len(arguments) > 1 else arguments
                for result in (value, *shown):  # `print(…)` in the place of `return …`
                    yield _with_block(parent, field, "return", statement, [*before, _at(statement, ast.Return(result)), *after])
            case ast.Return() if parent is not function:
                yield _with_block(parent, field, "returned", statement, [*before, *after] or [_at(statement, ast.Pass())])
    match parent:  # `return` in a loop: behind it
        case ast.For(body=[*_, ast.Return() as last]) if parent in function.body and field == "body":
            place = function.body.index(parent) + 1
            outer = [*function.body[:place], last, *function.body[place:]]
            inner = block[:-1] or [_at(last, ast.Pass())]
            yield _with_block(parent, field, "inside the loop", last, inner, (function, "body", outer))


def _in_place(block: list[ast.stmt], function: ast.FunctionDef, given: Collection[str]) -> Iterator[Change]:
    """A copy of an argument at the beginning of a function that changes it."""
    for statement in block:
        changed = _set_by(statement) & set(given) if isinstance(statement, ast.Assign | ast.AugAssign) else set[str]()
        for name in sorted(changed):
            call = ast.Call(ast.Attribute(ast.Name(name, ast.Load()), "copy", ast.Load()), [], [])
            first = _at(statement, ast.Assign([ast.Name(name, ast.Store())], call))
            yield Change("copy", place_of(statement), ((function, "body", [first, *function.body]),))


def _with_block(
    parent: ast.AST, field: str, kind: str, statement: ast.stmt, new: list[ast.stmt], *more: tuple[ast.AST, str, Any]
) -> Change:
    return Change(kind, place_of(statement), ((parent, field, new), *more))


def _at(old: ast.stmt, new: ast.stmt) -> ast.stmt:
    return ast.fix_missing_locations(ast.copy_location(new, old))
