"""`ready_to_hand_in()`, the last cell of each notebook: `convcourse validate` on this very notebook, in a fresh process.

It runs only where a person has the notebook open, so a run of the notebook by a program never starts another run.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import requires
from pathlib import Path

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

from convcourse.exercises import find_exercise
from convcourse.judging.calling import is_judged

OPEN_IN = "JPY_SESSION_NAME"  # Jupyter's server gives a kernel the path of its notebook
ELSEWHERE = "Run this cell in JupyterLab or Colab. Elsewhere `convcourse validate FILE` says the same."
NEEDS = ("nbgrader", "nh3", "sqlalchemy")
DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)


def ready_to_hand_in() -> None:
    """Print what of this notebook will be graded as what. It judges by the visible cases, as `check` does: no score."""
    if is_judged() or not (shell := get_ipython()):
        return
    if "google.colab" in sys.modules:
        with _as_colab_shows_it() as shown:
            _validate(shown, _packages_for_grading())
    elif saved := _saved(shell):
        print(f"This is the file as it was saved at {datetime.fromtimestamp(saved.stat().st_mtime):%H:%M:%S}.")
        for name in _unsaved(shell, saved):
            print(f"{name}: what you ran last is not in this file. Save the notebook, and run this cell again.")
        _validate(saved, "")
    else:
        print(ELSEWHERE)


def _saved(shell: InteractiveShell) -> Path | None:
    """The file of the notebook that a person has open in Jupyter or VS Code; None if nobody has."""
    said = os.environ.get(OPEN_IN) or shell.user_ns.get("__vsc_ipynb_file__")
    file = Path(str(said)) if said else None
    return file if file and file.is_file() else None


def _unsaved(shell: InteractiveShell, file: Path) -> list[str]:
    """The exercises whose answer that was run last is not in the file."""
    cells = json.loads(file.read_text(encoding="utf-8")).get("cells", [])
    kept = {"".join(cell["source"]).strip() for cell in cells}
    ran = shell.history_manager.input_hist_raw if shell.history_manager else []
    last = {name: source.strip() for source in ran for name in DEFINED.findall(source)}
    return [name for name, source in last.items() if source not in kept and find_exercise(name)]


@contextmanager
def _as_colab_shows_it() -> Iterator[Path]:
    """A file with the notebook as it is on the screen, beside the student's other files."""
    from google.colab import _message  # it has no public name; graders for Colab use it

    notebook = _message.blocking_request("get_ipynb", request="", timeout_sec=60)["ipynb"]
    file = Path("this notebook.ipynb")
    file.write_text(json.dumps(notebook), encoding="utf-8")
    try:
        yield file
    finally:
        file.unlink()


def _packages_for_grading() -> str:
    """The folder of the packages that grading needs and Colab has not. What is installed there stays as it is."""
    if all(map(importlib.util.find_spec, NEEDS)):
        return ""
    folder = Path(tempfile.gettempdir(), "convcourse_grading")
    if not folder.is_dir():
        print("Fetching the grader's packages, which takes a minute the first time …", flush=True)
        wanted = [line.partition(";")[0] for line in requires("convcourse") or () if line.startswith(NEEDS)]
        part = folder.with_name("convcourse_grading_part")  # what was cut short must not pass for whole
        command = [sys.executable, "-m", "pip", "install", "-q", "--upgrade", "--target", str(part), *wanted]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
        if done.returncode:  # without it pip complains of much that does not matter here
            raise RuntimeError(f"the grader's packages could not be fetched: {done.stderr.strip()}")
        part.rename(folder)
    return str(folder)


def _validate(file: Path, packages: str) -> None:
    print("Running it from the top in a fresh process …", flush=True)
    environment = {name: value for name, value in os.environ.items() if name != OPEN_IN}
    environment["PYTHONIOENCODING"] = "utf-8"
    if packages:
        environment["PYTHONPATH"] = os.pathsep.join([packages, *filter(None, [environment.get("PYTHONPATH")])])
    command = [sys.executable, "-W", "ignore", "-m", "convcourse", "validate", str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", errors="replace")
    print(done.stdout or done.stderr)
