"""What a search tries in the place of an expression when no likelier slip mends the function. See `changes.py`."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import Any

from convcourse.judging.changed_expressions import REDUCTIONS, called

# Functions that may be called with the same arguments.
FAMILIES = (
    ("sum", "mean", "max", "min", "median", "prod", "std", "var", "any", "all"),
    ("argmax", "argmin", "max", "min"),
    ("argsort", "sort"),
    ("floor", "ceil", "round", "int"),
    ("abs", "square", "sqrt", "exp", "log", "log2", "sign"),
    ("dot", "matmul", "outer", "multiply"),
    ("hstack", "vstack", "concatenate", "stack"),
    ("flip", "fliplr", "flipud", "rot90", "transpose"),
    ("correlate", "convolve"),
    ("correlate2d", "convolve2d"),
    ("GlobalAveragePooling2D", "GlobalMaxPooling2D", "Flatten"),
    ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose"),
    ("Add", "Concatenate", "Multiply", "Average", "Maximum"),
    ("BatchNormalization", "LayerNormalization"),
)
# What may be missing around an expression, which is called `it` here.
AROUND = (
    *("it[None]", "it[:, None]", "it[..., None]", "it[..., 0]", "it[0]", "it[-1]", "it[1:]", "it[:-1]", "it[:, ::-1]"),
    *("it[..., ::-1]", "it.copy()", "it.ravel()", "it.astype(float)", "it.astype(int)", "np.array(it)", "list(it)", "tuple(it)"),
    *("len(it)", "int(it)", "it.sum(axis=0)", "it.sum(axis=1)", "it.sum(axis=-1)", "it.mean(axis=0)", "it.mean(axis=-1)"),
    *("it.max()", "it.min()", "it.argmax()", "np.maximum(it, 0)", "np.clip(it, 0, 1)", "np.clip(it, 0, 255)", "np.round(it)"),
    *("np.ceil(it)", "np.cumsum(it)", "np.sign(it)", "np.linalg.norm(it)", "np.argsort(it)", "np.unique(it)", "1 - it"),
    *("1 / it", "it > 0", "~it", "it * 2", "it / 2", "it * np.pi", "it * 2 * np.pi", "it * 255", "it / 255"),
)
WITH_MODES = {"convolve", "correlate", "convolve2d", "correlate2d"}
# Where a number may stand.
AROUND_NUMBERS = (ast.BinOp, ast.Call, ast.Compare, ast.Slice, ast.Tuple, ast.IfExp, ast.Return, ast.Assign)
SIZES = ("len(it)", "it.shape", "it.shape[:2]", "it.shape[0]", "it.shape[1]", "it.shape[2]", "it.shape[-1]", "it.size", "it.ndim")
AXES = ("0", "1", "2", "3", "-1", "-2", "(0, 1)", "(1, 2)", "(0, 1, 2)", "(1, 2, 3)", "(-2, -1)", "None")
MOST_LETTERS = 4  # of what an einsum gives, to be put in another order


@dataclass(frozen=True)
class Scope:
    """The names of a function: all, its parameters, and those that hold arrays or lists."""

    names: tuple[str, ...]
    given: tuple[str, ...]
    arrays: tuple[str, ...]


@dataclass(frozen=True)
class Spot:
    """An expression, and where it stands: the node that holds it, in which of its fields, and where in a list there."""

    node: ast.expr
    parent: ast.AST
    field: str
    index: int | None

    @property
    def is_open(self) -> bool:
        """Could another expression stand here?"""
        stored = isinstance(getattr(self.node, "ctx", None), ast.Store | ast.Del)
        called_here = isinstance(self.parent, ast.Call) and self.field == "func"
        return not (stored or called_here or isinstance(self.parent, ast.JoinedStr | ast.FormattedValue))


def rarer(spots: Sequence[Spot], scope: Scope) -> Iterator[tuple[Spot, str, ast.expr]]:
    """What else could stand in the place of each expression: a part of it, another thing, or more. The likelier ones first."""
    for others in (_parts, _other_calls, _other_slices, _other_words, _other_items, _instead, _with_variables, _around):
        for spot in spots:
            if spot.is_open:
                yield from ((spot, kind, new) for kind, new in others(spot, scope))


@lru_cache(maxsize=256)
def _form(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


def _filled(form: ast.AST, node: ast.expr) -> Any:
    """A form in which a node stands for `it`; what holds it is copied."""
    if isinstance(form, ast.Name) and form.id == "it":
        return node
    other = copy.copy(form)
    for field, value in ast.iter_fields(form):
        if isinstance(value, ast.AST):
            setattr(other, field, _filled(value, node))
        elif isinstance(value, list):
            setattr(other, field, [_filled(item, node) for item in value])
    return other


def _variable(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _parts(spot: Spot, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """The expressions that stand in an expression, at any depth."""
    waiting: list[ast.AST] = [spot.node] if not isinstance(spot.node, ast.Slice | ast.Starred) else []
    while waiting:
        here = waiting.pop(0)
        for inner in ast.iter_child_nodes(here):
            if isinstance(here, ast.Call) and inner is here.func:
                inner = inner.value if isinstance(inner, ast.Attribute) else ast.Constant(None)
            while isinstance(inner, ast.keyword | ast.FormattedValue | ast.Starred):
                inner = inner.value
            if isinstance(inner, ast.expr) and not isinstance(inner, ast.Slice):
                yield "term", inner
            waiting.append(inner)


def _other_calls(spot: Spot, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """Another function with the same arguments, the same with one fewer, along other axes, or with other parentheses."""
    node = spot.node
    if not isinstance(node, ast.Call):
        return
    name = called(node)
    for other in dict.fromkeys(other for family in FAMILIES if name in family for other in family if other != name):
        match node.func:
            case ast.Attribute(value=value):
                yield "function", ast.Call(ast.Attribute(value, other, ast.Load()), node.args, node.keywords)
            case ast.Name():
                yield "function", ast.Call(_variable(other), node.args, node.keywords)
    match node.func:
        case ast.Attribute(value=ast.Name(id="np"), attr="sum" | "max" | "mean" | "std" | "abs"):
            yield "function", ast.Call(_form("np.linalg.norm"), node.args, node.keywords)
        case ast.Attribute(value=ast.Attribute(attr="linalg"), attr="norm"):
            others = ("np.sum", "np.max", "np.mean")
            yield from (("function", ast.Call(_form(other), node.args, node.keywords)) for other in others)
    if name in REDUCTIONS:
        yield from _other_axes(node)
    if name in WITH_MODES and not any(keyword.arg == "mode" for keyword in node.keywords):
        for mode in ("valid", "same", "full"):
            yield "keyword", ast.Call(node.func, node.args[:2], [*node.keywords, ast.keyword("mode", ast.Constant(mode))])
    if len(node.args) > 1:
        yield "term", ast.Call(node.func, node.args[:-1], node.keywords)
        yield "parentheses", ast.Call(node.func, [ast.Tuple(node.args, ast.Load())], node.keywords)
        yield "parentheses", ast.Call(node.func, [ast.Tuple(node.args[:2], ast.Load()), *node.args[2:]], node.keywords)
    match node.args:
        case [ast.Tuple(elts=items) | ast.List(elts=items)]:
            yield "parentheses", ast.Call(node.func, items, node.keywords)


def _other_axes(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """A reduction along other axes, whether its axis stands behind a word or not."""
    words = [keyword for keyword in node.keywords if keyword.arg == "axis"]
    rest = [keyword for keyword in node.keywords if keyword.arg != "axis"]
    module = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "tf")
    own = node.args[: 1 if module else 0]
    if words or len(node.args) == len(own) or isinstance(node.args[len(own)], ast.Constant | ast.Tuple | ast.UnaryOp):
        for axis in AXES:
            yield "axis", ast.Call(node.func, own, [*rest, ast.keyword("axis", _form(axis))])


def _other_slices(spot: Spot, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """A slice that begins, ends or steps otherwise."""
    node = spot.node
    if not isinstance(node, ast.Slice):
        return
    lower, upper, step = node.lower, node.upper, node.step
    bounds: list[tuple[ast.expr | None, ast.expr | None, ast.expr | None]] = []
    if lower and upper:
        end = ast.BinOp(lower, ast.Add(), upper)
        bounds += [(lower, end, step), (end, None, step), (None, upper, step), (lower, None, step)]
    elif only := lower or upper:
        minus = ast.UnaryOp(ast.USub(), only)
        bounds += [(only, None, step), (None, only, step), (minus, None, step), (None, minus, step), (None, None, step)]
    if step:
        bounds.append((lower, upper, None))
    else:
        bounds += [(lower, upper, _variable(name)) for name in scope.given]
    bounds += [(_variable(name), upper, step) for name in scope.names if not lower]
    bounds += [(lower, _variable(name), step) for name in scope.names if not upper]
    yield from (("slice", ast.Slice(*some)) for some in bounds)


def _other_words(spot: Spot, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """Other subscripts of an einsum: its result in another order, with an axis less or more."""
    match spot.node:
        case ast.Constant(value=str() as word) if "->" in word:
            given, _, result = word.partition("->")
            letters = [letter for letter in dict.fromkeys(given) if letter.isalpha()]
            orders = permutations(result) if 1 < len(result) <= MOST_LETTERS else ()
            others = ["".join(order) for order in orders]
            others += [result.replace(letter, "") for letter in result]
            places = range(len(result) + 1)
            others += [result[:place] + letter + result[place:] for letter in letters if letter not in result for place in places]
            yield from (("word", ast.Constant(f"{given}->{other}")) for other in others)


def _other_items(spot: Spot, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """A tuple or a list with one item fewer, or with one more at its end or its beginning."""
    node = spot.node
    if not isinstance(node, ast.Tuple | ast.List):
        return
    others = [[*node.elts[:place], *node.elts[place + 1 :]] for place in range(len(node.elts))]
    more = (ast.Constant(1), *map(_variable, scope.names))
    others += [items for new in more for items in ([*node.elts, new], [new, *node.elts])]
    yield from (("items", type(node)(items, ast.Load())) for items in others)


def _instead(spot: Spot, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """A variable, the size of one, or nothing."""
    node = spot.node
    match node:
        case ast.Slice() | ast.Starred():
            return
        case ast.Constant(value=None):
            yield "other", ast.Constant(0)
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=2)):  # a square whose sides may differ
            yield from (("operator", ast.BinOp(base, ast.Mult(), _variable(name))) for name in scope.names)
    if spot.field == "value" and isinstance(spot.parent, ast.Return | ast.Assign | ast.AugAssign):
        yield from (("other", ast.Constant(value)) for value in (0, 1))
    if not isinstance(node, ast.Name | ast.Constant):
        yield from (("other", _variable(name)) for name in scope.names)
    whole_number = isinstance(node, ast.Constant) and type(node.value) is int
    if isinstance(node, ast.Name | ast.Call | ast.Subscript) or whole_number:
        yield from (("other", _filled(_form(size), _variable(name))) for name in scope.arrays for size in SIZES)


def _with_variables(spot: Spot, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """A factor, a divisor or a term more; of a product or a sum only as a whole, for its parts would give the same."""
    node, parent = spot.node, spot.parent
    if isinstance(node, ast.Constant | ast.Tuple | ast.List | ast.Slice | ast.Starred) or not isinstance(parent, AROUND_NUMBERS):
        return
    above = parent.op if isinstance(parent, ast.BinOp) else None
    left = spot.field == "left"
    in_product = isinstance(above, ast.Mult) or (isinstance(above, ast.Div) and left)
    in_sum = isinstance(above, ast.Add) or (isinstance(above, ast.Sub) and left)
    operators = [*([] if in_product else [ast.Mult(), ast.Div()]), *([] if in_sum else [ast.Add(), ast.Sub()])]
    for name in scope.names:
        itself = isinstance(node, ast.Name) and node.id == name
        for operator in operators:
            if not (itself and isinstance(operator, ast.Div | ast.Sub)):  # 1 and 0 are no terms that were forgotten
                yield "wrapped", ast.BinOp(node, operator, _variable(name))


def _around(spot: Spot, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """A function, an index or a number that may be missing."""
    if not isinstance(spot.node, ast.Constant | ast.Tuple | ast.List | ast.Slice | ast.Starred):
        yield from (("wrapped", _filled(_form(form), spot.node)) for form in AROUND)
