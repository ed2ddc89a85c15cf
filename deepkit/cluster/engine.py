"""One run of the compiled engine: cluster and policy in, figures with their errors out."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from deepkit.cluster import layout as at
from deepkit.cluster.layout import Floats, Whole
from deepkit.cluster.meters import snapshot
from deepkit.cluster.model import Cluster
from deepkit.cluster.packing import packed
from deepkit.cluster.summary import Figures, figures, snapshots
from deepkit.errors import UsageError
from deepkit.records import Policy
from deepkit.retries.check import checked, number
from deepkit.retries.presets import policy_named

BATCHES, WARM_UP = 40, 4
"""A run is cut into 40 batches of arrivals; the first 4 are its warm-up and not counted."""
MOST_ROOM, MUCH_ROOM = 1 << 24, 1 << 20
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
    policy = chosen(cluster, policy)
    from deepkit.cluster.compiled import ready

    ready()  # so that events_per_s tells of the run alone
    every = requests // BATCHES
    began = time.perf_counter()
    end, n, x = finished(
        cluster, policy, seed=seed, requests=requests, snap_every=every, snaps=BATCHES + 2,
        most_events=EVENTS_A_REQUEST * requests + 1_000_000,
    )  # fmt: skip
    took = time.perf_counter() - began
    rows = snapshots(n, x)
    shown = figures(rows, WARM_UP, cluster)
    return _outcome(shown, n, took, cut=end == at.CUT)


def _outcome(shown: Figures, n: Any, took: float, *, cut: bool) -> Outcome:
    note = ""
    if cut:
        note = "Cut short: clients retry so often that the run would not end."
    elif not shown.stable:
        note = "Not stable: requests pile up; the figures depend on how long the run is."
    return Outcome(
        **shown.values,
        requests=int(n[at.ARRIVALS]),
        events=int(n[at.EVENTS]),
        events_per_s=float(n[at.EVENTS]) / took,
        seconds=shown.seconds,
        stable=shown.stable and not cut,
        note=note,
        errors=shown.errors,
    )


def finished(cluster: Cluster, policy: Policy, **run_options: Any) -> tuple[int, Whole, Floats]:
    """Run the kernel, with ever larger arrays until everything fits.

    Args:
        cluster: The cluster.
        policy: What its clients do.
        **run_options: As for `packed`.

    Returns:
        How the run ended, and its whole numbers and floats.

    Raises:
        UsageError: When more requests pile up than fit into memory.
    """
    from deepkit.cluster.compiled import finish

    room = 1024
    while room <= MOST_ROOM:
        n, x = packed(cluster, policy, room=room, **run_options)
        end = finish(n, x)
        if end == at.CUT:
            snapshot(n, x)
        if end != at.NO_ROOM:
            return end, n, x
        del n, x  # before the larger ones are made
        room *= 4 if room < MUCH_ROOM else 2
    raise UsageError(
        f"More than {MOST_ROOM} requests pile up: the load is {cluster.utilisation:.3g} times what the servers "
        "can do; lower arrival_rate, shorten the queue or give clients some patience"
    )
