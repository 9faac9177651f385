"""The book: every link leads somewhere, figures are shown and answers are not, and the tables say what the exercises say."""

import json
import re
import shutil
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
import yaml

pytest.importorskip("myst_nb", reason="the book needs the extra `site`")

from convcourse.authoring.book import executed
from convcourse.authoring.book.executed import SiteError, page_of
from convcourse.authoring.book.field import measured_milliseconds
from convcourse.authoring.book.pages import exercise_index, syllabus
from convcourse.authoring.book.write import CACHE, write_site
from convcourse.authoring.notebooks.leaks import leaks
from convcourse.exercises import UNITS, exercises_of
from convcourse.nets.table import kept_rows
from convcourse.settings import COURSE, ROOT, SOLUTIONS, branch, repository

UNIT = "02_convolution_1d"


@pytest.fixture(scope="module")
def cache(book_and_cache):
    return book_and_cache / "executed"


class Page(HTMLParser):
    """What a page links to, the places in it that can be linked, its text, and the text alternatives of its figures."""

    def __init__(self, path):
        super().__init__()
        self.links, self.places, self.text, self.figures = [], set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.links += [given[name] for name in ("href", "src") if given.get(name)]
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "img" or (tag == "svg" and given.get("role") == "img"):
            self.figures.append(given.get("alt") or given.get("aria-label"))

    def handle_data(self, data):
        self.text.append(data)


def dead_links(folder):
    """Every link inside the book that leads to no file, or to no place in its file."""
    pages = {path.resolve(): Page(path) for path in folder.rglob("*.html") if "_static" not in path.parts}
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            missing = not target.is_file() or not target.is_relative_to(folder.resolve())
            nowhere = not missing and parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].places
            if missing or (nowhere and parts.fragment != "#"):
                dead.append(f"{path.name}: {link}")
    return dead


def text_of(path):
    return "".join(Page(path).text)


def unit_page(book):
    return book / "course" / UNIT / f"{UNIT}.html"


def test_every_link_and_anchor_of_the_book_leads_somewhere(book):
    assert dead_links(book) == []


def test_a_dead_link_and_a_dead_anchor_are_found(book, tmp_path):
    broken = tmp_path / "book"
    shutil.copytree(book, broken)
    page = broken / "syllabus.html"
    page.write_text(page.read_text() + '<a href="nowhere.html">x</a><a href="index.html#nowhere">y</a>', encoding="utf-8")
    assert dead_links(broken) == ["syllabus.html: nowhere.html", "syllabus.html: index.html#nowhere"]


def test_links_to_the_repository_name_files_that_it_has(book):
    for path in book.rglob("*.html"):
        for link in Page(path).links:
            if found := re.match(rf"https://github\.com/{repository()}/(?:blob|tree)/{branch()}/([^#?]+)", link):
                assert (ROOT / unquote(found.group(1))).exists(), f"{path.name}: {link}"


def test_a_unit_shows_figures_and_what_came_out(book):
    page = Page(unit_page(book))
    assert len(page.figures) >= 7
    assert all(page.figures)
    assert "found in the noisy one, filtered:    [190 518 848]" in "".join(page.text)


def test_a_unit_shows_no_answer(book):
    text = " ".join(text_of(unit_page(book)).split())
    asked = [exercise for exercise in exercises_of(UNIT) if not exercise.given]
    assert text.count("raise NotImplementedError") == len(asked)
    assert "Visible checks passed" not in text
    script = (SOLUTIONS / UNIT / f"{UNIT}.py").read_text(encoding="utf-8")
    repairs = {exercise.name for exercise in exercises_of(UNIT)} - {exercise.name for exercise in asked}
    assert leaks(script, json.dumps({"cells": [{"source": text}]}), repairs) == []


def test_an_output_that_shows_an_answer_stops_the_build(cache, book, tmp_path):
    (kept,) = cache.glob(f"{UNIT}-*.ipynb")
    solved = nbformat.read(kept, as_version=4)
    cell = next(cell for cell in solved.cells if cell.get("outputs") and "nbgrader" not in cell.metadata)
    cell.outputs = [nbformat.v4.new_output("stream", text="z[k : k + size] += weight * signal")]
    nbformat.write(solved, tmp_path / kept.name)
    with pytest.raises(SiteError, match=r"would show the answer: 'z\[k : k \+ size\]"):
        page_of(UNIT, tmp_path, tmp_path / "pictures")


def test_the_buttons_open_and_give_the_students_notebook(book):
    links = Page(unit_page(book)).links
    colab = f"https://colab.research.google.com/github/{repository()}/blob/{branch()}/course/{UNIT}/{UNIT}.ipynb"
    assert colab in links
    assert f"../../_sources/course/{UNIT}/{UNIT}.ipynb" in links
    given = book / "_sources" / "course" / UNIT / f"{UNIT}.ipynb"
    assert given.read_bytes() == (COURSE / UNIT / f"{UNIT}.ipynb").read_bytes()


def test_the_tables_say_what_the_exercises_say(book):
    everything = [exercise for unit in UNITS for exercise in exercises_of(unit)]
    index, overview = text_of(book / "exercises.html"), text_of(book / "syllabus.html")
    assert f"{len(everything)} exercises" in index
    for exercise in everything:
        assert exercise.name in index
    row = next(
        row for row in re.findall(r"<tr.*?</tr>", (book / "exercises.html").read_text(), flags=re.S) if "conv1d_full" in row
    )
    words = " ".join(re.sub(r"<[^>]*>", " ", row).split())
    assert words == "2.1 · The whole convolution conv1d_full 2 15 ★★☆"
    assert f"{sum(exercise.max_score for exercise in everything):g}" in overview
    assert "find a known pattern in a noisy signal with a matched filter." in overview


def test_every_column_of_a_table_has_a_name():
    """A screen reader says the column's name before each number."""
    cells = [cell for unit in UNITS for cell in nbformat.read(COURSE / unit / f"{unit}.ipynb", as_version=4).cells]
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    heads = [head for text in [*texts, syllabus(UNITS), exercise_index(UNITS)] for head in heads_of_tables(text)]
    assert len(heads) >= 20
    for head in heads:
        assert all(name.strip() for name in head.strip("|").split("|")), head


def heads_of_tables(text):
    """The lines of a Markdown text that stand above a line of dashes: `| box | score |`."""
    return re.findall(r"^(\|.*\|)\n\|(?:\s*:?-+:?\s*\|)+$", text, flags=re.M)


def test_the_search_knows_the_words_of_units_and_guides(book):
    text = (book / "searchindex.js").read_text(encoding="utf-8")
    known = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    pages = {name: number for number, name in enumerate(known["docnames"])}
    assert {"docs/instructors", "docs/authors", "docs/own_course"} <= pages.keys()
    found = known["terms"]["electrocardiogram"]  # a number, or a list of them where several pages have the word
    assert pages[f"course/{UNIT}/{UNIT}"] in (found if isinstance(found, list) else [found])


def test_on_a_telephone_the_menu_opens_and_the_page_has_its_width(book):
    pytest.importorskip("playwright", reason="the package playwright drives the browser")
    from tests.browser import CHROMIUM, open_browser

    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 400, "height": 800})
        page.route(re.compile("^http"), lambda route: route.abort())
        page.goto((book / "docs" / "own_course.html").as_uri())
        assert page.evaluate("document.scrollingElement.scrollWidth") == 400
        page.get_by_role("button", name="Toggle secondary sidebar").click()
        page.get_by_role("dialog").get_by_role("link", name="A unit", exact=True).click()
        assert page.url.endswith("own_course.html#a-unit")
        page.reload()
        page.get_by_role("button", name="Toggle primary sidebar").click()
        page.get_by_role("dialog").get_by_role("link", name="All exercises").click()
        assert page.url == (book / "exercises.html").as_uri()


def test_the_picture_of_the_field_has_every_net_with_an_error_and_the_table_every_net(book):
    text = (book / "nets.html").read_text(encoding="utf-8")
    nets = json.loads(re.search(r'<script type="application/json" id="field-nets">(.*?)</script>', text, flags=re.S).group(1))
    assert [net["name"] for net in nets] == [row.name for row in kept_rows() if row.top1 or row.top5]
    by_name = {net["name"]: net for net in nets}
    assert by_name["ResNet-34"]["one_crop"]
    assert not by_name["plain net, 34 layers"]["one_crop"]
    shown = text_of(book / "nets.html")
    assert all(row.name in shown for row in kept_rows())


def test_milliseconds_are_those_of_the_benchmarks_and_of_nets_that_there_are():
    measured = measured_milliseconds()
    assert measured["VGG A"] == pytest.approx(1000 / 61)
    assert measured["LeNet-5, 1998"] == pytest.approx(1000 / 4464)
    assert measured.keys() <= {row.name for row in kept_rows()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_filters_the_picture_of_the_field_and_nothing_is_fetched(book, scheme):
    pytest.importorskip("playwright", reason="the package playwright drives the browser")
    from tests.browser import CHROMIUM, open_browser

    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
        asked, broken = [], []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.route(re.compile("^http"), lambda route: (asked.append(route.request.url), route.abort()))
        page.goto((book / "nets.html").as_uri())
        marks = page.locator("#field .net")
        assert marks.count() == sum(row.protocol.startswith("1 crop of") and row.top1 is not None for row in kept_rows())
        page.get_by_label("measured with one crop only").uncheck()
        assert marks.count() == sum(row.top1 is not None for row in kept_rows())
        page.get_by_role("button", name="none", exact=True).click()
        assert marks.count() == 0
        page.get_by_role("button", name="ResNet", exact=True).click()
        page.get_by_label("Error against").select_option("milliseconds")
        ours = [row.name for row in kept_rows() if row.family == "ResNet" and row.top1 and row.name in measured_milliseconds()]
        assert [mark.get_attribute("aria-label").split(", 2015")[0] for mark in marks.all()] == ours
        marks.first.focus()
        assert (
            page.locator("#field-told")
            .inner_text()
            .startswith("ResNet-18, 2015 · 11.7 M parameters · 1.81 G multiply-adds · 7.25 ms")
        )
        ink = page.locator("#field text").first.evaluate("node => getComputedStyle(node).fill")
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert lightness(ink) < 100 < lightness(paper) if scheme == "light" else lightness(paper) < 100 < lightness(ink)
        assert page.evaluate("document.scrollingElement.scrollWidth") == 400
    assert (asked, broken) == ([], [])


def lightness(colour):
    """Of "rgb(34, 40, 50)", from 0 to 255."""
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 3


def test_what_has_not_changed_is_not_executed_again(cache, book, monkeypatch, tmp_path):
    monkeypatch.setattr(executed, "NotebookClient", None)
    assert page_of(UNIT, cache, tmp_path).cells
    with pytest.raises(TypeError):
        page_of("05_xo_toy_net", cache, tmp_path)


def test_a_folder_that_is_no_book_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("ten years")
    with pytest.raises(SiteError, match="holds something that is no book of ours"):
        write_site(tmp_path, [UNIT])
    assert (tmp_path / "thesis.txt").read_text() == "ten years"


def test_the_workflow_publishes_what_it_writes():
    workflow = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["book"]["steps"]
    (folder,) = [step["with"]["path"] for step in steps if "upload-pages-artifact" in step.get("uses", "")]
    assert any(step.get("run", "").endswith(f"convcourse site {folder}") for step in steps)
    (kept,) = [step["with"]["path"] for step in steps if "actions/cache" in step.get("uses", "")]
    assert ROOT / kept == CACHE
