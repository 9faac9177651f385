"""What a student sees first: a unit as `make lab` opens it, and how a wrong answer becomes a right one.

With CONVCOURSE_SCREENSHOTS the README's picture and film are left there, notebook.png and wrong_to_right.webp: copy them to
docs/pictures.
"""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("playwright", reason="the package playwright drives the browser")

from playwright.sync_api import expect

from convcourse.settings import COURSE
from tests.browser import Notebook, jupyter_lab, needs_browser, open_browser
from tests.conftest import UNIT

pytestmark = needs_browser
WRONG = """
    z = np.zeros(len(signal))
    for n in range(len(z)):
        for k in range(len(kernel)):
            if 0 <= n - k < len(signal):
                z[n] += kernel[k] * signal[n - k]
    return z
"""
RIGHT = WRONG.replace("len(signal))", "len(signal) + len(kernel) - 1)", 1)
CHANGED = ".lm-TabBar-tab.jp-mod-dirty"
LARGEST_FILM = 2_000_000  # bytes


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    wanted = os.environ.get("CONVCOURSE_SCREENSHOTS")
    folder = Path(wanted).resolve() if wanted else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def opened(tmp_path, pictures):
    """A function that opens unit 02 of a student's own copy, each time in a new page."""
    shutil.copytree(COURSE / UNIT, tmp_path / "course" / UNIT)
    with open_browser() as browser, jupyter_lab(tmp_path / "course", tmp_path / "lab") as lab:

        def open_it() -> Notebook:
            notebook = Notebook(browser, pictures)
            notebook.open(lab, f"{UNIT}/{UNIT}.ipynb")
            return notebook

        yield open_it


def choose(notebook: Notebook, menu: str, item: str) -> None:
    notebook.page.get_by_role("menuitem", name=menu, exact=True).click()
    notebook.page.get_by_role("menuitem", name=item, exact=True).click()


def test_an_opened_unit_is_unchanged_and_shows_nothing_for_instructors_alone(opened):
    notebook = opened()
    notebook.page.wait_for_timeout(2000)  # the kernel has told its language by now
    expect(notebook.page.locator(CHANGED)).to_have_count(0)
    expect(notebook.page.get_by_text("Create Assignment")).to_have_count(0)
    expect(notebook.page.get_by_role("button", name="Validate")).to_be_visible()
    assert notebook.complaints == []


def test_a_saved_unit_shows_its_sliders_when_it_is_opened_again(opened):
    notebook = opened()
    notebook.run_all()
    sliders = notebook.page.get_by_role("slider").count()
    notebook.page.keyboard.press("Control+s")
    expect(notebook.page.locator(CHANGED)).to_have_count(0)
    choose(notebook, "Kernel", "Shut Down Kernel")
    notebook.page.close()
    again = opened()
    expect(again.page.get_by_role("slider")).to_have_count(sliders)
    expect(again.page.get_by_text("model not found")).to_have_count(0)
    assert sliders > 0
    assert again.complaints == []


def test_a_wrong_answer_its_panel_and_the_mended_one(opened, pictures):
    notebook = opened()
    page = notebook.page
    notebook.run_all()
    page.keyboard.press("Control+b")  # without the list of files
    frames: list[tuple[Image.Image, int]] = []

    def see(height: int, source: str) -> None:
        """Let a cell stand at the top."""
        page.set_viewport_size({"width": 1000, "height": height})
        for _ in range(3):  # JupyterLab makes cells when they come into sight, which moves the others
            notebook.cell(source).evaluate("cell => cell.scrollIntoView({block: 'start'})")
            page.wait_for_timeout(200)

    def show(milliseconds: int) -> None:
        see(860, "def conv1d_full(")
        frames.append((Image.open(io.BytesIO(page.screenshot())), milliseconds))

    show(1500)
    lines = WRONG.strip("\n").splitlines()
    for count in range(1, len(lines) + 1):
        notebook.answer("conv1d_full", "\n".join(lines[:count]))
        expect(notebook.cell("def conv1d_full(").locator(".cm-line").last).to_contain_text(lines[count - 1].strip())
        show(500)
    panel = notebook.run_and_check("conv1d_full")
    expect(panel).to_contain_text("Hint. Your result ends with the signal.")
    show(7000)
    see(1390, "slide(lambda n: draw_step(x, w, n)")
    notebook.picture("notebook")
    notebook.answer("conv1d_full", RIGHT)
    show(2500)
    expect(notebook.run_and_check("conv1d_full")).to_contain_text("Visible checks passed")
    show(4000)
    film = pictures / "wrong_to_right.webp"
    (first, *rest), milliseconds = zip(*frames, strict=True)
    first.save(film, save_all=True, append_images=rest, duration=list(milliseconds), loop=0, quality=80, method=6)
    with Image.open(film) as saved:
        assert saved.n_frames == len(frames)
    assert film.stat().st_size < LARGEST_FILM
    assert notebook.complaints == []
