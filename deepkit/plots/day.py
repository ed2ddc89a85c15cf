"""The figure of a day: when DeepSeek was busy, in UTC and local hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from deepkit.facts import incident_starts_by_hour, nodes_by_hour, tariff, tariff_window
from deepkit.plots._shared import AFTER, BEFORE, WAITED, figure, note


def hours(zone: str = "UTC", day: datetime | None = None) -> go.Figure:
    """Show when DeepSeek was busy by UTC hour: published incidents, its node count, its peak tariff.

    Args:
        zone: IANA name of the reader's zone; its hours stand below the UTC ones.
        day: A day on which the tariff and the zone are read; today unless given.

    Returns:
        A figure: bars are incidents that began in that hour, the line is the fleet's size on the one
        published day, shaded hours are at peak price on a working day.
    """
    start = (day or datetime.now(UTC)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while start.weekday() not in tariff().weekdays or start.date() in tariff().holidays:
        start += timedelta(days=1)
    local = [(start + timedelta(hours=hour)).astimezone(ZoneInfo(zone)).hour for hour in range(24)]
    begun, nodes = list(incident_starts_by_hour()), list(nodes_by_hour())
    peak = [hour for hour in range(24) if tariff_window(start + timedelta(hours=hour)) == "peak"]
    shades = [
        {
            "type": "rect",
            "xref": "x",
            "yref": "paper",
            "x0": hour - 0.5,
            "x1": hour + 0.5,
            "y0": 0,
            "y1": 1,
            "fillcolor": WAITED,
            "opacity": 0.18,
            "line": {"width": 0},
            "layer": "below",
        }
        for hour in peak
    ]
    ticks = list(range(0, 24, 2))
    words = [f"{hour:02d}<br>{local[hour]:02d}" if zone != "UTC" else f"{hour:02d}" for hour in ticks]
    quiet = begun.index(min(begun))
    busy = begun.index(max(begun))
    alt = (
        f"Most incidents begin at {busy:02d} UTC ({max(begun)}), fewest at {quiet:02d} ({min(begun)}); "
        f"peak tariff in the UTC hours {', '.join(map(str, peak))}."
    )
    return figure(
        [
            go.Bar(
                x=list(range(24)),
                y=begun,
                name="incidents begun",
                marker={"color": BEFORE, "opacity": 0.8},
                hovertemplate="%{x} UTC: %{y} incidents<extra></extra>",
            ),
            go.Scatter(
                x=list(range(24)),
                y=nodes,
                name="nodes running",
                yaxis="y2",
                mode="lines+markers",
                line={"color": AFTER, "width": 2},
                marker={"size": 5, "symbol": "circle", "color": AFTER},
                hovertemplate="%{x} UTC: %{y:.0f} nodes<extra></extra>",
            ),
        ],
        height=300,
        alt=alt,
        shapes=shades,
        annotations=[
            note(
                "orange bars: incidents begun · blue line: nodes running (27-28 Feb 2025) · shaded: peak tariff"
            )
        ],
        xaxis={
            "tickvals": ticks,
            "ticktext": words,
            "range": [-0.6, 23.6],
            "title": {"text": "hour UTC" + ("" if zone == "UTC" else f" / {zone}")},
        },
        yaxis={"title": {"text": "incidents"}, "range": [0, 5 * (max(begun) // 5 + 1)]},
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "range": [0, 100 * (max(nodes) // 100 + 1)],
            "dtick": 100,
            "title": {"text": "nodes"},
        },
        margin={"l": 55, "r": 60, "t": 35, "b": 60},
    )
