"""One run of the engine: cluster and policy in, figures with their errors out."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from deepkit.cluster.engine import CUT, Run, Trail, run
from deepkit.cluster.model import Cluster
from deepkit.cluster.summary import figures
from deepkit.errors import UsageError
from deepkit.records import Policy
from deepkit.retries.check import checked, number
from deepkit.retries.delays import delay
from deepkit.retries.presets import policy_named

BATCHES, WARM_UP = 40, 4
"""A run is cut into 40 batches of arrivals; the first 4 are its warm-up and not counted."""
EVENTS_A_REQUEST = 200
"""Events a request may take on average before a run is cut short."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a simulated run showed, its warm-up left out.

    Args:
        blocked: Share of attempts rejected because every place was taken.
        wait_probability: Share of accepted attempts that had to wait.
        mean_wait: Mean wait of accepted attempts in the queue, in seconds.
        success: Share of finished requests that were answered.
        attempts_per_request: Attempts sent for each new request.
        goodput: Requests answered each second.
        requests: New requests that came in, warm-up included.
        events: Events simulated.
        events_per_s: Events simulated each second of real time.
        time_to_success: Mean time from a request's first attempt to its answer, in seconds.
        offered: Attempts sent each second.
        utilisation: Share of the servers' time spent serving, abandoned work included.
        queue_length: Mean number waiting in the queue.
        abandoned: Share of accepted attempts whose client left before the answer.
        seconds: Simulated time that was counted.
        stable: False when requests piled up until the end, or the run was cut short.
        note: What is to be known about the figures, "" when nothing.
        errors: Standard error of each figure, by batch means.
    """

    blocked: float
    wait_probability: float
    mean_wait: float
    success: float
    attempts_per_request: float
    goodput: float
    requests: int
    events: int
    events_per_s: float
    time_to_success: float
    offered: float
    utilisation: float
    queue_length: float
    abandoned: float
    seconds: float
    stable: bool
    note: str
    errors: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON values; those that could not be measured are None."""
        plain = asdict(self)
        plain["errors"] = {name: _finite(value) for name, value in self.errors.items()}
        return {name: _finite(value) if isinstance(value, float) else value for name, value in plain.items()}


def _finite(value: float) -> float | None:
    return value if abs(value) < 1e300 else None


def chosen(cluster: Cluster, policy: Policy | str | None) -> Policy:
    """Return the policy meant: given, given by name, or the cluster's own."""
    if policy is None:
        return cluster.policy
    return policy_named(policy) if isinstance(policy, str) else checked(policy)


def simulate(
    cluster: Cluster, policy: Policy | str | None = None, *, requests: int = 100_000, seed: int = 0
) -> Outcome:
    """Run a policy against a cluster under load.

    Args:
        cluster: The cluster and its clients.
        policy: What every client does after a failure, or a preset's name; None is the cluster's own.
        requests: New requests to let in.
        seed: Seed of all draws; equal seeds give equal outcomes on every platform.

    Returns:
        The figures, with standard errors. An overload that piles up is reported as not stable,
        and a run whose clients retry without end is cut short and says so.

    Raises:
        UsageError: When the number of requests is not a whole number from 100 to 1e9, or the policy cannot run.
    """
    if isinstance(requests, bool) or not isinstance(requests, int):
        raise UsageError(f"requests is {requests!r}; give a whole number from 100 to 1000000000")
    number("requests", requests, 100, 1_000_000_000)
    wanted = Run(
        seed=seed, requests=requests, snapshot_every=requests // BATCHES, snapshots=BATCHES + 2,
        most_events=EVENTS_A_REQUEST * requests + 1_000_000,
    )  # fmt: skip
    used = chosen(cluster, policy)
    return _outcome(run(cluster, used, wanted), cluster, longest_wait(used))


def longest_wait(policy: Policy) -> float:
    """Return about how long all retries of one request take together, in seconds, at most its deadline."""
    tries = range(1, min(policy.retries, 50) + 1)
    waits = math.fsum(delay(policy, attempt, policy.base_s, 0.5) for attempt in tries)
    return waits if policy.deadline_s is None else min(waits, policy.deadline_s)


def _outcome(trail: Trail, cluster: Cluster, memory_s: float) -> Outcome:
    shown = figures(trail.snapshots, WARM_UP, cluster, memory_s)
    cut, last = trail.end == CUT, trail.snapshots[-1]
    note = ""
    if cut:
        note = "Cut short: clients retry so often that the run would not end."
    elif not shown.stable:
        note = "Not stable: requests pile up; the figures depend on how long the run is."
    elif shown.correlated:
        note = (
            f"Standard errors are too small: retries take {memory_s:.0f} s together; simulate more requests."
        )
    return Outcome(
        **shown.values,
        requests=last.arrivals,
        events=last.events,
        events_per_s=last.events / trail.took_s,
        seconds=shown.seconds,
        stable=shown.stable and not cut,
        note=note,
        errors=shown.errors,
    )
