"""A figure on a page: interactive where plotly is at hand, a still picture elsewhere."""

from typing import Any

import ipywidgets
import plotly.graph_objects as go

from deepkit.widgets._html import box, esc, paragraph
from deepkit.widgets._view import PLOTLY, View, figure_json


class FigureView(View):
    """A plotly figure with a caption.

    Args:
        figure: One of `deepkit.plots`.
        caption: What to see in it, one sentence.
    """

    def __init__(self, figure: go.Figure, caption: str = "") -> None:
        super().__init__()
        self.figure, self.caption = figure, caption
        self.stage = ipywidgets.Output()

    def update(self, figure: go.Figure) -> None:
        """Draw another figure in the same place; from any thread."""
        self.figure = figure
        self._draw()
        self.refresh()

    def _draw(self) -> None:
        self.stage.outputs = (plot_output(self.figure),)

    def _build(self) -> ipywidgets.Widget:
        self._draw()
        return ipywidgets.VBox([self.stage, ipywidgets.HTML(f"<span>{esc(self.caption)}</span>")])

    def html(self) -> str:
        """Return a still picture with the caption below."""
        return box(self.picture(self.figure) + (paragraph(esc(self.caption)) if self.caption else ""))

    def text(self) -> str:
        """Return what the figure shows, in words."""
        return f"{self.caption} {self.figure.layout.meta['alt']}".strip()


def plot_output(figure: go.Figure) -> dict[str, Any]:
    """Return a figure as an entry of `Output.outputs`, which may be replaced at any time from any thread."""
    data = {PLOTLY: figure_json(figure), "text/plain": str(figure.layout.meta["alt"])}
    return {"output_type": "display_data", "data": data, "metadata": {}}
