"""Kinds of changes that are right wherever they come out right: another axis or type that NumPy takes for the same, and so on.

Asked only about changes that no case has told from right. What a kind must know besides the source, such as how many axes
there are, is looked up while the cases run. Where that depends on the cases, for integers may come that no case has, say,
the kind keeps silent: then the change stands in a list, or a case is missing.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convcourse.judging.calling import answer
from convcourse.judging.change import Change, made
from convcourse.judging.changed_expressions import REDUCTIONS, TYPED, called
from convcourse.judging.exercise import Case
from tests.equivalent_changes import (
    A_LIST,
    ALIAS,
    FROM_ZERO,
    INDEPENDENT,
    OTHER_TYPE,
    OVERWRITTEN,
    SAME_AXIS,
    SAME_SHAPE,
    SIZE_LEFT_OPEN,
    SYMMETRIC,
)

DEFAULT = "the library takes this where nothing is said"
SIGN_LOST = "squares and absolute values have no sign"
ONLY_A_GUARD = "all are as long as each other"
HAIR = "no number lies on so narrow an edge"
ZERO = "what is 0 becomes 0 either way"
PRODUCT = "a product may be worked out in any order"
SIDE_OF_ONE = "a side of length 1, which is stretched or flattened afterwards"
ONE_PIXEL = "a kernel of one pixel needs no frame"
AGAIN = "it is worked out again and again, from the same"

SYMMETRIC_CALLS = {
    *("min", "max", "minimum", "maximum", "add", "multiply", "hypot", "logical_or", "logical_and"),
    *("clip", "dot", "vdot", "inner", "allclose", "isclose", "array_equal", "convolve", "convolve2d", "fftconvolve"),
}
WITHOUT_SIGN = {"abs", "fabs", "absolute", "square", "norm", "cos", "isclose"}
LISTS = {"list", "tuple", "tolist", "array", "asarray", "stack", "vstack"}
CONVOLUTIONS = {"Conv1D", "Conv2D"}
MAKERS = {"zeros", "ones", "empty", "eye", "identity"}
WHOLE_TYPES = {"int", "bool", "int64", "int32", "uint8", "intp"}
REAL_TYPES = {"float", "float64", "float32", "float16"}


@dataclass(frozen=True)
class Seen:
    """What an expression was at one time.

    kind: of its numbers, as NumPy calls it. value: of a whole number or a tuple of such, otherwise None.
    """

    shape: tuple[int, ...]
    kind: str
    value: Any


@dataclass(frozen=True)
class Spot:
    """A change, the function that it changes, and a look at the expressions of both while the cases run.

    parents: node -> (parent, field, index in the field's list).
    """

    change: Change
    function: ast.FunctionDef
    parents: dict[int, tuple[ast.AST, str, int | None]]
    namespace: dict[str, Any]
    cases: Sequence[Case]

    def around(self, node: ast.AST) -> ast.AST:
        return self.parents[id(node)][0] if id(node) in self.parents else self.function

    def seen(self, node: ast.expr, changed: bool = False) -> list[Seen]:
        """What an expression of the function was, each time; changed: while the change is made."""
        log: list[Seen] = []

        def look(value: Any) -> Any:
            log.append(_described(value))
            return value

        parent, field, index = self.parents[id(node)]
        probe = ast.Call(ast.Name("_look", ast.Load()), [self.change.new if changed and node is self.change.old else node], [])
        ast.fix_missing_locations(ast.copy_location(probe, node))
        held: Any = probe
        if index is not None:
            held = list(getattr(parent, field))
            held[index] = probe
        edits = [(parent, field, held)]
        if changed and node is not self.change.old:
            edits += list(self.change.edits)
        with made(Change("probe", self.change.place, tuple(edits))):
            space = {**self.namespace, "_look": look}
            exec(compile(ast.Module([self.function], []), "<looked at>", "exec"), space)
        for case in self.cases:
            answer(space[self.function.name], case.arguments)
        return log


def _described(value: Any) -> Seen:
    try:
        if isinstance(value, tuple | int | np.integer) and all(isinstance(one, int | np.integer) for one in np.ravel(value)):
            return Seen(np.shape(value), "i", tuple(value) if isinstance(value, tuple) else int(value))
        return Seen(tuple(np.shape(value)), np.asarray(value).dtype.kind, None)
    except (TypeError, ValueError):  # no array
        return Seen((len(value),) if hasattr(value, "__len__") else (), "O", None)


def kind_of(change: Change, function: ast.FunctionDef, namespace: dict[str, Any], cases: Sequence[Case]) -> str:
    """Why a change that no case has told from right is right; empty where its kind does not say."""
    spot = Spot(change, function, dict(_parents(function)), namespace, cases)
    return next((reason for holds, reason in KINDS if holds(spot)), "")


def _parents(function: ast.FunctionDef) -> Iterator[tuple[int, tuple[ast.AST, str, int | None]]]:
    for parent in ast.walk(function):
        for field, value in ast.iter_fields(parent):
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(node, ast.AST):
                    yield id(node), (parent, field, index)


def _arguments(function: ast.FunctionDef) -> set[str]:
    return {argument.arg for argument in function.args.args}


def _number(node: ast.AST | None) -> Any:
    try:
        return ast.literal_eval(node) if node is not None else None
    except ValueError:
        return None


# --- axes and places ---------------------------------------------------------------------------


def _is_the_same_axis(spot: Spot) -> bool:
    """Another `axis=`, or another number in it, that means the same for arrays of so many axes."""
    old, new = spot.change.old, spot.change.new
    if isinstance(old, ast.Call) and isinstance(new, ast.Call):
        return spot.change.kind == "axis" and _same_axes(spot, old, _axis_of(old), _axis_of(new))
    inside: ast.AST | None = old
    while inside is not None and not isinstance(inside, ast.keyword | ast.stmt):
        inside = spot.around(inside)
    if not isinstance(inside, ast.keyword) or inside.arg != "axis" or not isinstance(call := spot.around(inside), ast.Call):
        return False
    before = _number(inside.value)
    with made(spot.change):
        after = _number(inside.value)
    return _same_axes(spot, call, before, after)


def _axis_of(call: ast.Call) -> Any:
    return next((_number(keyword.value) for keyword in call.keywords if keyword.arg == "axis"), None)


def _same_axes(spot: Spot, call: ast.Call, before: Any, after: Any) -> bool:
    name, on = called(call), call.func.value if isinstance(call.func, ast.Attribute) else None
    if on is not None and not _is_module(spot, on):
        whole = on
    elif call.args:
        whole = call.args[0]
    else:  # a layer, which is called with its array later
        return False
    axes = {len(one.shape) + {"concatenate": -1, "expand_dims": 1}.get(name, 0) for one in spot.seen(whole)}
    free = name in REDUCTIONS or name in ("norm", "flip", "nanmean", "all", "any")  # the order of several does not matter
    return bool(axes) and all(_places(before, count, free) == _places(after, count, free) for count in axes)


def _places(axis: Any, count: int, free: bool) -> tuple[int, ...]:
    all_of_them = tuple(range(count))
    found = all_of_them if axis is None else tuple(one % max(1, count) for one in np.ravel(axis))
    return tuple(sorted(found)) if free else found


def _is_module(spot: Spot, node: ast.expr) -> bool:
    return inspect.ismodule(_object(spot, node))


def _object(spot: Spot, node: ast.expr) -> Any:
    """What a dotted name means in the function's module; None for what is made in the function."""
    match node:
        case ast.Name(id=name):
            return spot.namespace.get(name)
        case ast.Attribute(value=value, attr=name):
            return getattr(_object(spot, value), name, None)
    return None


def _is_counted_from_the_end(spot: Spot) -> bool:
    """`shape[-1]` for `shape[1]` of two numbers, `[:-2]` for `[:2]` of four, `swapaxes(1, -2)` for `swapaxes(1, 2)`."""
    inside = spot.change.old
    before, after = _number(inside), _number(spot.change.new)
    if inside is None or not isinstance(before, int) or not isinstance(after, int) or before == after:
        return False
    parent, place = spot.around(inside), 0
    if isinstance(parent, ast.Slice):
        inside, parent = parent, spot.around(parent)
    if isinstance(parent, ast.Tuple):
        place = parent.elts.index(inside)
        if any(isinstance(one, ast.Constant) and one.value in (..., None) for one in parent.elts[:place]):
            return False
        inside, parent = parent, spot.around(parent)
    match parent:
        case ast.Subscript(value=whole) if inside is parent.slice:
            lengths = {one.shape[place] if len(one.shape) > place else 0 for one in spot.seen(whole)}
        case ast.Call(func=ast.Attribute(value=whole), args=arguments) if called(parent) in ("transpose", "swapaxes"):
            lengths = {len(one.shape) for one in spot.seen(arguments[0] if _is_module(spot, whole) else whole)}
        case _:
            return False
    return bool(lengths) and all(length and (before - after) % length == 0 for length in lengths)


def _is_left_open(spot: Spot) -> bool:
    """`reshape(-2)` for `reshape(-1)`."""
    node = spot.change.old
    while isinstance(node, ast.Constant | ast.UnaryOp | ast.Tuple):
        node = spot.around(node)
    if not isinstance(node, ast.Call) or called(node) != "reshape":
        return False
    with made(spot.change):
        sizes = [_value(one) for argument in node.args for one in getattr(argument, "elts", [argument])]
    return any(size is not None and size < -1 for size in sizes)


def _value(node: ast.expr) -> int | None:
    """Of -2 and of -1 - 1."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _number(left) - _number(right) if _number(left) is not None and _number(right) is not None else None
    value = _number(node)
    return value if isinstance(value, int) else None


# --- order ----------------------------------------------------------------------------------------


def _is_symmetric(spot: Spot) -> bool:
    match spot.change.old, spot.change.new:
        case ast.Call(args=[one, other, *rest]) as old, ast.Call(args=new) if spot.change.kind == "order":
            if new != [other, one, *rest] or called(old) not in SYMMETRIC_CALLS or _mode_of(old) == "same":
                return False
            return called(old) not in ("dot", "inner", "vdot") or _are_vectors(spot, one, other)
        case ast.BinOp(op=ast.MatMult(), left=one, right=other), ast.BinOp(op=ast.MatMult()) if spot.change.kind == "order":
            return _are_vectors(spot, one, other)
        case ast.Tuple() | ast.List() as old, _ if spot.change.kind == "order":  # if number in (2, 4, 5)
            return isinstance(compared := spot.around(old), ast.Compare) and isinstance(compared.ops[0], ast.In)
    return False


def _mode_of(call: ast.Call) -> Any:
    return next((_number(keyword.value) for keyword in call.keywords if keyword.arg == "mode"), None)


def _are_vectors(spot: Spot, *nodes: ast.expr) -> bool:
    return all(len(one.shape) == 1 for node in nodes for one in spot.seen(node))


def _has_no_sign(spot: Spot) -> bool:
    """(b - a) ** 2 for (a - b) ** 2"""
    old = spot.change.old
    if spot.change.kind != "order" or not isinstance(old, ast.BinOp) or not isinstance(old.op, ast.Sub):
        return False
    match spot.around(old):
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=2)):
            return True
        case ast.Call() as call:
            return called(call) in WITHOUT_SIGN
    return False


def _is_independent(spot: Spot) -> bool:
    """Two lines exchanged of which neither sets, fills or leaves anything that the other has to do with."""
    if spot.change.kind != "order of lines":
        return False
    ((parent, field, new),) = spot.change.edits
    one, other = next(pair for pair in zip(getattr(parent, field), new, strict=True) if pair[0] is not pair[1])
    leaving = ast.Return | ast.Break | ast.Continue | ast.Raise
    if any(isinstance(node, leaving) for statement in (one, other) for node in ast.walk(statement)):
        return False
    return not _changed_by(one) & _names(other) and not _changed_by(other) & _names(one)


def _names(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _changed_by(statement: ast.stmt) -> set[str]:
    """The names that a statement sets, in whole or in part, or whose methods it calls as a line of its own."""
    found: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Subscript(ctx=ast.Store(), value=whole) | ast.Expr(value=ast.Call(func=ast.Attribute(value=whole))):
                found |= {inner.id for inner in ast.walk(whole) if isinstance(inner, ast.Name)}
    return found


def _is_worked_out_again(spot: Spot) -> bool:
    """A line that has moved into the loop behind it or before it, and gives the same there each time, or at the end."""
    if spot.change.kind != "outside the loop":
        return False
    (parent, field, _), (loop, _, inside) = spot.change.edits
    line = next(statement for statement in inside if statement not in loop.body)
    if not isinstance(line, ast.Assign) or not all(isinstance(target, ast.Name | ast.Tuple) for target in line.targets):
        return False
    sets = _changed_by(line)
    needs = _names(line) - sets
    old = getattr(parent, field)
    if any(isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in sets for node in ast.walk(line)):
        return False
    if old.index(line) > old.index(loop):
        return not sets & _names(loop)
    return not (needs | sets) & _changed_by(loop)


def _is_a_product(spot: Spot) -> bool:
    """a * (b / c) for (a * b) / c, and the other way; but not a / (b * c) for (a / b) * c"""
    match spot.change.new:
        case ast.BinOp(op=first, right=ast.BinOp(op=second)) | ast.BinOp(op=second, left=ast.BinOp(op=first)):
            products = isinstance(first, ast.Mult | ast.MatMult) and isinstance(second, ast.Mult | ast.MatMult | ast.Div)
            return spot.change.kind == "parentheses" and products
    return False


# --- types of numbers --------------------------------------------------------------------------


def _is_a_list(spot: Spot) -> bool:
    old, new = spot.change.old, spot.change.new
    return (
        isinstance(old, ast.Call)
        and spot.change.kind == "call"
        and called(old) in LISTS
        and not old.keywords
        and new in (*old.args[:1], getattr(old.func, "value", None))
    )


def _is_another_type(spot: Spot) -> bool:
    """A type left out, or float in its place, where that loses nothing: see `_is_kept`."""
    old, new = spot.change.old, spot.change.new
    if not isinstance(old, ast.Call):
        return False
    name = called(old)
    if spot.change.kind == "call":
        types, _ = _converted(old)
        return bool(types) and new in (*old.args[:1], getattr(old.func, "value", None)) and _is_kept(spot, new, types[0])
    before, after = _type_of(old), _type_of(new)
    if before == after or not isinstance(new, ast.Call) or called(new) != name:
        return False
    if after == "float" and name in MAKERS | TYPED:
        return True
    if name in TYPED:
        return _is_kept(spot, old.args[1 if name == "full" else 0], before, after)
    return name in MAKERS and (after == "" or before in WHOLE_TYPES)


def _type_of(call: ast.expr | None) -> str:
    keywords = call.keywords if isinstance(call, ast.Call) else []
    return next((_last_name(keyword.value) for keyword in keywords if keyword.arg == "dtype"), "")


def _last_name(node: ast.expr) -> str:
    """ "float32" of `np.float32` and of "float32"."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.Constant(value=str() as name):
            return name
    return ""


def _is_kept(spot: Spot, inner: ast.expr, target: str, instead: str = "") -> bool:
    """Does an expression mean the same without being made `target`, or made `instead`?

    Whole numbers need not be made whole. Numbers need not be made real if whole ones were there and came out right, or if they
    come from a computation that gave real ones, whatever the arguments were.
    """
    kinds = {one.kind for one in spot.seen(inner)}
    if target in WHOLE_TYPES or instead == "int":
        return bool(kinds) and kinds <= set("biu")
    if target not in REAL_TYPES:
        return False
    return bool(kinds & set("biu")) or (bool(kinds) and not _is_given(spot, inner))


def _is_given(spot: Spot, node: ast.expr) -> bool:
    """Is it made of an argument, or of its parts, without any computation?"""
    names = _arguments(spot.function)
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and (node.id in names or node.id in _parts_of_arguments(spot.function, names))


def _parts_of_arguments(function: ast.FunctionDef, names: set[str]) -> set[str]:
    """The variables of loops along arguments."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.For | ast.comprehension) and names & _names(node.iter):
            found |= _names(node.target)
    return found


# --- what is there already ---------------------------------------------------------------------


def _is_overwritten(spot: Spot) -> bool:
    old, new = spot.change.old, spot.change.new
    pairs = (("zeros", "ones"), ("zeros_like", "ones_like"))
    return isinstance(old, ast.Call) and isinstance(new, ast.Call) and (called(old), called(new)) in pairs


def _adds_to_zero(spot: Spot) -> bool:
    if spot.change.kind != "+=":
        return False
    ((parent, field, new),) = spot.change.edits
    changed = next(one for one, other in zip(new, getattr(parent, field), strict=True) if one is not other)
    return isinstance(changed, ast.AugAssign) and isinstance(changed.target, ast.Subscript)


def _is_as_large(spot: Spot) -> bool:
    """`result.shape` for `image.shape`, the same each time.

    Of two arguments either all sides must be the same, not only the one that is used, or there must be at least three sizes:
    then the text says that they are as long as each other, or the cases would have told.
    """
    old, new = spot.change.old, spot.change.new
    if not isinstance(old, ast.Name) or not isinstance(new, ast.Name):
        return False
    outer = spot.around(old)
    if not (isinstance(outer, ast.Attribute) and outer.attr in ("shape", "size")) and not (
        isinstance(outer, ast.Call) and called(outer) == "len"
    ):
        return False
    if isinstance(spot.around(outer), ast.Subscript):
        outer = spot.around(outer)
    before, after = ([one.value for one in spot.seen(outer, changed)] for changed in (False, True))
    if before != after:
        return False
    shapes = [[one.shape for one in spot.seen(old, changed)] for changed in (False, True)]
    return not {old.id, new.id} <= _arguments(spot.function) or shapes[0] == shapes[1] or len(set(before)) > 2


def _is_alias(spot: Spot) -> bool:
    """A variable for what it was copied or converted from, where the type may be left out."""
    old, new = spot.change.old, spot.change.new
    if not isinstance(old, ast.Name) or not isinstance(new, ast.Name):
        return False
    for name, source in ((old.id, new.id), (new.id, old.id)):
        for node in ast.walk(spot.function):
            match node:
                case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                    types, inner = _converted(value)
                    if isinstance(inner, ast.Name) and inner.id == source and inner is not value:
                        return all(_is_kept(spot, inner, one) for one in types)
    return False


def _converted(node: ast.expr) -> tuple[list[str], ast.expr]:
    """The types that an expression is made, and what it was before."""
    types: list[str] = []
    while isinstance(node, ast.Call) and called(node) in {*LISTS, *REAL_TYPES, "copy", "astype", "int"}:
        name, on = called(node), node.func.value if isinstance(node.func, ast.Attribute) else None
        types += [name] if name in {*REAL_TYPES, "int"} else []
        types += [_last_name(node.args[0])] if name == "astype" else []
        types += [_type_of(node)] if _type_of(node) else []
        node = on if on is not None and name in ("copy", "astype", "tolist") and not node.args[1:] else node.args[0]
    return types, node


# --- what a call takes for granted -------------------------------------------------------------


def _is_a_guard(spot: Spot) -> bool:
    """Of `zip`: `strict`, which stops what is not as long as each other."""
    for node in (spot.change.old, spot.around(spot.around(spot.change.old)) if spot.change.old else None):
        if isinstance(node, ast.Call) and called(node) == "zip" and spot.change.kind in ("keyword", "switch"):
            return True
    return False


def _keeps_a_side(spot: Spot) -> bool:
    """`keepdims` given, left out or turned."""
    old, new = spot.change.old, spot.change.new
    if isinstance(old, ast.Constant):
        return isinstance(keyword := spot.around(old), ast.keyword) and keyword.arg == "keepdims"
    if not isinstance(old, ast.Call) or not isinstance(new, ast.Call) or called(old) != called(new):
        return False
    before, after = ({ast.dump(keyword) for keyword in call.keywords} for call in (old, new))
    return bool(before ^ after) and all("'keepdims'" in keyword for keyword in before ^ after)


def _is_the_default(spot: Spot) -> bool:
    old, new = spot.change.old, spot.change.new
    if spot.change.kind != "keyword" or not isinstance(old, ast.Call) or not isinstance(new, ast.Call):
        return False
    left_out = next(keyword for keyword in old.keywords if keyword not in new.keywords)
    try:
        default = inspect.signature(_object(spot, old.func)).parameters[left_out.arg or ""].default
        return bool(default == ast.literal_eval(left_out.value))
    except (TypeError, ValueError, KeyError):
        return False


def _needs_no_frame(spot: Spot) -> bool:
    """`padding` given, left out or another, of a convolution whose kernel is one pixel."""
    layer: ast.AST | None = spot.change.old
    if isinstance(layer, ast.Constant):
        setting = spot.around(layer)
        if not isinstance(setting, ast.keyword) or setting.arg != "padding":
            return False
        layer = spot.around(setting)
    elif _without_padding(layer) != _without_padding(spot.change.new):
        return False
    if not isinstance(layer, ast.Call) or called(layer) not in CONVOLUTIONS:
        return False
    return _setting(layer, "kernel_size", place=1) in (1, (1,), (1, 1))


def _without_padding(node: ast.AST | None) -> list[str]:
    if not isinstance(node, ast.Call):
        return []
    kept = [keyword for keyword in node.keywords if keyword.arg != "padding"]
    return [ast.dump(part) for part in (node.func, *node.args, *kept)]


def _setting(layer: ast.Call, name: str, place: int) -> Any:
    """A number that a layer is made with, by its name or at its place."""
    given = [keyword.value for keyword in layer.keywords if keyword.arg == name] or layer.args[place : place + 1]
    return _number(given[0]) if given else None


def _is_a_hair(spot: Spot) -> bool:
    """`>=` for `>` beside a tolerance."""
    old = spot.change.old
    if spot.change.kind != "comparison" or not isinstance(old, ast.Compare):
        return False
    edges = [_number(side) for side in (old.left, *old.comparators)]
    return any(isinstance(edge, float) and 0 < abs(edge) < 1e-3 for edge in edges)


def _is_zero_either_way(spot: Spot) -> bool:
    """`>=` for `>` in `where(x > 0, x, 0)`, in `x * (x > 0)` and in `x[x < 0] = 0`."""
    match spot.change.old:
        case ast.Compare(left=left, ops=[ast.Gt() | ast.Lt()], comparators=[ast.Constant(value=0)]) as old:
            if spot.change.kind != "comparison" or not isinstance(spot.change.new, ast.Compare):
                return False
            if not isinstance(spot.change.new.ops[0], ast.GtE | ast.LtE):
                return False
        case _:
            return False
    outer = spot.around(old)
    match outer:
        case ast.Call(args=[_, one, other]) if called(outer) == "where":
            kept, instead = (one, other) if isinstance(old.ops[0], ast.Gt) else (other, one)
            return ast.dump(kept) == ast.dump(left) and _number(instead) == 0
        case ast.BinOp(op=ast.Mult(), left=one, right=other):
            return ast.dump(left) in (ast.dump(one), ast.dump(other))
        case ast.Subscript(ctx=ast.Store(), value=whole):
            return (
                isinstance(line := spot.around(outer), ast.Assign)
                and _number(line.value) == 0
                and ast.dump(whole) == ast.dump(left)
            )
    return False


KINDS: tuple[tuple[Callable[[Spot], bool], str], ...] = (
    (_is_the_same_axis, SAME_AXIS),
    (_is_counted_from_the_end, SAME_AXIS),
    (_is_left_open, SIZE_LEFT_OPEN),
    (_is_symmetric, SYMMETRIC),
    (_has_no_sign, SIGN_LOST),
    (_is_independent, INDEPENDENT),
    (_is_worked_out_again, AGAIN),
    (_is_a_product, PRODUCT),
    (_is_a_list, A_LIST),
    (_is_another_type, OTHER_TYPE),
    (_is_overwritten, OVERWRITTEN),
    (_adds_to_zero, FROM_ZERO),
    (_is_as_large, SAME_SHAPE),
    (_is_alias, ALIAS),
    (_is_a_guard, ONLY_A_GUARD),
    (_keeps_a_side, SIDE_OF_ONE),
    (_is_the_default, DEFAULT),
    (_needs_no_frame, ONE_PIXEL),
    (_is_a_hair, HAIR),
    (_is_zero_either_way, ZERO),
)
