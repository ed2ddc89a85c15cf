"""Figures of a cluster under load: the numbers are those of the records, with their intervals."""

import json
import math
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepkit import plots, svg
from deepkit.cluster import Cluster, Standing, Table, Timeline
from deepkit.cluster.contest import Side
from deepkit.errors import UsageError
from deepkit.plots.film import answered, outages
from deepkit.records import Policy
from deepkit.statistics import Z95

PLAIN = Cluster(2, 4, 1.0, 1.0)


def row(
    load: float, seed: int = 0, wait: float | None = 1.0, error: float = 0.1, policy: str = "p"
) -> dict[str, Any]:
    """One row of a sweep."""
    names = ("mean_wait", "time_to_success", "attempts_per_request", "success")
    figures = dict.fromkeys(names, wait)
    return {"policy": policy, "load": load, "seed": seed, **figures, "errors": dict.fromkeys(names, error)}


def traces(figure: go.Figure) -> dict[str, Any]:
    """The traces as a page gets them, by name."""
    return {one["name"]: one for one in json.loads(figure.to_json())["data"]}


def film(good: list[float], new: float = 10.0) -> Timeline:
    """A run of one-second steps."""
    n, flat = len(good), (0.0,) * len(good)
    time = tuple(float(at + 1) for at in range(n))
    return Timeline(time, (new,) * n, (new,) * n, tuple(good), flat, flat, flat, flat, flat, complete=True)


@given(st.lists(st.tuples(st.floats(0.1, 50), st.floats(0.01, 2)), min_size=1, max_size=6))
def test_seeds_are_joined(runs: list[tuple[float, float]]) -> None:
    """A dot is the mean over seeds; its bar is 1.96 standard errors of that mean."""
    table = Table(tuple(row(0.8, seed, wait, error) for seed, (wait, error) in enumerate(runs)), (), 0)
    dots = traces(plots.waiting_times(table))["in the queue"]
    n = len(runs)
    assert dots["y"] == pytest.approx([math.fsum(wait for wait, _ in runs) / n])
    half = Z95 * math.sqrt(math.fsum(error**2 for _, error in runs)) / n
    assert dots["error_y"]["array"] == pytest.approx([half])


def test_one_policy_at_a_time() -> None:
    """The first policy of a table is drawn, another when named, and an unknown one is a usage error."""
    table = Table((row(0.5, wait=1.0), row(0.5, wait=7.0, policy="q")), (), 0)
    assert traces(plots.waiting_times(table))["in the queue"]["y"] == [1.0]
    assert traces(plots.waiting_times(table, policy="q"))["in the queue"]["y"] == [7.0]
    with pytest.raises(UsageError, match="nothing to draw"):
        plots.waiting_times(table, policy="r")
    with pytest.raises(UsageError, match="nothing to draw"):
        plots.attempts(Table((), (), 0))


def test_exact_only_where_it_is_known() -> None:
    """The broken line is there for exponential service and absent for another law, and the legend says so."""
    table = Table((row(0.5), row(1.5)), (), 0)
    known = plots.waiting_times(table, PLAIN)
    unknown = plots.waiting_times(table, replace(PLAIN, service_law="lognormal"))
    assert "exact, without retries" in traces(known)
    assert "exact, without retries" not in traces(unknown)
    assert "exact" not in unknown.layout.annotations[0].text


def test_what_was_not_measured_is_left_out() -> None:
    """A load at which nothing was answered has no dot; a table of only such loads says that nothing was measured."""
    table = Table((row(0.5), row(1.5, wait=None)), (), 0)
    assert traces(plots.waiting_times(table))["until the answer"]["x"] == [0.5]
    assert (
        "no time was measured" in plots.waiting_times(Table((row(1.5, wait=None),), (), 0)).layout.meta["alt"]
    )


def test_a_run_over_time() -> None:
    """Sent and answered are the run's own columns, an outage is shaded, and the words tell the end."""
    gone = replace(PLAIN, capacity=((2.0, 0), (4.0, 2)))
    figure = plots.over_time(film([10.0, 10.0, 0.0, 0.0, 5.0]), gone)
    assert traces(figure)["answered"]["y"] == [10.0, 10.0, 0.0, 0.0, 5.0]
    (shade,) = figure.layout.shapes
    assert (shade.x0, shade.x1) == (2.0, 4.0)
    assert "5 a second are answered" in figure.layout.meta["alt"]
    assert "from 2 to 4 s" in figure.layout.meta["alt"]


def test_outages_end_with_the_run() -> None:
    """An outage that does not end lasts until the run ends; one after the run is not there."""
    assert outages(replace(PLAIN, capacity=((2.0, 0),)), 9.0) == ((2.0, 9.0),)
    assert outages(replace(PLAIN, capacity=((20.0, 0), (30.0, 2))), 9.0) == ()


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_shares_are_shares(good: list[float]) -> None:
    """The share answered stays within 0 and 100 %, and is 0 where nothing comes in."""
    assert all(0.0 <= share <= 100.0 for share in answered(film(good)))
    assert answered(film(good, new=0.0)) == [0.0] * len(good)


def test_collapses_differ_without_colour() -> None:
    """Each run has its own stroke and colour, and the words say how each ends."""
    figure = plots.collapse(
        {"stays": film([10.0] * 9 + [0.0] * 21), "recovers": film([0.0] * 9 + [10.0] * 21)}
    )
    lines = traces(figure)
    assert lines["stays"]["line"]["dash"] != lines["recovers"]["line"]["dash"]
    assert "stays: 0 % answered at the end; recovers: 100 %" in figure.layout.meta["alt"]
    with pytest.raises(UsageError):
        plots.collapse({})


def test_empty_runs_are_refused() -> None:
    """A run without steps and a tournament without standings are usage errors."""
    with pytest.raises(UsageError, match="no steps"):
        plots.over_time(film([]))
    with pytest.raises(UsageError, match="standings"):
        plots.standings([])


def test_a_tournament() -> None:
    """Costs and intervals are the standings'; who harms the others stands in brackets; one seed has no bar."""

    def side(cost: float, half: float) -> Side:
        return Side(0.5, cost, 2.0, cost, cost - half, cost + half)

    table = (
        Standing("full_jitter", Policy(), side(3.0, 0.5), side(4.0, 1.0), 0.0, True, 3.5),
        Standing("spam", Policy(), side(1.0, math.inf), side(9.0, math.inf), 5.0, False, 5.0),
    )
    figure = plots.standings(table)
    you = traces(figure)["you, if only few do it"]
    assert you["y"] == ["full jitter", "(spam)"]
    assert you["x"] == [3.0, 1.0]
    assert you["error_x"]["array"] == [0.5, 0.0]
    drawn = svg.svg(json.loads(figure.to_json()))
    assert drawn.count("<polygon") == drawn.count("<circle") == 2
    assert "full_jitter is best" in figure.layout.meta["alt"]
