"""What a retrying client did: its calls, what it sent for them, and how the failures were called."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from deepkit.plots._shared import AFTER, BEFORE, FAILED, WAITED, figure, note
from deepkit.views.words import seconds


def client_calls(counts: Mapping[str, Any]) -> go.Figure:
    """Show the counts of a retrying transport.

    Args:
        counts: `transport.tally.as_json()`, live or stored.

    Returns:
        A figure with one bar a count: calls, requests sent (second copies among them), answers, calls that
        failed for good, and the failed requests by name.
    """
    rows = [
        ("calls", counts["calls"], AFTER),
        ("requests sent", counts["attempts"], BEFORE),
        ("second copies", counts.get("hedges", 0), WAITED),
        ("calls answered", counts["answered"], AFTER),
        ("calls failed", counts["failed"], FAILED),
        *(
            (name, count, FAILED)
            for name, count in sorted(counts["failures"].items(), key=lambda one: -one[1])
        ),
    ]
    labels, values, colours = (list(column) for column in zip(*rows, strict=True))
    bars = go.Bar(
        x=values,
        y=labels,
        orientation="h",
        marker={"color": colours},
        hovertemplate="%{y}: %{x}<extra></extra>",
    )
    each = f"{counts['amplification']:.2f} requests a call, {seconds(counts['waited_s'])} of waiting"
    alt = (
        f"{counts['calls']} calls sent {counts['attempts']} requests ({each}); {counts['answered']} were answered, "
        f"{counts['failed']} failed."
    )
    return figure(
        [bars],
        height=120 + 26 * len(rows),
        alt=alt,
        xaxis={"title": {"text": "count"}, "rangemode": "tozero"},
        yaxis={"autorange": "reversed"},
        annotations=[note(each)],
    )
