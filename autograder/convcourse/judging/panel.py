"""A verdict as plain text and as an HTML panel, in the tone of a good tutor."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from convcourse.judging.compare import wrong_places
from convcourse.judging.drawing import comparison_html
from convcourse.judging.models import PackedModel, Symbolic
from convcourse.judging.verdict import Problem, Verdict

HEADLINES = {
    "passed": ("✔", "Visible checks passed", "#1b6e3c"),
    "graded": ("✔", "Passed", "#1b6e3c"),
    "wrong": ("✘", "Not right yet", "#a3261f"),
    "not done": ("○", "Not done yet", "#5a5a5a"),
}


def headline(verdict: Verdict) -> str:
    """One line: sign, exercise, state, points."""
    sign, words, _ = _headline(verdict)
    return f"{sign} {verdict.exercise.name}: {words.lower()} ({points(verdict.score)} of {_plural(verdict.exercise.max_score)})"


def _headline(verdict: Verdict) -> tuple[str, str, str]:
    return HEADLINES["graded" if verdict.status == "passed" and verdict.hidden else verdict.status]


def verdict_text(verdict: Verdict) -> str:
    """The feedback for a terminal."""
    lines = [headline(verdict), *(f"  {line}" for line in _sentences(verdict))]
    if verdict.problem:
        lines += [f"  {line}" for line in _problem_text(verdict.problem)]
    if verdict.mistake:
        lines.append(f"  Hint: {verdict.mistake.hint}")
    return "\n".join(lines)


def verdict_html(verdict: Verdict) -> str:
    """The feedback as a panel for Jupyter, Colab and nbgrader's feedback page. No script, no outside file."""
    sign, words, colour = _headline(verdict)
    body = "".join(f"<p style='margin:4px 0'>{_code(sentence)}</p>" for sentence in _sentences(verdict))
    if verdict.status == "wrong" and len(verdict.earned) > 1:
        body += _parts_html(verdict)
    if verdict.problem:
        body += _problem_html(verdict.problem, verdict.exercise.tolerance)
    if verdict.mistake:
        body += (
            "<p style='margin:8px 0 2px;padding:6px 10px;background:#fff6d9;color:#3d3000;border-radius:4px'>"
            f"<b>Hint.</b> {_code(verdict.mistake.hint)}</p>"
        )
    total = f"{points(verdict.score)} of {_plural(verdict.exercise.max_score)}"
    # Colours are fixed on purpose: the panel must be readable in the dark theme too.
    return (
        f"<div role='group' aria-label='Feedback on {escape(verdict.exercise.name)}' style='border:1px solid #d0d0d0;"
        f"border-left:6px solid {colour};border-radius:4px;padding:8px 12px;margin:4px 0;max-width:56em;"
        "background:#ffffff;color:#1f1f1f;font-family:system-ui,sans-serif;font-size:14px;line-height:1.45'>"
        f"<div style='display:flex;flex-wrap:wrap;gap:2px 14px'><b style='color:{colour}'>{sign} {words}</b>"
        f"<code style='background:none;color:#1f1f1f'>{escape(verdict.exercise.name)}</code>"
        f"<span style='margin-left:auto'>{total}</span></div>{body}</div>"
    )


def points(number: float) -> str:
    """1.0 -> "1", 0.5 -> "0.5"."""
    return f"{number:g}"


def _plural(number: float) -> str:
    return f"{points(number)} point{'' if number == 1 else 's'}"


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


def call_text(problem: Problem) -> str:
    """The call that failed, with long arguments shortened to their shape."""
    name_value = [f"{name}={_short(value)}" for name, value in problem.case.arguments.items()]
    return ", ".join(name_value)


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        if value.size > 24:
            return f"<{value.dtype} array of shape {value.shape}>"
        return np.array2string(value, separator=", ", precision=4, max_line_width=10_000).replace("\n", "")
    if isinstance(value, PackedModel):
        return "model"
    if isinstance(value, Symbolic):
        return f"keras.Input({value.shape})"
    return getattr(value, "__name__", None) or repr(value)


def _problem_text(problem: Problem) -> list[str]:
    note = f" ({problem.case.note})" if problem.case.note else ""
    lines = [f"With {call_text(problem)}{note}:", f"  {problem.message}"]
    if problem.expected is not None:
        lines += [f"  expected {_array_text(problem.expected)}", f"  got      {_array_text(problem.got)}"]
    return lines


def _array_text(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_array_text(part) for part in value) + ")"
    if isinstance(value, np.ndarray):
        return np.array2string(value, separator=", ", precision=4, threshold=60).replace("\n", "\n" + " " * 13)
    return repr(value)[:400]


def _problem_html(problem: Problem, tolerance: float) -> str:
    note = f" <span style='color:#555'>({escape(problem.case.note)})</span>" if problem.case.note else ""
    html = (
        f"<p style='margin:8px 0 2px'>With <code style='background:#f2f2f2;color:#1f1f1f;overflow-wrap:anywhere'>"
        f"{escape(call_text(problem))}</code>{note}:</p><p style='margin:2px 0 6px'><b>{_code(problem.message)}</b></p>"
    )
    if problem.expected is not None:
        for expected, got in _pairs(problem.expected, problem.got):
            html += comparison_html(expected, got, _marks(expected, got, tolerance))
    return html


def _pairs(expected: Any, got: Any) -> list[tuple[Any, Any]]:
    """Results that are tuples are shown one below the other."""
    if isinstance(expected, tuple) and isinstance(got, tuple | list) and len(got) == len(expected):
        return list(zip(expected, got, strict=True))
    return [(expected, got)]


def _marks(expected: Any, got: Any, tolerance: float) -> np.ndarray | None:
    try:
        if (
            np.shape(expected) == np.shape(got)
            and np.asarray(got).dtype.kind in "biufc"
            and np.asarray(expected).dtype.kind in "biufc"
        ):
            return wrong_places(expected, got, tolerance)
    except ValueError:  # a ragged list has no shape
        pass
    return None


def _parts_html(verdict: Verdict) -> str:
    rows = "".join(
        f"<li>{'✔' if verdict.earned[part] else '✘'} {escape(part)}: {points(verdict.earned[part])} of {points(possible)}</li>"
        for part, possible in verdict.exercise.points.items()
    )
    return f"<ul style='margin:4px 0;padding-left:18px;list-style:none'>{rows}</ul>"


def _code(text: str) -> str:
    """Escape, and set what stands between backticks as code."""
    pieces = escape(text).split("`")
    return "".join(
        f"<code style='background:#f2f2f2;color:#1f1f1f'>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces)
    )
