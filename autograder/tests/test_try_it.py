"""The pages to try: what the browser computes is what Python computes, and every number that is shown belongs to it."""

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d
from skimage.measure import block_reduce

pytest.importorskip("myst_nb", reason="the book needs the extra `site`")
pytest.importorskip("playwright", reason="the package playwright drives the browser")

from playwright.sync_api import expect

from convcourse.authoring.book.digit import LAYERS, TRAINED, WEIGHTS, as_lenet_sees, example_digits
from convcourse.authoring.book.kernel import KERNELS, small_photograph
from convcourse.authoring.book.small_net import voting_weights
from convcourse.pictures.xo_toy_net import CROSS, FEATURES, RING
from tests.browser import PATIENCE, needs_browser, open_browser
from tests.solved import solutions_of

pytestmark = needs_browser


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def open_page(browser, book):
    def opened(name):
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(PATIENCE)
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


@pytest.fixture(scope="module")
def small_net(open_page):
    page = open_page("small_net.html")
    yield page
    page.close()


def layers_of(page):
    layers = page.locator(".small-net").evaluate("root => root.layers")
    return {
        name: np.array([np.reshape(one["values"], (one["rows"], one["cols"])) for one in maps]) for name, maps in layers.items()
    }


def layers_by_scipy(picture):
    """Unit 5's net: matches, ReLU, max pooling of 2 × 2 twice (windows are cut at the edge), votes."""
    conv = np.array([correlate2d(picture, feature, "valid") / 9 for feature in FEATURES])
    relu = conv.clip(0)
    pool = block_reduce(relu, (1, 2, 2), np.max)
    last = block_reduce(pool, (1, 2, 2), np.max)
    votes = (voting_weights() @ last.ravel()).reshape(2, 1, 1)
    return {"picture": picture[None], "conv": conv, "relu": relu, "pool": pool, "last": last, "votes": votes}


@pytest.mark.parametrize(("name", "picture"), [("X", CROSS), ("O", RING)])
def test_every_number_of_the_small_net_is_scipys(small_net, name, picture):
    small_net.get_by_role("button", name=name, exact=True).click()
    found, wanted = layers_of(small_net), layers_by_scipy(picture)
    assert found.keys() == wanted.keys()
    for layer in wanted:
        np.testing.assert_allclose(found[layer], wanted[layer], atol=1e-5, err_msg=layer)


def test_the_small_net_is_the_notebooks():
    """Five places vote for X with 1/5, four for O with 1/4. Each shape reaches 5/9 where the other one reaches 1."""
    notebook, weights = solutions_of("05_xo_toy_net"), voting_weights()
    assert np.count_nonzero(weights, axis=1).tolist() == [5, 4]
    for shape, wanted in ((CROSS, [1, 5 / 9]), (RING, [5 / 9, 1])):
        last = notebook["stack"](shape, FEATURES, ["conv", "relu", "pool", "relu", "pool"])
        np.testing.assert_allclose(last, layers_by_scipy(shape)["last"])
        np.testing.assert_allclose(notebook["votes"](last, weights), wanted)


def test_a_turned_pixel_changes_the_net_as_in_python(small_net):
    small_net.get_by_role("button", name="X", exact=True).click()
    small_net.locator('[data-place="picture 0 4 4"]').click()
    picture = CROSS.copy()
    picture[4, 4] = -1
    found = layers_of(small_net)
    for layer, wanted in layers_by_scipy(picture).items():
        np.testing.assert_allclose(found[layer], wanted, atol=1e-5, err_msg=layer)


@pytest.mark.parametrize(
    ("place", "title", "computed"),
    [
        ("conv 0 0 0", "diagonal \\, row 0, column 0", "7 / 9 = 0.7778"),
        ("relu 1 0 1", "cross, row 0, column 1", "max(0, −0.56) = 0"),
        ("pool 0 3 3", "diagonal \\, row 3, column 3", "max(0.78) = 0.7778"),
        ("last 2 0 1", "diagonal /, row 0, column 1", "max(1, 0.78, 1, 0.33) = 1"),
        ("votes 1 0 0", "Votes for O", "0.25·0.56 + 0.25·0.56 + 0.25·0.56 + 0.25·0.56 = 0.5556"),
    ],
)
def test_a_number_opens_to_what_it_was_computed_from(small_net, place, title, computed):
    small_net.get_by_role("button", name="X", exact=True).click()
    small_net.locator(f'[data-place="{place}"]').click()
    opened = small_net.locator(".opened")
    expect(opened).to_contain_text(title)
    expect(opened).to_contain_text(computed)


def test_the_arrow_keys_go_from_number_to_number_and_its_sources_are_outlined(small_net):
    small_net.get_by_role("button", name="X", exact=True).click()
    small_net.locator('[data-place="conv 0 0 0"]').focus()
    small_net.keyboard.press("ArrowDown")
    small_net.keyboard.press("ArrowRight")
    expect(small_net.locator(".opened")).to_contain_text("row 1, column 1")
    sources = small_net.locator(".is-source")
    assert [button.get_attribute("data-place") for button in sources.all()] == [
        f"picture 0 {row} {col}" for row in (1, 2, 3) for col in (1, 2, 3)
    ]


@pytest.fixture(scope="module")
def digit(open_page):
    page = open_page("digit.html")
    yield page
    page.close()


@pytest.fixture(scope="module")
def lenet():
    """LeNet-5 in Keras with the page's weights."""
    from convcourse.nets.lenet import lenet5

    net = lenet5((32, 32, 1), 10, "tanh")
    with np.load(WEIGHTS) as kept:
        for name in LAYERS:
            net.get_layer(name).set_weights([kept[f"{name}_kernel"] * kept[f"{name}_scale"], kept[f"{name}_bias"]])
    return net


def read_by_the_page(page, squares):
    """Each layer as in Keras: an array (rows, columns, maps), or (units,)."""
    found = page.locator(".digit").evaluate("(root, squares) => root.read(squares)", squares.ravel().tolist())
    maps = {
        name: [np.reshape(one["values"], (one["rows"], one["cols"])) for one in found[name]] for name in ("C1", "S2", "C3", "S4")
    }
    return {name: np.stack(images, axis=-1) for name, images in maps.items()} | {
        name: np.array(found[name]) for name in ("C5", "F6", "output")
    }


@pytest.mark.parametrize("kind", [*range(10), "noise", "paper"])
def test_every_layer_of_lenet_in_the_browser_is_that_of_keras(digit, lenet, kind):
    import keras

    noise = np.random.default_rng(0).uniform(0, 16, size=(8, 8))
    squares = {"noise": noise, "paper": np.zeros((8, 8))}[kind] if isinstance(kind, str) else example_digits()[kind]
    found = read_by_the_page(digit, squares)
    outputs = keras.Model(lenet.inputs[0], {name: lenet.get_layer(name).output for name in found})
    wanted = outputs(as_lenet_sees(squares[None]))
    for name, numbers in found.items():
        np.testing.assert_allclose(numbers, np.asarray(wanted[name])[0], atol=1e-5, err_msg=name)


def test_the_page_reads_digits_of_writers_that_it_does_not_know(lenet):
    from sklearn.datasets import load_digits

    digits, labels = load_digits(return_X_y=True)
    answers = np.argmax(lenet(as_lenet_sees(digits[TRAINED:].reshape(-1, 8, 8))), axis=1)
    assert np.mean(answers == labels[TRAINED:]) > 0.94


@pytest.mark.parametrize(
    ("drawn", "strokes"),
    [
        ("7", [[(0.2, 0.2), (0.75, 0.2), (0.45, 0.8)]]),
        ("1", [[(0.5, 0.2), (0.5, 0.8)]]),
        ("4", [[(0.6, 0.15), (0.25, 0.6), (0.8, 0.6)], [(0.6, 0.15), (0.6, 0.85)]]),
        ("0", [[(0.5, 0.15), (0.27, 0.35), (0.27, 0.65), (0.5, 0.85), (0.72, 0.65), (0.72, 0.35), (0.5, 0.15)]]),
    ],
)
def test_a_digit_drawn_with_the_pointer_is_read(digit, drawn, strokes):
    digit.get_by_role("button", name="Clear").click()
    expect(digit.get_by_text("Nothing is drawn yet.")).to_be_visible()
    box = digit.locator('[data-part="pad"]').bounding_box()
    for first, *others in strokes:
        digit.mouse.move(box["x"] + first[0] * box["width"], box["y"] + first[1] * box["height"])
        digit.mouse.down()
        for across, down in others:
            digit.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=5)
        digit.mouse.up()
    expect(digit.get_by_text(f"LeNet reads {drawn},")).to_be_visible()


def test_who_cannot_draw_takes_a_digit_from_the_list(digit):
    digit.get_by_label("Or take one of scikit-learn's").select_option("5")
    expect(digit.get_by_text("LeNet reads 5,")).to_be_visible()
