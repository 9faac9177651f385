"""Unit 17: trained nets and where to get them, pictures for them, and drawings of what comes out."""

from __future__ import annotations

import os
import socket
import threading
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from skimage.transform import resize

from convcourse.colours import LINE
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, new_figure
from convcourse.judging.calling import is_judged
from convcourse.pretrained import HOW_TO_GET_VGG16, load_vgg16_base

# Keras's trained nets as the lecture lists them (keras.io/applications, 2018): name, file in MB, top-1 and top-5 accuracy,
# parameters, depth.
TRAINED_NETS = (
    ("Xception", 88, 0.790, 0.945, 22_910_480, 126),
    ("VGG16", 528, 0.715, 0.901, 138_357_544, 23),
    ("VGG19", 549, 0.727, 0.910, 143_667_240, 26),
    ("ResNet50", 99, 0.759, 0.929, 25_636_712, 168),
    ("InceptionV3", 92, 0.788, 0.944, 23_851_784, 159),
    ("InceptionResNetV2", 215, 0.804, 0.953, 55_873_736, 572),
    ("MobileNet", 17, 0.665, 0.871, 4_253_864, 88),
)

# The lecture's table for ten photographs of elephants: three classes and their probabilities.
ELEPHANTS = (
    ("Indian_elephant", "African_elephant", "tusker", 0.776757, 0.196798, 0.026314),
    ("African_elephant", "tusker", "Indian_elephant", 0.514596, 0.414825, 0.057157),
    ("tusker", "Indian_elephant", "African_elephant", 0.682218, 0.217784, 0.099942),
    ("African_elephant", "tusker", "Indian_elephant", 0.736568, 0.228160, 0.035263),
    ("African_elephant", "tusker", "Indian_elephant", 0.409717, 0.301944, 0.287880),
    ("water_buffalo", "African_elephant", "warthog", 0.737919, 0.129731, 0.037343),
    ("African_elephant", "tusker", "Indian_elephant", 0.745698, 0.140428, 0.103136),
    ("Indian_elephant", "tusker", "African_elephant", 0.970890, 0.026875, 0.002234),
    ("African_elephant", "tusker", "Indian_elephant", 0.819497, 0.108567, 0.067853),
    ("tusker", "African_elephant", "Indian_elephant", 0.499149, 0.338156, 0.162537),
)
TABLE_COLUMNS = ("class 0", "class 1", "class 2", "prob 0", "prob 1", "prob 2")

CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")

VGG16_FILE = "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
VGG16_ADDRESS = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{VGG16_FILE}"
PICTURE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}


# --- nets --------------------------------------------------------------------------------------


def print_trained_nets() -> None:
    """The lecture's list of trained nets, and what four bytes a parameter would take."""
    columns = ["net", "file, MB", "top-1", "top-5", "parameters", "depth"]
    nets = pd.DataFrame(TRAINED_NETS, columns=columns).set_index("net")
    nets["4 bytes each, MB"] = (nets["parameters"] * 4 / 2**20).round(1)
    nets["parameters"] = nets["parameters"].map("{:,}".format)
    print(nets.to_string())


def print_elephants() -> None:
    """The lecture's answers to ten photographs, and the probability of some elephant."""
    elephants = pd.DataFrame(ELEPHANTS, columns=list(TABLE_COLUMNS))
    is_elephant = elephants.filter(like="class").isin(["Indian_elephant", "African_elephant", "tusker"])
    shares = elephants.filter(like="prob").to_numpy() * is_elephant.to_numpy()
    elephants["some elephant"] = shares.sum(axis=1)
    print(elephants.round(3).to_string())


def print_guesses(title: str, pictures: Sequence[str], said: np.ndarray, shares: np.ndarray) -> None:
    """A net's three best classes for each picture, and their probabilities; said and shares: arrays (pictures, 3)."""
    table = pd.DataFrame(said, index=list(pictures), columns=list(TABLE_COLUMNS[:3]))
    table[list(TABLE_COLUMNS[3:])] = shares.round(3)
    print(f"{title}\n{table.to_string()}\n")


def print_by_layer(values: Mapping[str, np.ndarray], pictures: Sequence[str]) -> None:
    """A number for each layer and picture: layers are rows."""
    print(pd.DataFrame(values, index=list(pictures)).T.round(2).to_string())


def print_scores(rows: Sequence[Sequence[Any]]) -> None:
    """Test accuracies: which clothes, which features, how many numbers a picture, and both classifiers."""
    columns = ["clothes", "features", "numbers", "logistic regression", "SVM"]
    print(pd.DataFrame(rows, columns=columns).round(3).to_string(index=False))


def vgg16_with_classes(weights: str | Path | None = "imagenet", patience: float = 3.0) -> keras.Model | None:
    """VGG16 with all its layers, `keras.applications.VGG16(weights=weights)`; None, after a line that says why, without weights.

    weights: "imagenet" (downloaded once, 528 MB, then kept in ~/.keras), the path of a local copy, or None to stay offline.
    patience: seconds to look for a connection.
    """
    if weights is None:
        _say_offline("VGG16's classes are not asked for")
        return None
    if weights != "imagenet" and not Path(weights).is_file():
        _say_offline(f"there is no file '{weights}'")
        return None
    if weights == "imagenet" and not (_is_downloaded() or has_connection(patience)):
        _say_offline("no connection to the weights of VGG16")
        return None
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(20)  # a line that goes dead in the middle must not hold the notebook up
    try:
        return keras.applications.VGG16(weights=str(weights))
    except Exception as error:
        _say_offline(f"VGG16's weights could not be loaded ({type(error).__name__})")
        return None
    finally:
        socket.setdefaulttimeout(before)


def vgg16_base() -> keras.Model | None:
    """The packaged convolutional part of VGG16; None, after a line that says how to get it, where it is not installed."""
    try:
        return load_vgg16_base()
    except FileNotFoundError:
        print(f"{HOW_TO_GET_VGG16}\nWe go on with SqueezeNet alone.")
        return None


def _say_offline(why: str) -> None:
    print(f"Offline: {why}. SqueezeNet and a packaged VGG16 take over.")


def _is_downloaded() -> bool:
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    return (home / "models" / VGG16_FILE).is_file()


def has_connection(patience: float) -> bool:
    """Does the server answer in time? Looked for in a thread: where there is no network, asking for a name may hang."""
    if os.environ.get("CONVCOURSE_OFFLINE"):
        return False
    answers: list[int] = []

    def ask() -> None:
        try:
            request = urllib.request.Request(VGG16_ADDRESS, method="HEAD")
            with urllib.request.urlopen(request, timeout=patience) as reply:
                answers.append(reply.status)
        except (OSError, ValueError):
            pass

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(patience)
    return answers == [200]


def has_layer(net: keras.Model, name: str) -> bool:
    return name in {layer.name for layer in net.layers}


def convolutions(net: keras.Model, side: int, last: str) -> keras.Model:
    """VGG16's layers up to `last` for pictures of another size; the weights are shared with `net`."""
    images = x = keras.Input((side, side, 3))
    for layer in net.layers[1:]:
        x = layer(x)
        if layer.name == last:
            break
    return keras.Model(images, {last: x})


def fire_modules(net: keras.Model, side: int, numbers: Sequence[int]) -> keras.Model:
    """SqueezeNet for pictures of another size, up to the maps of some fire modules: {"fire5": maps, …}."""
    from convcourse.nets.squeezenet import TABLE, squeezenet

    other = squeezenet(TABLE["1.1"], (side, side, 3))
    other.set_weights(net.get_weights())
    joined = [layer for layer in other.layers if isinstance(layer, keras.layers.Concatenate)]
    return keras.Model(other.input, {f"fire{number}": joined[number - 2].output for number in numbers})


def last_modules(net: keras.Model | None, shape: tuple[int, ...], classes: int) -> keras.Model:
    """From the maps of fire7 to new classes: fire8, fire9, the mean over all places, a new dense layer.

    net: whose weights fire8 and fire9 get; None: random ones.
    """
    inputs = x = keras.Input(shape, name="fire7")
    for number in (8, 9):
        name = f"fire{number}"
        squeezed = keras.layers.Conv2D(64, 1, activation="relu", name=f"{name}-squeeze1x1")(x)
        ones = keras.layers.Conv2D(256, 1, activation="relu", name=f"{name}-expand1x1")(squeezed)
        threes = keras.layers.Conv2D(256, 3, padding="same", activation="relu", name=f"{name}-expand3x3")(squeezed)
        x = keras.layers.Concatenate(name=name)([ones, threes])
    x = keras.layers.Dropout(0.3)(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, keras.layers.Dense(classes, activation="softmax", name="top")(x))
    for layer in model.layers:
        if net is not None and layer.name.startswith("fire") and layer.weights:
            layer.set_weights(net.get_layer(layer.name).get_weights())
    return model


def one_thread_for_products() -> None:
    """NumPy's matrix products on one core from now on: fitting on 500 rows is several times faster beside TensorFlow."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


def run_in_batches(
    model: keras.Model, images: np.ndarray, prepare: Callable[[np.ndarray], np.ndarray], words: str, size: int = 50
) -> dict[str, np.ndarray]:
    """The model's outputs for many images, with a progress bar; `prepare` is applied to one batch at a time."""
    results: dict[str, list[np.ndarray]] = {}
    for first in range(0, len(images), size):
        _progress(first, len(images), words)
        for name, maps in model(prepare(images[first : first + size]), training=False).items():
            results.setdefault(name, []).append(np.asarray(maps))
    _progress(len(images), len(images), words)
    return {name: np.concatenate(parts) for name, parts in results.items()}


def maps_of(
    net: keras.Model, sets: Mapping[str, np.ndarray], prepare: Callable[[np.ndarray], np.ndarray], words: str
) -> dict[str, dict[str, np.ndarray]]:
    """The outputs of `net` for each of some named sets of images, layer by layer."""
    return {name: run_in_batches(net, images, prepare, f"{words}, {name}") for name, images in sets.items()}


def _progress(done: int, total: int, words: str) -> None:
    if is_judged():
        return
    try:
        from IPython.display import display, update_display
    except ImportError:
        return
    data = {
        "text/html": f"<progress value='{done}' max='{total}'></progress> {words}: {done} of {total} pictures",
        "text/plain": f"{words}: {done} of {total} pictures",
    }
    (update_display if done else display)(data, raw=True, display_id=f"progress-{words}")


class EpochLines(keras.callbacks.Callback):
    """Prints a line after every epoch and keeps the accuracies, over several calls of `fit`."""

    def __init__(self) -> None:
        super().__init__()
        self.training: list[float] = []
        self.test: list[float] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.training.append(logs["accuracy"])
        self.test.append(logs["val_accuracy"])
        print(f"  epoch {len(self.test):2}: training {self.training[-1]:.3f}, test {self.test[-1]:.3f}")


# --- pictures ----------------------------------------------------------------------------------


def whole_photographs() -> dict[str, np.ndarray]:
    """Photographs that scikit-image ships, uncut: uint8 of shape (rows, cols, 3)."""
    import skimage.data

    return {
        "cat": skimage.data.chelsea(),
        "cup": skimage.data.coffee(),
        "motorcycle": skimage.data.stereo_motorcycle()[0],
        "astronaut": skimage.data.astronaut(),
        "rocket": skimage.data.rocket(),
    }


def more_photographs() -> dict[str, np.ndarray]:
    """`whole_photographs` and some that are no everyday things, grey ones too."""
    import skimage.data

    others = {"cameraman": skimage.data.camera(), "coins": skimage.data.coins(), "page": skimage.data.page()}
    others |= {"galaxies": skimage.data.hubble_deep_field(), "moon": skimage.data.moon()}
    in_colour = {name: image if image.ndim == 3 else np.stack([image] * 3, axis=-1) for name, image in others.items()}
    return whole_photographs() | in_colour


def read_folder(folder: str | Path, most: int = 40) -> dict[str, np.ndarray]:
    """The pictures in a folder: name -> uint8 of shape (rows, cols, 3); grey, transparent and turned ones are put right.

    Files that are no pictures are left out, with a line for those that cannot be read. Raises FileNotFoundError
    where there is no such folder, or no picture in it.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    place = Path(folder).expanduser()
    files = sorted(file for file in place.iterdir() if file.suffix.lower() in PICTURE_ENDINGS) if place.is_dir() else []
    pictures: dict[str, np.ndarray] = {}
    for file in files[:most]:
        try:
            with Image.open(file) as image:
                pictures[file.name] = _on_white(ImageOps.exif_transpose(image))
        except (OSError, UnidentifiedImageError):
            print(f"{file.name} cannot be read and is left out.")
    if not pictures:
        raise FileNotFoundError(f"No pictures in '{place}'. Endings looked for: {', '.join(sorted(PICTURE_ENDINGS))}.")
    return pictures


def _on_white(image: Any) -> np.ndarray:
    from PIL import Image

    clear = image.convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB"))


def resized(image: np.ndarray, side: int) -> np.ndarray:
    """A picture brought to side × side: float32, the same range of numbers."""
    return np.asarray(resize(image, (side, side), preserve_range=True, anti_aliasing=True), dtype=np.float32)


def first_of_each(labels: np.ndarray, count: int) -> np.ndarray:
    """The places of the first `count` examples of each class, class by class."""
    return np.concatenate([np.flatnonzero(labels == label)[:count] for label in np.unique(labels)])


def scores_with_few(
    features: Mapping[str, Sequence[np.ndarray]],
    labels: np.ndarray,
    test_labels: np.ndarray,
    counts: Sequence[int],
    standardise: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    classifier: Any,
) -> dict[str, list[float]]:
    """Test accuracy of a classifier from so many images of each class, for each kind of features (training, test)."""
    scores: dict[str, list[float]] = {name: [] for name in features}
    for name, (train, test) in features.items():
        for count in counts:
            some = first_of_each(labels, count)
            known, new = standardise(train[some], test)
            scores[name].append(classifier.fit(known, labels[some]).score(new, test_labels))
    return scores


def moved(images: np.ndarray, side: int, seed: int) -> np.ndarray:
    """Each image somewhere on an empty field of side × side, every second one mirrored, at random."""
    generator = np.random.default_rng(seed)
    fields = np.zeros((len(images), side, side), dtype=images.dtype)
    rows, cols = images.shape[1:]
    for field, image in zip(fields, images, strict=True):
        top, left = generator.integers(0, [side - rows + 1, side - cols + 1])
        field[top : top + rows, left : left + cols] = image[:, ::-1] if generator.random() < 0.5 else image
    return fields


class Clothes:
    """Fashion-MNIST for this unit: 500 or 1,000 training and 500 test images, class by class.

    training, test: "centred" (500 training images) and "shifted" (1,000) -> uint8 images.
    centred: "training" and "test" -> the centred images. labels: of the 1,000. few: the 500 as places among the 1,000.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, test_images: np.ndarray, test_labels: np.ndarray) -> None:
        many, test = first_of_each(labels, 100), first_of_each(test_labels, 50)
        self.labels, self.test_labels = labels[many], test_labels[test]
        self.few = first_of_each(self.labels, 50)
        self.centred = {"training": images[many[self.few]], "test": test_images[test]}
        self.training = {"centred": self.centred["training"], "shifted": moved(images[many], side=40, seed=1)}
        self.test = {"centred": self.centred["test"], "shifted": moved(test_images[test], side=40, seed=2)}

    def pixels(self, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """The 500 training and 500 test images as rows of numbers from 0 to 1."""
        training = self.training[kind][self.few] if kind == "shifted" else self.training[kind]
        return training.reshape(500, -1) / 255, self.test[kind].reshape(500, -1) / 255


def as_photographs(images: np.ndarray, side: int) -> np.ndarray:
    """Grey clothes on black as a shop shows them, dark on white: float32 of shape (count, side, side, 3), 0 to 255."""
    bright = 255 - np.asarray(images, dtype=np.float32)[..., None]
    large = np.asarray(keras.ops.image.resize(bright, (side, side), data_format="channels_last"))
    return np.repeat(large, 3, axis=-1)


# --- drawings ----------------------------------------------------------------------------------


def _picture(axes: Axes, image: np.ndarray, title: str = "", frame: str = "", size: float = 10) -> None:
    if image.ndim == 2:
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=255)
    else:
        axes.imshow(np.clip(image, 0, 255).astype(np.uint8))
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=size, fontweight="normal")
    for spine in axes.spines.values():
        spine.set(visible=bool(frame), color=frame or "black", linewidth=3)


def ways_figure(image: np.ndarray, side: int) -> tuple[Figure, str]:
    """A picture, and three ways to make it square: stretched, cut, padded."""
    rows, cols = image.shape[:2]
    short = min(rows, cols)
    top, left = (rows - short) // 2, (cols - short) // 2
    above, before = (max(rows, cols) - rows) // 2, (max(rows, cols) - cols) // 2
    whole = np.full((max(rows, cols), max(rows, cols), 3), 118, dtype=np.uint8)
    whole[above : above + rows, before : before + cols] = image
    figure, axes = new_figure(1, 4, width=11, height=2.7)
    figure.set_layout_engine("constrained", wspace=0.05)
    _picture(axes[0], image, f"as it is: {rows} × {cols}")
    _picture(axes[1], resized(image, side), "stretched: everything too slim")
    _picture(axes[2], resized(image[top : top + short, left : left + short], side), "cut: the sides are lost")
    _picture(axes[3], resized(whole, side), "padded: smaller, but whole")
    axes[3].add_patch(Rectangle((-0.5, -0.5), side, side, fill=False, edgecolor=GREY))
    figure.suptitle(f"Three ways to {side} × {side}", fontsize=11, fontweight="bold")
    return figure, f"A photograph of {rows} by {cols} pixels, and how it looks stretched, cut and padded to a square."


def guesses_figure(
    pictures: Mapping[str, np.ndarray], names: Sequence[Sequence[str]], probabilities: np.ndarray
) -> tuple[Figure, str]:
    """Each picture with its guesses below: a bar and a name for each; five in a row."""
    columns = 5
    rows = -(-len(pictures) // columns)
    figure, axes = new_figure(2 * rows, columns, width=11, height=3.5 * rows)
    axes = np.asarray(axes).reshape(2 * rows, columns)
    for place in axes.flat:
        place.axis("off")
    for number, (name, image) in enumerate(pictures.items()):
        above, below = axes[2 * (number // columns) : 2 * (number // columns) + 2, number % columns]
        above.axis("on")
        _picture(above, image, name if len(name) < 22 else name[:20] + "…")
        guessed = np.asarray(probabilities[number])
        below.barh(range(len(guessed)), guessed, color=BLUE, height=0.25)
        for line, (guess, share) in enumerate(zip(names[number], guessed, strict=True)):
            below.text(0, line - 0.24, f"{guess}  {share:.2f}", fontsize=9, va="bottom")
        below.set(xlim=(0, 1.1), ylim=(len(guessed) - 0.5, -0.9))
    figure.suptitle("What the net sees", fontsize=11, fontweight="bold")
    said = ", ".join(f"{name}: {best[0]}" for name, best in zip(pictures, names, strict=True))
    return figure, f"Pictures with the three likeliest classes of each. The first guesses: {said}."


def maps_figure(image: np.ndarray, maps: np.ndarray, layer: str, page: int) -> tuple[Figure, str]:
    """Twelve of a layer's maps (rows, cols, channels), beside the picture that caused them; zeros are grey."""
    first = 12 * page
    figure, axes = new_figure(2, 7, width=11, height=3.7)
    _picture(axes[0, 0], image, "the picture")
    axes[1, 0].axis("off")
    shown = maps[..., first : first + 12]
    axes[1, 0].text(
        0.5, 0.7, f"{np.mean(shown == 0):.0%}\nof these\nare zero", ha="center", va="center", transform=axes[1, 0].transAxes
    )
    for number, place in enumerate(axes[:, 1:].flat):
        channel = shown[..., number]
        place.set_facecolor(LINE)
        largest = float(channel.max()) or 1.0
        place.imshow(np.ma.masked_equal(channel, 0), cmap="viridis", vmin=0, vmax=largest)
        place.set(xticks=[], yticks=[])
        place.set_title(f"{first + number}", fontsize=9, fontweight="normal")
    figure.suptitle(f"{layer}: channels {first} to {first + 11}; grey is exactly zero", fontsize=11, fontweight="bold")
    return figure, f"Twelve maps of {layer}; most of their area is grey, that is zero: {np.mean(shown == 0):.0%}."


def _neighbour(axes: Axes, image: np.ndarray, right: bool) -> None:
    _picture(axes, image, "same kind" if right else "×", frame=GREEN if right else RED, size=8.5)


def retrieval_figure(clothes: Clothes, picks: np.ndarray, found: Mapping[str, np.ndarray]) -> tuple[Figure, str]:
    """A retrieval sheet of the shifted clothes: a row for each query, and its neighbours by each of two methods.

    picks: places among the test images; found: method -> places among the 500 training images, (queries, count).
    """
    queries, query_labels = clothes.test["shifted"][picks], clothes.test_labels[picks]
    gallery, labels = clothes.training["shifted"][clothes.few], clothes.labels[clothes.few]
    (left, by_left), (right, by_right) = found.items()
    count = by_left.shape[1]
    figure, axes = new_figure(len(queries), 2 * count + 2, width=10, height=1.05 * len(queries) + 0.6)
    for row, (query, label) in enumerate(zip(queries, query_labels, strict=True)):
        _picture(axes[row, 0], query, CLOTHES[label], frame="black", size=9)
        axes[row, count + 1].axis("off")
        for column in range(count):
            for start, places in ((1, by_left), (count + 2, by_right)):
                pick = places[row, column]
                _neighbour(axes[row, start + column], gallery[pick], labels[pick] == label)
    middle = 1 + count // 2
    for column, heading in ((0, "query"), (middle, f"nearest by {left}"), (count + 1 + middle, f"nearest by {right}")):
        above = (0.5, 1), (0, 20), "axes fraction", "offset points"
        words = axes[0, column].annotate(heading, *above, ha="center", fontsize=11, fontweight="bold")
        words.set_in_layout(False)  # or it would push the columns beside it away
    figure.suptitle(" ")  # leaves room for the headings
    hits = {name: int((labels[places] == query_labels[:, None]).sum()) for name, places in found.items()}
    total = by_left.size
    said = ", ".join(f"{name} {number} of {total}" for name, number in hits.items())
    return figure, f"{len(queries)} queries with their {count} nearest neighbours. Of the same kind: {said}."


def learning_figure(counts: Sequence[int], scores: Mapping[str, Sequence[float]]) -> tuple[Figure, str]:
    """Accuracy over the number of labelled images a class, a curve for each kind of features."""
    figure, axes = new_figure(width=7.5, height=3.4)
    for (name, values), colour, marker in zip(scores.items(), (GREY, BLUE, ORANGE, PURPLE), "osD^", strict=False):
        axes.plot(counts, values, marker=marker, color=colour, label=name)
    axes.set(xscale="log", xlabel="labelled images a class", ylabel="accuracy on 500 test images")
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.minorticks_off()
    axes.set_title("Borrowed features need fewer labels")
    axes.legend(loc="lower right")
    said = "; ".join(f"{name} from {values[0]:.2f} to {values[-1]:.2f}" for name, values in scores.items())
    return figure, f"Accuracy against images a class, {counts[0]} to {counts[-1]}: {said}."


def tuning_figure(curves: Mapping[str, Sequence[float]], stage: int) -> tuple[Figure, str]:
    """Test accuracy after each epoch; the first curve has a second stage after `stage` epochs."""
    figure, axes = new_figure(width=8, height=3.4)
    for (name, values), colour, marker in zip(curves.items(), (BLUE, RED, GREY), "osD", strict=False):
        axes.plot(range(1, len(values) + 1), values, marker=marker, color=colour, label=name)
    axes.axvline(stage + 0.5, color=GREY, linestyle=":")
    axes.text(stage + 0.4, 0.04, "1: the top only", ha="right", fontsize=9)
    axes.text(stage + 0.6, 0.04, "2: fire8 and fire9 too", fontsize=9)
    axes.set(ylim=(0, 1), xlabel="epoch", ylabel="accuracy on 500 test images", title="Two stages, and everything at once")
    axes.legend(loc="center right")
    said = "; ".join(f"{name}: {values[-1]:.2f}" for name, values in curves.items())
    return figure, f"Test accuracy over the epochs. At the end {said}."
