"""Unit 04: stripes with a phase, for the cells of the visual cortex."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from convcourse.figures import draw_image, new_figure


def stripes(size: int, wavelength: float, angle: float, phase: float) -> np.ndarray:
    """An image of dark and bright stripes from −1 to 1, float64 of shape (size, size); angles in radians."""
    r, c = np.mgrid[:size, :size] - (size - 1) / 2
    return np.cos(2 * np.pi * (c * np.cos(angle) + r * np.sin(angle)) / wavelength + phase)


def draw_stripes_and_kernel(kernel: np.ndarray, wavelength: float, step: int) -> tuple[Figure, str]:
    """Upright stripes shifted by `step` eighths of a wavelength, a kernel, and its answer to them."""
    size = kernel.shape[0]
    seen = stripes(size, wavelength, 0.0, 2 * np.pi * step / 8)
    answer = float(np.sum(seen * kernel))
    figure, axes = new_figure(1, 2, width=5.5, height=2.9)
    draw_image(axes[0], seen, f"stripes, shifted by {step}/8")
    draw_image(axes[1], kernel, f"simple cell: answer {answer:.1f}", symmetric=True)
    return figure, f"Stripes shifted by {step} eighths of a wavelength; the simple cell answers {answer:.1f}."
