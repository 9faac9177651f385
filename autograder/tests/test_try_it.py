"""The pages to try: what the browser computes is what Python computes, and every number that is shown belongs to it."""

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

pytest.importorskip("myst_nb", reason="the book needs the extra `site`")
pytest.importorskip("playwright", reason="the package playwright drives the browser")

from playwright.sync_api import expect

from convcourse.authoring.book.kernel import KERNELS, small_photograph
from convcourse.authoring.book.write import write_site
from tests.browser import needs_browser, open_browser

pytestmark = needs_browser


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Its pages to try need no unit, so nothing is executed."""
    out = tmp_path_factory.mktemp("book")
    write_site(out, [], say=lambda _: None, cache=out)
    return out


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def open_page(browser, book):
    def opened(name):
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(20_000)
        page.goto((book / name).as_uri())
        return page

    return opened


@pytest.fixture(scope="module")
def kernel(open_page):
    page = open_page("kernel.html")
    yield page
    page.close()


def number(text):
    return float(text.replace("−", "-"))


def map_of(page):
    found = page.locator(".kernel").evaluate("root => root.slidingSums")
    return np.reshape(found["values"], (found["rows"], found["cols"]))


@pytest.mark.parametrize("name", KERNELS)
def test_the_map_of_a_kernel_is_scipys_with_and_without_reversal(kernel, name):
    photograph, weights = small_photograph().astype(float), np.array(KERNELS[name])
    kernel.get_by_role("combobox", name="Kernel").select_option(name)
    np.testing.assert_allclose(map_of(kernel), correlate2d(photograph, weights, "valid"), atol=1e-5)
    kernel.get_by_label("with reversal").check()
    np.testing.assert_allclose(map_of(kernel), convolve2d(photograph, weights, "valid"), atol=1e-5)
    kernel.get_by_label("with reversal").uncheck()


def test_a_weight_that_the_reader_writes_changes_the_map(kernel):
    kernel.get_by_role("combobox", name="Kernel").select_option("mean")
    kernel.get_by_label("weight in row 1, column 2").fill("-0.25")
    weights = np.ones((3, 3))
    weights[1, 2] = -0.25
    np.testing.assert_allclose(map_of(kernel), correlate2d(small_photograph().astype(float), weights, "valid"), atol=1e-5)
    expect(kernel.get_by_role("combobox", name="Kernel")).to_have_value("your own")


def test_all_nine_products_are_shown_and_their_sum_and_the_arrow_keys_move_on(kernel):
    kernel.get_by_role("combobox", name="Kernel").select_option("vertical edges (Sobel)")
    across = kernel.get_by_role("slider", name="Column")
    across.fill("20")
    kernel.get_by_role("slider", name="Row").fill("30")
    across.press("ArrowRight")
    said = kernel.get_by_text("Sum at row 30, column 21")
    window = small_photograph()[30:33, 21:24].astype(float)
    products = window * np.array(KERNELS["vertical edges (Sobel)"])
    shown = [number(text) for text in kernel.locator(".products td b").all_inner_texts()]
    assert shown == products.ravel().tolist()
    assert number(said.inner_text().split(": ")[1]) == products.sum()


def test_the_kernel_follows_a_pointer_on_the_picture(kernel):
    box = kernel.locator('canvas[data-part="picture"]').bounding_box()
    kernel.mouse.click(box["x"] + box["width"] * 10.5 / 64, box["y"] + box["height"] * 5.5 / 64)
    expect(kernel.get_by_text("Sum at row 4, column 9:")).to_be_visible()  # its middle is at row 5, column 10


def test_on_the_front_page_the_kernel_moves_until_it_is_stopped(open_page):
    page = open_page("index.html")
    said = page.get_by_text("Sum at row")
    first = said.inner_text()
    expect(said).not_to_have_text(first)
    page.get_by_role("button", name="Stop").click()
    stopped = said.inner_text()
    page.wait_for_timeout(300)
    assert said.inner_text() == stopped
    page.close()


def test_nothing_moves_for_readers_who_asked_their_browser_for_rest(browser, book):
    page = browser.new_page(reduced_motion="reduce")
    page.goto((book / "index.html").as_uri())
    said = page.get_by_text("Sum at row").inner_text()
    page.wait_for_timeout(300)
    assert page.get_by_text("Sum at row").inner_text() == said
    expect(page.get_by_role("button", name="Let it move")).to_be_visible()
    page.close()
