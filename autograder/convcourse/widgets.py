"""Things to move: a slider that redraws a picture. Where widgets do not run, the picture alone is shown."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure

from convcourse.figures import figure_html, show


def slide(draw: Callable[[int], tuple[Figure, str]], label: str, stop: int, value: int = 0) -> None:
    """Show `draw(step)` for step = 0 … stop, moved by a slider that starts at `value`.

    draw: returns the figure and its text alternative.
    """
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
    # The label is shown beside the slider, but no screen reader ties it to the handle: ipywidgets lets nobody name the
    # handle, and a script that did it from outside would be dropped wherever a notebook is not trusted.
    # Without a tooltip of ours, the label's is the word "null".
    tip = "Drag it, or move it with the arrow keys."
    whole_label = {"description_width": "initial"}
    slider = ipywidgets.IntSlider(value, 0, stop, description=label, tooltip=tip, continuous_update=False, style=whole_label)
    picture = ipywidgets.HTML(figure_html(*draw(value)))

    def redraw(_change: object) -> None:
        picture.value = figure_html(*draw(slider.value))

    slider.observe(redraw, names="value")
    display(ipywidgets.VBox([slider, picture]))
