"""What all views share: they own a widget, and show themselves live, as HTML and as text at once."""

import hashlib
import json
import os
from typing import Any

import ipywidgets
import plotly.graph_objects as go
from IPython.display import DisplayHandle, display

from deepkit.svg import picture

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
FIGURES = "application/vnd.deepkit.figures+json"
"""For reports only: the figures behind the still pictures of an output, by a hash of the picture."""
SUMMARY = "application/vnd.deepkit.summary+text"
"""For reports only: one sentence for the top of the page."""


def in_report() -> bool:
    """Tell whether this kernel runs for a report, which wants the figures behind the pictures."""
    return os.environ.get("DEEPKIT_REPORT") == "1"


def figure_json(figure: go.Figure) -> dict[str, Any]:
    """Return plotly's JSON form of a figure, numbers in plain lists."""
    found: dict[str, Any] = json.loads(figure.to_json())
    return found


class View:
    """A record on a page. Subclasses say `html()` and `text()` and may build `_build()` a live widget."""

    def __init__(self) -> None:
        self._widget: ipywidgets.Widget | None = None
        self._figures: dict[str, Any] = {}
        self._handle: DisplayHandle | None = None

    def html(self) -> str:
        """Return the view as HTML with inline style."""
        raise NotImplementedError

    def text(self) -> str:
        """Return the view as plain text."""
        raise NotImplementedError

    def summary(self) -> str:
        """Return one sentence for the top of a report, or nothing."""
        return ""

    def _build(self) -> ipywidgets.Widget:
        return ipywidgets.HTML(self.html())

    @property
    def widget(self) -> ipywidgets.Widget:
        """The live view; built when first asked for."""
        if self._widget is None:
            self._widget = self._build()
        return self._widget

    def picture(self, figure: go.Figure) -> str:
        """Return a still picture of a figure as HTML, and remember the figure for a report."""
        data = figure_json(figure)
        image = picture(data, alt=str(figure.layout.meta["alt"]))
        self._figures[hashlib.sha256(image.encode()).hexdigest()[:16]] = data
        return image

    def show(self) -> "View":
        """Put the view on the page, once a call; `refresh` then keeps what is saved up to date."""
        self._handle = display(self, display_id=True)  # type: ignore[no-untyped-call]
        return self

    def refresh(self) -> None:
        """Let the page's saved HTML and text follow what the view says now."""
        if self._handle is not None:
            self._handle.update(self)  # type: ignore[no-untyped-call]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live view, the HTML and the text; readers take the best they can show."""
        bundle = self.report_bundle()
        if in_report():
            return bundle
        return {**self._live(), "text/html": bundle["text/html"], "text/plain": bundle["text/plain"]}

    def _live(self) -> dict[str, Any]:
        shown = self.widget._repr_mimebundle_()
        return dict(shown[0] if isinstance(shown, tuple) else (shown or {}))

    def report_bundle(self) -> dict[str, Any]:
        """Return what a report needs: HTML, text, and the figures behind the still pictures."""
        self._figures = {}
        bundle: dict[str, Any] = {"text/plain": self.text(), "text/html": self.html()}
        extra = {FIGURES: self._figures, SUMMARY: self.summary()}
        return bundle | {name: value for name, value in extra.items() if value}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
