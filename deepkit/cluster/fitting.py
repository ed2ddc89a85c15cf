"""From measured answers to a cluster that would have given them."""

import math
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from deepkit.cluster.model import Cluster
from deepkit.records import Evidence, Policy
from deepkit.retries.judge import retryable
from deepkit.retries.presets import POLICIES

SERVERS, QUEUE = 8, 8
"""Size of the model cluster. What a client can see of it is its load, so that any size of this order will do."""
REJECT_SHARE = 0.01
"""Assumed: saying no costs the servers a hundredth of an answer. That is what makes spamming a loss for all."""
UNKNOWN_SERVICE_S = 10.0
LEAST_LOAD, MOST_LOAD = 0.3, 4.0
Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Fit:
    """What the measurements say of the cluster.

    Args:
        cluster: The cluster whose clients meet that share of failures.
        n: Answers it rests on.
        failures: Those of them that another attempt may cure.
        final: Those that no attempt cures.
        failure_share: Share of failures that another attempt may cure.
        low: Lower end of its 95 % interval (Wilson).
        high: Upper end.
        load: New work over capacity that explains it; 1 and more cannot all be served.
        load_low: Load that explains the lower end.
        load_high: Load that explains the upper end.
        run_length: Mean number of failures in a row, None where the order is not known.
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


def wilson(k: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927, doi 10.1080/01621459.1927.10502953).

    Args:
        k: Successes.
        n: Tries.

    Returns:
        Lower and upper end; (0, 1) without a try.
    """
    if n == 0:
        return 0.0, 1.0
    p, z2 = k / n, Z_95 * Z_95
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def counted(evidence: Evidence) -> tuple[int, int, int, dict[str, Any], list[Any]]:
    """Return answers, passing failures, final failures, the facts and the order of failures, where known."""
    n = passing = final = 0
    order: list[Any] = []
    shown: dict[str, Any] = {}
    for check in ("chat.stream", "chat.plain"):
        seen = evidence.get(check)
        if seen is None or not isinstance(seen.facts.get("failures", {}), dict):
            continue
        shown = shown or dict(seen.facts)
        words = f"{seen.facts.get('error_type') or ''} {seen.facts.get('error_message') or ''}"
        n += int(seen.facts.get("n") or 0)
        for failure, count in dict(seen.facts.get("failures") or {}).items():
            if retryable(failure, words):
                passing += int(count)
            else:
                final += int(count)
        order += list(seen.facts.get("sequence") or ())
    return n, passing, final, shown, order


def run_length(order: list[Any]) -> float | None:
    """Return the mean length of the runs of failures; None when the order is not known or nothing failed."""
    runs = [
        len(list(group))
        for failed, group in groupby(order, key=lambda failure: failure is not None)
        if failed
    ]
    return sum(runs) / len(runs) if runs else None


def load_for(share: float, cluster: Cluster, others: Policy, seed: int = 0) -> float:
    """Return the load under which clients of that policy meet that share of rejections.

    Args:
        share: Share of attempts rejected.
        cluster: The cluster; its arrival rate is varied.
        others: What its clients do.
        seed: Seed of the runs; the same for each load, so that the share rises steadily.

    Returns:
        New work over capacity, between LEAST_LOAD and MOST_LOAD.
    """
    from deepkit.cluster.engine import simulate

    low, high = LEAST_LOAD, MOST_LOAD
    for _ in range(10):
        middle = math.sqrt(low * high)
        tried = replace(cluster, arrival_rate=middle * cluster.servers / cluster.service_s)
        if simulate(tried, others, requests=10_000, seed=seed).blocked < share:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def fit(evidence: Evidence, *, others: Policy | None = None, seed: int = 0) -> Fit:
    """Find the cluster that would have given the measured answers.

    Args:
        evidence: Observations; `chat.stream` and `chat.plain` are used.
        others: What its other clients do; None is the openai SDK's default.
        seed: Seed of the runs that the search makes.

    Returns:
        The cluster with the load that explains the share of failures, and the loads that
        explain the ends of its interval. Without any answer the interval is everything.
    """
    others = others or POLICIES["openai_sdk"]
    n, passing, final, facts, order = counted(evidence)
    eligible = max(0, n - final)
    share = passing / eligible if eligible else 0.0
    low, high = wilson(min(passing, eligible), eligible)
    measured = facts.get("end_s")
    service_s = (
        float(measured) if isinstance(measured, int | float) and 1e-3 < measured < 1e4 else UNKNOWN_SERVICE_S
    )
    cluster = Cluster(
        SERVERS, QUEUE, SERVERS / service_s, service_s, service_law="erlang", reject_s=REJECT_SHARE * service_s,
        round_trip_s=0.05, policy=others,
    )  # fmt: skip
    loads = [load_for(value, cluster, others, seed) for value in (low, min(0.97, max(share, 1e-3)), high)]
    return Fit(
        cluster=replace(cluster, arrival_rate=loads[1] * SERVERS / service_s),
        n=n,
        failures=passing,
        final=final,
        failure_share=share,
        low=low,
        high=high,
        load=loads[1],
        load_low=loads[0],
        load_high=loads[2],
        run_length=run_length(order),
    )
