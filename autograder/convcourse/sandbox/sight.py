"""What student code may see: the parts of the system and of Python that it needs, and never the class's folder."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from convcourse.errors import MachineTrouble

PACKAGE = Path(__file__).resolve().parents[1]
# Not all of /usr, and nothing of /opt: a class may lie in /usr/local, /opt or /srv.
SYSTEM = tuple(
    Path(place)
    for place in (
        *("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec"),
        *("/usr/share/fonts", "/usr/share/mime", "/usr/share/zoneinfo", "/lib", "/lib32", "/lib64", "/bin", "/sbin"),
        *("/etc/alternatives", "/etc/fonts", "/etc/group", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"),
        *("/etc/localtime", "/etc/passwd", "/etc/ssl"),
    )
)
# What Python needs of the folder in which it, or a virtual environment, is installed.
OF_PYTHON = ("bin", "lib", "lib64", "pyvenv.cfg")
# Parts of the package with oracles, solutions, or grading code.
HIDDEN = ("exercises", "nets", "authoring", "grading", "operations")
WITH_SOLUTIONS = PACKAGE.parent / "convcourse_instructor"  # another distribution beside the package
# `convcourse.check` imports these. They contain no oracle.
SHOWN = ("exercises/__init__.py", "exercises/own.py")


class InSight(MachineTrouble):
    """Student code could read the class's folder."""


def needed_places() -> tuple[Path, ...]:
    """The places of Python, the installed packages and the course's data, outside of SYSTEM; none lies in another."""
    found = {prefix / part for prefix in (Path(sys.prefix), Path(sys.base_prefix)) for part in OF_PYTHON}
    found |= {Path(p) for p in sys.path if p.endswith(("site-packages", "dist-packages"))}
    found |= {Path(sys.executable).resolve().parent, PACKAGE, PACKAGE.parent.parent / "data", *_loaded()}
    places = sorted((p for p in found if p.exists() and not _holder(p, SYSTEM)), key=lambda p: len(p.parts))
    return tuple(p for number, p in enumerate(places) if not _holder(p, places[:number]))


def refuse_in_sight(root: Path) -> None:
    """Raises InSight if student code could read the class's folder, or a folder that it links to."""
    links = [path for path in root.glob("*") if path.is_symlink()]
    for path in (root, *links):
        if holder := _holder(path.resolve(), [place.resolve() for place in (*SYSTEM, *needed_places())]):
            raise InSight(f"{path} lies in {holder}, which student code can read: move the class to another folder")


def _loaded() -> set[Path]:
    """The folders of the libraries that this process uses: Python on a cluster is often linked to libraries elsewhere."""
    mapped = Path("/proc/self/maps")
    lines = mapped.read_text(encoding="utf-8", errors="replace").splitlines() if mapped.exists() else []
    return {Path(line.split(maxsplit=5)[5]).parent for line in lines if ".so" in line and line.count("/") > 1}


def _holder(path: Path, places: Iterable[Path]) -> Path | None:
    """The first of the places that is, or contains, the path."""
    return next((place for place in places if path.is_relative_to(place)), None)
