"""A stand-in for Google Colab: its packages without ours, its kernel, and its way of saving a notebook."""

from __future__ import annotations

import importlib.metadata
import os
import re
import secrets
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from packaging.requirements import Requirement

from convcourse.settings import ROOT, branch, repository

# Of what Colab brings, the packages that the course needs, and pip. nbgrader and jupytext are not there.
BRINGS = ("cloudpickle", "ipykernel", "ipywidgets", "jinja2", "keras", "matplotlib", "numpy", "pandas", "pip", "rich")
BRINGS += ("scikit-image", "scikit-learn", "scipy", "tensorflow", "typer")


# Colab's page answers with the notebook as it is on the screen.
ASKED_FOR_THE_NOTEBOOK = """
import json, os, pathlib

def blocking_request(request_type, request="", timeout_sec=5):
    assert request_type == "get_ipynb"
    return {"ipynb": json.loads(pathlib.Path(os.environ["ON_THE_SCREEN"]).read_text())}
"""


class Colab:
    """A Python of its own in `folder`. Its packages are links to the files of the tests' environment, but never convcourse."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True)
        self.python = folder / "bin" / "python"
        packages = next(folder.glob("lib/python*/site-packages"))
        for name in _with_what_they_need(BRINGS):
            _link(importlib.metadata.distribution(name), packages)
        (packages / "google" / "colab").mkdir(parents=True)
        (packages / "google" / "colab" / "__init__.py").touch()
        (packages / "google" / "colab" / "_message.py").write_text(ASKED_FOR_THE_NOTEBOOK)

    def packages(self) -> list[str]:
        """What `pip freeze` says."""
        return self._pip("freeze", "--all").splitlines()

    def run(self, notebook: NotebookNode, folder: Path, environment: dict[str, str]) -> NotebookNode:
        """The notebook as it stands after *Run all*, in a kernel that has imported google.colab as Colab's has."""
        client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}}, timeout=120)
        client.create_kernel_manager()
        client.km.kernel_spec.argv = [
            str(self.python),
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
            "--IPKernelApp.exec_lines=import google.colab",
        ]
        plain = {"PATH": f"{self.python.parent}:{os.environ['PATH']}", "HOME": str(folder), "MPLBACKEND": _INLINE}
        done: NotebookNode = client.execute(env={**os.environ, **plain, **environment})
        return done

    def fetched_packages(self, folder: Path, names: tuple[str, ...]) -> None:
        """Put into `folder` what `pip install --target` would have fetched."""
        folder.mkdir(parents=True)
        for name in _with_what_they_need(names):
            _link(importlib.metadata.distribution(name), folder)

    def _pip(self, *words: str) -> str:
        command = [self.python, "-m", "pip", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


_INLINE = "module://matplotlib_inline.backend_inline"


def _with_what_they_need(names: tuple[str, ...]) -> set[str]:
    """Canonical names of the packages and of all that they require here."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


def _link(distribution: importlib.metadata.Distribution, packages: Path) -> None:
    """Link what a package has put into site-packages. Folders that several share are made, and what is in them linked."""
    here = Path(str(distribution.locate_file("")))
    for file in distribution.files or []:
        if ".." in file.parts or "__pycache__" in file.parts[:1]:
            continue
        depth = 2 if file.parts[0] == "google" else 1
        target, link = here.joinpath(*file.parts[:depth]), packages.joinpath(*file.parts[:depth])
        if target.exists() and not link.exists():
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(target)


def project_as_repository(folder: Path) -> dict[str, str]:
    """A git repository of the project as it stands here; the environment in which its address on GitHub leads there."""
    mirror = folder / "mirror.git"
    _git("init", "--quiet", "--bare", f"--initial-branch={branch()}", mirror)
    inside = ("--git-dir", mirror, "--work-tree", ROOT)
    _git(*inside, "add", "--all", ".")
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    _git(*inside, *author, "commit", "--quiet", "--message", "The project as it stands")
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{mirror}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{repository()}",
    }


def _git(*words: str | Path) -> None:
    subprocess.run(["git", *words], check=True, cwd=ROOT, capture_output=True)


def saved_by_colab(notebook: NotebookNode, keeps_nbgrader: bool) -> str:
    """The notebook's text as Colab saves it.

    nbformat 4.0: a cell's id stands in its metadata, beside who ran it and when.

    keeps_nbgrader: nbgrader's metadata are sometimes lost on the way; here they stay, or all are gone.
    """
    copy: NotebookNode = nbformat.from_dict(notebook)
    copy.nbformat_minor = 0
    copy.metadata = nbformat.from_dict(
        {
            "colab": {"provenance": [], "toc_visible": True, "authorship_tag": "ABX9TyN" + secrets.token_urlsafe(12)},
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in copy.cells:
        del cell["id"]
        cell.metadata.pop("execution", None)
        if not keeps_nbgrader:
            cell.metadata = NotebookNode()
        cell.metadata["id"] = secrets.token_urlsafe(9)
        if cell.cell_type == "code" and cell.outputs:
            cell.metadata |= {"outputId": secrets.token_hex(4), "colab": {"base_uri": "https://localhost:8080/", "height": 71}}
            cell.metadata["executionInfo"] = {
                "status": "ok",
                "timestamp": 1790000000000,
                "user_tz": -120,
                "elapsed": 312,
                "user": {"displayName": "Ada Example", "userId": "01234567890123456789"},
            }
    return str(nbformat.writes(copy))


def html_outputs(cell: NotebookNode) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if "text/html" in output.get("data", {}):
            yield str(output.data["text/html"])
