"""Fingerprints of an answer: its syntax tree in pieces, in which names, order and comments do not matter.

Two programs with the same pieces say the same in other words. The pieces are compared as bags, so it does not matter
where a piece stands.
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from convcourse.operations.report.similar import bound_names

SMALLEST = 5  # parts of a piece; smaller ones are in every program
LONGEST_SOURCE = 50_000
UNSAID = {"annotation", "returns", "type_comment", "type_params", "ctx", "kind", "decorator_list"}
Pieces = Mapping[str, int]


@lru_cache(maxsize=65536)  # the answers of a class, each compared with many
def pieces(source: str) -> Pieces:
    """Each piece of the answer, and how often it is there. Empty if the answer is not Python, or far too long."""
    if len(source) > LONGEST_SOURCE:
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's, on a student's escape sequences
            tree = ast.parse(source)
        found: Counter[str] = Counter()
        _write(tree, frozenset(bound_names(tree)), found)
        return found
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def likeness(one: Pieces, other: Pieces) -> float:
    """The share of common pieces among all, 0 to 1."""
    few, many = sorted((one, other), key=len)
    shared = sum(min(number, many.get(piece, 0)) for piece, number in few.items())
    whole = sum(one.values()) + sum(other.values()) - shared
    return shared / whole if whole else 0.0


def _write(node: ast.AST, made_up: frozenset[str], found: Counter[str]) -> tuple[str, int]:
    """The tree below a node as a text in which order and made-up names do not count, and the number of its parts."""
    match node:
        case ast.Name(id=name):
            return ("_" if name in made_up else name), 1
        case ast.Constant(value=value):
            return repr(value), 1
        case ast.AugAssign(target=target, op=op, value=value):  # z += x is z = z + x
            return _write(ast.Assign([target], ast.BinOp(target, op, value)), made_up, found)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return _write(ast.Assign([target], value), made_up, found)
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE() as op], comparators=[right]):  # b > a is a < b
            turned = ast.Lt() if isinstance(op, ast.Gt) else ast.LtE()
            return _write(ast.Compare(right, [turned], [left]), made_up, found)
    fields = [_field(value, made_up, found) for name, value in ast.iter_fields(node) if name not in UNSAID]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
        fields.sort()
    size = 1 + sum(parts for _, parts in fields)
    text = f"{type(node).__name__}({','.join(said for said, _ in fields)})"
    if size >= SMALLEST and isinstance(node, ast.expr | ast.stmt):
        found[text] += 1
    return text, size


def _field(value: object, made_up: frozenset[str], found: Counter[str]) -> tuple[str, int]:
    """A field of a node. The order of statements does not count; what only documents or imports is left out."""
    if isinstance(value, ast.AST):
        return _write(value, made_up, found)
    if not isinstance(value, list):
        return ("_" if value in made_up else str(value)), 0
    kept = [node for node in value if isinstance(node, ast.AST) and not _says_nothing(node)]
    written = [_write(node, made_up, found) for node in kept]
    if kept and isinstance(kept[0], ast.stmt):
        written.sort()
    return f"[{' '.join(text for text, _ in written)}]", sum(parts for _, parts in written)


def _says_nothing(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )
