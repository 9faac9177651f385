"""Which cases fail, by what the arguments are."""

import numpy as np

from convcourse.judging.exercise import Case
from convcourse.judging.patterns import pattern


def said(*cases):
    """Of (arguments, failed)."""
    return pattern([Case(arguments, "part") for arguments, _ in cases], [failed for _, failed in cases])


def image(rows, cols, dtype=float):
    return {"image": np.arange(rows * cols, dtype=dtype).reshape(rows, cols) + 1}


def test_a_number_separates():
    cases = [({"stride": stride}, stride > 1) for stride in (1, 2, 1, 3, 2)]
    assert said(*cases) == "The 3 cases that fail are those with `stride` above 1; all 2 others are right."


def test_the_form_of_an_image_separates():
    cases = [(image(rows, cols), rows != cols) for rows, cols in ((3, 3), (3, 5), (4, 4), (6, 2))]
    assert "not as many rows as columns in `image`" in said(*cases)


def test_one_case_on_a_side_proves_nothing():
    assert said(({"stride": 1}, False), ({"stride": 2}, True), ({"stride": 3}, True)) == ""


def test_the_part_separates_where_nothing_else_does():
    cases = [Case({"x": x}, part) for x, part in ((7, "one"), (8, "two"), (8, "one"), (7, "two"))]
    assert "of the part “two” fail" in pattern(cases, [False, True, False, True])
