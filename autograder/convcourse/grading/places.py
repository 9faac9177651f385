"""Where an answer stands that does not stand in its place: stubs that would hide it, and tests that come too early for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nbformat import NotebookNode

from convcourse.grading.cell_names import names_given, names_read
from convcourse.grading.matching import answers_wanted, is_test
from convcourse.grading.submission import grade_id


def mark_places(
    cells: Sequence[NotebookNode], release: Sequence[NotebookNode], files: Mapping[str, str], notes: list[str]
) -> None:
    """Mark in the cells' metadata what the judge does with them.

    skipped: an untouched stub behind the student's own definition, which it would hide.
    later: of a test, the index of the last cell behind it that defines what the test needs. It is judged there too.
    """
    stubs = {cell.source: answers_wanted(cell) for cell in release if answers_wanted(cell)}
    released = {cell.source for cell in release}
    code = [index for index, cell in enumerate(cells) if cell.cell_type == "code"]
    own = [index for index in code if cells[index].source not in released]
    given = {index: names_given(cells[index].source, files) for index in code if cells[index].source not in stubs}
    for index in code:
        if (hidden := stubs.get(cells[index].source)) and any(given[other] & hidden for other in own if other < index):
            mark(cells[index], skipped=True)
    for test in (index for index in code if is_test(cells[index])):
        later, words = _later(test, cells, own, given)
        if later:
            mark(cells[test], later=later)
            notes.append(f"{words}, after its test; it was judged there too")


def mark(cell: NotebookNode, **marks: object) -> None:
    """Add notes for the judge to a cell."""
    cell.metadata.setdefault("convcourse", {}).update(marks)


def _later(test: int, cells: Sequence[NotebookNode], own: Sequence[int], given: Mapping[int, frozenset[str]]) -> tuple[int, str]:
    """The last cell behind the test that counts for it, or 0; and what is defined there, in words."""
    cell = cells[test]
    asked = names_read(cell.metadata.get("convcourse", {}).get("whole", cell.source))  # with the hidden tests
    before = frozenset().union(*(names for index, names in given.items() if index < test))
    behind = [index for index in own if index > test]
    missing = _needed(asked, own, cells, given) - before
    found = [(index, name) for index in behind for name in sorted(given[index] & (missing | (asked & before)))]
    if not found:
        return 0, ""
    index, name = found[-1]
    again = " again" if name in before else ""
    who = f"`{name}`" if name in asked else f"`{name}`, which `{grade_id(cell)}` needs,"
    return index, f"{who} is defined{again} in cell {index + 1}"


def _needed(
    asked: frozenset[str], own: Sequence[int], cells: Sequence[NotebookNode], given: Mapping[int, frozenset[str]]
) -> frozenset[str]:
    """The names that a test asks for, and all that the student's definitions of them use."""
    giving: dict[str, list[int]] = {}  # a cell is read once, for the first of its names that is needed
    for index in own:
        for name in given[index]:
            giving.setdefault(name, []).append(index)
    read: set[int] = set()
    needed, waiting = set(asked), set(asked)
    while waiting:
        fresh = set(giving.get(waiting.pop(), ())) - read
        read |= fresh
        used = {used for index in fresh for used in names_read(cells[index].source)}
        waiting |= used - needed
        needed |= used
    return frozenset(needed)
