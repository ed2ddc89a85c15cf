"""What may lie behind the measured answers, and how well each explanation fits them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from deepkit.cluster.model import Cluster
from deepkit.records import Policy
from deepkit.retries.presets import POLICIES

LEAST_WEIGHT = 0.01
"""A world less probable than this is not tried."""
CYCLE_S, LONGEST_RUN = 1200.0, 50_000
"""Time from one outage to the next, in seconds, and requests of the longest run."""
OBEYING = Policy("scaled_jitter", retries=5, base_s=20.0, factor=1.0, cap_s=25.0)
"""Clients that were all told to come back in 15 to 20 seconds, and do."""


@dataclass(frozen=True, slots=True)
class World:
    """A cluster and its other clients, as far as nobody has measured them.

    Args:
        assumption: What is taken for granted in it, in a few words.
        cluster: The cluster, at the load that explains the measured failures.
        others: What the other clients do.
        weight: How probable it is beside the others.
    """

    assumption: str
    cluster: Cluster
    others: Policy
    weight: float = 0.0


def loaded(cluster: Cluster, load: float) -> Cluster:
    """Return the cluster at that load."""
    return replace(cluster, arrival_rate=load * cluster.servers / cluster.service_s)


def outages(cluster: Cluster, share: float) -> Cluster:
    """Return the cluster at seven tenths of its capacity, and dead for that share of every CYCLE_S seconds."""
    up = loaded(cluster, 0.7)
    steps: list[tuple[float, int]] = [(0.0, up.servers)]
    for turn in range(1, math.ceil(LONGEST_RUN / up.arrival_rate / CYCLE_S) + 1):
        steps += [((turn - share) * CYCLE_S, 0), (turn * CYCLE_S, up.servers)]
    return replace(up, capacity=tuple(steps))


def worlds(
    cluster: Cluster, share: float, loads: tuple[float, float, float], weights: dict[str, float],
    explaining: Callable[[Cluster, Policy], float],
) -> tuple[World, ...]:  # fmt: skip
    """Return the worlds that explain a share of failures, each with its weight.

    Args:
        cluster: The fitted cluster.
        share: Share of failures.
        loads: Load that explains it, and the loads that explain the ends of its interval.
        weights: How probable each kind of explanation is, of `deepkit.retries.outages.shares`.
        explaining: Gives the load under which such others fail so often.
    """
    sdk, service_s = POLICIES["openai_sdk"], cluster.service_s
    fitted = loaded(cluster, loads[0])
    found = [
        World("all is as fitted", fitted, sdk, 3.0),
        World("the load is at its interval's lower end", loaded(cluster, loads[1]), sdk, 1.0),
        World("the load is at its interval's upper end", loaded(cluster, loads[2]), sdk, 1.0),
    ]
    changed: Sequence[tuple[str, Cluster, Policy]] = (
        ("others do not retry", cluster, POLICIES["none"]),
        ("others retry at once", cluster, POLICIES["urllib3"]),
        ("others retry patiently", cluster, POLICIES["full_jitter"]),
        ("others obey a Retry-After of 20 s", cluster, OBEYING),
        ("a rejection costs 0.1 %", replace(cluster, reject_s=0.001 * service_s), sdk),
        ("a rejection costs 2 %", replace(cluster, reject_s=0.02 * service_s), sdk),
        (
            "the fleet is four times as large",
            replace(cluster, servers=4 * cluster.servers, queue=4 * cluster.queue),
            sdk,
        ),
        ("the queue is four times as long", replace(cluster, queue=4 * cluster.queue), sdk),
    )
    found += [World(said, loaded(one, explaining(one, others)), others, 1.0) for said, one, others in changed]
    at_any_load = replace(loaded(cluster, 0.6), failure_share=share)
    found.append(World("it fails at any load", at_any_load, sdk, 3.0))
    steady = weights["steady"] / (weights["steady"] + weights["recovered"])
    total = math.fsum(one.weight for one in found) / steady
    found = [replace(one, weight=one.weight / total) for one in found]
    found.append(
        World(
            "outages come and go",
            outages(cluster, min(0.9, max(share, 0.05))),
            sdk,
            1.0 - steady,
        )
    )
    return tuple(one for one in found if one.weight >= LEAST_WEIGHT)
