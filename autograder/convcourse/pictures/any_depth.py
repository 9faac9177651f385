"""Unit 25: layers that hand back their own way back, views of a memory, and drawings of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from threadpoolctl import threadpool_limits  # comes with scikit-learn

from convcourse.figures import BLUE, GREEN, ORANGE, draw_numbers, new_figure

# A layer takes its input and returns its output and its way back, which turns dJ/doutput into dJ/dinput and
# the gradients of the layer's own parameters.
Back = Callable[[np.ndarray], tuple[np.ndarray, list[np.ndarray]]]
Layer = Callable[[np.ndarray], tuple[np.ndarray, Back]]
Spec = tuple[Any, ...]  # ("dense", W, b), ("relu",) …: a kind, or a function that makes the layer, and its arguments


# --- layers ------------------------------------------------------------------------------------


def dense(weights: np.ndarray, bias: np.ndarray) -> Layer:
    """x @ weights + bias. weights: (features, units); bias: (units,); x: (batch, features)."""

    def forward(x: np.ndarray) -> tuple[np.ndarray, Back]:
        return x @ weights + bias, lambda grad: (grad @ weights.T, [x.T @ grad, grad.sum(axis=0)])

    return forward


def relu() -> Layer:
    """max(x, 0), for an x of any shape; it has no parameters."""

    def forward(x: np.ndarray) -> tuple[np.ndarray, Back]:
        return np.maximum(x, 0), lambda grad: (grad * (x > 0), [])

    return forward


def flatten() -> Layer:
    """(batch, …) to (batch, features); it has no parameters."""

    def forward(x: np.ndarray) -> tuple[np.ndarray, Back]:
        return x.reshape(len(x), -1), lambda grad: (grad.reshape(x.shape), [])

    return forward


def chain(*specs: Spec) -> Layer:
    """Layers one after another, as one layer."""
    layers = [layer(*spec) for spec in specs]

    def forward(x: np.ndarray) -> tuple[np.ndarray, Back]:
        ways_back = []
        for one in layers:
            x, way_back = one(x)
            ways_back.append(way_back)

        def back(grad: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
            found: list[np.ndarray] = []
            for way_back in reversed(ways_back):
                grad, own = way_back(grad)
                found = own + found
            return grad, found

        return x, back

    return forward


def shortcut(share: float, *specs: Spec) -> Layer:
    """x + share · branch(x), where the branch is a chain that keeps the shape of x."""
    branch = chain(*specs)

    def forward(x: np.ndarray) -> tuple[np.ndarray, Back]:
        y, way_back = branch(x)

        def back(grad: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
            through, own = way_back(share * grad)
            return grad + through, own

        return x + share * y, back

    return forward


KINDS: dict[str, Callable[..., Layer]] = {"dense": dense, "relu": relu, "flatten": flatten, "shortcut": shortcut}


def layer(kind: str | Callable[..., Layer], *arguments: Any) -> Layer:
    """The layer of a spec: its kind is a name of KINDS, or a function that makes the layer."""
    return (KINDS[kind] if isinstance(kind, str) else kind)(*arguments)


def parameters(specs: Sequence[Spec]) -> list[np.ndarray]:
    """All arrays of a net's specs, in the order in which its gradients come."""
    found: list[np.ndarray] = []
    for _, *arguments in specs:
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                found.append(argument)
            elif isinstance(argument, tuple):
                found += parameters([argument])
    return found


def one_thread() -> threadpool_limits:
    """Within `with one_thread():` products of matrices use one core: for many small ones that is the fastest."""
    return threadpool_limits(1, user_api="blas")


def softmax_cross_entropy(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean loss and dJ/dscores, as in unit 7. scores: (batch, classes); labels: (batch,)."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    at_label = np.arange(len(labels)), labels
    loss = -np.log(p[at_label]).mean()
    p[at_label] -= 1
    return float(loss), p / len(labels)


def scores_of(specs: Sequence[Spec], inputs: np.ndarray) -> np.ndarray:
    """What comes out of a net."""
    return chain(*specs)(inputs)[0]


def _he(generator: np.random.Generator, *shape: int) -> np.ndarray:
    return generator.normal(0, np.sqrt(2 / np.prod(shape[:-1])), size=shape)


def digit_net(conv: Callable[..., Layer], depth: int, share: float | None, seed: int) -> list[Spec]:
    """A net for 8×8 digits with `depth` + 2 convolutions of 3 × 3, 8 maps; the last one has stride 2 and 16 maps.

    conv: conv(weights, bias, stride, padding) makes a layer. share: of the branches beside the shortcuts; None: no shortcuts.
    """
    generator = np.random.default_rng(seed)

    def convolution(channels: int, filters: int, stride: int) -> Spec:
        return conv, _he(generator, 3, 3, channels, filters), np.zeros(filters), stride, 1

    specs = [convolution(1, 8, 1)]
    for _ in range(depth):
        block = [("relu",), convolution(8, 8, 1)]
        specs += block if share is None else [("shortcut", share, *block)]
    specs += [("relu",), convolution(8, 16, 2), ("relu",), ("flatten",)]
    return [*specs, ("dense", _he(generator, 4 * 4 * 16, 10), np.zeros(10))]


# --- slopes along a line (Balduzzi and others 2017) ----------------------------------------------


def slopes_along_a_line(depth: int, share: float | None, seed: int) -> np.ndarray:
    """The slope dy/dt of a new net of dense layers at 256 points t from −2 to 2.

    depth: hidden layers of 100 units after the first; share: as for `digit_net`.
    """
    generator = np.random.default_rng(seed)
    specs: list[Spec] = [("dense", generator.normal(size=(1, 100)), generator.normal(size=100))]
    for _ in range(depth):
        block = [("relu",), ("dense", _he(generator, 100, 100), np.zeros(100))]
        specs += block if share is None else [("shortcut", share, *block)]
    specs += [("relu",), ("dense", generator.normal(0, 0.1, size=(100, 1)), np.zeros(1))]
    y, back = chain(*specs)(np.linspace(-2, 2, 256)[:, None])
    return back(np.ones_like(y))[0][:, 0]


def agreement(slopes: np.ndarray, apart: int = 4) -> float:
    """The correlation of the slopes of points that lie `apart` places apart: 1 for alike, 0 for noise."""
    return float(np.corrcoef(slopes[apart:], slopes[:-apart])[0, 1])


SHARES: dict[str, Callable[[int], float | None]] = {
    "plain": lambda depth: None,
    "shortcuts, whole branches": lambda depth: 1.0,
    "shortcuts, share 1/√depth": lambda depth: depth**-0.5,
}


def agreements(depths: Sequence[int], seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Kind of net -> array (seeds, depths) of `agreement`."""
    with one_thread():
        return {
            name: np.array([[agreement(slopes_along_a_line(depth, share(depth), seed)) for depth in depths] for seed in seeds])
            for name, share in SHARES.items()
        }


# --- views of a memory ---------------------------------------------------------------------------


def look(memory: np.ndarray, shape: Sequence[int], strides: Sequence[int]) -> np.ndarray:
    """The memory, read with a shape and with strides that are counted in numbers. Nothing is copied.

    memory: array with one axis. Raises ValueError when the view would leave the memory.
    """
    shape, strides = [tuple(int(number) for number in numbers) for numbers in (shape, strides)]
    last = sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if min(*shape, *strides) < 0 or last >= memory.size:
        raise ValueError(f"shape {shape} with strides {strides} ends at place {last} of a memory of {memory.size} numbers")
    return as_strided(memory, shape, [stride * memory.itemsize for stride in strides], writeable=False)


def draw_memory(rows: int, cols: int, places: np.ndarray, title: str) -> tuple[Figure, str]:
    """A memory of rows · cols numbers as a strip, the image that it holds, and a view of it.

    places: array of one or two axes, where in the memory each number of the view stands.
    """
    places = np.atleast_2d(places)
    figure, axes = new_figure(1, 3, width=11.0, height=2.4)
    numbers = np.arange(rows * cols)
    seen = np.isin(numbers, places)
    grid = figure.add_gridspec(2, 2, height_ratios=(1, rows))
    for place, area in zip(axes, (grid[0, :], grid[1, 0], grid[1, 1]), strict=True):
        place.set_subplotspec(area)
    for place, array, name in (
        (axes[0], numbers[None], "the memory: one number after another"),
        (axes[1], numbers.reshape(rows, cols), f"the image: {rows} × {cols}"),
    ):
        _draw_places(place, array, seen[array], name)
    _draw_places(axes[2], places, np.ones(places.shape, dtype=bool), title)
    if places.shape[1] <= cols:  # as large squares as the image's
        axes[2].set(xlim=axes[1].get_xlim(), ylim=axes[1].get_ylim())
        axes[2].grid(visible=False)
    return figure, f"A memory of {rows * cols} places, read as an image of {rows} × {cols}. {title}: places {places.tolist()}."


def draw_window(step: int) -> tuple[Figure, str]:
    """Where the numbers of window `step` of 2 × 3 stand in the memory of an image of 4 × 6; the windows move by 1."""
    windows = sliding_window_view(np.arange(24).reshape(4, 6), (2, 3))
    row, col = divmod(step, windows.shape[1])
    return draw_memory(4, 6, windows[row, col], f"window [{row}, {col}]")


def draw_fold(fold_windows: Callable[..., np.ndarray]) -> tuple[Figure, str]:
    """In how many windows each pixel lies, counted, and by a function that folds windows of ones; stride 3 and stride 1."""
    figure, axes = new_figure(1, 4, width=11.0, height=2.8)
    words = []
    for pair, stride in zip((axes[:2], axes[2:]), (3, 1), strict=True):
        windows = sliding_window_view(np.arange(36).reshape(6, 6), (3, 3))[::stride, ::stride]
        counted = np.bincount(windows.ravel(), minlength=36).reshape(6, 6)
        yours = np.asarray(fold_windows(np.ones(windows.shape), 6, 6, stride), float)
        draw_numbers(pair[0], counted, f"stride {stride}: counted", limit=9)
        draw_numbers(pair[1], yours, f"stride {stride}: your function", limit=9)
        words.append(f"{np.sum(counted == yours)} of 36 agree with stride {stride}")
    return figure, f"In how many windows each pixel of 6 × 6 lies, counted and by your function: {' and '.join(words)}."


def _draw_places(axes: Any, array: np.ndarray, seen: np.ndarray, title: str) -> None:
    """A table of places in the memory; those that the view sees are orange."""
    draw_numbers(axes, np.where(seen, array, np.nan), title, limit=1e9)
    axes.imshow(np.where(seen, 1.0, np.nan), cmap="Oranges", vmin=0, vmax=3)
    for (row, col), value in np.ndenumerate(array):
        if not seen[row, col]:
            axes.text(col, row, value, ha="center", va="center", fontsize=9, color="#888888")


# --- drawings of slopes and of training -----------------------------------------------------------


def draw_slopes(seed: int = 0) -> tuple[Figure, str]:
    """The slopes along a line of three new nets: shallow, deep and plain, deep with shortcuts."""
    figure, axes = new_figure(1, 3, width=11.0, height=2.6)
    kinds = (
        ("plain, 2 layers", 2, None, BLUE),
        ("plain, 48 layers", 48, None, ORANGE),
        ("shortcuts, 48 layers", 48, 48**-0.5, GREEN),
    )
    said = []
    for place, (name, depth, share, colour) in zip(axes, kinds, strict=True):
        slopes = slopes_along_a_line(depth, share, seed)
        place.plot(np.linspace(-2, 2, 256), slopes, color=colour, linewidth=1)
        place.set_title(name)
        place.set_xlabel("input t")
        said.append(f"{name} {agreement(slopes):.2f}")
    axes[0].set_ylabel("slope dy/dt")
    return figure, f"Slopes of three new nets along a line. Agreement of points four places apart: {', '.join(said)}."


def draw_agreements(depths: Sequence[int], found: dict[str, np.ndarray]) -> tuple[Figure, str]:
    """How the slopes' agreement falls with depth: means over seeds, and the range of the seeds."""
    figure, axes = new_figure(width=7.0, height=3.2)
    for name, values in found.items():
        (line,) = axes.plot(depths, values.mean(axis=0), "o-", label=name)
        axes.fill_between(depths, values.min(axis=0), values.max(axis=0), color=line.get_color(), alpha=0.15)
    axes.set_xscale("log", base=2)
    axes.set_xticks(depths, [str(depth) for depth in depths])
    axes.set_xlabel("hidden layers")
    axes.set_ylabel("agreement of slopes")
    axes.set_ylim(0, 1.05)
    axes.legend()
    axes.set_title("Shattered gradients: what depth does to the slopes of neighbours")
    last = ", ".join(f"{name} {values[:, -1].mean():.2f}" for name, values in found.items())
    return figure, f"Agreement of slopes against depth. At {depths[-1]} layers: {last}."


def draw_losses(histories: dict[str, Sequence[float]]) -> tuple[Figure, str]:
    """The loss of each step, smoothed over ten steps, for several nets."""
    figure, axes = new_figure(width=7.0, height=3.0)
    for name, losses in histories.items():
        axes.plot(np.convolve(losses, np.ones(10) / 10, mode="valid"), label=name)
    axes.axhline(np.log(10), color="#888888", linewidth=0.8)
    axes.set_xlabel("step")
    axes.set_ylabel("loss, mean of ten steps")
    axes.legend()
    axes.set_title("The same digits, nets of different depth")
    ends = ", ".join(f"{name} {np.mean(losses[-10:]):.2f}" for name, losses in histories.items())
    return figure, f"Training losses of nets of different depth; a guess costs 2.30. At the end: {ends}."
