"""Unit 11: the ILSVRC years, windows at the edge, the two towers, where the cost lies, the start, and aliasing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from scipy.signal import correlate2d

from convcourse.colours import ALWAYS_DARK, LINE
from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, draw_image, new_figure

# --- the years -------------------------------------------------------------------------------------

# Year, winner, top-5 error on the test set in per cent, layers with weights (0: no deep net, None: many nets together);
# the same error for the runner-up and his name; where the numbers stand. Without outside training data.
ILSVRC = (
    (2010, "NEC-UIUC", 28.19, 0, "XRCE", 33.65, "results page 2010"),
    (2011, "XRCE", 25.77, 0, "Amsterdam, Trento", 31.01, "results page 2011"),
    (2012, "SuperVision (AlexNet)", 16.42, 8, "ISI Tokyo", 26.17, "Bucharest lecture"),
    (2013, "Clarifai", 11.74, 8, "NUS", 12.95, "Bucharest lecture"),
    (2014, "GoogLeNet", 6.66, 22, "VGG", 7.32, "Bucharest lecture"),
    (2015, "MSRA (ResNet)", 3.57, 152, "ReCeption", 3.58, "Korea lecture; results page 2015"),
    (2016, "Trimps-Soushen", 2.99, None, "ResNeXt", 3.03, "results page 2016"),
    (2017, "WMW (SENet)", 2.25, 154, "Trimps-Soushen", 2.48, "Hu et al. 2018; results page 2017"),
)
# Others that the lectures name: year, name, error.
ALSO = ((2013, "ZF", 13.51), (2014, "MSRA", 8.06), (2015, "Deep Image", 5.98))
HUMAN = 5.1


def years_figure() -> tuple[Figure, str]:
    """Top-5 errors of winners (bars) and runners-up (diamonds), the winners' depth, the human estimate."""
    figure, axes = new_figure(width=10, height=4.6)
    for year, _team, error, depth, second, second_error, _ in ILSVRC:
        deep = depth != 0
        axes.bar(year, error, 0.62, color=BLUE if deep else GREY, hatch="" if deep else "//", edgecolor="white")
        axes.plot(year, second_error, "D", color=ORANGE, markeredgecolor="black", zorder=3)
        far = second_error - error > 3
        if far:
            axes.annotate(second, (year, second_error), (7, -3), textcoords="offset points", fontsize=9)
        # Above the bar and its diamond, and off the line of the human.
        top = error if far else max(error, second_error, HUMAN)
        axes.annotate(f"{error:g}", (year, top), (0, 7), textcoords="offset points", ha="center", fontweight="bold")
    for place, (year, name, error) in enumerate(ALSO):
        axes.plot(year + 0.42, error, "^", color=PURPLE, markeredgecolor="black", markersize=6)
        above = {"textcoords": "offset points", "fontsize": 9, "ha": "center" if place == 2 else "left"}
        axes.annotate(name, (year + 0.42, error), (4, 15) if place == 2 else (6, 1), **above)
    axes.axhline(HUMAN, color=RED, linestyle="--", linewidth=1.3, zorder=0.5)
    axes.annotate(f"one trained\nhuman: {HUMAN} %", (2017.5, HUMAN), (0, 4), textcoords="offset points", fontsize=9)
    depths = {0: "no deep net", None: "many nets"}
    under = [f"{year}\n{depths.get(depth, f'{depth} layers')}\n{team}" for year, team, _, depth, *_ in ILSVRC]
    axes.set_xticks([line[0] for line in ILSVRC], [words.replace(" (", "\n(") for words in under], fontsize=9)
    axes.set(ylabel="top-5 error, per cent", xlim=(2009.5, 2018.4), ylim=(0, 36))
    axes.plot([], [], "D", color=ORANGE, markeredgecolor="black", label="runner-up")
    axes.plot([], [], "^", color=PURPLE, markeredgecolor="black", label="others in the lectures")
    axes.legend(loc="upper right")
    axes.set_title("The ImageNet challenge: bars are winners, hatched before deep nets")
    alt = "Winners' errors fall from 28.19 per cent in 2010 to 16.42 in 2012, 3.57 in 2015, 2.25 in 2017; the human line: 5.1."
    return figure, alt


# --- windows at the edge ---------------------------------------------------------------------------


def edge_figure(sides: Sequence[int], kernel: int = 11, stride: int = 4, shown: int = 27) -> tuple[Figure, str]:
    """The far end of an axis for several image sides: the last windows, and pixels that none of them reaches."""
    figure, panels = new_figure(len(sides), 1, width=9.5, height=2.1 * len(sides))
    words = []
    for axes, side in zip(np.atleast_1d(panels), sides, strict=True):
        places, unseen = (side - kernel) // stride + 1, (side - kernel) % stride
        end = (places - 1) * stride + kernel
        for pixel in range(side - shown, side):
            lost = pixel >= end
            axes.add_patch(
                Rectangle(
                    (pixel - 0.46, 0),
                    0.92,
                    0.8,
                    facecolor=RED if lost else BLUE + "22",
                    edgecolor=BLUE,
                    hatch="xx" if lost else "",
                )
            )
            if pixel % 5 == 4 or pixel == side - 1:
                axes.text(pixel, 0.95, str(pixel + 1), ha="center", fontsize=8)
        for number in range(places - 4, places):
            start, height = number * stride, -0.35 - 0.33 * (number - places + 4)
            left = max(start, side - shown)
            axes.plot([left - 0.4, start + kernel - 0.6], [height, height], color=ORANGE, linewidth=5, solid_capstyle="butt")
            axes.text(start + kernel - 0.3, height, f"window {number + 1}", va="center", fontsize=8)
        axes.set(xlim=(side - shown - 0.7, side + 5.5), ylim=(-1.6, 1.45))
        axes.set_axis_off()
        axes.set_title(f"{side} pixels: {places} windows, {unseen} {'pixel' if unseen == 1 else 'pixels'} left over")
        words.append(f"{side} pixels have {places} windows and {unseen} left over")
    return figure, f"The right end of an axis with windows of {kernel} at steps of {stride}: {'; '.join(words)}."


# --- the net -------------------------------------------------------------------------------------------

STAGES = (("conv 1", 55, 96), ("conv 2", 27, 256), ("conv 3", 13, 384), ("conv 4", 13, 384), ("conv 5", 13, 256))


def towers_figure() -> tuple[Figure, str]:
    """The net from the side: two rows of boxes, and arrows that cross where a tower sees the other."""
    figure, axes = new_figure(width=11, height=4.0)
    axes.add_patch(Rectangle((0, -1.0), 0.25, 2.0, facecolor=GREY + "44", edgecolor=GREY))
    axes.text(0.12, 1.12, "227 × 227\n× 3", ha="center", fontsize=9)
    left, edges = 1.5, [(0.25, 0.0), (0.25, 0.0)]
    for place, (name, side, maps) in enumerate(STAGES):
        height, width = 0.25 + side / 55 * 0.7, 0.25 + maps / 384 * 0.55
        for row, (middle, colour, hatch) in enumerate(((1.1, BLUE, ""), (-1.1, ORANGE, "//"))):
            axes.add_patch(
                Rectangle((left, middle - height / 2), width, height, facecolor=colour + "55", edgecolor=colour, hatch=hatch)
            )
            for source in (0, 1) if place == 2 else (row,):
                _arrow(axes, edges[source], (left, middle), RED if source != row else "black")
        axes.text(left + width / 2, 1.72, f"{name}\n{side} × {side} × {maps // 2}\nin each tower", ha="center", fontsize=8.5)
        edges = [(left + width, 1.1), (left + width, -1.1)]
        left += width + 0.95
    for name in ("FC6", "FC7"):
        for row, (middle, colour, hatch) in enumerate(((1.1, BLUE, ""), (-1.1, ORANGE, "//"))):
            axes.add_patch(Rectangle((left, middle - 0.5), 0.2, 1.0, facecolor=colour + "55", edgecolor=colour, hatch=hatch))
            for source in (0, 1):
                _arrow(axes, edges[source], (left, middle), RED if source != row else "black")
        axes.text(left + 0.1, 1.72, f"{name}\n2 × 2048", ha="center", fontsize=8.5)
        edges = [(left + 0.2, 1.1), (left + 0.2, -1.1)]
        left += 1.2
    axes.add_patch(Rectangle((left, -0.35), 0.15, 0.7, facecolor=GREEN + "55", edgecolor=GREEN))
    for edge in edges:
        _arrow(axes, edge, (left, 0.0), "black")
    axes.text(left + 0.08, 0.5, "FC8\n1000", ha="center", fontsize=8.5)
    axes.text(1.4, 0, "tower above: first GPU\ntower below: second GPU", va="center", fontsize=9)
    axes.set(xlim=(-0.6, left + 0.7), ylim=(-1.75, 2.5))
    axes.set_axis_off()
    axes.set_title("AlexNet: the towers meet in layer 3 and in the fully connected layers only")
    return figure, "Two rows of five boxes each; between conv 2 and conv 3, and between fully connected layers, arrows cross."


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    style = "--" if colour == RED else "-"
    axes.add_patch(
        FancyArrowPatch(start, (end[0] - 0.03, end[1]), arrowstyle="-|>", mutation_scale=10, color=colour, linestyle=style)
    )


def connections_figure(channels: int = 8, filters: int = 12) -> tuple[Figure, str]:
    """Which filter sees which channel, for 1, 2 and 4 groups."""
    figure, panels = new_figure(1, 3, width=9.5, height=3.1)
    for axes, groups in zip(panels, (1, 2, 4), strict=True):
        seen = np.kron(np.eye(groups), np.ones((channels // groups, filters // groups)))
        axes.imshow(seen, cmap="Blues", vmin=0, vmax=1.6)
        for row, column in np.argwhere(seen):
            axes.plot(column, row, "x", color=ALWAYS_DARK, markersize=5)
        axes.set_xticks(np.arange(-0.5, filters), [])
        axes.set_yticks(np.arange(-0.5, channels), [])
        axes.grid(color=LINE, linewidth=0.6)
        axes.tick_params(length=0)
        axes.set(xlabel="filters", ylabel="channels")
        axes.set_title(f"{groups} group{'s' if groups > 1 else ''}: {int(seen.sum())} kernels")
    return figure, f"Tables of {channels} channels by {filters} filters; with groups only blocks along the diagonal have crosses."


# --- LRN ---------------------------------------------------------------------------------------------------


def lrn_figure(before: np.ndarray, after: np.ndarray, size: int = 5) -> tuple[Figure, str]:
    """The channels of one pixel before and after; the loudest and its neighbours are marked."""
    figure, panels = new_figure(2, 1, width=8.5, height=4.2)
    loud = int(np.argmax(before))
    for axes, values, title in zip(panels, (before, after), ("before", "after"), strict=True):
        near = np.abs(np.arange(len(values)) - loud) <= size // 2
        bars = axes.bar(range(len(values)), values, color=[ORANGE if one else BLUE for one in near])
        for bar, one in zip(bars, near, strict=True):
            bar.set_hatch("//" if one else "")
            bar.set_edgecolor("white")
        axes.set_title(f"Channels of one pixel, {title}")
        axes.set_xticks(range(0, len(values), 4))
    panels[1].set_xlabel("channel (hatched: the loudest and its neighbours)")
    return (
        figure,
        "Two bar charts of channels; after normalisation the neighbours of the loudest channel are much smaller than the rest.",
    )


# --- costs ---------------------------------------------------------------------------------------------------


def costs_figure(names: Sequence[str], parameters: Sequence[float], products: Sequence[float]) -> tuple[Figure, str]:
    """Two rows of bars over the layers: millions of parameters, and millions of multiply-adds."""
    figure, panels = new_figure(1, 2, width=10, height=3.0)
    colours = [GREEN if name.startswith("FC") else BLUE for name in names]
    titles = ("Parameters, in millions", "Multiply-adds, in millions")
    for axes, values, title in zip(panels, (parameters, products), titles, strict=True):
        bars = axes.bar(names, np.asarray(values) / 1e6, color=colours, edgecolor="white")
        for bar, name, value in zip(bars, names, values, strict=True):
            bar.set_hatch(".." if name.startswith("FC") else "")
            axes.annotate(
                f"{value / 1e6:.3g}",
                (bar.get_x() + 0.4, value / 1e6),
                (0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
        axes.tick_params(axis="x", labelsize=8)
        axes.set_title(title)
    return figure, "Parameters stand in FC6 and FC7; multiply-adds are spent in the convolutions."


# --- the start ---------------------------------------------------------------------------------------------


def start_figure(sizes: dict[str, np.ndarray], alive: dict[str, np.ndarray], layers: Sequence[str]) -> tuple[Figure, str]:
    """How large the numbers are behind each layer, and which share of them is positive; a line for each start."""
    figure, panels = new_figure(1, 2, width=10, height=3.1)
    for number, name in enumerate(sizes):
        style = {"marker": "os^"[number], "linestyle": ("--", "-", ":")[number], "label": name}
        panels[0].semilogy(layers, sizes[name], **style)
        panels[1].plot(layers, 100 * alive[name], **style)
    panels[0].set_title("Size of the numbers")
    panels[1].set_title("Units that are not silent, per cent")
    panels[1].set_ylim(0, 105)
    panels[0].legend(fontsize=9)
    for axes in panels:
        axes.tick_params(axis="x", labelsize=8)
    return (
        figure,
        "With biases 0 the numbers shrink from layer to layer; with the paper's biases of 1 they recover, and more units work.",
    )


# --- aliasing ----------------------------------------------------------------------------------------------


def alias_figure(frequency: float, seen: Sequence[tuple[int, float]], pixels: int = 61) -> tuple[Figure, str]:
    """A wave, its samples at some strides, and the wave that the samples show. seen: (stride, apparent frequency)."""
    figure, panels = new_figure(len(seen), 1, width=9.5, height=1.75 * len(seen))
    fine = np.linspace(0, pixels - 1, 1200)
    for axes, (stride, apparent) in zip(np.atleast_1d(panels), seen, strict=True):
        axes.plot(fine, np.cos(2 * np.pi * frequency * fine), color=GREY, linewidth=0.8)
        axes.plot(fine, np.cos(2 * np.pi * apparent * fine), color=ORANGE, linewidth=2)
        places = np.arange(0, pixels, stride)
        axes.plot(places, np.cos(2 * np.pi * frequency * places), "o", color=BLUE)
        axes.set(yticks=[], xlim=(-1, pixels), ylim=(-1.3, 1.3))
        harm = "the true wave" if abs(apparent - frequency) < 1e-9 else "a false wave"
        axes.set_title(f"stride {stride}: the samples show {apparent:.3f} cycles a pixel, {harm}")
    axes.set_xlabel(f"pixels; thin: the wave in the image, {frequency:.2f} cycles a pixel; thick: what the samples show")
    words = ", ".join(f"{apparent:.3f} at stride {stride}" for stride, apparent in seen)
    return figure, f"A wave of {frequency:.2f} cycles a pixel and its samples, which show {words}."


def thinned_figure(thin: Callable[[np.ndarray, int, int], np.ndarray], frequency: float = 0.23) -> tuple[Figure, str]:
    """What a function `thin(row, width, stride)` leaves of fine stripes, and of broad ones that it should keep."""
    figure, panels = new_figure(2, 1, width=9.5, height=3.8)
    pixels = np.arange(80)
    strengths = []
    for axes, wave, name in zip(panels, (0.02, frequency), ("broad stripes", "fine stripes"), strict=True):
        row = np.cos(2 * np.pi * wave * pixels)
        kept = np.asarray(thin(row, 4, 4), float)
        strengths.append(float(np.abs(kept).max()))
        axes.plot(pixels, row, color=GREY, linewidth=0.8)
        axes.plot(4 * np.arange(len(kept)) + 1.5, kept, "o-", color=BLUE)
        axes.set(ylim=(-1.2, 1.2), xlim=(-1, 80))
        axes.set_title(f"{name}, {wave:.2f} cycles a pixel: the samples reach up to {strengths[-1]:.2f}")
    panels[1].set_xlabel("pixels; thin: the row; dots: what is left of it, windows of 4 at stride 4")
    return figure, "Samples of two rows of stripes reach up to {:.2f} (broad) and {:.2f} (fine).".format(*strengths)


def zone_plate(side: int = 227) -> np.ndarray:
    """Rings that grow finer towards the rim: 0 cycles a pixel in the middle, one half at the edge."""
    axis = np.arange(side) - (side - 1) / 2
    return np.cos(np.pi * np.add.outer(axis**2, axis**2) / side)


def wave_filter(kernel: int, frequency: float) -> np.ndarray:
    """A kernel (kernel, kernel) that likes upright stripes of this frequency, under a bell, with sum 0."""
    axis = np.arange(kernel) - (kernel - 1) / 2
    bell = np.exp(-(axis**2) / (2 * (kernel / 4) ** 2))
    wave = bell * np.cos(2 * np.pi * frequency * axis)
    wave -= bell * wave.sum() / bell.sum()
    return np.outer(bell / bell.sum(), wave)


def zones_figure(image: np.ndarray, frequency: float, layers: Sequence[tuple[int, int]]) -> tuple[Figure, str]:
    """An image, and its response to a filter of each (kernel, stride)."""
    figure, panels = new_figure(1, 1 + len(layers), width=10.5, height=3.6)
    draw_image(panels[0], image, "rings, finer and finer")
    for axes, (kernel, stride) in zip(panels[1:], layers, strict=True):
        response = correlate2d(image, wave_filter(kernel, frequency), mode="valid")[::stride, ::stride]
        draw_image(axes, response, f"{kernel} × {kernel}, stride {stride}", symmetric=True)
    return (
        figure,
        "Rings; a filter's map at stride 4 shows two broad patches that are not in the image, at stride 2 the fine stripes.",
    )


# --- first filters of a trained net ------------------------------------------------------------------------


def first_filters_figure(kernels: np.ndarray, grey: np.ndarray) -> tuple[Figure, str]:
    """Each filter of a first layer as a small colour picture, from the most colourful to the greyest.

    kernels: array (rows, cols, 3, filters), red, green, blue; grey: the share of grey of each filter. A weight of 0 looks grey.
    """
    figure, axes = new_figure(-(-len(grey) // 16), 16, width=11, height=3.2)
    for place in axes.ravel():
        place.set_axis_off()
    for place, number in zip(axes.ravel(), np.argsort(grey), strict=False):
        kernel = kernels[..., number]
        place.imshow((kernel / np.abs(kernel).max() + 1) / 2)
    figure.suptitle("The first filters of a net trained on ImageNet", fontsize=11, fontweight="bold")
    return figure, f"{len(grey)} filters: above coloured halves and spots, below grey edges, bars and spots."


# --- the small net -----------------------------------------------------------------------------------------


def training_figure(history: dict[str, list[float]]) -> tuple[Figure, str]:
    """Accuracy on training and held-out images over the epochs."""
    figure, axes = new_figure(width=6.5, height=2.8)
    epochs = range(1, len(history["accuracy"]) + 1)
    axes.plot(epochs, history["accuracy"], "--s", color=GREY, label="training, with dropout")
    axes.plot(epochs, history["val_accuracy"], "-o", color=BLUE, label="held out")
    axes.set(xlabel="epoch", ylabel="accuracy", xticks=epochs)
    axes.legend()
    axes.set_title("A small AlexNet learns clothes")
    return figure, f"Two rising curves; the held-out accuracy ends at {history['val_accuracy'][-1]:.2f}."
