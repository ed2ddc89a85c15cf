"""Exact waiting times, to stand beside simulated ones: Markov chains of one queue without retries."""

from collections.abc import Sequence

import numpy as np

from deepkit.cluster.model import Cluster
from deepkit.retries.check import number

MOST_PLACES = 20_000
NEGLIGIBLE = 1e-12


def exact_waits(cluster: Cluster, loads: Sequence[float]) -> tuple[float | None, ...]:
    """Return the mean wait in the queue if nobody retried, where theory knows it.

    The chain M/M/c/K+M, which holds Erlang's formulas as its limits: B without a queue, C with
    an endless one, A with impatient clients (Gross et al., Fundamentals of Queueing Theory,
    4th edition, 2008, chapter 2).

    Args:
        cluster: The cluster; its arrival rate is set by the loads.
        loads: New work over capacity, each above 0.

    Returns:
        Seconds for each load, of those that were let in; None where no exact result is known:
        another law than the exponential one, timeouts, costly rejections, classes, a load or
        capacity that changes, or an endless queue that grows for ever.

    Raises:
        UsageError: When a load is no positive number.
    """
    for load in loads:
        number("a load", load, 1e-9, 1e6)
    if not _known(cluster):
        return (None,) * len(loads)
    places = min(cluster.queue, MOST_PLACES)
    present = np.arange(cluster.servers + places + 1, dtype=float)
    waiting = np.maximum(0.0, present - cluster.servers)
    leaving = 0.0 if cluster.patience_s is None else cluster.service_s / cluster.patience_s
    death = np.minimum(present, cluster.servers) + waiting * leaving
    below = -np.concatenate([[0.0], np.cumsum(np.log(death[1:]))])
    found = []
    for load in loads:
        work = load * cluster.servers
        weights = present * np.log(work) + below
        chances = np.exp(weights - weights.max())
        chances /= chances.sum()
        endless = places < cluster.queue and chances[-1] > NEGLIGIBLE
        let_in = work * (1.0 - chances[-1])
        found.append(None if endless else float(waiting @ chances / let_in) * cluster.service_s)
    return tuple(found)


def _known(cluster: Cluster) -> bool:
    changes = cluster.load or cluster.capacity or cluster.timeout_s or cluster.reject_s
    return (
        cluster.service_law == "exponential"
        and not changes
        and len(cluster.priorities) == 1
        and cluster.servers <= MOST_PLACES
    )
