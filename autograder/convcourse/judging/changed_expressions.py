"""What could have been written in the place of an expression: the slips of a tired writer. See `changes.py`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

# What stands for what, both ways.
SWAPPED_CALLS = (
    ("min", "max"),
    ("sum", "mean"),
    ("mean", "median"),
    ("argmin", "argmax"),
    ("floor", "ceil"),
    ("zeros", "ones"),
    ("sin", "cos"),
    ("minimum", "maximum"),
    ("any", "all"),
    ("var", "std"),
    ("convolve", "correlate"),
    ("convolve2d", "correlate2d"),
    ("zeros_like", "ones_like"),
    ("log", "log2"),
    ("tanh", "sigmoid"),
    ("add", "multiply"),
    ("append", "extend"),
    ("MaxPooling2D", "AveragePooling2D"),
    ("GlobalAveragePooling2D", "GlobalMaxPooling2D"),
    ("Add", "Concatenate"),
)
SWAPPED_WORDS = (
    ("same", "valid"),
    ("same", "full"),
    ("valid", "full"),
    ("relu", "linear"),
    ("relu", "softmax"),
    ("relu", "tanh"),
    ("relu", "sigmoid"),
    ("softmax", "sigmoid"),
    ("softmax", "linear"),
    ("tanh", "linear"),
    ("tanh", "sigmoid"),
    ("channels_last", "channels_first"),
    ("constant", "edge"),
    ("constant", "reflect"),
)
ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mod),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
MODULES = {"np", "numpy", "scipy", "signal", "ndimage", "keras", "layers", "tf", "math", "skimage", "plt"}
REDUCTIONS = {
    *("sum", "mean", "max", "min", "argmax", "argmin", "prod", "std", "var"),
    *("any", "all", "cumsum", "median", "sort", "argsort"),
}
WITH_KERNELS = {"Conv2D", "Conv1D", "Dense", "SeparableConv2D", "DepthwiseConv2D", "Conv2DTranspose"}
SLIDING = {*WITH_KERNELS, "MaxPooling2D", "AveragePooling2D", "MaxPool2D", "AveragePool2D"} - {"Dense"}
# These take the type of numbers from their argument.
TYPED = {"zeros_like", "ones_like", "empty_like", "full_like", "array", "asarray", "full"}
LIKELY_NUMBERS = (0, 1, 2, 3, 4, 5, 7, 0.5)
# In the arguments of these, one more or one less is a likely slip.
COUNTING = {"range", "arange", "zeros", "ones", "empty", "full", "linspace", "pad", "eye", "roll", "repeat", "reshape"}


def others_for(node: ast.expr, parent: ast.AST, field: str, names: Iterable[str]) -> Iterator[tuple[str, ast.expr]]:
    """What could have been written in the place of an expression."""
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or isinstance(parent, ast.JoinedStr | ast.FormattedValue):
        return
    match node:
        case ast.Constant(value=bool() as value):
            yield "switch", ast.Constant(not value)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            yield from (("number", to_number(other)) for other in (value + 1, value - 1, -value) if other != value)
        case ast.Constant(value=str() as value):
            yield from (("word", ast.Constant(other)) for other in _others(value, SWAPPED_WORDS))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "sign", operand
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            yield "condition", operand
        case ast.BinOp():
            yield from _arithmetic(node)
        case ast.Compare(ops=[op]):
            for other in COMPARISONS.get(type(op), ()):
                yield "comparison", ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp(op=op, values=values):
            yield "condition", ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from (("condition", value) for value in values)
        case ast.IfExp(test=test, body=body, orelse=other):
            yield "condition", ast.IfExp(test, other, body)
            yield from (("condition", branch) for branch in (body, other))
        case ast.Name(id=name) if not (isinstance(parent, ast.Call) and field == "func"):
            yield from (("name", ast.Name(other, ast.Load())) for other in names if other != name and name in names)
        case ast.Tuple(elts=items) | ast.List(elts=items) if len(items) > 1:
            yield from (("order", type(node)(other, ast.Load())) for other in _exchanged(items))
        case ast.Subscript(value=value):
            yield "index", value
        case ast.Call():
            yield from _calls(node)
    if _counts(node, parent, field):
        yield "one more", plus(node, 1)
        yield "one less", plus(node, -1)


def to_number(value: float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def _others(word: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for one, other in pairs:
        if word in (one, other):
            yield other if word == one else one


def _exchanged(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """The items with two of them exchanged."""
    for one in range(len(items)):
        for other in range(one + 1, len(items)):
            if not isinstance(items[one], ast.Starred) and not isinstance(items[other], ast.Starred):
                swapped = list(items)
                swapped[one], swapped[other] = items[other], items[one]
                yield swapped


def _arithmetic(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    for other in ARITHMETIC.get(type(node.op), ()):
        yield "operator", ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow | ast.MatMult):
        yield "order", ast.BinOp(node.right, node.op, node.left)
    yield "term", node.left
    yield "term", node.right
    match node:  # (a + b) * c for a + b * c, and the other way
        case ast.BinOp(left=ast.BinOp(left=a, op=inner, right=b), op=outer, right=c) if not _associate(inner, outer):
            yield "parentheses", ast.BinOp(a, inner, ast.BinOp(b, outer, c))
    match node:
        case ast.BinOp(left=a, op=outer, right=ast.BinOp(left=b, op=inner, right=c)) if not _associate(outer, inner):
            yield "parentheses", ast.BinOp(ast.BinOp(a, outer, b), inner, c)


def _associate(first: ast.operator, second: ast.operator) -> bool:
    """Is (a first b) second c the same as a first (b second c)?"""
    both = type(first), type(second)
    return both[0] in (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr) and (
        both[0] is both[1] or both in ((ast.Add, ast.Sub), (ast.Mult, ast.Div))
    )


def _counts(node: ast.expr, parent: ast.AST, field: str) -> bool:
    """Is it a place, a bound or a number of things, which may be one off?"""
    if isinstance(node, ast.Constant | ast.Tuple | ast.List | ast.Starred | ast.Slice):
        return False
    match parent:
        case ast.Slice():
            return field in ("lower", "upper")
        case ast.Subscript():
            return field == "slice"
        case ast.Call():
            return field == "args" and called(parent) in COUNTING
    return isinstance(parent, ast.Compare)


def plus(node: ast.expr, number: int) -> ast.expr:
    return ast.BinOp(node, ast.Add() if number > 0 else ast.Sub(), ast.Constant(1))


def called(node: ast.Call) -> str:
    """The last name of what is called: "sum" of `np.sum(…)` and of `x.sum(…)`."""
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _calls(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name = called(node)
    for other in _others(name, SWAPPED_CALLS):
        match node.func:
            case ast.Attribute(value=value):
                yield "function", ast.Call(ast.Attribute(value, other, ast.Load()), node.args, node.keywords)
            case ast.Name():
                yield "function", ast.Call(ast.Name(other, ast.Load()), node.args, node.keywords)
    yield from (("order", ast.Call(node.func, other, node.keywords)) for other in _exchanged(node.args))
    yield from (("call", inner) for inner in _dropped(node))
    for index, keyword in enumerate(node.keywords):
        rest = [*node.keywords[:index], *node.keywords[index + 1 :]]
        if keyword.arg != "name":  # what a layer is called changes nothing
            yield "keyword", ast.Call(node.func, node.args, rest)
        if keyword.arg in ("axis", "axes", "strides", "padding", "activation", "keepdims", "dtype"):
            for value in _keyword_values(keyword):
                words = [*node.keywords[:index], ast.keyword(keyword.arg, value), *node.keywords[index + 1 :]]
                yield str(keyword.arg), ast.Call(node.func, node.args, words)
    if name == "range" and len(node.args) == 1:
        yield "start", ast.Call(node.func, [ast.Constant(1), *node.args], [])
    yield from _added_keywords(node, name, {keyword.arg for keyword in node.keywords})


def _dropped(node: ast.Call) -> Iterator[ast.expr]:
    """What stays when a call is left out: its argument, or the object whose method it is."""
    if isinstance(node.func, ast.Attribute) and not (isinstance(node.func.value, ast.Name) and node.func.value.id in MODULES):
        yield node.func.value
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]


def _keyword_values(keyword: ast.keyword) -> Iterator[ast.expr]:
    match keyword.arg, keyword.value:
        case "axis", _:
            yield from (to_number(axis) for axis in (0, 1, 2, -1))
            yield ast.Tuple([ast.Constant(0), ast.Constant(1)], ast.Load())
            yield ast.Tuple([ast.Constant(1), ast.Constant(2)], ast.Load())
        case "strides", ast.Constant(value=int() as stride):
            yield ast.Constant(2 if stride == 1 else 1)
        case "activation", ast.Constant(value=str()):
            yield ast.Constant(None)
        case "dtype", _:
            yield ast.Name("int", ast.Load())
            yield ast.Name("float", ast.Load())


def _added_keywords(node: ast.Call, name: str, there: set[str | None]) -> Iterator[tuple[str, ast.expr]]:
    def adding(keyword: str, value: ast.expr) -> ast.expr:
        return ast.Call(node.func, node.args, [*node.keywords, ast.keyword(keyword, value)])

    if name in REDUCTIONS and "axis" not in there:
        yield from (("axis", adding("axis", to_number(axis))) for axis in (0, 1, -1))
    if name in REDUCTIONS and "axis" in there and "keepdims" not in there:
        yield "keepdims", adding("keepdims", ast.Constant(True))
    if name in TYPED and "dtype" not in there:
        yield "dtype", adding("dtype", ast.Name("float", ast.Load()))
    if name in WITH_KERNELS and "activation" not in there:
        yield "activation", adding("activation", ast.Constant("relu"))
    if name in SLIDING and "padding" not in there:
        yield "padding", adding("padding", ast.Constant("same"))
    if name in SLIDING and "strides" not in there:
        already = 1 if name in WITH_KERNELS else node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else 0
        yield from (("strides", adding("strides", ast.Constant(stride))) for stride in (1, 2) if stride != already)
    if name in WITH_KERNELS and "use_bias" not in there:
        yield "use_bias", adding("use_bias", ast.Constant(False))
