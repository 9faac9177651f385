"""Report what works on this machine and how to get the rest, in one line each. Only problems that stop grading are errors."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from convcourse.operations.doctor.class_folder import configuration_lines, disk_lines, gradebook_lines
from convcourse.operations.doctor.sandbox import sandbox_advice, sandbox_lines, sight_lines, warm_server_lines
from convcourse.operations.doctor.sign import BAD, GOOD, INSTALL, NOTE, Sign
from convcourse.settings import ROOT
from convcourse.texts import text_of

GRADING_NEEDS = ("nbgrader", "jupytext", "sqlalchemy", "tensorflow", "keras", "numpy", "scipy", "scikit-image")
OTHERS_THAT_MATTER = ("jupyterlab", "distributed", "psycopg")
TENSORFLOW_SECONDS = 120


def examine(root: Path) -> Iterator[Sign]:
    """Examine this machine and the class in `root` without changes."""
    checks: tuple[Callable[[], Iterator[Sign]], ...] = (
        _python,
        _packages,
        sandbox_lines,
        lambda: sight_lines(root),
        warm_server_lines,
        _accelerator,
        _workers,
        lambda: configuration_lines(root),
        lambda: gradebook_lines(root),
        lambda: disk_lines(root),
        _notebooks,
    )
    for check in checks:
        try:
            yield from check()
        except ModuleNotFoundError as error:
            advice = sandbox_advice("", "win32") if sys.platform == "win32" else INSTALL
            yield Sign(BAD, f"the package {(error.name or '').split('.')[0]} is missing; {advice}")


def _python() -> Iterator[Sign]:
    wanted = importlib.metadata.metadata("convcourse")["Requires-Python"] or ""
    version = platform.python_version()
    fits = SpecifierSet(wanted).contains(version, prereleases=True)
    advice = "" if fits else f"; the course is tried with Python {wanted}: make a .venv with one of these"
    yield Sign(GOOD if fits else NOTE, f"Python {version} on {platform.system()}{advice}")


def _packages() -> Iterator[Sign]:
    """One line for all packages with the pinned version, and one line for each other package."""
    pinned = pins(ROOT / "constraints.txt")
    as_pinned = []
    for name in (*GRADING_NEEDS, *OTHERS_THAT_MATTER):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Sign(BAD if name in GRADING_NEEDS else NOTE, f"the package {name} is missing; {INSTALL}")
            continue
        if pinned.get(name, version) == version:
            as_pinned.append(f"{name} {version}")
        else:
            yield Sign(NOTE, f"{name} {version}; the course is tried with {pinned[name]}; to get that, {INSTALL}")
    yield Sign(GOOD, f"packages {'as pinned' if pinned else 'here'}: {', '.join(as_pinned)}")


def pins(file: Path) -> dict[str, str]:
    """Package -> the version that a constraints file pins on this platform; empty if there is no such file."""
    lines = text_of(file).splitlines()
    wanted = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {one.name: str(one.specifier).removeprefix("==") for one in wanted if one.marker is None or one.marker.evaluate()}


def _accelerator() -> Iterator[Sign]:
    """The devices that TensorFlow finds. A separate process asks, because TensorFlow would keep a GPU occupied."""
    question = (
        "import tensorflow as tf\nfor d in tf.config.list_physical_devices():\n    if d.device_type != 'CPU':\n"
        "        print('device', tf.config.experimental.get_device_details(d).get('device_name', d.name))"
    )
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        asked = [sys.executable, "-c", question]
        done = subprocess.run(asked, capture_output=True, text=True, env=environment, timeout=TENSORFLOW_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        yield Sign(NOTE, f"TensorFlow was not there after {TENSORFLOW_SECONDS} s; is the disk slow, or the memory full?")
        return
    if done.returncode:
        yield Sign(BAD, f"TensorFlow cannot be imported: {done.stderr.strip().splitlines()[-1:]}; {INSTALL}")
        return
    found = [line.removeprefix("device ") for line in done.stdout.splitlines() if line.startswith("device ")]
    if found:
        yield Sign(GOOD, f"TensorFlow sees {', '.join(found)}; grading does without")
    elif shutil.which("nvidia-smi"):
        yield Sign(NOTE, "TensorFlow does not see this machine's NVIDIA GPU; to train on it: pip install 'tensorflow[and-cuda]'")
    else:
        yield Sign(GOOD, "TensorFlow works on the CPU, which is enough for the course; a GPU is free of charge in Colab")


def _workers() -> Iterator[Sign]:
    import psutil

    from convcourse.grading.machine_size import WORKER_MEMORY, cores, workers_that_fit

    workers, cores_here = workers_that_fit(), cores()
    scarce = workers < cores_here
    machine = f"{cores_here} cores, {psutil.virtual_memory().available / 2**30:.1f} GB of memory free"
    advice = f"; for one on each core free {WORKER_MEMORY / 2**30:g} GB for each" if scarce else ""
    yield Sign(NOTE if scarce else GOOD, f"{machine}: `convcourse grade` uses up to {workers} workers{advice}")


def _notebooks() -> Iterator[Sign]:
    if "COLAB_RELEASE_TAG" in os.environ:
        yield Sign(GOOD, "this is Colab: open a unit by its badge; for a GPU choose Runtime, Change runtime type")
    elif importlib.util.find_spec("jupyterlab"):
        yield Sign(
            GOOD, f"JupyterLab: jupyter lab {ROOT / 'course'}; without an installation each unit opens in Colab by its badge"
        )
    else:
        yield Sign(NOTE, f"no JupyterLab; {INSTALL}, or open the units in Colab by their badges")
