"""The same assignment for otter-grader, if it is installed: pip install otter-grader."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import nbformat
from nbformat import NotebookNode

from convcourse.exercises import exercises_of
from convcourse.grading.judge import exercise_tested_by

TEST = '''OK_FORMAT = True
test = {{
    "name": "{name}",
    "points": {points},
    "suites": [{{
        "cases": [{{"code": """
>>> from convcourse.check import exercise_for, verdict_of
>>> verdict_of({name}, exercise_for({name})).status
'passed'
""", "hidden": False, "locked": False}}],
        "scored": True, "setup": "", "teardown": "", "type": "doctest",
    }}],
}}
'''


def otter_seconds(notebooks: Mapping[str, NotebookNode], unit: str, folder: Path) -> list[float]:
    """Seconds that otter's runner takes for each notebook, without its container. Raises ImportError without otter.

    Its tests use the same cases as the student's check, inside the student's process. `folder` must be empty.
    """
    from otter.execute import grade_notebook

    tests = folder / "tests"
    tests.mkdir()
    for exercise in exercises_of(unit):
        text = TEST.format(name=exercise.name, points=exercise.max_score)
        (tests / f"{exercise.name}.py").write_text(text, encoding="utf-8")
    seconds = []
    for student, notebook in notebooks.items():
        path = folder / f"{student}.ipynb"
        nbformat.write(_without_checks(notebook), path)
        start = perf_counter()
        files = [str(test) for test in tests.iterdir()]
        results: Any = grade_notebook(str(path), tests_glob=files, cwd=str(folder), test_dir=str(tests), variables={})
        seconds.append(perf_counter() - start)
        if not 0 < results.total <= results.possible:
            raise RuntimeError(f"otter gave {student} {results.total} of {results.possible} points: not the same assignment")
    return seconds


def _without_checks(notebook: NotebookNode) -> NotebookNode:
    """Remove the checks, because otter runs each test itself once."""
    cells = [cell for cell in notebook.cells if not exercise_tested_by(cell)]
    return nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)
