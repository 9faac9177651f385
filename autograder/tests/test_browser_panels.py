"""A panel of each kind, as a student sees it in JupyterLab, light and dark; and all of them on one page.

With CONVCOURSE_SCREENSHOTS each leaves a picture there. `feedback.png` is the README's: copy it to docs/pictures.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

pytest.importorskip("playwright", reason="the package playwright drives the browser")

from playwright.sync_api import Locator, expect

from tests.browser import Notebook, jupyter_lab, needs_browser, open_browser

pytestmark = needs_browser
SETUP = """
import numpy as np
from convcourse.check import check
from convcourse.exercises import find_exercise
from convcourse.quiet import quietly

with quietly():
    import keras
    from keras import layers

conv_layer, max_pool = find_exercise("conv_layer").oracle, find_exercise("max_pool").oracle
"""
# Kind -> exercise, words of the panel, and the answer.
PANELS = {
    "named": (
        "conv1d_full",
        "Hint. Your result ends with the signal.",
        """
def conv1d_full(signal, kernel):
    z = np.zeros(len(signal))
    for n in range(len(z)):
        for k in range(len(kernel)):
            if 0 <= n - k < len(signal):
                z[n] += kernel[k] * signal[n - k]
    return z
""",
    ),
    "located": (
        "linear_unit",
        "Where to look. Line 4, z = w[n] * x[n]: should this add to what was there, or take its place?",
        """
def linear_unit(x, w, b):
    z = b
    for n in range(len(x)):
        z = w[n] * x[n]
    return z
""",
    ),
    "related": (
        "standardise",
        "What differs. Only “test” is wrong. Wherever your number is wrong, it is 0.",
        """
def standardise(train, test):
    mean, std = train.mean(0), train.std(0)
    with np.errstate(all="ignore"):
        parts = [(part - mean) / std for part in (train, test)]
    return [np.nan_to_num(part, posinf=0, neginf=0) for part in parts]
""",
    ),
    "pattern": (
        "conv1d_valid",
        "Which cases fail. The 11 cases that fail are those with more than one in kernel; all 3 others are right.",
        """
def conv1d_valid(signal, kernel):
    last = len(signal) - len(kernel)
    return np.array([kernel[-1] * signal[n] for n in range(last + 1)])
""",
    ),
    "model": (
        "separable_block",
        "What differs. What your Conv2D gives (Conv2D 1×1, 5 filters, stride 2) is not what was asked.",
        """
def norm_relu6(x):
    return layers.ReLU(6)(layers.BatchNormalization()(x))


def separable_block(x, filters, stride):
    x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
    return norm_relu6(layers.Conv2D(filters, 1, strides=stride, use_bias=False)(norm_relu6(x)))
""",
    ),
    "said": (
        "correlate1d",
        "The exercise is to write it yourself, so correlate may not be called.",
        """
def correlate1d(signal, pattern):
    return np.correlate(signal, pattern)
""",
    ),
    "error": (
        "delta",
        "Your function stopped with IndexError: index 7 is out of bounds for axis 0 with size 5.",
        """
def delta(length, place):
    kernel = np.zeros(length)
    kernel[place + length] = 1
    return kernel
""",
    ),
    "helper": (
        "stack",
        "With the course's own relu in place of yours every case that you see comes out right.",
        """
def relu(image):
    image = np.array(image, dtype=float)
    maps = image if image.ndim < 3 else image[:2]
    maps[maps < 0] = 0
    return image


def stack(image, features, layers):
    maps = image[None]
    for word in layers:
        if word == "conv":
            maps = conv_layer(maps, features)
        elif word == "relu":
            maps = relu(maps)
        else:
            maps = np.stack([max_pool(one, 2) for one in maps])
    return maps
""",
    ),
    "passed": (
        "shift",
        "Visible checks passed",
        """
def shift(signal, steps):
    z = np.zeros(len(signal))
    for n in range(len(signal)):
        if 0 <= n - steps < len(signal):
            z[n] = signal[n - steps]
    return z
""",
    ),
}
# Of the parts with a text of their own, and of the panel.
COLOURS = """panel => [panel, ...panel.querySelectorAll('*')]
    .filter(part => part === panel || [...part.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(part => {
        const {color, backgroundColor} = getComputedStyle(part);
        return `${part.tagName} ${color} ${backgroundColor}`;
    })"""
FOLDED = "panel => (panel.querySelectorAll('details').forEach(part => part.removeAttribute('open')), panel.outerHTML)"
PAGE = "<!doctype html><body style='margin:8px;background:#fff'><div style='columns:2;column-gap:16px'>{}</div></body>"
ONE = "<div style='break-inside:avoid;margin-bottom:8px'>{}</div>"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    wanted = os.environ.get("CONVCOURSE_SCREENSHOTS")
    return Path(wanted).resolve() if wanted else tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory, pictures):
    """A notebook with an answer and its check for each kind of panel, all cells run.

    The model's answer has no source in which a line could be found, so that what differs is said.
    """
    folder = tmp_path_factory.mktemp("student")
    cells = [source for name, _, answer in PANELS.values() for source in (answer.strip(), f"check({name})")]
    cells = [f'exec("""{source}""")' if "def separable_block" in source else source for source in cells]
    written = new_notebook(cells=[new_code_cell(source) for source in (SETUP.strip(), *cells)])
    written.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(written, folder / "panels.ipynb")
    with open_browser() as browser, jupyter_lab(folder, tmp_path_factory.mktemp("lab")) as lab:
        notebook = Notebook(browser, pictures)
        notebook.page.set_viewport_size({"width": 1280, "height": 1600})
        notebook.open(lab, "panels.ipynb")
        notebook.run_all()
        yield notebook
        assert notebook.complaints == []


def shown(notebook: Notebook, kind: str, theme: str) -> Locator:
    """The panel, unfolded, in a theme."""
    notebook.page.emulate_media(color_scheme=theme)
    notebook.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{str(theme == 'light').lower()}'")
    panel = notebook.panel(PANELS[kind][0])
    if panel.locator("details:not([open])").count():
        panel.locator("summary").click()
    return panel


@pytest.mark.parametrize("kind", PANELS)
def test_a_panel_of_each_kind_reads_the_same_in_light_and_dark(notebook, pictures, kind):
    light = shown(notebook, kind, "light")
    expect(light).to_contain_text(PANELS[kind][1])
    light.screenshot(path=pictures / f"panel_{kind}_light.png")
    colours = light.evaluate(COLOURS)
    dark = shown(notebook, kind, "dark")
    dark.screenshot(path=pictures / f"panel_{kind}_dark.png")
    assert dark.evaluate(COLOURS) == colours


def test_all_kinds_on_one_page(notebook, pictures):
    notebook.page.emulate_media(color_scheme="light")
    panels = [notebook.panel(PANELS[kind][0]) for kind in PANELS if kind != "helper"]
    folded = [panel.evaluate(FOLDED) for panel in panels]
    page = notebook.page.context.browser.new_page(viewport={"width": 1280, "height": 400})
    page.set_content(PAGE.format("".join(map(ONE.format, folded))))
    assert page.locator("[aria-label^='Feedback on']").count() == len(panels)
    page.screenshot(path=pictures / "feedback.png", full_page=True)
    page.close()
