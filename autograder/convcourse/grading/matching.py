"""Find the released cell that each submitted cell was, after any damage to cells, ids and metadata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from convcourse.grading.cell_names import names_given, names_read
from convcourse.grading.submission import grade_id

Sign = Callable[[NotebookNode], Any]


def match(
    submitted: list[NotebookNode], release: list[NotebookNode], files: Mapping[str, str], notes: list[str]
) -> dict[int, int]:
    """id(submitted cell) -> index of the released cell. files: module -> source of the student's own `.py` files.

    The most certain signs are tried first: a grade id that stands once, the cell's id, the unchanged source, the names that
    the cell gives. A second copy of an answer is no match: it stays a cell of the student, and the last one counts.
    """
    wanted = {index: answers_wanted(cell) for index, cell in enumerate(release) if answers_wanted(cell)}
    everything = frozenset().union(*wanted.values())
    ids = Counter(map(grade_id, submitted))

    def single_id(cell: NotebookNode) -> str:
        return grade_id(cell) if ids[grade_id(cell)] == 1 else ""

    def answers(cell: NotebookNode) -> frozenset[str]:
        return names_given(cell.source, files) & everything

    def contradicted(cell: NotebookNode, index: int) -> bool:
        """Does this cell answer other exercises, and not the one whose id it has?"""
        return index in wanted and bool(answers(cell)) and not answers(cell) & wanted[index]

    matches: dict[int, int] = {}
    taken: set[int] = set()

    def by(sign: Sign) -> None:
        places: dict[Any, int] = {}
        for index, original in enumerate(release):
            if (key := sign(original)) and index not in taken:
                places.setdefault(key, index)
        for cell in submitted:
            place = places.get(sign(cell)) if id(cell) not in matches else None
            if place is None or contradicted(cell, place):
                continue
            if place not in taken:
                matches[id(cell)] = place
                taken.add(place)
            elif is_test(release[place]):
                notes.append(f"the test cell '{grade_id(release[place])}' stands more than once; it is judged once")
                if cell.source.strip() == release[place].source.strip():
                    matches[id(cell)] = place

    by(single_id)
    by(lambda cell: cell.get("id"))
    by(lambda cell: (cell.cell_type, cell.source.strip()))
    # Cells that answer one exercise choose first, so that a cell with all answers does not take their places.
    for cell in sorted(submitted, key=lambda cell: (cell.cell_type != "code", len(answers(cell)))):
        place = next((index for index in wanted if index not in taken and answers(cell) & wanted[index]), None)
        if place is not None and id(cell) not in matches:
            matches[id(cell)] = place
            taken.add(place)
    by(grade_id)
    for cell in list(_better_where_they_stand(submitted, release, matches, files)):
        del matches[id(cell)]
    return matches


def answers_wanted(cell: NotebookNode) -> frozenset[str]:
    """The names that a released answer cell asks for: the exercise, or all names of a cell that has no exercise's id."""
    if cell.cell_type != "code" or not is_solution(cell):
        return frozenset()
    names = names_given(cell.source)
    return names & {grade_id(cell).removeprefix("answer_")} or names


def is_test(cell: NotebookNode) -> bool:
    """Is this a graded cell whose code is the instructor's?"""
    return is_grade(cell) and not is_solution(cell)


def _better_where_they_stand(
    submitted: list[NotebookNode], release: list[NotebookNode], matches: Mapping[int, int], files: Mapping[str, str]
) -> Iterator[NotebookNode]:
    """Answers that a student has moved, and that would lose what they need if they were put back into their place."""
    order: list[tuple[int, int]] = []  # the place of each submitted cell after rebuilding
    anchor = -1
    for cell in submitted:
        index = matches.get(id(cell))
        anchor = anchor if index is None else max(anchor, index)
        order.append((anchor, 1) if index is None else (index, 0))
    for position, cell in enumerate(submitted):
        index = matches.get(id(cell))
        if index is None or not is_solution(release[index]) or cell.source.strip() == release[index].source.strip():
            continue
        before = [other for place, other in zip(order[:position], submitted, strict=False) if place > order[position]]
        after = [other for place, other in zip(order[position:], submitted[position:], strict=True) if place < order[position]]
        needs, gives = names_read(cell.source), names_given(cell.source, files)
        if any(names_given(other.source, files) & needs for other in before if _is_own(other, release, matches)) or any(
            names_read(other.source) & gives for other in after if _is_own(other, release, matches)
        ):
            yield cell


def _is_own(cell: NotebookNode, release: list[NotebookNode], matches: Mapping[int, int]) -> bool:
    """Is this code that the student wrote?"""
    index = matches.get(id(cell))
    return cell.cell_type == "code" and (index is None or cell.source.strip() != release[index].source.strip())
