"""The colours of the course's pictures, for light and dark pages and for colour-blind readers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

# Near the palette of Okabe and Ito (2008). Moved so that each pair stays apart for colour-blind readers (a difference of
# 13 or more by CIEDE2000), and each colour stands out on a white page and on a dark one (a contrast of 3 or more).
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#0D6BC2", "#DB7A09", "#07A26D", "#BB4205", "#B3879E", "#696969"
# Black is the ink of the page and white its ground. Both turn in a dark page (see `inline_svg`).
SOFT_INK, LINE, WASH = "#000000B0", "#00000050", "#00000014"  # words of second rank, thin lines, a faint surface
ALWAYS_DARK, ALWAYS_LIGHT = "#010101", "#FEFEFE"  # ink on a colour or on a picture, which do not turn


def ink_on(colour: Any) -> str:
    """The ink that is easier to read on a colour (any that Matplotlib knows): dark or light, with a contrast of 4.5 at least."""
    return max((ALWAYS_DARK, ALWAYS_LIGHT), key=lambda ink: contrast(colour, ink))


def contrast(one: Any, other: Any) -> float:
    """The contrast of two colours, from 1 to 21, as the Web Content Accessibility Guidelines 2.1 define it."""
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Any) -> float:
    return float(linear(np.array(to_rgb(colour))) @ (0.2126, 0.7152, 0.0722))


def linear(channels: np.ndarray) -> np.ndarray:
    """sRGB, from 0 to 1, as amounts of light (IEC 61966-2-1)."""
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
