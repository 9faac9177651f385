"""Pages with a student's work in them run nothing of it and ask nobody: feedback, report and Formgrader, in Chromium.

A server on the loopback is the beacon: whatever a page loads, or a click opens, asks it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import nbformat
import pytest

pytest.importorskip("playwright", reason="the package playwright drives the browser")

from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbconvert.filters.strings import strip_files_prefix
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from playwright.sync_api import Page, expect

from convcourse.grading.feedback_pages import write_feedback
from convcourse.grading.grade import grade
from convcourse.grading.gradebook import add_students, gradebook
from convcourse.grading.harmless import attached_pictures, clean_output, clean_text, harmless_markdown
from convcourse.operations.report.write import write_report
from convcourse.settings import COURSE
from convcourse.texts import TURNING
from tests.browser import CHROMIUM, jupyter_lab, open_browser
from tests.conftest import UNIT, answer_cell

CONFIG = """
from pathlib import Path
from convcourse.grading.course import configure
configure(get_config(), Path(__file__).parent)
"""
RUN = "document.title=7"  # without quotes, which would end an attribute
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
# What a student may type into a text cell; BEACON stands for the address of the beacon, RUN for a script.
TEXTS = r"""
[c](javascript\:RUN)
[c](java&#115;cript:RUN)
[c](java&amp;#115;cript:RUN)
[c](javascript&colon;RUN)
[c](javascript&amp;colon;RUN)
[c](&#x01;javascript:RUN)
[c](java&Tab;script:RUN)
[c](java&NewLine;script:RUN)
[c](JaVaScRiPt:RUN "a title")
[c](<javascript:RUN>)
[c]( vbscript:RUN )
[c](data:text/html,<script>RUN</script>)
[c](data:text/html;base64,PHNjcmlwdD5sb2NhdGlvbj0nQkVBQ09OJzwvc2NyaXB0Pg==)
[c](files/javascript:RUN)
[c](/files/javascript:RUN)
[c](//BEACON_HOST/protocol-relative)
[c](\\\\BEACON_HOST\\share)
[c](blob:RUN)
[c][ref]<br>[ref]: javascript:RUN
[ref]

[ref]: javascript\:RUN "x"
[c][other]

[other]:
  java&#115;cript:RUN
<javascript:RUN>
![p](BEACON/picture.png)
![p][picture]

[picture]: BEACON/defined.png
[![p](BEACON/in_a_link.png)](https://example.org)
![p](javascript:RUN)
![p](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)
![p](attachment:missing.png)
![p](attachment:evil.svg)
![p](attachment:"onerror="RUN)
<script>RUN</script>
<script src="BEACON/script.js"></script>
<svg onload="RUN"><script>RUN</script><image href="BEACON/svg.png"/><a xlink:href="javascript:RUN"><text y="20">c</text></a></svg>
<math><a xlink:href="javascript:RUN">c</a></math>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=RUN&gt;">
<noscript><p title="</noscript><img src=x onerror=RUN>">
<base href="BEACON/">
<meta http-equiv="refresh" content="0;url=BEACON/refresh">
<form action="BEACON/form"><input type="submit" autofocus onfocus="RUN"><button formaction="javascript:RUN">c</button></form>
<style>@import url(BEACON/import.css); body { background: url(BEACON/background.png) }</style>
<p style="background-image:url(BEACON/style.png);position:fixed">c</p>
<img srcset="BEACON/srcset.png 1x" src="x" onerror="RUN">
<picture><source srcset="BEACON/source.png"><img></picture>
<video src="BEACON/video.mp4" poster="BEACON/poster.png" autoplay></video><audio src="BEACON/audio.mp3" autoplay></audio>
<iframe src="javascript:parent.RUN"></iframe><iframe srcdoc="<script>parent.RUN</script>"></iframe>
<object data="BEACON/object"></object><embed src="BEACON/embed">
<link rel="stylesheet" href="BEACON/link.css"><link rel="prefetch" href="BEACON/prefetch"><link rel="dns-prefetch" href="BEACON">
<a href="javascript:RUN" ping="BEACON/ping">c</a><a href="https://example.org" ping="BEACON/ping">c</a>
<a href="https://example.org" onclick="RUN">c</a><area href="javascript:RUN"><map name="m"><area href="javascript:RUN"></map>
<details ontoggle="RUN" open><summary>c</summary></details><marquee onstart="RUN">c</marquee>
<input class="score" id="delta" type="number" value="99"><textarea id="answer_delta-comment">c</textarea>
<body onload="RUN"><table background="BEACON/table.png"><td background="BEACON/td.png">c
</div></div></div></div></div></div><script>RUN</script>
<!--><script>RUN</script>--><![CDATA[<script>RUN</script>]]>
```python" onmouseover="RUN
c
```
$\href{javascript:RUN}{c}$ and $$\href{javascript\:RUN}{c}$$ and $\require{html}\style{background:url(BEACON/tex.png)}{c}$
\begin{x}<script>RUN</script>\end{x}
"""
HTML = (
    "<script>RUN</script><img src=BEACON/html.png onerror=RUN>"
    "<a href='javascript:RUN'>c</a><p style='background:url(BEACON/p.png)'>"
)
SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload='RUN'><script>RUN</script><image href='BEACON/svg.png'/></svg>"
NAME = "<img src=BEACON/name.png onerror=RUN>"
OVERRIDE, ISOLATE_TYPED = "\u202e", "&#x2066;"  # marks that turn the direction of writing
WIDGET = {
    "text/plain": "a slider",
    "application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>RUN</script>", "version_major": 2},
}


class Beacon:
    """A server that remembers what it was asked for."""

    def __init__(self) -> None:
        asked: list[str] = []

        class Listen(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            do_POST = do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Listen)
        self.asked = asked
        self.host = f"127.0.0.1:{self.server.server_port}"

    def in_place(self, text: str) -> str:
        """A text with this beacon's address and the script in it."""
        return text.replace("BEACON_HOST", self.host).replace("BEACON", f"http://{self.host}").replace("RUN", RUN)


@pytest.fixture(scope="module")
def listening() -> Iterator[Beacon]:
    beacon = Beacon()
    Thread(target=beacon.server.serve_forever, daemon=True).start()
    yield beacon
    beacon.server.shutdown()
    beacon.server.server_close()


@pytest.fixture
def beacon(listening) -> Beacon:
    listening.asked.clear()
    return listening


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with open_browser() as browser:
        yield browser


def hostile_work(beacon: Beacon) -> NotebookNode:
    """Unit 02 with all that in its text cells, its answers, its outputs and its metadata."""
    work = nbformat.read(COURSE / UNIT / f"{UNIT}.ipynb", as_version=4)
    texts = beacon.in_place(TEXTS)
    # Each line by itself too: the first that cannot be shown makes the whole cell text.
    work.cells += [new_markdown_cell(line) for line in texts.strip().splitlines() if line] + [new_markdown_cell(texts)]
    work.cells += [
        new_markdown_cell(f"see {OVERRIDE}gnp.exe and {ISOLATE_TYPED}"),
        new_code_cell(f"admin = False  # {OVERRIDE}eurT"),
    ]
    work.cells.append(new_raw_cell(beacon.in_place(HTML), metadata={"raw_mimetype": "text/html"}))
    evil = beacon.in_place(SVG)
    work.cells.append(new_markdown_cell("![p](attachment:evil.svg)", attachments={"evil.svg": {"image/svg+xml": evil}}))
    html = beacon.in_place(HTML)
    work.cells.append(new_code_cell(f"print({html!r})\nfrom IPython.display import HTML, display\ndisplay(HTML({html!r}))"))
    answer_cell(work, "delta").source = f"def delta(length, place):\n    raise ValueError({html!r})"
    answer_cell(work, "shift").source = f"def shift(signal, steps):\n    return {html + OVERRIDE!r}"
    script = beacon.in_place("<script>RUN</script>")
    work.metadata["kernelspec"] = {"name": script, "display_name": script, "language": script}
    work.metadata["language_info"] = {"name": script, "pygments_lexer": script}
    work.metadata["title"] = script
    return work


@pytest.fixture(scope="module")
def hostile_class(tmp_path_factory, released, listening) -> Path:
    """A class in which a student with a hostile name in the class list has handed that in."""
    root = tmp_path_factory.mktemp("home") / "class"
    root.mkdir()
    shutil.copy(released / "gradebook.db", root)
    (root / "nbgrader_config.py").write_text(CONFIG)
    name = listening.in_place(NAME) + OVERRIDE
    (root / "class.csv").write_text(f'id,first_name,last_name\neve,{name},"""><script>{RUN}</script>"\n')
    add_students(root, root / "class.csv")
    file = root / "submitted" / "eve" / UNIT / f"{UNIT}.ipynb"
    file.parent.mkdir(parents=True)
    nbformat.write(hostile_work(listening), file)
    assert [result.state for result in grade(root, UNIT, ["eve"])] == ["graded"]
    return root


@pytest.fixture
def class_with_outputs(hostile_class, tmp_path, beacon) -> Path:
    """The same class with outputs of all kinds in the graded notebook, as plain assert cells with a kernel leave them.

    The name is as `nbgrader db student add` takes it.
    """
    root = shutil.copytree(hostile_class, tmp_path / "home" / "class")
    with gradebook(root) as book:
        book.update_or_create_student("eve", first_name=beacon.in_place(NAME) + OVERRIDE, last_name=f'"><script>{RUN}</script>')
    file = root / "autograded" / "eve" / UNIT / f"{UNIT}.ipynb"
    notebook = nbformat.read(file, as_version=4)
    html, svg, script = map(beacon.in_place, (HTML, SVG, "RUN"))
    shown = [
        *({"text/html": html}, {"text/markdown": html}, {"text/markdown": "[c](java&#115;cript:" + script + ")"}),
        *(
            {"application/javascript": script},
            {"image/svg+xml": svg},
            {"text/latex": rf"<img src=x onerror={script}>$\href{{javascript:{script}}}{{c}}$"},
        ),
        {"text/vnd.mermaid": f"</pre>{html}"},
        json.loads(beacon.in_place(json.dumps(WIDGET))),
    ]
    outputs = [new_output("display_data", data) for data in shown]
    outputs.append(new_output("display_data", {"text/html": html}, metadata={"text/html": {"isolated": True}}))
    size = {"image/png": {"width": f"1 onload={script}", "height": f"1 onerror={script}"}}
    outputs.append(new_output("display_data", {"image/png": DOT}, metadata=size))
    outputs.append(new_output("error", ename=html, evalue=html, traceback=[f"\x1b[31m{html}"]))
    notebook.cells.append(new_code_cell("1", outputs=outputs))
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"a": f"</script><script>{script}</script>"}}}
    notebook.metadata["widgets"] = widgets
    file.chmod(0o644)
    nbformat.write(notebook, file)
    return root


def assert_silent(page: Page, beacon: Beacon, part: str = "body", wait: int = 500) -> None:
    """Click all that can be clicked in a part of an open page: nothing runs, and nobody is asked.

    Links to the web are the reader's own choice.
    """
    title, address = page.title(), page.url
    for link in page.locator(f"{part} :is(a, area, button, summary, input, svg, text)").all():
        if (link.get_attribute("href") or "").startswith(("http://", "https://")):
            assert link.get_attribute("ping") is None
        else:
            link.evaluate("it => it.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))")
    page.wait_for_timeout(wait)
    assert page.title() == title
    assert page.url.split("#")[0] == address.split("#")[0]
    assert beacon.asked == []


@pytest.fixture
def page(browser):
    page = browser.new_page()
    # The web is not needed: a page that asks for it gets nothing.
    page.route(lambda url: not url.startswith(("http://127.0.0.1", "file:")), lambda route: route.abort())
    yield page
    page.close()


@pytest.mark.parametrize(
    "html",
    [HTML, SVG, "<a href='javascript:RUN'>c</a>", "<a href='java&#115;cript:RUN'>c</a>", "<p style='background:url(BEACON/p)'>c"],
)
def test_a_page_without_walls_is_not_silent(page, beacon, tmp_path, html):
    (tmp_path / "page.html").write_text(beacon.in_place(f"<!doctype html><title>t</title><body>{html}"))
    page.goto((tmp_path / "page.html").as_uri())
    with pytest.raises(AssertionError):
        assert_silent(page, beacon)


@pytest.mark.parametrize("clean", [clean_text, clean_output])
def test_the_cleaning_alone_is_enough(page, beacon, tmp_path, clean):
    """Without a policy, and with all that Markdown lets through."""
    for number, text in enumerate([*TEXTS.strip().splitlines(), TEXTS, HTML, SVG]):
        try:
            html = MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(beacon.in_place(text))
        except InvalidNotebook:  # nbconvert stops at a picture that is not there
            continue
        (tmp_path / f"{number}.html").write_text(f"<!doctype html><title>t</title>{clean(strip_files_prefix(html))}", "utf-8")
        page.goto((tmp_path / f"{number}.html").as_uri())
        assert_silent(page, beacon, wait=50)


def assert_policy(page: Page) -> None:
    """A strict policy stands before all that somebody wrote."""
    policy = page.locator("head > meta[http-equiv='Content-Security-Policy']")
    assert page.evaluate("document.head.querySelector('meta[http-equiv]').matches(':nth-child(-n + 2)')")
    rules = dict(rule.split(maxsplit=1) for rule in (policy.get_attribute("content") or "").split(";"))
    assert {rules[name] for name in ("default-src", "base-uri", "form-action")} == {"'none'"}
    assert "unsafe" not in rules.get("script-src", "")
    assert rules.get("img-src", "data:") == "data:"


def test_a_feedback_page_runs_nothing_and_asks_nobody(page, beacon, hostile_class):
    file = write_feedback(hostile_class, UNIT, "eve")
    page.goto(file.as_uri())
    assert_policy(page)
    assert_silent(page, beacon)
    assert page.title() == UNIT
    assert page.get_by_text("java&#115;cript").count() > 0  # what was typed is shown
    assert "see �gnp.exe and �" in page.text_content("body")
    assert_straight(page)


def test_a_feedback_page_with_outputs_of_all_kinds_runs_nothing_and_asks_nobody(page, beacon, class_with_outputs):
    page.goto(write_feedback(class_with_outputs, UNIT, "eve").as_uri())
    assert_silent(page, beacon)
    assert page.title() == UNIT


def test_the_report_runs_nothing_and_asks_nobody(page, beacon, hostile_class):
    html, _ = write_report(hostile_class, UNIT)
    page.goto(html.as_uri())
    assert_policy(page)
    page.evaluate("for (const link of document.querySelectorAll('a[href*=feedback]')) link.remove()")  # another page
    assert_silent(page, beacon)
    assert "report" in page.title()
    assert_straight(page)


@pytest.fixture
def open_submission(page, tmp_path):
    """Open Eve's work in the Formgrader of a JupyterLab that runs in some folder, with a configuration of its user's own."""
    with ExitStack() as open_labs:

        def open_it(root: Path, folder: Path, first: str = "", own_config: str = "") -> None:
            (tmp_path / "lab" / "config").mkdir(parents=True)
            (tmp_path / "lab" / "config" / "nbgrader_config.py").write_text(own_config)
            lab = open_labs.enter_context(jupyter_lab(folder, tmp_path / "lab"))
            page.goto(lab.format(page="formgrader") + first)
            with gradebook(root) as book:
                (notebook,) = book.find_submission(UNIT, "eve").notebooks
            page.goto(lab.format(page=f"formgrader/submissions/{notebook.id}/"))
            expect(page.locator("#delta")).to_have_attribute("placeholder", "0")  # the page's own scripts have fetched the score

        yield open_it


WRITTEN = ":is(.text_cell_render, .output)"


def test_the_formgrader_in_the_class_runs_nothing_and_works_as_before(page, beacon, class_with_outputs, open_submission):
    open_submission(class_with_outputs, class_with_outputs)
    assert_works(page, class_with_outputs)
    assert_silent(page, beacon, WRITTEN)


def test_so_does_the_formgrader_of_a_user_whose_configuration_names_the_class(page, beacon, class_with_outputs, open_submission):
    config = CONFIG.replace("Path(__file__).parent", repr(class_with_outputs)).replace("PosixPath", "Path")
    open_submission(class_with_outputs, class_with_outputs.parent, own_config=config)
    assert_works(page, class_with_outputs)
    assert_silent(page, beacon, WRITTEN)


def test_a_formgrader_that_is_sent_to_the_class_runs_nothing_of_a_text(page, beacon, hostile_class, open_submission):
    """nbgrader has made its page before it reads the class's configuration, so our policy and filters are not in it."""
    open_submission(hostile_class, hostile_class.parent, first="&path=class")
    assert_silent(page, beacon, WRITTEN)


def assert_straight(page: Page) -> None:
    """No mark turns the direction of writing, so what is read is what is there."""
    assert not set(TURNING).intersection(page.content())


def assert_works(page: Page, root: Path) -> None:
    """The Formgrader shows a name as text, and takes a score."""
    assert_policy(page)
    assert_straight(page)
    page.locator("span.name-hidden").click()
    expect(page.locator("a.name-shown")).to_contain_text("onerror")
    page.locator("#delta").fill("1")
    with page.expect_response(lambda response: "/api/grade/" in response.url):
        page.locator("#delta").blur()
    with gradebook(root) as book:
        assert book.find_grade("delta", UNIT, UNIT, "eve").score == 1


# Without a browser


@pytest.mark.parametrize("text", [line for line in TEXTS.strip().splitlines() if line])
def test_a_text_that_is_kept_has_no_address_but_one_of_the_web(text):
    """Rendered as any nbconvert renders it."""
    page = BeautifulSoup(MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(harmless_markdown(text)), "html.parser")
    assert {tag.name for tag in page.find_all()} <= {"a", "br", "code", "div", "em", "p", "pre", "span", "strong"}
    addresses = [tag["href"] for tag in page.find_all(href=True)]
    assert not [address for address in addresses if not address.startswith(("http://", "https://", "mailto:"))]


def test_honest_markdown_is_kept_as_typed():
    text = "# Why\n\n*Because* `x[0]` is **2**, see [the paper](https://example.org/a_(b)), $a < b$.\n\n| a |\n| - |\n| b |"
    assert harmless_markdown(text) == text


def test_a_pasted_picture_is_kept_and_nothing_else_that_is_attached():
    cell = new_markdown_cell("![my plot](attachment:plot.png)")
    cell.attachments = {
        "plot.png": {"image/png": DOT, "text/html": "<script>"},
        "x.svg": {"image/svg+xml": SVG},
        "a.png": {"image/png": "<"},
    }
    pictures = attached_pictures(cell)
    assert pictures == {"plot.png": {"image/png": DOT}}
    assert harmless_markdown(cell.source, pictures) == cell.source
    assert harmless_markdown(cell.source) == f"    {cell.source}"  # a picture that is not there would stop nbconvert


def test_the_cleaning_keeps_what_markdown_and_our_panels_need():
    code = '<div class="highlight"><pre><span class="k">def</span></pre></div>'
    table = '<table><tbody><tr><td style="text-align:right">1</td></tr></tbody></table>'
    picture = f'<img src="data:image/png;base64,{DOT}" alt="a plot">'
    for html in (code, table, picture, "<details><summary>a hint</summary>$a_1$</details>"):
        assert clean_text(html) == html
    panel = '<div role="group" style="border-left:6px solid #1b6e3c;background-color:#fff">5</div>'
    assert clean_output(panel) == panel
    assert clean_text('<h2 id="delta">d<a href="#delta">¶</a></h2>') == (
        '<h2 id="text-delta">d<a href="#text-delta" rel="noopener noreferrer">¶</a></h2>'
    )
