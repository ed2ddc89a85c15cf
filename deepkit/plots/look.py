"""Figures of a look at a target: where the time goes, and whose fault it is."""

from collections.abc import Sequence

import plotly.graph_objects as go

from deepkit.checks import Chat, ChatPlain, ChatStream, Conversation, DnsSystem, Tcp, Tls
from deepkit.plots._shared import AFTER, STATE_COLOURS, WAITED, figure, seconds
from deepkit.records import Accusation, Diagnosis, Evidence


def _layers(evidence: Evidence) -> list[tuple[str, float, float]]:
    """Return (layer, start, length) in seconds: set-up steps one after the other, then the answer's stamps."""
    connects = (one.connect_s for one in evidence.facts(Tcp).connects)
    connected = min((took for took in connects if took is not None), default=None)
    steps: list[tuple[str, float, float]] = []
    now = 0.0
    for name, took in (
        ("name lookup", evidence.facts(DnsSystem).elapsed_s),
        ("connect", connected),
        ("encryption", evidence.facts(Tls).handshake_s),
    ):
        if took is not None:
            steps.append((name, now, took))
            now += took
    chat: type[Chat] = next(
        (one for one in (ChatStream, ChatPlain, Conversation) if evidence.get(one.check)), Chat
    )
    stamps, past = evidence.facts(chat), 0.0
    for name, stamp in (
        ("reply begins", stamps.headers_s),
        ("first words", stamps.answer_s),
        ("last words", stamps.end_s),
    ):
        if stamp is not None and stamp >= past:
            steps.append((name, now + past, stamp - past))
            past = stamp
    return steps


def latency(evidence: Evidence) -> go.Figure:
    """Show where the time goes, layer by layer, from the name lookup to the last word.

    Args:
        evidence: A look at a target; layers that were not measured are left out.

    Returns:
        A waterfall. Set-up steps are those of one connection, the answer's stamps are medians.
    """
    steps = _layers(evidence)
    names = [name for name, _, _ in steps]
    text = [seconds(length) for _, _, length in steps]
    end = max((start + length for _, start, length in steps), default=0.0) or 1.0
    unit, scale = ("seconds", 1.0) if end >= 1 else ("milliseconds", 1000.0)
    end *= scale
    starts, lengths = [scale * start for _, start, _ in steps], [scale * length for _, _, length in steps]
    colours = [AFTER if name in ("name lookup", "connect", "encryption") else WAITED for name in names]
    bar = go.Bar(
        x=lengths,
        y=names,
        base=starts,
        orientation="h",
        marker={"color": colours},
        text=text,
        textposition="none",
        hovertemplate="%{y}: %{text}<extra></extra>",
        name="layers",
    )
    labels = go.Scatter(
        x=[start + length for start, length in zip(starts, lengths, strict=True)],
        y=names,
        mode="text",
        text=[f"  {one}" for one in text],
        textposition="middle right",
        hoverinfo="skip",
        name="times",
    )
    alt = "; ".join(f"{name} {one}" for name, one in zip(names, text, strict=True)) or "no layer was measured"
    return figure(
        [bar, labels],
        height=90 + 32 * max(1, len(steps)),
        alt=f"Time by layer: {alt}.",
        xaxis={"title": {"text": f"{unit} since the start"}, "range": [0, 1.18 * end]},
        yaxis={"type": "category", "autorange": "reversed"},
        margin={"l": 100, "r": 20, "t": 10, "b": 45},
    )


def causes(diagnosis: Diagnosis, top: int = 8) -> go.Figure:
    """Show the ranked causes with their states.

    Args:
        diagnosis: What the evidence means.
        top: Most causes to show, best first.

    Returns:
        A figure with one row a cause; how far it reaches is its state, in words at the axis.
    """
    reach = {"RULED_OUT": 1, "INSUFFICIENT": 2, "POSSIBLE": 3, "LIKELY": 4, "SHOWN": 5}
    shown: Sequence[Accusation] = diagnosis.accusations[:top]
    names = [one.cause.replace("_", " ") for one in shown]
    bar = go.Bar(
        x=[reach[one.state] for one in shown],
        y=names,
        orientation="h",
        name="causes",
        marker={"color": [STATE_COLOURS[one.state] for one in shown]},
        customdata=[[one.state, "<br>".join(one.evidence_for) or "no evidence for it"] for one in shown],
        hovertemplate="%{y}: %{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    )
    words = "; ".join(f"{name} {one.state}" for name, one in zip(names, shown, strict=True))
    ticks = ["ruled out", "insufficient", "possible", "likely", "shown"]
    return figure(
        [bar],
        height=90 + 30 * max(1, len(shown)),
        alt=f"Verdict {diagnosis.verdict}. {words}",
        xaxis={"range": [0, 5.4], "tickvals": [1, 2, 3, 4, 5], "ticktext": ticks},
        yaxis={"type": "category", "autorange": "reversed"},
        margin={"l": 190, "r": 20, "t": 10, "b": 35},
    )
