"""The text and the plot of the figures of `convcourse bench grading`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from convcourse.figures import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, new_figure

STYLES = {"stock nbgrader": (RED, "-"), "stock nbgrader, our judge": (ORANGE, "--"), "otter-grader": (PURPLE, "-.")}


def cost_lines(figures: dict[str, Any]) -> Iterator[str]:
    """One line for each way, class and forecast."""
    stock, floor = figures["medians"]["stock nbgrader"], figures["floor"]
    for name, seconds in figures["medians"].items():
        yield f"{name:28s} {seconds:7.3f} s a submission, {stock / seconds:5.1f} × as fast as stock"
    yield f"{'floor (CPU of the cells)':28s} {floor:7.3f} s"
    for cost in figures["classes"]:
        count, seconds, workers = cost["submissions"], cost["seconds"], cost["workers"]
        allowed = 1.3 * floor / workers + 0.10
        grown = (cost["head_late"] - cost["head_early"]) / 2**20
        yield (
            f"class of {count:,}, workers {workers}: {seconds:.1f} s, {seconds / count:.3f} s a submission "
            f"(1.3 × floor / workers + 0.10 is {allowed:.3f}), CPU {cost['cpu']:.0f} s, "
            f"head {cost['head_late'] / 2**20:.0f} MiB, {grown:+.1f} MiB since a tenth was done"
        )
    if on_paper := figures["forecast"]:
        yield (
            f"on paper, {on_paper['submissions']:,} on {on_paper['workers']} workers: {on_paper['seconds'] / 60:.0f} min, "
            f"the head busy {on_paper['head_busy']:.0%} of it, workers {on_paper['workers_busy']:.0%}, "
            f"{on_paper['bytes_moved'] / 1e9:.1f} GB moved"
        )


def cost_figure(figures: dict[str, Any]) -> Figure:
    """Seconds for a class against its size. Measurements on few submissions are scaled and drawn as a line."""
    figure, axes = new_figure(width=7.5, height=5)
    largest = max([100, *(cost["submissions"] for cost in figures["classes"])])
    sizes = np.geomspace(10, largest, 30)
    for name, (colour, line) in STYLES.items():
        if name in figures["medians"]:
            axes.plot(sizes, sizes * figures["medians"][name], line, color=colour, label=f"{name} (scaled)")
    for workers, colour, marker in ((1, BLUE, "o"), (2, GREEN, "s")):
        measured = [(c["submissions"], c["seconds"]) for c in figures["classes"] if c["workers"] == workers]
        if measured:
            label = f"convcourse grade, {workers} {'worker' if workers == 1 else 'workers'} (measured)"
            axes.plot(*zip(*sorted(measured), strict=True), marker=marker, color=colour, label=label)
    axes.plot(sizes, sizes * figures["floor"], ":", color=GREY, label="floor: CPU of the cells")
    axes.set(xscale="log", yscale="log", xlabel="submissions", ylabel="seconds for the class")
    axes.set_title(f"What grading a class costs: {figures['unit']}")
    axes.legend(fontsize=8)
    return figure
