"""Every function that differs from a given one in one small thing: the slips of a tired writer.

The tests change a solution, and no change may pass for right. The panel changes a student's answer, and looks for the
change that makes it right. Both work on the syntax tree; nothing here runs anything.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

from convcourse.judging.change import Change, place_of
from convcourse.judging.changed_expressions import others_for
from convcourse.judging.changed_statements import hasty_statements, moved_statements, statements
from convcourse.judging.mended_expressions import additions, missing_layers, replacements
from convcourse.judging.rarer_expressions import Scope, Spot, rarer


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
                    yield Change(kind, place_of(node), (edit,), node, new)
    yield from statements(function)
    if repairing:
        yield from hasty_statements(function, given)
    if repairing and not any(isinstance(node, ast.Return) for node in ast.walk(function)):
        for name in names:
            end = ast.copy_location(ast.Return(ast.Name(name, ast.Load())), function.body[-1])
            longer = [*function.body, ast.fix_missing_locations(end)]
            yield Change("return", place_of(function.body[-1]), ((function, "body", longer),))


def rarer_changes(function: ast.FunctionDef) -> Iterator[Change]:
    """Further changes of a function's body, for a search that has tried the likelier ones."""
    scope = Scope(_names(function), _given(function), _arrays(function))
    yield from moved_statements(function)
    nodes = _nodes(function)
    spots = [Spot(node, parent, field, index) for parent, field, index, node in nodes if isinstance(node, ast.expr)]
    for spot, kind, new in rarer(spots, scope):
        edit = (spot.parent, spot.field, _with(spot.parent, spot.field, spot.index, _at(spot.node, new)))
        yield Change(kind, place_of(spot.node), (edit,), spot.node, new)


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


def _arrays(function: ast.FunctionDef) -> tuple[str, ...]:
    """The parameters, and the names of what has items or a shape."""
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.Subscript | ast.Attribute)]
    used = [node.value.id for node in nodes if isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load)]
    return tuple(dict.fromkeys([*_given(function), *(name for name in used if name in _names(function))]))
