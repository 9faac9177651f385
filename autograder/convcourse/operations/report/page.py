"""The report as one HTML page: the data for its template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from convcourse.grading.table import duration, remarks
from convcourse.operations.report.data import Handed, Unit, outcome
from convcourse.operations.report.findings import MUCH_BELOW, findings, shift, to_talk_to, tried
from convcourse.operations.report.first_screen import how_it_went, to_do
from convcourse.operations.report.similar import RULE, alike, as_published
from convcourse.templates import template

SIGNS = {"right": "✔", "partly": "◐", "wrong": "✘", "not done": "○", "to mark": "?"}


@dataclass(frozen=True)
class Line:
    """A student in the table of all students. Outcomes are in the order of the exercises; none if nothing is graded."""

    handed: Handed
    outcomes: tuple[str, ...]
    remarks: tuple[str, ...]


def page(unit: Unit, now: datetime) -> str:
    """The whole page."""
    found = [findings(unit, asked) for asked in unit.asked]
    late = sorted((h for h in unit.graded if h.result.seconds_late > 0), key=lambda h: -h.result.seconds_late)
    timed = sorted(((h.seconds, h.student) for h in unit.graded if h.seconds is not None), reverse=True)
    published = as_published(unit)
    return template("operations/report/report.html.jinja").render(
        unit=unit,
        now=now,
        found=found,
        how=how_it_went(unit),
        todo=to_do(unit, found),
        signs=SIGNS,
        outcomes=[words for words in SIGNS if words != "to mark" or any(one.counts[words] for one in found)],
        to_talk_to=to_talk_to(unit),
        much_below=MUCH_BELOW,
        shift=shift(unit) if any(handed.elsewhere is not None for handed in unit.graded) else None,
        tried=tried(unit),
        alike=alike(unit),
        alike_rule=RULE,
        published=sorted(published.items(), key=lambda copied: -len(copied[1])),
        late=[(handed, duration(handed.result.seconds_late)) for handed in late],
        timed=timed,
        middle_time=median(seconds for seconds, _ in timed) if timed else None,
        everybody=[_line(unit, handed) for handed in unit.handed],
        line_of={handed.student: f"s{number}" for number, handed in enumerate(unit.handed)},
    )


def _line(unit: Unit, handed: Handed) -> Line:
    outcomes = tuple(outcome(asked, handed) for asked in unit.asked) if handed.graded else ()
    return Line(handed, outcomes, tuple(remarks(handed.result)))
