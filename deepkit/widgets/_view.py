"""A live widget that also stands as HTML and text where no kernel is."""

import json
import os
from typing import Any

import ipywidgets
import plotly.graph_objects as go
from IPython.display import DisplayHandle, display

from deepkit.svg import picture


def in_report() -> bool:
    """Tell whether this kernel runs for a report, which keeps no widgets."""
    return os.environ.get("DEEPKIT_REPORT") == "1"


def figure_json(figure: go.Figure) -> dict[str, Any]:
    """Return plotly's JSON form of a figure, numbers in plain lists."""
    found: dict[str, Any] = json.loads(figure.to_json())
    return found


def still(figure: go.Figure) -> str:
    """Return a still picture of a figure as HTML."""
    return picture(figure_json(figure), alt=str(figure.layout.meta["alt"]))


class View:
    """A record on a page. Subclasses say `html()` and `text()`, and may `_build()` a live widget."""

    def __init__(self) -> None:
        self._widget: ipywidgets.Widget | None = None
        self._handle: DisplayHandle | None = None

    def html(self) -> str:
        """Return the view as HTML with inline style."""
        raise NotImplementedError

    def text(self) -> str:
        """Return the view as plain text."""
        raise NotImplementedError

    def _build(self) -> ipywidgets.Widget | None:
        return None

    @property
    def widget(self) -> ipywidgets.Widget | None:
        """The live view, if it has one; built when first asked for."""
        if self._widget is None:
            self._widget = self._build()
        return self._widget

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
        words = {"text/html": self.html(), "text/plain": self.text()}
        live = None if in_report() else self.widget
        shown = live._repr_mimebundle_() if live is not None else {}
        return {**(shown[0] if isinstance(shown, tuple) else shown or {}), **words}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
