"""Figures of a run over time: what is sent, what is answered, and whether it recovers from an outage."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from deepkit.cluster import Cluster, Timeline
from deepkit.errors import UsageError
from deepkit.plots._shared import AFTER, BEFORE, TEXT, WAITED, figure, note, scatter

LINES = (
    ("#2F8FCE", "solid"),
    ("#D55E00", "dash"),
    ("#009E73", "dot"),
    ("#CC79A7", "solid"),
    ("#E69F00", "dash"),
)
"""Colours of Okabe and Ito and strokes, so that lines differ without colour too."""


def over_time(film: Timeline, cluster: Cluster | None = None) -> go.Figure:
    """Show what comes in, what is sent with all retries, and what is answered, over time.

    Args:
        film: A run, of `deepkit.cluster.timeline`.
        cluster: The cluster that ran; its outages are shaded and its capacity is drawn.

    Returns:
        A figure. The gap between the orange and the grey line is retries; where the blue line falls
        away from the grey one, requests go unanswered.
    """
    _some(film)
    unit, scale = _unit(film.time[-1])
    time = [at * scale for at in film.time]
    arrivals = sum(film.arrivals) / len(film.arrivals)
    top = 1.08 * max(*film.offered, *film.goodput, arrivals)
    grey = {"color": TEXT, "width": 1.5, "dash": "dash"}
    traces = [
        scatter(x=[0, time[-1]], y=[arrivals] * 2, mode="lines", line=grey, name="new", hoverinfo="skip"),
        _curve(time, film.offered, BEFORE, "solid", "sent"),
        _curve(time, film.goodput, AFTER, "solid", "answered"),
    ]
    capacity = cluster.servers / cluster.service_s if cluster is not None else None
    if capacity is not None and capacity < 3 * top:
        top = max(top, 1.08 * capacity)
        full = {"color": WAITED, "width": 1.5, "dash": "dot"}
        traces.append(
            scatter(
                x=[0, time[-1]], y=[capacity] * 2, mode="lines", line=full, name="capacity", hoverinfo="skip"
            )
        )
    gone = outages(cluster, film.time[-1]) if cluster is not None else ()
    legend = "orange: attempts sent · blue: answered<br>grey: new requests"
    legend += " · yellow: capacity" * bool(capacity) + "<br>shaded: outage" * bool(gone)
    last = max(1, len(time) // 5)
    sent, good = (sum(line[-last:]) / last for line in (film.offered, film.goodput))
    alt = (
        f"{arrivals:.3g} new requests a second. At the end {sent:.3g} attempts a second are sent and {good:.3g} "
        f"a second are answered.{_gone_words(gone)}"
    )
    return figure(
        traces,
        height=336,
        alt=alt,
        shapes=[_shade(begin * scale, end * scale) for begin, end in gone],
        xaxis={"title": {"text": unit}, "range": [0, time[-1]]},
        yaxis={"title": {"text": "a second"}, "range": [0, top]},
        annotations=[note(legend, y=1.26)],
        margin={"l": 60, "r": 15, "t": 64, "b": 45},
    )


def collapse(films: Mapping[str, Timeline], cluster: Cluster | None = None) -> go.Figure:
    """Show the share of requests answered over time, one line a run: what stays down after an outage, what recovers.

    Args:
        films: Runs by name, at most five.
        cluster: A cluster with the outage that all of them met; it is shaded.

    Returns:
        A figure with one line a run, each with its name in the note above.

    Raises:
        UsageError: When there is no run, or more than five.
    """
    if not 1 <= len(films) <= len(LINES):
        raise UsageError(f"A figure of collapses shows 1 to {len(LINES)} runs, not {len(films)}")
    for film in films.values():
        _some(film)
    longest = max(film.time[-1] for film in films.values())
    unit, scale = _unit(longest)
    traces, ends, legend = [], [], []
    strokes = {"solid": "line", "dash": "broken line", "dot": "dotted line"}
    colours = ("blue", "orange", "green", "pink", "yellow")
    for (name, film), (colour, stroke), called in zip(films.items(), LINES, colours, strict=False):
        shares = answered(film)
        traces.append(_curve([at * scale for at in film.time], shares, colour, stroke, name))
        last = max(1, len(shares) // 10)
        ends.append(f"{name}: {sum(shares[-last:]) / last:.0f} % answered at the end")
        legend.append(f"{called} {strokes[stroke]}: {name}")
    gone = outages(cluster, longest) if cluster is not None else ()
    return figure(
        traces,
        height=280 + 17 * len(legend),
        alt=f"{'; '.join(ends)}.{_gone_words(gone)}",
        shapes=[_shade(begin * scale, end * scale) for begin, end in gone],
        xaxis={"title": {"text": unit}, "range": [0, longest * scale]},
        yaxis={"range": [0, 112], "tickvals": [0, 50, 100], "ticktext": ["0 %", "50 %", "100 %"]},
        annotations=[note("<br>".join(legend), y=1.0 + 17 * (len(legend) + 0.6) / 215)],
        margin={"l": 60, "r": 15, "t": 17 * len(legend) + 14, "b": 45},
    )


def answered(film: Timeline, steps: int = 5) -> list[float]:
    """Return the share answered at each step in percent, as a mean over the last steps; at most 100."""
    found = []
    for place in range(len(film.time)):
        begin = max(0, place - steps + 1)
        new = sum(film.arrivals[begin : place + 1])
        found.append(min(100.0, 100.0 * sum(film.goodput[begin : place + 1]) / new) if new else 0.0)
    return found


def outages(cluster: Cluster, until_s: float) -> tuple[tuple[float, float], ...]:
    """Return when no server stood: pairs of begin and end in seconds, within the run."""
    found, begin = [], None
    for at, servers in cluster.capacity:
        if servers == 0 and begin is None:
            begin = at
        elif servers > 0 and begin is not None:
            found.append((begin, at))
            begin = None
    if begin is not None:
        found.append((begin, until_s))
    return tuple((begin, min(end, until_s)) for begin, end in found if begin < until_s)


def _some(film: Timeline) -> None:
    if not film.time:
        raise UsageError("The run has no steps; make its horizon longer")


def _unit(longest_s: float) -> tuple[str, float]:
    return ("minutes", 1 / 60) if longest_s > 900 else ("seconds", 1.0)


def _curve(time: Sequence[float], values: Sequence[float], colour: str, stroke: str, name: str) -> Any:
    line = {"color": colour, "width": 2, "dash": stroke}
    hover = f"{name}: %{{y:.3g}} at %{{x:.3g}}<extra></extra>"
    return scatter(x=list(time), y=list(values), mode="lines", line=line, name=name, hovertemplate=hover)


def _shade(begin: float, end: float) -> dict[str, Any]:
    place = {"type": "rect", "xref": "x", "yref": "paper", "x0": begin, "x1": end, "y0": 0, "y1": 1}
    return {**place, "fillcolor": TEXT, "opacity": 0.3, "line": {"width": 0}, "layer": "below"}


def _gone_words(gone: Sequence[tuple[float, float]]) -> str:
    words = " and ".join(f"from {begin:.0f} to {end:.0f} s" for begin, end in gone)
    return f" The servers were gone {words}." if words else ""
