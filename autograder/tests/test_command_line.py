"""What the command line prints: fits into 80 columns, in the order of a week, and nothing of a library's own."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest
from rich.console import Console
from typer.testing import CliRunner

from convcourse.grading.result import ExerciseResult, Result
from convcourse.grading.table import mistake_counts, result_table
from convcourse.operations.command_line import COMMANDS, PANELS, app, shared
from convcourse.texts import clean, folded, lines

HELP = [
    [],
    *([name] for name in COMMANDS),
    ["bench"],
    ["bench", "all"],
    ["bench", "grading"],
    ["bench", "notebooks"],
    ["bench", "nets"],
]


def help_of(command: list[str]) -> str:
    outcome = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    assert outcome.exit_code == 0
    return outcome.output


@pytest.mark.parametrize("command", HELP, ids=" ".join)
def test_help_fits_into_80_columns_and_cuts_nothing(command):
    shown = help_of(command)
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown


def test_help_shows_every_command_once_and_a_class_in_the_order_of_a_week():
    listed = re.findall(r"^│ ([a-z][\w-]+) ", help_of([]), flags=re.MULTILINE)
    assert sorted(listed) == sorted([*COMMANDS, "bench"])
    assert "A class, week by week" in help_of([])
    assert listed[2:9] == list(PANELS["A class, week by week"])
    assert listed[2:9] == ["students", "release", "collect", "grade", "feedback", "report", "export"]


def test_help_says_what_to_begin_with():
    assert "Begin with `convcourse demo`" in " ".join(help_of([]).split())


def test_a_terminal_gets_lines_folded_between_words_and_a_file_gets_them_whole(monkeypatch):
    line = "wrote " + 5 * "some more words " + "/a/path/that/stays-whole/" + 60 * "x"

    def said(terminal: bool) -> list[str]:
        monkeypatch.setattr(shared, "console", Console(file=io.StringIO(), width=80, force_terminal=terminal, color_system=None))
        shared.say(line)
        return shared.console.file.getvalue().splitlines()

    assert said(False) == [line]
    first, second, path = said(True)
    assert max(map(len, (first, second))) <= 80
    assert path == f"  {line.split()[-1]}"
    assert " ".join(map(str.strip, (first, second, path))) == line


def test_square_brackets_are_no_markup(monkeypatch):
    monkeypatch.setattr(shared, "console", Console(file=io.StringIO(), width=80))
    shared.say("wrote /home/ada/[red]/grades.csv")
    assert shared.console.file.getvalue() == "wrote /home/ada/[red]/grades.csv\n"


def test_folding_keeps_the_columns_of_a_line_and_indents_the_rest():
    assert folded("○ delta   not begun", 80) == "○ delta   not begun"
    assert folded(" 1  one two", 9, 4) == " 1  one\n    two"


@pytest.mark.parametrize("table", [lambda results: result_table("u", results), mistake_counts])
def test_tables_fold_and_cut_nothing(table):
    student, exercise, mistake = ("a_long_student_id_" * 3, "a_long_name_of_an_exercise_" * 2, "a_mistake_with_a_long_name_" * 2)
    exercises = {f"{exercise}{n}": ExerciseResult(0, 1, mistake=clean(mistake)) for n in range(20)}
    console = Console(file=io.StringIO(), width=80)
    console.print(table([Result(student, "u", "graded", 0, 20, notes=lines("a note " * 30), exercises=exercises)]))
    shown = console.file.getvalue()
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    rows = [line.split("│")[1].strip() for line in shown.splitlines() if line.startswith("│")]
    assert "".join(rows).startswith((student, exercise))


def test_a_command_that_uses_tensorflow_says_nothing_of_tensorflow():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    command = [sys.executable, "-m", "convcourse", "nets", "--live", "LeNet-5"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "LeNet-5" in done.stdout
    assert done.stderr == ""
