"""The book in a real browser: sliders and questions work without a kernel, pages turn dark and narrow, and nothing is fetched."""

import re

import pytest

pytest.importorskip("myst_nb", reason="the book needs the extra `site`")
pytest.importorskip("playwright", reason="the package playwright drives the browser")

from playwright.sync_api import expect

from tests.browser import needs_browser, open_browser, served

pytestmark = needs_browser
UNIT = "02_convolution_1d"
UNIT_PAGE = f"course/{UNIT}/{UNIT}.html"
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def address(book):
    with served(book) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


class Visit:
    """A page of the book, all that it asked for, and what it complained about."""

    def __init__(self, browser, address, path, **settings):
        self.page = browser.new_page(**settings)
        self.asked, self.complaints = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{address}/{path}")

    def pictures(self):
        return [url for url in self.asked if "/pictures/" in url]


@pytest.fixture
def unit(browser, address):
    visit = Visit(browser, address, UNIT_PAGE, viewport={"width": 1280, "height": 900})
    yield visit
    visit.page.close()


SHOWN = ".slider-picture > :is(img, svg)"


def words_of(picture):
    """The text alternative of an <img> or an <svg>."""
    return picture.evaluate("picture => picture.getAttribute('alt') ?? picture.getAttribute('aria-label')")


def wait_for_other_words(page, before):
    page.wait_for_function(
        "([shown, before]) => ![...document.querySelectorAll(shown)].some("
        "picture => (picture.getAttribute('alt') ?? picture.getAttribute('aria-label')) === before)",
        arg=[SHOWN, before],
    )


def test_a_slider_is_moved_with_the_arrow_keys_and_its_pictures_are_loaded_when_they_are_needed(unit):
    handle, picture = unit.page.get_by_label("n", exact=True), unit.page.locator(SHOWN)
    assert handle.get_attribute("type") == "range"
    handle.scroll_into_view_if_needed()
    first = words_of(picture)
    assert [url for url in unit.pictures() if url.endswith(".js")] == []
    handle.press("ArrowRight")
    wait_for_other_words(unit.page, first)
    assert picture.bounding_box()["width"] > 300
    assert len([url for url in unit.pictures() if url.endswith(".js")]) == 1
    expect(unit.page.locator(".slider output")).to_have_text("3")
    second = words_of(picture)
    handle.press("End")
    wait_for_other_words(unit.page, second)
    expect(unit.page.locator(".slider output")).to_have_text("6")
    handle.press("Home")
    expect(unit.page.locator(".slider output")).to_have_text("0")


def test_a_slider_is_moved_by_a_finger(browser, address):
    visit = Visit(browser, address, UNIT_PAGE, viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
    handle = visit.page.get_by_label("n", exact=True)
    handle.scroll_into_view_if_needed()
    first, box = words_of(visit.page.locator(SHOWN)), handle.bounding_box()
    visit.page.touchscreen.tap(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    wait_for_other_words(visit.page, first)
    visit.page.close()


def test_a_slider_moves_in_a_page_that_is_opened_as_a_file(browser, book):
    visit = Visit(browser, book.as_uri(), UNIT_PAGE)
    first = words_of(visit.page.locator(SHOWN))
    visit.page.get_by_label("n", exact=True).press("ArrowLeft")
    wait_for_other_words(visit.page, first)
    visit.page.close()


def test_a_tap_on_a_layer_says_what_it_is_until_the_next_tap(browser, address):
    page = Visit(browser, address, UNIT_PAGE, viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True).page
    words = "convolution 3×3 64: gives 224×224×64; 1.79 K parameters; sees 3×3 pixels"
    layer = f"<g><title>{words}</title><rect x='250' width='40' height='70'/></g>"
    drawing = f"<svg role='img' style='width:300px;height:75px'>{layer}</svg>"
    page.evaluate("drawing => document.querySelector('.bd-article h1').insertAdjacentHTML('afterend', drawing)", drawing)
    page.locator("svg:has(title) rect").tap()
    expect(page.locator(".told-layer")).to_have_text(words)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.locator(".bd-article h1").tap()
    expect(page.locator(".told-layer")).to_have_count(0)
    page.close()


def test_a_guess_is_compared_and_only_then_comes_what_the_next_cell_shows(unit):
    form = unit.page.locator("form.question")
    below = unit.page.get_by_text("deviation before 59.5")
    expect(below).to_be_hidden()
    source = unit.page.content()
    assert "square root of 9" not in source
    form.get_by_label("Your prediction").fill("7")
    form.get_by_label("Your prediction").press("Enter")
    expect(form).to_contain_text("✘ You said 7. It is 20. Noise falls with the square root of 9.")
    expect(below).to_be_visible()
    for near in ("19", "20.5", "40/2"):
        form.get_by_label("Your prediction").fill(near)
        form.get_by_role("button", name="Compare").click()
        expect(form).to_contain_text(f"✔ You said {near}, and it is 20.")


def test_who_does_not_want_to_guess_is_not_made_to(unit):
    unit.page.get_by_role("button", name="Show without a guess").click()
    expect(unit.page.get_by_text("deviation before 59.5")).to_be_visible()


@pytest.mark.parametrize(("scheme", "widths"), [("light", (1280, 400)), ("dark", (400, 1280))])
def test_no_page_asks_another_host_or_complains_or_scrolls_sideways(browser, address, book, scheme, widths):
    """Each opened at one width, and then turned to the other."""
    visit = Visit(browser, address, "index.html", viewport={"width": widths[0], "height": 800}, color_scheme=scheme)
    for path in sorted(path.relative_to(book).as_posix() for path in book.rglob("*.html") if "_static" not in path.parts):
        visit.page.set_viewport_size({"width": widths[0], "height": 800})
        visit.page.goto(f"{address}/{path}", wait_until="networkidle")
        for width in widths:
            visit.page.set_viewport_size({"width": width, "height": 800})
            assert visit.page.evaluate("document.scrollingElement.scrollWidth") == width, path
        assert [url for url in visit.asked if not url.startswith((address, "data:"))] == [], path
        assert visit.complaints == [], path
        ink, paper = (visit.page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("color", "backgroundColor"))
        assert (lightness(ink) < lightness(paper)) == (scheme == "light"), path
    visit.page.close()


def lightness(colour):
    """Of "rgb(34, 40, 50)", from 0 to 255."""
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 3


def test_the_first_page_is_small_and_comes_at_once(browser, address):
    """At most a megabyte, and shown within a second; on a busy machine a page of one word takes long too."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    sizes = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto(f"{address}/index.html", wait_until="networkidle")
    assert sum(sizes) < MEGABYTE
    page.context.close()
    assert seconds_to_paint(browser, f"{address}/index.html") < 1 + 10 * seconds_to_paint(browser, "data:text/html,word")


def seconds_to_paint(browser, url):
    """Until the first words are to be seen: the best of three."""
    seconds = []
    for _ in range(3):
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(url)
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
        seconds.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000)
        page.context.close()
    return min(seconds)


def test_headings_become_smaller_and_lighter_step_by_step(unit):
    sizes = [
        unit.page.locator(f".bd-article {name}").first.evaluate(
            "h => [parseFloat(getComputedStyle(h).fontSize), +getComputedStyle(h).fontWeight]"
        )
        for name in ("h1", "h2", "h3")
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert len({size for size, _ in sizes}) == len({weight for _, weight in sizes}) == 3


def test_printed_pages_have_text_and_figures_only(unit):
    unit.page.emulate_media(media="print")
    for name in (".bd-sidebar-primary", ".slider-handle", ".bd-header-article"):
        expect(unit.page.locator(name).first).to_be_hidden()
    expect(unit.page.locator(SHOWN)).to_be_visible()


def test_a_function_name_is_not_cut(browser, address):
    visit = Visit(browser, address, "exercises.html", viewport={"width": 400, "height": 800})
    for name in visit.page.locator("#all-exercises td code").all():
        assert name.evaluate("code => code.scrollWidth <= code.clientWidth + 1 || getComputedStyle(code).display === 'inline'")
        box = name.bounding_box()
        assert box["x"] + box["width"] <= 400
    visit.page.close()
