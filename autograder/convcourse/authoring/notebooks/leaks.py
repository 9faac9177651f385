"""Find parts of a solution in the student's notebook."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Collection, Iterable

REGION = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)
CELL = re.compile(r"^(?=# %%)", re.MULTILINE)
ANSWER = re.compile(r'# %%.*\banswer="(\w+)"')
CODE = re.compile(r"`([^`]+)`")
# A short line such as `return z` reveals nothing. A line of this length or more is the author's own work.
SHORTEST_TELLING_LINE = 16


def solution_lines(script: str) -> list[str]:
    """The lines inside the solution and hidden-test regions of a percent script, stripped, in order."""
    return [line.strip() for region in REGION.finditer(script) for line in region.group(2).splitlines() if line.strip()]


def leaks(script: str, released: str, repairs: Collection[str] = ()) -> list[str]:
    """Long solution lines and region marks that are in a released notebook (its JSON text).

    A line that the script shows outside its regions (in a worked example) is no leak. repairs: names of exercises that give a
    broken function; what is right in it is no leak of its own answer, but may be one of another exercise's.
    """
    shown = REGION.sub("", script)
    text = "\n".join("".join(cell["source"]) for cell in json.loads(released)["cells"])
    cells = [cell for cell in CELL.split(script) if not ((name := ANSWER.match(cell)) and name[1] in repairs)]
    telling = [line for line in solution_lines("".join(cells)) if len(line) >= SHORTEST_TELLING_LINE and line not in shown]
    marks = ["### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS"]
    return [line for line in [*telling, *marks] if line in text]


def told(answer: str, hints: Iterable[str]) -> str | None:
    """The first hint whose code is the whole solution of an answer cell. None if a hint leaves something to do.

    Short solutions pass `leaks`. So this compares what the code means: other names, `x.mean()` for `np.mean(x)`, or a pair of
    results given one by one do not hide it.
    """
    region = REGION.search(answer)
    solution = _meaning(textwrap.dedent(region.group(2))) if region else None
    for hint in hints:
        spans = CODE.findall(hint)
        if solution is not None and any(_meaning(code) == solution for code in [*spans, "\n".join(spans)]):
            return hint
    return None


def _meaning(code: str) -> str | None:
    """What code computes, the same for every choice of names. None for text that is no Python, and for a bare name."""
    try:
        statements = ast.parse(code.strip()).body
    except SyntaxError:
        return None
    steps: list[ast.stmt] = []
    for line in statements:
        value = line.value if isinstance(line, ast.Return | ast.Expr) else None
        results = value.elts if isinstance(value, ast.Tuple) else [value]
        steps += [ast.Expr(result) for result in results if result] if value else [line]
    # A last line `return z` adds nothing to the lines before it.
    if steps and isinstance(steps[-1], ast.Expr) and isinstance(steps[-1].value, ast.Name):
        steps.pop()
    tree = _Methods().visit(ast.Module(steps, []))
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.setdefault(node.id, f"name{len(names)}")
    return ast.dump(tree) if steps else None


class _Methods(ast.NodeTransformer):
    """Write NumPy's functions as methods of their first argument: np.mean(x, axis=0) is x.mean(axis=0)."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Attribute(ast.Name("np"), function), [first, *others]):
                return ast.Call(ast.Attribute(first, function, ast.Load()), others, node.keywords)
        return node
