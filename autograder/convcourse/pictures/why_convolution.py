"""Unit 01: tuning, regions of the plane, and three ways to connect an image."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, ConnectionPatch, Rectangle
from scipy.ndimage import gaussian_filter

from convcourse.colours import LINE, SOFT_INK, WASH
from convcourse.figures import BLUE, GREEN, ORANGE, RED, new_figure


def plane_points(reach: float = 3.0, steps: int = 121) -> np.ndarray:
    """A grid of points of the plane from -reach to reach, as an array of shape (steps², 2)."""
    line = np.linspace(-reach, reach, steps)
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)


def draw_region(axes: Axes, inside: np.ndarray, title: str, reach: float = 3.0) -> None:
    """Shade the points of `plane_points` that are inside (a Boolean for each) and draw the border."""
    steps = round(len(inside) ** 0.5)
    line = np.linspace(-reach, reach, steps)
    # The points are a grid, and the border between them would be a staircase.
    smooth = gaussian_filter(inside.reshape(steps, steps).astype(float), 1.2, mode="nearest")
    axes.contourf(line, line, smooth, levels=[0.5, 1], colors=BLUE, alpha=0.4)
    axes.contour(line, line, smooth, levels=[0.5], colors=BLUE, linewidths=2)
    axes.set(aspect="equal", xticks=range(-3, 4), yticks=range(-3, 4))
    axes.axhline(0, color=LINE, linewidth=0.6)
    axes.axvline(0, color=LINE, linewidth=0.6)
    axes.set_title(title)


def draw_tuning(degrees: int) -> tuple[Figure, str]:
    """w, and an input of the same length turned away from it by `degrees`; beside it z against the angle."""
    figure, (plane, curve) = new_figure(1, 2, width=9, height=3.2)
    w, angle = np.array([1.6, 1.2]), np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    x = turn @ w
    for vector, colour, name in ((w, BLUE, "w"), (x, ORANGE, "x")):
        plane.annotate("", vector, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2.5})
        plane.annotate(name, vector * 1.12, color="black", ha="center", va="center", fontweight="bold")
    plane.add_patch(Circle((0, 0), 2, fill=False, linestyle=":", color=LINE))
    plane.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), aspect="equal")
    plane.set_axis_off()
    plane.set_title(f"θ = {degrees}°:  w·x = {w @ x:.2f}")
    angles = np.linspace(-180, 180, 181)
    curve.plot(angles, 4 * np.cos(np.deg2rad(angles)), color=BLUE)
    curve.plot([degrees], [w @ x], "o", color=ORANGE, markersize=10)
    curve.axhline(0, color="black", linewidth=0.6)
    curve.set(xlabel="angle θ between w and x, in degrees", xticks=[-180, -90, 0, 90, 180])
    curve.set_title("|w| |x| cos θ: largest when x points along w")
    return figure, f"An input at {degrees} degrees from the weights gives {w @ x:.2f}; the curve is a cosine with its top at 0."


def draw_connections() -> tuple[Figure, str]:
    """A row of eight pixels and the units above it: fully connected, locally connected, convolution."""
    figure, axes = new_figure(1, 3, width=11, height=2.6)
    colours = [BLUE, ORANGE, GREEN, RED]
    for place, title in zip(axes, ("fully connected", "locally connected", "convolution"), strict=True):
        for pixel in range(8):
            place.add_patch(Rectangle((pixel - 0.4, -0.4), 0.8, 0.8, facecolor=WASH, edgecolor=SOFT_INK))
        for unit in range(6):
            place.add_patch(Circle((unit + 1, 2.4), 0.36, facecolor="white", edgecolor="black"))
            reach = range(8) if title == "fully connected" else range(unit, unit + 3)
            for step, pixel in enumerate(reach):
                colour = colours[step] if title == "convolution" else LINE
                start, end = (unit + 1, 2.03), (pixel, 0.4)
                place.add_artist(ConnectionPatch(start, end, "data", color=colour, linewidth=1.6 if len(reach) < 8 else 0.6))
        place.set(xlim=(-0.7, 7.7), ylim=(-0.7, 3.0), aspect="equal")
        place.set_axis_off()
    for place, title, count in zip(
        axes, ("fully connected", "locally connected", "convolution"), ("8 · 6 = 48", "3 · 6 = 18", "3"), strict=True
    ):
        place.set_title(f"{title}: {count} weights")
    return figure, "Eight pixels and six units: 48 weights fully connected, 18 locally connected, 3 shared ones in a convolution."
