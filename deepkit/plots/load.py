"""Figures of a sweep: how waiting, attempts and success change with the load."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from deepkit.cluster import Cluster, Table, exact_waits
from deepkit.errors import UsageError
from deepkit.plots._shared import AFTER, BEFORE, TEXT, figure, note, scatter
from deepkit.statistics import Z95
from deepkit.views.words import seconds

STEPS = 40
"""Points of an exact curve."""
Point = tuple[float, float, float]
"""Load, mean, half of the 95 % interval."""


def points(table: Table, name: str, policy: str | None = None) -> list[Point]:
    """Join the seeds of each load of one policy of a sweep.

    Args:
        table: What a sweep found.
        name: The figure wanted, a field of `Outcome`.
        policy: The policy's name; the table's first unless given.

    Returns:
        One point a load at which the figure could be measured, in the order of the loads.

    Raises:
        UsageError: When the table has no such row.
    """
    chosen = policy or next((str(row["policy"]) for row in table.rows), None)
    rows = [row for row in table.rows if row["policy"] == chosen]
    if not rows:
        raise UsageError(
            f"The sweep has no finished run of {policy or 'any policy'}; there is nothing to draw"
        )
    found = []
    for load in sorted({float(row["load"]) for row in rows}):
        mine = [row for row in rows if row["load"] == load and row[name] is not None]
        if mine:
            errors = [(row["errors"] or {}).get(name) or 0.0 for row in mine]
            half = Z95 * math.sqrt(math.fsum(one * one for one in errors)) / len(mine)
            found.append((load, math.fsum(row[name] for row in mine) / len(mine), half))
    return found


def _line(
    found: Sequence[Point], colour: str, name: str, words: Sequence[str], symbol: str, **more: Any
) -> Any:
    halves = [half for _, _, half in found]
    return scatter(
        x=[load for load, _, _ in found],
        y=[mean for _, mean, _ in found],
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 1.5},
        marker={"color": colour, "size": 8, "symbol": symbol},
        error_y={"type": "data", "array": halves, "color": colour, "thickness": 1.5, "width": 6},
        hovertext=list(words),
        hovertemplate="%{hovertext}<extra></extra>",
        **more,
    )


def _here(load: float | None, top: float, **more: Any) -> list[Any]:
    if load is None:
        return []
    line = {"color": TEXT, "width": 1.5, "dash": "dot"}
    return [
        scatter(x=[load, load], y=[0, top], mode="lines", line=line, hoverinfo="skip", name="now", **more)
    ]


def _top(*groups: Sequence[Point]) -> float:
    return 1.08 * max((mean + half for group in groups for _, mean, half in group), default=0.0) or 1.0


LOAD_AXIS: Mapping[str, Any] = {"title": {"text": "new work over capacity"}, "rangemode": "tozero"}


def waiting_times(
    table: Table, cluster: Cluster | None = None, policy: str | None = None, here: float | None = None
) -> go.Figure:
    """Show how long the queue and the answer take at each load, with what theory says of the queue.

    Args:
        table: What a sweep found.
        cluster: The cluster that was swept; its exact waits without retries are drawn where they are known.
        policy: The policy's name; the table's first unless given.
        here: A load to point at.

    Returns:
        A figure: dots are simulated, with 95 % intervals; the broken line is exact, without retries.
    """
    waits, answers = points(table, "mean_wait", policy), points(table, "time_to_success", policy)
    top = _top(waits, answers)
    exact = _exact(cluster, waits)
    traces = [
        *_here(here, top),
        _line(
            answers, BEFORE, "until the answer", [_said("answered after", *one) for one in answers], "diamond"
        ),
        _line(waits, AFTER, "in the queue", [_said("in the queue", *one) for one in waits], "circle"),
    ]
    if exact:
        style = {"color": TEXT, "width": 2, "dash": "dash"}
        xs, ys = zip(*exact, strict=True)
        traces.append(
            scatter(x=xs, y=ys, mode="lines", line=style, name="exact, without retries", hoverinfo="skip")
        )
    legend = "blue ●: wait in the queue<br>orange ◆: until the answer<br>"
    legend += "grey broken line: exact, if nobody retried" if exact else "bars: 95 % intervals"
    return figure(
        traces,
        height=336,
        alt=_alt(waits, answers, bool(exact)),
        xaxis=dict(LOAD_AXIS),
        yaxis={"title": {"text": "s"}, "range": [0, top]},
        annotations=[note(legend, y=1.26)],
        margin={"l": 55, "r": 15, "t": 64, "b": 45},
    )


def _exact(cluster: Cluster | None, waits: Sequence[Point]) -> list[tuple[float, float]]:
    if cluster is None or not waits:
        return []
    first, last = waits[0][0], waits[-1][0]
    loads = [first + (last - first) * step / STEPS for step in range(STEPS + 1)]
    known = zip(loads, exact_waits(cluster, loads), strict=True)
    return [(load, wait) for load, wait in known if wait is not None]


def _said(what: str, load: float, mean: float, half: float) -> str:
    return f"load {load:g}: {what} {seconds(mean)} ± {seconds(half)}"


def _alt(waits: Sequence[Point], answers: Sequence[Point], exact: bool) -> str:
    if not waits or not answers:
        return "No request was answered at any load, so no time was measured (n = 0)."
    ends = [f"at load {one[0]:g} {seconds(one[1])}" for one in (waits[0], waits[-1])]
    last = answers[-1]
    beside = " The exact curve without retries stands beside it." if exact else ""
    return (
        f"Mean wait in the queue: {' and '.join(ends)}. "
        f"An answer takes {seconds(last[1])} at load {last[0]:g}.{beside}"
    )


def attempts(table: Table, policy: str | None = None, here: float | None = None) -> go.Figure:
    """Show how many attempts each request costs and how many are answered, at each load.

    Args:
        table: What a sweep found.
        policy: The policy's name; the table's first unless given.
        here: A load to point at.

    Returns:
        A figure of two panels, attempts above and answered requests below, with 95 % intervals.
    """
    tries, good = points(table, "attempts_per_request", policy), points(table, "success", policy)
    good = [(load, 100 * mean, 100 * half) for load, mean, half in good]
    top = max(1.5, _top(tries))
    last, loads = (tries[-1], good[-1]), [load for load, _, _ in tries]
    alt = (
        f"At load {last[0][0]:g} each request costs {last[0][1]:.1f} attempts and {last[1][1]:.0f} % are answered; "
        f"at load {loads[0]:g} it is {tries[0][1]:.1f} and {good[0][1]:.0f} %."
    )
    words = [f"load {load:g}: {mean:.2f} ± {half:.2f} attempts" for load, mean, half in tries]
    shares = [f"load {load:g}: {mean:.1f} ± {half:.1f} % answered" for load, mean, half in good]
    below = {"xaxis": "x2", "yaxis": "y2"}
    return figure(
        [
            *_here(here, top),
            *_here(here, 105.0, **below),
            _line(tries, BEFORE, "attempts", words, "diamond"),
            _line(good, AFTER, "answered", shares, "circle", **below),
        ],
        height=360,
        alt=alt,
        xaxis={"rangemode": "tozero", "showticklabels": True},
        yaxis={"domain": [0.6, 1], "range": [0, top]},
        xaxis2={**LOAD_AXIS, "anchor": "y2", "matches": "x"},
        yaxis2={
            "domain": [0, 0.4],
            "range": [0, 105],
            "tickvals": [0, 50, 100],
            "ticktext": ["0 %", "50 %", "100 %"],
        },
        annotations=[
            note("orange ◆: attempts for each request", y=1.09),
            note("blue ●: requests answered", y=0.475),
        ],
        margin={"l": 55, "r": 15, "t": 30, "b": 45},
    )
