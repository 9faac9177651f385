"""What students' notebooks do on other machines and no room can: install packages, mount a drive, choose a window system,
try a case of the panel.

It has no effect here, and must not stop the cell in which it stands.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

INSTALLERS = ("pip", "conda", "mamba", "micromamba", "uv")
INSTALLS = re.compile(r"\s*(sudo\s+)?(python[\d.]*\s+-m\s+)?(pip[\d.]*|conda|mamba|micromamba|uv|apt|apt-get|brew)\s")
NO_INSTALL = "While a submission is graded, nothing is installed. What the course needs is there."


def accept_habits(shell: InteractiveShell) -> None:
    """Let cells go on behind such lines, and let them import the `.py` files that they write."""
    magics: dict[str, Callable[[str], None]] = dict.fromkeys(INSTALLERS, lambda _line: print(NO_INSTALL))
    magics["matplotlib"] = lambda _line: None  # pictures are not shown at grading
    for name, nothing in magics.items():
        shell.register_magic_function(nothing, "line", name)  # type: ignore[arg-type]
    run_command = shell.system
    shell.system = lambda line: print(NO_INSTALL) if INSTALLS.match(line) else run_command(line)  # type: ignore[method-assign]
    sys.meta_path.append(_Colab())
    shell.ast_transformers.append(_WithoutExamples(shell.user_ns))
    if "" not in sys.path:
        sys.path.insert(0, "")


def put_beside(files: Mapping[str, str]) -> None:
    """Write the `.py` files that were handed in beside the notebook (module -> source) where the notebook can import them."""
    for module, source in files.items():
        Path(f"{module}.py").write_text(source, encoding="utf-8")


class _WithoutExamples(ast.NodeTransformer):
    """Leaves out the lines of a cell that try a case of the panel: `example` gives none in a room, where no exercise is."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.namespace = namespace

    def visit_Module(self, tree: ast.Module) -> ast.Module:
        ours = ("convcourse.check", "example")
        imported = {(node.module, alias.name) for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
        kept = self.namespace.get("example")
        if ours in imported or (getattr(kept, "__module__", ""), getattr(kept, "__name__", "")) == ours:
            missing = {"example"}
            tree.body = [statement for statement in tree.body if not _needs(statement, missing)]
        return tree


def _needs(statement: ast.stmt, missing: set[str]) -> bool:
    """Does a statement that defines no function use one of the missing names? What it assigns is missing then too."""
    nodes = list(ast.walk(statement))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    defines = any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in nodes)
    if defines or not any(node.id in missing for node in names):
        return False
    missing.update(node.id for node in names if isinstance(node.ctx, ast.Store))
    return True


class _Colab:
    """Finds `google.colab` and all of its parts, in which everything may be called and does nothing."""

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None) -> ModuleSpec | None:
        ours = name == "google.colab" or name.startswith("google.colab.")
        return spec_from_loader(name, self, is_package=True) if ours else None  # type: ignore[arg-type]

    def create_module(self, _spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__getattr__ = _part  # type: ignore[method-assign]


def _part(name: str) -> _Nothing:
    if name.startswith("__"):
        raise AttributeError(name)
    return _Nothing()


class _Nothing:
    def __call__(self, *_: Any, **__: Any) -> None:
        return None

    def __getattr__(self, name: str) -> _Nothing:
        return _part(name)
