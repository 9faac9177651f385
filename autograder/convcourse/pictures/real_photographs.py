"""Unit 27: photographs, maps of SqueezeNet's first layers at several sizes, a linear classifier, and drawings of boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import keras
import numpy as np
import skimage.data
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.lib.stride_tricks import sliding_window_view
from skimage.color import rgb2gray
from skimage.transform import AffineTransform, resize, warp
from sklearn.datasets import load_sample_image
from sklearn.linear_model import LogisticRegression

from convcourse.figures import BLUE, GREEN, ORANGE, RED, draw_image, new_figure
from convcourse.pretrained import imagenet_names, load_squeezenet_imagenet

SIDE = 24  # pixels of a window, in the shrunk photograph
ENLARGED = 3  # times, before the net: its maps would be too coarse else
STEP = 8 / ENLARGED  # pixels from window to window: the maps make steps of 8
CELLS = 6  # rows and columns of the maps in a window, without the rim
MEAN_COLOUR = (103.939, 116.779, 123.68)  # of ImageNet's photographs: blue, green, red

PHOTOGRAPHS: dict[str, Callable[[], np.ndarray]] = {
    "astronaut": skimage.data.astronaut,
    "cat": skimage.data.chelsea,
    "temple": lambda: load_sample_image("china.jpg"),
    "rocket": skimage.data.rocket,
    "galaxies": lambda: skimage.data.hubble_deep_field()[:600, :800],
    "cameraman": skimage.data.camera,
    "coffee": skimage.data.coffee,
    "motorcycle": lambda: skimage.data.stereo_motorcycle()[0],
    "coins": skimage.data.coins,
    "dahlia": lambda: load_sample_image("flower.jpg"),
    "wall": skimage.data.brick,
}
SEARCHED = ("astronaut", "cat", "temple", "rocket", "galaxies")
LEARNED_FROM = ("cameraman", "coffee", "motorcycle", "coins", "dahlia", "wall")

# Drawn by hand: top, left, bottom, right.
FACES = {"astronaut": (54, 162, 176, 284), "cameraman": (60, 160, 205, 290)}
THINGS = {"cat": (0, 35, 300, 400), "coffee": (15, 75, 385, 478), "motorcycle": (80, 92, 452, 684), "dahlia": (85, 168, 358, 448)}


def photograph(name: str) -> np.ndarray:
    """A photograph, uint8 (rows, cols, 3), or (rows, cols) if it is grey."""
    return PHOTOGRAPHS[name]()


def faces_in(name: str) -> np.ndarray:
    """The boxes of the faces in a photograph, drawn by hand: (count, 4)."""
    return np.reshape([FACES[name]] if name in FACES else [], (-1, 4))


# --- boxes, as in unit 22 ------------------------------------------------------------------------


def overlaps(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """IoU of each box (count, 4) with each of the others (m, 4): (count, m)."""
    one, two = np.asarray(boxes)[:, None], np.asarray(others)[None]
    sides = np.minimum(one[..., 2:], two[..., 2:]) - np.maximum(one[..., :2], two[..., :2])
    shared = np.clip(sides, 0, None).prod(axis=-1)
    areas = [(some[..., 2:] - some[..., :2]).prod(axis=-1) for some in (one, two)]
    return shared / (areas[0] + areas[1] - shared)


def suppressed(boxes: np.ndarray, scores: np.ndarray, threshold: float = 0.3) -> list[int]:
    """Non-maximum suppression: the indices of the boxes that stay, best first."""
    kept: list[int] = []
    for index in np.argsort(-scores, kind="stable"):
        if not (overlaps(boxes[[index]], boxes[kept]) > threshold).any():
            kept.append(int(index))
    return kept


# --- what the classifier sees --------------------------------------------------------------------


@cache
def squeezenet_for_any_size() -> keras.Model:
    """SqueezeNet 1.1 with ImageNet's weights, for photographs of any size: conv10's maps and those of the second pooling."""
    from convcourse.nets.squeezenet import TABLE, squeezenet

    net = squeezenet(TABLE["1.1"], (None, None, 3))
    net.set_weights(load_squeezenet_imagenet().get_weights())
    pools = [layer for layer in net.layers if isinstance(layer, keras.layers.MaxPooling2D)]
    return keras.Model(net.input, {"first": pools[1].output, "classes": net.get_layer("conv10").output})


@cache
def first_layers() -> keras.Model:
    """SqueezeNet up to the pooling after fire3: 128 maps, 8 pixels a step."""
    net = squeezenet_for_any_size()
    return keras.Model(net.input, net.output["first"])


def maps_of(images: np.ndarray) -> np.ndarray:
    """128 maps of grey images, float (count, rows, cols), 0 to 1: enlarged, through the first layers, without the rim.

    The rim has seen zeros of the padding. A window of SIDE × SIDE pixels has CELLS × CELLS places left.
    """
    count, rows, cols = images.shape
    large = resize(images, (count, rows * ENLARGED, cols * ENLARGED), order=1)
    return np.asarray(first_layers()((255 * large[..., None] - MEAN_COLOUR).astype("float32")))[:, 1:-1, 1:-1]


def patches(seed: int, times: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Windows with a face and without, from scikit-image's part of "Labeled Faces in the Wild".

    80 faces and 80 others are cut out `times` times, each time a little moved, turned, scaled, mirrored, and in another light.
    Returns them, float (count, SIDE, SIDE), and their labels (1: a face); then 20 and 20 that were left out, and theirs.
    """
    generator, all_of_them = np.random.default_rng(seed), skimage.data.lfw_subset()
    order = generator.permutation(100)
    learn, test = order[:80], order[80:]
    cut = [_varied(patch, generator) for patch in np.tile(all_of_them[np.r_[learn, 100 + learn]], (times, 1, 1))]
    labels = np.tile(np.repeat([1, 0], 80), times)
    return np.array(cut), labels, all_of_them[np.r_[test, 100 + test], :SIDE, :SIDE], np.repeat([1, 0], 20)


def _varied(patch: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    size, angle = np.exp(generator.uniform(-0.1, 0.1)), generator.uniform(-0.15, 0.15)
    half, moved = (SIDE - 1) / 2, len(patch) / 2 + generator.uniform(-2, 2, size=2)
    change = AffineTransform(translation=(-half, -half)) + AffineTransform(scale=size, rotation=angle)
    window = warp(patch, change + AffineTransform(translation=tuple(moved)), output_shape=(SIDE, SIDE), mode="edge")
    light, contrast = generator.uniform(-0.15, 0.15), generator.uniform(0.6, 1.4)
    return contrast * (window[:, :: generator.choice([-1, 1])] - 0.5) + 0.5 + light


def features_of(windows: np.ndarray) -> np.ndarray:
    """The numbers of each window: (count, CELLS · CELLS · 128)."""
    parts = [maps_of(windows[n : n + 100]) for n in range(0, len(windows), 100)]
    return np.concatenate(parts).reshape(len(windows), -1)


def learn(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, float]:
    """Logistic regression. Returns the weights as a kernel (CELLS, CELLS, 128), and the bias."""
    size = np.sqrt(np.mean(features**2))
    model = LogisticRegression(C=0.001, max_iter=300).fit(features / size, labels)
    return (model.coef_[0] / size).reshape(CELLS, CELLS, -1), float(model.intercept_[0])


Levels = list[tuple[float, np.ndarray]]


def pyramid(name: str, sides: Sequence[float]) -> Levels:
    """A photograph shrunk once for each window side, so that this side becomes SIDE: how much shrunk, and the maps.

    Sides that are larger than the photograph are left out.
    """
    whole, levels = photograph(name), []
    grey = rgb2gray(whole) if whole.ndim == 3 else whole / 255
    for side in np.ravel(sides):
        size = [round(length * SIDE / side) for length in grey.shape]
        if min(size) >= SIDE + 2:
            levels.append((SIDE / side, maps_of(resize(grey, size, anti_aliasing=True)[None])[0]))
    return levels


def features_at(levels: Levels, places: np.ndarray) -> np.ndarray:
    """The numbers of some windows; places (count, 3): level, row and column. Returns (count, CELLS · CELLS · 128)."""
    windows = [sliding_window_view(maps, (CELLS, CELLS), axis=(0, 1)) for _, maps in levels]
    found = [np.moveaxis(windows[level][row, col], 0, -1).ravel() for level, row, col in places]
    return np.reshape(found, (len(places), -1)) if found else np.empty((0, CELLS * CELLS * levels[0][1].shape[-1]))


def heat_of(name: str) -> tuple[np.ndarray, str]:
    """The map of the class that SqueezeNet finds in a photograph, its shorter side shrunk to 227: (rows, cols), and its name."""
    whole = photograph(name)
    shrink = 227 / min(whole.shape[:2])
    size = [round(length * shrink) for length in whole.shape[:2]]
    small = resize(whole, size, preserve_range=True, anti_aliasing=True)[..., ::-1] - MEAN_COLOUR
    maps = np.asarray(squeezenet_for_any_size()(small[None].astype("float32"))["classes"])[0]
    best = int(maps.mean(axis=(0, 1)).argmax())
    return maps[..., best], imagenet_names()[best]


# --- tables --------------------------------------------------------------------------------------

Found = dict[str, tuple[np.ndarray, np.ndarray]]


def face_rank(found: Found) -> int:
    """The rank of the astronaut's face among the boxes of all photographs, best first; 0 if it was not found."""
    boxes, scores = found["astronaut"]
    right = scores[overlaps(boxes, faces_in("astronaut"))[:, 0] >= 0.5] if len(boxes) else scores
    return 1 + sum(int((of > right.max()).sum()) for _, of in found.values()) if len(right) else 0


def print_found(name: str, found: Found) -> None:
    """How many boxes stay in each photograph, and at which rank the one face is."""
    rank, counts = face_rank(found), {name: len(boxes) for name, (boxes, _) in found.items()}
    print(f"{name}: {sum(counts.values())} boxes:", ", ".join(f"{photo} {count}" for photo, count in counts.items()))
    print(f"    the face is number {rank}, so AP = 1/{rank}" if rank else "    the face is not found: AP = 0")


# --- drawings ------------------------------------------------------------------------------------


def draw_boxes(axes: Axes, boxes: np.ndarray, colour: str, style: str = "-", width: float = 1.2) -> None:
    """Boxes (count, 4) as frames."""
    for top, left, bottom, right in np.reshape(boxes, (-1, 4)):
        frame: dict[str, Any] = {"fill": False, "edgecolor": colour, "linestyle": style, "linewidth": width}
        axes.add_patch(Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, **frame))


def patches_figure() -> tuple[Figure, str]:
    """Faces above, others below, as they are in the data set."""
    every = skimage.data.lfw_subset()
    figure, axes = new_figure(2, 12, width=11, height=2.2)
    for row, start in zip(axes, (0, 100), strict=True):
        for number, place in enumerate(row):
            draw_image(place, every[start + number], "")
            place.images[0].set_clim(0, 1)
    figure.suptitle("100 windows with a face, and 100 without", fontsize=12, fontweight="bold")
    return figure, "Twelve small grey pictures of faces; below twelve of walls, edges, cloth and darkness."


def sides_figure(sides: Sequence[float], smallest: float, largest: float, least: float) -> tuple[Figure, str]:
    """Which IoU has a thing of each size with the best of the windows?"""
    sizes, windows = np.geomspace(smallest, largest, 400), np.ravel(sides)[:, None]
    best = np.max((np.minimum(sizes, windows) / np.maximum(sizes, windows)) ** 2, axis=0)
    figure, axes = new_figure(width=9, height=2.8)
    axes.plot(sizes, best, color=BLUE, label="the best window")
    axes.axhline(least, color=RED, linestyle="--", label="asked")
    axes.set(xlabel="side of the thing, pixels", ylabel="IoU", xscale="log", ylim=(0, 1.05))
    ticks = sorted({smallest, largest, *(n for n in (75, 100, 150, 200) if smallest < n < largest)})
    axes.set_xticks(ticks, [f"{n:g}" for n in ticks])
    axes.minorticks_off()
    axes.legend(loc="lower right", ncols=2)
    axes.set_title(f"{len(windows)} windows, for things of {smallest:g} to {largest:g} pixels")
    return figure, f"A line with {len(windows)} peaks of IoU 1; its lowest point is {best.min():.2f}, and {least:g} is asked."


def astronaut_figure(found: dict[str, tuple[np.ndarray, np.ndarray]]) -> tuple[Figure, str]:
    """The astronaut with the boxes of some detectors: name -> boxes and scores; the box drawn by hand is dashed."""
    figure, axes = new_figure(1, len(found), width=11, height=4.2)
    whole, truth = photograph("astronaut"), faces_in("astronaut")
    for place, (name, (boxes, _)) in zip(np.ravel(axes), found.items(), strict=True):
        draw_image(place, whole, f"{name}: {len(boxes)} boxes")
        right = overlaps(boxes, truth).max(axis=1) >= 0.5
        draw_boxes(place, boxes[~right], RED, width=0.9)
        draw_boxes(place, boxes[right], BLUE, width=2.4)
        draw_boxes(place, truth, GREEN, "--", 2.0)
    words = "; ".join(f"{name}: {len(boxes)}" for name, (boxes, _) in found.items())
    return figure, f"The photograph of an astronaut with boxes of the detector. {words}. A dashed box frames her face."


def heat_figure(box_from_heat: Callable[..., np.ndarray], share: float) -> tuple[Figure, str]:
    """Photographs with the heat of their class, your box, and the one drawn by hand (dashed)."""
    figure, axes = new_figure(2, 2, width=10, height=7.2)
    words = []
    for place, (name, truth) in zip(axes.flat, THINGS.items(), strict=True):
        whole, (heat, said) = photograph(name), heat_of(name)
        box = np.asarray(box_from_heat(heat, share, *whole.shape[:2]), float)
        iou = float(overlaps(box[None], np.array([truth]))[0, 0])
        draw_image(place, whole, f"“{said}”, IoU {iou:.2f}")
        edges = (-0.5, whole.shape[1] - 0.5, whole.shape[0] - 0.5, -0.5)
        place.imshow(heat, cmap="magma", alpha=0.5, extent=edges, interpolation="nearest")
        draw_boxes(place, box, ORANGE, width=2.6)
        draw_boxes(place, np.array(truth), GREEN, "--", 2.2)
        words.append(f"{name}, called “{said}”: IoU {iou:.2f}")
    return figure, f"Four photographs with a warm map over each, and two boxes. {'; '.join(words)}."
