"""The picture of the field: a page on which a reader compares the nets of the library by error and cost.

Its numbers are those of nets/counts.json and, for the milliseconds, of a table in docs/benchmarks.md.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from convcourse.nets.table import Row, kept_rows
from convcourse.settings import ROOT
from convcourse.templates import template

SPEEDS = "| net | input | inference, images/s |"
TEXT = """# The picture of the field

Every mark is a landmark net of this course with its published error on ImageNet. The dashed steps join the nets that no other
beats in both error and cost. Choose a cost and an error, and switch families on and off.

"""
CAUTION = """
- **Errors compare only if they were measured alike.** One crop of an image gives a larger error than the mean over ten crops,
  or than a whole image at a larger size. So the picture shows errors of one crop, unless you say otherwise. Even then the
  training differs: later nets are usually trained longer, and on more kinds of changed images.
- Parameters and multiply-adds are counted by the nets themselves, for one image of the published size.
- Milliseconds were measured once, on a CPU, for images of 96 × 96 in batches of four ([benchmarks](docs/benchmarks.md)). Nets
  that were not measured are left out.
- The year is that of the family's first publication.

## All nets
"""


def field_page() -> str:
    """The page in Markdown: the picture, what to keep in mind, and all numbers as a table."""
    rows = kept_rows()
    nets = [_point(row, measured_milliseconds()) for row in rows if row.top1 is not None or row.top5 is not None]
    data = Markup(json.dumps(nets, ensure_ascii=False).replace("<", "\\u003c"))
    picture = template("authoring/book/field.html.jinja").render(nets=data)
    head = "| net | year | M parameters | M multiply-adds | top-1 | top-5 | measured with |"
    table = "\n".join([head, "| --- | --: | --: | --: | --: | --: | --- |", *map(_line, rows)])
    return f"{TEXT}{picture}\n{CAUTION}\n{table}\n"


def measured_milliseconds() -> dict[str, float]:
    """For each net in the table of all nets in docs/benchmarks.md: milliseconds for one image."""
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    table = text[text.index(SPEEDS) :].split("\n\n", 1)[0]
    lines = [[entry.strip() for entry in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    return {name: 1000 / float(speed.replace(",", "")) for name, _, speed, *_ in lines}


def _point(row: Row, milliseconds: dict[str, float]) -> dict[str, Any]:
    return {
        "name": row.name,
        "family": row.family,
        "year": row.year,
        "parameters": row.trainable,
        "macs": row.macs,
        "milliseconds": milliseconds.get(row.name),
        "top1": row.top1,
        "top5": row.top5,
        "protocol": row.protocol,
        "one_crop": row.protocol.startswith("1 crop of"),
    }


def _line(row: Row) -> str:
    errors = (f"{error:g}" if error is not None else "–" for error in (row.top1, row.top5))
    counts = f"{row.trainable / 1e6:,.2f} | {row.macs / 1e6:,.0f}"
    return f"| {row.name} | {row.year} | {counts} | {' | '.join(errors)} | {row.protocol or '–'} |"
