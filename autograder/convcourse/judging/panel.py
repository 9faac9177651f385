"""A verdict as plain text and as an HTML panel, in the tone of a good tutor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convcourse.judging.as_numbers import as_numbers
from convcourse.judging.compare import result_name, wrong_places
from convcourse.judging.drawing import Column, Comparison, comparison, unfolded
from convcourse.judging.exercise import Arguments, Exercise
from convcourse.judging.models import PackedModel, Symbolic
from convcourse.judging.verdict import Problem, Verdict
from convcourse.templates import template
from convcourse.texts import many

HEADLINES = {
    "passed": ("✔", "Visible checks passed", "#1b6e3c"),
    "graded": ("✔", "Passed", "#1b6e3c"),
    "wrong": ("✘", "Not right yet", "#a3261f"),
    "not done": ("○", "Not done yet", "#5a5a5a"),
}


LONGEST_IN_CALL = 24  # numbers of an input


def headline(verdict: Verdict) -> str:
    """One line: sign, exercise, state, points."""
    sign, words, _ = _headline(verdict)
    return f"{sign} {verdict.exercise.name}: {words.lower()} ({_points(verdict)})"


def _headline(verdict: Verdict) -> tuple[str, str, str]:
    return HEADLINES["graded" if verdict.status == "passed" and verdict.hidden else verdict.status]


def verdict_text(verdict: Verdict) -> str:
    """The feedback for a terminal."""
    lines = [headline(verdict), *(f"  {line}" for line in _sentences(verdict))]
    if verdict.problem:
        lines += [f"  {line}" for line in _problem_text(verdict.problem)]
    if label := _label(verdict):
        lines.append(f"  {label}: {_told(verdict)}")
    return "\n".join(lines)


def verdict_html(verdict: Verdict) -> str:
    """The feedback as a panel for Jupyter, Colab and nbgrader's feedback page. No script, no outside file."""
    sign, words, colour = _headline(verdict)
    return template("judging/panel.html.jinja").render(
        exercise=verdict.exercise,
        sign=sign,
        words=words,
        colour=colour,
        points=_points(verdict),
        sentences=_sentences(verdict),
        parts=verdict.earned if verdict.status == "wrong" and len(verdict.earned) > 1 else {},
        problem=verdict.problem,
        call=inputs_text(verdict.problem.case.arguments) if verdict.problem else "",
        number=verdict.failing[0] + 1 if verdict.problem else 0,
        large=_large(verdict.problem) if verdict.problem else [],
        comparisons=_comparisons(verdict.problem, verdict.exercise) if verdict.problem else [],
        label=_label(verdict),
        told=_told(verdict),
    )


LABELS = {"named": "Hint", "located": "Where to look", "related": "What differs", "pattern": "Which cases fail"}


def _label(verdict: Verdict) -> str:
    return LABELS.get(verdict.help, "")


def _told(verdict: Verdict) -> str:
    return verdict.mistake.hint if verdict.mistake else verdict.statement


def _points(verdict: Verdict) -> str:
    return f"{verdict.score:g} of {many(verdict.exercise.max_score, 'point')}"


def _sentences(verdict: Verdict) -> list[str]:
    if verdict.status == "not done":
        stub = "The function still says NotImplementedError. Write it in the cell above, run that cell, then this one."
        return [verdict.remark or stub]
    if verdict.status == "passed":
        return [f"All {verdict.tried} cases came out right{', the hidden ones too' if verdict.hidden else ''}."]
    sentences = [verdict.remark] if verdict.remark else []
    if verdict.failed and verdict.failed == verdict.tried:
        sentences.append(f"None of the {verdict.tried} cases came out right.")
    elif verdict.failed:
        sentences.append(f"{verdict.failed} of {verdict.tried} cases did not come out right.")
    if verdict.leans_on:
        sentences.append(f"It calls `{'` and `'.join(verdict.leans_on)}`, which is not right yet: begin there.")
    if verdict.failed and not verdict.problem:
        sentences.append("The visible examples pass, but fresh cases with other sizes and numbers do not.")
    return sentences


def inputs_text(arguments: Arguments) -> str:
    """What a function was called with; large arrays are shortened to their shape."""
    return ", ".join(f"{name}={_short(value)}" for name, value in arguments.items())


def _large(problem: Problem) -> list[Column]:
    """The inputs that the call shows as a shape only."""
    arrays = ((name, value) for name, value in problem.case.arguments.items() if isinstance(value, np.ndarray))
    return [unfolded(name, array) for name, array in arrays if array.size > LONGEST_IN_CALL]


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        if value.size > LONGEST_IN_CALL:
            return f"<{value.dtype} array of shape {value.shape}>"
        return np.array2string(value, separator=", ", precision=4, max_line_width=10_000).replace("\n", "")
    if isinstance(value, PackedModel):
        return "model"
    if isinstance(value, Symbolic):
        return f"keras.Input({value.shape})"
    if isinstance(value, list | tuple) and any(isinstance(item, np.ndarray | list | tuple) for item in value):
        items = ", ".join(map(_short, value))
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    return getattr(value, "__name__", None) or repr(value)


def _problem_text(problem: Problem) -> list[str]:
    note = f" ({problem.case.note})" if problem.case.note else ""
    lines = [f"With {inputs_text(problem.case.arguments)}{note}:", f"  {problem.message}"]
    if problem.expected is not None:
        lines += [f"  expected {_array_text(problem.expected)}", f"  got      {_array_text(problem.got)}"]
    return lines


def _array_text(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_array_text(part) for part in value) + ")"
    if isinstance(value, list) and (numbers := _as_array(value)) is not None:
        value = numbers
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return np.array2string(value, separator=", ", precision=4, threshold=60).replace("\n", "\n" + " " * 13)
    return repr(value)[:400]


def _comparisons(problem: Problem, exercise: Exercise) -> list[Comparison]:
    """Results that are tuples are shown one below the other, with their names."""
    expected, got = problem.expected, problem.got
    if expected is None:
        return []
    if not isinstance(expected, tuple) or not isinstance(got, tuple | list) or len(got) != len(expected):
        return [_compared(expected, got, exercise)]
    names = [result_name(number, len(expected), exercise.results) for number in range(len(expected))]
    shown = (_compared(*pair, exercise) for pair in zip(expected, got, strict=True))
    return [replace(one, result=name) for one, name in zip(shown, names, strict=True)]


def _compared(expected: Any, got: Any, exercise: Exercise) -> Comparison:
    return comparison(expected, got, _marks(expected, got, exercise.tolerance))


def _marks(expected: Any, got: Any, tolerance: float) -> np.ndarray | None:
    right, mine = _as_array(expected), _as_array(got)
    if right is None or mine is None or right.shape != mine.shape:
        return None
    return wrong_places(right, mine, tolerance)


def _as_array(value: Any) -> np.ndarray | None:
    try:
        return as_numbers(value)
    except ValueError:  # a ragged list has no shape
        return None
