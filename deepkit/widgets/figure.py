"""A figure as a still picture with a caption: a plain output that every reader shows."""

import plotly.graph_objects as go

from deepkit.views.html import esc
from deepkit.widgets._view import View, still


class FigureView(View):
    """A plotly figure, drawn once.

    Args:
        figure: One of `deepkit.plots`.
        caption: What to see in it, one sentence.
    """

    def __init__(self, figure: go.Figure, caption: str = "") -> None:
        super().__init__()
        self.figure, self.caption = figure, caption

    def html(self) -> str:
        """Return a still picture with the caption below."""
        return still(self.figure) + (f"<p>{esc(self.caption)}</p>" if self.caption else "")

    def text(self) -> str:
        """Return what the figure shows, in words."""
        return f"{self.caption} {self.figure.layout.meta['alt']}".strip()
