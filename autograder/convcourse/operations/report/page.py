"""The report as one HTML page: no script, nothing from outside; whatever a student wrote is text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from statistics import mean, median

from convcourse.operations.report.data import Unit
from convcourse.operations.report.findings import OTHERS, Findings, findings, to_talk_to, tried
from convcourse.operations.report.html import STYLE, anchor, histogram, in_words, many, marked, who
from convcourse.operations.report.sections import (
    alike_section,
    everybody_section,
    exercise_section,
    exercises_section,
    late_section,
    students_section,
    time_section,
    tried_section,
)
from convcourse.operations.report.similar import alike


def page(unit: Unit, now: datetime) -> str:
    """The whole page."""
    found = [findings(unit, asked) for asked in unit.asked]
    state = f"{len(unit.handed)} in the class, {len(unit.graded)} graded, {unit.max_score:g} points to be had"
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        "<meta name='viewport' content='width=device-width, initial-scale=1'><meta name='color-scheme' content='light dark'>"
        f"<title>{escape(unit.name)}: report</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(unit.name)}</h1><p class='quiet'>{state}. Written {now:%Y-%m-%d %H:%M} UTC.</p>"
        f"<div class='first'>{_how_it_went(unit)}{_what_to_do(unit, found)}</div>"
        f"{exercises_section(unit, found)}{students_section(unit)}{tried_section(unit)}{alike_section(unit)}{late_section(unit)}"
        f"<h2 id='mistakes'>What went wrong, exercise by exercise</h2>{''.join(exercise_section(unit, one) for one in found)}"
        f"{everybody_section(unit)}{time_section(unit)}</main></body></html>\n"
    )


def _how_it_went(unit: Unit) -> str:
    points = [handed.points for handed in unit.graded]
    if not points or not unit.max_score:
        return "<section><h2>How it went</h2><p>There are no points yet.</p></section>"
    full, half = sum(p >= unit.max_score for p in points), sum(p < unit.max_score / 2 for p in points)
    return (
        f"<section><h2>How it went</h2><p><span class='big'>{median(points):g}</span> of {unit.max_score:g} points is the middle "
        f"result; the mean is {mean(points):.3g}. {full} of {len(points)} have all points, {half} have fewer than half.</p>"
        f"{histogram(points, unit.max_score)}</section>"
    )


def _what_to_do(unit: Unit, found: list[Findings]) -> str:
    lines = [*_of_state(unit), *_of_class(unit, found)]
    items = "".join(f"<li>{line}</li>" for line in lines) or "<li>Nothing: everybody is graded, and nothing stands out.</li>"
    return f"<section><h2>What to do</h2><ol>{items}</ol></section>"


def _of_state(unit: Unit) -> Iterable[str]:
    """What has to be done before the grades are whole."""
    command = f"<code>convcourse grade {escape(unit.name)}</code>"
    ungraded = [handed.student for handed in unit.handed if handed.changed or handed.result.state == "not graded"]
    for words, those in (
        (f"<b>Run {command}</b>: handed in since the last grading", ungraded),
        (f"<b>Grade again</b> ({command}), grading failed", _in_state(unit, "failed")),
        ("<b>Ask for a new copy</b>, the file cannot be read", _in_state(unit, "unreadable")),
        ("<b>Nothing handed in</b>", _in_state(unit, "missing")),
    ):
        if those:
            yield f"{words}: {who(unit, those)}."
    if waiting := [handed for handed in unit.graded if handed.waiting]:
        answers = sum(len(handed.waiting) for handed in waiting)
        names = who(unit, [handed.student for handed in waiting])
        yield f"<b>Give points by hand</b>, or confirm them, in the Formgrader: {many(answers, 'answer')} of {names}."


def _in_state(unit: Unit, state: str) -> list[str]:
    return [handed.student for handed in unit.handed if handed.result.state == state]


def _of_class(unit: Unit, found: list[Findings]) -> Iterable[str]:
    if those := [handed.student for handed, _ in tried(unit)]:
        yield f"<b>Look at <a href='#tried'>what was tried</a></b> by {who(unit, those)}. It earned nothing by itself."
    if groups := [group for group in alike(unit) if group.telling]:
        names = "; ".join(who(unit, group.students) for group in groups[:4])
        yield f"<b>Ask about <a href='#alike'>equal answers</a></b>: {names}{' and others' if len(groups) > 4 else ''}."
    stuck = [handed.student for handed, _ in to_talk_to(unit) if handed.graded]
    if stuck:
        yield f"<b><a href='#students'>Talk to</a></b> {who(unit, stuck)}: stuck, or much below their other units."
    hard = min(found, key=lambda one: one.counts["right"], default=None)
    if hard and unit.graded and hard.counts["right"] < len(unit.graded):
        share = f"{hard.counts['right']} of {len(unit.graded)} have it right"
        yield f"<b>In class: <a href='#{anchor(hard)}'>{marked(hard.asked.title)}</a></b> was the hardest, {share}."
    slips = [(one, slip) for one in found for slip in one.slips if slip.name not in OTHERS and len(slip.students) > 1]
    one, slip = max(slips, key=lambda pair: len(pair[1].students), default=(None, None))
    if one and slip:
        words = f"{in_words(slip.name)} in {marked(one.asked.title)}, {many(len(slip.students), 'student')}"
        yield f"<b>The commonest mistake:</b> <a href='#{anchor(one)}'>{words}</a>. {marked(slip.hint)}"
