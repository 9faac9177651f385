"""The page on alike answers of a unit, reports/UNIT_alike.html."""

from __future__ import annotations

from pathlib import Path

from convcourse.errors import CourseError
from convcourse.grading.whole_files import write_whole
from convcourse.operations.report.data import read_unit
from convcourse.operations.similarity.pairs import Pair, as_published, pairs
from convcourse.templates import template
from convcourse.texts import straight

MOST_SHOWN = 50


def write_alike(root: Path, unit: str, earlier: Path | None = None) -> tuple[Path, list[Pair]]:
    """Write the page, and return its path and the pairs to ask about. earlier: the folder of an earlier class.

    Raises NotReleased, and CourseError if nobody is graded.
    """
    known, before = read_unit(root, unit), read_unit(earlier, unit) if earlier else None
    for folder, of in ((root, known), (earlier, before)):
        if of and not of.graded:
            raise CourseError(f"nobody has been graded in {unit} in {folder} yet: run `convcourse grade {unit}` first")
    every = pairs(known, before)
    telling = [pair for pair in every if pair.telling]
    page = template("operations/similarity/alike.html.jinja").render(
        unit=unit,
        earlier=earlier.name if earlier else "",
        pairs=telling[:MOST_SHOWN],
        more=len(telling) - len(telling[:MOST_SHOWN]),
        single=len(every) - len(telling),
        published=as_published(known),
        graded=len(known.graded),
    )
    path = root / "reports" / f"{unit}_alike.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, straight(page))
    return path, telling
