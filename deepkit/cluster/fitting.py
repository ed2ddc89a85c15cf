"""From measured answers to the cluster that would have given them, and what else would."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deepkit.cluster.model import Cluster
from deepkit.cluster.worlds import World, loaded, worlds
from deepkit.records import Evidence, Policy
from deepkit.retries.answers import counted
from deepkit.retries.outages import shares
from deepkit.retries.presets import POLICIES
from deepkit.statistics import Estimate, effective_size, mean_run, median_interval, wilson

SERVERS, QUEUE = 8, 8
"""Size of the model cluster. What a client can see of it is its load; another size is one of the worlds."""
REJECT_SHARE = 0.005
"""Assumed: what saying no costs the servers, beside an answer. That is what makes spamming a loss for all."""
UNKNOWN_SERVICE_S = 10.0
LEAST_LOAD, MOST_LOAD = 0.3, 4.0
WORLD_REQUESTS = 1500
"""New requests of a run in each world."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What the measurements say of the cluster.

    Args:
        cluster: The cluster whose clients meet that share of failures.
        n: Answers it rests on.
        failures: Those of them that another attempt may cure.
        final: Those that no attempt cures.
        failure_share: Share of failures that another attempt may cure.
        low: Lower end of its 95 % interval (Wilson), widened where failures come in runs.
        high: Upper end.
        load: New work over capacity that explains it; 1 and more cannot all be served.
        load_low: Load that explains the lower end.
        load_high: Load that explains the upper end.
        run_length: Mean number of failures in a row, None where the order is not known.
        runs: Its 95 % interval, None where the order is not known.
        worth: Independent answers that the n are worth, since failures come in runs.
        answer: Median time of an answer in seconds with its 95 % interval; None where none was measured.
        shares: How probable a lasting rate of failures, an outage and a past one are (`outages.shares`).
        lasted_s: How long everything has failed, in seconds, as far as the measurements tell.
        worlds: What explains the failures, each with its weight.
    """

    cluster: Cluster
    n: int
    failures: int
    final: int
    failure_share: float
    low: float
    high: float
    load: float
    load_low: float
    load_high: float
    run_length: float | None
    runs: Estimate | None
    worth: float
    answer: Estimate | None
    shares: Mapping[str, float]
    lasted_s: float
    worlds: tuple[World, ...]


def load_for(share: float, cluster: Cluster, others: Policy, seed: int = 0, requests: int = 10_000) -> float:
    """Return the load under which clients of that policy meet that share of rejections.

    Args:
        share: Share of attempts rejected.
        cluster: The cluster; its arrival rate is varied.
        others: What its clients do.
        seed: Seed of the runs; the same for each load, so that the share rises steadily.
        requests: New requests of each run.

    Returns:
        New work over capacity, between LEAST_LOAD and MOST_LOAD.
    """
    from deepkit.cluster.simulation import simulate

    low, high = LEAST_LOAD, MOST_LOAD
    for _ in range(10):
        middle = math.sqrt(low * high)
        if simulate(loaded(cluster, middle), others, requests=requests, seed=seed).blocked < share:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def fit(
    evidence: Evidence, *, history: Iterable[Any] = (), others: Policy | None = None, seed: int = 0
) -> Fit:
    """Find the cluster that would have given the measured answers.

    Args:
        evidence: Observations; `chat.stream` and `chat.plain` are used.
        history: Recent entries of `deepkit.history`; see `counted`.
        others: What its other clients do; None is the openai SDK's default.
        seed: Seed of the runs that the search makes.

    Returns:
        The cluster with the load that explains the share of failures, and the loads that
        explain the ends of its interval. Without any answer the interval is everything.
    """
    others = others or POLICIES["openai_sdk"]
    seen = counted(evidence, history)
    eligible = max(0, seen.n - seen.final)
    share = seen.passing / eligible if eligible else 0.0
    worth = effective_size(seen.order, eligible)
    low, high = wilson(share * worth, worth)
    answer = median_interval(seen.latencies)
    cluster = _cluster(UNKNOWN_SERVICE_S if answer is None else answer.value, others)
    aimed = min(0.97, max(share, 1e-3))
    load = load_for(aimed, cluster, others, seed)
    if answer is not None:  # an answer's time is its wait and its service; only that is the servers'
        cluster = _cluster(answer.value * _served_share(cluster, load, others, seed), others)
    ends = sorted(load_for(value, cluster, others, seed) for value in (low, high))
    loads = (load, min(load, ends[0]), max(load, ends[1]))
    runs, kinds = mean_run(seen.order), shares(seen.order, eligible, seen.passing)
    return Fit(
        cluster=loaded(cluster, load), n=seen.n, failures=seen.passing, final=seen.final, failure_share=share,
        low=low, high=high, load=load, load_low=loads[1], load_high=loads[2],
        run_length=None if runs is None else runs.value, runs=runs, worth=worth, answer=answer,
        shares=kinds, lasted_s=seen.lasted_s,
        worlds=worlds(
            cluster, share, loads, kinds,
            lambda one, present: load_for(aimed, one, present, seed, requests=10_000),
        ),
    )  # fmt: skip


def _cluster(service_s: float, others: Policy) -> Cluster:
    return Cluster(
        SERVERS, QUEUE, SERVERS / service_s, service_s, service_law="erlang", reject_s=REJECT_SHARE * service_s,
        round_trip_s=0.05, policy=others,
    )  # fmt: skip


def _served_share(cluster: Cluster, load: float, others: Policy, seed: int) -> float:
    from deepkit.cluster.simulation import simulate

    wait_s = simulate(loaded(cluster, load), others, requests=10_000, seed=seed).mean_wait
    return cluster.service_s / (cluster.service_s + wait_s) if math.isfinite(wait_s) else 1.0
