"""Alike answers: what one can change without thinking does not hide a copy, and what different hands write is not alike."""

import inspect
import shutil
from itertools import combinations

import nbformat
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from convcourse.errors import CourseError
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import add_students
from convcourse.operations.command_line import app
from convcourse.operations.report.data import read_unit
from convcourse.operations.similarity.pairs import ALIKE, pairs
from convcourse.operations.similarity.trees import likeness, pieces
from convcourse.settings import SOLUTIONS
from tests.conftest import UNIT, answer_cell, needs_sandbox
from tests.right_answers import convolution_1d
from tests.test_groups import OF_THEIR_OWN

LOOP = """
def conv1d_full(signal, kernel):
    total = len(signal) + len(kernel) - 1
    sums = [0.0] * total
    for n in range(total):
        for k, weight in enumerate(kernel):
            if n - k >= 0 and n - k < len(signal):
                sums[n] += weight * signal[n - k]
    return np.array(sums)
"""


def replaced(*changes):
    """The loop with pieces of text replaced, each `old -> new`."""
    copy = LOOP
    for change in changes:
        copy = copy.replace(*change.split(" -> "))
    return copy


COPIES = {
    "renamed": replaced("signal -> x", "kernel -> w", "sums -> out", "weight -> c"),
    "commented": replaced('    total = -> \n    """My own."""\n    # the length\n    total ='),
    "typed": replaced("(signal, kernel): -> (signal: list, kernel: list):"),
    "turned": replaced(
        "len(signal) + len(kernel) -> len(kernel) + len(signal)", "weight * signal[n - k] -> signal[n - k] * weight"
    ),
    "written out": replaced("sums[n] += weight * signal[n - k] -> sums[n] = sums[n] + weight * signal[n - k]"),
    "compared from behind": replaced("n - k >= 0 -> 0 <= n - k"),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES)
def test_a_disguise_changes_nothing(copy):
    assert copy != LOOP
    assert likeness(pieces(LOOP), pieces(copy)) == 1


def test_the_order_of_statements_changes_nothing():
    swapped = "def f(x):\n    a = x[0] + len(x) * 2\n    b = x[1] - len(x) * 3\n    return a * b - len(x)"
    lines = swapped.splitlines()
    assert likeness(pieces(swapped), pieces("\n".join([lines[0], lines[2], lines[1], lines[3]]))) == 1


def test_a_line_more_leaves_them_alike_and_another_way_does_not():
    padded = LOOP.replace("    return", "    print(total)\n    return").replace(
        "    sums", "    unused = len(kernel)\n    sums", 1
    )
    assert ALIKE <= likeness(pieces(LOOP), pieces(padded)) < 1
    assert likeness(pieces(LOOP), pieces("def conv1d_full(x, w):\n    return np.convolve(x, w)")) < 0.2


def test_what_different_hands_wrote_is_not_alike():
    """The other right answers to unit 02, each beside each."""
    ways = [function for _, function in inspect.getmembers(convolution_1d, inspect.isfunction)]
    sources = [pieces(inspect.getsource(function)) for function in ways if function.__module__ == convolution_1d.__name__]
    long_enough = [found for found in sources if sum(found.values()) >= 8]
    assert len(long_enough) >= 5
    assert max(likeness(one, other) for one, other in combinations(long_enough, 2)) < ALIKE


def test_what_is_no_python_is_like_nothing():
    assert pieces("def f(:") == pieces("x = " + "(" * 5000) == {}
    assert likeness({}, {}) == 0


@pytest.fixture(scope="module")
def two_years(tmp_path_factory, released):
    """Ben has Ada's loop with her mistake, in other names. Dora has what Kim had in an earlier class. Eve has the published."""
    works = {
        "now": {
            "ada": ("conv1d_full", LOOP.replace("- 1\n", "\n") + "# </pre><script>alert(1)</script>"),
            "ben": ("conv1d_full", COPIES["renamed"].replace("- 1\n", "\n")),
            "dora": ("shift", OF_THEIR_OWN),
            "eve": None,
        },
        "then": {"kim": ("shift", OF_THEIR_OWN.replace("result", "moved")), "lea": None},
    }
    roots = {}
    for year, answers in works.items():
        root = roots[year] = tmp_path_factory.mktemp("class") / year
        root.mkdir()
        shutil.copy(released / "gradebook.db", root)
        for student, answer in answers.items():
            work = nbformat.read(SOLUTIONS / UNIT / f"{UNIT}.ipynb", as_version=4)
            if answer:
                answer_cell(work, answer[0]).source = answer[1]
            path = root / "submitted" / student / UNIT / f"{UNIT}.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(work, path)
        list(grade(root, UNIT, sorted(answers)))
    return roots


@needs_sandbox
def test_the_command_names_the_pairs_of_both_years_and_shows_them_side_by_side(two_years):
    ran = CliRunner().invoke(app, ["alike", UNIT, "--course", str(two_years["now"]), "--earlier", str(two_years["then"])])
    assert ran.exit_code == 0, ran.output
    assert ran.output.splitlines()[:2] == [
        "ada and ben: 1 alike, 1 wrong",
        "dora and kim of then: 1 alike, 1 wrong",
    ]
    page = BeautifulSoup((two_years["now"] / "reports" / f"{UNIT}_alike.html").read_text(), "html.parser")
    assert [heading.text.split(":")[0] for heading in page.find_all("h2")][:2] == ["ada and ben", "dora and kim of then"]
    assert [block.text for block in page.find_all("pre")][3] == OF_THEIR_OWN.replace("result", "moved")
    published = page.find_all("h2")[-1].find_next_siblings("p")
    assert [line.strong.text for line in published] == ["ada", "ben", "dora", "eve"]
    assert "A question, no accusation" in page.text
    assert not page.find_all("script")


@needs_sandbox
def test_who_hands_in_together_is_not_asked(two_years):
    add_class = "id\nada\nben\ndora\neve\n"
    (two_years["now"] / "class.csv").write_text(add_class)
    add_students(two_years["now"], two_years["now"] / "class.csv")
    (two_years["now"] / "groups.csv").write_text("group,student\n1,ada\n1,ben\n")
    assert pairs(read_unit(two_years["now"], UNIT)) == []


@needs_sandbox
def test_a_class_without_grades_is_one_line(empty_class):
    ran = CliRunner().invoke(app, ["alike", UNIT, "--course", str(empty_class)])
    assert isinstance(ran.exception, CourseError)
    assert "nobody has been graded" in str(ran.exception)
