"""Copy code of the library `convcourse.nets` into a lesson, so that every net is written only once.

Lines of a percent script:

    ### BODY resnet.basic_block      becomes the function's body (for solution regions)
    ### SHOW resnet.TABLE            becomes the whole definition, of a function or a constant
"""

from __future__ import annotations

import ast
import re
import textwrap

from convcourse.errors import CourseError
from convcourse.imports import PACKAGE
from convcourse.texts import text_of

NETS = PACKAGE / "nets"
LINE = re.compile(r"^( *)### (BODY|SHOW) (\w+)\.(\w+)$", re.MULTILINE)


def expanded(script: str) -> str:
    """The text of a percent script, in which the library's code replaces the lines that name it.

    Raises CourseError if the library has no such name.
    """
    return LINE.sub(lambda line: textwrap.indent(_code(*line.group(2, 3, 4)), line.group(1)), script)


def _code(what: str, module: str, name: str) -> str:
    path = NETS / f"{module}.py"
    lines = text_of(path).splitlines()
    for node in ast.parse("\n".join(lines)).body:
        if name not in _names(node):
            continue
        first = node.lineno
        if what == "BODY" and isinstance(node, ast.FunctionDef):
            first = node.body[1 if ast.get_docstring(node) else 0].lineno
        return textwrap.dedent("\n".join(lines[first - 1 : node.end_lineno]))
    raise CourseError(f"convcourse.nets has no {module}.{name}")


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
