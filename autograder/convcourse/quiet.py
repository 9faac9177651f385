"""Import a large library quietly and quickly."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType


@contextmanager
def quietly() -> Iterator[None]:
    """Hide the stderr output of a library's C++ part from the notebook during its import.

    The garbage collector is off during the import. Later it always skips the imported objects, because about a million stay.
    TensorFlow's import takes a fifth less, and building large nets an eighth.
    """
    from convcourse.spare import set_aside  # it imports NumPy, and the command line imports this module

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    collecting = gc.isenabled()
    gc.disable()
    try:
        with _stderr_hidden():
            yield
    finally:
        if collecting:
            gc.enable()
        gc.freeze()
        set_aside()


def hush_tensorflow() -> None:
    """Hide what TensorFlow's C++ part writes at its import and about the devices, whichever module imports it first."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _Hushed())


class _Hushed:
    """Finds TensorFlow, once, with a loader that hides stderr."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec and spec.loader:
            load = spec.loader.exec_module

            def load_hushed(module: ModuleType) -> None:
                with _stderr_hidden():
                    load(module)
                    module.config.list_physical_devices()  # else the first operation looks for them, and complains

            spec.loader.exec_module = load_hushed  # type: ignore[method-assign]
        return spec


@contextmanager
def _stderr_hidden() -> Iterator[None]:
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
