"""What RetryLab shows of a situation: a simulated figure, one plain sentence, and where the numbers come from."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import plotly.graph_objects as go

from deepkit.cluster import Outcome, Table, Timeline, simulate, timeline
from deepkit.plots import attempts, over_time, waiting_times
from deepkit.views.words import seconds
from deepkit.widgets._control_values import OUTAGE_AT, ControlValues
from deepkit.widgets._policy_labels import brief, policy_words

REQUESTS, PILOT = 100_000, 5_000
MOST_EVENTS = 1_500_000
"""A situation whose clients retry so much that its requests take more events gets fewer requests."""
STEPS = 150
"""Steps of a film."""
LOADS = (0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5)
WELL = 0.9
"""Share of the earlier goodput from which on a cluster counts as recovered."""
Rows = dict[float, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One picture of a situation.

    Args:
        situation: What it shows.
        figure: The figure.
        said: What is seen, in plain words.
        note: What was simulated.
    """

    situation: ControlValues
    figure: go.Figure
    said: str
    note: str


class Snapshots:
    """Takes pictures of situations; keeps the curve of the last one, since moving the load does not change it."""

    def __init__(self) -> None:
        self._key: ControlValues | None = None
        self._rows: Rows = {}

    def take(self, now: ControlValues, overtaken: Callable[[], bool] = lambda: False) -> Iterator[Snapshot]:
        """Show a situation: the first snapshot comes at once, later ones have more of the curve.

        Args:
            now: The situation.
            overtaken: Tells that nobody wants this situation any more.

        Yields:
            Snapshots, each replacing the one before.
        """
        requests = affordable(now)
        if now.view == "time":
            yield film_snapshot(now, requests)
            return
        key = replace(now, preset="", view="", load=1.0, outage_s=0.0)
        if key != self._key:
            self._key, self._rows = key, {}
        began = time.perf_counter()
        outcome = simulate(now.cluster(), requests=requests)
        took_s = time.perf_counter() - began
        self._keep(now.load, outcome)
        yield self._snapshot(now, outcome, took_s)
        for load in sorted(set(LOADS) - set(self._rows), key=lambda load: abs(load - now.load)):
            if overtaken():
                return
            there = replace(now, load=load)
            self._keep(load, simulate(there.cluster(), requests=affordable(there)))
            yield self._snapshot(now, outcome, took_s)

    def _keep(self, load: float, outcome: Outcome) -> None:
        self._rows[load] = {"policy": "", "load": load, "seed": 0, **outcome.as_json()}

    def _snapshot(self, now: ControlValues, outcome: Outcome, took_s: float) -> Snapshot:
        table = Table(tuple(self._rows[load] for load in sorted(self._rows)), (), 0)
        if now.view == "attempts":
            drawn = attempts(table, here=now.load)
        else:
            drawn = waiting_times(table, now.cluster(), here=now.load)
        return Snapshot(now, drawn, steady_words(now, outcome), run_words(outcome.requests, took_s))


def affordable(now: ControlValues) -> int:
    """Return how many requests a snapshot simulates: 100,000, or fewer if clients retry without measure."""
    pilot = simulate(replace(now, outage_s=0.0).cluster(), requests=PILOT)
    share = MOST_EVENTS / (REQUESTS * max(1.0, pilot.events / pilot.requests))
    return REQUESTS if share >= 1 else max(PILOT, int(share * REQUESTS) // 1000 * 1000)


def film_snapshot(now: ControlValues, requests: int) -> Snapshot:
    """Show a run over time, with its outage if there is one."""
    cluster = now.cluster(requests)
    horizon_s = requests / cluster.arrival_rate
    began = time.perf_counter()
    film = timeline(cluster, horizon_s=horizon_s, step_s=horizon_s / STEPS)
    took_s = time.perf_counter() - began
    said = outage_words(now, film) if now.outage_s else film_words(now, film)
    return Snapshot(now, over_time(film, cluster), said, run_words(requests, took_s))


def steady_words(now: ControlValues, outcome: Outcome) -> str:
    """Say what a run without an outage showed."""
    tries, share = outcome.attempts_per_request, 100 * outcome.success
    many = (
        "one attempt"
        if tries < 1.005
        else f"{tries:.3g} attempts"
        if tries < 100
        else f"{tries:,.0f} attempts"
    )
    said = (
        f"With {policy_words(now)} at {now.load:.3g} times capacity, {share:.3g} % of requests are answered"
    )
    said += f" and each costs {many}."
    if outcome.success > 0:
        said += f" An answer takes {seconds(outcome.time_to_success)} on average"
        said += f"; an attempt waits {seconds(outcome.mean_wait)} in the queue."
    return f"{said} {outcome.note}".strip()


def film_words(now: ControlValues, film: Timeline) -> str:
    """Say what a run over time without an outage showed, by its second half."""
    end = film.time[-1]
    new, sent, good = (film.mean(name, 0.5 * end, end) for name in ("arrivals", "offered", "goodput"))
    return (
        f"With {policy_words(now)} at {now.load:.3g} times capacity, {new:.3g} new requests a second become "
        f"{sent:.3g} attempts a second, and {good:.3g} a second are answered."
    )


def outage_words(now: ControlValues, film: Timeline) -> str:
    """Say what an outage did, and whether the cluster came back by itself."""
    end = film.time[-1]
    gone = OUTAGE_AT * end
    back = gone + now.outage_s
    before, after = film.mean("goodput", 0.25 * gone, gone), film.mean("goodput", 0.9 * end, end)
    sent, new = film.mean("offered", 0.9 * end, end), film.mean("arrivals", 0.9 * end, end)
    said = f"With {policy_words(now)}: before the outage of {brief(now.outage_s)}, {before:.3g} requests a second "
    said += "are answered. "
    if not after >= WELL * before:
        return said + (
            f"{brief(end - back)} after it, it is {after:.3g}, and {sent:.3g} attempts a second are sent for "
            f"{new:.3g} new requests: the outage is over, the collapse is not."
        )
    well = next((at for at in _ends(film, back, before)), end)
    return (
        said
        + f"It recovers: {brief(max(0.0, well - back))} after the outage {after:.3g} a second are answered again."
    )


def _ends(film: Timeline, back: float, before: float) -> Iterator[float]:
    """Yield the times after the outage from which on it is well for good."""
    last = None
    for at, good in zip(film.time, film.goodput, strict=True):
        if at > back and good < WELL * before * 0.8:
            last = at
    yield back if last is None else last


def run_words(requests: int, took_s: float) -> str:
    """Say what was simulated and how long it took."""
    return f"{requests:,} requests, simulated in {1000 * took_s:.0f} ms."
