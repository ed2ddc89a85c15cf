"""The figures of a cluster under load, drawn from made-up records."""

import plotly.graph_objects as go

from deepkit.cluster import Cluster, Standing, Table, Timeline
from deepkit.cluster.contest import Side
from deepkit.plots import attempts, collapse, over_time, standings, waiting_times
from deepkit.records import Policy


def of_a_cluster() -> list[go.Figure]:
    """Return the figures of a cluster under load, drawn from made-up records."""
    cluster = Cluster(4, 8, 3.6, 1.0, capacity=((20.0, 0), (30.0, 4)))
    rows = tuple(
        {
            "policy": "full_jitter", "load": load, "seed": 0, "mean_wait": wait, "time_to_success": wait + 1.4,
            "attempts_per_request": 1 + wait / 2, "success": 1 - wait / 8,
            "errors": {"mean_wait": 0.03, "time_to_success": 0.05, "attempts_per_request": 0.04, "success": 0.01},
        }
        for load, wait in ((0.5, 0.1), (0.8, 0.4), (1.0, 0.9), (1.2, 1.4))
    )  # fmt: skip
    films = {"one retry": _film(0.0), "no retries": _film(3.6)}
    costs = ((2.0, 2.6, True), (2.9, 2.2, True), (1.4, 9.0, False))
    table = tuple(
        Standing(name, Policy(), _side(mine), _side(all_of_us), 0.0, fair, mine)
        for name, (mine, all_of_us, fair) in zip(("full_jitter", "guide_ladder", "spam"), costs, strict=True)
    )
    return [
        waiting_times(Table(rows, (), 0), Cluster(4, 8, 3.6, 1.0), here=1.0),
        attempts(Table(rows, (), 0), here=1.0),
        over_time(films["one retry"], cluster),
        collapse(films, cluster),
        standings(table),
    ]


def _side(cost_s: float) -> Side:
    return Side(0.9, cost_s, 1.4, cost_s, 0.9 * cost_s, 1.1 * cost_s)


def _film(later: float) -> Timeline:
    time = tuple(float(at) for at in range(1, 61))
    good = tuple(3.6 if at <= 20 else 0.0 if at <= 30 else later for at in time)
    sent = tuple(3.6 if at <= 20 else 7.2 for at in time)
    flat = (0.0,) * 60
    return Timeline(time, (3.6,) * 60, sent, good, flat, flat, flat, flat, flat, complete=True)
