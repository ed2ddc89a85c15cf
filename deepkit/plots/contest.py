"""The figure of a tournament: what each policy costs you, and everybody if all used it."""

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from deepkit.cluster import Standing
from deepkit.cluster.contest import Side
from deepkit.errors import UsageError
from deepkit.plots._shared import AFTER, BEFORE, figure, note
from deepkit.views.words import seconds


def standings(table: Sequence[Standing]) -> go.Figure:
    """Show a tournament: each policy's cost for you alone, and for everybody if all did the same.

    Args:
        table: The standings, best first.

    Returns:
        A figure with one row a policy; the cost is the expected time until a request is over, with its
        95 % interval over seeds, and a name in brackets marks a policy that harms the others.

    Raises:
        UsageError: When there are no standings.
    """
    if not table:
        raise UsageError("A tournament without standings cannot be drawn")
    names = [_name(one) for one in table]
    ends = [_high(side) for one in table for side in (one.alone, one.everybody)]
    best = table[0]
    alt = (
        f"Of {len(table)} policies, {best.name} is best: it costs you {seconds(best.alone.cost_s)} and everybody "
        f"{seconds(best.everybody.cost_s)}. "
        + "; ".join(
            f"{one.name} {seconds(one.alone.cost_s)}, {seconds(one.everybody.cost_s)}" for one in table[1:]
        )
        + "."
    )
    return figure(
        [
            _dots(names, [one.everybody for one in table], BEFORE, "diamond", "everybody, if all do it"),
            _dots(names, [one.alone for one in table], AFTER, "circle", "you, if only few do it"),
        ],
        height=107 + 24 * len(table),
        alt=alt,
        xaxis={"title": {"text": "seconds until it is over"}, "range": [0, 1.06 * max(ends)]},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": True},
        annotations=[
            note(
                "blue ●: only you<br>orange ◆: everybody<br>(in brackets): harms all",
                y=1.0 + 58 / (24 * len(table)),
            )
        ],
        margin={"l": 150, "r": 15, "t": 62, "b": 45},
    )


def _name(one: Standing) -> str:
    words = one.name.replace("_", " ")
    return words if one.fair else f"({words})"


def _high(side: Side) -> float:
    return side.high if math.isfinite(side.high) else side.cost_s


def _dots(names: Sequence[str], sides: Sequence[Side], colour: str, symbol: str, who: str) -> Any:
    halves = [max(0.0, _high(side) - side.cost_s) for side in sides]
    return go.Scatter(
        x=[side.cost_s for side in sides],
        y=list(names),
        name=who,
        mode="markers",
        marker={"color": colour, "size": 9, "symbol": symbol},
        error_x={"type": "data", "array": halves, "color": colour, "thickness": 1.5, "width": 6},
        hovertext=[
            f"{who}: {seconds(side.cost_s)} ± {seconds(half)}, {100 * side.success:.0f} % answered, "
            f"{side.attempts:.1f} attempts"
            for side, half in zip(sides, halves, strict=True)
        ],
        hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
    )
