"""From percent script to notebooks: the same bytes each time, and nothing of an answer in course/."""

import json
import textwrap

import nbformat
import pytest

from convcourse.authoring.notebooks.build import build, drifted, units
from convcourse.authoring.notebooks.leaks import leaks, solution_lines, told
from convcourse.authoring.notebooks.source import SourceError, body_of, solved_notebook
from convcourse.exercises import UNITS, exercises_of
from convcourse.settings import COURSE, SOLUTIONS
from tests.conftest import answer_cell

IN_WORDS = {1: "an hour", 1.5: "an hour and a half", 2: "two hours", 2.5: "two and a half hours", 3: "three hours"}
IN_WORDS |= {3.5: "three and a half hours", 4: "four hours"}
LARGEST_NOTEBOOK, LONGEST_SOURCE, LONGEST_CODE_LINE = 150_000, 600, 92


def script_of(unit):
    return SOLUTIONS / unit / f"{unit}.py"


def cells_of(folder, unit):
    return nbformat.read(folder / unit / f"{unit}.ipynb", as_version=4).cells


def test_every_unit_has_a_source_and_every_source_is_a_unit():
    assert tuple(units()) == UNITS


@pytest.mark.parametrize("unit", UNITS)
def test_committed_notebooks_are_what_their_source_builds(unit):
    assert drifted(unit) == []


@pytest.mark.parametrize("unit", UNITS)
def test_no_solution_reaches_the_students(unit):
    script = script_of(unit).read_text(encoding="utf-8")
    assert solution_lines(script)
    repairs = {exercise.name for exercise in exercises_of(unit) if exercise.given}
    assert leaks(script, (COURSE / unit / f"{unit}.ipynb").read_text(encoding="utf-8"), repairs) == []


@pytest.mark.parametrize("unit", UNITS)
def test_each_exercise_is_asked_answered_and_tested_in_order(unit):
    names = [exercise.name for exercise in exercises_of(unit)]
    cells = cells_of(COURSE, unit)
    graded = [cell.metadata.nbgrader for cell in cells if "nbgrader" in cell.metadata]
    assert [g.grade_id for g in graded if g.solution] == [f"answer_{name}" for name in names]
    assert [g.grade_id for g in graded if g.grade] == names
    for exercise in exercises_of(unit):
        answer = answer_cell(nbformat.v4.new_notebook(cells=cells), exercise.name).source
        given = body_of(exercise.given) if exercise.given else "raise NotImplementedError"
        assert answer.rstrip().endswith(textwrap.indent(given, "    "))
        assert f"def {exercise.name}(" in answer
        assert '"""' in answer
        asked = " ".join(answer.split())
        assert not exercise.forbidden or f"May not be called: {', '.join(exercise.forbidden)}." in asked
        prompts = [cell.source for cell in cells if exercise.title in cell.source and cell.cell_type == "markdown"]
        assert any(exercise.hints[2] in prompt for prompt in prompts)


@pytest.mark.parametrize("unit", UNITS)
def test_notebooks_stay_readable(unit):
    assert len(script_of(unit).read_text(encoding="utf-8").splitlines()) <= LONGEST_SOURCE
    for folder in (COURSE, SOLUTIONS):
        assert (folder / unit / f"{unit}.ipynb").stat().st_size <= LARGEST_NOTEBOOK
    for cell in cells_of(SOLUTIONS, unit):
        assert cell.get("outputs", []) == []
        if cell.cell_type == "code" and not {"nbgrader", "cellView"} & cell.metadata.keys():
            assert len(cell.source.splitlines()) <= 24, cell.source
            assert max(map(len, cell.source.splitlines()), default=0) <= LONGEST_CODE_LINE, cell.source


@pytest.mark.parametrize("unit", UNITS)
def test_the_time_of_a_unit_is_that_of_its_exercises_and_an_hour_to_read_and_look(unit):
    hours = (60 + sum(exercise.minutes for exercise in exercises_of(unit))) / 60
    assert f"**Time** about {IN_WORDS[round(2 * hours) / 2]}." in script_of(unit).read_text(encoding="utf-8")


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_ends_with_questions_and_references(unit):
    text = script_of(unit).read_text(encoding="utf-8")
    for part in ("**You will be able to**", "## Summary", "## Questions", "<summary>Key</summary>", "## References"):
        assert part in text


def test_badge_and_set_up_cell_follow_one_setting(monkeypatch):
    monkeypatch.setenv("CONVCOURSE_REPOSITORY", "someone/fork")
    cells = solved_notebook(script_of(UNITS[0])).cells
    assert f"github/someone/fork/blob/main/course/{UNITS[0]}/{UNITS[0]}.ipynb" in cells[0].source
    assert "git+https://github.com/someone/fork@main" in cells[1].source


def test_a_second_build_gives_the_same_bytes(tmp_path):
    unit = UNITS[0]
    for name in ("one", "two"):
        build(unit, tmp_path / name / "solutions", tmp_path / name / "course")
    for kind in ("solutions", "course"):
        first, second = ((tmp_path / name / kind / unit / f"{unit}.ipynb").read_bytes() for name in ("one", "two"))
        assert first == second


def test_a_leak_is_found():
    script = "def f():\n    ### BEGIN SOLUTION\n    return convolve_twice(signal)\n    ### END SOLUTION\n"
    released = json.dumps({"cells": [{"source": "Think of return convolve_twice(signal)."}]})
    assert leaks(script, released) == ["return convolve_twice(signal)"]


ANSWER = "def f(a):\n    ### BEGIN SOLUTION\n    {}\n    ### END SOLUTION\n"


@pytest.mark.parametrize(
    ("solution", "hint"),
    [
        ("return np.maximum(image, 0)", "Write `np.maximum(x, 0)`."),
        ("return np.mean(image, axis=(1, 2))", "`image.mean(axis=(1, 2))` gives it."),
        ("d = np.zeros(n)\n    d[k] = 1\n    return d", "`d = np.zeros(n)`, then `d[k] = 1`."),
        ("return np.hypot(a, b), np.arctan2(b, a)", "`np.hypot(x, y)` and `np.arctan2(y, x)`."),
    ],
)
def test_a_hint_that_is_the_whole_answer_is_found(solution, hint):
    assert told(ANSWER.format(solution), ["Think.", hint]) == hint


@pytest.mark.parametrize("hint", ["`np.maximum` compares pairs.", "The larger of the two: `np.maximum(-3, 0)`.", "`image`"])
def test_a_hint_that_gives_one_step_or_an_example_is_no_answer(hint):
    assert told(ANSWER.format("return np.maximum(image, 0)"), [hint]) is None


def test_a_script_whose_hint_is_the_answer_is_refused(tmp_path):
    script = tmp_path / "05_broken.py"
    hint = next(exercise.hints[0] for exercise in exercises_of("05_xo_toy_net") if exercise.name == "match_score")
    assert hint == "`patch * feature` gives all the products at once."
    answer = ANSWER.format("return left * right")
    script.write_text(f'# %% [markdown]\n# # Title\n\n# %% answer="match_score"\n{answer}', encoding="utf-8")
    with pytest.raises(SourceError, match="a hint of 'match_score' is the answer"):
        solved_notebook(script)


def test_a_script_that_ends_with_code_is_refused(tmp_path):
    script = tmp_path / "02_broken.py"
    script.write_text("# %% [markdown]\n# # Broken\n\n# %%\n1 + 1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="ends with code; its last cell must be text"):
        solved_notebook(script)


def test_an_unknown_exercise_is_refused_with_its_name(tmp_path):
    script = tmp_path / "02_broken.py"
    script.write_text('# %% [markdown]\n# # Title\n\n# %% test="no_such_thing"\ncheck(no_such_thing)\n', encoding="utf-8")
    with pytest.raises(SourceError, match="no_such_thing"):
        solved_notebook(script)
