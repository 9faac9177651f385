"""JupyterLab in a headless Chromium, used as a person uses it: with a pointer and a keyboard."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Locator, Page, expect, sync_playwright

from convcourse.imports import PACKAGE
from tests.processes import end

PATIENCE = 180_000  # milliseconds; a kernel that imports TensorFlow on a busy core is slow
# On Ubuntu `chromium` is a snap, which cannot read what the driver puts in /tmp; Google's package can.
CHROMIUM = next(filter(None, map(shutil.which, ("google-chrome", "chromium", "chromium-browser"))), None)
SWITCHES = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The one thing that our notebooks want from outside: Colab's badge. The tests do without the network.
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
DRAWN_BADGE = """<svg xmlns='http://www.w3.org/2000/svg' width='117' height='20' font-family='sans-serif' font-size='11'>
<rect width='117' height='20' rx='3' fill='#555'/><circle cx='11' cy='10' r='4' fill='none' stroke='#f9ab00' stroke-width='3'/>
<text x='23' y='14' fill='#fff'>Open in Colab</text></svg>"""
# Of what a page writes to the console as a warning or an error, this much is not ours; anything else fails a test.
FRAME_OF_JUPYTERLAB = r"^An iframe which has both allow-scripts and allow-same-origin .*/formgrader/"
# JupyterLab waits some seconds for a cell to be drawn, or for one of its plugins.
A_BUSY_MACHINE = r"^(Item with index \d+ did not appear within \d+ ms|Plugin \S+ is taking too long to activate)"
NOT_OURS = (FRAME_OF_JUPYTERLAB, A_BUSY_MACHINE)
expect.set_options(timeout=PATIENCE)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium with a fresh profile."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a web server on the loopback that gives the files of a folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def jupyter_lab(folder: Path, private: Path) -> Iterator[str]:
    """JupyterLab in `folder`, set up as by `make lab`, on a free port. Yields its address, which ends in "{page}?token=…".

    private: its configuration, settings and log, so that it meets nobody else's.
    """
    settings = private / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    # Light or dark as the browser asks: `page.emulate_media(color_scheme="dark")`.
    (settings / "themes.jupyterlab-settings").write_text(json.dumps({"adaptive-theme": True}))
    homes = {
        "JUPYTER_CONFIG_PATH": PACKAGE / "operations" / "lab",
        "JUPYTER_CONFIG_DIR": private / "config",
        "JUPYTER_RUNTIME_DIR": private / "runtime",
        "JUPYTER_DATA_DIR": private / "data",
        "JUPYTERLAB_SETTINGS_DIR": private / "lab" / "user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": private / "lab" / "workspaces",
        "IPYTHONDIR": private / "ipython",
    }
    # The tests make warnings errors; a student's kernel does not.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    environment |= {name: str(path) for name, path in homes.items()}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=student", f"--ServerApp.root_dir={folder}"]
    with (private / "lab.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_until_it_answers(server, f"http://127.0.0.1:{port}/api?token=student")
            yield f"http://127.0.0.1:{port}/{{page}}?token=student"
        finally:
            end(server)


def _wait_until_it_answers(server: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("JupyterLab did not start; its log is lab.log")


class Desk:
    """One page of the browser, what it complains about, and the camera."""

    def __init__(self, browser: Browser, pictures: Path) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.page.set_default_timeout(PATIENCE)
        self.page.route(BADGE, lambda route: route.fulfill(content_type="image/svg+xml", body=DRAWN_BADGE))
        self.pictures = pictures
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self._note(f"{error.name}: {error.message}"))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._note(f"{message.text} ({message.location.get('url', '')})")

    def _note(self, complaint: str) -> None:
        if not any(re.search(known, complaint) for known in NOT_OURS):
            self.complaints.append(complaint)

    def picture(self, name: str) -> None:
        """Keep what is to be seen now as NAME.png."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.pictures / f"{name}.png")


class Notebook(Desk):
    """A notebook open in JupyterLab."""

    def open(self, lab: str, path: str) -> None:
        # A workspace of its own: in the common one JupyterLab opens again what another page has open.
        self.page.goto(lab.format(page=f"lab/workspaces/{Path(path).stem}/tree/{path}"))
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        # "Run All" does nothing while the kernel is being started.
        self.page.get_by_title("Change kernel", exact=False).filter(has_text="| Idle").wait_for()

    def run_all(self) -> None:
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.wait_until_run(self.page.locator(".jp-CodeCell").last)

    def wait_until_run(self, cell: Locator) -> None:
        """Until its prompt shows a number: it is empty before the first run, and `[*]` while the cell waits its turn."""
        expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]"))

    def cell(self, source: str) -> Locator:
        """The code cell in whose editor `source` stands."""
        return self.page.locator(".jp-CodeCell").filter(has=self.page.locator(".cm-content", has_text=source))

    def answer(self, name: str, body: str) -> None:
        """Write `body` where the body of function `name` now ends its cell: select it, and type as a student types."""
        editor = self.cell(f"def {name}(").locator(".cm-content")
        editor.scroll_into_view_if_needed()
        editor.click()
        keys = self.page.keyboard
        keys.press("Control+End")
        for _ in self._lines_below_docstring(editor):
            keys.press("Shift+ArrowUp")
        keys.press("Shift+End")
        indented = 4  # the editor indents by itself, deeper after a colon
        for line in body.strip("\n").splitlines():
            depth = len(line) - len(line.lstrip())
            keys.press("Enter")
            for _ in range((indented - depth) // 4):
                keys.press("Backspace")
            keys.type(line.strip())
            indented = depth + 4 * line.endswith(":")

    @staticmethod
    def _lines_below_docstring(editor: Locator) -> list[str]:
        lines = editor.locator(".cm-line").all_inner_texts()
        end = max(number for number, line in enumerate(lines) if line.strip().endswith('"""'))
        return lines[end + 1 :]

    def run_and_check(self, name: str) -> Locator:
        """Run the cell that holds the cursor and the check below it, with Shift+Enter. Returns the new panel."""
        before = self.panel(name).element_handle()
        self.page.keyboard.press("Shift+Enter")
        self.page.keyboard.press("Shift+Enter")
        before.wait_for_element_state("hidden", timeout=PATIENCE)  # the old panel goes when the new one comes
        return self.panel(name)

    def panel(self, name: str) -> Locator:
        """The feedback on an exercise, scrolled into view."""
        panel = self.page.get_by_role("group", name=f"Feedback on {name}", exact=True)
        panel.scroll_into_view_if_needed()
        return panel

    def press_tab_until_focused(self, target: Locator) -> None:
        for _ in range(40):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError("forty times Tab did not reach it")

    def validate(self) -> str:
        """Press nbgrader's Validate. Returns what its dialog says, which stays open."""
        self.page.get_by_role("button", name="Validate").click()
        dialog = self.page.get_by_role("dialog")
        dialog.wait_for()
        return dialog.inner_text()


def open_formgrader(desk: Desk, lab: str) -> FrameLocator:
    """Open the Formgrader from JupyterLab's menu, as an instructor does."""
    desk.page.goto(lab.format(page="lab"))
    desk.page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    desk.page.get_by_role("menuitem", name="Formgrader", exact=True).click()
    pages = desk.page.frame_locator("iframe")
    pages.get_by_role("table").wait_for()
    return pages
