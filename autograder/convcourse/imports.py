"""Find the modules that a module imports, directly or indirectly, and compute a hash of their sources."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def sources_behind(names: list[str], by_import: tuple[str, ...], without: tuple[str, ...]) -> list[Path]:
    """The sources (modules and templates) on which these modules of the package may depend.

    In the folders `by_import`, only the imported sources; elsewhere all sources except paths that begin with one of `without`.
    """
    used, found = modules_behind(names), []
    for path in sorted(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".jinja")):
        place = path.relative_to(PACKAGE)
        if not place.as_posix().startswith(without) and (place.parts[0] not in by_import or path in used):
            found.append(path)
    return found


def digest_of(paths: Iterable[Path], root: Path) -> str:
    """A hash of files: their contents, and their paths in `root`."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def modules_behind(names: list[str]) -> set[Path]:
    """The files of these modules of the package and of all their imports. Imports inside functions count too."""
    found: set[Path] = set()
    waiting = list(names)
    while waiting:
        path = _file_of(waiting.pop())
        if path is not None and path not in found:
            found.add(path)
            waiting += imported_names(path.read_text(encoding="utf-8"))
    return found


@cache  # 28 units rest on much the same modules
def imported_names(source: str) -> list[str]:
    """The source's imports from the package: modules, their packages, and names that may be modules."""
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
