"""What may be missing around an expression, or should stand in the place of a constant. See `changes.py`.

Only for a search that mends: an answer that lacks one of these differs from a right one by a dropped call or term.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from convcourse.judging.changed_expressions import LIKELY_NUMBERS, plus, to_number


def additions(
    node: ast.expr, parent: ast.AST, field: str, names: Iterable[str], given: Iterable[str], counters: Iterable[str]
) -> Iterator[tuple[str, ast.expr]]:
    """What may be missing around an expression: a sign, a flip, a function, a term, a parameter as a factor.

    names: of the function's variables. given: of its parameters. counters: of the variables of its loops.

    Only for a search that mends. An answer that lacks one of these differs from a right one by a dropped call or term.
    """
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or isinstance(node, ast.Constant | ast.Slice | ast.Starred):
        return
    if isinstance(node, ast.Name) and node.id in counters and isinstance(parent, ast.Slice | ast.BinOp):
        # row : row + size in place of row * stride : row * stride + size
        yield from (("wrapped", ast.BinOp(node, ast.Mult(), ast.Name(name, ast.Load()))) for name in given)
    whole = field == "value" and isinstance(parent, ast.Return | ast.Assign | ast.AugAssign)
    listed = isinstance(parent, ast.Tuple) and field == "elts"
    if isinstance(node, ast.Name) and (whole or listed):
        yield "copied", ast.Call(ast.Attribute(node, "copy", ast.Load()), [], [])
    if listed:  # rows, cols = …, … may lack the same
        yield from (("one more" if number > 0 else "one less", plus(node, number)) for number in (1, -1))
    inner = isinstance(node, ast.Name | ast.Subscript | ast.Attribute) and isinstance(parent, ast.BinOp | ast.Call)
    if (isinstance(parent, ast.Call) and field == "func") or not (whole or inner) or isinstance(node, ast.Tuple):
        return
    turn = ast.Slice(step=ast.UnaryOp(ast.USub(), ast.Constant(1)))
    yield "reversed", ast.Subscript(node, turn, ast.Load())
    yield "reversed", ast.Subscript(node, ast.Tuple([turn, turn], ast.Load()), ast.Load())
    yield "transposed", ast.Attribute(node, "T", ast.Load())
    yield "negated", ast.UnaryOp(ast.USub(), node)
    yield from (("one more" if number > 0 else "one less", plus(node, number)) for number in (1, -1))
    numpy = ast.Name("np", ast.Load())
    for function in ("abs", "sqrt", "exp", "log", "floor", "sum", "mean"):
        yield "wrapped", ast.Call(ast.Attribute(numpy, function, ast.Load()), [node], [])
    yield "wrapped", ast.BinOp(node, ast.Pow(), ast.Constant(2))
    yield "dtype", ast.Call(ast.Attribute(numpy, "asarray", ast.Load()), [node, ast.Name("float", ast.Load())], [])
    if whole:
        for name in names:
            for operator in (ast.Add(), ast.Sub(), ast.Mult(), ast.Div()):
                yield "wrapped", ast.BinOp(node, operator, ast.Name(name, ast.Load()))
            if isinstance(parent, ast.Return):
                yield (
                    "wrapped",
                    ast.BinOp(node, ast.Div(), ast.Call(ast.Name("len", ast.Load()), [ast.Name(name, ast.Load())], [])),
                )


def replacements(
    node: ast.expr, parent: ast.AST, constants: Iterable[float], given: Iterable[str]
) -> Iterator[tuple[str, ast.expr]]:
    """What else could stand in the place of a constant: another number, or a parameter. Only for a search that mends."""
    if not isinstance(node, ast.Constant) or isinstance(parent, ast.JoinedStr | ast.FormattedValue):
        return
    value = node.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        near = (2 * value, value / 2 if value % 2 else value // 2, value * value)
        for other in dict.fromkeys([*constants, *near, *LIKELY_NUMBERS]):
            yield "other number", to_number(other)
    elif value is None and isinstance(parent, ast.keyword | ast.arguments):
        yield from (("word", ast.Constant(word)) for word in ("relu", "same"))
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        yield from (("fixed", ast.Name(name, ast.Load())) for name in given)


def missing_layers(node: ast.expr, parent: ast.AST, field: str) -> Iterator[tuple[str, ast.expr]]:
    """A layer that may be missing behind an expression, and one round less of a loop. Only for a search that mends."""
    if field == "iter" and isinstance(node, ast.Name):
        yield "start", ast.Subscript(node, ast.Slice(ast.Constant(1)), ast.Load())
        yield "start", ast.Subscript(node, ast.Slice(None, ast.UnaryOp(ast.USub(), ast.Constant(1))), ast.Load())
    whole = field == "value" and isinstance(parent, ast.Return | ast.Assign)
    between = (
        field == "args" and isinstance(parent, ast.Call) and isinstance(parent.func, ast.Call) and isinstance(node, ast.Call)
    )
    if not (whole or between) or isinstance(node, ast.Tuple | ast.List | ast.Constant):
        return
    for kind, layer in (("wrapped", "ReLU"), ("normalised", "BatchNormalization"), ("wrapped", "Flatten")):
        made = ast.Call(ast.Attribute(ast.Name("layers", ast.Load()), layer, ast.Load()), [], [])
        yield kind, ast.Call(made, [node], [])
