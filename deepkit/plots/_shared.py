"""What all figures share: colours, template, and how numbers are written."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

BEFORE, AFTER, FAILED, WAITED = "#D55E00", "#2F8FCE", "#B03A2E", "#E6A117"
TEXT, GRID = "#7A808A", "rgba(128,128,128,0.25)"
_AXIS = {
    "gridcolor": GRID,
    "zerolinecolor": GRID,
    "linecolor": GRID,
    "ticks": "",
    "automargin": True,
    "title": {"standoff": 8},
}
TEMPLATE = go.layout.Template(
    layout={
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {
            "color": TEXT,
            "size": 13,
            "family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
        },
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "hoverlabel": {"font": {"size": 13}},
        "bargap": 0.35,
    }
)
"""What all figures share."""


def scatter(**given: Any) -> dict[str, Any]:
    """Return a scatter trace as plain data: the figure checks it once, a `go.Scatter` would be checked twice."""
    return {"type": "scatter", **given}


def figure(data: Sequence[Any], *, height: int, alt: str, **layout: Any) -> go.Figure:
    """Build a figure; `alt` says in words what it shows and travels with it in `layout.meta`."""
    margin = layout.pop("margin", {"l": 60, "r": 20, "t": 30, "b": 45})
    shared = {"template": TEMPLATE, "height": height, "margin": margin, "meta": {"alt": alt}}
    return go.Figure(data=list(data), layout={"showlegend": False, **shared, **layout})


def note(text: str, x: float = 0.0, y: float = 1.1, anchor: str = "left") -> dict[str, Any]:
    """Return a line of text above the plot, in the figure's own coordinates (0 to 1)."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "xanchor": anchor,
        "align": anchor,
    }
