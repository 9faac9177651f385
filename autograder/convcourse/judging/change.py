"""A small change of a syntax tree: made, undone, made at several places, and compared with others."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


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
    old, new: the expression that is changed, and what stands for it; None where statements are changed.
    """

    kind: str
    place: Place
    edits: tuple[tuple[ast.AST, str, Any], ...]
    old: ast.expr | None = None
    new: ast.expr | None = None


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
    return Change(alike[0].kind, alike[0].place, tuple(edits.values()))


def place_of(node: ast.AST, last: ast.AST | None = None) -> Place:
    """Where a node stands, or what lies from it to another."""
    last = last or node
    return Place(node.lineno, node.col_offset, last.end_lineno or 0, last.end_col_offset or 0)  # type: ignore[attr-defined]


def sort_of(change: Change) -> str:
    """The same for changes that do the same to expressions of the same form: the same keyword, a number for the same one, a
    factor behind `image.shape[1] // stride` and behind `image.shape[2] // stride`. Empty where statements are changed.
    """
    old, new = change.old, change.new
    if old is None or new is None:
        return ""
    if isinstance(old, ast.Call) and isinstance(new, ast.Call) and ast.dump(old.func) == ast.dump(new.func):
        before, after = ({ast.dump(keyword) for keyword in call.keywords} for call in (old, new))
        if before != after:
            return f"{change.kind}: {sorted(after - before)} for {sorted(before - after)}"
    known = _paths(old)
    words = _in_words(new, known)
    literally = isinstance(old, ast.Constant | ast.Name) and "it" not in words
    return f"{change.kind}: {words} for {ast.dump(old) if literally else form_of(old)}"


@lru_cache(maxsize=64)  # many changes of one expression come together
def _paths(old: ast.expr) -> dict[int, str]:
    """Node -> where it stands in an expression."""
    known, waiting = dict[int, str](), [("it", old)]
    while waiting:
        path, node = waiting.pop()
        known[id(node)] = path
        for field, value in ast.iter_fields(node):
            for number, item in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(item, ast.expr):
                    waiting.append((f"{path}.{field}{number}", item))
    return known


def _in_words(value: Any, known: Mapping[int, str]) -> str:
    """An expression, in which the parts of another one are named by their places there."""
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, list):
        return f"[{', '.join(_in_words(item, known) for item in value)}]"
    if isinstance(value, ast.AST):
        return f"{type(value).__name__}({', '.join(_in_words(item, known) for _, item in ast.iter_fields(value))})"
    return repr(value)


@lru_cache(maxsize=64)
def form_of(node: ast.AST) -> str:
    """The kind of a node and of what stands in it, whatever names and numbers these are."""
    return " ".join(type(inner).__name__ for inner in (node, *ast.iter_child_nodes(node)))
