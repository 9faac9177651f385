"""What the book is made of: pictures as files, formulae as MathML, questions whose answer is not to be read, the five parts."""

import base64
import gzip
import io
import json
import re

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

pytest.importorskip("myst_nb", reason="the book needs the extra `site`")

from convcourse.authoring.book.formulae import mathml
from convcourse.authoring.book.front import PARTS, front_page
from convcourse.authoring.book.moving import question, scrambled, slider
from convcourse.authoring.book.pictures_apart import LARGE, with_pictures_apart
from convcourse.authoring.book.write import TRY, lead_to_page_to_try
from convcourse.errors import CourseError
from convcourse.exercises import UNITS
from convcourse.for_the_book import SWITCH
from convcourse.predictions import predict
from convcourse.settings import COURSE, ROOT
from convcourse.widgets import slide


def image_tag(pixels):
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "png")
    return f"<img alt='a' src='data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}'>"


def test_a_picture_becomes_a_file_with_the_same_pixels_and_the_same_picture_is_one_file(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, size=(8, 9, 3), dtype=np.uint8)
    html = with_pictures_apart(2 * image_tag(pixels), tmp_path, "../pictures")
    (file,) = tmp_path.iterdir()
    assert html == 2 * f"<img loading='lazy' width=9 height=8 alt='a' src='../pictures/{file.name}'>"
    with Image.open(file) as kept:
        assert kept.format == "WEBP"
        np.testing.assert_array_equal(np.asarray(kept), pixels)


def test_a_large_picture_loses_a_little_and_becomes_small(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, size=(300, 300, 3), dtype=np.uint8)
    with_pictures_apart(image_tag(noise), tmp_path, "")
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size < LARGE < noise.nbytes


def test_other_kinds_of_pictures_stay_as_they_are(tmp_path):
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    given = f"<img src='data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}'>"
    html = with_pictures_apart(given, tmp_path, "here")
    (file,) = tmp_path.glob("*.svg")
    assert html == f"<img loading='lazy' src='here/{file.name}'>"
    assert file.read_bytes() == drawing


def test_every_formula_of_the_course_becomes_mathml():
    """As MyST finds them: between dollars, outside code."""
    cells = [cell for unit in UNITS for cell in nbformat.read(COURSE / unit / f"{unit}.ipynb", as_version=4).cells]
    texts = [re.sub(r"```.*?```|`[^`]*`|\\\$", "", cell.source, flags=re.S) for cell in cells if cell.cell_type == "markdown"]
    found = [formula for text in texts for formula in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", text, flags=re.S)]
    assert len(found) > 400
    for block, inline in found:
        assert mathml(block or inline, as_block=bool(block)).startswith("<math")


@pytest.mark.parametrize(
    ("tex", "part"),
    [
        (r"\frac12", "<mfrac>"),
        (r"\max\Big(0, x\Big)", "<mo>max</mo>"),
        (r"\texttt{grad\_output}", "grad_output"),
        (r"x_1 + \dots + x_n", "…"),
        (r"^{0.15}", "<mn>0.15</mn>"),
    ],
)
def test_a_formula_has_its_parts(tex, part):
    assert part in mathml(tex)


def test_a_formula_that_cannot_be_shown_is_named():
    with pytest.raises(CourseError, match=r"the book cannot show the formula '\\\\nonsense x'"):
        mathml(r"\nonsense x")


def test_in_the_book_a_slider_hands_over_all_its_pictures_and_predict_its_question(monkeypatch):
    monkeypatch.setenv(SWITCH, "1")
    handed = []
    for module in ("widgets", "predictions"):
        monkeypatch.setattr(f"convcourse.{module}.hand_over", lambda kind, content: handed.append(content))
    monkeypatch.setattr("convcourse.widgets.figure_html", lambda figure, alt: f"{figure}{alt}")
    slide(lambda n: (f"picture {n}", f", {n} dots"), "dots", stop=2, value=1)
    assert predict(None, np.int64(1200), "Because.", close=0.1) is None
    assert handed == [
        {"label": "dots", "start": 1, "frames": ["picture 0, 0 dots", "picture 1, 1 dots", "picture 2, 2 dots"]},
        {"right": 1200.0, "shown": "1,200", "why": "Because.", "close": 0.1},
    ]
    json.dumps(handed)


def test_a_picture_inside_a_drawing_becomes_a_file_too(tmp_path):
    pixels = np.zeros((2, 2), dtype=np.uint8)
    data = re.search(r"data:[^']*", image_tag(pixels)).group().replace(",", ",\n")
    html = with_pictures_apart(f'<svg><image width="9" xlink:href="{data}"/></svg>', tmp_path, "here")
    (file,) = tmp_path.iterdir()
    assert html == f'<svg><image width="9" xlink:href="here/{file.name}"/></svg>'


def test_a_slider_has_a_real_handle_with_a_label_and_its_first_picture_without_javascript(tmp_path):
    frames = ["<svg aria-label='zero'/>", "<svg aria-label='one'/>"]
    html = slider({"label": "a < b", "start": 1, "frames": frames}, tmp_path, "here")
    assert "<svg aria-label='one'/></div>" in html
    assert '<span>a &lt; b</span> <input type="range" min="0" max="1" value="1">' in html
    (file,) = tmp_path.iterdir()
    assert f'data-file="here/{file.name}"' in html
    packed = re.search(r' = "(.*)";', file.read_text()).group(1)
    assert json.loads(gzip.decompress(base64.b64decode(packed))) == frames


def test_what_is_right_is_not_to_be_read_in_a_question():
    html = question({"right": "surer", "shown": "«surer»", "why": "Fur and `stripes` count.", "close": 0.0})
    assert not re.search("surer|stripes", html)


@given(text=st.text(), key=st.text("0123456789abcdef", min_size=1))
def test_scrambling_twice_gives_the_text(text, key):
    once = base64.b64decode(scrambled(text, key))
    letters = key.encode()
    assert bytes(byte ^ letters[place % len(letters)] for place, byte in enumerate(once)).decode() == text


def test_the_five_parts_are_the_course_and_say_what_it_takes():
    assert [unit for part in PARTS for unit in part.units] == list(UNITS)
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert f"{len(UNITS)} notebooks" in text
    page = front_page(text, ["14_resnet"])
    rows = re.findall(r"<tr><td>(.*?)</td></tr>", page)
    assert len(rows) == len(UNITS)
    assert rows[13].split("</td><td>") == [
        '14 · <a href="course/14_resnet/14_resnet.html">ResNet: blocks that add</a>',
        "3 h",
        "28 s",
        "download CIFAR-10 and train ResNet-20 on it (best with a GPU)",
    ]
    assert rows[1].split("</td><td>") == ["2 · Convolution in one dimension", "2½ h", "2 s", "–"]
    assert "11 h" in page  # 2 + 2½ + 3½ + 3


def test_a_unit_leads_to_the_page_on_which_it_can_be_tried():
    assert set(TRY.values()) <= set(UNITS)
    for unit, links in (("09_lenet", ["digit"]), ("10_regularization", [])):
        page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Unit")])
        lead_to_page_to_try(page, unit)
        assert [cell.id for cell in page.cells[1:]] == links
