"""The course as people meet it: JupyterLab and the Formgrader in a browser, with a pointer and with the keyboard alone.

Each step leaves a picture in the folder that the environment variable CONVCOURSE_SCREENSHOTS names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("playwright", reason="the package playwright drives the browser")

from playwright.sync_api import Page, expect

from convcourse.colours import contrast
from convcourse.grading.collect import collect
from convcourse.grading.feedback_pages import write_feedback
from convcourse.inline_svg import GROUND
from convcourse.operations import demo
from convcourse.settings import COURSE, SOLUTIONS
from tests.browser import Desk, Notebook, jupyter_lab, needs_browser, open_browser, open_formgrader
from tests.conftest import UNIT
from tests.families import members

pytestmark = needs_browser
OTHER_UNITS = ("05_xo_toy_net", "08_keras_conv2d")
AXE = "axe-core@4.14.1"
CONFIG = """
from pathlib import Path
from convcourse.grading.course import configure
configure(get_config(), Path(__file__).parent)
"""
STOPS_WITH_THE_SIGNAL = """
    z = np.zeros(len(signal))
    for n in range(len(z)):
        for k in range(len(kernel)):
            if 0 <= n - k < len(signal):
                z[n] += kernel[k] * signal[n - k]
    return z
"""
# The colours, from 0 to 1, that a figure's black and white become where it stands.
INK_AND_GROUND = """(figure, ground) => {
    const probe = figure.parentElement.appendChild(document.createElement("i"));
    probe.style.background = ground;
    const colours = [getComputedStyle(figure).fill, getComputedStyle(probe).backgroundColor];
    probe.remove();
    return colours.map((colour) => colour.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255));
}"""
WHOLE = STOPS_WITH_THE_SIGNAL.replace("len(signal))", "len(signal) + len(kernel) - 1)", 1)


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    wanted = os.environ.get("CONVCOURSE_SCREENSHOTS")
    return Path(wanted).resolve() if wanted else tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a student's copy of the course."""
    folder = tmp_path_factory.mktemp("student")
    for unit in (UNIT, *OTHER_UNITS):
        shutil.copytree(COURSE / unit, folder / unit)
    with jupyter_lab(folder, tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture(scope="module")
def unit_02(browser, lab, pictures):
    """Unit 02, opened and all its cells run, as a student begins."""
    notebook = Notebook(browser, pictures)
    notebook.open(lab, f"{UNIT}/{UNIT}.ipynb")
    notebook.run_all()
    notebook.picture("02_all_cells_run")
    yield notebook
    notebook.page.close()


@pytest.fixture
def notebook(unit_02):
    """Unit 02 for one test, which fails when the page complains."""
    yield unit_02
    assert unit_02.complaints == []


def test_every_figure_has_a_text_and_every_stub_is_not_done_yet(notebook):
    assert_all_is_shown(notebook, UNIT)


@pytest.mark.parametrize("unit", members(OTHER_UNITS, always=["08_keras_conv2d"]))
def test_another_unit_runs_without_an_error(browser, lab, pictures, unit):
    notebook = Notebook(browser, pictures)
    notebook.open(lab, f"{unit}/{unit}.ipynb")
    notebook.run_all()
    notebook.picture(f"{unit[:2]}_all_cells_run")
    assert_all_is_shown(notebook, unit)
    assert notebook.complaints == []
    notebook.page.close()


def assert_all_is_shown(notebook: Notebook, unit: str) -> None:
    """Of a unit with nothing filled in, once run: no error, figures with their texts, a panel for each exercise."""
    sources = [cell.source for cell in nbformat.read(COURSE / unit / f"{unit}.ipynb", as_version=4).cells]
    checks = [source for source in sources if re.fullmatch(r"check\(\w+\)", source)]
    page = notebook.page
    expect(page.locator("[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type$='jupyter.error']")).to_have_count(0)
    expect(page.locator("[aria-label^='Feedback on']")).to_have_count(len(checks))
    expect(page.locator("[aria-label^='Feedback on']", has_text="Not done yet")).to_have_count(len(checks))
    figures = page.locator(".jp-OutputArea svg[role=img]")
    assert figures.count() >= 2
    assert all(len(figure.get_attribute("aria-label") or "") > 20 for figure in figures.all())


def test_a_typical_mistake_is_named_and_the_right_answer_passes(notebook):
    notebook.answer("conv1d_full", STOPS_WITH_THE_SIGNAL)
    panel = notebook.run_and_check("conv1d_full")
    notebook.picture("02_a_named_mistake")
    expect(panel).to_contain_text("Not right yet")
    expect(panel).to_contain_text("Expected shape (5,), got (4,).")
    expect(panel).to_contain_text("Hint. Your result ends with the signal. The kernel still overlaps its last samples")

    notebook.answer("conv1d_full", WHOLE)
    panel = notebook.run_and_check("conv1d_full")
    notebook.picture("02_passed")
    expect(panel).to_contain_text("Visible checks passed")
    expect(panel).to_contain_text("2 of 2 points")


def test_an_error_in_an_answer_is_shown_with_its_line(notebook):
    notebook.answer("delta", "    return np.zeros(length)[place + length]")
    panel = notebook.run_and_check("delta")
    notebook.picture("02_an_error")
    expect(panel).to_contain_text("stopped with IndexError")
    expect(panel).to_contain_text("np.zeros(length)[place + length]")


def test_a_slider_moved_with_the_arrow_keys_changes_the_picture(notebook):
    cell = notebook.cell("slide(lambda n: draw_step(x, w, n)")
    slider, picture = cell.get_by_role("slider"), cell.locator(".widget-html svg")
    slider.focus()
    before = picture.get_attribute("aria-label")
    notebook.picture("02_slider_before")
    notebook.page.keyboard.press("ArrowRight")
    expect(picture).not_to_have_attribute("aria-label", before)
    notebook.picture("02_slider_after")
    assert slider.get_attribute("aria-valuenow") == "3.0"
    assert cell.get_by_title("move it with the arrow keys").inner_text() == "n"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_figures_ink_and_ground_turn_with_the_theme(notebook, theme):
    page = notebook.page
    page.emulate_media(color_scheme=theme)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", str(theme == "light").lower())
    figure = page.locator(".jp-OutputArea svg[role=img]").first
    figure.screenshot(path=notebook.pictures / f"02_figure_{theme}.png")
    ink, ground = figure.evaluate(INK_AND_GROUND, GROUND)
    assert (contrast(ground, "white") < 1.5) == (theme == "light")
    assert contrast(ink, ground) >= 4.5


def test_hints_are_reached_by_tab_opened_by_enter_and_space_and_show_the_focus(notebook):
    hints = notebook.page.locator(".jp-MarkdownCell", has_text="conv1d_valid · 1 point").locator("details")
    first, second = hints.nth(0), hints.nth(1)
    notebook.page.get_by_role("heading", name="Exercise 2.2").click()  # the cell is selected, its hints are not
    notebook.press_tab_until_focused(first.locator("summary"))
    notebook.picture("02_focus_on_a_hint")
    assert first.locator("summary").evaluate("element => getComputedStyle(element).outlineStyle") != "none"
    notebook.page.keyboard.press("Enter")
    expect(first).to_have_attribute("open", "")
    expect(first).to_contain_text("N − K + 1 places")
    notebook.press_tab_until_focused(second.locator("summary"))
    notebook.page.keyboard.press("Space")
    expect(second).to_have_attribute("open", "")
    notebook.picture("02_hints_open")


def test_validate_names_what_is_missing_and_not_what_is_right(notebook):
    notebook.answer("delta", "    kernel = np.zeros(length)\n    kernel[place] = 1\n    return kernel")
    expect(notebook.run_and_check("delta")).to_contain_text("1 of 1 point")
    said = notebook.validate()
    notebook.picture("02_validate")
    notebook.page.keyboard.press("Enter")
    assert "check(shift)" in said
    assert "check(delta)" not in said


def test_the_formgraders_button_gives_the_score_of_convcourse_grade(
    browser, empty_class, pictures, solved, grade_notebook, tmp_path_factory
):
    """The instructor's way: released, handed in, collected, and autograded by a click on the lightning."""
    slip = next(slip for slip in demo.typical_mistakes(UNIT) if slip[0].name == "matched_filter")
    work = demo.with_mistake(solved, *slip)
    inbox = empty_class / "inbox" / "ada"
    inbox.mkdir(parents=True)
    nbformat.write(work, inbox / f"{UNIT}.ipynb")
    assert [one.ok for one in collect(empty_class, UNIT, inbox.parent)] == [True]
    (empty_class / "nbgrader_config.py").write_text(CONFIG)
    result = grade_notebook("ada", work)

    with jupyter_lab(empty_class, tmp_path_factory.mktemp("lab")) as address:
        desk = Desk(browser, pictures)
        pages = open_formgrader(desk, address)
        submissions = pages.get_by_role("row", name=UNIT).locator("td.num-submissions a")
        submissions.scroll_into_view_if_needed()
        desk.picture("formgrader_assignments")
        submissions.click()
        ada = pages.get_by_role("row", name="ada")
        expect(ada).to_contain_text("needs autograding")
        desk.picture("formgrader_submissions")
        ada.locator("td.autograde a").click()
        expect(pages.get_by_role("dialog")).to_contain_text("Successfully autograded")
        desk.picture("formgrader_autograded")
        pages.get_by_role("button", name="OK").click()
        expect(pages.locator(".modal-backdrop")).to_have_count(0)
        expect(ada).to_contain_text(f"{result.score:g} / {result.max_score:g}")
        desk.picture("formgrader_score")
        assert desk.complaints == []
        desk.page.close()
    assert 0 < result.score < result.max_score


@pytest.fixture(scope="module")
def axe(tmp_path_factory) -> Path:
    """axe-core, the judge of accessible pages, from the npm registry."""
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("there is no npm to fetch axe-core with")
    folder = tmp_path_factory.mktemp("axe")
    fetched = subprocess.run([npm, "pack", AXE, "--silent"], cwd=folder, capture_output=True, text=True)
    if fetched.returncode:
        pytest.skip(f"npm could not fetch {AXE}")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder, filter="data")
    return folder / "package" / "axe.min.js"


def barriers(page: Page, axe: Path, file: Path, theirs: tuple[str, ...] = ()) -> list[str]:
    """What axe finds serious or critical in an HTML file, outside the parts that are not ours (CSS selectors)."""
    page.route(re.compile("^http"), lambda route: route.abort())
    page.goto(file.as_uri())
    page.evaluate(axe.read_text(encoding="utf-8"))  # not as a tag, which a page's policy forbids
    found = page.evaluate("theirs => axe.run({exclude: theirs.map(part => [part])}, {resultTypes: ['violations']})", list(theirs))
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def test_the_solved_unit_as_a_page_has_no_barriers(browser, axe, pictures, tmp_path):
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "--output-dir", str(tmp_path)]
    subprocess.run([*command, str(SOLUTIONS / UNIT / f"{UNIT}.ipynb")], check=True, capture_output=True)
    desk = Desk(browser, pictures)
    # The colours of code and the pale prompts are those of nbconvert's template.
    found = barriers(desk.page, axe, tmp_path / f"{UNIT}.html", (".highlight", ".jp-InputPrompt", ".jp-OutputPrompt"))
    desk.picture("solved_page")
    assert desk.page.locator("[aria-label^='Feedback on']").count() == 10
    desk.page.close()
    assert found == []


def test_a_students_feedback_page_has_no_barriers(browser, axe, pictures, grade_notebook, classroom, solved):
    for exercise, mistake in {exercise.name: (exercise, mistake) for exercise, mistake in demo.typical_mistakes(UNIT)}.values():
        solved = demo.with_mistake(solved, exercise, mistake)
    grade_notebook("nora", solved)
    page = write_feedback(classroom, UNIT, "nora")
    desk = Desk(browser, pictures)
    found = barriers(desk.page, axe, page)
    desk.page.emulate_media(color_scheme="dark")
    found += barriers(desk.page, axe, page)
    desk.picture("feedback_page")
    desk.page.emulate_media(media="print")  # with all that is folded
    found += barriers(desk.page, axe, page)
    desk.page.close()
    assert found == []
