"""From measured answers to a cluster that would have given them, and to the worlds that would do as well."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deepkit.checks import ChatPlain, ChatStream
from deepkit.cluster.model import Cluster
from deepkit.records import Evidence, Policy
from deepkit.retries.presets import POLICIES
from deepkit.retries.retryability import retryable
from deepkit.statistics import Estimate, effective_size, mean_run, median_interval, wilson

SERVERS, QUEUE = 8, 8
"""Size of the model cluster. What a client can see of it is its load; another size is one of the worlds."""
REJECT_SHARE = 0.01
"""Assumed: saying no costs the servers a hundredth of an answer. That is what makes spamming a loss for all."""
UNKNOWN_SERVICE_S = 10.0
LEAST_LOAD, MOST_LOAD = 0.3, 4.0
RECENT_S = 3600.0
"""Age up to which an answer of the history still tells of the present load, in seconds."""
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class World:
    """A cluster and its other clients, as far as nobody has measured them.

    Args:
        assumption: What is taken for granted in it, in a few words.
        cluster: The cluster, at the load that explains the measured failures.
        others: What the other clients do.
    """

    assumption: str
    cluster: Cluster
    others: Policy


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
        worlds: What explains the failures as well under other assumptions.
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
    worlds: tuple[World, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Answers as they were counted."""

    n: int
    passing: int
    final: int
    order: tuple[bool, ...]
    latencies: tuple[float, ...]


def counted(evidence: Evidence, history: Iterable[Any] = ()) -> Seen:
    """Count the answers of a check-up and of recent entries of the history.

    Args:
        evidence: Observations; `chat.stream` and `chat.plain` are used.
        history: Entries with `at`, `ok`, `failure`, `total_s` and `surface`, as `deepkit.history` keeps them;
            those of the API from the last hour before the evidence count.
    """
    n = passing = final = 0
    order: list[bool] = []
    latencies: list[float] = []
    for entry in _recent(evidence, history):
        if entry.ok or retryable(entry.failure):
            n, passing = n + 1, passing + (not entry.ok)
            order.append(not entry.ok)
            latencies += [entry.total_s] if entry.ok and entry.total_s is not None else []
    streamed, whole = evidence.facts(ChatStream), evidence.facts(ChatPlain)
    for chat in (streamed, whole):
        words = f"{chat.error_type or ''} {chat.error_message or ''}"
        n += chat.n or 0
        for failure, count in chat.failures.items():
            if retryable(failure, words):
                passing += count
            else:
                final += count
        if chat is streamed:  # the plain question goes beside these, not after them
            told = chat.sequence
            order += [failure is not None for failure in told if failure is None or retryable(failure, words)]
        took = chat.latencies_s or (chat.end_s,)
        latencies += [one for one in took if one is not None and 1e-3 < one < 1e4]
    return Seen(n, passing, final, tuple(order[-MOST_KEPT:]), tuple(latencies[-MOST_KEPT:]))


def _recent(evidence: Evidence, history: Iterable[Any]) -> list[Any]:
    found = sorted((one for one in history if one.surface == "api"), key=lambda one: float(one.at))
    if not found:
        return []
    now = evidence.at if evidence.at is not None else found[-1].at
    return [one for one in found if now - RECENT_S <= one.at < now or (one.at == now and evidence.at is None)]


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


def loaded(cluster: Cluster, load: float) -> Cluster:
    """Return the cluster at that load."""
    return replace(cluster, arrival_rate=load * cluster.servers / cluster.service_s)


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
    loads = [load_for(value, cluster, others, seed) for value in (low, high)]
    runs = mean_run(seen.order)
    return Fit(
        cluster=loaded(cluster, load), n=seen.n, failures=seen.passing, final=seen.final, failure_share=share,
        low=low, high=high, load=load, load_low=min(load, loads[0]), load_high=max(load, loads[1]),
        run_length=None if runs is None else runs.value, runs=runs, worth=worth, answer=answer,
        worlds=_worlds(loaded(cluster, load), aimed, seed),
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


def _worlds(cluster: Cluster, share: float, seed: int) -> tuple[World, ...]:
    """Return what explains the same share of failures under other assumptions, one changed at a time."""
    sdk, service_s = POLICIES["openai_sdk"], cluster.service_s
    changed: Sequence[tuple[str, Cluster, Policy]] = (
        ("others do not retry", cluster, POLICIES["none"]),
        ("others retry at once", cluster, POLICIES["urllib3"]),
        ("a rejection costs 0.2 %", replace(cluster, reject_s=0.002 * service_s), sdk),
        ("a rejection costs 3 %", replace(cluster, reject_s=0.03 * service_s), sdk),
        ("the fleet is four times as large", replace(cluster, servers=4 * SERVERS, queue=4 * QUEUE), sdk),
    )
    return tuple(
        World(said, loaded(one, load_for(share, one, others, seed, requests=4000)), others)
        for said, one, others in changed
    )
