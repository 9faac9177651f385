"""Which modules of the package stand behind a module: those that it imports, directly or not."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def modules_behind(names: list[str]) -> set[Path]:
    """The files of these modules of the package, and of all that they import; imports inside functions count too."""
    found: set[Path] = set()
    waiting = list(names)
    while waiting:
        path = _file_of(waiting.pop())
        if path is not None and path not in found:
            found.add(path)
            waiting += imported_names(path.read_text(encoding="utf-8"))
    return found


def imported_names(source: str) -> list[str]:
    """What the source imports from the package: modules, the packages that they lie in, and names that may be modules."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    ours = (name.split(".") for name in names if name.partition(".")[0] == PACKAGE.name)
    return [".".join(parts[:length]) for parts in ours for length in range(1, len(parts) + 1)]


def _file_of(name: str) -> Path | None:
    place = PACKAGE.parent.joinpath(*name.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)
