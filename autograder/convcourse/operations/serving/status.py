"""One page of status, reports/status.html, and the same numbers in Prometheus's text form, reports/metrics.prom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from convcourse.templates import template
from convcourse.texts import straight

if TYPE_CHECKING:
    from convcourse.operations.serving.serve import Served

METRICS = {
    "convcourse_graded": ("Submissions with a grade.", lambda served: served.graded),
    "convcourse_waiting": ("Submissions over the day's limit.", lambda served: len(served.waiting)),
    "convcourse_to_look_at": ("Files of the inbox that need somebody.", lambda served: len(served.said)),
    "convcourse_trouble": ("1 if this machine could not grade in the last round.", lambda served: int(bool(served.trouble))),
    "convcourse_last_round_seconds": ("Time of the last round, since 1970.", lambda served: int(served.at.timestamp())),
    "convcourse_feedback_seconds": (
        "Median of the seconds from collecting to feedback since the start.",
        lambda served: round(median(served.seconds), 1) if served.seconds else 0,
    ),
}


def write_status(root: Path, served: Sequence[Served]) -> None:
    """Write both files, each at once, so that nobody reads half of one."""
    page = template("operations/serving/status.html.jinja").render(served=served, median=median)
    _write(root / "reports" / "status.html", straight(page))
    lines = []
    for name, (words, number) in METRICS.items():
        lines += [f"# HELP {name} {words}", f"# TYPE {name} gauge"]
        lines += [f'{name}{{unit="{each.unit}"}} {number(each)}' for each in served]
    _write(root / "reports" / "metrics.prom", "\n".join(lines) + "\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
