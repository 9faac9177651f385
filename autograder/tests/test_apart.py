"""The search for a line: it finds the slip, says it as a question, and does nothing else."""

import linecache
import os
import textwrap
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from convcourse.apart import located
from convcourse.check import verdict_of
from convcourse.exercises import find_exercise
from convcourse.judging.search import Trial

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
COUNT = [0]


def in_a_cell(name, source, **more):
    """The function, as if it stood in a notebook's cell."""
    text, cell = textwrap.dedent(source).lstrip(), f"<cell of {name}>"
    linecache.cache[cell] = (len(text), None, text.splitlines(keepends=True), cell)
    space = {"__name__": "__main__", "np": np, **more}
    exec(compile(text, cell, "exec"), space)
    return space[name]


def verdict(name, source, **more):
    return verdict_of(in_a_cell(name, source, **more), find_exercise(name))


def test_an_assignment_in_place_of_a_sum_is_found():
    found = verdict(
        "linear_unit",
        """
        def linear_unit(x, w, b):
            z = b
            for n in range(len(x)):
                z = w[n] * x[n]
            return z
        """,
    )
    assert found.help == "located"
    assert found.statement == "Line 4, `z = w[n] * x[n]`: should this add to what was there, or take its place?"


def test_a_slip_in_a_helper_of_the_same_cell_is_found():
    found = verdict(
        "correlate1d",
        """
        def correlate1d(signal, pattern):
            return [inner(signal, pattern, n) for n in range(len(signal) - len(pattern) + 1)]

        def inner(signal, pattern, n):
            return sum(pattern[k] * signal[n + k] for k in range(1, len(pattern)))
        """,
    )
    assert found.statement == "Line 5, `1`: is this number right?"


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("round(float(np.mean(patch * feature)), 2)", "is this call needed?"),
        ("np.mean(patch * feature) / 255", "does every part of this belong here?"),
        ("np.median(patch * feature)", "is this the right function?"),
    ],
)
def test_what_is_too_much_is_asked_for_before_what_would_make_it_idle(line, question):
    found = verdict("match_score", f"def match_score(patch, feature):\n    return {line}\n")
    assert found.statement == f"Line 2, `{line}`: {question}"


def test_a_number_is_asked_for_before_a_function_that_would_do_too():
    line = "return (np.abs(activations) < 1e-2).reshape(len(activations), -1).mean(axis=1)"
    found = verdict("sparsity", f"def sparsity(activations):\n    {line}\n")
    assert found.statement == "Line 2, `1e-2`: is this number right?"


TWO_SLIPS = "def delta(length, place):\n    z = np.zeros(length + 1)\n    z[place] = 2\n    return z\n"


def test_two_slips_are_found():
    function, exercise = in_a_cell("delta", TWO_SLIPS), find_exercise("delta")
    trials = [Trial(case.arguments, exercise.oracle(*case.arguments.values())) for case in exercise.fresh_cases(1, 2)]
    words = located(function, exercise, trials)
    assert words == "Two small changes together make every case that you see right. Look at line 2, `length + 1` and line 3, `2`."


def test_what_holds_everywhere_is_said_before_two_places():
    words = "Your result has one too many along its length in every failing case."
    assert verdict("delta", TWO_SLIPS).statement.startswith(f"{words} Two small changes together")


@pytest.mark.parametrize(
    "line",
    [
        "while True: pass",
        "open('left_behind.txt', 'w').write('x')",
        "plt.plot([1, 2])",
        "COUNT[0] += 1",
        "np.random.random()",
        "print('noise')",
        "np.zeros(10**12)",
        "os.system('touch left_behind.txt')",
    ],
)
def test_searching_is_harmless(line, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    source = f"""
    def delta(length, place):
        z = np.zeros(length)
        if place == 10**6:
            {line}
        z[place] = 5 + place
        return z
    """
    before = (np.random.get_state()[1].tolist(), COUNT[0], len(plt.get_fignums()))
    found = verdict("delta", source, os=os, plt=plt, COUNT=COUNT)
    assert found.status == "wrong"
    assert (np.random.get_state()[1].tolist(), COUNT[0], len(plt.get_fignums())) == before
    assert capfd.readouterr().out == ""
    assert list(Path().iterdir()) == []


def test_a_right_answer_starts_no_search(monkeypatch):
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a search was started"))
    assert verdict("delta", "def delta(length, place):\n    return np.arange(length) == place\n").status == "passed"


def test_a_name_that_is_not_defined_yet_stops_no_check():
    source = """
    def outer():
        def delta(length, place):
            return later(length)[place:]
        if False:
            later = None
        return delta

    delta = outer()
    """
    assert verdict("delta", source).status == "wrong"


def test_where_no_process_can_be_had_the_panel_says_the_rest(monkeypatch):
    def refuse():
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    assert verdict("delta", TWO_SLIPS).help == "related"


def test_the_same_slip_at_two_places_is_one_question():
    function = in_a_cell("place", "def place(row, column):\n    return (row - 1) * 10 + (column - 1)\n")
    trials = [Trial({"row": row, "column": column}, row * 10 + column) for row, column in ((1, 2), (3, 0), (4, 4))]
    words = located(function, find_exercise("delta"), trials)
    assert words == "Line 2, 2 places, one question for all: is this one too few?"


def test_a_fixed_value_that_should_be_a_parameter_is_asked_for():
    source = "def delta(length, place):\n    z = np.zeros(length)\n    z[2] = 1\n    return z\n"
    assert verdict("delta", source).statement == "Line 3, `2`: should this be a fixed value?"


def test_a_factor_that_is_missing_at_both_ends_of_a_window_is_found():
    source = """
    def windows(x, stride, size):
        found = []
        for n in range((len(x) - size) // stride + 1):
            found.append(x[n : n + size])
        return np.array(found)
    """
    cases = [{"x": np.arange(9.0) ** 2, "stride": stride, "size": size} for stride, size in ((2, 3), (3, 2), (1, 4))]
    right = [np.lib.stride_tricks.sliding_window_view(case["x"], case["size"])[:: case["stride"]] for case in cases]
    trials = [Trial(case, expected) for case, expected in zip(cases, right, strict=True)]
    words = located(in_a_cell("windows", source), find_exercise("delta"), trials)
    assert words == "Line 4, 2 places, one question for all: is something missing around this?"


RARER_SLIPS = {
    "a part that does not belong": (
        "def half_space_region(x, W, b):\n    return x[np.all(x @ W.T + b > 0, axis=1)]\n",
        "Line 2, `x[np.all(x @ W.T + b > 0, axis=1)]`: does every part of this belong here?",
    ),
    "another function": (
        "def tuned_input(w, norm):\n    return norm * w / np.sum(w)\n",
        "Line 2, `np.sum(w)`: is this the right function?",
    ),
    "a size in place of a number": (
        "def match_score(patch, feature):\n    return np.sum(patch * feature) / 12\n",
        "Line 2, `12`: should something else stand here?",
    ),
    "an argument that is changed": (
        "def relu_backward(g, z):\n    g[z <= 0] = 0\n    return g\n",
        "Line 2, `g[z <= 0] = 0`: this changes an argument. Should it change a copy?",
    ),
    "a second name for one array": (
        "def relu_backward(g, z):\n    kept = g\n    kept[z <= 0] = 0\n    return kept\n",
        "Line 2, `g`: is this a copy, or a second name for the same thing?",
    ),
    "returned in the loop": (
        "def linear_unit(x, w, b):\n    for n in range(len(x)):\n        b = b + w[n] * x[n]\n        return b\n",
        "Line 4, `return b`: this line stands inside the loop. Should it?",
    ),
    "printed, not returned": (
        "def linear_unit(x, w, b):\n    print(np.dot(w, x) + b)\n",
        "Line 2, `print(np.dot(w, x) + b)`: what should the function return?",
    ),
    "the same along rows and columns": (
        "def gauss_kernel(krow, kcol, sig):\n"
        "    r, c = np.arange(krow)[:, None] - krow / 2, np.arange(kcol) - kcol / 2\n"
        "    k = np.exp(-(r**2 + c**2) / (2 * sig**2))\n"
        "    return k / k.sum()\n",
        "Line 2, 2 places, one question for all: is this one too many?",
    ),
}


@pytest.mark.parametrize(("source", "words"), RARER_SLIPS.values(), ids=RARER_SLIPS)
def test_rarer_slips_are_found(source, words):
    name = source.partition("(")[0].removeprefix("def ")
    unnamed = replace(find_exercise(name), mistakes=[])  # whatever is named today
    assert verdict_of(in_a_cell(name, source), unnamed).statement == words


def test_lines_that_the_failing_case_does_not_reach_take_no_time():
    long = "".join(f"        z[{n}] = place * (length + place) // length - (place - length) * {n}\n" for n in range(10))
    begin = f"def delta(length, place):\n    z = np.zeros(length)\n    if place > length:\n{long}"
    words = verdict("delta", begin + "    z[0] = np.sum(z)\n    z[np.sum(z)] = 1\n    return z\n").statement
    assert words == "Line 15, `z`: is this the right variable?"
