"""Figures: they carry the records' numbers, say in words what they show, and read in both themes."""

import json
from typing import Any
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest

from deepkit import svg
from tests.figures import of_a_cluster
from tests.markup import contrast

NAMES = ("waiting_times", "attempts", "over_time", "collapse", "standings")
FIGURES = dict(zip(NAMES, of_a_cluster(), strict=True))


def as_json(figure: go.Figure) -> dict[str, Any]:
    """The figure as a page gets it."""
    found: dict[str, Any] = json.loads(figure.to_json())
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_figure_reads_in_both_themes(name: str) -> None:
    """Backgrounds are transparent and the text is a mid grey: 3:1 or more against white and near-black."""
    layout = as_json(FIGURES[name])["layout"]["template"]["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    grey = layout["font"]["color"]
    assert contrast(grey, "#ffffff") >= 3
    assert contrast(grey, "#111111") >= 3


@pytest.mark.parametrize("name", FIGURES)
def test_figure_says_what_it_shows(name: str) -> None:
    """Each figure carries a sentence for those who cannot see it, with a number or a state in it."""
    alt = FIGURES[name].layout.meta["alt"]
    assert len(alt) > 20
    assert any(sign.isdigit() for sign in alt) or "SHOWN" in alt


@pytest.mark.parametrize("name", FIGURES)
def test_still_picture_is_a_drawing(name: str) -> None:
    """Each figure of ours can be drawn without a script: well-formed SVG, all of it inside the picture."""
    figure = as_json(FIGURES[name])
    assert svg.drawable(figure)
    root = ElementTree.fromstring(svg.svg(figure))
    width, height = (float(root.get(side, "0")) for side in ("width", "height"))
    texts = [one for one in root.iter() if one.tag.endswith("text")]
    marks = [one for one in root.iter() if one.tag.endswith(("rect", "circle", "polyline"))]
    assert len(texts) > 3
    assert marks
    for one in texts:
        assert -5 <= float(one.get("x", "0")) <= width + 5
        assert 0 <= float(one.get("y", "0")) <= height + 5


def test_unknown_traces_are_left_out_and_named() -> None:
    """A figure of somebody else's with an unknown kind of trace draws what it can and is told apart."""
    strange = {"data": [{"type": "sankey"}, {"type": "scatter", "y": [1, 2, None]}], "layout": {}}
    assert not svg.drawable(strange)
    assert "<polyline" in svg.svg(strange)


def test_text_cannot_break_out_of_the_picture() -> None:
    """Words from outside are escaped wherever they land in the drawing."""
    evil = {
        "data": [{"type": "bar", "x": ["<script>"], "y": [1], "marker": {"color": "'/><script>"}}],
        "layout": {},
    }
    assert "<script>" not in svg.svg(evil)
    assert "<b>" not in svg.picture(evil, '"><b>')
