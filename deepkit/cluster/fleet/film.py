"""A run of a fleet as a film: what was asked, answered and held in memory over time."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from deepkit.cluster import layout as at
from deepkit.cluster.fleet import layout as fl
from deepkit.cluster.fleet.engine import chosen_policy, expected_requests, finished_fleet
from deepkit.cluster.fleet.figures import counter, rows_of, total
from deepkit.cluster.fleet.model import Fleet
from deepkit.cluster.timelines import MOST_EVENTS, MOST_STEPS
from deepkit.errors import UsageError
from deepkit.records import Policy
from deepkit.retries.check import number


@dataclass(frozen=True, slots=True)
class FleetTimeline:
    """Figures of each step of time, as sequences of one length.

    Args:
        time: End of each step, in seconds.
        arrivals: New requests a second.
        offered: Attempts a second.
        goodput: Answers a second, of those still wanted.
        tokens: Tokens written a second.
        rejected: Attempts rejected a second.
        preempted: Preemptions a second.
        waiting: Mean number waiting, to be read or for memory.
        running: Mean number of answers being written.
        kv_share: Share of the KV memory in use; 0 when no unit is there.
        open: Mean number of requests not yet over, those between two attempts included.
        complete: False when the run was cut short.
    """

    time: tuple[float, ...]
    arrivals: tuple[float, ...]
    offered: tuple[float, ...]
    goodput: tuple[float, ...]
    tokens: tuple[float, ...]
    rejected: tuple[float, ...]
    preempted: tuple[float, ...]
    waiting: tuple[float, ...]
    running: tuple[float, ...]
    kv_share: tuple[float, ...]
    open: tuple[float, ...]
    complete: bool

    def as_json(self) -> dict[str, Any]:
        """Return the columns as JSON values."""
        columns = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in columns.items()}


def fleet_timeline(
    fleet: Fleet,
    policy: Policy | str | None = None,
    *,
    horizon_s: float,
    step_s: float = 60.0,
    seed: int = 0,
) -> FleetTimeline:
    """Run a fleet and keep what happens in each step of time.

    Args:
        fleet: The fleet; its `load` and `capacity` are the script.
        policy: What clients do; None is the fleet's own.
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
    expected_requests(fleet, horizon_s / 3600.0)
    steps = int(horizon_s / step_s + 1e-9)
    if steps > MOST_STEPS:
        raise UsageError(f"{steps} steps are too many; make step_s at least {horizon_s / MOST_STEPS:g} s")
    end, n, x = finished_fleet(
        fleet, chosen_policy(fleet, policy), seed=seed, horizon_s=horizon_s, first_snap_s=step_s, snap_step_s=step_s,
        snaps=steps + 2, most_events=MOST_EVENTS,
    )  # fmt: skip
    rows = rows_of(n, x)
    rows = np.vstack([np.zeros(rows.shape[1]), rows])[: steps + 1]
    change = np.diff(rows, axis=0).T
    passed = np.maximum(change[total(at.NOW)], 1e-300)
    memory = np.maximum(change[total(fl.AREA_UNITS)] * fleet.unit.memory_tokens, 1e-300)

    def rate(column: int) -> tuple[float, ...]:
        return tuple((change[column] / passed).tolist())

    return FleetTimeline(
        time=tuple(rows[1:, total(at.NOW)].tolist()),
        arrivals=rate(counter(at.ARRIVALS)),
        offered=rate(counter(at.ATTEMPTS)),
        goodput=rate(counter(at.SUCCESSES)),
        tokens=rate(counter(fl.DECODED)),
        rejected=rate(counter(at.BLOCKED)),
        preempted=rate(counter(fl.PREEMPTED)),
        waiting=rate(total(at.AREA_WAITING)),
        running=rate(total(fl.AREA_STREAMS)),
        kv_share=tuple(np.minimum(change[total(fl.AREA_KV)] / memory, 1.0).tolist()),
        open=rate(total(at.AREA_INFLIGHT)),
        complete=end != at.CUT,
    )
