"""A slider that redraws a picture. If widgets do not run, only the picture is shown."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure

from convcourse.figures import figure_html, show
from convcourse.for_the_book import FRAMES, hand_over, is_for_the_book


def slide(draw: Callable[[int], tuple[Figure, str]], label: str, stop: int, value: int = 0) -> None:
    """Show `draw(step)` for step = 0 … stop, moved by a slider that starts at `value`.

    draw: returns the figure and its text alternative. They depend on the step alone, because the book draws all steps beforehand.
    """
    if is_for_the_book():
        frames = [figure_html(*draw(step)) for step in range(stop + 1)]
        hand_over(FRAMES, {"label": label, "start": value, "frames": frames})
        return
    try:
        import ipywidgets
        from IPython.core.getipython import get_ipython
        from IPython.display import display
    except ImportError:
        show(*draw(value))
        return
    if not hasattr(get_ipython(), "kernel"):
        show(*draw(value))
        return
    # The label is shown beside the slider, but no screen reader connects it to the handle. ipywidgets does not allow a
    # name for the handle, and untrusted notebooks drop a script that would set it.
    # Without our tooltip, the label's tooltip is the word "null".
    tip = "Drag it, or move it with the arrow keys."
    whole_label = {"description_width": "initial"}
    slider = ipywidgets.IntSlider(value, 0, stop, description=label, tooltip=tip, continuous_update=False, style=whole_label)
    picture = ipywidgets.HTML(figure_html(*draw(value)))

    def redraw(_change: object) -> None:
        picture.value = figure_html(*draw(slider.value))

    slider.observe(redraw, names="value")
    display(ipywidgets.VBox([slider, picture]))
