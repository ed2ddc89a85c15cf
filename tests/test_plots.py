"""Figures: they carry the records' numbers, say in words what they show, and read in both themes."""

import json
from dataclasses import replace
from typing import Any, Literal
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest

from deepkit import plots, svg
from deepkit.checks import ChatStream, Connect, DnsSystem, Tcp
from deepkit.plots.__main__ import gallery, main
from deepkit.records import Accusation, Diagnosis, Evidence, Observation, Sample, Trial

NAMES = (
    "before_after", "retries", "latency", "causes", "hours", "waiting_times", "attempts", "over_time", "collapse",
    "standings",
)  # fmt: skip
FIGURES = dict(zip(NAMES, gallery(), strict=True))


def as_json(figure: go.Figure) -> dict[str, Any]:
    """The figure as a page gets it."""
    found: dict[str, Any] = json.loads(figure.to_json())
    return found


def trial(before_ok: int, after_ok: int, n: int = 6) -> Trial:
    """A trial with so many answered questions in each arm."""
    sides: tuple[tuple[Literal["before", "after"], int], ...] = (("before", before_ok), ("after", after_ok))
    samples = [
        Sample(arm, True, None, 0.1 * (pair + 1), 1.0 + pair, pair=pair)
        if pair < good
        else Sample(arm, False, "http_503", None, 1.0 + pair, pair=pair)
        for pair in range(n)
        for arm, good in sides
    ]

    def arm(good: int) -> dict[str, Any]:
        return {"n": n, "ok": good, "success": good / n, "success_low": 0.1, "success_high": 0.9}

    return Trial("backoff", "helped", "because", n, 2 * n, arm(before_ok), arm(after_ok), tuple(samples))


@pytest.mark.parametrize("name", FIGURES)
def test_figure_reads_in_both_themes(name: str) -> None:
    """Backgrounds are transparent and the text is a mid grey: 3:1 or more against white and near-black."""
    layout = as_json(FIGURES[name])["layout"]["template"]["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    grey = layout["font"]["color"]
    assert contrast(grey, "#ffffff") >= 3
    assert contrast(grey, "#111111") >= 3


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


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


def test_success_bars_carry_the_trial() -> None:
    """The bars are the arms' success and their interval ends are those of the summary."""
    bars = [trace for trace in as_json(plots.before_after(trial(2, 6)))["data"] if trace["type"] == "bar"]
    assert [round(bar["y"][0]) for bar in bars] == [33, 100]
    assert bars[0]["y"][0] - bars[0]["error_y"]["arrayminus"][0] == pytest.approx(10)
    assert bars[0]["y"][0] + bars[0]["error_y"]["array"][0] == pytest.approx(90)
    assert [bar["text"][0] for bar in bars] == ["2 of 6", "6 of 6"]


def test_failures_are_crosses() -> None:
    """A question that was not answered is a cross with its failure's name, never a circle."""
    traces = [t for t in as_json(plots.before_after(trial(2, 6)))["data"] if t["type"] == "scatter"]
    crosses = [t for t in traces if t.get("marker", {}).get("symbol") == "x"]
    assert sum(len(t["y"]) for t in crosses) == 4
    assert all(word == "http_503" for t in crosses for word in t["customdata"])


def test_trial_without_samples_still_draws() -> None:
    """An undecided trial of no pairs gives a figure that says so instead of failing."""
    nothing = replace(trial(0, 0), samples=(), before={"n": 0, "ok": 0}, after={}, pairs=0)
    assert "not asked" in plots.before_after(nothing).layout.meta["alt"]
    assert svg.svg(as_json(plots.before_after(nothing))).startswith("<svg")


def test_retries_split_time_into_asking_and_waiting() -> None:
    """Asking and waiting add up to each question's whole time, and lost questions are marked."""
    samples = [
        Sample("before", False, "http_503", None, 3.0, 3, 2.0),
        Sample("after", True, None, 0.2, 1.0, 1, 0.0),
    ]
    asked, waited, lost = as_json(plots.retry_outcomes(samples))["data"]
    assert asked["y"] == [1.0, 1.0]
    assert waited["y"] == [2.0, 0.0]
    assert lost["x"] == ["1"]
    assert "4 attempts" in plots.retry_outcomes(samples).layout.meta["alt"]


def test_latency_layers_follow_each_other() -> None:
    """Set-up steps lie end to end, the answer's stamps start where they end, unmeasured layers are left out."""
    evidence = Evidence((
        Observation("dns.system", "ok", facts=DnsSystem(elapsed_s=0.02)),
        Observation("tcp", "partial", facts=Tcp(connects=(Connect("a"), Connect("b", connect_s=0.03)))),
        Observation("chat.stream", "ok", facts=ChatStream(headers_s=0.1, answer_s=0.4)),
    ))  # fmt: skip
    bar = as_json(plots.latency(evidence))["data"][0]
    assert bar["y"] == ["name lookup", "connect", "reply begins", "first words"]
    assert bar["base"] == pytest.approx([0, 20, 50, 150])  # less than a second in all: milliseconds
    assert bar["x"] == pytest.approx([20, 30, 100, 300])
    assert "no layer" in plots.latency(Evidence()).layout.meta["alt"]


def test_causes_keep_their_order_and_state() -> None:
    """The best cause stands first, and SHOWN reaches farther than LIKELY, LIKELY farther than RULED_OUT."""
    found = Diagnosis(
        "dns_stale",
        "network",
        (
            Accusation("dns_stale", "SHOWN"),
            Accusation("tls_failure", "LIKELY"),
            Accusation("other", "RULED_OUT"),
        ),
    )
    bar = as_json(plots.causes(found))["data"][0]
    assert bar["y"] == ["dns stale", "tls failure", "other"]
    assert bar["x"] == sorted(bar["x"], reverse=True)
    assert len(set(bar["x"])) == 3


def test_hours_are_the_readers() -> None:
    """The second row of hours is the reader's own, as far from UTC as their zone is."""
    ticks = as_json(plots.hours("Asia/Tokyo"))["layout"]["xaxis"]["ticktext"]
    assert ticks[0] == "00<br>09"
    assert as_json(plots.hours())["layout"]["xaxis"]["ticktext"][0] == "00"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not measured"),
        (0.0012, "1.2 ms"),
        (0.34, "340 ms"),
        (0.9999, "1.0 s"),
        (2.41, "2.4 s"),
        (120.0, "120 s"),
    ],
)
def test_durations_in_words(value: float | None, words: str) -> None:
    """A duration is written with the unit that a person would choose."""
    assert plots.seconds(value) == words


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


def test_gallery_is_one_offline_page(tmp_path: Any) -> None:
    """`python -m deepkit.plots` writes a page that holds every figure and asks for no address."""
    main(tmp_path / "gallery.html")
    page = (tmp_path / "gallery.html").read_text()
    assert page.count("plotly-graph-div") == len(FIGURES)
    assert 'src="http' not in page
