"""The style of the course's figures: they turn with the page, and everybody can tell their colours apart."""

import re
from itertools import combinations, pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import Rectangle
from skimage.color import deltaE_ciede2000, rgb2lab

from convcourse.colours import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, contrast, ink_on, linear
from convcourse.figures import draw_numbers, figure_html, new_figure
from convcourse.inline_svg import GROUND, PIXELS_AN_INCH, POINTS, TITLE, with_minus
from convcourse.number_figures import Panel, number_figure, sum_text

PALETTE = {"blue": BLUE, "orange": ORANGE, "green": GREEN, "red": RED, "purple": PURPLE, "grey": GREY}
PAGES = ("#ffffff", "#111111")  # JupyterLab, light and dark
# What is left of the colours (linear red, green, blue) without one kind of cone: Machado, Oliveira and Fernandes 2009,
# table 1, severity 1.0.
EYES = {
    "all cones": np.eye(3),
    "no L cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no M cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no S cones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def one_line(label="loss"):
    figure, axes = new_figure(width=4, height=2)
    axes.plot([0, 1], [1, 0], label=label)
    axes.legend()
    axes.set_title("A line")
    return figure


def seen_by(colour, eyes):
    """A colour as these eyes see it, in CIE L*a*b*."""
    light = np.clip(np.asarray(eyes) @ linear(np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])), 0, 1)
    return rgb2lab(np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


# --- colours ---------------------------------------------------------------------------------------


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # the lightest grey that passes on white


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_a_word_on_any_colour_can_be_read(colour):
    assert contrast(colour, ink_on(colour)) >= 4.5


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", PALETTE)
def test_each_colour_stands_out_on_a_light_page_and_on_a_dark_one(name, page):
    assert contrast(PALETTE[name], page) >= 3  # what the guidelines ask of parts of a figure


@pytest.mark.parametrize("eyes", EYES)
def test_colour_blind_readers_tell_the_colours_apart(eyes):
    seen = {name: seen_by(colour, EYES[eyes]) for name, colour in PALETTE.items()}
    apart = {pair: float(deltaE_ciede2000(seen[pair[0]], seen[pair[1]])) for pair in combinations(PALETTE, 2)}
    assert min(apart.values()) >= 13, min(apart, key=apart.get)


def test_the_simulator_finds_colours_that_are_not_apart():
    red, green = (seen_by(colour, EYES["no M cones"]) for colour in ("#ff0000", "#948e00"))
    assert deltaE_ciede2000(red, green) < 13


# --- the SVG ---------------------------------------------------------------------------------------


def test_a_figure_takes_its_ink_and_its_ground_from_the_page():
    open_before = plt.get_fignums()  # what other tests have left
    figure = one_line()
    figure.axes[0].add_patch(Rectangle((0, 0), 1, 1, facecolor="white", edgecolor="black"))
    html = figure_html(figure, "a line")
    assert "fill:currentColor" in html
    assert "stroke: currentColor" in html
    assert f"fill: {GROUND}" in html
    assert not re.search("#000000|#ffffff", html)
    assert "fill: #0d6bc2" in html or "stroke: #0d6bc2" in html
    assert plt.get_fignums() == open_before


def test_the_same_figure_gives_the_same_text_and_another_one_shares_no_name_with_it():
    one, again, other = (figure_html(one_line(label), "a line") for label in ("loss", "loss", "gain"))
    assert one == again
    names, others = (set(re.findall(r' id="([^"]+)"', html)) for html in (one, other))
    assert names
    assert not names & others
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', one)) <= {(n, "") for n in names} | {("", n) for n in names}


def test_a_figure_brings_no_style_that_would_reach_the_page():
    assert not re.search(r"<style|<\?xml|<!--|<metadata", figure_html(one_line(), "a line"))


def test_the_text_alternative_is_escaped():
    assert """aria-label='a &lt; b, &quot;c&quot; and d&#x27;s'""" in figure_html(one_line(), 'a < b, "c" and d\'s')


def test_a_part_says_its_title_when_the_pointer_rests_on_it():
    figure, axes = new_figure()
    axes.add_patch(Rectangle((0, 0), 1, 1, gid=TITLE + "3×3 convolution & <b>"))
    assert "<title>3×3 convolution &amp; &lt;b&gt;</title>" in figure_html(figure, "a box")


def test_a_cloud_of_many_points_becomes_a_picture():
    sizes = {}
    for count in (POINTS, POINTS + 1):
        figure, axes = new_figure()
        axes.scatter(np.arange(count), np.arange(count))
        sizes[count] = figure_html(figure, "points").count("<image")
    assert sizes == {POINTS: 0, POINTS + 1: 1}


def test_a_small_image_keeps_its_own_pixels():
    figure, axes = new_figure()
    axes.imshow(np.eye(8))
    html = figure_html(figure, "a diagonal")
    assert "image-rendering:pixelated" in html
    assert len(html) < 12_000


@pytest.mark.parametrize(
    ("words", "mended"),
    [
        ("-1", "−1"),
        ("sum -3.5, mean -.2", "sum −3.5, mean −.2"),
        ("[-1, 2]", "[−1, 2]"),
        ("2012-2014, VGG-16, 1e-5, x - 1, top-5", "2012-2014, VGG-16, 1e-5, x - 1, top-5"),
        ("$10^{-3}$", "$10^{-3}$"),
    ],
)
def test_a_negative_number_begins_with_a_minus(words, mended):
    assert with_minus(words) == mended


@pytest.mark.parametrize("width", [4, 9, 11])
def test_no_type_is_smaller_than_nine_pixels_on_a_page_of_760(width):
    figure, axes = new_figure(width=width)
    axes.text(0, 0, "small", fontsize=5)
    html = figure_html(figure, "small type")
    shown = min(PIXELS_AN_INCH / 72, 760 / (72 * width))  # pixels a point
    sizes = [float(scale) * 100 for scale in re.findall(r"scale\(([\d.]+) -", html)]
    assert min(sizes) * shown >= 9 - 0.01


# --- numbers ---------------------------------------------------------------------------------------


def test_numbers_as_a_sum():
    assert sum_text([2, 0, -3]) == "2 + 0 − 3"
    assert sum_text([-0.5, 1]) == "−0.5 + 1"
    assert sum_text([7]) == "7"


@pytest.mark.parametrize("sizes", [[(4, 5), (2, 2), (3, 4)], [(9, 9), (3, 3), (7, 7)], [(1, 30), (2, 2)]])
def test_all_squares_of_a_figure_are_equally_large_and_no_panel_lies_on_another(sizes):
    figure, axes = number_figure([Panel(np.ones(size), f"a title of {size}", "and words below") for size in sizes])
    boxes = [place.get_position().transformed(figure.transFigure) for place in axes[0]]
    sides = [side for box, (rows, columns) in zip(boxes, sizes, strict=True) for side in (box.width / columns, box.height / rows)]
    assert sides == pytest.approx([sides[0]] * len(sides))
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert len({round(box.y1) for box in boxes}) == 1  # their tops in one line
    assert figure.get_size_inches()[0] <= 11
    plt.close(figure)


def test_titles_and_words_below_lie_in_the_figure_and_apart():
    figure, axes = number_figure([Panel(np.ones((1, 1)), "a title longer than its panel", "2 + 0 + 4 − 3 = 3") for _ in "123"])
    figure.canvas.draw()
    for line in ([place.title for place in axes[0]], [place.xaxis.label for place in axes[0]]):
        boxes = [text.get_window_extent() for text in line]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
        assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 and figure.bbox.y0 <= box.y0 for box in boxes)
    plt.close(figure)


def test_each_number_can_be_read_on_its_square():
    figure, axes = new_figure()
    numbers = np.linspace(-1, 1, 41)
    draw_numbers(axes, numbers[None], "numbers", digits=".2f")
    colours = [text.get_color() for text in axes.texts]
    squares = axes.images[0].to_rgba(numbers)
    assert all(contrast(square, colour) >= 4.5 for square, colour in zip(squares, colours, strict=True))
    plt.close(figure)
