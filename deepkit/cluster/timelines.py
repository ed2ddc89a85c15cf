"""A run as a film: load, answers and queue over time, for outages, spikes and collapses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deepkit.cluster.engine import CUT, Run, Snapshot, run
from deepkit.cluster.model import Cluster
from deepkit.cluster.simulation import chosen
from deepkit.cluster.summary import differences
from deepkit.errors import UsageError
from deepkit.records import Policy
from deepkit.retries.check import number

MOST_STEPS = 100_000
MOST_EVENTS = 200_000_000


@dataclass(frozen=True, slots=True)
class Timeline:
    """Figures of each step of time, as sequences of one length.

    Args:
        time: End of each step, in seconds.
        arrivals: New requests a second.
        offered: Attempts a second.
        goodput: Answers a second, of those still wanted.
        wasted: Services a second done for clients that had left.
        rejected: Attempts rejected a second.
        waiting: Mean number in the queue.
        busy: Mean number in service.
        open: Mean number of requests not yet over, those between two attempts included.
        complete: False when the run was cut short.
    """

    time: tuple[float, ...]
    arrivals: tuple[float, ...]
    offered: tuple[float, ...]
    goodput: tuple[float, ...]
    wasted: tuple[float, ...]
    rejected: tuple[float, ...]
    waiting: tuple[float, ...]
    busy: tuple[float, ...]
    open: tuple[float, ...]
    complete: bool

    def as_json(self) -> Mapping[str, Any]:
        """Return the columns as JSON values."""
        names = ("time", "arrivals", "offered", "goodput", "wasted", "rejected", "waiting", "busy", "open")
        return {**{name: list(getattr(self, name)) for name in names}, "complete": self.complete}

    def mean(self, name: str, begin_s: float, end_s: float) -> float:
        """Return a column's mean over the steps that end after `begin_s` and not after `end_s`."""
        values = [
            value for at, value in zip(self.time, getattr(self, name), strict=True) if begin_s < at <= end_s
        ]
        return sum(values) / len(values) if values else float("nan")


def timeline(
    cluster: Cluster,
    policy: Policy | str | None = None,
    *,
    horizon_s: float,
    step_s: float = 1.0,
    seed: int = 0,
) -> Timeline:
    """Run a cluster and keep what happens in each step of time.

    Args:
        cluster: The cluster; its `load` and `capacity` are the script.
        policy: What clients do; None is the cluster's own.
        horizon_s: Length of the run, in seconds.
        step_s: Length of a step, in seconds.
        seed: Seed of all draws.

    Returns:
        The film.

    Raises:
        UsageError: When a number is out of bounds or there would be more than 100,000 steps.
    """
    number("horizon_s", horizon_s, 1e-9, 1e12)
    number("step_s", step_s, 1e-9, horizon_s)
    steps = int(horizon_s / step_s + 1e-9)
    if steps > MOST_STEPS:
        raise UsageError(f"{steps} steps are too many; make step_s at least {horizon_s / MOST_STEPS:g} s")
    wanted = Run(
        seed=seed, horizon_s=horizon_s, snapshot_step_s=step_s, snapshots=steps + 2, most_events=MOST_EVENTS
    )
    trail = run(cluster, chosen(cluster, policy), wanted)
    ends = trail.snapshots[:steps]
    steps_ = differences([Snapshot._make([0] * len(Snapshot._fields)), *ends])

    def column(name: str) -> tuple[float, ...]:
        return tuple(getattr(step, name) / max(step.now, 1e-300) for step in steps_)

    return Timeline(
        time=tuple(end.now for end in ends),
        arrivals=column("arrivals"),
        offered=column("attempts"),
        goodput=column("successes"),
        wasted=column("wasted"),
        rejected=column("blocked"),
        waiting=column("waiting_area"),
        busy=column("busy_area"),
        open=column("open_area"),
        complete=trail.end != CUT,
    )
