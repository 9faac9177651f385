"""A student's feedback page: where to begin, what is not right yet, and then the notebook, folded."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from convcourse.grading.feedback_pages import write_feedback
from convcourse.grading.graded_cells import begin_with, graded_cells, heading
from convcourse.grading.harmless import COLOURS, PAGES, clean_text, in_theme, show_harmless_pages
from convcourse.judging import panel
from convcourse.operations import demo
from tests.conftest import UNIT, answer_cell

BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/x)"
PANEL = "<div role='group' aria-label='Feedback on double' style='color:#1f1f1f'>Hint. Twice is <code>2 * x</code>.</div>"


def marked(cell: NotebookNode, name: str, **marks: object) -> NotebookNode:
    """The cell as nbgrader's GetGrades leaves it."""
    plain = {"grade": False, "solution": False, "task": False, "locked": False, "schema_version": 3, "grade_id": name}
    cell.metadata["nbgrader"] = plain | marks
    return cell


def judged(name: str, status: str, score: float, points: float, **said: object) -> NotebookNode:
    cell = marked(new_code_cell(f"check({name})"), name, grade=True, score=score, points=points)
    cell.metadata["convcourse"] = {"status": status, **said}
    return cell


def answer(name: str, source: str) -> NotebookNode:
    return marked(new_code_cell(source), f"answer_{name}", solution=True, comment="")


@pytest.fixture
def notebook() -> NotebookNode:
    """One right, one wrong, one not begun, one that a person marks."""
    wrong = judged("double", "wrong", 0, 2, title="Twice as `x`")
    wrong.outputs = [new_output("execute_result", {"text/plain": "0.0", "text/html": PANEL}, execution_count=None)]
    essay = marked(new_markdown_cell("It adds up."), "why", grade=True, solution=True, score=0.5, points=1, comment="Say *what*.")
    return new_notebook(
        cells=[
            new_markdown_cell(f"# Unit 9 · Numbers\n\n{BADGE}\n\n## A part"),
            answer("same", "def same(x):\n    return x"),
            judged("same", "passed", 1, 1, title="The same"),
            answer("double", "def double(x):\n    return 3 * x"),
            wrong,
            answer("half", "def half(x):\n    raise NotImplementedError"),
            judged("half", "not done", 0, 1, title="A half"),
            essay,
        ]
    )


def page_of(notebook: NotebookNode, score: float = 1.5, penalty: float = 0) -> BeautifulSoup:
    """The page as nbgrader makes it, without a gradebook."""
    config = Config()
    show_harmless_pages(config)
    config.HTMLExporter.template_name = "feedback"
    known = SimpleNamespace(notebook="09_numbers", score=score, max_score=5.0, late_penalty=penalty)
    html, _ = HTMLExporter(config=config).from_notebook_node(notebook, resources={"nbgrader": known})
    return BeautifulSoup(html, "html.parser")


def words(part) -> str:
    return " ".join(part.get_text(" ").split())


def test_the_page_begins_with_the_points_and_where_to_begin(notebook):
    page = page_of(notebook)
    assert words(page.h1) == "Unit 9 · Numbers"
    assert words(page.find(class_="first")) == "1.5 of 5 Begin with Twice as x double ."
    listed = [words(line) for line in page.find(class_="exercises")("li")]
    assert listed == ["✔ The same 1 of 1", "✘ Twice as x 0 of 2", "○ A half 0 of 1", "✎ why 0.5 of 1"]


def test_what_is_not_right_comes_with_its_panel_its_code_and_its_place_in_the_notebook(notebook):
    page = page_of(notebook)
    double, essay = page("section")
    assert words(double.find(role="group")) == "Hint. Twice is 2 * x ."
    assert "return 3 * x" in double.pre.get_text()
    place = page.find(id=double.h3.a["href"].removeprefix("#"))
    assert "return 3 * x" in place.get_text()
    assert place.find_parent("details")["id"] == "notebook"
    assert words(essay.find(class_="comment")) == "Comment. Say what ."


def test_every_link_on_the_page_leads_somewhere(notebook):
    page = page_of(notebook)
    within = [link["href"].removeprefix("#") for link in page("a", href=True) if link["href"].startswith("#")]
    assert within
    assert [name for name in within if not page.find(id=name)] == []


def test_headings_have_no_pilcrow_and_pictures_that_are_left_out_are_their_words(notebook):
    page = page_of(notebook)
    assert "¶" not in page.get_text()
    assert page.find("img") is None
    assert words(page.find("a", href="https://colab.research.google.com/x")) == "Open in Colab"


def test_a_picture_that_is_left_out_leaves_its_words_as_text():
    assert clean_text("<img alt='a &lt;b&gt; &amp;' src='https://x.org/p.png' title='t'>") == "a &lt;b&gt; &amp;"
    assert clean_text("<img src='https://x.org/p.png'>") == ""
    kept = '<img alt="p" src="data:image/png;base64,AAAA">'
    assert clean_text(kept) == kept


def test_points_taken_off_for_lateness_are_said(notebook):
    assert "0.5 points taken off, because the work came late." in words(page_of(notebook, 1, penalty=0.5))
    assert "taken off" not in words(page_of(notebook))


def test_when_all_is_right_the_page_says_so(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.score = cell.metadata.nbgrader.points
    page = page_of(notebook, 5)
    assert words(page.find(class_="first")) == "5 of 5 Everything is right."
    assert page("section") == []


def test_the_answer_is_the_last_cell_that_defines_the_function(notebook):
    notebook.cells.append(new_code_cell("def double(x):\n    return x + x"))
    assert graded_cells(notebook)[1].answer is notebook.cells[-1]


def test_a_stub_that_the_judge_left_out_is_not_the_answer(notebook):
    notebook.cells.insert(1, new_code_cell("def double(x):\n    return x + x"))
    stub = next(cell for cell in notebook.cells if "3 * x" in cell.source)
    stub.metadata["convcourse"] = {"skipped": True}
    assert graded_cells(notebook)[1].answer is notebook.cells[1]


def test_the_answer_to_a_plain_assert_is_what_it_calls_or_else_the_answer_before_it(notebook):
    notebook.cells.append(marked(new_code_cell("assert same(1) == 1"), "own_test", grade=True, score=0, points=1))
    notebook.cells.append(marked(new_code_cell("assert 1 == 1"), "no_name", grade=True, score=0, points=1))
    own, no_name = graded_cells(notebook)[-2:]
    assert (own.title, own.outcome) == ("own_test", "wrong")
    assert own.answer.source.startswith("def same")
    assert no_name.answer.source == "It adds up."


def test_nobody_is_sent_to_what_a_person_marks(notebook):
    graded = graded_cells(notebook)
    assert begin_with(graded).name == "double"
    assert begin_with(graded[-1:]) is None


def test_a_notebook_without_a_heading_has_none():
    assert heading(new_notebook(cells=[new_markdown_cell("## Two"), new_code_cell("# One")])) == ""


def test_a_panels_colours_are_the_pages_but_a_curves_stay():
    assert in_theme('<p style="color:#1f1f1f;margin:4px">') == '<p style="color:var(--panel-ink,#1f1f1f);margin:4px">'
    for kept in ('<svg style="background-color:#fff">', '&lt;p style="color:#1f1f1f"&gt;', '<p style="color:#123456">'):
        assert in_theme(kept) == kept


def test_every_colour_of_the_panel_has_one_on_a_dark_page():
    template = Path(panel.__file__).with_name("panel.html.jinja").read_text()
    outside_curves = "".join(line for line in template.splitlines() if "polyline" not in line)
    used = {*re.findall(r"#[0-9a-f]{3,6}\b", outside_curves), *(colour for *_, colour in panel.HEADLINES.values())}
    assert used == set(COLOURS)
    assert set(COLOURS.values()) == set(re.findall(r"--panel-([\w-]+):", (PAGES / "feedback" / "feedback.css").read_text()))


# In a browser


@pytest.fixture(scope="module")
def browser():
    pytest.importorskip("playwright", reason="the package playwright drives the browser")
    from tests.browser import CHROMIUM, open_browser

    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with open_browser() as browser:
        yield browser


@pytest.fixture
def opened(browser, grade_notebook, classroom, solved, tmp_path):
    """Dora's page: two exercises wrong, one not begun."""
    slips = {exercise.name: (exercise, mistake) for exercise, mistake in demo.typical_mistakes(UNIT)}
    for name in ("conv1d_full", "matched_filter"):
        solved = demo.with_mistake(solved, *slips[name])
    answer_cell(solved, "shift").source = "def shift(signal, steps):\n    raise NotImplementedError"
    grade_notebook("dora", nbformat.from_dict(solved))
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(lambda url: url.startswith("http"), lambda route: route.abort())
    page.goto(write_feedback(classroom, UNIT, "dora").as_uri())
    yield page
    assert all(url.startswith("file:") or "/mathjax/" in url for url in asked)
    page.close()


def picture(page, name: str) -> None:
    """Leave a picture where CONVCOURSE_SCREENSHOTS says."""
    if folder := os.environ.get("CONVCOURSE_SCREENSHOTS"):
        page.screenshot(path=Path(folder).resolve() / f"feedback_{name}.png", full_page=True)


def test_a_link_into_the_folded_notebook_unfolds_it(opened):
    picture(opened, "light")
    answered = opened.locator("#notebook .answer").first
    assert not answered.is_visible()
    opened.get_by_role("link", name="in the notebook").first.click()
    assert opened.locator("#notebook").get_attribute("open") is not None
    assert answered.is_visible()


def test_the_page_and_its_panels_are_dark_where_the_reader_wants_it_and_light_on_paper(opened):
    ground = "part => getComputedStyle(document.querySelector(part)).backgroundColor"
    parts = ("body", "[role=group]")
    light = [opened.evaluate(ground, part) for part in parts]
    opened.emulate_media(color_scheme="dark")
    picture(opened, "dark")
    assert [opened.evaluate(ground, part) for part in parts] == ["rgb(23, 25, 28)", "rgb(33, 37, 41)"]
    opened.emulate_media(media="print", color_scheme="dark")
    assert [opened.evaluate(ground, part) for part in parts] == light == ["rgb(255, 255, 255)"] * 2


def test_paper_shows_what_the_screen_folds(opened):
    seen = "document.querySelector('#notebook .answer').checkVisibility()"
    assert not opened.evaluate(seen)
    opened.emulate_media(media="print")
    picture(opened, "print")
    assert opened.evaluate(seen)


def test_a_telephone_shows_the_page_without_scrolling_sideways(opened):
    opened.set_viewport_size({"width": 400, "height": 800})
    opened.locator("#notebook > summary").click()
    picture(opened, "narrow")
    assert opened.evaluate("document.documentElement.scrollWidth") == 400
